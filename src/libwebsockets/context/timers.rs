//! Deadlines of connections, and what happens once a second.
//!
//! Only handshakes and closing connections have deadlines, so a heap with an entry for each that had one is small.
//! Entries are not removed when a deadline moves: what they lead to is looked at when their time has come, or when there
//! are many of them.

use super::super::connection::Connection;
use super::super::log;
use super::{Context, revisit, with_ticket};
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// When, and which connection.
type Entry = Reverse<(u64, *const Connection, u32)>;

/// The deadlines of a context.
#[derive(Default)]
pub struct Timers {
    heap: RefCell<BinaryHeap<Entry>>,
    /// The second in which the once-a-second work was done last.
    second: Cell<u64>,
}

/// Milliseconds of a clock that never goes back.
pub fn now() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: room for what it writes. Its few milliseconds of error do not matter to deadlines in seconds.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC_COARSE, &raw mut time) };
    time.tv_sec as u64 * 1000 + time.tv_nsec as u64 / 1_000_000
}

impl Context {
    /// Gives a connection until `seconds` from now; `None` for ever.
    pub fn set_deadline(&self, connection: &Connection, seconds: Option<u64>) {
        let Some(seconds) = seconds else {
            connection.deadline.set(0);
            return;
        };
        let deadline = now().saturating_add(seconds.saturating_mul(1000)).max(1);
        connection.deadline.set(deadline);
        let pending = connection.timer.get();
        if pending == 0 || deadline < pending {
            connection.timer.set(deadline);
            let (pointer, ticket) = with_ticket(connection);
            let mut heap = self.timers.heap.borrow_mut();
            // Connections that have gone would be kept in mind for as long as they were given.
            if heap.len() > self.most_entries() {
                heap.retain(|Reverse((time, pointer, ticket))| {
                    revisit((*pointer, *ticket)).is_some_and(|connection| connection.timer.get() == *time)
                });
            }
            heap.push(Reverse((deadline, pointer, ticket)));
        }
    }

    /// How long to wait at most, in milliseconds, when the program would wait for `wanted`.
    pub fn patience(&self, wanted: i32) -> i32 {
        let mut next = self.timers.heap.borrow().peek().map(|Reverse((deadline, ..))| *deadline);
        if self.has_seconds() {
            let second = (self.timers.second.get() + 1) * 1000;
            next = Some(next.map_or(second, |next| next.min(second)));
        }
        let Some(next) = next else { return wanted };
        // The coarse clock is behind: without the extra step the loop would spin through its last tick.
        let left = i32::try_from(next.saturating_sub(now()).saturating_add(4)).unwrap_or(i32::MAX);
        if wanted < 0 { left } else { wanted.min(left) }
    }

    /// Closes what is past its deadline, and does what is due once a second.
    pub fn run_timers(&self) {
        let now = now();
        while !self.is_doomed() {
            let due = {
                let mut heap = self.timers.heap.borrow_mut();
                match heap.peek() {
                    Some(Reverse((deadline, ..))) if *deadline <= now => heap.pop(),
                    _ => None,
                }
            };
            let Some(Reverse((time, pointer, ticket))) = due else { break };
            let Some(connection) = revisit((pointer, ticket)) else { continue };
            if connection.timer.get() == time {
                connection.timer.set(0);
            }
            match connection.deadline.get() {
                0 => {}
                deadline if deadline <= now => {
                    connection.deadline.set(0);
                    connection.expire();
                }
                deadline if connection.timer.get() == 0 => {
                    connection.timer.set(deadline);
                    self.timers.heap.borrow_mut().push(Reverse((deadline, pointer, ticket)));
                }
                _ => {}
            }
        }
        let second = now / 1000;
        if self.has_seconds() && !self.is_doomed() && self.timers.second.get() != second {
            self.timers.second.set(second);
            self.every_second();
        }
    }

    fn has_seconds(&self) -> bool {
        self.ticking.get() > 0 || self.daemon != 0
    }

    fn every_second(&self) {
        // SAFETY: asks for existence only.
        if self.daemon != 0 && unsafe { libc::kill(self.daemon, 0) } < 0 {
            log::line(log::NOTICE, format_args!("daemon {} has vanished\n", self.daemon));
            // SAFETY: a signal to ourselves.
            unsafe { libc::kill(libc::getpid(), libc::SIGTERM) };
        }
        if self.ticking.get() == 0 {
            return;
        }
        // SAFETY: NULL asks for the value only.
        let seconds = unsafe { libc::time(std::ptr::null_mut()) } as usize;
        for entry in self.snapshot() {
            if let Some(connection) = revisit(entry) {
                connection.tick(seconds);
            }
        }
    }
}
