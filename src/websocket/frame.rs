//! Frame headers (RFC 6455, section 5.2).
//!
//! [`parse`] is incremental without state: it is given what has arrived of a header and says what it
//! is, that it is wrong, or how many bytes it must have to say more. It asks in stages (the first
//! two bytes, the extended length, the masking key), so that a violation is reported as soon as its
//! bytes are there.

use thiserror::Error;

/// The longest header: two bytes, a 64-bit length and a masking key.
pub const MAX_HEADER: usize = 14;

/// The longest payload of a control frame, in bytes (section 5.5).
pub const MAX_CONTROL_PAYLOAD: usize = 125;

/// What a frame is for (section 11.8). Codes 3 to 7 and 11 to 15 are reserved.
pub mod opcode {
    /// Continues a fragmented message.
    pub const CONTINUATION: u8 = 0x0;
    /// Begins a text message.
    pub const TEXT: u8 = 0x1;
    /// Begins a binary message.
    pub const BINARY: u8 = 0x2;
    /// Ends the connection.
    pub const CLOSE: u8 = 0x8;
    /// Asks for a pong.
    pub const PING: u8 = 0x9;
    /// Answers a ping, or comes unasked.
    pub const PONG: u8 = 0xa;

    /// Whether the opcode is a control frame's, defined or reserved.
    #[inline]
    pub const fn is_control(opcode: u8) -> bool {
        opcode & 0x8 != 0
    }

    /// Whether RFC 6455 defines the opcode.
    #[inline]
    pub const fn is_defined(opcode: u8) -> bool {
        matches!(opcode, CONTINUATION | TEXT | BINARY | CLOSE | PING | PONG)
    }
}

/// The first reserved bit, which compression extensions use, as it stands in [`Header::rsv`].
pub const RSV1: u8 = 4;
/// The second reserved bit.
pub const RSV2: u8 = 2;
/// The third reserved bit.
pub const RSV3: u8 = 1;

/// A frame header.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Header {
    /// The frame ends its message.
    pub fin: bool,
    /// Three reserved bits, RSV1 the highest: whether they are allowed is the front end's affair.
    pub rsv: u8,
    /// Four bits; see [`opcode`].
    pub opcode: u8,
    /// The masking key, if the payload is masked.
    pub mask: Option<[u8; 4]>,
    /// The length of the payload in bytes, below 2^63.
    pub payload_length: u64,
}

/// A header that breaks section 5.2 or 5.5 whoever sent it.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum FrameError {
    /// A control frame that is not final.
    #[error("fragmented control frame")]
    FragmentedControl,
    /// A control frame with more than 125 bytes of payload.
    #[error("control frame longer than 125 bytes")]
    ControlTooLong,
    /// A length that a shorter form could have said.
    #[error("payload length not in its shortest form")]
    LengthNotMinimal,
    /// A length of 2^63 or more.
    #[error("payload length of 2^63 bytes or more")]
    LengthTooLarge,
}

/// What [`parse`] made of the bytes so far.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Parsed {
    /// Nothing yet: it wants this many bytes in all, counted from the header's first.
    Need(usize),
    /// A whole header, and how many bytes it took.
    Done(Header, usize),
}

/// Parses the header at the start of `bytes`, which may be incomplete or go on with payload.
#[inline]
pub fn parse(bytes: &[u8]) -> Result<Parsed, FrameError> {
    let [first, second, rest @ ..] = bytes else {
        return Ok(Parsed::Need(2));
    };
    let mut header = Header {
        fin: first & 0x80 != 0,
        rsv: first >> 4 & 7,
        opcode: first & 0xf,
        mask: None,
        payload_length: u64::from(second & 0x7f),
    };
    if opcode::is_control(header.opcode) {
        if !header.fin {
            return Err(FrameError::FragmentedControl);
        }
        if header.payload_length > MAX_CONTROL_PAYLOAD as u64 {
            return Err(FrameError::ControlTooLong);
        }
    }
    let mut used = 2;
    let rest = match header.payload_length {
        126 => {
            let Some((length, rest)) = rest.split_first_chunk::<2>() else {
                return Ok(Parsed::Need(4));
            };
            header.payload_length = u64::from(u16::from_be_bytes(*length));
            if header.payload_length < 126 {
                return Err(FrameError::LengthNotMinimal);
            }
            used += 2;
            rest
        }
        127 => {
            let Some((length, rest)) = rest.split_first_chunk::<8>() else {
                return Ok(Parsed::Need(10));
            };
            header.payload_length = u64::from_be_bytes(*length);
            if header.payload_length < 1 << 16 {
                return Err(FrameError::LengthNotMinimal);
            }
            if header.payload_length >= 1 << 63 {
                return Err(FrameError::LengthTooLarge);
            }
            used += 8;
            rest
        }
        _ => rest,
    };
    if second & 0x80 != 0 {
        let Some(key) = rest.first_chunk::<4>() else {
            return Ok(Parsed::Need(used + 4));
        };
        header.mask = Some(*key);
        used += 4;
    }
    Ok(Parsed::Done(header, used))
}

