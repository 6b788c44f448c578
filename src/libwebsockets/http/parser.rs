//! Heads in pieces of any size.
//!
//! What programs see follows the original, byte for byte. What proxies and servers have to agree on, so that nobody
//! smuggles a request past one of them, is strict: lines end with CR LF, names have no blanks, lines are not folded,
//! there are no NULs, and a request has no body (RFC 9112, sections 2.2, 5 and 6.3).

use super::{Head, Token, head::Full};
use memchr::{memchr, memchr2};
use thiserror::Error;

/// The longest head, in bytes.
const MAX_HEAD: usize = 64 * 1024;

/// The most lines of a head.
const MAX_LINES: usize = 128;

/// Why a head is refused. The connection is of no use any more.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum HeadError {
    /// A request that is not a GET, or a reply that is not HTTP/1.1.
    #[error("unknown method")]
    Method,
    /// Not the grammar of HTTP.
    #[error("malformed head")]
    Malformed,
    /// Values, lines or the whole exceed their limits.
    #[error("excessive header content")]
    TooLarge,
    /// More lines, or values that are kept, than there is room for.
    #[error("more header lines than can be dealt with")]
    TooMany,
    /// The request has a body.
    #[error("request with a body")]
    Body,
}

impl HeadError {
    /// The HTTP status with which a server that answers would answer.
    pub const fn status(self) -> u16 {
        match self {
            Self::Method => 405,
            Self::Malformed => 400,
            Self::TooLarge | Self::TooMany => 431,
            Self::Body => 413,
        }
    }
}

impl From<Full> for HeadError {
    fn from(full: Full) -> Self {
        match full {
            Full::Bytes => Self::TooLarge,
            Full::Fragments => Self::TooMany,
        }
    }
}

/// How far a head has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Progress {
    /// All bytes were taken; there is more to come.
    More,
    /// The head ended after this many of the bytes. What follows belongs to the caller.
    Done(usize),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Request,
    Reply,
}

/// Parses one head.
#[derive(Debug)]
pub struct Parser {
    kind: Kind,
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
    /// Bytes seen.
    length: usize,
    lines: usize,
}

impl Parser {
    /// Of a client's request.
    pub const fn request() -> Self {
        Self { kind: Kind::Request, line: Vec::new(), length: 0, lines: 0 }
    }

    /// Of a server's reply.
    pub const fn reply() -> Self {
        Self { kind: Kind::Reply, line: Vec::new(), length: 0, lines: 0 }
    }

    /// Whether any byte of the head has come.
    pub const fn has_begun(&self) -> bool {
        self.length > 0
    }

    /// Takes the next bytes and puts the values they complete into `head`.
    ///
    /// # Errors
    /// [`HeadError`], as soon as the bytes that show it are there.
    pub fn push(&mut self, bytes: &[u8], head: &mut Head) -> Result<Progress, HeadError> {
        let mut rest = bytes;
        while let Some(end) = memchr(b'\n', rest) {
            let (line, after) = rest.split_at(end + 1);
            rest = after;
            self.count(line.len())?;
            let done = if self.line.is_empty() {
                self.line(line, head)?
            } else {
                let mut whole = std::mem::take(&mut self.line);
                whole.extend_from_slice(line);
                self.line(&whole, head)?
            };
            if done {
                return Ok(Progress::Done(bytes.len() - rest.len()));
            }
        }
        self.count(rest.len())?;
        self.line.extend_from_slice(rest);
        if self.lines == 0 {
            let begin = self.begin();
            let seen = self.line.len().min(begin.len());
            if self.line[..seen] != begin[..seen] && self.line != b"\r" {
                return Err(HeadError::Method);
            }
        }
        Ok(Progress::More)
    }

