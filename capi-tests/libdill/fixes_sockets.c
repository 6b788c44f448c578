/* What the sockets do better than the original, which crashes, hangs, leaks or is wrong in these cases.
 * harness: ours-only the original crashes
 */
#include "sockets.h"
#include <arpa/inet.h>
#include <netinet/in.h>

static char buf[100000];

/* Memory safety */

static void http_line_longer_than_1023_bytes_is_received_or_refused(void)
{
    int peer, s = http_attach(with_peer(&peer));

    memset(buf, 'v', sizeof buf);
    memcpy(buf, "Cookie: ", 8);
    memcpy(buf + 20000, "\r\n", 2);
    peer_writes(peer, buf, 20002);
    char name[16], *value = malloc(30000);
    CHECK(http_recvfield(s, name, sizeof name, value, 30000, LATER) == 0);
    CHECK_EQ(strlen(value), 20000 - 8);
    /* A line that does not end ends nevertheless. */
    memset(buf, 'v', sizeof buf);
    peer_writes(peer, buf, 70000);
    FAILS(http_recvfield(s, name, sizeof name, value, 30000, -1), EMSGSIZE);
    FAILS(http_recvfield(s, name, sizeof name, value, 30000, -1), ECONNRESET);
    free(value);
    CHECK(hclose(s) == 0);
    close(peer);
}

static void http_with_room_for_nothing_stores_nothing(void)
{
    int peer, s = http_attach(with_peer(&peer));
    char room[2] = "x";

    PEER_WRITES(peer, "GET /index HTTP/1.1\r\nHTTP/1.1 200 OK\r\nName: value\r\nName: value\r\nlast: one\r\n");
    FAILS(http_recvrequest(s, room, 0, room, 2, LATER), EMSGSIZE);
    FAILS(http_recvstatus(s, room, 0, LATER), EMSGSIZE);
    FAILS(http_recvfield(s, room, 0, buf, 100, LATER), EMSGSIZE);
    FAILS(http_recvfield(s, buf, 100, NULL, 0, LATER), EMSGSIZE);
    CHECK(strcmp(room, "x") == 0);
    CHECK(http_recvfield(s, buf, 100, buf + 100, 100, LATER) == 0 && strcmp(buf, "last") == 0);
    hclose(s);
    close(peer);
}

static void websocket_message_of_a_client_longer_than_65535_bytes(void)
{
    int pair[2];
    char *in = malloc(sizeof buf);

    for (size_t i = 0; i < sizeof buf; i++)
        buf[i] = (char)(i * 7);
    CHECK(ipc_pair(pair) == 0);
    int c = ws_attach_client(pair[0], WS_NOHTTP, NULL, NULL, -1);
    int s = ws_attach_server(pair[1], WS_NOHTTP, NULL, 0, NULL, 0, -1);
    CHECK(c >= 0 && s >= 0);
    CHECK(msend(c, buf, sizeof buf, LATER) == 0);
    CHECK_EQ(mrecv(s, in, sizeof buf, LATER), sizeof buf);
    CHECK(memcmp(in, buf, sizeof buf) == 0);
    free(in);
    hclose(c);
    hclose(s);
}

static void websocket_detached_by_a_server_with_inbound_messages(void)
{
    int peer, s = ws_attach_server(with_peer(&peer), WS_NOHTTP, NULL, 0, NULL, 0, -1);

    PEER_WRITES(peer, "\x82\x83\0\0\0\0ABC\x01\x82\1\2\3\4xy\x80\x81\1\2\3\4z\x88\x80\0\0\0\0rest");
    s = ws_detach(s, 1000, NULL, 0, LATER);
    CHECK(s >= 0);
    CHECK(brecv(s, buf, 4, LATER) == 0 && memcmp(buf, "rest", 4) == 0);
    hclose(s);
    close(peer);
}

