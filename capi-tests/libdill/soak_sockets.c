/* Memory, descriptors and handles stay where they are, whatever sockets do for how long.
 * harness: libs -lpthread
 * harness: ours-only the original leaks a handle with each socket that it closes in order
 * harness: timeout 120
 */
#include "sockets.h"
#include <dirent.h>
#include <malloc.h>

static char buf[70000];

static coroutine void server(int s)
{
    char resource[64], host[64];
    ssize_t size;

    s = ws_attach_server(s, WS_TEXT, resource, sizeof resource, host, sizeof host, LATER);
    CHECK(s >= 0);
    static char in[70000];
    while ((size = mrecv(s, in, sizeof in, LATER)) >= 0)
        CHECK(msend(s, in, size, LATER) == 0);
    CHECK((s = ws_detach(s, 1000, NULL, 0, LATER)) >= 0);
    CHECK(tcp_close(s, LATER) == 0);
}

static void websocket(int round)
{
    int pair[2];

    tcp_pair(pair);
    int cr = go(server(pair[1]));
    int s = ws_attach_client(pair[0], WS_TEXT, "/", "host", LATER);
    CHECK(cr >= 0 && s >= 0);
    for (int i = 0; i < 3; i++) {
        size_t size = (size_t)(round * 7919 + i * 104729) % 66000;
        CHECK(msend(s, buf, size, LATER) == 0);
        CHECK_EQ(mrecv(s, buf, sizeof buf, LATER), size);
    }
    CHECK((s = ws_detach(s, 1000, "bye", 3, LATER)) >= 0);
    CHECK(tcp_close(s, LATER) == 0 && bundle_wait(cr, LATER) == 0 && hclose(cr) == 0);
}

static coroutine void blocked(int s)
{
    CHECK(mrecv(s, NULL, 100, -1) == -1);
}

static void cancelled_and_refused(void)
{
    int pair[2], ch[2], peer, s;

    CHECK(ipc_pair(pair) == 0 && chmake(ch) == 0);
    pair[0] = suffix_attach(pair[0], "\n", 1);
    int cr = go(blocked(pair[0]));
    CHECK(bsend(pair[1], "begun", 5, LATER) == 0 && yield() == 0);
    CHECK(hclose(cr) == 0 && hclose(pair[0]) == 0 && hclose(pair[1]) == 0 && hclose(ch[0]) == 0 && hclose(ch[1]) == 0);
    s = with_peer(&peer);
    PEER_WRITES(peer, "GET / HTTP/1.1\r\nnonsense\r\n\r\n");
    FAILS(ws_attach_server(s, WS_TEXT, buf, 10, buf + 10, 10, LATER), EPROTO);
    close(peer);
    CHECK(ipc_pair(pair) == 0 && ipc_sendfd(pair[0], 0, LATER) == 0 && ipc_sendfd(pair[0], 0, LATER) == 0);
    int fd = ipc_recvfd(pair[1], LATER);
    CHECK(fd >= 0);
    close(fd);
    CHECK(hclose(pair[0]) == 0 && hclose(pair[1]) == 0);
    s = http_attach(with_peer(&peer));
    PEER_WRITES(peer, "GET / HTTP/1.1\r\nunfinished");
    CHECK(http_recvrequest(s, buf, 10, buf + 10, 10, LATER) == 0 && hclose(s) == 0);
    close(peer);
    /* Frames that break the protocol, and that nobody receives. */
    s = ws_attach_server(with_peer(&peer), WS_NOHTTP, NULL, 0, NULL, 0, LATER);
    PEER_WRITES(peer, "\x89\x80\1\2\3\4\x81\xfe\x01\0\1\2\3\4half");
    FAILS(mrecv(s, buf, 10, LATER), EMSGSIZE);
    CHECK(hclose(s) == 0);
    close(peer);
}

static int descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

int main(void)
{
    size_t memory = 0;
    int open_descriptors = 0, handle = -1, largest = 0;

    for (int round = 0; round < 1500; round++) {
        websocket(round);
        cancelled_and_refused();
        handle = bundle();
        largest = handle > largest ? handle : largest;
        hclose(handle);
        if (round == 500) {
            memory = mallinfo2().uordblks;
            open_descriptors = descriptors();
        }
    }
    CHECK_EQ(descriptors(), open_descriptors);
    CHECK(largest < 256);
    CHECK(mallinfo2().uordblks <= memory + 4096);
    return 0;
}
