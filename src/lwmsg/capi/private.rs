//! Functions that the original exports and declares in none of its installed headers: its own tools use them.

use super::super::context::{self, Context};
use super::super::data::integer::{self, MAX_SIZE};
use super::super::error::Status;
use super::super::program;
use super::super::schema::{self, TypeRep};
use super::super::types::*;
use crate::ffi::{CFormatted, alloc, guard};
use std::ffi::{c_char, c_int, c_uint, c_void};
use std::ptr;

/// Returns the name of a status, as it is written in C; "unknown" for a number that has none.
#[unsafe(no_mangle)]
pub extern "C" fn lwmsg_status_name(status: LWMsgStatus) -> *const c_char {
    Status(status).name().as_ptr()
}

/// Returns the status that stands for an errno.
#[unsafe(no_mangle)]
pub extern "C" fn lwmsg_status_map_errno(err: c_int) -> LWMsgStatus {
    Status::from_errno(err).0
}

/// Sets FD_CLOEXEC.
#[unsafe(no_mangle)]
pub extern "C" fn lwmsg_set_close_on_exec(fd: c_int) -> LWMsgStatus {
    Status::of(context::set_close_on_exec(fd)).0
}

/// Narrows or widens an integer and changes its byte order. Sizes are at most 16.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_OVERFLOW when the value does not fit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_convert_integer(
    r#in: *mut c_void,
    in_size: usize,
    in_order: LWMsgByteOrder,
    out: *mut c_void,
    out_size: usize,
    out_order: LWMsgByteOrder,
    signage: LWMsgSignage,
) -> LWMsgStatus {
    let (mut input, mut output) = ([0u8; MAX_SIZE], [0u8; MAX_SIZE]);
    if !(1..=MAX_SIZE).contains(&in_size) || !(1..=MAX_SIZE).contains(&out_size) {
        return Status::INVALID_PARAMETER.0;
    }
    // SAFETY: so many bytes, as the caller promises; the copy lets both overlap.
    unsafe { ptr::copy_nonoverlapping(r#in.cast::<u8>(), input.as_mut_ptr(), in_size) };
    let (in_big, out_big) = (in_order != LWMSG_LITTLE_ENDIAN, out_order != LWMSG_LITTLE_ENDIAN);
    let converted =
        integer::convert(&input[..in_size], in_big, &mut output[..out_size], out_big, signage == 0);
    if converted.is_ok() {
        // SAFETY: room for so many bytes, as the caller promises.
        unsafe { ptr::copy_nonoverlapping(output.as_ptr(), out.cast::<u8>(), out_size) };
    }
    Status::of(converted).0
}

/// Writes a line to the log of a context. The original's definition has message and function in this order.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_context_log(
    context: *const LWMsgContext,
    level: LWMsgLogLevel,
    function: *const c_char,
    message: *const c_char,
    filename: *const c_char,
    line: c_uint,
) {
    // SAFETY: as the caller promises.
    guard::callbacks("lwmsg_context_log", || unsafe {
        Context::from_ptr(context).log_raw(level, message, function, filename, line);
    });
}

/// Tells whether a line of that level would be written.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_context_would_log(
    context: *const LWMsgContext,
    level: LWMsgLogLevel,
) -> LWMsgBool {
    guard::callbacks("lwmsg_context_would_log", || {
        // SAFETY: as the caller promises.
        LWMsgBool::from(unsafe { Context::from_ptr(context) }.would_log(level))
    })
}

#[unsafe(no_mangle)]
unsafe extern "C-unwind" fn relink_lwmsg_context_vlog(
    context: *const LWMsgContext,
    level: LWMsgLogLevel,
    function: *const c_char,
    filename: *const c_char,
    line: c_uint,
    format: *const c_char,
    args: *mut c_void,
) {
    guard::callbacks("lwmsg_context_log_printf", || {
        // SAFETY: as the caller promises.
        let context = unsafe { Context::from_ptr(context) };
        if !context.has_log() {
            return;
        }
        // SAFETY: a format and its arguments, from the shim.
        if let Some(text) = unsafe { CFormatted::new(format, args) } {
            // SAFETY: as the caller promises.
            unsafe { context.log_raw(level, text.as_c_str().as_ptr(), function, filename, line) };
        }
    });
}