static void handles_are_gone_after_close_and_detach(void)
{
    int pair[2], s;

    tcp_pair(pair);
    CHECK(tcp_done(pair[1], -1) == 0);
    CHECK(tcp_close(pair[0], LATER) == 0);
    FAILS(bsend(pair[0], "x", 1, -1), EBADF);
    FAILS(hclose(pair[0]), EBADF);
    CHECK(tcp_close(pair[1], LATER) == 0);
    FAILS(tcp_close(pair[1], LATER), EBADF);
    CHECK(ipc_pair(pair) == 0);
    s = prefix_attach(pair[0], 2, 0);
    pair[0] = prefix_detach(s);
    FAILS(msend(s, "x", 1, -1), EBADF);
    FAILS(hclose(s), EBADF);
    s = suffix_attach(pair[0], "\n", 1);
    pair[0] = suffix_detach(s, -1);
    FAILS(hclose(s), EBADF);
    CHECK(ipc_done(pair[1], -1) == 0);
    CHECK(ipc_close(pair[0], LATER) == 0);
    FAILS(hclose(pair[0]), EBADF);
    CHECK(hclose(pair[1]) == 0);
}

static void handle_numbers_stay_small(void)
{
    int pair[2], largest = 0;

    for (int i = 0; i < 3000; i++) {
        CHECK(ipc_pair(pair) == 0);
        int s = prefix_attach(pair[0], 2, 0);
        largest = s > largest ? s : largest;
        s = prefix_detach(s);
        ipc_done(pair[1], -1);
        CHECK(ipc_close(s, LATER) == 0);
        CHECK(ipc_close(pair[1], LATER) == 0);
    }
    CHECK(largest < 256);
}

static void term_of_more_than_32_bytes_is_refused(void)
{
    int peer, s = prefix_attach(with_peer(&peer), 2, 0);

    FAILS(term_attach(s, buf, 33), EINVAL);
    CHECK(is_closed(peer));
    FAILS(hclose(s), EBADF);
    close(peer);
    s = prefix_attach(with_peer(&peer), 2, 0);
    FAILS(term_attach(s, NULL, 1), EINVAL);
    CHECK(is_closed(peer));
    close(peer);
    s = prefix_attach(with_peer(&peer), 2, 0);
    FAILS(term_attach_mem(s, "x", 1, NULL), EINVAL);
    CHECK(is_closed(peer));
    close(peer);
}

static void udp_functions_on_another_message_socket(void)
{
    int peer, s = prefix_attach(with_peer(&peer), 2, 0);
    struct ipaddr addr;

    CHECK(ipaddr_local(&addr, "127.0.0.1", 5555, 0) == 0);
    FAILS(udp_send(s, &addr, "x", 1), ENOTSUP);
    FAILS(udp_recv(s, &addr, buf, 1, 0), ENOTSUP);
    struct iolist item = { buf, 1, NULL, 0 };
    FAILS(udp_sendl(s, &addr, &item, &item), ENOTSUP);
    FAILS(udp_recvl(s, &addr, &item, &item, 0), ENOTSUP);
    hclose(s);
    close(peer);
}

static void brecvl_of_nothing_discards_until_the_end(void)
{
    int peer, s = with_peer(&peer);

    PEER_WRITES(peer, "discarded");
    close(peer);
    FAILS(brecvl(s, NULL, NULL, LATER), EPIPE);
    FAILS(brecvl(s, NULL, NULL, LATER), EPIPE);
    hclose(s);
    s = with_peer(&peer);
    PEER_WRITES(peer, "discarded");
    FAILS(brecvl(s, NULL, NULL, SOON), ETIMEDOUT);
    FAILS(brecvl(s, NULL, NULL, SOON), ECONNRESET);
    hclose(s);
    close(peer);
}

static void socks_of_the_longest_user_and_password(void)
{
    int peer, s = with_peer(&peer);
    char user[256];
    unsigned char request[600];
    struct ipaddr addr;

    memset(user, 'u', 255);
    user[255] = 0;
    CHECK(ipaddr_remote(&addr, "10.1.2.3", 80, 0, -1) == 0);
    PEER_WRITES(peer, "\5\2\1\0\5\0\0\1\0\0\0\0\0\0");
    CHECK(socks5_client_connect(s, user, user, &addr, LATER) == 0);
    CHECK_EQ(peer_reads(peer, request, sizeof request), 4 + 3 + 255 + 255 + 10);
    FAILS(socks5_proxy_sendreply(s, 0, NULL, -1), EINVAL);
    FAILS(socks5_client_connect(-1, user, user, NULL, -1), EBADF);
    hclose(s);
    close(peer);
}

