//! Reading the tables that programs' macros made: one type with its attributes at a time.
//!
//! A table is foreign memory without a length: nothing is read beyond the word that ends a type, every command is
//! checked, and blocks are only as deep as [`MAX_NESTING`].

use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::types::{LWMsgTypeClass, LWMsgVerifyFunction};
use std::ffi::{CStr, c_char, c_void};
use std::ptr;

/// How deep blocks may be nested in one table, and how long a chain of references to tables may be.
pub const MAX_NESTING: usize = 64;

const MEMBER: usize = 0x1_0000;
const META: usize = 0x2_0000;
const DEBUG: usize = 0x4_0000;

/// The command of a pointer.
pub const POINTER: usize = 0x04;
/// The command of a custom type.
pub const CUSTOM: usize = 0x0a;

/// A place in a table.
pub type Spec = *const usize;

/// Attributes, as custom classes get them: what `LWMsgType` points to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Attributes {
    /// [`flag`].
    pub flags: u32,
    /// Bits for custom classes.
    pub custom: usize,
    /// The smallest value allowed.
    pub range_low: usize,
    /// The largest value allowed.
    pub range_high: usize,
    /// The largest referent, or 0.
    pub max_alloc: usize,
}

/// Flags of [`Attributes`].
pub mod flag {
    /// A pointer or handle is never NULL.
    pub const NOT_NULL: u32 = 1;
    /// Never printed.
    pub const SENSITIVE: u32 = 2;
    /// A pointer that the table does not mention.
    pub const PROMOTED: u32 = 4;
    /// Of an integer or enumeration: has a range.
    pub const RANGE: u32 = 8;
    /// Of a pointer: others may point to the same.
    pub const ALIASABLE: u32 = 8;
}

/// What kind of type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Nothing.
    Void,
    /// An integer.
    Integer,
    /// An enumeration.
    Enum,
    /// A structure.
    Struct,
    /// A union.
    Union,
    /// An array inside its container.
    Array,
    /// A pointer.
    Pointer,
    /// A class of the program's.
    Custom,
}

/// How many elements.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Length {
    /// A fixed number.
    Static(usize),
    /// Up to one that is all zero.
    Zero,
    /// As a field of the structure says.
    Member {
        /// Its place in the structure.
        offset: usize,
        /// Its size.
        size: usize,
    },
}

/// One type as its table describes it, with its attributes.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// Where it begins.
    pub spec: Spec,
    /// The type's kind, that of the table it refers to.
    pub kind: Kind,
    /// Its place in its container.
    pub offset: usize,
    /// Its size in memory.
    pub size: usize,
    /// The value that selects it as an arm.
    pub tag: usize,
    /// The program's check.
    pub verify: LWMsgVerifyFunction,
    /// For the check.
    pub verify_data: *mut c_void,
    /// The other attributes.
    pub attributes: Attributes,
    /// Integers: bytes on the wire.
    pub width: usize,
    /// Integers: whether they have a sign.
    pub signed: bool,
    /// Unions: the field that selects the arm, by offset and size.
    pub discriminator: (usize, usize),
    /// Pointers and arrays.
    pub length: Length,
    /// Pointers and arrays: how to print them; NULL for element by element.
    pub encoding: *const c_char,
    /// Custom types.
    pub class: *const LWMsgTypeClass,
    /// Custom types: for the class.
    pub class_data: *mut c_void,
    /// The first type inside the block.
    pub inner: Spec,
    /// The next type of the block it is in; NULL at the end.
    pub next: Spec,
    /// The type's name, or NULL.
    pub type_name: *const c_char,
    /// The member's name, or NULL.
    pub member_name: *const c_char,
    /// Behind everything that belongs to it, its terminating word included.
    pub end: Spec,
}

impl Item {
    /// An array whose length is not fixed: as a member it has its place behind the structure.
    pub fn is_flexible(&self) -> bool {
        self.kind == Kind::Array && !matches!(self.length, Length::Static(_))
    }
}

/// Called with the first word and the end of every table that is entered.
pub type Seen<'a> = &'a mut dyn FnMut(Spec, Spec);

struct Words {
    at: Spec,
}

impl Words {
    fn next(&mut self) -> usize {
        // SAFETY: whoever made the cursor promised a complete table, and no read goes beyond the word that ends it.
        let word = unsafe { self.at.read() };
        // SAFETY: within the table or one behind it, as above.
        self.at = unsafe { self.at.add(1) };
        word
    }

    fn skip(&mut self, words: usize) {
        // SAFETY: the arguments of a command belong to the table.
        self.at = unsafe { self.at.add(words) };
    }
}

