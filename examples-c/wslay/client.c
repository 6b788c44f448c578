/* A WebSocket client with a blocking socket.
 *
 *   client HOST PORT PATH [TEXT...]     sends each text, prints each reply, closes
 *   client -n COUNT -s SIZE [-b] [-f] HOST PORT PATH
 *                                       sends messages of SIZE bytes, binary with -b, in fragments with -f,
 *                                       checks that each comes back, closes and prints how many did
 *   client -e HOST PORT PATH            echoes what the server sends until it closes; prints the last text
 *
 * Ends with status 0 when the server closed properly and every reply was right.
 */
#include "handshake.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wslay/wslay.h>

struct client {
    int fd;
    struct handshake hs;
    size_t early;
    int echo, binary, fragmented, failed;
    /* What is to be sent: texts, or messages made of letters. */
    char **texts;
    long count, sent, received;
    size_t size, made;
    uint8_t *message;
    char last[256];
};

static ssize_t recv_callback(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags, void *user_data)
{
    struct client *client = user_data;
    ssize_t n;

    (void)flags;
    if (client->early < client->hs.length) {
        size_t early = client->hs.length - client->early;

        if (early > len)
            early = len;
        memcpy(buf, client->hs.text + client->early, early);
        client->early += early;
        return (ssize_t)early;
    }
    do {
        n = recv(client->fd, buf, len, wslay_event_want_write(ctx) ? MSG_DONTWAIT : 0);
    } while (n < 0 && errno == EINTR);
    if (n > 0)
        return n;
    wslay_event_set_error(ctx, n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? WSLAY_ERR_WOULDBLOCK
                                                                               : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static ssize_t send_callback(wslay_event_context_ptr ctx, const uint8_t *data, size_t len, int flags,
                             void *user_data)
{
    struct client *client = user_data;
    ssize_t n;

    /* Does not block, so that replies are read while a large message goes out. */
    do {
        n = send(client->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL | (flags & WSLAY_MSG_MORE ? MSG_MORE : 0));
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        wslay_event_set_error(ctx, errno == EAGAIN || errno == EWOULDBLOCK ? WSLAY_ERR_WOULDBLOCK
                                                                         : WSLAY_ERR_CALLBACK_FAILURE);
    return n;
}

static int genmask_callback(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, void *user_data)
{
    (void)ctx;
    (void)user_data;
    return getrandom(buf, len, 0) == (ssize_t)len ? 0 : -1;
}

static ssize_t read_callback(wslay_event_context_ptr ctx, uint8_t *buf, size_t len,
                             const union wslay_event_msg_source *source, int *eof, void *user_data)
{
    struct client *client = user_data;
    size_t n = client->size - client->made;

    (void)ctx;
    (void)source;
    if (n > len)
        n = len;
    memcpy(buf, client->message + client->made, n);
    client->made += n;
    *eof = client->made == client->size;
    return (ssize_t)n;
}

/* Queues the next message, or a close frame after the last. */
static void send_next(wslay_event_context_ptr ctx, struct client *client)
{
    struct wslay_event_msg msg;
    struct wslay_event_fragmented_msg fragmented;

    if (client->sent == client->count) {
        wslay_event_queue_close(ctx, WSLAY_CODE_NORMAL_CLOSURE, (const uint8_t *)"done", 4);
        return;
    }
    msg.opcode = client->binary ? WSLAY_BINARY_FRAME : WSLAY_TEXT_FRAME;
    msg.msg = client->texts ? (const uint8_t *)client->texts[client->sent] : client->message;
    msg.msg_length = client->texts ? strlen(client->texts[client->sent]) : client->size;
    client->sent++;
    if (client->fragmented) {
        client->made = 0;
        fragmented.opcode = msg.opcode;
        fragmented.source.data = client->message;
        fragmented.read_callback = read_callback;
        wslay_event_queue_fragmented_msg(ctx, &fragmented);
    } else {
        wslay_event_queue_msg(ctx, &msg);
    }
}

static void on_msg_recv_callback(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *arg,
                                 void *user_data)
{
    struct client *client = user_data;
    struct wslay_event_msg reply;

    if (wslay_is_ctrl_frame(arg->opcode))
        return;
    if (client->echo) {
        snprintf(client->last, sizeof client->last, "%.*s", (int)(arg->msg_length < 200 ? arg->msg_length : 200),
                 arg->msg ? (const char *)arg->msg : "");
        reply.opcode = arg->opcode;
        reply.msg = arg->msg;
        reply.msg_length = arg->msg_length;
        wslay_event_queue_msg(ctx, &reply);
        return;
    }
    client->received++;
    if (client->texts)
        printf("%.*s\n", (int)arg->msg_length, arg->msg ? (const char *)arg->msg : "");
    else if (arg->msg_length != client->size ||
             (client->size > 0 && memcmp(arg->msg, client->message, client->size) != 0))
        client->failed = 1;
    send_next(ctx, client);
}

static int connect_to(const char *host, const char *port)
{
    struct addrinfo hints, *all, *one;
    int fd = -1, on = 1;

    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, port, &hints, &all) != 0)
        return -1;
    for (one = all; one && fd < 0; one = one->ai_next) {
        fd = socket(one->ai_family, one->ai_socktype, one->ai_protocol);
        if (fd >= 0 && connect(fd, one->ai_addr, one->ai_addrlen) < 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(all);
    if (fd >= 0)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static int upgrade(struct client *client, const char *host, const char *port, const char *path)
{
    char request[4096], key[25];
    int end, length = handshake_request(host, port, path, key, request, sizeof request);

    if (length < 0 || send(client->fd, request, (size_t)length, MSG_NOSIGNAL) != length)
        return -1;
    while ((end = handshake_end(&client->hs)) == 0) {
        ssize_t n = recv(client->fd, client->hs.text + client->hs.length,
                         sizeof client->hs.text - client->hs.length, 0);

        if (n <= 0)
            return -1;
        client->hs.length += (size_t)n;
    }
    client->early = (size_t)end;
    return end > 0 && handshake_accepted(&client->hs, key) ? 0 : -1;
}

/* Waits until the socket is ready for what is wanted: recv blocks, but not while something is to be sent. */
static void wait_for(wslay_event_context_ptr ctx, int fd)
{
    fd_set reads, writes;

    FD_ZERO(&reads);
    FD_ZERO(&writes);
    if (wslay_event_want_read(ctx))
        FD_SET(fd, &reads);
    if (wslay_event_want_write(ctx))
        FD_SET(fd, &writes);
    select(fd + 1, &reads, &writes, NULL, NULL);
}

int main(int argc, char **argv)
{
    static const struct wslay_event_callbacks callbacks = { recv_callback, send_callback, genmask_callback, NULL,
                                                            NULL,          NULL,          on_msg_recv_callback };
    static struct client client;
    wslay_event_context_ptr ctx;
    size_t i;
    int option;

    while ((option = getopt(argc, argv, "+n:s:bfe")) != -1) {
        switch (option) {
        case 'n':
            client.count = atol(optarg);
            break;
        case 's':
            client.size = (size_t)atol(optarg);
            break;
        case 'b':
            client.binary = 1;
            break;
        case 'f':
            client.fragmented = 1;
            break;
        case 'e':
            client.echo = 1;
            break;
        default:
            return 2;
        }
    }
    if (argc - optind < 3) {
        fprintf(stderr, "usage: client [-e | -n COUNT -s SIZE [-b] [-f]] HOST PORT PATH [TEXT...]\n");
        return 2;
    }
    if (argc - optind > 3) {
        client.texts = argv + optind + 3;
        client.count = argc - optind - 3;
    }
    client.message = malloc(client.size + 1);
    if (!client.message)
        return 1;
    for (i = 0; i < client.size; i++)
        client.message[i] = (uint8_t)('a' + i % 26);
    client.fd = connect_to(argv[optind], argv[optind + 1]);
    if (client.fd < 0 || upgrade(&client, argv[optind], argv[optind + 1], argv[optind + 2]) < 0) {
        fprintf(stderr, "client: no WebSocket at %s:%s%s\n", argv[optind], argv[optind + 1], argv[optind + 2]);
        return 1;
    }
    if (wslay_event_context_client_init(&ctx, &callbacks, &client) != 0)
        return 1;
    wslay_event_config_set_max_recv_msg_length(ctx, 64 << 20);
    if (!client.echo)
        send_next(ctx, &client);
    while (wslay_event_want_read(ctx) || wslay_event_want_write(ctx)) {
        if (wslay_event_want_write(ctx) && wslay_event_send(ctx) != 0)
            break;
        if (wslay_event_want_write(ctx))
            wait_for(ctx, client.fd);
        if (wslay_event_want_read(ctx) && wslay_event_recv(ctx) != 0)
            break;
    }
    wslay_event_send(ctx);
    if (!wslay_event_get_close_received(ctx) && !client.echo)
        client.failed = 1;
    if (client.echo)
        printf("%s\n", client.last);
    else if (!client.texts)
        printf("%ld of %ld messages came back, close code %d\n", client.received, client.count,
               wslay_event_get_status_code_received(ctx));
    wslay_event_context_free(ctx);
    close(client.fd);
    free(client.message);
    return client.failed || client.received != client.sent;
}
