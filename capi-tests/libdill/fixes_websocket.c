/* WebSocket where the original does not follow RFC 6455, or loses, garbles or crashes.
 * harness: ours-only the original fails or crashes in all of these
 */
#include "sockets.h"
#include <linux/tcp.h>
#include <netinet/in.h>

static char buf[200000], text[200000];

static int server(int *peer)
{
    int s = ws_attach_server(with_peer(peer), WS_NOHTTP | WS_TEXT, NULL, 0, NULL, 0, -1);

    CHECK(s >= 0);
    return s;
}

static int client(int *peer)
{
    int s = ws_attach_client(with_peer(peer), WS_NOHTTP | WS_TEXT, NULL, NULL, -1);

    CHECK(s >= 0);
    return s;
}

static void done_with(int s, int peer)
{
    CHECK(hclose(s) == 0);
    close(peer);
}

/* What has come to the peer is exactly this. */
static void wrote(int peer, const void *bytes, size_t length)
{
    static char found[200000];
    size_t count = peer_reads(peer, found, sizeof found);

    CHECK_EQ(count, length);
    CHECK(memcmp(found, bytes, length) == 0);
}

#define WROTE(peer, literal) wrote(peer, literal, sizeof(literal) - 1)

static void received(int s, int flags, const char *expected)
{
    int found = -1;

    errno = 0;
    ssize_t size = ws_recv(s, &found, buf, sizeof buf, LATER);
    if (size != (ssize_t)strlen(expected) || memcmp(buf, expected, size) != 0 || found != flags) {
        fprintf(stderr, "received %zd, flags %d, %s, instead of \"%s\"\n", size, found, error_name(errno), expected);
        exit(1);
    }
}

static void pings_are_answered_and_invisible(void)
{
    int peer, s = client(&peer);

    PEER_WRITES(peer, "\x89\0\x89\4ping\x81\5Hello\x8a\4pong\x8a\0\x82\1x");
    received(s, WS_TEXT, "Hello");
    peer_reads(peer, buf, 6 + 10);
    received(s, WS_BINARY, "x");
    done_with(s, peer);
    s = server(&peer);
    PEER_WRITES(peer, "\x89\x84\1\2\3\4qkmc\x81\x80\1\2\3\4");
    received(s, WS_TEXT, "");
    WROTE(peer, "\x8a\4ping");
    done_with(s, peer);
}

static void fragments_are_put_together_with_pings_in_between(void)
{
    int peer, s = client(&peer);

    PEER_WRITES(peer, "\x01\2He\x00\2ll\x89\0\x80\1o");
    received(s, WS_TEXT, "Hello");
    PEER_WRITES(peer, "\x02\0\x00\0\x80\0\x01\1x\x80\0");
    received(s, WS_BINARY, "");
    received(s, WS_TEXT, "x");
    /* A character may be cut anywhere. */
    PEER_WRITES(peer, "\x01\1\xc3\x00\1\xa4\x00\2\xe2\x82\x80\1\xac");
    received(s, WS_TEXT, "\xc3\xa4\xe2\x82\xac");
    done_with(s, peer);
}

