//! One connection of a peer: who reads it, who writes it, and which calls are on their way.
//!
//! Writing is everybody's: whoever has a message queues it and writes what is queued, unless somebody does already
//! ([`Outbox`]). Reading is one thread's at a time ([`Role`]): the pool's leader, or a caller who waits for a reply
//! and has the connection to itself. Such a caller reads no message but its own; for anything else it calls the
//! leader. So a client that makes one synchronous call after another needs no thread of ours.

use super::incoming::IncomingCall;
use super::outgoing::OutgoingCall;
use super::pending::Pending;
use super::pool::{self, Alarm, Occurrence, Source, Watched};
use super::server::Slot;
use super::{Activity, Peer};
use crate::ffi::afterwards::Afterwards;
use crate::lwmsg::assoc::connect_status;
use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::exchange::outbox::{Flush, Outbox};
use crate::lwmsg::exchange::role::Role;
use crate::lwmsg::exchange::sync::{lock, wait};
use crate::lwmsg::payload::Codec;
use crate::lwmsg::security::Token;
use crate::lwmsg::session::{Owner, Session, new_cookie};
use crate::lwmsg::trace;
use crate::lwmsg::types::*;
use crate::lwmsg::wire::{
    self, Cost, Event, Greeting, Inbound, Kind, MAX_DESCRIPTORS, MIN_PACKET_SIZE, Outbound, PEER_PACKET_SIZE,
    Read,
};
use crate::net::{local, socket};
use crate::trace::Direction;
use mio::Interest;
use std::collections::{HashMap, VecDeque};
use std::ffi::CString;
use std::fmt;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, Weak};
use std::time::{Duration, Instant};

/// How long to wait before a listener whose backlog was full is tried again.
const RETRY: Duration = Duration::from_millis(2);
/// Replies that may be held back to be written with others that follow at once.
const HELD: u32 = 16;
/// Reads of a connection that cannot be written any more, in search of the reason.
const LAST_READS: usize = 16;
/// Bytes of replies that may wait for an end that does not read; then nothing is read from it either. Nor is anything
/// when there are more descriptors in them than may arrive.
const BACKLOG: usize = 4 << 20;
/// Bytes of requests that may wait for a thread to handle them; then nothing is read from their sender. Nor is anything
/// when there are more descriptors in them than may arrive.
const WAITING: usize = 64 << 20;
/// Buffers of the system for either direction: what it grants without privileges.
const SOCKET_BUFFER: usize = 208 * 1024;

/// Which end this is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// The one that connected.
    Client,
    /// The one that was connected to.
    Server,
}

/// Where a connection comes from.
pub struct Origin {
    /// Which end this is.
    pub side: Side,
    /// How the other end's identity is known: LOCAL or PAIR.
    pub kind: LWMsgEndpointType,
    /// The socket.
    pub socket: OwnedFd,
    /// The endpoint that the socket is still to be connected to.
    pub path: Option<CString>,
    /// Endpoints to be tried when that one fails.
    pub targets: VecDeque<CString>,
    /// The place among the clients that the connection takes.
    pub slot: Option<Slot>,
}

/// A connection.
pub struct Connection {
    me: Weak<Self>,
    peer: Arc<Peer>,
    session: Arc<Session>,
    side: Side,
    kind: LWMsgEndpointType,
    socket: Mutex<Option<Arc<OwnedFd>>>,
    agreed: AtomicUsize,
    /// How long a call of this side's may take.
    call_timeout: Option<Duration>,
    /// When the handshake has to be over.
    deadline: Mutex<Option<Instant>>,
    driver: Role<Box<Driver>>,
    outbox: Outbox<Outbound>,
    held: AtomicU32,
    /// Bytes of replies that wait to be written, and descriptors in them.
    backlog: AtomicUsize,
    descriptors: AtomicUsize,
    /// The same of requests that wait for a thread; and whether nothing is read because of them.
    waiting_bytes: AtomicUsize,
    waiting_descriptors: AtomicUsize,
    stalled: AtomicBool,
    state: Mutex<State>,
    /// The handshake went on, or the connection ended.
    changed: Condvar,
    /// What is to be done by [`Source::step`]; bits of [`due`].
    due: AtomicU32,
    /// The other end has closed its side: what is read until then is not all, however short the last read was.
    closing: AtomicBool,
    watch: Mutex<Watch>,
    /// When to look at the handshake again, and at calls that take too long.
    handshake_alarm: Alarm,
    call_alarm: Alarm,
    /// Milliseconds since the peer began, when something last happened.
    active: AtomicU64,
    trace: crate::trace::Connection,
}

/// Bits of what is due.
mod due {
    pub const SCHEDULED: u32 = 1;
    pub const READABLE: u32 = 2;
    pub const WRITABLE: u32 = 4;
    pub const ENDED: u32 = 8;
    pub const TIMER: u32 = 16;
}

/// What only the thread that reads uses.
struct Driver {
    inbound: Inbound,
    stage: Stage,
    greeting: VecDeque<Outbound>,
    /// Endpoints to be tried when the present one fails.
    targets: VecDeque<CString>,
    /// The socket had no more when it was last read.
    drained: bool,
}

enum Stage {
    Connecting(CString),
    Greeting,
    Awaiting,
    Open,
}

/// What the handshake waits for.
enum Wanted {
    Nothing,
    Readable,
    Writable,
    Time(Duration),
}

struct State {
    phase: Phase,
    outgoing: Pending<Arc<OutgoingCall>>,
    incoming: HashMap<LWMsgCookie, Arc<IncomingCall>>,
    /// What runs on behalf of the connection, and may call the program: calls of the other side's, answered or not,
    /// completions of this side's, and whoever shakes hands, reads a message, or ends the connection.
    running: usize,
    /// Calls to be sent when the handshake is over.
    waiting: Vec<Arc<OutgoingCall>>,
    /// Calls whose completion functions a thread of ours has to run.
    failed: Vec<(Arc<OutgoingCall>, Status, Activity)>,
    /// Held until nothing runs on behalf of the connection any more.
    activity: Option<(Activity, Option<Slot>)>,
}

