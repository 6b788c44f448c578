/* Every message in both directions, in pieces of every size: each handler gets what was sent.
 *
 * Generated from the protocol's XML by the library's own generator; do not edit (make headers).
 * harness: ours-only the original misreads arrays and has no IVI messages
 */
#include "check.h"

enum { INTERFACES = 18 };

#include <string.h>
#include <sys/socket.h>
#include <waltham-client.h>
#include <waltham-connection.h>
#include <waltham-server.h>

static struct wth_connection *client, *server;
/* The far ends of the two connections, between which the bytes are passed on. */
static int client_far, server_far;
static int seen;
static unsigned char bytes[] = { 1, 2, 0, 254, 255 };
static unsigned char keys[] = { 30, 0, 0, 0, 48, 0, 0, 0 };
static struct wth_array array = { 8, 8, keys };
static void *on_client[INTERFACES], *on_server[INTERFACES];

static void check_array(const struct wth_array *got)
{
    CHECK_EQ(got->size, 8);
    CHECK(memcmp(got->data, keys, 8) == 0);
}

/* Passes what is on the way from one connection to the other, in pieces. */
static void pass(int from, int to, struct wth_connection *receiver, size_t step)
{
    unsigned char buffer[4096];
    ssize_t n = recv(from, buffer, sizeof buffer, MSG_DONTWAIT), sent;

    CHECK(n > 0);
    for (sent = 0; sent < n; sent += (ssize_t)step) {
        size_t length = (size_t)(n - sent) < step ? (size_t)(n - sent) : step;

        CHECK_EQ(send(to, buffer + sent, length, 0), (ssize_t)length);
        CHECK_EQ(wth_connection_read(receiver), 0);
        CHECK(wth_connection_dispatch(receiver) >= 0);
    }
}

static void to_server(size_t step)
{
    pass(client_far, server_far, server, step);
}

static void to_client(size_t step)
{
    pass(server_far, client_far, client, step);
}


static void on_wth_display_request_client_version(struct wth_display *self, uint32_t client_version)
{
    CHECK((void *)self == on_server[0]);
    CHECK_EQ(client_version, 0x80000001u);
    seen++;
}

static void on_wth_display_request_sync(struct wth_display *self, struct wthp_callback *callback)
{
    CHECK((void *)self == on_server[0]);
    CHECK(callback != NULL);
    wth_object_delete((struct wth_object *)callback);
    seen++;
}

static void on_wth_display_request_get_registry(struct wth_display *self, struct wthp_registry *registry)
{
    CHECK((void *)self == on_server[0]);
    CHECK(registry != NULL);
    wth_object_delete((struct wth_object *)registry);
    seen++;
}

static void on_wth_display_event_error(struct wth_display *self, struct wth_object *object_id, uint32_t code, const char *message)
{
    CHECK((void *)self == on_client[0]);
    CHECK((void *)object_id == on_client[1]);
    CHECK_EQ(code, 0x80000001u);
    CHECK(strcmp(message, "text of message") == 0);
    seen++;
}

static void on_wth_display_event_delete_id(struct wth_display *self, uint32_t id)
{
    CHECK((void *)self == on_client[0]);
    CHECK_EQ(id, 0x80000001u);
    seen++;
}

static void on_wth_display_event_server_version(struct wth_display *self, uint32_t server_version)
{
    CHECK((void *)self == on_client[0]);
    CHECK_EQ(server_version, 0x80000001u);
    seen++;
}

static void on_wthp_registry_request_destroy(struct wthp_registry *self)
{
    CHECK((void *)self == on_server[1]);
    seen++;
    wth_object_delete((struct wth_object *)self);
}

static void on_wthp_registry_request_bind(struct wthp_registry *self, uint32_t name, struct wth_object *id, const char *interface, uint32_t version)
{
    CHECK((void *)self == on_server[1]);
    CHECK(interface[0] != '\0');
    CHECK_EQ(version, 1);
    on_server[name] = id;
}

static void on_wthp_registry_event_global(struct wthp_registry *self, uint32_t name, const char *interface, uint32_t version)
{
    CHECK((void *)self == on_client[1]);
    CHECK_EQ(name, 0x80000001u);
    CHECK(strcmp(interface, "text of interface") == 0);
    CHECK_EQ(version, 0x80000001u);
    seen++;
}

static void on_wthp_registry_event_global_remove(struct wthp_registry *self, uint32_t name)
{
    CHECK((void *)self == on_client[1]);
    CHECK_EQ(name, 0x80000001u);
    seen++;
}

static void on_wthp_callback_event_done(struct wthp_callback *self, uint32_t callback_data)
{
    CHECK((void *)self == on_client[2]);
    CHECK_EQ(callback_data, 0x80000001u);
    seen++;
}

static void on_wthp_compositor_request_create_surface(struct wthp_compositor *self, struct wthp_surface *id)
{
    CHECK((void *)self == on_server[3]);
    CHECK(id != NULL);
    wth_object_delete((struct wth_object *)id);
    seen++;
}

static void on_wthp_compositor_request_create_region(struct wthp_compositor *self, struct wthp_region *id)
{
    CHECK((void *)self == on_server[3]);
    CHECK(id != NULL);
    wth_object_delete((struct wth_object *)id);
    seen++;
}

static void on_wthp_blob_factory_request_create_buffer(struct wthp_blob_factory *self, struct wthp_buffer *buffer, uint32_t data_sz, void *data, int32_t width, int32_t height, int32_t stride, uint32_t format)
{
    CHECK((void *)self == on_server[4]);
    CHECK(buffer != NULL);
    wth_object_delete((struct wth_object *)buffer);
    CHECK_EQ(data_sz, sizeof bytes);
    CHECK(memcmp(data, bytes, sizeof bytes) == 0);
    CHECK_EQ(width, -3);
    CHECK_EQ(height, -3);
    CHECK_EQ(stride, -3);
    CHECK_EQ(format, 0x80000001u);
    seen++;
}

