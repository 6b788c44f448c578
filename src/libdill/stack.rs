//! Stacks for coroutines: slabs of them, each stack above a guard page.
//!
//! Linux 6.13 guards pages without splitting mappings, so that there may be any number. Before that each guard is two
//! mappings, of which a process has 65530 as a rule: then the first few thousand stacks have one, and the others the
//! guard below their slab.

use super::error::{Error, Result};
use super::valgrind;
use std::cell::Cell;
use std::ffi::c_int;
use std::fs;
use std::mem::{align_of, size_of};
use std::ptr::{self, NonNull};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

/// A page, or more of them where pages are smaller.
const PAGE: usize = if cfg!(target_arch = "x86_64") { 4096 } else { 65536 };

/// What programs may rely on, the control block included.
const USABLE: usize = 256 * 1024;

/// Tops of stacks are spread over so many cache lines, which would all compete for the same few otherwise.
const COLOURS: usize = 8;
const COLOUR: usize = 256;

const SLOT: usize = PAGE + USABLE + PAGE;

/// How many stacks a slab has, if there is address space for so many.
const SLAB: u32 = 64;
/// The first slab of a thread: most programs have few coroutines.
const FIRST_SLAB: u32 = 8;

/// How many unused stacks are kept as they are, last in, first out.
const CACHED: usize = 64;
/// And how many more, in slabs that are in use, before their memory goes back to the system.
const DIRTY: u32 = 128;

/// `MADV_GUARD_INSTALL` of Linux 6.13.
const GUARD_INSTALL: c_int = 102;

/// The head of a slab, at the beginning of its own memory.
struct Slab {
    /// In the list of slabs with free stacks.
    previous: Cell<*const Slab>,
    next: Cell<*const Slab>,
    count: u32,
    /// A bit for each stack: free, free and perhaps not empty, guarded.
    free: Cell<u64>,
    dirty: Cell<u64>,
    guarded: Cell<u64>,
    /// Guards that are mappings of their own.
    mappings: Cell<u32>,
}

impl Slab {
    fn all(&self) -> u64 {
        u64::MAX >> (u64::BITS - self.count)
    }

    fn size(count: u32) -> usize {
        PAGE + count as usize * SLOT
    }

    /// The guard page, below the stack.
    fn guard(&self, index: u32) -> *mut u8 {
        ptr::from_ref(self).cast_mut().cast::<u8>().wrapping_add(PAGE + index as usize * SLOT)
    }

    /// Writes the record of a stack that is about to be used.
    fn stack(&self, index: u32) -> NonNull<Stack> {
        let bottom = self.guard(index).wrapping_add(PAGE);
        let top = bottom.wrapping_add(USABLE + PAGE - index as usize % COLOURS * COLOUR);
        // SAFETY: the top of a stack of this slab that nobody uses.
        unsafe { Stack::place(bottom, top, self, index) }
    }
}

/// The record of a stack, at its top. What is below, down to `bottom`, is for the coroutine.
#[repr(C, align(16))]
pub struct Stack {
    bottom: *mut u8,
    /// The slab it is of; NULL when it is the program's.
    slab: *const Slab,
    index: u32,
    valgrind: u64,
}

impl Stack {
    /// A stack in the program's own memory; `None` if that has less than `needed` bytes.
    ///
    /// # Safety
    /// So many bytes of memory that nobody uses until the stack is given back.
    pub unsafe fn in_memory(memory: NonNull<u8>, length: usize, needed: usize) -> Option<NonNull<Self>> {
        let bottom = memory.as_ptr();
        let end = (bottom as usize).checked_add(length)? & !15;
        let usable = end.checked_sub(bottom as usize).filter(|usable| *usable >= needed)?;
        // SAFETY: as promised.
        Some(unsafe { Self::place(bottom, bottom.wrapping_add(usable), ptr::null(), 0) })
    }

    /// # Safety
    /// Memory from `bottom` up to `top`, a multiple of 16, that nobody uses, and enough for a record.
    unsafe fn place(bottom: *mut u8, top: *mut u8, slab: *const Slab, index: u32) -> NonNull<Self> {
        let record = top.wrapping_sub(size_of::<Self>()).cast::<Self>();
        let valgrind = valgrind::register(bottom as usize, record as usize);
        // SAFETY: as promised.
        unsafe {
            record.write(Self { bottom, slab, index, valgrind });
            NonNull::new_unchecked(record)
        }
    }

    /// Tells valgrind that memory of the program's is no stack any more: when it was left, or is about to be by a jump.
    ///
    /// # Safety
    /// `stack` was given back just now.
    #[inline(always)]
    pub unsafe fn is_left(stack: *const Self) {
        // SAFETY: a stack's record, in the cache at least.
        let record = unsafe { &*stack };
        if record.slab.is_null() {
            valgrind::is_memory(record.bottom as usize, stack as usize);
        }
    }

