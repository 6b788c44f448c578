/* harness: ours-only the original crashes
 *
 * Peers that send what they may not. A server tells the client of the error, lives, and serves others; a client
 * remembers the error. Nothing is read beyond a message.
 */
#include "check.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <waltham-client.h>
#include <waltham-connection.h>
#include <waltham-server.h>

static struct wth_connection *conn;
static int far_end, calls;
static struct wth_object *bound[8];
static int bounds;

static void on_destroy(struct wthp_registry *self)
{
    wthp_registry_free(self);
    calls++;
}

static void on_bind(struct wthp_registry *self, uint32_t name, struct wth_object *id, const char *interface,
                    uint32_t version)
{
    (void)self;
    (void)name;
    (void)version;
    CHECK(id != NULL && interface != NULL);
    if (bounds < 8)
        bound[bounds++] = id;
    calls++;
}

static const struct wthp_registry_interface registry_interface = { on_destroy, on_bind };
static struct wthp_registry *registry;

static void on_registry(struct wthp_registry *self, void *user_data)
{
    (void)user_data;
    registry = self;
    wthp_registry_set_interface(self, &registry_interface, NULL);
}

static size_t put(unsigned char *out, int size, int opcode, const uint32_t *words, int count)
{
    int i;

    memset(out, 0, 8);
    out[2] = (unsigned char)size;
    out[3] = (unsigned char)(size >> 8);
    out[4] = (unsigned char)opcode;
    out[5] = (unsigned char)(opcode >> 8);
    for (i = 0; i < count; i++) {
        out[8 + 4 * i] = (unsigned char)words[i];
        out[9 + 4 * i] = (unsigned char)(words[i] >> 8);
        out[10 + 4 * i] = (unsigned char)(words[i] >> 16);
        out[11 + 4 * i] = (unsigned char)(words[i] >> 24);
    }
    return 8 + 4 * (size_t)count;
}

static void feed(int size, int opcode, const uint32_t *words, int count)
{
    unsigned char bytes[256];
    size_t n = put(bytes, size, opcode, words, count);

    CHECK_EQ(send(far_end, bytes, n, 0), (ssize_t)n);
}

#define FEED(size, opcode, ...)                                                                 \
    do {                                                                                        \
        const uint32_t words[] = { __VA_ARGS__ };                                               \
        feed(size, opcode, words, (int)(sizeof words / sizeof *words));                         \
    } while (0)

static void open_server(void)
{
    int pair[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    conn = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_SERVER);
    far_end = pair[1];
    registry = NULL;
    calls = bounds = 0;
    wth_connection_set_registry_callback(conn, on_registry, NULL);
    FEED(16, 3, 1, 2);
    CHECK_EQ(wth_connection_read(conn), 0);
    CHECK_EQ(wth_connection_dispatch(conn), 1);
    CHECK(registry != NULL);
}

static void close_server(void)
{
    while (bounds > 0)
        wth_object_delete(bound[--bounds]);
    if (registry)
        wthp_registry_free(registry);
    wth_connection_destroy(conn);
    close(far_end);
}

/* The server answers with wth_display.error of this code about this object, and only then is in error. */
static void violation(const char *what, uint32_t object, uint32_t code)
{
    unsigned char got[512];
    uint32_t words[4];
    ssize_t n;
    int i;

    CHECK_EQ(wth_connection_read(conn), 0);
    errno = 0;
    CHECK_EQ(wth_connection_dispatch(conn), -1);
    CHECK_EQ(errno, EPROTO);
    CHECK_EQ(wth_connection_get_error(conn), EPROTO);
    n = recv(far_end, got, sizeof got, MSG_DONTWAIT);
    CHECK(n > 24);
    for (i = 0; i < 4; i++)
        words[i] = got[4 + 4 * i] | (uint32_t)got[5 + 4 * i] << 8 | (uint32_t)got[6 + 4 * i] << 16 |
                   (uint32_t)got[7 + 4 * i] << 24;
    if (words[0] != 4 || words[1] != 1 || words[2] != object || words[3] != code) {
        fprintf(stderr, "%s: got opcode %u on %u: object %u code %u\n", what, words[0], words[1], words[2], words[3]);
        exit(1);
    }
    /* What comes now is thrown away; nothing is delivered. */
    calls = 0;
    FEED(32, 8, 2, 7, 50, 4, 0x00636261, 1);
    CHECK_EQ(wth_connection_read(conn), 0);
    CHECK_EQ(wth_connection_dispatch(conn), -1);
    CHECK_EQ(calls, 0);
    close_server();
}

