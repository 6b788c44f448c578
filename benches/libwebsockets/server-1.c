/* The measured server, in the API of libwebsockets 1.2: it runs on the original and on ours.
 *
 *   server-1 PORT FILE
 *
 * "echo" sends each message back when it may write; "sink" answers a whole message with one byte; HTTP serves FILE and
 * closes. The one of the 4.x API does the same in the same way.
 */
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ECHOED = 8192 };

struct echoed {
    size_t length;
    int binary;
    unsigned char *block;
};

static const char *file;

static int on_http(struct libwebsocket_context *context, struct libwebsocket *wsi,
                   enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)user, (void)in, (void)len;
    if (reason == LWS_CALLBACK_HTTP)
        return libwebsockets_serve_http_file(context, wsi, file, "text/html") ? 1 : 0;
    return reason == LWS_CALLBACK_HTTP_FILE_COMPLETION;
}

static int on_echo(struct libwebsocket_context *context, struct libwebsocket *wsi,
                   enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    struct echoed *echoed = user;

    switch (reason) {
    case LWS_CALLBACK_RECEIVE:
        if (!echoed->block)
            echoed->block = malloc(LWS_SEND_BUFFER_PRE_PADDING + MAX_ECHOED + LWS_SEND_BUFFER_POST_PADDING);
        if (!echoed->block || len > MAX_ECHOED)
            return -1;
        memcpy(echoed->block + LWS_SEND_BUFFER_PRE_PADDING, in, len);
        echoed->length = len;
        libwebsocket_callback_on_writable(context, wsi);
        break;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        if (echoed->length && libwebsocket_write(wsi, echoed->block + LWS_SEND_BUFFER_PRE_PADDING, echoed->length,
                                                 LWS_WRITE_BINARY) < 0)
            return -1;
        echoed->length = 0;
        break;
    case LWS_CALLBACK_CLOSED:
        free(echoed->block);
        break;
    default:
        break;
    }
    return 0;
}

static int on_sink(struct libwebsocket_context *context, struct libwebsocket *wsi,
                   enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    static unsigned char block[LWS_SEND_BUFFER_PRE_PADDING + 1 + LWS_SEND_BUFFER_POST_PADDING];

    (void)user, (void)in, (void)len;
    if (reason == LWS_CALLBACK_RECEIVE && !libwebsockets_remaining_packet_payload(wsi))
        libwebsocket_callback_on_writable(context, wsi);
    if (reason == LWS_CALLBACK_SERVER_WRITEABLE)
        return libwebsocket_write(wsi, block + LWS_SEND_BUFFER_PRE_PADDING, 1, LWS_WRITE_BINARY) < 0 ? -1 : 0;
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "http-only", on_http, 0, 0, NULL, 0 },
    { "echo", on_echo, sizeof(struct echoed), 4096, NULL, 0 },
    { "sink", on_sink, 0, 65536, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
    struct lws_context_creation_info info;
    struct libwebsocket_context *context;

    if (argc < 3)
        return 2;
    file = argv[2];
    memset(&info, 0, sizeof(info));
    info.port = atoi(argv[1]);
    info.iface = "lo";
    info.protocols = protocols;
    info.gid = info.uid = -1;
    lws_set_log_level(LLL_ERR, NULL);
    context = libwebsocket_create_context(&info);
    if (!context)
        return 1;
    printf("ready\n");
    fflush(stdout);
    while (libwebsocket_service(context, 1000) >= 0)
        ;
    return 0;
}