static void socks_method_that_was_not_offered(void)
{
    struct ipaddr addr;
    int peer, s;

    CHECK(ipaddr_remote(&addr, "10.1.2.3", 80, 0, -1) == 0);
    const char *answers[] = { "\5\2", "\5\1", "\5\x80" };
    for (int i = 0; i < 3; i++) {
        s = with_peer(&peer);
        peer_writes(peer, answers[i], 2);
        FAILS(socks5_client_connect(s, NULL, NULL, &addr, LATER), EPROTO);
        hclose(s);
        close(peer);
    }
}

static int nobody(const char *user, const char *password)
{
    return user[0] != 'u' || password[0] != 'p';
}

static void socks_client_that_is_not_let_in_is_an_error(void)
{
    int peer, s = with_peer(&peer);

    PEER_WRITES(peer, "\5\1\2\1\1u\1p");
    FAILS(socks5_proxy_auth(s, nobody, LATER), EACCES);
    hclose(s);
    close(peer);
    s = with_peer(&peer);
    PEER_WRITES(peer, "\5\1\x80");
    FAILS(socks5_proxy_auth(s, NULL, LATER), EACCES);
    hclose(s);
    close(peer);
}

static coroutine void blocked_in_brecv(int s, int *error)
{
    char byte;

    *error = brecv(s, &byte, 1, -1) == 0 ? 0 : errno;
}

static coroutine void blocked_in_bsend(int s, int *error)
{
    while (bsend(s, buf, sizeof buf, -1) == 0)
        ;
    *error = errno;
}

static coroutine void blocked_in_mrecv(int s, int *error)
{
    char byte;

    *error = mrecv(s, &byte, 1, -1) >= 0 ? 0 : errno;
}

static coroutine void blocked_in_accept(int s, int *error)
{
    *error = tcp_accept(s, NULL, -1) >= 0 ? 0 : errno;
}

static coroutine void blocked_in_udp(int s, int *error)
{
    char byte;

    *error = udp_recv(s, NULL, &byte, 1, -1) >= 0 ? 0 : errno;
}

static coroutine void blocked_in_recvfd(int s, int *error)
{
    *error = ipc_recvfd(s, -1) >= 0 ? 0 : errno;
}

