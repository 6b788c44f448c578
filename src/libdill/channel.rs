//! Channels: messages of fixed size, from one coroutine's memory to another's.
//!
//! A channel has two ends. What is sent on one is received on the other; nothing is kept in between. Who waits for a
//! message to be sent to an end waits at that end, whether to send or to receive it.

use super::error::{Error, Result};
use super::handle::{self, Kind, Object};
use super::list::{Link, Linked, List};
use super::scheduler::{Clause, Scheduler};
use super::sockets::trace;
use super::thread::scheduler;
use super::timers::TimerClause;
use super::types::{DILL_CHRECV, DILL_CHSEND, dill_chclause, dill_chstorage};
use super::vfs::dill_hvfs;
use crate::ffi::{alloc, errno, slice};
use crate::trace::{Connection, Direction, Event, on};
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::mem::{MaybeUninit, size_of};
use std::ptr::{self, NonNull};

static KEY: u8 = 0;
const KIND: Kind = handle::kind(&KEY);

/// Clauses of `choose` up to this number are in its frame.
const FEW_CLAUSES: usize = 8;

/// One end of a channel.
#[repr(C)]
pub struct End {
    vfs: dill_hvfs,
    /// Those who wait to receive at this end.
    receivers: List<MessageClause>,
    /// Those who wait to send to this end.
    senders: List<MessageClause>,
    /// Whether it is the second of the two.
    second: bool,
    /// Whether the other end has said that it will send no more.
    done: Cell<bool>,
    closed: Cell<bool>,
    /// Whether the memory of both is the program's.
    lent: bool,
    /// The channel in the trace, in the first of the two.
    traced: Connection,
}

const _: () = assert!(2 * size_of::<End>() <= size_of::<dill_chstorage>());

/// Waits for a message to be handed over.
#[repr(C)]
struct MessageClause {
    clause: Clause,
    link: Link<MessageClause>,
    list: *const List<MessageClause>,
    message: *mut c_void,
    length: usize,
}

impl Linked for MessageClause {
    fn link(&self) -> &Link<Self> {
        &self.link
    }
}

impl MessageClause {
    #[inline]
    fn new(offer: &Offer) -> Self {
        Self {
            clause: Clause::new(cancel),
            link: Link::new(),
            list: offer.list(),
            message: offer.message,
            length: offer.length,
        }
    }
}

/// # Safety
/// As [`Clause`] demands: `clause` is that of an armed message.
unsafe fn cancel(_: &Scheduler, clause: *const Clause) {
    let clause = clause.cast::<MessageClause>();
    // SAFETY: the first member of a message's clause, which is in its list.
    unsafe { (*(*clause).list).remove(clause) }
}

// SAFETY: its layout is C's, the function table is first.
unsafe impl Object for End {
    fn query(&self, kind: Kind) -> Option<NonNull<c_void>> {
        (kind == KIND).then(|| NonNull::from(self).cast())
    }

    /// One end alone does not wake those who wait at it: `chdone` does that. With the other end it does.
    unsafe fn close(this: NonNull<Self>) {
        // SAFETY: live until both are freed below.
        let end = unsafe { this.as_ref() };
        end.closed.set(true);
        let other = end.other();
        if !other.closed.get() {
            return;
        }
        let (first, second) = if end.second { (other, end) } else { (end, other) };
        let scheduler = scheduler();
        first.wake_all(scheduler);
        second.wake_all(scheduler);
        if !first.lent {
            // SAFETY: both are one block of the C allocator, and nobody can reach them any more.
            unsafe { alloc::free(ptr::from_ref(first).cast_mut().cast()) };
        }
    }
}

impl End {
    fn new(second: bool, lent: bool) -> Self {
        Self {
            vfs: handle::vfs::<Self>(),
            receivers: List::new(),
            senders: List::new(),
            second,
            done: Cell::new(false),
            closed: Cell::new(false),
            lent,
            traced: Connection::new(),
        }
    }

    #[inline]
    fn other(&self) -> &Self {
        let this = ptr::from_ref(self);
        // SAFETY: the two are neighbours, and live as long as each other.
        unsafe { &*if self.second { this.sub(1) } else { this.add(1) } }
    }

    /// The channel in the trace, and whether what arrives here was sent on the first end.
    fn traced(&self) -> (&Connection, Direction) {
        if self.second {
            (&self.other().traced, Direction::Sent)
        } else {
            (&self.traced, Direction::Received)
        }
    }

    fn wake_all(&self, scheduler: &Scheduler) {
        for list in [&self.receivers, &self.senders] {
            while !list.is_empty() {
                // SAFETY: in the list, so armed; its clause is its first member. It leaves the list.
                unsafe { scheduler.trigger(list.first().cast(), libc::EPIPE) };
            }
        }
    }
}

