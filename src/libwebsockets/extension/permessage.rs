//! permessage-deflate on a connection (RFC 7692).

use crate::libwebsockets::{Error, Failure};
use crate::websocket::deflate::negotiation::{Accepted, Agreed, Element};
use crate::websocket::deflate::{Compressor, Decompressor, Direction, Effort};
use crate::websocket::frame::{self, opcode};

/// What decompression brought.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Inflated {
    /// All input was used; the room is not full.
    NeedInput,
    /// The room is full, and more of the frame's payload follows.
    Chunk,
    /// The frame's payload ends with what the room holds, be it nothing.
    Last,
}

/// The state of a connection.
#[derive(Debug)]
pub struct PerMessageDeflate {
    compressor: Compressor,
    decompressor: Decompressor,
    /// The message that is being received is compressed.
    receiving: bool,
    /// A byte beyond a full room, by which we know that a chunk is not the last.
    ahead: Option<u8>,
    /// The frame's payload is all in.
    ending: bool,
    deflated: Vec<u8>,
}

impl PerMessageDeflate {
    fn new(sends: Direction, receives: Direction, effort: Effort) -> Self {
        Self {
            compressor: Compressor::new(sends, effort),
            decompressor: Decompressor::new(receives),
            receiving: false,
            ahead: None,
            ending: false,
            deflated: Vec::new(),
        }
    }

    /// A server's side of an offer that can be accepted, and the element of the response's header.
    pub fn accept(offer: &Element, effort: Effort) -> Option<(Self, String)> {
        let accepted = Accepted::one(offer)?;
        Some((Self::new(accepted.server, accepted.client, effort), accepted.to_string()))
    }

    /// A client's side, after the server's answer to
    /// [`OFFER`](crate::websocket::deflate::negotiation::OFFER).
    ///
    /// # Errors
    /// [`Error::Extension`]: the connection must fail.
    pub fn answered(answer: &Element, effort: Effort) -> Result<Self, Error> {
        let agreed =
            Agreed::read(answer).map_err(|_| Error::Extension("unacceptable parameters in the answer"))?;
        Ok(Self::new(agreed.client, agreed.server, effort))
    }

    /// Notes the header of a frame. Returns whether its payload is compressed.
    ///
    /// # Errors
    /// [`Error::Protocol`] for RSV1 anywhere but on the first frame of a message (RFC 7692, section 6.1).
    pub fn begin(&mut self, header: &frame::Header) -> Result<bool, Error> {
        let marked = header.rsv & frame::RSV1 != 0;
        if opcode::is_control(header.opcode) || header.opcode == opcode::CONTINUATION {
            if marked {
                return Err(Failure::MisplacedRsv1.into());
            }
            return Ok(self.receiving && header.opcode == opcode::CONTINUATION);
        }
        self.receiving = marked;
        Ok(marked)
    }

    /// Decompresses payload of a frame into `room`, of which the first `filled` bytes are used.
    ///
    /// `input` moves on, and so does `filled`. `frame_ends` says that nothing of the frame follows `input`, and
    /// `message_ends` that it is the message's last. After [`Inflated::Chunk`] and [`Inflated::Last`] the caller empties
    /// the room and, after the former, calls again. The room is at least one byte large.
    ///
    /// # Errors
    /// [`Error::Extension`]; the connection must fail.
    pub fn inflate(
        &mut self,
        input: &mut &[u8],
        frame_ends: bool,
        message_ends: bool,
        room: &mut [u8],
        filled: &mut usize,
    ) -> Result<Inflated, Error> {
        let mut beyond = [0];
        loop {
            if *filled < room.len()
                && let Some(byte) = self.ahead.take()
            {
                room[*filled] = byte;
                *filled += 1;
            }
            let full = *filled == room.len();
            if full && self.ahead.is_some() {
                return Ok(Inflated::Chunk);
            }
            let out = if full { &mut beyond[..] } else { &mut room[*filled..] };
            let size = out.len();
            let produced = if self.ending {
                self.decompressor.finish(out)?
            } else {
                let moved = self.decompressor.push(input, out)?;
                *input = &input[moved.consumed..];
                moved.produced
            };
            if full {
                self.ahead = beyond.first().copied().filter(|_| produced > 0);
            } else {
                *filled += produced;
            }
            if produced == size {
                continue;
            }
            // All input is in, and all that comes of it is out.
            if !frame_ends {
                return Ok(Inflated::NeedInput);
            }
            if self.ending || !message_ends {
                self.ending = false;
                return Ok(Inflated::Last);
            }
            self.ending = true;
        }
    }

    /// Compresses the payload of a frame that is to be sent, after `before` bytes that are the caller's to fill.
    ///
    /// Returns `before` zeros and the payload. Every frame of a message is compressed; its first says so by RSV1.
    ///
    /// # Errors
    /// [`Error::NoMemory`].
    pub fn deflate(&mut self, payload: &[u8], fin: bool, before: usize) -> Result<&mut [u8], Error> {
        self.deflated.clear();
        self.deflated.resize(before, 0);
        self.compressor.message(payload, fin, &mut self.deflated)?;
        Ok(&mut self.deflated)
    }

