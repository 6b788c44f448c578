//! Sockets behind handles: C function tables in front, counted references, an interface by trait.
//!
//! A blocked call keeps its object by a reference, so that another coroutine may close the handle meanwhile: the object
//! is told by [`Socket::close`], and goes when the last call has left.

use super::super::capi::{size, status};
use super::super::error::{Error, Result};
use super::super::handle::{self, Kind};
use super::super::vfs::dill_hvfs;
use super::iolist::List;
use super::types::dill_iolist;
use super::vfs::{dill_bsock_vfs, dill_msock_vfs};
use crate::ffi::{alloc, guard};
use libc::ssize_t;
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::mem::offset_of;
use std::ops::Deref;
use std::ptr::NonNull;

/// As what C may use an object.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Interface {
    /// None: it has functions of its own.
    None,
    /// A bytestream.
    Bytes,
    /// A message socket.
    Messages,
}

/// What is behind a handle.
pub trait Socket: Sized + 'static {
    /// How C may use it.
    const INTERFACE: Interface;

    /// Whether it goes by this private type.
    fn is(&self, kind: Kind) -> bool;

    /// Its handle is gone. Calls in progress end with an error.
    fn close(&self);

    /// Sends all of a list.
    ///
    /// # Errors
    /// `ENOTSUP` unless it is a socket of bytes or messages.
    fn send(&self, _list: List, _deadline: i64) -> Result<()> {
        Err(Error::NotSupported)
    }

    /// Fills a list from a bytestream, or receives a message into it and returns its size.
    ///
    /// # Errors
    /// `ENOTSUP` unless it is a socket of bytes or messages.
    fn receive(&self, _list: List, _deadline: i64) -> Result<usize> {
        Err(Error::NotSupported)
    }
}

/// An object as C sees it.
#[repr(C)]
pub struct Shared<T> {
    hvfs: dill_hvfs,
    bsock: dill_bsock_vfs,
    msock: dill_msock_vfs,
    references: Cell<usize>,
    value: T,
}

// SAFETY: the layout is C's, and the table for handles is first.
unsafe impl<T: Socket> handle::Object for Shared<T> {
    fn query(&self, kind: Kind) -> Option<NonNull<c_void>> {
        if T::INTERFACE == Interface::Bytes && kind == handle::bsock_type() {
            Some(NonNull::from(&self.bsock).cast())
        } else if T::INTERFACE == Interface::Messages && kind == handle::msock_type() {
            Some(NonNull::from(&self.msock).cast())
        } else {
            self.value.is(kind).then(|| NonNull::from(self).cast())
        }
    }

    unsafe fn close(this: NonNull<Self>) {
        // The handle's reference, which ends here.
        let object = Ref(this);
        object.value.close();
    }
}

