//! The C interface: a file for each part of the header.

pub mod log;
pub mod util;
