//! Who runs next, and what the others wait for.
//!
//! A coroutine that blocks arms clauses, each for one thing to wait for, and calls [`Scheduler::wait`]. The clauses are
//! in the frame of the blocked call. The first to be triggered disarms them all and puts the coroutine behind those
//! that are ready; strictly in that order they run.

use super::bundle::Spare;
use super::coroutine::Coroutine;
use super::error::{Error, Result};
use super::handle::Handles;
use super::poll::Pollset;
use super::stack::{Stack, Stacks};
use super::switch;
use super::time::{self, Clock};
use super::timers::{TimerClause, Timers};
use crate::ffi::errno;
use std::cell::Cell;
use std::ffi::c_int;
use std::ptr;

/// While coroutines are ready all the time, the world outside is looked at this often, in nanoseconds.
const POLL_INTERVAL: i64 = 1_000_000;

/// And the clock this often, in switches; the number adapts to how long they take.
const MOST_SWITCHES: u32 = 64;

/// What the clause says that did not fire: the coroutine was cancelled.
const CANCELLED: c_int = -1;

/// The next one of a coroutine that is not ready.
pub const NOT_READY: *const Coroutine = ptr::without_provenance(1);

/// One thing that a blocked coroutine waits for. The first member of the clauses for particular things.
#[repr(C)]
pub struct Clause {
    coroutine: Cell<*const Coroutine>,
    next: Cell<*const Clause>,
    id: Cell<c_int>,
    /// Called when the clause is disarmed, whether it fired or not.
    cancel: unsafe fn(&Scheduler, *const Clause),
}

impl Clause {
    /// Waits for nothing yet. `cancel` forgets an armed clause where it is waited for.
    #[inline]
    pub const fn new(cancel: unsafe fn(&Scheduler, *const Clause)) -> Self {
        Self { coroutine: Cell::new(ptr::null()), next: Cell::new(ptr::null()), id: Cell::new(0), cancel }
    }
}

/// Why a coroutine goes on.
#[derive(Clone, Copy, Debug)]
#[must_use = "it may have been cancelled"]
pub struct Wake {
    id: c_int,
    error: c_int,
}

impl Wake {
    /// It was not woken yet.
    pub const NONE: Self = Self { id: 0, error: 0 };

    /// The id of the clause that fired, unless it fired with an error, or was the timer, whose id is `timer`.
    #[inline]
    pub fn outcome(self, timer: c_int) -> Result<c_int> {
        if self.id == timer {
            return Err(Error::TimedOut);
        }
        if self.id < 0 || self.error != 0 {
            return Err(Error::from_errno(self.error));
        }
        Ok(self.id)
    }

    /// The id of the clause that fired, and its `errno`; or that the coroutine was cancelled.
    #[inline]
    pub fn id(self) -> Result<(c_int, c_int)> {
        if self.id < 0 { Err(Error::from_errno(self.error)) } else { Ok((self.id, self.error)) }
    }
}

/// A thread's scheduler.
pub struct Scheduler {
    current: Cell<*const Coroutine>,
    first_ready: Cell<*const Coroutine>,
    last_ready: Cell<*const Coroutine>,
    /// Switches until the clock is looked at.
    countdown: Cell<u32>,
    /// Where the countdown begins.
    patience: Cell<u32>,
    /// When the clock was looked at, and the world, in nanoseconds.
    looked: Cell<i64>,
    polled: Cell<i64>,
    /// How often anything was sent on any connection, the end of a stream included.
    pub(super) sends: Cell<u64>,
    pub(super) timers: Timers,
    pub(super) clock: Clock,
    pub(super) handles: Handles,
    pub(super) pollset: Pollset,
    pub(super) stacks: Stacks,
    pub(super) spare_bundles: Spare,
    /// The thread's `errno`.
    errno: *mut c_int,
    /// The coroutine that the thread's own stack is.
    main: Coroutine,
}

impl Scheduler {
    /// A scheduler whose main coroutine runs. [`Scheduler::settle`] completes it when it has its place.
    pub fn new() -> Self {
        let time = time::nanoseconds();
        Self {
            current: Cell::new(ptr::null()),
            first_ready: Cell::new(ptr::null()),
            last_ready: Cell::new(ptr::null()),
            countdown: Cell::new(1),
            patience: Cell::new(1),
            looked: Cell::new(time),
            polled: Cell::new(time),
            sends: Cell::new(0),
            timers: Timers::new(),
            clock: Clock::default(),
            handles: Handles::new(),
            pollset: Pollset::new(),
            stacks: Stacks::new(),
            spare_bundles: Spare::new(),
            errno: errno::place(),
            main: Coroutine::main(),
        }
    }

