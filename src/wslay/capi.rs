//! The C functions of `wslay/wslay.h`. Texts go to the header.
#![allow(
    clippy::missing_safety_doc,
    reason = "one contract for all, the header's: pointers are NULL or valid, contexts are live, callbacks \
              keep to their types"
)]

use super::error::Error;
use super::event::call::{self, Half};
use super::event::{Context, Role};
use super::frame::{FrameContext, OutgoingFrame, Payload};
use super::types::{
    wslay_event_callbacks, wslay_event_context_ptr, wslay_event_fragmented_msg, wslay_event_msg,
    wslay_frame_callbacks, wslay_frame_context_ptr, wslay_frame_iocb,
};
use crate::ffi::{alloc, guard, slice};
use libc::ssize_t;
use std::ffi::{c_int, c_void};
use std::ptr::NonNull;

/// The result of a function that returns 0 or an error code.
fn status(result: Result<(), Error>) -> c_int {
    result.map_or_else(Error::code, |()| 0)
}

/// The result of a function that returns a length or an error code.
fn length(result: Result<usize, Error>) -> ssize_t {
    result.map_or_else(|error| error.code() as ssize_t, |length| length as ssize_t)
}

/// # Safety
/// `ctx` is NULL or a live event context.
unsafe fn event<'a>(ctx: wslay_event_context_ptr) -> Option<&'a Context> {
    // SAFETY: as promised by the caller. Only shared references to a context are ever made.
    unsafe { ctx.cast::<Context>().as_ref() }
}

/// # Safety
/// `ctx` is NULL or a live frame context.
unsafe fn frame<'a>(ctx: wslay_frame_context_ptr) -> Option<&'a FrameContext> {
    // SAFETY: as promised by the caller. Only shared references to a context are ever made.
    unsafe { ctx.cast::<FrameContext>().as_ref() }
}

/// Creates a frame context with a copy of callbacks, for one connection, and stores it in *ctx. The caller
/// frees it with wslay_frame_context_free.
///
/// Returns 0, WSLAY_ERR_INVALID_ARGUMENT when ctx or callbacks is NULL, or WSLAY_ERR_NOMEM; *ctx is then
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_frame_context_init(
    ctx: *mut wslay_frame_context_ptr,
    callbacks: *const wslay_frame_callbacks,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: NULL or valid, as promised by the caller.
    let (Some(ctx), Some(callbacks)) = (unsafe { ctx.as_mut() }, unsafe { callbacks.as_ref() }) else {
        return Error::InvalidArgument.code();
    };
    let made = alloc::new_value(FrameContext::new(*callbacks, user_data));
    *ctx = made.map_or(std::ptr::null_mut(), |made| made.as_ptr().cast());
    status(made.map(|_| ()).ok_or(Error::NoMemory))
}

/// Frees a frame context. NULL is accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_frame_context_free(ctx: wslay_frame_context_ptr) {
    if let Some(ctx) = NonNull::new(ctx.cast::<FrameContext>()) {
        // SAFETY: made by wslay_frame_context_init, and not used any more.
        unsafe { alloc::free_value(ctx) }
    }
}

/// Sends the part of a frame that iocb offers, through send_callback. The header is sent before the first
/// part; the payload of one frame may be given in several calls, and must add up to payload_length.
///
/// Returns the number of payload bytes taken, which may be fewer than offered and is 0 for an empty
/// payload: the caller advances data and calls again. Or WSLAY_ERR_WANT_WRITE when nothing was taken,
/// WSLAY_ERR_INVALID_ARGUMENT for a frame that cannot be (a control frame longer than 125 bytes, more data
/// than payload_length), or WSLAY_ERR_INVALID_CALLBACK when a callback is missing, fails to make a key,
/// claims more than it was offered, or sends on ctx itself. *iocb is never changed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn wslay_frame_send(
    ctx: wslay_frame_context_ptr,
    iocb: *mut wslay_frame_iocb,
) -> ssize_t {
    guard::callbacks("wslay_frame_send", || {
        // SAFETY: NULL or valid, as promised by the caller.
        let Some((ctx, (frame, payload))) = (unsafe { frame(ctx).zip(outgoing(iocb)) }) else {
            return length(Err(Error::InvalidArgument));
        };
        length(ctx.sender.send(&ctx.program, &frame, payload))
    })
}

