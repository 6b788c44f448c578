//! A connection: `struct libwebsocket`, from accept or connect to its end.
//!
//! All state is in cells, because the program's callbacks call the library again: nothing is borrowed while one runs,
//! and whatever is known of the connection before a callback is asked anew behind it. A [`Ticket`] says whether it is
//! still the same connection.
//!
//! [`call`] runs callbacks, [`server`] and [`client`] do the two handshakes, [`receive`] and [`send`] move WebSocket
//! frames, [`http`] serves files, [`flow`] holds input back, [`close`] ends it all, [`hooks`] asks extensions.

mod arena;
mod call;
mod client;
mod close;
mod flow;
mod hooks;
mod http;
mod negotiate;
mod queue;
mod receive;
mod secure;
mod send;
mod server;
mod service;

pub use arena::{Arena, Ticket};
pub use client::Request;
pub use secure::Role;

use super::Failure;
use super::context::{Context, Note};
use super::extension::{MAX_ACTIVE as MAX_EXTENSIONS, POST_PADDING, PRE_PADDING, PerMessageDeflate};
use super::http::{Head, Parser, Transfer};
use super::types::{libwebsocket, libwebsocket_extension, libwebsocket_protocols};
use crate::net::tls;
use crate::trace;
use crate::websocket::utf8;
use queue::Queue;
use std::cell::{Cell, RefCell};
use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

/// Where in its life a connection is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Phase {
    /// The slot is vacant.
    Vacant,
    /// It accepts others.
    Listener,
    /// A server's TLS handshake.
    TlsAccept,
    /// A server's HTTP connection: a head is coming, a request is being answered, or nothing happens.
    Http,
    /// A server's HTTP connection that ends as soon as the last of its output has gone.
    Draining,
    /// An extension connects in our place.
    ExtensionConnect,
    /// The name of a client's peer is being looked up.
    Resolving,
    /// A client's TCP connection is under way.
    Connecting,
    /// A client waits for a proxy's word.
    ProxyReply,
    /// A client's TLS handshake.
    TlsConnect,
    /// A client waits for the reply to its request.
    Reply,
    /// WebSocket.
    Established,
    /// WebSocket, and our close frame is out.
    AwaitingCloseAck,
    /// WebSocket, and the closing handshake is done.
    ReturnedClose,
    /// It is being taken apart.
    Closing,
}

/// Why processing stops here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stop {
    /// The connection has gone meanwhile: nothing of it may be touched.
    Gone,
    /// It is to be closed without a word.
    Close,
    /// The peer broke the protocol: it is to be closed with a close frame that says so.
    Fail(Failure),
}

/// The frame that is being received.
#[derive(Clone, Copy, Debug, Default)]
pub struct Frame {
    /// Its header has been seen, its end has not.
    pub open: bool,
    /// It ends its message.
    pub fin: bool,
    /// Three reserved bits, RSV1 the highest.
    pub rsv: u8,
    /// Four bits.
    pub opcode: u8,
    /// The masking key, if there is one.
    pub mask: Option<[u8; 4]>,
    /// How much of its payload has come.
    pub offset: u64,
    /// How much of its payload has yet to come.
    pub remaining: u64,
}

/// The message that is being received.
#[derive(Clone, Copy, Debug, Default)]
pub struct Message {
    /// A frame that does not end it has come.
    pub open: bool,
    /// Its first frame was a text frame.
    pub text: bool,
    /// Payload so far, as framed.
    pub length: u64,
    /// Payload so far, decompressed.
    pub inflated: u64,
    /// Checks its text.
    pub utf8: utf8::Validator,
}

/// What only a handshake needs.
pub struct Handshake {
    pub parser: Parser,
    pub head: Head,
    /// What a client has yet to say or expects.
    pub client: Option<client::Pending>,
    /// What a proxy has said so far.
    pub proxy: Vec<u8>,
}

impl Handshake {
    /// Of a server that waits for a request.
    pub fn of_server() -> Self {
        Self { parser: Parser::request(), head: Head::new(), client: None, proxy: Vec::new() }
    }

    /// As new, but for its memory.
    pub fn renew(&mut self) {
        self.parser = Parser::request();
        self.head.clear();
        self.client = None;
        self.proxy = Vec::new();
    }
}

