//! The state of one end of a connection, its settings and its answers to questions.

use super::super::error::{Error, WOULD_BLOCK};
use super::super::frame::{Receiver, Sender};
use super::super::types::{wslay_event_callbacks, wslay_event_context_ptr, wslay_event_msg_source};
use super::message::{Message, Slot};
use super::send::Queue;
use crate::ffi::alloc;
use crate::ffi::handle::CallDepth;
use crate::trace;
use crate::websocket::{close, frame};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ffi::{c_int, c_void};
use std::mem::offset_of;
use std::ptr::NonNull;

/// The longest message accepted unless the program says otherwise, in bytes.
const MAX_MESSAGE: u64 = (1 << 31) - 1;

/// `close_status`: the peer's close frame has been received.
const CLOSE_RECEIVED: u8 = 1;
/// `close_status`: our close frame has been queued.
const CLOSE_QUEUED: u8 = 2;
/// `close_status`: our close frame has been sent.
const CLOSE_SENT: u8 = 4;

/// `config`: payload of data messages is not stored.
const NO_BUFFERING: u32 = 1;

/// Which end of the connection a context is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Role {
    Client = 0,
    Server = 1,
}

/// One end of a connection.
///
/// The leading members stand where programs have been seen to look for them, though the type was never
/// public.
#[repr(C)]
pub struct Context {
    config: Cell<u32>,
    pub(super) max_recv_msg_length: Cell<u64>,
    pub(super) role: Role,
    close_status: Cell<u8>,
    pub(super) status_code_recv: Cell<u16>,
    pub(super) status_code_sent: Cell<u16>,
    _frame_context: Cell<*const c_void>,
    pub(super) read_enabled: Cell<bool>,
    pub(super) write_enabled: Cell<bool>,

    pub(in super::super) callbacks: Cell<wslay_event_callbacks>,
    pub(in super::super) user_data: *mut c_void,
    pub(super) error: Cell<c_int>,
    pub(super) allowed_rsv: Cell<u8>,

    pub(super) receiving: CallDepth,
    pub(super) sending: CallDepth,
    pub(super) dead: Cell<bool>,

    pub(super) receiver: Receiver,
    pub(super) data: Slot,
    pub(super) control: Slot,

    pub(super) sender: Sender,
    /// The queue whose first message is being sent.
    pub(super) begun: Cell<Option<Queue>>,
    pub(super) data_queue: RefCell<VecDeque<Message>>,
    pub(super) control_queue: RefCell<VecDeque<Message>>,
    pub(super) queued_count: Cell<usize>,
    pub(super) queued_length: Cell<usize>,
    /// How many of the queued messages answer pings.
    pub(super) answers: Cell<usize>,
    /// How much of the payload of the present frame is sent.
    pub(super) frame_sent: Cell<usize>,
    /// The source of the fragmented message that is being sent.
    pub(super) source: Cell<wslay_event_msg_source>,
    /// A frame of it, as read from there, and its length.
    pub(super) fragment: RefCell<Vec<u8>>,
    pub(super) fragment_length: Cell<usize>,
    pub(in super::super) traced: trace::Connection,
}

const _: () = assert!(offset_of!(Context, max_recv_msg_length) == 8);
const _: () = assert!(offset_of!(Context, role) == 16);
const _: () = assert!(offset_of!(Context, close_status) == 17);
const _: () = assert!(offset_of!(Context, status_code_recv) == 18);
const _: () = assert!(offset_of!(Context, status_code_sent) == 20);
const _: () = assert!(offset_of!(Context, _frame_context) == 24);
const _: () = assert!(offset_of!(Context, read_enabled) == 32);
const _: () = assert!(offset_of!(Context, write_enabled) == 33);

