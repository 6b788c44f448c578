/* Data that programs name: an executable may hold a copy of each, and everybody has to mean the same one. */
#include "peer.h"

extern struct libwebsocket_extension libwebsocket_internal_extensions[3];
extern int openssl_websocket_private_data_index;
extern int pid_daemon;
int get_daemonize_pid(void);

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)context, (void)wsi, (void)reason, (void)user, (void)in, (void)len;
    return 0;
}

int main(void)
{
    struct libwebsocket_protocols protocols[] = { { "data", on_event, 0, 0, NULL, 0 }, { NULL, NULL, 0, 0, NULL, 0 } };
    struct lws_context_creation_info info = context_info(CONTEXT_PORT_NO_LISTEN, protocols);
    struct libwebsocket_context *context;
    int i;

    lws_set_log_level(0, NULL);
    printf("size %zu\n", sizeof(libwebsocket_internal_extensions));
    printf("one table %d\n", libwebsocket_get_internal_extensions() == libwebsocket_internal_extensions);
    for (i = 0; i < 3; i++)
        printf("%s %d %zu\n", libwebsocket_internal_extensions[i].name ? libwebsocket_internal_extensions[i].name : "end",
               libwebsocket_internal_extensions[i].callback != NULL, libwebsocket_internal_extensions[i].per_session_data_size);
    openssl_websocket_private_data_index = 12345;
    context = libwebsocket_create_context(&info);
    CHECK(context);
    printf("index set by the library %d\n", openssl_websocket_private_data_index != 12345);
    libwebsocket_context_destroy(context);
    pid_daemon = 7;
    printf("pid %d\n", get_daemonize_pid());
    pid_daemon = 0;
    return 0;
}
