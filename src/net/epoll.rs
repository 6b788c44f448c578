//! Which descriptors are ready, without asking each of them: the kernel's own set.
//!
//! Level-triggered, because what is left unread is to be told of again: a front end reads as much as it wants at a
//! time, and hands the same descriptors to loops of its program's own.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd, RawFd};

/// What may be waited for, and what is told unasked.
pub mod interest {
    /// There is something to read, or somebody to accept.
    pub const READ: u32 = libc::EPOLLIN as u32;
    /// There is room to write.
    pub const WRITE: u32 = libc::EPOLLOUT as u32;
    /// The peer will send no more.
    pub const PEER_CLOSED: u32 = libc::EPOLLRDHUP as u32;
    /// Both directions have ended; told unasked.
    pub const HANG_UP: u32 = libc::EPOLLHUP as u32;
    /// The connection failed; told unasked.
    pub const ERROR: u32 = libc::EPOLLERR as u32;
}

/// Events of one wait.
pub type Event = libc::epoll_event;

/// A set of descriptors, each with what is waited for and a number of the caller's.
#[derive(Debug)]
pub struct Epoll(OwnedFd);

impl Epoll {
    /// An empty set.
    ///
    /// # Errors
    /// The system's: too many descriptors.
    pub fn new() -> io::Result<Self> {
        // SAFETY: no pointers are involved.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: a descriptor that was just made, and that nobody else knows.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Adds a descriptor.
    ///
    /// # Errors
    /// The system's: it is there already, is none, or cannot be waited for.
    pub fn add(&self, fd: RawFd, interest: u32, number: u64) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, fd, interest, number)
    }

    /// Changes what is waited for.
    ///
    /// # Errors
    /// The system's: it is not there.
    pub fn change(&self, fd: RawFd, interest: u32, number: u64) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_MOD, fd, interest, number)
    }

    /// Takes a descriptor out.
    ///
    /// # Errors
    /// The system's: it is not there.
    pub fn remove(&self, fd: RawFd) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_DEL, fd, 0, 0)
    }

    fn control(&self, operation: i32, fd: RawFd, interest: u32, number: u64) -> io::Result<()> {
        let mut event = Event { events: interest, u64: number };
        // SAFETY: the event is valid for the call.
        match unsafe { libc::epoll_ctl(self.0.as_raw_fd(), operation, fd, &raw mut event) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Waits until a descriptor is ready, for `timeout` milliseconds at most, or for ever when it is negative. Returns
    /// the events that there were. Leaves `errno` as the system set it when it fails.
    ///
    /// # Errors
    /// The system's: a handler of the program's has run for a signal.
    pub fn wait<'a>(&self, room: &'a mut [MaybeUninit<Event>], timeout: i32) -> io::Result<&'a [Event]> {
        // `epoll_wait` would fail as well whenever the process was stopped and goes on, in a shell or under a debugger;
        // `poll` does not.
        if timeout != 0 {
            let mut poll = libc::pollfd { fd: self.0.as_raw_fd(), events: libc::POLLIN, revents: 0 };
            // SAFETY: one entry, as said.
            match unsafe { libc::poll(&raw mut poll, 1, timeout) } {
                0 => return Ok(&[]),
                1.. => {}
                _ => return Err(io::Error::last_os_error()),
            }
        }
        let most = i32::try_from(room.len()).unwrap_or(i32::MAX);
        // SAFETY: there is room for so many events.
        let count = unsafe { libc::epoll_wait(self.0.as_raw_fd(), room.as_mut_ptr().cast(), most, 0) };
        let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
        // SAFETY: so many were written.
        Ok(unsafe { std::slice::from_raw_parts(room.as_ptr().cast(), count) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::os::unix::net::UnixStream;

    #[test]
    fn what_is_left_unread_is_told_of_again() {
        let (mut left, right) = UnixStream::pair().unwrap();
        let epoll = Epoll::new().unwrap();
        epoll.add(right.as_raw_fd(), interest::READ, 7).unwrap();
        let mut room = [MaybeUninit::uninit(); 4];
        let mut numbers =
            || -> Vec<u64> { epoll.wait(&mut room, 0).unwrap().iter().map(|event| event.u64).collect() };
        assert_eq!(numbers(), [0; 0]);
        left.write_all(b"x").unwrap();
        for _ in 0..2 {
            assert_eq!(numbers(), [7]);
        }
        epoll.change(right.as_raw_fd(), 0, 8).unwrap();
        assert_eq!(numbers(), [0; 0]);
        drop(left);
        assert_eq!(numbers(), [8], "an end is told unasked");
        epoll.remove(right.as_raw_fd()).unwrap();
        assert_eq!(numbers(), [0; 0]);
    }
}
