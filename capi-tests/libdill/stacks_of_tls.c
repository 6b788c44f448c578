/* How much stack TLS needs: with every usual kind of key, a chain of certificates that is checked, in TLS 1.2 and 1.3. The
 * default stack has to be far more than enough, and docs/libdill.md says how much is enough for a stack of the program's.
 * harness: libs -lssl -lcrypto
 * harness: ours-only the original has no TLS here
 * harness: no-valgrind making large keys takes minutes there
 * harness: timeout 300
 */
#include "certificate.h"
#include <openssl/rsa.h>
#include <relink/libdill.h>
#include <sys/wait.h>

/* What the manual says is enough, and what a coroutine has that is launched without a stack of its own. */
enum { ENOUGH = 32 * 1024, DEFAULT = 256 * 1024 };

static char stacks[2][DEFAULT] __attribute__((aligned(16)));
static char trusted[64], buf[2][40000];
static const char mark = (char)0xa5;
static int failed;

/* How deep a stack was used. The bundle is at its beginning. */
static size_t used(const char *stack)
{
    size_t free_bytes = sizeof(struct bundle_storage);

    while (free_bytes < DEFAULT && stack[free_bytes] == mark)
        free_bytes++;
    return DEFAULT - free_bytes;
}

static EVP_PKEY *new_key(const char *kind)
{
    if (strncmp(kind, "RSA-", 4) == 0)
        return EVP_RSA_gen((unsigned)atoi(kind + 4));
    return strcmp(kind, "Ed25519") == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") : EVP_EC_gen(kind);
}

/* The certificate of the server, that of who vouches for it behind it, and that of who vouches for that one. All have the
 * same key, because making large ones takes its time.
 */
static void write_chain(const char *kind)
{
    EVP_PKEY *pkey = new_key(kind);
    X509 *root = certificate("root", pkey, NULL, pkey);
    X509 *middle = certificate("middle", pkey, root, pkey);
    X509 *leaf = certificate("server.example", pkey, middle, pkey);
    FILE *file;

    write_key(key, "key.pem", pkey);
    path_of(cert, "cert.pem");
    file = fopen(cert, "w");
    add_certificate(file, leaf);
    add_certificate(file, middle);
    fclose(file);
    path_of(trusted, "trusted.pem");
    file = fopen(trusted, "w");
    add_certificate(file, root);
    fclose(file);
    EVP_PKEY_free(pkey);
    X509_free(root);
    X509_free(middle);
    X509_free(leaf);
}

static coroutine void server(int s)
{
    s = tls_attach_server(s, cert, key, LATER);
    failed |= s < 0 || brecv(s, buf[0], sizeof buf[0], LATER) != 0 || bsend(s, buf[0], sizeof buf[0], LATER) != 0;
    failed |= s < 0 || (s = tls_detach(s, LATER)) < 0 || hclose(s) != 0;
}

static coroutine void client(int s, int checks)
{
    s = checks ? relink_dill_tls_attach_client(s, "server.example", trusted, LATER) : tls_attach_client(s, LATER);
    failed |= s < 0 || bsend(s, buf[1], sizeof buf[1], LATER) != 0 || brecv(s, buf[1], sizeof buf[1], LATER) != 0;
    failed |= s < 0 || (s = tls_detach(s, LATER)) < 0 || hclose(s) != 0;
}

static coroutine void refused_server(int s)
{
    s = tls_attach_server(s, cert, key, LATER);
    if (s >= 0) {
        failed |= brecv(s, buf[0], 1, LATER) == 0;
        hclose(s);
    }
}

static coroutine void refusing_client(int s)
{
    failed |= relink_dill_tls_attach_client(s, "another.example", NULL, LATER) != -1 || errno != EFAULT;
}

/* The same for those who do not trust each other, and say so in the log; who is trusted is read from the system's files. */
static void measure_refusal(const char *protocol, const char *kind)
{
    int pair[2], a, b;

    memset(stacks, mark, sizeof stacks);
    tcp_pair(pair);
    a = go_mem(refused_server(pair[0]), stacks[0], DEFAULT);
    b = go_mem(refusing_client(pair[1]), stacks[1], DEFAULT);
    CHECK(a >= 0 && b >= 0);
    CHECK(bundle_wait(a, LATER) == 0 && bundle_wait(b, LATER) == 0);
    CHECK(hclose(a) == 0 && hclose(b) == 0);
    fprintf(stderr, "TLS %s, %s: refused server %zu, client that refuses %zu\n", protocol, kind, used(stacks[0]),
            used(stacks[1]));
    CHECK(!failed);
    CHECK(used(stacks[0]) <= ENOUGH && used(stacks[1]) <= ENOUGH);
}

static void measure(const char *protocol, const char *kind, int checks)
{
    int pair[2], a, b;

    memset(stacks, mark, sizeof stacks);
    tcp_pair(pair);
    a = go_mem(server(pair[0]), stacks[0], DEFAULT);
    b = go_mem(client(pair[1], checks), stacks[1], DEFAULT);
    CHECK(a >= 0 && b >= 0);
    CHECK(bundle_wait(a, LATER) == 0 && bundle_wait(b, LATER) == 0);
    CHECK(hclose(a) == 0 && hclose(b) == 0);
    fprintf(stderr, "TLS %s, %s: server %zu, client%s %zu\n", protocol, kind, used(stacks[0]),
            checks ? " that checks" : "", used(stacks[1]));
    CHECK(!failed);
    CHECK(used(stacks[0]) <= ENOUGH && used(stacks[1]) <= ENOUGH);
}

static void all(const char *protocol)
{
    static const char *const kinds[] = { "P-256", "P-521", "Ed25519", "RSA-2048", "RSA-3072", "RSA-4096" };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        write_chain(kinds[i]);
        for (int checks = 0; checks < 2; checks++)
            measure(protocol, kinds[i], checks);
        measure_refusal(protocol, kinds[i]);
    }
    unlink(cert);
    unlink(key);
    unlink(trusted);
}

/* In a process of its own, whose OpenSSL goes no higher than a version. */
static void limited(const char *protocol)
{
    char settings[64];
    int status;
    pid_t child = fork();

    CHECK(child >= 0);
    if (child == 0) {
        path_of(settings, "openssl.cnf");
        FILE *file = fopen(settings, "w");
        CHECK(file && fprintf(file, "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"
                                    "MinProtocol = TLSv%s\nMaxProtocol = TLSv%s\n", protocol, protocol) > 0);
        fclose(file);
        setenv("OPENSSL_CONF", settings, 1);
        all(protocol);
        unlink(settings);
        exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
    setenv("RELINK_LOG", "warn", 1);
    limited("1.2");
    limited("1.3");
    return 0;
}
