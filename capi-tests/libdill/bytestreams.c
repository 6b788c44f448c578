/* TCP and IPC as bytestreams: deadlines, ends, what stays broken, lists of buffers. Printed, and compared with the
 * original.
 */
#include "sockets.h"

static const char *kind;

static void pair_of(int pair[2])
{
    if (strcmp(kind, "tcp") == 0)
        tcp_pair(pair);
    else
        CHECK(ipc_pair(pair) == 0);
}

static int done(int s)
{
    return strcmp(kind, "tcp") == 0 ? tcp_done(s, -1) : ipc_done(s, -1);
}

static int close_in_order(int s, int64_t deadline)
{
    return strcmp(kind, "tcp") == 0 ? tcp_close(s, deadline) : ipc_close(s, deadline);
}

static coroutine void finish(int s)
{
    SAY(close_in_order(s, LATER));
}

static void exchange(void)
{
    int s[2];
    char buf[16] = "";

    pair_of(s);
    SAY(bsend(s[0], "ABCDEF", 6, -1));
    SAY(brecv(s[1], buf, 2, -1));
    SAY(brecv(s[1], buf + 2, 4, LATER));
    printf("%s: %s\n", kind, buf);
    SAY(bsend(s[0], NULL, 0, -1));
    SAY(brecv(s[1], NULL, 0, 0));
    SAY(brecv(s[1], buf, 0, 0));
    SAY(bsend(s[0], "skip this ABC", 13, -1));
    SAY(brecv(s[1], NULL, 10, -1));
    memset(buf, 0, sizeof buf);
    SAY(brecv(s[1], buf, 3, -1));
    printf("%s: %s\n", kind, buf);
    SAY(msend(s[0], "x", 1, -1));
    SAY(mrecv(s[0], buf, 1, -1));
    SAY(hclose(s[0]));
    SAY(hclose(s[1]));
    SAY(hclose(s[1]));
    SAY(brecv(s[1], buf, 1, 0));
    SAY(bsend(s[1], buf, 1, 0));
}

static void timing_out_breaks_a_direction(void)
{
    int s[2];
    char buf[4];

    pair_of(s);
    SAY(brecv(s[0], buf, 1, 0));
    SAY(bsend(s[1], "A", 1, -1));
    SAY(brecv(s[0], buf, 1, -1));
    SAY(bsend(s[0], "B", 1, -1));
    SAY(brecv(s[1], buf, 2, SOON));
    SAY(brecv(s[1], buf, 1, 0));
    SAY(close_in_order(s[0], SOON));
    SAY(close_in_order(s[1], SOON));
}

static void ends(void)
{
    int s[2];
    char buf[4];

    pair_of(s);
    SAY(bsend(s[0], "ABC", 3, -1));
    SAY(done(s[0]));
    SAY(done(s[0]));
    SAY(bsend(s[0], "D", 1, -1));
    SAY(brecv(s[1], buf, 2, -1));
    SAY(brecv(s[1], buf, 2, -1));
    SAY(brecv(s[1], buf, 1, -1));
    SAY(bsend(s[1], "still", 5, -1));
    SAY(brecv(s[0], buf, 1, -1));
    SAY(close_in_order(s[1], LATER));
    SAY(close_in_order(s[0], LATER));

    pair_of(s);
    SAY(bsend(s[1], "lost", 4, -1));
    int cr = go(finish(s[0]));
    CHECK(cr >= 0);
    SAY(close_in_order(s[1], LATER));
    SAY(bundle_wait(cr, -1));
    SAY(hclose(cr));

    pair_of(s);
    SAY(close_in_order(s[0], SOON));
    hclose(s[1]);
}

static void lists(void)
{
    int s[2];
    char a[3], b[3], c[5];
    struct iolist out3 = { (void *)"ef", 2, NULL, 0 };
    struct iolist out2 = { NULL, 0, &out3, 0 };
    struct iolist out1 = { (void *)"abcd", 4, &out2, 0 };
    struct iolist in3 = { c, 3, NULL, 0 };
    struct iolist in2 = { NULL, 2, &in3, 0 };
    struct iolist in1 = { a, 1, &in2, 0 };

    pair_of(s);
    SAY(bsendl(s[0], &out1, &out3, -1));
    SAY(brecvl(s[1], &in1, &in3, -1));
    printf("%.1s %.3s, %d %d %d\n", a, c, out1.iol_rsvd, out2.iol_rsvd, in3.iol_rsvd);
    SAY(bsendl(s[0], NULL, &out3, -1));
    SAY(bsendl(s[0], &out1, NULL, -1));
    SAY(bsendl(s[0], NULL, NULL, -1));
    SAY(bsendl(s[0], &out1, &out2, -1));
    SAY(brecvl(s[1], &in1, &in2, -1));
    SAY(brecvl(s[1], NULL, &in3, -1));
    SAY(bsendl(-1, NULL, NULL, -1));
    SAY(brecvl(77, NULL, &in3, -1));

    /* A chain that was cut before its last item. */
    struct iolist beyond = { b, 3, NULL, 0 };
    if (strcmp(kind, "tcp") == 0) {
        SAY(bsendl(s[0], &out1, &out3, -1));
        SAY(brecvl(s[1], &in1, &beyond, -1));
        printf("%.1s %.3s\n", a, c);
    }
    SAY(hclose(s[0]));
    SAY(hclose(s[1]));
}

