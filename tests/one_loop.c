/* Three of the libraries in one process, one thread and one poll loop, each waking the next:
 *
 *   a Waltham server tells its client a number; the client sends it as text through a WebSocket of wslay's; a
 *   libwebsockets server, whose descriptors are polled here as well, sends it back; and then the Waltham server tells
 *   the next number.
 *
 *   one_loop ROUNDS        prints how many rounds there were
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libwebsockets.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <waltham-client.h>
#include <waltham-connection.h>
#include <waltham-server.h>
#include <wslay/wslay.h>

enum { WEBSOCKET, WALTHAM_SERVER, WALTHAM_CLIENT, OWN, MOST = 64 };

/* The first OWN are ours, the others those of libwebsockets. */
static struct pollfd fds[MOST];
static int count = OWN;

static long rounds, done;
static int failed;

static struct wthp_registry *served_registry;
static wslay_event_context_ptr websocket;
static unsigned char reply[LWS_SEND_BUFFER_PRE_PADDING + 64 + LWS_SEND_BUFFER_POST_PADDING];
static size_t reply_length;

static void fail(const char *what)
{
    perror(what);
    failed = 1;
}

/* The WebSocket's bytes. */

static ssize_t on_recv(wslay_event_context_ptr ctx, uint8_t *buffer, size_t length, int flags, void *data)
{
    ssize_t n = recv(fds[WEBSOCKET].fd, buffer, length, 0);

    (void)flags;
    (void)data;
    if (n <= 0)
        wslay_event_set_error(ctx, n < 0 && errno == EAGAIN ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return n > 0 ? n : -1;
}

static ssize_t on_send(wslay_event_context_ptr ctx, const uint8_t *bytes, size_t length, int flags, void *data)
{
    int more = flags & WSLAY_MSG_MORE ? MSG_MORE : 0;
    ssize_t n = send(fds[WEBSOCKET].fd, bytes, length, MSG_NOSIGNAL | more);

    (void)data;
    if (n < 0)
        wslay_event_set_error(ctx, errno == EAGAIN ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return n;
}

static int on_mask(wslay_event_context_ptr ctx, uint8_t *key, size_t length, void *data)
{
    (void)ctx;
    (void)data;
    memset(key, 0x5a, length);
    return 0;
}

/* A number came back: the next one. */
static void on_message(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *arg, void *data)
{
    char text[32];

    (void)ctx;
    (void)data;
    if (arg->opcode != WSLAY_TEXT_FRAME)
        return;
    snprintf(text, sizeof text, "%ld", done);
    if (arg->msg_length != strlen(text) || memcmp(arg->msg, text, arg->msg_length) != 0)
        fail("another number came back");
    if (++done < rounds)
        wthp_registry_send_global(served_registry, (uint32_t)done, "round", 1);
}

/* The two ends of a Waltham connection. */

static void on_registry(struct wthp_registry *registry, void *data)
{
    (void)data;
    served_registry = registry;
    wthp_registry_send_global(registry, 0, "round", 1);
}

static void on_global(struct wthp_registry *registry, uint32_t name, const char *interface, uint32_t version)
{
    char text[32];
    struct wslay_event_msg message = { WSLAY_TEXT_FRAME, (const uint8_t *)text, 0 };

    (void)registry;
    (void)interface;
    (void)version;
    message.msg_length = (size_t)snprintf(text, sizeof text, "%u", name);
    if (wslay_event_queue_msg(websocket, &message) != 0)
        fail("queue");
}

static void on_global_remove(struct wthp_registry *registry, uint32_t name)
{
    (void)registry;
    (void)name;
}

static const struct wthp_registry_listener registry_listener = { on_global, on_global_remove };

/* The server. */

static int find(void *in)
{
    int i;

    for (i = OWN; i < count; i++)
        if (fds[i].fd == (int)(long)in)
            return i;
    return -1;
}

static int on_server(struct libwebsocket_context *context, struct libwebsocket *wsi,
                     enum libwebsocket_callback_reasons reason, void *user, void *in, size_t length)
{
    int place;

    (void)user;
    switch (reason) {
    case LWS_CALLBACK_ADD_POLL_FD:
        if (count == MOST)
            return 1;
        fds[count].fd = (int)(long)in;
        fds[count].events = (short)length;
        fds[count++].revents = 0;
        break;
    case LWS_CALLBACK_DEL_POLL_FD:
        if ((place = find(in)) >= 0)
            fds[place] = fds[--count];
        break;
    case LWS_CALLBACK_SET_MODE_POLL_FD:
        if ((place = find(in)) >= 0)
            fds[place].events = (short)(fds[place].events | (int)length);
        break;
    case LWS_CALLBACK_CLEAR_MODE_POLL_FD:
        if ((place = find(in)) >= 0)
            fds[place].events = (short)(fds[place].events & ~(int)length);
        break;
    case LWS_CALLBACK_RECEIVE:
        if (length > 64)
            return -1;
        memcpy(reply + LWS_SEND_BUFFER_PRE_PADDING, in, length);
        reply_length = length;
        libwebsocket_callback_on_writable(context, wsi);
        break;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        if (libwebsocket_write(wsi, reply + LWS_SEND_BUFFER_PRE_PADDING, reply_length, LWS_WRITE_TEXT) < 0)
            return -1;
        break;
    default:
        break;
    }
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { .name = "ring", .callback = on_server },
    { .name = NULL },
};

/* A port that nobody uses now. */
static int free_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) < 0)
        return 0;
    close(fd);
    return ntohs(address.sin_port);
}

