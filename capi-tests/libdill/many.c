/* Very many coroutines: alive at once, cancelled, and their memory given back; with little address space, too.
 * harness: ours-only the original stops at 32745
 * harness: timeout 300
 * harness: no-valgrind it cannot hold so many stacks
 */
#include <libdill.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "check.h"

enum { MANY = 200000 };

static int alive;

static coroutine void waiting(void)
{
    alive++;
    CHECK(msleep(-1) == -1 && errno == ECANCELED);
    alive--;
}

static coroutine void nothing(void)
{
}

/* Resident memory in bytes, of /proc/self/statm. */
static long resident(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    CHECK(file != NULL && fscanf(file, "%*d %ld", &pages) == 1);
    fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

static void live_at_once(void)
{
    long before = resident(), peak, page = sysconf(_SC_PAGESIZE);
    int b = bundle(), i;

    for (i = 0; i < MANY; i++)
        CHECK(bundle_go(b, waiting()) == 0);
    CHECK(alive == MANY);
    peak = resident();
    /* A page of stack, and no more than 512 bytes. */
    CHECK((peak - before) / MANY <= page + 512);
    CHECK(hclose(b) == 0 && alive == 0);
    CHECK(resident() - before < 16 << 20);
}

/* In an order that leaves slabs half used for long. */
static void closed_in_any_order(void)
{
    static int handles[100000];
    long before = resident();
    const int count = sizeof handles / sizeof *handles;
    int i, step;

    for (i = 0; i < count; i++)
        CHECK((handles[i] = go(waiting())) >= 0);
    for (step = 0; step < 7; step++)
        for (i = step; i < count; i += 7)
            CHECK(hclose(handles[i]) == 0);
    CHECK(alive == 0);
    CHECK(resident() - before < 32 << 20);
    /* A seventh alive holds a seventh of the memory, and a little. */
    for (i = 0; i < count; i++)
        CHECK((handles[i] = go(waiting())) >= 0);
    for (i = 0; i < count; i++)
        if (i % 7)
            CHECK(hclose(handles[i]) == 0);
    CHECK(resident() - before < (long)count / 7 * 5000 + (32 << 20));
    for (i = 0; i < count; i += 7)
        CHECK(hclose(handles[i]) == 0);
}

static void made_and_finished(void)
{
    long before = resident();
    int i;

    for (i = 0; i < 1000000; i++) {
        int h = go(nothing());

        CHECK(h >= 0 && hclose(h) == 0);
    }
    CHECK(resident() - before < 1 << 20);
}

/* ENOMEM, and everything goes on. */
static void little_address_space(void)
{
    struct rlimit limit = { 200 << 20, 200 << 20 };
    int b = bundle(), count = 0, round, status;
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
        for (round = 0; round < 3; round++) {
            int before = count;

            while (bundle_go(b, waiting()) == 0)
                count++;
            CHECK(errno == ENOMEM && count - before > 300 && count - before < 1000);
            CHECK(go(waiting()) == -1 && errno == ENOMEM);
            CHECK(hclose(b) == 0 && alive == 0);
            b = bundle();
        }
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(hclose(b) == 0);
}

int main(void)
{
    little_address_space();
    live_at_once();
    live_at_once();
    closed_in_any_order();
    made_and_finished();
    return 0;
}
