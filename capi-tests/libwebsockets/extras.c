/* What later releases had and programs of this one wished for: row 32 of the fixes.
 * harness: ours-only the original has none of it
 * harness: timeout 150
 * harness: libs -pthread */
#include "server.h"
#include <pthread.h>

static int established, closed, received, writeables, errors, client_established, special;
static struct libwebsocket *latest;
static struct libwebsocket_context *context;

static int on_event(struct libwebsocket_context *ctx, struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason,
                    void *user, void *in, size_t len)
{
    (void)user, (void)in, (void)len;
    events++;
    switch ((int)reason) {
    case LWS_CALLBACK_ESTABLISHED:
        established++;
        latest = wsi;
        break;
    case LWS_CALLBACK_CLOSED:
        closed++;
        break;
    case LWS_CALLBACK_RECEIVE:
        received++;
        if (((char *)in)[0] == 's')
            libwebsocket_rx_flow_control(wsi, 0);
        break;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        writeables++;
        break;
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        client_established++;
        break;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        errors++;
        break;
    case LWS_CALLBACK_HTTP:
        CHECK(libwebsockets_return_http_status(ctx, wsi, 404, strcmp(in, "/null") ? "<h1>no</h1>" : NULL) >= 0);
        return 1;
    case 1000:
        special++;
        break;
    default:
        break;
    }
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "extras", on_event, 4, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
}, client_protocols[] = {
    { "extras", on_event, 4, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static void *cancel_soon(void *argument)
{
    usleep(100000);
    libwebsocket_cancel_service(argument);
    return NULL;
}

static void *ask_soon(void *argument)
{
    usleep(100000);
    libwebsocket_callback_on_writable(argument, latest);
    return NULL;
}

/* A proxy for one client: its answer to CONNECT, then what a server says. */
static void through_proxy(struct libwebsocket_context *clients, const char *answer, int works)
{
    char request[1000];
    int proxy_port, listener = server_listen(&proxy_port), fd;
    char setting[40];

    client_established = errors = 0;
    snprintf(setting, sizeof(setting), "127.0.0.1:%d", proxy_port);
    CHECK_EQ(libwebsocket_set_proxy(clients, setting), 0);
    CHECK(libwebsocket_client_connect(clients, "192.0.2.1", 8080, 0, "/", "far.example.com", NULL, "extras", -1));
    fd = server_accept(listener);
    settle(clients);
    server_request(fd, request, sizeof(request), 0);
    CHECK(!strncmp(request, "CONNECT 192.0.2.1:8080 HTTP/1.0\r\nUser-agent: libwebsockets\r\n\r\n", 64));
    peer_say(fd, answer);
    settle(clients);
    if (works) {
        server_request(fd, request, sizeof(request), 0);
        CHECK(strstr(request, "Host: far.example.com\r\n"));
        server_reply(fd, request, "Sec-WebSocket-Protocol: extras\r\n");
        settle(clients);
    }
    CHECK_EQ(client_established, works);
    CHECK_EQ(errors, !works);
    close(fd);
    close(listener);
    settle(clients);
    CHECK_EQ(libwebsocket_set_proxy(clients, NULL), 0);
}

int main(void)
{
    struct lws_context_creation_info info;
    struct libwebsocket_context *clients;
    unsigned char data[500];
    pthread_t thread;
    double begun;
    int port = free_port(), fd, other, ended, length, before;

    lws_set_log_level(0, NULL);
    info = context_info(port, protocols);
    context = libwebsocket_create_context(&info);
    CHECK(context);

    printf("the wait is ended from another thread\n");
    begun = now();
    CHECK(pthread_create(&thread, NULL, cancel_soon, context) == 0);
    CHECK_EQ(libwebsocket_service(context, 60000), 0);
    CHECK(now() - begun < 30);
    CHECK(pthread_join(thread, NULL) == 0);
    printf("or before it begins\n");
    libwebsocket_cancel_service(context);
    begun = now();
    CHECK_EQ(libwebsocket_service(context, 60000), 0);
    CHECK(now() - begun < 30);
    libwebsocket_cancel_service(NULL);

    printf("a writeable callback is asked for from another thread\n");
    fd = peer_upgrade(port, "Sec-WebSocket-Protocol: extras\r\n");
    settle(context);
    CHECK_EQ(established, 1);
    begun = now();
    CHECK(pthread_create(&thread, NULL, ask_soon, context) == 0);
    while (!writeables && now() - begun < 30)
        libwebsocket_service(context, 60000);
    CHECK(writeables == 1 && now() - begun < 30);
    CHECK(pthread_join(thread, NULL) == 0);

    printf("the input of all of a protocol comes again\n");
    other = peer_upgrade(port, "Sec-WebSocket-Protocol: extras\r\n");
    settle(context);
    peer_frame(fd, 0x81, "s", 1);
    peer_frame(other, 0x81, "s", 1);
    settle(context);
    peer_frame(fd, 0x81, "x", 1);
    peer_frame(other, 0x81, "x", 1);
    settle(context);
    CHECK_EQ(received, 2);
    libwebsocket_rx_flow_allow_all_protocol(&protocols[0]);
    settle(context);
    CHECK_EQ(received, 4);
    libwebsocket_rx_flow_allow_all_protocol(NULL);

    printf("a callback for all of a protocol\n");
    CHECK_EQ(libwebsocket_callback_all_protocol(&protocols[0], (enum libwebsocket_callback_reasons)1000), 0);
    CHECK_EQ(special, 2);
    libwebsocket_callback_all_protocol(NULL, (enum libwebsocket_callback_reasons)1000);
    close(fd);
    close(other);
    settle(context);

    printf("an HTTP status\n");
    for (before = 0; before < 2; before++) {
        fd = peer_connect(port);
        peer_say(fd, before ? "GET /null HTTP/1.1\r\n\r\n" : "GET /some HTTP/1.1\r\n\r\n");
        settle(context);
        length = peer_read(fd, data, sizeof(data) - 1, &ended);
        data[length] = 0;
        CHECK(ended && strstr((char *)data, " 404"));
        CHECK(before || strstr((char *)data, "<h1>no</h1>"));
        close(fd);
    }

    info = context_info(CONTEXT_PORT_NO_LISTEN, client_protocols);
    clients = libwebsocket_create_context(&info);
    CHECK(clients);
    printf("proxies\n");
    through_proxy(clients, "HTTP/1.0 200 OK\r\n\r\n", 1);
    through_proxy(clients, "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n", 1);
    through_proxy(clients, "HTTP/1.0 403 Forbidden\r\n\r\n", 0);
    CHECK_EQ(libwebsocket_set_proxy(clients, "nonsense"), -1);
    CHECK_EQ(libwebsocket_set_proxy(NULL, "127.0.0.1:1"), -1);
    libwebsocket_context_destroy(clients);
    libwebsocket_context_destroy(context);

    printf("a proxy of the environment\n");
    CHECK(setenv("http_proxy", "no colon", 1) == 0);
    CHECK(libwebsocket_create_context(&info) == NULL);
    CHECK(setenv("http_proxy", "http://proxy.example.com:3128", 1) == 0);
    clients = libwebsocket_create_context(&info);
    CHECK(clients);
    libwebsocket_context_destroy(clients);
    return 0;
}
