/* Fetches a page over HTTPS and prints it.
 *
 *     tls-client HOST PORT [PATH]
 *
 * As with libdill ever, a TLS client accepts any certificate. On relink's library, RELINK_TLS_TRUST in the environment
 * says whom to trust, and RELINK_TLS_NAME whom to expect. */

#include <errno.h>
#include <libdill.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PATIENCE 30000 /* milliseconds for all of it */

static int fail(const char *what)
{
    fprintf(stderr, "tls-client: %s: %s\n", what, strerror(errno));
    return 1;
}

/* Sends the request and reads the header of the answer. Returns the bare connection; -1 on failure. */
static int ask(int s, const char *host, const char *path, long *length, int64_t deadline)
{
    char reason[256], name[256], value[1024];

    int h = http_attach(s);
    if (h < 0)
        return -1;
    if (http_sendrequest(h, "GET", path, deadline) < 0 || http_sendfield(h, "Host", host, deadline) < 0 ||
        http_sendfield(h, "Connection", "close", deadline) < 0 || http_done(h, deadline) < 0)
        goto broken;
    int status = http_recvstatus(h, reason, sizeof reason, deadline);
    if (status < 0)
        goto broken;
    fprintf(stderr, "%d %s\n", status, reason);
    for (;;) {
        if (http_recvfield(h, name, sizeof name, value, sizeof value, deadline) == 0) {
            if (strcasecmp(name, "Content-Length") == 0)
                *length = atol(value);
        } else if (errno == EPIPE) {
            break;
        } else if (errno != EMSGSIZE) {
            goto broken;
        }
    }
    return http_detach(h, deadline);

broken:;
    int error = errno;
    hclose(h);
    errno = error;
    return -1;
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: tls-client HOST PORT [PATH]\n");
        return 2;
    }
    int64_t deadline = now() + PATIENCE;
    long length = -1;

    struct ipaddr address;
    if (ipaddr_remote(&address, argv[1], atoi(argv[2]), 0, deadline) < 0)
        return fail(argv[1]);
    int s = tcp_connect(&address, deadline);
    if (s < 0)
        return fail("connect");
    s = tls_attach_client(s, deadline);
    if (s < 0)
        return fail("TLS");
    s = ask(s, argv[1], argc > 3 ? argv[3] : "/", &length, deadline);
    if (s < 0)
        return fail("HTTP");

    /* brecv stores as much as it is asked for, or fails: without a length, one byte at a time until the end. */
    char part[4096];
    while (length != 0) {
        size_t size = length < 0 ? 1 : (size_t)length < sizeof part ? (size_t)length : sizeof part;
        if (brecv(s, part, size, deadline) < 0) {
            if (errno == EPIPE && length < 0)
                break;
            hclose(s);
            return fail("body");
        }
        fwrite(part, 1, size, stdout);
        if (length > 0)
            length -= (long)size;
    }
    s = tls_detach(s, deadline);
    if (s >= 0)
        tcp_close(s, deadline);
    return 0;
}
