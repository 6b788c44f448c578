//! wslay 1.1.1 and the two functions its master added: WebSocket framing without any input or output.
//!
//! [`frame`] is the frame API's state, [`event`] the event API's on top of it; both are front ends of
//! [`crate::websocket`]. Only [`capi`] is visible to C. Nothing else in the house imports this room.

mod callbacks;
pub mod capi;
mod error;
mod event;
mod frame;
mod layout;
pub mod types;

pub use error::Error;
