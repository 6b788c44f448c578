//! Requests of other threads, and of handlers that run for signals: what makes them safe is that they only leave a note
//! and ring a bell. Handlers may have interrupted anything, in any thread, so a note takes no lock and no memory: it is
//! the connection's own, and those that have been left are a list.

use super::super::connection::Connection;
use std::cell::Cell;
use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd, RawFd};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering};

/// The bell, and the notes.
#[derive(Debug)]
pub struct Wake {
    bell: OwnedFd,
    rung: AtomicBool,
    /// The connection whose note was left last.
    notes: AtomicPtr<Connection>,
    /// The first of the connections whose notes have been collected, and not taken yet. The serving thread's.
    collected: Cell<*mut Connection>,
    /// For each entry of the table of protocols, whether its connections all want one.
    protocols: Box<[AtomicBool]>,
    /// The thread that serves the context; the one that made it, until one does.
    thread: AtomicUsize,
}

/// That a connection wants a writeable callback.
#[derive(Debug)]
pub struct Note {
    /// It is in one of the two lists.
    left: AtomicBool,
    /// Which connection of the slot was meant.
    ticket: AtomicU32,
    /// The next of the list.
    next: AtomicPtr<Connection>,
}

impl Note {
    /// Not left.
    pub const fn new() -> Self {
        Self {
            left: AtomicBool::new(false),
            ticket: AtomicU32::new(0),
            next: AtomicPtr::new(ptr::null_mut()),
        }
    }
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
            notes: AtomicPtr::new(ptr::null_mut()),
            collected: Cell::new(ptr::null_mut()),
            protocols: (0..protocols).map(|_| AtomicBool::new(false)).collect(),
            thread: AtomicUsize::new(this_thread()),
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
        self.thread.load(Ordering::Relaxed) != this_thread()
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
        let (note, ticket) = unsafe { (&(*connection).note, Connection::ticket_of(connection)) };
        note.ticket.store(ticket.0, Ordering::Relaxed);
        if !note.left.swap(true, Ordering::AcqRel) {
            let mut last = self.notes.load(Ordering::Relaxed);
            loop {
                note.next.store(last, Ordering::Relaxed);
                let own = connection.cast_mut();
                match self.notes.compare_exchange_weak(last, own, Ordering::Release, Ordering::Relaxed) {
                    Ok(_) => break,
                    Err(other) => last = other,
                }
            }
        }
        self.ring();
    }

    /// Whether somebody rang; stops the ringing.
    #[inline]
    pub fn answer(&self) -> bool {
        let rung = self.rung.load(Ordering::Acquire);
        if rung {
            self.silence();
        }
        rung
    }

    /// Stops the ringing, whoever rang: the bell is that of a child of this process as well, and of what a handler of ours
    /// does there nothing else is known here.
    #[cold]
    pub fn silence(&self) {
        self.rung.store(false, Ordering::Release);
        let mut count = [0u8; 8];
        // SAFETY: reads into a buffer of that length; there may be nothing to read.
        let _ = unsafe { libc::read(self.bell.as_raw_fd(), count.as_mut_ptr().cast(), count.len()) };
    }

    /// Collects the notes that have been left, for [`Wake::take_note`].
    pub fn collect_notes(&self) {
        let mut last = self.notes.swap(ptr::null_mut(), Ordering::Acquire);
        // SAFETY: slots live as long as their context, and those of a list are the serving thread's once it is taken.
        while let Some(connection) = unsafe { last.as_ref() } {
            // Turned round: first come, first served.
            let before = connection.note.next.swap(self.collected.replace(last), Ordering::Relaxed);
            last = before;
        }
    }

    /// Takes the next note: which connection, and its ticket at that time.
    pub fn take_note(&self) -> Option<(*const Connection, u32)> {
        let taken = self.collected.get();
        // SAFETY: as in `collect_notes`.
        let note = unsafe { &taken.as_ref()?.note };
        self.collected.set(note.next.load(Ordering::Relaxed));
        // From here on it may be left again.
        note.left.swap(false, Ordering::AcqRel);
        Some((taken.cast_const(), note.ticket.load(Ordering::Relaxed)))
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
