//! Leaving one stack for another.
//!
//! Programs save the registers of a coroutine that launches another by assembler of their own, in code that is
//! compiled already. What is saved here has the same format, so that one way of resuming serves both.
//!
//! Floating-point control words belong to the thread and are not switched. The jumps unbalance the processor's return
//! stack, as they always did: neither a shadow stack nor indirect-branch tracking may be on.

/// Where a suspended coroutine's registers are.
///
/// The order is rbx, rbp, r12, r13, r14, r15, rsp, and the address to resume at.
#[cfg(target_arch = "x86_64")]
#[repr(C, align(16))]
pub struct Registers([u64; 8]);

/// Where a suspended coroutine's registers are: a `sigjmp_buf` of the C library, whose size `shim.c` checks.
#[cfg(not(target_arch = "x86_64"))]
#[repr(C, align(16))]
pub struct Registers([u64; 64]);

/// Suspends the caller into `save` and resumes `to`; goes on when the caller is resumed.
///
/// Inlined, so that the coroutine goes on with a jump straight into the function that blocked. Through a function of its
/// own, there would be a return more that the processor predicts wrong, and it has no other cost worth mentioning.
///
/// # Safety
/// `save` is the running coroutine's, `to` one that was saved and not resumed since. The caller's frame holds nothing
/// that has to be dropped.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub unsafe fn switch(save: *mut Registers, to: *mut Registers) {
    // SAFETY: as promised. Who resumes puts back what was saved here, and everything else is said to be lost. The buffer
    // of the resumed coroutine is in rdx, as programs want it.
    unsafe {
        core::arch::asm!(
            "lea rcx, [rip + 2f]",
            "mov [rdi], rbx",
            "mov [rdi + 8], rbp",
            "mov [rdi + 16], r12",
            "mov [rdi + 24], r13",
            "mov [rdi + 32], r14",
            "mov [rdi + 40], r15",
            "mov [rdi + 48], rsp",
            "mov [rdi + 56], rcx",
            "mov rbx, [rdx]",
            "mov rbp, [rdx + 8]",
            "mov r12, [rdx + 16]",
            "mov r13, [rdx + 24]",
            "mov r14, [rdx + 32]",
            "mov r15, [rdx + 40]",
            "mov rsp, [rdx + 48]",
            "mov eax, 1",
            "jmp [rdx + 56]",
            "2:",
            inout("rdi") save => _,
            inout("rdx") to => _,
            clobber_abi("C"),
        );
    }
}

/// Resumes a suspended coroutine. The caller's stack is left for good.
///
/// # Safety
/// `registers` were saved and not resumed since.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub unsafe extern "C" fn resume(registers: *mut Registers) -> ! {
    // Programs read a result other than 0 from eax, and take rdx for unchanged: the address of the registers.
    core::arch::naked_asm!(
        "mov rdx, rdi",
        "mov rbx, [rdx]",
        "mov rbp, [rdx + 8]",
        "mov r12, [rdx + 16]",
        "mov r13, [rdx + 24]",
        "mov r14, [rdx + 32]",
        "mov r15, [rdx + 40]",
        "mov rsp, [rdx + 48]",
        "mov eax, 1",
        "jmp [rdx + 56]",
    )
}

#[cfg(not(target_arch = "x86_64"))]
unsafe extern "C" {
    #[link_name = "relink_libdill_switch"]
    pub fn switch(save: *mut Registers, to: *mut Registers);
    #[link_name = "relink_libdill_resume"]
    pub fn resume(registers: *mut Registers) -> !;
}
