//! HTTP: heads and files.

use crate::ffi::{cstr, guard, slice};
use crate::libwebsockets::connection::Connection;
use crate::libwebsockets::http::Token;
use crate::libwebsockets::types::{libwebsocket, libwebsocket_context, lws_token_indexes};
use std::ffi::{c_char, c_int};
use std::ptr;

/// Sends a regular file as the answer to an HTTP request: a head with `content_type` and the file's length, and the file,
/// of which the library sends later what the connection does not take at once. HTTP_FILE_COMPLETION tells of the end; it
/// may come from within this call.
///
/// Returns 0 when the file is on its way; what the program returned from HTTP_FILE_COMPLETION when all is sent; -1 when the
/// file cannot be read, which the client is told. Return not 0 to the library for not 0.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libwebsockets_serve_http_file(
    context: *mut libwebsocket_context,
    wsi: *mut libwebsocket,
    file: *const c_char,
    content_type: *const c_char,
) -> c_int {
    let _ = context;
    guard::callbacks("libwebsockets_serve_http_file", || {
        // SAFETY: as promised by the caller.
        let arguments =
            unsafe { (Connection::from_handle(wsi), cstr::borrow(file), cstr::borrow(content_type)) };
        let (Some(connection), Some(file), Some(content_type)) = arguments else { return -1 };
        connection.context().enter_lightly(|_| connection.serve_file(file, content_type))
    })
}

/// Goes on with a file that libwebsockets_serve_http_file() began. The library does so by itself.
///
/// Returns what that does.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libwebsockets_serve_http_file_fragment(
    context: *mut libwebsocket_context,
    wsi: *mut libwebsocket,
) -> c_int {
    let _ = context;
    guard::callbacks("libwebsockets_serve_http_file_fragment", || {
        // SAFETY: as promised by the caller.
        let Some(connection) = (unsafe { Connection::from_handle(wsi) }) else { return -1 };
        connection.context().enter_lightly(|_| connection.serve_pieces())
    })
}

/// Returns the length of a header's value, 0 when there is none. Headers can be read in HTTP,
/// FILTER_PROTOCOL_CONNECTION and ESTABLISHED, and by clients in CLIENT_FILTER_PRE_ESTABLISH.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_hdr_total_length(wsi: *mut libwebsocket, h: lws_token_indexes) -> c_int {
    guard::entry("lws_hdr_total_length", 0, || {
        // SAFETY: as promised by the caller.
        let (Some(connection), Some(place)) = (unsafe { Connection::from_handle(wsi) }, Token::place(h))
        else {
            return 0;
        };
        connection.with_head(|head| head.total_length(place) as c_int).unwrap_or(0)
    })
}

/// Copies a header's value and a NUL to the `len` bytes at `dest`.
///
/// Returns the length of the value; 0, with nothing written, when there is none; -1 when it does not fit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_hdr_copy(
    wsi: *mut libwebsocket,
    dest: *mut c_char,
    len: c_int,
    h: lws_token_indexes,
) -> c_int {
    guard::entry("lws_hdr_copy", -1, || {
        let (Some(place), Ok(length)) = (Token::place(h), usize::try_from(len)) else { return -1 };
        // SAFETY: as promised by the caller.
        let arguments =
            unsafe { (Connection::from_handle(wsi), slice::borrow_mut(dest.cast::<u8>(), length)) };
        let (connection, Some(room)) = arguments else { return -1 };
        let copied = connection.and_then(|connection| {
            connection.with_head(|head| {
                let total = head.total_length(place);
                if head.fragments(place).next().is_none() {
                    return 0;
                }
                if total >= room.len() {
                    return -1;
                }
                let mut at = 0;
                for fragment in head.fragments(place) {
                    room[at..at + fragment.len()].copy_from_slice(fragment);
                    at += fragment.len();
                }
                room[at] = 0;
                at as c_int
            })
        });
        copied.unwrap_or_else(|| {
            // There are no headers any more: what is there is not to be taken for one.
            if let Some(first) = room.first_mut() {
                *first = 0;
            }
            0
        })
    })
}

/// Returns the first line of a header's value, terminated, or NULL. It is the library's, and goes with the headers.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_hdr_simple_ptr(wsi: *mut libwebsocket, h: lws_token_indexes) -> *mut c_char {
    guard::entry("lws_hdr_simple_ptr", ptr::null_mut(), || {
        // SAFETY: as promised by the caller.
        let (Some(connection), Some(place)) = (unsafe { Connection::from_handle(wsi) }, Token::place(h))
        else {
            return ptr::null_mut();
        };
        let value = connection.with_head(|head| head.first_with_nul(place).map(<[u8]>::as_ptr));
        value.flatten().map_or(ptr::null_mut(), |value| value.cast_mut().cast())
    })
}