/// The first type of a block, or `None` at the block's end.
///
/// # Safety
/// `spec` is a place in a complete table where a type may begin.
pub unsafe fn item(spec: Spec, seen: Seen<'_>) -> Result<Option<Item>> {
    let mut item = Item {
        spec,
        kind: Kind::Void,
        offset: 0,
        size: 0,
        tag: 0,
        verify: None,
        verify_data: ptr::null_mut(),
        attributes: Attributes::default(),
        width: 0,
        signed: false,
        discriminator: (0, 0),
        length: Length::Static(1),
        encoding: ptr::null(),
        class: ptr::null(),
        class_data: ptr::null_mut(),
        inner: ptr::null(),
        next: ptr::null(),
        type_name: ptr::null(),
        member_name: ptr::null(),
        end: ptr::null(),
    };
    // SAFETY: as promised by the caller.
    Ok(unsafe { read(spec, &mut item, seen, 0) }?.then_some(item))
}

/// Reads a type into `item`; false at the end of a block.
///
/// # Safety
/// As [`item`].
unsafe fn read(spec: Spec, item: &mut Item, seen: Seen<'_>, depth: usize) -> Result<bool> {
    if spec.is_null() || !spec.is_aligned() || depth > MAX_NESTING {
        return Err(Status::MALFORMED);
    }
    let mut words = Words { at: spec };
    let command = words.next();
    let member = command & MEMBER != 0;
    if command & META != 0 {
        let name = words.next() as *const c_char;
        if member {
            item.member_name = name;
        } else {
            item.type_name = name;
        }
    }
    if command & DEBUG != 0 {
        words.skip(2);
    }
    match command & 0xffff {
        0x00 => return Ok(false),
        code @ (0x03 | 0x13) => {
            item.size = words.next();
            if member {
                item.offset = words.next();
            }
            item.width = words.next();
            item.signed = words.next() == 0;
            item.kind = if code == 0x03 { Kind::Integer } else { Kind::Enum };
            if code == 0x13 {
                item.inner = words.at;
                skip_block(&mut words)?;
            }
        }
        code @ (0x01 | 0x02) => {
            item.size = words.next();
            if member {
                item.offset = words.next();
            }
            item.kind = if code == 0x01 { Kind::Struct } else { Kind::Union };
            item.inner = words.at;
            skip_block(&mut words)?;
        }
        code @ (POINTER | 0x05) => {
            if member {
                item.offset = words.next();
            }
            item.kind = if code == POINTER { Kind::Pointer } else { Kind::Array };
            item.size = if code == POINTER { size_of::<*const c_void>() } else { 0 };
            item.length = Length::Static(1);
            item.encoding = ptr::null();
            item.inner = words.at;
            skip_block(&mut words)?;
        }
        0x06 => {
            let (size, offset) = if member { (words.next(), words.next()) } else { (0, 0) };
            let other = words.next() as Spec;
            // SAFETY: the address of another complete table, as the macro takes it.
            if !unsafe { read(other, item, seen, depth + 1) }? {
                return Err(Status::MALFORMED);
            }
            seen(other, item.end);
            if item.size == 0 {
                item.size = size;
            }
            item.offset = offset;
        }
        CUSTOM => {
            item.size = words.next();
            if member {
                item.offset = words.next();
            }
            item.kind = Kind::Custom;
            item.class = words.next() as *const LWMsgTypeClass;
            item.class_data = words.next() as *mut c_void;
            if item.class.is_null() {
                return Err(Status::MALFORMED);
            }
        }
        0x0f => item.kind = Kind::Void,
        _ => return Err(Status::MALFORMED),
    }
    attributes(&mut words, item)?;
    Ok(true)
}

/// What follows a type and modifies it.
fn attributes(words: &mut Words, item: &mut Item) -> Result<()> {
    loop {
        item.next = words.at;
        let command = words.next();
        if command & DEBUG != 0 && command & (MEMBER | META) == 0 {
            words.skip(2);
        }
        match command & (0xffff | MEMBER | META) {
            0x07 => {
                item.length = match words.next() {
                    0 => Length::Static(words.next()),
                    1 => Length::Zero,
                    2 => Length::Member { offset: words.next(), size: words.next() },
                    _ => return Err(Status::MALFORMED),
                }
            }
            0x08 => item.tag = words.next(),
            0x09 => item.discriminator = (words.next(), words.next()),
            0x0b => {
                let function = words.next() as *const c_void;
                // SAFETY: the address of a function of that type or NULL, as the macro takes it; the type is a
                // nullable function pointer, of the size of a data pointer.
                item.verify = unsafe { std::mem::transmute::<*const c_void, LWMsgVerifyFunction>(function) };
                item.verify_data = words.next() as *mut c_void;
            }
            0x0c => {
                item.attributes.flags |= flag::RANGE;
                item.attributes.range_low = words.next();
                item.attributes.range_high = words.next();
            }
            0x0d => item.attributes.flags |= flag::NOT_NULL,
            0x0e => item.attributes.custom |= words.next(),
            0x10 => item.encoding = words.next() as *const c_char,
            0x11 => item.attributes.flags |= flag::SENSITIVE,
            0x12 => item.attributes.flags |= flag::ALIASABLE,
            0x16 => item.attributes.max_alloc = words.next(),
            0x00 => {
                item.next = ptr::null();
                break;
            }
            _ => break,
        }
    }
    item.end = words.at;
    Ok(())
}

