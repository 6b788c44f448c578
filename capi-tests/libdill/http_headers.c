/* HTTP headers: what is on the wire, and what is made of it. Printed, and compared with the original. */
#include "sockets.h"

static char first[64], second[64];

static void say_request(int s)
{
    memset(first, 0, sizeof first);
    memset(second, 0, sizeof second);
    errno = 0;
    int rc = http_recvrequest(s, first, 8, second, 16, SOON);
    printf("  %s \"%s\" \"%s\"\n", rc < 0 ? error_name(errno) : "request", rc < 0 ? "" : first, rc < 0 ? "" : second);
}

static void say_status(int s)
{
    memset(first, 0, sizeof first);
    errno = 0;
    int rc = http_recvstatus(s, first, 16, SOON);
    printf("  %s %d \"%s\"\n", rc < 0 ? error_name(errno) : "status", rc, rc < 0 ? "" : first);
}

static void say_field(int s)
{
    memset(first, 0, sizeof first);
    memset(second, 0, sizeof second);
    errno = 0;
    int rc = http_recvfield(s, first, 16, second, 16, SOON);
    printf("  %s \"%s\" \"%s\"\n", rc < 0 ? error_name(errno) : "field", rc < 0 ? "" : first, rc < 0 ? "" : second);
}

static void sending(void)
{
    int peer, s = http_attach(with_peer(&peer)), h;

    CHECK(s >= 0);
    SAY(http_sendrequest(s, "GET", "/x?y=z", -1));
    SAY(http_sendrequest(s, "G T", "/x", -1));
    SAY(http_sendrequest(s, "GET", "/x\t", -1));
    SAY(http_sendrequest(s, "GET", "/x\n", -1));
    SAY(http_sendfield(s, "Host", "h", -1));
    SAY(http_sendfield(s, "Padded", "  a b  ", -1));
    SAY(http_sendfield(s, "", "no name", -1));
    SAY(http_sendfield(s, "a:b", "x", -1));
    SAY(http_sendfield(s, "a b", "x", -1));
    SAY(http_sendfield(s, "a[0]", "x", -1));
    SAY(http_sendfield(s, "empty", "", -1));
    say_written(peer);
    SAY(http_done(s, -1));
    SAY(http_done(s, -1));
    say_written(peer);
    SAY(msend(s, "x", 1, -1));
    SAY(bsend(s, "x", 1, -1));
    PEER_WRITES(peer, "\r\nbody");
    SAY_MADE(h, http_detach(s, LATER));
    SAY(brecv(h, first, 4, LATER));
    printf("%.4s\n", first);
    s = http_attach(h);
    SAY(http_sendstatus(s, 101, "Switching Protocols", -1));
    SAY(http_sendstatus(s, 99, "x", -1));
    SAY(http_sendstatus(s, 600, "x", -1));
    SAY(http_sendstatus(s, 599, "", -1));
    say_written(peer);
    PEER_WRITES(peer, "HTTP/1.1 200 OK\r\nDropped: yes\r\nDropped: too\r\n\r\nnext");
    say_status(s);
    SAY_MADE(h, http_detach(s, LATER));
    say_written(peer);
    SAY(brecv(h, first, 4, LATER));
    hclose(h);
    close(peer);
}

static void receiving(void)
{
    int peer, s = http_attach(with_peer(&peer)), h;

    PEER_WRITES(peer, "GET /a/b HTTP/1.1\r\n  PUT   /  HTTP/1.0\r\nGET\r\nGET \r\nGET /\r\nGET / \r\nGET / HTTP/1.1 x\r\nGET / HTTPS/1.10\r\n");
    for (int i = 0; i < 8; i++)
        say_request(s);
    PEER_WRITES(peer, "LONGCOMMAND / HTTP/1.1\r\nGET /0123456789012345 HTTP/1.1\r\nGET /01234567890123 HTTP/1.1\r\n");
    for (int i = 0; i < 3; i++)
        say_request(s);
    PEER_WRITES(peer, "HTTP/1.1 200 OK\r\nHTTP/1.0   404   Not Found\r\nHTTP/1.1 20 OK\r\nHTTP/1.1 2000 OK\r\nHTTP/1.1 abc OK\r\nHTTP/1.1\r\nHTTP/1.1 204 \r\nHTTP/1.1 500 0123456789012345\r\nHTTP/1.1 007 x\r\n");
    for (int i = 0; i < 9; i++)
        say_status(s);
    PEER_WRITES(peer, "Host: h\r\na:b\r\n  lead: x\r\nSpaced  :   v\r\nEmpty:\r\nno colon\r\ntwo words: x\r\na: b: c\r\ntab:\tx\r\n0123456789012345: x\r\nname: 0123456789012345\r\n:\r\n");
    for (int i = 0; i < 12; i++)
        say_field(s);
    PEER_WRITES(peer, "\r\nbody");
    say_field(s);
    SAY_MADE(h, http_detach(s, LATER));
    SAY(brecv(h, first, 4, LATER));
    printf("%.4s\n", first);
    s = http_attach(h);
    PEER_WRITES(peer, "Hal");
    say_field(s);
    PEER_WRITES(peer, "f: x\r\n");
    say_field(s);
    SAY(http_sendfield(s, "still", "sent", -1));
    SAY(http_done(s, -1));
    hclose(s);
    close(peer);
}

static void whole_lines_and_nothing_more(void)
{
    int peer, s = http_attach(with_peer(&peer));
    char long_line[1100];

    memset(long_line, 'v', sizeof long_line);
    memcpy(long_line, "Name: ", 6);
    memcpy(long_line + 1000, "\r\n", 2);
    peer_writes(peer, long_line, 1002);
    CHECK(http_recvfield(s, first, sizeof first, long_line, sizeof long_line, LATER) == 0);
    printf("%s %zu\n", first, strlen(long_line));
    close(peer);
    say_field(s);
    say_field(s);
    SAY(http_detach(s, SOON));
}

static void others(void)
{
    int b = bundle(), peer, s = with_peer(&peer);

    SAY(http_attach(b));
    SAY(http_attach(-1));
    SAY(hclose(b));
    SAY(http_done(s, -1));
    SAY(http_detach(s, -1));
    SAY(http_sendrequest(s, "GET", "/", -1));
    SAY(http_recvfield(s, first, 8, second, 8, -1));
    SAY(http_sendfield(-1, "a", "b", -1));
    SAY(http_recvstatus(-1, first, 8, -1));
    SAY(http_detach(-1, -1));
    SAY(hclose(s));
    close(peer);
}

int main(void)
{
    sending();
    receiving();
    whole_lines_and_nothing_more();
    others();
    return 0;
}
