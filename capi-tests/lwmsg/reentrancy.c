/* What functions of the program may do from inside the library: everything that does not wait for themselves.
 *
 * harness: ours-only the original holds locks while it calls the program
 */
#include "calls.h"

static Pair pair;

/* --- Completion functions ------------------------------------------------------------------------------------ */

typedef struct Chain {
    Completion all;
    Order input;
    LWMsgParams in, out;
    int left;
} Chain;

/* Frees the output, releases its own call, acquires another and makes it; waits for one, too. */
static void chain(LWMsgCall *call, LWMsgStatus status, void *data)
{
    Chain *self = data;
    LWMsgSession *session = lwmsg_call_get_session(call);

    CHECK_EQ(status, 0);
    CHECK_EQ(lwmsg_call_destroy_params(call, &self->out), 0);
    lwmsg_call_release(call);
    CHECK_EQ(order(session, ORDER, ANSWER, 0, "from inside"), 0);
    CHECK_EQ(lwmsg_peer_connect(pair.client, &session), 0);
    if (self->left-- > 0) {
        call = acquire(session);
        CHECK_EQ(lwmsg_call_dispatch(call, &self->in, &self->out, chain, self), LWMSG_STATUS_PENDING);
        return;
    }
    on_complete(NULL, status, &self->all);
}

static void completion_functions(void)
{
    Chain self = { COMPLETION_INITIALIZER, { ANSWER, 0, (char *)"x" }, { ORDER, NULL }, LWMSG_PARAMS_INITIALIZER, 50 };
    LWMsgCall *call;

    make_peers(&pair);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    self.in.data = &self.input;
    call = acquire(pair.session);
    CHECK_EQ(lwmsg_call_dispatch(call, &self.in, &self.out, chain, &self), LWMSG_STATUS_PENDING);
    await_completion(&self.all, 1);
    end_pair(&pair);
}

static void disconnect_inside(LWMsgCall *call, LWMsgStatus status, void *data)
{
    lwmsg_call_destroy_params(call, data);
    lwmsg_peer_disconnect(pair.client);
    lwmsg_call_release(call);
    count(&constructed);
    (void)status;
}

static void disconnecting_from_a_completion_function(void)
{
    static const LWMsgEndpointType types[] = { LWMSG_ENDPOINT_LOCAL, LWMSG_ENDPOINT_DIRECT };

    for (int t = 0; t < 2; t++) {
        Order input = { SLEEP, 5, NULL };
        LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;
        constructed = 0;
        make_peers(&pair);
        join_peers(&pair, types[t]);
        CHECK_EQ(lwmsg_call_dispatch(acquire(pair.session), &in, &out, disconnect_inside, &out), LWMSG_STATUS_PENDING);
        await_count(&constructed, 1);
        end_pair(&pair);
    }
}

static void release_inside(LWMsgCall *call, LWMsgStatus status, void *data)
{
    LWMsgParams *out = data;

    CHECK_EQ(status, 0);
    lwmsg_call_destroy_params(call, out);
    lwmsg_call_release(call);
    count(&constructed);
}

/* The call is complete, and gone, while lwmsg_call_dispatch is still on its way out. */
static void releasing_before_dispatch_has_returned(void)
{
    static const LWMsgEndpointType types[] = { LWMSG_ENDPOINT_LOCAL, LWMSG_ENDPOINT_DIRECT };
    static LWMsgParams outs[2000];

    for (int t = 0; t < 2; t++) {
        Order input = { RETURN, 0, NULL };
        LWMsgParams in = { ORDER, &input };
        constructed = 0;
        make_peers(&pair);
        join_peers(&pair, types[t]);
        for (int i = 0; i < 2000; i++) {
            outs[i] = (LWMsgParams)LWMSG_PARAMS_INITIALIZER;
            CHECK_EQ(lwmsg_call_dispatch(acquire(pair.session), &in, &outs[i], release_inside, &outs[i]),
                     LWMSG_STATUS_PENDING);
        }
        await_count(&constructed, 2000);
        end_pair(&pair);
    }
}

/* --- Session functions and cleanups --------------------------------------------------------------------------- */

