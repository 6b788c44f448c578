//! Receiving: from bytes to the program's callback (RFC 6455, sections 5 to 7).
//!
//! A program gets payload in chunks: when a frame ends, and whenever `rx_buffer_size` bytes of it are together. A
//! chunk has room of the library's before it and a NUL behind it, and is the program's to write on. One that is
//! together in what was read is unmasked and handed over where it is: what was before it is done with, and what is
//! behind it is put by meanwhile.

use super::super::Failure;
use super::super::context::{LONG_READ, READ};
use super::super::extension::{Hook, Inflated};
use super::super::log;
use super::super::personality::Reason;
use super::super::types::lws_tokens;
use super::send::Kind;
use super::{Connection, Frame, POST_PADDING, PRE_PADDING, Phase, Stop};
use crate::trace::{self, Direction};
use crate::websocket::close;
use crate::websocket::frame::{self, Header, MAX_CONTROL_PAYLOAD, Parsed, opcode};
use crate::websocket::mask;
use std::ffi::c_void;

/// The size of a chunk when the protocol says none.
const CHUNK: usize = 4096;

/// Bytes that are decompressed at once, at most.
const STEP: usize = 4096;

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Fail(failure)
    }
}

impl Connection {
    /// Processes bytes of frames, which stay where they are meanwhile, are this call's to write on, and have room before
    /// and behind them.
    pub fn receive(&self, start: *mut u8, length: usize) -> Result<(), Stop> {
        let result = self.receive_frames(start, length);
        self.behind_in.set(0);
        result
    }

    fn receive_frames(&self, start: *mut u8, length: usize) -> Result<(), Stop> {
        let ticket = self.ticket();
        let mut at = 0;
        while at < length {
            self.still(ticket)?;
            // SAFETY: within the caller's bytes; nothing is called and nothing written while the slice is used.
            let rest = unsafe { std::slice::from_raw_parts(start.add(at), length - at) };
            if !self.takes_input() {
                return self.put_by(rest);
            }
            let mut frame = self.frame.get();
            if !frame.open {
                let Some((header, used)) = self.receive_header(rest)? else { return Ok(()) };
                at += used;
                frame = self.begin_frame(&header, &rest[used..])?;
                if at == length && frame.remaining > 0 {
                    return Ok(());
                }
            }
            // SAFETY: within the caller's bytes, or right behind them.
            at += self.receive_payload(&mut frame, unsafe { start.add(at) }, length - at)?;
        }
        Ok(())
    }

    /// The header at the beginning of `bytes`, together with what came of it before, and how many bytes it took.
    fn receive_header(&self, bytes: &[u8]) -> Result<Option<(Header, usize)>, Stop> {
        let before = usize::from(self.header_length.get());
        if before == 0 {
            match frame::parse(bytes).map_err(Failure::from)? {
                Parsed::Done(header, used) => return Ok(Some((header, used))),
                Parsed::Need(_) => {}
            }
        }
        let mut header = self.header.get();
        let taken = bytes.len().min(header.len() - before);
        header[before..before + taken].copy_from_slice(&bytes[..taken]);
        match frame::parse(&header[..before + taken]).map_err(Failure::from)? {
            Parsed::Done(header, used) => {
                self.header_length.set(0);
                Ok(Some((header, used - before)))
            }
            Parsed::Need(_) => {
                self.header.set(header);
                self.header_length.set((before + taken) as u8);
                Ok(None)
            }
        }
    }

    /// A frame begins. `beginning` is what is there of its payload, as it came, for the trace.
    fn begin_frame(&self, header: &Header, beginning: &[u8]) -> Result<Frame, Stop> {
        if trace::on() {
            self.tell_received(header, beginning);
        }
        let limits = &self.context().limits;
        let control = opcode::is_control(header.opcode);
        if !limits.lenient {
            if header.mask.is_some() == self.is_client() {
                return Err(if self.is_client() { Failure::Masked } else { Failure::Unmasked }.into());
            }
            let compressed = self.deflate.borrow().is_some();
            if header.rsv != 0 && !self.has_active.get() && !(compressed && header.rsv == frame::RSV1) {
                return Err(Failure::ReservedBits.into());
            }
            if !opcode::is_defined(header.opcode) && (control || !self.has_active.get()) {
                return Err(Failure::ReservedOpcode.into());
            }
        }
        if let Some(deflate) = self.deflate.borrow_mut().as_deref_mut() {
            let compressed = deflate.begin(header).map_err(|_| Failure::MisplacedRsv1)?;
            if !control {
                self.inflating.set(compressed);
            }
        }
        if !control {
            self.begin_data(header)?;
        }
        let frame = Frame {
            open: true,
            fin: header.fin,
            rsv: header.rsv,
            opcode: header.opcode,
            mask: header.mask,
            offset: 0,
            remaining: header.payload_length,
        };
        self.frame.set(frame);
        Ok(frame)
    }

