//! What carries data lends to it: handles and descriptors mean something only on a connection.

use crate::lwmsg::error::Result;
use crate::lwmsg::types::{LWMsgHandle, LWMsgHandleType};
use std::ffi::{CStr, c_int};

/// A handle as it crosses the wire.
#[derive(Clone, Copy, Debug)]
pub struct WireHandle<'a> {
    /// The type it was registered with.
    pub type_name: &'a CStr,
    /// Where it was registered, seen from this side: [`crate::lwmsg::types::handle_location`].
    pub location: LWMsgHandleType,
    /// Its number.
    pub id: u32,
}

/// An association, seen from the data it carries. Methods may call the program (a cleanup, a log).
pub trait Transport {
    /// The handle at an address that the program passed. INVALID_HANDLE when it is none, or not valid any more.
    fn handle_to_wire(&self, handle: *mut LWMsgHandle) -> Result<WireHandle<'_>>;

    /// The handle for a number that arrived, with one more reference; `location` is as seen from this side.
    /// A remote one is made when it is seen for the first time; a local one has to exist and to have the type, or
    /// the result is INVALID_HANDLE.
    fn handle_from_wire(
        &self,
        type_name: &CStr,
        location: LWMsgHandleType,
        id: u32,
    ) -> Result<*mut LWMsgHandle>;

    /// Drops a reference that [`Self::handle_from_wire`] gave, or the program added for a message.
    fn release_handle(&self, handle: *mut LWMsgHandle);

    /// Queues a duplicate of a descriptor to travel with the bytes being written. MALFORMED beyond the limit.
    fn put_fd(&self, fd: c_int) -> Result<()>;

    /// The next descriptor that arrived. MALFORMED when there is none.
    fn take_fd(&self) -> Result<c_int>;
}
