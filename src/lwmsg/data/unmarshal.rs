//! Bytes to objects.
//!
//! What has been allocated and which custom objects have been made is written down as it happens, so that any error
//! frees everything without looking at half-made objects. Memory grows as data arrives: a length that the peer claims
//! gets at most [`AHEAD`] bytes, shared by all that wait, before the data does.

use super::integer::{self, MAX_SIZE, NATIVE_BIG};
use super::marshal::{field_value, is_zero};
use super::stream::Stream;
use super::{DataContext, Held, Walk, custom, graph};
use crate::lwmsg::context::Memory;
use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::program::{Block, Count, Element, Indirect, Op, Program, Type};
use crate::lwmsg::types::*;
use std::ffi::c_void;
use std::ptr;

/// Bytes of memory that may be waiting for data, in all of an operation. Fuzzing finds in less what there is to find.
const AHEAD: usize = if cfg!(fuzzing) { 1 << 20 } else { 16 << 20 };

/// Allocations that may take no bytes on the wire, beside [`IDLE_A_BYTE`] for each byte there was. Less in
/// fuzzing, as above.
const MAX_IDLE: usize = if cfg!(fuzzing) { 1 << 12 } else { 1 << 18 };
const IDLE_A_BYTE: usize = 16;

/// No flexible array.
const NONE: u32 = u32::MAX;
/// No flexible array may be read.
const FORBIDDEN: u32 = u32::MAX - 1;

/// Where to go on when an element is done.
#[derive(Clone, Copy)]
struct Frame {
    step: usize,
    first: usize,
    element: *mut u8,
    outer: *mut u8,
    left: usize,
    stride: usize,
    /// The allocation that the elements are in.
    block: usize,
    /// Where it ends for now, if it may have to grow.
    limit: *mut u8,
    /// How much of it counts as waiting for data.
    claim: usize,
    /// Where one of the elements that is all zero would end them, so that nobody would free what later ones own: the
    /// type of which that is the case.
    terminated: Option<u32>,
    /// The flexible array that waits for the end of the structure.
    flexible: u32,
}

/// A block that was allocated.
#[derive(Clone, Copy)]
struct Allocation {
    block: *mut u8,
    /// Its size for now.
    size: usize,
    /// Its size in the end.
    total: usize,
    /// The pointer to it.
    slot: *mut u8,
    /// The number of bytes read when it was allocated or grew.
    read: usize,
    /// What it is the referent of.
    indirect: u32,
    /// How many aliases, custom objects and frames there were before it: none of these lies inside.
    before: [usize; 3],
}

/// A custom object that was made.
struct Made {
    object: *mut u8,
    size: usize,
    class: *const LWMsgTypeClass,
    data: *mut c_void,
    attributes: crate::lwmsg::program::table::Attributes,
}

/// An object that has a number.
struct Numbered {
    /// The allocation; or none when it is gone.
    block: Option<usize>,
    key: usize,
}

/// One operation.
struct Unmarshal<'a> {
    data: &'a DataContext,
    input: Stream,
    memory: Memory,
    default_memory: bool,
    frames: Vec<Frame>,
    allocations: Vec<Allocation>,
    made: Vec<Made>,
    numbered: Vec<Numbered>,
    /// Pointers to numbered objects beside their first one, by allocation: an object that moves takes them along.
    aliases: Vec<(usize, *mut u8)>,
    depth: usize,
    /// Bytes of memory that wait for data, and those that got none.
    claimed: usize,
    /// Allocations that no byte of the input was read for, and how far it had been read at the last one.
    idle: usize,
    idle_at: usize,
    /// Transmitted objects in progress.
    copies: Vec<Held>,
    /// What is being filled. Unless it is `done`, everything made for it is undone: after errors, and when a function
    /// of the program's throws.
    object: *mut u8,
    size: usize,
    done: bool,
}

/// Makes an object of the bytes at the cursor of a buffer.
///
/// # Safety
/// The buffer is valid; custom classes and verify functions are what they claim to be.
pub(super) unsafe fn unmarshal(
    data: &DataContext,
    program: &Program,
    buffer: *mut LWMsgBuffer,
) -> Result<*mut c_void> {
    let mut out: *mut c_void = ptr::null_mut();
    // SAFETY: as promised by the caller; the pointer is a local.
    unsafe {
        let entry = program.root().data;
        operate(data, program, buffer, entry, (&raw mut out).cast(), size_of::<*mut c_void>())?;
    }
    Ok(out)
}

