//! TCP.

use super::super::error::Result;
use super::connection::Transport;
use super::ipaddr::SystemAddress;
use super::listener::{self, connection_handle, listener_handle};
use super::system;
use crate::net::socket;
use std::ffi::c_int;
use std::os::fd::{AsRawFd, RawFd};

const TCP: Transport = Transport::Tcp;

/// Listens at an address. If its port is 0 the one that the system chose is stored in it.
///
/// # Errors
/// The system's, `ECANCELED`, `ENOMEM`.
pub fn listen(address: &mut SystemAddress, backlog: c_int) -> Result<c_int> {
    let fd = listener::open(address.family())?;
    socket::bind(fd.as_raw_fd(), address.bytes()).map_err(system)?;
    socket::listen(fd.as_raw_fd(), backlog).map_err(system)?;
    if address.port() == 0 {
        let mut chosen = SystemAddress::EMPTY;
        socket::local_address(fd.as_raw_fd(), chosen.room()).map_err(system)?;
        address.set_port(chosen.port());
    }
    listener_handle(TCP, fd)
}

/// Waits for a connection. Returns its handle and its peer.
///
/// # Errors
/// See [`listener::accept`].
pub fn accept(h: c_int, deadline: i64) -> Result<(c_int, SystemAddress)> {
    let mut peer = SystemAddress::EMPTY;
    let connection = listener::accept(TCP, h, peer.room(), deadline)?;
    Ok((connection, peer))
}

/// Connects to an address.
///
/// # Errors
/// See [`listener::connect`].
pub fn connect(address: &SystemAddress, deadline: i64) -> Result<c_int> {
    listener::connect(TCP, address.family(), address.bytes(), deadline)
}

/// Makes a handle for a program's listening socket.
///
/// # Errors
/// See [`listener::adopt`].
pub fn listener_from(fd: RawFd) -> Result<c_int> {
    listener_handle(TCP, listener::adopt(TCP, fd, true)?)
}

/// Makes a handle for a program's connection.
///
/// # Errors
/// See [`listener::adopt`].
pub fn connection_from(fd: RawFd) -> Result<c_int> {
    connection_handle(TCP, listener::adopt(TCP, fd, false)?.into())
}

/// See [`listener::done`].
///
/// # Errors
/// As there.
pub fn done(h: c_int) -> Result<()> {
    listener::done(TCP, h)
}

/// See [`listener::close`].
///
/// # Errors
/// As there.
pub fn close(h: c_int, deadline: i64) -> Result<()> {
    listener::close(TCP, h, deadline)
}
