//! What there is to say of a message.

use super::preview::Shown;
use super::sink;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt::{self, Arguments};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// The number of a connection in the trace, given to it by its first message.
///
/// Unlike an address it is never used twice in a process.
#[derive(Debug, Default)]
pub struct Connection(AtomicU32);

impl Connection {
    /// A connection of which nothing was said yet.
    pub const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    fn number(&self) -> u32 {
        static LAST: AtomicU32 = AtomicU32::new(0);
        let known = self.0.load(Ordering::Relaxed);
        if known != 0 {
            return known;
        }
        let new = LAST.fetch_add(1, Ordering::Relaxed).wrapping_add(1).max(1);
        match self.0.compare_exchange(0, new, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => new,
            Err(other) => other,
        }
    }
}

/// Where a message went.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From the program to its peer.
    Sent,
    /// From the peer to the program.
    Received,
    /// Nowhere: something happened here.
    Local,
}

/// A message's part in an exchange of two.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// It asks; the time to its reply is the exchange's latency.
    Request,
    /// It answers.
    Reply,
}

/// A message on its way into the trace.
#[must_use = "nothing is written before `emit`"]
pub struct Event<'a> {
    library: &'static str,
    connection: u32,
    direction: Direction,
    message: &'a str,
    bytes: Option<u64>,
    exchange: Option<(u64, Phase)>,
    detail: Arguments<'a>,
}

impl<'a> Event<'a> {
    /// A message by its name: `text`, `chat.say`.
    pub fn new(
        library: &'static str,
        connection: &Connection,
        direction: Direction,
        message: &'a str,
    ) -> Self {
        let (connection, detail) = (connection.number(), format_args!(""));
        Self { library, connection, direction, message, bytes: None, exchange: None, detail }
    }

    /// Its size on the wire or in memory, whichever the room speaks of.
    pub fn bytes(self, bytes: u64) -> Self {
        Self { bytes: Some(bytes), ..self }
    }

    /// Its part in the exchange that the connection knows by `id`.
    pub fn exchange(self, id: u64, phase: Phase) -> Self {
        Self { exchange: Some((id, phase)), ..self }
    }

    /// What it says.
    pub fn detail(self, detail: Arguments<'a>) -> Self {
        Self { detail, ..self }
    }

    /// Writes it to the trace. Leaves `errno` alone and never blocks on a lock.
    pub fn emit(self) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let detail = self.detail.to_string();
        sink::write(&Record {
            time: since.as_micros() as u64,
            pid: std::process::id(),
            program: Cow::Borrowed(sink::program()),
            library: Cow::Borrowed(self.library),
            connection: self.connection,
            direction: self.direction,
            message: Cow::Borrowed(self.message),
            bytes: self.bytes,
            exchange: self.exchange.map(|(id, _)| id),
            phase: self.exchange.map(|(_, phase)| phase),
            detail: (!detail.is_empty()).then_some(Cow::Owned(detail)),
        });
    }
}

/// A line of a trace.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Record<'a> {
    /// Microseconds since 1970.
    pub time: u64,
    /// The process.
    pub pid: u32,
    /// Its name.
    pub program: Cow<'a, str>,
    /// The library the connection belongs to.
    pub library: Cow<'a, str>,
    /// The connection: a number in the process and library.
    pub connection: u32,
    /// Where the message went.
    pub direction: Direction,
    /// Its name.
    pub message: Cow<'a, str>,
    /// Its size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// The exchange it belongs to, a number in its connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange: Option<u64>,
    /// Its part in that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Cow<'a, str>>,
}

/// The line of text: `12:34:56.123456 server[17] wslay #1 <- text, 5 bytes "hello"`. The time is UTC.
impl fmt::Display for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, micros) = (self.time / 1_000_000, self.time % 1_000_000);
        let (hours, minutes, seconds) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        write!(
            f,
            "{hours:02}:{minutes:02}:{seconds:02}.{micros:06} {}[{}] ",
            Shown(&self.program),
            self.pid
        )?;
        let arrow = match self.direction {
            Direction::Sent => "->",
            Direction::Received => "<-",
            Direction::Local => "--",
        };
        write!(f, "{} #{} {arrow} {}", Shown(&self.library), self.connection, Shown(&self.message))?;
        match (self.exchange, self.phase) {
            (Some(id), Some(Phase::Request)) => write!(f, " (request {id})")?,
            (Some(id), Some(Phase::Reply)) => write!(f, " (reply {id})")?,
            _ => {}
        }
        if let Some(bytes) = self.bytes {
            write!(f, ", {bytes} byte{}", if bytes == 1 { "" } else { "s" })?;
        }
        if let Some(detail) = &self.detail {
            write!(f, " {}", Shown(detail))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_like_a_sentence() {
        let record = Record {
            time: 86_400_000_000 * 3 + 3_661_000_042,
            pid: 17,
            program: "server".into(),
            library: "wslay".into(),
            connection: 2,
            direction: Direction::Received,
            message: "text".into(),
            bytes: Some(5),
            exchange: Some(9),
            phase: Some(Phase::Reply),
            detail: Some("\"hello\"".into()),
        };
        assert_eq!(
            record.to_string(),
            "01:01:01.000042 server[17] wslay #2 <- text (reply 9), 5 bytes \"hello\""
        );
        let painted = Record { detail: Some("\x1b[2J\n12:00".into()), ..record };
        assert!(painted.to_string().ends_with(r" \u{1b}[2J\n12:00"));
    }

    #[test]
    fn a_record_survives_json() {
        let record = Record {
            time: 1,
            pid: 2,
            program: "a \"b\"\n".into(),
            library: "wslay".into(),
            connection: 3,
            direction: Direction::Local,
            message: "open".into(),
            bytes: None,
            exchange: None,
            phase: None,
            detail: None,
        };
        let line = serde_json::to_string(&record).unwrap();
        assert!(!line.contains('\n'));
        assert_eq!(serde_json::from_str::<Record<'_>>(&line).unwrap(), record);
    }

    #[test]
    fn connections_keep_their_number() {
        let (first, second) = (Connection::new(), Connection::new());
        let number = first.number();
        assert_eq!(first.number(), number);
        assert_ne!(second.number(), number);
    }
}
