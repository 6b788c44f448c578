/* WebSocket as the original does it right: what is on the wire, and what is made of it. Printed, and compared with the
 * original.
 */
#include "sockets.h"

static char buf[70000];

static void say_message(int s, size_t room)
{
    int flags = -1;

    memset(buf, 0, 64);
    errno = 0;
    ssize_t size = ws_recv(s, &flags, buf, room, SOON);
    if (size < 0)
        printf("  %s\n", error_name(errno));
    else
        printf("  %s of %zd \"%.*s\"\n", flags == WS_TEXT ? "text" : "binary", size, (int)(size < 20 ? size : 20), buf);
}

static void say_farewell(int s)
{
    int status = -1;

    memset(buf, 0, 64);
    errno = 0;
    ssize_t size = ws_status(s, &status, buf, 64);
    if (size < 0)
        printf("  %s\n", error_name(errno));
    else
        printf("  closed with %d \"%.*s\"\n", status, (int)size, buf);
}

static int server_without_http(int *peer)
{
    int s = ws_attach_server(with_peer(peer), WS_NOHTTP | WS_TEXT, NULL, 0, NULL, 0, -1);

    CHECK(s >= 0);
    return s;
}

static int client_without_http(int *peer)
{
    int s = ws_attach_client(with_peer(peer), WS_NOHTTP, NULL, NULL, -1);

    CHECK(s >= 0);
    return s;
}

static void a_server_sends(void)
{
    int peer, s = server_without_http(&peer);

    SAY(msend(s, "Hello", 5, -1));
    say_written(peer);
    SAY(ws_send(s, WS_BINARY, "Hello", 5, -1));
    say_written(peer);
    SAY(ws_send(s, WS_TEXT, NULL, 0, -1));
    say_written(peer);
    memset(buf, 'x', sizeof buf);
    size_t sizes[] = { 125, 126, 1000 };
    for (int i = 0; i < 3; i++) {
        SAY(ws_send(s, WS_BINARY, buf, sizes[i], -1));
        say_written(peer);
    }
    struct iolist second = { (void *)"lo", 2, NULL, 0 }, first = { (void *)"Hel", 3, &second, 0 };
    SAY(ws_sendl(s, WS_TEXT, &first, &second, -1));
    say_written(peer);
    SAY(ws_sendl(s, WS_TEXT, &first, NULL, -1));
    SAY(ws_done(s, 999, NULL, 0, -1));
    SAY(ws_done(s, 5000, NULL, 0, -1));
    SAY(ws_done(s, -1, NULL, 0, -1));
    SAY(ws_done(s, 1000, NULL, 2, -1));
    SAY(ws_done(s, 1000, "OK", 2, -1));
    say_written(peer);
    SAY(ws_done(s, 1000, "OK", 2, -1));
    SAY(msend(s, "Hello", 5, -1));
    hclose(s);
    close(peer);
    s = server_without_http(&peer);
    SAY(ws_done(s, 0, NULL, 0, -1));
    say_written(peer);
    hclose(s);
    close(peer);
}

/* The mask is random: it is taken off again. */
static void say_unmasked(int peer)
{
    unsigned char bytes[4096];
    size_t length = peer_reads(peer, bytes, sizeof bytes), head = (bytes[1] & 127) == 126 ? 4 : 2;

    printf("  wrote %02x %02x and a mask and \"", bytes[0], bytes[1]);
    for (size_t i = head + 4; i < length && i < head + 24; i++)
        printf("%c", bytes[i] ^ bytes[head + (i - head) % 4]);
    printf("\", %zu in all\n", length);
}

static void a_client_sends(void)
{
    int peer, s = client_without_http(&peer);

    SAY(ws_send(s, WS_TEXT, "Hello, World", 12, -1));
    say_unmasked(peer);
    SAY(msend(s, NULL, 0, -1));
    say_unmasked(peer);
    memset(buf, 'x', 150);
    SAY(msend(s, buf, 150, -1));
    say_unmasked(peer);
    SAY(ws_done(s, 1000, NULL, 0, -1));
    say_unmasked(peer);
    hclose(s);
    close(peer);
}

