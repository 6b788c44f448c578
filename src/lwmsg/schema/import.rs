//! From descriptions to tables: types that the program does not know, read from an archive.
//!
//! Members are laid out anew. What the description leaves open has no meaning on the wire.

use super::*;
use crate::lwmsg::context::Memory;
use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::program::table::{Spec, flag};
use std::collections::HashMap;
use std::ffi::c_void;
use std::ptr::{self, NonNull};

const MEMBER: usize = 0x1_0000;
const META: usize = 0x2_0000;
const END: usize = 0x00;
const STRUCT: usize = 0x01;
const UNION: usize = 0x02;
const INTEGER: usize = 0x03;
const POINTER: usize = 0x04;
const ARRAY: usize = 0x05;
const TYPESPEC: usize = 0x06;
const TERMINATION: usize = 0x07;
const TAG: usize = 0x08;
const DISCRIM: usize = 0x09;
const RANGE: usize = 0x0c;
const NOT_NULL: usize = 0x0d;
const VOID: usize = 0x0f;
const ENCODING: usize = 0x10;
const ALIASABLE: usize = 0x12;
const ENUM: usize = 0x13;
const ENUM_VALUE: usize = 0x14;
const ENUM_MASK: usize = 0x15;

/// Tables in one block of memory, with the texts they name.
#[derive(Debug)]
pub struct Image {
    memory: Memory,
    block: NonNull<usize>,
}

impl Image {
    /// The block, which begins with the first table; it is the caller's now.
    pub fn into_block(self) -> *mut usize {
        let block = self.block.as_ptr();
        std::mem::forget(self);
        block
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        // SAFETY: a block of this memory, whose tables nobody uses any more: whoever has the image sees to that.
        unsafe { self.memory.free(self.block.as_ptr().cast()) }
    }
}

/// Makes tables of descriptions, and copies of names; both are in the order given, and NULL for what is NULL.
///
/// # Safety
/// Complete descriptions, and terminated texts.
pub unsafe fn import(
    memory: Memory,
    types: &[*const TypeRep],
    names: &[*const c_char],
) -> Result<(Image, Vec<Spec>, Vec<*const c_char>)> {
    let mut importer = Importer::default();
    let mut roots = Vec::new();
    for ty in types {
        roots.push(match ty.is_null() {
            true => None,
            // SAFETY: as promised by the caller.
            false => Some(unsafe { importer.table(*ty, None) }?),
        });
    }
    // Names are a table of their own, which nobody reads as one.
    let list = importer.new_table();
    importer.tables[list] =
        names.iter().map(|name| if name.is_null() { Word::Value(0) } else { Word::Text(*name) }).collect();
    let (image, tables) = importer.place(memory)?;
    let specs = roots.iter().map(|root| root.map_or(ptr::null(), |root| tables[root])).collect();
    // SAFETY: so many words have been placed there.
    let copies = unsafe { std::slice::from_raw_parts(tables[list], names.len()) };
    Ok((image, specs, copies.iter().map(|name| *name as *const c_char).collect()))
}

/// A word of a table, before its place in memory is known.
#[derive(Clone, Copy)]
enum Word {
    Value(usize),
    /// The address of a table.
    Table(usize),
    /// The address of a text.
    Text(*const c_char),
}

/// The size and alignment of a type in memory.
#[derive(Clone, Copy, Default)]
struct Extent {
    size: usize,
    align: usize,
}

/// The structure around a type.
#[derive(Clone, Copy)]
struct Around<'a> {
    fields: &'a [FieldRep],
    offsets: &'a [usize],
    sizes: &'a [usize],
}

