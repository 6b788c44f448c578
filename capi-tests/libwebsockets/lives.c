/* Every life of a server's connection: which callbacks it gets, in what order and with what, and what its peer sees. */
#include "peer.h"

/* What the callbacks are told to do. */
static int refuse_network, refuse_protocol, http_returns, receive_returns, writeable_returns, ask_writeable;
/* The original forgets to tell of a bit of HTTP connections that it clears. */
static int hide_clear;

static int on_event(const char *name, struct libwebsocket_context *context, struct libwebsocket *wsi, int reason,
                    void *user, void *in, size_t len)
{
    events++;
    if (hide_clear && reason == LWS_CALLBACK_CLEAR_MODE_POLL_FD)
        return 0;
    trace_event(name, wsi, reason, user, in, len);
    switch (reason) {
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
        return refuse_network;
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return refuse_protocol;
    case LWS_CALLBACK_HTTP:
        if (!strcmp(in, "/hand")) {
            static unsigned char reply[] = "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi";

            printf("  write %d\n", libwebsocket_write(wsi, reply, sizeof(reply) - 1, LWS_WRITE_HTTP));
            libwebsocket_callback_on_writable(context, wsi);
        }
        return http_returns;
    case LWS_CALLBACK_ESTABLISHED:
        if (ask_writeable)
            libwebsocket_callback_on_writable(context, wsi);
        break;
    case LWS_CALLBACK_SERVER_WRITEABLE:
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return writeable_returns;
    case LWS_CALLBACK_RECEIVE:
        return receive_returns;
    default:
        break;
    }
    return 0;
}

static int on_first(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    return on_event("first", context, wsi, (int)reason, user, in, len);
}

static int on_echo(struct libwebsocket_context *context, struct libwebsocket *wsi,
                   enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    return on_event("echo", context, wsi, (int)reason, user, in, len);
}

static struct libwebsocket_protocols protocols[] = {
    { "http-only", on_first, 8, 0, NULL, 0 },
    { "echo", on_echo, 16, 0, NULL, 0 },
    { "blockless", on_echo, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static struct libwebsocket_context *context;
static int port;

static void begin(const char *what)
{
    printf("%s\n", what);
    forget_names();
    refuse_network = refuse_protocol = http_returns = receive_returns = writeable_returns = ask_writeable = hide_clear = 0;
}

static int upgraded(const char *protocol)
{
    char line[100];
    int fd;

    snprintf(line, sizeof(line), "Sec-WebSocket-Protocol: %s\r\n", protocol);
    fd = peer_upgrade(port, line);
    settle(context);
    peer_report(fd, "peer");
    return fd;
}

static void end(int fd)
{
    close(fd);
    settle(context);
}

int main(void)
{
    struct lws_context_creation_info info;
    int fd, i;

    lws_set_log_level(0, NULL);
    port = free_port();
    info = context_info(port, protocols);

    begin("create");
    context = libwebsocket_create_context(&info);
    CHECK(context);
    for (i = 0; i < 3; i++)
        printf("%d: owner %d index %d\n", i, protocols[i].owning_server == context, protocols[i].protocol_index);

    begin("upgrade, text, the peer goes");
    fd = upgraded("echo");
    peer_frame(fd, 0x81, "Hello", 5);
    settle(context);
    end(fd);

    begin("upgrade, close 1000 with a reason");
    fd = upgraded("echo");
    peer_frame(fd, 0x88, "\x03\xe8" "bye", 5);
    settle(context);
    peer_report(fd, "peer");
    end(fd);

    begin("upgrade, empty close");
    fd = upgraded("echo");
    peer_frame(fd, 0x88, "", 0);
    settle(context);
    peer_report(fd, "peer");
    end(fd);

    begin("upgrade without a block of memory");
    fd = upgraded("blockless");
    end(fd);

    begin("upgrade without a protocol");
    fd = peer_upgrade(port, "");
    settle(context);
    peer_report(fd, "peer");
    end(fd);

    begin("upgrade to an unknown protocol");
    fd = upgraded("nothing");
    end(fd);

    begin("upgrade that the program refuses");
    refuse_protocol = 1;
    fd = upgraded("echo");
    end(fd);

    begin("a connection that the program refuses");
    refuse_network = 1;
    fd = peer_connect(port);
    settle(context);
    peer_report(fd, "peer");
    end(fd);

    begin("nothing is sent");
    fd = peer_connect(port);
    settle(context);
    peer_report(fd, "peer");
    end(fd);

    begin("half a head");
    fd = peer_connect(port);
    peer_say(fd, "GET / HTTP/1.1\r\nHost: exam");
    settle(context);
    end(fd);

    begin("another method");
    fd = peer_connect(port);
    peer_say(fd, "POST / HTTP/1.1\r\n\r\n");
    settle(context);
    peer_report(fd, "peer");
    end(fd);

    begin("writeable, once for each request");
    ask_writeable = 1;
    fd = upgraded("echo");
    end(fd);

    begin("the program ends it when writeable");
    ask_writeable = 1;
    writeable_returns = -1;
    fd = upgraded("echo");
    settle(context);
    peer_report(fd, "peer");
    end(fd);

    begin("the program ends it when it receives");
    receive_returns = -1;
    fd = upgraded("echo");
    peer_frame(fd, 0x82, "x", 1);
    settle(context);
    peer_report(fd, "peer");
    end(fd);

    begin("a positive result ends nothing");
    receive_returns = writeable_returns = 1;
    ask_writeable = 1;
    fd = upgraded("echo");
    peer_frame(fd, 0x81, "x", 1);
    settle(context);
    peer_report(fd, "peer");
    end(fd);

    begin("HTTP that the program refuses");
    http_returns = 1;
    fd = peer_connect(port);
    peer_say(fd, "GET  /a/../b?x=%20 HTTP/1.1\r\nHost: h\r\n\r\n");
    settle(context);
    peer_report(fd, "peer");
    end(fd);

    begin("HTTP by hand, then writeable");
    hide_clear = 1;
    fd = peer_connect(port);
    peer_say(fd, "GET /hand\r\n\r\n");
    settle(context);
    peer_report(fd, "peer");
    end(fd);

    begin("an empty Upgrade is plain HTTP");
    http_returns = 1;
    fd = peer_connect(port);
    peer_say(fd, "GET /x HTTP/1.1\r\nHost: h\r\nUpgrade:\r\nConnection: Upgrade\r\n\r\n");
    settle(context);
    peer_report(fd, "peer");
    end(fd);

    begin("another version of WebSocket");
    fd = peer_connect(port);
    peer_say(fd, "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n\r\n");
    settle(context);
    end(fd);

    begin("no host, no key");
    fd = peer_connect(port);
    peer_say(fd, "GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Version: 13\r\n\r\n");
    settle(context);
    end(fd);

    begin("a key of anything");
    fd = peer_connect(port);
    peer_say(fd, "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: anything\r\nConnection: whatever\r\n"
                 "Sec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n");
    settle(context);
    peer_report(fd, "peer");
    end(fd);

    begin("two at once, and the end of the context");
    fd = upgraded("echo");
    i = upgraded("blockless");
    libwebsocket_context_destroy(context);
    peer_report(fd, "peer");
    peer_report(i, "peer");
    close(fd);
    close(i);
    return 0;
}
