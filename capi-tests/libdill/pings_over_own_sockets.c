/* WebSocket over a bytestream of the program's, which says nothing of room: answers to pings and messages share it.
 * harness: ours-only the original takes a ping for an error
 */
#include "sockets.h"

/* A bytestream over another, which can be made to stop in the middle of what it sends. */
struct gated {
    struct hvfs hvfs;
    struct bsock_vfs bvfs;
    int below;
    /* Whether the next send stops, says so, and goes on when it is told to. */
    int stops;
    int fails;
    int stopped[2], go_on[2];
};

static void *gated_query(struct hvfs *vfs, const void *type)
{
    if (type == bsock_type)
        return &((struct gated *)vfs)->bvfs;
    errno = ENOTSUP;
    return NULL;
}

static void gated_close(struct hvfs *vfs)
{
    struct gated *self = (struct gated *)vfs;

    hclose(self->below);
    for (int i = 0; i < 2; i++) {
        hclose(self->stopped[i]);
        hclose(self->go_on[i]);
    }
}

static struct gated *gated_of(struct bsock_vfs *vfs)
{
    return (struct gated *)((char *)vfs - offsetof(struct gated, bvfs));
}

static int gated_send(struct bsock_vfs *vfs, struct iolist *first, struct iolist *last, int64_t deadline)
{
    struct gated *self = gated_of(vfs);
    char *base = first->iol_base;

    if (!self->stops)
        return bsendl(self->below, first, last, deadline);
    self->stops = 0;
    if (bsend(self->below, base, 1, deadline) < 0)
        return -1;
    CHECK(chsend(self->stopped[0], NULL, 0, -1) == 0);
    if (chrecv(self->go_on[1], NULL, 0, deadline) < 0)
        return -1;
    if (self->fails) {
        errno = EIO;
        return -1;
    }
    if (first->iol_len > 1 && bsend(self->below, base + 1, first->iol_len - 1, deadline) < 0)
        return -1;
    return first->iol_next ? bsendl(self->below, first->iol_next, last, deadline) : 0;
}

static int gated_receive(struct bsock_vfs *vfs, struct iolist *first, struct iolist *last, int64_t deadline)
{
    return brecvl(gated_of(vfs)->below, first, last, deadline);
}

/* A server's WebSocket over such a bytestream, and the descriptor of the client. */
static int server(struct gated *self, int *peer)
{
    *self = (struct gated){ { gated_query, gated_close }, { gated_send, gated_receive }, with_peer(peer), 0, 0, { 0 }, { 0 } };
    CHECK(chmake(self->stopped) == 0 && chmake(self->go_on) == 0);
    int s = ws_attach_server(hmake(&self->hvfs), WS_NOHTTP | WS_TEXT, NULL, 0, NULL, 0, LATER);
    CHECK(s >= 0);
    return s;
}

static void wait_until_stopped(struct gated *self)
{
    CHECK(chrecv(self->stopped[1], NULL, 0, LATER) == 0);
}

static void let_go_on(struct gated *self)
{
    CHECK(chsend(self->go_on[0], NULL, 0, LATER) == 0);
}

static void wrote(int peer, const void *bytes, size_t length)
{
    char found[256];

    CHECK_EQ(peer_reads(peer, found, sizeof found), length);
    CHECK(memcmp(found, bytes, length) == 0);
}

#define WROTE(peer, literal) wrote(peer, literal, sizeof(literal) - 1)

#define PING "\x89\x82\0\0\0\0pi"
#define PONG "\x8a\2pi"
#define TEXT "\x81\x84\0\0\0\0text"

struct outcome {
    long long result;
    int error;
    int ended;
};

static coroutine void receives(int s, struct outcome *outcome)
{
    char bytes[16];

    outcome->result = mrecv(s, bytes, sizeof bytes, LATER);
    outcome->error = errno;
    outcome->ended = 1;
    if (outcome->result == 4)
        CHECK(memcmp(bytes, "text", 4) == 0);
}

static coroutine void sends(int s, const char *text, int64_t deadline, struct outcome *outcome)
{
    outcome->result = msend(s, text, strlen(text), deadline);
    outcome->error = errno;
    outcome->ended = 1;
}

static void ended(int h, const struct outcome *outcome, long long result, int error)
{
    CHECK(bundle_wait(h, LATER) == 0 && hclose(h) == 0);
    CHECK_EQ(outcome->result, result);
    if (result < 0)
        CHECK_EQ(outcome->error, error);
}

