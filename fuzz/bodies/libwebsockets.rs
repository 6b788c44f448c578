//! libwebsockets on hostile streams: nothing crashes, and what the program is told and the peer gets does not depend on
//! how the stream is cut.
//!
//! A real context with a real connection; the bytes go in by `libwebsocket_read` or, where that would leave out what is
//! to be tried, by the socket. The first byte of an input chooses the cuts and, for frames, the extension.

use relink::libwebsockets::capi::client::libwebsocket_client_connect;
use relink::libwebsockets::capi::connection::{libwebsocket_read, libwebsocket_write};
use relink::libwebsockets::capi::context::{libwebsocket_create_context, libwebsocket_service};
use relink::libwebsockets::capi::extension::{
    lws_extension_callback_deflate_frame, lws_extension_callback_deflate_stream,
};
use relink::libwebsockets::capi::log::lws_set_log_level;
use relink::libwebsockets::personality::{IVI, Reason};
use relink::libwebsockets::types::*;
use std::cell::RefCell;
use std::ffi::{c_int, c_void};
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::ptr;

/// What is echoed at most: a little that is compressed may be a lot.
const ECHOED: usize = 64 * 1024;

#[derive(Debug, Default, PartialEq)]
struct Seen {
    /// Reasons, and the bytes that came with them. Chunks of a message of which more is to come are joined.
    calls: Vec<(c_int, Vec<u8>)>,
    answer: Vec<u8>,
}

#[derive(Default)]
struct State {
    calls: Vec<(c_int, Vec<u8>)>,
    echoed: usize,
    connection: usize,
    closed: bool,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
    static SERVER: Context = Context::server();
    static CLIENT: Context = Context::client();
}

fn number(reason: Reason) -> c_int {
    IVI.number(reason).expect("this generation knows it")
}

unsafe extern "C-unwind" fn on_event(
    _context: *mut libwebsocket_context,
    wsi: *mut libwebsocket,
    reason: c_int,
    _user: *mut c_void,
    input: *mut c_void,
    length: usize,
) -> c_int {
    let is = |wanted| reason == number(wanted);
    let receives = is(Reason::Receive) || is(Reason::ClientReceive);
    let bytes = if receives || is(Reason::ClientReceivePong) || is(Reason::Http) {
        // SAFETY: these reasons bring `length` bytes and a NUL.
        unsafe {
            assert_eq!(*input.cast::<u8>().add(length), 0);
            std::slice::from_raw_parts(input.cast::<u8>(), length).to_vec()
        }
    } else {
        Vec::new()
    };
    let echo = STATE.with_borrow_mut(|state| {
        if is(Reason::AddPollFd) {
            state.connection = wsi as usize;
        }
        if is(Reason::DelPollFd) {
            state.closed = true;
        }
        state.echoed += length * usize::from(receives);
        if !matches!(IVI.number(Reason::SetModePollFd), Some(set) if reason >= set) {
            state.calls.push((reason, bytes));
        }
        receives && state.echoed <= ECHOED
    });
    if echo {
        // SAFETY: a chunk may be sent from where it is.
        unsafe { libwebsocket_write(wsi, input.cast(), length, 1) };
    }
    if is(Reason::Http) {
        let mut reply = *b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n";
        // SAFETY: the bytes are there for the call.
        unsafe { libwebsocket_write(wsi, reply.as_mut_ptr(), reply.len(), 3) };
    }
    0
}

struct Context {
    handle: *mut libwebsocket_context,
    port: u16,
}

