//! Buffers that connections borrow while something happens on them: idle ones have none.
//!
//! Each nesting of calls has its own. They belong to the context, so that a callback that never returns (`longjmp`)
//! leaves nothing behind: the next call of the program begins with the first again.

use std::cell::{Cell, RefCell};

/// Bytes read from a connection at once.
pub const READ: usize = 64 * 1024;

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

    /// Puts a buffer of the caller's in place of one that would be taken next, and takes it.
    pub fn take_instead(&self, own: Vec<u8>) -> Taken {
        let level = self.level.get();
        let mut buffers = self.buffers.borrow_mut();
        if buffers.len() <= level {
            buffers.push(own);
        } else {
            buffers[level] = own;
        }
        self.level.set(level + 1);
        Taken { start: buffers[level].as_mut_ptr(), length: buffers[level].len() }
    }

    /// Gives back the buffer that was taken last.
    pub fn give(&self) {
        self.level.set(self.level.get().saturating_sub(1));
    }

    /// Nothing is taken any more: the calls that took it have ended, one way or another.
    pub fn reset(&self) {
        self.level.set(0);
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
}
