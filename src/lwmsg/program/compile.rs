//! From a table to a program.

use super::table::{self, Item, Kind, Length, MAX_NESTING, Spec, flag};
use super::{Block, Count, Element, Field, Indirect, Op, Program, Root, Source, Type, Union};
use crate::lwmsg::error::{Result, Status};
use std::collections::HashMap;
use std::ffi::c_char;
use std::ptr;

/// More than any sane table has; a table that refers to itself in an inline way ends here too.
const MAX_OPS: usize = 1 << 20;

/// Compiles a table. MALFORMED when it makes no sense.
///
/// # Safety
/// `spec` is a complete table, as the macros of `type.h` make them, and so are those it refers to.
pub unsafe fn compile(spec: Spec) -> Result<Program> {
    let mut compiler = Compiler {
        program: Program {
            data: Vec::new(),
            free: Vec::new(),
            blocks: Vec::new(),
            types: Vec::new(),
            indirects: Vec::new(),
            unions: Vec::new(),
            root: Root { data: 0, free: 0, custom: None },
            object: 0,
            source: Vec::new(),
            spec,
        },
        known: HashMap::new(),
        waiting: Vec::new(),
        effort: 0,
    };
    compiler.table(spec)?;
    Ok(compiler.program)
}

/// More types than any sane table has: those of archives come from anywhere.
const MAX_EFFORT: usize = 1 << 22;

/// The structure that fields are looked up in.
#[derive(Clone, Copy)]
struct Dominator {
    /// That around the element, instead of one in it.
    outer: bool,
    /// Its offset in the element.
    offset: u32,
    /// Its members.
    members: Spec,
}

/// Which list of steps.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Mode {
    Data,
    Free,
}

/// Where a type is.
#[derive(Clone, Copy)]
enum Place {
    /// It is the element.
    Element,
    /// In a structure, which is the element or lies deeper in it.
    Member { outermost: bool },
    /// In a union of that size.
    Arm { room: usize },
}

struct Waiting {
    block: u32,
    item: Item,
    /// The members of the structure around it.
    members: Spec,
}

struct Compiler {
    program: Program,
    /// Blocks by the first word inside the pointer and, for elements that are no structures, by the structure around.
    known: HashMap<(Spec, Spec), u32>,
    waiting: Vec<Waiting>,
    /// How many types have been looked at.
    effort: usize,
}

impl Compiler {
    fn table(&mut self, spec: Spec) -> Result<()> {
        let item = self.item(spec)?.ok_or(Status::MALFORMED)?;
        self.record(spec, item.end);
        self.program.object = self.block(item, ptr::null())?;
        // SAFETY: the first word of the table.
        let command = unsafe { spec.read() } & 0xffff;
        while let Some(next) = self.waiting.pop() {
            self.fill(next)?;
        }
        let object = self.program.blocks[self.program.object as usize];
        self.program.root = match command {
            table::POINTER => Root { data: object.data, free: object.free, custom: None },
            _ => self.promoted(&item, spec)?,
        };
        while let Some(next) = self.waiting.pop() {
            self.fill(next)?;
        }
        Ok(())
    }

    /// Steps for a pointer to the object that the table does not mention.
    fn promoted(&mut self, item: &Item, spec: Spec) -> Result<Root> {
        let none = Dominator { outer: true, offset: 0, members: ptr::null() };
        let mut pointer = *item;
        pointer.kind = Kind::Pointer;
        pointer.length = Length::Static(1);
        pointer.inner = spec;
        pointer.attributes =
            table::Attributes { flags: flag::NOT_NULL | flag::PROMOTED, ..Default::default() };
        (pointer.type_name, pointer.member_name) = (ptr::null(), ptr::null());
        let indirect = self.indirect(&pointer, none, ptr::null())?;
        let custom = match item.kind {
            Kind::Custom => Some(self.ty(item, none, ptr::null())?),
            _ => None,
        };
        let root = Root { data: self.position(Mode::Data)?, free: self.position(Mode::Free)?, custom };
        for mode in [Mode::Data, Mode::Free] {
            self.push(mode, Op::Pointer { offset: 0, indirect })?;
            self.push(mode, Op::End)?;
        }
        Ok(root)
    }

    /// Remembers the words of a table, to be compared with what is there later.
    fn record(&mut self, at: Spec, end: Spec) {
        if self.program.source.iter().any(|source| source.at == at) {
            return;
        }
        // SAFETY: both are places in one table, whose words have just been read.
        let words = unsafe { std::slice::from_raw_parts(at, end.offset_from(at).unsigned_abs()) };
        self.program.source.push(Source { at, words: words.into() });
    }

