//! Frames that are received, and the messages they make.

use super::super::super::error::{Error, Result};
use super::super::iolist::{Chain, Cursor};
use super::super::patience::Patience;
use super::{CONTROL, LIBRARY, TOLD, Ws};
use crate::trace::{self, Direction};
use crate::websocket::frame::{self, Header, MAX_CONTROL_PAYLOAD, Parsed, opcode};
use crate::websocket::{close, mask, utf8};
use std::ptr;

/// Where in the stream of frames we are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Position {
    /// The message that was begun.
    message: Option<Message>,
    /// Payload bytes of the present data frame that have not been received.
    left: u64,
    /// Whether the present data frame is its message's last.
    fin: bool,
    key: Option<[u8; 4]>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Message {
    text: bool,
    /// It was too large, and nobody waits for its rest.
    dropped: bool,
}

/// The peer's last word.
#[derive(Clone, Copy, Debug)]
pub struct Farewell {
    /// The code; 0 when there was none.
    pub status: u16,
    reason: [u8; MAX_CONTROL_PAYLOAD],
    length: usize,
}

impl Farewell {
    /// The reason, which is UTF-8.
    pub fn reason(&self) -> &[u8] {
        &self.reason[..self.length]
    }
}

/// A message that was received.
#[derive(Clone, Copy, Debug)]
pub struct Received {
    /// Its size.
    pub size: usize,
    /// Whether it is text.
    pub text: bool,
}

/// What the peer did wrong.
struct Violation(close::Code);

const PROTOCOL_ERROR: Violation = Violation(close::PROTOCOL_ERROR);

impl Ws {
    /// Receives a message into a list.
    ///
    /// # Errors
    /// `EPIPE` after the peer's close frame or the end of the stream; `EMSGSIZE` when it does not fit, and then the rest
    /// of it is dropped before the next one is received; `EPROTO` when the peer broke the protocol, and `ECONNRESET` from
    /// then on; `EBUSY`, those of the socket.
    pub fn receive_message(&self, chain: &Chain, deadline: i64) -> Result<Received> {
        if self.receiving.get() {
            return Err(Error::Busy);
        }
        if self.farewell.get().is_some() {
            return Err(Error::Closed);
        }
        if let Some(error) = self.inbound_failed.get() {
            return Err(error);
        }
        self.receiving.set(true);
        self.settle_outbox(deadline);
        let received = self.receive(&mut Cursor::new(chain), deadline);
        self.receiving.set(false);
        match received {
            Err(Error::MessageSize | Error::Busy) | Ok(_) => {}
            Err(_) if self.farewell.get().is_some() => {}
            // As connections do: what ended in order has ended, and the rest is broken.
            Err(Error::Closed) => self.inbound_failed.set(Some(Error::Closed)),
            Err(_) => self.inbound_failed.set(Some(Error::Reset)),
        }
        received
    }

    fn receive(&self, cursor: &mut Cursor, deadline: i64) -> Result<Received> {
        let mut size = 0usize;
        let mut patience = Patience::new(deadline);
        let mut text = Text::new();
        loop {
            let position = self.position.get();
            if let Some(message) = position.message {
                if position.left > 0 && message.dropped {
                    let count = usize::try_from(position.left).unwrap_or(usize::MAX).min(SKIP_AT_ONCE);
                    // SAFETY: nothing is written.
                    let mut nowhere = unsafe { Cursor::over(ptr::null_mut(), count) };
                    self.stream.receive_into(&mut nowhere, deadline)?;
                    self.position.set(Position { left: position.left - count as u64, ..position });
                    patience.spend(count)?;
                    continue;
                }
                let room = cursor.remaining().min(LARGEST - size);
                let Some(length) = usize::try_from(position.left).ok().filter(|length| *length <= room)
                else {
                    self.drop_message(position);
                    return Err(Error::MessageSize);
                };
                self.receive_payload(cursor, length, &mut text, deadline)?;
                size += length;
                self.position.set(Position { left: 0, ..position });
                // There may be any number of frames without payload.
                patience.spend(length.saturating_add(CONTROL))?;
                if position.fin {
                    self.position.set(Position::default());
                    if message.text && !message.dropped && !text.is_complete() {
                        return Err(self.violated(Violation(close::INVALID_PAYLOAD), deadline));
                    }
                    if !message.dropped {
                        return Ok(Received { size, text: message.text });
                    }
                }
            }
            let header = self.receive_header(deadline)?;
            if opcode::is_control(header.opcode) {
                self.receive_control(&header, deadline)?;
                patience.spend(CONTROL)?;
            } else if let Err(violation) = self.begin_frame(&header) {
                return Err(self.violated(violation, deadline));
            }
        }
    }

    /// Remembers that nobody waits for the rest of a message.
    fn drop_message(&self, position: Position) {
        let message = position.message.map(|message| Message { dropped: true, ..message });
        self.position.set(Position { message, ..position });
    }

    /// Receives the next header and checks it, except for its place among others.
    fn receive_header(&self, deadline: i64) -> Result<Header> {
        let header = loop {
            match self.stream.show(frame::parse) {
                Ok(Parsed::Need(count)) => self.ensure(count, deadline)?,
                Ok(Parsed::Done(header, length)) => {
                    if trace::on() {
                        self.tell_received(&header, length);
                    }
                    self.stream.consume(length);
                    break header;
                }
                Err(_) => return Err(self.violated(PROTOCOL_ERROR, deadline)),
            }
        };
        // Only clients mask, and they always do (RFC 6455, section 5.1). There are no extensions.
        let allowed =
            header.rsv == 0 && opcode::is_defined(header.opcode) && header.mask.is_some() == self.server;
        if allowed { Ok(header) } else { Err(self.violated(PROTOCOL_ERROR, deadline)) }
    }

