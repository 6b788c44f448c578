//! The loop: one wait, and then everything that is ready, once each.

use super::super::connection::Connection;
use super::{Context, revisit};
use crate::net::epoll::{NO_EVENT, interest};
use std::ffi::{c_int, c_short};

/// Connections told of by one wait; others are told of by the next.
const EVENTS: usize = 256;

/// The number of the bell in the kernel's set.
pub const BELL: u64 = u64::MAX;

/// `poll`'s bits as those of the kernel's set, which have the same values but a wider type.
fn of_poll(events: c_short) -> u32 {
    u32::from(events as u16)
}

impl Context {
    /// Waits until something happens, for `timeout` milliseconds at most, and serves it. False when the wait failed.
    pub fn service(&self, timeout: c_int) -> bool {
        self.wake.serve_here();
        self.own_loop.set(true);
        self.heed_notes();
        // What callbacks of this round ask for comes in the next one.
        let waiting = self.ready.borrow().len();
        let timeout = if waiting > 0 { 0 } else { self.patience(timeout) };
        let mut events = [NO_EVENT; EVENTS];
        let Ok(count) = self.epoll.wait(&mut events, timeout) else { return false };
        self.run_timers();
        for event in &events[..count] {
            if self.is_doomed() {
                return true;
            }
            let (number, happened) = ({ event.u64 }, { event.events });
            if number == BELL {
                self.heed_notes();
            } else if let Some(connection) = self.by_number(number) {
                connection.serve(happened);
            }
        }
        self.serve_ready(waiting);
        self.resume_all();
        true
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

    /// Serves a descriptor for the program's own poll loop; `None` only does what time asks for.
    ///
    /// Returns what is left of `events` to wait for.
    pub fn service_fd(&self, fd: Option<(c_int, c_short, c_short)>) -> c_short {
        self.wake.serve_here();
        self.heed_notes();
        self.run_timers();
        let Some((fd, mut events, happened)) = fd else {
            self.resume_all();
            return 0;
        };
        if let Some(connection) = self.by_fd(fd) {
            let ticket = connection.ticket();
            connection.serve(of_poll(happened));
            if happened & libc::POLLOUT != 0 && !(connection.is(ticket) && connection.tells_write()) {
                events &= !libc::POLLOUT;
            }
        } else if fd > 11 {
            super::log::line(super::log::ERR, format_args!("unexpected NULL wsi fd={fd}"));
        }
        self.resume_all();
        events
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
    /// of those that serve in progress, otherwise in the loop's next round, or at once when there is no loop.
    pub fn resume(&self, connection: &Connection) {
        self.resumed.borrow_mut().push_back(super::with_ticket(connection));
        if self.own_loop.get() {
            self.make_ready(connection);
        }
    }

    /// Whether the program's loop is `libwebsocket_service`.
    pub fn has_own_loop(&self) -> bool {
        self.own_loop.get()
    }

    /// Whether the calling thread is not the one that serves.
    pub fn is_elsewhere(&self) -> bool {
        self.wake.is_elsewhere()
    }

    /// Ends the loop's wait. From any thread.
    pub fn ring(&self) {
        self.wake.ring();
    }

    /// Asks for a writeable callback from another thread than the one that serves.
    pub fn leave_note(&self, connection: &Connection) {
        self.wake.leave_note(connection);
    }

    /// Does what other threads asked for.
    #[inline]
    fn heed_notes(&self) {
        if !self.wake.answer() {
            return;
        }
        for (address, ticket) in self.wake.take_notes() {
            if let Some(connection) = revisit((address as *const Connection, ticket)) {
                connection.asked.store(false, std::sync::atomic::Ordering::Release);
                connection.ask_to_write();
            }
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
