//! Where the trace goes.
//!
//! The process may fork, close descriptors that are not its own, and reuse their numbers: before each line the
//! descriptor is checked to be the file that was opened, and otherwise the file is opened again. No lock is
//! held, so that a fork at any moment leaves a usable child.

use super::event::Record;
use crate::ffi::cancel::Uncancellable;
use crate::ffi::log::append;
use crate::ffi::{environment, errno};
use std::ffi::CString;
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

/// Descriptors of programs are counted from below; ours is to be out of their way.
const LOWEST_DESCRIPTOR: i32 = 500;

/// The longest line, newline included: messages with more to say are cut.
const LONGEST: usize = 4096;

struct Destination {
    /// `None` is standard error.
    path: Option<CString>,
    json: bool,
}

static DESTINATION: OnceLock<Destination> = OnceLock::new();
static DESCRIPTOR: AtomicI32 = AtomicI32::new(-1);
/// Which file it was when it was opened.
static DEVICE: AtomicU64 = AtomicU64::new(0);
static INODE: AtomicU64 = AtomicU64::new(0);

/// Reads the environment; returns whether there is anything to write to.
pub fn configure() -> bool {
    let Some(value) = environment::trusted("RELINK_TRACE") else { return false };
    let value = value.into_vec();
    let (json, place) = match (value.strip_prefix(b"json:"), value.strip_prefix(b"text:")) {
        (Some(place), _) => (true, place),
        (None, Some(place)) => (false, place),
        (None, None) => (false, &value[..]),
    };
    let path = if place == b"-" { None } else { CString::new(place).ok() };
    let _ = DESTINATION.set(Destination { path, json });
    true
}

/// The name of this program, without folders.
pub fn program() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let path = std::env::args_os().next().unwrap_or_default();
        Path::new(&path).file_name().unwrap_or_default().to_string_lossy().into_owned()
    })
}

/// Writes a line.
pub fn write(record: &Record<'_>) {
    let (_keep, _uncancellable) = (errno::Preserved::new(), Uncancellable::new());
    let Some(destination) = DESTINATION.get() else { return };
    let line = line(record, destination.json);
    let Some(path) = &destination.path else {
        // Standard error may be closed; there is nobody left to tell.
        let _ = append(libc::STDERR_FILENO, line.as_bytes());
        return;
    };
    if let Err(error) = descriptor(path).and_then(|fd| append(fd, line.as_bytes())) {
        super::give_up();
        let path = Path::new(std::ffi::OsStr::from_bytes(path.to_bytes()));
        let words = format!("relink: tracing ends: {}: {error}\n", path.display());
        let _ = append(libc::STDERR_FILENO, words.as_bytes());
    }
}

fn line(record: &Record<'_>, json: bool) -> String {
    let whole = if json { serde_json::to_string(record).unwrap_or_default() } else { record.to_string() };
    let excess = (whole.len() + 1).saturating_sub(LONGEST);
    let mut line = match &record.detail {
        // Escapes make a text longer, never shorter: without so many of its bytes the line fits.
        Some(detail) if excess > 0 => {
            let keep = detail.len().saturating_sub(excess + "…".len());
            let end = (0..=keep).rev().find(|end| detail.is_char_boundary(*end)).unwrap_or(0);
            let short = Record { detail: Some(format!("{}…", &detail[..end]).into()), ..record.clone() };
            if json { serde_json::to_string(&short).unwrap_or_default() } else { short.to_string() }
        }
        _ => whole,
    };
    line.push('\n');
    line
}

/// The open file.
fn descriptor(path: &CString) -> io::Result<i32> {
    let fd = DESCRIPTOR.load(Ordering::Acquire);
    if fd >= 0
        && let Ok((device, inode)) = identity(fd)
        && device == DEVICE.load(Ordering::Relaxed)
        && inode == INODE.load(Ordering::Relaxed)
    {
        return Ok(fd);
    }
    let opened = open(path)?;
    let (device, inode) = identity(opened)?;
    DEVICE.store(device, Ordering::Relaxed);
    INODE.store(inode, Ordering::Relaxed);
    match DESCRIPTOR.compare_exchange(fd, opened, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => Ok(opened),
        Err(theirs) => {
            close(opened);
            Ok(theirs)
        }
    }
}

fn open(path: &CString) -> io::Result<i32> {
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND | libc::O_CLOEXEC | libc::O_NOCTTY;
    // SAFETY: a valid path; the mode is read because of O_CREAT. A trace is for its owner only.
    let low = unsafe { libc::open(path.as_ptr(), flags, 0o600) };
    if low < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: our own descriptor.
    let high = unsafe { libc::fcntl(low, libc::F_DUPFD_CLOEXEC, LOWEST_DESCRIPTOR) };
    if high < 0 {
        // The program's limit is lower.
        return Ok(low);
    }
    close(low);
    Ok(high)
}

fn close(fd: i32) {
    // SAFETY: a descriptor that was just made here and is known to nobody else.
    unsafe { libc::close(fd) };
}

fn identity(fd: i32) -> io::Result<(u64, u64)> {
    let mut status = std::mem::MaybeUninit::<libc::stat>::uninit();
    // SAFETY: room for what it writes.
    if unsafe { libc::fstat(fd, status.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: written by the successful call.
    let status = unsafe { status.assume_init() };
    Ok((status.st_dev, status.st_ino))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Direction;

    #[test]
    fn a_long_message_is_cut_and_stays_valid() {
        for text in ["ü".repeat(5000), "\"".repeat(5000), "\n\0".repeat(4000)] {
            let record = Record {
                time: 0,
                pid: 1,
                program: "p".into(),
                library: "l".into(),
                connection: 1,
                direction: Direction::Sent,
                message: "m".into(),
                bytes: None,
                exchange: None,
                phase: None,
                detail: Some(text.into()),
            };
            let line = line(&record, true);
            assert!(line.len() <= LONGEST, "{}", line.len());
            let read: Record<'_> = serde_json::from_str(&line).unwrap();
            assert!(read.detail.unwrap().ends_with('…'));
        }
    }
}
