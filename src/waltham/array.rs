//! `wth_array`: bytes that grow, in the program's own struct and from the C allocator.

use super::types::wth_array;
use crate::ffi::alloc;
use std::ffi::c_void;
use std::ptr;

/// The first allocation, in bytes. It doubles from there.
const FIRST: usize = 16;

/// Makes `size` more bytes at the end; returns where they are, or NULL, the array unchanged, when memory is
/// exhausted.
pub fn add(array: &mut wth_array, size: usize) -> *mut c_void {
    let Some(needed) = array.size.checked_add(size) else { return ptr::null_mut() };
    let mut capacity = if array.alloc > 0 { array.alloc } else { FIRST };
    while capacity < needed {
        let Some(doubled) = capacity.checked_mul(2) else { return ptr::null_mut() };
        capacity = doubled;
    }
    if capacity > array.alloc || array.data.is_null() {
        // SAFETY: data is NULL or from the C allocator: the program initialised the array.
        let data = unsafe { libc::realloc(array.data, capacity) };
        if data.is_null() {
            return data;
        }
        array.data = data;
        array.alloc = capacity;
    }
    let end = array.data.wrapping_byte_add(array.size);
    array.size = needed;
    end
}

/// Makes `target` hold what `source` holds; false when memory is exhausted.
pub fn copy(target: &mut wth_array, source: &wth_array) -> bool {
    if target.size < source.size {
        if add(target, source.size - target.size).is_null() {
            return false;
        }
    } else {
        target.size = source.size;
    }
    if source.size > 0 {
        // SAFETY: both hold `source.size` bytes now. They may be the same array.
        unsafe { ptr::copy(source.data.cast::<u8>(), target.data.cast(), source.size) };
    }
    true
}

/// Frees the bytes. The struct keeps its values, as it always did.
///
/// # Safety
/// `array.data` is NULL or from the C allocator, and not used any more.
pub unsafe fn release(array: &wth_array) {
    // SAFETY: as promised by the caller.
    unsafe { alloc::free(array.data) };
}
