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
#[derive(Clone, Copy)]
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

/// Use IPv4 only.
pub const DILL_IPADDR_IPV4: c_int = 1;

/// Use IPv6 only.
pub const DILL_IPADDR_IPV6: c_int = 2;

/// Use IPv4, and IPv6 if there is none.
pub const DILL_IPADDR_PREF_IPV4: c_int = 3;

/// Use IPv6, and IPv4 if there is none.
pub const DILL_IPADDR_PREF_IPV6: c_int = 4;

/// The size of a buffer for any address as text.
pub const DILL_IPADDR_MAXSTRLEN: c_int = 46;

/// The most significant byte of the size comes first.
pub const DILL_PREFIX_BIG_ENDIAN: c_int = 0;

/// The least significant byte of the size comes first.
pub const DILL_PREFIX_LITTLE_ENDIAN: c_int = 1;

/// Messages are binary.
pub const DILL_WS_BINARY: c_int = 0;

/// Messages are text.
pub const DILL_WS_TEXT: c_int = 1;

/// There is no opening handshake.
pub const DILL_WS_NOHTTP: c_int = 2;

/// A SOCKS5 command: connect to an address.
pub const DILL_SOCKS5_CONNECT: c_int = 1;

/// A SOCKS5 command: wait for a connection.
pub const DILL_SOCKS5_BIND: c_int = 2;

/// A SOCKS5 command: relay UDP.
pub const DILL_SOCKS5_UDP_ASSOCIATE: c_int = 3;

/// A SOCKS5 reply: done.
pub const DILL_SOCKS5_SUCCESS: c_int = 0;

/// A SOCKS5 reply: failed.
pub const DILL_SOCKS5_GENERAL_FAILURE: c_int = 1;

/// A SOCKS5 reply: not allowed.
pub const DILL_SOCKS5_CONNECTION_NOT_ALLOWED: c_int = 2;

/// A SOCKS5 reply: the network cannot be reached.
pub const DILL_SOCKS5_NETWORK_UNREACHABLE: c_int = 3;

/// A SOCKS5 reply: the host cannot be reached.
pub const DILL_SOCKS5_HOST_UNREACHABLE: c_int = 4;

/// A SOCKS5 reply: refused.
pub const DILL_SOCKS5_CONNECTION_REFUSED: c_int = 5;

/// A SOCKS5 reply: too many hops.
pub const DILL_SOCKS5_TTL_EXPIRED: c_int = 6;

/// A SOCKS5 reply: unknown command.
pub const DILL_SOCKS5_COMMAND_NOT_SUPPORTED: c_int = 7;

/// A SOCKS5 reply: unknown type of address.
pub const DILL_SOCKS5_ADDRESS_TYPE_NOT_SUPPORTED: c_int = 8;
