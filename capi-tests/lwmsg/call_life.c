/* The life of a call: every endpoint, every kind of handler, every way to complete it and to wait for it.
 *
 * The original loses the output of a non-blocking handler that returns a status: not compared.
 */
#include "calls.h"

static const LWMsgEndpointType types[] = { LWMSG_ENDPOINT_LOCAL, LWMSG_ENDPOINT_PAIR, LWMSG_ENDPOINT_DIRECT };
static const LWMsgTag tags[] = { ORDER, ORDER_QUICK };
static const int numbers[] = { RETURN, ANSWER, PEND, COMPLETE_FIRST };
static const char *const names[] = { "return", "answer", "pend", "complete-first" };

static int shown(LWMsgTag tag, int which, unsigned int status, const LWMsgParams *out)
{
    return tag == ORDER_QUICK && numbers[which] == ANSWER && status ? 0 : out->tag;
}

static void one(Pair *pair, LWMsgEndpointType type, LWMsgTag tag, int which, unsigned int status)
{
    Order input = { numbers[which], status, "text" };
    LWMsgParams in = { tag, &input }, out = LWMSG_PARAMS_INITIALIZER;
    Completion completion = COMPLETION_INITIALIZER;
    LWMsgCall *call = acquire(pair->session);
    LWMsgStatus result;

    printf("%s tag %d %s %u:", type_name(type), tag, names[which], status);
    CHECK_EQ(lwmsg_call_get_direction(call), LWMSG_CALL_OUTGOING);
    CHECK(lwmsg_call_get_session(call) == pair->session);
    CHECK(lwmsg_call_get_user_data(call) == NULL);
    lwmsg_call_set_user_data(call, &input);

    /* Synchronous, twice with one handle. */
    for (int i = 0; i < 2; i++) {
        result = lwmsg_call_dispatch(call, &in, &out, NULL, NULL);
        printf(" sync %u (tag %d)", result, shown(tag, which, status, &out));
        CHECK_EQ(lwmsg_call_destroy_params(call, &out), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(out.tag, LWMSG_TAG_INVALID);
        CHECK(out.data == NULL);
    }
    CHECK(lwmsg_call_get_user_data(call) == &input);

    /* With a completion function. */
    result = lwmsg_call_dispatch(call, &in, &out, on_complete, &completion);
    printf(" async %s", result == LWMSG_STATUS_PENDING ? "pending" : "at once");
    if (result == LWMSG_STATUS_PENDING)
        result = await_completion(&completion, 1);
    printf(" %u (tag %d)", result, shown(tag, which, status, &out));
    lwmsg_call_destroy_params(call, &out);

    lwmsg_call_release(call);

    /* With a completion function and a wait, and released while it is pending. */
    if (type != LWMSG_ENDPOINT_DIRECT) {
        call = acquire(pair->session);
        result = lwmsg_call_dispatch(call, &in, &out, on_complete, &completion);
        CHECK_EQ(result, LWMSG_STATUS_PENDING);
        result = lwmsg_call_wait(call);
        printf(" wait %u", result);
        CHECK_EQ(await_completion(&completion, 2), result);
        lwmsg_call_destroy_params(call, &out);
        CHECK_EQ(lwmsg_call_wait(call), result);
        lwmsg_call_release(call);
    }
    printf("\n");
}

int main(void)
{
    lwmsg_call_release(NULL);
    for (unsigned int t = 0; t < 3; t++) {
        Pair pair;
        make_peers(&pair);
        join_peers(&pair, types[t]);
        for (unsigned int g = 0; g < 2; g++)
            for (int w = 0; w < 4; w++)
                for (unsigned int s = 0; s < 3; s++) {
                    static const unsigned int statuses[] = { 0, LWMSG_STATUS_BUSY, 0xdeadbeef };
                    one(&pair, types[t], tags[g], w, statuses[s]);
                }
        end_pair(&pair);
    }
    return 0;
}