/* Launches a coroutine that blocks on a socket, closes the socket, and sees the coroutine go on with an error. */
#define CLOSED_WHILE(name, s)                                                    \
    do {                                                                         \
        static int error;                                                        \
        error = -1;                                                              \
        int blocked_on = (s), cr = go(name(blocked_on, &error));                 \
        CHECK(cr >= 0 && error == -1);                                           \
        CHECK(hclose(blocked_on) == 0);                                          \
        CHECK(bundle_wait(cr, LATER) == 0);                                      \
        if (error != ECONNRESET) {                                               \
            fprintf(stderr, "%s: %s\n", #name, error_name(error));               \
            exit(1);                                                             \
        }                                                                        \
        CHECK(hclose(cr) == 0);                                                  \
        FAILS(hclose(blocked_on), EBADF);                                        \
    } while (0)

static void socket_closed_while_a_coroutine_is_blocked_on_it(void)
{
    struct ipaddr addr;
    int peer, pair[2];

    CLOSED_WHILE(blocked_in_brecv, with_peer(&peer));
    close(peer);
    CLOSED_WHILE(blocked_in_bsend, with_peer(&peer));
    close(peer);
    tcp_pair(pair);
    CLOSED_WHILE(blocked_in_brecv, pair[0]);
    hclose(pair[1]);
    tcp_pair(pair);
    CLOSED_WHILE(blocked_in_bsend, pair[0]);
    hclose(pair[1]);
    CLOSED_WHILE(blocked_in_recvfd, with_peer(&peer));
    close(peer);
    CLOSED_WHILE(blocked_in_mrecv, prefix_attach(with_peer(&peer), 2, 0));
    close(peer);
    CLOSED_WHILE(blocked_in_mrecv, suffix_attach(with_peer(&peer), "\r\n", 2));
    close(peer);
    CLOSED_WHILE(blocked_in_mrecv, term_attach(suffix_attach(with_peer(&peer), "\r\n", 2), "x", 1));
    close(peer);
    CLOSED_WHILE(blocked_in_mrecv, ws_attach_client(with_peer(&peer), WS_NOHTTP, NULL, NULL, -1));
    close(peer);
    CHECK(ipaddr_local(&addr, "127.0.0.1", 0, 0) == 0);
    CLOSED_WHILE(blocked_in_accept, tcp_listen(&addr, 1));
    CHECK(ipaddr_local(&addr, "127.0.0.1", 0, 0) == 0);
    CLOSED_WHILE(blocked_in_udp, udp_open(&addr, NULL));
}

static int ended;

static coroutine void ends_in_order(int s)
{
    ended = ipc_close(s, -1) < 0 ? errno : 0;
}

static coroutine void detaches(int s)
{
    ended = term_detach(s, -1) < 0 ? errno : 0;
}

/* Others may close the socket meanwhile, and its number may come to stand for something else. */
static void close_that_waited_closes_nothing_else(void)
{
    for (int detached = 0; detached < 2; detached++) {
        int peer, s = with_peer(&peer), cr, another;

        if (detached)
            s = term_attach(prefix_attach(s, 1, 0), "bye", 3);
        CHECK(s >= 0);
        cr = detached ? go(detaches(s)) : go(ends_in_order(s));
        CHECK(cr >= 0 && hclose(s) == 0);
        while ((another = bundle()) != s)
            CHECK(another >= 0 && hclose(another) == 0);
        CHECK(bundle_wait(cr, LATER) == 0);
        CHECK_EQ(ended, ECONNRESET);
        CHECK(hclose(another) == 0 && hclose(cr) == 0);
        close(peer);
    }
}

static void storage_of_null_is_refused(void)
{
    struct ipaddr addr;

    CHECK(ipaddr_local(&addr, "127.0.0.1", 0, 0) == 0);
    FAILS(ipc_listen_mem("/tmp/relink-never", 1, NULL), EINVAL);
    CHECK(access("/tmp/relink-never", F_OK) != 0);
    FAILS(tcp_listen(NULL, 1), EINVAL);
    FAILS(tcp_connect(NULL, -1), EINVAL);
    FAILS(ipc_listen(NULL, 1), EINVAL);
    FAILS(ipc_connect(NULL, -1), EINVAL);
    FAILS(ipc_pair(NULL), EINVAL);
    int s = udp_open(NULL, NULL);
    CHECK(s >= 0 && hclose(s) == 0);
}

static void suffix_drops_a_message(void)
{
    int peer, s = suffix_attach(with_peer(&peer), "\r\n", 2);

    PEER_WRITES(peer, "dropped\r\n\r\nkept\r\n");
    CHECK_EQ(mrecvl(s, NULL, NULL, LATER), 7);
    CHECK_EQ(mrecvl(s, NULL, NULL, LATER), 0);
    CHECK(mrecv(s, buf, 10, LATER) == 4 && memcmp(buf, "kept", 4) == 0);
    hclose(s);
    close(peer);
}

static void circular_list_is_refused_when_receiving(void)
{
    struct iolist first = { buf, 1, NULL, 0 }, second = { buf, 1, &first, 0 }, last = { buf, 1, NULL, 0 };
    struct iolist in_use = { buf, 1, NULL, 1 };
    int peer, s = with_peer(&peer);

    first.iol_next = &second;
    FAILS(brecvl(s, &first, &last, LATER), EINVAL);
    FAILS(brecvl(s, &in_use, &in_use, LATER), EINVAL);
    PEER_WRITES(peer, "ABC");
    CHECK(brecv(s, buf, 3, LATER) == 0);
    hclose(s);
    close(peer);
    s = prefix_attach(with_peer(&peer), 1, 0);
    FAILS(mrecvl(s, &first, &last, LATER), EINVAL);
    FAILS(msendl(s, &first, &last, LATER), EINVAL);
    PEER_WRITES(peer, "\3ABC");
    CHECK_EQ(mrecv(s, buf, 3, LATER), 3);
    CHECK(msend(s, "ABC", 3, -1) == 0);
    hclose(s);
    close(peer);
}

/* Aborts */

static void addresses_with_bad_modes_and_ports(void)
{
    struct ipaddr addr;

    FAILS(ipaddr_local(&addr, NULL, 80, 5), EINVAL);
    FAILS(ipaddr_local(&addr, NULL, 80, -1), EINVAL);
    FAILS(ipaddr_local(&addr, "127.0.0.1", 80, 17), EINVAL);
    FAILS(ipaddr_local(NULL, NULL, 80, 0), EINVAL);
    FAILS(ipaddr_remote(&addr, "127.0.0.1", 65536, 0, -1), EINVAL);
    FAILS(ipaddr_remote(&addr, "127.0.0.1", -1, 0, -1), EINVAL);
    FAILS(ipaddr_remote(&addr, "127.0.0.1", 80, 9, -1), EINVAL);
    FAILS(ipaddr_remote(&addr, NULL, 80, 0, -1), EINVAL);
    FAILS(ipaddr_remotes(&addr, 1, "127.0.0.1", 65536, 0, -1), EINVAL);
    memset(&addr, 0, sizeof addr);
    char text[IPADDR_MAXSTRLEN] = "x";
    CHECK(ipaddr_str(&addr, text) == text && text[0] == 0);
    CHECK_EQ(ipaddr_equal(&addr, &addr, 1), 0);
}

static void http_field_that_would_not_stay_one(void)
{
    int peer, s = http_attach(with_peer(&peer));

    FAILS(http_sendfield(s, "Name", "   ", -1), EPROTO);
    FAILS(http_sendfield(s, "Name", "a\r\nInjected: yes", -1), EINVAL);
    FAILS(http_sendfield(s, "Name", "a\nInjected: yes", -1), EINVAL);
    FAILS(http_sendfield(s, "Na\rme", "a", -1), EINVAL);
    FAILS(http_sendrequest(s, "GET", "/\r", -1), EINVAL);
    FAILS(http_sendrequest(s, "GET", NULL, -1), EINVAL);
    FAILS(http_sendstatus(s, 200, "OK\r\nInjected: yes", -1), EINVAL);
    FAILS(http_sendstatus(s, 200, NULL, -1), EINVAL);
    FAILS(http_sendfield(s, NULL, "x", -1), EINVAL);
    FAILS(http_sendfield(s, "x", NULL, -1), EINVAL);
    CHECK_EQ(peer_reads(peer, buf, sizeof buf), 0);
    hclose(s);
    close(peer);
}

static void websocket_server_on_a_bad_handle(void)
{
    FAILS(ws_attach_server(-1, WS_TEXT, buf, 10, buf + 10, 10, -1), EBADF);
    FAILS(ws_attach_server(12345, WS_TEXT, buf, 10, buf + 10, 10, -1), EBADF);
}

static void descriptors_that_cannot_be_passed(void)
{
    int peer, s = with_peer(&peer);

    FAILS(ipc_sendfd(s, 12345, -1), EBADF);
    int fd = dup(0);
    CHECK(ipc_sendfd(s, fd, -1) == 0);
    close(fd);
    close(peer);
    /* Not a signal. */
    FAILS(ipc_sendfd(s, 0, -1), ECONNRESET);
    FAILS(ipc_sendfd(s, 0, -1), ECONNRESET);
    hclose(s);
}

/* Wrong results */

static void suffix_message_that_does_not_fit(void)
{
    int peer, s = suffix_attach(with_peer(&peer), "\r\n", 2);

    /* At once, not when the end of the message comes. */
    PEER_WRITES(peer, "ABCD");
    FAILS(mrecv(s, buf, 3, -1), EMSGSIZE);
    FAILS(mrecv(s, buf, 3, -1), ECONNRESET);
    CHECK(msend(s, "still", 5, -1) == 0);
    FAILS(suffix_detach(s, -1), ECONNRESET);
    FAILS(hclose(s), EBADF);
    close(peer);
    s = suffix_attach(with_peer(&peer), "\r\n", 2);
    PEER_WRITES(peer, "ABC\r\n\r\n");
    CHECK_EQ(mrecv(s, buf, 3, LATER), 3);
    CHECK_EQ(mrecv(s, buf, 0, LATER), 0);
    hclose(s);
    close(peer);
}

static void suffix_message_fills_every_buffer(void)
{
    char a[2], b[2], c[8];
    struct iolist third = { c, 8, NULL, 0 }, second = { b, 2, &third, 0 }, first = { a, 2, &second, 0 };
    int peer, s = suffix_attach(with_peer(&peer), "\n", 1);

    PEER_WRITES(peer, "abcdef\n");
    CHECK_EQ(mrecvl(s, &first, &third, LATER), 6);
    CHECK(memcmp(a, "ab", 2) == 0 && memcmp(b, "cd", 2) == 0 && memcmp(c, "ef", 2) == 0);
    hclose(s);
    close(peer);
}

static void suffix_message_larger_than_any_buffer_of_ours(void)
{
    int peer, s = suffix_attach(with_peer(&peer), "-end-", 5);
    char *in = malloc(80000);

    memset(buf, '-', sizeof buf);
    memcpy(buf + 70000, "-end-", 5);
    peer_writes(peer, buf, 70005);
    CHECK_EQ(mrecv(s, in, 80000, LATER), 70000);
    CHECK(memcmp(in, buf, 70000) == 0);
    free(in);
    hclose(s);
    close(peer);
}

static void prefix_message_that_its_header_cannot_express(void)
{
    int peer, s = prefix_attach(with_peer(&peer), 1, 0);

    FAILS(msend(s, buf, 256, -1), EMSGSIZE);
    CHECK_EQ(peer_reads(peer, buf, sizeof buf), 0);
    CHECK(msend(s, buf, 255, -1) == 0);
    CHECK_EQ(peer_reads(peer, buf, sizeof buf), 256);
    hclose(s);
    close(peer);
    s = prefix_attach(with_peer(&peer), 8, 0);
    PEER_WRITES(peer, "\xff\xff\xff\xff\xff\xff\xff\xff");
    FAILS(mrecvl(s, NULL, NULL, LATER), EMSGSIZE);
    FAILS(mrecv(s, buf, 1, LATER), ECONNRESET);
    hclose(s);
    close(peer);
}

static void udp_address_that_is_not_there(void)
{
    struct ipaddr addr;

    CHECK(ipaddr_local(&addr, "192.0.2.1", 0, 0) == 0);
    FAILS(udp_open(&addr, NULL), EADDRNOTAVAIL);
}

static coroutine void writes_for_ever(int peer)
{
    while (fdout(peer, -1) == 0) {
        if (send(peer, buf, sizeof buf, MSG_NOSIGNAL) < 0 && errno != EAGAIN)
            break;
    }
}

static void close_does_not_wait_for_a_peer_that_never_stops(void)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof in;
    struct ipaddr addr;

    CHECK(bind(listener, (struct sockaddr *)&in, sizeof in) == 0 && listen(listener, 1) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&in, &length) == 0);
    CHECK(ipaddr_local(&addr, "127.0.0.1", ntohs(in.sin_port), 0) == 0);
    int s = tcp_connect(&addr, -1), peer = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    CHECK(s >= 0 && peer >= 0);
    int cr = go(writes_for_ever(peer));
    FAILS(tcp_close(s, now() + 100), ETIMEDOUT);
    hclose(cr);
    fdclean(peer);
    close(peer);
    close(listener);
}

