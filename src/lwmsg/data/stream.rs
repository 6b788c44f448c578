//! Reading and writing at the cursor of a program's buffer.

use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::types::LWMsgBuffer;
use std::ptr;

/// A wrap function that reports success so often in a row without providing anything never will.
const MAX_IDLE_WRAPS: usize = 100;

/// What is between cursor and end of a buffer, kept here between calls of its wrap function.
#[derive(Debug)]
pub(super) struct Stream {
    pub cursor: *mut u8,
    pub end: *mut u8,
    buffer: *mut LWMsgBuffer,
    /// Bytes that were passed before the last wrap, and where counting began again.
    passed: usize,
    since: *mut u8,
}

impl Stream {
    /// # Safety
    /// The buffer is valid as long as the result is used, and nobody else uses it then but its wrap function.
    pub unsafe fn new(buffer: *mut LWMsgBuffer) -> Self {
        // SAFETY: as promised by the caller.
        let LWMsgBuffer { cursor, end, .. } = unsafe { buffer.read() };
        Self { cursor, end, buffer, passed: 0, since: cursor }
    }

    /// How many bytes are here.
    #[inline]
    pub fn room(&self) -> usize {
        (self.end as usize).saturating_sub(self.cursor as usize)
    }

    /// Whether the buffer can get more bytes than are here.
    pub fn can_wrap(&self) -> bool {
        // SAFETY: valid, as `new` was promised.
        unsafe { (*self.buffer).wrap }.is_some()
    }

    /// How many bytes have been read or written.
    pub fn position(&self) -> usize {
        self.passed + (self.cursor as usize).wrapping_sub(self.since as usize)
    }

    /// Gives the cursor back to the buffer.
    pub fn store(&self) {
        // SAFETY: valid, as `new` was promised.
        unsafe { (*self.buffer).cursor = self.cursor };
    }

    /// Asks wrap for more until there is at least one byte. Calls the program.
    #[cold]
    fn wrap(&mut self, needed: usize) -> Result<()> {
        for _ in 0..MAX_IDLE_WRAPS {
            self.store();
            // SAFETY: valid, as `new` was promised.
            let Some(wrap) = (unsafe { (*self.buffer).wrap }) else { return Err(Status::EOF) };
            self.passed = self.position();
            self.since = self.cursor;
            // SAFETY: the buffer's own function.
            let status = Status(unsafe { wrap(self.buffer, needed) });
            // SAFETY: valid, as `new` was promised.
            let LWMsgBuffer { cursor, end, .. } = unsafe { self.buffer.read() };
            (self.cursor, self.end, self.since) = (cursor, end, cursor);
            status.result()?;
            if self.room() > 0 {
                return Ok(());
            }
        }
        Err(Status::EOF)
    }

    /// The notice at the end of an operation.
    pub fn finish(&mut self) -> Result<()> {
        self.store();
        // SAFETY: valid, as `new` was promised.
        match unsafe { (*self.buffer).wrap } {
            // SAFETY: the buffer's own function.
            Some(wrap) => Status(unsafe { wrap(self.buffer, 0) }).result(),
            None => Ok(()),
        }
    }

    /// Writes bytes of the program's memory. May call the program.
    ///
    /// # Safety
    /// `length` bytes are readable at `bytes`.
    pub unsafe fn write(&mut self, mut bytes: *const u8, mut length: usize) -> Result<()> {
        loop {
            let now = length.min(self.room());
            // SAFETY: so many bytes are readable, and there is room for them.
            unsafe {
                ptr::copy(bytes, self.cursor, now);
                self.cursor = self.cursor.add(now);
                bytes = bytes.add(now);
            }
            length -= now;
            if length == 0 {
                return Ok(());
            }
            self.wrap(length)?;
        }
    }

    /// Writes a few bytes.
    #[inline]
    pub fn put<const N: usize>(&mut self, bytes: [u8; N]) -> Result<()> {
        if self.room() >= N {
            // SAFETY: there is room, just checked.
            unsafe {
                self.cursor.cast::<[u8; N]>().write_unaligned(bytes);
                self.cursor = self.cursor.add(N);
            }
            return Ok(());
        }
        // SAFETY: a local array.
        unsafe { self.write(bytes.as_ptr(), N) }
    }

    /// Reads bytes into the program's memory. May call the program.
    ///
    /// # Safety
    /// `length` bytes are writable at `out`.
    pub unsafe fn read(&mut self, mut out: *mut u8, mut length: usize) -> Result<()> {
        loop {
            let now = length.min(self.room());
            // SAFETY: so many bytes are readable, and there is room for them.
            unsafe {
                ptr::copy(self.cursor, out, now);
                self.cursor = self.cursor.add(now);
                out = out.add(now);
            }
            length -= now;
            if length == 0 {
                return Ok(());
            }
            self.wrap(length)?;
        }
    }

    /// Reads a few bytes.
    #[inline]
    pub fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        if self.room() >= N {
            // SAFETY: so many bytes are here, just checked.
            let bytes = unsafe { self.cursor.cast::<[u8; N]>().read_unaligned() };
            // SAFETY: as above.
            self.cursor = unsafe { self.cursor.add(N) };
            return Ok(bytes);
        }
        let mut bytes = [0; N];
        // SAFETY: a local array.
        unsafe { self.read(bytes.as_mut_ptr(), N) }?;
        Ok(bytes)
    }
}
