//! The call of an association: a message sent, a message received.

use super::Assoc;
use crate::lwmsg::call::Head;
use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::session::Session;
use crate::lwmsg::types::*;
use std::cell::Cell;
use std::ptr;
use std::sync::Arc;

/// What `LWMsgCall` points to, when it is an association's.
#[derive(Debug)]
#[repr(C)]
pub struct AssocCall {
    head: Head,
    association: Cell<*const Assoc>,
    in_use: Cell<bool>,
}

impl Default for AssocCall {
    fn default() -> Self {
        Self { head: Head::of_association(), association: Cell::new(ptr::null()), in_use: Cell::new(false) }
    }
}

impl AssocCall {
    pub(super) fn set_association(&self, association: *const Assoc) {
        self.association.set(association);
    }

    /// Whether it was acquired and not released.
    pub fn is_in_use(&self) -> bool {
        self.in_use.get()
    }

    pub(super) fn acquire(&self) -> *mut LWMsgCall {
        self.in_use.set(true);
        (&raw const *self).cast_mut().cast()
    }

    /// Nobody uses it any more.
    pub fn release(&self) {
        self.in_use.set(false);
    }

    fn association(&self) -> &Assoc {
        // SAFETY: the call is a part of the association, which set this when it was made and does not move.
        unsafe { &*self.association.get() }
    }

    /// The session of the association.
    pub fn session(&self) -> Result<Arc<Session>> {
        self.association().backend().session()
    }

    /// Sends the input and receives the output, and waits for both. When the other end has closed or reset the
    /// association, that is repeated once on a new one. A status in the reply is returned, and the output is not
    /// written then.
    ///
    /// # Safety
    /// Input and output are live, and the input's data is what the protocol says.
    pub unsafe fn dispatch(&self, input: &LWMsgParams, output: *mut LWMsgParams) -> Result<()> {
        // SAFETY: as promised by the caller.
        let exchange = || unsafe { self.exchange_or_again(input) };
        let response = match self.association().backend().as_connection() {
            Some(connection) => connection.waiting(exchange)?,
            None => exchange()?,
        };
        let status = Status(response.status).result();
        // SAFETY: a place for the output.
        unsafe {
            match status {
                Ok(()) => output.write(LWMsgParams { tag: response.tag, data: response.data }),
                // Nobody will ever see this payload.
                Err(_) => {
                    let _ = self.association().destroy(response.tag, response.data);
                }
            }
        }
        status
    }

    /// # Safety
    /// As [`Self::dispatch`].
    unsafe fn exchange_or_again(&self, input: &LWMsgParams) -> Result<LWMsgMessage> {
        // SAFETY: as promised by the caller.
        match unsafe { self.exchange(input) } {
            Err(Status::PEER_CLOSE | Status::PEER_RESET) => {}
            result => return result,
        }
        let backend = self.association().backend();
        let session = backend.session().ok();
        backend.reset()?;
        backend.connect(session)?;
        // SAFETY: as above.
        unsafe { self.exchange(input) }
    }

    /// # Safety
    /// As [`Self::dispatch`].
    unsafe fn exchange(&self, input: &LWMsgParams) -> Result<LWMsgMessage> {
        let mut message =
            LWMsgMessage { flags: 0, status: 0, cookie: 0, tag: input.tag, data: input.data, reserved1: 0 };
        let backend = self.association().backend();
        // SAFETY: the message is a local that outlives the call: the association waits, and leaves nothing pending.
        unsafe {
            backend.send(&raw mut message)?;
            (message.tag, message.data) = (LWMSG_TAG_INVALID, ptr::null_mut());
            backend.receive(&raw mut message)?;
        }
        Ok(message)
    }

    /// Frees an output.
    ///
    /// # Safety
    /// The parameters came from here.
    pub unsafe fn destroy_params(&self, params: &mut LWMsgParams) -> Result<()> {
        // SAFETY: as promised by the caller.
        unsafe { self.association().destroy(params.tag, params.data)? }
        (params.tag, params.data) = (LWMSG_TAG_INVALID, ptr::null_mut());
        Ok(())
    }
}
