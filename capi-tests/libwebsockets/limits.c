/* Limits and switches that the environment sets for programs nobody can recompile.
 * harness: ours-only the original has none */
#include "server.h"

static int established, closed, received, errors, client_established;
static size_t bytes;

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)context, (void)user, (void)in;
    events++;
    if (reason == LWS_CALLBACK_ESTABLISHED)
        established++;
    if (reason == LWS_CALLBACK_CLOSED)
        closed++;
    if (reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR)
        errors++;
    if (reason == LWS_CALLBACK_CLIENT_ESTABLISHED)
        client_established++;
    if (reason == LWS_CALLBACK_RECEIVE) {
        received++;
        bytes += len;
        if (((char *)in)[0] == 'q')
            return -1;
        if (((char *)in)[0] == 'e')
            CHECK(libwebsocket_write(wsi, in, 0, LWS_WRITE_TEXT) >= 0);
        if (((char *)in)[0] == 'w') {
            static unsigned char block[LWS_SEND_BUFFER_PRE_PADDING + 1000000 + LWS_SEND_BUFFER_POST_PADDING];
            int i, accepted = 0;

            for (i = 0; i < 100; i++)
                if (libwebsocket_write(wsi, block + LWS_SEND_BUFFER_PRE_PADDING, 1000000, LWS_WRITE_BINARY) > 0)
                    accepted++;
            CHECK(accepted > 0 && accepted < 100);
            return -1;
        }
    }
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "limits", on_event, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static struct libwebsocket_context *context;
static int port;

/* A context with one variable set. */
static void begin(const char *name, const char *value)
{
    struct lws_context_creation_info info;

    printf("%s=%s\n", name, value);
    CHECK(setenv(name, value, 1) == 0);
    port = free_port();
    info = context_info(port, protocols);
    context = libwebsocket_create_context(&info);
    CHECK(context);
    CHECK(unsetenv(name) == 0);
    established = closed = received = errors = client_established = 0;
    bytes = 0;
}

static void end(void)
{
    libwebsocket_context_destroy(context);
}

static int upgraded(void)
{
    unsigned char head[500];
    int fd = peer_upgrade(port, ""), end_seen;

    settle(context);
    CHECK(peer_read(fd, head, sizeof(head), &end_seen) > 100 && !end_seen);
    return fd;
}

/* The peer's frames are answered by a close with this code, and the end. */
static void fails_with(int fd, int code)
{
    unsigned char data[200];
    int end_seen, length;

    settle(context);
    length = peer_read(fd, data, sizeof(data), &end_seen);
    CHECK(end_seen && length == 4 && data[0] == 0x88 && data[1] == 2);
    CHECK_EQ(data[2] << 8 | data[3], code);
    close(fd);
    settle(context);
}

