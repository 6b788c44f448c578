/* Many connections opened, used and closed at flat memory.
 * harness: timeout 300
 * harness: no-valgrind it measures memory
 * harness: ours-only the original's tables are leaked in some of these lives */
#include "peer.h"
#include <limits.h>

enum { ROUNDS = 400, AT_ONCE = 50 };

static long established, closed, received, requests;

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)user;
    events++;
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        established++;
        libwebsocket_callback_on_writable(context, wsi);
        break;
    case LWS_CALLBACK_CLOSED:
        closed++;
        break;
    case LWS_CALLBACK_RECEIVE:
        received++;
        libwebsocket_write(wsi, in, len, LWS_WRITE_BINARY);
        break;
    case LWS_CALLBACK_HTTP: {
        static unsigned char reply[] = "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n";

        requests++;
        libwebsocket_write(wsi, reply, sizeof(reply) - 1, LWS_WRITE_HTTP);
        return requests % 2;
    }
    default:
        break;
    }
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "soak", on_event, 32, 256, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static long resident(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    CHECK(file && fscanf(file, "%*d %ld", &pages) == 1);
    fclose(file);
    return pages * sysconf(_SC_PAGESIZE) / 1024;
}

int main(void)
{
    struct lws_context_creation_info info;
    struct libwebsocket_context *context;
    static char payload[600], data[20000];
    long start = 0, end = LONG_MAX, now_resident;
    int port = free_port(), round, i, fds[AT_ONCE], ended;

    lws_set_log_level(0, NULL);
    info = context_info(port, protocols);
    info.extensions = libwebsocket_get_internal_extensions();
    context = libwebsocket_create_context(&info);
    CHECK(context);
    memset(payload, 'x', sizeof(payload));
    for (round = 0; round < ROUNDS; round++) {
        for (i = 0; i < AT_ONCE; i++) {
            switch (i % 10) {
            case 0:
                fds[i] = peer_connect(port);
                peer_say(fds[i], "GET /page HTTP/1.1\r\nHost: h\r\n\r\n");
                break;
            case 1:
                fds[i] = peer_connect(port);
                peer_say(fds[i], "GET /half HTTP/1.1\r\nHost");
                break;
            case 2:
                fds[i] = peer_upgrade(port, "Sec-WebSocket-Protocol: unknown\r\n");
                break;
            case 3:
                fds[i] = peer_upgrade(port, "Sec-WebSocket-Extensions: deflate-frame\r\n");
                break;
            case 4:
                fds[i] = peer_upgrade(port, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
                break;
            default:
                fds[i] = peer_upgrade(port, "");
                break;
            }
            libwebsocket_service(context, 0);
        }
        settle(context);
        for (i = 3; i < AT_ONCE; i++)
            if (i % 10 > 2)
                peer_frame(fds[i], 0x82, payload, (size_t)(i * 11));
        settle(context);
        for (i = 0; i < AT_ONCE; i++) {
            peer_read(fds[i], (unsigned char *)data, sizeof(data), &ended);
            if (i % 10 == 5)
                peer_frame(fds[i], 0x88, "\x03\xe8", 2);
            if (i % 10 == 6)
                peer_frame(fds[i], 0x83, "x", 1);
        }
        settle(context);
        for (i = 0; i < AT_ONCE; i++)
            close(fds[i]);
        settle(context);
        CHECK_EQ(established, closed);
        /* The most of some rounds early, the least of some late: the allocator alone moves it by a thousand from one
         * to the next. */
        now_resident = resident();
        if (round >= ROUNDS / 4 && round < ROUNDS / 4 + 8 && now_resident > start)
            start = now_resident;
        if (round >= ROUNDS - 8 && now_resident < end)
            end = now_resident;
    }
    libwebsocket_context_destroy(context);
    fprintf(stderr, "%ld connections established, %ld kB after a quarter, %ld kB at the end\n", established, start, end);
    CHECK(established == ROUNDS * AT_ONCE / 10 * 7 && received > established);
    CHECK(end - start < 1024);
    return 0;
}
