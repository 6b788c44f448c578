//! HTTP headers.

use super::super::sockets::http::{self, Room};
use super::super::sockets::types::dill_http_storage;
use super::super::{Error, Result};
use super::{number, status};
use crate::ffi::{cstr, guard};
use std::ffi::{CStr, c_char, c_int};

/// Puts HTTP on a bytestream, to send and receive a request or a response up to the end of its header. What follows, the
/// body, is exchanged over the bytestream after http_detach.
///
/// Lines may be up to 64 KiB long. The socket s belongs to the new one from now on, and is closed when this fails. Never
/// blocks.
///
/// Returns a handle, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no bytestream, ECANCELED when
/// the coroutine is being closed, ENOMEM.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn dill_http_attach(s: c_int) -> c_int {
    guard::callbacks("dill_http_attach", || number(http::attach(s, true)))
}

/// As http_attach, but in memory of the program's, which has to be kept until the socket is closed or detached.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_http_attach_mem(s: c_int, mem: *mut dill_http_storage) -> c_int {
    guard::callbacks("dill_http_attach_mem", || number(http::attach(s, !mem.is_null())))
}

/// Ends the header: sends the empty line after it.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
///
/// Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind, EPIPE when this was
/// done before, ECANCELED, ECONNRESET, ETIMEDOUT.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn dill_http_done(s: c_int, deadline: i64) -> c_int {
    guard::callbacks("dill_http_done", || status(http::with(s, |header| header.done(deadline))))
}

/// Takes HTTP off its bytestream: ends the header unless that was done, and drops what is left of the peer's header. The
/// bytestream goes on with the first byte of the body. When this fails the socket is closed, unless s was no such handle.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
///
/// Returns the handle of the bytestream, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another
/// kind, ECANCELED, ECONNRESET, ETIMEDOUT.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn dill_http_detach(s: c_int, deadline: i64) -> c_int {
    guard::callbacks("dill_http_detach", || number(http::detach(s, deadline)))
}

/// Sends a request line: a command, such as GET, and a resource. Neither may contain white space.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
///
/// Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind, EINVAL for a bad
/// argument, ECANCELED when the coroutine is being closed, ECONNRESET when the socket is broken, ETIMEDOUT when the deadline
/// passed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_http_sendrequest(
    s: c_int,
    command: *const c_char,
    resource: *const c_char,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_http_sendrequest", || {
        status(http::with(s, |header| {
            // SAFETY: NULL or strings, as promised by the caller.
            let (command, resource) = unsafe { (text(command)?, text(resource)?) };
            header.send_request(command, resource, deadline)
        }))
    })
}

/// Receives a request line, and stores its command and its resource as strings.
///
/// commandlen and resourcelen are the sizes of the buffers, NUL included. deadline is a point in time as now returns it, -1
/// for never, 0 for not waiting.
///
/// Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind, EPROTO when it is no
/// request line, EMSGSIZE when a string does not fit, after which the line is gone, or the line is longer than 64 KiB, EPIPE
/// at the end of the stream, ECANCELED when the coroutine is being closed, ECONNRESET when the socket is broken, ETIMEDOUT
/// when the deadline passed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_http_recvrequest(
    s: c_int,
    command: *mut c_char,
    commandlen: usize,
    resource: *mut c_char,
    resourcelen: usize,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_http_recvrequest", || {
        // SAFETY: room of these sizes, as promised by the caller.
        let (command, resource) =
            unsafe { (Room::new(command.cast(), commandlen), Room::new(resource.cast(), resourcelen)) };
        status(http::with(s, |header| header.receive_request(command, resource, deadline)))
    })
}

/// Sends a status line: a status of 100 to 599, and a reason.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
///
/// Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind, EINVAL for a bad
/// argument, ECANCELED when the coroutine is being closed, ECONNRESET when the socket is broken, ETIMEDOUT when the deadline
/// passed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_http_sendstatus(
    s: c_int,
    status: c_int,
    reason: *const c_char,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_http_sendstatus", || {
        // SAFETY: NULL or a string, as promised by the caller.
        let reason = unsafe { text(reason) };
        super::status(http::with(s, |header| header.send_status(status, reason?, deadline)))
    })
}

/// Receives a status line, and stores its reason as a string.
///
/// reasonlen is the size of the buffer, NUL included. deadline is a point in time as now returns it, -1 for never, 0 for not
/// waiting.
///
/// Returns the status, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind, EPROTO when
/// it is no status line, EMSGSIZE when the reason does not fit, after which the line is gone, or the line is longer than 64
/// KiB, EPIPE at the end of the stream, ECANCELED when the coroutine is being closed, ECONNRESET when the socket is broken,
/// ETIMEDOUT when the deadline passed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_http_recvstatus(
    s: c_int,
    reason: *mut c_char,
    reasonlen: usize,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_http_recvstatus", || {
        // SAFETY: room of that size, as promised by the caller.
        let reason = unsafe { Room::new(reason.cast(), reasonlen) };
        number(http::with(s, |header| header.receive_status(reason, deadline)))
    })
}

/// Sends a field. Spaces around value are left out.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
///
/// Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind, EINVAL when name has
/// a character that names do not have, or value would not stay in its line, EPROTO when value is empty, ECANCELED when the
/// coroutine is being closed, ECONNRESET when the socket is broken, ETIMEDOUT when the deadline passed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_http_sendfield(
    s: c_int,
    name: *const c_char,
    value: *const c_char,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_http_sendfield", || {
        status(http::with(s, |header| {
            // SAFETY: NULL or strings, as promised by the caller.
            let (name, value) = unsafe { (text(name)?, text(value)?) };
            header.send_field(name, value, deadline)
        }))
    })
}

/// Receives a field, and stores its name and its value as strings, the value without spaces around it.
///
/// namelen and valuelen are the sizes of the buffers, NUL included. deadline is a point in time as now returns it, -1 for
/// never, 0 for not waiting.
///
/// Returns 0, or -1 with errno: EPIPE when the header has ended, EBADF when there is no such handle, ENOTSUP when it is of
/// another kind, EPROTO when it is no field, EMSGSIZE when a string does not fit, after which the line is gone, or the line
/// is longer than 64 KiB, ECANCELED when the coroutine is being closed, ECONNRESET when the socket is broken, ETIMEDOUT when
/// the deadline passed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_http_recvfield(
    s: c_int,
    name: *mut c_char,
    namelen: usize,
    value: *mut c_char,
    valuelen: usize,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_http_recvfield", || {
        // SAFETY: room of these sizes, as promised by the caller.
        let (name, value) = unsafe { (Room::new(name.cast(), namelen), Room::new(value.cast(), valuelen)) };
        status(http::with(s, |header| header.receive_field(name, value, deadline)))
    })
}

/// # Safety
/// NULL, or a string that stays for `'a`.
unsafe fn text<'a>(text: *const c_char) -> Result<&'a CStr> {
    // SAFETY: as promised.
    unsafe { cstr::borrow(text) }.ok_or(Error::InvalidArgument)
}
