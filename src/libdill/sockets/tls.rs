//! TLS: an encrypted bytestream over a bytestream.
//!
//! OpenSSL runs over memory; what it wants to read is taken from the socket below to the byte, so that what follows the
//! peer's closing alert stays there. A handshake takes up to 14 KiB of stack, most of it for RSA; nothing else in the library
//! takes as much.

use super::super::error::{Error, Result};
use super::super::handle::{self, Kind};
use super::super::poll::Direction;
use super::buffer::{self, ReadAhead};
use super::half::{self, Half, Side};
use super::iolist::{Cursor, List, Use};
use super::lower::{self, Lower};
use super::object::{Interface, Ref, Socket};
use super::patience::Patience;
use super::stream::Stream;
use super::turn::Turn;
use crate::ffi::{environment, log};
use crate::net::tls::{self, Peer, Pipe, Session, Step, TlsError, context};
use openssl::ssl::SslContext;
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, OsStr, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

static KEY: u8 = 0;

/// The type of TLS sockets.
pub const KIND: Kind = handle::kind(&KEY);

/// The most that one record carries (RFC 8446, section 5.1).
const RECORD: usize = 16 * 1024;

/// Encrypted bytes that are collected before they are sent.
const FLUSH_AT: usize = 64 * 1024;

/// Pieces of at least this many bytes are encrypted from where they are.
const WORTH_NO_COPY: usize = 4 * 1024;

/// A TLS socket.
pub struct Tls {
    lower: Lower,
    stream: Stream,
    /// Never borrowed over a wait.
    session: RefCell<Session<Pipe>>,
    inbound: Half,
    outbound: Half,
    /// Whether somebody carries encrypted bytes to the socket below; who comes later leaves its own to that one.
    flushing: Cell<bool>,
    /// For who sends while the one who receives carries.
    turn: Turn,
    /// What was decrypted and not asked for yet.
    ahead: ReadAhead,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").field("lower", &self.lower).finish_non_exhaustive()
    }
}

impl Socket for Tls {
    const INTERFACE: Interface = Interface::Bytes;

    fn is(&self, kind: Kind) -> bool {
        kind == KIND
    }

    fn close(&self) {
        self.inbound.end(Side::Broken);
        self.outbound.end(Side::Broken);
        self.lower.close();
    }

    fn send(&self, list: List, deadline: i64) -> Result<()> {
        self.outbound.check()?;
        self.send_from(&mut Cursor::new(&list.check(Use::Send)?), deadline)
    }

    fn receive(&self, list: List, deadline: i64) -> Result<usize> {
        self.inbound.check()?;
        let chain = list.check(Use::Receive)?;
        if chain.is_endless() {
            return Err(self.drain(deadline));
        }
        chain.check_size()?;
        self.receive_into(&mut Cursor::new(&chain), deadline)?;
        Ok(chain.size())
    }
}

/// Whom a client trusts, and whom it means to reach.
#[derive(Clone, Copy, Debug, Default)]
pub struct Verification<'a> {
    /// The name that the server's certificate must be for, sent along as well.
    pub name: Option<&'a CStr>,
    /// A PEM file of certificates to trust, instead of those of the system.
    pub trusted: Option<&'a CStr>,
}

/// Begins TLS on a bytestream as its server, with PEM files of a certificate chain and its key.
///
/// # Errors
/// `EPROTO` when it is no bytestream; `EFAULT` for what TLS refuses, of the files or of the peer; `ENOTSUP` where there is no
/// libssl; those of the socket.
pub fn attach_server(
    s: c_int,
    certificate: Option<&CStr>,
    key: Option<&CStr>,
    storage: bool,
    deadline: i64,
) -> Result<c_int> {
    attach(s, storage && certificate.is_some() && key.is_some(), deadline, || {
        let context = context::server(path(certificate), path(key)).map_err(refused)?;
        Session::accept(&context, Pipe::new()).map_err(refused)
    })
}

/// Begins TLS on a bytestream as its client. Nobody is verified, unless `RELINK_TLS_TRUST` says whom to trust.
///
/// # Errors
/// As [`attach_server`].
pub fn attach_client(s: c_int, storage: bool, deadline: i64) -> Result<c_int> {
    attach(s, storage, deadline, || {
        let wanted = by_environment();
        let peer =
            Peer { name: wanted.name.as_deref(), must_match: wanted.name.is_some() && wanted.verifies };
        Session::connect(wanted.context.as_ref().ok_or(FAULT)?, Pipe::new(), peer).map_err(refused)
    })
}

