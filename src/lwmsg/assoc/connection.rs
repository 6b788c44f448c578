//! A connection as an association: one thread, blocking or not.

use super::Association;
use super::state::{Admission, End, Request, Side, State};
use crate::ffi::afterwards::Afterwards;
use crate::lwmsg::context::{Context, raise};
use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::payload::Codec;
use crate::lwmsg::protocol::Protocol;
use crate::lwmsg::security::Token;
use crate::lwmsg::session::{Policy, Session};
use crate::lwmsg::trace;
use crate::lwmsg::types::*;
use crate::lwmsg::wire::{
    self, DEFAULT_PACKET_SIZE, Envelope, Event, Greeting, Inbound, Kind, MIN_PACKET_SIZE, Outbound, Read,
};
use crate::net::{descriptors, local, socket};
use crate::trace::Direction;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ffi::{CStr, CString, c_int};
use std::os::fd::{AsFd, OwnedFd};
use std::ptr::{self, NonNull};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// The state of a connection. Used through shared references, with its state in cells, because the program's
/// functions run inside it.
pub struct Connection {
    protocol: *mut LWMsgProtocol,
    context: Context,
    mode: Cell<LWMsgConnectionMode>,
    endpoint: RefCell<Option<CString>>,
    socket: RefCell<Option<Rc<OwnedFd>>>,
    state: Cell<State>,
    nonblock: Cell<bool>,
    /// What was set, and what both ends agreed on.
    packet_size: Cell<usize>,
    agreed: Cell<usize>,
    inbound: Cell<Option<Box<Inbound>>>,
    outbound: RefCell<VecDeque<Outbound>>,
    /// The messages that are pending.
    outgoing: Cell<*mut LWMsgMessage>,
    incoming: Cell<*mut LWMsgMessage>,
    default_session: RefCell<Option<Arc<Session>>>,
    establishing: RefCell<Option<Arc<Session>>>,
    active: RefCell<Option<Arc<Session>>>,
    establish_timeout: Cell<Option<Duration>>,
    message_timeout: Cell<Option<Duration>>,
    /// The timeout that bounds each wait of the operation in progress.
    timeout: Cell<Option<Duration>>,
    trace: crate::trace::Connection,
}

/// As good as no limit, and a time from now that the clock still has.
const FOREVER: Duration = Duration::from_secs(u32::MAX as u64);

/// A length of time as the program gives it.
pub fn duration(time: LWMsgTime) -> Result<Duration> {
    let seconds = u64::try_from(time.seconds).map_err(|_| Status::INVALID_PARAMETER)?;
    let microseconds = u64::try_from(time.microseconds).map_err(|_| Status::INVALID_PARAMETER)?;
    Ok(Duration::from_secs(seconds).saturating_add(Duration::from_micros(microseconds)).min(FOREVER))
}

impl Connection {
    /// A connection that has neither descriptor nor endpoint.
    pub fn new(protocol: *mut LWMsgProtocol, context: Context) -> Self {
        Self {
            protocol,
            context,
            mode: Cell::new(endpoint::NONE),
            endpoint: RefCell::new(None),
            socket: RefCell::new(None),
            state: Cell::new(State::Start),
            nonblock: Cell::new(false),
            packet_size: Cell::new(DEFAULT_PACKET_SIZE),
            agreed: Cell::new(DEFAULT_PACKET_SIZE),
            inbound: Cell::new(None),
            outbound: RefCell::default(),
            outgoing: Cell::new(ptr::null_mut()),
            incoming: Cell::new(ptr::null_mut()),
            default_session: RefCell::new(None),
            establishing: RefCell::new(None),
            active: RefCell::new(None),
            establish_timeout: Cell::new(None),
            message_timeout: Cell::new(None),
            timeout: Cell::new(None),
            trace: crate::trace::Connection::new(),
        }
    }

    /// The largest packet this end will announce.
    pub fn set_packet_size(&self, size: usize) -> Result<()> {
        if self.active.borrow().is_some() {
            return Err(raise!(
                self.context,
                Status::INVALID_STATE,
                "Cannot change packet size of established connection"
            ));
        }
        // Nothing longer can be announced.
        self.packet_size.set(size.min(u32::MAX as usize));
        Ok(())
    }

    fn check_unset(&self) -> Result<()> {
        if self.socket.borrow().is_some() || self.endpoint.borrow().is_some() {
            return Err(raise!(self.context, Status::INVALID_STATE, "Connection parameters already set"));
        }
        Ok(())
    }

