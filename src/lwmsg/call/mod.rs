//! Calls: what the functions of `call.h` take, whoever made it.
//!
//! Every kind of call begins with a [`Head`], which says what it is: a pointer to a call is a pointer to its head.

use super::assoc::AssocCall;
use super::error::{Result, Status};
use super::peer::{DirectCall, IncomingCall, OutgoingCall};
use super::session::Session;
use super::types::*;
use crate::ffi::cancel;
use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

/// What all calls have.
#[derive(Debug)]
#[repr(C)]
pub struct Head {
    kind: Kind,
    user_data: AtomicPtr<c_void>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Association,
    Outgoing,
    Incoming,
    DirectCaller,
    DirectCallee,
}

impl Head {
    const fn of(kind: Kind) -> Self {
        Self { kind, user_data: AtomicPtr::new(ptr::null_mut()) }
    }

    /// Of an association's call.
    pub const fn of_association() -> Self {
        Self::of(Kind::Association)
    }

    /// Of a caller's call over a socket.
    pub const fn of_outgoing() -> Self {
        Self::of(Kind::Outgoing)
    }

    /// Of a callee's call over a socket.
    pub const fn of_incoming() -> Self {
        Self::of(Kind::Incoming)
    }

    /// Of a caller's call inside the process.
    pub const fn of_direct_caller() -> Self {
        Self::of(Kind::DirectCaller)
    }

    /// Of a callee's call inside the process.
    pub const fn of_direct_callee() -> Self {
        Self::of(Kind::DirectCallee)
    }

    /// The program's pointer.
    pub fn user_data(&self) -> *mut c_void {
        self.user_data.load(Ordering::Relaxed)
    }

    /// Sets the program's pointer.
    pub fn set_user_data(&self, data: *mut c_void) {
        self.user_data.store(data, Ordering::Relaxed);
    }
}