    /// Tells the scheduler that it will not be moved any more.
    pub fn settle(&self) {
        self.clock.read();
        self.current.set(&self.main);
    }

    /// The coroutine that runs.
    #[inline]
    pub fn current(&self) -> &Coroutine {
        // SAFETY: what runs is alive.
        unsafe { &*self.current.get() }
    }

    /// Fails when the coroutine that runs may not block: this comes before all other checks of arguments.
    #[inline]
    pub fn can_block(&self) -> Result<()> {
        if self.current().may_block() { Ok(()) } else { Err(Error::Cancelled) }
    }

    /// Makes the next wait of the running coroutine wait for this, too.
    ///
    /// # Safety
    /// `clause` is not armed and stays where it is until the wait is over. What its `cancel` undoes was done.
    #[inline]
    pub unsafe fn arm(&self, clause: *const Clause, id: c_int) {
        let current = self.current();
        // SAFETY: live, as promised.
        let clause = unsafe { &*clause };
        clause.coroutine.set(current);
        clause.id.set(id);
        clause.next.set(current.clauses.replace(clause));
    }

    /// Makes the next wait end at a deadline; never, if that is negative.
    ///
    /// # Safety
    /// `timer` is not armed and stays where it is until the wait is over.
    #[inline]
    pub unsafe fn arm_timer(&self, timer: *const TimerClause, id: c_int, deadline: i64) {
        if deadline >= 0 {
            // SAFETY: as promised; the heap is left when the clause is disarmed. Its clause is its first member.
            unsafe {
                self.timers.add(timer, deadline);
                self.arm(timer.cast(), id);
            }
        }
    }

    /// Blocks the running coroutine until one of its clauses fires or it is cancelled, and lets the others run.
    ///
    /// Leaves in `errno` what the clause fired with: 0, as a rule.
    #[inline(always)]
    pub fn wait(&self) -> Wake {
        let current = self.current();
        let next = self.next_ready();
        if !ptr::eq(next, current) {
            self.current.set(next);
            // SAFETY: it was suspended when it was made ready; nothing in this frame has to be dropped.
            unsafe { switch::switch(current.registers(), (*next).registers()) };
        }
        let wake = current.wake.get();
        // SAFETY: valid as long as the thread.
        unsafe { *self.errno = wake.error };
        wake
    }

    /// Leaves the running coroutine's stack for good.
    ///
    /// # Safety
    /// `stack` is that stack, which was given back, or will be by somebody else.
    #[inline]
    pub unsafe fn leave(&self, stack: *const Stack) -> ! {
        let next = self.next_ready();
        self.current.set(next);
        // SAFETY: as promised; the next one was suspended when it was made ready.
        unsafe {
            Stack::is_left(stack);
            switch::resume((*next).registers())
        }
    }

    /// Lets the others run that are ready.
    #[inline]
    pub fn yield_now(&self) -> Result<()> {
        self.can_block()?;
        self.make_ready(self.current(), 0, 0);
        // It is ready, so that nothing else can wake it.
        let _ = self.wait();
        Ok(())
    }

    /// Blocks until a deadline; until cancelled, if that is negative.
    pub fn sleep(&self, deadline: i64) -> Result<()> {
        self.can_block()?;
        let timer = TimerClause::new();
        // SAFETY: new, and waited for just below.
        unsafe { self.arm_timer(&timer, 0, deadline) };
        self.wait().id().map(|_| ())
    }

    /// Makes `next` the coroutine that runs, and the one that runs ready.
    ///
    /// # Safety
    /// `next` is a coroutine about to be run by the caller, and the running one's registers are about to be saved.
    #[inline]
    pub unsafe fn step_back_for(&self, next: *const Coroutine) {
        self.make_ready(self.current(), 0, 0);
        self.current.set(next);
    }

    /// Puts a coroutine behind those that are ready.
    #[inline]
    fn make_ready(&self, coroutine: &Coroutine, id: c_int, error: c_int) {
        coroutine.wake.set(Wake { id, error });
        coroutine.next_ready.set(ptr::null());
        let last = self.last_ready.replace(coroutine);
        if last.is_null() {
            self.first_ready.set(coroutine);
        } else {
            // SAFETY: ready, so alive.
            unsafe { &*last }.next_ready.set(coroutine);
        }
    }

