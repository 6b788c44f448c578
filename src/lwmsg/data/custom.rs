//! Custom classes, and the two that the library brings: handles and descriptors.

use super::{DataContext, Transport};
use crate::ffi::cancel::Uncancellable;
use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::payload;
use crate::lwmsg::program::Program;
use crate::lwmsg::program::table::{self, Attributes, flag};
use crate::lwmsg::session::Session;
use crate::lwmsg::types::*;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

/// How deep custom types may be inside each other: their functions are on the stack. Lists go on without it.
pub(super) const MAX_DEPTH: usize = 200;

/// `LWMSG_ASSOC_HANDLE_LOCAL_FOR_RECEIVER`.
const LOCAL_FOR_RECEIVER: usize = 1;
/// `LWMSG_ASSOC_HANDLE_LOCAL_FOR_SENDER`.
const LOCAL_FOR_SENDER: usize = 2;

/// A class of the library's own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Builtin {
    Handle,
    Descriptor,
}

/// Why a handle was refused: a status, and a text for the log.
pub(super) struct Refusal {
    pub status: Status,
    pub text: &'static str,
}

/// The class, if it is one of ours. It is recognised by its functions: its address may be a copy's.
pub(super) fn builtin(class: &LWMsgTypeClass) -> Option<Builtin> {
    let marshal = class.marshal? as *const c_void;
    let is = |function: unsafe extern "C-unwind" fn(_, _, _, _, _) -> _| {
        ptr::eq(marshal, function as *const c_void)
    };
    if is(relink_lwmsg_handle_marshal) {
        Some(Builtin::Handle)
    } else if is(relink_lwmsg_fd_marshal) {
        Some(Builtin::Descriptor)
    } else {
        None
    }
}

/// How handles are printed.
pub(super) const HANDLE_PRINT: unsafe extern "C-unwind" fn(
    *mut LWMsgDataContext,
    *mut LWMsgType,
    *mut c_void,
    *mut c_void,
    *mut LWMsgBuffer,
) -> LWMsgStatus = relink_lwmsg_handle_print;

/// Attributes as C gets them.
pub(super) fn attributes(attributes: &Attributes) -> *mut LWMsgType {
    (&raw const *attributes).cast_mut().cast()
}

/// The attributes of a program's own type.
pub(super) fn attributes_of(program: &Program) -> Attributes {
    // SAFETY: the table has been compiled and is still there while its program is used.
    let item = unsafe { table::item(program.spec, &mut |_, _| {}) };
    item.ok().flatten().map_or_else(Attributes::default, |item| item.attributes)
}

/// The location and number that a handle has on the wire.
///
/// # Safety
/// `object` holds a handle or NULL; `type_name` is the class's data.
pub(super) unsafe fn handle_to_wire(
    data: &DataContext,
    attributes: &Attributes,
    object: *const u8,
    type_name: *const c_void,
) -> std::result::Result<(LWMsgHandleType, u32), Refusal> {
    let refuse = |text| Refusal { status: Status::INVALID_HANDLE, text };
    // SAFETY: as promised by the caller.
    let handle = unsafe { object.cast::<*mut LWMsgHandle>().read_unaligned() };
    if handle.is_null() {
        return match attributes.flags & flag::NOT_NULL {
            0 => Ok((handle_location::NULL, 0)),
            _ => Err(refuse("Handle is NULL where non-null expected")),
        };
    }
    let sent = with_session(data, |transport| {
        let invalid = |status| Refusal { status, text: "Handle is invalid" };
        let wire = transport.handle_to_wire(handle).map_err(invalid)?;
        // SAFETY: a text of the table.
        if wire.type_name != unsafe { table::text(type_name.cast::<c_char>()) } {
            return Err(refuse("Handle has wrong data type"));
        }
        check_locality(attributes, wire.location == handle_location::LOCAL)?;
        Ok((wire.location, wire.id))
    });
    sent.unwrap_or_else(|| Err(refuse("Handle without a session")))
}

/// Runs `body` with what knows handles: the association that carries the data, or the session that the context names.
fn with_session<T>(data: &DataContext, body: impl FnOnce(&dyn Transport) -> T) -> Option<T> {
    if let Some(transport) = data.transport() {
        return Some(body(transport));
    }
    let session = data.context().data(c"session").ok()?;
    // SAFETY: what a context gives for this key is a live session, or NULL.
    let session = unsafe { Session::from_ptr(session.cast()) }.ok()?;
    Some(body(&payload::lent(session)))
}

