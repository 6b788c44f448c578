//! PREFIX: messages behind their size.

use super::super::sockets::prefix;
use super::super::sockets::types::dill_prefix_storage;
use super::number;
use crate::ffi::guard;
use std::ffi::c_int;

/// Puts PREFIX on a bytestream, which becomes a message socket: each message goes behind its size.
///
/// The size takes hdrlen bytes, the most significant first, or last with the flag PREFIX_LITTLE_ENDIAN. The socket s belongs
/// to the new one from now on, and is closed when this fails. Never blocks.
///
/// Returns a handle, or -1 with errno: EBADF when there is no such handle, EPROTO when it is no bytestream, EINVAL when
/// hdrlen is 0, ECANCELED when the coroutine is being closed, ENOMEM.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn dill_prefix_attach(s: c_int, hdrlen: usize, flags: c_int) -> c_int {
    guard::callbacks("dill_prefix_attach", || number(prefix::attach(s, hdrlen, flags, true)))
}

/// As prefix_attach, but in memory of the program's, which has to be kept until the socket is closed or detached.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_prefix_attach_mem(
    s: c_int,
    hdrlen: usize,
    flags: c_int,
    mem: *mut dill_prefix_storage,
) -> c_int {
    guard::callbacks("dill_prefix_attach_mem", || number(prefix::attach(s, hdrlen, flags, !mem.is_null())))
}

/// Takes PREFIX off its bytestream, which goes on without. Never blocks. When this fails the socket is closed.
///
/// Returns the handle of the bytestream, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another
/// kind, ECONNRESET when the socket is broken.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn dill_prefix_detach(s: c_int) -> c_int {
    guard::callbacks("dill_prefix_detach", || number(prefix::detach(s)))
}
