/* A WebSocket echo server on Debian's libh2o, which was linked against Debian's libwslay.
 *
 * Listens on 127.0.0.1 and says on which port; ends when it is killed.
 */
#include <arpa/inet.h>
#include <h2o.h>
#include <h2o/http1.h>
#include <h2o/websocket.h>
#include <stdio.h>
#include <uv.h>

static h2o_globalconf_t configuration;
static h2o_context_t context;
static h2o_accept_ctx_t acceptor;

static void on_message(h2o_websocket_conn_t *connection, const struct wslay_event_on_msg_recv_arg *arg)
{
    if (!arg) {
        h2o_websocket_close(connection);
    } else if (!wslay_is_ctrl_frame(arg->opcode)) {
        struct wslay_event_msg reply = { arg->opcode, arg->msg, arg->msg_length };

        wslay_event_queue_msg(connection->ws_ctx, &reply);
    }
}

static int on_request(h2o_handler_t *handler, h2o_req_t *request)
{
    const char *key;

    (void)handler;
    if (h2o_is_websocket_handshake(request, &key) != 0 || !key)
        return -1;
    h2o_upgrade_to_websocket(request, key, NULL, on_message);
    return 0;
}

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

static void on_connection(uv_stream_t *listener, int status)
{
    uv_tcp_t *connection;

    if (status != 0)
        return;
    connection = h2o_mem_alloc(sizeof *connection);
    uv_tcp_init(listener->loop, connection);
    if (uv_accept(listener, (uv_stream_t *)connection) != 0) {
        uv_close((uv_handle_t *)connection, free_handle);
        return;
    }
    h2o_accept(&acceptor, h2o_uv_socket_create((uv_stream_t *)connection, free_handle));
}

int main(void)
{
    struct sockaddr_in address;
    int length = sizeof address;
    h2o_hostconf_t *host;
    h2o_pathconf_t *path;
    uv_tcp_t listener;
    uv_loop_t loop;

    h2o_config_init(&configuration);
    host = h2o_config_register_host(&configuration, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    path = h2o_config_register_path(host, "/", 0);
    h2o_create_handler(path, sizeof(h2o_handler_t))->on_req = on_request;
    uv_loop_init(&loop);
    h2o_context_init(&context, &loop, &configuration);
    acceptor.ctx = &context;
    acceptor.hosts = configuration.hosts;
    uv_tcp_init(&loop, &listener);
    uv_ip4_addr("127.0.0.1", 0, &address);
    if (uv_tcp_bind(&listener, (struct sockaddr *)&address, 0) != 0 ||
        uv_listen((uv_stream_t *)&listener, 128, on_connection) != 0 ||
        uv_tcp_getsockname(&listener, (struct sockaddr *)&address, &length) != 0)
        return 1;
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return uv_run(&loop, UV_RUN_DEFAULT);
}
