//! `data.h`.

use super::super::context::Context;
use super::super::data::{self, DataContext};
use super::super::error::{Result, Status};
use super::super::types::*;
use crate::ffi::{alloc, guard};
use std::ffi::{c_char, c_uint, c_void};
use std::ptr::{self, NonNull};

/// # Safety
/// A live data context.
unsafe fn borrow<'a>(context: *mut LWMsgDataContext) -> &'a DataContext {
    // SAFETY: as promised by the caller. Only shared references to a data context are ever made.
    unsafe { &*context.cast::<DataContext>() }
}

/// Makes a data context, big endian, with a context that outlives it or NULL. It is released with
/// lwmsg_data_context_delete.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_MEMORY.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_data_context_new(
    context: *const LWMsgContext,
    dcontext: *mut *mut LWMsgDataContext,
) -> LWMsgStatus {
    guard::entry("lwmsg_data_context_new", Status::ERROR.0, || {
        // SAFETY: NULL or a context that outlives the data context, and NULL or a place for the result, as the caller
        // promises.
        unsafe {
            super::give(dcontext, || {
                let made = alloc::new_value(DataContext::new(Context::from_ptr(context)));
                made.map(|made| made.as_ptr().cast()).ok_or(Status::MEMORY)
            })
        }
    })
}

/// Releases a data context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_data_context_delete(context: *mut LWMsgDataContext) {
    guard::entry("lwmsg_data_context_delete", (), || {
        if let Some(context) = NonNull::new(context.cast::<DataContext>()) {
            // SAFETY: made by lwmsg_data_context_new, and not used again.
            unsafe { alloc::free_value(context) }
        }
    });
}

/// Sets the order of the bytes of integers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_data_context_set_byte_order(
    context: *mut LWMsgDataContext,
    order: LWMsgByteOrder,
) {
    // SAFETY: live, as the caller promises.
    unsafe { borrow(context) }.set_order(order);
}

/// Returns the order of the bytes of integers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_data_context_get_byte_order(context: *mut LWMsgDataContext) -> LWMsgByteOrder {
    // SAFETY: live, as the caller promises.
    unsafe { borrow(context) }.order()
}

/// Returns the context that the data context was made with, perhaps NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_data_context_get_context(
    context: *mut LWMsgDataContext,
) -> *const LWMsgContext {
    // SAFETY: live, as the caller promises.
    unsafe { borrow(context) }.context().as_ptr()
}

/// Frees an object and everything it points to, and calls the destroy functions of custom classes.
///
/// The object is in memory of the context. Any pointer may be NULL; objects that aliasable pointers share are freed
/// once.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_MALFORMED when the table makes no sense, or when a union has no arm for
/// its discriminator: everything else is freed then.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_data_free_graph(
    context: *mut LWMsgDataContext,
    r#type: *const LWMsgTypeSpec,
    root: *mut c_void,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_data_free_graph", || {
        // SAFETY: as the caller promises.
        Status::of(unsafe { free_graph(borrow(context), r#type, root) }).0
    })
}

/// Frees everything that an object points to, but not the object. Returns as lwmsg_data_free_graph does.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_data_destroy_graph(
    context: *mut LWMsgDataContext,
    r#type: *const LWMsgTypeSpec,
    root: *mut c_void,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_data_destroy_graph", || {
        // SAFETY: as the caller promises.
        Status::of(unsafe { destroy_graph(borrow(context), r#type, root) }).0
    })
}

