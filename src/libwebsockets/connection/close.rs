//! The end of a connection.

use super::super::extension::Hook;
use super::super::log;
use super::super::personality::Reason;
use super::send::Kind;
use super::{Connection, Phase, Stop, Ticket};
use crate::ffi::alloc;
use crate::trace::{self, Direction, Event};
use std::ffi::c_int;
use std::ptr;

/// Seconds that a peer has to answer our close frame.
const CLOSE_ACK: u64 = 1;

/// `LWS_CLOSE_STATUS_NOSTATUS`: no close frame.
pub const NO_STATUS: c_int = 0;

impl Connection {
    /// Closes it: with a status, an established one says goodbye first and stays until the peer has answered, or one
    /// second has passed.
    ///
    /// While a callback runs on it, that has to wait until the callback has returned.
    pub fn close(&self, status: c_int) {
        match self.phase() {
            Phase::Vacant | Phase::Closing => return,
            _ if self.is_running() => {
                if self.doomed.get().is_none() {
                    self.doomed.set(Some(status));
                }
                return;
            }
            Phase::AwaitingCloseAck => return self.close_now(),
            _ => {}
        }
        let ticket = self.ticket();
        self.close_status.set(status);
        if self.phase() == Phase::Established || self.has_active.get() {
            if self.vetoes_close() || !self.is(ticket) {
                return;
            }
            let flushed = self.flush_extensions();
            if !self.is(ticket) {
                return;
            }
            if flushed && self.phase() == Phase::Established && status != NO_STATUS {
                let said = self.send_control(Kind::Close, &(status as u16).to_be_bytes());
                if !self.is(ticket) {
                    return;
                }
                if said.is_ok() {
                    self.phase.set(Phase::AwaitingCloseAck);
                    self.context().set_deadline(self, Some(CLOSE_ACK));
                    return;
                }
            }
        }
        self.close_now();
    }

    /// Closes the connection that the ticket is for as a [`Stop`] says, if it is still there.
    pub fn stop(&self, ticket: Ticket, stop: Stop) {
        if !self.is(ticket) {
            return;
        }
        match stop {
            Stop::Gone => {}
            Stop::Close if self.context().limits.close_handshake && self.phase() == Phase::Established => {
                self.close(c_int::from(crate::websocket::close::NORMAL));
            }
            Stop::Close => self.close(NO_STATUS),
            Stop::Fail(failure) => {
                let code = failure.code();
                log::info(format_args!("closing with {code}: {failure}\n"));
                if self.phase() == Phase::Established {
                    let _ = self.send_control(Kind::Close, &code.to_be_bytes());
                    if !self.is(ticket) {
                        return;
                    }
                    self.phase.set(Phase::ReturnedClose);
                }
                self.close(NO_STATUS);
            }
        }
    }

    /// Closes it at once, without a word.
    pub fn close_now(&self) {
        let before = self.phase();
        if matches!(before, Phase::Vacant | Phase::Closing) {
            return;
        }
        let context = self.context();
        // From here on nothing that a callback does can serve it, or close it again.
        self.phase.set(Phase::Closing);
        // The program holds a handle that never worked.
        let told_of_failure = self.promised.replace(false);
        if told_of_failure {
            let _ = self.call(Reason::ClientConnectionError, ptr::null_mut(), 0);
        }
        if trace::on() && before != Phase::Listener {
            self.with_told(|told| {
                Event::new("libwebsockets", told, Direction::Local, "closed").emit();
            });
        }
        let in_table = self.position.get() != usize::MAX;
        context.remove(self);
        if in_table {
            let _ = self.tell_poll(Reason::DelPollFd, 0);
        }
        self.partial.take();
        self.stash.take();
        let established =
            matches!(before, Phase::Established | Phase::ReturnedClose | Phase::AwaitingCloseAck);
        if established && !told_of_failure {
            let _ = self.call(Reason::Closed, ptr::null_mut(), 0);
        }
        self.end_extensions();
        self.hang_up();
        context.leave_protocol(self);
        self.free_user();
        self.vacate();
        context.give_back(self);
        // There is a descriptor again.
        context.end_pause();
    }

    /// Takes a connection back that nobody has heard of.
    pub fn discard(&self) {
        self.phase.set(Phase::Closing);
        let context = self.context();
        context.remove(self);
        self.hang_up();
        context.leave_protocol(self);
        self.free_user();
        self.vacate();
        context.give_back(self);
    }

    fn hang_up(&self) {
        self.end_lookup();
        let fd = self.fd();
        if fd < 0 {
            return;
        }
        // What a child does to its copy of a socket, the parent's connection would feel.
        let own = self.context().is_own();
        if let Some(session) = self.tls.borrow_mut().as_mut().filter(|_| own) {
            // Whether the peer hears the goodbye or not.
            let _ = session.close();
        }
        self.tls.take();
        // SAFETY: the connection's own descriptor. A listener that was handed over stays open for others.
        unsafe {
            if own && !self.phase_was_listener() && !self.broken.get() {
                libc::shutdown(fd, libc::SHUT_RDWR);
            }
            libc::close(fd);
        }
    }

    fn phase_was_listener(&self) -> bool {
        self.protocol().is_null()
    }

    /// Frees the block if its protocol has one: then it is the library's, or the program gave it.
    fn free_user(&self) {
        let (protocol, user) = (self.protocol(), self.user.replace(ptr::null_mut()));
        if protocol.is_null() || user.is_null() {
            return;
        }
        // SAFETY: an entry of the program's table; the block comes from the C allocator and is not used any more.
        unsafe {
            if (*protocol).per_session_data_size != 0 {
                alloc::free(user);
            }
        }
    }

    /// Its time is up.
    pub fn expire(&self) {
        if self.phase() == Phase::Listener {
            return self.context().end_pause();
        }
        log::info(format_args!("TIMEDOUT WAITING\n"));
        if self.phase() == Phase::AwaitingCloseAck { self.close_now() } else { self.close(NO_STATUS) }
    }

    /// Ends what extensions had on it.
    fn end_extensions(&self) {
        if self.has_active.replace(false) {
            self.note_ticking(false);
            for active in self.active() {
                self.hook(&active, Hook::Destroy, ptr::null_mut(), 0);
                // SAFETY: made by the library with the C allocator, for this connection.
                unsafe { alloc::free(active.block) };
            }
            self.active.set([None; super::MAX_EXTENSIONS]);
        }
        self.deflate.take();
        self.hook_all(Hook::DestroyAnyWsiClosing, |_| ptr::null_mut(), ptr::null_mut(), 0);
    }
}
