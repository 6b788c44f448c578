//! Frames to bytes, through a callback or into a caller's buffer.

use super::super::callbacks::Transport;
use super::super::error::Error;
use super::moved;
use crate::trace::{self, Direction};
use crate::websocket::frame::{Header, MAX_CONTROL_PAYLOAD, MAX_HEADER, opcode};
use crate::websocket::mask;
use std::cell::{Cell, RefCell};
use std::ffi::c_int;

/// `WSLAY_MSG_MORE`: more data follows at once.
const MSG_MORE: c_int = 1;

/// Masked payload is sent in copies of at most this many bytes.
const MASKED_PIECE: usize = 4096;

/// A frame to send.
#[derive(Clone, Copy, Debug)]
pub struct OutgoingFrame {
    pub fin: bool,
    pub rsv: u8,
    /// As the program said it: the low 4 bits are sent.
    pub opcode: u8,
    pub masked: bool,
    /// Of the whole frame, in bytes.
    pub payload_length: u64,
}

/// The part of a frame's payload that is offered now, by address: a callback may run while it is in use.
#[derive(Clone, Copy, Debug)]
pub struct Payload {
    data: *const u8,
    length: usize,
}

impl Payload {
    /// # Safety
    /// `length` bytes at `data` stay readable and unchanged until the sending call has returned. `data`
    /// may be NULL when `length` is 0.
    pub unsafe fn new(data: *const u8, length: usize) -> Self {
        Self { data, length }
    }

    #[inline]
    fn bytes(&self, from: usize, to: usize) -> &[u8] {
        if from == to {
            return &[];
        }
        debug_assert!(from < to && to <= self.length);
        // SAFETY: inside the bytes that `new` was promised, and not empty, so `data` is not NULL.
        unsafe { std::slice::from_raw_parts(self.data.add(from), to - from) }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    /// Between two frames.
    Start,
    /// A header is partly sent.
    Header,
    /// The header is out; payload is missing.
    Payload,
}

/// The sending half.
pub struct Sender {
    state: Cell<State>,
    header: RefCell<[u8; MAX_HEADER]>,
    header_length: Cell<usize>,
    header_sent: Cell<usize>,
    /// What the masking callback wrote last. It may leave the key as it is.
    key: Cell<[u8; 4]>,
    masked: Cell<bool>,
    /// Payload of the present frame: declared, and sent.
    length: Cell<u64>,
    offset: Cell<u64>,
    /// How much of it was taken during a call that a callback then left: whoever made the call offers it again.
    untold: Cell<usize>,
}

impl Sender {
    pub const fn new() -> Self {
        Self {
            state: Cell::new(State::Start),
            header: RefCell::new([0; MAX_HEADER]),
            header_length: Cell::new(0),
            header_sent: Cell::new(0),
            key: Cell::new([0; 4]),
            masked: Cell::new(false),
            length: Cell::new(0),
            offset: Cell::new(0),
            untold: Cell::new(0),
        }
    }

    /// Sends what the callback takes of a frame; returns how many bytes of `payload` were taken.
    ///
    /// # Errors
    /// [`Error::WantWrite`] when nothing of the payload was taken, [`Error::InvalidArgument`] for a frame
    /// that cannot be (nothing is sent, the next call may go on properly), [`Error::InvalidCallback`]
    /// when a callback is missing, fails to make a key, claims more than it was offered, or sent itself.
    #[inline]
    pub fn send(
        &self,
        program: &impl Transport,
        frame: &OutgoingFrame,
        payload: Payload,
    ) -> Result<usize, Error> {
        self.check(frame, payload)?;
        if self.state.get() == State::Start {
            self.prepare(program, frame)?;
            if trace::on() {
                self.tell(program, frame, payload);
            }
        }
        if self.state.get() == State::Header {
            let sent = self.header_sent.get();
            let rest = self.header_length.get() - sent;
            let flags = if payload.length > 0 { MSG_MORE } else { 0 };
            let data = self.header.as_ptr().cast::<u8>().wrapping_add(sent);
            let taken = moved(program.send(data, rest, flags)?, rest, Error::WantWrite)?;
            self.check_undisturbed(program, State::Header, sent, 0)?;
            self.header_sent.set(sent + taken);
            if taken < rest {
                return Err(Error::WantWrite);
            }
            self.state.set(State::Payload);
        }
        let total = match (payload.length, self.masked.get()) {
            (0, _) => 0,
            (length, false) => {
                let offset = self.offset.get();
                let taken = moved(program.send(payload.data, length, 0)?, length, Error::WantWrite)?;
                self.check_undisturbed(program, State::Payload, self.header_length.get(), offset)?;
                self.advance(taken);
                taken
            }
            // Short payload does not pay for a long buffer.
            (..=128, true) => self.send_masked::<128>(program, payload)?,
            (..=1024, true) => self.send_masked::<1024>(program, payload)?,
            (_, true) => self.send_masked::<MASKED_PIECE>(program, payload)?,
        };
        self.finish();
        Ok(total)
    }

