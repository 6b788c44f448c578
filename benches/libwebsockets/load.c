/* Loads a WebSocket server and counts.
 *
 *   load echo PORT CONNECTIONS ACTIVE SIZE SECONDS
 *   load receive PORT CONNECTIONS ACTIVE SIZE SECONDS
 *   load handshake PORT AT_ONCE - - SECONDS
 *   load http PORT AT_ONCE - SIZE SECONDS
 *   load hold PORT CONNECTIONS
 *
 * The first four print "begin" when everything is connected, and when the time is over the number of operations and
 * the nanoseconds they took. `hold` connects, prints "begin" and waits for the end of its input.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct peer {
    int fd;
    /* How much of the request has been sent, and of the answer received. */
    size_t out, in;
};

static char *request;
static size_t request_length, answer_length;
static int port, poller;
static long operations;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static uint64_t nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int open_socket(int block)
{
    /* Each address of this machine has ports of its own: 20,000 connections need more than one has. */
    static unsigned turn;
    struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + turn++ % 4) };
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | (block ? 0 : SOCK_NONBLOCK), 0), on = 1;

    if (fd < 0)
        fail("socket");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0)
        fail("bind");
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 && errno != EINPROGRESS)
        fail("connect");
    return fd;
}

/* Ends a connection without leaving its port unusable for a minute. */
static void reset(int fd)
{
    struct linger hard = { 1, 0 };

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    close(fd);
}

