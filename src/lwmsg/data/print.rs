//! Objects as text, for logs. Nothing is changed and nothing is sent by it.

use super::integer::{self, MAX_SIZE};
use super::marshal::terminated;
use super::{DataContext, Held, custom};
use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::lines::Lines;
use crate::lwmsg::program::table::{self, Item, Kind, Length, Spec, flag};
use crate::lwmsg::types::*;
use std::collections::HashMap;
use std::ffi::{CStr, CString, c_void};
use std::io::Write as _;
use std::ptr;

/// How deep structures and pointers may be inside each other; deeper ones are not printed. Indentation makes the text
/// grow with the square of the depth.
const MAX_DEPTH: usize = 200;

/// The structure that fields are looked up in.
#[derive(Clone, Copy)]
struct Dominator {
    object: *const u8,
    members: Spec,
}

struct Printer<'a> {
    data: &'a DataContext,
    out: Lines<'a>,
    depth: usize,
    /// What comes next is alone in its block, so that an array may follow it.
    alone: bool,
    aliases: HashMap<usize, usize>,
}

/// Appends an object as text.
///
/// # Safety
/// `root` is what the table says, passed as the operations of data take it.
pub(super) unsafe fn print(
    data: &DataContext,
    spec: Spec,
    root: *const c_void,
    indent: usize,
    out: &mut Vec<u8>,
) -> Result<()> {
    let mut printer =
        Printer { data, out: Lines::new(out, indent), depth: 0, alone: true, aliases: HashMap::new() };
    let dominator = Dominator { object: ptr::null(), members: ptr::null() };
    // SAFETY: as promised by the caller.
    unsafe {
        let item = table::element(spec, &mut |_, _| {})?;
        let is_argument = match spec.read() & 0xffff {
            table::POINTER => true,
            table::CUSTOM => (*item.class).is_pointer != 0,
            _ => false,
        };
        if is_argument {
            printer.visit(&item, (&raw const root).cast(), dominator)
        } else if root.is_null() {
            printer.out.text("<null>")
        } else {
            printer.visit(&item, root.cast(), dominator)
        }
    }
}

