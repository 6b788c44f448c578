/* A client of the file server that asks for many parts of a file at once: completion functions take what comes, in
 * whatever order, and ask for more.
 *
 *   cc files-async.c files.c $(pkg-config --cflags --libs lwmsg)
 *
 *   files-async SOCKET PATH SIZE       writes SIZE bytes of the file to standard output
 */
#include "files.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 16, BLOCK = 16384 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t done = PTHREAD_COND_INITIALIZER;
static uint64_t next, size;
static unsigned int running;
static long messages;
static LWMsgStatus result;
static unsigned char *whole;

/* A part of the file that is on its way. */
typedef struct Part {
    LWMsgCall *call;
    ReadRequest request;
    LWMsgParams in, out;
} Part;

/* What is to be asked for next; false when everything is. */
static int take(Part *part)
{
    int more;

    pthread_mutex_lock(&lock);
    more = next < size && !result;
    if (more) {
        part->request.offset = next;
        part->request.size = size - next < BLOCK ? (uint32_t)(size - next) : BLOCK;
        next += part->request.size;
        messages += 2;
    } else if (--running == 0) {
        pthread_cond_signal(&done);
    }
    pthread_mutex_unlock(&lock);
    return more;
}

static void failed(LWMsgStatus status)
{
    pthread_mutex_lock(&lock);
    result = status;
    pthread_mutex_unlock(&lock);
}

/* Called by a thread of the library; it may make the call again. */
static void complete(LWMsgCall *call, LWMsgStatus status, void *data)
{
    Part *part = data;

    if (status == LWMSG_STATUS_SUCCESS && part->out.tag == FILE_READ_RES) {
        ReadReply *reply = part->out.data;
        memcpy(whole + part->request.offset, reply->bytes, reply->size);
    } else {
        failed(status ? status : LWMSG_STATUS_ERROR);
    }
    lwmsg_call_destroy_params(call, &part->out);
    while (take(part)) {
        status = lwmsg_call_dispatch(call, &part->in, &part->out, complete, part);
        if (status == LWMSG_STATUS_PENDING)
            return;
        failed(status ? status : LWMSG_STATUS_ERROR);
    }
}

int main(int argc, char **argv)
{
    LWMsgParams in = LWMSG_PARAMS_INITIALIZER, opened = LWMSG_PARAMS_INITIALIZER;
    LWMsgProtocol *protocol = NULL;
    LWMsgSession *session = NULL;
    LWMsgPeer *peer = NULL;
    LWMsgCall *call = NULL;
    LWMsgStatus status;
    OpenRequest request = { FILE_READ, NULL };
    static Part parts[PARTS];
    int i;

    if (argc != 4) {
        fprintf(stderr, "usage: files-async SOCKET PATH SIZE\n");
        return 2;
    }
    request.path = argv[2];
    size = strtoull(argv[3], NULL, 10);
    whole = calloc(1, size + 1);
    in.tag = FILE_OPEN_REQ;
    in.data = &request;
    if ((status = lwmsg_protocol_new(NULL, &protocol))
        || (status = lwmsg_protocol_add_protocol_spec(protocol, files_protocol))
        || (status = lwmsg_peer_new(NULL, protocol, &peer))
        || (status = lwmsg_peer_add_connect_endpoint(peer, LWMSG_ENDPOINT_LOCAL, argv[1]))
        || (status = lwmsg_peer_connect(peer, &session))
        || (status = lwmsg_session_acquire_call(session, &call))
        || (status = lwmsg_call_dispatch(call, &in, &opened, NULL, NULL))) {
        fprintf(stderr, "files-async: %u\n", status);
        return 1;
    }
    messages = 2;
    if (opened.tag != FILE_OPEN_RES) {
        fprintf(stderr, "files-async: %s\n", ((ErrorReply *)opened.data)->text);
        return 1;
    }
    running = PARTS;
    for (i = 0; i < PARTS; i++) {
        Part *part = &parts[i];
        part->request.file = opened.data;
        part->in.tag = FILE_READ_REQ;
        part->in.data = &part->request;
        part->out.tag = LWMSG_TAG_INVALID;
        if ((status = lwmsg_session_acquire_call(session, &part->call))) {
            fprintf(stderr, "files-async: %u\n", status);
            return 1;
        }
        if (take(part)) {
            status = lwmsg_call_dispatch(part->call, &part->in, &part->out, complete, part);
            if (status != LWMSG_STATUS_PENDING)
                complete(part->call, status, part);
        }
    }
    pthread_mutex_lock(&lock);
    while (running)
        pthread_cond_wait(&done, &lock);
    pthread_mutex_unlock(&lock);
    for (i = 0; i < PARTS; i++) {
        /* Its completion function may not have returned yet. */
        lwmsg_call_wait(parts[i].call);
        lwmsg_call_release(parts[i].call);
    }
    lwmsg_call_destroy_params(call, &opened);
    lwmsg_call_release(call);
    lwmsg_peer_delete(peer);
    lwmsg_protocol_delete(protocol);
    if (result) {
        fprintf(stderr, "files-async: %u\n", result);
        return 1;
    }
    fwrite(whole, 1, size, stdout);
    free(whole);
    fprintf(stderr, "%ld messages\n", messages);
    return 0;
}