    /// Uses a connected socket, which is the connection's from now on.
    ///
    /// # Safety
    /// Nobody else closes the descriptor when this succeeds.
    pub unsafe fn set_fd(&self, mode: LWMsgConnectionMode, fd: c_int) -> Result<()> {
        if fd < 0 {
            return Err(raise!(self.context, Status::INVALID_PARAMETER, "Invalid file descriptor"));
        }
        self.check_unset()?;
        // SAFETY: the caller gives it away.
        let socket = match unsafe { descriptors::adopt(fd) } {
            Ok(socket) => socket,
            Err(error) => return Err(raise!(self.context, Status::from(error), "Invalid file descriptor")),
        };
        *self.socket.borrow_mut() = Some(Rc::new(socket));
        self.mode.set(mode);
        Ok(())
    }

    /// Will connect to an endpoint.
    pub fn set_endpoint(&self, mode: LWMsgConnectionMode, path: &CStr) -> Result<()> {
        self.check_unset()?;
        *self.endpoint.borrow_mut() = Some(path.to_owned());
        self.mode.set(mode);
        Ok(())
    }

    /// Runs `work`, whose operations wait whatever was said before: nothing of them is pending afterwards.
    pub fn waiting<T>(&self, work: impl FnOnce() -> T) -> T {
        let before = self.nonblock.replace(false);
        let _afterwards = Afterwards(|| self.nonblock.set(before));
        work()
    }

    fn socket(&self) -> Result<Rc<OwnedFd>> {
        self.socket.borrow().clone().ok_or(Status::INVALID_STATE)
    }

    /// Runs a request, if the state admits it, and records where a failure leads.
    fn run<T: Default>(&self, request: Request, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let result = match self.state.get().admit(request) {
            Ok(Admission::Do) => work(),
            Ok(Admission::Nothing) => Ok(T::default()),
            Ok(Admission::Restart) => {
                self.state.set(State::Start);
                Ok(T::default())
            }
            Err(status) => Err(status),
        };
        if let Err(status) = result {
            let state = self.state.get().after_failure(status);
            self.state.set(state);
        }
        result
    }

    /// Waits for the socket, or gives PENDING.
    fn wait(&self, events: libc::c_short) -> Result<()> {
        if self.nonblock.get() {
            return Err(Status::PENDING);
        }
        let ready = socket::wait(self.socket()?.as_fd(), events, self.timeout.get())?;
        if ready { Ok(()) } else { Err(Status::TIMEOUT) }
    }

    /// Writes what is queued.
    fn flush(&self) -> Result<()> {
        let socket = self.socket()?;
        loop {
            let written = wire::write(socket.as_fd(), &mut self.outbound.borrow_mut(), self.agreed.get());
            match written {
                Ok(true) => return Ok(()),
                Ok(false) => self.wait(libc::POLLOUT)?,
                Err(error) => {
                    self.outbound.borrow_mut().clear();
                    return Err(match error.raw_os_error() {
                        Some(libc::EPIPE | libc::ECONNRESET) => Status::PEER_CLOSE,
                        _ => error.into(),
                    });
                }
            }
        }
    }

