/* harness: ours-only the original crashes or ends the process in many of these
 *
 * Connections: results and errno of every call, what may happen in handlers, and what outlives what.
 */
#include "check.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <waltham-client.h>
#include <waltham-connection.h>
#include <waltham-server.h>

static struct wth_connection *client, *server;
static struct wthp_registry *server_registry, *registry;
static int calls;

static void on_bind(struct wthp_registry *self, uint32_t name, struct wth_object *id, const char *interface,
                    uint32_t version)
{
    (void)self;
    (void)name;
    (void)interface;
    (void)version;
    wth_object_delete(id);
    calls++;
}

static void on_registry_destroy(struct wthp_registry *self)
{
    CHECK(self == server_registry);
    wthp_registry_free(self);
    server_registry = NULL;
}

static const struct wthp_registry_interface registry_interface = { on_registry_destroy, on_bind };

static void on_registry(struct wthp_registry *self, void *user_data)
{
    CHECK(user_data == &calls);
    server_registry = self;
    wthp_registry_set_interface(self, &registry_interface, NULL);
}

static void open_pair(void)
{
    int pair[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    client = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_CLIENT);
    server = wth_connection_from_fd(pair[1], WTH_CONNECTION_SIDE_SERVER);
    CHECK_EQ(wth_connection_get_fd(client), pair[0]);
    CHECK_EQ(wth_connection_get_fd(server), pair[1]);
    wth_connection_set_registry_callback(server, on_registry, &calls);
    registry = wth_connection_create_registry(client);
    CHECK_EQ(wth_connection_read(server), 0);
    CHECK_EQ(wth_connection_dispatch(server), 1);
    calls = 0;
}

static void close_pair(void)
{
    wthp_registry_free(registry);
    if (server_registry)
        wthp_registry_free(server_registry);
    wth_connection_destroy(client);
    wth_connection_destroy(server);
    server_registry = NULL;
}

static void nonblocking(struct wth_connection *conn)
{
    int fd = wth_connection_get_fd(conn);

    CHECK_EQ(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK), 0);
}

/* One turn of the server. */
static void serve(void)
{
    CHECK_EQ(wth_connection_read(server), 0);
    CHECK(wth_connection_dispatch(server) >= 0);
}

static void results_and_errno(void)
{
    const char *interface = "x";
    uint32_t id = 99;

    open_pair();
    nonblocking(client);
    CHECK_EQ(wth_connection_get_error(client), 0);
    CHECK_EQ(wth_connection_get_protocol_error(client, &interface, &id), 0);
    CHECK(interface == NULL && id == 0);
    CHECK_EQ(wth_connection_get_protocol_error(client, NULL, NULL), 0);
    errno = 0;
    CHECK_EQ(wth_connection_read(client), -1);
    CHECK_EQ(errno, EAGAIN);
    CHECK_EQ(wth_connection_get_error(client), 0);
    CHECK_EQ(wth_connection_dispatch(client), 0);
    CHECK_EQ(wth_connection_flush(client), 0);

    /* The first error stays; EPROTO overrides it, and nothing EPROTO. */
    wth_connection_set_error(client, EIO);
    wth_connection_set_error(client, EBADF);
    CHECK_EQ(wth_connection_get_error(client), EIO);
    errno = 0;
    CHECK_EQ(wth_connection_read(client), -1);
    CHECK_EQ(errno, EIO);
    wth_connection_set_protocol_error(client, 7, "wthp_surface", 3);
    wth_connection_set_error(client, EIO);
    CHECK_EQ(wth_connection_get_error(client), EPROTO);
    CHECK_EQ(wth_connection_get_protocol_error(client, &interface, &id), 3);
    CHECK(strcmp(interface, "wthp_surface") == 0 && id == 7);
    errno = 0;
    CHECK_EQ(wth_connection_dispatch(client), -1);
    CHECK_EQ(errno, EPROTO);
    /* Then what comes is read and thrown away, and sending and flushing go on. */
    wthp_registry_send_global(server_registry, 1, "x", 1);
    CHECK_EQ(wth_connection_read(client), 0);
    CHECK_EQ(wth_connection_flush(client), 0);
    CHECK_EQ(wth_connection_dispatch(client), -1);
    close_pair();

    CHECK_EQ(wth_connection_read(NULL), -1);
    CHECK_EQ(wth_connection_dispatch(NULL), -1);
    CHECK_EQ(wth_connection_flush(NULL), -1);
    CHECK_EQ(wth_connection_roundtrip(NULL), -1);
    CHECK_EQ(wth_connection_get_fd(NULL), -1);
    wth_connection_destroy(NULL);
    wth_object_delete(NULL);
}

