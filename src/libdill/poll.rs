//! Descriptors that coroutines wait for: the thread's epoll set.
//!
//! The kernel is told of changes just before it is asked, so that a descriptor that is waited for again costs nothing.
//! A descriptor that nobody waits for is taken out then: readiness is by level, and would be told for ever.
//!
//! Where both ends of a connection are the thread's, it is not asked after each message who can go on: what a send has
//! brought about several times is expected of the next one, and the reader is woken to see for itself.

use super::error::{Error, Result};
use super::scheduler::{Clause, Scheduler};
use std::cell::{Cell, UnsafeCell};
use std::ffi::c_int;
use std::ptr;

/// How many events the kernel tells at once.
const EVENTS: usize = 128;

const READABLE: u32 = libc::EPOLLIN as u32;
const WRITABLE: u32 = libc::EPOLLOUT as u32;
/// Both kinds of waiters are to see these.
const BROKEN: u32 = (libc::EPOLLERR | libc::EPOLLHUP) as u32;

/// No descriptor.
const NONE: c_int = -1;
/// More than one.
const SEVERAL: c_int = -2;

/// How often a send has to have the same consequence before that is expected.
const TRUSTED: i16 = 3;
/// How much longer that takes after an expectation that was wrong, and after many of them.
const DOUBT: i16 = 16;
const MOST_DOUBT: i16 = 4096;

/// What is waited for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    /// Input.
    In,
    /// Room for output.
    Out,
}

/// Waits for a descriptor.
#[repr(C)]
pub struct DescriptorClause {
    clause: Clause,
    fd: c_int,
    direction: Direction,
    looks: bool,
}

impl DescriptorClause {
    /// Waits for nothing yet.
    pub const fn new(fd: c_int, direction: Direction) -> Self {
        Self { clause: Clause::new(cancel), fd, direction, looks: false }
    }

    /// Waits for input, and takes a look when it is woken: it may be in vain. [`Pollset::looked`] is to be told.
    pub const fn that_looks(fd: c_int) -> Self {
        Self { clause: Clause::new(cancel), fd, direction: Direction::In, looks: true }
    }
}

/// # Safety
/// As [`Clause`] demands: `clause` is that of an armed descriptor.
unsafe fn cancel(scheduler: &Scheduler, clause: *const Clause) {
    // SAFETY: the first member of a descriptor's clause.
    let clause = unsafe { &*clause.cast::<DescriptorClause>() };
    let pollset = &scheduler.pollset;
    pollset.waiting.set(pollset.waiting.get() - 1);
    pollset.table(|table| {
        *table.descriptors[clause.fd as usize].waiter(clause.direction) = ptr::null();
        table.note_change(clause.fd);
    });
}

/// What is known of a descriptor.
struct Descriptor {
    reader: *const DescriptorClause,
    writer: *const DescriptorClause,
    /// What the kernel was told.
    registered: u32,
    /// Tells events of this registration from those of a descriptor that had the same number before.
    generation: u32,
    /// Whether it is in the list of changes.
    changed: bool,
    /// Whether the kernel accepted it once, and it was not cleaned since.
    known: bool,
    consequence: Consequence,
}

impl Descriptor {
    const UNKNOWN: Self = Self {
        reader: ptr::null(),
        writer: ptr::null(),
        registered: 0,
        generation: 0,
        changed: false,
        known: false,
        consequence: Consequence::UNKNOWN,
    };

    fn waiter(&mut self, direction: Direction) -> &mut *const DescriptorClause {
        match direction {
            Direction::In => &mut self.reader,
            Direction::Out => &mut self.writer,
        }
    }

    /// What is waited for.
    fn wanted(&self) -> u32 {
        let readable = if self.reader.is_null() { 0 } else { READABLE };
        let writable = if self.writer.is_null() { 0 } else { WRITABLE };
        readable | writable
    }

