/* What the tests of sockets share: names of errors, and sockets whose other end is a plain descriptor. */
#ifndef SOCKETS_H
#define SOCKETS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <libdillimpl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "check.h"

static inline const char *error_name(int error)
{
    static const struct {
        int number;
        const char *name;
    } names[] = {
        { EAGAIN, "EAGAIN" },           { EBADF, "EBADF" },
        { EBUSY, "EBUSY" },             { ECANCELED, "ECANCELED" },
        { ECONNRESET, "ECONNRESET" },   { EINVAL, "EINVAL" },
        { EMSGSIZE, "EMSGSIZE" },       { ENOTSUP, "ENOTSUP" },
        { EPIPE, "EPIPE" },             { EPROTO, "EPROTO" },
        { ETIMEDOUT, "ETIMEDOUT" },     { EADDRINUSE, "EADDRINUSE" },
        { ENOENT, "ENOENT" },           { ENAMETOOLONG, "ENAMETOOLONG" },
        { ECONNREFUSED, "ECONNREFUSED" }, { ENODEV, "ENODEV" },
        { EADDRNOTAVAIL, "EADDRNOTAVAIL" }, { ENOTSOCK, "ENOTSOCK" },
        { EFAULT, "EFAULT" },           { EACCES, "EACCES" },
        { EIO, "EIO" },                 { ENETUNREACH, "ENETUNREACH" },
        { EHOSTUNREACH, "EHOSTUNREACH" }, { EAFNOSUPPORT, "EAFNOSUPPORT" },
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].number == error)
            return names[i].name;
    return "another error";
}

/* Prints how a call ended, which returns -1 and sets errno when it fails. */
#define SAY(call)                                                 \
    do {                                                          \
        errno = 0;                                                \
        long long said = (call);                                  \
        if (said < 0)                                             \
            printf("%s: %s\n", #call, error_name(errno));         \
        else                                                      \
            printf("%s: %lld\n", #call, said);                    \
    } while (0)

/* A handle: it is there or not, but its number is nobody's business. */
#define SAY_MADE(h, call)                                                       \
    do {                                                                        \
        errno = 0;                                                              \
        (h) = (call);                                                           \
        printf("%s: %s\n", #call, (h) < 0 ? error_name(errno) : "made");        \
    } while (0)

#define FAILS(call, error)                                                      \
    do {                                                                        \
        errno = 0;                                                              \
        long long failed = (call);                                              \
        int failed_with = errno;                                                \
        if (failed != -1 || failed_with != (error)) {                           \
            fflush(stdout);                                                     \
            fprintf(stderr, "%s:%d: %s is %lld, %s, instead of %s\n", __FILE__, \
                    __LINE__, #call, failed, error_name(failed_with),           \
                    error_name(error));                                         \
            exit(1);                                                            \
        }                                                                       \
    } while (0)

/* For what does not happen, and for what does: on however busy a machine, until the harness ends the test. */
#define SOON (now() + 50)
#define LATER (now() + 3600000)

/* A socket, and the descriptor at its other end, which does not wait. */
static inline int with_peer(int *peer)
{
    int pair[2], s;

    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
    s = ipc_fromfd(pair[0]);
    CHECK(s >= 0);
    *peer = pair[1];
    return s;
}

/* The same over TCP. */
static inline int with_tcp_peer(int *peer)
{
    struct ipaddr addr;
    int listener = socket(AF_INET, SOCK_STREAM, 0), s;
    socklen_t length = sizeof addr;

    CHECK(ipaddr_local(&addr, "127.0.0.1", 0, 0) == 0);
    CHECK(bind(listener, ipaddr_sockaddr(&addr), ipaddr_len(&addr)) == 0 && listen(listener, 1) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&addr, &length) == 0);
    s = tcp_connect(&addr, -1);
    CHECK(s >= 0);
    *peer = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    CHECK(*peer >= 0);
    close(listener);
    return s;
}

/* Writes at the other end. */
static inline void peer_writes(int peer, const void *bytes, size_t length)
{
    CHECK_EQ(send(peer, bytes, length, MSG_NOSIGNAL), length);
}

#define PEER_WRITES(peer, literal) peer_writes(peer, literal, sizeof(literal) - 1)

/* Reads what has come to the other end. */
static inline size_t peer_reads(int peer, void *bytes, size_t room)
{
    struct pollfd poll_in = { peer, POLLIN, 0 };
    size_t length = 0;

    poll(&poll_in, 1, 1000);
    for (;;) {
        ssize_t count = recv(peer, (char *)bytes + length, room - length, 0);
        if (count <= 0)
            return length;
        length += count;
    }
}

/* Prints what has come to the other end. */
static inline void say_written(int peer)
{
    unsigned char bytes[4096];
    size_t length = peer_reads(peer, bytes, sizeof bytes);

    printf("  wrote");
    for (size_t i = 0; i < length; i++)
        printf(i < 24 || i + 4 > length ? " %02x" : i == 24 ? " ..." : "", bytes[i]);
    printf("\n");
}

/* Whether the other end has been closed, without anything left to be read. */
static inline int is_closed(int peer)
{
    char byte;

    return recv(peer, &byte, 1, 0) == 0 || errno == ECONNRESET;
}

/* Two connected TCP sockets. */
static inline void tcp_pair(int pair[2])
{
    struct ipaddr addr;
    int listener;

    CHECK(ipaddr_local(&addr, "127.0.0.1", 0, 0) == 0);
    listener = tcp_listen(&addr, 10);
    CHECK(listener >= 0);
    pair[0] = tcp_connect(&addr, -1);
    CHECK(pair[0] >= 0);
    pair[1] = tcp_accept(listener, NULL, -1);
    CHECK(pair[1] >= 0);
    CHECK(hclose(listener) == 0);
}

/* The original keeps its source of random numbers open, which is not what is tested here. */
static inline void close_random_numbers(void)
{
    for (int fd = 3; fd < 20; fd++) {
        char link[32], target[32] = "";

        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        if (readlink(link, target, sizeof target - 1) > 0 && strcmp(target, "/dev/urandom") == 0)
            close(fd);
    }
}

/* Lookups that nobody waits for any more end on threads of their own: waits until they have closed what they had open. */
static inline void wait_for_abandoned_lookups(void)
{
    for (int64_t limit = LATER; now() < limit; msleep(now() + 5)) {
        int pending = 0;

        for (int fd = 3; fd < 300; fd++) {
            char link[32], target[32] = "";

            snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
            if (readlink(link, target, sizeof target - 1) > 0 && strcmp(target, "anon_inode:[eventfd]") == 0)
                pending++;
        }
        if (!pending)
            return;
    }
}

#endif
