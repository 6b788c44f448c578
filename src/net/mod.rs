//! The network, for every room that opens sockets itself.
//!
//! Nothing in here knows a library by name.

pub mod tls;