static void ignored(int processed)
{
    unsigned char byte;

    CHECK_EQ(wth_connection_read(conn), 0);
    CHECK_EQ(wth_connection_dispatch(conn), processed);
    CHECK_EQ(wth_connection_get_error(conn), 0);
    CHECK_EQ(recv(far_end, &byte, 1, MSG_DONTWAIT), -1);
}

static void hostile_clients(void)
{
    static const int sizes[] = { 0, 1, 4, 8, 11 };
    size_t i;

    for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        open_server();
        FEED(sizes[i], 8, 2, 7, 50, 4, 0x00636261, 1);
        violation("short size", 1, 1);
    }
    open_server();
    FEED(16, 2, 77, 3);
    violation("unknown object", 1, 0);
    open_server();
    FEED(12, 7, 0);
    violation("object 0", 1, 0);
    open_server();
    FEED(16, 13, 2, 3);
    violation("another interface's request", 2, 1);
    open_server();
    FEED(12, 2, 1);
    violation("missing new id", 1, 1);
    open_server();
    FEED(16, 2, 1, 0);
    violation("new id 0", 1, 0);
    open_server();
    FEED(16, 2, 1, 1);
    violation("new id of the display", 1, 0);
    open_server();
    FEED(16, 2, 1, 2);
    violation("new id in use", 2, 0);
    open_server();
    FEED(16, 2, 1, 0xff000000);
    violation("new id of the server's", 1, 0);
    open_server();
    FEED(28, 8, 2, 7, 50, 0, 1);
    violation("empty string", 2, 1);
    open_server();
    FEED(32, 8, 2, 7, 50, 4, 0x64636261, 1);
    violation("string without its end", 2, 1);
    open_server();
    FEED(32, 8, 2, 7, 50, 0xffffffff, 0x00636261, 1);
    violation("string length that wraps", 2, 1);
    open_server();
    FEED(32, 8, 2, 7, 50, 0xfffffffd, 0x00636261, 1);
    violation("string length that wraps when it is padded", 2, 1);
    open_server();
    FEED(32, 8, 2, 7, 50, 100, 0x00636261, 1);
    violation("string longer than its message", 2, 1);
    open_server();
    FEED(28, 8, 2, 7, 50, 4, 0x00636261);
    violation("nothing behind the string", 2, 1);
    open_server();
    FEED(16, 2, 1, 3);
    FEED(32, 8, 2, 7, 50, 4, 0x00636261, 1);
    FEED(0, 0, 1);
    {
        unsigned char drop[16];

        CHECK_EQ(wth_connection_read(conn), 0);
        CHECK_EQ(wth_connection_dispatch(conn), -1);
        /* The good ones in front were delivered. */
        CHECK_EQ(calls, 1);
        CHECK_EQ(recv(far_end, drop, 16, MSG_DONTWAIT), 16);
        CHECK_EQ(drop[4], 11);
    }
    close_server();

    open_server();
    /* Unknown opcodes and events are skipped and counted. */
    FEED(16, 0, 1, 3);
    FEED(16, 79, 1, 3);
    FEED(16, 0xffff, 1, 3);
    FEED(16, 5, 1, 3);
    FEED(16, 11, 77, 3);
    ignored(5);
    /* Gaps, and ids that are free again, are fine; so are surplus bytes and odd sizes. */
    FEED(32, 8, 2, 7, 5000, 4, 0x00636261, 1);
    FEED(40, 8, 2, 7, 9, 4, 0x00636261, 1, 99, 98);
    ignored(2);
    CHECK_EQ(bounds, 2);
    wth_object_delete(bound[--bounds]);
    FEED(32, 8, 2, 7, 9, 4, 0x00636261, 1);
    ignored(1);
    close_server();
}

