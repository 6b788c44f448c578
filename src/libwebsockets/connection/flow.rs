//! Holding input back, and asking to write.

use super::super::personality::Reason;
use super::{Connection, POST_PADDING, PRE_PADDING, Phase, Stop};
use crate::net::epoll::interest;
use std::ffi::c_int;

const POLLIN: c_int = libc::POLLIN as c_int;
const POLLOUT: c_int = libc::POLLOUT as c_int;

impl Connection {
    pub fn armed(&self) -> Option<u32> {
        self.armed.get()
    }

    pub fn set_armed(&self, interest: Option<u32>) {
        self.armed.set(interest);
    }

    /// Whether the kernel's set waits for room to write.
    pub fn awaits_room(&self) -> bool {
        self.armed.get().is_some_and(|armed| armed & interest::WRITE != 0)
    }

    /// Whether the program's own poll loop waits for room to write.
    pub fn tells_write(&self) -> bool {
        self.told_write.get()
    }

    /// Whether input may be read and processed now.
    pub fn takes_input(&self) -> bool {
        self.flow_on.get() && !self.is_ending() && !self.is_answering()
    }

    /// Whether an HTTP request is being answered: a file goes out, the program has asked to write more, or the peer has yet
    /// to read. What comes after the request has to wait until that is done.
    pub fn is_answering(&self) -> bool {
        self.phase() == Phase::Http
            && (self.wants_write.get() || self.transfer.borrow().is_some() || self.output.borrow().is_some())
    }

    /// Whether the program is being told of an HTTP request, whose head stays as it is meanwhile: a callback that serves
    /// the context must not get the next one.
    pub fn is_telling_request(&self) -> bool {
        self.phase() == Phase::Http && self.is_running()
    }

    /// Says whether input waits behind the part of it that a callback is told of next.
    #[inline]
    pub fn set_behind(&self, waits: bool) {
        // A callback that is left by `longjmp` leaves this behind: the engine's next call knows better.
        self.behind_in.set(if waits { self.context().serial() } else { 0 });
    }

    /// Whether a callback is being told of input that is older than some which has been read: a callback that serves the
    /// context must not get what is younger still.
    #[inline]
    pub fn is_behind(&self) -> bool {
        self.behind_in.get() == self.context().serial()
    }

    /// The program's own poll loop, if it has one, is told of input that has to wait.
    pub fn tell_input_waits(&self) -> Result<(), Stop> {
        if self.told_waits.replace(true) { Ok(()) } else { self.tell_poll(Reason::ClearModePollFd, POLLIN) }
    }

    /// Only output is left: what comes is read and forgotten, until the peer has taken the output or is late.
    pub fn end_with_output(&self, phase: Phase) -> Result<(), Stop> {
        self.phase.set(phase);
        self.context().set_deadline(self, Some(self.context().limits.handshake));
        self.update_interest();
        if self.told_waits.replace(false) { self.tell_poll(Reason::SetModePollFd, POLLIN) } else { Ok(()) }
    }

    /// An answer may be complete: then input that had to wait is processed.
    pub fn after_answer(&self) -> Result<(), Stop> {
        if self.phase() != Phase::Http || self.is_answering() {
            return Ok(());
        }
        self.update_interest();
        if self.told_waits.replace(false) {
            self.tell_poll(Reason::SetModePollFd, POLLIN)?;
        }
        if self.takes_input() && self.has_kept_input() {
            self.context().resume(self);
        }
        Ok(())
    }

    /// Whether it is a client's that is not established yet.
    pub fn is_shaking_hands(&self) -> bool {
        matches!(
            self.phase(),
            Phase::ExtensionConnect
                | Phase::Resolving
                | Phase::Connecting
                | Phase::ProxyReply
                | Phase::TlsConnect
                | Phase::Reply
        )
    }