impl Printer<'_> {
    fn name(&mut self, name: &CStr) -> Result<()> {
        self.out.bytes(name.to_bytes())
    }

    /// Braces on lines of their own around what `body` prints.
    fn braces(&mut self, body: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.out.end_unless_empty();
        self.out.open()?;
        body(self)?;
        self.out.close()
    }

    /// # Safety
    /// The object is what the item says.
    unsafe fn visit(&mut self, item: &Item, object: *const u8, dominator: Dominator) -> Result<()> {
        if item.attributes.flags & flag::SENSITIVE != 0 {
            return self.out.text("<sensitive>");
        }
        self.depth += 1;
        let alone = std::mem::replace(&mut self.alone, false);
        // SAFETY: as promised by the caller.
        let printed = unsafe {
            match item.kind {
                _ if self.depth > MAX_DEPTH => self.out.text("..."),
                Kind::Void => Ok(()),
                Kind::Integer => self.integer(item, object),
                Kind::Enum => self.enumeration(item, object),
                Kind::Struct => self.braces(|printer| {
                    let inside = Dominator { object, members: item.inner };
                    let mut members = table::members(item.inner, &mut |_, _| {})?;
                    table::keep_last_flexible(&mut members);
                    for member in members {
                        if member.is_flexible() && !alone {
                            continue;
                        }
                        printer.member(&member, object.add(member.offset), inside)?;
                    }
                    Ok(())
                }),
                Kind::Union => self.union(item, object, dominator),
                Kind::Array => self.elements(item, object, dominator),
                Kind::Pointer => self.pointer(item, object, dominator),
                Kind::Custom => self.custom(item, object, dominator),
            }
        };
        self.depth -= 1;
        printed
    }

    /// # Safety
    /// As [`Self::visit`].
    unsafe fn member(&mut self, item: &Item, object: *const u8, dominator: Dominator) -> Result<()> {
        // SAFETY: a name of the table; as promised by the caller.
        unsafe {
            if !item.member_name.is_null() {
                self.name(table::text(item.member_name))?;
                self.out.text(" = ")?;
            }
            self.visit(item, object, dominator)?;
        }
        self.out.end_unless_empty();
        Ok(())
    }

    /// # Safety
    /// As [`Self::visit`].
    unsafe fn value(&mut self, item: &Item, object: *const u8) -> Result<u64> {
        if !(1..=MAX_SIZE).contains(&item.size) {
            return Err(Status::MALFORMED);
        }
        let mut memory = [0; MAX_SIZE];
        // SAFETY: as promised by the caller; the size has been checked.
        unsafe { ptr::copy_nonoverlapping(object, memory.as_mut_ptr(), item.size) };
        integer::widen(&memory[..item.size], item.signed)
    }

    fn number(&mut self, value: u64, signed: bool) -> Result<()> {
        let text = if signed { (value as i64).to_string() } else { value.to_string() };
        self.out.text(&text)
    }

    /// # Safety
    /// As [`Self::visit`].
    unsafe fn integer(&mut self, item: &Item, object: *const u8) -> Result<()> {
        // SAFETY: as promised by the caller.
        let value = unsafe { self.value(item, object) }?;
        self.number(value, item.signed)
    }

    /// The name of a value, and those of the masks it has.
    ///
    /// # Safety
    /// As [`Self::visit`].
    unsafe fn enumeration(&mut self, item: &Item, object: *const u8) -> Result<()> {
        // SAFETY: as promised by the caller.
        let (value, variants) = unsafe { (self.value(item, object)?, table::variants(item.inner)?) };
        let masks = variants.iter().filter(|variant| variant.is_mask).fold(0, |all, mask| all | mask.value);
        let residue = value & !masks;
        let mut rest = value & masks;
        let mut values = variants.iter().filter(|variant| !variant.is_mask).peekable();
        let only_masks = values.peek().is_none();
        let known = values.find(|variant| variant.value == residue);
        if known.is_none() && !(only_masks && residue == 0) {
            return Err(Status::MALFORMED);
        }
        let mut separator = "";
        match known {
            Some(known) if !known.name.is_null() => {
                // SAFETY: a name of the table.
                self.name(unsafe { table::text(known.name) })?;
                separator = " | ";
            }
            _ if only_masks && rest != 0 => {}
            _ => {
                self.number(residue, item.signed)?;
                separator = " | ";
            }
        }
        for mask in variants.iter().filter(|variant| variant.is_mask) {
            if rest & mask.value == 0 {
                continue;
            }
            rest &= !mask.value;
            self.out.text(separator)?;
            separator = " | ";
            if mask.name.is_null() {
                self.number(mask.value, item.signed)?;
            } else {
                // SAFETY: a name of the table.
                self.name(unsafe { table::text(mask.name) })?;
            }
        }
        Ok(())
    }

    /// # Safety
    /// As [`Self::visit`].
    unsafe fn union(&mut self, item: &Item, object: *const u8, dominator: Dominator) -> Result<()> {
        let (offset, size) = item.discriminator;
        // SAFETY: as promised by the caller.
        let (unsigned, signed) = unsafe { field(dominator, offset, size) }?;
        // SAFETY: a block of the table.
        let arms = unsafe { table::members(item.inner, &mut |_, _| {}) }?;
        let selected =
            |tag: usize| tag as u32 == unsigned as u32 || ((tag as i64) < 0 && tag as u32 == signed as u32);
        let arm = arms.iter().find(|arm| selected(arm.tag)).ok_or(Status::MALFORMED)?;
        // SAFETY: a name of the table; as promised by the caller.
        unsafe {
            if !arm.member_name.is_null() {
                self.out.text("<arm:")?;
                self.name(table::text(arm.member_name))?;
                self.out.text(">")?;
            }
            self.visit(arm, object, dominator)
        }
    }

    /// # Safety
    /// As [`Self::visit`].
    unsafe fn pointer(&mut self, item: &Item, object: *const u8, dominator: Dominator) -> Result<()> {
        // SAFETY: a pointer.
        let target = unsafe { object.cast::<*const u8>().read_unaligned() };
        if target.is_null() {
            return self.out.text("<null>");
        }
        if item.attributes.flags & flag::ALIASABLE != 0 {
            let next = self.aliases.len() + 1;
            let number = *self.aliases.entry(target as usize).or_insert(next);
            self.out.text(&format!("<alias:{number}>"))?;
            if number != next {
                return Ok(());
            }
            self.out.text(" ")?;
        }
        // SAFETY: as promised by the caller.
        unsafe { self.elements(item, target, dominator) }
    }

    /// What a pointer leads to, or what is in an array.
    ///
    /// # Safety
    /// As [`Self::visit`], for the elements at `target`.
    unsafe fn elements(&mut self, item: &Item, target: *const u8, dominator: Dominator) -> Result<()> {
        // SAFETY: as promised by the caller.
        unsafe {
            let element = table::element(item.inner, &mut |_, _| {})?;
            let count = match item.length {
                Length::Static(count) => count,
                Length::Zero => terminated(target, element.size),
                Length::Member { offset, size } => length(dominator, offset, size)?,
            };
            if !item.encoding.is_null() {
                let length = count.checked_mul(element.size).ok_or(Status::OVERFLOW)?;
                return self.encoded(item, target, length);
            }
            self.alone = item.kind == Kind::Pointer && count == 1 && item.length != Length::Zero;
            if item.length == Length::Static(1) {
                return self.visit(&element, target, dominator);
            }
            self.braces(|printer| {
                // A terminator that is no string's is an element too.
                for index in 0..count + usize::from(item.length == Length::Zero) {
                    printer.member(&element, target.add(index * element.size), dominator)?;
                }
                Ok(())
            })
        }
    }

    /// # Safety
    /// `length` bytes are at `target`.
    unsafe fn encoded(&mut self, item: &Item, target: *const u8, length: usize) -> Result<()> {
        // SAFETY: as promised by the caller.
        let bytes = unsafe { crate::ffi::slice::borrow(target, length) }.ok_or(Status::MALFORMED)?;
        // SAFETY: a text of the table.
        let encoding = unsafe { table::text(item.encoding) };
        if encoding == c"hex+ascii" {
            return self.dump(bytes);
        }
        self.out.text("\"")?;
        if encoding.is_empty() {
            let is_fixed = matches!(item.length, Length::Static(_));
            let end = bytes.iter().position(|byte| *byte == 0).filter(|_| is_fixed);
            self.out.bytes(&bytes[..end.unwrap_or(bytes.len())])?;
        } else {
            let text = converted(bytes, encoding)?;
            self.out.bytes(&text)?;
        }
        self.out.text("\"")
    }

    /// Sixteen bytes a line, as numbers and as characters.
    fn dump(&mut self, bytes: &[u8]) -> Result<()> {
        self.braces(|printer| {
            for (index, line) in bytes.chunks(16).enumerate() {
                let mut text = format!("{:08x}  ", index * 16).into_bytes();
                for place in 0..16 {
                    if place % 8 == 0 {
                        text.push(b' ');
                    }
                    match line.get(place) {
                        // Writing to a vector does not fail.
                        Some(byte) => drop(write!(text, "{byte:02x}")),
                        None => text.extend_from_slice(b"  "),
                    }
                    if place < 15 {
                        text.push(b' ');
                    }
                }
                text.extend_from_slice(b"  |");
                text.extend(line.iter().map(|byte| if (32..=126).contains(byte) { *byte } else { b'.' }));
                text.push(b'|');
                printer.out.bytes(&text)?;
                printer.out.end();
            }
            Ok(())
        })
    }

    /// # Safety
    /// As [`Self::visit`]; the class is what it claims to be.
    unsafe fn custom(&mut self, item: &Item, object: *const u8, dominator: Dominator) -> Result<()> {
        // SAFETY: as promised by the caller.
        let class = unsafe { item.class.read() };
        // SAFETY: as promised by the caller.
        unsafe {
            match custom::builtin(&class) {
                Some(custom::Builtin::Handle) if !own_print(&class) => {}
                Some(custom::Builtin::Handle) => {
                    let handle = object.cast::<*mut LWMsgHandle>().read_unaligned();
                    let mut text = Vec::new();
                    custom::print_handle(self.data, handle, table::text(item.class_data.cast()), &mut text)?;
                    return self.out.bytes(&text);
                }
                Some(custom::Builtin::Descriptor) => {
                    let fd = object.cast::<std::ffi::c_int>().read_unaligned();
                    return self.out.text(if fd > 0 { "255" } else { "0" });
                }
                None => {}
            }
            if let Some(print) = class.print {
                return self.printed_by_class(item, object, print);
            }
            let transmitted = table::element(class.transmit_type, &mut |_, _| {})?;
            let Some(marshal) = class.marshal else { return self.visit(&transmitted, object, dominator) };
            let held = Held::new(self.data.context().memory(), transmitted.size)?;
            let copy = held.block;
            let attributes = custom::attributes(&item.attributes);
            let status =
                marshal(self.data.as_ptr(), attributes, object.cast_mut().cast(), copy, item.class_data);
            let mut printed = Status(status).result();
            if printed.is_ok() {
                let none = Dominator { object: ptr::null(), members: ptr::null() };
                printed = self.visit(&transmitted, copy.cast(), none);
            }
            if let Some(destroy) = class.destroy_transmitted {
                destroy(
                    self.data.as_ptr(),
                    custom::attributes(&transmitted.attributes),
                    copy,
                    item.class_data,
                );
            }
            printed
        }
    }

    /// # Safety
    /// As [`Self::custom`].
    unsafe fn printed_by_class(
        &mut self,
        item: &Item,
        object: *const u8,
        print: unsafe extern "C-unwind" fn(
            *mut LWMsgDataContext,
            *mut LWMsgType,
            *mut c_void,
            *mut c_void,
            *mut LWMsgBuffer,
        ) -> LWMsgStatus,
    ) -> Result<()> {
        self.out.bytes(b"")?;
        let mut text = Vec::new();
        let mut buffer = super::spare(&mut text);
        buffer.wrap = Some(super::wrap_vec);
        buffer.data = (&raw mut text).cast();
        // SAFETY: as promised by the caller; the buffer is the vector's spare room.
        let status = unsafe {
            let attributes = custom::attributes(&item.attributes);
            let object = object.cast_mut().cast();
            print(self.data.as_ptr(), attributes, object, item.class_data, &raw mut buffer)
        };
        Status(status).result()?;
        // SAFETY: all bytes up to the cursor have been written.
        unsafe { text.set_len(buffer.cursor as usize - text.as_ptr() as usize) };
        self.out.bytes(&text)
    }
}

