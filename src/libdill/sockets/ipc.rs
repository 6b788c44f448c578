//! IPC: Unix sockets, which pass descriptors, too.

use super::super::error::{Error, Result};
use super::super::handle;
use super::connection::{Connection, Transport};
use super::listener::{self, connection_handle, listener_handle};
use super::object::Ref;
use super::system;
use crate::net::socket;
use std::ffi::{CStr, c_int};
use std::os::fd::{AsRawFd, RawFd};

const IPC: Transport = Transport::Ipc;

/// Bytes of an address, by the system's definition.
const ROOM: usize = size_of::<libc::sockaddr_un>();

/// Where the path begins in an address.
const PATH: usize = std::mem::offset_of!(libc::sockaddr_un, sun_path);

/// The address of a path.
///
/// # Errors
/// `ENAMETOOLONG`.
fn address(path: &CStr) -> Result<[u8; ROOM]> {
    let mut address = [0; ROOM];
    address[..2].copy_from_slice(&(libc::AF_UNIX as libc::sa_family_t).to_ne_bytes());
    let path = path.to_bytes_with_nul();
    address.get_mut(PATH..PATH + path.len()).ok_or(Error::Os(libc::ENAMETOOLONG))?.copy_from_slice(path);
    Ok(address)
}

/// Listens at a path, which must not exist, and stays when the socket is closed.
///
/// # Errors
/// `ENAMETOOLONG`, the system's, `ECANCELED`, `ENOMEM`.
pub fn listen(path: &CStr, backlog: c_int) -> Result<c_int> {
    let address = address(path)?;
    let fd = listener::open(libc::AF_UNIX)?;
    socket::bind(fd.as_raw_fd(), &address).map_err(system)?;
    socket::listen(fd.as_raw_fd(), backlog).map_err(system)?;
    listener_handle(IPC, fd)
}

/// Waits for a connection.
///
/// # Errors
/// See [`listener::accept`].
pub fn accept(h: c_int, deadline: i64) -> Result<c_int> {
    listener::accept(IPC, h, &mut [], deadline)
}

/// Connects to a path.
///
/// # Errors
/// `ENAMETOOLONG`; see [`listener::connect`].
pub fn connect(path: &CStr, deadline: i64) -> Result<c_int> {
    listener::connect(IPC, libc::AF_UNIX, &address(path)?, deadline)
}

/// Makes two connected sockets.
///
/// # Errors
/// The system's, `ECANCELED`, `ENOMEM`, and then there are none.
pub fn pair() -> Result<[c_int; 2]> {
    let [left, right] = socket::pair(libc::AF_UNIX, libc::SOCK_STREAM).map_err(system)?;
    let left = connection_handle(IPC, left.into())?;
    match connection_handle(IPC, right.into()) {
        Ok(right) => Ok([left, right]),
        Err(error) => {
            let _ = handle::close(left);
            Err(error)
        }
    }
}

/// Makes a handle for a program's listening socket.
///
/// # Errors
/// See [`listener::adopt`].
pub fn listener_from(fd: RawFd) -> Result<c_int> {
    listener_handle(IPC, listener::adopt(IPC, fd, true)?)
}

/// Makes a handle for a program's connection.
///
/// # Errors
/// See [`listener::adopt`].
pub fn connection_from(fd: RawFd) -> Result<c_int> {
    connection_handle(IPC, listener::adopt(IPC, fd, false)?.into())
}

/// Passes a descriptor to the peer.
///
/// # Errors
/// See [`Connection::send_descriptor`]; `EBADF`, `ENOTSUP`.
pub fn send_descriptor(h: c_int, fd: RawFd, deadline: i64) -> Result<()> {
    Ref::<Connection>::find(h, IPC.kind())?.send_descriptor(fd, deadline)
}

/// Receives a descriptor from the peer.
///
/// # Errors
/// See [`Connection::receive_descriptor`]; `EBADF`, `ENOTSUP`.
pub fn receive_descriptor(h: c_int, deadline: i64) -> Result<RawFd> {
    Ref::<Connection>::find(h, IPC.kind())?.receive_descriptor(deadline)
}

/// See [`listener::done`].
///
/// # Errors
/// As there.
pub fn done(h: c_int) -> Result<()> {
    listener::done(IPC, h)
}

/// See [`listener::close`].
///
/// # Errors
/// As there.
pub fn close(h: c_int, deadline: i64) -> Result<()> {
    listener::close(IPC, h, deadline)
}