static void on_wthp_blob_factory_event_format(struct wthp_blob_factory *self, uint32_t format)
{
    CHECK((void *)self == on_client[4]);
    CHECK_EQ(format, 0x80000001u);
    seen++;
}

static void on_wthp_buffer_request_destroy(struct wthp_buffer *self)
{
    CHECK((void *)self == on_server[5]);
    seen++;
    wth_object_delete((struct wth_object *)self);
}

static void on_wthp_buffer_event_complete(struct wthp_buffer *self, uint32_t serial)
{
    CHECK((void *)self == on_client[5]);
    CHECK_EQ(serial, 0x80000001u);
    seen++;
}

static void on_wthp_surface_request_destroy(struct wthp_surface *self)
{
    CHECK((void *)self == on_server[6]);
    seen++;
    wth_object_delete((struct wth_object *)self);
}

static void on_wthp_surface_request_attach(struct wthp_surface *self, struct wthp_buffer *buffer, int32_t x, int32_t y)
{
    CHECK((void *)self == on_server[6]);
    CHECK((void *)buffer == on_server[5]);
    CHECK_EQ(x, -3);
    CHECK_EQ(y, -3);
    seen++;
}

static void on_wthp_surface_request_damage(struct wthp_surface *self, int32_t x, int32_t y, int32_t width, int32_t height)
{
    CHECK((void *)self == on_server[6]);
    CHECK_EQ(x, -3);
    CHECK_EQ(y, -3);
    CHECK_EQ(width, -3);
    CHECK_EQ(height, -3);
    seen++;
}

static void on_wthp_surface_request_frame(struct wthp_surface *self, struct wthp_callback *callback)
{
    CHECK((void *)self == on_server[6]);
    CHECK(callback != NULL);
    wth_object_delete((struct wth_object *)callback);
    seen++;
}

static void on_wthp_surface_request_set_opaque_region(struct wthp_surface *self, struct wthp_region *region)
{
    CHECK((void *)self == on_server[6]);
    CHECK((void *)region == on_server[12]);
    seen++;
}

static void on_wthp_surface_request_set_input_region(struct wthp_surface *self, struct wthp_region *region)
{
    CHECK((void *)self == on_server[6]);
    CHECK((void *)region == on_server[12]);
    seen++;
}

static void on_wthp_surface_request_commit(struct wthp_surface *self)
{
    CHECK((void *)self == on_server[6]);
    seen++;
}

static void on_wthp_surface_event_enter(struct wthp_surface *self, struct wthp_output *output)
{
    CHECK((void *)self == on_client[6]);
    CHECK((void *)output == on_client[11]);
    seen++;
}

static void on_wthp_surface_event_leave(struct wthp_surface *self, struct wthp_output *output)
{
    CHECK((void *)self == on_client[6]);
    CHECK((void *)output == on_client[11]);
    seen++;
}

static void on_wthp_surface_request_set_buffer_transform(struct wthp_surface *self, int32_t transform)
{
    CHECK((void *)self == on_server[6]);
    CHECK_EQ(transform, -3);
    seen++;
}

static void on_wthp_surface_request_set_buffer_scale(struct wthp_surface *self, int32_t scale)
{
    CHECK((void *)self == on_server[6]);
    CHECK_EQ(scale, -3);
    seen++;
}

static void on_wthp_surface_request_damage_buffer(struct wthp_surface *self, int32_t x, int32_t y, int32_t width, int32_t height)
{
    CHECK((void *)self == on_server[6]);
    CHECK_EQ(x, -3);
    CHECK_EQ(y, -3);
    CHECK_EQ(width, -3);
    CHECK_EQ(height, -3);
    seen++;
}

static void on_wthp_seat_event_capabilities(struct wthp_seat *self, uint32_t capabilities)
{
    CHECK((void *)self == on_client[7]);
    CHECK_EQ(capabilities, 0x80000001u);
    seen++;
}

static void on_wthp_seat_request_get_pointer(struct wthp_seat *self, struct wthp_pointer *id)
{
    CHECK((void *)self == on_server[7]);
    CHECK(id != NULL);
    wth_object_delete((struct wth_object *)id);
    seen++;
}

static void on_wthp_seat_request_get_keyboard(struct wthp_seat *self, struct wthp_keyboard *id)
{
    CHECK((void *)self == on_server[7]);
    CHECK(id != NULL);
    wth_object_delete((struct wth_object *)id);
    seen++;
}

static void on_wthp_seat_request_get_touch(struct wthp_seat *self, struct wthp_touch *id)
{
    CHECK((void *)self == on_server[7]);
    CHECK(id != NULL);
    wth_object_delete((struct wth_object *)id);
    seen++;
}

static void on_wthp_seat_event_name(struct wthp_seat *self, const char *name)
{
    CHECK((void *)self == on_client[7]);
    CHECK(strcmp(name, "text of name") == 0);
    seen++;
}

static void on_wthp_seat_request_release(struct wthp_seat *self)
{
    CHECK((void *)self == on_server[7]);
    seen++;
    wth_object_delete((struct wth_object *)self);
}

static void on_wthp_pointer_request_set_cursor(struct wthp_pointer *self, uint32_t serial, struct wthp_surface *surface, int32_t hotspot_x, int32_t hotspot_y)
{
    CHECK((void *)self == on_server[8]);
    CHECK_EQ(serial, 0x80000001u);
    CHECK((void *)surface == on_server[6]);
    CHECK_EQ(hotspot_x, -3);
    CHECK_EQ(hotspot_y, -3);
    seen++;
}

