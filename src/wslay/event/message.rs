//! Messages on their way in and out.

use super::super::error::Error;
use super::super::types::{wslay_event_fragmented_msg_callback, wslay_event_msg_source};
use crate::websocket::frame::{Header, opcode};
use crate::websocket::utf8::Validator;
use std::cell::{Cell, RefCell};

/// Memory for message data that a context keeps when it has nothing to store, in bytes.
const KEPT: usize = 128 * 1024;

/// What any peer gets without having sent it, in bytes.
const CREDIT: usize = 4096;

/// A peer that has sent a message of some length is trusted to send one like it, up to this many bytes.
const MOST_TRUSTED: usize = 16 << 20;

/// What a receive slot knows of its message.
#[derive(Clone, Copy, Debug)]
pub struct Incoming {
    /// Of the message's first frame.
    pub rsv: u8,
    /// Of the message's first frame.
    pub opcode: u8,
    /// The frame that is being received is the last.
    pub fin: bool,
    /// Sum of the payload lengths that its frames declared; 0 when it is not stored.
    pub declared: u64,
    /// Payload is collected. Decided by the first frame.
    pub stored: bool,
    pub utf8: Validator,
}

impl Incoming {
    pub fn new(header: &Header, no_buffering: bool) -> Self {
        Self {
            rsv: header.rsv,
            opcode: header.opcode,
            fin: header.fin,
            declared: 0,
            stored: !no_buffering || opcode::is_control(header.opcode),
            utf8: Validator::new(),
        }
    }

    /// Whether the payload has to be UTF-8: text that is not compressed.
    pub fn is_text(&self) -> bool {
        self.opcode == opcode::TEXT && self.rsv == 0
    }
}

/// A place for one incoming message: the data message has one, and the control frame within it.
pub struct Slot {
    pub message: Cell<Option<Incoming>>,
    /// The payload received, if it did not come in one piece.
    pub payload: RefCell<Vec<u8>>,
    /// Length of the last message stored, which says how much memory the peer has been good for.
    last_length: Cell<usize>,
}

impl Slot {
    pub const fn new() -> Self {
        Self { message: Cell::new(None), payload: RefCell::new(Vec::new()), last_length: Cell::new(0) }
    }

    /// Makes room for `arrived` more bytes, the first of `expected` that the present frame has left;
    /// `fin` says that no frame follows it.
    ///
    /// Memory grows with what has arrived, not with what is declared: a peer gets a few times what it
    /// has sent of this message, or as much as it sent of the last one.
    pub fn reserve(&self, arrived: usize, expected: u64, fin: bool) -> Result<(), Error> {
        let mut payload = self.payload.borrow_mut();
        let needed = payload.len().checked_add(arrived).ok_or(Error::NoMemory)?;
        if needed <= payload.capacity() {
            return Ok(());
        }
        let trusted = needed.saturating_mul(3).max(self.last_length.get().min(MOST_TRUSTED)).max(CREDIT);
        let wanted = usize::try_from(expected).unwrap_or(usize::MAX).saturating_add(payload.len());
        // How much later frames will add is not known: room for them doubles.
        let wanted = if fin { wanted } else { wanted.max(payload.capacity().saturating_mul(2)) };
        let capacity = wanted.min(trusted).max(needed);
        let additional = capacity - payload.len();
        Ok(payload.try_reserve_exact(additional)?)
    }

    /// Forgets the message, and its memory if that is much.
    pub fn reset(&self) {
        self.message.set(None);
        let mut payload = self.payload.borrow_mut();
        if !payload.is_empty() {
            self.last_length.set(payload.len());
            if payload.capacity() > KEPT {
                // Freed, not shrunk: the allocator then has the whole block for the next message.
                *payload = Vec::new();
            } else {
                payload.clear();
            }
        }
    }
}

/// What a queued message is made of.
pub enum Content {
    /// One frame with this payload.
    Whole(Vec<u8>),
    /// As many frames as the source has data for.
    Fragmented {
        source: wslay_event_msg_source,
        read: wslay_event_fragmented_msg_callback,
        /// The frame to send next is the message's first.
        first: bool,
        /// The source has ended.
        ended: bool,
        /// A frame has been read from the source and is not completely sent.
        pending: bool,
    },
}

/// A message to send.
pub struct Message {
    /// As the program said it.
    pub opcode: u8,
    pub rsv: u8,
    /// It answers a ping, without the program's doing.
    pub is_answer: bool,
    pub content: Content,
}

impl Message {
    /// A message with a copy of the payload, which is given in two parts.
    // Inlined, and `push` with it, so that it is written where it stays: a message that is moved in
    // wide words right after it was written in narrow ones stalls the processor for longer than the
    // rest of queueing takes.
    #[inline(always)]
    pub fn whole(opcode: u8, rsv: u8, head: &[u8], tail: &[u8]) -> Result<Self, Error> {
        let mut payload = Vec::new();
        payload.try_reserve_exact(head.len().checked_add(tail.len()).ok_or(Error::NoMemory)?)?;
        payload.extend_from_slice(head);
        payload.extend_from_slice(tail);
        Ok(Self { opcode, rsv, is_answer: false, content: Content::Whole(payload) })
    }

    pub fn fragmented(
        opcode: u8,
        rsv: u8,
        source: wslay_event_msg_source,
        read: wslay_event_fragmented_msg_callback,
    ) -> Self {
        let content = Content::Fragmented { source, read, first: true, ended: false, pending: false };
        Self { opcode, rsv, is_answer: false, content }
    }

    /// What it adds to the queued length.
    pub fn length(&self) -> usize {
        match &self.content {
            Content::Whole(payload) => payload.len(),
            Content::Fragmented { .. } => 0,
        }
    }
}
