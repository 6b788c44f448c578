//! The protocols of libdill's sockets on a hostile stream: nothing crashes, and what is received does not depend on
//! whether the bytes come from a socket of ours, which is read ahead, or from one of the program's, which is asked for
//! exactly what is needed.
//!
//! The first byte chooses the role and the options, the second the room for what is received; the rest is the stream.

use relink::ffi::errno;
use relink::libdill::capi::handle::dill_hclose;
use relink::libdill::capi::object::dill_hmake;
use relink::libdill::capi::{http, ipc, msock, prefix, socks5, suffix, term, ws};
use relink::libdill::sockets::types::dill_iolist;
use relink::libdill::sockets::vfs::dill_bsock_vfs;
use relink::libdill::vfs::dill_hvfs;
use std::ffi::{c_char, c_int, c_void};
use std::ptr;

/// The type of bytestreams: an address.
fn bsock_type() -> *const c_void {
    unsafe extern "C" {
        static dill_bsock_type: *const c_void;
    }
    // SAFETY: never written.
    unsafe { dill_bsock_type }
}

/// A bytestream of the program's: it gives the stream, and then its end.
#[repr(C)]
struct Given {
    hvfs: dill_hvfs,
    bvfs: dill_bsock_vfs,
    stream: Vec<u8>,
    read: usize,
}

unsafe extern "C-unwind" fn query(vfs: *mut dill_hvfs, kind: *const c_void) -> *mut c_void {
    if kind == bsock_type() {
        // SAFETY: the table is at the beginning of a live object.
        return unsafe { &raw mut (*vfs.cast::<Given>()).bvfs }.cast();
    }
    errno::set(libc::ENOTSUP);
    ptr::null_mut()
}

unsafe extern "C-unwind" fn close(vfs: *mut dill_hvfs) {
    // SAFETY: made by `given`; closed once.
    drop(unsafe { Box::from_raw(vfs.cast::<Given>()) });
}

unsafe extern "C-unwind" fn send(
    _vfs: *mut dill_bsock_vfs,
    _first: *mut dill_iolist,
    _last: *mut dill_iolist,
    _deadline: i64,
) -> c_int {
    0
}

unsafe extern "C-unwind" fn receive(
    vfs: *mut dill_bsock_vfs,
    first: *mut dill_iolist,
    _last: *mut dill_iolist,
    _deadline: i64,
) -> c_int {
    // SAFETY: the table is in a live object.
    let given = unsafe { &mut *vfs.byte_sub(std::mem::offset_of!(Given, bvfs)).cast::<Given>() };
    let mut item = first;
    // SAFETY: items of the list, and room for what they say.
    while let Some(node) = unsafe { item.as_ref() } {
        let rest = &given.stream[given.read..];
        let length = node.iol_len.min(rest.len());
        if !node.iol_base.is_null() {
            // SAFETY: as above.
            unsafe { ptr::copy_nonoverlapping(rest.as_ptr(), node.iol_base.cast(), length) };
        }
        given.read += length;
        if length < node.iol_len {
            errno::set(libc::EPIPE);
            return -1;
        }
        item = node.iol_next;
    }
    0
}

fn given(stream: &[u8]) -> c_int {
    let object = Box::new(Given {
        hvfs: dill_hvfs { query: Some(query), close: Some(close) },
        bvfs: dill_bsock_vfs { bsendl: Some(send), brecvl: Some(receive) },
        stream: stream.to_vec(),
        read: 0,
    });
    // SAFETY: the table stays until it is closed.
    let h = unsafe { dill_hmake(Box::into_raw(object).cast()) };
    assert!(h >= 0);
    h
}

/// A socket of ours with the stream in it, and its other end.
fn socket(stream: &[u8]) -> (c_int, c_int) {
    let mut pair = [0; 2];
    // SAFETY: room for two; the stream is as long as said.
    unsafe {
        assert_eq!(libc::socketpair(libc::AF_UNIX, libc::SOCK_STREAM, 0, pair.as_mut_ptr()), 0);
        assert_eq!(libc::write(pair[1], stream.as_ptr().cast(), stream.len()), stream.len() as isize);
        libc::shutdown(pair[1], libc::SHUT_WR);
    }
    let h = ipc::dill_ipc_fromfd(pair[0]);
    assert!(h >= 0);
    (h, pair[1])
}

