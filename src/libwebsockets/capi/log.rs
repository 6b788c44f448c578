//! The log.

use crate::ffi::{CFormatted, cstr, guard, slice};
use crate::libwebsockets::log;
use std::ffi::{c_char, c_int, c_void};

/// Chooses what is logged, and where to, for the whole process.
///
/// `level` has a bit of `enum lws_log_levels` for each kind of line that is wanted; at first these are LLL_ERR, LLL_WARN
/// and LLL_NOTICE. `log_emit_function` gets each line with its kind; NULL leaves it as it is, at first standard error
/// with the time and the kind in front.
#[unsafe(no_mangle)]
pub extern "C" fn lws_set_log_level(
    level: c_int,
    log_emit_function: Option<unsafe extern "C-unwind" fn(level: c_int, line: *const c_char)>,
) {
    guard::entry("lws_set_log_level", (), || log::set(level, log_emit_function));
}

/// Gives a line to syslog(3), for lws_set_log_level(). Its kind decides on the priority.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsl_emit_syslog(level: c_int, line: *const c_char) {
    guard::entry("lwsl_emit_syslog", (), || {
        // SAFETY: as promised by the caller.
        if let Some(line) = unsafe { cstr::borrow(line) } {
            log::to_syslog(level, line);
        }
    });
}

/// Logs `len` bytes at `buf` in hexadecimal and as text, at LLL_DEBUG.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwsl_hexdump(buf: *mut c_void, len: usize) {
    guard::callbacks("lwsl_hexdump", || {
        // SAFETY: as promised by the caller.
        if let Some(bytes) = unsafe { slice::borrow(buf.cast(), len) } {
            log::hexdump(bytes);
        }
    });
}

/// What _lws_log, which is C because it is variadic, does with its arguments.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn relink_libwebsockets_vlog(
    filter: c_int,
    format: *const c_char,
    args: *mut c_void,
) {
    guard::callbacks("_lws_log", || {
        if !log::enabled(filter) {
            return;
        }
        // SAFETY: as promised by the caller.
        if let Some(text) = unsafe { CFormatted::new(format, args) } {
            log::emit(filter, text.as_bytes());
        }
    });
}
