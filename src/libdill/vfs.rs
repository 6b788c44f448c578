//! Function tables of objects behind handles, as `libdillimpl.h` has them: programs make objects of their own.
#![allow(non_camel_case_types, reason = "C spells them so, and compiled programs know no other names")]

use super::sockets::types::dill_iolist;
use libc::ssize_t;
use std::ffi::{c_int, c_void};

/// What an object behind a handle can do. The object contains one.
#[repr(C)]
pub struct dill_hvfs {
    /// Returns the interface of that type, or NULL with errno ENOTSUP. Must not block.
    pub query: Option<unsafe extern "C-unwind" fn(vfs: *mut dill_hvfs, r#type: *const c_void) -> *mut c_void>,
    /// Releases the object. Cannot fail; blocking calls made in it fail with ECANCELED.
    pub close: Option<unsafe extern "C-unwind" fn(vfs: *mut dill_hvfs)>,
}

/// The interface of a bytestream socket, whose type is dill_bsock_type.
#[repr(C)]
pub struct dill_bsock_vfs {
    /// As dill_bsendl.
    pub bsendl: Option<
        unsafe extern "C-unwind" fn(
            vfs: *mut dill_bsock_vfs,
            first: *mut dill_iolist,
            last: *mut dill_iolist,
            deadline: i64,
        ) -> c_int,
    >,
    /// As dill_brecvl. first and last may both be NULL: discard until the stream ends or fails.
    pub brecvl: Option<
        unsafe extern "C-unwind" fn(
            vfs: *mut dill_bsock_vfs,
            first: *mut dill_iolist,
            last: *mut dill_iolist,
            deadline: i64,
        ) -> c_int,
    >,
}

/// The interface of a message socket, whose type is dill_msock_type.
#[repr(C)]
pub struct dill_msock_vfs {
    /// As dill_msendl.
    pub msendl: Option<
        unsafe extern "C-unwind" fn(
            vfs: *mut dill_msock_vfs,
            first: *mut dill_iolist,
            last: *mut dill_iolist,
            deadline: i64,
        ) -> c_int,
    >,
    /// As dill_mrecvl. first and last may both be NULL: receive a message and drop it.
    pub mrecvl: Option<
        unsafe extern "C-unwind" fn(
            vfs: *mut dill_msock_vfs,
            first: *mut dill_iolist,
            last: *mut dill_iolist,
            deadline: i64,
        ) -> ssize_t,
    >,
}
