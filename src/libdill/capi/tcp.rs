//! TCP.

use super::super::Error;
use super::super::sockets::tcp;
use super::super::sockets::types::{dill_ipaddr, dill_tcp_listener_storage, dill_tcp_storage};
use super::ipaddr::read;
use super::{answer, number, status};
use std::ffi::c_int;

/// Listens for TCP connections at a local address. If its port is 0 the port that the system chose is stored in addr.
///
/// backlog is how many connections may wait to be accepted. Never blocks. The socket is closed with hclose or tcp_close.
///
/// Returns a handle, or -1 with errno: EADDRINUSE when the address is in use, EADDRNOTAVAIL when it is not this machine's,
/// EINVAL for a bad argument, ECANCELED when the coroutine is being closed, EACCES, ENOMEM, EMFILE or ENFILE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_tcp_listen(addr: *mut dill_ipaddr, backlog: c_int) -> c_int {
    // SAFETY: NULL or an address, as promised by the caller.
    let Some(mut address) = (unsafe { read(addr) }) else { return answer(Error::InvalidArgument) };
    let listening = tcp::listen(&mut address, backlog);
    if listening.is_ok() {
        // SAFETY: as above.
        unsafe { addr.write(address.into()) };
    }
    number(listening)
}

/// As tcp_listen, but in memory of the program's, which has to be kept until the socket is closed.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_tcp_listen_mem(
    addr: *mut dill_ipaddr,
    backlog: c_int,
    mem: *mut dill_tcp_listener_storage,
) -> c_int {
    if mem.is_null() {
        return answer(Error::InvalidArgument);
    }
    // SAFETY: as promised by the caller.
    unsafe { dill_tcp_listen(addr, backlog) }
}

/// Waits for a TCP connection at a listening socket, and stores the address of its peer unless addr is NULL.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting. The connection is a bytestream. It is
/// ended in order by tcp_close; hclose breaks it.
///
/// Returns a handle, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it does not listen, ECANCELED when
/// the coroutine is being closed, ETIMEDOUT when the deadline passed, ENOMEM, EMFILE or ENFILE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_tcp_accept(s: c_int, addr: *mut dill_ipaddr, deadline: i64) -> c_int {
    number(tcp::accept(s, deadline).map(|(connection, peer)| {
        if !addr.is_null() {
            // SAFETY: room for an address, as promised by the caller.
            unsafe { addr.write(peer.into()) };
        }
        connection
    }))
}

/// As tcp_accept, but in memory of the program's, which has to be kept until the socket is closed.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_tcp_accept_mem(
    s: c_int,
    addr: *mut dill_ipaddr,
    mem: *mut dill_tcp_storage,
    deadline: i64,
) -> c_int {
    if mem.is_null() {
        return answer(Error::InvalidArgument);
    }
    // SAFETY: as promised by the caller.
    unsafe { dill_tcp_accept(s, addr, deadline) }
}

/// Connects to a remote address by TCP.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting. The connection is a bytestream. It is
/// ended in order by tcp_close; hclose breaks it.
///
/// Returns a handle, or -1 with errno: ECONNREFUSED when nobody listens there, ECONNRESET, ENETUNREACH, EHOSTUNREACH or
/// ENETDOWN when there is no way, EINVAL for a bad argument, ECANCELED when the coroutine is being closed, ETIMEDOUT when
/// the deadline passed, ENOMEM, EMFILE or ENFILE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_tcp_connect(addr: *const dill_ipaddr, deadline: i64) -> c_int {
    // SAFETY: NULL or an address, as promised by the caller.
    let address = unsafe { read(addr) };
    number(address.ok_or(Error::InvalidArgument).and_then(|address| tcp::connect(&address, deadline)))
}

/// As tcp_connect, but in memory of the program's, which has to be kept until the socket is closed.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_tcp_connect_mem(
    addr: *const dill_ipaddr,
    mem: *mut dill_tcp_storage,
    deadline: i64,
) -> c_int {
    if mem.is_null() {
        return answer(Error::InvalidArgument);
    }
    // SAFETY: as promised by the caller.
    unsafe { dill_tcp_connect(addr, deadline) }
}

/// Tells the peer of a TCP connection that nothing more will be sent. Receiving goes on. Never blocks.
///
/// Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no TCP connection, EPIPE when this
/// was done before, ECONNRESET when the connection is broken.
#[unsafe(no_mangle)]
pub extern "C" fn dill_tcp_done(s: c_int, _deadline: i64) -> c_int {
    status(tcp::done(s))
}

/// Ends a TCP connection in order: tells the peer that nothing more will be sent, and discards what comes until the peer
/// has ended its side, too, so that it is certain to have received everything. Then the handle is closed, also when this
/// fails. A listening socket is closed at once.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
///
/// Returns 0, or -1 with errno: EBADF when there is no such handle and ENOTSUP when it is of another kind, and then nothing
/// is closed; ECONNRESET when the connection is broken, ECANCELED when the coroutine is being closed, ETIMEDOUT when the
/// deadline passed.
#[unsafe(no_mangle)]
pub extern "C" fn dill_tcp_close(s: c_int, deadline: i64) -> c_int {
    status(tcp::close(s, deadline))
}

/// Makes a handle for a listening TCP socket of the program's. The descriptor belongs to the handle from now on: the program
/// must not use its number any more. Never blocks.
///
/// Returns a handle, or -1 with errno: EINVAL when it is not such a socket, EBADF or ENOTSOCK when it is none at all,
/// ECANCELED when the coroutine is being closed, ENOMEM, EMFILE or ENFILE.
#[unsafe(no_mangle)]
pub extern "C" fn dill_tcp_listener_fromfd(fd: c_int) -> c_int {
    number(tcp::listener_from(fd))
}

/// As tcp_listener_fromfd, but in memory of the program's, which has to be kept until the socket is closed.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_tcp_listener_fromfd_mem(
    fd: c_int,
    mem: *mut dill_tcp_listener_storage,
) -> c_int {
    if mem.is_null() { answer(Error::InvalidArgument) } else { dill_tcp_listener_fromfd(fd) }
}

/// Makes a handle for a TCP connection of the program's. The descriptor belongs to the handle from now on: the program must
/// not use its number any more. Never blocks.
///
/// Returns a handle, or -1 with errno: EINVAL when it is no such socket, EBADF or ENOTSOCK when it is none at all, ECANCELED
/// when the coroutine is being closed, ENOMEM, EMFILE or ENFILE.
#[unsafe(no_mangle)]
pub extern "C" fn dill_tcp_fromfd(fd: c_int) -> c_int {
    number(tcp::connection_from(fd))
}

/// As tcp_fromfd, but in memory of the program's, which has to be kept until the socket is closed.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_tcp_fromfd_mem(fd: c_int, mem: *mut dill_tcp_storage) -> c_int {
    if mem.is_null() { answer(Error::InvalidArgument) } else { dill_tcp_fromfd(fd) }
}
