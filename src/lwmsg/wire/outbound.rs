//! Messages on their way out: cut into packets while they are written, never copied.

use super::packet::{Envelope, FIRST, LAST, MESSAGE};
use crate::lwmsg::types::message_flag;
use crate::net::descriptors;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// The most parts one write is made of; the kernel takes 1024.
const MOST_PARTS: usize = 256;

/// What messages take while they wait.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Cost {
    /// Memory.
    pub bytes: usize,
    /// Descriptors that are open.
    pub descriptors: usize,
}

impl std::iter::Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            bytes: sum.bytes + one.bytes,
            descriptors: sum.descriptors + one.descriptors,
        })
    }
}

/// Something to be written: a message, or bytes that are a packet already.
#[derive(Debug)]
pub struct Outbound {
    /// Room for the first packet's header, then the payload; or a whole packet.
    bytes: Vec<u8>,
    envelope: Option<Envelope>,
    descriptors: VecDeque<OwnedFd>,
    /// Bytes of the packets that have been written.
    written: usize,
}

impl Outbound {
    /// An empty message's bytes: append the payload and call [`Self::message`].
    pub fn buffer() -> Vec<u8> {
        let mut bytes = Vec::with_capacity(240);
        bytes.resize(MESSAGE, 0);
        bytes
    }

    /// A message. `bytes` began as [`Self::buffer`].
    pub fn message(envelope: Envelope, bytes: Vec<u8>, descriptors: Vec<OwnedFd>) -> Self {
        Self { bytes, envelope: Some(envelope), descriptors: descriptors.into(), written: 0 }
    }

    /// A message without payload.
    pub fn empty(envelope: Envelope) -> Self {
        Self::message(envelope, Self::buffer(), Vec::new())
    }

    /// A packet that is complete: a greeting or a shutdown.
    pub fn packet(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), envelope: None, descriptors: VecDeque::new(), written: 0 }
    }

    /// Gives the message its cookie.
    pub fn set_cookie(&mut self, cookie: u16) {
        if let Some(envelope) = &mut self.envelope {
            envelope.cookie = cookie;
        }
    }

    /// Whether nothing of it has been written yet.
    pub fn is_untouched(&self) -> bool {
        self.written == 0
    }

    fn payload_len(&self) -> usize {
        self.envelope.map_or(0, |_| self.bytes.len() - MESSAGE)
    }

    /// What waiting costs, of a reply.
    pub fn reply_cost(&self) -> Cost {
        match self.envelope {
            Some(envelope) if u32::from(envelope.flags) & message_flag::REPLY != 0 => {
                // One without a payload is not for free: there may be as many as the other end likes to ask for.
                Cost { bytes: size_of::<Self>() + self.bytes.capacity(), descriptors: self.descriptors.len() }
            }
            _ => Cost::default(),
        }
    }

    /// The header of packet `index`, and the part of `bytes` that is its payload.
    fn packet_at(&self, index: usize, packet_size: usize) -> ([u8; MESSAGE], std::ops::Range<usize>) {
        let room = packet_size - MESSAGE;
        let start = MESSAGE + index * room;
        let end = self.bytes.len().min(start + room);
        let first = if index == 0 { FIRST } else { 0 };
        let last = if end == self.bytes.len() { LAST } else { 0 };
        let envelope = self.envelope.unwrap_or(Envelope { flags: 0, status: 0, cookie: 0, tag: -1 });
        (envelope.encode(MESSAGE + end - start, first | last), start..end)
    }

    fn packets(&self, packet_size: usize) -> usize {
        self.payload_len().div_ceil(packet_size - MESSAGE).max(1)
    }

    /// Bytes of all its packets.
    fn total(&self, packet_size: usize) -> usize {
        match self.envelope {
            Some(_) => self.payload_len() + MESSAGE * self.packets(packet_size),
            None => self.bytes.len(),
        }
    }

    /// Appends what is not written yet as parts, at most `most` of them. False when there was more.
    fn parts(&self, packet_size: usize, most: usize, parts: &mut Vec<Part>) -> bool {
        if self.envelope.is_none() {
            parts.push(Part::Bytes(self.written..self.bytes.len()));
            return true;
        }
        let (mut index, mut skip) = (self.written / packet_size, self.written % packet_size);
        let packets = self.packets(packet_size);
        let limit = parts.len() + most;
        while index < packets {
            if parts.len() + 2 > limit {
                return false;
            }
            let (header, payload) = self.packet_at(index, packet_size);
            if skip < MESSAGE {
                parts.push(Part::Header(header, skip));
            }
            let payload = payload.start + skip.saturating_sub(MESSAGE)..payload.end;
            if !payload.is_empty() {
                parts.push(Part::Bytes(payload));
            }
            (index, skip) = (index + 1, 0);
        }
        true
    }
}

