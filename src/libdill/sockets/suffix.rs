//! SUFFIX: messages that end with certain bytes.

use super::super::error::{Error, Result};
use super::super::handle::{self, Kind};
use super::half::Soundness;
use super::iolist::{Cursor, List, Use};
use super::lower::{self, Lower};
use super::object::{Interface, Ref, Socket};
use super::patience::Patience;
use super::stream::Stream;
use super::trace;
use crate::trace::{Connection, Direction, on};
use memchr::memmem;
use std::ffi::c_int;

static KEY: u8 = 0;
const KIND: Kind = handle::kind(&KEY);

/// The longest suffix.
pub const LONGEST: usize = 32;

/// A SUFFIX socket.
#[derive(Debug)]
pub struct Suffix {
    lower: Lower,
    stream: Stream,
    suffix: [u8; LONGEST],
    length: usize,
    soundness: Soundness,
    traced: Connection,
}

/// Sends and receives messages over a bytestream, each ending with `suffix`.
///
/// # Errors
/// `EINVAL` unless it has 1 to 32 bytes, `EPROTO` when it is no bytestream, `EBADF`, `ECANCELED`, `ENOMEM`.
pub fn attach(s: c_int, suffix: Option<&[u8]>, storage: bool) -> Result<c_int> {
    let suffix = suffix.filter(|suffix| storage && (1..=LONGEST).contains(&suffix.len()));
    let arguments = if suffix.is_some() { Ok(()) } else { Err(Error::InvalidArgument) };
    lower::attach(s, arguments, handle::bsock_type(), Error::Protocol, |lower| {
        let stream = Stream::of(lower.handle())?;
        stream.send_at_once();
        let suffix = suffix.unwrap_or_default();
        let mut copy = [0; LONGEST];
        copy[..suffix.len()].copy_from_slice(suffix);
        let (length, soundness, traced) = (suffix.len(), Soundness::new(), Connection::new());
        Ok(Suffix { lower, stream, suffix: copy, length, soundness, traced })
    })
}

/// Returns the bytestream.
///
/// # Errors
/// `ECONNRESET` when a direction is broken, `ENOTSUP` for another object, and then everything is closed; `EBADF`.
pub fn detach(h: c_int) -> Result<c_int> {
    let suffix = Ref::<Suffix>::find(h, KIND).or_else(|error| lower::close_with(h, error))?;
    lower::detach(h, &suffix.lower, || suffix.soundness.check())
}

impl Suffix {
    fn suffix(&self) -> &[u8] {
        &self.suffix[..self.length]
    }
}

impl Socket for Suffix {
    const INTERFACE: Interface = Interface::Messages;

    fn is(&self, kind: Kind) -> bool {
        kind == KIND
    }

    fn close(&self) {
        self.lower.close();
    }

    fn send(&self, list: List, deadline: i64) -> Result<()> {
        self.soundness.check_outbound()?;
        let chain = list.check(Use::Send)?;
        if on() {
            trace::message_at(&self.traced, Direction::Sent, "message", chain.size(), &Cursor::new(&chain));
        }
        // SAFETY: the object outlives the call.
        let mut cursor = unsafe { Cursor::new(&chain).before(self.suffix()) };
        self.soundness.send(|| self.stream.send_from(&mut cursor, deadline))
    }

    fn receive(&self, list: List, deadline: i64) -> Result<usize> {
        self.soundness.check_inbound()?;
        let chain = list.check(Use::Receive)?;
        let mut cursor = Cursor::new(&chain);
        let store = |bytes: &[u8]| cursor.put(bytes) == bytes.len();
        let size = self.soundness.receive(|| receive(&self.stream, self.suffix(), deadline, store))?;
        if on() {
            trace::message_at(&self.traced, Direction::Received, "message", size, &Cursor::new(&chain));
        }
        Ok(size)
    }
}

/// Receives what comes before a suffix, gives it to `store` piece by piece, and returns its size.
///
/// # Errors
/// `EMSGSIZE` as soon as `store` has said that it has no room; those of the stream.
pub fn receive(
    stream: &Stream,
    suffix: &[u8],
    deadline: i64,
    mut store: impl FnMut(&[u8]) -> bool,
) -> Result<usize> {
    let (mut size, mut patience) = (0usize, Patience::new(deadline));
    loop {
        let (count, found, stored) = stream.show(|bytes| {
            let (count, found) = split(bytes, suffix);
            (count, found, store(&bytes[..count]))
        });
        if !stored {
            return Err(Error::MessageSize);
        }
        size = size.saturating_add(count);
        stream.consume(count + if found { suffix.len() } else { 0 });
        if found {
            return Ok(size);
        }
        patience.spend(count)?;
        // What is left is the beginning of a suffix, so that as many bytes as that has do come, if it is to come.
        stream.ensure(suffix.len(), deadline)?;
    }
}

/// How many bytes are before a suffix, and whether it is there; if not, before what may be its beginning.
fn split(bytes: &[u8], suffix: &[u8]) -> (usize, bool) {
    if let Some(position) = memmem::find(bytes, suffix) {
        return (position, true);
    }
    let longest = bytes.len().min(suffix.len() - 1);
    let begun = (1..=longest).rev().find(|length| bytes.ends_with(&suffix[..*length])).unwrap_or(0);
    (bytes.len() - begun, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_is_found_wherever_it_begins() {
        assert_eq!(split(b"abc\r\ndef", b"\r\n"), (3, true));
        assert_eq!(split(b"\r\n", b"\r\n"), (0, true));
        assert_eq!(split(b"abc\r", b"\r\n"), (3, false));
        assert_eq!(split(b"abc", b"\r\n"), (3, false));
        assert_eq!(split(b"", b"x"), (0, false));
        assert_eq!(split(b"aaab", b"aab"), (1, true));
        assert_eq!(split(b"xaa", b"aab"), (1, false));
        assert_eq!(split(b"xaaa", b"aab"), (2, false));
    }
}
