//! Happy Eyeballs.

use super::super::Error;
use super::super::sockets::happyeyeballs;
use super::{answer, number};
use crate::ffi::cstr;
use std::ffi::{c_char, c_int};

/// Connects to a port of a host by TCP: looks up its IPv6 and its IPv4 addresses, and tries them in turn, each a little
/// later than the one before, until one answers (RFC 8305).
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting. For what is returned see tcp_connect.
///
/// Returns a handle, or -1 with errno: EINVAL for a bad argument, EADDRNOTAVAIL when the host has no address, what the last
/// attempt failed with when all did, ECANCELED when the coroutine is being closed, ETIMEDOUT when the deadline passed, ENOMEM,
/// EMFILE or ENFILE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_happyeyeballs_connect(
    name: *const c_char,
    port: c_int,
    deadline: i64,
) -> c_int {
    // SAFETY: NULL or a string, as promised by the caller.
    match unsafe { cstr::borrow(name) } {
        Some(name) => number(happyeyeballs::connect(name, port, deadline)),
        None => answer(Error::InvalidArgument),
    }
}
