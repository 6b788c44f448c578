//! The caller's side of a call over a socket.

use super::connection::Connection;
use super::pool;
use crate::ffi::afterwards::Afterwards;
use crate::lwmsg::call::{Completion, Head};
use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::exchange::caller::Caller;
use crate::lwmsg::exchange::outbox::Flush;
use crate::lwmsg::exchange::sync::lock;
use crate::lwmsg::session::Session;
use crate::lwmsg::types::*;
use crate::lwmsg::wire::{Envelope, Outbound};
use crate::trace::Direction;
use std::fmt;
use std::ptr;
use std::sync::{Arc, Mutex, Weak};

/// What `LWMsgCall` points to, for a caller.
#[repr(C)]
pub struct OutgoingCall {
    head: Head,
    me: Weak<Self>,
    connection: Arc<Connection>,
    caller: Caller,
    round: Mutex<Round>,
}

/// What belongs to one use of the handle.
#[derive(Clone, Copy)]
struct Round {
    input: *const LWMsgParams,
    output: *mut LWMsgParams,
    completion: Option<Completion>,
    /// The request has been queued, with this cookie.
    sent: Option<LWMsgCookie>,
    cancelled: bool,
}

// SAFETY: the parameters are the caller's, who said that they live until completion, and uses them before and after.
unsafe impl Send for Round {}

impl fmt::Debug for OutgoingCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingCall").field("connection", &self.connection).finish_non_exhaustive()
    }
}

impl OutgoingCall {
    /// A handle for calls on a connection. It owns one reference.
    pub fn acquire(connection: Arc<Connection>) -> *mut LWMsgCall {
        let round = Round {
            input: ptr::null(),
            output: ptr::null_mut(),
            completion: None,
            sent: None,
            cancelled: false,
        };
        let call = Arc::new_cyclic(|me| Self {
            head: Head::of_outgoing(),
            me: me.clone(),
            connection,
            caller: Caller::default(),
            round: Mutex::new(round),
        });
        Arc::into_raw(call).cast_mut().cast()
    }

    /// Gives the handle back. A call in progress goes on, and its completion function still runs.
    ///
    /// # Safety
    /// The handle was acquired, and not released before.
    pub unsafe fn release(call: *const Self) {
        // SAFETY: the owner that `acquire` gave out, by the pointer that the owners share. Nothing is borrowed: the
        // call may be freed.
        drop(unsafe { Arc::from_raw((*call).me.as_ptr()) });
    }

    /// One more owner.
    pub fn arc(&self) -> Arc<Self> {
        self.me.upgrade().expect("borrowed, so alive")
    }

    fn as_ptr(&self) -> *mut LWMsgCall {
        self.me.as_ptr().cast_mut().cast()
    }

    /// The session it is a call of.
    pub fn session(&self) -> Arc<Session> {
        self.connection.session().clone()
    }

    /// Whether no call is in progress.
    pub fn is_settled(&self) -> bool {
        self.caller.is_settled()
    }

    /// Whether a function is to be called at the end.
    pub fn has_completion(&self) -> bool {
        lock(&self.round).completion.is_some()
    }

    /// Waits for the end of the call in progress.
    pub fn wait_settled(&self) {
        self.caller.wait();
    }

    /// See `lwmsg_call_wait`.
    pub fn wait(&self) -> Result<()> {
        self.connection.peer().check_process()?;
        pool::about_to_wait();
        Status(self.caller.wait()).result()
    }

