//! Handles: what one end of a session lends to the other, by number.
//!
//! The pointers that programs hold are not addresses: they name a place in a table and the moment of registration.
//! A stale one, or one of another session, names nothing any more.

use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::exchange::sync::lock;
use crate::lwmsg::types::*;
use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_void};
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

const _: () = assert!(size_of::<usize>() == 8, "a pointer has room for a place and a moment");

/// Counts registrations in the whole process; 0 is none.
static REGISTRATIONS: AtomicU32 = AtomicU32::new(1);

/// The handles of a session.
#[derive(Debug, Default)]
pub struct Handles {
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    entries: Vec<Option<Entry>>,
    free: Vec<u32>,
    by_number: HashMap<(LWMsgHandleType, u32), u32>,
    next: u32,
    /// The session has ended, and no other has begun with this table.
    over: bool,
}

#[derive(Debug)]
struct Entry {
    registration: u32,
    type_name: *const c_char,
    location: LWMsgHandleType,
    number: u32,
    valid: bool,
    references: usize,
    data: *mut c_void,
    cleanup: LWMsgHandleCleanupFunction,
}

// SAFETY: names and data are the program's, which says itself what threads may do with them.
unsafe impl Send for Entry {}

/// A cleanup function to be called, now that no lock is held.
#[derive(Debug)]
#[must_use]
pub struct Cleanup(LWMsgHandleCleanupFunction, *mut c_void);

impl Cleanup {
    /// Calls it.
    ///
    /// # Safety
    /// The function has the type it was registered with.
    pub unsafe fn run(self) {
        if let Some(cleanup) = self.0 {
            // SAFETY: as promised by the caller.
            unsafe { cleanup(self.1) }
        }
    }

    /// Calls all.
    ///
    /// # Safety
    /// As [`Self::run`].
    pub unsafe fn run_all(all: Vec<Self>) {
        for cleanup in all {
            // SAFETY: as promised by the caller.
            unsafe { cleanup.run() }
        }
    }
}

impl Table {
    fn find(&mut self, handle: *mut LWMsgHandle) -> Option<(u32, &mut Entry)> {
        let (registration, index) = ((handle as usize >> 32) as u32, handle as usize as u32);
        let entry = self.entries.get_mut(index as usize)?.as_mut()?;
        (entry.registration == registration).then_some((index, entry))
    }

    fn valid(&mut self, handle: *mut LWMsgHandle) -> Result<(u32, &mut Entry)> {
        self.find(handle).filter(|(_, entry)| entry.valid).ok_or(Status::INVALID_HANDLE)
    }

    fn insert(&mut self, mut entry: Entry) -> Result<*mut LWMsgHandle> {
        while entry.registration == 0 {
            entry.registration = REGISTRATIONS.fetch_add(1, Ordering::Relaxed);
        }
        let registration = entry.registration;
        let index = match self.free.pop() {
            Some(index) => index,
            None => {
                self.entries.try_reserve(1)?;
                let index = u32::try_from(self.entries.len()).map_err(|_| Status::RESOURCE_LIMIT)?;
                self.entries.push(None);
                index
            }
        };
        self.by_number.try_reserve(1)?;
        self.by_number.insert((entry.location, entry.number), index);
        self.entries[index as usize] = Some(entry);
        Ok(ptr::without_provenance_mut((registration as usize) << 32 | index as usize))
    }

    /// Drops a reference; at the last one the handle is gone and its cleanup is due.
    fn drop_reference(&mut self, index: u32) -> Cleanup {
        let slot = &mut self.entries[index as usize];
        if let Some(entry) = slot {
            entry.references -= 1;
            if entry.references == 0 {
                let cleanup = Cleanup(entry.cleanup, entry.data);
                let key = (entry.location, entry.number);
                *slot = None;
                self.free.push(index);
                if self.by_number.get(&key) == Some(&index) {
                    self.by_number.remove(&key);
                }
                return cleanup;
            }
        }
        Cleanup(None, ptr::null_mut())
    }
}

impl Handles {
    /// Registers a handle of this side's, with one reference.
    pub fn register_local(
        &self,
        type_name: *const c_char,
        data: *mut c_void,
        cleanup: LWMsgHandleCleanupFunction,
    ) -> Result<*mut LWMsgHandle> {
        let mut table = lock(&self.table);
        if table.by_number.len() >= u32::MAX as usize {
            return Err(Status::RESOURCE_LIMIT);
        }
        let number = loop {
            let number = table.next;
            table.next = number.wrapping_add(1);
            if !table.by_number.contains_key(&(handle_location::LOCAL, number)) {
                break number;
            }
        };
        table.insert(Entry {
            registration: 0,
            type_name,
            location: handle_location::LOCAL,
            number,
            valid: true,
            references: 1,
            data,
            cleanup,
        })
    }

    /// One more reference; nothing for a handle that is gone.
    pub fn retain(&self, handle: *mut LWMsgHandle) {
        if let Some((_, entry)) = lock(&self.table).find(handle) {
            entry.references += 1;
        }
    }

    /// One reference less; nothing for a handle that is gone.
    pub fn release(&self, handle: *mut LWMsgHandle) -> Cleanup {
        let mut table = lock(&self.table);
        match table.find(handle) {
            Some((index, _)) => table.drop_reference(index),
            None => Cleanup(None, ptr::null_mut()),
        }
    }

    /// Nobody may use the handle any more, and one reference less.
    pub fn unregister(&self, handle: *mut LWMsgHandle) -> Result<Cleanup> {
        let mut table = lock(&self.table);
        let (index, entry) = table.valid(handle)?;
        entry.valid = false;
        Ok(table.drop_reference(index))
    }

