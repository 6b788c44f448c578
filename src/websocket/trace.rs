//! Frames in the trace.

use super::close;
use super::frame::{Header, RSV1, opcode};
use crate::trace::{Connection, Direction, Event, Preview};
use std::fmt;

/// Tells of a frame. `beginning` is what is at hand of its payload, unmasked, from its first byte on.
///
/// Callers ask [`crate::trace::on`] first.
#[cold]
#[inline(never)]
pub fn frame(
    library: &'static str,
    connection: &Connection,
    direction: Direction,
    header: &Header,
    beginning: &[u8],
) {
    let length = usize::try_from(header.payload_length).unwrap_or(usize::MAX);
    let beginning = &beginning[..beginning.len().min(length)];
    let reserved;
    let name = match header.opcode {
        opcode::CONTINUATION => "continuation",
        opcode::TEXT => "text",
        opcode::BINARY => "binary",
        opcode::CLOSE => "close",
        opcode::PING => "ping",
        opcode::PONG => "pong",
        other => {
            reserved = format!("opcode {other}");
            &reserved
        }
    };
    let content = Content { header, beginning, whole: beginning.len() == length };
    Event::new(library, connection, direction, name)
        .bytes(header.payload_length)
        .detail(format_args!("{content}"))
        .emit();
}

struct Content<'a> {
    header: &'a Header,
    beginning: &'a [u8],
    whole: bool,
}

impl fmt::Display for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        if self.header.opcode == opcode::CLOSE {
            let code = close::code(self.beginning);
            match code {
                Some(code) => write!(f, "{code}")?,
                None => f.write_str("without a code")?,
            }
            if let Some(reason) = self.beginning.get(2..).filter(|reason| !reason.is_empty()) {
                write!(f, " {}", Preview(reason))?;
            }
            separator = ", ";
        } else if !self.beginning.is_empty() {
            write!(f, "{}{}", Preview(self.beginning), if self.whole { "" } else { "…" })?;
            separator = ", ";
        }
        if self.header.rsv & RSV1 != 0 {
            write!(f, "{separator}compressed")?;
            separator = ", ";
        }
        if !self.header.fin {
            write!(f, "{separator}more follows")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(header: Header, beginning: &[u8]) -> String {
        let whole = beginning.len() as u64 == header.payload_length;
        Content { header: &header, beginning, whole }.to_string()
    }

    #[test]
    fn close_frames_show_code_and_reason() {
        let header =
            |length| Header { fin: true, opcode: opcode::CLOSE, payload_length: length, ..Header::default() };
        assert_eq!(shown(header(0), b""), "without a code");
        assert_eq!(shown(header(2), &[3, 232]), "1000");
        assert_eq!(shown(header(5), &[3, 234, b'b', b'a', b'd']), "1002 \"bad\"");
    }

    #[test]
    fn data_frames_show_their_beginning() {
        let header = Header { fin: false, rsv: RSV1, opcode: 1, payload_length: 9, mask: None };
        assert_eq!(shown(header, b"hello"), "\"hello\"…, compressed, more follows");
        assert_eq!(shown(Header { fin: true, rsv: 0, ..header }, b"all of it"), "\"all of it\"");
    }
}
