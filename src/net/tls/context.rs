//! What connections have in common.
//!
//! A room that wants no more takes [`server`] or [`client`]; one whose programs add to the context first begins
//! with [`server_builder`] or [`client_builder`].

use super::TlsError;
use openssl::error::ErrorStack;
use openssl::ssl::{
    SslContext, SslContextBuilder, SslFiletype, SslMethod, SslMode, SslOptions, SslVerifyMode,
};
use std::path::Path;

/// Whose certificates a client accepts.
#[derive(Clone, Copy, Debug)]
pub enum Trust<'a> {
    /// Anybody's: the connection is private, the peer may be anyone.
    Anyone,
    /// What the system trusts: OpenSSL's own files and folders, `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    System,
    /// What the certificates in this PEM file vouch for.
    File(&'a Path),
}

/// A context for servers, with a PEM certificate chain, the server's own certificate first, and a PEM key.
pub fn server(chain: &Path, key: &Path) -> Result<SslContext, TlsError> {
    let mut builder = server_builder()?;
    identify(&mut builder, chain, key)?;
    Ok(builder.build())
}

/// A context for clients.
pub fn client(trust: Trust<'_>) -> Result<SslContext, TlsError> {
    let mut builder = client_builder()?;
    match trust {
        Trust::Anyone => {}
        Trust::System => builder.set_default_verify_paths()?,
        Trust::File(file) => builder.set_ca_file(file)?,
    }
    if !matches!(trust, Trust::Anyone) {
        builder.set_verify(SslVerifyMode::PEER);
    }
    Ok(builder.build())
}

/// A context for servers without certificate. Compression is off; the server's order of ciphers counts.
pub fn server_builder() -> Result<SslContextBuilder, ErrorStack> {
    let mut builder = begin(SslMethod::tls_server())?;
    builder.set_options(SslOptions::CIPHER_SERVER_PREFERENCE);
    // A name of our own, so that sessions can be resumed when peers are verified as well.
    builder.set_session_id_context(b"relink")?;
    Ok(builder)
}

/// A context for clients that trusts and verifies nobody yet.
pub fn client_builder() -> Result<SslContextBuilder, ErrorStack> {
    let mut builder = begin(SslMethod::tls_client())?;
    // Explicit: OpenSSL may come to verify by itself.
    builder.set_verify(SslVerifyMode::NONE);
    Ok(builder)
}

/// Gives a context its certificate chain and key, and checks that they belong together.
pub fn identify(builder: &mut SslContextBuilder, chain: &Path, key: &Path) -> Result<(), TlsError> {
    builder.set_certificate_chain_file(chain).map_err(TlsError::Chain)?;
    builder.set_private_key_file(key, SslFiletype::PEM).map_err(TlsError::Key)?;
    builder.check_private_key().map_err(|_| TlsError::Mismatch)
}

fn begin(method: SslMethod) -> Result<SslContextBuilder, ErrorStack> {
    let mut builder = SslContextBuilder::new(method)?;
    builder.set_options(SslOptions::NO_COMPRESSION | SslOptions::NO_RENEGOTIATION);
    // A write may take a part, and may be repeated from another address; idle sessions give their buffers back.
    builder.set_mode(
        SslMode::ENABLE_PARTIAL_WRITE
            | SslMode::ACCEPT_MOVING_WRITE_BUFFER
            | SslMode::AUTO_RETRY
            | SslMode::RELEASE_BUFFERS,
    );
    Ok(builder)
}
