//! The two ends of a compressed direction.

use super::{Direction, Effort, MIN_WINDOW_BITS, TAIL};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use thiserror::Error;

/// Room that is added to the output at a time, at least.
const MIN_ROOM: usize = 64;

/// Why a direction cannot go on. The connection must fail (RFC 7692, section 8).
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum DeflateError {
    /// The peer's bytes are not deflate, or reach back beyond its window.
    #[error("compressed payload is malformed")]
    Malformed,
    /// The compressor refused its own state; happens only when memory is exhausted.
    #[error("compression failed")]
    Compression,
}

/// Compresses what is sent in one direction.
#[derive(Debug)]
pub struct Compressor {
    direction: Direction,
    effort: Effort,
    state: Option<Box<Compress>>,
}

impl Compressor {
    /// Compresses as `direction` allows; windows below [`MIN_WINDOW_BITS`] must not be agreed to.
    pub const fn new(direction: Direction, effort: Effort) -> Self {
        Self { direction, effort, state: None }
    }

    fn state(&mut self) -> &mut Compress {
        let level = match self.effort {
            Effort::Fast => Compression::fast(),
            Effort::Balanced => Compression::default(),
        };
        let bits = self.direction.window_bits.max(MIN_WINDOW_BITS);
        self.state.get_or_insert_with(|| Box::new(Compress::new_with_window_bits(level, false, bits)))
    }

    /// Appends the compressed form of a message's next piece to `out`.
    ///
    /// Each piece can be decompressed when it arrives, so it may be a frame of its own. With
    /// `last`, the message ends and the [`TAIL`] is left out (RFC 7692, section 7.2.1). A message
    /// of nothing becomes one byte (section 7.2.3.6).
    ///
    /// # Errors
    /// [`DeflateError::Compression`]; the direction cannot be used any more.
    pub fn message(&mut self, piece: &[u8], last: bool, out: &mut Vec<u8>) -> Result<(), DeflateError> {
        let begin = out.len();
        run(self.state(), piece, FlushCompress::Sync, out)?;
        if !last {
            return Ok(());
        }
        if out[begin..].ends_with(&TAIL) {
            out.truncate(out.len() - TAIL.len());
        } else {
            // Nothing new was to be flushed: an empty stored block, whose length is the tail.
            out.push(0);
        }
        if !self.direction.context_takeover {
            self.state().reset();
        }
        Ok(())
    }

    /// Appends the compressed form of `bytes` to `out`, for a connection that is one deflate stream.
    ///
    /// # Errors
    /// As [`Compressor::message`].
    pub fn stream(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), DeflateError> {
        run(self.state(), bytes, FlushCompress::Partial, out)
    }
}

/// Compresses all of `input` and flushes it out.
fn run(
    state: &mut Compress,
    mut input: &[u8],
    flush: FlushCompress,
    out: &mut Vec<u8>,
) -> Result<(), DeflateError> {
    loop {
        // Bytes that do not compress grow by 5 for each block; the loop takes care of what is missing.
        out.reserve(MIN_ROOM.max(input.len() / 2));
        let consumed = state.total_in();
        let status = state.compress_vec(input, out, flush).map_err(|_| DeflateError::Compression)?;
        // At most input.len(), so it fits.
        input = &input[(state.total_in() - consumed) as usize..];
        // A flush is complete when it left room; then there is nothing to do for a second one either.
        if status == Status::BufError || (input.is_empty() && out.len() < out.capacity()) {
            return Ok(());
        }
    }
}

/// What a step of decompression did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Moved {
    /// Bytes of the input that are done with.
    pub consumed: usize,
    /// Bytes written to the output.
    pub produced: usize,
}

/// Decompresses what arrives in one direction.
#[derive(Debug)]
pub struct Decompressor {
    direction: Direction,
    state: Option<Box<Decompress>>,
    /// How much of the [`TAIL`] has gone in after the message that is ending.
    tail: usize,
}

impl Decompressor {
    /// Decompresses what `direction` allows a peer to send.
    pub const fn new(direction: Direction) -> Self {
        Self { direction, state: None, tail: 0 }
    }

