//! Bundles: handles that own coroutines.

use super::coroutine::{self, Coroutine};
use super::error::{Error, Result};
use super::handle::{self, Kind, Object};
use super::list::{Link, Linked, List};
use super::scheduler::{Clause, Scheduler};
use super::thread::scheduler;
use super::timers::TimerClause;
use super::types::dill_bundle_storage;
use super::vfs::dill_hvfs;
use crate::ffi::alloc;
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::mem::{align_of, size_of};
use std::ptr::{self, NonNull};

static KEY: u8 = 0;
const KIND: Kind = handle::kind(&KEY);

/// A bundle.
#[repr(C)]
pub struct Bundle {
    vfs: dill_hvfs,
    members: List<Coroutine>,
    waiters: List<WaitClause>,
    closing: Cell<bool>,
    /// Whether its memory is the program's.
    lent: Cell<bool>,
}

const _: () = assert!(size_of::<Bundle>() <= size_of::<dill_bundle_storage>());

/// Waits for the end of a bundle's coroutines.
#[repr(C)]
struct WaitClause {
    clause: Clause,
    link: Link<WaitClause>,
    bundle: *const Bundle,
}

impl Linked for WaitClause {
    fn link(&self) -> &Link<Self> {
        &self.link
    }
}

/// # Safety
/// As [`Clause`] demands: `clause` is that of an armed waiter.
unsafe fn cancel(_: &Scheduler, clause: *const Clause) {
    let clause = clause.cast::<WaitClause>();
    // SAFETY: the first member of a waiter's clause, whose bundle is live.
    unsafe { (*(*clause).bundle).waiters.remove(clause) }
}

// SAFETY: its layout is C's, the function table is first.
unsafe impl Object for Bundle {
    fn query(&self, kind: Kind) -> Option<NonNull<c_void>> {
        (kind == KIND).then(|| NonNull::from(self).cast())
    }

    unsafe fn close(this: NonNull<Self>) {
        // SAFETY: live until it is freed below. The program may reach it by its handle meanwhile.
        let bundle = unsafe { this.as_ref() };
        bundle.closing.set(true);
        let scheduler = scheduler();
        bundle.wake(scheduler, libc::ECANCELED);
        while !bundle.members.is_empty() {
            // SAFETY: a member, so live.
            unsafe { coroutine::cancel(scheduler, bundle.members.first()) };
        }
        if !bundle.lent.get() {
            // SAFETY: from `make`, and not used any more.
            unsafe { scheduler.spare_bundles.give_back(this) };
        }
    }
}

impl Bundle {
    fn new(lent: bool) -> Self {
        Self {
            vfs: handle::vfs::<Self>(),
            members: List::new(),
            waiters: List::new(),
            closing: Cell::new(false),
            lent: Cell::new(lent),
        }
    }

    /// Whether its handle is being closed.
    pub fn is_closing(&self) -> bool {
        self.closing.get()
    }

    /// Adds a coroutine.
    ///
    /// # Safety
    /// `member` is live and in no bundle.
    pub unsafe fn add(&self, member: *const Coroutine) {
        // SAFETY: as promised; its control block stays where it is.
        unsafe { self.members.push(member) }
    }

    /// Removes a coroutine. When it was the last, those who wait go on.
    ///
    /// # Safety
    /// `member` is in this bundle.
    pub unsafe fn remove(&self, scheduler: &Scheduler, member: *const Coroutine) {
        // SAFETY: as promised.
        unsafe { self.members.remove(member) };
        if self.members.is_empty() {
            self.wake(scheduler, 0);
        }
    }

    fn wake(&self, scheduler: &Scheduler, error: c_int) {
        while !self.waiters.is_empty() {
            // SAFETY: a waiter, so armed; its clause is its first member. It leaves the list.
            unsafe { scheduler.trigger(self.waiters.first().cast(), error) };
        }
    }
}

/// Blocks of freed bundles, kept for the next ones: most coroutines have a bundle of their own.
pub struct Spare {
    first: Cell<*mut SpareBlock>,
    count: Cell<u32>,
}

/// A freed bundle's memory.
struct SpareBlock {
    next: *mut SpareBlock,
}

/// How many blocks are kept.
const MOST_SPARE: u32 = 64;

