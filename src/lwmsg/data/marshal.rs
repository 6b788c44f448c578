//! Objects to bytes.

use super::integer::{self, MAX_SIZE, NATIVE_BIG};
use super::stream::Stream;
use super::{DataContext, Held, Walk, custom};
use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::program::{Count, Element, Field, Indirect, Op, Program};
use crate::lwmsg::types::{LWMSG_FALSE, LWMsgBuffer};
use std::collections::HashMap;
use std::ffi::c_void;
use std::ptr;

/// Where to go on when an element is done.
#[derive(Clone, Copy)]
struct Frame {
    step: usize,
    first: usize,
    element: *const u8,
    outer: *const u8,
    left: usize,
    stride: usize,
    /// The structure is alone in its block, so that an array may follow it.
    alone: bool,
}

/// One operation.
pub(super) struct Marshal<'a> {
    data: &'a DataContext,
    out: Stream,
    /// Numbers of the objects that aliasable pointers have led to.
    ids: HashMap<usize, u32>,
    frames: Vec<Frame>,
    /// How many custom types are inside each other.
    depth: usize,
}

/// Appends the bytes of an object at the cursor of a buffer.
///
/// # Safety
/// `object` is what the program says; the buffer is valid.
pub(super) unsafe fn marshal(
    data: &DataContext,
    program: &Program,
    object: *const c_void,
    buffer: *mut LWMsgBuffer,
) -> Result<()> {
    // SAFETY: as promised by the caller.
    let out = unsafe { Stream::new(buffer) };
    let mut marshal = Marshal { data, out, ids: HashMap::new(), frames: Vec::new(), depth: 0 };
    let slot = (&raw const object).cast::<u8>();
    // SAFETY: as promised by the caller.
    let entry = unsafe { program.root() }.data as usize;
    // SAFETY: as promised by the caller; the slot is a local that holds the pointer.
    let result = unsafe { marshal.run_ordered(program, entry, slot, ptr::null()) };
    match result {
        Ok(()) => marshal.out.finish(),
        Err(status) => {
            marshal.out.store();
            Err(status)
        }
    }
}

/// The bytes of an integer in the order asked for.
macro_rules! ordered {
    ($value:expr, $big:expr) => {
        if $big { $value.to_be_bytes() } else { $value.to_le_bytes() }
    };
}

