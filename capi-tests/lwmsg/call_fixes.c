/* What left the original's callers hanging, or killed its processes: each is answered here, and everything works on
 * afterwards.
 *
 * harness: ours-only the original hangs or crashes in every one of these
 * harness: timeout 120
 */
#include "calls.h"
#include "raw.h"

#include <relink/lwmsg.h>

#include <limits.h>
#include <signal.h>

static Pair pair;

static void begin(LWMsgEndpointType type)
{
    make_peers(&pair);
    CHECK_EQ(lwmsg_peer_add_dispatch_spec(pair.client, back_dispatch), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_set_listen_session_functions(pair.server, on_construct, on_destruct, &pair),
             LWMSG_STATUS_SUCCESS);
    join_peers(&pair, type);
}

static void works(void)
{
    CHECK_EQ(order(pair.session, ORDER, ANSWER, 0, "still here"), LWMSG_STATUS_SUCCESS);
}

/* 1 */
static void after_a_cancel_the_connection_works_on(void)
{
    Order input = { PEND_CANCELLABLE, 0, NULL };
    LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;
    Completion completion = COMPLETION_INITIALIZER;
    LWMsgCall *call;

    begin(LWMSG_ENDPOINT_LOCAL);
    works();
    call = acquire(pair.session);
    for (int i = 1; i <= 3; i++) {
        CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, on_complete, &completion), LWMSG_STATUS_PENDING);
        pause_ms(20);
        lwmsg_call_cancel(call);
        lwmsg_call_cancel(call);
        CHECK_EQ(await_completion(&completion, i), LWMSG_STATUS_CANCELLED);
        works();
    }
    lwmsg_call_cancel(call);
    lwmsg_call_release(call);
    works();
    end_pair(&pair);
}

/* 1: replies were marked so that the next call back hung */
static void a_second_call_back_is_answered(void)
{
    begin(LWMSG_ENDPOINT_LOCAL);
    for (unsigned int i = 0; i < 3; i++)
        CHECK_EQ(order(pair.session, ORDER, CALL_BACK, 70 + i, NULL), 70 + i);
    end_pair(&pair);
    begin(LWMSG_ENDPOINT_DIRECT);
    for (unsigned int i = 0; i < 3; i++)
        CHECK_EQ(order(pair.session, ORDER, CALL_BACK, 70 + i, NULL), 70 + i);
    end_pair(&pair);
}

/* 2 */
static void what_no_handler_takes_is_answered(void)
{
    begin(LWMSG_ENDPOINT_LOCAL);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(order(pair.session, NOBODY, RETURN, 0, NULL), LWMSG_STATUS_UNSUPPORTED);
        CHECK_EQ(order(pair.session, EMPTY_LINE, RETURN, 0, NULL), LWMSG_STATUS_UNIMPLEMENTED);
        CHECK_EQ(order(pair.session, BEYOND, RETURN, 0, NULL), LWMSG_STATUS_MALFORMED);
        works();
    }
    end_pair(&pair);
    begin(LWMSG_ENDPOINT_DIRECT);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(order(pair.session, NOBODY, RETURN, 0, NULL), LWMSG_STATUS_UNSUPPORTED);
        CHECK_EQ(order(pair.session, EMPTY_LINE, RETURN, 0, NULL), LWMSG_STATUS_UNIMPLEMENTED);
        CHECK_EQ(order(pair.session, BEYOND, RETURN, 0, NULL), LWMSG_STATUS_UNIMPLEMENTED);
        works();
    }
    end_pair(&pair);
}

/* 2 */
static void a_stale_handle_is_answered(void)
{
    Order input = { 7, 0, NULL };
    LWMsgParams in = { OPEN, &input }, opened = LWMSG_PARAMS_INITIALIZER, out = LWMSG_PARAMS_INITIALIZER;
    LWMsgCall *call;
    Ticket ticket;

    begin(LWMSG_ENDPOINT_LOCAL);
    call = acquire(pair.session);
    CHECK_EQ(lwmsg_call_dispatch(call, &in, &opened, NULL, NULL), LWMSG_STATUS_SUCCESS);
    ticket = *(Ticket *)opened.data;
    in.data = &ticket;
    in.tag = USE;
    CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, NULL, NULL), LWMSG_STATUS_SUCCESS);
    in.tag = CLOSE;
    CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, NULL, NULL), LWMSG_STATUS_SUCCESS);
    for (int i = 0; i < 3; i++) {
        in.tag = i == 1 ? USE : CLOSE;
        CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, NULL, NULL), LWMSG_STATUS_INVALID_HANDLE);
        works();
    }
    CHECK_EQ(counted(&cleaned_handles), 1);
    lwmsg_call_destroy_params(call, &opened);
    lwmsg_call_release(call);
    end_pair(&pair);
}

