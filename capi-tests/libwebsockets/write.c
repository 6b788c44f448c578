/* The bytes of every kind of write, what it returns, and how far from the payload it touches memory. */
#include "peer.h"

static struct libwebsocket *connection;

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)context, (void)user, (void)in, (void)len;
    events++;
    if (reason == LWS_CALLBACK_ESTABLISHED)
        connection = wsi;
    if (reason == LWS_CALLBACK_CLOSED)
        connection = NULL;
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "write", on_event, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static struct libwebsocket_context *context;
static int peer;

static void write_one(const char *what, int kind, size_t length)
{
    enum { GUARD = 64 };
    size_t i, room = LWS_SEND_BUFFER_PRE_PADDING + length + LWS_SEND_BUFFER_POST_PADDING;
    unsigned char *block = malloc(GUARD + room + GUARD);
    unsigned char *payload = block + GUARD + LWS_SEND_BUFFER_PRE_PADDING;

    CHECK(block);
    memset(block, 0x5a, GUARD + room + GUARD);
    for (i = 0; i < length; i++)
        payload[i] = (unsigned char)('a' + i % 26);
    printf("%s %zu: %d\n", what, length, libwebsocket_write(connection, payload, length, (enum libwebsocket_write_protocol)kind));
    for (i = 0; i < GUARD; i++)
        CHECK(block[i] == 0x5a && block[GUARD + room + i] == 0x5a);
    for (i = 0; i < length; i++)
        CHECK(payload[i] == 'a' + i % 26);
    free(block);
    settle(context);
    peer_report(peer, "  peer");
}

int main(void)
{
    struct lws_context_creation_info info;
    int port = free_port();

    lws_set_log_level(0, NULL);
    info = context_info(port, protocols);
    context = libwebsocket_create_context(&info);
    CHECK(context);
    peer = peer_upgrade(port, "Sec-WebSocket-Protocol: write\r\n");
    settle(context);
    peer_report(peer, "head");
    CHECK(connection);

    write_one("text", LWS_WRITE_TEXT, 5);
    write_one("text", LWS_WRITE_TEXT, 1);
    write_one("text", LWS_WRITE_TEXT, 125);
    write_one("text", LWS_WRITE_TEXT, 126);
    write_one("text", LWS_WRITE_TEXT, 200);
    write_one("binary", LWS_WRITE_BINARY, 65535);
    write_one("binary", LWS_WRITE_BINARY, 65536);
    write_one("binary", LWS_WRITE_BINARY, 66000);
    write_one("first fragment", LWS_WRITE_TEXT | LWS_WRITE_NO_FIN, 5);
    write_one("next fragment", LWS_WRITE_CONTINUATION | LWS_WRITE_NO_FIN, 5);
    write_one("last fragment", LWS_WRITE_CONTINUATION, 5);
    write_one("without masking", LWS_WRITE_TEXT | LWS_WRITE_CLIENT_IGNORE_XOR_MASK, 5);
    write_one("ping", LWS_WRITE_PING, 5);
    write_one("pong", LWS_WRITE_PONG, 5);
    write_one("nothing", LWS_WRITE_TEXT, 0);
    write_one("raw", LWS_WRITE_HTTP, 5);
    write_one("unknown kind", 9, 5);
    printf("choked %d\n", lws_send_pipe_choked(connection));
    write_one("close", LWS_WRITE_CLOSE, 5);
    write_one("close", LWS_WRITE_CLOSE, 0);
    printf("open %d\n", connection != NULL);
    peer_frame(peer, 0x88, "\x03\xe8", 2);
    settle(context);
    peer_report(peer, "peer");
    printf("open %d\n", connection != NULL);
    close(peer);
    libwebsocket_context_destroy(context);
    return 0;
}
