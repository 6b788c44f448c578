//! `relink/waltham.h`: protocols of a program's own. What relink-waltham-scanner writes uses these.

use super::super::message;
use super::super::registry::{self, RegisterError};
use super::super::scanner::model::MAX_VALUES;
use super::super::types::{
    relink_waltham_argument, relink_waltham_message, relink_waltham_protocol, wth_object,
};
use super::fail;
use crate::ffi::guard;
use std::ffi::{CStr, c_int};
use std::ptr;

/// Makes a protocol known to this process. Call it once, before the first connection that uses the protocol; both
/// peers have to. The description and everything it points to has to stay as it is for ever.
///
/// Returns 0. On failure -1 with errno EINVAL when the description is malformed or made for another version, EEXIST
/// when one of its opcodes or interfaces is registered already, or ENOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn relink_waltham_register(protocol: *const relink_waltham_protocol) -> c_int {
    guard::entry("relink_waltham_register", -1, || {
        // SAFETY: NULL or valid for ever, as promised by the caller.
        let registered = unsafe { protocol.as_ref() }
            .ok_or(RegisterError::Malformed)
            // SAFETY: as above.
            .and_then(|protocol| unsafe { registry::register(protocol) });
        match registered {
            Ok(()) => 0,
            Err(RegisterError::Malformed) => fail(libc::EINVAL),
            Err(RegisterError::Taken) => fail(libc::EEXIST),
            Err(RegisterError::NoMemory) => fail(libc::ENOMEM),
        }
    })
}

/// Sends a message of a registered protocol on an object, with the values that its signature asks for.
///
/// Returns the object that the message creates, or NULL. What goes wrong becomes the connection's error.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn relink_waltham_send(
    object: *mut wth_object,
    message: *const relink_waltham_message,
    args: *mut relink_waltham_argument,
) -> *mut wth_object {
    guard::callbacks("relink_waltham_send", || {
        // SAFETY: NULL or valid, as promised by the caller.
        let Some(described) = (unsafe { message.as_ref() }) else { return ptr::null_mut() };
        // SAFETY: as above; its signature is a string.
        let count = message::value_count(unsafe { CStr::from_ptr(described.signature) }.to_bytes());
        if count > MAX_VALUES || (args.is_null() && count > 0) {
            return ptr::null_mut();
        }
        let args = if count == 0 { ptr::NonNull::dangling().as_ptr() } else { args };
        // SAFETY: the signature says how many values there are.
        unsafe { message::send(object, described, std::slice::from_raw_parts_mut(args, count)) }
    })
}
