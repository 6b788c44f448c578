/* What compiled programs rely on when they launch a coroutine: the macros are theirs, written out once more here, with
 * registers that have known values.
 * harness: cflags -fno-stack-protector
 */
#include <libdill.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "check.h"

#if !defined __x86_64__

int main(void)
{
    SKIP("registers are saved by sigsetjmp");
}

#else

enum { RBX, RBP, R12, R13, R14, R15, RSP, RIP, REGISTERS };

/* What was in the registers when the launching coroutine was resumed, rax and rdx at the end. */
static uint64_t resumed[REGISTERS + 2];
static uint64_t *buffer;
static void *stack_top;
static uintptr_t child_sp;
static int child_runs;
static jmp_buf *context;

__attribute__((noinline)) static void child(void)
{
    uintptr_t frame = (uintptr_t)__builtin_frame_address(0);

    /* A call from a stack pointer that is a multiple of 16. */
    CHECK(frame % 16 == 0);
    CHECK(child_sp % 16 == 0 && frame < child_sp && child_sp - frame <= 64);
    child_runs++;
    CHECK(yield() == 0);
    child_runs++;
    dill_epilogue();
}

static void (*const entry)(void) = child;

/* Saves registers with known values, runs the child on its stack, and notes what they are when it is resumed. */
static void launch(void)
{
    static uint64_t keep[REGISTERS];

    __asm__ __volatile__(
        "movq %%rbx, 0(%[keep])\n\t"
        "movq %%rbp, 8(%[keep])\n\t"
        "movq %%r12, 16(%[keep])\n\t"
        "movq %%r13, 24(%[keep])\n\t"
        "movq %%r14, 32(%[keep])\n\t"
        "movq %%r15, 40(%[keep])\n\t"
        "movq %%rsp, 48(%[keep])\n\t"
        /* Known values, the stack pointer excepted. */
        "movabsq $0x1111111111111111, %%rbx\n\t"
        "movabsq $0x2222222222222222, %%rbp\n\t"
        "movabsq $0x3333333333333333, %%r12\n\t"
        "movabsq $0x4444444444444444, %%r13\n\t"
        "movabsq $0x5555555555555555, %%r14\n\t"
        "movabsq $0x6666666666666666, %%r15\n\t"
        "movq %[buffer], %%rdx\n\t"
        "movq %%rbx, 0(%%rdx)\n\t"
        "movq %%rbp, 8(%%rdx)\n\t"
        "movq %%r12, 16(%%rdx)\n\t"
        "movq %%r13, 24(%%rdx)\n\t"
        "movq %%r14, 32(%%rdx)\n\t"
        "movq %%r15, 40(%%rdx)\n\t"
        "movq %%rsp, 48(%%rdx)\n\t"
        "leaq 1f(%%rip), %%rcx\n\t"
        "movq %%rcx, 56(%%rdx)\n\t"
        "xorl %%eax, %%eax\n"
        "1:\n\t"
        "testl %%eax, %%eax\n\t"
        "jnz 2f\n\t"
        "movq %[top], %%rsp\n\t"
        "call *%[child]\n\t"
        "ud2\n"
        "2:\n\t"
        "movq %%rbx, 0+%[resumed]\n\t"
        "movq %%rbp, 8+%[resumed]\n\t"
        "movq %%r12, 16+%[resumed]\n\t"
        "movq %%r13, 24+%[resumed]\n\t"
        "movq %%r14, 32+%[resumed]\n\t"
        "movq %%r15, 40+%[resumed]\n\t"
        "movq %%rsp, 48+%[resumed]\n\t"
        "movq %%rax, 64+%[resumed]\n\t"
        "movq %%rdx, 72+%[resumed]\n\t"
        "leaq %[kept], %%rcx\n\t"
        "movq 0(%%rcx), %%rbx\n\t"
        "movq 8(%%rcx), %%rbp\n\t"
        "movq 16(%%rcx), %%r12\n\t"
        "movq 24(%%rcx), %%r13\n\t"
        "movq 32(%%rcx), %%r14\n\t"
        "movq 40(%%rcx), %%r15\n\t"
        : [resumed] "+m"(resumed), [kept] "+m"(keep)
        : [keep] "r"(keep), [buffer] "m"(buffer), [top] "m"(stack_top), [child] "m"(entry)
        : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc");
    CHECK(resumed[RSP] == keep[RSP]);
}

static void check_registers(void)
{
    int i;

    for (i = RBX; i <= R15; i++)
        CHECK_EQ(resumed[i], 0x1111111111111111u * (unsigned)(i + 1));
    CHECK((resumed[REGISTERS] & 0xffffffff) != 0);
    CHECK((uint64_t *)resumed[REGISTERS + 1] == buffer);
}

static void once(void *memory, size_t length, int bundle)
{
    int h, i;
    unsigned flags;

    stack_top = memory;
    errno = 0;
    h = dill_prologue(&context, &stack_top, length, bundle, __FILE__, __LINE__);
    CHECK(h >= 0 && (bundle < 0 || h == 0));
    buffer = (uint64_t *)context;
    child_sp = (uintptr_t)stack_top;
    child_runs = 0;
    if (memory)
        CHECK((char *)stack_top > (char *)memory && (char *)stack_top < (char *)memory + length);
    launch();
    CHECK(child_runs == 1);
    check_registers();
    __asm__ __volatile__("pushfq\n\tpopq %q0" : "=r"(flags));
    CHECK((flags & 0x400) == 0);
    /* The buffer stays where it is, and serves the library's own waits. */
    CHECK(yield() == 0);
    CHECK(child_runs == 2);
    for (i = 0; i < 3; i++)
        CHECK(yield() == 0);
    CHECK(bundle < 0 ? hclose(h) == 0 : bundle_wait(bundle, -1) == 0);
}

int main(void)
{
    static char memory[65536];
    int b = bundle(), i;

    CHECK(b >= 0);
    for (i = 0; i < 100; i++) {
        once(NULL, 0, -1);
        once(NULL, 0, -17);
        once(NULL, 0, b);
        once(memory + i % 16, sizeof memory - 16, -1);
        once(memory + i % 16, sizeof memory - 16 - (size_t)i % 5, b);
    }
    stack_top = NULL;
    CHECK(dill_prologue(&context, &stack_top, 0, 4711, "", 0) == -1 && errno == EBADF);
    CHECK(hclose(b) == 0);
    return 0;
}

#endif
