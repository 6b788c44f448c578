//! Connections: written to, asked, held back.

use crate::ffi::{guard, slice};
use crate::libwebsockets::connection::Connection;
use crate::libwebsockets::context::Context;
use crate::libwebsockets::types::{
    libwebsocket, libwebsocket_context, libwebsocket_protocols, libwebsocket_write_protocol,
    lws_close_status, pending_timeout,
};
use std::ffi::{c_char, c_int, c_uchar, c_void};
use std::ptr;

/// # Safety
/// NULL, or a connection of a live context.
#[inline]
unsafe fn connection<'a>(wsi: *mut libwebsocket) -> Option<&'a Connection> {
    // SAFETY: as promised by the caller.
    unsafe { Connection::from_handle(wsi) }
}

/// Sends a message, or bytes as they are.
///
/// `protocol` is LWS_WRITE_TEXT or LWS_WRITE_BINARY for a message, with LWS_WRITE_NO_FIN for its beginning, and then
/// LWS_WRITE_CONTINUATION, with LWS_WRITE_NO_FIN but for its end; LWS_WRITE_PING, LWS_WRITE_PONG or LWS_WRITE_CLOSE, of 125
/// bytes at most; or LWS_WRITE_HTTP for bytes of an HTTP response. Unless it is the last, LWS_SEND_BUFFER_PRE_PADDING
/// bytes before `buf` and LWS_SEND_BUFFER_POST_PADDING after `len` are the library's, and a client's payload is masked
/// where it is: the buffer is of no use afterwards. What the connection does not take at once is kept and sent later:
/// nothing has to be written again. lws_send_pipe_choked() tells.
///
/// Returns -1 when nothing more can be sent: close the connection, by returning -1 from the callback; 0 when `len` is 0 and
/// nothing was sent; otherwise a number of at least `len`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libwebsocket_write(
    wsi: *mut libwebsocket,
    buf: *mut c_uchar,
    len: usize,
    protocol: libwebsocket_write_protocol,
) -> c_int {
    guard::callbacks("libwebsocket_write", || {
        // SAFETY: as promised by the caller.
        let Some(connection) = (unsafe { connection(wsi) }) else { return -1 };
        if buf.is_null() || len > isize::MAX as usize {
            return if len == 0 { 0 } else { -1 };
        }
        // SAFETY: as promised by the caller.
        connection.context().enter_lightly(|_| unsafe { connection.write(buf, len, protocol) })
    })
}

/// Processes `len` bytes at `buf` as if the connection had received them.
///
/// Returns 0, or -1 when the connection has been closed by what they said.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libwebsocket_read(
    context: *mut libwebsocket_context,
    wsi: *mut libwebsocket,
    buf: *mut c_uchar,
    len: usize,
) -> c_int {
    let _ = context;
    guard::callbacks("libwebsocket_read", || {
        // SAFETY: as promised by the caller.
        let Some(connection) = (unsafe { connection(wsi) }) else { return -1 };
        // SAFETY: as promised by the caller.
        if unsafe { slice::borrow(buf, len) }.is_none() {
            return -1;
        }
        connection.context().enter(|_| connection.feed(buf, len))
    })
}

/// Returns the connection's entry of the table that the context was made with: compare it with that table's addresses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libwebsockets_get_protocol(wsi: *mut libwebsocket) -> *const libwebsocket_protocols {
    // SAFETY: as promised by the caller.
    unsafe { connection(wsi) }.map_or(ptr::null(), |connection| connection.protocol())
}

/// Asks for one callback as soon as the connection takes more: SERVER_WRITEABLE, CLIENT_WRITEABLE or HTTP_WRITEABLE. It
/// never comes from within this call. May be called from any thread.
///
/// Returns 1, or -1 when the connection is none.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libwebsocket_callback_on_writable(
    context: *mut libwebsocket_context,
    wsi: *mut libwebsocket,
) -> c_int {
    guard::callbacks("libwebsocket_callback_on_writable", || {
        // SAFETY: NULL or live, as promised by the caller.
        let given = unsafe { Context::from_handle(context) };
        let busy = given.filter(|context| context.is_elsewhere() || context.is_interrupted());
        if let Some(context) = busy.filter(|_| !wsi.is_null()) {
            // SAFETY: as promised by the caller.
            unsafe { context.leave_note(wsi) };
            return 1;
        }
        // SAFETY: as promised by the caller.
        let Some(connection) = (unsafe { connection(wsi) }) else { return -1 };
        connection.context().enter_lightly(|_| connection.ask_to_write())
    })
}

/// As libwebsocket_callback_on_writable(), for every connection of a protocol: an entry of the table that the context was
/// made with.
///
/// Returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libwebsocket_callback_on_writable_all_protocol(
    protocol: *const libwebsocket_protocols,
) -> c_int {
    guard::callbacks("libwebsocket_callback_on_writable_all_protocol", || {
        // SAFETY: as promised by the caller.
        if let Some(context) = unsafe { owner(protocol) } {
            if context.is_elsewhere() || context.is_interrupted() {
                context.leave_note_for_all(protocol);
            } else {
                context.enter_lightly(|context| context.ask_all(protocol));
            }
        }
        0
    })
}

/// The context that a protocol's entry belongs to.
///
/// # Safety
/// NULL, or an entry whose context is live, if it has one.
pub unsafe fn owner<'a>(protocol: *const libwebsocket_protocols) -> Option<&'a Context> {
    // SAFETY: as promised by the caller.
    let handle = unsafe { protocol.as_ref() }?.owning_server;
    // SAFETY: as promised by the caller.
    unsafe { Context::from_handle(handle) }
}

