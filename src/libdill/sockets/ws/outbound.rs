//! Frames that are sent: whole messages by the program, pongs and a last word by ourselves.
//!
//! What we send by ourselves never waits: it goes between the program's frames, as soon as there is room, and only the
//! latest ping is answered. So a peer that reads nothing costs a fixed amount of memory, and no time.
//!
//! A bytestream of the program's cannot tell whether there is room. On one the call that receives sends the answer, by its
//! own deadline, and who wants to send a message meanwhile waits for that.

use super::super::super::error::{Error, Result};
use super::super::super::poll::Direction;
use super::super::super::thread::scheduler;
use super::super::iolist::{Chain, Cursor};
use super::handshake::random;
use super::{CONTROL, Ws, told};
use crate::trace;
use crate::websocket::frame::{self, Header, MAX_CONTROL_PAYLOAD, MAX_HEADER, opcode};
use crate::websocket::{close, mask};

/// Masked messages up to this size need no memory but the stack.
const SMALL: usize = 1024;

/// Longer ones are masked in pieces of this size: one that fits is one write.
const LARGE: usize = 64 * 1024;

/// A control frame that was begun, and what is to follow it.
#[derive(Debug)]
pub struct Outbox {
    frame: [u8; CONTROL],
    begin: usize,
    end: usize,
    pong: Option<Pong>,
    /// The code of a close frame that is to be the last one.
    close: Option<close::Code>,
}

/// Who sends at present.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sender {
    /// Nobody.
    Nobody,
    /// A call of the program's.
    Program,
    /// The library, what is in the outbox.
    Library,
}

#[derive(Clone, Copy, Debug)]
struct Pong {
    payload: [u8; MAX_CONTROL_PAYLOAD],
    length: usize,
}

impl Outbox {
    /// Nothing to be sent.
    pub const fn new() -> Self {
        Self { frame: [0; CONTROL], begin: 0, end: 0, pong: None, close: None }
    }

    fn rest(&self) -> &[u8] {
        &self.frame[self.begin..self.end]
    }

    /// Whether something is to be sent.
    fn is_pending(&self) -> bool {
        self.begin < self.end || self.pong.is_some() || self.close.is_some()
    }

    /// Forgets what has not been begun.
    fn forget_pong(&mut self) {
        self.pong = None;
    }

    fn clear(&mut self) {
        *self = Self::new();
    }
}

/// A control frame's bytes.
fn control(out: &mut [u8; CONTROL], code: u8, parts: [&[u8]; 2], key: Option<[u8; 4]>) -> usize {
    let length = parts[0].len() + parts[1].len();
    let header = Header { fin: true, rsv: 0, opcode: code, mask: key, payload_length: length as u64 };
    let mut head = [0; MAX_HEADER];
    let used = header.encode(&mut head);
    out[..used].copy_from_slice(&head[..used]);
    let payload = &mut out[used..used + length];
    payload[..parts[0].len()].copy_from_slice(parts[0]);
    payload[parts[0].len()..].copy_from_slice(parts[1]);
    if let Some(key) = key {
        mask::apply(payload, key, 0);
    }
    used + length
}

impl Ws {
    /// Waits until a frame of the program's may be sent.
    fn may_send(&self, deadline: i64) -> Result<()> {
        loop {
            if self.outbound_done.get() {
                return Err(Error::Closed);
            }
            if self.outbound_broken.get() {
                return Err(Error::Reset);
            }
            match self.sending.get() {
                Sender::Nobody => return Ok(()),
                Sender::Program => return Err(Error::Busy),
                Sender::Library => self.turn.wait(deadline)?,
            }
        }
    }

    fn key(&self) -> Result<Option<[u8; 4]>> {
        if self.server { Ok(None) } else { random().map(Some) }
    }

