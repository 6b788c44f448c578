//! The C interface: a file for each part of the header.
#![allow(
    clippy::missing_safety_doc,
    reason = "one contract for all, the header's: pointers are NULL or valid, contexts are live, connections are those \
              of a live context, callbacks keep to their types"
)]

pub mod client;
pub mod connection;
pub mod context;
pub mod extension;
pub mod http;
pub mod log;
pub mod more;
pub mod util;