static void on_wthp_pointer_event_enter(struct wthp_pointer *self, uint32_t serial, struct wthp_surface *surface, wth_fixed_t surface_x, wth_fixed_t surface_y)
{
    CHECK((void *)self == on_client[8]);
    CHECK_EQ(serial, 0x80000001u);
    CHECK((void *)surface == on_client[6]);
    CHECK_EQ(surface_x, wth_fixed_from_double(-1.5));
    CHECK_EQ(surface_y, wth_fixed_from_double(-1.5));
    seen++;
}

static void on_wthp_pointer_event_leave(struct wthp_pointer *self, uint32_t serial, struct wthp_surface *surface)
{
    CHECK((void *)self == on_client[8]);
    CHECK_EQ(serial, 0x80000001u);
    CHECK((void *)surface == on_client[6]);
    seen++;
}

static void on_wthp_pointer_event_motion(struct wthp_pointer *self, uint32_t time, wth_fixed_t surface_x, wth_fixed_t surface_y)
{
    CHECK((void *)self == on_client[8]);
    CHECK_EQ(time, 0x80000001u);
    CHECK_EQ(surface_x, wth_fixed_from_double(-1.5));
    CHECK_EQ(surface_y, wth_fixed_from_double(-1.5));
    seen++;
}

static void on_wthp_pointer_event_button(struct wthp_pointer *self, uint32_t serial, uint32_t time, uint32_t button, uint32_t state)
{
    CHECK((void *)self == on_client[8]);
    CHECK_EQ(serial, 0x80000001u);
    CHECK_EQ(time, 0x80000001u);
    CHECK_EQ(button, 0x80000001u);
    CHECK_EQ(state, 0x80000001u);
    seen++;
}

static void on_wthp_pointer_event_axis(struct wthp_pointer *self, uint32_t time, uint32_t axis, wth_fixed_t value)
{
    CHECK((void *)self == on_client[8]);
    CHECK_EQ(time, 0x80000001u);
    CHECK_EQ(axis, 0x80000001u);
    CHECK_EQ(value, wth_fixed_from_double(-1.5));
    seen++;
}

static void on_wthp_pointer_request_release(struct wthp_pointer *self)
{
    CHECK((void *)self == on_server[8]);
    seen++;
    wth_object_delete((struct wth_object *)self);
}

static void on_wthp_pointer_event_frame(struct wthp_pointer *self)
{
    CHECK((void *)self == on_client[8]);
    seen++;
}

static void on_wthp_pointer_event_axis_source(struct wthp_pointer *self, uint32_t axis_source)
{
    CHECK((void *)self == on_client[8]);
    CHECK_EQ(axis_source, 0x80000001u);
    seen++;
}

static void on_wthp_pointer_event_axis_stop(struct wthp_pointer *self, uint32_t time, uint32_t axis)
{
    CHECK((void *)self == on_client[8]);
    CHECK_EQ(time, 0x80000001u);
    CHECK_EQ(axis, 0x80000001u);
    seen++;
}

static void on_wthp_pointer_event_axis_discrete(struct wthp_pointer *self, uint32_t axis, int32_t discrete)
{
    CHECK((void *)self == on_client[8]);
    CHECK_EQ(axis, 0x80000001u);
    CHECK_EQ(discrete, -3);
    seen++;
}

static void on_wthp_keyboard_event_keymap(struct wthp_keyboard *self, uint32_t format, uint32_t keymap_sz, void *keymap)
{
    CHECK((void *)self == on_client[9]);
    CHECK_EQ(format, 0x80000001u);
    CHECK_EQ(keymap_sz, sizeof bytes);
    CHECK(memcmp(keymap, bytes, sizeof bytes) == 0);
    seen++;
}

static void on_wthp_keyboard_event_enter(struct wthp_keyboard *self, uint32_t serial, struct wthp_surface *surface, struct wth_array *keys)
{
    CHECK((void *)self == on_client[9]);
    CHECK_EQ(serial, 0x80000001u);
    CHECK((void *)surface == on_client[6]);
    check_array(keys);
    seen++;
}

static void on_wthp_keyboard_event_leave(struct wthp_keyboard *self, uint32_t serial, struct wthp_surface *surface)
{
    CHECK((void *)self == on_client[9]);
    CHECK_EQ(serial, 0x80000001u);
    CHECK((void *)surface == on_client[6]);
    seen++;
}

static void on_wthp_keyboard_event_key(struct wthp_keyboard *self, uint32_t serial, uint32_t time, uint32_t key, uint32_t state)
{
    CHECK((void *)self == on_client[9]);
    CHECK_EQ(serial, 0x80000001u);
    CHECK_EQ(time, 0x80000001u);
    CHECK_EQ(key, 0x80000001u);
    CHECK_EQ(state, 0x80000001u);
    seen++;
}

static void on_wthp_keyboard_event_modifiers(struct wthp_keyboard *self, uint32_t serial, uint32_t mods_depressed, uint32_t mods_latched, uint32_t mods_locked, uint32_t group)
{
    CHECK((void *)self == on_client[9]);
    CHECK_EQ(serial, 0x80000001u);
    CHECK_EQ(mods_depressed, 0x80000001u);
    CHECK_EQ(mods_latched, 0x80000001u);
    CHECK_EQ(mods_locked, 0x80000001u);
    CHECK_EQ(group, 0x80000001u);
    seen++;
}