    /// Moves compressed bytes from `input` to `out`, as far as both reach.
    ///
    /// When `out` comes back full there may be more to come without any input. When it does not,
    /// all of the input was consumed.
    ///
    /// # Errors
    /// [`DeflateError::Malformed`]; the direction cannot be used any more.
    pub fn push(&mut self, input: &[u8], out: &mut [u8]) -> Result<Moved, DeflateError> {
        let bits = self.direction.window_bits.max(MIN_WINDOW_BITS);
        let state = self.state.get_or_insert_with(|| Box::new(Decompress::new_with_window_bits(false, bits)));
        let mut moved = Moved::default();
        loop {
            let (consumed, produced) = (state.total_in(), state.total_out());
            let status = state
                .decompress(&input[moved.consumed..], &mut out[moved.produced..], FlushDecompress::Sync)
                .map_err(|_| DeflateError::Malformed)?;
            // Neither can be more than the slice that was offered.
            let taken = (state.total_in() - consumed) as usize;
            let given = (state.total_out() - produced) as usize;
            moved.consumed += taken;
            moved.produced += given;
            if status == Status::StreamEnd {
                // A final block ends deflate's stream but not the message (RFC 7692, section 7.2.3.4).
                state.reset(false);
            }
            let stuck = taken == 0 && given == 0;
            if moved.produced == out.len() || (moved.consumed == input.len() && status != Status::StreamEnd) {
                return Ok(moved);
            }
            if stuck {
                return if moved.consumed == input.len() { Ok(moved) } else { Err(DeflateError::Malformed) };
            }
        }
    }

