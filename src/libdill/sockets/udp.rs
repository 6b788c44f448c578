//! UDP: datagrams as messages.

use super::super::error::{Error, Result};
use super::super::handle::{self, Kind};
use super::descriptor::Descriptor;
use super::iolist::{Chain, Cursor, List, PIECES, Use};
use super::ipaddr::{self, SystemAddress};
use super::object::{Interface, Ref, Socket};
use super::patience::Patience;
use super::{system, trace};
use crate::net::socket;
use crate::trace::{Connection, Direction, on};
use std::cell::Cell;
use std::ffi::c_int;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;

static KEY: u8 = 0;
const KIND: Kind = handle::kind(&KEY);

/// A datagram as long as one can be, with room to spare.
const LONGEST: usize = 64 * 1024;

/// A UDP socket.
#[derive(Debug)]
pub struct Udp {
    descriptor: Descriptor,
    /// Where datagrams go that say nothing else, and the only one they are taken from.
    remote: Option<SystemAddress>,
    receiving: Cell<bool>,
    traced: Connection,
}

impl Socket for Udp {
    const INTERFACE: Interface = Interface::Messages;

    fn is(&self, kind: Kind) -> bool {
        kind == KIND
    }

    fn close(&self) {
        self.descriptor.close(true);
    }

    fn send(&self, list: List, _deadline: i64) -> Result<()> {
        self.send_to(None, list)
    }

    fn receive(&self, list: List, deadline: i64) -> Result<usize> {
        self.receive_from(list, deadline).map(|(size, _)| size)
    }
}

/// Opens a socket at `local`, for datagrams to and from `remote` only. Either may be missing. A local port of 0 is
/// replaced by the one that the system chose.
///
/// # Errors
/// `EINVAL` when both are of different families, the system's, `ECANCELED`, `ENOMEM`.
pub fn open(local: Option<&mut SystemAddress>, remote: Option<SystemAddress>) -> Result<c_int> {
    let families = (local.as_ref().map(|local| local.family()), remote.map(|remote| remote.family()));
    let family = match families {
        (Some(local), Some(remote)) if local != remote => return Err(Error::InvalidArgument),
        (Some(family), _) | (None, Some(family)) => family,
        (None, None) => libc::AF_INET,
    };
    let fd = socket::open(family, libc::SOCK_DGRAM).map_err(system)?;
    socket::set_option(fd.as_raw_fd(), libc::SOL_SOCKET, libc::SO_REUSEADDR, 1).map_err(system)?;
    if let Some(local) = local {
        socket::bind(fd.as_raw_fd(), local.bytes()).map_err(system)?;
        if local.port() == 0 {
            let mut chosen = SystemAddress::EMPTY;
            socket::local_address(fd.as_raw_fd(), chosen.room()).map_err(system)?;
            local.set_port(chosen.port());
        }
    }
    let (receiving, traced) = (Cell::new(false), Connection::new());
    Ref::new(Udp { descriptor: fd.into(), remote, receiving, traced })?.into_handle()
}

/// The UDP socket of a handle.
///
/// # Errors
/// `EBADF`, `ENOTSUP`.
pub fn with<T>(h: c_int, action: impl FnOnce(&Udp) -> Result<T>) -> Result<T> {
    action(&*Ref::<Udp>::find(h, KIND)?)
}

