//! The opening handshake (RFC 6455, section 4), line by line over HTTP.

use super::super::super::error::{Error, Result};
use super::super::http::line;
use super::super::http::{Header, Room};
use crate::websocket::handshake::{self, ACCEPT_LENGTH, HandshakeError, KEY_LENGTH};
use std::ffi::CStr;

/// The most bytes of a header, all lines together.
const LONGEST_HEADER: usize = 256 * 1024;

/// Characters of base64 that hold 16 bytes, without the padding.
const KEY_CHARACTERS: usize = 22;

/// The room that programs have for a key, as the header says it.
const WS_KEY_SIZE: usize = 32;

const WEBSOCKET: &[u8] = b"websocket";
const UPGRADE: &[u8] = b"Upgrade";

/// Bytes that nobody can foresee.
///
/// # Errors
/// `ENOMEM` where the system has none, which does not happen once it has started.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    // SAFETY: room for so many bytes. Up to 256 come all at once.
    let count = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), N, 0) };
    if count == N as isize { Ok(bytes) } else { Err(Error::NoMemory) }
}

/// A new `Sec-WebSocket-Key`.
///
/// # Errors
/// See [`random`].
pub fn request_key() -> Result<[u8; KEY_LENGTH]> {
    random().map(handshake::key)
}

/// The `Sec-WebSocket-Accept` that answers a key.
///
/// The key is read as leniently as the original does: white space is skipped, the other alphabet for URLs is understood,
/// and the padding may be missing.
///
/// # Errors
/// `EPROTO` when it does not stand for 16 bytes.
pub fn response_key(key: &[u8]) -> Result<[u8; ACCEPT_LENGTH]> {
    let mut characters = 0;
    for byte in key.iter().take_while(|byte| **byte != b'=').filter(|byte| !byte.is_ascii_whitespace()) {
        if !byte.is_ascii_alphanumeric() && !b"+/-_".contains(byte) {
            return Err(Error::Protocol);
        }
        characters += 1;
    }
    if characters == KEY_CHARACTERS { Ok(handshake::accept(key)) } else { Err(Error::Protocol) }
}

const _: () = assert!(ACCEPT_LENGTH < WS_KEY_SIZE && KEY_LENGTH < WS_KEY_SIZE);

/// Whether a comma-separated list has a token.
fn has_token(list: &[u8], token: &[u8]) -> bool {
    list.split(|byte| *byte == b',').any(|element| element.trim_ascii().eq_ignore_ascii_case(token))
}

/// A field that may be there once. Remembers that it was.
fn once(seen: &mut bool) -> Result<()> {
    if std::mem::replace(seen, true) { Err(Error::Protocol) } else { Ok(()) }
}

/// What is known of the peer's header.
#[derive(Debug, Default)]
struct Seen {
    host: bool,
    upgrade: bool,
    connection: bool,
    key: bool,
    version: bool,
    other_version: bool,
    accept: [u8; ACCEPT_LENGTH],
    bytes: usize,
}

