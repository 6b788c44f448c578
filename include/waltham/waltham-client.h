/* The client side of a Waltham protocol. A message is sent when its function is called, as far as the socket takes
 * it, without waiting. What goes wrong becomes the connection's error, see wth_connection_get_error.
 *
 * Generated from its XML; do not edit. */
#ifndef WALTHAM_CLIENT_H
#define WALTHAM_CLIENT_H

#include <stdint.h>
#include <waltham-object.h>
#include <waltham-util.h>

#ifdef __cplusplus
extern "C" {
#endif

struct dummy;
struct wth_display;
struct wthp_blob_factory;
struct wthp_buffer;
struct wthp_callback;
struct wthp_compositor;
struct wthp_farstream;
struct wthp_farstream_remote;
struct wthp_ivi_application;
struct wthp_ivi_surface;
struct wthp_keyboard;
struct wthp_output;
struct wthp_pointer;
struct wthp_region;
struct wthp_registry;
struct wthp_resource;
struct wthp_seat;
struct wthp_surface;
struct wthp_touch;

/* Handlers of wth_display's events, called from wth_connection_dispatch and wth_connection_roundtrip. A NULL
 * member ignores the message. Strings, data and arrays are valid during the call only. */
struct wth_display_listener {
    void (*error)(struct wth_display *wth_display, struct wth_object *object_id, uint32_t code, const char *message);
    void (*delete_id)(struct wth_display *wth_display, uint32_t id);
    void (*server_version)(struct wth_display *wth_display, uint32_t server_version);
};

static inline void wth_display_set_listener(struct wth_display *self, const struct wth_display_listener *funcs, void *user_data)
{
    wth_object_set_listener((struct wth_object *)self, (void (**)(void))funcs, user_data);
}

/* Handlers of wthp_registry's events, called from wth_connection_dispatch and wth_connection_roundtrip. A NULL
 * member ignores the message. Strings, data and arrays are valid during the call only. */
struct wthp_registry_listener {
    void (*global)(struct wthp_registry *wthp_registry, uint32_t name, const char *interface, uint32_t version);
    void (*global_remove)(struct wthp_registry *wthp_registry, uint32_t name);
};

static inline void wthp_registry_set_listener(struct wthp_registry *self, const struct wthp_registry_listener *funcs, void *user_data)
{
    wth_object_set_listener((struct wth_object *)self, (void (**)(void))funcs, user_data);
}

/* Handlers of wthp_callback's events, called from wth_connection_dispatch and wth_connection_roundtrip. A NULL
 * member ignores the message. Strings, data and arrays are valid during the call only. */
struct wthp_callback_listener {
    void (*done)(struct wthp_callback *wthp_callback, uint32_t callback_data);
};

static inline void wthp_callback_set_listener(struct wthp_callback *self, const struct wthp_callback_listener *funcs, void *user_data)
{
    wth_object_set_listener((struct wth_object *)self, (void (**)(void))funcs, user_data);
}

/* Handlers of wthp_blob_factory's events, called from wth_connection_dispatch and wth_connection_roundtrip. A NULL
 * member ignores the message. Strings, data and arrays are valid during the call only. */
struct wthp_blob_factory_listener {
    void (*format)(struct wthp_blob_factory *wthp_blob_factory, uint32_t format);
};

static inline void wthp_blob_factory_set_listener(struct wthp_blob_factory *self, const struct wthp_blob_factory_listener *funcs, void *user_data)
{
    wth_object_set_listener((struct wth_object *)self, (void (**)(void))funcs, user_data);
}

/* Handlers of wthp_buffer's events, called from wth_connection_dispatch and wth_connection_roundtrip. A NULL
 * member ignores the message. Strings, data and arrays are valid during the call only. */
struct wthp_buffer_listener {
    void (*complete)(struct wthp_buffer *wthp_buffer, uint32_t serial);
};

static inline void wthp_buffer_set_listener(struct wthp_buffer *self, const struct wthp_buffer_listener *funcs, void *user_data)
{
    wth_object_set_listener((struct wth_object *)self, (void (**)(void))funcs, user_data);
}

/* Handlers of wthp_surface's events, called from wth_connection_dispatch and wth_connection_roundtrip. A NULL
 * member ignores the message. Strings, data and arrays are valid during the call only. */
struct wthp_surface_listener {
    void (*enter)(struct wthp_surface *wthp_surface, struct wthp_output *output);
    void (*leave)(struct wthp_surface *wthp_surface, struct wthp_output *output);
};

static inline void wthp_surface_set_listener(struct wthp_surface *self, const struct wthp_surface_listener *funcs, void *user_data)
{
    wth_object_set_listener((struct wth_object *)self, (void (**)(void))funcs, user_data);
}

/* Handlers of wthp_seat's events, called from wth_connection_dispatch and wth_connection_roundtrip. A NULL
 * member ignores the message. Strings, data and arrays are valid during the call only. */
struct wthp_seat_listener {
    void (*capabilities)(struct wthp_seat *wthp_seat, uint32_t capabilities);
    void (*name)(struct wthp_seat *wthp_seat, const char *name);
};

static inline void wthp_seat_set_listener(struct wthp_seat *self, const struct wthp_seat_listener *funcs, void *user_data)
{
    wth_object_set_listener((struct wth_object *)self, (void (**)(void))funcs, user_data);
}

/* Handlers of wthp_pointer's events, called from wth_connection_dispatch and wth_connection_roundtrip. A NULL
 * member ignores the message. Strings, data and arrays are valid during the call only. */
struct wthp_pointer_listener {
    void (*enter)(struct wthp_pointer *wthp_pointer, uint32_t serial, struct wthp_surface *surface, wth_fixed_t surface_x, wth_fixed_t surface_y);
    void (*leave)(struct wthp_pointer *wthp_pointer, uint32_t serial, struct wthp_surface *surface);
    void (*motion)(struct wthp_pointer *wthp_pointer, uint32_t time, wth_fixed_t surface_x, wth_fixed_t surface_y);
    void (*button)(struct wthp_pointer *wthp_pointer, uint32_t serial, uint32_t time, uint32_t button, uint32_t state);
    void (*axis)(struct wthp_pointer *wthp_pointer, uint32_t time, uint32_t axis, wth_fixed_t value);
    void (*frame)(struct wthp_pointer *wthp_pointer);
    void (*axis_source)(struct wthp_pointer *wthp_pointer, uint32_t axis_source);
    void (*axis_stop)(struct wthp_pointer *wthp_pointer, uint32_t time, uint32_t axis);
    void (*axis_discrete)(struct wthp_pointer *wthp_pointer, uint32_t axis, int32_t discrete);
};

static inline void wthp_pointer_set_listener(struct wthp_pointer *self, const struct wthp_pointer_listener *funcs, void *user_data)
{
    wth_object_set_listener((struct wth_object *)self, (void (**)(void))funcs, user_data);
}

/* Handlers of wthp_keyboard's events, called from wth_connection_dispatch and wth_connection_roundtrip. A NULL
 * member ignores the message. Strings, data and arrays are valid during the call only. */
struct wthp_keyboard_listener {
    void (*keymap)(struct wthp_keyboard *wthp_keyboard, uint32_t format, uint32_t keymap_sz, void *keymap);
    void (*enter)(struct wthp_keyboard *wthp_keyboard, uint32_t serial, struct wthp_surface *surface, struct wth_array *keys);
    void (*leave)(struct wthp_keyboard *wthp_keyboard, uint32_t serial, struct wthp_surface *surface);
    void (*key)(struct wthp_keyboard *wthp_keyboard, uint32_t serial, uint32_t time, uint32_t key, uint32_t state);
    void (*modifiers)(struct wthp_keyboard *wthp_keyboard, uint32_t serial, uint32_t mods_depressed, uint32_t mods_latched, uint32_t mods_locked, uint32_t group);
    void (*repeat_info)(struct wthp_keyboard *wthp_keyboard, int32_t rate, int32_t delay);
};

static inline void wthp_keyboard_set_listener(struct wthp_keyboard *self, const struct wthp_keyboard_listener *funcs, void *user_data)
{
    wth_object_set_listener((struct wth_object *)self, (void (**)(void))funcs, user_data);
}

/* Handlers of wthp_touch's events, called from wth_connection_dispatch and wth_connection_roundtrip. A NULL
 * member ignores the message. Strings, data and arrays are valid during the call only. */
struct wthp_touch_listener {
    void (*down)(struct wthp_touch *wthp_touch, uint32_t serial, uint32_t time, struct wthp_surface *surface, int32_t id, wth_fixed_t x, wth_fixed_t y);
    void (*up)(struct wthp_touch *wthp_touch, uint32_t serial, uint32_t time, int32_t id);
    void (*motion)(struct wthp_touch *wthp_touch, uint32_t time, int32_t id, wth_fixed_t x, wth_fixed_t y);
    void (*frame)(struct wthp_touch *wthp_touch);
    void (*cancel)(struct wthp_touch *wthp_touch);
};

static inline void wthp_touch_set_listener(struct wthp_touch *self, const struct wthp_touch_listener *funcs, void *user_data)
{
    wth_object_set_listener((struct wth_object *)self, (void (**)(void))funcs, user_data);
}

/* Handlers of wthp_output's events, called from wth_connection_dispatch and wth_connection_roundtrip. A NULL
 * member ignores the message. Strings, data and arrays are valid during the call only. */
struct wthp_output_listener {
    void (*geometry)(struct wthp_output *wthp_output, int32_t x, int32_t y, int32_t physical_width, int32_t physical_height, int32_t subpixel, const char *make, const char *model, int32_t transform);
    void (*mode)(struct wthp_output *wthp_output, uint32_t flags, int32_t width, int32_t height, int32_t refresh);
    void (*done)(struct wthp_output *wthp_output);
    void (*scale)(struct wthp_output *wthp_output, int32_t factor);
};

static inline void wthp_output_set_listener(struct wthp_output *self, const struct wthp_output_listener *funcs, void *user_data)
{
    wth_object_set_listener((struct wth_object *)self, (void (**)(void))funcs, user_data);
}

/* Handlers of wthp_farstream_remote's events, called from wth_connection_dispatch and wth_connection_roundtrip. A NULL
 * member ignores the message. Strings, data and arrays are valid during the call only. */
struct wthp_farstream_remote_listener {
    void (*port)(struct wthp_farstream_remote *wthp_farstream_remote, uint32_t port);
    void (*codec_answer)(struct wthp_farstream_remote *wthp_farstream_remote, const char *list);
    void (*error)(struct wthp_farstream_remote *wthp_farstream_remote, uint32_t code, const char *message);
};

#ifdef RELINK_WALTHAM_ALL_SETTERS
static inline void wthp_farstream_remote_set_listener(struct wthp_farstream_remote *self, const struct wthp_farstream_remote_listener *funcs, void *user_data)
{
    wth_object_set_listener((struct wth_object *)self, (void (**)(void))funcs, user_data);
}
#endif

/* Handlers of wthp_ivi_surface's events, called from wth_connection_dispatch and wth_connection_roundtrip. A NULL
 * member ignores the message. Strings, data and arrays are valid during the call only. */
struct wthp_ivi_surface_listener {
    void (*configure)(struct wthp_ivi_surface *wthp_ivi_surface, int32_t width, int32_t height);
};

#ifdef RELINK_WALTHAM_ALL_SETTERS
static inline void wthp_ivi_surface_set_listener(struct wthp_ivi_surface *self, const struct wthp_ivi_surface_listener *funcs, void *user_data)
{
    wth_object_set_listener((struct wth_object *)self, (void (**)(void))funcs, user_data);
}
#endif

#ifndef RELINK_WTH_DISPLAY_FREE
#define RELINK_WTH_DISPLAY_FREE
/* Deletes the object on this side. Nothing is sent. */
static inline void wth_display_free(struct wth_display *self)
{
    wth_object_delete((struct wth_object *)self);
}
#endif

/* Sends the request wth_display.client_version, opcode 1. */
void wth_display_client_version(struct wth_display *wth_display, uint32_t client_version);

/* Sends the request wth_display.sync, opcode 2. Returns the new object: set its handlers before the next dispatch. */
struct wthp_callback *wth_display_sync(struct wth_display *wth_display);

/* Sends the request wth_display.get_registry, opcode 3. Returns the new object: set its handlers before the next dispatch. */
struct wthp_registry *wth_display_get_registry(struct wth_display *wth_display);

#ifndef RELINK_WTHP_REGISTRY_FREE
#define RELINK_WTHP_REGISTRY_FREE
/* Deletes the object on this side. Nothing is sent. */
static inline void wthp_registry_free(struct wthp_registry *self)
{
    wth_object_delete((struct wth_object *)self);
}
#endif

/* Sends the request wthp_registry.destroy, opcode 7. The object is deleted on this side too. */
void wthp_registry_destroy(struct wthp_registry *wthp_registry);

/* Sends the request wthp_registry.bind, opcode 8. Returns the new object: set its handlers before the next dispatch. */
struct wth_object *wthp_registry_bind(struct wthp_registry *wthp_registry, uint32_t name, const char *interface, uint32_t version);

#ifndef RELINK_WTHP_CALLBACK_FREE
#define RELINK_WTHP_CALLBACK_FREE
/* Deletes the object on this side. Nothing is sent. */
static inline void wthp_callback_free(struct wthp_callback *self)
{
    wth_object_delete((struct wth_object *)self);
}
#endif

#ifndef RELINK_WTHP_COMPOSITOR_FREE
#define RELINK_WTHP_COMPOSITOR_FREE
/* Deletes the object on this side. Nothing is sent. */
static inline void wthp_compositor_free(struct wthp_compositor *self)
{
    wth_object_delete((struct wth_object *)self);
}
#endif

/* Sends the request wthp_compositor.create_surface, opcode 12. Returns the new object: set its handlers before the next dispatch. */
struct wthp_surface *wthp_compositor_create_surface(struct wthp_compositor *wthp_compositor);

/* Sends the request wthp_compositor.create_region, opcode 13. Returns the new object: set its handlers before the next dispatch. */
struct wthp_region *wthp_compositor_create_region(struct wthp_compositor *wthp_compositor);

#ifndef RELINK_WTHP_BLOB_FACTORY_FREE
#define RELINK_WTHP_BLOB_FACTORY_FREE
/* Deletes the object on this side. Nothing is sent. */
static inline void wthp_blob_factory_free(struct wthp_blob_factory *self)
{
    wth_object_delete((struct wth_object *)self);
}
#endif

/* Sends the request wthp_blob_factory.create_buffer, opcode 14. Returns the new object: set its handlers before the next dispatch. */
struct wthp_buffer *wthp_blob_factory_create_buffer(struct wthp_blob_factory *wthp_blob_factory, uint32_t data_sz, void *data, int32_t width, int32_t height, int32_t stride, uint32_t format);

#ifndef RELINK_WTHP_BUFFER_FREE
#define RELINK_WTHP_BUFFER_FREE
/* Deletes the object on this side. Nothing is sent. */
static inline void wthp_buffer_free(struct wthp_buffer *self)
{
    wth_object_delete((struct wth_object *)self);
}
#endif

/* Sends the request wthp_buffer.destroy, opcode 16. The object is deleted on this side too. */
void wthp_buffer_destroy(struct wthp_buffer *wthp_buffer);

#ifndef RELINK_WTHP_SURFACE_FREE
#define RELINK_WTHP_SURFACE_FREE
/* Deletes the object on this side. Nothing is sent. */
static inline void wthp_surface_free(struct wthp_surface *self)
{
    wth_object_delete((struct wth_object *)self);
}
#endif

/* Sends the request wthp_surface.destroy, opcode 18. The object is deleted on this side too. */
void wthp_surface_destroy(struct wthp_surface *wthp_surface);

/* Sends the request wthp_surface.attach, opcode 19. */
void wthp_surface_attach(struct wthp_surface *wthp_surface, struct wthp_buffer *buffer, int32_t x, int32_t y);

/* Sends the request wthp_surface.damage, opcode 20. */
void wthp_surface_damage(struct wthp_surface *wthp_surface, int32_t x, int32_t y, int32_t width, int32_t height);

/* Sends the request wthp_surface.frame, opcode 21. Returns the new object: set its handlers before the next dispatch. */
struct wthp_callback *wthp_surface_frame(struct wthp_surface *wthp_surface);

/* Sends the request wthp_surface.set_opaque_region, opcode 22. */
void wthp_surface_set_opaque_region(struct wthp_surface *wthp_surface, struct wthp_region *region);

/* Sends the request wthp_surface.set_input_region, opcode 23. */
void wthp_surface_set_input_region(struct wthp_surface *wthp_surface, struct wthp_region *region);

/* Sends the request wthp_surface.commit, opcode 24. */
void wthp_surface_commit(struct wthp_surface *wthp_surface);

/* Sends the request wthp_surface.set_buffer_transform, opcode 27. */
void wthp_surface_set_buffer_transform(struct wthp_surface *wthp_surface, int32_t transform);

/* Sends the request wthp_surface.set_buffer_scale, opcode 28. */
void wthp_surface_set_buffer_scale(struct wthp_surface *wthp_surface, int32_t scale);

/* Sends the request wthp_surface.damage_buffer, opcode 29. */
void wthp_surface_damage_buffer(struct wthp_surface *wthp_surface, int32_t x, int32_t y, int32_t width, int32_t height);

#ifndef RELINK_WTHP_SEAT_FREE
#define RELINK_WTHP_SEAT_FREE
/* Deletes the object on this side. Nothing is sent. */
static inline void wthp_seat_free(struct wthp_seat *self)
{
    wth_object_delete((struct wth_object *)self);
}
#endif

/* Sends the request wthp_seat.get_pointer, opcode 31. Returns the new object: set its handlers before the next dispatch. */
struct wthp_pointer *wthp_seat_get_pointer(struct wthp_seat *wthp_seat);

/* Sends the request wthp_seat.get_keyboard, opcode 32. Returns the new object: set its handlers before the next dispatch. */
struct wthp_keyboard *wthp_seat_get_keyboard(struct wthp_seat *wthp_seat);

/* Sends the request wthp_seat.get_touch, opcode 33. Returns the new object: set its handlers before the next dispatch. */
struct wthp_touch *wthp_seat_get_touch(struct wthp_seat *wthp_seat);

/* Sends the request wthp_seat.release, opcode 35. The object is deleted on this side too. */
void wthp_seat_release(struct wthp_seat *wthp_seat);

#ifndef RELINK_WTHP_POINTER_FREE
#define RELINK_WTHP_POINTER_FREE
/* Deletes the object on this side. Nothing is sent. */
static inline void wthp_pointer_free(struct wthp_pointer *self)
{
    wth_object_delete((struct wth_object *)self);
}
#endif

/* Sends the request wthp_pointer.set_cursor, opcode 36. */
void wthp_pointer_set_cursor(struct wthp_pointer *wthp_pointer, uint32_t serial, struct wthp_surface *surface, int32_t hotspot_x, int32_t hotspot_y);

/* Sends the request wthp_pointer.release, opcode 42. The object is deleted on this side too. */
void wthp_pointer_release(struct wthp_pointer *wthp_pointer);

#ifndef RELINK_WTHP_KEYBOARD_FREE
#define RELINK_WTHP_KEYBOARD_FREE
/* Deletes the object on this side. Nothing is sent. */
static inline void wthp_keyboard_free(struct wthp_keyboard *self)
{
    wth_object_delete((struct wth_object *)self);
}
#endif

/* Sends the request wthp_keyboard.release, opcode 52. The object is deleted on this side too. */
void wthp_keyboard_release(struct wthp_keyboard *wthp_keyboard);

#ifndef RELINK_WTHP_TOUCH_FREE
#define RELINK_WTHP_TOUCH_FREE
/* Deletes the object on this side. Nothing is sent. */
static inline void wthp_touch_free(struct wthp_touch *self)
{
    wth_object_delete((struct wth_object *)self);
}
#endif

/* Sends the request wthp_touch.release, opcode 59. The object is deleted on this side too. */
void wthp_touch_release(struct wthp_touch *wthp_touch);

#ifndef RELINK_WTHP_OUTPUT_FREE
#define RELINK_WTHP_OUTPUT_FREE
/* Deletes the object on this side. Nothing is sent. */
static inline void wthp_output_free(struct wthp_output *self)
{
    wth_object_delete((struct wth_object *)self);
}
#endif

#ifndef RELINK_WTHP_REGION_FREE
#define RELINK_WTHP_REGION_FREE
/* Deletes the object on this side. Nothing is sent. */
static inline void wthp_region_free(struct wthp_region *self)
{
    wth_object_delete((struct wth_object *)self);
}
#endif

/* Sends the request wthp_region.destroy, opcode 64. The object is deleted on this side too. */
void wthp_region_destroy(struct wthp_region *wthp_region);

/* Sends the request wthp_region.add, opcode 65. */
void wthp_region_add(struct wthp_region *wthp_region, int32_t x, int32_t y, int32_t width, int32_t height);

/* Sends the request wthp_region.subtract, opcode 66. */
void wthp_region_subtract(struct wthp_region *wthp_region, int32_t x, int32_t y, int32_t width, int32_t height);

#ifndef RELINK_WTHP_FARSTREAM_FREE
#define RELINK_WTHP_FARSTREAM_FREE
/* Deletes the object on this side. Nothing is sent. */
static inline void wthp_farstream_free(struct wthp_farstream *self)
{
    wth_object_delete((struct wth_object *)self);
}
#endif

/* Sends the request wthp_farstream.destroy, opcode 67. The object is deleted on this side too. */
void wthp_farstream_destroy(struct wthp_farstream *wthp_farstream);

/* Sends the request wthp_farstream.connect, opcode 68. Returns the new object: set its handlers before the next dispatch. */
struct wthp_farstream_remote *wthp_farstream_connect(struct wthp_farstream *wthp_farstream, uint32_t port);

#ifndef RELINK_WTHP_FARSTREAM_REMOTE_FREE
#define RELINK_WTHP_FARSTREAM_REMOTE_FREE
/* Deletes the object on this side. Nothing is sent. */
static inline void wthp_farstream_remote_free(struct wthp_farstream_remote *self)
{
    wth_object_delete((struct wth_object *)self);
}
#endif

/* Sends the request wthp_farstream_remote.destroy, opcode 69. The object is deleted on this side too. */
void wthp_farstream_remote_destroy(struct wthp_farstream_remote *wthp_farstream_remote);

/* Sends the request wthp_farstream_remote.codec_offer, opcode 70. */
void wthp_farstream_remote_codec_offer(struct wthp_farstream_remote *wthp_farstream_remote, const char *list);

/* Sends the request wthp_farstream_remote.create_buffer, opcode 71. Returns the new object: set its handlers before the next dispatch. */
struct wthp_buffer *wthp_farstream_remote_create_buffer(struct wthp_farstream_remote *wthp_farstream_remote, uint32_t frame_id);

#ifndef RELINK_WTHP_IVI_SURFACE_FREE
#define RELINK_WTHP_IVI_SURFACE_FREE
/* Deletes the object on this side. Nothing is sent. */
static inline void wthp_ivi_surface_free(struct wthp_ivi_surface *self)
{
    wth_object_delete((struct wth_object *)self);
}
#endif

/* Sends the request wthp_ivi_surface.destroy, opcode 75. The object is deleted on this side too. */
void wthp_ivi_surface_destroy(struct wthp_ivi_surface *wthp_ivi_surface);

#ifndef RELINK_WTHP_IVI_APPLICATION_FREE
#define RELINK_WTHP_IVI_APPLICATION_FREE
/* Deletes the object on this side. Nothing is sent. */
static inline void wthp_ivi_application_free(struct wthp_ivi_application *self)
{
    wth_object_delete((struct wth_object *)self);
}
#endif

/* Sends the request wthp_ivi_application.surface_create, opcode 77. Returns the new object: set its handlers before the next dispatch. */
struct wthp_ivi_surface *wthp_ivi_application_surface_create(struct wthp_ivi_application *wthp_ivi_application, uint32_t ivi_id, struct wthp_surface *surface);

#ifndef RELINK_DUMMY_FREE
#define RELINK_DUMMY_FREE
/* Deletes the object on this side. Nothing is sent. */
static inline void dummy_free(struct dummy *self)
{
    wth_object_delete((struct wth_object *)self);
}
#endif

/* Sends the request dummy.dummy_request, opcode 78. */
void dummy_dummy_request(struct dummy *dummy);

#if defined(RELINK_WALTHAM_ENUMS) && !defined(RELINK_WALTHAM_H_ENUMS)
#define RELINK_WALTHAM_H_ENUMS
enum wth_display_error {
    WTH_DISPLAY_ERROR_INVALID_OBJECT = 0,
    WTH_DISPLAY_ERROR_INVALID_METHOD = 1,
    WTH_DISPLAY_ERROR_NO_MEMORY = 2
};
enum wthp_blob_factory_error {
    WTHP_BLOB_FACTORY_ERROR_FAIL = 0
};
enum wthp_blob_factory_format {
    WTHP_BLOB_FACTORY_FORMAT_ARGB8888 = 0,
    WTHP_BLOB_FACTORY_FORMAT_XRGB8888 = 1,
    WTHP_BLOB_FACTORY_FORMAT_C8 = 0x20203843,
    WTHP_BLOB_FACTORY_FORMAT_RGB332 = 0x38424752,
    WTHP_BLOB_FACTORY_FORMAT_BGR233 = 0x38524742,
    WTHP_BLOB_FACTORY_FORMAT_XRGB4444 = 0x32315258,
    WTHP_BLOB_FACTORY_FORMAT_XBGR4444 = 0x32314258,
    WTHP_BLOB_FACTORY_FORMAT_RGBX4444 = 0x32315852,
    WTHP_BLOB_FACTORY_FORMAT_BGRX4444 = 0x32315842,
    WTHP_BLOB_FACTORY_FORMAT_ARGB4444 = 0x32315241,
    WTHP_BLOB_FACTORY_FORMAT_ABGR4444 = 0x32314241,
    WTHP_BLOB_FACTORY_FORMAT_RGBA4444 = 0x32314152,
    WTHP_BLOB_FACTORY_FORMAT_BGRA4444 = 0x32314142,
    WTHP_BLOB_FACTORY_FORMAT_XRGB1555 = 0x35315258,
    WTHP_BLOB_FACTORY_FORMAT_XBGR1555 = 0x35314258,
    WTHP_BLOB_FACTORY_FORMAT_RGBX5551 = 0x35315852,
    WTHP_BLOB_FACTORY_FORMAT_BGRX5551 = 0x35315842,
    WTHP_BLOB_FACTORY_FORMAT_ARGB1555 = 0x35315241,
    WTHP_BLOB_FACTORY_FORMAT_ABGR1555 = 0x35314241,
    WTHP_BLOB_FACTORY_FORMAT_RGBA5551 = 0x35314152,
    WTHP_BLOB_FACTORY_FORMAT_BGRA5551 = 0x35314142,
    WTHP_BLOB_FACTORY_FORMAT_RGB565 = 0x36314752,
    WTHP_BLOB_FACTORY_FORMAT_BGR565 = 0x36314742,
    WTHP_BLOB_FACTORY_FORMAT_RGB888 = 0x34324752,
    WTHP_BLOB_FACTORY_FORMAT_BGR888 = 0x34324742,
    WTHP_BLOB_FACTORY_FORMAT_XBGR8888 = 0x34324258,
    WTHP_BLOB_FACTORY_FORMAT_RGBX8888 = 0x34325852,
    WTHP_BLOB_FACTORY_FORMAT_BGRX8888 = 0x34325842,
    WTHP_BLOB_FACTORY_FORMAT_ABGR8888 = 0x34324241,
    WTHP_BLOB_FACTORY_FORMAT_RGBA8888 = 0x34324152,
    WTHP_BLOB_FACTORY_FORMAT_BGRA8888 = 0x34324142,
    WTHP_BLOB_FACTORY_FORMAT_XRGB2101010 = 0x30335258,
    WTHP_BLOB_FACTORY_FORMAT_XBGR2101010 = 0x30334258,
    WTHP_BLOB_FACTORY_FORMAT_RGBX1010102 = 0x30335852,
    WTHP_BLOB_FACTORY_FORMAT_BGRX1010102 = 0x30335842,
    WTHP_BLOB_FACTORY_FORMAT_ARGB2101010 = 0x30335241,
    WTHP_BLOB_FACTORY_FORMAT_ABGR2101010 = 0x30334241,
    WTHP_BLOB_FACTORY_FORMAT_RGBA1010102 = 0x30334152,
    WTHP_BLOB_FACTORY_FORMAT_BGRA1010102 = 0x30334142,
    WTHP_BLOB_FACTORY_FORMAT_YUYV = 0x56595559,
    WTHP_BLOB_FACTORY_FORMAT_YVYU = 0x55595659,
    WTHP_BLOB_FACTORY_FORMAT_UYVY = 0x59565955,
    WTHP_BLOB_FACTORY_FORMAT_VYUY = 0x59555956,
    WTHP_BLOB_FACTORY_FORMAT_AYUV = 0x56555941,
    WTHP_BLOB_FACTORY_FORMAT_NV12 = 0x3231564e,
    WTHP_BLOB_FACTORY_FORMAT_NV21 = 0x3132564e,
    WTHP_BLOB_FACTORY_FORMAT_NV16 = 0x3631564e,
    WTHP_BLOB_FACTORY_FORMAT_NV61 = 0x3136564e,
    WTHP_BLOB_FACTORY_FORMAT_YUV410 = 0x39565559,
    WTHP_BLOB_FACTORY_FORMAT_YVU410 = 0x39555659,
    WTHP_BLOB_FACTORY_FORMAT_YUV411 = 0x31315559,
    WTHP_BLOB_FACTORY_FORMAT_YVU411 = 0x31315659,
    WTHP_BLOB_FACTORY_FORMAT_YUV420 = 0x32315559,
    WTHP_BLOB_FACTORY_FORMAT_YVU420 = 0x32315659,
    WTHP_BLOB_FACTORY_FORMAT_YUV422 = 0x36315559,
    WTHP_BLOB_FACTORY_FORMAT_YVU422 = 0x36315659,
    WTHP_BLOB_FACTORY_FORMAT_YUV444 = 0x34325559,
    WTHP_BLOB_FACTORY_FORMAT_YVU444 = 0x34325659
};
enum wthp_buffer_error {
    WTHP_BUFFER_ERROR_ILLEGAL_USE = 0,
    WTHP_BUFFER_ERROR_STALE = 1
};
enum wthp_surface_error {
    WTHP_SURFACE_ERROR_INVALID_SCALE = 0,
    WTHP_SURFACE_ERROR_INVALID_TRANSFORM = 1
};
enum wthp_seat_capability {
    WTHP_SEAT_CAPABILITY_POINTER = 1,
    WTHP_SEAT_CAPABILITY_KEYBOARD = 2,
    WTHP_SEAT_CAPABILITY_TOUCH = 4
};
enum wthp_pointer_error {
    WTHP_POINTER_ERROR_ROLE = 0
};
enum wthp_pointer_button_state {
    WTHP_POINTER_BUTTON_STATE_RELEASED = 0,
    WTHP_POINTER_BUTTON_STATE_PRESSED = 1
};
enum wthp_pointer_axis {
    WTHP_POINTER_AXIS_VERTICAL_SCROLL = 0,
    WTHP_POINTER_AXIS_HORIZONTAL_SCROLL = 1
};
enum wthp_pointer_axis_source {
    WTHP_POINTER_AXIS_SOURCE_WHEEL = 0,
    WTHP_POINTER_AXIS_SOURCE_FINGER = 1,
    WTHP_POINTER_AXIS_SOURCE_CONTINUOUS = 2
};
enum wthp_keyboard_keymap_format {
    WTHP_KEYBOARD_KEYMAP_FORMAT_NO_KEYMAP = 0,
    WTHP_KEYBOARD_KEYMAP_FORMAT_XKB_V1 = 1
};
enum wthp_keyboard_key_state {
    WTHP_KEYBOARD_KEY_STATE_RELEASED = 0,
    WTHP_KEYBOARD_KEY_STATE_PRESSED = 1
};
enum wthp_output_subpixel {
    WTHP_OUTPUT_SUBPIXEL_UNKNOWN = 0,
    WTHP_OUTPUT_SUBPIXEL_NONE = 1,
    WTHP_OUTPUT_SUBPIXEL_HORIZONTAL_RGB = 2,
    WTHP_OUTPUT_SUBPIXEL_HORIZONTAL_BGR = 3,
    WTHP_OUTPUT_SUBPIXEL_VERTICAL_RGB = 4,
    WTHP_OUTPUT_SUBPIXEL_VERTICAL_BGR = 5
};
enum wthp_output_transform {
    WTHP_OUTPUT_TRANSFORM_NORMAL = 0,
    WTHP_OUTPUT_TRANSFORM_90 = 1,
    WTHP_OUTPUT_TRANSFORM_180 = 2,
    WTHP_OUTPUT_TRANSFORM_270 = 3,
    WTHP_OUTPUT_TRANSFORM_FLIPPED = 4,
    WTHP_OUTPUT_TRANSFORM_FLIPPED_90 = 5,
    WTHP_OUTPUT_TRANSFORM_FLIPPED_180 = 6,
    WTHP_OUTPUT_TRANSFORM_FLIPPED_270 = 7
};
enum wthp_output_mode {
    WTHP_OUTPUT_MODE_CURRENT = 0x1,
    WTHP_OUTPUT_MODE_PREFERRED = 0x2
};
#endif

#ifdef __cplusplus
}
#endif

#endif
