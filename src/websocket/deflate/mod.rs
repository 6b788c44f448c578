//! Compression of WebSocket payload (RFC 7692), and the two forms that came before it.
//!
//! - permessage-deflate: [`negotiation`] says what both sides agreed to; each direction has a
//!   [`Compressor`] and a [`Decompressor`] that work a message at a time, in pieces of any size.
//! - deflate-frame: the same bytes with a frame in the place of a message.
//! - deflate-stream: the whole byte stream after the handshake, see [`Compressor::stream`].
//!
//! The state of a direction (about 300 kB to compress, 40 kB to decompress) is made when the first
//! compressed byte asks for it, so that idle connections cost nothing. What a peer can make us hold
//! is bounded by the agreed window: output goes to room that the caller offers, piece by piece.

pub mod negotiation;
mod stream;

pub use stream::{Compressor, Decompressor, DeflateError, Moved};

/// The smallest window that is compressed with: zlib has none of 256 bytes.
pub const MIN_WINDOW_BITS: u8 = 9;

/// The largest window, 32 KiB, and the one that is meant where none is named.
pub const MAX_WINDOW_BITS: u8 = 15;

/// What ends the compressed bytes of each message and is left out on the wire (RFC 7692, section 7.2.1).
pub const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// What was agreed for one direction.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Direction {
    /// The sender's window is at most `1 << window_bits` bytes, 8 to 15.
    pub window_bits: u8,
    /// The window is carried from one message to the next.
    pub context_takeover: bool,
}

impl Direction {
    /// The largest window, kept: what holds when nothing was negotiated.
    pub const FULL: Self = Self { window_bits: MAX_WINDOW_BITS, context_takeover: true };
}

/// How hard to compress.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Effort {
    /// As fast as it goes: for servers with many connections.
    Fast,
    /// zlib's own default.
    #[default]
    Balanced,
}
