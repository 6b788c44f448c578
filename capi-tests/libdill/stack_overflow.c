/* A coroutine that needs more stack than it has ends the process; its neighbours' stacks are never written to.
 * harness: ours-only in the original, coroutines beyond some number cannot be made
 * harness: timeout 300
 * harness: no-valgrind it moves the faults
 */
#include <libdill.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "check.h"

enum { STACK = 256 * 1024, MANY = 50000 };

static coroutine void waiting(void)
{
    msleep(-1);
}

/* Uses almost all of its stack, and it holds. */
static coroutine void deep(size_t size)
{
    volatile char *bytes = alloca(size);
    size_t i;

    for (i = 0; i < size; i += 1024)
        bytes[i] = 1;
    CHECK(yield() == 0);
}

static uintptr_t fault, lowest;

static void on_fault(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)context;
    fault = (uintptr_t)info->si_addr;
    /* Within the page below the stack. */
    _exit(fault < lowest && lowest - fault <= 2 * 4096 ? 42 : 43);
}

__attribute__((noinline)) static int descend(int depth)
{
    volatile char frame[512];

    frame[0] = (char)depth;
    lowest = (uintptr_t)frame;
    return depth < 0 ? 0 : descend(depth + 1) + frame[0];
}

static coroutine void endless(void)
{
    descend(0);
}

static void overflow_among(int others)
{
    int status;
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        static char alternative[65536];
        struct rlimit none = { 0, 0 };
        struct sigaction action;
        stack_t stack;
        int i;

        setrlimit(RLIMIT_CORE, &none);
        memset(&stack, 0, sizeof stack);
        stack.ss_sp = alternative;
        stack.ss_size = sizeof alternative;
        sigaltstack(&stack, NULL);
        memset(&action, 0, sizeof action);
        action.sa_sigaction = on_fault;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK;
        sigaction(SIGSEGV, &action, NULL);
        for (i = 0; i < others; i++)
            CHECK(go(waiting()) >= 0);
        go(endless());
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), 42);
}

/* Whether this kernel can guard pages without a mapping for each. */
static int guards_are_light(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int light = page != MAP_FAILED && madvise(page, 4096, 102) == 0;

    munmap(page, 4096);
    return light;
}

int main(void)
{
    int b = bundle(), i;

    for (i = 0; i < 200; i++)
        CHECK(bundle_go(b, deep(STACK - 4096)) == 0);
    CHECK(bundle_wait(b, -1) == 0 && hclose(b) == 0);
    overflow_among(0);
    overflow_among(3);
    overflow_among(1000);
    overflow_among(guards_are_light() ? MANY : 10000);
    return 0;
}
