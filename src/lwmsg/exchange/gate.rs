//! A gate that many pass and one closes, who then waits until everybody is out.

use super::sync::{AtomicU64, Condvar, Mutex, Ordering, lock, wait};

const CLOSED: u64 = 1;
const ONE: u64 = 2;

/// The gate, and how many are inside.
#[derive(Debug)]
pub struct Gate {
    state: AtomicU64,
    lock: Mutex<()>,
    event: Condvar,
}

impl Default for Gate {
    fn default() -> Self {
        Self { state: AtomicU64::new(0), lock: Mutex::new(()), event: Condvar::new() }
    }
}

impl Gate {
    /// Goes in; false when the gate is closed.
    #[inline]
    pub fn enter(&self) -> bool {
        let open = self.state.fetch_add(ONE, Ordering::AcqRel) & CLOSED == 0;
        if !open {
            self.leave();
        }
        open
    }

    /// Comes out.
    #[inline]
    pub fn leave(&self) {
        if self.state.fetch_sub(ONE, Ordering::AcqRel) == ONE | CLOSED {
            self.wake();
        }
    }

    #[cold]
    fn wake(&self) {
        // Whoever closed it is before the wait, with the lock, or in it.
        drop(lock(&self.lock));
        self.event.notify_all();
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.state.load(Ordering::Acquire) & CLOSED == 0
    }

    /// How many are inside.
    pub fn inside(&self) -> usize {
        (self.state.load(Ordering::Relaxed) / ONE) as usize
    }

    /// Closes it. True for the one who did.
    pub fn close(&self) -> bool {
        self.state.fetch_or(CLOSED, Ordering::AcqRel) & CLOSED == 0
    }

    /// Waits until everybody is out; the gate is closed.
    pub fn drain(&self) {
        let mut guard = lock(&self.lock);
        while self.state.load(Ordering::Acquire) >= ONE {
            guard = wait(&self.event, guard);
        }
    }
}