/* 3 */
static void a_handler_that_fails_without_output_answers(void)
{
    static const LWMsgEndpointType types[] = { LWMSG_ENDPOINT_LOCAL, LWMSG_ENDPOINT_PAIR, LWMSG_ENDPOINT_DIRECT };
    for (int t = 0; t < 3; t++) {
        begin(types[t]);
        for (int i = 0; i < 3; i++) {
            CHECK_EQ(order(pair.session, ORDER, RETURN, LWMSG_STATUS_ERROR, NULL), LWMSG_STATUS_ERROR);
            CHECK_EQ(order(pair.session, ORDER_QUICK, RETURN, LWMSG_STATUS_ERROR, NULL), LWMSG_STATUS_ERROR);
        }
        works();
        end_pair(&pair);
    }
}

static void an_output_that_cannot_be_sent_is_answered(void)
{
    begin(LWMSG_ENDPOINT_LOCAL);
    CHECK_EQ(order(pair.session, ORDER, BAD_OUTPUT, 0, NULL), LWMSG_STATUS_INVALID_HANDLE);
    works();
    end_pair(&pair);
}

/* 2, 4, 10 */
static void what_cannot_be_read_is_answered_and_never_kills_the_server(void)
{
    static const unsigned char order_bytes[] = { 0, 0, 0, 0, 0, 0, 0, 24, 0 };
    static const unsigned char fd_without_descriptor[] = { 0, 0, 0, 1, 0xff };
    int fd;

    begin(LWMSG_ENDPOINT_LOCAL);
    fd = raw_client(pair.path);
    /* A gap below the largest number, numbers beyond all, negative ones. */
    send_message(fd, 0, 1, 12, "x", 1);
    expect_reply(fd, 1, LWMSG_STATUS_MALFORMED);
    send_message(fd, 0, 2, 14, NULL, 0);
    expect_reply(fd, 2, LWMSG_STATUS_MALFORMED);
    send_message(fd, 0, 3, 32767, NULL, 0);
    expect_reply(fd, 3, LWMSG_STATUS_MALFORMED);
    send_message(fd, 0, 4, -1, NULL, 0);
    expect_reply(fd, 4, LWMSG_STATUS_MALFORMED);
    send_message(fd, 0, 5, -2, NULL, 0);
    expect_reply(fd, 5, LWMSG_STATUS_MALFORMED);
    /* A payload cut short, and none at all. */
    for (size_t length = 0; length < sizeof order_bytes; length++) {
        send_message(fd, 0, 6, ORDER, order_bytes, length);
        expect_reply(fd, 6, LWMSG_STATUS_MALFORMED);
    }
    send_message(fd, 0, 7, PASS, fd_without_descriptor, sizeof fd_without_descriptor);
    expect_reply(fd, 7, LWMSG_STATUS_MALFORMED);
    /* A request marked CONTROL, as old clients send after a cancellation: it is one. */
    send_message(fd, LWMSG_MESSAGE_FLAG_CONTROL, 8, ORDER, order_bytes, sizeof order_bytes);
    expect_reply(fd, 8, LWMSG_STATUS_BUSY);
    /* Replies and cancellations of nothing. */
    send_message(fd, LWMSG_MESSAGE_FLAG_REPLY, 9, -1, NULL, 0);
    send_message(fd, LWMSG_MESSAGE_FLAG_CONTROL, 9, -1, NULL, 0);
    send_message(fd, 0, 10, ORDER, order_bytes, sizeof order_bytes);
    expect_reply(fd, 10, LWMSG_STATUS_BUSY);
    close(fd);
    works();
    end_pair(&pair);
}

