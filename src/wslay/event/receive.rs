//! Receiving: from pieces of frames to messages (RFC 6455, sections 5 to 7).

use super::super::callbacks::Transport as _;
use super::super::error::Error;
use super::super::frame::{Patience, Piece};
use super::super::types::wslay_event_on_msg_recv_arg;
use super::context::{Context, Role};
use super::message::{Incoming, Slot};
use crate::trace::{self, Direction};
use crate::websocket::close;
use crate::websocket::frame::{Header, RSV1, opcode};
use crate::websocket::mask;
use std::ptr;

/// Payload of at least this many bytes is received where it is stored, not through the input buffer.
const DIRECT_FROM: u64 = 4096;

/// At most this many bytes are received at once, so that they are unmasked and checked while they are
/// in the processor's cache.
const DIRECT_AT_MOST: usize = 64 * 1024;

/// Why a message is not processed further.
enum Stop {
    /// The peer broke a rule: a close frame with this code is the answer, and no error.
    Fail(close::Code),
    /// The call fails.
    Error(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Context {
    /// Reads and processes all input there is.
    ///
    /// # Errors
    /// [`Error::CallbackFailure`] and [`Error::NoMemory`]; reading has then ended.
    pub fn receive(&self) -> Result<(), Error> {
        while self.read_enabled.get() {
            match self.next_piece().map_err(Stop::Error).and_then(|piece| self.process(&piece)) {
                Ok(()) => {}
                Err(Stop::Error(Error::WantRead)) if !self.is_failed() => return Ok(()),
                Err(Stop::Error(Error::WantRead | Error::InvalidCallback)) => {
                    self.read_enabled.set(false);
                    self.answer_with_close(0, &[])?;
                    return Err(Error::CallbackFailure);
                }
                Err(Stop::Error(Error::Protocol(_))) => {
                    self.read_enabled.set(false);
                    self.answer_with_close(close::PROTOCOL_ERROR, &[])?;
                    return Err(Error::CallbackFailure);
                }
                Err(Stop::Error(error)) => {
                    self.read_enabled.set(false);
                    return Err(error);
                }
                Err(Stop::Fail(code)) => {
                    self.read_enabled.set(false);
                    return self.answer_with_close(code, &[]);
                }
            }
        }
        Ok(())
    }

    /// Queues a close frame unless one is queued already or writing has ended.
    fn answer_with_close(&self, code: close::Code, reason: &[u8]) -> Result<(), Error> {
        match self.queue_close(code, reason) {
            Err(Error::NoMoreMessages) => Ok(()),
            other => other,
        }
    }

    fn next_piece(&self) -> Result<Piece, Error> {
        match self.direct_room() {
            Some(remaining) => self.receive_directly(remaining),
            None => self.receiver.piece(self, Patience::UntilDry),
        }
    }

    /// The slot of the frame that is being received.
    fn slot(&self) -> &Slot {
        if self.control.message.get().is_some() { &self.control } else { &self.data }
    }

    /// How much of a large stored frame is to come, when nobody wants to see it piece by piece.
    #[inline]
    fn direct_room(&self) -> Option<u64> {
        let remaining = self.receiver.unbuffered().filter(|remaining| *remaining >= DIRECT_FROM)?;
        let stored = self.data.message.get().is_some_and(|message| message.stored);
        let watched = self.callbacks.get().on_frame_recv_chunk_callback.is_some();
        (stored && !watched && self.control.message.get().is_none()).then_some(remaining)
    }

    /// Receives a piece behind what is stored of the message already.
    fn receive_directly(&self, remaining: u64) -> Result<Piece, Error> {
        let fin = self.data.message.get().is_some_and(|message| message.fin);
        self.data.reserve(1, remaining, fin)?;
        let (target, room) = {
            let mut payload = self.data.payload.borrow_mut();
            let free = payload.spare_capacity_mut();
            (free.as_mut_ptr().cast::<u8>(), free.len())
        };
        let most = room.min(DIRECT_AT_MOST).min(usize::try_from(remaining).unwrap_or(usize::MAX));
        let piece = self.receiver.piece_into(self, target, most)?;
        let mut payload = self.data.payload.borrow_mut();
        let start = payload.len();
        // SAFETY: `piece_into` returned no more than `most`, which is within the capacity, and the
        // callback has stored that many bytes there: what its result says.
        unsafe { payload.set_len(start + piece.length) };
        if let Some(key) = piece.header.mask {
            mask::apply(&mut payload[start..], key, piece.offset);
        }
        Ok(piece)
    }

    fn process(&self, piece: &Piece) -> Result<(), Stop> {
        let header = &piece.header;
        if piece.is_first() && trace::on() {
            self.tell_piece(*piece);
        }
        self.check_header(header)?;
        let slot = if piece.is_first() { self.begin_frame(header)? } else { self.slot() };
        let Some(mut message) = slot.message.get() else {
            return Ok(());
        };
        // Delivered from the input buffer, without ever being stored.
        let whole =
            piece.is_first() && piece.is_last() && message.fin && message.declared <= header.payload_length;
        if message.stored && !piece.direct && !whole {
            let expected = header.payload_length - piece.offset;
            slot.reserve(piece.length, expected, message.fin)?;
        }
        self.check_text(slot, &mut message, piece)?;
        self.on_frame_chunk(piece.data, piece.length);
        if message.stored && !piece.direct && !whole {
            let mut payload = slot.payload.borrow_mut();
            self.receiver.with_piece(piece, |bytes| payload.extend_from_slice(bytes));
        }
        if piece.is_last() { self.end_frame(slot, &message, piece, whole) } else { Ok(()) }
    }

    /// Tells the trace of a frame by its first piece, which comes by value: without a trace it is in registers.
    #[cold]
    #[inline(never)]
    fn tell_piece(&self, piece: Piece) {
        if piece.direct {
            let payload = self.data.payload.borrow();
            self.tell(Direction::Received, &piece.header, &payload[payload.len() - piece.length..]);
        } else {
            self.receiver.with_piece(&piece, |bytes| self.tell(Direction::Received, &piece.header, bytes));
        }
    }

    /// What holds for every piece of every frame.
    #[inline]
    fn check_header(&self, header: &Header) -> Result<(), Stop> {
        let reserved = header.rsv & !self.allowed_rsv.get() != 0;
        // An extension bit speaks of the message, so it stands in its first frame only.
        let misplaced = header.rsv & RSV1 != 0
            && (opcode::is_control(header.opcode) || header.opcode == opcode::CONTINUATION);
        let unmasked = header.mask.is_some() != (self.role == Role::Server);
        if reserved || misplaced || unmasked { Err(Stop::Fail(close::PROTOCOL_ERROR)) } else { Ok(()) }
    }

    /// Finds the message that a new frame belongs to, and tells the program of the frame.
    fn begin_frame(&self, header: &Header) -> Result<&Slot, Stop> {
        let under_way = self.data.message.get();
        let slot = match (header.opcode, under_way) {
            (opcode::CONTINUATION, Some(message)) => {
                self.data.message.set(Some(Incoming { fin: header.fin, ..message }));
                &self.data
            }
            (opcode::TEXT | opcode::BINARY, None) => {
                self.data.reset();
                self.data.message.set(Some(Incoming::new(header, self.no_buffering())));
                &self.data
            }
            (opcode::CLOSE | opcode::PING | opcode::PONG, _) => {
                self.control.reset();
                self.control.message.set(Some(Incoming::new(header, false)));
                &self.control
            }
            _ => return Err(Stop::Fail(close::PROTOCOL_ERROR)),
        };
        if let Some(message) = slot.message.get() {
            let declared = message.declared.saturating_add(header.payload_length);
            if declared > self.max_recv_msg_length.get() {
                return Err(Stop::Fail(close::TOO_BIG));
            }
            let declared = if message.stored { declared } else { 0 };
            slot.message.set(Some(Incoming { declared, ..message }));
        }
        self.on_frame_start(header);
        Ok(slot)
    }

    /// Checks the piece if it has to be UTF-8: text, and the reason of a close.
    #[inline]
    fn check_text(&self, slot: &Slot, message: &mut Incoming, piece: &Piece) -> Result<(), Stop> {
        let skipped = match message.opcode {
            opcode::CLOSE => 2usize.saturating_sub(usize::try_from(piece.offset).unwrap_or(usize::MAX)),
            _ if message.is_text() => 0,
            _ => return Ok(()),
        };
        let mut check = |bytes: &[u8]| message.utf8.push(bytes.get(skipped..).unwrap_or_default());
        let verdict = if piece.direct {
            let payload = slot.payload.borrow();
            check(&payload[payload.len() - piece.length..])
        } else {
            self.receiver.with_piece(piece, check)
        };
        verdict.map_err(|_| Stop::Fail(close::INVALID_PAYLOAD))?;
        if !piece.is_last() || !message.fin {
            // The state goes on with the next piece, whatever the callbacks of this one do.
            slot.message.set(slot.message.get().map(|stored| Incoming { utf8: message.utf8, ..stored }));
        }
        Ok(())
    }

    fn end_frame(&self, slot: &Slot, message: &Incoming, piece: &Piece, whole: bool) -> Result<(), Stop> {
        if message.fin && !message.utf8.is_complete() {
            return Err(Stop::Fail(close::INVALID_PAYLOAD));
        }
        self.on_frame_end();
        if !message.fin {
            return Ok(());
        }
        // The slot is free from here on, though its payload stays where it is until the next message:
        // should the callback never return, receiving can go on.
        slot.message.set(None);
        let (data, length) = match (message.stored, whole) {
            (false, _) => (ptr::null(), 0),
            (true, true) => (piece.data, piece.length),
            (true, false) => {
                let payload = slot.payload.borrow();
                (payload.as_ptr(), payload.len())
            }
        };
        let status_code = match message.opcode {
            opcode::CLOSE => self.answer_close(slot, piece, whole)?,
            opcode::PING => {
                self.with_payload(slot, piece, whole, |payload| self.queue_answer(payload))?;
                0
            }
            _ => 0,
        };
        if self.callbacks.get().on_msg_recv_callback.is_some() {
            self.error.set(0);
        }
        self.on_message(&wslay_event_on_msg_recv_arg {
            rsv: message.rsv,
            opcode: message.opcode,
            msg: if length == 0 { ptr::null() } else { data },
            msg_length: length,
            status_code,
        });
        if !whole {
            slot.reset();
        }
        Ok(())
    }

    fn with_payload<T>(&self, slot: &Slot, piece: &Piece, whole: bool, body: impl FnOnce(&[u8]) -> T) -> T {
        if whole { self.receiver.with_piece(piece, body) } else { body(&slot.payload.borrow()) }
    }

    /// Answers a close frame with the same code and reason; returns its code, or 0 without one.
    fn answer_close(&self, slot: &Slot, piece: &Piece, whole: bool) -> Result<close::Code, Stop> {
        self.with_payload(slot, piece, whole, |payload| {
            let code = close::code(payload);
            if code.is_some_and(|code| !close::is_sendable(code)) {
                return Err(Stop::Fail(close::PROTOCOL_ERROR));
            }
            self.set_close_received(code.unwrap_or(close::NO_STATUS));
            self.read_enabled.set(false);
            let reason = payload.get(2..).unwrap_or_default();
            self.answer_with_close(code.unwrap_or(0), reason)?;
            Ok(code.unwrap_or(0))
        })
    }
}
