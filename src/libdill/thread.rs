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
/// A thread-local descriptor (TLSDESC): the call is one of two instructions for a library that was there when the program
/// began, and works for one that was loaded later. The calls of this room come by here, so that it counts.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn place() -> *mut *const Scheduler {
    let place: *mut *const Scheduler;
    // SAFETY: the linker's sequence for a variable that is defined in data.c. It changes rax only; vector registers, too,
    // in some C libraries the first time a thread comes by.
    unsafe {
        core::arch::asm!(
            "leaq relink_libdill_scheduler@tlsdesc(%rip), %rax",
            "call *relink_libdill_scheduler@tlscall(%rax)",
            "addq %fs:0, %rax",
            out("rax") place,
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _, out("xmm4") _, out("xmm5") _,
            out("xmm6") _, out("xmm7") _, out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
            out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
            options(att_syntax),
        );
    }
    place
}

#[cfg(not(target_arch = "x86_64"))]
fn place() -> *mut *const Scheduler {
    unsafe extern "C" {
        fn relink_libdill_scheduler_place() -> *mut *const Scheduler;
    }
    // SAFETY: returns the address of a variable of the calling thread.
    unsafe { relink_libdill_scheduler_place() }
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
