//! Sockets that never wait and never raise SIGPIPE.
//!
//! Descriptors are plain numbers here: rooms keep them beside their own state, and a wrong one is an error of the
//! system's. Addresses are the bytes of a `sockaddr`, buffers and options those that C programs describe: what takes them
//! asks the system itself, and `socket2` does everything else.

use crate::ffi::cancel;
use socket2::{Domain, SockRef, Socket, Type};
use std::io;
use std::mem::{MaybeUninit, size_of};
use std::net::Shutdown;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;
use std::time::{Duration, Instant};

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Repeats a call that a signal interrupted.
fn repeat(mut call: impl FnMut() -> isize) -> io::Result<usize> {
    loop {
        if let Ok(count) = usize::try_from(call()) {
            return Ok(count);
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Does something with a socket of that number.
fn with<T>(fd: RawFd, action: impl FnOnce(SockRef<'_>) -> io::Result<T>) -> io::Result<T> {
    if fd < 0 {
        return Err(io::Error::from_raw_os_error(libc::EBADF));
    }
    // SAFETY: not -1, and used for one call of the system's, which checks it.
    action(SockRef::from(&unsafe { BorrowedFd::borrow_raw(fd) }))
}

/// A new socket, which programs that this one starts inherit unless it is made close-on-exec.
///
/// # Errors
/// As `socket`.
pub fn open(family: libc::c_int, kind: libc::c_int) -> io::Result<OwnedFd> {
    Socket::new_raw(Domain::from(family), Type::from(kind).nonblocking(), None).map(OwnedFd::from)
}

/// A pair of connected sockets.
///
/// # Errors
/// As `socketpair`.
pub fn pair(family: libc::c_int, kind: libc::c_int) -> io::Result<[OwnedFd; 2]> {
    let (left, right) = Socket::pair_raw(Domain::from(family), Type::from(kind).nonblocking(), None)?;
    Ok([left.into(), right.into()])
}

/// Makes a socket that came from elsewhere one that never waits.
///
/// # Errors
/// As `fcntl`.
pub fn never_wait(fd: RawFd) -> io::Result<()> {
    with(fd, |socket| socket.set_nonblocking(true))
}

/// Sets an option that is a number.
///
/// # Errors
/// As `setsockopt`.
pub fn set_option(fd: RawFd, level: libc::c_int, name: libc::c_int, value: libc::c_int) -> io::Result<()> {
    let length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the value is as long as said.
    check(unsafe { libc::setsockopt(fd, level, name, (&raw const value).cast(), length) }).map(drop)
}

/// Reads an option that is a number.
///
/// # Errors
/// As `getsockopt`.
pub fn option(fd: RawFd, level: libc::c_int, name: libc::c_int) -> io::Result<libc::c_int> {
    let mut value: libc::c_int = 0;
    let mut length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the value is as long as said.
    check(unsafe { libc::getsockopt(fd, level, name, (&raw mut value).cast(), &raw mut length) })?;
    Ok(value)
}

/// Closes a socket, and discards what was not sent: the peer of a TCP connection is told that it broke.
pub fn abort(fd: OwnedFd) {
    // If that cannot be set the socket is closed in order.
    let _ = Socket::from(fd).set_linger(Some(Duration::ZERO));
}

/// Gives a socket its address.
///
/// # Errors
/// As `bind`.
pub fn bind(fd: RawFd, address: &[u8]) -> io::Result<()> {
    // SAFETY: the address is as long as said.
    check(unsafe { libc::bind(fd, address.as_ptr().cast(), address.len() as libc::socklen_t) }).map(drop)
}

/// Lets connections in.
///
/// # Errors
/// As `listen`.
pub fn listen(fd: RawFd, backlog: libc::c_int) -> io::Result<()> {
    with(fd, |socket| socket.listen(backlog))
}

/// Takes the next connection, and stores its peer's address as far as there is room. Returns the length it has.
///
/// # Errors
/// `WouldBlock` when there is none; as `accept`.
pub fn accept(fd: RawFd, room: &mut [u8]) -> io::Result<(OwnedFd, usize)> {
    loop {
        let mut length = room.len() as libc::socklen_t;
        // SAFETY: the room is as long as said.
        let accepted =
            unsafe { libc::accept4(fd, room.as_mut_ptr().cast(), &raw mut length, libc::SOCK_NONBLOCK) };
        match check(accepted) {
            // SAFETY: new, and nobody else knows it.
            Ok(accepted) => return Ok((unsafe { OwnedFd::from_raw_fd(accepted) }, length as usize)),
            // The peer has gone already: the next one.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Begins to connect. Returns whether that is done already; otherwise the socket becomes writable.
///
/// # Errors
/// As `connect`.
pub fn connect(fd: RawFd, address: &[u8]) -> io::Result<bool> {
    // SAFETY: the address is as long as said.
    match check(unsafe { libc::connect(fd, address.as_ptr().cast(), address.len() as libc::socklen_t) }) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.raw_os_error(), Some(libc::EINPROGRESS | libc::EINTR)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Waits until the socket can be read (`POLLIN`) or written (`POLLOUT`), or has ended. False when `timeout`
/// passed first. See [`cancel::waiting`].
///
/// # Errors
/// What `poll` reports.
pub fn wait(socket: BorrowedFd<'_>, events: libc::c_short, timeout: Option<Duration>) -> io::Result<bool> {
    // A time that the clock never shows is none.
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    loop {
        let milliseconds = match deadline {
            None => -1,
            // Rounded up: a wait never ends before its time.
            Some(deadline) => deadline
                .saturating_duration_since(Instant::now())
                .as_micros()
                .div_ceil(1000)
                .min(i32::MAX as u128) as libc::c_int,
        };
        let mut entry = libc::pollfd { fd: socket.as_raw_fd(), events, revents: 0 };
        // SAFETY: one entry, which lives through the call.
        let count = cancel::waiting(|| unsafe { cancel::poll(&raw mut entry, 1, milliseconds) });
        if count > 0 {
            return Ok(true);
        }
        if count < 0 {
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        } else if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Ok(false);
        }
    }
}

/// Waits for so long, rounded up to milliseconds, or less. See [`cancel::waiting`].
pub fn pause(time: Duration) {
    let milliseconds = time.as_micros().div_ceil(1000).min(i32::MAX as u128) as libc::c_int;
    // SAFETY: no entries.
    cancel::waiting(|| unsafe { cancel::poll(ptr::null_mut(), 0, milliseconds) });
}

/// Takes the error that a socket has kept, if it has: how a connection attempt ended.
///
/// # Errors
/// That error.
pub fn take_error(fd: RawFd) -> io::Result<()> {
    with(fd, |socket| socket.take_error())?.map_or(Ok(()), Err)
}

/// Stores a socket's own address as far as there is room. Returns the length it has.
///
/// # Errors
/// As `getsockname`.
pub fn local_address(fd: RawFd, room: &mut [u8]) -> io::Result<usize> {
    let mut length = room.len() as libc::socklen_t;
    // SAFETY: the room is as long as said.
    check(unsafe { libc::getsockname(fd, room.as_mut_ptr().cast(), &raw mut length) })?;
    Ok(length as usize)
}

/// Tells the peer of a connection that nothing more will be sent.
///
/// # Errors
/// As `shutdown`.
pub fn end_output(fd: RawFd) -> io::Result<()> {
    with(fd, |socket| socket.shutdown(Shutdown::Write))
}

/// A message without addresses and control messages.
fn message(pieces: *const libc::iovec, count: usize) -> libc::msghdr {
    // SAFETY: all zeroes and NULL pointers are a valid value.
    let mut message: libc::msghdr = unsafe { MaybeUninit::zeroed().assume_init() };
    message.msg_iov = pieces.cast_mut();
    message.msg_iovlen = count;
    message
}

/// Sends some of the pieces, at least a byte, and says how many bytes. `to` is a datagram's address.
///
/// # Errors
/// `WouldBlock` when there is no room; as `sendmsg`.
///
/// # Safety
/// The pieces are valid.
pub unsafe fn send(fd: RawFd, pieces: &[libc::iovec], to: Option<&[u8]>) -> io::Result<usize> {
    let flags = libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT;
    // The system reads less of one piece than of a message.
    if let ([piece], None) = (pieces, to) {
        // SAFETY: a valid piece.
        return repeat(|| unsafe { libc::send(fd, piece.iov_base, piece.iov_len, flags) });
    }
    let mut message = message(pieces.as_ptr(), pieces.len());
    if let Some(to) = to {
        message.msg_name = to.as_ptr().cast_mut().cast();
        message.msg_namelen = to.len() as libc::socklen_t;
    }
    // SAFETY: the message describes valid pieces and a valid address.
    repeat(|| unsafe { libc::sendmsg(fd, &raw const message, flags) })
}

/// Receives into the pieces, and says how many bytes; 0 is the end of a stream. Stores a datagram's sender in `from`.
///
/// # Errors
/// `WouldBlock` when there is nothing; as `recvmsg`.
///
/// # Safety
/// The pieces are valid, to be written.
pub unsafe fn receive(fd: RawFd, pieces: &[libc::iovec], from: Option<&mut [u8]>) -> io::Result<usize> {
    if let ([piece], None) = (pieces, &from) {
        // SAFETY: a valid piece, to be written.
        return repeat(|| unsafe { libc::recv(fd, piece.iov_base, piece.iov_len, libc::MSG_DONTWAIT) });
    }
    let mut message = message(pieces.as_ptr(), pieces.len());
    let (name, length) =
        from.map_or((ptr::null_mut(), 0), |from| (from.as_mut_ptr(), from.len() as libc::socklen_t));
    message.msg_name = name.cast();
    message.msg_namelen = length;
    // SAFETY: the message describes valid pieces and room for an address.
    repeat(|| unsafe { libc::recvmsg(fd, &raw mut message, libc::MSG_DONTWAIT) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::{AsFd, AsRawFd};

    fn piece(bytes: &mut [u8]) -> libc::iovec {
        libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() }
    }

    #[test]
    fn a_pair_exchanges_bytes_and_sees_the_end() {
        let [left, right] = pair(libc::AF_UNIX, libc::SOCK_STREAM).unwrap();
        let (mut first, mut second, mut room) = (*b"he", *b"llo", [0; 9]);
        // SAFETY: the pieces are alive.
        unsafe {
            let sent = send(left.as_raw_fd(), &[piece(&mut first), piece(&mut second)], None);
            assert_eq!(sent.unwrap(), 5);
            assert_eq!(receive(right.as_raw_fd(), &[piece(&mut room)], None).unwrap(), 5);
            assert_eq!(&room[..5], b"hello");
            let nothing = receive(right.as_raw_fd(), &[piece(&mut room)], None).unwrap_err();
            assert_eq!(nothing.kind(), io::ErrorKind::WouldBlock);
            end_output(left.as_raw_fd()).unwrap();
            assert_eq!(receive(right.as_raw_fd(), &[piece(&mut room)], None).unwrap(), 0);
            drop(right);
            let broken = send(left.as_raw_fd(), &[piece(&mut first)], None).unwrap_err();
            assert_eq!(broken.kind(), io::ErrorKind::BrokenPipe);
        }
    }

    #[test]
    fn a_wait_may_be_longer_than_the_clock_goes() {
        let [left, right] = pair(libc::AF_UNIX, libc::SOCK_STREAM).unwrap();
        let mut byte = *b"x";
        // SAFETY: the piece is alive.
        unsafe { send(right.as_raw_fd(), &[piece(&mut byte)], None).unwrap() };
        assert!(wait(left.as_fd(), libc::POLLIN, Some(Duration::MAX)).unwrap());
        assert!(!wait(right.as_fd(), libc::POLLIN, Some(Duration::ZERO)).unwrap());
    }

    #[test]
    fn a_refused_connection_is_an_error_that_comes_later() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut address = [0; 16];
        address[..2].copy_from_slice(&(libc::AF_INET as u16).to_ne_bytes());
        address[2..4].copy_from_slice(&port.to_be_bytes());
        address[4..8].copy_from_slice(&[127, 0, 0, 1]);
        let socket = open(libc::AF_INET, libc::SOCK_STREAM).unwrap();
        let outcome = connect(socket.as_raw_fd(), &address).and_then(|_| {
            let mut poll = libc::pollfd { fd: socket.as_raw_fd(), events: libc::POLLOUT, revents: 0 };
            // SAFETY: one entry, as said.
            assert_eq!(unsafe { libc::poll(&raw mut poll, 1, 5000) }, 1);
            take_error(socket.as_raw_fd())
        });
        assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn an_aborted_connection_is_reset() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        abort(listener.accept().unwrap().0.into());
        let error = io::Read::read(&mut &client, &mut [0]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }
}
