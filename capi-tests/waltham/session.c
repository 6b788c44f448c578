/* harness: ours-only plays both sides of the original's recorded session
 *
 * A recorded session of a client and a server of the original: our client sends the client's bytes when it gets
 * the server's, and our server the server's when it gets the client's.
 */
#include "check.h"
#include <string.h>
#include <sys/socket.h>
#include <waltham-client.h>
#include <waltham-connection.h>
#include <waltham-server.h>

/* Who sent it: 1 for the client; and what. The order is the recorded one. */
static const struct {
    int by_client;
    const char *hex;
} session[] = {
    { 1, "00001000030000000100000002000000" },
    { 0, "0000280009000000020000000100000010000000777468705f636f6d706f7369746f720004000000" },
    { 1, "00001000020000000100000003000000" },
    { 0, "000010000b0000000300000000000000" },
    { 1, "00002c000800000002000000010000000400000010000000777468705f636f6d706f7369746f720001000000" },
    { 1, "000010000d0000000400000005000000" },
    { 1, "00001c00410000000500000002000000020000000a0000000a000000" },
    { 1, "00001c0041000000050000000c000000020000006400000032000000" },
    { 1, "00001c00420000000500000032000000320000000500000005000000" },
    { 1, "00000c004000000005000000" },
    { 1, "00001000020000000100000006000000" },
    { 0, "000010000b0000000600000000000000" },
    { 1, "000010000d0000000400000007000000" },
    { 1, "00001c00410000000700000002000000020000000a0000000a000000" },
    { 1, "00001c0041000000070000000c000000020000006400000032000000" },
    { 1, "00001c00420000000700000032000000320000000500000005000000" },
    { 1, "00000c004000000007000000" },
    { 1, "000010000d0000000400000008000000" },
    { 1, "00001c00410000000800000002000000020000000a0000000a000000" },
    { 1, "00001c0041000000080000000c000000020000006400000032000000" },
    { 1, "00001c00420000000800000032000000320000000500000005000000" },
    { 1, "00000c004000000008000000" },
    { 1, "000010000d0000000400000009000000" },
    { 1, "00001c00410000000900000002000000020000000a0000000a000000" },
    { 1, "00001c0041000000090000000c000000020000006400000032000000" },
    { 1, "00001c00420000000900000032000000320000000500000005000000" },
    { 1, "00000c004000000009000000" },
    { 1, "000010000d000000040000000a000000" },
    { 1, "00001c00410000000a00000002000000020000000a0000000a000000" },
    { 1, "00001c00410000000a0000000c000000020000006400000032000000" },
    { 1, "00001c00420000000a00000032000000320000000500000005000000" },
    { 1, "00000c00400000000a000000" },
    { 1, "000010000d000000040000000b000000" },
    { 1, "00001c00410000000b00000002000000020000000a0000000a000000" },
    { 1, "00001c00410000000b0000000c000000020000006400000032000000" },
    { 1, "00001c00420000000b00000032000000320000000500000005000000" },
    { 1, "00000c00400000000b000000" },
    { 1, "00000c000700000002000000" },
    { 1, "0000100002000000010000000c000000" },
    { 0, "000010000b0000000c00000000000000" },
};

enum { MESSAGES = sizeof session / sizeof *session };

static size_t decode(const char *hex, unsigned char *out)
{
    size_t n = strlen(hex) / 2, i;

    for (i = 0; i < n; i++) {
        unsigned value;

        CHECK_EQ(sscanf(hex + 2 * i, "%2x", &value), 1);
        out[i] = (unsigned char)value;
    }
    return n;
}

/* What the peer of a scripted side gets next has to be the next message of the recording. */
static void expect(int fd, int *at, int by_client)
{
    unsigned char expected[256], got[256];
    size_t n;

    while (*at < MESSAGES && session[*at].by_client != by_client)
        (*at)++;
    CHECK(*at < MESSAGES);
    n = decode(session[(*at)++].hex, expected);
    CHECK_EQ(recv(fd, got, n, MSG_DONTWAIT), (ssize_t)n);
    CHECK(memcmp(got, expected, n) == 0);
}