    fn event(&self, fd: c_int, events: u32) -> libc::epoll_event {
        libc::epoll_event { events, u64: u64::from(self.generation) << 32 | u64::from(fd as u32) }
    }
}

/// What sending on a descriptor makes readable.
#[derive(Clone, Copy)]
struct Consequence {
    /// That descriptor.
    fd: c_int,
    /// How often it was; expected from [`TRUSTED`] on. Negative after a disappointment.
    trust: i16,
    /// The depth of the next disappointment.
    doubt: i16,
}

impl Consequence {
    const UNKNOWN: Self = Self { fd: NONE, trust: 0, doubt: DOUBT };

    /// Takes into account what the kernel has told.
    fn saw(&mut self, fd: c_int) {
        if self.fd == fd {
            self.trust = (self.trust + 1).min(TRUSTED);
        } else {
            (self.fd, self.trust) = (fd, self.trust.min(0));
        }
    }

    /// Takes into account whether an expectation was right.
    fn proved(&mut self, right: bool) {
        if right {
            self.doubt = DOUBT;
        } else {
            self.trust = -self.doubt;
            self.doubt = (self.doubt * 2).min(MOST_DOUBT);
        }
    }
}

struct Table {
    /// The epoll set's descriptor; negative when there is none yet.
    epoll: c_int,
    descriptors: Vec<Descriptor>,
    changes: Vec<c_int>,
}

/// A thread's descriptors.
pub struct Pollset {
    waiting: Cell<usize>,
    /// The descriptor that was sent on since the kernel was asked, or an expectation was followed.
    sender: Cell<c_int>,
    /// The descriptor that was sent on, and that whose reader was woken for that without asking the kernel.
    expected: Cell<(c_int, c_int)>,
    table: UnsafeCell<Table>,
    events: UnsafeCell<[libc::epoll_event; EVENTS]>,
}

impl Pollset {
    /// Nothing is waited for. The kernel's half is made when it is needed.
    pub const fn new() -> Self {
        Self {
            waiting: Cell::new(0),
            sender: Cell::new(NONE),
            expected: Cell::new((NONE, NONE)),
            table: UnsafeCell::new(Table { epoll: -1, descriptors: Vec::new(), changes: Vec::new() }),
            events: UnsafeCell::new([libc::epoll_event { events: 0, u64: 0 }; EVENTS]),
        }
    }

    /// `action` neither triggers clauses nor switches stacks.
    #[inline]
    fn table<T>(&self, action: impl FnOnce(&mut Table) -> T) -> T {
        // SAFETY: the scheduler's thread only, and not while an action runs: none of them calls anything of ours.
        action(unsafe { &mut *self.table.get() })
    }

    /// Whether any coroutine waits for a descriptor.
    #[inline]
    pub fn is_waited_for(&self) -> bool {
        self.waiting.get() > 0
    }

    /// Makes the next wait of the running coroutine wait for a descriptor, too.
    ///
    /// # Safety
    /// `clause` is not armed and stays where it is until the wait is over.
    pub unsafe fn arm(
        &self,
        scheduler: &Scheduler,
        clause: *const DescriptorClause,
        id: c_int,
    ) -> Result<()> {
        // SAFETY: live, as promised.
        let (fd, direction) = unsafe { ((*clause).fd, (*clause).direction) };
        self.table(|table| {
            table.introduce(fd, direction)?;
            let waiter = table.descriptors[fd as usize].waiter(direction);
            if !waiter.is_null() {
                return Err(Error::Busy);
            }
            *waiter = clause;
            table.note_change(fd);
            Ok(())
        })?;
        self.waiting.set(self.waiting.get() + 1);
        // SAFETY: as promised; it is a waiter now. Its clause is its first member.
        unsafe { scheduler.arm(clause.cast(), id) };
        Ok(())
    }

