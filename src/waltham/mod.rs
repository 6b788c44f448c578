//! Waltham 0.1.0 in its three generations: a Wayland-like protocol over any stream socket.
//!
//! [`connection`] reads, dispatches and sends; [`protocol`] is the core protocol as the generator made it
//! from `protocol/*.xml`; [`registry`] knows the protocols that programs add. Only [`capi`] and the generated
//! senders are visible to C. [`scanner`] is the generator, which `build.rs` and the `relink` command use too.

mod array;
pub mod capi;
mod connection;
mod error;
mod layout;
mod map;
mod message;
mod object;
mod protocol;
mod registry;
pub mod scanner;
mod trace;
pub mod types;

pub use error::Error;
