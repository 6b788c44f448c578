//! The end of a context.

use super::super::extension::Hook;
use super::super::personality::Reason;
use super::Context;
use crate::ffi::alloc;
use std::ptr::{self, NonNull};

/// Destroys a context: at once, or as soon as the program's call that is in progress on it has ended.
///
/// # Safety
/// A live context, which the program does not use any more.
pub unsafe fn destroy(context: NonNull<Context>) {
    let busy = {
        // SAFETY: live, as promised by the caller.
        let context = unsafe { context.as_ref() };
        context.doomed.set(true);
        context.calls.in_progress()
    };
    if !busy {
        // SAFETY: as promised by the caller, and no call is in progress.
        unsafe { take_apart(context) };
    }
}

/// # Safety
/// A doomed context, on which no call is in progress.
pub unsafe fn take_apart(pointer: NonNull<Context>) {
    {
        // SAFETY: live until it is freed below.
        let context = unsafe { pointer.as_ref() };
        context.serial.set(context.serial.get() + 1);
        // Handlers that run for signals still find it, through its protocols.
        context.set_inside(true);
        // A callback of what follows that destroys the context again finds a call in progress.
        crate::ffi::handle::with_mark(|mark| {
            context.calls.enter(mark);
            context.close_all();
            context.close_others();
            context.tell_extensions(false);
            for index in 0..context.protocols.count() {
                // Before, because the program may be done with its table then.
                context.protocols.disclaim(index, context.handle());
                context.call(index, Reason::ProtocolDestroy, ptr::null_mut());
            }
        });
    }
    // SAFETY: made by `create`, and not used any more.
    unsafe { alloc::free_value(pointer) };
}

impl Context {
    /// Closes every connection without a word, in the original's order.
    fn close_all(&self) {
        loop {
            let first = self.table.borrow().first().copied();
            let Some(first) = first else { break };
            // SAFETY: slots live as long as their context.
            let connection = unsafe { &*first };
            connection.close_now();
            if self.table.borrow().first().is_some_and(|left| ptr::eq(*left, first)) {
                // It is being closed further up, by a call that was left by `longjmp`.
                self.remove(connection);
            }
        }
    }

    /// Closes what has no descriptor: connections that an extension makes in our place.
    fn close_others(&self) {
        for slot in self.arena.snapshot() {
            // SAFETY: slots live as long as their context.
            unsafe { &*slot }.close_now();
        }
    }

    /// Tells every extension of the table that the context has come, or is about to go.
    pub fn tell_extensions(&self, made: bool) {
        let hook = match (made, self.is_listening()) {
            (true, true) => Hook::ServerContextConstruct,
            (true, false) => Hook::ClientContextConstruct,
            (false, true) => Hook::ServerContextDestruct,
            (false, false) => Hook::ClientContextDestruct,
        };
        let mut index = 0;
        while let Some(extension) = self.extension(index) {
            // SAFETY: an entry with a callback.
            let callback = unsafe { (*extension).callback };
            if let Some(callback) = callback {
                let nothing = ptr::null_mut();
                let before = self.set_inside(false);
                // SAFETY: the extension's callback, with a live context.
                unsafe {
                    callback(self.handle(), extension, ptr::null_mut(), hook as i32, nothing, nothing, 0)
                };
                self.set_inside(before);
            }
            index += 1;
        }
    }
}
