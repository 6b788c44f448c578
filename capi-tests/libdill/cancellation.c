/* Cancellation under every blocking call of the core, and what may still be done afterwards. Printed, and compared with
 * the original.
 */
#include <libdillimpl.h>
#include <stdio.h>
#include <string.h>
#include "check.h"

static int ch[2], fds[2], waited_for, order;

static coroutine void nothing(void)
{
}

static coroutine void endless(void)
{
    while (msleep(-1) == 0)
        ;
}

/* All of these fail at once, whatever their arguments. */
static void afterwards(const char *what)
{
    int pair[2];
    struct chstorage storage;

#define REFUSED(call) CHECK((errno = 0, (call)) == -1 && errno == ECANCELED)
    REFUSED(msleep(0));
    REFUSED(yield());
    REFUSED(bundle());
    REFUSED(chmake(pair));
    REFUSED(chmake_mem(&storage, pair));
    REFUSED(go(nothing()));
    REFUSED(bundle_go(-1, nothing()));
    REFUSED(bundle_wait(-1, 0));
    REFUSED(fdin(-1, 0));
    REFUSED(fdout(-1, 0));
    REFUSED(chsend(-1, NULL, 0, 0));
    REFUSED(chrecv(-1, NULL, 0, 0));
    REFUSED(choose(NULL, -1, 0));
    CHECK(now() > 0);
    CHECK(fdclean(500) == 0);
    CHECK(hclose(-1) == -1 && errno == EBADF);
    printf("%d %s\n", ++order, what);
}

#define BLOCKED(name, call)                                   \
    static coroutine void name(void)                          \
    {                                                         \
        CHECK((errno = 0, (call)) == -1 && errno == ECANCELED); \
        afterwards(#name);                                    \
    }

static int value;
static struct chclause clauses[] = { { CHRECV, 0, &value, sizeof value }, { CHRECV, 0, &value, sizeof value } };

BLOCKED(in_msleep, msleep(-1))
BLOCKED(in_msleep_with_deadline, msleep(now() + 1000000))
BLOCKED(in_fdin, fdin(fds[0], -1))
BLOCKED(in_fdin_with_deadline, fdin(fds[0], now() + 1000000))
BLOCKED(in_chrecv, chrecv(ch[0], &value, sizeof value, -1))
BLOCKED(in_chsend_with_deadline, chsend(ch[0], &value, sizeof value, now() + 1000000))
BLOCKED(in_choose, choose(clauses, 2, -1))
BLOCKED(in_empty_choose, choose(NULL, 0, -1))
BLOCKED(in_bundle_wait, bundle_wait(waited_for, -1))

static coroutine void in_yield(void)
{
    /* It was ready when it was cancelled: the call succeeds, the next one does not. */
    CHECK(yield() == 0);
    afterwards("in_yield");
}

static coroutine void in_go(void)
{
    int h = go(nothing());

    CHECK(h >= 0 && hclose(h) == 0);
    afterwards("in_go");
}

static coroutine void triggered(void)
{
    /* The message was handed over before: it is reported. */
    CHECK(chrecv(ch[0], &value, sizeof value, -1) == 0 && value == 5);
    afterwards("triggered");
}

static coroutine void owner(void)
{
    int h = go(endless()), again;

    CHECK(msleep(-1) == -1 && errno == ECANCELED);
    /* Closing works where blocking does not, and blocks until it is done. */
    CHECK(hclose(h) == 0);
    again = hclose(h);
    CHECK(again == -1 && errno == EBADF);
    afterwards("owner");
}

static void run(void)
{
    int b = bundle();

    CHECK(bundle_go(b, in_msleep()) == 0);
    CHECK(bundle_go(b, in_msleep_with_deadline()) == 0);
    CHECK(bundle_go(b, in_fdin()) == 0);
    CHECK(bundle_go(b, in_chrecv()) == 0);
    CHECK(bundle_go(b, in_choose()) == 0);
    CHECK(bundle_go(b, in_empty_choose()) == 0);
    CHECK(bundle_go(b, in_bundle_wait()) == 0);
    CHECK(bundle_go(b, owner()) == 0);
    CHECK(hclose(b) == 0);
    b = go(in_yield());
    CHECK(hclose(b) == 0);
    b = go(in_go());
    CHECK(hclose(b) == 0);
    b = bundle();
    CHECK(bundle_go(b, in_chsend_with_deadline()) == 0);
    CHECK(bundle_go(b, in_fdin_with_deadline()) == 0);
    CHECK(hclose(b) == 0);
}

int main(void)
{
    int b;
    int message = 5;

    CHECK(chmake(ch) == 0 && pipe(fds) == 0);
    clauses[0].ch = clauses[1].ch = ch[1];
    waited_for = go(endless());
    run();
    run();

    b = bundle();
    CHECK(bundle_go(b, triggered()) == 0);
    CHECK(chsend(ch[1], &message, sizeof message, 0) == 0);
    CHECK(hclose(b) == 0);

    /* A coroutine that has ended can be closed, and closing waits for nothing. */
    b = go(nothing());
    CHECK(bundle_wait(b, -1) == 0 && hclose(b) == 0);
    CHECK(hclose(waited_for) == 0);
    CHECK(fdclean(fds[0]) == 0);
    CHECK(close(fds[0]) == 0 && close(fds[1]) == 0);
    CHECK(hclose(ch[0]) == 0 && hclose(ch[1]) == 0);
    return 0;
}
