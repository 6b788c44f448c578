/* SUFFIX over a bytestream of the program's, where two coroutines receive at once: the second is turned away, and the
 * first, which waits with a part of the suffix, gets its message whole.
 * harness: ours-only the original mixes up what the two receive
 * harness: timeout 60
 */
#include "sockets.h"

/* A bytestream over another. */
struct over {
    struct hvfs hvfs;
    struct bsock_vfs bvfs;
    int below;
};

static void *over_query(struct hvfs *vfs, const void *type)
{
    if (type == bsock_type)
        return &((struct over *)vfs)->bvfs;
    errno = ENOTSUP;
    return NULL;
}

static void over_close(struct hvfs *vfs)
{
    hclose(((struct over *)vfs)->below);
}

static struct over *over_of(struct bsock_vfs *vfs)
{
    return (struct over *)((char *)vfs - offsetof(struct over, bvfs));
}

static int over_send(struct bsock_vfs *vfs, struct iolist *first, struct iolist *last, int64_t deadline)
{
    return bsendl(over_of(vfs)->below, first, last, deadline);
}

static int over_receive(struct bsock_vfs *vfs, struct iolist *first, struct iolist *last, int64_t deadline)
{
    return brecvl(over_of(vfs)->below, first, last, deadline);
}

static coroutine void receives(int s, const char *expected)
{
    char bytes[16];
    ssize_t size = mrecv(s, bytes, sizeof bytes, LATER);

    CHECK_EQ(size, strlen(expected));
    CHECK(memcmp(bytes, expected, strlen(expected)) == 0);
}

/* `begun` has come when the second coroutine tries. */
static void turned_away(const char *begun, const char *rest, const char *expected)
{
    char bytes[16];
    int peer;
    struct over over = { { over_query, over_close }, { over_send, over_receive }, with_peer(&peer) };
    int s = suffix_attach(hmake(&over.hvfs), "\r\n", 2);

    CHECK(s >= 0);
    peer_writes(peer, begun, strlen(begun));
    int cr = go(receives(s, expected));
    CHECK(cr >= 0 && msleep(SOON) == 0);
    for (int i = 0; i < 3; i++)
        FAILS(mrecv(s, bytes, sizeof bytes, SOON), EBUSY);
    peer_writes(peer, rest, strlen(rest));
    CHECK(bundle_wait(cr, LATER) == 0 && hclose(cr) == 0);
    PEER_WRITES(peer, "next\r\n");
    CHECK(mrecv(s, bytes, sizeof bytes, LATER) == 4 && memcmp(bytes, "next", 4) == 0);
    CHECK(hclose(s) == 0);
    close(peer);
}

int main(void)
{
    turned_away("", "line\r\n", "line");
    turned_away("lin", "e\r\n", "line");
    turned_away("lin\r", "\n", "lin");
    turned_away("lin\r", "\r\n", "lin\r");
    return 0;
}
