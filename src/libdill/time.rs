//! The clock: milliseconds of the monotonic clock.

use std::cell::Cell;

/// Reads cost as much as a channel message where a reading this many cycles old will do: a twentieth of a millisecond
/// at 2 GHz.
#[cfg(target_arch = "x86_64")]
const FRESH_CYCLES: u64 = 100_000;

/// The clock's last reading.
#[derive(Debug, Default)]
pub struct Clock {
    milliseconds: Cell<i64>,
    nanoseconds: Cell<i64>,
    #[cfg(target_arch = "x86_64")]
    cycles: Cell<u64>,
}

impl Clock {
    /// The time in milliseconds, off by a fraction of one at most.
    #[inline]
    pub fn now(&self) -> i64 {
        if !self.is_fresh() {
            self.read_nanoseconds();
        }
        self.last()
    }

    /// The same in nanoseconds.
    #[inline]
    pub fn now_nanoseconds(&self) -> i64 {
        if self.is_fresh() { self.nanoseconds.get() } else { self.read_nanoseconds() }
    }

    #[inline]
    fn is_fresh(&self) -> bool {
        #[cfg(target_arch = "x86_64")]
        return cycle_counter().wrapping_sub(self.cycles.get()) < FRESH_CYCLES;
        #[cfg(not(target_arch = "x86_64"))]
        return false;
    }

    /// The last reading, in milliseconds.
    #[inline]
    pub fn last(&self) -> i64 {
        self.milliseconds.get()
    }

    /// The time in milliseconds, read just now.
    pub fn read(&self) -> i64 {
        self.read_nanoseconds();
        self.last()
    }

    /// The same in nanoseconds.
    pub fn read_nanoseconds(&self) -> i64 {
        #[cfg(target_arch = "x86_64")]
        self.cycles.set(cycle_counter());
        let time = nanoseconds();
        self.nanoseconds.set(time);
        self.milliseconds.set(time / 1_000_000);
        time
    }
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn cycle_counter() -> u64 {
    // SAFETY: every x86-64 processor has it.
    unsafe { std::arch::x86_64::_rdtsc() }
}

/// The monotonic clock in nanoseconds.
pub fn nanoseconds() -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: room for a timespec. The monotonic clock cannot fail.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// The time in milliseconds, as deadlines are given.
#[inline]
pub fn now() -> i64 {
    super::thread::scheduler().clock.now()
}
