/* harness: ours-only the original writes beyond its own memory and the program's
 *
 * HTTP peers over TCP that send what they may not: each gets an error in bounded time, nothing is written beyond the
 * program's memory, and the connection can always be closed. And what a program may not send is not sent.
 */
#include "sockets.h"
#include <stdlib.h>

#define GUARD 0x5a

/* A buffer of 8 bytes with a strip on each side that nobody may touch. */
struct guarded {
    char before[64];
    char bytes[8];
    char after[64];
};

static struct guarded one, two;

static void guard(void)
{
    memset(&one, GUARD, sizeof one);
    memset(&two, GUARD, sizeof two);
}

static void check_guard(void)
{
    for (size_t i = 0; i < sizeof one.before; i++) {
        CHECK(one.before[i] == GUARD && one.after[i] == GUARD);
        CHECK(two.before[i] == GUARD && two.after[i] == GUARD);
    }
}

static int http(int *peer)
{
    int h = http_attach(with_tcp_peer(peer));

    CHECK(h >= 0);
    return h;
}

enum part { REQUEST, STATUS, FIELD };

static int receive(enum part part, int h, size_t room, int64_t deadline)
{
    switch (part) {
    case REQUEST:
        return http_recvrequest(h, one.bytes, room, two.bytes, room, deadline);
    case STATUS:
        return http_recvstatus(h, one.bytes, room, deadline);
    default:
        return http_recvfield(h, one.bytes, room, two.bytes, room, deadline);
    }
}

/* The peer sends this and goes. */
static void refused(enum part part, const char *what, const char *text, size_t length, size_t room, int error)
{
    int peer, h = http(&peer);

    printf("%s\n", what);
    guard();
    peer_writes(peer, text, length);
    shutdown(peer, SHUT_WR);
    FAILS(receive(part, h, room, LATER), error);
    check_guard();
    CHECK(hclose(h) == 0);
    close(peer);
}

#define REFUSED(part, what, literal, error) refused(part, what, literal, sizeof(literal) - 1, 8, error)

static void lines(void)
{
    REFUSED(REQUEST, "no request", "\r\n", EPIPE);
    REFUSED(REQUEST, "nothing", "", EPIPE);
    REFUSED(REQUEST, "a request that breaks off", "GET / HT", EPIPE);
    REFUSED(REQUEST, "a request of one word", "GET\r\n", EPROTO);
    REFUSED(REQUEST, "a request of two words", "GET /\r\n", EPROTO);
    REFUSED(REQUEST, "a request of four words", "GET / HTTP/1.1 please\r\n", EPROTO);
    REFUSED(REQUEST, "another protocol", "GET / GOPHER/1\r\n", EPROTO);
    REFUSED(REQUEST, "a NUL in a request", "GET /\0 HTTP/1.1\r\n", EPROTO);
    REFUSED(REQUEST, "a command that does not fit", "SUBSCRIBE / HTTP/1.1\r\n", EMSGSIZE);
    REFUSED(REQUEST, "a resource that does not fit", "GET /1234567 HTTP/1.1\r\n", EMSGSIZE);
    REFUSED(STATUS, "no status", "200 OK\r\n", EPROTO);
    REFUSED(STATUS, "a status of two digits", "HTTP/1.1 20 OK\r\n", EPROTO);
    REFUSED(STATUS, "a status of four digits", "HTTP/1.1 2000 OK\r\n", EPROTO);
    REFUSED(STATUS, "a negative status", "HTTP/1.1 -20 OK\r\n", EPROTO);
    REFUSED(STATUS, "a status that is no number", "HTTP/1.1 2O0 OK\r\n", EPROTO);
    REFUSED(STATUS, "a reason that does not fit", "HTTP/1.1 200 Splendid\r\n", EMSGSIZE);
    REFUSED(FIELD, "a field without a colon", "name value\r\n", EPROTO);
    REFUSED(FIELD, "a name of two words", "na me: value\r\n", EPROTO);
    REFUSED(FIELD, "a NUL in a field", "name: va\0lue\r\n", EPROTO);
    REFUSED(FIELD, "a name that does not fit", "12345678: x\r\n", EMSGSIZE);
    REFUSED(FIELD, "a value that does not fit", "name: 12345678\r\n", EMSGSIZE);
    REFUSED(FIELD, "a line that ends otherwise", "name: x\n", EPIPE);
    refused(REQUEST, "no room for a request", "GET / HTTP/1.1\r\n", 16, 0, EMSGSIZE);
    refused(STATUS, "no room for a reason", "HTTP/1.1 200 OK\r\n", 17, 0, EMSGSIZE);
    refused(FIELD, "no room for a field", "n: v\r\n", 6, 0, EMSGSIZE);
}

