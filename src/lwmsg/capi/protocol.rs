//! `protocol.h`.

use super::super::context::Context;
use super::super::data;
use super::super::error::Status;
use super::super::protocol::Protocol;
use super::super::types::*;
use crate::ffi::{alloc, guard};
use std::ffi::{c_char, c_uint};
use std::ptr::NonNull;

/// # Safety
/// A live protocol that nobody changes.
unsafe fn borrow<'a>(protocol: *mut LWMsgProtocol) -> &'a Protocol {
    // SAFETY: as promised by the caller.
    unsafe { &*protocol.cast::<Protocol>() }
}

/// Stores the table of a message's payload, NULL for none.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_NOT_FOUND.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_protocol_get_message_type(
    prot: *mut LWMsgProtocol,
    tag: LWMsgTag,
    out_type: *mut *const LWMsgTypeSpec,
) -> LWMsgStatus {
    // SAFETY: live, as the caller promises.
    match unsafe { borrow(prot) }.message(tag) {
        Ok(message) => {
            // SAFETY: a place for the result.
            unsafe { out_type.write(message.spec) };
            Status::SUCCESS.0
        }
        Err(status) => status.0,
    }
}

/// Stores the name of a message, a text of its table.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_NOT_FOUND.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_protocol_get_message_name(
    prot: *mut LWMsgProtocol,
    tag: LWMsgTag,
    name: *mut *const c_char,
) -> LWMsgStatus {
    // SAFETY: live, as the caller promises.
    match unsafe { borrow(prot) }.message(tag) {
        Ok(message) => {
            // SAFETY: a place for the result.
            unsafe { name.write(message.name) };
            Status::SUCCESS.0
        }
        Err(status) => status.0,
    }
}

/// Makes a protocol without messages, with a context that outlives it or NULL. It is released with
/// lwmsg_protocol_delete.
///
/// Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_MEMORY.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_protocol_new(
    context: *mut LWMsgContext,
    prot: *mut *mut LWMsgProtocol,
) -> LWMsgStatus {
    guard::entry("lwmsg_protocol_new", Status::ERROR.0, || {
        // SAFETY: NULL or a context that outlives the protocol, and NULL or a place for the result, as the caller
        // promises.
        unsafe {
            super::give(prot, || {
                let made = alloc::new_value(Protocol::new(Context::from_ptr(context)));
                made.map(|made| made.as_ptr().cast()).ok_or(Status::MEMORY)
            })
        }
    })
}

/// Adds the messages of a table, which outlives the protocol with everything it names. A message with a number that is
/// known already takes its place. Not while the protocol is in use.
///
/// Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_INVALID_PARAMETER for a number above 32767; or LWMSG_STATUS_MEMORY.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_protocol_add_protocol_spec(
    prot: *mut LWMsgProtocol,
    spec: *const LWMsgProtocolSpec,
) -> LWMsgStatus {
    guard::entry("lwmsg_protocol_add_protocol_spec", Status::ERROR.0, || {
        // SAFETY: live and used by nobody else, and a table, as the caller promises.
        Status::of(unsafe { (*prot.cast::<Protocol>()).add(spec) }).0
    })
}

/// Releases a protocol. NULL is accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwmsg_protocol_delete(prot: *mut LWMsgProtocol) {
    guard::entry("lwmsg_protocol_delete", (), || {
        if let Some(protocol) = NonNull::new(prot.cast::<Protocol>()) {
            // SAFETY: made by lwmsg_protocol_new, and not used again.
            unsafe { alloc::free_value(protocol) }
        }
    });
}

/// Not in the header: writes the messages and their types as text to a buffer.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_protocol_print(
    prot: *mut LWMsgProtocol,
    indent: c_uint,
    buffer: *mut LWMsgBuffer,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_protocol_print", || {
        // SAFETY: live, and a valid buffer, as the caller promises.
        let printed = unsafe { borrow(prot) }.print(indent as usize);
        // SAFETY: as above.
        Status::of(printed.and_then(|text| unsafe { data::write_text(buffer, &text) })).0
    })
}

/// Not in the header: makes a text of the messages and their types, in memory of the protocol's context.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lwmsg_protocol_print_alloc(
    prot: *mut LWMsgProtocol,
    indent: c_uint,
    text: *mut *mut c_char,
) -> LWMsgStatus {
    guard::callbacks("lwmsg_protocol_print_alloc", || {
        // SAFETY: live, and NULL or a place for the result, as the caller promises.
        unsafe {
            super::give(text, || {
                let protocol = borrow(prot);
                protocol.context().copy_text(&protocol.print(indent as usize)?)
            })
        }
    })
}
