//! A TCP connection to a server by name.

use crate::ffi::{cancel, errno};
use crate::net::socket;
use std::ffi::{CStr, c_int};
use std::os::fd::{FromRawFd as _, IntoRawFd as _, OwnedFd};
use std::ptr;

/// Connects to the first address of `host` and `port` that accepts; returns the descriptor.
///
/// # Errors
/// The errno of the last attempt, or one for a name that cannot be resolved.
pub fn connect(host: Option<&CStr>, port: Option<&CStr>) -> Result<c_int, c_int> {
    let addresses = Addresses::resolve(host, port)?;
    let mut error = libc::EHOSTUNREACH;
    let mut next = addresses.0;
    // SAFETY: the list ends with NULL and lives until `addresses` is dropped.
    while let Some(address) = unsafe { next.as_ref() } {
        match connect_one(address) {
            Ok(fd) => return Ok(fd),
            Err(why) => error = why,
        }
        next = address.ai_next;
    }
    Err(error)
}

fn connect_one(address: &libc::addrinfo) -> Result<c_int, c_int> {
    // SAFETY: plain numbers.
    let fd = unsafe { libc::socket(address.ai_family, address.ai_socktype, address.ai_protocol) };
    if fd < 0 {
        return Err(errno::get());
    }
    // SAFETY: a descriptor that was just made, and that nobody else knows.
    let socket = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: the address is the resolver's.
    if unsafe { cancel::connect(fd, address.ai_addr, address.ai_addrlen) } < 0 {
        return Err(errno::get());
    }
    send_at_once(fd);
    Ok(socket.into_raw_fd())
}

/// Has TCP send small messages when they are made, rather than when the peer has acknowledged those before.
///
/// Sockets of other kinds do so anyway.
pub fn send_at_once(fd: c_int) {
    let _ = socket::set_option(fd, libc::IPPROTO_TCP, libc::TCP_NODELAY, 1);
}

/// What the resolver found.
struct Addresses(*mut libc::addrinfo);

impl Addresses {
    fn resolve(host: Option<&CStr>, port: Option<&CStr>) -> Result<Self, c_int> {
        // SAFETY: all zero is a valid value.
        let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
        hints.ai_family = libc::AF_UNSPEC;
        hints.ai_socktype = libc::SOCK_STREAM;
        hints.ai_protocol = libc::IPPROTO_TCP;
        let mut found = ptr::null_mut();
        let pointer = |text: Option<&CStr>| text.map_or(ptr::null(), CStr::as_ptr);
        // SAFETY: strings or NULL, and a place for the list.
        match unsafe { cancel::getaddrinfo(pointer(host), pointer(port), &hints, &mut found) } {
            0 => Ok(Self(found)),
            libc::EAI_SYSTEM => Err(errno::get()),
            libc::EAI_MEMORY => Err(libc::ENOMEM),
            libc::EAI_AGAIN => Err(libc::EAGAIN),
            libc::EAI_SERVICE => Err(libc::EINVAL),
            _ if port.is_none() && host.is_none() => Err(libc::EINVAL),
            _ => Err(libc::EHOSTUNREACH),
        }
    }
}

impl Drop for Addresses {
    fn drop(&mut self) {
        // SAFETY: the resolver's list.
        unsafe { libc::freeaddrinfo(self.0) };
    }
}
