//! Lines of an HTTP header (RFC 9112), taken apart and checked. No input or output.
//!
//! Reading is as lenient as the original: further spaces between the parts, and before a field's colon, are no error.
//! A NUL is one everywhere: the program receives its parts as C strings.

/// A line that is not what it has to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Malformed;

type Parsed<T> = Result<T, Malformed>;

/// The end of every line.
pub const END: &[u8; 2] = b"\r\n";

/// The version we speak.
pub const VERSION: &[u8; 8] = b"HTTP/1.1";

/// Takes the first word, and the spaces around it, off a line.
fn word<'a>(line: &mut &'a [u8]) -> &'a [u8] {
    let begin = skip_spaces(line);
    let end = begin.iter().position(|byte| *byte == b' ').unwrap_or(begin.len());
    *line = skip_spaces(&begin[end..]);
    &begin[..end]
}

fn skip_spaces(line: &[u8]) -> &[u8] {
    let begin = line.iter().position(|byte| *byte != b' ').unwrap_or(line.len());
    &line[begin..]
}

fn without_trailing_spaces(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
    &line[..end]
}

/// HTTP 1.0, 1.1 or a later 1.x, which is read like 1.1 (RFC 9110, section 2.5).
fn is_version(word: &[u8]) -> bool {
    matches!(word, [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0'..=b'9'])
}

/// Whether a line could not be handed out as C strings.
fn has_nul(line: &[u8]) -> bool {
    line.contains(&0)
}

/// The command and the resource of a request line (section 3).
pub fn request(mut line: &[u8]) -> Parsed<(&[u8], &[u8])> {
    if has_nul(line) {
        return Err(Malformed);
    }
    let (command, resource, version) = (word(&mut line), word(&mut line), word(&mut line));
    if command.is_empty() || resource.is_empty() || !is_version(version) || !line.is_empty() {
        return Err(Malformed);
    }
    Ok((command, resource))
}

/// The status and the reason of a status line (section 4). The reason may be missing, and the space before it too.
pub fn status(mut line: &[u8]) -> Parsed<(u16, &[u8])> {
    if has_nul(line) || !is_version(word(&mut line)) {
        return Err(Malformed);
    }
    match word(&mut line) {
        [hundreds @ b'0'..=b'9', tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
            let digit = |byte: &u8| u16::from(byte - b'0');
            Ok((digit(hundreds) * 100 + digit(tens) * 10 + digit(ones), line))
        }
        _ => Err(Malformed),
    }
}

/// The name and the value of a field line (section 5).
pub fn field(line: &[u8]) -> Parsed<(&[u8], &[u8])> {
    if has_nul(line) {
        return Err(Malformed);
    }
    let line = skip_spaces(line);
    let colon = line.iter().position(|byte| *byte == b':').ok_or(Malformed)?;
    let name = without_trailing_spaces(&line[..colon]);
    if name.contains(&b' ') {
        return Err(Malformed);
    }
    Ok((name, without_trailing_spaces(skip_spaces(&line[colon + 1..]))))
}

/// Whether a command or a resource may stand in a request line.
pub fn is_sendable_word(word: &[u8]) -> bool {
    !word.iter().any(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// Whether a reason or a value would stay in its line.
pub fn is_sendable_text(text: &[u8]) -> bool {
    !text.iter().any(|byte| matches!(byte, b'\r' | b'\n'))
}

/// Whether a field may have this name.
pub fn is_sendable_name(name: &[u8]) -> bool {
    is_sendable_word(name) && !name.iter().any(|byte| b"(),/:;<=>?@[\\]{}\"".contains(byte))
}

/// The value without the spaces around it.
pub fn trimmed(value: &[u8]) -> &[u8] {
    without_trailing_spaces(skip_spaces(value))
}

/// A status as it stands in a status line, with the spaces around it.
pub fn status_digits(status: u16) -> [u8; 5] {
    let digit = |value: u16| b'0' + (value % 10) as u8;
    [b' ', digit(status / 100), digit(status / 10), digit(status), b' ']
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_lines() {
        assert_eq!(request(b"GET /a/b HTTP/1.1"), Ok((&b"GET"[..], &b"/a/b"[..])));
        assert_eq!(request(b"  GET   /x  HTTP/1.0 "), Ok((&b"GET"[..], &b"/x"[..])));
        for line in [
            &b""[..],
            b" ",
            b"GET",
            b"GET ",
            b"GET /x",
            b"GET /x ",
            b"GET /x HTTP/2.0",
            b"GET /x ABCDEFGH",
            b"GET /x HTTP/1.1x",
            b"GET /x HTTP/1.1 y",
            b"GET /\0 HTTP/1.1",
        ] {
            assert_eq!(request(line), Err(Malformed), "{}", line.escape_ascii());
        }
    }

    #[test]
    fn status_lines() {
        assert_eq!(status(b"HTTP/1.1 200 OK"), Ok((200, &b"OK"[..])));
        assert_eq!(status(b"HTTP/1.1 404 Not Found "), Ok((404, &b"Not Found "[..])));
        assert_eq!(status(b"HTTP/1.1 204 "), Ok((204, &b""[..])));
        assert_eq!(status(b"HTTP/1.1 204"), Ok((204, &b""[..])));
        for line in
            [&b""[..], b"HTTP/1.1", b"HTTP/1.1 20", b"HTTP/1.1 2000", b"HTTP/1.1 2x0 OK", b"FTP/1.10 200 OK"]
        {
            assert_eq!(status(line), Err(Malformed), "{}", line.escape_ascii());
        }
    }

    #[test]
    fn field_lines() {
        assert_eq!(field(b"Host: h"), Ok((&b"Host"[..], &b"h"[..])));
        assert_eq!(field(b"a:b"), Ok((&b"a"[..], &b"b"[..])));
        assert_eq!(field(b"Long :  v w  "), Ok((&b"Long"[..], &b"v w"[..])));
        assert_eq!(field(b"Empty:"), Ok((&b"Empty"[..], &b""[..])));
        assert_eq!(field(b"t:\tx"), Ok((&b"t"[..], &b"\tx"[..])));
        for line in [&b""[..], b"no colon", b"two words: x", b"n: \0"] {
            assert_eq!(field(line), Err(Malformed), "{}", line.escape_ascii());
        }
    }

    #[test]
    fn what_would_end_a_line_is_not_sent() {
        assert!(is_sendable_word(b"/a?b") && !is_sendable_word(b"/a\r") && !is_sendable_word(b"a b"));
        assert!(is_sendable_text(b"a b\tc") && !is_sendable_text(b"a\r\nb"));
        assert!(
            is_sendable_name(b"X-Y_z") && !is_sendable_name(b"a:b") && !is_sendable_name(b"invalid name ")
        );
        assert_eq!(status_digits(101), *b" 101 ");
        assert_eq!(trimmed(b"  both pad  "), b"both pad");
        assert_eq!(trimmed(b"   "), b"");
    }
}
