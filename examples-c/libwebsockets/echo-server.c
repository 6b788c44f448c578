/* Sends every message back.
 *
 *   echo-server [PORT]
 *
 * A message may come in many chunks, and in fragments: it is put together first. While it waits to go back, nothing more
 * is read from its sender.
 */
#include "example.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_MESSAGE = 64 << 20 };

struct session {
    struct message message;
    int whole, binary;
};

static int on_echo(struct libwebsocket_context *context, struct libwebsocket *wsi,
                   enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    struct session *session = user;

    switch (reason) {
    case LWS_CALLBACK_RECEIVE:
        if (message_append(&session->message, in, len, MAX_MESSAGE) < 0)
            return -1;
        if (libwebsockets_remaining_packet_payload(wsi) || !libwebsocket_is_final_fragment(wsi))
            break;
        session->whole = 1;
        session->binary = lws_frame_is_binary(wsi);
        libwebsocket_rx_flow_control(wsi, 0);
        libwebsocket_callback_on_writable(context, wsi);
        break;

    case LWS_CALLBACK_SERVER_WRITEABLE:
        if (!session->whole)
            break;
        if (libwebsocket_write(wsi, message_bytes(&session->message), session->message.length,
                               session->binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT) < 0)
            return -1;
        session->whole = 0;
        session->message.length = 0;
        if (session->message.room > 65536)
            message_free(&session->message);
        libwebsocket_rx_flow_control(wsi, 1);
        break;

    case LWS_CALLBACK_CLOSED:
        message_free(&session->message);
        break;

    case LWS_CALLBACK_HTTP:
        return 1;

    default:
        break;
    }
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "echo", on_echo, sizeof(struct session), 65536, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
    int port = argc > 1 ? atoi(argv[1]) : free_port();
    struct lws_context_creation_info info = describe(port, protocols);
    struct libwebsocket_context *context;

    lws_set_log_level(LLL_ERR, NULL);
    context = libwebsocket_create_context(&info);
    if (!context)
        return 1;
    printf("listening on 127.0.0.1:%d\n", port);
    fflush(stdout);
    while (libwebsocket_service(context, 1000) >= 0)
        ;
    libwebsocket_context_destroy(context);
    return 0;
}