impl Seen {
    /// Receives the fields that follow the first line. `special` takes a field that only one side sends.
    fn fields(
        &mut self,
        header: &Header,
        deadline: i64,
        mut special: impl FnMut(&mut Self, &[u8], &[u8]) -> Result<()>,
    ) -> Result<()> {
        loop {
            let received = header.receive(deadline, |text| {
                self.bytes += text.len();
                if self.bytes > LONGEST_HEADER {
                    return Err(Error::MessageSize);
                }
                let (name, value) = line::field(text)?;
                let value = value.trim_ascii();
                // Both are lists, and may be spread over several fields.
                if name.eq_ignore_ascii_case(UPGRADE) {
                    self.upgrade |= has_token(value, WEBSOCKET);
                } else if name.eq_ignore_ascii_case(b"Connection") {
                    self.connection |= has_token(value, UPGRADE);
                } else {
                    special(self, name, value)?;
                }
                Ok(())
            });
            match received {
                Ok(()) => {}
                Err(Error::Closed) if header.has_ended() => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }
}

/// The client's side.
///
/// # Errors
/// `EINVAL` and `EPROTO` for a resource or host that cannot be sent, `EPROTO` when the server refuses, `EMSGSIZE` when
/// its header is too long; those of the socket.
pub fn request(header: &Header, resource: &CStr, host: &CStr, deadline: i64) -> Result<()> {
    let (resource, host) = (resource.to_bytes(), line::trimmed(host.to_bytes()));
    if !line::is_sendable_word(resource) || !line::is_sendable_text(host) {
        return Err(Error::InvalidArgument);
    }
    if host.is_empty() {
        return Err(Error::Protocol);
    }
    let key = request_key()?;
    let parts: [&[u8]; 7] = [
        b"GET ",
        resource,
        b" HTTP/1.1\r\nHost: ",
        host,
        b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ",
        &key,
        b"\r\nSec-WebSocket-Version: 13\r\n\r\n",
    ];
    header.send(&parts, deadline)?;
    header.receive(deadline, |text| match line::status(text)? {
        (101, _) => Ok(()),
        _ => Err(Error::Protocol),
    })?;
    let mut seen = Seen::default();
    let expected = handshake::accept(&key);
    seen.fields(header, deadline, |seen, name, value| {
        if name.eq_ignore_ascii_case(b"Sec-WebSocket-Accept") {
            once(&mut seen.key)?;
            if value != expected {
                return Err(Error::Protocol);
            }
        }
        Ok(())
    })?;
    if seen.upgrade && seen.connection && seen.key { Ok(()) } else { Err(Error::Protocol) }
}

/// The server's side. Stores what the client asked for. A client that is refused is told why.
///
/// # Errors
/// `EPROTO` for a bad request, `EMSGSIZE` when a string does not fit or the header is too long; those of the socket.
pub fn accept(header: &Header, resource: Room, host: Room, deadline: i64) -> Result<()> {
    let mut reason = HandshakeError::Malformed;
    let accepted = read_request(header, resource, host, deadline, &mut reason);
    let response = match accepted {
        Ok(key) => {
            let parts: [&[u8]; 3] = [
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                  Sec-WebSocket-Accept: ",
                &key,
                b"\r\n\r\n",
            ];
            return header.send(&parts, deadline);
        }
        Err(Error::Protocol) => reason.response(),
        Err(Error::MessageSize) => HandshakeError::TooLarge.response(),
        Err(error) => return Err(error),
    };
    // As a courtesy: who does not listen any more is not waited for.
    let _ = header.stream().try_send(&response, 0);
    header.stream().close_in_order();
    accepted.map(drop)
}

fn read_request(
    header: &Header,
    resource: Room,
    host: Room,
    deadline: i64,
    reason: &mut HandshakeError,
) -> Result<[u8; ACCEPT_LENGTH]> {
    header.receive(deadline, |text| {
        let (command, target) = line::request(text)?;
        if command != b"GET" {
            *reason = HandshakeError::Method;
            return Err(Error::Protocol);
        }
        resource.store(target)
    })?;
    let mut seen = Seen::default();
    seen.fields(header, deadline, |seen, name, value| {
        if name.eq_ignore_ascii_case(b"Host") {
            once(&mut seen.host)?;
            host.store(value)
        } else if name.eq_ignore_ascii_case(b"Sec-WebSocket-Key") {
            once(&mut seen.key)?;
            response_key(value).map(|accept| seen.accept = accept)
        } else if name.eq_ignore_ascii_case(b"Sec-WebSocket-Version") {
            once(&mut seen.version)?;
            seen.other_version = value != b"13";
            Ok(())
        } else {
            Ok(())
        }
    })?;
    if seen.other_version {
        *reason = HandshakeError::Version;
        return Err(Error::Protocol);
    }
    let whole = seen.upgrade && seen.connection && seen.key && seen.version;
    if whole { Ok(seen.accept) } else { Err(Error::Protocol) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_leniently_and_checked_for_their_size() {
        assert_eq!(&response_key(b"dGhlIHNhbXBsZSBub25jZQ==").unwrap(), b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert!(response_key(b"dGhlIHNhbXBsZSBub25jZQ").is_ok());
        assert!(response_key(b" dGhlIHNhbXBs\r\nZSBub25j ZQ==").is_ok());
        assert!(response_key(b"_-hlIHNhbXBsZSBub25jZQ==").is_ok());
        for key in
            [&b""[..], b"=", b"dGhlIHNhbXBsZSBub25j", b"dGhlIHNhbXBsZSBub25jZQx", b"!GhlIHNhbXBsZSBub25jZQ"]
        {
            assert_eq!(response_key(key), Err(Error::Protocol));
        }
        let (one, other) = (request_key().unwrap(), request_key().unwrap());
        assert!(one != other && response_key(&one).is_ok());
    }

    #[test]
    fn lists_have_tokens_in_any_case_and_place() {
        assert!(has_token(b"keep-alive, upgrade", UPGRADE));
        assert!(has_token(b"Upgrade", UPGRADE));
        assert!(!has_token(b"Upgraded", UPGRADE));
        assert!(!has_token(b"", UPGRADE));
    }
}