    /// Fires a clause: its wait returns its id, and `error` in `errno`.
    ///
    /// # Safety
    /// `clause` is armed, and its coroutine blocked.
    #[inline]
    pub unsafe fn trigger(&self, clause: *const Clause, error: c_int) {
        // SAFETY: armed, so in the frame of a blocked call of a live coroutine.
        unsafe {
            let clause = &*clause;
            self.unblock(&*clause.coroutine.get(), clause.id.get(), error);
        }
    }

    /// Wakes a blocked coroutine with an error, whatever it waits for. 0 is for who waits without any clause.
    pub fn cancel(&self, coroutine: &Coroutine, error: c_int) {
        self.unblock(coroutine, CANCELLED, error);
    }

    #[inline]
    fn unblock(&self, coroutine: &Coroutine, id: c_int, error: c_int) {
        let mut clause = coroutine.clauses.replace(ptr::null());
        while !clause.is_null() {
            // SAFETY: armed, so in the frame of a blocked call. Disarming one leaves the others' links alone.
            unsafe {
                let next = (*clause).next.get();
                ((*clause).cancel)(self, clause);
                clause = next;
            }
        }
        self.make_ready(coroutine, id, error);
    }

    /// Takes the coroutine that is to run next, after waiting for one if there is none.
    #[inline(always)]
    fn next_ready(&self) -> *const Coroutine {
        if self.first_ready.get().is_null() {
            self.wait_for_the_world();
        } else {
            let left = self.countdown.get() - 1;
            self.countdown.set(left);
            if left == 0 {
                self.look_at_the_clock();
            }
        }
        let next = self.first_ready.get();
        // SAFETY: ready, so alive.
        let coroutine = unsafe { &*next };
        let behind = coroutine.next_ready.get();
        self.first_ready.set(behind);
        if behind.is_null() {
            self.last_ready.set(ptr::null());
        }
        coroutine.next_ready.set(NOT_READY);
        next
    }

    /// While coroutines are ready: looks at the world if that was long ago.
    #[cold]
    #[inline(never)]
    fn look_at_the_clock(&self) {
        let now = time::nanoseconds();
        let since = now - self.looked.replace(now);
        let patience = self.patience.get();
        let patience = match since {
            ..50_000 => (patience * 2).min(MOST_SWITCHES),
            50_000..500_000 => patience,
            _ => 1,
        };
        self.patience.set(patience);
        self.countdown.set(patience);
        if now - self.polled.get() >= POLL_INTERVAL {
            self.polled.set(now);
            if self.pollset.is_waited_for() {
                self.pollset.poll(self, 0);
            }
            self.fire_timers(self.clock.read());
        }
    }

    /// While none is ready: waits until one is.
    #[inline(never)]
    fn wait_for_the_world(&self) {
        let mut time = self.looked.get();
        loop {
            let timeout = match self.timers.next_deadline() {
                None => -1,
                // The deadline was made of a reading of this clock: an old reading will do to see that it has passed.
                Some(deadline) if deadline <= self.clock.now() => 0,
                Some(deadline) => {
                    c_int::try_from((deadline - self.clock.read()).max(0)).unwrap_or(c_int::MAX)
                }
            };
            let recently = || self.clock.now_nanoseconds() - self.polled.get() < POLL_INTERVAL;
            if timeout != 0 && recently() && self.pollset.wake_expected(self) {
                return;
            }
            if self.pollset.is_waited_for() {
                // Descriptors before timers: what is ready and late is ready.
                self.pollset.poll(self, timeout);
            } else if timeout != 0 {
                self.pollset.forget_idle();
                sleep(timeout);
            }
            if timeout != 0 {
                time = self.clock.now_nanoseconds();
            }
            self.fire_timers(self.clock.last());
            if !self.first_ready.get().is_null() {
                break;
            }
        }
        self.looked.set(time);
        self.polled.set(time);
    }

    fn fire_timers(&self, now: i64) {
        while let Some(clause) = self.timers.due(now) {
            // SAFETY: in the heap, so armed.
            unsafe { self.trigger(clause, libc::ETIMEDOUT) };
        }
    }
}

/// Sleeps for so many milliseconds, or until a signal handler ran; for ever if that is negative.
fn sleep(timeout: c_int) {
    // SAFETY: no descriptors.
    unsafe { libc::poll(ptr::null_mut(), 0, timeout) };
}
