//! A hostile peer of a Waltham connection, either side: nothing crashes, and what is delivered, answered and
//! remembered does not depend on how the stream is cut.
//!
//! The first byte chooses the cuts; the rest is the stream.

use relink::waltham::capi::connection::*;
use relink::waltham::capi::object::*;
use relink::waltham::types::*;
use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::io::{Read as _, Write as _};
use std::os::fd::IntoRawFd as _;
use std::os::unix::net::UnixStream;
use std::ptr;

unsafe extern "C" {
    fn wthp_registry_send_global(registry: *mut c_void, name: u32, interface: *const c_char, version: u32);
    fn wthp_registry_bind(
        registry: *mut c_void,
        name: u32,
        interface: *const c_char,
        version: u32,
    ) -> *mut c_void;
}

/// What a run did: handlers called, strings seen, and the end.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    handlers: usize,
    strings: Vec<Vec<u8>>,
    error: c_int,
    code: u32,
    answer: Vec<u8>,
}

thread_local! {
    static SEEN: RefCell<Seen> = RefCell::default();
    static MADE: RefCell<Vec<*mut wth_object>> = const { RefCell::new(Vec::new()) };
}

type Slot = Option<unsafe extern "C-unwind" fn(*mut wth_object)>;

/// Enough slots for any interface. Each handler takes its target only, whatever else it is given.
static TABLE: [Slot; 16] = [Some(any); 16];

/// Tables of interfaces some of whose requests make objects, which such a handler would lose.
static SURFACE: [Slot; 10] =
    [Some(any), Some(any), Some(any), None, Some(any), Some(any), Some(any), Some(any), Some(any), Some(any)];
static SEAT: [Slot; 4] = [None, None, None, Some(any)];
static FARSTREAM: [Slot; 3] = [Some(any), None, None];

/// An interface that is not known has no table: it could be asked for any slot.
fn table(interface: &CStr) -> *mut Option<relink_waltham_handler> {
    let table: &[Slot] = match interface.to_bytes() {
        b"wthp_surface" => &SURFACE,
        b"wthp_seat" => &SEAT,
        b"wthp_farstream" => &FARSTREAM,
        b"wthp_farstream_remote" => &FARSTREAM,
        b"wthp_region" | b"wthp_buffer" | b"wthp_pointer" | b"wthp_keyboard" | b"wthp_touch" => &TABLE,
        _ => return ptr::null_mut(),
    };
    table.as_ptr().cast_mut().cast()
}

unsafe extern "C-unwind" fn any(_target: *mut wth_object) {
    SEEN.with_borrow_mut(|seen| seen.handlers += 1);
}

unsafe extern "C-unwind" fn bind(
    _registry: *mut wth_object,
    _name: u32,
    made: *mut wth_object,
    interface: *const c_char,
    _version: u32,
) {
    // SAFETY: what a handler is promised: a live object and a string.
    unsafe {
        SEEN.with_borrow_mut(|seen| {
            seen.handlers += 1;
            seen.strings.push(CStr::from_ptr(interface).to_bytes().to_vec());
        });
        wth_object_set_listener(made, table(CStr::from_ptr(interface)), ptr::null_mut());
    }
    MADE.with_borrow_mut(|all| all.push(made));
}

unsafe extern "C-unwind" fn global(
    _registry: *mut wth_object,
    _name: u32,
    interface: *const c_char,
    _version: u32,
) {
    // SAFETY: as above.
    let text = unsafe { CStr::from_ptr(interface) }.to_bytes().to_vec();
    SEEN.with_borrow_mut(|seen| {
        seen.handlers += 1;
        seen.strings.push(text);
    });
}

#[repr(C)]
struct Registry(
    unsafe extern "C-unwind" fn(*mut wth_object),
    unsafe extern "C-unwind" fn(*mut wth_object, u32, *mut wth_object, *const c_char, u32),
);
static REGISTRY: Registry = Registry(any, bind);

#[repr(C)]
struct Listener(
    unsafe extern "C-unwind" fn(*mut wth_object, u32, *const c_char, u32),
    unsafe extern "C-unwind" fn(*mut wth_object),
);
static LISTENER: Listener = Listener(global, any);

unsafe extern "C-unwind" fn on_registry(registry: *mut wthp_registry, _user_data: *mut c_void) {
    // SAFETY: a live object and a string.
    unsafe {
        wth_object_set_listener(registry.cast(), (&raw const REGISTRY).cast_mut().cast(), ptr::null_mut());
        wthp_registry_send_global(registry.cast(), 1, c"wthp_compositor".as_ptr(), 4);
    }
    MADE.with_borrow_mut(|all| all.push(registry.cast()));
}

fn run(server: bool, cuts: u32, stream: &[u8]) -> Seen {
    SEEN.take();
    let (near, mut far) = UnixStream::pair().expect("two descriptors");
    near.set_nonblocking(true).expect("our own");
    far.set_nonblocking(true).expect("our own");
    // SAFETY: the connection is used and destroyed here only, and its objects are deleted before it.
    unsafe {
        let connection = wth_connection_from_fd(near.into_raw_fd(), c_int::from(server));
        if server {
            wth_connection_set_registry_callback(connection, Some(on_registry), ptr::null_mut());
        } else {
            let registry = wth_connection_create_registry(connection);
            wth_object_set_listener(
                registry.cast(),
                (&raw const LISTENER).cast_mut().cast(),
                ptr::null_mut(),
            );
            MADE.with_borrow_mut(|all| all.push(registry.cast()));
            for name in [c"wthp_seat", c"wthp_keyboard", c"wthp_output", c"something else"] {
                let object = wthp_registry_bind(registry.cast(), 1, name.as_ptr(), 1).cast::<wth_object>();
                wth_object_set_listener(object, TABLE.as_ptr().cast_mut().cast(), ptr::null_mut());
                MADE.with_borrow_mut(|all| all.push(object));
            }
        }
        let mut state = cuts;
        let mut rest = stream;
        while !rest.is_empty() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let length = if cuts == 0 { rest.len() } else { rest.len().min(1 + (state >> 24) as usize % 19) };
            let (now, later) = rest.split_at(length);
            if far.write_all(now).is_err() {
                break;
            }
            rest = later;
            while wth_connection_read(connection) == 0 {
                wth_connection_dispatch(connection);
            }
            let mut answer = Vec::new();
            let _ = far.read_to_end(&mut answer);
            SEEN.with_borrow_mut(|seen| seen.answer.extend_from_slice(&answer));
        }
        let mut object = 0;
        SEEN.with_borrow_mut(|seen| {
            seen.error = wth_connection_get_error(connection);
            seen.code = wth_connection_get_protocol_error(connection, ptr::null_mut(), &mut object);
        });
        for object in MADE.take() {
            wth_object_delete(object);
        }
        wth_connection_destroy(connection);
    }
    SEEN.take()
}

pub fn server(data: &[u8]) {
    both(true, data);
}

pub fn client(data: &[u8]) {
    both(false, data);
}

fn both(server: bool, data: &[u8]) {
    let [cuts, stream @ ..] = data else { return };
    let stream = &stream[..stream.len().min(100_000)];
    let whole = run(server, 0, stream);
    let cut = run(server, u32::from(*cuts) + 1, stream);
    assert_eq!(whole, cut);
}
