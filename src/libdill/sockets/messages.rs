//! Message sockets by their handles: ours and the program's alike.

use super::super::error::{Error, Result};
use super::super::handle;
use super::types::dill_iolist;
use super::vfs::dill_msock_vfs;
use std::ffi::c_int;

/// Sends a list as a message. What the socket returns, which may be a program's, is passed on.
///
/// # Errors
/// `EBADF`, `ENOTSUP`, and what the socket left in `errno`.
///
/// # Safety
/// The list is valid until the call returns.
pub unsafe fn send(
    s: c_int,
    first: *mut dill_iolist,
    last: *mut dill_iolist,
    deadline: i64,
) -> Result<c_int> {
    let interface = handle::query(s, handle::msock_type())?.as_ptr().cast::<dill_msock_vfs>();
    // SAFETY: a live table.
    let function = unsafe { (*interface).msendl }.ok_or(Error::NotSupported)?;
    // SAFETY: the socket's function, with its table and a list as promised.
    let result = unsafe { function(interface, first, last, deadline) };
    if result < 0 { Err(Error::last_os()) } else { Ok(result) }
}

/// Receives a message into a list and returns its size.
///
/// # Errors
/// As [`send`].
///
/// # Safety
/// As [`send`].
pub unsafe fn receive(
    s: c_int,
    first: *mut dill_iolist,
    last: *mut dill_iolist,
    deadline: i64,
) -> Result<usize> {
    let interface = handle::query(s, handle::msock_type())?.as_ptr().cast::<dill_msock_vfs>();
    // SAFETY: a live table.
    let function = unsafe { (*interface).mrecvl }.ok_or(Error::NotSupported)?;
    // SAFETY: the socket's function, with its table and a list as promised.
    let result = unsafe { function(interface, first, last, deadline) };
    usize::try_from(result).map_err(|_| Error::last_os())
}
