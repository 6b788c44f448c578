//! A transport in memory: the caller carries the bytes.

use std::io::{self, Read, Write};

/// What came from the peer and what is to go there.
///
/// The session takes what it was fed and never more: [`Pipe::wanted`] says how much it misses, to the byte, so
/// that what follows its closing alert stays in the caller's transport.
#[derive(Debug, Default)]
pub struct Pipe {
    incoming: Vec<u8>,
    /// How much of `incoming` has been read.
    read: usize,
    ended: bool,
    wanted: usize,
    outgoing: Vec<u8>,
}

impl Pipe {
    /// An empty pipe.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes that came from the peer.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.incoming.drain(..self.read);
        self.read = 0;
        self.incoming.extend_from_slice(bytes);
    }

    /// Tells that nothing more will come from the peer.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// How many bytes the session missed when it last asked for more.
    pub fn wanted(&self) -> usize {
        self.wanted
    }

    /// What was fed and not read: after the closing alert, what belongs to the transport again.
    pub fn unread(&self) -> &[u8] {
        &self.incoming[self.read..]
    }

    /// What has to go to the peer.
    pub fn outgoing(&self) -> &[u8] {
        &self.outgoing
    }

    /// Takes what has to go to the peer.
    pub fn take_outgoing(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.outgoing)
    }

    /// Puts back what was taken, all but the first `sent` bytes, before what has been added since.
    pub fn return_outgoing(&mut self, mut taken: Vec<u8>, sent: usize) {
        taken.drain(..sent);
        taken.append(&mut self.outgoing);
        self.outgoing = taken;
    }

    /// Forgets the first bytes of [`Pipe::outgoing`]: they went.
    pub fn sent(&mut self, count: usize) {
        self.outgoing.drain(..count);
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let unread = self.unread();
        let count = unread.len().min(buffer.len());
        buffer[..count].copy_from_slice(&unread[..count]);
        self.read += count;
        if self.read == self.incoming.len() {
            self.incoming.clear();
            self.read = 0;
        }
        self.wanted = buffer.len() - count;
        if count == 0 && !buffer.is_empty() && !self.ended {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(count)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.outgoing.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