    /// Sends a message as one frame.
    ///
    /// # Errors
    /// `EPIPE` after the close frame, `ECONNRESET` when an answer to a ping could not be sent, `EBUSY`, those of waiting
    /// and of the socket.
    pub fn send_message(&self, text: bool, chain: &Chain, deadline: i64) -> Result<()> {
        self.may_send(deadline)?;
        let code = if text { opcode::TEXT } else { opcode::BINARY };
        self.send_frame(code, Cursor::new(chain), deadline)
    }

    /// Sends the close frame.
    ///
    /// # Errors
    /// As [`Ws::send_message`].
    pub fn send_close(&self, payload: [&[u8]; 2], deadline: i64) -> Result<()> {
        self.may_send(deadline)?;
        self.outbox.borrow_mut().forget_pong();
        let (mut bytes, length) = ([0; MAX_CONTROL_PAYLOAD], payload[0].len() + payload[1].len());
        bytes[..payload[0].len()].copy_from_slice(payload[0]);
        bytes[payload[0].len()..length].copy_from_slice(payload[1]);
        // SAFETY: the bytes outlive the call.
        self.send_frame(opcode::CLOSE, unsafe { Cursor::sending(&bytes[..length]) }, deadline)?;
        self.outbound_done.set(true);
        Ok(())
    }

    /// Sends a frame behind what is in the outbox, in one write if it is not too long.
    fn send_frame(&self, code: u8, payload: Cursor, deadline: i64) -> Result<()> {
        let key = self.key()?;
        let header =
            Header { fin: true, rsv: 0, opcode: code, mask: key, payload_length: payload.remaining() as u64 };
        if trace::on() {
            told(self, trace::Direction::Sent, &header, &payload);
        }
        let mut head = [0; CONTROL + MAX_HEADER];
        let begun = {
            let mut outbox = self.outbox.borrow_mut();
            self.begin_next(&mut outbox);
            let begun = outbox.rest().len();
            head[..begun].copy_from_slice(outbox.rest());
            (outbox.begin, outbox.end) = (0, 0);
            begun
        };
        let mut encoded = [0; MAX_HEADER];
        let length = header.encode(&mut encoded);
        head[begun..begun + length].copy_from_slice(&encoded[..length]);
        let head = &head[..begun + length];
        self.sending.set(Sender::Program);
        let sent = match key {
            None => {
                // SAFETY: the head outlives the call.
                let mut cursor = unsafe { payload.after(head) };
                self.stream.send_from(&mut cursor, deadline)
            }
            Some(key) => self.send_masked(head, payload, key, deadline),
        };
        self.sending.set(Sender::Nobody);
        if sent.is_ok() {
            self.settle_outbox(deadline);
        }
        sent
    }

    fn send_masked(&self, head: &[u8], mut payload: Cursor, key: [u8; 4], deadline: i64) -> Result<()> {
        let total = head.len().saturating_add(payload.remaining());
        let (mut small, mut large) = ([0; SMALL], Vec::new());
        let room = if total <= SMALL {
            &mut small[..total]
        } else {
            large.try_reserve_exact(total.min(LARGE))?;
            large.resize(total.min(LARGE), 0);
            &mut large[..]
        };
        room[..head.len()].copy_from_slice(head);
        let (mut used, mut offset) = (head.len(), 0u64);
        loop {
            let count = payload.take(&mut room[used..]);
            mask::apply(&mut room[used..used + count], key, offset);
            self.stream.send(&room[..used + count], deadline)?;
            offset += count as u64;
            used = 0;
            if payload.remaining() == 0 {
                return Ok(());
            }
        }
    }

    /// Answers a ping: now, or when there is room and no frame in the way.
    pub fn answer(&self, ping: &[u8], deadline: i64) {
        if self.outbound_done.get() {
            return;
        }
        let mut payload = [0; MAX_CONTROL_PAYLOAD];
        payload[..ping.len()].copy_from_slice(ping);
        self.outbox.borrow_mut().pong = Some(Pong { payload, length: ping.len() });
        self.settle_outbox(deadline);
    }