static void list_of_a_failed_send_is_left_alone(void)
{
    struct iolist in_use = { buf, 1, NULL, 1 }, first = { buf, 1, &in_use, 0 };
    struct iolist good = { buf, 1, NULL, 0 };
    int peer, s = with_peer(&peer);

    FAILS(bsendl(s, &first, &in_use, -1), EINVAL);
    CHECK(first.iol_rsvd == 0 && in_use.iol_rsvd == 1);
    /* And does not break the socket. */
    CHECK(bsendl(s, &good, &good, -1) == 0);
    hclose(s);
    close(peer);
}

static void skipping_more_than_there_is_fails(void)
{
    int peer, s = with_peer(&peer);

    memset(buf, 0, 100);
    peer_writes(peer, buf, 100);
    FAILS(brecv(s, NULL, 5000, SOON), ETIMEDOUT);
    FAILS(brecv(s, NULL, 1, LATER), ECONNRESET);
    hclose(s);
    close(peer);
    s = prefix_attach(with_peer(&peer), 2, 0);
    PEER_WRITES(peer, "\x20\0some");
    FAILS(mrecvl(s, NULL, NULL, SOON), ETIMEDOUT);
    hclose(s);
    close(peer);
}

static coroutine void waits_for_a_descriptor(int s, int *fd)
{
    *fd = ipc_recvfd(s, -1);
}

