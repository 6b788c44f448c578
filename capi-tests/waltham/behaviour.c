/* What the original does well: results, errno, counts, bytes and order, printed to be compared with it.
 *
 * Its trace of every message, on standard output and error, is thrown away; the report goes to a descriptor of its
 * own.
 */
#include "check.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <waltham-client.h>
#include <waltham-connection.h>
#include <waltham-server.h>

static FILE *report;
static struct wth_connection *client, *server;
static struct wthp_registry *registry, *server_registry;
static struct wth_object *server_objects[64];
static int bound;

#define REPORT(...) fprintf(report, __VA_ARGS__)

static void on_bind(struct wthp_registry *self, uint32_t name, struct wth_object *id, const char *interface,
                    uint32_t version)
{
    REPORT("bind %d %u %s %u\n", self == server_registry, name, interface, version);
    server_objects[bound++] = id;
}

static void on_destroy(struct wthp_registry *self)
{
    REPORT("destroy %d\n", self == server_registry);
}

static const struct wthp_registry_interface registry_interface = { on_destroy, on_bind };

static void on_registry(struct wthp_registry *self, void *user_data)
{
    REPORT("registry %d\n", user_data == &bound);
    server_registry = self;
    wthp_registry_set_interface(self, &registry_interface, NULL);
    wthp_registry_send_global(self, 1, "wthp_seat", 5);
    wthp_registry_send_global(self, 2, "wthp_compositor", 4);
}

static void on_global(struct wthp_registry *self, uint32_t name, const char *interface, uint32_t version)
{
    REPORT("global %d %u %s %u\n", self == registry, name, interface, version);
}

static void on_global_remove(struct wthp_registry *self, uint32_t name)
{
    REPORT("global_remove %d %u\n", self == registry, name);
    if (name == 77)
        wth_connection_set_error(client, EIO);
    if (name == 78)
        wth_connection_set_protocol_error(client, 5, "thing", 6);
}

static const struct wthp_registry_listener registry_listener = { on_global, on_global_remove };

static void on_capabilities(struct wthp_seat *seat, uint32_t capabilities)
{
    REPORT("capabilities %d %u\n", wth_object_get_user_data((struct wth_object *)seat) == &registry, capabilities);
}

static void on_name(struct wthp_seat *seat, const char *name)
{
    (void)seat;
    REPORT("name '%s'\n", name);
}

static const struct wthp_seat_listener seat_listener = { on_capabilities, on_name };

static void call(const char *name, int result)
{
    REPORT("%s %d errno %d client %d server %d\n", name, result, result < 0 ? errno : 0,
           wth_connection_get_error(client), wth_connection_get_error(server));
    errno = 0;
}

