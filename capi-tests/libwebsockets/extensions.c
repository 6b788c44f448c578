/* Extensions of the program's own: which hooks are called, in what order, and what their results do. */
#include "server.h"

static const char *const hook_names[] = {
    "SERVER_CONTEXT_CONSTRUCT", "CLIENT_CONTEXT_CONSTRUCT", "SERVER_CONTEXT_DESTRUCT", "CLIENT_CONTEXT_DESTRUCT",
    "CONSTRUCT", "CLIENT_CONSTRUCT", "CHECK_OK_TO_REALLY_CLOSE", "CHECK_OK_TO_PROPOSE_EXTENSION", "DESTROY",
    "DESTROY_ANY_WSI_CLOSING", "ANY_WSI_ESTABLISHED", "PACKET_RX_PREPARSE", "PACKET_TX_PRESEND", "PACKET_TX_DO_SEND",
    "HANDSHAKE_REPLY_TX", "FLUSH_PENDING_TX", "EXTENDED_PAYLOAD_RX", "CAN_PROXY_CLIENT_CONNECTION", "1HZ",
    "REQUEST_ON_WRITEABLE", "IS_WRITEABLE", "PAYLOAD_TX", "PAYLOAD_RX",
};

static int refuse, veto, swallow, fail_rx, fail_tx, uppercase;

static int on_hook(struct libwebsocket_context *context, struct libwebsocket_extension *ext, struct libwebsocket *wsi,
                   enum libwebsocket_extension_callback_reasons reason, void *user, void *in, size_t len)
{
    struct lws_tokens *tokens = in;
    int i;

    (void)context;
    events++;
    if (reason == LWS_EXT_CALLBACK_1HZ)
        return 0;
    printf("    %s %s wsi %d user %d", ext->name, hook_names[reason], wsi != NULL, user != NULL);
    switch (reason) {
    case LWS_EXT_CALLBACK_CHECK_OK_TO_PROPOSE_EXTENSION:
        printf(" \"%s\" %zu\n", (char *)in, len);
        return veto && !strcmp(in, "vetoed");
    case LWS_EXT_CALLBACK_CAN_PROXY_CLIENT_CONNECTION:
        printf(" \"%s\" port %d\n", (char *)in, len != 0);
        return 0;
    case LWS_EXT_CALLBACK_CONSTRUCT:
    case LWS_EXT_CALLBACK_CLIENT_CONSTRUCT:
        printf(" block %d\n", *(int *)user);
        *(int *)user = 42;
        return 0;
    case LWS_EXT_CALLBACK_DESTROY:
        printf(" block %d\n", *(int *)user);
        return 0;
    case LWS_EXT_CALLBACK_PACKET_RX_PREPARSE:
        printf(" %d %zu\n", tokens->token_len, len);
        return 0;
    case LWS_EXT_CALLBACK_PAYLOAD_RX:
        printf(" \"%.*s\" %zu\n", tokens->token_len, tokens->token, len);
        if (swallow)
            tokens->token_len = 0;
        if (uppercase)
            for (i = 0; i < tokens->token_len; i++)
                tokens->token[i] = (char)(tokens->token[i] - 32);
        return fail_rx ? -1 : 0;
    case LWS_EXT_CALLBACK_PAYLOAD_TX:
        printf(" \"%.*s\" %zu\n", tokens->token_len, tokens->token, len);
        return fail_tx ? -1 : 0;
    case LWS_EXT_CALLBACK_PACKET_TX_PRESEND:
        printf(" %d first %02x %zu\n", tokens->token_len, (unsigned char)tokens->token[0], len);
        tokens->token[0] |= 0x20;
        return 0;
    case LWS_EXT_CALLBACK_PACKET_TX_DO_SEND:
        printf(" %zu\n", len);
        return 0;
    case LWS_EXT_CALLBACK_EXTENDED_PAYLOAD_RX:
        printf(" \"%.*s\"\n", tokens->token_len, tokens->token);
        return 1;
    case LWS_EXT_CALLBACK_HANDSHAKE_REPLY_TX:
        printf(" len %d\n", len > 100);
        return 0;
    case LWS_EXT_CALLBACK_FLUSH_PENDING_TX:
        printf(" %d %d\n", tokens->token != NULL, tokens->token_len);
        return 0;
    default:
        printf(" in %d %zu\n", in != NULL, len);
        return 0;
    }
}

