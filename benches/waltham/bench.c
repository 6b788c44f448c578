/* The work of both ends of a Waltham connection, in one process over a socket pair.
 *
 *   bench WORK MESSAGES     does the work for that many messages; prints nanoseconds for each, and how many they were
 *   bench list              names the works, with the size and count that suit them
 *
 * Runs on whatever libwaltham.so.0 the dynamic linker finds. Standard error goes nowhere, because the original
 * writes a line there for each message.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <waltham-client.h>
#include <waltham-connection.h>
#include <waltham-server.h>

enum kind { DISPATCH, BLOB, RECEIVE, ROUNDTRIP, SEND };

static const struct work {
    const char *name;
    enum kind kind;
    size_t size;
    long count;
} works[] = {
    { "dispatch-16-bytes", DISPATCH, 16, 1000000 },
    { "blob-60k", BLOB, 60000, 4000 },
    { "receive-event", RECEIVE, 16, 200000 },
    { "roundtrip", ROUNDTRIP, 16, 20000 },
    { "send-region-add", SEND, 28, 200000 },
};

static struct wth_connection *connection;
static struct wthp_registry *registry;
static struct wth_object *bound;
static int far_end;
static long seen;

static void on_scale(struct wthp_surface *surface, int32_t scale)
{
    (void)surface;
    seen += scale;
}

static const struct wthp_surface_interface surface_interface = { NULL, NULL, NULL, NULL, NULL,
                                                                 NULL, NULL, NULL, on_scale, NULL };

static void on_buffer(struct wthp_blob_factory *factory, struct wthp_buffer *buffer, uint32_t data_sz, void *data,
                      int32_t width, int32_t height, int32_t stride, uint32_t format)
{
    (void)factory;
    (void)width;
    (void)height;
    (void)stride;
    (void)format;
    seen += data_sz == 60000 && ((char *)data)[0] == 'x';
    wthp_buffer_free(buffer);
}

static const struct wthp_blob_factory_interface factory_interface = { on_buffer };

static void on_bind(struct wthp_registry *self, uint32_t name, struct wth_object *id, const char *interface,
                    uint32_t version)
{
    (void)self;
    (void)name;
    (void)version;
    bound = id;
    if (strcmp(interface, "wthp_surface") == 0)
        wthp_surface_set_interface((struct wthp_surface *)id, &surface_interface, NULL);
    else
        wthp_blob_factory_set_interface((struct wthp_blob_factory *)id, &factory_interface, NULL);
}

static const struct wthp_registry_interface registry_interface = { NULL, on_bind };

static void on_registry(struct wthp_registry *self, void *user_data)
{
    (void)user_data;
    registry = self;
    wthp_registry_set_interface(self, &registry_interface, NULL);
}

static size_t put(unsigned char *out, int opcode, const uint32_t *words, size_t count, const void *data, size_t length,
                  const uint32_t *more, size_t more_count)
{
    size_t size = 8 + 4 * count + length + 4 * more_count;

    memset(out, 0, 8);
    out[2] = (unsigned char)size;
    out[3] = (unsigned char)(size >> 8);
    out[4] = (unsigned char)opcode;
    memcpy(out + 8, words, 4 * count);
    if (length)
        memcpy(out + 8 + 4 * count, data, length);
    if (more_count)
        memcpy(out + 8 + 4 * count + length, more, 4 * more_count);
    return size;
}

static void feed(const void *bytes, size_t length)
{
    if (send(far_end, bytes, length, 0) != (ssize_t)length)
        abort();
}

static void open_server(const char *interface, size_t name_length)
{
    static const uint32_t get_registry[] = { 1, 2 };
    uint32_t bind_head[] = { 2, 1, 3, (uint32_t)name_length }, version = 1;
    unsigned char message[256];
    char name[64] = { 0 };
    int pair[2], size = 1 << 20;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        abort();
    setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    far_end = pair[1];
    connection = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_SERVER);
    wth_connection_set_registry_callback(connection, on_registry, NULL);
    feed(message, put(message, 3, get_registry, 2, NULL, 0, NULL, 0));
    strcpy(name, interface);
    feed(message, put(message, 8, bind_head, 4, name, (name_length + 3) / 4 * 4, &version, 1));
    if (wth_connection_read(connection) != 0 || wth_connection_dispatch(connection) != 2 || !bound)
        abort();
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Time spent in dispatch only: reading is the kernel's work. */
static double dispatch(long *count)
{
    static unsigned char stream[65536];
    const uint32_t scale[] = { 3, 1 };
    double spent = 0;
    long done = 0;

    open_server("wthp_surface", 13);
    while (done < *count) {
        size_t length = 0;
        long batch = 4000, i;
        double begin;

        for (i = 0; i < batch; i++)
            length += put(stream + length, 28, scale, 2, NULL, 0, NULL, 0);
        feed(stream, length);
        if (wth_connection_read(connection) != 0)
            abort();
        begin = now();
        if (wth_connection_dispatch(connection) != batch)
            abort();
        spent += now() - begin;
        done += batch;
    }
    if (seen < done)
        abort();
    *count = done;
    return spent;
}

