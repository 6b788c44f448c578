//! What a ready descriptor leads to.

use super::super::context::{READ, Taken};
use super::super::extension::Hook;
use super::super::log;
use super::super::personality::Reason;
use super::super::types::lws_tokens;
use super::{Connection, Phase, Stop};
use crate::net::epoll::interest;
use crate::websocket::close;
use std::ffi::c_int;
use std::io;
use std::ptr;

/// Bytes that a hook of an extension gets at once, at most: what the original read.
const HOOK_READ: usize = 4096;

/// Bytes of a long frame that one connection gets read while others wait.
const MAX_TURN: usize = 1024 * 1024;

impl Connection {
    /// Serves what the kernel, or the program's own poll loop, tells of the descriptor.
    pub fn serve(&self, happened: u32) {
        let ticket = self.ticket();
        let result = match self.phase() {
            Phase::Vacant | Phase::Closing | Phase::ExtensionConnect => return,
            Phase::Listener => {
                if happened & interest::READ != 0 {
                    self.context().accept(self);
                }
                return;
            }
            Phase::TlsAccept => self.accept_tls(),
            Phase::Resolving => self.finish_lookup(),
            Phase::Connecting => self.finish_connect(happened),
            Phase::ProxyReply | Phase::TlsConnect | Phase::Reply => self.serve_client(happened),
            Phase::Http
            | Phase::Draining
            | Phase::Established
            | Phase::AwaitingCloseAck
            | Phase::ReturnedClose => self.serve_moving(happened),
        };
        if let Err(stop) = result {
            self.stop(ticket, stop);
        }
    }

    /// Serves it although the kernel has nothing to tell.
    pub fn serve_ready(&self) {
        let ticket = self.ticket();
        if self.keeps_input() && self.takes_input() {
            self.serve_stash();
            if !self.is(ticket) {
                return;
            }
        }
        if self.wants_write.get()
            && self.can_serve_writing()
            && let Err(stop) = self.serve_writing()
        {
            self.stop(ticket, stop);
        }
    }

    /// Output first, as the original did, then input, then the end.
    fn serve_moving(&self, happened: u32) -> Result<(), Stop> {
        let ticket = self.ticket();
        if happened & interest::WRITE != 0 {
            self.serve_writing()?;
            self.still(ticket)?;
        }
        if self.is_telling_request() || self.is_behind() {
            return Ok(());
        }
        if happened & (interest::READ | interest::PEER_CLOSED) != 0 && self.takes_input() {
            if self.keeps_input() {
                self.serve_stash();
                self.still(ticket)?;
                if !self.takes_input() {
                    return Ok(());
                }
            }
            self.read_input()?;
            self.still(ticket)?;
            // TLS may have had to write to read.
            if self.tls_wants_write.get() {
                self.wait_to_write();
            }
            return Ok(());
        }
        if happened & interest::ERROR != 0 {
            return Err(Stop::Close);
        }
        if happened & interest::READ != 0 && self.is_answering() {
            self.tell_input_waits()?;
        }
        if happened & interest::READ != 0 && self.is_ending() {
            self.discard_input()?;
            self.still(ticket)?;
        }
        if happened & (interest::HANG_UP | interest::PEER_CLOSED) != 0 {
            self.peer_gone.set(true);
            if self.takes_input() {
                return self.read_input();
            }
            // It may still read: what it is owed goes out.
            let owed = self.is_ending() || self.is_answering();
            if owed && happened & interest::HANG_UP == 0 {
                self.update_interest();
                return Ok(());
            }
            // What is left of its words is delivered when the program lets us; if there is nothing, it is over.
            if !self.keeps_input() && !self.has_unread() {
                return Err(Stop::Close);
            }
            self.update_interest();
        }
        Ok(())
    }

