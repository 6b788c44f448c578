/* harness: ours-only the original grows with every object
 * harness: no-valgrind a million objects take too long there
 * harness: no-tsan it measures memory
 *
 * A million objects made and destroyed, and a thousand clients of one server: memory stays where it was, and an
 * idle connection costs little.
 */
#include "check.h"
#include <malloc.h>
#include <string.h>
#include <sys/resource.h>
#include <waltham-client.h>
#include <waltham-connection.h>
#include <waltham-server.h>

static long destroyed;

static void region_destroy(struct wthp_region *region)
{
    wthp_region_free(region);
    destroyed++;
}

static const struct wthp_region_interface region_interface = { region_destroy, NULL, NULL };

static void create_region(struct wthp_compositor *self, struct wthp_region *region)
{
    (void)self;
    wthp_region_set_interface(region, &region_interface, NULL);
}

static const struct wthp_compositor_interface compositor_interface = { NULL, create_region };
static struct wthp_compositor *server_compositor;
static struct wthp_registry *server_registry;

static void on_bind(struct wthp_registry *self, uint32_t name, struct wth_object *id, const char *interface,
                    uint32_t version)
{
    (void)self;
    (void)name;
    (void)interface;
    (void)version;
    server_compositor = (struct wthp_compositor *)id;
    wthp_compositor_set_interface(server_compositor, &compositor_interface, NULL);
}

static const struct wthp_registry_interface registry_interface = { NULL, on_bind };

static void on_registry(struct wthp_registry *self, void *user_data)
{
    (void)user_data;
    server_registry = self;
    wthp_registry_set_interface(self, &registry_interface, NULL);
}

/* Memory that is the process's own, in bytes: counted, unlike what statm says, and without mapped files. */
static long resident(void)
{
    char line[256];
    long kilobytes = -1;
    FILE *file = fopen("/proc/self/smaps_rollup", "r");

    CHECK(file != NULL);
    while (kilobytes < 0 && fgets(line, sizeof line, file))
        sscanf(line, "Anonymous: %ld kB", &kilobytes);
    fclose(file);
    CHECK(kilobytes > 0);
    return kilobytes * 1024;
}

static void open_pair(struct wth_connection **client, struct wth_connection **server)
{
    int pair[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    *client = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_CLIENT);
    *server = wth_connection_from_fd(pair[1], WTH_CONNECTION_SIDE_SERVER);
    CHECK(*client && *server);
}

static void a_million_objects(void)
{
    struct wth_connection *client, *server;
    struct wthp_registry *registry;
    struct wthp_compositor *compositor;
    size_t before = 0;
    long i;

    open_pair(&client, &server);
    wth_connection_set_registry_callback(server, on_registry, NULL);
    registry = wth_connection_create_registry(client);
    compositor = (struct wthp_compositor *)wthp_registry_bind(registry, 1, "wthp_compositor", 1);
    for (i = 1; i <= 1000000; i++) {
        wthp_region_destroy(wthp_compositor_create_region(compositor));
        if (i % 50 == 0) {
            CHECK_EQ(wth_connection_read(server), 0);
            CHECK(wth_connection_dispatch(server) >= 100);
        }
        if (i == 10000)
            before = mallinfo2().uordblks;
    }
    CHECK_EQ(destroyed, 1000000);
    CHECK(mallinfo2().uordblks <= before + 4096);
    wthp_compositor_free(compositor);
    wthp_compositor_free(server_compositor);
    wthp_registry_free(registry);
    wthp_registry_free(server_registry);
    wth_connection_destroy(client);
    wth_connection_destroy(server);
}

static void a_thousand_clients(void)
{
    enum { CLIENTS = 1000 };
    static struct wth_connection *clients[CLIENTS], *servers[CLIENTS];
    struct rlimit limit;
    long before;
    int i, round;

    CHECK_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_max < 3000) {
        printf("too few descriptors for a thousand clients\n");
        return;
    }
    limit.rlim_cur = limit.rlim_max;
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    before = resident();
    for (i = 0; i < CLIENTS; i++)
        open_pair(&clients[i], &servers[i]);
    for (round = 0; round < 3; round++) {
        for (i = 0; i < CLIENTS; i++)
            wthp_callback_free(wth_connection_sync(clients[i]));
        for (i = 0; i < CLIENTS; i++) {
            CHECK_EQ(wth_connection_read(servers[i]), 0);
            CHECK_EQ(wth_connection_dispatch(servers[i]), 1);
        }
        for (i = 0; i < CLIENTS; i++) {
            CHECK_EQ(wth_connection_read(clients[i]), 0);
            CHECK_EQ(wth_connection_dispatch(clients[i]), 1);
        }
    }
    /* Two connections for each, both of which have read and sent. */
    CHECK((resident() - before) / (2 * CLIENTS) <= 16 * 1024);
    for (i = 0; i < CLIENTS; i++) {
        wth_connection_destroy(clients[i]);
        wth_connection_destroy(servers[i]);
    }
}

/* Pages that large messages needed are given back once they have not come for a while. */
static void large_messages_are_forgotten(void)
{
    static char text[60000];
    struct wth_connection *client, *server;
    struct wthp_registry *registry;
    long before, i;

    open_pair(&client, &server);
    wth_connection_set_registry_callback(server, on_registry, NULL);
    registry = wth_connection_create_registry(client);
    CHECK_EQ(wth_connection_read(server), 0);
    CHECK_EQ(wth_connection_dispatch(server), 1);
    memset(text, 'x', sizeof text - 1);
    before = resident();
    wthp_registry_send_global(server_registry, 1, text, 1);
    CHECK_EQ(wth_connection_read(client), 0);
    CHECK_EQ(wth_connection_dispatch(client), 1);
    CHECK(resident() >= before + 48 * 1024);
    for (i = 0; i < 100; i++) {
        wthp_registry_send_global(server_registry, 1, "small", 1);
        CHECK_EQ(wth_connection_read(client), 0);
        CHECK_EQ(wth_connection_dispatch(client), 1);
    }
    CHECK(resident() <= before + 32 * 1024);
    wthp_registry_free(registry);
    wthp_registry_free(server_registry);
    wth_connection_destroy(client);
    wth_connection_destroy(server);
}

int main(void)
{
    large_messages_are_forgotten();
    a_thousand_clients();
    a_million_objects();
    return 0;
}
