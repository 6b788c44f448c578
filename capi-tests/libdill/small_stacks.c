/* How much stack the sockets need: coroutines live on 16 KiB, those with TLS on 32 KiB.
 * harness: libs -lssl -lcrypto
 * harness: ours-only the original has no TLS here, and its sockets overflow
 */
#include "sockets.h"
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

enum { SMALL = 16 * 1024, LARGE = 32 * 1024 };

static char cert[64], key[64];
static char stacks[2][LARGE] __attribute__((aligned(16)));
static const char mark = (char)0xa5;

static void write_certificate(void)
{
    EVP_PKEY *pkey = EVP_EC_gen("P-256");
    X509 *x509 = X509_new();
    X509_NAME *name = X509_get_subject_name(x509);

    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"server.example", -1, -1, 0);
    X509_set_issuer_name(x509, name);
    X509_set_pubkey(x509, pkey);
    CHECK(X509_sign(x509, pkey, EVP_sha256()));
    snprintf(cert, sizeof cert, "/tmp/relink-test-%d-cert.pem", (int)getpid());
    snprintf(key, sizeof key, "/tmp/relink-test-%d-key.pem", (int)getpid());
    FILE *file = fopen(cert, "w");
    CHECK(file && PEM_write_X509(file, x509));
    fclose(file);
    file = fopen(key, "w");
    CHECK(file && PEM_write_PrivateKey(file, pkey, NULL, NULL, 0, NULL, NULL));
    fclose(file);
    X509_free(x509);
    EVP_PKEY_free(pkey);
}

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
    unlink(cert);
    unlink(key);
    return 0;
}