/// The longest stream: what a socket takes without a reader.
const LONGEST: usize = 60_000;

#[derive(Debug, PartialEq)]
enum Seen {
    Message(isize, c_int, Vec<u8>),
    Lines(c_int, Vec<u8>, Vec<u8>),
    Failed(&'static str, c_int),
}

/// Runs a protocol on both kinds of bytestream.
fn both(stream: &[u8], run: impl Fn(c_int) -> Vec<Seen>) {
    let stream = &stream[..stream.len().min(LONGEST)];
    let (ours, peer) = socket(stream);
    let first = run(ours);
    // SAFETY: ours to close.
    unsafe { libc::close(peer) };
    let second = run(given(stream));
    assert_eq!(first, second);
}

fn failed(what: &'static str) -> Seen {
    Seen::Failed(what, errno::get())
}

fn room(byte: u8) -> usize {
    if byte < 200 { usize::from(byte) } else { usize::from(byte - 199) * 1000 }
}

/// Receives messages until it fails twice.
fn messages(h: c_int, room: usize, drop_some: bool) -> Vec<Seen> {
    let (mut seen, mut failures) = (Vec::new(), 0);
    while failures < 2 {
        let mut buffer = vec![0; room];
        // SAFETY: that much room.
        let size = unsafe {
            if drop_some && seen.len() % 3 == 2 {
                msock::dill_mrecvl(h, ptr::null_mut(), ptr::null_mut(), -1)
            } else {
                msock::dill_mrecv(h, buffer.as_mut_ptr().cast(), room, -1)
            }
        };
        if size < 0 {
            failures += 1;
            seen.push(failed("mrecv"));
        } else {
            buffer.truncate(size as usize);
            seen.push(Seen::Message(size, 0, buffer));
        }
    }
    seen
}

/// SUFFIX, PREFIX, and TERM on either.
pub fn framing(data: &[u8]) {
    let [options, size, stream @ ..] = data else { return };
    both(stream, |s| {
        let terminators: [&[u8]; 4] = [b"\r\n", b"\n", b"aab", b"--"];
        let terminator = terminators[usize::from(options & 3)];
        // SAFETY: literals.
        let mut h = unsafe {
            if options & 4 == 0 {
                suffix::dill_suffix_attach(s, terminator.as_ptr().cast(), terminator.len())
            } else {
                prefix::dill_prefix_attach(s, usize::from(options & 3) + 1, c_int::from(options >> 5 & 1))
            }
        };
        assert!(h >= 0);
        if options & 8 != 0 {
            let length = usize::from(options >> 6);
            // SAFETY: a literal.
            h = unsafe { term::dill_term_attach(h, b"aab".as_ptr().cast(), length) };
            assert!(h >= 0);
        }
        let mut seen = messages(h, room(*size), options & 16 != 0);
        // Of the last message, without an end, more is known where more was read: that it does not fit.
        for one in &mut seen {
            if let Seen::Failed(_, error @ (libc::EMSGSIZE | libc::EPIPE)) = one {
                *error = 0;
            }
        }
        if options & 8 != 0 {
            h = term::dill_term_detach(h, -1);
            seen.push(Seen::Failed("term_detach", if h < 0 { errno::get() } else { 0 }));
        }
        if h >= 0 {
            assert_eq!(dill_hclose(h), 0);
        }
        seen
    });
}

/// HTTP, both sides.
pub fn http(data: &[u8]) {
    let [options, size, stream @ ..] = data else { return };
    both(stream, |s| {
        let h = http::dill_http_attach(s);
        assert!(h >= 0);
        let (mut seen, mut failures, size) = (Vec::new(), 0, room(*size));
        while failures < 3 {
            let (mut first, mut second) = (vec![0u8; size], vec![0u8; size]);
            let (one, two) = (first.as_mut_ptr().cast::<c_char>(), second.as_mut_ptr().cast::<c_char>());
            // SAFETY: that much room.
            let result = unsafe {
                match (seen.is_empty() || options & 2 != 0, options & 1) {
                    (true, 0) => http::dill_http_recvrequest(h, one, size, two, size, -1),
                    (true, _) => http::dill_http_recvstatus(h, one, size, -1),
                    (false, _) => http::dill_http_recvfield(h, one, size, two, size, -1),
                }
            };
            if result < 0 {
                failures += 1;
                seen.push(failed("line"));
            } else {
                seen.push(Seen::Lines(result, first, second));
            }
        }
        let h = http::dill_http_detach(h, -1);
        seen.push(Seen::Failed("http_detach", if h < 0 { errno::get() } else { 0 }));
        if h >= 0 {
            assert_eq!(dill_hclose(h), 0);
        }
        seen
    });
}

/// WebSocket, both sides, with and without the opening handshake.
pub fn websocket(data: &[u8]) {
    let [options, size, stream @ ..] = data else { return };
    both(stream, |s| {
        let flags = c_int::from(options & 3);
        let (mut resource, mut host) = ([0u8; 64], [0u8; 64]);
        let (resource, host) = (resource.as_mut_ptr().cast::<c_char>(), host.as_mut_ptr().cast::<c_char>());
        // SAFETY: room as said, and literals.
        let h = unsafe {
            if options & 4 == 0 {
                ws::dill_ws_attach_server(s, flags, resource, 64, host, 64, -1)
            } else {
                ws::dill_ws_attach_client(s, flags, c"/".as_ptr(), c"host".as_ptr(), -1)
            }
        };
        let mut seen = Vec::new();
        if h < 0 {
            seen.push(failed("attach"));
            return seen;
        }
        if options & 8 == 0 {
            seen.extend(messages(h, room(*size), options & 16 != 0));
        } else {
            let mut failures = 0;
            while failures < 2 {
                let (mut buffer, mut kind) = (vec![0u8; room(*size)], -1);
                // SAFETY: that much room.
                let size =
                    unsafe { ws::dill_ws_recv(h, &mut kind, buffer.as_mut_ptr().cast(), buffer.len(), -1) };
                if size < 0 {
                    failures += 1;
                    seen.push(failed("ws_recv"));
                } else {
                    buffer.truncate(size as usize);
                    seen.push(Seen::Message(size, kind, buffer));
                }
            }
        }
        let (mut status, mut reason) = (-1, vec![0u8; 128]);
        // SAFETY: that much room.
        let length = unsafe { ws::dill_ws_status(h, &mut status, reason.as_mut_ptr().cast(), 128) };
        seen.push(Seen::Message(length, status, reason));
        // SAFETY: no reason.
        let h = unsafe { ws::dill_ws_detach(h, 1000, ptr::null(), 0, -1) };
        seen.push(Seen::Failed("ws_detach", if h < 0 { errno::get() } else { 0 }));
        if h >= 0 {
            assert_eq!(dill_hclose(h), 0);
        }
        seen
    });
}

unsafe extern "C-unwind" fn decide(user: *const c_char, password: *const c_char) -> c_int {
    // SAFETY: strings, by the function's type.
    unsafe { libc::strcmp(user, password) }
}

/// SOCKS5, both sides.
pub fn socks(data: &[u8]) {
    let [options, _, stream @ ..] = data else { return };
    both(stream, |s| {
        let user = if options & 2 == 0 { ptr::null() } else { c"user".as_ptr() };
        let (mut host, mut port) = ([0u8; 256], -1);
        // SAFETY: literals, and room as the functions want it.
        let result = unsafe {
            if options & 1 == 0 {
                socks5::dill_socks5_client_connectbyname(
                    s,
                    user,
                    c"password".as_ptr(),
                    c"host".as_ptr(),
                    80,
                    -1,
                )
            } else {
                let entered = if options & 2 == 0 {
                    socks5::dill_socks5_proxy_auth(s, None, -1)
                } else {
                    socks5::dill_socks5_proxy_auth(s, Some(decide), -1)
                };
                if entered < 0 {
                    entered
                } else {
                    socks5::dill_socks5_proxy_recvcommandbyname(s, host.as_mut_ptr().cast(), &mut port, -1)
                }
            }
        };
        let seen = if result < 0 {
            failed("socks")
        } else {
            Seen::Lines(result, host.to_vec(), port.to_be_bytes().to_vec())
        };
        assert_eq!(dill_hclose(s), 0);
        vec![seen]
    });
}
