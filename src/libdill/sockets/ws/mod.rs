//! WebSocket (RFC 6455): messages over a bytestream, for clients and servers.

pub mod handshake;
mod inbound;
mod outbound;

use super::super::error::{Error, Result};
use super::super::handle::{self, Kind};
use super::http::{Header, Room};
use super::iolist::{Cursor, List, Use};
use super::lower::{self, Lower};
use super::object::{Interface, Ref, Socket};
use super::patience::Patience;
use super::stream::Stream;
use super::trace::LIBRARY;
use super::turn::Turn;
use super::types::{DILL_WS_BINARY, DILL_WS_NOHTTP, DILL_WS_TEXT};
use crate::trace::{self, Direction};
use crate::websocket::close::MAX_REASON;
use crate::websocket::frame::{self, MAX_CONTROL_PAYLOAD};
use inbound::{Farewell, Position};
use outbound::{Outbox, Sender};
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_int};
use std::ptr;

static KEY: u8 = 0;
const KIND: Kind = handle::kind(&KEY);

/// The longest control frame, masked.
const CONTROL: usize = 2 + 4 + MAX_CONTROL_PAYLOAD;

/// Bytes of a frame that the trace is told.
const TOLD: usize = 120;

/// A WebSocket.
#[derive(Debug)]
pub struct Ws {
    lower: Lower,
    stream: Stream,
    server: bool,
    /// The type of messages for those who do not say one.
    text: bool,
    receiving: Cell<bool>,
    position: Cell<Position>,
    farewell: Cell<Option<Farewell>>,
    inbound_failed: Cell<Option<Error>>,
    sending: Cell<Sender>,
    /// For a message that is to be sent while the library sends.
    turn: Turn,
    outbound_done: Cell<bool>,
    /// Whether something that the library sent may have been sent in part.
    outbound_broken: Cell<bool>,
    /// Never borrowed over a wait.
    outbox: RefCell<Outbox>,
    traced: trace::Connection,
}

impl Socket for Ws {
    const INTERFACE: Interface = Interface::Messages;

    fn is(&self, kind: Kind) -> bool {
        kind == KIND
    }

    fn close(&self) {
        self.lower.close();
    }

    fn send(&self, list: List, deadline: i64) -> Result<()> {
        self.send_list(self.text, list, deadline)
    }

    /// Only messages of the socket's own type are expected.
    fn receive(&self, list: List, deadline: i64) -> Result<usize> {
        let received = self.receive_message(&list.check(Use::Receive)?, deadline)?;
        if received.text == self.text { Ok(received.size) } else { Err(Error::Protocol) }
    }
}

/// Begins a WebSocket on a bytestream as the client: without HTTP if the flags say so.
///
/// # Errors
/// `ENOTSUP` when it is no bytestream, `EINVAL`, `EPROTO`, `EMSGSIZE`, `EBADF`, `ECANCELED`, `ENOMEM`, those of the
/// socket.
pub fn attach_client(
    s: c_int,
    flags: c_int,
    resource: Option<&CStr>,
    host: Option<&CStr>,
    storage: bool,
    deadline: i64,
) -> Result<c_int> {
    let wanted = resource.zip(host);
    let valid = storage && (wanted.is_some() || flags & DILL_WS_NOHTTP != 0);
    attach(s, flags, false, valid, |header| {
        let (resource, host) = wanted.ok_or(Error::InvalidArgument)?;
        handshake::request(header, resource, host, deadline)
    })
}

/// Begins a WebSocket on a bytestream as the server, and stores what the client asks for.
///
/// # Errors
/// As [`attach_client`].
pub fn attach_server(
    s: c_int,
    flags: c_int,
    resource: Room,
    host: Room,
    storage: bool,
    deadline: i64,
) -> Result<c_int> {
    attach(s, flags, true, storage, |header| handshake::accept(header, resource, host, deadline))
}

fn attach(
    s: c_int,
    flags: c_int,
    server: bool,
    valid: bool,
    open: impl FnOnce(&Header) -> Result<()>,
) -> Result<c_int> {
    let arguments = if valid { Ok(()) } else { Err(Error::InvalidArgument) };
    lower::attach(s, arguments, handle::bsock_type(), Error::NotSupported, |lower| {
        let mut stream = Stream::of(lower.handle())?;
        stream.send_at_once();
        if flags & DILL_WS_NOHTTP == 0 {
            let header = Header::new(stream);
            open(&header)?;
            stream = header.into_stream();
        }
        Ok(Ws {
            lower,
            stream,
            server,
            text: is_text(flags),
            receiving: Cell::new(false),
            position: Cell::default(),
            farewell: Cell::new(None),
            inbound_failed: Cell::new(None),
            sending: Cell::new(Sender::Nobody),
            turn: Turn::new(),
            outbound_done: Cell::new(false),
            outbound_broken: Cell::new(false),
            outbox: RefCell::new(Outbox::new()),
            traced: trace::Connection::new(),
        })
    })
}

