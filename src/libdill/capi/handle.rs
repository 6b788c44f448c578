//! Handles.

use super::super::handle;
use super::super::vfs::dill_hvfs;
use super::number;
use crate::ffi::{errno, guard};
use std::ffi::{c_int, c_void};
use std::ptr;

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
    guard::callbacks("dill_hclose", || super::status(handle::close(h)))
}

/// Makes a handle for an object of the program's.
///
/// vfs is the object's function table. The object has to stay where it is until its close function is called. Never
/// blocks.
///
/// Returns the handle, or -1 with errno: EINVAL when vfs or one of its functions is NULL, ECANCELED when the coroutine is
/// being closed, ENOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_hmake(vfs: *mut dill_hvfs) -> c_int {
    number(handle::make(vfs))
}

/// Returns the interface of a certain type that the object behind a handle has: what its query function answers. The
/// answer to the last question is remembered, so that the function is not called for each.
///
/// type is an address that stands for the type, such as the value of dill_bsock_type. What is returned stays good until
/// the handle is closed.
///
/// On failure NULL, with errno EBADF when there is no such handle, and otherwise what the query function has set, ENOTSUP
/// as a rule.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_hquery(h: c_int, r#type: *const c_void) -> *mut c_void {
    guard::callbacks("dill_hquery", || match handle::query(h, r#type) {
        Ok(interface) => interface.as_ptr(),
        Err(error) => {
            errno::set(error.errno());
            ptr::null_mut()
        }
    })
}
