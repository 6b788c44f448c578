//! The values of a head, as C programs read them.

use super::Token;

/// What all values of a connection may take together, each with its NUL.
const MAX_VALUES: usize = 1024;

/// The most values kept.
const MAX_FRAGMENTS: usize = 45;

/// There is no room for a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Full {
    /// Beyond [`MAX_VALUES`].
    Bytes,
    /// Beyond [`MAX_FRAGMENTS`].
    Fragments,
}

#[derive(Clone, Copy, Debug)]
struct Fragment {
    place: u8,
    offset: u16,
    /// Without the NUL.
    length: u16,
}

/// The values that a head brought and those that a client remembers, by [`Token`].
///
/// A field that comes again adds a fragment to its value; the first fragment can be had as a C string.
#[derive(Debug, Default)]
pub struct Head {
    bytes: Vec<u8>,
    fragments: Vec<Fragment>,
}

impl Head {
    /// Without any values.
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), fragments: Vec::new() }
    }

    /// Forgets all values, and keeps the memory for the next ones.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.fragments.clear();
    }

    fn of(&self, place: usize) -> impl Iterator<Item = &Fragment> {
        self.fragments.iter().filter(move |fragment| usize::from(fragment.place) == place)
    }

    fn bytes_of(&self, fragment: &Fragment) -> &[u8] {
        let begin = usize::from(fragment.offset);
        &self.bytes[begin..begin + usize::from(fragment.length)]
    }

    /// The length of the value at a place, all fragments together; 0 when there is none.
    pub fn total_length(&self, place: usize) -> usize {
        self.of(place).map(|fragment| usize::from(fragment.length)).sum()
    }

    /// Whether the field was there, be it empty.
    pub fn has(&self, token: Token) -> bool {
        self.of(token as usize).next().is_some()
    }

    /// The value's fragments in order, which make it up without anything between them.
    pub fn fragments(&self, place: usize) -> impl Iterator<Item = &[u8]> {
        self.of(place).map(|fragment| self.bytes_of(fragment))
    }

    /// The whole value; empty when there is none.
    pub fn value(&self, token: Token) -> Vec<u8> {
        let mut value = Vec::new();
        for fragment in self.fragments(token as usize) {
            value.extend_from_slice(fragment);
        }
        value
    }

    /// The first fragment of the value at a place, with the NUL that ends it.
    ///
    /// It stays where it is until a value is added.
    pub fn first_with_nul(&self, place: usize) -> Option<&[u8]> {
        let fragment = self.of(place).next()?;
        let begin = usize::from(fragment.offset);
        Some(&self.bytes[begin..=begin + usize::from(fragment.length)])
    }

    /// Adds a value. `value` holds no NUL.
    ///
    /// Returns false, and adds nothing, when there is no room for it.
    #[must_use]
    pub fn add(&mut self, token: Token, value: &[u8]) -> bool {
        self.add_fragment(token, &[value]).is_ok()
    }

    /// Adds a value that a field brought: leading blanks left out of the first, a blank between it and the next.
    pub(super) fn add_field(&mut self, token: Token, value: &[u8]) -> Result<(), Full> {
        if self.total_length(token as usize) == 0 {
            let blanks = value.iter().take_while(|byte| **byte == b' ').count();
            self.add_fragment(token, &[&value[blanks..]])
        } else {
            self.add_fragment(token, &[b" ", value])
        }
    }

    fn add_fragment(&mut self, token: Token, parts: &[&[u8]]) -> Result<(), Full> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let offset = self.bytes.len();
        if self.bytes.capacity() == 0 {
            // What most heads take.
            self.bytes.reserve(512);
            self.fragments.reserve(16);
        }
        if length >= MAX_VALUES - offset {
            return Err(Full::Bytes);
        }
        if self.fragments.len() == MAX_FRAGMENTS {
            return Err(Full::Fragments);
        }
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        self.bytes.push(0);
        // Both are below MAX_VALUES.
        let fragment = Fragment { place: token as u8, offset: offset as u16, length: length as u16 };
        self.fragments.push(fragment);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_field_reads_as_in_the_original() {
        let mut head = Head::new();
        head.add_field(Token::Origin, b" one").unwrap();
        head.add_field(Token::Origin, b" two").unwrap();
        assert_eq!(head.value(Token::Origin), b"one  two");
        assert_eq!(head.total_length(Token::Origin as usize), 8);
        assert_eq!(head.first_with_nul(Token::Origin as usize), Some(&b"one\0"[..]));
        head.add_field(Token::Host, b"").unwrap();
        assert!(head.has(Token::Host));
        assert_eq!(head.total_length(Token::Host as usize), 0);
        assert_eq!(head.first_with_nul(Token::Key as usize), None);
    }

    #[test]
    fn values_and_their_nuls_take_at_most_1024_bytes() {
        let mut head = Head::new();
        assert!(head.add(Token::Host, &[b'a'; 1000]));
        assert!(!head.add(Token::Key, &[b'a'; 23]));
        assert!(head.add(Token::Key, &[b'a'; 22]));
        assert!(!head.add(Token::Key, b""));
        assert_eq!(head.total_length(Token::Key as usize), 22);
    }

    #[test]
    fn at_most_45_fragments() {
        let mut head = Head::new();
        for _ in 0..45 {
            assert!(head.add(Token::Origin, b""));
        }
        assert!(!head.add(Token::Origin, b""));
    }
}
