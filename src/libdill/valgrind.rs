//! Telling valgrind of stacks, so that it can check the programs that run on them.
//!
//! Valgrind looks for a sequence of instructions without effect. Nothing has to be linked, and elsewhere nothing
//! happens.

#[cfg(target_arch = "x86_64")]
mod request {
    use std::sync::OnceLock;

    const RUNNING_ON_VALGRIND: u64 = 0x1001;
    const STACK_REGISTER: u64 = 0x1501;
    const STACK_DEREGISTER: u64 = 0x1502;
    /// Of the tool that checks memory, whose requests begin with its letters, MC.
    const MAKE_MEM_DEFINED: u64 = 0x4d43_0002;

    #[inline(always)]
    fn request(code: u64, first: u64, second: u64) -> u64 {
        let arguments = [code, first, second, 0, 0, 0];
        let mut result = 0u64;
        // SAFETY: the rotations add up to 128 bits, and the exchange is one of a register with itself.
        unsafe {
            std::arch::asm!(
                "rol rdi, 3",
                "rol rdi, 13",
                "rol rdi, 61",
                "rol rdi, 51",
                "xchg rbx, rbx",
                in("rax") arguments.as_ptr(),
                inout("rdx") result,
                options(nostack),
            );
        }
        result
    }

    fn is_running() -> bool {
        static RUNNING: OnceLock<bool> = OnceLock::new();
        *RUNNING.get_or_init(|| request(RUNNING_ON_VALGRIND, 0, 0) != 0)
    }

    /// Says that there is a stack between two addresses. Returns its number, to be given to [`deregister`].
    #[inline]
    pub fn register(lowest: usize, highest: usize) -> u64 {
        if is_running() { request(STACK_REGISTER, lowest as u64, highest as u64) } else { 0 }
    }

    /// Says that a stack is no more.
    #[inline]
    pub fn deregister(stack: u64) {
        if is_running() {
            request(STACK_DEREGISTER, stack, 0);
        }
    }

    /// Says that memory between two addresses, which was a stack, may be used for anything. Inlined, because whoever
    /// returns on that stack takes some of that back.
    #[inline(always)]
    pub fn is_memory(lowest: usize, highest: usize) {
        if is_running() {
            request(MAKE_MEM_DEFINED, lowest as u64, (highest - lowest) as u64);
        }
    }
}

#[cfg(target_arch = "x86_64")]
pub use request::{deregister, is_memory, register};

/// Valgrind is told nothing on this processor.
#[cfg(not(target_arch = "x86_64"))]
pub fn register(_lowest: usize, _highest: usize) -> u64 {
    0
}

/// Valgrind is told nothing on this processor.
#[cfg(not(target_arch = "x86_64"))]
pub fn deregister(_stack: u64) {}

/// Valgrind is told nothing on this processor.
#[cfg(not(target_arch = "x86_64"))]
pub fn is_memory(_lowest: usize, _highest: usize) {}
