//! The beginning of a payload, on one line.

use std::fmt::{self, Write as _};

/// So many characters of text are shown at most.
const TEXT: usize = 120;
/// So many bytes of anything else.
const BINARY: usize = 32;

/// Shows the beginning of a payload: text in quotes, anything else in hexadecimal.
pub struct Preview<'a>(pub &'a [u8]);

impl fmt::Display for Preview<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Four bytes a character at most; what is cut in the middle of one is left out.
        let head = &self.0[..self.0.len().min(TEXT * 4)];
        let text = match std::str::from_utf8(head) {
            Ok(text) => Some(text),
            Err(error) if error.error_len().is_none() => {
                std::str::from_utf8(&head[..error.valid_up_to()]).ok()
            }
            Err(_) => None,
        };
        match text {
            Some(text) if !text.contains('\0') => {
                let shown = text.char_indices().nth(TEXT).map_or(text, |(end, _)| &text[..end]);
                f.write_char('"')?;
                for character in shown.chars().flat_map(char::escape_debug) {
                    f.write_char(character)?;
                }
                f.write_str(if shown.len() < self.0.len() { "\"…" } else { "\"" })
            }
            _ => {
                for byte in &self.0[..self.0.len().min(BINARY)] {
                    write!(f, "{byte:02x}")?;
                }
                f.write_str(if self.0.len() > BINARY { "…" } else { "" })
            }
        }
    }
}

/// Shows text of a stranger's on one line: what a terminal or a log would obey is escaped.
pub struct Shown<'a>(pub &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in self.0.split_inclusive(char::is_control) {
            match part.char_indices().next_back() {
                Some((end, last)) if last.is_control() => {
                    write!(f, "{}{}", &part[..end], last.escape_default())?
                }
                _ => f.write_str(part)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted_and_stays_on_its_line() {
        assert_eq!(Preview(b"").to_string(), "\"\"");
        assert_eq!(Preview("a\"b\nü".as_bytes()).to_string(), "\"a\\\"b\\nü\"");
    }

    #[test]
    fn a_stranger_cannot_paint_a_terminal_or_forge_a_line() {
        assert_eq!(Shown("plain ü\"").to_string(), "plain ü\"");
        assert_eq!(Shown("\x1b[2J\nforged\u{9b}").to_string(), r"\u{1b}[2J\nforged\u{9b}");
    }

    #[test]
    fn what_is_no_text_is_hexadecimal() {
        assert_eq!(Preview(&[0, 1, 0xff]).to_string(), "0001ff");
        assert_eq!(Preview(&[0x80; 40]).to_string(), format!("{}…", "80".repeat(32)));
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let text = "ü".repeat(500);
        assert_eq!(Preview(text.as_bytes()).to_string(), format!("\"{}\"…", "ü".repeat(120)));
        assert_eq!(Preview(&text.as_bytes()[..3]).to_string(), "\"ü\"…");
    }
}
