/* Sends messages to an echo server and checks what comes back, or is an echo server's mirror image itself.
 *
 *   echo-client [-n COUNT] [-s SIZE] [-b] [-f] HOST PORT [PATH [TEXT...]]
 *   echo-client -e HOST PORT [PATH]
 *
 *   -n COUNT  how many messages of SIZE bytes (1 of 5 bytes), when no TEXT is given
 *   -b        binary ones
 *   -f        in fragments
 *   -e        sends back what the server sends until it closes, and prints the last
 */
#include "example.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_MESSAGE = 64 << 20, FRAGMENT = 1000 };

static int count = 1, binary, fragmented, echo;
static size_t size = 5;
static char **texts;

static struct {
    struct message sent, got;
    int done, failed, whole, binary, closing;
    size_t at;
} client;

static void fail(const char *why)
{
    fprintf(stderr, "echo-client: %s\n", why);
    client.failed = client.done = 1;
}

/* Makes the next message. Returns 0 when there is none. */
static int next_message(void)
{
    static int made;
    size_t i;

    client.sent.length = 0;
    client.at = 0;
    if (texts) {
        if (!texts[made])
            return 0;
        if (message_append(&client.sent, texts[made], strlen(texts[made]), MAX_MESSAGE) < 0)
            fail("no memory");
    } else {
        if (made == count)
            return 0;
        for (i = 0; i < size; i += 64) {
            char piece[65];

            snprintf(piece, sizeof(piece), "%064zu", i + (size_t)made);
            if (message_append(&client.sent, piece, size - i < 64 ? size - i : 64, MAX_MESSAGE) < 0)
                fail("no memory");
        }
    }
    made++;
    return 1;
}

/* libwebsocket_write() may write on what it is given, and masks it in place: it gets a copy. */
static int send_copy(struct libwebsocket *wsi, const unsigned char *data, size_t length, int kind)
{
    static struct message copy;

    copy.length = 0;
    if (message_append(&copy, data, length, MAX_MESSAGE) < 0)
        return -1;
    return libwebsocket_write(wsi, message_bytes(&copy), length, (enum libwebsocket_write_protocol)kind);
}

static int send_some(struct libwebsocket_context *context, struct libwebsocket *wsi)
{
    int kind = binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
    size_t left = client.sent.length - client.at, n = left;

    if (client.closing)
        return 0;
    if (fragmented && left > FRAGMENT)
        n = FRAGMENT;
    if (client.at > 0)
        kind = LWS_WRITE_CONTINUATION;
    if (n < left)
        kind |= LWS_WRITE_NO_FIN;
    if (send_copy(wsi, message_bytes(&client.sent) + client.at, n, kind) < 0)
        return -1;
    client.at += n;
    if (client.at < client.sent.length)
        libwebsocket_callback_on_writable(context, wsi);
    return 0;
}

/* A whole message has come. */
static int check_answer(struct libwebsocket_context *context, struct libwebsocket *wsi)
{
    if (client.got.length != client.sent.length ||
        memcmp(message_bytes(&client.got), message_bytes(&client.sent), client.got.length)) {
        fail("a message came back changed");
        return -1;
    }
    if (texts)
        printf("%.*s\n", (int)client.got.length, (char *)message_bytes(&client.got));
    client.got.length = 0;
    if (next_message()) {
        libwebsocket_callback_on_writable(context, wsi);
        return 0;
    }
    client.closing = 1;
    /* 1000, in the order of the network. */
    return send_copy(wsi, (const unsigned char *)"\x03\xe8" "done", 6, LWS_WRITE_CLOSE) < 0 ? -1 : 0;
}

static int on_echo(struct libwebsocket_context *context, struct libwebsocket *wsi,
                   enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)user;
    switch (reason) {
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        fail("no connection");
        break;

    case LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED:
        /* deflate-frame, the older one, ends at 64 KiB. */
        return strcmp(in, "permessage-deflate") != 0;

    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        if (!echo)
            libwebsocket_callback_on_writable(context, wsi);
        break;

    case LWS_CALLBACK_CLIENT_RECEIVE:
        if (client.closing)
            break;
        if (message_append(&client.got, in, len, MAX_MESSAGE) < 0) {
            fail("no memory");
            return -1;
        }
        if (libwebsockets_remaining_packet_payload(wsi) || !libwebsocket_is_final_fragment(wsi))
            break;
        if (!echo)
            return check_answer(context, wsi);
        client.whole = 1;
        client.binary = lws_frame_is_binary(wsi);
        libwebsocket_rx_flow_control(wsi, 0);
        libwebsocket_callback_on_writable(context, wsi);
        break;

    case LWS_CALLBACK_CLIENT_WRITEABLE:
        if (!echo)
            return send_some(context, wsi);
        if (!client.whole)
            break;
        if (send_copy(wsi, message_bytes(&client.got), client.got.length,
                      client.binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT) < 0)
            return -1;
        /* Kept, for the last one is printed. */
        message_free(&client.sent);
        client.sent = client.got;
        memset(&client.got, 0, sizeof(client.got));
        client.whole = 0;
        libwebsocket_rx_flow_control(wsi, 1);
        break;

    case LWS_CALLBACK_CLOSED:
        if (!echo && !client.closing)
            fail("the server closed");
        client.done = 1;
        break;

    default:
        break;
    }
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "echo", on_echo, 0, 65536, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
    struct lws_context_creation_info info = describe(CONTEXT_PORT_NO_LISTEN, protocols);
    struct libwebsocket_context *context;
    const char *host, *path = "/";
    char host_header[300];
    int option, port;
    double begun;

    while ((option = getopt(argc, argv, "n:s:bfe")) != -1) {
        switch (option) {
        case 'n': count = atoi(optarg); break;
        case 's': size = (size_t)atol(optarg); break;
        case 'b': binary = 1; break;
        case 'f': fragmented = 1; break;
        case 'e': echo = 1; break;
        default: return 2;
        }
    }
    if (argc - optind < 2) {
        fprintf(stderr, "usage: %s [-n COUNT] [-s SIZE] [-b] [-f] [-e] HOST PORT [PATH [TEXT...]]\n", argv[0]);
        return 2;
    }
    host = argv[optind];
    port = atoi(argv[optind + 1]);
    if (argc - optind > 2)
        path = argv[optind + 2];
    if (argc - optind > 3)
        texts = argv + optind + 3;
    if (!echo && !next_message())
        return 0;

    lws_set_log_level(LLL_ERR, NULL);
    context = libwebsocket_create_context(&info);
    if (!context)
        return 1;
    snprintf(host_header, sizeof(host_header), "%s:%d", host, port);
    if (!libwebsocket_client_connect(context, host, port, 0, path, host_header, NULL, NULL, -1))
        fail("no connection");
    for (begun = seconds(); !client.done; libwebsocket_service(context, 500))
        if (seconds() - begun > 300)
            fail("it takes too long");
    libwebsocket_context_destroy(context);
    if (echo && !client.failed)
        printf("%.*s\n", (int)(client.sent.length < 200 ? client.sent.length : 200),
               client.sent.block ? (char *)message_bytes(&client.sent) : "");
    message_free(&client.sent);
    message_free(&client.got);
    return client.failed;
}
