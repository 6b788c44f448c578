//! LWMsg, as PBIS had it: typed messages over local sockets, and calls on top of them.
//!
//! Tables that the program's macros made are compiled once ([`program`]) and drive everything in [`data`]:
//! bytes, copies, text. [`protocol`] numbers messages; [`archive`] keeps them in files. Associations, sessions and
//! peers carry them between processes and lend themselves to the data as [`data::Transport`]. Only [`capi`] is
//! visible to C. Nothing else in the house imports this room.

pub mod archive;
pub mod assoc;
pub mod call;
pub mod capi;
pub mod context;
pub mod data;
mod error;
pub mod exchange;
mod layout;
mod lines;
pub mod payload;
pub mod peer;
pub mod program;
pub mod protocol;
pub mod schema;
pub mod security;
pub mod session;
pub mod time;
mod trace;
pub mod types;
pub mod wire;

pub use error::{Result, Status};