/// Begins TLS on a bytestream as a client that verifies its server.
///
/// # Errors
/// As [`attach_server`]; `EFAULT` also when the server's certificate is not trusted, or not for the name.
pub fn attach_verifying_client(s: c_int, wanted: Verification<'_>, deadline: i64) -> Result<c_int> {
    attach(s, true, deadline, || {
        let trust = match wanted.trusted {
            Some(_) => context::Trust::File(path(wanted.trusted)),
            None => context::Trust::System,
        };
        let context = context::client(trust).map_err(refused)?;
        let name = wanted.name.map(|name| name.to_str().map_err(|_| Error::InvalidArgument)).transpose()?;
        Session::connect(&context, Pipe::new(), Peer { name, must_match: name.is_some() }).map_err(refused)
    })
}

/// What clients do that say nothing themselves.
struct ByEnvironment {
    context: Option<SslContext>,
    verifies: bool,
    name: Option<String>,
}

fn by_environment() -> &'static ByEnvironment {
    static WANTED: OnceLock<ByEnvironment> = OnceLock::new();
    WANTED.get_or_init(|| {
        let file = environment::trusted("RELINK_TLS_TRUST").map(PathBuf::from);
        let trust = match file.as_deref() {
            None => context::Trust::Anyone,
            Some(word) if word.as_os_str() == "system" => context::Trust::System,
            Some(file) => context::Trust::File(file),
        };
        // A file that cannot be read lets nobody through.
        let context = context::client(trust).map_err(refused).ok();
        let name = environment::trusted("RELINK_TLS_NAME").and_then(|name| name.into_string().ok());
        ByEnvironment { context, verifies: file.is_some(), name }
    })
}

fn path(name: Option<&CStr>) -> &Path {
    Path::new(OsStr::from_bytes(name.unwrap_or_default().to_bytes()))
}

fn attach(
    s: c_int,
    arguments: bool,
    deadline: i64,
    begin: impl FnOnce() -> Result<Session<Pipe>>,
) -> Result<c_int> {
    let arguments = if arguments { Ok(()) } else { Err(Error::InvalidArgument) };
    let lower = lower::take(s, arguments, handle::bsock_type(), Error::Protocol)?;
    let stream = Stream::of(lower.handle())?;
    if !tls::is_there() {
        return Err(Error::NotSupported);
    }
    stream.send_at_once();
    let tls = Ref::new(Tls {
        lower,
        stream,
        session: RefCell::new(begin()?),
        inbound: Half::new(),
        outbound: Half::new(),
        flushing: Cell::new(false),
        turn: Turn::new(),
        ahead: ReadAhead::default(),
    })?;
    tls.handshake(deadline)?;
    tls.into_handle()
}

/// Says goodbye to the peer.
///
/// # Errors
/// `EPIPE` when that was done, `ECONNRESET` when the outbound direction is broken, and those of sending.
pub fn done(h: c_int, deadline: i64) -> Result<()> {
    Ref::<Tls>::find(h, KIND)?.done(deadline)
}

/// Says goodbye, waits for the peer's, and returns the socket below, which goes on without TLS.
///
/// # Errors
/// `ECONNRESET` and those of sending and receiving, and then everything is closed. `EBADF`, `ENOTSUP`.
pub fn detach(h: c_int, deadline: i64) -> Result<c_int> {
    let tls = Ref::<Tls>::find(h, KIND)?;
    lower::detach(h, &tls.lower, || tls.finish(deadline))
}

const FAULT: Error = Error::Os(libc::EFAULT);

/// What TLS refused, in its own words, goes to the log.
fn refused(error: TlsError) -> Error {
    log::write(log::Level::Warn, format_args!("libdill: TLS: {error}"));
    FAULT
}

impl Tls {
    /// Does something with the inbound direction that may wait. A failure is the end of that direction.
    fn inbound<T>(&self, action: impl FnOnce() -> Result<T>) -> Result<T> {
        self.inbound.receive(action, || self.ahead.clear())
    }

    fn handshake(&self, deadline: i64) -> Result<()> {
        loop {
            let step = self.session.borrow_mut().handshake();
            if self.advance(step, deadline)?.is_some() {
                return Ok(());
            }
        }
    }

