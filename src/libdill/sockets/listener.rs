//! A socket that lets connections in, of TCP or IPC.

use super::super::error::{Error, Result};
use super::super::handle::{self, Kind};
use super::super::thread::scheduler;
use super::connection::{Connection, Transport};
use super::descriptor::Descriptor;
use super::object::{Interface, Ref, Socket};
use super::system;
use crate::net::socket;
use std::ffi::c_int;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

static TCP: u8 = 0;
static IPC: u8 = 1;

/// The type of a transport's listening sockets.
pub const fn kind(transport: Transport) -> Kind {
    match transport {
        Transport::Tcp => handle::kind(&TCP),
        Transport::Ipc => handle::kind(&IPC),
    }
}

/// A listening socket.
#[derive(Debug)]
pub struct Listener {
    transport: Transport,
    descriptor: Descriptor,
}

impl Socket for Listener {
    const INTERFACE: Interface = Interface::None;

    fn is(&self, wanted: Kind) -> bool {
        wanted == kind(self.transport)
    }

    fn close(&self) {
        self.descriptor.close(true);
    }
}

impl Listener {
    /// Waits for a connection, and stores its peer's address as far as there is room.
    fn accept(&self, room: &mut [u8], deadline: i64) -> Result<OwnedFd> {
        loop {
            match socket::accept(self.descriptor.number()?, room) {
                Ok((accepted, _)) => return Ok(accepted),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => {
                    // Descriptors may have run out. A server that tries again and again must not keep those from running
                    // who would give some back.
                    let _ = scheduler().yield_now();
                    return Err(system(error));
                }
            }
            self.descriptor.wait_readable(deadline)?;
        }
    }
}

/// A new socket, as the original makes it.
///
/// # Errors
/// The system's.
pub fn open(family: c_int) -> Result<OwnedFd> {
    let new = socket::open(family, libc::SOCK_STREAM).map_err(system)?;
    reuse_address(&new)?;
    Ok(new)
}

fn reuse_address(fd: &OwnedFd) -> Result<()> {
    socket::set_option(fd.as_raw_fd(), libc::SOL_SOCKET, libc::SO_REUSEADDR, 1).map_err(system)
}

/// A handle for a listening socket.
///
/// # Errors
/// `ECANCELED`, `ENOMEM`.
pub fn listener_handle(transport: Transport, fd: OwnedFd) -> Result<c_int> {
    Ref::new(Listener { transport, descriptor: fd.into() })?.into_handle()
}

/// A handle for a connection.
///
/// # Errors
/// `ECANCELED`, `ENOMEM`.
pub fn connection_handle(transport: Transport, descriptor: Descriptor) -> Result<c_int> {
    Ref::new(Connection::new(transport, descriptor))?.into_handle()
}

/// Waits for a connection at a listening socket, and makes a handle for it.
///
/// # Errors
/// `EBADF`, `ENOTSUP`, those of waiting, the system's.
pub fn accept(transport: Transport, h: c_int, room: &mut [u8], deadline: i64) -> Result<c_int> {
    let accepted = Ref::<Listener>::find(h, kind(transport))?.accept(room, deadline)?;
    connection_handle(transport, accepted.into())
}

/// Connects a new socket, and makes a handle for it.
///
/// # Errors
/// Those of waiting, the system's, and then the socket is closed.
pub fn connect(transport: Transport, family: c_int, address: &[u8], deadline: i64) -> Result<c_int> {
    let descriptor = Descriptor::from(open(family)?);
    if !socket::connect(descriptor.number()?, address).map_err(system)? {
        descriptor.wait_writable(deadline)?;
        socket::take_error(descriptor.number()?).map_err(system)?;
    }
    connection_handle(transport, descriptor)
}

/// A duplicate of a program's socket, which is closed: of the transport's, and listening or not, as wanted.
///
/// # Errors
/// `EINVAL` when it is another kind of socket, and the system's.
pub fn adopt(transport: Transport, fd: RawFd, listening: bool) -> Result<OwnedFd> {
    if fd < 0 {
        return Err(Error::InvalidArgument);
    }
    let option = |name| socket::option(fd, libc::SOL_SOCKET, name).map_err(system);
    let families: &[c_int] = match transport {
        Transport::Tcp => &[libc::AF_INET, libc::AF_INET6],
        Transport::Ipc => &[libc::AF_UNIX],
    };
    let suited = option(libc::SO_TYPE)? == libc::SOCK_STREAM
        && (option(libc::SO_ACCEPTCONN)? != 0) == listening
        && families.contains(&option(libc::SO_DOMAIN)?);
    if !suited {
        return Err(Error::InvalidArgument);
    }
    // SAFETY: open a moment ago; the caller gives it away.
    let original = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: no pointers.
    let copy = unsafe { libc::dup(fd) };
    if copy < 0 {
        std::mem::forget(original);
        return Err(Error::last_os());
    }
    // The scheduler may know the number from a time when the program waited for it. The copy is the same socket, whose
    // options must not change, nor those of the connections that it lets in.
    Descriptor::from(original).close(true);
    // SAFETY: new, and nobody else knows it.
    let copy = unsafe { OwnedFd::from_raw_fd(copy) };
    socket::never_wait(copy.as_raw_fd()).map_err(system)?;
    reuse_address(&copy)?;
    Ok(copy)
}

/// Tells the peer of a connection that nothing more will be sent.
///
/// # Errors
/// `EPIPE` when that was done, `ECONNRESET` when it is broken, `EBADF`, `ENOTSUP`.
pub fn done(transport: Transport, h: c_int) -> Result<()> {
    Ref::<Connection>::find(h, transport.kind())?.done()
}

/// Closes a listening socket, or a connection in order: waits until the peer has ended its direction, too.
///
/// # Errors
/// `EBADF` and `ENOTSUP`; others, after which it is closed as well.
pub fn close(transport: Transport, h: c_int, deadline: i64) -> Result<()> {
    if Ref::<Listener>::find(h, kind(transport)).is_ok() {
        return handle::close(h);
    }
    let connection = Ref::<Connection>::find(h, transport.kind())?;
    let held = handle::hold(h)?;
    let finished = connection.finish(deadline);
    held.close();
    finished
}
