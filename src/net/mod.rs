//! What several libraries need of the network. Nothing in here knows a library by name.

pub mod descriptors;
pub mod epoll;
pub mod local;
pub mod random;
pub mod resolver;
pub mod socket;
pub mod tls;