int main(void)
{
    static const char text[100] = "aaaa";
    int fds[4], fd, i, end_seen, ends = 0;
    unsigned char data[300];

    lws_set_log_level(0, NULL);

    begin("RELINK_LWS_MAX_CONNECTIONS", "2");
    for (i = 0; i < 4; i++) {
        fds[i] = peer_upgrade(port, "");
        settle(context);
    }
    for (i = 0; i < 4; i++) {
        peer_read(fds[i], data, sizeof(data), &end_seen);
        ends += end_seen != 0;
    }
    CHECK(established == 2 && ends == 2);
    close(fds[0]);
    settle(context);
    fd = upgraded();
    CHECK_EQ(established, 3);
    for (i = 1; i < 4; i++)
        close(fds[i]);
    close(fd);
    settle(context);
    end();

    begin("RELINK_LWS_MAX_MESSAGE", "50");
    fd = upgraded();
    peer_frame(fd, 0x81, text, 50);
    peer_frame(fd, 0x01, text, 30);
    peer_frame(fd, 0x80, text, 20);
    settle(context);
    CHECK_EQ(bytes, 100);
    peer_frame(fd, 0x81, text, 51);
    fails_with(fd, 1009);
    fd = upgraded();
    peer_frame(fd, 0x01, text, 30);
    peer_frame(fd, 0x80, text, 21);
    fails_with(fd, 1009);
    end();

    begin("RELINK_LWS_MAX_QUEUE", "3000000");
    fd = upgraded();
    peer_frame(fd, 0x81, "w", 1);
    settle(context);
    CHECK_EQ(closed, 1);
    close(fd);
    end();

    begin("RELINK_LWS_STRICT", "1");
    fd = upgraded();
    peer_frame(fd, 0x81, "\xce\xba\xe1\xbd\xb9", 5);
    peer_frame(fd, 0x01, "\xce", 1);
    peer_frame(fd, 0x80, "\xba", 1);
    peer_frame(fd, 0x82, "\xff\xfe", 2);
    settle(context);
    CHECK_EQ(received, 4);
    /* Messages of nothing are told of, and the end of one that had something; they can be sent, too. */
    peer_frame(fd, 0x81, "", 0);
    peer_frame(fd, 0x01, "", 0);
    peer_frame(fd, 0x00, "x", 1);
    peer_frame(fd, 0x80, "", 0);
    settle(context);
    CHECK_EQ(received, 7);
    peer_frame(fd, 0x81, "e", 1);
    settle(context);
    CHECK(peer_read(fd, data, sizeof(data), &end_seen) == 2 && !memcmp(data, "\x81\x00", 2));
    peer_frame(fd, 0x81, "\xff", 1);
    fails_with(fd, 1007);
    fd = upgraded();
    peer_frame(fd, 0x81, "\xce", 1);
    fails_with(fd, 1007);
    fd = upgraded();
    peer_frame(fd, 0x80, "x", 1);
    fails_with(fd, 1002);
    fd = upgraded();
    peer_frame(fd, 0x01, "x", 1);
    settle(context);
    peer_frame(fd, 0x81, "x", 1);
    fails_with(fd, 1002);
    fd = upgraded();
    peer_frame(fd, 0x88, "\x03\xec", 2);
    fails_with(fd, 1002);
    fd = upgraded();
    peer_frame(fd, 0x88, "x", 1);
    fails_with(fd, 1002);
    end();

    begin("RELINK_LWS_LENIENT", "1");
    fd = upgraded();
    peer_send(fd, "\x81\x03" "abc", 5);
    peer_frame(fd, 0xf1, "abc", 3);
    settle(context);
    CHECK(received == 2 && closed == 0);
    close(fd);
    settle(context);
    end();

    begin("RELINK_LWS_CLOSE_HANDSHAKE", "1");
    fd = upgraded();
    peer_frame(fd, 0x81, "q", 1);
    settle(context);
    i = peer_read(fd, data, sizeof(data), &end_seen);
    CHECK(i >= 2 && data[0] == 0x88);
    peer_frame(fd, 0x88, data + 2, (size_t)data[1]);
    settle(context);
    peer_read(fd, data, sizeof(data), &end_seen);
    CHECK(end_seen && closed == 1);
    close(fd);
    end();

    begin("RELINK_LWS_HTTP_ERRORS", "1");
    fd = peer_connect(port);
    peer_say(fd, "POST / HTTP/1.1\r\n\r\n");
    settle(context);
    i = peer_read(fd, data, sizeof(data) - 1, &end_seen);
    data[i] = 0;
    CHECK(end_seen && strstr((char *)data, " 405 "));
    close(fd);
    fd = peer_connect(port);
    peer_say(fd, "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n\r\n");
    settle(context);
    i = peer_read(fd, data, sizeof(data) - 1, &end_seen);
    data[i] = 0;
    CHECK(end_seen && strstr((char *)data, " 426 ") && strstr((char *)data, "Sec-WebSocket-Version: 13"));
    close(fd);
    end();

    begin("RELINK_LWS_IPV6", "1");
    {
        struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = IN6ADDR_LOOPBACK_INIT };

        fd = socket(AF_INET6, SOCK_STREAM, 0);
        if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
            CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
            peer_say(fd, UPGRADE_HEAD "\r\n");
            settle(context);
            CHECK_EQ(established, 1);
        } else {
            printf("  this machine has no IPv6\n");
        }
        if (fd >= 0)
            close(fd);
        fd = upgraded();
        close(fd);
        settle(context);
    }
    end();

    begin("RELINK_LWS_NONBLOCKING", "1");
    {
        int closed_port, here = port, i;

        /* The context connects to itself, and to nobody. */
        CHECK(libwebsocket_client_connect(context, "127.0.0.1", here, 0, "/", "h", NULL, NULL, -1));
        settle(context);
        CHECK(client_established == 1 && established == 1 && errors == 0);
        close(server_listen(&closed_port));
        CHECK(libwebsocket_client_connect(context, "127.0.0.1", closed_port, 0, "/", "h", NULL, NULL, -1));
        settle(context);
        CHECK(client_established == 1 && errors == 1);

        /* Names are looked up meanwhile: by a thread, so that it takes as many rounds as it takes. */
        CHECK(libwebsocket_client_connect(context, "localhost", here, 0, "/", "h", NULL, NULL, -1));
        CHECK(client_established == 1);
        for (i = 0; i < 1000 && client_established == 1; i++)
            libwebsocket_service(context, 10);
        CHECK(client_established == 2 && errors == 1);
        CHECK(libwebsocket_client_connect(context, "no such name", here, 0, "/", "h", NULL, NULL, -1));
        for (i = 0; i < 1000 && errors == 1; i++)
            libwebsocket_service(context, 10);
        CHECK(client_established == 2 && errors == 2);
        /* The context ends while one is looked up. */
        CHECK(libwebsocket_client_connect(context, "localhost", here, 0, "/", "h", NULL, NULL, -1));
    }
    end();
    return 0;
}