/// Returns the connection's descriptor, or -1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libwebsocket_get_socket_fd(wsi: *mut libwebsocket) -> c_int {
    // SAFETY: as promised by the caller.
    unsafe { connection(wsi) }.map_or(-1, |connection| connection.fd())
}

/// Returns 1 in RECEIVE and CLIENT_RECEIVE when the frame is the last of its message, otherwise 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libwebsocket_is_final_fragment(wsi: *mut libwebsocket) -> c_int {
    // SAFETY: as promised by the caller.
    unsafe { connection(wsi) }.map_or(0, |connection| c_int::from(connection.frame().fin))
}

/// Returns the reserved bits of the frame, where they stand in its first byte: RSV1 is 0x40.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libwebsocket_get_reserved_bits(wsi: *mut libwebsocket) -> c_uchar {
    // SAFETY: as promised by the caller.
    unsafe { connection(wsi) }.map_or(0, |connection| connection.frame().rsv << 4)
}

/// Returns how many bytes of the frame are yet to come: 0 in the RECEIVE or CLIENT_RECEIVE that brings its last.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libwebsockets_remaining_packet_payload(wsi: *mut libwebsocket) -> usize {
    // SAFETY: as promised by the caller.
    let remaining = unsafe { connection(wsi) }.map_or(0, Connection::remaining_payload);
    usize::try_from(remaining).unwrap_or(usize::MAX)
}

/// Returns 1 in RECEIVE and CLIENT_RECEIVE when the message is a binary one, otherwise 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_frame_is_binary(wsi: *mut libwebsocket) -> c_int {
    // SAFETY: as promised by the caller.
    unsafe { connection(wsi) }.map_or(0, |connection| c_int::from(connection.is_binary()))
}

/// Holds back what a connection receives (`enable` 0), or lets it come again. Takes effect when the connection's callback
/// that runs returns, or at once.
///
/// Returns 0, or -1 when the connection is none.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libwebsocket_rx_flow_control(wsi: *mut libwebsocket, enable: c_int) -> c_int {
    guard::callbacks("libwebsocket_rx_flow_control", || {
        // SAFETY: as promised by the caller.
        let Some(connection) = (unsafe { connection(wsi) }) else { return -1 };
        connection.context().enter_lightly(|_| connection.wish_flow(enable != 0));
        0
    })
}

/// Returns 1 when a message would have to wait before it is sent, otherwise 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_send_pipe_choked(wsi: *mut libwebsocket) -> c_int {
    guard::entry("lws_send_pipe_choked", 1, || {
        // SAFETY: as promised by the caller.
        unsafe { connection(wsi) }.map_or(1, |connection| c_int::from(connection.is_choked()))
    })
}

/// Writes a peer's name, found by its address, to `name`, and its address to `rip`, both cut to fit and terminated. Blocks
/// while the system looks the name up; without one the address stands for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libwebsockets_get_peer_addresses(
    context: *mut libwebsocket_context,
    wsi: *mut libwebsocket,
    fd: c_int,
    name: *mut c_char,
    name_len: c_int,
    rip: *mut c_char,
    rip_len: c_int,
) {
    let _ = (context, wsi);
    guard::entry("libwebsockets_get_peer_addresses", (), || {
        let length = |length| usize::try_from(length).unwrap_or(0);
        // SAFETY: as promised by the caller.
        let rooms = unsafe {
            (
                slice::borrow_mut(name.cast::<u8>(), length(name_len)),
                slice::borrow_mut(rip.cast::<u8>(), length(rip_len)),
            )
        };
        if let (Some(name), Some(address)) = rooms {
            super::super::peer::describe(fd, name, address);
        }
    });
}

/// Closes a connection: at once with status 0, otherwise with a close frame of that status, whose answer is awaited for a
/// second. CLOSED tells of the end. From within a callback of the connection it takes effect when that returns. NULL is
/// accepted.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libwebsocket_close_and_free_session(
    context: *mut libwebsocket_context,
    wsi: *mut libwebsocket,
    reason: lws_close_status,
) {
    let _ = context;
    guard::callbacks("libwebsocket_close_and_free_session", || {
        // SAFETY: as promised by the caller.
        if let Some(connection) = unsafe { connection(wsi) } {
            connection.context().enter(|_| connection.close(reason));
        }
    });
}

/// Lets a connection live for `secs` seconds more, or without limit when `reason` is 0.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libwebsocket_set_timeout(
    wsi: *mut libwebsocket,
    reason: pending_timeout,
    secs: c_int,
) {
    guard::entry("libwebsocket_set_timeout", (), || {
        // SAFETY: as promised by the caller.
        if let Some(connection) = unsafe { connection(wsi) } {
            let seconds = (reason != 0).then(|| u64::try_from(secs).unwrap_or(0));
            connection.context().set_deadline(connection, seconds);
        }
    });
}

/// Makes the memory that the connection's protocol asks for, unless it is there.
///
/// Returns 0, or 1 when there is none to be had.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libwebsocket_ensure_user_space(wsi: *mut libwebsocket) -> c_int {
    guard::entry("libwebsocket_ensure_user_space", 1, || {
        // SAFETY: as promised by the caller.
        unsafe { connection(wsi) }.map_or(1, |connection| c_int::from(!connection.ensure_user()))
    })
}

/// As [`libwebsocket_ensure_user_space`], for programs of releases 1.2 to 1.22: returns the memory.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub unsafe extern "C" fn relink_1_22_libwebsocket_ensure_user_space(wsi: *mut libwebsocket) -> *mut c_void {
    guard::entry("libwebsocket_ensure_user_space", ptr::null_mut(), || {
        // SAFETY: as promised by the caller.
        let connection = unsafe { connection(wsi) };
        connection.filter(|it| it.ensure_user()).map_or(ptr::null_mut(), Connection::user)
    })
}
