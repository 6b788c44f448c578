//! Diagnostics of our own, silent by default.
//!
//! The libraries we replace never wrote to a program's standard error unless asked, so neither do
//! we: the environment variable `RELINK_LOG` (`error`, `warn`, `info` or `debug`) turns lines on.
//! It is read once. Logs that a library's own interface defines belong to that library's room.

use std::fmt::Arguments;
use std::sync::atomic::{AtomicU8, Ordering};

use super::cancel::Uncancellable;
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
    to_standard_error(format!("relink {}: {message}\n", level.label()).as_bytes());
}

/// Writes whole lines to standard error, with one system call where it takes them. Leaves `errno` alone.
///
/// Without a lock, such as Rust's own standard error has: a child that was forked while another thread held it would
/// wait for ever.
pub fn to_standard_error(mut lines: &[u8]) {
    let (_keep, _uncancellable) = (errno::Preserved::new(), Uncancellable::new());
    while !lines.is_empty() {
        // SAFETY: the lines are valid for their length.
        let written = unsafe { libc::write(libc::STDERR_FILENO, lines.as_ptr().cast(), lines.len()) };
        match usize::try_from(written) {
            Ok(written) => lines = &lines[written..],
            Err(_) if errno::get() == libc::EINTR => {}
            // It may be closed, or full; there is nobody left to tell.
            Err(_) => return,
        }
    }
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
