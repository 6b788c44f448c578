//! UDP.

use super::super::sockets::iolist::List;
use super::super::sockets::types::{dill_iolist, dill_ipaddr, dill_udp_storage};
use super::super::sockets::udp;
use super::super::{Error, Result};
use super::bsock::item;
use super::ipaddr::read;
use super::{answer, number, size, status};
use libc::ssize_t;
use std::ffi::{c_int, c_void};

/// Opens a UDP socket, which is a message socket.
///
/// local is the address to receive at; if its port is 0 the port that the system chose is stored in it. remote is where
/// messages go that say nothing else, and the only address whose messages are received. Either may be NULL. Never blocks.
/// The socket is closed with hclose.
///
/// Returns a handle, or -1 with errno: EADDRINUSE when the address is in use, EADDRNOTAVAIL when it is not this machine's,
/// EINVAL when both addresses are of different families, ECANCELED when the coroutine is being closed, EACCES, ENOMEM,
/// EMFILE or ENFILE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_udp_open(local: *mut dill_ipaddr, remote: *const dill_ipaddr) -> c_int {
    // SAFETY: NULL or addresses, as promised by the caller.
    let (mut own, remote) = unsafe { (read(local), read(remote)) };
    let opened = udp::open(own.as_mut(), remote);
    if let (Ok(_), Some(own)) = (opened, own) {
        // SAFETY: as above; it is not NULL.
        unsafe { local.write(own.into()) };
    }
    number(opened)
}

/// As udp_open, but in memory of the program's, which has to be kept until the socket is closed.
///
/// Fails with errno EINVAL, too: when mem is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_udp_open_mem(
    local: *mut dill_ipaddr,
    remote: *const dill_ipaddr,
    mem: *mut dill_udp_storage,
) -> c_int {
    if mem.is_null() {
        return answer(Error::InvalidArgument);
    }
    // SAFETY: as promised by the caller.
    unsafe { dill_udp_open(local, remote) }
}

/// Sends a message of len bytes to addr, or, if that is NULL, to the remote address of the socket. Never blocks; messages
/// may be lost on the way, or if there is no room.
///
/// Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no UDP socket, EINVAL when there is no
/// address, EMSGSIZE when the message is too large, EBUSY when another coroutine receives from the socket.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_udp_send(
    s: c_int,
    addr: *const dill_ipaddr,
    buf: *const c_void,
    len: usize,
) -> c_int {
    let mut item = item(buf.cast_mut(), len);
    // SAFETY: a list of one item, which outlives the call.
    unsafe { dill_udp_sendl(s, addr, &raw mut item, &raw mut item) }
}

/// Receives a message of up to len bytes, and stores who sent it unless addr is NULL. What does not fit is lost.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
///
/// Returns how many bytes were stored, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no UDP
/// socket, EBUSY when another coroutine receives from it, ECANCELED when the coroutine is being closed, ETIMEDOUT when the
/// deadline passed, after which the call can be repeated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_udp_recv(
    s: c_int,
    addr: *mut dill_ipaddr,
    buf: *mut c_void,
    len: usize,
    deadline: i64,
) -> ssize_t {
    let mut item = item(buf, len);
    // SAFETY: a list of one item, which outlives the call.
    unsafe { dill_udp_recvl(s, addr, &raw mut item, &raw mut item, deadline) }
}

/// Sends the bytes of a list of buffers as a message. Otherwise as udp_send.
///
/// Fails with errno EINVAL, too: when the list has no end, does not end with last, or an item is in use.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_udp_sendl(
    s: c_int,
    addr: *const dill_ipaddr,
    first: *mut dill_iolist,
    last: *mut dill_iolist,
) -> c_int {
    // SAFETY: NULL or an address, and a list, as promised by the caller.
    let (address, list) = unsafe { (read(addr), List::new(first, last)) };
    status(udp::with(s, |udp| udp.send_to(address.as_ref(), list)))
}

/// Receives a message into a list of buffers. Otherwise as udp_recv.
///
/// Fails with errno EINVAL, too: when the list has no end, or an item is in use.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_udp_recvl(
    s: c_int,
    addr: *mut dill_ipaddr,
    first: *mut dill_iolist,
    last: *mut dill_iolist,
    deadline: i64,
) -> ssize_t {
    // SAFETY: a list, as promised by the caller.
    let list = unsafe { List::new(first, last) };
    let received: Result<usize> =
        udp::with(s, |udp| udp.receive_from(list, deadline)).map(|(count, sender)| {
            if !addr.is_null() {
                // SAFETY: room for an address, as promised by the caller.
                unsafe { addr.write(sender.into()) };
            }
            count
        });
    size(received)
}
