/* What the core does better than the original, which aborts, crashes, hangs or forgets errno in these cases.
 * harness: ours-only the original aborts
 */
#include <fcntl.h>
#include <libdillimpl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include "check.h"

static coroutine void nothing(void)
{
}

static coroutine void endless(void)
{
    while (msleep(-1) == 0)
        ;
}

/* Closes what is given, and tells what it saw then. */
static int seen_by_closer;

static coroutine void closer(int h)
{
    CHECK(hclose(h) == 0);
    errno = 0;
    seen_by_closer = yield() == 0 ? 0 : errno;
}

static int64_t tenacious_until;

/* Ends a while after it is cancelled. It may not block, so it keeps the processor. */
static coroutine void tenacious(void)
{
    CHECK(msleep(-1) == -1 && errno == ECANCELED);
    while (now() < tenacious_until)
        ;
}

static void closing_a_coroutine_that_is_inside_hclose(void)
{
    int inner = go(endless()), outer, third;

    /* Both are closed at once: the middle one is in hclose when it is cancelled. */
    tenacious_until = now() + 20;
    inner = bundle();
    CHECK(bundle_go(inner, tenacious()) == 0);
    seen_by_closer = -1;
    outer = go(closer(inner));
    third = go(closer(outer));
    CHECK(hclose(third) == 0);
    CHECK(seen_by_closer == 0 || seen_by_closer == ECANCELED);
}

static int relay_ch[2];

/* Cannot end before somebody else has run. */
static coroutine void waits_for_others(int h)
{
    int i;

    CHECK(msleep(-1) == -1 && errno == ECANCELED);
    (void)h;
    for (i = 0; i < 3; i++)
        CHECK(chsend(relay_ch[0], &i, sizeof i, 0) == -1);
}

static coroutine void closes_slowly(void)
{
    int h = go(waits_for_others(0));

    CHECK(hclose(h) == 0);
    CHECK(msleep(-1) == -1 && errno == ECANCELED);
    CHECK(yield() == -1 && errno == ECANCELED);
}

static void a_closer_that_is_cancelled_finishes_first(void)
{
    int h;

    CHECK(chmake(relay_ch) == 0);
    h = go(closes_slowly());
    CHECK(hclose(h) == 0);
    CHECK(hclose(relay_ch[0]) == 0 && hclose(relay_ch[1]) == 0);
}

static int waiters_done;

static coroutine void waiter(int b, int expected)
{
    int rc = bundle_wait(b, -1);

    CHECK(expected == 0 ? rc == 0 : rc == -1 && errno == expected);
    waiters_done++;
}

static coroutine void short_nap(int ms)
{
    msleep(now() + ms);
}

static void any_number_of_coroutines_wait_for_a_bundle(void)
{
    int b = bundle(), waiters = bundle(), i;

    CHECK(bundle_go(b, short_nap(10)) == 0);
    for (i = 0; i < 5; i++)
        CHECK(bundle_go(waiters, waiter(b, 0)) == 0);
    CHECK(bundle_wait(b, -1) == 0);
    CHECK(bundle_wait(waiters, now() + 3600000) == 0 && waiters_done == 5);
    CHECK(hclose(b) == 0 && hclose(waiters) == 0);
}

static void closing_a_bundle_ends_the_wait_for_it(void)
{
    int b = bundle(), waiters = bundle();

    waiters_done = 0;
    CHECK(bundle_go(b, endless()) == 0);
    CHECK(bundle_go(waiters, waiter(b, ECANCELED)) == 0);
    CHECK(bundle_go(waiters, waiter(b, ECANCELED)) == 0);
    CHECK(hclose(b) == 0);
    CHECK(bundle_wait(waiters, now() + 3600000) == 0 && waiters_done == 2);
    CHECK(hclose(waiters) == 0);
}

static int bundle_of_late;

