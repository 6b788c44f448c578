//! Waiting until the library has finished what it sends by itself.

use super::super::error::{Error, Result};
use super::super::scheduler::{Clause, Scheduler};
use super::super::thread::scheduler;
use super::super::timers::TimerClause;
use std::cell::Cell;
use std::ffi::c_int;
use std::ptr;

/// A place for one who waits for the next turn.
#[derive(Debug)]
pub struct Turn {
    waiter: Cell<*const TurnClause>,
}

#[repr(C)]
struct TurnClause {
    clause: Clause,
    turn: *const Turn,
}

/// # Safety
/// As [`Clause`] demands: `clause` is that of an armed waiter.
unsafe fn cancel(_: &Scheduler, clause: *const Clause) {
    // SAFETY: the first member of a waiter's clause, whose turn lives as long as the call that waits.
    unsafe { (*(*clause.cast::<TurnClause>()).turn).waiter.set(ptr::null()) }
}

impl Turn {
    /// Nobody waits.
    pub const fn new() -> Self {
        Self { waiter: Cell::new(ptr::null()) }
    }

    /// Waits for the turn.
    ///
    /// # Errors
    /// `EBUSY` when somebody waits already, `ETIMEDOUT`, `ECANCELED`.
    pub fn wait(&self, deadline: i64) -> Result<()> {
        const GIVEN: c_int = 0;
        const TIMER: c_int = 1;
        if !self.waiter.get().is_null() {
            return Err(Error::Busy);
        }
        let scheduler = scheduler();
        scheduler.can_block()?;
        let waiter = TurnClause { clause: Clause::new(cancel), turn: self };
        let timer = TimerClause::new();
        self.waiter.set(&waiter);
        // SAFETY: new, and waited for just below. The clause is the first member.
        unsafe {
            scheduler.arm((&raw const waiter).cast(), GIVEN);
            scheduler.arm_timer(&timer, TIMER, deadline);
        }
        scheduler.wait().outcome(TIMER).map(drop)
    }

    /// Lets the one go on who waits, if there is one.
    pub fn give(&self) {
        let waiter = self.waiter.get();
        if !waiter.is_null() {
            // SAFETY: a waiter is armed. Its clause is its first member.
            unsafe { scheduler().trigger(waiter.cast(), 0) };
        }
    }
}
