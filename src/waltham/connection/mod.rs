//! A connection: its life, its errors and its objects.
//!
//! The block behind a `struct wth_connection *` counts references: one of the program, one of each live
//! object, one of each call in progress. So objects may be deleted after the connection, and the connection
//! destroyed by a handler that it runs. All state is in cells, because handlers call the library again.

mod connect;
mod dispatch;
mod input;
mod output;
mod roundtrip;
mod table;

pub use connect::{connect, send_at_once};
pub use roundtrip::roundtrip;

use super::error::{Error, INVALID_METHOD};
use super::object::{self, Object};
use super::protocol;
use super::trace;
use super::types::{relink_waltham_interface, wth_connection, wth_registry_callback_func};
use crate::ffi::alloc;
use crate::ffi::cancel::Uncancellable;
use crate::ffi::handle::{CallDepth, Mark, with_mark};
use input::Input;
use output::Output;
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::{self, NonNull};
use table::Table;

/// Which end of the connection it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    Client,
    Server,
    /// A value that is neither: it allocates ids like a server and passes no check of its side.
    Unknown,
}

impl Side {
    fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Unknown => "unknown",
        }
    }
}

/// What a protocol error was about.
#[derive(Clone, Copy, Debug)]
pub struct ProtocolError {
    pub object: u32,
    pub interface: *const c_char,
    pub code: u32,
}

/// One end of a connection.
pub struct Connection {
    references: Cell<usize>,
    /// How many of them are of calls in progress.
    calls: Cell<usize>,
    /// False once the program has destroyed it.
    alive: Cell<bool>,
    fd: Cell<c_int>,
    pub side: Side,
    error: Cell<c_int>,
    protocol_error: Cell<ProtocolError>,
    display: Cell<*mut Object>,
    registry_callback: Cell<(wth_registry_callback_func, *mut c_void)>,
    objects: RefCell<Table>,
    next_id: Cell<u32>,
    input: Input,
    output: Output,
    dispatching: CallDepth,
    /// An invalid opcode has been reported.
    complained: Cell<bool>,
    /// WALTHAM_DEBUG was 1 when the connection was made.
    pub traced: bool,
    /// The connection in the trace of all libraries.
    pub told: crate::trace::Connection,
}

impl Connection {
    /// A connection that owns `fd`; `None` when memory is exhausted, and `fd` is then still the caller's.
    pub fn create(fd: c_int, side: Side) -> Option<NonNull<Self>> {
        let _uncancellable = Uncancellable::new();
        let connection = alloc::new_value(Self {
            references: Cell::new(1),
            calls: Cell::new(0),
            alive: Cell::new(true),
            fd: Cell::new(fd),
            side,
            error: Cell::new(0),
            protocol_error: Cell::new(ProtocolError { object: 0, interface: ptr::null(), code: 0 }),
            display: Cell::new(ptr::null_mut()),
            registry_callback: Cell::new((None, ptr::null_mut())),
            objects: RefCell::new(Table::new()),
            next_id: Cell::new(if side == Side::Client { 2 } else { table::FIRST_SERVER_ID }),
            input: Input::new(),
            output: Output::new(),
            dispatching: CallDepth::new(),
            complained: Cell::new(false),
            traced: trace::enabled(),
            told: crate::trace::Connection::new(),
        })?;
        // SAFETY: just made.
        let this = unsafe { connection.as_ref() };
        let display = Object::create(this, table::DISPLAY_ID, &raw const protocol::WTH_DISPLAY);
        let stored = display.filter(|display| this.objects.borrow_mut().insert(table::DISPLAY_ID, *display));
        let Some(stored) = stored else {
            if let Some(display) = display {
                // SAFETY: just made, and nobody knows it.
                unsafe { object::delete(display) };
            }
            this.alive.set(false);
            // SAFETY: the program's reference, which it never got.
            unsafe { Self::release(connection) };
            return None;
        };
        this.display.set(stored.as_ptr());
        // SAFETY: just made, and live.
        unsafe { stored.as_ref() }.handlers.set(super::capi::display::handlers(side));
        Some(connection)
    }

    /// The pointer by which the program knows it.
    pub fn handle(&self) -> *mut wth_connection {
        ptr::from_ref(self).cast_mut().cast()
    }

    /// Counts a reference.
    pub fn retain(&self) {
        self.references.set(self.references.get() + 1);
    }