static void open_pair(void)
{
    int pair[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    client = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_CLIENT);
    server = wth_connection_from_fd(pair[1], WTH_CONNECTION_SIDE_SERVER);
    CHECK_EQ(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
    CHECK_EQ(fcntl(pair[1], F_SETFL, O_NONBLOCK), 0);
    bound = 0;
    wth_connection_set_registry_callback(server, on_registry, &bound);
    registry = wth_connection_create_registry(client);
    wthp_registry_set_listener(registry, &registry_listener, NULL);
    call("server read", wth_connection_read(server));
    call("server dispatch", wth_connection_dispatch(server));
    call("client read", wth_connection_read(client));
    call("client dispatch", wth_connection_dispatch(client));
}

static void close_pair(void)
{
    while (bound > 0)
        wth_object_delete(server_objects[--bound]);
    wthp_registry_free(server_registry);
    wthp_registry_free(registry);
    wth_connection_destroy(server);
    wth_connection_destroy(client);
}

static void a_session(void)
{
    struct wthp_seat *seat;
    struct wthp_callback *callback;

    open_pair();
    call("client read", wth_connection_read(client));
    call("client dispatch", wth_connection_dispatch(client));
    call("client flush", wth_connection_flush(client));
    seat = (struct wthp_seat *)wthp_registry_bind(registry, 1, "wthp_seat", 5);
    wthp_seat_set_listener(seat, &seat_listener, &registry);
    call("server read", wth_connection_read(server));
    call("server dispatch", wth_connection_dispatch(server));
    wthp_seat_send_capabilities((struct wthp_seat *)server_objects[0], 3);
    wthp_seat_send_name((struct wthp_seat *)server_objects[0], "");
    wthp_seat_send_name((struct wthp_seat *)server_objects[0], "seat0");
    call("client read", wth_connection_read(client));
    call("client dispatch", wth_connection_dispatch(client));
    call("client dispatch", wth_connection_dispatch(client));
    callback = wth_connection_sync(client);
    REPORT("sync %d\n", callback != NULL);
    call("server read", wth_connection_read(server));
    call("server dispatch", wth_connection_dispatch(server));
    wthp_callback_free(callback);
    wthp_seat_free(seat);
    close_pair();
}

/* Errors that handlers set, in the middle of a batch. */
static void errors(uint32_t which)
{
    const char *interface;
    uint32_t id, code;

    open_pair();
    wthp_registry_send_global_remove(server_registry, 1);
    wthp_registry_send_global_remove(server_registry, which);
    wthp_registry_send_global_remove(server_registry, 3);
    call("client read", wth_connection_read(client));
    call("client dispatch", wth_connection_dispatch(client));
    call("client dispatch", wth_connection_dispatch(client));
    call("client flush", wth_connection_flush(client) < 0 ? -1 : 0);
    code = wth_connection_get_protocol_error(client, &interface, &id);
    REPORT("protocol error %u %s %u\n", code, interface ? interface : "-", id);
    wth_connection_set_error(client, EPROTO);
    wth_connection_set_error(client, EIO);
    call("client dispatch", wth_connection_dispatch(client));
    wthp_registry_send_global_remove(server_registry, 4);
    call("client read", wth_connection_read(client));
    call("client dispatch", wth_connection_dispatch(client));
    close_pair();
}

/* A server's error: what it does afterwards, and what it still sends. */
static void posted_error(void)
{
    open_pair();
    wth_object_post_error((struct wth_object *)server_registry, 42, "no %s", "way");
    wthp_registry_send_global_remove(server_registry, 9);
    wth_object_delete(wthp_registry_bind(registry, 1, "ignored", 1));
    call("server read", wth_connection_read(server));
    call("server dispatch", wth_connection_dispatch(server));
    call("client read", wth_connection_read(client));
    call("client dispatch", wth_connection_dispatch(client));
    call("client dispatch", wth_connection_dispatch(client));
    close_pair();
}

static void feed(const void *bytes, size_t length)
{
    CHECK_EQ(send(wth_connection_get_fd(server), bytes, length, 0), (ssize_t)length);
}

/* Headers that say strange but harmless things, and opcodes that do not exist. */
static void strange_messages(void)
{
    open_pair();
    feed("\x12\x34\x10\x00\x0a\x00\x99\x88\x02\x00\x00\x00\x05\x00\x00\x00", 16);
    feed("\x00\x00\x14\x00\x0a\x00\x00\x00\x02\x00\x00\x00\x06\x00\x00\x00\xaa\xaa\xaa\xaa", 20);
    feed("\x00\x00\x10\x00\x00\x00\x00\x00\x02\x00\x00\x00\x06\x00\x00\x00", 16);
    feed("\x00\x00\x10\x00\xff\xff\x00\x00\x02\x00\x00\x00\x06\x00\x00\x00", 16);
    feed("\x00\x00\x10\x00\x0a\x00\x00\x00\x02\x00\x00\x00\x07\x00\x00\x00", 16);
    call("client read", wth_connection_read(client));
    call("client dispatch", wth_connection_dispatch(client));
    /* In three pieces. */
    feed("\x00\x00\x10", 3);
    call("client read", wth_connection_read(client));
    call("client dispatch", wth_connection_dispatch(client));
    feed("\x00\x0a\x00\x00\x00\x02\x00", 7);
    call("client read", wth_connection_read(client));
    call("client dispatch", wth_connection_dispatch(client));
    feed("\x00\x00\x08\x00\x00\x00", 6);
    call("client read", wth_connection_read(client));
    call("client dispatch", wth_connection_dispatch(client));
    close_pair();
}

static void arrays(void)
{
    struct wth_array one, other;
    size_t i;

    wth_array_init(&one);
    wth_array_init(&other);
    REPORT("array %d", wth_array_copy(&other, &one));
    for (i = 0; i < 200; i += 33) {
        REPORT(" %d", wth_array_add(&one, i) != NULL);
        REPORT(":%lu/%lu", (unsigned long)one.size, (unsigned long)one.alloc);
    }
    memset(one.data, 'x', one.size);
    REPORT(" copy %d", wth_array_copy(&other, &one));
    REPORT(" %lu/%lu", (unsigned long)other.size, (unsigned long)other.alloc);
    one.size = 5;
    REPORT(" copy %d", wth_array_copy(&other, &one));
    REPORT(" %lu/%lu\n", (unsigned long)other.size, (unsigned long)other.alloc);
    wth_array_release(&one);
    wth_array_release(&other);
    for (i = 0; i < 9; i++) {
        static const double numbers[] = { 0, 1.5, -1.5, 0.001, 0.002, -0.002, 8388607.99, -8388608, 1e-9 };
        wth_fixed_t fixed = wth_fixed_from_double(numbers[i]);

        REPORT("fixed %d %.6f %d\n", fixed, wth_fixed_to_double(fixed), wth_fixed_to_int(fixed));
    }
}

/* Exported, though no installed header says so. */
struct wth_map {
    struct wth_array client_entries, server_entries;
    uint32_t side, free_list;
};
void wth_map_init(struct wth_map *map, uint32_t side);
void wth_map_release(struct wth_map *map);
uint32_t wth_map_insert_new(struct wth_map *map, uint32_t flags, void *data);
int wth_map_insert_at(struct wth_map *map, uint32_t flags, uint32_t i, void *data);
int wth_map_reserve_new(struct wth_map *map, uint32_t i);
void wth_map_remove(struct wth_map *map, uint32_t i);
void *wth_map_lookup(struct wth_map *map, uint32_t i);
uint32_t wth_map_lookup_flags(struct wth_map *map, uint32_t i);
void wth_map_for_each(struct wth_map *map, int (*func)(void *element, void *data), void *data);

static uint64_t elements[16];

static int on_element(void *element, void *data)
{
    REPORT(" %ld", (long)((uint64_t *)element - elements));
    return element != data;
}

static void maps(uint32_t side)
{
    struct wth_map map;
    uint32_t base = side ? 0xff000000 : 0, other = side ? 0 : 0xff000000;
    int i;

    wth_map_init(&map, side);
    for (i = 1; i < 6; i++)
        REPORT("new %x\n", wth_map_insert_new(&map, (uint32_t)i & 1, &elements[i]));
    wth_map_remove(&map, base + 1);
    wth_map_remove(&map, base + 3);
    wth_map_remove(&map, other + 1);
    REPORT("free %x\n", map.free_list);
    for (i = 0; i < 7; i++)
        REPORT("lookup %d flag %u\n", wth_map_lookup(&map, base + (uint32_t)i) == &elements[i + 1],
               wth_map_lookup_flags(&map, base + (uint32_t)i));
    REPORT("new %x\n", wth_map_insert_new(&map, 1, &elements[6]));
    REPORT("new %x\n", wth_map_insert_new(&map, 0, &elements[7]));
    REPORT("at %d", wth_map_insert_at(&map, 0, base, &elements[9]));
    REPORT(" %d", wth_map_insert_at(&map, 1, base + 5, &elements[8]));
    REPORT(" %d\n", wth_map_insert_at(&map, 0, base + 99, &elements[8]));
    REPORT("reserve %d", wth_map_reserve_new(&map, other));
    REPORT(" %d", wth_map_reserve_new(&map, other));
    REPORT(" %d", wth_map_reserve_new(&map, other + 1));
    REPORT(" %d\n", wth_map_reserve_new(&map, base + 1));
    REPORT("at %d\n", wth_map_insert_at(&map, 0, other, &elements[10]));
    REPORT("each");
    wth_map_for_each(&map, on_element, NULL);
    REPORT("\neach");
    wth_map_for_each(&map, on_element, &elements[6]);
    REPORT("\n");
    wth_map_release(&map);
}

int main(void)
{
    int null = open("/dev/null", O_WRONLY), out = dup(1), err = dup(2);

    report = fdopen(dup(1), "w");
    dup2(null, 1);
    dup2(null, 2);
    close(null);
    a_session();
    errors(77);
    errors(78);
    posted_error();
    strange_messages();
    arrays();
    maps(0);
    maps(1);
    fclose(report);
    fflush(stdout);
    dup2(out, 1);
    dup2(err, 2);
    close(out);
    close(err);
    return 0;
}