static void on_wthp_keyboard_request_release(struct wthp_keyboard *self)
{
    CHECK((void *)self == on_server[9]);
    seen++;
    wth_object_delete((struct wth_object *)self);
}

static void on_wthp_keyboard_event_repeat_info(struct wthp_keyboard *self, int32_t rate, int32_t delay)
{
    CHECK((void *)self == on_client[9]);
    CHECK_EQ(rate, -3);
    CHECK_EQ(delay, -3);
    seen++;
}

static void on_wthp_touch_event_down(struct wthp_touch *self, uint32_t serial, uint32_t time, struct wthp_surface *surface, int32_t id, wth_fixed_t x, wth_fixed_t y)
{
    CHECK((void *)self == on_client[10]);
    CHECK_EQ(serial, 0x80000001u);
    CHECK_EQ(time, 0x80000001u);
    CHECK((void *)surface == on_client[6]);
    CHECK_EQ(id, -3);
    CHECK_EQ(x, wth_fixed_from_double(-1.5));
    CHECK_EQ(y, wth_fixed_from_double(-1.5));
    seen++;
}

static void on_wthp_touch_event_up(struct wthp_touch *self, uint32_t serial, uint32_t time, int32_t id)
{
    CHECK((void *)self == on_client[10]);
    CHECK_EQ(serial, 0x80000001u);
    CHECK_EQ(time, 0x80000001u);
    CHECK_EQ(id, -3);
    seen++;
}

static void on_wthp_touch_event_motion(struct wthp_touch *self, uint32_t time, int32_t id, wth_fixed_t x, wth_fixed_t y)
{
    CHECK((void *)self == on_client[10]);
    CHECK_EQ(time, 0x80000001u);
    CHECK_EQ(id, -3);
    CHECK_EQ(x, wth_fixed_from_double(-1.5));
    CHECK_EQ(y, wth_fixed_from_double(-1.5));
    seen++;
}

static void on_wthp_touch_event_frame(struct wthp_touch *self)
{
    CHECK((void *)self == on_client[10]);
    seen++;
}

static void on_wthp_touch_event_cancel(struct wthp_touch *self)
{
    CHECK((void *)self == on_client[10]);
    seen++;
}

static void on_wthp_touch_request_release(struct wthp_touch *self)
{
    CHECK((void *)self == on_server[10]);
    seen++;
    wth_object_delete((struct wth_object *)self);
}

static void on_wthp_output_event_geometry(struct wthp_output *self, int32_t x, int32_t y, int32_t physical_width, int32_t physical_height, int32_t subpixel, const char *make, const char *model, int32_t transform)
{
    CHECK((void *)self == on_client[11]);
    CHECK_EQ(x, -3);
    CHECK_EQ(y, -3);
    CHECK_EQ(physical_width, -3);
    CHECK_EQ(physical_height, -3);
    CHECK_EQ(subpixel, -3);
    CHECK(strcmp(make, "text of make") == 0);
    CHECK(strcmp(model, "text of model") == 0);
    CHECK_EQ(transform, -3);
    seen++;
}

static void on_wthp_output_event_mode(struct wthp_output *self, uint32_t flags, int32_t width, int32_t height, int32_t refresh)
{
    CHECK((void *)self == on_client[11]);
    CHECK_EQ(flags, 0x80000001u);
    CHECK_EQ(width, -3);
    CHECK_EQ(height, -3);
    CHECK_EQ(refresh, -3);
    seen++;
}

static void on_wthp_output_event_done(struct wthp_output *self)
{
    CHECK((void *)self == on_client[11]);
    seen++;
}

static void on_wthp_output_event_scale(struct wthp_output *self, int32_t factor)
{
    CHECK((void *)self == on_client[11]);
    CHECK_EQ(factor, -3);
    seen++;
}

static void on_wthp_region_request_destroy(struct wthp_region *self)
{
    CHECK((void *)self == on_server[12]);
    seen++;
    wth_object_delete((struct wth_object *)self);
}

static void on_wthp_region_request_add(struct wthp_region *self, int32_t x, int32_t y, int32_t width, int32_t height)
{
    CHECK((void *)self == on_server[12]);
    CHECK_EQ(x, -3);
    CHECK_EQ(y, -3);
    CHECK_EQ(width, -3);
    CHECK_EQ(height, -3);
    seen++;
}

static void on_wthp_region_request_subtract(struct wthp_region *self, int32_t x, int32_t y, int32_t width, int32_t height)
{
    CHECK((void *)self == on_server[12]);
    CHECK_EQ(x, -3);
    CHECK_EQ(y, -3);
    CHECK_EQ(width, -3);
    CHECK_EQ(height, -3);
    seen++;
}

static void on_wthp_farstream_request_destroy(struct wthp_farstream *self)
{
    CHECK((void *)self == on_server[13]);
    seen++;
    wth_object_delete((struct wth_object *)self);
}

static void on_wthp_farstream_request_connect(struct wthp_farstream *self, uint32_t port, struct wthp_farstream_remote *remote)
{
    CHECK((void *)self == on_server[13]);
    CHECK_EQ(port, 0x80000001u);
    CHECK(remote != NULL);
    wth_object_delete((struct wth_object *)remote);
    seen++;
}

static void on_wthp_farstream_remote_request_destroy(struct wthp_farstream_remote *self)
{
    CHECK((void *)self == on_server[14]);
    seen++;
    wth_object_delete((struct wth_object *)self);
}

static void on_wthp_farstream_remote_request_codec_offer(struct wthp_farstream_remote *self, const char *list)
{
    CHECK((void *)self == on_server[14]);
    CHECK(strcmp(list, "text of list") == 0);
    seen++;
}

