/* Messages in fragments of random sizes, with a checksum in front: does everything arrive, in order?
 *
 *   fragments [PORT]                    sends to everybody who connects
 *   fragments -c [-n COUNT] HOST PORT   connects, and checks COUNT messages (20)
 */
#include "example.h"

#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_MESSAGE = 1 << 20, MAX_FRAGMENT = 3000, HEAD = 4 };

static int wanted = 20, checked, fragments, failed, finished;

static uint32_t checksum(const unsigned char *data, size_t length)
{
    uint32_t sum = 2166136261u;

    while (length--)
        sum = (sum ^ *data++) * 16777619u;
    return sum;
}

/* The server's side: a message, and how much of it has been sent. */
struct sender {
    struct message message;
    size_t at;
};

static int begin_message(struct sender *sender)
{
    size_t length = 1 + (size_t)rand() % 60000, i;
    unsigned char head[HEAD] = { 0 };
    uint32_t sum;

    sender->message.length = sender->at = 0;
    if (message_append(&sender->message, head, HEAD, MAX_MESSAGE) < 0)
        return -1;
    for (i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)(rand() >> 8);

        if (message_append(&sender->message, &byte, 1, MAX_MESSAGE) < 0)
            return -1;
    }
    sum = checksum(message_bytes(&sender->message) + HEAD, length);
    for (i = 0; i < HEAD; i++)
        message_bytes(&sender->message)[i] = (unsigned char)(sum >> (24 - 8 * i));
    return 0;
}

static int send_fragment(struct libwebsocket *wsi, struct sender *sender)
{
    unsigned char block[LWS_SEND_BUFFER_PRE_PADDING + MAX_FRAGMENT + LWS_SEND_BUFFER_POST_PADDING];
    unsigned char *data = block + LWS_SEND_BUFFER_PRE_PADDING;
    size_t left = sender->message.length - sender->at, n = 1 + (size_t)rand() % MAX_FRAGMENT;
    int kind = sender->at ? LWS_WRITE_CONTINUATION : LWS_WRITE_BINARY;

    if (n > left)
        n = left;
    if (n < left)
        kind |= LWS_WRITE_NO_FIN;
    memcpy(data, message_bytes(&sender->message) + sender->at, n);
    if (libwebsocket_write(wsi, data, n, (enum libwebsocket_write_protocol)kind) < 0)
        return -1;
    sender->at += n;
    return sender->at == sender->message.length ? begin_message(sender) : 0;
}

/* The client's side. */
static struct message received;

static void check_message(void)
{
    const unsigned char *data = message_bytes(&received);
    uint32_t sum = 0;
    int i;

    for (i = 0; i < HEAD; i++)
        sum = sum << 8 | data[i];
    if (received.length <= HEAD || sum != checksum(data + HEAD, received.length - HEAD)) {
        fprintf(stderr, "fragments: message %d of %zu bytes is damaged\n", checked, received.length);
        failed = finished = 1;
    }
    if (++checked == wanted)
        finished = 1;
    received.length = 0;
}

static int on_fragments(struct libwebsocket_context *context, struct libwebsocket *wsi,
                        enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        if (begin_message(user) < 0)
            return -1;
        libwebsocket_callback_on_writable(context, wsi);
        break;

    case LWS_CALLBACK_SERVER_WRITEABLE:
        if (send_fragment(wsi, user) < 0)
            return -1;
        libwebsocket_callback_on_writable(context, wsi);
        break;

    case LWS_CALLBACK_CLIENT_RECEIVE:
        if (finished)
            return -1;
        if (message_append(&received, in, len, MAX_MESSAGE) < 0) {
            failed = finished = 1;
            return -1;
        }
        if (!libwebsockets_remaining_packet_payload(wsi)) {
            fragments++;
            if (libwebsocket_is_final_fragment(wsi))
                check_message();
        }
        break;

    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        fprintf(stderr, "fragments: no connection\n");
        failed = finished = 1;
        break;

    case LWS_CALLBACK_CLOSED:
        if (user)
            message_free(&((struct sender *)user)->message);
        finished = 1;
        break;

    default:
        break;
    }
    return 0;
}

static struct libwebsocket_protocols sender_protocols[] = {
    { "fragments", on_fragments, sizeof(struct sender), 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
}, receiver_protocols[] = {
    { "fragments", on_fragments, 0, 1000, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
    struct lws_context_creation_info info;
    struct libwebsocket_context *context;
    int option, is_client = 0, port;

    while ((option = getopt(argc, argv, "cn:")) != -1) {
        switch (option) {
        case 'c': is_client = 1; break;
        case 'n': wanted = atoi(optarg); break;
        default: return 2;
        }
    }
    if (is_client && argc - optind < 2)
        return 2;
    port = is_client ? CONTEXT_PORT_NO_LISTEN : argc > optind ? atoi(argv[optind]) : free_port();
    lws_set_log_level(LLL_ERR, NULL);
    info = describe(port, is_client ? receiver_protocols : sender_protocols);
    context = libwebsocket_create_context(&info);
    if (!context)
        return 1;
    if (!is_client) {
        printf("listening on 127.0.0.1:%d\n", port);
        fflush(stdout);
        while (libwebsocket_service(context, 1000) >= 0)
            ;
    } else if (!libwebsocket_client_connect(context, argv[optind], atoi(argv[optind + 1]), 0, "/", argv[optind], NULL,
                                            "fragments", -1)) {
        fprintf(stderr, "fragments: no connection\n");
        failed = finished = 1;
    }
    while (is_client && !finished && libwebsocket_service(context, 1000) >= 0)
        ;
    libwebsocket_context_destroy(context);
    if (is_client && !failed)
        printf("%d messages in %d fragments, all whole\n", checked, fragments);
    message_free(&received);
    return failed || (is_client && checked < wanted);
}
