//! Requests of other threads, and of handlers that run for signals: what makes them safe is that they only leave a note
//! and ring a bell. Handlers may have interrupted anything, so theirs take no lock and no memory.

use super::super::connection::Connection;
use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// The bell, and the notes.
#[derive(Debug)]
pub struct Wake {
    bell: OwnedFd,
    rung: AtomicBool,
    /// Connections, as addresses with their tickets, that want a writeable callback.
    notes: Mutex<Vec<(usize, u32)>>,
    /// Some connection wants one of which there is no note.
    unnoted: AtomicBool,
    /// For each entry of the table of protocols, whether its connections all want one.
    protocols: Box<[AtomicBool]>,
    /// The thread that serves the context.
    thread: AtomicUsize,
}

/// A number for the calling thread.
#[inline]
fn this_thread() -> usize {
    // SAFETY: no pointers are involved.
    unsafe { libc::pthread_self() as usize }
}

impl Wake {
    /// A bell that nobody has rung, for so many protocols.
    ///
    /// # Errors
    /// The system's: too many descriptors.
    pub fn new(protocols: usize) -> io::Result<Self> {
        // SAFETY: no pointers are involved.
        let bell = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
        if bell < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: a descriptor that was just made, and that nobody else knows.
        let bell = unsafe { OwnedFd::from_raw_fd(bell) };
        Ok(Self {
            bell,
            rung: AtomicBool::new(false),
            notes: Mutex::new(Vec::new()),
            unnoted: AtomicBool::new(false),
            protocols: (0..protocols).map(|_| AtomicBool::new(false)).collect(),
            thread: AtomicUsize::new(0),
        })
    }

    /// Readable while it rings.
    pub fn descriptor(&self) -> RawFd {
        self.bell.as_raw_fd()
    }

    /// The calling thread serves the context from now on.
    #[inline]
    pub fn serve_here(&self) {
        self.thread.store(this_thread(), Ordering::Relaxed);
    }

    /// Whether the calling thread is another one than that which serves the context.
    #[inline]
    pub fn is_elsewhere(&self) -> bool {
        let thread = self.thread.load(Ordering::Relaxed);
        thread != 0 && thread != this_thread()
    }

    /// Ends the wait that the serving thread is in, or its next one.
    pub fn ring(&self) {
        let one = 1u64.to_ne_bytes();
        // SAFETY: writes from a buffer of that length. A full counter rings as well.
        let _ = unsafe { libc::write(self.bell.as_raw_fd(), one.as_ptr().cast(), one.len()) };
        // Behind that: a bell that rings although nobody seems to have rung would never be stopped.
        self.rung.store(true, Ordering::Release);
    }

    /// Leaves a note for a connection, and rings.
    ///
    /// # Safety
    /// A slot of the context.
    pub unsafe fn leave_note(&self, connection: *const Connection) {
        // SAFETY: as promised by the caller. Only what is atomic is looked at: the slot belongs to the serving thread.
        let (asked, ticket) = unsafe { (&(*connection).asked, Connection::ticket_of(connection)) };
        if !asked.swap(true, Ordering::AcqRel) {
            let note = (connection as usize, ticket.0);
            self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(note);
        }
        self.ring();
    }

    /// Whether somebody rang; stops the ringing.
    #[inline]
    pub fn answer(&self) -> bool {
        if !self.rung.load(Ordering::Acquire) {
            return false;
        }
        self.rung.store(false, Ordering::Release);
        let mut count = [0u8; 8];
        // SAFETY: reads into a buffer of that length; there may be nothing to read.
        let _ = unsafe { libc::read(self.bell.as_raw_fd(), count.as_mut_ptr().cast(), count.len()) };
        true
    }

    /// Takes the notes.
    pub fn take_notes(&self) -> Vec<(usize, u32)> {
        std::mem::take(&mut *self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// As [`Wake::leave_note`], from a handler.
    ///
    /// # Safety
    /// A slot of the context.
    pub unsafe fn mark(&self, connection: *const Connection) {
        // SAFETY: as promised by the caller. Only what is atomic is looked at.
        unsafe { (*connection).asked.store(true, Ordering::Release) };
        self.unnoted.store(true, Ordering::Release);
        self.ring();
    }

    /// Whether connections have to be looked through for one that was marked.
    pub fn take_unnoted(&self) -> bool {
        self.unnoted.swap(false, Ordering::AcqRel)
    }

    /// Leaves a note for every connection of a protocol, and rings.
    pub fn leave_note_for_all(&self, protocol: usize) {
        if let Some(asked) = self.protocols.get(protocol) {
            asked.store(true, Ordering::Release);
        }
        self.ring();
    }

    /// Takes those notes.
    pub fn take_notes_for_all(&self) -> impl Iterator<Item = usize> {
        let asked = |(_, asked): &(usize, &AtomicBool)| asked.swap(false, Ordering::AcqRel);
        self.protocols.iter().enumerate().filter(asked).map(|(protocol, _)| protocol)
    }
}
