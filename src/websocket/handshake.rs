//! The opening handshake (RFC 6455, section 4), both sides, without any input or output.
//!
//! A front end collects bytes until [`Request::parse`] or [`Response::parse`] says how long the
//! header was; what follows it in the buffer are frames. Names of headers and their tokens compare
//! without regard to case, `Connection` and `Upgrade` are lists (`keep-alive, Upgrade`), and
//! repeated headers add up, as HTTP wants it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha1::{Digest as _, Sha1};
use thiserror::Error;

/// The longest header accepted, in bytes.
pub const MAX_HEAD: usize = 64 * 1024;

/// The most header fields accepted.
pub const MAX_FIELDS: usize = 128;

/// The length of a `Sec-WebSocket-Accept` value.
pub const ACCEPT_LENGTH: usize = 28;

/// The length of a `Sec-WebSocket-Key` value made from 16 bytes.
pub const KEY_LENGTH: usize = 24;

const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Why an opening handshake was refused.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum HandshakeError {
    /// Not HTTP.
    #[error("malformed HTTP header")]
    Malformed,
    /// More than [`MAX_HEAD`] bytes or [`MAX_FIELDS`] fields.
    #[error("HTTP header too large")]
    TooLarge,
    /// A method other than GET, or HTTP before 1.1.
    #[error("not an HTTP/1.1 GET request")]
    Method,
    /// A required header is missing, repeated or wrong.
    #[error("missing or wrong {0} header")]
    Header(&'static str),
    /// A `Sec-WebSocket-Version` other than 13.
    #[error("unsupported WebSocket version")]
    Version,
    /// The server answered with this status instead of 101.
    #[error("server answered with status {0}")]
    Status(u16),
}

impl HandshakeError {
    /// The HTTP status and reason with which a server refuses the request.
    pub fn status(self) -> (u16, &'static str) {
        match self {
            Self::TooLarge => (431, "Request Header Fields Too Large"),
            Self::Method => (405, "Method Not Allowed"),
            Self::Version => (426, "Upgrade Required"),
            Self::Malformed | Self::Header(_) | Self::Status(_) => (400, "Bad Request"),
        }
    }

    /// The whole response with which a server refuses the request and closes.
    pub fn response(self) -> Vec<u8> {
        let (status, reason) = self.status();
        let extra = match self {
            Self::Version => "Sec-WebSocket-Version: 13\r\n",
            Self::Method => "Allow: GET\r\n",
            _ => "",
        };
        format!("HTTP/1.1 {status} {reason}\r\nConnection: close\r\n{extra}Content-Length: 0\r\n\r\n")
            .into_bytes()
    }
}

/// The `Sec-WebSocket-Accept` value that answers `key` (section 4.2.2, item 5.4).
pub fn accept(key: &[u8]) -> [u8; ACCEPT_LENGTH] {
    let digest = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    let mut text = [0; ACCEPT_LENGTH];
    let written = BASE64.encode_slice(digest, &mut text);
    debug_assert_eq!(written, Ok(ACCEPT_LENGTH));
    text
}

/// The `Sec-WebSocket-Key` value for 16 bytes of the caller's randomness.
pub fn key(random: [u8; 16]) -> [u8; KEY_LENGTH] {
    let mut text = [0; KEY_LENGTH];
    let written = BASE64.encode_slice(random, &mut text);
    debug_assert_eq!(written, Ok(KEY_LENGTH));
    text
}

/// Whether `key` is base64 of 16 bytes (section 4.2.1, item 5).
pub fn is_key(key: &[u8]) -> bool {
    let mut nonce = [0; 18];
    key.len() == KEY_LENGTH && BASE64.decode_slice(key, &mut nonce) == Ok(16)
}

/// Header fields in the order received.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Fields(Vec<(String, Vec<u8>)>);

impl Fields {
    /// Every value of `name`, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.0
            .iter()
            .filter(move |(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }

    /// The value of `name` when it is there exactly once.
    pub fn single<'a>(&'a self, name: &'a str) -> Option<&'a [u8]> {
        let mut values = self.all(name);
        values.next().filter(|_| values.next().is_none())
    }

    /// The elements of the comma-separated lists under `name`, trimmed, empty ones left out.
    pub fn list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.all(name)
            .flat_map(|value| value.split(|byte| *byte == b','))
            .map(<[u8]>::trim_ascii)
            .filter(|element| !element.is_empty())
    }

    /// Whether the lists under `name` have the element `token`.
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.list(name).any(|element| element.eq_ignore_ascii_case(token.as_bytes()))
    }

    /// Every field, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }
}

impl From<&[httparse::Header<'_>]> for Fields {
    fn from(headers: &[httparse::Header<'_>]) -> Self {
        Self(headers.iter().map(|field| (field.name.to_owned(), field.value.to_owned())).collect())
    }
}

fn refused(error: httparse::Error) -> HandshakeError {
    match error {
        httparse::Error::TooManyHeaders => HandshakeError::TooLarge,
        _ => HandshakeError::Malformed,
    }
}

/// A client's opening request, checked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Request {
    /// The request target, as sent.
    pub target: String,
    /// All header fields.
    pub fields: Fields,
    /// What [`Request::accept`] answers.
    key: Vec<u8>,
}