#[unsafe(no_mangle)]
unsafe extern "C-unwind" fn relink_lwmsg_context_vraise(
    context: *const LWMsgContext,
    status: LWMsgStatus,
    function: *const c_char,
    filename: *const c_char,
    line: c_uint,
    format: *const c_char,
    args: *mut c_void,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_context_raise", || {
        // SAFETY: as the caller promises.
        let context = unsafe { Context::from_ptr(context) };
        if !context.has_log() {
            return status;
        }
        let name = Status(status).name().to_bytes();
        // SAFETY: a format and its arguments, from the shim, or NULL.
        let text = unsafe { CFormatted::new(format, args) };
        let mut message = name.to_vec();
        if let Some(text) = &text {
            message.extend_from_slice(b": ");
            message.extend_from_slice(text.as_bytes());
        }
        message.push(0);
        // SAFETY: a terminated text, and the caller's.
        unsafe { context.log_raw(log_level::ERROR, message.as_ptr().cast(), function, filename, line) };
        status
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn relink_lwmsg_vformat(format: *const c_char, args: *mut c_void) -> *mut c_char {
    guard::entry("lwmsg_format", ptr::null_mut(), || {
        // SAFETY: a format and its arguments, from the shim.
        let text = unsafe { CFormatted::new(format, args) };
        let copy = text.and_then(|text| alloc::copy_str(text.as_bytes()));
        copy.map_or(ptr::null_mut(), |copy| copy.as_ptr())
    })
}

/// Called by the dynamic linker when the object is unloaded (see room.mk): what was kept for later goes.
#[unsafe(no_mangle)]
extern "C" fn relink_lwmsg_unload() {
    guard::entry("relink_lwmsg_unload", (), program::forget_all);
}

/// Makes the description of a type, in memory of the context: to be released with lwmsg_type_free_rep.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_type_rep_from_spec(
    context: *const LWMsgContext,
    spec: *const LWMsgTypeSpec,
    rep: *mut *mut LWMsgTypeRep,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_type_rep_from_spec", || {
        // SAFETY: as the caller promises.
        unsafe { super::give(rep, || Ok(schema::describe(Context::from_ptr(context), spec)?.cast())) }
    })
}

/// Makes the table of a description, in one block of memory of the context.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_type_spec_from_rep(
    context: *const LWMsgContext,
    rep: *mut LWMsgTypeRep,
    spec: *mut *mut LWMsgTypeSpec,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_type_spec_from_rep", || {
        // SAFETY: as the caller promises.
        unsafe {
            super::give(spec, || {
                let memory = Context::from_ptr(context).memory();
                let (image, ..) = schema::import(memory, &[rep.cast::<TypeRep>().cast_const()], &[])?;
                Ok(image.into_block())
            })
        }
    })
}

/// Writes a description as text to a buffer.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_type_print_rep(
    rep: *mut LWMsgTypeRep,
    indent: c_uint,
    buffer: *mut LWMsgBuffer,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_type_print_rep", || {
        let mut text = Vec::new();
        // SAFETY: as the caller promises.
        let printed = unsafe { schema::print(rep.cast::<TypeRep>(), indent as usize, &mut text) };
        // SAFETY: a valid buffer, as the caller promises.
        Status::of(printed.and_then(|()| unsafe { super::super::data::write_text(buffer, &text) })).0
    })
}

/// Makes a text of a type, in memory of the context.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_type_print_spec_alloc(
    context: *const LWMsgContext,
    r#type: *const LWMsgTypeSpec,
    result: *mut *mut c_char,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_type_print_spec_alloc", || {
        // SAFETY: as the caller promises.
        let context = unsafe { Context::from_ptr(context) };
        let mut text = Vec::new();
        // SAFETY: as the caller promises; the description is ours.
        let printed = unsafe {
            schema::describe(context, r#type).and_then(|rep| {
                let printed = schema::print(rep, 0, &mut text);
                schema::free_type(context, rep);
                printed
            })
        };
        // SAFETY: a place for the result.
        unsafe { super::give(result, || printed.and_then(|()| context.copy_text(&text))) }
    })
}

/// Releases the description of a type. NULL is accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_type_free_rep(context: *const LWMsgContext, rep: *mut LWMsgTypeRep) {
    guard::callbacks("lwmsg_type_free_rep", || {
        if !rep.is_null() {
            // SAFETY: as the caller promises.
            unsafe { schema::free_type(Context::from_ptr(context), rep.cast()) }
        }
    });
}

/// Tells whether every value of the right type is one of the left type and is encoded the same way; else returns
/// LWMSG_STATUS_MALFORMED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_type_rep_is_assignable(
    left: *mut LWMsgTypeRep,
    right: *mut LWMsgTypeRep,
) -> LWMsgStatus {
    guard::entry("lwmsg_type_rep_is_assignable", Status::ERROR.0, || {
        // SAFETY: as the caller promises.
        Status::of(unsafe { schema::is_assignable(left.cast::<TypeRep>(), right.cast::<TypeRep>()) }).0
    })
}
