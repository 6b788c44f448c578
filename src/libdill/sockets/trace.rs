//! Messages and lines in the trace. WebSocket frames are told by the shared codec.

use super::iolist::Cursor;
use crate::trace::{Connection, Direction, Event, Preview};

/// The name in the trace.
pub const LIBRARY: &str = "libdill";

/// Bytes of a message that are shown.
pub const SHOWN: usize = 128;

/// Tells of a message of `size` bytes that begins like this. Callers ask [`crate::trace::on`] first.
#[cold]
#[inline(never)]
pub fn message(connection: &Connection, direction: Direction, name: &str, size: usize, beginning: &[u8]) {
    let event = Event::new(LIBRARY, connection, direction, name).bytes(size as u64);
    // A preview says itself that it is cut, when it is given more than it shows.
    let cut = if beginning.len() < size.min(SHOWN) { "…" } else { "" };
    if beginning.is_empty() {
        event.emit();
    } else {
        event.detail(format_args!("{}{cut}", Preview(beginning))).emit();
    }
}

/// Tells of a message of `size` bytes that is, or was just put, where a cursor begins.
#[cold]
#[inline(never)]
pub fn message_at(connection: &Connection, direction: Direction, name: &str, size: usize, cursor: &Cursor) {
    let mut beginning = [0; SHOWN];
    let count = cursor.limited(size).copy_beginning(&mut beginning);
    message(connection, direction, name, size, &beginning[..count]);
}
