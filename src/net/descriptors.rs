//! Descriptors passed over Unix sockets, and who is at the other end of one.
//!
//! Descriptors travel beside bytes: the kernel hands them to the read that takes the first byte of the write
//! they were sent with, and never lets one read take bytes of two such writes. Neither function here waits,
//! whatever mode the socket is in; readiness is the caller's business. SIGPIPE is never raised.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::{MaybeUninit, size_of};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;

/// The most descriptors the kernel takes with one write (`SCM_MAX_FD`).
pub const MOST: usize = 253;

/// Room for the control message of [`MOST`] descriptors, aligned as its header asks.
#[repr(C, align(8))]
struct Control([MaybeUninit<u8>; Control::SIZE]);

impl Control {
    // SAFETY: a computation on a number.
    const SIZE: usize = unsafe { libc::CMSG_SPACE((MOST * size_of::<RawFd>()) as u32) } as usize;

    fn new() -> Self {
        Self([MaybeUninit::uninit(); Self::SIZE])
    }
}

/// What a [`receive`] brought.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Received {
    /// Bytes written to the front of the buffers; 0 is the end of the stream (or buffers of size 0).
    pub bytes: usize,
    /// Whether descriptors were lost: more arrived than may be taken, or this process may open no more.
    pub descriptors_lost: bool,
}

