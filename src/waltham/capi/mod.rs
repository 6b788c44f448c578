//! The C functions, a file for each header; the senders are in [`super::protocol`].
#![allow(
    clippy::missing_safety_doc,
    reason = "one contract for all, the header's: pointers are NULL or valid, objects and connections are live, \
              handlers have the types of their slots"
)]

pub mod connection;
pub mod display;
pub mod map;
pub mod object;
pub mod relink;
pub mod util;

/// Sets errno and returns what C functions return with it.
fn fail(error: std::ffi::c_int) -> std::ffi::c_int {
    crate::ffi::errno::set(error);
    -1
}
