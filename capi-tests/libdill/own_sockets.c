/* Sockets of the program's behind libdillimpl.h: what they are called with, and what their answers become. Printed, and
 * compared with the original.
 */
#include "sockets.h"

struct own {
    struct hvfs hvfs;
    struct bsock_vfs bvfs;
    struct msock_vfs mvfs;
    const char *message;
    int result;
};

static void *own_query(struct hvfs *vfs, const void *type)
{
    struct own *self = (struct own *)vfs;

    if (type == bsock_type)
        return &self->bvfs;
    if (type == msock_type)
        return &self->mvfs;
    errno = ENOTSUP;
    return NULL;
}

static void own_close(struct hvfs *vfs)
{
    (void)vfs;
    printf("  closed\n");
}

static void say_call(const char *name, struct iolist *first, struct iolist *last, int64_t deadline)
{
    size_t items = 0, bytes = 0;

    for (struct iolist *it = first; it; it = it->iol_next) {
        items++;
        bytes += it->iol_len;
        CHECK_EQ(it->iol_rsvd, 0);
    }
    printf("  %s: %zu items, %zu bytes, %s, deadline %d\n", name, items, bytes,
           first && last && !last->iol_next ? "ended" : "open", (int)deadline);
}

#define OWN(vfs, member) ((struct own *)((char *)(vfs) - offsetof(struct own, member)))

static int own_bsend(struct bsock_vfs *vfs, struct iolist *first, struct iolist *last, int64_t deadline)
{
    say_call("bsendl", first, last, deadline);
    errno = EPROTO;
    return OWN(vfs, bvfs)->result;
}

static int own_brecv(struct bsock_vfs *vfs, struct iolist *first, struct iolist *last, int64_t deadline)
{
    say_call("brecvl", first, last, deadline);
    errno = EPROTO;
    return OWN(vfs, bvfs)->result;
}

static int own_msend(struct msock_vfs *vfs, struct iolist *first, struct iolist *last, int64_t deadline)
{
    say_call("msendl", first, last, deadline);
    errno = EPROTO;
    return OWN(vfs, mvfs)->result;
}

static ssize_t own_mrecv(struct msock_vfs *vfs, struct iolist *first, struct iolist *last, int64_t deadline)
{
    const char *message = OWN(vfs, mvfs)->message;
    size_t size = strlen(message);

    (void)last;
    (void)deadline;
    if (OWN(vfs, mvfs)->result < 0) {
        errno = EPROTO;
        return -1;
    }
    for (struct iolist *it = first; it && size; it = it->iol_next) {
        size_t part = it->iol_len < size ? it->iol_len : size;
        if (it->iol_base)
            memcpy(it->iol_base, message, part);
        message += part;
        size -= part;
    }
    return strlen(OWN(vfs, mvfs)->message);
}

int main(void)
{
    struct own own = { { own_query, own_close }, { own_bsend, own_brecv }, { own_msend, own_mrecv }, "hello", 7 };
    struct iolist second = { (void *)"de", 2, NULL, 0 }, first = { (void *)"abc", 3, &second, 0 };
    char buf[16] = "";
    int h = hmake(&own.hvfs), t;

    SAY(bsend(h, "abc", 3, 17));
    SAY(brecv(h, buf, 5, -1));
    SAY(brecv(h, NULL, 5, 0));
    SAY(bsendl(h, &first, &second, 23));
    SAY(bsendl(h, &first, &first, 23));
    SAY(bsendl(h, NULL, NULL, 23));
    SAY(brecvl(h, &first, NULL, 23));
    SAY(msend(h, "abc", 3, 17));
    SAY(msend(h, NULL, 0, 17));
    SAY(msendl(h, &first, &second, 23));
    SAY(msendl(h, &second, &first, 23));
    SAY(msendl(h, NULL, NULL, 23));
    SAY(mrecv(h, buf, 16, -1));
    printf("%s\n", buf);
    SAY(mrecvl(h, NULL, NULL, -1));
    own.result = -1;
    SAY(bsend(h, "abc", 3, 17));
    SAY(brecv(h, buf, 5, -1));
    SAY(msend(h, "abc", 3, 17));
    SAY(mrecv(h, buf, 16, -1));
    own.result = 0;

    t = term_attach(h, "stop", 4);
    SAY(msend(t, "abc", 3, 17));
    SAY(mrecv(t, buf, 16, -1));
    own.message = "stop";
    SAY(mrecv(t, buf, 16, -1));
    own.message = "stops";
    SAY(term_done(t, 19));
    own.message = "stop";
    SAY_MADE(h, term_detach(t, 29));
    SAY(hclose(h));

    h = hmake(&own.hvfs);
    own.result = -1;
    t = prefix_attach(h, 2, 0);
    SAY(msend(t, "abc", 3, 17));
    SAY(msend(t, "abc", 3, 17));
    SAY(mrecv(t, buf, 16, 19));
    SAY(mrecv(t, buf, 16, 19));
    SAY(prefix_detach(t));
    h = hmake(&own.hvfs);
    t = suffix_attach(h, "\r\n", 2);
    SAY(msendl(t, &first, &second, 17));
    SAY(mrecv(t, buf, 16, 19));
    SAY(suffix_detach(t, -1));
    h = hmake(&own.hvfs);
    t = http_attach(h);
    SAY(http_sendrequest(t, "GET", "/", 17));
    SAY(hclose(t));
    return 0;
}
