//! The library's own handlers, which C's tables hold: those of the display, until a program sets its own, and of a
//! roundtrip's callback.

use super::super::connection::{ProtocolError, Side, UNKNOWN};
use super::super::object::{self, Object};
use super::super::types::{relink_waltham_argument, relink_waltham_handler, wth_object};
use super::super::{message, protocol, trace};
use std::ffi::{CStr, c_char};
use std::mem::transmute;
use std::ptr::{self, NonNull};

type Handler = Option<relink_waltham_handler>;
type OnNumber = unsafe extern "C-unwind" fn(*mut wth_object, u32);
type OnObject = unsafe extern "C-unwind" fn(*mut wth_object, *mut wth_object);
type OnError = unsafe extern "C-unwind" fn(*mut wth_object, *mut wth_object, u32, *const c_char);

const fn on_number(handler: OnNumber) -> Handler {
    // SAFETY: a handler is stored without its type, as C stores it, and only ever called through the
    // description of its slot's message, which knows the type.
    Some(unsafe { transmute::<OnNumber, relink_waltham_handler>(handler) })
}

const fn on_object(handler: OnObject) -> Handler {
    // SAFETY: as above.
    Some(unsafe { transmute::<OnObject, relink_waltham_handler>(handler) })
}

const fn on_error(handler: OnError) -> Handler {
    // SAFETY: as above.
    Some(unsafe { transmute::<OnError, relink_waltham_handler>(handler) })
}

static LISTENER: [Handler; 3] =
    [on_error(handle_error), on_number(handle_delete_id), on_number(handle_server_version)];

static INTERFACE: [Handler; 3] =
    [on_number(handle_client_version), on_object(handle_sync), on_object(handle_get_registry)];

static ROUNDTRIP: [Handler; 1] = [on_number(handle_done)];

/// The display's handlers on one side.
pub fn handlers(side: Side) -> *const Option<relink_waltham_handler> {
    if side == Side::Client { LISTENER.as_ptr() } else { INTERFACE.as_ptr() }
}

/// The handlers of the callback that a roundtrip waits for.
pub fn roundtrip_handlers() -> *const Option<relink_waltham_handler> {
    ROUNDTRIP.as_ptr()
}

/// Sends `wth_display.error` about an object, with a text that ends with a NUL.
pub fn send_error(display: NonNull<Object>, culprit: &Object, code: u32, text: &[u8]) {
    let culprit = ptr::from_ref(culprit).cast_mut().cast();
    let mut args = [
        relink_waltham_argument { o: culprit },
        relink_waltham_argument { u: code },
        relink_waltham_argument { s: text.as_ptr().cast() },
    ];
    // SAFETY: live objects, and a string.
    unsafe { message::send(Object::handle(display), protocol::MESSAGES[3], &mut args) };
}

unsafe extern "C-unwind" fn handle_error(
    display: *mut wth_object,
    culprit: *mut wth_object,
    code: u32,
    text: *const c_char,
) {
    // SAFETY: the arguments of a message: live or NULL objects, and a string.
    let (display, culprit, text) =
        unsafe { (object::borrow(display), object::borrow(culprit), CStr::from_ptr(text)) };
    trace::peer_error(code, text);
    if let Some(display) = display {
        /// What the original reported for every object.
        const UNKNOWN_OBJECT: u32 = 0xf000_dead;
        let name = culprit.and_then(Object::interface_name).unwrap_or(UNKNOWN);
        let error = ProtocolError {
            object: culprit.map_or(UNKNOWN_OBJECT, |culprit| culprit.id),
            interface: name.as_ptr(),
            code,
        };
        // SAFETY: an object's reference keeps its connection.
        unsafe { display.connection.as_ref() }.set_protocol_error(error);
    }
}

/// Ids are never used again, whatever the server says.
unsafe extern "C-unwind" fn handle_delete_id(display: *mut wth_object, id: u32) {
    // SAFETY: the message's target.
    if let Some(display) = unsafe { object::borrow(display) } {
        // SAFETY: an object's reference keeps its connection.
        trace::debug(unsafe { display.connection.as_ref() }, format_args!("wth_display.delete_id({id})"));
    }
}

unsafe extern "C-unwind" fn handle_server_version(display: *mut wth_object, version: u32) {
    // SAFETY: the message's target.
    if let Some(display) = unsafe { object::borrow(display) } {
        // SAFETY: an object's reference keeps its connection.
        let connection = unsafe { display.connection.as_ref() };
        trace::debug(connection, format_args!("wth_display.server_version({version})"));
    }
}

unsafe extern "C-unwind" fn handle_client_version(display: *mut wth_object, _version: u32) {
    // SAFETY: the message's target.
    if let Some(display) = unsafe { object::borrow(display) } {
        // SAFETY: an object's reference keeps its connection.
        let connection = unsafe { display.connection.as_ref() };
        connection.post_error(display, 0, b"unimplemented: display_handle_client_version");
    }
}

unsafe extern "C-unwind" fn handle_sync(_display: *mut wth_object, callback: *mut wth_object) {
    // SAFETY: the object that the message created; nobody else knows it.
    unsafe {
        protocol::wthp_callback_send_done(callback, 0);
        super::object::wth_object_delete(callback);
    }
}

unsafe extern "C-unwind" fn handle_get_registry(display: *mut wth_object, registry: *mut wth_object) {
    // SAFETY: the message's target.
    let Some(display) = (unsafe { object::borrow(display) }) else { return };
    // SAFETY: an object's reference keeps its connection.
    let (callback, user_data) = unsafe { display.connection.as_ref() }.registry_callback();
    match callback {
        // SAFETY: the program's function, with the object that the message created.
        Some(callback) => unsafe { callback(registry.cast(), user_data) },
        None => trace::fatal(format_args!(
            "Buggy server implementation! A client asks for the registry and no registry callback is set."
        )),
    }
}

/// Marks the callback that a roundtrip waits for.
unsafe extern "C-unwind" fn handle_done(callback: *mut wth_object, _data: u32) {
    // SAFETY: the message's target.
    if let Some(callback) = unsafe { object::borrow(callback) } {
        callback.user_data.set(ptr::from_ref(callback).cast_mut().cast());
    }
}
