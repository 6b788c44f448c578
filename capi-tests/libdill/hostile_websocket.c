/* harness: ours-only the original crashes, or writes where it should not
 *
 * WebSocket peers over TCP that send what they may not: each gets an error in bounded time, nothing is written beyond
 * the program's memory, and the connection can always be closed.
 */
#include "sockets.h"
#include <malloc.h>
#include <stdlib.h>

#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define FIELDS "Host: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" KEY "Sec-WebSocket-Version: 13\r\n"
#define REQUEST "GET / HTTP/1.1\r\n" FIELDS "\r\n"

#define GUARD 0x5a

/* Memory with a strip on each side that nobody may touch. */
struct guarded {
    char before[64];
    char bytes[64];
    char after[64];
};

static void guard(struct guarded *memory)
{
    memset(memory, GUARD, sizeof *memory);
}

static void check_guard(const struct guarded *memory)
{
    for (size_t i = 0; i < sizeof memory->before; i++)
        CHECK(memory->before[i] == GUARD && memory->after[i] == GUARD);
}

/* A server's end after the handshake, and the client's descriptor. */
static int server(int *peer)
{
    char answer[512], resource[64], host[64];
    int s = with_tcp_peer(peer);

    PEER_WRITES(*peer, REQUEST);
    s = ws_attach_server(s, WS_TEXT, resource, sizeof resource, host, sizeof host, LATER);
    CHECK(s >= 0);
    CHECK(peer_reads(*peer, answer, sizeof answer) > 100);
    return s;
}

/* What a server makes of frames that no client may send. The peer sends them and goes. */
static void refused(const char *what, const void *frames, size_t length, int error)
{
    struct guarded memory;
    int peer, flags, s = server(&peer);
    ssize_t size;

    printf("%s\n", what);
    guard(&memory);
    peer_writes(peer, frames, length);
    CHECK(shutdown(peer, SHUT_WR) == 0);
    do
        size = ws_recv(s, &flags, memory.bytes, sizeof memory.bytes, LATER);
    while (size >= 0);
    CHECK_EQ(errno, error);
    check_guard(&memory);
    /* And that is all that will ever come. */
    errno = 0;
    CHECK(ws_recv(s, NULL, memory.bytes, sizeof memory.bytes, LATER) == -1);
    CHECK(errno == ECONNRESET || errno == EPIPE);
    CHECK(hclose(s) == 0);
    close(peer);
}

#define REFUSED(what, literal, error) refused(what, literal, sizeof(literal) - 1, error)

static void frames(void)
{
    static const char long_ping[] = "\x89\xfe\x00\x7e\0\0\0\0";
    char bytes[300] = { 0 };

    REFUSED("without a mask", "\x81\x01" "a", EPROTO);
    REFUSED("a reserved bit", "\xc1\x81\0\0\0\0a", EPROTO);
    REFUSED("an opcode of nobody's", "\x83\x80\0\0\0\0", EPROTO);
    REFUSED("a control opcode of nobody's", "\x8b\x80\0\0\0\0", EPROTO);
    REFUSED("a ping in pieces", "\x09\x80\0\0\0\0", EPROTO);
    memcpy(bytes, long_ping, sizeof long_ping - 1);
    refused("a ping of 126 bytes", bytes, sizeof long_ping - 1 + 126, EPROTO);
    REFUSED("a continuation of nothing", "\x80\x80\0\0\0\0", EPROTO);
    REFUSED("a message within a message", "\x01\x81\0\0\0\0a\x81\x81\0\0\0\0b", EPROTO);
    REFUSED("a length of 64 bits, all ones", "\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", EPROTO);
    REFUSED("a length that is said too long", "\x82\xfe\x00\x05\0\0\0\0hello", EPROTO);
    REFUSED("text that is none", "\x81\x82\0\0\0\0\xc0\xaf", EPROTO);
    REFUSED("text that ends within a character", "\x81\x82\0\0\0\0\xe2\x82", EPROTO);
    REFUSED("text whose pieces do not fit together", "\x01\x81\0\0\0\0\xe2\x80\x81\0\0\0\0a", EPROTO);
    REFUSED("a close frame of one byte", "\x88\x81\0\0\0\0\x03", EPROTO);
    REFUSED("a close code that is too small", "\x88\x82\0\0\0\0\x03\xe7", EPROTO);
    REFUSED("a close code that is too large", "\x88\x82\0\0\0\0\x13\x88", EPROTO);
    REFUSED("a close reason that is no text", "\x88\x83\0\0\0\0\x03\xe8\xff", EPROTO);
    REFUSED("a header that breaks off", "\x81\xfe\x00", EPIPE);
    REFUSED("a message that breaks off", "\x82\xfe\x01\x00\0\0\0\0abc", EMSGSIZE);
    REFUSED("nothing", "", EPIPE);
    REFUSED("good messages before a bad one", "\x81\x81\0\0\0\0a\x82\x80\0\0\0\0\x83\x80\0\0\0\0", EPROTO);
}