    const fn begin(&self) -> &'static [u8] {
        match self.kind {
            Kind::Request => b"GET ",
            Kind::Reply => b"HTTP/1.1 ",
        }
    }

    fn count(&mut self, bytes: usize) -> Result<(), HeadError> {
        self.length += bytes;
        if self.length > MAX_HEAD { Err(HeadError::TooLarge) } else { Ok(()) }
    }

    /// Takes a whole line, with its end. Returns whether it ends the head.
    fn line(&mut self, line: &[u8], head: &mut Head) -> Result<bool, HeadError> {
        let line = line.strip_suffix(b"\r\n").ok_or(HeadError::Malformed)?;
        if self.lines == 0 {
            // One empty line may stand before a request (RFC 9112, section 2.2).
            if line.is_empty() && self.kind == Kind::Request && self.length == 2 {
                return Ok(false);
            }
            let rest = line.strip_prefix(self.begin()).ok_or(HeadError::Method)?;
            self.lines = 1;
            check(rest)?;
            return self.first(rest, head).map(|()| false);
        }
        if line.is_empty() {
            return Ok(true);
        }
        self.lines += 1;
        if self.lines > MAX_LINES {
            return Err(HeadError::TooMany);
        }
        check(line)?;
        let colon = memchr(b':', line).ok_or(HeadError::Malformed)?;
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        if name.is_empty() || name.iter().any(|byte| byte.is_ascii_whitespace()) {
            return Err(HeadError::Malformed);
        }
        if let Some(token) = Token::of_field(name) {
            head.add_field(token, value)?;
        } else if self.kind == Kind::Request && announces_body(name, value) {
            return Err(HeadError::Body);
        }
        Ok(false)
    }

    /// Takes what follows the method or the version.
    fn first(&self, rest: &[u8], head: &mut Head) -> Result<(), HeadError> {
        let value = rest.trim_ascii_start();
        let (token, value) = match self.kind {
            Kind::Request => (Token::GetUri, value.split(|byte| *byte == b' ').next().unwrap_or_default()),
            Kind::Reply => (Token::Http, value),
        };
        if value.is_empty() {
            return Err(HeadError::Malformed);
        }
        Ok(head.add_field(token, value)?)
    }
}

/// Refuses what C strings and other readers of the same bytes would see differently.
fn check(line: &[u8]) -> Result<(), HeadError> {
    if memchr2(0, b'\r', line).is_some() { Err(HeadError::Malformed) } else { Ok(()) }
}

