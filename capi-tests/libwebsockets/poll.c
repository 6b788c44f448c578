/* A poll loop of the program's own. */
#include "loop.h"

int main(void)
{
    struct lws_context_creation_info info;
    struct pollfd unknown = { .fd = 900, .events = POLLIN, .revents = POLLIN };
    int port = free_port(), fd;

    lws_set_log_level(0, NULL);
    info = context_info(port, protocols);
    context = libwebsocket_create_context(&info);
    CHECK(context);

    fd = peer_upgrade(port, "Sec-WebSocket-Protocol: poll\r\n");
    serve();
    peer_frame(fd, 0x81, "w", 1);
    serve();
    peer_frame(fd, 0x81, "s", 1);
    peer_frame(fd, 0x81, "more", 4);
    serve();
    close(fd);
    serve();

    printf("HTTP\n");
    forget_names();
    quiet_clear = 1;
    fd = peer_connect(port);
    peer_say(fd, "GET / HTTP/1.1\r\n\r\n");
    serve();
    close(fd);
    serve();
    quiet_clear = 0;

    printf("nothing %d, unknown %d\n", libwebsocket_service_fd(context, NULL), libwebsocket_service_fd(context, &unknown));
    libwebsocket_context_destroy(context);
    printf("left in the table: %d\n", used);
    return 0;
}
