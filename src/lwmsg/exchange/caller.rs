//! The caller's side of a call: begun, completed exactly once, waited for.
//!
//! A handle is used for one call after another, so a round has a number, and whoever settles a round knows which:
//! the completion function of one may have begun the next.

use super::sync::{AtomicU64, Event, Ordering};

/// Never used, or used up.
const IDLE: u64 = 0;
/// Begun and not completed.
const ACTIVE: u64 = 1;
/// The completion function runs.
const COMPLETING: u64 = 2;
/// Completed; the status counts.
const DONE: u64 = 3;
const PHASE: u64 = 3;
/// Somebody waits on the condition.
const WAITED: u64 = 4;
/// One more round.
const ROUND: u64 = 8;

/// The state of a caller's handle.
#[derive(Debug)]
pub struct Caller {
    state: AtomicU64,
    /// Written by whoever completes, before the phase says so.
    status: AtomicU64,
    event: Event,
}

impl Default for Caller {
    fn default() -> Self {
        Self { state: AtomicU64::new(IDLE), status: AtomicU64::new(0), event: Event::default() }
    }
}

impl Caller {
    /// Begins a round. False when one is active. Only the user of the handle calls this, and completion functions.
    pub fn begin(&self) -> bool {
        let state = self.state.load(Ordering::Acquire);
        if state & PHASE == ACTIVE {
            return false;
        }
        let next = (state & !(PHASE | WAITED)) + ROUND + ACTIVE;
        // Fails only against a waiter's mark or the end of the completion function we run in.
        let mut seen = state;
        loop {
            match self.state.compare_exchange(seen, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => {
                    if seen & WAITED != 0 {
                        self.wake();
                    }
                    return true;
                }
                Err(now) if now & PHASE == ACTIVE => return false,
                Err(now) => seen = now,
            }
        }
    }

    /// Completes the round. With a completion function the round is not over before `finished` is called with
    /// what this returns; without one it is over. Called exactly once a round.
    pub fn complete(&self, status: u32, function: bool) -> u64 {
        self.status.store(u64::from(status), Ordering::Relaxed);
        if !function {
            self.settle(ACTIVE, 0);
            return 0;
        }
        // From ACTIVE to COMPLETING; a waiter's mark stays.
        (self.state.fetch_add(COMPLETING - ACTIVE, Ordering::AcqRel) & !(PHASE | WAITED)) | COMPLETING
    }

    /// The completion function has returned. It may have begun the next round: then this one is forgotten.
    pub fn finished(&self, round: u64) {
        self.settle(COMPLETING, round);
    }

    fn settle(&self, phase: u64, round: u64) {
        let mut state = self.state.load(Ordering::Acquire);
        loop {
            if state & PHASE != phase || (round != 0 && state & !WAITED != round) {
                return;
            }
            let done = (state & !(PHASE | WAITED)) | DONE;
            match self.state.compare_exchange(state, done, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => break,
                Err(now) => state = now,
            }
        }
        if state & WAITED != 0 {
            self.wake();
        }
    }

    fn wake(&self) {
        // A waiter that has made its mark is either before its wait, with the lock, or in it.
        drop(self.event.lock());
        self.event.notify_all();
    }

    /// Whether no round is active.
    pub fn is_settled(&self) -> bool {
        matches!(self.state.load(Ordering::Acquire) & PHASE, IDLE | DONE)
    }

    /// The status of the last round.
    pub fn status(&self) -> u32 {
        self.status.load(Ordering::Relaxed) as u32
    }

    /// Waits for the end of the round, and of its completion function. At once when none is active. A thread that is
    /// cancelled here leaves nothing behind.
    pub fn wait(&self) -> u32 {
        if !self.is_settled() {
            let mut event = self.event.lock();
            let round = self.state.load(Ordering::Acquire) & !(PHASE | WAITED);
            loop {
                // The mark first: whoever settles after it takes the lock to wake us.
                let state = self.state.fetch_or(WAITED, Ordering::AcqRel);
                if matches!(state & PHASE, IDLE | DONE) || state & !(PHASE | WAITED) != round {
                    break;
                }
                event.wait();
            }
        }
        self.status()
    }
}
