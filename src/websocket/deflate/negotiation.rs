//! `Sec-WebSocket-Extensions` and the parameters of permessage-deflate (RFC 6455, section 9.1; RFC
//! 7692, section 7.1).

use super::{Direction, MAX_WINDOW_BITS, MIN_WINDOW_BITS};
use std::fmt;
use thiserror::Error;

/// The name under which the extension is registered.
pub const NAME: &str = "permessage-deflate";

/// The most extensions, and the most parameters of one, that are looked at.
pub const MAX_ELEMENTS: usize = 32;

/// A header, or a server's answer, that the protocol does not allow.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum NegotiationError {
    /// Not the grammar of RFC 6455, section 9.1, or more than [`MAX_ELEMENTS`].
    #[error("malformed list of extensions")]
    Malformed,
    /// A parameter that is unknown, repeated, wrong, or was not offered.
    #[error("unacceptable parameter of permessage-deflate")]
    Parameter,
}

/// One extension of a header, with its parameters as sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Element {
    /// The extension's name. Names compare exactly.
    pub name: String,
    /// Names and values, in order.
    pub parameters: Vec<(String, Option<String>)>,
}

/// Parses the value of a `Sec-WebSocket-Extensions` header. Empty elements are left out, as HTTP wants it.
///
/// # Errors
/// [`NegotiationError::Malformed`].
pub fn parse(value: &[u8]) -> Result<Vec<Element>, NegotiationError> {
    let mut rest = Scanner(value);
    let mut elements = Vec::new();
    loop {
        while rest.take(b',') {}
        if rest.is_at_end() {
            return Ok(elements);
        }
        let mut element = Element { name: rest.token()?, parameters: Vec::new() };
        while rest.take(b';') {
            let name = rest.token()?;
            let value = if rest.take(b'=') { Some(rest.value()?) } else { None };
            element.parameters.push((name, value));
            if element.parameters.len() > MAX_ELEMENTS {
                return Err(NegotiationError::Malformed);
            }
        }
        elements.push(element);
        if elements.len() > MAX_ELEMENTS || !(rest.is_at_end() || rest.take(b',')) {
            return Err(NegotiationError::Malformed);
        }
    }
}

/// What has not been parsed. Blanks between tokens mean nothing.
struct Scanner<'a>(&'a [u8]);

impl Scanner<'_> {
    fn skip_blanks(&mut self) {
        while let [b' ' | b'\t', rest @ ..] = self.0 {
            self.0 = rest;
        }
    }

    fn is_at_end(&mut self) -> bool {
        self.skip_blanks();
        self.0.is_empty()
    }

    fn take(&mut self, separator: u8) -> bool {
        self.skip_blanks();
        match self.0 {
            [first, rest @ ..] if *first == separator => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn token(&mut self) -> Result<String, NegotiationError> {
        self.skip_blanks();
        let length = self.0.iter().take_while(|byte| is_token_byte(**byte)).count();
        let (token, rest) = self.0.split_at(length);
        self.0 = rest;
        match str::from_utf8(token) {
            Ok(token) if !token.is_empty() => Ok(token.to_owned()),
            _ => Err(NegotiationError::Malformed),
        }
    }

    /// A token, or a token in quotes.
    fn value(&mut self) -> Result<String, NegotiationError> {
        if !self.take(b'"') {
            return self.token();
        }
        let mut value = String::new();
        loop {
            let byte = match self.0 {
                [b'"', rest @ ..] => {
                    self.0 = rest;
                    return if value.is_empty() { Err(NegotiationError::Malformed) } else { Ok(value) };
                }
                [b'\\', byte, rest @ ..] | [byte, rest @ ..] => {
                    self.0 = rest;
                    *byte
                }
                [] => return Err(NegotiationError::Malformed),
            };
            // Unquoted, it has to be a token (RFC 6455, section 9.1).
            if !is_token_byte(byte) {
                return Err(NegotiationError::Malformed);
            }
            value.push(char::from(byte));
        }
    }
}

const fn is_token_byte(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'z' | b'|' | b'~')
        || byte.is_ascii_alphanumeric()
}

/// The four parameters, as they stand in an offer or an answer.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Parameters {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: Option<u8>,
    /// The inner one is the value, which offers may leave out.
    client_max_window_bits: Option<Option<u8>>,
}

