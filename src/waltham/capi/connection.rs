//! `waltham-connection.h`.

use super::super::connection::{self, Connection, ProtocolError, Side};
use super::super::error::Error;
use super::super::protocol;
use super::super::types::{
    wth_connection, wth_connection_side, wth_display, wth_registry_callback_func, wthp_callback,
    wthp_registry,
};
use super::fail;
use crate::ffi::{cancel, cstr, errno, guard};
use std::ffi::{c_char, c_int, c_void};
use std::ptr::{self, NonNull};

/// # Safety
/// `conn` is NULL or live.
unsafe fn borrow<'a>(conn: *mut wth_connection) -> Option<&'a Connection> {
    // SAFETY: as promised by the caller. Only shared references to a connection are ever made.
    unsafe { conn.cast::<Connection>().as_ref() }
}

/// The result of a call that returns 0 or a count, or -1 with errno.
fn result(value: Result<c_int, Error>) -> c_int {
    match value {
        Ok(value) => value,
        Err(Error::System(error)) => fail(error),
        Err(Error::Violation { .. }) => fail(libc::EPROTO),
    }
}

/// A connection that owns `fd`, or NULL with errno; `fd` is then closed if `close` says so.
fn wrap(fd: c_int, side: Side, close: bool) -> *mut wth_connection {
    match Connection::create(fd, side) {
        Some(connection) => connection.as_ptr().cast(),
        None => {
            if close {
                // SAFETY: a descriptor of ours that nobody else knows.
                unsafe { libc::close(fd) };
            }
            errno::set(libc::ENOMEM);
            ptr::null_mut()
        }
    }
}

/// Connects to a server over TCP, and blocks until that succeeded or failed.
///
/// host is a name or an address, NULL for this machine; port is a number or the name of a service. Each address
/// of the host is tried. The socket has TCP_NODELAY set. Nothing is sent.
///
/// Returns the client's end of a new connection, to be destroyed with wth_connection_destroy. On failure NULL,
/// with the errno of the last attempt, or EHOSTUNREACH, EINVAL, EAGAIN or ENOMEM when the name cannot be resolved.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn wth_connect_to_server(
    host: *const c_char,
    port: *const c_char,
) -> *mut wth_connection {
    guard::callbacks("wth_connect_to_server", || {
        // SAFETY: strings or NULL, as promised by the caller.
        match unsafe { connection::connect(cstr::borrow(host), cstr::borrow(port)) } {
            Ok(fd) => wrap(fd, Side::Client, true),
            Err(error) => {
                errno::set(error);
                ptr::null_mut()
            }
        }
    })
}

/// Accepts a connection from a listening socket, as accept(2) does with the same arguments. TCP_NODELAY is set on it,
/// so that small messages are not held back.
///
/// Returns the server's end of a new connection, to be destroyed with wth_connection_destroy. On failure NULL,
/// with accept's errno: EAGAIN when the socket is non-blocking and nobody is waiting.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn wth_accept(
    sockfd: c_int,
    addr: *mut libc::sockaddr,
    addrlen: *mut libc::socklen_t,
) -> *mut wth_connection {
    guard::callbacks("wth_accept", || {
        // SAFETY: the arguments are the caller's.
        match unsafe { cancel::accept(sockfd, addr, addrlen) } {
            -1 => ptr::null_mut(),
            fd => {
                connection::send_at_once(fd);
                wrap(fd, Side::Server, true)
            }
        }
    })
}

/// Makes a connection of a connected stream socket. The connection owns the descriptor: it is not duplicated,
/// and wth_connection_destroy closes it.
///
/// side is WTH_CONNECTION_SIDE_CLIENT or WTH_CONNECTION_SIDE_SERVER.
///
/// Returns the connection; NULL with errno ENOMEM when memory is exhausted, the descriptor then stays the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_connection_from_fd(fd: c_int, side: wth_connection_side) -> *mut wth_connection {
    guard::entry("wth_connection_from_fd", ptr::null_mut(), || {
        let side = match side {
            0 => Side::Client,
            1 => Side::Server,
            _ => Side::Unknown,
        };
        wrap(fd, side, false)
    })
}

