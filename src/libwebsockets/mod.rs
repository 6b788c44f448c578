//! libwebsockets of the `libwebsocket_*` years: a WebSocket and HTTP server and client library.
//!
//! The engine ([`context`], [`connection`]) serves several generations of the interface: what differs between them is
//! in [`personality`] and in the readers of their structs. [`http`] parses heads and serves files, [`extension`]
//! holds the built-in compression. Only [`capi`] is visible to C. Nothing else in the house imports this room.

mod base64;
pub mod capi;
mod connection;
mod context;
mod daemonize;
mod error;
pub mod extension;
pub mod http;
mod layout;
mod log;
mod peer;
pub mod personality;
pub mod types;

pub use error::{Error, Failure};
