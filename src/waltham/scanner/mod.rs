//! From protocol XML to code: the one source of the library's own messages, and a tool for users.
//!
//! `build.rs` compiles this module too, and makes the library's senders and tables with [`rust`]; the
//! `relink scan` command makes C with [`c`]. Depends on nothing else of the house for that reason.

pub mod c;
pub mod check;
pub mod model;
pub mod rust;