/// An extension that a connection uses.
#[derive(Clone, Copy, Debug)]
pub struct Active {
    pub extension: *mut libwebsocket_extension,
    /// Its memory for this connection.
    pub block: *mut c_void,
}

/// A connection. See the module.
pub struct Connection {
    generation: AtomicU32,
    context: Cell<*const Context>,
    phase: Cell<Phase>,
    client: Cell<bool>,
    fd: Cell<c_int>,
    /// What the kernel's set waits for; `None` when it is not in there.
    armed: Cell<Option<u32>>,
    /// The program's own poll loops believe that we wait for room to write.
    told_write: Cell<bool>,
    /// They believe that we do not wait for input.
    told_waits: Cell<bool>,
    /// In the context's table.
    pub position: Cell<usize>,
    /// Among the connections of its protocol.
    pub peer_position: Cell<usize>,
    protocol: Cell<*mut libwebsocket_protocols>,
    user: Cell<*mut c_void>,

    /// Callbacks that run on it, and the engine's call they belong to.
    running: Cell<u32>,
    running_in: Cell<u64>,
    /// To be closed with this status as soon as no callback runs on it.
    doomed: Cell<Option<c_int>>,
    /// The status that the next close frame carries.
    close_status: Cell<c_int>,
    /// A client was promised to its program, which has to hear of its failure.
    promised: Cell<bool>,

    /// A writeable callback is wanted.
    wants_write: Cell<bool>,
    /// It waits to be served although the kernel has nothing to tell of it.
    pub queued: Cell<bool>,
    /// Another thread, or a handler, has asked for a writeable callback. Of the slot, whoever is in it.
    pub note: Note,
    /// Its turn to be asked for one has yet to come, among all of its protocol.
    pub due: Cell<bool>,
    /// Input may be processed.
    flow_on: Cell<bool>,
    /// What the program wishes that to become.
    flow_wish: Cell<Option<bool>>,
    /// The peer will send no more; what it has sent is not all processed.
    peer_gone: Cell<bool>,
    /// The peer has broken the connection off: neither direction can be shut down any more.
    broken: Cell<bool>,

    /// When it is to be closed, in the context's milliseconds; 0 for never.
    pub deadline: Cell<u64>,
    /// The earliest entry for it among the context's timers; 0 for none.
    pub timer: Cell<u64>,

    frame: Cell<Frame>,
    message: Cell<Message>,
    /// The engine's call in which bytes of its input wait behind those that a callback is told of; 0 for none.
    behind_in: Cell<u64>,
    binary: Cell<bool>,
    /// The data frame that is being received is compressed.
    inflating: Cell<bool>,
    /// The extension has more of the chunk that is being delivered.
    more_output: Cell<bool>,
    /// The frame that is being sent: opcode, and whether it ends its message.
    sending: Cell<(u8, bool)>,
    header: Cell<[u8; 14]>,
    header_length: Cell<u8>,
    partial: RefCell<Vec<u8>>,
    /// Input that has been read and may not be processed yet, behind the room that input has before it. Boxed, because
    /// few connections have any.
    #[expect(clippy::box_collection, reason = "idle connections are to be small")]
    stash: RefCell<Option<Box<Vec<u8>>>>,
    output: RefCell<Option<Box<Queue>>>,
    /// Extensions hold output back for want of room.
    spilling: Cell<bool>,

    handshake: RefCell<Option<Box<Handshake>>>,
    transfer: RefCell<Option<Box<Transfer>>>,
    active: Cell<[Option<Active>; MAX_EXTENSIONS]>,
    has_active: Cell<bool>,
    /// permessage-deflate, when that was agreed on.
    deflate: RefCell<Option<Box<PerMessageDeflate>>>,
    tls: RefCell<Option<Box<tls::Session<tls::Socket>>>>,
    uses_tls: Cell<bool>,
    /// TLS waits for room to write, whatever the operation.
    tls_wants_write: Cell<bool>,

    /// In the trace.
    told: Cell<trace::Connection>,
}

