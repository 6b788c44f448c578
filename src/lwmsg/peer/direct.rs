//! Endpoints inside the process: a call is a function call, and the structures are passed as they are.

use super::Peer;
use super::dispatch::{Entry, Handler};
use super::incoming::{Cancel, thread_number};
use super::pool::{self, Job};
use crate::ffi::afterwards::Afterwards;
use crate::ffi::cancel;
use crate::ffi::fork::OfProcess;
use crate::lwmsg::call::{Completion, Head};
use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::exchange::callee::{Callee, Step};
use crate::lwmsg::exchange::caller::Caller;
use crate::lwmsg::exchange::gate::Gate;
use crate::lwmsg::exchange::sync::lock;
use crate::lwmsg::security::Token;
use crate::lwmsg::session::{Owner, Policy, Session};
use crate::lwmsg::trace;
use crate::lwmsg::types::*;
use std::cell::UnsafeCell;
use std::ffi::{CStr, CString, c_void};
use std::fmt;
use std::mem::offset_of;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Instant;

/// The names of the process.
static ENDPOINTS: OfProcess<Vec<Arc<DirectEndpoint>>> = OfProcess::new(Vec::new());

/// A name that a server listens on.
#[derive(Debug)]
pub struct DirectEndpoint {
    name: CString,
    server: Arc<Peer>,
    /// Those who connect are inside.
    gate: Gate,
    links: Mutex<Vec<Weak<DirectLink>>>,
}

/// Listens on a name. BUSY when it is taken.
pub fn listen(name: &CStr, server: &Arc<Peer>) -> Result<Arc<DirectEndpoint>> {
    let endpoint = Arc::new(DirectEndpoint {
        name: name.to_owned(),
        server: server.clone(),
        gate: Gate::default(),
        links: Mutex::default(),
    });
    ENDPOINTS.with(|endpoints| {
        if endpoints.iter().any(|other| *other.name == *name) {
            return Err(Status::BUSY);
        }
        endpoints.push(endpoint.clone());
        Ok(())
    })?;
    Ok(endpoint)
}

/// Connects to a name. NOT_FOUND when nobody listens; the construct function's status when it refuses. Calls the
/// program.
pub fn connect(name: &CStr, client: &Arc<Peer>, session: &Arc<Session>) -> Result<Arc<DirectLink>> {
    let endpoint = ENDPOINTS.with(|endpoints| {
        let found = endpoints.iter().find(|other| *other.name == *name);
        found.cloned().ok_or(Status::NOT_FOUND)
    })?;
    if !endpoint.gate.enter() {
        return Err(Status::NOT_FOUND);
    }
    let link = endpoint.admit(client, session);
    endpoint.gate.leave();
    link
}

impl DirectEndpoint {
    /// A session for a client, unless the construct function refuses it. Calls the program.
    fn admit(&self, client: &Arc<Peer>, session: &Arc<Session>) -> Result<Arc<DirectLink>> {
        let handles = session.handles();
        let callee_session = Session::with_handles(Policy::Peer, handles.clone());
        callee_session.set_token(Token::own_effective());
        let server = &self.server;
        let functions = lock(&server.settings).session;
        // SAFETY: the functions have the types they were set with.
        server.outside(|| unsafe {
            callee_session.construct(functions.construct, functions.destruct, functions.data)
        })?;
        let link = Arc::new_cyclic(|me| DirectLink {
            me: me.clone(),
            client: client.clone(),
            server: server.clone(),
            caller_session: session.clone(),
            callee_session: callee_session.clone(),
            gate: Gate::default(),
            over: Gate::default(),
            calls: Mutex::default(),
            trace: crate::trace::Connection::new(),
        });
        handles.begin();
        // Until the session has ended; nobody has closed it.
        link.over.enter();
        let owner: Arc<dyn Owner> = link.clone();
        callee_session.set_owner(Arc::downgrade(&owner));
        let mut links = lock(&self.links);
        links.retain(|link| link.strong_count() > 0);
        links.push(Arc::downgrade(&link));
        drop(links);
        Ok(link)
    }

