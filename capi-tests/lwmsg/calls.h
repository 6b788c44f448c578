/* What the test programs about calls share: a protocol, a server whose handlers do what the request asks for, and the
 * three ways to reach it.
 */
#ifndef RELINK_CALLS_H
#define RELINK_CALLS_H

#include <lwmsg/lwmsg.h>

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

/* A request: what to do, and something to carry. */
typedef struct Order {
    int32_t number;
    uint32_t status;
    char *text;
} Order;

typedef struct Blob {
    uint32_t length;
    unsigned char *bytes;
} Blob;

typedef struct Descriptor {
    int32_t number;
    int fd;
} Descriptor;

typedef struct Ticket {
    LWMsgHandle *handle;
    int32_t number;
} Ticket;

static LWMsgTypeSpec order_spec[] = {
    LWMSG_STRUCT_BEGIN(Order),
    LWMSG_MEMBER_INT32(Order, number),
    LWMSG_MEMBER_UINT32(Order, status),
    LWMSG_MEMBER_PSTR(Order, text),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec blob_spec[] = {
    LWMSG_STRUCT_BEGIN(Blob),
    LWMSG_MEMBER_UINT32(Blob, length),
    LWMSG_MEMBER_POINTER(Blob, bytes, LWMSG_UINT8(unsigned char)),
    LWMSG_ATTR_LENGTH_MEMBER(Blob, length),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec descriptor_spec[] = {
    LWMSG_STRUCT_BEGIN(Descriptor),
    LWMSG_MEMBER_INT32(Descriptor, number),
    LWMSG_MEMBER_FD(Descriptor, fd),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

/* A server's handle in its output. */
static LWMsgTypeSpec opened_spec[] = {
    LWMSG_STRUCT_BEGIN(Ticket),
    LWMSG_MEMBER_HANDLE(Ticket, handle, Ticket),
    LWMSG_ATTR_HANDLE_LOCAL_FOR_SENDER,
    LWMSG_MEMBER_INT32(Ticket, number),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

/* The same in a client's input. */
static LWMsgTypeSpec ticket_spec[] = {
    LWMSG_STRUCT_BEGIN(Ticket),
    LWMSG_MEMBER_HANDLE(Ticket, handle, Ticket),
    LWMSG_ATTR_HANDLE_LOCAL_FOR_RECEIVER,
    LWMSG_ATTR_NOT_NULL,
    LWMSG_MEMBER_INT32(Ticket, number),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

enum {
    NOTHING = 0,       /* without payload */
    ORDER = 1,         /* an Order */
    ORDER_QUICK = 2,   /* an Order, for a handler that never blocks */
    ECHO = 3,          /* a Blob */
    PASS = 4,          /* a Descriptor */
    OPEN = 5,          /* an Order */
    OPENED = 6,        /* a Ticket of the server's */
    USE = 7,           /* a Ticket */
    CLOSE = 8,         /* a Ticket */
    NOBODY = 9,        /* no handler */
    EMPTY_LINE = 10,   /* a line without a handler */
    BACK = 11,         /* an Order that the server sends */
    /* 12 is a gap */
    BEYOND = 13        /* beyond the dispatch table */
};

static LWMsgProtocolSpec calls_protocol[] = {
    LWMSG_MESSAGE(NOTHING, NULL),
    LWMSG_MESSAGE(ORDER, order_spec),
    LWMSG_MESSAGE(ORDER_QUICK, order_spec),
    LWMSG_MESSAGE(ECHO, blob_spec),
    LWMSG_MESSAGE(PASS, descriptor_spec),
    LWMSG_MESSAGE(OPEN, order_spec),
    LWMSG_MESSAGE(OPENED, opened_spec),
    LWMSG_MESSAGE(USE, ticket_spec),
    LWMSG_MESSAGE(CLOSE, ticket_spec),
    LWMSG_MESSAGE(NOBODY, order_spec),
    LWMSG_MESSAGE(EMPTY_LINE, order_spec),
    LWMSG_MESSAGE(BACK, order_spec),
    LWMSG_MESSAGE(BEYOND, order_spec),
    LWMSG_PROTOCOL_END,
};

/* What an Order asks for. */
enum {
    RETURN,              /* return the status */
    ANSWER,              /* return the status and the order itself */
    PEND,                /* pend; another thread completes with the status */
    PEND_CANCELLABLE,    /* pend until cancelled; completes with CANCELLED from the cancel function */
    COMPLETE_FIRST,      /* complete with the status before returning PENDING */
    SLEEP,               /* sleep for status milliseconds */
    CALL_BACK,           /* make a call back, and return what it returns */
    BAD_OUTPUT           /* an output that cannot be sent */
};

/* In main(argc, argv): runs a test, unless the program's argument is no part of its name. */
#define RUN(test)                                  \
    do {                                           \
        if (argc > 1 && !strstr(#test, argv[1]))   \
            break;                                 \
        printf("%s\n", #test);                     \
        fflush(stdout);                            \
        test();                                    \
    } while (0)

static inline int open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int number = 0;

    while (readdir(folder))
        number++;
    closedir(folder);
    return number;
}

static inline void pause_ms(unsigned int milliseconds)
{
    struct timespec time = { milliseconds / 1000, (long)(milliseconds % 1000) * 1000000 };
    nanosleep(&time, NULL);
}

static inline char *copy_text(const char *text)
{
    return text ? strdup(text) : NULL;
}

static inline void *thread_complete(void *data)
{
    LWMsgCall *call = data;
    LWMsgStatus status = (LWMsgStatus)(uintptr_t)lwmsg_call_get_user_data(call);

    pause_ms(20);
    lwmsg_call_complete(call, status);
    return NULL;
}

static pthread_mutex_t calls_lock = PTHREAD_MUTEX_INITIALIZER;
static int cancelled_calls, cleaned_handles, constructed, destructed;

static inline int counted(int *counter)
{
    int value;

    pthread_mutex_lock(&calls_lock);
    value = *counter;
    pthread_mutex_unlock(&calls_lock);
    return value;
}

static inline void count(int *counter)
{
    pthread_mutex_lock(&calls_lock);
    ++*counter;
    pthread_mutex_unlock(&calls_lock);
}

/* Waits, for at most ten seconds, until a counter has a value. */
static inline void await_count(int *counter, int value)
{
    for (int i = 0; i < 10000 && counted(counter) != value; i++)
        pause_ms(1);
    CHECK_EQ(counted(counter), value);
}

static inline void on_cancel(LWMsgCall *call, void *data)
{
    (void)data;
    count(&cancelled_calls);
    lwmsg_call_complete(call, LWMSG_STATUS_CANCELLED);
}

static LWMsgStatus handle_order(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    Order *order = in->data;
    pthread_t thread;

    (void)data;
    switch (order->number) {
    case RETURN:
        return (LWMsgStatus)order->status;
    case ANSWER: {
        Order *answer = calloc(1, sizeof *answer);
        answer->number = order->number + 100;
        answer->status = order->status;
        answer->text = copy_text(order->text);
        out->tag = ORDER;
        out->data = answer;
        return (LWMsgStatus)order->status;
    }
    case PEND:
        lwmsg_call_pend(call, NULL, NULL);
        lwmsg_call_set_user_data(call, (void *)(uintptr_t)order->status);
        CHECK_EQ(pthread_create(&thread, NULL, thread_complete, call), 0);
        pthread_detach(thread);
        return LWMSG_STATUS_PENDING;
    case PEND_CANCELLABLE:
        lwmsg_call_pend(call, on_cancel, NULL);
        return LWMSG_STATUS_PENDING;
    case COMPLETE_FIRST:
        lwmsg_call_pend(call, NULL, NULL);
        lwmsg_call_complete(call, (LWMsgStatus)order->status);
        return LWMSG_STATUS_PENDING;
    case SLEEP:
        pause_ms(order->status);
        return LWMSG_STATUS_SUCCESS;
    case CALL_BACK: {
        LWMsgCall *back = NULL;
        Order question = { RETURN, order->status, NULL };
        LWMsgParams back_in = { BACK, &question }, back_out = LWMSG_PARAMS_INITIALIZER;
        LWMsgStatus status = lwmsg_session_acquire_call(lwmsg_call_get_session(call), &back);
        if (status)
            return status;
        status = lwmsg_call_dispatch(back, &back_in, &back_out, NULL, NULL);
        lwmsg_call_destroy_params(back, &back_out);
        lwmsg_call_release(back);
        return status;
    }
    case BAD_OUTPUT: {
        Ticket *ticket = calloc(1, sizeof *ticket);
        out->tag = USE;
        out->data = ticket;
        return LWMSG_STATUS_SUCCESS;
    }
    default:
        return LWMSG_STATUS_UNIMPLEMENTED;
    }
}

static LWMsgStatus handle_nothing(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    (void)call, (void)in, (void)data;
    out->tag = NOTHING;
    return LWMSG_STATUS_SUCCESS;
}

static LWMsgStatus handle_echo(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    Blob *blob = in->data, *copy = malloc(sizeof *copy);

    (void)call, (void)data;
    copy->length = blob->length;
    copy->bytes = malloc(blob->length + 1);
    memcpy(copy->bytes, blob->bytes, blob->length);
    out->tag = ECHO;
    out->data = copy;
    return LWMSG_STATUS_SUCCESS;
}

static LWMsgStatus handle_pass(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    Descriptor *got = in->data, *back = calloc(1, sizeof *back);

    (void)call, (void)data;
    back->number = got->number;
    back->fd = got->fd > 0 ? dup(got->fd) : -1;
    out->tag = PASS;
    out->data = back;
    return LWMSG_STATUS_SUCCESS;
}

/* How long it takes to clean a ticket up. */
static unsigned int cleaning_ms;

static void clean_ticket(void *data)
{
    if (cleaning_ms > 0)
        pause_ms(cleaning_ms);
    count(&cleaned_handles);
    free(data);
}

static LWMsgStatus handle_open(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    LWMsgSession *session = lwmsg_call_get_session(call);
    Order *order = in->data;
    Ticket *ticket = calloc(1, sizeof *ticket);
    int *kept = malloc(sizeof *kept);
    LWMsgStatus status;

    (void)data;
    *kept = order->number;
    status = lwmsg_session_register_handle(session, "Ticket", kept, clean_ticket, &ticket->handle);
    if (status) {
        free(kept);
        free(ticket);
        return status;
    }
    lwmsg_session_retain_handle(session, ticket->handle);
    ticket->number = order->number;
    out->tag = OPENED;
    out->data = ticket;
    return LWMSG_STATUS_SUCCESS;
}

static LWMsgStatus handle_use(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    Ticket *ticket = in->data;
    void *kept = NULL;
    LWMsgStatus status = lwmsg_session_get_handle_data(lwmsg_call_get_session(call), ticket->handle, &kept);

    (void)out, (void)data;
    if (status)
        return status;
    return *(int *)kept == ticket->number ? LWMSG_STATUS_SUCCESS : LWMSG_STATUS_BUSY;
}

static LWMsgStatus handle_close(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    Ticket *ticket = in->data;

    (void)out, (void)data;
    return lwmsg_session_unregister_handle(lwmsg_call_get_session(call), ticket->handle);
}

static LWMsgDispatchSpec calls_dispatch[] = {
    LWMSG_DISPATCH_NONBLOCK(NOTHING, handle_nothing),
    LWMSG_DISPATCH_BLOCK(ORDER, handle_order),
    LWMSG_DISPATCH_NONBLOCK(ORDER_QUICK, handle_order),
    LWMSG_DISPATCH_BLOCK(ECHO, handle_echo),
    LWMSG_DISPATCH_BLOCK(PASS, handle_pass),
    LWMSG_DISPATCH_BLOCK(OPEN, handle_open),
    LWMSG_DISPATCH_BLOCK(USE, handle_use),
    LWMSG_DISPATCH_BLOCK(CLOSE, handle_close),
    LWMSG_DISPATCH_BLOCK(EMPTY_LINE, NULL),
    LWMSG_DISPATCH_END,
};

/* What a client does when it is called back. */
static LWMsgDispatchSpec back_dispatch[] = {
    LWMSG_DISPATCH_BLOCK(BACK, handle_order),
    LWMSG_DISPATCH_END,
};

static inline LWMsgStatus on_construct(LWMsgSecurityToken *token, void *data, void **session_data)
{
    (void)token;
    count(&constructed);
    *session_data = data;
    return LWMSG_STATUS_SUCCESS;
}

static inline void on_destruct(LWMsgSecurityToken *token, void *session_data)
{
    (void)token, (void)session_data;
    count(&destructed);
}

/* A server, a client and the session between them. */
typedef struct Pair {
    LWMsgProtocol *protocol;
    LWMsgPeer *server, *client;
    LWMsgSession *session;
    char folder[64], path[96];
} Pair;

static inline void make_place(Pair *pair)
{
    strcpy(pair->folder, "/tmp/relink-lwmsg-XXXXXX");
    CHECK(mkdtemp(pair->folder));
    snprintf(pair->path, sizeof pair->path, "%s/socket", pair->folder);
}

static inline void make_peers(Pair *pair)
{
    memset(pair, 0, sizeof *pair);
    make_place(pair);
    CHECK_EQ(lwmsg_protocol_new(NULL, &pair->protocol), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_protocol_add_protocol_spec(pair->protocol, calls_protocol), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_new(NULL, pair->protocol, &pair->server), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_new(NULL, pair->protocol, &pair->client), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_add_dispatch_spec(pair->server, calls_dispatch), LWMSG_STATUS_SUCCESS);
}

static inline void join_peers(Pair *pair, LWMsgEndpointType type)
{
    int fds[2];

    switch (type) {
    case LWMSG_ENDPOINT_LOCAL:
    case LWMSG_ENDPOINT_DIRECT: {
        const char *name = type == LWMSG_ENDPOINT_LOCAL ? pair->path : "relink-calls";
        CHECK_EQ(lwmsg_peer_add_listen_endpoint(pair->server, type, name, 0600), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(lwmsg_peer_start_listen(pair->server), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(lwmsg_peer_add_connect_endpoint(pair->client, type, name), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(lwmsg_peer_connect(pair->client, &pair->session), LWMSG_STATUS_SUCCESS);
        break;
    }
    default:
        CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        CHECK_EQ(lwmsg_peer_accept_fd(pair->server, LWMSG_ENDPOINT_PAIR, fds[0]), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(lwmsg_peer_connect_fd(pair->client, LWMSG_ENDPOINT_PAIR, fds[1], &pair->session),
                 LWMSG_STATUS_SUCCESS);
        break;
    }
}

static inline void end_pair(Pair *pair)
{
    lwmsg_peer_delete(pair->client);
    lwmsg_peer_delete(pair->server);
    lwmsg_protocol_delete(pair->protocol);
    CHECK(access(pair->path, F_OK) != 0);
    CHECK_EQ(rmdir(pair->folder), 0);
}

static inline LWMsgCall *acquire(LWMsgSession *session)
{
    LWMsgCall *call = NULL;

    CHECK_EQ(lwmsg_session_acquire_call(session, &call), LWMSG_STATUS_SUCCESS);
    CHECK(call != NULL);
    return call;
}

/* One synchronous call with an Order on a handle of its own; the output is checked and freed. */
static inline LWMsgStatus order(LWMsgSession *session, LWMsgTag tag, int number, unsigned int status, const char *text)
{
    LWMsgCall *call = acquire(session);
    Order input = { number, status, (char *)text };
    LWMsgParams in = { tag, &input }, out = LWMSG_PARAMS_INITIALIZER;
    LWMsgStatus result = lwmsg_call_dispatch(call, &in, &out, NULL, NULL);

    if (out.tag == ORDER) {
        Order *answer = out.data;
        CHECK_EQ(answer->number, number + 100);
        CHECK(!answer->text == !text);
        CHECK(!answer->text || strcmp(answer->text, text ? text : "") == 0);
    }
    lwmsg_call_destroy_params(call, &out);
    CHECK_EQ(out.tag, LWMSG_TAG_INVALID);
    lwmsg_call_release(call);
    return result;
}

/* A completion to be waited for. */
typedef struct Completion {
    pthread_mutex_t lock;
    pthread_cond_t event;
    int count;
    LWMsgStatus status;
} Completion;

#define COMPLETION_INITIALIZER { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, LWMSG_STATUS_SUCCESS }

static inline void on_complete(LWMsgCall *call, LWMsgStatus status, void *data)
{
    Completion *completion = data;

    (void)call;
    pthread_mutex_lock(&completion->lock);
    completion->count++;
    completion->status = status;
    pthread_cond_broadcast(&completion->event);
    pthread_mutex_unlock(&completion->lock);
}

/* Waits, for at most ten seconds, for so many completions; gives the last status. */
static inline LWMsgStatus await_completion(Completion *completion, int number)
{
    struct timespec limit;
    LWMsgStatus status;

    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 10;
    pthread_mutex_lock(&completion->lock);
    while (completion->count < number)
        CHECK_EQ(pthread_cond_timedwait(&completion->event, &completion->lock, &limit), 0);
    CHECK_EQ(completion->count, number);
    status = completion->status;
    pthread_mutex_unlock(&completion->lock);
    return status;
}

static inline const char *type_name(LWMsgEndpointType type)
{
    return type == LWMSG_ENDPOINT_LOCAL ? "LOCAL" : type == LWMSG_ENDPOINT_PAIR ? "PAIR" : "DIRECT";
}

#endif
