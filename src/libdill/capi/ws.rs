//! WebSocket.

use super::super::sockets::http::Room;
use super::super::sockets::iolist::List;
use super::super::sockets::types::{dill_iolist, dill_ws_storage};
use super::super::sockets::ws::{self, handshake};
use super::super::{Error, Result};
use super::bsock::item;
use super::{number, size, status};
use crate::ffi::{cstr, guard, slice};
use libc::ssize_t;
use std::ffi::{c_char, c_int, c_void};
use std::ptr;

/// Puts WebSocket on a bytestream as its client: asks the server for a resource of a host, and waits for its answer.
///
/// flags are WS_TEXT or WS_BINARY, for the type of the messages of msend and mrecv, and WS_NOHTTP, with which the opening
/// handshake is left out and resource and host may be NULL. deadline is a point in time as now returns it, -1 for never, 0
/// for not waiting. The socket s belongs to the new one from now on, and is closed when this fails.
///
/// The new socket is a message socket. Pings are answered while messages are received.
///
/// Returns a handle, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no bytestream, EINVAL for a bad
/// argument, EPROTO when the server refuses or does not speak the protocol, EMSGSIZE when its header is too long, ECANCELED
/// when the coroutine is being closed, EPIPE or ECONNRESET when the stream ends, ETIMEDOUT when the deadline passed, ENOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_ws_attach_client(
    s: c_int,
    flags: c_int,
    resource: *const c_char,
    host: *const c_char,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_ws_attach_client", || {
        // SAFETY: NULL or strings, as promised by the caller.
        let (resource, host) = unsafe { (cstr::borrow(resource), cstr::borrow(host)) };
        number(ws::attach_client(s, flags, resource, host, true, deadline))
    })
}

/// As ws_attach_client, but in memory of the program's, which has to be kept until the socket is closed or detached.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_ws_attach_client_mem(
    s: c_int,
    flags: c_int,
    resource: *const c_char,
    host: *const c_char,
    mem: *mut dill_ws_storage,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_ws_attach_client_mem", || {
        // SAFETY: NULL or strings, as promised by the caller.
        let (resource, host) = unsafe { (cstr::borrow(resource), cstr::borrow(host)) };
        number(ws::attach_client(s, flags, resource, host, !mem.is_null(), deadline))
    })
}

/// Puts WebSocket on a bytestream as its server: waits for the client's request, stores the resource and the host that it
/// asks for as strings, and accepts. A client that does not say a host leaves that buffer as it is. One that does not speak
/// the protocol is told so.
///
/// resourcelen and hostlen are the sizes of the buffers, NUL included. For flags, deadline and s see ws_attach_client; with
/// WS_NOHTTP the buffers are not used.
///
/// Returns a handle, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no bytestream, EINVAL for a bad
/// argument, EPROTO when the client does not speak the protocol, EMSGSIZE when a string does not fit, or a line of its header
/// is longer than 64 KiB, ECANCELED when the coroutine is being closed, EPIPE or ECONNRESET when the stream ends, ETIMEDOUT
/// when the deadline passed, ENOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_ws_attach_server(
    s: c_int,
    flags: c_int,
    resource: *mut c_char,
    resourcelen: usize,
    host: *mut c_char,
    hostlen: usize,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_ws_attach_server", || {
        // SAFETY: room of these sizes, as promised by the caller.
        let (resource, host) =
            unsafe { (Room::new(resource.cast(), resourcelen), Room::new(host.cast(), hostlen)) };
        number(ws::attach_server(s, flags, resource, host, true, deadline))
    })
}

/// As ws_attach_server, but in memory of the program's, which has to be kept until the socket is closed or detached.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_ws_attach_server_mem(
    s: c_int,
    flags: c_int,
    resource: *mut c_char,
    resourcelen: usize,
    host: *mut c_char,
    hostlen: usize,
    mem: *mut dill_ws_storage,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_ws_attach_server_mem", || {
        // SAFETY: room of these sizes, as promised by the caller.
        let (resource, host) =
            unsafe { (Room::new(resource.cast(), resourcelen), Room::new(host.cast(), hostlen)) };
        number(ws::attach_server(s, flags, resource, host, !mem.is_null(), deadline))
    })
}

