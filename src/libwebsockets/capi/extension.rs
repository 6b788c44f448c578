//! The built-in extensions, through the hooks like any other.

use crate::ffi::{alloc, guard, slice};
use crate::libwebsockets::connection::Connection;
use crate::libwebsockets::context::Context;
use crate::libwebsockets::extension::{
    DeflateFrame, DeflateStream, Hook, POST_PADDING, PRE_PADDING, Received,
};
use crate::libwebsockets::types::{
    libwebsocket, libwebsocket_context, libwebsocket_extension, libwebsocket_extension_callback_reasons,
    lws_tokens,
};
use crate::libwebsockets::{Error, log};
use crate::websocket::deflate::Effort;
use crate::websocket::frame;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::{self, NonNull};

unsafe extern "C" {
    /// In `data.c`: programs may have a copy of it.
    static mut libwebsocket_internal_extensions: [libwebsocket_extension; 3];
}

/// Returns the built-in extensions, for `lws_context_creation_info.extensions`: two names of deflate-frame, and the end
/// of the table. A context that has one of them speaks permessage-deflate as well. The table is the library's, and may be
/// changed by the program before it makes a context.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub extern "C" fn libwebsocket_get_internal_extensions() -> *mut libwebsocket_extension {
    (&raw mut libwebsocket_internal_extensions).cast()
}

/// Returns the memory that `ext` has for `wsi`; NULL when it is not active there.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_extension_user_matching_ext(
    wsi: *mut libwebsocket,
    ext: *mut libwebsocket_extension,
) -> *mut c_void {
    guard::entry("lws_get_extension_user_matching_ext", ptr::null_mut(), || {
        // SAFETY: as promised by the caller.
        unsafe { Connection::from_handle(wsi) }
            .map_or(ptr::null_mut(), |connection| connection.extension_block(ext))
    })
}

/// Whether an entry of a program's table is the built-in compression of frames, under whatever name.
pub(in crate::libwebsockets) fn is_builtin(extension: *mut libwebsocket_extension) -> bool {
    // SAFETY: an entry of a program's table, which outlives its contexts.
    let callback = unsafe { (*extension).callback };
    callback.is_some_and(|callback| {
        callback as usize == lws_extension_callback_deflate_frame as *const () as usize
    })
}

