//! TERM: a message that ends a direction.

use super::super::sockets::term;
use super::super::sockets::types::dill_term_storage;
use super::{number, status};
use crate::ffi::{guard, slice};
use std::ffi::{c_int, c_void};

/// Puts TERM on a message socket: each direction ends with a message of len bytes at buf, at most 32, which may be none.
///
/// The socket s belongs to the new one from now on, and is closed when this fails. Never blocks.
///
/// Returns a handle, or -1 with errno: EBADF when there is no such handle, EPROTO when it is no message socket, EINVAL for a
/// bad terminal message, ECANCELED when the coroutine is being closed, ENOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_term_attach(s: c_int, buf: *const c_void, len: usize) -> c_int {
    guard::callbacks("dill_term_attach", || {
        // SAFETY: NULL or that many bytes, as promised by the caller.
        number(term::attach(s, unsafe { slice::borrow(buf.cast(), len) }, true))
    })
}

/// As term_attach, but in memory of the program's, which has to be kept until the socket is closed or detached.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_term_attach_mem(
    s: c_int,
    buf: *const c_void,
    len: usize,
    mem: *mut dill_term_storage,
) -> c_int {
    guard::callbacks("dill_term_attach_mem", || {
        // SAFETY: NULL or that many bytes, as promised by the caller.
        number(term::attach(s, unsafe { slice::borrow(buf.cast(), len) }, !mem.is_null()))
    })
}

/// Sends the terminal message. The peer's next receive fails with EPIPE.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
///
/// Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind, EPIPE when this was
/// done before, ECANCELED, ECONNRESET, ETIMEDOUT.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn dill_term_done(s: c_int, deadline: i64) -> c_int {
    guard::callbacks("dill_term_done", || status(term::done(s, deadline)))
}

/// Takes TERM off its message socket: sends the terminal message unless that was done, and drops messages until the peer's
/// terminal message. When this fails the socket is closed, unless s was no such handle.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
///
/// Returns the handle of the message socket, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of
/// another kind, ECANCELED, ECONNRESET, ETIMEDOUT.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn dill_term_detach(s: c_int, deadline: i64) -> c_int {
    guard::callbacks("dill_term_detach", || number(term::detach(s, deadline)))
}
