/* Programs do anything from within callbacks, on any connection, on some that ended long ago. Whatever that is, nothing
 * crashes, memory and descriptors come back, and a connection that was closed hears of it once.
 *
 * harness: ours-only the original does not survive it
 * harness: timeout 180
 */
#include <libwebsockets.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"

#define HANDLES 64
#define SIZE 3000

void libwebsocket_close_and_free_session(struct libwebsocket_context *, struct libwebsocket *, enum lws_close_status);
void libwebsocket_set_timeout(struct libwebsocket *, int, int);

struct session {
    unsigned char beginning;
    int established, closed;
    unsigned char end;
};

static struct libwebsocket_context *context;
static struct libwebsocket *handles[HANDLES];
static unsigned long state = 88172645463325252ul;
static int port, depth, opened, ended, calls, destroy_at;

static unsigned draw(unsigned below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 16) % below;
}

static void any_calls(struct libwebsocket *own);

static int on_event(struct libwebsocket_context *ctx, struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason,
                    void *user, void *in, size_t len)
{
    struct session *session = user;

    (void)ctx;
    calls++;
    /* The listener is left alone: without it there is nothing to see. */
    if (wsi && !libwebsockets_get_protocol(wsi))
        return reason == LWS_CALLBACK_FILTER_NETWORK_CONNECTION && draw(20) == 0;
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        CHECK(session->beginning == 0 && session->end == 0 && !session->established);
        session->established = 1;
        handles[draw(HANDLES)] = wsi;
        opened++;
        break;
    case LWS_CALLBACK_CLOSED:
        CHECK(session->established && !session->closed);
        session->closed = 1;
        ended++;
        break;
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_CLIENT_RECEIVE:
        CHECK(session->established && !session->closed);
        CHECK(((char *)in)[len] == 0);
        memset((char *)in - LWS_SEND_BUFFER_PRE_PADDING, 7, LWS_SEND_BUFFER_PRE_PADDING);
        break;
    case LWS_CALLBACK_HTTP:
        handles[draw(HANDLES)] = wsi;
        if (draw(2))
            return libwebsockets_serve_http_file(context, wsi, "anything_goes.c", "text/plain");
        break;
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS:
    case LWS_CALLBACK_PROTOCOL_INIT:
    case LWS_CALLBACK_PROTOCOL_DESTROY:
        return 0;
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER: {
        char **place = in;

        *place += sprintf(*place, "X-Any: thing\r\n");
        break;
    }
    default:
        break;
    }
    any_calls(wsi);
    switch (reason) {
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_CLIENT_RECEIVE:
    case LWS_CALLBACK_SERVER_WRITEABLE:
    case LWS_CALLBACK_CLIENT_WRITEABLE:
    case LWS_CALLBACK_HTTP:
    case LWS_CALLBACK_HTTP_FILE_COMPLETION:
        return draw(20) == 0 ? -1 : 0;
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
    case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH:
        return draw(20) == 0;
    default:
        return 0;
    }
}

