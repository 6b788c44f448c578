/* What the original never had: calls that do not wait for ever, what a peer is doing, who made a pair of sockets.
 *
 * harness: ours-only the original has none of it
 */
#include "calls.h"

#include <relink/lwmsg.h>
#include <sys/wait.h>

static Pair pair;

static void begin(unsigned int limit_ms)
{
    LWMsgTime limit = { 0, (ssize_t)limit_ms * 1000 };

    make_peers(&pair);
    CHECK_EQ(relink_lwmsg_peer_set_call_timeout(pair.client, limit_ms ? &limit : NULL), LWMSG_STATUS_SUCCESS);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
}

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void a_limit_is_checked(void)
{
    LWMsgTime negative = { 0, -1 }, second = { 1, 0 };

    begin(0);
    CHECK_EQ(relink_lwmsg_peer_set_call_timeout(NULL, &second), LWMSG_STATUS_INVALID_PARAMETER);
    CHECK_EQ(relink_lwmsg_peer_set_call_timeout(pair.client, &negative), LWMSG_STATUS_INVALID_PARAMETER);
    CHECK_EQ(relink_lwmsg_peer_set_call_timeout(pair.client, &second), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(relink_lwmsg_peer_set_call_timeout(pair.server, &second), LWMSG_STATUS_INVALID_STATE);
    end_pair(&pair);
}

/* Long enough for a quick call on a busy machine, and for a slow one. */
enum { LIMIT = 500, LATE = 1000 };

/* The server answers, but late: its answers are thrown away, and the connection works on. */
static void a_call_that_takes_too_long_ends_in_time(void)
{
    begin(LIMIT);
    for (int i = 0; i < 2; i++) {
        long start = now_ms();
        CHECK_EQ(order(pair.session, ORDER, SLEEP, LATE, NULL), LWMSG_STATUS_TIMEOUT);
        CHECK(now_ms() - start >= LIMIT);
        CHECK_EQ(order(pair.session, ORDER, ANSWER, 0, "quick"), LWMSG_STATUS_SUCCESS);
    }
    pause_ms(LATE);
    CHECK_EQ(order(pair.session, ORDER, ANSWER, 0, "quick"), LWMSG_STATUS_SUCCESS);
    end_pair(&pair);
}

/* One that pends is cancelled, so that the server does not keep it. */
static void the_server_is_asked_to_give_up(void)
{
    int before = counted(&cancelled_calls);

    begin(LIMIT);
    CHECK_EQ(order(pair.session, ORDER, PEND_CANCELLABLE, 0, NULL), LWMSG_STATUS_TIMEOUT);
    await_count(&cancelled_calls, before + 1);
    CHECK_EQ(order(pair.session, ORDER, ANSWER, 0, "after"), LWMSG_STATUS_SUCCESS);
    end_pair(&pair);
}

static void calls_with_completion_functions_end_in_time(void)
{
    enum { CALLS = 8 };
    Order inputs[CALLS];
    LWMsgParams in[CALLS], out[CALLS];
    Completion completions[CALLS];
    LWMsgCall *calls[CALLS];

    begin(LIMIT);
    for (int i = 0; i < CALLS; i++) {
        inputs[i] = (Order){ i % 2 ? ANSWER : PEND_CANCELLABLE, 0, "text" };
        in[i] = (LWMsgParams){ ORDER, &inputs[i] };
        out[i] = (LWMsgParams)LWMSG_PARAMS_INITIALIZER;
        completions[i] = (Completion)COMPLETION_INITIALIZER;
        calls[i] = acquire(pair.session);
        CHECK_EQ(lwmsg_call_dispatch(calls[i], &in[i], &out[i], on_complete, &completions[i]), LWMSG_STATUS_PENDING);
    }
    for (int i = 0; i < CALLS; i++) {
        LWMsgStatus status = await_completion(&completions[i], 1);
        CHECK_EQ(status, i % 2 ? LWMSG_STATUS_SUCCESS : LWMSG_STATUS_TIMEOUT);
        CHECK_EQ(out[i].tag, i % 2 ? ORDER : LWMSG_TAG_INVALID);
        CHECK_EQ(lwmsg_call_wait(calls[i]), status);
        lwmsg_call_destroy_params(calls[i], &out[i]);
        lwmsg_call_release(calls[i]);
    }
    pause_ms(20);
    for (int i = 0; i < CALLS; i++)
        CHECK_EQ(completions[i].count, 1);
    end_pair(&pair);
}

static void *slow_call(void *data)
{
    CHECK_EQ(order(pair.session, ORDER, SLEEP, LATE, NULL), LWMSG_STATUS_TIMEOUT);
    return data;
}

static void callers_that_share_a_connection_end_in_time(void)
{
    pthread_t threads[4];

    begin(LIMIT);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, slow_call, NULL), 0);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
    CHECK_EQ(order(pair.session, ORDER, ANSWER, 0, "after"), LWMSG_STATUS_SUCCESS);
    end_pair(&pair);
}