/// Sends bytes and, attached to the first of them, descriptors. Returns the number of bytes taken.
///
/// When it is above 0 all the descriptors have been sent, even if bytes are left over: send the rest without
/// them. The caller keeps its descriptors open in any case.
///
/// # Errors
/// `InvalidInput` for more than [`MOST`] descriptors, or descriptors without a byte to carry them (a stream
/// would drop them); `WouldBlock` when the socket is full; otherwise what `sendmsg` reports (`BrokenPipe`,
/// `ConnectionReset`, `ETOOMANYREFS` when too many descriptors are on their way already).
pub fn send(
    socket: BorrowedFd<'_>,
    bytes: &[IoSlice<'_>],
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<usize> {
    if descriptors.len() > MOST || (!descriptors.is_empty() && bytes.iter().all(|part| part.is_empty())) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut control = Control::new();
    let mut header = message(bytes.as_ptr().cast_mut().cast(), bytes.len());
    if !descriptors.is_empty() {
        let length = size_of::<RawFd>() * descriptors.len();
        header.msg_control = control.0.as_mut_ptr().cast();
        // SAFETY: a computation on a number.
        header.msg_controllen = unsafe { libc::CMSG_SPACE(length as u32) } as usize;
        // SAFETY: the control buffer has room for the header and MOST descriptors, is aligned for the header,
        // and `BorrowedFd` is the descriptor's number in memory (`repr(transparent)`). The padding that the
        // kernel is shown is zeroed first.
        unsafe {
            control.0.as_mut_ptr().write_bytes(0, header.msg_controllen);
            let first = libc::CMSG_FIRSTHDR(&raw const header);
            (*first).cmsg_level = libc::SOL_SOCKET;
            (*first).cmsg_type = libc::SCM_RIGHTS;
            (*first).cmsg_len = libc::CMSG_LEN(length as u32) as usize;
            ptr::copy_nonoverlapping(descriptors.as_ptr().cast(), libc::CMSG_DATA(first), length);
        }
    }
    let flags = libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT;
    // SAFETY: the header points to live buffers; `IoSlice` has the layout of `iovec`.
    repeat(|| unsafe { libc::sendmsg(socket.as_raw_fd(), &raw const header, flags) })
}

/// Receives bytes, and the descriptors attached to them, which are appended to `descriptors` in order.
///
/// At most `most` descriptors are kept (and never more than [`MOST`]); the others are closed and the result
/// says so. With `close_on_exec` the new descriptors are not inherited by programs that this process starts.
///
/// # Errors
/// `WouldBlock` when nothing has arrived, otherwise what `recvmsg` reports.
pub fn receive(
    socket: BorrowedFd<'_>,
    buffers: &mut [IoSliceMut<'_>],
    descriptors: &mut impl Extend<OwnedFd>,
    most: usize,
    close_on_exec: bool,
) -> io::Result<Received> {
    let mut control = Control::new();
    let mut header = message(buffers.as_mut_ptr().cast(), buffers.len());
    header.msg_control = control.0.as_mut_ptr().cast();
    header.msg_controllen = Control::SIZE;
    let flags = libc::MSG_DONTWAIT | if close_on_exec { libc::MSG_CMSG_CLOEXEC } else { 0 };
    // SAFETY: the header points to live, writable buffers; `IoSliceMut` has the layout of `iovec`.
    let bytes = repeat(|| unsafe { libc::recvmsg(socket.as_raw_fd(), &raw mut header, flags) })?;
    let mut received = Received { bytes, descriptors_lost: header.msg_flags & libc::MSG_CTRUNC != 0 };
    if header.msg_controllen == 0 {
        return Ok(received);
    }
    let mut kept = 0;
    // SAFETY: the header describes what the kernel wrote into the control buffer.
    let mut entry = unsafe { libc::CMSG_FIRSTHDR(&raw const header) };
    while !entry.is_null() {
        // SAFETY: a control message of the kernel's, inside the buffer.
        let (level, kind, length) = unsafe { ((*entry).cmsg_level, (*entry).cmsg_type, (*entry).cmsg_len) };
        if level == libc::SOL_SOCKET && kind == libc::SCM_RIGHTS {
            // SAFETY: a computation on a number.
            let data = length.saturating_sub(unsafe { libc::CMSG_LEN(0) } as usize);
            for index in 0..data / size_of::<RawFd>() {
                // SAFETY: the kernel wrote that many numbers of descriptors that it opened for us just now, so
                // nobody else owns them. They need not be aligned.
                let descriptor = unsafe {
                    let number = libc::CMSG_DATA(entry).cast::<RawFd>().add(index).read_unaligned();
                    OwnedFd::from_raw_fd(number)
                };
                if kept < most {
                    kept += 1;
                    descriptors.extend([descriptor]);
                } else {
                    received.descriptors_lost = true;
                }
            }
        }
        // SAFETY: the entry is inside the buffer that the header describes.
        entry = unsafe { libc::CMSG_NXTHDR(&raw const header, entry) };
    }
    Ok(received)
}

/// A user, group and process, as the kernel saw them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Credentials {
    /// Effective user id.
    pub user: libc::uid_t,
    /// Effective group id.
    pub group: libc::gid_t,
    /// Process id, 0 when the process is in a pid namespace that is invisible from here.
    pub process: libc::pid_t,
}

/// Who connected to a Unix socket, or listens on it, at the time of `connect`, `listen` or `socketpair`.
///
/// # Errors
/// What `getsockopt` reports; `Unsupported` when the kernel does not know (not a Unix socket).
pub fn peer_credentials(socket: BorrowedFd<'_>) -> io::Result<Credentials> {
    let mut credentials = libc::ucred { pid: 0, uid: libc::uid_t::MAX, gid: libc::gid_t::MAX };
    let mut length = size_of::<libc::ucred>() as libc::socklen_t;
    // SAFETY: the value has the size that `length` says.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            (&raw mut credentials).cast(),
            &raw mut length,
        )
    };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    if credentials.uid == libc::uid_t::MAX && credentials.gid == libc::gid_t::MAX {
        return Err(io::ErrorKind::Unsupported.into());
    }
    Ok(Credentials { user: credentials.uid, group: credentials.gid, process: credentials.pid })
}

/// Moves a descriptor above 2, and makes it close-on-exec.
///
/// A library inside a program that closed its standard streams must not put a socket where others expect
/// them.
///
/// # Errors
/// What `fcntl` reports; the descriptor is closed then.
pub fn above_standard(descriptor: OwnedFd) -> io::Result<OwnedFd> {
    if descriptor.as_raw_fd() > libc::STDERR_FILENO {
        return Ok(descriptor);
    }
    duplicate(descriptor.as_raw_fd(), true)
}

/// A new descriptor above 2 for what the descriptor `number` refers to.
///
/// # Errors
/// What `fcntl` reports: `EBADF` when `number` is not open, `EMFILE`.
pub fn duplicate(number: RawFd, close_on_exec: bool) -> io::Result<OwnedFd> {
    let command = if close_on_exec { libc::F_DUPFD_CLOEXEC } else { libc::F_DUPFD };
    // SAFETY: fcntl checks the number.
    let copy = unsafe { libc::fcntl(number, command, libc::STDERR_FILENO + 1) };
    if copy < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: just opened by the kernel, for us.
    Ok(unsafe { OwnedFd::from_raw_fd(copy) })
}

