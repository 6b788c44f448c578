//! UTF-8 checked piece by piece (RFC 6455, section 8.1).
//!
//! A message arrives in pieces that cut characters anywhere. [`Validator`] reports the first
//! invalid byte in the piece that holds it, not later, and remembers at most three bytes between
//! pieces.

/// Pieces of at least this many bytes go to the SIMD validator; below, its set-up costs more.
const SIMD_FROM: usize = 64;

/// The text contains a byte sequence that is not UTF-8.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidUtf8;

/// The state of a text whose end has not been seen.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Validator {
    /// The bytes of a character that the last piece began and did not end.
    begun: [u8; 3],
    length: u8,
}

impl Validator {
    /// At the beginning of a text.
    pub const fn new() -> Self {
        Self { begun: [0; 3], length: 0 }
    }

    /// Whether the text so far ends between two characters.
    #[inline]
    pub const fn is_complete(&self) -> bool {
        self.length == 0
    }

    /// Checks the next piece. After an error the validator must not be used further.
    #[inline]
    pub fn push(&mut self, piece: &[u8]) -> Result<(), InvalidUtf8> {
        if self.length == 0 {
            return self.push_aligned(piece);
        }
        let used = self.finish_character(piece)?;
        self.push_aligned(&piece[used..])
    }

    /// Checks a piece that begins between two characters.
    #[inline]
    fn push_aligned(&mut self, piece: &[u8]) -> Result<(), InvalidUtf8> {
        let (valid, broken) = if piece.len() < SIMD_FROM {
            match std::str::from_utf8(piece) {
                Ok(_) => return Ok(()),
                Err(error) => (error.valid_up_to(), error.error_len()),
            }
        } else {
            match simdutf8::compat::from_utf8(piece) {
                Ok(_) => return Ok(()),
                Err(error) => (error.valid_up_to(), error.error_len()),
            }
        };
        if broken.is_some() {
            return Err(InvalidUtf8);
        }
        // What is left is the beginning of a character, three bytes at most.
        let rest = &piece[valid..];
        self.begun[..rest.len()].copy_from_slice(rest);
        self.length = rest.len() as u8;
        Ok(())
    }

    /// Completes the begun character with bytes of `piece`; returns how many it took.
    fn finish_character(&mut self, piece: &[u8]) -> Result<usize, InvalidUtf8> {
        let mut character = [0; 4];
        let mut length = usize::from(self.length);
        character[..length].copy_from_slice(&self.begun[..length]);
        for (used, byte) in piece.iter().enumerate() {
            character[length] = *byte;
            length += 1;
            match std::str::from_utf8(&character[..length]) {
                Ok(_) => {
                    self.length = 0;
                    return Ok(used + 1);
                }
                Err(error) if error.error_len().is_some() => return Err(InvalidUtf8),
                // A fourth byte always decides.
                Err(_) => {
                    self.begun[..length].copy_from_slice(&character[..length]);
                    self.length = length as u8;
                }
            }
        }
        Ok(piece.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Position of the byte at which an octet-wise check fails, the definition of "earliest".
    fn first_invalid(text: &[u8]) -> Option<usize> {
        (0..text.len())
            .find(|end| std::str::from_utf8(&text[..=*end]).is_err_and(|error| error.error_len().is_some()))
    }

    fn samples() -> Vec<Vec<u8>> {
        let mut samples: Vec<Vec<u8>> = [
            &b""[..],
            b"plain",
            "κόσμε".as_bytes(),
            "\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}".as_bytes(),
            b"\xc0\xaf",
            b"\xe0\x80\xaf",
            b"\xed\xa0\x80",
            b"\xed\xbf\xbf",
            b"\xf4\x90\x80\x80",
            b"\xf5",
            b"\xff",
            b"abc\x80",
            b"\xe2\x82",
            b"\xf0\x9f\x98",
        ]
        .map(<[u8]>::to_vec)
        .to_vec();
        let mut long = "ασδφ𐍈".repeat(40).into_bytes();
        samples.push(long.clone());
        long[150] = 0xff;
        samples.push(long);
        samples
    }

    #[test]
    fn any_two_cuts_give_the_same_verdict_in_the_right_piece() {
        for text in samples() {
            let expected = first_invalid(&text);
            for first in 0..=text.len() {
                for second in first..=text.len() {
                    let mut validator = Validator::new();
                    let mut start = 0;
                    let mut failed = None;
                    for end in [first, second, text.len()] {
                        if validator.push(&text[start..end]).is_err() {
                            failed = Some(start..end);
                            break;
                        }
                        start = end;
                    }
                    match (expected, failed) {
                        (None, None) => {
                            assert_eq!(validator.is_complete(), std::str::from_utf8(&text).is_ok());
                        }
                        (Some(at), Some(piece)) => assert!(piece.contains(&at), "{text:?}"),
                        other => panic!("{text:?}: {other:?}"),
                    }
                }
            }
        }
    }
}
