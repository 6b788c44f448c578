/* Receive flow control and writeable callbacks, on one connection and on all of a protocol. */
#include "peer.h"

static struct libwebsocket *connections[4];
static int count, stop_in_receive, start_in_writeable, stop_again, ask_again, hide;

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    events++;
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        connections[count++] = wsi;
        return 0;
    case LWS_CALLBACK_RECEIVE:
        trace_event("-", wsi, (int)reason, user, in, len);
        if (stop_in_receive || (stop_again && ((char *)in)[0] == 'b'))
            printf("  stop %d\n", libwebsocket_rx_flow_control(wsi, 0));
        break;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        trace_event("-", wsi, (int)reason, user, in, len);
        if (start_in_writeable)
            printf("  start %d\n", libwebsocket_rx_flow_control(wsi, 1));
        if (ask_again && ask_again-- > 0)
            libwebsocket_callback_on_writable(context, wsi);
        break;
    case LWS_CALLBACK_SET_MODE_POLL_FD:
    case LWS_CALLBACK_CLEAR_MODE_POLL_FD:
    case LWS_CALLBACK_CLOSED:
        if (!hide)
            trace_event("-", wsi, (int)reason, user, in, len);
        break;
    default:
        break;
    }
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "flow", on_event, 0, 0, NULL, 0 },
    { "other", on_event, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static struct libwebsocket_context *context;
static int port;

static int begin(const char *protocol)
{
    char line[100];
    unsigned char head[400];
    int fd, ended;

    snprintf(line, sizeof(line), "Sec-WebSocket-Protocol: %s\r\n", protocol);
    fd = peer_upgrade(port, line);
    settle(context);
    CHECK(peer_read(fd, head, sizeof(head), &ended) > 100 && !ended);
    return fd;
}

int main(void)
{
    struct lws_context_creation_info info;
    int fd, others[3], i;

    lws_set_log_level(0, NULL);
    port = free_port();
    info = context_info(port, protocols);
    context = libwebsocket_create_context(&info);
    CHECK(context);

    fd = begin("flow");
    printf("stopped in the callback, several frames in one read\n");
    stop_in_receive = 1;
    {
        /* Masked by zeros. */
        static const char frames[] = "\x81\x81\0\0\0\0" "a" "\x81\x81\0\0\0\0" "b" "\x81\x81\0\0\0\0" "c";

        peer_send(fd, frames, sizeof(frames) - 1);
    }
    settle(context);
    printf("more while it is off\n");
    peer_frame(fd, 0x81, "d", 1);
    settle(context);
    printf("on again when writeable, off at the next frame\n");
    stop_in_receive = 0;
    start_in_writeable = stop_again = 1;
    printf("ask %d\n", libwebsocket_callback_on_writable(context, connections[0]));
    settle(context);
    printf("on for good\n");
    stop_again = 0;
    printf("ask %d\n", libwebsocket_callback_on_writable(context, connections[0]));
    settle(context);
    start_in_writeable = 0;

    printf("writeable: requests collapse into one, and one callback may ask for the next\n");
    libwebsocket_callback_on_writable(context, connections[0]);
    libwebsocket_callback_on_writable(context, connections[0]);
    libwebsocket_callback_on_writable(context, connections[0]);
    settle(context);
    ask_again = 2;
    libwebsocket_callback_on_writable(context, connections[0]);
    settle(context);

    printf("all of a protocol\n");
    hide = 1;
    for (i = 0; i < 3; i++)
        others[i] = begin(i == 1 ? "flow" : "other");
    for (i = 0; i < 4; i++)
        name_of(connections[i]);
    printf("flow %d\n", libwebsocket_callback_on_writable_all_protocol(&protocols[0]));
    settle(context);
    printf("other %d\n", libwebsocket_callback_on_writable_all_protocol(&protocols[1]));
    settle(context);

    hide = 0;
    close(fd);
    settle(context);
    for (i = 0; i < 3; i++) {
        close(others[i]);
        settle(context);
    }
    libwebsocket_context_destroy(context);
    return 0;
}
