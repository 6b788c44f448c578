//! The types C programs share with the library. Layouts are asserted in `layout`; the header's texts of them are in
//! `libwebsockets.preamble.h`, because cbindgen knows neither function types nor enums that hold any value.
#![allow(non_camel_case_types, reason = "C spells them so, and compiled programs know no other names")]

use std::ffi::{c_char, c_int, c_uint, c_void};

/// A set of connections with one listening socket or none. Opaque.
pub struct libwebsocket_context {
    _opaque: [u8; 0],
}

/// A connection, `wsi` in programs. Opaque; its address does not change while it lives.
pub struct libwebsocket {
    _opaque: [u8; 0],
}

/// `enum libwebsocket_callback_reasons`, in the numbers of the program's generation.
pub type libwebsocket_callback_reasons = c_int;
/// `enum libwebsocket_extension_callback_reasons`.
pub type libwebsocket_extension_callback_reasons = c_int;
/// `enum libwebsocket_write_protocol`, with its flags.
pub type libwebsocket_write_protocol = c_int;
/// `enum lws_token_indexes`.
pub type lws_token_indexes = c_int;
/// `enum lws_close_status`.
pub type lws_close_status = c_int;
/// `enum pending_timeout`, which no header declares: 0 is none.
pub type pending_timeout = c_int;

/// A protocol's callback: the program's side of every event.
pub type callback_function = unsafe extern "C-unwind" fn(
    context: *mut libwebsocket_context,
    wsi: *mut libwebsocket,
    reason: libwebsocket_callback_reasons,
    user: *mut c_void,
    in_: *mut c_void,
    len: usize,
) -> c_int;

/// An extension's callback: every hook.
pub type extension_callback_function = unsafe extern "C-unwind" fn(
    context: *mut libwebsocket_context,
    ext: *mut libwebsocket_extension,
    wsi: *mut libwebsocket,
    reason: libwebsocket_extension_callback_reasons,
    user: *mut c_void,
    in_: *mut c_void,
    len: usize,
) -> c_int;

/// Takes a line of the library's log.
pub type log_emit_function = unsafe extern "C-unwind" fn(level: c_int, line: *const c_char);

/// Bytes that a hook may replace by others of its own.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_tokens {
    /// The bytes.
    pub token: *mut c_char,
    /// How many.
    pub token_len: c_int,
}

/// An entry of the program's table of protocols, which ends with a NULL callback.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct libwebsocket_protocols {
    /// What `Sec-WebSocket-Protocol` says.
    pub name: *const c_char,
    /// Gets the events.
    pub callback: Option<callback_function>,
    /// Zeroed memory for each connection, in bytes.
    pub per_session_data_size: usize,
    /// The most payload that one RECEIVE brings; 0 is 4096.
    pub rx_buffer_size: usize,
    /// Filled in by the library.
    pub owning_server: *mut libwebsocket_context,
    /// Filled in by the library.
    pub protocol_index: c_int,
}

/// An entry of a table of extensions, which ends with a NULL callback.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct libwebsocket_extension {
    /// What `Sec-WebSocket-Extensions` says.
    pub name: *const c_char,
    /// Gets the hooks.
    pub callback: Option<extension_callback_function>,
    /// Zeroed memory for each connection it is active on, in bytes.
    pub per_session_data_size: usize,
    /// The extension's own.
    pub per_context_private_data: *mut c_void,
}

/// What a context is made from.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_context_creation_info {
    /// To listen on; 0 for none.
    pub port: c_int,
    /// The interface to listen on; NULL for all.
    pub iface: *const c_char,
    /// The table of protocols; outlives the context.
    pub protocols: *mut libwebsocket_protocols,
    /// The table of extensions, or NULL; outlives the context.
    pub extensions: *mut libwebsocket_extension,
    /// PEM certificate chain; with a key it makes the listener a TLS one.
    pub ssl_cert_filepath: *const c_char,
    /// PEM key.
    pub ssl_private_key_filepath: *const c_char,
    /// PEM certificates that clients trust; NULL for the system's folder.
    pub ssl_ca_filepath: *const c_char,
    /// OpenSSL's list of ciphers; NULL for its own.
    pub ssl_cipher_list: *const c_char,
    /// To change to, unless -1.
    pub gid: c_int,
    /// To change to, unless -1.
    pub uid: c_int,
    /// `enum libwebsocket_context_options`.
    pub options: c_uint,
    /// The program's own.
    pub user: *mut c_void,
    /// Idle seconds before a TCP keepalive probe; 0 for none.
    pub ka_time: c_int,
    /// Probes before the connection is given up.
    pub ka_probes: c_int,
    /// Seconds between probes.
    pub ka_interval: c_int,
}

/// As [`lws_context_creation_info`], of versions 1.2 to 1.22: without the list of ciphers.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_context_creation_info_1_22 {
    /// To listen on; 0 for none.
    pub port: c_int,
    /// The interface to listen on; NULL for all.
    pub iface: *const c_char,
    /// The table of protocols; outlives the context.
    pub protocols: *mut libwebsocket_protocols,
    /// The table of extensions, or NULL; outlives the context.
    pub extensions: *mut libwebsocket_extension,
    /// PEM certificate chain; with a key it makes the listener a TLS one.
    pub ssl_cert_filepath: *const c_char,
    /// PEM key.
    pub ssl_private_key_filepath: *const c_char,
    /// PEM certificates that clients trust; NULL for the system's folder.
    pub ssl_ca_filepath: *const c_char,
    /// To change to, unless -1.
    pub gid: c_int,
    /// To change to, unless -1.
    pub uid: c_int,
    /// `enum libwebsocket_context_options`.
    pub options: c_uint,
    /// The program's own.
    pub user: *mut c_void,
    /// Idle seconds before a TCP keepalive probe; 0 for none.
    pub ka_time: c_int,
    /// Probes before the connection is given up.
    pub ka_probes: c_int,
    /// Seconds between probes.
    pub ka_interval: c_int,
}
