/* A server whose clients take all its descriptors, and which tries again when it cannot accept: the coroutines that would
 * give some back go on meanwhile.
 * harness: ours-only the original lets nobody else run
 * harness: timeout 60
 * harness: no-valgrind it lowers the limit of descriptors, and valgrind closes what is accepted beyond it
 */
#include "sockets.h"
#include <fcntl.h>
#include <sys/resource.h>

static coroutine void serves(int s)
{
    char byte;

    FAILS(brecv(s, &byte, 1, LATER), EPIPE);
    CHECK(hclose(s) == 0);
}

/* A client, whose descriptor's number is beyond the server's limit. */
static int client(const struct ipaddr *addr)
{
    int low = socket(AF_INET, SOCK_STREAM, 0), fd = fcntl(low, F_DUPFD, 200);

    CHECK(fd >= 200 && connect(fd, ipaddr_sockaddr(addr), ipaddr_len(addr)) == 0);
    close(low);
    return fd;
}

int main(void)
{
    struct ipaddr addr;
    struct rlimit limit;
    int taken[100], count = 0, b = bundle(), s;

    CHECK(ipaddr_local(&addr, "127.0.0.1", 0, 0) == 0);
    int listener = tcp_listen(&addr, 100);
    CHECK(listener >= 0 && b >= 0);
    int first = client(&addr), second = client(&addr);
    s = tcp_accept(listener, NULL, LATER);
    CHECK(s >= 0 && bundle_go(b, serves(s)) == 0 && msleep(SOON) == 0);
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = 40;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    while ((taken[count] = dup(0)) >= 0)
        count++;

    FAILS(tcp_accept(listener, NULL, LATER), EMFILE);
    /* The one that is served gives its descriptor back, as soon as its coroutine learns that the client has gone. */
    close(first);
    do
        s = tcp_accept(listener, NULL, LATER);
    while (s < 0 && errno == EMFILE);
    CHECK(s >= 0);
    CHECK(bundle_wait(b, LATER) == 0 && hclose(b) == 0 && hclose(s) == 0 && hclose(listener) == 0);
    while (count > 0)
        close(taken[--count]);
    close(second);
    return 0;
}