static void nothing_more(int fd)
{
    char byte;

    CHECK_EQ(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
}

/* Sends the recording's messages of the other side up to the next one of this side. */
static void answer(int fd, int from, int to, int by_client)
{
    unsigned char bytes[256];

    for (; from < to; from++)
        if (session[from].by_client == by_client) {
            size_t n = decode(session[from].hex, bytes);

            CHECK_EQ(send(fd, bytes, n, 0), (ssize_t)n);
        }
}

static struct wthp_compositor *compositor;

static void on_global(struct wthp_registry *registry, uint32_t name, const char *interface, uint32_t version)
{
    CHECK_EQ(name, 1);
    CHECK_EQ(version, 4);
    CHECK(strcmp(interface, "wthp_compositor") == 0);
    compositor = (struct wthp_compositor *)wthp_registry_bind(registry, name, interface, 1);
}

static const struct wthp_registry_listener registry_listener = { on_global, NULL };

static void use_region(void)
{
    struct wthp_region *region = wthp_compositor_create_region(compositor);

    wthp_region_add(region, 2, 2, 10, 10);
    wthp_region_add(region, 12, 2, 100, 50);
    wthp_region_subtract(region, 50, 50, 5, 5);
    wthp_region_destroy(region);
}

static void play_client(void)
{
    struct wth_connection *conn;
    struct wthp_registry *registry;
    int pair[2], at = 0, i;

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    conn = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_CLIENT);
    registry = wth_connection_create_registry(conn);
    wthp_registry_set_listener(registry, &registry_listener, NULL);
    /* The server's answers are there before they are asked for; order within a direction is all there is. */
    answer(pair[1], 0, 4, 0);
    CHECK_EQ(wth_connection_roundtrip(conn), 0);
    expect(pair[1], &at, 1);
    expect(pair[1], &at, 1);
    expect(pair[1], &at, 1);
    CHECK(compositor != NULL);
    use_region();
    for (i = 0; i < 5; i++)
        expect(pair[1], &at, 1);
    answer(pair[1], 4, 12, 0);
    CHECK_EQ(wth_connection_roundtrip(conn), 0);
    expect(pair[1], &at, 1);
    for (i = 0; i < 5; i++)
        use_region();
    for (i = 0; i < 25; i++)
        expect(pair[1], &at, 1);
    wthp_registry_destroy(registry);
    answer(pair[1], 12, MESSAGES, 0);
    CHECK_EQ(wth_connection_roundtrip(conn), 0);
    expect(pair[1], &at, 1);
    expect(pair[1], &at, 1);
    nothing_more(pair[1]);
    CHECK_EQ(wth_connection_get_error(conn), 0);
    wthp_compositor_free(compositor);
    wth_connection_destroy(conn);
    CHECK_EQ(recv(pair[1], &i, 1, 0), 0);
    close(pair[1]);
}

static int added, subtracted, regions;

static void region_destroy(struct wthp_region *region)
{
    wthp_region_free(region);
    regions--;
}

static void region_add(struct wthp_region *region, int32_t x, int32_t y, int32_t width, int32_t height)
{
    (void)region;
    CHECK(x + y + width + height > 0);
    added++;
}

static void region_subtract(struct wthp_region *region, int32_t x, int32_t y, int32_t width, int32_t height)
{
    (void)region;
    CHECK_EQ(x, 50);
    CHECK_EQ(y, 50);
    CHECK_EQ(width, 5);
    CHECK_EQ(height, 5);
    subtracted++;
}

static const struct wthp_region_interface region_interface = { region_destroy, region_add, region_subtract };

static void create_region(struct wthp_compositor *self, struct wthp_region *region)
{
    (void)self;
    regions++;
    wthp_region_set_interface(region, &region_interface, NULL);
}

static const struct wthp_compositor_interface compositor_interface = { NULL, create_region };

static void registry_destroy(struct wthp_registry *registry)
{
    wthp_registry_free(registry);
}

static struct wthp_compositor *bound;

static void registry_bind(struct wthp_registry *registry, uint32_t name, struct wth_object *id, const char *interface,
                          uint32_t version)
{
    (void)registry;
    CHECK_EQ(name, 1);
    CHECK_EQ(version, 1);
    CHECK(strcmp(interface, "wthp_compositor") == 0);
    bound = (struct wthp_compositor *)id;
    wthp_compositor_set_interface(bound, &compositor_interface, NULL);
}

static const struct wthp_registry_interface registry_interface = { registry_destroy, registry_bind };

static void on_registry(struct wthp_registry *registry, void *user_data)
{
    CHECK(user_data == &added);
    wthp_registry_set_interface(registry, &registry_interface, NULL);
    wthp_registry_send_global(registry, 1, "wthp_compositor", 4);
}

/* The recording cut at every `step` bytes. */
static void play_server(size_t step)
{
    unsigned char stream[4096];
    size_t length = 0, sent;
    struct wth_connection *conn;
    int pair[2], at = 0, i;

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    conn = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_SERVER);
    wth_connection_set_registry_callback(conn, on_registry, &added);
    added = subtracted = regions = 0;
    for (i = 0; i < MESSAGES; i++)
        if (session[i].by_client)
            length += decode(session[i].hex, stream + length);
    for (sent = 0; sent < length; sent += step) {
        size_t n = length - sent < step ? length - sent : step;

        CHECK_EQ(send(pair[1], stream + sent, n, 0), (ssize_t)n);
        CHECK_EQ(wth_connection_read(conn), 0);
        CHECK(wth_connection_dispatch(conn) >= 0);
    }
    for (i = 0; i < MESSAGES; i++)
        if (!session[i].by_client)
            expect(pair[1], &at, 0);
    nothing_more(pair[1]);
    CHECK_EQ(added, 12);
    CHECK_EQ(subtracted, 6);
    CHECK_EQ(regions, 0);
    wthp_compositor_free(bound);
    wth_connection_destroy(conn);
    close(pair[1]);
}

int main(void)
{
    size_t step;

    play_client();
    for (step = 1; step < 80; step++)
        play_server(step);
    play_server(4096);
    return 0;
}
