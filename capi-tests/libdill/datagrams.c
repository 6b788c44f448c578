/* UDP. Printed, and compared with the original. */
#include "sockets.h"

static void open_at_loopback(struct ipaddr *addr, int *s)
{
    CHECK(ipaddr_local(addr, "127.0.0.1", 0, 0) == 0);
    *s = udp_open(addr, NULL);
    CHECK(*s >= 0 && ipaddr_port(addr) != 0);
}

static coroutine void receives(int s)
{
    char buf[8];

    SAY(udp_recv(s, NULL, buf, sizeof buf, -1));
}

static coroutine void cancelled(int s, struct ipaddr addr)
{
    char buf[8];

    SAY(msleep(-1));
    SAY(udp_send(s, &addr, "ABC", 3));
    SAY(udp_recv(s, NULL, buf, 8, -1));
    SAY(udp_recv(s, NULL, buf, 8, -1));
}

int main(void)
{
    struct ipaddr a, b, from, six;
    int s, t, u;
    char buf[16] = "", *large = calloc(1, 70000);
    struct iolist out2 = { (void *)"DE", 2, NULL, 0 }, out1 = { (void *)"ABC", 3, &out2, 0 };
    char one[2], two[8];
    struct iolist in2 = { two, 8, NULL, 0 }, in1 = { one, 2, &in2, 0 };

    open_at_loopback(&a, &s);
    open_at_loopback(&b, &t);
    SAY(udp_send(s, &b, "ABC", 3));
    SAY(udp_recv(t, &from, buf, sizeof buf, LATER));
    printf("%s %d\n", buf, ipaddr_equal(&from, &a, 0));
    SAY(udp_send(s, &b, NULL, 0));
    SAY(udp_recv(t, NULL, buf, sizeof buf, LATER));
    SAY(udp_send(s, NULL, "ABC", 3));
    SAY(udp_send(s, &b, large, 70000));
    SAY(udp_send(s, &b, large, (size_t)-1));
    SAY(udp_recv(t, NULL, large, (size_t)-1, LATER));
    SAY(udp_send(s, &b, "0123456789", 10));
    SAY(udp_recv(t, NULL, buf, 4, LATER));
    SAY(udp_recv(t, NULL, buf, 4, SOON));
    SAY(udp_recv(t, NULL, buf, 4, 0));
    SAY(udp_sendl(s, &b, &out1, &out2));
    SAY(udp_recvl(t, &from, &in1, &in2, LATER));
    printf("%.2s %.3s\n", one, two);
    SAY(udp_sendl(s, &b, &out1, NULL));
    SAY(udp_recvl(t, &from, &in1, NULL, LATER));
    SAY(msend(s, "ABC", 3, -1));
    SAY(bsend(s, "ABC", 3, -1));
    SAY(brecv(s, buf, 3, -1));

    /* Only one peer, which is where messages go. */
    SAY_MADE(u, udp_open(NULL, &b));
    SAY(msend(u, "to the peer", 11, -1));
    SAY(udp_recv(t, &from, buf, sizeof buf, LATER));
    SAY(udp_send(s, &from, "a stranger", 10));
    SAY(udp_send(t, &from, "the peer", 8));
    memset(buf, 0, sizeof buf);
    SAY(mrecv(u, buf, sizeof buf, LATER));
    printf("%s\n", buf);
    SAY(hclose(u));

    int cr = go(receives(t));
    CHECK(cr >= 0);
    SAY(udp_recv(t, NULL, buf, 4, 0));
    SAY(udp_send(t, &a, "x", 1));
    SAY(udp_send(s, &b, "ABC", 3));
    SAY(bundle_wait(cr, LATER));
    hclose(cr);
    cr = go(cancelled(s, a));
    SAY(hclose(cr));

    CHECK(ipaddr_local(&six, "::1", 0, 0) == 0);
    SAY_MADE(u, udp_open(&a, &six));
    SAY_MADE(u, udp_open(&six, &b));
    u = bundle();
    SAY(udp_send(u, &a, "x", 1));
    SAY(udp_recv(u, NULL, buf, 1, 0));
    SAY(udp_send(-1, &a, "x", 1));
    SAY(hclose(u));
    SAY(hclose(s));
    SAY(hclose(t));
    free(large);
    return 0;
}