static void end_of_stream(void)
{
    open_pair();
    wthp_registry_send_global(server_registry, 1, "x", 1);
    wthp_registry_free(server_registry);
    server_registry = NULL;
    wth_connection_destroy(server);
    server = NULL;
    CHECK_EQ(wth_connection_read(client), 0);
    errno = EAGAIN;
    CHECK_EQ(wth_connection_read(client), -1);
    CHECK_EQ(errno, EPIPE);
    CHECK_EQ(wth_connection_get_error(client), EPIPE);
    /* What was read before the end is delivered, and then the error. */
    errno = 0;
    CHECK_EQ(wth_connection_dispatch(client), -1);
    CHECK_EQ(errno, EPIPE);
    /* Sending to nobody is no signal and no end of the process; ids go on. */
    wthp_registry_free(registry);
    registry = wth_connection_create_registry(client);
    CHECK(registry != NULL);
    wthp_registry_free(registry);
    wth_connection_destroy(client);
}

static int globals;

static void count_global(struct wthp_registry *self, uint32_t name, const char *interface, uint32_t version)
{
    (void)self;
    (void)interface;
    (void)version;
    CHECK_EQ(name, (uint32_t)globals);
    globals++;
}

static const struct wthp_registry_listener counting = { count_global, NULL };

static void reading_twice_appends(void)
{
    int i;

    open_pair();
    wthp_registry_set_listener(registry, &counting, NULL);
    globals = 0;
    for (i = 0; i < 4; i++) {
        wthp_registry_send_global(server_registry, (uint32_t)i, "interface", 1);
        CHECK_EQ(wth_connection_read(client), 0);
    }
    CHECK_EQ(wth_connection_dispatch(client), 4);
    CHECK_EQ(globals, 4);
    close_pair();
}

/* A full buffer of undispatched messages stops reading; nothing is lost. */
static void reading_stops_when_full(void)
{
    char text[60000];
    int i, reads = 0;

    open_pair();
    nonblocking(client);
    nonblocking(server);
    wthp_registry_set_listener(registry, &counting, NULL);
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    globals = 0;
    for (i = 0; i < 20; i++)
        wthp_registry_send_global(server_registry, (uint32_t)i, text, 1);
    for (i = 0; i < 50; i++) {
        int flushed = wth_connection_flush(server);

        CHECK(flushed == 0 || errno == EAGAIN);
        if (wth_connection_read(client) == 0)
            reads++;
        else
            CHECK_EQ(errno, EAGAIN);
    }
    CHECK(reads > 0);
    for (i = 0; i < 200 && globals < 20; i++) {
        CHECK(wth_connection_dispatch(client) >= 0);
        CHECK(wth_connection_flush(server) == 0 || errno == EAGAIN);
        CHECK(wth_connection_read(client) == 0 || errno == EAGAIN);
    }
    CHECK_EQ(globals, 20);
    CHECK_EQ(wth_connection_flush(server), 0);
    close_pair();
}