static void the_environment_sets_a_limit(void)
{
    setenv("RELINK_LWMSG_CALL_TIMEOUT", "30", 1);
    make_peers(&pair);
    unsetenv("RELINK_LWMSG_CALL_TIMEOUT");
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    CHECK_EQ(order(pair.session, ORDER, SLEEP, 100, NULL), LWMSG_STATUS_TIMEOUT);
    end_pair(&pair);
}

static char *shown(LWMsgPeer *peer)
{
    char *text = NULL;

    CHECK_EQ(relink_lwmsg_peer_print_alloc(peer, &text), LWMSG_STATUS_SUCCESS);
    return text;
}

static void expect_in(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        fprintf(stderr, "'%s' is not in:\n%s", part, text);
        exit(1);
    }
}

static void a_peer_says_what_it_is_doing(void)
{
    Order input = { PEND_CANCELLABLE, 0, NULL };
    LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;
    Completion completion = COMPLETION_INITIALIZER;
    LWMsgCall *call;
    char *text;

    begin(0);
    text = shown(pair.client);
    expect_in(text, "not listening, 0 clients of at most 100");
    expect_in(text, "server: not connected");
    free(text);
    call = acquire(pair.session);
    CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, on_complete, &completion), LWMSG_STATUS_PENDING);
    for (int i = 0; i < 1000; i++) {
        text = shown(pair.server);
        if (strstr(text, "call 0 from it"))
            break;
        free(text);
        pause_ms(5);
    }
    expect_in(text, "listening, 1 client of at most 100");
    expect_in(text, "\n    LOCAL /tmp/relink-lwmsg-");
    expect_in(text, "\n    client ");
    expect_in(text, "<local euid:");
    expect_in(text, ": connected, 0 calls to it, 0 given up, 0 handles, 0 bytes of replies to be written, ");
    expect_in(text, "\n        call 0 from it: ORDER (1)\n");
    free(text);
    text = shown(pair.client);
    expect_in(text, "\nserver ");
    expect_in(text, ": connected, 1 call to it, ");
    free(text);
    lwmsg_call_cancel(call);
    CHECK_EQ(await_completion(&completion, 1), LWMSG_STATUS_CANCELLED);
    lwmsg_call_release(call);
    end_pair(&pair);
    CHECK_EQ(relink_lwmsg_peer_print_alloc(NULL, &text), LWMSG_STATUS_INVALID_PARAMETER);
    CHECK(text == NULL);
}

static LWMsgPeer *asked;
static int asked_times;

static LWMsgBool on_log_ask(LWMsgLogLevel level, const char *message, const char *function, const char *file,
                            unsigned int line, void *data)
{
    (void)level, (void)function, (void)file, (void)line, (void)data;
    if (message && asked) {
        count(&asked_times);
        free(shown(asked));
    }
    return LWMSG_TRUE;
}

/* Where the library writes to the log it holds nothing that the question needs. */
static void a_log_function_may_ask(void)
{
    LWMsgTime negative = { 0, -1 };
    LWMsgContext *context = NULL;

    CHECK_EQ(lwmsg_context_new(NULL, &context), LWMSG_STATUS_SUCCESS);
    lwmsg_context_set_log_function(context, on_log_ask, NULL);
    make_peers(&pair);
    lwmsg_peer_delete(pair.server);
    CHECK_EQ(lwmsg_peer_new(context, pair.protocol, &pair.server), LWMSG_STATUS_SUCCESS);
    asked = pair.server;
    lwmsg_peer_add_dispatch_spec(pair.server, calls_dispatch);
    CHECK_EQ(lwmsg_peer_set_timeout(pair.server, LWMSG_TIMEOUT_IDLE, &negative), LWMSG_STATUS_INVALID_PARAMETER);
    CHECK_EQ(lwmsg_peer_set_timeout(pair.server, (LWMsgTimeout)9, NULL), LWMSG_STATUS_UNSUPPORTED);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    CHECK_EQ(order(pair.session, ORDER, ANSWER, 0, "text"), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_stop_listen(pair.server), LWMSG_STATUS_SUCCESS);
    CHECK(counted(&asked_times) > 6);
    asked = NULL;
    end_pair(&pair);
    lwmsg_context_delete(context);
}

static int seen;

static LWMsgStatus on_construct_pair(LWMsgSecurityToken *token, void *data, void **session_data)
{
    pid_t process;

    (void)data, (void)session_data;
    CHECK_EQ(lwmsg_local_token_get_pid(token, &process), LWMSG_STATUS_SUCCESS);
    pthread_mutex_lock(&calls_lock);
    seen = process;
    pthread_mutex_unlock(&calls_lock);
    return LWMSG_STATUS_SUCCESS;
}