    /// Does what an operation waits for, once. What the operation gave, if it was done.
    fn advance<T>(&self, step: core::result::Result<Step<T>, TlsError>, deadline: i64) -> Result<Option<T>> {
        match step {
            Ok(Step::Done(value)) => self.flush(deadline).map(|()| Some(value)),
            Ok(Step::WantRead) => {
                self.flush_answers(deadline)?;
                self.pull(deadline).map(|()| None)
            }
            Ok(Step::WantWrite) => self.flush(deadline).map(|()| None),
            Ok(Step::Closed) => Err(Error::Closed),
            Err(error) => {
                let error = refused(error);
                // The peer is told why, if it listens.
                let _ = self.flush(0);
                self.stream.close_in_order();
                Err(error)
            }
        }
    }

    /// Takes what the session misses from the socket below, or some of it.
    fn pull(&self, deadline: i64) -> Result<()> {
        let wanted = self.session.borrow().transport().wanted().clamp(1, buffer::SIZE);
        self.stream.ensure(wanted, deadline).map_err(|error| match error {
            // Without the peer's goodbye the stream may have been cut.
            Error::Closed => Error::Reset,
            error => error,
        })?;
        let taken = self.stream.show(|bytes| {
            let taken = bytes.len().min(wanted);
            self.session.borrow_mut().transport_mut().feed(&bytes[..taken]);
            taken
        });
        self.stream.consume(taken);
        Ok(())
    }

    /// Sends what the session has for the peer. Who receives leaves it to the one who carries already.
    ///
    /// A failure is the end of the outbound direction: what others had left to this call is lost.
    fn flush(&self, deadline: i64) -> Result<()> {
        if self.flushing.get() {
            return Ok(());
        }
        self.flushing.set(true);
        let outcome = loop {
            let outgoing = self.session.borrow_mut().transport_mut().take_outgoing();
            if outgoing.is_empty() {
                break Ok(());
            }
            if let Err(error) = self.stream.send(&outgoing, deadline) {
                break Err(error);
            }
        };
        self.flushing.set(false);
        if outcome.is_err() && self.outbound.side() == Side::Open {
            self.outbound.end(Side::Broken);
        }
        self.turn.give();
        outcome
    }

    /// The same for who sends, and is not to send ever more while nothing goes: waits for the one who carries already.
    fn flush_in_turn(&self, deadline: i64) -> Result<()> {
        while self.flushing.get() {
            self.turn.wait(deadline)?;
            self.outbound.check_side()?;
        }
        self.flush(deadline)
    }

    /// The same for who receives. A peer may have any number of answers (RFC 8446, section 4.6.3) and take none: when they
    /// are many they are waited for, too, so that they need no more memory.
    fn flush_answers(&self, deadline: i64) -> Result<()> {
        loop {
            self.flush(deadline)?;
            if self.session.borrow().transport().outgoing().len() < FLUSH_AT {
                return Ok(());
            }
            self.turn.wait(deadline)?;
        }
    }

    /// Decrypts at least a byte more.
    fn read(&self, deadline: i64) -> Result<()> {
        let mut patience = Patience::new(deadline);
        loop {
            let (room, len) = self.ahead.room()?;
            // SAFETY: that much room, for as long as the borrow lasts: nothing waits meanwhile.
            let room = unsafe { std::slice::from_raw_parts_mut(room.as_ptr(), len) };
            let step = self.session.borrow_mut().read(room);
            self.ahead.filled(if let Ok(Step::Done(count)) = step { count } else { 0 });
            if self.advance(step, deadline)?.is_some() {
                return Ok(());
            }
            // Records without data cost as much as those with, and there may be any number of them.
            patience.spend(RECORD)?;
        }
    }

    /// Sends all that a cursor has.
    pub fn send_from(&self, cursor: &mut Cursor, deadline: i64) -> Result<()> {
        self.outbound.send(|| {
            while cursor.remaining() > 0 {
                self.encrypt(cursor)?;
                if self.session.borrow().transport().outgoing().len() >= FLUSH_AT {
                    self.flush_in_turn(deadline)?;
                }
            }
            self.flush_in_turn(deadline)
        })
    }

    /// Makes one record of the next bytes.
    fn encrypt(&self, cursor: &mut Cursor) -> Result<()> {
        let Some((base, len)) = cursor.piece() else { return Ok(()) };
        if len >= WORTH_NO_COPY || len == cursor.remaining() {
            // SAFETY: bytes to be sent, valid during the call.
            let bytes = unsafe { std::slice::from_raw_parts(base, len.min(RECORD)) };
            cursor.advance(self.write(bytes)?);
            return Ok(());
        }
        let mut copy = Vec::new();
        copy.try_reserve_exact(cursor.remaining().min(RECORD))?;
        copy.resize(cursor.remaining().min(RECORD), 0);
        cursor.take(&mut copy);
        let mut rest = &copy[..];
        while !rest.is_empty() {
            rest = &rest[self.write(rest)?..];
        }
        Ok(())
    }

