/* Files over HTTP. */
#include "peer.h"
#include <sys/stat.h>

static char folder[] = "/tmp/relink-http-XXXXXX";
static char path[300];
static int completion_returns, hide_clear = 1;

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    int result;

    events++;
    if (!(hide_clear && (reason == LWS_CALLBACK_CLEAR_MODE_POLL_FD || reason == LWS_CALLBACK_SET_MODE_POLL_FD)))
        trace_event("-", wsi, (int)reason, user, in, len);
    switch (reason) {
    case LWS_CALLBACK_HTTP:
        snprintf(path, sizeof(path), "%s%s", folder, (char *)in);
        result = libwebsockets_serve_http_file(context, wsi, path, "text/html");
        printf("  serve %d\n", result);
        return result ? 1 : 0;
    case LWS_CALLBACK_HTTP_FILE_COMPLETION:
        return completion_returns;
    default:
        return 0;
    }
}

static struct libwebsocket_protocols protocols[] = {
    { "http-only", on_event, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static struct libwebsocket_context *context;
static int port;

static void make(const char *name, size_t length)
{
    FILE *file;
    size_t i;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "w");
    CHECK(file);
    for (i = 0; i < length; i++)
        fputc('a' + (int)(i % 25), file);
    fclose(file);
}

static void get(const char *what)
{
    char request[300];
    int fd = peer_connect(port);

    printf("%s\n", what);
    forget_names();
    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: h\r\n\r\n", what);
    peer_say(fd, request);
    settle_for(context, 20);
    peer_report(fd, "peer");
    close(fd);
    settle(context);
}

int main(void)
{
    struct lws_context_creation_info info;

    lws_set_log_level(0, NULL);
    CHECK(mkdtemp(folder));
    make("small", 6);
    make("empty", 0);
    make("page", 4096);
    make("large", 300000);
    port = free_port();
    info = context_info(port, protocols);
    context = libwebsocket_create_context(&info);
    CHECK(context);

    get("/small");
    get("/empty");
    get("/page");
    get("/large");
    get("/missing");
    completion_returns = 1;
    get("/small");
    completion_returns = -1;
    get("/small");
    get("/large");

    libwebsocket_context_destroy(context);
    snprintf(path, sizeof(path), "rm -r %s", folder);
    CHECK(system(path) == 0);
    return 0;
}
