//! A file that grows while a program runs.
//!
//! Not a pipe: a slow reader must not hold the program up, and a reader that dies must not end it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

/// Reads a trace as it is written.
pub struct Follower {
    path: PathBuf,
    file: File,
    /// The line that is not complete.
    rest: Vec<u8>,
}

impl Follower {
    /// A new, empty file that only its owner can read.
    pub fn new() -> io::Result<Self> {
        let folder = std::env::temp_dir();
        let process = std::process::id();
        let mut attempt = 0;
        loop {
            let path = folder.join(format!("relink-trace-{process}-{attempt}.json"));
            let mut options = fs::OpenOptions::new();
            // New, so that nobody's link is followed.
            match options.read(true).write(true).create_new(true).mode(0o600).open(&path) {
                Ok(file) => return Ok(Self { path, file, rest: Vec::new() }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 100 => attempt += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// The value of `RELINK_TRACE` that writes to the file.
    pub fn destination(&self) -> OsString {
        let mut value = OsString::from("json:");
        value.push(&self.path);
        value
    }

    /// Hands out the lines that have become complete.
    pub fn each_line(&mut self, mut each: impl FnMut(&str) -> io::Result<()>) -> io::Result<()> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = self.file.read(&mut buffer)?;
            if read == 0 {
                return Ok(());
            }
            self.rest.extend_from_slice(&buffer[..read]);
            let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') else { continue };
            let lines: Vec<u8> = self.rest.drain(..=end).collect();
            for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                each(&String::from_utf8_lossy(line))?;
            }
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
