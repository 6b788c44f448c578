/* The least that a server does: the system calls of each work and next to nothing besides. No library can be faster, so
 * the others' times are to be seen against its.
 *
 *   least PORT FILE
 *
 * It takes for granted what the load program does: requests come whole, frames one at a time, "sink" is a word of the
 * request. What it sends has the right length and no more.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_PEERS = 20000, BLOCK = 256 * 1024 };

static struct {
    int upgraded, sink;
    /* Of the frame that is coming: what of it is missing, and how long an answer it gets. */
    size_t missing, answer;
} peers[MAX_PEERS];

static char data[BLOCK];
static const char upgrade[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: echo\r\n\r\n";

static void hang_up(int poller, int fd)
{
    epoll_ctl(poller, EPOLL_CTL_DEL, fd, NULL);
    close(fd);
}

/* The length of a frame, and of the answer to it: the same without a mask, or a byte. */
static void begin_frame(int fd)
{
    const unsigned char *head = (const unsigned char *)data;
    size_t length = head[1] & 127, extra = 0, i;

    if (length >= 126) {
        extra = length == 126 ? 2 : 8;
        for (length = 0, i = 0; i < extra; i++)
            length = length << 8 | head[2 + i];
    }
    peers[fd].missing = 2 + extra + 4 + length;
    peers[fd].answer = peers[fd].sink ? 3 : 2 + extra + length;
}

static void serve_file(int poller, int fd, const char *path)
{
    struct stat facts;
    int file = open(path, O_RDONLY | O_CLOEXEC), head;

    if (file < 0 || fstat(file, &facts) < 0)
        exit(1);
    head = snprintf(data, 200, "HTTP/1.0 200 OK\r\nServer: least\r\nContent-Type: text/html\r\nContent-Length: %ld\r\n\r\n", (long)facts.st_size);
    if (read(file, data + head, (size_t)facts.st_size) != facts.st_size)
        exit(1);
    close(file);
    send(fd, data, (size_t)head + (size_t)facts.st_size, MSG_NOSIGNAL);
    epoll_ctl(poller, EPOLL_CTL_DEL, fd, NULL);
    shutdown(fd, SHUT_RDWR);
    close(fd);
}

static void serve(int poller, int fd, const char *path)
{
    size_t room = peers[fd].missing > BLOCK ? BLOCK : 65536;
    ssize_t n;

    do {
        n = recv(fd, data, room, 0);
        if (n <= 0) {
            /* Within a frame there may be nothing more yet. */
            if (n == 0 || !peers[fd].missing)
                hang_up(poller, fd);
            return;
        }
        if (!peers[fd].upgraded && memmem(data, (size_t)n, "GET /file", 9))
            return serve_file(poller, fd, path);
        if (!peers[fd].upgraded) {
            peers[fd].upgraded = 1;
            peers[fd].sink = memmem(data, (size_t)n, "sink", 4) != NULL;
            send(fd, upgrade, sizeof(upgrade) - 1, MSG_NOSIGNAL);
            return;
        }
        if (!peers[fd].missing)
            begin_frame(fd);
        peers[fd].missing -= (size_t)n < peers[fd].missing ? (size_t)n : peers[fd].missing;
    } while (peers[fd].missing && (size_t)n == room);
    if (!peers[fd].missing)
        send(fd, data, peers[fd].answer, MSG_NOSIGNAL);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct epoll_event ready[256], event = { .events = EPOLLIN };
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poller = epoll_create1(0), on = 1, i, n;

    if (argc < 3)
        return 2;
    address.sin_port = htons((uint16_t)atoi(argv[1]));
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(listener, SOMAXCONN) < 0)
        return 1;
    event.data.fd = listener;
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        n = epoll_wait(poller, ready, 256, -1);
        for (i = 0; i < n; i++) {
            int fd = ready[i].data.fd;

            if (fd != listener) {
                serve(poller, fd, argv[2]);
                continue;
            }
            fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
            if (fd < 0 || fd >= MAX_PEERS)
                continue;
            memset(&peers[fd], 0, sizeof(peers[fd]));
            event.events = EPOLLIN | EPOLLRDHUP;
            event.data.fd = fd;
            epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
        }
    }
}