/// Fills an object of the program's with the bytes at the cursor of a buffer.
///
/// # Safety
/// As [`unmarshal`]; `size` bytes are at `object`.
pub(super) unsafe fn unmarshal_into(
    data: &DataContext,
    program: &Program,
    buffer: *mut LWMsgBuffer,
    object: *mut c_void,
    size: usize,
) -> Result<()> {
    let block = program.blocks[program.object as usize];
    if size < block.size {
        return Err(Status::BUFFER_TOO_SMALL);
    }
    // SAFETY: as promised by the caller.
    unsafe { operate(data, program, buffer, block.data, object.cast(), block.size) }
}

/// # Safety
/// As [`unmarshal`]; the steps are for an object of `size` bytes at `object`.
unsafe fn operate(
    data: &DataContext,
    program: &Program,
    buffer: *mut LWMsgBuffer,
    entry: u32,
    object: *mut u8,
    size: usize,
) -> Result<()> {
    let memory = data.context().memory();
    let mut operation = Unmarshal {
        data,
        // SAFETY: as promised by the caller.
        input: unsafe { Stream::new(buffer) },
        memory,
        default_memory: memory.is_default(),
        frames: Vec::new(),
        allocations: Vec::new(),
        made: Vec::new(),
        numbered: Vec::new(),
        aliases: Vec::new(),
        depth: 0,
        claimed: 0,
        idle: 0,
        idle_at: usize::MAX,
        copies: Vec::new(),
        object,
        size,
        done: false,
    };
    // SAFETY: as promised by the caller.
    let mut result = unsafe { operation.run_ordered(program, entry as usize, object, ptr::null_mut()) };
    match result {
        Ok(()) => result = operation.input.finish(),
        Err(_) => operation.input.store(),
    }
    operation.done = result.is_ok();
    result
}

impl Drop for Unmarshal<'_> {
    fn drop(&mut self) {
        if !self.done {
            // SAFETY: everything written down is this operation's, and nobody has seen it.
            unsafe { self.undo(0, 0, self.object, self.size) }
        }
    }
}

/// An integer of bytes in the order given.
macro_rules! ordered {
    ($type:ty, $bytes:expr, $big:expr) => {{
        let bytes = $bytes;
        if $big { <$type>::from_be_bytes(bytes) } else { <$type>::from_le_bytes(bytes) }
    }};
}

