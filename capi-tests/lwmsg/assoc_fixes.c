/* What an association does that the original does not, or does not survive.
 *
 * harness: ours-only fixes
 */
#include "calls.h"
#include "raw.h"

#include <limits.h>

static LWMsgProtocol *protocol;

/* Two ends of a pair of sockets. */
static void two(LWMsgAssoc **near, LWMsgAssoc **far)
{
    int fds[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    CHECK_EQ(lwmsg_connection_new(NULL, protocol, near), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_connection_new(NULL, protocol, far), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_connection_set_fd(*near, LWMSG_CONNECTION_MODE_PAIR, fds[0]), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_connection_set_fd(*far, LWMSG_CONNECTION_MODE_PAIR, fds[1]), LWMSG_STATUS_SUCCESS);
}

static void *accept_and_answer(void *data)
{
    LWMsgAssoc *assoc = data;
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;

    CHECK_EQ(lwmsg_assoc_accept(assoc, NULL), LWMSG_STATUS_SUCCESS);
    while (lwmsg_assoc_recv_message(assoc, &message) == LWMSG_STATUS_SUCCESS) {
        CHECK_EQ(lwmsg_assoc_send_message(assoc, &message), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(lwmsg_assoc_destroy_message(assoc, &message), LWMSG_STATUS_SUCCESS);
    }
    return NULL;
}

static void echo(LWMsgAssoc *assoc)
{
    Order order = { 5, 6, "text" };
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER, answer = LWMSG_MESSAGE_INITIALIZER;

    message.tag = ORDER;
    message.data = &order;
    CHECK_EQ(lwmsg_assoc_send_message_transact(assoc, &message, &answer), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(answer.tag, ORDER);
    CHECK_EQ(strcmp(((Order *)answer.data)->text, "text"), 0);
    CHECK_EQ(lwmsg_assoc_destroy_message(assoc, &answer), LWMSG_STATUS_SUCCESS);
}

/* The largest numbers there are: as good as no limit. */
static void sizes_and_times_may_be_as_large_as_they_like(void)
{
    LWMsgTime ever = { LONG_MAX, LONG_MAX };
    LWMsgAssoc *near, *far;
    pthread_t thread;

    two(&near, &far);
    CHECK_EQ(lwmsg_connection_set_packet_size(near, SIZE_MAX), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_connection_set_packet_size(far, SIZE_MAX / 2), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_assoc_set_timeout(near, LWMSG_TIMEOUT_ESTABLISH, &ever), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_assoc_set_timeout(near, LWMSG_TIMEOUT_MESSAGE, &ever), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(pthread_create(&thread, NULL, accept_and_answer, far), 0);
    CHECK_EQ(lwmsg_assoc_connect(near, NULL), LWMSG_STATUS_SUCCESS);
    echo(near);
    CHECK_EQ(lwmsg_assoc_close(near), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    lwmsg_assoc_delete(near);
    lwmsg_assoc_delete(far);
}

static LWMsgStatus call_once(LWMsgCall *call)
{
    Order input = { 1, 2, "three" };
    LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;
    LWMsgStatus status = lwmsg_call_dispatch(call, &in, &out, NULL, NULL);

    if (status == LWMSG_STATUS_SUCCESS) {
        CHECK_EQ(out.tag, ORDER);
        CHECK_EQ(lwmsg_call_destroy_params(call, &out), LWMSG_STATUS_SUCCESS);
    }
    return status;
}

/* A call waits for its reply, also on an association that does not wait for anything else; nothing of it is pending
 * when it has returned. */
static void a_call_on_an_association_that_does_not_block(void)
{
    LWMsgMessage *completed = NULL;
    LWMsgAssoc *near, *far;
    LWMsgCall *call;
    pthread_t thread;

    two(&near, &far);
    CHECK_EQ(pthread_create(&thread, NULL, accept_and_answer, far), 0);
    CHECK_EQ(lwmsg_assoc_connect(near, NULL), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_assoc_set_nonblock(near, LWMSG_TRUE), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_assoc_acquire_call(near, &call), LWMSG_STATUS_SUCCESS);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(call_once(call), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(lwmsg_assoc_get_state(near), LWMSG_ASSOC_STATE_IDLE);
        CHECK_EQ(lwmsg_assoc_finish(near, &completed), LWMSG_STATUS_SUCCESS);
        CHECK(completed == NULL);
    }
    lwmsg_call_release(call);
    CHECK_EQ(lwmsg_assoc_close(near), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    lwmsg_assoc_delete(near);
    lwmsg_assoc_delete(far);
}

static int cleaned;

static void clean(void *data)
{
    LWMsgAssoc *assoc = data;
    LWMsgSession *session = NULL;

    CHECK_EQ(lwmsg_assoc_get_session(assoc, &session), LWMSG_STATUS_INVALID_STATE);
    cleaned++;
}

/* A session that another association made ends with this one, whose functions work while the handles are cleaned up. */
static void a_session_ends_with_its_last_association(void)
{
    LWMsgAssoc *first, *first_far, *second, *second_far;
    LWMsgSession *session;
    LWMsgHandle *handle;
    pthread_t threads[2];

    two(&first, &first_far);
    two(&second, &second_far);
    CHECK_EQ(pthread_create(&threads[0], NULL, accept_and_answer, first_far), 0);
    CHECK_EQ(pthread_create(&threads[1], NULL, accept_and_answer, second_far), 0);
    CHECK_EQ(lwmsg_assoc_connect(first, NULL), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_assoc_get_session(first, &session), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_assoc_connect(second, session), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_session_register_handle(session, "T", second, clean, &handle), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_assoc_close(first), LWMSG_STATUS_SUCCESS);
    lwmsg_assoc_delete(first);
    CHECK_EQ(cleaned, 0);
    CHECK_EQ(lwmsg_assoc_close(second), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(cleaned, 1);
    lwmsg_assoc_delete(second);
    for (int i = 0; i < 2; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
    lwmsg_assoc_delete(first_far);
    lwmsg_assoc_delete(second_far);
}

int main(void)
{
    CHECK_EQ(lwmsg_protocol_new(NULL, &protocol), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_protocol_add_protocol_spec(protocol, calls_protocol), LWMSG_STATUS_SUCCESS);
    sizes_and_times_may_be_as_large_as_they_like();
    a_call_on_an_association_that_does_not_block();
    a_session_ends_with_its_last_association();
    lwmsg_protocol_delete(protocol);
    return 0;
}
