//! `context.h`.

use super::super::context::{Context, Memory, Record};
use super::super::error::Status;
use super::super::types::*;
use crate::ffi::{alloc, guard};
use std::ffi::c_void;
use std::ptr::NonNull;

/// Makes a context. What it lacks is looked up in parent, which may be NULL: then memory comes from the C heap and
/// nothing is logged.
///
/// The context is released with lwmsg_context_delete, after everything that was made with it.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_MEMORY.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_context_new(
    parent: *const LWMsgContext,
    context: *mut *mut LWMsgContext,
) -> LWMsgStatus {
    guard::entry("lwmsg_context_new", Status::ERROR.0, || {
        // SAFETY: the parent outlives its children, and NULL or a place for the result, as the caller promises.
        unsafe {
            super::give(context, || {
                let record = alloc::new_value(Record::child_of(Context::from_ptr(parent)));
                record.map(|record| record.as_ptr().cast()).ok_or(Status::MEMORY)
            })
        }
    })
}

/// Releases a context. Nothing made with it may be used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_context_delete(context: *mut LWMsgContext) {
    if let Some(record) = NonNull::new(context.cast::<Record>()) {
        // SAFETY: made by lwmsg_context_new, and not used again.
        unsafe { alloc::free_value(record) }
    }
}

/// Sets where memory comes from that programs own or free: unmarshalled data, printed text and the like.
///
/// The functions are taken together from the nearest context whose alloc is not NULL. alloc returns zeroed memory;
/// realloc zeroes what is new, and may be NULL. data is passed to each of them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_context_set_memory_functions(
    context: *mut LWMsgContext,
    alloc: LWMsgAllocFunction,
    free: LWMsgFreeFunction,
    realloc: LWMsgReallocFunction,
    data: *mut c_void,
) {
    // SAFETY: live and used by nobody else, as the caller promises.
    if let Some(record) = unsafe { context.cast::<Record>().as_mut() } {
        record.memory = Memory { alloc, free, realloc, data };
    }
}

/// Tells which memory functions count for a context, NULL included. Each place for a result may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_context_get_memory_functions(
    context: *const LWMsgContext,
    alloc: *mut LWMsgAllocFunction,
    free: *mut LWMsgFreeFunction,
    realloc: *mut LWMsgReallocFunction,
    data: *mut *mut c_void,
) {
    // SAFETY: NULL or live, as the caller promises.
    let memory = unsafe { Context::from_ptr(context) }.memory();
    // SAFETY: each is NULL or a place for a result.
    unsafe {
        if let Some(alloc) = alloc.as_mut() {
            *alloc = memory.alloc;
        }
        if let Some(free) = free.as_mut() {
            *free = memory.free;
        }
        if let Some(realloc) = realloc.as_mut() {
            *realloc = memory.realloc;
        }
        if let Some(data) = data.as_mut() {
            *data = memory.data;
        }
    }
}

/// Sets a function that answers for keys. A key it does not know is answered by LWMSG_STATUS_NOT_FOUND, and the
/// parent is asked. The library asks for "session", an LWMsgSession *, when it meets handles that no association
/// carries.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_context_set_data_function(
    context: *mut LWMsgContext,
    r#fn: LWMsgContextDataFunction,
    data: *mut c_void,
) {
    // SAFETY: live and used by nobody else, as the caller promises.
    if let Some(record) = unsafe { context.cast::<Record>().as_mut() } {
        record.data = (r#fn, data);
    }
}

/// Sets the function that takes lines of the log. The nearest context that has one counts.
///
/// A call with a NULL message asks whether a line of that level would be written. The function may be called by any
/// thread of the library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_context_set_log_function(
    context: *mut LWMsgContext,
    logfn: LWMsgLogFunction,
    data: *mut c_void,
) {
    // SAFETY: live and used by nobody else, as the caller promises.
    if let Some(record) = unsafe { context.cast::<Record>().as_mut() } {
        record.log = (logfn, data);
    }
}

/// Allocates zeroed memory with the functions that count for the context.
///
/// Returns LWMSG_STATUS_SUCCESS, LWMSG_STATUS_MEMORY, LWMSG_STATUS_UNSUPPORTED when there is no function for it, or
/// the status of the function; object is NULL then.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_context_alloc(
    context: *const LWMsgContext,
    size: usize,
    object: *mut *mut c_void,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_context_alloc", || {
        // SAFETY: NULL or live, and NULL or a place for the result, as the caller promises.
        unsafe { super::give(object, || Context::from_ptr(context).alloc(size)) }
    })
}

/// Frees memory with the function that counts for the context. NULL is passed on to it.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_context_free(context: *const LWMsgContext, object: *mut c_void) {
    // SAFETY: as the caller promises.
    guard::callbacks("lwmsg_context_free", || unsafe { Context::from_ptr(context).free(object) });
}

/// Moves memory to a block of another size, with the functions that count for the context. Without a function for it,
/// a new block is allocated, what fits is copied, and the old one is freed.
///
/// Returns as lwmsg_context_alloc does; on failure the old block stays, and new_object is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_context_realloc(
    context: *const LWMsgContext,
    old_object: *mut c_void,
    old_size: usize,
    new_size: usize,
    new_object: *mut *mut c_void,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_context_realloc", || {
        // SAFETY: as the caller promises.
        unsafe {
            super::give(new_object, || {
                Context::from_ptr(context).memory().realloc(old_object, old_size, new_size)
            })
        }
    })
}
