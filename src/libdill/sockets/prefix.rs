//! PREFIX: messages behind their size.

use super::super::error::{Error, Result};
use super::super::handle::{self, Kind};
use super::half::Soundness;
use super::iolist::{Cursor, List, Use};
use super::lower::{self, Lower};
use super::object::{Interface, Ref, Socket};
use super::stream::Stream;
use super::trace;
use super::types::DILL_PREFIX_LITTLE_ENDIAN;
use crate::trace::{Connection, Direction, on};
use std::ffi::c_int;
use std::ptr;

static KEY: u8 = 0;
const KIND: Kind = handle::kind(&KEY);

/// Bytes of a size that count; further ones are zero when sent, and ignored when received.
const SIGNIFICANT: usize = size_of::<u64>();

/// Headers of this length and less are built on the stack.
const SHORT: usize = 64;

/// A PREFIX socket.
#[derive(Debug)]
pub struct Prefix {
    lower: Lower,
    stream: Stream,
    header: usize,
    little_endian: bool,
    soundness: Soundness,
    traced: Connection,
}

/// Sends and receives messages over a bytestream, each behind its size in `header` bytes.
///
/// # Errors
/// `EINVAL` for a header of no bytes, `EPROTO` when it is no bytestream, `EBADF`, `ECANCELED`, `ENOMEM`.
pub fn attach(s: c_int, header: usize, flags: c_int, storage: bool) -> Result<c_int> {
    let arguments = if storage && header > 0 { Ok(()) } else { Err(Error::InvalidArgument) };
    lower::attach(s, arguments, handle::bsock_type(), Error::Protocol, |lower| {
        let stream = Stream::of(lower.handle())?;
        stream.send_at_once();
        Ok(Prefix {
            lower,
            stream,
            header,
            little_endian: flags & DILL_PREFIX_LITTLE_ENDIAN != 0,
            soundness: Soundness::new(),
            traced: Connection::new(),
        })
    })
}

/// Returns the bytestream.
///
/// # Errors
/// `ECONNRESET` when a direction is broken, `ENOTSUP` for another object, and then everything is closed; `EBADF`.
pub fn detach(h: c_int) -> Result<c_int> {
    let prefix = Ref::<Prefix>::find(h, KIND).or_else(|error| lower::close_with(h, error))?;
    lower::detach(h, &prefix.lower, || prefix.soundness.check())
}

impl Socket for Prefix {
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
        let size = chain.size() as u64;
        if self.header < SIGNIFICANT && size >> (8 * self.header) != 0 {
            return Err(Error::MessageSize);
        }
        let (mut short, mut long) = ([0; SHORT], Vec::new());
        let header = match short.get_mut(..self.header) {
            Some(header) => header,
            None => {
                long.try_reserve_exact(self.header)?;
                long.resize(self.header, 0);
                &mut long[..]
            }
        };
        encode(size, self.little_endian, header);
        if on() {
            trace::message_at(&self.traced, Direction::Sent, "message", chain.size(), &Cursor::new(&chain));
        }
        // SAFETY: the header outlives the cursor.
        let mut cursor = unsafe { Cursor::new(&chain).after(header) };
        self.soundness.send(|| self.stream.send_from(&mut cursor, deadline))
    }

    fn receive(&self, list: List, deadline: i64) -> Result<usize> {
        self.soundness.check_inbound()?;
        let chain = list.check(Use::Receive)?;
        let size = self.soundness.receive(|| self.receive_message(&mut Cursor::new(&chain), deadline))?;
        if on() {
            trace::message_at(&self.traced, Direction::Received, "message", size, &Cursor::new(&chain));
        }
        Ok(size)
    }
}

/// Puts a size into a header.
fn encode(size: u64, little_endian: bool, header: &mut [u8]) {
    let count = header.len().min(SIGNIFICANT);
    let end = header.len();
    if little_endian {
        header[..count].copy_from_slice(&size.to_le_bytes()[..count]);
    } else {
        header[end - count..].copy_from_slice(&size.to_be_bytes()[SIGNIFICANT - count..]);
    }
}

/// The size that the significant bytes of a header say.
fn decode(bytes: &[u8], little_endian: bool) -> u64 {
    let fold = |size: u64, byte: &u8| size << 8 | u64::from(*byte);
    if little_endian { bytes.iter().rev().fold(0, fold) } else { bytes.iter().fold(0, fold) }
}

impl Prefix {
    fn receive_message(&self, cursor: &mut Cursor, deadline: i64) -> Result<usize> {
        let count = self.header.min(SIGNIFICANT);
        let ignored = self.header - count;
        if !self.little_endian {
            self.skip(ignored, deadline)?;
        }
        self.stream.ensure(count, deadline)?;
        let size = self.stream.show(|bytes| decode(&bytes[..count], self.little_endian));
        self.stream.consume(count);
        if self.little_endian {
            self.skip(ignored, deadline)?;
        }
        // A size that no message here has is one that does not fit.
        let size = usize::try_from(size).ok().filter(|size| isize::try_from(*size).is_ok());
        let size = size.filter(|size| *size <= cursor.remaining()).ok_or(Error::MessageSize)?;
        self.stream.receive_into(&mut cursor.limited(size), deadline)?;
        Ok(size)
    }

    fn skip(&self, count: usize, deadline: i64) -> Result<()> {
        if count == 0 {
            return Ok(());
        }
        // SAFETY: no bytes are written.
        self.stream.receive_into(&mut unsafe { Cursor::over(ptr::null_mut(), count) }, deadline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_take_as_many_bytes_as_they_are_given() {
        let mut header = [0xff; 4];
        encode(0x0102_0304, false, &mut header);
        assert_eq!(header, [1, 2, 3, 4]);
        encode(0x0102_0304, true, &mut header);
        assert_eq!(header, [4, 3, 2, 1]);
        let mut long = [0; 11];
        encode(5, false, &mut long);
        assert_eq!(long, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5]);
        let mut long = [0; 11];
        encode(5, true, &mut long);
        assert_eq!(long, [5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(decode(&[1, 2], false), 0x102);
        assert_eq!(decode(&[1, 2], true), 0x201);
        assert_eq!(decode(&[0xff; 8], true), u64::MAX);
    }
}
