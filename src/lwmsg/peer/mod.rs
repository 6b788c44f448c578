//! Peers: servers and clients in one, with calls that answer each other over sockets or inside the process.

mod connection;
mod describe;
mod direct;
mod dispatch;
mod incoming;
mod link;
mod listener;
mod outgoing;
mod pending;
mod pool;
mod server;
mod settings;

pub use direct::DirectCall;
pub use incoming::IncomingCall;
pub use outgoing::OutgoingCall;

use super::context::{Context, place};
use super::error::{Result, Status};
use super::exchange::sync::{lock, wait};
use super::payload::Codec;
use super::protocol::Protocol;
use super::session::{Owner, Session};
use super::types::*;
use crate::ffi::fork;
use crate::net::descriptors;
use dispatch::{Dispatch, Hooks};
use link::Client;
use pool::{Job, Pool, Share};
use server::Server;
use settings::Settings;
use std::collections::VecDeque;
use std::ffi::{CStr, c_int, c_void};
use std::fmt;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, Condvar, Mutex, Weak};
use std::time::{Duration, Instant};

/// What `LWMsgPeer` points to.
pub struct Peer {
    context: Context,
    protocol: *mut LWMsgProtocol,
    me: Weak<Self>,
    pool: Arc<Pool>,
    /// Given back by [`Self::delete`], which waits for the threads.
    share: Mutex<Option<Share>>,
    generation: u32,
    /// What [`Self::delete`] waits for.
    activities: Mutex<usize>,
    quiet: Condvar,
    /// The beginning of the peer's time.
    birth: Instant,
    jobs: Jobs,
    dispatch: Dispatch,
    dispatch_data: AtomicPtr<c_void>,
    hooks: Hooks,
    settings: Mutex<Settings>,
    server: Server,
    client: Mutex<Option<Arc<Client>>>,
}

// SAFETY: the protocol is read-only while it is shared; other pointers are the program's, which says itself what
// threads may do with them.
unsafe impl Send for Peer {}
// SAFETY: as above; everything else is behind locks or atomic.
unsafe impl Sync for Peer {}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer").finish_non_exhaustive()
    }
}

impl Peer {
    /// A peer without endpoints. Protocol and context outlive it.
    pub fn new(context: Context, protocol: *mut LWMsgProtocol) -> Arc<Self> {
        let share = Share::new();
        Arc::new_cyclic(|me| Self {
            context,
            protocol,
            me: me.clone(),
            pool: share.pool().clone(),
            generation: fork::generation(),
            share: Mutex::new(Some(share)),
            activities: Mutex::new(0),
            quiet: Condvar::new(),
            birth: Instant::now(),
            jobs: Jobs::default(),
            dispatch: Dispatch::default(),
            dispatch_data: AtomicPtr::new(ptr::null_mut()),
            hooks: Hooks::default(),
            settings: Mutex::default(),
            server: Server::default(),
            client: Mutex::new(None),
        })
    }

    /// As C knows it: the owner of one reference.
    pub fn into_ptr(self: Arc<Self>) -> *mut LWMsgPeer {
        Arc::into_raw(self).cast_mut().cast()
    }

    /// # Safety
    /// The pointer is NULL or a live peer.
    pub unsafe fn from_ptr<'a>(peer: *mut LWMsgPeer) -> Result<&'a Self> {
        // SAFETY: as promised by the caller.
        unsafe { peer.cast::<Self>().as_ref() }.ok_or(Status::INVALID_PARAMETER)
    }

    fn arc(&self) -> Arc<Self> {
        self.me.upgrade().expect("borrowed, so alive")
    }

    fn as_ptr(&self) -> *mut LWMsgPeer {
        self.me.as_ptr().cast_mut().cast()
    }

    /// Milliseconds of the peer's time.
    fn now(&self) -> u64 {
        self.birth.elapsed().as_millis() as u64
    }

    /// Something goes on that [`Self::delete`] waits for, until the result is dropped.
    fn activity(&self) -> Activity {
        *lock(&self.activities) += 1;
        Activity(self.arc())
    }