static void recvfd_waiting_does_not_break_the_others(void)
{
    int pair[2], fd = -1;

    CHECK(ipc_pair(pair) == 0);
    int cr = go(waits_for_a_descriptor(pair[0], &fd));
    CHECK(cr >= 0);
    FAILS(brecv(pair[0], buf, 1, 0), EBUSY);
    CHECK(ipc_sendfd(pair[1], 0, -1) == 0);
    CHECK(bundle_wait(cr, LATER) == 0 && fd >= 0);
    close(fd);
    CHECK(bsend(pair[1], "x", 1, -1) == 0);
    CHECK(brecv(pair[0], buf, 1, LATER) == 0);
    hclose(cr);
    hclose(pair[0]);
    hclose(pair[1]);
}

static void being_busy_breaks_nothing(void)
{
    int peer, error = -1, s = prefix_attach(with_peer(&peer), 2, 0);

    int cr = go(blocked_in_mrecv(s, &error));
    CHECK(cr >= 0);
    FAILS(mrecv(s, buf, 1, 0), EBUSY);
    PEER_WRITES(peer, "\0\1x\0\1y");
    CHECK(bundle_wait(cr, LATER) == 0 && error == 0);
    CHECK_EQ(mrecv(s, buf, 1, LATER), 1);
    hclose(cr);
    hclose(s);
    close(peer);
}