impl Around<'_> {
    /// Offset and size of a member that says a length or selects an arm.
    fn selector(this: Option<Self>, index: i16) -> Result<[Word; 2]> {
        let around = this.ok_or(Status::MALFORMED)?;
        let index = usize::try_from(index).map_err(|_| Status::MALFORMED)?;
        let field = around.fields.get(index).ok_or(Status::MALFORMED)?;
        // SAFETY: types of members are never NULL.
        if !matches!(unsafe { &*field.ty }.kind, kind::INTEGER | kind::ENUM) {
            return Err(Status::MALFORMED);
        }
        Ok([Word::Value(around.offsets[index]), Word::Value(around.sizes[index])])
    }
}

/// How a type appears: by itself, or as a member of that name at that offset.
#[derive(Clone, Copy)]
struct Place {
    member: Option<(*const c_char, usize)>,
}

impl Place {
    /// The command and what comes before its arguments.
    fn command(self, command: usize) -> Vec<Word> {
        match self.member {
            Some((name, _)) if !name.is_null() => {
                vec![Word::Value(command | MEMBER | META), Word::Text(name)]
            }
            Some(_) => vec![Word::Value(command | MEMBER)],
            None => vec![Word::Value(command)],
        }
    }

    fn offset(self) -> Option<Word> {
        self.member.map(|(_, offset)| Word::Value(offset))
    }
}

#[derive(Default)]
struct Importer {
    tables: Vec<Vec<Word>>,
    /// Tables by what they describe: definitions, types, and the bodies of pointers.
    known: HashMap<(*const c_void, bool), usize>,
    /// Sizes of definitions that are known already.
    extents: HashMap<*const c_void, (usize, Vec<usize>, Vec<usize>)>,
    /// Definitions whose size is being computed: none may be inside itself.
    measuring: Vec<*const c_void>,
    depth: usize,
}

impl Importer {
    fn new_table(&mut self) -> usize {
        self.tables.push(Vec::new());
        self.tables.len() - 1
    }

    /// The table of a type by itself.
    ///
    /// # Safety
    /// A complete description.
    unsafe fn table(&mut self, rep: *const TypeRep, around: Option<Around<'_>>) -> Result<usize> {
        if let Some(known) = self.known.get(&(rep.cast(), false)) {
            return Ok(*known);
        }
        let table = self.new_table();
        self.known.insert((rep.cast(), false), table);
        // SAFETY: as promised by the caller.
        let mut words = unsafe { self.ty(rep, Place { member: None }, around) }?;
        words.push(Word::Value(END));
        self.tables[table] = words;
        Ok(table)
    }