    /// Ends a reference; the last one frees the block.
    ///
    /// # Safety
    /// The reference was counted and is not used any more.
    pub unsafe fn release(connection: NonNull<Self>) {
        let last = {
            // SAFETY: live, because a reference is left.
            let this = unsafe { connection.as_ref() };
            this.references.set(this.references.get() - 1);
            this.references.get() == 0
        };
        if last {
            // SAFETY: made by `create`, and this was the last reference.
            unsafe { alloc::free_value(connection) };
        }
    }

    /// Ends the connection for the program: closes the descriptor at once, and stops what is in progress.
    ///
    /// Objects are left alone, because programs release them in ways we do not learn of.
    ///
    /// # Safety
    /// The connection is live and the program does not use it any more.
    pub unsafe fn destroy(connection: NonNull<Self>) {
        let _uncancellable = Uncancellable::new();
        let display = {
            // SAFETY: live, as promised by the caller.
            let this = unsafe { connection.as_ref() };
            this.output.drain_once(this.fd.get());
            this.alive.set(false);
            // SAFETY: the connection owns its descriptor.
            unsafe { libc::close(this.fd.get()) };
            this.fd.set(-1);
            if !this.dispatching.in_progress() {
                this.forget_calls();
                this.input.release();
            }
            this.output.release();
            // What the program released by `free` keeps this block, but no more than that.
            this.objects.borrow_mut().release();
            this.display.replace(ptr::null_mut())
        };
        if let Some(display) = NonNull::new(display) {
            // SAFETY: the connection's own object; the program must not free it.
            unsafe { object::delete(display) };
        }
        // SAFETY: the program's reference.
        unsafe { Self::release(connection) };
    }

    /// Ends what calls held that were left by `longjmp`. The program's own reference is still there.
    fn forget_calls(&self) {
        self.references.set(self.references.get() - self.calls.replace(0));
        self.input.unpin_all();
    }

    pub fn is_alive(&self) -> bool {
        self.alive.get()
    }

    pub fn fd(&self) -> c_int {
        self.fd.get()
    }

    pub fn display(&self) -> *mut Object {
        self.display.get()
    }

    pub fn error(&self) -> c_int {
        self.error.get()
    }

    pub fn protocol_error(&self) -> ProtocolError {
        self.protocol_error.get()
    }

    /// The first error stays, but for EPROTO, which overrides all others.
    pub fn set_error(&self, error: c_int) {
        if self.error.get() == 0 || error == libc::EPROTO {
            self.error.set(error);
        }
    }

    pub fn set_protocol_error(&self, error: ProtocolError) {
        self.set_error(libc::EPROTO);
        self.protocol_error.set(error);
    }

    pub fn registry_callback(&self) -> (wth_registry_callback_func, *mut c_void) {
        self.registry_callback.get()
    }

    pub fn set_registry_callback(&self, callback: wth_registry_callback_func, user_data: *mut c_void) {
        self.registry_callback.set((callback, user_data));
    }

    /// Ends the process unless the connection is of this side: the program is wrong, and always was told so.
    pub fn assert_side(&self, function: &str, side: Side) {
        if self.side != side {
            trace::fatal(format_args!(
                "function {function} is {}-only but it was called on a {} side object",
                side.name(),
                self.side.name()
            ));
        }
    }

    /// A new object with the next id of this side; `None` when memory or ids are exhausted.
    pub fn new_object(&self, interface: *const relink_waltham_interface) -> Option<NonNull<Object>> {
        let id = self.next_id.get();
        let end = if self.side == Side::Client { table::FIRST_SERVER_ID } else { u32::MAX };
        if id == end {
            return None;
        }
        let object = Object::create(self, id, interface)?;
        self.next_id.set(id + 1);
        if self.alive.get() && !self.objects.borrow_mut().insert(id, object) {
            // SAFETY: just made, and nobody knows it.
            unsafe { object::delete(object) };
            return None;
        }
        trace::object(self, id);
        Some(object)
    }

