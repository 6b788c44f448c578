//! `security.h`.

use super::super::error::Status;
use super::super::security::Token;
use super::super::types::*;
use crate::ffi::alloc;
use std::ffi::c_char;
use std::ptr::{self, NonNull};

/// Returns the type of a token: "local". NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_security_token_get_type(token: *mut LWMsgSecurityToken) -> *const c_char {
    if token.is_null() { ptr::null() } else { c"local".as_ptr() }
}

/// Returns whether two tokens are of the same effective user and group.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_security_token_equal(
    token: *mut LWMsgSecurityToken,
    other: *mut LWMsgSecurityToken,
) -> LWMsgBool {
    // SAFETY: NULL or live, as the caller promises.
    let both = unsafe { (Token::from_ptr(token), Token::from_ptr(other)) };
    LWMsgBool::from(matches!(both, (Ok(token), Ok(other)) if token == other))
}

/// Returns whether the owner of a token may use what belongs to another: whether they are equal.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_security_token_can_access(
    token: *mut LWMsgSecurityToken,
    other: *mut LWMsgSecurityToken,
) -> LWMsgBool {
    // SAFETY: as the caller promises.
    unsafe { lwmsg_security_token_equal(token, other) }
}

/// Copies a token. The copy is released with lwmsg_security_token_delete.
///
/// Returns LWMSG_STATUS_SUCCESS, LWMSG_STATUS_INVALID_PARAMETER for NULL, or LWMSG_STATUS_MEMORY.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_security_token_copy(
    token: *mut LWMsgSecurityToken,
    copy: *mut *mut LWMsgSecurityToken,
) -> LWMsgStatus {
    // SAFETY: NULL or live, and NULL or a place for the result, as the caller promises.
    unsafe {
        super::give(copy, || {
            let made = alloc::new_value(*Token::from_ptr(token)?).ok_or(Status::MEMORY)?;
            Ok(made.as_ptr().cast())
        })
    }
}

/// Releases a copy of a token. NULL is accepted. Tokens of sessions are the sessions'.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_security_token_delete(token: *mut LWMsgSecurityToken) {
    if let Some(token) = NonNull::new(token.cast::<Token>()) {
        // SAFETY: a copy, not used again, as the caller promises.
        unsafe { alloc::free_value(token) }
    }
}
