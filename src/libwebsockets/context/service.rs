//! The loop: one wait, and then everything that is ready, once each.

use super::super::connection::Connection;
use super::super::log;
use super::super::types::{libwebsocket, libwebsocket_protocols};
use super::{Context, revisit};
use crate::net::epoll::interest;
use std::ffi::{c_int, c_short};
use std::io;
use std::mem::MaybeUninit;

/// Connections told of by one wait; others are told of by the next.
const EVENTS: usize = 256;

/// The number of the bell in the kernel's set.
pub const BELL: u64 = u64::MAX;

/// `poll`'s bits as those of the kernel's set, which have the same values but a wider type.
fn of_poll(events: c_short) -> u32 {
    u32::from(events as u16)
}

impl Context {
    /// Waits until something happens, for `timeout` milliseconds at most, and serves it.
    ///
    /// # Errors
    /// The system's: a signal came. `errno` says so, too.
    pub fn service(&self, timeout: c_int) -> io::Result<()> {
        self.serve_here();
        self.serving_in.set(self.serial.get());
        self.own_loop.set(true);
        self.round.set(self.round.get() + 1);
        let rung = self.heed_notes();
        // What callbacks of this round ask for comes in the next one.
        let waiting = self.ready.borrow().len();
        // Output before input, as the original did it on each connection, and before the wait, which then tells of what
        // peers have said to it, too.
        self.serve_ready(waiting);
        if self.is_doomed() {
            return Ok(());
        }
        let timeout = if waiting > 0 || rung { 0 } else { self.patience(timeout) };
        let mut room = [const { MaybeUninit::uninit() }; EVENTS];
        let events = self.epoll.wait(&mut room, timeout);
        // Before anything else: signals may end every wait.
        self.run_timers();
        for event in events? {
            if self.is_doomed() {
                return Ok(());
            }
            let (number, happened) = ({ event.u64 }, { event.events });
            if number == BELL {
                self.wake.silence();
                self.heed_all_notes();
            } else if let Some(connection) = self.by_number(number) {
                connection.serve(happened);
            }
        }
        self.resume_all();
        Ok(())
    }

    /// Serves the first `count` connections that wait to be.
    fn serve_ready(&self, count: usize) {
        for _ in 0..count {
            let Some(entry) = self.ready.borrow_mut().pop_front() else { break };
            if self.is_doomed() {
                return;
            }
            if let Some(connection) = revisit(entry) {
                connection.queued.set(false);
                connection.serve_ready();
            }
        }
    }

    /// Serves a descriptor for the program's own poll loop; NULL only does what time asks for.
    ///
    /// It is read, and POLLOUT is taken out of its events, before anything calls the program, because then the program's
    /// array may move.
    ///
    /// # Safety
    /// NULL, or valid until a callback runs.
    pub unsafe fn service_poll(&self, poll: *mut libc::pollfd) {
        self.serve_here();
        self.serving_in.set(self.serial.get());
        // SAFETY: as promised by the caller.
        let Some((fd, happened)) = (unsafe { poll.as_ref() }).map(|poll| (poll.fd, poll.revents)) else {
            self.heed_notes();
            self.run_timers();
            self.resume_all();
            return;
        };
        let served =
            happened & libc::POLLOUT != 0 && self.by_fd(fd).is_some_and(Connection::will_serve_writing);
        if served {
            // SAFETY: as promised by the caller; nothing has been called.
            unsafe { (*poll).events &= !libc::POLLOUT };
        }
        self.heed_notes();
        self.run_timers();
        if self.is_doomed() {
            return;
        }
        if let Some(connection) = self.by_fd(fd) {
            connection.serve(of_poll(happened));
        } else if fd > 11 {
            log::err(format_args!("unexpected NULL wsi fd={fd} fds_count={}\n", self.connections()));
        }
        self.resume_all();
    }

    /// Processes input that was held back and is to be processed now.
    pub fn resume_all(&self) {
        // As many as there are now: a program that holds and releases in turn must not keep us here.
        let count = self.resumed.borrow().len();
        for _ in 0..count {
            let Some(entry) = self.resumed.borrow_mut().pop_front() else { break };
            if self.is_doomed() {
                return;
            }
            if let Some(connection) = revisit(entry) {
                connection.serve_stash();
            }
        }
    }

    /// Lets a connection's input that was held back be processed: before the program's call returns, if there is one
    /// of those that serve in progress, otherwise in the loop's next round. A loop of the program's own is made to have
    /// one.
    pub fn resume(&self, connection: &Connection) {
        self.resumed.borrow_mut().push_back(super::with_ticket(connection));
        if self.own_loop.get() {
            self.make_ready(connection);
        } else if self.serving_in.get() != self.serial.get() && !connection.tells_write() {
            connection.tell_write_wanted();
        }
    }

    /// Whether the calling thread is not the one that serves.
    pub fn is_elsewhere(&self) -> bool {
        self.wake.is_elsewhere()
    }

    /// Ends the loop's wait. From any thread.
    pub fn ring(&self) {
        self.wake.ring();
    }

    /// Asks for a writeable callback from another thread than the one that serves, or from a handler that has interrupted
    /// the library.
    ///
    /// # Safety
    /// A connection of this context.
    pub unsafe fn leave_note(&self, connection: *mut libwebsocket) {
        // SAFETY: a slot, of which only what is atomic is looked at.
        unsafe { self.wake.leave_note(connection.cast()) };
    }

    /// As [`Context::leave_note`], for every connection of a protocol.
    pub fn leave_note_for_all(&self, protocol: *const libwebsocket_protocols) {
        if let Some(protocol) = self.protocols.index_of(protocol) {
            self.wake.leave_note_for_all(protocol);
        }
    }

    /// Does what other threads and handlers asked for. Returns whether one rang.
    #[inline]
    fn heed_notes(&self) -> bool {
        if !self.wake.answer() {
            return false;
        }
        self.heed_all_notes();
        true
    }

    fn heed_all_notes(&self) {
        self.wake.collect_notes();
        while let Some(note) = self.wake.take_note() {
            if let Some(connection) = revisit(note) {
                connection.ask_to_write();
            }
        }
        for protocol in self.wake.take_notes_for_all() {
            self.ask_all(self.protocols.entry(protocol));
        }
    }

    /// Lets the kernel's set tell of the bell.
    ///
    /// # Errors
    /// The system's.
    pub fn hang_bell(&self) -> std::io::Result<()> {
        self.epoll.add(self.wake.descriptor(), interest::READ, BELL)
    }
}