/// Frees an object and everything it points to, without a data context. Errors are ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_data_free_graph_cleanup(
    context: *const LWMsgContext,
    r#type: *const LWMsgTypeSpec,
    root: *mut c_void,
) {
    guard::callbacks("lwmsg_data_free_graph_cleanup", || {
        // SAFETY: as the caller promises; errors have been logged.
        let _ = unsafe { free_graph(&DataContext::new(Context::from_ptr(context)), r#type, root) };
    });
}

/// Frees everything that an object points to, without a data context. Errors are ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_data_destroy_graph_cleanup(
    context: *const LWMsgContext,
    r#type: *const LWMsgTypeSpec,
    root: *mut c_void,
) {
    guard::callbacks("lwmsg_data_destroy_graph_cleanup", || {
        // SAFETY: as the caller promises; errors have been logged.
        let _ = unsafe { destroy_graph(&DataContext::new(Context::from_ptr(context)), r#type, root) };
    });
}

/// # Safety
/// As [`lwmsg_data_free_graph`].
unsafe fn free_graph(data: &DataContext, spec: *const LWMsgTypeSpec, root: *mut c_void) -> Result<()> {
    // SAFETY: as promised by the caller.
    unsafe { data.free_graph(&*data.program(spec)?, root) }
}

/// # Safety
/// As [`lwmsg_data_destroy_graph`].
unsafe fn destroy_graph(data: &DataContext, spec: *const LWMsgTypeSpec, root: *mut c_void) -> Result<()> {
    // SAFETY: as promised by the caller.
    unsafe { data.destroy_graph(&*data.program(spec)?, root) }
}

/// Writes the bytes of an object to a buffer.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_MALFORMED when the object or the table breaks a rule of the type;
/// LWMSG_STATUS_OVERFLOW when a value does not fit; LWMSG_STATUS_EOF when the buffer has no room and no wrap function;
/// LWMSG_STATUS_MEMORY; or the status of wrap, of a verify function or of a custom class.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_data_marshal(
    context: *mut LWMsgDataContext,
    r#type: *const LWMsgTypeSpec,
    object: *mut c_void,
    buffer: *mut LWMsgBuffer,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_data_marshal", || {
        // SAFETY: as the caller promises.
        Status::of(unsafe { marshal(borrow(context), r#type, object, buffer) }).0
    })
}

/// # Safety
/// As [`lwmsg_data_marshal`].
unsafe fn marshal(
    data: &DataContext,
    spec: *const LWMsgTypeSpec,
    object: *mut c_void,
    buffer: *mut LWMsgBuffer,
) -> Result<()> {
    // SAFETY: as promised by the caller.
    unsafe { data.marshal(&*data.program(spec)?, object, buffer) }
}

/// Writes the bytes of an object to memory of length bytes. How many were written is not told.
///
/// Returns as lwmsg_data_marshal does; LWMSG_STATUS_EOF when length is too small.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_data_marshal_flat(
    context: *mut LWMsgDataContext,
    r#type: *const LWMsgTypeSpec,
    object: *mut c_void,
    buffer: *mut c_void,
    length: usize,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_data_marshal_flat", || {
        let mut flat = data::flat(buffer.cast(), length);
        // SAFETY: as the caller promises.
        Status::of(unsafe { marshal(borrow(context), r#type, object, &raw mut flat) }).0
    })
}

/// Writes the bytes of an object to new memory of the context, and tells where and how many they are. The memory is
/// released with lwmsg_data_free_memory.
///
/// Returns as lwmsg_data_marshal does; on failure buffer is NULL and length 0.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_data_marshal_flat_alloc(
    context: *mut LWMsgDataContext,
    r#type: *const LWMsgTypeSpec,
    object: *mut c_void,
    buffer: *mut *mut c_void,
    length: *mut usize,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_data_marshal_flat_alloc", || {
        // SAFETY: as the caller promises.
        let data = unsafe { borrow(context) };
        // SAFETY: as the caller promises.
        let made = unsafe { data.program(r#type).and_then(|program| data.marshal_alloc(&program, object)) };
        let (memory, size, status) = match made {
            Ok((memory, size)) => (memory, size, Status::SUCCESS),
            Err(status) => (ptr::null_mut(), 0, status),
        };
        // SAFETY: places for the results.
        unsafe {
            buffer.write(memory);
            length.write(size);
        }
        status.0
    })
}

/// Makes an object of the bytes in a buffer, in memory of the context: to be released with lwmsg_data_free_graph.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_MALFORMED when the bytes or the table break a rule;
/// LWMSG_STATUS_OVERFLOW when something is too large; LWMSG_STATUS_EOF when the bytes end too early;
/// LWMSG_STATUS_MEMORY; or the status of wrap, of an allocation, of a verify function or of a custom class. On failure
/// nothing is left allocated.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_data_unmarshal(
    context: *mut LWMsgDataContext,
    r#type: *const LWMsgTypeSpec,
    buffer: *mut LWMsgBuffer,
    out: *mut *mut c_void,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_data_unmarshal", || {
        // SAFETY: as the caller promises.
        unsafe { super::give(out, || unmarshal(borrow(context), r#type, buffer)) }
    })
}

/// # Safety
/// As [`lwmsg_data_unmarshal`].
unsafe fn unmarshal(
    data: &DataContext,
    spec: *const LWMsgTypeSpec,
    buffer: *mut LWMsgBuffer,
) -> Result<*mut c_void> {
    // SAFETY: as promised by the caller.
    unsafe { data.unmarshal(&*data.program(spec)?, buffer) }
}

/// Fills an object of size bytes with the bytes in a buffer: what it points to is in memory of the context, and to be
/// released with lwmsg_data_destroy_graph. Arrays of no fixed length at its end are left alone.
///
/// Returns as lwmsg_data_unmarshal does; LWMSG_STATUS_BUFFER_TOO_SMALL when size is less than the type's. On failure
/// the pointers that had been made are NULL again.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_data_unmarshal_into(
    context: *mut LWMsgDataContext,
    r#type: *const LWMsgTypeSpec,
    buffer: *mut LWMsgBuffer,
    object: *mut c_void,
    size: usize,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_data_unmarshal_into", || {
        // SAFETY: as the caller promises.
        let data = unsafe { borrow(context) };
        // SAFETY: as the caller promises.
        let filled = unsafe {
            data.program(r#type).and_then(|program| data.unmarshal_into(&program, buffer, object, size))
        };
        Status::of(filled).0
    })
}