impl Walk for Marshal<'_> {
    type Place = *const u8;

    fn data(&self) -> &DataContext {
        self.data
    }

    unsafe fn run<const BIG: bool>(
        &mut self,
        program: &Program,
        entry: usize,
        element: *const u8,
        outer: *const u8,
    ) -> Result<()> {
        let floor = self.frames.len();
        let code = &program.data[..];
        let (mut step, mut first) = (entry, entry);
        let (mut element, mut outer) = (element, outer);
        let (mut left, mut stride, mut alone) = (0usize, 0usize, true);
        loop {
            match code[step] {
                // SAFETY: fields of the element, as the table says.
                Op::Plain1(offset) => unsafe { self.out.put([*element.add(offset as usize)]) }?,
                Op::Plain2(offset) => {
                    // SAFETY: as above.
                    let value = unsafe { element.add(offset as usize).cast::<u16>().read_unaligned() };
                    self.out.put(ordered!(value, BIG))?;
                }
                Op::Plain4(offset) => {
                    // SAFETY: as above.
                    let value = unsafe { element.add(offset as usize).cast::<u32>().read_unaligned() };
                    self.out.put(ordered!(value, BIG))?;
                }
                Op::Plain8(offset) => {
                    // SAFETY: as above.
                    let value = unsafe { element.add(offset as usize).cast::<u64>().read_unaligned() };
                    self.out.put(ordered!(value, BIG))?;
                }
                Op::Integer { offset, ty } => {
                    // SAFETY: as above.
                    unsafe { self.integer(program, ty, element.add(offset as usize), BIG, false) }?;
                }
                Op::Enum { offset, ty } => {
                    // SAFETY: as above.
                    unsafe { self.integer(program, ty, element.add(offset as usize), BIG, true) }?;
                }
                Op::Custom { offset, ty } => {
                    // SAFETY: as above.
                    unsafe { self.custom::<BIG>(program, ty, element.add(offset as usize), element, outer) }?;
                }
                Op::VerifyBefore { offset, ty } => {
                    // SAFETY: as above.
                    unsafe { self.verify(program, ty, element.add(offset as usize)) }?;
                }
                Op::VerifyAfter { .. } => {}
                // It would lie over the next element; it is not unmarshalled either.
                Op::Flexible { .. } if !alone => {}
                Op::Union { union } => {
                    let union = &program.unions[union as usize];
                    // SAFETY: as above.
                    let (unsigned, signed) = unsafe { field_value(union.field, element, outer) }?;
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
                Op::Pointer { offset, indirect }
                | Op::Array { offset, indirect }
                | Op::Flexible { offset, indirect } => {
                    let info = &program.indirects[indirect as usize];
                    // SAFETY: as above.
                    let place = unsafe { element.add(offset as usize) };
                    let is_pointer = matches!(code[step], Op::Pointer { .. });
                    let target = if is_pointer {
                        // SAFETY: a pointer field.
                        let target = unsafe { place.cast::<*const u8>().read_unaligned() };
                        if !self.indicate::<BIG>(program, info, target)? {
                            step += 1;
                            continue;
                        }
                        target
                    } else {
                        place
                    };
                    // SAFETY: as above.
                    let count = unsafe { self.count::<BIG>(program, info, target, element, outer) }?;
                    if count > 0 && target.is_null() {
                        return Err(self.data.null_passed(program, info.ty));
                    }
                    match info.element {
                        _ if count == 0 => {}
                        // SAFETY: so many elements, as the table and the object say.
                        Element::Bytes => unsafe { self.out.write(target, count) }?,
                        // SAFETY: as above.
                        Element::Plain => unsafe { self.plain::<BIG>(target, info.stride, count) }?,
                        Element::Block => {
                            let block = &program.blocks[info.block as usize];
                            let dominator = match (info.outer, block.is_struct) {
                                (_, true) => ptr::null(),
                                (true, false) => outer,
                                // SAFETY: a structure in the element.
                                (false, false) => unsafe { element.add(info.dominator as usize) },
                            };
                            // The last step of the last element need not come back: lists are walked without a stack.
                            let is_last = left == 0 && matches!(code[step + 1], Op::End);
                            if !is_last {
                                self.frames.try_reserve(1)?;
                                self.frames.push(Frame {
                                    step: step + 1,
                                    first,
                                    element,
                                    outer,
                                    left,
                                    stride,
                                    alone,
                                });
                            }
                            first = block.data as usize;
                            (step, element, outer) = (first, target, dominator);
                            (alone, left, stride) =
                                (info.is_alone(is_pointer, count), count - 1, info.stride);
                            continue;
                        }
                    }
                }
                Op::End => {
                    if left > 0 {
                        left -= 1;
                        // SAFETY: there is a further element.
                        element = unsafe { element.add(stride) };
                        step = first;
                        continue;
                    }
                    if self.frames.len() == floor {
                        return Ok(());
                    }
                    let Some(frame) = self.frames.pop() else { return Ok(()) };
                    Frame { step, first, element, outer, left, stride, alone } = frame;
                    continue;
                }
            }
            step += 1;
        }
    }
}

