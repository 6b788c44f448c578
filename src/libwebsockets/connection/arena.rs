//! Where connections live.
//!
//! C programs hold a connection by its address, sometimes longer than it lives. So a slot's memory stays a slot until
//! the context goes: what a stale handle finds is a vacant slot or, much later, another connection, never foreign
//! memory. A [`Ticket`] tells the connections of one slot apart.

use super::{Connection, Phase};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

/// Slots made at once.
const CHUNK: usize = 32;

/// Slots that stay vacant, after a connection ended, before the first of them is used again.
const QUARANTINE: usize = 256;

/// Which connection of a slot is meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ticket(pub u32);

/// All slots of a context.
#[derive(Default)]
pub struct Arena {
    chunks: RefCell<Vec<Box<[Connection]>>>,
    /// Never used.
    fresh: RefCell<Vec<*const Connection>>,
    /// Used before, longest vacant first.
    vacant: RefCell<VecDeque<*const Connection>>,
    occupied: Cell<usize>,
}

impl Arena {
    /// How many slots are occupied.
    pub fn occupied(&self) -> usize {
        self.occupied.get()
    }

    /// A vacant slot, counted as occupied from now on; `None` when memory is exhausted.
    pub fn take(&self) -> Option<*const Connection> {
        let slot = self.vacant_slot().or_else(|| self.fresh_slot())?;
        self.occupied.set(self.occupied.get() + 1);
        Some(slot)
    }

    /// Takes a slot back.
    pub fn give(&self, slot: *const Connection) {
        self.occupied.set(self.occupied.get() - 1);
        self.vacant.borrow_mut().push_back(slot);
    }

    /// The occupied slots at this moment.
    pub fn snapshot(&self) -> Vec<*const Connection> {
        let chunks = self.chunks.borrow();
        let slots = chunks.iter().flat_map(|chunk| chunk.iter());
        slots.filter(|slot| slot.phase() != Phase::Vacant).map(std::ptr::from_ref).collect()
    }

    fn vacant_slot(&self) -> Option<*const Connection> {
        let mut vacant = self.vacant.borrow_mut();
        // While there are few connections, handles of those that ended stay recognisable for long.
        if vacant.len() > QUARANTINE { vacant.pop_front() } else { None }
    }

    fn fresh_slot(&self) -> Option<*const Connection> {
        let mut fresh = self.fresh.borrow_mut();
        if fresh.is_empty() {
            let mut chunk = Vec::new();
            chunk.try_reserve_exact(CHUNK).ok()?;
            chunk.resize_with(CHUNK, Connection::vacant);
            let chunk = chunk.into_boxed_slice();
            fresh.try_reserve(CHUNK).ok()?;
            fresh.extend(chunk.iter().rev().map(std::ptr::from_ref));
            self.chunks.borrow_mut().push(chunk);
        }
        fresh.pop()
    }
}
