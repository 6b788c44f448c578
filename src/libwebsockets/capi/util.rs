//! Functions that need no context: base64, SHA-1, the version, daemons.

use crate::ffi::{cstr, guard, slice};
use crate::libwebsockets::base64;
use crate::libwebsockets::daemonize::{self, Outcome};
use sha1::{Digest as _, Sha1};
use std::ffi::{CStr, c_char, c_int, c_uchar};

/// Encodes `in_len` bytes at `in` as base64 into `out`, with a NUL.
///
/// Returns the length without the NUL, or -1 when `out_size` is not at least 2 more than that.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_b64_encode_string(
    r#in: *const c_char,
    in_len: c_int,
    out: *mut c_char,
    out_size: c_int,
) -> c_int {
    guard::entry("lws_b64_encode_string", -1, || {
        let (Ok(in_len), Ok(out_size)) = (usize::try_from(in_len), usize::try_from(out_size)) else {
            return -1;
        };
        // SAFETY: as promised by the caller.
        let buffers =
            unsafe { (slice::borrow(r#in.cast(), in_len), slice::borrow_mut(out.cast(), out_size)) };
        let (Some(bytes), Some(out)) = buffers else { return -1 };
        // At most `out_size`, so it fits.
        base64::encode(bytes, out).map_or(-1, |length| length as c_int)
    })
}

/// Decodes the base64 text `in` into `out`, with a NUL.
///
/// Returns the length without the NUL, or -1 when `out_size` is too small for both. Padding may be missing; what is not
/// base64 is skipped.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_b64_decode_string(
    r#in: *const c_char,
    out: *mut c_char,
    out_size: c_int,
) -> c_int {
    guard::entry("lws_b64_decode_string", -1, || {
        let Ok(out_size) = usize::try_from(out_size) else { return -1 };
        if r#in.is_null() {
            return -1;
        }
        // SAFETY: as promised by the caller.
        let (text, out) = unsafe { (CStr::from_ptr(r#in), slice::borrow_mut(out.cast(), out_size)) };
        let Some(out) = out else { return -1 };
        // At most `out_size`, so it fits.
        base64::decode(text.to_bytes(), out).map_or(-1, |length| length as c_int)
    })
}

/// Writes the SHA-1 digest of `n` bytes at `d` to the 20 bytes at `md`. Returns `md`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn libwebsockets_SHA1(d: *const c_uchar, n: usize, md: *mut c_uchar) -> *mut c_uchar {
    guard::entry("libwebsockets_SHA1", md, || {
        // SAFETY: as promised by the caller.
        if let (Some(bytes), Some(out)) = unsafe { (slice::borrow(d, n), slice::borrow_mut(md, 20)) } {
            out.copy_from_slice(&Sha1::digest(bytes));
        }
        md
    })
}

/// Returns the version: `1.2`, a blank and the build it stands for. The string is the library's.
#[unsafe(no_mangle)]
pub extern "C" fn lws_get_library_version() -> *const c_char {
    VERSION.as_ptr()
}

/// The original had seven digits of its commit after the blank; these are the library's own version, 0.1.0.
pub const VERSION: &CStr = c"1.2 0000100";

unsafe extern "C" {
    /// In `data.c`: programs may have a copy of it.
    static mut pid_daemon: c_int;
}

/// Takes the program to the background. Call it before libwebsocket_create_context().
///
/// `_lock_path` names a file that holds the daemon's process number while it runs. When it names a process that lives,
/// the program ends with status 1. Otherwise the calling process ends: with 0 when the daemon is ready and the file is
/// written. The call returns 0 in the daemon: a session of its own, the root folder, standard files on /dev/null, SIGTERM
/// removes the file and ends it. Returns 1, with nothing done, when the parent is process 1 already, or for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_daemonize(_lock_path: *const c_char) -> c_int {
    guard::entry("lws_daemonize", 1, || {
        // SAFETY: as promised by the caller.
        let Some(lock) = (unsafe { cstr::borrow(_lock_path) }) else { return 1 };
        match daemonize::daemonize(lock, on_term) {
            Outcome::AlreadyOne => 1,
            Outcome::Daemon(pid) => {
                // SAFETY: an int of C's; no other threads run.
                unsafe { pid_daemon = pid };
                0
            }
        }
    })
}

/// Returns the process number of the daemon that lws_daemonize() made; 0 when it made none.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub extern "C" fn get_daemonize_pid() -> c_int {
    // SAFETY: an int that changes in `lws_daemonize` only.
    unsafe { pid_daemon }
}

/// Ends the daemon. Its children, which inherit the handler, leave the lock file alone.
unsafe extern "C" fn on_term(_signal: c_int) {
    // SAFETY: these may be called in signal handlers; `pid_daemon` was written before the handler could run.
    unsafe {
        if libc::getpid() == pid_daemon {
            daemonize::remove_lock();
        }
        libc::kill(libc::getpid(), libc::SIGKILL);
    }
}
