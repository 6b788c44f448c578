//! IP addresses as programs hold them: 32 bytes that begin with a `sockaddr_in` or a `sockaddr_in6`.

use super::super::error::{Error, Result};
use super::types::{
    DILL_IPADDR_IPV4, DILL_IPADDR_IPV6, DILL_IPADDR_MAXSTRLEN, DILL_IPADDR_PREF_IPV4, DILL_IPADDR_PREF_IPV6,
    dill_ipaddr,
};
use std::ffi::{CStr, c_int};
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::{mem, ptr};

const V4_LENGTH: usize = size_of::<libc::sockaddr_in>();
const V6_LENGTH: usize = size_of::<libc::sockaddr_in6>();

/// The most characters of an address.
pub const LONGEST: usize = DILL_IPADDR_MAXSTRLEN as usize - 1;

/// Which addresses are wanted, most wanted first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
    /// IPv4 before IPv6.
    PreferV4,
    /// IPv6 before IPv4.
    PreferV6,
}

impl Mode {
    /// The mode of that number. 0 prefers IPv4.
    ///
    /// # Errors
    /// `EINVAL`: there is none.
    pub fn new(number: c_int) -> Result<Self> {
        match number {
            0 | DILL_IPADDR_PREF_IPV4 => Ok(Self::PreferV4),
            DILL_IPADDR_IPV4 => Ok(Self::V4),
            DILL_IPADDR_IPV6 => Ok(Self::V6),
            DILL_IPADDR_PREF_IPV6 => Ok(Self::PreferV6),
            _ => Err(Error::InvalidArgument),
        }
    }

    /// Whether addresses of this family come first.
    pub fn prefers(self, address: &IpAddr) -> bool {
        address.is_ipv4() == matches!(self, Self::V4 | Self::PreferV4)
    }

    /// Whether addresses of this family are wanted at all.
    pub fn admits(self, address: &IpAddr) -> bool {
        matches!(self, Self::PreferV4 | Self::PreferV6) || self.prefers(address)
    }
}

/// A port number.
///
/// # Errors
/// `EINVAL`: not in 0 to 65535.
pub fn port(number: c_int) -> Result<u16> {
    u16::try_from(number).map_err(|_| Error::InvalidArgument)
}

/// An address of the system's, in memory of its own.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(8))]
pub struct SystemAddress([u8; size_of::<dill_ipaddr>()]);

impl SystemAddress {
    /// Room for an address.
    pub const EMPTY: Self = Self([0; size_of::<dill_ipaddr>()]);

    /// The address as the system takes it.
    pub fn bytes(&self) -> &[u8] {
        &self.0[..self.length()]
    }

    /// Where the system stores an address.
    pub fn room(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// The family that it begins with.
    pub fn family(&self) -> c_int {
        c_int::from(libc::sa_family_t::from_ne_bytes([self.0[0], self.0[1]]))
    }

    /// Its length by its family; that of IPv6 unless it is IPv4.
    pub fn length(&self) -> usize {
        if self.family() == libc::AF_INET { V4_LENGTH } else { V6_LENGTH }
    }

    /// The port, which both families have at the same place.
    pub fn port(&self) -> u16 {
        u16::from_be_bytes([self.0[2], self.0[3]])
    }

    /// Sets the port.
    pub fn set_port(&mut self, port: u16) {
        self.0[2..4].copy_from_slice(&port.to_be_bytes());
    }

    /// What it says; `None` unless it is of IPv4 or IPv6.
    pub fn socket_address(&self) -> Option<SocketAddr> {
        match self.family() {
            libc::AF_INET => {
                // SAFETY: long enough and aligned; any bytes are a value of the type.
                let inet = unsafe { self.0.as_ptr().cast::<libc::sockaddr_in>().read() };
                let ip = Ipv4Addr::from(inet.sin_addr.s_addr.to_ne_bytes());
                Some(SocketAddrV4::new(ip, u16::from_be(inet.sin_port)).into())
            }
            libc::AF_INET6 => {
                // SAFETY: as above.
                let inet = unsafe { self.0.as_ptr().cast::<libc::sockaddr_in6>().read() };
                let (ip, port) = (Ipv6Addr::from(inet.sin6_addr.s6_addr), u16::from_be(inet.sin6_port));
                Some(SocketAddrV6::new(ip, port, inet.sin6_flowinfo, inet.sin6_scope_id).into())
            }
            _ => None,
        }
    }
}

impl From<SocketAddr> for SystemAddress {
    fn from(address: SocketAddr) -> Self {
        let mut room = Self::EMPTY;
        match address {
            SocketAddr::V4(address) => {
                let inet = libc::sockaddr_in {
                    sin_family: libc::AF_INET as libc::sa_family_t,
                    sin_port: address.port().to_be(),
                    sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(address.ip().octets()) },
                    sin_zero: [0; 8],
                };
                // SAFETY: long enough and aligned.
                unsafe { room.0.as_mut_ptr().cast::<libc::sockaddr_in>().write(inet) };
            }
            SocketAddr::V6(address) => {
                let inet = libc::sockaddr_in6 {
                    sin6_family: libc::AF_INET6 as libc::sa_family_t,
                    sin6_port: address.port().to_be(),
                    sin6_flowinfo: address.flowinfo(),
                    sin6_addr: libc::in6_addr { s6_addr: address.ip().octets() },
                    sin6_scope_id: address.scope_id(),
                };
                // SAFETY: as above.
                unsafe { room.0.as_mut_ptr().cast::<libc::sockaddr_in6>().write(inet) };
            }
        }
        room
    }
}

