/* PREFIX, SUFFIX and TERM: what is on the wire, and what is made of it. Printed, and compared with the original. */
#include "sockets.h"

static char buf[64];
/* Milliseconds that a message may take: some are not to come. */
static int patience = 50;

static void say_message(int s, size_t room)
{
    ssize_t size;

    memset(buf, 0, sizeof buf);
    errno = 0;
    size = mrecv(s, buf, room, now() + patience);
    if (size < 0)
        printf("  %s\n", error_name(errno));
    else
        printf("  %zd \"%.*s\"\n", size, (int)(size < 20 ? size : 20), buf);
}

static void prefix(void)
{
    static const struct {
        int length, flags;
    } headers[] = { { 1, 0 }, { 2, 0 }, { 4, 0 }, { 8, 0 }, { 11, 0 }, { 2, PREFIX_LITTLE_ENDIAN }, { 11, PREFIX_LITTLE_ENDIAN } };
    int peer, s, h, pair[2];

    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        s = prefix_attach(with_peer(&peer), headers[i].length, headers[i].flags);
        CHECK(s >= 0);
        printf("prefix of %d, %d\n", headers[i].length, headers[i].flags);
        SAY(msend(s, "ABC", 3, -1));
        say_written(peer);
        SAY(msend(s, NULL, 0, -1));
        say_written(peer);
        hclose(s);
        close(peer);
        CHECK(ipc_pair(pair) == 0);
        pair[0] = prefix_attach(pair[0], headers[i].length, headers[i].flags);
        pair[1] = prefix_attach(pair[1], headers[i].length, headers[i].flags);
        SAY(msend(pair[0], "to and fro", 10, -1));
        SAY(msend(pair[0], "", 0, -1));
        SAY(msend(pair[0], "0123456789012345678901234567890123456789", 40, -1));
        say_message(pair[1], 10);
        say_message(pair[1], 0);
        say_message(pair[1], 64);
        hclose(pair[0]);
        hclose(pair[1]);
    }

    s = prefix_attach(with_peer(&peer), 2, 0);
    PEER_WRITES(peer, "\0\3ABC\0\0\0\2DE\0\5FGHIJ\0\1K");
    say_message(s, 3);
    say_message(s, 3);
    SAY(mrecvl(s, NULL, NULL, -1));
    say_message(s, 4);
    say_message(s, 4);
    SAY(msend(s, "still", 5, -1));
    say_written(peer);
    SAY(prefix_detach(s));
    printf("closed: %d\n", is_closed(peer));
    close(peer);

    s = prefix_attach(with_peer(&peer), 2, 0);
    PEER_WRITES(peer, "\0\3ABCrest");
    say_message(s, 3);
    SAY_MADE(h, prefix_detach(s));
    SAY(brecv(h, buf, 4, -1));
    printf("%.4s\n", buf);
    s = prefix_attach(h, 2, 0);
    close(peer);
    say_message(s, 3);
    say_message(s, 3);
    SAY(prefix_detach(s));
    SAY(prefix_detach(99));

    s = with_peer(&peer);
    SAY(prefix_detach(s));
    printf("closed: %d\n", is_closed(peer));
    SAY(hclose(s));
    close(peer);
    s = with_peer(&peer);
    SAY(prefix_attach(s, 0, 0));
    printf("closed: %d\n", is_closed(peer));
    close(peer);
    SAY(prefix_attach(99, 2, 0));
    h = bundle();
    SAY(prefix_attach(h, 2, 0));
    SAY(hclose(h));

    s = prefix_attach(with_peer(&peer), 2, 0);
    PEER_WRITES(peer, "\0\3A");
    say_message(s, 3);
    PEER_WRITES(peer, "BC");
    say_message(s, 3);
    hclose(s);
    close(peer);
}

static void lists(void)
{
    char a[2], b[3];
    struct iolist in2 = { b, 3, NULL, 0 }, in1 = { a, 2, &in2, 0 };
    struct iolist out2 = { (void *)"DE", 2, NULL, 0 }, out1 = { (void *)"ABC", 3, &out2, 0 };
    int peer, s = prefix_attach(with_peer(&peer), 1, 0);

    SAY(msendl(s, &out1, &out2, -1));
    say_written(peer);
    PEER_WRITES(peer, "\5abcde\2fg\3hij");
    SAY(mrecvl(s, &in1, &in2, SOON));
    printf("%.2s %.3s\n", a, b);
    SAY(mrecvl(s, &in1, &in2, SOON));
    printf("%.2s %.3s\n", a, b);
    SAY(mrecvl(s, &in1, &in2, SOON));
    printf("%.2s %.3s\n", a, b);
    printf("%zu %d %d\n", in2.iol_len, in1.iol_next == &in2, in2.iol_next == NULL);
    SAY(msendl(s, &out1, NULL, -1));
    SAY(msendl(s, NULL, NULL, -1));
    SAY(mrecvl(s, NULL, &in2, -1));
    SAY(msendl(s, &out1, &out2, -1));
    hclose(s);
    close(peer);
}

