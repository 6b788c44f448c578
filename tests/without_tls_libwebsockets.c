/* A server and a client in one process, where there is a libssl or none: which of them work. */
#include <arpa/inet.h>
#include <libwebsockets.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static int certificates, established, received, failed;

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)context, (void)user;
    switch (reason) {
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS:
        certificates += user != NULL;
        break;
    case LWS_CALLBACK_ESTABLISHED: {
        unsigned char block[LWS_SEND_BUFFER_PRE_PADDING + 5 + LWS_SEND_BUFFER_POST_PADDING];

        memcpy(block + LWS_SEND_BUFFER_PRE_PADDING, "hello", 5);
        libwebsocket_write(wsi, block + LWS_SEND_BUFFER_PRE_PADDING, 5, LWS_WRITE_TEXT);
        break;
    }
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        established++;
        break;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        received += len == 5 && !memcmp(in, "hello", 5);
        break;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        failed++;
        break;
    default:
        break;
    }
    return 0;
}

static struct libwebsocket_protocols for_server[] = { { "plain", on_event, 0, 0, NULL, 0 }, { NULL, NULL, 0, 0, NULL, 0 } };
static struct libwebsocket_protocols for_client[] = { { "plain", on_event, 0, 0, NULL, 0 }, { NULL, NULL, 0, 0, NULL, 0 } };

static void emit(int level, const char *line)
{
    if (level == LLL_ERR)
        printf("error: %s", line);
}

static int free_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) < 0)
        return 0;
    close(fd);
    return ntohs(address.sin_port);
}

int main(void)
{
    struct lws_context_creation_info info;
    struct libwebsocket_context *server, *client, *secure;
    struct libwebsocket *wsi;
    int port = free_port(), i;

    lws_set_log_level(LLL_ERR, emit);
    memset(&info, 0, sizeof(info));
    info.port = port;
    info.protocols = for_server;
    info.gid = info.uid = -1;
    server = libwebsocket_create_context(&info);
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.protocols = for_client;
    client = libwebsocket_create_context(&info);
    if (!server || !client)
        return 1;
    printf("contexts, LOAD_EXTRA_CLIENT_VERIFY_CERTS %d\n", certificates);

    wsi = libwebsocket_client_connect(client, "127.0.0.1", port, 0, "/", "localhost", "localhost", "plain", -1);
    for (i = 0; i < 100 && received == 0; i++) {
        libwebsocket_service(server, 10);
        libwebsocket_service(client, 10);
    }
    printf("ws:// %s, established %d, received %d\n", wsi ? "connects" : "NULL", established, received);

    wsi = libwebsocket_client_connect(client, "127.0.0.1", port, 2, "/", "localhost", "localhost", "plain", -1);
    for (i = 0; i < 100 && wsi && failed == 0; i++) {
        libwebsocket_service(server, 10);
        libwebsocket_service(client, 10);
    }
    printf("wss:// %s\n", wsi ? "is tried" : "NULL");

    memset(&info, 0, sizeof(info));
    info.port = free_port();
    info.protocols = for_server;
    info.gid = info.uid = -1;
    info.ssl_cert_filepath = info.ssl_private_key_filepath = "/nonexistent.pem";
    secure = libwebsocket_create_context(&info);
    printf("a server with TLS %s\n", secure ? "without it" : "NULL");
    libwebsocket_context_destroy(secure);
    libwebsocket_context_destroy(client);
    libwebsocket_context_destroy(server);
    return 0;
}
