//! HTTP requests, and files for an answer.

use super::super::http::{NOT_FOUND, Token, Transfer};
use super::super::log;
use super::super::personality::Reason;
use super::{Connection, Phase, Stop};
use crate::trace::{self, Direction, Event};
use std::ffi::{CStr, c_int, c_void};
use std::io;
use std::ptr;

/// Bytes of a file read and sent at once.
const PIECE: usize = 64 * 1024;

/// Bytes of a file that one connection gets sent while others wait: more than the system takes of one whose peer does not
/// read, so that this is met by those that read as fast as they are sent to.
const MAX_TURN: usize = 16 * 1024 * 1024;

/// What HTTP calls a status.
fn phrase(status: u32) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Payload Too Large",
        414 => "URI Too Long",
        426 => "Upgrade Required",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => "",
    }
}

/// A response with a status and a page, which may be empty.
pub fn status_response(status: u32, page: &[u8]) -> Vec<u8> {
    let extra = match status {
        426 => "Sec-WebSocket-Version: 13\r\n",
        _ if page.is_empty() => "",
        _ => "Content-Type: text/html\r\n",
    };
    let (phrase, length) = (phrase(status), page.len());
    let mut response = format!(
        "HTTP/1.0 {status} {phrase}\r\nServer: libwebsockets\r\n{extra}Content-Length: {length}\r\n\r\n"
    )
    .into_bytes();
    response.extend_from_slice(page);
    response
}

impl Connection {
    /// Hands a request to the program.
    pub fn answer_http(&self) -> Result<(), Stop> {
        let uri = self.with_head(|head| {
            // Without the NUL that ends it.
            head.first_with_nul(Token::GetUri as usize).map(|uri| (uri.as_ptr(), uri.len() - 1))
        });
        let Some((uri, length)) = uri.flatten().filter(|(_, length)| *length > 0) else {
            log::warn(format_args!("Missing URI in HTTP request\n"));
            return Err(Stop::Close);
        };
        if trace::on() {
            // SAFETY: the head stays until the callback has returned.
            let text = String::from_utf8_lossy(unsafe { std::slice::from_raw_parts(uri, length) });
            self.with_told(|told| {
                Event::new("libwebsockets", told, Direction::Received, "GET")
                    .detail(format_args!("{text:?}"))
                    .emit();
            });
        }
        if self.context().personality.http_block && !self.ensure_user() {
            log::err(format_args!("Out of memory for conn user space\n"));
            return Err(Stop::Close);
        }
        let verdict = self.call(Reason::Http, uri.cast_mut().cast::<c_void>(), length)?;
        self.end_handshake();
        if verdict != 0 {
            return self.close_after_output();
        }
        self.apply_flow();
        if self.stash.borrow().is_some() { self.after_answer() } else { Ok(()) }
    }

    /// Ends an HTTP connection: what the program wrote before it said so, the peer is to get.
    pub fn close_after_output(&self) -> Result<(), Stop> {
        if self.output.borrow().is_none() {
            return Err(Stop::Close);
        }
        self.end_with_output(Phase::Draining)
    }

    /// Sends a file as the answer to a request.
    ///
    /// Returns what `libwebsockets_serve_http_file` does.
    pub fn serve_file(&self, path: &CStr, content_type: &CStr) -> c_int {
        if self.phase() != Phase::Http {
            return -1;
        }
        let mut bytes = Vec::with_capacity(PIECE / 16);
        let mut transfer = match Transfer::open(path, content_type, &mut bytes) {
            Ok(transfer) => transfer,
            Err(error) => {
                log::info(format_args!("{}: {error}\n", path.to_string_lossy()));
                let _ = self.send_raw(NOT_FOUND.as_ptr().cast_mut(), NOT_FOUND.len());
                return -1;
            }
        };
        // The beginning goes with the head: small files are one system call.
        let read = transfer.read(PIECE, &mut bytes);
        let length = bytes.len();
        if self.send_raw(bytes.as_mut_ptr(), length).is_err() {
            return -1;
        }
        if let Err(error) = read {
            return file_failed(&error);
        }
        self.transfer.replace(Some(Box::new(transfer)));
        self.serve_pieces()
    }

    /// Goes on with a file.
    ///
    /// Returns what `libwebsockets_serve_http_file_fragment` does.
    pub fn serve_pieces(&self) -> c_int {
        let mut turn = 0;
        while self.output.borrow().is_none() {
            let mut bytes = Vec::new();
            let read = match self.transfer.borrow_mut().as_deref_mut() {
                None => return 0,
                Some(transfer) if transfer.is_complete() => None,
                Some(_) if turn >= MAX_TURN => break,
                Some(transfer) => Some(transfer.read(PIECE, &mut bytes)),
            };
            match read {
                None => {
                    self.transfer.take();
                    let result = self.call(Reason::HttpFileCompletion, ptr::null_mut(), 0);
                    self.update_interest();
                    return result.unwrap_or(-1);
                }
                Some(Err(error)) => return file_failed(&error),
                Some(Ok(())) => {}
            }
            let length = bytes.len();
            if self.send_raw(bytes.as_mut_ptr(), length).is_err() {
                return -1;
            }
            turn += length;
        }
        if self.output.borrow().is_none() {
            // Its turn is over, and there is room for more as ever.
            self.wait_to_write();
            return 0;
        }
        self.update_interest();
        0
    }

    /// The socket has taken what it was given of a file.
    pub fn continue_transfer(&self) -> Result<(), Stop> {
        let ticket = self.ticket();
        let result = self.serve_pieces();
        self.still(ticket)?;
        if result != 0 {
            return self.close_after_output();
        }
        self.after_answer()
    }

    /// Sends a response with nothing but a status.
    ///
    /// Returns 0, or -1 when that fails.
    pub fn send_status(&self, status: u32, body: &[u8]) -> c_int {
        let mut response = status_response(status, body);
        let length = response.len();
        if self.send_raw(response.as_mut_ptr(), length).is_ok() { 0 } else { -1 }
    }
}

fn file_failed(error: &io::Error) -> c_int {
    log::warn(format_args!("reading a file: {error}\n"));
    -1
}
