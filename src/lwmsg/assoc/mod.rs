//! Associations: two ends that send each other messages, one thread at each. A connection is one, and so is a file
//! of messages.

mod call;
mod connection;
mod state;

pub use call::AssocCall;
pub use connection::Connection;
pub(super) use connection::{connect_status, duration};

use super::context::Context;
use super::error::{Result, Status};
use super::payload::Codec;
use super::protocol::Protocol;
use super::session::Session;
use super::types::*;
use std::ffi::{c_char, c_void};
use std::fmt;
use std::ptr::NonNull;
use std::sync::Arc;

/// What the kinds of associations do differently.
pub trait Association {
    /// Sends a message, which stays the caller's. PENDING when it takes longer; it has to stay then.
    ///
    /// # Safety
    /// The message is live, and its data is what the protocol says for its tag.
    unsafe fn send(&self, message: *mut LWMsgMessage) -> Result<()>;
    /// Receives a message, whose data is the caller's then. PENDING when it takes longer; it has to stay then.
    ///
    /// # Safety
    /// The message is live.
    unsafe fn receive(&self, message: *mut LWMsgMessage) -> Result<()>;
    /// Goes on with what is pending; gives the message that is complete, or NULL.
    ///
    /// # Safety
    /// Messages that are pending are live.
    unsafe fn finish(&self) -> Result<*mut LWMsgMessage> {
        Err(Status::UNSUPPORTED)
    }
    /// Ends it, and says so to the other end.
    fn close(&self) -> Result<()>;
    /// Ends it, and allows another beginning.
    fn reset(&self) -> Result<()> {
        Err(Status::UNSUPPORTED)
    }
    /// Begins, as the end that connects.
    fn connect(&self, session: Option<Arc<Session>>) -> Result<()>;
    /// Begins, as the end that was connected to.
    fn accept(&self, _session: Option<Arc<Session>>) -> Result<()> {
        Err(Status::UNSUPPORTED)
    }
    /// Its state, of [`assoc_state`].
    fn state(&self) -> LWMsgAssocState;
    /// Its session.
    fn session(&self) -> Result<Arc<Session>> {
        Err(Status::UNSUPPORTED)
    }
    /// Whether operations give PENDING instead of waiting.
    fn set_nonblock(&self, _nonblock: bool) -> Result<()> {
        Err(Status::UNSUPPORTED)
    }
    /// Limits a wait; `None` for no limit.
    fn set_timeout(&self, _which: LWMsgTimeout, _value: Option<LWMsgTime>) -> Result<()> {
        Err(Status::UNSUPPORTED)
    }
    /// It as a connection, for functions that are about connections only.
    fn as_connection(&self) -> Option<&Connection> {
        None
    }
}

/// What `LWMsgAssoc` points to. One thread uses it at a time.
pub struct Assoc {
    protocol: *mut LWMsgProtocol,
    context: Context,
    /// Its own, in a box. An archive is reached by this pointer as well, which a box that is moved would forbid.
    backend: NonNull<dyn Association>,
    call: AssocCall,
}

impl Drop for Assoc {
    fn drop(&mut self) {
        // SAFETY: the box that `create` was given, and nobody uses what is in it any more.
        drop(unsafe { Box::from_raw(self.backend.as_ptr()) });
    }
}

impl fmt::Debug for Assoc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assoc").field("protocol", &self.protocol).finish_non_exhaustive()
    }
}

impl Assoc {
    /// An association of that kind, to be released with [`Self::delete`].
    ///
    /// # Safety
    /// The protocol and the context outlive it. The backend was a box, which is the association's from now on.
    pub unsafe fn create(
        protocol: *mut LWMsgProtocol,
        context: Context,
        backend: NonNull<dyn Association>,
    ) -> *mut Self {
        let assoc = Box::into_raw(Box::new(Self { protocol, context, backend, call: AssocCall::default() }));
        // SAFETY: made just now; from here on it is reached by this pointer only, and never moves.
        unsafe { (*assoc).call.set_association(assoc) };
        assoc
    }

    /// Releases it.
    ///
    /// # Safety
    /// It came from [`Self::create`], and is not used again.
    pub unsafe fn delete(assoc: *mut Self) {
        // SAFETY: as promised by the caller.
        drop(unsafe { Box::from_raw(assoc) });
    }

    /// # Safety
    /// The pointer is NULL or a live association.
    pub unsafe fn from_ptr<'a>(assoc: *const LWMsgAssoc) -> Result<&'a Self> {
        // SAFETY: as promised by the caller.
        unsafe { assoc.cast::<Self>().as_ref() }.ok_or(Status::INVALID_PARAMETER)
    }

    /// The protocol it was made with.
    pub fn protocol_ptr(&self) -> *mut LWMsgProtocol {
        self.protocol
    }

    /// What does the work.
    pub fn backend(&self) -> &dyn Association {
        // SAFETY: its own; only shared references are ever made.
        unsafe { self.backend.as_ref() }
    }

    /// Its one call.
    pub fn call(&self) -> &AssocCall {
        &self.call
    }

    fn codec<'a>(&self, session: Option<&'a Session>) -> Result<Codec<'a>> {
        // SAFETY: the protocol outlives the association, as whoever made it promised.
        let protocol = unsafe { Protocol::from_ptr(self.protocol) }.ok_or(Status::INVALID_PARAMETER)?;
        Ok(Codec { protocol, context: self.context, session })
    }

    /// Frees the payload of a message, and resets it. NOT_FOUND for a tag that the protocol does not have.
    ///
    /// # Safety
    /// The message came from here, or has such a payload in memory of the context.
    pub unsafe fn destroy_message(&self, message: &mut LWMsgMessage) -> Result<()> {
        // SAFETY: as promised by the caller.
        unsafe { self.destroy(message.tag, message.data)? }
        (message.tag, message.data) = (LWMSG_TAG_INVALID, std::ptr::null_mut());
        Ok(())
    }

    /// Frees a payload.
    ///
    /// # Safety
    /// As [`Self::destroy_message`].
    pub unsafe fn destroy(&self, tag: LWMsgTag, data: *mut c_void) -> Result<()> {
        let session = self.backend().session().ok();
        // SAFETY: as promised by the caller.
        unsafe { self.codec(session.as_deref())?.destroy(tag, data) }
    }

    /// A message as text in memory of the context.
    ///
    /// # Safety
    /// The message's data is what the protocol says for its tag.
    pub unsafe fn print(&self, message: &LWMsgMessage) -> Result<*mut c_char> {
        let session = self.backend().session().ok();
        let mut text = Vec::new();
        // SAFETY: as promised by the caller.
        unsafe { self.codec(session.as_deref())?.print(message.tag, message.data, &mut text)? };
        self.context.copy_text(&text)
    }

    /// The association's call: one at a time. Connects first when that was not done.
    pub fn acquire_call(&self) -> Result<*mut LWMsgCall> {
        if self.call.is_in_use() {
            return Err(Status::BUSY);
        }
        match self.backend().state() {
            assoc_state::IDLE => {}
            assoc_state::NOT_ESTABLISHED => self.backend().connect(None)?,
            _ => return Err(Status::INVALID_STATE),
        }
        Ok(self.call.acquire())
    }
}
