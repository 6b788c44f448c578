//! What threads share things with; the model checker brings its own.

pub use crate::ffi::cancel::Event;
pub use std::sync::atomic::{AtomicU64, Ordering, fence};
pub use std::sync::{Condvar, Mutex, MutexGuard};

/// Locks. A thread that panicked inside left nothing half done: every critical section here is a few assignments.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Waits until the condition may have changed.
pub fn wait<'a, T>(event: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    event.wait(guard).unwrap_or_else(std::sync::PoisonError::into_inner)
}
