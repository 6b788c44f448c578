//! `waltham-object.h`.

use super::super::connection::Side;
use super::super::object::{self, Object};
use super::super::types::{relink_waltham_handler, wth_object};
use crate::ffi::{CFormatted, guard};
use std::ffi::{c_char, c_void};
use std::ptr::{self, NonNull};

/// Frees an object on this side, also within its own handler, or after its connection. Nothing is sent. NULL is
/// accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_object_delete(object: *mut wth_object) {
    guard::entry("wth_object_delete", (), || {
        if let Some(object) = NonNull::new(object.cast::<Object>()) {
            // SAFETY: live and not used any more, as promised by the caller.
            unsafe { object::delete(object) }
        }
    });
}

/// Sets the object's handlers and the pointer they get. The table is not copied: it has to outlive the object. NULL
/// unsets it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_object_set_listener(
    obj: *mut wth_object,
    listener: *mut Option<relink_waltham_handler>,
    user_data: *mut c_void,
) {
    // SAFETY: as promised by the caller.
    if let Some(obj) = unsafe { object::borrow(obj) } {
        obj.handlers.set(listener);
        obj.user_data.set(user_data);
    }
}

/// Returns what was set with the handlers; NULL before that.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wth_object_get_user_data(obj: *mut wth_object) -> *mut c_void {
    // SAFETY: as promised by the caller.
    unsafe { object::borrow(obj) }.map_or(ptr::null_mut(), |obj| obj.user_data.get())
}

/// What wth_object_post_error, which is C because it is variadic, does with its arguments.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn relink_waltham_vpost_error(
    obj: *mut wth_object,
    code: u32,
    format: *const c_char,
    args: *mut c_void,
) {
    guard::callbacks("wth_object_post_error", || {
        // SAFETY: as promised by the caller.
        let Some(obj) = (unsafe { object::borrow(obj) }) else { return };
        // SAFETY: an object's reference keeps its connection.
        let connection = unsafe { obj.connection.as_ref() };
        connection.assert_side("wth_object_post_error", Side::Server);
        // SAFETY: the arguments are those of the format.
        let text = unsafe { CFormatted::new(format, args) };
        connection.post_error(obj, code, text.as_ref().map_or(b"", CFormatted::as_bytes));
    });
}
