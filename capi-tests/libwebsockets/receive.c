/* How received payload is cut and described: chunks of rx_buffer_size, fragments, control frames between them, and
 * input that arrives in pieces of any size.
 */
#include "peer.h"

static int echo_in_place;

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)context;
    events++;
    if (reason != LWS_CALLBACK_RECEIVE)
        return 0;
    trace_event("-", wsi, (int)reason, user, in, len);
    if (echo_in_place) {
        /* Callbacks may use what is before and behind the payload. */
        memset((unsigned char *)in - LWS_SEND_BUFFER_PRE_PADDING, 0xee, LWS_SEND_BUFFER_PRE_PADDING);
        printf("  write %d\n", libwebsocket_write(wsi, in, len, LWS_WRITE_BINARY));
    } else {
        memset(in, 0xdd, len + LWS_SEND_BUFFER_POST_PADDING);
    }
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "small", on_event, 0, 8, NULL, 0 },
    { "usual", on_event, 0, 0, NULL, 0 },
    { "large", on_event, 0, 65536, NULL, 0 },
    { "one", on_event, 0, 1, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static struct libwebsocket_context *context;
static int port;
static unsigned char payload[200000];

static int begin(const char *what, const char *protocol)
{
    char line[100];
    unsigned char head[400];
    int fd, ended;

    printf("%s\n", what);
    forget_names();
    snprintf(line, sizeof(line), "Sec-WebSocket-Protocol: %s\r\n", protocol);
    fd = peer_upgrade(port, line);
    settle(context);
    CHECK(peer_read(fd, head, sizeof(head), &ended) > 100 && !ended);
    return fd;
}

static void end(int fd)
{
    settle(context);
    peer_report(fd, "peer");
    close(fd);
    settle(context);
}

/* The connection ends; whether a close frame comes first is no part of this. */
static void ends(int fd)
{
    unsigned char data[100];
    int ended;

    settle(context);
    peer_read(fd, data, sizeof(data), &ended);
    printf("  ended %d\n", ended);
    close(fd);
    settle(context);
}

/* The bytes of several frames, sent so many at a time. */
static void in_pieces(size_t step)
{
    static const unsigned char frames[] =
        "\x01\x85\x00\x00\x00\x00" "Hello"
        "\x89\x84\x01\x01\x01\x01" "qhof"
        "\x00\x83\x00\x00\x00\x00" "abc"
        "\x8a\x81\x00\x00\x00\x00" "x"
        "\x80\x89\x00\x00\x00\x00" "123456789"
        "\x82\xfe\x00\x80\x00\x00\x00\x00";
    static unsigned char all[sizeof(frames) - 1 + 128];
    size_t at, length = sizeof(all);
    char label[64];
    int fd;

    memcpy(all, frames, sizeof(frames) - 1);
    memset(all + sizeof(frames) - 1, 'z', 128);
    snprintf(label, sizeof(label), "fragments and control frames, %zu bytes at a time", step);
    fd = begin(label, "usual");
    for (at = 0; at < length; at += step) {
        peer_send(fd, all + at, length - at < step ? length - at : step);
        settle(context);
    }
    end(fd);
}

int main(void)
{
    struct lws_context_creation_info info;
    size_t i;
    int fd;

    lws_set_log_level(0, NULL);
    port = free_port();
    info = context_info(port, protocols);
    context = libwebsocket_create_context(&info);
    CHECK(context);
    for (i = 0; i < sizeof(payload); i++)
        payload[i] = (unsigned char)('a' + i % 26);

    fd = begin("19 bytes in chunks of 8", "small");
    peer_frame(fd, 0x81, payload, 19);
    end(fd);

    fd = begin("16 bytes in chunks of 8", "small");
    peer_frame(fd, 0x82, payload, 16);
    end(fd);

    fd = begin("1 to 9 bytes in chunks of 8", "small");
    for (i = 1; i < 10; i++)
        peer_frame(fd, 0x81, payload, i);
    end(fd);

    fd = begin("chunks of one byte", "one");
    peer_frame(fd, 0x81, payload, 4);
    end(fd);

    fd = begin("fragments in chunks of 8", "small");
    peer_frame(fd, 0x02, payload, 10);
    peer_frame(fd, 0x00, payload, 3);
    peer_frame(fd, 0x89, "ping", 4);
    peer_frame(fd, 0x80, payload, 9);
    peer_frame(fd, 0x81, payload, 2);
    end(fd);

    fd = begin("the usual size is 4096", "usual");
    peer_frame(fd, 0x81, payload, 4095);
    peer_frame(fd, 0x81, payload, 4096);
    peer_frame(fd, 0x81, payload, 4097);
    peer_frame(fd, 0x82, payload, 20000);
    end(fd);

    fd = begin("larger than a read", "large");
    peer_frame(fd, 0x82, payload, 65535);
    peer_frame(fd, 0x82, payload, 65536);
    peer_frame(fd, 0x82, payload, 65537);
    settle_for(context, 100);
    peer_frame(fd, 0x82, payload, 200000);
    settle_for(context, 100);
    end(fd);

    fd = begin("a ping is answered and not shown", "small");
    peer_frame(fd, 0x89, "pp", 2);
    peer_frame(fd, 0x8a, "unasked", 7);
    end(fd);

    fd = begin("a close of one byte comes back", "usual");
    peer_frame(fd, 0x88, "x", 1);
    end(fd);

    fd = begin("a control frame with an extended length ends the connection", "usual");
    peer_send(fd, "\x89\xfe\x00\x80\x00\x00\x00\x00", 8);
    ends(fd);

    fd = begin("a length of 2^63 ends the connection", "usual");
    peer_send(fd, "\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 14);
    ends(fd);

    echo_in_place = 1;
    fd = begin("echo in place", "usual");
    peer_frame(fd, 0x82, payload, 5);
    peer_frame(fd, 0x82, payload, 200);
    peer_frame(fd, 0x82, payload, 4096);
    end(fd);
    echo_in_place = 0;

    for (i = 1; i <= 4; i++)
        in_pieces(i);
    in_pieces(7);
    in_pieces(1000);

    libwebsocket_context_destroy(context);
    return 0;
}
