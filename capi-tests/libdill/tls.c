/* TLS: both sides, deadlines, ends, and who is trusted.
 * harness: libs -lssl -lcrypto
 * harness: ours-only the original aborts with OpenSSL 3
 */
#include "certificate.h"
#include <relink/libdill.h>

static char buf[300000], text[300000];

static coroutine void attach_server(int s, int *result)
{
    *result = tls_attach_server(s, cert, key, LATER);
    if (*result < 0)
        *result = -errno;
}

/* Both ends of a connection with TLS. */
static void tls_pair(int over_tcp, int *client, int *server)
{
    int pair[2];

    if (over_tcp)
        tcp_pair(pair);
    else
        CHECK(ipc_pair(pair) == 0);
    int cr = go(attach_server(pair[1], server));
    CHECK(cr >= 0);
    *client = tls_attach_client(pair[0], LATER);
    CHECK(*client >= 0);
    CHECK(bundle_wait(cr, LATER) == 0 && *server >= 0);
    hclose(cr);
}

static coroutine void finish(int h, int *result)
{
    *result = tls_detach(h, LATER);
}

static void bytes_go_both_ways_and_the_socket_goes_on_without(void)
{
    for (int over_tcp = 0; over_tcp < 2; over_tcp++) {
        int c, s, below_c, below_s = -2;

        tls_pair(over_tcp, &c, &s);
        CHECK(bsend(c, "ABC", 3, LATER) == 0 && bsend(c, "DEF", 3, LATER) == 0);
        CHECK(brecv(s, buf, 5, LATER) == 0 && memcmp(buf, "ABCDE", 5) == 0);
        CHECK(brecv(s, NULL, 1, LATER) == 0);
        CHECK(bsend(s, NULL, 0, LATER) == 0 && brecv(c, NULL, 0, 0) == 0);
        struct iolist third = { (void *)"56", 2, NULL, 0 }, second = { NULL, 0, &third, 0 }, first = { (void *)"1234", 4, &second, 0 };
        char a[1], b[2];
        struct iolist in3 = { b, 2, NULL, 0 }, in2 = { NULL, 3, &in3, 0 }, in1 = { a, 1, &in2, 0 };
        CHECK(bsendl(s, &first, &third, LATER) == 0 && brecvl(c, &in1, &in3, LATER) == 0);
        CHECK(a[0] == '1' && memcmp(b, "56", 2) == 0);
        CHECK(bsend(c, "left over", 9, LATER) == 0);
        int cr = go(finish(s, &below_s));
        CHECK(cr >= 0);
        below_c = tls_detach(c, LATER);
        CHECK(below_c >= 0);
        CHECK(bsend(below_c, "plain", 5, LATER) == 0);
        CHECK(bundle_wait(cr, LATER) == 0 && below_s >= 0);
        hclose(cr);
        CHECK(brecv(below_s, buf, 5, LATER) == 0 && memcmp(buf, "plain", 5) == 0);
        FAILS(hclose(c), EBADF);
        FAILS(bsend(s, "x", 1, 0), EBADF);
        CHECK(hclose(below_c) == 0 && hclose(below_s) == 0);
    }
}

static void plain_bytes_right_behind_the_goodbye_are_not_taken(void)
{
    int c, s, below_c = -2, below_s;

    tls_pair(1, &c, &s);
    CHECK(tls_done(s, LATER) == 0);
    CHECK(tls_done(c, LATER) == 0);
    below_s = tls_detach(s, LATER);
    CHECK(below_s >= 0 && bsend(below_s, "\x17\x03\x03 plain", 9, LATER) == 0);
    below_c = tls_detach(c, LATER);
    CHECK(below_c >= 0);
    CHECK(brecv(below_c, buf, 9, LATER) == 0 && memcmp(buf, "\x17\x03\x03 plain", 9) == 0);
    hclose(below_c);
    hclose(below_s);
}

static coroutine void sends_much(int s)
{
    CHECK(bsend(s, text, sizeof text, LATER) == 0);
}

static void both_directions_at_once(void)
{
    int c, s;

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * 31 + i / 255);
    tls_pair(1, &c, &s);
    int b = bundle();
    CHECK(bundle_go(b, sends_much(c)) == 0 && bundle_go(b, sends_much(s)) == 0);
    CHECK(brecv(s, buf, sizeof buf, LATER) == 0 && memcmp(buf, text, sizeof buf) == 0);
    CHECK(brecv(c, buf, sizeof buf, LATER) == 0 && memcmp(buf, text, sizeof buf) == 0);
    CHECK(bundle_wait(b, LATER) == 0);
    hclose(b);
    hclose(c);
    hclose(s);
}

