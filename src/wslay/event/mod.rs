//! One end of one WebSocket connection: what the event API is.
//!
//! [`Context`] is only ever used by shared reference, and all its state is in cells: every callback
//! may call the library again, so nothing is borrowed while one runs. [`call`] keeps the context alive
//! for as long as any call on it is in progress.

pub(super) mod call;
mod context;
mod message;
mod receive;
mod send;

pub(super) use context::{Context, Role};
