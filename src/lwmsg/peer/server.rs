//! The listening half of a peer: endpoints, their state, the clients that came.

use super::Peer;
use super::connection::{Connection, Origin, Side};
use super::direct::{self, DirectEndpoint};
use super::listener::Listener;
use crate::lwmsg::assoc::connect_status;
use crate::lwmsg::context::place;
use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::exchange::sync::{lock, wait};
use crate::lwmsg::session::{Policy, Session};
use crate::lwmsg::types::*;
use crate::net::{descriptors, local};
use std::collections::{HashMap, VecDeque};
use std::ffi::{CString, c_int};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, Weak};
use std::time::Duration;

/// Where to listen.
#[derive(Clone, Debug)]
pub enum Endpoint {
    /// A socket's name, or a name in the process.
    Name {
        /// LOCAL or DIRECT.
        kind: LWMsgEndpointType,
        /// The name.
        name: CString,
        /// Of the socket's file.
        permissions: libc::mode_t,
    },
    /// A bound socket; -1 once it has been used.
    Descriptor(c_int),
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Phase {
    #[default]
    Stopped,
    Starting,
    Started,
    Stopping,
    /// Starting failed; so does everything after it.
    Failed(Status),
}

/// The listening half.
#[derive(Default)]
pub struct Server {
    endpoints: Mutex<Vec<Endpoint>>,
    phase: Mutex<Phase>,
    changed: Condvar,
    open: Mutex<Open>,
    gone: Condvar,
    /// When the last place was taken, in milliseconds of the peer's time.
    full_since: AtomicU64,
}

/// What is open.
#[derive(Default)]
struct Open {
    listeners: Vec<Arc<Listener>>,
    direct: Vec<Arc<DirectEndpoint>>,
    connections: HashMap<usize, Arc<Connection>>,
    clients: usize,
}

/// A client's place; free again when this is dropped.
#[derive(Debug)]
pub struct Slot(Option<Weak<Peer>>);

impl Slot {
    /// Gives back a place that nobody came for. Other listeners may have found it taken.
    pub fn give_back(mut self, listener: &Listener) {
        self.free(Some(listener));
    }

    fn free(&mut self, except: Option<&Listener>) {
        let Some(peer) = self.0.take().and_then(|peer| peer.upgrade()) else { return };
        let listeners = {
            let mut open = lock(&peer.server.open);
            open.clients -= 1;
            open.listeners.clone()
        };
        for listener in listeners {
            if !except.is_some_and(|except| std::ptr::eq(except, &raw const *listener)) {
                listener.look_again();
            }
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.free(None);
    }
}

impl Server {
    /// What it is doing, for people.
    pub fn phase_name(&self) -> &'static str {
        match *lock(&self.phase) {
            Phase::Stopped => "not listening",
            Phase::Starting => "about to listen",
            Phase::Started => "listening",
            Phase::Stopping => "shutting down",
            Phase::Failed(_) => "failed to listen",
        }
    }

    /// Calls `each` with every endpoint, listened on or not.
    pub fn each_endpoint(&self, each: impl FnMut(&Endpoint) -> Result<()>) -> Result<()> {
        lock(&self.endpoints).iter().try_for_each(each)
    }

    /// All incoming associations.
    pub fn connections(&self) -> Vec<Arc<Connection>> {
        lock(&self.open).connections.values().cloned().collect()
    }

    /// Whether settings may be changed.
    pub fn is_stopped(&self) -> bool {
        *lock(&self.phase) == Phase::Stopped
    }

    /// One more endpoint, from the next start.
    pub fn add(&self, endpoint: Endpoint) {
        lock(&self.endpoints).push(endpoint);
    }

    /// Waits while somebody else starts or stops; the phase after that.
    fn settled(&self) -> std::sync::MutexGuard<'_, Phase> {
        let mut phase = lock(&self.phase);
        while matches!(*phase, Phase::Starting | Phase::Stopping) {
            phase = wait(&self.changed, phase);
        }
        phase
    }