/* A message that does not fit is dropped to its end, whole or in pieces; then comes the next. */
static void too_large(void)
{
    struct guarded memory;
    char bytes[1000] = "\x82\xfe\x03\x00\0\0\0\0";
    int peer, s = server(&peer);

    printf("messages that do not fit\n");
    memset(bytes + 8, 'x', 0x300);
    for (int pieces = 0; pieces < 2; pieces++) {
        guard(&memory);
        if (pieces) {
            PEER_WRITES(peer, "\x02\xa8\0\0\0\0" "a234567890123456789012345678901234567890");
            PEER_WRITES(peer, "\x00\xa8\0\0\0\0" "b234567890123456789012345678901234567890");
            PEER_WRITES(peer, "\x80\x81\0\0\0\0" "c");
        } else {
            peer_writes(peer, bytes, 8 + 0x300);
        }
        PEER_WRITES(peer, "\x81\x84\0\0\0\0next");
        FAILS(ws_recv(s, NULL, memory.bytes, sizeof memory.bytes, LATER), EMSGSIZE);
        check_guard(&memory);
        CHECK_EQ(ws_recv(s, NULL, memory.bytes, sizeof memory.bytes, LATER), 4);
        CHECK(memcmp(memory.bytes, "next", 4) == 0);
        check_guard(&memory);
    }
    /* Half of it fits into the first of two buffers; none of it fits into none. */
    struct iolist second = { memory.bytes + 10, 10, NULL, 0 }, first = { memory.bytes, 10, &second, 0 };
    PEER_WRITES(peer, "\x82\x95\0\0\0\0" "123456789012345678901");
    FAILS(ws_recvl(s, NULL, &first, &second, LATER), EMSGSIZE);
    PEER_WRITES(peer, "\x82\x81\0\0\0\0x");
    FAILS(ws_recv(s, NULL, NULL, 0, LATER), EMSGSIZE);
    check_guard(&memory);
    CHECK(ws_send(s, WS_TEXT, "still here", 10, LATER) == 0);
    CHECK(hclose(s) == 0);
    close(peer);
}

static coroutine void receive_one(int s, int out)
{
    char message[16];
    int size = (int)ws_recv(s, NULL, message, sizeof message, LATER);

    if (size < 0)
        fprintf(stderr, "not received: %s\n", error_name(errno));
    CHECK(chsend(out, &size, sizeof size, -1) == 0);
}

/* Writes all of it, as fast as the other side takes it. */
static void peer_floods(int peer, const char *bytes, size_t length)
{
    for (size_t sent = 0; sent < length;) {
        ssize_t count = send(peer, bytes + sent, length - sent, MSG_NOSIGNAL);
        if (count > 0)
            sent += count;
        else
            CHECK(errno == EAGAIN && msleep(now() + 1) == 0);
    }
}

/* A client that pings and pings and reads nothing costs no more than the latest answer, and its message arrives. */
static void pings(void)
{
    static char flood[6 * 10000];
    int peer, s = server(&peer), ch[2], size;

    printf("pings\n");
    for (size_t i = 0; i < sizeof flood; i += 6)
        memcpy(flood + i, "\x89\x80\0\0\0\0", 6);
    CHECK(chmake(ch) == 0);
    int receiver = go(receive_one(s, ch[0]));
    CHECK(receiver >= 0);
    size_t before = 0;
    for (int round = 0; round < 10; round++) {
        peer_floods(peer, flood, sizeof flood);
        if (round == 2)
            before = mallinfo2().uordblks;
    }
    CHECK(mallinfo2().uordblks < before + 65536);
    peer_floods(peer, "\x81\x83\0\0\0\0end", 9);
    CHECK(chrecv(ch[1], &size, sizeof size, LATER) == 0);
    CHECK_EQ(size, 3);
    CHECK(hclose(receiver) == 0 && hclose(s) == 0 && hclose(ch[0]) == 0 && hclose(ch[1]) == 0);
    close(peer);
}

/* Requests that are none. Nothing is answered with 101, and the socket is gone. */
static void handshake(const char *what, const char *request, size_t length, int error)
{
    struct guarded resource, host;
    char answer[512];
    int peer, s = with_tcp_peer(&peer);

    printf("handshake %s\n", what);
    guard(&resource);
    guard(&host);
    for (size_t sent = 0; sent < length;) {
        ssize_t count = send(peer, request + sent, length - sent, MSG_NOSIGNAL);
        if (count < 0)
            break;
        sent += count;
    }
    shutdown(peer, SHUT_WR);
    FAILS(ws_attach_server(s, WS_TEXT, resource.bytes, sizeof resource.bytes, host.bytes, sizeof host.bytes, LATER), error);
    check_guard(&resource);
    check_guard(&host);
    FAILS(hclose(s), EBADF);
    size_t got = peer_reads(peer, answer, sizeof answer - 1);
    answer[got] = '\0';
    CHECK(!strstr(answer, " 101 "));
    close(peer);
}