    /// Brings out what is left of a message whose bytes have all been pushed, a piece at a time.
    ///
    /// Returns how much was written to `out`; the message has ended when that is less than `out`
    /// has room for. `out` must not be empty.
    ///
    /// # Errors
    /// As [`Decompressor::push`].
    pub fn finish(&mut self, out: &mut [u8]) -> Result<usize, DeflateError> {
        debug_assert!(!out.is_empty(), "an end could not be told from a full buffer");
        let moved = self.push(&TAIL[self.tail..], out)?;
        self.tail += moved.consumed;
        if moved.produced < out.len() {
            self.tail = 0;
            if !self.direction.context_takeover {
                self.state = None;
            }
        }
        Ok(moved.produced)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decompresses a message that arrives in pieces of `step` bytes into room for `room` bytes.
    fn inflate(
        to: &mut Decompressor,
        message: &[u8],
        step: usize,
        room: usize,
    ) -> Result<Vec<u8>, DeflateError> {
        let mut out = Vec::new();
        let mut buffer = vec![0; room];
        for piece in message.chunks(step) {
            let mut rest = piece;
            loop {
                let moved = to.push(rest, &mut buffer)?;
                out.extend_from_slice(&buffer[..moved.produced]);
                rest = &rest[moved.consumed..];
                if moved.produced < room {
                    assert!(rest.is_empty(), "room was left, so all input is consumed");
                    break;
                }
            }
        }
        loop {
            let produced = to.finish(&mut buffer)?;
            out.extend_from_slice(&buffer[..produced]);
            if produced < room {
                return Ok(out);
            }
        }
    }

    fn deflate(from: &mut Compressor, message: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        from.message(message, true, &mut out).unwrap();
        out
    }

    fn noise(length: usize) -> Vec<u8> {
        let mut state = 1u32;
        (0..length)
            .map(|_| {
                state = state.wrapping_mul(1664525).wrapping_add(1013904223);
                (state >> 24) as u8
            })
            .collect()
    }

    #[test]
    fn the_rfc_examples_are_understood() {
        // Section 7.2.3: one block; no compression; a final block; two blocks; the window shared.
        for message in [
            &b"\xf2\x48\xcd\xc9\xc9\x07\x00"[..],
            b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00",
            b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00",
            b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00",
        ] {
            for step in 1..=message.len() {
                for room in 1..7 {
                    let mut to = Decompressor::new(Direction::FULL);
                    assert_eq!(inflate(&mut to, message, step, room).unwrap(), b"Hello", "{message:02x?}");
                }
            }
        }
        let mut to = Decompressor::new(Direction::FULL);
        inflate(&mut to, b"\xf2\x48\xcd\xc9\xc9\x07\x00", 7, 64).unwrap();
        assert_eq!(inflate(&mut to, b"\xf2\x00\x11\x00\x00", 5, 64).unwrap(), b"Hello");
    }

    #[test]
    fn messages_come_back_with_every_agreement() {
        for window_bits in 8..=15 {
            for context_takeover in [true, false] {
                let direction = Direction { window_bits, context_takeover };
                let mut from = Compressor::new(direction, Effort::Fast);
                let mut to = Decompressor::new(direction);
                let long = [noise(70_000), vec![b'a'; 200_000], noise(3000)].concat();
                for message in [&b""[..], b"a", b"", b"aaaaaaaaaaaaaaaaaaaaaaaa", &long, b"", b"end"] {
                    let sent = deflate(&mut from, message);
                    assert_eq!(inflate(&mut to, &sent, 1000, 4096).unwrap(), message);
                }
            }
        }
    }

    #[test]
    fn the_window_is_kept_only_when_agreed() {
        let message = noise(400);
        for context_takeover in [true, false] {
            let direction = Direction { context_takeover, ..Direction::FULL };
            let mut from = Compressor::new(direction, Effort::Balanced);
            deflate(&mut from, &message);
            let again = deflate(&mut from, &message);
            assert_eq!(again.len() < 20, context_takeover, "{} bytes", again.len());
            // Without it each message stands for itself.
            let alone = inflate(&mut Decompressor::new(direction), &again, 100, 4096);
            assert_eq!(alone.is_ok_and(|out| out == message), !context_takeover);
        }
    }

    #[test]
    fn pieces_of_a_message_arrive_one_by_one() {
        let mut from = Compressor::new(Direction::FULL, Effort::Balanced);
        let mut to = Decompressor::new(Direction::FULL);
        let mut buffer = [0; 64];
        for (piece, last) in [(&b"one "[..], false), (b"", false), (b"two", false), (b"", true)] {
            let mut sent = Vec::new();
            from.message(piece, last, &mut sent).unwrap();
            let moved = to.push(&sent, &mut buffer).unwrap();
            assert_eq!(&buffer[..moved.produced], piece);
        }
        assert_eq!(to.finish(&mut buffer).unwrap(), 0);
    }

    #[test]
    fn a_message_of_nothing_is_one_byte() {
        let mut from = Compressor::new(Direction::FULL, Effort::Fast);
        for _ in 0..3 {
            assert_eq!(deflate(&mut from, b""), [0]);
        }
    }

    #[test]
    fn memory_follows_the_room_offered_not_the_peer() {
        let mut from = Compressor::new(Direction::FULL, Effort::Fast);
        let bomb = deflate(&mut from, &vec![0; 10 << 20]);
        assert!(bomb.len() < 200_000);
        let mut to = Decompressor::new(Direction::FULL);
        let mut buffer = [0; 4096];
        let moved = to.push(&bomb, &mut buffer).unwrap();
        assert_eq!(moved.produced, 4096);
        assert!(moved.consumed < 1000);
    }

    #[test]
    fn malformed_bytes_are_an_error() {
        for bytes in [&b"\xff\xff\xff"[..], b"\x06\x00", b"\x01\x05\x00\x00\x00"] {
            let mut to = Decompressor::new(Direction::FULL);
            assert_eq!(inflate(&mut to, bytes, 1, 64), Err(DeflateError::Malformed), "{bytes:02x?}");
        }
    }

    #[test]
    fn a_stream_goes_on_for_ever() {
        let mut from = Compressor::new(Direction::FULL, Effort::Fast);
        let mut to = Decompressor::new(Direction::FULL);
        let mut buffer = [0; 4096];
        for bytes in [&b"first"[..], b"second", &noise(3000), b"first"] {
            let mut sent = Vec::new();
            from.stream(bytes, &mut sent).unwrap();
            let moved = to.push(&sent, &mut buffer).unwrap();
            assert_eq!((moved.consumed, &buffer[..moved.produced]), (sent.len(), bytes));
        }
    }
}