impl Walk for Unmarshal<'_> {
    type Place = *mut u8;

    fn data(&self) -> &DataContext {
        self.data
    }

    unsafe fn run<const BIG: bool>(
        &mut self,
        program: &Program,
        entry: usize,
        element: *mut u8,
        outer: *mut u8,
    ) -> Result<()> {
        let floor = self.frames.len();
        let code = &program.data[..];
        let mut step = entry;
        // What a frame keeps, of the elements being read.
        let mut now = Frame {
            step: 0,
            first: entry,
            element,
            outer,
            left: 0,
            stride: 0,
            block: usize::MAX,
            limit: ptr::null_mut(),
            claim: 0,
            terminated: None,
            flexible: FORBIDDEN,
        };
        loop {
            match code[step] {
                // SAFETY: fields of the element, as the table says.
                Op::Plain1(offset) => unsafe {
                    let value = self.input.take::<1>()?;
                    now.element.add(offset as usize).write(value[0]);
                },
                Op::Plain2(offset) => {
                    let value = ordered!(u16, self.input.take()?, BIG);
                    // SAFETY: as above.
                    unsafe { now.element.add(offset as usize).cast::<u16>().write_unaligned(value) };
                }
                Op::Plain4(offset) => {
                    let value = ordered!(u32, self.input.take()?, BIG);
                    // SAFETY: as above.
                    unsafe { now.element.add(offset as usize).cast::<u32>().write_unaligned(value) };
                }
                Op::Plain8(offset) => {
                    let value = ordered!(u64, self.input.take()?, BIG);
                    // SAFETY: as above.
                    unsafe { now.element.add(offset as usize).cast::<u64>().write_unaligned(value) };
                }
                Op::Integer { offset, ty } => {
                    // SAFETY: as above.
                    unsafe { self.integer(program, ty, now.element.add(offset as usize), BIG, false) }?;
                }
                Op::Enum { offset, ty } => {
                    // SAFETY: as above.
                    unsafe { self.integer(program, ty, now.element.add(offset as usize), BIG, true) }?;
                }
                Op::Custom { offset, ty } => {
                    // SAFETY: as above.
                    unsafe {
                        let object = now.element.add(offset as usize);
                        self.custom::<BIG>(program, ty, object, now.element, now.outer)
                    }?;
                }
                // The array at the end of the structure is the last of it, and comes before its check.
                Op::End | Op::VerifyAfter { .. }
                    if now.flexible < FORBIDDEN
                        && (matches!(code[step], Op::End) || matches!(code[step + 1], Op::End)) =>
                {
                    let Op::Flexible { offset, indirect } = code[now.flexible as usize] else {
                        return Err(Status::INTERNAL);
                    };
                    now.flexible = NONE;
                    // SAFETY: as above; the structure has been read.
                    let entered =
                        unsafe { self.flexible::<BIG>(program, indirect, offset as usize, &mut now) }?;
                    if let Some(entered) = entered {
                        // Back at this step when it is done.
                        self.push(&mut now, step)?;
                        now = entered;
                        step = now.first;
                    }
                    continue;
                }
                Op::VerifyAfter { offset, ty } => {
                    let ty = &program.types[ty as usize];
                    if let Some(verify) = ty.verify {
                        // SAFETY: the program's own function and data.
                        let status = unsafe {
                            let object = now.element.add(offset as usize);
                            verify(self.data.as_ptr(), LWMSG_TRUE, object.cast(), ty.verify_data)
                        };
                        Status(status).result()?;
                    }
                }
                Op::VerifyBefore { .. } => {}
                Op::Union { union } => {
                    let union = &program.unions[union as usize];
                    // SAFETY: as above; the field has been read, or is zero.
                    let (unsigned, signed) = unsafe { field_value(union.field, now.element, now.outer) }?;
                    step = match union.arm(unsigned, signed) {
                        Some(arm) => arm as usize,
                        None => return Err(self.data.no_arm(program, union.ty, unsigned)),
                    };
                    continue;
                }
                Op::Jump(target) => {
                    step = target as usize;
                    continue;
                }
                Op::Flexible { .. } => {
                    if now.flexible != FORBIDDEN {
                        now.flexible = step as u32;
                    }
                }
                Op::Array { offset, indirect } => {
                    let info = &program.indirects[indirect as usize];
                    // SAFETY: as above.
                    let count = unsafe { self.count::<BIG>(program, info, now.element, now.outer) }?;
                    let full = count.saturating_add(usize::from(matches!(info.count, Count::Zero)));
                    let bytes = full.checked_mul(info.stride).ok_or(Status::OVERFLOW)?;
                    if bytes > info.room {
                        return Err(self.data.length_overflow(program, info.ty));
                    }
                    // SAFETY: as above.
                    let target = unsafe { now.element.add(offset as usize) };
                    match info.element {
                        _ if count == 0 => {}
                        // SAFETY: so many elements are inside the element.
                        Element::Bytes => unsafe { self.input.read(target, count) }?,
                        // SAFETY: as above.
                        Element::Plain => unsafe { self.plain::<BIG>(target, info.stride, count) }?,
                        Element::Block => {
                            // SAFETY: as above.
                            let outer = unsafe { dominator(program, info, now.element, now.outer) };
                            self.push(&mut now, step + 1)?;
                            now = Frame {
                                step: 0,
                                first: program.blocks[info.block as usize].data as usize,
                                element: target,
                                outer,
                                left: count - 1,
                                stride: info.stride,
                                block: usize::MAX,
                                limit: ptr::null_mut(),
                                claim: 0,
                                terminated: info.terminated(&program.blocks[info.block as usize]),
                                flexible: FORBIDDEN,
                            };
                            step = now.first;
                            continue;
                        }
                    }
                }
                Op::Pointer { offset, indirect } => {
                    let info = &program.indirects[indirect as usize];
                    // SAFETY: as above.
                    let slot = unsafe { now.element.add(offset as usize) };
                    if self.indicated::<BIG>(program, info, slot)? {
                        // SAFETY: as above.
                        let count = unsafe { self.count::<BIG>(program, info, now.element, now.outer) }?;
                        // SAFETY: as above.
                        let outer = unsafe { dominator(program, info, now.element, now.outer) };
                        // SAFETY: as above.
                        let entered = unsafe { self.referent::<BIG>(program, indirect, slot, count, outer) }?;
                        if let Some(entered) = entered {
                            // The last step of the last element need not come back: lists are read without a stack.
                            let is_last = now.left == 0
                                && matches!(code[step + 1], Op::End)
                                && now.flexible >= FORBIDDEN
                                && now.limit.is_null();
                            if is_last {
                                self.settle(&now);
                            } else {
                                self.push(&mut now, step + 1)?;
                            }
                            now = entered;
                            step = now.first;
                            continue;
                        }
                    }
                }
                Op::End => {
                    if now.left > 0 {
                        if let Some(ty) = now.terminated
                            // SAFETY: an element that has been read.
                            && unsafe { is_zero(now.element, now.stride) }
                        {
                            return Err(self.data.early_terminator(program, ty));
                        }
                        now.left -= 1;
                        // SAFETY: within the block, or at its end.
                        now.element = unsafe { now.element.add(now.stride) };
                        if !now.limit.is_null() && (now.element as usize) + now.stride > now.limit as usize {
                            self.grow_for(&mut now)?;
                        }
                        step = now.first;
                        continue;
                    }
                    if !now.limit.is_null() {
                        self.complete(now.block)?;
                    }
                    self.settle(&now);
                    if self.frames.len() == floor {
                        return Ok(());
                    }
                    let Some(frame) = self.frames.pop() else { return Ok(()) };
                    now = frame;
                    step = now.step;
                    continue;
                }
            }
            step += 1;
        }
    }
}

