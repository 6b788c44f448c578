//! Handles: small numbers for objects, private to a thread.
//!
//! Numbers are reused as late as possible, which is kind to programs that keep a stale one.

use super::error::{Error, Result};
use super::scheduler::Scheduler;
use super::thread::scheduler;
use super::vfs::dill_hvfs;
use crate::ffi::errno;
use std::cell::UnsafeCell;
use std::ffi::{c_int, c_void};
use std::mem;
use std::ptr::{self, NonNull};

/// How many numbers there are at first; doubled when all but [`SPARE`] are taken.
const FIRST_SIZE: usize = 256;

/// That many stay free, so that numbers rotate.
const SPARE: usize = 8;

/// What `hquery` asks for: the address is the type.
pub type Kind = *const c_void;

/// The address of something of its own for each type.
pub const fn kind(key: &'static u8) -> Kind {
    ptr::from_ref(key).cast()
}

unsafe extern "C" {
    #[link_name = "dill_bsock_type"]
    static BSOCK_TYPE: Kind;
    #[link_name = "dill_msock_type"]
    static MSOCK_TYPE: Kind;
}

/// The type of bytestream sockets, as programs know it.
#[inline]
pub fn bsock_type() -> Kind {
    // SAFETY: never written.
    unsafe { BSOCK_TYPE }
}

/// The type of message sockets, as programs know it.
#[inline]
pub fn msock_type() -> Kind {
    // SAFETY: never written.
    unsafe { MSOCK_TYPE }
}

/// An object of ours behind a handle.
///
/// # Safety
/// Its layout is C's, and its first member is the [`dill_hvfs`] that [`vfs`] makes.
pub unsafe trait Object: Sized {
    /// The interface of that type, if it has it.
    fn query(&self, kind: Kind) -> Option<NonNull<c_void>>;

    /// Releases it.
    ///
    /// # Safety
    /// Called once, by `hclose`; the object is not used any more.
    unsafe fn close(this: NonNull<Self>);
}

/// The function table of an object of ours.
pub const fn vfs<O: Object>() -> dill_hvfs {
    dill_hvfs { query: Some(query_object::<O>), close: Some(close_object::<O>) }
}

unsafe extern "C-unwind" fn query_object<O: Object>(vfs: *mut dill_hvfs, kind: Kind) -> *mut c_void {
    // SAFETY: the first member of a live object.
    match unsafe { &*vfs.cast::<O>() }.query(kind) {
        Some(interface) => interface.as_ptr(),
        None => {
            errno::set(libc::ENOTSUP);
            ptr::null_mut()
        }
    }
}

unsafe extern "C-unwind" fn close_object<O: Object>(vfs: *mut dill_hvfs) {
    if let Some(object) = NonNull::new(vfs.cast::<O>()) {
        // SAFETY: the first member of a live object; the handle is being closed.
        unsafe { O::close(object) }
    }
}

struct Slot {
    vfs: *mut dill_hvfs,
    /// What was asked last, and the answer.
    kind: Kind,
    answer: *mut c_void,
    /// The next free number if this one is free: [`NONE`], if it is the last. Otherwise [`USED`] or [`CLOSING`].
    next: u32,
}

const NONE: u32 = u32::MAX - 2;
/// The object's close function runs. The handle can still be used, but not be closed again or moved.
const CLOSING: u32 = u32::MAX - 1;
const USED: u32 = u32::MAX;

/// A thread's handles.
pub struct Handles(UnsafeCell<Table>);

struct Table {
    slots: Vec<Slot>,
    free: usize,
    first_free: u32,
    last_free: u32,
}

impl Handles {
    /// No handle.
    pub const fn new() -> Self {
        Self(UnsafeCell::new(Table { slots: Vec::new(), free: 0, first_free: NONE, last_free: NONE }))
    }

    /// `action` neither calls the program nor switches stacks.
    #[inline]
    fn table<T>(&self, action: impl FnOnce(&mut Table) -> T) -> T {
        // SAFETY: the scheduler's thread only, and not while an action runs: none of them calls anything.
        action(unsafe { &mut *self.0.get() })
    }
}

impl Table {
    #[inline]
    fn used(&mut self, handle: c_int) -> Result<&mut Slot> {
        let slot = usize::try_from(handle).ok().and_then(|index| self.slots.get_mut(index));
        slot.filter(|slot| slot.next > NONE).ok_or(Error::BadHandle)
    }

    #[inline]
    fn add(&mut self, vfs: *mut dill_hvfs, kind: Kind, answer: *mut c_void) -> Result<c_int> {
        if self.free <= SPARE {
            self.grow()?;
        }
        let number = self.first_free;
        // There are more than SPARE free ones, so that this is not the last.
        let slot = self.slots.get_mut(number as usize).ok_or(Error::NoMemory)?;
        self.first_free = slot.next;
        *slot = Slot { vfs, kind, answer, next: USED };
        self.free -= 1;
        Ok(number as c_int)
    }

    /// The new numbers are the next to be used.
    #[cold]
    fn grow(&mut self) -> Result<()> {
        let old = self.slots.len();
        let more = old.max(FIRST_SIZE);
        let size =
            old.checked_add(more).filter(|size| *size <= c_int::MAX as usize).ok_or(Error::NoMemory)?;
        self.slots.try_reserve_exact(more)?;
        let older = self.first_free;
        self.slots.extend((old + 1..=size).map(|next| Slot {
            vfs: ptr::null_mut(),
            kind: ptr::null(),
            answer: ptr::null_mut(),
            next: if next < size { next as u32 } else { older },
        }));
        self.first_free = old as u32;
        if self.last_free == NONE {
            self.last_free = size as u32 - 1;
        }
        self.free += more;
        Ok(())
    }