static LWMsgStatus busy_construct(LWMsgSecurityToken *token, void *data, void **session_data)
{
    LWMsgPeer *other;
    Pair *self = data;

    CHECK(token != NULL);
    CHECK(lwmsg_peer_get_dispatch_data(self->server) == self);
    CHECK_EQ(lwmsg_peer_set_dispatch_data(self->server, NULL), LWMSG_STATUS_INVALID_STATE);
    CHECK_EQ(lwmsg_peer_start_listen(self->server), 0);
    CHECK_EQ(lwmsg_peer_new(NULL, self->protocol, &other), 0);
    lwmsg_peer_delete(other);
    *session_data = data;
    return LWMSG_STATUS_SUCCESS;
}

static void busy_destruct(LWMsgSecurityToken *token, void *session_data)
{
    Pair *self = session_data;

    CHECK(token != NULL);
    CHECK(lwmsg_peer_get_dispatch_data(self->server) == self);
    count(&destructed);
}

static void session_functions(void)
{
    static const LWMsgEndpointType types[] = { LWMSG_ENDPOINT_LOCAL, LWMSG_ENDPOINT_DIRECT };

    for (int t = 0; t < 2; t++) {
        destructed = 0;
        make_peers(&pair);
        lwmsg_peer_set_dispatch_data(pair.server, &pair);
        lwmsg_peer_set_listen_session_functions(pair.server, busy_construct, busy_destruct, &pair);
        join_peers(&pair, types[t]);
        CHECK_EQ(order(pair.session, ORDER, ANSWER, 0, "x"), 0);
        lwmsg_peer_disconnect(pair.client);
        await_count(&destructed, 1);
        end_pair(&pair);
    }
}

static LWMsgSession *cleanup_session;

static void busy_cleanup(void *data)
{
    LWMsgHandle *handle = NULL;

    count(&cleaned_handles);
    if (data != &pair)
        return;
    /* Another handle of the same session, which is cleaned up in turn. */
    CHECK_EQ(lwmsg_session_register_handle(cleanup_session, "T", &cleanup_session, busy_cleanup, &handle), 0);
    lwmsg_session_release_handle(cleanup_session, handle);
}

static void cleanups(void)
{
    LWMsgHandle *handle = NULL;

    cleaned_handles = 0;
    make_peers(&pair);
    CHECK_EQ(lwmsg_peer_connect(pair.client, &cleanup_session), 0);
    CHECK_EQ(lwmsg_session_register_handle(cleanup_session, "T", &pair, busy_cleanup, &handle), 0);
    CHECK_EQ(lwmsg_session_unregister_handle(cleanup_session, handle), 0);
    CHECK_EQ(counted(&cleaned_handles), 2);
    end_pair(&pair);
}

/* --- Handlers ------------------------------------------------------------------------------------------------ */

static LWMsgCall *waiting;

/* The first call pends; the second one's handler completes it, and then itself. */
static LWMsgStatus relay(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    LWMsgCall *other;

    (void)in, (void)out, (void)data;
    pthread_mutex_lock(&calls_lock);
    other = waiting;
    waiting = other ? NULL : call;
    pthread_mutex_unlock(&calls_lock);
    if (!other) {
        lwmsg_call_pend(call, NULL, NULL);
        return LWMSG_STATUS_PENDING;
    }
    lwmsg_call_complete(other, (LWMsgStatus)11);
    return (LWMsgStatus)22;
}

static void a_handler_completes_another_call(void)
{
    static LWMsgDispatchSpec relays[] = { LWMSG_DISPATCH_NONBLOCK(NOBODY, relay), LWMSG_DISPATCH_END };
    static const LWMsgEndpointType types[] = { LWMSG_ENDPOINT_LOCAL, LWMSG_ENDPOINT_DIRECT };

    for (int t = 0; t < 2; t++) {
        Order input = { 0, 0, NULL };
        LWMsgParams in = { NOBODY, &input }, out = LWMSG_PARAMS_INITIALIZER;
        Completion completion = COMPLETION_INITIALIZER;
        LWMsgCall *call;
        make_peers(&pair);
        CHECK_EQ(lwmsg_peer_add_dispatch_spec(pair.server, relays), 0);
        join_peers(&pair, types[t]);
        call = acquire(pair.session);
        CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, on_complete, &completion), LWMSG_STATUS_PENDING);
        pause_ms(20);
        CHECK_EQ(order(pair.session, NOBODY, 0, 0, NULL), 22);
        CHECK_EQ(await_completion(&completion, 1), 11);
        lwmsg_call_release(call);
        end_pair(&pair);
    }
}