/// What goes on, for people.
pub struct Report {
    /// A word for it.
    pub phase: &'static str,
    /// Calls of the other side's: cookies and numbers of messages.
    pub incoming: Vec<(LWMsgCookie, LWMsgTag)>,
    /// Calls of this side's.
    pub outgoing: usize,
    /// Those that took too long.
    pub given_up: usize,
    /// Bytes of replies that wait to be written.
    pub backlog: usize,
    /// Since something last happened.
    pub idle: Duration,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    Connecting,
    Established,
    Ended(Status),
}

#[derive(Default)]
struct Watch {
    watched: Option<Watched>,
    readable: bool,
    writable: bool,
    /// The connection has ended: nothing is watched any more.
    over: bool,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("session", &self.session).finish_non_exhaustive()
    }
}

impl Connection {
    /// A connection over a socket.
    pub fn new(peer: &Arc<Peer>, session: Arc<Session>, origin: Origin) -> Arc<Self> {
        let Origin { side, kind, socket, path, targets, slot } = origin;
        let timeout = lock(&peer.settings).establish_timeout;
        let mut driver = Driver::new(targets);
        match (side, path) {
            (Side::Server, _) => {}
            (Side::Client, Some(path)) => driver.stage = Stage::Connecting(path),
            (Side::Client, None) => driver.greet(Kind::Connect, PEER_PACKET_SIZE, session.id().connect),
        }
        // A smaller buffer costs time, nothing else.
        let _ = socket2::SockRef::from(&socket).set_send_buffer_size(SOCKET_BUFFER);
        let activity = Some((peer.activity(), slot));
        Self::with(peer, session, side, kind, driver, Phase::Connecting, activity, |connection| {
            connection.socket = Mutex::new(Some(Arc::new(socket)));
            connection.deadline = Mutex::new(timeout.map(|timeout| Instant::now() + timeout));
        })
    }

    /// A connection that failed before it began: its calls get the status.
    pub fn failed(peer: &Arc<Peer>, session: Arc<Session>, status: Status) -> Arc<Self> {
        let driver = Driver::new(VecDeque::new());
        Self::with(peer, session, Side::Client, endpoint::LOCAL, driver, Phase::Ended(status), None, |_| {})
    }

    #[expect(clippy::too_many_arguments, reason = "the two functions above give each a name")]
    fn with(
        peer: &Arc<Peer>,
        session: Arc<Session>,
        side: Side,
        kind: LWMsgEndpointType,
        driver: Driver,
        phase: Phase,
        activity: Option<(Activity, Option<Slot>)>,
        finish: impl FnOnce(&mut Self),
    ) -> Arc<Self> {
        let call_timeout = lock(&peer.settings).call_timeout;
        Arc::new_cyclic(|me| {
            let mut connection = Self {
                me: me.clone(),
                peer: peer.clone(),
                session,
                side,
                kind,
                socket: Mutex::new(None),
                agreed: AtomicUsize::new(PEER_PACKET_SIZE),
                call_timeout,
                deadline: Mutex::new(None),
                driver: Role::new(Box::new(driver)),
                outbox: Outbox::corked(),
                held: AtomicU32::new(0),
                backlog: AtomicUsize::new(0),
                descriptors: AtomicUsize::new(0),
                waiting_bytes: AtomicUsize::new(0),
                waiting_descriptors: AtomicUsize::new(0),
                stalled: AtomicBool::new(false),
                state: Mutex::new(State {
                    phase,
                    outgoing: Pending::default(),
                    incoming: HashMap::new(),
                    running: 0,
                    waiting: Vec::new(),
                    failed: Vec::new(),
                    activity,
                }),
                changed: Condvar::new(),
                due: AtomicU32::new(0),
                closing: AtomicBool::new(false),
                watch: Mutex::default(),
                handshake_alarm: Alarm::default(),
                call_alarm: Alarm::default(),
                active: AtomicU64::new(peer.now()),
                trace: crate::trace::Connection::new(),
            };
            finish(&mut connection);
            connection
        })
    }

