//! What a stranger may send to a server's association, and to a client's: it is refused, answered with a synthetic
//! message, or received, printed and freed. Descriptors come with it now and then.

use relink::lwmsg::capi::assoc::*;
use relink::lwmsg::capi::connection::*;
use relink::lwmsg::capi::context::lwmsg_context_free;
use relink::lwmsg::capi::protocol::*;
use relink::lwmsg::types::*;
use std::io::{IoSlice, Write};
use std::os::fd::{AsFd, IntoRawFd};
use std::os::unix::net::UnixStream;
use std::ptr;

unsafe extern "C" {
    static lwmsg_handle_type_class: LWMsgTypeClass;
    static lwmsg_fd_type_class: LWMsgTypeClass;
}

/// Opcodes of the tables below, as `type.h` has them.
const STRUCT: usize = 1;
const INTEGER: usize = 3;
const POINTER: usize = 4;
const TERMINATION: usize = 7;
const CUSTOM: usize = 10;
const NOT_NULL: usize = 13;
const MEMBER: usize = 0x10000;

/// A structure of everything that connections care for: a number, a text, counted bytes, a handle and a descriptor.
fn table() -> &'static [LWMsgTypeSpec] {
    let words = vec![
        STRUCT,
        40,
        MEMBER | INTEGER,
        4,
        0,
        4,
        1,
        MEMBER | POINTER,
        8,
        INTEGER,
        1,
        1,
        1,
        0,
        TERMINATION,
        1,
        MEMBER | POINTER,
        16,
        INTEGER,
        1,
        1,
        1,
        0,
        TERMINATION,
        2,
        0,
        4,
        NOT_NULL,
        MEMBER | CUSTOM,
        8,
        24,
        (&raw const lwmsg_handle_type_class).addr(),
        c"H".as_ptr().addr(),
        MEMBER | CUSTOM,
        4,
        32,
        (&raw const lwmsg_fd_type_class).addr(),
        0,
        0,
        0,
    ];
    words.leak()
}

fn protocol_spec() -> &'static [LWMsgProtocolSpec] {
    static SPEC: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    let address = SPEC.get_or_init(|| {
        let line = |tag, r#type| LWMsgProtocolSpec { tag, r#type, tag_name: c"MESSAGE".as_ptr() };
        let lines = vec![line(0, ptr::null()), line(2, table().as_ptr()), line(u32::MAX, ptr::null())];
        lines.leak().as_ptr().expose_provenance()
    });
    // SAFETY: leaked above, three lines.
    unsafe { std::slice::from_raw_parts(ptr::with_exposed_provenance(*address), 3) }
}

/// The first byte says which end is fuzzed, and how the rest is cut when it is sent.
pub fn body(data: &[u8]) {
    let Some((how, bytes)) = data.split_first() else { return };
    let bytes = &bytes[..bytes.len().min(100_000)];
    let (mut sender, receiver) = UnixStream::pair().unwrap();
    // SAFETY: the functions of the library as C programs call them.
    crate::lwmsg_memory::counted(|context| unsafe {
        let (mut protocol, mut assoc, mut text) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        assert_eq!(lwmsg_protocol_new(context, &mut protocol), 0);
        assert_eq!(lwmsg_protocol_add_protocol_spec(protocol, protocol_spec().as_ptr()), 0);
        assert_eq!(lwmsg_connection_new(context, protocol, &mut assoc), 0);
        assert_eq!(lwmsg_connection_set_fd(assoc, endpoint::PAIR, receiver.into_raw_fd()), 0);
        assert_eq!(lwmsg_assoc_set_nonblock(assoc, LWMSG_TRUE), 0);
        let begin = if how & 1 == 0 { lwmsg_assoc_accept } else { lwmsg_assoc_connect };
        let mut status = begin(assoc, ptr::null_mut());
        if how & 2 == 0 {
            // A greeting that is right, so that what follows is about messages.
            let kind = if how & 1 == 0 { 2 } else { 3 };
            sender.write_all(&[0, 0, 0, 19, kind, 3, 0, 0, 0, 4, 0, 1, 2, 3, 4, 5, 6, 7, 8]).unwrap();
        }
        let step = usize::from(how >> 4) * 16 + 7;
        let mut message =
            LWMsgMessage { flags: 0, status: 0, cookie: 0, tag: -1, data: ptr::null_mut(), reserved1: 0 };
        let mut pending = false;
        let mut pieces = bytes.chunks(step);
        'pieces: loop {
            match pieces.next() {
                Some(piece) if how & 4 != 0 && piece[0] % 5 == 0 => {
                    let sent = relink::net::descriptors::send(
                        sender.as_fd(),
                        &[IoSlice::new(piece)],
                        &[sender.as_fd()],
                    );
                    if sent.is_err() {
                        break;
                    }
                }
                Some(piece) => {
                    if sender.write_all(piece).is_err() {
                        break;
                    }
                }
                None => sender.shutdown(std::net::Shutdown::Write).unwrap(),
            }
            for _ in 0..256 {
                let mut completed = ptr::null_mut();
                if status == 25 {
                    status = lwmsg_assoc_finish(assoc, &mut completed);
                } else if !pending {
                    status = lwmsg_assoc_recv_message(assoc, &mut message);
                    if status == 0 {
                        completed = &raw mut message;
                    }
                }
                match status {
                    0 if completed.is_null() => pending = false,
                    0 => {
                        if lwmsg_assoc_print_message_alloc(assoc, &mut message, &mut text) == 0 {
                            lwmsg_context_free(context, text.cast());
                        }
                        assert_eq!(lwmsg_assoc_destroy_message(assoc, &mut message), 0);
                        pending = false;
                    }
                    25 => {
                        pending = true;
                        continue 'pieces;
                    }
                    // A message that makes no sense; the next one may.
                    4 => pending = false,
                    _ => break 'pieces,
                }
            }
            // No piece holds so many messages: the stream is broken, and says so each time it is asked.
            break;
        }
        lwmsg_assoc_delete(assoc);
        lwmsg_protocol_delete(protocol);
    });
}