impl From<dill_ipaddr> for SystemAddress {
    fn from(address: dill_ipaddr) -> Self {
        // SAFETY: both are bytes, and as many.
        Self(unsafe { mem::transmute::<dill_ipaddr, [u8; size_of::<dill_ipaddr>()]>(address) })
    }
}

impl From<SystemAddress> for dill_ipaddr {
    fn from(address: SystemAddress) -> Self {
        // SAFETY: both are bytes, and as many.
        unsafe { mem::transmute::<[u8; size_of::<dill_ipaddr>()], dill_ipaddr>(address.0) }
    }
}

/// The address that a string of digits stands for.
pub fn literal(name: &CStr) -> Option<IpAddr> {
    name.to_str().ok()?.parse().ok()
}

/// Writes an address as the C library does, and says how long it is: an IPv4 address in the last places of an IPv6 address
/// behind nothing but zeros is written as one. Takes no memory but the room.
pub fn write(address: IpAddr, room: &mut [u8; LONGEST]) -> usize {
    let mut left = &mut room[..];
    let written = match address {
        IpAddr::V6(v6) if matches!(v6.segments(), [0, 0, 0, 0, 0, 0, seventh, _] if seventh > 0) => {
            let [.., a, b, c, d] = v6.octets();
            write!(left, "::{a}.{b}.{c}.{d}")
        }
        _ => write!(left, "{address}"),
    };
    let left = left.len();
    if written.is_ok() { LONGEST - left } else { 0 }
}

/// An address of this machine: of an interface, of a literal, or, without a name, of all of them.
///
/// # Errors
/// `EINVAL` for a bad mode, or a bad port without a name; `ENODEV` when nothing has that name.
pub fn local(name: Option<&CStr>, number: c_int, mode: c_int) -> Result<SocketAddr> {
    let mode = Mode::new(mode)?;
    let Some(name) = name else {
        let any: IpAddr = match mode {
            Mode::V4 | Mode::PreferV4 => Ipv4Addr::UNSPECIFIED.into(),
            Mode::V6 | Mode::PreferV6 => Ipv6Addr::UNSPECIFIED.into(),
        };
        return Ok(SocketAddr::new(any, port(number)?));
    };
    // What is no literal with a port is taken for an interface, and a port is cut then: as the original does it.
    let literal = literal(name).filter(|address| mode.admits(address)).zip(port(number).ok());
    match literal {
        Some((address, port)) => Ok(SocketAddr::new(address, port)),
        None => interface(name, mode).map(|mut address| {
            address.set_port(number as u16);
            address
        }),
    }
}

/// The first address of a network interface in the preferred family, or the first in the other.
fn interface(name: &CStr, mode: Mode) -> Result<SocketAddr> {
    let mut list = ptr::null_mut();
    // SAFETY: room for the list.
    if unsafe { libc::getifaddrs(&raw mut list) } != 0 {
        return Err(Error::last_os());
    }
    let (mut found, mut entry) = (None, list);
    // SAFETY: entries of the list, until it is freed below.
    while let Some(info) = unsafe { entry.as_ref() } {
        entry = info.ifa_next;
        // SAFETY: names of the list are terminated, its addresses NULL or as long as their family's.
        let Some(address) =
            (unsafe { if CStr::from_ptr(info.ifa_name) == name { address(info.ifa_addr) } else { None } })
        else {
            continue;
        };
        if mode.prefers(&address.ip()) {
            found = Some(address);
            break;
        }
        if mode.admits(&address.ip()) {
            found = found.or(Some(address));
        }
    }
    // SAFETY: made above, and not used any more.
    unsafe { libc::freeifaddrs(list) };
    found.ok_or(Error::Os(libc::ENODEV))
}