    /// The peer it belongs to.
    pub fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    /// Its session.
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// How payloads are read and written on it.
    pub fn codec(&self) -> Result<Codec<'_>> {
        self.peer.codec(Some(&self.session))
    }

    /// The status it ended with.
    pub fn ended(&self) -> Option<Status> {
        match lock(&self.state).phase {
            Phase::Ended(status) => Some(status),
            Phase::Connecting | Phase::Established => None,
        }
    }

    /// What goes on.
    pub fn report(&self) -> Report {
        let state = lock(&self.state);
        let (outgoing, given_up) = state.outgoing.count();
        let mut incoming: Vec<_> =
            state.incoming.iter().map(|(cookie, call)| (*cookie, call.tag())).collect();
        incoming.sort_unstable();
        Report {
            phase: match state.phase {
                Phase::Connecting => "greeting",
                Phase::Established => "connected",
                Phase::Ended(_) => "ended",
            },
            incoming,
            outgoing: outgoing + state.waiting.len(),
            given_up,
            backlog: self.backlog.load(Ordering::Relaxed),
            idle: Duration::from_millis(self.peer.now().saturating_sub(self.active.load(Ordering::Relaxed))),
        }
    }

    fn socket(&self) -> Result<Arc<OwnedFd>> {
        lock(&self.socket).clone().ok_or(Status::PEER_CLOSE)
    }

    /// Logs a message, and tells the trace; `ours` says whose call it is about.
    ///
    /// # Safety
    /// The message's payload is what the protocol says.
    pub unsafe fn record(&self, direction: Direction, ours: bool, message: &LWMsgMessage) {
        if let Ok(codec) = self.codec() {
            // SAFETY: as promised by the caller.
            unsafe { codec.log(ours, message) };
            trace::message(&codec, &self.trace, direction, ours, message);
        }
    }

    fn touch(&self) {
        self.active.store(self.peer.now(), Ordering::Relaxed);
    }

    // Writing.

    fn write(&self, batch: &mut VecDeque<Outbound>) -> Flush {
        let Ok(socket) = self.socket() else { return Flush::Broken };
        let waiting = |batch: &VecDeque<Outbound>| batch.iter().map(Outbound::reply_cost).sum::<Cost>();
        let before = waiting(batch);
        let result = wire::write(socket.as_fd(), batch, self.agreed.load(Ordering::Relaxed));
        let after = waiting(batch);
        self.backlog.fetch_sub(before.bytes - after.bytes, Ordering::Relaxed);
        if before.descriptors > 0 {
            self.descriptors.fetch_sub(before.descriptors - after.descriptors, Ordering::Relaxed);
        }
        match result {
            Ok(true) => Flush::Done,
            Ok(false) => Flush::Full,
            Err(_) => Flush::Broken,
        }
    }

    /// Queues a message. False when nothing can be written any more.
    pub fn push(&self, message: Outbound) -> bool {
        let cost = message.reply_cost();
        self.backlog.fetch_add(cost.bytes, Ordering::Relaxed);
        if cost.descriptors > 0 {
            self.descriptors.fetch_add(cost.descriptors, Ordering::Relaxed);
        }
        self.outbox.push(message)
    }

    /// Sees to it that what is queued is written. The result is what the caller has to see to: [`Flush::Full`] asks
    /// for [`Self::see_to`], or for a wait of the caller's own.
    pub fn write_soon(&self) -> Flush {
        // More messages are in our hands already: what follows them is written together.
        if pool::is_leader() && self.is_scheduled() {
            let held = self.held.fetch_add(1, Ordering::SeqCst);
            // The step that was due may be over by now, on the thread of another leader.
            if held < HELD && self.is_scheduled() {
                return Flush::Done;
            }
        }
        self.flush()
    }

    /// Both.
    pub fn send(&self, message: Outbound) -> Flush {
        if self.push(message) { self.write_soon() } else { Flush::Broken }
    }

    fn is_scheduled(&self) -> bool {
        self.due.load(Ordering::SeqCst) & due::SCHEDULED != 0
    }

    fn flush(&self) -> Flush {
        self.held.store(0, Ordering::SeqCst);
        self.outbox.flush(|batch| self.write(batch))
    }

    /// What the result of a write asks for, when nobody here waits: the leader watches a full socket, and a broken
    /// one ends the connection, with the reason that the other end gave if it did.
    pub fn see_to(&self, flush: Flush) {
        match flush {
            Flush::Done => {}
            Flush::Full => self.watch(None),
            Flush::Broken => self.broken(),
        }
    }

    /// Writing has failed. What the other end said last is still to be read.
    fn broken(&self) {
        let mut status = Status::PEER_CLOSE;
        if let Some(mut driver) = self.driver.try_take() {
            if let Ok(socket) = self.socket() {
                // The last words are short; what comes before them may be long.
                for _ in 0..LAST_READS {
                    if driver.inbound.read(socket.as_fd()) != Ok(Read::Some) {
                        break;
                    }
                }
            }
            if let Some(ended) = driver.inbound.ended() {
                status = ended;
            }
            if driver.inbound.is_message_ready() && self.is_watched() {
                // Replies are there; their callers get them, and the end follows.
                self.put(driver);
                self.schedule(due::READABLE);
                return;
            }
            self.put(driver);
        }
        self.fail(status, false);
    }

    // Watching.

    fn is_watched(&self) -> bool {
        lock(&self.watch).readable
    }

    /// Has the pool watch the socket: for reading as said, or as before, and for writing while it is full.
    fn watch(&self, readable: Option<bool>) {
        let Ok(socket) = self.socket() else { return };
        let Some(me) = self.me.upgrade() else { return };
        let result = {
            let mut watch = lock(&self.watch);
            if watch.over {
                return;
            }
            let readable = readable.unwrap_or(watch.readable);
            let writable = self.outbox.is_full();
            let interest = match (readable, writable) {
                (true, true) => Interest::READABLE | Interest::WRITABLE,
                (true, false) => Interest::READABLE,
                (false, true) => Interest::WRITABLE,
                // Nothing but the end, which is told always.
                (false, false) => Interest::PRIORITY,
            };
            let pool = &self.peer.pool;
            if let Some(replaced) = watch.watched.take_if(|watched| !watched.is(&socket)) {
                pool.deregister(replaced);
            }
            let result = match &watch.watched {
                // What is watched already is not told again, except what was full a moment ago.
                Some(_) if !writable && (watch.readable, watch.writable) == (readable, false) => return,
                Some(watched) => pool.reregister(watched, interest),
                None if !readable && !writable => return,
                None => pool.register(socket, interest, me).map(|watched| watch.watched = Some(watched)),
            };
            (watch.readable, watch.writable) = (readable, writable);
            result
        };
        if let Err(error) = result {
            self.fail(error.into(), true);
        }
    }

    /// Watches no longer: for now, or for ever.
    fn unwatch(&self, over: bool) {
        let watched = {
            let mut watch = lock(&self.watch);
            watch.over |= over;
            (watch.readable, watch.writable) = (false, false);
            watch.watched.take()
        };
        if let Some(watched) = watched {
            self.peer.pool.deregister(watched);
        }
    }

    /// Has the pool do what is due.
    pub fn schedule(&self, what: u32) {
        let Some(me) = self.me.upgrade() else { return };
        if self.due.fetch_or(what | due::SCHEDULED, Ordering::AcqRel) & due::SCHEDULED == 0
            && let Err(error) = self.peer.pool.schedule(me)
        {
            self.due.fetch_and(!due::SCHEDULED, Ordering::AcqRel);
            self.fail(error.into(), true);
        }
    }

    /// Has the pool watch and read the connection from now on.
    pub fn begin(&self) {
        self.watch(Some(true));
        self.schedule(due::READABLE);
    }

    fn check_time(&self) -> Result<()> {
        match *lock(&self.deadline) {
            Some(deadline) if Instant::now() >= deadline => Err(Status::TIMEOUT),
            _ => Ok(()),
        }
    }

    /// Gives the reading back; whoever came in vain meanwhile is not forgotten.
    fn put(&self, driver: Box<Driver>) {
        let open = matches!(driver.stage, Stage::Open);
        if self.driver.put(driver) {
            self.schedule(due::READABLE);
        }
        if !open {
            // A caller may wait for the handshake that it could not drive.
            drop(lock(&self.state));
            self.changed.notify_all();
        }
    }

    // The handshake.

    /// Goes on with the handshake as far as possible. Calls the program: cleanup, construct, completion functions.
    fn progress(&self, driver: &mut Driver) -> Result<Wanted> {
        self.begin_running()?;
        let result = self.shake_hands(driver);
        self.ran();
        result
    }

    fn shake_hands(&self, driver: &mut Driver) -> Result<Wanted> {
        loop {
            let socket = self.socket()?;
            match &driver.stage {
                Stage::Connecting(path) => {
                    // A socket that is not connected looks like one that has ended.
                    self.closing.store(false, Ordering::Release);
                    match local::try_connect(socket.as_fd(), path) {
                        Ok(()) => driver.greet(Kind::Connect, PEER_PACKET_SIZE, self.session.id().connect),
                        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                            self.check_time()?;
                            return Ok(Wanted::Time(RETRY));
                        }
                        Err(error) => return Err(connect_status(error)),
                    }
                }
                Stage::Greeting => {
                    match wire::write(socket.as_fd(), &mut driver.greeting, PEER_PACKET_SIZE) {
                        Ok(true) if self.side == Side::Client => driver.stage = Stage::Awaiting,
                        Ok(true) => self.established(driver),
                        Ok(false) => {
                            self.check_time()?;
                            return Ok(Wanted::Writable);
                        }
                        Err(_) => return Err(Status::PEER_CLOSE),
                    }
                }
                Stage::Awaiting => {
                    let expected = match self.side {
                        Side::Client => Kind::Accept,
                        Side::Server => Kind::Connect,
                    };
                    match driver.inbound.next_event()? {
                        Some(Event::Greeting(kind, greeting)) if kind == expected => {
                            self.greeted(driver, greeting)?;
                        }
                        Some(_) => return Err(Status::MALFORMED),
                        None => {
                            if self.read(driver)? == Read::Nothing {
                                self.check_time()?;
                                return Ok(Wanted::Readable);
                            }
                        }
                    }
                }
                Stage::Open => return Ok(Wanted::Nothing),
            }
        }
    }

    fn greeted(&self, driver: &mut Driver, greeting: Greeting) -> Result<()> {
        let agreed = (greeting.packet_size as usize).clamp(MIN_PACKET_SIZE, PEER_PACKET_SIZE);
        let token = match self.kind {
            endpoint::LOCAL => Some(Token::of_peer(self.socket()?.as_fd())?),
            endpoint::PAIR => Some(Token::of_pair(self.socket()?.as_fd())?),
            _ => None,
        };
        self.agreed.store(agreed, Ordering::Relaxed);
        driver.inbound.established(agreed);
        match self.side {
            Side::Client => {
                self.peer.outside(|| self.session.connected(greeting.cookie, token))?;
                self.established(driver);
            }
            Side::Server => {
                let accept = new_cookie();
                self.session.accepted(greeting.cookie, accept, token);
                let functions = lock(&self.peer.settings).session;
                // SAFETY: the functions have the types they were set with.
                self.peer.outside(|| unsafe {
                    self.session.construct(functions.construct, functions.destruct, functions.data)
                })?;
                driver.greet(Kind::Accept, agreed, accept);
            }
        }
        Ok(())
    }

    fn established(&self, driver: &mut Driver) {
        driver.stage = Stage::Open;
        self.peer.pool.clear(&self.handshake_alarm);
        let waiting = {
            let mut state = lock(&self.state);
            if state.phase == Phase::Connecting {
                state.phase = Phase::Established;
            }
            state.running += state.waiting.len();
            std::mem::take(&mut state.waiting)
        };
        self.changed.notify_all();
        self.outbox.uncork();
        let word = if self.side == Side::Client { "Connected" } else { "Accepted" };
        let context = self.peer.context;
        match self.session.token() {
            Some(token) => self.session.log(context, log_level::VERBOSE, format_args!("{word} {token}")),
            None => self.session.log(context, log_level::VERBOSE, format_args!("{word} <anonymous>")),
        }
        for call in waiting {
            call.send_waiting();
            self.ran();
        }
    }

    /// An attempt has failed: the next endpoint, when there is one and the failure is one of connecting.
    fn next_target(&self, driver: &mut Driver, status: Status) -> Result<()> {
        let about_connecting = matches!(
            status,
            Status::CONNECTION_REFUSED | Status::FILE_NOT_FOUND | Status::TIMEOUT | Status::NOT_FOUND
        );
        let path = driver.targets.pop_front().filter(|_| about_connecting).ok_or(status)?;
        let socket = Arc::new(local::nonblocking()?);
        self.unwatch(false);
        {
            // Whoever ends the connection has ended this socket, too, or finds it here.
            let state = lock(&self.state);
            if let Phase::Ended(status) = state.phase {
                return Err(status);
            }
            *lock(&self.socket) = Some(socket);
        }
        let timeout = lock(&self.peer.settings).establish_timeout;
        *lock(&self.deadline) = timeout.map(|timeout| Instant::now() + timeout);
        driver.inbound = Inbound::new(PEER_PACKET_SIZE);
        driver.greeting.clear();
        driver.stage = Stage::Connecting(path);
        Ok(())
    }

    /// Waits for the end of the handshake, and drives it meanwhile when nobody does.
    pub fn establish(&self) -> Result<()> {
        loop {
            {
                let state = lock(&self.state);
                match state.phase {
                    Phase::Established => return Ok(()),
                    Phase::Ended(status) => return Err(status),
                    Phase::Connecting => {}
                }
            }
            pool::about_to_wait();
            let state = lock(&self.state);
            if state.phase != Phase::Connecting {
                continue;
            }
            // Whoever puts the driver back takes this lock before it notifies.
            if let Some(driver) = self.driver.try_take() {
                drop(state);
                self.drive_handshake(driver);
            } else {
                drop(wait(&self.changed, state));
            }
        }
    }

    fn drive_handshake(&self, driver: Box<Driver>) {
        let mut driving = Driving::new(self, driver);
        while self.ended().is_none() {
            let result = self.progress(driving.driver()).and_then(|wanted| {
                let deadline = *lock(&self.deadline);
                let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
                match wanted {
                    Wanted::Nothing => return Ok(true),
                    Wanted::Time(time) => socket::pause(time),
                    Wanted::Readable => {
                        socket::wait(self.socket()?.as_fd(), libc::POLLIN, left)?;
                    }
                    Wanted::Writable => {
                        socket::wait(self.socket()?.as_fd(), libc::POLLOUT, left)?;
                    }
                }
                Ok(false)
            });
            match result {
                Ok(true) => break,
                Ok(false) => {}
                Err(status) => {
                    if let Err(status) = self.next_target(driving.driver(), status) {
                        self.put(driving.end());
                        self.fail(status, true);
                        return;
                    }
                }
            }
        }
        self.put(driving.end());
        if self.needs_leader() {
            self.watch(Some(true));
        }
    }

    // Calls of this side.

    /// Whether somebody but a single waiting caller has to be told what arrives.
    fn needs_leader(&self) -> bool {
        let state = lock(&self.state);
        state.phase == Phase::Established
            && (!state.outgoing.is_empty()
                || state.running > 0
                || !self.peer.dispatch.is_empty()
                || self.side == Side::Server)
    }

    /// Leaves a call to be sent when the handshake is over; false when that is over already.
    pub fn enter_waiting(&self, call: &OutgoingCall) -> Result<bool> {
        let mut state = lock(&self.state);
        match state.phase {
            Phase::Ended(status) => Err(status),
            Phase::Established => Ok(false),
            Phase::Connecting => {
                state.waiting.push(call.arc());
                Ok(true)
            }
        }
    }

    /// Enters a call, which gets a cookie. From then on its reply, or the end of the connection, completes it.
    pub fn enter(&self, call: &Arc<OutgoingCall>) -> Result<LWMsgCookie> {
        let cookie = {
            let mut state = lock(&self.state);
            match state.phase {
                Phase::Ended(status) => return Err(status),
                Phase::Connecting => return Err(Status::INTERNAL),
                Phase::Established => {}
            }
            let deadline = self.call_timeout.map(|timeout| Instant::now() + timeout);
            state.outgoing.enter(call.clone(), deadline).ok_or(Status::BUSY)?
        };
        self.read_on();
        Ok(cookie)
    }

    /// Takes a call out again; false when somebody else did, and completes it.
    pub fn leave(&self, cookie: LWMsgCookie) -> bool {
        lock(&self.state).outgoing.leave(cookie).is_some()
    }

    /// Has the pool tell what arrives, and what does not in time.
    pub fn watch_replies(&self) {
        self.watch(Some(true));
        if self.call_timeout.is_some() {
            self.watch_time();
        }
    }

    fn watch_time(&self) {
        let next = lock(&self.state).outgoing.set_alarm();
        if let Some(next) = next {
            let me: Weak<dyn Source> = self.me.clone();
            if let Err(error) = self.peer.pool.at(next, &self.call_alarm, me) {
                self.fail(error.into(), true);
            }
        }
    }

    /// The pool's timer has run out: calls that have taken too long are complete. Calls the program.
    fn give_up_late(&self) {
        let late = lock(&self.state).outgoing.late(Instant::now());
        for cookie in late {
            self.give_up(cookie);
        }
        self.watch_time();
    }

    /// A call has taken too long. Calls the program.
    fn give_up(&self, cookie: LWMsgCookie) {
        let call = self.begin_completing(|state| state.outgoing.give_up(cookie));
        if let Some(call) = call {
            call.ask_to_cancel(cookie);
            call.failed(Status::TIMEOUT);
            self.ran();
        }
    }

    /// Takes a call out whose reply nobody wants any more; false when somebody else did, and completes it.
    pub fn forgo(&self, cookie: LWMsgCookie) -> bool {
        lock(&self.state).outgoing.give_up(cookie).is_some()
    }

    /// Takes a call out that waits for the handshake; false when it is not there any more.
    pub fn leave_waiting(&self, call: &OutgoingCall) -> bool {
        let mut state = lock(&self.state);
        let before = state.waiting.len();
        state.waiting.retain(|other| !std::ptr::eq(&raw const **other, call));
        state.waiting.len() != before
    }

    /// Something runs on behalf of the connection until [`Self::ran`] is called: it is not over before.
    fn begin_running(&self) -> Result<()> {
        let mut state = lock(&self.state);
        match state.phase {
            Phase::Ended(status) => Err(status),
            Phase::Connecting | Phase::Established => {
                state.running += 1;
                Ok(())
            }
        }
    }

    /// Takes a call out to be completed, after which [`Self::ran`] is called: the connection is not over before.
    fn begin_completing(
        &self,
        take: impl FnOnce(&mut State) -> Option<Arc<OutgoingCall>>,
    ) -> Option<Arc<OutgoingCall>> {
        let mut state = lock(&self.state);
        let call = take(&mut state)?;
        state.running += 1;
        Some(call)
    }

    /// Has a thread of ours complete a call that came to nothing.
    pub fn complete_later(&self, call: Arc<OutgoingCall>, status: Status) {
        if let Some(call) = self.begin_completing(|_| Some(call)) {
            self.have_completed(call, status);
        }
    }

    fn have_completed(&self, call: Arc<OutgoingCall>, status: Status) {
        lock(&self.state).failed.push((call, status, self.peer.activity()));
        self.schedule(0);
    }

    /// Waits for the reply to a call. A caller that is alone reads it itself.
    pub fn await_reply(&self, call: &OutgoingCall, cookie: LWMsgCookie, flush: Flush) {
        pool::about_to_wait();
        if flush == Flush::Broken {
            self.broken();
        } else if lock(&self.state).outgoing.is_single()
            && !call.is_settled()
            && let Some(driver) = self.driver.try_take()
        {
            self.drive_reply(driver, call, cookie);
        } else {
            self.see_to(flush);
            // Whoever drives reads its own reply only, and two who are not alone drive neither.
            self.watch_replies();
        }
        call.wait_settled();
    }

    /// Reads until the call is settled, or something else arrives.
    fn drive_reply(&self, driver: Box<Driver>, call: &OutgoingCall, cookie: LWMsgCookie) {
        if self.is_watched() {
            self.watch(Some(false));
        }
        let mut driving = Driving::new(self, driver);
        let deadline = self.call_timeout.map(|timeout| Instant::now() + timeout);
        let mut ended = None;
        let mut foreign = false;
        while !call.is_settled() {
            let driver = driving.driver();
            if let Some(envelope) = driver.inbound.arriving()
                && (envelope.cookie != cookie || u32::from(envelope.flags) & message_flag::REPLY == 0)
            {
                foreign = true;
                break;
            }
            let result = match driver.inbound.next_event() {
                Ok(Some(Event::Message(message))) => {
                    let envelope = message.envelope;
                    if let Err(status) = self.begin_running() {
                        ended = Some(status);
                        break;
                    }
                    let running = Afterwards(|| self.ran());
                    let decoded = self.codec().and_then(|codec| codec.decode(message));
                    running.not();
                    driver.inbound.trim();
                    self.reply_arrived(match decoded {
                        Ok(message) => message,
                        Err(status) => synthetic(envelope.cookie, status),
                    });
                    continue;
                }
                Ok(Some(Event::Greeting(..))) => Err(Status::MALFORMED),
                Ok(None) => match self.read_or_wait(driver, deadline) {
                    Ok(true) => Ok(()),
                    Ok(false) => {
                        self.give_up(cookie);
                        break;
                    }
                    Err(status) => Err(status),
                },
                Err(status) => Err(status),
            };
            if let Err(status) = result {
                ended = Some(status);
                break;
            }
        }
        let mut driver = driving.end();
        driver.drained = false;
        // What was read along with the reply is told by nobody else.
        foreign |= driver.inbound.is_ready();
        self.put(driver);
        self.touch();
        if let Some(status) = ended {
            self.fail(status, status == Status::MALFORMED);
        } else if foreign || self.needs_leader() || self.outbox.is_full() {
            self.watch_replies();
            if foreign {
                self.schedule(due::READABLE);
            }
        }
    }

    /// False when it was in vain until then.
    fn read_or_wait(&self, driver: &mut Driver, deadline: Option<Instant>) -> Result<bool> {
        let socket = self.socket()?;
        if driver.inbound.read(socket.as_fd())? == Read::Nothing {
            let full = self.outbox.is_full();
            let events = if full { libc::POLLIN | libc::POLLOUT } else { libc::POLLIN };
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if !socket::wait(socket.as_fd(), events, left)? {
                return Ok(false);
            }
            if full && self.outbox.writable(|batch| self.write(batch)) == Flush::Broken {
                // What the other end said last is read first.
                self.outbox.close();
            }
        }
        Ok(true)
    }

    /// Looks, without waiting, whether the connection is still there, when nobody else does.
    pub fn check(&self) {
        if self.is_watched() {
            return;
        }
        let Some(mut driver) = self.driver.try_take() else { return };
        if !matches!(driver.stage, Stage::Open) {
            self.put(driver);
            return;
        }
        let result = self.socket().and_then(|socket| driver.inbound.read(socket.as_fd()));
        let ended = driver.inbound.ended().or(result.err());
        let message = driver.inbound.is_message_ready();
        self.put(driver);
        match ended {
            Some(status) => self.fail(status, false),
            None if message => self.begin(),
            None => {}
        }
    }

    // What arrives.

    /// A reply: the call with its cookie is complete. Calls the program. What ran to read it has run then.
    fn reply_arrived(&self, message: LWMsgMessage) {
        let _running = Afterwards(|| self.ran());
        let call = lock(&self.state).outgoing.leave(message.cookie);
        match call {
            Some(call) => call.replied(message),
            None => self.discard(&message),
        }
    }

    fn discard(&self, message: &LWMsgMessage) {
        if let Ok(codec) = self.codec() {
            // SAFETY: it was decoded here, and nobody has seen it. What is wrong with its type was told then.
            let _ = unsafe { codec.destroy(message.tag, message.data) };
        }
    }

    /// A message that was read while something ran on behalf of the connection, which goes on for a request until it is
    /// answered.
    fn message_arrived(&self, message: LWMsgMessage, cost: Cost) {
        self.touch();
        if message.flags & message_flag::REPLY != 0 {
            return self.reply_arrived(message);
        }
        match self.request(&message, cost) {
            Some(call) => call.dispatch(&message),
            None => self.ran(),
        }
    }

    /// The call of a request, unless it is none, or comes too late.
    fn request(&self, message: &LWMsgMessage, cost: Cost) -> Option<Arc<IncomingCall>> {
        // A control message has no payload. One that has, or had one that cannot be read, is a request by an old client
        // that has once cancelled a call, and from then on says CONTROL with everything.
        let payload = message.tag != LWMSG_TAG_INVALID || message.flags & message_flag::SYNTHETIC != 0;
        if message.flags & message_flag::CONTROL != 0 && !payload {
            if Status(message.status) == Status::CANCELLED {
                let call = lock(&self.state).incoming.get(&message.cookie).cloned();
                if let Some(call) = call {
                    call.cancelled(Some(message));
                }
            }
            return None;
        }
        let me = self.me.upgrade().expect("borrowed, so alive");
        // SAFETY: it was decoded here.
        unsafe { self.record(Direction::Received, false, message) };
        let call = IncomingCall::new(me, message, cost);
        {
            let mut state = lock(&self.state);
            match state.phase {
                Phase::Ended(_) => {
                    drop(state);
                    self.discard(message);
                    return None;
                }
                _ if state.incoming.contains_key(&message.cookie) => {
                    drop(state);
                    self.discard(message);
                    self.fail(Status::MALFORMED, true);
                    return None;
                }
                _ => {}
            }
            state.incoming.insert(message.cookie, call.clone());
        }
        Some(call)
    }

    /// A request is about to wait for a thread that handles it.
    pub fn request_waits(&self, cost: Cost) {
        self.waiting_bytes.fetch_add(cost.bytes, Ordering::SeqCst);
        self.waiting_descriptors.fetch_add(cost.descriptors, Ordering::SeqCst);
    }

    /// It has got one.
    pub fn request_begins(&self, cost: Cost) {
        self.waiting_bytes.fetch_sub(cost.bytes, Ordering::SeqCst);
        self.waiting_descriptors.fetch_sub(cost.descriptors, Ordering::SeqCst);
        self.read_on();
    }

    /// Whether the other end asks for more than there are threads for. Not while this end waits for replies: its handlers
    /// may, and replies come behind what is not read.
    fn has_enough(&self) -> bool {
        (self.waiting_bytes.load(Ordering::SeqCst) > WAITING
            || self.waiting_descriptors.load(Ordering::SeqCst) > MAX_DESCRIPTORS)
            && lock(&self.state).outgoing.is_empty()
    }

    /// The same, and whoever changes that calls [`Self::read_on`] after this has looked, or before.
    fn must_stall(&self) -> bool {
        self.has_enough() && {
            self.stalled.store(true, Ordering::SeqCst);
            self.has_enough()
        }
    }

    /// Reads on, if that was left and there is no reason any more.
    fn read_on(&self) {
        if self.stalled.load(Ordering::SeqCst)
            && !self.has_enough()
            && self.stalled.swap(false, Ordering::SeqCst)
        {
            self.schedule(due::READABLE);
        }
    }

    /// A call of the other side's is about to be answered: another may use its cookie.
    pub fn incoming_answered(&self, cookie: LWMsgCookie) {
        lock(&self.state).incoming.remove(&cookie);
    }

    /// Something that ran on behalf of the connection does not any more.
    pub fn ran(&self) {
        let ended = {
            let mut state = lock(&self.state);
            state.running -= 1;
            matches!(state.phase, Phase::Ended(_))
        };
        if ended {
            self.finalize();
        }
    }

    // The end.

    /// Ends the connection with a status, once. `tell` says whether the other end is told: it is not when it has
    /// gone, nor when a caller may still hold the connection.
    pub fn fail(&self, status: Status, tell: bool) {
        let (calls, incoming) = {
            let mut state = lock(&self.state);
            if let Phase::Ended(_) = state.phase {
                return;
            }
            let established = state.phase == Phase::Established;
            state.phase = Phase::Ended(status);
            if established || self.side == Side::Server {
                self.session.association_ended();
            }
            let mut calls = state.outgoing.leave_all();
            calls.append(&mut state.waiting);
            // And this.
            state.running += calls.len() + 1;
            (calls, state.incoming.values().cloned().collect::<Vec<_>>())
        };
        self.changed.notify_all();
        // A full socket is in the middle of a message; the end of the stream says the same.
        if tell
            && !self.outbox.is_full()
            && let Ok(socket) = self.socket()
        {
            let notice = wire::shutdown(Status::PEER_CLOSE);
            let _ = crate::net::descriptors::send(socket.as_fd(), &[std::io::IoSlice::new(&notice)], &[]);
        }
        self.outbox.close();
        if let Ok(socket) = self.socket() {
            // Whoever waits for the socket is woken. The other end is not told by the first of these.
            let how =
                if status == Status::CANCELLED { std::net::Shutdown::Read } else { std::net::Shutdown::Both };
            let _ = socket2::SockRef::from(&*socket).shutdown(how);
        }
        self.unwatch(true);
        self.peer.pool.clear(&self.handshake_alarm);
        self.peer.pool.clear(&self.call_alarm);
        let context = self.peer.context;
        self.session.log(context, log_level::VERBOSE, format_args!("Dropping: {status}"));
        let here = self.peer.pool.is_here();
        for call in calls {
            if here || !call.has_completion() {
                call.failed(status);
                self.ran();
            } else {
                self.have_completed(call, status);
            }
        }
        for call in incoming {
            call.cancelled(None);
        }
        self.ran();
    }

    /// When the connection has ended and nothing runs for it any more, its session ends, and its place is free.
    fn finalize(&self) {
        let activity = {
            let mut state = lock(&self.state);
            let Phase::Ended(status) = state.phase else { return };
            if state.running > 0 {
                return;
            }
            let Some(activity) = state.activity.take() else { return };
            if status != Status::CANCELLED || self.side == Side::Server {
                lock(&self.socket).take();
            }
            activity
        };
        // Whoever ended the connection may not have come to this yet; it keeps the socket.
        self.unwatch(true);
        if self.side == Side::Server {
            self.peer.outside(|| self.session.end());
            self.peer.server.forget(self);
        }
        drop(activity);
    }

    /// Whether an idle connection may be ended to make room: `since` is when others began to wait, in
    /// milliseconds. The time left until then, otherwise `None`.
    pub fn idle_left(
        &self,
        since: u64,
        idle: Option<Duration>,
        message: Option<Duration>,
    ) -> Option<Duration> {
        let partial = match self.driver.try_take() {
            Some(driver) => {
                let partial = driver.inbound.is_partial();
                self.put(driver);
                partial
            }
            None => return None,
        };
        let limit = if partial { message } else { idle }?;
        {
            let state = lock(&self.state);
            if state.phase != Phase::Established || state.running > 0 || !state.outgoing.is_empty() {
                return None;
            }
        }
        if self.session.handles().count() > 0 {
            return None;
        }
        let begin = since.max(self.active.load(Ordering::Relaxed));
        Some(limit.saturating_sub(Duration::from_millis(self.peer.now().saturating_sub(begin))))
    }
}

