//! Text formatted with C's `printf` rules, for functions whose interface is variadic.
//!
//! A variadic C function is defined in the room's own few lines of C, which hand Rust the format
//! and a pointer to the `va_list`; everything after that is Rust.

use std::ffi::{CStr, c_char, c_int, c_void};

unsafe extern "C" {
    fn relink_ffi_vformat(out: *mut c_char, room: usize, format: *const c_char, args: *mut c_void) -> c_int;
}

const INLINE: usize = 512;

/// A formatted text, on the stack while it is short.
#[derive(Debug)]
pub struct CFormatted {
    short: [u8; INLINE],
    long: Vec<u8>,
    length: usize,
}

impl CFormatted {
    /// Formats `format` with the arguments of a C `va_list`.
    ///
    /// `None` when the format is NULL or `vsnprintf` fails, or memory is exhausted.
    ///
    /// # Safety
    /// `format` is NULL or NUL-terminated, and `args` points to a `va_list` that fits it.
    pub unsafe fn new(format: *const c_char, args: *mut c_void) -> Option<Self> {
        if format.is_null() {
            return None;
        }
        let mut text = Self { short: [0; INLINE], long: Vec::new(), length: 0 };
        // SAFETY: `short` offers INLINE bytes; format and args as promised by the caller.
        let length = unsafe { relink_ffi_vformat(text.short.as_mut_ptr().cast(), INLINE, format, args) };
        text.length = usize::try_from(length).ok()?;
        if text.length >= INLINE {
            let room = text.length.checked_add(1)?;
            text.long.try_reserve_exact(room).ok()?;
            text.long.resize(room, 0);
            // SAFETY: `long` offers `room` bytes; the shim works on a copy of the list each time.
            unsafe { relink_ffi_vformat(text.long.as_mut_ptr().cast(), room, format, args) };
        }
        Some(text)
    }

    /// The text, without its NUL.
    pub fn as_bytes(&self) -> &[u8] {
        self.as_c_str().to_bytes()
    }

    /// The text as C wants it.
    pub fn as_c_str(&self) -> &CStr {
        let bytes = if self.length < INLINE { &self.short[..] } else { &self.long[..] };
        CStr::from_bytes_until_nul(bytes).unwrap_or_default()
    }
}
