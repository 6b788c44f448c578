//! Bytes to the peer: at once as far as the socket takes them, the rest in order later.

use crate::ffi::{cancel, errno};
use std::cell::{Cell, RefCell};
use std::ffi::c_int;
use std::io::IoSlice;

/// More than this many bytes are not queued for a peer that does not read.
const MOST_QUEUED: usize = 64 << 20;

/// What a socket did with bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Sent {
    /// It took so many.
    Bytes(usize),
    /// It takes none now.
    Blocked,
    /// It failed, with this errno.
    Failed(c_int),
}

/// What is on its way to the peer.
pub struct Output {
    queue: RefCell<Vec<u8>>,
    /// So much of the queue is sent.
    sent: Cell<usize>,
    /// The transport failed: what is sent now has nowhere to go.
    broken: Cell<bool>,
}

impl Output {
    pub const fn new() -> Self {
        Self { queue: RefCell::new(Vec::new()), sent: Cell::new(0), broken: Cell::new(false) }
    }

    /// Sends a message that is given in pieces, or queues what does not go now.
    ///
    /// # Errors
    /// The errno of a transport that failed just now; later messages are dropped without one.
    pub fn send(&self, fd: c_int, pieces: &mut [IoSlice<'_>]) -> Result<(), c_int> {
        if self.broken.get() {
            return Ok(());
        }
        let mut rest = pieces;
        if self.drain(fd, 0)? {
            while !rest.is_empty() {
                match transmit(fd, rest, 0) {
                    Sent::Bytes(taken) => IoSlice::advance_slices(&mut rest, taken),
                    Sent::Blocked => break,
                    Sent::Failed(error) => return Err(self.fail(error)),
                }
            }
        }
        let mut queue = self.queue.borrow_mut();
        let length: usize = rest.iter().map(|piece| piece.len()).sum();
        if length == 0 {
            return Ok(());
        }
        if queue.len() - self.sent.get() + length > MOST_QUEUED {
            drop(queue);
            return Err(self.fail(libc::ENOBUFS));
        }
        if queue.try_reserve(length).is_err() {
            drop(queue);
            return Err(self.fail(libc::ENOMEM));
        }
        for piece in rest.iter() {
            queue.extend_from_slice(piece);
        }
        Ok(())
    }

    /// Sends what is queued; whether nothing is left.
    ///
    /// # Errors
    /// As [`Output::send`].
    pub fn flush(&self, fd: c_int) -> Result<bool, c_int> {
        self.drain(fd, 0)
    }

    /// One attempt that does not block, before the end.
    pub fn drain_once(&self, fd: c_int) {
        let _ = self.drain(fd, libc::MSG_DONTWAIT);
    }

    /// Forgets what is queued.
    pub fn release(&self) {
        *self.queue.borrow_mut() = Vec::new();
        self.sent.set(0);
        self.broken.set(true);
    }

    fn drain(&self, fd: c_int, flags: c_int) -> Result<bool, c_int> {
        loop {
            let result = {
                let queue = self.queue.borrow();
                if queue.is_empty() {
                    return Ok(true);
                }
                transmit(fd, &[IoSlice::new(&queue[self.sent.get()..])], flags)
            };
            match result {
                Sent::Bytes(taken) => {
                    let mut queue = self.queue.borrow_mut();
                    self.sent.set(self.sent.get() + taken);
                    if self.sent.get() == queue.len() {
                        *queue = Vec::new();
                        self.sent.set(0);
                    } else if self.sent.get() > queue.len() / 2 {
                        queue.drain(..self.sent.get());
                        self.sent.set(0);
                    }
                }
                Sent::Blocked => return Ok(false),
                Sent::Failed(error) => return Err(self.fail(error)),
            }
        }
    }

    fn fail(&self, error: c_int) -> c_int {
        self.release();
        error
    }
}

/// One system call, repeated only when a signal interrupted it. Never raises SIGPIPE, and blocks when the
/// descriptor does.
fn transmit(fd: c_int, pieces: &[IoSlice<'_>], flags: c_int) -> Sent {
    loop {
        // SAFETY: all zero is a valid header.
        let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
        // An IoSlice has the layout of an iovec, which the kernel only reads here.
        header.msg_iov = pieces.as_ptr().cast_mut().cast();
        header.msg_iovlen = pieces.len();
        // SAFETY: the header names live slices.
        let sent = unsafe { cancel::sendmsg(fd, &header, libc::MSG_NOSIGNAL | flags) };
        match usize::try_from(sent) {
            Ok(sent) => return Sent::Bytes(sent),
            Err(_) => match errno::get() {
                libc::EINTR => {}
                libc::EAGAIN => return Sent::Blocked,
                error => return Sent::Failed(error),
            },
        }
    }
}