    /// Whether it ends as soon as the last of its output has gone.
    pub fn is_ending(&self) -> bool {
        matches!(self.phase(), Phase::ReturnedClose | Phase::Draining)
    }

    /// Lets the kernel's set wait for what matters now.
    pub fn update_interest(&self) {
        if self.phase() == Phase::Closing || self.position.get() == usize::MAX {
            return;
        }
        let mut wanted = 0;
        // What comes at the end is read, and forgotten.
        if self.takes_input() || self.is_ending() && !self.peer_gone.get() {
            wanted |= interest::READ;
        }
        if !self.peer_gone.get() {
            wanted |= interest::PEER_CLOSED;
        }
        let blocked = self.output.borrow().is_some()
            || self.tls_wants_write.get()
            || self.spilling.get()
            || self.transfer.borrow().is_some()
            || self.phase() == Phase::Connecting;
        if blocked {
            wanted |= interest::WRITE;
        }
        // Ended and held back: the kernel would tell of the end without end.
        let wanted = if self.peer_gone.get() && wanted == 0 { None } else { Some(wanted) };
        self.context().wait_for(self, wanted);
    }

    /// The program's own poll loop, if it has one, should wait for room to write.
    pub fn tell_write_wanted(&self) {
        self.told_write.set(true);
        let _ = self.tell_poll(Reason::SetModePollFd, POLLOUT);
    }

    /// It should not any more.
    pub fn tell_write_unwanted(&self) -> Result<(), Stop> {
        self.told_write.set(false);
        self.tell_poll(Reason::ClearModePollFd, POLLOUT)
    }

    /// Asks for one writeable callback.
    ///
    /// Returns what `libwebsocket_callback_on_writable` does.
    pub fn ask_to_write(&self) -> c_int {
        if self.has_active.get() {
            let ticket = self.ticket();
            if self.extension_takes_request() || !self.is(ticket) {
                return 1;
            }
        }
        if self.position.get() == usize::MAX || self.phase() == Phase::Closing {
            super::super::log::err(format_args!(
                "libwebsocket_callback_on_writable: failed to find socket {}\n",
                self.fd()
            ));
            return -1;
        }
        self.wants_write.set(true);
        if self.phase() == Phase::Http {
            self.update_interest();
        }
        // A socket takes more all the time while a handshake waits for the peer: poll loops are told afterwards.
        if self.is_shaking_hands() {
            return 1;
        }
        // Unless something waits to be sent already, there is room for all we know.
        if self.can_serve_writing() {
            self.context().make_ready(self);
        }
        self.tell_write_wanted();
        1
    }

    /// Whether a writeable callback could be delivered now.
    pub fn can_serve_writing(&self) -> bool {
        matches!(self.phase(), Phase::Established | Phase::Http)
            && self.output.borrow().is_none()
            && !self.tls_wants_write.get()
            && !self.spilling.get()
    }

    /// Whether room to write, if there is some, will end what poll loops wait for it for.
    pub fn will_serve_writing(&self) -> bool {
        let handshake = matches!(self.phase(), Phase::TlsAccept | Phase::TlsConnect | Phase::Connecting);
        handshake
            || matches!(self.phase(), Phase::Established | Phase::Http)
                && self.output.borrow().is_none()
                && self.transfer.borrow().is_none()
    }

    /// Notes that input shall be processed, or not.
    pub fn wish_flow(&self, on: bool) {
        self.flow_wish.set(Some(on));
        // While a callback runs on it, what that returns decides whether there is a connection left.
        // A writeable callback that is due may change what the wish rested on, a queue's length as a rule, and the
        // original waited for one.
        let waits = self.is_running() || on && self.wants_write.get();
        if !waits && self.switch_flow().is_ok() && self.has_kept_input() {
            // Not here: the program may be in the midst of another connection's callback.
            self.context().resume(self);
        }
    }

    /// Does what the program wished, behind a callback that was told of input: what was kept is younger, and waits for its
    /// turn.
    #[inline]
    pub fn apply_flow(&self) {
        if self.flow_wish.get().is_some() {
            self.apply_wish(false);
        }
    }