impl Context {
    fn new(port: u16) -> Self {
        let end = libwebsocket_protocols {
            name: ptr::null(),
            callback: None,
            per_session_data_size: 0,
            rx_buffer_size: 0,
            owning_server: ptr::null_mut(),
            protocol_index: 0,
        };
        let first = libwebsocket_protocols {
            name: c"fuzz".as_ptr(),
            callback: Some(on_event),
            per_session_data_size: 8,
            rx_buffer_size: 64,
            ..end
        };
        let last = libwebsocket_extension {
            name: ptr::null(),
            callback: None,
            per_session_data_size: 0,
            per_context_private_data: ptr::null_mut(),
        };
        let frames = libwebsocket_extension {
            name: c"deflate-frame".as_ptr(),
            callback: Some(lws_extension_callback_deflate_frame),
            per_session_data_size: 288,
            ..last
        };
        let stream = libwebsocket_extension {
            name: c"deflate-stream".as_ptr(),
            callback: Some(lws_extension_callback_deflate_stream),
            ..frames
        };
        // For ever, as a context's tables have to be.
        let protocols = Box::leak(Box::new([first, end]));
        let extensions = Box::leak(Box::new([frames, stream, last]));
        let mut info = lws_context_creation_info {
            port: c_int::from(port),
            iface: ptr::null(),
            protocols: protocols.as_mut_ptr(),
            extensions: extensions.as_mut_ptr(),
            ssl_cert_filepath: ptr::null(),
            ssl_private_key_filepath: ptr::null(),
            ssl_ca_filepath: ptr::null(),
            ssl_cipher_list: ptr::null(),
            gid: -1,
            uid: -1,
            options: 0,
            user: ptr::null_mut(),
            ka_time: 0,
            ka_probes: 0,
            ka_interval: 0,
        };
        lws_set_log_level(0, None);
        // SAFETY: everything the description points to lives for ever.
        let handle = unsafe { libwebsocket_create_context(&mut info) };
        assert!(!handle.is_null());
        Self { handle, port }
    }

    fn server() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self::new(port)
    }

    fn client() -> Self {
        Self::new(0)
    }

    fn serve(&self) {
        // SAFETY: a live context.
        assert_eq!(unsafe { libwebsocket_service(self.handle, 0) }, 0);
    }

    /// Feeds bytes to the connection at hand, cut as `cuts` says, until it is closed.
    fn feed(&self, bytes: &[u8], cuts: u8, peer: Option<&TcpStream>) {
        for piece in pieces(bytes, cuts) {
            if STATE.with_borrow(|state| state.closed) {
                return;
            }
            if let Some(mut peer) = peer {
                // A peer that is not read from any more is told so.
                if peer.write_all(piece).is_err() {
                    return;
                }
                self.serve();
                self.serve();
                continue;
            }
            let mut piece = piece.to_vec();
            let wsi = STATE.with_borrow(|state| state.connection) as *mut libwebsocket;
            // SAFETY: the connection lives, the bytes are ours.
            if unsafe { libwebsocket_read(self.handle, wsi, piece.as_mut_ptr(), piece.len()) } < 0 {
                return;
            }
        }
    }
}

/// Bytes in pieces: whole for 0, otherwise of 1 to 17.
fn pieces(mut bytes: &[u8], cuts: u8) -> impl Iterator<Item = &[u8]> {
    let mut random = u32::from(cuts);
    std::iter::from_fn(move || {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let length = if cuts == 0 { bytes.len() } else { bytes.len().min(1 + (random >> 24) as usize % 17) };
        let (now, later) = bytes.split_at(length);
        bytes = later;
        (length > 0).then_some(now)
    })
}

/// Ends the connection, and collects what was seen.
fn finish(context: &Context, mut peer: TcpStream) -> Seen {
    let mut answer = Vec::new();
    peer.set_nonblocking(true).unwrap();
    // What lies in the socket comes in several reads.
    for _ in 0..16 {
        context.serve();
    }
    match peer.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::ConnectionReset) => {}
        Err(error) => panic!("{error}"),
    }
    drop(peer);
    for _ in 0..4 {
        context.serve();
    }
    STATE.with_borrow_mut(|state| {
        assert!(state.closed, "the peer is gone, and the connection is not");
        let mut calls: Vec<(c_int, Vec<u8>)> = Vec::new();
        for (reason, bytes) in std::mem::take(&mut state.calls) {
            match calls.last_mut() {
                Some(last) if last.0 == reason && !bytes.is_empty() => last.1.extend(bytes),
                _ => calls.push((reason, bytes)),
            }
        }
        *state = State::default();
        Seen { calls, answer }
    })
}

/// A server's connection that is given `prefix` whole and `stream` cut, by its socket or directly.
fn serve(prefix: &[u8], stream: &[u8], cuts: u8, by_socket: bool) -> Seen {
    SERVER.with(|context| {
        STATE.take();
        let peer = TcpStream::connect(("127.0.0.1", context.port)).unwrap();
        peer.set_nodelay(true).unwrap();
        context.serve();
        assert_ne!(STATE.with_borrow(|state| state.connection), 0);
        context.feed(prefix, 0, None);
        context.feed(stream, cuts, by_socket.then_some(&peer));
        let mut seen = finish(context, peer);
        if by_socket {
            // How much of it there is depends on when the peer went.
            seen.answer.clear();
        }
        seen
    })
}

