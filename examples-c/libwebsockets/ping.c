/* Pings a WebSocket server and tells how long the answers take.
 *
 *   ping [-c COUNT] [-i MILLISECONDS] [-s SIZE] [-t] HOST PORT [PATH]
 *
 *   -c COUNT          how many (4)
 *   -i MILLISECONDS   the time between them (200)
 *   -s SIZE           bytes of payload, 8 to 125 (64)
 *   -t                over TLS, whoever signed the certificate
 */
#include "example.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int count = 4, interval = 200, sent, answered, finished, failed;
static size_t size = 64;
static double least = 1e9, most, total;

static int on_ping(struct libwebsocket_context *context, struct libwebsocket *wsi,
                   enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    unsigned char block[LWS_SEND_BUFFER_PRE_PADDING + 125 + LWS_SEND_BUFFER_POST_PADDING];
    unsigned char *payload = block + LWS_SEND_BUFFER_PRE_PADDING;
    double now = seconds(), then;

    (void)user;
    switch (reason) {
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        fprintf(stderr, "ping: no connection\n");
        failed = finished = 1;
        break;

    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        libwebsocket_callback_on_writable(context, wsi);
        break;

    case LWS_CALLBACK_CLIENT_WRITEABLE:
        memset(payload, 'p', size);
        memcpy(payload, &now, sizeof(now));
        if (libwebsocket_write(wsi, payload, size, LWS_WRITE_PING) < 0)
            return -1;
        sent++;
        break;

    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
        if (len != size) {
            fprintf(stderr, "ping: a pong of %zu bytes\n", len);
            failed = 1;
            break;
        }
        memcpy(&then, in, sizeof(then));
        now -= then;
        printf("%zu bytes: %d time %.3f ms\n", len, answered, now * 1000);
        least = now < least ? now : least;
        most = now > most ? now : most;
        total += now;
        if (++answered == count)
            finished = 1;
        break;

    case LWS_CALLBACK_CLOSED:
        finished = 1;
        break;

    default:
        break;
    }
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "ping", on_ping, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
    struct lws_context_creation_info info = describe(CONTEXT_PORT_NO_LISTEN, protocols);
    struct libwebsocket_context *context;
    struct libwebsocket *wsi;
    double next;
    int option, tls = 0;

    while ((option = getopt(argc, argv, "c:i:s:t")) != -1) {
        switch (option) {
        case 'c': count = atoi(optarg); break;
        case 'i': interval = atoi(optarg); break;
        case 's': size = (size_t)atoi(optarg); break;
        case 't': tls = 2; break;
        default: return 2;
        }
    }
    if (argc - optind < 2 || size < 8 || size > 125)
        return 2;
    lws_set_log_level(LLL_ERR, NULL);
    context = libwebsocket_create_context(&info);
    if (!context)
        return 1;
    wsi = libwebsocket_client_connect(context, argv[optind], atoi(argv[optind + 1]), tls,
                                      argc - optind > 2 ? argv[optind + 2] : "/", argv[optind], NULL, NULL, -1);
    if (!wsi) {
        fprintf(stderr, "ping: no connection\n");
        failed = finished = 1;
    }
    for (next = seconds() + interval / 1000.0; !finished; libwebsocket_service(context, interval / 4 + 1)) {
        if (sent > 0 && sent < count && seconds() >= next) {
            next = seconds() + interval / 1000.0;
            libwebsocket_callback_on_writable(context, wsi);
        }
        if (sent == count && seconds() > next + 5)
            break;
    }
    libwebsocket_context_destroy(context);
    if (answered)
        printf("%d sent, %d answered, min/avg/max %.3f/%.3f/%.3f ms\n", sent, answered, least * 1000, total / answered * 1000,
               most * 1000);
    return failed || answered < count;
}
