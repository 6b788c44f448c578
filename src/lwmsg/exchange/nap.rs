//! One thread that sleeps while there is nothing to do, and those who bring it something.
//!
//! The sleeper looks for the last time after it has said that it will sleep, and whoever brings something looks
//! afterwards whether it does. So either the sleeper sees what was brought, or whoever brought it sees the sleeper.

use super::sync::{AtomicU64, Ordering, fence};

/// Whether the thread sleeps, or is about to.
#[derive(Debug)]
pub struct Nap {
    sleeping: AtomicU64,
}

impl Default for Nap {
    fn default() -> Self {
        Self { sleeping: AtomicU64::new(0) }
    }
}

impl Nap {
    /// Looks for the last time before going to sleep: what is brought from now on wakes.
    pub fn begin<T>(&self, look: impl FnOnce() -> T) -> T {
        self.sleeping.store(1, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        look()
    }

    /// The sleeper is awake.
    pub fn end(&self) {
        self.sleeping.store(0, Ordering::SeqCst);
    }

    /// Something has been brought. True for the one who has to wake the sleeper.
    pub fn must_wake(&self) -> bool {
        fence(Ordering::SeqCst);
        self.sleeping.load(Ordering::SeqCst) != 0 && self.sleeping.swap(0, Ordering::SeqCst) != 0
    }
}
