/* Callbacks that call the library again: they close, destroy, connect and serve from inside.
 * harness: ours-only the original uses what it has freed */
#include "peer.h"
#include <setjmp.h>

void libwebsocket_close_and_free_session(struct libwebsocket_context *context, struct libwebsocket *wsi,
                                         enum lws_close_status reason);

enum action { NOTHING, CLOSE, CLOSE_1000, DESTROY, SERVE, CONNECT, WRITE_MANY, CLOSE_OTHER, FEED, JUMP };

static enum action on_receive, on_established, on_http, on_writeable, on_closed;
static int established, closed, received, client_established, destroyed, port, closed_inside;
static struct libwebsocket *connections[8];
static struct libwebsocket_context *the_context;
static jmp_buf jump;

static void act(enum action action, struct libwebsocket_context *context, struct libwebsocket *wsi)
{
    static unsigned char block[LWS_SEND_BUFFER_PRE_PADDING + 1000 + LWS_SEND_BUFFER_POST_PADDING];
    static unsigned char frame[] = "\x81\x82\0\0\0\0no";
    int before = closed, i;

    switch (action) {
    case CLOSE:
        libwebsocket_close_and_free_session(context, wsi, LWS_CLOSE_STATUS_NOSTATUS);
        closed_inside += closed - before;
        break;
    case CLOSE_1000:
        libwebsocket_close_and_free_session(context, wsi, LWS_CLOSE_STATUS_NORMAL);
        break;
    case DESTROY:
        libwebsocket_context_destroy(context);
        break;
    case SERVE:
        for (i = 0; i < 3; i++)
            libwebsocket_service(context, 0);
        break;
    case CONNECT:
        CHECK(libwebsocket_client_connect(context, "127.0.0.1", port, 0, "/", "h", NULL, NULL, -1));
        break;
    case WRITE_MANY:
        for (i = 0; i < 100; i++)
            CHECK(libwebsocket_write(wsi, block + LWS_SEND_BUFFER_PRE_PADDING, 1000, LWS_WRITE_BINARY) >= 1000);
        break;
    case CLOSE_OTHER:
        for (i = 0; i < established; i++)
            if (connections[i] != wsi)
                libwebsocket_close_and_free_session(context, connections[i], LWS_CLOSE_STATUS_NOSTATUS);
        break;
    case FEED:
        on_receive = NOTHING;
        CHECK_EQ(libwebsocket_read(context, wsi, frame, 8), 0);
        break;
    case JUMP:
        longjmp(jump, 1);
    case NOTHING:
        break;
    }
}

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)user, (void)in, (void)len;
    events++;
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        CHECK(established < 8);
        connections[established++] = wsi;
        act(on_established, context, wsi);
        break;
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        client_established++;
        break;
    case LWS_CALLBACK_RECEIVE:
        received++;
        act(on_receive, context, wsi);
        break;
    case LWS_CALLBACK_HTTP:
        act(on_http, context, wsi);
        break;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        act(on_writeable, context, wsi);
        break;
    case LWS_CALLBACK_CLOSED:
        closed++;
        act(on_closed, context, wsi);
        break;
    case LWS_CALLBACK_PROTOCOL_DESTROY:
        destroyed++;
        break;
    default:
        break;
    }
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "again", on_event, 16, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static void begin(const char *what)
{
    struct lws_context_creation_info info;

    printf("%s\n", what);
    on_receive = on_established = on_http = on_writeable = on_closed = NOTHING;
    established = closed = received = client_established = destroyed = closed_inside = 0;
    port = free_port();
    info = context_info(port, protocols);
    the_context = libwebsocket_create_context(&info);
    CHECK(the_context);
}

static void end(void)
{
    libwebsocket_context_destroy(the_context);
    CHECK_EQ(destroyed, 1);
    CHECK_EQ(closed, established + client_established);
}

/* Serves until a context that is destroyed from inside has gone. */
static void until_destroyed(void)
{
    double begun = now();

    while (!destroyed && now() - begun < 40)
        libwebsocket_service(the_context, 2);
    CHECK_EQ(destroyed, 1);
    CHECK_EQ(closed, established);
}