#define HANDSHAKE(what, literal, error) handshake(what, literal, sizeof(literal) - 1, error)

static void handshakes(void)
{
    enum { LONG = 200000 };
    char *text = malloc(LONG);
    int length;

    HANDSHAKE("nothing", "", EPIPE);
    HANDSHAKE("breaks off", "GET / HTTP/1.1\r\nHost: h\r\nUpg", EPIPE);
    HANDSHAKE("no request", "hello\r\n\r\n", EPROTO);
    HANDSHAKE("a post", "POST / HTTP/1.1\r\n" FIELDS "\r\n", EPROTO);
    HANDSHAKE("another protocol", "GET / SIP/2.0\r\n" FIELDS "\r\n", EPROTO);
    HANDSHAKE("without fields", "GET / HTTP/1.1\r\n\r\n", EPROTO);
    HANDSHAKE("no upgrade", "GET / HTTP/1.1\r\nConnection: Upgrade\r\n" KEY "Sec-WebSocket-Version: 13\r\n\r\n", EPROTO);
    HANDSHAKE("no connection", "GET / HTTP/1.1\r\nUpgrade: websocket\r\n" KEY "Sec-WebSocket-Version: 13\r\n\r\n", EPROTO);
    HANDSHAKE("no key", "GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n", EPROTO);
    HANDSHAKE("two keys", "GET / HTTP/1.1\r\n" KEY FIELDS "\r\n", EPROTO);
    HANDSHAKE("a short key", "GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: YQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", EPROTO);
    HANDSHAKE("no version", "GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" KEY "\r\n", EPROTO);
    HANDSHAKE("an old version", "GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" KEY "Sec-WebSocket-Version: 8\r\n\r\n", EPROTO);
    HANDSHAKE("a line without a colon", "GET / HTTP/1.1\r\nUpgrade\r\n" FIELDS "\r\n", EPROTO);
    HANDSHAKE("a NUL", "GET /\0 HTTP/1.1\r\n" FIELDS "\r\n", EPROTO);
    HANDSHAKE("a NUL in a field", "GET / HTTP/1.1\r\nX: \0\r\n" FIELDS "\r\n", EPROTO);

    length = snprintf(text, LONG, "GET /%0100d HTTP/1.1\r\n" FIELDS "\r\n", 0);
    handshake("a resource that does not fit", text, length, EMSGSIZE);
    length = snprintf(text, LONG, "GET / HTTP/1.1\r\nHost: %0100d\r\n\r\n", 0);
    handshake("a host that does not fit", text, length, EMSGSIZE);
    memset(text, 'a', LONG);
    handshake("a line without an end", text, LONG, EMSGSIZE);
    length = snprintf(text, LONG, "GET / HTTP/1.1\r\n");
    memset(text + length, 'b', LONG - length);
    handshake("a field without an end", text, LONG, EMSGSIZE);
    /* Fields without an end. */
    int peer, s = with_tcp_peer(&peer), ended = 0;
    printf("handshake of fields without an end\n");
    PEER_WRITES(peer, "GET / HTTP/1.1\r\n");
    for (int i = 0; i < 40000; i++)
        if (send(peer, "X-Field: value\r\n", 16, MSG_NOSIGNAL) < 16)
            break;
    FAILS(ws_attach_server(s, WS_TEXT, text, 64, text + 64, 64, LATER), EMSGSIZE);
    while (!ended && send(peer, "X", 1, MSG_NOSIGNAL) == 1)
        ended = is_closed(peer);
    close(peer);
    free(text);
}

/* Answers that a client has to refuse. */
static void answer(const char *what, const char *text, size_t length, int error)
{
    char request[512];
    int peer, s = with_tcp_peer(&peer);

    printf("answer %s\n", what);
    peer_writes(peer, text, length);
    shutdown(peer, SHUT_WR);
    FAILS(ws_attach_client(s, WS_TEXT, "/", "h", LATER), error);
    FAILS(hclose(s), EBADF);
    CHECK(peer_reads(peer, request, sizeof request) > 100);
    close(peer);
}

#define ANSWER(what, literal, error) answer(what, literal, sizeof(literal) - 1, error)
#define SWITCHING "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"

static void answers(void)
{
    ANSWER("none", "", EPIPE);
    ANSWER("that breaks off", "HTTP/1.1 101 Swi", EPIPE);
    ANSWER("of another protocol", "SSH-2.0-x\r\n\r\n", EPROTO);
    ANSWER("that says no", "HTTP/1.1 403 Forbidden\r\n\r\n", EPROTO);
    ANSWER("that says yes only", "HTTP/1.1 101 Switching Protocols\r\n\r\n", EPROTO);
    ANSWER("without the proof", SWITCHING "\r\n", EPROTO);
    ANSWER("with the proof of another", SWITCHING "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", EPROTO);
}

int main(void)
{
    frames();
    too_large();
    pings();
    handshakes();
    answers();
    return 0;
}