/// Whether a handle is on the side that its attributes ask for; `local` is as the sender sees it.
fn check_locality(attributes: &Attributes, local: bool) -> std::result::Result<(), Refusal> {
    let text = if local && attributes.custom & LOCAL_FOR_RECEIVER != 0 {
        "Handle is not local for receiver as expected"
    } else if !local && attributes.custom & LOCAL_FOR_SENDER != 0 {
        "Handle is not local for sender as expected"
    } else {
        return Ok(());
    };
    Err(Refusal { status: Status::INVALID_HANDLE, text })
}

/// The handle for what arrived; `location` is as the sender sees it.
///
/// # Safety
/// `type_name` is the class's data.
pub(super) unsafe fn handle_from_wire(
    data: &DataContext,
    attributes: &Attributes,
    location: LWMsgHandleType,
    id: u32,
    type_name: *const c_void,
) -> std::result::Result<*mut LWMsgHandle, Refusal> {
    let refuse = |text| Refusal { status: Status::INVALID_HANDLE, text };
    let location = match location {
        handle_location::NULL if attributes.flags & flag::NOT_NULL != 0 => {
            return Err(refuse("Invalid handle: expected non-null handle"));
        }
        handle_location::NULL => return Ok(ptr::null_mut()),
        handle_location::LOCAL => handle_location::REMOTE,
        _ => handle_location::LOCAL,
    };
    check_locality(attributes, location == handle_location::REMOTE)?;
    // SAFETY: a text of the table.
    let type_name = unsafe { table::text(type_name.cast::<c_char>()) };
    let received = with_session(data, |transport| {
        let invalid = |status| Refusal { status, text: "Invalid handle ID" };
        transport.handle_from_wire(type_name, location, id).map_err(invalid)
    });
    received.unwrap_or_else(|| Err(refuse("Handle without a session")))
}

/// Queues a descriptor and tells whether there is one.
///
/// # Safety
/// `object` holds a descriptor.
pub(super) unsafe fn put_descriptor(data: &DataContext, object: *const u8) -> Result<bool> {
    // SAFETY: as promised by the caller.
    let fd = unsafe { object.cast::<c_int>().read_unaligned() };
    if fd <= 0 {
        return Ok(false);
    }
    data.transport().ok_or(Status::INVALID_STATE)?.put_fd(fd)?;
    Ok(true)
}

/// The next descriptor, or -1 when there is none.
pub(super) fn take_descriptor(data: &DataContext, present: bool) -> Result<c_int> {
    if !present {
        return Ok(-1);
    }
    data.transport().ok_or(Status::MALFORMED)?.take_fd()
}

/// A handle as text.
pub(super) fn print_handle(
    data: &DataContext,
    handle: *mut LWMsgHandle,
    type_name: &CStr,
    out: &mut Vec<u8>,
) -> Result<()> {
    if handle.is_null() {
        out.extend_from_slice(b"<null>");
        return Ok(());
    }
    let location = with_session(data, |transport| {
        let wire = transport.handle_to_wire(handle)?;
        if wire.type_name != type_name {
            return Err(Status::INVALID_HANDLE);
        }
        let location = if wire.location == handle_location::LOCAL { "local" } else { "remote" };
        Ok(format!(":{location}[{}]", wire.id))
    });
    let location = location.transpose()?.unwrap_or_default();
    out.push(b'<');
    out.extend_from_slice(type_name.to_bytes());
    out.extend_from_slice(location.as_bytes());
    out.push(b'>');
    Ok(())
}

/// `struct LWMsgHandleRep`, as `data.c` describes it.
#[repr(C)]
struct HandleRep {
    location: LWMsgHandleType,
    id: u32,
}

/// # Safety
/// A data context of ours.
unsafe fn context<'a>(context: *mut LWMsgDataContext) -> &'a DataContext {
    // SAFETY: as promised by the caller.
    unsafe { &*context.cast::<DataContext>() }
}

/// # Safety
/// Attributes that a class function was given.
unsafe fn given<'a>(ty: *mut LWMsgType) -> &'a Attributes {
    // SAFETY: as promised by the caller.
    unsafe { &*ty.cast::<Attributes>() }
}

// The functions of the two classes, for classes of programs that forward to them.

