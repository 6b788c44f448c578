//! Descriptions as text that looks like C.

use super::*;
use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::lines::{INDENT, Lines};
use crate::lwmsg::program::table::flag;
use std::collections::HashSet;

/// Appends a type as text. What is defined is written out where it is used first.
///
/// # Safety
/// A complete description.
pub unsafe fn print(rep: *const TypeRep, indent: usize, out: &mut Vec<u8>) -> Result<()> {
    // SAFETY: as promised by the caller.
    unsafe { print_seen(rep, indent, &mut HashSet::new(), out) }
}

/// As [`print()`], leaving out what was written out before.
///
/// # Safety
/// A complete description.
unsafe fn print_seen(
    rep: *const TypeRep,
    indent: usize,
    seen: &mut HashSet<*const ()>,
    out: &mut Vec<u8>,
) -> Result<()> {
    let mut printer = Printer { out: Lines::new(out, indent), seen, depth: 0 };
    // SAFETY: as promised by the caller.
    unsafe { printer.ty(rep, None) }
}

/// The messages of a protocol as text, one behind another.
///
/// # Safety
/// A complete description.
pub unsafe fn print_protocol(rep: &ProtocolRep, indent: usize) -> Result<Vec<u8>> {
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    // SAFETY: as promised by the caller.
    for (index, message) in unsafe { messages(rep) }.iter().enumerate() {
        if index > 0 {
            out.push(b'\n');
        }
        // SAFETY: as promised by the caller.
        unsafe { print_message(message, indent, &mut seen, &mut out) }?;
    }
    Ok(out)
}

/// Appends a message with its type.
///
/// # Safety
/// A complete description.
unsafe fn print_message(
    message: &MessageRep,
    indent: usize,
    seen: &mut HashSet<*const ()>,
    out: &mut Vec<u8>,
) -> Result<()> {
    out.resize(out.len() + indent, b' ');
    // SAFETY: a name of the description.
    match unsafe { name(message.name) } {
        Some(name) => {
            out.extend_from_slice(name.to_bytes());
            out.extend_from_slice(format!(" ({})", message.tag).as_bytes());
        }
        None => out.extend_from_slice(message.tag.to_string().as_bytes()),
    }
    if message.ty.is_null() {
        return Ok(());
    }
    out.extend_from_slice(b": ");
    // SAFETY: as promised by the caller.
    unsafe { print_seen(message.ty, indent + INDENT, seen, out) }
}

struct Printer<'a> {
    out: Lines<'a>,
    /// Definitions that have been written out.
    seen: &'a mut HashSet<*const ()>,
    depth: usize,
}

