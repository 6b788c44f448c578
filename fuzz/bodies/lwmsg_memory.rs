//! A context whose memory is counted and limited: nothing may be left, and no input may ask for much.

use relink::lwmsg::capi::context::{
    lwmsg_context_delete, lwmsg_context_new, lwmsg_context_set_memory_functions,
};
use relink::lwmsg::types::{LWMsgContext, LWMsgStatus};
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;

/// More than this is refused, as a machine without memory would.
const LIMIT: usize = 64 << 20;
const HEADER: usize = 16;

#[derive(Default)]
pub struct Memory {
    blocks: Cell<usize>,
    bytes: Cell<usize>,
}

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size + HEADER, 16).unwrap()
}

unsafe extern "C-unwind" fn alloc(size: usize, out: *mut *mut c_void, memory: *mut c_void) -> LWMsgStatus {
    // SAFETY: the data of these functions is a `Memory`; a block has its size in front of it.
    unsafe {
        let memory = &*memory.cast::<Memory>();
        if memory.bytes.get().saturating_add(size) > LIMIT {
            return 3;
        }
        memory.blocks.set(memory.blocks.get() + 1);
        memory.bytes.set(memory.bytes.get() + size);
        let block = alloc_zeroed(layout(size));
        block.cast::<usize>().write(size);
        out.write(block.add(HEADER).cast());
    }
    0
}

unsafe extern "C-unwind" fn free(object: *mut c_void, memory: *mut c_void) {
    if object.is_null() {
        return;
    }
    // SAFETY: a block of `alloc`.
    unsafe {
        let memory = &*memory.cast::<Memory>();
        let block = object.cast::<u8>().sub(HEADER);
        let size = block.cast::<usize>().read();
        memory.blocks.set(memory.blocks.get() - 1);
        memory.bytes.set(memory.bytes.get() - size);
        dealloc(block, layout(size));
    }
}

/// Runs `body` with a context of counted memory.
pub fn counted(body: impl FnOnce(*mut LWMsgContext)) {
    let mut memory = Memory::default();
    let mut context = ptr::null_mut();
    // SAFETY: the memory outlives the context.
    unsafe {
        assert_eq!(lwmsg_context_new(ptr::null(), &mut context), 0);
        lwmsg_context_set_memory_functions(context, Some(alloc), Some(free), None, (&raw mut memory).cast());
        body(context);
        lwmsg_context_delete(context);
    }
    assert_eq!(memory.blocks.get(), 0, "memory is left");
}
