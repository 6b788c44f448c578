//! `session.h`.

use super::super::error::{Result, Status};
use super::super::security::Token;
use super::super::session::Session;
use super::super::types::*;
use super::held;
use crate::ffi::guard;
use std::ffi::{c_char, c_void};
use std::ptr;

/// # Safety
/// The pointer is NULL or a live session.
unsafe fn with(session: *mut LWMsgSession, work: impl FnOnce(&Session) -> Result<()>) -> LWMsgStatus {
    // SAFETY: as promised by the caller.
    Status::of(unsafe { Session::from_ptr(session) }.and_then(work)).0
}

/// Lends something of this side's to the other: a handle stands for data in messages. It is one until
/// lwmsg_session_unregister_handle, or the end of the session.
///
/// type_name is the name that LWMSG_HANDLE was given; the text is not copied. cleanup, which may be NULL, is called
/// with data when the last reference is gone. handle, which may be NULL, gets the handle, with one reference. For
/// each message that the handle is sent in, retain it once: the message's reference is dropped with the message.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_INVALID_PARAMETER when data is NULL on a peer's session;
/// LWMSG_STATUS_RESOURCE_LIMIT; or LWMSG_STATUS_MEMORY.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_session_register_handle(
    session: *mut LWMsgSession,
    type_name: *const c_char,
    data: *mut c_void,
    cleanup: LWMsgHandleCleanupFunction,
    handle: *mut *mut LWMsgHandle,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_session_register_handle", Status::ERROR.0, || unsafe {
        with(session, |session| {
            if type_name.is_null() {
                return Err(Status::INVALID_PARAMETER);
            }
            let made = session.register(type_name, data, cleanup)?;
            if let Some(handle) = handle.as_mut() {
                *handle = made;
            }
            Ok(())
        })
    })
}

/// Adds a reference to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_session_retain_handle(session: *mut LWMsgSession, handle: *mut LWMsgHandle) {
    guard::entry("lwmsg_session_retain_handle", (), || {
        // SAFETY: NULL or live, as the caller promises.
        if let Ok(session) = unsafe { Session::from_ptr(session) } {
            session.handles().retain(handle);
        }
    });
}

/// Drops a reference to a handle. With the last one the cleanup function is called.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_session_release_handle(
    session: *mut LWMsgSession,
    handle: *mut LWMsgHandle,
) {
    guard::callbacks("lwmsg_session_release_handle", || {
        // SAFETY: NULL or live, as the caller promises; the function has the type it was registered with.
        unsafe {
            if let Ok(session) = Session::from_ptr(session) {
                session.handles().release(handle).run();
            }
        }
    });
}

/// Makes a handle invalid, and drops a reference to it.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_HANDLE when it is not valid any more.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_session_unregister_handle(
    session: *mut LWMsgSession,
    handle: *mut LWMsgHandle,
) -> LWMsgStatus {
    // SAFETY: as the caller promises; the function has the type it was registered with.
    guard::callbacks("lwmsg_session_unregister_handle", || unsafe {
        with(session, |session| {
            session.handles().unregister(handle)?.run();
            Ok(())
        })
    })
}

/// Stores the data of a handle; NULL for one of the other side's. The place may be NULL.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_HANDLE when it is not valid, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_session_get_handle_data(
    session: *mut LWMsgSession,
    handle: *mut LWMsgHandle,
    data: *mut *mut c_void,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_session_get_handle_data", Status::ERROR.0, || unsafe {
        with(session, |session| {
            let found = session.handles().data(handle)?;
            if let Some(data) = data.as_mut() {
                *data = found;
            }
            Ok(())
        })
    })
}

/// Stores which side registered a handle.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_HANDLE when it is not valid, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_session_get_handle_location(
    session: *mut LWMsgSession,
    handle: *mut LWMsgHandle,
    location: *mut LWMsgHandleType,
) -> LWMsgStatus {
    // SAFETY: as the caller promises.
    guard::entry("lwmsg_session_get_handle_location", Status::ERROR.0, || unsafe {
        with(session, |session| {
            let found = session.handles().location(handle)?;
            if let Some(location) = location.as_mut() {
                *location = found;
            }
            Ok(())
        })
    })
}

/// Returns what the construct function of lwmsg_peer_set_listen_session_functions made for a session, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_session_get_data(session: *mut LWMsgSession) -> *mut c_void {
    // SAFETY: NULL or live, as the caller promises.
    unsafe { Session::from_ptr(session) }.map_or(ptr::null_mut(), Session::data)
}

/// Returns who the other side is, or NULL when that is not known. The token is the session's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_session_get_peer_security_token(
    session: *mut LWMsgSession,
) -> *mut LWMsgSecurityToken {
    // SAFETY: NULL or live, as the caller promises.
    let session = unsafe { Session::from_ptr(session) };
    session.ok().and_then(Session::token).map_or(ptr::null_mut(), Token::as_ptr)
}

/// Stores a call to the other side. It is released with lwmsg_call_release.
///
/// A peer's session connects when that is necessary: its endpoints are tried in order. For a direct endpoint the
/// server's construct function is called here.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_NOT_FOUND without endpoints, or when nobody listens on a direct one;
/// LWMSG_STATUS_PEER_CLOSE when a session over a given descriptor has ended; LWMSG_STATUS_INVALID_STATE when the
/// session has, or in a child of the process that made it; or the status of the construct function. call is NULL
/// then. A socket that cannot be connected is told by lwmsg_call_dispatch.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_session_acquire_call(
    session: *mut LWMsgSession,
    call: *mut *mut LWMsgCall,
) -> LWMsgStatus {
    held("lwmsg_session_acquire_call", || {
        // SAFETY: as the caller promises.
        unsafe { super::give(call, || Session::from_ptr(session).and_then(Session::acquire_call)) }
    })
}
