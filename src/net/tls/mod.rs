//! TLS by the system's OpenSSL, over any transport.
//!
//! A [`context`] holds what connections have in common: certificates, trust, ciphers. A [`Session`] is one
//! connection over a transport: [`Pipe`], bytes in memory that the caller moves, or [`Socket`], a descriptor. Its
//! operations never wait; each says by a [`Step`] what it did or what it waits for.
//!
//! Programs of the originals call OpenSSL themselves, on objects we hand them, so it is the library they link.

pub mod context;
mod pipe;
mod session;
mod socket;
#[cfg(test)]
mod tests;

pub use pipe::Pipe;
pub use session::{Peer, Session, Step};
pub use socket::Socket;

use openssl::error::ErrorStack;
use openssl::x509::X509VerifyResult;
use std::io;
use thiserror::Error;

/// Why a context could not be made, or a session is over.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The certificate chain cannot be read or is refused.
    #[error("certificate: {0}")]
    Chain(ErrorStack),
    /// The private key cannot be read.
    #[error("private key: {0}")]
    Key(ErrorStack),
    /// The private key belongs to another certificate.
    #[error("the private key does not match the certificate")]
    Mismatch,
    /// The peer's certificate is to be for a name, and there is none.
    #[error("no name to verify the certificate of the peer by")]
    Nameless,
    /// The peer's certificate was refused.
    #[error("certificate of the peer: {}", .0.error_string())]
    Peer(X509VerifyResult),
    /// OpenSSL's own words: a violation of the protocol, no common cipher, an alert of the peer.
    #[error("{0}")]
    Library(ErrorStack),
    /// The transport ended without the peer's closing alert.
    #[error("the connection ended without a closing alert")]
    Truncated,
    /// The transport failed.
    #[error("{0}")]
    Transport(io::Error),
    /// The session had failed before.
    #[error("the session has failed")]
    Failed,
    /// The system has no OpenSSL, and the object is one that does without it.
    #[error("there is no libssl")]
    Absent,
}

/// Whether the system's OpenSSL is there. Where it is not, nothing else of this module may be called; only objects that
/// are linked to do without it ever find it missing.
pub fn is_there() -> bool {
    unsafe extern "C" {
        fn relink_optional_is_there() -> std::ffi::c_int;
    }
    // SAFETY: a function of `shim.c` or `mk/optional.c`, without arguments.
    unsafe { relink_optional_is_there() != 0 }
}

impl From<ErrorStack> for TlsError {
    fn from(error: ErrorStack) -> Self {
        Self::Library(error)
    }
}