static void directions_end_and_break_each_for_itself(void)
{
    int c, s;

    tls_pair(0, &c, &s);
    CHECK(tls_done(c, LATER) == 0);
    FAILS(tls_done(c, LATER), EPIPE);
    FAILS(bsend(c, "x", 1, LATER), EPIPE);
    FAILS(brecv(s, buf, 1, LATER), EPIPE);
    FAILS(brecv(s, buf, 1, LATER), EPIPE);
    CHECK(bsend(s, "still", 5, LATER) == 0 && brecv(c, buf, 5, LATER) == 0);
    FAILS(brecv(c, buf, 1, SOON), ETIMEDOUT);
    FAILS(brecv(c, buf, 1, SOON), ECONNRESET);
    FAILS(tls_detach(c, LATER), ECONNRESET);
    FAILS(hclose(c), EBADF);
    hclose(s);

    /* Cut, and not ended. */
    tls_pair(0, &c, &s);
    CHECK(hclose(c) == 0);
    FAILS(brecv(s, buf, 1, LATER), ECONNRESET);
    FAILS(tls_detach(s, LATER), ECONNRESET);
}

static void a_handshake_that_fails_is_a_failure(void)
{
    int peer, s = with_peer(&peer);

    PEER_WRITES(peer, "This is no handshake at all, whatever it may be.\r\n");
    FAILS(tls_attach_server(s, cert, key, LATER), EFAULT);
    peer_reads(peer, buf, sizeof buf);
    CHECK(is_closed(peer));
    FAILS(hclose(s), EBADF);
    close(peer);
    s = with_peer(&peer);
    PEER_WRITES(peer, "HTTP/1.1 400 Bad Request\r\n\r\n");
    FAILS(tls_attach_client(s, LATER), EFAULT);
    close(peer);
    s = with_peer(&peer);
    close(peer);
    FAILS(tls_attach_client(s, LATER), ECONNRESET);
}

static void a_silent_peer_does_not_outlast_the_deadline(void)
{
    int peer, s = with_peer(&peer);

    FAILS(tls_attach_server(s, cert, key, now() + 100), ETIMEDOUT);
    CHECK(is_closed(peer));
    close(peer);
    s = with_peer(&peer);
    FAILS(tls_attach_client(s, now() + 100), ETIMEDOUT);
    close(peer);
    int c;
    tls_pair(0, &c, &s);
    FAILS(tls_detach(c, SOON), ETIMEDOUT);
    FAILS(hclose(c), EBADF);
    hclose(s);
}

static coroutine void handshakes(int s, int *error)
{
    *error = tls_attach_client(s, -1) < 0 ? errno : 0;
}

static coroutine void receives(int s, int *error)
{
    *error = brecv(s, buf, 1, -1) < 0 ? errno : 0;
}

static void cancelled_and_closed_while_blocked(void)
{
    int peer, s = with_peer(&peer), error = -1, c;

    int cr = go(handshakes(s, &error));
    CHECK(cr >= 0 && error == -1);
    CHECK(hclose(cr) == 0);
    CHECK_EQ(error, ECANCELED);
    FAILS(hclose(s), EBADF);
    peer_reads(peer, buf, sizeof buf);
    CHECK(is_closed(peer));
    close(peer);

    tls_pair(0, &c, &s);
    error = -1;
    cr = go(receives(c, &error));
    CHECK(hclose(cr) == 0 && error == ECANCELED);
    FAILS(brecv(c, buf, 1, 0), ECONNRESET);
    error = -1;
    cr = go(receives(s, &error));
    CHECK(cr >= 0);
    FAILS(brecv(s, buf, 1, 0), EBUSY);
    CHECK(hclose(s) == 0 && bundle_wait(cr, LATER) == 0);
    CHECK_EQ(error, ECONNRESET);
    hclose(cr);
    hclose(c);
}

static void bad_arguments(void)
{
    int peer, s = with_peer(&peer), b = bundle();

    FAILS(tls_attach_server(s, "/tmp/relink-no-such-file", key, LATER), EFAULT);
    CHECK(is_closed(peer));
    close(peer);
    s = with_peer(&peer);
    FAILS(tls_attach_server(s, cert, other_key, LATER), EFAULT);
    close(peer);
    s = with_peer(&peer);
    FAILS(tls_attach_server(s, NULL, key, LATER), EINVAL);
    close(peer);
    s = with_peer(&peer);
    FAILS(tls_attach_client_mem(s, NULL, LATER), EINVAL);
    CHECK(is_closed(peer));
    close(peer);
    s = with_peer(&peer);
    FAILS(tls_attach_server_mem(s, cert, key, NULL, LATER), EINVAL);
    close(peer);
    FAILS(tls_attach_client(b, LATER), EPROTO);
    FAILS(hclose(b), EBADF);
    FAILS(tls_attach_client(-1, LATER), EBADF);
    s = with_peer(&peer);
    FAILS(tls_done(s, LATER), ENOTSUP);
    FAILS(tls_detach(s, LATER), ENOTSUP);
    CHECK(hclose(s) == 0);
    close(peer);
}

static coroutine void verifies(int s, const char *name, const char *trusted, int *result)
{
    *result = relink_dill_tls_attach_client(s, name, trusted, LATER);
    if (*result < 0)
        *result = -errno;
}

