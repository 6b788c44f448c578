/* Handles: what each side sees of them, how many references there are, and what becomes of them when a side goes.
 */
#include "calls.h"

static Pair pair;

static void cleaned(void *data)
{
    (void)data;
    count(&cleaned_handles);
}

/* Opens a ticket; the output is left to the caller. */
static LWMsgStatus open_ticket(LWMsgCall *call, int number, LWMsgParams *out)
{
    Order input = { number, 0, NULL };
    LWMsgParams in = { OPEN, &input };

    return lwmsg_call_dispatch(call, &in, out, NULL, NULL);
}

static LWMsgStatus with_ticket(LWMsgCall *call, LWMsgTag tag, LWMsgHandle *handle, int number)
{
    Ticket ticket = { handle, number };
    LWMsgParams in = { tag, &ticket }, out = LWMSG_PARAMS_INITIALIZER;
    LWMsgStatus status = lwmsg_call_dispatch(call, &in, &out, NULL, NULL);

    lwmsg_call_destroy_params(call, &out);
    return status;
}

static void over_a_socket(LWMsgEndpointType type)
{
    LWMsgParams first = LWMSG_PARAMS_INITIALIZER, second = LWMSG_PARAMS_INITIALIZER;
    LWMsgHandleType location = LWMSG_HANDLE_NULL;
    LWMsgHandle *a, *b, *own = NULL;
    LWMsgCall *call;
    void *data = &pair;

    cleaned_handles = 0;
    make_peers(&pair);
    join_peers(&pair, type);
    call = acquire(pair.session);
    printf("%s open %u", type_name(type), open_ticket(call, 7, &first));
    printf(" %u", open_ticket(call, 8, &second));
    a = ((Ticket *)first.data)->handle;
    b = ((Ticket *)second.data)->handle;
    CHECK(a != b);
    printf(" location %u", lwmsg_session_get_handle_location(pair.session, a, &location));
    printf(" %u", location);
    printf(" data %u", lwmsg_session_get_handle_data(pair.session, a, &data));
    printf(" %s\n", data ? "there" : "NULL");
    printf("use %u %u", with_ticket(call, USE, a, 7), with_ticket(call, USE, b, 8));
    printf(" wrong number %u", with_ticket(call, USE, b, 9) != 0);
    printf(" null %u\n", with_ticket(call, USE, NULL, 0));
    /* What is closed is gone when the reply is there: a registry's next call may delete the key. */
    cleaning_ms = 50;
    printf("close %u", with_ticket(call, CLOSE, a, 7));
    printf(" cleaned %d\n", counted(&cleaned_handles));
    cleaning_ms = 0;
    /* One of our own where one of theirs is asked for. */
    CHECK_EQ(lwmsg_session_register_handle(pair.session, "Ticket", &pair, cleaned, &own), 0);
    printf("own handle sent %u\n", with_ticket(call, USE, own, 1));
    CHECK_EQ(lwmsg_session_unregister_handle(pair.session, own), 0);
    await_count(&cleaned_handles, 2);
    /* One of another type. */
    CHECK_EQ(lwmsg_session_register_handle(pair.session, "Other", &pair, cleaned, &own), 0);
    printf("other type %u\n", with_ticket(call, USE, own, 1));
    lwmsg_session_retain_handle(pair.session, own);
    lwmsg_session_release_handle(pair.session, own);
    CHECK_EQ(counted(&cleaned_handles), 2);
    lwmsg_session_release_handle(pair.session, own);
    await_count(&cleaned_handles, 3);
    lwmsg_call_destroy_params(call, &first);
    lwmsg_call_destroy_params(call, &second);
    lwmsg_call_release(call);
    /* What is left is cleaned up when the client goes. */
    lwmsg_peer_disconnect(pair.client);
    await_count(&cleaned_handles, 4);
    end_pair(&pair);
}

/* A server that comes back has forgotten the handles of before. */
static void after_a_restart(void)
{
    LWMsgParams out = LWMSG_PARAMS_INITIALIZER, fresh = LWMSG_PARAMS_INITIALIZER;
    LWMsgHandleType location;
    LWMsgHandle *old;
    LWMsgCall *call;

    make_peers(&pair);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    call = acquire(pair.session);
    CHECK_EQ(open_ticket(call, 7, &out), 0);
    old = ((Ticket *)out.data)->handle;
    CHECK_EQ(lwmsg_peer_stop_listen(pair.server), 0);
    CHECK_EQ(lwmsg_peer_start_listen(pair.server), 0);
    pause_ms(50);
    printf("old call %u", with_ticket(call, USE, old, 7));
    lwmsg_call_release(call);
    call = acquire(pair.session);
    printf(" new call %u", order(pair.session, ORDER, RETURN, 3, NULL));
    printf(" location %u", lwmsg_session_get_handle_location(pair.session, old, &location));
    printf(" use %u", with_ticket(call, USE, old, 7));
    printf(" open %u", open_ticket(call, 9, &fresh));
    printf(" use %u\n", with_ticket(call, USE, ((Ticket *)fresh.data)->handle, 9));
    lwmsg_call_destroy_params(call, &fresh);
    lwmsg_call_release(call);
    end_pair(&pair);
    free(out.data);
}

static void tokens(void)
{
    LWMsgSecurityToken *token, *copy = NULL;
    uid_t user = 12345;
    gid_t group = 12345;
    pid_t process = 0;

    make_peers(&pair);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    CHECK(lwmsg_session_get_peer_security_token(pair.session) == NULL);
    CHECK_EQ(order(pair.session, ORDER, RETURN, 3, NULL), 3);
    token = lwmsg_session_get_peer_security_token(pair.session);
    CHECK(token != NULL);
    printf("%s", lwmsg_security_token_get_type(token));
    printf(" %u", lwmsg_local_token_get_eid(token, &user, &group));
    printf(" %u", lwmsg_local_token_get_eid(token, NULL, NULL));
    printf(" %u", lwmsg_local_token_get_pid(token, &process));
    CHECK_EQ(user, geteuid());
    CHECK_EQ(group, getegid());
    CHECK_EQ(process, getpid());
    printf(" copy %u", lwmsg_security_token_copy(token, &copy));
    printf(" equal %u access %u\n", lwmsg_security_token_equal(token, copy), lwmsg_security_token_can_access(copy, token));
    lwmsg_security_token_delete(copy);
    end_pair(&pair);
}

int main(void)
{
    over_a_socket(LWMSG_ENDPOINT_LOCAL);
    over_a_socket(LWMSG_ENDPOINT_PAIR);
    after_a_restart();
    tokens();
    return 0;
}