/// # Safety
/// The address is NULL or as long as its family says.
unsafe fn address(address: *const libc::sockaddr) -> Option<SocketAddr> {
    // SAFETY: as promised.
    let length = match c_int::from(unsafe { address.as_ref() }?.sa_family) {
        libc::AF_INET => V4_LENGTH,
        libc::AF_INET6 => V6_LENGTH,
        _ => return None,
    };
    let mut room = SystemAddress::EMPTY;
    // SAFETY: the family says how long it is.
    unsafe { ptr::copy_nonoverlapping(address.cast::<u8>(), room.0.as_mut_ptr(), length) };
    room.socket_address()
}

/// Whether two addresses are the same, up to the interface and the flow.
pub fn equal(left: &SystemAddress, right: &SystemAddress, ignore_port: bool) -> bool {
    match (left.socket_address(), right.socket_address()) {
        (Some(left), Some(right)) => left.ip() == right.ip() && (ignore_port || left.port() == right.port()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_name_it_is_the_wildcard_and_the_rest_is_zero() {
        let address = SystemAddress::from(local(None, 5555, 0).unwrap());
        let mut expected = [0; 32];
        expected[..4].copy_from_slice(&[2, 0, 0x15, 0xb3]);
        assert_eq!(address.0, expected);
        let address = SystemAddress::from(local(None, 5555, DILL_IPADDR_IPV6).unwrap());
        expected[0] = 10;
        assert_eq!(address.0, expected);
        assert_eq!(local(None, 65536, 0), Err(Error::InvalidArgument));
        assert_eq!(local(None, -1, 0), Err(Error::InvalidArgument));
    }

    #[test]
    fn literals_obey_the_mode_and_bad_modes_are_refused() {
        assert_eq!(local(Some(c"127.0.0.1"), 1, 0), Ok("127.0.0.1:1".parse().unwrap()));
        assert_eq!(local(Some(c"::1"), 1, 0), Ok("[::1]:1".parse().unwrap()));
        assert_eq!(local(Some(c"::1"), 1, DILL_IPADDR_IPV4), Err(Error::Os(libc::ENODEV)));
        assert_eq!(local(Some(c"127.0.0.1"), 70000, 0), Err(Error::Os(libc::ENODEV)));
        assert_eq!(local(Some(c"127.0.0.1"), 1, 5), Err(Error::InvalidArgument));
        assert_eq!(local(Some(c"127.0.0.1"), 1, -1), Err(Error::InvalidArgument));
    }

    #[test]
    fn the_loopback_interface_has_an_address() {
        assert_eq!(local(Some(c"lo"), 7, DILL_IPADDR_IPV4), Ok("127.0.0.1:7".parse().unwrap()));
        assert_eq!(local(Some(c"no such interface"), 7, 0), Err(Error::Os(libc::ENODEV)));
    }

    #[test]
    fn addresses_survive_the_way_there_and_back() {
        for text in ["1.2.3.4:80", "[2001:db8::1]:443"] {
            let address: SocketAddr = text.parse().unwrap();
            let system = SystemAddress::from(dill_ipaddr::from(SystemAddress::from(address)));
            assert_eq!(system.socket_address(), Some(address));
        }
        assert_eq!(SystemAddress::EMPTY.socket_address(), None);
    }

    #[test]
    fn scope_and_flow_make_no_difference() {
        let address = |port, flow, scope| {
            SystemAddress::from(SocketAddr::from(SocketAddrV6::new(Ipv6Addr::LOCALHOST, port, flow, scope)))
        };
        assert!(equal(&address(1, 2, 3), &address(1, 4, 5), false));
        assert!(!equal(&address(1, 0, 0), &address(2, 0, 0), false));
        assert!(equal(&address(1, 0, 0), &address(2, 0, 0), true));
        assert!(!equal(&SystemAddress::EMPTY, &SystemAddress::EMPTY, true));
    }
}
