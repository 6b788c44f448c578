/* Where the original writes to NULL: an error, and nothing is made that nobody could free.
 *
 * harness: ours-only the original does not look
 */
#include "calls.h"

#include <relink/lwmsg.h>

#define REFUSED(call) CHECK_EQ(call, LWMSG_STATUS_INVALID_PARAMETER)

/* A number that is no descriptor's is refused while it is still nobody's, and the place stays free for one. */
static void descriptors_that_are_not_open(Pair *pair)
{
    LWMsgArchive *archive;
    LWMsgAssoc *assoc;
    LWMsgSession *session = NULL;
    int fds[2], closed;

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    closed = dup(fds[0]);
    CHECK_EQ(close(closed), 0);

    CHECK_EQ(lwmsg_connection_new(NULL, pair->protocol, &assoc), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_connection_set_fd(assoc, LWMSG_CONNECTION_MODE_PAIR, closed), LWMSG_STATUS_SYSTEM);
    CHECK_EQ(lwmsg_connection_set_fd(assoc, LWMSG_CONNECTION_MODE_PAIR, dup(fds[0])), LWMSG_STATUS_SUCCESS);
    lwmsg_assoc_delete(assoc);

    CHECK_EQ(lwmsg_peer_accept_fd(pair->server, LWMSG_ENDPOINT_PAIR, closed), LWMSG_STATUS_SYSTEM);
    CHECK_EQ(lwmsg_peer_connect_fd(pair->client, LWMSG_ENDPOINT_PAIR, closed, &session), LWMSG_STATUS_SYSTEM);
    CHECK(session == NULL);
    REFUSED(lwmsg_peer_connect_fd(pair->client, LWMSG_ENDPOINT_PAIR, -1, &session));
    CHECK_EQ(lwmsg_peer_connect_fd(pair->client, LWMSG_ENDPOINT_PAIR, fds[0], &session), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_disconnect(pair->client), LWMSG_STATUS_SUCCESS);

    CHECK_EQ(lwmsg_peer_add_listen_fd(pair->client, LWMSG_ENDPOINT_LOCAL, closed), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_start_listen(pair->client), LWMSG_STATUS_SYSTEM);

    CHECK_EQ(lwmsg_archive_new(NULL, pair->protocol, &archive), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_set_fd(archive, closed), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_READ), LWMSG_STATUS_SYSTEM);
    lwmsg_archive_delete(archive);
    close(fds[1]);
}

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

    make_peers(&pair);
    descriptors_that_are_not_open(&pair);
    end_pair(&pair);
    return 0;
}
