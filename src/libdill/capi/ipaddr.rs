//! IP addresses.

use super::super::Error;
use super::super::sockets::ipaddr::{self, SystemAddress};
use super::super::sockets::lookup;
use super::super::sockets::types::dill_ipaddr;
use super::{answer, number, status};
use crate::ffi::cstr;
use std::ffi::{c_char, c_int};
use std::net::SocketAddr;

/// Stores the address of a local network interface, with a port.
///
/// name is an interface, such as eth0, or an address; NULL stands for all of them. mode is IPADDR_IPV4, IPADDR_IPV6,
/// IPADDR_PREF_IPV4 or IPADDR_PREF_IPV6; 0 is IPADDR_PREF_IPV4. port is 0 to 65535; with 0 a listening socket gets a port
/// of the system's choice. Never blocks.
///
/// Returns 0, or -1 with errno: ENODEV when there is no such interface or it has no such address, EINVAL for a bad mode or
/// port.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ipaddr_local(
    addr: *mut dill_ipaddr,
    name: *const c_char,
    port: c_int,
    mode: c_int,
) -> c_int {
    // SAFETY: NULL or a string, as promised by the caller.
    let name = unsafe { cstr::borrow(name) };
    // SAFETY: NULL or room for an address, as promised by the caller.
    status(ipaddr::local(name, port, mode).and_then(|address| unsafe { store(addr, address) }))
}

/// Stores an address of a remote host, with a port.
///
/// name is a host name, which is looked up while other coroutines run, or an address, which is not. For mode and port see
/// ipaddr_local. deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
///
/// Returns 0, or -1 with errno: EADDRNOTAVAIL when the host has no such address, EINVAL for a bad argument, ECANCELED when
/// the coroutine is being closed, ETIMEDOUT when the deadline passed, ENOMEM, EMFILE or ENFILE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ipaddr_remote(
    addr: *mut dill_ipaddr,
    name: *const c_char,
    port: c_int,
    mode: c_int,
    deadline: i64,
) -> c_int {
    // SAFETY: as promised by the caller.
    match unsafe { dill_ipaddr_remotes(addr, 1, name, port, mode, deadline) } {
        0 => answer(Error::Os(libc::EADDRNOTAVAIL)),
        found => found.min(0),
    }
}

/// Stores up to naddrs addresses of a remote host, those of the preferred family first. Otherwise as ipaddr_remote.
///
/// Returns how many were found, which is 0 when the name is not known, or -1 with errno as ipaddr_remote.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ipaddr_remotes(
    addrs: *mut dill_ipaddr,
    naddrs: c_int,
    name: *const c_char,
    port: c_int,
    mode: c_int,
    deadline: i64,
) -> c_int {
    // SAFETY: NULL or a string, as promised by the caller.
    let Some(name) = unsafe { cstr::borrow(name) }.filter(|_| !addrs.is_null() && naddrs > 0) else {
        return answer(Error::InvalidArgument);
    };
    number(lookup::remotes(name, port, mode, deadline).and_then(|found| {
        let found = &found[..found.len().min(naddrs as usize)];
        for (index, address) in found.iter().enumerate() {
            // SAFETY: room for so many, as promised by the caller.
            unsafe { store(addrs.wrapping_add(index), *address)? };
        }
        Ok(found.len() as c_int)
    }))
}

/// Writes an address, without its port, as text to ipstr, which has room for IPADDR_MAXSTRLEN bytes. Never blocks.
///
/// Returns ipstr.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ipaddr_str(addr: *const dill_ipaddr, ipstr: *mut c_char) -> *const c_char {
    // SAFETY: an address, as promised by the caller.
    let address = unsafe { read(addr) }.and_then(|address| address.socket_address());
    let mut text = [0; ipaddr::LONGEST];
    let length = address.map_or(0, |address| ipaddr::write(address.ip(), &mut text));
    if !ipstr.is_null() {
        // SAFETY: room for the longest address and its NUL.
        unsafe {
            ipstr.cast::<u8>().copy_from(text.as_ptr(), length);
            ipstr.add(length).write(0);
        }
    }
    ipstr
}

/// Returns the family of an address: AF_INET or AF_INET6.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ipaddr_family(addr: *const dill_ipaddr) -> c_int {
    // SAFETY: an address, as promised by the caller.
    unsafe { read(addr) }.map_or(libc::AF_UNSPEC, |address| address.family())
}

/// Returns the address as a struct sockaddr_in or sockaddr_in6: where addr is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ipaddr_sockaddr(addr: *const dill_ipaddr) -> *const libc::sockaddr {
    addr.cast()
}

/// Returns the length of what ipaddr_sockaddr returns, in bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ipaddr_len(addr: *const dill_ipaddr) -> c_int {
    // SAFETY: an address, as promised by the caller.
    unsafe { read(addr) }.map_or(0, |address| address.length() as c_int)
}

/// Returns the port of an address.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ipaddr_port(addr: *const dill_ipaddr) -> c_int {
    // SAFETY: an address, as promised by the caller.
    unsafe { read(addr) }.map_or(0, |address| c_int::from(address.port()))
}

/// Changes the port of an address. Only the lower 16 bits of port count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ipaddr_setport(addr: *mut dill_ipaddr, port: c_int) {
    // SAFETY: an address, as promised by the caller.
    if let Some(mut address) = unsafe { read(addr) } {
        address.set_port(port as u16);
        // SAFETY: as above.
        unsafe { addr.write(address.into()) }
    }
}

/// Returns 1 when two addresses are the same, and 0 when they are not. If ignore_port is not 0 the ports do not count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dill_ipaddr_equal(
    addr1: *const dill_ipaddr,
    addr2: *const dill_ipaddr,
    ignore_port: c_int,
) -> c_int {
    // SAFETY: addresses, as promised by the caller.
    let addresses = unsafe { read(addr1).zip(read(addr2)) };
    addresses.map_or(0, |(left, right)| c_int::from(ipaddr::equal(&left, &right, ignore_port != 0)))
}

/// A copy of a program's address; `None` for NULL.
///
/// # Safety
/// NULL or an address.
pub(super) unsafe fn read(addr: *const dill_ipaddr) -> Option<SystemAddress> {
    // SAFETY: as promised. It has no alignment, so that a reference is one.
    unsafe { addr.as_ref() }.map(|address| (*address).into())
}

/// # Safety
/// NULL or room for an address.
unsafe fn store(addr: *mut dill_ipaddr, address: SocketAddr) -> super::super::Result<()> {
    if addr.is_null() {
        return Err(Error::InvalidArgument);
    }
    // SAFETY: as promised.
    unsafe { addr.write(SystemAddress::from(address).into()) };
    Ok(())
}