static coroutine void adds_to_a_closing_bundle(void)
{
    errno = 0;
    CHECK(bundle_go(bundle_of_late, nothing()) == -1 && errno == ECANCELED);
    CHECK(hclose(bundle_of_late) == -1 && errno == EBADF);
    CHECK(bundle_wait(bundle_of_late, -1) == -1 && errno == ECANCELED);
}

static coroutine void wakes_one_more(int ch)
{
    int value = 1;

    CHECK(msleep(-1) == -1);
    /* Its receiver runs while the bundle is being closed. */
    CHECK(chsend(ch, &value, sizeof value, 0) == -1 && errno == ECANCELED);
}

static coroutine void runs_meanwhile(void)
{
    CHECK(yield() == 0);
    adds_to_a_closing_bundle();
}

static void a_bundle_that_is_being_closed_takes_no_more(void)
{
    int ch[2], other;

    CHECK(chmake(ch) == 0);
    bundle_of_late = bundle();
    CHECK(bundle_go(bundle_of_late, wakes_one_more(ch[0])) == 0);
    other = go(runs_meanwhile());
    CHECK(hclose(bundle_of_late) == 0);
    CHECK(bundle_wait(other, -1) == 0 && hclose(other) == 0);
    CHECK(hclose(ch[0]) == 0 && hclose(ch[1]) == 0);
}

static void small_memory_is_an_error(void)
{
    static char memory[4096] __attribute__((aligned(16)));
    size_t size;
    int b = bundle();

    for (size = 0; size < 300; size += 7)
        CHECK(go_mem(nothing(), memory, size) == -1 && errno == ENOMEM);
    for (size = 0; size < 250; size += 7)
        CHECK(bundle_go_mem(b, nothing(), memory, size) == -1 && errno == ENOMEM);
    errno = 0;
    CHECK(bundle_mem(NULL) == -1 && errno == EINVAL);
    CHECK(chmake_mem(NULL, NULL) == -1 && errno == EINVAL);
    CHECK(hclose(b) == 0);
}

static coroutine void add(int *sum, int value)
{
    *sum += value;
}

static void storage_may_begin_anywhere(void)
{
    static char memory[16384 + 64];
    int offset, ch[2], h, sum = 0, value = 3, rc;

    for (offset = 0; offset < 16; offset++) {
        CHECK(chmake_mem((struct chstorage *)(memory + offset), ch) == 0);
        CHECK(chsend(ch[0], &value, sizeof value, 0) == -1 && errno == ETIMEDOUT);
        CHECK(hclose(ch[0]) == 0 && hclose(ch[1]) == 0);
        h = bundle_mem((struct bundle_storage *)(memory + offset));
        CHECK(h >= 0);
        rc = bundle_go(h, add(&sum, 1));
        CHECK(rc == 0 && bundle_wait(h, -1) == 0 && hclose(h) == 0);
        h = go_mem(add(&sum, 1), memory + offset, 16384 + offset % 3);
        CHECK(h >= 0 && bundle_wait(h, -1) == 0 && hclose(h) == 0);
    }
    CHECK(sum == 32);
}

static void descriptors_out_of_range_are_unknown(void)
{
    CHECK(fdclean(-1) == 0 && fdclean(-2147483647 - 1) == 0 && fdclean(2147483647) == 0);
    CHECK(fdin(2147483647, 0) == -1 && errno == EBADF);
}

static void a_descriptor_closed_without_fdclean_is_forgiven(void)
{
    int s[2], again[2], i;

    for (i = 0; i < 3; i++) {
        CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
        CHECK(fdin(s[0], 0) == -1 && errno == ETIMEDOUT);
        CHECK(fdout(s[0], 0) == 0);
        CHECK(close(s[0]) == 0 && close(s[1]) == 0);
        CHECK(msleep(now() + 2) == 0);
        /* The numbers come back. */
        CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, again) == 0 && again[0] == s[0]);
        CHECK(fdout(again[0], now() + 3600000) == 0);
        CHECK(fdin(again[0], now() + 5) == -1 && errno == ETIMEDOUT);
        CHECK(write(again[1], "x", 1) == 1 && fdin(again[0], now() + 3600000) == 0);
        CHECK(fdclean(again[0]) == 0 && close(again[0]) == 0 && close(again[1]) == 0);
    }
    /* And what is not open any more cannot be waited for. */
    CHECK(pipe(s) == 0 && fdin(s[0], 0) == -1 && close(s[0]) == 0);
    CHECK(msleep(now() + 2) == 0);
    CHECK(fdin(s[0], now() + 3600000) == -1 && errno == EBADF);
    CHECK(close(s[1]) == 0);
}

