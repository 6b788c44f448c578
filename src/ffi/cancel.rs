//! Threads that are cancelled (`pthread_cancel`) while they are in the library.
//!
//! A cancelled thread leaves the function of the system in which it waits as by an exception, and that passes Rust's
//! frames only where everything is declared for it. So what may wait is called by the functions here, from entry points
//! that are `extern "C-unwind"` and guarded by [`super::guard::callbacks`]; what only takes a moment, such as closing a
//! descriptor or writing a line of a log, holds [`Uncancellable`] meanwhile.

use libc::{addrinfo, msghdr, nfds_t, pollfd, sockaddr, socklen_t, ssize_t};
use std::ffi::{c_char, c_int, c_void};

unsafe extern "C-unwind" {
    /// read(2).
    #[link_name = "relink_ffi_read"]
    pub fn read(fd: c_int, buffer: *mut c_void, length: usize) -> ssize_t;
    /// sendmsg(2).
    #[link_name = "relink_ffi_sendmsg"]
    pub fn sendmsg(fd: c_int, message: *const msghdr, flags: c_int) -> ssize_t;
    /// poll(2).
    #[link_name = "relink_ffi_poll"]
    pub fn poll(entries: *mut pollfd, count: nfds_t, timeout: c_int) -> c_int;
    /// accept(2).
    #[link_name = "relink_ffi_accept"]
    pub fn accept(fd: c_int, address: *mut sockaddr, length: *mut socklen_t) -> c_int;
    /// connect(2).
    #[link_name = "relink_ffi_connect"]
    pub fn connect(fd: c_int, address: *const sockaddr, length: socklen_t) -> c_int;
    /// getaddrinfo(3).
    #[link_name = "relink_ffi_getaddrinfo"]
    pub fn getaddrinfo(
        node: *const c_char,
        service: *const c_char,
        hints: *const addrinfo,
        found: *mut *mut addrinfo,
    ) -> c_int;
}

unsafe extern "C" {
    fn pthread_setcancelstate(state: c_int, before: *mut c_int) -> c_int;
}

/// `PTHREAD_CANCEL_DISABLE`.
const DISABLE: c_int = 1;

/// Keeps the thread from being cancelled while the value lives. It is later, where it waits the next time.
///
/// Do not hold one across a user callback.
#[derive(Debug)]
pub struct Uncancellable(c_int);

impl Uncancellable {
    /// Begins now.
    #[expect(clippy::new_without_default, reason = "holding off cancellation is an act, not a default")]
    pub fn new() -> Self {
        let mut before = 0;
        // SAFETY: a valid state, and a place for the one before.
        unsafe { pthread_setcancelstate(DISABLE, &raw mut before) };
        Self(before)
    }
}

impl Drop for Uncancellable {
    fn drop(&mut self) {
        let mut ignored = 0;
        // SAFETY: the state that was found, and a place for the one that ends.
        unsafe { pthread_setcancelstate(self.0, &raw mut ignored) };
    }
}