    /// Forgets a descriptor, which may then be closed. Fails when somebody waits for it.
    pub fn clean(&self, fd: c_int) -> Result<()> {
        self.table(|table| {
            let index = usize::try_from(fd).unwrap_or(usize::MAX);
            let Some(descriptor) = table.descriptors.get_mut(index).filter(|descriptor| descriptor.known)
            else {
                return Ok(());
            };
            if descriptor.wanted() != 0 {
                return Err(Error::Busy);
            }
            descriptor.known = false;
            descriptor.consequence = Consequence::UNKNOWN;
            descriptor.generation = descriptor.generation.wrapping_add(1);
            if std::mem::take(&mut descriptor.registered) != 0 {
                // Without effect when it was closed already.
                let _ = table.control(libc::EPOLL_CTL_DEL, fd, 0);
            }
            Ok(())
        })
    }

    /// Wakes those who wait for a descriptor, with an error, and forgets it: it is about to be closed.
    pub fn abandon(&self, scheduler: &Scheduler, fd: c_int, error: c_int) {
        for direction in [Direction::In, Direction::Out] {
            let waiter = self.table(|table| {
                let descriptor = usize::try_from(fd).ok().and_then(|index| table.descriptors.get_mut(index));
                descriptor.map_or(ptr::null(), |descriptor| *descriptor.waiter(direction))
            });
            if !waiter.is_null() {
                // SAFETY: a waiter is armed. Its clause is its first member.
                unsafe { scheduler.trigger(waiter.cast(), error) };
            }
        }
        // Nobody waits for it any more.
        let _ = self.clean(fd);
    }

    /// Wakes those whose descriptors are ready, after waiting for `timeout` milliseconds at most, for ever if negative.
    pub fn poll(&self, scheduler: &Scheduler, timeout: c_int) {
        let woken = self.apply_changes(scheduler);
        let timeout = if woken { 0 } else { timeout };
        let sender = self.sender.replace(NONE);
        let events = self.events.get();
        let epoll = self.table(|table| table.epoll);
        // SAFETY: room for so many events, which nobody else uses: a poll does not happen within a poll.
        let count = unsafe { libc::epoll_wait(epoll, events.cast(), EVENTS as c_int, timeout) };
        for index in 0..usize::try_from(count).unwrap_or(0) {
            // SAFETY: written by the call above.
            let (happened, data) = unsafe { ((*events)[index].events, (*events)[index].u64) };
            let (fd, generation) = (data as u32 as c_int, (data >> 32) as u32);
            for (direction, awaited) in [(Direction::In, READABLE), (Direction::Out, WRITABLE)] {
                let waiter = self.table(|table| {
                    let descriptor = &mut table.descriptors[fd as usize];
                    if descriptor.generation == generation {
                        *descriptor.waiter(direction)
                    } else {
                        ptr::null()
                    }
                });
                if !waiter.is_null() && happened & (awaited | BROKEN) != 0 {
                    // SAFETY: a waiter is armed. Its clause is its first member.
                    unsafe { scheduler.trigger(waiter.cast(), 0) };
                }
            }
            self.table(|table| {
                if sender >= 0 && count == 1 {
                    table.note_consequence(sender, fd);
                }
                table.settle_stray(fd, generation);
            });
        }
    }

    /// Tells that something was sent on a descriptor, be it the end of a stream.
    #[inline]
    pub fn sent_on(&self, fd: c_int) {
        let sender = self.sender.get();
        self.sender.set(if sender == NONE || sender == fd { fd } else { SEVERAL });
    }

    /// Wakes the reader of what was sent, if it can be foreseen who that is. Whether it was.
    pub fn wake_expected(&self, scheduler: &Scheduler) -> bool {
        let sender = self.sender.get();
        if sender < 0 {
            return false;
        }
        let (reader, fd) = self.table(|table| table.expected_reader(sender));
        if reader.is_null() {
            return false;
        }
        self.sender.set(NONE);
        self.expected.set((sender, fd));
        // SAFETY: a waiter is armed. Its clause is its first member.
        unsafe { scheduler.trigger(reader.cast(), 0) };
        true
    }