/// Returns the connection's descriptor, which stays the connection's: poll it, level-triggered, for input, and for
/// output when wth_connection_flush says EAGAIN. Its flags may be changed. -1 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_connection_get_fd(conn: *mut wth_connection) -> c_int {
    // SAFETY: as promised by the caller.
    unsafe { borrow(conn) }.map_or(-1, Connection::fd)
}

/// Closes and frees a connection; what is unsent is tried once, without blocking. NULL is accepted.
///
/// Objects are not freed: that is the program's affair, before or after. From within a handler of the same
/// connection, the descriptor is closed at once, no further handler is called, and each call in progress returns
/// -1 with errno ECONNABORTED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_connection_destroy(conn: *mut wth_connection) {
    guard::entry("wth_connection_destroy", (), || {
        if let Some(conn) = NonNull::new(conn.cast::<Connection>()) {
            // SAFETY: live and not used any more, as promised by the caller.
            unsafe { Connection::destroy(conn) }
        }
    });
}

/// Reads from the descriptor, once; blocks only if the descriptor is blocking and there is nothing to read.
/// wth_connection_dispatch delivers what was read.
///
/// Returns 0 when something was read. -1 with errno EAGAIN when there is nothing to read now, EPIPE when the peer
/// has ended the connection, or the error of the connection.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn wth_connection_read(conn: *mut wth_connection) -> c_int {
    guard::callbacks("wth_connection_read", || {
        // SAFETY: as promised by the caller.
        let read = unsafe { borrow(conn) }.map_or(Err(Error::System(libc::EINVAL)), Connection::read);
        result(read.map(|()| 0))
    })
}

/// Sends what could not be sent before. Messages go out when they are made, as far as the socket takes them, so
/// there is mostly nothing to do.
///
/// Returns 0 when nothing is left, whatever state the connection is in. -1 with errno EAGAIN when something is left:
/// call again when the descriptor is writable; or with the error of sending just now.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn wth_connection_flush(conn: *mut wth_connection) -> c_int {
    guard::callbacks("wth_connection_flush", || {
        // SAFETY: as promised by the caller.
        let flushed = unsafe { borrow(conn) }.map_or(Err(Error::System(libc::EINVAL)), Connection::flush);
        result(flushed.map(|()| 0))
    })
}

/// Calls the handlers of the messages that have been read, in order. Does not read, and does not block.
///
/// Handlers may do anything, also dispatch again, which delivers the following messages, and destroy the
/// connection.
///
/// Returns the number of messages processed. -1 with the connection's error in errno, after the messages before
/// it were delivered: EPROTO after a protocol error, sent or received.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn wth_connection_dispatch(conn: *mut wth_connection) -> c_int {
    guard::callbacks("wth_connection_dispatch", || {
        let Some(conn) = NonNull::new(conn.cast::<Connection>()) else { return fail(libc::EINVAL) };
        // SAFETY: live, as promised by the caller.
        result(unsafe { connection::run(conn, Connection::dispatch) })
    })
}

/// Client only: waits until the server has processed all requests sent before, and dispatches meanwhile. Blocks.
///
/// Returns 0, or -1 with errno when the connection ended or is in an error state.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn wth_connection_roundtrip(conn: *mut wth_connection) -> c_int {
    guard::callbacks("wth_connection_roundtrip", || {
        let Some(conn) = NonNull::new(conn.cast::<Connection>()) else { return fail(libc::EINVAL) };
        // SAFETY: live, as promised by the caller.
        unsafe { conn.as_ref() }.assert_side("wth_connection_roundtrip", Side::Client);
        // SAFETY: as above.
        result(unsafe { connection::run(conn, connection::roundtrip) }.map(|()| 0))
    })
}

/// Puts the connection into an error state. The first error stays, but EPROTO overrides all others.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_connection_set_error(conn: *mut wth_connection, err: c_int) {
    // SAFETY: as promised by the caller.
    if let Some(conn) = unsafe { borrow(conn) } {
        conn.set_error(err);
    }
}

