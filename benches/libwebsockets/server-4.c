/* The measured server, in the API of libwebsockets 4: see server-1.c.
 *
 *   server-4 PORT FILE
 */
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ECHOED = 8192 };

struct echoed {
    size_t length;
    unsigned char *block;
};

static const char *file;

static int on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)user, (void)in, (void)len;
    if (reason == LWS_CALLBACK_HTTP) {
        int result = lws_serve_http_file(wsi, file, "text/html", NULL, 0);

        return result < 0 || (result > 0 && lws_http_transaction_completed(wsi)) ? -1 : 0;
    }
    return reason == LWS_CALLBACK_HTTP_FILE_COMPLETION ? -1 : 0;
}

static int on_echo(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    struct echoed *echoed = user;

    switch (reason) {
    case LWS_CALLBACK_RECEIVE:
        if (!echoed->block)
            echoed->block = malloc(LWS_PRE + MAX_ECHOED);
        if (!echoed->block || len > MAX_ECHOED)
            return -1;
        memcpy(echoed->block + LWS_PRE, in, len);
        echoed->length = len;
        lws_callback_on_writable(wsi);
        break;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        if (echoed->length && lws_write(wsi, echoed->block + LWS_PRE, echoed->length, LWS_WRITE_BINARY) < 0)
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

static int on_sink(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    static unsigned char block[LWS_PRE + 1];

    (void)user, (void)in, (void)len;
    if (reason == LWS_CALLBACK_RECEIVE && !lws_remaining_packet_payload(wsi) && lws_is_final_fragment(wsi))
        lws_callback_on_writable(wsi);
    if (reason == LWS_CALLBACK_SERVER_WRITEABLE)
        return lws_write(wsi, block + LWS_PRE, 1, LWS_WRITE_BINARY) < 0 ? -1 : 0;
    return 0;
}

static struct lws_protocols protocols[] = {
    { "http-only", on_http, 0, 0, 0, NULL, 0 },
    { "echo", on_echo, sizeof(struct echoed), 4096, 0, NULL, 0 },
    { "sink", on_sink, 0, 65536, 0, NULL, 0 },
    { NULL, NULL, 0, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
    struct lws_context_creation_info info;
    struct lws_context *context;

    if (argc < 3)
        return 2;
    file = argv[2];
    memset(&info, 0, sizeof(info));
    info.port = atoi(argv[1]);
    info.iface = "lo";
    info.protocols = protocols;
    info.gid = (gid_t)-1;
    info.uid = (uid_t)-1;
    info.options = LWS_SERVER_OPTION_DISABLE_IPV6;
    info.pt_serv_buf_size = 65536;
    lws_set_log_level(LLL_ERR, NULL);
    context = lws_create_context(&info);
    if (!context)
        return 1;
    printf("ready\n");
    fflush(stdout);
    while (lws_service(context, 0) >= 0)
        ;
    return 0;
}
