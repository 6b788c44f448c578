//! The types that programs share with the sockets. Layouts are asserted in the room's `layout`; texts go to the header.
//!
//! Storage that programs offer has alignment 1: it may begin at any address.
#![allow(non_camel_case_types, reason = "C spells them so, and compiled programs know no other names")]

use std::ffi::{c_char, c_int, c_void};

/// A piece of memory in a list of such pieces, for gathering and scattering.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dill_iolist {
    /// Where it begins. NULL when receiving: skip so many bytes.
    pub iol_base: *mut c_void,
    /// Its size in bytes.
    pub iol_len: usize,
    /// The next one, NULL at the end.
    pub iol_next: *mut dill_iolist,
    /// 0. Reserved for the library.
    pub iol_rsvd: c_int,
}

/// An address and a port: a `sockaddr_in` or `sockaddr_in6` at the beginning.
#[repr(C)]
pub struct dill_ipaddr {
    bytes: [c_char; 32],
}

/// Memory for a listening TCP socket, to be kept until its handle is closed.
#[repr(C)]
pub struct dill_tcp_listener_storage {
    bytes: [c_char; 56],
}

/// Memory for a TCP connection, to be kept until its handle is closed.
#[repr(C)]
pub struct dill_tcp_storage {
    bytes: [c_char; 72],
}

/// Memory for a listening local socket, to be kept until its handle is closed.
#[repr(C)]
pub struct dill_ipc_listener_storage {
    bytes: [c_char; 24],
}

/// Memory for a local connection, to be kept until its handle is closed.
#[repr(C)]
pub struct dill_ipc_storage {
    bytes: [c_char; 72],
}

/// Memory for two connected local sockets, to be kept until both handles are closed.
#[repr(C)]
pub struct dill_ipc_pair_storage {
    bytes: [c_char; 144],
}

/// Memory for the PREFIX protocol, to be kept until its handle is closed or detached.
#[repr(C)]
pub struct dill_prefix_storage {
    bytes: [c_char; 56],
}

/// Memory for the SUFFIX protocol, to be kept until its handle is closed or detached.
#[repr(C)]
pub struct dill_suffix_storage {
    bytes: [c_char; 128],
}

/// Memory for a UDP socket, to be kept until its handle is closed.
#[repr(C)]
pub struct dill_udp_storage {
    bytes: [c_char; 72],
}

/// Memory for the HTTP protocol, to be kept until its handle is closed or detached.
#[repr(C)]
pub struct dill_http_storage {
    bytes: [c_char; 1296],
}

/// Memory for the TLS protocol, to be kept until its handle is closed or detached.
#[repr(C)]
pub struct dill_tls_storage {
    bytes: [c_char; 72],
}

/// Memory for the DTLS protocol, which no library has.
#[repr(C)]
pub struct dill_dtls_storage {
    bytes: [c_char; 88],
}

/// Memory for the WebSocket protocol, to be kept until its handle is closed or detached.
#[repr(C)]
pub struct dill_ws_storage {
    bytes: [c_char; 176],
}

/// Memory for the TERM protocol, to be kept until its handle is closed or detached.
#[repr(C)]
pub struct dill_term_storage {
    bytes: [c_char; 88],
}
