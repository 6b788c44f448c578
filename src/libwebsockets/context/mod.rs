//! A context: a set of connections, at most one of them a listener, and what they have in common.
//!
//! [`mod@create`] makes it, [`listen`] accepts connections, [`poll`] knows which descriptors are waited for, [`service`]
//! is the loop, [`timers`] what happens when nothing does, [`secure`] its TLS contexts.

mod create;
mod destroy;
mod limits;
mod listen;
mod poll;
mod protocols;
mod scratch;
mod secure;
mod service;
mod timers;
mod wake;

pub use create::{Settings, create};
pub use destroy::destroy;
pub use limits::Limits;
pub use listen::interface_address;
pub use protocols::Table;
pub use scratch::{LONG_READ, READ, Taken};
pub use secure::Tls;
pub use wake::Note;

use super::connection::{Arena, Connection, Handshake};
use super::log;
use super::personality::{Personality, Reason};
use super::types::{libwebsocket_context, libwebsocket_extension};
use crate::ffi::fork;
use crate::ffi::handle::{CallDepth, with_mark};
use crate::net::epoll::Epoll;
use crate::net::{random, socket};
use scratch::Scratch;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ffi::{CString, c_int, c_void};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, Ordering, compiler_fence};
use timers::Timers;
use wake::Wake;

/// Handshakes whose memory is kept.
const SPARE: usize = 16;

/// A context. See the module.
pub struct Context {
    pub personality: &'static Personality,
    pub protocols: Table,
    /// The program's table of extensions, or NULL.
    pub extensions: *mut libwebsocket_extension,
    /// The program's own.
    pub user: *mut c_void,
    /// What it listens on; 0 for nothing.
    pub port: u16,
    pub hostname: CString,
    pub proxy: RefCell<Option<Proxy>>,
    keepalive: Keepalive,
    pub limits: Limits,
    pub tls: Tls,
    pub random: random::Pool,
    pub scratch: Scratch,

    /// Handshakes that are done, for others that begin: servers have many.
    #[expect(clippy::vec_box, reason = "boxes move between here and connections, their contents do not")]
    spare: RefCell<Vec<Box<Handshake>>>,
    epoll: Epoll,
    arena: Arena,
    /// Connections by descriptor.
    by_fd: RefCell<Vec<*const Connection>>,
    /// Connections in the order of the original's table, in which the last one takes the place of one that goes.
    table: RefCell<Vec<*const Connection>>,
    /// Connections to be served although the kernel has nothing to tell of them.
    ready: RefCell<VecDeque<(*const Connection, u32)>>,
    /// Connections whose input was held back and may be processed before the program's call returns.
    resumed: RefCell<VecDeque<(*const Connection, u32)>>,
    timers: Timers,
    wake: Wake,
    /// The process that serves it, as [`fork::generation`] counts: a child that only gives up what it inherited must not
    /// take anything out of the kernel's set, which is its parent's as well.
    process: Cell<u32>,
    /// `libwebsocket_service` has been used.
    own_loop: Cell<bool>,
    /// The program's latest call that served: of one in progress, what it leaves is seen to before it returns.
    serving_in: Cell<u64>,
    /// Rounds of the loop.
    round: Cell<u64>,
    /// How many connections the listener takes at once, and the round in which it last did.
    burst: Cell<usize>,
    accepted_in: Cell<u64>,
    /// The listener, while it waits for descriptors to come back.
    paused: Cell<Option<(*const Connection, u32)>>,

    /// Whether the library is at work on it, and not the program, on the thread that serves it.
    inside: AtomicBool,
    calls: CallDepth,
    /// Which of the program's calls is in progress.
    serial: Cell<u64>,
    doomed: Cell<bool>,
    /// Connections with an extension that wants to hear of every second.
    pub ticking: Cell<usize>,
    /// The process that `lws_daemonize` made, or 0.
    daemon: c_int,
}

/// What connects for clients.
#[derive(Clone, Debug)]
pub struct Proxy {
    pub address: CString,
    pub port: u16,
}

/// TCP keepalive, in seconds and probes; off when `time` is 0.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keepalive {
    pub time: c_int,
    pub probes: c_int,
    pub interval: c_int,
}

impl Context {
    /// The context behind a handle.
    ///
    /// # Safety
    /// The handle is NULL or a live context.
    #[inline]
    pub unsafe fn from_handle<'a>(handle: *mut libwebsocket_context) -> Option<&'a Self> {
        // SAFETY: as promised by the caller; a context is only ever shared.
        unsafe { handle.cast::<Self>().as_ref() }
    }

    /// The pointer by which the program knows it.
    #[inline]
    pub fn handle(&self) -> *mut libwebsocket_context {
        ptr::from_ref(self).cast_mut().cast()
    }

    /// The number of the program's call that is in progress.
    #[inline]
    pub fn serial(&self) -> u64 {
        self.serial.get()
    }

    /// Whether the program has destroyed it from within one of its callbacks.
    pub fn is_doomed(&self) -> bool {
        self.doomed.get()
    }

