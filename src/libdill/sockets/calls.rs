//! Sockets by their handles, ours and the program's alike: what a program's socket returns is passed on.

use super::super::error::{Error, Result};
use super::super::handle;
use super::iolist::List;
use super::vfs::{dill_bsock_vfs, dill_msock_vfs};
use std::ffi::c_int;

/// What is wrong with a list at its ends. A socket may look at the rest or not.
fn check_ends(list: List, may_be_missing: bool) -> Result<()> {
    let (first, last) = list.ends();
    // SAFETY: NULL or an item, as promised when the list was made.
    let ends = match unsafe { last.as_ref() } {
        Some(last) => !first.is_null() && last.iol_next.is_null(),
        None => first.is_null() && may_be_missing,
    };
    if ends { Ok(()) } else { Err(Error::InvalidArgument) }
}

/// Sends a list to a bytestream.
///
/// # Errors
/// `EBADF`, `ENOTSUP`, `EINVAL`, and what the socket left in `errno`.
pub fn send_bytes(s: c_int, list: List, deadline: i64) -> Result<c_int> {
    let interface = handle::query(s, handle::bsock_type())?.as_ptr().cast::<dill_bsock_vfs>();
    check_ends(list, false)?;
    let (first, last) = list.ends();
    // SAFETY: a live table.
    let function = unsafe { (*interface).bsendl }.ok_or(Error::NotSupported)?;
    // SAFETY: the socket's function, with its table and a list that is valid until the call returns.
    checked(unsafe { function(interface, first, last, deadline) })
}

/// Fills a list from a bytestream.
///
/// # Errors
/// As [`send_bytes`].
pub fn receive_bytes(s: c_int, list: List, deadline: i64) -> Result<c_int> {
    let interface = handle::query(s, handle::bsock_type())?.as_ptr().cast::<dill_bsock_vfs>();
    check_ends(list, true)?;
    let (first, last) = list.ends();
    // SAFETY: a live table.
    let function = unsafe { (*interface).brecvl }.ok_or(Error::NotSupported)?;
    // SAFETY: the socket's function, with its table and a list that is valid until the call returns.
    checked(unsafe { function(interface, first, last, deadline) })
}

/// Sends a list as a message.
///
/// # Errors
/// As [`send_bytes`].
pub fn send_message(s: c_int, list: List, deadline: i64) -> Result<c_int> {
    let interface = handle::query(s, handle::msock_type())?.as_ptr().cast::<dill_msock_vfs>();
    check_ends(list, false)?;
    let (first, last) = list.ends();
    // SAFETY: a live table.
    let function = unsafe { (*interface).msendl }.ok_or(Error::NotSupported)?;
    // SAFETY: the socket's function, with its table and a list that is valid until the call returns.
    checked(unsafe { function(interface, first, last, deadline) })
}

/// Receives a message into a list and returns its size.
///
/// # Errors
/// As [`send_bytes`].
pub fn receive_message(s: c_int, list: List, deadline: i64) -> Result<usize> {
    let interface = handle::query(s, handle::msock_type())?.as_ptr().cast::<dill_msock_vfs>();
    check_ends(list, true)?;
    let (first, last) = list.ends();
    // SAFETY: a live table.
    let function = unsafe { (*interface).mrecvl }.ok_or(Error::NotSupported)?;
    // SAFETY: the socket's function, with its table and a list that is valid until the call returns.
    let size = unsafe { function(interface, first, last, deadline) };
    usize::try_from(size).map_err(|_| Error::last_os())
}

fn checked(result: c_int) -> Result<c_int> {
    if result < 0 { Err(Error::last_os()) } else { Ok(result) }
}
