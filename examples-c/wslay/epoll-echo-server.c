/* A WebSocket echo server for many clients: one thread, non-blocking sockets, epoll.
 *
 *   epoll-echo-server [PORT]
 *
 * Listens on 127.0.0.1, port 0 (the default) being one that the kernel chooses, and says which it is. A
 * client that does not read is not read from either: its replies are bounded.
 */
#include "handshake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wslay/wslay.h>

enum { MAX_MESSAGE = 64 << 20, MAX_QUEUED = 1 << 20, MAX_EVENTS = 256 };

struct client {
    int fd;
    uint32_t events;
    /* NULL until the handshake is done, and again when all is said. */
    wslay_event_context_ptr ctx;
    int closing;
    struct handshake *hs;
    /* Frames that arrived together with the request, in hs. */
    size_t early, early_end;
};

static int poller, listener, full;

static ssize_t recv_callback(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags, void *user_data)
{
    struct client *client = user_data;
    ssize_t n;

    (void)flags;
    if (client->early < client->early_end) {
        size_t early = client->early_end - client->early;

        if (early > len)
            early = len;
        memcpy(buf, client->hs->text + client->early, early);
        client->early += early;
        return (ssize_t)early;
    }
    if (wslay_event_get_queued_msg_length(ctx) > MAX_QUEUED) {
        wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    do {
        n = recv(client->fd, buf, len, 0);
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

    do {
        n = send(client->fd, data, len, MSG_NOSIGNAL | (flags & WSLAY_MSG_MORE ? MSG_MORE : 0));
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        wslay_event_set_error(ctx, errno == EAGAIN || errno == EWOULDBLOCK ? WSLAY_ERR_WOULDBLOCK
                                                                         : WSLAY_ERR_CALLBACK_FAILURE);
    return n;
}

static void on_msg_recv_callback(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *arg,
                                 void *user_data)
{
    struct wslay_event_msg reply;

    (void)user_data;
    if (wslay_is_ctrl_frame(arg->opcode))
        return;
    reply.opcode = arg->opcode;
    reply.msg = arg->msg;
    reply.msg_length = arg->msg_length;
    wslay_event_queue_msg(ctx, &reply);
}

/* Without a free descriptor the listener would be ready for ever: it waits until a client has gone. */
static void set_full(int is_full)
{
    struct epoll_event event;

    full = is_full;
    event.events = full ? 0 : EPOLLIN;
    event.data.ptr = NULL;
    epoll_ctl(poller, EPOLL_CTL_MOD, listener, &event);
}

static void client_free(struct client *client)
{
    wslay_event_context_free(client->ctx);
    close(client->fd);
    free(client->hs);
    free(client);
    if (full)
        set_full(0);
}

static int client_watch(struct client *client, uint32_t events)
{
    struct epoll_event event;

    if (events == client->events)
        return 0;
    event.events = client->events = events;
    event.data.ptr = client;
    return epoll_ctl(poller, EPOLL_CTL_MOD, client->fd, &event);
}

/* Everything has been sent. Closing while input is unread would reset the connection, and the client might
 * never see the close frame: what still comes is thrown away until the client closes too. */
static int client_finish(struct client *client)
{
    wslay_event_context_free(client->ctx);
    client->ctx = NULL;
    client->closing = 1;
    shutdown(client->fd, SHUT_WR);
    return client_watch(client, EPOLLIN);
}

static int client_drain(struct client *client)
{
    char rest[65536];
    ssize_t n = recv(client->fd, rest, sizeof rest, 0);

    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)) ? 0 : -1;
}

/* Reads the request. Returns -1 when the client is to be closed. */
static int client_upgrade(struct client *client)
{
    static const struct wslay_event_callbacks callbacks = { recv_callback, send_callback, NULL, NULL, NULL, NULL,
                                                            on_msg_recv_callback };
    struct handshake *hs = client->hs;
    char response[512];
    ssize_t n;
    int end, length;

    n = recv(client->fd, hs->text + hs->length, sizeof hs->text - hs->length, 0);
    if (n <= 0)
        return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
    hs->length += (size_t)n;
    end = handshake_end(hs);
    if (end <= 0)
        return end;
    length = handshake_answer(hs, response, sizeof response);
    /* The first bytes on a new connection always fit its buffer. */
    if (send(client->fd, response, (size_t)abs(length), MSG_NOSIGNAL) != abs(length))
        return -1;
    if (length < 0)
        return client_finish(client);
    client->early = (size_t)end;
    client->early_end = hs->length;
    if (wslay_event_context_server_init(&client->ctx, &callbacks, client) != 0)
        return -1;
    wslay_event_config_set_max_recv_msg_length(client->ctx, MAX_MESSAGE);
    return 0;
}

/* Reads and writes what can be. Returns -1 when the client is to be closed. */
static int client_run(struct client *client)
{
    wslay_event_context_ptr ctx;
    uint32_t events = 0;
    int failed;

    if (client->closing)
        return client_drain(client);
    if (!client->ctx && client_upgrade(client) < 0)
        return -1;
    ctx = client->ctx;
    if (!ctx)
        return 0;
    /* Sending may make room for more replies, so the two alternate until neither goes on. */
    do {
        failed = wslay_event_want_read(ctx) && wslay_event_recv(ctx) != 0;
        if (wslay_event_want_write(ctx) && wslay_event_send(ctx) != 0)
            failed = 1;
    } while (!failed && client->early < client->early_end && wslay_event_want_read(ctx));
    if (failed || (!wslay_event_want_read(ctx) && !wslay_event_want_write(ctx)))
        return client_finish(client);
    if (wslay_event_want_read(ctx) && wslay_event_get_queued_msg_length(ctx) <= MAX_QUEUED)
        events |= EPOLLIN;
    if (wslay_event_want_write(ctx))
        events |= EPOLLOUT;
    return client_watch(client, events);
}

static void client_new(void)
{
    struct epoll_event event;
    struct client *client;
    int one = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0) {
        if (errno == EMFILE)
            set_full(1);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    client = calloc(1, sizeof *client);
    if (!client) {
        close(fd);
        return;
    }
    client->fd = fd;
    client->hs = calloc(1, sizeof *client->hs);
    client->events = event.events = EPOLLIN;
    event.data.ptr = client;
    if (!client->hs || epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0)
        client_free(client);
}

int main(int argc, char **argv)
{
    struct epoll_event events[MAX_EVENTS];
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int one = 1;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0));
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    poller = epoll_create1(0);
    events[0].events = EPOLLIN;
    events[0].data.ptr = NULL;
    if (listener < 0 || poller < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(listener, 512) < 0 || getsockname(listener, (struct sockaddr *)&address, &length) < 0 ||
        epoll_ctl(poller, EPOLL_CTL_ADD, listener, &events[0]) < 0) {
        perror("epoll-echo-server");
        return 1;
    }
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int i, n = epoll_wait(poller, events, MAX_EVENTS, -1);

        for (i = 0; i < n; i++) {
            struct client *client = events[i].data.ptr;

            if (!client)
                client_new();
            else if (client_run(client) < 0)
                client_free(client);
        }
    }
}
