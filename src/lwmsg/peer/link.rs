//! The connecting half of a peer: one session, over one association after another.

use super::Peer;
use super::connection::{Connection, Origin, Side};
use super::direct::{self, DirectCall, DirectLink};
use super::outgoing::OutgoingCall;
use crate::lwmsg::assoc::connect_status;
use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::exchange::sync::{lock, wait};
use crate::lwmsg::lines::Lines;
use crate::lwmsg::session::{Owner, Policy, Session};
use crate::lwmsg::types::*;
use crate::net::local;
use std::collections::VecDeque;
use std::ffi::{CStr, CString};
use std::fmt;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Condvar, Mutex};

/// An outgoing session.
pub struct Client {
    peer: Arc<Peer>,
    session: Arc<Session>,
    /// The socket it was given, until it is used; `None` for a session that connects by itself.
    given: Option<Mutex<Option<(LWMsgEndpointType, OwnedFd)>>>,
    link: Mutex<Link>,
    changed: Condvar,
}

#[derive(Clone)]
enum Link {
    None,
    /// Somebody is connecting.
    Busy,
    Socket(Arc<Connection>),
    Direct(Arc<DirectLink>),
    /// The session has ended.
    Gone,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("session", &self.session).finish_non_exhaustive()
    }
}

impl Client {
    /// A session that has not connected.
    pub fn new(peer: Arc<Peer>, given: Option<(LWMsgEndpointType, OwnedFd)>) -> Arc<Self> {
        let session = Session::new(Policy::Peer);
        let client = Arc::new(Self {
            peer,
            session: session.clone(),
            given: given.map(|given| Mutex::new(Some(given))),
            link: Mutex::new(Link::None),
            changed: Condvar::new(),
        });
        let owner: Arc<dyn Owner> = client.clone();
        session.set_owner(Arc::downgrade(&owner));
        client
    }

    /// The session.
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// The association, made now if there is none that lives.
    fn link(&self) -> Result<Link> {
        loop {
            let current = lock(&self.link).clone();
            // Looked at without the lock: an association that is found dead completes its calls.
            match &current {
                Link::Socket(connection) => {
                    connection.check();
                    if connection.ended().is_none() {
                        return Ok(current);
                    }
                }
                Link::Direct(link) if link.is_open() => return Ok(current),
                Link::Gone => return Err(Status::INVALID_STATE),
                _ => {}
            }
            let mut link = lock(&self.link);
            let stale = match (&*link, &current) {
                (Link::Socket(now), Link::Socket(seen)) => Arc::ptr_eq(now, seen),
                (Link::Direct(now), Link::Direct(seen)) => Arc::ptr_eq(now, seen),
                (Link::None, Link::None) => true,
                (Link::Busy, _) => {
                    drop(wait(&self.changed, link));
                    continue;
                }
                _ => false,
            };
            if !stale {
                continue;
            }
            *link = Link::Busy;
            drop(link);
            let over_socket = matches!(current, Link::Socket(_));
            if let Link::Direct(_) = current {
                self.session.leave_handles();
            }
            // What was stale goes with its last call.
            drop(current);
            let made = self.connect();
            if over_socket && let Ok(Link::Direct(_)) = made {
                // A server outside the process knew them.
                self.session.invalidate_handles();
            }
            let mut link = lock(&self.link);
            let gone = matches!(*link, Link::Gone);
            if !gone {
                *link = made.as_ref().map_or(Link::None, Link::clone);
            }
            drop(link);
            self.changed.notify_all();
            if gone {
                if let Ok(made) = made {
                    end(made);
                }
                return Err(Status::INVALID_STATE);
            }
            return made;
        }
    }

