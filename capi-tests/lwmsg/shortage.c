/* An association in a process that can open no more descriptors.
 *
 * harness: ours-only the original waits for the descriptor for ever
 * harness: no-valgrind it keeps the limit by itself, and not for descriptors that arrive
 */
#include "calls.h"
#include "raw.h"

#include <sys/resource.h>

static LWMsgProtocol *protocol;

/* A descriptor that the process has no room for is lost, and with it what comes along: the association says so, and
 * does not take what follows for something else. */
static void a_descriptor_without_room_ends_the_association(void)
{
    static const unsigned char accept[] = { 0, 0, 0, 19, 3, 3, 0, 0, 0, 0x20, 0, 8, 7, 6, 5, 4, 3, 2, 1 };
    LWMsgMessage got = LWMSG_MESSAGE_INITIALIZER;
    struct rlimit before, none;
    LWMsgAssoc *assoc;
    int fds[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    CHECK_EQ(lwmsg_connection_new(NULL, protocol, &assoc), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_connection_set_fd(assoc, LWMSG_CONNECTION_MODE_PAIR, fds[0]), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(send(fds[1], accept, sizeof accept, MSG_NOSIGNAL), (ssize_t)sizeof accept);
    CHECK_EQ(lwmsg_assoc_connect(assoc, NULL), LWMSG_STATUS_SUCCESS);
    CHECK(send_descriptor(fds[1], 0, PASS, fds[1]));
    CHECK_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 3;
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    CHECK_EQ(lwmsg_assoc_recv_message(assoc, &got), LWMSG_STATUS_RESOURCE_LIMIT);
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    CHECK_EQ(lwmsg_assoc_get_state(assoc), LWMSG_ASSOC_STATE_ERROR);
    CHECK_EQ(lwmsg_assoc_close(assoc), LWMSG_STATUS_SUCCESS);
    lwmsg_assoc_delete(assoc);
    close(fds[1]);
}

int main(void)
{
    CHECK_EQ(lwmsg_protocol_new(NULL, &protocol), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_protocol_add_protocol_spec(protocol, calls_protocol), LWMSG_STATUS_SUCCESS);
    a_descriptor_without_room_ends_the_association();
    lwmsg_protocol_delete(protocol);
    return 0;
}
