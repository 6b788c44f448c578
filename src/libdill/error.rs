//! What can go wrong, and the `errno` that C programs know it by.

use crate::ffi::errno;
use std::ffi::c_int;
use thiserror::Error;

/// What the room's functions return.
pub type Result<T> = core::result::Result<T, Error>;

/// Why a call did not do what it was asked to.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum Error {
    /// The coroutine is being closed, or runs inside a handle's close function: it may not block.
    #[error("the coroutine is cancelled")]
    Cancelled,
    /// No such handle, or no such descriptor.
    #[error("bad handle")]
    BadHandle,
    /// The object has no such operation.
    #[error("operation not supported")]
    NotSupported,
    /// An argument is unusable.
    #[error("invalid argument")]
    InvalidArgument,
    /// The deadline passed.
    #[error("deadline expired")]
    TimedOut,
    /// Closed in order: by the peer when receiving, by this side when sending.
    #[error("closed")]
    Closed,
    /// Broken now or by an earlier failure.
    #[error("connection broken")]
    Reset,
    /// A message does not fit.
    #[error("message size")]
    MessageSize,
    /// Another coroutine does the same on the same object.
    #[error("busy")]
    Busy,
    /// The peer, or the socket below, does not speak the protocol.
    #[error("protocol error")]
    Protocol,
    /// Memory is exhausted.
    #[error("out of memory")]
    NoMemory,
    /// What a system call said.
    #[error("errno {0}")]
    Os(c_int),
}

impl Error {
    /// The number in `errno` after a failed call.
    pub const fn errno(self) -> c_int {
        match self {
            Self::Cancelled => libc::ECANCELED,
            Self::BadHandle => libc::EBADF,
            Self::NotSupported => libc::ENOTSUP,
            Self::InvalidArgument => libc::EINVAL,
            Self::TimedOut => libc::ETIMEDOUT,
            Self::Closed => libc::EPIPE,
            Self::Reset => libc::ECONNRESET,
            Self::MessageSize => libc::EMSGSIZE,
            Self::Busy => libc::EBUSY,
            Self::Protocol => libc::EPROTO,
            Self::NoMemory => libc::ENOMEM,
            Self::Os(error) => error,
        }
    }

    /// The error of that number.
    pub const fn from_errno(error: c_int) -> Self {
        match error {
            libc::ECANCELED => Self::Cancelled,
            libc::EBADF => Self::BadHandle,
            libc::ENOTSUP => Self::NotSupported,
            libc::EINVAL => Self::InvalidArgument,
            libc::ETIMEDOUT => Self::TimedOut,
            libc::EPIPE => Self::Closed,
            libc::ECONNRESET => Self::Reset,
            libc::EMSGSIZE => Self::MessageSize,
            libc::EBUSY => Self::Busy,
            libc::EPROTO => Self::Protocol,
            libc::ENOMEM => Self::NoMemory,
            error => Self::Os(error),
        }
    }

    /// What the system call just made has left in `errno`.
    pub fn last_os() -> Self {
        Self::from_errno(errno::get())
    }
}

impl From<std::collections::TryReserveError> for Error {
    fn from(_: std::collections::TryReserveError) -> Self {
        Self::NoMemory
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_the_way_there_and_back() {
        for error in 1..134 {
            assert_eq!(Error::from_errno(error).errno(), error);
        }
    }
}
