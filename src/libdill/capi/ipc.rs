//! IPC: sockets between processes of a machine.

use super::super::Error;
use super::super::sockets::ipc;
use super::super::sockets::types::{dill_ipc_listener_storage, dill_ipc_pair_storage, dill_ipc_storage};
use super::{answer, number, status};
use crate::ffi::cstr;
use std::ffi::{c_char, c_int};

/// Listens for IPC connections at a path of the file system, where nothing may be yet. What is made there stays when the
/// socket is closed.
///
/// backlog is how many connections may wait to be accepted. Never blocks. The socket is closed with hclose or ipc_close.
///
/// Returns a handle, or -1 with errno: EADDRINUSE when there is something at the path, ENAMETOOLONG when it is longer than
/// 107 bytes, EACCES, ELOOP, ENOENT or ENOTDIR for the path, EINVAL for a bad argument, ECANCELED when the coroutine is
/// being closed, ENOMEM, EMFILE or ENFILE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ipc_listen(addr: *const c_char, backlog: c_int) -> c_int {
    // SAFETY: NULL or a string, as promised by the caller.
    let path = unsafe { cstr::borrow(addr) };
    number(path.ok_or(Error::InvalidArgument).and_then(|path| ipc::listen(path, backlog)))
}

/// As ipc_listen, but in memory of the program's, which has to be kept until the socket is closed.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ipc_listen_mem(
    addr: *const c_char,
    backlog: c_int,
    mem: *mut dill_ipc_listener_storage,
) -> c_int {
    if mem.is_null() {
        return answer(Error::InvalidArgument);
    }
    // SAFETY: as promised by the caller.
    unsafe { dill_ipc_listen(addr, backlog) }
}

/// Waits for an IPC connection at a listening socket.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting. The connection is a bytestream. It is
/// ended in order by ipc_close; hclose breaks it.
///
/// Returns a handle, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it does not listen, ECANCELED when
/// the coroutine is being closed, ETIMEDOUT when the deadline passed, ENOMEM, EMFILE or ENFILE.
#[unsafe(no_mangle)]
pub extern "C" fn dill_ipc_accept(s: c_int, deadline: i64) -> c_int {
    number(ipc::accept(s, deadline))
}

/// As ipc_accept, but in memory of the program's, which has to be kept until the socket is closed.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ipc_accept_mem(s: c_int, mem: *mut dill_ipc_storage, deadline: i64) -> c_int {
    if mem.is_null() { answer(Error::InvalidArgument) } else { dill_ipc_accept(s, deadline) }
}

/// Connects to the IPC socket that listens at a path.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting. The connection is a bytestream. It is
/// ended in order by ipc_close; hclose breaks it.
///
/// Returns a handle, or -1 with errno: ECONNREFUSED when nobody listens there, ENAMETOOLONG, EACCES, ELOOP, ENOENT or ENOTDIR
/// for the path, EINVAL for a bad argument, ECANCELED when the coroutine is being closed, ETIMEDOUT when the deadline passed,
/// ECONNRESET, ENOMEM, EMFILE or ENFILE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ipc_connect(addr: *const c_char, deadline: i64) -> c_int {
    // SAFETY: NULL or a string, as promised by the caller.
    let path = unsafe { cstr::borrow(addr) };
    number(path.ok_or(Error::InvalidArgument).and_then(|path| ipc::connect(path, deadline)))
}

/// As ipc_connect, but in memory of the program's, which has to be kept until the socket is closed.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ipc_connect_mem(
    addr: *const c_char,
    mem: *mut dill_ipc_storage,
    deadline: i64,
) -> c_int {
    if mem.is_null() {
        return answer(Error::InvalidArgument);
    }
    // SAFETY: as promised by the caller.
    unsafe { dill_ipc_connect(addr, deadline) }
}

/// Passes a file descriptor to the peer of an IPC connection, which receives it with ipc_recvfd. It stays open here.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting. When it passes, or the coroutine is being
/// closed, nothing has been sent, and the call can be repeated.
///
/// Returns 0, or -1 with errno: EBADF when there is no such handle or descriptor, ENOTSUP when it is no IPC connection,
/// EINVAL for a negative descriptor, EBUSY when another coroutine sends, EPIPE when the stream was ended by this side,
/// ECONNRESET when it is broken, ECANCELED, ETIMEDOUT, ENOMEM, ETOOMANYREFS.
#[unsafe(no_mangle)]
pub extern "C" fn dill_ipc_sendfd(s: c_int, fd: c_int, deadline: i64) -> c_int {
    status(ipc::send_descriptor(s, fd, deadline))
}

