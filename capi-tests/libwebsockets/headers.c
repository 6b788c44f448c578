/* What programs read of a head: lengths, copies, repeated fields, limits, and when it can be read. */
#include "peer.h"

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    static const char *const names[] = { "GET", "Host", "Connection", "Key1", "Key2", "Protocol", "Upgrade", "Origin", "Draft" };
    char text[1100];
    int h;

    (void)context, (void)user, (void)in, (void)len;
    events++;
    if (reason == LWS_CALLBACK_HTTP)
        printf("  HTTP \"%.40s\" %zu\n", (char *)in, len);
    if (reason == LWS_CALLBACK_CLOSED)
        printf("  closed\n");
    if (reason != LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION && reason != LWS_CALLBACK_ESTABLISHED)
        return 0;
    printf("  %s\n", reason_names[reason]);
    for (h = 0; h < 18; h++) {
        int length = lws_hdr_total_length(wsi, (enum lws_token_indexes)h);
        int copied;

        memset(text, '#', sizeof(text));
        copied = lws_hdr_copy(wsi, text, sizeof(text), (enum lws_token_indexes)h);
        if (!length && !copied && text[0] == '#')
            continue;
        printf("    %d %s: %d %d \"%.60s\"", h, h < 9 ? names[h] : "-", length, copied, text);
        if (length) {
            printf(" exact %d", lws_hdr_copy(wsi, text, length + 1, (enum lws_token_indexes)h));
            printf(" short %d", lws_hdr_copy(wsi, text, length, (enum lws_token_indexes)h));
        }
        putchar('\n');
    }
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "headers", on_event, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static struct libwebsocket_context *context;
static int port;

static void ask(const char *what, const char *lines)
{
    unsigned char data[1000];
    int fd, ended;

    printf("%s\n", what);
    fd = peer_upgrade(port, lines);
    settle(context);
    printf("  %s\n", peer_read(fd, data, sizeof(data), &ended) ? "answered" : ended ? "refused" : "nothing");
    close(fd);
    settle(context);
}

int main(void)
{
    struct lws_context_creation_info info;
    char lines[4000];
    int i;

    lws_set_log_level(0, NULL);
    port = free_port();
    info = context_info(port, protocols);
    context = libwebsocket_create_context(&info);
    CHECK(context);

    ask("the usual", "Origin: http://example.com\r\nCookie: a=b\r\nX-Unknown:\r\n");
    ask("repeated", "Origin: one\r\nOrigin: two\r\n");
    ask("repeated with blanks", "Origin:   one\r\nOrigin:    two\r\nOrigin:three\r\n");
    ask("the name of a draft", "Sec-WebSocket-Origin: draft\r\n");
    ask("drafts' fields", "Sec-WebSocket-Key1: 1\r\nSec-WebSocket-Key2: 2\r\nSec-WebSocket-Draft: d\r\n"
                          "Sec-WebSocket-Nonce: n\r\nSec-WebSocket-Accept: a\r\n");
    ask("trailing blanks are kept", "Origin: x  \r\n");

    /* The values so far take 5 + 12 + 8 + 10 + 25 + 3 bytes without "/chat"'s: up to 1024 with all of their NULs. */
    memset(lines, 0, sizeof(lines));
    for (i = 950; i <= 962; i += 1) {
        char label[40];

        sprintf(lines, "Origin: %0*d\r\n", i, 7);
        sprintf(label, "a value of %d", i);
        printf("%s\n", label);
        {
            unsigned char data[1000];
            int ended, fd;

            fflush(stdout);
            fd = peer_upgrade(port, lines);
            settle(context);
            printf("  %s\n", peer_read(fd, data, sizeof(data), &ended) ? "answered" : ended ? "refused" : "nothing");
            close(fd);
            settle(context);
        }
    }

    lines[0] = 0;
    for (i = 0; i < 39; i++)
        strcat(lines, "Origin:x\r\n");
    ask("39 more lines that are kept", lines);
    strcat(lines, "Origin:x\r\n");
    ask("40 more lines that are kept", lines);

    libwebsocket_context_destroy(context);
    return 0;
}
