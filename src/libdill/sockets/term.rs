//! TERM: a message that ends a direction of a message socket.

use super::super::error::{Error, Result};
use super::super::handle::{self, Kind};
use super::calls;
use super::iolist::{Cursor, List, Use};
use super::lower::{self, Lower};
use super::object::{Interface, Ref, Socket};
use super::patience::Patience;
use super::types::dill_iolist;
use std::cell::Cell;
use std::ffi::c_int;
use std::ptr;

static KEY: u8 = 0;
const KIND: Kind = handle::kind(&KEY);

/// The longest terminal message.
pub const LONGEST: usize = 32;

/// A TERM socket.
#[derive(Debug)]
pub struct Term {
    lower: Lower,
    terminal: [u8; LONGEST],
    length: usize,
    inbound_done: Cell<bool>,
    outbound_done: Cell<bool>,
}

/// Ends each direction of a message socket with a certain message, which may be empty.
///
/// # Errors
/// `EINVAL` when it has more than 32 bytes, `EPROTO` when it is no message socket, `EBADF`, `ECANCELED`, `ENOMEM`.
pub fn attach(s: c_int, terminal: Option<&[u8]>, storage: bool) -> Result<c_int> {
    let terminal = terminal.filter(|terminal| storage && terminal.len() <= LONGEST);
    let arguments = if terminal.is_some() { Ok(()) } else { Err(Error::InvalidArgument) };
    lower::attach(s, arguments, handle::msock_type(), Error::Protocol, |lower| {
        let terminal = terminal.unwrap_or_default();
        let mut copy = [0; LONGEST];
        copy[..terminal.len()].copy_from_slice(terminal);
        let (inbound_done, outbound_done) = (Cell::new(false), Cell::new(false));
        Ok(Term { lower, terminal: copy, length: terminal.len(), inbound_done, outbound_done })
    })
}

/// Sends the terminal message.
///
/// # Errors
/// `EPIPE` when that was done, those of the socket below, `EBADF`, `ENOTSUP`.
pub fn done(h: c_int, deadline: i64) -> Result<()> {
    Ref::<Term>::find(h, KIND)?.done(deadline)
}

/// Sends the terminal message unless that was done, waits for the peer's, and returns the socket below.
///
/// # Errors
/// Those of the socket below, and then everything is closed; `EBADF`, `ENOTSUP`.
pub fn detach(h: c_int, deadline: i64) -> Result<c_int> {
    let term = Ref::<Term>::find(h, KIND)?;
    lower::detach(h, &term.lower, || term.finish(deadline))
}

impl Socket for Term {
    const INTERFACE: Interface = Interface::Messages;

    fn is(&self, kind: Kind) -> bool {
        kind == KIND
    }

    fn close(&self) {
        self.lower.close();
    }

    fn send(&self, list: List, deadline: i64) -> Result<()> {
        calls::send_message(self.lower.handle(), list, deadline).map(drop)
    }

    /// The first bytes go through memory of ours, so that the terminal message is known also when the list is too small
    /// for it.
    fn receive(&self, list: List, deadline: i64) -> Result<usize> {
        if self.inbound_done.get() {
            return Err(Error::Closed);
        }
        let chain = list.check(Use::Receive)?;
        if self.length == 0 {
            let size = calls::receive_message(self.lower.handle(), list, deadline)?;
            return self.unless_terminal(size, &[]);
        }
        let mut begin = [0; LONGEST];
        let endless = item(ptr::null_mut(), isize::MAX as usize);
        let rest = if chain.is_endless() { Some((endless, None)) } else { list.after(self.length) };
        let (mut rest, last) = rest.map_or((endless, None), |(rest, last)| (rest, Some(last)));
        let mut own = item(begin.as_mut_ptr(), self.length);
        let (own, rest) = (&raw mut own, &raw mut rest);
        let last = match last {
            Some(last) => {
                // SAFETY: an item of ours, which nobody uses yet.
                unsafe { (*own).iol_next = rest };
                last.unwrap_or(rest)
            }
            None => own,
        };
        // SAFETY: the items and the list are valid until the call returns.
        let list = unsafe { List::new(own, last) };
        let size = calls::receive_message(self.lower.handle(), list, deadline)?;
        let begin = &begin[..self.length.min(size)];
        let size = self.unless_terminal(size, begin)?;
        if size > chain.size() {
            return Err(Error::MessageSize);
        }
        Cursor::new(&chain).put(begin);
        Ok(size)
    }
}

fn item(base: *mut u8, len: usize) -> dill_iolist {
    dill_iolist { iol_base: base.cast(), iol_len: len, iol_next: ptr::null_mut(), iol_rsvd: 0 }
}

impl Term {
    fn terminal(&self) -> &[u8] {
        &self.terminal[..self.length]
    }

    /// The size of a message that begins so, unless it is the terminal one.
    fn unless_terminal(&self, size: usize, begin: &[u8]) -> Result<usize> {
        if size == self.length && begin == self.terminal() {
            self.inbound_done.set(true);
            return Err(Error::Closed);
        }
        Ok(size)
    }

    fn done(&self, deadline: i64) -> Result<()> {
        if self.outbound_done.get() {
            return Err(Error::Closed);
        }
        let mut item = item(self.terminal.as_ptr().cast_mut(), self.length);
        let item = &raw mut item;
        // SAFETY: the item and its bytes are valid until the call returns.
        let list = unsafe { List::new(item, item) };
        calls::send_message(self.lower.handle(), list, deadline)?;
        self.outbound_done.set(true);
        Ok(())
    }

    fn finish(&self, deadline: i64) -> Result<()> {
        if !self.outbound_done.get() {
            self.done(deadline)?;
        }
        let mut patience = Patience::new(deadline);
        while !self.inbound_done.get() {
            // SAFETY: no list is a valid one.
            match self.receive(unsafe { List::new(ptr::null_mut(), ptr::null_mut()) }, deadline) {
                Ok(size) => patience.spend(size.max(1))?,
                Err(Error::Closed) if self.inbound_done.get() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
