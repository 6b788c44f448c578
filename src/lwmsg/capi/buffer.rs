//! `buffer.h`.

use super::super::context::Context;
use super::super::data;
use super::super::error::Status;
use super::super::types::*;
use crate::ffi::{CFormatted, guard};
use std::ffi::{c_char, c_void};

/// cbindgen:ignore
#[unsafe(no_mangle)]
unsafe extern "C-unwind" fn relink_lwmsg_buffer_vprint(
    buffer: *mut LWMsgBuffer,
    format: *const c_char,
    args: *mut c_void,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_buffer_print", || {
        // SAFETY: a format and its arguments, from the shim.
        let Some(text) = (unsafe { CFormatted::new(format, args) }) else { return Status::MEMORY.0 };
        // SAFETY: a valid buffer, as the caller promises.
        Status::of(unsafe { data::write_text(buffer, text.as_bytes()) }).0
    })
}

/// Not in the header: a wrap function that grows memory of the LWMsgContext in data.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_buffer_realloc_wrap(
    buffer: *mut LWMsgBuffer,
    count: usize,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_buffer_realloc_wrap", || {
        // SAFETY: a valid buffer with a context, as the caller promises.
        unsafe {
            let context = Context::from_ptr((*buffer).data.cast());
            Status::of(data::grow(buffer, context.memory(), count)).0
        }
    })
}