    /// As [`Connection::apply_flow`], behind a writeable callback: input that was kept is processed at once.
    #[inline]
    pub fn apply_flow_at_once(&self) {
        if self.flow_wish.get().is_some() {
            self.apply_wish(true);
        }
    }

    #[cold]
    fn apply_wish(&self, at_once: bool) {
        if self.is_running() {
            return;
        }
        let ticket = self.ticket();
        if self.flow_wish.get() == Some(true) && self.has_kept_input() {
            if !at_once || self.is_behind() {
                if self.switch_flow().is_ok() {
                    self.context().resume(self);
                }
                return;
            }
            self.flow_wish.set(None);
            self.flow_on.set(true);
            self.serve_stash();
            if !self.is(ticket) || !self.flow_on.get() {
                return;
            }
            self.flow_wish.set(Some(true));
        }
        let _ = self.switch_flow();
    }

    fn switch_flow(&self) -> Result<(), Stop> {
        let Some(on) = self.flow_wish.take() else { return Ok(()) };
        if matches!(self.phase(), Phase::Closing | Phase::Vacant) {
            return Err(Stop::Gone);
        }
        self.flow_on.set(on);
        let reason = if on { Reason::SetModePollFd } else { Reason::ClearModePollFd };
        self.tell_poll(reason, POLLIN)?;
        self.update_interest();
        Ok(())
    }

    /// Whether input has been read that was held back.
    #[inline]
    pub fn keeps_input(&self) -> bool {
        self.stash.borrow().is_some() || self.holds_output()
    }

    /// Whether there is input, or an end, of which the kernel will not tell again.
    fn has_kept_input(&self) -> bool {
        self.keeps_input() || self.peer_gone.get() || self.has_decrypted()
    }

    /// Keeps input for later.
    pub fn put_by(&self, bytes: &[u8]) -> Result<(), Stop> {
        if bytes.is_empty() {
            return Ok(());
        }
        let mut stash = self.stash.borrow_mut();
        let stash = stash.get_or_insert_default();
        let padding = PRE_PADDING.saturating_sub(stash.len());
        stash.try_reserve(padding + bytes.len() + POST_PADDING).map_err(|_| Stop::Close)?;
        stash.resize(stash.len() + padding, 0);
        stash.extend_from_slice(bytes);
        Ok(())
    }

    /// Processes input that was kept, as far as the program lets us.
    pub fn serve_stash(&self) {
        let ticket = self.ticket();
        if self.is_telling_request() {
            return;
        }
        if self.is_behind() {
            self.context().resume(self);
            return;
        }
        while self.takes_input() {
            if self.holds_output() {
                if let Err(stop) = self.release_output() {
                    self.stop(ticket, stop);
                    return;
                }
                continue;
            }
            let Some(stash) = self.stash.take() else { break };
            let mut bytes = *stash;
            let length = bytes.len() - PRE_PADDING;
            // There is room for it: it was reserved when they were put by.
            bytes.resize(bytes.len() + POST_PADDING, 0);
            let scratch = &self.context().scratch;
            let lent = scratch.lend(bytes);
            // SAFETY: within the buffer, which stays where it is until it is taken back.
            let start = unsafe { lent.start.add(PRE_PADDING) };
            let result = self.take_input(start, length);
            scratch.take_back();
            if let Err(stop) = result {
                self.stop(ticket, stop);
                return;
            }
            if !self.is(ticket) {
                return;
            }
        }
        if !(self.peer_gone.get() || self.has_decrypted()) || self.keeps_input() {
            return;
        }
        if self.takes_input() {
            self.read_and_serve();
        } else if self.phase() == Phase::Established && !self.has_unread() {
            // It has said all, and that has been told of.
            self.stop(ticket, Stop::Close);
        }
    }
}