static void on_wthp_farstream_remote_request_create_buffer(struct wthp_farstream_remote *self, uint32_t frame_id, struct wthp_buffer *id)
{
    CHECK((void *)self == on_server[14]);
    CHECK_EQ(frame_id, 0x80000001u);
    CHECK(id != NULL);
    wth_object_delete((struct wth_object *)id);
    seen++;
}

static void on_wthp_farstream_remote_event_port(struct wthp_farstream_remote *self, uint32_t port)
{
    CHECK((void *)self == on_client[14]);
    CHECK_EQ(port, 0x80000001u);
    seen++;
}

static void on_wthp_farstream_remote_event_codec_answer(struct wthp_farstream_remote *self, const char *list)
{
    CHECK((void *)self == on_client[14]);
    CHECK(strcmp(list, "text of list") == 0);
    seen++;
}

static void on_wthp_farstream_remote_event_error(struct wthp_farstream_remote *self, uint32_t code, const char *message)
{
    CHECK((void *)self == on_client[14]);
    CHECK_EQ(code, 0x80000001u);
    CHECK(strcmp(message, "text of message") == 0);
    seen++;
}

static void on_wthp_ivi_surface_request_destroy(struct wthp_ivi_surface *self)
{
    CHECK((void *)self == on_server[15]);
    seen++;
    wth_object_delete((struct wth_object *)self);
}

static void on_wthp_ivi_surface_event_configure(struct wthp_ivi_surface *self, int32_t width, int32_t height)
{
    CHECK((void *)self == on_client[15]);
    CHECK_EQ(width, -3);
    CHECK_EQ(height, -3);
    seen++;
}

static void on_wthp_ivi_application_request_surface_create(struct wthp_ivi_application *self, uint32_t ivi_id, struct wthp_surface *surface, struct wthp_ivi_surface *id)
{
    CHECK((void *)self == on_server[16]);
    CHECK_EQ(ivi_id, 0x80000001u);
    CHECK((void *)surface == on_server[6]);
    CHECK(id != NULL);
    wth_object_delete((struct wth_object *)id);
    seen++;
}

static void on_dummy_request_dummy_request(struct dummy *self)
{
    CHECK((void *)self == on_server[17]);
    seen++;
}

static const struct wth_display_interface wth_display_interface = {
    on_wth_display_request_client_version,
    on_wth_display_request_sync,
    on_wth_display_request_get_registry
};

static const struct wth_display_listener wth_display_listener = {
    on_wth_display_event_error,
    on_wth_display_event_delete_id,
    on_wth_display_event_server_version
};

static const struct wthp_registry_interface wthp_registry_interface = {
    on_wthp_registry_request_destroy,
    on_wthp_registry_request_bind
};

static const struct wthp_registry_listener wthp_registry_listener = {
    on_wthp_registry_event_global,
    on_wthp_registry_event_global_remove
};

static const struct wthp_callback_listener wthp_callback_listener = {
    on_wthp_callback_event_done
};

static const struct wthp_compositor_interface wthp_compositor_interface = {
    on_wthp_compositor_request_create_surface,
    on_wthp_compositor_request_create_region
};

static const struct wthp_blob_factory_interface wthp_blob_factory_interface = {
    on_wthp_blob_factory_request_create_buffer
};

static const struct wthp_blob_factory_listener wthp_blob_factory_listener = {
    on_wthp_blob_factory_event_format
};

static const struct wthp_buffer_interface wthp_buffer_interface = {
    on_wthp_buffer_request_destroy
};

static const struct wthp_buffer_listener wthp_buffer_listener = {
    on_wthp_buffer_event_complete
};

static const struct wthp_surface_interface wthp_surface_interface = {
    on_wthp_surface_request_destroy,
    on_wthp_surface_request_attach,
    on_wthp_surface_request_damage,
    on_wthp_surface_request_frame,
    on_wthp_surface_request_set_opaque_region,
    on_wthp_surface_request_set_input_region,
    on_wthp_surface_request_commit,
    on_wthp_surface_request_set_buffer_transform,
    on_wthp_surface_request_set_buffer_scale,
    on_wthp_surface_request_damage_buffer
};

static const struct wthp_surface_listener wthp_surface_listener = {
    on_wthp_surface_event_enter,
    on_wthp_surface_event_leave
};

static const struct wthp_seat_interface wthp_seat_interface = {
    on_wthp_seat_request_get_pointer,
    on_wthp_seat_request_get_keyboard,
    on_wthp_seat_request_get_touch,
    on_wthp_seat_request_release
};

static const struct wthp_seat_listener wthp_seat_listener = {
    on_wthp_seat_event_capabilities,
    on_wthp_seat_event_name
};

static const struct wthp_pointer_interface wthp_pointer_interface = {
    on_wthp_pointer_request_set_cursor,
    on_wthp_pointer_request_release
};

static const struct wthp_pointer_listener wthp_pointer_listener = {
    on_wthp_pointer_event_enter,
    on_wthp_pointer_event_leave,
    on_wthp_pointer_event_motion,
    on_wthp_pointer_event_button,
    on_wthp_pointer_event_axis,
    on_wthp_pointer_event_frame,
    on_wthp_pointer_event_axis_source,
    on_wthp_pointer_event_axis_stop,
    on_wthp_pointer_event_axis_discrete
};

static const struct wthp_keyboard_interface wthp_keyboard_interface = {
    on_wthp_keyboard_request_release
};

static const struct wthp_keyboard_listener wthp_keyboard_listener = {
    on_wthp_keyboard_event_keymap,
    on_wthp_keyboard_event_enter,
    on_wthp_keyboard_event_leave,
    on_wthp_keyboard_event_key,
    on_wthp_keyboard_event_modifiers,
    on_wthp_keyboard_event_repeat_info
};

