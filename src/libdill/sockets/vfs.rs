//! Function tables of sockets, as `libdillimpl.h` has them: programs make sockets of their own.
#![allow(non_camel_case_types, reason = "C spells them so, and compiled programs know no other names")]

use super::types::dill_iolist;
use libc::ssize_t;
use std::ffi::c_int;

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
