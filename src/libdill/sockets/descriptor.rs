//! A system's socket that coroutines wait for, and that may be closed while they do.

use super::super::error::{Error, Result};
use super::super::fd;
use super::super::poll::{DescriptorClause, Direction};
use super::super::thread::scheduler;
use super::super::timers::TimerClause;
use crate::net::socket;
use std::cell::Cell;
use std::ffi::c_int;
use std::os::fd::{BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};

/// What a closed socket has instead of a number.
const CLOSED: RawFd = -1;

/// A descriptor of ours. Dropping it closes it.
#[derive(Debug)]
pub struct Descriptor(Cell<RawFd>);

impl From<OwnedFd> for Descriptor {
    fn from(descriptor: OwnedFd) -> Self {
        Self(Cell::new(descriptor.into_raw_fd()))
    }
}

impl Descriptor {
    /// Its number.
    ///
    /// # Errors
    /// `ECONNRESET`: it was closed.
    #[inline]
    pub fn number(&self) -> Result<RawFd> {
        match self.0.get() {
            CLOSED => Err(Error::Reset),
            number => Ok(number),
        }
    }

    /// The descriptor, for a call that neither waits nor closes it.
    ///
    /// # Errors
    /// `ECONNRESET`: it was closed.
    pub fn borrow(&self) -> Result<BorrowedFd<'_>> {
        // SAFETY: open, and not closed while it is borrowed, as promised to this function.
        self.number().map(|number| unsafe { BorrowedFd::borrow_raw(number) })
    }

    /// Waits until there is something to receive.
    ///
    /// # Errors
    /// Those of waiting, and `ECONNRESET` when it is closed meanwhile.
    pub fn wait_readable(&self, deadline: i64) -> Result<()> {
        fd::wait_readable(self.number()?, deadline)?;
        self.number().map(drop)
    }

    /// Waits until there may be something to receive; [`super::super::poll::Pollset::looked`] is to be told whether there was.
    ///
    /// # Errors
    /// As [`Descriptor::wait_readable`].
    pub fn wait_to_look(&self, deadline: i64) -> Result<()> {
        fd::wait_to_look(self.number()?, deadline)?;
        self.number().map(drop)
    }

    /// Waits until there is room to send.
    ///
    /// # Errors
    /// As [`Descriptor::wait_readable`].
    pub fn wait_writable(&self, deadline: i64) -> Result<()> {
        fd::wait_writable(self.number()?, deadline)?;
        self.number().map(drop)
    }

    /// Waits until there is something to receive or room to send, and says which.
    ///
    /// # Errors
    /// As [`Descriptor::wait_readable`].
    pub fn wait_either(&self, deadline: i64) -> Result<Direction> {
        const READABLE: c_int = 0;
        const WRITABLE: c_int = 1;
        const TIMER: c_int = 2;
        let (number, scheduler) = (self.number()?, scheduler());
        scheduler.can_block()?;
        let input = DescriptorClause::new(number, Direction::In);
        let output = DescriptorClause::new(number, Direction::Out);
        let timer = TimerClause::new();
        // SAFETY: new, and waited for just below; they stay where they are.
        let woken = unsafe {
            scheduler.pollset.arm(scheduler, &input, READABLE)?;
            // While somebody else waits for room, that one sends what is to be sent.
            let _ = scheduler.pollset.arm(scheduler, &output, WRITABLE);
            scheduler.arm_timer(&timer, TIMER, deadline);
            scheduler.wait().outcome(TIMER)?
        };
        self.number().map(|_| if woken == WRITABLE { Direction::Out } else { Direction::In })
    }

    /// Closes it. Those who wait for it go on with `ECONNRESET`.
    ///
    /// Unless it is closed in order, the system discards what it has not sent yet, and tells the peer.
    pub fn close(&self, in_order: bool) {
        let number = self.0.replace(CLOSED);
        if number == CLOSED {
            return;
        }
        fd::abandon(number, libc::ECONNRESET);
        // SAFETY: ours, and nobody else knows it any more.
        let descriptor = unsafe { OwnedFd::from_raw_fd(number) };
        if in_order {
            drop(descriptor);
        } else {
            socket::abort(descriptor);
        }
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        self.close(false);
    }
}