    /// Tells whether there was something to read on a descriptor.
    #[inline]
    pub fn looked(&self, fd: c_int, found: bool) {
        let (sender, expected) = self.expected.get();
        if expected == fd {
            self.expected.set((NONE, NONE));
            self.table(|table| {
                if let Some(descriptor) = table.descriptors.get_mut(sender as usize) {
                    descriptor.consequence.proved(found);
                }
            });
        }
    }

    /// While nobody waits for any: takes out those that were waited for. They may be closed before the next poll.
    pub fn forget_idle(&self) {
        self.table(|table| while table.apply_a_change().is_some() {});
    }

    /// Tells the kernel what has changed. Returns whether somebody was woken because the kernel refused.
    fn apply_changes(&self, scheduler: &Scheduler) -> bool {
        let mut woken = false;
        while let Some((fd, refused)) = self.table(Table::apply_a_change) {
            let Err(error) = refused else { continue };
            let before = self.waiting.get();
            self.abandon(scheduler, fd, error.errno());
            woken |= self.waiting.get() != before;
        }
        woken
    }

    /// In a forked child: the set is shared with the parent, who must not notice anything.
    pub fn forget_the_parents(&self) {
        self.table(|table| {
            if table.epoll >= 0 {
                table.rebuild();
            }
        });
    }
}

impl Drop for Pollset {
    fn drop(&mut self) {
        self.table.get_mut().close();
    }
}

impl Table {
    fn close(&mut self) {
        if self.epoll >= 0 {
            // SAFETY: a descriptor of ours.
            unsafe { libc::close(self.epoll) };
            self.epoll = -1;
        }
    }

    fn open(&mut self) -> Result<()> {
        if self.epoll < 0 {
            // SAFETY: no pointers.
            self.epoll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
            if self.epoll < 0 {
                return Err(Error::last_os());
            }
        }
        Ok(())
    }

    /// Makes a new set. Everything is registered again before the next poll.
    fn rebuild(&mut self) {
        self.close();
        for (fd, descriptor) in self.descriptors.iter_mut().enumerate() {
            descriptor.registered = 0;
            // Those that somebody waits for are far fewer than the list has room for.
            if descriptor.wanted() != 0 && !descriptor.changed {
                descriptor.changed = true;
                self.changes.push(fd as c_int);
            }
        }
    }

    fn control(&mut self, operation: c_int, fd: c_int, events: u32) -> Result<()> {
        self.open()?;
        let mut event = self.descriptors.get(fd as usize).unwrap_or(&Descriptor::UNKNOWN).event(fd, events);
        // SAFETY: a valid event; the kernel checks the descriptor.
        if unsafe { libc::epoll_ctl(self.epoll, operation, fd, &mut event) } == 0 {
            Ok(())
        } else {
            Err(Error::last_os())
        }
    }

    /// Asks the kernel whether a descriptor can be waited for, unless it did say so, and makes room for it.
    #[inline]
    fn introduce(&mut self, fd: c_int, direction: Direction) -> Result<()> {
        match usize::try_from(fd).ok().and_then(|index| self.descriptors.get(index)) {
            Some(descriptor) if descriptor.known => Ok(()),
            _ => self.introduce_anew(fd, direction),
        }
    }

