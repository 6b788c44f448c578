//! libdill 2.14 and its master: structured concurrency for C, and the sockets that go with it.
//!
//! [`thread`] has one [`scheduler`] a thread. A coroutine ([`coroutine`]) is launched by a macro in the program, which
//! saves its caller's registers itself, so that the format of [`switch::Registers`] is part of the interface. Nothing
//! in here keeps a borrow, a lock or a value with a destructor over a switch: the stack may never be returned to.
//! Only [`capi`] is visible to C. Nothing else in the house imports this room.

mod bundle;
pub mod capi;
mod channel;
mod coroutine;
mod error;
mod fd;
mod handle;
mod layout;
mod list;
mod poll;
mod scheduler;
pub mod sockets;
mod stack;
mod switch;
mod thread;
mod time;
mod timers;
pub mod types;
mod valgrind;
pub mod vfs;

pub use error::{Error, Result};