/* A callback is activated once on a connection, so the second extension has one of its own. */
static int on_second_hook(struct libwebsocket_context *context, struct libwebsocket_extension *ext, struct libwebsocket *wsi,
                          enum libwebsocket_extension_callback_reasons reason, void *user, void *in, size_t len)
{
    return on_hook(context, ext, wsi, reason, user, in, len);
}

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    events++;
    if (reason == LWS_CALLBACK_ADD_POLL_FD || reason == LWS_CALLBACK_SET_MODE_POLL_FD || reason == LWS_CALLBACK_CLEAR_MODE_POLL_FD)
        return 0;
    trace_event("-", wsi, (int)reason, user, in, len);
    switch (reason) {
    case LWS_CALLBACK_CONFIRM_EXTENSION_OKAY:
        return refuse && !strcmp(in, "second");
    case LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED:
        return refuse && !strcmp(in, "second");
    case LWS_CALLBACK_RECEIVE:
        printf("  write %d\n", libwebsocket_write(wsi, in, len, LWS_WRITE_TEXT));
        if (((char *)in)[0] == 'w')
            printf("  ask %d\n", libwebsocket_callback_on_writable(context, wsi));
        break;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        printf("  write %d\n", libwebsocket_write(wsi, in, len, LWS_WRITE_TEXT));
        break;
    default:
        break;
    }
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "ext", on_event, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static struct libwebsocket_protocols client_protocols[] = {
    { "ext", on_event, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static struct libwebsocket_extension extensions[] = {
    { "first", on_hook, sizeof(int), NULL },
    { "second", on_second_hook, 100, NULL },
    { NULL, NULL, 0, NULL },
};

static struct libwebsocket_extension client_extensions[] = {
    { "mine", on_hook, sizeof(int), NULL },
    { "vetoed", on_second_hook, sizeof(int), NULL },
    { NULL, NULL, 0, NULL },
};

static struct libwebsocket_context *context;
static int port, fd;

static void begin(const char *what, const char *offer)
{
    char line[300];
    unsigned char head[500];
    int ended;
    char *found;

    printf("%s\n", what);
    forget_names();
    refuse = swallow = fail_rx = fail_tx = uppercase = 0;
    snprintf(line, sizeof(line), "Sec-WebSocket-Protocol: ext\r\nSec-WebSocket-Extensions: %s\r\n", offer);
    if (strstr(what, "refuses"))
        refuse = 1;
    fd = peer_upgrade(port, line);
    settle(context);
    memset(head, 0, sizeof(head));
    CHECK(peer_read(fd, head, sizeof(head) - 1, &ended) > 100 && !ended);
    found = strstr((char *)head, "Sec-WebSocket-Extensions");
    printf("  answer: %.*s\n", found ? (int)strcspn(found, "\r") : 4, found ? found : "none");
}

static void end(void)
{
    settle(context);
    peer_report(fd, "  peer");
    close(fd);
    settle(context);
}

int main(void)
{
    struct lws_context_creation_info info;
    char request[4096];
    int listener, server_port;

    lws_set_log_level(0, NULL);
    port = free_port();
    info = context_info(port, protocols);
    info.extensions = extensions;
    printf("create\n");
    context = libwebsocket_create_context(&info);
    CHECK(context);

    begin("one is offered", "first");
    peer_frame(fd, 0x81, "hello", 5);
    settle(context);
    peer_frame(fd, 0x89, "ping", 4);
    settle(context);
    peer_frame(fd, 0x81, "w", 1);
    end();

    begin("both, and others", "nothing,second,first, ,other");
    peer_frame(fd, 0x81, "hello", 5);
    end();

    begin("the program refuses one", "first, second");
    end();

    begin("none is known", "nothing");
    end();

    begin("payload changed", "first");
    uppercase = 1;
    peer_frame(fd, 0x81, "hello", 5);
    end();

    begin("payload swallowed", "first");
    swallow = 1;
    peer_frame(fd, 0x81, "hello", 5);
    end();

    begin("receiving fails", "first");
    fail_rx = 1;
    peer_frame(fd, 0x81, "hello", 5);
    end();

    begin("sending fails", "first");
    fail_tx = 1;
    peer_frame(fd, 0x81, "hello", 5);
    end();

    printf("destroy\n");
    libwebsocket_context_destroy(context);

    printf("client\n");
    forget_names();
    veto = 1;
    fail_tx = 0;
    listener = server_listen(&server_port);
    info = context_info(CONTEXT_PORT_NO_LISTEN, client_protocols);
    info.extensions = client_extensions;
    context = libwebsocket_create_context(&info);
    CHECK(context);
    CHECK(libwebsocket_client_connect(context, "127.0.0.1", server_port, 0, "/", "h", NULL, "ext", -1));
    fd = server_accept(listener);
    settle(context);
    server_request(fd, request, sizeof(request), 1);
    server_reply(fd, request, "Sec-WebSocket-Protocol: ext\r\nSec-WebSocket-Extensions: mine\r\n");
    settle(context);
    peer_send(fd, "\x81\x05hello", 7);
    settle(context);
    server_frames(fd, "  server");
    close(fd);
    settle(context);
    close(listener);
    libwebsocket_context_destroy(context);
    return 0;
}