/// As wslay_frame_send, but writes to the buflen bytes at buf instead of calling send_callback. A header is
/// begun only when it fits as a whole. *pwpayloadlen is set to the number of payload bytes written.
///
/// Returns the number of bytes written, header included, 0 when there is not enough room, or an error as
/// wslay_frame_send does.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn wslay_frame_write(
    ctx: wslay_frame_context_ptr,
    iocb: *mut wslay_frame_iocb,
    buf: *mut u8,
    buflen: usize,
    pwpayloadlen: *mut usize,
) -> ssize_t {
    guard::callbacks("wslay_frame_write", || {
        // SAFETY: NULL or valid, as promised by the caller.
        let parts = unsafe { frame(ctx).zip(outgoing(iocb)).zip(slice::borrow_mut(buf, buflen)) };
        // SAFETY: as above.
        let (Some(((ctx, (frame, payload)), buffer)), Some(taken)) =
            (parts, unsafe { pwpayloadlen.as_mut() })
        else {
            return length(Err(Error::InvalidArgument));
        };
        let written = ctx.sender.write(&ctx.program, &frame, payload, buffer);
        *taken = written.map_or(0, |(_, payload)| payload);
        length(written.map(|(written, _)| written))
    })
}

/// # Safety
/// `iocb` is NULL or valid, and what it points to stays so during the call.
unsafe fn outgoing(iocb: *const wslay_frame_iocb) -> Option<(OutgoingFrame, Payload)> {
    // SAFETY: as promised by the caller.
    let iocb = unsafe { iocb.as_ref() }?;
    if iocb.data.is_null() && iocb.data_length > 0 {
        return None;
    }
    let frame = OutgoingFrame {
        fin: iocb.fin & 1 != 0,
        rsv: iocb.rsv,
        opcode: iocb.opcode,
        masked: iocb.mask != 0,
        payload_length: iocb.payload_length,
    };
    // SAFETY: as promised by the caller.
    Some((frame, unsafe { Payload::new(iocb.data, iocb.data_length) }))
}

/// Receives the next piece of a frame, through recv_callback, and describes it in *iocb. A frame is complete
/// when its pieces add up to payload_length; a frame without payload gives one empty piece.
///
/// Returns the length of the piece in bytes, at most 4096. Or WSLAY_ERR_WANT_READ when input is missing
/// (recv_callback is called once for each part of a header, so there may be more to read),
/// WSLAY_ERR_PROTO, now and ever after, when what came is no sequence of frames, or
/// WSLAY_ERR_INVALID_CALLBACK when recv_callback is missing, claims more than it was offered, or receives on
/// ctx itself. *iocb is changed by a success only.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn wslay_frame_recv(
    ctx: wslay_frame_context_ptr,
    iocb: *mut wslay_frame_iocb,
) -> ssize_t {
    guard::callbacks("wslay_frame_recv", || {
        // SAFETY: NULL or valid, as promised by the caller.
        let Some(ctx) = unsafe { frame(ctx) }.filter(|_| !iocb.is_null()) else {
            return length(Err(Error::InvalidArgument));
        };
        length(ctx.piece().map(|piece| {
            // SAFETY: not NULL, so valid; only its named members are written.
            let iocb = unsafe { &mut *iocb };
            (iocb.fin, iocb.rsv, iocb.opcode) =
                (piece.header.fin.into(), piece.header.rsv, piece.header.opcode);
            (iocb.payload_length, iocb.mask) =
                (piece.header.payload_length, piece.header.mask.is_some().into());
            (iocb.data, iocb.data_length) = (piece.data, piece.length);
            piece.length
        }))
    })
}

/// # Safety
/// Pointers are NULL or valid.
unsafe fn event_init(
    role: Role,
    ctx: *mut wslay_event_context_ptr,
    callbacks: *const wslay_event_callbacks,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: NULL or valid, as promised by the caller.
    let (Some(ctx), Some(callbacks)) = (unsafe { ctx.as_mut() }, unsafe { callbacks.as_ref() }) else {
        return Error::InvalidArgument.code();
    };
    let made = Context::create(role, *callbacks, user_data);
    *ctx = made.map_or(std::ptr::null_mut(), |made| made.as_ptr().cast());
    status(made.map(|_| ()))
}

/// Creates the context of a server's end of one connection, with a copy of callbacks, and stores it in *ctx.
/// The opening handshake is the program's affair. The caller frees it with wslay_event_context_free.
///
/// Returns 0, WSLAY_ERR_INVALID_ARGUMENT when ctx or callbacks is NULL, or WSLAY_ERR_NOMEM; *ctx is then
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_context_server_init(
    ctx: *mut wslay_event_context_ptr,
    callbacks: *const wslay_event_callbacks,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: passed on.
    unsafe { event_init(Role::Server, ctx, callbacks, user_data) }
}