    /// The data of a handle; NULL for one of the other side's.
    pub fn data(&self, handle: *mut LWMsgHandle) -> Result<*mut c_void> {
        lock(&self.table).valid(handle).map(|(_, entry)| entry.data)
    }

    /// Which side registered it.
    pub fn location(&self, handle: *mut LWMsgHandle) -> Result<LWMsgHandleType> {
        lock(&self.table).valid(handle).map(|(_, entry)| entry.location)
    }

    /// Its type's name, its side and its number.
    pub fn to_wire(&self, handle: *mut LWMsgHandle) -> Result<(*const c_char, LWMsgHandleType, u32)> {
        lock(&self.table).valid(handle).map(|(_, entry)| (entry.type_name, entry.location, entry.number))
    }

    /// The handle of a number, with one more reference. One of the other side's is made at first sight; one of ours
    /// has to exist.
    pub fn from_wire(
        &self,
        type_name: &CStr,
        location: LWMsgHandleType,
        number: u32,
    ) -> Result<*mut LWMsgHandle> {
        let mut table = lock(&self.table);
        if let Some(index) = table.by_number.get(&(location, number)).copied() {
            let entry = table.entries[index as usize].as_mut().ok_or(Status::INTERNAL)?;
            // SAFETY: the names of registered handles are constants, or live as long as the handle.
            let same = unsafe { CStr::from_ptr(entry.type_name) } == type_name;
            if !entry.valid || !same {
                return Err(Status::INVALID_HANDLE);
            }
            entry.references += 1;
            return Ok(ptr::without_provenance_mut((entry.registration as usize) << 32 | index as usize));
        }
        if location != handle_location::REMOTE {
            return Err(Status::INVALID_HANDLE);
        }
        table.insert(Entry {
            registration: 0,
            type_name: type_name.as_ptr(),
            location,
            number,
            valid: true,
            references: 1,
            data: ptr::null_mut(),
            cleanup: None,
        })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        lock(&self.table).by_number.len()
    }

    /// The other side has forgotten them: none is valid any more, but references keep their places.
    pub fn invalidate_all(&self) -> Vec<Cleanup> {
        let mut table = lock(&self.table);
        table.by_number.clear();
        let entries = table.entries.iter_mut().flatten();
        entries
            .filter(|entry| entry.valid)
            .map(|entry| {
                entry.valid = false;
                Cleanup(entry.cleanup.take(), std::mem::replace(&mut entry.data, ptr::null_mut()))
            })
            .collect()
    }

    /// A session begins with this table.
    pub fn begin(&self) {
        lock(&self.table).over = false;
    }

    /// Whether the session that began with this table has ended.
    pub fn is_over(&self) -> bool {
        lock(&self.table).over
    }

    /// The session ends: all of them, whoever has references.
    pub fn remove_all(&self) -> Vec<Cleanup> {
        let mut table = lock(&self.table);
        table.over = true;
        table.by_number.clear();
        table.free.clear();
        let entries = std::mem::take(&mut table.entries);
        entries.into_iter().flatten().map(|entry| Cleanup(entry.cleanup, entry.data)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn register(handles: &Handles) -> *mut LWMsgHandle {
        handles.register_local(c"H".as_ptr(), ptr::dangling_mut::<u64>().cast(), None).unwrap()
    }

    #[test]
    fn numbers_begin_at_zero_and_go_on() {
        let handles = Handles::default();
        let (a, b) = (register(&handles), register(&handles));
        assert_eq!(handles.to_wire(a).unwrap().2, 0);
        assert_eq!(handles.to_wire(b).unwrap().2, 1);
    }

    #[test]
    fn a_stale_handle_is_invalid_even_when_its_place_is_used_again() {
        let (handles, other) = (Handles::default(), Handles::default());
        let stale = register(&handles);
        let _ = handles.unregister(stale).unwrap();
        assert_eq!(handles.unregister(stale).err(), Some(Status::INVALID_HANDLE));
        let fresh = register(&handles);
        assert_ne!(stale, fresh);
        assert_eq!(handles.data(stale).err(), Some(Status::INVALID_HANDLE));
        assert_eq!(handles.location(ptr::null_mut()).err(), Some(Status::INVALID_HANDLE));
        assert_eq!(other.data(fresh).err(), Some(Status::INVALID_HANDLE));
        let _ = handles.release(stale);
        assert!(handles.data(fresh).is_ok());
    }

    #[test]
    fn an_unregistered_handle_stays_invalid_on_the_wire_while_it_is_referred_to() {
        let handles = Handles::default();
        let handle = register(&handles);
        handles.retain(handle);
        let _ = handles.unregister(handle).unwrap();
        let found = handles.from_wire(c"H", handle_location::LOCAL, 0);
        assert_eq!(found.err(), Some(Status::INVALID_HANDLE));
        let _ = handles.release(handle);
        assert_eq!(handles.count(), 0);
    }

    #[test]
    fn a_handle_of_the_other_side_is_made_at_first_sight_and_ours_are_not() {
        let handles = Handles::default();
        let first = handles.from_wire(c"H", handle_location::REMOTE, 7).unwrap();
        assert_eq!(handles.from_wire(c"H", handle_location::REMOTE, 7), Ok(first));
        let other_type = handles.from_wire(c"I", handle_location::REMOTE, 7);
        assert_eq!(other_type.err(), Some(Status::INVALID_HANDLE));
        let ours = handles.from_wire(c"H", handle_location::LOCAL, 7);
        assert_eq!(ours.err(), Some(Status::INVALID_HANDLE));
        let _ = handles.release(first);
        let _ = handles.release(first);
        assert_eq!(handles.count(), 0);
    }
}