static struct wthp_region *got_region;

static void on_opaque_region(struct wthp_surface *self, struct wthp_region *region)
{
    (void)self;
    got_region = region;
    calls++;
}

static void bind_as(uint32_t id, const char *interface)
{
    uint32_t words[16] = { 2, 7, id };
    int length = (int)strlen(interface) + 1, count = 4 + (length + 3) / 4;

    words[3] = (uint32_t)length;
    memcpy(words + 4, interface, (size_t)length);
    words[count] = 1;
    feed(8 + 4 * (count + 1), 8, words, count + 1);
}

/* A surface with a handler for a region, which a server looks for what is its own behind. */
static void open_surface(void)
{
    static const struct wthp_surface_interface interface = { .set_opaque_region = on_opaque_region };

    open_server();
    bind_as(3, "wthp_surface");
    bind_as(4, "wthp_region");
    bind_as(5, "not known to the library");
    CHECK_EQ(wth_connection_read(conn), 0);
    CHECK_EQ(wth_connection_dispatch(conn), 3);
    CHECK_EQ(bounds, 3);
    wthp_surface_set_interface((struct wthp_surface *)bound[0], &interface, NULL);
    calls = 0;
}

static void arguments_of_other_interfaces(void)
{
    open_surface();
    FEED(16, 22, 3, 4);
    ignored(1);
    CHECK(calls == 1 && (struct wth_object *)got_region == bound[1]);
    FEED(16, 22, 3, 5);
    ignored(1);
    CHECK(calls == 2 && (struct wth_object *)got_region == bound[2]);
    FEED(16, 22, 3, 0);
    ignored(1);
    CHECK(calls == 3 && got_region == NULL);
    FEED(16, 22, 3, 2);
    violation("the registry as a region", 2, 1);
    open_surface();
    FEED(16, 22, 3, 3);
    violation("the surface as its own region", 3, 1);
    open_surface();
    FEED(16, 22, 3, 1);
    violation("the display as a region", 1, 1);
}

/* A slot without a handler: the message is skipped, and the object it created is free again. */
static void missing_handlers(void)
{
    static const struct wthp_registry_interface none = { NULL, NULL };

    open_server();
    wthp_registry_set_interface(registry, &none, NULL);
    FEED(32, 8, 2, 7, 9, 4, 0x00636261, 1);
    FEED(32, 8, 2, 7, 9, 4, 0x00636261, 1);
    ignored(2);
    wthp_registry_set_interface(registry, NULL, NULL);
    FEED(32, 8, 2, 7, 9, 4, 0x00636261, 1);
    ignored(1);
    CHECK_EQ(calls, 0);
    close_server();
}

static uint32_t got_size, got_keys[2];
static int leaves;
static struct wthp_surface *got_surface;

static void on_enter(struct wthp_keyboard *self, uint32_t serial, struct wthp_surface *surface,
                     struct wth_array *keys)
{
    (void)self;
    got_surface = surface;
    CHECK_EQ(serial, 1);
    got_size = (uint32_t)keys->size;
    CHECK_EQ(keys->alloc, keys->size);
    memset(got_keys, 0, sizeof got_keys);
    if (keys->size > 0)
        memcpy(got_keys, keys->data, keys->size < 8 ? keys->size : 8);
}

static void on_leave(struct wthp_keyboard *self, uint32_t serial, struct wthp_surface *surface)
{
    (void)self;
    (void)serial;
    (void)surface;
    leaves++;
}

static uint32_t done_data;

static void on_done(struct wthp_callback *self, uint32_t data)
{
    (void)self;
    done_data = data;
    calls++;
}

static struct wthp_callback *callback;
static struct wthp_keyboard *keyboard;

