//! The event API on a hostile stream: nothing crashes, and the messages, the answer and the state do not
//! depend on how the stream is cut.
//!
//! The first byte chooses the role and the options, the second the cuts; the rest is the stream.

use relink::wslay::capi::*;
use relink::wslay::types::*;
use std::ffi::{c_int, c_void};

#[derive(Debug, Default, PartialEq)]
struct Seen {
    messages: Vec<(u8, u8, u16, Vec<u8>)>,
    chunks: Vec<u8>,
    sent: Vec<u8>,
    code_received: u16,
    code_sent: u16,
    result: c_int,
}

struct Peer<'a> {
    stream: &'a [u8],
    cuts: u32,
    echo: bool,
    seen: Seen,
}

unsafe extern "C-unwind" fn on_recv(
    ctx: wslay_event_context_ptr,
    buffer: *mut u8,
    room: usize,
    _flags: c_int,
    user: *mut c_void,
) -> isize {
    // SAFETY: `run` passes its peer, which nobody else uses during the call; the buffer has `room` bytes.
    unsafe {
        let peer = &mut *user.cast::<Peer<'_>>();
        let mut length = room.min(peer.stream.len());
        if peer.cuts != 0 {
            peer.cuts = peer.cuts.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            length = length.min(1 + (peer.cuts >> 24) as usize % 17);
        }
        if length == 0 {
            wslay_event_set_error(ctx, -401);
            return -1;
        }
        let (now, later) = peer.stream.split_at(length);
        std::ptr::copy_nonoverlapping(now.as_ptr(), buffer, length);
        peer.stream = later;
        length as isize
    }
}

unsafe extern "C-unwind" fn on_send(
    _ctx: wslay_event_context_ptr,
    data: *const u8,
    length: usize,
    _flags: c_int,
    user: *mut c_void,
) -> isize {
    // SAFETY: as above; `data` has `length` bytes.
    unsafe {
        let peer = &mut *user.cast::<Peer<'_>>();
        peer.seen.sent.extend_from_slice(std::slice::from_raw_parts(data, length));
    }
    length as isize
}

unsafe extern "C-unwind" fn on_mask(
    _ctx: wslay_event_context_ptr,
    buffer: *mut u8,
    length: usize,
    _user: *mut c_void,
) -> c_int {
    // SAFETY: the buffer has `length` bytes.
    unsafe { std::ptr::write_bytes(buffer, 7, length) };
    0
}

unsafe extern "C-unwind" fn on_chunk(
    _ctx: wslay_event_context_ptr,
    arg: *const wslay_event_on_frame_recv_chunk_arg,
    user: *mut c_void,
) {
    // SAFETY: as above; the argument is valid during the call.
    unsafe {
        let peer = &mut *user.cast::<Peer<'_>>();
        let bytes = std::slice::from_raw_parts((*arg).data, (*arg).data_length);
        assert!(bytes.len() <= 4096);
        peer.seen.chunks.extend_from_slice(bytes);
    }
}

unsafe extern "C-unwind" fn on_message(
    ctx: wslay_event_context_ptr,
    arg: *const wslay_event_on_msg_recv_arg,
    user: *mut c_void,
) {
    // SAFETY: as above.
    unsafe {
        let arg = &*arg;
        let payload = match arg.msg_length {
            0 => &[][..],
            length => std::slice::from_raw_parts(arg.msg, length),
        };
        let echo = {
            let peer = &mut *user.cast::<Peer<'_>>();
            peer.seen.messages.push((arg.opcode, arg.rsv, arg.status_code, payload.to_vec()));
            peer.echo && arg.opcode < 8
        };
        if echo {
            let reply = wslay_event_msg { opcode: arg.opcode, msg: arg.msg, msg_length: arg.msg_length };
            assert_eq!(wslay_event_queue_msg(ctx, &reply), 0);
        }
    }
}

fn run(options: u8, cuts: u32, stream: &[u8]) -> Seen {
    let watched = options & 4 != 0;
    let callbacks = wslay_event_callbacks {
        recv_callback: Some(on_recv),
        send_callback: Some(on_send),
        genmask_callback: Some(on_mask),
        on_frame_recv_start_callback: None,
        on_frame_recv_chunk_callback: if watched { Some(on_chunk) } else { None },
        on_frame_recv_end_callback: None,
        on_msg_recv_callback: Some(on_message),
    };
    let mut peer = Peer { stream, cuts, echo: options & 16 != 0, seen: Seen::default() };
    let user = (&raw mut peer).cast();
    let mut ctx = std::ptr::null_mut();
    // SAFETY: the context is used and freed here only, and `peer` outlives it.
    unsafe {
        let made = if options & 1 == 0 {
            wslay_event_context_server_init(&mut ctx, &callbacks, user)
        } else {
            wslay_event_context_client_init(&mut ctx, &callbacks, user)
        };
        assert_eq!(made, 0);
        wslay_event_config_set_allowed_rsv_bits(ctx, if options & 2 != 0 { 4 } else { 0 });
        wslay_event_config_set_no_buffering(ctx, c_int::from(options & 8 != 0));
        wslay_event_config_set_max_recv_msg_length(ctx, if options & 32 != 0 { 300 } else { 1 << 20 });
        let result = wslay_event_recv(ctx);
        assert_eq!(wslay_event_send(ctx), 0);
        assert!(result == 0 || wslay_event_want_read(ctx) == 0);
        peer.seen.result = result;
        peer.seen.code_received = wslay_event_get_status_code_received(ctx);
        peer.seen.code_sent = wslay_event_get_status_code_sent(ctx);
        wslay_event_context_free(ctx);
    }
    peer.seen
}

pub fn body(data: &[u8]) {
    let [options, cuts, stream @ ..] = data else { return };
    let whole = run(*options, 0, stream);
    let cut = run(*options, u32::from(*cuts) + 1, stream);
    // How much of a piece with an error was shown before it depends on the piece.
    let (chunks, fewer) = (whole.chunks.len(), cut.chunks.len());
    assert_eq!(whole.chunks[..chunks.min(fewer)], cut.chunks[..chunks.min(fewer)]);
    assert_eq!(Seen { chunks: Vec::new(), ..whole }, Seen { chunks: Vec::new(), ..cut });
}
