//! Messages on their way in: bytes and descriptors as they arrive, put together again.

use super::packet::{self, Envelope, Greeting, HEADER, Kind, Packet};
use super::{MAX_DESCRIPTORS, MAX_PAYLOAD};
use crate::lwmsg::error::{Result, Status};
use crate::net::descriptors;
use std::collections::VecDeque;
use std::io::{self, IoSliceMut};
use std::os::fd::{BorrowedFd, OwnedFd};

/// Bytes read at once while messages are small, and while a large one is arriving.
const SMALL_READ: usize = 16 * 1024;
const LARGE_READ: usize = 256 * 1024;

/// What a [`Inbound::read`] did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Read {
    /// Bytes came; the socket may have more.
    Some,
    /// Bytes came, and the socket had no more.
    Drained,
    /// Nothing is there yet.
    Nothing,
}

/// Something complete that arrived.
#[derive(Debug)]
pub enum Event<'a> {
    /// A CONNECT or an ACCEPT.
    Greeting(Kind, Greeting),
    /// A message.
    Message(Message<'a>),
}

/// A message that arrived.
#[derive(Debug)]
pub struct Message<'a> {
    /// Flags, status, cookie and tag.
    pub envelope: Envelope,
    /// The payload of all its packets.
    pub payload: &'a [u8],
    /// The descriptors that arrived and are not taken; each present descriptor of a payload takes the first.
    pub descriptors: &'a mut VecDeque<OwnedFd>,
    /// Nothing that follows the message has arrived: the descriptors, as far as one can tell, came with it.
    pub is_last: bool,
}

/// The receiving half of a connection.
#[derive(Debug)]
pub struct Inbound {
    buffer: Vec<u8>,
    /// The unread bytes are `buffer[start..end]`.
    start: usize,
    end: usize,
    limit: usize,
    descriptors: VecDeque<OwnedFd>,
    partial: Option<(Envelope, Vec<u8>)>,
    /// The last message's payload, when it came in several packets.
    assembled: Vec<u8>,
    closed: bool,
    /// Both ends have greeted.
    open: bool,
    /// Never take more from the socket than the packet that is arriving.
    exact: bool,
}

