//! Base64 between C strings, with the original's lengths and limits.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

/// Encodes `input` into `out`, with a NUL.
///
/// Returns the length without the NUL; `None` unless `out` has room for one byte more than that takes, as in the
/// original.
pub fn encode(input: &[u8], out: &mut [u8]) -> Option<usize> {
    let length = base64::encoded_len(input.len(), true)?;
    if out.len() < length.checked_add(2)? {
        return None;
    }
    let written = STANDARD.encode_slice(input, out).ok()?;
    out[written] = 0;
    Some(written)
}

/// Decodes `input` into `out`, with a NUL.
///
/// Characters outside the alphabet are skipped, and padding may be missing, as in the original. Returns the length
/// without the NUL; `None` when `out` is too small for both.
pub fn decode(input: &[u8], out: &mut [u8]) -> Option<usize> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::RequireNone),
    );
    let mut digits: Vec<u8> = input
        .iter()
        .copied()
        .take_while(|byte| *byte != b'=')
        .filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
        .collect();
    // One digit alone is not a byte.
    if digits.len() % 4 == 1 {
        digits.pop();
    }
    let bytes = LENIENT.decode(&digits).ok()?;
    if out.len() <= bytes.len() {
        return None;
    }
    out[..bytes.len()].copy_from_slice(&bytes);
    out[bytes.len()] = 0;
    Some(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_needs_one_byte_more_than_it_writes() {
        let mut out = [0xff; 6];
        assert_eq!(encode(b"abc", &mut out), Some(4));
        assert_eq!(&out[..5], b"YWJj\0");
        assert_eq!(encode(b"abc", &mut out[..5]), None);
        assert_eq!(encode(b"", &mut out[..2]), Some(0));
        assert_eq!(encode(b"", &mut out[..1]), None);
    }

    #[test]
    fn decoding_loses_no_byte() {
        let mut out = [0; 16];
        for (text, expected) in [
            ("YWJj", &b"abc"[..]),
            ("YWI=", b"ab"),
            ("YQ==", b"a"),
            ("YQ", b"a"),
            ("YWI", b"ab"),
            ("YW\r\nJj", b"abc"),
            ("", b""),
            ("Y", b""),
            ("YWJjZ", b"abc"),
        ] {
            assert_eq!(decode(text.as_bytes(), &mut out), Some(expected.len()), "{text}");
            assert_eq!(&out[..expected.len()], expected);
            assert_eq!(out[expected.len()], 0);
        }
        assert_eq!(decode(b"YWJj", &mut out[..3]), None);
        assert_eq!(decode(b"YWJj", &mut out[..4]), Some(3));
    }
}