static void serve(struct libwebsocket_context *context, struct wth_connection *server, struct wth_connection *client)
{
    struct pollfd ready[MOST];
    int i, all = count;

    fds[WEBSOCKET].events = (short)(POLLIN | (websocket && wslay_event_want_write(websocket) ? POLLOUT : 0));
    if (poll(fds, (nfds_t)count, 10000) <= 0) {
        fail("nothing happens");
        return;
    }
    /* Serving one descriptor moves others. */
    memcpy(ready, fds, sizeof ready);
    if (websocket && ready[WEBSOCKET].revents & POLLIN && wslay_event_recv(websocket) != 0)
        fail("wslay_event_recv");
    if (ready[WALTHAM_SERVER].revents && (wth_connection_read(server) < 0 || wth_connection_dispatch(server) < 0))
        fail("the Waltham server");
    if (ready[WALTHAM_CLIENT].revents && (wth_connection_read(client) < 0 || wth_connection_dispatch(client) < 0))
        fail("the Waltham client");
    if (websocket && wslay_event_want_write(websocket) && wslay_event_send(websocket) != 0)
        fail("wslay_event_send");
    for (i = OWN; i < all; i++)
        if (ready[i].revents)
            libwebsocket_service_fd(context, &ready[i]);
}

/* The opening handshake, by hand. The server's answer has no body, so that it ends with an empty line. */
static int opened(void)
{
    static char answer[1024];
    static size_t length;

    while (length < sizeof answer - 1 && !strstr(answer, "\r\n\r\n")) {
        ssize_t n = recv(fds[WEBSOCKET].fd, answer + length, 1, 0);

        if (n <= 0)
            break;
        length += (size_t)n;
    }
    return strncmp(answer, "HTTP/1.1 101 ", 13) == 0 && strstr(answer, "\r\n\r\n");
}

int main(int argc, char **argv)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                                  "Sec-WebSocket-Protocol: ring\r\n\r\n";
    struct wslay_event_callbacks callbacks = { on_recv, on_send, on_mask, NULL, NULL, NULL, on_message };
    struct lws_context_creation_info info;
    struct libwebsocket_context *context;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct wth_connection *server, *client;
    struct wthp_registry *registry;
    int pair[2];

    rounds = argc > 1 ? atol(argv[1]) : 1;
    lws_set_log_level(0, NULL);
    memset(&info, 0, sizeof info);
    info.port = free_port();
    info.iface = "lo";
    info.protocols = protocols;
    info.gid = info.uid = -1;
    context = libwebsocket_create_context(&info);
    address.sin_port = htons((uint16_t)info.port);
    fds[WEBSOCKET].fd = socket(AF_INET, SOCK_STREAM, 0);
    if (!context || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 ||
        connect(fds[WEBSOCKET].fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        send(fds[WEBSOCKET].fd, request, sizeof request - 1, 0) != sizeof request - 1 ||
        fcntl(fds[WEBSOCKET].fd, F_SETFL, O_NONBLOCK) < 0) {
        perror("one_loop");
        return 1;
    }
    server = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_SERVER);
    client = wth_connection_from_fd(pair[1], WTH_CONNECTION_SIDE_CLIENT);
    fds[WALTHAM_SERVER].fd = pair[0];
    fds[WALTHAM_CLIENT].fd = pair[1];
    while (!failed && !opened())
        serve(context, server, client);

    wslay_event_context_client_init(&websocket, &callbacks, NULL);
    fds[WALTHAM_SERVER].events = fds[WALTHAM_CLIENT].events = POLLIN;
    wth_connection_set_registry_callback(server, on_registry, NULL);
    registry = wth_connection_create_registry(client);
    wthp_registry_set_listener(registry, &registry_listener, NULL);
    while (!failed && done < rounds)
        serve(context, server, client);

    wthp_registry_free(registry);
    if (served_registry)
        wthp_registry_free(served_registry);
    wth_connection_destroy(client);
    wth_connection_destroy(server);
    wslay_event_context_free(websocket);
    close(fds[WEBSOCKET].fd);
    libwebsocket_context_destroy(context);
    printf("%ld rounds\n", done);
    return failed;
}