static void masks_go_on_across_the_buffers_of_a_list(void)
{
    char a[1], b[2], c[8];
    struct iolist third = { c, 8, NULL, 0 }, second = { b, 2, &third, 0 }, first = { a, 1, &second, 0 };
    int peer, s = server(&peer), flags;

    PEER_WRITES(peer, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    CHECK_EQ(ws_recvl(s, &flags, &first, &third, LATER), 5);
    CHECK(a[0] == 'H' && memcmp(b, "el", 2) == 0 && memcmp(c, "lo", 2) == 0);
    /* The same over several writes. */
    PEER_WRITES(peer, "\x81");
    PEER_WRITES(peer, "\x85\x37\xfa");
    PEER_WRITES(peer, "\x21\x3d\x7f\x9f");
    PEER_WRITES(peer, "\x4d\x51\x58");
    received(s, WS_TEXT, "Hello");
    done_with(s, peer);
}

static void reasons_arrive_unmasked(void)
{
    int pair[2], status;

    CHECK(ipc_pair(pair) == 0);
    int c = ws_attach_client(pair[0], WS_NOHTTP, NULL, NULL, -1);
    int s = ws_attach_server(pair[1], WS_NOHTTP, NULL, 0, NULL, 0, -1);
    CHECK(ws_done(c, 4321, "because of this", 15, -1) == 0);
    FAILS(mrecv(s, buf, 1, LATER), EPIPE);
    CHECK_EQ(ws_status(s, &status, buf, 123), 15);
    CHECK(status == 4321 && memcmp(buf, "because of this", 15) == 0);
    CHECK(ws_done(s, 1000, NULL, 0, -1) == 0);
    pair[0] = ws_detach(c, 0, NULL, 0, LATER);
    pair[1] = ws_detach(s, 0, NULL, 0, LATER);
    CHECK(pair[0] >= 0 && pair[1] >= 0);
    hclose(pair[0]);
    hclose(pair[1]);
}

static void reasons_are_at_most_123_bytes(void)
{
    int peer, s = server(&peer);

    memset(text, 'r', 124);
    FAILS(ws_done(s, 1000, text, 124, -1), EINVAL);
    FAILS(ws_done(s, 0, text, 1, -1), EINVAL);
    CHECK_EQ(peer_reads(peer, buf, sizeof buf), 0);
    CHECK(ws_done(s, 1000, text, 123, -1) == 0);
    CHECK_EQ(peer_reads(peer, buf, sizeof buf), 127);
    done_with(s, peer);
}

static coroutine void answer(int s)
{
    char resource[32], host[32];

    s = ws_attach_server(s, WS_TEXT, resource, sizeof resource, host, sizeof host, LATER);
    CHECK(s >= 0 && strcmp(resource, "/chat") == 0 && strcmp(host, "example.org") == 0);
    CHECK(msend(s, "welcome", 7, -1) == 0);
    s = ws_detach(s, 1000, NULL, 0, LATER);
    CHECK(s >= 0 && hclose(s) == 0);
}

static void browsers_are_let_in(void)
{
    static const char head[] = "GET /chat HTTP/1.1\r\nHost: example.org\r\nConnection: keep-alive, Upgrade\r\nUpgrade: h2c, websocket\r\n"
                               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: ";
    static const char response[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                   "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x81\7welcome\x88\2\3\xe8";
    int peer, s = with_peer(&peer);

    peer_writes(peer, head, sizeof head - 1);
    memset(text, 'c', 8192);
    peer_writes(peer, text, 8192);
    /* A byte at a time, with the first frame behind. */
    int cr = go(answer(s));
    CHECK(cr >= 0);
    const char rest[] = "\r\n\r\n\x88\x82\0\0\0\0\3\xe8";
    for (size_t i = 0; i < sizeof rest - 1; i++) {
        peer_writes(peer, rest + i, 1);
        yield();
    }
    CHECK(bundle_wait(cr, LATER) == 0);
    hclose(cr);
    wrote(peer, response, sizeof response - 1);
    close(peer);
}

static void refuse(const char *request, const char *status, int error)
{
    char resource[32] = "", host[32] = "";
    int peer, s = with_peer(&peer);

    peer_writes(peer, request, strlen(request));
    FAILS(ws_attach_server(s, WS_TEXT, resource, sizeof resource, host, sizeof host, LATER), error);
    size_t length = peer_reads(peer, buf, sizeof buf - 1);
    buf[length] = 0;
    CHECK(strncmp(buf, status, strlen(status)) == 0);
    CHECK(is_closed(peer));
    FAILS(hclose(s), EBADF);
    close(peer);
}

static void clients_that_are_refused_are_told_why(void)
{
    refuse("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 400 ", EPROTO);
    refuse("POST / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 405 ", EPROTO);
    refuse("\x16\x03\x01\r\n", "HTTP/1.1 400 ", EPROTO);
    refuse("GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 7\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
           "HTTP/1.1 426 ", EPROTO);
    refuse("GET /0123456789012345678901234567890 HTTP/1.1\r\n\r\n", "HTTP/1.1 431 ", EMSGSIZE);
    refuse("GET / HTTP/1.1\r\nHost: 01234567890123456789012345678901\r\n\r\n", "HTTP/1.1 431 ", EMSGSIZE);
}

/* A client's connection is closed also when the server answers with something else. */
static void answer_with(const char *response, int error)
{
    int peer, s = with_peer(&peer);

    peer_writes(peer, response, strlen(response));
    FAILS(ws_attach_client(s, WS_TEXT, "/", "h", LATER), error);
    peer_reads(peer, buf, sizeof buf);
    CHECK(is_closed(peer));
    FAILS(hclose(s), EBADF);
    close(peer);
}

static void servers_that_refuse_are_left(void)
{
    answer_with("HTTP/1.1 404 Not Found\r\n\r\n", EPROTO);
    answer_with("HTTP/1.1 101 Switching Protocols\r\n\r\n", EPROTO);
    answer_with("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", EPROTO);
    answer_with("SSH-2.0-OpenSSH\r\n", EPROTO);
    int peer, s = with_peer(&peer);
    FAILS(ws_attach_client(s, WS_TEXT, "/ HTTP/1.1\r\nInjected: yes\r\n", "h", LATER), EINVAL);
    CHECK(is_closed(peer));
    close(peer);
}

static void a_message_that_does_not_fit_is_dropped_whole(void)
{
    int peer, s = client(&peer), flags;

    memset(buf, 7, sizeof buf);
    PEER_WRITES(peer, "\x81\xa" "0123456789\x89\1p\x82\1x");
    FAILS(ws_recv(s, &flags, buf, 5, LATER), EMSGSIZE);
    received(s, WS_BINARY, "x");
    /* Neither the frames nor their sum. */
    memset(text, 7, 8);
    PEER_WRITES(peer, "\x01\3abc\x00\2de\x89\0\x80\3fgh\x81\5after");
    CHECK(ws_recv(s, &flags, text, 4, LATER) == -1 && errno == EMSGSIZE);
    CHECK(text[4] == 7);
    CHECK(msend(s, "still", 5, -1) == 0);
    received(s, WS_TEXT, "after");
    /* While the rest of it has not come yet. */
    PEER_WRITES(peer, "\x82\xa" "0123");
    FAILS(ws_recv(s, &flags, buf, 5, LATER), EMSGSIZE);
    PEER_WRITES(peer, "456789\x82\1y");
    received(s, WS_BINARY, "y");
    CHECK(ws_status(s, NULL, NULL, 0) == -1 && errno == EAGAIN);
    done_with(s, peer);
}

static void violates(int is_server, const char *bytes, size_t length, int code)
{
    int peer, s = is_server ? server(&peer) : client(&peer);
    unsigned char last[256];

    peer_writes(peer, bytes, length);
    FAILS(ws_recv(s, NULL, buf, sizeof buf, LATER), EPROTO);
    /* The peer is told so, and nothing more is sent. */
    length = peer_reads(peer, last, sizeof last);
    CHECK_EQ(length, is_server ? 4 : 8);
    CHECK_EQ(last[0], 0x88);
    if (!is_server)
        for (int i = 0; i < 2; i++)
            last[6 + i] ^= last[2 + i];
    CHECK_EQ(last[length - 2] << 8 | last[length - 1], code);
    FAILS(msend(s, "x", 1, -1), EPIPE);
    int again = ws_recv(s, NULL, buf, 1, LATER) == -1 ? errno : 0;
    CHECK(again == ECONNRESET || again == EPIPE);
    done_with(s, peer);
}

#define VIOLATES(is_server, literal, code) violates(is_server, literal, sizeof(literal) - 1, code)

static void violations_are_refused_and_told(void)
{
    VIOLATES(0, "\x80\1x", 1002);
    VIOLATES(0, "\x00\1x", 1002);
    VIOLATES(0, "\x01\1x\x01\1y", 1002);
    VIOLATES(0, "\x01\1x\x82\1y", 1002);
    VIOLATES(0, "\x82\x7f\x80\0\0\0\0\0\0\0", 1002);
    VIOLATES(0, "\x82\x7e\0\x05" "Hello", 1002);
    VIOLATES(0, "\x89\x7e\0\x7e", 1002);
    VIOLATES(0, "\x09\0", 1002);
    VIOLATES(0, "\xd9\0", 1002);
    VIOLATES(1, "\x89\0", 1002);
    VIOLATES(0, "\x89\x80\0\0\0\0", 1002);
    VIOLATES(0, "\x8b\0", 1002);
    VIOLATES(0, "\x88\1x", 1002);
    VIOLATES(0, "\x88\2\3\xe7", 1002);
    VIOLATES(0, "\x88\3\3\xe8\xff", 1007);
    VIOLATES(0, "\x81\1\xff", 1007);
    VIOLATES(0, "\x01\1\xc3\x80\1x", 1007);
    VIOLATES(0, "\x81\2\xe2\x82", 1007);
    VIOLATES(1, "\x81\x82\x10\x20\x30\x40\xd0\xa0", 1007);
}

enum { MUCH = 1000000 };

static char much[MUCH], out[MUCH + 100];

static coroutine void sends_much(int s, ssize_t *result)
{
    *result = msend(s, much, MUCH, LATER);
}

static void pongs_wait_for_the_frame_that_is_being_sent(void)
{
    int peer, s = server(&peer);
    ssize_t result = -2;
    size_t length = 0;

    memset(much, 'm', MUCH);
    int cr = go(sends_much(s, &result));
    /* More than the system takes. */
    CHECK(cr >= 0 && result == -2);
    FAILS(msend(s, "x", 1, 0), EBUSY);
    PEER_WRITES(peer, "\x89\x81\0\0\0\0a\x89\x81\0\0\0\0b\x81\x80\0\0\0\0");
    CHECK_EQ(ws_recv(s, NULL, buf, 10, LATER), 0);
    /* Without receiving anything more, the peer gets the message, and then the pong. */
    while (result == -2) {
        ssize_t count = recv(peer, out + length, sizeof out - length, 0);
        length += count > 0 ? count : 0;
        yield();
    }
    CHECK_EQ(result, 0);
    length += peer_reads(peer, out + length, sizeof out - length);
    CHECK(out[0] == '\x81' && out[1] == 127);
    CHECK(memcmp(out + 10, much, MUCH) == 0);
    /* Only the latest of the pings needs an answer. */
    CHECK_EQ(length, 10 + MUCH + 3);
    CHECK(memcmp(out + 10 + MUCH, "\x8a\1b", 3) == 0);
    hclose(cr);
    done_with(s, peer);
}

static void a_peer_that_pings_and_reads_nothing_costs_nothing(void)
{
    int peer, s = server(&peer), small = 4096;
    char pings[131 * 100];

    setsockopt(peer, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    memset(pings, 0, sizeof pings);
    for (int i = 0; i < 100; i++)
        memcpy(pings + i * 131, "\x89\xfd\0\0\0\0", 6);
    for (int i = 0; i < 100; i++) {
        peer_writes(peer, pings, sizeof pings);
        PEER_WRITES(peer, "\x81\x81\0\0\0\0x");
        received(s, WS_TEXT, "x");
    }
    /* Reading again, it gets whole frames. */
    size_t length = peer_reads(peer, text, sizeof text);
    PEER_WRITES(peer, "\x81\x81\0\0\0\0y");
    received(s, WS_TEXT, "y");
    length += peer_reads(peer, text + length, sizeof text - length);
    CHECK(length > 0 && length % 127 == 0);
    for (size_t i = 0; i < length; i += 127)
        CHECK(memcmp(text + i, "\x8a\x7d", 2) == 0);
    done_with(s, peer);
}

static coroutine void receives_one(int s, ssize_t *result)
{
    *result = ws_recv(s, NULL, buf, 10, -1);
}

static void the_latest_ping_is_answered_as_soon_as_there_is_room(void)
{
    enum { PINGS = 2000 };
    int peer, s = server(&peer);
    ssize_t result = -2;
    size_t length = 0;

    int cr = go(receives_one(s, &result));
    CHECK(cr >= 0);
    for (int i = 0; i < PINGS; i++) {
        char ping[] = { '\x89', '\x82', 0, 0, 0, 0, (char)(i >> 8), (char)i };
        peer_writes(peer, ping, sizeof ping);
        if (i % 50 == 0)
            CHECK(msleep(now() + 2) == 0);
    }
    CHECK(msleep(SOON) == 0);
    /* The peer has read nothing; now it does, and sends nothing more. */
    const char last[] = { '\x8a', 2, (char)((PINGS - 1) >> 8), (char)(PINGS - 1) };
    for (int64_t limit = LATER; length < 4 || memcmp(text + length - 4, last, 4) != 0;) {
        ssize_t count = recv(peer, text + length, sizeof text - length, 0);
        length += count > 0 ? count : 0;
        CHECK(now() < limit && msleep(now() + 1) == 0);
    }
    CHECK(length % 4 == 0 && length / 4 < PINGS && result == -2);
    PEER_WRITES(peer, "\x81\x81\0\0\0\0x");
    CHECK(bundle_wait(cr, LATER) == 0 && result == 1);
    hclose(cr);
    done_with(s, peer);
}

static void no_pong_after_the_close_frame(void)
{
    int peer, s = server(&peer);

    CHECK(ws_done(s, 1000, NULL, 0, -1) == 0);
    PEER_WRITES(peer, "\x89\x80\0\0\0\0\x88\x80\0\0\0\0");
    FAILS(ws_recv(s, NULL, buf, 10, LATER), EPIPE);
    WROTE(peer, "\x88\2\3\xe8");
    done_with(s, peer);
}

/* How many segments with data have come. */
static unsigned segments(int peer)
{
    struct tcp_info info;
    socklen_t length = sizeof info;

    CHECK(getsockopt(peer, IPPROTO_TCP, TCP_INFO, &info, &length) == 0);
    /* Emulators may not say. */
    return length > offsetof(struct tcp_info, tcpi_data_segs_in) ? info.tcpi_data_segs_in : 0;
}

static void a_message_is_one_write(void)
{
    enum { MESSAGES = 8 };

    for (int masked = 0; masked < 2; masked++) {
        int peer, s = with_tcp_peer(&peer);
        size_t whole = MESSAGES * (4 + (masked ? 4 : 0) + 1000);

        s = masked ? ws_attach_client(s, WS_NOHTTP, NULL, NULL, -1)
                   : ws_attach_server(s, WS_NOHTTP, NULL, 0, NULL, 0, -1);
        for (int i = 0; i < MESSAGES; i++)
            CHECK(msend(s, text, 1000, LATER) == 0);
        /* None waited for the peer's acknowledgement of an earlier one, to be sent with others. */
        for (size_t length = 0; length < whole;)
            length += peer_reads(peer, buf, sizeof buf);
        CHECK(segments(peer) == MESSAGES || segments(peer) == 0);
        done_with(s, peer);
    }
}

static void detach_closes_everything_when_it_fails(void)
{
    int peer, s = server(&peer);

    FAILS(ws_detach(s, 1000, NULL, 0, SOON), ETIMEDOUT);
    peer_reads(peer, buf, sizeof buf);
    CHECK(is_closed(peer));
    FAILS(hclose(s), EBADF);
    close(peer);
    s = server(&peer);
    close(peer);
    CHECK(ws_detach(s, 1000, NULL, 0, SOON) == -1);
    FAILS(hclose(s), EBADF);
    s = server(&peer);
    FAILS(ws_detach(s, 17, NULL, 0, SOON), EINVAL);
    FAILS(hclose(s), EBADF);
    close(peer);
}

static coroutine void sends_two(int s, size_t size)
{
    CHECK(msend(s, text, size, LATER) == 0 && msend(s, text + 1, size / 2, LATER) == 0);
}

static void receives_two(int from, int to, size_t size)
{
    int cr = go(sends_two(from, size));

    CHECK(cr >= 0);
    CHECK_EQ(mrecv(to, buf, size, LATER), size);
    CHECK(memcmp(buf, text, size) == 0);
    CHECK_EQ(mrecv(to, buf, sizeof buf, LATER), size / 2);
    CHECK(memcmp(buf, text + 1, size / 2) == 0);
    CHECK(bundle_wait(cr, LATER) == 0);
    hclose(cr);
}

static void every_length_in_both_directions(void)
{
    int pair[2];
    size_t sizes[] = { 0, 1, 125, 126, 1000, 1010, 1017, 1018, 1024, 4096, 16384, 16390, 65522, 65535, 65536, 70000, 131072, 199999 };

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * 31 + i / 255);
    for (int kind = 0; kind < 2; kind++) {
        if (kind)
            tcp_pair(pair);
        else
            CHECK(ipc_pair(pair) == 0);
        int c = ws_attach_client(pair[0], WS_NOHTTP, NULL, NULL, -1);
        int s = ws_attach_server(pair[1], WS_NOHTTP, NULL, 0, NULL, 0, -1);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            receives_two(c, s, sizes[i]);
            receives_two(s, c, sizes[i]);
        }
        hclose(c);
        hclose(s);
    }
}

int main(void)
{
    pings_are_answered_and_invisible();
    fragments_are_put_together_with_pings_in_between();
    masks_go_on_across_the_buffers_of_a_list();
    reasons_arrive_unmasked();
    reasons_are_at_most_123_bytes();
    browsers_are_let_in();
    clients_that_are_refused_are_told_why();
    servers_that_refuse_are_left();
    a_message_that_does_not_fit_is_dropped_whole();
    violations_are_refused_and_told();
    pongs_wait_for_the_frame_that_is_being_sent();
    a_peer_that_pings_and_reads_nothing_costs_nothing();
    the_latest_ping_is_answered_as_soon_as_there_is_room();
    no_pong_after_the_close_frame();
    a_message_is_one_write();
    detach_closes_everything_when_it_fails();
    every_length_in_both_directions();
    return 0;
}