static void descriptors_are_received_between_bytes_that_were_read_ahead(void)
{
    int s[2], fd, peer, line;

    CHECK(ipc_pair(s) == 0);
    CHECK(bsend(s[0], "first\nsecond\n", 13, -1) == 0);
    CHECK(ipc_sendfd(s[0], 0, -1) == 0);
    CHECK(bsend(s[0], "third\n", 6, -1) == 0);
    line = suffix_attach(s[1], "\n", 1);
    CHECK(mrecv(line, buf, 10, LATER) == 5 && mrecv(line, buf, 10, LATER) == 6);
    s[1] = suffix_detach(line, -1);
    fd = ipc_recvfd(s[1], LATER);
    CHECK(fd >= 0);
    close(fd);
    CHECK(brecv(s[1], buf, 6, LATER) == 0 && memcmp(buf, "third\n", 6) == 0);
    /* One that is in the middle of a message is lost with it, and not leaked. */
    CHECK(bsend(s[0], "ab", 2, -1) == 0 && ipc_sendfd(s[0], 0, -1) == 0 && bsend(s[0], "cd\n", 3, -1) == 0);
    line = suffix_attach(s[1], "\n", 1);
    CHECK_EQ(mrecv(line, buf, 10, LATER), 5);
    hclose(line);
    hclose(s[0]);
    line = suffix_attach(with_peer(&peer), "\n", 1);
    close(peer);
    hclose(line);
}