/* A cookie that is in use ends the association. */
static void a_cookie_in_use_ends_the_association_and_nothing_else(void)
{
    static const unsigned char pend[] = { 0, 0, 0, PEND_CANCELLABLE, 0, 0, 0, 0, 0 };
    unsigned char packet[8192];
    int before, fd;

    begin(LWMSG_ENDPOINT_LOCAL);
    before = counted(&cancelled_calls);
    fd = raw_client(pair.path);
    send_message(fd, 0, 1, ORDER, pend, sizeof pend);
    send_message(fd, 0, 1, ORDER, pend, sizeof pend);
    CHECK_EQ(next_packet(fd, packet), 10);
    CHECK_EQ(packet[4], 5);
    CHECK_EQ(next_packet(fd, packet), 0);
    await_count(&cancelled_calls, before + 1);
    close(fd);
    works();
    end_pair(&pair);
}

/* 13, 30m */
static void signals_are_the_programs(void)
{
    struct sigaction action;
    sigset_t set, old, pending;

    begin(LWMSG_ENDPOINT_LOCAL);
    works();
    CHECK_EQ(sigaction(SIGUSR1, NULL, &action), 0);
    CHECK(action.sa_handler == SIG_DFL);
    /* Blocked here, a signal of the process stays pending: no thread of the library takes it. */
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, &old);
    kill(getpid(), SIGUSR1);
    pause_ms(20);
    sigpending(&pending);
    CHECK(sigismember(&pending, SIGUSR1));
    sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
    sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    works();
    end_pair(&pair);
}

/* 15 */
static void the_next_endpoint_is_tried_when_one_fails(void)
{
    char missing[128], refused[128];
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd;

    make_peers(&pair);
    snprintf(missing, sizeof missing, "%s/missing", pair.folder);
    snprintf(refused, sizeof refused, "%s/refused", pair.folder);
    strcpy(address.sun_path, refused);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_EQ(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    lwmsg_peer_add_connect_endpoint(pair.client, LWMSG_ENDPOINT_DIRECT, "relink-nobody");
    lwmsg_peer_add_connect_endpoint(pair.client, LWMSG_ENDPOINT_LOCAL, missing);
    lwmsg_peer_add_connect_endpoint(pair.client, LWMSG_ENDPOINT_LOCAL, refused);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    works();
    CHECK_EQ(unlink(refused), 0);
    end_pair(&pair);
}

/* 15: a server that never greets */
static void the_next_endpoint_is_tried_after_a_timeout(void)
{
    LWMsgTime limit = { 2, 0 };
    char silent[128];
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd;

    make_peers(&pair);
    snprintf(silent, sizeof silent, "%s/silent", pair.folder);
    strcpy(address.sun_path, silent);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_EQ(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_EQ(listen(fd, 4), 0);
    CHECK_EQ(lwmsg_peer_set_timeout(pair.client, LWMSG_TIMEOUT_ESTABLISH, &limit), LWMSG_STATUS_SUCCESS);
    lwmsg_peer_add_connect_endpoint(pair.client, LWMSG_ENDPOINT_LOCAL, silent);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    works();
    close(fd);
    CHECK_EQ(unlink(silent), 0);
    end_pair(&pair);
}

/* 16 */
static void a_peer_without_endpoints_says_so(void)
{
    LWMsgCall *call = (LWMsgCall *)&pair;

    make_peers(&pair);
    CHECK_EQ(lwmsg_peer_acquire_call(pair.client, &call), LWMSG_STATUS_INVALID_STATE);
    CHECK(call == NULL);
    CHECK_EQ(lwmsg_peer_connect(pair.client, &pair.session), LWMSG_STATUS_SUCCESS);
    call = (LWMsgCall *)&pair;
    CHECK_EQ(lwmsg_session_acquire_call(pair.session, &call), LWMSG_STATUS_NOT_FOUND);
    CHECK(call == NULL);
    end_pair(&pair);
}

/* 17, 18 */
static void a_direct_call_that_is_cancelled_reaches_the_callee(void)
{
    Order input = { PEND_CANCELLABLE, 0, NULL };
    LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;
    Completion completion = COMPLETION_INITIALIZER;
    LWMsgCall *call;

    begin(LWMSG_ENDPOINT_DIRECT);
    call = acquire(pair.session);
    for (int i = 1; i <= 2; i++) {
        int before = counted(&cancelled_calls);
        CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, on_complete, &completion), LWMSG_STATUS_PENDING);
        pause_ms(20);
        lwmsg_call_cancel(call);
        CHECK_EQ(await_completion(&completion, i), LWMSG_STATUS_CANCELLED);
        CHECK_EQ(counted(&cancelled_calls), before + 1);
    }
    /* One that was never pended. */
    input.number = SLEEP;
    input.status = 50;
    CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, on_complete, &completion), LWMSG_STATUS_PENDING);
    lwmsg_call_cancel(call);
    CHECK_EQ(await_completion(&completion, 3), LWMSG_STATUS_SUCCESS);
    lwmsg_call_release(call);
    end_pair(&pair);
}

