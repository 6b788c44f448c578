/* Who runs when: strictly in turn, and woken in the order of what woke them. Printed, and compared with the original. */
#include <libdill.h>
#include <stdio.h>
#include "check.h"

static coroutine void counting(char name, int times)
{
    int i;

    for (i = 0; i < times; i++) {
        printf("%c%d ", name, i);
        CHECK(yield() == 0);
    }
}

static void turns(void)
{
    int a = -1, b = -1, i;

    for (i = 0; i < 3; i++) {
        if (i == 1)
            a = go(counting('a', 3));
        if (i == 2)
            b = go(counting('b', 3));
        printf("main%d ", i);
        CHECK(yield() == 0);
    }
    for (i = 0; i < 4; i++) {
        printf("M%d ", i);
        CHECK(yield() == 0);
    }
    CHECK(hclose(a) == 0 && hclose(b) == 0);
    printf("\n");
}

static coroutine void sleeping(char name, int64_t deadline)
{
    CHECK(msleep(deadline) == 0);
    printf("%c ", name);
}

static void ties(void)
{
    int64_t due = now() + 3000;
    int b = bundle();
    const char *name;

    for (name = "abcdef"; *name; name++)
        CHECK(bundle_go(b, sleeping(*name, due)) == 0);
    for (name = "xz"; *name; name++)
        CHECK(bundle_go(b, sleeping(*name, due - 1500)) == 0);
    CHECK(bundle_wait(b, -1) == 0 && hclose(b) == 0);
    printf("\n");
}

static coroutine void reading(int number, int fd)
{
    char byte;

    CHECK(fdin(fd, -1) == 0);
    CHECK(read(fd, &byte, 1) == 1);
    printf("%d ", number);
    CHECK(fdclean(fd) == 0);
}

static void descriptors(void)
{
    static const int order[] = { 2, 0, 1 };
    int fds[3][2], b = bundle(), i;

    for (i = 0; i < 3; i++) {
        CHECK(pipe(fds[i]) == 0);
        CHECK(bundle_go(b, reading(i, fds[i][0])) == 0);
    }
    for (i = 0; i < 3; i++)
        CHECK(write(fds[order[i]][1], "x", 1) == 1);
    CHECK(bundle_wait(b, -1) == 0 && hclose(b) == 0);
    for (i = 0; i < 3; i++)
        CHECK(close(fds[i][0]) == 0 && close(fds[i][1]) == 0);
    printf("\n");
}

static coroutine void receiving(char name, int ch)
{
    int value = -1, rc = chrecv(ch, &value, sizeof value, -1), err = errno;

    if (rc == 0)
        printf("%c%d ", name, value);
    else
        printf("%c:%s ", name, err == EPIPE ? "EPIPE" : "?");
}

static coroutine void sending(int value, int ch)
{
    CHECK(chsend(ch, &value, sizeof value, -1) == 0);
    printf("t%d ", value);
}

static void rendezvous(void)
{
    int ch[2], b = bundle(), i;
    const char *name;

    CHECK(chmake(ch) == 0);
    for (name = "ABC"; *name; name++)
        CHECK(bundle_go(b, receiving(*name, ch[0])) == 0);
    for (i = 0; i < 3; i++)
        CHECK(bundle_go(b, sending(i, ch[1])) == 0);
    CHECK(bundle_wait(b, -1) == 0);
    printf("\n");
    for (i = 10; i < 13; i++)
        CHECK(bundle_go(b, sending(i, ch[1])) == 0);
    for (name = "ABC"; *name; name++)
        CHECK(bundle_go(b, receiving(*name, ch[0])) == 0);
    CHECK(bundle_wait(b, -1) == 0);
    printf("\n");
    for (name = "DEF"; *name; name++)
        CHECK(bundle_go(b, receiving(*name, ch[0])) == 0);
    CHECK(chdone(ch[1]) == 0);
    CHECK(chdone(ch[1]) == -1 && errno == EPIPE);
    CHECK(bundle_wait(b, -1) == 0 && hclose(b) == 0);
    CHECK(hclose(ch[0]) == 0 && hclose(ch[1]) == 0);
    printf("\n");
}

/* A message that is handed over is there at once, and its receiver runs later. */
static coroutine void handed_over(int ch, int *value)
{
    CHECK(chrecv(ch, value, sizeof *value, -1) == 0);
    printf("receiver ");
}

static int handed;

static void hand_over(void)
{
    int ch[2], h, value = 7;

    CHECK(chmake(ch) == 0);
    h = go(handed_over(ch[0], &handed));
    CHECK(chsend(ch[1], &value, sizeof value, 0) == 0);
    printf("sender sees %d ", handed);
    CHECK(bundle_wait(h, -1) == 0 && hclose(h) == 0 && hclose(ch[0]) == 0 && hclose(ch[1]) == 0);
    printf("\n");
}

static coroutine void interrupted(char name)
{
    int rc = msleep(-1);

    printf("%c%d%s ", name, rc, errno == ECANCELED ? "C" : "");
}

static coroutine void chain(int depth)
{
    if (depth > 0) {
        int h = go(chain(depth - 1));

        printf("up%d ", depth);
        CHECK(bundle_wait(h, -1) == 0 && hclose(h) == 0);
    }
    printf("end%d ", depth);
}

static void closing(void)
{
    int b = bundle(), h;
    const char *name;

    for (name = "pqr"; *name; name++)
        CHECK(bundle_go(b, interrupted(*name)) == 0);
    CHECK(hclose(b) == 0);
    printf("closed\n");
    h = go(chain(3));
    CHECK(bundle_wait(h, -1) == 0 && hclose(h) == 0);
    printf("\n");
}

int main(void)
{
    turns();
    ties();
    descriptors();
    rendezvous();
    hand_over();
    closing();
    return 0;
}
