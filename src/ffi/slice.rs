//! Pointer and length pairs handed in by programs.

/// Borrows `len` bytes at `data`.
///
/// `None` when `data` is NULL with a length above 0, or the length exceeds what any object can
/// have. NULL with length 0 is an empty slice: C programs pass that freely.
///
/// # Safety
/// When `data` is not NULL, `len` bytes are readable there and stay unchanged for `'a`.
#[inline]
pub unsafe fn borrow<'a>(data: *const u8, len: usize) -> Option<&'a [u8]> {
    if len == 0 {
        return Some(&[]);
    }
    if data.is_null() || len > isize::MAX as usize {
        return None;
    }
    // SAFETY: non-NULL, readable and unchanged for 'a as promised by the caller; length checked.
    Some(unsafe { std::slice::from_raw_parts(data, len) })
}

/// Borrows `len` writable bytes at `data`, with the same rules as [`borrow`].
///
/// # Safety
/// When `data` is not NULL, `len` initialised bytes are there and nobody else uses them for `'a`.
#[inline]
pub unsafe fn borrow_mut<'a>(data: *mut u8, len: usize) -> Option<&'a mut [u8]> {
    if len == 0 {
        return Some(&mut []);
    }
    if data.is_null() || len > isize::MAX as usize {
        return None;
    }
    // SAFETY: non-NULL, exclusive for 'a as promised by the caller; length checked.
    Some(unsafe { std::slice::from_raw_parts_mut(data, len) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_empty_only_with_length_zero() {
        // SAFETY: NULL is allowed.
        unsafe {
            assert_eq!(borrow(std::ptr::null(), 0), Some(&[][..]));
            assert_eq!(borrow(std::ptr::null(), 1), None);
            assert!(borrow_mut(std::ptr::null_mut(), 1).is_none());
        }
    }

    #[test]
    fn absurd_lengths_are_refused() {
        // SAFETY: the length is refused before the pointer is used.
        assert!(unsafe { borrow(std::ptr::NonNull::dangling().as_ptr(), usize::MAX) }.is_none());
    }
}
