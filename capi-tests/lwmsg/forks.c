/* Processes that fork with peers, and processes without standard streams.
 *
 * harness: ours-only a child of the original hangs, even with new peers
 * harness: no-valgrind a child leaves alone what its parent's threads hold
 * harness: no-tsan a child may not start threads there
 */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

static Pair pair;

static void begin(LWMsgEndpointType type)
{
    make_peers(&pair);
    join_peers(&pair, type);
}

static void works(void)
{
    CHECK_EQ(order(pair.session, ORDER, ANSWER, 0, "still here"), LWMSG_STATUS_SUCCESS);
}

/* 30i */
static void a_forked_child_is_told_and_can_begin_anew(void)
{
    pid_t child;
    int status;

    begin(LWMSG_ENDPOINT_LOCAL);
    works();
    fflush(NULL);
    child = fork();
    if (child == 0) {
        Pair own;
        LWMsgCall *call;
        alarm(20);
        if (lwmsg_session_acquire_call(pair.session, &call) != LWMSG_STATUS_INVALID_STATE)
            _exit(2);
        if (lwmsg_peer_start_listen(pair.server) != LWMSG_STATUS_INVALID_STATE)
            _exit(3);
        lwmsg_peer_delete(pair.client);
        lwmsg_peer_delete(pair.server);
        make_peers(&own);
        join_peers(&own, LWMSG_ENDPOINT_LOCAL);
        if (order(own.session, ORDER, ANSWER, 0, "child") != LWMSG_STATUS_SUCCESS)
            _exit(4);
        end_pair(&own);
        _exit(0);
    }
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);
    works();
    end_pair(&pair);
}

static LWMsgCall *pended;

static LWMsgStatus handle_pended(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    (void)in, (void)out, (void)data;
    lwmsg_call_pend(call, on_cancel, NULL);
    pthread_mutex_lock(&calls_lock);
    pended = call;
    pthread_mutex_unlock(&calls_lock);
    return LWMSG_STATUS_PENDING;
}

/* A child that tidies up what it has inherited: the sockets are the parent's, and so are its calls in progress. */
static void a_forked_child_that_tidies_up_leaves_the_parents_calls_alone(void)
{
    static LWMsgDispatchSpec pends[] = { LWMSG_DISPATCH_NONBLOCK(NOBODY, handle_pended), LWMSG_DISPATCH_END };
    Order input = { RETURN, 0, NULL };
    LWMsgParams in = { NOBODY, &input }, out = LWMSG_PARAMS_INITIALIZER;
    Completion completion = COMPLETION_INITIALIZER;
    LWMsgCall *call;
    pid_t child;
    int status;

    make_peers(&pair);
    CHECK_EQ(lwmsg_peer_add_dispatch_spec(pair.server, pends), LWMSG_STATUS_SUCCESS);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    call = acquire(pair.session);
    CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, on_complete, &completion), LWMSG_STATUS_PENDING);
    /* On the same connection: the other call has arrived when this one has been answered. */
    works();
    CHECK(pended != NULL);
    fflush(NULL);
    child = fork();
    if (child == 0) {
        alarm(20);
        lwmsg_call_cancel(call);
        if (lwmsg_call_wait(call) != LWMSG_STATUS_INVALID_STATE)
            _exit(2);
        lwmsg_call_complete(pended, (LWMsgStatus)5);
        if (lwmsg_peer_disconnect(pair.client) != LWMSG_STATUS_INVALID_STATE)
            _exit(3);
        lwmsg_call_release(call);
        lwmsg_peer_delete(pair.client);
        lwmsg_peer_delete(pair.server);
        _exit(0);
    }
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);
    works();
    CHECK_EQ(counted(&cancelled_calls), 0);
    lwmsg_call_complete(pended, (LWMsgStatus)7);
    CHECK_EQ(await_completion(&completion, 1), 7);
    lwmsg_call_release(call);
    end_pair(&pair);
}

static int forking;

