//! Threads that are cancelled (`pthread_cancel`) while they are in the library.
//!
//! A cancelled thread leaves the function of the system in which it waits as by an exception, and that passes Rust's
//! frames only where everything is declared for it. So what may wait is called by the functions here, from entry points
//! that are `extern "C-unwind"` and guarded by [`super::guard::callbacks`]; what only takes a moment, such as closing a
//! descriptor or writing a line of a log, holds [`Uncancellable`] meanwhile.
//!
//! Where much happens between one wait and the next, the whole entry point is [`held`], and says with [`waiting`] where
//! it may be left: what it has begun by then, it ends or gives back in destructors.

use libc::{addrinfo, msghdr, nfds_t, pollfd, pthread_cond_t, pthread_mutex_t, sockaddr, socklen_t, ssize_t};
use std::cell::{Cell, UnsafeCell};
use std::ffi::{c_char, c_int, c_void};

unsafe extern "C-unwind" {
    /// read(2).
    #[link_name = "relink_ffi_read"]
    pub fn read(fd: c_int, buffer: *mut c_void, length: usize) -> ssize_t;
    /// write(2).
    #[link_name = "relink_ffi_write"]
    pub fn write(fd: c_int, buffer: *const c_void, length: usize) -> ssize_t;
    /// sendmsg(2).
    #[link_name = "relink_ffi_sendmsg"]
    pub fn sendmsg(fd: c_int, message: *const msghdr, flags: c_int) -> ssize_t;
    /// poll(2).
    #[link_name = "relink_ffi_poll"]
    pub fn poll(entries: *mut pollfd, count: nfds_t, timeout: c_int) -> c_int;
    /// accept(2).
    #[link_name = "relink_ffi_accept"]
    pub fn accept(fd: c_int, address: *mut sockaddr, length: *mut socklen_t) -> c_int;
    /// connect(2).
    #[link_name = "relink_ffi_connect"]
    pub fn connect(fd: c_int, address: *const sockaddr, length: socklen_t) -> c_int;
    /// getaddrinfo(3).
    #[link_name = "relink_ffi_getaddrinfo"]
    pub fn getaddrinfo(
        node: *const c_char,
        service: *const c_char,
        hints: *const addrinfo,
        found: *mut *mut addrinfo,
    ) -> c_int;
    #[link_name = "relink_ffi_cond_wait"]
    fn cond_wait(condition: *mut pthread_cond_t, mutex: *mut pthread_mutex_t) -> c_int;
}

unsafe extern "C" {
    fn pthread_setcancelstate(state: c_int, before: *mut c_int) -> c_int;
}

/// `PTHREAD_CANCEL_DISABLE`.
const DISABLE: c_int = 1;

/// Keeps the thread from being cancelled while the value lives. It is later, where it waits the next time.
///
/// Do not hold one across a user callback.
#[derive(Debug)]
pub struct Uncancellable(c_int);

impl Uncancellable {
    /// Begins now.
    #[expect(clippy::new_without_default, reason = "holding off cancellation is an act, not a default")]
    pub fn new() -> Self {
        Self(set_state(DISABLE))
    }
}

impl Drop for Uncancellable {
    fn drop(&mut self) {
        set_state(self.0);
    }
}

/// What a thread is in.
struct Here {
    /// Entry points that are held, one inside the other.
    depth: Cell<u32>,
    /// What the program had said before the outermost one.
    before: Cell<c_int>,
}

thread_local! {
    /// Without a destructor: a library may be unloaded before a thread of the program's ends.
    static HERE: Here = const { Here { depth: Cell::new(0), before: Cell::new(0) } };
}

fn set_state(state: c_int) -> c_int {
    let mut before = 0;
    // SAFETY: a valid state, and a place for the one before.
    unsafe { pthread_setcancelstate(state, &raw mut before) };
    before
}

