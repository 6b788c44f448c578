//! HTTP: the request line, the status line and the fields of a header. What comes after a header belongs to the socket
//! below.

pub mod line;

use super::super::error::{Error, Result};
use super::super::handle::{self, Kind};
use super::half::Soundness;
use super::iolist::{Cursor, List, Use};
use super::lower::{self, Lower};
use super::object::{Interface, Ref, Socket};
use super::patience::Patience;
use super::stream::Stream;
use super::suffix;
use super::trace;
use super::types::dill_iolist;
use crate::trace::{Connection, Direction, on};
use line::Malformed;
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_int};
use std::ptr;

static KEY: u8 = 0;
const KIND: Kind = handle::kind(&KEY);

/// The longest line, in bytes without its end.
const LONGEST_LINE: usize = 64 * 1024;

/// Lines up to this length keep their memory for the next one.
const KEPT_LINE: usize = 2048;

/// The most parts of a line.
const PARTS: usize = 7;

impl From<Malformed> for Error {
    fn from(_: Malformed) -> Self {
        Self::Protocol
    }
}

/// An HTTP socket.
#[derive(Debug)]
pub struct Http {
    lower: Lower,
    header: Header,
}

impl Socket for Http {
    const INTERFACE: Interface = Interface::None;

    fn is(&self, kind: Kind) -> bool {
        kind == KIND
    }

    fn close(&self) {
        self.lower.close();
    }
}

/// Puts HTTP on a bytestream.
///
/// # Errors
/// `ENOTSUP` when it is no bytestream, `EINVAL`, `EBADF`, `ECANCELED`, `ENOMEM`.
pub fn attach(s: c_int, storage: bool) -> Result<c_int> {
    let arguments = if storage { Ok(()) } else { Err(Error::InvalidArgument) };
    lower::attach(s, arguments, handle::bsock_type(), Error::NotSupported, |lower| {
        Ok(Http { header: Header::new(Stream::of(lower.handle())?), lower })
    })
}

/// The header in both directions of an HTTP socket.
///
/// # Errors
/// `EBADF`, `ENOTSUP`.
pub fn with<T>(h: c_int, action: impl FnOnce(&Header) -> Result<T>) -> Result<T> {
    action(&Ref::<Http>::find(h, KIND)?.header)
}

/// Ends the header unless that was done, waits for the end of the peer's, and returns the socket below.
///
/// # Errors
/// Those of the socket, and then everything is closed; `EBADF`, `ENOTSUP`.
pub fn detach(h: c_int, deadline: i64) -> Result<c_int> {
    let http = Ref::<Http>::find(h, KIND)?;
    lower::detach(h, &http.lower, || http.header.finish(deadline))
}

/// The header that is sent and the one that is received.
#[derive(Debug)]
pub struct Header {
    stream: Stream,
    /// The line that is being received. Never borrowed over a wait.
    line: RefCell<Vec<u8>>,
    receiving: Cell<bool>,
    inbound_done: Cell<bool>,
    outbound_done: Cell<bool>,
    soundness: Soundness,
    traced: Connection,
}

impl Header {
    /// Nothing was sent or received yet.
    pub fn new(stream: Stream) -> Self {
        Self {
            stream,
            line: RefCell::default(),
            receiving: Cell::new(false),
            inbound_done: Cell::new(false),
            outbound_done: Cell::new(false),
            soundness: Soundness::new(),
            traced: Connection::new(),
        }
    }

    /// The bytestream.
    pub fn stream(&self) -> &Stream {
        &self.stream
    }

    /// The bytestream, which goes on without HTTP.
    pub fn into_stream(self) -> Stream {
        self.stream
    }

    /// Whether the peer's header has come to its end.
    pub fn has_ended(&self) -> bool {
        self.inbound_done.get()
    }

    /// Sends a request line.
    ///
    /// # Errors
    /// `EINVAL` when the words would not stay words, and those of the socket.
    pub fn send_request(&self, command: &CStr, resource: &CStr, deadline: i64) -> Result<()> {
        let (command, resource) = (command.to_bytes(), resource.to_bytes());
        if !line::is_sendable_word(command) || !line::is_sendable_word(resource) {
            return Err(Error::InvalidArgument);
        }
        self.send(&[command, b" ", resource, b" HTTP/1.1", line::END], deadline)
    }

    /// Sends a status line.
    ///
    /// # Errors
    /// `EINVAL` for a status outside 100 to 599, or a reason that would not stay in the line; those of the socket.
    pub fn send_status(&self, status: c_int, reason: &CStr, deadline: i64) -> Result<()> {
        let status = u16::try_from(status).ok().filter(|status| (100..600).contains(status));
        let digits = line::status_digits(status.ok_or(Error::InvalidArgument)?);
        if !line::is_sendable_text(reason.to_bytes()) {
            return Err(Error::InvalidArgument);
        }
        self.send(&[line::VERSION, &digits, reason.to_bytes(), line::END], deadline)
    }

    /// Sends a field.
    ///
    /// # Errors
    /// `EINVAL` for a name or a value that would not stay one, `EPROTO` for an empty value; those of the socket.
    pub fn send_field(&self, name: &CStr, value: &CStr, deadline: i64) -> Result<()> {
        let (name, value) = (name.to_bytes(), line::trimmed(value.to_bytes()));
        if !line::is_sendable_name(name) || !line::is_sendable_text(value) {
            return Err(Error::InvalidArgument);
        }
        if value.is_empty() {
            return Err(Error::Protocol);
        }
        self.send(&[name, b": ", value, line::END], deadline)
    }