/// A caller that reads by itself. One that is cancelled while it waits leaves the reading to whoever comes.
struct Driving<'a> {
    connection: &'a Connection,
    driver: Option<Box<Driver>>,
}

impl<'a> Driving<'a> {
    fn new(connection: &'a Connection, driver: Box<Driver>) -> Self {
        Self { connection, driver: Some(driver) }
    }

    fn driver(&mut self) -> &mut Driver {
        self.driver.as_mut().expect("there until the end")
    }

    fn end(mut self) -> Box<Driver> {
        self.driver.take().expect("there until the end")
    }
}

impl Drop for Driving<'_> {
    fn drop(&mut self) {
        let Some(mut driver) = self.driver.take() else { return };
        driver.drained = false;
        self.connection.put(driver);
        if self.connection.needs_leader() {
            self.connection.watch_replies();
            self.connection.schedule(due::READABLE);
        }
    }
}

impl Driver {
    fn new(targets: VecDeque<CString>) -> Self {
        Self {
            inbound: Inbound::new(PEER_PACKET_SIZE),
            stage: Stage::Awaiting,
            greeting: VecDeque::new(),
            targets,
            drained: false,
        }
    }

    fn greet(&mut self, kind: Kind, packet_size: usize, cookie: [u8; 8]) {
        let greeting = Greeting { packet_size: packet_size as u32, cookie };
        self.greeting.push_back(Outbound::packet(&greeting.encode(kind)));
        self.stage = Stage::Greeting;
    }
}

