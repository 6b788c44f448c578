//! Data: objects in memory, described by tables, to bytes and back.

mod custom;
mod graph;
pub mod integer;
mod marshal;
mod print;
mod stream;
mod transport;
mod unmarshal;

pub use super::program::{Program, program as program_for};
pub use transport::{Transport, WireHandle};

use super::context::{Context, Memory, raise};
use super::error::{Result, Status};
use super::program::table::{Spec, flag};
use super::program::{Cached, Field, Indirect, Type, table};
use super::types::*;
use std::cell::Cell;
use std::ffi::c_void;
use std::fmt::{self, Arguments};
use std::ptr::NonNull;
use std::sync::Arc;

/// What `LWMsgDataContext` points to: for one thread at a time.
#[derive(Debug)]
pub struct DataContext {
    context: Context,
    order: Cell<LWMsgByteOrder>,
    transport: Cell<Option<NonNull<dyn Transport>>>,
    last: Cached,
}

/// An operation that walks the steps of a program, compiled for either byte order.
trait Walk {
    /// Where an element is.
    type Place;

    /// The data context it is an operation of.
    fn data(&self) -> &DataContext;

    /// Walks steps until their end, and those of all blocks they lead to.
    ///
    /// # Safety
    /// `element` and `outer` are what the steps say.
    unsafe fn run<const BIG: bool>(
        &mut self,
        program: &Program,
        entry: usize,
        element: Self::Place,
        outer: Self::Place,
    ) -> Result<()>;

    /// The same, in the byte order of the data context.
    ///
    /// # Safety
    /// As [`Self::run`].
    unsafe fn run_ordered(
        &mut self,
        program: &Program,
        entry: usize,
        element: Self::Place,
        outer: Self::Place,
    ) -> Result<()> {
        // SAFETY: as promised by the caller.
        unsafe {
            if self.data().is_big() {
                self.run::<true>(program, entry, element, outer)
            } else {
                self.run::<false>(program, entry, element, outer)
            }
        }
    }
}

impl DataContext {
    /// A data context in network byte order.
    pub fn new(context: Context) -> Self {
        Self {
            context,
            order: Cell::new(LWMSG_BIG_ENDIAN),
            transport: Cell::new(None),
            last: Cached::default(),
        }
    }

    /// The context it was made with.
    pub fn context(&self) -> Context {
        self.context
    }

    /// As C knows it: what custom classes and verify functions get.
    pub fn as_ptr(&self) -> *mut LWMsgDataContext {
        (&raw const *self).cast_mut().cast()
    }

    /// The byte order of integers.
    pub fn order(&self) -> LWMsgByteOrder {
        self.order.get()
    }

    /// Sets the byte order of integers: little for 0, else big.
    pub fn set_order(&self, order: LWMsgByteOrder) {
        self.order.set(order);
    }

    fn is_big(&self) -> bool {
        self.order.get() != LWMSG_LITTLE_ENDIAN
    }

    /// Lends the association to the data: handles and descriptors can be used from now on.
    ///
    /// # Safety
    /// The transport outlives the data context's use, or is replaced by `None` before it ends.
    pub unsafe fn set_transport(&self, transport: Option<NonNull<dyn Transport>>) {
        self.transport.set(transport);
    }

    fn transport(&self) -> Option<&dyn Transport> {
        // SAFETY: it outlives the data context's use, as `set_transport` was promised.
        self.transport.get().map(|transport| unsafe { transport.as_ref() })
    }

    /// The program of a table: the last one used, one from the cache, or compiled.
    ///
    /// # Safety
    /// `spec` is a complete table, as the macros of `type.h` make them, and so are those it refers to.
    pub unsafe fn program(&self, spec: Spec) -> Result<Arc<Program>> {
        // SAFETY: as promised by the caller.
        unsafe { self.last.program(spec) }.map_err(|status| raise!(self.context, status, "Malformed type"))
    }

    /// Writes the bytes of an object at the cursor of a buffer.
    ///
    /// # Safety
    /// `object` is what the table says, the object itself when the table begins with a pointer; the buffer is valid.
    pub unsafe fn marshal(
        &self,
        program: &Program,
        object: *const c_void,
        buffer: *mut LWMsgBuffer,
    ) -> Result<()> {
        // SAFETY: as promised by the caller.
        unsafe { marshal::marshal(self, program, object, buffer) }
    }

