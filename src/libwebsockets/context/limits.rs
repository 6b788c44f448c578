//! Limits and switches for programs that nobody can recompile, from the environment when a context is made.

use crate::ffi::environment::{trusted, trusted_number};

/// Seconds that each step of a handshake may take: what the original gave those steps that it watched.
const HANDSHAKE_SECONDS: u64 = 5;

/// The most that one connection may have waiting to be sent: a peer that does not read costs no more.
const MAX_QUEUE: u64 = 64 << 20;

/// What a context keeps to.
#[derive(Clone, Debug)]
pub struct Limits {
    /// `RELINK_LWS_MAX_CONNECTIONS`: more are closed when they are accepted.
    pub connections: usize,
    /// `RELINK_LWS_MAX_MESSAGE`: bytes of a message, as framed; a larger one ends its connection with 1009.
    pub message: u64,
    /// `RELINK_LWS_MAX_QUEUE`: bytes that a connection may have waiting to be sent.
    pub queue: u64,
    /// `RELINK_LWS_HANDSHAKE_TIMEOUT`: seconds for each step of a handshake, heads included.
    pub handshake: u64,
    /// `RELINK_LWS_STRICT=1`: text has to be UTF-8, close frames to be well-formed, fragments in order; messages of
    /// nothing are told of and can be sent.
    pub strict: bool,
    /// `RELINK_LWS_LENIENT=1`: frames pass that RFC 6455 forbids, unmasked ones of clients, say.
    pub lenient: bool,
    /// `RELINK_LWS_IPV6=1`: listeners take IPv6 connections as well, clients connect to IPv6 addresses.
    pub ipv6: bool,
    /// `RELINK_LWS_VERIFY_HOST=1`: a client's TLS peer has to have a certificate for the host it was asked for.
    pub verify_host: bool,
    /// `RELINK_LWS_NONBLOCKING=1`: clients do not wait for names to be looked up and TCP connections to be made.
    pub nonblocking: bool,
    /// `RELINK_LWS_CLOSE_HANDSHAKE=1`: connections that a callback ends get a close frame first.
    pub close_handshake: bool,
    /// `RELINK_LWS_HTTP_ERRORS=1`: refused requests get an HTTP status before they are closed.
    pub http_errors: bool,
}

impl Limits {
    /// What the environment says.
    pub fn from_environment() -> Self {
        let on = |name| trusted(name).is_some_and(|value| value != "0");
        let size = |name, default| trusted_number(name).filter(|value| *value > 0).unwrap_or(default);
        Self {
            connections: usize::try_from(size("RELINK_LWS_MAX_CONNECTIONS", u64::MAX)).unwrap_or(usize::MAX),
            message: size("RELINK_LWS_MAX_MESSAGE", u64::MAX),
            queue: size("RELINK_LWS_MAX_QUEUE", MAX_QUEUE),
            handshake: size("RELINK_LWS_HANDSHAKE_TIMEOUT", HANDSHAKE_SECONDS),
            strict: on("RELINK_LWS_STRICT"),
            lenient: on("RELINK_LWS_LENIENT"),
            ipv6: on("RELINK_LWS_IPV6"),
            verify_host: on("RELINK_LWS_VERIFY_HOST"),
            nonblocking: on("RELINK_LWS_NONBLOCKING"),
            close_handshake: on("RELINK_LWS_CLOSE_HANDSHAKE"),
            http_errors: on("RELINK_LWS_HTTP_ERRORS"),
        }
    }
}
