/* A Waltham client in the style of the 0.1.0 tag: it uses the display itself, and its own event loop with a
 * non-blocking descriptor.
 *
 *   input-client-tag HOST PORT       receives pointer motion, and prints how many events came
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <waltham-client.h>
#include <waltham-connection.h>

static struct wthp_seat *seat;
static struct wthp_pointer *pointer;
static int motions, frames, wrong, done;

static void on_motion(struct wthp_pointer *self, uint32_t time, wth_fixed_t x, wth_fixed_t y)
{
    (void)self;
    if (wth_fixed_to_int(x) != (int)time || wth_fixed_to_double(y) != time / 4.0)
        wrong = 1;
    motions++;
}

static void on_frame(struct wthp_pointer *self)
{
    (void)self;
    frames++;
}

/* Only what is wanted has a handler. */
static const struct wthp_pointer_listener pointer_listener = { NULL, NULL, on_motion, NULL, NULL, on_frame,
                                                               NULL, NULL, NULL };

static void on_capabilities(struct wthp_seat *self, uint32_t capabilities)
{
    if (capabilities & 1) {
        pointer = wthp_seat_get_pointer(self);
        wthp_pointer_set_listener(pointer, &pointer_listener, NULL);
    }
}

static const struct wthp_seat_listener seat_listener = { on_capabilities, NULL };

static void on_global(struct wthp_registry *registry, uint32_t name, const char *interface, uint32_t version)
{
    (void)version;
    if (strcmp(interface, "wthp_seat") == 0) {
        seat = (struct wthp_seat *)wthp_registry_bind(registry, name, interface, 1);
        wthp_seat_set_listener(seat, &seat_listener, NULL);
    }
}

static const struct wthp_registry_listener registry_listener = { on_global, NULL };

static void on_done(struct wthp_callback *callback, uint32_t data)
{
    (void)data;
    wthp_callback_free(callback);
    done++;
}

static const struct wthp_callback_listener callback_listener = { on_done };

/* Waits until the server has answered a sync, dispatching meanwhile. Returns -1 at the end of the connection. */
static int wait_for_server(struct wth_connection *connection)
{
    struct wthp_callback *callback = wth_display_sync(wth_connection_get_display(connection));
    int before = done;

    wthp_callback_set_listener(callback, &callback_listener, NULL);
    while (done == before) {
        struct pollfd entry = { wth_connection_get_fd(connection), POLLIN, 0 };

        if (wth_connection_flush(connection) < 0) {
            if (errno != EAGAIN)
                return -1;
            entry.events |= POLLOUT;
        }
        if (poll(&entry, 1, -1) < 0)
            return -1;
        if ((wth_connection_read(connection) < 0 && errno != EAGAIN) || wth_connection_dispatch(connection) < 0)
            return -1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct wth_connection *connection;
    struct wthp_registry *registry;

    if (argc < 3) {
        fprintf(stderr, "usage: input-client-tag HOST PORT\n");
        return 2;
    }
    connection = wth_connect_to_server(argv[1], argv[2]);
    if (!connection) {
        perror("input-client-tag: connect");
        return 1;
    }
    fcntl(wth_connection_get_fd(connection), F_SETFL, O_NONBLOCK);
    registry = wth_display_get_registry(wth_connection_get_display(connection));
    wthp_registry_set_listener(registry, &registry_listener, NULL);
    /* The registry's answer, the seat's, and the pointer's. */
    if (wait_for_server(connection) < 0 || wait_for_server(connection) < 0 || wait_for_server(connection) < 0) {
        perror("input-client-tag");
        return 1;
    }
    printf("%d messages\n", motions + frames);
    if (pointer)
        wthp_pointer_release(pointer);
    if (seat)
        wthp_seat_release(seat);
    wthp_registry_destroy(registry);
    wth_connection_destroy(connection);
    return wrong || motions == 0 || motions != frames;
}
