/* Waiting for descriptors: readiness, deadlines, errors. Printed, and compared with the original. */
#include <fcntl.h>
#include <libdill.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "check.h"

static void show(const char *what, int result)
{
    const char *error = result == 0            ? "ready"
                        : errno == ETIMEDOUT   ? "ETIMEDOUT"
                        : errno == EBADF       ? "EBADF"
                        : errno == EBUSY       ? "EBUSY"
                        : errno == ENOTSUP     ? "ENOTSUP"
                                               : strerror(errno);

    printf("%s: %s\n", what, error);
}

static coroutine void reading(const char *what, int fd, int64_t deadline)
{
    show(what, fdin(fd, deadline));
}

static coroutine void writing(const char *what, int fd, int64_t deadline)
{
    show(what, fdout(fd, deadline));
}

static coroutine void sending(int fd, int64_t when)
{
    CHECK(msleep(when) == 0 && write(fd, "x", 1) == 1);
}

int main(void)
{
    int s[2], p[2], file, b = bundle(), i;
    int64_t begin, took;
    char bytes[4096], byte;

    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0 && pipe(p) == 0);
    show("nothing to read, at once", fdin(s[0], 0));
    show("nothing to read, soon", fdin(s[0], now() + 20));
    show("room to write, at once", fdout(s[0], 0));
    show("room to write, late", fdout(s[0], now() - 1000));
    show("negative", fdin(-1, -1));
    show("not open", fdin(9999, 0));
    file = open("/dev/null", O_RDONLY);
    CHECK(file >= 0 && close(file) == 0);
    file = open("/proc/self/exe", O_RDONLY);
    show("a file", fdin(file, 0));
    CHECK(fdclean(file) == 0 && close(file) == 0);
    show("unknown to clean", fdclean(500));

    CHECK(bundle_go(b, reading("reader", s[0], -1)) == 0);
    show("second reader", fdin(s[0], -1));
    CHECK(bundle_go(b, writing("writer beside the reader", s[0], -1)) == 0);
    show("cleaned while waited for", fdclean(s[0]));
    CHECK(msleep(now() + 20) == 0);
    CHECK(write(s[1], "x", 1) == 1);
    CHECK(bundle_wait(b, -1) == 0);
    show("still something to read", fdin(s[0], 0));
    CHECK(read(s[0], &byte, 1) == 1);

    begin = now();
    CHECK(bundle_go(b, sending(s[1], begin + 60)) == 0);
    show("until it comes", fdin(s[0], begin + 3600000));
    took = now() - begin;
    CHECK(took >= 40 && took < 3600000);
    CHECK(read(s[0], &byte, 1) == 1);

    /* Full: room comes by reading. */
    CHECK(fcntl(s[0], F_SETFL, O_NONBLOCK) == 0 && fcntl(s[1], F_SETFL, O_NONBLOCK) == 0);
    memset(bytes, 'y', sizeof bytes);
    while (write(s[0], bytes, sizeof bytes) > 0)
        ;
    show("full", fdout(s[0], now() + 20));
    while (read(s[1], bytes, sizeof bytes) > 0)
        ;
    show("empty", fdout(s[0], now() + 20));

    /* Broken is ready, in both directions. */
    signal(SIGPIPE, SIG_IGN);
    CHECK(fdclean(p[0]) == 0 && close(p[0]) == 0);
    show("writing to a broken pipe", fdout(p[1], -1));
    CHECK(fdclean(p[1]) == 0 && close(p[1]) == 0 && pipe(p) == 0);
    CHECK(close(p[1]) == 0);
    show("reading from a broken pipe", fdin(p[0], -1));
    show("writing to the reading end", fdout(p[0], -1));
    CHECK(fdclean(p[0]) == 0 && close(p[0]) == 0);

    /* The same numbers, again and again. */
    for (i = 0; i < 100; i++) {
        CHECK(pipe(p) == 0 && write(p[1], "x", 1) == 1);
        CHECK(fdin(p[0], -1) == 0 && fdout(p[1], -1) == 0);
        CHECK(read(p[0], &byte, 1) == 1);
        CHECK(fdin(p[0], i % 10 == 0 ? now() + 5 : 0) == -1 && errno == ETIMEDOUT);
        CHECK(fdclean(p[0]) == 0 && fdclean(p[1]) == 0 && close(p[0]) == 0 && close(p[1]) == 0);
    }
    CHECK(fdclean(s[0]) == 0 && fdclean(s[1]) == 0 && close(s[0]) == 0 && close(s[1]) == 0);
    CHECK(hclose(b) == 0);
    return 0;
}