    fn begin_data(&self, header: &Header) -> Result<(), Stop> {
        let limits = &self.context().limits;
        let mut message = self.message.get();
        let begins = matches!(header.opcode, opcode::TEXT | opcode::BINARY);
        if begins {
            self.binary.set(header.opcode == opcode::BINARY);
        }
        if limits.strict && begins == message.open {
            return Err(Failure::FragmentsOutOfOrder.into());
        }
        if begins || !message.open {
            message.length = 0;
            message.inflated = 0;
            message.text = header.opcode == opcode::TEXT;
            message.utf8 = Default::default();
        }
        message.length = message.length.saturating_add(header.payload_length);
        message.open = !header.fin;
        if message.length > limits.message {
            return Err(Failure::TooLarge.into());
        }
        self.message.set(message);
        Ok(())
    }

    /// The most payload that the program gets at once.
    fn chunk_size(&self) -> usize {
        // SAFETY: an entry of the program's table.
        match unsafe { (*self.protocol()).rx_buffer_size } {
            0 => CHUNK,
            size => size,
        }
    }

    /// How much to read at once: in the midst of a long frame up to the end of a chunk, so that chunks do not have to be
    /// put together from two reads.
    pub fn read_size(&self) -> usize {
        if !self.is_within_long_frame() {
            return READ;
        }
        let chunk = self.chunk_size();
        let missing = chunk.saturating_sub(self.partial.borrow().len().saturating_sub(PRE_PADDING));
        let most = if self.frame.get().remaining < LONG_READ as u64 { READ } else { LONG_READ };
        if missing == 0 || missing > most { most } else { missing + (most - missing) / chunk * chunk }
    }

    /// Whether at least a read's worth of a data frame has yet to come, as it is.
    pub fn is_within_long_frame(&self) -> bool {
        let frame = self.frame.get();
        frame.open
            && frame.remaining >= READ as u64
            && !self.inflating.get()
            && !opcode::is_control(frame.opcode)
    }

    /// Takes payload of the open frame, up to the end of a chunk, from the bytes at `place`, as [`Connection::receive`].
    /// Returns how many bytes that were.
    fn receive_payload(&self, frame: &mut Frame, place: *mut u8, left: usize) -> Result<usize, Stop> {
        let available = usize::try_from(frame.remaining).unwrap_or(usize::MAX).min(left);
        if opcode::is_control(frame.opcode) || self.inflating.get() {
            let taken = available.min(STEP);
            self.set_behind(taken < left);
            // SAFETY: the caller's bytes, and nobody writes them before they have been copied.
            let bytes = unsafe { std::slice::from_raw_parts(place, taken) };
            return if opcode::is_control(frame.opcode) {
                self.receive_control(frame, bytes)
            } else {
                self.receive_compressed(frame, bytes, taken < left)
            };
        }
        let chunk = self.chunk_size();
        let filled = self.partial.borrow().len().saturating_sub(PRE_PADDING);
        let taken = available.min(chunk.saturating_sub(filled));
        self.set_behind(taken < left);
        // SAFETY: the caller's bytes; the slice is not used across a callback.
        let bytes = unsafe { std::slice::from_raw_parts_mut(place, taken) };
        let offset = frame.offset;
        frame.offset += taken as u64;
        frame.remaining -= taken as u64;
        let complete = frame.remaining == 0;
        frame.open = !complete;
        self.frame.set(*frame);
        if !complete && filled + taken < chunk {
            self.keep_partial(bytes, frame, offset)?;
        } else if filled > 0 {
            self.keep_partial(bytes, frame, offset)?;
            let mut partial = self.partial.take();
            partial.try_reserve(POST_PADDING).map_err(|_| Stop::Close)?;
            partial.resize(PRE_PADDING + filled + taken + POST_PADDING, 0);
            let scratch = &self.context().scratch;
            let buffer = scratch.lend(partial);
            // SAFETY: within the buffer.
            let result = self.deliver(unsafe { buffer.start.add(PRE_PADDING) }, filled + taken, frame);
            scratch.take_back();
            result?;
        } else {
            if let Some(key) = frame.mask {
                mask::apply(bytes, key, offset);
            }
            // SAFETY: there is room behind the caller's bytes; the program may write there, and on what was before them.
            let (behind, next) = unsafe {
                let behind = place.add(taken).cast::<[u8; POST_PADDING]>();
                (behind, behind.read_unaligned())
            };
            let result = self.deliver(place, taken, frame);
            // SAFETY: the bytes stay where they are, whatever happened to the connection.
            unsafe { behind.write_unaligned(next) };
            result?;
        }
        Ok(taken)
    }