/// A reply that takes the place of one that cannot be read.
fn synthetic(cookie: LWMsgCookie, status: Status) -> LWMsgMessage {
    LWMsgMessage {
        flags: message_flag::REPLY | message_flag::SYNTHETIC,
        status: status.0,
        cookie,
        tag: LWMSG_TAG_INVALID,
        data: std::ptr::null_mut(),
        reserved1: 0,
    }
}

impl Source for Connection {
    fn note(&self, occurrence: Occurrence) -> bool {
        if occurrence.ended {
            self.closing.store(true, Ordering::Release);
        }
        let mut what = due::SCHEDULED;
        for (yes, bit) in [
            (occurrence.readable, due::READABLE),
            (occurrence.writable, due::WRITABLE),
            (occurrence.ended, due::ENDED),
            (occurrence.timer, due::TIMER),
        ] {
            if yes {
                what |= bit;
            }
        }
        self.due.fetch_or(what, Ordering::AcqRel) & due::SCHEDULED == 0
    }

    fn step(self: Arc<Self>) {
        let due = self.due.swap(0, Ordering::SeqCst);
        self.run_failed();
        if due & due::TIMER != 0 {
            self.give_up_late();
        }
        if due & due::WRITABLE != 0 {
            let flush = self.outbox.writable(|batch| self.write(batch));
            self.see_to(flush);
            if flush == Flush::Done {
                self.watch(None);
            }
        }
        self.read_one(due);
        if self.held.load(Ordering::SeqCst) > 0 && !self.is_scheduled() {
            let flush = self.flush();
            self.see_to(flush);
        }
    }
}

