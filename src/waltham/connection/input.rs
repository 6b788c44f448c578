//! Bytes from the peer, in memory that handlers may point into.
//!
//! Arguments of handlers are not copied, and programs keep pointers to them for longer than the handler runs.
//! So the memory is mapped once and never moved or unmapped while the connection lives, and is only written
//! by a read. A read from within a handler must not touch the message that the handler is working on: its
//! segment is pinned, and if there is no room behind it, reading goes on in another one.

use std::cell::{Cell, RefCell};
use std::ptr::{self, NonNull};

/// Size of a segment in bytes: two of the longest messages and more. Pages that were never used cost nothing.
const SEGMENT: usize = 256 * 1024;

/// At most this many bytes are read at once.
const READ_AT_MOST: usize = 128 * 1024;

/// The longest message.
const LONGEST: usize = 65535;

/// Once so many bytes of a segment have been used, and not again for a while, their pages are given back.
const KEPT: usize = 12 * 1024;
const READS_BEFORE_RELEASE: u32 = 64;

struct Segment {
    memory: NonNull<u8>,
    /// Handlers that are working on a message in it.
    pins: u32,
}

/// What has been received and not dispatched: `start..end` of the current segment.
pub struct Input {
    segments: RefCell<Vec<Segment>>,
    current: Cell<usize>,
    /// Where the current segment is.
    base: Cell<*mut u8>,
    start: Cell<usize>,
    end: Cell<usize>,
    /// The highest end since pages were given back, and the small reads since then.
    highest: Cell<usize>,
    small_reads: Cell<u32>,
}

/// A place for received bytes.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    pub memory: *mut u8,
    pub length: usize,
}

impl Input {
    pub const fn new() -> Self {
        Self {
            segments: RefCell::new(Vec::new()),
            current: Cell::new(0),
            base: Cell::new(ptr::null_mut()),
            start: Cell::new(0),
            end: Cell::new(0),
            highest: Cell::new(0),
            small_reads: Cell::new(0),
        }
    }

    /// Where to read to; an empty room when the memory is full of undispatched messages, `None` when memory is
    /// exhausted.
    pub fn room(&self) -> Option<Room> {
        let mut segments = self.segments.borrow_mut();
        if segments.is_empty() {
            segments.try_reserve(1).ok()?;
            let memory = map()?;
            segments.push(Segment { memory, pins: 0 });
            self.base.set(memory.as_ptr());
        }
        let waiting = self.end.get() - self.start.get();
        if segments[self.current.get()].pins == 0 {
            if waiting == 0 {
                self.give_back(&segments[self.current.get()]);
                self.start.set(0);
                self.end.set(0);
            } else if SEGMENT - self.end.get() < LONGEST {
                // Keeps messages aligned as the peer sent them.
                self.move_to(&segments, self.current.get());
            }
        } else if SEGMENT - self.end.get() < LONGEST {
            let free = segments.iter().position(|segment| segment.pins == 0);
            let target = match free {
                Some(index) => index,
                None => {
                    segments.try_reserve(1).ok()?;
                    segments.push(Segment { memory: map()?, pins: 0 });
                    segments.len() - 1
                }
            };
            self.move_to(&segments, target);
        }
        let end = self.end.get();
        Some(Room { memory: self.base.get().wrapping_add(end), length: (SEGMENT - end).min(READ_AT_MOST) })
    }

    fn move_to(&self, segments: &[Segment], target: usize) {
        let (start, end) = (self.start.get(), self.end.get());
        let from = segments[self.current.get()].memory.as_ptr().wrapping_add(start);
        let to = segments[target].memory.as_ptr();
        // SAFETY: both ranges are inside mapped segments; the target is not pinned. They may overlap.
        unsafe { ptr::copy(from, to, end - start) };
        self.current.set(target);
        self.base.set(to);
        self.start.set(0);
        self.end.set(end - start);
    }

    /// Returns the pages behind the first few, when large messages have not come for a while.
    fn give_back(&self, segment: &Segment) {
        if self.highest.get() <= KEPT {
            return;
        }
        if self.end.get() > KEPT {
            self.small_reads.set(0);
            return;
        }
        self.small_reads.set(self.small_reads.get() + 1);
        if self.small_reads.get() >= READS_BEFORE_RELEASE {
            let page = 4096;
            let first = KEPT.div_ceil(page) * page;
            // SAFETY: whole pages inside the segment, in which nothing is waiting and no handler works.
            unsafe {
                libc::madvise(
                    segment.memory.as_ptr().wrapping_add(first).cast(),
                    SEGMENT - first,
                    libc::MADV_DONTNEED,
                )
            };
            self.highest.set(0);
            self.small_reads.set(0);
        }
    }

    /// Counts bytes that were stored in the room.
    pub fn received(&self, length: usize) {
        self.end.set(self.end.get() + length);
        self.highest.set(self.highest.get().max(self.end.get()));
    }

    /// The undispatched bytes.
    #[inline]
    pub fn waiting(&self) -> (*mut u8, usize) {
        let start = self.start.get();
        (self.base.get().wrapping_add(start), self.end.get() - start)
    }

    /// Takes `length` of the undispatched bytes.
    #[inline]
    pub fn take(&self, length: usize) {
        self.start.set(self.start.get() + length);
    }

    /// Throws the undispatched bytes away.
    pub fn discard(&self) {
        self.start.set(self.end.get());
    }

    /// The index of the current segment.
    #[inline]
    pub fn current(&self) -> usize {
        self.current.get()
    }

    /// Keeps a segment as it is until [`Input::unpin`].
    pub fn pin(&self, index: usize) {
        if let Some(segment) = self.segments.borrow_mut().get_mut(index) {
            segment.pins += 1;
        }
    }

    /// Ends a pin.
    pub fn unpin(&self, index: usize) {
        if let Some(segment) = self.segments.borrow_mut().get_mut(index) {
            segment.pins = segment.pins.saturating_sub(1);
        }
    }

    /// Ends all pins, when no handler is left that could have set them.
    pub fn unpin_all(&self) {
        for segment in self.segments.borrow_mut().iter_mut() {
            segment.pins = 0;
        }
    }

    /// Unmaps everything.
    pub fn release(&self) {
        for segment in self.segments.borrow_mut().drain(..) {
            // SAFETY: mapped by `map`, and nobody uses it any more.
            unsafe { libc::munmap(segment.memory.as_ptr().cast(), SEGMENT) };
        }
        self.current.set(0);
        self.base.set(ptr::null_mut());
        self.start.set(0);
        self.end.set(0);
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.release();
    }
}

fn map() -> Option<NonNull<u8>> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a new mapping where the kernel likes.
    let memory =
        unsafe { libc::mmap(ptr::null_mut(), SEGMENT, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
    if memory == libc::MAP_FAILED { None } else { NonNull::new(memory.cast()) }
}