impl<T> Shared<T> {
    /// The table that bytes are sent and received through.
    pub fn bytes(&self) -> *const dill_bsock_vfs {
        &raw const self.bsock
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A counted reference to an object.
#[derive(Debug)]
pub struct Ref<T>(NonNull<Shared<T>>);

impl<T: Socket> Ref<T> {
    /// Puts a value behind function tables.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub fn new(value: T) -> Result<Self> {
        let shared = Shared {
            hvfs: handle::vfs::<Shared<T>>(),
            bsock: dill_bsock_vfs { bsendl: Some(bsendl::<T>), brecvl: Some(brecvl::<T>) },
            msock: dill_msock_vfs { msendl: Some(msendl::<T>), mrecvl: Some(mrecvl::<T>) },
            references: Cell::new(1),
            value,
        };
        alloc::new_value(shared).map(Self).ok_or(Error::NoMemory)
    }

    /// Makes a handle, which has this reference until it is closed.
    ///
    /// # Errors
    /// `ECANCELED` or `ENOMEM`. This reference is dropped then, the object not told.
    pub fn into_handle(self) -> Result<c_int> {
        let h = handle::make(self.0.as_ptr().cast())?;
        std::mem::forget(self);
        Ok(h)
    }

    /// The object that a handle stands for.
    ///
    /// # Errors
    /// `EBADF`, or `ENOTSUP` when it is of another kind.
    pub fn find(h: c_int, kind: Kind) -> Result<Self> {
        let found = handle::query(h, kind)?;
        // SAFETY: only objects of this type answer to its kinds, or what passes their answers on.
        Ok(unsafe { Self::again(found.cast()) })
    }

    /// One more reference to an object.
    ///
    /// # Safety
    /// It is live.
    unsafe fn again(object: NonNull<Shared<T>>) -> Self {
        // SAFETY: as promised.
        let references = unsafe { &object.as_ref().references };
        references.set(references.get() + 1);
        Self(object)
    }
}

impl<T> Clone for Ref<T> {
    fn clone(&self) -> Self {
        self.references.set(self.references.get() + 1);
        Self(self.0)
    }
}

impl<T> Drop for Ref<T> {
    fn drop(&mut self) {
        self.references.set(self.references.get() - 1);
        if self.references.get() == 0 {
            // SAFETY: made by `new`; this was the last reference.
            unsafe { alloc::free_value(self.0) };
        }
    }
}

impl<T> Deref for Ref<T> {
    type Target = Shared<T>;

    fn deref(&self) -> &Shared<T> {
        // SAFETY: a reference keeps its object.
        unsafe { self.0.as_ref() }
    }
}

/// Runs a call on an object, which stays until it has returned.
///
/// # Safety
/// `table` is at `offset` in a live object.
unsafe fn on<T: Socket, R>(table: *mut c_void, offset: usize, call: impl FnOnce(&T) -> R) -> R {
    // SAFETY: as promised.
    let object = unsafe { Ref::again(NonNull::new_unchecked(table.byte_sub(offset)).cast()) };
    call(&object.value)
}

unsafe extern "C-unwind" fn bsendl<T: Socket>(
    vfs: *mut dill_bsock_vfs,
    first: *mut dill_iolist,
    last: *mut dill_iolist,
    deadline: i64,
) -> c_int {
    // SAFETY: the table is in its object; the list is the program's, and valid until the call returns.
    guard::callbacks("bsendl", || unsafe {
        let list = List::new(first, last);
        on(vfs.cast(), offset_of!(Shared<T>, bsock), |socket: &T| status(socket.send(list, deadline)))
    })
}

unsafe extern "C-unwind" fn brecvl<T: Socket>(
    vfs: *mut dill_bsock_vfs,
    first: *mut dill_iolist,
    last: *mut dill_iolist,
    deadline: i64,
) -> c_int {
    // SAFETY: as above.
    guard::callbacks("brecvl", || unsafe {
        let list = List::new(first, last);
        on(vfs.cast(), offset_of!(Shared<T>, bsock), |socket: &T| {
            status(socket.receive(list, deadline).map(drop))
        })
    })
}

unsafe extern "C-unwind" fn msendl<T: Socket>(
    vfs: *mut dill_msock_vfs,
    first: *mut dill_iolist,
    last: *mut dill_iolist,
    deadline: i64,
) -> c_int {
    // SAFETY: as above.
    guard::callbacks("msendl", || unsafe {
        let list = List::new(first, last);
        on(vfs.cast(), offset_of!(Shared<T>, msock), |socket: &T| status(socket.send(list, deadline)))
    })
}

unsafe extern "C-unwind" fn mrecvl<T: Socket>(
    vfs: *mut dill_msock_vfs,
    first: *mut dill_iolist,
    last: *mut dill_iolist,
    deadline: i64,
) -> ssize_t {
    // SAFETY: as above.
    guard::callbacks("mrecvl", || unsafe {
        let list = List::new(first, last);
        on(vfs.cast(), offset_of!(Shared<T>, msock), |socket: &T| size(socket.receive(list, deadline)))
    })
}
