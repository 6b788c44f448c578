/* TLS where the original crashed, hung or said nothing: rows 12, 19 and 20 of the fixes, and the switch for host names.
 * harness: libs -lssl -lcrypto
 * harness: ours-only the original has no SNI, tells of no failure, and crashes when a listening context connects
 * harness: timeout 120 */
#include "certificates.h"
#include "peer.h"
#include <sys/resource.h>

static char folder[] = "/tmp/relink-tls-XXXXXX";
static int established, errors, closed, told_pollout, rounds;
static size_t received;
static char asked_for[100];
static struct libwebsocket_context *server, *client;
static struct libwebsocket *server_side, *client_side;
static struct pollfd table[16];
static int used, external;
/* What a server says of each message: nothing, that it takes no more for now, or that it takes more. */
static enum { SILENT, HOLD, GO_ON } flow;

static int on_name(SSL *ssl, int *alert, void *argument)
{
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

    (void)alert, (void)argument;
    snprintf(asked_for, sizeof(asked_for), "%s", name ? name : "(none)");
    return SSL_TLSEXT_ERR_OK;
}

static void keep_table(enum libwebsocket_callback_reasons reason, int fd, short bits)
{
    int i;

    for (i = 0; i < used && table[i].fd != fd; i++)
        ;
    switch (reason) {
    case LWS_CALLBACK_ADD_POLL_FD:
        CHECK(i == used && used < 16);
        table[used].fd = fd;
        table[used++].events = bits;
        break;
    case LWS_CALLBACK_DEL_POLL_FD:
        CHECK(i < used);
        table[i] = table[--used];
        break;
    case LWS_CALLBACK_SET_MODE_POLL_FD:
        CHECK(i < used);
        table[i].events |= bits;
        told_pollout += (bits & POLLOUT) != 0;
        break;
    case LWS_CALLBACK_CLEAR_MODE_POLL_FD:
        CHECK(i < used);
        table[i].events &= (short)~bits;
        break;
    default:
        break;
    }
}

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason,
                    void *user, void *in, size_t len)
{
    events++;
    if (external && reason >= LWS_CALLBACK_ADD_POLL_FD)
        keep_table(reason, (int)(long)in, (short)len);
    switch (reason) {
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
        SSL_CTX_set_tlsext_servername_callback((SSL_CTX *)user, on_name);
        SSL_CTX_set_verify((SSL_CTX *)user, SSL_VERIFY_NONE, NULL);
        break;
    case LWS_CALLBACK_ESTABLISHED:
        established++;
        server_side = wsi;
        break;
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        established++;
        client_side = wsi;
        break;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        errors++;
        break;
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_CLIENT_RECEIVE:
        received += len;
        if (flow != SILENT)
            libwebsocket_rx_flow_control(wsi, flow == GO_ON);
        break;
    case LWS_CALLBACK_CLOSED:
        closed++;
        break;
    default:
        break;
    }
    (void)context;
    return 0;
}

