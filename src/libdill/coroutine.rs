//! Coroutines: launched by a macro in the program, ended by another call of it, and cancelled by whoever closes their
//! bundle.

use super::bundle::{self, Bundle};
use super::error::{Error, Result};
use super::handle;
use super::list::{Link, Linked};
use super::scheduler::{Clause, NOT_READY, Scheduler, Wake};
use super::stack::Stack;
use super::switch::Registers;
use super::thread::scheduler;
use super::types::dill_bundle_storage;
use std::cell::{Cell, UnsafeCell};
use std::ffi::{c_int, c_void};
use std::mem::{MaybeUninit, size_of};
use std::ptr::{self, NonNull};

/// Room between the address that a new stack begins at and the control block above it. Arguments that are not passed in
/// registers are on the stack, and some compilers store them at the stack pointer as they find it.
const ARGUMENTS: usize = 256;

/// What a stack in the program's memory has to hold at least.
const LEAST_STACK: usize = ARGUMENTS + size_of::<Coroutine>() + size_of::<Stack>();

/// Its bundle is being closed.
const CLOSING: u8 = 1;
/// It executes a handle's close function.
const IN_CLOSE: u8 = 2;

/// What is known of a coroutine. Lives at the top of its stack; the main coroutine's is the scheduler's.
#[repr(C, align(16))]
pub struct Coroutine {
    registers: UnsafeCell<MaybeUninit<Registers>>,
    /// What it waits for.
    pub(super) clauses: Cell<*const Clause>,
    /// What woke it.
    pub(super) wake: Cell<Wake>,
    /// The next one that is ready, if this one is; otherwise [`NOT_READY`].
    pub(super) next_ready: Cell<*const Coroutine>,
    /// Why it may not block.
    hindrance: Cell<u8>,
    /// Who waits for its end, closing its bundle.
    closer: Cell<*const Coroutine>,
    /// Whose end it waits for, closing a bundle.
    closes: Cell<*const Coroutine>,
    bundle: *const Bundle,
    link: Link<Coroutine>,
}

impl Linked for Coroutine {
    fn link(&self) -> &Link<Self> {
        &self.link
    }
}

impl Coroutine {
    /// The one that a thread begins with.
    pub const fn main() -> Self {
        Self {
            registers: UnsafeCell::new(MaybeUninit::uninit()),
            clauses: Cell::new(ptr::null()),
            wake: Cell::new(Wake::NONE),
            next_ready: Cell::new(NOT_READY),
            hindrance: Cell::new(0),
            closer: Cell::new(ptr::null()),
            closes: Cell::new(ptr::null()),
            bundle: ptr::null(),
            link: Link::new(),
        }
    }

    /// Makes a coroutine of a bundle, which runs. What is written before it is read for the first time is left out:
    /// registers, link, and what a coroutine gets when it is made ready.
    ///
    /// # Safety
    /// The place of a coroutine on a stack: one was there before, or all bytes are zero.
    #[inline]
    unsafe fn place(block: *mut Self, bundle: *const Bundle) {
        // SAFETY: as promised.
        unsafe {
            (&raw mut (*block).clauses).write(Cell::new(ptr::null()));
            (&raw mut (*block).next_ready).write(Cell::new(NOT_READY));
            (&raw mut (*block).hindrance).write(Cell::new(0));
            (&raw mut (*block).closes).write(Cell::new(ptr::null()));
            (&raw mut (*block).bundle).write(bundle);
        }
    }

    /// Where its registers are while it is suspended.
    #[inline]
    pub fn registers(&self) -> *mut Registers {
        self.registers.get().cast()
    }

    /// Whether blocking calls are allowed.
    #[inline]
    pub fn may_block(&self) -> bool {
        self.hindrance.get() == 0
    }

    /// Executes `action`, a handle's close function, in which nothing may block.
    pub fn while_in_close(&self, action: impl FnOnce()) {
        let before = self.hindrance.replace(self.hindrance.get() | IN_CLOSE) & IN_CLOSE;
        action();
        self.hindrance.set(self.hindrance.get() & !IN_CLOSE | before);
    }

    /// Gives its stack back, with this block in it. The running coroutine may do that to itself just before it leaves.
    ///
    /// # Safety
    /// Not the main coroutine. Nothing on the stack will be used once another stack is given back.
    unsafe fn release(&self, scheduler: &Scheduler) {
        // SAFETY: as promised; the block of a launched coroutine is below its stack's record.
        unsafe { scheduler.stacks.give_back(Stack::above(self)) };
    }
}

