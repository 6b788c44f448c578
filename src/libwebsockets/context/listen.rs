//! The listening socket, and accepting.

use super::super::connection::{Connection, Phase};
use super::super::log;
use super::super::personality::{DescriptorIn, Reason};
use super::{Context, Settings};
use crate::net::{epoll::interest, socket};
use std::ffi::{CStr, c_int, c_void};
use std::io;
use std::mem::MaybeUninit;
use std::ptr;

/// The first descriptor that a service manager hands over.
const FIRST_INHERITED: c_int = 3;

/// Connections accepted in one go, at most.
const MAX_BURST: usize = 64;

/// Seconds without accepting after descriptors ran out.
const PAUSE: u64 = 1;

/// The last IPv4 address of an interface; `None` when there is no such interface, or none with an address.
pub fn interface_address(name: &CStr) -> Option<libc::sockaddr_in> {
    let mut list = ptr::null_mut();
    // SAFETY: the list is written when the call succeeds.
    if unsafe { libc::getifaddrs(&raw mut list) } != 0 {
        return None;
    }
    let mut found = None;
    let mut entry = list;
    // SAFETY: the list ends with NULL and stays valid until it is freed below.
    while let Some(interface) = unsafe { entry.as_ref() } {
        // SAFETY: interfaces have names; an address is NULL or says its family.
        unsafe {
            let inet = !interface.ifa_addr.is_null()
                && c_int::from((*interface.ifa_addr).sa_family) == libc::AF_INET;
            if inet && CStr::from_ptr(interface.ifa_name) == name {
                found = Some(interface.ifa_addr.cast::<libc::sockaddr_in>().read_unaligned());
            }
        }
        entry = interface.ifa_next;
    }
    // SAFETY: made by getifaddrs, and not used any more.
    unsafe { libc::freeifaddrs(list) };
    found
}

/// The value of a socket's option.
fn option(fd: c_int, name: c_int) -> Option<c_int> {
    socket::option(fd, libc::SOL_SOCKET, name).ok()
}

/// That an option cannot be set is no reason not to listen.
fn set_option(fd: c_int, level: c_int, name: c_int, value: c_int) {
    let _ = socket::set_option(fd, level, name, value);
}

/// How many descriptors the service manager handed to this process.
fn inherited() -> c_int {
    let number = |name| std::env::var(name).ok().and_then(|text| text.trim().parse::<u32>().ok());
    if number("LISTEN_PID") != Some(std::process::id()) {
        return 0;
    }
    number("LISTEN_FDS").and_then(|count| c_int::try_from(count).ok()).unwrap_or(0)
}

/// Whether `fd` is a TCP socket that listens on this port.
fn listens_on(fd: c_int, port: u16) -> bool {
    let is = |name, value| option(fd, name) == Some(value);
    if !is(libc::SO_TYPE, libc::SOCK_STREAM) || option(fd, libc::SO_ACCEPTCONN).is_none_or(|yes| yes == 0) {
        return false;
    }
    let mut address = MaybeUninit::<libc::sockaddr_storage>::zeroed();
    let mut length = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
    // SAFETY: room for any address.
    if unsafe { libc::getsockname(fd, address.as_mut_ptr().cast(), &raw mut length) } != 0 {
        return false;
    }
    // SAFETY: all zeroes, and what the call wrote.
    let address = unsafe { address.assume_init() };
    // The port is at the same place for both families.
    // SAFETY: large enough for either.
    let own = u16::from_be(unsafe { (*(&raw const address).cast::<libc::sockaddr_in>()).sin_port });
    own == port && matches!(c_int::from(address.ss_family), libc::AF_INET | libc::AF_INET6)
}