/* A peer that does not read: messages are queued in order, and go when there is room. */
static void slow_peer(void)
{
    static char text[30000];
    int i, turns = 0;

    open_pair();
    nonblocking(client);
    memset(text, 'y', sizeof text - 1);
    for (i = 0; i < 100; i++)
        wth_object_delete(wthp_registry_bind(registry, (uint32_t)i, text, 1));
    errno = 0;
    CHECK_EQ(wth_connection_flush(client), -1);
    CHECK_EQ(errno, EAGAIN);
    CHECK_EQ(wth_connection_get_error(client), 0);
    while (wth_connection_flush(client) < 0) {
        CHECK_EQ(errno, EAGAIN);
        serve();
        CHECK(++turns < 100000);
    }
    while (calls < 100)
        serve();
    close_pair();
}

/* A message of more than 65535 bytes is refused, and the stream stays whole. */
static void too_long(void)
{
    struct wthp_blob_factory *factory;
    struct wthp_buffer *buffer;

    open_pair();
    factory = (struct wthp_blob_factory *)wthp_registry_bind(registry, 1, "wthp_blob_factory", 1);
    buffer = wthp_blob_factory_create_buffer(factory, 0xffffffff, &factory, 1, 1, 1, 1);
    CHECK(buffer != NULL);
    CHECK_EQ(wth_connection_get_error(client), EMSGSIZE);
    CHECK_EQ(wth_connection_flush(client), 0);
    wthp_buffer_free(buffer);
    serve();
    CHECK_EQ(calls, 1);
    wth_object_delete(wthp_registry_bind(registry, 2, "wthp_blob_factory", 1));
    serve();
    CHECK_EQ(calls, 2);
    wthp_blob_factory_free(factory);
    close_pair();
}

static struct wthp_blob_factory *server_factory;

static void on_create_buffer(struct wthp_blob_factory *self, struct wthp_buffer *buffer, uint32_t data_sz, void *data,
                             int32_t width, int32_t height, int32_t stride, uint32_t format)
{
    uint32_t i;

    CHECK(self == server_factory);
    CHECK_EQ(data_sz, 65496);
    for (i = 0; i < data_sz; i++)
        CHECK_EQ(((unsigned char *)data)[i], i % 251);
    CHECK(width == 1 && height == 2 && stride == -3 && format == 4);
    wthp_buffer_free(buffer);
    calls++;
}

static const struct wthp_blob_factory_interface factory_interface = { on_create_buffer };

static void on_bind_factory(struct wthp_registry *self, uint32_t name, struct wth_object *id, const char *interface,
                            uint32_t version)
{
    (void)self;
    (void)name;
    (void)version;
    CHECK(strcmp(interface, "wthp_blob_factory") == 0);
    server_factory = (struct wthp_blob_factory *)id;
    wthp_blob_factory_set_interface(server_factory, &factory_interface, NULL);
}

static void longest_message(void)
{
    static const struct wthp_registry_interface interface = { NULL, on_bind_factory };
    static unsigned char data[65496];
    struct wthp_blob_factory *factory;
    struct wthp_buffer *buffer;
    pid_t child;
    int status, i;

    for (i = 0; i < (int)sizeof data; i++)
        data[i] = (unsigned char)(i % 251);
    open_pair();
    wthp_registry_set_interface(server_registry, &interface, NULL);
    factory = (struct wthp_blob_factory *)wthp_registry_bind(registry, 1, "wthp_blob_factory", 1);
    /* A blocking sender blocks until the peer has read. */
    child = fork();
    if (child == 0) {
        for (i = 0; i < 20; i++) {
            buffer = wthp_blob_factory_create_buffer(factory, sizeof data, data, 1, 2, -3, 4);
            if (!buffer || wth_connection_get_error(client) != 0)
                _exit(1);
        }
        _exit(0);
    }
    while (calls < 20)
        serve();
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);
    wthp_blob_factory_free(server_factory);
    wthp_blob_factory_free(factory);
    close_pair();
}

