/* Listening, connecting, descriptors of the program's, storage of the program's. Printed, and compared with the original. */
#include "sockets.h"
#include <arpa/inet.h>
#include <netinet/in.h>

static char path[108];

static void tcp(void)
{
    struct ipaddr addr, same, peer;
    int listener, other, s, accepted;

    CHECK(ipaddr_local(&addr, "127.0.0.1", 0, 0) == 0);
    SAY_MADE(listener, tcp_listen(&addr, 10));
    same = addr;
    printf("chosen: %d\n", ipaddr_port(&addr) != 0);
    SAY_MADE(other, tcp_listen(&same, 10));
    SAY_MADE(s, tcp_connect(&addr, LATER));
    SAY_MADE(accepted, tcp_accept(listener, &peer, LATER));
    printf("peer: %d, %d\n", ipaddr_family(&peer) == AF_INET, ipaddr_port(&peer) != 0);
    hclose(s);
    hclose(accepted);
    SAY(tcp_accept(listener, NULL, SOON));
    SAY_MADE(s, tcp_connect(&addr, LATER));
    SAY_MADE(accepted, tcp_accept(listener, NULL, 0));
    hclose(s);
    hclose(accepted);
    SAY(tcp_close(listener, 0));
    SAY(tcp_accept(listener, NULL, 0));
    SAY_MADE(s, tcp_connect(&addr, LATER));
    CHECK(ipaddr_local(&same, "192.0.2.1", 5555, 0) == 0);
    SAY_MADE(other, tcp_listen(&same, 10));
}

static void ipc(void)
{
    int listener, other, s, accepted;
    char longer[120];

    snprintf(path, sizeof path, "/tmp/relink-test-%d", (int)getpid());
    unlink(path);
    memset(longer, 'x', sizeof longer);
    longer[108] = 0;
    SAY_MADE(listener, ipc_listen(path, 10));
    SAY_MADE(other, ipc_listen(path, 10));
    SAY_MADE(other, ipc_listen(longer, 10));
    SAY_MADE(other, ipc_connect(longer, -1));
    SAY_MADE(other, ipc_listen("/tmp/relink-none/such/folder", 10));
    SAY_MADE(s, ipc_connect(path, LATER));
    SAY_MADE(accepted, ipc_accept(listener, LATER));
    SAY(bsend(s, "ABC", 3, -1));
    SAY(brecv(accepted, NULL, 3, LATER));
    SAY(hclose(s));
    SAY(brecv(accepted, longer, 1, LATER));
    SAY(hclose(accepted));
    SAY(ipc_accept(listener, SOON));
    SAY(ipc_close(listener, 0));
    SAY_MADE(s, ipc_connect(path, LATER));
    printf("the path stays: %d\n", access(path, F_OK) == 0);
    unlink(path);
    SAY_MADE(s, ipc_connect(path, LATER));
}

static void descriptors_of_the_programs(void)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof in;
    struct ipaddr addr;
    int fd = socket(AF_INET, SOCK_STREAM, 0), pair[2], h, s, accepted;
    char byte[4];

    CHECK(bind(fd, (struct sockaddr *)&in, sizeof in) == 0 && listen(fd, 10) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&in, &length) == 0);
    SAY_MADE(h, tcp_fromfd(fd));
    SAY_MADE(h, ipc_listener_fromfd(fd));
    SAY_MADE(h, tcp_listener_fromfd(fd));
    CHECK(ipaddr_local(&addr, "127.0.0.1", ntohs(in.sin_port), 0) == 0);
    SAY_MADE(s, tcp_connect(&addr, LATER));
    SAY_MADE(accepted, tcp_accept(h, NULL, LATER));
    hclose(s);
    hclose(accepted);
    hclose(h);
    SAY_MADE(h, tcp_listener_fromfd(-1));
    SAY_MADE(h, tcp_fromfd(-1));
    SAY_MADE(h, ipc_fromfd(-1));
    SAY_MADE(h, ipc_listener_fromfd(-1));
    CHECK(pipe(pair) == 0);
    SAY_MADE(h, tcp_fromfd(pair[0]));
    SAY_MADE(h, ipc_listener_fromfd(pair[0]));
    close(pair[0]);
    close(pair[1]);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    SAY_MADE(h, tcp_fromfd(pair[0]));
    SAY_MADE(h, ipc_listener_fromfd(pair[0]));
    SAY_MADE(h, ipc_fromfd(pair[0]));
    CHECK(send(pair[1], "AB", 2, 0) == 2);
    SAY(brecv(h, NULL, 2, LATER));
    SAY(bsend(h, "C", 1, LATER));
    close(pair[1]);
    SAY(brecv(h, byte, 1, LATER));
    hclose(h);
    CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
    SAY_MADE(h, ipc_fromfd(pair[0]));
    close(pair[0]);
    close(pair[1]);
}

