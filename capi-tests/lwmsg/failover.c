/* A client that goes on with another server while the one it had inside the process still has something to do.
 *
 * harness: ours-only the original ends the handles of both, and crashes
 */
#include "calls.h"

static Pair pair;
static LWMsgPeer *second;
static LWMsgCall *kept;
static int pending;

/* Pends until the test says so. */
static LWMsgStatus keep(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    (void)in, (void)out, (void)data;
    lwmsg_call_pend(call, NULL, NULL);
    pthread_mutex_lock(&calls_lock);
    kept = call;
    pthread_mutex_unlock(&calls_lock);
    count(&pending);
    return LWMSG_STATUS_PENDING;
}

static void *stop(void *peer)
{
    CHECK_EQ(lwmsg_peer_stop_listen(peer), LWMSG_STATUS_SUCCESS);
    return NULL;
}

typedef struct Opened {
    LWMsgCall *call;
    LWMsgParams out;
} Opened;

static Opened open_ticket(int number)
{
    Order input = { number, 0, NULL };
    LWMsgParams in = { OPEN, &input };
    Opened opened = { acquire(pair.session), LWMSG_PARAMS_INITIALIZER };

    CHECK_EQ(lwmsg_call_dispatch(opened.call, &in, &opened.out, NULL, NULL), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(opened.out.tag, OPENED);
    return opened;
}

static LWMsgStatus use(Opened *opened)
{
    LWMsgCall *call = acquire(pair.session);
    LWMsgParams in = { USE, opened->out.data }, out = LWMSG_PARAMS_INITIALIZER;
    LWMsgStatus status = lwmsg_call_dispatch(call, &in, &out, NULL, NULL);

    lwmsg_call_release(call);
    return status;
}

static void give_back(Opened *opened)
{
    CHECK_EQ(lwmsg_call_destroy_params(opened->call, &opened->out), LWMSG_STATUS_SUCCESS);
    lwmsg_call_release(opened->call);
}

/* A server inside the process, and another one for when that is gone. */
static void begin(LWMsgEndpointType type)
{
    static LWMsgDispatchSpec keeping[] = { LWMSG_DISPATCH_BLOCK(NOBODY, keep), LWMSG_DISPATCH_END };
    const char *name;

    cleaned_handles = pending = 0;
    make_peers(&pair);
    name = type == LWMSG_ENDPOINT_DIRECT ? "relink-second" : pair.path;
    CHECK_EQ(lwmsg_peer_add_dispatch_spec(pair.server, keeping), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_new(NULL, pair.protocol, &second), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_add_dispatch_spec(second, calls_dispatch), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_add_listen_endpoint(second, type, name, 0600), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_start_listen(second), LWMSG_STATUS_SUCCESS);
    join_peers(&pair, LWMSG_ENDPOINT_DIRECT);
    CHECK_EQ(lwmsg_peer_add_connect_endpoint(pair.client, type, name), LWMSG_STATUS_SUCCESS);
}

/* The end of the first server's session takes its own handles along, and none of the second's. */
static void the_end_of_a_session_leaves_the_next_ones_handles_alone(LWMsgEndpointType type)
{
    Order input = { 0, 0, NULL };
    LWMsgParams in = { NOBODY, &input }, out = LWMSG_PARAMS_INITIALIZER;
    Completion completion = COMPLETION_INITIALIZER;
    Opened old, fresh;
    LWMsgHandle *own;
    LWMsgCall *call, *waiting;
    pthread_t stopper;
    void *data = NULL;

    begin(type);
    call = acquire(pair.session);
    CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, on_complete, &completion), LWMSG_STATUS_PENDING);
    await_count(&pending, 1);
    old = open_ticket(1);
    CHECK_EQ(use(&old), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(pthread_create(&stopper, NULL, stop, pair.server), 0);
    /* It waits for the call; soon nobody is let in any more. */
    for (int i = 0; i < 10000 && use(&old) != LWMSG_STATUS_INVALID_HANDLE; i++)
        pause_ms(1);

    fresh = open_ticket(2);
    CHECK_EQ(use(&fresh), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(use(&old), LWMSG_STATUS_INVALID_HANDLE);
    CHECK_EQ(lwmsg_session_register_handle(pair.session, "T", &pair, NULL, &own), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(counted(&cleaned_handles), 0);

    pthread_mutex_lock(&calls_lock);
    waiting = kept;
    pthread_mutex_unlock(&calls_lock);
    lwmsg_call_complete(waiting, LWMSG_STATUS_SUCCESS);
    CHECK_EQ(pthread_join(stopper, NULL), 0);
    CHECK_EQ(await_completion(&completion, 1), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(counted(&cleaned_handles), 1);
    CHECK_EQ(use(&fresh), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_session_get_handle_data(pair.session, own, &data), LWMSG_STATUS_SUCCESS);
    CHECK(data == &pair);
    CHECK_EQ(lwmsg_session_unregister_handle(pair.session, own), LWMSG_STATUS_SUCCESS);

    lwmsg_call_release(call);
    give_back(&old);
    give_back(&fresh);
    lwmsg_peer_delete(second);
    CHECK_EQ(counted(&cleaned_handles), 2);
    end_pair(&pair);
}

/* A server inside the process is another one than that outside: it is not shown its handles. */
static void handles_of_a_server_outside_mean_nothing_inside(void)
{
    Opened old, fresh;

    begin(LWMSG_ENDPOINT_LOCAL);
    CHECK_EQ(lwmsg_peer_stop_listen(pair.server), LWMSG_STATUS_SUCCESS);
    old = open_ticket(1);
    CHECK_EQ(use(&old), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_start_listen(pair.server), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_stop_listen(second), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(counted(&cleaned_handles), 1);

    fresh = open_ticket(2);
    CHECK_EQ(use(&old), LWMSG_STATUS_INVALID_HANDLE);
    CHECK_EQ(use(&fresh), LWMSG_STATUS_SUCCESS);
    give_back(&old);
    give_back(&fresh);
    lwmsg_peer_delete(second);
    end_pair(&pair);
}

int main(void)
{
    the_end_of_a_session_leaves_the_next_ones_handles_alone(LWMSG_ENDPOINT_LOCAL);
    the_end_of_a_session_leaves_the_next_ones_handles_alone(LWMSG_ENDPOINT_DIRECT);
    handles_of_a_server_outside_mean_nothing_inside();
    return 0;
}
