//! What a connection has read ahead.

use super::super::error::{Error, Result};
use super::iolist::Cursor;
use crate::ffi::alloc;
use std::cell::Cell;
use std::ptr::{self, NonNull};

/// Bytes that are read ahead at once.
pub const SIZE: usize = 16 * 1024;

/// Blocks that a thread keeps for later. A connection has one only while there is something in it.
const KEPT: usize = 32;

/// The thread's free blocks, each beginning with the address of the next.
struct Free {
    first: Cell<*mut u8>,
    count: Cell<usize>,
}

thread_local! {
    static FREE: Free = const { Free { first: Cell::new(ptr::null_mut()), count: Cell::new(0) } };
}

impl Free {
    fn take(&self) -> Option<NonNull<u8>> {
        let block = NonNull::new(self.first.get())?;
        // SAFETY: a free block begins with the address of the next; malloc aligned it for that.
        self.first.set(unsafe { block.cast::<*mut u8>().read() });
        self.count.set(self.count.get() - 1);
        Some(block)
    }

    /// Whether it was taken.
    fn give(&self, block: NonNull<u8>) -> bool {
        if self.count.get() == KEPT {
            return false;
        }
        // SAFETY: large enough for an address, and aligned for it.
        unsafe { block.cast::<*mut u8>().write(self.first.get()) };
        self.first.set(block.as_ptr());
        self.count.set(self.count.get() + 1);
        true
    }
}

impl Drop for Free {
    fn drop(&mut self) {
        while let Some(block) = self.take() {
            // SAFETY: a block of ours that nobody uses.
            unsafe { alloc::free(block.as_ptr().cast()) };
        }
    }
}

fn allocate() -> Result<NonNull<u8>> {
    match FREE.try_with(Free::take) {
        Ok(Some(block)) => Ok(block),
        _ => alloc::malloc(SIZE).map(NonNull::cast).ok_or(Error::NoMemory),
    }
}

fn free(block: NonNull<u8>) {
    if !FREE.try_with(|free| free.give(block)).unwrap_or(false) {
        // SAFETY: a block of ours that nobody uses.
        unsafe { alloc::free(block.as_ptr().cast()) };
    }
}

/// Bytes that were received and not asked for yet.
#[derive(Debug, Default)]
pub struct ReadAhead {
    block: Cell<Option<NonNull<u8>>>,
    begin: Cell<usize>,
    end: Cell<usize>,
}

impl ReadAhead {
    /// How many bytes there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.end.get() - self.begin.get()
    }

    /// Shows the bytes. What is shown may neither read nor consume.
    #[inline]
    pub fn show<R>(&self, view: impl FnOnce(&[u8]) -> R) -> R {
        let Some(block) = self.block.get() else { return view(&[]) };
        // SAFETY: that part of the block was filled; nobody changes it during the call.
        view(unsafe { std::slice::from_raw_parts(block.as_ptr().add(self.begin.get()), self.len()) })
    }

    /// Forgets the first bytes.
    ///
    /// None is none: the block stays while it is being filled.
    #[inline]
    pub fn consume(&self, count: usize) {
        debug_assert!(count <= self.len());
        if count == 0 {
            return;
        }
        self.begin.set(self.begin.get() + count.min(self.len()));
        if self.len() == 0 {
            self.clear();
        }
    }

    /// Puts as many as there is room for to where a cursor is, and forgets them.
    #[inline]
    pub fn pour_into(&self, cursor: &mut Cursor) {
        let taken = self.show(|bytes| cursor.put(&bytes[..bytes.len().min(cursor.remaining())]));
        self.consume(taken);
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.begin.set(0);
        self.end.set(0);
        if let Some(block) = self.block.take() {
            free(block);
        }
    }

    /// Where further bytes go, and how many: all of the block that is not in use.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub fn room(&self) -> Result<(NonNull<u8>, usize)> {
        let block = match self.block.get() {
            Some(block) => block,
            None => {
                let block = allocate()?;
                self.block.set(Some(block));
                block
            }
        };
        let (begin, end) = (self.begin.get(), self.end.get());
        if begin > 0 {
            // SAFETY: both ranges are in the block.
            unsafe { ptr::copy(block.as_ptr().add(begin), block.as_ptr(), end - begin) };
            self.begin.set(0);
            self.end.set(end - begin);
        }
        // SAFETY: in the block or at its end.
        Ok((unsafe { block.add(self.end.get()) }, SIZE - self.end.get()))
    }

    /// Tells that `count` bytes were put where [`ReadAhead::room`] said; 0 gives an unused block back.
    #[inline]
    pub fn filled(&self, count: usize) {
        debug_assert!(self.end.get() + count <= SIZE);
        self.end.set(self.end.get() + count);
        if self.len() == 0 {
            self.clear();
        }
    }
}

impl Drop for ReadAhead {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(buffer: &ReadAhead, bytes: &[u8]) {
        let (room, len) = buffer.room().unwrap();
        assert!(bytes.len() <= len);
        // SAFETY: room for them.
        unsafe { room.copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len()) };
        buffer.filled(bytes.len());
    }

    #[test]
    fn bytes_come_out_in_order_and_an_empty_buffer_has_no_memory() {
        let buffer = ReadAhead::default();
        fill(&buffer, b"hello");
        buffer.consume(2);
        fill(&buffer, b" you");
        buffer.show(|bytes| assert_eq!(bytes, b"llo you"));
        assert_eq!(buffer.room().unwrap().1, SIZE - 7);
        buffer.consume(7);
        assert_eq!(buffer.len(), 0);
        assert!(buffer.block.get().is_none());
        buffer.room().unwrap();
        buffer.consume(0);
        assert!(buffer.block.get().is_some(), "somebody may be filling it");
        buffer.filled(0);
        assert!(buffer.block.get().is_none());
    }
}
