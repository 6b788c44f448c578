/* Time limits: on an idle context, from the first byte of a head to the last, and for clients. Row 5 of the fixes.
 * harness: ours-only the original has no limit for heads, and none that works when nothing else happens
 * harness: timeout 150 */
#include "server.h"

void libwebsocket_set_timeout(struct libwebsocket *wsi, int reason, int secs);

static int established, closed, errors, requests;
static struct libwebsocket *latest;

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)context, (void)user, (void)in, (void)len;
    events++;
    if (reason == LWS_CALLBACK_ESTABLISHED) {
        established++;
        latest = wsi;
    }
    if (reason == LWS_CALLBACK_CLOSED)
        closed++;
    if (reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR)
        errors++;
    if (reason == LWS_CALLBACK_HTTP)
        requests++;
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "time", on_event, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
}, client_protocols[] = {
    { "time", on_event, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static int ended(int fd)
{
    unsigned char data[1000];
    int end;

    peer_read(fd, data, sizeof(data), &end);
    return end;
}

int main(void)
{
    struct lws_context_creation_info info;
    struct libwebsocket_context *context, *clients;
    int port = free_port(), server_port, listener, silent, slow, kept, upgraded, answering, i;
    double begun;

    lws_set_log_level(0, NULL);
    CHECK(setenv("RELINK_LWS_HANDSHAKE_TIMEOUT", "2", 1) == 0);
    info = context_info(port, protocols);
    context = libwebsocket_create_context(&info);
    CHECK(context);
    listener = server_listen(&server_port);
    info = context_info(CONTEXT_PORT_NO_LISTEN, client_protocols);
    clients = libwebsocket_create_context(&info);
    CHECK(clients);

    begun = now();
    silent = peer_connect(port);
    slow = peer_connect(port);
    kept = peer_connect(port);
    peer_say(kept, "GET / HTTP/1.1\r\n\r\n");
    upgraded = peer_upgrade(port, "");
    peer_say(slow, "GET / HTTP/1.1\r\n");
    settle(context);
    CHECK(requests == 1 && established == 1);
    /* A client whose server says nothing. */
    CHECK(libwebsocket_client_connect(clients, "127.0.0.1", server_port, 0, "/", "h", NULL, NULL, -1));
    answering = server_accept(listener);
    /* One byte at a time does not help. */
    for (i = 0; !ended(slow); i++) {
        CHECK(now() - begun < 30);
        CHECK(libwebsocket_service(context, 100) == 0);
        CHECK(libwebsocket_service(clients, 100) == 0);
        if (!ended(slow))
            (void)!send(slow, i % 2 ? "\n" : "X: y\r", i % 2 ? 1 : 5, MSG_NOSIGNAL);
    }
    CHECK(now() - begun > 1);
    while (!ended(silent) || !errors) {
        CHECK(now() - begun < 30);
        libwebsocket_service(context, 100);
        libwebsocket_service(clients, 100);
    }
    CHECK_EQ(errors, 1);
    /* What is established, or waits for the next request, stays. */
    CHECK(!ended(kept) && !ended(upgraded));
    CHECK_EQ(closed, 0);
    /* A limit of the program's own, on a context that does nothing else. */
    libwebsocket_set_timeout(latest, 1, 1);
    begun = now();
    while (!closed) {
        CHECK(now() - begun < 30);
        libwebsocket_service(context, 200);
    }
    CHECK(now() - begun > 0.9);
    close(silent), close(slow), close(kept), close(upgraded), close(answering), close(listener);
    libwebsocket_context_destroy(clients);
    libwebsocket_context_destroy(context);
    return 0;
}
