/* A Waltham client in the style of the master generation.
 *
 *   region-client HOST PORT COUNT       makes that many regions, and prints how many messages that took
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <waltham-client.h>
#include <waltham-connection.h>

static struct wthp_compositor *compositor;

static void on_global(struct wthp_registry *registry, uint32_t name, const char *interface, uint32_t version)
{
    (void)version;
    if (strcmp(interface, "wthp_compositor") == 0)
        compositor = (struct wthp_compositor *)wthp_registry_bind(registry, name, interface, 1);
}

static void on_global_remove(struct wthp_registry *registry, uint32_t name)
{
    (void)registry;
    (void)name;
}

static const struct wthp_registry_listener registry_listener = { on_global, on_global_remove };

int main(int argc, char **argv)
{
    struct wth_connection *connection;
    struct wthp_registry *registry;
    long i, count = argc > 3 ? atol(argv[3]) : 1;

    if (argc < 3) {
        fprintf(stderr, "usage: region-client HOST PORT [COUNT]\n");
        return 2;
    }
    connection = wth_connect_to_server(argv[1], argv[2]);
    if (!connection) {
        perror("region-client: connect");
        return 1;
    }
    registry = wth_connection_create_registry(connection);
    wthp_registry_set_listener(registry, &registry_listener, NULL);
    if (wth_connection_roundtrip(connection) < 0 || !compositor) {
        perror("region-client: no compositor");
        return 1;
    }
    for (i = 0; i < count; i++) {
        struct wthp_region *region = wthp_compositor_create_region(compositor);

        wthp_region_add(region, 0, 0, 10, 10);
        wthp_region_subtract(region, 5, 5, 1, 1);
        wthp_region_destroy(region);
    }
    if (wth_connection_roundtrip(connection) < 0) {
        perror("region-client: roundtrip");
        return 1;
    }
    printf("%ld messages\n", 4 * count + 6);
    wthp_compositor_free(compositor);
    wthp_registry_destroy(registry);
    wth_connection_destroy(connection);
    return 0;
}
