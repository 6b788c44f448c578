//! Sending: messages to frames, and frames to the socket (RFC 6455, section 5).
//!
//! What the socket does not take at once waits in a queue, and everything written later waits behind it: a message
//! that was accepted goes out whole, or the connection ends.

use super::super::extension::Hook;
use super::super::log;
use super::super::personality::WriteReturns;
use super::super::types::lws_tokens;
use super::queue::Queue;
use super::{Connection, PRE_PADDING, Phase, Stop};
use crate::net::tls::Step;
use crate::trace::{self, Direction};
use crate::websocket::frame::{Header, MAX_CONTROL_PAYLOAD, MAX_HEADER, RSV1, opcode};
use crate::websocket::mask;
use std::ffi::c_int;
use std::io;

/// What `libwebsocket_write` sends: its argument without the flags.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Text,
    Binary,
    Continuation,
    /// Bytes as they are.
    Http,
    Close,
    Ping,
    Pong,
}

/// `LWS_WRITE_NO_FIN`.
const NO_FIN: c_int = 0x40;

impl Kind {
    /// The kind of a number: of the four bits that mean one.
    pub fn from_number(number: c_int) -> Option<Self> {
        Some(match number & 0xf {
            0 => Self::Text,
            1 => Self::Binary,
            2 => Self::Continuation,
            3 => Self::Http,
            4 => Self::Close,
            5 => Self::Ping,
            6 => Self::Pong,
            _ => return None,
        })
    }

    fn opcode(self) -> u8 {
        match self {
            Self::Text => opcode::TEXT,
            Self::Binary => opcode::BINARY,
            Self::Continuation | Self::Http => opcode::CONTINUATION,
            Self::Close => opcode::CLOSE,
            Self::Ping => opcode::PING,
            Self::Pong => opcode::PONG,
        }
    }

    fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// Nothing more can be sent.
#[derive(Clone, Copy, Debug)]
pub struct Broken;

impl Connection {
    /// `libwebsocket_write`: returns what that does.
    ///
    /// # Safety
    /// `length` bytes are at `payload`; unless they are HTTP's, 18 writable ones are before them.
    pub unsafe fn write(&self, payload: *mut u8, length: usize, protocol: c_int) -> c_int {
        let kind = Kind::from_number(protocol);
        let empty_messages = self.context().limits.strict
            && matches!(kind, Some(Kind::Text | Kind::Binary | Kind::Continuation));
        if length == 0 && kind != Some(Kind::Close) && !empty_messages {
            log::warn(format_args!("zero length libwebsocket_write attempt\n"));
            return 0;
        }
        if kind == Some(Kind::Http) {
            let sent = self.doomed.get().is_none() && self.send_raw(payload, length).is_ok();
            return match (sent, self.context().personality.write) {
                (false, _) => -1,
                (true, WriteReturns::Zero) => 0,
                (true, _) => c_int::try_from(length).unwrap_or(c_int::MAX),
            };
        }
        if self.phase() != Phase::Established || self.doomed.get().is_some() {
            return -1;
        }
        let Some(kind) = kind else {
            log::warn(format_args!("lws_write: unknown write opc / protocol\n"));
            return -1;
        };
        let fin = protocol & NO_FIN == 0;
        let (payload, length) = if kind == Kind::Close && self.close_status.get() != 0 {
            // SAFETY: the bytes before the payload are ours.
            let payload = unsafe { payload.sub(2) };
            let status = (self.close_status.get() as u16).to_be_bytes();
            // SAFETY: as above.
            unsafe { payload.copy_from_nonoverlapping(status.as_ptr(), 2) };
            (payload, length + 2)
        } else {
            (payload, length)
        };
        let framed = if kind.is_control() {
            // SAFETY: as promised by the caller.
            unsafe { self.frame_and_send(payload, length, kind, fin) }
        } else {
            // SAFETY: as promised by the caller.
            unsafe { self.write_message(payload, length, kind, fin) }
        };
        match (framed, self.context().personality.write) {
            (Err(Broken), _) => -1,
            (Ok(_), WriteReturns::Zero) => 0,
            (Ok(header), WriteReturns::PayloadAndTwiceTheHeader) => {
                let count = if kind.is_control() { length + header } else { length + 2 * header };
                c_int::try_from(count).unwrap_or(c_int::MAX)
            }
        }
    }

