/* RELINK_TRACE tells of every message once, by the socket that the program uses.
 * harness: ours-only the original tells nothing
 */
#include <libdill.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "check.h"

static coroutine void peer(int s)
{
    char text[100];

    s = prefix_attach(s, 2, 0);
    CHECK(s >= 0 && mrecv(s, text, sizeof text, -1) == 5 && msend(s, "\x00\x01", 2, -1) == 0);
    s = suffix_attach(prefix_detach(s), "\r\n", 2);
    CHECK(s >= 0 && mrecv(s, text, sizeof text, -1) == 3);
    s = http_attach(suffix_detach(s, -1));
    CHECK(s >= 0 && http_recvrequest(s, text, 50, text + 50, 50, -1) == 0);
    CHECK((s = http_detach(s, -1)) >= 0);
    s = ws_attach_server(s, WS_TEXT | WS_NOHTTP, NULL, 0, NULL, 0, -1);
    CHECK(s >= 0 && mrecv(s, text, sizeof text, -1) == 2 && hclose(s) == 0);
}

static coroutine void answer(int ch)
{
    int number;

    CHECK(chrecv(ch, &number, sizeof number, -1) == 0 && chsend(ch, "yes", 3, -1) == 0 && chdone(ch) == 0);
}

static void converse(void)
{
    struct ipaddr addr;
    char text[100];
    int s[2], h, u, number = 7;
    struct chclause clause = {CHRECV, 0, text, 3};

    CHECK(chmake(s) == 0);
    h = go(answer(s[1]));
    CHECK(chsend(s[0], &number, sizeof number, -1) == 0);
    clause.ch = s[0];
    CHECK(choose(&clause, 1, -1) == 0 && errno == 0);
    CHECK(bundle_wait(h, -1) == 0 && hclose(h) == 0 && hclose(s[0]) == 0 && hclose(s[1]) == 0);

    CHECK(ipc_pair(s) == 0);
    h = go(peer(s[1]));
    s[0] = prefix_attach(s[0], 2, 0);
    CHECK(msend(s[0], "hello", 5, -1) == 0 && mrecv(s[0], text, sizeof text, -1) == 2);
    s[0] = suffix_attach(prefix_detach(s[0]), "\r\n", 2);
    CHECK(msend(s[0], "abc", 3, -1) == 0);
    s[0] = http_attach(suffix_detach(s[0], -1));
    CHECK(http_sendrequest(s[0], "GET", "/x", -1) == 0);
    CHECK((s[0] = http_detach(s[0], -1)) >= 0);
    s[0] = ws_attach_client(s[0], WS_TEXT | WS_NOHTTP, NULL, NULL, -1);
    CHECK(msend(s[0], "hi", 2, -1) == 0);
    CHECK(bundle_wait(h, -1) == 0 && hclose(h) == 0 && hclose(s[0]) == 0);

    CHECK(ipc_pair(s) == 0);
    CHECK(bsend(s[0], "bytes", 5, -1) == 0 && brecv(s[1], text, 5, -1) == 0);
    CHECK(hclose(s[0]) == 0 && hclose(s[1]) == 0);

    CHECK(ipaddr_local(&addr, "127.0.0.1", 0, IPADDR_IPV4) == 0);
    u = udp_open(&addr, NULL);
    CHECK(u >= 0 && udp_send(u, &addr, "datagram", 8) == 0 && udp_recv(u, NULL, text, sizeof text, -1) == 8);
    CHECK(hclose(u) == 0);
}

/* The lines of the trace, without times and processes. */
static void show(const char *file)
{
    char line[1000];
    FILE *trace = fopen(file, "r");

    CHECK(trace != NULL);
    while (fgets(line, sizeof line, trace)) {
        const char *begin = strstr(line, "libdill #");

        CHECK(begin != NULL);
        fputs(begin, stdout);
    }
    fclose(trace);
}

int main(void)
{
    int status;
    pid_t child;
    char file[] = "/tmp/relink-libdill-trace-XXXXXX";

    close(mkstemp(file));
    /* The trace's file stays open to the end of the process. */
    child = fork();
    if (child == 0) {
        CHECK(setenv("RELINK_TRACE", file, 1) == 0);
        converse();
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    show(file);
    CHECK(unlink(file) == 0);
    return 0;
}
