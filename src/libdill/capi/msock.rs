//! Message sockets.

use super::super::sockets::calls;
use super::super::sockets::iolist::List;
use super::super::sockets::types::dill_iolist;
use super::bsock::item;
use super::{number, size};
use crate::ffi::guard;
use libc::ssize_t;
use std::ffi::{c_int, c_void};

/// Sends a message of len bytes to a message socket: all of it, or the socket is broken for sending.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting. buf may be NULL when len is 0.
///
/// Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no message socket, EBUSY when
/// another coroutine sends to it, ECANCELED when the coroutine is being closed, EMSGSIZE when no message is that large,
/// EPIPE when the stream was ended by this side, ECONNRESET when it is broken, ETIMEDOUT when the deadline passed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_msend(s: c_int, buf: *const c_void, len: usize, deadline: i64) -> c_int {
    guard::callbacks("dill_msend", || {
        let mut item = item(buf.cast_mut(), len);
        // SAFETY: a list of one item, which outlives the call.
        number(calls::send_message(s, unsafe { List::new(&raw mut item, &raw mut item) }, deadline))
    })
}

/// Receives a message of up to len bytes from a message socket.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting. If buf is NULL the message is dropped.
///
/// Returns the size of the message, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no message
/// socket, EBUSY when another coroutine receives from it, ECANCELED when the coroutine is being closed, EMSGSIZE when the
/// message is larger, EPIPE when the peer has ended the stream, EPROTO when it does not speak the protocol, ECONNRESET
/// when the socket is broken, ETIMEDOUT when the deadline passed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_mrecv(s: c_int, buf: *mut c_void, len: usize, deadline: i64) -> ssize_t {
    guard::callbacks("dill_mrecv", || {
        let mut item = item(buf, len);
        // SAFETY: a list of one item, which outlives the call.
        size(calls::receive_message(s, unsafe { List::new(&raw mut item, &raw mut item) }, deadline))
    })
}

/// Sends the bytes of a list of buffers as a message. Otherwise as msend.
///
/// The list goes from first to last. Two coroutines must not use it at the same time.
///
/// Fails with errno EINVAL, too: when the list has no end, does not end with last, or an item is in use.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_msendl(
    s: c_int,
    first: *mut dill_iolist,
    last: *mut dill_iolist,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_msendl", || {
        // SAFETY: the list is valid until the call returns, as promised by the caller.
        number(calls::send_message(s, unsafe { List::new(first, last) }, deadline))
    })
}

/// Receives a message into a list of buffers. Otherwise as mrecv.
///
/// Where an item's iol_base is NULL so many bytes are skipped. If both first and last are NULL the message is dropped.
///
/// Fails with errno EINVAL, too: when the list has no end, or an item is in use.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_mrecvl(
    s: c_int,
    first: *mut dill_iolist,
    last: *mut dill_iolist,
    deadline: i64,
) -> ssize_t {
    guard::callbacks("dill_mrecvl", || {
        // SAFETY: the list is valid until the call returns, as promised by the caller.
        size(calls::receive_message(s, unsafe { List::new(first, last) }, deadline))
    })
}