/// Puts the connection into the EPROTO state with these details. interface is kept, not copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_connection_set_protocol_error(
    conn: *mut wth_connection,
    object_id: u32,
    interface: *const c_char,
    error_code: u32,
) {
    // SAFETY: as promised by the caller.
    if let Some(conn) = unsafe { borrow(conn) } {
        conn.set_protocol_error(ProtocolError { object: object_id, interface, code: error_code });
    }
}

/// Returns the connection's error, an errno value, or 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_connection_get_error(conn: *mut wth_connection) -> c_int {
    // SAFETY: as promised by the caller.
    unsafe { borrow(conn) }.map_or(0, Connection::error)
}

/// Returns the code of the protocol error, and stores the interface's name and the object's id where interface and
/// object_id point, unless they are NULL. Before any protocol error: 0, NULL and 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_connection_get_protocol_error(
    conn: *mut wth_connection,
    interface: *mut *const c_char,
    object_id: *mut u32,
) -> u32 {
    // SAFETY: as promised by the caller.
    let Some(error) = (unsafe { borrow(conn) }).map(Connection::protocol_error) else { return 0 };
    // SAFETY: as promised by the caller.
    if let Some(interface) = unsafe { interface.as_mut() } {
        *interface = error.interface;
    }
    // SAFETY: as promised by the caller.
    if let Some(object_id) = unsafe { object_id.as_mut() } {
        *object_id = error.object;
    }
    error.code
}

/// Returns the display object, which stays the connection's. A program may set handlers of its own on it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_connection_get_display(conn: *mut wth_connection) -> *mut wth_display {
    // SAFETY: as promised by the caller.
    unsafe { borrow(conn) }.map_or(ptr::null_mut(), |conn| conn.display().cast())
}

/// Client only: asks for the registry. Returns it; the caller owns it, and sets its listener before the next
/// dispatch.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn wth_connection_create_registry(
    conn: *mut wth_connection,
) -> *mut wthp_registry {
    // SAFETY: as promised by the caller.
    let Some(conn) = (unsafe { borrow(conn) }) else { return ptr::null_mut() };
    conn.assert_side("wth_connection_create_registry", Side::Client);
    // SAFETY: NULL or the connection's own object.
    unsafe { protocol::wth_display_get_registry(conn.display().cast()) }.cast()
}

/// Client only: asks for a callback once all requests sent before have been processed. Returns it; the caller owns
/// it, sets its listener before the next dispatch, and frees it.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn wth_connection_sync(conn: *mut wth_connection) -> *mut wthp_callback {
    // SAFETY: as promised by the caller.
    let Some(conn) = (unsafe { borrow(conn) }) else { return ptr::null_mut() };
    conn.assert_side("wth_connection_sync", Side::Client);
    // SAFETY: NULL or the connection's own object.
    unsafe { protocol::wth_display_sync(conn.display().cast()) }.cast()
}

/// Server only: registry_callback is called for each registry that the client asks for. NULL unsets it; a client
/// that asks then ends the process, unless the program handles the display's requests itself.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_connection_set_registry_callback(
    conn: *mut wth_connection,
    registry_callback: wth_registry_callback_func,
    user_data: *mut c_void,
) {
    // SAFETY: as promised by the caller.
    if let Some(conn) = unsafe { borrow(conn) } {
        conn.assert_side("wth_connection_set_registry_callback", Side::Server);
        conn.set_registry_callback(registry_callback, user_data);
    }
}

/// Server only: tells the client that memory is exhausted, and enters the EPROTO state.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn wth_connection_post_error_no_memory(conn: *mut wth_connection) {
    // SAFETY: as promised by the caller.
    if let Some(conn) = unsafe { borrow(conn) } {
        conn.assert_side("wth_connection_post_error_no_memory", Side::Server);
        if let Some(display) = NonNull::new(conn.display()) {
            // SAFETY: the connection's own object. The code is the one that was always sent, 1.
            conn.post_error(unsafe { display.as_ref() }, 1, b"out of memory");
        }
    }
}
