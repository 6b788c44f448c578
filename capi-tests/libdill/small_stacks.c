/* How much stack the sockets need: coroutines live on 16 KiB, those with TLS on 32 KiB.
 * harness: libs -lssl -lcrypto
 * harness: ours-only the original has no TLS here, and its sockets overflow
 */
#include "certificate.h"

enum { SMALL = 16 * 1024, LARGE = 32 * 1024 };

static char stacks[2][LARGE] __attribute__((aligned(16)));
static const char mark = (char)0xa5;

static void prepare(void)
{
    memset(stacks, mark, sizeof stacks);
}

/* How deep a stack was used. */
static size_t used(const char *stack, size_t size)
{
    /* The bundle is at the beginning. */
    size_t free_bytes = sizeof(struct bundle_storage);

    while (free_bytes < size && stack[free_bytes] == mark)
        free_bytes++;
    return free_bytes == sizeof(struct bundle_storage) ? size : size - free_bytes;
}

static int failed;

static coroutine void websocket_server(int s)
{
    static char resource[64], host[64], buf[70000];

    s = ws_attach_server(s, WS_TEXT, resource, sizeof resource, host, sizeof host, LATER);
    ssize_t size;
    while (s >= 0 && (size = mrecv(s, buf, sizeof buf, LATER)) >= 0)
        failed |= msend(s, buf, size, LATER) != 0;
    failed |= s < 0 || (s = ws_detach(s, 1000, "bye", 3, LATER)) < 0 || hclose(s) != 0;
}

static coroutine void websocket_client(int s)
{
    static char buf[70000], text[66000];

    memset(text, 'x', sizeof text);
    s = ws_attach_client(s, WS_TEXT, "/", "host", LATER);
    size_t sizes[] = { 0, 100, 5000, 66000 };
    for (int i = 0; s >= 0 && i < 4; i++)
        failed |= msend(s, text, sizes[i], LATER) != 0 || mrecv(s, buf, sizeof buf, LATER) != (ssize_t)sizes[i];
    failed |= s < 0 || (s = ws_detach(s, 1000, "bye", 3, LATER)) < 0 || hclose(s) != 0;
}

static coroutine void line_server(int s)
{
    static char buf[1000];
    ssize_t size;

    s = term_attach(suffix_attach(s, "\r\n", 2), "", 0);
    while ((size = mrecv(s, buf, sizeof buf, LATER)) >= 0)
        failed |= msend(s, buf, size, LATER) != 0;
    failed |= (s = suffix_detach(term_detach(s, LATER), LATER)) < 0 || hclose(s) != 0;
}

static coroutine void line_client(int s)
{
    static char buf[1000];

    s = term_attach(suffix_attach(s, "\r\n", 2), "", 0);
    for (int i = 0; i < 3; i++)
        failed |= msend(s, "hello", 5, LATER) != 0 || mrecv(s, buf, sizeof buf, LATER) != 5;
    failed |= (s = suffix_detach(term_detach(s, LATER), LATER)) < 0 || hclose(s) != 0;
}

static coroutine void proxy(int s)
{
    static char host[256];
    struct ipaddr addr;
    int port;

    failed |= socks5_proxy_auth(s, NULL, LATER) != 0;
    failed |= socks5_proxy_recvcommandbyname(s, host, &port, LATER) != SOCKS5_CONNECT;
    failed |= ipaddr_remote(&addr, "localhost", 80, IPADDR_IPV4, LATER) != 0;
    failed |= socks5_proxy_sendreply(s, SOCKS5_SUCCESS, &addr, LATER) != 0;
    hclose(s);
}

static coroutine void proxied(int s)
{
    failed |= socks5_client_connectbyname(s, "user", "password", "host", 80, LATER) != 0;
    failed |= happyeyeballs_connect("no such name", 80, LATER) != -1 || errno != EADDRNOTAVAIL;
    hclose(s);
}

static coroutine void tls_server(int s)
{
    static char buf[40000];

    s = tls_attach_server(s, cert, key, LATER);
    failed |= s < 0 || brecv(s, buf, sizeof buf, LATER) != 0 || bsend(s, buf, sizeof buf, LATER) != 0;
    failed |= s < 0 || (s = tls_detach(s, LATER)) < 0 || hclose(s) != 0;
}

static coroutine void tls_client(int s)
{
    static char buf[40000];

    s = tls_attach_client(s, LATER);
    failed |= s < 0 || bsend(s, buf, sizeof buf, LATER) != 0 || brecv(s, buf, sizeof buf, LATER) != 0;
    failed |= s < 0 || (s = tls_detach(s, LATER)) < 0 || hclose(s) != 0;
}

#define LIVE_ON(size, left, right)                                                          \
    do {                                                                                    \
        int pair[2], a, b;                                                                  \
        prepare();                                                                          \
        tcp_pair(pair);                                                                     \
        a = go_mem(left(pair[0]), stacks[0], size);                                         \
        b = go_mem(right(pair[1]), stacks[1], size);                                        \
        CHECK(a >= 0 && b >= 0);                                                            \
        CHECK(bundle_wait(a, LATER) == 0 && bundle_wait(b, LATER) == 0);                    \
        fprintf(stderr, "%s %zu, %s %zu\n", #left, used(stacks[0], size), #right, used(stacks[1], size)); \
        CHECK(!failed);                                                                     \
        CHECK(used(stacks[0], size) < size && used(stacks[1], size) < size);                \
        CHECK(hclose(a) == 0 && hclose(b) == 0);                                            \
    } while (0)

int main(void)
{
    write_certificate();
    LIVE_ON(SMALL, websocket_server, websocket_client);
    LIVE_ON(SMALL, line_server, line_client);
    LIVE_ON(SMALL, proxy, proxied);
    LIVE_ON(LARGE, tls_server, tls_client);
    remove_certificate();
    return 0;
}
