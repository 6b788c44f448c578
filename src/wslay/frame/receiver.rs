//! Frames from bytes that a callback delivers.

use super::super::callbacks::Transport;
use super::super::error::Error;
use super::moved;
use crate::websocket::frame::{FrameError, Header, MAX_HEADER, Parsed, parse};
use crate::websocket::mask;
use std::cell::{Cell, RefCell};

/// Size of the input buffer in bytes: no piece is larger, and programs may count on that.
pub const BUFFER: usize = 4096;

/// How often the callback is asked for the bytes of one stage of a header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Patience {
    /// Once. The frame API's rule: programs use it on blocking sockets.
    Once,
    /// Until it delivers none. The event API's rule: it reads until there is nothing left.
    UntilDry,
}

/// A piece of one frame, unmasked, in the input buffer unless it says otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    /// The frame's header, the same for each of its pieces.
    pub header: Header,
    /// Where the bytes are; never NULL. They stay there until the next receiving call.
    pub data: *const u8,
    /// How many there are.
    pub length: usize,
    /// Position of the piece in the frame's payload.
    pub offset: u64,
    /// It came by [`Receiver::piece_into`] and is not in the input buffer.
    pub direct: bool,
}

impl Piece {
    /// The frame begins with this piece.
    pub fn is_first(&self) -> bool {
        self.offset == 0
    }

    /// The frame ends with this piece.
    pub fn is_last(&self) -> bool {
        self.offset + self.length as u64 == self.header.payload_length
    }
}

/// The receiving half.
pub struct Receiver {
    buffer: RefCell<[u8; BUFFER]>,
    /// Bytes received and not used: `start..end` of the buffer.
    start: Cell<usize>,
    end: Cell<usize>,
    /// The stages of the header that are complete.
    head: Cell<[u8; MAX_HEADER]>,
    head_length: Cell<usize>,
    /// The frame whose payload is being received.
    header: Cell<Option<Header>>,
    offset: Cell<u64>,
    /// After a violation the position in the stream means nothing any more.
    broken: Cell<Option<FrameError>>,
}

impl Receiver {
    pub const fn new() -> Self {
        Self {
            buffer: RefCell::new([0; BUFFER]),
            start: Cell::new(0),
            end: Cell::new(0),
            head: Cell::new([0; MAX_HEADER]),
            head_length: Cell::new(0),
            header: Cell::new(None),
            offset: Cell::new(0),
            broken: Cell::new(None),
        }
    }

    /// The next piece of the stream.
    ///
    /// # Errors
    /// [`Error::WantRead`] when bytes are missing, [`Error::Protocol`] now and ever after for a stream
    /// that is no sequence of frames, [`Error::InvalidCallback`] when the callback is missing, claims
    /// to have stored more than it was offered, or received a piece itself.
    #[inline]
    pub fn piece(&self, program: &impl Transport, patience: Patience) -> Result<Piece, Error> {
        let header = match self.header.get() {
            Some(header) => header,
            None => self.next_header(program, patience)?,
        };
        let offset = self.offset.get();
        let remaining = header.payload_length - offset;
        if self.buffered() == 0 && remaining > 0 {
            self.refill(program)?;
        }
        let start = self.start.get();
        let length = usize::try_from(remaining).unwrap_or(usize::MAX).min(self.buffered());
        let data = {
            let mut buffer = self.buffer.borrow_mut();
            let piece = &mut buffer[start..start + length];
            if let Some(key) = header.mask {
                mask::apply(piece, key, offset);
            }
            // Not through `piece`: an empty one must not dangle.
            buffer[start.min(BUFFER - 1)..].as_ptr()
        };
        self.start.set(start + length);
        self.advance(&header, offset + length as u64);
        Ok(Piece { header, data, length, offset, direct: false })
    }