static void roundtrips(void)
{
    pid_t child;
    int status;

    open_pair();
    wthp_registry_set_listener(registry, &counting, NULL);
    globals = 0;
    child = fork();
    if (child == 0) {
        close(wth_connection_get_fd(client));
        wthp_registry_send_global(server_registry, 0, "x", 1);
        while (wth_connection_read(server) == 0 && wth_connection_dispatch(server) >= 0)
            ;
        /* A socket that is closed with unread data says so. */
        _exit(wth_connection_get_error(server) == EPIPE || wth_connection_get_error(server) == ECONNRESET ? 0 : 1);
    }
    CHECK_EQ(wth_connection_roundtrip(client), 0);
    CHECK_EQ(globals, 1);
    CHECK_EQ(wth_connection_roundtrip(client), 0);
    wth_connection_set_protocol_error(client, 1, "x", 1);
    errno = 0;
    CHECK_EQ(wth_connection_roundtrip(client), -1);
    CHECK_EQ(errno, EPROTO);
    wth_connection_destroy(client);
    wthp_registry_free(registry);
    wthp_registry_free(server_registry);
    server_registry = NULL;
    wth_connection_destroy(server);
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);

    /* Nobody is there. */
    open_pair();
    wthp_registry_free(server_registry);
    server_registry = NULL;
    wth_connection_destroy(server);
    CHECK_EQ(wth_connection_roundtrip(client), -1);
    CHECK_EQ(wth_connection_roundtrip(client), -1);
    wthp_registry_free(registry);
    wth_connection_destroy(client);
}

/* A dispatch from a handler delivers the following messages, each once. */
static int inner;

static void nest(struct wthp_registry *self, uint32_t name, const char *interface, uint32_t version)
{
    (void)self;
    (void)version;
    CHECK_EQ(name, (uint32_t)globals);
    CHECK(strcmp(interface, "five") == 0);
    globals++;
    if (name == 0)
        inner = wth_connection_dispatch(client);
    CHECK(strcmp(interface, "five") == 0);
}

static const struct wthp_registry_listener nesting = { nest, NULL };

static void nested_dispatch(void)
{
    int i;

    open_pair();
    wthp_registry_set_listener(registry, &nesting, NULL);
    globals = 0;
    for (i = 0; i < 5; i++)
        wthp_registry_send_global(server_registry, (uint32_t)i, "five", 1);
    CHECK_EQ(wth_connection_read(client), 0);
    CHECK_EQ(wth_connection_dispatch(client), 1);
    CHECK_EQ(inner, 4);
    CHECK_EQ(globals, 5);
    close_pair();
}

/* What a running handler was given survives its own reads, however much they bring. */
static int depth;

static void read_much(struct wthp_registry *self, uint32_t name, const char *interface, uint32_t version)
{
    static char text[50000];
    int i;

    (void)self;
    (void)version;
    if (name != 0)
        return;
    memset(text, 'z', sizeof text - 1);
    depth++;
    for (i = 0; i < 40; i++) {
        if (i == 20 && depth < 4)
            wthp_registry_send_global(server_registry, 0, "the handler's own", 1);
        else
            wthp_registry_send_global(server_registry, 1, text, 1);
        CHECK_EQ(wth_connection_read(client), 0);
        CHECK(wth_connection_dispatch(client) >= 0);
        CHECK(strcmp(interface, "the handler's own") == 0);
    }
    depth--;
}

static const struct wthp_registry_listener reading = { read_much, NULL };

static void arguments_survive_reads(void)
{
    open_pair();
    wthp_registry_set_listener(registry, &reading, NULL);
    wthp_registry_send_global(server_registry, 0, "the handler's own", 1);
    CHECK_EQ(wth_connection_read(client), 0);
    CHECK_EQ(wth_connection_dispatch(client), 1);
    close_pair();
}

/* Data that a handler was given stays readable until the next read, also in a later handler. */
static const unsigned char *kept;

