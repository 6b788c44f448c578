//! Why something was not done.

use thiserror::Error;

/// What the engine reports to itself; `capi` and the log turn it into numbers and lines.
#[derive(Debug, Error)]
pub enum Error {
    /// The program passed something unusable.
    #[error("invalid argument")]
    InvalidArgument,
    /// Memory is exhausted.
    #[error("out of memory")]
    NoMemory,
    /// The peer broke RFC 6455; the code is what a close frame says of it.
    #[error("WebSocket: {reason}")]
    Protocol {
        /// Of a close frame.
        code: u16,
        /// In words.
        reason: &'static str,
    },
    /// An extension failed.
    #[error("extension: {0}")]
    Extension(&'static str),
    /// A limit was met.
    #[error("limit: {0}")]
    Limit(&'static str),
}