    /// Reads until `take` finds what it looks for. The receiving half is taken out meanwhile: the program's
    /// functions run inside `take`.
    fn read<T>(&self, mut take: impl FnMut(Event<'_>) -> Result<T>) -> Result<T> {
        let socket = self.socket()?;
        let inbound = self.inbound.take().unwrap_or_else(|| Box::new(Inbound::exact(self.agreed.get())));
        let mut taken = Taken { place: &self.inbound, inbound: Some(inbound) };
        let inbound = taken.inbound.as_mut().ok_or(Status::INTERNAL)?;
        loop {
            match inbound.next_event() {
                Ok(Some(event)) => break take(event),
                Err(status) => break Err(status),
                Ok(None) => {}
            }
            match inbound.read(socket.as_fd()) {
                Ok(Read::Nothing) => {
                    if let Err(status) = self.wait(libc::POLLIN) {
                        break Err(status);
                    }
                }
                Ok(_) => {}
                Err(status) => break Err(status),
            }
        }
    }

    fn session_for(&self, session: Option<Arc<Session>>) -> Arc<Session> {
        session.unwrap_or_else(|| {
            self.default_session.borrow_mut().get_or_insert_with(|| Session::new(Policy::Default)).clone()
        })
    }

    fn establish(&self, side: Side, session: Option<Arc<Session>>) -> Result<()> {
        self.run(Request::Establish(side), || {
            let session = self.session_for(session);
            drop(self.establishing.replace(Some(session.clone())));
            self.timeout.set(self.establish_timeout.get());
            self.agreed.set(self.packet_size.get().max(MIN_PACKET_SIZE));
            self.inbound.set(None);
            self.outbound.borrow_mut().clear();
            match side {
                Side::Accept => {
                    self.socket()?;
                    self.state.set(State::Awaiting(side));
                }
                Side::Connect if self.socket.borrow().is_some() => self.greet(side, &session),
                Side::Connect => {
                    let path = self.endpoint.borrow().clone().ok_or(Status::INVALID_STATE)?;
                    if self.mode.get() != endpoint::LOCAL {
                        return Err(Status::INTERNAL);
                    }
                    if self.nonblock.get() {
                        *self.socket.borrow_mut() = Some(Rc::new(local::nonblocking()?));
                        self.state.set(State::Connecting);
                    } else {
                        let socket = local::connect(&path, self.timeout.get()).map_err(connect_status)?;
                        *self.socket.borrow_mut() = Some(Rc::new(socket));
                        self.greet(side, &session);
                    }
                }
            }
            let over = Afterwards(|| self.begin_anew());
            let result = self.go_on();
            if result == Err(Status::PENDING) {
                over.not();
            }
            result
        })
    }

    /// A thread that is cancelled before anybody has come has not begun to accept.
    fn begin_anew(&self) {
        if self.state.get() == State::Awaiting(Side::Accept) {
            let inbound = self.inbound.take();
            if !inbound.as_ref().is_some_and(|inbound| inbound.is_partial()) {
                self.state.set(State::Start);
            }
            self.inbound.set(inbound);
        }
    }

    fn greet(&self, side: Side, session: &Session) {
        let id = session.id();
        let (kind, cookie) = match side {
            Side::Connect => (Kind::Connect, id.connect),
            Side::Accept => (Kind::Accept, id.accept),
        };
        let greeting = Greeting { packet_size: self.agreed.get() as u32, cookie };
        self.outbound.borrow_mut().push_back(Outbound::packet(&greeting.encode(kind)));
        self.state.set(State::Greeting(side));
    }

    /// Goes on with connecting and greeting, as far as possible.
    fn go_on(&self) -> Result<()> {
        loop {
            match self.state.get() {
                State::Connecting => {
                    let path = self.endpoint.borrow().clone().ok_or(Status::INTERNAL)?;
                    if let Err(error) = local::try_connect(self.socket()?.as_fd(), &path) {
                        if error.kind() == std::io::ErrorKind::WouldBlock {
                            return Err(Status::PENDING);
                        }
                        *self.socket.borrow_mut() = None;
                        return Err(connect_status(error));
                    }
                    let session = self.establishing.borrow().clone().ok_or(Status::INTERNAL)?;
                    self.greet(Side::Connect, &session);
                }
                State::Greeting(side) => {
                    self.flush()?;
                    self.state.set(match side {
                        Side::Connect => State::Awaiting(side),
                        Side::Accept => State::Established,
                    });
                }
                State::Awaiting(side) => self.await_greeting(side)?,
                _ => return Ok(()),
            }
        }
    }

    fn await_greeting(&self, side: Side) -> Result<()> {
        let expected = match side {
            Side::Connect => Kind::Accept,
            Side::Accept => Kind::Connect,
        };
        let greeting = self.read(|event| match event {
            Event::Greeting(kind, greeting) if kind == expected => Ok(greeting),
            _ => Err(raise!(self.context, Status::MALFORMED, "Received malformed greeting packet")),
        });
        // The state machine takes MALFORMED for one bad message, but without a greeting there are no messages.
        let greeting = greeting.inspect_err(|status| {
            if *status == Status::MALFORMED {
                self.state.set(State::Error);
            }
        })?;
        self.agreed.set(self.agreed.get().min(greeting.packet_size as usize));
        let token = match self.mode.get() {
            endpoint::LOCAL => Some(Token::of_peer(self.socket()?.as_fd())?),
            endpoint::PAIR => Some(Token::of_pair(self.socket()?.as_fd())?),
            _ => None,
        };
        let session = self.establishing.borrow_mut().take().ok_or(Status::INTERNAL)?;
        match side {
            Side::Connect => session.connected(greeting.cookie, token)?,
            Side::Accept => session.accepted(greeting.cookie, session.id().accept, token),
        }
        if let Some(mut inbound) = self.inbound.take() {
            inbound.established(self.agreed.get());
            self.inbound.set(Some(inbound));
        }
        match side {
            Side::Connect => self.state.set(State::Established),
            Side::Accept => self.greet(side, &session),
        }
        // It may be the last of the old one, whose handles are cleaned up then: nothing is borrowed.
        let old = self.active.replace(Some(session));
        if let Some(old) = old {
            old.association_ended();
        }
        Ok(())
    }

    fn codec<'a>(&self, session: Option<&'a Session>) -> Result<Codec<'a>> {
        // SAFETY: the protocol outlives the connection, as whoever made it promised.
        let protocol = unsafe { Protocol::from_ptr(self.protocol) }.ok_or(Status::INVALID_PARAMETER)?;
        Ok(Codec { protocol, context: self.context, session })
    }

    /// # Safety
    /// The message is live, and its data is what the protocol says.
    unsafe fn begin_send(&self, message: *mut LWMsgMessage) -> Result<()> {
        if !self.outgoing.get().is_null() {
            return Err(Status::BUSY);
        }
        self.timeout.set(self.message_timeout.get());
        // SAFETY: live, as promised by the caller.
        let content = unsafe { message.read() };
        let envelope = Envelope {
            flags: content.flags as u8,
            status: content.status,
            cookie: content.cookie,
            tag: content.tag,
        };
        let session = self.active.borrow().clone();
        // SAFETY: as promised by the caller.
        let outbound = unsafe { self.codec(session.as_deref())?.encode(envelope, content.data)? };
        let ours = content.flags & message_flag::REPLY == 0;
        trace::message(&self.codec(session.as_deref())?, &self.trace, Direction::Sent, ours, &content);
        self.outbound.borrow_mut().push_back(outbound);
        self.outgoing.set(message);
        self.finish_send()
    }

    fn finish_send(&self) -> Result<()> {
        let over = Afterwards(|| self.outgoing.set(ptr::null_mut()));
        let result = self.flush();
        if result == Err(Status::PENDING) {
            over.not();
        }
        result
    }

    /// # Safety
    /// The pending message is live.
    unsafe fn finish_receive(&self) -> Result<()> {
        let session = self.active.borrow().clone();
        let message = self.incoming.get();
        let over = Afterwards(|| self.incoming.set(ptr::null_mut()));
        let result = self.read(|event| match event {
            Event::Message(message) => self.codec(session.as_deref())?.decode(message),
            Event::Greeting(..) => {
                Err(raise!(self.context, Status::MALFORMED, "Did not receive message packet as expected"))
            }
        });
        if result.as_ref().err() == Some(&Status::PENDING) {
            over.not();
        } else {
            drop(over);
        }
        let content = result?;
        let ours = content.flags & message_flag::REPLY != 0;
        trace::message(&self.codec(session.as_deref())?, &self.trace, Direction::Received, ours, &content);
        // SAFETY: live, as promised by the caller.
        unsafe { message.write(content) };
        Ok(())
    }

    fn end(&self, end: End) -> Result<()> {
        self.run(Request::End(end), || {
            self.timeout.set(self.establish_timeout.get());
            self.outgoing.set(ptr::null_mut());
            self.incoming.set(ptr::null_mut());
            let status = match end {
                End::Close => Status::PEER_CLOSE,
                End::Reset => Status::PEER_RESET,
            };
            if self.socket.borrow().is_some() && self.state.get() != State::Connecting {
                let mut outbound = self.outbound.borrow_mut();
                outbound.retain(|message| !message.is_untouched());
                let notice = Outbound::packet(&wire::shutdown(status));
                if self.state.get() != State::Error {
                    // What was partly written has to be completed, or the notice would be read as its rest.
                    outbound.push_back(notice);
                } else if std::mem::take(&mut *outbound).is_empty() {
                    // What failed is not waited for once more. Without the notice the end of the stream says the same.
                    let socket = self.socket()?;
                    let _ = wire::write(socket.as_fd(), &mut [notice].into(), self.agreed.get());
                }
            }
            self.state.set(State::Closing(end));
            self.finish_end(end)
        })
    }

    fn finish_end(&self, end: End) -> Result<()> {
        if self.socket.borrow().is_some() {
            // The other end may have gone first, and whatever else is wrong: this end goes now.
            if self.flush() == Err(Status::PENDING) {
                return Err(Status::PENDING);
            }
        }
        *self.socket.borrow_mut() = None;
        self.inbound.set(None);
        self.outbound.borrow_mut().clear();
        self.state.set(match end {
            End::Close => State::Closed,
            End::Reset => State::Start,
        });
        // The session may end here, and clean up its handles: nothing is borrowed.
        drop(self.establishing.take());
        let session = self.active.take();
        if let Some(session) = session {
            session.association_ended();
        }
        Ok(())
    }
}