/* A pair that the parent made and a child uses: whose name is on it is a matter of the setting. */
static void a_pair_of_sockets_is_its_makers_when_asked(void)
{
    for (int set = 0; set < 2; set++) {
        int fds[2], status;
        pid_t child, parent = getpid();

        CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        child = fork();
        if (child == 0) {
            close(fds[1]);
            if (set)
                setenv("RELINK_LWMSG_PAIR_CREDENTIALS", "1", 1);
            make_peers(&pair);
            lwmsg_peer_set_listen_session_functions(pair.server, on_construct_pair, NULL, NULL);
            CHECK_EQ(lwmsg_peer_accept_fd(pair.server, LWMSG_ENDPOINT_PAIR, fds[0]), LWMSG_STATUS_SUCCESS);
            for (int i = 0; i < 5000 && counted(&seen) == 0; i++)
                pause_ms(1);
            _exit(counted(&seen) == (set ? parent : getpid()) ? 0 : 1);
        }
        close(fds[0]);
        make_peers(&pair);
        CHECK_EQ(lwmsg_peer_connect_fd(pair.client, LWMSG_ENDPOINT_PAIR, fds[1], &pair.session), LWMSG_STATUS_SUCCESS);
        order(pair.session, ORDER, RETURN, 0, NULL);
        CHECK_EQ(waitpid(child, &status, 0), child);
        CHECK_EQ(status, 0);
        end_pair(&pair);
    }
}

static int complaints;

static LWMsgBool on_log(LWMsgLogLevel level, const char *message, const char *function, const char *file,
                        unsigned int line, void *data)
{
    (void)function, (void)file, (void)line, (void)data;
    if (message && level == LWMSG_LOGLEVEL_ERROR && strstr(message, "peer_delete would wait for the function"))
        count(&complaints);
    return LWMSG_TRUE;
}

static LWMsgPeer *own;

static LWMsgStatus delete_server(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    (void)call, (void)in, (void)out, (void)data;
    lwmsg_peer_delete(own);
    return LWMSG_STATUS_SUCCESS;
}

static void delete_client(LWMsgCall *call, LWMsgStatus status, void *data)
{
    lwmsg_peer_delete(own);
    on_complete(call, status, data);
}

/* 32: a handler or a completion function that deletes its own peer is told so in the log, and the peer stays. */
static void a_peer_deleted_by_its_own_function_stays(void)
{
    static LWMsgDispatchSpec deletes[] = { LWMSG_DISPATCH_BLOCK(NOBODY, delete_server), LWMSG_DISPATCH_END };
    static const LWMsgEndpointType types[] = { LWMSG_ENDPOINT_LOCAL, LWMSG_ENDPOINT_PAIR, LWMSG_ENDPOINT_DIRECT };
    LWMsgContext *context = NULL;

    CHECK_EQ(lwmsg_context_new(NULL, &context), LWMSG_STATUS_SUCCESS);
    lwmsg_context_set_log_function(context, on_log, NULL);
    for (int t = 0; t < 3; t++) {
        Order input = { RETURN, 0, NULL };
        LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;
        Completion completion = COMPLETION_INITIALIZER;
        LWMsgCall *call;

        make_peers(&pair);
        lwmsg_peer_delete(pair.server);
        lwmsg_peer_delete(pair.client);
        CHECK_EQ(lwmsg_peer_new(context, pair.protocol, &pair.server), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(lwmsg_peer_new(context, pair.protocol, &pair.client), LWMSG_STATUS_SUCCESS);
        lwmsg_peer_add_dispatch_spec(pair.server, calls_dispatch);
        lwmsg_peer_add_dispatch_spec(pair.server, deletes);
        join_peers(&pair, types[t]);
        own = pair.server;
        complaints = 0;
        CHECK_EQ(order(pair.session, NOBODY, RETURN, 0, NULL), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(counted(&complaints), 1);
        own = pair.client;
        call = acquire(pair.session);
        CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, delete_client, &completion), LWMSG_STATUS_PENDING);
        CHECK_EQ(await_completion(&completion, 1), LWMSG_STATUS_SUCCESS);
        lwmsg_call_release(call);
        CHECK_EQ(counted(&complaints), 2);
        CHECK_EQ(order(pair.session, ORDER, ANSWER, 0, "still here"), LWMSG_STATUS_SUCCESS);
        end_pair(&pair);
    }
    lwmsg_context_delete(context);
}

int main(void)
{
    /* First: children have no threads of ours to inherit. */
    a_pair_of_sockets_is_its_makers_when_asked();
    a_limit_is_checked();
    a_call_that_takes_too_long_ends_in_time();
    the_server_is_asked_to_give_up();
    calls_with_completion_functions_end_in_time();
    callers_that_share_a_connection_end_in_time();
    the_environment_sets_a_limit();
    a_peer_says_what_it_is_doing();
    a_log_function_may_ask();
    a_peer_deleted_by_its_own_function_stays();
    return 0;
}
