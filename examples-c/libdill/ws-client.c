/* A WebSocket client over TCP, or over TLS with -t. -H names the server as it calls itself, if that is not HOST:PORT.
 *
 *     ws-client [-t] HOST PORT PATH [TEXT...]     sends each text, prints each reply, closes
 *     ws-client [-t] -n COUNT -s SIZE [-b] HOST PORT PATH
 *                                                 sends messages of SIZE bytes, binary with -b, checks that each
 *                                                 comes back, closes and prints how many did
 *     ws-client [-t] -e HOST PORT PATH            echoes what the server sends until it closes; prints the last text
 *
 * Ends with status 0 when the server closed properly and every reply was right. */

#include <errno.h>
#include <libdill.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONGEST ((size_t)16 << 20)
#define PATIENCE 30000

static int usage(void)
{
    fprintf(stderr, "usage: ws-client [-t] [-H NAME] [-e | -n COUNT -s SIZE [-b]] HOST PORT PATH [TEXT...]\n");
    return 2;
}

static int fail(const char *what)
{
    fprintf(stderr, "ws-client: %s: %s\n", what, strerror(errno));
    return 1;
}

/* Ends the conversation from this side, or answers the server's end of it; and the layers below. */
static int leave(int s, int tls, int status)
{
    int64_t deadline = now() + PATIENCE;
    s = ws_detach(s, status, NULL, 0, deadline);
    if (s < 0)
        return fail("closing handshake");
    if (tls)
        s = tls_detach(s, deadline);
    if (s >= 0)
        tcp_close(s, deadline);
    return 0;
}

/* Returns 0 when what was sent came back. */
static int exchange(int s, int flags, const char *text, size_t size, char *reply)
{
    int kind;
    if (ws_send(s, flags, text, size, now() + PATIENCE) < 0)
        return fail("send");
    ssize_t got = ws_recv(s, &kind, reply, LONGEST, now() + PATIENCE);
    if (got < 0)
        return fail("receive");
    if (kind == flags && (size_t)got == size && memcmp(text, reply, size) == 0)
        return 0;
    fprintf(stderr, "ws-client: %zu bytes came back changed\n", size);
    return 1;
}

static int echo(int s, int tls, char *message)
{
    char last[256] = "";
    int flags, status = 0;

    for (;;) {
        ssize_t size = ws_recv(s, &flags, message, LONGEST, now() + PATIENCE);
        if (size < 0)
            break;
        if (flags & WS_TEXT)
            snprintf(last, sizeof last, "%.*s", (int)(size < 255 ? size : 255), message);
        if (ws_send(s, flags, message, (size_t)size, now() + PATIENCE) < 0)
            break;
    }
    if (errno != EPIPE) {
        /* Says what the server did wrong, if that is what it is, and goes. */
        int result = fail("echo");
        if (errno == EPROTO || errno == EMSGSIZE)
            ws_done(s, errno == EPROTO ? 1002 : 1009, NULL, 0, now() + PATIENCE);
        hclose(s);
        return result;
    }
    ws_status(s, &status, NULL, 0);
    int allowed = (status >= 1000 && status <= 1003) || (status >= 1007 && status <= 1014) || status >= 3000;
    if (leave(s, tls, allowed || !status ? status : 1002))
        return 1;
    printf("%s\n", last);
    return 0;
}

int main(int argc, char **argv)
{
    const char *name = NULL;
    int tls = 0, echoing = 0, binary = 0, option;
    long count = 0, size = -1;

    while ((option = getopt(argc, argv, "+tH:en:s:b")) != -1)
        switch (option) {
        case 't':
            tls = 1;
            break;
        case 'H':
            name = optarg;
            break;
        case 'e':
            echoing = 1;
            break;
        case 'b':
            binary = 1;
            break;
        case 'n':
            count = atol(optarg);
            break;
        case 's':
            size = atol(optarg);
            break;
        default:
            return usage();
        }
    if (argc - optind < 3 || size > (long)LONGEST || (count && size < 0))
        return usage();
    const char *host = argv[optind], *path = argv[optind + 2];
    int port = atoi(argv[optind + 1]);
    char **texts = argv + optind + 3;
    int64_t deadline = now() + PATIENCE;
    char *message = malloc(LONGEST + 1), *reply = malloc(LONGEST + 1);
    struct ipaddr address;

    if (!message || !reply)
        return fail("start");
    if (ipaddr_remote(&address, host, port, 0, deadline) < 0)
        return fail(host);
    int s = tcp_connect(&address, deadline);
    if (s < 0)
        return fail("connect");
    if (tls)
        s = tls_attach_client(s, deadline);
    if (s < 0)
        return fail("TLS");
    int flags = binary ? WS_BINARY : WS_TEXT;
    /* The port belongs to the field Host unless it is the usual one. */
    char field[300];
    snprintf(field, sizeof field, port == (tls ? 443 : 80) ? "%s" : "%s:%d", host, port);
    s = ws_attach_client(s, flags, path, name ? name : field, deadline);
    if (s < 0)
        return fail("opening handshake");

    int failed = 0;
    if (echoing) {
        failed = echo(s, tls, message);
    } else {
        for (; *texts && !failed; texts++) {
            failed = exchange(s, WS_TEXT, *texts, strlen(*texts), reply);
            if (!failed)
                printf("%s\n", *texts);
        }
        for (long i = 0; i < count && !failed; i++) {
            memset(message, 'a' + (int)(i % 26), (size_t)size);
            failed = exchange(s, flags, message, (size_t)size, reply);
        }
        if (failed)
            hclose(s);
        else
            failed = leave(s, tls, 1000);
        if (!failed && count)
            printf("%ld\n", count);
    }
    free(message);
    free(reply);
    return failed;
}
