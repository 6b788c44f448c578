/* The library's own loop and the program's take turns on one context.
 * harness: ours-only what the program clears in its table stays set in the original's */
#include "loop.h"

int main(void)
{
    struct lws_context_creation_info info;
    int port = free_port(), fd, i;
    long before;

    lws_set_log_level(0, NULL);
    info = context_info(port, protocols);
    context = libwebsocket_create_context(&info);
    CHECK(context);
    fd = peer_upgrade(port, "Sec-WebSocket-Protocol: poll\r\n");
    serve();
    for (i = 0; i < 3; i++) {
        /* A frame asks for a writeable callback, which comes once, whoever serves. */
        peer_frame(fd, 0x81, "w", 1);
        before = events;
        settle(context);
        CHECK_EQ(events - before, 5);
        peer_frame(fd, 0x81, "w", 1);
        before = events;
        serve();
        CHECK_EQ(events - before, 5);
    }
    close(fd);
    settle(context);
    CHECK_EQ(used, 1);
    libwebsocket_context_destroy(context);
    CHECK_EQ(used, 0);
    return 0;
}
