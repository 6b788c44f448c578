//! Objects by id. Memory follows the objects that live, not those that ever did.

use super::super::object::Object;
use std::cell::Cell;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::ptr::NonNull;

/// The display, on both sides.
pub const DISPLAY_ID: u32 = 1;

/// Ids from here on are given by servers.
pub const FIRST_SERVER_ID: u32 = 0xff00_0000;

/// Spreads ids by multiplication with a number that a peer cannot know, since it chooses the ids.
#[derive(Clone, Copy)]
struct Spread(u64);

impl BuildHasher for Spread {
    type Hasher = SpreadHasher;

    fn build_hasher(&self) -> SpreadHasher {
        SpreadHasher { factor: self.0, value: 0 }
    }
}

struct SpreadHasher {
    factor: u64,
    value: u64,
}

impl Hasher for SpreadHasher {
    fn finish(&self) -> u64 {
        self.value
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32((self.value as u32) ^ u32::from(*byte));
        }
    }

    #[inline]
    fn write_u32(&mut self, id: u32) {
        let product = u128::from(self.factor) * u128::from(u64::from(id) << 16 | 1);
        self.value = (product >> 64) as u64 ^ product as u64;
    }
}

/// The live objects of a connection.
pub struct Table {
    objects: HashMap<u32, NonNull<Object>, Spread>,
    /// What was found last: messages come in runs for one object.
    last: Cell<Option<(u32, NonNull<Object>)>>,
}

impl Table {
    pub fn new() -> Self {
        let spread = Spread(RandomState::new().hash_one(0u8) | 1);
        Self { objects: HashMap::with_hasher(spread), last: Cell::new(None) }
    }

    #[inline]
    pub fn get(&self, id: u32) -> Option<NonNull<Object>> {
        match self.last.get() {
            Some((last, object)) if last == id => Some(object),
            _ => self.find(id),
        }
    }

    #[inline(never)]
    fn find(&self, id: u32) -> Option<NonNull<Object>> {
        let object = self.objects.get(&id).copied()?;
        self.last.set(Some((id, object)));
        Some(object)
    }

    /// False when memory is exhausted.
    pub fn insert(&mut self, id: u32, object: NonNull<Object>) -> bool {
        if self.objects.try_reserve(1).is_err() {
            return false;
        }
        self.last.set(None);
        self.objects.insert(id, object);
        true
    }

    /// Forgets the id, if it is still this object's.
    pub fn remove(&mut self, id: u32, object: NonNull<Object>) {
        if self.get(id) == Some(object) {
            self.objects.remove(&id);
        }
        self.last.set(None);
        if self.objects.capacity() > 1024 && self.objects.len() < self.objects.capacity() / 8 {
            self.shrink();
        }
    }

    /// Forgets all objects, and the memory with them.
    pub fn release(&mut self) {
        self.objects = HashMap::with_hasher(*self.objects.hasher());
        self.last.set(None);
    }

    /// Moves to less memory, if there is that much.
    #[cold]
    fn shrink(&mut self) {
        let mut smaller = HashMap::with_hasher(*self.objects.hasher());
        if smaller.try_reserve(self.objects.len() * 2).is_ok() {
            smaller.extend(self.objects.drain());
            self.objects = smaller;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_follows_the_objects_that_live() {
        let mut table = Table::new();
        let object = |id: u32| NonNull::new(std::ptr::without_provenance_mut(id as usize * 16)).unwrap();
        for id in 2..10_000 {
            assert!(table.insert(id, object(id)));
        }
        for id in 12..10_000 {
            table.remove(id, object(id));
        }
        assert!(table.objects.capacity() <= 2048);
        assert!((2..12).all(|id| table.get(id) == Some(object(id))));
        assert_eq!(table.get(12), None);
    }
}