/// Whether a field says that bytes follow the head which are not the next request.
fn announces_body(name: &[u8], value: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"Transfer-Encoding")
        || name.eq_ignore_ascii_case(b"Content-Length") && value.trim_ascii() != b"0"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses `bytes` in pieces of every size; all have to come to the same.
    fn parse(parser: fn() -> Parser, bytes: &[u8]) -> Result<(usize, Head), HeadError> {
        let mut outcomes = (1..=bytes.len().max(1)).map(|step| {
            let (mut parser, mut head) = (parser(), Head::new());
            for (at, piece) in bytes.chunks(step).enumerate() {
                if let Progress::Done(used) = parser.push(piece, &mut head)? {
                    return Ok((at * step + used, head));
                }
            }
            Ok((usize::MAX, head))
        });
        let first = outcomes.next().unwrap();
        for next in outcomes {
            assert_eq!(format!("{first:?}"), format!("{next:?}"));
        }
        first
    }

    fn request(text: &str) -> Result<(usize, Head), HeadError> {
        parse(Parser::request, text.as_bytes())
    }

    const UPGRADE: &str = "GET  /chat?x=%20 HTTP/1.1\r\nhost: example.com\r\nCookie: a=b\r\nUpgrade: websocket\r\n\
                           CONNECTION: keep-alive, Upgrade\r\nSec-WebSocket-Key:  dGhl \r\n\r\n";

    #[test]
    fn a_request_in_pieces_of_any_size() {
        let (used, head) = request(&format!("{UPGRADE}\x01\x02")).unwrap();
        assert_eq!(used, UPGRADE.len());
        assert_eq!(head.value(Token::GetUri), b"/chat?x=%20");
        assert_eq!(head.value(Token::Host), b"example.com");
        assert_eq!(head.value(Token::Connection), b"keep-alive, Upgrade");
        assert_eq!(head.value(Token::Key), b"dGhl ");
        assert_eq!(head.total_length(Token::Version as usize), 0);
    }

    #[test]
    fn the_version_is_not_looked_at() {
        for text in ["GET /\r\n\r\n", "GET / HTTP/0.9 and more\r\n\r\n", "\r\nGET / HTTP/1.1\r\n\r\n"] {
            let (used, head) = request(text).unwrap();
            assert_eq!((used, head.value(Token::GetUri)), (text.len(), b"/".to_vec()), "{text:?}");
        }
    }

    #[test]
    fn an_unfinished_head_waits() {
        assert_eq!(request("GET / HTTP/1.1\r\nHost: a\r\n").unwrap().0, usize::MAX);
        assert_eq!(request("\r\nGE").unwrap().0, usize::MAX);
    }

    #[test]
    fn other_methods_are_refused_at_their_first_bytes() {
        for text in ["P", "GEX", "get /", "\x16\x03\x01", "\r\n\r\n", " GET / HTTP/1.1\r\n"] {
            assert_eq!(request(text).unwrap_err(), HeadError::Method, "{text:?}");
        }
    }

    #[test]
    fn what_readers_could_understand_differently_is_refused() {
        for lines in [
            "Host: a\nX: b\r\n",
            "Host: a\rX: b\r\n",
            "Host: a\0b\r\n",
            "X: a\r\n folded\r\n",
            "X : a\r\n",
            "no colon\r\n",
            ": empty\r\n",
            "GET /again HTTP/1.1\r\n",
        ] {
            let text = format!("GET / HTTP/1.1\r\n{lines}\r\n");
            assert_eq!(request(&text).unwrap_err(), HeadError::Malformed, "{text:?}");
        }
        for text in ["GET /\n\n", "GET  \r\n\r\n", "GET /a\0b\r\n\r\n", "GET /a\rb\r\n\r\n"] {
            assert_eq!(request(text).unwrap_err(), HeadError::Malformed, "{text:?}");
        }
    }

    #[test]
    fn a_request_has_no_body() {
        for line in
            ["Content-Length: 5", "content-length:+0", "Transfer-Encoding: chunked", "Content-Length: 0, 0"]
        {
            assert_eq!(
                request(&format!("GET / HTTP/1.1\r\n{line}\r\n\r\n")).unwrap_err(),
                HeadError::Body,
                "{line}"
            );
        }
        assert!(request("GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n").is_ok());
    }

    fn long(lines: &str) -> Result<(), HeadError> {
        let (mut parser, mut head) = (Parser::request(), Head::new());
        parser.push(b"GET / HTTP/1.1\r\n", &mut head)?;
        parser.push(lines.as_bytes(), &mut head)?;
        assert_eq!(parser.push(b"\r\n", &mut head)?, Progress::Done(2));
        Ok(())
    }

    #[test]
    fn limits() {
        assert_eq!(long(&format!("Cookie: {}\r\n", "c".repeat(60_000))), Ok(()));
        assert_eq!(long(&format!("Cookie: {}\r\n", "c".repeat(66_000))), Err(HeadError::TooLarge));
        assert_eq!(long(&format!("Host: {}\r\n", "h".repeat(1021))), Ok(()));
        assert_eq!(long(&format!("Host: {}\r\n", "h".repeat(1022))), Err(HeadError::TooLarge));
        assert_eq!(long(&"X: y\r\n".repeat(127)), Ok(()));
        assert_eq!(long(&"X: y\r\n".repeat(128)), Err(HeadError::TooMany));
        // The URI is one of 45.
        assert_eq!(long(&"Origin: y\r\n".repeat(44)), Ok(()));
        assert_eq!(long(&"Origin: y\r\n".repeat(45)), Err(HeadError::TooMany));
    }

    #[test]
    fn a_reply_in_pieces_of_any_size() {
        let text = b"HTTP/1.1 101 Switching\r\nServer: x\r\nsec-websocket-accept: abc\r\nContent-Length: 7\r\n\r\n\x81";
        let (used, head) = parse(Parser::reply, text).unwrap();
        assert_eq!(used, text.len() - 1);
        assert_eq!(head.value(Token::Http), b"101 Switching");
        assert_eq!(head.value(Token::Accept), b"abc");
        for text in [&b"HTTP/1.0 200 OK\r\n"[..], b"\r\nHTTP/1.1", b"ICY"] {
            assert_eq!(parse(Parser::reply, text).unwrap_err(), HeadError::Method);
        }
    }
}