/// Creates the context of a client's end of one connection. Otherwise as wslay_event_context_server_init.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_context_client_init(
    ctx: *mut wslay_event_context_ptr,
    callbacks: *const wslay_event_callbacks,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: passed on.
    unsafe { event_init(Role::Client, ctx, callbacks, user_data) }
}

/// Frees a context with everything queued; nothing is sent and no callback is called. NULL is accepted.
///
/// From within a callback of the same context: no further callback is called, the memory goes when the
/// outermost call on the context has returned, and each call in progress returns
/// WSLAY_ERR_CALLBACK_FAILURE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_context_free(ctx: wslay_event_context_ptr) {
    if let Some(ctx) = NonNull::new(ctx.cast::<Context>()) {
        // SAFETY: live and not used any more, as promised by the caller.
        unsafe { call::free(ctx) }
    }
}

/// Allows reserved bits, as WSLAY_RSV1_BIT, in the messages received and queued. Only RSV1 can be allowed;
/// other bits in rsv are ignored. Text with RSV1 is not checked for UTF-8, because it is compressed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_config_set_allowed_rsv_bits(ctx: wslay_event_context_ptr, rsv: u8) {
    // SAFETY: as promised by the caller.
    if let Some(ctx) = unsafe { event(ctx) } {
        ctx.set_allowed_rsv_bits(rsv);
    }
}

/// With val other than 0, payload of data messages is not collected: it is only seen by
/// on_frame_recv_chunk_callback. A message under way keeps the mode it began with.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_config_set_no_buffering(ctx: wslay_event_context_ptr, val: c_int) {
    // SAFETY: as promised by the caller.
    if let Some(ctx) = unsafe { event(ctx) } {
        ctx.set_no_buffering(val != 0);
    }
}

/// Sets the longest message accepted, in bytes; 2147483647 unless set. A longer one is answered with close
/// code 1009. Without buffering the limit is one of each frame.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_config_set_max_recv_msg_length(ctx: wslay_event_context_ptr, val: u64) {
    // SAFETY: as promised by the caller.
    if let Some(ctx) = unsafe { event(ctx) } {
        ctx.set_max_recv_msg_length(val);
    }
}

/// Replaces the callbacks, from the next one called on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_config_set_callbacks(
    ctx: wslay_event_context_ptr,
    callbacks: *const wslay_event_callbacks,
) {
    // SAFETY: as promised by the caller.
    if let (Some(ctx), Some(callbacks)) = unsafe { (event(ctx), callbacks.as_ref()) } {
        ctx.set_callbacks(*callbacks);
    }
}

/// Receives and processes frames until there is no more input: calls recv_callback, the on_ callbacks, and
/// queues the answers to pings and close frames. Blocks only if recv_callback does.
///
/// Returns 0; also when the peer broke a rule and a close frame was queued, and when reading is disabled.
/// Or WSLAY_ERR_CALLBACK_FAILURE when a callback failed, the framing itself was broken, or the context was
/// freed by a callback; WSLAY_ERR_NOMEM; WSLAY_ERR_INVALID_ARGUMENT when ctx is NULL. Reading is disabled
/// after an error, and the connection should be closed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn wslay_event_recv(ctx: wslay_event_context_ptr) -> c_int {
    guard::callbacks("wslay_event_recv", || match NonNull::new(ctx.cast()) {
        // SAFETY: live, as promised by the caller.
        Some(ctx) => status(unsafe { call::run(ctx, Half::Receive, (), Context::receive) }),
        None => Error::InvalidArgument.code(),
    })
}

/// Sends queued messages through send_callback until none is left or no more is taken. Control messages go
/// first, also between the frames of a fragmented message. Blocks only if a callback does.
///
/// Returns 0, also when writing is disabled. Or WSLAY_ERR_CALLBACK_FAILURE when a callback failed or the
/// context was freed by one: writing is then disabled, and the connection should be closed;
/// WSLAY_ERR_INVALID_ARGUMENT when ctx is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn wslay_event_send(ctx: wslay_event_context_ptr) -> c_int {
    guard::callbacks("wslay_event_send", || match NonNull::new(ctx.cast()) {
        // SAFETY: live, as promised by the caller.
        Some(ctx) => status(unsafe { call::run(ctx, Half::Send, (), Context::send) }),
        None => Error::InvalidArgument.code(),
    })
}