#[unsafe(no_mangle)]
unsafe extern "C-unwind" fn relink_lwmsg_handle_marshal(
    data: *mut LWMsgDataContext,
    ty: *mut LWMsgType,
    object: *mut c_void,
    transmitted: *mut c_void,
    type_name: *mut c_void,
) -> LWMsgStatus {
    // SAFETY: what class functions are given.
    match unsafe { handle_to_wire(context(data), given(ty), object.cast(), type_name) } {
        Ok((location, id)) => {
            // SAFETY: an object of the class's transmitted type.
            unsafe { transmitted.cast::<HandleRep>().write(HandleRep { location, id }) };
            Status::SUCCESS.0
        }
        Err(refusal) => refusal.status.0,
    }
}

#[unsafe(no_mangle)]
unsafe extern "C-unwind" fn relink_lwmsg_handle_unmarshal(
    data: *mut LWMsgDataContext,
    ty: *mut LWMsgType,
    transmitted: *mut c_void,
    object: *mut c_void,
    type_name: *mut c_void,
) -> LWMsgStatus {
    // SAFETY: an object of the class's transmitted type.
    let HandleRep { location, id } = unsafe { transmitted.cast::<HandleRep>().read() };
    // SAFETY: what class functions are given.
    match unsafe { handle_from_wire(context(data), given(ty), location, id, type_name) } {
        Ok(handle) => {
            // SAFETY: an object of the class.
            unsafe { object.cast::<*mut LWMsgHandle>().write_unaligned(handle) };
            Status::SUCCESS.0
        }
        Err(refusal) => refusal.status.0,
    }
}

#[unsafe(no_mangle)]
unsafe extern "C-unwind" fn relink_lwmsg_handle_destroy(
    data: *mut LWMsgDataContext,
    _ty: *mut LWMsgType,
    object: *mut c_void,
    _type_name: *mut c_void,
) {
    // SAFETY: what class functions are given.
    let (data, handle) = unsafe { (context(data), object.cast::<*mut LWMsgHandle>().read_unaligned()) };
    if !handle.is_null() {
        with_session(data, |transport| transport.release_handle(handle));
    }
}

#[unsafe(no_mangle)]
unsafe extern "C-unwind" fn relink_lwmsg_handle_print(
    data: *mut LWMsgDataContext,
    _ty: *mut LWMsgType,
    object: *mut c_void,
    type_name: *mut c_void,
    buffer: *mut LWMsgBuffer,
) -> LWMsgStatus {
    let mut text = Vec::new();
    // SAFETY: what class functions are given.
    let printed = unsafe {
        let handle = object.cast::<*mut LWMsgHandle>().read_unaligned();
        print_handle(context(data), handle, table::text(type_name.cast()), &mut text)
    };
    // SAFETY: a valid buffer.
    let written = printed.and_then(|()| unsafe { super::write_text(buffer, &text) });
    Status::of(written).0
}

#[unsafe(no_mangle)]
unsafe extern "C-unwind" fn relink_lwmsg_fd_marshal(
    data: *mut LWMsgDataContext,
    _ty: *mut LWMsgType,
    object: *mut c_void,
    transmitted: *mut c_void,
    _none: *mut c_void,
) -> LWMsgStatus {
    // SAFETY: what class functions are given.
    match unsafe { put_descriptor(context(data), object.cast()) } {
        Ok(present) => {
            // SAFETY: an object of the class's transmitted type.
            unsafe { transmitted.cast::<u8>().write(if present { 0xff } else { 0 }) };
            Status::SUCCESS.0
        }
        Err(status) => status.0,
    }
}

#[unsafe(no_mangle)]
unsafe extern "C-unwind" fn relink_lwmsg_fd_unmarshal(
    data: *mut LWMsgDataContext,
    _ty: *mut LWMsgType,
    transmitted: *mut c_void,
    object: *mut c_void,
    _none: *mut c_void,
) -> LWMsgStatus {
    // SAFETY: an object of the class's transmitted type, and what class functions are given.
    match unsafe { take_descriptor(context(data), transmitted.cast::<u8>().read() != 0) } {
        Ok(fd) => {
            // SAFETY: an object of the class.
            unsafe { object.cast::<c_int>().write_unaligned(fd) };
            Status::SUCCESS.0
        }
        Err(status) => status.0,
    }
}

#[unsafe(no_mangle)]
unsafe extern "C-unwind" fn relink_lwmsg_fd_destroy(
    _data: *mut LWMsgDataContext,
    _ty: *mut LWMsgType,
    object: *mut c_void,
    _none: *mut c_void,
) {
    // SAFETY: an object of the class.
    let fd = unsafe { object.cast::<c_int>().read_unaligned() };
    if fd > 0 {
        let _uncancellable = Uncancellable::new();
        // SAFETY: the descriptor belongs to the object.
        unsafe { libc::close(fd) };
    }
}
