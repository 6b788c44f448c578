//! Bytestream sockets.

use super::super::sockets::calls;
use super::super::sockets::iolist::List;
use super::super::sockets::types::dill_iolist;
use super::number;
use crate::ffi::guard;
use std::ffi::{c_int, c_void};
use std::ptr;

/// Sends len bytes to a bytestream socket: all of them, or the socket is broken for sending. It may return before the
/// peer has them.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting. buf may be NULL when len is 0.
///
/// Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no bytestream, EBUSY when another
/// coroutine sends to it, ECANCELED when the coroutine is being closed, EPIPE when the stream was ended by this side,
/// ECONNRESET when it is broken, ETIMEDOUT when the deadline passed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_bsend(s: c_int, buf: *const c_void, len: usize, deadline: i64) -> c_int {
    guard::callbacks("dill_bsend", || {
        let mut item = item(buf.cast_mut(), len);
        // SAFETY: a list of one item, which outlives the call.
        number(calls::send_bytes(s, unsafe { List::new(&raw mut item, &raw mut item) }, deadline))
    })
}

/// Receives len bytes from a bytestream socket: all of them, or the socket is broken for receiving.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting. If buf is NULL so many bytes are
/// skipped.
///
/// Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no bytestream, EBUSY when another
/// coroutine receives from it, ECANCELED when the coroutine is being closed, EPIPE when the peer has ended the stream,
/// ECONNRESET when it is broken, ETIMEDOUT when the deadline passed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_brecv(s: c_int, buf: *mut c_void, len: usize, deadline: i64) -> c_int {
    guard::callbacks("dill_brecv", || {
        let mut item = item(buf, len);
        // SAFETY: a list of one item, which outlives the call.
        number(calls::receive_bytes(s, unsafe { List::new(&raw mut item, &raw mut item) }, deadline))
    })
}

/// Sends the bytes of a list of buffers to a bytestream socket. Otherwise as bsend.
///
/// The list goes from first to last. Two coroutines must not use it at the same time.
///
/// Fails with errno EINVAL, too: when the list has no end, does not end with last, or an item is in use.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_bsendl(
    s: c_int,
    first: *mut dill_iolist,
    last: *mut dill_iolist,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_bsendl", || {
        // SAFETY: the list is valid until the call returns, as promised by the caller.
        number(calls::send_bytes(s, unsafe { List::new(first, last) }, deadline))
    })
}

/// Receives bytes from a bytestream socket into a list of buffers, until all are full. Otherwise as brecv.
///
/// Where an item's iol_base is NULL so many bytes are skipped. If both first and last are NULL everything is skipped until
/// the stream ends or fails, so that the call fails in any case.
///
/// Fails with errno EINVAL, too: when the list has no end, or an item is in use.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_brecvl(
    s: c_int,
    first: *mut dill_iolist,
    last: *mut dill_iolist,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_brecvl", || {
        // SAFETY: the list is valid until the call returns, as promised by the caller.
        number(calls::receive_bytes(s, unsafe { List::new(first, last) }, deadline))
    })
}

/// A list of one buffer.
pub(super) fn item(base: *mut c_void, len: usize) -> dill_iolist {
    dill_iolist { iol_base: base, iol_len: len, iol_next: ptr::null_mut(), iol_rsvd: 0 }
}