/* A handler that was said never to block does, and others are served meanwhile. */
static LWMsgStatus liar(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    (void)call, (void)in, (void)out, (void)data;
    pause_ms(1500);
    return LWMSG_STATUS_SUCCESS;
}

typedef struct Asynchronous {
    Order input;
    LWMsgParams in, out;
    Completion completion;
    LWMsgCall *call;
} Asynchronous;

static void dispatch(Asynchronous *one, LWMsgTag tag, int number, unsigned int status)
{
    *one = (Asynchronous){ { number, status, NULL }, { tag, &one->input }, LWMSG_PARAMS_INITIALIZER,
                           COMPLETION_INITIALIZER, acquire(pair.session) };
    CHECK_EQ(lwmsg_call_dispatch(one->call, &one->in, &one->out, on_complete, &one->completion),
             LWMSG_STATUS_PENDING);
}

static void finish(Asynchronous *one)
{
    CHECK_EQ(await_completion(&one->completion, 1), LWMSG_STATUS_SUCCESS);
    lwmsg_call_release(one->call);
}

/* Several of them, one on the heels of the other, when there are threads that have nothing to do, and when there are
 * none. */
static void slow_handlers_delay_no_other(void)
{
    enum { SLOW = 3, WORKERS = 3 };
    static LWMsgDispatchSpec liars[] = { LWMSG_DISPATCH_NONBLOCK(NOBODY, liar), LWMSG_DISPATCH_END };

    for (int idle = 0; idle < 2; idle++) {
        Asynchronous workers[WORKERS], slow[SLOW];
        struct timespec begin, end;

        make_peers(&pair);
        CHECK_EQ(lwmsg_peer_add_dispatch_spec(pair.server, liars), 0);
        join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
        for (int i = 0; idle && i < WORKERS; i++)
            dispatch(&workers[i], ORDER, SLEEP, 30);
        for (int i = 0; idle && i < WORKERS; i++)
            finish(&workers[i]);
        for (int i = 0; i < 40; i++)
            CHECK_EQ(order(pair.session, ORDER, ANSWER, 0, "x"), 0);
        for (int i = 0; i < SLOW; i++) {
            dispatch(&slow[i], NOBODY, 0, 0);
            pause_ms(20);
        }
        clock_gettime(CLOCK_MONOTONIC, &begin);
        for (int i = 0; i < 20; i++)
            CHECK_EQ(order(pair.session, ORDER, ANSWER, 0, "x"), 0);
        clock_gettime(CLOCK_MONOTONIC, &end);
        CHECK(end.tv_sec - begin.tv_sec + (end.tv_nsec - begin.tv_nsec) * 1e-9 < 0.8);
        for (int i = 0; i < SLOW; i++)
            CHECK_EQ(slow[i].completion.count, 0);
        for (int i = 0; i < SLOW; i++)
            finish(&slow[i]);
        end_pair(&pair);
    }
}

/* Handlers that call the same server again, deeper than there are processors. */
static LWMsgStatus deeper(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    Order *input = in->data;
    LWMsgPeer *client;
    LWMsgSession *session;
    LWMsgStatus status;

    (void)call, (void)out, (void)data;
    if (input->number == 0)
        return (LWMsgStatus)33;
    CHECK_EQ(lwmsg_peer_new(NULL, pair.protocol, &client), 0);
    lwmsg_peer_add_connect_endpoint(client, LWMSG_ENDPOINT_LOCAL, pair.path);
    lwmsg_peer_connect(client, &session);
    status = order(session, NOBODY, input->number - 1, 0, NULL);
    lwmsg_peer_delete(client);
    return status;
}

