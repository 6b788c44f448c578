//! A connection of TCP or IPC: bytes in both directions, read ahead, and what became of each direction.

use super::super::error::{Error, Result};
use super::super::handle::{self, Kind};
use super::super::poll::Direction;
use super::super::thread::scheduler;
use super::buffer::{self, ReadAhead};
use super::descriptor::Descriptor;
use super::half::{self, Half, Side};
use super::iolist::{Cursor, List, PIECES, Use};
use super::object::{Interface, Socket};
use super::patience::Patience;
use super::system;
use crate::net::{descriptors, socket};
use std::cell::Cell;
use std::convert::Infallible;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, IntoRawFd, OwnedFd, RawFd};

static ANY: u8 = 0;
static TCP: u8 = 1;
static IPC: u8 = 2;

/// The type of every connection.
pub const KIND: Kind = handle::kind(&ANY);

/// The byte that carries a descriptor.
const CARRIER: u8 = 0xcc;

/// Requests up to this size go through the buffer: copying them is cheaper than describing two places to the system.
const SMALL: usize = 2048;

/// No number of sends.
const UNKNOWN: u64 = u64::MAX;

/// What a connection runs over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// A Unix socket, which passes descriptors, too.
    Ipc,
}

impl Transport {
    /// The type of its connections.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Tcp => handle::kind(&TCP),
            Self::Ipc => handle::kind(&IPC),
        }
    }
}

/// A connection.
pub struct Connection {
    transport: Transport,
    descriptor: Descriptor,
    inbound: Half,
    outbound: Half,
    ahead: ReadAhead,
    /// The descriptor that came with the bytes that were read ahead.
    passed: Cell<Option<OwnedFd>>,
    /// Whether its end was agreed on, so that nothing is to be discarded.
    in_order: Cell<bool>,
    /// How often this connection has sent.
    sends: Cell<u64>,
    /// How often the thread's other connections had sent when nothing was left to be received. While that has not
    /// changed, asking the system again is a waste of time: what comes from elsewhere will be told.
    empty_since: Cell<u64>,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("descriptor", &self.descriptor).finish_non_exhaustive()
    }
}

impl Socket for Connection {
    const INTERFACE: Interface = Interface::Bytes;

    fn is(&self, kind: Kind) -> bool {
        kind == KIND || kind == self.transport.kind()
    }

    fn close(&self) {
        self.count_send();
        self.descriptor.close(self.in_order.get());
    }

    fn send(&self, list: List, deadline: i64) -> Result<()> {
        self.outbound.check()?;
        self.send_from(&mut Cursor::new(&list.check(Use::Send)?), deadline)
    }

    fn receive(&self, list: List, deadline: i64) -> Result<usize> {
        self.inbound.check()?;
        let chain = list.check(Use::Receive)?;
        if chain.is_endless() {
            return Err(self.drain(deadline));
        }
        chain.check_size()?;
        self.receive_into(&mut Cursor::new(&chain), deadline)?;
        Ok(chain.size())
    }
}

impl Connection {
    /// A connection over a socket that does not wait.
    pub fn new(transport: Transport, descriptor: Descriptor) -> Self {
        Self {
            transport,
            descriptor,
            inbound: Half::new(),
            outbound: Half::new(),
            ahead: ReadAhead::default(),
            passed: Cell::new(None),
            in_order: Cell::new(false),
            sends: Cell::new(0),
            empty_since: Cell::new(UNKNOWN),
        }
    }

    /// How often the thread's other connections have sent. One of them may be the peer.
    fn others_sends(&self) -> u64 {
        scheduler().sends.get().wrapping_sub(self.sends.get())
    }

    /// Does something with the inbound direction that may wait. A failure is the end of that direction.
    fn inbound<T>(&self, action: impl FnOnce() -> Result<T>) -> Result<T> {
        self.inbound.receive(action, || self.forget_ahead())
    }

    /// What was read ahead is lost with its direction.
    fn forget_ahead(&self) {
        self.ahead.clear();
        self.passed.set(None);
    }

    /// Sends all that a cursor has.
    ///
    /// # Errors
    /// `EBUSY`, `EPIPE`, `ECONNRESET`, and those of sending and waiting, which break the outbound direction.
    pub fn send_from(&self, cursor: &mut Cursor, deadline: i64) -> Result<()> {
        self.outbound.send(|| {
            let mut left = cursor.remaining();
            while left > 0 {
                let (taken, offered) = self.send_some(cursor)?;
                left -= taken;
                if left == 0 {
                    break;
                }
                cursor.advance(taken);
                // Less than was offered: there is no more room.
                if taken < offered {
                    self.descriptor.wait_writable(deadline)?;
                }
            }
            Ok(())
        })
    }

