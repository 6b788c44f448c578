//! The fields that programs can ask for, by the numbers of `enum lws_token_indexes`.

use std::ffi::c_int;

/// A value that a [`Head`](super::Head) can hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Token {
    /// The target of a GET request.
    GetUri = 0,
    /// `Host`.
    Host = 1,
    /// `Connection`.
    Connection = 2,
    /// `Sec-WebSocket-Key1`, of drafts.
    Key1 = 3,
    /// `Sec-WebSocket-Key2`, of drafts.
    Key2 = 4,
    /// `Sec-WebSocket-Protocol`.
    Protocol = 5,
    /// `Upgrade`.
    Upgrade = 6,
    /// `Origin`, and what drafts called `Sec-WebSocket-Origin`.
    Origin = 7,
    /// `Sec-WebSocket-Draft`.
    Draft = 8,
    /// `Sec-WebSocket-Key`.
    Key = 10,
    /// `Sec-WebSocket-Version`.
    Version = 11,
    /// `Sec-WebSocket-Extensions`.
    Extensions = 13,
    /// `Sec-WebSocket-Accept`.
    Accept = 14,
    /// `Sec-WebSocket-Nonce`, of drafts.
    Nonce = 15,
    /// What follows `HTTP/1.1 ` in a status line.
    Http = 16,
    /// The subprotocols a client offered.
    ClientSentProtocols = 18,
    /// The address a client connected to.
    ClientPeerAddress = 19,
    /// The target a client asked for.
    ClientUri = 20,
    /// The `Host` a client sent.
    ClientHost = 21,
    /// The `Origin` a client sent.
    ClientOrigin = 22,
}

impl Token {
    /// How many numbers there are; some are never used.
    pub const COUNT: usize = 23;

    /// The place of a number that a program passed; `None` when there is no such number.
    #[inline]
    pub fn place(number: c_int) -> Option<usize> {
        usize::try_from(number).ok().filter(|place| *place < Self::COUNT)
    }

    /// The token under which the value of the field `name` is kept. Names compare without regard to case.
    pub(super) fn of_field(name: &[u8]) -> Option<Self> {
        const FIELDS: [(&[u8], Token); 14] = [
            (b"Host", Token::Host),
            (b"Connection", Token::Connection),
            (b"Sec-WebSocket-Key1", Token::Key1),
            (b"Sec-WebSocket-Key2", Token::Key2),
            (b"Sec-WebSocket-Protocol", Token::Protocol),
            (b"Upgrade", Token::Upgrade),
            (b"Origin", Token::Origin),
            (b"Sec-WebSocket-Draft", Token::Draft),
            (b"Sec-WebSocket-Key", Token::Key),
            (b"Sec-WebSocket-Version", Token::Version),
            (b"Sec-WebSocket-Origin", Token::Origin),
            (b"Sec-WebSocket-Extensions", Token::Extensions),
            (b"Sec-WebSocket-Accept", Token::Accept),
            (b"Sec-WebSocket-Nonce", Token::Nonce),
        ];
        FIELDS.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, token)| *token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_without_regard_to_case() {
        assert_eq!(Token::of_field(b"host"), Some(Token::Host));
        assert_eq!(Token::of_field(b"SEC-WEBSOCKET-KEY"), Some(Token::Key));
        assert_eq!(Token::of_field(b"Sec-WebSocket-Origin"), Some(Token::Origin));
        assert_eq!(Token::of_field(b"Cookie"), None);
        assert_eq!(Token::of_field(b""), None);
    }

    #[test]
    fn numbers_outside_the_table_have_no_place() {
        assert_eq!(Token::place(22), Some(22));
        for number in [-1, 23, c_int::MAX, c_int::MIN] {
            assert_eq!(Token::place(number), None);
        }
    }
}
