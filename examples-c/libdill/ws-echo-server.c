/* A WebSocket echo server over TCP, or over TLS: a coroutine a client, which reads as if it were alone.
 *
 *     ws-echo-server [PORT]
 *     ws-echo-server -t CERTIFICATE KEY [PORT]        both in PEM files
 *
 * Port 0, or none, lets the system choose. */

#include <errno.h>
#include <libdill.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST ((size_t)16 << 20) /* bytes of a message */
#define HANDSHAKE 20000            /* milliseconds */
#define IDLE 120000
#define GOODBYE 5000

struct server {
    const char *certificate, *key;
};

/* Status codes that may be sent (RFC 6455, section 7.4). */
static int is_sendable(int status)
{
    return (status >= 1000 && status <= 1003) || (status >= 1007 && status <= 1014) ||
           (status >= 3000 && status <= 4999);
}

/* Ends the layers below WebSocket in order. */
static void leave(int s, int tls)
{
    int64_t deadline = now() + GOODBYE;
    if (tls)
        s = tls_detach(s, deadline);
    if (s >= 0)
        tcp_close(s, deadline);
}

static void echo(int s, int tls, char *message)
{
    for (;;) {
        int flags;
        ssize_t size = ws_recv(s, &flags, message, LONGEST, now() + IDLE);
        if (size < 0)
            break;
        if (ws_send(s, flags, message, (size_t)size, now() + IDLE) < 0)
            break;
    }
    int64_t deadline = now() + GOODBYE;
    if (errno == EPIPE) {
        /* The client says goodbye: answer with its own words. */
        char reason[128];
        int status = 0;
        ssize_t length = ws_status(s, &status, reason, sizeof reason);
        if (length < 0 || !is_sendable(status)) {
            length = 0;
            status = status ? 1002 : 0;
        }
        s = ws_detach(s, status, length ? reason : NULL, (size_t)length, deadline);
        if (s >= 0)
            leave(s, tls);
        return;
    }
    if (errno == EPROTO)
        ws_done(s, 1002, NULL, 0, deadline);
    else if (errno == EMSGSIZE)
        ws_done(s, 1009, NULL, 0, deadline);
    else if (errno == ETIMEDOUT)
        ws_done(s, 1001, NULL, 0, deadline);
    hclose(s);
}

static coroutine void serve(int s, const struct server *server)
{
    int tls = server->certificate != NULL;
    int64_t deadline = now() + HANDSHAKE;

    if (tls) {
        s = tls_attach_server(s, server->certificate, server->key, deadline);
        if (s < 0)
            return;
    }
    char resource[1024], host[256];
    s = ws_attach_server(s, WS_TEXT, resource, sizeof resource, host, sizeof host, deadline);
    if (s < 0)
        return;
    /* Memory that is not used costs nothing. */
    char *message = malloc(LONGEST);
    if (message)
        echo(s, tls, message);
    else
        hclose(s);
    free(message);
}

int main(int argc, char **argv)
{
    struct server server = {NULL, NULL};
    struct ipaddr address;

    if (argc > 3 && strcmp(argv[1], "-t") == 0) {
        server.certificate = argv[2];
        server.key = argv[3];
        argc -= 3;
        argv += 3;
    }
    if (ipaddr_local(&address, "127.0.0.1", argc > 1 ? atoi(argv[1]) : 0, 0) < 0) {
        perror("ws-echo-server: address");
        return 1;
    }
    int listener = tcp_listen(&address, 1000);
    int clients = bundle();
    if (listener < 0 || clients < 0) {
        perror("ws-echo-server: start");
        return 1;
    }
    printf("listening on 127.0.0.1:%d\n", ipaddr_port(&address));
    fflush(stdout);
    for (;;) {
        int s = tcp_accept(listener, NULL, -1);
        if (s >= 0) {
            if (bundle_go(clients, serve(s, &server)) < 0)
                hclose(s);
        } else if (errno == EMFILE || errno == ENFILE) {
            /* Those who leave will make room. */
            msleep(now() + 100);
        } else {
            perror("ws-echo-server: accept");
            return 1;
        }
    }
}
