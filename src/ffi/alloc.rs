//! Memory that C programs may see, keep or free: always from the C allocator.
//!
//! Rust's global allocator is `malloc` too on the platforms we support, but only what is allocated
//! here is promised to be `free`-able by the program. All functions report exhaustion by a NULL or
//! `None`; nothing aborts.

use std::ffi::c_void;
use std::ptr::NonNull;

/// Allocates an uninitialised block of `size` bytes; `None` when memory is exhausted.
///
/// A `size` of 0 yields a unique block that may be freed, like the C allocator's own behaviour.
pub fn malloc(size: usize) -> Option<NonNull<c_void>> {
    // SAFETY: malloc accepts any size.
    NonNull::new(unsafe { libc::malloc(size.max(1)) })
}

/// Allocates a zeroed block of `size` bytes; `None` when memory is exhausted.
pub fn calloc(size: usize) -> Option<NonNull<c_void>> {
    // SAFETY: calloc accepts any size.
    NonNull::new(unsafe { libc::calloc(size.max(1), 1) })
}

/// Allocates a block from the C allocator, moves `value` into it and returns the pointer.
///
/// The program may release it with `free` when `T` needs no drop; otherwise see [`free_value`].
pub fn new_value<T>(value: T) -> Option<NonNull<T>> {
    const { assert!(align_of::<T>() <= 16, "malloc guarantees 16-byte alignment only") };
    let block = malloc(size_of::<T>())?.cast::<T>();
    // SAFETY: the block is large enough and aligned (asserted above), and nobody else knows it.
    unsafe { block.write(value) };
    Some(block)
}

/// Drops the value at `block` and returns its memory to the C allocator.
///
/// # Safety
/// `block` comes from [`new_value`] with the same type, has not been freed, and is not used again.
pub unsafe fn free_value<T>(block: NonNull<T>) {
    // SAFETY: the caller hands over a live, owned value from `new_value`.
    unsafe {
        block.drop_in_place();
        libc::free(block.as_ptr().cast());
    }
}

/// Returns a block to the C allocator; NULL is accepted.
///
/// # Safety
/// `block` is NULL or comes from the C allocator and is not used again.
pub unsafe fn free(block: *mut c_void) {
    // SAFETY: as promised by the caller.
    unsafe { libc::free(block) }
}

/// Copies `bytes` into a fresh C block with a terminating NUL, for strings the program frees.
pub fn copy_str(bytes: &[u8]) -> Option<NonNull<libc::c_char>> {
    let block = malloc(bytes.len().checked_add(1)?)?.cast::<u8>();
    // SAFETY: the block holds len + 1 bytes and does not overlap `bytes`.
    unsafe {
        block.copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len());
        block.add(bytes.len()).write(0);
    }
    Some(block.cast())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    #[test]
    fn values_round_trip_and_are_dropped_once() {
        let shared = std::rc::Rc::new(());
        let block = new_value(shared.clone()).unwrap();
        assert_eq!(std::rc::Rc::strong_count(&shared), 2);
        // SAFETY: made above, used once.
        unsafe { free_value(block) };
        assert_eq!(std::rc::Rc::strong_count(&shared), 1);
    }

    #[test]
    fn copied_strings_are_terminated() {
        let text = copy_str(b"hello").unwrap();
        // SAFETY: copy_str terminates; freed once.
        unsafe {
            assert_eq!(CStr::from_ptr(text.as_ptr()).to_bytes(), b"hello");
            free(text.as_ptr().cast());
        }
    }

    #[test]
    fn an_impossible_size_is_an_error_not_an_abort() {
        assert!(malloc(isize::MAX as usize).is_none());
    }
}