impl Parameters {
    fn read(element: &Element) -> Result<Self, NegotiationError> {
        let mut found = Self::default();
        for (name, value) in &element.parameters {
            let value = value.as_deref();
            let news = match name.as_str() {
                "server_no_context_takeover" if value.is_none() => {
                    !std::mem::replace(&mut found.server_no_context_takeover, true)
                }
                "client_no_context_takeover" if value.is_none() => {
                    !std::mem::replace(&mut found.client_no_context_takeover, true)
                }
                "server_max_window_bits" => {
                    found.server_max_window_bits.replace(window_bits(value.unwrap_or_default())?).is_none()
                }
                "client_max_window_bits" => {
                    found.client_max_window_bits.replace(value.map(window_bits).transpose()?).is_none()
                }
                _ => false,
            };
            if !news {
                return Err(NegotiationError::Parameter);
            }
        }
        Ok(found)
    }

    fn server(&self) -> Direction {
        Direction {
            window_bits: self.server_max_window_bits.unwrap_or(MAX_WINDOW_BITS),
            context_takeover: !self.server_no_context_takeover,
        }
    }

    fn client(&self) -> Direction {
        Direction {
            window_bits: self.client_max_window_bits.flatten().unwrap_or(MAX_WINDOW_BITS),
            context_takeover: !self.client_no_context_takeover,
        }
    }
}

impl fmt::Display for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)?;
        if self.server_no_context_takeover {
            f.write_str("; server_no_context_takeover")?;
        }
        if self.client_no_context_takeover {
            f.write_str("; client_no_context_takeover")?;
        }
        if let Some(bits) = self.server_max_window_bits {
            write!(f, "; server_max_window_bits={bits}")?;
        }
        match self.client_max_window_bits {
            Some(Some(bits)) => write!(f, "; client_max_window_bits={bits}"),
            Some(None) => f.write_str("; client_max_window_bits"),
            None => Ok(()),
        }
    }
}

/// A decimal from 8 to 15 without leading zeros.
fn window_bits(value: &str) -> Result<u8, NegotiationError> {
    match value.as_bytes() {
        [digit @ b'8'..=b'9'] => Ok(digit - b'0'),
        [b'1', digit @ b'0'..=b'5'] => Ok(10 + digit - b'0'),
        _ => Err(NegotiationError::Parameter),
    }
}

/// What a server agreed to: how each side compresses, and what the response has to say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Accepted {
    /// What the server sends.
    pub server: Direction,
    /// What the client sends.
    pub client: Direction,
    answer: Parameters,
}

impl Accepted {
    /// Accepts one offer; `None` declines it (section 7.1).
    ///
    /// Every limit that the client asks for is kept, and a client that can do without its window is
    /// asked to, for it costs memory here. An offer for a window of 256 bytes is declined: zlib
    /// cannot compress with it.
    pub fn one(offer: &Element) -> Option<Self> {
        if offer.name != NAME {
            return None;
        }
        let mut answer = Parameters::read(offer).ok()?;
        if answer.server_max_window_bits.is_some_and(|bits| bits < MIN_WINDOW_BITS) {
            return None;
        }
        // Without a value there is nothing to agree to: any window will do.
        answer.client_max_window_bits = answer.client_max_window_bits.filter(Option::is_some);
        Some(Self { server: answer.server(), client: answer.client(), answer })
    }

    /// Accepts the first offer of a header that can be.
    pub fn first(offers: &[Element]) -> Option<Self> {
        offers.iter().find_map(Self::one)
    }
}

impl fmt::Display for Accepted {
    /// The element of the response's header.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.answer.fmt(f)
    }
}

/// The element of a request's header with which a client offers all it can do.
pub const OFFER: &str = "permessage-deflate; client_max_window_bits";

/// What a client and its server agreed to, when the client offered [`OFFER`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Agreed {
    /// What the server sends.
    pub server: Direction,
    /// What the client sends.
    pub client: Direction,
}

