/* Peers that keep sending what makes no message and no byte: deadlines hold all the same, and memory does not grow.
 * harness: libs -lssl -lcrypto -lpthread
 * harness: ours-only the original looks at no deadline while there is something to be received
 */
#include "certificate.h"
#include <fcntl.h>
#include <malloc.h>
#include <openssl/ssl.h>
#include <pthread.h>

/* What a thread writes to the other end. */
struct flood {
    int fd;
    const char *bytes;
    size_t length;
};

static void *flood(void *argument)
{
    struct flood *self = argument;

    for (size_t sent = 0; sent < self->length;) {
        ssize_t count = send(self->fd, self->bytes + sent, self->length - sent, MSG_NOSIGNAL);
        if (count < 0)
            break;
        sent += count;
    }
    return NULL;
}

/* A bytestream that always has something to be received: frames without payload, the first of which begins a message. */
struct frames {
    struct hvfs hvfs;
    struct bsock_vfs bvfs;
    size_t received;
};

static void *frames_query(struct hvfs *vfs, const void *type)
{
    if (type == bsock_type)
        return &((struct frames *)vfs)->bvfs;
    errno = ENOTSUP;
    return NULL;
}

static void frames_close(struct hvfs *vfs)
{
    (void)vfs;
}

static int frames_send(struct bsock_vfs *vfs, struct iolist *first, struct iolist *last, int64_t deadline)
{
    (void)vfs, (void)first, (void)last, (void)deadline;
    return 0;
}

static int frames_receive(struct bsock_vfs *vfs, struct iolist *first, struct iolist *last, int64_t deadline)
{
    struct frames *self = (struct frames *)((char *)vfs - offsetof(struct frames, bvfs));

    (void)last, (void)deadline;
    for (struct iolist *it = first; it; it = it->iol_next)
        for (size_t i = 0; i < it->iol_len; i++, self->received++)
            ((char *)it->iol_base)[i] = self->received == 0 ? 2 : self->received % 6 == 1 ? 0x80 : 0;
    return 0;
}

static void fragments(void)
{
    struct frames frames = { { frames_query, frames_close }, { frames_send, frames_receive }, 0 };
    char bytes[16];
    int s = ws_attach_server(hmake(&frames.hvfs), WS_NOHTTP, NULL, 0, NULL, 0, LATER);

    CHECK(s >= 0);
    FAILS(mrecv(s, bytes, sizeof bytes, SOON), ETIMEDOUT);
    CHECK(hclose(s) == 0);
}

static coroutine void attach(int s, int *result)
{
    *result = tls_attach_server(s, cert, key, LATER);
    CHECK(*result >= 0);
}

/* A peer that speaks TLS by hand: what it sends is in `out`. */
struct by_hand {
    SSL_CTX *context;
    SSL *ssl;
    BIO *out;
};

/* Connects one to a server; returns the server's socket. */
static int shake_hands(struct by_hand *self, int *fd)
{
    int server, s = with_peer(fd);
    int cr = go(attach(s, &server));
    BIO *in = BIO_new(BIO_s_mem());

    self->context = SSL_CTX_new(TLS_client_method());
    self->ssl = SSL_new(self->context);
    self->out = BIO_new(BIO_s_mem());
    CHECK(self->ssl && SSL_set_min_proto_version(self->ssl, TLS1_3_VERSION));
    BIO_set_mem_eof_return(in, -1);
    SSL_set_bio(self->ssl, in, self->out);
    for (int done = 0; done <= 0; msleep(now() + 5)) {
        char bytes[8192], *written;
        long length;
        ssize_t count;

        done = SSL_connect(self->ssl);
        length = BIO_get_mem_data(self->out, &written);
        if (length > 0)
            peer_writes(*fd, written, length);
        (void)BIO_reset(self->out);
        msleep(now() + 5);
        count = recv(*fd, bytes, sizeof bytes, 0);
        if (count > 0)
            CHECK(BIO_write(in, bytes, count) == count);
    }
    CHECK(bundle_wait(cr, LATER) == 0 && hclose(cr) == 0);
    return server;
}

/* Sends many records that change the sender's key (RFC 8446, section 4.6.3), and then a byte, from a thread. */
static void change_keys(struct by_hand *self, struct flood *sent, pthread_t *thread, int kind, int count)
{
    for (int i = 0; i < count; i++)
        CHECK(SSL_key_update(self->ssl, kind) == 1 && SSL_do_handshake(self->ssl) == 1);
    CHECK(SSL_write(self->ssl, "x", 1) == 1);
    sent->length = BIO_get_mem_data(self->out, (char **)&sent->bytes);
    /* From here on the thread waits for room. */
    CHECK(fcntl(sent->fd, F_SETFL, 0) == 0);
    CHECK(pthread_create(thread, NULL, flood, sent) == 0);
}

static void part(struct by_hand *self, struct flood *sent, pthread_t thread, int server)
{
    CHECK(hclose(server) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    close(sent->fd);
    SSL_free(self->ssl);
    SSL_CTX_free(self->context);
}

static void changes_of_keys(void)
{
    struct by_hand peer;
    struct flood sent = { 0 };
    pthread_t thread;
    char byte;
    int server = shake_hands(&peer, &sent.fd);

    change_keys(&peer, &sent, &thread, SSL_KEY_UPDATE_NOT_REQUESTED, 60000);
    FAILS(brecv(server, &byte, 1, now() + 50), ETIMEDOUT);
    part(&peer, &sent, thread, server);
}

static coroutine void send_much(int s)
{
    static char much[4 << 20];

    FAILS(bsend(s, much, sizeof much, -1), ECANCELED);
}

static size_t allocated(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* Each is to be answered by one as large, which the peer does not take; nor does it take what the server sends meanwhile. */
static void changes_of_keys_that_want_an_answer(void)
{
    struct by_hand peer;
    struct flood sent = { 0 };
    pthread_t thread;
    char byte;
    int server = shake_hands(&peer, &sent.fd), cr = go(send_much(server));
    size_t before;

    change_keys(&peer, &sent, &thread, SSL_KEY_UPDATE_REQUESTED, 30000);
    before = allocated();
    FAILS(brecv(server, &byte, 1, now() + 1000), ETIMEDOUT);
    CHECK(allocated() < before + (512 << 10));
    CHECK(hclose(cr) == 0);
    part(&peer, &sent, thread, server);
}

int main(void)
{
    write_certificate();
    fragments();
    changes_of_keys();
    changes_of_keys_that_want_an_answer();
    remove_certificate();
    return 0;
}
