//! RFC 6455 once, for every front end: frames, masking, UTF-8, close codes, the opening handshake.
//!
//! Everything here is pure: bytes in, values out, no input or output, no allocation in the frame
//! path, no `unsafe`. Front ends decide who reads, who buffers and what a violation costs. A
//! compression extension ([`deflate`]) lives between [`frame`] (its RSV bits pass through) and the front end's
//! message assembly; see [`frame::Header::rsv`].

pub mod close;
pub mod deflate;
pub mod frame;
pub mod handshake;
pub mod mask;
pub mod trace;
pub mod utf8;
