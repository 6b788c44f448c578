//! `libdillimpl.h`: objects of a program's own behind handles.

use super::super::handle;
use super::super::vfs::dill_hvfs;
use super::number;
use crate::ffi::{errno, guard};
use std::ffi::{c_int, c_void};
use std::ptr;

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