    /// Sends masked copies of the payload, at most `ROOM` bytes each.
    #[inline(never)]
    fn send_masked<const ROOM: usize>(
        &self,
        program: &impl Transport,
        payload: Payload,
    ) -> Result<usize, Error> {
        let mut piece = [0; ROOM];
        let mut total = self.untold.get().min(payload.length);
        while total < payload.length {
            let end = payload.length.min(total + ROOM);
            let offset = self.offset.get();
            mask::copy(&mut piece, payload.bytes(total, end), self.key.get(), offset);
            match moved(program.send(piece.as_ptr(), end - total, 0)?, end - total, Error::WantWrite) {
                Ok(taken) => {
                    self.check_undisturbed(program, State::Payload, self.header_length.get(), offset)?;
                    self.advance(taken);
                    self.untold.set(self.untold.get() + taken);
                    total += taken;
                }
                Err(Error::WantWrite) if total > 0 => break,
                Err(error) => return Err(error),
            }
        }
        self.untold.set(self.untold.get() - total);
        Ok(total)
    }

    /// Writes what fits `buffer`; returns the bytes written, header included, and the bytes of
    /// `payload` among them. A header is begun only when it fits as a whole.
    ///
    /// # Errors
    /// As [`Sender::send`], but never [`Error::WantWrite`].
    pub fn write(
        &self,
        program: &impl Transport,
        frame: &OutgoingFrame,
        payload: Payload,
        buffer: &mut [u8],
    ) -> Result<(usize, usize), Error> {
        self.check(frame, payload)?;
        if self.state.get() == State::Start {
            if buffer.len() < frame.header([0; 4]).encoded_len() {
                return Ok((0, 0));
            }
            self.prepare(program, frame)?;
            if trace::on() {
                self.tell(program, frame, payload);
            }
        }
        let mut used = 0;
        if self.state.get() == State::Header {
            let header = self.header.borrow();
            let rest = &header[self.header_sent.get()..self.header_length.get()];
            used = rest.len().min(buffer.len());
            buffer[..used].copy_from_slice(&rest[..used]);
            self.header_sent.set(self.header_sent.get() + used);
            if used < rest.len() {
                return Ok((used, 0));
            }
            self.state.set(State::Payload);
        }
        let told = self.untold.get().min(payload.length);
        let written = (payload.length - told).min(buffer.len() - used);
        let target = &mut buffer[used..used + written];
        let bytes = payload.bytes(told, told + written);
        if self.masked.get() {
            mask::copy(target, bytes, self.key.get(), self.offset.get());
        } else {
            target.copy_from_slice(bytes);
        }
        self.untold.set(self.untold.get() - told);
        self.advance(written);
        self.finish();
        Ok((used + written, told + written))
    }

    fn check(&self, frame: &OutgoingFrame, payload: Payload) -> Result<(), Error> {
        let offered = payload.length as u64;
        if offered > frame.payload_length {
            return Err(Error::InvalidArgument);
        }
        let valid = if self.state.get() == State::Start {
            let limit =
                if opcode::is_control(frame.opcode) { MAX_CONTROL_PAYLOAD as u64 } else { (1 << 63) - 1 };
            frame.payload_length <= limit
        } else {
            offered <= self.length.get() - self.offset.get() + self.untold.get() as u64
        };
        if valid { Ok(()) } else { Err(Error::InvalidArgument) }
    }

    /// Refuses what a callback took when it sent by the library itself meanwhile, on the same frame or a new one.
    #[inline]
    fn check_undisturbed<T: Transport>(
        &self,
        _program: &T,
        state: State,
        header_sent: usize,
        offset: u64,
    ) -> Result<(), Error> {
        let found = (self.state.get(), self.header_sent.get(), self.offset.get());
        if T::REENTRANT && found != (state, header_sent, offset) {
            return Err(Error::InvalidCallback);
        }
        Ok(())
    }

    /// Makes the header of a new frame, with a key of its own if it is masked.
    #[inline]
    fn prepare(&self, program: &impl Transport, frame: &OutgoingFrame) -> Result<(), Error> {
        if frame.masked {
            let (sent, offset) = (self.header_sent.get(), self.offset.get());
            program.generate_mask(self.key.as_ptr().cast())?;
            self.check_undisturbed(program, State::Start, sent, offset)?;
        }
        self.header_length.set(frame.header(self.key.get()).encode(&mut self.header.borrow_mut()));
        self.header_sent.set(0);
        self.masked.set(frame.masked);
        self.length.set(frame.payload_length);
        self.offset.set(0);
        self.untold.set(0);
        self.state.set(State::Header);
        Ok(())
    }

    /// Tells the trace of the frame that was prepared.
    #[cold]
    #[inline(never)]
    fn tell(&self, program: &impl Transport, frame: &OutgoingFrame, payload: Payload) {
        let header = frame.header(self.key.get());
        program.tell(Direction::Sent, &header, payload.bytes(0, payload.length));
    }

    fn advance(&self, sent: usize) {
        self.offset.set(self.offset.get() + sent as u64);
    }

    fn finish(&self) {
        if self.offset.get() == self.length.get() {
            self.state.set(State::Start);
        }
    }
}

impl OutgoingFrame {
    #[inline]
    fn header(&self, key: [u8; 4]) -> Header {
        Header {
            fin: self.fin,
            rsv: self.rsv,
            opcode: self.opcode,
            mask: self.masked.then_some(key),
            payload_length: self.payload_length,
        }
    }
}
