//! Extensions: the hooks by which programs bring their own, and the built-in compression.
//!
//! [`DeflateFrame`] and [`DeflateStream`] work through the hooks like any program's extension, because programs copy
//! the rows of the built-in table into their own. [`PerMessageDeflate`] (RFC 7692), which today's browsers speak, has no
//! row there: the engine offers and accepts it where a table has deflate-frame.

mod deflate_frame;
mod deflate_stream;
mod negotiation;
mod permessage;

pub use deflate_frame::{DeflateFrame, Received};
pub use deflate_stream::DeflateStream;
pub use negotiation::offered;
pub use permessage::{Inflated, PerMessageDeflate};

use std::ffi::c_int;

/// What programs reserve before a message: the length of a header, and more.
pub const PRE_PADDING: usize = 18;

/// What programs reserve after a message.
pub const POST_PADDING: usize = 4;

/// The most extensions that are active on a connection.
pub const MAX_ACTIVE: usize = 3;

/// Why an extension is called: `enum libwebsocket_extension_callback_reasons`, the same in all generations.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(i32)]
pub enum Hook {
    /// A context that listens has been made.
    ServerContextConstruct = 0,
    /// A context that does not listen has been made.
    ClientContextConstruct = 1,
    /// A context that listens is about to go.
    ServerContextDestruct = 2,
    /// A context that does not listen is about to go.
    ClientContextDestruct = 3,
    /// Active on a server's connection.
    Construct = 4,
    /// Active on a client's connection.
    ClientConstruct = 5,
    /// May the connection be closed?
    CheckOkToReallyClose = 6,
    /// May this name be proposed?
    CheckOkToProposeExtension = 7,
    /// The connection is closing, where it is active.
    Destroy = 8,
    /// A connection is closing, whichever.
    DestroyAnyWsiClosing = 9,
    /// A client's connection is established, whichever.
    AnyWsiEstablished = 10,
    /// Bytes were read.
    PacketRxPreparse = 11,
    /// A frame is ready to be sent.
    PacketTxPresend = 12,
    /// Bytes are about to be sent.
    PacketTxDoSend = 13,
    /// The response to a handshake is ready to be sent.
    HandshakeReplyTx = 14,
    /// The connection is closing: what is held back should go.
    FlushPendingTx = 15,
    /// A frame with an unknown opcode.
    ExtendedPayloadRx = 16,
    /// Instead of a connection of its own, can a client's go through the extension?
    CanProxyClientConnection = 17,
    /// A second has passed.
    Every1Hz = 18,
    /// A writeable callback was asked for.
    RequestOnWriteable = 19,
    /// The connection takes more.
    IsWriteable = 20,
    /// Payload is about to be framed.
    PayloadTx = 21,
    /// Payload has come, unmasked.
    PayloadRx = 22,
}

impl Hook {
    /// The hook of a number.
    pub fn from_number(number: c_int) -> Option<Self> {
        use Hook::*;
        const ALL: [Hook; 23] = [
            ServerContextConstruct,
            ClientContextConstruct,
            ServerContextDestruct,
            ClientContextDestruct,
            Construct,
            ClientConstruct,
            CheckOkToReallyClose,
            CheckOkToProposeExtension,
            Destroy,
            DestroyAnyWsiClosing,
            AnyWsiEstablished,
            PacketRxPreparse,
            PacketTxPresend,
            PacketTxDoSend,
            HandshakeReplyTx,
            FlushPendingTx,
            ExtendedPayloadRx,
            CanProxyClientConnection,
            Every1Hz,
            RequestOnWriteable,
            IsWriteable,
            PayloadTx,
            PayloadRx,
        ];
        ALL.get(usize::try_from(number).ok()?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_its_hook_s() {
        for number in 0..23 {
            assert_eq!(Hook::from_number(number).map(|hook| hook as c_int), Some(number));
        }
        assert_eq!(Hook::from_number(23), None);
        assert_eq!(Hook::from_number(-1), None);
    }
}
