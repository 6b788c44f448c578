/* A web server whose page talks to it over WebSocket, on the same port.
 *
 *     web-server [PORT]        port 0, or none, lets the system choose
 *
 * GET / is answered with the page; a request to upgrade is, whatever it asks for, and what comes then is echoed. The
 * program reads the request itself, answers it itself, and only then puts WebSocket on top of the bare connection
 * (WS_NOHTTP). */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* strcasestr */
#endif
#include <errno.h>
#include <libdill.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PATIENCE 20000             /* milliseconds for a request and its answer */
#define FIELDS 200                 /* of a request */
#define IDLE 120000                /* of silence in a conversation */
#define LONGEST ((size_t)16 << 20) /* bytes of a message */

static const char page[] =
    "<!doctype html><meta charset=utf-8><title>libdill</title>\n"
    "<input id=text placeholder='say something' autofocus> <output id=answer></output>\n"
    "<script>\n"
    "const socket = new WebSocket('ws://' + location.host + '/echo');\n"
    "socket.onmessage = event => document.getElementById('answer').value = event.data;\n"
    "document.getElementById('text').oninput = event => socket.send(event.target.value);\n"
    "</script>\n";

struct request {
    char command[16];
    char resource[1024];
    int upgrade, connection; /* whether the client asks for WebSocket: both fields have to say so */
    char key[64];
    int version;
};

/* Reads a request with all its fields. Returns 0 or -1. */
static int read_request(int h, struct request *request, int64_t deadline)
{
    char name[64], value[4096];

    memset(request, 0, sizeof *request);
    if (http_recvrequest(h, request->command, sizeof request->command, request->resource, sizeof request->resource,
                         deadline) < 0)
        return -1;
    for (int fields = 0; fields < FIELDS; fields++) {
        if (http_recvfield(h, name, sizeof name, value, sizeof value, deadline) < 0) {
            /* Fields that are longer than we care for are no concern of ours. */
            if (errno == EMSGSIZE)
                continue;
            return errno == EPIPE ? 0 : -1;
        }
        if (strcasecmp(name, "Upgrade") == 0)
            request->upgrade = strcasecmp(value, "websocket") == 0;
        else if (strcasecmp(name, "Connection") == 0)
            request->connection = strcasestr(value, "upgrade") != NULL;
        else if (strcasecmp(name, "Sec-WebSocket-Key") == 0 && strlen(value) < sizeof request->key)
            strcpy(request->key, value);
        else if (strcasecmp(name, "Sec-WebSocket-Version") == 0)
            request->version = atoi(value);
    }
    return -1;
}

static int send_page(int h, int status, const char *reason, const char *body, int64_t deadline)
{
    char length[24];
    snprintf(length, sizeof length, "%zu", strlen(body));
    if (http_sendstatus(h, status, reason, deadline) < 0 ||
        http_sendfield(h, "Content-Type", "text/html; charset=utf-8", deadline) < 0 ||
        http_sendfield(h, "Content-Length", length, deadline) < 0 ||
        http_sendfield(h, "Connection", "close", deadline) < 0) {
        hclose(h);
        return -1;
    }
    /* Ends the header; what follows is the bare connection. */
    int s = http_detach(h, deadline);
    if (s >= 0 && bsend(s, body, strlen(body), deadline) < 0) {
        hclose(s);
        return -1;
    }
    return s;
}

static void converse(int h, const struct request *request, int64_t deadline)
{
    char accept[WS_KEY_SIZE];

    if (strcmp(request->command, "GET") != 0 || !request->connection || request->version != 13 ||
        ws_response_key(request->key, accept) < 0) {
        int s = send_page(h, 400, "Bad Request", "This is no WebSocket handshake.\n", deadline);
        if (s >= 0)
            tcp_close(s, deadline);
        return;
    }
    if (http_sendstatus(h, 101, "Switching Protocols", deadline) < 0 ||
        http_sendfield(h, "Upgrade", "websocket", deadline) < 0 ||
        http_sendfield(h, "Connection", "Upgrade", deadline) < 0 ||
        http_sendfield(h, "Sec-WebSocket-Accept", accept, deadline) < 0) {
        hclose(h);
        return;
    }
    int s = http_detach(h, deadline);
    if (s >= 0)
        s = ws_attach_server(s, WS_TEXT | WS_NOHTTP, NULL, 0, NULL, 0, deadline);
    if (s < 0)
        return;
    char *message = malloc(LONGEST);
    for (int flags; message;) {
        ssize_t size = ws_recv(s, &flags, message, LONGEST, now() + IDLE);
        if (size < 0 || ws_send(s, flags, message, (size_t)size, now() + IDLE) < 0)
            break;
    }
    deadline = now() + PATIENCE;
    if (message && errno == EPIPE) {
        char reason[128];
        int status = 0;
        ssize_t length = ws_status(s, &status, reason, sizeof reason);
        s = ws_detach(s, status, length > 0 ? reason : NULL, length > 0 ? (size_t)length : 0, deadline);
        if (s >= 0)
            tcp_close(s, deadline);
    } else {
        ws_done(s, message && errno == EPROTO ? 1002 : 1011, NULL, 0, deadline);
        hclose(s);
    }
    free(message);
}

static coroutine void serve(int s)
{
    int64_t deadline = now() + PATIENCE;
    struct request request;

    int h = http_attach(s);
    if (h < 0)
        return;
    if (read_request(h, &request, deadline) < 0) {
        hclose(h);
        return;
    }
    if (request.upgrade) {
        converse(h, &request, deadline);
        return;
    }
    if (strcmp(request.command, "GET") != 0)
        s = send_page(h, 405, "Method Not Allowed", "Only GET.\n", deadline);
    else if (strcmp(request.resource, "/") != 0)
        s = send_page(h, 404, "Not Found", "There is no such page.\n", deadline);
    else
        s = send_page(h, 200, "OK", page, deadline);
    if (s >= 0)
        tcp_close(s, deadline);
}

int main(int argc, char **argv)
{
    struct ipaddr address;

    if (ipaddr_local(&address, "127.0.0.1", argc > 1 ? atoi(argv[1]) : 0, 0) < 0) {
        perror("web-server: address");
        return 1;
    }
    int listener = tcp_listen(&address, 1000);
    int clients = bundle();
    if (listener < 0 || clients < 0) {
        perror("web-server: start");
        return 1;
    }
    printf("listening on 127.0.0.1:%d\n", ipaddr_port(&address));
    fflush(stdout);
    for (;;) {
        int s = tcp_accept(listener, NULL, -1);
        if (s >= 0) {
            if (bundle_go(clients, serve(s)) < 0)
                hclose(s);
        } else if (errno == EMFILE || errno == ENFILE) {
            msleep(now() + 100);
        } else {
            perror("web-server: accept");
            return 1;
        }
    }
}
