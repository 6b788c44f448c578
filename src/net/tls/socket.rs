//! A transport that is a connected socket.

use std::io::{self, Read, Write};
use std::os::fd::RawFd;

/// A socket that somebody else owns and closes, after the session that uses it.
///
/// OpenSSL's own transport for sockets uses `write`, which raises SIGPIPE when the peer has gone.
#[derive(Debug)]
pub struct Socket(pub RawFd);

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // SAFETY: the buffer is valid for its length; a wrong descriptor is an error.
        repeat(|| unsafe { libc::recv(self.0, buffer.as_mut_ptr().cast(), buffer.len(), 0) })
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // SAFETY: the bytes are valid for their length; a wrong descriptor is an error.
        repeat(|| unsafe { libc::send(self.0, bytes.as_ptr().cast(), bytes.len(), libc::MSG_NOSIGNAL) })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
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
