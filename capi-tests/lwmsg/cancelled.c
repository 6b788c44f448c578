/* A thread that waits in the library can be cancelled there, as in any function that waits in the system. Others go on:
 * nothing stays locked, and nothing is written any more to what was the thread's.
 *
 * harness: libs -pthread
 * harness: ours-only the original keeps the session locked, or the association busy
 * harness: no-tsan it does not know cancellation in a system call
 */
#define _GNU_SOURCE
#include "calls.h"
#include "raw.h"

static Pair pair;

/* Cancels a thread that has begun to wait. */
static void cancel(const char *where, void *(*body)(void *), void *data)
{
    struct timespec limit;
    pthread_t thread;
    void *result = NULL;

    CHECK_EQ(pthread_create(&thread, NULL, body, data), 0);
    pause_ms(100);
    CHECK_EQ(pthread_cancel(thread), 0);
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 10;
    if (pthread_timedjoin_np(thread, &result, &limit) != 0 || result != PTHREAD_CANCELED) {
        fprintf(stderr, "%s: the thread was not cancelled\n", where);
        exit(1);
    }
}

/* --- Associations --------------------------------------------------------------------------------------------------- */

static LWMsgAssoc *near, *far;

static void *receive(void *message)
{
    lwmsg_assoc_recv_message(near, message);
    return message;
}

static void *accept_somebody(void *unused)
{
    lwmsg_assoc_accept(far, NULL);
    return unused;
}

static void *send_until_full(void *unused)
{
    static unsigned char bytes[1 << 20];
    Blob blob = { sizeof bytes, bytes };
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;

    message.tag = ECHO;
    message.data = &blob;
    for (;;)
        lwmsg_assoc_send_message(near, &message);
    return unused;
}

static void *send_nothing(void *unused)
{
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;

    message.tag = NOTHING;
    CHECK_EQ(lwmsg_assoc_send_message(near, &message), LWMSG_STATUS_SUCCESS);
    return unused;
}

static void *call_over_association(void *call)
{
    LWMsgParams in = { NOTHING, NULL }, out = LWMSG_PARAMS_INITIALIZER;

    lwmsg_call_dispatch(call, &in, &out, NULL, NULL);
    return call;
}

static void *read_archive(void *archive)
{
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;

    lwmsg_archive_read_message(archive, &message);
    return archive;
}