static void open_client(void)
{
    static const struct wthp_callback_listener callback_listener = { on_done };
    static const struct wthp_keyboard_listener keyboard_listener = { NULL, on_enter, on_leave, NULL, NULL, NULL };
    unsigned char drop[512];
    int pair[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    conn = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_CLIENT);
    far_end = pair[1];
    registry = wth_connection_create_registry(conn);
    callback = wth_connection_sync(conn);
    keyboard = (struct wthp_keyboard *)wthp_registry_bind(registry, 1, "wthp_keyboard", 1);
    CHECK(recv(far_end, drop, sizeof drop, MSG_DONTWAIT) > 0);
    wthp_callback_set_listener(callback, &callback_listener, NULL);
    wthp_keyboard_set_listener(keyboard, &keyboard_listener, NULL);
    calls = leaves = 0;
    got_size = 99;
}

static void close_client(void)
{
    wthp_callback_free(callback);
    wthp_keyboard_free(keyboard);
    wthp_registry_free(registry);
    wth_connection_destroy(conn);
    close(far_end);
}

static void client_error(uint32_t object)
{
    const char *interface;
    uint32_t id;
    unsigned char byte;

    CHECK_EQ(wth_connection_read(conn), 0);
    errno = 0;
    CHECK_EQ(wth_connection_dispatch(conn), -1);
    CHECK_EQ(errno, EPROTO);
    CHECK_EQ(wth_connection_get_protocol_error(conn, &interface, &id), 1);
    CHECK_EQ(id, object);
    CHECK_EQ(recv(far_end, &byte, 1, MSG_DONTWAIT), -1);
    close_client();
}

static void hostile_servers(void)
{
    const char *interface;
    uint32_t id;

    open_client();
    FEED(16, 11, 3, 5);
    FEED(24, 11, 3, 6, 0xaaaaaaaa, 0xbbbbbbbb);
    /* Requests, unknown opcodes, freed objects and other interfaces are ignored. */
    FEED(16, 3, 1, 9);
    FEED(16, 0, 1, 9);
    FEED(16, 79, 1, 9);
    FEED(16, 11, 50, 9);
    FEED(16, 11, 2, 9);
    FEED(16, 5, 1, 3);
    FEED(16, 6, 1, 3);
    ignored(9);
    CHECK_EQ(calls, 2);
    CHECK_EQ(done_data, 6);
    close_client();

    open_client();
    FEED(12, 11, 3);
    client_error(3);
    open_client();
    FEED(4, 11, 3, 1);
    client_error(0);
    open_client();
    FEED(24, 9, 2, 1, 0xffffffff, 1);
    client_error(2);

    /* An error event: about an object that is known, and about one that is not. */
    open_client();
    FEED(32, 4, 1, 3, 9, 5, 0x73706f6f, 0);
    CHECK_EQ(wth_connection_read(conn), 0);
    CHECK_EQ(wth_connection_dispatch(conn), -1);
    CHECK_EQ(errno, EPROTO);
    CHECK_EQ(wth_connection_get_protocol_error(conn, &interface, &id), 9);
    CHECK_EQ(id, 3);
    CHECK(strcmp(interface, "wthp_callback") == 0);
    close_client();
    open_client();
    FEED(32, 4, 1, 333, 9, 5, 0x73706f6f, 0);
    CHECK_EQ(wth_connection_read(conn), 0);
    CHECK_EQ(wth_connection_dispatch(conn), -1);
    CHECK_EQ(wth_connection_get_protocol_error(conn, &interface, &id), 9);
    CHECK_EQ(id, 0xf000dead);
    CHECK(strcmp(interface, "unknown") == 0);
    close_client();
}

