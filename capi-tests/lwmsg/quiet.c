/* What has been stopped, deleted or was never possible: nothing of it runs any more, and nobody waits for it.
 *
 * harness: ours-only about promises that the original breaks or keeps by locks
 * harness: timeout 120
 */
#include "calls.h"
#include "raw.h"

#include <errno.h>
#include <semaphore.h>
#include <sys/resource.h>

static Pair pair;

/* Something that has to be waited for: who waits, and whether it is over. */
static sem_t inside, returned, left;
static int too_early;

/* Waits, for at most ten seconds. */
static void await(sem_t *event)
{
    struct timespec limit;

    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 10;
    CHECK_EQ(sem_timedwait(event, &limit), 0);
}

/* Runs inside a function of the program's, long enough for whoever does not wait for it to return. */
static void linger(void)
{
    struct timespec limit;

    CHECK_EQ(sem_post(&inside), 0);
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_nsec += 200000000;
    if (limit.tv_nsec >= 1000000000) {
        limit.tv_nsec -= 1000000000;
        limit.tv_sec++;
    }
    if (sem_timedwait(&returned, &limit) == 0)
        count(&too_early);
    CHECK_EQ(sem_post(&left), 0);
}

/* What had to wait for that has returned. */
static void expect_none_inside(void)
{
    CHECK_EQ(sem_post(&returned), 0);
    await(&left);
    CHECK_EQ(counted(&too_early), 0);
}

static void begin(void)
{
    CHECK_EQ(sem_init(&inside, 0, 0), 0);
    CHECK_EQ(sem_init(&returned, 0, 0), 0);
    CHECK_EQ(sem_init(&left, 0, 0), 0);
    too_early = constructed = destructed = cleaned_handles = 0;
    make_peers(&pair);
}

/* --- What is read --------------------------------------------------------------------------------------------- */

static LWMsgStatus verify_slowly(LWMsgContext *context, LWMsgBool unmarshalling, void *object, void *data)
{
    (void)context, (void)object, (void)data;
    if (unmarshalling)
        linger();
    return LWMSG_STATUS_SUCCESS;
}

static LWMsgTypeSpec slow_spec[] = {
    LWMSG_STRUCT_BEGIN(Order),
    LWMSG_MEMBER_INT32(Order, number),
    LWMSG_MEMBER_UINT32(Order, status),
    LWMSG_MEMBER_PSTR(Order, text),
    LWMSG_STRUCT_END,
    LWMSG_ATTR_VERIFY(verify_slowly, NULL),
    LWMSG_TYPE_END,
};

/* The functions of types are the program's, as much as handlers are. */
static void stopping_waits_for_a_message_that_is_being_read(void)
{
    static const unsigned char bytes[] = { 0, 0, 0, RETURN, 0, 0, 0, 24, 0 };
    static LWMsgProtocolSpec slow_messages[] = { LWMSG_MESSAGE(NOBODY, slow_spec), LWMSG_PROTOCOL_END };
    int fd;

    begin();
    CHECK_EQ(lwmsg_protocol_add_protocol_spec(pair.protocol, slow_messages), LWMSG_STATUS_SUCCESS);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    fd = raw_client(pair.path);
    send_message(fd, 0, 0, NOBODY, bytes, sizeof bytes);
    await(&inside);
    CHECK_EQ(lwmsg_peer_stop_listen(pair.server), LWMSG_STATUS_SUCCESS);
    expect_none_inside();
    close(fd);
    end_pair(&pair);
}

static void on_exception(LWMsgPeer *peer, LWMsgStatus status, void *data)
{
    (void)peer, (void)data;
    CHECK_EQ(status, LWMSG_STATUS_RESOURCE_LIMIT);
    if (counted(&constructed) == 0) {
        count(&constructed);
        linger();
    }
}