impl Context {
    /// A context for a new connection, from the C allocator.
    ///
    /// # Errors
    /// [`Error::NoMemory`].
    pub fn create(
        role: Role,
        callbacks: wslay_event_callbacks,
        user_data: *mut c_void,
    ) -> Result<NonNull<Self>, Error> {
        alloc::new_value(Self {
            config: Cell::new(0),
            max_recv_msg_length: Cell::new(MAX_MESSAGE),
            role,
            close_status: Cell::new(0),
            status_code_recv: Cell::new(close::ABNORMAL),
            status_code_sent: Cell::new(close::ABNORMAL),
            _frame_context: Cell::new(std::ptr::null()),
            read_enabled: Cell::new(true),
            write_enabled: Cell::new(true),
            callbacks: Cell::new(callbacks),
            user_data,
            error: Cell::new(0),
            allowed_rsv: Cell::new(0),
            receiving: CallDepth::new(),
            sending: CallDepth::new(),
            dead: Cell::new(false),
            receiver: Receiver::new(),
            data: Slot::new(),
            control: Slot::new(),
            sender: Sender::new(),
            begun: Cell::new(None),
            data_queue: RefCell::new(VecDeque::new()),
            control_queue: RefCell::new(VecDeque::new()),
            queued_count: Cell::new(0),
            queued_length: Cell::new(0),
            answers: Cell::new(0),
            frame_sent: Cell::new(0),
            source: Cell::new(wslay_event_msg_source { data: std::ptr::null_mut() }),
            fragment: RefCell::new(Vec::new()),
            fragment_length: Cell::new(0),
            traced: trace::Connection::new(),
        })
        .ok_or(Error::NoMemory)
    }

    /// The pointer by which the program knows the context.
    #[inline]
    pub fn handle(&self) -> wslay_event_context_ptr {
        std::ptr::from_ref(self).cast_mut().cast()
    }

    pub fn set_callbacks(&self, callbacks: wslay_event_callbacks) {
        self.callbacks.set(callbacks);
    }

    /// Only RSV1 can ever be allowed; the other bits have no meaning that a program could give them.
    pub fn set_allowed_rsv_bits(&self, rsv: u8) {
        self.allowed_rsv.set(rsv & frame::RSV1);
    }

    pub fn set_no_buffering(&self, on: bool) {
        let config = self.config.get();
        self.config.set(if on { config | NO_BUFFERING } else { config & !NO_BUFFERING });
    }

    pub fn set_max_recv_msg_length(&self, length: u64) {
        self.max_recv_msg_length.set(length);
    }

    pub fn set_error(&self, error: c_int) {
        self.error.set(error);
    }

    pub fn shutdown_read(&self) {
        self.read_enabled.set(false);
    }

    pub fn shutdown_write(&self) {
        self.write_enabled.set(false);
    }

    pub fn wants_read(&self) -> bool {
        self.read_enabled.get()
    }

    pub fn wants_write(&self) -> bool {
        self.write_enabled.get() && self.has_output()
    }

    pub fn write_enabled(&self) -> bool {
        self.write_enabled.get()
    }

    pub fn close_received(&self) -> bool {
        self.close_status.get() & CLOSE_RECEIVED != 0
    }

    pub fn close_sent(&self) -> bool {
        self.close_status.get() & CLOSE_SENT != 0
    }

    pub fn status_code_received(&self) -> u16 {
        self.status_code_recv.get()
    }

    pub fn status_code_sent(&self) -> u16 {
        self.status_code_sent.get()
    }

    pub fn queued_count(&self) -> usize {
        self.queued_count.get()
    }

    pub fn queued_length(&self) -> usize {
        self.queued_length.get()
    }

    pub(super) fn no_buffering(&self) -> bool {
        self.config.get() & NO_BUFFERING != 0
    }

    pub(super) fn has_output(&self) -> bool {
        !self.control_queue.borrow().is_empty() || !self.data_queue.borrow().is_empty()
    }

    pub(super) fn close_queued(&self) -> bool {
        self.close_status.get() & CLOSE_QUEUED != 0
    }

    pub(super) fn set_close_queued(&self) {
        self.close_status.set(self.close_status.get() | CLOSE_QUEUED);
    }

    pub(super) fn set_close_received(&self, code: u16) {
        self.close_status.set(self.close_status.get() | CLOSE_RECEIVED);
        self.status_code_recv.set(code);
    }

    pub(super) fn set_close_sent(&self, code: u16) {
        self.close_status.set(self.close_status.get() | CLOSE_SENT);
        self.status_code_sent.set(code);
    }

    /// Whether "no progress" means failure: the program has said so with another error than would-block.
    pub(super) fn is_failed(&self) -> bool {
        !matches!(self.error.get(), 0 | WOULD_BLOCK)
    }

    /// Stops everything: the context was freed from within one of its callbacks.
    pub(super) fn abandon(&self) {
        self.dead.set(true);
        self.read_enabled.set(false);
        self.write_enabled.set(false);
        self.callbacks.set(wslay_event_callbacks {
            recv_callback: None,
            send_callback: None,
            genmask_callback: None,
            on_frame_recv_start_callback: None,
            on_frame_recv_chunk_callback: None,
            on_frame_recv_end_callback: None,
            on_msg_recv_callback: None,
        });
    }
}
