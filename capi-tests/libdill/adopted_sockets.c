/* Sockets that the program makes and gives away keep their options: what was sent on a connection reaches a peer that
 * has ended its own direction early, as it does on one that the library made.
 * harness: ours-only the original discards at every close what the peer has not acknowledged
 */
#include "sockets.h"
#include <netinet/in.h>

static void lingers_as_before(int fd)
{
    struct linger linger = { 7, 7 };
    socklen_t length = sizeof linger;

    CHECK(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &length) == 0);
    CHECK_EQ(linger.l_onoff, 0);
}

int main(void)
{
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t length = sizeof addr;
    int listener = socket(AF_INET, SOCK_STREAM, 0), peer = socket(AF_INET, SOCK_STREAM, 0);

    CHECK(bind(listener, (struct sockaddr *)&addr, sizeof addr) == 0 && listen(listener, 1) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&addr, &length) == 0);
    CHECK(connect(peer, (struct sockaddr *)&addr, sizeof addr) == 0);
    int connection = accept(listener, NULL, NULL);
    int listener_too = dup(listener), connection_too = dup(connection);
    CHECK(listener_too >= 0 && connection_too >= 0);

    int l = tcp_listener_fromfd(listener), c = tcp_fromfd(connection);
    CHECK(l >= 0 && c >= 0);
    lingers_as_before(listener_too);
    lingers_as_before(connection_too);
    CHECK(hclose(l) == 0 && hclose(c) == 0);
    close(listener_too);
    close(connection_too);
    close(peer);

    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    int too = dup(pair[0]);
    c = ipc_fromfd(pair[0]);
    CHECK(c >= 0);
    lingers_as_before(too);
    CHECK(hclose(c) == 0);
    close(too);
    close(pair[1]);
    return 0;
}
