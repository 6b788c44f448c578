//! Why something was not done, and how a peer breaks the protocol.

use crate::websocket::close;
use crate::websocket::frame::FrameError;
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
    /// The peer broke RFC 6455.
    #[error("WebSocket: {0}")]
    Protocol(#[from] Failure),
    /// An extension failed.
    #[error("extension: {0}")]
    Extension(&'static str),
    /// A limit was met.
    #[error("limit: {0}")]
    Limit(&'static str),
}

/// Why a WebSocket connection is failed (RFC 6455, section 7.1.7); the words are for the log.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum Failure {
    /// A header that no peer may send (sections 5.2 and 5.5).
    #[error("{0}")]
    Header(#[from] FrameError),
    /// A server masks nothing (section 5.1).
    #[error("masked frame")]
    Masked,
    /// A client masks everything (section 5.1).
    #[error("unmasked frame")]
    Unmasked,
    /// Bits that no extension has given a meaning (section 5.2).
    #[error("reserved bits")]
    ReservedBits,
    /// An opcode that nobody has given a meaning (section 5.2).
    #[error("reserved opcode")]
    ReservedOpcode,
    /// Compression is announced by the first frame of a message (RFC 7692, section 6.1).
    #[error("RSV1 where no message begins")]
    MisplacedRsv1,
    /// A continuation of nothing, or a message within a message (section 5.4).
    #[error("fragments out of order")]
    FragmentsOutOfOrder,
    /// A close frame of one byte, or with a code that may not be sent (sections 5.5.1 and 7.4).
    #[error("close code")]
    CloseCode,
    /// A message beyond the limit, as framed or decompressed.
    #[error("message too large")]
    TooLarge,
    /// A text message (section 8.1).
    #[error("text is not UTF-8")]
    TextNotUtf8,
    /// The reason in a close frame (section 5.5.1).
    #[error("close reason is not UTF-8")]
    ReasonNotUtf8,
    /// What was announced as compressed is not (RFC 7692, section 6.2).
    #[error("compressed data")]
    Compressed,
}

impl Failure {
    /// The status that the close frame carries (RFC 6455, section 7.4.1).
    pub const fn code(self) -> u16 {
        match self {
            Self::TooLarge => close::TOO_BIG,
            Self::TextNotUtf8 | Self::ReasonNotUtf8 | Self::Compressed => close::INVALID_PAYLOAD,
            _ => close::PROTOCOL_ERROR,
        }
    }
}