static LWMsgStatus refuse(LWMsgSecurityToken *token, void *data, void **session_data)
{
    (void)token, (void)data, (void)session_data;
    return LWMSG_STATUS_SECURITY;
}

/* 17 */
static void a_refused_session_leaves_nothing_behind(void)
{
    LWMsgCall *call = NULL;

    for (int i = 0; i < 2; i++) {
        make_peers(&pair);
        CHECK_EQ(lwmsg_peer_set_listen_session_functions(pair.server, refuse, NULL, NULL), LWMSG_STATUS_SUCCESS);
        join_peers(&pair, i ? LWMSG_ENDPOINT_DIRECT : LWMSG_ENDPOINT_LOCAL);
        if (i) {
            CHECK_EQ(lwmsg_session_acquire_call(pair.session, &call), LWMSG_STATUS_SECURITY);
            CHECK(call == NULL);
        } else {
            CHECK_EQ(order(pair.session, ORDER, RETURN, 0, NULL), LWMSG_STATUS_PEER_CLOSE);
        }
        end_pair(&pair);
    }
}

/* 30a */
static void adopted_connections_do_not_use_up_places(void)
{
    int fds[2];

    make_peers(&pair);
    CHECK_EQ(lwmsg_peer_set_max_listen_clients(pair.server, 2), LWMSG_STATUS_SUCCESS);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    for (int i = 0; i < 5; i++) {
        CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        CHECK_EQ(lwmsg_peer_accept_fd(pair.server, LWMSG_ENDPOINT_PAIR, fds[0]), LWMSG_STATUS_SUCCESS);
        close(fds[1]);
    }
    pause_ms(50);
    for (int i = 0; i < 5; i++) {
        works();
        CHECK_EQ(lwmsg_peer_disconnect(pair.client), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(lwmsg_peer_connect(pair.client, &pair.session), LWMSG_STATUS_SUCCESS);
    }
    end_pair(&pair);
}

/* 30b */
static void waiting_for_a_direct_call_ends(void)
{
    Order input = { SLEEP, 30, NULL };
    LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;
    Completion completion = COMPLETION_INITIALIZER;
    LWMsgCall *call;

    begin(LWMSG_ENDPOINT_DIRECT);
    call = acquire(pair.session);
    CHECK_EQ(lwmsg_call_wait(call), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, on_complete, &completion), LWMSG_STATUS_PENDING);
    CHECK_EQ(lwmsg_call_wait(call), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(await_completion(&completion, 1), LWMSG_STATUS_SUCCESS);
    lwmsg_call_release(call);
    end_pair(&pair);
}

/* 30g */
static void a_direct_output_with_a_handle_is_freed(void)
{
    Order input = { 7, 0, NULL };
    LWMsgParams in = { OPEN, &input }, out = LWMSG_PARAMS_INITIALIZER;
    LWMsgHandleType location;
    LWMsgCall *call;
    LWMsgHandle *handle;
    void *data = NULL;
    int before = counted(&cleaned_handles);

    begin(LWMSG_ENDPOINT_DIRECT);
    call = acquire(pair.session);
    CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, NULL, NULL), LWMSG_STATUS_SUCCESS);
    handle = ((Ticket *)out.data)->handle;
    CHECK_EQ(lwmsg_session_get_handle_location(pair.session, handle, &location), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(location, LWMSG_HANDLE_LOCAL);
    CHECK_EQ(lwmsg_session_get_handle_data(pair.session, handle, &data), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(*(int *)data, 7);
    CHECK_EQ(lwmsg_call_destroy_params(call, &out), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_session_unregister_handle(pair.session, handle), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(counted(&cleaned_handles), before + 1);
    CHECK_EQ(lwmsg_session_unregister_handle(pair.session, handle), LWMSG_STATUS_INVALID_HANDLE);
    lwmsg_call_release(call);
    end_pair(&pair);
}

static int begun, ended;

static void trace_begin(LWMsgCall *call, const LWMsgParams *params, LWMsgStatus status, void *data)
{
    (void)call, (void)params, (void)data;
    CHECK_EQ(status, LWMSG_STATUS_SUCCESS);
    count(&begun);
}

static void trace_end(LWMsgCall *call, const LWMsgParams *params, LWMsgStatus status, void *data)
{
    (void)call, (void)params, (void)status, (void)data;
    count(&ended);
}

/* 30g */
static void trace_functions_see_the_end_of_every_call(void)
{
    static const LWMsgEndpointType types[] = { LWMSG_ENDPOINT_LOCAL, LWMSG_ENDPOINT_DIRECT };
    for (int t = 0; t < 2; t++) {
        make_peers(&pair);
        lwmsg_peer_set_trace_functions(pair.server, trace_begin, trace_end, NULL);
        lwmsg_peer_set_trace_functions(pair.client, trace_begin, trace_end, NULL);
        join_peers(&pair, types[t]);
        begun = ended = 0;
        CHECK_EQ(order(pair.session, ORDER, RETURN, LWMSG_STATUS_BUSY, NULL), LWMSG_STATUS_BUSY);
        CHECK_EQ(order(pair.session, ORDER, PEND, LWMSG_STATUS_BUSY, NULL), LWMSG_STATUS_BUSY);
        CHECK_EQ(order(pair.session, ORDER_QUICK, COMPLETE_FIRST, 0, NULL), 0);
        await_count(&begun, 6);
        await_count(&ended, 6);
        end_pair(&pair);
    }
}

/* 30h */
static void the_establish_timeout_always_fires(void)
{
    LWMsgTime limit = { 0, 30000 };
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd;

    make_peers(&pair);
    strcpy(address.sun_path, pair.path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_EQ(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_EQ(listen(fd, 4), 0);
    CHECK_EQ(lwmsg_peer_set_timeout(pair.client, LWMSG_TIMEOUT_ESTABLISH, &limit), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_add_connect_endpoint(pair.client, LWMSG_ENDPOINT_LOCAL, pair.path), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_connect(pair.client, &pair.session), LWMSG_STATUS_SUCCESS);
    for (int i = 0; i < 6; i++) {
        Order input = { RETURN, 0, NULL };
        LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;
        Completion completion = COMPLETION_INITIALIZER;
        LWMsgCall *call = acquire(pair.session);
        if (i % 3 == 1)
            pause_ms(10);
        if (i % 2) {
            CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, NULL, NULL), LWMSG_STATUS_TIMEOUT);
        } else {
            CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, on_complete, &completion), LWMSG_STATUS_PENDING);
            CHECK_EQ(await_completion(&completion, 1), LWMSG_STATUS_TIMEOUT);
        }
        lwmsg_call_release(call);
    }
    close(fd);
    CHECK_EQ(unlink(pair.path), 0);
    end_pair(&pair);
}