    /// Gives the name back and ends all sessions; waits until nothing runs for them.
    pub fn shut_down(&self, server: &Arc<Peer>) {
        ENDPOINTS.with(|endpoints| {
            endpoints.retain(|other| !(*other.name == *self.name && Arc::ptr_eq(&other.server, server)));
        });
        // Whoever has found the name is let in or refused first.
        self.gate.close();
        pool::about_to_wait();
        self.gate.drain();
        let links = std::mem::take(&mut *lock(&self.links));
        for link in links.iter().filter_map(Weak::upgrade) {
            link.run_down();
            link.over.close();
            link.over.drain();
        }
    }
}

/// A session between two peers of the process.
pub struct DirectLink {
    me: Weak<Self>,
    client: Arc<Peer>,
    server: Arc<Peer>,
    caller_session: Arc<Session>,
    callee_session: Arc<Session>,
    /// Calls in progress are inside.
    gate: Gate,
    /// What the server waits for besides: the completion functions of its calls, and the end of the session, whoever
    /// brings it about.
    over: Gate,
    /// Handles of calls, to be cancelled at the end.
    calls: Mutex<Vec<Weak<DirectCall>>>,
    trace: crate::trace::Connection,
}

impl fmt::Debug for DirectLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectLink").field("session", &self.caller_session).finish_non_exhaustive()
    }
}

impl DirectLink {
    /// Whether calls may be made.
    pub fn is_open(&self) -> bool {
        self.gate.is_open()
    }

    /// Calls in progress.
    pub fn calls_in_progress(&self) -> usize {
        self.gate.inside()
    }

    /// Whether the calling thread runs a handler of one of them.
    pub fn is_calling_here(&self) -> bool {
        pool::is_outside_for(&raw const *self)
    }

    /// Runs a handler. The end of the session waits for it, and the server, which ends its sessions when it stops.
    #[inline]
    fn outside<T>(&self, target: &Peer, handler: impl FnOnce() -> T) -> T {
        pool::outside([target.as_owner(), self.server.as_owner(), (&raw const *self).cast()], handler)
    }

    /// Cancels calls in progress, waits for them, and ends the session. Calls the program.
    pub fn run_down(&self) {
        if !self.gate.close() {
            self.gate.drain();
            return;
        }
        let calls: Vec<_> = lock(&self.calls).iter().filter_map(Weak::upgrade).collect();
        for call in &calls {
            call.cancel();
        }
        drop(calls);
        pool::about_to_wait();
        self.gate.drain();
        self.server.outside(|| self.callee_session.end());
        self.over.leave();
    }
}

impl Owner for DirectLink {
    fn acquire_call(&self) -> Result<*mut LWMsgCall> {
        Ok(DirectCall::acquire(self.me.upgrade().ok_or(Status::INVALID_STATE)?, true))
    }
}

/// What `LWMsgCall` points to, for both sides of a call inside the process.
#[repr(C)]
pub struct DirectCall {
    caller_head: Head,
    callee_head: Head,
    me: Weak<Self>,
    link: Arc<DirectLink>,
    /// The server calls the client.
    back: bool,
    caller: Caller,
    callee: Callee<Cancel>,
    /// The callee's side has been pended, completed or cancelled in this round.
    touched: AtomicBool,
    round: UnsafeCell<Round>,
}

/// What belongs to one use of the handle.
#[derive(Clone, Copy)]
struct Round {
    input: *const LWMsgParams,
    output: *mut LWMsgParams,
    completion: Option<Completion>,
    function: Option<Handler>,
}

// SAFETY: a round is written when it begins, by the one user of the handle, and read while it is active; the
// parameters are the caller's, who said that they live until completion.
unsafe impl Send for DirectCall {}
// SAFETY: as above.
unsafe impl Sync for DirectCall {}