/// Sends a message of the type that flags say, WS_TEXT or WS_BINARY. Otherwise as msend. Text is not checked for being
/// UTF-8; a peer may end the connection if it is not.
///
/// Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind, EBUSY when another
/// coroutine sends, EPIPE after ws_done, ECANCELED when the coroutine is being closed, ECONNRESET when the socket is broken,
/// ETIMEDOUT when the deadline passed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_ws_send(
    s: c_int,
    flags: c_int,
    buf: *const c_void,
    len: usize,
    deadline: i64,
) -> c_int {
    let mut item = item(buf.cast_mut(), len);
    // SAFETY: a list of one item, which outlives the call.
    unsafe { dill_ws_sendl(s, flags, &raw mut item, &raw mut item, deadline) }
}

/// Receives a message of any type, and stores the type, WS_TEXT or WS_BINARY, unless flags is NULL. Otherwise as mrecv.
///
/// Returns the size of the message, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind,
/// EBUSY when another coroutine receives, EMSGSIZE when the message is larger than the buffer, after which the next one can
/// be received, EPIPE when the peer has closed the WebSocket (see ws_status) or ended the stream, EPROTO when it breaks the
/// protocol, which it is told, ECANCELED when the coroutine is being closed, ECONNRESET when the socket is broken, ETIMEDOUT
/// when the deadline passed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_ws_recv(
    s: c_int,
    flags: *mut c_int,
    buf: *mut c_void,
    len: usize,
    deadline: i64,
) -> ssize_t {
    let mut item = item(buf, len);
    // SAFETY: a list of one item, which outlives the call.
    unsafe { dill_ws_recvl(s, flags, &raw mut item, &raw mut item, deadline) }
}

/// Sends the bytes of a list of buffers as a message. Otherwise as ws_send.
///
/// Fails with errno EINVAL, too: when the list has no end, does not end with last, or an item is in use.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_ws_sendl(
    s: c_int,
    flags: c_int,
    first: *mut dill_iolist,
    last: *mut dill_iolist,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_ws_sendl", || {
        // SAFETY: the list is valid until the call returns, as promised by the caller.
        let list = unsafe { List::new(first, last) };
        status(ws::with(s, |ws| ws.send_as(flags, list, deadline)))
    })
}

/// Receives a message into a list of buffers. Otherwise as ws_recv.
///
/// Fails with errno EINVAL, too: when the list has no end, or an item is in use.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_ws_recvl(
    s: c_int,
    flags: *mut c_int,
    first: *mut dill_iolist,
    last: *mut dill_iolist,
    deadline: i64,
) -> ssize_t {
    guard::callbacks("dill_ws_recvl", || {
        // SAFETY: the list is valid until the call returns, as promised by the caller.
        let list = unsafe { List::new(first, last) };
        size(ws::with(s, |ws| ws.receive_any(list, deadline)).map(|(count, kind)| {
            // SAFETY: NULL or room for a number, as promised by the caller.
            unsafe { store(flags, kind) };
            count
        }))
    })
}

/// Closes the WebSocket in this direction: sends a status of 1000 to 4999 and a reason of at most 123 bytes of UTF-8, or, if
/// status is 0, neither. Receiving goes on, until the peer closes the other direction.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
///
/// Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind, EINVAL for a bad
/// status or reason, EBUSY when another coroutine sends, EPIPE when this was done before, also by the library, which tells a
/// peer when it breaks the protocol; ECANCELED, ECONNRESET, ETIMEDOUT.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_ws_done(
    s: c_int,
    status: c_int,
    buf: *const c_void,
    len: usize,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_ws_done", || {
        // SAFETY: NULL or that many bytes, as promised by the caller.
        let reason = unsafe { slice::borrow(buf.cast(), len) };
        super::status(ws::with(s, |ws| ws.done(status, reason, deadline)))
    })
}