/* 30l */
static void a_handle_that_is_gone_is_invalid_even_after_new_ones(void)
{
    LWMsgSession *session;
    LWMsgHandle *old = NULL, *fresh = NULL;
    LWMsgHandleType location;
    void *data;

    make_peers(&pair);
    CHECK_EQ(lwmsg_peer_connect(pair.client, &session), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_session_register_handle(session, "T", &pair, NULL, &old), LWMSG_STATUS_SUCCESS);
    lwmsg_session_release_handle(session, old);
    for (int i = 0; i < 100; i++) {
        CHECK_EQ(lwmsg_session_register_handle(session, "T", &pair, NULL, &fresh), LWMSG_STATUS_SUCCESS);
        CHECK(fresh != old);
        CHECK_EQ(lwmsg_session_get_handle_data(session, old, &data), LWMSG_STATUS_INVALID_HANDLE);
        CHECK_EQ(lwmsg_session_get_handle_location(session, old, &location), LWMSG_STATUS_INVALID_HANDLE);
        CHECK_EQ(lwmsg_session_unregister_handle(session, old), LWMSG_STATUS_INVALID_HANDLE);
        lwmsg_session_release_handle(session, old);
        lwmsg_session_release_handle(session, fresh);
    }
    CHECK_EQ(lwmsg_session_get_handle_data(session, NULL, &data), LWMSG_STATUS_INVALID_HANDLE);
    CHECK_EQ(lwmsg_session_register_handle(session, "T", NULL, NULL, NULL), LWMSG_STATUS_INVALID_PARAMETER);
    end_pair(&pair);
}

