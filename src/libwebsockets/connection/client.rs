//! A client's side: reaching the server, and the opening handshake (RFC 6455, section 4.1).

use super::super::context::Context;
use super::super::extension::Hook;
use super::super::http::{Head, Parser, Progress, Token};
use super::super::log;
use super::super::personality::Reason;
use super::{Connection, Handshake, Phase, Role, Stop};
use crate::net::epoll::interest;
use crate::net::resolver::{Family, Lookup};
use crate::net::socket;
use crate::trace;
use crate::websocket::handshake::{self, ACCEPT_LENGTH};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV6, ToSocketAddrs as _};
use std::os::fd::BorrowedFd;
use std::ptr;

/// Room for a request with the program's additions: the original's buffer.
const REQUEST: usize = 4096;

/// What the original kept free at the end of that buffer.
const RESERVED: usize = 12;

/// What a program asks for.
pub struct Request<'a> {
    pub address: &'a CStr,
    pub port: u16,
    pub role: Role,
    pub path: &'a CStr,
    pub host: &'a CStr,
    pub origin: Option<&'a CStr>,
    pub protocol: Option<&'a CStr>,
    /// Of `Sec-WebSocket-Version`; 0 for no such field.
    pub version: u32,
}

/// What a client has yet to say, or expects.
pub struct Pending {
    pub port: u16,
    pub role: Role,
    version: u32,
    /// A proxy is connected to, and has to be asked.
    by_proxy: bool,
    /// The extensions that were proposed.
    proposed: String,
    /// What the server has to answer to our key.
    accept: [u8; ACCEPT_LENGTH],
    /// Where to connect next when the present address does not answer.
    others: Vec<SocketAddr>,
    /// The name that is being looked up: its descriptor is the connection's meanwhile. With the port that belongs to it.
    lookup: Option<(Lookup, u16)>,
}

impl Context {
    /// Connects. `None` when that fails at once; then no callback tells of it.
    pub fn connect(&self, request: &Request<'_>) -> Option<&Connection> {
        if self.is_doomed() {
            // Its end would not come while callbacks answer each failure by another try.
            return None;
        }
        let connection = self.new_connection(Phase::ExtensionConnect, -1)?;
        let ticket = connection.ticket();
        match connection.begin_client(request) {
            // The program may have given the context up meanwhile: then there is no handle to be had.
            Ok(()) if connection.is(ticket) && !self.is_doomed() => {
                // A callback may have served it further than that already.
                connection
                    .promised
                    .set(!matches!(connection.phase(), Phase::Established | Phase::AwaitingCloseAck));
                Some(connection)
            }
            Ok(()) => None,
            Err(stop) => {
                // The program never gets the handle, so it hears nothing but what its poll loop has to.
                if connection.is(ticket) && stop != Stop::Gone {
                    connection.close_now();
                }
                None
            }
        }
    }

    fn proxy(&self) -> Option<super::super::context::Proxy> {
        self.proxy.borrow().clone()
    }
}

