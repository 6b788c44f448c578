//! The types C programs share with the library. Layouts are asserted in `layout`; texts go to the
//! header.
#![allow(non_camel_case_types, reason = "C spells them so, and compiled programs know no other names")]

use libc::ssize_t;
use std::ffi::{c_int, c_void};

/// State of the frame API for one direction, or both, of one connection. Opaque.
pub struct wslay_frame_context {
    _opaque: [u8; 0],
}

/// Handle of the frame API. Used by one thread at a time.
pub type wslay_frame_context_ptr = *mut wslay_frame_context;

/// State of the event API for one end of one connection. Opaque.
pub struct wslay_event_context {
    _opaque: [u8; 0],
}

/// Handle of the event API. Used by one thread at a time.
pub type wslay_event_context_ptr = *mut wslay_event_context;

/// Sends up to `len` bytes at `data`.
///
/// `flags` is 0 or WSLAY_MSG_MORE, which says that more data follows at once.
///
/// Returns the number of bytes taken, at least 1, or -1 when none can be taken now.
pub type wslay_frame_send_callback = Option<
    unsafe extern "C-unwind" fn(data: *const u8, len: usize, flags: c_int, user_data: *mut c_void) -> ssize_t,
>;

/// Receives at most `len` bytes into `buf`. `flags` is always 0.
///
/// Returns the number of bytes stored, at least 1, or -1 when there are none now. More than `len` is
/// refused with WSLAY_ERR_INVALID_CALLBACK.
pub type wslay_frame_recv_callback = Option<
    unsafe extern "C-unwind" fn(buf: *mut u8, len: usize, flags: c_int, user_data: *mut c_void) -> ssize_t,
>;

/// Fills `buf` with `len` (always 4) bytes of a masking key, which a peer must not be able to predict
/// (RFC 6455, section 10.3).
///
/// Returns 0, or -1 on failure.
pub type wslay_frame_genmask_callback =
    Option<unsafe extern "C-unwind" fn(buf: *mut u8, len: usize, user_data: *mut c_void) -> c_int>;

/// Callbacks of the frame API. Copied by wslay_frame_context_init. A member may be NULL as long as no
/// call needs it; one that does then returns WSLAY_ERR_INVALID_CALLBACK.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wslay_frame_callbacks {
    /// Needed by wslay_frame_send.
    pub send_callback: wslay_frame_send_callback,
    /// Needed by wslay_frame_recv.
    pub recv_callback: wslay_frame_recv_callback,
    /// Needed to send masked frames.
    pub genmask_callback: wslay_frame_genmask_callback,
}

/// A frame, or a part of one, given to wslay_frame_send or filled in by wslay_frame_recv.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wslay_frame_iocb {
    /// 1 for the last frame of a message, 0 otherwise.
    pub fin: u8,
    /// Three reserved bits: RSV1 is 4, RSV2 is 2, RSV3 is 1.
    pub rsv: u8,
    /// 4 bits of opcode.
    pub opcode: u8,
    /// Length of the whole frame's payload in bytes, below 2^63.
    pub payload_length: u64,
    /// Not 0 for a masked frame.
    pub mask: u8,
    /// Part of the payload. After wslay_frame_recv it points into the context, is unmasked, and is valid
    /// until the next wslay_frame_recv or wslay_frame_context_free.
    pub data: *const u8,
    /// Length of that part in bytes.
    pub data_length: usize,
}

/// A complete message, as wslay_event_on_msg_recv_callback gets it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wslay_event_on_msg_recv_arg {
    /// Reserved bits of the message's first frame.
    pub rsv: u8,
    /// Opcode of the message's first frame.
    pub opcode: u8,
    /// The message, not terminated, valid during the callback. NULL when it is empty, or when it was not
    /// buffered (wslay_event_config_set_no_buffering).
    pub msg: *const u8,
    /// Length of msg in bytes. For a close frame that includes the 2 bytes of status code.
    pub msg_length: usize,
    /// Status code of a close frame, 0 if it has none and for every other message.
    pub status_code: u16,
}

/// Called for each complete message, control messages included. The answer to a ping or close is queued
/// already when it is called.
pub type wslay_event_on_msg_recv_callback = Option<
    unsafe extern "C-unwind" fn(
        ctx: wslay_event_context_ptr,
        arg: *const wslay_event_on_msg_recv_arg,
        user_data: *mut c_void,
    ),
>;

/// The start of a frame, as wslay_event_on_frame_recv_start_callback gets it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wslay_event_on_frame_recv_start_arg {
    /// 1 for the last frame of a message, 0 otherwise.
    pub fin: u8,
    /// Reserved bits.
    pub rsv: u8,
    /// The frame's own opcode: 0 for a continuation.
    pub opcode: u8,
    /// Length of the frame's payload in bytes.
    pub payload_length: u64,
}

/// Called once for each frame, when its header and, unless it is empty, its first payload bytes have
/// arrived.
pub type wslay_event_on_frame_recv_start_callback = Option<
    unsafe extern "C-unwind" fn(
        ctx: wslay_event_context_ptr,
        arg: *const wslay_event_on_frame_recv_start_arg,
        user_data: *mut c_void,
    ),
>;

/// A piece of payload, as wslay_event_on_frame_recv_chunk_callback gets it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wslay_event_on_frame_recv_chunk_arg {
    /// Unmasked bytes, valid during the callback.
    pub data: *const u8,
    /// How many there are. 0 for an empty frame.
    pub data_length: usize,
}