/* Looks tables up, all the time. */
static void *marshal_on(void *unused)
{
    Order order = { 1, 2, (char *)"x" };
    Blob blob = { 1, (unsigned char *)"y" };
    LWMsgDataContext *data;
    size_t length;
    void *bytes;

    CHECK_EQ(lwmsg_data_context_new(NULL, &data), LWMSG_STATUS_SUCCESS);
    while (counted(&forking)) {
        for (int i = 0; i < 20; i++) {
            CHECK_EQ(lwmsg_data_marshal_flat_alloc(data, order_spec, &order, &bytes, &length), LWMSG_STATUS_SUCCESS);
            lwmsg_data_free_memory(data, bytes);
            CHECK_EQ(lwmsg_data_marshal_flat_alloc(data, blob_spec, &blob, &bytes, &length), LWMSG_STATUS_SUCCESS);
            lwmsg_data_free_memory(data, bytes);
        }
    }
    lwmsg_data_context_delete(data);
    return unused;
}

/* Looks names of the process up, all the time. */
static void *connect_on(void *unused)
{
    LWMsgPeer *peer;
    LWMsgSession *session;
    LWMsgCall *call;

    CHECK_EQ(lwmsg_peer_new(NULL, pair.protocol, &peer), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_add_connect_endpoint(peer, LWMSG_ENDPOINT_DIRECT, "relink-nobody"), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_connect(peer, &session), LWMSG_STATUS_SUCCESS);
    while (counted(&forking))
        for (int i = 0; i < 50; i++)
            CHECK_EQ(lwmsg_session_acquire_call(session, &call), LWMSG_STATUS_NOT_FOUND);
    lwmsg_peer_delete(peer);
    return unused;
}

/* What another thread was about when the process was forked, the child neither finishes nor waits for. */
static void a_child_waits_for_no_thread_of_its_parent(void)
{
    enum { THREADS = 4, CHILDREN = 100 };
    pthread_t threads[THREADS];
    int status;

    begin(LWMSG_ENDPOINT_LOCAL);
    count(&forking);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, i % 2 ? marshal_on : connect_on, NULL), 0);
    fflush(NULL);
    for (int i = 0; i < CHILDREN; i++) {
        pid_t child = fork();
        if (child == 0) {
            Descriptor descriptor = { 1, -1 };
            LWMsgDataContext *data;
            size_t length;
            void *bytes;
            Pair own;
            alarm(10);
            if (lwmsg_data_context_new(NULL, &data) ||
                lwmsg_data_marshal_flat_alloc(data, descriptor_spec, &descriptor, &bytes, &length))
                _exit(2);
            make_peers(&own);
            join_peers(&own, LWMSG_ENDPOINT_DIRECT);
            if (order(own.session, ORDER, ANSWER, 0, "child") != LWMSG_STATUS_SUCCESS)
                _exit(3);
            end_pair(&own);
            _exit(0);
        }
        CHECK_EQ(waitpid(child, &status, 0), child);
        CHECK_EQ(status, 0);
    }
    pthread_mutex_lock(&calls_lock);
    forking = 0;
    pthread_mutex_unlock(&calls_lock);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
    works();
    end_pair(&pair);
}

/* 29 */
static void descriptors_of_standard_streams_are_never_used(void)
{
    fflush(NULL);
    pid_t child = fork();
    int status;

    if (child == 0) {
        alarm(20);
        close(0);
        close(1);
        close(2);
        begin(LWMSG_ENDPOINT_LOCAL);
        works();
        for (int i = 0; i < 3; i++)
            if (fcntl(i, F_GETFD) != -1 || errno != EBADF)
                _exit(10 + i);
        end_pair(&pair);
        _exit(0);
    }
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);
}

int main(void)
{
    a_child_waits_for_no_thread_of_its_parent();
    a_forked_child_is_told_and_can_begin_anew();
    a_forked_child_that_tidies_up_leaves_the_parents_calls_alone();
    descriptors_of_standard_streams_are_never_used();
    return 0;
}
