//! HTTP as far as this interface knows it: GET requests, a server's reply to an upgrade, files.
//!
//! [`Parser`] takes a head in pieces of any size and keeps the values of the fields that programs can ask for in a
//! [`Head`]; [`Transfer`] is a file on its way out. Nothing in here reads or writes a socket.

mod file;
mod head;
mod parser;
mod token;

pub use file::{NOT_FOUND, Transfer};
pub use head::Head;
pub use parser::{HeadError, Parser, Progress};
pub use token::Token;