/// A socket that listens on `port`.
fn bound(settings: &Settings<'_>, port: u16, ipv6: bool) -> io::Result<c_int> {
    let family = if ipv6 { libc::AF_INET6 } else { libc::AF_INET };
    // SAFETY: no pointers are involved.
    let fd = unsafe { libc::socket(family, libc::SOCK_STREAM | libc::SOCK_NONBLOCK, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    set_option(fd, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1);
    // Accepted connections inherit it.
    set_option(fd, libc::IPPROTO_TCP, libc::TCP_NODELAY, 1);
    let result = if ipv6 {
        set_option(fd, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, 0);
        // SAFETY: all zeroes is a valid value: any address.
        let mut address: libc::sockaddr_in6 = unsafe { MaybeUninit::zeroed().assume_init() };
        address.sin6_family = libc::AF_INET6 as libc::sa_family_t;
        address.sin6_port = port.to_be();
        bind(fd, &address)
    } else {
        // SAFETY: as above.
        let any: libc::sockaddr_in = unsafe { MaybeUninit::zeroed().assume_init() };
        // An unknown interface is any interface, as ever.
        let mut address = settings.interface.and_then(interface_address).unwrap_or(any);
        address.sin_family = libc::AF_INET as libc::sa_family_t;
        address.sin_port = port.to_be();
        bind(fd, &address)
    };
    // SAFETY: our own socket.
    if result.is_ok() && unsafe { libc::listen(fd, libc::SOMAXCONN) } == 0 {
        return Ok(fd);
    }
    let error = result.err().unwrap_or_else(io::Error::last_os_error);
    // SAFETY: made above, and known to nobody.
    unsafe { libc::close(fd) };
    Err(error)
}

fn bind<A>(fd: c_int, address: &A) -> io::Result<()> {
    // SAFETY: a socket address of the size said.
    match unsafe { libc::bind(fd, ptr::from_ref(address).cast(), size_of::<A>() as libc::socklen_t) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

impl Context {
    /// Begins to listen. False, with the reason in the log, when that cannot be.
    pub fn listen(&self, settings: &Settings<'_>) -> bool {
        let count = inherited();
        let range = FIRST_INHERITED..FIRST_INHERITED.saturating_add(count);
        let handed = range.clone().find(|fd| listens_on(*fd, self.port));
        let fd = match handed {
            Some(fd) => {
                log::line(log::NOTICE, format_args!("Systemd socket activation succeeded.\n"));
                fd
            }
            None => {
                if count > 0 {
                    log::line(
                        log::WARN,
                        format_args!("Systemd socket activation failed.\nCreating new socket instead.\n"),
                    );
                }
                let ipv6 = self.limits.ipv6 && settings.interface.is_none();
                match bound(settings, self.port, ipv6) {
                    Ok(fd) => fd,
                    Err(error) => {
                        let number = error.raw_os_error().unwrap_or(0);
                        let port = self.port;
                        log::line(log::ERR, format_args!("ERROR on binding to port {port} (-1 {number})\n"));
                        return false;
                    }
                }
            }
        };
        self.burst.set(if handed.is_some() { 0 } else { 1 });
        let listener = self.new_connection(Phase::Listener, fd);
        let Some(listener) = listener.filter(|listener| self.insert(listener, interest::READ).is_ok()) else {
            log::line(log::ERR, format_args!("Out of mem\n"));
            // SAFETY: ours, and in no table.
            unsafe { libc::close(fd) };
            return false;
        };
        let _ = listener.tell_poll(Reason::AddPollFd, c_int::from(libc::POLLIN));
        log::line(log::NOTICE, format_args!(" Listening on port {}\n", self.port));
        true
    }

    /// Accepts the connections that wait, up to a number that grows with their number.
    pub fn accept(&self, listener: &Connection) {
        let ticket = listener.ticket();
        // A socket that was handed over may be a blocking one: it is asked no more than it was told of.
        let inherited = self.burst.get() == 0;
        // More at once only while one round after the other brings some: asking once too often has its price, too.
        let last = self.accepted_in.replace(self.round.get());
        if !inherited && last + 1 < self.round.get() {
            self.burst.set(1);
        }
        let burst = self.burst.get().max(1);
        for accepted in 0..burst {
            // SAFETY: nobody asks for the address.
            let fd = unsafe {
                libc::accept4(listener.fd(), ptr::null_mut(), ptr::null_mut(), libc::SOCK_NONBLOCK)
            };
            if fd < 0 {
                let error = io::Error::last_os_error();
                match error.raw_os_error() {
                    Some(libc::EAGAIN) => {
                        if !inherited {
                            self.burst.set(accepted.max(1));
                        }
                    }
                    Some(libc::EINTR | libc::ECONNABORTED) => {}
                    Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM) => {
                        log::line(log::WARN, format_args!("ERROR on accept: {error}\n"));
                        // What waits stays ready: without a pause the loop would do nothing else.
                        self.wait_for(listener, Some(0));
                        self.set_deadline(listener, Some(PAUSE));
                        self.paused.set(Some(super::with_ticket(listener)));
                        let _ = listener.tell_poll(Reason::ClearModePollFd, c_int::from(libc::POLLIN));
                    }
                    _ => log::line(log::WARN, format_args!("ERROR on accept: {error}\n")),
                }
                return;
            }
            if inherited {
                set_option(fd, libc::IPPROTO_TCP, libc::TCP_NODELAY, 1);
            }
            self.accepted(listener, fd);
            if !listener.is(ticket) || self.is_doomed() {
                return;
            }
        }
        if !inherited {
            self.burst.set((burst * 2).min(MAX_BURST));
        }
    }

    /// Accepts again, if there was a pause.
    pub fn end_pause(&self) {
        let Some(listener) = self.paused.take().and_then(super::revisit) else { return };
        self.wait_for(listener, Some(interest::READ));
        let _ = listener.tell_poll(Reason::SetModePollFd, c_int::from(libc::POLLIN));
    }

    /// A connection has come.
    fn accepted(&self, listener: &Connection, fd: c_int) {
        let refuse = || {
            // SAFETY: accepted just now, and in no table.
            unsafe { libc::close(fd) };
        };
        // The listener occupies a slot as well.
        if self.connections() > self.limits.connections {
            log::line(log::WARN, format_args!("too many connections, RELINK_LWS_MAX_CONNECTIONS\n"));
            return refuse();
        }
        self.set_socket_options(fd);
        let value = fd as isize as *mut c_void;
        let (user, input) = match self.personality.descriptor {
            DescriptorIn::In => (ptr::null_mut(), value),
            DescriptorIn::User => (value, ptr::null_mut()),
        };
        let verdict =
            listener.call_as(self.protocols.first(), Reason::FilterNetworkConnection, user, input, 0);
        match verdict {
            Ok(0) => {}
            Ok(_) => {
                log::line(log::DEBUG, format_args!("Callback denied network connection\n"));
                return refuse();
            }
            Err(_) => return refuse(),
        }
        let phase = if self.tls.serves() { Phase::TlsAccept } else { Phase::Http };
        let Some(connection) = self.new_connection(phase, fd) else {
            log::line(log::ERR, format_args!("Out of memory for new connection\n"));
            return refuse();
        };
        if let Err(error) = self.insert(connection, interest::READ | interest::PEER_CLOSED) {
            log::line(log::ERR, format_args!("Too many fds: {error}\n"));
            connection.discard();
            return;
        }
        connection.begin_server();
    }
}