/// The receiving half while it is used. It goes back to its place then.
struct Taken<'a> {
    place: &'a Cell<Option<Box<Inbound>>>,
    inbound: Option<Box<Inbound>>,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if let Some(mut inbound) = self.inbound.take() {
            inbound.trim();
            self.place.set(Some(inbound));
        }
    }
}

/// What a failed connect is called.
pub fn connect_status(error: std::io::Error) -> Status {
    match error.kind() {
        std::io::ErrorKind::InvalidInput => Status::INVALID_PARAMETER,
        _ => error.into(),
    }
}

impl Association for Connection {
    unsafe fn send(&self, message: *mut LWMsgMessage) -> Result<()> {
        // SAFETY: as promised by the caller.
        self.run(Request::Send, || unsafe { self.begin_send(message) })
    }

    unsafe fn receive(&self, message: *mut LWMsgMessage) -> Result<()> {
        self.run(Request::Receive, || {
            if !self.incoming.get().is_null() {
                return Err(Status::BUSY);
            }
            self.timeout.set(self.message_timeout.get());
            self.incoming.set(message);
            // SAFETY: as promised by the caller.
            unsafe { self.finish_receive() }
        })
    }

    unsafe fn finish(&self) -> Result<*mut LWMsgMessage> {
        let completed = self.run(Request::Finish, || {
            match self.state.get() {
                State::Closing(end) => return self.finish_end(end).map(|()| None),
                State::Established => {}
                _ => return self.go_on().map(|()| None),
            }
            let (outgoing, incoming) = (self.outgoing.get(), self.incoming.get());
            if !outgoing.is_null() {
                match self.finish_send() {
                    Ok(()) => return Ok(NonNull::new(outgoing)),
                    Err(Status::PENDING) if !incoming.is_null() => {}
                    Err(status) => return Err(status),
                }
            }
            if incoming.is_null() {
                return Ok(None);
            }
            // SAFETY: pending messages are live, as promised by the caller.
            unsafe { self.finish_receive()? };
            Ok(NonNull::new(incoming))
        });
        completed.map(|message| message.map_or(ptr::null_mut(), NonNull::as_ptr))
    }

