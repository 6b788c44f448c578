//! What can go wrong with a message or a connection.

use std::ffi::c_int;
use thiserror::Error;

/// Why a call failed.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum Error {
    /// The connection's error, or one that a system call gave.
    #[error("errno {0}")]
    System(c_int),
    /// A message broke the protocol; the culprit's id and the code of `wth_display.error`.
    #[error("protocol violation: {what} (object {object})")]
    Violation {
        /// The object that the violation is about.
        object: u32,
        /// 0 for objects, 1 for methods.
        code: u32,
        /// What was wrong.
        what: &'static str,
    },
}

/// `wth_display.error`: an object that does not exist or may not.
pub const INVALID_OBJECT: u32 = 0;
/// `wth_display.error`: a message that makes no sense.
pub const INVALID_METHOD: u32 = 1;
