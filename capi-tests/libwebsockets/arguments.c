/* NULL and numbers out of range: what the original answers, and a clean error where it crashed.
 * harness: ours-only the original crashes */
#include "peer.h"

void libwebsocket_close_and_free_session(struct libwebsocket_context *context, struct libwebsocket *wsi,
                                         enum lws_close_status reason);

static struct libwebsocket *seen;

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    char text[8] = "#######";
    int h;

    (void)context, (void)user, (void)in, (void)len;
    events++;
    if (reason == LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION) {
        for (h = -2; h < 40; h++) {
            if (h >= 0 && h < WSI_TOKEN_COUNT)
                continue;
            CHECK_EQ(lws_hdr_total_length(wsi, (enum lws_token_indexes)h), 0);
            CHECK(lws_hdr_copy(wsi, text, sizeof(text), (enum lws_token_indexes)h) <= 0);
        }
        CHECK_EQ(lws_hdr_copy(wsi, text, 0, WSI_TOKEN_HOST), -1);
        CHECK_EQ(lws_hdr_copy(wsi, text, -5, WSI_TOKEN_HOST), -1);
        CHECK_EQ(lws_hdr_copy(wsi, NULL, 100, WSI_TOKEN_HOST), -1);
        CHECK(!strcmp(text, "#######"));
    }
    if (reason == LWS_CALLBACK_ESTABLISHED)
        seen = wsi;
    if (reason == LWS_CALLBACK_RECEIVE) {
        /* The head is gone: that is an answer, not foreign memory. */
        CHECK_EQ(lws_hdr_total_length(wsi, WSI_TOKEN_HOST), 0);
        CHECK_EQ(lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_HOST), 0);
    }
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "arguments", on_event, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static struct libwebsocket_protocols foreign[] = {
    { "foreign", on_event, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

int main(void)
{
    struct lws_context_creation_info info;
    struct libwebsocket_context *context;
    unsigned char block[100] = { 0 }, *payload = block + LWS_SEND_BUFFER_PRE_PADDING;
    char name[20] = "####", ip[20] = "####";
    int port, fd;

    lws_set_log_level(0, NULL);
    CHECK(libwebsocket_create_context(NULL) == NULL);
    info = context_info(0, NULL);
    CHECK(libwebsocket_create_context(&info) == NULL);
    CHECK_EQ(libwebsocket_service(NULL, 0), 1);
    libwebsocket_context_destroy(NULL);
    libwebsocket_service_fd(NULL, NULL);
    CHECK(libwebsocket_context_user(NULL) == NULL);
    CHECK(libwebsocket_canonical_hostname(NULL) == NULL);

    port = free_port();
    info = context_info(port, protocols);
    context = libwebsocket_create_context(&info);
    CHECK(context);

    CHECK_EQ(libwebsocket_write(NULL, payload, 5, LWS_WRITE_TEXT), -1);
    CHECK_EQ(libwebsockets_serve_http_file(context, NULL, "/", "text/html"), -1);
    CHECK_EQ(libwebsockets_serve_http_file_fragment(context, NULL), -1);
    CHECK(libwebsockets_get_protocol(NULL) == NULL);
    CHECK_EQ(libwebsocket_callback_on_writable(context, NULL), -1);
    CHECK_EQ(libwebsocket_callback_on_writable_all_protocol(NULL), 0);
    CHECK_EQ(libwebsocket_callback_on_writable_all_protocol(foreign), 0);
    CHECK_EQ(libwebsocket_get_socket_fd(NULL), -1);
    CHECK_EQ(libwebsocket_is_final_fragment(NULL), 0);
    CHECK_EQ(libwebsocket_get_reserved_bits(NULL), 0);
    CHECK_EQ(libwebsocket_rx_flow_control(NULL, 1), -1);
    CHECK_EQ(libwebsockets_remaining_packet_payload(NULL), 0);
    CHECK_EQ(lws_frame_is_binary(NULL), 0);
    CHECK_EQ(lws_send_pipe_choked(NULL), 1);
    CHECK_EQ(lws_hdr_total_length(NULL, WSI_TOKEN_HOST), 0);
    CHECK(lws_hdr_copy(NULL, name, sizeof(name), WSI_TOKEN_HOST) <= 0);
    CHECK_EQ(libwebsocket_read(context, NULL, payload, 5), -1);
    libwebsocket_close_and_free_session(context, NULL, LWS_CLOSE_STATUS_NOSTATUS);
    CHECK(libwebsocket_client_connect(NULL, "127.0.0.1", port, 0, "/", "h", NULL, NULL, -1) == NULL);
    CHECK(libwebsocket_client_connect(context, NULL, port, 0, "/", "h", NULL, NULL, -1) == NULL);
    CHECK(libwebsocket_client_connect(context, "127.0.0.1", port, 0, NULL, "h", NULL, NULL, -1) == NULL);
    CHECK(libwebsocket_client_connect(context, "127.0.0.1", port, 0, "/", NULL, NULL, NULL, -1) == NULL);
    CHECK(libwebsockets_get_random(context, NULL, 5) <= 0);
    CHECK(libwebsockets_get_random(context, payload, -1) <= 0);
    CHECK_EQ(lws_b64_encode_string(NULL, 5, name, sizeof(name)), -1);
    CHECK_EQ(lws_b64_encode_string("abc", -1, name, sizeof(name)), -1);
    CHECK_EQ(lws_b64_decode_string(NULL, name, sizeof(name)), -1);
    CHECK_EQ(lws_b64_decode_string("YWJj", name, -1), -1);
    CHECK_EQ(lws_daemonize(NULL), 1);
    lwsl_emit_syslog(LLL_DEBUG, NULL);
    _lws_log(LLL_ERR, NULL);

    /* Nobody at the other end, and no room. */
    libwebsockets_get_peer_addresses(context, NULL, -1, name, sizeof(name), ip, sizeof(ip));
    CHECK(name[0] == 0 && ip[0] == 0);
    libwebsockets_get_peer_addresses(context, NULL, -1, NULL, 0, NULL, 0);

    fd = peer_upgrade(port, "Sec-WebSocket-Protocol: arguments\r\n");
    settle(context);
    CHECK(seen);
    CHECK_EQ(libwebsocket_write(seen, NULL, 5, LWS_WRITE_TEXT), -1);
    CHECK_EQ(libwebsocket_write(seen, NULL, 0, LWS_WRITE_TEXT), 0);
    CHECK_EQ(libwebsocket_write(seen, payload, (size_t)-1, LWS_WRITE_TEXT), -1);
    CHECK_EQ(libwebsockets_serve_http_file(context, seen, NULL, "text/html"), -1);
    CHECK(libwebsockets_serve_http_file_fragment(context, seen) <= 0);
    CHECK_EQ(libwebsocket_read(context, seen, NULL, 5), -1);
    peer_frame(fd, 0x81, "x", 1);
    settle(context);

    /* A handle that a program kept too long. */
    close(fd);
    settle(context);
    CHECK_EQ(libwebsocket_write(seen, payload, 5, LWS_WRITE_TEXT), -1);
    CHECK_EQ(libwebsocket_callback_on_writable(context, seen), -1);
    CHECK_EQ(libwebsocket_rx_flow_control(seen, 1), -1);
    libwebsocket_close_and_free_session(context, seen, LWS_CLOSE_STATUS_NOSTATUS);
    libwebsocket_context_destroy(context);
    return 0;
}