    /// Appends the bytes of an object. On failure `out` keeps what it had.
    ///
    /// # Safety
    /// As [`Self::marshal`].
    pub unsafe fn marshal_vec(
        &self,
        program: &Program,
        object: *const c_void,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let before = out.len();
        let mut buffer = spare(out);
        buffer.wrap = Some(wrap_vec);
        buffer.data = (&raw mut *out).cast();
        // SAFETY: as promised by the caller; the buffer is the vector's spare room.
        let result = unsafe { self.marshal(program, object, &raw mut buffer) };
        let written = match result {
            Ok(()) => buffer.cursor as usize - out.as_ptr() as usize,
            Err(_) => before,
        };
        // SAFETY: all bytes up to the cursor have been written.
        unsafe { out.set_len(written) };
        result
    }

    /// The bytes of an object in new memory of the context, and their number.
    ///
    /// # Safety
    /// As [`Self::marshal`].
    pub unsafe fn marshal_alloc(
        &self,
        program: &Program,
        object: *const c_void,
    ) -> Result<(*mut c_void, usize)> {
        let memory = self.context.memory();
        let mut buffer = flat(std::ptr::null_mut(), 0);
        buffer.wrap = Some(wrap_memory);
        buffer.data = (&raw const memory).cast_mut().cast();
        // SAFETY: as promised by the caller.
        let mut result = unsafe { self.marshal(program, object, &raw mut buffer) };
        if result.is_ok() && buffer.base.is_null() {
            // What takes no bytes has memory all the same.
            // SAFETY: a buffer of this memory.
            result = unsafe { grow(&raw mut buffer, memory, 1) };
        }
        match result {
            Ok(()) => Ok((buffer.base.cast(), buffer.cursor as usize - buffer.base as usize)),
            Err(status) => {
                if !buffer.base.is_null() {
                    // SAFETY: of this memory, and known to nobody.
                    unsafe { memory.free(buffer.base.cast()) };
                }
                Err(status)
            }
        }
    }

    /// Makes an object of the bytes at the cursor of a buffer, in memory of the context.
    ///
    /// # Safety
    /// The buffer is valid; custom classes and verify functions of the table are what they claim to be.
    pub unsafe fn unmarshal(&self, program: &Program, buffer: *mut LWMsgBuffer) -> Result<*mut c_void> {
        // SAFETY: as promised by the caller.
        unsafe { unmarshal::unmarshal(self, program, buffer) }
    }

    /// Fills an object of the program's.
    ///
    /// # Safety
    /// As [`Self::unmarshal`]; `size` bytes are at `object`.
    pub unsafe fn unmarshal_into(
        &self,
        program: &Program,
        buffer: *mut LWMsgBuffer,
        object: *mut c_void,
        size: usize,
    ) -> Result<()> {
        // SAFETY: as promised by the caller.
        unsafe { unmarshal::unmarshal_into(self, program, buffer, object, size) }
    }

    /// Makes an object of bytes, in memory of the context. Bytes behind it are ignored.
    ///
    /// # Safety
    /// Custom classes and verify functions of the table are what they claim to be.
    pub unsafe fn unmarshal_slice(&self, program: &Program, bytes: &[u8]) -> Result<*mut c_void> {
        let mut buffer = flat(bytes.as_ptr().cast_mut(), bytes.len());
        // SAFETY: as promised by the caller; the buffer is only read.
        unsafe { self.unmarshal(program, &raw mut buffer) }
    }

    /// Frees an object and everything it points to. MALFORMED when a union has no such arm; what can be freed is.
    ///
    /// # Safety
    /// `root` is what the table says, in memory of the context, and is not used again.
    pub unsafe fn free_graph(&self, program: &Program, root: *mut c_void) -> Result<()> {
        // SAFETY: as promised by the caller.
        unsafe { graph::free(self, program, root) }
    }

    /// Frees what an object points to.
    ///
    /// # Safety
    /// As [`Self::free_graph`].
    pub unsafe fn destroy_graph(&self, program: &Program, object: *mut c_void) -> Result<()> {
        // SAFETY: as promised by the caller.
        unsafe { graph::destroy(self, program, object) }
    }

    /// Appends the object as text, members indented by `indent` more. Without side effects, unless those of the
    /// program's own classes.
    ///
    /// # Safety
    /// `spec` is a complete table, and `root` what it says.
    pub unsafe fn print_spec(
        &self,
        spec: Spec,
        root: *const c_void,
        indent: usize,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        // SAFETY: as promised by the caller.
        unsafe { print::print(self, spec, root, indent, out) }
    }

