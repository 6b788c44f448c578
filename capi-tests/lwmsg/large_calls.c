/* Far more than sockets hold is on its way in both directions: large requests, each answered with as much.
 *
 * harness: timeout 60
 */
#include "calls.h"

int main(void)
{
    enum { CALLS = 32, SIZE = 1 << 20 };
    static Pair pair;
    static unsigned char bytes[SIZE];
    Blob blob = { SIZE, bytes };
    LWMsgParams in = { ECHO, &blob }, out[CALLS];
    Completion completions[CALLS];
    LWMsgCall *calls[CALLS];

    make_peers(&pair);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    for (int i = 0; i < CALLS; i++) {
        calls[i] = acquire(pair.session);
        out[i] = (LWMsgParams)LWMSG_PARAMS_INITIALIZER;
        completions[i] = (Completion)COMPLETION_INITIALIZER;
        CHECK_EQ(lwmsg_call_dispatch(calls[i], &in, &out[i], on_complete, &completions[i]), LWMSG_STATUS_PENDING);
    }
    for (int i = 0; i < CALLS; i++) {
        CHECK_EQ(await_completion(&completions[i], 1), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(((Blob *)out[i].data)->length, SIZE);
        lwmsg_call_destroy_params(calls[i], &out[i]);
        lwmsg_call_release(calls[i]);
    }
    end_pair(&pair);
    return 0;
}