static void keep_keymap(struct wthp_keyboard *self, uint32_t format, uint32_t size, void *keymap)
{
    (void)self;
    (void)format;
    CHECK_EQ(size, 5);
    kept = keymap;
}

static void look_at_keymap(struct wthp_keyboard *self, uint32_t serial, struct wthp_surface *surface)
{
    (void)self;
    (void)serial;
    CHECK(surface == NULL);
    CHECK(memcmp(kept, "keys", 5) == 0);
    calls++;
}

static void data_stays_until_the_next_read(void)
{
    static const struct wthp_keyboard_listener listener = { keep_keymap, NULL, look_at_keymap, NULL, NULL, NULL };
    struct wthp_keyboard *keyboard;

    open_pair();
    keyboard = (struct wthp_keyboard *)registry;
    wth_object_delete((struct wth_object *)registry);
    keyboard = (struct wthp_keyboard *)wthp_registry_bind(registry = wth_connection_create_registry(client), 1,
                                                         "something new", 1);
    wthp_registry_free(server_registry);
    wth_object_set_listener((struct wth_object *)keyboard, (void (**)(void))&listener, NULL);
    serve();
    /* Both messages are for id 4, whatever the server calls it. */
    {
        static const unsigned char bytes[] = "\x00\x00\x1c\x00\x2f\x00\x00\x00\x04\x00\x00\x00\x01\x00\x00\x00"
                                             "\x05\x00\x00\x00keys\0\0\0\0"
                                             "\x00\x00\x14\x00\x31\x00\x00\x00\x04\x00\x00\x00\x01\x00\x00\x00"
                                             "\x00\x00\x00\x00";

        CHECK_EQ(send(wth_connection_get_fd(server), bytes, sizeof bytes - 1, 0), (ssize_t)sizeof bytes - 1);
    }
    calls = 0;
    CHECK_EQ(wth_connection_read(client), 0);
    CHECK_EQ(wth_connection_dispatch(client), 2);
    CHECK_EQ(calls, 1);
    wthp_keyboard_free(keyboard);
    close_pair();
}

/* Destroying the connection in a handler, also at several levels. */
static int levels;

static void destroy_client(struct wthp_registry *self, uint32_t name, const char *interface, uint32_t version)
{
    (void)version;
    globals++;
    if (name + 1 < (uint32_t)levels) {
        errno = 0;
        CHECK_EQ(wth_connection_dispatch(client), -1);
        CHECK_EQ(errno, ECONNABORTED);
    } else {
        int fd = wth_connection_get_fd(client);

        wth_connection_destroy(client);
        CHECK_EQ(fcntl(fd, F_GETFD), -1);
    }
    CHECK(strcmp(interface, "gone") == 0);
    (void)self;
}

static const struct wthp_registry_listener destroying = { destroy_client, NULL };

static void destroy_in_a_handler(void)
{
    int i;

    for (levels = 1; levels <= 3; levels++) {
        open_pair();
        wthp_registry_set_listener(registry, &destroying, NULL);
        globals = 0;
        for (i = 0; i < 5; i++)
            wthp_registry_send_global(server_registry, (uint32_t)i, "gone", 1);
        CHECK_EQ(wth_connection_read(client), 0);
        errno = 0;
        CHECK_EQ(wth_connection_dispatch(client), -1);
        CHECK_EQ(errno, ECONNABORTED);
        CHECK_EQ(globals, levels);
        /* Objects outlive their connection: they can be used, to no effect, and freed. */
        wth_object_delete(wthp_registry_bind(registry, 1, "x", 1));
        wthp_registry_destroy(registry);
        wthp_registry_free(server_registry);
        server_registry = NULL;
        wth_connection_destroy(server);
    }
}

/* A program of the tag generation handles the display itself. */
static void own_sync(struct wth_display *self, struct wthp_callback *callback)
{
    CHECK(wth_object_get_user_data((struct wth_object *)self) == &globals);
    wthp_callback_send_done(callback, 7);
    wthp_callback_free(callback);
    calls++;
}

