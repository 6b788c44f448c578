//! SOCKS5.

use super::super::Error;
use super::super::sockets::ipaddr::{self, SystemAddress};
use super::super::sockets::socks5::{self, Destination};
use super::super::sockets::types::dill_ipaddr;
use super::ipaddr::read;
use super::{answer, number, status};
use crate::ffi::{cstr, guard};
use std::ffi::{c_char, c_int};
use std::net::SocketAddr;

/// Asks the SOCKS5 proxy at the other end of a bytestream for a TCP connection to an address. Then the bytestream is that
/// connection.
///
/// If username and password are not NULL they are offered to the proxy. deadline is a point in time as now returns it, -1 for
/// never, 0 for not waiting. The socket stays the caller's, also when this fails; then it is of no further use.
///
/// Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no bytestream, EINVAL for a bad
/// argument, EACCES when the proxy does not let us in, EPROTO when it does not speak the protocol; EIO, EACCES, ENETUNREACH,
/// EHOSTUNREACH, ECONNREFUSED, ETIMEDOUT, EOPNOTSUPP or EAFNOSUPPORT as it replies; those of bsend and brecv.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_socks5_client_connect(
    s: c_int,
    username: *const c_char,
    password: *const c_char,
    addr: *mut dill_ipaddr,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_socks5_client_connect", || {
        // SAFETY: NULL, strings, and an address, as promised by the caller.
        let (user, password, address) =
            unsafe { (cstr::borrow(username), cstr::borrow(password), address(addr)) };
        status(socks5::connect(s, user, password, address, deadline))
    })
}

/// Asks the SOCKS5 proxy at the other end of a bytestream for a TCP connection to a port of a host, which the proxy looks up.
/// Otherwise as socks5_client_connect.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_socks5_client_connectbyname(
    s: c_int,
    username: *const c_char,
    password: *const c_char,
    hostname: *const c_char,
    port: c_int,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_socks5_client_connectbyname", || {
        // SAFETY: NULL or strings, as promised by the caller.
        let (user, password, name) =
            unsafe { (cstr::borrow(username), cstr::borrow(password), cstr::borrow(hostname)) };
        status(socks5::connect_by_name(s, user, password, name, port, deadline))
    })
}

/// Lets a SOCKS5 client in, at the proxy's end of a bytestream: any, or, if auth_fn is not NULL, those whose user name and
/// password it accepts. It is called with both as strings, and may block.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
///
/// Returns 0, or -1 with errno: EACCES when the client is not let in, which it was told, EBADF when there is no such handle,
/// ENOTSUP when it is no bytestream, EPROTO when the client does not speak the protocol; those of bsend and brecv.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_socks5_proxy_auth(
    s: c_int,
    auth_fn: Option<unsafe extern "C-unwind" fn(username: *const c_char, password: *const c_char) -> c_int>,
    deadline: i64,
) -> c_int {
    // SAFETY: NULL or a function of that type, as promised by the caller.
    guard::callbacks("dill_socks5_proxy_auth", || status(unsafe { socks5::proxy_auth(s, auth_fn, deadline) }))
}

/// Receives a command of a SOCKS5 client, and stores the address that it is about. A name is looked up.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
///
/// Returns SOCKS5_CONNECT, SOCKS5_BIND or SOCKS5_UDP_ASSOCIATE, or -1 with errno: EBADF when there is no such handle, ENOTSUP
/// when it is no bytestream, EPROTO when the client does not speak the protocol, EADDRNOTAVAIL when the name has no address;
/// those of brecv.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_socks5_proxy_recvcommand(
    s: c_int,
    ipaddr: *mut dill_ipaddr,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_socks5_proxy_recvcommand", || {
        if ipaddr.is_null() {
            return answer(Error::InvalidArgument);
        }
        number(socks5::receive_command_to_address(s, deadline).map(|(command, address)| {
            // SAFETY: room for an address, as promised by the caller.
            unsafe { ipaddr.write(SystemAddress::from(address).into()) };
            command
        }))
    })
}

/// Receives a command of a SOCKS5 client, and stores the host that it is about, a name or an address as a string, in host,
/// which has room for 256 bytes, and its port. Otherwise as socks5_proxy_recvcommand.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_socks5_proxy_recvcommandbyname(
    s: c_int,
    host: *mut c_char,
    port: *mut c_int,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_socks5_proxy_recvcommandbyname", || {
        if host.is_null() || port.is_null() {
            return answer(Error::InvalidArgument);
        }
        number(socks5::receive_command(s, deadline).map(|(command, destination)| {
            let store = |name: &[u8], number: u16| {
                // SAFETY: room for the longest name and its NUL, and a number, as promised by the caller.
                unsafe {
                    host.cast::<u8>().copy_from(name.as_ptr(), name.len());
                    host.add(name.len()).write(0);
                    port.write(c_int::from(number));
                }
            };
            match destination {
                Destination::Address(address) => {
                    let mut text = [0; ipaddr::LONGEST];
                    let length = ipaddr::write(address.ip(), &mut text);
                    store(&text[..length], address.port())
                }
                Destination::Name(name, port) => store(name.to_bytes(), port),
            }
            command
        }))
    })
}

/// Replies to a SOCKS5 client's command: SOCKS5_SUCCESS or one of the failures, and the address that the proxy uses.
///
/// deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
///
/// Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no bytestream, EINVAL for a bad
/// argument; those of bsend.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn dill_socks5_proxy_sendreply(
    s: c_int,
    reply: c_int,
    ipaddr: *mut dill_ipaddr,
    deadline: i64,
) -> c_int {
    guard::callbacks("dill_socks5_proxy_sendreply", || {
        // SAFETY: NULL or an address, as promised by the caller.
        let address = unsafe { address(ipaddr) };
        status(socks5::send_reply(s, reply, address, deadline))
    })
}

/// # Safety
/// NULL or an address.
unsafe fn address(addr: *const dill_ipaddr) -> Option<SocketAddr> {
    // SAFETY: as promised.
    unsafe { read(addr) }.and_then(|address| address.socket_address())
}