static void handlers_call_their_own_server(void)
{
    static LWMsgDispatchSpec deep[] = { LWMSG_DISPATCH_BLOCK(NOBODY, deeper), LWMSG_DISPATCH_END };

    make_peers(&pair);
    CHECK_EQ(lwmsg_peer_add_dispatch_spec(pair.server, deep), 0);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    for (int i = 0; i < 10; i++)
        CHECK_EQ(order(pair.session, NOBODY, 20, 0, NULL), 33);
    end_pair(&pair);
}

/* A server inside the server, and a client of it. */
static Pair inner;
static LWMsgEndpointType outer_type;

/* Everything that would wait for a function further up the stack. The peers stay what they were. */
static LWMsgStatus end_everything(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    (void)call, (void)in, (void)out, (void)data;
    CHECK_EQ(lwmsg_peer_stop_listen(pair.server), LWMSG_STATUS_INVALID_STATE);
    lwmsg_peer_delete(pair.server);
    CHECK_EQ(lwmsg_peer_stop_listen(inner.server), LWMSG_STATUS_INVALID_STATE);
    lwmsg_peer_delete(inner.server);
    CHECK_EQ(lwmsg_peer_disconnect(inner.client), LWMSG_STATUS_INVALID_STATE);
    lwmsg_peer_delete(inner.client);
    /* Nobody waits for clients outside the process. */
    if (outer_type == LWMSG_ENDPOINT_DIRECT) {
        CHECK_EQ(lwmsg_peer_disconnect(pair.client), LWMSG_STATUS_INVALID_STATE);
        lwmsg_peer_delete(pair.client);
    }
    return (LWMsgStatus)44;
}

static LWMsgStatus call_the_inner_server(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    (void)call, (void)in, (void)out, (void)data;
    return order(inner.session, NOBODY, 0, 0, NULL);
}

/* The server's own session with the client: the client's handler runs inside. */
static LWMsgStatus call_back(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    (void)in, (void)out, (void)data;
    return order(lwmsg_call_get_session(call), BACK, 0, 0, NULL);
}

static void nothing_waits_for_a_function_further_up(void)
{
    static const LWMsgEndpointType types[] = { LWMSG_ENDPOINT_LOCAL, LWMSG_ENDPOINT_DIRECT };
    static LWMsgDispatchSpec outer_calls[] = { LWMSG_DISPATCH_BLOCK(NOBODY, call_the_inner_server),
                                               LWMSG_DISPATCH_END };
    static LWMsgDispatchSpec inner_calls[] = { LWMSG_DISPATCH_BLOCK(NOBODY, end_everything), LWMSG_DISPATCH_END };

    for (int t = 0; t < 2; t++) {
        Order input = { 0, 0, NULL };
        LWMsgParams in = { NOBODY, &input }, out = LWMSG_PARAMS_INITIALIZER;
        Completion completion = COMPLETION_INITIALIZER;
        LWMsgCall *call;

        outer_type = types[t];
        make_peers(&pair);
        CHECK_EQ(lwmsg_peer_add_dispatch_spec(pair.server, outer_calls), 0);
        join_peers(&pair, outer_type);
        make_peers(&inner);
        CHECK_EQ(lwmsg_peer_add_dispatch_spec(inner.server, inner_calls), 0);
        CHECK_EQ(lwmsg_peer_add_listen_endpoint(inner.server, LWMSG_ENDPOINT_DIRECT, "relink-inner", 0), 0);
        CHECK_EQ(lwmsg_peer_start_listen(inner.server), 0);
        CHECK_EQ(lwmsg_peer_add_connect_endpoint(inner.client, LWMSG_ENDPOINT_DIRECT, "relink-inner"), 0);
        CHECK_EQ(lwmsg_peer_connect(inner.client, &inner.session), 0);

        CHECK_EQ(order(pair.session, NOBODY, 0, 0, NULL), 44);
        call = acquire(pair.session);
        CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, on_complete, &completion), LWMSG_STATUS_PENDING);
        CHECK_EQ(await_completion(&completion, 1), 44);
        lwmsg_call_release(call);
        CHECK_EQ(order(pair.session, ORDER, ANSWER, 0, "still here"), 0);
        end_pair(&pair);
        end_pair(&inner);
    }
}

