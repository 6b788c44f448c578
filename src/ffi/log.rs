//! Diagnostics of our own, silent by default.
//!
//! The libraries we replace never wrote to a program's standard error unless asked, so neither do
//! we: the environment variable `RELINK_LOG` (`error`, `warn`, `info` or `debug`) turns lines on.
//! It is read once. Logs that a library's own interface defines belong to that library's room.

use std::fmt::Arguments;
use std::io::Write;
use std::sync::atomic::{AtomicU8, Ordering};

use super::errno;

/// How much a line matters.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum Level {
    /// A defect of ours that was contained.
    Error = 1,
    /// A peer or a program did something that was refused.
    Warn = 2,
    /// What an operator may want to see once.
    Info = 3,
    /// Everything else.
    Debug = 4,
}

impl Level {
    fn label(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warn => "warn",
            Level::Info => "info",
            Level::Debug => "debug",
        }
    }
}

const UNREAD: u8 = u8::MAX;

static THRESHOLD: AtomicU8 = AtomicU8::new(UNREAD);

/// Whether lines of `level` are written.
#[inline]
pub fn enabled(level: Level) -> bool {
    let threshold = match THRESHOLD.load(Ordering::Relaxed) {
        UNREAD => read_threshold(),
        known => known,
    };
    level as u8 <= threshold
}

/// Writes one line to standard error when `level` is enabled. Leaves `errno` alone.
pub fn write(level: Level, message: Arguments<'_>) {
    if !enabled(level) {
        return;
    }
    let _keep = errno::Preserved::new();
    let line = format!("relink {}: {message}\n", level.label());
    // Standard error may be closed; there is nobody left to tell.
    let _ = std::io::stderr().write_all(line.as_bytes());
}

#[cold]
fn read_threshold() -> u8 {
    let value = std::env::var_os("RELINK_LOG");
    let threshold = value.as_deref().and_then(|value| value.to_str()).map_or(0, parse);
    THRESHOLD.store(threshold, Ordering::Relaxed);
    threshold
}

fn parse(value: &str) -> u8 {
    [Level::Error, Level::Warn, Level::Info, Level::Debug]
        .into_iter()
        .find(|level| level.label() == value)
        .map_or(0, |level| level as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anything_unknown_is_silence() {
        assert_eq!(parse(""), 0);
        assert_eq!(parse("loud"), 0);
        assert_eq!(parse("warn"), Level::Warn as u8);
    }
}