/* The length that an error has become: neither memory of the program's is sent, nor overwritten by what the peer sends. */
static void lengths_of_minus_one(void)
{
    enum { ROOM = 8, MORE = 4000 };
    static char sent[MORE];
    int s[2];
    char *bytes = calloc(2, MORE), byte;

    pair_of(s);
    SAY(bsend(s[0], bytes, (size_t)-1, SOON));
    SAY(brecv(s[1], &byte, 1, 0));
    hclose(s[0]);
    hclose(s[1]);

    pair_of(s);
    memset(sent, 'x', sizeof sent);
    SAY(bsend(s[0], sent, sizeof sent, -1));
    SAY(brecv(s[1], bytes, (size_t)-1, SOON));
    printf("beyond the room: %d\n", bytes[ROOM]);
    hclose(s[0]);
    hclose(s[1]);
    free(bytes);
}

static coroutine void receives(int s)
{
    char buf[4];

    SAY(brecv(s, buf, 4, -1));
}

static void one_at_a_time(void)
{
    int s[2];
    char buf[4];

    pair_of(s);
    int cr = go(receives(s[0]));
    CHECK(cr >= 0);
    SAY(brecv(s[0], buf, 1, 0));
    SAY(bsend(s[0], "both ways", 9, -1));
    SAY(bsend(s[1], "ABCD", 4, -1));
    SAY(bundle_wait(cr, LATER));
    SAY(bsend(s[1], "E", 1, -1));
    SAY(brecv(s[0], buf, 1, -1));
    hclose(cr);
    hclose(s[0]);
    hclose(s[1]);
}

static coroutine void cancelled(int s, int other)
{
    char buf[4];

    SAY(msleep(-1));
    SAY(bsend(s, "AB", 2, -1));
    SAY(brecv(other, buf, 1, -1));
    SAY(brecv(s, buf, 1, -1));
    SAY(brecv(s, buf, 1, -1));
    SAY(done(s));
}

static void cancelled_coroutines_do_what_needs_no_waiting(void)
{
    int s[2];

    pair_of(s);
    int cr = go(cancelled(s[0], s[1]));
    CHECK(cr >= 0);
    SAY(hclose(cr));
    SAY(hclose(s[0]));
    SAY(hclose(s[1]));
}

static coroutine void sends_much(int s, char *bytes, size_t length)
{
    SAY(bsend(s, bytes, length, -1));
}

static void more_than_the_system_holds(void)
{
    enum { LENGTH = 3000000 };
    int s[2];
    char *out = malloc(LENGTH), *in = malloc(LENGTH);

    for (int i = 0; i < LENGTH; i++)
        out[i] = (char)(i * 31 + i / 7919);
    pair_of(s);
    int cr = go(sends_much(s[0], out, LENGTH));
    CHECK(cr >= 0);
    CHECK(brecv(s[1], in, 5, -1) == 0);
    CHECK(brecv(s[1], in + 5, 100000, -1) == 0);
    for (int i = 100005; i < LENGTH; i += 5) {
        int length = LENGTH - i < 5 ? LENGTH - i : 5;
        if (brecv(s[1], in + i, length, -1) != 0)
            printf("%d: %s\n", i, error_name(errno));
    }
    printf("same: %d\n", memcmp(in, out, LENGTH) == 0);
    SAY(bundle_wait(cr, -1));
    hclose(cr);

    /* Without a reader, and without waiting. */
    while (bsend(s[0], out, LENGTH, 0) == 0)
        ;
    printf("no more room: %s\n", error_name(errno));
    SAY(bsend(s[0], out, 1, 0));
    SAY(done(s[0]));
    SAY(close_in_order(s[0], -1));
    hclose(s[1]);
    free(out);
    free(in);
}

static void wrong_kinds(void)
{
    struct ipaddr addr;
    int s[2], b = bundle(), listener;

    pair_of(s);
    CHECK(ipaddr_local(&addr, "127.0.0.1", 0, 0) == 0);
    listener = tcp_listen(&addr, 10);
    CHECK(ipaddr_port(&addr) != 0);
    SAY(bsend(b, "x", 1, -1));
    SAY(brecv(listener, NULL, 1, -1));
    SAY(tcp_done(b, -1));
    SAY(tcp_done(listener, -1));
    SAY(tcp_accept(s[0], NULL, 0));
    SAY(tcp_accept(listener, NULL, 0));
    SAY(ipc_accept(listener, 0));
    SAY(tcp_close(b, -1));
    SAY(tcp_close(99, -1));
    SAY(ipc_done(99, -1));
    SAY(tcp_close(listener, -1));
    SAY(hclose(b));
    hclose(s[0]);
    hclose(s[1]);
}

int main(void)
{
    const char *kinds[] = { "tcp", "ipc" };

    for (int i = 0; i < 2; i++) {
        kind = kinds[i];
        printf("== %s\n", kind);
        exchange();
        timing_out_breaks_a_direction();
        ends();
        lists();
        lengths_of_minus_one();
        one_at_a_time();
        cancelled_coroutines_do_what_needs_no_waiting();
        more_than_the_system_holds();
        wrong_kinds();
    }
    return 0;
}
