//! The bytestream below a protocol: one of ours, whose bytes can be looked at before they are taken, or a program's.

use super::super::error::{Error, Result};
use super::super::handle;
use super::super::poll::Direction;
use super::buffer::{self, ReadAhead};
use super::connection::{self, Connection};
use super::iolist::Cursor;
use super::object::Ref;
use super::tls::{self, Tls};
use super::types::dill_iolist;
use super::vfs::dill_bsock_vfs;
use std::cell::Cell;
use std::ffi::c_int;
use std::ptr;

/// Items in the lists that a program's socket is called with.
const ITEMS: usize = 8;

/// A bytestream.
#[derive(Debug)]
pub enum Stream {
    /// Of the system's.
    Connection(Ref<Connection>),
    /// Encrypted.
    Tls(Ref<Tls>),
    /// Of the program's.
    Foreign(Foreign),
}

impl Stream {
    /// The bytestream that a handle stands for.
    ///
    /// # Errors
    /// `EBADF`, or `ENOTSUP` when it is none.
    pub fn of(h: c_int) -> Result<Self> {
        let interface = handle::query(h, handle::bsock_type())?.as_ptr().cast::<dill_bsock_vfs>();
        // A socket of the program's may pass on what the one below it answers: only its own interface counts.
        if let Ok(connection) = Ref::<Connection>::find(h, connection::KIND)
            && ptr::eq(connection.bytes(), interface)
        {
            return Ok(Self::Connection(connection));
        }
        if let Ok(tls) = Ref::<Tls>::find(h, tls::KIND)
            && ptr::eq(tls.bytes(), interface)
        {
            return Ok(Self::Tls(tls));
        }
        Ok(Self::Foreign(Foreign::new(h)))
    }

    /// Sends all that a cursor has.
    ///
    /// # Errors
    /// Those of the socket.
    pub fn send_from(&self, cursor: &mut Cursor, deadline: i64) -> Result<()> {
        match self {
            Self::Connection(connection) => connection.send_from(cursor, deadline),
            Self::Tls(tls) => tls.send_from(cursor, deadline),
            Self::Foreign(foreign) => foreign.send_from(cursor, deadline),
        }
    }

    /// Sends bytes.
    ///
    /// # Errors
    /// Those of the socket.
    pub fn send(&self, bytes: &[u8], deadline: i64) -> Result<()> {
        // SAFETY: the bytes outlive the call.
        self.send_from(&mut unsafe { Cursor::sending(bytes) }, deadline)
    }

    /// Sends as many of the bytes as can be sent without waiting, and says how many; all of them, by the deadline, where
    /// that cannot be told.
    ///
    /// # Errors
    /// Those of the socket.
    pub fn try_send(&self, bytes: &[u8], deadline: i64) -> Result<usize> {
        match self {
            Self::Connection(connection) => connection.try_send(bytes),
            Self::Tls(tls) => tls.try_send(bytes, deadline),
            Self::Foreign(_) => self.send(bytes, deadline).map(|()| bytes.len()),
        }
    }

    /// Fills all of a cursor.
    ///
    /// # Errors
    /// Those of the socket.
    pub fn receive_into(&self, cursor: &mut Cursor, deadline: i64) -> Result<()> {
        match self {
            Self::Connection(connection) => connection.receive_into(cursor, deadline),
            Self::Tls(tls) => tls.receive_into(cursor, deadline),
            Self::Foreign(foreign) => foreign.receive_into(cursor, deadline),
        }
    }

    /// Waits until at least `count` bytes can be looked at, which the protocol will take: [`buffer::SIZE`] at most.
    ///
    /// # Errors
    /// Those of the socket.
    pub fn ensure(&self, count: usize, deadline: i64) -> Result<()> {
        match self {
            Self::Connection(connection) => connection.ensure(count, deadline),
            Self::Tls(tls) => tls.ensure(count, deadline),
            Self::Foreign(foreign) => foreign.ensure(count, deadline),
        }
    }

    /// Waits until there may be something to receive, or room to send, and says which. Breaks nothing.
    ///
    /// # Errors
    /// Those of the socket.
    pub fn wait_either(&self, deadline: i64) -> Result<Direction> {
        match self {
            Self::Connection(connection) => connection.wait_either(deadline),
            Self::Tls(tls) => tls.wait_either(deadline),
            // Nobody can tell. It is waited for when something is received.
            Self::Foreign(_) => Ok(Direction::In),
        }
    }

    /// Shows the bytes that are there. What is shown may neither wait nor take.
    pub fn show<R>(&self, view: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            Self::Connection(connection) => connection.show(view),
            Self::Tls(tls) => tls.show(view),
            Self::Foreign(foreign) => foreign.ahead.show(view),
        }
    }

    /// Takes bytes that were shown.
    pub fn consume(&self, count: usize) {
        match self {
            Self::Connection(connection) => connection.consume(count),
            Self::Tls(tls) => tls.consume(count),
            Self::Foreign(foreign) => foreign.ahead.consume(count),
        }
    }

    /// Sends messages as they are written, without waiting for the peer's word on earlier ones.
    pub fn send_at_once(&self) {
        match self {
            Self::Connection(connection) => connection.send_at_once(),
            Self::Tls(tls) => tls.send_at_once(),
            Self::Foreign(_) => {}
        }
    }

    /// Lets what was sent reach the peer when the stream is closed next.
    pub fn close_in_order(&self) {
        match self {
            Self::Connection(connection) => connection.close_in_order(),
            Self::Tls(tls) => tls.close_in_order(),
            Self::Foreign(_) => {}
        }
    }
}