impl Header {
    /// How many bytes [`Header::encode`] will write.
    #[inline]
    pub const fn encoded_len(&self) -> usize {
        let length = match self.payload_length {
            0..126 => 0,
            126..65536 => 2,
            _ => 8,
        };
        2 + length + if self.mask.is_some() { 4 } else { 0 }
    }

    /// Writes the header in its shortest form to the start of `out` and returns its length.
    ///
    /// The reserved bits and the opcode are cut to their widths.
    #[inline]
    pub fn encode(&self, out: &mut [u8; MAX_HEADER]) -> usize {
        out[0] = u8::from(self.fin) << 7 | (self.rsv & 7) << 4 | self.opcode & 0xf;
        let masked = if self.mask.is_some() { 0x80 } else { 0 };
        let mut used = match self.payload_length {
            length @ 0..126 => {
                out[1] = masked | length as u8;
                2
            }
            length @ 126..65536 => {
                out[1] = masked | 126;
                out[2..4].copy_from_slice(&(length as u16).to_be_bytes());
                4
            }
            length => {
                out[1] = masked | 127;
                out[2..10].copy_from_slice(&length.to_be_bytes());
                10
            }
        };
        if let Some(key) = self.mask {
            out[used..used + 4].copy_from_slice(&key);
            used += 4;
        }
        used
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(opcode: u8, payload_length: u64) -> Header {
        Header { fin: true, opcode, payload_length, ..Header::default() }
    }

    #[test]
    fn lengths_take_their_shortest_form() {
        let mut out = [0; MAX_HEADER];
        for (length, expected) in [
            (0, &b"\x82\x00"[..]),
            (125, b"\x82\x7d"),
            (126, b"\x82\x7e\x00\x7e"),
            (65535, b"\x82\x7e\xff\xff"),
            (65536, b"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
        ] {
            let header = header(opcode::BINARY, length);
            let used = header.encode(&mut out);
            assert_eq!(&out[..used], expected);
            assert_eq!(header.encoded_len(), used);
        }
    }

    #[test]
    fn every_header_comes_back_and_asks_for_no_byte_too_many() {
        for first in 0..=255u8 {
            for length in [0, 1, 125, 126, 65535, 65536, (1 << 63) - 1] {
                for mask in [None, Some([1, 2, 3, 4])] {
                    let header = Header {
                        fin: first & 0x80 != 0,
                        rsv: first >> 4 & 7,
                        opcode: first & 15,
                        mask,
                        payload_length: length,
                    };
                    let mut out = [0; MAX_HEADER];
                    let used = header.encode(&mut out);
                    let refused = opcode::is_control(header.opcode) && (!header.fin || length > 125);
                    for cut in 0..used {
                        match parse(&out[..cut]) {
                            Ok(Parsed::Need(need)) => assert!(cut < need && need <= used),
                            Ok(Parsed::Done(..)) => panic!("done after {cut} of {used}"),
                            Err(_) => assert!(refused && cut >= 2),
                        }
                    }
                    match parse(&out) {
                        Ok(parsed) => assert_eq!(parsed, Parsed::Done(header, used)),
                        Err(_) => assert!(refused),
                    }
                }
            }
        }
    }

    #[test]
    fn violations_show_as_soon_as_their_bytes_are_there() {
        assert_eq!(parse(b"\x09\x80"), Err(FrameError::FragmentedControl));
        assert_eq!(parse(b"\x89\xfe"), Err(FrameError::ControlTooLong));
        assert_eq!(parse(b"\x82\xfe\x00\x7d"), Err(FrameError::LengthNotMinimal));
        assert_eq!(parse(b"\x82\xff\0\0\0\0\0\0\xff\xff"), Err(FrameError::LengthNotMinimal));
        assert_eq!(parse(b"\x82\x7f\x80\0\0\0\0\0\0\0"), Err(FrameError::LengthTooLarge));
    }
}