/// Begins to launch a coroutine: the running one is ready to be resumed, the new one is the one that runs.
///
/// The caller, a macro, saves its registers where `registers` is set to, moves its stack pointer to where `memory` is
/// set to, and calls the coroutine's function there. `memory` is NULL, or memory of the program for the stack, of
/// `length` bytes. `bundle` is negative for a bundle of its own, which is the result. Otherwise the result is 0.
///
/// # Safety
/// The pointers are the macro's.
pub unsafe fn launch(
    registers: *mut *mut Registers,
    memory: *mut *mut c_void,
    length: usize,
    bundle: c_int,
) -> Result<c_int> {
    let scheduler = scheduler();
    scheduler.can_block()?;
    // SAFETY: as promised by the caller.
    let (mut own_memory, mut length) = (NonNull::new(unsafe { *memory }.cast::<u8>()), length);
    if bundle >= 0 {
        let bundle = bundle::find(scheduler, bundle)?;
        // SAFETY: as promised by the caller.
        unsafe { launch_in(scheduler, bundle, own_memory, length, registers, memory)? };
        return Ok(0);
    }
    let (handle, bundle) = match own_memory {
        None => bundle::make(scheduler)?,
        Some(memory) => {
            let storage = size_of::<dill_bundle_storage>();
            length = length.checked_sub(storage).ok_or(Error::NoMemory)?;
            // SAFETY: memory of the program's, which holds the storage and more.
            own_memory = Some(unsafe { memory.add(storage) });
            bundle::make_in(scheduler, memory.as_ptr().cast())?
        }
    };
    // SAFETY: as promised by the caller.
    match unsafe { launch_in(scheduler, bundle, own_memory, length, registers, memory) } {
        Ok(()) => Ok(handle),
        Err(error) => {
            handle::close(handle)?;
            Err(error)
        }
    }
}

/// # Safety
/// As [`launch`]; `bundle` is live.
#[inline(always)]
unsafe fn launch_in(
    scheduler: &Scheduler,
    bundle: NonNull<Bundle>,
    own_memory: Option<NonNull<u8>>,
    length: usize,
    registers: *mut *mut Registers,
    memory: *mut *mut c_void,
) -> Result<()> {
    // SAFETY: live, as promised.
    let bundle = unsafe { bundle.as_ref() };
    if bundle.is_closing() {
        return Err(Error::Cancelled);
    }
    let stack = match own_memory {
        None => scheduler.stacks.take()?,
        // SAFETY: as promised by the caller; the place below the record is the stack's.
        Some(memory) => unsafe {
            let stack = Stack::in_memory(memory, length, LEAST_STACK).ok_or(Error::NoMemory)?;
            Stack::below::<Coroutine>(stack).write(Coroutine::main());
            stack
        },
    };
    let block = Stack::below::<Coroutine>(stack);
    // SAFETY: the top of a stack that nobody uses, aligned and large enough; then a live coroutine.
    unsafe {
        Coroutine::place(block, bundle);
        bundle.add(block);
        *registers = scheduler.current().registers();
        *memory = block.byte_sub(ARGUMENTS).cast();
        scheduler.step_back_for(block);
    }
    Ok(())
}

/// Ends the running coroutine, whose function has returned, and runs the next one.
pub fn end() -> ! {
    let scheduler = scheduler();
    let current = scheduler.current();
    if current.hindrance.get() & CLOSING != 0 {
        // The closer gives the stack back.
        // SAFETY: it waits, so it is alive.
        if let Some(closer) = unsafe { current.closer.get().as_ref() } {
            scheduler.cancel(closer, 0);
        }
    } else {
        // SAFETY: launched, so a member of a live bundle; and what is left to do here uses no stack of others.
        unsafe {
            (*current.bundle).remove(scheduler, current);
            current.release(scheduler);
        }
    }
    // SAFETY: given back above, or by the closer.
    unsafe { scheduler.leave(Stack::above(current)) }
}

/// Cancels a coroutine, waits until its function has returned, and gives its stack back.
///
/// # Safety
/// `coroutine` is live, and a member of a bundle that is being closed.
pub unsafe fn cancel(scheduler: &Scheduler, coroutine: *const Coroutine) {
    // SAFETY: live, as promised, until it is released below.
    let coroutine = unsafe { &*coroutine };
    let current = scheduler.current();
    refuse_to_wait_for_oneself(current, coroutine);
    coroutine.hindrance.set(coroutine.hindrance.get() | CLOSING);
    // One that closes a bundle itself goes on with that, and finds out later.
    if coroutine.next_ready.get() == NOT_READY && coroutine.closes.get().is_null() {
        scheduler.cancel(coroutine, libc::ECANCELED);
    }
    coroutine.closer.set(current);
    current.closes.set(coroutine);
    // Only its end wakes the current one, which has no clause.
    let _ = scheduler.wait();
    current.closes.set(ptr::null());
    // SAFETY: it has ended, and will not run again.
    unsafe {
        (*coroutine.bundle).remove(scheduler, coroutine);
        coroutine.release(scheduler);
        Stack::is_left(Stack::above(coroutine));
    }
}

/// A coroutine that closes its own bundle, or one whose members wait for its end, would wait for ever. The original
/// ended the process, too.
fn refuse_to_wait_for_oneself(current: &Coroutine, coroutine: &Coroutine) {
    let mut waiter = ptr::from_ref(coroutine);
    // SAFETY: each waits for the next one's end, so that one is alive.
    while let Some(next) = unsafe { waiter.as_ref() } {
        if ptr::eq(next, current) {
            own_end();
        }
        waiter = next.closes.get();
    }
}

#[cold]
fn own_end() -> ! {
    const MESSAGE: &[u8] =
        b"libdill: a coroutine closes a bundle that it belongs to, and would wait for its own end\n";
    // SAFETY: a message of that length.
    unsafe { libc::write(libc::STDERR_FILENO, MESSAGE.as_ptr().cast(), MESSAGE.len()) };
    std::process::abort();
}
