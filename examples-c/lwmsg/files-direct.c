/* The file server and a client of it in one process: a direct endpoint is tried first, the socket of another process
 * after it. The client's code does not know which it was.
 *
 *   cc files-direct.c files-handlers.c files.c $(pkg-config --cflags --libs lwmsg)
 *
 *   files-direct FOLDER PATH [SOCKET]   writes the file to standard output; with SOCKET the server there is asked
 */
#include "files.h"

#include <stdio.h>

static LWMsgStatus copy(LWMsgSession *session, char *path)
{
    LWMsgParams in = LWMSG_PARAMS_INITIALIZER, opened = LWMSG_PARAMS_INITIALIZER, out = LWMSG_PARAMS_INITIALIZER;
    OpenRequest request = { FILE_READ, path };
    ReadRequest part = { NULL, 0, 4096 };
    LWMsgCall *call = NULL;
    LWMsgStatus status;
    uint32_t got = 0;

    status = lwmsg_session_acquire_call(session, &call);
    if (status)
        return status;
    in.tag = FILE_OPEN_REQ;
    in.data = &request;
    status = lwmsg_call_dispatch(call, &in, &opened, NULL, NULL);
    if (status == LWMSG_STATUS_SUCCESS && opened.tag != FILE_OPEN_RES) {
        fprintf(stderr, "files-direct: %s\n", ((ErrorReply *)opened.data)->text);
        status = LWMSG_STATUS_NOT_FOUND;
    }
    part.file = opened.data;
    in.tag = FILE_READ_REQ;
    in.data = &part;
    while (status == LWMSG_STATUS_SUCCESS) {
        status = lwmsg_call_dispatch(call, &in, &out, NULL, NULL);
        if (status || out.tag != FILE_READ_RES)
            break;
        got = ((ReadReply *)out.data)->size;
        fwrite(((ReadReply *)out.data)->bytes, 1, got, stdout);
        part.offset += got;
        lwmsg_call_destroy_params(call, &out);
        if (got == 0)
            break;
    }
    if (status == LWMSG_STATUS_SUCCESS) {
        in.tag = FILE_CLOSE_REQ;
        in.data = opened.data;
        status = lwmsg_call_dispatch(call, &in, &out, NULL, NULL);
        lwmsg_call_destroy_params(call, &out);
    }
    lwmsg_call_destroy_params(call, &opened);
    lwmsg_call_release(call);
    return status;
}

int main(int argc, char **argv)
{
    LWMsgProtocol *protocol = NULL;
    LWMsgPeer *server = NULL, *client = NULL;
    LWMsgSession *session = NULL;
    LWMsgStatus status;

    if (argc != 3 && argc != 4) {
        fprintf(stderr, "usage: files-direct FOLDER PATH [SOCKET]\n");
        return 2;
    }
    if ((status = lwmsg_protocol_new(NULL, &protocol))
        || (status = lwmsg_protocol_add_protocol_spec(protocol, files_protocol))
        || (status = lwmsg_peer_new(NULL, protocol, &client))
        || (status = lwmsg_peer_add_connect_endpoint(client, LWMSG_ENDPOINT_DIRECT, "files"))
        || (argc == 4 && (status = lwmsg_peer_add_connect_endpoint(client, LWMSG_ENDPOINT_LOCAL, argv[3])))
        || (argc == 3
            && ((status = lwmsg_peer_new(NULL, protocol, &server))
                || (status = lwmsg_peer_add_dispatch_spec(server, files_dispatch))
                || (status = lwmsg_peer_set_dispatch_data(server, argv[1]))
                || (status = lwmsg_peer_add_listen_endpoint(server, LWMSG_ENDPOINT_DIRECT, "files", 0))
                || (status = lwmsg_peer_start_listen(server))))
        || (status = lwmsg_peer_connect(client, &session))
        || (status = copy(session, argv[2]))) {
        fprintf(stderr, "files-direct: %u\n", status);
        return 1;
    }
    lwmsg_peer_delete(client);
    lwmsg_peer_delete(server);
    lwmsg_protocol_delete(protocol);
    return 0;
}
