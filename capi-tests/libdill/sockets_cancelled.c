/* Cancellation under every call of a socket that blocks, and calls of cancelled coroutines that make sockets. Printed, and
 * compared with the original.
 */
#include "sockets.h"

static char buf[300000];

#define BLOCKED(name, call)                                      \
    static coroutine void name(int s)                            \
    {                                                            \
        (void)s;                                                 \
        errno = 0;                                               \
        long long result = (call);                               \
        printf("%s: %lld %s\n", #call, result, error_name(errno)); \
    }

static int fill(int s)
{
    int rc;

    while ((rc = bsend(s, buf, sizeof buf, -1)) == 0)
        ;
    return rc;
}

BLOCKED(in_brecv, brecv(s, buf, 1, -1))
BLOCKED(in_brecv_with_deadline, brecv(s, buf, 1, now() + 100000))
BLOCKED(in_bsend, fill(s))
BLOCKED(in_recvfd, ipc_recvfd(s, -1))
BLOCKED(in_ipc_close, ipc_close(s, -1))
BLOCKED(in_tcp_close, tcp_close(s, -1))
BLOCKED(in_accept, tcp_accept(s, NULL, -1))
BLOCKED(in_ipc_accept, ipc_accept(s, -1))
BLOCKED(in_udp_recv, udp_recv(s, NULL, buf, 1, -1))
BLOCKED(in_mrecv, mrecv(s, buf, 1, -1))
BLOCKED(in_term_detach, term_detach(s, -1))
BLOCKED(in_http_recvrequest, http_recvrequest(s, buf, 10, buf + 10, 10, -1))
BLOCKED(in_http_recvfield, http_recvfield(s, buf, 10, buf + 10, 10, -1))
BLOCKED(in_http_detach, http_detach(s, -1))
BLOCKED(in_ws_recv, ws_recv(s, NULL, buf, 10, -1))
BLOCKED(in_ws_client, ws_attach_client(s, WS_TEXT, "/", "host", -1))
BLOCKED(in_ws_server, ws_attach_server(s, WS_TEXT, buf, 10, buf + 10, 10, -1))
BLOCKED(in_socks_client, socks5_client_connectbyname(s, NULL, NULL, "host", 80, -1))
BLOCKED(in_socks_proxy, socks5_proxy_auth(s, NULL, -1))
BLOCKED(in_socks_command, socks5_proxy_recvcommandbyname(s, buf, (int *)(buf + 256), -1))

static void cancel(void (*unused)(int), int cr)
{
    (void)unused;
    CHECK(cr >= 0);
    CHECK(hclose(cr) == 0);
}

#define CANCEL(name, s) cancel(name, go(name(s)))

static coroutine void makes_sockets(int s)
{
    struct ipaddr addr;
    int pair[2];

    SAY(msleep(-1));
    CHECK(ipaddr_local(&addr, "127.0.0.1", 0, 0) == 0);
    SAY(tcp_listen(&addr, 1));
    SAY(udp_open(NULL, NULL));
    SAY(ipc_pair(pair));
    SAY(tcp_accept(-1, NULL, -1));
    SAY(prefix_attach(s, 2, 0));
}

static coroutine void attaches(int s)
{
    (void)s;
    SAY(msleep(-1));
    SAY(prefix_attach(-1, 2, 0));
    SAY(suffix_attach(-1, "\n", 1));
    SAY(ws_attach_client(-1, WS_NOHTTP, NULL, NULL, -1));
    SAY(http_attach(-1));
}

int main(void)
{
    struct ipaddr addr;
    int peer, s, pair[2];
    char path[64];

    s = with_peer(&peer);
    CANCEL(in_brecv, s);
    SAY(brecv(s, buf, 1, 0));
    SAY(bsend(s, "x", 1, 0));
    hclose(s), close(peer);
    s = with_peer(&peer);
    CANCEL(in_brecv_with_deadline, s);
    hclose(s), close(peer);
    s = with_peer(&peer);
    CANCEL(in_bsend, s);
    SAY(bsend(s, "x", 1, 0));
    hclose(s), close(peer);
    s = with_peer(&peer);
    CANCEL(in_recvfd, s);
    SAY(ipc_recvfd(s, 0));
    CANCEL(in_ipc_close, s);
    close(peer);
    tcp_pair(pair);
    CANCEL(in_brecv, pair[0]);
    CANCEL(in_bsend, pair[0]);
    CANCEL(in_tcp_close, pair[1]);
    hclose(pair[0]);
    CHECK(ipaddr_local(&addr, "127.0.0.1", 0, 0) == 0);
    s = tcp_listen(&addr, 1);
    CANCEL(in_accept, s);
    SAY(tcp_accept(s, NULL, 0));
    hclose(s);
    snprintf(path, sizeof path, "/tmp/relink-test-%d", (int)getpid());
    s = ipc_listen(path, 1);
    unlink(path);
    CANCEL(in_ipc_accept, s);
    hclose(s);
    CHECK(ipaddr_local(&addr, "127.0.0.1", 0, 0) == 0);
    s = udp_open(&addr, NULL);
    CANCEL(in_udp_recv, s);
    SAY(udp_recv(s, NULL, buf, 1, 0));
    hclose(s);

    s = prefix_attach(with_peer(&peer), 2, 0);
    CANCEL(in_mrecv, s);
    SAY(mrecv(s, buf, 1, 0));
    SAY(prefix_detach(s));
    close(peer);
    s = suffix_attach(with_peer(&peer), "\r\n", 2);
    CANCEL(in_mrecv, s);
    SAY(suffix_detach(s, -1));
    close(peer);
    s = term_attach(prefix_attach(with_peer(&peer), 2, 0), "x", 1);
    CANCEL(in_term_detach, s);
    close(peer);
    s = http_attach(with_peer(&peer));
    CANCEL(in_http_recvrequest, s);
    CANCEL(in_http_recvfield, s);
    CANCEL(in_http_detach, s);
    close(peer);
    s = http_attach(with_peer(&peer));
    CANCEL(in_http_detach, s);
    close(peer);
    s = ws_attach_client(with_peer(&peer), WS_NOHTTP, NULL, NULL, -1);
    CANCEL(in_ws_recv, s);
    SAY(ws_recv(s, NULL, buf, 1, 0));
    hclose(s), close(peer);
    s = with_peer(&peer);
    CANCEL(in_ws_server, s);
    printf("closed: %d\n", is_closed(peer));
    close(peer);
    s = with_peer(&peer);
    CANCEL(in_ws_client, s);
    close(peer);
    s = with_peer(&peer);
    CANCEL(in_socks_client, s);
    hclose(s), close(peer);
    s = with_peer(&peer);
    CANCEL(in_socks_proxy, s);
    hclose(s), close(peer);
    s = with_peer(&peer);
    CANCEL(in_socks_command, s);
    hclose(s), close(peer);
    CANCEL(attaches, -1);
    s = with_peer(&peer);
    CANCEL(makes_sockets, s);
    printf("closed: %d\n", is_closed(peer));
    close(peer);
    close_random_numbers();
    return 0;
}
