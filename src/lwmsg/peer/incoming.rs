//! The callee's side of a call over a socket.

use super::connection::Connection;
use super::dispatch::{Entry, Handler};
use super::pool::Job;
use crate::lwmsg::call::Head;
use crate::lwmsg::context::place;
use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::exchange::callee::{Callee, Step};
use crate::lwmsg::payload::{Codec, is_about_payload};
use crate::lwmsg::session::Session;
use crate::lwmsg::types::*;
use crate::lwmsg::wire::{Cost, Envelope, Outbound};
use crate::trace::Direction;
use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::fmt;
use std::ptr;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Instant;

/// What `LWMsgCall` points to, in a handler.
#[repr(C)]
pub struct IncomingCall {
    head: Head,
    me: Weak<Self>,
    connection: Arc<Connection>,
    cookie: LWMsgCookie,
    tag: LWMsgTag,
    /// What it holds while it waits for a thread.
    cost: Cost,
    callee: Callee<Cancel>,
    entry: OnceLock<(Arc<Entry>, Handler)>,
    /// The handler's, until it has returned; then those of whoever replies, who is one.
    params: UnsafeCell<Params>,
}

/// Input and output of a handler.
struct Params {
    input: LWMsgParams,
    output: LWMsgParams,
}

// SAFETY: the parameters are used by one thread at a time: the handler's, then the one that got `Step::Reply`.
unsafe impl Send for IncomingCall {}
// SAFETY: as above.
unsafe impl Sync for IncomingCall {}

impl fmt::Debug for IncomingCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingCall").field("cookie", &self.cookie).finish_non_exhaustive()
    }
}

/// A cancel function of the program's.
#[derive(Clone, Copy, Debug)]
pub struct Cancel {
    function: unsafe extern "C-unwind" fn(*mut LWMsgCall, *mut c_void),
    data: *mut c_void,
}

impl Cancel {
    /// What `lwmsg_call_pend` was given; `None` without a function.
    pub fn new(function: LWMsgCancelFunction, data: *mut c_void) -> Option<Self> {
        function.map(|function| Self { function, data })
    }

    /// Calls it.
    ///
    /// # Safety
    /// The call is live, and the function has the type it was passed with.
    pub unsafe fn call(self, call: *mut LWMsgCall) {
        // SAFETY: as promised by the caller.
        unsafe { (self.function)(call, self.data) }
    }
}

// SAFETY: the program said that any thread may call it.
unsafe impl Send for Cancel {}
// SAFETY: as above.
unsafe impl Sync for Cancel {}

/// A number for the calling thread.
pub fn thread_number() -> u64 {
    thread_local! {
        static MARK: u8 = const { 0 };
    }
    MARK.with(|mark| (&raw const *mark).addr() as u64)
}

const NOTHING: LWMsgParams = LWMsgParams { tag: LWMSG_TAG_INVALID, data: ptr::null_mut() };