    fn set(&self, phase: Phase) {
        *lock(&self.phase) = phase;
        self.changed.notify_all();
    }

    /// Listens on all endpoints.
    pub fn start(&self, peer: &Arc<Peer>) -> Result<()> {
        {
            let mut phase = self.settled();
            match *phase {
                Phase::Failed(status) => return Err(status),
                Phase::Started => return Ok(()),
                _ => *phase = Phase::Starting,
            }
        }
        match self.open_all(peer) {
            Ok(()) => {
                self.set(Phase::Started);
                peer.context.log(log_level::INFO, format_args!("Listener started"), place!());
                self.log_protocol(peer);
                Ok(())
            }
            Err(status) => {
                self.close_all(peer);
                self.set(Phase::Failed(status));
                Err(status)
            }
        }
    }

    fn log_protocol(&self, peer: &Peer) {
        if !peer.context.would_log(log_level::TRACE) {
            return;
        }
        let Ok(codec) = peer.codec(None) else { return };
        let Ok(printed) = codec.protocol.print(4) else { return };
        let mut text = b"Listen protocol:\n".to_vec();
        text.extend_from_slice(&printed);
        text.push(0);
        let text = std::ffi::CStr::from_bytes_until_nul(&text).unwrap_or_default();
        peer.context.log_line(log_level::TRACE, text, place!());
    }

    /// An endpoint, to listen on it now. A socket is given out once.
    fn claim(&self, index: usize) -> Option<Endpoint> {
        let mut endpoints = lock(&self.endpoints);
        let endpoint = endpoints.get_mut(index)?;
        let claimed = endpoint.clone();
        if let Endpoint::Descriptor(fd) = endpoint {
            *fd = -1;
        }
        Some(claimed)
    }

    fn open_all(&self, peer: &Arc<Peer>) -> Result<()> {
        let backlog = lock(&peer.settings).backlog;
        for index in 0.. {
            let Some(endpoint) = self.claim(index) else { break };
            match endpoint {
                Endpoint::Name { kind: endpoint::DIRECT, name, .. } => {
                    let direct = direct::listen(&name, peer)?;
                    lock(&self.open).direct.push(direct);
                }
                Endpoint::Name { name, permissions, .. } => {
                    let socket = local::listen(&name, permissions, backlog).map_err(connect_status)?;
                    let text = format_args!("Listening on endpoint {}", name.to_string_lossy());
                    peer.context.log(log_level::INFO, text, place!());
                    self.open_listener(peer, socket, Some(name))?;
                }
                Endpoint::Descriptor(number) => {
                    if number < 0 {
                        return Err(Status::from_errno(libc::EBADF));
                    }
                    // SAFETY: the program gave it away with `add_listen_fd`.
                    let socket = unsafe { descriptors::adopt(number) }?;
                    local::prepare_listener(socket.as_fd(), backlog)?;
                    let text = format_args!("Listening on fd {}", socket.as_raw_fd());
                    peer.context.log(log_level::INFO, text, place!());
                    self.open_listener(peer, socket, None)?;
                }
            }
        }
        Ok(())
    }

    fn open_listener(&self, peer: &Arc<Peer>, socket: OwnedFd, path: Option<CString>) -> Result<()> {
        let listener = Listener::new(peer, socket, path);
        lock(&self.open).listeners.push(listener.clone());
        listener.begin()
    }

    /// Accepts no more, ends all incoming associations and waits until nothing runs for them.
    pub fn stop(&self, peer: &Arc<Peer>) -> Result<()> {
        {
            let mut phase = self.settled();
            match *phase {
                Phase::Failed(status) => return Err(status),
                Phase::Started => *phase = Phase::Stopping,
                _ => return Ok(()),
            }
        }
        peer.context.log(log_level::INFO, format_args!("Shutting down listener"), place!());
        self.close_all(peer);
        peer.context.log(log_level::INFO, format_args!("Listener shut down"), place!());
        self.set(Phase::Stopped);
        Ok(())
    }

