//! Forks of the process, for libraries with threads: a child has none of them.

use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

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

#[cfg(test)]
mod tests {
    use super::*;

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