fn is_text(flags: c_int) -> bool {
    flags & DILL_WS_TEXT != 0
}

/// The WebSocket of a handle.
///
/// # Errors
/// `EBADF`, `ENOTSUP`.
pub fn with<T>(h: c_int, action: impl FnOnce(&Ws) -> Result<T>) -> Result<T> {
    action(&*Ref::<Ws>::find(h, KIND)?)
}

/// Sends the close frame unless that was done, waits for the peer's, and returns the socket below.
///
/// # Errors
/// Those of closing and receiving, and then everything is closed; `EBADF`, `ENOTSUP`.
pub fn detach(h: c_int, status: c_int, reason: Option<&[u8]>, deadline: i64) -> Result<c_int> {
    let ws = Ref::<Ws>::find(h, KIND)?;
    lower::detach(h, &ws.lower, || ws.finish(status, reason, deadline))
}

impl Ws {
    /// Sends a message of a type.
    ///
    /// # Errors
    /// `EINVAL`; see [`Ws::send_message`].
    pub fn send_as(&self, flags: c_int, list: List, deadline: i64) -> Result<()> {
        self.send_list(is_text(flags), list, deadline)
    }

    fn send_list(&self, text: bool, list: List, deadline: i64) -> Result<()> {
        if self.outbound_done.get() {
            return Err(Error::Closed);
        }
        self.send_message(text, &list.check(Use::Send)?, deadline)
    }

    /// Receives a message of any type. Returns its size and its type.
    ///
    /// # Errors
    /// `EINVAL`; see [`Ws::receive_message`].
    pub fn receive_any(&self, list: List, deadline: i64) -> Result<(usize, c_int)> {
        let received = self.receive_message(&list.check(Use::Receive)?, deadline)?;
        Ok((received.size, if received.text { DILL_WS_TEXT } else { DILL_WS_BINARY }))
    }

    /// Sends the close frame. A status of 0 is none.
    ///
    /// # Errors
    /// `EINVAL` for a status outside 1000 to 4999, or a reason that is too long or has no status; `EPIPE` when that was
    /// done; those of the socket.
    pub fn done(&self, status: c_int, reason: Option<&[u8]>, deadline: i64) -> Result<()> {
        let reason = reason.ok_or(Error::InvalidArgument)?;
        let status = u16::try_from(status).map_err(|_| Error::InvalidArgument)?;
        let valid = if status == 0 { reason.is_empty() } else { (1000..5000).contains(&status) };
        if !valid || reason.len() > MAX_REASON {
            return Err(Error::InvalidArgument);
        }
        let code = status.to_be_bytes();
        self.send_close([if status == 0 { &[] } else { &code }, reason], deadline)
    }

    fn finish(&self, status: c_int, reason: Option<&[u8]>, deadline: i64) -> Result<()> {
        if !self.outbound_done.get() {
            self.done(status, reason, deadline)?;
        }
        let mut patience = Patience::new(deadline);
        // SAFETY: no list is a valid one.
        let nowhere = unsafe { List::new(ptr::null_mut(), ptr::null_mut()) }.check(Use::Receive)?;
        while self.farewell.get().is_none() {
            match self.receive_message(&nowhere, deadline) {
                Ok(received) => patience.spend(received.size.max(1))?,
                Err(Error::Closed) if self.farewell.get().is_some() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The peer's close frame: its status, 0 if there was none, and its reason.
    ///
    /// # Errors
    /// `EAGAIN` when it has not come.
    pub fn farewell(&self) -> Result<Farewell> {
        self.farewell.get().ok_or(Error::Os(libc::EAGAIN))
    }
}

/// Tells the trace of a frame that is sent.
#[cold]
fn told(ws: &Ws, direction: Direction, header: &frame::Header, payload: &Cursor) {
    let mut beginning = [0; TOLD];
    let count = payload.copy_beginning(&mut beginning);
    crate::websocket::trace::frame(LIBRARY, &ws.traced, direction, header, &beginning[..count]);
}