static void reach(const char *name, const char *trusted, int expected)
{
    int pair[2], result = 0, server = 0;

    CHECK(ipc_pair(pair) == 0);
    int b = bundle();
    CHECK(bundle_go(b, verifies(pair[0], name, trusted, &result)) == 0);
    CHECK(bundle_go(b, attach_server(pair[1], &server)) == 0);
    CHECK(bundle_wait(b, LATER) == 0);
    hclose(b);
    if (expected == 0)
        CHECK(result >= 0);
    else
        CHECK_EQ(result, -expected);
    if (result >= 0)
        hclose(result);
    if (server >= 0)
        hclose(server);
}

static void clients_that_verify_reach_whom_they_mean(void)
{
    reach("server.example", cert, 0);
    reach(NULL, cert, 0);
    reach("other.example", cert, EFAULT);
    reach("server.example", NULL, EFAULT);
    reach("127.0.0.1", cert, EFAULT);
    reach("server.example", "/tmp/relink-no-such-file", EFAULT);
}

/* A bytestream of the program's, between TLS and the socket. It counts what is asked for. */
struct through {
    struct hvfs hvfs;
    struct bsock_vfs bvfs;
    int below;
    size_t sent, received;
};

static void *through_query(struct hvfs *vfs, const void *type)
{
    struct through *self = (struct through *)vfs;

    if (type == bsock_type)
        return &self->bvfs;
    /* As lazy protocols do: what is not known is what is below. */
    return hquery(self->below, type);
}

static void through_close(struct hvfs *vfs)
{
    hclose(((struct through *)vfs)->below);
}

static struct through *through_of(struct bsock_vfs *vfs)
{
    return (struct through *)((char *)vfs - offsetof(struct through, bvfs));
}

static int through_send(struct bsock_vfs *vfs, struct iolist *first, struct iolist *last, int64_t deadline)
{
    for (struct iolist *it = first; it; it = it->iol_next)
        through_of(vfs)->sent += it->iol_len;
    return bsendl(through_of(vfs)->below, first, last, deadline);
}

static int through_receive(struct bsock_vfs *vfs, struct iolist *first, struct iolist *last, int64_t deadline)
{
    for (struct iolist *it = first; it; it = it->iol_next)
        through_of(vfs)->received += it->iol_len;
    return brecvl(through_of(vfs)->below, first, last, deadline);
}

static int attach_through(struct through *self, int below)
{
    *self = (struct through){ { through_query, through_close }, { through_send, through_receive }, hown(below), 0, 0 };
    return hmake(&self->hvfs);
}

static void a_bytestream_of_the_programs_is_not_read_ahead(void)
{
    int pair[2], server = 0, below_c, below_s = -2;
    struct through left, right;

    CHECK(ipc_pair(pair) == 0);
    int c = attach_through(&left, pair[0]), s = attach_through(&right, pair[1]);
    int cr = go(attach_server(s, &server));
    CHECK(cr >= 0);
    c = tls_attach_client(c, LATER);
    CHECK(c >= 0 && bundle_wait(cr, LATER) == 0 && server >= 0);
    hclose(cr);
    /* And messages on top of it all. */
    c = ws_attach_client(c, WS_NOHTTP, NULL, NULL, -1);
    server = ws_attach_server(server, WS_NOHTTP, NULL, 0, NULL, 0, -1);
    CHECK(msend(c, text, 50000, LATER) == 0);
    CHECK_EQ(mrecv(server, buf, sizeof buf, LATER), 50000);
    CHECK(memcmp(buf, text, 50000) == 0);
    CHECK(ws_done(c, 1000, NULL, 0, LATER) == 0 && ws_done(server, 1000, NULL, 0, LATER) == 0);
    c = ws_detach(c, 0, NULL, 0, LATER);
    server = ws_detach(server, 0, NULL, 0, LATER);
    CHECK(c >= 0 && server >= 0);
    cr = go(finish(server, &below_s));
    below_c = tls_detach(c, LATER);
    CHECK(below_c >= 0 && bundle_wait(cr, LATER) == 0 && below_s >= 0);
    hclose(cr);
    /* Exactly what was sent was received. */
    CHECK_EQ(left.sent, right.received);
    CHECK_EQ(right.sent, left.received);
    CHECK(hclose(below_c) == 0 && hclose(below_s) == 0);
}

int main(void)
{
    write_certificate();
    bytes_go_both_ways_and_the_socket_goes_on_without();
    plain_bytes_right_behind_the_goodbye_are_not_taken();
    both_directions_at_once();
    directions_end_and_break_each_for_itself();
    a_handshake_that_fails_is_a_failure();
    a_silent_peer_does_not_outlast_the_deadline();
    cancelled_and_closed_while_blocked();
    bad_arguments();
    clients_that_verify_reach_whom_they_mean();
    a_bytestream_of_the_programs_is_not_read_ahead();
    remove_certificate();
    return 0;
}