/// Tells of a message that arrived at an end.
///
/// # Safety
/// `message` is valid for `length` bytes.
#[cold]
#[inline(never)]
unsafe fn tell_message(end: &End, message: *const c_void, length: usize) {
    let (connection, direction) = end.traced();
    // SAFETY: as promised by the caller.
    let message = unsafe { slice::borrow(message.cast(), length) }.unwrap_or_default();
    trace::message(connection, direction, "message", length, message);
}

#[inline]
fn find(scheduler: &Scheduler, handle: c_int) -> Result<NonNull<End>> {
    handle::find(scheduler, handle, KIND).map(NonNull::cast)
}

/// Makes a channel and stores the handles of its ends.
///
/// # Safety
/// `handles` has room for two.
pub unsafe fn make(handles: *mut c_int) -> Result<()> {
    let memory = alloc::malloc(2 * size_of::<End>()).ok_or(Error::NoMemory)?.cast();
    // SAFETY: memory for both, which is aligned; room for the handles, as promised.
    unsafe { place(memory, false, handles) }
}

/// The same in the program's memory, of the size of its storage, at any address.
///
/// # Safety
/// `handles` has room for two.
pub unsafe fn make_in(storage: *mut dill_chstorage, handles: *mut c_int) -> Result<()> {
    let storage = NonNull::new(storage).ok_or(Error::InvalidArgument)?.cast::<End>();
    if !storage.is_aligned() {
        // SAFETY: as promised.
        return unsafe { make(handles) };
    }
    // SAFETY: storage for both, which is aligned; room for the handles, as promised.
    unsafe { place(storage, true, handles) }
}

/// # Safety
/// `memory` holds two ends, and is from the C allocator unless it was `lent` by the program; `handles` has room for two.
unsafe fn place(memory: NonNull<End>, lent: bool, handles: *mut c_int) -> Result<()> {
    // SAFETY: as promised.
    let (first, second) = unsafe {
        let (first, second) = (memory.as_ptr(), memory.as_ptr().add(1));
        first.write(End::new(false, lent));
        second.write(End::new(true, lent));
        (first, second)
    };
    let scheduler = scheduler();
    let made = handle::make_known(scheduler, first, KIND).and_then(|first| {
        match handle::make_known(scheduler, second, KIND) {
            Ok(second) => Ok([first, second]),
            Err(error) => {
                handle::release(first)?;
                Err(error)
            }
        }
    });
    match made {
        Ok(made) => {
            // SAFETY: as promised.
            unsafe { handles.cast::<[c_int; 2]>().write_unaligned(made) };
            Ok(())
        }
        Err(error) => {
            if !lent {
                // SAFETY: as promised, and nobody knows it.
                unsafe { alloc::free(memory.as_ptr().cast()) };
            }
            Err(error)
        }
    }
}

/// A message to be sent to an end, or received at it.
struct Offer<'a> {
    end: &'a End,
    sends: bool,
    message: *mut c_void,
    length: usize,
}

impl<'a> Offer<'a> {
    /// # Safety
    /// The end outlives the call, or its end ends it. `message` is valid for `length` bytes as long as the call lasts.
    #[inline]
    unsafe fn new(
        scheduler: &Scheduler,
        handle: c_int,
        sends: bool,
        message: *mut c_void,
        length: usize,
    ) -> Result<Self> {
        let end = find(scheduler, handle)?;
        // SAFETY: live, because its handle is in use.
        let end = unsafe { end.as_ref() };
        Ok(Self { end: if sends { end.other() } else { end }, sends, message, length })
    }

    /// Where to wait for somebody who takes it.
    #[inline]
    fn list(&self) -> &'a List<MessageClause> {
        if self.sends { &self.end.senders } else { &self.end.receivers }
    }

    /// Hands the message over if somebody waits for that. Returns whether it did.
    #[inline(always)]
    fn take(&self, scheduler: &Scheduler) -> Result<bool> {
        if self.end.done.get() {
            return Err(Error::Closed);
        }
        let partners = if self.sends { &self.end.receivers } else { &self.end.senders };
        let partner = partners.first();
        if partner.is_null() {
            return Ok(false);
        }
        // SAFETY: in the list, so armed; its clause is its first member.
        unsafe {
            if (*partner).length != self.length {
                scheduler.trigger(partner.cast(), libc::EMSGSIZE);
                return Err(Error::MessageSize);
            }
            let (from, to) = if self.sends {
                (self.message, (*partner).message)
            } else {
                ((*partner).message, self.message)
            };
            if self.length > 0 {
                ptr::copy(from.cast::<u8>(), to.cast::<u8>(), self.length);
            }
            scheduler.trigger(partner.cast(), 0);
            if on() {
                tell_message(self.end, self.message, self.length);
            }
        }
        Ok(true)
    }
}

