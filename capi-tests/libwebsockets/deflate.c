/* The built-in compression: which offers are accepted, and that payload comes back.
 * harness: libs -lz
 * harness: ours-only the original activates what is offered twice, twice, and does not know permessage-deflate */
#include "server.h"
#include <zlib.h>

int lws_extension_callback_deflate_frame(struct libwebsocket_context *, struct libwebsocket_extension *, struct libwebsocket *,
                                         enum libwebsocket_extension_callback_reasons, void *, void *, size_t);
int lws_extension_callback_deflate_stream(struct libwebsocket_context *, struct libwebsocket_extension *, struct libwebsocket *,
                                          enum libwebsocket_extension_callback_reasons, void *, void *, size_t);

static int received, closed, final, last_remaining, confirms, largest;
static size_t bytes;
static char message[1 << 20];
static int echo = 1;

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)context, (void)user;
    events++;
    switch (reason) {
    case LWS_CALLBACK_CONFIRM_EXTENSION_OKAY:
    case LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED:
        confirms++;
        break;
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_CLIENT_RECEIVE:
        CHECK(((char *)in)[len] == 0 || len == 0);
        received++;
        CHECK(bytes + len <= sizeof(message));
        memcpy(message + bytes, in, len);
        bytes += len;
        if ((int)len > largest)
            largest = (int)len;
        final = libwebsocket_is_final_fragment(wsi);
        last_remaining = libwebsockets_remaining_packet_payload(wsi) != 0;
        if (echo)
            CHECK(libwebsocket_write(wsi, in, len, LWS_WRITE_TEXT) >= (int)len);
        break;
    case LWS_CALLBACK_CLOSED:
        closed++;
        break;
    default:
        break;
    }
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "usual", on_event, 0, 0, NULL, 0 },
    { "small", on_event, 0, 8, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static struct libwebsocket_context *context;
static int port;

static int offer(const char *protocol, const char *extensions, const char *expected)
{
    unsigned char head[1000];
    char line[2000], answer[200];
    int fd, ended, length;
    const char *found;

    received = closed = confirms = largest = 0;
    bytes = 0;
    snprintf(line, sizeof(line), "Sec-WebSocket-Protocol: %s\r\nSec-WebSocket-Extensions: %s\r\n", protocol, extensions);
    fd = peer_upgrade(port, line);
    settle(context);
    length = peer_read(fd, head, sizeof(head) - 1, &ended);
    head[length] = 0;
    CHECK(!ended && strstr((char *)head, " 101 "));
    found = strstr((char *)head, "Sec-WebSocket-Extensions: ");
    snprintf(answer, sizeof(answer), "%.*s", found ? (int)strcspn(found + 26, "\r") : 0, found ? found + 26 : "");
    if (strcmp(answer, expected)) {
        fprintf(stderr, "%s was answered with %s\n", extensions, answer);
        CHECK(0);
    }
    return fd;
}

static void gone(int fd)
{
    close(fd);
    settle(context);
    CHECK_EQ(closed, 1);
}

/* zlib's own streams, for the peer's side. */
static z_stream deflater, inflater;

static void streams(int bits)
{
    memset(&deflater, 0, sizeof(deflater));
    memset(&inflater, 0, sizeof(inflater));
    CHECK(deflateInit2(&deflater, 6, Z_DEFLATED, -bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    CHECK(inflateInit2(&inflater, -15) == Z_OK);
}

static void end_streams(void)
{
    deflateEnd(&deflater);
    inflateEnd(&inflater);
}

static size_t deflated(const void *data, size_t length, unsigned char *out, size_t room)
{
    deflater.next_in = (unsigned char *)data;
    deflater.avail_in = (unsigned)length;
    deflater.next_out = out;
    deflater.avail_out = (unsigned)room;
    CHECK(deflate(&deflater, Z_SYNC_FLUSH) >= Z_BUF_ERROR && deflater.avail_out);
    /* Nothing new leaves nothing to flush. */
    return deflater.avail_out == room ? 0 : room - deflater.avail_out - 4;
}

/* Reads one frame from the server, and inflates its payload. */
static size_t inflated(int fd, unsigned char *out, size_t room)
{
    static unsigned char frame[1 << 20];
    int ended, length = peer_read(fd, frame, sizeof(frame) - 4, &ended), head = 2, size = frame[1];

    CHECK(!ended && length >= 2);
    CHECK_EQ(frame[0], 0xc1);
    if (size == 126) {
        size = frame[2] << 8 | frame[3];
        head = 4;
    } else if (size == 127) {
        size = frame[7] << 16 | frame[8] << 8 | frame[9];
        head = 10;
    }
    CHECK_EQ(length, head + size);
    memcpy(frame + length, "\0\0\xff\xff", 4);
    inflater.next_in = frame + head;
    inflater.avail_in = (unsigned)size + 4;
    inflater.next_out = out;
    inflater.avail_out = (unsigned)room;
    CHECK(inflate(&inflater, Z_SYNC_FLUSH) == Z_OK && inflater.avail_in == 0);
    return room - inflater.avail_out;
}

static void offers(void)
{
    static const struct { const char *offer, *answer; } cases[] = {
        { "deflate-frame", "deflate-frame" },
        { "x-webkit-deflate-frame", "x-webkit-deflate-frame" },
        { "x-webkit-deflate-frame, deflate-frame", "x-webkit-deflate-frame" },
        { "deflate-frame,x-webkit-deflate-frame", "deflate-frame" },
        { "deflate-frame; max_window_bits=12", "" },
        { "nothing", "" },
        { "permessage-deflate", "permessage-deflate" },
        { "permessage-deflate; client_max_window_bits", "permessage-deflate" },
        { "permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=10" },
        { "permessage-deflate; server_max_window_bits=8, permessage-deflate", "permessage-deflate" },
        { "permessage-deflate, deflate-frame", "permessage-deflate" },
        { "deflate-frame, permessage-deflate", "deflate-frame" },
        { "permessage-deflate; nonsense", "" },
    };
    char many[600] = "";
    size_t i;

    printf("offers\n");
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        gone(offer("usual", cases[i].offer, cases[i].answer));
    /* Row 3: twelve times the same, and more names than any table has room for. */
    for (i = 0; i < 12; i++)
        strcat(many, i ? ", deflate-frame" : "deflate-frame");
    gone(offer("usual", many, "deflate-frame"));
    CHECK_EQ(confirms, 1);
    many[0] = 0;
    for (i = 0; i < 60; i++)
        sprintf(many + strlen(many), "%sx%zu", i ? "," : "", i);
    gone(offer("usual", many, ""));
}

static void messages(const char *protocol, const char *extension, const char *answer, int bits)
{
    static unsigned char payload[60000], compressed[70000], back[70000];
    size_t sizes[] = { 5, 5, 0, 1, 100, 3000, 4096, 20000, 5 }, i, at;
    int fd, small = !strcmp(protocol, "small");

    printf("%s, %s\n", extension, protocol);
    echo = 0;
    fd = offer(protocol, extension, answer);
    streams(bits);
    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size_t length;

        for (at = 0; at < sizes[i]; at++)
            payload[at] = (unsigned char)(at * at / 7);
        length = deflated(payload, sizes[i], compressed, sizeof(compressed));
        if (length == 0)
            compressed[length++] = 0;
        bytes = 0;
        received = 0;
        peer_frame(fd, 0xc1, compressed, length);
        settle(context);
        CHECK_EQ(bytes, sizes[i]);
        CHECK(!memcmp(message, payload, bytes));
        CHECK(!received || (final && !last_remaining));
        if (small && strstr(extension, "permessage"))
            CHECK_EQ(received, (int)((sizes[i] + 7) / 8));
    }
    /* Payload that is not compressed passes. */
    bytes = 0;
    peer_frame(fd, 0x81, "plain", 5);
    settle(context);
    CHECK(bytes == 5 && !memcmp(message, "plain", 5));
    gone(fd);
    /* And the other way. */
    end_streams();
    echo = 1;
    fd = offer("usual", extension, answer);
    streams(bits);
    for (i = 0; i < 5; i++) {
        memset(payload, 'a' + (int)i, 1000);
        peer_frame(fd, 0x81, payload, 1000);
        settle(context);
        CHECK_EQ(inflated(fd, back, sizeof(back)), 1000);
        CHECK(!memcmp(back, payload, 1000));
    }
    gone(fd);
    end_streams();
}

/* Row 27b: the length that is announced reserves nothing. */
static void announced_lengths_reserve_nothing(void)
{
    long pages_before = 0, pages_after = 0;
    FILE *file;
    int fd;

    printf("announced lengths\n");
    echo = 0;
    file = fopen("/proc/self/statm", "r");
    CHECK(file && fscanf(file, "%ld", &pages_before) == 1);
    fclose(file);
    fd = offer("small", "deflate-frame", "deflate-frame");
    peer_send(fd, "\xc1\xff\0\0\0\0\x40\0\0\0\0\0\0\0" "0123456789abcdef", 30);
    settle(context);
    file = fopen("/proc/self/statm", "r");
    CHECK(file && fscanf(file, "%ld", &pages_after) == 1);
    fclose(file);
    CHECK(pages_after - pages_before < 4096);
    gone(fd);
    /* What inflates to more than 64 KiB ends the connection, for deflate-frame. */
    {
        static unsigned char zeros[300000], compressed[3000];
        size_t length;

        fd = offer("usual", "deflate-frame", "deflate-frame");
        streams(15);
        length = deflated(zeros, sizeof(zeros), compressed, sizeof(compressed));
        peer_frame(fd, 0xc1, compressed, length);
        settle(context);
        CHECK_EQ(closed, 1);
        CHECK_EQ(bytes, 0);
        close(fd);
        end_streams();
        /* permessage-deflate needs no such limit: it is inflated a chunk at a time. */
        fd = offer("usual", "permessage-deflate", "permessage-deflate");
        streams(15);
        length = deflated(zeros, sizeof(zeros), compressed, sizeof(compressed));
        peer_frame(fd, 0xc1, compressed, length);
        settle_for(context, 20);
        CHECK_EQ(bytes, sizeof(zeros));
        CHECK_EQ(largest, 4096);
        gone(fd);
        end_streams();
    }
    /* What is not deflate ends the connection. */
    fd = offer("usual", "permessage-deflate", "permessage-deflate");
    peer_frame(fd, 0xc1, "\xff\xff\xff\xff", 4);
    settle(context);
    CHECK_EQ(closed, 1);
    close(fd);
    fd = offer("usual", "deflate-frame", "deflate-frame");
    peer_frame(fd, 0xc1, "\xff\xff\xff\xff", 4);
    settle(context);
    CHECK_EQ(closed, 1);
    close(fd);
}

/* Ours with ours, by a table of the program's own. */
static void both_ends(struct libwebsocket_extension *table, const char *name)
{
    struct lws_context_creation_info info;
    struct libwebsocket_context *server, *client;
    static struct libwebsocket_protocols server_protocols[] = {
        { "usual", on_event, 0, 0, NULL, 0 },
        { NULL, NULL, 0, 0, NULL, 0 },
    }, client_protocols[] = {
        { "usual", on_event, 0, 0, NULL, 0 },
        { NULL, NULL, 0, 0, NULL, 0 },
    };
    static unsigned char block[LWS_SEND_BUFFER_PRE_PADDING + 3000 + LWS_SEND_BUFFER_POST_PADDING];
    unsigned char *payload = block + LWS_SEND_BUFFER_PRE_PADDING;
    struct libwebsocket *wsi;
    int own = free_port(), i;

    printf("both ends: %s\n", name);
    info = context_info(own, server_protocols);
    info.extensions = table;
    server = libwebsocket_create_context(&info);
    CHECK(server);
    info = context_info(CONTEXT_PORT_NO_LISTEN, client_protocols);
    info.extensions = table;
    client = libwebsocket_create_context(&info);
    CHECK(client);
    wsi = libwebsocket_client_connect(client, "127.0.0.1", own, 0, "/", "h", NULL, "usual", -1);
    CHECK(wsi);
    for (i = 0; i < 20; i++) {
        libwebsocket_service(server, 2);
        libwebsocket_service(client, 2);
    }
    /* The first comes back once: the server echoes, the client does not. */
    received = closed = 0;
    bytes = 0;
    echo = 0;
    for (i = 0; i < 3000; i++)
        payload[i] = (unsigned char)(i % 251);
    CHECK(libwebsocket_write(wsi, payload, 3000, LWS_WRITE_BINARY) >= 3000);
    for (i = 0; i < 20; i++) {
        libwebsocket_service(server, 2);
        libwebsocket_service(client, 2);
    }
    CHECK_EQ(bytes, 3000);
    for (i = 0; i < 3000; i++)
        CHECK((unsigned char)message[i] == i % 251);
    libwebsocket_context_destroy(client);
    for (i = 0; i < 5; i++)
        libwebsocket_service(server, 2);
    libwebsocket_context_destroy(server);
    CHECK_EQ(closed, 2);
}

int main(void)
{
    static struct libwebsocket_extension frames[] = {
        { "my-deflate", lws_extension_callback_deflate_frame, 288, NULL },
        { NULL, NULL, 0, NULL },
    }, stream[] = {
        { "deflate-stream", lws_extension_callback_deflate_stream, 8500, NULL },
        { NULL, NULL, 0, NULL },
    };
    struct lws_context_creation_info info;

    lws_set_log_level(0, NULL);
    port = free_port();
    info = context_info(port, protocols);
    info.extensions = libwebsocket_get_internal_extensions();
    context = libwebsocket_create_context(&info);
    CHECK(context);
    offers();
    messages("usual", "deflate-frame", "deflate-frame", 15);
    messages("small", "deflate-frame", "deflate-frame", 15);
    messages("usual", "permessage-deflate", "permessage-deflate", 15);
    messages("small", "permessage-deflate", "permessage-deflate", 15);
    messages("usual", "permessage-deflate; client_max_window_bits=9; server_max_window_bits=9",
             "permessage-deflate; server_max_window_bits=9; client_max_window_bits=9", 9);
    announced_lengths_reserve_nothing();
    libwebsocket_context_destroy(context);
    both_ends(libwebsocket_get_internal_extensions(), "the built-in table");
    both_ends(frames, "deflate-frame by another name");
    both_ends(stream, "deflate-stream");
    return 0;
}
