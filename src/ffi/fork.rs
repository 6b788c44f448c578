//! Forks of the process, for libraries with threads: a child has none of them.

use std::cell::UnsafeCell;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

static GENERATION: AtomicU32 = AtomicU32::new(0);

/// Counts the forks between the first process that asked and this one: another number than an object remembers
/// means that the threads behind the object are another process's.
#[inline]
pub fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// Begins to count. An object with threads behind it calls this before it remembers [`generation`].
pub fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the handler only adds to an atomic number. It is taken out again when the library is unloaded.
        unsafe { libc::pthread_atfork(None, None, Some(forked)) };
    });
}

extern "C" fn forked() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

/// A value of the process, which its threads use one after the other. A child begins with the default: what it has
/// inherited is about its parent, perhaps half changed, and is left alone.
///
/// No mutex of the standard library, which a thread that the child does not have may hold for ever. What is done with the
/// value does not wait for anything, and has begun to [`watch`].
#[derive(Debug)]
pub struct OfProcess<T> {
    /// One more than the generation of the process that a thread of which uses the value; or 0.
    user: AtomicU64,
    /// The generation of the process whose value it is.
    generation: AtomicU32,
    value: UnsafeCell<T>,
}

// SAFETY: one thread at a time uses the value.
unsafe impl<T: Send> Sync for OfProcess<T> {}

impl<T: Default> OfProcess<T> {
    /// A value that the first process begins with.
    pub const fn new(value: T) -> Self {
        Self { user: AtomicU64::new(0), generation: AtomicU32::new(0), value: UnsafeCell::new(value) }
    }

    /// Uses it.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let generation = generation();
        let here = u64::from(generation) + 1;
        loop {
            let user = self.user.load(Ordering::Relaxed);
            // Another process's thread is not here.
            if user != here
                && self.user.compare_exchange(user, here, Ordering::Acquire, Ordering::Relaxed).is_ok()
            {
                break;
            }
            std::thread::yield_now();
        }
        // SAFETY: no other thread of this process is here.
        let value = unsafe { &mut *self.value.get() };
        if self.generation.swap(generation, Ordering::Relaxed) != generation {
            std::mem::forget(std::mem::take(value));
        }
        let result = work(value);
        self.user.store(0, Ordering::Release);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_not_kept_by_what_a_thread_of_its_parent_does() {
        static VALUE: OfProcess<Vec<u8>> = OfProcess::new(Vec::new());
        watch();
        let mut status = 0;
        VALUE.with(|value| {
            value.push(1);
            // SAFETY: the child calls what it may, and ends.
            let child = unsafe { libc::fork() };
            if child == 0 {
                // SAFETY: ends the process if it has to wait.
                unsafe { libc::alarm(5) };
                let code = VALUE.with(|value| value.len() as i32);
                // SAFETY: ends the process at once.
                unsafe { libc::_exit(code) };
            }
            // SAFETY: our child, and a place for its status.
            assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
        });
        assert_eq!(status, 0);
        assert_eq!(VALUE.with(|value| value.len()), 1);
    }

    #[test]
    fn a_child_has_another_generation_and_the_parent_keeps_its_own() {
        watch();
        let before = generation();
        // SAFETY: the child does nothing but compare two numbers and end.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let code = i32::from(generation() == before);
            // SAFETY: ends the process at once.
            unsafe { libc::_exit(code) };
        }
        let mut status = 0;
        // SAFETY: our child, and a place for its status.
        assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
        assert_eq!(status, 0);
        assert_eq!(generation(), before);
    }
}