static const struct wthp_touch_interface wthp_touch_interface = {
    on_wthp_touch_request_release
};

static const struct wthp_touch_listener wthp_touch_listener = {
    on_wthp_touch_event_down,
    on_wthp_touch_event_up,
    on_wthp_touch_event_motion,
    on_wthp_touch_event_frame,
    on_wthp_touch_event_cancel
};

static const struct wthp_output_listener wthp_output_listener = {
    on_wthp_output_event_geometry,
    on_wthp_output_event_mode,
    on_wthp_output_event_done,
    on_wthp_output_event_scale
};

static const struct wthp_region_interface wthp_region_interface = {
    on_wthp_region_request_destroy,
    on_wthp_region_request_add,
    on_wthp_region_request_subtract
};

static const struct wthp_farstream_interface wthp_farstream_interface = {
    on_wthp_farstream_request_destroy,
    on_wthp_farstream_request_connect
};

static const struct wthp_farstream_remote_interface wthp_farstream_remote_interface = {
    on_wthp_farstream_remote_request_destroy,
    on_wthp_farstream_remote_request_codec_offer,
    on_wthp_farstream_remote_request_create_buffer
};

static const struct wthp_farstream_remote_listener wthp_farstream_remote_listener = {
    on_wthp_farstream_remote_event_port,
    on_wthp_farstream_remote_event_codec_answer,
    on_wthp_farstream_remote_event_error
};

static const struct wthp_ivi_surface_interface wthp_ivi_surface_interface = {
    on_wthp_ivi_surface_request_destroy
};

static const struct wthp_ivi_surface_listener wthp_ivi_surface_listener = {
    on_wthp_ivi_surface_event_configure
};

static const struct wthp_ivi_application_interface wthp_ivi_application_interface = {
    on_wthp_ivi_application_request_surface_create
};

static const struct dummy_interface dummy_interface = {
    on_dummy_request_dummy_request
};

/* Each interface has an object of its own on both sides. */
static void bind_all(size_t step)
{
    wth_object_set_listener(on_client[0], (void (**)(void))&wth_display_listener, on_client[0]);
    wth_object_set_listener(on_server[0], (void (**)(void))&wth_display_interface, on_server[0]);
    wth_object_set_listener(on_client[1], (void (**)(void))&wthp_registry_listener, on_client[1]);
    wth_object_set_listener(on_server[1], (void (**)(void))&wthp_registry_interface, on_server[1]);
    on_client[2] = wthp_registry_bind(on_client[1], 2, "wthp_callback", 1);
    to_server(step);
    wth_object_set_listener(on_client[2], (void (**)(void))&wthp_callback_listener, on_client[2]);
    on_client[3] = wthp_registry_bind(on_client[1], 3, "wthp_compositor", 1);
    to_server(step);
    wth_object_set_listener(on_server[3], (void (**)(void))&wthp_compositor_interface, on_server[3]);
    on_client[4] = wthp_registry_bind(on_client[1], 4, "wthp_blob_factory", 1);
    to_server(step);
    wth_object_set_listener(on_client[4], (void (**)(void))&wthp_blob_factory_listener, on_client[4]);
    wth_object_set_listener(on_server[4], (void (**)(void))&wthp_blob_factory_interface, on_server[4]);
    on_client[5] = wthp_registry_bind(on_client[1], 5, "wthp_buffer", 1);
    to_server(step);
    wth_object_set_listener(on_client[5], (void (**)(void))&wthp_buffer_listener, on_client[5]);
    wth_object_set_listener(on_server[5], (void (**)(void))&wthp_buffer_interface, on_server[5]);
    on_client[6] = wthp_registry_bind(on_client[1], 6, "wthp_surface", 1);
    to_server(step);
    wth_object_set_listener(on_client[6], (void (**)(void))&wthp_surface_listener, on_client[6]);
    wth_object_set_listener(on_server[6], (void (**)(void))&wthp_surface_interface, on_server[6]);
    on_client[7] = wthp_registry_bind(on_client[1], 7, "wthp_seat", 1);
    to_server(step);
    wth_object_set_listener(on_client[7], (void (**)(void))&wthp_seat_listener, on_client[7]);
    wth_object_set_listener(on_server[7], (void (**)(void))&wthp_seat_interface, on_server[7]);
    on_client[8] = wthp_registry_bind(on_client[1], 8, "wthp_pointer", 1);
    to_server(step);
    wth_object_set_listener(on_client[8], (void (**)(void))&wthp_pointer_listener, on_client[8]);
    wth_object_set_listener(on_server[8], (void (**)(void))&wthp_pointer_interface, on_server[8]);
    on_client[9] = wthp_registry_bind(on_client[1], 9, "wthp_keyboard", 1);
    to_server(step);
    wth_object_set_listener(on_client[9], (void (**)(void))&wthp_keyboard_listener, on_client[9]);
    wth_object_set_listener(on_server[9], (void (**)(void))&wthp_keyboard_interface, on_server[9]);
    on_client[10] = wthp_registry_bind(on_client[1], 10, "wthp_touch", 1);
    to_server(step);
    wth_object_set_listener(on_client[10], (void (**)(void))&wthp_touch_listener, on_client[10]);
    wth_object_set_listener(on_server[10], (void (**)(void))&wthp_touch_interface, on_server[10]);
    on_client[11] = wthp_registry_bind(on_client[1], 11, "wthp_output", 1);
    to_server(step);
    wth_object_set_listener(on_client[11], (void (**)(void))&wthp_output_listener, on_client[11]);
    on_client[12] = wthp_registry_bind(on_client[1], 12, "wthp_region", 1);
    to_server(step);
    wth_object_set_listener(on_server[12], (void (**)(void))&wthp_region_interface, on_server[12]);
    on_client[13] = wthp_registry_bind(on_client[1], 13, "wthp_farstream", 1);
    to_server(step);
    wth_object_set_listener(on_server[13], (void (**)(void))&wthp_farstream_interface, on_server[13]);
    on_client[14] = wthp_registry_bind(on_client[1], 14, "wthp_farstream_remote", 1);
    to_server(step);
    wth_object_set_listener(on_client[14], (void (**)(void))&wthp_farstream_remote_listener, on_client[14]);
    wth_object_set_listener(on_server[14], (void (**)(void))&wthp_farstream_remote_interface, on_server[14]);
    on_client[15] = wthp_registry_bind(on_client[1], 15, "wthp_ivi_surface", 1);
    to_server(step);
    wth_object_set_listener(on_client[15], (void (**)(void))&wthp_ivi_surface_listener, on_client[15]);
    wth_object_set_listener(on_server[15], (void (**)(void))&wthp_ivi_surface_interface, on_server[15]);
    on_client[16] = wthp_registry_bind(on_client[1], 16, "wthp_ivi_application", 1);
    to_server(step);
    wth_object_set_listener(on_server[16], (void (**)(void))&wthp_ivi_application_interface, on_server[16]);
    on_client[17] = wthp_registry_bind(on_client[1], 17, "dummy", 1);
    to_server(step);
    wth_object_set_listener(on_server[17], (void (**)(void))&dummy_interface, on_server[17]);
}