    /// As [`Self::print_spec`], for a table that has been compiled and is still there.
    ///
    /// # Safety
    /// `root` is what the table says.
    pub unsafe fn print_graph(
        &self,
        program: &Program,
        root: *const c_void,
        indent: usize,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        // SAFETY: as promised by the caller.
        unsafe { self.print_spec(program.spec, root, indent, out) }
    }

    /// The number of elements that a field says: unsigned, unless its table says otherwise; negative is MALFORMED.
    ///
    /// # Safety
    /// The field is in the element or in the structure around it.
    unsafe fn length(
        &self,
        program: &Program,
        info: &Indirect,
        field: Field,
        element: *const u8,
        outer: *const u8,
    ) -> Result<usize> {
        // SAFETY: as promised by the caller.
        let (unsigned, signed) = unsafe { marshal::field_value(field, element, outer) }?;
        if field.signed && signed < 0 {
            let text = format_args!("Length is negative");
            return Err(self.fail(&program.types[info.ty as usize], Status::MALFORMED, text));
        }
        Ok(unsigned as usize)
    }

    fn check_range(&self, ty: &Type, memory: &[u8]) -> Result<()> {
        if ty.attributes.flags & flag::RANGE == 0 {
            return Ok(());
        }
        let value = integer::widen(memory, ty.signed)?;
        let (low, high) = (ty.attributes.range_low as u64, ty.attributes.range_high as u64);
        let inside = if ty.signed {
            (low as i64..=high as i64).contains(&(value as i64))
        } else {
            (low..=high).contains(&value)
        };
        if inside {
            return Ok(());
        }
        let text = format_args!("Integer value did not fall within specified range");
        Err(self.fail(ty, Status::MALFORMED, text))
    }

    fn check_enum(&self, ty: &Type, memory: &[u8]) -> Result<()> {
        let value = integer::widen(memory, ty.signed)
            .map_err(|status| self.conversion_failed(ty, status, ty.size, ty.width))?;
        self.check_enum_value(ty, value)
    }

    fn check_enum_value(&self, ty: &Type, value: u64) -> Result<()> {
        let residue = value & !ty.masks;
        let known = if ty.values.is_empty() { residue == 0 } else { ty.values.contains(&residue) };
        if known { Ok(()) } else { Err(self.invalid_enum(ty, residue)) }
    }

    /// Logs an error of data with the place in its type, and gives its status.
    #[cold]
    fn fail(&self, ty: &Type, status: Status, text: Arguments<'_>) -> Status {
        raise!(self.context, status, "{}{text}", Place(ty))
    }

    #[cold]
    fn invalid_enum(&self, ty: &Type, value: u64) -> Status {
        self.fail(ty, Status::MALFORMED, format_args!("invalid enum value {value}"))
    }

    #[cold]
    fn conversion_failed(&self, ty: &Type, status: Status, from: usize, to: usize) -> Status {
        let sign = if ty.signed { "signed" } else { "unsigned" };
        let text = format_args!("Integer overflow converting from {sign} {}-bit to {}-bit", from * 8, to * 8);
        self.fail(ty, status, text)
    }

    #[cold]
    fn no_arm(&self, program: &Program, ty: u32, tag: u64) -> Status {
        let text = format_args!("No arm with tag {} found in union", tag as u32);
        self.fail(&program.types[ty as usize], Status::MALFORMED, text)
    }

    #[cold]
    fn null_passed(&self, program: &Program, ty: u32) -> Status {
        let text = format_args!("NULL passed for non-nullable pointer");
        self.fail(&program.types[ty as usize], Status::MALFORMED, text)
    }

    #[cold]
    fn null_found(&self, program: &Program, ty: u32) -> Status {
        let text = format_args!("NULL found in stream where non-nullable pointer expected");
        self.fail(&program.types[ty as usize], Status::MALFORMED, text)
    }

    #[cold]
    fn early_terminator(&self, program: &Program, ty: u32) -> Status {
        let text = format_args!("Terminator among the elements that it is to follow");
        self.fail(&program.types[ty as usize], Status::MALFORMED, text)
    }

    #[cold]
    fn wrong_alias(&self, program: &Program, ty: u32) -> Status {
        let text = format_args!("Alias of an object of another type");
        self.fail(&program.types[ty as usize], Status::MALFORMED, text)
    }

    #[cold]
    fn length_overflow(&self, program: &Program, ty: u32) -> Status {
        let text = format_args!("Integer overflow in pointer referent size");
        self.fail(&program.types[ty as usize], Status::OVERFLOW, text)
    }

    #[cold]
    fn too_large(&self, program: &Program, info: &Indirect) -> Status {
        let text = format_args!("Pointer referent exceeded max allocation size of {}", info.max_alloc);
        self.fail(&program.types[info.ty as usize], Status::OVERFLOW, text)
    }

