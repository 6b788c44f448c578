/* Data that programs name. An executable may hold a copy of each (R_X86_64_COPY), so everybody has to reach it through
 * the symbol: plain C, never a constant of the compiler's own. */
#include <stddef.h>

struct libwebsocket_extension {
    const char *name;
    int (*callback)(void *context, struct libwebsocket_extension *ext, void *wsi, int reason, void *user, void *in,
                    size_t len);
    size_t per_session_data_size;
    void *per_context_private_data;
};

int lws_extension_callback_deflate_frame(void *context, struct libwebsocket_extension *ext, void *wsi, int reason,
                                         void *user, void *in, size_t len);

extern struct libwebsocket_extension libwebsocket_internal_extensions[3];
extern int openssl_websocket_private_data_index;
extern int pid_daemon;

/* The size of the block is the original's: programs that compose tables of their own copy these rows. */
struct libwebsocket_extension libwebsocket_internal_extensions[3] = {
    {"x-webkit-deflate-frame", lws_extension_callback_deflate_frame, 288, NULL},
    {"deflate-frame", lws_extension_callback_deflate_frame, 288, NULL},
    {NULL, NULL, 0, NULL},
};

/* Where SSL_get_ex_data finds the context. */
int openssl_websocket_private_data_index;

/* What lws_daemonize made. */
int pid_daemon;