static void send_all(size_t step)
{
    void *made;

    (void)made;
    wth_display_client_version(on_client[0], 0x80000001u);
    to_server(step);
    made = wth_display_sync(on_client[0]);
    to_server(step);
    CHECK(made != NULL);
    wth_object_delete(made);
    made = wth_display_get_registry(on_client[0]);
    to_server(step);
    CHECK(made != NULL);
    wth_object_delete(made);
    wth_display_send_error(on_server[0], on_server[1], 0x80000001u, "text of message");
    to_client(step);
    wth_display_send_delete_id(on_server[0], 0x80000001u);
    to_client(step);
    wth_display_send_server_version(on_server[0], 0x80000001u);
    to_client(step);
    wthp_registry_send_global(on_server[1], 0x80000001u, "text of interface", 0x80000001u);
    to_client(step);
    wthp_registry_send_global_remove(on_server[1], 0x80000001u);
    to_client(step);
    wthp_callback_send_done(on_server[2], 0x80000001u);
    to_client(step);
    made = wthp_compositor_create_surface(on_client[3]);
    to_server(step);
    CHECK(made != NULL);
    wth_object_delete(made);
    made = wthp_compositor_create_region(on_client[3]);
    to_server(step);
    CHECK(made != NULL);
    wth_object_delete(made);
    made = wthp_blob_factory_create_buffer(on_client[4], sizeof bytes, bytes, -3, -3, -3, 0x80000001u);
    to_server(step);
    CHECK(made != NULL);
    wth_object_delete(made);
    wthp_blob_factory_send_format(on_server[4], 0x80000001u);
    to_client(step);
    wthp_buffer_send_complete(on_server[5], 0x80000001u);
    to_client(step);
    wthp_surface_attach(on_client[6], on_client[5], -3, -3);
    to_server(step);
    wthp_surface_damage(on_client[6], -3, -3, -3, -3);
    to_server(step);
    made = wthp_surface_frame(on_client[6]);
    to_server(step);
    CHECK(made != NULL);
    wth_object_delete(made);
    wthp_surface_set_opaque_region(on_client[6], on_client[12]);
    to_server(step);
    wthp_surface_set_input_region(on_client[6], on_client[12]);
    to_server(step);
    wthp_surface_commit(on_client[6]);
    to_server(step);
    wthp_surface_send_enter(on_server[6], on_server[11]);
    to_client(step);
    wthp_surface_send_leave(on_server[6], on_server[11]);
    to_client(step);
    wthp_surface_set_buffer_transform(on_client[6], -3);
    to_server(step);
    wthp_surface_set_buffer_scale(on_client[6], -3);
    to_server(step);
    wthp_surface_damage_buffer(on_client[6], -3, -3, -3, -3);
    to_server(step);
    wthp_seat_send_capabilities(on_server[7], 0x80000001u);
    to_client(step);
    made = wthp_seat_get_pointer(on_client[7]);
    to_server(step);
    CHECK(made != NULL);
    wth_object_delete(made);
    made = wthp_seat_get_keyboard(on_client[7]);
    to_server(step);
    CHECK(made != NULL);
    wth_object_delete(made);
    made = wthp_seat_get_touch(on_client[7]);
    to_server(step);
    CHECK(made != NULL);
    wth_object_delete(made);
    wthp_seat_send_name(on_server[7], "text of name");
    to_client(step);
    wthp_pointer_set_cursor(on_client[8], 0x80000001u, on_client[6], -3, -3);
    to_server(step);
    wthp_pointer_send_enter(on_server[8], 0x80000001u, on_server[6], wth_fixed_from_double(-1.5), wth_fixed_from_double(-1.5));
    to_client(step);
    wthp_pointer_send_leave(on_server[8], 0x80000001u, on_server[6]);
    to_client(step);
    wthp_pointer_send_motion(on_server[8], 0x80000001u, wth_fixed_from_double(-1.5), wth_fixed_from_double(-1.5));
    to_client(step);
    wthp_pointer_send_button(on_server[8], 0x80000001u, 0x80000001u, 0x80000001u, 0x80000001u);
    to_client(step);
    wthp_pointer_send_axis(on_server[8], 0x80000001u, 0x80000001u, wth_fixed_from_double(-1.5));
    to_client(step);
    wthp_pointer_send_frame(on_server[8]);
    to_client(step);
    wthp_pointer_send_axis_source(on_server[8], 0x80000001u);
    to_client(step);
    wthp_pointer_send_axis_stop(on_server[8], 0x80000001u, 0x80000001u);
    to_client(step);
    wthp_pointer_send_axis_discrete(on_server[8], 0x80000001u, -3);
    to_client(step);
    wthp_keyboard_send_keymap(on_server[9], 0x80000001u, sizeof bytes, bytes);
    to_client(step);
    wthp_keyboard_send_enter(on_server[9], 0x80000001u, on_server[6], &array);
    to_client(step);
    wthp_keyboard_send_leave(on_server[9], 0x80000001u, on_server[6]);
    to_client(step);
    wthp_keyboard_send_key(on_server[9], 0x80000001u, 0x80000001u, 0x80000001u, 0x80000001u);
    to_client(step);
    wthp_keyboard_send_modifiers(on_server[9], 0x80000001u, 0x80000001u, 0x80000001u, 0x80000001u, 0x80000001u);
    to_client(step);
    wthp_keyboard_send_repeat_info(on_server[9], -3, -3);
    to_client(step);
    wthp_touch_send_down(on_server[10], 0x80000001u, 0x80000001u, on_server[6], -3, wth_fixed_from_double(-1.5), wth_fixed_from_double(-1.5));
    to_client(step);
    wthp_touch_send_up(on_server[10], 0x80000001u, 0x80000001u, -3);
    to_client(step);
    wthp_touch_send_motion(on_server[10], 0x80000001u, -3, wth_fixed_from_double(-1.5), wth_fixed_from_double(-1.5));
    to_client(step);
    wthp_touch_send_frame(on_server[10]);
    to_client(step);
    wthp_touch_send_cancel(on_server[10]);
    to_client(step);
    wthp_output_send_geometry(on_server[11], -3, -3, -3, -3, -3, "text of make", "text of model", -3);
    to_client(step);
    wthp_output_send_mode(on_server[11], 0x80000001u, -3, -3, -3);
    to_client(step);
    wthp_output_send_done(on_server[11]);
    to_client(step);
    wthp_output_send_scale(on_server[11], -3);
    to_client(step);
    wthp_region_add(on_client[12], -3, -3, -3, -3);
    to_server(step);
    wthp_region_subtract(on_client[12], -3, -3, -3, -3);
    to_server(step);
    made = wthp_farstream_connect(on_client[13], 0x80000001u);
    to_server(step);
    CHECK(made != NULL);
    wth_object_delete(made);
    wthp_farstream_remote_codec_offer(on_client[14], "text of list");
    to_server(step);
    made = wthp_farstream_remote_create_buffer(on_client[14], 0x80000001u);
    to_server(step);
    CHECK(made != NULL);
    wth_object_delete(made);
    wthp_farstream_remote_send_port(on_server[14], 0x80000001u);
    to_client(step);
    wthp_farstream_remote_send_codec_answer(on_server[14], "text of list");
    to_client(step);
    wthp_farstream_remote_send_error(on_server[14], 0x80000001u, "text of message");
    to_client(step);
    wthp_ivi_surface_send_configure(on_server[15], -3, -3);
    to_client(step);
    made = wthp_ivi_application_surface_create(on_client[16], 0x80000001u, on_client[6]);
    to_server(step);
    CHECK(made != NULL);
    wth_object_delete(made);
    dummy_dummy_request(on_client[17]);
    to_server(step);
    wthp_ivi_surface_destroy(on_client[15]);
    to_server(step);
    wthp_farstream_remote_destroy(on_client[14]);
    to_server(step);
    wthp_farstream_destroy(on_client[13]);
    to_server(step);
    wthp_region_destroy(on_client[12]);
    to_server(step);
    wthp_touch_release(on_client[10]);
    to_server(step);
    wthp_keyboard_release(on_client[9]);
    to_server(step);
    wthp_pointer_release(on_client[8]);
    to_server(step);
    wthp_seat_release(on_client[7]);
    to_server(step);
    wthp_surface_destroy(on_client[6]);
    to_server(step);
    wthp_buffer_destroy(on_client[5]);
    to_server(step);
    wthp_registry_destroy(on_client[1]);
    to_server(step);
}

static void on_registry(struct wthp_registry *registry, void *user_data)
{
    CHECK(user_data == &seen);
    on_server[1] = registry;
}

static void converse(size_t step)
{
    static const int left[] = { 2, 3, 4, 11, 16, 17 };
    int pair[2];
    size_t i;

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    client = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_CLIENT);
    client_far = pair[1];
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    server = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_SERVER);
    server_far = pair[1];
    wth_connection_set_registry_callback(server, on_registry, &seen);
    seen = 0;
    on_client[0] = wth_connection_get_display(client);
    on_server[0] = wth_connection_get_display(server);
    on_client[1] = wth_connection_create_registry(client);
    to_server(step);
    bind_all(step);
    send_all(step);
    /* All but bind. */
    CHECK_EQ(seen, 78 - 1);
    for (i = 0; i < sizeof left / sizeof *left; i++) {
        wth_object_delete(on_client[left[i]]);
        wth_object_delete(on_server[left[i]]);
    }
    wth_connection_destroy(client);
    wth_connection_destroy(server);
    close(client_far);
    close(server_far);
}

int main(void)
{
    size_t step;

    for (step = 1; step < 72; step++)
        converse(step);
    converse(4096);
    return 0;
}
