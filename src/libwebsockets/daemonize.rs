//! Going to the background, with a lock file that names the daemon.
//!
//! The parent learns by a pipe that the child is ready, so it knows its process number by then; with signals, as the
//! original had it, a quick child made it write 0.

use std::ffi::{CStr, CString, OsStr, c_char, c_int};
use std::fs::OpenOptions;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::{Duration, Instant};

/// How long the parent waits for the child.
const PATIENCE: Duration = Duration::from_secs(2);

/// The lock file of this daemon; a C string that is never freed, because a signal handler reads it.
static LOCK: AtomicPtr<c_char> = AtomicPtr::new(ptr::null_mut());

/// What the caller is now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// A daemon already: nothing was done.
    AlreadyOne,
    /// The daemon, by this process number. Its parent has ended.
    Daemon(libc::pid_t),
}

/// Takes the program to the background.
///
/// Ends the process when `lock` names a daemon that lives, or the child cannot be made. The calling process ends with
/// 0 once the lock file holds the child's number; the call returns in the child, which leads a session of its own in
/// the root folder, without a terminal, with its standard files on `/dev/null`. `on_term` becomes its handler of
/// SIGTERM and should call [`remove_lock`].
pub fn daemonize(lock: &CStr, on_term: unsafe extern "C" fn(c_int)) -> Outcome {
    // SAFETY: no preconditions.
    if unsafe { libc::getppid() } == 1 {
        return Outcome::AlreadyOne;
    }
    let lock = absolute(lock);
    if let Some(pid) = owner(&lock) {
        if is_alive(pid) {
            fail(&format!("Daemon already running from pid {pid}"));
        }
        eprintln!("Removing stale lock file {} from dead pid {pid}", lock.display());
    }
    match start(&lock, on_term) {
        Ok(pid) => Outcome::Daemon(pid),
        Err(error) => fail(&format!("unable to become a daemon: {error}")),
    }
}

/// Removes the lock file, in the daemon that made it. Does what signal handlers may do only.
pub fn remove_lock() {
    let lock = LOCK.swap(ptr::null_mut(), Ordering::AcqRel);
    if !lock.is_null() {
        // SAFETY: only C strings that are never freed are stored there.
        unsafe { libc::unlink(lock) };
    }
}

/// The daemon's working folder will be another one.
fn absolute(lock: &CStr) -> PathBuf {
    let lock = Path::new(OsStr::from_bytes(lock.to_bytes()));
    std::path::absolute(lock).unwrap_or_else(|_| lock.to_owned())
}

/// The process number that a lock file holds.
fn owner(lock: &Path) -> Option<libc::pid_t> {
    let mut text = String::new();
    std::fs::File::open(lock).ok()?.take(16).read_to_string(&mut text).ok()?;
    if text.is_empty() {
        return None;
    }
    let digits = text.trim_start().bytes().take_while(u8::is_ascii_digit).count();
    Some(text.trim_start()[..digits].parse().unwrap_or(0))
}

fn is_alive(pid: libc::pid_t) -> bool {
    // 0 would be ourselves; it is what a lock file holds whose writer did not know better.
    // SAFETY: signal 0 only asks.
    pid > 0
        && (unsafe { libc::kill(pid, 0) } == 0
            || io::Error::last_os_error().raw_os_error() == Some(libc::EPERM))
}

fn fail(message: &str) -> ! {
    eprintln!("{message}");
    // SAFETY: runs what the program registered, as ending from main would.
    unsafe { libc::exit(1) }
}

fn start(lock: &Path, on_term: unsafe extern "C" fn(c_int)) -> io::Result<libc::pid_t> {
    let (from_child, to_parent) = io::pipe()?;
    // What is buffered must not come out twice.
    // SAFETY: NULL stands for all of C's streams.
    unsafe { libc::fflush(ptr::null_mut()) };
    // SAFETY: the child goes on as a program of its own; nothing here holds a lock.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            drop(from_child);
            let done = settle().and_then(|()| {
                handle_term(on_term);
                LOCK.store(CString::new(lock.as_os_str().as_bytes())?.into_raw(), Ordering::Release);
                (&to_parent).write_all(&[1])
            });
            if let Err(error) = done {
                eprintln!("unable to become a daemon: {error}");
                // SAFETY: what the program registered is the parent's to run.
                unsafe { libc::_exit(1) };
            }
            // SAFETY: no preconditions.
            Ok(unsafe { libc::getpid() })
        }
        child => {
            drop(to_parent);
            let status = if is_ready(from_child.into()) && write_lock(lock, child) { 0 } else { 1 };
            // SAFETY: as in `fail`.
            unsafe { libc::exit(status) }
        }
    }
}

/// Waits for the child's word. Its end without one is the end of the pipe.
fn is_ready(from_child: OwnedFd) -> bool {
    let deadline = Instant::now() + PATIENCE;
    let mut wanted = libc::pollfd { fd: from_child.as_fd().as_raw_fd(), events: libc::POLLIN, revents: 0 };
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        // At most PATIENCE, so it fits.
        // SAFETY: one pollfd is given.
        match unsafe { libc::poll(&mut wanted, 1, left.as_millis() as c_int) } {
            -1 if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
            1 => break,
            _ => return false,
        }
    }
    std::fs::File::from(from_child).read_exact(&mut [0]).is_ok()
}

fn write_lock(lock: &Path, pid: libc::pid_t) -> bool {
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o640)
        .open(lock)
        .and_then(|mut file| file.write_all(pid.to_string().as_bytes()));
    if let Err(error) = &written {
        eprintln!("unable to write lock file {}: {error}", lock.display());
    }
    written.is_ok()
}

/// Leaves the terminal and the folder.
fn settle() -> io::Result<()> {
    // SAFETY: these change the disposition of signals and the mask of the process, nothing else.
    unsafe {
        libc::signal(libc::SIGCHLD, libc::SIG_DFL);
        for signal in [libc::SIGTSTP, libc::SIGTTOU, libc::SIGTTIN, libc::SIGHUP] {
            libc::signal(signal, libc::SIG_IGN);
        }
        libc::umask(0);
    }
    // SAFETY: no preconditions.
    if unsafe { libc::setsid() } < 0 {
        return Err(io::Error::last_os_error());
    }
    std::env::set_current_dir("/")?;
    let null = OpenOptions::new().read(true).write(true).open("/dev/null")?;
    for standard in 0..3 {
        // SAFETY: replaces a standard file; `null` is open.
        if unsafe { libc::dup2(null.as_raw_fd(), standard) } < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

fn handle_term(handler: unsafe extern "C" fn(c_int)) {
    // SAFETY: an all-zero sigaction is a valid one: no flags, an empty mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler as usize;
    // SAFETY: the action is complete and the signal exists.
    unsafe { libc::sigaction(libc::SIGTERM, &action, ptr::null_mut()) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_names_its_owner() {
        let path = std::env::temp_dir().join(format!("relink-lock-{}", std::process::id()));
        for (text, expected) in [("123", Some(123)), ("77\n", Some(77)), ("", None), ("rubbish", Some(0))] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(owner(&path), expected, "{text:?}");
        }
        std::fs::remove_file(&path).unwrap();
        assert_eq!(owner(&path), None);
    }

    #[test]
    fn nobody_and_everybody_are_not_a_daemon() {
        assert!(is_alive(1));
        assert!(is_alive(std::process::id() as libc::pid_t));
        assert!(!is_alive(0));
        assert!(!is_alive(-1));
    }
}
