//! Buffers that connections borrow while something happens on them: idle ones have none.
//!
//! Each nesting of calls has its own. They belong to the context, so that a callback that never returns (`longjmp`)
//! leaves nothing behind: the next call of the program begins with the first again.

use super::super::extension::{POST_PADDING, PRE_PADDING};
use std::cell::{Cell, RefCell};

/// Bytes read from a connection at once.
pub const READ: usize = 64 * 1024;

/// Bytes read at once in the midst of a frame that is longer.
pub const LONG_READ: usize = 256 * 1024;

/// Where input begins: the system copies fastest to the beginning of a cache line.
const ALIGNMENT: usize = 64;

/// Buffers that came back and are kept for the next chunk that arrives in pieces, and how large they may be.
const SPARE: usize = 4;
const MAX_SPARE: usize = 256 * 1024;

/// A buffer of a nesting that was taken.
#[derive(Debug)]
pub struct Taken {
    /// Where it is; it stays there until it is given back.
    pub start: *mut u8,
    /// How long it is.
    pub length: usize,
}

/// Buffers by nesting.
#[derive(Default)]
pub struct Scratch {
    level: Cell<usize>,
    buffers: RefCell<Vec<Vec<u8>>>,
    /// Buffers of connections, lent while a callback has what is in them.
    lent: RefCell<Vec<Vec<u8>>>,
    spare: RefCell<Vec<Vec<u8>>>,
}

impl Scratch {
    /// Takes a buffer of at least `length` bytes, initialised with anything; `None` when memory is exhausted.
    pub fn take(&self, length: usize) -> Option<Taken> {
        let level = self.level.get();
        let mut buffers = self.buffers.borrow_mut();
        if buffers.len() <= level {
            buffers.push(Vec::new());
        }
        let buffer = &mut buffers[level];
        if buffer.len() < length {
            buffer.try_reserve_exact(length - buffer.len()).ok()?;
            buffer.resize(length, 0);
        }
        self.level.set(level + 1);
        Some(Taken { start: buffer.as_mut_ptr(), length: buffer.len() })
    }

    /// As [`Scratch::take`], for input that is handed to programs where it is: before it is room for the header of a
    /// frame, and behind it for what ends a chunk.
    pub fn take_for_input(&self, length: usize) -> Option<Taken> {
        let taken = self.take(PRE_PADDING + ALIGNMENT + length + POST_PADDING)?;
        let start = taken.start.wrapping_add(PRE_PADDING);
        Some(Taken { start: start.wrapping_add(start.align_offset(ALIGNMENT) % ALIGNMENT), length })
    }

    /// Gives back the buffer that was taken last.
    pub fn give(&self) {
        self.level.set(self.level.get().saturating_sub(1));
    }

    /// Holds a buffer of the caller's until [`Scratch::take_back`].
    pub fn lend(&self, own: Vec<u8>) -> Taken {
        let mut lent = self.lent.borrow_mut();
        lent.push(own);
        // Pushed just now; moving a vector does not move its bytes.
        lent.last_mut().map_or(Taken { start: std::ptr::null_mut(), length: 0 }, |buffer| Taken {
            start: buffer.as_mut_ptr(),
            length: buffer.len(),
        })
    }

    /// Ends what [`Scratch::lend`] began last. Its memory is kept for others.
    pub fn take_back(&self) {
        let buffer = self.lent.borrow_mut().pop();
        let mut spare = self.spare.borrow_mut();
        if let Some(buffer) = buffer.filter(|buffer| buffer.capacity() <= MAX_SPARE && spare.len() < SPARE) {
            spare.push(buffer);
        }
    }

    /// An empty buffer, with memory that was used before if there is some.
    pub fn empty(&self) -> Vec<u8> {
        let mut buffer = self.spare.borrow_mut().pop().unwrap_or_default();
        buffer.clear();
        buffer
    }

    /// Nothing is taken or lent any more: the calls that did so have ended, one way or another.
    pub fn reset(&self) {
        self.level.set(0);
        let mut lent = self.lent.borrow_mut();
        if !lent.is_empty() {
            lent.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_buffers_are_apart_and_stay_where_they_are() {
        let scratch = Scratch::default();
        let first = scratch.take(10).unwrap();
        let second = scratch.take(20).unwrap();
        assert_ne!(first.start, second.start);
        scratch.give();
        let again = scratch.take(15).unwrap();
        assert_eq!((again.start, again.length), (second.start, 20));
        scratch.reset();
        assert_eq!(scratch.take(5).unwrap().start, first.start);
    }

    #[test]
    fn input_has_room_before_and_behind() {
        let scratch = Scratch::default();
        for length in [1, 4096, READ] {
            let taken = scratch.take_for_input(length).unwrap();
            assert_eq!(taken.start as usize % ALIGNMENT, 0);
            let buffers = scratch.buffers.borrow();
            let whole = buffers.last().unwrap().as_ptr_range();
            assert!(taken.start as usize >= whole.start as usize + PRE_PADDING);
            assert!(taken.start as usize + length + POST_PADDING <= whole.end as usize);
        }
    }

    #[test]
    fn lent_buffers_come_back_for_others() {
        let scratch = Scratch::default();
        let mut own = scratch.empty();
        own.extend_from_slice(b"first");
        let (first, second) = (scratch.lend(own), scratch.lend(vec![0; MAX_SPARE + 1]));
        assert_eq!((first.length, second.length), (5, MAX_SPARE + 1));
        scratch.take_back();
        scratch.take_back();
        let again = scratch.empty();
        assert_eq!((again.len(), again.as_ptr()), (0, first.start.cast_const()), "the large one is not kept");
        scratch.lend(again);
        scratch.reset();
        assert!(scratch.lent.borrow().is_empty());
    }
}
