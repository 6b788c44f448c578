//! Asking extensions.

use super::super::extension::Hook;
use super::super::types::{libwebsocket_extension, lws_tokens};
use super::{Active, Connection, MAX_EXTENSIONS};
use crate::ffi::alloc;
use std::ffi::{c_char, c_int, c_void};
use std::ptr;

impl Connection {
    /// Calls an active extension; 0 when it has no callback.
    pub fn hook(&self, active: &Active, hook: Hook, input: *mut c_void, length: usize) -> c_int {
        self.hook_as(active.extension, hook, active.block, input, length)
    }

    /// Calls an extension with a `user` argument of another kind.
    pub fn hook_as(
        &self,
        extension: *mut libwebsocket_extension,
        hook: Hook,
        user: *mut c_void,
        input: *mut c_void,
        length: usize,
    ) -> c_int {
        // SAFETY: an entry of the program's table, which outlives the context.
        let Some(callback) = (unsafe { (*extension).callback }) else { return 0 };
        let running = self.begin_call();
        // SAFETY: the extension's callback, with a live context and connection.
        let result = unsafe {
            callback(self.context().handle(), extension, self.handle(), hook as c_int, user, input, length)
        };
        // A hook that closes the connection is heeded when the caller looks at it next.
        let _ = self.end_call(running);
        result
    }

    /// Calls every extension of the context, active or not. Returns whether one returned something else than 0.
    pub fn hook_all(
        &self,
        hook: Hook,
        user: impl Fn(usize) -> *mut c_void,
        input: *mut c_void,
        length: usize,
    ) -> bool {
        let context = self.context();
        let ticket = self.ticket();
        let (mut index, mut any) = (0, false);
        while let Some(extension) = context.extension(index) {
            any |= self.hook_as(extension, hook, user(index), input, length) != 0;
            index += 1;
            if self.ticket() != ticket {
                break;
            }
        }
        any
    }

    /// Whether an active extension refuses that the connection be closed.
    pub fn vetoes_close(&self) -> bool {
        let ticket = self.ticket();
        for active in self.active() {
            // One that is gone has nothing to veto.
            if self.hook(&active, Hook::CheckOkToReallyClose, ptr::null_mut(), 0) != 0 || !self.is(ticket) {
                return true;
            }
        }
        false
    }

    /// Whether an active extension takes care of a request for a writeable callback.
    pub fn extension_takes_request(&self) -> bool {
        let ticket = self.ticket();
        let mut taken = false;
        for active in self.active() {
            taken |= self.hook(&active, Hook::RequestOnWriteable, ptr::null_mut(), 0) != 0;
            if !self.is(ticket) {
                break;
            }
        }
        taken
    }

    /// Sends what extensions hold back. False when that fails.
    pub fn flush_extensions(&self) -> bool {
        let ticket = self.ticket();
        let mut more = self.has_active.get();
        while more {
            more = false;
            let mut tokens = lws_tokens { token: ptr::null_mut(), token_len: 0 };
            for active in self.active() {
                match self.hook(&active, Hook::FlushPendingTx, (&raw mut tokens).cast(), 0) {
                    result if result < 0 => return false,
                    result => more |= result != 0,
                }
                if !self.is(ticket) {
                    return false;
                }
            }
            if tokens.token_len > 0 && self.send_raw(tokens.token.cast(), tokens.token_len as usize).is_err()
            {
                return false;
            }
        }
        true
    }

    /// Lets an extension have its second.
    pub fn tick(&self, seconds: usize) {
        let ticket = self.ticket();
        for active in self.active() {
            if !self.is(ticket) {
                return;
            }
            self.hook(&active, Hook::Every1Hz, ptr::null_mut(), seconds);
        }
    }

    /// Activates an extension; false when memory is exhausted or it uses too many already.
    pub fn activate(&self, extension: *mut libwebsocket_extension) -> bool {
        let mut active = self.active.get();
        let Some(free) = active.iter().position(Option::is_none) else { return false };
        // SAFETY: an entry of the program's table.
        let size = unsafe { (*extension).per_session_data_size };
        let Some(block) = alloc::calloc(size) else { return false };
        let new = Active { extension, block: block.as_ptr() };
        active[free] = Some(new);
        self.active.set(active);
        if !self.has_active.replace(true) {
            self.note_ticking(true);
        }
        let hook = if self.is_client() { Hook::ClientConstruct } else { Hook::Construct };
        self.hook(&new, hook, ptr::null_mut(), 0);
        true
    }

    /// Whether it uses an extension.
    pub fn uses(&self, extension: *mut libwebsocket_extension) -> bool {
        self.active().any(|active| ptr::eq(active.extension, extension))
    }

    /// Whether another extension may be activated.
    pub fn has_room_for_extension(&self) -> bool {
        self.active().count() < MAX_EXTENSIONS
    }

    /// The block of an extension that it uses; NULL of others.
    pub fn extension_block(&self, extension: *const libwebsocket_extension) -> *mut c_void {
        self.active()
            .find(|active| ptr::eq(active.extension, extension))
            .map_or(ptr::null_mut(), |active| active.block)
    }

    /// Counts the connections whose extensions hear of every second.
    pub fn note_ticking(&self, begins: bool) {
        let ticking = &self.context().ticking;
        ticking.set(if begins { ticking.get() + 1 } else { ticking.get().saturating_sub(1) });
    }
}

/// Tokens for hooks.
pub fn tokens(start: *mut u8, length: usize) -> lws_tokens {
    lws_tokens { token: start.cast::<c_char>(), token_len: c_int::try_from(length).unwrap_or(c_int::MAX) }
}