static void term_receives_into_lists_and_knows_its_message(void)
{
    char a[2], b[8];
    struct iolist second = { b, 8, NULL, 0 }, first = { a, 2, &second, 0 };
    int peer, s = term_attach(suffix_attach(with_peer(&peer), "\r\n", 2), "STOP", 4);

    PEER_WRITES(peer, "abcdef\r\nSTO\r\nSTOP\r\nnext\r\n");
    CHECK_EQ(mrecvl(s, &first, &second, LATER), 6);
    CHECK(memcmp(a, "ab", 2) == 0 && memcmp(b, "cdef", 4) == 0);
    CHECK_EQ(mrecvl(s, &first, &second, LATER), 3);
    CHECK(memcmp(a, "ST", 2) == 0 && memcmp(b, "O", 1) == 0);
    /* Though there is no room for it. */
    FAILS(mrecv(s, buf, 1, LATER), EPIPE);
    /* And again, without receiving anything. */
    FAILS(mrecv(s, buf, 10, LATER), EPIPE);
    s = term_detach(s, LATER);
    CHECK(s >= 0 && mrecv(s, buf, 10, LATER) == 4);
    hclose(s);
    close(peer);
    s = term_attach(suffix_attach(with_peer(&peer), "\r\n", 2), "STOP", 4);
    PEER_WRITES(peer, "ab\r\nabc\r\n");
    FAILS(mrecv(s, buf, 1, LATER), EMSGSIZE);
    hclose(s);
    close(peer);
}

static void http_is_lenient_and_drops_spaces(void)
{
    int peer, s = http_attach(with_peer(&peer));
    char name[16], value[16];

    PEER_WRITES(peer, "HTTP/1.1 204\r\nLong:  v w  \r\n\r\nHTTP/1.1 200 OK\r\n");
    CHECK_EQ(http_recvstatus(s, name, 16, LATER), 204);
    CHECK(name[0] == 0);
    CHECK(http_recvfield(s, name, 16, value, 16, LATER) == 0 && strcmp(value, "v w") == 0);
    FAILS(http_recvfield(s, name, 16, value, 16, LATER), EPIPE);
    FAILS(http_recvfield(s, name, 16, value, 16, LATER), EPIPE);
    hclose(s);
    close(peer);
    s = http_attach(with_peer(&peer));
    PEER_WRITES(peer, "GET / ABCDEFGH\r\n");
    FAILS(http_recvrequest(s, name, 16, value, 16, LATER), EPROTO);
    peer_writes(peer, "GET /a\0b HTTP/1.1\r\n", 19);
    FAILS(http_recvrequest(s, name, 16, value, 16, LATER), EPROTO);
    hclose(s);
    close(peer);
}

int main(void)
{
    http_line_longer_than_1023_bytes_is_received_or_refused();
    http_with_room_for_nothing_stores_nothing();
    websocket_message_of_a_client_longer_than_65535_bytes();
    websocket_detached_by_a_server_with_inbound_messages();
    handles_are_gone_after_close_and_detach();
    handle_numbers_stay_small();
    term_of_more_than_32_bytes_is_refused();
    udp_functions_on_another_message_socket();
    brecvl_of_nothing_discards_until_the_end();
    socks_of_the_longest_user_and_password();
    socks_method_that_was_not_offered();
    socks_client_that_is_not_let_in_is_an_error();
    socket_closed_while_a_coroutine_is_blocked_on_it();
    close_that_waited_closes_nothing_else();
    storage_of_null_is_refused();
    suffix_drops_a_message();
    circular_list_is_refused_when_receiving();
    addresses_with_bad_modes_and_ports();
    http_field_that_would_not_stay_one();
    websocket_server_on_a_bad_handle();
    descriptors_that_cannot_be_passed();
    suffix_message_that_does_not_fit();
    suffix_message_fills_every_buffer();
    suffix_message_larger_than_any_buffer_of_ours();
    prefix_message_that_its_header_cannot_express();
    udp_address_that_is_not_there();
    close_does_not_wait_for_a_peer_that_never_stops();
    list_of_a_failed_send_is_left_alone();
    skipping_more_than_there_is_fails();
    recvfd_waiting_does_not_break_the_others();
    being_busy_breaks_nothing();
    descriptors_are_received_between_bytes_that_were_read_ahead();
    term_receives_into_lists_and_knows_its_message();
    http_is_lenient_and_drops_spaces();
    return 0;
}