static struct libwebsocket_protocols protocols[] = {
    { "any", on_event, sizeof(struct session), 0, NULL, 0 },
    { "small", on_event, sizeof(struct session), 5, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

/* An extension that passes everything on, and does anything, too. */
static int on_hook(struct libwebsocket_context *ctx, struct libwebsocket_extension *ext, struct libwebsocket *wsi,
                   enum libwebsocket_extension_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)ctx, (void)ext, (void)in, (void)len;
    switch (reason) {
    case LWS_EXT_CALLBACK_CONSTRUCT:
    case LWS_EXT_CALLBACK_CLIENT_CONSTRUCT:
        CHECK(*(int *)user == 0);
        *(int *)user = 1;
        break;
    case LWS_EXT_CALLBACK_DESTROY:
        CHECK(*(int *)user == 1);
        *(int *)user = 2;
        break;
    case LWS_EXT_CALLBACK_PAYLOAD_RX:
    case LWS_EXT_CALLBACK_PAYLOAD_TX:
    case LWS_EXT_CALLBACK_PACKET_TX_PRESEND:
    case LWS_EXT_CALLBACK_IS_WRITEABLE:
        CHECK(*(int *)user == 1);
        break;
    default:
        break;
    }
    if (wsi && libwebsockets_get_protocol(wsi) && draw(4) == 0)
        any_calls(wsi);
    return 0;
}

static struct libwebsocket_extension extensions[] = {
    { "pass", on_hook, sizeof(int), NULL },
    { "pass-too", on_hook, sizeof(int), NULL },
    { NULL, NULL, 0, NULL },
};

static void any_call(struct libwebsocket *wsi)
{
    static unsigned char buffer[LWS_SEND_BUFFER_PRE_PADDING + SIZE + LWS_SEND_BUFFER_POST_PADDING];
    static const int kinds[] = { LWS_WRITE_TEXT, LWS_WRITE_BINARY, LWS_WRITE_CONTINUATION, LWS_WRITE_PING, LWS_WRITE_PONG,
                                 LWS_WRITE_TEXT | LWS_WRITE_NO_FIN, LWS_WRITE_HTTP, LWS_WRITE_CLOSE, 9 };
    unsigned char frame[] = { 0x81, 0x82, 0, 0, 0, 0, 'o', 'k' };
    int kind = kinds[draw(draw(8) ? 5 : 9)];
    size_t length = draw(4) ? draw(kind & 4 ? 126 : 100) : draw(kind & 4 ? 126 : SIZE);

    switch (draw(24)) {
    case 0: case 1: case 2: case 3: case 4: case 5:
        libwebsocket_write(wsi, buffer + LWS_SEND_BUFFER_PRE_PADDING, length, kind);
        break;
    case 6: case 7: case 8: case 9:
        libwebsocket_callback_on_writable(context, wsi);
        break;
    case 10:
        libwebsocket_callback_on_writable_all_protocol(&protocols[draw(2)]);
        break;
    case 11: case 12:
        libwebsocket_rx_flow_control(wsi, (int)draw(3));
        break;
    case 13:
        libwebsocket_rx_flow_allow_all_protocol(&protocols[draw(2)]);
        break;
    case 14:
        if (draw(4) == 0)
            libwebsocket_close_and_free_session(context, wsi, draw(2) ? LWS_CLOSE_STATUS_NORMAL : LWS_CLOSE_STATUS_NOSTATUS);
        break;
    case 15:
        if (draw(8) == 0)
            libwebsocket_set_timeout(wsi, (int)draw(2), (int)draw(2));
        break;
    case 16:
        if (opened - ended < 40 && depth < 4)
            handles[draw(HANDLES)] = libwebsocket_client_connect(context, "127.0.0.1", port, 0, "/", "here", draw(2) ? "me" : NULL,
                                                             draw(2) ? "small" : NULL, -1);
        break;
    case 17:
        libwebsocket_read(context, wsi, frame, draw(9));
        break;
    case 18:
        libwebsocket_service_fd(context, NULL);
        break;
    case 19: {
        struct pollfd poll = { .fd = libwebsocket_get_socket_fd(wsi), .events = 0, .revents = (short)draw(32) };

        if (depth < 4 && poll.fd >= 0)
            libwebsocket_service_fd(context, &poll);
        break;
    }
    case 20:
        if (depth < 3)
            libwebsocket_service(context, 0);
        break;
    case 21:
        lws_send_pipe_choked(wsi);
        libwebsockets_remaining_packet_payload(wsi);
        lws_hdr_total_length(wsi, (enum lws_token_indexes)draw(30));
        break;
    case 22:
        libwebsockets_serve_http_file(context, wsi, draw(2) ? "anything_goes.c" : "/", "text/plain");
        break;
    default:
        libwebsocket_cancel_service(context);
        break;
    }
}

static void any_calls(struct libwebsocket *own)
{
    unsigned count = draw(4);

    if (depth >= 6)
        return;
    depth++;
    while (count--)
        any_call(draw(3) ? own : handles[draw(HANDLES)]);
    if (destroy_at && calls > destroy_at) {
        destroy_at = 0;
        libwebsocket_context_destroy(context);
        context = NULL;
    }
    depth--;
}

/* Sends a frame, or something else, whether the server still listens or not. */
static void say(int fd, unsigned head, size_t length)
{
    static unsigned char frame[SIZE + 8];
    size_t size = 0;

    frame[size++] = (unsigned char)head;
    frame[size++] = (unsigned char)(0x80 | (length < 126 ? length : 126));
    if (length >= 126) {
        frame[size++] = (unsigned char)(length >> 8);
        frame[size++] = (unsigned char)length;
    }
    size += 4 + length;
    send(fd, frame, draw(10) ? size : draw((unsigned)size), MSG_NOSIGNAL | MSG_DONTWAIT);
}

int main(void)
{
    int round, step;

    lws_set_log_level(0, NULL);
    setenv("RELINK_LWS_HANDSHAKE_TIMEOUT", "1", 1);
    for (round = 0; round < 6; round++) {
        struct lws_context_creation_info info;
        int raw[8], i;

        port = free_port();
        info = context_info(port, protocols);
        info.extensions = round % 3 == 0 ? NULL : round % 3 == 1 ? extensions : libwebsocket_get_internal_extensions();
        memset(handles, 0, sizeof handles);
        opened = ended = calls = 0;
        destroy_at = round > 2 ? 3000 : 0;
        /* Callbacks run while it is made; none of these may use it yet. */
        depth = 6;
        context = libwebsocket_create_context(&info);
        depth = 0;
        CHECK(context);
        for (i = 0; i < 8; i++)
            raw[i] = -1;
        for (step = 0; step < 400 && context; step++) {
            i = (int)draw(8);
            if (raw[i] < 0) {
                raw[i] = peer_connect(port);
                peer_say(raw[i], draw(3) ? "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                           "Sec-WebSocket-Version: 13\r\n"
                                           "Sec-WebSocket-Extensions: pass, pass-too, deflate-frame\r\n\r\n"
                                         : "GET /file HTTP/1.1\r\n\r\n");
            } else if (draw(6) == 0) {
                close(raw[i]);
                raw[i] = -1;
            } else {
                static const unsigned char heads[] = { 0x81, 0x82, 0x01, 0x80, 0x89, 0x8a, 0x88, 0x83 };
                unsigned head = heads[draw(draw(6) ? 6 : 8)];

                say(raw[i], head, head & 8 ? draw(126) : draw(4) ? draw(40) : draw(SIZE));
            }
            if (libwebsocket_service(context, draw(10) ? 0 : 1) < 0)
                break;
            if (draw(8) == 0 && context)
                any_call(handles[draw(HANDLES)]);
        }
        if (context) {
            libwebsocket_context_destroy(context);
            context = NULL;
        }
        CHECK(calls > 1000);
        CHECK_EQ(ended, opened);
        for (i = 0; i < 8; i++)
            if (raw[i] >= 0)
                close(raw[i]);
    }
    return 0;
}