impl Request {
    /// Parses and checks what has been received of a request (section 4.2.1).
    ///
    /// Returns the request and the length of its header, or `None` when the header has not ended.
    ///
    /// # Errors
    /// [`HandshakeError`], whose [`HandshakeError::response`] is what to answer.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, HandshakeError> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_FIELDS];
        let mut request = httparse::Request::new(&mut headers);
        let length = match request.parse(bytes).map_err(refused)? {
            httparse::Status::Complete(length) if length <= MAX_HEAD => length,
            httparse::Status::Partial if bytes.len() < MAX_HEAD => return Ok(None),
            _ => return Err(HandshakeError::TooLarge),
        };
        if request.method != Some("GET") || request.version != Some(1) {
            return Err(HandshakeError::Method);
        }
        let fields = Fields::from(&*request.headers);
        let target = request.path.unwrap_or_default().to_owned();
        fields.single("Host").ok_or(HandshakeError::Header("Host"))?;
        if !fields.has_token("Upgrade", "websocket") {
            return Err(HandshakeError::Header("Upgrade"));
        }
        if !fields.has_token("Connection", "Upgrade") {
            return Err(HandshakeError::Header("Connection"));
        }
        if fields.single("Sec-WebSocket-Version") != Some(b"13") {
            return Err(HandshakeError::Version);
        }
        let key = fields
            .single("Sec-WebSocket-Key")
            .filter(|key| is_key(key))
            .ok_or(HandshakeError::Header("Sec-WebSocket-Key"))?
            .to_owned();
        Ok(Some((Self { target, fields, key }, length)))
    }

    /// The subprotocols the client offers, most wanted first.
    pub fn protocols(&self) -> impl Iterator<Item = &[u8]> {
        self.fields.list("Sec-WebSocket-Protocol")
    }

    /// The response that completes the handshake (section 4.2.2).
    ///
    /// `protocol` is one of those offered, `extra` further whole lines, each ending in CRLF.
    pub fn accept(&self, protocol: Option<&str>, extra: &str) -> Vec<u8> {
        let mut response =
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                             Sec-WebSocket-Accept: "
                .to_vec();
        response.extend_from_slice(&accept(&self.key));
        response.extend_from_slice(b"\r\n");
        if let Some(protocol) = protocol {
            response.extend_from_slice(format!("Sec-WebSocket-Protocol: {protocol}\r\n").as_bytes());
        }
        response.extend_from_slice(extra.as_bytes());
        response.extend_from_slice(b"\r\n");
        response
    }
}

/// What a client asks for; [`Offer::request`] makes the bytes.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    /// The request target: an absolute path with its query.
    pub target: &'a str,
    /// The value of `Host`: the name, and the port unless it is the scheme's own.
    pub host: &'a str,
    /// The value of [`key`] for this connection.
    pub key: &'a [u8; KEY_LENGTH],
    /// Subprotocols, comma-separated, most wanted first.
    pub protocols: Option<&'a str>,
    /// Further whole lines, each ending in CRLF.
    pub extra: &'a str,
}

impl Offer<'_> {
    /// The client's opening request (section 4.1).
    pub fn request(&self) -> Vec<u8> {
        let mut request = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ",
            self.target, self.host
        )
        .into_bytes();
        request.extend_from_slice(self.key);
        request.extend_from_slice(b"\r\n");
        if let Some(protocols) = self.protocols {
            request.extend_from_slice(format!("Sec-WebSocket-Protocol: {protocols}\r\n").as_bytes());
        }
        request.extend_from_slice(self.extra.as_bytes());
        request.extend_from_slice(b"\r\n");
        request
    }
}

/// A server's answer, checked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Response {
    /// All header fields.
    pub fields: Fields,
}

impl Response {
    /// Parses and checks what has been received of the answer to `offer` (section 4.1).
    ///
    /// Returns the response and the length of its header, or `None` when the header has not ended.
    /// Extensions are left to the caller, who knows what it offered.
    ///
    /// # Errors
    /// [`HandshakeError`]; the connection must be closed.
    pub fn parse(bytes: &[u8], offer: &Offer<'_>) -> Result<Option<(Self, usize)>, HandshakeError> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_FIELDS];
        let mut response = httparse::Response::new(&mut headers);
        let length = match response.parse(bytes).map_err(refused)? {
            httparse::Status::Complete(length) if length <= MAX_HEAD => length,
            httparse::Status::Partial if bytes.len() < MAX_HEAD => return Ok(None),
            _ => return Err(HandshakeError::TooLarge),
        };
        match response.code {
            Some(101) => {}
            Some(status) => return Err(HandshakeError::Status(status)),
            None => return Err(HandshakeError::Malformed),
        }
        let fields = Fields::from(&*response.headers);
        if !fields.has_token("Upgrade", "websocket") {
            return Err(HandshakeError::Header("Upgrade"));
        }
        if !fields.has_token("Connection", "Upgrade") {
            return Err(HandshakeError::Header("Connection"));
        }
        if fields.single("Sec-WebSocket-Accept") != Some(&accept(offer.key)) {
            return Err(HandshakeError::Header("Sec-WebSocket-Accept"));
        }
        if fields.all("Sec-WebSocket-Protocol").next().is_some() {
            let chosen = fields.single("Sec-WebSocket-Protocol");
            let offered = offer.protocols.unwrap_or_default().split(',').map(|name| name.trim().as_bytes());
            if !offered.into_iter().any(|name| !name.is_empty() && Some(name) == chosen) {
                return Err(HandshakeError::Header("Sec-WebSocket-Protocol"));
            }
        }
        Ok(Some((Self { fields }, length)))
    }