/* Storage has no alignment. */
static void storage_of_the_programs(void)
{
    static char room[8000];
    struct ipaddr addr;
    char buf[4];

    for (int shift = 0; shift < 8; shift++) {
        char *at = room + shift;
#define STORAGE(type) ((struct type *)(at += 1400, at - 1400))
        int s[2], ls, h;

        CHECK(ipaddr_local(&addr, "127.0.0.1", 0, 0) == 0);
        ls = tcp_listen_mem(&addr, 10, (struct tcp_listener_storage *)at);
        CHECK(ls >= 0);
        s[0] = tcp_connect_mem(&addr, (struct tcp_storage *)(at + 100), LATER);
        s[1] = tcp_accept_mem(ls, NULL, (struct tcp_storage *)(at + 200), LATER);
        CHECK(s[0] >= 0 && s[1] >= 0);
        hclose(ls);
        s[0] = prefix_attach_mem(s[0], 2, 0, (struct prefix_storage *)(at + 300));
        s[1] = prefix_attach_mem(s[1], 2, 0, (struct prefix_storage *)(at + 400));
        CHECK(msend(s[0], "ABC", 3, -1) == 0 && mrecv(s[1], buf, 4, LATER) == 3);
        s[0] = prefix_detach(s[0]);
        s[1] = prefix_detach(s[1]);
        memset(at + 300, 0xee, 200);
        s[0] = suffix_attach_mem(s[0], "\n", 1, (struct suffix_storage *)(at + 300));
        s[1] = suffix_attach_mem(s[1], "\n", 1, (struct suffix_storage *)(at + 500));
        s[0] = term_attach_mem(s[0], "END", 3, (struct term_storage *)(at + 700));
        s[1] = term_attach_mem(s[1], "END", 3, (struct term_storage *)(at + 800));
        CHECK(msend(s[0], "ABC", 3, -1) == 0 && mrecv(s[1], buf, 4, LATER) == 3);
        CHECK(term_done(s[0], -1) == 0 && term_done(s[1], -1) == 0);
        s[0] = term_detach(s[0], LATER);
        s[1] = term_detach(s[1], LATER);
        s[0] = suffix_detach(s[0], -1);
        s[1] = suffix_detach(s[1], -1);
        memset(at + 300, 0xee, 700);
        s[0] = ws_attach_client_mem(s[0], WS_NOHTTP, NULL, NULL, (struct ws_storage *)(at + 300), -1);
        s[1] = ws_attach_server_mem(s[1], WS_NOHTTP, NULL, 0, NULL, 0, (struct ws_storage *)(at + 500), -1);
        CHECK(msend(s[1], "ABC", 3, -1) == 0 && mrecv(s[0], buf, 4, LATER) == 3);
        CHECK(hclose(s[0]) == 0 && hclose(s[1]) == 0);
        CHECK(ipc_pair_mem((struct ipc_pair_storage *)at, s) == 0);
        CHECK(hclose(s[0]) == 0);
        FAILS(brecv(s[1], buf, 1, LATER), EPIPE);
        CHECK(hclose(s[1]) == 0);
        CHECK(ipc_pair(s) == 0);
        s[0] = http_attach_mem(s[0], (struct http_storage *)at);
        s[1] = http_attach_mem(s[1], (struct http_storage *)(at + 1300));
        CHECK(http_sendrequest(s[0], "GET", "/", -1) == 0);
        char command[8], resource[8];
        CHECK(http_recvrequest(s[1], command, 8, resource, 8, LATER) == 0);
        CHECK(hclose(s[0]) == 0 && hclose(s[1]) == 0);
        CHECK(ipaddr_local(&addr, "127.0.0.1", 0, 0) == 0);
        h = udp_open_mem(&addr, NULL, (struct udp_storage *)at);
        CHECK(h >= 0 && udp_send(h, &addr, "ABC", 3) == 0 && udp_recv(h, NULL, buf, 4, LATER) == 3);
        CHECK(hclose(h) == 0);
    }
    int s[2];

    CHECK(ipaddr_local(&addr, "127.0.0.1", 0, 0) == 0);
    SAY(tcp_listen_mem(&addr, 10, NULL));
    SAY(tcp_connect_mem(&addr, NULL, -1));
    SAY(tcp_accept_mem(-1, NULL, NULL, -1));
    SAY(tcp_fromfd_mem(0, NULL));
    SAY(tcp_listener_fromfd_mem(0, NULL));
    SAY(ipc_accept_mem(-1, NULL, -1));
    SAY(ipc_connect_mem("/tmp", NULL, -1));
    SAY(ipc_fromfd_mem(0, NULL));
    SAY(ipc_listener_fromfd_mem(0, NULL));
    SAY(ipc_pair_mem(NULL, s));
    SAY(udp_open_mem(NULL, NULL, NULL));

#define CONSUMED(attach)                                          \
    do {                                                          \
        CHECK(ipc_pair(s) == 0);                                  \
        SAY(attach);                                              \
        SAY(brecv(s[1], buf, 1, LATER));                          \
        SAY(hclose(s[0]));                                        \
        hclose(s[1]);                                             \
    } while (0)
    CONSUMED(prefix_attach_mem(s[0], 2, 0, NULL));
    CONSUMED(suffix_attach_mem(s[0], "\n", 1, NULL));
    CONSUMED(http_attach_mem(s[0], NULL));
    CONSUMED(ws_attach_client_mem(s[0], WS_NOHTTP, NULL, NULL, NULL, -1));
    CONSUMED(ws_attach_server_mem(s[0], WS_NOHTTP, NULL, 0, NULL, 0, NULL, -1));
}

int main(void)
{
    tcp();
    ipc();
    descriptors_of_the_programs();
    storage_of_the_programs();
    return 0;
}