    /// Sends a data frame through the extensions. Returns the length of its header.
    ///
    /// # Safety
    /// As [`Connection::write`].
    unsafe fn write_message(
        &self,
        payload: *mut u8,
        length: usize,
        kind: Kind,
        fin: bool,
    ) -> Result<usize, Broken> {
        if self.deflate.borrow().is_some() {
            // SAFETY: as promised by the caller.
            return self.write_deflated(unsafe { std::slice::from_raw_parts(payload, length) }, kind, fin);
        }
        if !self.has_active.get() {
            // SAFETY: as promised by the caller.
            return unsafe { self.frame_and_send(payload, length, kind, fin) };
        }
        let ticket = self.ticket();
        self.sending.set((kind.opcode(), fin));
        let mut tokens = super::hooks::tokens(payload, length);
        for active in self.active() {
            if self.hook(&active, Hook::PayloadTx, (&raw mut tokens).cast(), 0) < 0 || !self.is(ticket) {
                return Err(Broken);
            }
        }
        let (start, count) = (tokens.token.cast::<u8>(), usize::try_from(tokens.token_len).unwrap_or(0));
        let header = self.header_for(kind, fin, 0, count)?;
        if std::ptr::eq(start, payload) {
            // SAFETY: as promised by the caller.
            let (frame, total) = unsafe { self.frame_in_place(start, count, &header) };
            self.spill(super::hooks::tokens(frame, total))?;
        } else {
            // Nobody promised us room before an extension's own bytes.
            // SAFETY: an extension hands over valid bytes.
            let mut frame = self.frame_copy(unsafe { std::slice::from_raw_parts(start, count) }, &header);
            let total = frame.len();
            self.spill(super::hooks::tokens(frame.as_mut_ptr(), total))?;
        }
        Ok(header.encoded_len())
    }

    /// Sends a compressed data frame.
    fn write_deflated(&self, payload: &[u8], kind: Kind, fin: bool) -> Result<usize, Broken> {
        let rsv = if kind == Kind::Continuation { 0 } else { RSV1 };
        let (header, frame, total) = {
            let mut deflate = self.deflate.borrow_mut();
            let Some(deflate) = deflate.as_deref_mut() else { return Err(Broken) };
            let bytes = deflate.deflate(payload, fin, MAX_HEADER).map_err(|_| Broken)?;
            let length = bytes.len() - MAX_HEADER;
            let header = self.header_for(kind, fin, rsv, length)?;
            // SAFETY: room for the longest header is before the payload.
            let (frame, total) =
                unsafe { self.frame_in_place(bytes[MAX_HEADER..].as_mut_ptr(), length, &header) };
            (header, frame, total)
        };
        if self.has_active.get() {
            // Hooks may write on this connection, and with that change what was compressed.
            // SAFETY: compressed just now.
            let mut copy = unsafe { std::slice::from_raw_parts(frame, total) }.to_vec();
            self.send_raw(copy.as_mut_ptr(), total)?;
        } else {
            // Callbacks of this run only once the bytes are sent or queued.
            self.send_raw(frame, total)?;
        }
        if let Some(deflate) = self.deflate.borrow_mut().as_deref_mut() {
            deflate.trim();
        }
        Ok(header.encoded_len())
    }

    fn header_for(&self, kind: Kind, fin: bool, rsv: u8, length: usize) -> Result<Header, Broken> {
        let mask = match self.is_client() {
            false => None,
            true => Some(self.context().random.key().map_err(|error| {
                log::err(format_args!("lws_write: frame mask generation failed: {error}\n"));
                Broken
            })?),
        };
        Ok(Header { fin, rsv, opcode: kind.opcode(), mask, payload_length: length as u64 })
    }

    /// Frames a payload where it is and sends it. Returns the length of the header.
    ///
    /// # Safety
    /// As [`Connection::write`].
    unsafe fn frame_and_send(
        &self,
        payload: *mut u8,
        length: usize,
        kind: Kind,
        fin: bool,
    ) -> Result<usize, Broken> {
        let header = self.header_for(kind, fin, 0, length)?;
        // SAFETY: as promised by the caller.
        let (frame, total) = unsafe { self.frame_in_place(payload, length, &header) };
        self.send_raw(frame, total)?;
        Ok(header.encoded_len())
    }

