/* For the tests of libwebsockets: a server context whose callbacks are printed, and a peer made of a plain socket.
 *
 * Everything runs in one thread: what the peer sends lies in the kernel's buffers until settle() lets the context
 * have it, so traces come out the same every time.
 */
#ifndef PEER_H
#define PEER_H

#include "check.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libwebsockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))

#define UPGRADE_HEAD                                                                                              \
    "GET /chat HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"                      \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"

static const char *const reason_names[] = {
    "ESTABLISHED", "CLIENT_CONNECTION_ERROR", "CLIENT_FILTER_PRE_ESTABLISH", "CLIENT_ESTABLISHED", "CLOSED",
    "RECEIVE", "CLIENT_RECEIVE", "CLIENT_RECEIVE_PONG", "CLIENT_WRITEABLE", "SERVER_WRITEABLE", "HTTP",
    "HTTP_FILE_COMPLETION", "HTTP_WRITEABLE", "FILTER_NETWORK_CONNECTION", "FILTER_PROTOCOL_CONNECTION",
    "OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS", "OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS",
    "OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION", "CLIENT_APPEND_HANDSHAKE_HEADER", "CONFIRM_EXTENSION_OKAY",
    "CLIENT_CONFIRM_EXTENSION_SUPPORTED", "PROTOCOL_INIT", "PROTOCOL_DESTROY", "ADD_POLL_FD", "DEL_POLL_FD",
    "SET_MODE_POLL_FD", "CLEAR_MODE_POLL_FD",
};

/* Every callback counts, whether it is printed or not. */
static long events UNUSED;
/* Names of the latest connections, in the order they were seen: handles are not printed. */
static struct libwebsocket *known[64] UNUSED;
static int known_count UNUSED;

static UNUSED int name_of(struct libwebsocket *wsi)
{
    int i;

    for (i = known_count; i-- > 0;)
        if (known[i] == wsi)
            return i;
    CHECK(known_count < 64);
    known[known_count] = wsi;
    return known_count++;
}

/* The next connection is a new one, whatever its address. */
static UNUSED void forget_names(void)
{
    known_count = 0;
}

static UNUSED void print_bytes(const void *data, size_t length)
{
    const unsigned char *bytes = data;
    size_t i;

    for (i = 0; i < length && i < 40; i++)
        if (bytes[i] >= 32 && bytes[i] < 127 && bytes[i] != '\\')
            putchar(bytes[i]);
        else
            printf("\\x%02x", bytes[i]);
    if (length > 40) {
        unsigned long sum = 5381;

        for (i = 0; i < length; i++)
            sum = sum * 33 + bytes[i];
        printf("... sum %lx", sum);
    }
}

/* Prints a callback: which protocol got it, on which connection, and what it brought. */
static UNUSED void trace_event(const char *protocol, struct libwebsocket *wsi, int reason, void *user, void *in, size_t len)
{
    printf("  %s %s", protocol, reason_names[reason]);
    if (wsi)
        printf(" wsi%d", name_of(wsi));
    switch (reason) {
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_CLIENT_RECEIVE:
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
        printf(" len %zu \"", len);
        print_bytes(in, len);
        printf("\" nul %d remaining %zu final %d binary %d rsv %02x", ((char *)in)[len] == 0,
               libwebsockets_remaining_packet_payload(wsi), !!libwebsocket_is_final_fragment(wsi),
               lws_frame_is_binary(wsi), libwebsocket_get_reserved_bits(wsi));
        break;
    case LWS_CALLBACK_HTTP:
    case LWS_CALLBACK_CONFIRM_EXTENSION_OKAY:
    case LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED:
        printf(" \"%s\" len %zu", (char *)in, len);
        break;
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        printf(" \"%s\" in %d len %zu", user ? (char *)user : "(null)", in != NULL, len);
        return (void)putchar('\n');
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
    case LWS_CALLBACK_ADD_POLL_FD:
    case LWS_CALLBACK_DEL_POLL_FD:
    case LWS_CALLBACK_SET_MODE_POLL_FD:
    case LWS_CALLBACK_CLEAR_MODE_POLL_FD:
        printf(" fd %s len %zu", (long)in == libwebsocket_get_socket_fd(wsi) ? "its" : "another", len);
        break;
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        printf(" in %d", in != NULL);
        break;
    default:
        printf(" in %d len %zu", in != NULL, len);
        break;
    }
    printf(" user %d\n", user != NULL);
}

/* The socket that keeps the latest port of free_port(). */
static int port_keeper = -1;

static UNUSED void release_port(void)
{
    if (port_keeper >= 0)
        close(port_keeper);
    port_keeper = -1;
}