    /// Keeps payload that is no chunk yet, unmasked, behind the room that a chunk has before it.
    fn keep_partial(&self, bytes: &[u8], frame: &Frame, offset: u64) -> Result<(), Stop> {
        let mut partial = self.partial.borrow_mut();
        if partial.is_empty() {
            *partial = self.context().scratch.empty();
            // All that the chunk can take, if that is not much more than what is there.
            let rest = usize::try_from(frame.remaining).unwrap_or(usize::MAX);
            let whole = self.chunk_size().min(bytes.len().saturating_add(rest)).min(READ);
            let room = whole.max(bytes.len()) + PRE_PADDING + POST_PADDING;
            partial.try_reserve_exact(room).map_err(|_| Stop::Close)?;
            partial.resize(PRE_PADDING, 0);
        }
        partial.try_reserve(bytes.len()).map_err(|_| Stop::Close)?;
        let begin = partial.len();
        partial.extend_from_slice(bytes);
        if let Some(key) = frame.mask {
            mask::apply(&mut partial[begin..], key, offset);
        }
        Ok(())
    }

    /// Hands a chunk to extensions and the program.
    ///
    /// A NUL is written behind it, and before it is room for the header of a frame.
    fn deliver(&self, start: *mut u8, length: usize, frame: &Frame) -> Result<(), Stop> {
        let mut tokens = super::hooks::tokens(start, length);
        if !opcode::is_defined(frame.opcode) {
            return self.deliver_unknown(tokens);
        }
        if self.has_active.get() {
            let ticket = self.ticket();
            for active in self.active() {
                let result = self.hook(&active, Hook::PayloadRx, (&raw mut tokens).cast(), 0);
                self.still(ticket)?;
                if result < 0 {
                    log::line(log::EXT, format_args!("Extension failed to handle payload!\n"));
                    return Err(Stop::Close);
                }
            }
        }
        match usize::try_from(tokens.token_len) {
            Ok(length @ 1..) => self.hand_over(tokens.token.cast(), length, frame),
            // An extension may have taken it all; then there is nothing to tell.
            _ if length == 0 => self.hand_over_nothing(start, frame),
            _ => self.check_text(&[], frame),
        }
    }

    /// An empty frame is told of only where the environment wants empty messages, and when it ends one.
    fn hand_over_nothing(&self, start: *mut u8, frame: &Frame) -> Result<(), Stop> {
        if self.context().limits.strict && frame.fin {
            self.hand_over(start, 0, frame)
        } else {
            self.check_text(&[], frame)
        }
    }

    /// Hands bytes to the program.
    fn hand_over(&self, start: *mut u8, length: usize, frame: &Frame) -> Result<(), Stop> {
        if self.context().limits.strict {
            // SAFETY: the bytes of the chunk.
            self.check_text(unsafe { std::slice::from_raw_parts(start, length) }, frame)?;
        }
        // SAFETY: a chunk has room behind it, those of extensions as well.
        unsafe { start.add(length).write(0) };
        let ticket = self.ticket();
        let reason = if self.is_client() { Reason::ClientReceive } else { Reason::Receive };
        let result = self.call(reason, start.cast::<c_void>(), length)?;
        if result < 0 {
            return Err(Stop::Close);
        }
        self.apply_flow();
        self.still(ticket)
    }

    /// Checks that a text message is UTF-8, where the environment wants that.
    fn check_text(&self, bytes: &[u8], frame: &Frame) -> Result<(), Stop> {
        let mut message = self.message.get();
        if !self.context().limits.strict || !message.text {
            return Ok(());
        }
        let ends = frame.fin && frame.remaining == 0 && !self.more_output.get();
        let valid = message.utf8.push(bytes).is_ok() && (!ends || message.utf8.is_complete());
        self.message.set(message);
        if valid { Ok(()) } else { Err(Failure::TextNotUtf8.into()) }
    }

    /// Shows extensions a chunk of a frame whose opcode we do not know.
    fn deliver_unknown(&self, mut tokens: lws_tokens) -> Result<(), Stop> {
        let ticket = self.ticket();
        let mut handled = self.context().limits.lenient;
        for active in self.active() {
            handled |= self.hook(&active, Hook::ExtendedPayloadRx, (&raw mut tokens).cast(), 0) != 0;
            self.still(ticket)?;
        }
        if handled { Ok(()) } else { Err(Failure::ReservedOpcode.into()) }
    }