/// A call, by what it is.
#[derive(Clone, Copy, Debug)]
pub enum Call<'a> {
    /// An association's.
    Association(&'a AssocCall),
    /// A caller's, over a socket.
    Outgoing(&'a OutgoingCall),
    /// A callee's, over a socket.
    Incoming(&'a IncomingCall),
    /// A caller's, inside the process.
    DirectCaller(&'a DirectCall),
    /// A callee's, inside the process.
    DirectCallee(&'a DirectCall),
}

/// A function to be called when a call is complete, and its data.
#[derive(Clone, Copy, Debug)]
pub struct Completion {
    /// The program's.
    pub function: unsafe extern "C-unwind" fn(*mut LWMsgCall, LWMsgStatus, *mut c_void),
    /// Passed to it.
    pub data: *mut c_void,
}

// SAFETY: the program said that any thread may call it.
unsafe impl Send for Completion {}
// SAFETY: as above.
unsafe impl Sync for Completion {}

impl<'a> Call<'a> {
    /// # Safety
    /// The pointer is NULL or a live call.
    #[inline]
    pub unsafe fn from_ptr(call: *mut LWMsgCall) -> Result<Self> {
        // SAFETY: as promised by the caller: every call begins with its head.
        let head = unsafe { call.cast::<Head>().as_ref() }.ok_or(Status::INVALID_PARAMETER)?;
        // SAFETY: the head says what it is the beginning of.
        unsafe {
            Ok(match head.kind {
                Kind::Association => Self::Association(&*call.cast()),
                Kind::Outgoing => Self::Outgoing(&*call.cast()),
                Kind::Incoming => Self::Incoming(&*call.cast()),
                Kind::DirectCaller => Self::DirectCaller(&*call.cast()),
                Kind::DirectCallee => Self::DirectCallee(&*DirectCall::of_callee(call)),
            })
        }
    }

    /// The head of a call.
    ///
    /// # Safety
    /// The pointer is NULL or a live call.
    pub unsafe fn head(call: *mut LWMsgCall) -> Option<&'a Head> {
        // SAFETY: as promised by the caller: every call begins with its head.
        unsafe { call.cast::<Head>().as_ref() }
    }

    /// Makes the call; see `lwmsg_call_dispatch`. Calls the program.
    ///
    /// # Safety
    /// Input and output are live until the call is complete, and the input is what the protocol says.
    #[inline]
    pub unsafe fn dispatch(
        self,
        input: *const LWMsgParams,
        output: *mut LWMsgParams,
        completion: Option<Completion>,
    ) -> Result<()> {
        if input.is_null() || output.is_null() {
            return Err(Status::INVALID_PARAMETER);
        }
        // SAFETY: as promised by the caller.
        unsafe {
            match self {
                Self::Association(_) if completion.is_some() => Err(Status::UNIMPLEMENTED),
                Self::Association(call) => cancel::held(|| call.dispatch(&input.read(), output)),
                Self::Outgoing(call) => cancel::held(|| call.dispatch(input, output, completion)),
                // The handler runs in the caller's thread, which is the program's to cancel in its own functions.
                Self::DirectCaller(call) => call.dispatch(input, output, completion),
                Self::Incoming(_) | Self::DirectCallee(_) => Err(Status::UNSUPPORTED),
            }
        }
    }

    /// The handler will return PENDING.
    pub fn pend(self, cancel: LWMsgCancelFunction, data: *mut c_void) {
        match self {
            Self::Incoming(call) => call.pend(cancel, data),
            Self::DirectCallee(call) => call.pend(cancel, data),
            Self::Association(_) | Self::Outgoing(_) | Self::DirectCaller(_) => {}
        }
    }

    /// Completes a pended call. Calls the program, for a direct call.
    pub fn complete(self, status: Status) {
        match self {
            Self::Incoming(call) => call.complete(status),
            Self::DirectCallee(call) => call.complete(status),
            Self::Association(_) | Self::Outgoing(_) | Self::DirectCaller(_) => {}
        }
    }

    /// Asks the callee to give up.
    pub fn cancel(self) {
        match self {
            Self::Outgoing(call) => call.cancel(),
            Self::DirectCaller(call) => call.cancel(),
            Self::Association(_) | Self::Incoming(_) | Self::DirectCallee(_) => {}
        }
    }

    /// Waits until the call is complete.
    pub fn wait(self) -> Result<()> {
        match self {
            Self::Outgoing(call) => call.wait(),
            Self::DirectCaller(call) => call.wait(),
            Self::Association(_) => Err(Status::UNIMPLEMENTED),
            Self::Incoming(_) | Self::DirectCallee(_) => Err(Status::UNSUPPORTED),
        }
    }

    /// The caller's handle is not used any more.
    ///
    /// # Safety
    /// The handle was acquired, and not released before.
    pub unsafe fn release(self) {
        // SAFETY: as promised by the caller.
        unsafe {
            match self {
                Self::Association(call) => call.release(),
                Self::Outgoing(call) => OutgoingCall::release(call),
                Self::DirectCaller(call) => DirectCall::release(call),
                Self::Incoming(_) | Self::DirectCallee(_) => {}
            }
        }
    }

    /// Frees an output. Calls the program.
    ///
    /// # Safety
    /// The parameters are the output of a call with this handle.
    pub unsafe fn destroy_params(self, params: &mut LWMsgParams) -> Result<()> {
        // SAFETY: as promised by the caller.
        unsafe {
            match self {
                Self::Association(call) => call.destroy_params(params),
                Self::Outgoing(call) => call.destroy_params(params),
                Self::DirectCaller(call) => call.destroy_params(params),
                Self::Incoming(call) => call.destroy_params(params),
                Self::DirectCallee(_) => Err(Status::UNSUPPORTED),
            }
        }
    }

    /// The session the call belongs to.
    pub fn session(self) -> Result<Arc<Session>> {
        match self {
            Self::Association(call) => call.session(),
            Self::Outgoing(call) => Ok(call.session()),
            Self::Incoming(call) => Ok(call.session()),
            Self::DirectCaller(call) => Ok(call.caller_session()),
            Self::DirectCallee(call) => Ok(call.callee_session()),
        }
    }

    /// 0 for a call that came in, 1 for one that goes out.
    pub fn direction(self) -> LWMsgCallDirection {
        match self {
            Self::Incoming(_) | Self::DirectCallee(_) => 0,
            Self::Association(_) | Self::Outgoing(_) | Self::DirectCaller(_) => 1,
        }
    }
}