impl Connection {
    fn run_failed(&self) {
        loop {
            let next = lock(&self.state).failed.pop();
            let Some((call, status, activity)) = next else { return };
            call.failed(status);
            self.ran();
            drop(activity);
        }
    }

    /// The pool's reading: at most one message, so that the program's code runs while nobody has the driver, and no
    /// more than the socket gives at once: others have their turn before the next part of a long one.
    fn read_one(&self, due: u32) {
        let Some(mut driver) = self.driver.take() else { return };
        if self.ended().is_some() {
            self.put(driver);
            return;
        }
        if due & (due::READABLE | due::ENDED) != 0 {
            driver.drained = false;
        }
        if !matches!(driver.stage, Stage::Open) {
            match self.progress(&mut driver) {
                Ok(Wanted::Nothing) => {}
                Ok(wanted) => {
                    self.put(driver);
                    return self.wait_for_handshake(&wanted);
                }
                Err(status) => {
                    let next = self.next_target(&mut driver, status);
                    self.put(driver);
                    match next {
                        Ok(()) => self.begin(),
                        Err(status) => self.fail(status, true),
                    }
                    return;
                }
            }
        }
        // The socket becoming writable steps again, or a handler that begins.
        if self.must_stall() || self.must_wait() {
            driver.drained = false;
            self.put(driver);
            return;
        }
        let mut read = false;
        let outcome = loop {
            match driver.inbound.next_event() {
                Ok(Some(Event::Message(message))) => {
                    // What is held back is written by the step that comes next, whoever leads by then: the program's
                    // code may take its time now, or wait for what the other end does with it.
                    if self.held.load(Ordering::SeqCst) > 0 {
                        self.schedule(0);
                    }
                    if let Err(status) = self.begin_running() {
                        break Err(status);
                    }
                    let envelope = message.envelope;
                    let (bytes, before) = (message.payload.len(), message.descriptors.len());
                    // The program's types have functions, and a long message takes its time: others do not wait for it.
                    let decoded = self.peer.outside(|| self.codec().and_then(|codec| codec.decode(message)));
                    driver.inbound.trim();
                    let message = match decoded {
                        Ok(message) => message,
                        // A message that the protocol does not have is answered like one that cannot be read.
                        Err(status) => LWMsgMessage {
                            flags: u32::from(envelope.flags) | message_flag::SYNTHETIC,
                            ..synthetic(envelope.cookie, status)
                        },
                    };
                    break Ok(Some((
                        message,
                        Cost { bytes, descriptors: before - driver.inbound.descriptors() },
                    )));
                }
                Ok(Some(Event::Greeting(..))) => break Err(Status::MALFORMED),
                Err(status) => break Err(status),
                Ok(None) if driver.drained || read => break Ok(None),
                Ok(None) => {
                    read = true;
                    if let Err(status) = self.read(&mut driver) {
                        break Err(status);
                    }
                }
            }
        };
        let more = driver.inbound.is_ready() || !driver.drained;
        self.put(driver);
        if more && outcome.is_ok() {
            self.schedule(0);
        }
        match outcome {
            Ok(Some((message, cost))) => self.message_arrived(message, cost),
            Ok(None) => {}
            Err(status) => self.fail(status, status == Status::MALFORMED),
        }
    }