    #[cold]
    fn introduce_anew(&mut self, fd: c_int, direction: Direction) -> Result<()> {
        let index = usize::try_from(fd).map_err(|_| Error::BadHandle)?;
        let events = if direction == Direction::In { READABLE } else { WRITABLE };
        match self.control(libc::EPOLL_CTL_ADD, fd, events) {
            Ok(()) => {}
            // Closed without being cleaned while a duplicate is open; its number has come back.
            Err(Error::Os(libc::EEXIST)) => self.control(libc::EPOLL_CTL_MOD, fd, events)?,
            Err(Error::Os(libc::EPERM | libc::ELOOP)) => return Err(Error::NotSupported),
            Err(error) => return Err(error),
        }
        let missing = (index + 1).saturating_sub(self.descriptors.len());
        let room = self.descriptors.try_reserve(missing).and_then(|()| {
            // Each descriptor is in the list of changes once at most.
            let capacity = self.descriptors.len() + missing;
            self.changes.try_reserve(capacity.saturating_sub(self.changes.len()))
        });
        if let Err(error) = room {
            let _ = self.control(libc::EPOLL_CTL_DEL, fd, 0);
            return Err(error.into());
        }
        self.descriptors.extend((0..missing).map(|_| Descriptor::UNKNOWN));
        let descriptor = &mut self.descriptors[index];
        (descriptor.known, descriptor.registered) = (true, events);
        Ok(())
    }

    /// After an event that came alone: it may be the consequence of what was sent just before.
    fn note_consequence(&mut self, sender: c_int, fd: c_int) {
        if sender != fd
            && let Some(descriptor) = self.descriptors.get_mut(sender as usize)
        {
            descriptor.consequence.saw(fd);
        }
    }

    /// Who reads what was sent on a descriptor, if that can be foreseen, and there is somebody who looks: NULL otherwise.
    fn expected_reader(&self, sender: c_int) -> (*const DescriptorClause, c_int) {
        let consequence = self.descriptors.get(sender as usize).map(|descriptor| descriptor.consequence);
        let expected = consequence.filter(|consequence| consequence.trust >= TRUSTED);
        let reader =
            expected.and_then(|expected| self.descriptors.get(expected.fd as usize)).map(|to| to.reader);
        // SAFETY: NULL or armed.
        match (expected, reader.and_then(|reader| unsafe { reader.as_ref() })) {
            (Some(expected), Some(reader)) if reader.looks => (reader, expected.fd),
            _ => (ptr::null(), NONE),
        }
    }

    #[inline]
    fn note_change(&mut self, fd: c_int) {
        let descriptor = &mut self.descriptors[fd as usize];
        if !descriptor.changed {
            descriptor.changed = true;
            self.changes.push(fd);
        }
    }

    /// Takes a change from the list and tells the kernel. `None` when there is no more.
    fn apply_a_change(&mut self) -> Option<(c_int, Result<()>)> {
        let fd = self.changes.pop()?;
        let descriptor = &mut self.descriptors[fd as usize];
        descriptor.changed = false;
        let (registered, wanted) = (descriptor.registered, descriptor.wanted());
        if registered == wanted {
            return Some((fd, Ok(())));
        }
        descriptor.registered = wanted;
        let told = match (registered, wanted) {
            // Without effect when it was closed without being cleaned.
            (_, 0) => {
                let _ = self.control(libc::EPOLL_CTL_DEL, fd, 0);
                Ok(())
            }
            (0, _) => match self.control(libc::EPOLL_CTL_ADD, fd, wanted) {
                Err(Error::Os(libc::EEXIST)) => self.control(libc::EPOLL_CTL_MOD, fd, wanted),
                told => told,
            },
            _ => match self.control(libc::EPOLL_CTL_MOD, fd, wanted) {
                // Closed and opened again without being cleaned.
                Err(Error::Os(libc::ENOENT)) => self.control(libc::EPOLL_CTL_ADD, fd, wanted),
                told => told,
            },
        };
        if told.is_err() {
            self.descriptors[fd as usize].registered = 0;
        }
        Some((fd, told))
    }

    /// After an event: if it was not for the descriptor that has the number now, that one cannot be taken out by number.
    fn settle_stray(&mut self, fd: c_int, generation: u32) {
        let descriptor = &self.descriptors[fd as usize];
        if descriptor.generation != generation {
            self.rebuild();
        } else if descriptor.registered != descriptor.wanted() {
            self.note_change(fd);
        }
    }
}
