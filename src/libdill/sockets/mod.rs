//! The sockets: bytestreams, messages, and the protocols that are put on top of each other.

pub mod types;
pub mod vfs;