    /// Tries the endpoints in order. Runs the construct function of a direct endpoint's server.
    fn connect(&self) -> Result<Link> {
        if let Some(given) = &self.given {
            let (kind, socket) = lock(given).take().ok_or(Status::PEER_CLOSE)?;
            return Ok(self.over(kind, socket, None, VecDeque::new()));
        }
        let endpoints = lock(&self.peer.settings).connect.clone();
        let (mut last, mut failed) = (Status::NOT_FOUND, false);
        for (index, (kind, name)) in endpoints.iter().enumerate() {
            let status = match *kind {
                endpoint::DIRECT => match direct::connect(name, &self.peer, &self.session) {
                    Ok(link) => return Ok(Link::Direct(link)),
                    Err(status) => status,
                },
                endpoint::LOCAL => {
                    let rest = endpoints[index + 1..].iter().filter(|(kind, _)| *kind == endpoint::LOCAL);
                    let rest = rest.map(|(_, name)| name.clone()).collect();
                    match self.connect_local(name, rest) {
                        Ok(link) => return Ok(link),
                        Err(status) => {
                            failed = true;
                            status
                        }
                    }
                }
                endpoint::PAIR => {
                    failed = true;
                    Status::INTERNAL
                }
                _ => Status::UNSUPPORTED,
            };
            last = status;
            let another = matches!(
                status,
                Status::CONNECTION_REFUSED | Status::TIMEOUT | Status::FILE_NOT_FOUND | Status::NOT_FOUND
            );
            if !another {
                break;
            }
        }
        if !failed {
            return Err(last);
        }
        // A socket that cannot be connected is told by the calls, as the original does.
        Ok(Link::Socket(Connection::failed(&self.peer, self.session.clone(), last)))
    }

    fn connect_local(&self, path: &CStr, rest: VecDeque<CString>) -> Result<Link> {
        let socket = local::nonblocking()?;
        let path = match local::try_connect(socket.as_fd(), path) {
            Ok(()) => None,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Some(path.to_owned()),
            Err(error) => return Err(connect_status(error)),
        };
        Ok(self.over(endpoint::LOCAL, socket, path, rest))
    }

    fn over(
        &self,
        kind: LWMsgEndpointType,
        socket: OwnedFd,
        path: Option<CString>,
        targets: VecDeque<CString>,
    ) -> Link {
        let origin = Origin { side: Side::Client, kind, socket, path, targets, slot: None };
        Link::Socket(Connection::new(&self.peer, self.session.clone(), origin))
    }

    /// What goes on, as text for people.
    pub fn describe(&self, lines: &mut Lines<'_>) -> Result<()> {
        let link = lock(&self.link).clone();
        lines.text(&match link {
            Link::Socket(connection) => return connection.describe("server", lines),
            Link::Direct(link) => {
                format!("server in the process: {} calls in progress", link.calls_in_progress())
            }
            Link::None => "server: not connected".to_owned(),
            Link::Busy => "server: about to connect".to_owned(),
            Link::Gone => "server: disconnected".to_owned(),
        })?;
        lines.end();
        Ok(())
    }

    /// Whether the calling thread runs a handler of a call inside the process, which the end of the session waits for.
    pub fn is_calling_here(&self) -> bool {
        matches!(&*lock(&self.link), Link::Direct(link) if link.is_calling_here())
    }

    /// Ends the session. Calls in progress are cancelled.
    pub fn disconnect(&self) {
        let link = std::mem::replace(&mut *lock(&self.link), Link::Gone);
        self.changed.notify_all();
        end(link);
    }
}

fn end(link: Link) {
    match link {
        Link::Socket(connection) => connection.fail(Status::CANCELLED, false),
        Link::Direct(link) => link.run_down(),
        Link::None | Link::Busy | Link::Gone => {}
    }
}

impl Owner for Client {
    fn acquire_call(&self) -> Result<*mut LWMsgCall> {
        self.peer.check_process()?;
        match self.link()? {
            Link::Socket(connection) => Ok(OutgoingCall::acquire(connection)),
            Link::Direct(link) => Ok(DirectCall::acquire(link, false)),
            Link::None | Link::Busy | Link::Gone => Err(Status::INTERNAL),
        }
    }
}