/// Takes a descriptor over from the program.
///
/// # Errors
/// `EBADF` for a number that is not open: it belongs to nobody, and may be somebody else's any time.
///
/// # Safety
/// Nobody else closes the descriptor when this succeeds.
pub unsafe fn adopt(number: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: fcntl checks the number.
    if unsafe { libc::fcntl(number, libc::F_GETFD) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: open, as was just seen, and the caller gives it away.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// Lets programs that this process starts inherit a descriptor.
///
/// # Errors
/// What `fcntl` reports.
pub fn inheritable(descriptor: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: fcntl checks the number.
    match unsafe { libc::fcntl(descriptor.as_raw_fd(), libc::F_SETFD, 0) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Runs `work`, whose descriptors come out above 2: those numbers are taken meanwhile, where nobody has them.
///
/// # Errors
/// What `pipe` reports.
pub fn avoiding_standard<T>(work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let mut taken = Vec::new();
    loop {
        let (reader, writer) = io::pipe()?;
        let low = reader.as_raw_fd() <= libc::STDERR_FILENO || writer.as_raw_fd() <= libc::STDERR_FILENO;
        if !low {
            break;
        }
        taken.push((reader, writer));
    }
    let result = work();
    drop(taken);
    result
}

fn message(parts: *mut libc::iovec, count: usize) -> libc::msghdr {
    // SAFETY: zero is valid for every field: no address, no buffers, no control message.
    let mut header: libc::msghdr = unsafe { MaybeUninit::zeroed().assume_init() };
    header.msg_iov = parts;
    header.msg_iovlen = count;
    header
}

/// The result of a call that a signal may interrupt.
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;
    use std::io::{Read, Write};
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    fn take(socket: &UnixStream, room: usize, most: usize) -> io::Result<(Vec<u8>, Vec<OwnedFd>, bool)> {
        let mut bytes = vec![0; room];
        let mut descriptors = Vec::new();
        let received =
            receive(socket.as_fd(), &mut [IoSliceMut::new(&mut bytes)], &mut descriptors, most, true)?;
        bytes.truncate(received.bytes);
        Ok((bytes, descriptors, received.descriptors_lost))
    }

    fn flags(descriptor: &OwnedFd) -> i32 {
        // SAFETY: fcntl checks its arguments.
        unsafe { libc::fcntl(descriptor.as_raw_fd(), libc::F_GETFD) }
    }

    #[test]
    fn a_descriptor_arrives_with_its_bytes_and_works() {
        let (a, b) = UnixStream::pair().unwrap();
        let (mut kept, given) = UnixStream::pair().unwrap();
        let parts = [IoSlice::new(b"he"), IoSlice::new(b"llo")];
        assert_eq!(send(a.as_fd(), &parts, &[given.as_fd()]).unwrap(), 5);
        drop(given);
        let (bytes, mut descriptors, lost) = take(&b, 16, MOST).unwrap();
        assert_eq!((&bytes[..], descriptors.len(), lost), (&b"hello"[..], 1, false));
        assert_eq!(flags(&descriptors[0]) & libc::FD_CLOEXEC, libc::FD_CLOEXEC);
        UnixStream::from(descriptors.remove(0)).write_all(b"!").unwrap();
        let mut one = [0; 1];
        kept.read_exact(&mut one).unwrap();
        assert_eq!(&one, b"!");
    }

    #[test]
    fn close_on_exec_is_the_callers_choice() {
        let (a, b) = UnixStream::pair().unwrap();
        send(a.as_fd(), &[IoSlice::new(b"x")], &[a.as_fd()]).unwrap();
        let mut descriptors = VecDeque::new();
        receive(b.as_fd(), &mut [IoSliceMut::new(&mut [0; 4])], &mut descriptors, MOST, false).unwrap();
        assert_eq!(flags(&descriptors[0]) & libc::FD_CLOEXEC, 0);
    }

    #[test]
    fn the_most_a_kernel_takes_arrive_and_one_more_is_refused() {
        let (a, b) = UnixStream::pair().unwrap();
        let many = vec![a.as_fd(); MOST];
        assert_eq!(send(a.as_fd(), &[IoSlice::new(b"x")], &many).unwrap(), 1);
        assert_eq!(take(&b, 4, MOST).unwrap().1.len(), MOST);
        let more = vec![a.as_fd(); MOST + 1];
        let error = send(a.as_fd(), &[IoSlice::new(b"x")], &more).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn descriptors_beyond_the_limit_are_closed_and_told() {
        let (a, b) = UnixStream::pair().unwrap();
        let (kept, given) = UnixStream::pair().unwrap();
        send(a.as_fd(), &[IoSlice::new(b"x")], &[given.as_fd(), given.as_fd()]).unwrap();
        drop(given);
        let (_, descriptors, lost) = take(&b, 4, 1).unwrap();
        assert_eq!((descriptors.len(), lost), (1, true));
        drop(descriptors);
        // All copies are gone: the other end sees the end of the stream.
        assert_eq!((&kept).read(&mut [0; 1]).unwrap(), 0);
    }

    #[test]
    fn one_read_never_mixes_the_descriptors_of_two_writes() {
        let (a, b) = UnixStream::pair().unwrap();
        send(a.as_fd(), &[IoSlice::new(b"one")], &[a.as_fd()]).unwrap();
        send(a.as_fd(), &[IoSlice::new(b"two")], &[a.as_fd(), a.as_fd()]).unwrap();
        let (bytes, descriptors, _) = take(&b, 16, MOST).unwrap();
        assert_eq!((&bytes[..], descriptors.len()), (&b"one"[..], 1));
        let (bytes, descriptors, _) = take(&b, 16, MOST).unwrap();
        assert_eq!((&bytes[..], descriptors.len()), (&b"two"[..], 2));
    }

    #[test]
    fn nothing_waits_even_on_a_blocking_socket() {
        let (a, b) = UnixStream::pair().unwrap();
        assert_eq!(take(&b, 4, MOST).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        let block = [0; 65536];
        loop {
            match send(a.as_fd(), &[IoSlice::new(&block)], &[]) {
                Ok(count) => assert!(count > 0),
                Err(error) => break assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
            }
        }
    }

    #[test]
    fn a_closed_peer_is_an_error_and_not_a_signal() {
        let (a, b) = UnixStream::pair().unwrap();
        drop(b);
        assert_eq!(
            send(a.as_fd(), &[IoSlice::new(b"x")], &[]).unwrap_err().kind(),
            io::ErrorKind::BrokenPipe
        );
        assert_eq!(take(&a, 4, MOST).unwrap().0.len(), 0);
    }

    #[test]
    fn descriptors_need_a_byte_to_travel_with() {
        let (a, _b) = UnixStream::pair().unwrap();
        let error = send(a.as_fd(), &[IoSlice::new(b"")], &[a.as_fd()]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn the_peer_of_a_pair_is_this_process() {
        let (a, _b) = UnixStream::pair().unwrap();
        let credentials = peer_credentials(a.as_fd()).unwrap();
        // SAFETY: these read numbers.
        let (user, group) = unsafe { (libc::geteuid(), libc::getegid()) };
        assert_eq!((credentials.user, credentials.group), (user, group));
        assert_eq!(credentials.process, std::process::id() as libc::pid_t);
    }

    #[test]
    fn a_pipe_has_no_peer() {
        let (reader, _writer) = io::pipe().unwrap();
        assert!(peer_credentials(reader.as_fd()).is_err());
    }

    #[test]
    fn a_duplicate_is_above_the_standard_streams() {
        let copy = duplicate(0, true).unwrap();
        assert!(copy.as_raw_fd() > libc::STDERR_FILENO);
        assert_eq!(flags(&copy) & libc::FD_CLOEXEC, libc::FD_CLOEXEC);
        let number = copy.as_raw_fd();
        assert_eq!(above_standard(copy).unwrap().as_raw_fd(), number);
        assert_eq!(duplicate(-1, true).unwrap_err().raw_os_error(), Some(libc::EBADF));
    }
}
