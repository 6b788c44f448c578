//! What differs between the generations of the interface: numbers, places of arguments, meanings of results.
//!
//! The engine speaks of a [`Reason`] and asks the context's [`Personality`] what the program calls it. A struct of the
//! program is read by one reader for each generation, in `capi`.

use std::ffi::c_int;

/// Why a protocol's callback is called, in all generations.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(usize)]
pub enum Reason {
    /// A server's connection has completed its handshake.
    Established,
    /// A client's connection will not complete its handshake.
    ClientConnectionError,
    /// The server's reply is at hand and has been accepted so far.
    ClientFilterPreEstablish,
    /// A client's connection has completed its handshake.
    ClientEstablished,
    /// A WebSocket connection has ended.
    Closed,
    /// Payload, for a server.
    Receive,
    /// Payload, for a client.
    ClientReceive,
    /// A pong, for a client.
    ClientReceivePong,
    /// A client's connection takes more.
    ClientWriteable,
    /// A server's connection takes more.
    ServerWriteable,
    /// An HTTP request.
    Http,
    /// A file went out.
    HttpFileCompletion,
    /// An HTTP connection takes more.
    HttpWriteable,
    /// A connection was accepted.
    FilterNetworkConnection,
    /// A WebSocket request is at hand.
    FilterProtocolConnection,
    /// A client's TLS context can be added to.
    LoadExtraClientVerifyCerts,
    /// A server's TLS context can be added to.
    LoadExtraServerVerifyCerts,
    /// A client's certificate is to be judged.
    PerformClientCertVerification,
    /// A client's request can be added to.
    ClientAppendHandshakeHeader,
    /// May a client's connection to us use this extension?
    ConfirmExtensionOkay,
    /// May we propose this extension?
    ClientConfirmExtensionSupported,
    /// The context has been made.
    ProtocolInit,
    /// The context is about to go.
    ProtocolDestroy,
    /// Poll a descriptor.
    AddPollFd,
    /// Poll it no more.
    DelPollFd,
    /// Poll it for more.
    SetModePollFd,
    /// Poll it for less.
    ClearModePollFd,
}

/// How many reasons there are.
const REASONS: usize = Reason::ClearModePollFd as usize + 1;

/// A generation does not know the reason.
const NEVER: c_int = -1;

/// Where the poll and network callbacks carry the descriptor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DescriptorIn {
    /// The argument `in`.
    In,
    /// The argument `user`.
    User,
}

/// What `libwebsocket_write` returns when it took the whole message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WriteReturns {
    /// Payload and twice the frame's header: a slip of the original that programs have measured.
    PayloadAndTwiceTheHeader,
    /// Nothing.
    Zero,
}

/// A generation of the interface.
#[derive(Debug)]
pub struct Personality {
    /// Its name in our own diagnostics.
    pub name: &'static str,
    /// Numbers by [`Reason`].
    reasons: [c_int; REASONS],
    /// Of the poll and network callbacks.
    pub descriptor: DescriptorIn,
    /// Of `libwebsocket_write`.
    pub write: WriteReturns,
    /// HTTP requests have the block of memory that their protocol asks for.
    pub http_block: bool,
    /// A WebSocket connection that its writeable callback ends says goodbye first, with status 1000.
    pub farewell: bool,
}

impl Personality {
    /// The number by which the program knows `reason`; `None` when it does not.
    #[inline]
    pub fn number(&self, reason: Reason) -> Option<c_int> {
        let number = self.reasons[reason as usize];
        (number != NEVER).then_some(number)
    }
}

/// The tree that Tizen IVI packaged as 1.2.
pub static IVI: Personality = Personality {
    name: "Tizen IVI 1.2",
    reasons: [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
    ],
    descriptor: DescriptorIn::In,
    write: WriteReturns::PayloadAndTwiceTheHeader,
    http_block: true,
    farewell: false,
};

/// Releases 1.2, 1.21 and 1.22.
pub static V1_22: Personality = Personality {
    name: "1.22",
    reasons: [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, NEVER, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
    ],
    descriptor: DescriptorIn::User,
    write: WriteReturns::Zero,
    http_block: false,
    farewell: true,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_generation_has_its_own_numbers() {
        assert_eq!(IVI.number(Reason::HttpWriteable), Some(12));
        assert_eq!(V1_22.number(Reason::HttpWriteable), None);
        assert_eq!(IVI.number(Reason::FilterNetworkConnection), Some(13));
        assert_eq!(V1_22.number(Reason::FilterNetworkConnection), Some(12));
        assert_eq!(IVI.number(Reason::ClearModePollFd), Some(26));
        assert_eq!(V1_22.number(Reason::ClearModePollFd), Some(25));
    }
}
