//! What later releases had and programs of this one wished for. The names are theirs.

use super::connection::owner;
use crate::ffi::{cstr, guard};
use crate::libwebsockets::connection::Connection;
use crate::libwebsockets::context::{Context, Proxy, interface_address};
use crate::libwebsockets::types::{
    libwebsocket, libwebsocket_callback_reasons, libwebsocket_context, libwebsocket_protocols,
};
use std::ffi::{c_char, c_int, c_uint};
use std::ptr;

/// Ends the wait of libwebsocket_service(), or of its next call. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libwebsocket_cancel_service(context: *mut libwebsocket_context) {
    guard::entry("libwebsocket_cancel_service", (), || {
        // SAFETY: NULL or live, as promised by the caller.
        if let Some(context) = unsafe { Context::from_handle(context) } {
            context.ring();
        }
    });
}

/// Sets the proxy of later client connections: `address:port`; NULL or an empty text for none.
///
/// Returns 0, or -1 when `proxy` is not that.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libwebsocket_set_proxy(
    context: *mut libwebsocket_context,
    proxy: *const c_char,
) -> c_int {
    guard::entry("libwebsocket_set_proxy", -1, || {
        // SAFETY: NULL or live, and NULL or a string, as promised by the caller.
        let (Some(context), text) = (unsafe { (Context::from_handle(context), cstr::borrow(proxy)) }) else {
            return -1;
        };
        let text = text.unwrap_or_default().to_bytes();
        if text.is_empty() {
            context.proxy.replace(None);
            return 0;
        }
        match Proxy::parse(text).filter(|proxy| proxy.port != 0 && !proxy.address.is_empty()) {
            Some(proxy) => {
                context.proxy.replace(Some(proxy));
                0
            }
            None => -1,
        }
    })
}

/// Lets the input of every connection of a protocol come again that libwebsocket_rx_flow_control() held back.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libwebsocket_rx_flow_allow_all_protocol(
    protocol: *const libwebsocket_protocols,
) {
    guard::callbacks("libwebsocket_rx_flow_allow_all_protocol", || {
        // SAFETY: as promised by the caller.
        if let Some(context) = unsafe { owner(protocol) } {
            context.enter_lightly(|context| {
                context.for_each_peer(protocol, |connection| connection.wish_flow(true));
            });
        }
    });
}

/// Calls the callback of every connection of a protocol with `reason`; what it returns is ignored.
///
/// Returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libwebsocket_callback_all_protocol(
    protocol: *const libwebsocket_protocols,
    reason: libwebsocket_callback_reasons,
) -> c_int {
    guard::callbacks("libwebsocket_callback_all_protocol", || {
        // SAFETY: as promised by the caller.
        if let Some(context) = unsafe { owner(protocol) } {
            context.enter(|context| {
                context.for_each_peer(protocol, |connection| {
                    let _ = connection.call_number(protocol.cast_mut(), reason);
                });
            });
        }
        0
    })
}

/// Sends an HTTP response with a status and `html_body`, which may be NULL.
///
/// Returns 0, or -1 when that fails.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libwebsockets_return_http_status(
    context: *mut libwebsocket_context,
    wsi: *mut libwebsocket,
    code: c_uint,
    html_body: *const c_char,
) -> c_int {
    let _ = context;
    guard::callbacks("libwebsockets_return_http_status", || {
        // SAFETY: as promised by the caller.
        let (connection, body) = unsafe { (Connection::from_handle(wsi), cstr::borrow(html_body)) };
        let Some(connection) = connection else { return -1 };
        let body = body.unwrap_or_default().to_bytes();
        connection.context().enter_lightly(|_| connection.send_status(code, body))
    })
}

/// Writes the last IPv4 address of the interface `ifname` to the `addrlen` bytes at `addr`.
///
/// Returns 0, or -1 when there is none.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub unsafe extern "C" fn interface_to_sa(
    ifname: *const c_char,
    addr: *mut libc::sockaddr_in,
    addrlen: usize,
) -> c_int {
    guard::entry("interface_to_sa", -1, || {
        // SAFETY: as promised by the caller.
        let Some(address) = (unsafe { cstr::borrow(ifname) }).and_then(interface_address) else { return -1 };
        if addr.is_null() {
            return -1;
        }
        let length = addrlen.min(size_of_val(&address));
        // SAFETY: as promised by the caller.
        unsafe { ptr::copy_nonoverlapping((&raw const address).cast::<u8>(), addr.cast::<u8>(), length) };
        0
    })
}
