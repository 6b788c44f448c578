//! Functions about sessions and tokens that the original exports and declares in none of its installed headers.

use super::super::data;
use super::super::error::Status;
use super::super::security::Token;
use super::super::session::{Session, SessionId, new_cookie};
use super::super::types::*;
use crate::ffi::{alloc, guard};
use std::ffi::{c_char, c_void};
use std::ptr;

/// Makes a local token. It is released with lwmsg_security_token_delete.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_MEMORY.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_local_token_new(
    euid: libc::uid_t,
    egid: libc::gid_t,
    pid: libc::pid_t,
    out_token: *mut *mut LWMsgSecurityToken,
) -> LWMsgStatus {
    // SAFETY: NULL or a place for the result, as the caller promises.
    unsafe {
        super::give(out_token, || {
            let token = alloc::new_value(Token { user: euid, group: egid, process: pid });
            token.map(|token| token.as_ptr().cast()).ok_or(Status::MEMORY)
        })
    }
}

/// Returns the contents of a token: effective user, effective group and process.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_security_token_get_private(token: *mut LWMsgSecurityToken) -> *mut c_void {
    token.cast()
}

/// Writes a token as text, without a NUL.
///
/// Returns LWMSG_STATUS_SUCCESS, LWMSG_STATUS_INVALID_PARAMETER for NULL, or the status of the buffer.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_security_token_to_string(
    token: *mut LWMsgSecurityToken,
    buffer: *mut LWMsgBuffer,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_security_token_to_string", || {
        // SAFETY: NULL or live, as the caller promises.
        match unsafe { Token::from_ptr(token) } {
            // SAFETY: a live buffer, as the caller promises.
            Ok(token) => Status::of(unsafe { data::write_text(buffer, token.to_string().as_bytes()) }).0,
            Err(status) => status.0,
        }
    })
}

/// Fills a cookie, eight bytes, with random ones.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_session_generate_cookie(cookie: *mut [u8; 8]) {
    guard::entry("lwmsg_session_generate_cookie", (), || {
        // SAFETY: a place for a cookie, as the caller promises.
        unsafe { cookie.write(new_cookie()) }
    });
}

/// Returns the name of a session: the cookie of the end that connects, then that of the end that accepts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_session_get_id(session: *mut LWMsgSession) -> *const SessionId {
    // SAFETY: NULL or live, as the caller promises.
    unsafe { Session::from_ptr(session) }.map_or(ptr::null(), Session::id_ptr)
}

/// Writes the name of a session as text, with a NUL. There is room for 66 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_session_id_to_string(smid: *const SessionId, buffer: *mut c_char) {
    guard::entry("lwmsg_session_id_to_string", (), || {
        // SAFETY: a live name, and so much room, as the caller promises.
        unsafe {
            let text = smid.read().to_string();
            ptr::copy_nonoverlapping(text.as_ptr(), buffer.cast(), text.len());
            buffer.add(text.len()).write(0);
        }
    });
}

/// Does nothing: programs hold no references to sessions that they could give back.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_session_release(_session: *mut LWMsgSession) {}

/// Returns the number of associations that use a session, and one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_session_get_assoc_count(session: *mut LWMsgSession) -> usize {
    // SAFETY: NULL or live, as the caller promises.
    unsafe { Session::from_ptr(session) }.map_or(0, Session::association_count)
}

/// Returns the number of handles of a session, of both sides.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_session_get_handle_count(session: *mut LWMsgSession) -> usize {
    guard::entry("lwmsg_session_get_handle_count", 0, || {
        // SAFETY: NULL or live, as the caller promises.
        unsafe { Session::from_ptr(session) }.map_or(0, |session| session.handles().count())
    })
}
