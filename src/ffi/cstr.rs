//! C strings handed in by programs.

use std::ffi::{CStr, c_char};

/// Borrows a C string; `None` for NULL.
///
/// # Safety
/// `text` is NULL or points to a NUL-terminated string that stays unchanged for `'a`.
#[inline]
pub unsafe fn borrow<'a>(text: *const c_char) -> Option<&'a CStr> {
    if text.is_null() {
        return None;
    }
    // SAFETY: non-NULL, terminated and unchanged, as promised by the caller.
    Some(unsafe { CStr::from_ptr(text) })
}

/// Copies a C string, invalid UTF-8 replaced; `None` for NULL.
///
/// # Safety
/// `text` is NULL or points to a NUL-terminated string.
pub unsafe fn to_string(text: *const c_char) -> Option<String> {
    // SAFETY: the borrow ends before this function returns.
    unsafe { borrow(text) }.map(|text| text.to_string_lossy().into_owned())
}

/// Writes `text` and a NUL into `out`, cut to fit. Returns false when it had to cut.
pub fn write_truncated(text: &[u8], out: &mut [u8]) -> bool {
    let Some(room) = out.len().checked_sub(1) else {
        return false;
    };
    let kept = text.len().min(room);
    out[..kept].copy_from_slice(&text[..kept]);
    out[kept] = 0;
    kept == text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_none() {
        // SAFETY: NULL is allowed.
        assert!(unsafe { to_string(std::ptr::null()) }.is_none());
    }

    #[test]
    fn text_that_does_not_fit_is_cut_and_terminated() {
        let mut out = [0xffu8; 4];
        assert!(!write_truncated(b"hello", &mut out));
        assert_eq!(&out, b"hel\0");
        assert!(write_truncated(b"abc", &mut out));
        assert!(!write_truncated(b"", &mut []));
    }
}
