/* A WebSocket echo server with a process for each connection and blocking sockets.
 *
 *   fork-echo-server [PORT]
 *
 * Listens on 127.0.0.1, port 0 (the default) being one that the kernel chooses, and says which it is.
 */
#include "handshake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wslay/wslay.h>

enum { MAX_MESSAGE = 64 << 20 };

struct session {
    int fd;
    /* Frames that arrived together with the request. */
    const char *early;
    size_t early_length;
};

static ssize_t recv_callback(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags, void *user_data)
{
    struct session *session = user_data;
    ssize_t n;

    (void)flags;
    if (session->early_length > 0) {
        size_t early = session->early_length < len ? session->early_length : len;

        memcpy(buf, session->early, early);
        session->early += early;
        session->early_length -= early;
        return (ssize_t)early;
    }
    /* Blocks only while nothing can be sent: a reply goes out before the next message is awaited. */
    do {
        n = recv(session->fd, buf, len, wslay_event_want_write(ctx) ? MSG_DONTWAIT : 0);
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
    struct session *session = user_data;
    ssize_t n;

    do {
        n = send(session->fd, data, len, MSG_NOSIGNAL | (flags & WSLAY_MSG_MORE ? MSG_MORE : 0));
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        wslay_event_set_error(ctx, WSLAY_ERR_CALLBACK_FAILURE);
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

static int send_all(int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t n = send(fd, data, length, MSG_NOSIGNAL);

        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0) {
            data += n;
            length -= (size_t)n;
        }
    }
    return 0;
}

/* Returns the length of the request's header, or -1. */
static int upgrade(int fd, struct handshake *hs)
{
    char response[512];
    int end, length;

    hs->length = 0;
    while ((end = handshake_end(hs)) == 0) {
        ssize_t n = recv(fd, hs->text + hs->length, sizeof hs->text - hs->length, 0);

        if (n <= 0)
            return -1;
        hs->length += (size_t)n;
    }
    if (end < 0)
        return -1;
    length = handshake_answer(hs, response, sizeof response);
    if (send_all(fd, response, (size_t)abs(length)) < 0 || length < 0)
        return -1;
    return end;
}

static void serve(int fd)
{
    static const struct wslay_event_callbacks callbacks = { recv_callback, send_callback, NULL, NULL, NULL, NULL,
                                                            on_msg_recv_callback };
    static struct handshake hs;
    struct session session;
    wslay_event_context_ptr ctx;
    int end = upgrade(fd, &hs);

    if (end < 0)
        return;
    session.fd = fd;
    session.early = hs.text + end;
    session.early_length = hs.length - (size_t)end;
    if (wslay_event_context_server_init(&ctx, &callbacks, &session) != 0)
        return;
    wslay_event_config_set_max_recv_msg_length(ctx, MAX_MESSAGE);
    while (wslay_event_want_read(ctx) || wslay_event_want_write(ctx)) {
        if (wslay_event_want_read(ctx) && wslay_event_recv(ctx) != 0)
            break;
        if (wslay_event_want_write(ctx) && wslay_event_send(ctx) != 0)
            break;
    }
    /* Framing that was no WebSocket at all is answered too, as far as possible. */
    wslay_event_send(ctx);
    wslay_event_context_free(ctx);
}

/* Closing while input is unread would reset the connection, and the client might never see the close frame:
 * what still comes is thrown away until the client closes too, for a few seconds. */
static void finish(int fd)
{
    char rest[65536];

    shutdown(fd, SHUT_WR);
    alarm(5);
    while (recv(fd, rest, sizeof rest, 0) > 0)
        continue;
    close(fd);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int listener, one = 1;

    signal(SIGCHLD, SIG_IGN);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0));
    listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(listener, 128) < 0 || getsockname(listener, (struct sockaddr *)&address, &length) < 0) {
        perror("fork-echo-server");
        return 1;
    }
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int fd = accept(listener, NULL, NULL);

        if (fd < 0)
            continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        switch (fork()) {
        case -1:
            perror("fork-echo-server: fork");
            break;
        case 0:
            close(listener);
            serve(fd);
            finish(fd);
            _exit(0);
        }
        close(fd);
    }
}
