//! Clients.

use crate::ffi::{cstr, guard};
use crate::libwebsockets::connection::{Request, Role};
use crate::libwebsockets::context::Context;
use crate::libwebsockets::types::{libwebsocket, libwebsocket_context};
use std::ffi::{c_char, c_int, c_void};
use std::ptr;

/// The version that is spoken when the program does not say.
const VERSION: u32 = 13;

/// Connects to a server: `address` and `port`, over TLS when `ssl_connection` is 1 or 2, the latter also when the server's
/// certificate is vouched for by itself only. `path`, `host` and `origin` go into the request, and so does `protocol`, a list
/// of protocols with commas; the last two may be NULL. `ietf_version_or_minus_one` is 13 or -1.
///
/// Blocks until TCP is connected. Returns the connection, whose CLIENT_ESTABLISHED or CLIENT_CONNECTION_ERROR comes from
/// libwebsocket_service(), or NULL when it cannot be made; then no callback tells of it.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libwebsocket_client_connect(
    clients: *mut libwebsocket_context,
    address: *const c_char,
    port: c_int,
    ssl_connection: c_int,
    path: *const c_char,
    host: *const c_char,
    origin: *const c_char,
    protocol: *const c_char,
    ietf_version_or_minus_one: c_int,
) -> *mut libwebsocket {
    let nothing = ptr::null_mut();
    // SAFETY: as promised by the caller.
    unsafe {
        libwebsocket_client_connect_extended(
            clients,
            address,
            port,
            ssl_connection,
            path,
            host,
            origin,
            protocol,
            ietf_version_or_minus_one,
            nothing,
        )
    }
}

/// As libwebsocket_client_connect(), with memory of the program's own for `user` in callbacks. The library frees it with
/// free() at the end when the protocol's per_session_data_size is not 0; otherwise it stays the program's.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libwebsocket_client_connect_extended(
    clients: *mut libwebsocket_context,
    address: *const c_char,
    port: c_int,
    ssl_connection: c_int,
    path: *const c_char,
    host: *const c_char,
    origin: *const c_char,
    protocol: *const c_char,
    ietf_version_or_minus_one: c_int,
    userdata: *mut c_void,
) -> *mut libwebsocket {
    guard::callbacks("libwebsocket_client_connect", || {
        // SAFETY: NULL or live, and NULL or strings, as promised by the caller.
        let (context, address, path, host, origin, protocol) = unsafe {
            (
                Context::from_handle(clients),
                cstr::borrow(address),
                cstr::borrow(path),
                cstr::borrow(host),
                cstr::borrow(origin),
                cstr::borrow(protocol),
            )
        };
        let (Some(context), Some(address), Some(path), Some(host), Ok(port)) =
            (context, address, path, host, u16::try_from(port))
        else {
            return ptr::null_mut();
        };
        let role = Role::from_number(ssl_connection);
        let version = u32::try_from(ietf_version_or_minus_one).unwrap_or(VERSION);
        let request = Request { address, port, role, path, host, origin, protocol, version };
        let connection = context.enter(|context| context.connect(&request).map(std::ptr::from_ref));
        // SAFETY: a connection of the context, which the program holds.
        let Some(connection) = connection.and_then(|connection| unsafe { connection.as_ref() }) else {
            return ptr::null_mut();
        };
        if connection.user().is_null() && !userdata.is_null() {
            connection.set_user(userdata);
        }
        connection.handle()
    })
}
