//! TLS on a connection.

use super::super::log;
use super::{Connection, Phase, Stop};
use crate::net::tls::{Peer, Session, Socket, Step, TlsError};
use std::ffi::c_int;

/// `ssl_connection` of clients.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// No TLS.
    Plain,
    /// The peer's certificate has to be vouched for.
    Verified,
    /// As before, or vouch for itself.
    SelfSignedToo,
}

/// `X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT`.
const SELF_SIGNED: c_int = 18;

impl Role {
    /// The role of a number: of the program's argument.
    pub fn from_number(number: c_int) -> Self {
        match number {
            0 => Self::Plain,
            2 => Self::SelfSignedToo,
            _ => Self::Verified,
        }
    }
}

impl Connection {
    /// Does something with the session, which nobody else can get at meanwhile; `None` when there is none.
    pub fn with_tls<T>(&self, body: impl FnOnce(&mut Session<Socket>) -> T) -> Option<T> {
        // Taken out, because OpenSSL may call the program.
        let mut session = self.tls.take()?;
        let ticket = self.ticket();
        let result = body(&mut session);
        if self.ticket() == ticket {
            self.tls.replace(Some(session));
        }
        Some(result)
    }

    /// Reads what TLS has decrypted; `None` when there is nothing now.
    pub fn receive_tls(&self, room: &mut [u8]) -> Result<Option<usize>, Stop> {
        match self.with_tls(|session| session.read(room)) {
            Some(Ok(Step::Done(count))) => Ok(Some(count)),
            Some(Ok(Step::WantRead)) => Ok(None),
            Some(Ok(Step::WantWrite)) => {
                self.tls_wants_write.set(true);
                Ok(None)
            }
            Some(Ok(Step::Closed) | Err(_)) | None => Err(Stop::Close),
        }
    }

    /// Whether TLS has decrypted more than was read.
    pub fn has_decrypted(&self) -> bool {
        self.uses_tls.get() && self.tls.borrow().as_ref().is_some_and(|session| session.pending() > 0)
    }

    /// A server's TLS handshake goes on.
    pub fn accept_tls(&self) -> Result<(), Stop> {
        let context = self.context();
        if self.tls.borrow().is_none() {
            let session = context.tls.server_session(self.fd()).map_err(|error| {
                log::err(format_args!("SSL_new failed: {error}\n"));
                Stop::Close
            })?;
            context.tls.mark(session.ssl(), context);
            self.tls.replace(Some(Box::new(session)));
            self.uses_tls.set(true);
        }
        if !self.shake_hands()? {
            return Ok(());
        }
        self.phase.set(Phase::Http);
        // The head has its own time.
        context.set_deadline(self, Some(context.limits.handshake));
        if self.has_decrypted() { self.read_input() } else { Ok(()) }
    }

    /// Begins a client's TLS.
    pub fn begin_tls_client(&self, host: Option<&str>, role: Role) -> Result<(), Stop> {
        let context = self.context();
        let ticket = self.ticket();
        let peer = Peer { name: host, must_match: context.limits.verify_host };
        let tls = context.client_tls();
        // The program may have been asked whom to trust.
        self.still(ticket)?;
        let session = tls.and_then(|tls| Session::connect(&tls, Socket(self.fd()), peer));
        let session = session.map_err(|error| {
            log::err(format_args!("SSL_new failed: {error}\n"));
            Stop::Close
        })?;
        context.tls.mark(session.ssl(), context);
        self.tls.replace(Some(Box::new(session)));
        self.uses_tls.set(true);
        if let Some(client) = self.handshake.borrow_mut().as_deref_mut().and_then(|it| it.client.as_mut()) {
            client.role = role;
        }
        Ok(())
    }

    /// A client's TLS handshake goes on. True when it is done and its peer is fine.
    pub fn connect_tls(&self) -> Result<bool, Stop> {
        if !self.shake_hands()? {
            return Ok(false);
        }
        let role = self.handshake.borrow().as_deref().and_then(|it| it.client.as_ref()).map(|it| it.role);
        let verdict = self.with_tls(|session| session.verdict().as_raw()).unwrap_or(-1);
        let fine = verdict == 0 || verdict == SELF_SIGNED && role == Some(Role::SelfSignedToo);
        if !fine {
            log::err(format_args!("server's cert didn't look good {verdict}\n"));
            return Err(Stop::Close);
        }
        Ok(true)
    }

    /// Whether the handshake is done; if not, what it needs is waited for.
    fn shake_hands(&self) -> Result<bool, Stop> {
        let ticket = self.ticket();
        let step = self.with_tls(Session::handshake).ok_or(Stop::Close)?;
        self.still(ticket)?;
        let (done, wants_write) = match step {
            Ok(Step::Done(())) => (true, false),
            Ok(Step::WantRead) => (false, false),
            Ok(Step::WantWrite) => (false, true),
            Ok(Step::Closed) => return Err(Stop::Close),
            Err(TlsError::Peer(verdict)) => {
                log::err(format_args!("server's cert didn't look good {}\n", verdict.as_raw()));
                return Err(Stop::Close);
            }
            Err(error) => {
                let level = if self.is_client() { log::ERR } else { log::INFO };
                log::line(level, format_args!("SSL handshake: {error}\n"));
                return Err(Stop::Close);
            }
        };
        self.tls_wants_write.set(wants_write);
        self.update_interest();
        if wants_write != self.tells_write() {
            if wants_write {
                self.tell_write_wanted();
            } else if !self.wants_write.get() {
                self.tell_write_unwanted()?;
            }
            self.still(ticket)?;
        }
        Ok(done)
    }
}
