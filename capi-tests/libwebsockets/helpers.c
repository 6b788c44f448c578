/* Base64, the version, randomness and the host's name. */
#include "peer.h"

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)context, (void)wsi, (void)reason, (void)user, (void)in, (void)len;
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "helpers", on_event, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

int main(void)
{
    static const char *const encoded[] = { "", "YWI=", "c2FuaXR5IGNoZWNrIGJhc2UgNjQ=" };
    struct lws_context_creation_info info = context_info(CONTEXT_PORT_NO_LISTEN, protocols);
    struct libwebsocket_context *context;
    char text[64], host[200] = "";
    unsigned char random[64] = { 0 };
    size_t i;
    int n, set = 0;

    for (n = 0; n <= 9; n++) {
        int k, length;

        for (k = 0; k < 16; k++) {
            memset(text, '#', sizeof(text));
            length = lws_b64_encode_string("\x00\xff" "abcdefg", n, text, k);
            if (length >= 0)
                break;
        }
        CHECK(length >= 0 && text[length] == 0);
        printf("%d bytes need %d for %d: %s\n", n, k, length, text);
    }
    for (i = 0; i < sizeof(encoded) / sizeof(encoded[0]); i++) {
        memset(text, '#', sizeof(text));
        n = lws_b64_decode_string(encoded[i], text, sizeof(text));
        printf("%d \"%s\"\n", n, text);
    }
    CHECK(lws_b64_decode_string("c2FuaXR5IGNoZWNrIGJhc2UgNjQ=", text, 10) == -1);

    printf("%.4s\n", lws_get_library_version());

    lws_set_log_level(0, NULL);
    info.user = &info;
    context = libwebsocket_create_context(&info);
    CHECK(context);
    printf("user %d\n", libwebsocket_context_user(context) == &info);
    printf("random %d\n", libwebsockets_get_random(context, random, sizeof(random)));
    for (i = 0; i < sizeof(random); i++)
        set += random[i] != 0;
    CHECK(set > 32);
    CHECK(gethostname(host, sizeof(host)) == 0);
    printf("host %d\n", !strncmp(libwebsocket_canonical_hostname(context), host, 127));
    libwebsocket_context_destroy(context);
    info.options = LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME;
    context = libwebsocket_create_context(&info);
    CHECK(context);
    printf("host %s\n", libwebsocket_canonical_hostname(context));
    libwebsocket_context_destroy(context);
    return 0;
}