impl Marshal<'_> {
    unsafe fn verify(&mut self, program: &Program, ty: u32, object: *const u8) -> Result<()> {
        let ty = &program.types[ty as usize];
        let Some(verify) = ty.verify else { return Ok(()) };
        // SAFETY: the program's own function and data.
        let status =
            unsafe { verify(self.data.as_ptr(), LWMSG_FALSE, object.cast_mut().cast(), ty.verify_data) };
        Status(status).result()
    }

    /// Writes whether there is a referent and tells whether it follows.
    fn indicate<const BIG: bool>(
        &mut self,
        program: &Program,
        info: &Indirect,
        target: *const u8,
    ) -> Result<bool> {
        if !info.aliasable {
            if !info.not_null {
                self.out.put([if target.is_null() { 0x00 } else { 0xff }])?;
            }
            return Ok(info.not_null || !target.is_null());
        }
        if target.is_null() {
            if info.not_null {
                return Err(self.data.null_passed(program, info.ty));
            }
            self.out.put([0; 4])?;
            return Ok(false);
        }
        let next = u32::try_from(self.ids.len() + 1).map_err(|_| Status::OVERFLOW)?;
        self.ids.try_reserve(1)?;
        let id = *self.ids.entry(target as usize).or_insert(next);
        self.out.put(ordered!(id, BIG))?;
        Ok(id == next)
    }

    /// The number of elements, written where it is sent along.
    ///
    /// # Safety
    /// The target is NULL or has the elements that the table says; the fields exist.
    unsafe fn count<const BIG: bool>(
        &mut self,
        program: &Program,
        info: &Indirect,
        target: *const u8,
        element: *const u8,
        outer: *const u8,
    ) -> Result<usize> {
        match info.count {
            Count::Static(count) => Ok(count),
            // SAFETY: as promised by the caller.
            Count::Field(field) => unsafe { self.data.length(program, info, field, element, outer) },
            Count::Zero if target.is_null() => Err(self.data.null_passed(program, info.ty)),
            Count::Zero => {
                // SAFETY: as promised by the caller.
                let count = unsafe { terminated(target, info.stride) };
                let wire = u32::try_from(count).map_err(|_| Status::OVERFLOW)?;
                self.out.put(ordered!(wire, BIG))?;
                Ok(count)
            }
        }
    }

    /// Integers that need only their bytes swapped.
    ///
    /// # Safety
    /// `count` integers of `size` bytes are at `target`.
    unsafe fn plain<const BIG: bool>(&mut self, target: *const u8, size: usize, count: usize) -> Result<()> {
        if BIG == NATIVE_BIG {
            let bytes = count.checked_mul(size).ok_or(Status::OVERFLOW)?;
            // SAFETY: as promised by the caller.
            return unsafe { self.out.write(target, bytes) };
        }
        for index in 0..count {
            // SAFETY: as promised by the caller.
            unsafe {
                let value = target.add(index * size);
                match size {
                    2 => self.out.put(ordered!(value.cast::<u16>().read_unaligned(), BIG)),
                    4 => self.out.put(ordered!(value.cast::<u32>().read_unaligned(), BIG)),
                    _ => self.out.put(ordered!(value.cast::<u64>().read_unaligned(), BIG)),
                }
            }?;
        }
        Ok(())
    }

    /// An integer or enumeration that has to be converted or checked.
    ///
    /// # Safety
    /// The field is there.
    unsafe fn integer(
        &mut self,
        program: &Program,
        ty: u32,
        field: *const u8,
        big: bool,
        is_enum: bool,
    ) -> Result<()> {
        let ty = &program.types[ty as usize];
        let (mut memory, mut wire) = ([0u8; MAX_SIZE], [0u8; MAX_SIZE]);
        let memory = &mut memory[..ty.size];
        let wire = &mut wire[..ty.width];
        // SAFETY: as promised by the caller; the compiler has limited the size.
        unsafe { ptr::copy_nonoverlapping(field, memory.as_mut_ptr(), ty.size) };
        if is_enum {
            self.data.check_enum(ty, memory)?;
        }
        self.data.check_range(ty, memory)?;
        integer::convert(memory, NATIVE_BIG, wire, big, ty.signed)
            .map_err(|status| self.data.conversion_failed(ty, status, ty.size, ty.width))?;
        // SAFETY: a local array.
        unsafe { self.out.write(wire.as_ptr(), ty.width) }
    }

    /// An object of a custom class.
    ///
    /// # Safety
    /// The object is there, and the class is what it claims to be.
    unsafe fn custom<const BIG: bool>(
        &mut self,
        program: &Program,
        ty: u32,
        object: *const u8,
        element: *const u8,
        outer: *const u8,
    ) -> Result<()> {
        let ty = &program.types[ty as usize];
        // SAFETY: as promised by the caller.
        let class = unsafe { ty.class.read() };
        if let Some(kind) = custom::builtin(&class) {
            // SAFETY: as promised by the caller.
            return unsafe { self.builtin::<BIG>(kind, ty, object) };
        }
        // SAFETY: the class's table.
        let transmitted = unsafe { self.data.program(class.transmit_type) }?;
        let block = transmitted.blocks[transmitted.object as usize];
        self.depth += 1;
        if self.depth > custom::MAX_DEPTH {
            return Err(self.data.too_deep(ty));
        }
        let result = match class.marshal {
            None => {
                // SAFETY: a structure in the element, or that around it; the type is transmitted as it is.
                unsafe {
                    let dominator = if ty.outer { outer } else { element.add(ty.dominator as usize) };
                    self.run::<BIG>(&transmitted, block.data as usize, object, dominator)
                }
            }
            Some(marshal) => {
                let held = Held::new(self.data.context().memory(), block.size)?;
                let copy = held.block;
                let attributes = custom::attributes(&ty.attributes);
                // SAFETY: the class's own function and its data.
                let status = unsafe {
                    marshal(self.data.as_ptr(), attributes, object.cast_mut().cast(), copy, ty.class_data)
                };
                let mut result = Status(status).result();
                if result.is_ok() {
                    // SAFETY: the class has made the object.
                    result = unsafe {
                        self.run::<BIG>(&transmitted, block.data as usize, copy.cast(), ptr::null())
                    };
                }
                if let Some(destroy) = class.destroy_transmitted {
                    let attributes = custom::attributes_of(&transmitted);
                    // SAFETY: as above; the copy is ours.
                    unsafe {
                        destroy(self.data.as_ptr(), custom::attributes(&attributes), copy, ty.class_data)
                    };
                }
                result
            }
        };
        self.depth -= 1;
        result
    }

    /// A handle or a descriptor, without a transmitted object.
    ///
    /// # Safety
    /// The object is there.
    unsafe fn builtin<const BIG: bool>(
        &mut self,
        kind: custom::Builtin,
        ty: &crate::lwmsg::program::Type,
        object: *const u8,
    ) -> Result<()> {
        match kind {
            custom::Builtin::Handle => {
                // SAFETY: as promised by the caller.
                let wire =
                    unsafe { custom::handle_to_wire(self.data, &ty.attributes, object, ty.class_data) }
                        .map_err(|refusal| self.data.refuse(ty, refusal))?;
                self.out.put([wire.0 as u8])?;
                if wire.0 != 0 { self.out.put(ordered!(wire.1, BIG)) } else { Ok(()) }
            }
            custom::Builtin::Descriptor => {
                // SAFETY: as promised by the caller.
                let present = unsafe { custom::put_descriptor(self.data, object) }?;
                self.out.put([if present { 0xff } else { 0x00 }])
            }
        }
    }
}