    fn close_all(&self, peer: &Arc<Peer>) {
        let (listeners, direct) = {
            let mut open = lock(&self.open);
            (std::mem::take(&mut open.listeners), std::mem::take(&mut open.direct))
        };
        for listener in listeners {
            listener.shut_down();
        }
        self.drop_adopted();
        for endpoint in direct {
            endpoint.shut_down(peer);
        }
    }

    /// Ends all incoming associations, accepted or adopted, and waits until nothing runs for them.
    pub fn drop_adopted(&self) {
        loop {
            let connections = self.connections();
            for connection in &connections {
                connection.fail(Status::CANCELLED, false);
            }
            let open = lock(&self.open);
            if open.connections.is_empty() {
                return;
            }
            // One that came meanwhile has not been told to end: it must not be waited for.
            let was_told = |key| connections.iter().any(|connection| Arc::as_ptr(connection).addr() == key);
            if open.connections.keys().copied().all(was_told) {
                drop(wait(&self.gone, open));
            }
        }
    }

    /// A place for a client, when there is one.
    pub fn slot(&self, peer: &Arc<Peer>) -> Option<Slot> {
        let most = lock(&peer.settings).max_clients;
        let full = {
            let mut open = lock(&self.open);
            if open.clients >= most {
                return None;
            }
            open.clients += 1;
            open.clients == most
        };
        if full {
            self.full_since.store(peer.now(), Ordering::Relaxed);
        }
        Some(Slot(Some(Arc::downgrade(peer))))
    }

    /// Takes a connected socket for an incoming association; not from a listener that was closed meanwhile.
    pub fn adopt(
        &self,
        peer: &Arc<Peer>,
        kind: LWMsgEndpointType,
        socket: OwnedFd,
        from: Option<(&Listener, Slot)>,
    ) -> Result<()> {
        let (listener, slot) = from.unzip();
        let session = Session::new(Policy::Peer);
        let connection = Connection::new(
            peer,
            session.clone(),
            Origin { side: Side::Server, kind, socket, path: None, targets: VecDeque::new(), slot },
        );
        let owner: Arc<dyn crate::lwmsg::session::Owner> = connection.clone();
        session.set_owner(Arc::downgrade(&owner));
        {
            let mut open = lock(&self.open);
            if listener
                .is_some_and(|from| !open.listeners.iter().any(|known| ptr::eq(from, &raw const **known)))
            {
                drop(open);
                return Ok(());
            }
            open.connections.insert(Arc::as_ptr(&connection).addr(), connection.clone());
        }
        // Whoever waits for all to be gone has to end this one, too.
        self.gone.notify_all();
        connection.begin();
        Ok(())
    }

    /// Nothing of a connection is left.
    pub fn forget(&self, connection: &Connection) {
        let connection = lock(&self.open).connections.remove(&(&raw const *connection).addr());
        self.gone.notify_all();
        drop(connection);
    }

    /// Ends clients that have been idle for too long while all places are taken. The time until the next look.
    pub fn end_idle(&self, peer: &Arc<Peer>) -> Option<Duration> {
        let (idle, message) = {
            let settings = lock(&peer.settings);
            (settings.idle_timeout, settings.message_timeout)
        };
        let usual = [idle, message].into_iter().flatten().min()?;
        let since = self.full_since.load(Ordering::Relaxed);
        let connections = self.connections();
        let mut next = usual;
        for connection in connections {
            match connection.idle_left(since, idle, message) {
                Some(Duration::ZERO) => connection.fail(Status::TIMEOUT, true),
                Some(left) => next = next.min(left),
                // Busy, or holding handles: not now.
                None => {}
            }
        }
        Some(next)
    }
}
