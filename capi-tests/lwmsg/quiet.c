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
static sem_t inside, returned;
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
}

static void begin(void)
{
    CHECK_EQ(sem_init(&inside, 0, 0), 0);
    CHECK_EQ(sem_init(&returned, 0, 0), 0);
    too_early = constructed = destructed = cleaned_handles = 0;
    make_peers(&pair);
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
        CHECK_EQ(sem_post(&returned), 0);
        CHECK_EQ(counted(&too_early), 0);
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
        CHECK_EQ(sem_post(&returned), 0);
        CHECK_EQ(counted(&too_early), 0);
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
        CHECK_EQ(sem_post(&returned), 0);
        CHECK_EQ(counted(&too_early), 0);
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
    CHECK_EQ(sem_post(&returned), 0);
    CHECK_EQ(counted(&too_early), 0);
    end_pair(&pair);
}

/* Runs all, or those whose names contain the argument. */
int main(int argc, char **argv)
{
#define RUN(test)                                  \
    do {                                           \
        if (argc > 1 && !strstr(#test, argv[1]))   \
            break;                                 \
        printf("%s\n", #test);                     \
        fflush(stdout);                            \
        test();                                    \
    } while (0)
    /* First: there is no thread of ours yet. */
    RUN(stopping_waits_for_a_construct_function);
    RUN(stopping_waits_for_a_destruct_function);
    RUN(deleting_waits_for_a_completion_function);
    RUN(stopping_waits_for_the_completion_functions_of_calls_back);
    return 0;
}
