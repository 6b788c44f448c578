//! Packets: a header of six bytes, and one of four bodies. Integers are big endian.

use super::MIN_PACKET_SIZE;
use crate::lwmsg::error::{Result, Status};

/// Bytes of the header all packets have: length (4), type (1), flags (1).
pub const HEADER: usize = 6;
/// Bytes before the payload of a message.
pub const MESSAGE: usize = 15;
/// Bytes of a CONNECT or an ACCEPT.
pub const GREETING: usize = 19;
/// Bytes of a SHUTDOWN.
pub const SHUTDOWN: usize = 10;

/// The packet begins a message.
pub const FIRST: u8 = 1;
/// The packet ends a message.
pub const LAST: u8 = 2;

/// What a packet is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Kind {
    /// A message, or a fragment of one.
    Message = 1,
    /// The greeting of the end that connected.
    Connect = 2,
    /// The greeting of the end that accepted.
    Accept = 3,
    /// The end of the association.
    Shutdown = 5,
}

impl Kind {
    fn of(byte: u8) -> Option<Self> {
        [Self::Message, Self::Connect, Self::Accept, Self::Shutdown]
            .into_iter()
            .find(|kind| *kind as u8 == byte)
    }
}

/// What a message says besides its payload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Envelope {
    /// Flags of [`crate::lwmsg::types::message_flag`].
    pub flags: u8,
    /// The status of a reply or of a control message.
    pub status: u32,
    /// What a reply has in common with its request.
    pub cookie: u16,
    /// The message's number, negative without a payload.
    pub tag: i16,
}

impl Envelope {
    /// The header of a packet of the message.
    pub fn encode(&self, length: usize, fragment: u8) -> [u8; MESSAGE] {
        let mut bytes = [0; MESSAGE];
        bytes[..HEADER].copy_from_slice(&header(length, Kind::Message, fragment));
        bytes[6] = self.flags;
        bytes[7..11].copy_from_slice(&self.status.to_be_bytes());
        bytes[11..13].copy_from_slice(&self.cookie.to_be_bytes());
        bytes[13..15].copy_from_slice(&self.tag.to_be_bytes());
        bytes
    }
}

/// The first words of each end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Greeting {
    /// The largest packet this end takes, its header included.
    pub packet_size: u32,
    /// Half of the session's name: the connecting end's or the accepting end's.
    pub cookie: [u8; 8],
}

impl Greeting {
    /// As a CONNECT or an ACCEPT.
    pub fn encode(&self, kind: Kind) -> [u8; GREETING] {
        let mut bytes = [0; GREETING];
        bytes[..HEADER].copy_from_slice(&header(GREETING, kind, FIRST | LAST));
        bytes[7..11].copy_from_slice(&self.packet_size.to_be_bytes());
        bytes[11..].copy_from_slice(&self.cookie);
        bytes
    }
}

/// A SHUTDOWN that tells `status`: PEER_CLOSE, PEER_RESET or PEER_ABORT.
pub fn shutdown(status: Status) -> [u8; SHUTDOWN] {
    let mut bytes = [0; SHUTDOWN];
    bytes[..HEADER].copy_from_slice(&header(SHUTDOWN, Kind::Shutdown, FIRST | LAST));
    bytes[HEADER..].copy_from_slice(&status.0.to_be_bytes());
    bytes
}

fn header(length: usize, kind: Kind, fragment: u8) -> [u8; HEADER] {
    let [a, b, c, d] = (length as u32).to_be_bytes();
    [a, b, c, d, kind as u8, fragment]
}

/// The length that the header of a packet announces. MALFORMED when it is impossible or above `limit`.
pub fn length(header: &[u8; HEADER], limit: usize) -> Result<usize> {
    let [a, b, c, d, ..] = *header;
    let length = u32::from_be_bytes([a, b, c, d]) as usize;
    if length < HEADER || length > limit { Err(Status::MALFORMED) } else { Ok(length) }
}

/// A complete packet, taken apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Packet<'a> {
    /// A message or a fragment: its envelope, whether it is the last, and its part of the payload.
    Message(Envelope, bool, &'a [u8]),
    /// A CONNECT or an ACCEPT.
    Greeting(Kind, Greeting),
    /// The other end goes, for this reason.
    Shutdown(Status),
}

