/* TLS: which certificates a client takes, what programs are handed, and servers that cannot be made.
 * harness: libs -lssl -lcrypto */
#include "certificates.h"
#include "peer.h"
#include <sys/stat.h>

extern int openssl_websocket_private_data_index;

static char folder[] = "/tmp/relink-tls-XXXXXX";
static int established, received, closed, trace, verdict;
static struct libwebsocket_context *server, *client;
/* What a client shows, and what a server trusts. */
static const struct identity *shown;
static X509 *trusted;

static int on_event(const char *name, struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    events++;
    switch (reason) {
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS:
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
        if (trace)
            printf("  %s %s wsi %d a context of OpenSSL's %d in %d len %zu\n", name, reason_names[reason], wsi != NULL,
                   SSL_CTX_get_cert_store(user) != NULL, in != NULL, len);
        if (trusted && reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS)
            CHECK(X509_STORE_add_cert(SSL_CTX_get_cert_store(user), trusted));
        if (shown && reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS)
            CHECK(SSL_CTX_use_certificate(user, shown->certificate) == 1 && SSL_CTX_use_PrivateKey(user, shown->key) == 1);
        break;
    case LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION: {
        X509_STORE_CTX *store = user;
        SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());

        if (trace && X509_STORE_CTX_get_error_depth(store) == 0)
            printf("  %s %s context %d wsi %d its SSL %d preverified %zu\n", name, reason_names[reason], context != NULL,
                   wsi != NULL, ssl == in, len);
        if (trace && X509_STORE_CTX_get_error_depth(store) == 0)
            printf("  the SSL knows its context %d\n", SSL_get_ex_data(ssl, openssl_websocket_private_data_index) == server);
        return verdict;
    }
    case LWS_CALLBACK_ESTABLISHED:
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        established++;
        break;
    case LWS_CALLBACK_RECEIVE:
        libwebsocket_write(wsi, in, len, LWS_WRITE_TEXT);
        break;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        received += (int)len;
        break;
    case LWS_CALLBACK_CLOSED:
        closed++;
        break;
    default:
        break;
    }
    return 0;
}

static int on_server(struct libwebsocket_context *context, struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason,
                     void *user, void *in, size_t len)
{
    return on_event("server", context, wsi, reason, user, in, len);
}

static int on_client(struct libwebsocket_context *context, struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason,
                     void *user, void *in, size_t len)
{
    return on_event("client", context, wsi, reason, user, in, len);
}

