//! Freeing objects and what they point to.

use super::marshal::{field_value, terminated};
use super::{DataContext, custom};
use crate::lwmsg::context::Memory;
use crate::lwmsg::error::{Result, Status};
use crate::lwmsg::program::{Count, Element, Op, Program};
use std::collections::HashSet;
use std::ffi::c_void;
use std::ptr;

#[derive(Clone, Copy)]
struct Frame {
    step: usize,
    first: usize,
    element: *mut u8,
    outer: *mut u8,
    left: usize,
    stride: usize,
    /// Freed when its elements are done; or NULL.
    block: *mut u8,
    /// The structure is alone in its block, so that an array may follow it.
    alone: bool,
}

/// Frees an object, passed as the operations of data take it, and everything it points to.
///
/// A union without such an arm is skipped and makes the result MALFORMED.
///
/// # Safety
/// The object is what the program says, in memory of the context, and is not used again.
pub(super) unsafe fn free(data: &DataContext, program: &Program, root: *mut c_void) -> Result<()> {
    let mut root = root;
    // SAFETY: as promised by the caller; the pointer is a local.
    unsafe {
        let entry = program.root().free;
        walk(data, program, entry as usize, (&raw mut root).cast())
    }
}

/// Frees what an object points to.
///
/// # Safety
/// As [`free`].
pub(super) unsafe fn destroy(data: &DataContext, program: &Program, object: *mut c_void) -> Result<()> {
    let entry = program.blocks[program.object as usize].free as usize;
    // SAFETY: as promised by the caller.
    unsafe { walk(data, program, entry, object.cast()) }
}

/// # Safety
/// As [`free`]; the steps are for an object at `object`.
unsafe fn walk(data: &DataContext, program: &Program, entry: usize, object: *mut u8) -> Result<()> {
    let code = &program.free[..];
    if matches!(code[entry], Op::End) || object.is_null() {
        return Ok(());
    }
    let memory = data.context().memory();
    let mut frames: Vec<Frame> = Vec::new();
    // Objects that several pointers lead to: freed when all of them have been seen.
    let mut shared = HashSet::new();
    let mut result = Ok(());
    let mut step = entry;
    let mut now = Frame {
        step: 0,
        first: entry,
        element: object,
        outer: ptr::null_mut(),
        left: 0,
        stride: 0,
        block: ptr::null_mut(),
        alone: true,
    };
    loop {
        let (offset, indirect, is_pointer) = match code[step] {
            Op::Pointer { offset, indirect } => (offset, indirect, true),
            Op::Array { offset, indirect } => (offset, indirect, false),
            Op::Flexible { offset, indirect } if now.alone => (offset, indirect, false),
            Op::Custom { offset, ty } => {
                let ty = &program.types[ty as usize];
                // SAFETY: as promised by the caller; the class is what it claims to be.
                unsafe {
                    if let Some(destroy) = (*ty.class).destroy_presented {
                        let object = now.element.add(offset as usize).cast();
                        destroy(data.as_ptr(), custom::attributes(&ty.attributes), object, ty.class_data);
                    }
                }
                step += 1;
                continue;
            }
            Op::Union { union } => {
                let union = &program.unions[union as usize];
                // SAFETY: as promised by the caller.
                let arm = unsafe { field_value(union.field, now.element, now.outer) };
                let arm = arm.ok().and_then(|(unsigned, signed)| union.arm(unsigned, signed));
                match (arm, union.behind) {
                    (Some(arm), _) => step = arm as usize,
                    (None, behind) => {
                        result = Err(Status::MALFORMED);
                        step = behind as usize;
                    }
                }
                continue;
            }
            Op::Jump(target) => {
                step = target as usize;
                continue;
            }
            Op::End => {
                if now.left > 0 {
                    now.left -= 1;
                    // SAFETY: there is a further element.
                    now.element = unsafe { now.element.add(now.stride) };
                    step = now.first;
                    continue;
                }
                // SAFETY: nothing in it is used any more.
                unsafe { release(&memory, now.block) };
                let Some(frame) = frames.pop() else { break };
                now = frame;
                step = now.step;
                continue;
            }
            _ => {
                step += 1;
                continue;
            }
        };
        step += 1;
        let info = &program.indirects[indirect as usize];
        let block = &program.blocks[info.block as usize];
        // SAFETY: fields of the element, as the table says.
        let place = unsafe { now.element.add(offset as usize) };
        let (target, owned) = if is_pointer {
            // SAFETY: a pointer field.
            let target = unsafe { place.cast::<*mut u8>().read_unaligned() };
            if target.is_null() {
                continue;
            }
            if !info.aliasable {
                (target, target)
            } else if shared.insert(target as usize) {
                (target, ptr::null_mut())
            } else {
                continue;
            }
        } else {
            (place, ptr::null_mut())
        };
        let count = match info.count {
            _ if !block.owns || info.element != Element::Block => 0,
            Count::Static(count) => count,
            // SAFETY: as promised by the caller. The terminator is an element too.
            Count::Zero => unsafe { terminated(target, info.stride) + 1 },
            // SAFETY: as promised by the caller.
            Count::Field(field) => match unsafe { data.length(program, info, field, now.element, now.outer) }
            {
                Ok(count) => count,
                Err(status) => {
                    result = Err(status);
                    0
                }
            },
        };
        if count == 0 {
            // SAFETY: nothing in it is used any more.
            unsafe { release(&memory, owned) };
            continue;
        }
        let outer = match (block.is_struct, info.outer) {
            (true, _) => ptr::null_mut(),
            (false, true) => now.outer,
            // SAFETY: a structure in the element.
            (false, false) => unsafe { now.element.add(info.dominator as usize) },
        };
        if now.left == 0 && matches!(code[step], Op::End) && is_pointer && outer.is_null() {
            // Lists are freed without a stack: this element is done.
            // SAFETY: what follows does not look at it.
            unsafe { release(&memory, now.block) };
        } else {
            now.step = step;
            frames.push(now);
        }
        now = Frame {
            step: 0,
            first: block.free as usize,
            element: target,
            outer,
            left: count - 1,
            stride: info.stride,
            block: owned,
            alone: info.is_alone(is_pointer, count),
        };
        step = now.first;
    }
    for object in shared {
        // SAFETY: each was put in once, and all that it points to is done.
        unsafe { release(&memory, object as *mut u8) };
    }
    result
}

/// # Safety
/// NULL, or a block of these functions that is not used again.
unsafe fn release(memory: &Memory, block: *mut u8) {
    if !block.is_null() {
        // SAFETY: as promised by the caller.
        unsafe { memory.free(block.cast()) }
    }
}