static void associations(void)
{
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;
    LWMsgCall *call = NULL;
    pthread_t accepting, sending;
    int fds[2];

    make_peers(&pair);
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    CHECK_EQ(lwmsg_connection_new(NULL, pair.protocol, &near), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_connection_new(NULL, pair.protocol, &far), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_connection_set_fd(near, LWMSG_CONNECTION_MODE_PAIR, fds[0]), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_connection_set_fd(far, LWMSG_CONNECTION_MODE_PAIR, fds[1]), LWMSG_STATUS_SUCCESS);

    cancel("accept", accept_somebody, NULL);
    CHECK_EQ(lwmsg_assoc_get_state(far), LWMSG_ASSOC_STATE_NOT_ESTABLISHED);
    CHECK_EQ(pthread_create(&accepting, NULL, accept_somebody, NULL), 0);
    CHECK_EQ(lwmsg_assoc_connect(near, NULL), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(pthread_join(accepting, NULL), 0);

    cancel("receive", receive, &message);
    CHECK_EQ(lwmsg_assoc_get_state(near), LWMSG_ASSOC_STATE_IDLE);
    message.tag = NOTHING;
    CHECK_EQ(lwmsg_assoc_send_message(far, &message), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_assoc_recv_message(near, &message), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(message.tag, NOTHING);

    CHECK_EQ(lwmsg_assoc_acquire_call(near, &call), LWMSG_STATUS_SUCCESS);
    cancel("call over an association", call_over_association, call);
    CHECK_EQ(lwmsg_assoc_get_state(near), LWMSG_ASSOC_STATE_IDLE);
    CHECK_EQ(lwmsg_assoc_recv_message(far, &message), LWMSG_STATUS_SUCCESS);
    lwmsg_call_release(call);

    /* The rest of the message goes out before the next one. */
    cancel("send", send_until_full, NULL);
    CHECK_EQ(pthread_create(&sending, NULL, send_nothing, NULL), 0);
    CHECK_EQ(lwmsg_assoc_recv_message(far, &message), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(message.tag, ECHO);
    CHECK_EQ(lwmsg_assoc_destroy_message(far, &message), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_assoc_recv_message(far, &message), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(message.tag, NOTHING);
    CHECK_EQ(pthread_join(sending, NULL), 0);
    lwmsg_assoc_delete(near);
    lwmsg_assoc_delete(far);
    end_pair(&pair);
}

static void archives(void)
{
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;
    LWMsgArchive *archive, *writer;
    int fds[2];

    make_peers(&pair);
    CHECK_EQ(pipe(fds), 0);
    CHECK_EQ(lwmsg_archive_new(NULL, pair.protocol, &archive), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_new(NULL, pair.protocol, &writer), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_set_fd(archive, fds[0]), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_set_fd(writer, fds[1]), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_open(writer, LWMSG_ARCHIVE_WRITE), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_READ), LWMSG_STATUS_SUCCESS);
    cancel("archive", read_archive, archive);
    message.tag = NOTHING;
    CHECK_EQ(lwmsg_archive_write_message(writer, &message), LWMSG_STATUS_SUCCESS);
    message.tag = LWMSG_TAG_INVALID;
    CHECK_EQ(lwmsg_archive_read_message(archive, &message), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(message.tag, NOTHING);
    lwmsg_archive_delete(archive);
    lwmsg_archive_delete(writer);
    end_pair(&pair);
}

/* --- Calls ---------------------------------------------------------------------------------------------------------- */

/* A call that is answered when it is cancelled, or long after. Everything it uses is on the stack of the thread. */
static void *call_on(void *data)
{
    Order input = { *(int *)data, 1000, NULL };
    LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;
    LWMsgCall *call = acquire(pair.session);

    pthread_cleanup_push((void (*)(void *))lwmsg_call_release, call);
    lwmsg_call_dispatch(call, &in, &out, NULL, NULL);
    pthread_cleanup_pop(1);
    return data;
}

static void *wait_for(void *call)
{
    lwmsg_call_wait(call);
    return call;
}

static void calls(LWMsgEndpointType type)
{
    static int requests[] = { SLEEP, PEND_CANCELLABLE };
    pthread_t other;

    make_peers(&pair);
    join_peers(&pair, type);
    for (int i = 0; i < 2; i++) {
        /* Alone on the connection, and with another one that waits. */
        cancel("call", call_on, &requests[i]);
        CHECK_EQ(order(pair.session, ORDER, ANSWER, 0, "others"), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(pthread_create(&other, NULL, call_on, &requests[0]), 0);
        pause_ms(20);
        cancel("call beside another", call_on, &requests[i]);
        CHECK_EQ(order(pair.session, ORDER, ANSWER, 0, "others"), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(pthread_join(other, NULL), 0);
    }
    /* The replies nobody waited for have come. */
    pause_ms(1100);
    CHECK_EQ(order(pair.session, ORDER, ANSWER, 0, "others"), LWMSG_STATUS_SUCCESS);
    end_pair(&pair);
}

static void nothing(LWMsgCall *call, LWMsgStatus status, void *data)
{
    (void)call, (void)data;
    CHECK_EQ(status, LWMSG_STATUS_CANCELLED);
}

/* Waiting is left; the call goes on. */
static void waits(LWMsgEndpointType type)
{
    Order input = { PEND_CANCELLABLE, 0, NULL };
    LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;
    LWMsgCall *call;

    make_peers(&pair);
    join_peers(&pair, type);
    call = acquire(pair.session);
    CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, nothing, NULL), LWMSG_STATUS_PENDING);
    cancel("wait", wait_for, call);
    lwmsg_call_cancel(call);
    CHECK_EQ(lwmsg_call_wait(call), LWMSG_STATUS_CANCELLED);
    lwmsg_call_release(call);
    end_pair(&pair);
}

/* The same handle is used again, by another thread. */
static void *call_with(void *call)
{
    Order input = { SLEEP, 1000, NULL };
    LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;

    lwmsg_call_dispatch(call, &in, &out, NULL, NULL);
    return call;
}

static void a_call_can_be_made_again(LWMsgEndpointType type)
{
    Order input = { ANSWER, 0, (char *)"again" };
    LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;
    LWMsgCall *call;

    make_peers(&pair);
    join_peers(&pair, type);
    call = acquire(pair.session);
    cancel("call", call_with, call);
    CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, NULL, NULL), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(out.tag, ORDER);
    CHECK_EQ(((Order *)out.data)->number, ANSWER + 100);
    CHECK_EQ(lwmsg_call_destroy_params(call, &out), LWMSG_STATUS_SUCCESS);
    lwmsg_call_release(call);
    end_pair(&pair);
}

/* A server that does not greet: the first thread waits for that, the other one for the first. */
static void a_handshake_is_left_to_the_next(void)
{
    static int request = RETURN;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    make_peers(&pair);
    strcpy(address.sun_path, pair.path);
    CHECK_EQ(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_EQ(listen(listener, 1), 0);
    lwmsg_peer_add_connect_endpoint(pair.client, LWMSG_ENDPOINT_LOCAL, pair.path);
    lwmsg_peer_connect(pair.client, &pair.session);
    cancel("handshake", call_on, &request);
    cancel("handshake of another", call_on, &request);
    close(listener);
    CHECK_EQ(unlink(pair.path), 0);
    end_pair(&pair);
}

int main(int argc, char **argv)
{
    static const LWMsgEndpointType types[] = { LWMSG_ENDPOINT_LOCAL, LWMSG_ENDPOINT_PAIR, LWMSG_ENDPOINT_DIRECT };

    RUN(associations);
    RUN(archives);
    for (int t = 0; t < 3; t++) {
        printf("%s\n", type_name(types[t]));
        calls(types[t]);
        waits(types[t]);
        a_call_can_be_made_again(types[t]);
    }
    RUN(a_handshake_is_left_to_the_next);
    return 0;
}
