//! From tables to descriptions.

use super::*;
use crate::lwmsg::context::{Context, Memory};
use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::program::table::{self, Item, Kind, Length, Spec, flag};
use crate::lwmsg::protocol::Protocol;
use std::collections::HashMap;
use std::ffi::c_void;
use std::ptr;

/// The description of a table, in memory of the context.
///
/// # Safety
/// `spec` is a complete table, and so are those it refers to.
pub unsafe fn describe(context: Context, spec: Spec) -> Result<*mut TypeRep> {
    let mut describer = Describer::new(context);
    // SAFETY: as promised by the caller.
    let described = unsafe { describer.table(spec) };
    describer.finish(described)
}

/// The description of a protocol, in memory of its context.
pub fn describe_protocol(protocol: &Protocol) -> Result<*mut ProtocolRep> {
    let mut describer = Describer::new(protocol.context());
    let described = describer.protocol(protocol);
    describer.finish(described)
}

struct Describer {
    memory: Memory,
    /// Everything allocated, for the case of failure.
    blocks: Vec<*mut c_void>,
    types: HashMap<Spec, *mut TypeRep>,
    definitions: HashMap<Spec, *mut c_void>,
    depth: usize,
}

impl Describer {
    fn new(context: Context) -> Self {
        Self {
            memory: context.memory(),
            blocks: Vec::new(),
            types: HashMap::new(),
            definitions: HashMap::new(),
            depth: 0,
        }
    }

    fn finish<T>(self, described: Result<*mut T>) -> Result<*mut T> {
        if described.is_err() {
            for block in self.blocks {
                // SAFETY: allocated here, and known to nobody.
                unsafe { self.memory.free(block) }
            }
        }
        described
    }

    /// Zeroed memory for so many; pointers that share it may need a word.
    fn alloc<T>(&mut self, count: usize) -> Result<*mut T> {
        self.blocks.try_reserve(1)?;
        let size = count.checked_mul(size_of::<T>()).ok_or(Status::OVERFLOW)?;
        let block = self.memory.alloc(size.max(size_of::<usize>()))?;
        self.blocks.push(block);
        Ok(block.cast())
    }

    /// A copy of a name, without the word that C may have before a type's.
    fn text(&mut self, text: *const c_char, of_type: bool) -> Result<*mut c_char> {
        // SAFETY: a name of a table.
        let Some(name) = (unsafe { super::name(text) }) else { return Ok(ptr::null_mut()) };
        let mut bytes = name.to_bytes_with_nul();
        if of_type {
            let prefixes: [&[u8]; 3] = [b"struct ", b"union ", b"enum "];
            bytes = prefixes.iter().find_map(|prefix| bytes.strip_prefix(*prefix)).unwrap_or(bytes);
        }
        let copy = self.alloc::<u8>(bytes.len())?;
        // SAFETY: the copy has that size.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), copy, bytes.len()) };
        Ok(copy.cast())
    }

    fn protocol(&mut self, protocol: &Protocol) -> Result<*mut ProtocolRep> {
        let rep = self.alloc::<ProtocolRep>(1)?;
        let count = protocol.messages().count();
        let messages = self.alloc::<MessageRep>(count)?;
        for (index, (tag, message)) in protocol.messages().enumerate() {
            let mut ty = ptr::null_mut();
            if !message.spec.is_null() {
                // SAFETY: a table of the protocol.
                ty = unsafe { self.table(message.spec) }?;
            }
            let name = self.text(message.name, false)?;
            // SAFETY: one of the messages allocated.
            unsafe { messages.add(index).write(MessageRep { tag, ty, name }) };
        }
        let count = u16::try_from(count).map_err(|_| Status::OVERFLOW)?;
        // SAFETY: just allocated.
        unsafe { rep.write(ProtocolRep { count, messages }) };
        Ok(rep)
    }

    /// # Safety
    /// As [`describe()`].
    unsafe fn table(&mut self, spec: Spec) -> Result<*mut TypeRep> {
        // SAFETY: as promised by the caller.
        let item = unsafe { table::element(spec, &mut |_, _| {}) }?;
        // SAFETY: as promised by the caller.
        unsafe { self.item(&item, &[]) }
    }

