//! `call.h`.

use super::super::call::{Call, Completion};
use super::super::error::Status;
use super::super::types::*;
use super::held;
use crate::ffi::guard;
use std::ffi::c_void;
use std::ptr;

/// Frees the output of a call, and resets it. An output without a number is left alone.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_NOT_FOUND for a number that the protocol does not have.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_call_destroy_params(
    call: *mut LWMsgCall,
    params: *mut LWMsgParams,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::callbacks("lwmsg_call_destroy_params", || unsafe {
        let result = Call::from_ptr(call).and_then(|call| match params.as_mut() {
            Some(params) => call.destroy_params(params),
            None => Err(Status::INVALID_PARAMETER),
        });
        Status::of(result).0
    })
}

/// Makes a call.
///
/// Without a completion function this waits for the reply and returns the status of the call. With one it returns
/// LWMSG_STATUS_PENDING, and the function is called when the call is complete; a call inside the process may be
/// complete at once, which is returned instead. Input and output, and what they refer to, have to stay until
/// completion. The output is the caller's then, to be freed with lwmsg_call_destroy_params.
///
/// The call can be made again when it is complete; a completion function may do so.
///
/// Returns what the handler returned, or LWMSG_STATUS_PENDING; LWMSG_STATUS_MALFORMED or LWMSG_STATUS_INVALID_HANDLE
/// for an input that cannot be sent; LWMSG_STATUS_UNSUPPORTED or LWMSG_STATUS_UNIMPLEMENTED when nobody handles it;
/// LWMSG_STATUS_FILE_NOT_FOUND, LWMSG_STATUS_CONNECTION_REFUSED or LWMSG_STATUS_TIMEOUT when the server cannot be
/// reached; LWMSG_STATUS_PEER_CLOSE when it has gone; LWMSG_STATUS_CANCELLED after lwmsg_peer_disconnect;
/// LWMSG_STATUS_BUSY when the call is in progress, or 65536 others are; LWMSG_STATUS_RESOURCE_LIMIT or
/// LWMSG_STATUS_SYSTEM when there are no descriptors, or there is no thread, to wait for replies with;
/// LWMSG_STATUS_INVALID_STATE in a child of the process that made the peer.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_call_dispatch(
    call: *mut LWMsgCall,
    input: *const LWMsgParams,
    output: *mut LWMsgParams,
    complete: LWMsgCompleteFunction,
    data: *mut c_void,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::callbacks("lwmsg_call_dispatch", || unsafe {
        let completion = complete.map(|function| Completion { function, data });
        Status::of(Call::from_ptr(call).and_then(|call| call.dispatch(input, output, completion))).0
    })
}

/// In a handler that will return LWMSG_STATUS_PENDING: says that lwmsg_call_complete will be called, by any thread.
///
/// cancel, which may be NULL, is called with data when the caller gives up or the association ends. It may complete
/// the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_call_pend(
    call: *mut LWMsgCall,
    cancel: LWMsgCancelFunction,
    data: *mut c_void,
) {
    guard::entry("lwmsg_call_pend", (), || {
        // SAFETY: NULL or live, as the caller promises.
        if let Ok(call) = unsafe { Call::from_ptr(call) } {
            call.pend(cancel, data);
        }
    });
}

/// Completes a call whose handler has returned LWMSG_STATUS_PENDING, or will. Once; the call is not to be used after
/// it. While the cancel function runs on another thread this waits for its end.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_call_complete(call: *mut LWMsgCall, status: LWMsgStatus) {
    held("lwmsg_call_complete", || {
        // SAFETY: NULL or live, as the caller promises.
        if let Ok(call) = unsafe { Call::from_ptr(call) } {
            call.complete(Status(status));
        }
    });
}

/// Asks the other side to give up on a call. The call is complete when it says so, with its status,
/// LWMSG_STATUS_CANCELLED as a rule. Nothing happens to a call that is not in progress.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_call_cancel(call: *mut LWMsgCall) {
    held("lwmsg_call_cancel", || {
        // SAFETY: NULL or live, as the caller promises.
        if let Ok(call) = unsafe { Call::from_ptr(call) } {
            call.cancel();
        }
    });
}

/// Waits until a call is complete, and its completion function has returned.
///
/// Returns the status of the call, or LWMSG_STATUS_INVALID_STATE in a child of the process that made the peer.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_call_wait(call: *mut LWMsgCall) -> LWMsgStatus {
    // SAFETY: NULL or live, as the caller promises.
    held("lwmsg_call_wait", || Status::of(unsafe { Call::from_ptr(call) }.and_then(Call::wait)).0)
}

/// Gives a call back. NULL is accepted. A call in progress goes on, and its completion function is called.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_call_release(call: *mut LWMsgCall) {
    // SAFETY: NULL or live and not used again, as the caller promises.
    held("lwmsg_call_release", || unsafe {
        if let Ok(call) = Call::from_ptr(call) {
            call.release();
        }
    });
}

/// Returns the session of a call: in a handler, the one with the caller. NULL without one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_call_get_session(call: *mut LWMsgCall) -> *mut LWMsgSession {
    guard::entry("lwmsg_call_get_session", ptr::null_mut(), || {
        // SAFETY: NULL or live, as the caller promises. The call keeps the session.
        let session = unsafe { Call::from_ptr(call) }.and_then(Call::session);
        session.map_or(ptr::null_mut(), |session| session.as_ptr())
    })
}

/// Returns whether a call came in, as in a handler, or goes out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_call_get_direction(call: *mut LWMsgCall) -> LWMsgCallDirection {
    // SAFETY: NULL or live, as the caller promises.
    unsafe { Call::from_ptr(call) }.map_or(1, Call::direction)
}

/// Sets a pointer that lwmsg_call_get_user_data returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_call_set_user_data(call: *mut LWMsgCall, data: *mut c_void) {
    // SAFETY: NULL or live, as the caller promises.
    if let Some(head) = unsafe { Call::head(call) } {
        head.set_user_data(data);
    }
}

/// Returns the pointer of lwmsg_call_set_user_data, NULL at first. It stays when the call is made again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_call_get_user_data(call: *mut LWMsgCall) -> *mut c_void {
    // SAFETY: NULL or live, as the caller promises.
    unsafe { Call::head(call) }.map_or(ptr::null_mut(), |head| head.user_data())
}