/* 30n */
static void a_call_cancelled_before_it_was_sent_completes_once(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    Order input = { RETURN, 0, NULL };
    LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;
    Completion completion = COMPLETION_INITIALIZER;
    LWMsgCall *call;
    int fd;

    make_peers(&pair);
    strcpy(address.sun_path, pair.path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_EQ(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_EQ(listen(fd, 4), 0);
    lwmsg_peer_add_connect_endpoint(pair.client, LWMSG_ENDPOINT_LOCAL, pair.path);
    CHECK_EQ(lwmsg_peer_connect(pair.client, &pair.session), LWMSG_STATUS_SUCCESS);
    call = acquire(pair.session);
    CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, on_complete, &completion), LWMSG_STATUS_PENDING);
    lwmsg_call_cancel(call);
    CHECK_EQ(await_completion(&completion, 1), LWMSG_STATUS_CANCELLED);
    lwmsg_call_release(call);
    pause_ms(30);
    CHECK_EQ(completion.count, 1);
    close(fd);
    CHECK_EQ(unlink(pair.path), 0);
    end_pair(&pair);
}

/* 26 */
static int threads(void)
{
    char line[128];
    int number = -1;
    FILE *file = fopen("/proc/self/status", "r");

    while (fgets(line, sizeof line, file))
        sscanf(line, "Threads: %d", &number);
    fclose(file);
    return number;
}

