//! A listening socket.

use super::Peer;
use super::pool::{self, Alarm, Occurrence, Source, Watched};
use crate::lwmsg::context::place;
use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::exchange::gate::Gate;
use crate::lwmsg::exchange::sync::lock;
use crate::lwmsg::types::*;
use crate::net::local;
use mio::Interest;
use std::ffi::CString;
use std::fmt;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

/// How long to wait before accepting again, when descriptors or memory were short.
const RETRY: Duration = Duration::from_millis(20);

/// A listening socket. Accepts while there are places for clients.
pub struct Listener {
    me: Weak<Self>,
    peer: Arc<Peer>,
    socket: Mutex<Option<Arc<OwnedFd>>>,
    /// Set while the socket is, once it is watched.
    watched: Mutex<Option<Watched>>,
    /// The socket's file, to be removed at the end.
    path: Option<CString>,
    scheduled: AtomicBool,
    /// Who accepts, and tells the program when that fails, is inside.
    gate: Gate,
    /// When to look again.
    alarm: Alarm,
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Listener {
    /// A listener that does not accept yet.
    pub fn new(peer: &Arc<Peer>, socket: OwnedFd, path: Option<CString>) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            me: me.clone(),
            peer: peer.clone(),
            socket: Mutex::new(Some(Arc::new(socket))),
            watched: Mutex::new(None),
            path,
            scheduled: AtomicBool::new(false),
            gate: Gate::default(),
            alarm: Alarm::default(),
        })
    }

    /// Accepts from now on.
    pub fn begin(self: &Arc<Self>) -> Result<()> {
        // Kept until it is told: the first client may be one that makes the listener close.
        let mut watched = lock(&self.watched);
        let Some(socket) = lock(&self.socket).clone() else { return Err(Status::INVALID_STATE) };
        *watched = Some(self.peer.pool.register(socket, Interest::READABLE, self.clone())?);
        Ok(())
    }

    /// Accepts no more, and removes the socket's file.
    pub fn close(&self) {
        let watched = lock(&self.watched).take();
        let socket = lock(&self.socket).take();
        if let Some(watched) = watched {
            self.peer.pool.deregister(watched);
        }
        self.peer.pool.clear(&self.alarm);
        if let (Some(_), Some(path)) = (socket, &self.path) {
            // SAFETY: the path is terminated. Whoever removed it before was faster.
            unsafe { libc::unlink(path.as_ptr()) };
        }
    }

    /// The same, and waits until nothing runs for it.
    pub fn shut_down(&self) {
        self.close();
        self.gate.close();
        pool::about_to_wait();
        self.gate.drain();
    }

    /// There may be a place again.
    pub fn look_again(&self) {
        let Some(me) = self.me.upgrade() else { return };
        if !self.scheduled.swap(true, Ordering::AcqRel) && self.peer.pool.schedule(me).is_err() {
            self.scheduled.store(false, Ordering::Release);
        }
    }

    fn look_at(&self, time: Duration) {
        let me: Weak<dyn Source> = self.me.clone();
        // Without a thread nobody would accept anyway.
        let _ = self.peer.pool.at(Instant::now() + time, &self.alarm, me);
    }

    fn accept_failed(&self, error: &std::io::Error) {
        let number = error.raw_os_error().unwrap_or(libc::EIO);
        let status = Status::from_errno(number);
        let context = self.peer.context;
        context.log(log_level::ERROR, format_args!("System error on accept(): {number}"), place!());
        let exception = lock(&self.peer.settings).exception;
        if let Some(function) = exception.function {
            // SAFETY: the function has the type it was set with.
            self.peer.outside(|| unsafe { function(self.peer.as_ptr(), status.0, exception.data) });
        }
        match status {
            Status::BUSY | Status::MEMORY | Status::RESOURCE_LIMIT => self.look_at(RETRY),
            _ => self.close(),
        }
    }
}

impl Source for Listener {
    fn note(&self, _occurrence: Occurrence) -> bool {
        !self.scheduled.swap(true, Ordering::AcqRel)
    }

    fn step(self: Arc<Self>) {
        self.scheduled.store(false, Ordering::Release);
        if self.gate.enter() {
            self.accept();
            self.gate.leave();
        }
    }
}

impl Listener {
    fn accept(&self) {
        loop {
            let Some(socket) = lock(&self.socket).clone() else { return };
            let Some(slot) = self.peer.server.slot(&self.peer) else {
                if let Some(next) = self.peer.server.end_idle(&self.peer) {
                    self.look_at(next.max(Duration::from_millis(1)));
                }
                return;
            };
            match local::accept(socket.as_fd()) {
                Ok(client) => {
                    let server = &self.peer.server;
                    if let Err(status) = server.adopt(&self.peer, endpoint::LOCAL, client, Some((self, slot)))
                    {
                        let text = format_args!("Caught error: {status} ({})", status.0);
                        self.peer.context.log(log_level::ERROR, text, place!());
                    }
                }
                Err(error) => {
                    slot.give_back(self);
                    match error.raw_os_error() {
                        Some(libc::EAGAIN) => return,
                        Some(libc::EINTR | libc::ECONNABORTED) => {}
                        _ => return self.accept_failed(&error),
                    }
                }
            }
        }
    }
}
