/* A client of the file server, a call after another.
 *
 *   cc files-client.c files.c $(pkg-config --cflags --libs lwmsg)
 *
 *   files-client SOCKET read PATH          writes the file to standard output
 *   files-client SOCKET write PATH         writes standard input to the file
 */
#include "files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 65536 };

static long messages;

/* A call that is answered by `expected`, or the end of the program. */
static void ask(LWMsgCall *call, LWMsgTag tag, void *data, LWMsgTag expected, LWMsgParams *out)
{
    LWMsgParams in = { tag, data };
    LWMsgStatus status = lwmsg_call_dispatch(call, &in, out, NULL, NULL);

    messages += 2;
    if (status == LWMSG_STATUS_SUCCESS && out->tag == expected)
        return;
    if (status == LWMSG_STATUS_SUCCESS && out->tag == FILE_ERROR_RES)
        fprintf(stderr, "files-client: %s\n", ((ErrorReply *)out->data)->text);
    else
        fprintf(stderr, "files-client: status %u\n", status);
    exit(1);
}

int main(int argc, char **argv)
{
    LWMsgParams opened = LWMSG_PARAMS_INITIALIZER, out = LWMSG_PARAMS_INITIALIZER;
    static unsigned char block[BLOCK];
    LWMsgProtocol *protocol = NULL;
    LWMsgSession *session = NULL;
    LWMsgCall *call = NULL;
    LWMsgPeer *peer = NULL;
    LWMsgStatus status;
    OpenRequest request;
    uint64_t offset = 0;
    size_t got;

    if (argc != 4 || (strcmp(argv[2], "read") && strcmp(argv[2], "write"))) {
        fprintf(stderr, "usage: files-client SOCKET read|write PATH\n");
        return 2;
    }
    if ((status = lwmsg_protocol_new(NULL, &protocol))
        || (status = lwmsg_protocol_add_protocol_spec(protocol, files_protocol))
        || (status = lwmsg_peer_new(NULL, protocol, &peer))
        || (status = lwmsg_peer_add_connect_endpoint(peer, LWMSG_ENDPOINT_LOCAL, argv[1]))
        || (status = lwmsg_peer_connect(peer, &session))
        || (status = lwmsg_session_acquire_call(session, &call))) {
        fprintf(stderr, "files-client: %u\n", status);
        return 1;
    }
    request.mode = strcmp(argv[2], "read") == 0 ? FILE_READ : FILE_WRITE;
    request.path = argv[3];
    ask(call, FILE_OPEN_REQ, &request, FILE_OPEN_RES, &opened);
    if (request.mode == FILE_READ) {
        ReadRequest part = { opened.data, 0, BLOCK };
        do {
            ReadReply *reply;
            ask(call, FILE_READ_REQ, &part, FILE_READ_RES, &out);
            reply = out.data;
            got = reply->size;
            part.offset += got;
            fwrite(reply->bytes, 1, got, stdout);
            lwmsg_call_destroy_params(call, &out);
        } while (got);
        offset = part.offset;
    } else {
        while ((got = fread(block, 1, sizeof block, stdin)) > 0) {
            WriteRequest part = { opened.data, offset, (uint32_t)got, block };
            ask(call, FILE_WRITE_REQ, &part, FILE_DONE_RES, &out);
            lwmsg_call_destroy_params(call, &out);
            offset += got;
        }
    }
    ask(call, FILE_CLOSE_REQ, opened.data, FILE_DONE_RES, &out);
    lwmsg_call_destroy_params(call, &out);
    /* Our own reference to the handle goes with the reply that brought it. */
    lwmsg_call_destroy_params(call, &opened);
    fprintf(stderr, "%llu bytes, %ld messages\n", (unsigned long long)offset, messages);

    lwmsg_call_release(call);
    lwmsg_peer_delete(peer);
    lwmsg_protocol_delete(protocol);
    return 0;
}
