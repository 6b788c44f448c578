/* harness: ours-only compares with bytes recorded from the original, its padding and its defects left out
 *
 * The bytes of every sender, as recorded from the original. Padding is zero here.
 */
#include "check.h"
#include <string.h>
#include <sys/socket.h>
#include <waltham-client.h>
#include <waltham-connection.h>
#include <waltham-server.h>

static int far_end;

/* The message that was just sent is these words, and nothing else was sent. */
static void sent(const char *hex)
{
    unsigned char got[512];
    char text[1025];
    ssize_t n = recv(far_end, got, sizeof got, MSG_DONTWAIT), i;
    size_t length = 0;

    CHECK(n > 0);
    for (i = 0; i < n; i++)
        sprintf(text + 2 * i, "%02x", got[i]);
    for (i = 0; hex[i]; i++)
        if (hex[i] != ' ') {
            if (text[length] != hex[i]) {
                fprintf(stderr, "expected %s\ngot      %s\n", hex, text);
                exit(1);
            }
            length++;
        }
    CHECK_EQ(length, 2 * (size_t)n);
}

static struct wth_connection *open_side(enum wth_connection_side side)
{
    int pair[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    far_end = pair[1];
    return wth_connection_from_fd(pair[0], side);
}

static void requests(void)
{
    static unsigned char five[] = { 0x11, 0x22, 0x33, 0x44, 0x55 };
    struct wth_connection *conn = open_side(WTH_CONNECTION_SIDE_CLIENT);
    struct wth_display *display = wth_connection_get_display(conn);
    struct wthp_registry *registry;
    struct wthp_callback *callback, *frame;
    struct wth_object *bound[5], *farstream;
    struct wthp_surface *surface;
    struct wthp_region *region;
    struct wthp_buffer *buffer[4];
    struct wthp_pointer *pointer;
    struct wthp_keyboard *keyboard;
    struct wthp_touch *touch;
    struct wthp_farstream_remote *remote;
    int i;

    wth_display_client_version(display, 1);
    sent("00001000 01000000 01000000 01000000");
    registry = wth_connection_create_registry(conn);
    sent("00001000 03000000 01000000 02000000");
    callback = wth_connection_sync(conn);
    sent("00001000 02000000 01000000 03000000");
    bound[0] = wthp_registry_bind(registry, 7, "abc", 3);
    sent("00002000 08000000 02000000 07000000 04000000 04000000 61626300 03000000");
    bound[1] = wthp_registry_bind(registry, 7, "", 3);
    sent("00002000 08000000 02000000 07000000 05000000 01000000 00000000 03000000");
    bound[2] = wthp_registry_bind(registry, 7, "a", 3);
    sent("00002000 08000000 02000000 07000000 06000000 02000000 61000000 03000000");
    bound[3] = wthp_registry_bind(registry, 7, "abcd", 3);
    sent("00002400 08000000 02000000 07000000 07000000 05000000 61626364 00000000 03000000");
    bound[4] = wthp_registry_bind(registry, 7, "abcde", 3);
    sent("00002400 08000000 02000000 07000000 08000000 06000000 61626364 65000000 03000000");
    surface = wthp_compositor_create_surface((struct wthp_compositor *)bound[0]);
    sent("00001000 0c000000 04000000 09000000");
    region = wthp_compositor_create_region((struct wthp_compositor *)bound[0]);
    sent("00001000 0d000000 04000000 0a000000");
    buffer[0] = wthp_blob_factory_create_buffer((struct wthp_blob_factory *)bound[1], 5, five, 2, -3, 8, 0x34325258);
    sent("00002c00 0e000000 05000000 0b000000 05000000 11223344 55000000 02000000 fdffffff 08000000 58523234");
    buffer[1] = wthp_blob_factory_create_buffer((struct wthp_blob_factory *)bound[1], 0, five, 2, -3, 8, 1);
    sent("00002400 0e000000 05000000 0c000000 00000000 02000000 fdffffff 08000000 01000000");
    buffer[2] = wthp_blob_factory_create_buffer((struct wthp_blob_factory *)bound[1], 0, NULL, 2, -3, 8, 1);
    sent("00002400 0e000000 05000000 0d000000 00000000 02000000 fdffffff 08000000 01000000");
    wthp_surface_attach(surface, buffer[0], 1, -1);
    sent("00001800 13000000 09000000 0b000000 01000000 ffffffff");
    wthp_surface_damage(surface, 1, 2, 3, 4);
    sent("00001c00 14000000 09000000 01000000 02000000 03000000 04000000");
    frame = wthp_surface_frame(surface);
    sent("00001000 15000000 09000000 0e000000");
    wthp_surface_set_opaque_region(surface, region);
    sent("00001000 16000000 09000000 0a000000");
    wthp_surface_set_input_region(surface, region);
    sent("00001000 17000000 09000000 0a000000");
    wthp_surface_commit(surface);
    sent("00000c00 18000000 09000000");
    wthp_surface_set_buffer_transform(surface, 5);
    sent("00001000 1b000000 09000000 05000000");
    wthp_surface_set_buffer_scale(surface, 2);
    sent("00001000 1c000000 09000000 02000000");
    wthp_surface_damage_buffer(surface, 1, 2, 3, 4);
    sent("00001c00 1d000000 09000000 01000000 02000000 03000000 04000000");
    pointer = wthp_seat_get_pointer((struct wthp_seat *)bound[1]);
    sent("00001000 1f000000 05000000 0f000000");
    keyboard = wthp_seat_get_keyboard((struct wthp_seat *)bound[1]);
    sent("00001000 20000000 05000000 10000000");
    touch = wthp_seat_get_touch((struct wthp_seat *)bound[1]);
    sent("00001000 21000000 05000000 11000000");
    wthp_pointer_set_cursor(pointer, 9, surface, 1, 2);
    sent("00001c00 24000000 0f000000 09000000 09000000 01000000 02000000");
    wthp_pointer_release(pointer);
    sent("00000c00 2a000000 0f000000");
    wthp_keyboard_release(keyboard);
    sent("00000c00 34000000 10000000");
    wthp_touch_release(touch);
    sent("00000c00 3b000000 11000000");
    wthp_region_add(region, 1, 2, 3, 4);
    sent("00001c00 41000000 0a000000 01000000 02000000 03000000 04000000");
    wthp_region_subtract(region, 1, 2, 3, 4);
    sent("00001c00 42000000 0a000000 01000000 02000000 03000000 04000000");
    wthp_region_destroy(region);
    sent("00000c00 40000000 0a000000");
    remote = wthp_farstream_connect((struct wthp_farstream *)bound[1], 5000);
    sent("00001400 44000000 05000000 88130000 12000000");
    wthp_farstream_remote_codec_offer(remote, "vp8");
    sent("00001400 46000000 12000000 04000000 76703800");
    buffer[3] = wthp_farstream_remote_create_buffer(remote, 77);
    sent("00001400 47000000 12000000 4d000000 13000000");
    wthp_farstream_remote_destroy(remote);
    sent("00000c00 45000000 12000000");
    farstream = wthp_registry_bind(registry, 8, "wthp_farstream", 1);
    sent("00002c00 08000000 02000000 08000000 14000000 0f000000 77746870 5f666172 73747265 616d0000 01000000");
    wthp_farstream_destroy((struct wthp_farstream *)farstream);
    sent("00000c00 43000000 14000000");
    wthp_buffer_destroy(buffer[0]);
    sent("00000c00 10000000 0b000000");
    wthp_surface_destroy(surface);
    sent("00000c00 12000000 09000000");
    wthp_seat_release((struct wthp_seat *)bound[1]);
    sent("00000c00 23000000 05000000");
    /* NULL objects and strings, where the original crashed. */
    surface = wthp_compositor_create_surface((struct wthp_compositor *)bound[0]);
    sent("00001000 0c000000 04000000 15000000");
    wthp_surface_attach(surface, NULL, 0, 0);
    sent("00001800 13000000 15000000 00000000 00000000 00000000");
    wthp_registry_destroy(registry);
    sent("00000c00 07000000 02000000");
    wthp_surface_commit(NULL);
    CHECK(wthp_surface_frame(NULL) == NULL);

    for (i = 0; i < 5; i++)
        if (i != 1)
            wth_object_delete(bound[i]);
    for (i = 1; i < 4; i++)
        wthp_buffer_free(buffer[i]);
    wthp_callback_free(callback);
    wthp_callback_free(frame);
    wthp_surface_free(surface);
    wth_connection_destroy(conn);
    close(far_end);
}

static struct wthp_registry *registry;
static struct wth_object *bound;

static void on_bind(struct wthp_registry *self, uint32_t name, struct wth_object *id, const char *interface,
                    uint32_t version)
{
    (void)self;
    (void)name;
    (void)interface;
    (void)version;
    bound = id;
}

static const struct wthp_registry_interface registry_interface = { NULL, on_bind };

static void on_registry(struct wthp_registry *self, void *user_data)
{
    (void)user_data;
    registry = self;
    wthp_registry_set_interface(self, &registry_interface, NULL);
}

static void events(void)
{
    static const unsigned char opening[] = "\x00\x00\x10\x00\x03\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00"
                                           "\x00\x00\x20\x00\x08\x00\x00\x00\x02\x00\x00\x00\x07\x00\x00\x00"
                                           "\x03\x00\x00\x00\x04\x00\x00\x00" "abc\0" "\x03\x00\x00\x00";
    static unsigned char six[] = { 1, 2, 3, 4, 5, 6 };
    static uint32_t keys[] = { 30, 48 };
    struct wth_connection *conn = open_side(WTH_CONNECTION_SIDE_SERVER);
    struct wth_display *display = wth_connection_get_display(conn);
    struct wthp_surface *s;
    struct wth_array array;
    wth_fixed_t one = wth_fixed_from_int(1);

    wth_connection_set_registry_callback(conn, on_registry, NULL);
    CHECK_EQ(send(far_end, opening, sizeof opening - 1, 0), (ssize_t)sizeof opening - 1);
    CHECK_EQ(wth_connection_read(conn), 0);
    CHECK_EQ(wth_connection_dispatch(conn), 2);
    s = (struct wthp_surface *)registry;

    wthp_registry_send_global(registry, 1, "abc", 4);
    sent("00001c00 09000000 02000000 01000000 04000000 61626300 04000000");
    wthp_registry_send_global_remove(registry, 1);
    sent("00001000 0a000000 02000000 01000000");
    wthp_callback_send_done((struct wthp_callback *)bound, 0x12345678);
    sent("00001000 0b000000 03000000 78563412");
    wthp_blob_factory_send_format((struct wthp_blob_factory *)bound, 1);
    sent("00001000 0f000000 03000000 01000000");
    wthp_buffer_send_complete((struct wthp_buffer *)bound, 2);
    sent("00001000 11000000 03000000 02000000");
    wthp_surface_send_enter((struct wthp_surface *)bound, (struct wthp_output *)s);
    sent("00001000 19000000 03000000 02000000");
    wthp_surface_send_leave((struct wthp_surface *)bound, (struct wthp_output *)s);
    sent("00001000 1a000000 03000000 02000000");
    wthp_seat_send_capabilities((struct wthp_seat *)bound, 3);
    sent("00001000 1e000000 03000000 03000000");
    wthp_seat_send_name((struct wthp_seat *)bound, "seat0");
    sent("00001800 22000000 03000000 06000000 73656174 30000000");
    wthp_seat_send_name((struct wthp_seat *)bound, NULL);
    sent("00001400 22000000 03000000 01000000 00000000");
    wthp_pointer_send_enter((struct wthp_pointer *)bound, 1, s, wth_fixed_from_double(1.5), wth_fixed_from_int(-2));
    sent("00001c00 25000000 03000000 01000000 02000000 80010000 00feffff");
    wthp_pointer_send_leave((struct wthp_pointer *)bound, 1, s);
    sent("00001400 26000000 03000000 01000000 02000000");
    wthp_pointer_send_motion((struct wthp_pointer *)bound, 100, one, 2 * one);
    sent("00001800 27000000 03000000 64000000 00010000 00020000");
    wthp_pointer_send_button((struct wthp_pointer *)bound, 1, 2, 0x110, 1);
    sent("00001c00 28000000 03000000 01000000 02000000 10010000 01000000");
    wthp_pointer_send_axis((struct wthp_pointer *)bound, 1, 0, 10 * one);
    sent("00001800 29000000 03000000 01000000 00000000 000a0000");
    wthp_pointer_send_frame((struct wthp_pointer *)bound);
    sent("00000c00 2b000000 03000000");
    wthp_pointer_send_axis_source((struct wthp_pointer *)bound, 2);
    sent("00001000 2c000000 03000000 02000000");
    wthp_pointer_send_axis_stop((struct wthp_pointer *)bound, 5, 1);
    sent("00001400 2d000000 03000000 05000000 01000000");
    wthp_pointer_send_axis_discrete((struct wthp_pointer *)bound, 0, -1);
    sent("00001400 2e000000 03000000 00000000 ffffffff");
    wthp_keyboard_send_keymap((struct wthp_keyboard *)bound, 1, 6, six);
    sent("00001c00 2f000000 03000000 01000000 06000000 01020304 05060000");
    wth_array_init(&array);
    wthp_keyboard_send_enter((struct wthp_keyboard *)bound, 1, s, &array);
    sent("00001c00 30000000 03000000 01000000 02000000 00000000 00000000");
    wthp_keyboard_send_enter((struct wthp_keyboard *)bound, 1, s, NULL);
    sent("00001c00 30000000 03000000 01000000 02000000 00000000 00000000");
    /* Keys that are held: the original's size left them out. */
    array.size = array.alloc = sizeof keys;
    array.data = keys;
    wthp_keyboard_send_enter((struct wthp_keyboard *)bound, 1, s, &array);
    sent("00002000 30000000 03000000 01000000 02000000 08000000 1e000000 30000000");
    array.size = 5;
    wthp_keyboard_send_enter((struct wthp_keyboard *)bound, 1, s, &array);
    sent("00002000 30000000 03000000 01000000 02000000 05000000 1e000000 30000000");
    wthp_keyboard_send_leave((struct wthp_keyboard *)bound, 1, s);
    sent("00001400 31000000 03000000 01000000 02000000");
    wthp_keyboard_send_key((struct wthp_keyboard *)bound, 1, 2, 30, 1);
    sent("00001c00 32000000 03000000 01000000 02000000 1e000000 01000000");
    wthp_keyboard_send_modifiers((struct wthp_keyboard *)bound, 1, 2, 3, 4, 5);
    sent("00002000 33000000 03000000 01000000 02000000 03000000 04000000 05000000");
    wthp_keyboard_send_repeat_info((struct wthp_keyboard *)bound, 25, 600);
    sent("00001400 35000000 03000000 19000000 58020000");
    wthp_touch_send_down((struct wthp_touch *)bound, 1, 2, s, 3, one, -one);
    sent("00002400 36000000 03000000 01000000 02000000 02000000 03000000 00010000 00ffffff");
    wthp_touch_send_up((struct wthp_touch *)bound, 1, 2, 3);
    sent("00001800 37000000 03000000 01000000 02000000 03000000");
    wthp_touch_send_motion((struct wthp_touch *)bound, 2, 3, one, -one);
    sent("00001c00 38000000 03000000 02000000 03000000 00010000 00ffffff");
    wthp_touch_send_frame((struct wthp_touch *)bound);
    sent("00000c00 39000000 03000000");
    wthp_touch_send_cancel((struct wthp_touch *)bound);
    sent("00000c00 3a000000 03000000");
    wthp_output_send_geometry((struct wthp_output *)bound, 1, 2, 3, 4, 5, "mk", "model", 6);
    sent("00003800 3c000000 03000000 01000000 02000000 03000000 04000000 05000000 03000000 6d6b0000 06000000 "
         "6d6f6465 6c000000 06000000");
    wthp_output_send_mode((struct wthp_output *)bound, 3, 1920, 1080, 60000);
    sent("00001c00 3d000000 03000000 03000000 80070000 38040000 60ea0000");
    wthp_output_send_done((struct wthp_output *)bound);
    sent("00000c00 3e000000 03000000");
    wthp_output_send_scale((struct wthp_output *)bound, 2);
    sent("00001000 3f000000 03000000 02000000");
    wthp_farstream_remote_send_port((struct wthp_farstream_remote *)bound, 5001);
    sent("00001000 48000000 03000000 89130000");
    wthp_farstream_remote_send_codec_answer((struct wthp_farstream_remote *)bound, "vp8");
    sent("00001400 49000000 03000000 04000000 76703800");
    wthp_farstream_remote_send_error((struct wthp_farstream_remote *)bound, 1, "bad");
    sent("00001800 4a000000 03000000 01000000 04000000 62616400");
    wth_display_send_error(display, (struct wth_object *)registry, 9, "oops");
    sent("00002000 04000000 01000000 02000000 09000000 05000000 6f6f7073 00000000");
    wth_display_send_delete_id(display, 3);
    sent("00001000 05000000 01000000 03000000");
    wth_display_send_server_version(display, 1);
    sent("00001000 06000000 01000000 01000000");
    wthp_ivi_surface_send_configure((struct wthp_ivi_surface *)registry, 640, 480);
    sent("00001400 4c000000 02000000 80020000 e0010000");

    wth_connection_post_error_no_memory(conn);
    sent("00002800 04000000 01000000 01000000 01000000 0e000000 6f757420 6f66206d 656d6f72 79000000");
    wth_object_post_error((struct wth_object *)registry, 42, "%s %d %.1f", "text", 7, 2.5);
    sent("00002400 04000000 01000000 02000000 2a000000 0b000000 74657874 20372032 2e350000");
    wth_object_delete(bound);
    wthp_registry_free(registry);
    wth_connection_destroy(conn);
    close(far_end);
}

int main(void)
{
    requests();
    events();
    return 0;
}
