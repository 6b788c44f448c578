//! Handles.

use super::super::handle;
use super::{number, status};
use crate::ffi::guard;
use std::ffi::c_int;

/// Gives the object behind a handle a new handle, and makes the old one invalid. Who is given a handle, and wants to be
/// the only one to have it, does this first.
///
/// Never blocks.
///
/// Returns the new handle, or -1 with errno: EBADF when there is no such handle; ECANCELED when the coroutine is being
/// closed and ENOMEM, and then the object was closed.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn dill_hown(h: c_int) -> c_int {
    guard::callbacks("dill_hown", || number(handle::own(h)))
}

/// Closes a handle and releases the object behind it: a bundle with its coroutines, one end of a channel, a socket.
///
/// The coroutines of a bundle are cancelled one by one, in the order they were launched: each blocking call that they are
/// in, or make from now on, fails with ECANCELED. hclose returns when the functions of all of them have returned; other
/// coroutines run meanwhile. This works also where blocking calls are not allowed. A coroutine that closes a bundle which
/// it belongs to would wait for its own end: the process is aborted.
///
/// Returns 0, or -1 with errno EBADF when there is no such handle.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn dill_hclose(h: c_int) -> c_int {
    guard::callbacks("dill_hclose", || status(handle::close(h)))
}
