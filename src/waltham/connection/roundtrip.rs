//! Waiting until the server has handled everything sent before.

use super::super::error::Error;
use super::super::object::{self, Object};
use super::super::{capi::display, protocol};
use super::Connection;
use crate::ffi::{cancel, errno};
use std::ffi::c_int;
use std::ptr::{self, NonNull};

/// Sends a sync and dispatches until its answer has come.
///
/// # Errors
/// What ended the connection meanwhile.
pub fn roundtrip(connection: &Connection) -> Result<(), Error> {
    let Some(display) = NonNull::new(connection.display()) else { return Err(Error::System(libc::EINVAL)) };
    // SAFETY: the connection's own object.
    let callback = unsafe { protocol::wth_display_sync(Object::handle(display)) };
    let Some(callback) = NonNull::new(callback.cast::<Object>()) else {
        return Err(Error::System(libc::ENOMEM));
    };
    {
        // SAFETY: just made; only this function knows it.
        let callback = unsafe { callback.as_ref() };
        callback.handlers.set(display::roundtrip_handlers());
        callback.user_data.set(ptr::null_mut());
    }
    let callback = Callback(callback);
    wait(connection, || callback.is_done())
}

/// The object whose event ends the wait. Deleted also when an exception ends it.
struct Callback(NonNull<Object>);

impl Callback {
    fn is_done(&self) -> bool {
        // SAFETY: deleted with this value only. Its handler marks it.
        unsafe { !self.0.as_ref().user_data.get().is_null() }
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        // SAFETY: nobody else knows the object.
        unsafe { object::delete(self.0) }
    }
}

fn wait(connection: &Connection, answered: impl Fn() -> bool) -> Result<(), Error> {
    loop {
        let dispatched = connection.dispatch();
        if !connection.is_alive() {
            return Err(Error::System(libc::ECONNABORTED));
        }
        if answered() {
            return Ok(());
        }
        dispatched?;
        let writable = match connection.flush() {
            Ok(()) => 0,
            Err(Error::System(libc::EAGAIN)) => libc::POLLOUT,
            Err(error) => return Err(error),
        };
        let events = poll(connection.fd(), libc::POLLIN | writable)?;
        if events & libc::POLLIN != 0 {
            match connection.read() {
                Ok(()) | Err(Error::System(libc::EAGAIN)) => {}
                Err(error) => return last_words(connection, &answered, error),
            }
        } else if events & (libc::POLLERR | libc::POLLNVAL | libc::POLLHUP) != 0 {
            return last_words(connection, &answered, Error::System(libc::EPIPE));
        }
    }
}

/// What came before the end is delivered still.
fn last_words(connection: &Connection, answered: &impl Fn() -> bool, error: Error) -> Result<(), Error> {
    let _ = connection.dispatch();
    if connection.is_alive() && answered() { Ok(()) } else { Err(error) }
}

fn poll(fd: c_int, events: i16) -> Result<i16, Error> {
    let mut entry = libc::pollfd { fd, events, revents: 0 };
    loop {
        // SAFETY: one entry.
        match unsafe { cancel::poll(&mut entry, 1, -1) } {
            -1 if errno::get() == libc::EINTR => {}
            -1 => return Err(Error::System(errno::get())),
            _ => return Ok(entry.revents),
        }
    }
}