    /// See `lwmsg_call_dispatch`.
    ///
    /// # Safety
    /// Input and output are live until the call is complete, and the input is what the protocol says.
    pub unsafe fn dispatch(
        &self,
        input: *const LWMsgParams,
        output: *mut LWMsgParams,
        completion: Option<Completion>,
    ) -> Result<()> {
        let peer = self.connection.peer();
        peer.check_process()?;
        if let Some(status) = self.connection.ended() {
            return Err(status);
        }
        if completion.is_some() {
            // Whatever becomes of the call, somebody has to be there to complete it.
            peer.pool.prepare()?;
        }
        if !self.caller.begin() {
            return Err(Status::BUSY);
        }
        *lock(&self.round) = Round { input, output, completion, sent: None, cancelled: false };
        let abandoned = Afterwards(|| self.abandon());
        if let Some(trace) = peer.hooks.get() {
            // SAFETY: call and input live through the call.
            peer.outside(|| unsafe { trace.begin(self.as_ptr(), input) });
        }
        if completion.is_some() {
            abandoned.not();
            // The completion function may run, and release the handle, before this is done.
            let call = self.arc();
            return match call.begin(true) {
                Ok(_) => Err(Status::PENDING),
                // The connection ended just now: that is told at once, and completes nothing.
                Err(Refused::Connection(status)) => {
                    call.caller.complete(status.0, false);
                    Err(status)
                }
                Err(Refused::Payload(status)) => {
                    call.connection.complete_later(call.clone(), status);
                    Err(Status::PENDING)
                }
            };
        }
        let started =
            self.connection.establish().map_err(Refused::Connection).and_then(|()| self.begin(false));
        match started {
            Ok(Some((cookie, flush))) => self.connection.await_reply(self, cookie, flush),
            Ok(None) => self.failed(Status::INTERNAL),
            Err(Refused::Connection(status) | Refused::Payload(status)) => self.failed(status),
        }
        abandoned.not();
        Status(self.caller.status()).result()
    }

    /// The thread is cancelled while it waits, or a function of the program's throws; what the reply is for is gone.
    fn abandon(&self) {
        let sent = {
            let mut round = lock(&self.round);
            round.cancelled = true;
            round.sent
        };
        if sent.is_none_or(|cookie| self.connection.forgo(cookie)) {
            self.caller.complete(Status::CANCELLED.0, false);
            if let Some(cookie) = sent {
                self.ask_to_cancel(cookie);
            }
        } else {
            // Somebody has the reply already, and is about to store it.
            self.caller.wait();
        }
    }

    /// Sends the request, or leaves it for the end of the handshake.
    fn begin(&self, may_wait: bool) -> std::result::Result<Option<(LWMsgCookie, Flush)>, Refused> {
        if may_wait {
            // The handshake may change what the payload's handles mean: nothing is encoded before its end.
            match self.connection.enter_waiting(self) {
                Ok(true) => {
                    self.connection.begin();
                    return Ok(None);
                }
                Ok(false) => {}
                Err(status) => return Err(Refused::Connection(status)),
            }
        }
        let (cookie, flush) = self.send()?;
        if may_wait {
            self.connection.see_to(flush);
            self.connection.watch_replies();
        }
        Ok(Some((cookie, flush)))
    }

    fn send(&self) -> std::result::Result<(LWMsgCookie, Flush), Refused> {
        let round = *lock(&self.round);
        // SAFETY: live until completion, as the caller promised.
        let input = unsafe { round.input.read() };
        let envelope = Envelope { flags: 0, status: 0, cookie: 0, tag: input.tag };
        let codec = self.connection.codec().map_err(Refused::Payload)?;
        // SAFETY: the input is what the protocol says, as the caller promised.
        let mut request = unsafe { codec.encode(envelope, input.data) }.map_err(Refused::Payload)?;
        let call = self.arc();
        let cookie = self.connection.enter(&call).map_err(Refused::Connection)?;
        // From here on the connection may complete the call at any time.
        request.set_cookie(cookie);
        let message =
            LWMsgMessage { flags: 0, status: 0, cookie, tag: input.tag, data: input.data, reserved1: 0 };
        // SAFETY: as above; nothing can complete the call before it is sent but the end of the connection, which
        // leaves completion functions to a thread of ours, or to this one later.
        unsafe { self.connection.record(Direction::Sent, true, &message) };
        {
            // A cancellation from another thread comes either before this, and nothing is sent, or after the
            // request in the queue.
            let mut round = lock(&self.round);
            if round.cancelled {
                drop(round);
                return match self.connection.leave(cookie) {
                    true => Err(Refused::Payload(Status::CANCELLED)),
                    false => Ok((cookie, Flush::Done)),
                };
            }
            round.sent = Some(cookie);
            if !self.connection.push(request) {
                return Ok((cookie, Flush::Broken));
            }
        }
        Ok((cookie, self.connection.write_soon()))
    }

