/* Calls of LWMsg between a server and a client in one process.
 *
 *   bench WORK COUNT        makes so many calls and prints nanoseconds for each, and how many there were
 *   bench list              names the works, with a size (0: instructions are not counted) and the count that suits
 *
 * Runs on whatever liblwmsg.so.0 the dynamic linker finds.
 */
#include <lwmsg/lwmsg.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct Blob {
    uint32_t length;
    unsigned char *bytes;
} Blob;

static LWMsgTypeSpec blob_spec[] = {
    LWMSG_STRUCT_BEGIN(Blob),
    LWMSG_MEMBER_UINT32(Blob, length),
    LWMSG_MEMBER_POINTER(Blob, bytes, LWMSG_UINT8(unsigned char)),
    LWMSG_ATTR_LENGTH_MEMBER(Blob, length),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

enum { BLOCK, NONBLOCK, ECHO, REPLY };

static LWMsgProtocolSpec protocol_spec[] = {
    LWMSG_MESSAGE(BLOCK, NULL),
    LWMSG_MESSAGE(NONBLOCK, NULL),
    LWMSG_MESSAGE(ECHO, blob_spec),
    LWMSG_MESSAGE(REPLY, NULL),
    LWMSG_PROTOCOL_END,
};

static void fail(const char *what, LWMsgStatus status)
{
    fprintf(stderr, "%s: %u\n", what, status);
    exit(1);
}

static LWMsgStatus null_call(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    (void)call, (void)in, (void)data;
    out->tag = REPLY;
    return LWMSG_STATUS_SUCCESS;
}

static LWMsgStatus echo_call(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    const Blob *blob = in->data;
    Blob *copy = malloc(sizeof *copy);

    (void)call, (void)data;
    copy->length = blob->length;
    copy->bytes = malloc(blob->length);
    memcpy(copy->bytes, blob->bytes, blob->length);
    out->tag = ECHO;
    out->data = copy;
    return LWMSG_STATUS_SUCCESS;
}

static LWMsgDispatchSpec dispatch_spec[] = {
    LWMSG_DISPATCH_BLOCK(BLOCK, null_call),
    LWMSG_DISPATCH_NONBLOCK(NONBLOCK, null_call),
    LWMSG_DISPATCH_BLOCK(ECHO, echo_call),
    LWMSG_DISPATCH_END,
};

static char folder[] = "/tmp/relink-bench-XXXXXX";
static char path[64];
static LWMsgProtocol *protocol;
static LWMsgPeer *server, *client;
static LWMsgSession *session;

static void start(LWMsgEndpointType type)
{
    const char *name = type == LWMSG_ENDPOINT_LOCAL ? path : "relink-bench";
    LWMsgStatus status;

    if (!mkdtemp(folder))
        exit(1);
    snprintf(path, sizeof path, "%s/socket", folder);
    lwmsg_protocol_new(NULL, &protocol);
    lwmsg_protocol_add_protocol_spec(protocol, protocol_spec);
    lwmsg_peer_new(NULL, protocol, &server);
    lwmsg_peer_add_dispatch_spec(server, dispatch_spec);
    lwmsg_peer_set_max_listen_backlog(server, 64);
    lwmsg_peer_add_listen_endpoint(server, type, name, 0600);
    if ((status = lwmsg_peer_start_listen(server)))
        fail("start", status);
    lwmsg_peer_new(NULL, protocol, &client);
    lwmsg_peer_add_connect_endpoint(client, type, name);
    lwmsg_peer_connect(client, &session);
}

static void stop(void)
{
    lwmsg_peer_delete(client);
    lwmsg_peer_delete(server);
    lwmsg_protocol_delete(protocol);
    rmdir(folder);
}

typedef struct Thread {
    pthread_t thread;
    LWMsgTag tag;
    Blob *blob;
    long count;
} Thread;

static void *synchronous(void *data)
{
    Thread *thread = data;
    LWMsgParams in = { thread->tag, thread->blob }, out = LWMSG_PARAMS_INITIALIZER;
    LWMsgCall *call;
    LWMsgStatus status;
    long i;

    if ((status = lwmsg_session_acquire_call(session, &call)))
        fail("acquire", status);
    for (i = 0; i < thread->count; i++) {
        if ((status = lwmsg_call_dispatch(call, &in, &out, NULL, NULL)))
            fail("dispatch", status);
        lwmsg_call_destroy_params(call, &out);
    }
    lwmsg_call_release(call);
    return NULL;
}

static void threads(LWMsgTag tag, long number, size_t size, long count)
{
    Thread *all = calloc((size_t)number, sizeof *all);
    Blob blob = { (uint32_t)size, calloc(1, size + 1) };
    long i;

    for (i = 0; i < number; i++) {
        all[i].tag = tag;
        all[i].blob = size ? &blob : NULL;
        all[i].count = count / number;
        if (number == 1)
            synchronous(&all[i]);
        else
            pthread_create(&all[i].thread, NULL, synchronous, &all[i]);
    }
    for (i = 0; i < number && number > 1; i++)
        pthread_join(all[i].thread, NULL);
    free(blob.bytes);
    free(all);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t event = PTHREAD_COND_INITIALIZER;
static long left, running;

typedef struct Slot {
    LWMsgCall *call;
    LWMsgParams in, out;
} Slot;

static void done(LWMsgCall *call, LWMsgStatus status, void *data)
{
    Slot *slot = data;
    int again;

    if (status)
        fail("completed", status);
    lwmsg_call_destroy_params(call, &slot->out);
    pthread_mutex_lock(&lock);
    again = left > 0;
    if (again)
        left--;
    else if (--running == 0)
        pthread_cond_signal(&event);
    pthread_mutex_unlock(&lock);
    if (again && (status = lwmsg_call_dispatch(call, &slot->in, &slot->out, done, slot)) != LWMSG_STATUS_PENDING)
        fail("dispatch again", status);
}

/* As many calls as `depth` on their way at any time, each made by the completion of another. */
static void asynchronous(long depth, long count)
{
    Slot *slots = calloc((size_t)depth, sizeof *slots);
    LWMsgStatus status;
    long i;

    left = count - depth;
    running = depth;
    for (i = 0; i < depth; i++) {
        slots[i].in.tag = NONBLOCK;
        slots[i].out.tag = LWMSG_TAG_INVALID;
        if ((status = lwmsg_session_acquire_call(session, &slots[i].call)))
            fail("acquire", status);
    }
    for (i = 0; i < depth; i++)
        if ((status = lwmsg_call_dispatch(slots[i].call, &slots[i].in, &slots[i].out, done, &slots[i]))
            != LWMSG_STATUS_PENDING)
            fail("dispatch", status);
    pthread_mutex_lock(&lock);
    while (running)
        pthread_cond_wait(&event, &lock);
    pthread_mutex_unlock(&lock);
    /* The last completion may still be returning. */
    for (i = 0; i < depth; i++) {
        lwmsg_call_wait(slots[i].call);
        lwmsg_call_release(slots[i].call);
    }
    free(slots);
}

/* A new client, one call, and the end of the client. */
static void new_clients(long count)
{
    while (count--) {
        LWMsgParams in = { NONBLOCK, NULL }, out = LWMSG_PARAMS_INITIALIZER;
        LWMsgPeer *own;
        LWMsgSession *own_session;
        LWMsgCall *call;
        LWMsgStatus status;

        lwmsg_peer_new(NULL, protocol, &own);
        lwmsg_peer_add_connect_endpoint(own, LWMSG_ENDPOINT_LOCAL, path);
        lwmsg_peer_connect(own, &own_session);
        if ((status = lwmsg_session_acquire_call(own_session, &call))
            || (status = lwmsg_call_dispatch(call, &in, &out, NULL, NULL)))
            fail("new client", status);
        lwmsg_call_release(call);
        lwmsg_peer_delete(own);
    }
}

static void associations(long count)
{
    while (count--) {
        LWMsgAssoc *assoc;
        LWMsgStatus status;

        lwmsg_connection_new(NULL, protocol, &assoc);
        lwmsg_connection_set_endpoint(assoc, LWMSG_CONNECTION_MODE_LOCAL, path);
        if ((status = lwmsg_assoc_connect(assoc, NULL)) || (status = lwmsg_assoc_close(assoc)))
            fail("association", status);
        lwmsg_assoc_delete(assoc);
    }
}

static void block_1(long count) { threads(BLOCK, 1, 0, count); }
static void block_16(long count) { threads(BLOCK, 16, 0, count); }
static void block_64(long count) { threads(BLOCK, 64, 0, count); }
static void nonblock_1(long count) { threads(NONBLOCK, 1, 0, count); }
static void nonblock_4(long count) { threads(NONBLOCK, 4, 0, count); }
static void nonblock_64(long count) { threads(NONBLOCK, 64, 0, count); }
static void async_1(long count) { asynchronous(1, count); }
static void async_64(long count) { asynchronous(64, count); }
static void echo_1k(long count) { threads(ECHO, 1, 1024, count); }
static void echo_64k(long count) { threads(ECHO, 1, 65536, count); }
static void echo_1m(long count) { threads(ECHO, 1, 1 << 20, count); }

static const struct Work {
    const char *name;
    void (*run)(long count);
    LWMsgEndpointType type;
    long count;
} works[] = {
    { "call-block-1-thread", block_1, LWMSG_ENDPOINT_LOCAL, 20000 },
    { "call-block-16-threads", block_16, LWMSG_ENDPOINT_LOCAL, 64000 },
    { "call-block-64-threads", block_64, LWMSG_ENDPOINT_LOCAL, 64000 },
    { "call-nonblock-1-thread", nonblock_1, LWMSG_ENDPOINT_LOCAL, 40000 },
    { "call-nonblock-4-threads", nonblock_4, LWMSG_ENDPOINT_LOCAL, 64000 },
    { "call-nonblock-64-threads", nonblock_64, LWMSG_ENDPOINT_LOCAL, 64000 },
    { "call-async-depth-1", async_1, LWMSG_ENDPOINT_LOCAL, 40000 },
    { "call-async-depth-64", async_64, LWMSG_ENDPOINT_LOCAL, 200000 },
    { "call-echo-1k", echo_1k, LWMSG_ENDPOINT_LOCAL, 20000 },
    { "call-echo-64k", echo_64k, LWMSG_ENDPOINT_LOCAL, 4000 },
    { "call-echo-1m", echo_1m, LWMSG_ENDPOINT_LOCAL, 300 },
    { "client-new-call-delete", new_clients, LWMSG_ENDPOINT_LOCAL, 10000 },
    { "connect-close", associations, LWMSG_ENDPOINT_LOCAL, 20000 },
    { "direct-call", nonblock_1, LWMSG_ENDPOINT_DIRECT, 40000000 },
    { "direct-echo-1k", echo_1k, LWMSG_ENDPOINT_DIRECT, 1000000 },
};

int main(int argc, char **argv)
{
    struct timespec begin, end;
    size_t i;

    for (i = 0; i < sizeof works / sizeof *works; i++) {
        long count;

        if (argc == 2 && !strcmp(argv[1], "list"))
            printf("%s 0 %ld\n", works[i].name, works[i].count);
        if (argc != 3 || strcmp(argv[1], works[i].name))
            continue;
        count = atol(argv[2]);
        start(works[i].type);
        /* Connections are made and threads started before the clock is. */
        works[i].run(64);
        clock_gettime(CLOCK_MONOTONIC, &begin);
        works[i].run(count);
        clock_gettime(CLOCK_MONOTONIC, &end);
        stop();
        printf("%.1f %ld\n",
               ((double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec)) / (double)count,
               count);
        return 0;
    }
    return argc == 2 ? 0 : 1;
}