static int busy_stop;

static coroutine void busy(void)
{
    while (!busy_stop)
        CHECK(yield() == 0);
}

/* In processor time, which the busy ones take: on a machine that does other things, too, the clock says little. */
static double seconds_of_work(clock_t since)
{
    return (double)(clock() - since) / CLOCKS_PER_SEC;
}

static void timers_and_descriptors_do_not_starve(void)
{
    int fds[2], b = bundle();
    clock_t begin;

    CHECK(pipe(fds) == 0);
    CHECK(bundle_go(b, busy()) == 0 && bundle_go(b, busy()) == 0);
    begin = clock();
    CHECK(msleep(now() + 20) == 0);
    CHECK(seconds_of_work(begin) < 0.5);
    CHECK(write(fds[1], "x", 1) == 1);
    begin = clock();
    CHECK(fdin(fds[0], now() + 3600000) == 0);
    CHECK(seconds_of_work(begin) < 0.5);
    busy_stop = 1;
    CHECK(bundle_wait(b, -1) == 0 && hclose(b) == 0);
    CHECK(fdclean(fds[0]) == 0 && close(fds[0]) == 0 && close(fds[1]) == 0);
}

static coroutine void closes_itself(int h)
{
    hclose(h);
}

static coroutine void closes_later(const int *h)
{
    CHECK(yield() == 0);
    hclose(*h);
}

/* The process ends with a message: nothing else makes sense. */
static void closing_ones_own_bundle_aborts(int mutual)
{
    int out[2], status, h;
    char text[500] = "";
    pid_t child;

    CHECK(pipe(out) == 0);
    fflush(stdout);
    child = fork();
    if (child == 0) {
        struct rlimit none = { 0, 0 };

        setrlimit(RLIMIT_CORE, &none);
        dup2(out[1], 2);
        h = bundle();
        if (mutual) {
            static int other;

            other = bundle();
            bundle_go(other, closes_later(&h));
            bundle_go(h, closes_later(&other));
            msleep(-1);
        } else {
            bundle_go(h, closes_itself(h));
        }
        _exit(0);
    }
    CHECK(close(out[1]) == 0 && read(out[0], text, sizeof text - 1) > 0 && close(out[0]) == 0);
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    CHECK(strstr(text, "closes a bundle that it belongs to") != NULL);
}

static void descriptors_without_limit(void)
{
    struct rlimit limit;
    int fds[2];

    /* The original's table had the size of the limit. */
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    CHECK(pipe(fds) == 0);
    if (limit.rlim_cur > 900 && dup2(fds[0], 900) == 900) {
        CHECK(fdin(900, 0) == -1 && errno == ETIMEDOUT);
        CHECK(fdclean(900) == 0 && close(900) == 0);
    }
    CHECK(close(fds[0]) == 0 && close(fds[1]) == 0);
}

int main(void)
{
    closing_a_coroutine_that_is_inside_hclose();
    a_closer_that_is_cancelled_finishes_first();
    any_number_of_coroutines_wait_for_a_bundle();
    closing_a_bundle_ends_the_wait_for_it();
    a_bundle_that_is_being_closed_takes_no_more();
    small_memory_is_an_error();
    storage_may_begin_anywhere();
    descriptors_out_of_range_are_unknown();
    a_descriptor_closed_without_fdclean_is_forgiven();
    timers_and_descriptors_do_not_starve();
    closing_ones_own_bundle_aborts(0);
    closing_ones_own_bundle_aborts(1);
    descriptors_without_limit();
    return 0;
}