impl Connection {
    /// A vacant slot.
    pub fn vacant() -> Self {
        Self {
            generation: AtomicU32::new(0),
            context: Cell::new(ptr::null()),
            phase: Cell::new(Phase::Vacant),
            client: Cell::new(false),
            fd: Cell::new(-1),
            armed: Cell::new(None),
            told_write: Cell::new(false),
            told_waits: Cell::new(false),
            position: Cell::new(usize::MAX),
            peer_position: Cell::new(usize::MAX),
            protocol: Cell::new(ptr::null_mut()),
            user: Cell::new(ptr::null_mut()),
            running: Cell::new(0),
            running_in: Cell::new(0),
            doomed: Cell::new(None),
            close_status: Cell::new(0),
            promised: Cell::new(false),
            wants_write: Cell::new(false),
            queued: Cell::new(false),
            note: Note::new(),
            due: Cell::new(false),
            flow_on: Cell::new(true),
            flow_wish: Cell::new(None),
            peer_gone: Cell::new(false),
            broken: Cell::new(false),
            deadline: Cell::new(0),
            timer: Cell::new(0),
            frame: Cell::new(Frame::default()),
            message: Cell::new(Message::default()),
            behind_in: Cell::new(0),
            binary: Cell::new(false),
            inflating: Cell::new(false),
            more_output: Cell::new(false),
            sending: Cell::new((0, true)),
            header: Cell::new([0; 14]),
            header_length: Cell::new(0),
            partial: RefCell::new(Vec::new()),
            stash: RefCell::new(None),
            output: RefCell::new(None),
            spilling: Cell::new(false),
            handshake: RefCell::new(None),
            transfer: RefCell::new(None),
            active: Cell::new([None; MAX_EXTENSIONS]),
            has_active: Cell::new(false),
            deflate: RefCell::new(None),
            tls: RefCell::new(None),
            uses_tls: Cell::new(false),
            tls_wants_write: Cell::new(false),
            told: Cell::new(trace::Connection::new()),
        }
    }

    /// Moves a new connection into the slot. Everything else is as in a vacant one.
    pub fn occupy(&self, context: &Context, phase: Phase, fd: c_int) {
        // A ticket for the vacant slot is not one for it.
        self.generation.fetch_add(1, Ordering::Relaxed);
        self.context.set(context);
        self.phase.set(phase);
        self.fd.set(fd);
        self.client.set(self.is_shaking_hands());
    }

    /// Moves out: the slot is as vacant as a new one, and tickets for it are void.
    fn vacate(&self) {
        self.generation.fetch_add(1, Ordering::Relaxed);
        self.phase.set(Phase::Vacant);
        self.client.set(false);
        self.fd.set(-1);
        self.armed.set(None);
        self.told_write.set(false);
        self.told_waits.set(false);
        self.protocol.set(ptr::null_mut());
        self.user.set(ptr::null_mut());
        self.running.set(0);
        self.doomed.set(None);
        self.close_status.set(0);
        self.promised.set(false);
        self.wants_write.set(false);
        self.queued.set(false);
        self.due.set(false);
        self.flow_on.set(true);
        self.flow_wish.set(None);
        self.peer_gone.set(false);
        self.broken.set(false);
        self.deadline.set(0);
        self.timer.set(0);
        self.frame.set(Frame::default());
        self.message.set(Message::default());
        self.behind_in.set(0);
        self.binary.set(false);
        self.inflating.set(false);
        self.more_output.set(false);
        self.header_length.set(0);
        self.partial.take();
        self.stash.take();
        self.output.take();
        self.spilling.set(false);
        self.handshake.take();
        self.transfer.take();
        self.active.set([None; MAX_EXTENSIONS]);
        self.has_active.set(false);
        self.deflate.take();
        self.tls.take();
        self.uses_tls.set(false);
        self.tls_wants_write.set(false);
        self.told.take();
    }

    /// The connection behind a handle; `None` for NULL and for one that has ended.
    ///
    /// # Safety
    /// The handle is NULL or was given out by a context that still lives.
    #[inline]
    pub unsafe fn from_handle<'a>(handle: *mut libwebsocket) -> Option<&'a Self> {
        // SAFETY: a slot stays a slot while its context lives, and is only ever shared.
        unsafe { handle.cast::<Self>().as_ref() }.filter(|connection| connection.phase.get() != Phase::Vacant)
    }

    /// The pointer by which the program knows it.
    #[inline]
    pub fn handle(&self) -> *mut libwebsocket {
        ptr::from_ref(self).cast_mut().cast()
    }

