//! A server's side of the opening handshake (RFC 6455, section 4.2).

use super::super::extension::Hook;
use super::super::http::{Head, HeadError, Progress, Token};
use super::super::log;
use super::super::personality::Reason;
use super::super::types::libwebsocket_protocols;
use super::{Connection, Phase, Stop};
use crate::trace::{self, Direction, Event};
use crate::websocket::handshake;
use std::ffi::{c_int, c_void};
use std::ptr;

/// Keys of this length or more are refused, as in the original.
const MAX_KEY: usize = 128;

impl Connection {
    /// The first moments of an accepted connection.
    pub fn begin_server(&self) {
        let context = self.context();
        let ticket = self.ticket();
        self.set_protocol(context.protocols.first());
        // Whoever connects and says nothing, or says it slowly, has as long as in any other step.
        context.set_deadline(self, Some(context.limits.handshake));
        if self.tell_poll(Reason::AddPollFd, c_int::from(libc::POLLIN)).is_err() || !self.is(ticket) {
            return;
        }
        if self.phase() == Phase::TlsAccept
            && let Err(stop) = self.accept_tls()
        {
            self.stop(ticket, stop);
        }
    }

    /// Processes bytes up to the end of a request's head. Returns how many those were.
    pub fn take_request(&self, start: *mut u8, length: usize) -> Result<usize, Stop> {
        // SAFETY: the caller's bytes; the slice is not used across a callback.
        let bytes = unsafe { std::slice::from_raw_parts(start, length) };
        if !self.takes_input() || self.is_telling_request() {
            return self.put_by(bytes).map(|()| length);
        }
        let begins = self.handshake.borrow().is_none();
        if begins {
            self.handshake.replace(Some(self.context().new_handshake()));
            if self.deadline.get() == 0 {
                // A further request on a kept connection.
                self.context().set_deadline(self, Some(self.context().limits.handshake));
            }
        }
        let progress = {
            let mut handshake = self.handshake.borrow_mut();
            let Some(handshake) = handshake.as_deref_mut() else { return Err(Stop::Close) };
            handshake.parser.push(bytes, &mut handshake.head)
        };
        let used = match progress {
            Ok(Progress::More) => return Ok(length),
            Ok(Progress::Done(used)) => used,
            Err(error) => return Err(self.refuse(error)),
        };
        self.context().set_deadline(self, None);
        let ticket = self.ticket();
        self.set_behind(used < length);
        let is_websocket =
            self.with_head(|head| filled(head, Token::Upgrade) && filled(head, Token::Connection));
        if is_websocket == Some(true) {
            let protocol = self.choose_protocol()?;
            self.upgrade(protocol)?;
        } else {
            self.answer_http()?;
        }
        self.still(ticket)?;
        self.set_behind(false);
        Ok(used)
    }

    /// The head cannot be used.
    fn refuse(&self, error: HeadError) -> Stop {
        log::warn(format_args!("{error}\n"));
        self.refuse_with(error.status())
    }

    /// Refuses a request: in silence, as the original, unless the environment wants a status.
    fn refuse_with(&self, status: u16) -> Stop {
        if self.context().limits.http_errors {
            let answer = super::http::status_response(u32::from(status), &[]);
            let _ = self.send_raw(answer.as_ptr().cast_mut(), answer.len());
        }
        Stop::Close
    }

