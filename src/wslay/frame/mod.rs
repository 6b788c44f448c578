//! Frames over callbacks: what the frame API is, and what the event API stands on.
//!
//! [`Receiver`] and [`Sender`] are independent state machines without a role or a notion of messages.
//! All state is in cells, because the callback that a method runs may call the library again.

mod receiver;
mod sender;

pub(super) use receiver::{Patience, Piece, Receiver};
pub(super) use sender::{OutgoingFrame, Payload, Sender};

use super::callbacks::{FrameProgram, Transport as _};
use super::error::Error;
use super::types::wslay_frame_callbacks;
use crate::trace::{self, Direction};
use std::ffi::c_void;

/// The frame API's context.
pub(super) struct FrameContext {
    pub program: FrameProgram,
    pub receiver: Receiver,
    pub sender: Sender,
}

impl FrameContext {
    pub fn new(callbacks: wslay_frame_callbacks, user_data: *mut c_void) -> Self {
        Self {
            program: FrameProgram { callbacks, user_data, traced: trace::Connection::new() },
            receiver: Receiver::new(),
            sender: Sender::new(),
        }
    }

    /// The next piece of the stream; see [`Receiver::piece`].
    pub fn piece(&self) -> Result<Piece, Error> {
        let piece = self.receiver.piece(&self.program, Patience::Once)?;
        if piece.is_first() && trace::on() {
            self.tell_piece(piece);
        }
        Ok(piece)
    }

    #[cold]
    #[inline(never)]
    fn tell_piece(&self, piece: Piece) {
        let header = &piece.header;
        self.receiver.with_piece(&piece, |bytes| self.program.tell(Direction::Received, header, bytes));
    }
}

/// What a callback's result means when it was offered `length` bytes: how many it moved; `none` without progress.
#[inline]
fn moved(result: isize, length: usize, none: Error) -> Result<usize, Error> {
    match usize::try_from(result) {
        Ok(0) | Err(_) => Err(none),
        Ok(moved) if moved > length => Err(Error::InvalidCallback),
        Ok(moved) => Ok(moved),
    }
}
