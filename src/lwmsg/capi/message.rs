//! `message.h`.

use super::super::types::*;
use std::ptr;

/// Makes a message empty: no flags, no status, no number, no payload.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_message_init(message: *mut LWMsgMessage) {
    // SAFETY: NULL or a place for a message, as the caller promises.
    if let Some(message) = unsafe { message.as_mut() } {
        *message = LWMsgMessage {
            flags: 0,
            status: 0,
            cookie: 0,
            tag: LWMSG_TAG_INVALID,
            data: ptr::null_mut(),
            reserved1: 0,
        };
    }
}
