/* A Waltham server in the style of the master generation: the library handles the display, the program offers its
 * registry. It counts the regions that clients make.
 *
 *   region-server [PORT]
 *
 * Listens on 127.0.0.1, port 0 (the default) being one that the kernel chooses, and says which it is.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <waltham-connection.h>
#include <waltham-server.h>

struct client {
    struct wth_connection *connection;
    struct wthp_registry *registry;
    struct wthp_compositor *compositor;
    int regions, area;
};

static void region_destroy(struct wthp_region *region)
{
    wthp_region_free(region);
}

static void region_add(struct wthp_region *region, int32_t x, int32_t y, int32_t width, int32_t height)
{
    struct client *client = wth_object_get_user_data((struct wth_object *)region);

    (void)x;
    (void)y;
    client->area += width * height;
}

static void region_subtract(struct wthp_region *region, int32_t x, int32_t y, int32_t width, int32_t height)
{
    struct client *client = wth_object_get_user_data((struct wth_object *)region);

    (void)x;
    (void)y;
    client->area -= width * height;
}

static const struct wthp_region_interface region_interface = { region_destroy, region_add, region_subtract };

static void create_surface(struct wthp_compositor *compositor, struct wthp_surface *surface)
{
    (void)surface;
    wth_object_post_error((struct wth_object *)compositor, 1, "there are no surfaces here, only %s", "regions");
}

static void create_region(struct wthp_compositor *compositor, struct wthp_region *region)
{
    struct client *client = wth_object_get_user_data((struct wth_object *)compositor);

    client->regions++;
    wthp_region_set_interface(region, &region_interface, client);
}

static const struct wthp_compositor_interface compositor_interface = { create_surface, create_region };

static void registry_destroy(struct wthp_registry *registry)
{
    struct client *client = wth_object_get_user_data((struct wth_object *)registry);

    client->registry = NULL;
    wthp_registry_free(registry);
}

static void registry_bind(struct wthp_registry *registry, uint32_t name, struct wth_object *id, const char *interface,
                          uint32_t version)
{
    struct client *client = wth_object_get_user_data((struct wth_object *)registry);

    if (name == 1 && version == 1 && strcmp(interface, "wthp_compositor") == 0 && !client->compositor) {
        client->compositor = (struct wthp_compositor *)id;
        wthp_compositor_set_interface(client->compositor, &compositor_interface, client);
    } else {
        wth_object_post_error((struct wth_object *)registry, 0, "no %s version %u here", interface, version);
        wth_object_delete(id);
    }
}

static const struct wthp_registry_interface registry_interface = { registry_destroy, registry_bind };

static void on_registry(struct wthp_registry *registry, void *user_data)
{
    struct client *client = user_data;

    client->registry = registry;
    wthp_registry_set_interface(registry, &registry_interface, client);
    wthp_registry_send_global(registry, 1, "wthp_compositor", 1);
}

static void client_free(struct client *client)
{
    printf("a client made %d regions, area %d\n", client->regions, client->area);
    fflush(stdout);
    if (client->compositor)
        wthp_compositor_free(client->compositor);
    if (client->registry)
        wthp_registry_free(client->registry);
    wth_connection_destroy(client->connection);
    free(client);
}

/* Returns -1 when the client has gone or has to go. A client that broke the protocol goes by itself. */
static int client_serve(struct client *client)
{
    if (wth_connection_read(client->connection) < 0)
        return -1;
    if (wth_connection_dispatch(client->connection) < 0 && errno != EPROTO)
        return -1;
    return wth_connection_flush(client->connection) < 0 && errno != EAGAIN ? -1 : 0;
}

int main(int argc, char **argv)
{
    struct epoll_event event, events[64];
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), poller = epoll_create1(0), one = 1;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0));
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    event.events = EPOLLIN;
    event.data.ptr = NULL;
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 64) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) < 0 ||
        epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event) < 0) {
        perror("region-server");
        return 1;
    }
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int i, n = epoll_wait(poller, events, 64, -1);

        for (i = 0; i < n; i++) {
            struct client *client = events[i].data.ptr;

            if (!client) {
                struct wth_connection *connection = wth_accept(listener, NULL, NULL);

                client = connection ? calloc(1, sizeof *client) : NULL;
                if (!client) {
                    wth_connection_destroy(connection);
                    continue;
                }
                client->connection = connection;
                wth_connection_set_registry_callback(connection, on_registry, client);
                event.data.ptr = client;
                if (epoll_ctl(poller, EPOLL_CTL_ADD, wth_connection_get_fd(connection), &event) < 0)
                    client_free(client);
            } else if (events[i].events & EPOLLIN ? client_serve(client) < 0 : 1) {
                client_free(client);
            }
        }
    }
}