    /// The place of a value right below the record, which is the top of the stack for everything else.
    #[inline]
    pub fn below<T>(this: NonNull<Self>) -> *mut T {
        const { assert!(align_of::<T>() == 16 && size_of::<T>().is_multiple_of(16)) };
        this.as_ptr().cast::<T>().wrapping_sub(1)
    }

    /// The record above a value that is right below it.
    #[inline]
    pub fn above<T>(value: *const T) -> *const Self {
        value.wrapping_add(1).cast()
    }
}

/// A thread's stacks.
pub struct Stacks {
    cache: [Cell<*const Stack>; CACHED],
    /// The oldest in the cache, and how many there are.
    oldest: Cell<usize>,
    cached: Cell<usize>,
    /// Slabs with free stacks that are not in the cache.
    slabs: Cell<*const Slab>,
    dirty: Cell<u32>,
    any: Cell<bool>,
}

impl Stacks {
    /// None.
    pub const fn new() -> Self {
        Self {
            cache: [const { Cell::new(ptr::null()) }; CACHED],
            oldest: Cell::new(0),
            cached: Cell::new(0),
            slabs: Cell::new(ptr::null()),
            dirty: Cell::new(0),
            any: Cell::new(false),
        }
    }

    #[inline]
    fn slot(&self, index: usize) -> &Cell<*const Stack> {
        &self.cache[index % CACHED]
    }

    /// A stack, guarded if that is possible.
    #[inline]
    pub fn take(&self) -> Result<NonNull<Stack>> {
        let cached = self.cached.get();
        if cached > 0 {
            self.cached.set(cached - 1);
            let stack = self.slot(self.oldest.get() + cached - 1).get();
            if let Some(stack) = NonNull::new(stack.cast_mut()) {
                return Ok(stack);
            }
        }
        self.take_from_slab()
    }

    /// Gives a stack back. It may be the one that is in use right now: its memory stays until another is given back.
    ///
    /// # Safety
    /// `stack` was taken, or is the program's, and nobody will use it once another is given back.
    #[inline]
    pub unsafe fn give_back(&self, stack: *const Stack) {
        // SAFETY: a stack's record.
        let record = unsafe { &*stack };
        if record.slab.is_null() {
            valgrind::deregister(record.valgrind);
            return;
        }
        let cached = self.cached.get();
        if cached < CACHED {
            self.cached.set(cached + 1);
            self.slot(self.oldest.get() + cached).set(stack);
        } else {
            let oldest = self.slot(self.oldest.get()).replace(stack);
            self.oldest.set((self.oldest.get() + 1) % CACHED);
            // SAFETY: a stack's record.
            self.give_back_to_slab(unsafe { &*oldest });
        }
    }

    #[cold]
    fn take_from_slab(&self) -> Result<NonNull<Stack>> {
        let mut slab = self.slabs.get();
        if slab.is_null() {
            slab = self.new_slab()?;
        }
        // SAFETY: in the list, so mapped.
        let slab = unsafe { &*slab };
        let (free, dirty) = (slab.free.get(), slab.dirty.get());
        // Memory that is there already first.
        let index = if dirty != 0 { dirty.trailing_zeros() } else { free.trailing_zeros() };
        let bit = 1 << index;
        if dirty & bit != 0 {
            self.dirty.set(self.dirty.get() - 1);
        }
        slab.free.set(free & !bit);
        slab.dirty.set(dirty & !bit);
        if free == bit {
            self.unlist(slab);
        }
        if slab.guarded.get() & bit == 0 {
            guard(slab, index);
        }
        Ok(slab.stack(index))
    }

    #[cold]
    fn give_back_to_slab(&self, stack: &Stack) {
        valgrind::deregister(stack.valgrind);
        // SAFETY: one of its stacks was in use, so it is mapped.
        let slab = unsafe { &*stack.slab };
        let bit = 1 << stack.index;
        if slab.free.get() == 0 {
            self.list(slab);
        }
        slab.free.set(slab.free.get() | bit);
        slab.dirty.set(slab.dirty.get() | bit);
        self.dirty.set(self.dirty.get() + 1);
        if slab.free.get() == slab.all() {
            self.dirty.set(self.dirty.get() - slab.dirty.get().count_ones());
            self.unlist(slab);
            unmap(slab);
        } else if self.dirty.get() > DIRTY {
            self.clean();
        }
    }

    /// Gives the memory of unused stacks back to the system.
    fn clean(&self) {
        let mut slab = self.slabs.get();
        while !slab.is_null() {
            // SAFETY: in the list, so mapped.
            let current = unsafe { &*slab };
            slab = current.next.get();
            let mut dirty = current.dirty.replace(0);
            while dirty != 0 {
                let first = dirty.trailing_zeros();
                let run = (dirty >> first).trailing_ones();
                dirty &= !((u64::MAX >> (u64::BITS - run)) << first);
                // Guards within the run stay guards.
                // SAFETY: stacks that nobody uses.
                unsafe {
                    libc::madvise(current.guard(first).cast(), run as usize * SLOT, libc::MADV_DONTNEED)
                };
            }
        }
        self.dirty.set(0);
    }