/* A blob from the client to the server's handler. */
static double blob(long count)
{
    static unsigned char data[60000];
    struct wth_connection *client;
    struct wthp_registry *client_registry;
    struct wth_object *factory;
    int pair[2], size = 1 << 20;
    double begin;
    long i;

    memset(data, 'x', sizeof data);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        abort();
    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    client = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_CLIENT);
    connection = wth_connection_from_fd(pair[1], WTH_CONNECTION_SIDE_SERVER);
    wth_connection_set_registry_callback(connection, on_registry, NULL);
    client_registry = wth_connection_create_registry(client);
    factory = wthp_registry_bind(client_registry, 1, "wthp_blob_factory", 1);
    if (wth_connection_read(connection) != 0 || wth_connection_dispatch(connection) != 2)
        abort();
    begin = now();
    for (i = 0; i < count; i++) {
        wthp_buffer_free(wthp_blob_factory_create_buffer((struct wthp_blob_factory *)factory, sizeof data, data, 1, 2,
                                                         3, 4));
        if (wth_connection_read(connection) != 0 || wth_connection_dispatch(connection) != 1)
            abort();
    }
    if (seen != count)
        abort();
    return now() - begin;
}

static void on_capabilities(struct wthp_seat *seat, uint32_t capabilities)
{
    (void)seat;
    seen += capabilities;
}

static const struct wthp_seat_listener seat_listener = { on_capabilities, NULL };

/* The client's end, with the server's played by hand. */
static void open_client(void)
{
    int pair[2];
    char drop[256];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        abort();
    far_end = pair[1];
    connection = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_CLIENT);
    registry = wth_connection_create_registry(connection);
    bound = wthp_registry_bind(registry, 1, "wthp_seat", 1);
    wthp_seat_set_listener((struct wthp_seat *)bound, &seat_listener, NULL);
    if (recv(far_end, drop, sizeof drop, 0) <= 0)
        abort();
}

/* An event a time: a read and a dispatch for each. */
static double receive(long count)
{
    static const uint32_t words[] = { 3, 1 };
    unsigned char message[64];
    size_t length = put(message, 30, words, 2, NULL, 0, NULL, 0);
    double spent = 0, begin;
    long i;

    open_client();
    for (i = 0; i < count; i++) {
        feed(message, length);
        begin = now();
        if (wth_connection_read(connection) != 0 || wth_connection_dispatch(connection) != 1)
            abort();
        spent += now() - begin;
    }
    return spent;
}

static double roundtrip(long count)
{
    int pair[2];
    double begin, spent;
    pid_t child;
    long i;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        abort();
    child = fork();
    if (child == 0) {
        close(pair[0]);
        connection = wth_connection_from_fd(pair[1], WTH_CONNECTION_SIDE_SERVER);
        while (wth_connection_read(connection) == 0 && wth_connection_dispatch(connection) >= 0)
            ;
        _exit(0);
    }
    close(pair[1]);
    connection = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_CLIENT);
    begin = now();
    for (i = 0; i < count; i++)
        if (wth_connection_roundtrip(connection) != 0)
            abort();
    spent = now() - begin;
    wth_connection_destroy(connection);
    waitpid(child, NULL, 0);
    return spent;
}

static double send_requests(long count)
{
    char drop[65536];
    double spent = 0, begin;
    long i, j;

    open_client();
    for (i = 0; i < count; i += 100) {
        begin = now();
        for (j = 0; j < 100; j++)
            wthp_region_add((struct wthp_region *)bound, 1, 2, 3, 4);
        spent += now() - begin;
        if (recv(far_end, drop, 2800, MSG_WAITALL) != 2800)
            abort();
    }
    return spent;
}

int main(int argc, char **argv)
{
    size_t i;

    for (i = 0; i < sizeof works / sizeof *works; i++) {
        if (argc == 2 && strcmp(argv[1], "list") == 0)
            printf("%s %lu %ld\n", works[i].name, (unsigned long)works[i].size, works[i].count);
        else if (argc == 3 && strcmp(argv[1], works[i].name) == 0) {
            long count = atol(argv[2]);
            int out = dup(1), null = open("/dev/null", O_WRONLY);
            double spent;

            /* The original writes to both for each message. */
            dup2(null, 1);
            dup2(null, 2);
            switch (works[i].kind) {
            case DISPATCH:
                spent = dispatch(&count);
                break;
            case BLOB:
                spent = blob(count);
                break;
            case RECEIVE:
                spent = receive(count);
                break;
            case ROUNDTRIP:
                spent = roundtrip(count);
                break;
            default:
                count = (count + 99) / 100 * 100;
                spent = send_requests(count);
                break;
            }
            fflush(stdout);
            dup2(out, 1);
            printf("%.2f %ld\n", spent / (double)count, count);
        }
    }
    return 0;
}