    /// Has a handler run, unless too many run already; then it waits.
    fn run(&self, job: Arc<dyn Job>) {
        if let Some(job) = self.jobs.admit(job) {
            self.pool.run(job);
        }
    }

    /// A handler has ended; another may run.
    fn job_done(&self) {
        if let Some(job) = self.jobs.next() {
            self.pool.run(job);
        }
    }

    fn codec<'a>(&self, session: Option<&'a Session>) -> Result<Codec<'a>> {
        // SAFETY: the protocol outlives the peer, as whoever made it promised.
        let protocol = unsafe { Protocol::from_ptr(self.protocol) }.ok_or(Status::INVALID_PARAMETER)?;
        Ok(Codec { protocol, context: self.context, session })
    }

    /// INVALID_STATE in a child of the process that made the peer: its threads are not here.
    #[inline]
    fn check_process(&self) -> Result<()> {
        if self.generation != fork::generation() { Err(Status::INVALID_STATE) } else { Ok(()) }
    }

    /// Runs a function of the program's on behalf of the peer. See [`pool::outside`].
    #[inline]
    fn outside<T>(&self, program: impl FnOnce() -> T) -> T {
        pool::outside([self.as_owner(), ptr::null(), ptr::null()], program)
    }

    /// The name for that.
    fn as_owner(&self) -> *const () {
        (&raw const *self).cast()
    }

    /// INVALID_STATE inside a function of the program's that runs on behalf of this peer, and would be waited for.
    fn check_outside(&self, what: &str) -> Result<()> {
        if pool::is_outside_for(self.as_owner()) { Err(self.would_wait(what)) } else { Ok(()) }
    }

    #[cold]
    fn would_wait(&self, what: &str) -> Status {
        let text = format_args!("{what} would wait for the function that calls it");
        self.context.raise(Status::INVALID_STATE, text, place!())
    }

    fn change<T>(&self, change: impl FnOnce(&mut Settings) -> Result<T>) -> Result<T> {
        let mut settings = lock(&self.settings);
        if !self.server.is_stopped() {
            return Err(Status::INVALID_STATE);
        }
        change(&mut settings)
    }

    /// Sets or removes a timeout.
    pub fn set_timeout(&self, which: LWMsgTimeout, value: Option<LWMsgTime>) -> Result<()> {
        self.set_time(value, |settings| match which {
            timeout::MESSAGE => Some(&mut settings.message_timeout),
            timeout::ESTABLISH => Some(&mut settings.establish_timeout),
            timeout::IDLE => Some(&mut settings.idle_timeout),
            _ => None,
        })
    }

    /// Sets or removes the limit of calls over sockets.
    pub fn set_call_timeout(&self, value: Option<LWMsgTime>) -> Result<()> {
        self.set_time(value, |settings| Some(&mut settings.call_timeout))
    }

    fn set_time(
        &self,
        value: Option<LWMsgTime>,
        place: impl FnOnce(&mut Settings) -> Option<&mut Option<Duration>>,
    ) -> Result<()> {
        let set = self.change(|settings| {
            let value = value.map(super::assoc::duration).transpose()?;
            *place(settings).ok_or(Status::UNSUPPORTED)? = value;
            Ok(())
        });
        // The program is told when the settings are free again.
        set.map_err(|status| match status {
            Status::INVALID_PARAMETER => {
                self.context.raise(status, format_args!("Invalid (negative) timeout value"), place!())
            }
            Status::UNSUPPORTED => {
                self.context.raise(status, format_args!("Unsupported timeout type"), place!())
            }
            status => status,
        })
    }

    /// Sets how many clients may be connected at once.
    pub fn set_max_clients(&self, count: u32) -> Result<()> {
        self.change(|settings| {
            settings.max_clients = count as usize;
            Ok(())
        })
    }

    /// Sets how many clients may wait in the system to be accepted.
    pub fn set_backlog(&self, count: u32) -> Result<()> {
        self.change(|settings| {
            settings.backlog = c_int::try_from(count).unwrap_or(c_int::MAX);
            Ok(())
        })
    }

    /// Sets what is called when clients come and go.
    pub fn set_session_functions(
        &self,
        construct: LWMsgSessionConstructFunction,
        destruct: LWMsgSessionDestructFunction,
        data: *mut c_void,
    ) -> Result<()> {
        self.change(|settings| {
            settings.session = settings::SessionFunctions { construct, destruct, data };
            Ok(())
        })
    }

    /// Sets what handlers are given.
    pub fn set_dispatch_data(&self, data: *mut c_void) -> Result<()> {
        self.change(|_| {
            self.dispatch_data.store(data, Ordering::Release);
            Ok(())
        })
    }

    /// What handlers are given.
    pub fn dispatch_data(&self) -> *mut c_void {
        self.dispatch_data.load(Ordering::Acquire)
    }

    /// Sets what is called when listening fails.
    pub fn set_exception_function(
        &self,
        function: LWMsgPeerExceptionFunction,
        data: *mut c_void,
    ) -> Result<()> {
        self.change(|settings| {
            settings.exception = settings::Exception { function, data };
            Ok(())
        })
    }

    /// Sets what is called at the beginning and the end of calls.
    pub fn set_trace_functions(
        &self,
        begin: LWMsgPeerTraceFunction,
        end: LWMsgPeerTraceFunction,
        data: *mut c_void,
    ) -> Result<()> {
        self.change(|_| {
            self.hooks.set(begin, end, data);
            Ok(())
        })
    }

    /// Adds handlers; later ones replace earlier ones of the same message.
    ///
    /// # Safety
    /// The table ends with `LWMSG_DISPATCH_END`, and its functions are handlers.
    pub unsafe fn add_dispatch(&self, table: *const LWMsgDispatchSpec) -> Result<()> {
        // SAFETY: as promised by the caller.
        unsafe { self.dispatch.add(table) }
    }

    /// Adds an endpoint to listen on, from the next start.
    pub fn add_listen_endpoint(&self, kind: LWMsgEndpointType, name: &CStr, permissions: libc::mode_t) {
        self.server.add(server::Endpoint::Name { kind, name: name.to_owned(), permissions });
    }

    /// Adds a bound socket to listen on, from the next start; it is the library's then.
    pub fn add_listen_fd(&self, fd: c_int) {
        self.server.add(server::Endpoint::Descriptor(fd));
    }

    /// Adds an endpoint to connect to, when those before it fail.
    pub fn add_connect_endpoint(&self, kind: LWMsgEndpointType, name: &CStr) {
        lock(&self.settings).connect.push((kind, name.to_owned()));
    }

    /// Listens. See `lwmsg_peer_start_listen`.
    pub fn start_listen(&self) -> Result<()> {
        self.check_process()?;
        self.server.start(&self.arc())
    }

    /// Ends all incoming associations. See `lwmsg_peer_stop_listen`.
    pub fn stop_listen(&self) -> Result<()> {
        self.check_process()?;
        self.check_outside("stop_listen")?;
        self.server.stop(&self.arc())
    }

    /// Takes a connected socket for an incoming association.
    ///
    /// # Safety
    /// Nobody else closes the descriptor when this succeeds.
    pub unsafe fn accept_fd(&self, kind: LWMsgEndpointType, fd: c_int) -> Result<()> {
        self.check_process()?;
        super::context::set_close_on_exec(fd)?;
        // SAFETY: the caller gives it away.
        let socket = unsafe { descriptors::adopt(fd) }?;
        self.server.adopt(&self.arc(), kind, socket, None)
    }

    /// The session with the server that the endpoints name; made when it is first asked for. Nothing is sent.
    pub fn connect(&self) -> Arc<Session> {
        let mut client = lock(&self.client);
        client.get_or_insert_with(|| Client::new(self.arc(), None)).session().clone()
    }

    /// A session over a connected socket. INVALID_STATE when there is a session.
    ///
    /// # Safety
    /// Nobody else closes the descriptor when this succeeds.
    pub unsafe fn connect_fd(&self, kind: LWMsgEndpointType, fd: c_int) -> Result<Arc<Session>> {
        let mut client = lock(&self.client);
        if client.is_some() {
            return Err(Status::INVALID_STATE);
        }
        if fd < 0 {
            return Err(Status::INVALID_PARAMETER);
        }
        // SAFETY: the caller gives it away.
        let socket = unsafe { descriptors::adopt(fd) }?;
        let fresh = client.insert(Client::new(self.arc(), Some((kind, socket))));
        Ok(fresh.session().clone())
    }

    /// Ends the outgoing session. Calls in progress are cancelled. INVALID_STATE in a forked child, whose parent has
    /// the connection, and in the handler of a call inside the process, which would be waited for.
    pub fn disconnect(&self) -> Result<()> {
        self.check_process()?;
        let client = {
            let mut client = lock(&self.client);
            if client.as_ref().is_some_and(|client| client.is_calling_here()) {
                drop(client);
                return Err(self.would_wait("disconnect"));
            }
            client.take()
        };
        if let Some(client) = client {
            client.disconnect();
        }
        Ok(())
    }

    /// A call of the outgoing session. INVALID_STATE without one.
    pub fn acquire_call(&self) -> Result<*mut LWMsgCall> {
        self.check_process()?;
        let client = lock(&self.client).clone();
        client.ok_or(Status::INVALID_STATE)?.acquire_call()
    }

    /// Ends everything; waits for handlers and connections.
    ///
    /// # Safety
    /// The pointer is a live peer, whose calls are released, and is not used again.
    pub unsafe fn delete(peer: *mut LWMsgPeer) {
        // SAFETY: as promised by the caller: its one reference.
        let peer = unsafe { Arc::from_raw(peer.cast::<Self>()) };
        if peer.check_process().is_err() {
            // Threads that another process has may hold what would be waited for here.
            std::mem::forget(peer);
            return;
        }
        // It would wait for itself for ever; so the peer stays.
        if peer.check_outside("peer_delete").is_err() {
            std::mem::forget(peer);
            return;
        }
        let client = lock(&peer.client).clone();
        if client.is_some_and(|client| client.is_calling_here()) {
            peer.would_wait("peer_delete");
            std::mem::forget(peer);
            return;
        }
        // Its status has been seen by whoever stopped or started it last.
        let _ = peer.server.stop(&peer);
        peer.server.drop_adopted();
        // The process is this peer's, as was just seen.
        let _ = peer.disconnect();
        let mut activities = lock(&peer.activities);
        while *activities > 0 {
            activities = wait(&peer.quiet, activities);
        }
        drop(activities);
        let share = lock(&peer.share).take();
        drop(share);
    }
}

