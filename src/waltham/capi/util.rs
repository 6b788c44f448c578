//! `waltham-util.h`.

use super::super::array;
use super::super::types::wth_array;
use std::ffi::{c_int, c_void};
use std::ptr;

/// Makes an array empty.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_array_init(array: *mut wth_array) {
    if !array.is_null() {
        // SAFETY: not NULL, so valid. It may be uninitialised, so it is only written.
        unsafe { array.write(wth_array { size: 0, alloc: 0, data: ptr::null_mut() }) }
    }
}

/// Frees an array's bytes. The struct keeps its values; initialise it before it is used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_array_release(array: *mut wth_array) {
    // SAFETY: as promised by the caller.
    if let Some(array) = unsafe { array.as_ref() } {
        // SAFETY: as above.
        unsafe { array::release(array) }
    }
}

/// Makes size more bytes at the end of an array. They are uninitialised, and may move with the next call.
///
/// Returns where they are; NULL, the array unchanged, when memory is exhausted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_array_add(array: *mut wth_array, size: usize) -> *mut c_void {
    // SAFETY: as promised by the caller.
    unsafe { array.as_mut() }.map_or(ptr::null_mut(), |array| array::add(array, size))
}

/// Makes an array hold what source holds.
///
/// Returns 0, or -1 when memory is exhausted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_array_copy(array: *mut wth_array, source: *mut wth_array) -> c_int {
    if array == source {
        return 0;
    }
    // SAFETY: as promised by the caller; two different arrays.
    let (Some(array), Some(source)) = (unsafe { (array.as_mut(), source.as_ref()) }) else { return -1 };
    if array::copy(array, source) { 0 } else { -1 }
}