/// As wslay_event_send, but writes to the buflen bytes at buf instead of calling send_callback; several
/// messages may go to one buffer. buflen should be at least 14, so that any header fits.
///
/// Returns the number of bytes written, which may be 0, or an error as wslay_event_send does.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn wslay_event_write(
    ctx: wslay_event_context_ptr,
    buf: *mut u8,
    buflen: usize,
) -> ssize_t {
    guard::callbacks("wslay_event_write", || {
        // SAFETY: as promised by the caller.
        let (Some(ctx), Some(buffer)) = (NonNull::new(ctx.cast()), unsafe { slice::borrow_mut(buf, buflen) })
        else {
            return length(Err(Error::InvalidArgument));
        };
        // SAFETY: live, as promised by the caller.
        length(unsafe { call::run(ctx, Half::Send, 0, |ctx: &Context| ctx.write(buffer)) })
    })
}

/// Tells why a callback made no progress: WSLAY_ERR_WOULDBLOCK for "not now", anything else for failure.
/// The value stays until it is set anew; it is 0 at first and before each on_msg_recv_callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_set_error(ctx: wslay_event_context_ptr, val: c_int) {
    // SAFETY: as promised by the caller.
    if let Some(ctx) = unsafe { event(ctx) } {
        ctx.set_error(val);
    }
}

/// Returns 1 when the context wants input, otherwise 0. The same as wslay_event_get_read_enabled.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_want_read(ctx: wslay_event_context_ptr) -> c_int {
    // SAFETY: as promised by the caller.
    unsafe { event(ctx) }.is_some_and(Context::wants_read).into()
}

/// Returns 1 when there is something to send and writing is enabled, otherwise 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_want_write(ctx: wslay_event_context_ptr) -> c_int {
    // SAFETY: as promised by the caller.
    unsafe { event(ctx) }.is_some_and(Context::wants_write).into()
}

/// Disables reading for good. Nothing is sent to the peer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_shutdown_read(ctx: wslay_event_context_ptr) {
    // SAFETY: as promised by the caller.
    if let Some(ctx) = unsafe { event(ctx) } {
        ctx.shutdown_read();
    }
}

/// Disables writing for good. Queued messages stay queued and are never sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_shutdown_write(ctx: wslay_event_context_ptr) {
    // SAFETY: as promised by the caller.
    if let Some(ctx) = unsafe { event(ctx) } {
        ctx.shutdown_write();
    }
}

/// Returns 1 while reading is enabled, otherwise 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_get_read_enabled(ctx: wslay_event_context_ptr) -> c_int {
    // SAFETY: as promised by the caller.
    unsafe { event(ctx) }.is_some_and(Context::wants_read).into()
}

/// Returns 1 while writing is enabled, otherwise 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_get_write_enabled(ctx: wslay_event_context_ptr) -> c_int {
    // SAFETY: as promised by the caller.
    unsafe { event(ctx) }.is_some_and(Context::write_enabled).into()
}

/// Returns 1 when a close frame has been received, otherwise 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_get_close_received(ctx: wslay_event_context_ptr) -> c_int {
    // SAFETY: as promised by the caller.
    unsafe { event(ctx) }.is_some_and(Context::close_received).into()
}

/// Returns 1 when a close frame has been sent, otherwise 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_get_close_sent(ctx: wslay_event_context_ptr) -> c_int {
    // SAFETY: as promised by the caller.
    unsafe { event(ctx) }.is_some_and(Context::close_sent).into()
}

/// Returns the status code of the close frame received: 1005 when it had none,
/// WSLAY_CODE_ABNORMAL_CLOSURE (1006) when there was no close frame.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_get_status_code_received(ctx: wslay_event_context_ptr) -> u16 {
    // SAFETY: as promised by the caller.
    unsafe { event(ctx) }.map_or(0, Context::status_code_received)
}

/// Returns the status code of the close frame sent, as wslay_event_get_status_code_received does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_get_status_code_sent(ctx: wslay_event_context_ptr) -> u16 {
    // SAFETY: as promised by the caller.
    unsafe { event(ctx) }.map_or(0, Context::status_code_sent)
}

/// Returns how many messages are queued or being sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_get_queued_msg_count(ctx: wslay_event_context_ptr) -> usize {
    // SAFETY: as promised by the caller.
    unsafe { event(ctx) }.map_or(0, Context::queued_count)
}

