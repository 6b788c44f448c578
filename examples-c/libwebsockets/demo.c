#include "demo.h"
#include "example.h"

#include <stdio.h>
#include <string.h>

const char *demo_page = "page.html";
void (*demo_watch)(enum libwebsocket_callback_reasons reason, int fd, short bits);

/* HTTP: one page, whatever is asked for. Programs that serve more look at the request first: it is as the client sent it,
 * dots and all. */
static int on_http(struct libwebsocket_context *context, struct libwebsocket *wsi,
                   enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)user;
    switch (reason) {
    case LWS_CALLBACK_ADD_POLL_FD:
    case LWS_CALLBACK_DEL_POLL_FD:
    case LWS_CALLBACK_SET_MODE_POLL_FD:
    case LWS_CALLBACK_CLEAR_MODE_POLL_FD:
        if (demo_watch)
            demo_watch(reason, (int)(long)in, (short)len);
        break;

    case LWS_CALLBACK_HTTP:
        if (strcmp(in, "/") && strncmp(in, "/?", 2) && strcmp(in, "/page.html")) {
            libwebsockets_serve_http_file(context, wsi, "/nonexistent", "text/html");
            return 1;
        }
        return libwebsockets_serve_http_file(context, wsi, demo_page, "text/html; charset=utf-8") != 0;

    case LWS_CALLBACK_HTTP_FILE_COMPLETION:
        /* The connection is kept for the next request. */
        return 0;

    default:
        break;
    }
    return 0;
}

/* The counter: every connection has its own, which it sends about 20 times a second; "reset" sets it to 0. */
struct counter {
    int number;
};

static int on_counter(struct libwebsocket_context *context, struct libwebsocket *wsi,
                      enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    unsigned char block[LWS_SEND_BUFFER_PRE_PADDING + 20 + LWS_SEND_BUFFER_POST_PADDING];
    unsigned char *text = block + LWS_SEND_BUFFER_PRE_PADDING;
    struct counter *counter = user;
    int n;

    (void)context;
    switch (reason) {
    case LWS_CALLBACK_SERVER_WRITEABLE:
        n = snprintf((char *)text, 20, "%d", counter->number++);
        return libwebsocket_write(wsi, text, (size_t)n, LWS_WRITE_TEXT) < n ? -1 : 0;

    case LWS_CALLBACK_RECEIVE:
        if (len == 5 && !memcmp(in, "reset", 5))
            counter->number = 0;
        break;

    default:
        break;
    }
    return 0;
}

/* The mirror: what one sends, all get. The messages wait in a ring; who falls behind so far that the ring is full holds
 * the senders up, because nothing is read from them until there is room again. */
enum { RING = 64, LOW = RING / 2, MAX_MIRRORED = 4096, MAX_MIRRORS = 1000 };

struct mirror {
    struct libwebsocket *wsi;
    unsigned next;
    int slot;
};

static struct message ring[RING];
static unsigned ring_head;
static struct mirror *mirrors[MAX_MIRRORS];
static int mirror_count, held_up;

/* How many messages the slowest has before it. */
static unsigned backlog(void)
{
    unsigned most = 0;
    int i;

    for (i = 0; i < mirror_count; i++)
        if (ring_head - mirrors[i]->next > most)
            most = ring_head - mirrors[i]->next;
    return most;
}

static void hold_up(int hold)
{
    int i;

    if (held_up == hold)
        return;
    held_up = hold;
    for (i = 0; i < mirror_count; i++)
        libwebsocket_rx_flow_control(mirrors[i]->wsi, !hold);
}

static int on_mirror(struct libwebsocket_context *context, struct libwebsocket *wsi,
                     enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    struct mirror *mirror = user;

    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        if (mirror_count == MAX_MIRRORS)
            return -1;
        mirror->wsi = wsi;
        mirror->next = ring_head;
        mirror->slot = mirror_count;
        mirrors[mirror_count++] = mirror;
        break;

    case LWS_CALLBACK_RECEIVE: {
        struct message *message = &ring[ring_head % RING];

        if (backlog() == RING)
            break;
        message->length = 0;
        if (message_append(message, in, len, MAX_MIRRORED) < 0)
            return -1;
        ring_head++;
        if (backlog() > RING - 4)
            hold_up(1);
        libwebsocket_callback_on_writable_all_protocol(libwebsockets_get_protocol(wsi));
        break;
    }

    case LWS_CALLBACK_SERVER_WRITEABLE:
        while (mirror->next != ring_head) {
            struct message *message = &ring[mirror->next % RING];

            if (libwebsocket_write(wsi, message_bytes(message), message->length, LWS_WRITE_TEXT) < (int)message->length)
                return -1;
            mirror->next++;
            if (lws_send_pipe_choked(wsi)) {
                libwebsocket_callback_on_writable(context, wsi);
                break;
            }
        }
        if (held_up && backlog() < LOW)
            hold_up(0);
        break;

    case LWS_CALLBACK_CLOSED:
        if (mirror->wsi != wsi)
            break;
        mirrors[mirror->slot] = mirrors[--mirror_count];
        mirrors[mirror->slot]->slot = mirror->slot;
        if (held_up && backlog() < LOW)
            hold_up(0);
        break;

    case LWS_CALLBACK_PROTOCOL_DESTROY: {
        int i;

        for (i = 0; i < RING; i++)
            message_free(&ring[i]);
        break;
    }

    default:
        break;
    }
    return 0;
}

struct libwebsocket_protocols demo_protocols[] = {
    { "http-only", on_http, 0, 0, NULL, 0 },
    { "dumb-increment-protocol", on_counter, sizeof(struct counter), 10, NULL, 0 },
    { "lws-mirror-protocol", on_mirror, sizeof(struct mirror), 4096, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

int demo_tick(void)
{
    static double next;
    double now = seconds();

    if (now >= next) {
        next = now + 0.05;
        libwebsocket_callback_on_writable_all_protocol(&demo_protocols[1]);
    }
    return (int)((next - now) * 1000) + 1;
}