    fn item(&mut self, spec: Spec) -> Result<Option<Item>> {
        self.effort += 1;
        if self.effort > MAX_EFFORT {
            return Err(Status::MALFORMED);
        }
        let mut seen = Vec::new();
        // SAFETY: a place where a type may begin, as all callers see to.
        let item = unsafe { table::item(spec, &mut |at, end| seen.push((at, end))) };
        // References are met from the inside out.
        for (at, end) in seen.into_iter().rev() {
            self.record(at, end);
        }
        item
    }

    fn members(&mut self, inner: Spec) -> Result<Vec<Item>> {
        let mut members = Vec::new();
        let mut next = inner;
        while !next.is_null() {
            let Some(member) = self.item(next)? else { break };
            members.push(member);
            next = member.next;
        }
        Ok(members)
    }

    /// The block for one element, compiled now or later. `members` is the structure around it.
    fn block(&mut self, item: Item, members: Spec) -> Result<u32> {
        let around = if item.kind == Kind::Struct { ptr::null() } else { members };
        if let Some(known) = self.known.get(&(item.spec, around)) {
            return Ok(*known);
        }
        let block = u32::try_from(self.program.blocks.len()).map_err(|_| Status::MALFORMED)?;
        let min_wire = self.min_wire(&item, 0);
        let size = item.size_in_memory(self)?;
        self.program.blocks.push(Block {
            data: 0,
            free: 0,
            owns: false,
            size,
            is_struct: item.kind == Kind::Struct,
            min_wire,
        });
        self.known.insert((item.spec, around), block);
        self.waiting.push(Waiting { block, item, members: around });
        Ok(block)
    }

    fn fill(&mut self, waiting: Waiting) -> Result<()> {
        let mut item = waiting.item;
        item.offset = 0;
        let dominator = Dominator { outer: true, offset: 0, members: waiting.members };
        let data = self.position(Mode::Data)?;
        self.emit(&item, 0, dominator, Mode::Data, Place::Element, ptr::null(), 0)?;
        self.push(Mode::Data, Op::End)?;
        let free = self.position(Mode::Free)?;
        self.emit(&item, 0, dominator, Mode::Free, Place::Element, ptr::null(), 0)?;
        let owns = self.position(Mode::Free)? != free;
        self.push(Mode::Free, Op::End)?;
        let block = &mut self.program.blocks[waiting.block as usize];
        *block = Block { data, free, owns, ..*block };
        Ok(())
    }

    fn list(&mut self, mode: Mode) -> &mut Vec<Op> {
        match mode {
            Mode::Data => &mut self.program.data,
            Mode::Free => &mut self.program.free,
        }
    }

    fn position(&mut self, mode: Mode) -> Result<u32> {
        u32::try_from(self.list(mode).len()).map_err(|_| Status::MALFORMED)
    }

    fn push(&mut self, mode: Mode, op: Op) -> Result<()> {
        let list = self.list(mode);
        if list.len() >= MAX_OPS {
            return Err(Status::MALFORMED);
        }
        list.try_reserve(1)?;
        list.push(op);
        Ok(())
    }

    /// Steps for a type at an offset of the element.
    #[expect(clippy::too_many_arguments, reason = "what is known of the place, once")]
    fn emit(
        &mut self,
        item: &Item,
        offset: usize,
        dominator: Dominator,
        mode: Mode,
        place: Place,
        container: *const c_char,
        depth: usize,
    ) -> Result<()> {
        if depth > MAX_NESTING {
            return Err(Status::MALFORMED);
        }
        let at = u32::try_from(offset).map_err(|_| Status::MALFORMED)?;
        let verify = match (mode, item.verify) {
            (Mode::Data, Some(_)) => Some(self.ty(item, dominator, container)?),
            _ => None,
        };
        if let Some(ty) = verify {
            self.push(mode, Op::VerifyBefore { offset: at, ty })?;
        }
        match item.kind {
            Kind::Void => {}
            Kind::Integer | Kind::Enum if mode == Mode::Free => {}
            Kind::Integer => {
                let op = match item.plain_size() {
                    Some(1) => Op::Plain1(at),
                    Some(2) => Op::Plain2(at),
                    Some(4) => Op::Plain4(at),
                    Some(8) => Op::Plain8(at),
                    _ => Op::Integer { offset: at, ty: self.integer(item, dominator, container)? },
                };
                self.push(mode, op)?;
            }
            Kind::Enum => {
                let ty = self.integer(item, dominator, container)?;
                self.push(mode, Op::Enum { offset: at, ty })?;
            }
            Kind::Struct => {
                let dominator = Dominator { outer: false, offset: at, members: item.inner };
                let mut members = self.members(item.inner)?;
                table::keep_last_flexible(&mut members);
                for member in members {
                    let offset = offset.checked_add(member.offset).ok_or(Status::MALFORMED)?;
                    let place = Place::Member { outermost: depth == 0 };
                    self.emit(&member, offset, dominator, mode, place, item.type_name, depth + 1)?;
                }
            }
            Kind::Union => self.union(item, offset, dominator, mode, container, depth)?,
            Kind::Pointer => {
                let indirect = self.indirect(item, dominator, container)?;
                self.push(mode, Op::Pointer { offset: at, indirect })?;
            }
            Kind::Array => {
                // There is no place for an array of no fixed length in a structure inside another.
                let misplaced = matches!(place, Place::Member { outermost: false }) && item.is_flexible();
                if !misplaced && (mode == Mode::Data || self.owns(item, 0)?) {
                    let indirect = self.indirect(item, dominator, container)?;
                    let op = match (item.length, place) {
                        (Length::Static(_), _) => Op::Array { offset: at, indirect },
                        (_, Place::Member { .. }) => Op::Flexible { offset: at, indirect },
                        (_, Place::Arm { room }) => {
                            self.program.indirects[indirect as usize].room = room;
                            Op::Array { offset: at, indirect }
                        }
                        (_, Place::Element) => {
                            self.program.indirects[indirect as usize].room = 0;
                            Op::Array { offset: at, indirect }
                        }
                    };
                    self.push(mode, op)?;
                }
            }
            Kind::Custom => {
                let ty = self.ty(item, dominator, container)?;
                self.push(mode, Op::Custom { offset: at, ty })?;
            }
        }
        if let Some(ty) = verify {
            self.push(mode, Op::VerifyAfter { offset: at, ty })?;
        }
        Ok(())
    }

