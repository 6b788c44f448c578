//! Who leads: one thread waits for events and does what they ask, the program's quick functions included. When one
//! of those turns out to be slow, a deputy takes the lead over, and the leader finds itself an ordinary worker when
//! the function returns. So no function of the program delays others for longer than the deputy's patience, and a
//! quick call wakes nobody.
//!
//! The lead is one number. Odd: the leader is inside the program's code. Entering and leaving add one each, so a
//! deputy that saw the same odd number twice has seen one function run all the while.

use super::sync::{AtomicU64, Ordering};

/// The lead.
#[derive(Debug)]
pub struct Lead {
    count: AtomicU64,
}

/// What a leader knows: the number it left behind.
#[derive(Debug)]
pub struct Leader {
    count: u64,
}

impl Lead {
    /// The lead, and its first leader.
    pub fn new() -> (Self, Leader) {
        (Self { count: AtomicU64::new(0) }, Leader { count: 0 })
    }

    /// The number now.
    pub fn look(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    /// Whether that number says that the leader is inside the program's code.
    pub fn is_outside(count: u64) -> bool {
        count % 2 == 1
    }

    /// The leader enters the program's code.
    pub fn enter(&self, leader: &mut Leader) {
        leader.count += 1;
        self.count.store(leader.count, Ordering::Release);
    }

    /// The program's code has returned. False when the lead was lost meanwhile.
    #[must_use]
    pub fn leave(&self, leader: &mut Leader) -> bool {
        let next = leader.count + 1;
        let kept =
            self.count.compare_exchange(leader.count, next, Ordering::AcqRel, Ordering::Acquire).is_ok();
        leader.count = next;
        kept
    }

    /// Whether somebody who was the leader still is.
    pub fn is_led_by(&self, leader: &Leader) -> bool {
        self.count.load(Ordering::Acquire) == leader.count
    }

    /// Takes the lead from a leader that is still inside the code it was seen in.
    pub fn take_over(&self, seen: u64) -> Option<Leader> {
        // Two more than the old leader leaves behind: what it tries when it comes back then fails for ever.
        let next = seen + 3;
        if !Self::is_outside(seen) {
            return None;
        }
        self.count
            .compare_exchange(seen, next, Ordering::AcqRel, Ordering::Acquire)
            .ok()
            .map(|_| Leader { count: next })
    }
}
