//! Times, lengths of time, and a clock that never goes back.

use super::error::{Result, Status};
use super::types::{LWMsgClock, LWMsgTime};
use crate::ffi::errno;
use std::cmp::Ordering;

const MICROSECONDS: i128 = 1_000_000;

impl LWMsgTime {
    /// The wall clock.
    pub fn now() -> Result<Self> {
        let mut now = libc::timeval { tv_sec: 0, tv_usec: 0 };
        // SAFETY: a place for the result.
        if unsafe { libc::gettimeofday(&raw mut now, std::ptr::null_mut()) } < 0 {
            return Err(Status::from_errno(errno::get()));
        }
        Ok(Self { seconds: now.tv_sec as isize, microseconds: now.tv_usec as isize })
    }

    fn total(self) -> i128 {
        self.seconds as i128 * MICROSECONDS + self.microseconds as i128
    }

    fn of_total(total: i128) -> Self {
        let limit = |value: i128| value.clamp(isize::MIN as i128, isize::MAX as i128) as isize;
        Self { seconds: limit(total / MICROSECONDS), microseconds: limit(total % MICROSECONDS) }
    }

    /// The same with both parts of one sign and less than a second of microseconds.
    pub fn normalized(self) -> Self {
        Self::of_total(self.total())
    }

    /// How long from here to there.
    pub fn until(self, to: Self) -> Self {
        Self::of_total(to.total() - self.total())
    }

    /// A time later.
    pub fn plus(self, offset: Self) -> Self {
        Self::of_total(self.total() + offset.total())
    }

    /// Which is later.
    pub fn compare(self, other: Self) -> Ordering {
        self.total().cmp(&other.total())
    }
}

impl LWMsgClock {
    /// The wall clock, as the clock has now seen it.
    pub fn wall_time(&mut self) -> Result<LWMsgTime> {
        self.monotonic_time()?;
        Ok(self.last_time)
    }

    /// Time since the first look, always later than before.
    pub fn monotonic_time(&mut self) -> Result<LWMsgTime> {
        Ok(self.monotonic_at(LWMsgTime::now()?))
    }

    fn monotonic_at(&mut self, now: LWMsgTime) -> LWMsgTime {
        let (last, adjust) = (self.last_time.total(), self.adjust.total());
        let adjust = match last {
            0 => -now.total(),
            // The clock stands still, or was set back.
            _ if now.total() <= last => adjust + (last - now.total()) + 1,
            _ => adjust,
        };
        self.last_time = now;
        self.adjust = LWMsgTime::of_total(adjust);
        LWMsgTime::of_total(now.total() + adjust)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(seconds: isize, microseconds: isize) -> LWMsgTime {
        LWMsgTime { seconds, microseconds }
    }

    #[test]
    fn sums_and_differences_have_one_sign() {
        assert_eq!(time(1, 999_999).plus(time(0, 2)), time(2, 1));
        assert_eq!(time(1, 999_999).until(time(0, 2)), time(-1, -999_997));
        assert_eq!(time(-1, 500_000).normalized(), time(0, -500_000));
        assert_eq!(time(0, isize::MAX).normalized(), time(9_223_372_036_854, 775_807));
    }

    #[test]
    fn a_clock_never_goes_back() {
        let mut clock = LWMsgClock::default();
        assert_eq!(clock.monotonic_at(time(100, 0)), time(0, 0));
        assert_eq!(clock.monotonic_at(time(100, 5)), time(0, 5));
        assert_eq!(clock.monotonic_at(time(90, 0)), time(0, 6));
        assert_eq!(clock.monotonic_at(time(90, 0)), time(0, 7));
        assert_eq!(clock.monotonic_at(time(91, 0)), time(1, 7));
    }
}