    /// The words of a type with its attributes.
    ///
    /// # Safety
    /// A complete description.
    unsafe fn ty(
        &mut self,
        rep: *const TypeRep,
        place: Place,
        around: Option<Around<'_>>,
    ) -> Result<Vec<Word>> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Status::MALFORMED);
        }
        // SAFETY: as promised by the caller; the kind says what it is.
        let mut words = unsafe {
            let extent = self.extent(rep)?;
            let rep = &*rep;
            match rep.kind {
                kind::VOID => place.command(VOID),
                kind::INTEGER => {
                    let integer = rep.info.integer;
                    let IntegerDef { width, sign } = *integer.definition;
                    let mut words = place.command(INTEGER);
                    words.push(Word::Value(width.into()));
                    words.extend(place.offset());
                    words.extend([Word::Value(width.into()), Word::Value(sign as usize)]);
                    if rep.flags & flag::RANGE != 0 {
                        words
                            .extend([RANGE, integer.lower as usize, integer.upper as usize].map(Word::Value));
                    }
                    words
                }
                kind::ENUM => {
                    let table = self.enumeration(rep.info.enumeration)?;
                    reference(place, extent, table)
                }
                kind::STRUCT => {
                    let table = self.structure(rep.info.structure)?;
                    reference(place, extent, table)
                }
                kind::UNION => {
                    let union = rep.info.union;
                    let table = self.union(union.definition, around)?;
                    let mut words = reference(place, extent, table);
                    words.push(Word::Value(DISCRIM));
                    words.extend(Around::selector(around, union.discriminator)?);
                    words
                }
                kind::POINTER => {
                    // Pointers to the same may share it: what they have in common is the body.
                    let body = self.body(rep.info.indirect.element, around)?;
                    let mut words = reference(place, extent, body);
                    self.attributes(&mut words, rep.info.indirect, around)?;
                    words
                }
                kind::ARRAY => {
                    let array = rep.info.indirect;
                    let element = self.table(array.element, around)?;
                    let mut words = place.command(ARRAY);
                    words.extend(place.offset());
                    words.extend([Word::Value(TYPESPEC), Word::Table(element), Word::Value(END)]);
                    self.attributes(&mut words, array, around)?;
                    words
                }
                _ => return Err(Status::MALFORMED),
            }
        };
        // SAFETY: as promised by the caller.
        let (kind, flags) = unsafe { ((*rep).kind, (*rep).flags) };
        if flags & flag::NOT_NULL != 0 {
            words.push(Word::Value(NOT_NULL));
        }
        if kind == kind::POINTER && flags & flag::ALIASABLE != 0 {
            words.push(Word::Value(ALIASABLE));
        }
        self.depth -= 1;
        Ok(words)
    }

    /// The table of a pointer to a type.
    ///
    /// # Safety
    /// A complete description.
    unsafe fn body(&mut self, element: *const TypeRep, around: Option<Around<'_>>) -> Result<usize> {
        if let Some(known) = self.known.get(&(element.cast(), true)) {
            return Ok(*known);
        }
        let table = self.new_table();
        self.known.insert((element.cast(), true), table);
        // SAFETY: as promised by the caller.
        let element = unsafe { self.table(element, around) }?;
        self.tables[table] = vec![
            Word::Value(POINTER),
            Word::Value(TYPESPEC),
            Word::Table(element),
            Word::Value(END),
            Word::Value(END),
        ];
        Ok(table)
    }

    fn attributes(
        &mut self,
        words: &mut Vec<Word>,
        indirect: IndirectRep,
        around: Option<Around<'_>>,
    ) -> Result<()> {
        if indirect.zero_terminated != 0 {
            words.extend([TERMINATION, 1].map(Word::Value));
        } else if indirect.length_member >= 0 {
            words.extend([TERMINATION, 2].map(Word::Value));
            words.extend(Around::selector(around, indirect.length_member)?);
        } else {
            words.extend([TERMINATION, 0, indirect.static_length as usize].map(Word::Value));
        }
        if !indirect.encoding.is_null() {
            words.extend([Word::Value(ENCODING), Word::Text(indirect.encoding)]);
        }
        Ok(())
    }

    /// # Safety
    /// A complete description.
    unsafe fn enumeration(&mut self, definition: *const EnumDef) -> Result<usize> {
        if let Some(known) = self.known.get(&(definition.cast(), false)) {
            return Ok(*known);
        }
        let table = self.new_table();
        self.known.insert((definition.cast(), false), table);
        // SAFETY: as promised by the caller.
        let (definition, variants) = unsafe {
            let definition = &*definition;
            (definition, slice(definition.variants, definition.count))
        };
        let mut words = named(ENUM, definition.name);
        let width = usize::from(definition.width);
        words.extend([width, width, definition.sign as usize].map(Word::Value));
        for variant in variants {
            words.extend(named(if variant.is_mask != 0 { ENUM_MASK } else { ENUM_VALUE }, variant.name));
            words.push(Word::Value(variant.value as usize));
        }
        words.extend([END, END].map(Word::Value));
        self.tables[table] = words;
        Ok(table)
    }

    /// # Safety
    /// A complete description.
    unsafe fn structure(&mut self, definition: *const StructDef) -> Result<usize> {
        if let Some(known) = self.known.get(&(definition.cast(), false)) {
            return Ok(*known);
        }
        let table = self.new_table();
        self.known.insert((definition.cast(), false), table);
        // SAFETY: as promised by the caller.
        let (size, offsets, sizes) = unsafe { self.layout(definition) }?;
        // SAFETY: as promised by the caller.
        let (definition, fields) = unsafe {
            let definition = &*definition;
            (definition, slice(definition.fields, definition.count))
        };
        let mut words = named(STRUCT, definition.name);
        words.push(Word::Value(size));
        let around = Around { fields, offsets: &offsets, sizes: &sizes };
        for (field, offset) in fields.iter().zip(&offsets) {
            let place = Place { member: Some((field.name, *offset)) };
            // SAFETY: as promised by the caller.
            words.extend(unsafe { self.ty(field.ty, place, Some(around)) }?);
        }
        words.extend([END, END].map(Word::Value));
        self.tables[table] = words;
        Ok(table)
    }

    /// # Safety
    /// A complete description.
    unsafe fn union(&mut self, definition: *const UnionDef, around: Option<Around<'_>>) -> Result<usize> {
        if let Some(known) = self.known.get(&(definition.cast(), false)) {
            return Ok(*known);
        }
        let table = self.new_table();
        self.known.insert((definition.cast(), false), table);
        // SAFETY: as promised by the caller.
        let (definition, arms, extent) = unsafe {
            let extent = self.union_extent(definition)?;
            let definition = &*definition;
            (definition, slice(definition.arms, definition.count), extent)
        };
        let mut words = named(UNION, definition.name);
        words.push(Word::Value(extent.size));
        for arm in arms {
            let place = Place { member: Some((arm.name, 0)) };
            // SAFETY: as promised by the caller.
            words.extend(unsafe { self.ty(arm.ty, place, around) }?);
            words.extend([TAG, arm.tag as usize].map(Word::Value));
        }
        words.extend([END, END].map(Word::Value));
        self.tables[table] = words;
        Ok(table)
    }

    /// # Safety
    /// A complete description.
    unsafe fn extent(&mut self, rep: *const TypeRep) -> Result<Extent> {
        let integer = |width: u8| {
            let size = usize::from(width);
            Extent { size, align: size.next_power_of_two().min(8) }
        };
        // SAFETY: as promised by the caller; the kind says what it is.
        unsafe {
            let rep = rep.as_ref().ok_or(Status::MALFORMED)?;
            Ok(match rep.kind {
                kind::VOID => Extent { size: 0, align: 1 },
                kind::INTEGER => integer((*rep.info.integer.definition).width),
                kind::ENUM => integer((*rep.info.enumeration).width),
                kind::POINTER => Extent { size: 8, align: 8 },
                kind::STRUCT => Extent { size: self.layout(rep.info.structure)?.0, align: 8 },
                kind::UNION => self.union_extent(rep.info.union.definition)?,
                kind::ARRAY => {
                    let array = rep.info.indirect;
                    self.enter(array.element.cast())?;
                    let element = self.extent(array.element)?;
                    self.measuring.pop();
                    let size = element.size.checked_mul(array.static_length as usize);
                    let size = size.filter(|size| *size <= u32::MAX as usize).ok_or(Status::MALFORMED)?;
                    Extent { size, align: element.align }
                }
                _ => return Err(Status::MALFORMED),
            })
        }
    }

    fn enter(&mut self, what: *const c_void) -> Result<()> {
        if self.measuring.contains(&what) || self.measuring.len() > MAX_DEPTH {
            return Err(Status::MALFORMED);
        }
        self.measuring.push(what);
        Ok(())
    }

    /// Size of a structure, and the places and sizes of its members.
    ///
    /// # Safety
    /// A complete description.
    unsafe fn layout(&mut self, definition: *const StructDef) -> Result<(usize, Vec<usize>, Vec<usize>)> {
        if let Some(known) = self.extents.get(&definition.cast()) {
            return Ok(known.clone());
        }
        self.enter(definition.cast())?;
        // SAFETY: as promised by the caller.
        let fields = unsafe { slice((*definition).fields, (*definition).count) };
        let (mut size, mut offsets, mut sizes) = (0usize, Vec::new(), Vec::new());
        for field in fields {
            // SAFETY: as promised by the caller.
            let extent = unsafe { self.extent(field.ty) }?;
            size = size.next_multiple_of(extent.align);
            offsets.push(size);
            sizes.push(extent.size);
            size = size
                .checked_add(extent.size)
                .filter(|size| *size <= u32::MAX as usize)
                .ok_or(Status::MALFORMED)?;
        }
        self.measuring.pop();
        // An array of no fixed length lies at the end, and the structure ends where it begins.
        let layout = (size.next_multiple_of(8), offsets, sizes);
        self.extents.insert(definition.cast(), layout.clone());
        Ok(layout)
    }

    /// # Safety
    /// A complete description.
    unsafe fn union_extent(&mut self, definition: *const UnionDef) -> Result<Extent> {
        if let Some((size, ..)) = self.extents.get(&definition.cast()) {
            return Ok(Extent { size: *size, align: 8 });
        }
        self.enter(definition.cast())?;
        // SAFETY: as promised by the caller.
        let arms = unsafe { slice((*definition).arms, (*definition).count) };
        let mut size = 0;
        for arm in arms {
            // SAFETY: as promised by the caller.
            size = size.max(unsafe { self.extent(arm.ty) }?.size);
        }
        self.measuring.pop();
        self.extents.insert(definition.cast(), (size, Vec::new(), Vec::new()));
        Ok(Extent { size, align: 8 })
    }

    /// Puts all tables and texts into one block.
    fn place(self, memory: Memory) -> Result<(Image, Vec<Spec>)> {
        let words: usize = self.tables.iter().map(Vec::len).sum();
        let texts = self.tables.iter().flatten().filter_map(|word| match word {
            // SAFETY: a terminated text of the description.
            Word::Text(text) => Some(unsafe { CStr::from_ptr(*text) }.to_bytes_with_nul()),
            _ => None,
        });
        let room = words * size_of::<usize>() + texts.clone().map(<[u8]>::len).sum::<usize>();
        let block = NonNull::new(memory.alloc(room)?.cast::<usize>()).ok_or(Status::MEMORY)?;
        let image = Image { memory, block };
        let mut starts = Vec::new();
        let mut next = block.as_ptr();
        for table in &self.tables {
            starts.push(next.cast_const());
            // SAFETY: there is room for all words.
            next = unsafe { next.add(table.len()) };
        }
        let mut text = next.cast::<u8>();
        let mut texts = texts;
        let mut at = block.as_ptr();
        for word in self.tables.iter().flatten() {
            let value = match word {
                Word::Value(value) => *value,
                Word::Table(table) => starts[*table] as usize,
                Word::Text(_) => {
                    let bytes = texts.next().unwrap_or(b"\0");
                    let place = text as usize;
                    // SAFETY: there is room for all texts.
                    unsafe {
                        ptr::copy_nonoverlapping(bytes.as_ptr(), text, bytes.len());
                        text = text.add(bytes.len());
                    }
                    place
                }
            };
            // SAFETY: there is room for all words.
            unsafe {
                at.write(value);
                at = at.add(1);
            }
        }
        Ok((image, starts))
    }
}

/// A command with a name, if there is one.
fn named(command: usize, name: *const c_char) -> Vec<Word> {
    if name.is_null() {
        vec![Word::Value(command)]
    } else {
        vec![Word::Value(command | META), Word::Text(name)]
    }
}

/// A reference to a table.
fn reference(place: Place, extent: Extent, table: usize) -> Vec<Word> {
    let mut words = place.command(TYPESPEC);
    if let Some(offset) = place.offset() {
        words.extend([Word::Value(extent.size), offset]);
    }
    words.push(Word::Table(table));
    words
}
