//! deflate-stream: all bytes after the handshake are one compressed stream each way.

use crate::libwebsockets::Error;
use crate::websocket::deflate::{Compressor, Decompressor, Direction, Effort};

/// How much is decompressed at a time.
const ROOM: usize = 4096;

/// The state of a connection.
#[derive(Debug)]
pub struct DeflateStream {
    compressor: Compressor,
    decompressor: Decompressor,
    /// Compressed bytes that had to wait, because what came before filled the room. Never more than one read.
    waiting: Vec<u8>,
    inflated: Vec<u8>,
    deflated: Vec<u8>,
}

impl Default for DeflateStream {
    fn default() -> Self {
        Self::new()
    }
}

impl DeflateStream {
    /// At the beginning of a connection.
    pub const fn new() -> Self {
        Self {
            compressor: Compressor::new(Direction::FULL, Effort::Fast),
            decompressor: Decompressor::new(Direction::FULL),
            waiting: Vec::new(),
            inflated: Vec::new(),
            deflated: Vec::new(),
        }
    }

    /// Decompresses the next of what was read; nothing new when `bytes` is empty.
    ///
    /// Returns at most 4096 bytes, and whether there is more to ask for.
    ///
    /// # Errors
    /// [`Error::Extension`]; the connection must fail.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<(&mut [u8], bool), Error> {
        self.inflated.resize(ROOM, 0);
        let moved = if self.waiting.is_empty() {
            let moved = self.decompressor.push(bytes, &mut self.inflated)?;
            self.waiting.extend_from_slice(&bytes[moved.consumed..]);
            moved
        } else {
            self.waiting.extend_from_slice(bytes);
            let moved = self.decompressor.push(&self.waiting, &mut self.inflated)?;
            self.waiting.drain(..moved.consumed);
            moved
        };
        let more = moved.produced == ROOM;
        if self.waiting.is_empty() {
            self.waiting = Vec::new();
        }
        Ok((&mut self.inflated[..moved.produced], more))
    }

    /// Compresses bytes that are to be sent.
    ///
    /// # Errors
    /// [`Error::NoMemory`].
    pub fn send(&mut self, bytes: &[u8]) -> Result<&mut [u8], Error> {
        self.deflated.clear();
        self.compressor.stream(bytes, &mut self.deflated)?;
        Ok(&mut self.deflated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_comes_back_a_room_at_a_time() {
        let (mut from, mut to) = (DeflateStream::new(), DeflateStream::new());
        for length in [1usize, 100, 4096, 20_000, 5] {
            let bytes: Vec<u8> = (0..length).map(|at| (at / 7) as u8).collect();
            let sent = from.send(&bytes).unwrap().to_vec();
            let mut back = Vec::new();
            let mut piece = &sent[..];
            loop {
                let (inflated, more) = to.receive(piece).unwrap();
                assert!(inflated.len() <= ROOM);
                back.extend_from_slice(inflated);
                piece = &[];
                if !more {
                    break;
                }
            }
            assert_eq!(back, bytes);
        }
    }

    #[test]
    fn a_stream_may_arrive_in_pieces_of_any_size() {
        let bytes: Vec<u8> = (0..3000u32).map(|at| (at * at / 50) as u8).collect();
        let sent = DeflateStream::new().send(&bytes).unwrap().to_vec();
        for step in [1, 2, 3, 7, 50] {
            let mut to = DeflateStream::new();
            let mut back = Vec::new();
            for piece in sent.chunks(step) {
                let (inflated, more) = to.receive(piece).unwrap();
                back.extend_from_slice(inflated);
                assert!(!more);
            }
            assert_eq!(back, bytes, "{step}");
        }
    }

    #[test]
    fn rubbish_fails() {
        assert!(matches!(DeflateStream::new().receive(b"\xff\xff"), Err(Error::Extension(_))));
    }
}