/* A port that is free now. Whoever says SO_REUSEADDR, as contexts do, can listen on it; until the next one is asked for,
 * the kernel gives it to no other test. The descriptor that keeps it is out of the way of those that tests look at. */
static UNUSED int free_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    static int registered;

    if (!registered)
        CHECK(atexit(release_port) == 0);
    registered = 1;
    release_port();
    CHECK(fd >= 0);
    CHECK(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0);
    CHECK(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&address, &length) == 0);
    port_keeper = fcntl(fd, F_DUPFD_CLOEXEC, 500);
    CHECK(port_keeper >= 0);
    close(fd);
    return ntohs(address.sin_port);
}

/* A test, and what it is called on the command line. */
struct named_test {
    const char *name;
    void (*run)(void);
};

/* Runs the test that the program's argument names, or all of them. */
static UNUSED void run_tests(const struct named_test *tests, size_t number, int count, char **arguments)
{
    size_t i;

    for (i = 0; i < number; i++)
        if (count < 2 || !strcmp(arguments[1], tests[i].name))
            tests[i].run();
}

static UNUSED struct lws_context_creation_info context_info(int port, struct libwebsocket_protocols *protocols)
{
    struct lws_context_creation_info info;

    memset(&info, 0, sizeof(info));
    info.port = port;
    info.protocols = protocols;
    info.gid = -1;
    info.uid = -1;
    return info;
}

/* Connects to a port of this machine. */
static UNUSED int peer_connect(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    CHECK(fd >= 0);
    CHECK(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    CHECK(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
    CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    return fd;
}

static UNUSED double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

/* Serves until nothing has happened so many times. */
static UNUSED void settle_for(struct libwebsocket_context *context, int calls)
{
    int quiet = 0;

    while (quiet < calls) {
        long before = events;

        libwebsocket_service(context, 3);
        quiet = events == before ? quiet + 1 : 0;
    }
}

/* Serves until nothing happens any more. */
static UNUSED void settle(struct libwebsocket_context *context)
{
    settle_for(context, 10);
}

static UNUSED void peer_send(int fd, const void *data, size_t length)
{
    CHECK_EQ(send(fd, data, length, MSG_NOSIGNAL), length);
}

/* Sends text, in which \0 cannot be. */
static UNUSED void peer_say(int fd, const char *text)
{
    peer_send(fd, text, strlen(text));
}

/* Reads what is there. Returns its length; -1 when the connection was reset; *ended tells its end. */
static UNUSED int peer_read(int fd, unsigned char *data, int room, int *ended)
{
    int length = 0;

    *ended = 0;
    while (length < room) {
        ssize_t n = recv(fd, data + length, (size_t)(room - length), 0);

        if (n == 0) {
            *ended = 1;
            break;
        }
        if (n < 0) {
            if (errno == ECONNRESET) {
                *ended = 2;
                break;
            }
            CHECK(errno == EAGAIN);
            break;
        }
        length += (int)n;
    }
    return length;
}

/* Prints what the peer got, and whether the connection ended. */
static UNUSED void peer_report(int fd, const char *label)
{
    static unsigned char data[1 << 20];
    int ended, length = peer_read(fd, data, sizeof(data), &ended);

    printf("%s: %d \"", label, length);
    print_bytes(data, (size_t)length);
    printf("\"%s\n", ended == 2 ? " reset" : ended ? " end" : "");
}

/* Sends a masked frame with the first byte as given, its length in the shortest form. */
static UNUSED void peer_frame(int fd, int first, const void *payload, size_t length)
{
    static const unsigned char key[4] = { 0x37, 0xfa, 0x21, 0x3d };
    static unsigned char frame[14 + (1 << 20)];
    size_t i, head = 2;

    CHECK(length <= 1 << 20);
    frame[0] = (unsigned char)first;
    if (length < 126) {
        frame[1] = (unsigned char)(0x80 | length);
    } else if (length < 65536) {
        frame[1] = 0x80 | 126;
        frame[2] = (unsigned char)(length >> 8);
        frame[3] = (unsigned char)length;
        head = 4;
    } else {
        frame[1] = 0x80 | 127;
        for (i = 0; i < 8; i++)
            frame[2 + i] = (unsigned char)((uint64_t)length >> (56 - 8 * i));
        head = 10;
    }
    memcpy(frame + head, key, 4);
    for (i = 0; i < length; i++)
        frame[head + 4 + i] = ((const unsigned char *)payload)[i] ^ key[i & 3];
    peer_send(fd, frame, head + 4 + length);
}

/* Connects and asks for an upgrade, with further lines each ending in CRLF. */
static UNUSED int peer_upgrade(int port, const char *lines)
{
    int fd = peer_connect(port);

    peer_say(fd, UPGRADE_HEAD);
    peer_say(fd, lines);
    peer_say(fd, "\r\n");
    return fd;
}

#endif