/// Returns the sum of the lengths in bytes of the messages that are queued or being sent, fragmented ones
/// left out. The queue has no limit of its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_get_queued_msg_length(ctx: wslay_event_context_ptr) -> usize {
    // SAFETY: as promised by the caller.
    unsafe { event(ctx) }.map_or(0, Context::queued_length)
}

/// Queues a message with a copy of its payload. Text is not checked. A close frame is better queued with
/// wslay_event_queue_close.
///
/// Returns 0, WSLAY_ERR_NO_MORE_MSG when writing is disabled or a close frame is queued,
/// WSLAY_ERR_INVALID_ARGUMENT for a control message longer than 125 bytes or a NULL pointer, or
/// WSLAY_ERR_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_queue_msg(
    ctx: wslay_event_context_ptr,
    arg: *const wslay_event_msg,
) -> c_int {
    // SAFETY: passed on.
    unsafe { wslay_event_queue_msg_ex(ctx, arg, 0) }
}

/// As wslay_event_queue_msg, with reserved bits in rsv. They have to be allowed with
/// wslay_event_config_set_allowed_rsv_bits, otherwise the result is WSLAY_ERR_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_queue_msg_ex(
    ctx: wslay_event_context_ptr,
    arg: *const wslay_event_msg,
    rsv: u8,
) -> c_int {
    guard::entry("wslay_event_queue_msg", Error::NoMemory.code(), || {
        // SAFETY: as promised by the caller.
        let Some((ctx, arg)) = (unsafe { event(ctx).zip(arg.as_ref()) }) else {
            return Error::InvalidArgument.code();
        };
        // SAFETY: as promised by the caller.
        let payload = unsafe { slice::borrow(arg.msg, arg.msg_length) };
        status(
            payload
                .ok_or(Error::InvalidArgument)
                .and_then(|payload| ctx.queue_message(arg.opcode, payload, rsv)),
        )
    })
}

/// Queues a message whose payload is read with arg->read_callback while it is sent, a frame of at most 4096
/// bytes at a time. What arg->source points to must stay valid until the message has been sent or the
/// context is freed.
///
/// Returns 0, WSLAY_ERR_NO_MORE_MSG when writing is disabled or a close frame is queued,
/// WSLAY_ERR_INVALID_ARGUMENT for a control opcode or a NULL pointer, or WSLAY_ERR_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_queue_fragmented_msg(
    ctx: wslay_event_context_ptr,
    arg: *const wslay_event_fragmented_msg,
) -> c_int {
    // SAFETY: passed on.
    unsafe { wslay_event_queue_fragmented_msg_ex(ctx, arg, 0) }
}

/// As wslay_event_queue_fragmented_msg, with reserved bits in rsv. RSV1 is set in the first frame only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_queue_fragmented_msg_ex(
    ctx: wslay_event_context_ptr,
    arg: *const wslay_event_fragmented_msg,
    rsv: u8,
) -> c_int {
    guard::entry("wslay_event_queue_fragmented_msg", Error::NoMemory.code(), || {
        // SAFETY: as promised by the caller.
        match unsafe { event(ctx).zip(arg.as_ref()) } {
            Some((ctx, arg)) => status(ctx.queue_fragmented(arg, rsv)),
            None => Error::InvalidArgument.code(),
        }
    })
}

/// Queues a close frame with status_code and the reason_length bytes of UTF-8 at reason, at most 123. With
/// status_code 0 the frame is empty. No message can be queued after it, and messages still queued are not
/// sent any more.
///
/// Returns 0, WSLAY_ERR_NO_MORE_MSG when writing is disabled or a close frame is queued,
/// WSLAY_ERR_INVALID_ARGUMENT for a reason that is too long or NULL, or WSLAY_ERR_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wslay_event_queue_close(
    ctx: wslay_event_context_ptr,
    status_code: u16,
    reason: *const u8,
    reason_length: usize,
) -> c_int {
    guard::entry("wslay_event_queue_close", Error::NoMemory.code(), || {
        // SAFETY: as promised by the caller.
        match unsafe { event(ctx).zip(slice::borrow(reason, reason_length)) } {
            Some((ctx, reason)) => status(ctx.queue_close(status_code, reason)),
            None => Error::InvalidArgument.code(),
        }
    })
}

/// Returns x with its bytes in reverse order. Not in the header; exported because the original did.
#[unsafe(no_mangle)]
pub extern "C" fn wslay_byteswap64(x: u64) -> u64 {
    x.swap_bytes()
}