impl Agreed {
    /// Reads the server's answer (section 7.1).
    ///
    /// # Errors
    /// [`NegotiationError::Parameter`]: the connection must fail.
    pub fn read(answer: &Element) -> Result<Self, NegotiationError> {
        let found = Parameters::read(answer)?;
        // An answer always names the bits (section 7.1.2.2), and zlib has no window of 256 bytes.
        match found.client_max_window_bits {
            Some(None | Some(..MIN_WINDOW_BITS)) => Err(NegotiationError::Parameter),
            _ => Ok(Self { server: found.server(), client: found.client() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(name: &str, parameters: &[(&str, Option<&str>)]) -> Element {
        Element {
            name: name.to_owned(),
            parameters: parameters
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned)))
                .collect(),
        }
    }

    #[test]
    fn lists_with_parameters_and_quotes() {
        assert_eq!(
            parse(b" foo; a=1 ;b = \"x\\y\", ,bar,baz;c").unwrap(),
            [
                element("foo", &[("a", Some("1")), ("b", Some("xy"))]),
                element("bar", &[]),
                element("baz", &[("c", None)])
            ]
        );
        assert_eq!(parse(b"").unwrap(), []);
        assert_eq!(parse(b" , ,").unwrap(), []);
        for broken in [
            "foo bar",
            "foo;",
            "foo;=1",
            "foo;a=",
            "foo;a=\"",
            "foo;a=\"\"",
            "foo;a=\"x y\"",
            "f\0o",
            "foo/1",
            ";a",
        ] {
            assert_eq!(parse(broken.as_bytes()), Err(NegotiationError::Malformed), "{broken}");
        }
        assert_eq!(parse(&b"a,".repeat(MAX_ELEMENTS)).unwrap().len(), MAX_ELEMENTS);
        assert!(parse(&b"a,".repeat(MAX_ELEMENTS + 1)).is_err());
        assert!(parse(&[b"a".to_vec(), b";b".repeat(MAX_ELEMENTS + 1)].concat()).is_err());
    }

    fn answer(offers: &str) -> Option<String> {
        Accepted::first(&parse(offers.as_bytes()).unwrap()).map(|accepted| accepted.to_string())
    }

    #[test]
    fn a_server_keeps_what_the_client_asks_for() {
        for (offers, expected) in [
            ("permessage-deflate", Some("permessage-deflate")),
            ("permessage-deflate; client_max_window_bits", Some("permessage-deflate")),
            (
                "permessage-deflate; client_max_window_bits=9",
                Some("permessage-deflate; client_max_window_bits=9"),
            ),
            (
                "permessage-deflate; server_no_context_takeover; server_max_window_bits=\"10\"",
                Some("permessage-deflate; server_no_context_takeover; server_max_window_bits=10"),
            ),
            (
                "permessage-deflate;client_no_context_takeover",
                Some("permessage-deflate; client_no_context_takeover"),
            ),
            ("permessage-deflate; server_max_window_bits=8", None),
            ("permessage-deflate; server_max_window_bits=16", None),
            ("permessage-deflate; server_max_window_bits=09", None),
            ("permessage-deflate; server_max_window_bits", None),
            ("permessage-deflate; server_no_context_takeover=1", None),
            ("permessage-deflate; client_no_context_takeover; client_no_context_takeover", None),
            ("permessage-deflate; unknown", None),
            ("permessage-deflate; server_max_window_bits=8, permessage-deflate", Some("permessage-deflate")),
            ("deflate-frame, x-webkit-deflate-frame", None),
        ] {
            assert_eq!(answer(offers).as_deref(), expected, "{offers}");
        }
    }

    #[test]
    fn a_client_takes_what_the_server_may_say() {
        let read = |answer: &str| Agreed::read(&parse(answer.as_bytes()).unwrap()[0]);
        let agreed =
            read("permessage-deflate; client_max_window_bits=10; server_no_context_takeover").unwrap();
        assert_eq!(agreed.client, Direction { window_bits: 10, context_takeover: true });
        assert_eq!(agreed.server, Direction { window_bits: 15, context_takeover: false });
        assert!(read("permessage-deflate; server_max_window_bits=8").is_ok());
        for refused in ["client_max_window_bits", "client_max_window_bits=8", "server_max_window_bits=7", "x"]
        {
            assert_eq!(
                read(&format!("permessage-deflate; {refused}")),
                Err(NegotiationError::Parameter),
                "{refused}"
            );
        }
    }
}
