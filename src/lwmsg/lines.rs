//! Text in lines, indented.

use super::error::Result;

/// Spaces of each level.
pub const INDENT: usize = 4;

/// Appends lines to a text.
#[derive(Debug)]
pub struct Lines<'a> {
    out: &'a mut Vec<u8>,
    indent: usize,
    /// The line has nothing yet.
    fresh: bool,
}

impl<'a> Lines<'a> {
    /// Goes on where the text ends; lines that begin from now on have so many spaces.
    pub fn new(out: &'a mut Vec<u8>, indent: usize) -> Self {
        Self { out, indent, fresh: false }
    }

    /// Appends bytes as they are.
    ///
    /// # Errors
    /// MEMORY.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.try_reserve(bytes.len() + self.indent)?;
        if self.fresh {
            self.out.resize(self.out.len() + self.indent, b' ');
            self.fresh = false;
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    /// Appends text.
    ///
    /// # Errors
    /// MEMORY.
    pub fn text(&mut self, text: &str) -> Result<()> {
        self.bytes(text.as_bytes())
    }

    /// Ends the line.
    pub fn end(&mut self) {
        self.out.push(b'\n');
        self.fresh = true;
    }

    /// Ends the line, if it has something.
    pub fn end_unless_empty(&mut self) {
        if !self.fresh {
            self.end();
        }
    }

    /// What `body` appends, in lines one level deeper. The line before is complete.
    ///
    /// # Errors
    /// Those of `body`.
    pub fn deeper(&mut self, body: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.indent += INDENT;
        body(self)?;
        self.indent -= INDENT;
        Ok(())
    }

    /// A brace, and what is inside of it on the next lines, one level deeper.
    ///
    /// # Errors
    /// MEMORY.
    pub fn open(&mut self) -> Result<()> {
        self.text("{")?;
        self.indent += INDENT;
        self.end();
        Ok(())
    }

    /// The brace behind it.
    ///
    /// # Errors
    /// MEMORY.
    pub fn close(&mut self) -> Result<()> {
        self.indent -= INDENT;
        self.text("}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_indented_when_they_have_something() {
        let mut out = b"name: ".to_vec();
        let mut lines = Lines::new(&mut out, 2);
        lines.text("a").unwrap();
        lines.end_unless_empty();
        lines.open().unwrap();
        lines.end();
        lines.text("b").unwrap();
        lines.end();
        lines.end_unless_empty();
        lines.close().unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "name: a\n  {\n\n      b\n  }");
    }
}