    /// Sends what the system takes of a cursor now: perhaps nothing. Returns how much that was, and how much was offered.
    fn send_some(&self, cursor: &Cursor) -> Result<(usize, usize)> {
        let number = self.descriptor.number()?;
        self.count_send();
        let (sent, offered) = match cursor.only_piece() {
            // SAFETY: what the cursor may read.
            Some(piece) => (unsafe { socket::send(number, &[piece], None) }, piece.iov_len),
            None => {
                let mut pieces = [const { MaybeUninit::uninit() }; PIECES];
                let (count, offered) = cursor.describe(&mut pieces);
                // SAFETY: the first `count` pieces were written, and describe what the cursor may read.
                (unsafe { socket::send(number, described(&pieces, count), None) }, offered)
            }
        };
        Ok((unless_blocked(sent)?.unwrap_or_default(), offered))
    }

    /// Something was sent: it may be for another connection of this thread.
    fn count_send(&self) {
        let scheduler = scheduler();
        scheduler.sends.set(scheduler.sends.get().wrapping_add(1));
        self.sends.set(self.sends.get().wrapping_add(1));
        if let Ok(number) = self.descriptor.number() {
            scheduler.pollset.sent_on(number);
        }
    }

    /// Sends as many bytes as the system takes without waiting, and says how many. None while another coroutine sends.
    ///
    /// # Errors
    /// `EPIPE`, `ECONNRESET`, and those of sending, which break the outbound direction.
    pub fn try_send(&self, bytes: &[u8]) -> Result<usize> {
        if self.outbound.is_used() {
            return Ok(0);
        }
        // SAFETY: the bytes outlive the call.
        self.outbound.send(|| self.send_some(&unsafe { Cursor::sending(bytes) })).map(|(taken, _)| taken)
    }

    /// Fills all of a cursor.
    ///
    /// # Errors
    /// `EBUSY`, `EPIPE`, `ECONNRESET`, and those of receiving and waiting, which break the inbound direction.
    pub fn receive_into(&self, cursor: &mut Cursor, deadline: i64) -> Result<()> {
        self.inbound(|| {
            loop {
                self.take_ahead(cursor);
                if cursor.remaining() == 0 {
                    return Ok(());
                }
                self.read_or_wait(cursor, deadline)?;
            }
        })
    }

    /// Reads ahead until there are `count` bytes, [`buffer::SIZE`] at most.
    ///
    /// # Errors
    /// As [`Connection::receive_into`].
    pub fn ensure(&self, count: usize, deadline: i64) -> Result<()> {
        debug_assert!(count <= buffer::SIZE);
        if self.ahead.len() >= count {
            return self.inbound.check();
        }
        self.inbound(|| {
            // SAFETY: no bytes.
            let mut nothing = unsafe { Cursor::sending(&[]) };
            while self.ahead.len() < count {
                self.read_or_wait(&mut nothing, deadline)?;
            }
            Ok(())
        })
    }

    /// Waits until there is something to receive or room to send, and says which. Breaks nothing.
    ///
    /// # Errors
    /// `EBUSY`, `EPIPE`, `ECONNRESET`, and those of waiting.
    pub fn wait_either(&self, deadline: i64) -> Result<Direction> {
        self.inbound.check()?;
        let outcome = self.inbound.alone(|| self.descriptor.wait_either(deadline));
        // What is there has not been looked at.
        self.empty_since.set(UNKNOWN);
        outcome
    }

    /// Shows what was read ahead. What is shown may neither read nor consume.
    #[inline]
    pub fn show<R>(&self, view: impl FnOnce(&[u8]) -> R) -> R {
        self.ahead.show(view)
    }

    /// Forgets the first bytes that were read ahead.
    #[inline]
    pub fn consume(&self, count: usize) {
        self.ahead.consume(count);
        self.settle_passed();
    }

    /// Whether a descriptor came with the bytes that were received last.
    fn came_with_descriptor(&self) -> bool {
        let passed = self.passed.take();
        let came = passed.is_some();
        self.passed.set(passed);
        came
    }

    /// A descriptor is gone with the bytes it came with.
    #[inline]
    fn settle_passed(&self) {
        if self.transport == Transport::Ipc && self.ahead.len() == 0 {
            self.passed.set(None);
        }
    }

    fn take_ahead(&self, cursor: &mut Cursor) {
        if self.ahead.len() > 0 {
            self.ahead.pour_into(cursor);
            self.settle_passed();
        }
    }

