//! One connection.

use super::TlsError;
use openssl::error::ErrorStack;
use openssl::ssl::{ErrorCode, ShutdownState, Ssl, SslContextRef, SslRef, SslStream};
use openssl::x509::X509VerifyResult;
use openssl::x509::verify::X509CheckFlags;
use std::io::{self, Read, Write};
use std::net::IpAddr;

/// OpenSSL's `SSL_R_CERTIFICATE_VERIFY_FAILED`.
const CERTIFICATE_VERIFY_FAILED: i32 = 134;

/// What an operation did, or what it waits for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step<T> {
    /// It is done.
    Done(T),
    /// The transport has to bring more first; then the operation is to be repeated.
    WantRead,
    /// The transport has to take more first; then the operation is to be repeated with the same bytes.
    WantWrite,
    /// The peer said goodbye: nothing more will be read.
    Closed,
}

/// Whom a client means to reach.
#[derive(Clone, Copy, Debug, Default)]
pub struct Peer<'a> {
    /// Its host name, sent along (SNI) unless it is an address or no name at all.
    pub name: Option<&'a str>,
    /// Whether its certificate must be for that name or address. Needs a context that verifies.
    pub must_match: bool,
}

/// A connection over `T`.
///
/// After an error, every operation is [`TlsError::Failed`]; what the session had to say to the peer about it, an
/// alert, is in the transport already.
pub struct Session<T> {
    stream: SslStream<Watched<T>>,
    failed: bool,
}

impl<T: Read + Write> Session<T> {
    /// The server's side of a connection. Nothing is read or written before [`Session::handshake`].
    pub fn accept(context: &SslContextRef, transport: T) -> Result<Self, TlsError> {
        let mut ssl = Ssl::new(context)?;
        ssl.set_accept_state();
        Self::begin(ssl, transport)
    }

    /// The client's side of a connection. Nothing is read or written before [`Session::handshake`].
    pub fn connect(context: &SslContextRef, transport: T, peer: Peer<'_>) -> Result<Self, TlsError> {
        let mut ssl = Ssl::new(context)?;
        ssl.set_connect_state();
        if let Some(name) = peer.name {
            let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
            // Names only (RFC 6066, section 3), and without the root's dot. One that cannot be sent is not.
            let name = name.strip_suffix('.').unwrap_or(name);
            if address.is_none() && (1..=255).contains(&name.len()) && !name.contains('\0') {
                ssl.set_hostname(name)?;
            }
            if peer.must_match {
                let parameters = ssl.param_mut();
                parameters.set_hostflags(X509CheckFlags::NO_PARTIAL_WILDCARDS);
                match address {
                    Some(address) => parameters.set_ip(address)?,
                    // OpenSSL would take it for no name to check.
                    None if name.is_empty() => return Err(TlsError::Nameless),
                    None => parameters.set_host(name)?,
                }
            }
        } else if peer.must_match {
            return Err(TlsError::Nameless);
        }
        Self::begin(ssl, transport)
    }

    fn begin(ssl: Ssl, transport: T) -> Result<Self, TlsError> {
        let stream = SslStream::new(ssl, Watched { transport, ended: false })?;
        Ok(Self { stream, failed: false })
    }

    /// Goes on with the handshake.
    pub fn handshake(&mut self) -> Result<Step<()>, TlsError> {
        self.step(SslStream::do_handshake)
    }

    /// Reads what the peer sent, at least a byte; an empty buffer reads nothing.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<Step<usize>, TlsError> {
        if buffer.is_empty() {
            return Ok(Step::Done(0));
        }
        self.step(|stream| stream.ssl_read(buffer))
    }

    /// Writes some of `bytes`, at least one if there is one, and says how many.
    pub fn write(&mut self, bytes: &[u8]) -> Result<Step<usize>, TlsError> {
        if bytes.is_empty() {
            return Ok(Step::Done(0));
        }
        self.step(|stream| stream.ssl_write(bytes))
    }

    /// Says goodbye to the peer (`close_notify`); reading goes on until [`Step::Closed`]. Nothing to say before the
    /// handshake is done, or twice.
    pub fn close(&mut self) -> Result<Step<()>, TlsError> {
        let said = self.stream.get_shutdown().contains(ShutdownState::SENT);
        if said || !self.stream.ssl().is_init_finished() {
            return if self.failed { Err(TlsError::Failed) } else { Ok(Step::Done(())) };
        }
        self.step(|stream| stream.shutdown().map(drop))
    }

    /// How many decrypted bytes [`Session::read`] has without the transport.
    pub fn pending(&self) -> usize {
        self.stream.ssl().pending()
    }

    /// What OpenSSL thinks of the peer's certificate.
    pub fn verdict(&self) -> X509VerifyResult {
        self.stream.ssl().verify_result()
    }

    /// OpenSSL's object.
    pub fn ssl(&self) -> &SslRef {
        self.stream.ssl()
    }

    /// The transport.
    pub fn transport(&self) -> &T {
        &self.stream.get_ref().transport
    }

    /// The transport.
    pub fn transport_mut(&mut self) -> &mut T {
        &mut self.stream.get_mut().transport
    }

    fn step<R>(
        &mut self,
        operation: impl FnOnce(&mut SslStream<Watched<T>>) -> Result<R, openssl::ssl::Error>,
    ) -> Result<Step<R>, TlsError> {
        if self.failed {
            return Err(TlsError::Failed);
        }
        // What others left in this thread's queue of errors would be taken for ours.
        drop(ErrorStack::get());
        let error = match operation(&mut self.stream) {
            Ok(value) => return Ok(Step::Done(value)),
            Err(error) => error,
        };
        match error.code() {
            ErrorCode::WANT_READ => return Ok(Step::WantRead),
            ErrorCode::WANT_WRITE => return Ok(Step::WantWrite),
            ErrorCode::ZERO_RETURN => return Ok(Step::Closed),
            _ => {}
        }
        self.failed = true;
        let stack = match error.into_io_error() {
            Ok(error) => return Err(TlsError::Transport(error)),
            Err(_) if self.stream.get_ref().ended => return Err(TlsError::Truncated),
            Err(error) => error.ssl_error().cloned().unwrap_or_else(ErrorStack::get),
        };
        if stack.errors().iter().any(|error| error.reason_code() == CERTIFICATE_VERIFY_FAILED) {
            return Err(TlsError::Peer(self.verdict()));
        }
        Err(TlsError::Library(stack))
    }
}

/// Remembers that the transport has ended, which OpenSSL's versions report in different ways.
struct Watched<T> {
    transport: T,
    ended: bool,
}

impl<T: Read> Read for Watched<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.transport.read(buffer)?;
        self.ended |= count == 0 && !buffer.is_empty();
        Ok(count)
    }
}

impl<T: Write> Write for Watched<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.transport.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.transport.flush()
    }
}
