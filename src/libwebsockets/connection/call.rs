//! Running the program's callbacks.

use super::super::personality::{DescriptorIn, Reason};
use super::super::types::libwebsocket_protocols;
use super::{Connection, Phase, Stop};
use std::ffi::{c_int, c_void};
use std::ptr;

impl Connection {
    /// Calls its protocol's callback with its block; returns what that returns.
    #[inline]
    pub fn call(&self, reason: Reason, input: *mut c_void, length: usize) -> Result<c_int, Stop> {
        self.call_as(self.protocol(), reason, self.user(), input, length)
    }

    /// Calls the callback of the table's first protocol, which gets what belongs to no other.
    pub fn call_first(&self, reason: Reason, input: *mut c_void, length: usize) -> Result<c_int, Stop> {
        self.call_as(self.context().protocols.first(), reason, self.user(), input, length)
    }

    /// Calls a protocol's callback with a `user` argument of another kind.
    pub fn call_as(
        &self,
        protocol: *mut libwebsocket_protocols,
        reason: Reason,
        user: *mut c_void,
        input: *mut c_void,
        length: usize,
    ) -> Result<c_int, Stop> {
        let context = self.context();
        let Some(number) = context.personality.number(reason) else { return Ok(0) };
        // SAFETY: an entry of the program's table, which outlives the context, or NULL.
        let Some(callback) = (unsafe { protocol.as_ref() }).and_then(|protocol| protocol.callback) else {
            return Ok(0);
        };
        let running = self.begin_call();
        // SAFETY: the program's callback, with a live context and connection; the rest is as the reason promises.
        let result = unsafe { callback(context.handle(), self.handle(), number, user, input, length) };
        self.end_call(running)?;
        Ok(result)
    }

    /// Calls a protocol's callback with a reason of the program's own numbers.
    pub fn call_number(&self, protocol: *mut libwebsocket_protocols, number: c_int) -> Result<c_int, Stop> {
        // SAFETY: an entry of the program's table, or NULL.
        let Some(callback) = (unsafe { protocol.as_ref() }).and_then(|protocol| protocol.callback) else {
            return Ok(0);
        };
        let (context, nothing) = (self.context(), ptr::null_mut());
        let running = self.begin_call();
        // SAFETY: the program's callback, with a live context and connection.
        let result = unsafe { callback(context.handle(), self.handle(), number, self.user(), nothing, 0) };
        self.end_call(running)?;
        Ok(result)
    }

    /// Counts a callback, or a hook of an extension, that is about to run.
    #[inline]
    pub fn begin_call(&self) -> Running {
        let serial = self.context().serial();
        // A call that was left by `longjmp` never ended; the engine's next call knows better.
        let running = if self.running_in.get() == serial { self.running.get() } else { 0 };
        self.running_in.set(serial);
        self.running.set(running + 1);
        let ticket = self.ticket().0;
        self.context().set_inside(false);
        Running(ticket)
    }

    /// Ends what [`Connection::begin_call`] counted, and closes the connection if that had to wait.
    #[inline]
    pub fn end_call(&self, running: Running) -> Result<(), Stop> {
        self.context().set_inside(true);
        if self.ticket().0 != running.0 {
            return Err(Stop::Gone);
        }
        self.running.set(self.running.get().saturating_sub(1));
        if self.running.get() == 0
            && let Some(status) = self.doomed.take()
        {
            self.close(status);
        }
        let gone = matches!(self.phase.get(), Phase::Closing | Phase::Vacant) || self.ticket().0 != running.0;
        // A program that has given the context up is told of nothing more but its end.
        if gone || self.context().is_doomed() { Err(Stop::Gone) } else { Ok(()) }
    }

    /// Whether a callback runs on it.
    pub fn is_running(&self) -> bool {
        self.running.get() > 0 && self.running_in.get() == self.context().serial()
    }

    /// Tells the program's own poll loop of the descriptor.
    pub fn tell_poll(&self, reason: Reason, events: c_int) -> Result<(), Stop> {
        let fd = self.fd() as isize as *mut c_void;
        let context = self.context();
        let first = context.protocols.first();
        let length = events as usize;
        match context.personality.descriptor {
            DescriptorIn::In => self.call_as(first, reason, self.user(), fd, length),
            DescriptorIn::User => self.call_as(first, reason, fd, ptr::null_mut(), length),
        }
        .map(drop)
    }
}

/// A callback in progress.
#[derive(Clone, Copy)]
pub struct Running(u32);