impl Udp {
    /// Sends a datagram. One that the system has no room for is lost, as datagrams may be.
    ///
    /// # Errors
    /// `EINVAL` when there is no address, `EMSGSIZE`, `EBUSY` while another coroutine receives, the system's.
    pub fn send_to(&self, address: Option<&SystemAddress>, list: List) -> Result<()> {
        let to = address.or(self.remote.as_ref()).ok_or(Error::InvalidArgument)?;
        if self.receiving.get() {
            return Err(Error::Busy);
        }
        let cursor = Cursor::new(&list.check(Use::Send)?);
        if on() {
            trace::message_at(&self.traced, Direction::Sent, "datagram", cursor.remaining(), &cursor);
        }
        let mut pieces = [MaybeUninit::uninit(); PIECES];
        let (count, bytes) = cursor.describe(&mut pieces);
        let mut whole = Vec::new();
        if bytes < cursor.remaining() {
            // One datagram is one call of the system's: a longer list has to become one piece.
            let length = cursor.remaining();
            if length > LONGEST {
                return Err(Error::MessageSize);
            }
            whole.try_reserve_exact(length)?;
            whole.resize(length, 0);
            cursor.clone().take(&mut whole);
            pieces[0].write(libc::iovec { iov_base: whole.as_mut_ptr().cast(), iov_len: length });
        }
        let count = if whole.is_empty() { count } else { 1 };
        // SAFETY: the first `count` pieces were written, and describe what the list or the copy holds.
        let sent = unsafe {
            let pieces = std::slice::from_raw_parts(pieces.as_ptr().cast(), count);
            socket::send(self.descriptor.number()?, pieces, Some(to.bytes()))
        };
        match sent {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(system(error)),
            _ => Ok(()),
        }
    }

    /// Receives a datagram, cut to the list. Returns how much was stored, and who sent it.
    ///
    /// # Errors
    /// `EBUSY` while another coroutine receives, `EINVAL`, those of waiting, the system's.
    pub fn receive_from(&self, list: List, deadline: i64) -> Result<(usize, SystemAddress)> {
        if self.receiving.get() {
            return Err(Error::Busy);
        }
        let chain = list.check(Use::Receive)?;
        if !chain.is_endless() {
            chain.check_size()?;
        }
        self.receiving.set(true);
        let outcome = self.receive_datagram(&chain, deadline);
        self.receiving.set(false);
        if let (Ok((size, _)), true) = (&outcome, on()) {
            trace::message_at(&self.traced, Direction::Received, "datagram", *size, &Cursor::new(&chain));
        }
        outcome
    }

    fn receive_datagram(&self, chain: &Chain, deadline: i64) -> Result<(usize, SystemAddress)> {
        let mut patience = Patience::new(deadline);
        loop {
            let mut sender = SystemAddress::EMPTY;
            match self.read(chain, &mut sender) {
                Ok(size) => {
                    if self.remote.is_none_or(|remote| ipaddr::equal(&remote, &sender, false)) {
                        return Ok((size, sender));
                    }
                    // Who is not asked must not keep a deadline from being noticed.
                    patience.spend(size.max(1))?;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.descriptor.wait_readable(deadline)?;
                }
                Err(error) => return Err(system(error)),
            }
        }
    }

    fn read(&self, chain: &Chain, sender: &mut SystemAddress) -> io::Result<usize> {
        let number = self.descriptor.number().map_err(|error| io::Error::from_raw_os_error(error.errno()))?;
        let mut cursor = Cursor::new(chain);
        let mut pieces = [MaybeUninit::uninit(); PIECES];
        let (count, bytes) = cursor.describe(&mut pieces);
        if bytes == cursor.remaining() {
            // SAFETY: the first `count` pieces were written, and describe what may be overwritten.
            return unsafe {
                let pieces = std::slice::from_raw_parts(pieces.as_ptr().cast(), count);
                socket::receive(number, pieces, Some(sender.room()))
            };
        }
        // Parts are to be skipped, or there are too many of them.
        let mut whole = Vec::new();
        whole.try_reserve_exact(LONGEST).map_err(|_| io::Error::from_raw_os_error(libc::ENOMEM))?;
        whole.resize(LONGEST, 0u8);
        let piece = [libc::iovec { iov_base: whole.as_mut_ptr().cast(), iov_len: whole.len() }];
        // SAFETY: the piece is valid.
        let size = unsafe { socket::receive(number, &piece, Some(sender.room()))? };
        let stored = size.min(cursor.remaining());
        cursor.put(&whole[..stored]);
        Ok(stored)
    }
}