/// Called for each piece of payload as it arrives, at most 4096 bytes at a time. The text of a piece
/// is valid UTF-8 so far, but may end within a character.
pub type wslay_event_on_frame_recv_chunk_callback = Option<
    unsafe extern "C-unwind" fn(
        ctx: wslay_event_context_ptr,
        arg: *const wslay_event_on_frame_recv_chunk_arg,
        user_data: *mut c_void,
    ),
>;

/// Called when the last byte of a frame has been processed.
pub type wslay_event_on_frame_recv_end_callback =
    Option<unsafe extern "C-unwind" fn(ctx: wslay_event_context_ptr, user_data: *mut c_void)>;

/// Receives at most `len` bytes into `buf`. `flags` is always 0.
///
/// Returns the number of bytes stored. When there are none now: sets WSLAY_ERR_WOULDBLOCK with
/// wslay_event_set_error and returns -1. When there will be no more, or on failure: sets
/// WSLAY_ERR_CALLBACK_FAILURE and returns -1.
pub type wslay_event_recv_callback = Option<
    unsafe extern "C-unwind" fn(
        ctx: wslay_event_context_ptr,
        buf: *mut u8,
        len: usize,
        flags: c_int,
        user_data: *mut c_void,
    ) -> ssize_t,
>;

/// Sends up to `len` bytes at `data`. `flags` is 0 or WSLAY_MSG_MORE, which says that more data follows
/// at once.
///
/// Returns the number of bytes taken. When none can be taken now: sets WSLAY_ERR_WOULDBLOCK with
/// wslay_event_set_error and returns -1. On failure: sets WSLAY_ERR_CALLBACK_FAILURE and returns -1.
pub type wslay_event_send_callback = Option<
    unsafe extern "C-unwind" fn(
        ctx: wslay_event_context_ptr,
        data: *const u8,
        len: usize,
        flags: c_int,
        user_data: *mut c_void,
    ) -> ssize_t,
>;

/// Fills `buf` with `len` (always 4) bytes of a masking key, which a peer must not be able to predict.
/// Needed by clients that send.
///
/// Returns 0, or -1 on failure.
pub type wslay_event_genmask_callback = Option<
    unsafe extern "C-unwind" fn(
        ctx: wslay_event_context_ptr,
        buf: *mut u8,
        len: usize,
        user_data: *mut c_void,
    ) -> c_int,
>;

/// Callbacks of the event API. Copied when they are set. A member may be NULL: the on_ callbacks are
/// then skipped, and a call that needs another one fails with WSLAY_ERR_CALLBACK_FAILURE.
///
/// What a callback may do with the context: everything but wslay_event_recv from within it and
/// wslay_event_send or wslay_event_write from within them, which return 0 and do nothing.
/// wslay_event_context_free takes effect when the outermost call returns, which it does with
/// WSLAY_ERR_CALLBACK_FAILURE. C++ exceptions and longjmp may leave a callback.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wslay_event_callbacks {
    /// Needed by wslay_event_recv.
    pub recv_callback: wslay_event_recv_callback,
    /// Needed by wslay_event_send.
    pub send_callback: wslay_event_send_callback,
    /// Needed by clients to send.
    pub genmask_callback: wslay_event_genmask_callback,
    /// Optional.
    pub on_frame_recv_start_callback: wslay_event_on_frame_recv_start_callback,
    /// Optional.
    pub on_frame_recv_chunk_callback: wslay_event_on_frame_recv_chunk_callback,
    /// Optional.
    pub on_frame_recv_end_callback: wslay_event_on_frame_recv_end_callback,
    /// Optional.
    pub on_msg_recv_callback: wslay_event_on_msg_recv_callback,
}

/// A message to send, as wslay_event_queue_msg takes it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wslay_event_msg {
    /// Opcode of the message.
    pub opcode: u8,
    /// The payload, copied by the call. May be NULL when msg_length is 0.
    pub msg: *const u8,
    /// Length of the payload in bytes.
    pub msg_length: usize,
}

/// What a fragmented message is read from: the program's own, handed to the read callback.
#[repr(C)]
#[derive(Clone, Copy)]
pub union wslay_event_msg_source {
    /// A descriptor.
    pub fd: c_int,
    /// A pointer.
    pub data: *mut c_void,
}

/// Reads at most `len` bytes of a fragmented message into `buf`.
///
/// `source` points to the library's copy of what was queued, until the message is finished.
///
/// Returns the number of bytes stored, and sets `*eof` to 1 with the last of them or after them. 0
/// without eof means none now. On failure: sets WSLAY_ERR_CALLBACK_FAILURE with wslay_event_set_error and
/// returns -1.
pub type wslay_event_fragmented_msg_callback = Option<
    unsafe extern "C-unwind" fn(
        ctx: wslay_event_context_ptr,
        buf: *mut u8,
        len: usize,
        source: *const wslay_event_msg_source,
        eof: *mut c_int,
        user_data: *mut c_void,
    ) -> ssize_t,
>;

/// A message whose length is not known yet, as wslay_event_queue_fragmented_msg takes it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wslay_event_fragmented_msg {
    /// Opcode of the message; control messages cannot be fragmented.
    pub opcode: u8,
    /// Copied by the call; what it points to stays the program's.
    pub source: wslay_event_msg_source,
    /// Called from wslay_event_send and wslay_event_write for the next piece.
    pub read_callback: wslay_event_fragmented_msg_callback,
}
