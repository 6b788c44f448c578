//! Objects: single blocks from the C allocator, which programs may even release with `free`.

use super::connection::Connection;
use super::types::{relink_waltham_handler, relink_waltham_interface, wth_object};
use crate::ffi::alloc;
use std::cell::Cell;
use std::ffi::{CStr, c_void};
use std::ptr::{self, NonNull};

/// What a `struct wth_object *` points to.
pub struct Object {
    /// Outlives the object: each object counts as a reference.
    pub connection: NonNull<Connection>,
    pub id: u32,
    /// What the object is; NULL when the peer named something unknown.
    pub interface: Cell<*const relink_waltham_interface>,
    /// The program's table of handlers, which it keeps alive.
    pub handlers: Cell<*const Option<relink_waltham_handler>>,
    pub user_data: Cell<*mut c_void>,
}

impl Object {
    /// A new object, not known to its connection's table.
    pub fn create(
        connection: &Connection,
        id: u32,
        interface: *const relink_waltham_interface,
    ) -> Option<NonNull<Self>> {
        let object = alloc::new_value(Self {
            connection: NonNull::from(connection),
            id,
            interface: Cell::new(interface),
            handlers: Cell::new(ptr::null()),
            user_data: Cell::new(ptr::null_mut()),
        })?;
        connection.retain();
        Some(object)
    }

    /// The pointer by which the program knows it.
    pub fn handle(object: NonNull<Self>) -> *mut wth_object {
        object.as_ptr().cast()
    }

    /// Whether it is of an interface, as far as both are known.
    #[inline]
    pub fn may_be(&self, interface: *const relink_waltham_interface) -> bool {
        let own = self.interface.get();
        own == interface || own.is_null() || interface.is_null()
    }

    /// The name of its interface, if it is known.
    pub fn interface_name(&self) -> Option<&'static CStr> {
        // SAFETY: NULL, or a description, which is constant and lives for ever.
        let interface = unsafe { self.interface.get().as_ref() }?;
        // SAFETY: as above; descriptions are checked when they are registered.
        Some(unsafe { CStr::from_ptr(interface.name) })
    }
}

/// The object behind a pointer of the program; `None` for NULL.
///
/// # Safety
/// `object` is NULL or a live object.
pub unsafe fn borrow<'a>(object: *mut wth_object) -> Option<&'a Object> {
    // SAFETY: as promised by the caller. Only shared references to an object are ever made.
    unsafe { object.cast::<Object>().as_ref() }
}

/// Removes an object from its connection, if that still exists, and frees it.
///
/// # Safety
/// `object` is a live object and not used any more.
pub unsafe fn delete(object: NonNull<Object>) {
    // SAFETY: live, as promised by the caller.
    let (connection, id) = unsafe { (object.as_ref().connection, object.as_ref().id) };
    // SAFETY: the object's reference keeps the connection.
    unsafe { connection.as_ref() }.forget_object(id, object);
    // SAFETY: made by `create`, and not used any more.
    unsafe { alloc::free_value(object) };
    // SAFETY: the reference that the object held.
    unsafe { Connection::release(connection) };
}
