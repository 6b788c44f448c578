/* The interface of releases 1.2, 1.21 and 1.22: other numbers from HTTP_WRITEABLE on, the descriptor in `user`, no list of
 * ciphers when a context is made, and 0 from a write that went well. The structs are declared as those releases had them.
 * harness: object libwebsockets-1.22 */
#include "check.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct libwebsocket;
struct libwebsocket_context;

typedef int callback_function(struct libwebsocket_context *, struct libwebsocket *, int, void *, void *, size_t);

struct libwebsocket_protocols {
    const char *name;
    callback_function *callback;
    size_t per_session_data_size;
    size_t rx_buffer_size;
    struct libwebsocket_context *owning_server;
    int protocol_index;
};

struct info {
    int port;
    const char *iface;
    struct libwebsocket_protocols *protocols;
    void *extensions;
    const char *ssl_cert_filepath;
    const char *ssl_private_key_filepath;
    const char *ssl_ca_filepath;
    int gid;
    int uid;
    unsigned options;
    void *user;
    int ka_time;
    int ka_probes;
    int ka_interval;
};

struct libwebsocket_context *libwebsocket_create_context(struct info *info);
void libwebsocket_context_destroy(struct libwebsocket_context *context);
int libwebsocket_service(struct libwebsocket_context *context, int timeout);
void *libwebsocket_context_user(struct libwebsocket_context *context);
int libwebsocket_write(struct libwebsocket *wsi, unsigned char *buf, size_t len, int protocol);
int libwebsocket_callback_on_writable(struct libwebsocket_context *context, struct libwebsocket *wsi);
int libwebsocket_get_socket_fd(struct libwebsocket *wsi);
void lws_set_log_level(int level, void (*emit)(int level, const char *line));

static const char *name_of(int reason)
{
    switch (reason) {
    case 0: return "ESTABLISHED";
    case 4: return "CLOSED";
    case 5: return "RECEIVE";
    case 9: return "SERVER_WRITEABLE";
    case 10: return "HTTP";
    case 12: return "FILTER_NETWORK_CONNECTION";
    case 13: return "FILTER_PROTOCOL_CONNECTION";
    case 20: return "PROTOCOL_INIT";
    case 21: return "PROTOCOL_DESTROY";
    case 22: return "ADD_POLL_FD";
    case 23: return "DEL_POLL_FD";
    case 24: return "SET_MODE_POLL_FD";
    case 25: return "CLEAR_MODE_POLL_FD";
    default: return "?";
    }
}

/* The next writeable callback ends the connection. */
static int ends;

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi, int reason, void *user, void *in, size_t len)
{
    printf("%d %s wsi %d", reason, name_of(reason), wsi != NULL);
    if (reason >= 22 || reason == 12)
        printf(" its fd in user %d, in %d, len %zu\n", wsi && (long)user == libwebsocket_get_socket_fd(wsi), in != NULL, len);
    else
        printf(" user %d in %d len %zu\n", user != NULL, in != NULL, len);
    if (reason == 5) {
        printf("write %d\n", libwebsocket_write(wsi, in, len, 0));
        printf("write of an unknown kind %d\n", libwebsocket_write(wsi, in, len, 9));
        libwebsocket_callback_on_writable(context, wsi);
    }
    if (reason == 10) {
        static unsigned char reply[] = "HTTP/1.0 200 OK\r\n\r\n";

        printf("write %d\n", libwebsocket_write(wsi, reply, sizeof(reply) - 1, 3));
        return 1;
    }
    return reason == 9 && ends ? -1 : 0;
}

static void settle(struct libwebsocket_context *context)
{
    int i;

    for (i = 0; i < 15; i++)
        libwebsocket_service(context, 3);
}

static int connect_to(int port, const char *text)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    CHECK(send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text));
    return fd;
}

int main(void)
{
    static struct libwebsocket_protocols protocols[] = { { "old", on_event, 8, 0, NULL, 0 }, { NULL, NULL, 0, 0, NULL, 0 } };
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof(address);
    struct libwebsocket_context *context;
    struct info info;
    char data[400];
    ssize_t n;
    int fd = socket(AF_INET, SOCK_STREAM, 0), port;

    CHECK(sizeof(info) == 96);
    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&address, &length) == 0);
    close(fd);
    port = ntohs(address.sin_port);

    lws_set_log_level(0, NULL);
    memset(&info, 0, sizeof(info));
    info.port = port;
    info.protocols = protocols;
    info.gid = info.uid = -1;
    info.user = &info;
    context = libwebsocket_create_context(&info);
    CHECK(context);
    printf("user %d\n", libwebsocket_context_user(context) == &info);
    fd = connect_to(port, "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Protocol: old\r\n\r\n");
    settle(context);
    n = recv(fd, data, sizeof(data), MSG_DONTWAIT);
    printf("head of %zd\n", n);
    CHECK(send(fd, "\x81\x82\0\0\0\0hi", 8, 0) == 8);
    settle(context);
    n = recv(fd, data, sizeof(data), MSG_DONTWAIT);
    printf("frame of %zd\n", n);
    ends = 1;
    CHECK(send(fd, "\x81\x82\0\0\0\0hi", 8, 0) == 8);
    settle(context);
    n = recv(fd, data, sizeof(data), MSG_DONTWAIT);
    printf("frame and goodbye of %zd, the latter %02x %d\n", n, (unsigned char)data[4], (unsigned char)data[6] << 8 | (unsigned char)data[7]);
    CHECK(send(fd, "\x88\x82\0\0\0\0\x03\xe8", 8, 0) == 8);
    settle(context);
    n = recv(fd, data, sizeof(data), MSG_DONTWAIT);
    printf("end %zd\n", n);
    close(fd);
    settle(context);
    fd = connect_to(port, "GET /page HTTP/1.1\r\n\r\n");
    settle(context);
    n = recv(fd, data, sizeof(data), MSG_DONTWAIT);
    printf("page of %zd\n", n);
    close(fd);
    settle(context);
    libwebsocket_context_destroy(context);
    return 0;
}