/// Receives a file descriptor that the peer of an IPC connection passed with ipc_sendfd. It belongs to the program.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting. When it passes, or the coroutine is being
/// closed, nothing has been received, and the call can be repeated.
///
/// Returns the descriptor, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no IPC connection,
/// EPROTO when bytes came instead of a descriptor, EBUSY when another coroutine receives, EPIPE when the peer has ended the
/// stream, ECONNRESET when it is broken, ECANCELED, ETIMEDOUT.
#[unsafe(no_mangle)]
pub extern "C" fn dill_ipc_recvfd(s: c_int, deadline: i64) -> c_int {
    number(ipc::receive_descriptor(s, deadline))
}

/// Tells the peer of an IPC connection that nothing more will be sent. Receiving goes on. Never blocks.
///
/// Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no IPC connection, EPIPE when this
/// was done before, ECONNRESET when the connection is broken.
#[unsafe(no_mangle)]
pub extern "C" fn dill_ipc_done(s: c_int, _deadline: i64) -> c_int {
    status(ipc::done(s))
}

/// Ends an IPC connection in order, and closes the handle. See tcp_close.
#[unsafe(no_mangle)]
pub extern "C" fn dill_ipc_close(s: c_int, deadline: i64) -> c_int {
    status(ipc::close(s, deadline))
}

/// Makes a handle for a listening Unix socket of the program's. The descriptor belongs to the handle from now on: the
/// program must not use its number any more. Never blocks.
///
/// Returns a handle, or -1 with errno: EINVAL when it is not such a socket, EBADF or ENOTSOCK when it is none at all,
/// ECANCELED when the coroutine is being closed, ENOMEM, EMFILE or ENFILE.
#[unsafe(no_mangle)]
pub extern "C" fn dill_ipc_listener_fromfd(fd: c_int) -> c_int {
    number(ipc::listener_from(fd))
}

/// As ipc_listener_fromfd, but in memory of the program's, which has to be kept until the socket is closed.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ipc_listener_fromfd_mem(
    fd: c_int,
    mem: *mut dill_ipc_listener_storage,
) -> c_int {
    if mem.is_null() { answer(Error::InvalidArgument) } else { dill_ipc_listener_fromfd(fd) }
}

/// Makes a handle for a connected Unix stream socket of the program's. The descriptor belongs to the handle from now on: the
/// program must not use its number any more. Never blocks.
///
/// Returns a handle, or -1 with errno: EINVAL when it is no such socket, EBADF or ENOTSOCK when it is none at all, ECANCELED
/// when the coroutine is being closed, ENOMEM, EMFILE or ENFILE.
#[unsafe(no_mangle)]
pub extern "C" fn dill_ipc_fromfd(fd: c_int) -> c_int {
    number(ipc::connection_from(fd))
}

/// As ipc_fromfd, but in memory of the program's, which has to be kept until the socket is closed.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ipc_fromfd_mem(fd: c_int, mem: *mut dill_ipc_storage) -> c_int {
    if mem.is_null() { answer(Error::InvalidArgument) } else { dill_ipc_fromfd(fd) }
}

/// Makes two IPC sockets that are connected with each other, and stores their handles in s. Never blocks.
///
/// Returns 0, or -1 with errno: ECANCELED when the coroutine is being closed, ENOMEM, EMFILE or ENFILE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ipc_pair(s: *mut c_int) -> c_int {
    if s.is_null() {
        return answer(Error::InvalidArgument);
    }
    status(ipc::pair().map(|pair| {
        // SAFETY: room for two, as promised by the caller.
        unsafe { s.cast::<[c_int; 2]>().write(pair) }
    }))
}

/// As ipc_pair, but in memory of the program's, which has to be kept until both sockets are closed.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ipc_pair_mem(mem: *mut dill_ipc_pair_storage, s: *mut c_int) -> c_int {
    if mem.is_null() {
        return answer(Error::InvalidArgument);
    }
    // SAFETY: as promised by the caller.
    unsafe { dill_ipc_pair(s) }
}