    fn close(&self) -> Result<()> {
        self.end(End::Close)
    }

    fn reset(&self) -> Result<()> {
        self.end(End::Reset)
    }

    fn connect(&self, session: Option<Arc<Session>>) -> Result<()> {
        self.establish(Side::Connect, session)
    }

    fn accept(&self, session: Option<Arc<Session>>) -> Result<()> {
        self.establish(Side::Accept, session)
    }

    fn state(&self) -> LWMsgAssocState {
        let receiving = !self.incoming.get().is_null();
        self.state.get().public(!self.outbound.borrow().is_empty(), receiving)
    }

    fn session(&self) -> Result<Arc<Session>> {
        self.active.borrow().clone().ok_or(Status::INVALID_STATE)
    }

    fn set_nonblock(&self, nonblock: bool) -> Result<()> {
        match Association::state(self) {
            assoc_state::NOT_ESTABLISHED | assoc_state::IDLE | assoc_state::CLOSED => {
                self.nonblock.set(nonblock);
                Ok(())
            }
            _ => Err(raise!(
                self.context,
                Status::INVALID_STATE,
                "Cannot set blocking while connection is busy"
            )),
        }
    }

    fn set_timeout(&self, which: LWMsgTimeout, value: Option<LWMsgTime>) -> Result<()> {
        let value = match value.map(duration).transpose() {
            Ok(value) => value,
            Err(status) => return Err(raise!(self.context, status, "Invalid (negative) timeout value")),
        };
        match which {
            timeout::MESSAGE => self.message_timeout.set(value),
            timeout::ESTABLISH => self.establish_timeout.set(value),
            _ => return Err(raise!(self.context, Status::UNSUPPORTED, "Unsupported timeout type")),
        }
        Ok(())
    }

    fn as_connection(&self) -> Option<&Connection> {
        Some(self)
    }
}