    /// Takes at most [`STEP`] bytes of a compressed frame's payload, and hands over every chunk that comes of them. `behind`
    /// says whether more input waits behind them.
    fn receive_compressed(&self, frame: &mut Frame, bytes: &[u8], behind: bool) -> Result<usize, Stop> {
        let offset = frame.offset;
        frame.offset += bytes.len() as u64;
        frame.remaining -= bytes.len() as u64;
        let ends = frame.remaining == 0;
        frame.open = !ends;
        self.frame.set(*frame);
        let mut unmasked = [0u8; STEP];
        unmask(&mut unmasked[..bytes.len()], bytes, frame.mask, offset);
        let mut input = &unmasked[..bytes.len()];
        let chunk = self.chunk_size();
        let ticket = self.ticket();
        let context = self.context();
        loop {
            let mut partial = self.partial.take();
            let mut filled = partial.len().saturating_sub(PRE_PADDING);
            // The program may have made its chunks smaller meanwhile.
            let chunk = chunk.max(filled);
            let before = filled;
            let inflated = loop {
                // Room grows with what comes of the bytes: a chunk may be large, and few of them come of it.
                let room = chunk.min(filled + STEP.max(filled - before));
                let length = PRE_PADDING + room + POST_PADDING;
                partial.try_reserve(length - partial.len()).map_err(|_| Stop::Close)?;
                partial.resize(length, 0);
                let mut deflate = self.deflate.borrow_mut();
                let Some(deflate) = deflate.as_deref_mut() else { return Err(Stop::Close) };
                let place = &mut partial[PRE_PADDING..PRE_PADDING + room];
                let inflated = deflate.inflate(&mut input, ends, frame.fin, place, &mut filled);
                let inflated = inflated.map_err(|_| Failure::Compressed)?;
                if inflated != Inflated::Chunk || room == chunk {
                    break inflated;
                }
            };
            if inflated == Inflated::NeedInput {
                partial.truncate(if filled > 0 { PRE_PADDING + filled } else { 0 });
                if filled == 0 {
                    partial = Vec::new();
                }
                self.partial.replace(partial);
                self.more_output.set(false);
                return Ok(bytes.len());
            }
            self.more_output.set(inflated == Inflated::Chunk);
            self.set_behind(behind || inflated == Inflated::Chunk);
            self.inflated_length(filled)?;
            let buffer = context.scratch.lend(partial);
            // SAFETY: within the buffer, which has room before and behind the chunk.
            let start = unsafe { buffer.start.add(PRE_PADDING) };
            let result = match filled {
                0 => self.hand_over_nothing(start, frame),
                _ => self.hand_over(start, filled, frame),
            };
            context.scratch.take_back();
            result?;
            self.still(ticket)?;
            if inflated == Inflated::Chunk && !self.takes_input() {
                // What is left goes on from here, be it only in the decompressor.
                let used = bytes.len() - input.len();
                frame.offset = offset + used as u64;
                frame.remaining += input.len() as u64;
                frame.open = true;
                self.frame.set(*frame);
                return Ok(used);
            }
            self.more_output.set(false);
            if inflated == Inflated::Last {
                return Ok(bytes.len());
            }
        }
    }

    /// Whether a compressed frame has been held back that has more to tell without any further input.
    pub fn holds_output(&self) -> bool {
        self.more_output.get()
    }

    /// Goes on with it.
    pub fn release_output(&self) -> Result<(), Stop> {
        self.receive_compressed(&mut self.frame.get(), &[], self.stash.borrow().is_some())?;
        self.set_behind(false);
        Ok(())
    }

    /// Counts what a message decompresses to: a little of it may be a lot.
    fn inflated_length(&self, more: usize) -> Result<(), Stop> {
        let mut message = self.message.get();
        message.inflated = message.inflated.saturating_add(more as u64);
        self.message.set(message);
        if message.inflated > self.context().limits.message {
            return Err(Failure::TooLarge.into());
        }
        Ok(())
    }