    /// # Safety
    /// As [`describe()`]; `around` are the members of the structure around the type.
    unsafe fn item(&mut self, item: &Item, around: &[Item]) -> Result<*mut TypeRep> {
        if item.kind == Kind::Custom {
            // SAFETY: a class and its table.
            return unsafe { self.table((*item.class).transmit_type) };
        }
        if let Some(known) = self.types.get(&item.spec) {
            return Ok(*known);
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Status::MALFORMED);
        }
        let rep = self.alloc::<TypeRep>(1)?;
        self.types.insert(item.spec, rep);
        // SAFETY: as promised by the caller; the description is zeroed memory.
        unsafe {
            (*rep).flags = item.attributes.flags & !(flag::PROMOTED | flag::SENSITIVE);
            (*rep).kind = match item.kind {
                Kind::Void | Kind::Custom => kind::VOID,
                Kind::Integer => {
                    let definition = self.alloc::<IntegerDef>(1)?;
                    definition.write(IntegerDef { width: width(item)?, sign: u32::from(!item.signed) });
                    let (lower, upper) = match item.attributes.flags & flag::RANGE {
                        0 => (0, 0),
                        _ => (item.attributes.range_low as u64, item.attributes.range_high as u64),
                    };
                    (*rep).info.integer = IntegerRep { definition, lower, upper };
                    kind::INTEGER
                }
                Kind::Enum => {
                    (*rep).info.enumeration = self.enumeration(item)?;
                    kind::ENUM
                }
                Kind::Struct => {
                    (*rep).info.structure = self.structure(item)?;
                    kind::STRUCT
                }
                Kind::Union => {
                    let discriminator = index_of(around, item.discriminator.0);
                    let definition = self.union(item, around)?;
                    (*rep).info.union = UnionRep { definition, discriminator };
                    kind::UNION
                }
                Kind::Pointer | Kind::Array => {
                    (*rep).info.indirect = self.indirect(item, around)?;
                    if item.kind == Kind::Pointer { kind::POINTER } else { kind::ARRAY }
                }
            };
        }
        self.depth -= 1;
        Ok(rep)
    }

    /// # Safety
    /// As [`Self::item`].
    unsafe fn enumeration(&mut self, item: &Item) -> Result<*mut EnumDef> {
        if let Some(known) = self.definitions.get(&item.inner) {
            return Ok(known.cast());
        }
        let definition = self.alloc::<EnumDef>(1)?;
        self.definitions.insert(item.inner, definition.cast());
        // SAFETY: as promised by the caller.
        let variants = unsafe { table::variants(item.inner) }?;
        let reps = self.alloc::<VariantRep>(variants.len())?;
        for (index, variant) in variants.iter().enumerate() {
            let name = self.text(variant.name, false)?;
            // SAFETY: one of those allocated.
            unsafe {
                reps.add(index).write(VariantRep {
                    is_mask: variant.is_mask.into(),
                    value: variant.value,
                    name,
                });
            }
        }
        let name = self.text(item.type_name, true)?;
        let sign = u32::from(!item.signed);
        // SAFETY: just allocated.
        unsafe {
            definition.write(EnumDef {
                width: width(item)?,
                sign,
                count: count(&variants)?,
                variants: reps,
                name,
            });
        }
        Ok(definition)
    }

    /// # Safety
    /// As [`Self::item`].
    unsafe fn structure(&mut self, item: &Item) -> Result<*mut StructDef> {
        if let Some(known) = self.definitions.get(&item.inner) {
            return Ok(known.cast());
        }
        let definition = self.alloc::<StructDef>(1)?;
        self.definitions.insert(item.inner, definition.cast());
        // SAFETY: as promised by the caller.
        let members = unsafe { table::members(item.inner, &mut |_, _| {}) }?;
        let fields = self.alloc::<FieldRep>(members.len())?;
        for (index, member) in members.iter().enumerate() {
            let name = self.text(member.member_name, false)?;
            // SAFETY: as promised by the caller; one of those allocated.
            unsafe { fields.add(index).write(FieldRep { ty: self.item(member, &members)?, name }) };
        }
        let name = self.text(item.type_name, true)?;
        // SAFETY: just allocated.
        unsafe { definition.write(StructDef { count: count(&members)?, fields, name }) };
        Ok(definition)
    }

    /// # Safety
    /// As [`Self::item`].
    unsafe fn union(&mut self, item: &Item, around: &[Item]) -> Result<*mut UnionDef> {
        if let Some(known) = self.definitions.get(&item.inner) {
            return Ok(known.cast());
        }
        let definition = self.alloc::<UnionDef>(1)?;
        self.definitions.insert(item.inner, definition.cast());
        // SAFETY: as promised by the caller.
        let members = unsafe { table::members(item.inner, &mut |_, _| {}) }?;
        let arms = self.alloc::<ArmRep>(members.len())?;
        for (index, member) in members.iter().enumerate() {
            let name = self.text(member.member_name, false)?;
            // SAFETY: as promised by the caller; one of those allocated.
            unsafe {
                let ty = self.item(member, around)?;
                arms.add(index).write(ArmRep { ty, tag: member.tag as u32, name });
            }
        }
        let name = self.text(item.type_name, true)?;
        // SAFETY: just allocated.
        unsafe { definition.write(UnionDef { count: count(&members)?, arms, name }) };
        Ok(definition)
    }

    /// # Safety
    /// As [`Self::item`].
    unsafe fn indirect(&mut self, item: &Item, around: &[Item]) -> Result<IndirectRep> {
        // The encoding of arrays was never described.
        let encoding = match item.kind {
            Kind::Pointer => self.text(item.encoding, false)?,
            _ => ptr::null_mut(),
        };
        let (mut zero_terminated, mut static_length, mut length_member) = (0, 0, -1);
        match item.length {
            Length::Static(length) => static_length = length as u32,
            Length::Zero => zero_terminated = 1,
            Length::Member { offset, .. } => length_member = index_of(around, offset),
        }
        // SAFETY: as promised by the caller.
        let element = unsafe {
            let element = table::element(item.inner, &mut |_, _| {})?;
            self.item(&element, around)?
        };
        Ok(IndirectRep { element, zero_terminated, static_length, length_member, encoding })
    }
}

fn width(item: &Item) -> Result<u8> {
    u8::try_from(item.width).map_err(|_| Status::MALFORMED)
}

fn count<T>(list: &[T]) -> Result<u16> {
    u16::try_from(list.len()).map_err(|_| Status::OVERFLOW)
}

/// The member at an offset, or -1.
fn index_of(members: &[Item], offset: usize) -> i16 {
    let index = members.iter().position(|member| member.offset == offset);
    index.and_then(|index| i16::try_from(index).ok()).unwrap_or(-1)
}