static struct libwebsocket_protocols server_protocols[] = {
    { "tls", on_event, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
}, client_protocols[] = {
    { "tls", on_event, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static struct lws_context_creation_info server_info, client_info;

static const char *path(const char *name)
{
    static char paths[16][100];
    static int next;
    char *text = paths[next++ & 15];

    snprintf(text, 100, "%s/%s", folder, name);
    return text;
}

static void begin(const char *what)
{
    printf("%s\n", what);
    established = errors = closed = told_pollout = rounds = 0;
    received = 0;
    asked_for[0] = 0;
    server_info.port = free_port();
    server = libwebsocket_create_context(&server_info);
    CHECK(server);
    client = libwebsocket_create_context(&client_info);
    CHECK(client);
}

static void both(int times)
{
    while (times-- > 0) {
        libwebsocket_service(server, 1);
        libwebsocket_service(client, 1);
    }
}

static void end(void)
{
    libwebsocket_context_destroy(client);
    libwebsocket_service(server, 5);
    libwebsocket_context_destroy(server);
}

/* An extension that lets everything pass: with one, what TLS has decrypted is read in several pieces. */
static int pass(struct libwebsocket_context *context, struct libwebsocket_extension *extension, struct libwebsocket *wsi,
                enum libwebsocket_extension_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)context, (void)extension, (void)wsi, (void)reason, (void)user, (void)in, (void)len;
    return 0;
}

static struct libwebsocket_extension extensions[] = {
    { "pass", pass, 0, NULL },
    { NULL, NULL, 0, NULL },
};

#define FIRST 4088
#define MORE 1700

/* A peer's messages in one record, of which the first is all that is read at once, and then its end. */
static void records_are_told_of_whole(int way)
{
    static const char head[] = UPGRADE_HEAD "Sec-WebSocket-Extensions: pass\r\n\r\n";
    static unsigned char record[8 + FIRST + 7 * MORE] = { 0x82, 0xfe, FIRST >> 8, FIRST & 255 };
    SSL_CTX *trusting = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(trusting);
    char answer[1000];
    int fd, i;

    server_info.extensions = extensions;
    begin(way == HOLD ? "a record that is held back" : "a record of many messages");
    server_info.extensions = NULL;
    fd = peer_connect(server_info.port);
    CHECK(SSL_set_fd(ssl, fd) == 1);
    for (i = 0; i < 300 && SSL_connect(ssl) != 1; i++)
        libwebsocket_service(server, 1);
    CHECK(SSL_write(ssl, head, sizeof(head) - 1) == sizeof(head) - 1);
    for (i = 0; i < 300 && SSL_read(ssl, answer, sizeof(answer)) <= 0; i++)
        libwebsocket_service(server, 1);
    CHECK_EQ(established, 1);
    for (i = 0; i < MORE; i++)
        memcpy(record + 8 + FIRST + 7 * i, "\x82\x81\0\0\0\0x", 7);
    CHECK(SSL_write(ssl, record, sizeof(record)) == sizeof(record));
    close(fd);
    flow = way;
    settle(server);
    if (way == HOLD) {
        CHECK(received == FIRST && closed == 0);
        flow = SILENT;
        libwebsocket_rx_flow_control(server_side, 1);
        settle(server);
    }
    flow = SILENT;
    CHECK_EQ(received, FIRST + MORE);
    CHECK_EQ(closed, 1);
    SSL_free(ssl);
    SSL_CTX_free(trusting);
    end();
}

static struct libwebsocket *connect_to(const char *host, int level)
{
    return libwebsocket_client_connect(client, "127.0.0.1", server_info.port, level, "/", host, NULL, "tls", -1);
}

int main(void)
{
    static unsigned char block[LWS_SEND_BUFFER_PRE_PADDING + 3000000 + LWS_SEND_BUFFER_POST_PADDING];
    unsigned char *payload = block + LWS_SEND_BUFFER_PRE_PADDING;
    const long day = 86400;
    struct identity root, leaf, other;
    char command[100];
    struct rusage before, after;
    double used_time;
    int i;

    lws_set_log_level(0, NULL);
    CHECK(mkdtemp(folder));
    root = make_identity("root", NULL, 1, NULL, -day, day);
    other = make_identity("other", NULL, 1, NULL, -day, day);
    leaf = make_identity("right.example.com", "DNS:right.example.com", 0, &root, -day, day);
    server_info = context_info(0, server_protocols);
    server_info.ssl_cert_filepath = write_chain(path("leaf.pem"), leaf.certificate, NULL);
    server_info.ssl_private_key_filepath = write_key(path("key.pem"), leaf.key);
    server_info.options = LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT;
    client_info = context_info(CONTEXT_PORT_NO_LISTEN, client_protocols);
    client_info.ssl_ca_filepath = write_chain(path("root.pem"), root.certificate, NULL);

    begin("the server is asked for by its name");
    CHECK(connect_to("right.example.com", 1));
    for (i = 0; i < 200 && established < 2; i++)
        both(1);
    CHECK_EQ(established, 2);
    CHECK(!strcmp(asked_for, "right.example.com"));
    end();
    CHECK_EQ(closed, 2);

    begin("a port in the host is not a part of the name");
    CHECK(connect_to("right.example.com:443", 1));
    for (i = 0; i < 200 && established < 2; i++)
        both(1);
    CHECK(established == 2 && !strcmp(asked_for, "right.example.com"));
    end();

    begin("another host's certificate, as the original has it");
    CHECK(connect_to("wrong.example.com", 1));
    for (i = 0; i < 200 && established < 2; i++)
        both(1);
    CHECK_EQ(established, 2);
    end();

    CHECK(setenv("RELINK_LWS_VERIFY_HOST", "1", 1) == 0);
    begin("another host's certificate, where that is checked");
    CHECK(connect_to("wrong.example.com", 1));
    for (i = 0; i < 200 && !errors; i++)
        both(1);
    both(10);
    CHECK(established == 0 && errors == 1);
    end();
    begin("the right host's certificate, where that is checked");
    CHECK(connect_to("right.example.com", 1));
    for (i = 0; i < 200 && established < 2; i++)
        both(1);
    CHECK(established == 2 && errors == 0);
    end();
    CHECK(unsetenv("RELINK_LWS_VERIFY_HOST") == 0);

    client_info.ssl_ca_filepath = write_chain(path("other.pem"), other.certificate, NULL);
    begin("a root that is not trusted is told, once");
    CHECK(connect_to("right.example.com", 1));
    for (i = 0; i < 200 && !errors; i++)
        both(1);
    both(10);
    CHECK(established == 0 && errors == 1 && closed == 0);
    end();
    CHECK_EQ(errors, 1);
    client_info.ssl_ca_filepath = path("root.pem");

    begin("a server that does not speak TLS is told, once");
    {
        int listener = socket(AF_INET, SOCK_STREAM, 0), fd;
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t length = sizeof(address);

        CHECK(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(listener, 1) == 0);
        CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
        CHECK(libwebsocket_client_connect(client, "127.0.0.1", ntohs(address.sin_port), 1, "/", "h", NULL, NULL, -1));
        fd = accept(listener, NULL, NULL);
        both(10);
        peer_say(fd, "220 mail.example.com ESMTP\r\n");
        for (i = 0; i < 100 && !errors; i++)
            both(1);
        CHECK_EQ(errors, 1);
        close(fd);
        close(listener);
    }
    end();
    CHECK_EQ(errors, 1);

    begin("nothing spins while a handshake waits");
    {
        int fd = peer_connect(server_info.port);

        getrusage(RUSAGE_SELF, &before);
        for (i = 0; i < 50; i++)
            libwebsocket_service(server, 20);
        getrusage(RUSAGE_SELF, &after);
        used_time = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec) +
                    (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec) / 1e6 +
                    (double)(after.ru_stime.tv_usec - before.ru_stime.tv_usec) / 1e6;
        CHECK(used_time < 0.5);
        close(fd);
    }
    end();

    begin("large messages, both ways at once");
    CHECK(connect_to("right.example.com", 1));
    for (i = 0; i < 200 && established < 2; i++)
        both(1);
    CHECK_EQ(established, 2);
    memset(payload, 'x', 3000000);
    CHECK(libwebsocket_write(client_side, payload, 3000000, LWS_WRITE_BINARY) >= 3000000);
    memset(payload, 'x', 3000000);
    CHECK(libwebsocket_write(server_side, payload, 3000000, LWS_WRITE_BINARY) >= 3000000);
    for (i = 0; i < 20000 && received < 6000000; i++) {
        libwebsocket_service(server, 0);
        libwebsocket_service(client, 0);
    }
    CHECK_EQ(received, 6000000);
    end();

    begin("nothing spins when only output is left");
    {
        double begun;
        int calls = 0;

        CHECK(connect_to("right.example.com", 1));
        for (i = 0; i < 200 && established < 2; i++)
            both(1);
        CHECK_EQ(established, 2);
        /* More than the system takes for a peer that does not read. */
        for (i = 0; i < 5; i++)
            CHECK(libwebsocket_write(server_side, payload, 3000000, LWS_WRITE_BINARY) >= 3000000);
        memcpy(payload, "\x03\xe8", 2);
        CHECK(libwebsocket_write(client_side, payload, 2, LWS_WRITE_CLOSE) >= 2);
        CHECK(libwebsocket_write(client_side, payload, 100, LWS_WRITE_BINARY) >= 100);
        for (begun = now(); now() - begun < 1; calls++)
            libwebsocket_service(server, 100);
        CHECK(calls < 100);
        for (i = 0; i < 20000 && received < 15000000; i++)
            both(1);
        CHECK_EQ(received, 15000000);
    }
    end();

    begin("a listening context connects to itself");
    server_info.ssl_ca_filepath = path("root.pem");
    libwebsocket_context_destroy(server);
    server = libwebsocket_create_context(&server_info);
    CHECK(server);
    CHECK(libwebsocket_client_connect(server, "127.0.0.1", server_info.port, 1, "/", "right.example.com", NULL, "tls", -1));
    for (i = 0; i < 200 && established < 2; i++)
        libwebsocket_service(server, 1);
    CHECK_EQ(established, 2);
    end();

    records_are_told_of_whole(HOLD);
    records_are_told_of_whole(GO_ON);

    external = 1;
    begin("under a poll loop of the program's own");
    CHECK(connect_to("right.example.com", 1));
    for (i = 0; i < 300 && established < 2; i++) {
        int k, n = poll(table, (nfds_t)used, 1);

        rounds += n > 0;
        for (k = 0; k < used; k++)
            if (table[k].revents) {
                struct pollfd one = table[k];

                table[k].revents = 0;
                libwebsocket_service_fd(server, &one);
                if (one.fd != table[k].fd)
                    continue;
                libwebsocket_service_fd(client, &one);
            }
    }
    CHECK_EQ(established, 2);
    CHECK(rounds < 60);
    end();

    free_identity(root), free_identity(leaf), free_identity(other);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    CHECK(system(command) == 0);
    return 0;
}
