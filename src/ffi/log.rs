//! Diagnostics of our own, silent by default.
//!
//! The libraries we replace never wrote to a program's standard error unless asked, so neither do
//! we: the environment variable `RELINK_LOG` (`error`, `warn`, `info` or `debug`) turns lines on.
//! It is read once. Logs that a library's own interface defines belong to that library's room.

use std::ffi::c_int;
use std::fmt::Arguments;
use std::io;
use std::mem::MaybeUninit;
use std::ptr;
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
pub fn to_standard_error(lines: &[u8]) {
    let _keep = errno::Preserved::new();
    // It may be closed; there is nobody left to tell.
    let _ = append(libc::STDERR_FILENO, lines);
}

/// Writes bytes to a descriptor, all of them unless it fails. Neither a reader who has gone (SIGPIPE) nor a cancellation
/// of the thread ends here what has nothing to do with what is written.
///
/// # Errors
/// As `write`.
pub fn append(fd: c_int, mut bytes: &[u8]) -> io::Result<()> {
    let (_uncancellable, mut signal) = (Uncancellable::new(), PipeSignal::hold());
    while !bytes.is_empty() {
        // SAFETY: the bytes are valid for their length.
        let written = unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) };
        match usize::try_from(written) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            Err(_) => match io::Error::last_os_error() {
                error if error.kind() == io::ErrorKind::Interrupted => {}
                error => {
                    signal.raised = error.kind() == io::ErrorKind::BrokenPipe;
                    return Err(error);
                }
            },
        }
    }
    Ok(())
}

/// SIGPIPE, held back from the calling thread while the value lives, and taken away if a write raised it.
struct PipeSignal {
    alone: libc::sigset_t,
    before: libc::sigset_t,
    was_pending: bool,
    raised: bool,
}

impl PipeSignal {
    fn hold() -> Self {
        let (mut alone, mut before, mut pending) =
            (MaybeUninit::uninit(), MaybeUninit::uninit(), MaybeUninit::uninit());
        // SAFETY: the sets are written by the calls before they are read.
        unsafe {
            libc::sigemptyset(alone.as_mut_ptr());
            libc::sigaddset(alone.as_mut_ptr(), libc::SIGPIPE);
            libc::sigpending(pending.as_mut_ptr());
            libc::pthread_sigmask(libc::SIG_BLOCK, alone.as_ptr(), before.as_mut_ptr());
            let was_pending = libc::sigismember(pending.as_ptr(), libc::SIGPIPE) == 1;
            Self { alone: alone.assume_init(), before: before.assume_init(), was_pending, raised: false }
        }
    }
}

impl Drop for PipeSignal {
    fn drop(&mut self) {
        let _keep = errno::Preserved::new();
        let at_once = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: valid sets; nobody wants to know about the signal.
        unsafe {
            if self.raised && !self.was_pending {
                libc::sigtimedwait(&raw const self.alone, ptr::null_mut(), &raw const at_once);
            }
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.before, ptr::null_mut());
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
    use std::os::fd::AsRawFd as _;

    #[test]
    fn a_reader_who_has_gone_is_an_error_and_not_a_signal() {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        // Rust's own programs ignore SIGPIPE; the signal would be there all the same.
        // SAFETY: this thread's mask, and sets that are written before they are read.
        unsafe {
            let (mut set, mut pending) = (MaybeUninit::uninit(), MaybeUninit::uninit());
            libc::sigemptyset(set.as_mut_ptr());
            libc::sigaddset(set.as_mut_ptr(), libc::SIGPIPE);
            libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), ptr::null_mut());
            let error = append(writer.as_raw_fd(), b"x").unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
            libc::sigpending(pending.as_mut_ptr());
            assert_eq!(libc::sigismember(pending.as_ptr(), libc::SIGPIPE), 0);
            // One that somebody waits for is not ours to take.
            libc::raise(libc::SIGPIPE);
            assert!(append(writer.as_raw_fd(), b"x").is_err());
            libc::sigpending(pending.as_mut_ptr());
            assert_eq!(libc::sigismember(pending.as_ptr(), libc::SIGPIPE), 1);
            libc::pthread_sigmask(libc::SIG_UNBLOCK, set.as_ptr(), ptr::null_mut());
        }
    }

    #[test]
    fn anything_unknown_is_silence() {
        assert_eq!(parse(""), 0);
        assert_eq!(parse("loud"), 0);
        assert_eq!(parse("warn"), Level::Warn as u8);
    }
}