static void own_registry(struct wth_display *self, struct wthp_registry *made)
{
    (void)self;
    wthp_registry_free(made);
    calls++;
}

static void display_of_the_program(void)
{
    static const struct wth_display_interface interface = { NULL, own_sync, own_registry };
    struct wthp_callback *callback;

    open_pair();
    wth_display_set_interface(wth_connection_get_display(server), &interface, &globals);
    callback = wth_connection_sync(client);
    wthp_registry_free(wth_connection_create_registry(client));
    serve();
    CHECK_EQ(calls, 2);
    wthp_callback_free(callback);
    close_pair();
}

static int sends_at_once(struct wth_connection *connection)
{
    int on = 0;
    socklen_t length = sizeof on;

    return getsockopt(wth_connection_get_fd(connection), IPPROTO_TCP, TCP_NODELAY, &on, &length) == 0 && on;
}

static void sockets(void)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    char port[16];
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_EQ(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_EQ(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    snprintf(port, sizeof port, "%d", ntohs(address.sin_port));
    errno = 0;
    CHECK(wth_connect_to_server("127.0.0.1", port) == NULL);
    CHECK_EQ(errno, ECONNREFUSED);
    CHECK_EQ(listen(listener, 5), 0);
    errno = 0;
    CHECK(wth_accept(listener, NULL, NULL) == NULL);
    CHECK_EQ(errno, EAGAIN);
    errno = 0;
    CHECK(wth_connect_to_server("127.0.0.1", "no such service") == NULL);
    CHECK(errno != 0);
    errno = 0;
    CHECK(wth_connect_to_server(NULL, NULL) == NULL);
    CHECK(errno != 0);
    client = wth_connect_to_server("127.0.0.1", port);
    CHECK(client != NULL);
    length = sizeof address;
    server = wth_accept(listener, (struct sockaddr *)&address, &length);
    CHECK(server != NULL);
    CHECK_EQ(address.sin_family, AF_INET);
    /* Neither end holds small messages back. */
    CHECK(sends_at_once(client));
    CHECK(sends_at_once(server));
    wth_connection_destroy(client);
    CHECK_EQ(wth_connection_read(server), -1);
    wth_connection_destroy(server);
    close(listener);
}

/* Programming errors end the process with a word about them. */
static void wrong_side(void)
{
    int which, status;

    for (which = 0; which < 6; which++) {
        pid_t child = fork();

        if (child == 0) {
            open_pair();
            CHECK(freopen("/dev/null", "w", stderr) != NULL);
            if (which == 0)
                wth_connection_roundtrip(server);
            if (which == 1)
                wth_connection_create_registry(server);
            if (which == 2)
                wth_connection_sync(server);
            if (which == 3)
                wth_connection_set_registry_callback(client, NULL, NULL);
            if (which == 4)
                wth_object_post_error((struct wth_object *)registry, 1, "x");
            if (which == 5)
                wth_connection_post_error_no_memory(client);
            _exit(0);
        }
        CHECK_EQ(waitpid(child, &status, 0), child);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
}

/* Memory follows the objects that live. */
static void many_objects(void)
{
    int i;

    open_pair();
    for (i = 0; i < 50000; i++) {
        wth_object_delete(wthp_registry_bind(registry, (uint32_t)i, "x", 1));
        if (i % 100 == 99)
            serve();
    }
    CHECK_EQ(calls, 50000);
    close_pair();
}

int main(void)
{
    results_and_errno();
    end_of_stream();
    reading_twice_appends();
    reading_stops_when_full();
    slow_peer();
    too_long();
    longest_message();
    roundtrips();
    nested_dispatch();
    arguments_survive_reads();
    data_stays_until_the_next_read();
    destroy_in_a_handler();
    display_of_the_program();
    sockets();
    wrong_side();
    many_objects();
    return 0;
}
