//! The socket below a protocol: its handle belongs to the protocol.

use super::super::error::{Error, Result};
use super::super::handle::{self, Kind};
use super::object::{Ref, Socket};
use std::cell::Cell;
use std::ffi::c_int;

/// What is left when the handle was given away or closed.
const NONE: c_int = -1;

/// A handle that nobody else knows. Dropping it closes it.
#[derive(Debug)]
pub struct Lower(Cell<c_int>);

impl Lower {
    /// The handle.
    pub fn handle(&self) -> c_int {
        self.0.get()
    }

    /// Gives the handle away.
    pub fn give(&self) -> c_int {
        self.0.replace(NONE)
    }

    /// Closes it.
    pub fn close(&self) {
        let h = self.give();
        if h != NONE {
            // A program that guessed the number may have closed it.
            let _ = handle::close(h);
        }
    }
}

impl Drop for Lower {
    fn drop(&mut self) {
        self.close();
    }
}

/// Puts a protocol on a socket, which belongs to the protocol from now on, and is closed when that fails.
///
/// `arguments` says whether they are valid. The socket has to have the interface `kind`; if not the error is `unsuited`.
///
/// # Errors
/// Those, `EBADF`, `ECANCELED`, `ENOMEM`.
pub fn attach<T: Socket>(
    s: c_int,
    arguments: Result<()>,
    kind: Kind,
    unsuited: Error,
    make: impl FnOnce(Lower) -> Result<T>,
) -> Result<c_int> {
    let lower = take(s, arguments, kind, unsuited)?;
    Ref::new(make(lower)?)?.into_handle()
}

/// Makes a socket ours, or closes it: the first half of [`attach`].
///
/// # Errors
/// As [`attach`].
pub fn take(s: c_int, arguments: Result<()>, kind: Kind, unsuited: Error) -> Result<Lower> {
    let suited = arguments.and_then(|()| match handle::query(s, kind) {
        Ok(_) => Ok(()),
        Err(Error::NotSupported) => Err(unsuited),
        Err(error) => Err(error),
    });
    if let Err(error) = suited {
        // A handle that is not one is what was to be told.
        let _ = handle::close(s);
        return Err(error);
    }
    handle::own(s).map(|h| Lower(Cell::new(h)))
}

/// Takes a protocol off its socket and returns the socket's handle, after `end` has ended the protocol, for which it may
/// wait. The protocol's own handle is closed, and if that failed everything else, too.
///
/// # Errors
/// That failure; `ECONNRESET` when somebody else has closed it meanwhile.
pub fn detach(h: c_int, lower: &Lower, end: impl FnOnce() -> Result<()>) -> Result<c_int> {
    let held = handle::hold(h)?;
    let below = end().map(|()| lower.give());
    held.close();
    match below? {
        NONE => Err(Error::Reset),
        below => Ok(below),
    }
}

/// Closes a handle with all that is below, and passes an error on.
pub fn close_with<T>(h: c_int, error: Error) -> Result<T> {
    // Bad handles are not an error of closing here.
    let _ = handle::close(h);
    Err(error)
}