    /// A new object with an id that the peer chose; the violation when it may not be that.
    fn adopt_object(
        &self,
        id: u32,
        interface: *const relink_waltham_interface,
    ) -> Result<NonNull<Object>, Error> {
        let allowed = if self.side == Side::Client {
            id >= table::FIRST_SERVER_ID
        } else {
            (2..table::FIRST_SERVER_ID).contains(&id)
        };
        if !allowed || self.objects.borrow().get(id).is_some() {
            return Err(Error::Violation {
                object: id,
                code: super::error::INVALID_OBJECT,
                what: "invalid new id",
            });
        }
        let object = Object::create(self, id, interface).ok_or(Error::System(libc::ENOMEM))?;
        if !self.objects.borrow_mut().insert(id, object) {
            // SAFETY: just made, and nobody knows it.
            unsafe { object::delete(object) };
            return Err(Error::System(libc::ENOMEM));
        }
        trace::object(self, id);
        Ok(object)
    }

    /// The object with an id.
    #[inline]
    pub fn object(&self, id: u32) -> Option<NonNull<Object>> {
        self.objects.borrow().get(id)
    }

    /// Forgets an object that is being deleted.
    pub fn forget_object(&self, id: u32, object: NonNull<Object>) {
        self.objects.borrow_mut().remove(id, object);
        if self.display.get() == object.as_ptr() {
            self.display.set(ptr::null_mut());
        }
    }

    /// Sends bytes, or drops them when the connection has been destroyed.
    ///
    /// # Errors
    /// The errno of a transport that failed just now.
    pub fn send_bytes(&self, pieces: &mut [std::io::IoSlice<'_>]) -> Result<(), c_int> {
        if !self.alive.get() {
            return Ok(());
        }
        self.output.send(self.fd.get(), pieces)
    }

    /// Answers a violation: a server tells the client, a client remembers; both stop at that.
    fn violated(&self, object: u32, code: u32, what: &str) {
        trace::error(format_args!("protocol violation by the peer: {what} (object {object})"));
        if self.side == Side::Client {
            let error = ProtocolError { object, interface: UNKNOWN.as_ptr(), code: INVALID_METHOD };
            self.set_protocol_error(error);
            return;
        }
        let culprit = self.object(object).or(NonNull::new(self.display.get()));
        // SAFETY: found in the table, or the display.
        if let Some(culprit) = culprit.map(|culprit| unsafe { culprit.as_ref() }) {
            self.post_error(culprit, code, what.as_bytes());
        } else {
            self.set_protocol_error(ProtocolError { object, interface: UNKNOWN.as_ptr(), code });
        }
    }

    /// Sends `wth_display.error` about an object and enters the state after it.
    pub fn post_error(&self, culprit: &Object, code: u32, text: &[u8]) {
        let mut message = [0; MAX_ERROR_TEXT];
        crate::ffi::cstr::write_truncated(text, &mut message);
        let culprit_id = culprit.id;
        if let Some(display) = NonNull::new(self.display.get()) {
            super::capi::display::send_error(display, culprit, code, &message);
        }
        self.set_protocol_error(ProtocolError { object: culprit_id, interface: UNKNOWN.as_ptr(), code });
    }
}

/// The longest text of an error, with its NUL.
const MAX_ERROR_TEXT: usize = 256;

/// What the original says for every interface.
pub const UNKNOWN: &CStr = c"unknown";

/// Runs a call that may run handlers: the connection lives until it has returned.
///
/// # Safety
/// `connection` is live.
pub unsafe fn run<T>(connection: NonNull<Connection>, body: impl FnOnce(&Connection) -> T) -> T {
    with_mark(|mark| {
        let call = Call::begin(connection, mark);
        // SAFETY: the call holds a reference until `body` has returned.
        let value = body(unsafe { call.connection.as_ref() });
        drop(call);
        value
    })
}

struct Call {
    connection: NonNull<Connection>,
}

impl Call {
    fn begin(connection: NonNull<Connection>, mark: Mark) -> Self {
        // SAFETY: live, as promised by the caller of `run`.
        let this = unsafe { connection.as_ref() };
        if !this.dispatching.in_progress() {
            this.forget_calls();
        }
        this.dispatching.enter(mark);
        this.retain();
        this.calls.set(this.calls.get() + 1);
        Self { connection }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        {
            // SAFETY: the call's own reference keeps it.
            let this = unsafe { self.connection.as_ref() };
            if this.calls.get() == 0 {
                // Taken for one that was left by `longjmp`: its reference is gone already.
                return;
            }
            this.dispatching.leave();
            this.calls.set(this.calls.get() - 1);
            if !this.alive.get() && !this.dispatching.in_progress() {
                this.input.release();
            }
        }
        // SAFETY: the call's own reference.
        unsafe { Connection::release(self.connection) };
    }
}