static void threads_are_few_and_all_end(void)
{
    int before = threads();

    begin(LWMSG_ENDPOINT_LOCAL);
    CHECK(threads() <= before + 2);
    for (int i = 0; i < 50; i++)
        works();
    /* The program's own is the eighth. */
    CHECK(threads() <= before + 7);
    end_pair(&pair);
    /* The system counts a thread for a moment after it has been joined. */
    for (int i = 0; i < 5000 && threads() != before; i++)
        pause_ms(1);
    CHECK_EQ(threads(), before);

    /* A client that makes synchronous calls has none. */
    make_peers(&pair);
    CHECK_EQ(lwmsg_peer_connect(pair.client, &pair.session), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(threads(), before);
    end_pair(&pair);
}

static LWMsgStatus stop_from_inside(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    (void)call, (void)in, (void)out, (void)data;
    return lwmsg_peer_stop_listen(pair.server);
}

/* 32 */
static void stopping_from_a_handler_is_refused(void)
{
    static LWMsgDispatchSpec stop[] = { LWMSG_DISPATCH_BLOCK(NOBODY, stop_from_inside), LWMSG_DISPATCH_END };

    make_peers(&pair);
    CHECK_EQ(lwmsg_peer_add_dispatch_spec(pair.server, stop), LWMSG_STATUS_SUCCESS);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    CHECK_EQ(order(pair.session, NOBODY, RETURN, 0, NULL), LWMSG_STATUS_INVALID_STATE);
    works();
    end_pair(&pair);
}

static LWMsgStatus refuse_when_told(LWMsgSecurityToken *token, void *data, void **session_data)
{
    (void)token, (void)session_data;
    return counted(data) ? LWMSG_STATUS_SECURITY : LWMSG_STATUS_SUCCESS;
}

/* A direct session survives its server; what is left of the time before takes nothing from the time after. */
static void handles_live_on_when_an_old_direct_call_is_released(void)
{
    static int refusing;
    Order input = { 7, 0, NULL };
    LWMsgParams in = { OPEN, &input }, out = LWMSG_PARAMS_INITIALIZER;
    LWMsgHandle *handle, *own;
    LWMsgCall *old, *call = NULL;
    void *data = NULL;
    int before = counted(&cleaned_handles);

    make_peers(&pair);
    lwmsg_peer_set_listen_session_functions(pair.server, refuse_when_told, NULL, &refusing);
    join_peers(&pair, LWMSG_ENDPOINT_DIRECT);
    old = acquire(pair.session);
    CHECK_EQ(lwmsg_peer_stop_listen(pair.server), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_start_listen(pair.server), LWMSG_STATUS_SUCCESS);
    call = acquire(pair.session);
    CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, NULL, NULL), LWMSG_STATUS_SUCCESS);
    handle = ((Ticket *)out.data)->handle;
    lwmsg_call_release(old);
    CHECK_EQ(counted(&cleaned_handles), before);
    CHECK_EQ(lwmsg_session_get_handle_data(pair.session, handle, &data), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(*(int *)data, 7);
    CHECK_EQ(lwmsg_call_destroy_params(call, &out), LWMSG_STATUS_SUCCESS);
    lwmsg_call_release(call);

    /* Nor does a server that lets nobody in. */
    CHECK_EQ(lwmsg_peer_stop_listen(pair.server), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(counted(&cleaned_handles), before + 1);
    count(&refusing);
    CHECK_EQ(lwmsg_peer_start_listen(pair.server), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_session_register_handle(pair.session, "T", &pair, NULL, &own), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_session_acquire_call(pair.session, &call), LWMSG_STATUS_SECURITY);
    CHECK_EQ(lwmsg_session_get_handle_data(pair.session, own, &data), LWMSG_STATUS_SUCCESS);
    CHECK(data == &pair);
    end_pair(&pair);
}

/* The longest time there is is as good as no limit. */
static void a_limit_may_be_as_long_as_it_likes(void)
{
    LWMsgTime ever = { LONG_MAX, LONG_MAX };

    make_peers(&pair);
    for (int type = LWMSG_TIMEOUT_MESSAGE; type <= LWMSG_TIMEOUT_IDLE; type++) {
        CHECK_EQ(lwmsg_peer_set_timeout(pair.server, (LWMsgTimeout)type, &ever), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(lwmsg_peer_set_timeout(pair.client, (LWMsgTimeout)type, &ever), LWMSG_STATUS_SUCCESS);
    }
    CHECK_EQ(relink_lwmsg_peer_set_call_timeout(pair.client, &ever), LWMSG_STATUS_SUCCESS);
    lwmsg_peer_set_max_listen_clients(pair.server, 1);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    for (int i = 0; i < 3; i++)
        works();
    end_pair(&pair);
}

/* Runs all, or those whose names contain the argument. */
int main(int argc, char **argv)
{
    RUN(after_a_cancel_the_connection_works_on);
    RUN(a_second_call_back_is_answered);
    RUN(what_no_handler_takes_is_answered);
    RUN(a_stale_handle_is_answered);
    RUN(a_handler_that_fails_without_output_answers);
    RUN(an_output_that_cannot_be_sent_is_answered);
    RUN(what_cannot_be_read_is_answered_and_never_kills_the_server);
    RUN(a_cookie_in_use_ends_the_association_and_nothing_else);
    RUN(signals_are_the_programs);
    RUN(the_next_endpoint_is_tried_when_one_fails);
    RUN(the_next_endpoint_is_tried_after_a_timeout);
    RUN(a_peer_without_endpoints_says_so);
    RUN(a_direct_call_that_is_cancelled_reaches_the_callee);
    RUN(a_refused_session_leaves_nothing_behind);
    RUN(adopted_connections_do_not_use_up_places);
    RUN(waiting_for_a_direct_call_ends);
    RUN(a_direct_output_with_a_handle_is_freed);
    RUN(trace_functions_see_the_end_of_every_call);
    RUN(the_establish_timeout_always_fires);
    RUN(a_handle_that_is_gone_is_invalid_even_after_new_ones);
    RUN(a_call_cancelled_before_it_was_sent_completes_once);
    RUN(threads_are_few_and_all_end);
    RUN(stopping_from_a_handler_is_refused);
    RUN(handles_live_on_when_an_old_direct_call_is_released);
    RUN(a_limit_may_be_as_long_as_it_likes);
    return 0;
}
