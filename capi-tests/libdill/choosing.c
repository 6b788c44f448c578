/* Choosing between channels. Printed, and compared with the original. */
#include <libdill.h>
#include <stdio.h>
#include "check.h"

static const char *name(int error)
{
    return error == 0           ? "0"
           : error == EBADF     ? "EBADF"
           : error == ENOTSUP   ? "ENOTSUP"
           : error == EINVAL    ? "EINVAL"
           : error == EPIPE     ? "EPIPE"
           : error == EMSGSIZE  ? "EMSGSIZE"
           : error == ETIMEDOUT ? "ETIMEDOUT"
           : error == ECANCELED ? "ECANCELED"
                                : "?";
}

static void show(const char *what, int index)
{
    printf("%s: %d %s\n", what, index, name(errno));
}

static coroutine void send_int(int ch, int value)
{
    int rc = chsend(ch, &value, sizeof value, -1);

    printf("sent %d: %d %s\n", value, rc, rc ? name(errno) : "");
}

static coroutine void receive_int(int ch)
{
    int value = -1, rc = chrecv(ch, &value, sizeof value, -1);

    printf("received %d: %d %s\n", value, rc, rc ? name(errno) : "");
}

static coroutine void choose_two(int first, int second)
{
    int a = -1, b = -1;
    struct chclause clauses[] = { { CHRECV, first, &a, sizeof a }, { CHRECV, second, &b, sizeof b } };
    int index = choose(clauses, 2, -1);

    show("woken", index);
    printf("%d %d\n", a, b);
}

int main(void)
{
    int x[2], y[2], b = bundle(), value = 1, other = 2, i;
    char byte = 0;
    struct chclause two[] = { { CHRECV, -1, &value, sizeof value }, { CHRECV, -1, &other, sizeof other } };
    struct chclause many[20];
    int values[20], channels[20][2];

    CHECK(chmake(x) == 0 && chmake(y) == 0);
    errno = 0;
    show("none, at once", choose(NULL, 0, 0));
    show("none, soon", choose(NULL, 0, now() + 10));
    show("negative", choose(two, -1, 0));
    show("nowhere", choose(NULL, 1, 0));
    show("bad handle", choose(two, 2, 0));
    two[0].ch = b;
    show("a bundle", choose(two, 2, 0));
    two[0].ch = x[0];
    two[1].ch = y[0];
    two[0].op = 17;
    show("bad op", choose(two, 2, 0));
    two[0].op = CHRECV;
    two[0].val = NULL;
    show("no memory", choose(two, 2, 0));
    two[0].val = &value;
    show("nothing", choose(two, 2, 0));
    show("nothing soon", choose(two, 2, now() + 10));

    /* The lowest index wins. */
    CHECK(bundle_go(b, send_int(y[1], 20)) == 0);
    CHECK(bundle_go(b, send_int(x[1], 10)) == 0);
    show("both", choose(two, 2, -1));
    show("the other", choose(two, 2, -1));
    printf("%d %d\n", value, other);
    CHECK(yield() == 0);

    /* Receivers wait. */
    CHECK(bundle_go(b, receive_int(y[1])) == 0);
    two[0].op = two[1].op = CHSEND;
    show("sent", choose(two, 2, -1));
    CHECK(yield() == 0);

    /* Sizes. */
    CHECK(bundle_go(b, receive_int(x[1])) == 0);
    two[0].val = &byte;
    two[0].len = 1;
    show("size", choose(two, 2, -1));
    CHECK(yield() == 0);

    /* The chooser waits. */
    CHECK(bundle_go(b, choose_two(x[0], y[0])) == 0);
    CHECK(bundle_go(b, send_int(y[1], 30)) == 0);
    CHECK(yield() == 0);
    CHECK(bundle_go(b, choose_two(x[0], y[0])) == 0);
    CHECK(chsend(x[1], &byte, 1, -1) == -1);
    show("wrong size to a chooser", -1);
    CHECK(yield() == 0);
    CHECK(bundle_go(b, choose_two(x[0], y[0])) == 0);
    CHECK(chdone(y[1]) == 0);
    CHECK(yield() == 0);
    two[1].op = CHRECV;
    two[0].op = CHRECV;
    show("done", choose(two, 2, -1));
    CHECK(bundle_go(b, choose_two(x[0], x[0])) == 0);
    CHECK(hclose(b) == 0);

    /* More than fit into a frame. */
    b = bundle();
    for (i = 0; i < 20; i++) {
        values[i] = -1;
        CHECK(chmake(channels[i]) == 0);
        many[i].op = CHRECV;
        many[i].ch = channels[i][0];
        many[i].val = &values[i];
        many[i].len = sizeof values[i];
    }
    show("many", choose(many, 20, now() + 10));
    CHECK(bundle_go(b, send_int(channels[17][1], 170)) == 0);
    show("many", choose(many, 20, -1));
    printf("%d\n", values[17]);
    CHECK(bundle_wait(b, -1) == 0 && hclose(b) == 0);
    for (i = 0; i < 20; i++)
        CHECK(hclose(channels[i][0]) == 0 && hclose(channels[i][1]) == 0);

    /* Both ends closed: who waits gets EPIPE. */
    b = bundle();
    CHECK(bundle_go(b, receive_int(x[0])) == 0);
    CHECK(bundle_go(b, send_int(x[0], 5)) == 0);
    CHECK(hclose(x[0]) == 0 && yield() == 0);
    CHECK(hclose(x[1]) == 0 && yield() == 0);
    CHECK(hclose(y[0]) == 0 && hclose(y[1]) == 0 && hclose(b) == 0);
    return 0;
}