    #[cold]
    fn new_slab(&self) -> Result<*const Slab> {
        let mut count = if self.any.replace(true) { SLAB } else { FIRST_SLAB };
        let memory = loop {
            // SAFETY: a new mapping.
            let memory = unsafe {
                libc::mmap(
                    ptr::null_mut(),
                    Slab::size(count),
                    libc::PROT_READ | libc::PROT_WRITE,
                    libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                    -1,
                    0,
                )
            };
            if memory != libc::MAP_FAILED {
                break memory;
            }
            // Address space may be limited.
            count /= 4;
            if count == 0 {
                return Err(Error::NoMemory);
            }
        };
        // A huge page would be there as a whole as soon as a stack in it is used. No harm if that cannot be told.
        // SAFETY: the new mapping.
        unsafe { libc::madvise(memory, Slab::size(count), libc::MADV_NOHUGEPAGE) };
        let slab = memory.cast::<Slab>();
        let head = Slab {
            previous: Cell::new(ptr::null()),
            next: Cell::new(ptr::null()),
            count,
            free: Cell::new(0),
            dirty: Cell::new(0),
            guarded: Cell::new(0),
            mappings: Cell::new(0),
        };
        // SAFETY: the new mapping's first page.
        let slab = unsafe {
            slab.write(head);
            &*slab
        };
        slab.free.set(slab.all());
        self.list(slab);
        Ok(slab)
    }

    fn list(&self, slab: &Slab) {
        let next = self.slabs.replace(slab);
        slab.previous.set(ptr::null());
        slab.next.set(next);
        // SAFETY: NULL or in the list, so mapped.
        if let Some(next) = unsafe { next.as_ref() } {
            next.previous.set(slab);
        }
    }

    fn unlist(&self, slab: &Slab) {
        let (previous, next) = (slab.previous.get(), slab.next.get());
        // SAFETY: NULL or in the list, so mapped; the same below.
        match unsafe { previous.as_ref() } {
            Some(previous) => previous.next.set(next),
            None => self.slabs.set(next),
        }
        // SAFETY: as above.
        if let Some(next) = unsafe { next.as_ref() } {
            next.previous.set(previous);
        }
    }
}

/// Slabs without a stack in use go back to the system.
impl Drop for Stacks {
    fn drop(&mut self) {
        while self.cached.get() > 0 {
            if let Ok(stack) = self.take() {
                // SAFETY: a stack's record.
                self.give_back_to_slab(unsafe { stack.as_ref() });
            }
        }
    }
}

fn unmap(slab: &Slab) {
    GUARD_MAPPINGS.fetch_sub(i64::from(slab.mappings.get()), Ordering::Relaxed);
    let size = Slab::size(slab.count);
    // SAFETY: a mapping of ours, without a stack in use; the reference is not used any more.
    unsafe { libc::munmap(ptr::from_ref(slab).cast_mut().cast(), size) };
}

/// Mappings that guards of this process have taken.
static GUARD_MAPPINGS: AtomicI64 = AtomicI64::new(0);

/// How many they may take.
fn most_guard_mappings() -> i64 {
    static MOST: OnceLock<i64> = OnceLock::new();
    *MOST.get_or_init(|| {
        let text = fs::read_to_string("/proc/sys/vm/max_map_count").unwrap_or_default();
        text.trim().parse::<i64>().unwrap_or(65530) / 2
    })
}

/// Makes an access to the page below a stack a fault. If that cannot be had, the stack has to do without.
#[cold]
fn guard(slab: &Slab, index: u32) {
    const UNTRIED: u8 = 0;
    const WORKS: u8 = 1;
    const MISSING: u8 = 2;
    /// Whether this system guards pages without splitting mappings.
    static LIGHT: AtomicU8 = AtomicU8::new(UNTRIED);

    let page = slab.guard(index).cast();
    if LIGHT.load(Ordering::Relaxed) != MISSING {
        // SAFETY: a page of the slab that is used for nothing else.
        if unsafe { libc::madvise(page, PAGE, GUARD_INSTALL) } == 0 {
            LIGHT.store(WORKS, Ordering::Relaxed);
            slab.guarded.set(slab.guarded.get() | 1 << index);
            return;
        }
        let _ = LIGHT.compare_exchange(UNTRIED, MISSING, Ordering::Relaxed, Ordering::Relaxed);
    }
    if GUARD_MAPPINGS.load(Ordering::Relaxed) + 2 <= most_guard_mappings() {
        // SAFETY: as above.
        if unsafe { libc::mprotect(page, PAGE, libc::PROT_NONE) } == 0 {
            GUARD_MAPPINGS.fetch_add(2, Ordering::Relaxed);
            slab.mappings.set(slab.mappings.get() + 2);
            slab.guarded.set(slab.guarded.get() | 1 << index);
        }
    }
}