    /// Reads what is there, or waits until something is.
    fn read_or_wait(&self, cursor: &mut Cursor, deadline: i64) -> Result<()> {
        // A coroutine that may not wait gets what is there all the same.
        let waits = self.empty_since.get() == self.others_sends() && scheduler().can_block().is_ok();
        if waits || !self.read(cursor)? {
            self.empty_since.set(UNKNOWN);
            self.descriptor.wait_to_look(deadline)?;
        }
        Ok(())
    }

    /// Reads what is there into the cursor, and as much more as fits ahead. False when nothing is there.
    fn read(&self, cursor: &mut Cursor) -> Result<bool> {
        let mut pieces = [const { MaybeUninit::uninit() }; PIECES + 1];
        let small = cursor.remaining() <= SMALL;
        let (mut count, direct) = if small { (0, 0) } else { cursor.describe(&mut pieces[..PIECES]) };
        let mut offered = direct;
        // What is to be skipped goes through the buffer, and so does what comes after the last byte that is wanted.
        if direct == 0 || direct == cursor.remaining() {
            let (room, len) = self.ahead.room()?;
            pieces[count].write(libc::iovec { iov_base: room.as_ptr().cast(), iov_len: len });
            count += 1;
            offered += len;
        }
        let number = self.descriptor.number()?;
        let received = match self.transport {
            // SAFETY: the pieces were written, and describe what may be overwritten.
            Transport::Tcp => unsafe { socket::receive(number, described(&pieces, count), None) },
            // SAFETY: as above.
            Transport::Ipc => unsafe { self.receive_with_descriptor(&mut pieces, count) },
        };
        let received = unless_blocked(received);
        scheduler().pollset.looked(number, !matches!(received, Ok(None)));
        let bytes = match received {
            Ok(Some(bytes)) => bytes,
            outcome => {
                self.ahead.filled(0);
                return outcome.map(|_| false);
            }
        };
        cursor.advance(bytes.min(direct));
        self.ahead.filled(bytes.saturating_sub(direct));
        // A read ends early behind a descriptor, too.
        let more = bytes == offered || self.came_with_descriptor();
        self.empty_since.set(if more { UNKNOWN } else { self.others_sends() });
        self.settle_passed();
        if bytes == 0 { Err(Error::Closed) } else { Ok(true) }
    }

    /// # Safety
    /// The first `count` pieces were written, and describe what may be overwritten.
    unsafe fn receive_with_descriptor(
        &self,
        pieces: &mut [MaybeUninit<libc::iovec>],
        count: usize,
    ) -> io::Result<usize> {
        let number = self.descriptor.number().map_err(|error| io::Error::from_raw_os_error(error.errno()))?;
        // SAFETY: open until the call returns. `IoSliceMut` has the layout of `iovec`.
        let (socket, room) = unsafe {
            (
                BorrowedFd::borrow_raw(number),
                std::slice::from_raw_parts_mut(pieces.as_mut_ptr().cast(), count),
            )
        };
        let mut passed = None;
        // If it is the program's in the end, it inherits it like any other that it opens without saying more.
        let received = descriptors::receive(socket, room, &mut First(&mut passed), 1, true)?;
        // What came before, and was not asked for, is gone with its bytes.
        self.passed.set(passed);
        Ok(received.bytes)
    }

    /// Discards what comes until the stream ends or fails, or the deadline passes, and says which.
    pub fn drain(&self, deadline: i64) -> Error {
        let mut patience = Patience::new(deadline);
        let outcome = self.inbound(|| {
            loop {
                let count = self.ahead.len();
                self.consume(count);
                patience.spend(count)?;
                // SAFETY: no bytes.
                self.read_or_wait(&mut unsafe { Cursor::sending(&[]) }, deadline)?;
            }
        });
        let Err::<Infallible, _>(error) = outcome;
        error
    }

    /// Tells the peer that nothing more will be sent.
    ///
    /// # Errors
    /// `EPIPE` when it was told already, `ECONNRESET` when the outbound direction is broken.
    pub fn done(&self) -> Result<()> {
        self.outbound.check_side()?;
        let ended = self.descriptor.number().and_then(|number| socket::end_output(number).map_err(system));
        self.count_send();
        self.outbound.end(if ended.is_ok() { Side::Done } else { Side::Broken });
        ended.map_err(|error| match error {
            Error::Os(libc::ENOTCONN) => Error::Reset,
            Error::Os(libc::ENOBUFS) => Error::NoMemory,
            error => error,
        })
    }