    /// Takes payload of a control frame, and does what a whole one asks for.
    fn receive_control(&self, frame: &mut Frame, bytes: &[u8]) -> Result<usize, Stop> {
        let offset = frame.offset;
        frame.offset += bytes.len() as u64;
        frame.remaining -= bytes.len() as u64;
        frame.open = frame.remaining > 0;
        self.frame.set(*frame);
        let mut payload = [0u8; PRE_PADDING + MAX_CONTROL_PAYLOAD + POST_PADDING];
        let kept = self.partial.take();
        let before = kept.len().saturating_sub(PRE_PADDING);
        let total = before + bytes.len();
        if frame.open {
            self.partial.replace(kept);
            self.keep_partial(bytes, frame, offset)?;
            return Ok(bytes.len());
        }
        let room = &mut payload[PRE_PADDING..PRE_PADDING + total];
        room[..before].copy_from_slice(&kept[kept.len() - before..]);
        drop(kept);
        unmask(&mut room[before..], bytes, frame.mask, offset);
        match frame.opcode {
            opcode::CLOSE => self.receive_close(room)?,
            opcode::PING => self.answer_ping(room)?,
            opcode::PONG if self.is_client() && total > 0 => {
                let start = payload[PRE_PADDING..].as_mut_ptr();
                let result = self.call(Reason::ClientReceivePong, start.cast::<c_void>(), total)?;
                if result < 0 {
                    return Err(Stop::Close);
                }
                self.apply_flow();
            }
            _ => {}
        }
        Ok(bytes.len())
    }

    /// Answers a ping, as soon as the peer has read what it was sent before.
    fn answer_ping(&self, payload: &[u8]) -> Result<(), Stop> {
        if let Some(queue) = self.output.borrow_mut().as_deref_mut() {
            queue.ping = Some(payload.into());
            return Ok(());
        }
        self.send_control(Kind::Pong, payload).map_err(|_| Stop::Close)
    }

    /// The peer says goodbye, or answers ours.
    fn receive_close(&self, payload: &[u8]) -> Result<(), Stop> {
        if self.phase() == Phase::AwaitingCloseAck {
            self.phase.set(Phase::ReturnedClose);
            return Err(Stop::Close);
        }
        if self.context().limits.strict {
            let code = close::code(payload);
            if payload.len() == 1 || code.is_some_and(|code| !close::is_sendable(code)) {
                return Err(Failure::CloseCode.into());
            }
            if std::str::from_utf8(payload.get(2..).unwrap_or_default()).is_err() {
                return Err(Failure::ReasonNotUtf8.into());
            }
        }
        let ticket = self.ticket();
        let sent = self.send_control(Kind::Close, payload);
        self.still(ticket)?;
        if sent.is_err() || self.output.borrow().is_none() {
            self.phase.set(Phase::ReturnedClose);
            self.close(super::close::NO_STATUS);
            return Err(Stop::Gone);
        }
        // What was written before goes first, if the peer takes it.
        self.end_with_output(Phase::ReturnedClose)
    }

    /// Tells the trace of a frame by what is there of it.
    #[cold]
    #[inline(never)]
    fn tell_received(&self, header: &Header, beginning: &[u8]) {
        let shown = usize::try_from(header.payload_length).unwrap_or(usize::MAX).min(beginning.len());
        let mut unmasked = vec![0; shown.min(1024)];
        let count = unmasked.len();
        unmask(&mut unmasked, &beginning[..count], header.mask, 0);
        self.tell_frame(Direction::Received, header, &unmasked);
    }
}

/// Copies payload, unmasked.
fn unmask(room: &mut [u8], bytes: &[u8], key: Option<[u8; 4]>, offset: u64) {
    match key {
        Some(key) => mask::copy(room, bytes, key, offset),
        None => room[..bytes.len()].copy_from_slice(bytes),
    }
}

impl Connection {
    /// `libwebsocket_read`: returns what that does.
    pub fn feed(&self, start: *const u8, length: usize) -> i32 {
        let ticket = self.ticket();
        let result = if self.stash.borrow().is_some() || !self.takes_input() || self.is_behind() {
            // SAFETY: the caller's bytes.
            let result = self.put_by(unsafe { std::slice::from_raw_parts(start, length) });
            if self.is_behind() {
                self.context().resume(self);
            }
            result
        } else {
            self.take_foreign_input(start, length)
        };
        match result {
            Ok(()) if self.is(ticket) => 0,
            Ok(()) => -1,
            Err(stop) => {
                self.stop(ticket, stop);
                -1
            }
        }
    }

    /// Processes input that is somebody else's: a copy of it, which is ours to write on.
    pub fn take_foreign_input(&self, start: *const u8, length: usize) -> Result<(), Stop> {
        let scratch = &self.context().scratch;
        let taken = scratch.take_for_input(length).ok_or(Stop::Close)?;
        // SAFETY: the caller's bytes, and a buffer that is long enough and only this call's.
        unsafe { taken.start.copy_from_nonoverlapping(start, length) };
        let result = self.take_input(taken.start, length);
        scratch.give();
        result
    }
}