#[derive(Debug)]
enum Part {
    Header([u8; MESSAGE], usize),
    Bytes(std::ops::Range<usize>),
}

/// Writes as much of the queue as the socket takes; what is complete leaves the queue. `Ok(true)` when all is
/// written, `Ok(false)` when the socket is full.
///
/// # Errors
/// What `sendmsg` reports.
pub fn write(socket: BorrowedFd<'_>, queue: &mut VecDeque<Outbound>, packet_size: usize) -> io::Result<bool> {
    while !queue.is_empty() {
        match write_some(socket, queue, packet_size) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

fn write_some(socket: BorrowedFd<'_>, queue: &mut VecDeque<Outbound>, packet_size: usize) -> io::Result<()> {
    let mut parts: Vec<Part> = Vec::new();
    // Which message each part belongs to ends where the next one's parts begin.
    let mut bounds: Vec<usize> = Vec::new();
    for (index, message) in queue.iter().enumerate() {
        // Descriptors travel with the first byte of a write, so the message they belong to begins one.
        if index > 0 && !message.descriptors.is_empty() {
            break;
        }
        let all = message.parts(packet_size, MOST_PARTS - parts.len(), &mut parts);
        bounds.push(parts.len());
        if !all || parts.len() + 2 > MOST_PARTS {
            break;
        }
    }
    let front = &queue[0];
    let most = front.descriptors.len().min(descriptors::MOST);
    let attached: Vec<BorrowedFd<'_>> = front.descriptors.iter().take(most).map(|d| d.as_fd()).collect();
    if front.descriptors.len() > most {
        // More than one write can carry: the rest needs a byte of its own, so this write ends with the header.
        parts.truncate(1);
        bounds.truncate(1);
    }
    let mut owner = 0;
    let slices: Vec<IoSlice<'_>> = parts
        .iter()
        .enumerate()
        .map(|(index, part)| {
            while index >= bounds[owner] {
                owner += 1;
            }
            match part {
                Part::Header(header, skip) => IoSlice::new(&header[*skip..]),
                Part::Bytes(range) => IoSlice::new(&queue[owner].bytes[range.clone()]),
            }
        })
        .collect();
    let mut sent = descriptors::send(socket, &slices, &attached)?;
    // They went with the first byte, however many bytes followed; the duplicates have served.
    queue[0].descriptors.drain(..most);
    while let Some(message) = queue.front_mut() {
        let rest = message.total(packet_size) - message.written;
        if sent < rest {
            message.written += sent;
            break;
        }
        sent -= rest;
        queue.pop_front();
        if sent == 0 {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;
    use std::os::unix::net::UnixStream;

    fn message(cookie: u16, payload: &[u8]) -> Outbound {
        let mut bytes = Outbound::buffer();
        bytes.extend_from_slice(payload);
        Outbound::message(Envelope { flags: 0, status: 0, cookie, tag: 1 }, bytes, Vec::new())
    }

    fn written(mut queue: VecDeque<Outbound>, packet_size: usize) -> Vec<u8> {
        let (a, mut b) = UnixStream::pair().unwrap();
        assert!(write(a.as_fd(), &mut queue, packet_size).unwrap());
        assert!(queue.is_empty());
        drop(a);
        let mut bytes = Vec::new();
        b.read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_long_payload_is_cut_as_the_original_cuts_it() {
        let payload: Vec<u8> = (0..111).collect();
        let bytes = written([message(0x1234, &payload)].into(), 64);
        assert_eq!(bytes.len(), 64 + 64 + 25 + 3);
        assert_eq!(&bytes[..6], &[0, 0, 0, 0x40, 1, 1]);
        assert_eq!(&bytes[64..70], &[0, 0, 0, 0x40, 1, 0]);
        assert_eq!(&bytes[128..134], &[0, 0, 0, 28, 1, 2]);
        let payloads: Vec<u8> = bytes.chunks(64).flat_map(|packet| packet[15..].to_vec()).collect();
        assert_eq!(payloads, payload);
    }

    #[test]
    fn a_payload_that_fills_a_packet_is_one_packet() {
        let bytes = written([message(1, &[7; 49])].into(), 64);
        assert_eq!((bytes.len(), &bytes[..6]), (64, &[0, 0, 0, 0x40, 1, 3][..]));
        let bytes = written([message(1, &[])].into(), 64);
        assert_eq!((bytes.len(), &bytes[..6]), (15, &[0, 0, 0, 0x0f, 1, 3][..]));
    }

    #[test]
    fn a_full_socket_keeps_its_place_to_the_byte() {
        let (a, b) = UnixStream::pair().unwrap();
        let payload: Vec<u8> = (0..3_000_000u32).map(|i| (i * 7 / 3) as u8).collect();
        let mut queue: VecDeque<Outbound> = [message(1, &payload), message(2, b"next")].into();
        let mut all = Vec::new();
        let mut block = vec![0; 100_003];
        loop {
            let done = write(a.as_fd(), &mut queue, 8192).unwrap();
            if done {
                break;
            }
            let count = (&b).read(&mut block).unwrap();
            all.extend_from_slice(&block[..count]);
        }
        drop(a);
        (&b).read_to_end(&mut all).unwrap();
        assert_eq!(all, written_whole(&payload));
    }

    fn written_whole(payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let chunks: Vec<&[u8]> = payload.chunks(8192 - 15).collect();
        for (index, chunk) in chunks.iter().enumerate() {
            let flags = u8::from(index == 0) | if index + 1 == chunks.len() { 2 } else { 0 };
            let envelope = Envelope { flags: 0, status: 0, cookie: 1, tag: 1 };
            bytes.extend_from_slice(&envelope.encode(15 + chunk.len(), flags));
            bytes.extend_from_slice(chunk);
        }
        bytes.extend_from_slice(&Envelope { flags: 0, status: 0, cookie: 2, tag: 1 }.encode(19, 3));
        bytes.extend_from_slice(b"next");
        bytes
    }

    #[test]
    fn more_descriptors_than_one_write_carries_arrive_in_order() {
        let (a, b) = UnixStream::pair().unwrap();
        let many: Vec<OwnedFd> = (0..256).map(|_| a.as_fd().try_clone_to_owned().unwrap()).collect();
        let mut bytes = Outbound::buffer();
        bytes.extend_from_slice(&[0xff; 256]);
        let envelope = Envelope { flags: 0, status: 0, cookie: 0, tag: 1 };
        let mut queue = [Outbound::message(envelope, bytes, many)].into();
        assert!(write(a.as_fd(), &mut queue, 8192).unwrap());
        let (mut got, mut descriptors) = (0, Vec::new());
        while got < 271 {
            let mut room = [0; 512];
            let mut parts = [io::IoSliceMut::new(&mut room)];
            got += crate::net::descriptors::receive(b.as_fd(), &mut parts, &mut descriptors, 512, true)
                .unwrap()
                .bytes;
        }
        assert_eq!(descriptors.len(), 256);
    }
}
