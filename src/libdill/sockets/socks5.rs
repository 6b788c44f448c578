//! SOCKS5 (RFC 1928) with user names and passwords (RFC 1929): both sides, over any bytestream.
//!
//! Nothing is read ahead, so that the bytestream goes on with what was asked for.

use super::super::error::{Error, Result};
use super::ipaddr;
use super::lookup;
use super::stream::Foreign;
use super::types::{
    DILL_IPADDR_PREF_IPV4, DILL_SOCKS5_ADDRESS_TYPE_NOT_SUPPORTED, DILL_SOCKS5_CONNECT,
    DILL_SOCKS5_UDP_ASSOCIATE,
};
use std::ffi::{CStr, CString, c_char, c_int};
use std::net::{IpAddr, SocketAddr};

const VERSION: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const USER_AND_PASSWORD: u8 = 2;
const NO_METHOD: u8 = 0xff;

/// The version of the negotiation of user and password.
const USER_VERSION: u8 = 1;

/// What a user is told that is not let in: anything but 0 will do.
const REFUSED: u8 = 0xff;

const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// The longest user, password or name.
const LONGEST: usize = 255;

/// The longest request or reply: a name with everything around it.
const MESSAGE: usize = 7 + LONGEST;

/// Decides about a user and a password: returns other than 0 to let in. It may block.
pub type AuthFunction =
    unsafe extern "C-unwind" fn(username: *const c_char, password: *const c_char) -> c_int;

/// A request or a reply.
struct Message {
    bytes: [u8; MESSAGE],
    length: usize,
}

/// Where a client wants to go.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Destination {
    /// To an address.
    Address(SocketAddr),
    /// To a port of a name.
    Name(CString, u16),
}

impl Message {
    /// A message whose second byte is `code`, about an address.
    fn about_address(code: u8, address: &SocketAddr) -> Self {
        let mut message = Self { bytes: [0; MESSAGE], length: 0 };
        message.push(&[VERSION, code, 0]);
        match address.ip() {
            IpAddr::V4(ip) => {
                message.push(&[IPV4]);
                message.push(&ip.octets());
            }
            IpAddr::V6(ip) => {
                message.push(&[IPV6]);
                message.push(&ip.octets());
            }
        }
        message.push(&address.port().to_be_bytes());
        message
    }

