//! Types as data: descriptions that can be written to archives, compared, printed, and made tables again.
//!
//! The structures are those that the original sent, described by tables in `data.c`; all memory is the context's.

mod assign;
mod describe;
mod import;
mod print;

pub use assign::is_assignable;
pub use describe::{describe, describe_protocol};
pub use import::{Image, import};
pub use print::{print, print_protocol};

use super::context::Context;
use super::data::{DataContext, program_for};

use super::types::LWMsgTypeSpec;
use std::ffi::{CStr, c_char};

/// How deep descriptions may go: those of archives come from anywhere.
const MAX_DEPTH: usize = 400;

/// Values of [`TypeRep::kind`], as `LWMsgKind`.
pub mod kind {
    #![allow(missing_docs, reason = "named as in C")]
    pub const VOID: u32 = 1;
    pub const INTEGER: u32 = 2;
    pub const ENUM: u32 = 3;
    pub const STRUCT: u32 = 4;
    pub const UNION: u32 = 5;
    pub const ARRAY: u32 = 6;
    pub const POINTER: u32 = 7;
}

/// A type: what `LWMsgTypeRep` points to.
#[repr(C)]
pub struct TypeRep {
    /// One of [`kind`].
    pub kind: u32,
    /// Attributes: not-null, range, aliasable.
    pub flags: u32,
    /// By kind.
    pub info: TypeInfo,
}

/// What depends on the kind.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "a member a kind")]
pub union TypeInfo {
    pub integer: IntegerRep,
    pub enumeration: *mut EnumDef,
    pub structure: *mut StructDef,
    pub union: UnionRep,
    pub indirect: IndirectRep,
}

/// An integer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct IntegerRep {
    /// Never NULL.
    pub definition: *mut IntegerDef,
    /// Of the range.
    pub lower: u64,
    /// Of the range.
    pub upper: u64,
}

/// How an integer is sent.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct IntegerDef {
    /// In bytes.
    pub width: u8,
    /// 0 signed, 1 unsigned.
    pub sign: u32,
}

/// An enumeration.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct EnumDef {
    /// In bytes.
    pub width: u8,
    /// 0 signed, 1 unsigned.
    pub sign: u32,
    /// How many constants.
    pub count: u16,
    /// They.
    pub variants: *mut VariantRep,
    /// Or NULL.
    pub name: *mut c_char,
}

/// A constant of an enumeration.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct VariantRep {
    /// 1 for bits that may be added.
    pub is_mask: u8,
    /// The constant.
    pub value: u64,
    /// Or NULL.
    pub name: *mut c_char,
}

/// A structure.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct StructDef {
    /// How many members.
    pub count: u16,
    /// They.
    pub fields: *mut FieldRep,
    /// Or NULL.
    pub name: *mut c_char,
}

/// A member of a structure.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct FieldRep {
    /// Its type.
    pub ty: *mut TypeRep,
    /// Or NULL.
    pub name: *mut c_char,
}

/// A union in its place.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct UnionRep {
    /// Never NULL.
    pub definition: *mut UnionDef,
    /// The member of the structure that selects the arm.
    pub discriminator: i16,
}

/// A union.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct UnionDef {
    /// How many arms.
    pub count: u16,
    /// They.
    pub arms: *mut ArmRep,
    /// Or NULL.
    pub name: *mut c_char,
}

/// An arm of a union.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ArmRep {
    /// Its type.
    pub ty: *mut TypeRep,
    /// What selects it.
    pub tag: u32,
    /// Or NULL.
    pub name: *mut c_char,
}

/// A pointer or an array.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct IndirectRep {
    /// The type of its elements.
    pub element: *mut TypeRep,
    /// 1 when they end with a zero.
    pub zero_terminated: u32,
    /// Their number, or 0.
    pub static_length: u32,
    /// The member of the structure that says their number, or -1.
    pub length_member: i16,
    /// How to print them, or NULL.
    pub encoding: *mut c_char,
}

/// A protocol.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ProtocolRep {
    /// How many messages.
    pub count: u16,
    /// They.
    pub messages: *mut MessageRep,
}

/// A message.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MessageRep {
    /// Its number.
    pub tag: i16,
    /// Its payload's type, or NULL.
    pub ty: *mut TypeRep,
    /// Or NULL.
    pub name: *mut c_char,
}

unsafe extern "C" {
    /// The table of a pointer to a [`TypeRep`]; exported, as the original's.
    static lwmsg_type_rep_spec: [LWMsgTypeSpec; 6];
    /// The table of a [`ProtocolRep`].
    static relink_lwmsg_protocol_rep_spec: LWMsgTypeSpec;
}

/// The table of a pointer to a [`TypeRep`].
pub fn type_spec() -> *const LWMsgTypeSpec {
    (&raw const lwmsg_type_rep_spec).cast()
}

/// The table of a [`ProtocolRep`].
pub fn protocol_spec() -> *const LWMsgTypeSpec {
    &raw const relink_lwmsg_protocol_rep_spec
}

/// A counted array of a description.
///
/// # Safety
/// `count` elements are at `array`, or it is NULL and there are none; they stay as they are for `'a`.
unsafe fn slice<'a, T>(array: *const T, count: u16) -> &'a [T] {
    if array.is_null() || count == 0 {
        return &[];
    }
    // SAFETY: as promised by the caller.
    unsafe { std::slice::from_raw_parts(array, count.into()) }
}

/// A name of a description, if it has one.
///
/// # Safety
/// `name` is NULL or a terminated text that stays as it is for `'a`.
unsafe fn name<'a>(name: *const c_char) -> Option<&'a CStr> {
    // SAFETY: as promised by the caller.
    unsafe { crate::ffi::cstr::borrow(name) }
}

/// The messages of a description.
///
/// # Safety
/// A complete description.
pub unsafe fn messages(rep: &ProtocolRep) -> &[MessageRep] {
    // SAFETY: as promised by the caller.
    unsafe { slice(rep.messages, rep.count) }
}

/// Frees a description of a type; NULL is accepted.
///
/// # Safety
/// In memory of the context, and not used again.
pub unsafe fn free_type(context: Context, rep: *mut TypeRep) {
    // SAFETY: as promised by the caller.
    unsafe { free(context, type_spec(), rep.cast()) }
}

/// Frees a description of a protocol; NULL is accepted.
///
/// # Safety
/// In memory of the context, and not used again.
pub unsafe fn free_protocol(context: Context, rep: *mut ProtocolRep) {
    if !rep.is_null() {
        // SAFETY: as promised by the caller.
        unsafe { free(context, protocol_spec(), rep.cast()) }
    }
}

/// # Safety
/// What the table says, in memory of the context.
unsafe fn free(context: Context, spec: *const LWMsgTypeSpec, object: *mut std::ffi::c_void) {
    // SAFETY: one of our own tables.
    if let Ok(program) = unsafe { program_for(spec) } {
        // SAFETY: as promised by the caller. A description that is cut short has no arm here and there.
        let _ = unsafe { DataContext::new(context).free_graph(&program, object) };
    }
}