    /// The subprotocol the server chose.
    pub fn protocol(&self) -> Option<&[u8]> {
        self.fields.single("Sec-WebSocket-Protocol")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8; KEY_LENGTH] = b"dGhlIHNhbXBsZSBub25jZQ==";

    fn request(lines: &str) -> Result<Option<(Request, usize)>, HandshakeError> {
        Request::parse(format!("GET /chat HTTP/1.1\r\nHost: example.com\r\n{lines}\r\n").as_bytes())
    }

    const GOOD: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    #[test]
    fn the_rfc_example() {
        assert_eq!(&accept(KEY), b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(&key(*b"the sample nonce"), KEY);
    }

    #[test]
    fn browsers_and_old_clients_are_understood() {
        let lines = "upgrade: WebSocket\r\nCONNECTION: keep-alive, upgrade\r\nsec-websocket-version: 13\r\n\
                     Sec-WebSocket-Protocol: a, b\r\nSec-WebSocket-Protocol: c\r\n\
                     sec-websocket-key:dGhlIHNhbXBsZSBub25jZQ== \r\n";
        let (request, _) = request(lines).unwrap().unwrap();
        assert_eq!(request.target, "/chat");
        assert_eq!(request.protocols().collect::<Vec<_>>(), [b"a", b"b", b"c"]);
        let response = String::from_utf8(request.accept(Some("b"), "")).unwrap();
        assert!(response.contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
        assert!(response.ends_with("\r\nSec-WebSocket-Protocol: b\r\n\r\n"));
    }

    #[test]
    fn each_requirement_is_a_refusal_of_its_own() {
        assert!(request(GOOD).is_ok());
        for (from, to, error) in [
            ("Upgrade: websocket", "Upgrade: h2c", HandshakeError::Header("Upgrade")),
            ("Connection: Upgrade", "Connection: close", HandshakeError::Header("Connection")),
            ("Version: 13", "Version: 8", HandshakeError::Version),
            ("nonce", "nonce", HandshakeError::Header("Sec-WebSocket-Key")),
        ] {
            let lines = match error {
                HandshakeError::Header("Sec-WebSocket-Key") => GOOD.replace("ZQ==", "Z==="),
                _ => GOOD.replace(from, to),
            };
            assert_eq!(request(&lines), Err(error));
        }
        let post = format!("POST / HTTP/1.1\r\nHost: a\r\n{GOOD}\r\n");
        assert_eq!(Request::parse(post.as_bytes()), Err(HandshakeError::Method));
        assert_eq!(Request::parse(b"\0\0\0"), Err(HandshakeError::Malformed));
        assert_eq!(HandshakeError::Version.status().0, 426);
    }

    #[test]
    fn a_header_without_end_is_refused_at_the_limit() {
        let mut bytes = b"GET / HTTP/1.1\r\nX: ".to_vec();
        bytes.resize(MAX_HEAD - 1, b'a');
        assert_eq!(Request::parse(&bytes), Ok(None));
        bytes.push(b'a');
        assert_eq!(Request::parse(&bytes), Err(HandshakeError::TooLarge));
    }

    #[test]
    fn both_sides_agree_at_every_cut() {
        let offer =
            Offer { target: "/x?y", host: "h:1", key: KEY, protocols: Some("a, b"), extra: "Origin: o\r\n" };
        let mut bytes = offer.request();
        let head = bytes.len();
        bytes.extend_from_slice(b"\x81\x00");
        for cut in 0..head {
            assert_eq!(Request::parse(&bytes[..cut]), Ok(None));
        }
        let (request, length) = Request::parse(&bytes).unwrap().unwrap();
        assert_eq!(length, head);
        let answer = request.accept(Some("a"), "");
        for cut in 0..answer.len() {
            assert_eq!(Response::parse(&answer[..cut], &offer), Ok(None));
        }
        let (response, length) = Response::parse(&answer, &offer).unwrap().unwrap();
        assert_eq!((response.protocol(), length), (Some(&b"a"[..]), answer.len()));
        let foreign = request.accept(Some("z"), "");
        assert_eq!(Response::parse(&foreign, &offer), Err(HandshakeError::Header("Sec-WebSocket-Protocol")));
        assert_eq!(Response::parse(b"HTTP/1.1 403 No\r\n\r\n", &offer), Err(HandshakeError::Status(403)));
    }
}
