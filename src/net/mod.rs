//! What several libraries need of the network. Nothing in here knows a library by name.

pub mod descriptors;
pub mod local;
pub mod resolver;
pub mod tls;