    #[cold]
    fn too_deep(&self, ty: &Type) -> Status {
        let text = format_args!("Custom types are inside each other too deeply");
        self.fail(ty, Status::MALFORMED, text)
    }

    #[cold]
    fn refuse(&self, ty: &Type, refusal: custom::Refusal) -> Status {
        self.fail(ty, refusal.status, format_args!("{}", refusal.text))
    }
}

/// Memory of the context that is freed when it goes, also when a function of the program's throws.
struct Held {
    memory: Memory,
    block: *mut c_void,
}

impl Held {
    fn new(memory: Memory, size: usize) -> Result<Self> {
        Ok(Self { memory, block: memory.alloc(size)? })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: allocated by `new`, and known to nobody any more.
        unsafe { self.memory.free(self.block) }
    }
}

/// Where in its types data was wrong, as it is written before the text of an error.
struct Place<'a>(&'a Type);

impl fmt::Display for Place<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: names of the table, which is there while its program is used.
        let [container, member, name] = unsafe {
            [self.0.container, self.0.member, self.0.name].map(|name| table::text(name).to_string_lossy())
        };
        match (&*container, &*member, &*name) {
            (_, "", "") => Ok(()),
            (_, "", name) => write!(out, "{name}: "),
            (container, member, _) => write!(out, "{container}.{member}: "),
        }
    }
}

/// A buffer of so many bytes that cannot get more.
pub fn flat(base: *mut u8, length: usize) -> LWMsgBuffer {
    LWMsgBuffer { base, end: base.wrapping_add(length), cursor: base, wrap: None, data: std::ptr::null_mut() }
}

/// Doubles the room of a buffer, from 256 bytes; nothing when nothing is needed.
///
/// # Safety
/// The buffer is valid, and is empty or in memory of these functions.
pub unsafe fn grow(buffer: *mut LWMsgBuffer, memory: Memory, needed: usize) -> Result<()> {
    // SAFETY: as promised by the caller.
    unsafe {
        let LWMsgBuffer { base, end, cursor, .. } = *buffer;
        let (size, used) = (end as usize - base as usize, cursor as usize - base as usize);
        if needed <= size - used {
            return Ok(());
        }
        let wanted = used.checked_add(needed).ok_or(Status::OVERFLOW)?;
        let mut larger = size.max(128) * 2;
        while larger < wanted {
            larger = larger.checked_mul(2).ok_or(Status::OVERFLOW)?;
        }
        let moved = memory.realloc(base.cast(), size, larger)?.cast::<u8>();
        (*buffer).base = moved;
        (*buffer).cursor = moved.add(used);
        (*buffer).end = moved.add(larger);
    }
    Ok(())
}

unsafe extern "C-unwind" fn wrap_memory(buffer: *mut LWMsgBuffer, needed: usize) -> LWMsgStatus {
    // SAFETY: made by `marshal_alloc`, with its memory.
    unsafe { Status::of(grow(buffer, *(*buffer).data.cast::<Memory>(), needed)).0 }
}

/// A buffer of a vector's spare room.
fn spare(out: &mut Vec<u8>) -> LWMsgBuffer {
    let room = out.spare_capacity_mut();
    flat(room.as_mut_ptr().cast(), room.len())
}

unsafe extern "C-unwind" fn wrap_vec(buffer: *mut LWMsgBuffer, needed: usize) -> LWMsgStatus {
    // SAFETY: made by `marshal_vec`, whose vector it is; bytes up to the cursor have been written.
    unsafe {
        let out = &mut *(*buffer).data.cast::<Vec<u8>>();
        let written = (*buffer).cursor as usize - out.as_ptr() as usize;
        out.set_len(written);
        if needed > 0 && out.try_reserve(needed.max(out.len()).max(256)).is_err() {
            return Status::MEMORY.0;
        }
        let room = spare(out);
        ((*buffer).base, (*buffer).cursor, (*buffer).end) = (room.base, room.cursor, room.end);
    }
    Status::SUCCESS.0
}

/// Writes text to a program's buffer.
///
/// # Safety
/// The buffer is valid.
pub unsafe fn write_text(buffer: *mut LWMsgBuffer, text: &[u8]) -> Result<()> {
    // SAFETY: as promised by the caller.
    let mut out = unsafe { stream::Stream::new(buffer) };
    // SAFETY: the text is readable.
    let written = unsafe { out.write(text.as_ptr(), text.len()) };
    out.store();
    written
}
