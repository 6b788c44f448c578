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
    a_forked_child_is_told_and_can_begin_anew();
    descriptors_of_standard_streams_are_never_used();
    return 0;
}
