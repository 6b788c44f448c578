/* Descriptors passed over IPC. Printed, and compared with the original. */
#include "sockets.h"
#include <fcntl.h>

static void say_works(int fd, int other)
{
    char byte = 0;

    CHECK(fd >= 0);
    CHECK(write(other, "!", 1) == 1 && read(fd, &byte, 1) == 1);
    printf("  works: %c, inherited: %d\n", byte, fcntl(fd, F_GETFD) == 0);
    close(fd);
}

static coroutine void waits(int s)
{
    SAY(ipc_recvfd(s, -1));
}

static coroutine void cancelled(int s)
{
    SAY(msleep(-1));
    SAY(ipc_recvfd(s, -1));
    SAY(ipc_sendfd(s, 0, -1));
}

int main(void)
{
    int s[2], p[2], tcp[2], b = bundle(), fd, peer, plain;
    char buf[8];

    CHECK(pipe(p) == 0 && ipc_pair(s) == 0);
    SAY(ipc_sendfd(s[0], p[0], -1));
    fd = ipc_recvfd(s[1], LATER);
    say_works(fd, p[1]);
    SAY(bsend(s[0], "AB", 2, -1));
    SAY(ipc_sendfd(s[0], p[0], -1));
    SAY(bsend(s[0], "CD", 2, -1));
    SAY(ipc_sendfd(s[0], p[0], -1));
    SAY(ipc_sendfd(s[0], p[0], -1));
    SAY(brecv(s[1], buf, 1, LATER));
    SAY(brecv(s[1], buf, 1, LATER));
    fd = ipc_recvfd(s[1], LATER);
    say_works(fd, p[1]);
    SAY(brecv(s[1], buf, 2, LATER));
    printf("%.2s\n", buf);
    fd = ipc_recvfd(s[1], LATER);
    say_works(fd, p[1]);
    fd = ipc_recvfd(s[1], LATER);
    say_works(fd, p[1]);

    SAY(ipc_recvfd(s[1], SOON));
    SAY(ipc_recvfd(s[1], 0));
    int cr = go(waits(s[1]));
    SAY(ipc_recvfd(s[1], 0));
    SAY(hclose(cr));
    cr = go(cancelled(s[1]));
    SAY(hclose(cr));
    SAY(ipc_sendfd(s[0], p[0], -1));
    fd = ipc_recvfd(s[1], LATER);
    say_works(fd, p[1]);

    SAY(ipc_sendfd(s[0], -1, -1));
    SAY(bsend(s[0], "x", 1, -1));
    SAY(ipc_recvfd(s[1], LATER));
    SAY(ipc_recvfd(s[1], LATER));
    SAY(brecv(s[1], buf, 1, 0));
    SAY(ipc_done(s[0], -1));
    SAY(ipc_sendfd(s[0], p[0], -1));
    SAY(ipc_recvfd(s[0], SOON));
    SAY(hclose(s[1]));
    SAY(ipc_recvfd(s[0], LATER));
    SAY(hclose(s[0]));

    tcp_pair(tcp);
    SAY(ipc_sendfd(tcp[0], p[0], -1));
    SAY(ipc_recvfd(tcp[0], -1));
    SAY(ipc_sendfd(b, p[0], -1));
    SAY(ipc_recvfd(b, -1));
    SAY(ipc_recvfd(-1, -1));
    hclose(b);
    hclose(tcp[0]);
    hclose(tcp[1]);

    /* A peer that sends more with it. */
    plain = with_peer(&peer);
    struct iovec data = { (void *)"hello", 5 };
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
    memset(&control, 0, sizeof control);
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.header), &p[0], sizeof(int));
    CHECK(sendmsg(peer, &message, 0) == 5);
    fd = ipc_recvfd(plain, LATER);
    say_works(fd, p[1]);
    SAY(brecv(plain, buf, 4, LATER));
    printf("%.4s\n", buf);
    CHECK(sendmsg(peer, &message, 0) == 5);
    SAY(brecv(plain, buf, 5, LATER));
    printf("%.5s\n", buf);
    hclose(plain);
    close(peer);
    close(p[0]);
    close(p[1]);
    return 0;
}