    /// Frees what a large message needed.
    pub fn trim(&mut self) {
        const KEPT: usize = 16 * 1024;
        if self.deflated.capacity() > KEPT {
            self.deflated = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::websocket::deflate::negotiation::{self, OFFER};

    fn pair() -> (PerMessageDeflate, PerMessageDeflate) {
        let offer = &negotiation::parse(OFFER.as_bytes()).unwrap()[0];
        let (server, answer) = PerMessageDeflate::accept(offer, Effort::Fast).unwrap();
        let answer = &negotiation::parse(answer.as_bytes()).unwrap()[0];
        (server, PerMessageDeflate::answered(answer, Effort::Balanced).unwrap())
    }

    fn header(opcode: u8, rsv: u8) -> frame::Header {
        frame::Header { fin: true, rsv, opcode, ..frame::Header::default() }
    }

    /// The chunks a receiver makes of a frame that arrives in pieces of `step` bytes.
    fn chunks(
        to: &mut PerMessageDeflate,
        frame: &[u8],
        fin: bool,
        step: usize,
        size: usize,
    ) -> Vec<(Vec<u8>, bool)> {
        let mut found = Vec::new();
        let (mut room, mut filled) = (vec![0; size], 0);
        let mut at = 0;
        loop {
            let end = (at + step).min(frame.len());
            let (mut input, ends) = (&frame[at..end], end == frame.len());
            at = end;
            loop {
                match to.inflate(&mut input, ends, fin, &mut room, &mut filled).unwrap() {
                    Inflated::NeedInput => break,
                    Inflated::Chunk => found.push((std::mem::take(&mut filled), room.clone(), false)),
                    Inflated::Last => {
                        found.push((filled, room.clone(), true));
                        return found
                            .into_iter()
                            .map(|(length, room, last)| (room[..length].to_vec(), last))
                            .collect();
                    }
                }
            }
            assert!(input.is_empty());
        }
    }

    #[test]
    fn chunks_are_full_but_the_last_and_only_the_last_says_so() {
        for size in [1, 2, 8, 100] {
            for step in [1, 3, 1000] {
                let (mut server, mut client) = pair();
                for length in [0usize, 1, 7, 8, 9, 16, 100, 333] {
                    let payload: Vec<u8> = (0..length).map(|at| (at * 7 / 3) as u8).collect();
                    let frame = client.deflate(&payload, true, 0).unwrap().to_vec();
                    server.begin(&header(opcode::BINARY, frame::RSV1)).unwrap();
                    let chunks = chunks(&mut server, &frame, true, step, size);
                    let (last, full) = chunks.split_last().unwrap();
                    assert!(full.iter().all(|(bytes, last)| bytes.len() == size && !last));
                    assert!(last.1 && (length == 0) == last.0.is_empty(), "{length} {size} {step}");
                    assert_eq!(
                        chunks.iter().flat_map(|(bytes, _)| bytes.clone()).collect::<Vec<_>>(),
                        payload
                    );
                }
            }
        }
    }

    #[test]
    fn fragments_are_received_as_they_come() {
        let (mut server, mut client) = pair();
        let mut seen = Vec::new();
        for (payload, opcode, fin) in [
            (&b"one"[..], opcode::TEXT, false),
            (b"two", opcode::CONTINUATION, false),
            (b"", opcode::CONTINUATION, true),
        ] {
            let frame = client.deflate(payload, fin, 5).unwrap()[5..].to_vec();
            let rsv = if opcode == opcode::TEXT { frame::RSV1 } else { 0 };
            assert!(server.begin(&header(opcode, rsv)).unwrap());
            seen.extend(chunks(&mut server, &frame, fin, 2, 64));
        }
        assert_eq!(seen, [(b"one".to_vec(), true), (b"two".to_vec(), true), (vec![], true)]);
    }

    #[test]
    fn rsv1_stands_where_a_message_begins() {
        let (mut server, _) = pair();
        assert!(!server.begin(&header(opcode::TEXT, 0)).unwrap());
        assert!(!server.begin(&header(opcode::CONTINUATION, 0)).unwrap());
        assert!(server.begin(&header(opcode::TEXT, frame::RSV1)).unwrap());
        assert!(!server.begin(&header(opcode::PING, 0)).unwrap());
        assert!(server.begin(&header(opcode::CONTINUATION, 0)).unwrap());
        for opcode in [opcode::CONTINUATION, opcode::PING, opcode::CLOSE] {
            assert!(matches!(
                server.begin(&header(opcode, frame::RSV1)),
                Err(Error::Protocol(Failure::MisplacedRsv1))
            ));
        }
    }
}
