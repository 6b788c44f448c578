//! A file on its way to a client.

use std::ffi::{CStr, OsStr};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;

/// What a client gets instead of a file that cannot be had.
pub const NOT_FOUND: &[u8] = b"HTTP/1.0 400 Bad\r\nServer: libwebsockets\r\n\r\n";

/// An open file, and how much of it has yet to go.
///
/// What the head announced is what is sent: a file that grows meanwhile is cut, one that shrinks is an error.
#[derive(Debug)]
pub struct Transfer {
    file: File,
    remaining: u64,
}

impl Transfer {
    /// Opens a regular file and writes the response's head to `out`.
    ///
    /// `content_type` goes into the head as it is: programs put further lines there, for want of another place.
    ///
    /// # Errors
    /// The system's, or [`io::ErrorKind::InvalidInput`] for folders, devices and pipes; [`NOT_FOUND`] is the answer.
    pub fn open(path: &CStr, content_type: &CStr, out: &mut Vec<u8>) -> io::Result<Self> {
        let path = OsStr::from_bytes(path.to_bytes());
        // Opening a pipe must not wait for somebody to write to it.
        let flags = libc::O_NONBLOCK | libc::O_CLOEXEC | libc::O_NOCTTY;
        let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let remaining = metadata.len();
        out.extend_from_slice(b"HTTP/1.0 200 OK\r\nServer: libwebsockets\r\nContent-Type: ");
        out.extend_from_slice(content_type.to_bytes());
        out.extend_from_slice(format!("\r\nContent-Length: {remaining}\r\n\r\n").as_bytes());
        Ok(Self { file, remaining })
    }

    /// Whether everything has been read.
    pub const fn is_complete(&self) -> bool {
        self.remaining == 0
    }

    /// Appends the next `at_most` bytes, or what is left, to `out`.
    ///
    /// # Errors
    /// The system's, or [`io::ErrorKind::UnexpectedEof`] when the file has become shorter.
    pub fn read(&mut self, at_most: usize, out: &mut Vec<u8>) -> io::Result<()> {
        let wanted = self.remaining.min(at_most as u64);
        let read = (&mut self.file).take(wanted).read_to_end(out)? as u64;
        self.remaining -= read;
        if read < wanted { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CString;
    use std::path::{Path, PathBuf};

    fn scratch(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("relink-http-{}-{name}", std::process::id()))
    }

    fn open(path: &Path, out: &mut Vec<u8>) -> io::Result<Transfer> {
        Transfer::open(&CString::new(path.as_os_str().as_bytes()).unwrap(), c"text/html", out)
    }

    #[test]
    fn the_head_is_the_original_s() {
        let path = scratch("head");
        std::fs::write(&path, b"hello\n").unwrap();
        let mut out = Vec::new();
        let mut transfer = open(&path, &mut out).unwrap();
        let head = "HTTP/1.0 200 OK\r\nServer: libwebsockets\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n";
        assert_eq!(out, head.as_bytes());
        out.clear();
        transfer.read(4, &mut out).unwrap();
        assert!(!transfer.is_complete());
        transfer.read(4, &mut out).unwrap();
        assert_eq!((transfer.is_complete(), out.as_slice()), (true, &b"hello\n"[..]));
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn an_empty_file_is_complete_at_once() {
        let path = scratch("empty");
        std::fs::write(&path, b"").unwrap();
        assert!(open(&path, &mut Vec::new()).unwrap().is_complete());
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn folders_pipes_and_missing_files_are_refused() {
        let pipe = scratch("pipe");
        let name = CString::new(pipe.as_os_str().as_bytes()).unwrap();
        // SAFETY: the name is a C string.
        assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
        let mut out = Vec::new();
        for path in [&pipe, Path::new("/"), Path::new("/dev/null"), &scratch("missing")] {
            assert!(open(path, &mut out).is_err(), "{}", path.display());
            assert!(out.is_empty());
        }
        std::fs::remove_file(pipe).unwrap();
    }

    #[test]
    fn what_was_announced_is_sent_or_it_is_an_error() {
        let path = scratch("changing");
        std::fs::write(&path, b"0123456789").unwrap();
        let mut transfer = open(&path, &mut Vec::new()).unwrap();
        std::fs::write(&path, b"0123456789abcdef").unwrap();
        let mut out = Vec::new();
        transfer.read(100, &mut out).unwrap();
        assert_eq!((transfer.is_complete(), out.len()), (true, 10));
        let mut transfer = open(&path, &mut Vec::new()).unwrap();
        std::fs::write(&path, b"0123").unwrap();
        assert_eq!(transfer.read(100, &mut out).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        std::fs::remove_file(path).unwrap();
    }
}