    /// A message whose second byte is `code`, about a port of a name of at most [`LONGEST`] bytes.
    fn about_name(code: u8, name: &[u8], port: u16) -> Self {
        let mut message = Self { bytes: [0; MESSAGE], length: 0 };
        message.push(&[VERSION, code, 0, NAME, name.len() as u8]);
        message.push(name);
        message.push(&port.to_be_bytes());
        message
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes[self.length..self.length + bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len();
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// Receives a request or a reply: its second byte, and what it is about.
fn receive(stream: &Foreign, deadline: i64) -> Result<(u8, Destination)> {
    let mut head = [0; 4];
    stream.fill(&mut head, deadline)?;
    let [VERSION, code, 0, kind] = head else { return Err(Error::Protocol) };
    let mut port = [0; 2];
    let destination = match kind {
        IPV4 => {
            let mut octets = [0; 4];
            stream.fill(&mut octets, deadline)?;
            stream.fill(&mut port, deadline)?;
            Destination::Address(SocketAddr::new(octets.into(), u16::from_be_bytes(port)))
        }
        IPV6 => {
            let mut octets = [0; 16];
            stream.fill(&mut octets, deadline)?;
            stream.fill(&mut port, deadline)?;
            Destination::Address(SocketAddr::new(octets.into(), u16::from_be_bytes(port)))
        }
        NAME => {
            let (mut length, mut name) = ([0], [0; LONGEST]);
            stream.fill(&mut length, deadline)?;
            let name = &mut name[..usize::from(length[0])];
            stream.fill(name, deadline)?;
            stream.fill(&mut port, deadline)?;
            // The program gets it as a C string.
            let name = CString::new(&*name).map_err(|_| Error::Protocol)?;
            Destination::Name(name, u16::from_be_bytes(port))
        }
        _ => return Err(Error::Protocol),
    };
    Ok((code, destination))
}

/// The user and password to offer, if there are both.
fn offered<'a>(user: Option<&'a CStr>, password: Option<&'a CStr>) -> Result<Option<(&'a [u8], &'a [u8])>> {
    let bytes = |text: Option<&'a CStr>| match text.map(CStr::to_bytes) {
        Some(bytes) if bytes.len() > LONGEST => Err(Error::InvalidArgument),
        bytes => Ok(bytes),
    };
    Ok(bytes(user)?.zip(bytes(password)?))
}

/// The client's negotiation of a method.
fn authenticate(stream: &Foreign, user: Option<&CStr>, password: Option<&CStr>, deadline: i64) -> Result<()> {
    let offered = offered(user, password)?;
    match offered {
        None => stream.send(&[VERSION, 1, NO_AUTHENTICATION], deadline)?,
        Some(_) => stream.send(&[VERSION, 2, NO_AUTHENTICATION, USER_AND_PASSWORD], deadline)?,
    }
    let mut answer = [0; 2];
    stream.fill(&mut answer, deadline)?;
    match (answer, offered) {
        ([VERSION, NO_AUTHENTICATION], _) => Ok(()),
        ([VERSION, USER_AND_PASSWORD], Some((user, password))) => {
            let mut request = [0; 3 + 2 * LONGEST];
            let mut length = 0;
            for part in [&[USER_VERSION, user.len() as u8], user, &[password.len() as u8], password] {
                request[length..length + part.len()].copy_from_slice(part);
                length += part.len();
            }
            stream.send(&request[..length], deadline)?;
            stream.fill(&mut answer, deadline)?;
            match answer {
                [USER_VERSION, 0] => Ok(()),
                [USER_VERSION, _] => Err(Error::Os(libc::EACCES)),
                _ => Err(Error::Protocol),
            }
        }
        ([VERSION, NO_METHOD], _) => Err(Error::Os(libc::EACCES)),
        _ => Err(Error::Protocol),
    }
}

fn request(stream: &Foreign, message: &Message, deadline: i64) -> Result<()> {
    stream.send(message.as_bytes(), deadline)?;
    let (reply, _) = receive(stream, deadline)?;
    Err(Error::Os(match reply {
        0 => return Ok(()),
        1 => libc::EIO,
        2 => libc::EACCES,
        3 => libc::ENETUNREACH,
        4 => libc::EHOSTUNREACH,
        5 => libc::ECONNREFUSED,
        6 => libc::ETIMEDOUT,
        7 => libc::EOPNOTSUPP,
        8 => libc::EAFNOSUPPORT,
        _ => return Err(Error::Protocol),
    }))
}

/// Asks a proxy for a connection to an address.
///
/// # Errors
/// `EINVAL`; `EACCES` when the proxy does not let us; `EPROTO`; what the proxy replied; those of the socket.
pub fn connect(
    s: c_int,
    user: Option<&CStr>,
    password: Option<&CStr>,
    address: Option<SocketAddr>,
    deadline: i64,
) -> Result<()> {
    let stream = Foreign::new(s);
    authenticate(&stream, user, password, deadline)?;
    let address = address.ok_or(Error::InvalidArgument)?;
    request(&stream, &Message::about_address(DILL_SOCKS5_CONNECT as u8, &address), deadline)
}

/// Asks a proxy for a connection to a port of a name, which the proxy looks up unless it is a literal.
///
/// # Errors
/// As [`connect`].
pub fn connect_by_name(
    s: c_int,
    user: Option<&CStr>,
    password: Option<&CStr>,
    name: Option<&CStr>,
    port: c_int,
    deadline: i64,
) -> Result<()> {
    let stream = Foreign::new(s);
    authenticate(&stream, user, password, deadline)?;
    let name = name.filter(|name| (1..=LONGEST).contains(&name.to_bytes().len()));
    let name = name.ok_or(Error::InvalidArgument)?;
    let port = ipaddr::port(port).ok().filter(|port| *port > 0).ok_or(Error::InvalidArgument)?;
    let command = DILL_SOCKS5_CONNECT as u8;
    let message = match ipaddr::literal(name) {
        Some(ip) => Message::about_address(command, &SocketAddr::new(ip, port)),
        None => Message::about_name(command, name.to_bytes(), port),
    };
    request(&stream, &message, deadline)
}

/// A proxy's negotiation of a method: with a function, only users that it lets in.
///
/// # Errors
/// `EACCES` when the client is not let in, which it was told; `EPROTO`; those of the socket.
///
/// # Safety
/// The function is the program's, of that type.
pub unsafe fn proxy_auth(s: c_int, function: Option<AuthFunction>, deadline: i64) -> Result<()> {
    let stream = Foreign::new(s);
    let (mut head, mut methods) = ([0; 2], [0; LONGEST]);
    stream.fill(&mut head, deadline)?;
    let [VERSION, count] = head else { return Err(Error::Protocol) };
    let methods = &mut methods[..usize::from(count)];
    stream.fill(methods, deadline)?;
    let wanted = if function.is_some() { USER_AND_PASSWORD } else { NO_AUTHENTICATION };
    if !methods.contains(&wanted) {
        stream.send(&[VERSION, NO_METHOD], deadline)?;
        return Err(Error::Os(libc::EACCES));
    }
    stream.send(&[VERSION, wanted], deadline)?;
    let Some(function) = function else { return Ok(()) };
    stream.fill(&mut head, deadline)?;
    let [USER_VERSION, length] = head else { return Err(Error::Protocol) };
    let mut user = [0; LONGEST + 1];
    stream.fill(&mut user[..usize::from(length)], deadline)?;
    let mut length = [0];
    stream.fill(&mut length, deadline)?;
    let mut password = [0; LONGEST + 1];
    stream.fill(&mut password[..usize::from(length[0])], deadline)?;
    // SAFETY: as promised; both strings end with a NUL.
    let accepted = unsafe { function(user.as_ptr().cast(), password.as_ptr().cast()) } != 0;
    stream.send(&[USER_VERSION, if accepted { 0 } else { REFUSED }], deadline)?;
    if accepted { Ok(()) } else { Err(Error::Os(libc::EACCES)) }
}

/// Receives a command at a proxy, and where it is to go to.
///
/// # Errors
/// `EPROTO`, those of the socket.
pub fn receive_command(s: c_int, deadline: i64) -> Result<(c_int, Destination)> {
    let (command, destination) = receive(&Foreign::new(s), deadline)?;
    let command = c_int::from(command);
    if (DILL_SOCKS5_CONNECT..=DILL_SOCKS5_UDP_ASSOCIATE).contains(&command) {
        Ok((command, destination))
    } else {
        Err(Error::Protocol)
    }
}

/// Receives a command at a proxy. A name is looked up.
///
/// # Errors
/// `EADDRNOTAVAIL` when the name has no address, those of looking up and of [`receive_command`].
pub fn receive_command_to_address(s: c_int, deadline: i64) -> Result<(c_int, SocketAddr)> {
    match receive_command(s, deadline)? {
        (command, Destination::Address(address)) => Ok((command, address)),
        (command, Destination::Name(name, port)) => {
            let found = lookup::remotes(&name, c_int::from(port), DILL_IPADDR_PREF_IPV4, deadline)?;
            let first = found.first().ok_or(Error::Os(libc::EADDRNOTAVAIL))?;
            Ok((command, *first))
        }
    }
}

/// Replies to a client, with the address that the proxy uses for it.
///
/// # Errors
/// `EINVAL` for a reply outside 0 to 8 or no address, those of the socket.
pub fn send_reply(s: c_int, reply: c_int, address: Option<SocketAddr>, deadline: i64) -> Result<()> {
    let reply = u8::try_from(reply).ok();
    let reply = reply.filter(|reply| c_int::from(*reply) <= DILL_SOCKS5_ADDRESS_TYPE_NOT_SUPPORTED);
    let (reply, address) = reply.zip(address).ok_or(Error::InvalidArgument)?;
    Foreign::new(s).send(Message::about_address(reply, &address).as_bytes(), deadline)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_the_bytes_of_the_rfc() {
        let message = Message::about_address(1, &"10.1.2.3:80".parse().unwrap());
        assert_eq!(message.as_bytes(), b"\x05\x01\x00\x01\x0a\x01\x02\x03\x00\x50");
        let message = Message::about_name(1, b"www.example.org", 443);
        assert_eq!(message.as_bytes(), b"\x05\x01\x00\x03\x0fwww.example.org\x01\xbb");
        let longest = Message::about_name(1, &[b'x'; LONGEST], 1);
        assert_eq!(longest.as_bytes().len(), MESSAGE);
        let message = Message::about_address(0, &"[::1]:1".parse().unwrap());
        assert_eq!(message.as_bytes().len(), 22);
    }

    #[test]
    fn users_are_offered_with_their_passwords_only() {
        assert_eq!(offered(Some(c"a"), None), Ok(None));
        assert_eq!(offered(Some(c"a"), Some(c"b")), Ok(Some((&b"a"[..], &b"b"[..]))));
        let long = CString::new([b'x'; LONGEST + 1]).unwrap();
        assert_eq!(offered(Some(&long), None), Err(Error::InvalidArgument));
    }
}
