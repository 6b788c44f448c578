//! deflate-frame: each data frame compressed for itself, with the window kept between them.

use super::{POST_PADDING, PRE_PADDING};
use crate::libwebsockets::Error;
use crate::websocket::deflate::{Compressor, Decompressor, DeflateError, Direction, Effort};

/// The most payload of a compressed frame, in bytes: what a peer can make us hold.
const MAX_PAYLOAD: usize = 64 * 1024;

/// Bytes that do not compress take a little more.
const MAX_COMPRESSED: usize = MAX_PAYLOAD + MAX_PAYLOAD / 64;

impl From<DeflateError> for Error {
    fn from(error: DeflateError) -> Self {
        match error {
            DeflateError::Malformed => Self::Extension("compressed payload is malformed"),
            DeflateError::Compression => Self::NoMemory,
        }
    }
}

/// What became of received payload.
#[derive(Debug)]
pub enum Received<'a> {
    /// It was not compressed.
    Unchanged,
    /// It is kept until the frame is complete.
    Kept,
    /// The payload of the frame, with [`PRE_PADDING`] bytes before and [`POST_PADDING`] after it.
    Payload(&'a mut [u8]),
}

/// The state of a connection.
#[derive(Debug)]
pub struct DeflateFrame {
    compressor: Compressor,
    decompressor: Decompressor,
    /// Compressed payload of a frame that is not complete.
    collected: Vec<u8>,
    inflated: Vec<u8>,
    deflated: Vec<u8>,
    /// The frame that is being sent was compressed.
    sending_compressed: bool,
}

impl DeflateFrame {
    /// At the beginning of a connection.
    pub const fn new(effort: Effort) -> Self {
        Self {
            compressor: Compressor::new(Direction::FULL, effort),
            decompressor: Decompressor::new(Direction::FULL),
            collected: Vec::new(),
            inflated: Vec::new(),
            deflated: Vec::new(),
            sending_compressed: false,
        }
    }

    /// Takes payload of a frame, of which `remaining` bytes have yet to come.
    ///
    /// # Errors
    /// [`Error::Extension`] for what is not deflate, [`Error::Limit`] beyond 64 KiB; the connection must fail.
    pub fn receive(
        &mut self,
        payload: &[u8],
        compressed: bool,
        remaining: usize,
    ) -> Result<Received<'_>, Error> {
        if !compressed {
            return Ok(Received::Unchanged);
        }
        if remaining.saturating_add(payload.len()).saturating_add(self.collected.len()) > MAX_COMPRESSED {
            return Err(Error::Limit("64 KiB for a compressed frame"));
        }
        if remaining > 0 {
            self.collected.extend_from_slice(payload);
            return Ok(Received::Kept);
        }
        self.inflated.clear();
        self.inflated.resize(PRE_PADDING, 0);
        let collected = std::mem::take(&mut self.collected);
        inflate(&mut self.decompressor, &[&collected, payload], &mut self.inflated)?;
        self.inflated.extend_from_slice(&[0; POST_PADDING]);
        Ok(Received::Payload(&mut self.inflated))
    }

    /// Compresses the payload of a frame.
    ///
    /// Returns it with [`PRE_PADDING`] bytes before and [`POST_PADDING`] after it.
    ///
    /// # Errors
    /// [`Error::NoMemory`].
    pub fn send(&mut self, payload: &[u8]) -> Result<&mut [u8], Error> {
        self.deflated.clear();
        self.deflated.resize(PRE_PADDING, 0);
        self.compressor.message(payload, true, &mut self.deflated)?;
        self.deflated.extend_from_slice(&[0; POST_PADDING]);
        self.sending_compressed = true;
        Ok(&mut self.deflated)
    }

    /// Whether the frame that has been made since the last call was compressed: then it says so by RSV1.
    pub const fn take_sending_compressed(&mut self) -> bool {
        std::mem::replace(&mut self.sending_compressed, false)
    }
}