static void suffix(void)
{
    int peer, s = suffix_attach(with_peer(&peer), "\r\n", 2), h;

    SAY(msend(s, "ABC", 3, -1));
    SAY(msend(s, NULL, 0, -1));
    say_written(peer);
    PEER_WRITES(peer, "ABC\r\n\r\nD\rE\nF\r\r\n\r\nlast\r\nrest");
    say_message(s, 10);
    say_message(s, 10);
    say_message(s, 10);
    say_message(s, 10);
    say_message(s, 4);
    SAY_MADE(h, suffix_detach(s, -1));
    SAY(brecv(h, buf, 4, -1));
    printf("%.4s\n", buf);
    s = suffix_attach(h, "aab", 3);
    PEER_WRITES(peer, "aaab");
    say_message(s, 10);
    PEER_WRITES(peer, "xaaxaab");
    say_message(s, 10);
    PEER_WRITES(peer, "begun");
    say_message(s, 10);
    say_message(s, 10);
    SAY(msend(s, "still", 5, -1));
    say_written(peer);
    SAY(suffix_detach(s, -1));
    close(peer);

    s = suffix_attach(with_peer(&peer), "0123456789012345678901234567890123456789", 32);
    SAY(msend(s, "ABC", 3, -1));
    say_written(peer);
    close(peer);
    say_message(s, 10);
    say_message(s, 10);
    SAY(suffix_detach(s, -1));
    s = with_peer(&peer);
    SAY(suffix_attach(s, "0123456789012345678901234567890123456789", 33));
    printf("closed: %d\n", is_closed(peer));
    close(peer);
    s = with_peer(&peer);
    SAY(suffix_attach(s, "", 0));
    close(peer);
    s = with_peer(&peer);
    SAY(suffix_attach(s, NULL, 1));
    close(peer);
    SAY(suffix_attach(99, "\n", 1));
    h = bundle();
    SAY(suffix_attach(h, "\n", 1));
    SAY(hclose(h));
    s = with_peer(&peer);
    SAY(suffix_detach(s, -1));
    printf("closed: %d\n", is_closed(peer));
    close(peer);
}

static void term(void)
{
    int peer, s = term_attach(prefix_attach(with_tcp_peer(&peer), 1, 0), "BYE", 3), h;

    patience = 30000;
    SAY(msend(s, "ABC", 3, -1));
    PEER_WRITES(peer, "\5hello\6BYEBYE\1B\0\3BYE\5after");
    say_message(s, 10);
    say_message(s, 10);
    say_message(s, 10);
    say_message(s, 10);
    say_message(s, 10);
    SAY(term_done(s, -1));
    SAY(term_done(s, -1));
    say_written(peer);
    SAY_MADE(h, term_detach(s, LATER));
    say_message(h, 10);
    s = term_attach(h, NULL, 0);
    PEER_WRITES(peer, "\3one\3two\0rest");
    say_message(s, 10);
    SAY_MADE(h, term_detach(s, LATER));
    say_written(peer);
    SAY_MADE(h, prefix_detach(h));
    SAY(brecv(h, buf, 4, LATER));
    SAY(term_attach(h, "x", 1));
    close(peer);

    s = term_attach(prefix_attach(with_tcp_peer(&peer), 1, 0), "BYE", 3);
    PEER_WRITES(peer, "\6no end");
    SAY(term_detach(s, SOON));
    printf("sent %zu\n", peer_reads(peer, buf, sizeof buf));
    printf("closed: %d\n", is_closed(peer));
    close(peer);
    s = with_tcp_peer(&peer);
    SAY(term_detach(s, -1));
    SAY(term_done(s, -1));
    SAY(hclose(s));
    close(peer);
    SAY(term_attach(-1, "x", 1));
}

int main(void)
{
    prefix();
    lists();
    suffix();
    term();
    return 0;
}
