//! The program's table of protocols, and the connections that each has.
//!
//! The table is the program's: it may change names and sizes at any time, so nothing of it is remembered but where it
//! is and how long it was.

use super::super::connection::Connection;
use super::super::types::{libwebsocket_context, libwebsocket_protocols};
use super::{Context, with_ticket};
use std::cell::RefCell;
use std::ffi::{CStr, c_int};

/// A table of protocols.
pub struct Table {
    entries: *mut libwebsocket_protocols,
    count: usize,
    /// The connections of each entry.
    peers: RefCell<Vec<Vec<*const Connection>>>,
}

impl Table {
    /// Counts the entries.
    ///
    /// # Safety
    /// `entries` ends with an entry without callback, and outlives the context.
    pub unsafe fn new(entries: *mut libwebsocket_protocols) -> Self {
        let mut count = 0;
        // SAFETY: as promised by the caller; the walk ends at the last entry.
        while unsafe { (*entries.add(count)).callback }.is_some() {
            count += 1;
        }
        Self { entries, count, peers: RefCell::new(vec![Vec::new(); count]) }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// An entry.
    pub fn entry(&self, index: usize) -> *mut libwebsocket_protocols {
        debug_assert!(index < self.count.max(1));
        // SAFETY: within the table.
        unsafe { self.entries.add(index) }
    }

    /// The first entry, which gets what belongs to no other.
    #[inline]
    pub fn first(&self) -> *mut libwebsocket_protocols {
        self.entries
    }

    /// Writes what the library writes into an entry.
    pub fn claim(&self, index: usize, context: *mut libwebsocket_context) {
        let entry = self.entry(index);
        // SAFETY: within the table, which the program lets the library write.
        unsafe {
            (*entry).owning_server = context;
            (*entry).protocol_index = index as c_int;
        }
    }

    /// Takes back what [`Table::claim`] wrote, unless another context has claimed the entry since: a program that asks for
    /// all connections of a protocol when there are none any more is not led to what was freed.
    pub fn disclaim(&self, index: usize, context: *mut libwebsocket_context) {
        let entry = self.entry(index);
        // SAFETY: as for `claim`.
        unsafe {
            if std::ptr::eq((*entry).owning_server, context) {
                (*entry).owning_server = std::ptr::null_mut();
            }
        }
    }

    /// The entry of this name.
    pub fn named(&self, name: &[u8]) -> Option<*mut libwebsocket_protocols> {
        self.find(|own| own.is_some_and(|own| own.to_bytes() == name))
    }

    /// The first entry whose name passes; NULL is no name.
    pub fn find(&self, passes: impl Fn(Option<&CStr>) -> bool) -> Option<*mut libwebsocket_protocols> {
        (0..self.count).map(|index| self.entry(index)).find(|entry| {
            // SAFETY: within the table; names are NULL or strings.
            passes(unsafe { crate::ffi::cstr::borrow((**entry).name) })
        })
    }

    /// Which entry of the table it is.
    pub fn index_of(&self, entry: *const libwebsocket_protocols) -> Option<usize> {
        (0..self.count).find(|index| std::ptr::eq(self.entry(*index), entry))
    }
}

impl Context {
    /// Counts a connection among those of its protocol.
    pub fn join_protocol(&self, connection: &Connection) {
        let Some(index) = self.protocols.index_of(connection.protocol()) else { return };
        let mut peers = self.protocols.peers.borrow_mut();
        connection.peer_position.set(peers[index].len());
        peers[index].push(connection);
    }

    /// Counts it there no more.
    pub fn leave_protocol(&self, connection: &Connection) {
        let position = connection.peer_position.replace(usize::MAX);
        let Some(index) = self.protocols.index_of(connection.protocol()) else { return };
        let mut peers = self.protocols.peers.borrow_mut();
        if position >= peers[index].len() {
            return;
        }
        peers[index].swap_remove(position);
        if let Some(moved) = peers[index].get(position) {
            // SAFETY: slots live as long as their context.
            unsafe { (**moved).peer_position.set(position) };
        }
    }

    /// The connections of a protocol at this moment.
    pub fn peers(&self, index: usize) -> Vec<(*const Connection, u32)> {
        self.protocols.peers.borrow()[index].iter().map(|connection| with_ticket(*connection)).collect()
    }

    /// Asks for a writeable callback of each connection of a protocol. Takes no memory, because handlers of signals do this,
    /// which may have interrupted the allocator.
    pub fn ask_all(&self, entry: *const libwebsocket_protocols) {
        let Some(index) = self.protocols.index_of(entry) else { return };
        let peers = &self.protocols.peers;
        for peer in &peers.borrow()[index] {
            // SAFETY: slots live as long as their context.
            unsafe { (**peer).due.set(true) };
        }
        let mut at = 0;
        loop {
            let next = peers.borrow()[index].iter().enumerate().skip(at).find_map(|(at, peer)| {
                // SAFETY: as above.
                let peer = unsafe { &**peer };
                peer.due.replace(false).then_some((at, peer))
            });
            match next {
                Some((next, peer)) => {
                    at = next;
                    // One that is being taken apart is none any more.
                    if peer.is(peer.ticket()) {
                        peer.ask_to_write();
                    }
                }
                None if at == 0 => break,
                // Callbacks may have ended some, and others have taken their places.
                None => at = 0,
            }
        }
    }

    /// Does something with each connection of a protocol that is still there when its turn comes.
    pub fn for_each_peer(&self, entry: *const libwebsocket_protocols, mut body: impl FnMut(&Connection)) {
        let Some(index) = self.protocols.index_of(entry) else { return };
        let peers = self.peers(index);
        for peer in &peers {
            if let Some(connection) = super::revisit(*peer) {
                body(connection);
            }
        }
    }
}
