//! Deadlines of loops that a peer can keep from waiting, and so from noticing that time has passed.

use super::super::error::{Error, Result};
use super::super::time;

/// What is still taken after a deadline, at most: what a peer may have sent before it, and not what one sends for ever.
const LATE_BYTES: usize = 8 << 20;

/// A deadline, and how much was taken after it.
#[derive(Debug)]
pub struct Patience {
    deadline: i64,
    late: usize,
}

impl Patience {
    /// At the beginning of a loop.
    pub fn new(deadline: i64) -> Self {
        Self { deadline, late: 0 }
    }

    /// Tells that so many bytes were taken.
    ///
    /// # Errors
    /// `ETIMEDOUT`.
    pub fn spend(&mut self, bytes: usize) -> Result<()> {
        if self.deadline >= 0 && time::now() >= self.deadline {
            self.late += bytes;
            if self.late > LATE_BYTES {
                return Err(Error::TimedOut);
            }
        }
        Ok(())
    }
}
