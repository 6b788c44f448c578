//! One direction of a bytestream, and both of a protocol: what became of them.

use super::super::error::{Error, Result};
use std::cell::Cell;

/// What became of a direction.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// In use.
    Open,
    /// Ended in order.
    Done,
    /// Failed, in the middle of something perhaps.
    Broken,
}

/// A direction of a bytestream: one coroutine at a time uses it, and a failure is its end.
#[derive(Debug)]
pub struct Half {
    side: Cell<Side>,
    used: Cell<bool>,
}

impl Half {
    /// In use by nobody yet.
    pub const fn new() -> Self {
        Self { side: Cell::new(Side::Open), used: Cell::new(false) }
    }

    /// What became of it.
    #[inline]
    pub fn side(&self) -> Side {
        self.side.get()
    }

    /// It ends.
    pub fn end(&self, side: Side) {
        self.side.set(side);
    }

    /// It ends by an error that was met when receiving.
    pub fn end_by(&self, error: Error) {
        self.end(if error == Error::Closed { Side::Done } else { Side::Broken });
    }

    /// Whether another coroutine uses it at present.
    #[inline]
    pub fn is_used(&self) -> bool {
        self.used.get()
    }

    /// Whether there is any use in trying.
    ///
    /// # Errors
    /// `EPIPE` after an orderly end, `ECONNRESET` after a failure.
    #[inline]
    pub fn check_side(&self) -> Result<()> {
        match self.side.get() {
            Side::Open => Ok(()),
            Side::Done => Err(Error::Closed),
            Side::Broken => Err(Error::Reset),
        }
    }

    /// The same, for who is going to use it.
    ///
    /// # Errors
    /// `EBUSY` while another coroutine does, and those of [`Half::check_side`].
    #[inline]
    pub fn check(&self) -> Result<()> {
        if self.used.get() { Err(Error::Busy) } else { self.check_side() }
    }

    /// Does something that may wait. Nobody else may use this direction meanwhile.
    #[inline]
    pub fn alone<T>(&self, action: impl FnOnce() -> T) -> T {
        self.used.set(true);
        let outcome = action();
        self.used.set(false);
        outcome
    }

    /// Does something that may wait with the direction in which bytes are received. A failure ends it: then `forget` is
    /// called.
    #[inline]
    pub fn receive<T>(&self, action: impl FnOnce() -> Result<T>, forget: impl FnOnce()) -> Result<T> {
        self.check()?;
        let outcome = self.alone(action);
        if let Err(error) = outcome {
            self.end_by(error);
            forget();
        }
        outcome
    }

    /// Does something that may wait with the direction in which bytes are sent. A failure ends it.
    #[inline]
    pub fn send<T>(&self, action: impl FnOnce() -> Result<T>) -> Result<T> {
        self.check()?;
        let outcome = self.alone(action);
        if outcome.is_err() {
            self.end(Side::Broken);
        }
        outcome
    }
}

/// Ends a bytestream in order: `done` tells the peer, and `drain` discards what still comes, and says how that ended.
///
/// # Errors
/// `ECONNRESET` when a direction is broken, and those of both actions.
pub fn finish(
    inbound: &Half,
    outbound: &Half,
    done: impl FnOnce() -> Result<()>,
    drain: impl FnOnce() -> Error,
) -> Result<()> {
    if inbound.side() == Side::Broken || outbound.side() == Side::Broken {
        return Err(Error::Reset);
    }
    if outbound.side() == Side::Open {
        done()?;
    }
    if inbound.side() == Side::Open {
        match drain() {
            Error::Closed => {}
            error => return Err(error),
        }
    }
    Ok(())
}

/// Whether the directions of a protocol for messages are sound: a failure within a message leaves nothing to go on with.
#[derive(Debug)]
pub struct Soundness {
    inbound_broken: Cell<bool>,
    outbound_broken: Cell<bool>,
}

impl Soundness {
    /// Both are.
    pub const fn new() -> Self {
        Self { inbound_broken: Cell::new(false), outbound_broken: Cell::new(false) }
    }

    /// Receives, unless that failed before.
    ///
    /// # Errors
    /// `ECONNRESET`, and those of the action.
    pub fn receive<T>(&self, action: impl FnOnce() -> Result<T>) -> Result<T> {
        within(&self.inbound_broken, action)
    }

    /// Sends, unless that failed before.
    ///
    /// # Errors
    /// `ECONNRESET`, and those of the action.
    pub fn send<T>(&self, action: impl FnOnce() -> Result<T>) -> Result<T> {
        within(&self.outbound_broken, action)
    }

    /// Whether sending is still possible.
    ///
    /// # Errors
    /// `ECONNRESET`.
    pub fn check_outbound(&self) -> Result<()> {
        sound(&self.outbound_broken)
    }

    /// Whether receiving is still possible.
    ///
    /// # Errors
    /// `ECONNRESET`.
    pub fn check_inbound(&self) -> Result<()> {
        sound(&self.inbound_broken)
    }

    /// Whether both are.
    ///
    /// # Errors
    /// `ECONNRESET`.
    pub fn check(&self) -> Result<()> {
        self.check_inbound().and_then(|()| self.check_outbound())
    }
}

fn sound(broken: &Cell<bool>) -> Result<()> {
    if broken.get() { Err(Error::Reset) } else { Ok(()) }
}

/// An error breaks a direction for good, unless it only says that another coroutine uses it.
fn within<T>(broken: &Cell<bool>, action: impl FnOnce() -> Result<T>) -> Result<T> {
    sound(broken)?;
    let outcome = action();
    if outcome.as_ref().is_err_and(|error| *error != Error::Busy) {
        broken.set(true);
    }
    outcome
}