    /// How many bytes of the present frame are still to come, when none of them is buffered.
    ///
    /// They may then be received elsewhere with [`Receiver::piece_into`].
    #[inline]
    pub fn unbuffered(&self) -> Option<u64> {
        let header = self.header.get().filter(|_| self.buffered() == 0)?;
        Some(header.payload_length - self.offset.get())
    }

    /// Has the callback store up to `room` further bytes of the present frame's payload at `target`.
    ///
    /// The piece is still masked: unmasking needs a slice, which only the owner of `target` can make.
    /// `room` is at most what [`Receiver::unbuffered`] returned.
    #[inline]
    pub fn piece_into(&self, program: &impl Transport, target: *mut u8, room: usize) -> Result<Piece, Error> {
        let received = moved(program.receive(target, room)?, room, Error::WantRead)?;
        let header = self.header.get().ok_or(Error::WantRead)?;
        let offset = self.offset.get();
        self.advance(&header, offset + received as u64);
        Ok(Piece { header, data: target, length: received, offset, direct: true })
    }

    /// Looks at the bytes of the piece that [`Receiver::piece`] delivered last.
    #[inline]
    pub fn with_piece<T>(&self, piece: &Piece, body: impl FnOnce(&[u8]) -> T) -> T {
        // The piece is what was used last.
        let end = self.start.get();
        body(&self.buffer.borrow()[end - piece.length..end])
    }

    fn advance(&self, header: &Header, offset: u64) {
        if offset == header.payload_length {
            self.header.set(None);
        } else {
            self.offset.set(offset);
        }
    }

    #[inline]
    fn buffered(&self) -> usize {
        self.end.get() - self.start.get()
    }

    fn next_header(&self, program: &impl Transport, patience: Patience) -> Result<Header, Error> {
        if let Some(error) = self.broken.get() {
            return Err(error.into());
        }
        if self.head_length.get() == 0 {
            let start = self.start.get();
            let parsed = parse(&self.buffer.borrow()[start..self.end.get()]);
            if let Ok(Parsed::Done(header, used)) = parsed {
                self.start.set(start + used);
                return Ok(self.begin(header));
            }
        }
        let mut asked_for = 0;
        loop {
            let mut head = self.head.get();
            let have = self.head_length.get();
            let need = match parse(&head[..have]) {
                Ok(Parsed::Done(header, _)) => {
                    self.head_length.set(0);
                    return Ok(self.begin(header));
                }
                Ok(Parsed::Need(need)) => need,
                Err(error) => {
                    self.broken.set(Some(error));
                    return Err(error.into());
                }
            };
            let missing = need - have;
            if self.buffered() >= missing {
                let start = self.start.get();
                head[have..need].copy_from_slice(&self.buffer.borrow()[start..start + missing]);
                self.head.set(head);
                self.head_length.set(need);
                self.start.set(start + missing);
            } else if patience == Patience::Once && asked_for == need {
                return Err(Error::WantRead);
            } else {
                asked_for = need;
                self.refill(program)?;
            }
        }
    }

    fn begin(&self, header: Header) -> Header {
        self.header.set(Some(header));
        self.offset.set(0);
        header
    }

    /// Moves what is buffered to the front and has the callback add to it.
    fn refill<T: Transport>(&self, program: &T) -> Result<(), Error> {
        let (target, room) = {
            let mut buffer = self.buffer.borrow_mut();
            let (start, end) = (self.start.get(), self.end.get());
            buffer.copy_within(start..end, 0);
            self.start.set(0);
            self.end.set(end - start);
            let free = &mut buffer[end - start..];
            (free.as_mut_ptr(), free.len())
        };
        let received = moved(program.receive(target, room)?, room, Error::WantRead)?;
        let end = self.end.get();
        if T::REENTRANT && (self.start.get(), end) != (0, BUFFER - room) {
            // It received by the library as well, which used the same bytes of the buffer.
            return Err(Error::InvalidCallback);
        }
        self.end.set(end + received);
        Ok(())
    }
}