impl Unmarshal<'_> {
    /// Allocations that take no bytes, as those of pointers to themselves, could go on for ever.
    #[inline]
    fn check_progress(&mut self) -> Result<()> {
        let position = self.input.position();
        if position != self.idle_at {
            self.idle_at = position;
            return Ok(());
        }
        self.idle += 1;
        let most = MAX_IDLE.saturating_add(position.saturating_mul(IDLE_A_BYTE));
        if self.idle > most { Err(Status::OVERFLOW) } else { Ok(()) }
    }

    /// How much more memory may wait for data.
    fn ahead(&self) -> usize {
        (AHEAD + self.input.position()).saturating_sub(self.claimed)
    }

    /// The elements have been read; their memory waits no longer. What took no bytes on the wire counts to the end.
    #[inline]
    fn settle(&mut self, frame: &Frame) {
        if frame.claim > 0 && self.input.position() != self.allocations[frame.block].read {
            self.claimed -= frame.claim;
        }
    }

    fn push(&mut self, now: &mut Frame, step: usize) -> Result<()> {
        self.frames.try_reserve(1)?;
        now.step = step;
        self.frames.push(*now);
        Ok(())
    }

    /// Reads whether a pointer has a referent, and writes a pointer that needs none read. True when it follows.
    fn indicated<const BIG: bool>(
        &mut self,
        program: &Program,
        info: &Indirect,
        slot: *mut u8,
    ) -> Result<bool> {
        let mut known = ptr::null_mut();
        if info.aliasable {
            let id = ordered!(u32, self.input.take()?, BIG) as usize;
            if id == 0 && info.not_null {
                return Err(self.data.null_found(program, info.ty));
            }
            if id > self.numbered.len() {
                return Ok(true);
            }
            if id > 0 {
                let numbered = &self.numbered[id - 1];
                let (Some(block), true) = (numbered.block, numbered.key == info.key) else {
                    return Err(self.data.wrong_alias(program, info.ty));
                };
                known = self.allocations[block].block;
                self.aliases.try_reserve(1)?;
                self.aliases.push((block, slot));
            }
        } else if info.not_null || self.input.take::<1>()? != [0] {
            return Ok(true);
        }
        // SAFETY: a pointer field of the element.
        unsafe { slot.cast::<*mut u8>().write_unaligned(known) };
        Ok(false)
    }

    /// # Safety
    /// The fields exist.
    unsafe fn count<const BIG: bool>(
        &mut self,
        program: &Program,
        info: &Indirect,
        element: *const u8,
        outer: *const u8,
    ) -> Result<usize> {
        match info.count {
            Count::Static(count) => Ok(count),
            Count::Zero => Ok(ordered!(u32, self.input.take()?, BIG) as usize),
            // SAFETY: as promised by the caller.
            Count::Field(field) => unsafe { self.data.length(program, info, field, element, outer) },
        }
    }

    /// A length that cannot be true: there is no more input than what is here.
    fn check_claim(&self, block: &Block, count: usize) -> Result<()> {
        let least = count.saturating_mul(block.min_wire);
        if least > self.input.room() && !self.input.can_wrap() { Err(Status::EOF) } else { Ok(()) }
    }

    /// Allocates for what a pointer leads to, and reads it or says how.
    ///
    /// # Safety
    /// The slot is a pointer field.
    unsafe fn referent<const BIG: bool>(
        &mut self,
        program: &Program,
        indirect: u32,
        slot: *mut u8,
        count: usize,
        outer: *mut u8,
    ) -> Result<Option<Frame>> {
        self.check_progress()?;
        let info = &program.indirects[indirect as usize];
        let block = &program.blocks[info.block as usize];
        let overflow = || self.data.length_overflow(program, info.ty);
        let full = if matches!(info.count, Count::Zero) { count.checked_add(1) } else { Some(count) };
        let mut total = full.and_then(|full| full.checked_mul(info.stride)).ok_or_else(overflow)?;
        if info.aliasable {
            total = total.max(size_of::<*mut u8>());
        }
        if info.max_alloc != 0 && total > info.max_alloc {
            return Err(self.data.too_large(program, info));
        }
        self.check_claim(block, count)?;
        // Whole elements only, so that growing happens between them.
        let mut size = total;
        if count > 1 && total > self.ahead() {
            size = (self.ahead() / info.stride.max(1)).max(1) * info.stride;
        }
        // What is read as a whole needs no zeroes before.
        let filled = if info.element == Element::Block { 0 } else { count.saturating_mul(info.stride) };
        let index = self.allocate(size, total, filled, slot, indirect)?;
        if info.aliasable {
            self.numbered.try_reserve(1)?;
            self.numbered.push(Numbered { block: Some(index), key: info.key });
        }
        let target = self.allocations[index].block;
        let claim = if count > 1 { size } else { 0 };
        if count == 0 || matches!(program.data[block.data as usize], Op::End) {
            self.claimed += claim;
            // There is nothing to wait for.
            return if size < total { Err(overflow()) } else { Ok(None) };
        }
        if info.element != Element::Block {
            // SAFETY: the allocation grows to hold so many.
            unsafe { self.integers::<BIG>(info, index, 0, count) }?;
            return Ok(None);
        }
        self.claimed += claim;
        Ok(Some(Frame {
            step: 0,
            first: block.data as usize,
            element: target,
            outer,
            left: count - 1,
            stride: info.stride,
            block: index,
            // SAFETY: the end of the allocation.
            limit: if size < total { unsafe { target.add(size) } } else { ptr::null_mut() },
            claim,
            terminated: info.terminated(block),
            flexible: if block.is_struct && info.is_alone(true, count) { NONE } else { FORBIDDEN },
        }))
    }

    /// Reads integers at an offset of an allocation, which grows as they arrive.
    ///
    /// # Safety
    /// The allocation's total size has room for them.
    unsafe fn integers<const BIG: bool>(
        &mut self,
        info: &Indirect,
        index: usize,
        offset: usize,
        count: usize,
    ) -> Result<()> {
        let mut done = 0;
        while done < count {
            let room = (self.allocations[index].size - offset) / info.stride - done;
            if room == 0 {
                self.grow(index)?;
                continue;
            }
            let now = room.min(count - done);
            // SAFETY: room for them has just been seen.
            unsafe {
                let target = self.allocations[index].block.add(offset + done * info.stride);
                match info.element {
                    Element::Bytes => self.input.read(target, now)?,
                    _ => self.plain::<BIG>(target, info.stride, now)?,
                }
            }
            done += now;
        }
        self.complete(index)
    }

    /// Behind the last element there may be a terminator that has not been allocated yet.
    fn complete(&mut self, index: usize) -> Result<()> {
        while self.allocations[index].size < self.allocations[index].total {
            self.grow(index)?;
        }
        Ok(())
    }

    /// # Safety
    /// `count` integers of `size` bytes fit at `target`.
    unsafe fn plain<const BIG: bool>(&mut self, target: *mut u8, size: usize, count: usize) -> Result<()> {
        // SAFETY: as promised by the caller.
        unsafe {
            self.input.read(target, count * size)?;
            if BIG != NATIVE_BIG {
                for index in 0..count {
                    let value = target.add(index * size);
                    match size {
                        2 => swap(value.cast::<u16>(), u16::swap_bytes),
                        4 => swap(value.cast::<u32>(), u32::swap_bytes),
                        _ => swap(value.cast::<u64>(), u64::swap_bytes),
                    }
                }
            }
        }
        Ok(())
    }

    /// Allocates a block, writes it down and stores it where it belongs. The first `filled` bytes will be read.
    fn allocate(
        &mut self,
        size: usize,
        total: usize,
        filled: usize,
        slot: *mut u8,
        indirect: u32,
    ) -> Result<usize> {
        self.allocations.try_reserve(1)?;
        let block = if self.default_memory && filled > 0 {
            // SAFETY: any size may be asked for; what will not be filled is zeroed.
            unsafe {
                let block = libc::malloc(size.max(1)).cast::<u8>();
                if block.is_null() {
                    return Err(Status::MEMORY);
                }
                // An operation that fails half-way shows nobody the rest.
                if size > filled {
                    ptr::write_bytes(block.add(filled), 0, size - filled);
                }
                block
            }
        } else {
            self.memory.alloc(size)?.cast()
        };
        let read = self.input.position();
        let before = [self.aliases.len(), self.made.len(), self.frames.len()];
        self.allocations.push(Allocation { block, size, total, slot, read, indirect, before });
        // SAFETY: a pointer field of an element.
        unsafe { slot.cast::<*mut u8>().write_unaligned(block) };
        Ok(self.allocations.len() - 1)
    }

    /// Makes more room in an allocation: twice as much, up to what it needs.
    fn grow(&mut self, index: usize) -> Result<()> {
        let Allocation { size, total, read, .. } = self.allocations[index];
        if self.input.position() == read {
            // Elements that take no bytes on the wire could go on for ever.
            return Err(Status::OVERFLOW);
        }
        let larger = size.saturating_mul(2).max(size.saturating_add(self.ahead()));
        self.resize(index, larger.min(total))
    }

    /// Gives an allocation another size, and everything that points into it its new place.
    fn resize(&mut self, index: usize, size: usize) -> Result<()> {
        let old = self.allocations[index];
        // SAFETY: a block of these functions.
        let block = unsafe { self.memory.realloc(old.block.cast(), old.size, size) }?.cast::<u8>();
        let inside = old.block as usize..old.block as usize + old.size.max(1);
        let moved = |place: &mut *mut u8| {
            if inside.contains(&(*place as usize)) {
                *place = block.wrapping_add(*place as usize - inside.start);
            }
        };
        self.allocations[index].read = self.input.position();
        self.allocations[index].block = block;
        self.allocations[index].size = size;
        // Whatever lies inside was allocated or made later.
        self.allocations[index..].iter_mut().for_each(|allocation| moved(&mut allocation.slot));
        let [aliases, made, frames] = old.before;
        self.aliases[aliases..].iter_mut().for_each(|(_, slot)| moved(slot));
        self.made[made..].iter_mut().for_each(|made| moved(&mut made.object));
        for frame in &mut self.frames[frames..] {
            moved(&mut frame.element);
            moved(&mut frame.outer);
        }
        let slots =
            self.aliases[aliases..].iter().filter(|(target, _)| *target == index).map(|(_, slot)| *slot);
        for slot in slots.chain([self.allocations[index].slot]) {
            // SAFETY: pointer fields that held the old address.
            unsafe { slot.cast::<*mut u8>().write_unaligned(block) };
        }
        Ok(())
    }

    /// Makes room for the next element.
    fn grow_for(&mut self, now: &mut Frame) -> Result<()> {
        let old = self.allocations[now.block].block;
        let old_end = old as usize + self.allocations[now.block].size;
        let offset = now.element as usize - old as usize;
        self.grow(now.block)?;
        let Allocation { block, size, total, .. } = self.allocations[now.block];
        let more = size - (old_end - old as usize);
        now.claim += more;
        self.claimed += more;
        if (old as usize..old_end).contains(&(now.outer as usize)) {
            now.outer = block.wrapping_add(now.outer as usize - old as usize);
        }
        // SAFETY: the same place in the block, and its end.
        unsafe {
            now.element = block.add(offset);
            now.limit = if size < total { block.add(size) } else { ptr::null_mut() };
        }
        Ok(())
    }

    /// The array at the end of a structure that has been read: the structure moves to where both have room.
    ///
    /// # Safety
    /// The structure is the only element of its block.
    unsafe fn flexible<const BIG: bool>(
        &mut self,
        program: &Program,
        indirect: u32,
        offset: usize,
        now: &mut Frame,
    ) -> Result<Option<Frame>> {
        let info = &program.indirects[indirect as usize];
        // SAFETY: as promised by the caller.
        let count = unsafe { self.count::<BIG>(program, info, now.element, now.outer) }?;
        let block = &program.blocks[info.block as usize];
        self.check_claim(block, count)?;
        let overflow = || self.data.length_overflow(program, info.ty);
        let full = if matches!(info.count, Count::Zero) { count.checked_add(1) } else { Some(count) };
        let needed = full.and_then(|full| full.checked_mul(info.stride)).ok_or_else(overflow)?;
        let index = now.block;
        let total = self.allocations[index].total.checked_add(needed).ok_or_else(overflow)?;
        let pointer = &program.indirects[self.allocations[index].indirect as usize];
        if pointer.max_alloc != 0 && total > pointer.max_alloc {
            return Err(self.data.too_large(program, pointer));
        }
        let mut size = total;
        if count > 1 && needed > self.ahead() {
            size = self.allocations[index].size + (self.ahead() / info.stride.max(1)).max(1) * info.stride;
        }
        let claim = if count > 1 { size - self.allocations[index].size } else { 0 };
        self.allocations[index].total = total;
        let before = self.allocations[index].read;
        self.resize(index, size)?;
        self.allocations[index].read = self.allocations[index].read.max(before);
        now.element = self.allocations[index].block;
        if count == 0 {
            return Ok(None);
        }
        if info.element != Element::Block {
            // SAFETY: the total size has room for them.
            unsafe { self.integers::<BIG>(info, index, offset, count) }?;
            now.element = self.allocations[index].block;
            return Ok(None);
        }
        // SAFETY: as promised by the caller.
        let outer = unsafe { dominator(program, info, now.element, now.outer) };
        // SAFETY: inside the allocation.
        let (element, limit) = unsafe { (now.element.add(offset), now.element.add(size)) };
        self.claimed += claim;
        Ok(Some(Frame {
            step: 0,
            first: block.data as usize,
            element,
            outer,
            left: count - 1,
            stride: info.stride,
            block: index,
            limit: if size < total { limit } else { ptr::null_mut() },
            claim,
            terminated: info.terminated(block),
            flexible: FORBIDDEN,
        }))
    }

    /// An integer or enumeration that has to be converted or checked.
    ///
    /// # Safety
    /// The field is there.
    unsafe fn integer(
        &mut self,
        program: &Program,
        ty: u32,
        field: *mut u8,
        big: bool,
        is_enum: bool,
    ) -> Result<()> {
        let ty = &program.types[ty as usize];
        let (mut memory, mut wire) = ([0u8; MAX_SIZE], [0u8; MAX_SIZE]);
        let memory = &mut memory[..ty.size];
        let wire = &mut wire[..ty.width];
        // SAFETY: a local array.
        unsafe { self.input.read(wire.as_mut_ptr(), ty.width) }?;
        if is_enum {
            let mut value = [0; 8];
            integer::convert(wire, big, &mut value, NATIVE_BIG, ty.signed)
                .map_err(|status| self.data.conversion_failed(ty, status, ty.width, ty.size))?;
            self.data.check_enum_value(ty, u64::from_ne_bytes(value))?;
        }
        integer::convert(wire, big, memory, NATIVE_BIG, ty.signed)
            .map_err(|status| self.data.conversion_failed(ty, status, ty.width, ty.size))?;
        self.data.check_range(ty, memory)?;
        // SAFETY: as promised by the caller; the compiler has limited the size.
        unsafe { ptr::copy_nonoverlapping(memory.as_ptr(), field, ty.size) };
        Ok(())
    }

    /// An object of a custom class.
    ///
    /// # Safety
    /// The object is there, and the class is what it claims to be.
    unsafe fn custom<const BIG: bool>(
        &mut self,
        program: &Program,
        ty: u32,
        object: *mut u8,
        element: *mut u8,
        outer: *mut u8,
    ) -> Result<()> {
        let ty = &program.types[ty as usize];
        // SAFETY: as promised by the caller.
        let class = unsafe { ty.class.read() };
        self.made.try_reserve(1)?;
        if let Some(kind) = custom::builtin(&class) {
            // SAFETY: as promised by the caller.
            unsafe { self.builtin::<BIG>(kind, ty, object) }?;
            self.write_down(ty, object);
            return Ok(());
        }
        // SAFETY: the class's table.
        let transmitted = unsafe { self.data.program(class.transmit_type) }?;
        let block = transmitted.blocks[transmitted.object as usize];
        self.depth += 1;
        if self.depth > custom::MAX_DEPTH {
            return Err(self.data.too_deep(ty));
        }
        match class.unmarshal {
            // SAFETY: as promised by the caller; the type is transmitted as it is.
            None => unsafe {
                let dominator = if ty.outer { outer } else { element.add(ty.dominator as usize) };
                self.run::<BIG>(&transmitted, block.data as usize, object, dominator)?;
            },
            Some(unmarshal) => {
                self.copies.try_reserve(1)?;
                let held = Held::new(self.memory, block.size)?;
                let copy = held.block;
                self.copies.push(held);
                let (allocations, made) = (self.allocations.len(), self.made.len());
                // SAFETY: the copy has the size of the type.
                let mut result = unsafe {
                    self.run::<BIG>(&transmitted, block.data as usize, copy.cast(), ptr::null_mut())
                };
                if result.is_ok() {
                    // SAFETY: the class's own function and its data.
                    let status = unsafe {
                        let attributes = custom::attributes(&ty.attributes);
                        unmarshal(self.data.as_ptr(), attributes, copy, object.cast(), ty.class_data)
                    };
                    result = Status(status).result();
                    // The class may have taken something out, so what is left is found by its table.
                    self.forget(allocations, made);
                    // SAFETY: a complete object.
                    let _ = unsafe { graph::destroy(self.data, &transmitted, copy) };
                } else {
                    // SAFETY: what was written down since is the copy's.
                    unsafe { self.undo(allocations, made, ptr::null_mut(), 0) };
                }
                self.copies.pop();
                result?;
            }
        }
        self.depth -= 1;
        self.write_down(ty, object);
        Ok(())
    }

    fn write_down(&mut self, ty: &Type, object: *mut u8) {
        self.made.push(Made {
            object,
            size: ty.size,
            class: ty.class,
            data: ty.class_data,
            attributes: ty.attributes,
        });
    }

    /// # Safety
    /// The object is there.
    unsafe fn builtin<const BIG: bool>(
        &mut self,
        kind: custom::Builtin,
        ty: &Type,
        object: *mut u8,
    ) -> Result<()> {
        match kind {
            custom::Builtin::Handle => {
                let location = LWMsgHandleType::from(self.input.take::<1>()?[0]);
                if location > handle_location::REMOTE {
                    return Err(self.data.invalid_enum(ty, u64::from(location)));
                }
                let id = match location {
                    handle_location::NULL => 0,
                    _ => ordered!(u32, self.input.take()?, BIG),
                };
                // SAFETY: as promised by the caller.
                unsafe {
                    let handle =
                        custom::handle_from_wire(self.data, &ty.attributes, location, id, ty.class_data)
                            .map_err(|refusal| self.data.refuse(ty, refusal))?;
                    object.cast::<*mut LWMsgHandle>().write_unaligned(handle);
                }
            }
            custom::Builtin::Descriptor => {
                let fd = custom::take_descriptor(self.data, self.input.take::<1>()? != [0])?;
                // SAFETY: as promised by the caller.
                unsafe { object.cast::<std::ffi::c_int>().write_unaligned(fd) };
            }
        }
        Ok(())
    }

    /// Forgets what was written down since, because it has another owner.
    fn forget(&mut self, allocations: usize, made: usize) {
        self.allocations.truncate(allocations);
        self.made.truncate(made);
        self.aliases.retain(|(block, _)| *block < allocations);
        for numbered in &mut self.numbered {
            numbered.block = numbered.block.filter(|block| *block < allocations);
        }
    }

    /// Frees what was written down since. Pointers and custom objects of `object`, which lives on, become NULL and
    /// zero. Calls the program.
    ///
    /// # Safety
    /// What was written down is there, and nobody uses it any more.
    unsafe fn undo(&mut self, allocations: usize, made: usize, object: *mut u8, size: usize) {
        let kept = object as usize..object as usize + size;
        while self.made.len() > made {
            let Some(made) = self.made.pop() else { break };
            // SAFETY: as promised by the caller.
            unsafe {
                if let Some(destroy) = (*made.class).destroy_presented {
                    let attributes = custom::attributes(&made.attributes);
                    destroy(self.data.as_ptr(), attributes, made.object.cast(), made.data);
                }
                if kept.contains(&(made.object as usize)) {
                    ptr::write_bytes(made.object, 0, made.size);
                }
            }
        }
        for (_, slot) in &self.aliases {
            if kept.contains(&(*slot as usize)) {
                // SAFETY: a pointer field of the object.
                unsafe { slot.cast::<*mut u8>().write_unaligned(ptr::null_mut()) };
            }
        }
        while self.allocations.len() > allocations {
            let Some(allocation) = self.allocations.pop() else { break };
            // SAFETY: as promised by the caller.
            unsafe {
                if kept.contains(&(allocation.slot as usize)) {
                    allocation.slot.cast::<*mut u8>().write_unaligned(ptr::null_mut());
                }
                self.memory.free(allocation.block.cast());
            }
        }
        self.forget(allocations, made);
    }
}

/// The structure that elements, which are none themselves, look fields up in.
///
/// # Safety
/// The element has the structure.
unsafe fn dominator(program: &Program, info: &Indirect, element: *mut u8, outer: *mut u8) -> *mut u8 {
    if program.blocks[info.block as usize].is_struct {
        ptr::null_mut()
    } else if info.outer {
        outer
    } else {
        // SAFETY: as promised by the caller.
        unsafe { element.add(info.dominator as usize) }
    }
}

/// # Safety
/// The value is there.
unsafe fn swap<T>(value: *mut T, swapped: impl Fn(T) -> T) {
    // SAFETY: as promised by the caller.
    unsafe { value.write_unaligned(swapped(value.read_unaligned())) }
}