/* There are no descriptors left for the client. */
static void stopping_waits_for_an_exception_function(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct rlimit before, none;
    int fd;

    begin();
    lwmsg_peer_set_exception_function(pair.server, on_exception, NULL);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    strcpy(address.sun_path, pair.path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 3;
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    CHECK_EQ(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    await(&inside);
    CHECK_EQ(lwmsg_peer_stop_listen(pair.server), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    expect_none_inside();
    close(fd);
    end_pair(&pair);
}

/* --- Session functions ----------------------------------------------------------------------------------------- */

static LWMsgStatus slow_construct(LWMsgSecurityToken *token, void *data, void **session_data)
{
    (void)token;
    count(&constructed);
    *session_data = data;
    linger();
    return LWMSG_STATUS_SUCCESS;
}

/* Comes too late, or almost so. */
static void *call_late(void *data)
{
    LWMsgCall *call = NULL;

    (void)data;
    if (lwmsg_session_acquire_call(pair.session, &call) == LWMSG_STATUS_SUCCESS) {
        Order input = { RETURN, 0, NULL };
        LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;
        lwmsg_call_dispatch(call, &in, &out, NULL, NULL);
        lwmsg_call_release(call);
    }
    return NULL;
}

/* A client that is just being let in has been shown out again when stopping is over. */
static void stopping_waits_for_a_construct_function(void)
{
    static const LWMsgEndpointType types[] = { LWMSG_ENDPOINT_LOCAL, LWMSG_ENDPOINT_DIRECT };

    for (int t = 0; t < 2; t++) {
        pthread_t thread;

        begin();
        lwmsg_peer_set_listen_session_functions(pair.server, slow_construct, on_destruct, &pair);
        join_peers(&pair, types[t]);
        CHECK_EQ(pthread_create(&thread, NULL, call_late, NULL), 0);
        await(&inside);
        CHECK_EQ(lwmsg_peer_stop_listen(pair.server), LWMSG_STATUS_SUCCESS);
        expect_none_inside();
        CHECK_EQ(counted(&destructed), 1);
        CHECK_EQ(pthread_join(thread, NULL), 0);
        end_pair(&pair);
        CHECK_EQ(constructed, 1);
        CHECK_EQ(destructed, 1);
    }
}

static void slow_destruct(LWMsgSecurityToken *token, void *session_data)
{
    (void)token, (void)session_data;
    linger();
    count(&destructed);
}

static void *disconnect(void *data)
{
    (void)data;
    lwmsg_peer_disconnect(pair.client);
    return NULL;
}

/* Whoever ends the session first. */
static void stopping_waits_for_a_destruct_function(void)
{
    static const LWMsgEndpointType types[] = { LWMSG_ENDPOINT_LOCAL, LWMSG_ENDPOINT_DIRECT };

    for (int t = 0; t < 2; t++) {
        pthread_t thread;

        begin();
        lwmsg_peer_set_listen_session_functions(pair.server, on_construct, slow_destruct, &pair);
        join_peers(&pair, types[t]);
        CHECK_EQ(order(pair.session, ORDER, ANSWER, 0, "x"), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(pthread_create(&thread, NULL, disconnect, NULL), 0);
        await(&inside);
        CHECK_EQ(lwmsg_peer_stop_listen(pair.server), LWMSG_STATUS_SUCCESS);
        expect_none_inside();
        CHECK_EQ(counted(&destructed), 1);
        CHECK_EQ(pthread_join(thread, NULL), 0);
        end_pair(&pair);
    }
}

/* --- Completion functions -------------------------------------------------------------------------------------- */

static void slow_complete(LWMsgCall *call, LWMsgStatus status, void *data)
{
    (void)status, (void)data;
    linger();
    lwmsg_call_destroy_params(call, data);
}

/* The handle has been given back; the call has not ended. */
static void deleting_waits_for_a_completion_function(void)
{
    static const LWMsgEndpointType types[] = { LWMSG_ENDPOINT_LOCAL, LWMSG_ENDPOINT_PAIR, LWMSG_ENDPOINT_DIRECT };

    for (int t = 0; t < 3; t++) {
        Order input = { ANSWER, 0, NULL };
        LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;
        LWMsgCall *call;

        begin();
        join_peers(&pair, types[t]);
        call = acquire(pair.session);
        CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, slow_complete, &out), LWMSG_STATUS_PENDING);
        lwmsg_call_release(call);
        await(&inside);
        lwmsg_peer_delete(pair.client);
        expect_none_inside();
        CHECK_EQ(out.tag, LWMSG_TAG_INVALID);
        CHECK_EQ(lwmsg_peer_new(NULL, pair.protocol, &pair.client), LWMSG_STATUS_SUCCESS);
        end_pair(&pair);
    }
}

static LWMsgParams back_in, back_out = LWMSG_PARAMS_INITIALIZER;

/* Calls back, and does not wait for the answer. */
static LWMsgStatus handle_call_back(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    static Order question = { RETURN, 0, NULL };
    LWMsgCall *back = acquire(lwmsg_call_get_session(call));

    (void)in, (void)out, (void)data;
    back_in = (LWMsgParams){ BACK, &question };
    CHECK_EQ(lwmsg_call_dispatch(back, &back_in, &back_out, slow_complete, &back_out), LWMSG_STATUS_PENDING);
    lwmsg_call_release(back);
    return LWMSG_STATUS_SUCCESS;
}

static void stopping_waits_for_the_completion_functions_of_calls_back(void)
{
    static LWMsgDispatchSpec calls_back[] = { LWMSG_DISPATCH_BLOCK(NOBODY, handle_call_back), LWMSG_DISPATCH_END };
    static LWMsgDispatchSpec pends[] = { LWMSG_DISPATCH_BLOCK(BACK, handle_order), LWMSG_DISPATCH_END };

    begin();
    lwmsg_peer_add_dispatch_spec(pair.server, calls_back);
    lwmsg_peer_add_dispatch_spec(pair.client, pends);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    CHECK_EQ(order(pair.session, NOBODY, RETURN, 0, NULL), LWMSG_STATUS_SUCCESS);
    await(&inside);
    CHECK_EQ(lwmsg_peer_stop_listen(pair.server), LWMSG_STATUS_SUCCESS);
    expect_none_inside();
    end_pair(&pair);
}

/* --- What cannot be done --------------------------------------------------------------------------------------- */

/* No descriptors are left for what waits for replies. */
static void a_call_that_cannot_be_waited_for_is_over(void)
{
    Order input = { RETURN, 0, NULL };
    LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;
    Completion completion = COMPLETION_INITIALIZER;
    struct rlimit before, none;
    LWMsgStatus status;
    LWMsgCall *call;
    int fds[2];

    begin();
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    CHECK_EQ(lwmsg_peer_connect_fd(pair.client, LWMSG_ENDPOINT_PAIR, fds[0], &pair.session), LWMSG_STATUS_SUCCESS);
    call = acquire(pair.session);
    CHECK_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 3;
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    status = lwmsg_call_dispatch(call, &in, &out, on_complete, &completion);
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    if (status == LWMSG_STATUS_PENDING)
        status = await_completion(&completion, 1);
    CHECK_EQ(status, LWMSG_STATUS_RESOURCE_LIMIT);
    lwmsg_call_release(call);
    close(fds[1]);
    end_pair(&pair);
}

static double processor_time(void)
{
    struct rusage usage;

    CHECK_EQ(getrusage(RUSAGE_SELF, &usage), 0);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

/* How much processor time calls take that wait for a server which lets nobody in. */
static double time_of_waiting(int calls)
{
    static LWMsgParams outs[400];
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    Order input = { RETURN, 0, NULL };
    LWMsgParams in = { ORDER, &input };
    Completion completion = COMPLETION_INITIALIZER;
    int listener, others[8], used = 0;
    double time;

    begin();
    strcpy(address.sun_path, pair.path);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_EQ(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_EQ(listen(listener, 0), 0);
    for (;;) {
        others[used] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (connect(others[used++], (struct sockaddr *)&address, sizeof address) != 0)
            break;
        CHECK(used < 8);
    }
    lwmsg_peer_add_connect_endpoint(pair.client, LWMSG_ENDPOINT_LOCAL, pair.path);
    lwmsg_peer_connect(pair.client, &pair.session);
    for (int i = 0; i < calls; i++) {
        LWMsgCall *call = acquire(pair.session);
        outs[i] = (LWMsgParams)LWMSG_PARAMS_INITIALIZER;
        CHECK_EQ(lwmsg_call_dispatch(call, &in, &outs[i], on_complete, &completion), LWMSG_STATUS_PENDING);
        lwmsg_call_release(call);
        /* Each is a reason of its own to look whether the server lets anybody in. */
        pause_ms(1);
    }
    time = processor_time();
    pause_ms(600);
    time = processor_time() - time;
    CHECK_EQ(lwmsg_peer_disconnect(pair.client), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(await_completion(&completion, calls), LWMSG_STATUS_CANCELLED);
    while (used)
        close(others[--used]);
    close(listener);
    CHECK_EQ(unlink(pair.path), 0);
    end_pair(&pair);
    return time;
}

/* Many of them look no more often whether the server lets anybody in than one does. */
static void many_calls_that_wait_for_a_server_do_no_more_than_one(void)
{
    double one = time_of_waiting(1), many = time_of_waiting(400);

    printf("one %.3f s, many %.3f s\n", one, many);
    CHECK(many < 3 * one + 0.02);
}

/* Runs all, or those whose names contain the argument. */
int main(int argc, char **argv)
{
    /* First: there is no thread of ours yet. */
    RUN(a_call_that_cannot_be_waited_for_is_over);
    RUN(stopping_waits_for_a_message_that_is_being_read);
    RUN(stopping_waits_for_an_exception_function);
    RUN(stopping_waits_for_a_construct_function);
    RUN(stopping_waits_for_a_destruct_function);
    RUN(deleting_waits_for_a_completion_function);
    RUN(stopping_waits_for_the_completion_functions_of_calls_back);
    RUN(many_calls_that_wait_for_a_server_do_no_more_than_one);
    return 0;
}