static size_t upgrade(char *text, size_t room, const char *protocol)
{
    return (size_t)snprintf(text, room,
                            "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                            "Sec-WebSocket-Protocol: %s\r\n\r\n", protocol);
}

static int connected(const char *protocol)
{
    char text[400], answer[1000];
    size_t length = upgrade(text, sizeof(text), protocol), got = 0;
    int fd = open_socket(1);

    if (send(fd, text, length, 0) != (ssize_t)length)
        fail("send");
    do {
        ssize_t n = recv(fd, answer + got, sizeof(answer) - 1 - got, 0);

        if (n <= 0)
            fail("no upgrade");
        got += (size_t)n;
        answer[got] = 0;
    } while (!strstr(answer, "\r\n\r\n"));
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void make_frame(size_t size)
{
    static const unsigned char key[4] = { 0x12, 0x34, 0x56, 0x78 };
    size_t head = 2, i;

    request = malloc(size + 14);
    if (!request)
        fail("malloc");
    request[0] = (char)0x82;
    if (size < 126) {
        request[1] = (char)(0x80 | size);
    } else if (size < 65536) {
        request[1] = (char)(0x80 | 126);
        request[2] = (char)(size >> 8);
        request[3] = (char)size;
        head = 4;
    } else {
        request[1] = (char)(0x80 | 127);
        for (i = 0; i < 8; i++)
            request[2 + i] = (char)((uint64_t)size >> (56 - 8 * i));
        head = 10;
    }
    answer_length = head + size;
    memcpy(request + head, key, 4);
    for (i = 0; i < size; i++)
        request[head + 4 + i] = (char)((unsigned char)i ^ key[i & 3]);
    request_length = head + 4 + size;
}

static void watch(struct peer *peer, uint32_t events, int op)
{
    struct epoll_event event = { .events = events, .data.ptr = peer };

    if (epoll_ctl(poller, op, peer->fd, &event) < 0)
        fail("epoll_ctl");
}

/* Sends what is left of the request. */
static void push(struct peer *peer)
{
    while (peer->out < request_length) {
        ssize_t n = send(peer->fd, request + peer->out, request_length - peer->out, MSG_NOSIGNAL);

        if (n < 0 && errno == EAGAIN)
            return watch(peer, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
        if (n < 0)
            fail("send");
        peer->out += (size_t)n;
    }
}

static void echo(struct peer *peer, uint32_t events)
{
    static char data[1 << 16];

    if (events & EPOLLOUT) {
        push(peer);
        if (peer->out == request_length)
            watch(peer, EPOLLIN, EPOLL_CTL_MOD);
    }
    if (events & EPOLLIN) {
        ssize_t n = recv(peer->fd, data, sizeof(data), 0);

        if (n == 0 || (n < 0 && errno != EAGAIN))
            fail("the server closed");
        if (n > 0)
            peer->in += (size_t)n;
        if (peer->in >= answer_length) {
            operations++;
            peer->in -= answer_length;
            peer->out = 0;
            push(peer);
        }
    }
}

static void reconnect(struct peer *peer)
{
    peer->fd = open_socket(0);
    peer->out = peer->in = 0;
    watch(peer, EPOLLOUT, EPOLL_CTL_ADD);
}

/* A connection for each request: an upgrade, whose answer ends with an empty line, or a file of a known length. */
static void once(struct peer *peer, uint32_t events, int upgrades)
{
    static char data[1 << 16];
    int done = 0;

    if (events & EPOLLOUT && peer->out < request_length) {
        push(peer);
        watch(peer, EPOLLIN, EPOLL_CTL_MOD);
    }
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        ssize_t n = recv(peer->fd, data, sizeof(data), 0);

        if (n > 0) {
            peer->in += (size_t)n;
            done = upgrades ? peer->in >= 4 && !memcmp(data + n - 4, "\r\n\r\n", 4) : 0;
        } else if (n == 0 || errno != EAGAIN) {
            if (upgrades || peer->in < answer_length)
                fail("the server closed");
            done = 1;
        }
    }
    if (done) {
        operations++;
        reset(peer->fd);
        reconnect(peer);
    }
}

int main(int argc, char **argv)
{
    const char *work = argc > 3 ? argv[1] : "";
    int count = argc > 3 ? atoi(argv[3]) : 0, active = argc > 4 ? atoi(argv[4]) : 0, i, n;
    size_t size = argc > 5 ? (size_t)atol(argv[5]) : 0;
    double limit = argc > 6 ? atof(argv[6]) : 0;
    int upgrades = !strcmp(work, "handshake"), files = !strcmp(work, "http"), hold = !strcmp(work, "hold");
    const char *protocol = !strcmp(work, "receive") ? "sink" : "echo";
    struct peer *peers = calloc((size_t)count + 1, sizeof(*peers));
    struct epoll_event ready[256];
    uint64_t begun, end, now;

    if (argc < 4 || !peers)
        return 2;
    port = atoi(argv[2]);
    poller = epoll_create1(0);
    if (upgrades || files) {
        char text[400];

        request_length = upgrades ? upgrade(text, sizeof(text), "echo")
                                  : (size_t)snprintf(text, sizeof(text), "GET /file HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        request = strdup(text);
        answer_length = size;
        for (i = 0; i < count; i++)
            reconnect(&peers[i]);
    } else {
        for (i = 0; i < count; i++)
            peers[i].fd = connected(protocol);
        make_frame(size ? size : 1);
        if (!strcmp(work, "receive"))
            answer_length = 3;
    }
    printf("begin\n");
    fflush(stdout);
    if (hold) {
        while (getchar() != EOF)
            ;
        return 0;
    }
    begun = nanoseconds();
    end = begun + (uint64_t)(limit * 1e9);
    if (!upgrades && !files)
        /* Spread over the table: the last are the farthest for a server that walks it. */
        for (i = 0; i < active; i++) {
            struct peer *peer = &peers[(size_t)i * (size_t)count / (size_t)active];

            watch(peer, EPOLLIN, EPOLL_CTL_ADD);
            push(peer);
        }
    while ((now = nanoseconds()) < end) {
        n = epoll_wait(poller, ready, 256, 100);
        for (i = 0; i < n; i++)
            if (upgrades || files)
                once(ready[i].data.ptr, ready[i].events, upgrades);
            else
                echo(ready[i].data.ptr, ready[i].events);
    }
    printf("%ld %llu\n", operations, (unsigned long long)(now - begun));
    return 0;
}
