//! One scheduler a thread, made when it is first needed and gone with the thread.
//!
//! Threads tell of their end by a key of the thread library, the main thread, which just returns, by `atexit`. Rust's
//! own destructors of thread-local values would run too early for programs that use coroutines in theirs.

use super::scheduler::Scheduler;
use crate::ffi::alloc;
use crate::ffi::log;
use std::ffi::c_void;
use std::ptr::{self, NonNull};
use std::sync::OnceLock;

/// Where the calling thread has its scheduler, NULL if there is none yet.
///
/// The calls of this room come by here, so that it counts: Rust's own thread-local values cost a function call in a
/// shared object. With the GNU C library the offset is fixed when the object is loaded; that library keeps room for the
/// few bytes of objects that are loaded late.
#[cfg(all(target_arch = "x86_64", target_env = "gnu"))]
#[inline(always)]
fn place() -> *mut *const Scheduler {
    let place: *mut *const Scheduler;
    // SAFETY: the offset of a variable that is defined in data.c, added to the thread's own address.
    unsafe {
        core::arch::asm!(
            "movq relink_libdill_scheduler@gottpoff(%rip), {place}",
            "addq %fs:0, {place}",
            place = out(reg) place,
            options(att_syntax, nostack, pure, readonly),
        );
    }
    place
}

#[cfg(not(all(target_arch = "x86_64", target_env = "gnu")))]
fn place() -> *mut *const Scheduler {
    unsafe extern "C" {
        fn relink_libdill_scheduler_place() -> *mut *const c_void;
    }
    // SAFETY: returns the address of a variable of the calling thread, which only this file uses.
    unsafe { relink_libdill_scheduler_place().cast() }
}

fn get() -> *const Scheduler {
    // SAFETY: the calling thread's own variable.
    unsafe { *place() }
}

fn set(scheduler: *const Scheduler) {
    // SAFETY: the calling thread's own variable.
    unsafe { *place() = scheduler }
}

/// The scheduler of the calling thread.
///
/// It lives as long as the thread, and is of no use to another: nothing in it is `Sync`.
#[inline]
pub fn scheduler() -> &'static Scheduler {
    // SAFETY: the calling thread's own variable: NULL or alive.
    match unsafe { (*place()).as_ref() } {
        Some(scheduler) => scheduler,
        None => create(),
    }
}

/// There is no way to tell a program that `now` has failed; the original ended it, too.
#[cold]
#[inline(never)]
fn create() -> &'static Scheduler {
    let Some(scheduler) = alloc::new_value(Scheduler::new()) else {
        log::write(log::Level::Error, format_args!("no memory for a scheduler"));
        std::process::abort();
    };
    // SAFETY: just made, and freed by `destroy` alone.
    let settled: &'static Scheduler = unsafe { scheduler.as_ref() };
    settled.settle();
    set(scheduler.as_ptr());
    if let Some(key) = thread_end_key() {
        // SAFETY: a key of ours. Should memory be exhausted, the scheduler will be leaked.
        unsafe { libc::pthread_setspecific(key, scheduler.as_ptr().cast()) };
    }
    if is_main_thread() {
        // SAFETY: the function may be called at any time.
        unsafe { libc::atexit(at_exit) };
    }
    settled
}

/// The key whose destructor tells of a thread's end; `None` when there are too many keys.
fn thread_end_key() -> Option<libc::pthread_key_t> {
    static KEY: OnceLock<Option<libc::pthread_key_t>> = OnceLock::new();
    *KEY.get_or_init(|| {
        let mut key = 0;
        // SAFETY: functions with the right types.
        unsafe {
            // A child that is forked has the thread that forked, and its scheduler, and the parent's epoll set.
            libc::pthread_atfork(None, None, Some(forked));
            (libc::pthread_key_create(&mut key, Some(at_thread_end)) == 0).then_some(key)
        }
    })
}

fn is_main_thread() -> bool {
    // SAFETY: plain questions.
    unsafe { libc::gettid() == libc::getpid() }
}

unsafe extern "C" fn at_thread_end(scheduler: *mut c_void) {
    destroy(scheduler.cast());
}

extern "C" fn at_exit() {
    destroy(get());
}

unsafe extern "C" fn forked() {
    // SAFETY: NULL or alive.
    if let Some(scheduler) = unsafe { get().as_ref() } {
        scheduler.pollset.forget_the_parents();
    }
}

/// Frees a scheduler, if it is the calling thread's. Coroutines that live never run again; their stacks stay, in case
/// something points to them.
fn destroy(scheduler: *const Scheduler) {
    if scheduler.is_null() || get() != scheduler {
        return;
    }
    // What runs from now on, and needs one, gets a new one.
    set(ptr::null());
    if let Some(key) = thread_end_key() {
        // SAFETY: a key of ours.
        unsafe { libc::pthread_setspecific(key, ptr::null()) };
    }
    if let Some(scheduler) = NonNull::new(scheduler.cast_mut()) {
        // SAFETY: made by `create`, and nobody can reach it any more.
        unsafe { alloc::free_value(scheduler) };
    }
}