/* Arrays in every form that senders have had. */
static void keys_that_are_held(void)
{
    open_client();
    FEED(32, 48, 4, 1, 2, 8, 0x1e, 0x30);
    FEED(20, 49, 4, 1, 2);
    ignored(2);
    CHECK(got_size == 8 && got_keys[0] == 0x1e && got_keys[1] == 0x30 && leaves == 1);
    /* The registry is no surface. */
    CHECK(got_surface == NULL);
    FEED(28, 48, 4, 1, 2, 0, 0);
    FEED(20, 49, 4, 1, 2);
    ignored(2);
    CHECK(got_size == 0 && leaves == 2);
    FEED(24, 48, 4, 1, 2, 0);
    FEED(20, 49, 4, 1, 2);
    ignored(2);
    CHECK(got_size == 0 && leaves == 3);
    FEED(28, 48, 4, 1, 2, 4, 0x1e);
    ignored(1);
    CHECK(got_size == 4 && got_keys[0] == 0x1e);
    /* A 64-bit original: 8 bytes of length, and keys that its size does not count. */
    FEED(28, 48, 4, 1, 2, 8, 0, 0x1e, 0x30);
    FEED(20, 49, 4, 1, 2);
    ignored(2);
    CHECK(got_size == 8 && got_keys[0] == 0x1e && got_keys[1] == 0x30 && leaves == 4);
    close_client();
    open_client();
    FEED(28, 48, 4, 1, 2, 9, 7);
    client_error(4);
}

/* A server with many clients: the hostile ones do not disturb the others. */
static void others_are_undisturbed(void)
{
    enum { CLIENTS = 300 };
    static struct wth_connection *servers[CLIENTS], *clients[CLIENTS];
    int i, pair[2];

    wth_connection_destroy(NULL);
    for (i = 0; i < CLIENTS; i++) {
        CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        clients[i] = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_CLIENT);
        servers[i] = wth_connection_from_fd(pair[1], WTH_CONNECTION_SIDE_SERVER);
        if (i % 3 == 0) {
            far_end = pair[0];
            FEED(16, 2, 77, 3);
        } else {
            wthp_callback_free(wth_connection_sync(clients[i]));
        }
    }
    for (i = 0; i < CLIENTS; i++) {
        CHECK_EQ(wth_connection_read(servers[i]), 0);
        CHECK_EQ(wth_connection_dispatch(servers[i]), i % 3 == 0 ? -1 : 1);
        CHECK_EQ(wth_connection_read(clients[i]), 0);
        CHECK_EQ(wth_connection_dispatch(clients[i]), i % 3 == 0 ? -1 : 1);
    }
    for (i = 0; i < CLIENTS; i++) {
        wth_connection_destroy(servers[i]);
        wth_connection_destroy(clients[i]);
    }
}

static void random_bytes(void)
{
    unsigned char bytes[3000];
    unsigned long state = 99;
    int round, i;

    for (round = 0; round < 3000; round++) {
        for (i = 0; i < (int)sizeof bytes; i++) {
            state = state * 6364136223846793005UL + 1442695040888963407UL;
            bytes[i] = (unsigned char)(state >> 40);
        }
        /* Headers that make sense more often than chance would have it. */
        for (i = 0; i + 64 < (int)sizeof bytes; i += 8 + bytes[i] % 40 / 4 * 4) {
            bytes[i + 2] = (unsigned char)(12 + bytes[i + 2] % 40);
            bytes[i + 3] = 0;
            bytes[i + 4] %= 80;
            bytes[i + 5] = 0;
            memset(bytes + i + 8, 0, 4);
            bytes[i + 8] = bytes[i + 9] % 5;
        }
        if (round % 2)
            open_server();
        else
            open_client();
        CHECK_EQ(send(far_end, bytes, sizeof bytes, 0), (ssize_t)sizeof bytes);
        while (wth_connection_read(conn) == 0 && wth_connection_dispatch(conn) > 0)
            if (shutdown(far_end, SHUT_WR) < 0)
                break;
        if (round % 2)
            close_server();
        else
            close_client();
    }
}

int main(void)
{
    hostile_clients();
    arguments_of_other_interfaces();
    missing_handlers();
    hostile_servers();
    keys_that_are_held();
    others_are_undisturbed();
    random_bytes();
    return 0;
}