/// Whether an element could be a terminator.
///
/// # Safety
/// `size` bytes are there.
pub(super) unsafe fn is_zero(element: *const u8, size: usize) -> bool {
    // SAFETY: as promised by the caller.
    unsafe { std::slice::from_raw_parts(element, size) }.iter().all(|byte| *byte == 0)
}

/// The number of elements before the first whose bytes are all zero.
///
/// # Safety
/// There is such an element.
pub(super) unsafe fn terminated(target: *const u8, stride: usize) -> usize {
    // SAFETY: as promised by the caller, no element behind the terminator is looked at.
    unsafe {
        match stride {
            0 => 0,
            1 => libc::strlen(target.cast()),
            2 => (0..).find(|index| target.cast::<u16>().add(*index).read_unaligned() == 0).unwrap_or(0),
            4 => (0..).find(|index| target.cast::<u32>().add(*index).read_unaligned() == 0).unwrap_or(0),
            8 => (0..).find(|index| target.cast::<u64>().add(*index).read_unaligned() == 0).unwrap_or(0),
            _ => (0..).find(|index| is_zero(target.add(index * stride), stride)).unwrap_or(0),
        }
    }
}

/// The value of a field without and with its sign. MALFORMED when there is no structure around.
///
/// # Safety
/// The field is in the element or in the structure around it.
pub(super) unsafe fn field_value(field: Field, element: *const u8, outer: *const u8) -> Result<(u64, i64)> {
    let base = if field.outer { outer } else { element };
    if base.is_null() {
        return Err(Status::MALFORMED);
    }
    let mut bytes = [0u8; 8];
    let size = usize::from(field.size);
    // SAFETY: as promised by the caller; the compiler has limited the size.
    unsafe { ptr::copy_nonoverlapping(base.add(field.offset as usize), bytes.as_mut_ptr(), size) };
    Ok((integer::widen(&bytes[..size], false)?, integer::widen(&bytes[..size], true)? as i64))
}