    /// Its context.
    #[inline]
    pub fn context(&self) -> &Context {
        // SAFETY: a connection is made by its context and does not outlive it.
        unsafe { &*self.context.get() }
    }

    /// Tells this connection from later ones of the slot.
    #[inline]
    pub fn ticket(&self) -> Ticket {
        Ticket(self.generation.load(Ordering::Relaxed))
    }

    /// The ticket of a slot, for other threads than the one that serves it.
    ///
    /// # Safety
    /// A slot whose context lives.
    pub unsafe fn ticket_of(connection: *const Self) -> Ticket {
        // SAFETY: as promised by the caller; the number is atomic.
        Ticket(unsafe { &(*connection).generation }.load(Ordering::Relaxed))
    }

    /// Whether it is still the connection that the ticket was for, and not about to go.
    #[inline]
    pub fn is(&self, ticket: Ticket) -> bool {
        self.generation.load(Ordering::Relaxed) == ticket.0
            && !matches!(self.phase.get(), Phase::Closing | Phase::Vacant)
    }

    /// [`Stop::Gone`] unless it is.
    #[inline]
    pub fn still(&self, ticket: Ticket) -> Result<(), Stop> {
        if self.is(ticket) { Ok(()) } else { Err(Stop::Gone) }
    }

    pub fn phase(&self) -> Phase {
        self.phase.get()
    }

    /// Whether it is our client's.
    pub fn is_client(&self) -> bool {
        self.client.get()
    }

    pub fn fd(&self) -> c_int {
        self.fd.get()
    }

    /// The entry of the program's table; NULL for a listener.
    #[inline]
    pub fn protocol(&self) -> *mut libwebsocket_protocols {
        self.protocol.get()
    }

    /// Gives it a protocol of the context's table.
    pub fn set_protocol(&self, protocol: *mut libwebsocket_protocols) {
        let context = self.context();
        context.leave_protocol(self);
        self.protocol.set(protocol);
        context.join_protocol(self);
    }

    /// The program's memory for it.
    #[inline]
    pub fn user(&self) -> *mut c_void {
        self.user.get()
    }

    /// Lets the program's own memory take the place of the block that was not made yet.
    pub fn set_user(&self, user: *mut c_void) {
        self.user.set(user);
    }

    /// Makes the block that its protocol asks for, zeroed, unless there is one. False when memory is exhausted.
    pub fn ensure_user(&self) -> bool {
        let protocol = self.protocol.get();
        if protocol.is_null() {
            return false;
        }
        // SAFETY: an entry of the program's table, which outlives the context.
        let size = unsafe { (*protocol).per_session_data_size };
        if size == 0 || !self.user.get().is_null() {
            return true;
        }
        match crate::ffi::alloc::calloc(size) {
            Some(block) => {
                self.user.set(block.as_ptr());
                true
            }
            None => false,
        }
    }

    /// Whether the last text or binary frame was a binary one.
    pub fn is_binary(&self) -> bool {
        self.binary.get()
    }

    /// The frame that is being received.
    pub fn frame(&self) -> Frame {
        self.frame.get()
    }

    /// What of the frame at hand has yet to be delivered.
    pub fn remaining_payload(&self) -> u64 {
        // What an extension holds back belongs to the frame: a program must not take it for complete.
        self.frame.get().remaining.max(u64::from(self.more_output.get()))
    }

    /// The extensions it uses.
    #[inline]
    pub fn active(&self) -> impl Iterator<Item = Active> + use<> {
        self.active.get().into_iter().flatten()
    }

    /// The handshake, or the head of a request, is done with.
    fn end_handshake(&self) {
        if let Some(handshake) = self.handshake.take() {
            self.context().keep_handshake(handshake);
        }
    }

    /// Reads the values of the head that is at hand; `None` when there is none.
    pub fn with_head<T>(&self, body: impl FnOnce(&Head) -> T) -> Option<T> {
        self.handshake.borrow().as_deref().map(|handshake| body(&handshake.head))
    }

    /// The connection in the trace.
    fn with_told(&self, body: impl FnOnce(&trace::Connection)) {
        let told = self.told.take();
        body(&told);
        self.told.set(told);
    }
}