    /// Writes a header before the payload, masks it, and returns the frame.
    ///
    /// # Safety
    /// As [`Connection::write`].
    unsafe fn frame_in_place(&self, payload: *mut u8, length: usize, header: &Header) -> (*mut u8, usize) {
        const { assert!(MAX_HEADER <= PRE_PADDING) };
        // SAFETY: as promised by the caller.
        let bytes = unsafe { std::slice::from_raw_parts_mut(payload, length) };
        if trace::on() {
            self.tell_frame(Direction::Sent, header, bytes);
        }
        if let Some(key) = header.mask {
            mask::apply(bytes, key, 0);
        }
        let mut encoded = [0; MAX_HEADER];
        let used = header.encode(&mut encoded);
        // SAFETY: the bytes before the payload are ours.
        unsafe {
            let frame = payload.sub(used);
            frame.copy_from_nonoverlapping(encoded.as_ptr(), used);
            (frame, used + length)
        }
    }

    fn frame_copy(&self, payload: &[u8], header: &Header) -> Vec<u8> {
        let mut frame = vec![0; MAX_HEADER];
        frame.extend_from_slice(payload);
        let start = frame[MAX_HEADER..].as_mut_ptr();
        // SAFETY: room for the longest header is before the payload.
        let (_, total) = unsafe { self.frame_in_place(start, payload.len(), header) };
        frame.drain(..MAX_HEADER + payload.len() - total);
        frame
    }

    /// Sends a control frame of our own.
    pub fn send_control(&self, kind: Kind, payload: &[u8]) -> Result<(), Broken> {
        debug_assert!(kind.is_control());
        let mut room = [0u8; PRE_PADDING + MAX_CONTROL_PAYLOAD];
        let length = payload.len().min(MAX_CONTROL_PAYLOAD);
        room[PRE_PADDING..PRE_PADDING + length].copy_from_slice(&payload[..length]);
        let start = room[PRE_PADDING..].as_mut_ptr();
        // SAFETY: room for the header is before the payload.
        unsafe { self.frame_and_send(start, length, kind, true) }.map(drop)
    }

    /// Shows active extensions a frame that is ready, and sends what they make of it.
    pub fn spill(&self, mut tokens: lws_tokens) -> Result<(), Broken> {
        let ticket = self.ticket();
        loop {
            let mut more = false;
            for active in self.active() {
                let result = self.hook(&active, Hook::PacketTxPresend, (&raw mut tokens).cast(), 0);
                if result < 0 || !self.is(ticket) {
                    log::line(log::EXT, format_args!("Extension: fatal error\n"));
                    return Err(Broken);
                }
                more |= result != 0;
            }
            if tokens.token_len > 0 {
                self.send_raw(tokens.token.cast(), tokens.token_len as usize)?;
            }
            if !more {
                return Ok(());
            }
            tokens = lws_tokens { token: std::ptr::null_mut(), token_len: 0 };
            if self.output.borrow().is_some() || self.is_choked() {
                self.spilling.set(true);
                self.wait_to_write();
                return Ok(());
            }
        }
    }

    /// Sends bytes as they are, or lets an extension carry them.
    pub fn send_raw(&self, start: *mut u8, length: usize) -> Result<(), Broken> {
        if self.has_active.get() {
            let ticket = self.ticket();
            let mut bytes = start;
            for active in self.active() {
                let result = self.hook(&active, Hook::PacketTxDoSend, (&raw mut bytes).cast(), length);
                if result < 0 || !self.is(ticket) {
                    log::line(log::EXT, format_args!("Extension reports fatal error\n"));
                    return Err(Broken);
                }
                if result > 0 {
                    return Ok(());
                }
            }
        }
        if self.fd() < 0 {
            log::warn(format_args!("** error 0 sock but expected to send\n"));
            return Err(Broken);
        }
        // SAFETY: valid bytes, as every caller has them.
        let bytes = unsafe { std::slice::from_raw_parts(start.cast_const(), length) };
        let sent = if self.output.borrow().is_some() { 0 } else { self.push(bytes)? };
        if sent < length { self.queue(&bytes[sent..]) } else { Ok(()) }
    }