impl Spare {
    /// None.
    pub const fn new() -> Self {
        Self { first: Cell::new(ptr::null_mut()), count: Cell::new(0) }
    }

    #[inline]
    fn take(&self) -> Result<NonNull<Bundle>> {
        match NonNull::new(self.first.get()) {
            Some(block) => {
                // SAFETY: kept by `give_back`.
                self.first.set(unsafe { block.as_ref() }.next);
                self.count.set(self.count.get() - 1);
                Ok(block.cast())
            }
            None => alloc::malloc(size_of::<Bundle>()).map(NonNull::cast).ok_or(Error::NoMemory),
        }
    }

    /// # Safety
    /// `block` is from `take`, and not used any more.
    #[inline]
    unsafe fn give_back(&self, block: NonNull<Bundle>) {
        if self.count.get() < MOST_SPARE {
            let block = block.cast::<SpareBlock>();
            // SAFETY: large enough, and ours.
            unsafe { block.write(SpareBlock { next: self.first.replace(block.as_ptr()) }) };
            self.count.set(self.count.get() + 1);
        } else {
            // SAFETY: from the C allocator.
            unsafe { alloc::free(block.as_ptr().cast()) };
        }
    }
}

impl Drop for Spare {
    fn drop(&mut self) {
        while self.count.get() > 0 {
            if let Ok(block) = self.take() {
                // SAFETY: from the C allocator.
                unsafe { alloc::free(block.as_ptr().cast()) };
            }
        }
    }
}

/// Makes an empty bundle; returns its handle, too.
#[inline(always)]
pub fn make(scheduler: &Scheduler) -> Result<(c_int, NonNull<Bundle>)> {
    let block = scheduler.spare_bundles.take()?;
    // SAFETY: memory for it, which is aligned.
    let made = unsafe { place(scheduler, block, false) };
    if made.is_err() {
        // SAFETY: taken above, and nobody knows it.
        unsafe { scheduler.spare_bundles.give_back(block) };
    }
    made
}

/// The same in the program's memory, of the size of its storage, at any address.
#[inline(never)]
pub fn make_in(scheduler: &Scheduler, storage: *mut dill_bundle_storage) -> Result<(c_int, NonNull<Bundle>)> {
    let storage = NonNull::new(storage).ok_or(Error::InvalidArgument)?.cast::<Bundle>();
    if !storage.is_aligned() {
        return make(scheduler);
    }
    // SAFETY: storage for it, which is aligned.
    unsafe { place(scheduler, storage, true) }
}

/// # Safety
/// `memory` holds a bundle, and is the scheduler's unless it was `lent` by the program.
#[inline(always)]
unsafe fn place(
    scheduler: &Scheduler,
    memory: NonNull<Bundle>,
    lent: bool,
) -> Result<(c_int, NonNull<Bundle>)> {
    const { assert!(align_of::<Bundle>() <= 16) };
    // SAFETY: as promised.
    unsafe { memory.write(Bundle::new(lent)) };
    handle::make_known(scheduler, memory.as_ptr(), KIND).map(|handle| (handle, memory))
}

/// The bundle behind a handle.
#[inline]
pub fn find(scheduler: &Scheduler, handle: c_int) -> Result<NonNull<Bundle>> {
    handle::find(scheduler, handle, KIND).map(NonNull::cast)
}

/// Blocks until all coroutines of a bundle have ended, those that are added meanwhile included.
pub fn wait(handle: c_int, deadline: i64) -> Result<()> {
    const EMPTY: c_int = 0;
    const TIMER: c_int = 1;
    let scheduler = scheduler();
    scheduler.can_block()?;
    let bundle = find(scheduler, handle)?;
    // SAFETY: live, because its handle is in use; and its end ends the wait.
    let bundle = unsafe { bundle.as_ref() };
    if bundle.closing.get() {
        return Err(Error::Cancelled);
    }
    if bundle.members.is_empty() {
        return Ok(());
    }
    let waiter = WaitClause { clause: Clause::new(cancel), link: Link::new(), bundle };
    let timer = TimerClause::new();
    // SAFETY: new, and waited for just below.
    unsafe {
        bundle.waiters.push(&waiter);
        scheduler.arm((&raw const waiter).cast(), EMPTY);
        scheduler.arm_timer(&timer, TIMER, deadline);
    }
    scheduler.wait().outcome(TIMER).map(|_| ())
}