impl Connection {
    fn begin_client(&self, request: &Request<'_>) -> Result<(), Stop> {
        let context = self.context();
        self.set_protocol(context.protocols.first());
        let mut head = Head::new();
        let fields = [
            (Token::ClientPeerAddress, Some(request.address)),
            (Token::ClientUri, Some(request.path)),
            (Token::ClientHost, Some(request.host)),
            (Token::ClientOrigin, request.origin),
            (Token::ClientSentProtocols, request.protocol),
        ];
        for (token, text) in fields {
            if text.is_some_and(|text| !head.add(token, text.to_bytes())) {
                log::warn(format_args!("excessive header content\n"));
                return Err(Stop::Close);
            }
        }
        let pending = Pending {
            port: request.port,
            role: request.role,
            version: request.version,
            by_proxy: false,
            proposed: String::new(),
            accept: [0; ACCEPT_LENGTH],
            others: Vec::new(),
            lookup: None,
        };
        let fresh = Handshake { parser: Parser::reply(), head, client: Some(pending), proxy: Vec::new() };
        self.handshake.replace(Some(Box::new(fresh)));

        let ticket = self.ticket();
        let address = request.address.as_ptr().cast_mut().cast::<c_void>();
        let mut index = 0;
        while let Some(extension) = context.extension(index) {
            let user = index as *mut c_void;
            let port = usize::from(request.port);
            let taken = self.hook_as(extension, Hook::CanProxyClientConnection, user, address, port);
            self.still(ticket)?;
            if taken != 0 {
                log::line(log::CLIENT, format_args!("libwebsocket_client_connect: ext handling conn\n"));
                context.set_deadline(self, Some(context.limits.handshake));
                return Ok(());
            }
            index += 1;
        }
        let (host, port) = match context.proxy() {
            Some(proxy) => {
                self.with_client(|client| client.by_proxy = true);
                (proxy.address, proxy.port)
            }
            None => (request.address.to_owned(), request.port),
        };
        let text = host.to_string_lossy();
        let bare = text.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            Ok(ip) => self.connect_to_those_of(&text, vec![SocketAddr::new(ip, port)]),
            Err(_) if context.limits.nonblocking => self.begin_lookup(&host, port),
            // Blocks while the system looks them up, as the original did.
            Err(_) => {
                let found = (bare, port).to_socket_addrs().map(Iterator::collect).unwrap_or_default();
                self.connect_to_those_of(&text, found)
            }
        }
    }

    /// Connects to one of the addresses of a name, of a family that the context speaks.
    fn connect_to_those_of(&self, name: &str, mut addresses: Vec<SocketAddr>) -> Result<(), Stop> {
        let ipv6 = self.context().limits.ipv6;
        addresses.retain(|address| ipv6 || address.is_ipv4());
        if addresses.is_empty() {
            log::err(format_args!("Unable to get host name from {name}\n"));
            return Err(Stop::Close);
        }
        self.connect_first(addresses)
    }

    /// Begins to look a name up. To poll loops the lookup's descriptor is the connection's, as one of several addresses
    /// that are tried is.
    fn begin_lookup(&self, name: &CStr, port: u16) -> Result<(), Stop> {
        let context = self.context();
        let family = if context.limits.ipv6 { Family::Any } else { Family::V4 };
        let lookup = Lookup::start(name, family).map_err(|error| {
            log::err(format_args!("Unable to get host name from {}: {error}\n", name.to_string_lossy()));
            Stop::Close
        })?;
        self.fd.set(lookup.descriptor());
        self.with_client(|client| client.lookup = Some((lookup, port))).ok_or(Stop::Close)?;
        if context.insert(self, interest::READ).is_err() {
            log::err(format_args!("Too many fds\n"));
            return Err(Stop::Close);
        }
        context.set_deadline(self, Some(context.limits.handshake));
        self.phase.set(Phase::Resolving);
        self.tell_poll(Reason::AddPollFd, c_int::from(libc::POLLIN))
    }

    /// A name has been looked up.
    pub fn finish_lookup(&self) -> Result<(), Stop> {
        let outcome = self.with_client(|client| client.lookup.as_ref().and_then(|(lookup, _)| lookup.take()));
        // Of what else poll loops may tell meanwhile, nothing matters.
        let Some(outcome) = outcome.flatten() else { return Ok(()) };
        let ticket = self.ticket();
        self.context().remove(self);
        self.tell_poll(Reason::DelPollFd, 0)?;
        self.still(ticket)?;
        let port = self.end_lookup().unwrap_or(0);
        let addresses = outcome.unwrap_or_default();
        let addresses = addresses.into_iter().map(|address| match address.ip {
            IpAddr::V4(ip) => SocketAddr::from((ip, port)),
            IpAddr::V6(ip) => SocketAddrV6::new(ip, port, 0, address.scope).into(),
        });
        let name = self.with_head(|head| head.value(Token::ClientPeerAddress)).unwrap_or_default();
        self.connect_to_those_of(&String::from_utf8_lossy(&name), addresses.collect())
    }

    /// Ends a lookup, if one is under way, and with it its descriptor. Returns the port that belongs to it.
    pub fn end_lookup(&self) -> Option<u16> {
        let (lookup, port) = self.with_client(|client| client.lookup.take()).flatten()?;
        drop(lookup);
        self.fd.set(-1);
        Some(port)
    }

    /// Reads or changes what a client has yet to say; `None` when it has said it all, or there is no client.
    fn with_client<T>(&self, body: impl FnOnce(&mut Pending) -> T) -> Option<T> {
        self.handshake.borrow_mut().as_deref_mut().and_then(|it| it.client.as_mut()).map(body)
    }

    /// Connects to the first address that answers.
    fn connect_first(&self, mut addresses: Vec<SocketAddr>) -> Result<(), Stop> {
        let context = self.context();
        while !addresses.is_empty() {
            let address = addresses.remove(0);
            let (fd, connected) = match open(&address, context.limits.nonblocking) {
                Ok(opened) => opened,
                Err(error) => {
                    log::line(log::DEBUG, format_args!("Connect failed: {address}: {error}\n"));
                    continue;
                }
            };
            self.fd.set(fd);
            context.set_socket_options(fd);
            let waiting = if connected { 0 } else { interest::WRITE };
            if context.insert(self, interest::READ | interest::PEER_CLOSED | waiting).is_err() {
                log::err(format_args!("Too many fds\n"));
                return Err(Stop::Close);
            }
            context.set_deadline(self, Some(context.limits.handshake));
            self.phase.set(Phase::Connecting);
            self.tell_poll(Reason::AddPollFd, c_int::from(libc::POLLIN))?;
            if connected {
                return self.connected();
            }
            self.with_client(|client| client.others = addresses);
            self.tell_write_wanted();
            return Ok(());
        }
        Err(Stop::Close)
    }

    /// A connection that was under way has come, or failed.
    pub fn finish_connect(&self, happened: u32) -> Result<(), Stop> {
        if happened & (interest::WRITE | interest::HANG_UP | interest::ERROR) == 0 {
            return Ok(());
        }
        let (mut error, mut length): (c_int, _) = (0, size_of::<c_int>() as libc::socklen_t);
        // SAFETY: room for the int it writes.
        let result = unsafe {
            libc::getsockopt(
                self.fd(),
                libc::SOL_SOCKET,
                libc::SO_ERROR,
                (&raw mut error).cast(),
                &raw mut length,
            )
        };
        if result == 0 && error == 0 {
            self.tell_write_unwanted()?;
            return self.connected();
        }
        let error = io::Error::from_raw_os_error(error);
        log::line(log::DEBUG, format_args!("Connect failed: {error}\n"));
        let others = self.with_client(|client| std::mem::take(&mut client.others)).unwrap_or_default();
        if others.is_empty() {
            return Err(Stop::Close);
        }
        self.context().remove(self);
        let ticket = self.ticket();
        self.tell_poll(Reason::DelPollFd, 0)?;
        self.still(ticket)?;
        // SAFETY: the connection's own descriptor, in no table.
        unsafe { libc::close(self.fd()) };
        self.fd.set(-1);
        self.connect_first(others)
    }

    /// TCP is there: a proxy has to be asked first, or the server is.
    fn connected(&self) -> Result<(), Stop> {
        let context = self.context();
        context.set_deadline(self, Some(context.limits.handshake));
        // The context's proxy may be another by now.
        let port = self.with_client(|client| client.by_proxy.then_some(client.port)).flatten();
        if let Some(port) = port {
            let mut request = b"CONNECT ".to_vec();
            request.extend(self.with_head(|head| head.value(Token::ClientPeerAddress)).unwrap_or_default());
            request.extend_from_slice(
                format!(":{port} HTTP/1.0\r\nUser-agent: libwebsockets\r\n\r\n").as_bytes(),
            );
            self.phase.set(Phase::ProxyReply);
            self.update_interest();
            let length = request.len();
            return self.send_raw(request.as_mut_ptr(), length).map_err(|_| Stop::Close);
        }
        self.begin_handshake()
    }

    /// A way to the server is there: TLS, if it is wanted, and then the request.
    fn begin_handshake(&self) -> Result<(), Stop> {
        let role = self.handshake.borrow().as_deref().and_then(|it| it.client.as_ref()).map(|it| it.role);
        let role = role.unwrap_or(Role::Plain);
        self.phase.set(if role == Role::Plain { Phase::Reply } else { Phase::TlsConnect });
        self.update_interest();
        self.tell_write_unwanted()?;
        if role == Role::Plain {
            return self.send_request();
        }
        // The name in the certificate is that of the host; programs give the address only to reach it.
        let host = self.with_head(|head| head.value(Token::ClientHost)).unwrap_or_default();
        let host = String::from_utf8_lossy(&host).into_owned();
        self.begin_tls_client(Some(without_port(&host)), role)?;
        self.continue_tls()
    }

    fn continue_tls(&self) -> Result<(), Stop> {
        if !self.connect_tls()? {
            return Ok(());
        }
        self.phase.set(Phase::Reply);
        self.send_request()
    }

    /// Sends the opening request, in the order that servers have seen for years.
    fn send_request(&self) -> Result<(), Stop> {
        let ticket = self.ticket();
        let mut nonce = [0; 16];
        if let Err(error) = crate::net::random::fill(&mut nonce) {
            log::err(format_args!("no randomness: {error}\n"));
            return Err(Stop::Close);
        }
        let key = handshake::key(nonce);
        let version = {
            let mut handshake = self.handshake.borrow_mut();
            let client = handshake.as_deref_mut().and_then(|it| it.client.as_mut()).ok_or(Stop::Close)?;
            client.accept = handshake::accept(&key);
            client.version
        };
        let proposed = self.propose_extensions()?;
        self.still(ticket)?;
        self.with_client(|client| client.proposed.clone_from(&proposed));
        let mut request = Vec::with_capacity(REQUEST);
        let mut line = |name: &str, value: &[u8]| {
            request.extend_from_slice(name.as_bytes());
            request.extend_from_slice(value);
            request.extend_from_slice(b"\r\n");
        };
        let value = |token| self.with_head(|head| head.value(token)).unwrap_or_default();
        let has = |token| self.with_head(|head| head.has(token)).unwrap_or(false);
        let mut target = value(Token::ClientUri);
        target.extend_from_slice(b" HTTP/1.1");
        line("GET ", &target);
        line("Pragma: no-cache", b"");
        line("Cache-Control: no-cache", b"");
        line("Host: ", &value(Token::ClientHost));
        line("Upgrade: websocket", b"");
        line("Connection: Upgrade", b"");
        line("Sec-WebSocket-Key: ", &key);
        if has(Token::ClientOrigin) {
            line("Origin: ", &value(Token::ClientOrigin));
        }
        if has(Token::ClientSentProtocols) {
            line("Sec-WebSocket-Protocol: ", &value(Token::ClientSentProtocols));
        }
        if !proposed.is_empty() {
            line("Sec-WebSocket-Extensions: ", proposed.as_bytes());
        }
        if version != 0 {
            line("Sec-WebSocket-Version: ", version.to_string().as_bytes());
        }
        let added = self.program_additions(request.len())?;
        self.still(ticket)?;
        request.extend_from_slice(&added);
        request.extend_from_slice(b"\r\n");
        let length = request.len();
        self.send_raw(request.as_mut_ptr(), length).map_err(|_| Stop::Close)?;
        self.context().set_deadline(self, Some(self.context().limits.handshake));
        Ok(())
    }

    /// The lines that the program adds to a request of which `used` bytes are there.
    fn program_additions(&self, used: usize) -> Result<Vec<u8>, Stop> {
        let room = REQUEST.saturating_sub(used + RESERVED).max(256);
        let taken = self.context().scratch.take(REQUEST).ok_or(Stop::Close)?;
        let start = taken.start.cast::<c_char>();
        let mut end = start;
        let first = self.context().protocols.first();
        let place = (&raw mut end).cast::<c_void>();
        let result = self.call_as(first, Reason::ClientAppendHandshakeHeader, ptr::null_mut(), place, room);
        let length = usize::try_from((end as isize).wrapping_sub(start as isize)).unwrap_or(usize::MAX);
        let added = if length <= REQUEST {
            // SAFETY: within the buffer, which the program has written so far.
            unsafe { std::slice::from_raw_parts(taken.start, length) }.to_vec()
        } else {
            Vec::new()
        };
        self.context().scratch.give();
        result?;
        if length > room {
            log::err(format_args!("additions to the handshake beyond {room} bytes\n"));
            return Err(Stop::Close);
        }
        Ok(added)
    }

    /// Serves a client whose handshake is not done.
    pub fn serve_client(&self, happened: u32) -> Result<(), Stop> {
        let ticket = self.ticket();
        if happened & interest::WRITE != 0 {
            self.tls_wants_write.set(false);
            if self.drain()? {
                self.update_interest();
                if self.tells_write() && !self.wants_write.get() {
                    self.tell_write_unwanted()?;
                    self.still(ticket)?;
                }
            }
        }
        if self.phase() == Phase::TlsConnect {
            return self.continue_tls();
        }
        if self.is_behind() {
            return Ok(());
        }
        if happened & (interest::READ | interest::PEER_CLOSED | interest::HANG_UP | interest::ERROR) == 0 {
            return Ok(());
        }
        let taken = self.context().scratch.take_for_input(REQUEST).ok_or(Stop::Close)?;
        let result = (|| {
            loop {
                // SAFETY: the buffer is valid for its length, and only this call uses it until it is given back.
                let room = unsafe { std::slice::from_raw_parts_mut(taken.start, taken.length) };
                let count = match self.receive_some(room)? {
                    Some(0) => return Err(Stop::Close),
                    Some(count) => count,
                    None => return Ok(()),
                };
                match self.phase() {
                    Phase::ProxyReply => self.take_proxy_reply(&room[..count])?,
                    Phase::Reply => self.take_reply(taken.start, count)?,
                    _ => self.take_input(taken.start, count)?,
                }
                self.still(ticket)?;
                if !self.has_decrypted() || !self.takes_input() {
                    return Ok(());
                }
            }
        })();
        self.context().scratch.give();
        result
    }

    /// A proxy has spoken.
    fn take_proxy_reply(&self, bytes: &[u8]) -> Result<(), Stop> {
        let reply = {
            let mut handshake = self.handshake.borrow_mut();
            let Some(handshake) = handshake.as_deref_mut() else { return Err(Stop::Close) };
            handshake.proxy.extend_from_slice(bytes);
            std::mem::take(&mut handshake.proxy)
        };
        let fits = |prefix: &[u8]| {
            let seen = reply.len().min(prefix.len());
            reply[..seen] == prefix[..seen]
        };
        if !(fits(b"HTTP/1.0 200") || fits(b"HTTP/1.1 200")) || reply.len() > REQUEST {
            let shown = String::from_utf8_lossy(&reply[..reply.len().min(100)]);
            log::err(format_args!("ERROR proxy: {shown}\n"));
            return Err(Stop::Close);
        }
        if !reply.windows(4).any(|end| end == b"\r\n\r\n") {
            if let Some(handshake) = self.handshake.borrow_mut().as_deref_mut() {
                handshake.proxy = reply;
            }
            return Ok(());
        }
        // A server does not speak before it has our request: nothing can follow the proxy's words.
        self.begin_handshake()
    }

    /// The server has answered, or begun to.
    fn take_reply(&self, start: *mut u8, length: usize) -> Result<(), Stop> {
        // SAFETY: the caller's bytes.
        let bytes = unsafe { std::slice::from_raw_parts(start, length) };
        let progress = {
            let mut handshake = self.handshake.borrow_mut();
            let Some(handshake) = handshake.as_deref_mut() else { return Err(Stop::Close) };
            handshake.parser.push(bytes, &mut handshake.head)
        };
        let used = match progress {
            Ok(Progress::More) => return Ok(()),
            Ok(Progress::Done(used)) => used,
            Err(error) => {
                log::warn(format_args!("problems parsing header: {error}\n"));
                return Err(Stop::Close);
            }
        };
        let ticket = self.ticket();
        // Whatever comes is behind the reply.
        self.set_behind(true);
        self.check_reply()?;
        self.establish_client(used < length)?;
        self.still(ticket)?;
        self.set_behind(false);
        if used == length {
            return Ok(());
        }
        // SAFETY: within the caller's bytes.
        self.take_input(unsafe { start.add(used) }, length - used)
    }

    /// Whether the reply is one to our request (RFC 6455, section 4.1, the list at its end).
    fn check_reply(&self) -> Result<(), Stop> {
        let reply = self.with_head(|head| {
            let fields = [
                Token::Http,
                Token::Upgrade,
                Token::Connection,
                Token::Accept,
                Token::Protocol,
                Token::Extensions,
            ];
            let offered =
                head.has(Token::ClientSentProtocols).then(|| head.value(Token::ClientSentProtocols));
            (fields.map(|token| head.value(token)), offered)
        });
        let ([status, upgrade, connection, accept, protocol, extensions], offered) =
            reply.ok_or(Stop::Close)?;
        let shown = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let refused = |what: &str, value: &[u8]| {
            log::warn(format_args!("lws_client_handshake: got bad {what} '{}'\n", shown(value)));
            Err(Stop::Close)
        };
        if !status.starts_with(b"101") {
            return refused("HTTP response", &status);
        }
        if !upgrade.trim_ascii().eq_ignore_ascii_case(b"websocket") {
            return refused("Upgrade header", &upgrade);
        }
        let mut tokens = connection.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        if !tokens.any(|token| token.eq_ignore_ascii_case(b"upgrade")) {
            return refused("Connection header", &connection);
        }
        let table = &self.context().protocols;
        let chosen = if protocol.is_empty() {
            table.first()
        } else {
            let offered = offered.unwrap_or_default();
            let mut names = offered.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
            let found = if names.any(|name| name == protocol.trim_ascii()) {
                table.named(protocol.trim_ascii())
            } else {
                None
            };
            let Some(found) = found else {
                log::err(format_args!("lws_client_int_s_hs: got bad protocol {}\n", shown(&protocol)));
                return Err(Stop::Close);
            };
            found
        };
        self.set_protocol(chosen);
        if !extensions.is_empty() {
            let proposed =
                self.with_client(|client| std::mem::take(&mut client.proposed)).unwrap_or_default();
            self.confirm_extensions(&extensions, &proposed)?;
        }
        let expected =
            self.handshake.borrow().as_deref().and_then(|it| it.client.as_ref()).map(|it| it.accept);
        if expected.is_none_or(|expected| accept.trim_ascii() != expected) {
            return refused("accept", &accept);
        }
        Ok(())
    }

    /// The reply is fine. `behind` says whether frames came with it.
    fn establish_client(&self, behind: bool) -> Result<(), Stop> {
        let ticket = self.ticket();
        let context = self.context();
        if !self.ensure_user() {
            log::err(format_args!("Problem allocating wsi user mem\n"));
            return Err(Stop::Close);
        }
        if self.call(Reason::ClientFilterPreEstablish, ptr::null_mut(), 0)? != 0 {
            return Err(Stop::Close);
        }
        context.set_deadline(self, None);
        self.end_handshake();
        self.promised.set(false);
        self.phase.set(Phase::Established);
        self.set_behind(behind);
        if trace::on() {
            self.tell_open("connected");
        }
        self.call(Reason::ClientEstablished, ptr::null_mut(), 0)?;
        let block = |index: usize| {
            context.extension(index).map_or(ptr::null_mut(), |extension| self.extension_block(extension))
        };
        self.hook_all(Hook::AnyWsiEstablished, block, ptr::null_mut(), 0);
        self.still(ticket)?;
        self.apply_flow();
        self.still(ticket)?;
        // What was asked for before there was anything to write on.
        if self.wants_write.get() {
            context.make_ready(self);
            self.tell_write_wanted();
            self.still(ticket)?;
        }
        Ok(())
    }
}

