/* Handles of a program's own: numbers, questions and answers, new owners, and closing. Printed, and compared with the
 * original.
 */
#include <libdillimpl.h>
#include <stdio.h>
#include <string.h>
#include "check.h"

static int queries, closes;
static const int kind = 0, other_kind = 0;

struct object {
    int before;
    struct hvfs vfs;
    int seen_in_close[6];
    int error_in_close[6];
    int nested;
};

#define OBJECT(table) ((struct object *)((char *)(table)-offsetof(struct object, vfs)))

static void *object_query(struct hvfs *vfs, const void *type)
{
    queries++;
    if (type == &kind)
        return OBJECT(vfs);
    errno = ENOTSUP;
    return NULL;
}

static coroutine void nothing(void)
{
}

static void object_close(struct hvfs *vfs)
{
    struct object *self = OBJECT(vfs);
    int ch[2], i = 0;

#define TRY(call)                                  \
    do {                                           \
        errno = 0;                                 \
        self->seen_in_close[i] = (call);           \
        self->error_in_close[i] = errno;           \
        i++;                                       \
    } while (0)

    closes++;
    TRY(msleep(now() + 1));
    TRY(yield());
    TRY(bundle());
    TRY(chmake(ch));
    TRY(go(nothing()));
    TRY(bundle_wait(12345, 0));
    if (self->nested >= 0)
        CHECK(hclose(self->nested) == 0);
    /* The flag is still there after a nested close. */
    errno = 0;
    CHECK(yield() == -1 && errno == ECANCELED);
}

static void init(struct object *self, int nested)
{
    memset(self, 0, sizeof *self);
    self->vfs.query = object_query;
    self->vfs.close = object_close;
    self->nested = nested;
}

static const char *name(int error)
{
    switch (error) {
    case 0: return "0";
    case EBADF: return "EBADF";
    case ECANCELED: return "ECANCELED";
    case EINVAL: return "EINVAL";
    case EMSGSIZE: return "EMSGSIZE";
    case ENOTSUP: return "ENOTSUP";
    case EPIPE: return "EPIPE";
    case ETIMEDOUT: return "ETIMEDOUT";
    default: return "?";
    }
}

#define SHOW(call)                                              \
    do {                                                        \
        long result;                                            \
        errno = 0;                                              \
        result = (long)(call);                                  \
        printf("%s: %ld %s\n", #call, result, result < 0 ? name(errno) : ""); \
    } while (0)

int main(void)
{
    struct object first, second;
    struct hvfs incomplete = { NULL, object_close };
    int h, h2, i, ch[2], b;

    init(&first, -1);
    SHOW(hmake(NULL));
    SHOW(hmake(&incomplete));
    SHOW(h = hmake(&first.vfs));
    CHECK(hquery(h, &kind) == &first && queries == 1);
    CHECK(hquery(h, &kind) == &first && queries == 1);
    CHECK(hquery(h, &other_kind) == NULL && errno == ENOTSUP && queries == 2);
    CHECK(hquery(h, &kind) == &first && queries == 2);
    CHECK(hquery(-1, &kind) == NULL && errno == EBADF);
    CHECK(hquery(100000, &kind) == NULL && errno == EBADF);

    SHOW(h2 = hown(h));
    SHOW(hclose(h));
    SHOW(hown(h));
    CHECK(hquery(h2, &kind) == &first && queries == 3);
    init(&second, h2);
    SHOW(h = hmake(&second.vfs));
    SHOW(hclose(h));
    CHECK(closes == 2);
    for (i = 0; i < 6; i++)
        printf("in close: %d %s\n", second.seen_in_close[i], name(second.error_in_close[i]));
    SHOW(hclose(h));
    SHOW(hclose(h2));
    SHOW(yield());

    /* Numbers come back as late as possible. */
    for (i = 0; i < 600; i++) {
        init(&first, -1);
        h = hmake(&first.vfs);
        if (i % 50 == 0)
            printf("%d ", h);
        CHECK(hclose(h) == 0);
    }
    printf("\n");

    SHOW(chmake(ch));
    SHOW(b = bundle());
    SHOW(chsend(b, NULL, 0, 0));
    SHOW(bundle_wait(ch[0], 0));
    SHOW(bundle_wait(b, 0));
    SHOW(bundle_go(ch[0], nothing()));
    SHOW(bundle_go(4711, nothing()));
    SHOW(chdone(b));
    SHOW(chrecv(ch[0], NULL, 0, 0));
    SHOW(chsend(ch[1], NULL, 0, now() + 10));
    SHOW(chdone(ch[0]));
    SHOW(chdone(ch[0]));
    SHOW(chsend(ch[0], NULL, 0, -1));
    SHOW(chrecv(ch[1], NULL, 0, -1));
    SHOW(chsend(ch[1], NULL, 0, 0));
    SHOW(hclose(ch[0]));
    SHOW(chsend(ch[1], NULL, 0, now() + 10));
    SHOW(hclose(ch[1]));
    SHOW(chsend(ch[1], NULL, 0, -1));
    SHOW(hclose(b));
    return 0;
}
