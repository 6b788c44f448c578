//! The C functions, a file for each subject.
//!
//! Functions that call functions of the program's, which may throw, are `extern "C-unwind"`. The others have no guard of
//! their own: a panic in them, which no input can cause, ends the process. It must not unwind from one coroutine's stack
//! to another's, and a guard on each call would cost as much as a channel message.
#![allow(
    clippy::missing_safety_doc,
    reason = "one contract for all, the header's: pointers are NULL or valid, handles are the calling thread's"
)]

pub mod bsock;
pub mod channel;
pub mod coroutine;
pub mod dtls;
pub mod handle;
pub mod happyeyeballs;
pub mod http;
pub mod ipaddr;
pub mod ipc;
pub mod msock;
pub mod object;
pub mod prefix;
pub mod relink;
pub mod socks5;
pub mod suffix;
pub mod tcp;
pub mod term;
pub mod time;
pub mod tls;
pub mod udp;
pub mod ws;

use super::error::{Error, Result};
use crate::ffi::errno;
use libc::ssize_t;
use std::ffi::c_int;

/// The result of a function that returns 0, or -1 with errno.
#[inline]
pub(super) fn status(result: Result<()>) -> c_int {
    number(result.map(|()| 0))
}

/// The result of a function that returns a handle or another number, or -1 with errno.
#[inline]
fn number(result: Result<c_int>) -> c_int {
    match result {
        Ok(number) => number,
        Err(error) => {
            errno::set(error.errno());
            -1
        }
    }
}

/// -1 with errno.
fn answer(error: Error) -> c_int {
    number(Err(error))
}

/// The result of a function that returns a size, or -1 with errno.
#[inline]
pub(super) fn size(result: Result<usize>) -> ssize_t {
    match result {
        Ok(size) => size as ssize_t,
        Err(error) => {
            errno::set(error.errno());
            -1
        }
    }
}