    /// Encrypts some bytes, which never has to wait: the session writes to memory.
    fn write(&self, bytes: &[u8]) -> Result<usize> {
        match self.session.borrow_mut().write(bytes).map_err(refused)? {
            Step::Done(count) => Ok(count),
            Step::Closed => Err(Error::Reset),
            Step::WantRead | Step::WantWrite => Err(FAULT),
        }
    }

    /// Sends all of the bytes, if that can be done now; none otherwise.
    pub fn try_send(&self, bytes: &[u8], deadline: i64) -> Result<usize> {
        if self.outbound.is_used() || self.flushing.get() {
            return Ok(0);
        }
        self.outbound.send(|| {
            if !self.try_flush(deadline)? {
                return Ok(0);
            }
            let mut rest = bytes;
            while !rest.is_empty() {
                rest = &rest[self.write(rest)?..];
            }
            self.try_flush(deadline).map(|_| bytes.len())
        })
    }

    /// Sends what can be sent now of what the session has for the peer. Whether that was all.
    fn try_flush(&self, deadline: i64) -> Result<bool> {
        loop {
            let outgoing = self.session.borrow_mut().transport_mut().take_outgoing();
            if outgoing.is_empty() {
                return Ok(true);
            }
            // A program's socket may make us wait; meanwhile who receives leaves what it has to us.
            self.flushing.set(true);
            let sent = self.stream.try_send(&outgoing, deadline);
            self.flushing.set(false);
            self.turn.give();
            let sent = sent?;
            if sent < outgoing.len() {
                self.session.borrow_mut().transport_mut().return_outgoing(outgoing, sent);
                return Ok(false);
            }
        }
    }

    /// Fills all of a cursor.
    pub fn receive_into(&self, cursor: &mut Cursor, deadline: i64) -> Result<()> {
        self.inbound(|| {
            loop {
                self.ahead.pour_into(cursor);
                if cursor.remaining() == 0 {
                    return Ok(());
                }
                self.read(deadline)?;
            }
        })
    }

    /// Decrypts until there are `count` bytes, [`buffer::SIZE`] at most.
    pub fn ensure(&self, count: usize, deadline: i64) -> Result<()> {
        debug_assert!(count <= buffer::SIZE);
        if self.ahead.len() >= count {
            return self.inbound.check();
        }
        self.inbound(|| {
            while self.ahead.len() < count {
                self.read(deadline)?;
            }
            Ok(())
        })
    }

    /// See [`Stream::wait_either`].
    pub fn wait_either(&self, deadline: i64) -> Result<Direction> {
        self.inbound.check()?;
        self.inbound.alone(|| self.stream.wait_either(deadline))
    }

    /// Shows what was decrypted. What is shown may neither wait nor consume.
    pub fn show<R>(&self, view: impl FnOnce(&[u8]) -> R) -> R {
        self.ahead.show(view)
    }

    /// Forgets the first bytes that were decrypted.
    pub fn consume(&self, count: usize) {
        self.ahead.consume(count);
    }

    /// See [`Stream::send_at_once`].
    pub fn send_at_once(&self) {
        self.stream.send_at_once();
    }

    /// See [`Stream::close_in_order`].
    pub fn close_in_order(&self) {
        self.stream.close_in_order();
    }

    /// Discards what comes until the stream ends or fails, or the deadline passes, and says which.
    fn drain(&self, deadline: i64) -> Error {
        let mut patience = Patience::new(deadline);
        let outcome = self.inbound(|| {
            loop {
                let count = self.ahead.len();
                self.ahead.consume(count);
                patience.spend(count)?;
                self.read(deadline)?;
            }
        });
        let Err::<std::convert::Infallible, _>(error) = outcome;
        error
    }

    fn done(&self, deadline: i64) -> Result<()> {
        self.outbound.send(|| {
            let step = self.session.borrow_mut().close();
            match step.map_err(refused)? {
                Step::Done(()) | Step::Closed => self.flush_in_turn(deadline),
                Step::WantRead | Step::WantWrite => Err(FAULT),
            }
        })?;
        self.outbound.end(Side::Done);
        Ok(())
    }

    fn finish(&self, deadline: i64) -> Result<()> {
        half::finish(&self.inbound, &self.outbound, || self.done(deadline), || self.drain(deadline))
    }
}
