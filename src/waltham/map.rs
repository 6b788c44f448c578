//! `wth_map`: the original's own table of ids, exported by accident. The library does not use it.
//!
//! An entry is a word: the data pointer with bit 1 as a flag, or, when it is free, the free list's previous
//! head, whose bit 0 is set unless it is the list's end. `free_list` is the newest free index shifted left
//! by one, with bit 0 set.

use super::array;
use super::types::{wth_array, wth_map};
use std::ffi::c_void;
use std::ptr;

/// Where the ids of the server's table begin.
const SERVER_START: u32 = 0xff00_0000;

const WORD: usize = size_of::<usize>();

fn is_server_id(id: u32) -> bool {
    id >= SERVER_START
}

fn length(entries: &wth_array) -> usize {
    entries.size / WORD
}

fn get(entries: &wth_array, index: usize) -> Option<usize> {
    if index >= length(entries) {
        return None;
    }
    // SAFETY: inside the array, which holds words only.
    Some(unsafe { entries.data.cast::<usize>().add(index).read() })
}

fn set(entries: &mut wth_array, index: usize, word: usize) {
    if index < length(entries) {
        // SAFETY: inside the array, which holds words only.
        unsafe { entries.data.cast::<usize>().add(index).write(word) }
    }
}

fn push(entries: &mut wth_array, word: usize) -> bool {
    let place = array::add(entries, WORD).cast::<usize>();
    if place.is_null() {
        return false;
    }
    // SAFETY: `add` made room for a word; sizes are multiples of it, so it is aligned.
    unsafe { place.write(word) };
    true
}

fn word(flags: u32, data: *mut c_void) -> usize {
    data.expose_provenance() | (flags as usize & 1) << 1
}

impl wth_map {
    /// The table that an id belongs to, and its index there.
    fn table(&mut self, id: u32) -> (&mut wth_array, usize) {
        if is_server_id(id) {
            (&mut self.server_entries, (id - SERVER_START) as usize)
        } else {
            (&mut self.client_entries, id as usize)
        }
    }

    fn is_own(&self, id: u32) -> bool {
        is_server_id(id) == (self.side != 0)
    }

    /// Stores `data` at a free index of the own table; returns its id, 0 when memory is exhausted.
    pub fn insert_new(&mut self, flags: u32, data: *mut c_void) -> u32 {
        let (own, base) = if self.side == 0 {
            (&mut self.client_entries, 0)
        } else {
            (&mut self.server_entries, SERVER_START)
        };
        let head = self.free_list as usize >> 1;
        let index = match get(own, head).filter(|_| self.free_list != 0) {
            Some(next) => {
                set(own, head, word(flags, data));
                self.free_list = next as u32;
                head
            }
            None => {
                if !push(own, word(flags, data)) {
                    return 0;
                }
                length(own) - 1
            }
        };
        base + index as u32
    }

    /// Stores `data` at an id that exists or is the next of its table.
    pub fn insert_at(&mut self, flags: u32, id: u32, data: *mut c_void) -> bool {
        let (entries, index) = self.table(id);
        if index > length(entries) {
            return false;
        }
        if index == length(entries) {
            return push(entries, word(flags, data));
        }
        set(entries, index, word(flags, data));
        true
    }

    /// Makes sure that an id of the other side is free and has a place.
    pub fn reserve_new(&mut self, id: u32) -> bool {
        if self.is_own(id) {
            return false;
        }
        let (entries, index) = self.table(id);
        match get(entries, index) {
            Some(word) => word == 0,
            None => index == length(entries) && push(entries, 0),
        }
    }

    /// Frees an id of the own side.
    pub fn remove(&mut self, id: u32) {
        if !self.is_own(id) {
            return;
        }
        let head = self.free_list;
        let (entries, index) = self.table(id);
        if index < length(entries) {
            set(entries, index, head as usize);
            self.free_list = (index as u32) << 1 | 1;
        }
    }

    fn live(&mut self, id: u32) -> Option<usize> {
        let (entries, index) = self.table(id);
        get(entries, index).filter(|word| word & 1 == 0)
    }

    /// The data stored at an id, or NULL.
    pub fn lookup(&mut self, id: u32) -> *mut c_void {
        self.live(id).map_or(ptr::null_mut(), |word| ptr::with_exposed_provenance_mut(word & !3))
    }

    /// The flag stored at an id, or 0.
    pub fn lookup_flags(&mut self, id: u32) -> u32 {
        self.live(id).map_or(0, |word| (word >> 1 & 1) as u32)
    }

    /// The live entry at an index of one of the tables, for walking them.
    pub fn element(&self, server: bool, index: usize) -> Option<Option<*mut c_void>> {
        let entries = if server { &self.server_entries } else { &self.client_entries };
        let word = get(entries, index)?;
        let live = word & 1 == 0 && word & !3 != 0;
        Some(live.then(|| ptr::with_exposed_provenance_mut(word & !3)))
    }
}
