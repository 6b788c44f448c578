/* Where the original writes to NULL: an error, and nothing is made that nobody could free.
 *
 * harness: ours-only the original does not look
 */
#include "calls.h"

#include <relink/lwmsg.h>

#define REFUSED(call) CHECK_EQ(call, LWMSG_STATUS_INVALID_PARAMETER)

int main(void)
{
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;
    LWMsgContext *context = NULL;
    LWMsgAssoc *assoc;
    Pair pair;
    int fds[2];

    make_peers(&pair);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    REFUSED(lwmsg_context_new(NULL, NULL));
    REFUSED(lwmsg_context_alloc(context, 10, NULL));
    REFUSED(lwmsg_protocol_new(NULL, NULL));
    REFUSED(lwmsg_archive_new(NULL, pair.protocol, NULL));
    REFUSED(lwmsg_data_context_new(NULL, NULL));
    REFUSED(lwmsg_peer_new(NULL, pair.protocol, NULL));
    REFUSED(lwmsg_peer_add_dispatch_spec(pair.server, NULL));
    REFUSED(lwmsg_peer_acquire_call(pair.client, NULL));
    REFUSED(lwmsg_session_acquire_call(pair.session, NULL));
    REFUSED(lwmsg_security_token_copy(NULL, NULL));
    REFUSED(relink_lwmsg_peer_print_alloc(pair.server, NULL));

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    REFUSED(lwmsg_connection_new(NULL, pair.protocol, NULL));
    CHECK_EQ(lwmsg_connection_new(NULL, pair.protocol, &assoc), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_connection_set_fd(assoc, LWMSG_CONNECTION_MODE_PAIR, fds[0]), LWMSG_STATUS_SUCCESS);
    REFUSED(lwmsg_assoc_acquire_call(assoc, NULL));
    REFUSED(lwmsg_assoc_get_session(assoc, NULL));
    REFUSED(lwmsg_assoc_print_message_alloc(assoc, &message, NULL));
    REFUSED(lwmsg_assoc_send_message(assoc, NULL));
    REFUSED(lwmsg_assoc_recv_message(assoc, NULL));
    REFUSED(lwmsg_assoc_send_message_transact(assoc, &message, NULL));
    REFUSED(lwmsg_assoc_send_message_transact(assoc, NULL, &message));
    CHECK_EQ(lwmsg_assoc_get_state(assoc), LWMSG_ASSOC_STATE_NOT_ESTABLISHED);
    lwmsg_assoc_delete(assoc);
    close(fds[1]);

    CHECK_EQ(order(pair.session, ORDER, ANSWER, 0, "text"), LWMSG_STATUS_SUCCESS);
    end_pair(&pair);
    return 0;
}