/// Appends what `pieces` decompress to, up to [`MAX_PAYLOAD`].
fn inflate(decompressor: &mut Decompressor, pieces: &[&[u8]], out: &mut Vec<u8>) -> Result<(), Error> {
    const ROOM: usize = 4096;
    let begin = out.len();
    let mut input = pieces.iter().copied();
    let mut rest = input.next();
    loop {
        let end = out.len();
        if end - begin >= MAX_PAYLOAD {
            return Err(Error::Limit("64 KiB for a compressed frame"));
        }
        out.resize(end + ROOM, 0);
        let room = &mut out[end..];
        let produced = match &mut rest {
            Some(bytes) => {
                let moved = decompressor.push(bytes, room)?;
                *bytes = &bytes[moved.consumed..];
                moved.produced
            }
            None => decompressor.finish(room)?,
        };
        out.truncate(end + produced);
        if produced < ROOM {
            // Nothing more comes of this.
            if rest.is_none() {
                return Ok(());
            }
            rest = input.next();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(from: &mut DeflateFrame, payload: &[u8]) -> Vec<u8> {
        let frame = from.send(payload).unwrap();
        let frame = frame[PRE_PADDING..frame.len() - POST_PADDING].to_vec();
        assert!(from.take_sending_compressed());
        assert!(!from.take_sending_compressed());
        frame
    }

    fn received(to: &mut DeflateFrame, frame: &[u8], step: usize) -> Result<Vec<u8>, Error> {
        let mut rest = frame;
        while rest.len() > step {
            let (piece, after) = rest.split_at(step);
            assert!(matches!(to.receive(piece, true, after.len())?, Received::Kept));
            rest = after;
        }
        match to.receive(rest, true, 0)? {
            Received::Payload(payload) => Ok(payload[PRE_PADDING..payload.len() - POST_PADDING].to_vec()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn frames_come_back_in_pieces_of_any_size() {
        let mut from = DeflateFrame::new(Effort::Fast);
        let mut to = DeflateFrame::new(Effort::Balanced);
        for payload in [&b"plain"[..], b"plain", b"", &[b'x'; 60_000]] {
            let frame = sent(&mut from, payload);
            assert_eq!(received(&mut to, &frame, 3).unwrap(), payload);
        }
    }

    #[test]
    fn the_original_s_bytes_are_understood() {
        let mut to = DeflateFrame::new(Effort::Fast);
        let padded = b"\x4a\x4c\x04\x02\x00\x00\x00\x00\xff\xff\x00";
        assert_eq!(received(&mut to, padded, 4).unwrap(), b"aaaaa");
        assert_eq!(received(&mut to, b"\x2a\xc8\x49\xcc\xcc\x03\x00", 99).unwrap(), b"plain");
    }

    #[test]
    fn plain_frames_pass() {
        let mut to = DeflateFrame::new(Effort::Fast);
        assert!(matches!(to.receive(b"plain", false, 0), Ok(Received::Unchanged)));
    }

    #[test]
    fn the_announced_length_reserves_nothing() {
        let mut to = DeflateFrame::new(Effort::Fast);
        assert!(matches!(to.receive(b"12345678", true, usize::MAX), Err(Error::Limit(_))));
        assert!(matches!(to.receive(b"12345678", true, 60_000), Ok(Received::Kept)));
        assert!(to.collected.capacity() < 100);
    }

    #[test]
    fn what_inflates_beyond_64_kib_fails() {
        let mut from = DeflateFrame::new(Effort::Fast);
        let frame = sent(&mut from, &[0; MAX_PAYLOAD]);
        assert!(frame.len() < 1000);
        assert!(matches!(received(&mut DeflateFrame::new(Effort::Fast), &frame, 1000), Err(Error::Limit(_))));
        let mut from = DeflateFrame::new(Effort::Fast);
        let frame = sent(&mut from, &[0; MAX_PAYLOAD - 1]);
        assert!(received(&mut DeflateFrame::new(Effort::Fast), &frame, 1000).is_ok());
    }

    #[test]
    fn rubbish_fails() {
        assert!(matches!(
            received(&mut DeflateFrame::new(Effort::Fast), b"\xff\xff", 9),
            Err(Error::Extension(_))
        ));
    }
}