/// Whether handles print themselves as ours do.
fn own_print(class: &LWMsgTypeClass) -> bool {
    class.print.is_some_and(|print| ptr::fn_addr_eq(print, custom::HANDLE_PRINT))
}

/// The value of a field of a structure without and with its sign.
///
/// # Safety
/// The structure is there.
unsafe fn field(dominator: Dominator, offset: usize, size: usize) -> Result<(u64, i64)> {
    if dominator.object.is_null() || !(1..=8).contains(&size) {
        return Err(Status::MALFORMED);
    }
    let mut bytes = [0; 8];
    // SAFETY: as promised by the caller; the size has been checked.
    unsafe { ptr::copy_nonoverlapping(dominator.object.add(offset), bytes.as_mut_ptr(), size) };
    Ok((integer::widen(&bytes[..size], false)?, integer::widen(&bytes[..size], true)? as i64))
}

/// A length that a field of a structure says.
///
/// # Safety
/// The structure is there.
unsafe fn length(dominator: Dominator, offset: usize, size: usize) -> Result<usize> {
    // SAFETY: as promised by the caller; a block of the table.
    let ((unsigned, signed), members) =
        unsafe { (field(dominator, offset, size)?, table::members(dominator.members, &mut |_, _| {})?) };
    let member = members.iter().find(|member| member.offset == offset && member.size == size);
    let has_sign = member.is_some_and(|member| member.kind == Kind::Integer && member.signed);
    if has_sign && signed < 0 { Err(Status::MALFORMED) } else { Ok(unsigned as usize) }
}

