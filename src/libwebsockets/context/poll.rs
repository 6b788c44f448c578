//! Which connections there are, and which of their descriptors are waited for: by the kernel's set, and by the
//! program's own poll loop, which is told by callbacks.

use super::super::connection::{Connection, Phase, Ticket};
use super::super::log;
use super::Context;
use std::ffi::c_int;
use std::io;

impl Context {
    /// A new connection, known to nobody yet; `None` when memory is exhausted.
    pub fn new_connection(&self, phase: Phase, fd: c_int) -> Option<&Connection> {
        let slot = self.arena.take()?;
        if !self.reserve_ready() {
            self.arena.give(slot);
            return None;
        }
        // SAFETY: slots live as long as their context.
        let connection = unsafe { &*slot };
        connection.occupy(self, phase, fd);
        Some(connection)
    }

    /// The slot of a connection that has ended.
    pub fn give_back(&self, connection: &Connection) {
        self.arena.give(connection);
    }

    /// How many connections there are, those without a descriptor included.
    pub fn connections(&self) -> usize {
        self.arena.occupied()
    }

    /// The number by which the kernel's set knows a connection.
    pub fn number(connection: &Connection) -> u64 {
        u64::from(connection.ticket().0) << 32 | u64::from(connection.fd() as u32)
    }

    /// The connection behind a number of the kernel's set, if it is still there.
    #[inline]
    pub fn by_number(&self, number: u64) -> Option<&Connection> {
        self.by_fd(number as u32 as c_int).filter(|connection| connection.is(Ticket((number >> 32) as u32)))
    }

    /// The connection of a descriptor.
    #[inline]
    pub fn by_fd(&self, fd: c_int) -> Option<&Connection> {
        let pointer = self.by_fd.borrow().get(usize::try_from(fd).ok()?).copied()?;
        // SAFETY: NULL or a slot, which lives as long as its context.
        unsafe { pointer.as_ref() }
    }

    /// Enters a connection into the tables and the kernel's set, waiting for `interest`.
    ///
    /// # Errors
    /// The system's; the connection is then in no table.
    pub fn insert(&self, connection: &Connection, interest: u32) -> io::Result<()> {
        let fd = connection.fd();
        let index = usize::try_from(fd).map_err(|_| io::Error::from_raw_os_error(libc::EBADF))?;
        self.epoll.add(fd, interest, Self::number(connection))?;
        connection.set_armed(Some(interest));
        let mut by_fd = self.by_fd.borrow_mut();
        if by_fd.len() <= index {
            by_fd.resize(index + 1, std::ptr::null());
        }
        by_fd[index] = connection;
        let mut table = self.table.borrow_mut();
        connection.position.set(table.len());
        table.push(connection);
        Ok(())
    }

    /// Takes a connection out of the tables and the kernel's set.
    pub fn remove(&self, connection: &Connection) {
        let position = connection.position.replace(usize::MAX);
        if position == usize::MAX {
            return;
        }
        if connection.armed().is_some() && self.is_own() {
            // A descriptor that its program closed is not there any more.
            let _ = self.epoll.remove(connection.fd());
        }
        connection.set_armed(None);
        let fd = usize::try_from(connection.fd()).unwrap_or(usize::MAX);
        if let Some(entry) =
            self.by_fd.borrow_mut().get_mut(fd).filter(|entry| std::ptr::eq(**entry, connection))
        {
            *entry = std::ptr::null();
        }
        let mut table = self.table.borrow_mut();
        table.swap_remove(position);
        if let Some(moved) = table.get(position) {
            // SAFETY: slots live as long as their context.
            unsafe { (**moved).position.set(position) };
        }
    }

    /// Waits for `interest` on a connection, if that is not what is waited for; `None` takes it out of the kernel's
    /// set, for descriptors of which there is nothing to be told but that they have ended.
    pub fn wait_for(&self, connection: &Connection, interest: Option<u32>) {
        let result = match (connection.armed(), interest) {
            (Some(armed), Some(interest)) if armed == interest => return,
            (None, None) => return,
            (Some(_), Some(interest)) => {
                self.epoll.change(connection.fd(), interest, Self::number(connection))
            }
            (None, Some(interest)) => self.epoll.add(connection.fd(), interest, Self::number(connection)),
            (Some(_), None) => self.epoll.remove(connection.fd()),
        };
        connection.set_armed(interest);
        if let Err(error) = result {
            log::line(log::INFO, format_args!("fd {}: {error}\n", connection.fd()));
        }
    }

    /// How many entries a list of connections may have before it is looked for those that have gone.
    pub fn most_entries(&self) -> usize {
        2 * self.connections() + 64
    }

    /// Makes room for all that may wait to be served at the next call of the loop: handlers of signals ask for that, which
    /// may have interrupted the allocator.
    fn reserve_ready(&self) -> bool {
        let mut ready = self.ready.borrow_mut();
        let missing = (self.most_entries() + 1).saturating_sub(ready.len());
        ready.try_reserve(missing).is_ok()
    }

    /// Lets a connection be served at the next call of the loop, whatever the kernel says.
    pub fn make_ready(&self, connection: &Connection) {
        if !connection.queued.replace(true) {
            let mut ready = self.ready.borrow_mut();
            // A program with a loop of its own takes nothing out: what is left of connections that have gone is dropped.
            if ready.len() > self.most_entries() {
                ready.retain(|entry| super::revisit(*entry).is_some());
            }
            ready.push_back(super::with_ticket(connection));
        }
    }
}