    /// Ends both directions in order: tells the peer, and waits until it has ended its own.
    ///
    /// # Errors
    /// `ECONNRESET` when a direction is broken, and those of receiving and waiting.
    pub fn finish(&self, deadline: i64) -> Result<()> {
        half::finish(&self.inbound, &self.outbound, || self.done(), || self.drain(deadline))?;
        self.in_order.set(true);
        Ok(())
    }

    /// Lets what was sent reach the peer when the connection is closed next.
    pub fn close_in_order(&self) {
        self.in_order.set(true);
    }

    /// Sends messages as they are written, without waiting for the peer's word on earlier ones.
    pub fn send_at_once(&self) {
        if let (Transport::Tcp, Ok(number)) = (self.transport, self.descriptor.number()) {
            // Only speed is lost without it.
            let _ = socket::set_option(number, libc::IPPROTO_TCP, libc::TCP_NODELAY, 1);
        }
    }

    /// Passes a descriptor to the peer. It stays open here.
    ///
    /// # Errors
    /// `EINVAL`, `EBUSY`, `EPIPE`, `ECONNRESET`, those of waiting, and the system's. Only a broken connection breaks the
    /// outbound direction: nothing has moved otherwise.
    pub fn send_descriptor(&self, number: RawFd, deadline: i64) -> Result<()> {
        if number < 0 {
            return Err(Error::InvalidArgument);
        }
        self.outbound.check()?;
        let outcome = self.outbound.alone(|| {
            loop {
                self.descriptor.wait_writable(deadline)?;
                // SAFETY: the system checks whether it is open.
                let number = unsafe { BorrowedFd::borrow_raw(number) };
                let own = self.descriptor.borrow()?;
                let sent = descriptors::send(own, &[IoSlice::new(&[CARRIER])], &[number]);
                if unless_blocked(sent)?.is_some() {
                    return Ok(());
                }
            }
        });
        self.count_send();
        if outcome == Err(Error::Reset) {
            self.outbound.end(Side::Broken);
        }
        outcome
    }

    /// Receives a descriptor that the peer passed.
    ///
    /// # Errors
    /// `EBUSY`; `EPIPE` at the end of the stream; `EPROTO` when bytes came without a descriptor; `ECONNRESET`, and those
    /// of waiting, after which it can be tried again.
    pub fn receive_descriptor(&self, deadline: i64) -> Result<RawFd> {
        self.inbound.check()?;
        let outcome = self.inbound.alone(|| self.take_descriptor(deadline));
        if let Err(error) = outcome
            && !matches!(error, Error::TimedOut | Error::Cancelled | Error::Os(_) | Error::NoMemory)
        {
            self.inbound.end_by(error);
            self.forget_ahead();
        }
        outcome
    }

    fn take_descriptor(&self, deadline: i64) -> Result<RawFd> {
        if self.ahead.len() > 0 {
            let passed = self.passed.take();
            self.consume(1);
            return passed.ok_or(Error::Protocol).and_then(hand_out);
        }
        loop {
            self.descriptor.wait_readable(deadline)?;
            let mut byte = [0];
            let mut passed = None;
            let received = descriptors::receive(
                self.descriptor.borrow()?,
                &mut [IoSliceMut::new(&mut byte)],
                &mut First(&mut passed),
                1,
                true,
            );
            match unless_blocked(received)? {
                None => {}
                Some(received) if received.bytes == 0 => return Err(Error::Closed),
                Some(_) => return passed.ok_or(Error::Protocol).and_then(hand_out),
            }
        }
    }
}

/// Keeps the first descriptor that it is given.
struct First<'a>(&'a mut Option<OwnedFd>);

impl Extend<OwnedFd> for First<'_> {
    fn extend<I: IntoIterator<Item = OwnedFd>>(&mut self, descriptors: I) {
        for descriptor in descriptors {
            self.0.get_or_insert(descriptor);
        }
    }
}

/// A descriptor becomes the program's. As with the original, programs that it starts inherit it.
fn hand_out(descriptor: OwnedFd) -> Result<RawFd> {
    let number = descriptor.into_raw_fd();
    // SAFETY: no pointers.
    unsafe { libc::fcntl(number, libc::F_SETFD, 0) };
    Ok(number)
}

/// `None` when a call would have had to wait. A peer that has gone is a broken connection.
fn unless_blocked<T>(outcome: io::Result<T>) -> Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Error::Reset),
        Err(error) => Err(system(error)),
    }
}

/// # Safety
/// The first `count` pieces were written.
unsafe fn described(pieces: &[MaybeUninit<libc::iovec>], count: usize) -> &[libc::iovec] {
    // SAFETY: as promised.
    unsafe { std::slice::from_raw_parts(pieces.as_ptr().cast(), count) }
}