    /// Ends the header that is sent.
    ///
    /// # Errors
    /// `EPIPE` when that was done; those of the socket.
    pub fn done(&self, deadline: i64) -> Result<()> {
        if self.outbound_done.get() {
            return Err(Error::Closed);
        }
        self.send(&[line::END], deadline)?;
        self.outbound_done.set(true);
        Ok(())
    }

    /// Sends bytes that were put together from at most [`PARTS`] parts.
    ///
    /// # Errors
    /// `ECONNRESET` when the direction is broken, and those of the socket.
    pub fn send(&self, parts: &[&[u8]], deadline: i64) -> Result<()> {
        debug_assert!(parts.len() <= PARTS);
        self.soundness.check_outbound()?;
        let empty =
            dill_iolist { iol_base: ptr::null_mut(), iol_len: 0, iol_next: ptr::null_mut(), iol_rsvd: 0 };
        let mut items = [empty; PARTS];
        let first = items.as_mut_ptr();
        let mut last = first;
        for (index, part) in parts.iter().enumerate() {
            // SAFETY: there are so many items at least, and nobody else uses them.
            unsafe {
                last = first.add(index);
                (*last).iol_base = part.as_ptr().cast_mut().cast();
                (*last).iol_len = part.len();
                if index > 0 {
                    (*last.sub(1)).iol_next = last;
                }
            }
        }
        // SAFETY: the items outlive the call.
        let chain = unsafe { List::new(first, last) }.check(Use::Send)?;
        if on() {
            trace::message_at(&self.traced, Direction::Sent, "line", chain.size(), &Cursor::new(&chain));
        }
        self.soundness.send(|| self.stream.send_from(&mut Cursor::new(&chain), deadline))
    }

    /// Receives a request line.
    ///
    /// # Errors
    /// `EPROTO` when it is none, `EMSGSIZE` when a part does not fit, or the line is too long for anybody; `EPIPE` after
    /// the end of the header; those of the socket.
    pub fn receive_request(&self, command: Room, resource: Room, deadline: i64) -> Result<()> {
        self.receive(deadline, |text| {
            let (first, second) = line::request(text)?;
            command.store(first)?;
            resource.store(second)
        })
    }

    /// Receives a status line, and returns the status.
    ///
    /// # Errors
    /// As [`Header::receive_request`].
    pub fn receive_status(&self, reason: Room, deadline: i64) -> Result<c_int> {
        self.receive(deadline, |text| {
            let (status, text) = line::status(text)?;
            reason.store(text)?;
            Ok(c_int::from(status))
        })
    }

    /// Receives a field.
    ///
    /// # Errors
    /// As [`Header::receive_request`].
    pub fn receive_field(&self, name: Room, value: Room, deadline: i64) -> Result<()> {
        self.receive(deadline, |text| {
            let (first, second) = line::field(text)?;
            name.store(first)?;
            value.store(second)
        })
    }

    /// Receives a line and reads it. `EPIPE` at the end of the header, and from then on.
    pub fn receive<T>(&self, deadline: i64, read: impl FnOnce(&[u8]) -> Result<T>) -> Result<T> {
        if self.receiving.get() {
            return Err(Error::Busy);
        }
        if self.inbound_done.get() {
            return Err(Error::Closed);
        }
        self.soundness.check_inbound()?;
        self.receiving.set(true);
        let store = |bytes: &[u8]| {
            let mut line = self.line.borrow_mut();
            let fits = line.len() + bytes.len() <= LONGEST_LINE && line.try_reserve(bytes.len()).is_ok();
            if fits {
                line.extend_from_slice(bytes);
            }
            fits
        };
        let received = self.soundness.receive(|| suffix::receive(&self.stream, line::END, deadline, store));
        self.receiving.set(false);
        let mut line = self.line.borrow_mut();
        let outcome = received.and_then(|size| {
            if on() {
                let beginning = &line[..line.len().min(trace::SHOWN)];
                trace::message(&self.traced, Direction::Received, "line", size, beginning);
            }
            if size > 0 {
                return read(&line);
            }
            self.inbound_done.set(true);
            Err(Error::Closed)
        });
        line.clear();
        line.shrink_to(KEPT_LINE);
        outcome
    }

    /// Ends the header that is sent, unless that was done, and waits for the end of the other.
    ///
    /// # Errors
    /// `ECONNRESET` when a direction is broken, and those of the socket.
    pub fn finish(&self, deadline: i64) -> Result<()> {
        if !self.outbound_done.get() {
            self.done(deadline)?;
        }
        let mut patience = Patience::new(deadline);
        while !self.inbound_done.get() {
            match self.receive(deadline, |line| Ok(line.len())) {
                Ok(size) => patience.spend(size)?,
                Err(Error::Closed) if self.inbound_done.get() => {}
                Err(error) => return Err(error),
            }
        }
        self.soundness.check()
    }
}

/// Memory for a string of the program's, with its terminating NUL. A pointer and no more: the program may pass the same
/// memory twice.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    start: *mut u8,
    length: usize,
}

impl Room {
    /// `length` bytes at `start`; none when that is NULL.
    ///
    /// # Safety
    /// NULL, or that many bytes are there, until the call that is given the room returns.
    pub unsafe fn new(start: *mut u8, length: usize) -> Self {
        Self { start, length: if start.is_null() { 0 } else { length } }
    }

    /// Stores a string.
    ///
    /// # Errors
    /// `EMSGSIZE` when it does not fit with its NUL; nothing is stored then.
    pub fn store(self, text: &[u8]) -> Result<()> {
        if text.len() >= self.length {
            return Err(Error::MessageSize);
        }
        // SAFETY: room for the text and its NUL. The text is ours.
        unsafe {
            ptr::copy_nonoverlapping(text.as_ptr(), self.start, text.len());
            self.start.add(text.len()).write(0);
        }
        Ok(())
    }
}
