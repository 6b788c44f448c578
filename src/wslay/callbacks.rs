//! The one place where the room calls the program.
//!
//! Each method runs one user callback. A callback may re-enter the library, free the context, throw
//! or `longjmp`: callers hold no borrow and re-read every field afterwards.

use super::error::Error;
use super::event::Context;
use super::types::{
    wslay_event_fragmented_msg_callback, wslay_event_msg_source, wslay_event_on_frame_recv_chunk_arg,
    wslay_event_on_frame_recv_start_arg, wslay_event_on_msg_recv_arg, wslay_frame_callbacks,
};
use crate::trace::{self, Direction};
use crate::websocket;
use crate::websocket::frame::Header;
use std::ffi::{c_int, c_void};

/// Where frames come from and go to.
pub(super) trait Transport {
    /// A callback may call again what is calling it: nobody above refuses that.
    const REENTRANT: bool;

    /// Lets the program store up to `length` bytes at `buffer`.
    fn receive(&self, buffer: *mut u8, length: usize) -> Result<isize, Error>;

    /// Lets the program take up to `length` bytes at `data`.
    fn send(&self, data: *const u8, length: usize, flags: c_int) -> Result<isize, Error>;

    /// Lets the program write a masking key to the 4 bytes at `key`.
    fn generate_mask(&self, key: *mut u8) -> Result<(), Error>;

    /// The connection in the trace.
    fn traced(&self) -> &trace::Connection;

    /// Tells the trace of a frame.
    fn tell(&self, direction: Direction, header: &Header, beginning: &[u8]) {
        websocket::trace::frame("wslay", self.traced(), direction, header, beginning);
    }
}

/// The program behind the frame API.
pub(super) struct FrameProgram {
    pub callbacks: wslay_frame_callbacks,
    pub user_data: *mut c_void,
    pub traced: trace::Connection,
}

impl Transport for FrameProgram {
    const REENTRANT: bool = true;

    #[inline]
    fn receive(&self, buffer: *mut u8, length: usize) -> Result<isize, Error> {
        let callback = self.callbacks.recv_callback.ok_or(Error::InvalidCallback)?;
        // SAFETY: the program's function, called with the arguments its type promises.
        Ok(unsafe { callback(buffer, length, 0, self.user_data) })
    }

    #[inline]
    fn send(&self, data: *const u8, length: usize, flags: c_int) -> Result<isize, Error> {
        let callback = self.callbacks.send_callback.ok_or(Error::InvalidCallback)?;
        // SAFETY: as above.
        Ok(unsafe { callback(data, length, flags, self.user_data) })
    }

    #[inline]
    fn generate_mask(&self, key: *mut u8) -> Result<(), Error> {
        let callback = self.callbacks.genmask_callback.ok_or(Error::InvalidCallback)?;
        // SAFETY: as above; `key` has 4 bytes.
        match unsafe { callback(key, 4, self.user_data) } {
            0 => Ok(()),
            _ => Err(Error::InvalidCallback),
        }
    }

    fn traced(&self) -> &trace::Connection {
        &self.traced
    }
}

/// The program behind the event API. Its table may change at any callback, so each call reads it anew.
impl Transport for Context {
    const REENTRANT: bool = false;

    #[inline]
    fn receive(&self, buffer: *mut u8, length: usize) -> Result<isize, Error> {
        let callback = self.callbacks.get().recv_callback.ok_or(Error::InvalidCallback)?;
        // SAFETY: the program's function, called with the arguments its type promises.
        Ok(unsafe { callback(self.handle(), buffer, length, 0, self.user_data) })
    }

    #[inline]
    fn send(&self, data: *const u8, length: usize, flags: c_int) -> Result<isize, Error> {
        let callback = self.callbacks.get().send_callback.ok_or(Error::InvalidCallback)?;
        // SAFETY: as above.
        Ok(unsafe { callback(self.handle(), data, length, flags, self.user_data) })
    }

    #[inline]
    fn generate_mask(&self, key: *mut u8) -> Result<(), Error> {
        let callback = self.callbacks.get().genmask_callback.ok_or(Error::InvalidCallback)?;
        // SAFETY: as above; `key` has 4 bytes.
        match unsafe { callback(self.handle(), key, 4, self.user_data) } {
            0 => Ok(()),
            _ => Err(Error::InvalidCallback),
        }
    }

    fn traced(&self) -> &trace::Connection {
        &self.traced
    }
}

impl Context {
    #[inline]
    pub(super) fn on_frame_start(&self, header: &Header) {
        if let Some(callback) = self.callbacks.get().on_frame_recv_start_callback {
            let arg = wslay_event_on_frame_recv_start_arg {
                fin: header.fin.into(),
                rsv: header.rsv,
                opcode: header.opcode,
                payload_length: header.payload_length,
            };
            // SAFETY: the program's function; `arg` lives until it returns.
            unsafe { callback(self.handle(), &arg, self.user_data) }
        }
    }

    #[inline]
    pub(super) fn on_frame_chunk(&self, data: *const u8, data_length: usize) {
        if let Some(callback) = self.callbacks.get().on_frame_recv_chunk_callback {
            let arg = wslay_event_on_frame_recv_chunk_arg { data, data_length };
            // SAFETY: as above; the caller keeps `data` where it is.
            unsafe { callback(self.handle(), &arg, self.user_data) }
        }
    }

    #[inline]
    pub(super) fn on_frame_end(&self) {
        if let Some(callback) = self.callbacks.get().on_frame_recv_end_callback {
            // SAFETY: as above.
            unsafe { callback(self.handle(), self.user_data) }
        }
    }

    #[inline]
    pub(super) fn on_message(&self, arg: &wslay_event_on_msg_recv_arg) {
        if let Some(callback) = self.callbacks.get().on_msg_recv_callback {
            // SAFETY: as above; the caller keeps the message where it is.
            unsafe { callback(self.handle(), arg, self.user_data) }
        }
    }

    /// Asks the source of a fragmented message for up to `length` bytes at `buffer`; true with the end.
    #[inline]
    pub(super) fn read_fragment(
        &self,
        read: wslay_event_fragmented_msg_callback,
        source: *const wslay_event_msg_source,
        buffer: *mut u8,
        length: usize,
    ) -> Result<(isize, bool), Error> {
        let callback = read.ok_or(Error::InvalidCallback)?;
        let mut eof = 0;
        // SAFETY: as above; `buffer` has `length` bytes and `source` stays until the message is done.
        let read = unsafe { callback(self.handle(), buffer, length, source, &mut eof, self.user_data) };
        Ok((read, eof != 0))
    }
}