impl Inbound {
    /// Nothing has arrived; packets may have `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            buffer: Vec::new(),
            start: 0,
            end: 0,
            limit,
            descriptors: VecDeque::new(),
            partial: None,
            assembled: Vec::new(),
            closed: false,
            open: false,
            exact: false,
        }
    }

    /// As [`Self::new`], for a socket that somebody else watches: what is not needed yet stays in it.
    pub fn exact(limit: usize) -> Self {
        Self { exact: true, ..Self::new(limit) }
    }

    /// Both ends have greeted: packets may have `limit` bytes from now on, and descriptors that came with the greeting
    /// or before belong to nothing. A read ends with descriptors, so those of one that brought more are for what
    /// follows.
    pub fn established(&mut self, limit: usize) {
        self.limit = limit;
        self.open = true;
        if self.start == self.end {
            self.descriptors.clear();
        }
    }

    /// Whether a message has begun to arrive.
    pub fn is_partial(&self) -> bool {
        self.partial.is_some() || self.start < self.end
    }

    /// Whether a whole packet, or the end, waits to be taken by [`Self::next_event`].
    pub fn is_ready(&self) -> bool {
        match self.unread().first_chunk::<HEADER>() {
            Some(header) => {
                packet::length(header, self.limit).map_or(true, |length| self.end - self.start >= length)
            }
            None => self.closed,
        }
    }

    fn unread(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Takes what the socket has, as much as fits.
    ///
    /// # Errors
    /// MALFORMED for more descriptors than may wait, RESOURCE_LIMIT when this process may open no more, PEER_CLOSE when
    /// the connection is broken, or the status of another error of the system. The orderly end is not an error here:
    /// [`Self::next_event`] tells it.
    pub fn read(&mut self, socket: BorrowedFd<'_>) -> Result<Read> {
        self.make_room();
        let mut room = self.buffer.len() - self.end;
        if self.exact {
            let wanted = match self.unread().first_chunk::<HEADER>() {
                Some(header) => packet::length(header, self.limit)?,
                None => HEADER,
            };
            room = room.min(wanted.saturating_sub(self.end - self.start));
        }
        let kept = self.descriptors.len();
        let mut parts = [IoSliceMut::new(&mut self.buffer[self.end..self.end + room])];
        let most = MAX_DESCRIPTORS - kept;
        // Close-on-exec: what no message takes is nobody else's business.
        match descriptors::receive(socket, &mut parts, &mut self.descriptors, most, true) {
            // The bytes that came along are lost with them: whoever reads on would take what follows for something
            // else.
            Ok(received) if received.descriptors_lost => Err(match self.descriptors.len() {
                MAX_DESCRIPTORS.. => Status::MALFORMED,
                // This process may open no more.
                _ => Status::RESOURCE_LIMIT,
            }),
            Ok(received) if received.bytes == 0 => {
                self.closed = true;
                Ok(Read::Drained)
            }
            Ok(received) => {
                self.end += received.bytes;
                // A read that brings descriptors ends with them, whether or not more follows.
                let more = received.bytes == room || self.descriptors.len() > kept;
                Ok(if more { Read::Some } else { Read::Drained })
            }
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock => Ok(Read::Nothing),
                io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Err(Status::PEER_CLOSE),
                _ => Err(error.into()),
            },
        }
    }

    /// Room for a read: as large as what is coming, but never for what a header merely promises.
    fn make_room(&mut self) {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        let wanted = match (self.exact, self.partial.is_some()) {
            (true, _) => self.limit.min(LARGE_READ) * 2,
            (false, true) => LARGE_READ,
            (false, false) => SMALL_READ,
        };
        if self.buffer.len() - self.end >= wanted / 2 {
            return;
        }
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        let size = self.end + wanted;
        if self.buffer.len() < size {
            self.buffer.resize(size, 0);
        }
    }

    /// The next complete event, `None` when more bytes are needed.
    ///
    /// # Errors
    /// MALFORMED for what cannot be a packet, or has no place here; PEER_CLOSE, PEER_RESET or PEER_ABORT when the
    /// other end has gone.
    pub fn next_event(&mut self) -> Result<Option<Event<'_>>> {
        loop {
            let unread = &self.buffer[self.start..self.end];
            let Some(header) = unread.first_chunk::<HEADER>() else { return self.nothing() };
            let length = packet::length(header, self.limit)?;
            if unread.len() < length {
                return self.nothing();
            }
            let begin = self.start;
            self.start += length;
            let is_last = self.start == self.end;
            match Packet::decode(&self.buffer[begin..begin + length])? {
                Packet::Shutdown(status) => return Err(status),
                Packet::Greeting(..) if self.partial.is_some() => return Err(Status::MALFORMED),
                Packet::Greeting(kind, greeting) => return Ok(Some(Event::Greeting(kind, greeting))),
                // Nothing is collected from somebody who has not said who it is.
                Packet::Message(_, false, _) if !self.open => return Err(Status::MALFORMED),
                Packet::Message(envelope, last, payload) => {
                    let whole = match (self.partial.take(), last) {
                        (None, true) => (envelope, begin + length - payload.len()..begin + length),
                        (partial, last) => {
                            let (envelope, mut bytes) = partial.unwrap_or((envelope, Vec::new()));
                            if bytes.len() + payload.len() > MAX_PAYLOAD {
                                return Err(Status::MALFORMED);
                            }
                            bytes.try_reserve(payload.len())?;
                            bytes.extend_from_slice(payload);
                            if !last {
                                self.partial = Some((envelope, bytes));
                                continue;
                            }
                            self.assembled = bytes;
                            return Ok(Some(Event::Message(Message {
                                envelope,
                                payload: &self.assembled,
                                descriptors: &mut self.descriptors,
                                is_last,
                            })));
                        }
                    };
                    let (envelope, range) = whole;
                    return Ok(Some(Event::Message(Message {
                        envelope,
                        payload: &self.buffer[range],
                        descriptors: &mut self.descriptors,
                        is_last,
                    })));
                }
            }
        }
    }

    /// The envelope of the message that [`Self::next_event`] would give now, when it is in the buffer as one packet.
    fn peek(&self) -> Option<Envelope> {
        let unread = self.unread();
        let length = packet::length(unread.first_chunk::<HEADER>()?, self.limit).ok()?;
        match Packet::decode(unread.get(..length)?) {
            Ok(Packet::Message(envelope, ..)) if self.partial.is_none() => Some(envelope),
            _ => None,
        }
    }

    /// Whether a whole packet of a message waits.
    pub fn is_message_ready(&self) -> bool {
        self.peek().is_some()
    }

    /// The status that [`Self::next_event`] would end with now, when what waits is the end.
    pub fn ended(&self) -> Option<Status> {
        let unread = self.unread();
        let whole = unread.first_chunk::<HEADER>().and_then(|header| {
            let length = packet::length(header, self.limit).ok()?;
            unread.get(..length)
        });
        match whole.map(Packet::decode) {
            Some(Ok(Packet::Shutdown(status))) => Some(status),
            None if self.closed => Some(Status::PEER_CLOSE),
            _ => None,
        }
    }

    /// The envelope of the message that is arriving, one packet or several.
    pub fn arriving(&self) -> Option<Envelope> {
        self.partial.as_ref().map(|(envelope, _)| *envelope).or_else(|| self.peek())
    }

    /// How many descriptors have arrived that no message has taken.
    pub fn descriptors(&self) -> usize {
        self.descriptors.len()
    }

    /// Frees what a message of several packets left behind: the next one brings memory of its own.
    pub fn trim(&mut self) {
        self.assembled = Vec::new();
    }

    fn nothing(&self) -> Result<Option<Event<'static>>> {
        if self.closed { Err(Status::PEER_CLOSE) } else { Ok(None) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lwmsg::wire::packet::{FIRST, LAST, MESSAGE};
    use std::io::Write;
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    fn fragment(cookie: u16, flags: u8, payload: &[u8]) -> Vec<u8> {
        let envelope = Envelope { flags: 0, status: 0, cookie, tag: 1 };
        let mut bytes = envelope.encode(MESSAGE + payload.len(), flags).to_vec();
        bytes.extend_from_slice(payload);
        bytes
    }

    /// All payloads of a stream that arrives in pieces of `step` bytes, and how it ended.
    fn all(stream: &[u8], step: usize) -> (Vec<(u16, Vec<u8>)>, Status) {
        let (mut a, b) = UnixStream::pair().unwrap();
        let mut inbound = Inbound::new(64);
        inbound.established(64);
        let mut messages = Vec::new();
        let mut pieces = stream.chunks(step);
        loop {
            match inbound.next_event() {
                Ok(Some(Event::Message(message))) => {
                    messages.push((message.envelope.cookie, message.payload.to_vec()));
                }
                Ok(Some(Event::Greeting(..))) => messages.push((0, Vec::new())),
                Ok(None) => {
                    match pieces.next() {
                        Some(piece) => a.write_all(piece).unwrap(),
                        None => a.shutdown(std::net::Shutdown::Write).unwrap(),
                    }
                    assert!(inbound.read(b.as_fd()).is_ok());
                }
                Err(status) => return (messages, status),
            }
        }
    }

    #[test]
    fn fragments_are_put_together_however_they_arrive() {
        let mut stream = fragment(1, FIRST | LAST, b"one");
        stream.extend(fragment(2, FIRST, b"tw"));
        stream.extend(fragment(9, 0, b"o and "));
        stream.extend(fragment(9, LAST, b"more"));
        stream.extend(fragment(3, FIRST | LAST, b""));
        for step in [1, 2, 7, 15, 1000] {
            let (messages, status) = all(&stream, step);
            let expected = [(1, b"one".to_vec()), (2, b"two and more".to_vec()), (3, Vec::new())];
            assert_eq!(messages, expected, "{step}");
            assert_eq!(status, Status::PEER_CLOSE);
        }
    }

    #[test]
    fn a_message_of_several_packets_leaves_nothing_behind() {
        let (mut a, b) = UnixStream::pair().unwrap();
        let mut inbound = Inbound::new(64);
        inbound.established(64);
        a.write_all(&fragment(1, FIRST, &[7; 40])).unwrap();
        a.write_all(&fragment(1, LAST, &[7; 40])).unwrap();
        inbound.read(b.as_fd()).unwrap();
        assert!(
            matches!(inbound.next_event(), Ok(Some(Event::Message(message))) if message.payload.len() == 80)
        );
        inbound.trim();
        assert_eq!(inbound.assembled.capacity(), 0);
    }

    #[test]
    fn a_stream_that_ends_inside_a_packet_is_closed() {
        let stream = fragment(1, FIRST | LAST, b"one");
        assert_eq!(all(&stream[..16], 5), (Vec::new(), Status::PEER_CLOSE));
    }

    #[test]
    fn a_shutdown_tells_its_reason_and_hides_what_follows() {
        let mut stream = packet::shutdown(Status::PEER_RESET).to_vec();
        stream.extend(fragment(1, FIRST | LAST, b"late"));
        assert_eq!(all(&stream, 100), (Vec::new(), Status::PEER_RESET));
    }

    #[test]
    fn a_greeting_inside_a_message_is_malformed() {
        let mut stream = fragment(1, FIRST, b"one");
        stream.extend(Greeting { packet_size: 64, cookie: [0; 8] }.encode(Kind::Connect));
        assert_eq!(all(&stream, 100), (Vec::new(), Status::MALFORMED));
    }

    #[test]
    fn a_part_of_a_message_before_the_greeting_is_malformed() {
        let (mut a, b) = UnixStream::pair().unwrap();
        let mut inbound = Inbound::new(64);
        a.write_all(&fragment(1, FIRST, b"one")).unwrap();
        assert_eq!(inbound.read(b.as_fd()), Ok(Read::Drained));
        assert_eq!(inbound.next_event().err(), Some(Status::MALFORMED));
    }

    #[test]
    fn a_packet_above_the_limit_is_malformed_before_it_arrives() {
        assert_eq!(all(&[0, 0, 0, 65, 1, 3], 100), (Vec::new(), Status::MALFORMED));
        assert_eq!(all(&[0xff, 0xff, 0xff, 0xff, 1, 3], 100), (Vec::new(), Status::MALFORMED));
    }

    #[test]
    fn descriptors_of_the_first_message_outlive_the_greeting_that_came_along() {
        let greeting = Greeting { packet_size: 64, cookie: [0; 8] }.encode(Kind::Accept);
        for (rest, kept) in [(&fragment(1, FIRST | LAST, b"x")[..], 1), (&[], 0)] {
            let (mut a, b) = UnixStream::pair().unwrap();
            let mut inbound = Inbound::new(64);
            match rest {
                [] => descriptors::send(a.as_fd(), &[io::IoSlice::new(&greeting)], &[a.as_fd()]).unwrap(),
                rest => {
                    a.write_all(&greeting).unwrap();
                    descriptors::send(a.as_fd(), &[io::IoSlice::new(rest)], &[a.as_fd()]).unwrap()
                }
            };
            while !matches!(inbound.next_event(), Ok(Some(Event::Greeting(..)))) {
                inbound.read(b.as_fd()).unwrap();
            }
            inbound.established(64);
            assert_eq!(inbound.descriptors.len(), kept);
        }
    }

    #[test]
    fn descriptors_beyond_the_limit_are_malformed() {
        let (a, b) = UnixStream::pair().unwrap();
        let mut inbound = Inbound::new(64);
        for _ in 0..2 {
            let many = vec![a.as_fd(); 200];
            descriptors::send(a.as_fd(), &[io::IoSlice::new(b"x")], &many).unwrap();
        }
        assert_eq!(inbound.read(b.as_fd()), Ok(Read::Some));
        assert_eq!(inbound.read(b.as_fd()), Err(Status::MALFORMED));
    }
}