static LWMsgStatus end_from_a_callback(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    (void)call, (void)in, (void)out, (void)data;
    CHECK_EQ(lwmsg_peer_stop_listen(pair.server), LWMSG_STATUS_INVALID_STATE);
    CHECK_EQ(lwmsg_peer_disconnect(pair.client), LWMSG_STATUS_INVALID_STATE);
    lwmsg_peer_delete(pair.server);
    lwmsg_peer_delete(pair.client);
    return (LWMsgStatus)55;
}

static void nothing_waits_for_a_callback(void)
{
    static LWMsgDispatchSpec calls[] = { LWMSG_DISPATCH_BLOCK(NOBODY, call_back), LWMSG_DISPATCH_END };
    static LWMsgDispatchSpec back[] = { LWMSG_DISPATCH_BLOCK(BACK, end_from_a_callback), LWMSG_DISPATCH_END };

    make_peers(&pair);
    CHECK_EQ(lwmsg_peer_add_dispatch_spec(pair.server, calls), 0);
    CHECK_EQ(lwmsg_peer_add_dispatch_spec(pair.client, back), 0);
    join_peers(&pair, LWMSG_ENDPOINT_DIRECT);
    CHECK_EQ(order(pair.session, NOBODY, 0, 0, NULL), 55);
    CHECK_EQ(order(pair.session, ORDER, ANSWER, 0, "still here"), 0);
    end_pair(&pair);
}

/* --- Stopping and deleting while calls are on their way -------------------------------------------------------- */

static void stopping_with_calls_outstanding(void)
{
    static const LWMsgEndpointType types[] = { LWMSG_ENDPOINT_LOCAL, LWMSG_ENDPOINT_PAIR, LWMSG_ENDPOINT_DIRECT };

    for (int t = 0; t < 3; t++)
        for (int way = 0; way < 3; way++) {
            Order inputs[3] = { { PEND_CANCELLABLE, 0, NULL }, { SLEEP, 30, NULL }, { PEND, 4, NULL } };
            LWMsgParams in[3], out[3];
            Completion completions[3];
            LWMsgCall *calls[3];
            make_peers(&pair);
            join_peers(&pair, types[t]);
            for (int i = 0; i < 3; i++) {
                completions[i] = (Completion)COMPLETION_INITIALIZER;
                in[i] = (LWMsgParams){ ORDER, &inputs[i] };
                out[i] = (LWMsgParams)LWMSG_PARAMS_INITIALIZER;
                calls[i] = acquire(pair.session);
                CHECK_EQ(lwmsg_call_dispatch(calls[i], &in[i], &out[i], on_complete, &completions[i]),
                         LWMSG_STATUS_PENDING);
            }
            pause_ms(10);
            switch (way) {
            case 0:
                lwmsg_peer_disconnect(pair.client);
                break;
            case 1:
                CHECK_EQ(lwmsg_peer_stop_listen(pair.server), 0);
                break;
            default:
                break;
            }
            /* Without a listener there was nothing to stop. */
            if (way == 2 || (way == 1 && types[t] == LWMSG_ENDPOINT_PAIR)) {
                lwmsg_peer_delete(pair.server);
                pair.server = NULL;
            }
            for (int i = 0; i < 3; i++) {
                LWMsgStatus status = await_completion(&completions[i], 1);
                /* Those that end by themselves may have been faster. */
                if (types[t] != LWMSG_ENDPOINT_DIRECT && !(i == 1 && status == 0) && !(i == 2 && status == 4))
                    CHECK_EQ(status, way == 0 ? LWMSG_STATUS_CANCELLED : LWMSG_STATUS_PEER_CLOSE);
                lwmsg_call_destroy_params(calls[i], &out[i]);
                lwmsg_call_release(calls[i]);
            }
            end_pair(&pair);
        }
}

int main(void)
{
    completion_functions();
    disconnecting_from_a_completion_function();
    releasing_before_dispatch_has_returned();
    session_functions();
    cleanups();
    a_handler_completes_another_call();
    slow_handlers_delay_no_other();
    handlers_call_their_own_server();
    nothing_waits_for_a_function_further_up();
    nothing_waits_for_a_callback();
    stopping_with_calls_outstanding();
    return 0;
}
