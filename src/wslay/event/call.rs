//! Calls in progress on a context, and its end.
//!
//! A context that a callback frees is only marked; the last call in progress frees it. The guard is
//! a value on the stack of the outermost functions: a C++ exception runs it, a `longjmp` skips it, and
//! [`crate::ffi::handle`] explains how that is noticed.

use super::super::error::Error;
use super::Context;
use crate::ffi::alloc;
use crate::ffi::handle::{CallDepth, with_mark};
use std::ptr::NonNull;

/// The half of a context that a call works on. The two are independent: each may be called from
/// within the other, but not from within itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Half {
    Receive,
    Send,
}

impl Context {
    fn depth(&self, half: Half) -> &CallDepth {
        match half {
            Half::Receive => &self.receiving,
            Half::Send => &self.sending,
        }
    }
}

struct Call {
    context: NonNull<Context>,
    half: Half,
}

impl Drop for Call {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: a context lives until its last call has ended, and this one is ending only now.
        let context = unsafe { self.context.as_ref() };
        context.depth(self.half).leave();
        if context.dead.get() && !context.receiving.in_progress() && !context.sending.in_progress() {
            // SAFETY: it was marked by `free`, once, and no call is left that could use it.
            unsafe { alloc::free_value(self.context) }
        }
    }
}

/// Runs `body` as a call on one half of the context; a nested call on the same half returns `nested`.
///
/// # Safety
/// `context` is live.
#[inline]
pub unsafe fn run<T>(
    context: NonNull<Context>,
    half: Half,
    nested: T,
    body: impl FnOnce(&Context) -> Result<T, Error>,
) -> Result<T, Error> {
    // SAFETY: live, as promised by the caller.
    if unsafe { context.as_ref() }.depth(half).in_progress() {
        return Ok(nested);
    }
    with_mark(|mark| {
        // SAFETY: as above; only the guard outlives this block.
        unsafe { context.as_ref() }.depth(half).enter(mark);
        let _call = Call { context, half };
        // SAFETY: the guard keeps the context alive until `body` has returned.
        let context = unsafe { context.as_ref() };
        let result = body(context);
        if context.dead.get() { Err(Error::CallbackFailure) } else { result }
    })
}

/// Frees the context, now or when the calls in progress on it have ended.
///
/// # Safety
/// `context` is live, and not used after this call by anybody but the calls in progress.
pub unsafe fn free(context: NonNull<Context>) {
    let in_progress = {
        // SAFETY: live, as promised by the caller.
        let context = unsafe { context.as_ref() };
        let in_progress = context.receiving.in_progress() | context.sending.in_progress();
        if in_progress {
            context.abandon();
        }
        in_progress
    };
    if !in_progress {
        // SAFETY: made by `alloc::new_value`, and nobody uses it any more.
        unsafe { alloc::free_value(context) }
    }
}
