/* A Waltham server in the style of the 0.1.0 tag: the program handles the requests of the display itself. It offers
 * a seat and sends pointer motion.
 *
 *   input-server-tag [PORT]
 *
 * Listens on 127.0.0.1, port 0 (the default) being one that the kernel chooses, and says which it is.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <waltham-connection.h>
#include <waltham-server.h>

enum { MOTIONS = 100, POINTER = 1 };

struct client {
    struct wth_connection *connection;
    struct wthp_registry *registry;
    struct wthp_seat *seat;
    struct wthp_pointer *pointer;
};

static void pointer_set_cursor(struct wthp_pointer *pointer, uint32_t serial, struct wthp_surface *surface, int32_t x,
                               int32_t y)
{
    (void)pointer;
    (void)serial;
    (void)surface;
    (void)x;
    (void)y;
}

static void pointer_release(struct wthp_pointer *pointer)
{
    struct client *client = wth_object_get_user_data((struct wth_object *)pointer);

    client->pointer = NULL;
    wthp_pointer_free(pointer);
}

static const struct wthp_pointer_interface pointer_interface = { pointer_set_cursor, pointer_release };

static void seat_get_pointer(struct wthp_seat *seat, struct wthp_pointer *pointer)
{
    struct client *client = wth_object_get_user_data((struct wth_object *)seat);
    int i;

    client->pointer = pointer;
    wthp_pointer_set_interface(pointer, &pointer_interface, client);
    for (i = 0; i < MOTIONS; i++) {
        wthp_pointer_send_motion(pointer, (uint32_t)i, wth_fixed_from_int(i), wth_fixed_from_double(i / 4.0));
        wthp_pointer_send_frame(pointer);
    }
}

static void seat_release(struct wthp_seat *seat)
{
    struct client *client = wth_object_get_user_data((struct wth_object *)seat);

    client->seat = NULL;
    wthp_seat_free(seat);
}

/* Requests that this server does not know are left NULL, and ignored. */
static const struct wthp_seat_interface seat_interface = { seat_get_pointer, NULL, NULL, seat_release };

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

    (void)name;
    (void)version;
    if (strcmp(interface, "wthp_seat") == 0 && !client->seat) {
        client->seat = (struct wthp_seat *)id;
        wthp_seat_set_interface(client->seat, &seat_interface, client);
        wthp_seat_send_capabilities(client->seat, POINTER);
        wthp_seat_send_name(client->seat, "seat0");
    } else {
        wth_object_post_error((struct wth_object *)registry, 0, "no %s here", interface);
        wth_object_delete(id);
    }
}

static const struct wthp_registry_interface registry_interface = { registry_destroy, registry_bind };

static void display_client_version(struct wth_display *display, uint32_t client_version)
{
    wth_object_post_error((struct wth_object *)display, 0, "client_version %u is not expected", client_version);
}

static void display_sync(struct wth_display *display, struct wthp_callback *callback)
{
    (void)display;
    wthp_callback_send_done(callback, 0);
    wthp_callback_free(callback);
}

static void display_get_registry(struct wth_display *display, struct wthp_registry *registry)
{
    struct client *client = wth_object_get_user_data((struct wth_object *)display);

    client->registry = registry;
    wthp_registry_set_interface(registry, &registry_interface, client);
    wthp_registry_send_global(registry, 1, "wthp_seat", 4);
}

static const struct wth_display_interface display_interface = { display_client_version, display_sync,
                                                                display_get_registry };

/* One client after the other, each with blocking reads. */
static void serve(struct client *client)
{
    struct pollfd entry;

    wth_display_set_interface(wth_connection_get_display(client->connection), &display_interface, client);
    entry.fd = wth_connection_get_fd(client->connection);
    entry.events = POLLIN;
    while (poll(&entry, 1, -1) >= 0 && wth_connection_read(client->connection) == 0)
        if (wth_connection_dispatch(client->connection) < 0 && errno != EPROTO)
            break;
    if (client->pointer)
        wthp_pointer_free(client->pointer);
    if (client->seat)
        wthp_seat_free(client->seat);
    if (client->registry)
        wthp_registry_free(client->registry);
    wth_connection_destroy(client->connection);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0));
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 64) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) < 0) {
        perror("input-server-tag");
        return 1;
    }
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        struct client client;

        memset(&client, 0, sizeof client);
        client.connection = wth_accept(listener, NULL, NULL);
        if (client.connection)
            serve(&client);
    }
}