impl fmt::Debug for DirectCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectCall").field("link", &self.link).finish_non_exhaustive()
    }
}

impl DirectCall {
    /// A handle for calls. It owns one reference.
    pub fn acquire(link: Arc<DirectLink>, back: bool) -> *mut LWMsgCall {
        let call = Arc::new_cyclic(|me| Self {
            caller_head: Head::of_direct_caller(),
            callee_head: Head::of_direct_callee(),
            me: me.clone(),
            link: link.clone(),
            back,
            caller: Caller::default(),
            callee: Callee::default(),
            touched: AtomicBool::new(false),
            round: UnsafeCell::new(Round {
                input: ptr::null(),
                output: ptr::null_mut(),
                completion: None,
                function: None,
            }),
        });
        let mut calls = lock(&link.calls);
        if calls.len() == calls.capacity() {
            calls.retain(|call| call.strong_count() > 0);
        }
        calls.push(Arc::downgrade(&call));
        drop(calls);
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

    /// The call that a callee's handle is the second half of.
    ///
    /// # Safety
    /// The pointer was given to a handler of a direct call.
    pub unsafe fn of_callee(call: *mut LWMsgCall) -> *const Self {
        // SAFETY: the head lies in the call at that offset.
        unsafe { call.cast::<u8>().sub(offset_of!(Self, callee_head)).cast() }
    }

    fn arc(&self) -> Arc<Self> {
        self.me.upgrade().expect("borrowed, so alive")
    }

    fn caller_ptr(&self) -> *mut LWMsgCall {
        self.me.as_ptr().cast_mut().cast()
    }

    fn callee_ptr(&self) -> *mut LWMsgCall {
        // SAFETY: the head lies in the call at that offset.
        unsafe { self.me.as_ptr().cast::<u8>().add(offset_of!(Self, callee_head)).cast_mut().cast() }
    }

    /// The peer that calls, and the one that is called.
    fn peers(&self) -> (&Arc<Peer>, &Arc<Peer>) {
        let link = &*self.link;
        if self.back { (&link.server, &link.client) } else { (&link.client, &link.server) }
    }

    /// The session as the caller sees it.
    pub fn caller_session(&self) -> Arc<Session> {
        let link = &*self.link;
        if self.back { link.callee_session.clone() } else { link.caller_session.clone() }
    }

    /// The session as the callee sees it.
    pub fn callee_session(&self) -> Arc<Session> {
        let link = &*self.link;
        if self.back { link.caller_session.clone() } else { link.callee_session.clone() }
    }

    fn round(&self) -> Round {
        // SAFETY: written before the round became active, by the thread that made everybody else's part possible.
        unsafe { *self.round.get() }
    }

    fn find(&self, tag: LWMsgTag) -> Result<(&Arc<Entry>, Handler)> {
        let (_, target) = self.peers();
        let entry = target.dispatch.find(tag).map_err(|status| match status {
            Status::MALFORMED => Status::UNIMPLEMENTED,
            status => status,
        })?;
        Ok((entry, entry.function()?))
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
        let (source, _) = self.peers();
        source.check_process()?;
        if !self.caller.begin() {
            return Err(Status::BUSY);
        }
        // Before the gate: whoever closes it cancels what is inside, and that must not be forgotten.
        if self.touched.load(Ordering::Acquire) {
            self.callee.reset();
            self.touched.store(false, Ordering::Release);
        }
        if !self.link.gate.enter() {
            return self.end_at_once(Status::CANCELLED);
        }
        // SAFETY: live, as promised by the caller.
        let (entry, function) = match self.find(unsafe { (*input).tag }) {
            Ok(found) => found,
            Err(status) => {
                self.link.gate.leave();
                return self.end_at_once(status);
            }
        };
        // SAFETY: the round is this thread's: it has just begun, and the last one is over.
        unsafe { *self.round.get() = Round { input, output, completion, function: Some(function) } };
        if completion.is_some() && !entry.is_nonblock() {
            // The completion function may run, and release the handle, before this is done.
            let call = self.arc();
            cancel::held(|| call.peers().1.run(call.clone()));
            return Err(Status::PENDING);
        }
        let inside = self.inside();
        let status = self.invoke();
        if status != Status::PENDING {
            if self.touched.load(Ordering::Acquire) {
                let _ = self.callee.returned_status(status.0);
            }
            self.trace_end(status);
            inside.not();
            self.link.gate.leave();
            return self.end_at_once(status);
        }
        inside.not();
        self.touched.store(true, Ordering::Release);
        // Whoever completes the call gives this reference back.
        std::mem::forget(self.arc());
        match self.callee.returned(thread_number()) {
            // It was completed before the handler returned: nothing is pending.
            Step::Reply(status) => {
                let inside = self.inside();
                self.trace_end(Status(status));
                inside.not();
                self.link.gate.leave();
                self.caller.complete(status, false);
                self.let_go();
                return Status(status).result();
            }
            step => self.act(step),
        }
        if completion.is_some() {
            return Err(Status::PENDING);
        }
        // The callee uses the caller's own structures, which a thread that is cancelled has to keep until it does no more.
        let pending = Afterwards(|| {
            self.cancel();
            self.caller.wait();
        });
        let result = cancel::held(|| self.wait());
        pending.not();
        result
    }

    fn end_at_once(&self, status: Status) -> Result<()> {
        self.caller.complete(status.0, false);
        status.result()
    }

    /// Gives back the reference that a pending call holds.
    fn let_go(&self) {
        // SAFETY: taken when the call began to pend, and given back once, by whoever completes it.
        drop(unsafe { Arc::from_raw(self.me.as_ptr()) });
    }

    /// Around a handler or a trace function that the thread runs, and leaves when it is cancelled there, or by an
    /// exception.
    fn inside(&self) -> Afterwards<impl Fn()> {
        Afterwards(|| {
            self.link.gate.leave();
            self.caller.complete(Status::CANCELLED.0, false);
        })
    }

    /// Runs the handler.
    fn invoke(&self) -> Status {
        let (source, target) = self.peers();
        let Round { input, output, function, .. } = self.round();
        let Some(function) = function else { return Status::INTERNAL };
        if crate::trace::on() {
            // SAFETY: live, as the caller promised.
            self.tell(None, unsafe { &*input });
        }
        if let Some(trace) = source.hooks.get() {
            // SAFETY: call and input live through the call.
            source.outside(|| unsafe { trace.begin(self.caller_ptr(), input) });
        }
        if let Some(trace) = target.hooks.get() {
            // SAFETY: as above.
            target.outside(|| unsafe { trace.begin(self.callee_ptr(), input) });
        }
        let data = target.dispatch_data();
        // SAFETY: the function is a handler; the parameters are live.
        Status(self.link.outside(target, || unsafe { function(self.callee_ptr(), input, output, data) }))
    }

    #[cold]
    fn tell(&self, reply: Option<Status>, params: &LWMsgParams) {
        let session = self.caller_session();
        if let Ok(codec) = self.peers().0.codec(Some(&session)) {
            trace::direct(&codec, &self.link.trace, self.me.as_ptr().addr() as u64, reply, params);
        }
    }

    fn trace_end(&self, status: Status) {
        let (source, target) = self.peers();
        let output = self.round().output;
        if crate::trace::on() {
            // SAFETY: live, as the caller promised.
            self.tell(Some(status), unsafe { &*output });
        }
        if let Some(trace) = source.hooks.get() {
            // SAFETY: call and output live through the call.
            source.outside(|| unsafe { trace.end(self.caller_ptr(), output, status) });
        }
        if let Some(trace) = target.hooks.get() {
            // SAFETY: as above.
            target.outside(|| unsafe { trace.end(self.callee_ptr(), output, status) });
        }
    }

    /// Does what the state of the callee's side asks for, until it asks for nothing.
    fn act(&self, mut step: Step<Cancel>) {
        loop {
            match step {
                Step::Nothing => return,
                Step::Reply(status) => return self.completed(Status(status)),
                Step::Cancel(cancel) => {
                    // SAFETY: a pending call is live; the function has the type it was passed with.
                    self.peers().1.outside(|| unsafe { cancel.call(self.callee_ptr()) });
                    step = self.callee.cancel_ran();
                }
            }
        }
    }

    /// A call that was pending, or run by another thread, is over.
    fn completed(&self, status: Status) {
        let completion = self.round().completion;
        self.trace_end(status);
        // The completion function may end the session, which waits for those inside; whoever deletes the peer, or stops
        // it, waits for the function.
        let activity = completion.map(|_| self.peers().0.activity());
        let back = completion.is_some() && self.back && self.link.over.enter();
        self.link.gate.leave();
        let round = self.caller.complete(status.0, completion.is_some());
        if let Some(Completion { function, data }) = completion {
            let (source, _) = self.peers();
            // SAFETY: the function has the type it was passed with; the pending call is live.
            source.outside(|| unsafe { function(self.caller_ptr(), status.0, data) });
            self.caller.finished(round);
        }
        if back {
            self.link.over.leave();
        }
        self.let_go();
        drop(activity);
    }

    /// The handler will return PENDING.
    pub fn pend(&self, cancel: LWMsgCancelFunction, data: *mut c_void) {
        self.touched.store(true, Ordering::Release);
        self.callee.pend(Cancel::new(cancel, data));
    }

    /// The program completes the call.
    pub fn complete(&self, status: Status) {
        if self.peers().1.check_process().is_err() {
            return;
        }
        // The pending call's own reference may be gone before this is done.
        let me = self.arc();
        me.touched.store(true, Ordering::Release);
        let step = me.callee.complete(status.0, thread_number());
        me.act(step);
    }

    /// See `lwmsg_call_cancel`.
    pub fn cancel(&self) {
        // In a forked child the call is the parent's.
        if self.peers().0.check_process().is_err() || self.caller.is_settled() {
            return;
        }
        let me = self.arc();
        me.touched.store(true, Ordering::Release);
        let step = me.callee.cancel(thread_number());
        me.act(step);
    }

    /// See `lwmsg_call_wait`.
    pub fn wait(&self) -> Result<()> {
        self.peers().0.check_process()?;
        pool::about_to_wait();
        Status(self.caller.wait()).result()
    }

    /// See `lwmsg_call_destroy_params`.
    ///
    /// # Safety
    /// The parameters are the output of a call with this handle.
    pub unsafe fn destroy_params(&self, params: &mut LWMsgParams) -> Result<()> {
        if !params.data.is_null() {
            let (source, _) = self.peers();
            let session = self.caller_session();
            // SAFETY: as promised by the caller.
            unsafe { source.codec(Some(&session))?.destroy(params.tag, params.data)? }
        }
        *params = LWMsgParams { tag: LWMSG_TAG_INVALID, data: ptr::null_mut() };
        Ok(())
    }
}

impl Job for DirectCall {
    fn run(self: Arc<Self>) {
        let target = self.peers().1.clone();
        let begin = Instant::now();
        let status = self.invoke();
        // SAFETY: live until completion, as the caller promised.
        if let Ok((entry, _)) = self.find(unsafe { (*self.round().input).tag }) {
            entry.ran(begin.elapsed());
        }
        self.touched.store(true, Ordering::Release);
        // Whoever completes the call gives this reference back.
        std::mem::forget(self.clone());
        let step = match status {
            Status::PENDING => self.callee.returned(thread_number()),
            status => self.callee.returned_status(status.0),
        };
        self.act(step);
        target.job_done();
    }
}
