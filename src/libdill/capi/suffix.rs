//! SUFFIX: messages that end with certain bytes.

use super::super::sockets::suffix;
use super::super::sockets::types::dill_suffix_storage;
use super::number;
use crate::ffi::{guard, slice};
use std::ffi::{c_int, c_void};

/// Puts SUFFIX on a bytestream, which becomes a message socket: each message ends with suffix, of 1 to 32 bytes.
///
/// Messages must not contain suffix; that is not checked. The socket s belongs to the new one from now on, and is closed when
/// this fails. Never blocks.
///
/// Returns a handle, or -1 with errno: EBADF when there is no such handle, EPROTO when it is no bytestream, EINVAL for a bad
/// suffix, ECANCELED when the coroutine is being closed, ENOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_suffix_attach(
    s: c_int,
    suffix: *const c_void,
    suffixlen: usize,
) -> c_int {
    guard::callbacks("dill_suffix_attach", || {
        // SAFETY: NULL or that many bytes, as promised by the caller.
        number(suffix::attach(s, unsafe { slice::borrow(suffix.cast(), suffixlen) }, true))
    })
}

/// As suffix_attach, but in memory of the program's, which has to be kept until the socket is closed or detached.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_suffix_attach_mem(
    s: c_int,
    suffix: *const c_void,
    suffixlen: usize,
    mem: *mut dill_suffix_storage,
) -> c_int {
    guard::callbacks("dill_suffix_attach_mem", || {
        // SAFETY: NULL or that many bytes, as promised by the caller.
        number(suffix::attach(s, unsafe { slice::borrow(suffix.cast(), suffixlen) }, !mem.is_null()))
    })
}

/// Takes SUFFIX off its bytestream, which goes on without: with the byte after the last suffix received. Never blocks. When
/// this fails the socket is closed.
///
/// Returns the handle of the bytestream, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another
/// kind, ECONNRESET when the socket is broken.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn dill_suffix_detach(s: c_int, _deadline: i64) -> c_int {
    guard::callbacks("dill_suffix_detach", || number(suffix::detach(s)))
}