    /// Says a last word, as far as there is room, because the peer broke the protocol.
    pub fn refuse(&self, code: close::Code, deadline: i64) {
        self.stream.close_in_order();
        if self.outbound_done.replace(true) {
            return;
        }
        {
            let mut outbox = self.outbox.borrow_mut();
            outbox.forget_pong();
            outbox.close = Some(code);
        }
        self.settle_outbox(deadline);
    }

    /// Waits for `count` bytes of input, and sends what is in the outbox when there is room before they come.
    ///
    /// # Errors
    /// Those of the socket.
    pub fn ensure(&self, count: usize, deadline: i64) -> Result<()> {
        loop {
            let there = self.stream.show(<[u8]>::len);
            // Who sends at present takes the outbox along. Who may not wait gets what is there.
            let alone = self.sending.get() == Sender::Nobody && scheduler().can_block().is_ok();
            if there >= count || !alone || !self.outbox.borrow().is_pending() {
                return self.stream.ensure(count, deadline);
            }
            match self.stream.wait_either(deadline)? {
                Direction::Out => self.settle_outbox(deadline),
                Direction::In => self.stream.ensure(there + 1, deadline)?,
            }
        }
    }

    /// Makes a frame of what is to be sent next, unless one was begun.
    fn begin_next(&self, outbox: &mut Outbox) {
        if outbox.begin < outbox.end {
            return;
        }
        let Ok(key) = self.key() else { return };
        let frame = &mut outbox.frame;
        let end = if let Some(pong) = outbox.pong.take() {
            control(frame, opcode::PONG, [&pong.payload[..pong.length], &[]], key)
        } else if let Some(code) = outbox.close.take() {
            control(frame, opcode::CLOSE, [&code.to_be_bytes(), &[]], key)
        } else {
            return;
        };
        (outbox.begin, outbox.end) = (0, end);
        if trace::on()
            && let Ok(frame::Parsed::Done(header, used)) = frame::parse(outbox.rest())
        {
            let mut payload = [0; CONTROL];
            let payload = &mut payload[..end - used];
            payload.copy_from_slice(&outbox.rest()[used..]);
            if let Some(key) = key {
                mask::apply(payload, key, 0);
            }
            crate::websocket::trace::frame(
                super::LIBRARY,
                &self.traced,
                trace::Direction::Sent,
                &header,
                payload,
            );
        }
    }

    /// Sends what is in the outbox, as far as there is room.
    pub fn settle_outbox(&self, deadline: i64) {
        while self.sending.get() == Sender::Nobody {
            let (mut frame, length) = ([0; CONTROL], {
                let mut outbox = self.outbox.borrow_mut();
                self.begin_next(&mut outbox);
                outbox.rest().len()
            });
            if length == 0 {
                return;
            }
            frame[..length].copy_from_slice(self.outbox.borrow().rest());
            // A program's socket may make us wait; meanwhile nobody else may send.
            self.sending.set(Sender::Library);
            let sent = self.stream.try_send(&frame[..length], deadline);
            self.sending.set(Sender::Nobody);
            self.turn.give();
            let mut outbox = self.outbox.borrow_mut();
            match sent {
                Ok(count) => outbox.begin += count,
                // A part may have been sent, and nothing can follow that; the program will learn when it tries.
                Err(_) => {
                    outbox.clear();
                    self.outbound_broken.set(true);
                }
            }
            if sent != Ok(length) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_frames_are_encoded_and_masked() {
        let mut out = [0; CONTROL];
        let length = control(&mut out, opcode::CLOSE, [&1000u16.to_be_bytes(), b"OK"], None);
        assert_eq!(out[..length], *b"\x88\x04\x03\xe8OK");
        let length = control(&mut out, opcode::PONG, [b"Hello", b""], Some([0x37, 0xfa, 0x21, 0x3d]));
        assert_eq!(out[..length], *b"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
        let longest = control(&mut out, opcode::PONG, [&[1; MAX_CONTROL_PAYLOAD], b""], Some([0; 4]));
        assert_eq!(longest, CONTROL);
    }
}
