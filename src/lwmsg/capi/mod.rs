//! The C functions, a file for each header of the original.
#![allow(
    clippy::missing_safety_doc,
    reason = "one contract for all, the header's: pointers are NULL where that is allowed or else valid, tables are \
              what the macros make, objects are what their tables say"
)]

pub mod archive;
pub mod assoc;
pub mod buffer;
pub mod call;
pub mod connection;
pub mod context;
pub mod data;
pub mod message;
pub mod peer;
pub mod private;
pub mod private_session;
pub mod protocol;
pub mod relink;
pub mod security;
pub mod session;
pub mod time;
pub mod type_;

use super::error::{Result, Status};
use super::types::LWMsgStatus;
use crate::ffi::{cancel, guard};

/// [`guard::callbacks`], for what uses the system: a thread is cancelled in it only where it is meant to be.
fn held<T>(name: &'static str, body: impl FnOnce() -> T) -> T {
    guard::callbacks(name, || cancel::held(body))
}

/// Stores a result where C wants it, NULL on failure, and gives the status. Without a place for it nothing is made.
///
/// # Safety
/// `out` is NULL or a place for the result.
unsafe fn give<T>(out: *mut *mut T, make: impl FnOnce() -> Result<*mut T>) -> LWMsgStatus {
    if out.is_null() {
        return Status::INVALID_PARAMETER.0;
    }
    let (value, status) = match make() {
        Ok(value) => (value, Status::SUCCESS),
        Err(status) => (std::ptr::null_mut(), status),
    };
    // SAFETY: as promised by the caller.
    unsafe { out.write(value) };
    status.0
}