    /// Gives the socket as much as it takes.
    fn push(&self, bytes: &[u8]) -> Result<usize, Broken> {
        if self.uses_tls.get() {
            return self.push_tls(bytes);
        }
        loop {
            // SAFETY: the bytes are valid for their length.
            let count =
                unsafe { libc::send(self.fd(), bytes.as_ptr().cast(), bytes.len(), libc::MSG_NOSIGNAL) };
            if let Ok(count) = usize::try_from(count) {
                return Ok(count);
            }
            match io::Error::last_os_error().raw_os_error() {
                Some(libc::EINTR) => {}
                Some(libc::EAGAIN) => return Ok(0),
                _ => return Err(Broken),
            }
        }
    }

    fn push_tls(&self, bytes: &[u8]) -> Result<usize, Broken> {
        let mut sent = 0;
        while sent < bytes.len() {
            let step = self.with_tls(|session| session.write(&bytes[sent..])).ok_or(Broken)?;
            match step {
                Ok(Step::Done(count)) => sent += count,
                Ok(Step::WantRead | Step::WantWrite) => break,
                Ok(Step::Closed) | Err(_) => return Err(Broken),
            }
        }
        Ok(sent)
    }

    /// Lets bytes wait until the socket takes more.
    #[cold]
    fn queue(&self, bytes: &[u8]) -> Result<(), Broken> {
        let waiting = self.output.borrow().as_deref().map_or(0, Queue::len);
        if (waiting as u64).saturating_add(bytes.len() as u64) > self.context().limits.queue {
            log::warn(format_args!("fd {}: the peer does not read, RELINK_LWS_MAX_QUEUE\n", self.fd()));
            return Err(self.give_up());
        }
        let pushed = self.output.borrow_mut().get_or_insert_default().push(bytes);
        if pushed.is_err() {
            return Err(self.give_up());
        }
        let ticket = self.ticket();
        self.wait_to_write();
        if self.is(ticket) { Ok(()) } else { Err(Broken) }
    }

    /// Nothing may follow what was lost: half a frame may have been sent of it, and compression has gone on from it.
    fn give_up(&self) -> Broken {
        self.output.take();
        // SAFETY: the connection's own descriptor. Its end is told as any other.
        unsafe { libc::shutdown(self.fd(), libc::SHUT_RDWR) };
        Broken
    }

    /// Waits for room to write, and lets the program's own poll loop do so.
    pub fn wait_to_write(&self) {
        self.update_interest();
        if !self.tells_write() {
            self.tell_write_wanted();
        }
    }

    /// Sends what waits. False while some of it still does.
    #[inline]
    pub fn drain(&self) -> Result<bool, Stop> {
        if self.output.borrow().is_none() { Ok(true) } else { self.drain_queue() }
    }

    fn drain_queue(&self) -> Result<bool, Stop> {
        loop {
            let mut output = self.output.borrow_mut();
            let Some(queue) = output.as_deref_mut() else { return Ok(true) };
            let count = self.push(queue.waiting()).map_err(|Broken| Stop::Close)?;
            queue.advance(count);
            if queue.len() == 0 {
                let ping = queue.ping.take();
                *output = None;
                drop(output);
                let Some(ping) = ping.filter(|_| self.phase() == Phase::Established) else { return Ok(true) };
                let ticket = self.ticket();
                self.send_control(Kind::Pong, &ping).map_err(|Broken| Stop::Close)?;
                self.still(ticket)?;
                return Ok(self.output.borrow().is_none());
            }
            if count == 0 {
                return Ok(false);
            }
        }
    }

    /// Whether a write would have to wait.
    pub fn is_choked(&self) -> bool {
        if self.output.borrow().is_some() {
            return true;
        }
        let mut poll = libc::pollfd { fd: self.fd(), events: libc::POLLOUT, revents: 0 };
        // SAFETY: one entry, as said.
        unsafe { libc::poll(&raw mut poll, 1, 0) != 1 || poll.revents & libc::POLLOUT == 0 }
    }

    /// The opcode of the frame that is being sent, and whether it ends its message.
    pub fn sending(&self) -> (u8, bool) {
        self.sending.get()
    }

    /// Tells the trace of a frame.
    #[cold]
    #[inline(never)]
    pub fn tell_frame(&self, direction: Direction, header: &Header, beginning: &[u8]) {
        self.with_told(|told| {
            crate::websocket::trace::frame("libwebsockets", told, direction, header, beginning);
        });
    }
}
