//! Threads of a library that can be unloaded.
//!
//! `std::thread` leaves a destructor in the thread that *starts* another one, and as long as a thread has a
//! destructor of a shared object, the C library keeps that object loaded: for ever, when it is the program's main
//! thread. Threads started here leave nothing in their starter, and are gone altogether when they have been joined.

use std::ffi::{CString, c_void};
use std::io;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

/// A thread that has to be joined or detached.
#[derive(Debug)]
#[must_use = "a thread that is neither joined nor detached keeps its stack"]
pub struct Thread(libc::pthread_t);

type Body = Box<dyn FnOnce() + Send>;

/// Starts a thread with a name of at most 15 bytes and a stack of `stack` bytes. It inherits the signal mask.
pub fn spawn(name: &str, stack: usize, body: impl FnOnce() + Send + 'static) -> io::Result<Thread> {
    let name = CString::new(name)?;
    // Twice, because a thread takes one pointer.
    let body: *mut Body = Box::into_raw(Box::new(Box::new(move || {
        // SAFETY: a terminated name, for the calling thread.
        unsafe { libc::pthread_setname_np(libc::pthread_self(), name.as_ptr()) };
        body();
    })));
    let mut thread = MaybeUninit::uninit();
    // SAFETY: attributes are initialised before they are used and destroyed after; the body is the new thread's.
    let error = unsafe {
        let mut attributes = MaybeUninit::uninit();
        let mut error = libc::pthread_attr_init(attributes.as_mut_ptr());
        if error == 0 {
            error = libc::pthread_attr_setstacksize(attributes.as_mut_ptr(), stack);
            if error == 0 {
                error = libc::pthread_create(thread.as_mut_ptr(), attributes.as_ptr(), run, body.cast());
            }
            libc::pthread_attr_destroy(attributes.as_mut_ptr());
        }
        error
    };
    if error != 0 {
        // SAFETY: no thread has it.
        drop(unsafe { Box::from_raw(body) });
        return Err(io::Error::from_raw_os_error(error));
    }
    // SAFETY: set by pthread_create.
    Ok(Thread(unsafe { thread.assume_init() }))
}

extern "C" fn run(body: *mut c_void) -> *mut c_void {
    // SAFETY: the box that `spawn` took apart for this thread.
    let body = unsafe { Box::from_raw(body.cast::<Body>()) };
    // A panic has been reported by its hook; whoever joins finds a thread that has ended.
    if let Err(payload) = catch_unwind(AssertUnwindSafe(body)) {
        std::mem::forget(payload);
    }
    ptr::null_mut()
}

impl Thread {
    /// Waits until the thread has ended, its thread-local values dropped.
    pub fn join(self) {
        // SAFETY: not joined before, because this takes it.
        unsafe { libc::pthread_join(self.0, ptr::null_mut()) };
    }

    /// Lets the thread end without being waited for: the only way for one that cannot wait for itself.
    pub fn detach(self) {
        // SAFETY: neither joined nor detached before, because both take it.
        unsafe { libc::pthread_detach(self.0) };
    }

    /// Whether it is the calling thread.
    pub fn is_current(&self) -> bool {
        // SAFETY: a thread that has not been joined.
        unsafe { libc::pthread_equal(self.0, libc::pthread_self()) != 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn a_joined_thread_has_done_its_work_and_dropped_what_it_had() {
        let count = Arc::new(AtomicUsize::new(0));
        let shared = count.clone();
        let thread = spawn("test", 256 << 10, move || {
            shared.fetch_add(1, Ordering::SeqCst);
        })
        .unwrap();
        assert!(!thread.is_current());
        thread.join();
        assert_eq!(count.load(Ordering::SeqCst), 1);
        assert_eq!(Arc::strong_count(&count), 1);
    }

    #[test]
    fn a_panic_ends_the_thread_only() {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        spawn("test", 256 << 10, || panic!("boom")).unwrap().join();
        std::panic::set_hook(hook);
    }

    #[test]
    fn an_impossible_stack_is_an_error() {
        assert!(spawn("test", usize::MAX / 2, || {}).is_err());
    }
}