static void receiving(void)
{
    int peer, s = client_without_http(&peer), h;

    PEER_WRITES(peer, "\x81\5Hello\x82\3ABC\x81\0\x82\x7e\0\x80");
    memset(buf, 'y', 128);
    peer_writes(peer, buf, 128);
    say_message(s, 5);
    say_message(s, 10);
    say_message(s, 0);
    say_message(s, 128);
    SAY(ws_status(s, NULL, NULL, 0));
    PEER_WRITES(peer, "\x82\3ABC\x81\3DEF\x88\4\x03\xe8OK\x82\1x");
    SAY(mrecv(s, buf, 3, LATER));
    SAY(mrecv(s, buf, 3, LATER));
    SAY(mrecv(s, buf, 3, LATER));
    SAY(mrecv(s, buf, 3, LATER));
    say_farewell(s);
    SAY(ws_status(s, NULL, NULL, 0));
    SAY(ws_status(s, NULL, buf, 1));
    SAY(ws_status(s, NULL, NULL, 1));
    SAY_MADE(h, ws_detach(s, 1000, NULL, 0, LATER));
    say_unmasked(peer);
    SAY(brecv(h, buf, 2, LATER));
    hclose(h);
    close(peer);

    /* Masked, with a key of zeroes and another one. */
    s = server_without_http(&peer);
    PEER_WRITES(peer, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x82\x83\0\0\0\0ABC\x88\x80\0\0\0\0");
    say_message(s, 10);
    say_message(s, 10);
    say_message(s, 10);
    say_message(s, 10);
    say_farewell(s);
    SAY(msend(s, "still", 5, -1));
    SAY_MADE(h, ws_detach(s, 0, NULL, 0, LATER));
    say_written(peer);
    hclose(h);
    close(peer);
}

static void wrong(int server, const char *bytes, size_t length)
{
    int peer, s = server ? server_without_http(&peer) : client_without_http(&peer);

    peer_writes(peer, bytes, length);
    say_message(s, 10);
    hclose(s);
    close(peer);
}

#define WRONG(server, literal) wrong(server, literal, sizeof(literal) - 1)

static void violations(void)
{
    WRONG(0, "\xc1\5Hello");
    WRONG(0, "\x91\5Hello");
    WRONG(0, "\x83\5Hello");
    WRONG(0, "\x8b\0");
    WRONG(0, "\x81\x85\0\0\0\0Hello");
    WRONG(1, "\x81\5Hello");
    WRONG(0, "\x08\0");
    WRONG(0, "\x88\x7e\0\x7e");
    WRONG(0, "\x88\1x");
    WRONG(0, "\x88\2\3\xe7");
    WRONG(0, "\x88\2\x13\x88");
    WRONG(0, "\x82\x0b" "0123456789x");
}

static coroutine void client(int s, const char *resource, const char *host)
{
    s = ws_attach_client(s, WS_TEXT, resource, host, LATER);
    printf("client: %s\n", s < 0 ? "refused" : "attached");
    if (s < 0)
        return;
    SAY(msend(s, "to the server", 13, -1));
    s = ws_detach(s, 1001, NULL, 0, LATER);
    printf("client: %s\n", s < 0 ? error_name(errno) : "detached");
    hclose(s);
}

static void both(size_t room_for_resource, size_t room_for_host)
{
    char resource[32] = "", host[32] = "";
    int pair[2];

    CHECK(ipc_pair(pair) == 0);
    int cr = go(client(pair[0], "/chat?x=1", "example.org:80"));
    CHECK(cr >= 0);
    int s = ws_attach_server(pair[1], WS_TEXT, resource, room_for_resource, host, room_for_host, LATER);
    printf("server: %s, \"%s\", \"%s\"\n", s < 0 ? error_name(errno) : "attached", s < 0 ? "" : resource, s < 0 ? "" : host);
    if (s >= 0) {
        SAY(mrecv(s, buf, 20, LATER));
        SAY(mrecv(s, buf, 20, LATER));
        say_farewell(s);
        SAY_MADE(s, ws_detach(s, 1000, NULL, 0, LATER));
        hclose(s);
    }
    SAY(bundle_wait(cr, LATER));
    hclose(cr);
}

static coroutine void accept_one(int s)
{
    char resource[32] = "", host[32] = "untouched";

    s = ws_attach_server(s, WS_TEXT, resource, 32, host, 32, LATER);
    printf("server: %s, \"%s\", \"%s\"\n", s < 0 ? error_name(errno) : "attached", s < 0 ? "" : resource, s < 0 ? "" : host);
    hclose(s);
}

static void handshake(const char *text)
{
    int peer, s = with_peer(&peer);
    char answer[512];

    int cr = go(accept_one(s));
    CHECK(cr >= 0);
    peer_writes(peer, text, strlen(text));
    CHECK(bundle_wait(cr, LATER) == 0);
    hclose(cr);
    size_t length = peer_reads(peer, answer, sizeof answer - 1);
    answer[length] = 0;
    /* How a refusal is worded is nobody's business. */
    if (strncmp(answer, "HTTP/1.1 101", 12) == 0)
        printf("%s", answer);
    close(peer);
}

static void handshakes(void)
{
#define REQUEST "GET /x HTTP/1.1\r\n"
#define FIELDS "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    handshake(REQUEST "Host: h\r\n" FIELDS "\r\n");
    handshake(REQUEST FIELDS "Unknown: x\r\n\r\n");
    handshake(REQUEST "Host: h\r\nUPGRADE: WebSocket\r\nconnection: upgrade\r\nsec-websocket-version:13\r\nsec-websocket-key:  dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    handshake("POST /x HTTP/1.1\r\n" FIELDS "\r\n");
    handshake(REQUEST FIELDS "Host: a\r\nHost: b\r\n\r\n");
    handshake(REQUEST "\r\n");
    handshake(REQUEST "Upgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    handshake(REQUEST "Upgrade: websocket\r\nConnection: close\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    handshake(REQUEST "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    handshake(REQUEST "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n");
    handshake(REQUEST "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nno colon\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
}

static void keys(void)
{
    char key[WS_KEY_SIZE], answer[WS_KEY_SIZE], other[WS_KEY_SIZE];

    SAY(ws_request_key(key));
    SAY(ws_request_key(other));
    printf("%zu %d\n", strlen(key), strcmp(key, other) != 0);
    SAY(ws_response_key("dGhlIHNhbXBsZSBub25jZQ==", answer));
    printf("%s\n", answer);
    SAY(ws_response_key(key, answer));
    printf("%zu\n", strlen(answer));
    SAY(ws_response_key("dGhlIHNhbXBsZSBub25j", answer));
    SAY(ws_response_key("", answer));
    SAY(ws_response_key(NULL, answer));
    SAY(ws_response_key(key, NULL));
    SAY(ws_request_key(NULL));
}

static void others(void)
{
    int b = bundle(), peer, s = with_peer(&peer);

    SAY(ws_attach_client(b, WS_NOHTTP, NULL, NULL, -1));
    SAY(ws_attach_client(-1, WS_NOHTTP, NULL, NULL, -1));
    SAY(hclose(b));
    b = bundle();
    SAY(ws_attach_server(b, WS_NOHTTP, NULL, 0, NULL, 0, -1));
    SAY(hclose(b));
    SAY(ws_send(s, 0, "x", 1, -1));
    SAY(ws_recv(s, NULL, buf, 1, -1));
    SAY(ws_done(s, 1000, NULL, 0, -1));
    SAY(ws_detach(s, 1000, NULL, 0, -1));
    SAY(ws_status(s, NULL, NULL, 0));
    SAY(hclose(s));
    close(peer);
    s = with_peer(&peer);
    SAY(ws_attach_client(s, WS_TEXT, NULL, "host", -1));
    printf("closed: %d\n", is_closed(peer));
    close(peer);
    s = with_peer(&peer);
    SAY(ws_attach_client(s, WS_TEXT, "/", "host", SOON));
    char request[512];
    size_t length = peer_reads(peer, request, sizeof request - 1);
    request[length] = 0;
    char *key = strstr(request, "Key: ");
    if (key)
        memset(key + 5, '?', 24);
    printf("%s", request);
    printf("closed: %d\n", is_closed(peer));
    close(peer);
    s = client_without_http(&peer);
    say_message(s, 1);
    say_message(s, 1);
    SAY(msend(s, "x", 1, -1));
    hclose(s);
    close(peer);
    s = client_without_http(&peer);
    close(peer);
    say_message(s, 1);
    say_message(s, 1);
    SAY(ws_status(s, NULL, NULL, 0));
    hclose(s);
}

int main(void)
{
    a_server_sends();
    a_client_sends();
    receiving();
    violations();
    both(32, 32);
    both(10, 15);
    both(9, 15);
    both(10, 14);
    handshakes();
    keys();
    others();
    close_random_numbers();
    return 0;
}