/// A bytestream that the program made. It is asked for exactly the bytes that are needed: what comes after them may be
/// somebody else's.
#[derive(Debug)]
pub struct Foreign {
    handle: c_int,
    ahead: ReadAhead,
    receiving: Cell<bool>,
}

impl Foreign {
    /// The bytestream of a handle, which may be one of ours as well.
    pub fn new(handle: c_int) -> Self {
        Self { handle, ahead: ReadAhead::default(), receiving: Cell::new(false) }
    }

    /// Sends bytes.
    ///
    /// # Errors
    /// `EBADF`, `ENOTSUP` when it is no bytestream, those of the socket.
    pub fn send(&self, bytes: &[u8], deadline: i64) -> Result<()> {
        self.interface()?;
        // SAFETY: the bytes outlive the call.
        self.send_from(&mut unsafe { Cursor::sending(bytes) }, deadline)
    }

    /// Fills a buffer.
    ///
    /// # Errors
    /// As [`Foreign::send`].
    pub fn fill(&self, buffer: &mut [u8], deadline: i64) -> Result<()> {
        self.interface()?;
        // SAFETY: the buffer outlives the call.
        self.receive(&mut unsafe { Cursor::over(buffer.as_mut_ptr(), buffer.len()) }, deadline)
    }

    /// The program's functions. Looked up for each call: the program may close its socket.
    fn interface(&self) -> Result<*mut dill_bsock_vfs> {
        handle::query(self.handle, handle::bsock_type()).map(|interface| interface.as_ptr().cast())
    }

    fn send_from(&self, cursor: &mut Cursor, deadline: i64) -> Result<()> {
        while cursor.remaining() > 0 {
            let interface = self.interface()?;
            // SAFETY: a live table.
            let function = unsafe { (*interface).bsendl }.ok_or(Error::NotSupported)?;
            let mut items = items();
            let (first, last) = describe(cursor, &mut items);
            // SAFETY: the program's function, with its table and a list that is alive until it returns.
            outcome(unsafe { function(interface, first, last, deadline) })?;
        }
        Ok(())
    }

    fn receive_into(&self, cursor: &mut Cursor, deadline: i64) -> Result<()> {
        self.exclusively(|| {
            self.ahead.pour_into(cursor);
            self.receive(cursor, deadline)
        })
    }

    fn receive(&self, cursor: &mut Cursor, deadline: i64) -> Result<()> {
        while cursor.remaining() > 0 {
            let interface = self.interface()?;
            // SAFETY: a live table.
            let function = unsafe { (*interface).brecvl }.ok_or(Error::NotSupported)?;
            let mut items = items();
            let (first, last) = describe(cursor, &mut items);
            // SAFETY: the program's function, with its table and a list that is alive until it returns.
            outcome(unsafe { function(interface, first, last, deadline) })?;
        }
        Ok(())
    }

    fn ensure(&self, count: usize, deadline: i64) -> Result<()> {
        let missing = count.min(buffer::SIZE).saturating_sub(self.ahead.len());
        if missing == 0 {
            return Ok(());
        }
        self.exclusively(|| {
            let (room, _) = self.ahead.room()?;
            // SAFETY: the block stays while there is a reader, and only the reader fills it.
            let received = self.receive(&mut unsafe { Cursor::over(room.as_ptr(), missing) }, deadline);
            self.ahead.filled(if received.is_ok() { missing } else { 0 });
            received
        })
    }

    fn exclusively(&self, action: impl FnOnce() -> Result<()>) -> Result<()> {
        if self.receiving.replace(true) {
            return Err(Error::Busy);
        }
        let outcome = action();
        self.receiving.set(false);
        outcome
    }
}

fn items() -> [dill_iolist; ITEMS] {
    [dill_iolist { iol_base: ptr::null_mut(), iol_len: 0, iol_next: ptr::null_mut(), iol_rsvd: 0 }; ITEMS]
}

/// Describes the next bytes of a cursor as a list, and goes on behind them. Returns the first and the last item.
fn describe(cursor: &mut Cursor, items: &mut [dill_iolist; ITEMS]) -> (*mut dill_iolist, *mut dill_iolist) {
    let first = items.as_mut_ptr();
    let mut last = first;
    for index in 0..ITEMS {
        let Some((base, len)) = cursor.piece() else { break };
        let item = first.wrapping_add(index);
        // SAFETY: both are items of the array, which nobody else uses meanwhile.
        unsafe {
            item.write(dill_iolist {
                iol_base: base.cast(),
                iol_len: len,
                iol_next: ptr::null_mut(),
                iol_rsvd: 0,
            });
            if index > 0 {
                (*last).iol_next = item;
            }
        }
        last = item;
        cursor.advance(len);
    }
    (first, last)
}

fn outcome(result: c_int) -> Result<()> {
    if result < 0 { Err(Error::last_os()) } else { Ok(()) }
}