    fn union(
        &mut self,
        item: &Item,
        offset: usize,
        dominator: Dominator,
        mode: Mode,
        container: *const c_char,
        depth: usize,
    ) -> Result<()> {
        if mode == Mode::Free && !self.owns(item, 0)? {
            return Ok(());
        }
        let ty = self.ty(item, dominator, container)?;
        let (field_offset, size) = item.discriminator;
        let field = self.field(field_offset, size, dominator, None)?;
        let union = u32::try_from(self.program.unions.len()).map_err(|_| Status::MALFORMED)?;
        self.program.unions.push(Union { field, arms: Vec::new(), behind: 0, ty });
        self.push(mode, Op::Union { union })?;
        let mut jumps = Vec::new();
        let mut arms = Vec::new();
        for arm in self.members(item.inner)? {
            arms.push((arm.tag, self.position(mode)?));
            // Arms begin where the union does.
            let place = Place::Arm { room: item.size };
            self.emit(&arm, offset, dominator, mode, place, item.type_name, depth + 1)?;
            jumps.push(self.position(mode)?);
            self.push(mode, Op::Jump(0))?;
        }
        let behind = self.position(mode)?;
        for jump in jumps {
            self.list(mode)[jump as usize] = Op::Jump(behind);
        }
        let union = &mut self.program.unions[union as usize];
        (union.arms, union.behind) = (arms, behind);
        Ok(())
    }

    /// A field of the structure that dominates.
    fn field(
        &mut self,
        offset: usize,
        size: usize,
        dominator: Dominator,
        members: Option<Spec>,
    ) -> Result<Field> {
        if !(1..=8).contains(&size) {
            return Err(Status::MALFORMED);
        }
        let mut signed = false;
        if let Some(members) = members {
            let fields = self.members(members)?;
            let field = fields.iter().find(|field| field.offset == offset && field.size == size);
            signed = field.is_some_and(|field| field.kind == Kind::Integer && field.signed);
        }
        let offset = offset.checked_add(dominator.offset as usize).ok_or(Status::MALFORMED)?;
        let offset = u32::try_from(offset).map_err(|_| Status::MALFORMED)?;
        Ok(Field { outer: dominator.outer, offset, size: size as u8, signed })
    }

    fn indirect(&mut self, item: &Item, dominator: Dominator, container: *const c_char) -> Result<u32> {
        let element = self.item(item.inner)?.ok_or(Status::MALFORMED)?;
        let count = match item.length {
            Length::Static(count) => Count::Static(count),
            Length::Zero => Count::Zero,
            Length::Member { offset, size } => {
                Count::Field(self.field(offset, size, dominator, Some(dominator.members))?)
            }
        };
        let kind = match element.kind {
            Kind::Integer | Kind::Enum if element.size == 1 && element.width == 1 => Element::Bytes,
            Kind::Integer if element.plain_size().is_some() && element.verify.is_none() => Element::Plain,
            _ => Element::Block,
        };
        let block = self.block(element, dominator.members)?;
        let is_pointer = item.kind == Kind::Pointer;
        let ty = self.ty(item, dominator, container)?;
        let indirect = Indirect {
            count,
            element: kind,
            not_null: item.attributes.flags & flag::NOT_NULL != 0,
            aliasable: is_pointer && item.attributes.flags & flag::ALIASABLE != 0,
            outer: dominator.outer,
            dominator: dominator.offset,
            block,
            room: usize::MAX,
            stride: self.program.blocks[block as usize].size,
            max_alloc: item.attributes.max_alloc,
            key: item.inner as usize,
            ty,
        };
        let index = u32::try_from(self.program.indirects.len()).map_err(|_| Status::MALFORMED)?;
        self.program.indirects.push(indirect);
        Ok(index)
    }

