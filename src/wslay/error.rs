//! What can go wrong, and the numbers C programs know it by.

use crate::websocket::frame::FrameError;
use std::ffi::c_int;
use thiserror::Error;

/// `WSLAY_ERR_WOULDBLOCK`: what a callback sets to say "not now".
pub const WOULD_BLOCK: c_int = -401;

/// Why a call did not do what it was asked to.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum Error {
    /// More input is needed first.
    #[error("more input is needed")]
    WantRead,
    /// More room for output is needed first.
    #[error("output has no room")]
    WantWrite,
    /// The peer sent what no peer may send.
    #[error("protocol violation: {0}")]
    Protocol(#[from] FrameError),
    /// The program passed something unusable.
    #[error("invalid argument")]
    InvalidArgument,
    /// A callback is missing, or returned what it may not.
    #[error("invalid callback")]
    InvalidCallback,
    /// Writing has ended, or a close frame is queued already.
    #[error("no more messages can be queued")]
    NoMoreMessages,
    /// A callback failed for good, or the context was freed by one.
    #[error("a callback failed")]
    CallbackFailure,
    /// Memory is exhausted.
    #[error("out of memory")]
    NoMemory,
}

impl Error {
    /// The value of C's `enum wslay_error`.
    pub const fn code(self) -> c_int {
        match self {
            Self::WantRead => -100,
            Self::WantWrite => -101,
            Self::Protocol(_) => -200,
            Self::InvalidArgument => -300,
            Self::InvalidCallback => -301,
            Self::NoMoreMessages => -302,
            Self::CallbackFailure => -400,
            Self::NoMemory => -500,
        }
    }
}

impl From<std::collections::TryReserveError> for Error {
    fn from(_: std::collections::TryReserveError) -> Self {
        Self::NoMemory
    }
}