impl Printer<'_> {
    /// A name, or what stands for it.
    ///
    /// # Safety
    /// NULL or a terminated text.
    unsafe fn name(&mut self, text: *const c_char, otherwise: impl FnOnce() -> String) -> Result<()> {
        // SAFETY: as promised by the caller.
        match unsafe { name(text) } {
            Some(name) => self.out.bytes(name.to_bytes()),
            None => self.out.text(&otherwise()),
        }
    }

    /// # Safety
    /// A complete description, and the structure around it.
    unsafe fn ty(&mut self, rep: *const TypeRep, around: Option<&StructDef>) -> Result<()> {
        // SAFETY: as promised by the caller.
        let rep = unsafe { rep.as_ref() }.ok_or(Status::MALFORMED)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Status::MALFORMED);
        }
        // SAFETY: the kind says what it is; as promised by the caller.
        unsafe {
            match rep.kind {
                kind::VOID => self.out.text("void")?,
                kind::INTEGER => self.integer(rep)?,
                kind::ENUM => self.enumeration(&*rep.info.enumeration)?,
                kind::STRUCT => self.structure(&*rep.info.structure)?,
                kind::UNION => self.union(rep.info.union, around)?,
                kind::POINTER => self.pointer(rep, around)?,
                kind::ARRAY => self.array(rep.info.indirect, around)?,
                _ => return Err(Status::MALFORMED),
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Begins a definition; true when it is to be written out.
    fn begin<T>(&mut self, definition: &T) -> bool {
        let first = self.seen.insert((&raw const *definition).cast());
        if first {
            self.out.end_unless_empty();
        }
        first
    }

    /// # Safety
    /// An integer.
    unsafe fn integer(&mut self, rep: &TypeRep) -> Result<()> {
        // SAFETY: as promised by the caller; definitions are never NULL.
        let (integer, definition) = unsafe { (rep.info.integer, *rep.info.integer.definition) };
        self.integer_name(definition.width, definition.sign)?;
        if rep.flags & flag::RANGE == 0 {
            return Ok(());
        }
        let range = match definition.sign {
            0 => format!(" <range={},{}>", integer.lower as i64, integer.upper as i64),
            _ => format!(" <range={},{}>", integer.lower, integer.upper),
        };
        self.out.text(&range)
    }

    fn integer_name(&mut self, width: u8, sign: u32) -> Result<()> {
        self.out.text(&format!("{}int{}", if sign == 0 { "" } else { "u" }, u32::from(width) * 8))
    }

    /// # Safety
    /// Complete.
    unsafe fn enumeration(&mut self, definition: &EnumDef) -> Result<()> {
        let first = self.begin(definition);
        self.integer_name(definition.width, definition.sign)?;
        self.out.text(" enum ")?;
        // SAFETY: a name, and a counted array, of the description.
        let variants = unsafe {
            self.name(definition.name, || "<anonymous>".to_owned())?;
            slice(definition.variants, definition.count)
        };
        if !first {
            return Ok(());
        }
        self.out.end();
        self.out.open()?;
        for (index, variant) in variants.iter().enumerate() {
            // SAFETY: a name of the description.
            unsafe { self.name(variant.name, || format!("variant{index}")) }?;
            let digits = usize::from(definition.width) * 2;
            self.out.text(&match variant.is_mask {
                0 => format!(" = {}", variant.value),
                _ => format!(" = 0x{:0digits$x}", variant.value),
            })?;
            if index + 1 < variants.len() {
                self.out.text(",")?;
            }
            self.out.end();
        }
        self.out.close()
    }

    /// # Safety
    /// Complete.
    unsafe fn structure(&mut self, definition: &StructDef) -> Result<()> {
        let first = self.begin(definition);
        self.out.text("struct ")?;
        // SAFETY: a name, and a counted array, of the description.
        let fields = unsafe {
            self.name(definition.name, || "<anonymous>".to_owned())?;
            slice(definition.fields, definition.count)
        };
        if !first {
            return Ok(());
        }
        self.out.end();
        self.out.open()?;
        for (index, field) in fields.iter().enumerate() {
            // SAFETY: as promised by the caller.
            unsafe { self.ty(field.ty, Some(definition)) }?;
            self.out.text(" ")?;
            self.field(Some(definition), index as i16)?;
            self.out.text(";")?;
            self.out.end();
        }
        self.out.close()
    }

    /// The name of a member.
    fn field(&mut self, structure: Option<&StructDef>, index: i16) -> Result<()> {
        let structure = structure.ok_or(Status::MALFORMED)?;
        // SAFETY: a counted array of the description.
        let fields = unsafe { slice(structure.fields, structure.count) };
        let field = usize::try_from(index).ok().and_then(|index| fields.get(index));
        // SAFETY: a name of the description.
        unsafe { self.name(field.ok_or(Status::MALFORMED)?.name, || format!("field{index}")) }
    }

    /// # Safety
    /// Complete.
    unsafe fn union(&mut self, union: UnionRep, around: Option<&StructDef>) -> Result<()> {
        // SAFETY: definitions are never NULL.
        let definition = unsafe { &*union.definition };
        let first = self.begin(definition);
        self.out.text("union ")?;
        // SAFETY: a name, and a counted array, of the description.
        let arms = unsafe {
            self.name(definition.name, || "<anonymous>".to_owned())?;
            slice(definition.arms, definition.count)
        };
        if !first {
            return Ok(());
        }
        // SAFETY: a counted array of the description.
        let fields = around.map_or(&[][..], |around| unsafe { slice(around.fields, around.count) });
        let selector = usize::try_from(union.discriminator).ok().and_then(|index| fields.get(index));
        self.out.end();
        self.out.open()?;
        for (index, arm) in arms.iter().enumerate() {
            // SAFETY: as promised by the caller.
            unsafe {
                self.ty(arm.ty, around)?;
                self.out.text(" ")?;
                self.name(arm.name, || format!("arm{index}"))?;
                self.out.text(" <tag=")?;
                self.tag(selector.map(|field| field.ty.cast_const()), arm.tag)?;
            }
            self.out.text(">;")?;
            self.out.end();
        }
        self.out.close()?;
        if selector.is_some() {
            self.out.text(" <discrim=")?;
            self.field(around, union.discriminator)?;
            self.out.text(">")?;
        }
        Ok(())
    }

    /// A tag, by its name where an enumeration selects.
    ///
    /// # Safety
    /// Complete.
    unsafe fn tag(&mut self, selector: Option<*const TypeRep>, tag: u32) -> Result<()> {
        // SAFETY: as promised by the caller.
        let selector = selector.and_then(|selector| unsafe { selector.as_ref() });
        if let Some(selector) = selector.filter(|selector| selector.kind == kind::ENUM) {
            // SAFETY: the kind says so; a counted array of the description.
            let variants = unsafe {
                let definition = &*selector.info.enumeration;
                slice(definition.variants, definition.count)
            };
            let known =
                variants.iter().find(|variant| variant.value == u64::from(tag) && !variant.name.is_null());
            if let Some(known) = known {
                // SAFETY: a name of the description.
                return unsafe { self.name(known.name, String::new) };
            }
        }
        self.out.text(&tag.to_string())
    }

    /// # Safety
    /// A pointer.
    unsafe fn pointer(&mut self, rep: &TypeRep, around: Option<&StructDef>) -> Result<()> {
        // SAFETY: as promised by the caller.
        let pointer = unsafe { rep.info.indirect };
        // SAFETY: as promised by the caller.
        unsafe { self.ty(pointer.element, around) }?;
        self.out.text(if rep.flags & flag::NOT_NULL != 0 { "&" } else { "*" })?;
        if rep.flags & flag::ALIASABLE != 0 {
            self.out.text("!")?;
        }
        // SAFETY: a text of the description.
        let encoding = unsafe { name(pointer.encoding) };
        let mut begin = " <";
        let mut attribute = |printer: &mut Self, text: &[u8]| {
            printer.out.text(std::mem::replace(&mut begin, ","))?;
            printer.out.bytes(text)
        };
        if pointer.static_length > 1 {
            attribute(self, format!("length={}", pointer.static_length).as_bytes())?;
        }
        if pointer.zero_terminated != 0 {
            attribute(self, if encoding.is_some() { b"string" } else { b"zero" })?;
        }
        if let Some(encoding) = encoding.filter(|encoding| !encoding.is_empty()) {
            attribute(self, &[b"encoding=", encoding.to_bytes()].concat())?;
        }
        if pointer.length_member >= 0 {
            attribute(self, b"length=")?;
            self.field(around, pointer.length_member)?;
        }
        if rep.flags & flag::SENSITIVE != 0 {
            attribute(self, b"sensitive")?;
        }
        if begin == "," { self.out.text(">") } else { Ok(()) }
    }

    /// # Safety
    /// Complete.
    unsafe fn array(&mut self, array: IndirectRep, around: Option<&StructDef>) -> Result<()> {
        // SAFETY: as promised by the caller.
        unsafe { self.ty(array.element, around) }?;
        self.out.text("[")?;
        if array.static_length != 0 {
            self.out.text(&array.static_length.to_string())?;
        } else if array.length_member >= 0 {
            self.field(around, array.length_member)?;
        }
        self.out.text(if array.zero_terminated != 0 { "] <zero>" } else { "]" })
    }
}
