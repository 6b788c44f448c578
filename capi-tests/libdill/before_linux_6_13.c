/* Where the kernel cannot guard pages without splitting mappings: as many coroutines live, the first of them guarded, and
 * the mappings that this takes come back.
 * harness: ours-only the original stops at 32745
 * harness: timeout 300
 * harness: no-valgrind it cannot hold so many stacks
 */
#include <libdill.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "check.h"

enum { MANY = 100000, GUARD_INSTALL = 102 };

/* madvise fails for this advice as it does on older kernels. */
static int pretend(void)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, GUARD_INSTALL, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { sizeof rules / sizeof *rules, rules };

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int mappings(void)
{
    int count = 0, c;
    FILE *file = fopen("/proc/self/maps", "r");

    CHECK(file != NULL);
    while ((c = getc(file)) != EOF)
        count += c == '\n';
    fclose(file);
    return count;
}

static coroutine void waiting(void)
{
    msleep(-1);
}

__attribute__((noinline)) static int descend(int depth)
{
    volatile char frame[512];

    frame[0] = (char)depth;
    return depth < 0 ? 0 : descend(depth + 1) + frame[0];
}

static coroutine void endless(void)
{
    descend(0);
}

static void overflow(void)
{
    int status;
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        struct rlimit none = { 0, 0 };

        setrlimit(RLIMIT_CORE, &none);
        CHECK(go(waiting()) >= 0 && go(waiting()) >= 0);
        go(endless());
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

int main(void)
{
    int before, during, b, i, round;

    if (!pretend())
        SKIP("system calls cannot be filtered here");
    overflow();
    before = mappings();
    for (round = 0; round < 2; round++) {
        b = bundle();
        for (i = 0; i < MANY; i++)
            CHECK(bundle_go(b, waiting()) == 0);
        during = mappings();
        /* Some are guarded; and there is room for those of the program's. */
        CHECK(during > before + 10000 && during < 50000);
        CHECK(hclose(b) == 0);
        CHECK(mappings() < before + 1000);
    }
    overflow();
    return 0;
}