static struct libwebsocket_protocols server_protocols[] = {
    { "tls", on_server, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static struct libwebsocket_protocols client_protocols[] = {
    { "tls", on_client, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static const char *path(const char *name)
{
    static char paths[16][100];
    static int next;
    char *text = paths[next++ & 15];

    snprintf(text, 100, "%s/%s", folder, name);
    return text;
}

static void both(int times)
{
    while (times-- > 0) {
        libwebsocket_service(server, 1);
        libwebsocket_service(client, 1);
    }
}

/* A server with this certificate, and a client that trusts that root; level is the client's demand. */
static void try(const char *what, const struct identity *leaf, X509 *chain, X509 *root, int level, int options)
{
    static unsigned char block[LWS_SEND_BUFFER_PRE_PADDING + 100000 + LWS_SEND_BUFFER_POST_PADDING];
    unsigned char *payload = block + LWS_SEND_BUFFER_PRE_PADDING;
    struct lws_context_creation_info info;
    struct libwebsocket *wsi;
    int port = free_port(), i;

    printf("%s\n", what);
    established = received = closed = 0;
    info = context_info(port, server_protocols);
    info.ssl_cert_filepath = write_chain(path("chain.pem"), leaf->certificate, chain);
    info.ssl_private_key_filepath = write_key(path("key.pem"), leaf->key);
    info.options = (unsigned)options;
    server = libwebsocket_create_context(&info);
    CHECK(server);
    info = context_info(CONTEXT_PORT_NO_LISTEN, client_protocols);
    info.ssl_ca_filepath = write_chain(path("root.pem"), root, NULL);
    client = libwebsocket_create_context(&info);
    CHECK(client);
    wsi = libwebsocket_client_connect(client, "127.0.0.1", port, level, "/", "localhost", NULL, "tls", -1);
    for (i = 0; i < 200 && established < 2; i++)
        both(1);
    printf("  established %d\n", established);
    if (established == 2) {
        memset(payload, 'x', 100000);
        CHECK(libwebsocket_write(wsi, payload, 5, LWS_WRITE_TEXT) > 0);
        both(20);
        CHECK(libwebsocket_write(wsi, payload, 4000, LWS_WRITE_TEXT) > 0);
        both(50);
        printf("  received %d\n", received);
    } else {
        both(20);
    }
    libwebsocket_context_destroy(client);
    both(0);
    libwebsocket_service(server, 5);
    libwebsocket_service(server, 5);
    libwebsocket_context_destroy(server);
    printf("  closed %d\n", closed);
}

static int made(const char *chain, const char *key)
{
    struct lws_context_creation_info info = context_info(free_port(), server_protocols);
    struct libwebsocket_context *context;

    info.ssl_cert_filepath = chain;
    info.ssl_private_key_filepath = key;
    context = libwebsocket_create_context(&info);
    if (context)
        libwebsocket_context_destroy(context);
    return context != NULL;
}

int main(void)
{
    const long day = 86400;
    struct identity root, between, leaf, other, self_signed, expired, early, own;
    char command[100];

    lws_set_log_level(0, NULL);
    CHECK(mkdtemp(folder));
    root = make_identity("root", NULL, 1, NULL, -day, day);
    between = make_identity("between", NULL, 1, &root, -day, day);
    leaf = make_identity("localhost", "DNS:localhost,IP:127.0.0.1", 0, &between, -day, day);
    other = make_identity("other root", NULL, 1, NULL, -day, day);
    self_signed = make_identity("localhost", "DNS:localhost", 0, NULL, -day, day);
    expired = make_identity("localhost", "DNS:localhost", 0, &root, -2 * day, -day);
    early = make_identity("localhost", "DNS:localhost", 0, &root, day, 2 * day);

    own = make_identity("client", NULL, 0, &root, -day, day);

    trace = 1;
    try("a chain to a trusted root", &leaf, between.certificate, root.certificate, 1, 0);
    trace = 0;
    try("a chain that lacks its middle", &leaf, NULL, root.certificate, 1, 0);
    try("a chain to another root", &leaf, between.certificate, other.certificate, 1, 0);
    try("self-signed, not allowed", &self_signed, NULL, root.certificate, 1, 0);
    try("self-signed, allowed", &self_signed, NULL, root.certificate, 2, 0);
    try("expired", &expired, NULL, root.certificate, 1, 0);
    try("expired, self-signed ones allowed", &expired, NULL, root.certificate, 2, 0);
    try("not valid yet", &early, NULL, root.certificate, 1, 0);

    trace = 1;
    try("a client without the certificate that is required", &leaf, between.certificate, root.certificate, 1,
        LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT);
    shown = &own;
    trusted = root.certificate;
    try("a client with a certificate that the server trusts", &leaf, between.certificate, root.certificate, 1,
        LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT);
    verdict = 1;
    try("and that the program refuses", &leaf, between.certificate, root.certificate, 1,
        LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT);
    verdict = 0;
    trace = 0;
    shown = NULL;
    trusted = NULL;

    printf("plain words on the TLS port\n");
    {
        struct lws_context_creation_info info = context_info(free_port(), server_protocols);
        int fd, ended;
        unsigned char data[100];

        info.ssl_cert_filepath = write_chain(path("chain.pem"), leaf.certificate, between.certificate);
        info.ssl_private_key_filepath = write_key(path("key.pem"), leaf.key);
        server = libwebsocket_create_context(&info);
        CHECK(server);
        fd = peer_connect(info.port);
        peer_say(fd, "GET / HTTP/1.1\r\n\r\n");
        settle(server);
        CHECK(peer_read(fd, data, sizeof(data), &ended) < 60 && ended);
        close(fd);
        libwebsocket_context_destroy(server);
    }

    printf("servers that cannot be made\n");
    write_chain(path("chain.pem"), leaf.certificate, between.certificate);
    write_key(path("key.pem"), leaf.key);
    write_key(path("other.pem"), other.key);
    printf("good %d\n", made(path("chain.pem"), path("key.pem")));
    printf("no chain %d\n", made(path("missing.pem"), path("key.pem")));
    printf("no key %d\n", made(path("chain.pem"), path("missing.pem")));
    printf("the wrong key %d\n", made(path("chain.pem"), path("other.pem")));
    printf("a key for a chain %d\n", made(path("key.pem"), path("key.pem")));

    free_identity(root), free_identity(between), free_identity(leaf), free_identity(other);
    free_identity(self_signed), free_identity(expired), free_identity(early), free_identity(own);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    CHECK(system(command) == 0);
    return 0;
}