/// Runs an entry point, which the thread can be cancelled in only where it is [`waiting`].
///
/// Functions of the program that it calls are part of it; `longjmp` out of one leaves the thread uncancellable.
pub fn held<T>(entry: impl FnOnce() -> T) -> T {
    struct Held;
    impl Drop for Held {
        fn drop(&mut self) {
            HERE.with(|here| {
                here.depth.set(here.depth.get() - 1);
                if here.depth.get() == 0 {
                    set_state(here.before.get());
                }
            });
        }
    }
    HERE.with(|here| {
        if here.depth.get() == 0 {
            here.before.set(set_state(DISABLE));
        }
        here.depth.set(here.depth.get() + 1);
    });
    let _held = Held;
    entry()
}

/// Runs what waits in the system. The thread can be cancelled there if the program allows it, and if this is the only
/// entry point that it is in, and [`held`]: what is further up the stack does not expect it.
pub fn waiting<T>(wait: impl FnOnce() -> T) -> T {
    struct Released;
    impl Drop for Released {
        fn drop(&mut self) {
            set_state(DISABLE);
        }
    }
    let before = HERE.with(|here| (here.depth.get() == 1).then(|| here.before.get()));
    let Some(before) = before else {
        let _uncancellable = Uncancellable::new();
        return wait();
    };
    set_state(before);
    let _released = Released;
    wait()
}

/// Something to wait for, as with a mutex and a condition variable, where a thread that waits can be cancelled.
///
/// It is not moved once it has been used. Nothing has to be released: on Linux there is nothing behind it, and destroying
/// it in a forked child would wait for threads of the parent's.
#[derive(Debug)]
pub struct Event {
    mutex: UnsafeCell<pthread_mutex_t>,
    condition: UnsafeCell<pthread_cond_t>,
}

// SAFETY: made for several threads.
unsafe impl Send for Event {}
// SAFETY: as above.
unsafe impl Sync for Event {}

impl Default for Event {
    fn default() -> Self {
        Self {
            mutex: UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER),
            condition: UnsafeCell::new(libc::PTHREAD_COND_INITIALIZER),
        }
    }
}

impl Event {
    /// Nobody notifies before the result is dropped, or waits.
    pub fn lock(&self) -> Locked<'_> {
        // SAFETY: a mutex, which this thread does not hold: nothing that holds it calls anything else.
        unsafe { libc::pthread_mutex_lock(self.mutex.get()) };
        Locked(self)
    }

    /// Wakes all who wait.
    pub fn notify_all(&self) {
        // SAFETY: a condition variable.
        unsafe { libc::pthread_cond_broadcast(self.condition.get()) };
    }
}

/// An [`Event`] that is locked.
#[derive(Debug)]
pub struct Locked<'a>(&'a Event);

impl Locked<'_> {
    /// Waits until somebody notifies, perhaps less. It is locked again then, also when the thread is cancelled.
    pub fn wait(&mut self) {
        // SAFETY: a condition variable and the mutex that goes with it, which is held.
        waiting(|| unsafe { cond_wait(self.0.condition.get(), self.0.mutex.get()) });
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // SAFETY: this thread holds it.
        unsafe { libc::pthread_mutex_unlock(self.0.mutex.get()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> c_int {
        let state = set_state(DISABLE);
        set_state(state);
        state
    }

    #[test]
    fn a_thread_can_be_cancelled_where_it_waits_and_nowhere_else_in_an_entry_point() {
        let allowed = state();
        held(|| {
            assert_eq!(state(), DISABLE);
            waiting(|| assert_eq!(state(), allowed));
            assert_eq!(state(), DISABLE);
            // What another entry point has begun does not expect it.
            held(|| waiting(|| assert_eq!(state(), DISABLE)));
            waiting(|| assert_eq!(state(), allowed));
        });
        assert_eq!(state(), allowed);
        waiting(|| assert_eq!(state(), DISABLE));
        assert_eq!(state(), allowed);
    }

    #[test]
    fn what_the_program_forbids_stays_forbidden() {
        let allowed = set_state(DISABLE);
        held(|| waiting(|| assert_eq!(state(), DISABLE)));
        assert_eq!(state(), DISABLE);
        set_state(allowed);
    }
}