static void an_answer_waits_for_the_end_of_a_message(void)
{
    struct gated own;
    struct outcome in = { 0 }, out = { 0 };
    int peer, s = server(&own, &peer), receiver = go(receives(s, &in)), sender;

    own.stops = 1;
    sender = go(sends(s, "message", LATER, &out));
    wait_until_stopped(&own);
    /* Of several pings, the last one is answered. */
    PEER_WRITES(peer, "\x89\x81\0\0\0\0x" PING TEXT);
    ended(receiver, &in, 4, 0);
    CHECK(!out.ended);
    let_go_on(&own);
    ended(sender, &out, 0, 0);
    WROTE(peer, "\x81\7message" PONG);
    CHECK(hclose(s) == 0);
    close(peer);
}

static void a_message_waits_for_the_end_of_an_answer(void)
{
    struct gated own;
    struct outcome in = { 0 }, out = { 0 }, late = { 0 }, cancelled = { 0 };
    int peer, s = server(&own, &peer), receiver = go(receives(s, &in)), sender;

    own.stops = 1;
    PEER_WRITES(peer, PING TEXT);
    wait_until_stopped(&own);
    /* Who cannot wait has sent nothing, and broken nothing. */
    sender = go(sends(s, "late", SOON, &late));
    ended(sender, &late, -1, ETIMEDOUT);
    FAILS(msend(s, "at once", 7, 0), ETIMEDOUT);
    sender = go(sends(s, "cancelled", LATER, &cancelled));
    CHECK(hclose(sender) == 0);
    CHECK(cancelled.result == -1 && cancelled.error == ECANCELED);
    sender = go(sends(s, "message", LATER, &out));
    CHECK(!out.ended && !in.ended);
    /* As everywhere, one message at a time. */
    FAILS(msend(s, "another", 7, LATER), EBUSY);
    let_go_on(&own);
    ended(sender, &out, 0, 0);
    ended(receiver, &in, 4, 0);
    WROTE(peer, PONG "\x81\7message");
    /* The close frame waits, too. */
    receiver = go(receives(s, &in));
    own.stops = 1;
    PEER_WRITES(peer, PING "\x88\x80\0\0\0\0");
    wait_until_stopped(&own);
    FAILS(ws_done(s, 1000, NULL, 0, SOON), ETIMEDOUT);
    let_go_on(&own);
    ended(receiver, &in, -1, EPIPE);
    CHECK(ws_done(s, 1000, NULL, 0, LATER) == 0);
    WROTE(peer, PONG "\x88\2\3\xe8");
    CHECK(hclose(s) == 0);
    close(peer);
}

static void an_answer_that_breaks_off_is_followed_by_nothing(void)
{
    struct gated own;
    struct outcome in = { 0 }, out = { 0 };
    int peer, s = server(&own, &peer), receiver = go(receives(s, &in)), sender;

    own.stops = own.fails = 1;
    PEER_WRITES(peer, PING TEXT);
    wait_until_stopped(&own);
    sender = go(sends(s, "message", LATER, &out));
    let_go_on(&own);
    ended(sender, &out, -1, ECONNRESET);
    /* Receiving goes on. */
    ended(receiver, &in, 4, 0);
    FAILS(msend(s, "message", 7, LATER), ECONNRESET);
    FAILS(ws_done(s, 1000, NULL, 0, LATER), ECONNRESET);
    WROTE(peer, "\x8a");
    PEER_WRITES(peer, TEXT);
    receiver = go(receives(s, &in));
    ended(receiver, &in, 4, 0);
    CHECK(hclose(s) == 0);
    close(peer);
}

static void closed_meanwhile(void)
{
    struct gated own;
    struct outcome in = { 0 }, out = { 0 };
    int peer, s = server(&own, &peer), receiver = go(receives(s, &in)), sender;

    own.stops = 1;
    PEER_WRITES(peer, PING);
    wait_until_stopped(&own);
    sender = go(sends(s, "message", LATER, &out));
    CHECK(hclose(s) == 0);
    ended(sender, &out, -1, ECONNRESET);
    CHECK(bundle_wait(receiver, LATER) == 0 && hclose(receiver) == 0 && in.result == -1);
    WROTE(peer, "\x8a");
    close(peer);
}

int main(void)
{
    an_answer_waits_for_the_end_of_a_message();
    a_message_waits_for_the_end_of_an_answer();
    an_answer_that_breaks_off_is_followed_by_nothing();
    closed_meanwhile();
    return 0;
}