impl IncomingCall {
    /// A call for a request that arrived.
    pub fn new(connection: Arc<Connection>, request: &LWMsgMessage, cost: Cost) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            head: Head::of_incoming(),
            me: me.clone(),
            connection,
            cookie: request.cookie,
            tag: request.tag,
            cost,
            callee: Callee::default(),
            entry: OnceLock::new(),
            params: UnsafeCell::new(Params {
                input: LWMsgParams { tag: request.tag, data: request.data },
                output: NOTHING,
            }),
        })
    }

    /// The number of the request's message.
    pub fn tag(&self) -> LWMsgTag {
        self.tag
    }

    fn as_ptr(&self) -> *mut LWMsgCall {
        self.me.as_ptr().cast_mut().cast()
    }

    /// The session with the caller.
    pub fn session(&self) -> Arc<Session> {
        self.connection.session().clone()
    }

    /// The handler for the request, or the status that answers it.
    fn find(&self, request: &LWMsgMessage) -> Result<(Arc<Entry>, Handler)> {
        if request.flags & message_flag::SYNTHETIC != 0 {
            return Err(Status(request.status));
        }
        let entry = self.connection.peer().dispatch.find(request.tag)?;
        Ok((entry.clone(), entry.function()?))
    }

    /// Runs the handler here, or has it run.
    pub fn dispatch(self: &Arc<Self>, request: &LWMsgMessage) {
        let found = match self.find(request) {
            Ok(found) => found,
            Err(status) => return self.refuse(status),
        };
        let quick = found.0.is_quick();
        // Nobody else sets it: the call is new.
        let _ = self.entry.set(found);
        let peer = self.connection.peer();
        if let Some(trace) = peer.hooks.get() {
            // SAFETY: call and parameters live through the call; nobody else uses the parameters yet.
            peer.outside(|| unsafe { trace.begin(self.as_ptr(), &raw const (*self.params.get()).input) });
        }
        if quick {
            self.handle();
        } else {
            self.connection.request_waits(self.cost);
            peer.run(self.clone());
        }
    }

    /// Answers without a handler.
    fn refuse(&self, status: Status) {
        let step = self.callee.returned_status(status.0);
        self.act(step);
    }

    fn handle(&self) {
        let Some((entry, function)) = self.entry.get() else { return };
        let peer = self.connection.peer();
        let data = peer.dispatch_data();
        let begin = Instant::now();
        let status = peer.outside(|| {
            let params = self.params.get();
            // SAFETY: the function is a handler; the parameters are its until it returns.
            unsafe { function(self.as_ptr(), &raw const (*params).input, &raw mut (*params).output, data) }
        });
        entry.ran(begin.elapsed());
        let step = match Status(status) {
            Status::PENDING => self.callee.returned(thread_number()),
            _ => self.callee.returned_status(status),
        };
        self.act(step);
    }

    /// Does what the state of the call asks for, until it asks for nothing.
    fn act(&self, mut step: Step<Cancel>) {
        loop {
            match step {
                Step::Nothing => return,
                Step::Reply(status) => return self.reply(Status(status)),
                Step::Cancel(cancel) => {
                    // SAFETY: the call lives through this; the function has the type it was passed with.
                    self.connection.peer().outside(|| unsafe { cancel.call(self.as_ptr()) });
                    step = self.callee.cancel_ran();
                }
            }
        }
    }

    /// The handler will return PENDING.
    pub fn pend(&self, cancel: LWMsgCancelFunction, data: *mut c_void) {
        self.callee.pend(Cancel::new(cancel, data));
    }

    /// The program completes the call.
    pub fn complete(&self, status: Status) {
        // In a forked child the call is the parent's, and so is the socket.
        if self.connection.peer().check_process().is_err() {
            return;
        }
        // The connection lets go of the call when it is answered.
        let Some(me) = self.me.upgrade() else { return };
        let step = me.callee.complete(status.0, thread_number());
        me.act(step);
    }

    /// The caller gave up, or the connection ends.
    pub fn cancelled(&self, message: Option<&LWMsgMessage>) {
        if let Some(message) = message {
            // SAFETY: the message has no payload.
            unsafe { self.connection.record(Direction::Received, false, message) };
        }
        let step = self.callee.cancel(thread_number());
        self.act(step);
    }

    fn reply(&self, status: Status) {
        let peer = self.connection.peer();
        // SAFETY: only the thread that got `Step::Reply` is here, and the handler has returned.
        let params = unsafe { &mut *self.params.get() };
        if self.entry.get().is_some()
            && let Some(trace) = peer.hooks.get()
        {
            // SAFETY: call and parameters live through the call.
            peer.outside(|| unsafe { trace.end(self.as_ptr(), &raw const params.output, status) });
        }
        // Another call may use the cookie as soon as the caller has the reply.
        self.connection.incoming_answered(self.cookie);
        let (input, output) =
            (std::mem::replace(&mut params.input, NOTHING), std::mem::replace(&mut params.output, NOTHING));
        // The program's types have functions, and handles have cleanup functions.
        peer.outside(|| {
            let Ok(codec) = self.connection.codec() else { return };
            let reply = self.connection.ended().is_none().then(|| self.encode_reply(&codec, status, output));
            // A handle that the handler has unregistered lives as long as the input that it came in: what a caller has
            // closed is gone when it has the reply.
            // SAFETY: the input was decoded by us for this message; nobody uses it any more, the reply holds copies.
            let _ = unsafe { codec.destroy(input.tag, input.data) };
            if let Some(reply) = reply {
                let flush = self.connection.send(reply);
                self.connection.see_to(flush);
            }
            // SAFETY: the handler made it for this message, and nobody uses it any more. What is wrong with it was told
            // when it was encoded.
            let _ = unsafe { codec.destroy(output.tag, output.data) };
        });
        self.connection.ran();
    }

    fn encode_reply(&self, codec: &Codec<'_>, status: Status, output: LWMsgParams) -> Outbound {
        let message = LWMsgMessage {
            flags: message_flag::REPLY,
            status: status.0,
            cookie: self.cookie,
            tag: output.tag,
            data: output.data,
            reserved1: 0,
        };
        let envelope = Envelope {
            flags: message_flag::REPLY as u8,
            status: status.0,
            cookie: self.cookie,
            tag: output.tag,
        };
        // SAFETY: the handler vouches for its output.
        let reply = unsafe { codec.encode(envelope, output.data) }.unwrap_or_else(|error| {
            let context = self.connection.peer().context;
            let id = self.connection.session().id();
            let text =
                format_args!("(session:{id} >> {}) Response payload could not be sent: {error}", self.cookie);
            context.log(log_level::WARNING, text, place!());
            let error = if is_about_payload(error) { error } else { Status::MALFORMED };
            let flags = (message_flag::REPLY | message_flag::SYNTHETIC) as u8;
            Outbound::empty(Envelope { flags, status: error.0, cookie: self.cookie, tag: LWMSG_TAG_INVALID })
        });
        // SAFETY: as above.
        unsafe { self.connection.record(Direction::Sent, false, &message) };
        reply
    }

    /// Frees parameters of the program's choice with the call's memory functions.
    ///
    /// # Safety
    /// The parameters have such a payload, and are not used again.
    pub unsafe fn destroy_params(&self, params: &mut LWMsgParams) -> Result<()> {
        // SAFETY: as promised by the caller.
        unsafe { self.connection.codec()?.destroy(params.tag, params.data)? }
        *params = NOTHING;
        Ok(())
    }
}

impl Job for IncomingCall {
    fn run(self: Arc<Self>) {
        self.connection.request_begins(self.cost);
        self.handle();
        self.connection.peer().job_done();
    }
}