int main(void)
{
    int fd, other, i;

    lws_set_log_level(0, NULL);

    begin("closing the connection that receives");
    on_receive = CLOSE;
    fd = peer_upgrade(port, "");
    settle(the_context);
    peer_frame(fd, 0x81, "a", 1);
    peer_frame(fd, 0x81, "b", 1);
    settle(the_context);
    CHECK(received == 1 && closed == 1 && closed_inside == 0);
    close(fd);
    end();

    begin("closing it with a status");
    on_receive = CLOSE_1000;
    fd = peer_upgrade(port, "");
    settle(the_context);
    peer_report(fd, "head");
    peer_frame(fd, 0x81, "a", 1);
    settle(the_context);
    peer_report(fd, "peer");
    peer_frame(fd, 0x88, "\x03\xe8", 2);
    settle(the_context);
    CHECK_EQ(closed, 1);
    close(fd);
    end();

    begin("closing it as soon as it is established");
    on_established = CLOSE;
    fd = peer_upgrade(port, "");
    settle(the_context);
    CHECK(established == 1 && closed == 1);
    close(fd);
    end();

    begin("closing it when it is closed");
    on_closed = CLOSE;
    fd = peer_upgrade(port, "");
    settle(the_context);
    close(fd);
    settle(the_context);
    CHECK_EQ(closed, 1);
    end();

    begin("closing another");
    fd = peer_upgrade(port, "");
    other = peer_upgrade(port, "");
    settle(the_context);
    CHECK_EQ(established, 2);
    on_receive = CLOSE_OTHER;
    peer_frame(fd, 0x81, "a", 1);
    peer_frame(other, 0x81, "a", 1);
    settle(the_context);
    CHECK_EQ(closed, 1);
    close(fd);
    close(other);
    settle(the_context);
    end();

    begin("closing an HTTP connection");
    on_http = CLOSE;
    fd = peer_connect(port);
    peer_say(fd, "GET / HTTP/1.1\r\n\r\n");
    settle(the_context);
    peer_report(fd, "peer");
    close(fd);
    end();

    begin("serving from inside");
    on_receive = SERVE;
    fd = peer_upgrade(port, "");
    settle(the_context);
    for (i = 0; i < 5; i++)
        peer_frame(fd, 0x81, "a", 1);
    settle(the_context);
    CHECK_EQ(received, 5);
    close(fd);
    settle(the_context);
    end();

    begin("connecting from inside, to itself");
    on_receive = CONNECT;
    fd = peer_upgrade(port, "");
    settle(the_context);
    peer_frame(fd, 0x81, "a", 1);
    settle(the_context);
    CHECK(client_established == 1 && established == 2);
    close(fd);
    settle(the_context);
    end();

    begin("writing much from inside, then the peer goes");
    on_writeable = WRITE_MANY;
    fd = peer_upgrade(port, "");
    settle(the_context);
    libwebsocket_callback_on_writable(the_context, connections[0]);
    settle(the_context);
    close(fd);
    settle(the_context);
    CHECK_EQ(closed, 1);
    end();

    begin("feeding bytes from inside");
    on_receive = FEED;
    fd = peer_upgrade(port, "");
    settle(the_context);
    peer_frame(fd, 0x81, "a", 1);
    settle(the_context);
    CHECK_EQ(received, 2);
    close(fd);
    settle(the_context);
    end();

    begin("destroying the context from inside");
    on_receive = DESTROY;
    fd = peer_upgrade(port, "");
    other = peer_upgrade(port, "");
    settle(the_context);
    peer_frame(fd, 0x81, "ab", 2);
    until_destroyed();
    close(fd);
    close(other);

    begin("destroying it from inside an HTTP request");
    on_http = DESTROY;
    fd = peer_connect(port);
    peer_say(fd, "GET / HTTP/1.1\r\n\r\n");
    until_destroyed();
    close(fd);

    begin("leaving a callback by longjmp");
    on_receive = JUMP;
    fd = peer_upgrade(port, "");
    settle(the_context);
    if (setjmp(jump) == 0) {
        peer_frame(fd, 0x81, "a", 1);
        settle(the_context);
        CHECK(0);
    }
    on_receive = NOTHING;
    peer_frame(fd, 0x81, "b", 1);
    settle(the_context);
    CHECK(received >= 1);
    close(fd);
    settle(the_context);
    CHECK_EQ(closed, 1);
    end();
    return 0;
}
