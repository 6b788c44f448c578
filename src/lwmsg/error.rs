//! What can go wrong: the library's status numbers.

use std::ffi::c_int;
use thiserror::Error;

/// A status of the library, or a number of the program's own: handlers return what they like, and any 32 bits
/// cross the wire unchanged. So this is a number with names, not an enumeration.
#[derive(Clone, Copy, Debug, Eq, Error, Hash, PartialEq)]
#[error("{}", self.name().to_str().unwrap_or("unknown"))]
pub struct Status(pub u32);

/// The result of anything that may fail.
pub type Result<T> = std::result::Result<T, Status>;

macro_rules! statuses {
    ($($number:literal $name:ident $text:literal)*) => {
        impl Status {
            $(#[doc = $text] pub const $name: Self = Self($number);)*

            /// The C name of the status, `"unknown"` for numbers of the program's own.
            pub const fn name(self) -> &'static std::ffi::CStr {
                const NAMES: &[&std::ffi::CStr] = &[$(
                    match std::ffi::CStr::from_bytes_with_nul(
                        concat!("LWMSG_STATUS_", stringify!($name), "\0").as_bytes(),
                    ) {
                        Ok(name) => name,
                        Err(_) => unreachable!(),
                    },
                )*];
                if (self.0 as usize) < NAMES.len() { NAMES[self.0 as usize] } else { c"unknown" }
            }
        }
    };
}

statuses! {
    0 SUCCESS "No error."
    1 ERROR "An error without a number of its own."
    2 AGAIN "Try again."
    3 MEMORY "Memory is exhausted."
    4 MALFORMED "Data or a type that makes no sense."
    5 EOF "The input or the room for output ended too early."
    6 NOT_FOUND "There is no such thing."
    7 UNIMPLEMENTED "Nobody implements this."
    8 INVALID_PARAMETER "The program passed something unusable."
    9 OVERFLOW "A number is too large for where it goes."
    10 UNDERFLOW "A number is too small for where it goes."
    11 SYSTEM "A system call failed in a way that has no number of its own."
    12 TIMEOUT "It took too long."
    13 SECURITY "The other side is not who it has to be."
    14 CANCELLED "Somebody gave up."
    15 FILE_NOT_FOUND "No such file."
    16 CONNECTION_REFUSED "Nobody listens there."
    17 INVALID_STATE "Not now, or not with this object."
    18 PEER_RESET "The other side reset the association."
    19 PEER_CLOSE "The other side ended the association."
    20 PEER_ABORT "The other side ended the association because of an error."
    21 SESSION_LOST "The other side has forgotten the session."
    22 UNSUPPORTED "This object cannot do that."
    23 INVALID_HANDLE "No such handle, or of another type or place."
    24 BUSY "An operation of the same kind is in progress, or a name is taken."
    25 PENDING "In progress; the result comes later."
    26 INTERNAL "A contradiction inside the library."
    27 RESOURCE_LIMIT "A limit of the system or the process is reached."
    28 BUFFER_TOO_SMALL "The room offered is too small."
}

impl Status {
    /// Success is `Ok`, everything else an error.
    #[inline]
    pub fn result(self) -> Result<()> {
        if self == Self::SUCCESS { Ok(()) } else { Err(self) }
    }

    /// What C gets for a result.
    #[inline]
    pub fn of(result: Result<()>) -> Self {
        result.err().unwrap_or(Self::SUCCESS)
    }

    /// The status that stands for an `errno`.
    pub fn from_errno(error: c_int) -> Self {
        match error {
            0 => Self::SUCCESS,
            libc::EINVAL => Self::INVALID_PARAMETER,
            libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM => Self::RESOURCE_LIMIT,
            libc::EBUSY => Self::BUSY,
            libc::ENOENT => Self::FILE_NOT_FOUND,
            libc::ECONNREFUSED => Self::CONNECTION_REFUSED,
            libc::ECONNRESET => Self::PEER_RESET,
            libc::ECONNABORTED => Self::PEER_ABORT,
            libc::ETIMEDOUT => Self::TIMEOUT,
            _ => Self::SYSTEM,
        }
    }
}

impl From<std::collections::TryReserveError> for Status {
    fn from(_: std::collections::TryReserveError) -> Self {
        Self::MEMORY
    }
}

impl From<std::io::Error> for Status {
    fn from(error: std::io::Error) -> Self {
        error.raw_os_error().map_or(Self::SYSTEM, Self::from_errno)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_name_and_other_numbers_have_none() {
        assert_eq!(Status::SUCCESS.name(), c"LWMSG_STATUS_SUCCESS");
        assert_eq!(Status::INTERNAL.name(), c"LWMSG_STATUS_INTERNAL");
        assert_eq!(Status::BUFFER_TOO_SMALL.name(), c"LWMSG_STATUS_BUFFER_TOO_SMALL");
        assert_eq!(Status(29).name(), c"unknown");
        assert_eq!(Status(u32::MAX).name(), c"unknown");
    }
}
