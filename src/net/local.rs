//! Unix stream sockets with names in the file system.

use socket2::{Domain, SockAddr, Socket, Type};
use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant};

use super::descriptors;
use crate::ffi::cancel;

/// A new stream socket above the standard streams, close-on-exec.
fn socket() -> io::Result<Socket> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    descriptors::above_standard(socket.into()).map(Socket::from)
}

fn address(path: &CStr) -> io::Result<SockAddr> {
    SockAddr::unix(std::ffi::OsStr::from_bytes(path.to_bytes()))
}

/// Connects, and waits while the listener's backlog is full, at most for `timeout`. See [`cancel::waiting`].
///
/// # Errors
/// `InvalidInput` when the path is too long, `TimedOut`, or what `connect` reports.
pub fn connect(path: &CStr, timeout: Option<Duration>) -> io::Result<OwnedFd> {
    let (socket, address) = (socket()?, address(path)?);
    // A time that the clock never shows is none.
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    loop {
        if let Some(deadline) = deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            // The kernel takes zero for no limit.
            socket.set_write_timeout(Some(left.max(Duration::from_micros(1))))?;
        }
        // SAFETY: the address has its length.
        let result = cancel::waiting(|| unsafe {
            cancel::connect(socket.as_raw_fd(), address.as_ptr().cast(), address.len())
        });
        if result == 0 {
            break;
        }
        match io::Error::last_os_error() {
            error if error.kind() == io::ErrorKind::Interrupted => {}
            error if error.kind() == io::ErrorKind::WouldBlock => {
                return Err(io::Error::from_raw_os_error(libc::ETIMEDOUT));
            }
            error => return Err(error),
        }
    }
    if deadline.is_some() {
        socket.set_write_timeout(None)?;
    }
    Ok(socket.into())
}

/// A socket for [`try_connect`].
///
/// # Errors
/// What `socket` reports.
pub fn nonblocking() -> io::Result<OwnedFd> {
    let socket = socket()?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// Connects, without waiting: `WouldBlock` while the listener's backlog is full. No event tells when to try again.
///
/// # Errors
/// `InvalidInput` when the path is too long, `WouldBlock`, or what `connect` reports.
pub fn try_connect(socket: BorrowedFd<'_>, path: &CStr) -> io::Result<()> {
    let address = address(path)?;
    let socket = socket2::SockRef::from(&socket);
    loop {
        match socket.connect(&address) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Binds a new socket to a path, which it takes over from whoever has it, with these permissions; and listens.
///
/// The permissions are those of the file from the moment it has its name: others cannot connect in between.
///
/// # Errors
/// `InvalidInput` when the path is too long, or what the system reports.
pub fn listen(path: &CStr, permissions: libc::mode_t, backlog: libc::c_int) -> io::Result<OwnedFd> {
    let (socket, address) = (socket()?, address(path)?);
    // SAFETY: the path is terminated. A file that is not there is what is wanted.
    unsafe { libc::unlink(path.as_ptr()) };
    // What the file of a socket inherits on Linux, less the umask. Nobody is let in before `chmod` says who.
    // SAFETY: fchmod checks the descriptor.
    unsafe { libc::fchmod(socket.as_raw_fd(), permissions & 0o700) };
    socket.bind(&address)?;
    // Only the owner may fail here, of a file that somebody else replaced: not our business, as in the original.
    // SAFETY: the path is terminated.
    unsafe { libc::chmod(path.as_ptr(), permissions) };
    prepare_listener(socket.as_fd(), backlog)?;
    Ok(socket.into())
}

/// Listens on a bound socket, without blocking.
///
/// # Errors
/// What the system reports.
pub fn prepare_listener(socket: BorrowedFd<'_>, backlog: libc::c_int) -> io::Result<()> {
    let socket = socket2::SockRef::from(&socket);
    socket.set_nonblocking(true)?;
    socket.listen(backlog)
}

/// Accepts a connection, without waiting: a socket above the standard streams, close-on-exec.
///
/// # Errors
/// `WouldBlock` when nobody waits, or what `accept` reports.
pub fn accept(listener: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    let (socket, _) = socket2::SockRef::from(&listener).accept()?;
    descriptors::above_standard(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CString;
    use std::os::unix::fs::PermissionsExt;

    fn place() -> (tempfile::TempDir, CString) {
        let folder = tempfile::tempdir().unwrap();
        let path = CString::new(folder.path().join("socket").as_os_str().as_bytes()).unwrap();
        (folder, path)
    }

    #[test]
    fn a_listener_has_its_permissions_whatever_the_umask_and_takes_over() {
        let (folder, path) = place();
        for permissions in [0o666, 0o600, 0o777] {
            let _listener = listen(&path, permissions, 8).unwrap();
            let mode = std::fs::metadata(folder.path().join("socket")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, permissions);
        }
    }

    #[test]
    fn a_full_backlog_is_waited_for_no_longer_than_asked() {
        let (_folder, path) = place();
        let _listener = listen(&path, 0o600, 0).unwrap();
        let mut waiting = Vec::new();
        let error = loop {
            match connect(&path, Some(Duration::from_millis(50))) {
                Ok(socket) => waiting.push(socket),
                Err(error) => break error,
            }
            assert!(waiting.len() < 100);
        };
        assert_eq!(error.raw_os_error(), Some(libc::ETIMEDOUT));
        let socket = nonblocking().unwrap();
        assert_eq!(try_connect(socket.as_fd(), &path).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn a_timeout_may_be_longer_than_the_clock_goes() {
        let (_folder, path) = place();
        let _listener = listen(&path, 0o600, 8).unwrap();
        assert!(connect(&path, Some(Duration::MAX)).is_ok());
    }

    #[test]
    fn failures_are_told_as_they_are() {
        let (_folder, path) = place();
        assert_eq!(connect(&path, None).unwrap_err().kind(), io::ErrorKind::NotFound);
        drop(listen(&path, 0o600, 8).unwrap());
        assert_eq!(connect(&path, None).unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        let long = CString::new([b'x'; 200]).unwrap();
        assert_eq!(connect(&long, None).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