    /// Reads what the socket has. Events tell changes only: what the last one was about is read to its end, and that
    /// is a short read, unless the end of the stream was told with it.
    fn read(&self, driver: &mut Driver) -> Result<Read> {
        let read = driver.inbound.read(self.socket()?.as_fd())?;
        driver.drained = match read {
            Read::Some => false,
            Read::Drained => !self.closing.load(Ordering::Acquire),
            Read::Nothing => true,
        };
        Ok(read)
    }

    /// Whether the other end, which asks and does not read the answers, is asked to wait.
    ///
    /// Both ends may ask so much that neither could send its answers before the other reads, so one has to read on:
    /// the client, as long as it waits for replies itself. A server that waits for it owes it some.
    fn must_wait(&self) -> bool {
        (self.backlog.load(Ordering::Relaxed) > BACKLOG
            || self.descriptors.load(Ordering::Relaxed) > MAX_DESCRIPTORS)
            && !self.closing.load(Ordering::Acquire)
            && self.outbox.is_full()
            && (self.side == Side::Server || lock(&self.state).outgoing.is_empty())
    }

    /// Has the handshake looked at again when something has happened, and when its time is up.
    fn wait_for_handshake(&self, wanted: &Wanted) {
        let retry = match wanted {
            Wanted::Time(time) => Some(Instant::now() + *time),
            // A greeting that does not fit an empty socket's buffer: look again soon.
            Wanted::Writable => Some(Instant::now() + RETRY),
            Wanted::Readable | Wanted::Nothing => None,
        };
        if retry.is_none() {
            self.watch(Some(true));
        }
        let deadline = *lock(&self.deadline);
        if let Some(next) = retry.into_iter().chain(deadline).min() {
            let me: Weak<dyn Source> = self.me.clone();
            if let Err(error) = self.peer.pool.at(next, &self.handshake_alarm, me) {
                self.fail(error.into(), true);
            }
        }
    }
}

impl Owner for Connection {
    fn acquire_call(&self) -> Result<*mut LWMsgCall> {
        let me = self.me.upgrade().ok_or(Status::INVALID_STATE)?;
        if let Some(status) = self.ended() {
            return Err(status);
        }
        Ok(OutgoingCall::acquire(me))
    }
}
