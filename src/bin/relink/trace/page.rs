//! One page that shows a trace: no network, no other file.

use relink::trace::{Direction, Phase, Record};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashMap;

/// The page without its data.
const TEMPLATE: &str = include_str!("page.html");

/// The place in the page where the data goes.
const PLACE: &str = "\"DATA\"";

/// So many messages are shown at most: browsers hold no more with ease.
const MOST: usize = 300_000;

/// The messages of a trace, in a form that is short when there are many.
#[derive(Default, Serialize)]
pub struct Page {
    /// Processes: name and number.
    processes: Vec<(String, u32)>,
    /// Connections: process, library, number.
    connections: Vec<(usize, String, u32)>,
    /// Names of messages.
    names: Vec<String>,
    messages: Vec<Message>,
    /// How many messages are not on the page.
    left_out: usize,
    #[serde(skip)]
    known_processes: HashMap<u32, usize>,
    #[serde(skip)]
    known_connections: HashMap<(usize, String, u32), usize>,
    #[serde(skip)]
    known_names: HashMap<String, usize>,
}

/// Time, connection, direction, name, bytes, exchange, phase, detail.
#[derive(Serialize)]
struct Message(u64, usize, u8, usize, Option<u64>, Option<u64>, u8, String);

impl Page {
    /// A page without messages.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a message.
    pub fn add(&mut self, record: Record<'_>) {
        if self.messages.len() == MOST {
            self.left_out += 1;
            return;
        }
        let process = *self.known_processes.entry(record.pid).or_insert_with(|| {
            self.processes.push((record.program.into_owned(), record.pid));
            self.processes.len() - 1
        });
        let connection = (process, record.library.into_owned(), record.connection);
        let connection = *self.known_connections.entry(connection).or_insert_with_key(|connection| {
            self.connections.push(connection.clone());
            self.connections.len() - 1
        });
        let name = *self.known_names.entry(record.message.into_owned()).or_insert_with_key(|name| {
            self.names.push(name.clone());
            self.names.len() - 1
        });
        let direction = match record.direction {
            Direction::Sent => 0,
            Direction::Received => 1,
            Direction::Local => 2,
        };
        let phase = match record.phase {
            None => 0,
            Some(Phase::Request) => 1,
            Some(Phase::Reply) => 2,
        };
        let detail = record.detail.map(Cow::into_owned).unwrap_or_default();
        self.messages.push(Message(
            record.time,
            connection,
            direction,
            name,
            record.bytes,
            record.exchange,
            phase,
            detail,
        ));
    }

    /// The page.
    pub fn html(mut self) -> String {
        // Processes write side by side; the order of the lines is not that of the times.
        self.messages.sort_by_key(|message| message.0);
        let data = serde_json::to_string(&self).unwrap_or_default();
        // Nothing in the data may end the element that it stands in.
        TEMPLATE.replacen(PLACE, &data.replace('<', "\\u003c"), 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_cannot_break_out_of_the_page() {
        let mut page = Page::new();
        page.add(Record {
            time: 1,
            pid: 1,
            program: "p".into(),
            library: "wslay".into(),
            connection: 1,
            direction: Direction::Received,
            message: "text".into(),
            bytes: Some(9),
            exchange: None,
            phase: None,
            detail: Some("</script><script>alert(1)</script><!--".into()),
        });
        let html = page.html();
        assert_eq!(html.matches("</script>").count(), TEMPLATE.matches("</script>").count());
        assert!(html.contains("\\u003c/script>"));
        assert!(!html.contains(PLACE));
    }
}