    /// The protocol of the table that the request asks for.
    fn choose_protocol(&self) -> Result<*mut libwebsocket_protocols, Stop> {
        let table = &self.context().protocols;
        let asked = self
            .with_head(|head| filled(head, Token::Protocol).then(|| head.value(Token::Protocol)))
            .flatten();
        let Some(asked) = asked else {
            return Ok(table.find(|name| name.is_none()).unwrap_or(table.first()));
        };
        // The whole value, as ever, and then each of a list.
        let list = asked.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|name| !name.is_empty());
        let found = table.named(&asked).or_else(|| list.into_iter().find_map(|name| table.named(name)));
        found.ok_or_else(|| {
            log::err(format_args!("Req protocol {} not supported\n", String::from_utf8_lossy(&asked)));
            self.refuse_with(400)
        })
    }

    /// Makes it a WebSocket connection of a protocol, if its request and the program let us.
    fn upgrade(&self, protocol: *mut libwebsocket_protocols) -> Result<(), Stop> {
        let ticket = self.ticket();
        let before = self.protocol();
        if !ptr::eq(before, protocol) {
            self.drop_foreign_user(before);
            self.set_protocol(protocol);
        }
        let asked = self
            .with_head(|head| {
                head.first_with_nul(Token::Protocol as usize)
                    .filter(|value| value.len() > 1)
                    .map_or(ptr::null(), <[u8]>::as_ptr)
            })
            .unwrap_or(ptr::null());
        let verdict = self.call_as(
            protocol,
            Reason::FilterProtocolConnection,
            asked.cast_mut().cast::<c_void>(),
            ptr::null_mut(),
            0,
        )?;
        if verdict != 0 {
            log::warn(format_args!("User code denied connection\n"));
            return Err(self.refuse_with(403));
        }
        let Some((version, complete, key, offer)) = self.with_head(|head| {
            let version = head.value(Token::Version);
            let key = head.value(Token::Key);
            let complete = filled(head, Token::Host) && !key.is_empty();
            (version, complete, key, head.value(Token::Extensions))
        }) else {
            return Err(Stop::Close);
        };
        if number(&version) != 13 {
            log::warn(format_args!("Unknown client spec version {}\n", number(&version)));
            return Err(self.refuse_with(426));
        }
        if !complete {
            log::line(log::PARSER, format_args!("handshake_04 missing pieces\n"));
            return Err(self.refuse_with(400));
        }
        if key.len() >= MAX_KEY {
            log::warn(format_args!("Client key too long {MAX_KEY}\n"));
            return Err(self.refuse_with(400));
        }
        if !self.ensure_user() {
            log::err(format_args!("Out of memory for conn user space\n"));
            return Err(Stop::Close);
        }
        let extensions = if offer.is_empty() { String::new() } else { self.accept_extensions(&offer)? };
        self.still(ticket)?;
        self.answer_upgrade(&key, protocol, &extensions)?;
        self.still(ticket)?;
        self.phase.set(Phase::Established);
        if trace::on() {
            self.tell_open("accepted");
        }
        self.call(Reason::Established, ptr::null_mut(), 0)?;
        self.end_handshake();
        self.apply_flow();
        self.still(ticket)
    }

    /// A block that another protocol's size decided is of no use for this one.
    fn drop_foreign_user(&self, before: *mut libwebsocket_protocols) {
        let user = self.user();
        if user.is_null() || before.is_null() {
            return;
        }
        // SAFETY: an entry of the program's table; the block was made for it by the library.
        unsafe {
            if (*before).per_session_data_size != 0 {
                crate::ffi::alloc::free(user);
            }
        }
        self.set_user(ptr::null_mut());
    }

    /// Sends the response that completes the handshake, in the order and spelling that programs know.
    fn answer_upgrade(
        &self,
        key: &[u8],
        protocol: *mut libwebsocket_protocols,
        extensions: &str,
    ) -> Result<(), Stop> {
        let ticket = self.ticket();
        let mut response = Vec::with_capacity(256);
        response.extend_from_slice(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\
              Sec-WebSocket-Accept: ",
        );
        response.extend_from_slice(&handshake::accept(key));
        let asked = self.with_head(|head| filled(head, Token::Protocol)).unwrap_or(false);
        if asked {
            response.extend_from_slice(b"\r\nSec-WebSocket-Protocol: ");
            // SAFETY: an entry that was chosen by its name; the program may have changed it since.
            let name = unsafe { crate::ffi::cstr::borrow((*protocol).name) };
            response.extend_from_slice(name.unwrap_or_default().to_bytes());
        }
        if !extensions.is_empty() {
            response.extend_from_slice(b"\r\nSec-WebSocket-Extensions: ");
            response.extend_from_slice(extensions.as_bytes());
        }
        response.extend_from_slice(b"\r\n\r\n");
        let (start, length) = (response.as_mut_ptr(), response.len());
        for active in self.active() {
            let sent = self.hook(&active, Hook::HandshakeReplyTx, start.cast(), length);
            self.still(ticket)?;
            if sent != 0 {
                return Ok(());
            }
        }
        self.send_raw(start, length).map_err(|_| Stop::Close)
    }

    /// Tells the trace of a handshake that is done.
    #[cold]
    pub fn tell_open(&self, how: &str) {
        // SAFETY: an entry of the program's table; names are NULL or strings.
        let name = unsafe { crate::ffi::cstr::borrow((*self.protocol()).name) };
        let name = name.unwrap_or_default().to_string_lossy().into_owned();
        self.with_told(|told| {
            Event::new("libwebsockets", told, Direction::Local, how)
                .detail(format_args!("protocol {name:?}"))
                .emit();
        });
    }
}

/// Whether a field is there and not empty.
fn filled(head: &Head, token: Token) -> bool {
    head.total_length(token as usize) > 0
}

/// As `atoi`: the digits a value begins with.
fn number(value: &[u8]) -> u32 {
    let value = value.trim_ascii_start();
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).take(6);
    digits.fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_read_as_atoi_does() {
        assert_eq!(number(b"13"), 13);
        assert_eq!(number(b" 13x"), 13);
        assert_eq!(number(b""), 0);
        assert_eq!(number(b"99999999999"), 999_999);
    }
}
