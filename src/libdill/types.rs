//! The types that programs share with the core. Layouts are asserted in `layout`; texts go to the header.
//!
//! Storage that programs offer has alignment 1: it may begin at any address.
#![allow(non_camel_case_types, reason = "C spells them so, and compiled programs know no other names")]

pub use super::sockets::types::*;
use std::ffi::{c_char, c_int, c_void};

/// Room for registers, in the C library's type.
#[repr(C)]
pub struct sigjmp_buf {
    _opaque: [u8; 0],
}

/// Memory for a bundle, to be kept until its handle is closed.
#[repr(C)]
pub struct dill_bundle_storage {
    bytes: [c_char; 64],
}

/// Memory for a channel, to be kept until both its handles are closed.
#[repr(C)]
pub struct dill_chstorage {
    bytes: [c_char; 144],
}

/// The operation that a clause of dill_choose sends with.
pub const DILL_CHSEND: c_int = 1;

/// The operation that a clause of dill_choose receives with.
pub const DILL_CHRECV: c_int = 2;

/// One of the operations that dill_choose chooses from.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct dill_chclause {
    /// DILL_CHSEND or DILL_CHRECV.
    pub op: c_int,
    /// The end of a channel.
    pub ch: c_int,
    /// The message, or where to store it.
    pub val: *mut c_void,
    /// Its size in bytes.
    pub len: usize,
}