/// Makes an object of length bytes of memory. Bytes behind it are ignored. Returns as lwmsg_data_unmarshal does.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_data_unmarshal_flat(
    context: *mut LWMsgDataContext,
    r#type: *const LWMsgTypeSpec,
    buffer: *const c_void,
    length: usize,
    out: *mut *mut c_void,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_data_unmarshal_flat", || {
        let mut flat = data::flat(buffer.cast_mut().cast(), length);
        // SAFETY: as the caller promises.
        unsafe { super::give(out, || unmarshal(borrow(context), r#type, &raw mut flat)) }
    })
}

/// Makes a text of an object, in memory of the context: to be released with lwmsg_data_free_memory.
///
/// Returns LWMSG_STATUS_SUCCESS, LWMSG_STATUS_MALFORMED or LWMSG_STATUS_MEMORY; result is NULL then.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_data_print_graph_alloc(
    context: *mut LWMsgDataContext,
    r#type: *const LWMsgTypeSpec,
    root: *mut c_void,
    result: *mut *mut c_char,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_data_print_graph_alloc", || {
        // SAFETY: as the caller promises.
        unsafe {
            super::give(result, || {
                let (data, mut text) = (borrow(context), Vec::new());
                data.print_spec(r#type, root, 0, &mut text)?;
                data.context().copy_text(&text)
            })
        }
    })
}

/// Not in the header: writes the text of an object to a buffer.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_data_print_graph(
    context: *mut LWMsgDataContext,
    r#type: *const LWMsgTypeSpec,
    root: *mut c_void,
    indent: c_uint,
    buffer: *mut LWMsgBuffer,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_data_print_graph", || {
        let mut text = Vec::new();
        // SAFETY: as the caller promises.
        let printed = unsafe { borrow(context).print_spec(r#type, root, indent as usize, &mut text) };
        // SAFETY: a valid buffer, as the caller promises.
        Status::of(printed.and_then(|()| unsafe { data::write_text(buffer, &text) })).0
    })
}

/// Allocates zeroed memory of the context. Returns as lwmsg_context_alloc does.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_data_alloc_memory(
    context: *mut LWMsgDataContext,
    size: usize,
    object: *mut *mut c_void,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_data_alloc_memory", || {
        // SAFETY: live, and a place for the result.
        unsafe { super::give(object, || borrow(context).context().alloc(size)) }
    })
}

/// Frees memory of the context.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_data_free_memory(context: *mut LWMsgDataContext, object: *mut c_void) {
    // SAFETY: live, and memory of its context.
    guard::callbacks("lwmsg_data_free_memory", || unsafe { borrow(context).context().free(object) });
}