    /// Reads what is of no interest any more. Left where it is, it would be told of without end, and the system would break
    /// the connection off with it, and what is owed to the peer.
    fn discard_input(&self) -> Result<(), Stop> {
        let scratch = &self.context().scratch;
        let taken = scratch.take(READ).ok_or(Stop::Close)?;
        // SAFETY: the buffer is valid for its length, and only this call uses it until it is given back.
        let room = unsafe { std::slice::from_raw_parts_mut(taken.start, taken.length) };
        let result = self.receive_some(room);
        scratch.give();
        // Be it that the peer has said all, over TLS as well, or that it has gone: sending finds out.
        if matches!(result, Ok(Some(0)) | Err(_)) {
            self.peer_gone.set(true);
            self.update_interest();
        }
        Ok(())
    }

    /// Whether there is input that has not been read, as far as can be told without reading.
    pub fn has_unread(&self) -> bool {
        let mut count: c_int = 0;
        if self.has_decrypted() {
            return true;
        }
        // SAFETY: room for the int it writes.
        unsafe { libc::ioctl(self.fd(), libc::FIONREAD, &raw mut count) == 0 && count > 0 }
    }

    /// There is room to write: what waits goes first, then the program is asked.
    pub fn serve_writing(&self) -> Result<(), Stop> {
        let ticket = self.ticket();
        self.tls_wants_write.set(false);
        if !self.drain()? {
            if self.is_ending() {
                // A peer that still reads is not late.
                self.context().set_deadline(self, Some(self.context().limits.handshake));
            }
            return Ok(());
        }
        if self.is_ending() {
            return Err(Stop::Close);
        }
        if self.awaits_room() {
            self.update_interest();
        }
        if self.transfer.borrow().is_some() {
            self.continue_transfer()?;
            self.still(ticket)?;
            if self.transfer.borrow().is_some() {
                return Ok(());
            }
        }
        let hook = if self.has_active.get() { self.ask_extensions_writeable()? } else { Writeable::Ask };
        self.still(ticket)?;
        if hook == Writeable::Wait {
            return Ok(());
        }
        if !self.wants_write.get() || !matches!(self.phase(), Phase::Established | Phase::Http) {
            if self.told_write.get() && !self.wants_write.get() {
                self.tell_write_unwanted()?;
            }
            return self.after_answer();
        }
        self.wants_write.set(false);
        if hook == Writeable::Ask {
            self.tell_write_unwanted()?;
        }
        let reason = match (self.phase(), self.is_client()) {
            (Phase::Http, _) => Reason::HttpWriteable,
            (_, true) => Reason::ClientWriteable,
            (_, false) => Reason::ServerWriteable,
        };
        let result = self.call(reason, ptr::null_mut(), 0)?;
        if result < 0 {
            if self.context().personality.farewell && reason != Reason::HttpWriteable {
                self.close(c_int::from(close::NORMAL));
                return Err(Stop::Gone);
            }
            return if reason == Reason::HttpWriteable {
                self.close_after_output()
            } else {
                Err(Stop::Close)
            };
        }
        self.apply_flow_at_once();
        self.still(ticket)?;
        self.after_answer()
    }

    /// Asks active extensions, and lets them send what they held back for want of room.
    fn ask_extensions_writeable(&self) -> Result<Writeable, Stop> {
        let ticket = self.ticket();
        let mut handled = 0;
        for active in self.active() {
            handled = handled.max(self.hook(&active, Hook::IsWriteable, ptr::null_mut(), 0));
            self.still(ticket)?;
        }
        match handled {
            1 => return Ok(Writeable::AskQuietly),
            2 => return Ok(Writeable::Ask),
            _ if !self.spilling.get() => return Ok(Writeable::Ask),
            _ => {}
        }
        self.spilling.set(false);
        let tokens = lws_tokens { token: ptr::null_mut(), token_len: 0 };
        self.spill(tokens).map_err(|_| Stop::Close)?;
        Ok(if self.spilling.get() { Writeable::Wait } else { Writeable::Ask })
    }

    /// Reads once and processes it; for connections of which the kernel has told.
    pub fn read_and_serve(&self) {
        let ticket = self.ticket();
        if let Err(stop) = self.read_input() {
            self.stop(ticket, stop);
        }
    }