/// The callback of deflate-frame. Programs name it in tables of their own.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_extension_callback_deflate_frame(
    context: *mut libwebsocket_context,
    _ext: *mut libwebsocket_extension,
    wsi: *mut libwebsocket,
    reason: libwebsocket_extension_callback_reasons,
    user: *mut c_void,
    r#in: *mut c_void,
    _len: usize,
) -> c_int {
    guard::entry("lws_extension_callback_deflate_frame", -1, || {
        let Some(hook) = Hook::from_number(reason) else { return 0 };
        // SAFETY: as promised by the caller.
        let outcome = unsafe {
            match hook {
                Hook::Construct | Hook::ClientConstruct => {
                    construct(user, DeflateFrame::new(effort(context)))
                }
                Hook::Destroy => destroy::<DeflateFrame>(user),
                Hook::CheckOkToProposeExtension => {
                    // Two names for one thing: a client says the later.
                    return c_int::from(CStr::from_ptr(r#in.cast()) == c"x-webkit-deflate-frame");
                }
                Hook::PayloadRx => receive_frame(wsi, user, r#in),
                Hook::PayloadTx => send_frame(user, r#in),
                Hook::PacketTxPresend => mark_frame(user, r#in),
                _ => return 0,
            }
        };
        result("deflate-frame", outcome)
    })
}

/// The callback of deflate-stream, which is not in the built-in table.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_extension_callback_deflate_stream(
    _context: *mut libwebsocket_context,
    _ext: *mut libwebsocket_extension,
    _wsi: *mut libwebsocket,
    reason: libwebsocket_extension_callback_reasons,
    user: *mut c_void,
    r#in: *mut c_void,
    _len: usize,
) -> c_int {
    guard::entry("lws_extension_callback_deflate_stream", -1, || {
        let Some(hook) = Hook::from_number(reason) else { return 0 };
        // SAFETY: as promised by the caller.
        let outcome = unsafe {
            match hook {
                Hook::Construct | Hook::ClientConstruct => construct(user, DeflateStream::new()),
                Hook::Destroy => destroy::<DeflateStream>(user),
                Hook::PacketRxPreparse => receive_stream(user, r#in),
                Hook::PacketTxPresend => send_stream(user, r#in),
                _ => return 0,
            }
        };
        result("deflate-stream", outcome)
    })
}

fn result(name: &str, outcome: Result<c_int, Error>) -> c_int {
    outcome.unwrap_or_else(|error| {
        log::warn(format_args!("{name}: {error}\n"));
        -1
    })
}

/// Servers have many connections, clients few.
unsafe fn effort(context: *mut libwebsocket_context) -> Effort {
    // SAFETY: NULL or a context that lives, as the caller promises.
    match unsafe { Context::from_handle(context) } {
        Some(context) if !context.is_listening() => Effort::Balanced,
        _ => Effort::Fast,
    }
}

/// Puts a state into the connection's block, which holds a pointer to it.
unsafe fn construct<T>(block: *mut c_void, state: T) -> Result<c_int, Error> {
    let block = NonNull::new(block.cast::<*mut T>()).ok_or(Error::InvalidArgument)?;
    let state = alloc::new_value(state).ok_or(Error::NoMemory)?;
    // SAFETY: blocks are zeroed memory from malloc, large enough for a pointer.
    unsafe { block.write(state.as_ptr()) };
    Ok(0)
}

/// Takes the state out of the block; there is none when it could not be made.
unsafe fn destroy<T>(block: *mut c_void) -> Result<c_int, Error> {
    // SAFETY: NULL, or a block that `construct` was given, as the caller promises.
    let Some(slot) = (unsafe { block.cast::<*mut T>().as_mut() }) else { return Ok(0) };
    if let Some(state) = NonNull::new(std::mem::replace(slot, ptr::null_mut())) {
        // SAFETY: made by `construct`, and forgotten by its block.
        unsafe { alloc::free_value(state) };
    }
    Ok(0)
}

/// The state and the tokens of a hook. Hooks of these extensions call nobody, so the references are the only ones.
unsafe fn parts<'a, T>(
    block: *mut c_void,
    tokens: *mut c_void,
) -> Result<(&'a mut T, &'a mut lws_tokens), Error> {
    // SAFETY: a block as for `destroy`, and tokens, as the caller promises.
    let (slot, tokens) = unsafe { (block.cast::<*mut T>().as_ref(), tokens.cast::<lws_tokens>().as_mut()) };
    // SAFETY: a block's pointer is NULL or leads to a live state.
    let state = slot.and_then(|slot| unsafe { slot.as_mut() });
    state.zip(tokens).ok_or(Error::InvalidArgument)
}

impl lws_tokens {
    /// The bytes.
    unsafe fn bytes<'a>(&self) -> &'a [u8] {
        let length = usize::try_from(self.token_len).unwrap_or_default();
        // SAFETY: tokens are readable, as the caller promises.
        unsafe { slice::borrow(self.token.cast(), length) }.unwrap_or_default()
    }

    fn set(&mut self, bytes: &mut [u8]) -> Result<c_int, Error> {
        self.token_len = c_int::try_from(bytes.len()).map_err(|_| Error::Limit("2 GiB for a frame"))?;
        self.token = bytes.as_mut_ptr().cast::<c_char>();
        Ok(0)
    }

    /// Sets the middle of bytes that have paddings.
    fn set_padded(&mut self, bytes: &mut [u8]) -> Result<c_int, Error> {
        let end = bytes.len() - POST_PADDING;
        self.set(&mut bytes[PRE_PADDING..end])
    }
}

unsafe fn receive_frame(
    wsi: *mut libwebsocket,
    block: *mut c_void,
    tokens: *mut c_void,
) -> Result<c_int, Error> {
    // SAFETY: as promised by the caller.
    let (state, tokens) = unsafe { parts::<DeflateFrame>(block, tokens) }?;
    // SAFETY: the connection that the hook is called for.
    let connection = unsafe { Connection::from_handle(wsi) }.ok_or(Error::InvalidArgument)?;
    let compressed = connection.frame().rsv & frame::RSV1 != 0;
    let remaining = usize::try_from(connection.frame().remaining).unwrap_or(usize::MAX);
    // SAFETY: received payload, which nobody else uses meanwhile.
    match state.receive(unsafe { tokens.bytes() }, compressed, remaining)? {
        Received::Unchanged => Ok(0),
        Received::Kept => tokens.set(&mut []),
        Received::Payload(payload) => tokens.set_padded(payload),
    }
}

unsafe fn send_frame(block: *mut c_void, tokens: *mut c_void) -> Result<c_int, Error> {
    // SAFETY: as promised by the caller.
    let (state, tokens) = unsafe { parts::<DeflateFrame>(block, tokens) }?;
    // SAFETY: payload that is to be sent.
    tokens.set_padded(state.send(unsafe { tokens.bytes() })?)
}

unsafe fn mark_frame(block: *mut c_void, tokens: *mut c_void) -> Result<c_int, Error> {
    // SAFETY: as promised by the caller.
    let (state, tokens) = unsafe { parts::<DeflateFrame>(block, tokens) }?;
    if tokens.token_len > 0 && state.take_sending_compressed() {
        // SAFETY: the first byte of a frame, which is the library's to change.
        unsafe { *tokens.token.cast::<u8>() |= frame::RSV1 << 4 };
    }
    Ok(0)
}

unsafe fn receive_stream(block: *mut c_void, tokens: *mut c_void) -> Result<c_int, Error> {
    // SAFETY: as promised by the caller.
    let (state, tokens) = unsafe { parts::<DeflateStream>(block, tokens) }?;
    // SAFETY: bytes that were read.
    let (bytes, more) = state.receive(unsafe { tokens.bytes() })?;
    tokens.set(bytes)?;
    Ok(c_int::from(more))
}

unsafe fn send_stream(block: *mut c_void, tokens: *mut c_void) -> Result<c_int, Error> {
    // SAFETY: as promised by the caller.
    let (state, tokens) = unsafe { parts::<DeflateStream>(block, tokens) }?;
    if tokens.token_len <= 0 {
        return tokens.set(&mut []);
    }
    // SAFETY: a frame that is to be sent.
    tokens.set(state.send(unsafe { tokens.bytes() })?)
}
