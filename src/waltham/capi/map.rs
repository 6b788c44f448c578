//! `wth_map_*`: exported by the original, declared in none of its headers.

use super::super::types::{wth_array, wth_iterator_func_t, wth_map};
use std::ffi::{c_int, c_void};
use std::ptr;

/// What an iterator function returns to go on.
const CONTINUE: c_int = 1;

/// Makes a map empty, for one side.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_map_init(map: *mut wth_map, side: u32) {
    let empty = wth_array { size: 0, alloc: 0, data: ptr::null_mut() };
    if !map.is_null() {
        // SAFETY: not NULL, so valid. It may be uninitialised, so it is only written.
        unsafe { map.write(wth_map { client_entries: empty, server_entries: empty, side, free_list: 0 }) }
    }
}

/// Frees a map's tables.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_map_release(map: *mut wth_map) {
    // SAFETY: as promised by the caller.
    if let Some(map) = unsafe { map.as_ref() } {
        // SAFETY: the map's own tables.
        unsafe {
            super::super::array::release(&map.client_entries);
            super::super::array::release(&map.server_entries);
        }
    }
}

/// Stores data at a free id of the own side. Returns it, or 0 when memory is exhausted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_map_insert_new(map: *mut wth_map, flags: u32, data: *mut c_void) -> u32 {
    // SAFETY: as promised by the caller.
    unsafe { map.as_mut() }.map_or(0, |map| map.insert_new(flags, data))
}

/// Stores data at an id that exists or is the next. Returns 0, or -1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_map_insert_at(
    map: *mut wth_map,
    flags: u32,
    i: u32,
    data: *mut c_void,
) -> c_int {
    // SAFETY: as promised by the caller.
    if unsafe { map.as_mut() }.is_some_and(|map| map.insert_at(flags, i, data)) { 0 } else { -1 }
}

/// Makes sure that an id of the other side is free and has a place. Returns 0, or -1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_map_reserve_new(map: *mut wth_map, i: u32) -> c_int {
    // SAFETY: as promised by the caller.
    if unsafe { map.as_mut() }.is_some_and(|map| map.reserve_new(i)) { 0 } else { -1 }
}

/// Frees an id of the own side.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_map_remove(map: *mut wth_map, i: u32) {
    // SAFETY: as promised by the caller.
    if let Some(map) = unsafe { map.as_mut() } {
        map.remove(i);
    }
}

/// Returns what is stored at an id, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_map_lookup(map: *mut wth_map, i: u32) -> *mut c_void {
    // SAFETY: as promised by the caller.
    unsafe { map.as_mut() }.map_or(ptr::null_mut(), |map| map.lookup(i))
}

/// Returns the flag stored at an id, or 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_map_lookup_flags(map: *mut wth_map, i: u32) -> u32 {
    // SAFETY: as promised by the caller.
    unsafe { map.as_mut() }.map_or(0, |map| map.lookup_flags(i))
}

/// Calls func for what is stored, the client's table first, until it returns something else than 1.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn wth_map_for_each(
    map: *mut wth_map,
    func: wth_iterator_func_t,
    data: *mut c_void,
) {
    let Some(func) = func else { return };
    for server in [false, true] {
        let mut index = 0;
        // SAFETY: as promised by the caller. Borrowed anew each time: the function may change the map.
        while let Some(element) = unsafe { map.as_ref() }.and_then(|map| map.element(server, index)) {
            index += 1;
            // SAFETY: the program's function, with an element it stored.
            if element.is_some_and(|element| unsafe { func(element, data) } != CONTINUE) {
                return;
            }
        }
    }
}
