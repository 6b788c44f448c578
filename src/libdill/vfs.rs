//! Function tables of objects behind handles, as `libdillimpl.h` has them: programs make objects of their own.
#![allow(non_camel_case_types, reason = "C spells them so, and compiled programs know no other names")]

use std::ffi::c_void;

/// What an object behind a handle can do. The object contains one.
#[repr(C)]
pub struct dill_hvfs {
    /// Returns the interface of that type, or NULL with errno ENOTSUP. Must not block.
    pub query: Option<unsafe extern "C-unwind" fn(vfs: *mut dill_hvfs, r#type: *const c_void) -> *mut c_void>,
    /// Releases the object. Cannot fail; blocking calls made in it fail with ECANCELED.
    pub close: Option<unsafe extern "C-unwind" fn(vfs: *mut dill_hvfs)>,
}