/// HTTP requests, and what comes after an upgrade.
pub fn request(data: &[u8]) {
    let Some((cuts, stream)) = data.split_first() else { return };
    let whole = serve(b"", stream, 0, false);
    assert_eq!(serve(b"", stream, cuts | 1, false), whole);
}

/// Frames, with no extension or one of three.
pub fn frames(data: &[u8]) {
    let Some((cuts, stream)) = data.split_first() else { return };
    let extension = ["", "deflate-frame", "permessage-deflate; client_max_window_bits", "deflate-stream"]
        [usize::from(cuts & 3)];
    let upgrade = format!(
        "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: {extension}\r\n\r\n"
    );
    // This one works on what is read.
    let by_socket = extension == "deflate-stream";
    let whole = serve(upgrade.as_bytes(), stream, 0, by_socket);
    let established = (number(Reason::Established), Vec::new());
    assert!(whole.calls.contains(&established));
    let cut = serve(upgrade.as_bytes(), stream, cuts | 4, by_socket);
    match extension {
        "" => assert_eq!(cut, whole),
        // Frames before the place where a stream is broken come out if they are not in one piece with it.
        _ if by_socket => {}
        _ if told_the_same(&cut, &whole) => assert_eq!(cut.answer, whole.answer),
        _ => {
            let invalid_data = [0x88, 2, 0x03, 0xef];
            assert!(cut.answer.ends_with(&invalid_data) && whole.answer.ends_with(&invalid_data));
        }
    }
}

/// Asserts that the program was told the same, but for a message whose compressed data is broken: how much of its beginning
/// comes out depends on the pieces it came in. Returns whether there is no such message.
fn told_the_same(cut: &Seen, whole: &Seen) -> bool {
    let ((cut_calls, cut_bytes), (whole_calls, whole_bytes)) = (received(cut), received(whole));
    assert_eq!(cut_calls, whole_calls);
    assert!(cut_bytes.starts_with(&whole_bytes) || whole_bytes.starts_with(&cut_bytes));
    cut_bytes == whole_bytes
}

/// The calls without those that received something, and the bytes of these.
fn received(seen: &Seen) -> (Vec<&(c_int, Vec<u8>)>, Vec<u8>) {
    let receives = |reason| reason == number(Reason::Receive) || reason == number(Reason::ClientReceive);
    let (data, others): (Vec<_>, Vec<_>) = seen.calls.iter().partition(|(reason, _)| receives(*reason));
    (others, data.into_iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect())
}

/// A server's reply and its frames. The first `ACCEPT` in the input stands for the value that is right.
pub fn response(data: &[u8]) {
    let Some((cuts, stream)) = data.split_first() else { return };
    let ask = |cuts| {
        CLIENT.with(|context| {
            STATE.take();
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = c_int::from(listener.local_addr().unwrap().port());
            // SAFETY: a live context and C strings.
            let wsi = unsafe {
                libwebsocket_client_connect(
                    context.handle,
                    c"127.0.0.1".as_ptr(),
                    port,
                    0,
                    c"/".as_ptr(),
                    c"h".as_ptr(),
                    ptr::null(),
                    c"fuzz, other".as_ptr(),
                    -1,
                )
            };
            assert!(!wsi.is_null());
            let (mut peer, _) = listener.accept().unwrap();
            peer.set_nodelay(true).unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                peer.read_exact(&mut byte).unwrap();
                request.push(byte[0]);
            }
            let key = request.windows(19).position(|text| text == b"Sec-WebSocket-Key: ").unwrap() + 19;
            let accept = relink::websocket::handshake::accept(&request[key..key + 24]);
            // Once: it is another value each time, and further on it would be payload.
            let mut bytes = stream.to_vec();
            if let Some(at) = bytes.windows(6).position(|text| text == b"ACCEPT") {
                bytes.splice(at..at + 6, accept);
            }
            context.feed(&bytes, cuts, Some(&peer));
            let mut seen = finish(context, peer);
            // Masked by keys that nobody can know.
            seen.answer.truncate(2);
            seen
        })
    };
    let (whole, cut) = (ask(0), ask(cuts | 1));
    if stream.windows(7).any(|text| text == b"deflate") {
        if told_the_same(&cut, &whole) {
            assert_eq!(cut.answer, whole.answer);
        }
    } else {
        assert_eq!(cut, whole);
    }
}