/// Sends a message, or receives one.
///
/// # Safety
/// `message` is valid for `length` bytes: to be read when sending, to be written when receiving.
#[inline]
pub unsafe fn exchange(
    handle: c_int,
    sends: bool,
    message: *mut c_void,
    length: usize,
    deadline: i64,
) -> Result<()> {
    const TAKEN: c_int = 0;
    const TIMER: c_int = 1;
    let scheduler = scheduler();
    scheduler.can_block()?;
    // SAFETY: as promised; closing the channel ends the wait.
    let offer = unsafe { Offer::new(scheduler, handle, sends, message, length)? };
    if offer.take(scheduler)? {
        return Ok(());
    }
    if deadline == 0 {
        return Err(Error::TimedOut);
    }
    let clause = MessageClause::new(&offer);
    let timer = TimerClause::new();
    // SAFETY: new, and waited for just below.
    unsafe {
        offer.list().push(&clause);
        scheduler.arm((&raw const clause).cast(), TAKEN);
        scheduler.arm_timer(&timer, TIMER, deadline);
    }
    scheduler.wait().outcome(TIMER).map(|_| ())
}

/// Says that nothing more will be sent on an end. Those who wait for it, on either side, go on.
pub fn done(handle: c_int) -> Result<()> {
    let scheduler = scheduler();
    let end = find(scheduler, handle)?;
    // SAFETY: live, because its handle is in use.
    let other = unsafe { end.as_ref() }.other();
    if other.done.replace(true) {
        return Err(Error::Closed);
    }
    if on() {
        let (connection, direction) = other.traced();
        Event::new(trace::LIBRARY, connection, direction, "done").emit();
    }
    other.wake_all(scheduler);
    Ok(())
}

/// Performs the first of the clauses that can be performed, or that is in error: its index, and in `errno` which.
///
/// # Safety
/// `clauses` points to `count` of them, and they to messages, valid as for [`exchange`].
pub unsafe fn choose(clauses: *const dill_chclause, count: c_int, deadline: i64) -> Result<c_int> {
    let scheduler = scheduler();
    scheduler.can_block()?;
    let length = usize::try_from(count).map_err(|_| Error::InvalidArgument)?;
    if length > 0 && clauses.is_null() {
        return Err(Error::InvalidArgument);
    }
    for index in 0..length {
        // SAFETY: so many, as promised.
        let taken = unsafe { offer(scheduler, clauses, index) }.and_then(|offer| offer.take(scheduler));
        match taken {
            Ok(false) => {}
            Ok(true) => {
                errno::set(0);
                return Ok(index as c_int);
            }
            Err(error) => {
                errno::set(error.errno());
                return Ok(index as c_int);
            }
        }
    }
    if deadline == 0 {
        return Err(Error::TimedOut);
    }
    let (index, error) = if length <= FEW_CLAUSES {
        let mut few = [const { MaybeUninit::<MessageClause>::uninit() }; FEW_CLAUSES];
        // SAFETY: room for so many; the rest as promised.
        unsafe { wait_for_one(scheduler, clauses, few.as_mut_ptr().cast(), length, count, deadline)? }
    } else {
        let size = length.checked_mul(size_of::<MessageClause>()).ok_or(Error::NoMemory)?;
        let many = alloc::malloc(size).ok_or(Error::NoMemory)?;
        // SAFETY: room for so many; the rest as promised. Freed once.
        let woken = unsafe {
            let woken = wait_for_one(scheduler, clauses, many.as_ptr().cast(), length, count, deadline);
            alloc::free(many.as_ptr());
            woken
        };
        woken?
    };
    errno::set(error);
    Ok(index)
}

/// # Safety
/// As [`choose`]; `room` is for `length` clauses.
#[inline]
unsafe fn wait_for_one(
    scheduler: &Scheduler,
    clauses: *const dill_chclause,
    room: *mut MessageClause,
    length: usize,
    timer_id: c_int,
    deadline: i64,
) -> Result<(c_int, c_int)> {
    let timer = TimerClause::new();
    for index in 0..length {
        // SAFETY: so many, as promised; new, and waited for just below.
        unsafe {
            let offer = offer(scheduler, clauses, index)?;
            let clause = room.add(index);
            clause.write(MessageClause::new(&offer));
            offer.list().push(clause);
            scheduler.arm(clause.cast(), index as c_int);
        }
    }
    // SAFETY: new, and waited for just below.
    unsafe { scheduler.arm_timer(&timer, timer_id, deadline) };
    let (index, error) = scheduler.wait().id()?;
    if index == timer_id { Err(Error::TimedOut) } else { Ok((index, error)) }
}

/// # Safety
/// `clauses` points to more than `index` of them.
#[inline]
unsafe fn offer<'a>(scheduler: &Scheduler, clauses: *const dill_chclause, index: usize) -> Result<Offer<'a>> {
    // SAFETY: so many, as promised.
    let clause = unsafe { clauses.add(index).read() };
    // SAFETY: the messages are the program's promise.
    let offer =
        unsafe { Offer::new(scheduler, clause.ch, clause.op == DILL_CHSEND, clause.val, clause.len)? };
    let known = clause.op == DILL_CHSEND || clause.op == DILL_CHRECV;
    if !known || (clause.len > 0 && clause.val.is_null()) {
        return Err(Error::InvalidArgument);
    }
    Ok(offer)
}