    /// Reads what has come, up to the size of a buffer, and processes it. Of a long frame it reads more than that.
    pub fn read_input(&self) -> Result<(), Stop> {
        let ticket = self.ticket();
        let scratch = &self.context().scratch;
        let mut total = 0;
        loop {
            let most = if self.has_active.get() { HOOK_READ } else { self.read_size() };
            let taken = scratch.take_for_input(most).ok_or(Stop::Close)?;
            let result = self.read_some(&taken);
            scratch.give();
            let count = result?;
            self.still(ticket)?;
            total += count;
            let more = if self.uses_tls.get() {
                // What TLS has decrypted already, no descriptor will tell of.
                count > 0 && self.has_decrypted()
            } else {
                // All that there was room for: there may be more, and asking for it costs less than being told of it.
                count == most && total < MAX_TURN && self.is_within_long_frame()
            };
            if !more || !self.takes_input() {
                return Ok(());
            }
        }
    }

    /// Reads once into a buffer, and processes it. Returns how many bytes that were.
    fn read_some(&self, taken: &Taken) -> Result<usize, Stop> {
        // SAFETY: the buffer is valid for its length, and only this call uses it until it is given back.
        let room = unsafe { std::slice::from_raw_parts_mut(taken.start, taken.length) };
        let count = match self.receive_some(room)? {
            Some(0) => return Err(Stop::Close),
            Some(count) => count,
            None => return Ok(0),
        };
        self.preparse(taken.start, count).map(|()| count)
    }

    /// Lets active extensions change what was read, and processes it.
    fn preparse(&self, start: *mut u8, count: usize) -> Result<(), Stop> {
        if !self.has_active.get() {
            return self.take_input(start, count);
        }
        let ticket = self.ticket();
        let mut tokens = super::hooks::tokens(start, count);
        loop {
            let mut more = false;
            for active in self.active() {
                let result = self.hook(&active, Hook::PacketRxPreparse, (&raw mut tokens).cast(), 0);
                self.still(ticket)?;
                if result < 0 {
                    log::line(log::EXT, format_args!("Extension reports fatal error\n"));
                    return Err(Stop::Close);
                }
                more |= result != 0;
            }
            if tokens.token_len > 0 {
                self.take_foreign_input(tokens.token.cast(), tokens.token_len as usize)?;
                self.still(ticket)?;
            }
            if !more {
                return Ok(());
            }
            tokens = lws_tokens { token: ptr::null_mut(), token_len: 0 };
        }
    }

    /// Processes input, whatever the connection is, as [`Connection::receive`].
    pub fn take_input(&self, mut start: *mut u8, mut length: usize) -> Result<(), Stop> {
        // One request after the other: were each taken inside the one before, a peer could use up the stack.
        while self.phase() == Phase::Http && length > 0 {
            let used = self.take_request(start, length)?;
            // SAFETY: within the caller's bytes, or right behind them.
            start = unsafe { start.add(used) };
            length -= used;
        }
        if length == 0 {
            return Ok(());
        }
        match self.phase() {
            Phase::Established | Phase::AwaitingCloseAck => self.receive(start, length),
            // The closing handshake is done: whatever comes is of no interest.
            Phase::ReturnedClose | Phase::Draining => Ok(()),
            _ => {
                log::err(format_args!("libwebsocket_read: Unhandled state\n"));
                Ok(())
            }
        }
    }

    /// Reads from the socket, or what TLS makes of it. `None` when there is nothing now.
    pub fn receive_some(&self, room: &mut [u8]) -> Result<Option<usize>, Stop> {
        if self.uses_tls.get() {
            return self.receive_tls(room);
        }
        loop {
            // SAFETY: the room is valid for its length.
            let count = unsafe { libc::recv(self.fd(), room.as_mut_ptr().cast(), room.len(), 0) };
            if let Ok(count) = usize::try_from(count) {
                return Ok(Some(count));
            }
            match io::Error::last_os_error().raw_os_error() {
                Some(libc::EINTR) => {}
                Some(libc::EAGAIN) => return Ok(None),
                error => {
                    self.broken.set(error == Some(libc::ECONNRESET));
                    return Err(Stop::Close);
                }
            }
        }
    }
}

/// What extensions say when there is room to write.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Writeable {
    /// The program may write.
    Ask,
    /// As before, and what was asked of poll loops stays.
    AskQuietly,
    /// They need more room themselves.
    Wait,
}
