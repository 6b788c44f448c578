/* Every life of a client's connection: what it sends, which callbacks it gets, and what it takes for an answer. */
#include "server.h"

static struct libwebsocket_context *context;
static int append, write_on_established, receive_returns;

static int on_event(const char *name, struct libwebsocket *wsi, int reason, void *user, void *in, size_t len)
{
    events++;
    trace_event(name, wsi, reason, user, in, len);
    switch (reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        printf("    room for a line: %d\n", len > 1000);
        if (append)
            *(char **)in += sprintf(*(char **)in, "X-Mine: yes\r\n");
        break;
    case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH: {
        static const int kept[] = { WSI_TOKEN_HTTP, WSI_TOKEN_ACCEPT, WSI_TOKEN_PROTOCOL, _WSI_TOKEN_CLIENT_SENT_PROTOCOLS,
                                    _WSI_TOKEN_CLIENT_PEER_ADDRESS, _WSI_TOKEN_CLIENT_URI, _WSI_TOKEN_CLIENT_HOST,
                                    _WSI_TOKEN_CLIENT_ORIGIN };
        size_t i;

        for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
            char text[200] = "";

            lws_hdr_copy(wsi, text, sizeof(text), (enum lws_token_indexes)kept[i]);
            if (kept[i] == WSI_TOKEN_ACCEPT)
                printf("    accept of %d\n", lws_hdr_total_length(wsi, WSI_TOKEN_ACCEPT));
            else
                printf("    %d \"%s\"\n", kept[i], text);
        }
        break;
    }
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        if (write_on_established) {
            static unsigned char block[LWS_SEND_BUFFER_PRE_PADDING + 200 + LWS_SEND_BUFFER_POST_PADDING];
            unsigned char *payload = block + LWS_SEND_BUFFER_PRE_PADDING;
            static const int kinds[] = { LWS_WRITE_TEXT, LWS_WRITE_BINARY, LWS_WRITE_TEXT | LWS_WRITE_NO_FIN,
                                         LWS_WRITE_CONTINUATION, LWS_WRITE_PING, LWS_WRITE_PONG };
            size_t i;

            for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
                size_t size = i == 1 ? 200 : 5;

                memset(payload, 'a' + (int)i, size);
                printf("    write %d\n", libwebsocket_write(wsi, payload, size, (enum libwebsocket_write_protocol)kinds[i]));
            }
        }
        break;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        return receive_returns;
    default:
        break;
    }
    return 0;
}

static int on_first(struct libwebsocket_context *ctx, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)ctx;
    return on_event("first", wsi, (int)reason, user, in, len);
}

static int on_second(struct libwebsocket_context *ctx, struct libwebsocket *wsi,
                     enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)ctx;
    return on_event("second", wsi, (int)reason, user, in, len);
}

static struct libwebsocket_protocols protocols[] = {
    { "first", on_first, 0, 0, NULL, 0 },
    { "second", on_second, 8, 8, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static int listener, port, fd;
static char request[4096];
static struct libwebsocket *wsi;

/* Connects; the request is read. */
static void begin(const char *what, const char *origin, const char *protocol, int print)
{
    printf("%s\n", what);
    forget_names();
    append = write_on_established = receive_returns = 0;
    wsi = libwebsocket_client_connect(context, "127.0.0.1", port, 0, "/path?q=1", "example.com:80", origin, protocol, -1);
    printf("  connect %d\n", wsi != NULL);
    fd = server_accept(listener);
    settle(context);
    server_request(fd, request, sizeof(request), print);
}

static void end(void)
{
    settle(context);
    server_frames(fd, "  server");
    close(fd);
    settle(context);
}

int main(void)
{
    struct lws_context_creation_info info;
    char accept[29], text[400];
    int closed_port;

    lws_set_log_level(0, NULL);
    listener = server_listen(&port);
    info = context_info(CONTEXT_PORT_NO_LISTEN, protocols);
    context = libwebsocket_create_context(&info);
    CHECK(context);

    begin("everything is said", "http://origin", "second", 1);
    server_reply(fd, request, "Sec-WebSocket-Protocol: second\r\n");
    end();

    begin("nothing is said", NULL, NULL, 1);
    server_reply(fd, request, "");
    settle(context);
    printf("its first protocol %d\n", libwebsockets_get_protocol(wsi) == &protocols[0]);
    end();

    begin("frames right behind the reply", NULL, "second", 0);
    server_accept_value(request, accept);
    snprintf(text, sizeof(text), "HTTP/1.1 101 x\r\nUpgrade: WebSocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: %s\r\n"
             "Sec-WebSocket-Protocol: second\r\n\r\n\x81\x05Hello\x82\x0a" "0123456789\x8a\x04pong\x89\x04ping", accept);
    peer_say(fd, text);
    end();

    begin("every kind of write", NULL, "second", 0);
    write_on_established = 1;
    server_reply(fd, request, "Sec-WebSocket-Protocol: second\r\n");
    end();

    begin("the server closes", NULL, "second", 0);
    server_reply(fd, request, "Sec-WebSocket-Protocol: second\r\n");
    settle(context);
    peer_send(fd, "\x88\x05\x03\xe8" "bye", 7);
    end();

    begin("fragments", NULL, "second", 0);
    server_reply(fd, request, "Sec-WebSocket-Protocol: second\r\n");
    settle(context);
    peer_send(fd, "\x01\x03" "abc\x89\x01p\x00\x03" "def\x80\x03" "ghi", 18);
    end();

    begin("a wrong accept value", NULL, NULL, 0);
    peer_say(fd, "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
    end();

    begin("another status", NULL, NULL, 0);
    peer_say(fd, "HTTP/1.1 404 Not Found\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
    end();

    begin("an extension that is not known", NULL, NULL, 0);
    server_reply(fd, request, "Sec-WebSocket-Extensions: nothing\r\n");
    end();

    begin("a protocol that was not offered", NULL, "second", 0);
    server_reply(fd, request, "Sec-WebSocket-Protocol: first\r\n");
    end();

    printf("a line of the program's own\n");
    forget_names();
    append = 1;
    wsi = libwebsocket_client_connect_extended(context, "127.0.0.1", port, 0, "/", "h", NULL, NULL, 13, request);
    fd = server_accept(listener);
    server_request(fd, request, sizeof(request), 1);
    server_reply(fd, request, "");
    end();

    printf("nobody listens\n");
    close(server_listen(&closed_port));
    printf("connect %d\n", libwebsocket_client_connect(context, "127.0.0.1", closed_port, 0, "/", "h", NULL, NULL, -1) != NULL);
    printf("an address that is none\n");
    printf("connect %d\n", libwebsocket_client_connect(context, "256.256.256.256", port, 0, "/", "h", NULL, NULL, -1) != NULL);

    close(listener);
    libwebsocket_context_destroy(context);
    return 0;
}