/// A host as `Host` names it, without its port.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

/// A socket that is connected, or about to be.
fn open(address: &SocketAddr, nonblocking: bool) -> io::Result<(c_int, bool)> {
    let family = if address.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
    let early = if nonblocking { libc::SOCK_NONBLOCK } else { 0 };
    // SAFETY: no pointers are involved.
    let fd = unsafe { libc::socket(family, libc::SOCK_STREAM | early, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    let result = match connect(fd, address) {
        // A signal interrupts the wait, not the attempt.
        Err(error) if error.kind() == io::ErrorKind::Interrupted => finished(fd),
        result => result,
    };
    let connected = match &result {
        Ok(()) => true,
        Err(error) if nonblocking && error.raw_os_error() == Some(libc::EINPROGRESS) => false,
        Err(_) => {
            // SAFETY: made above, and known to nobody.
            unsafe { libc::close(fd) };
            return result.map(|()| (fd, false));
        }
    };
    let _ = socket::set_option(fd, libc::IPPROTO_TCP, libc::TCP_NODELAY, 1);
    let _ = socket::never_wait(fd);
    Ok((fd, connected))
}

/// Waits for the end of an attempt to connect.
fn finished(fd: c_int) -> io::Result<()> {
    // SAFETY: open as long as the call.
    socket::wait(unsafe { BorrowedFd::borrow_raw(fd) }, libc::POLLOUT, None)?;
    socket::take_error(fd)
}

fn connect(fd: c_int, address: &SocketAddr) -> io::Result<()> {
    let result = match address {
        SocketAddr::V4(v4) => {
            // SAFETY: all zeroes is a valid value.
            let mut raw: libc::sockaddr_in = unsafe { std::mem::zeroed() };
            raw.sin_family = libc::AF_INET as libc::sa_family_t;
            raw.sin_port = v4.port().to_be();
            raw.sin_addr.s_addr = u32::from_ne_bytes(v4.ip().octets());
            // SAFETY: an address of the size said.
            unsafe { libc::connect(fd, (&raw const raw).cast(), size_of_val(&raw) as libc::socklen_t) }
        }
        SocketAddr::V6(v6) => {
            // SAFETY: all zeroes is a valid value.
            let mut raw: libc::sockaddr_in6 = unsafe { std::mem::zeroed() };
            raw.sin6_family = libc::AF_INET6 as libc::sa_family_t;
            raw.sin6_port = v6.port().to_be();
            raw.sin6_addr.s6_addr = v6.ip().octets();
            raw.sin6_scope_id = v6.scope_id();
            // SAFETY: as above.
            unsafe { libc::connect(fd, (&raw const raw).cast(), size_of_val(&raw) as libc::socklen_t) }
        }
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::without_port;

    #[test]
    fn a_port_is_no_part_of_a_host() {
        assert_eq!(without_port("example.org:8080"), "example.org");
        assert_eq!(without_port("example.org"), "example.org");
        assert_eq!(without_port("::1"), "::1");
        assert_eq!(without_port("[::1]:80"), "[::1]");
    }
}