    /// Takes the header of a data frame into account (section 5.4).
    fn begin_frame(&self, header: &Header) -> core::result::Result<(), Violation> {
        let begun = self.position.get().message;
        let message = match (header.opcode, begun) {
            (opcode::CONTINUATION, Some(message)) => message,
            (opcode::TEXT | opcode::BINARY, None) => {
                Message { text: header.opcode == opcode::TEXT, dropped: false }
            }
            _ => return Err(PROTOCOL_ERROR),
        };
        self.position.set(Position {
            message: Some(message),
            left: header.payload_length,
            fin: header.fin,
            key: header.mask,
        });
        Ok(())
    }

    /// Receives `length` bytes of payload to where the cursor is. What was read ahead is copied; the rest is received
    /// where it belongs.
    fn receive_payload(
        &self,
        cursor: &mut Cursor,
        length: usize,
        text: &mut Text,
        deadline: i64,
    ) -> Result<()> {
        let key = self.position.get().key;
        let is_text = self.position.get().message.is_some_and(|message| message.text);
        let begin = cursor.clone();
        self.stream.receive_into(&mut cursor.limited(length), deadline)?;
        cursor.advance(length);
        let mut walk = begin.limited(length);
        let mut offset = 0;
        while let Some((base, count)) = walk.piece() {
            if base.is_null() {
                text.give_up();
            } else {
                // SAFETY: bytes of the program's that were received a moment ago.
                let bytes = unsafe { std::slice::from_raw_parts_mut(base, count) };
                if let Some(key) = key {
                    mask::apply(bytes, key, offset);
                }
                if is_text && text.push(bytes).is_err() {
                    return Err(self.violated(Violation(close::INVALID_PAYLOAD), deadline));
                }
            }
            offset += count as u64;
            walk.advance(count);
        }
        Ok(())
    }

    /// Receives a control frame's payload and acts upon it (section 5.5).
    fn receive_control(&self, header: &Header, deadline: i64) -> Result<()> {
        let length = usize::try_from(header.payload_length).unwrap_or(usize::MAX).min(MAX_CONTROL_PAYLOAD);
        self.stream.ensure(length, deadline)?;
        let mut payload = [0; MAX_CONTROL_PAYLOAD];
        let payload = &mut payload[..length];
        self.stream.show(|bytes| payload.copy_from_slice(&bytes[..length]));
        self.stream.consume(length);
        if let Some(key) = header.mask {
            mask::apply(payload, key, 0);
        }
        match header.opcode {
            opcode::PING => self.answer(payload, deadline),
            opcode::CLOSE => return Err(self.receive_close(payload, deadline)),
            _ => {}
        }
        Ok(())
    }

    /// Keeps the peer's last word. What it ends with: `EPIPE`, or `EPROTO` when it is no such word.
    fn receive_close(&self, payload: &[u8], deadline: i64) -> Error {
        let (code, reason) = payload.split_at(payload.len().min(2));
        let status = close::code(code).unwrap_or(0);
        let mut farewell = Farewell { status, reason: [0; MAX_CONTROL_PAYLOAD], length: reason.len() };
        farewell.reason[..reason.len()].copy_from_slice(reason);
        self.farewell.set(Some(farewell));
        if !payload.is_empty() && !(1000..5000).contains(&status) {
            self.refuse(close::PROTOCOL_ERROR, deadline);
            return Error::Protocol;
        }
        if std::str::from_utf8(reason).is_err() {
            self.refuse(close::INVALID_PAYLOAD, deadline);
            return Error::Protocol;
        }
        Error::Closed
    }

    /// The peer broke the protocol, and is told so.
    #[cold]
    fn violated(&self, violation: Violation, deadline: i64) -> Error {
        self.refuse(violation.0, deadline);
        Error::Protocol
    }

    #[cold]
    fn tell_received(&self, header: &Header, length: usize) {
        self.stream.show(|bytes| {
            let count =
                usize::try_from(header.payload_length).unwrap_or(usize::MAX).min(bytes.len() - length);
            let mut beginning = [0; TOLD];
            let beginning = &mut beginning[..count.min(TOLD)];
            beginning.copy_from_slice(&bytes[length..length + beginning.len()]);
            if let Some(key) = header.mask {
                mask::apply(beginning, key, 0);
            }
            crate::websocket::trace::frame(LIBRARY, &self.traced, Direction::Received, header, beginning);
        });
    }
}

/// The largest message: its size has to be a positive `ssize_t`.
const LARGEST: usize = isize::MAX as usize;

/// Bytes that are skipped before the clock is looked at.
const SKIP_AT_ONCE: usize = 1 << 20;

/// The text of a message, which has to be UTF-8 (section 8.1) as far as it can be seen.
struct Text {
    validator: utf8::Validator,
    checked: bool,
}

impl Text {
    fn new() -> Self {
        Self { validator: utf8::Validator::new(), checked: true }
    }

    /// Bytes were skipped: what follows them may begin anywhere.
    fn give_up(&mut self) {
        self.checked = false;
    }

    fn push(&mut self, bytes: &[u8]) -> core::result::Result<(), utf8::InvalidUtf8> {
        if self.checked { self.validator.push(bytes) } else { Ok(()) }
    }

    fn is_complete(&self) -> bool {
        !self.checked || self.validator.is_complete()
    }
}