    fn integer(&mut self, item: &Item, dominator: Dominator, container: *const c_char) -> Result<u32> {
        if !(1..=16).contains(&item.size) || !(1..=16).contains(&item.width) {
            return Err(Status::MALFORMED);
        }
        self.ty(item, dominator, container)
    }

    fn ty(&mut self, item: &Item, dominator: Dominator, container: *const c_char) -> Result<u32> {
        let (mut masks, mut values) = (0, Vec::new());
        if item.kind == Kind::Enum {
            // SAFETY: the block of an enumeration that has been read.
            for variant in unsafe { table::variants(item.inner) }? {
                if variant.is_mask {
                    masks |= variant.value;
                } else {
                    values.push(variant.value);
                }
            }
        }
        let index = u32::try_from(self.program.types.len()).map_err(|_| Status::MALFORMED)?;
        self.program.types.push(Type {
            attributes: item.attributes,
            size: item.size,
            width: item.width,
            signed: item.signed,
            verify: item.verify,
            verify_data: item.verify_data,
            class: item.class,
            class_data: item.class_data,
            masks,
            values: values.into(),
            outer: dominator.outer,
            dominator: dominator.offset,
            container,
            member: item.member_name,
            name: item.type_name,
        });
        Ok(index)
    }

    /// Whether a type that lies inside its container owns anything.
    fn owns(&mut self, item: &Item, depth: usize) -> Result<bool> {
        if depth > MAX_NESTING {
            return Err(Status::MALFORMED);
        }
        match item.kind {
            Kind::Pointer | Kind::Custom => Ok(true),
            Kind::Struct | Kind::Union => {
                for member in self.members(item.inner)? {
                    if self.owns(&member, depth + 1)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Kind::Array => {
                let element = self.item(item.inner)?.ok_or(Status::MALFORMED)?;
                self.owns(&element, depth + 1)
            }
            Kind::Void | Kind::Integer | Kind::Enum => Ok(false),
        }
    }

    /// The least number of bytes a type takes on the wire; less where that is hard to say.
    fn min_wire(&mut self, item: &Item, depth: usize) -> usize {
        if depth > 8 {
            return 0;
        }
        match item.kind {
            Kind::Void | Kind::Custom => 0,
            Kind::Integer | Kind::Enum => item.width.min(16),
            Kind::Pointer if item.attributes.flags & flag::ALIASABLE != 0 => 4,
            Kind::Pointer if item.attributes.flags & flag::NOT_NULL == 0 => 1,
            // Only the last array of a structure is read whose length is not fixed.
            _ if item.is_flexible() => 0,
            Kind::Pointer | Kind::Array => match item.length {
                Length::Zero => 4,
                Length::Member { .. } => 0,
                Length::Static(count) => match self.item(item.inner) {
                    Ok(Some(element)) => self.min_wire(&element, depth + 1).saturating_mul(count),
                    _ => 0,
                },
            },
            Kind::Struct => {
                let members = self.members(item.inner).unwrap_or_default();
                members.iter().map(|member| self.min_wire(member, depth + 1)).fold(0, usize::saturating_add)
            }
            Kind::Union => {
                let arms = self.members(item.inner).unwrap_or_default();
                arms.iter().map(|arm| self.min_wire(arm, depth + 1)).min().unwrap_or(0)
            }
        }
    }
}

impl Item {
    /// The size of an integer that is the same in memory and on the wire, unless it has to be checked.
    fn plain_size(&self) -> Option<usize> {
        let plain = self.size == self.width
            && matches!(self.size, 1 | 2 | 4 | 8)
            && self.attributes.flags & flag::RANGE == 0;
        plain.then_some(self.size)
    }

    /// The size of an element; that of an array, which its table does not say, is that of its elements.
    fn size_in_memory(&self, compiler: &mut Compiler) -> Result<usize> {
        if self.kind != Kind::Array || self.size != 0 {
            return Ok(self.size);
        }
        let mut item = *self;
        let mut size = 1usize;
        for _ in 0..MAX_NESTING {
            if item.kind != Kind::Array || item.size != 0 {
                return size.checked_mul(item.size).ok_or(Status::MALFORMED);
            }
            let Length::Static(count) = item.length else { return Ok(0) };
            size = size.checked_mul(count).ok_or(Status::MALFORMED)?;
            item = compiler.item(item.inner)?.ok_or(Status::MALFORMED)?;
        }
        Err(Status::MALFORMED)
    }
}