    /// Runs a call of the program's that may call it back. Behind the outermost one comes what had to wait for it.
    pub fn enter<T>(&self, body: impl FnOnce(&Self) -> T) -> T {
        let before = self.set_inside(true);
        // Asked above the mark: calls that were left by `longjmp` are known by that.
        let outermost = !self.calls.in_progress();
        with_mark(|mark| {
            if outermost {
                self.serial.set(self.serial.get() + 1);
                self.scratch.reset();
            }
            self.calls.enter(mark);
            let result = body(self);
            self.calls.leave();
            let over = self.doomed.get() && !self.calls.in_progress();
            // Above the outermost call is the program, whatever a call that never returned has left here.
            self.set_inside(before && !outermost);
            if over {
                // SAFETY: the handle's context, which the program gave up, and which no call uses any more.
                unsafe { destroy::take_apart(NonNull::from(self)) };
            }
            result
        })
    }

    /// As [`Context::enter`], for calls that seldom call the program back and often come from its callbacks.
    #[inline]
    pub fn enter_lightly<T>(&self, body: impl FnOnce(&Self) -> T) -> T {
        if !self.calls.is_counted() {
            return self.enter(body);
        }
        let before = self.set_inside(true);
        let result = body(self);
        self.set_inside(before);
        result
    }

    /// Whether whoever asks on the thread that serves it, a handler that runs for a signal, has interrupted the library.
    #[inline]
    pub fn is_interrupted(&self) -> bool {
        self.inside.load(Ordering::Relaxed)
    }

    /// Says whether the library is at work, or the program; returns what was said before. Only the serving thread and
    /// its handlers look, so that keeping the compiler from moving anything past it is enough.
    #[inline]
    pub fn set_inside(&self, inside: bool) -> bool {
        compiler_fence(Ordering::SeqCst);
        let before = self.inside.load(Ordering::Relaxed);
        self.inside.store(inside, Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
        before
    }

    /// A handshake for a server's connection.
    pub fn new_handshake(&self) -> Box<Handshake> {
        self.spare.borrow_mut().pop().unwrap_or_else(|| Box::new(Handshake::of_server()))
    }

    /// Keeps the memory of a handshake.
    pub fn keep_handshake(&self, mut handshake: Box<Handshake>) {
        let mut spare = self.spare.borrow_mut();
        if spare.len() < SPARE {
            handshake.renew();
            spare.push(handshake);
        }
    }

    /// Whether the calling process is the one that serves it, and not a child that has a copy.
    pub fn is_own(&self) -> bool {
        self.process.get() == fork::generation()
    }

    /// The calling thread of the calling process serves it.
    #[inline]
    fn serve_here(&self) {
        self.wake.serve_here();
        self.process.set(fork::generation());
    }

    /// Whether it listens.
    pub fn is_listening(&self) -> bool {
        self.port != 0
    }

    /// Every connection at this moment, in the table's order, with the tickets they have now.
    fn snapshot(&self) -> Vec<(*const Connection, u32)> {
        self.table.borrow().iter().map(|connection| with_ticket(*connection)).collect()
    }

    /// Calls a protocol's callback about the context as a whole.
    pub fn call(&self, index: usize, reason: Reason, user: *mut c_void) -> c_int {
        let Some(number) = self.personality.number(reason) else { return 0 };
        let protocol = self.protocols.entry(index);
        // SAFETY: an entry of the program's table, which outlives the context.
        let Some(callback) = (unsafe { (*protocol).callback }) else { return 0 };
        let before = self.set_inside(false);
        // SAFETY: the program's callback, with a live context.
        let result = unsafe { callback(self.handle(), ptr::null_mut(), number, user, ptr::null_mut(), 0) };
        self.set_inside(before);
        result
    }

    /// The extensions of the program's table, one by one: callbacks may change it.
    pub fn extension(&self, index: usize) -> Option<*mut libwebsocket_extension> {
        if self.extensions.is_null() {
            return None;
        }
        // SAFETY: the table ends with an entry without callback, at which callers stop.
        let entry = unsafe { self.extensions.add(index) };
        // SAFETY: within the table, as above.
        unsafe { (*entry).callback }.map(|_| entry)
    }

    /// Sets the socket options of a connection.
    pub fn set_socket_options(&self, fd: c_int) {
        let set = |level, option, value: c_int| {
            if let Err(error) = socket::set_option(fd, level, option, value) {
                log::line(log::INFO, format_args!("setsockopt {option}: {error}\n"));
            }
        };
        if self.keepalive.time > 0 {
            set(libc::SOL_SOCKET, libc::SO_KEEPALIVE, 1);
            set(libc::IPPROTO_TCP, libc::TCP_KEEPIDLE, self.keepalive.time);
            if self.keepalive.interval > 0 {
                set(libc::IPPROTO_TCP, libc::TCP_KEEPINTVL, self.keepalive.interval);
            }
            if self.keepalive.probes > 0 {
                set(libc::IPPROTO_TCP, libc::TCP_KEEPCNT, self.keepalive.probes);
            }
        }
    }
}

/// A connection and what tells it from later ones of its slot.
fn with_ticket(connection: *const Connection) -> (*const Connection, u32) {
    // SAFETY: slots live as long as their context.
    (connection, unsafe { (*connection).ticket().0 })
}

/// The connection, if it is still the one that the number was taken of.
fn revisit<'a>(entry: (*const Connection, u32)) -> Option<&'a Connection> {
    // SAFETY: slots live as long as their context, which every caller holds.
    let connection = unsafe { &*entry.0 };
    connection.is(super::connection::Ticket(entry.1)).then_some(connection)
}
