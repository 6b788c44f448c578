/* Peers that keep sending what makes no message and no byte: deadlines hold all the same.
 * harness: libs -lssl -lcrypto -lpthread
 * harness: ours-only the original looks at no deadline while there is something to be received
 */
#include "certificate.h"
#include <fcntl.h>
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

/* Records that change the sender's key (RFC 8446, section 4.6.3), and then a byte. */
static void changes_of_keys(void)
{
    struct flood self = { 0 };
    char byte;
    pthread_t thread;
    int server, s = with_peer(&self.fd);
    int cr = go(attach(s, &server));
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(context);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());

    CHECK(ssl && SSL_set_min_proto_version(ssl, TLS1_3_VERSION));
    BIO_set_mem_eof_return(in, -1);
    SSL_set_bio(ssl, in, out);
    for (int done = 0; done <= 0; msleep(now() + 5)) {
        char bytes[8192], *written;
        long length;
        ssize_t count;

        done = SSL_connect(ssl);
        length = BIO_get_mem_data(out, &written);
        if (length > 0)
            peer_writes(self.fd, written, length);
        (void)BIO_reset(out);
        msleep(now() + 5);
        count = recv(self.fd, bytes, sizeof bytes, 0);
        if (count > 0)
            CHECK(BIO_write(in, bytes, count) == count);
    }
    CHECK(bundle_wait(cr, LATER) == 0 && hclose(cr) == 0);

    for (int i = 0; i < 60000; i++)
        CHECK(SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1 && SSL_do_handshake(ssl) == 1);
    CHECK(SSL_write(ssl, "x", 1) == 1);
    self.length = BIO_get_mem_data(out, (char **)&self.bytes);
    /* From here on the thread waits for room. */
    CHECK(fcntl(self.fd, F_SETFL, 0) == 0);
    CHECK(pthread_create(&thread, NULL, flood, &self) == 0);
    FAILS(brecv(server, &byte, 1, now() + 50), ETIMEDOUT);
    CHECK(hclose(server) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    close(self.fd);
    SSL_free(ssl);
    SSL_CTX_free(context);
}

int main(void)
{
    write_certificate();
    fragments();
    changes_of_keys();
    remove_certificate();
    return 0;
}
