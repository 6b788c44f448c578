//! The types C programs share with the library. Layouts are asserted in `layout`; texts go to the headers.
#![allow(non_camel_case_types, reason = "C spells them so, and compiled programs know no other names")]

use std::ffi::{c_char, c_int, c_void};

/// A connection. Opaque.
pub struct wth_connection {
    _opaque: [u8; 0],
}

/// Which end a connection is: an enum of the header, 0 for the client and 1 for the server.
pub type wth_connection_side = c_int;

/// An object of either side. Opaque; typed pointers as struct wthp_surface * are the same pointer.
pub struct wth_object {
    _opaque: [u8; 0],
}

/// The object that is there from the beginning. Opaque.
pub struct wth_display {
    _opaque: [u8; 0],
}

/// A registry. Opaque.
pub struct wthp_registry {
    _opaque: [u8; 0],
}

/// A callback. Opaque.
pub struct wthp_callback {
    _opaque: [u8; 0],
}

/// Bytes that grow. The caller owns the struct.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct wth_array {
    /// Bytes in use.
    pub size: usize,
    /// Bytes allocated.
    pub alloc: usize,
    /// From malloc.
    pub data: *mut c_void,
}

/// Called on a server for each client that asks for the registry. It sets the registry's interface and sends
/// wthp_registry.global for each thing on offer.
pub type wth_registry_callback_func =
    Option<unsafe extern "C-unwind" fn(registry: *mut wthp_registry, user_data: *mut c_void)>;

/// A handler of whatever signature, as wth_object_set_listener takes them.
pub type relink_waltham_handler = unsafe extern "C-unwind" fn();

/// One value of a message.
#[repr(C)]
#[derive(Clone, Copy)]
pub union relink_waltham_argument {
    /// An int, or a wth_fixed_t.
    pub i: i32,
    /// A uint, or the length of data in bytes.
    pub u: u32,
    /// A string.
    pub s: *const c_char,
    /// Data.
    pub p: *mut c_void,
    /// An object, or NULL.
    pub o: *mut wth_object,
    /// An array. Empty when all zero.
    pub a: wth_array,
}

/// Calls a handler with the values of a message.
pub type relink_waltham_call = unsafe extern "C-unwind" fn(
    handler: relink_waltham_handler,
    target: *mut wth_object,
    args: *mut relink_waltham_argument,
);

/// A message of a protocol.
///
/// The signature has a letter for each argument: i int, u uint, f fixed, s string, d data (two values: length
/// and bytes), a array, o object, n new object, N new object whose interface is sent along (three values:
/// object, interface, version); ? before an o that may be NULL.
#[repr(C)]
pub struct relink_waltham_message {
    /// As in the XML.
    pub name: *const c_char,
    /// See above.
    pub signature: *const c_char,
    /// For each o, n and N the interface, or NULL when it is another protocol's or not said.
    pub types: *const *const relink_waltham_interface,
    /// The interface it belongs to.
    pub interface: *const relink_waltham_interface,
    /// Calls its handler.
    pub call: relink_waltham_call,
    /// On the wire.
    pub opcode: u16,
    /// Its place in the table of handlers.
    pub slot: u16,
    /// 1 for an event; 2 for a destructor.
    pub flags: u32,
}

/// An interface of a protocol.
#[repr(C)]
pub struct relink_waltham_interface {
    /// As in the XML.
    pub name: *const c_char,
    /// As in the XML.
    pub version: u32,
    /// How many requests it has.
    pub request_count: u32,
    /// They, by slot.
    pub requests: *const relink_waltham_message,
    /// How many events it has.
    pub event_count: u32,
    /// They, by slot.
    pub events: *const relink_waltham_message,
}

/// A protocol of a program's own, as relink-waltham-scanner writes it.
#[repr(C)]
pub struct relink_waltham_protocol {
    /// RELINK_WALTHAM_PROTOCOL_VERSION.
    pub version: u32,
    /// As in the XML.
    pub name: *const c_char,
    /// How many interfaces it has.
    pub interface_count: u32,
    /// They.
    pub interfaces: *const *const relink_waltham_interface,
}

// SAFETY: descriptions are constants that nobody writes.
unsafe impl Sync for relink_waltham_message {}
// SAFETY: as above.
unsafe impl Sync for relink_waltham_interface {}
// SAFETY: as above.
unsafe impl Sync for relink_waltham_protocol {}

/// What a wth_map_for_each function returns.
pub type wth_iterator_func_t =
    Option<unsafe extern "C-unwind" fn(element: *mut c_void, data: *mut c_void) -> c_int>;

/// A table of ids. Exported by the original, declared in none of its installed headers.
#[repr(C)]
pub struct wth_map {
    /// Entries of ids from 0.
    pub client_entries: wth_array,
    /// Entries of ids from 0xff000000.
    pub server_entries: wth_array,
    /// 0 for a client.
    pub side: u32,
    /// The first free slot.
    pub free_list: u32,
}