/// Text of a character set in that of the locale; what cannot be said there is `?`.
fn converted(bytes: &[u8], encoding: &CStr) -> Result<Vec<u8>> {
    let order = if integer::NATIVE_BIG { "BE" } else { "LE" };
    let (from, unit) = match encoding.to_bytes() {
        b"ucs-2" => (CString::new(format!("UCS-2{order}")), 2),
        b"utf-16" => (CString::new(format!("UTF-16{order}")), 2),
        _ => (Ok(encoding.to_owned()), 1),
    };
    let from = from.map_err(|_| Status::MALFORMED)?;
    // SAFETY: two terminated texts; the empty one is the locale's character set.
    let converter = unsafe { libc::iconv_open(c"".as_ptr(), from.as_ptr()) };
    if converter as isize == -1 {
        return Err(Status::UNSUPPORTED);
    }
    let mut text = Vec::new();
    let (mut input, mut left) = (bytes.as_ptr().cast_mut().cast(), bytes.len());
    while left > 0 {
        let mut part = [0u8; 256];
        let (mut output, mut room) = (part.as_mut_ptr().cast(), part.len());
        // SAFETY: so many bytes are readable and writable at these places.
        let done =
            unsafe { libc::iconv(converter, &raw mut input, &raw mut left, &raw mut output, &raw mut room) };
        text.extend_from_slice(&part[..part.len() - room]);
        if done == usize::MAX && crate::ffi::errno::get() != libc::E2BIG {
            text.push(b'?');
            let skipped = unit.min(left);
            input = input.wrapping_add(skipped);
            left -= skipped;
        }
    }
    // SAFETY: opened above, and not used again.
    unsafe { libc::iconv_close(converter) };
    Ok(text)
}
