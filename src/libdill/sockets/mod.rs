//! The sockets: bytestreams, messages, and the protocols that are put on top of each other.
//!
//! [`connection`] is a bytestream of the system's, [`stream`] any bytestream below a protocol. A protocol owns the handle
//! of the socket below it ([`lower`]) and is an [`object`] behind a handle of its own. Nothing borrows anything over a
//! wait: state is in cells, and an object that another coroutine closes stays until the blocked calls have left.

mod buffer;
pub mod calls;
pub mod connection;
mod descriptor;
mod half;
pub mod happyeyeballs;
pub mod http;
pub mod iolist;
pub mod ipaddr;
pub mod ipc;
mod listener;
pub mod lookup;
mod lower;
mod object;
mod patience;
pub mod prefix;
pub mod socks5;
pub mod stream;
pub mod suffix;
pub mod tcp;
pub mod term;
pub mod tls;
pub(super) mod trace;
mod turn;
pub mod types;
pub mod udp;
pub mod vfs;
pub mod ws;

use super::error::Error;
use std::io;

/// What the system said.
fn system(error: io::Error) -> Error {
    error.raw_os_error().map_or(Error::NoMemory, Error::from_errno)
}
