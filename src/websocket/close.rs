//! Close frames: status codes and payloads (RFC 6455, sections 5.5.1 and 7.4).

/// A status code as it stands in a close frame.
pub type Code = u16;

/// The purpose of the connection has been fulfilled.
pub const NORMAL: Code = 1000;
/// A peer broke the protocol.
pub const PROTOCOL_ERROR: Code = 1002;
/// Never on the wire: stands for a close frame without a code.
pub const NO_STATUS: Code = 1005;
/// Never on the wire: stands for a connection that ended without a close frame.
pub const ABNORMAL: Code = 1006;
/// Text that is not UTF-8.
pub const INVALID_PAYLOAD: Code = 1007;
/// A message larger than the receiver accepts.
pub const TOO_BIG: Code = 1009;

/// The longest reason that fits a control frame beside the code, in bytes.
pub const MAX_REASON: usize = super::frame::MAX_CONTROL_PAYLOAD - 2;

/// Whether a peer may send `code` (section 7.4.1, and the codes registered since: 1012 to 1014).
///
/// 1004 is reserved; 1005, 1006 and 1015 never travel.
pub const fn is_sendable(code: Code) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// The code in a close frame's payload; `None` when the payload has no room for one.
pub fn code(payload: &[u8]) -> Option<Code> {
    payload.first_chunk().map(|code| Code::from_be_bytes(*code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_must_not_travel_are_refused() {
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] {
            assert!(!is_sendable(code), "{code}");
        }
        for code in [1000, 1001, 1003, 1007, 1011, 1012, 1013, 1014, 3000, 4999] {
            assert!(is_sendable(code), "{code}");
        }
    }

    #[test]
    fn one_byte_is_no_code() {
        assert_eq!(code(&[]), None);
        assert_eq!(code(&[3]), None);
        assert_eq!(code(&[3, 232, b'x']), Some(NORMAL));
    }
}
