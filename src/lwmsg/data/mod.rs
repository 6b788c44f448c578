//! Data: objects in memory, described by tables, to bytes and back.

mod transport;

pub use transport::{Transport, WireHandle};

use super::context::Context;
use super::error::{Result, Status};
use super::types::*;
use std::cell::Cell;
use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::Arc;

/// A compiled table.
#[derive(Debug)]
pub struct Program {}

/// The program of a table: from the cache, or compiled.
///
/// # Safety
/// `spec` is a complete table, as the macros of `type.h` make them, and so are those it refers to.
pub unsafe fn program_for(_spec: *const LWMsgTypeSpec) -> Result<Arc<Program>> {
    Err(Status::UNIMPLEMENTED)
}

/// What `LWMsgDataContext` points to.
#[derive(Debug)]
pub struct DataContext {
    context: Context,
    order: Cell<LWMsgByteOrder>,
    transport: Cell<Option<NonNull<dyn Transport>>>,
}

impl DataContext {
    /// A data context in network byte order.
    pub fn new(context: Context) -> Self {
        Self { context, order: Cell::new(LWMSG_BIG_ENDIAN), transport: Cell::new(None) }
    }

    /// The context it was made with.
    pub fn context(&self) -> Context {
        self.context
    }

    /// As C knows it: what custom classes and verify functions get.
    pub fn as_ptr(&self) -> *mut LWMsgDataContext {
        (&raw const *self).cast_mut().cast()
    }

    /// Lends the association to the data: handles and descriptors can be used from now on.
    ///
    /// # Safety
    /// The transport outlives the data context's use, or is replaced by `None` before it ends.
    pub unsafe fn set_transport(&self, transport: Option<NonNull<dyn Transport>>) {
        self.transport.set(transport);
    }

    /// Appends the bytes of an object. On failure `out` keeps what it had.
    ///
    /// # Safety
    /// `object` is what the table says (promoted, as [`lwmsg_data_marshal`](super::capi) takes it).
    pub unsafe fn marshal_vec(
        &self,
        _program: &Program,
        _object: *mut c_void,
        _out: &mut Vec<u8>,
    ) -> Result<()> {
        Err(Status::UNIMPLEMENTED)
    }

    /// Makes an object of bytes, in memory of the context. Bytes behind it are ignored.
    ///
    /// # Safety
    /// Custom classes and verify functions of the table are what they claim to be.
    pub unsafe fn unmarshal_slice(&self, _program: &Program, _bytes: &[u8]) -> Result<*mut c_void> {
        Err(Status::UNIMPLEMENTED)
    }

    /// Frees an object and everything it points to. MALFORMED when a union has no such arm; what can be freed is.
    ///
    /// # Safety
    /// `root` is what the table says, in memory of the context, and is not used again.
    pub unsafe fn free_graph(&self, _program: &Program, _root: *mut c_void) -> Result<()> {
        Err(Status::UNIMPLEMENTED)
    }

    /// Appends the object as text, members indented by `indent` more. Without side effects.
    ///
    /// # Safety
    /// `root` is what the table says.
    pub unsafe fn print_graph(
        &self,
        _program: &Program,
        _root: *mut c_void,
        _indent: usize,
        _out: &mut Vec<u8>,
    ) -> Result<()> {
        Err(Status::UNIMPLEMENTED)
    }
}
