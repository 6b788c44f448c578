//! Tables compiled: a flat list of steps for each kind of object, which marshalling, unmarshalling and freeing walk
//! without recursion.
//!
//! A *block* is the code for one element of what a pointer or array holds. Structures inside structures are
//! flattened into it, arms of unions are reached by jumps, and whatever is behind a pointer is another block.

mod cache;
mod compile;
pub mod table;

pub use cache::{Cached, forget_all, program};
pub use compile::compile;

use super::types::{LWMsgTypeClass, LWMsgVerifyFunction};
use std::ffi::{c_char, c_void};
use table::{Attributes, Spec};

/// A compiled table.
#[derive(Debug)]
pub struct Program {
    /// The steps of marshalling and unmarshalling.
    pub(super) data: Vec<Op>,
    /// The steps of freeing: only what owns something.
    pub(super) free: Vec<Op>,
    pub(super) blocks: Vec<Block>,
    pub(super) types: Vec<Type>,
    pub(super) indirects: Vec<Indirect>,
    pub(super) unions: Vec<Union>,
    /// The object as a whole.
    pub(super) root: Root,
    /// The block of the table's type itself, not promoted.
    pub(super) object: u32,
    /// What has been compiled: the words of each table it consists of, in the order of reference.
    pub(super) source: Vec<Source>,
    /// The table.
    pub(super) spec: Spec,
}

// SAFETY: what the addresses in a program point to are constants of the C program that made the tables.
unsafe impl Send for Program {}
// SAFETY: as above.
unsafe impl Sync for Program {}

/// The words of one table.
#[derive(Debug)]
pub(super) struct Source {
    at: Spec,
    words: Box<[usize]>,
}

/// How the argument of an operation is taken: as what the table begins with when that is a pointer, else as a pointer
/// to it that the table does not mention.
#[derive(Clone, Copy, Debug)]
pub(super) struct Root {
    /// The first step in `data`.
    pub data: u32,
    /// The first step in `free`.
    pub free: u32,
    /// A custom type whose class may say that its objects are pointers: then the argument is the object itself.
    pub custom: Option<u32>,
}

/// A step. Offsets count from the element's beginning.
#[derive(Clone, Copy, Debug)]
pub(super) enum Op {
    /// An integer that has the same size in memory and on the wire.
    Plain1(u32),
    /// Of two bytes.
    Plain2(u32),
    /// Of four bytes.
    Plain4(u32),
    /// Of eight bytes.
    Plain8(u32),
    /// Any other integer.
    Integer { offset: u32, ty: u32 },
    /// An enumeration.
    Enum { offset: u32, ty: u32 },
    /// A pointer.
    Pointer { offset: u32, indirect: u32 },
    /// An array inside the element.
    Array { offset: u32, indirect: u32 },
    /// An array at the end of the element whose length is not fixed.
    Flexible { offset: u32, indirect: u32 },
    /// A custom type.
    Custom { offset: u32, ty: u32 },
    /// A union: jumps to an arm.
    Union { union: u32 },
    /// Behind an arm.
    Jump(u32),
    /// The program's check before marshalling.
    VerifyBefore { offset: u32, ty: u32 },
    /// The program's check after unmarshalling.
    VerifyAfter { offset: u32, ty: u32 },
    /// The end of the element.
    End,
}

/// The code for one element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    /// Its beginning in `data`.
    pub data: u32,
    /// Its beginning in `free`.
    pub free: u32,
    /// Whether there is anything to free.
    pub owns: bool,
    /// The element's size.
    pub size: usize,
    /// Whether the element is a structure.
    pub is_struct: bool,
    /// The least number of bytes an element takes on the wire.
    pub min_wire: usize,
}

/// A field that says a length or selects an arm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// In the structure around the element rather than in the element.
    pub outer: bool,
    /// From there.
    pub offset: u32,
    /// 1 to 8.
    pub size: u8,
    /// Whether the table says that it has a sign.
    pub signed: bool,
}

/// How many elements.
#[derive(Clone, Copy, Debug)]
pub(super) enum Count {
    Static(usize),
    Zero,
    Field(Field),
}

/// What the elements of a pointer or an array are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Element {
    /// Integers of one byte: copied as they are.
    Bytes,
    /// Integers of 2, 4 or 8 bytes, in memory and on the wire.
    Plain,
    /// Anything else.
    Block,
}

/// A pointer or an array.
#[derive(Clone, Copy, Debug)]
pub(super) struct Indirect {
    pub count: Count,
    pub element: Element,
    pub not_null: bool,
    pub aliasable: bool,
    /// The structure that fields are looked up in, for elements that are none: that around this one, or
    pub outer: bool,
    /// the one at this offset in this element.
    pub dominator: u32,
    pub block: u32,
    /// The element's size.
    pub stride: usize,
    /// How much an array whose length is not fixed may take inside its container.
    pub room: usize,
    pub max_alloc: usize,
    /// What aliases must have in common.
    pub key: usize,
    pub ty: u32,
}

impl Indirect {
    /// Whether the structure that a pointer leads to is alone in its block, so that an array may follow it. Where a
    /// terminator follows it there is no place for one.
    pub(super) fn is_alone(&self, is_pointer: bool, count: usize) -> bool {
        is_pointer && count == 1 && !matches!(self.count, Count::Zero)
    }

    /// The type, if a terminator says where the elements end and these own something.
    pub(super) fn terminated(&self, block: &Block) -> Option<u32> {
        (matches!(self.count, Count::Zero) && block.owns).then_some(self.ty)
    }
}

/// A union.
#[derive(Clone, Debug)]
pub(super) struct Union {
    pub field: Field,
    /// Tag and step.
    pub arms: Vec<(usize, u32)>,
    /// The step behind all arms.
    pub behind: u32,
    pub ty: u32,
}

impl Program {
    /// The first steps for the argument of an operation.
    ///
    /// # Safety
    /// The class of a custom type is one.
    pub(super) unsafe fn root(&self) -> Root {
        // SAFETY: as promised by the caller.
        let is_pointer = |ty: u32| unsafe { (*self.types[ty as usize].class).is_pointer } != 0;
        if self.root.custom.is_some_and(is_pointer) {
            let block = &self.blocks[self.object as usize];
            return Root { data: block.data, free: block.free, custom: None };
        }
        self.root
    }
}

impl Union {
    /// The step of the arm that a discriminator selects, given without and with its sign.
    ///
    /// Tags are words of 64 bits, negative ones sign-extended; 32 bits of both count.
    pub fn arm(&self, unsigned: u64, signed: i64) -> Option<u32> {
        let selected =
            |tag: usize| tag as u32 == unsigned as u32 || ((tag as i64) < 0 && tag as u32 == signed as u32);
        self.arms.iter().find(|(tag, _)| selected(*tag)).map(|(_, step)| *step)
    }
}

/// What steps need to know of a type, and what error texts say of it.
#[derive(Debug)]
pub(super) struct Type {
    pub attributes: Attributes,
    pub size: usize,
    pub width: usize,
    pub signed: bool,
    pub verify: LWMsgVerifyFunction,
    pub verify_data: *mut c_void,
    pub class: *const LWMsgTypeClass,
    pub class_data: *mut c_void,
    /// Enumerations: all masks.
    pub masks: u64,
    /// Enumerations: the values.
    pub values: Box<[u64]>,
    /// Custom types: the structure that a type transmitted as it is looks fields up in, that around the element, or
    pub outer: bool,
    /// the one at this offset.
    pub dominator: u32,
    pub container: *const c_char,
    pub member: *const c_char,
    pub name: *const c_char,
}