/* A line without an end is given up after a bounded number of bytes; one that is merely too long costs itself only. */
static void long_lines(void)
{
    enum { LONG = 200000 };
    char *text = malloc(LONG + 1);
    char name[64];
    int peer, h;

    memset(text, 'a', LONG);
    for (enum part part = REQUEST; part <= FIELD; part++)
        refused(part, "a line without an end", text, LONG, 8, EMSGSIZE);

    printf("a long line among others\n");
    h = http(&peer);
    guard();
    memset(text + 8, 'b', 20000);
    memcpy(text, "Cookie: ", 8);
    peer_writes(peer, text, 20008);
    PEER_WRITES(peer, "\r\nn: v\r\n\r\nbody");
    FAILS(http_recvfield(h, name, sizeof name, two.bytes, sizeof two.bytes, LATER), EMSGSIZE);
    CHECK(http_recvfield(h, one.bytes, sizeof one.bytes, two.bytes, sizeof two.bytes, LATER) == 0);
    CHECK(strcmp(one.bytes, "n") == 0 && strcmp(two.bytes, "v") == 0);
    FAILS(http_recvfield(h, one.bytes, sizeof one.bytes, two.bytes, sizeof two.bytes, LATER), EPIPE);
    check_guard();
    /* What follows the header is the connection's. */
    int s = http_detach(h, LATER);
    CHECK(s >= 0 && brecv(s, name, 4, LATER) == 0 && memcmp(name, "body", 4) == 0);
    CHECK(hclose(s) == 0);
    close(peer);
    free(text);
}

static coroutine void trickle(int peer)
{
    while (msleep(now() + 2) == 0 && send(peer, "x", 1, MSG_NOSIGNAL) == 1)
        ;
}

/* Bytes that keep arriving put off no deadline. */
static void slow_lines(void)
{
    int peer, h = http(&peer), trickler = go(trickle(peer));
    int64_t start = now();

    printf("a slow line\n");
    FAILS(receive(FIELD, h, 8, start + 200), ETIMEDOUT);
    CHECK(now() - start >= 200);
    FAILS(receive(FIELD, h, 8, LATER), ECONNRESET);
    CHECK(hclose(trickler) == 0 && hclose(h) == 0);
    close(peer);

    /* Nor do header lines that never end hold up http_detach. */
    h = http(&peer);
    for (int i = 0; i < 1000; i++)
        PEER_WRITES(peer, "X: y\r\n");
    FAILS(http_detach(h, now() + 100), ETIMEDOUT);
    FAILS(hclose(h), EBADF);
    close(peer);
}

/* What would end a line, or begin another, stays here. */
static void injections(void)
{
    int peer, h = http(&peer);
    char sent[256];

    printf("injections\n");
    FAILS(http_sendrequest(h, "GET", "/ HTTP/1.1\r\nX: y", LATER), EINVAL);
    FAILS(http_sendrequest(h, "GET\r", "/", LATER), EINVAL);
    FAILS(http_sendrequest(h, "GET", "/\t", LATER), EINVAL);
    FAILS(http_sendstatus(h, 200, "OK\r\nX: y", LATER), EINVAL);
    FAILS(http_sendstatus(h, 99, "OK", LATER), EINVAL);
    FAILS(http_sendstatus(h, 600, "OK", LATER), EINVAL);
    FAILS(http_sendfield(h, "X", "y\r\nZ: z", LATER), EINVAL);
    FAILS(http_sendfield(h, "X", "y\nZ: z", LATER), EINVAL);
    FAILS(http_sendfield(h, "X: y\r\nZ", "z", LATER), EINVAL);
    FAILS(http_sendfield(h, "X", "   ", LATER), EPROTO);
    FAILS(http_sendfield(h, "X", "", LATER), EPROTO);
    CHECK(http_sendfield(h, "X", " y ", LATER) == 0);
    CHECK_EQ(peer_reads(peer, sent, sizeof sent), 6);
    CHECK(memcmp(sent, "X: y\r\n", 6) == 0);
    CHECK(hclose(h) == 0);
    close(peer);
}

int main(void)
{
    lines();
    long_lines();
    slow_lines();
    injections();
    return 0;
}