/// Takes WebSocket off its bytestream: closes it with a status and a reason unless that was done, as ws_done, and drops
/// messages until the peer has closed it, too. When this fails the socket is closed, unless s was no such handle.
///
/// Returns the handle of the bytestream, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another
/// kind, EINVAL for a bad status or reason, EPROTO, EPIPE when the stream ended, ECANCELED, ECONNRESET, ETIMEDOUT.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_ws_detach(
    s: c_int,
    status: c_int,
    buf: *const c_void,
    len: usize,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_ws_detach", || {
        // SAFETY: NULL or that many bytes, as promised by the caller.
        let reason = unsafe { slice::borrow(buf.cast(), len) };
        number(ws::detach(s, status, reason, deadline))
    })
}

/// Stores the status and the reason with which the peer closed the WebSocket. The status is 0 when it said none. Either of
/// status and buf may be NULL. Never blocks.
///
/// Returns the length of the reason, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another
/// kind, EAGAIN when the peer has not closed it, EMSGSIZE when the reason is longer than len, EINVAL when buf is NULL and len
/// is not 0.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_ws_status(
    s: c_int,
    status: *mut c_int,
    buf: *mut c_void,
    len: usize,
) -> ssize_t {
    guard::callbacks("dill_ws_status", || {
        size(ws::with(s, |ws| {
            if buf.is_null() && len > 0 {
                return Err(Error::InvalidArgument);
            }
            let farewell = ws.farewell()?;
            let reason = farewell.reason();
            if !buf.is_null() {
                if reason.len() > len {
                    return Err(Error::MessageSize);
                }
                // SAFETY: room for that many bytes, as promised by the caller.
                unsafe { ptr::copy_nonoverlapping(reason.as_ptr(), buf.cast(), reason.len()) };
            }
            // SAFETY: NULL or room for a number, as promised by the caller.
            unsafe { store(status, c_int::from(farewell.status)) };
            Ok(reason.len())
        }))
    })
}

/// Makes a new key for a client's opening handshake, and stores it as a string in request_key, which has room for WS_KEY_SIZE
/// bytes. Never blocks.
///
/// Returns 0, or -1 with errno EINVAL when request_key is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ws_request_key(request_key: *mut c_char) -> c_int {
    status(handshake::request_key().and_then(|key| {
        // SAFETY: NULL or room for a key, as promised by the caller.
        unsafe { store_key(request_key, &key) }
    }))
}

/// Makes the key with which a server's opening handshake answers request_key, and stores it as a string in response_key,
/// which has room for WS_KEY_SIZE bytes. Never blocks.
///
/// Returns 0, or -1 with errno: EINVAL when an argument is NULL, EPROTO when request_key is no key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ws_response_key(
    request_key: *const c_char,
    response_key: *mut c_char,
) -> c_int {
    // SAFETY: NULL or a string, as promised by the caller.
    let key = unsafe { cstr::borrow(request_key) }.filter(|_| !response_key.is_null());
    status(key.ok_or(Error::InvalidArgument).and_then(|key| {
        let answer = handshake::response_key(key.to_bytes())?;
        // SAFETY: room for a key, as promised by the caller.
        unsafe { store_key(response_key, &answer) }
    }))
}

/// # Safety
/// NULL or room for a number.
unsafe fn store(place: *mut c_int, value: c_int) {
    if !place.is_null() {
        // SAFETY: as promised.
        unsafe { place.write(value) }
    }
}

/// # Safety
/// NULL or room for a key and its NUL.
unsafe fn store_key(place: *mut c_char, key: &[u8]) -> Result<()> {
    if place.is_null() {
        return Err(Error::InvalidArgument);
    }
    // SAFETY: as promised.
    unsafe {
        ptr::copy_nonoverlapping(key.as_ptr().cast(), place, key.len());
        place.add(key.len()).write(0);
    }
    Ok(())
}