/// See [`Peer::activity`].
#[derive(Debug)]
pub struct Activity(Arc<Peer>);

impl Drop for Activity {
    fn drop(&mut self) {
        let mut activities = lock(&self.0.activities);
        *activities -= 1;
        if *activities == 0 {
            self.0.quiet.notify_all();
        }
    }
}

/// Handlers of a peer that run on threads of their own, and those that wait for one.
#[derive(Default)]
struct Jobs {
    state: Mutex<(usize, VecDeque<Arc<dyn Job>>)>,
}

impl Jobs {
    /// Handlers of a peer at once: more than the original's eight on two processors, so that services whose
    /// handlers wait for each other have more room; and no more on large machines.
    const MOST: usize = 32;

    /// How many run, and how many wait.
    fn count(&self) -> (usize, usize) {
        let state = lock(&self.state);
        (state.0, state.1.len())
    }

    fn admit(&self, job: Arc<dyn Job>) -> Option<Arc<dyn Job>> {
        let mut state = lock(&self.state);
        if state.0 >= Self::MOST {
            state.1.push_back(job);
            return None;
        }
        state.0 += 1;
        Some(job)
    }

    fn next(&self) -> Option<Arc<dyn Job>> {
        let mut state = lock(&self.state);
        let next = state.1.pop_front();
        if next.is_none() {
            state.0 -= 1;
        }
        next
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.dispatch.free();
        self.hooks.free();
    }
}