impl<'a> Packet<'a> {
    /// Takes a packet apart. MALFORMED for an unknown type, a length that does not fit it, or a packet size that
    /// leaves no room for payload.
    pub fn decode(bytes: &'a [u8]) -> Result<Self> {
        let word = |at: usize| -> Result<[u8; 4]> {
            bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).ok_or(Status::MALFORMED)
        };
        let kind = bytes.get(4).and_then(|byte| Kind::of(*byte)).ok_or(Status::MALFORMED)?;
        let fragment = *bytes.get(5).ok_or(Status::MALFORMED)?;
        match kind {
            Kind::Message => {
                let (header, payload) = bytes.split_at_checked(MESSAGE).ok_or(Status::MALFORMED)?;
                let envelope = Envelope {
                    flags: header[6],
                    status: u32::from_be_bytes(word(7)?),
                    cookie: u16::from_be_bytes([header[11], header[12]]),
                    tag: i16::from_be_bytes([header[13], header[14]]),
                };
                Ok(Self::Message(envelope, fragment & LAST != 0, payload))
            }
            Kind::Connect | Kind::Accept => {
                let packet_size = u32::from_be_bytes(word(7)?);
                let cookie = bytes.get(11..).and_then(|cookie| cookie.try_into().ok());
                let cookie = cookie.filter(|_| packet_size as usize >= MIN_PACKET_SIZE);
                Ok(Self::Greeting(kind, Greeting { packet_size, cookie: cookie.ok_or(Status::MALFORMED)? }))
            }
            Kind::Shutdown => Ok(Self::Shutdown(match Status(u32::from_be_bytes(word(6)?)) {
                status @ (Status::PEER_CLOSE | Status::PEER_RESET | Status::PEER_ABORT) => status,
                _ => Status::PEER_ABORT,
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greetings_are_the_originals_bytes() {
        let greeting =
            Greeting { packet_size: 8192, cookie: [0xdf, 0x4b, 0xda, 0x9e, 0xf0, 0x25, 0x33, 0x8a] };
        let bytes = greeting.encode(Kind::Connect);
        assert_eq!(
            bytes,
            [0, 0, 0, 0x13, 2, 3, 0, 0, 0, 0x20, 0, 0xdf, 0x4b, 0xda, 0x9e, 0xf0, 0x25, 0x33, 0x8a]
        );
        assert_eq!(Packet::decode(&bytes), Ok(Packet::Greeting(Kind::Connect, greeting)));
    }

    #[test]
    fn an_envelope_is_the_originals_bytes() {
        let envelope = Envelope { flags: 4, status: 24, cookie: 0x1234, tag: 3 };
        let bytes = envelope.encode(MESSAGE, FIRST | LAST);
        assert_eq!(bytes, [0, 0, 0, 0x0f, 1, 3, 4, 0, 0, 0, 0x18, 0x12, 0x34, 0, 3]);
        assert_eq!(Packet::decode(&bytes), Ok(Packet::Message(envelope, true, &[])));
        let cancel = Envelope { flags: 1, status: 14, cookie: 6, tag: -1 };
        assert_eq!(
            cancel.encode(MESSAGE, FIRST | LAST),
            [0, 0, 0, 0x0f, 1, 3, 1, 0, 0, 0, 0x0e, 0, 6, 0xff, 0xff]
        );
    }

    #[test]
    fn a_shutdown_is_the_originals_bytes_and_unknown_reasons_count_as_abort() {
        assert_eq!(shutdown(Status::PEER_CLOSE), [0, 0, 0, 0x0a, 5, 3, 0, 0, 0, 0x13]);
        assert_eq!(Packet::decode(&shutdown(Status::PEER_RESET)), Ok(Packet::Shutdown(Status::PEER_RESET)));
        assert_eq!(Packet::decode(&shutdown(Status(0))), Ok(Packet::Shutdown(Status::PEER_ABORT)));
    }

    #[test]
    fn packets_that_cannot_be_are_malformed() {
        for length_word in [0u32, 5, 8193, u32::MAX] {
            let [a, b, c, d] = length_word.to_be_bytes();
            assert_eq!(length(&[a, b, c, d, 1, 3], 8192), Err(Status::MALFORMED), "{length_word}");
        }
        for bytes in [&[0, 0, 0, 6, 1, 3][..], &[0, 0, 0, 6, 4, 3], &[0, 0, 0, 6, 5, 3], &[0, 0, 0, 6, 2, 3]]
        {
            assert_eq!(Packet::decode(bytes), Err(Status::MALFORMED), "{bytes:?}");
        }
        let small = Greeting { packet_size: 19, cookie: [0; 8] }.encode(Kind::Accept);
        assert_eq!(Packet::decode(&small), Err(Status::MALFORMED));
        let mut long = Greeting { packet_size: 64, cookie: [0; 8] }.encode(Kind::Accept).to_vec();
        long.push(0);
        assert_eq!(Packet::decode(&long), Err(Status::MALFORMED));
    }
}