    /// The handshake is over: the request can be sent. Runs on a thread that may run completion functions, or
    /// leaves them to one.
    pub fn send_waiting(&self) {
        match self.send() {
            Ok((_, flush)) => {
                self.connection.see_to(flush);
                self.connection.watch_replies();
            }
            Err(Refused::Connection(status) | Refused::Payload(status)) => {
                self.connection.complete_later(self.arc(), status);
            }
        }
    }

    /// See `lwmsg_call_cancel`.
    pub fn cancel(&self) {
        // In a forked child the call is the parent's.
        if self.connection.peer().check_process().is_err() || self.caller.is_settled() {
            return;
        }
        let sent = {
            let mut round = lock(&self.round);
            if std::mem::replace(&mut round.cancelled, true) {
                return;
            }
            round.sent
        };
        if let Some(cookie) = sent {
            self.ask_to_cancel(cookie);
        } else if self.connection.leave_waiting(self) {
            self.connection.complete_later(self.arc(), Status::CANCELLED);
        }
    }

    /// Asks the callee to give up.
    pub fn ask_to_cancel(&self, cookie: LWMsgCookie) {
        let envelope = Envelope {
            flags: message_flag::CONTROL as u8,
            status: Status::CANCELLED.0,
            cookie,
            tag: LWMSG_TAG_INVALID,
        };
        let flush = self.connection.send(Outbound::empty(envelope));
        self.connection.see_to(flush);
    }

    /// The reply has arrived. Calls the program.
    pub fn replied(&self, message: LWMsgMessage) {
        // SAFETY: the message was decoded just now.
        unsafe { self.connection.record(Direction::Received, true, &message) };
        self.settle(Status(message.status), LWMsgParams { tag: message.tag, data: message.data });
    }

    /// There will be no reply. Calls the program.
    pub fn failed(&self, status: Status) {
        self.settle(status, LWMsgParams { tag: LWMSG_TAG_INVALID, data: ptr::null_mut() });
    }

    fn settle(&self, status: Status, output: LWMsgParams) {
        let round = *lock(&self.round);
        // SAFETY: live until completion, as the caller promised, and nobody else completes the call.
        unsafe { round.output.write(output) };
        let peer = self.connection.peer();
        if let Some(trace) = peer.hooks.get() {
            // It may throw.
            let left = Afterwards(|| {
                self.caller.complete(status.0, false);
            });
            // SAFETY: call and output live through the call.
            peer.outside(|| unsafe { trace.end(self.as_ptr(), round.output, status) });
            left.not();
        }
        let completed = self.caller.complete(status.0, round.completion.is_some());
        if let Some(Completion { function, data }) = round.completion {
            // SAFETY: the function has the type it was passed with; whoever calls this holds the call.
            peer.outside(|| unsafe { function(self.as_ptr(), status.0, data) });
            self.caller.finished(completed);
        }
    }

    /// See `lwmsg_call_destroy_params`.
    ///
    /// # Safety
    /// The parameters are the output of a call with this handle.
    pub unsafe fn destroy_params(&self, params: &mut LWMsgParams) -> Result<()> {
        // SAFETY: as promised by the caller.
        unsafe { self.connection.codec()?.destroy(params.tag, params.data)? }
        *params = LWMsgParams { tag: LWMSG_TAG_INVALID, data: ptr::null_mut() };
        Ok(())
    }
}

/// Why a request was not sent.
enum Refused {
    /// The connection cannot take it.
    Connection(Status),
    /// The request itself, or its cancellation.
    Payload(Status),
}