    /// The number of a handle in use becomes the last to be used.
    #[inline]
    fn remove(&mut self, handle: c_int) {
        let number = handle as u32;
        self.slots[number as usize].next = NONE;
        // There always is a free one.
        self.slots[self.last_free as usize].next = number;
        self.last_free = number;
        self.free += 1;
    }
}

/// Makes a handle for an object. Fails in coroutines that may not block, as the original does.
///
/// `vfs` is NULL or valid for as long as the handle is.
pub fn make(vfs: *mut dill_hvfs) -> Result<c_int> {
    // SAFETY: NULL or valid, as promised.
    let table = unsafe { vfs.as_ref() }.filter(|vfs| vfs.query.is_some() && vfs.close.is_some());
    if table.is_none() {
        return Err(Error::InvalidArgument);
    }
    let scheduler = scheduler();
    scheduler.can_block()?;
    scheduler.handles.table(|table| table.add(vfs, ptr::null(), ptr::null_mut()))
}

/// Makes a handle for an object whose interface of `kind` is the object itself.
#[inline]
pub fn make_known<O: Object>(scheduler: &Scheduler, object: *mut O, kind: Kind) -> Result<c_int> {
    scheduler.can_block()?;
    scheduler.handles.table(|table| table.add(object.cast(), kind, object.cast()))
}

/// The object's interface of a type: an address that stays good until the handle is closed.
///
/// The object's own function is asked once for each type, as long as it is not asked for another.
pub fn query(handle: c_int, kind: Kind) -> Result<NonNull<c_void>> {
    find(scheduler(), handle, kind)
}

/// The same, for those who know the scheduler.
#[inline]
pub fn find(scheduler: &Scheduler, handle: c_int, kind: Kind) -> Result<NonNull<c_void>> {
    let (vfs, answer) = scheduler.handles.table(|table| {
        let slot = table.used(handle)?;
        Ok::<_, Error>((slot.vfs, if slot.kind == kind { slot.answer } else { ptr::null_mut() }))
    })?;
    match NonNull::new(answer) {
        Some(answer) => Ok(answer),
        None => ask(handle, vfs, kind),
    }
}

#[cold]
fn ask(handle: c_int, vfs: *mut dill_hvfs, kind: Kind) -> Result<NonNull<c_void>> {
    // SAFETY: the object behind a handle in use.
    let function = unsafe { (*vfs).query }.ok_or(Error::NotSupported)?;
    // SAFETY: as above. The table may be another one when it returns.
    let Some(answer) = NonNull::new(unsafe { function(vfs, kind) }) else {
        // What the function left: its business, and ENOTSUP by convention.
        return Err(Error::last_os());
    };
    scheduler().handles.table(|table| {
        if let Ok(slot) = table.used(handle)
            && slot.vfs == vfs
        {
            (slot.kind, slot.answer) = (kind, answer.as_ptr());
        }
    });
    Ok(answer)
}

/// Gives the object another number, and frees this one. If there is no other, the object is closed.
pub fn own(handle: c_int) -> Result<c_int> {
    let scheduler = scheduler();
    let vfs = scheduler.handles.table(|table| {
        let slot = table.used(handle)?;
        if slot.next == USED { Ok(slot.vfs) } else { Err(Error::BadHandle) }
    })?;
    match make(vfs) {
        Ok(new) => {
            scheduler.handles.table(|table| table.remove(handle));
            Ok(new)
        }
        Err(error) => {
            close(handle)?;
            Err(error)
        }
    }
}

/// What a number stands for now: to be closed after a wait, in which others may close it and make other handles.
#[derive(Debug)]
pub struct Held {
    handle: c_int,
    vfs: *mut dill_hvfs,
}

/// Remembers what a number stands for.
pub fn hold(handle: c_int) -> Result<Held> {
    let vfs = scheduler().handles.table(|table| table.used(handle).map(|slot| slot.vfs))?;
    Ok(Held { handle, vfs })
}

impl Held {
    /// Closes it, unless that was done.
    pub fn close(self) {
        let current = scheduler().handles.table(|table| table.used(self.handle).map(|slot| slot.vfs));
        if current == Ok(self.vfs) {
            // The object is there, unless its close function runs.
            let _ = close(self.handle);
        }
    }
}

/// Frees a number without closing the object, which has come to belong to somebody else.
pub fn release(handle: c_int) -> Result<()> {
    scheduler().handles.table(|table| {
        if table.used(handle)?.next != USED {
            return Err(Error::BadHandle);
        }
        table.remove(handle);
        Ok(())
    })
}

/// Closes the object and frees the number, in this order: the object's close function may use the handle, but nothing
/// in it may block.
#[inline]
pub fn close(handle: c_int) -> Result<()> {
    let scheduler = scheduler();
    let vfs = scheduler.handles.table(|table| {
        let slot = table.used(handle)?;
        match mem::replace(&mut slot.next, CLOSING) {
            USED => Ok(slot.vfs),
            // Its close function closes it again, or another coroutine does meanwhile.
            _ => Err(Error::BadHandle),
        }
    })?;
    // SAFETY: the object behind a handle in use.
    if let Some(function) = unsafe { (*vfs).close } {
        // SAFETY: as above; called once, because the handle is marked.
        scheduler.current().while_in_close(|| unsafe { function(vfs) });
    }
    scheduler.handles.table(|table| table.remove(handle));
    Ok(())
}