/// Moves behind the END of a block whose beginning has been read.
fn skip_block(words: &mut Words) -> Result<()> {
    let mut depth = 1usize;
    while depth > 0 {
        let command = words.next();
        words.skip(usize::from(command & META != 0) + if command & DEBUG != 0 { 2 } else { 0 });
        let member = usize::from(command & MEMBER != 0);
        match command & 0xffff {
            0x00 => depth -= 1,
            0x01 | 0x02 => {
                words.skip(1 + member);
                depth += 1;
            }
            0x03 => words.skip(3 + member),
            0x04 | 0x05 => {
                words.skip(member);
                depth += 1;
            }
            0x06 => words.skip(1 + 2 * member),
            0x07 => match words.next() {
                0 => words.skip(1),
                1 => {}
                2 => words.skip(2),
                _ => return Err(Status::MALFORMED),
            },
            0x08 | 0x0e | 0x10 | 0x14 | 0x15 | 0x16 => words.skip(1),
            0x09 | 0x0b | 0x0c => words.skip(2),
            0x0a => words.skip(3 + member),
            0x0d | 0x0f | 0x11 | 0x12 => {}
            0x13 => {
                words.skip(3 + member);
                depth += 1;
            }
            _ => return Err(Status::MALFORMED),
        }
        if depth > MAX_NESTING {
            return Err(Status::MALFORMED);
        }
    }
    Ok(())
}

/// A constant of an enumeration.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Bits that may be added to a value, instead of a value.
    pub is_mask: bool,
    /// The constant.
    pub value: u64,
    /// Its name, or NULL.
    pub name: *const c_char,
}

/// The constants of an enumeration.
///
/// # Safety
/// `inner` is the beginning of an enumeration's block in a complete table.
pub unsafe fn variants(inner: Spec) -> Result<Vec<Variant>> {
    let mut words = Words { at: inner };
    let mut variants = Vec::new();
    loop {
        let command = words.next();
        let name = if command & META != 0 { words.next() as *const c_char } else { ptr::null() };
        if command & DEBUG != 0 {
            words.skip(2);
        }
        match command & 0xffff {
            0x00 => return Ok(variants),
            code @ (0x14 | 0x15) => {
                variants.try_reserve(1)?;
                variants.push(Variant { is_mask: code == 0x15, value: words.next() as u64, name });
            }
            _ => return Err(Status::MALFORMED),
        }
    }
}

/// Of the arrays of a structure whose length is not fixed only the last has a place: it follows the structure.
pub fn keep_last_flexible(members: &mut Vec<Item>) {
    if let Some(last) = members.iter().rposition(Item::is_flexible) {
        let mut index = 0;
        members.retain(|member| {
            index += 1;
            index > last || !member.is_flexible()
        });
    }
}

/// The types of a block, in order.
///
/// # Safety
/// `inner` is NULL or the beginning of a block in a complete table.
pub unsafe fn members(inner: Spec, seen: Seen<'_>) -> Result<Vec<Item>> {
    let mut members = Vec::new();
    let mut next = inner;
    while !next.is_null() {
        // SAFETY: the beginning of the block, or behind a type of it.
        let Some(member) = (unsafe { item(next, &mut *seen) })? else { break };
        members.try_reserve(1)?;
        members.push(member);
        next = member.next;
    }
    Ok(members)
}

/// The only type of a pointer's or array's block.
///
/// # Safety
/// As [`members`].
pub unsafe fn element(inner: Spec, seen: Seen<'_>) -> Result<Item> {
    // SAFETY: as promised by the caller.
    unsafe { item(inner, seen) }?.ok_or(Status::MALFORMED)
}

/// A name of a table; empty when it has none.
///
/// # Safety
/// `name` is NULL or a terminated text that lives as long as the result is used.
pub unsafe fn text<'a>(name: *const c_char) -> &'a CStr {
    if name.is_null() {
        return c"";
    }
    // SAFETY: as promised by the caller.
    unsafe { CStr::from_ptr(name) }
}
