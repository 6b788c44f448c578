/* A connection that ends just when a reply comes: the end is seen, too.
 *
 * harness: ours-only the other end plays tricks that only our order of reading withstands
 */
#include "calls.h"
#include "raw.h"

static Pair pair;

static void *first_call(void *data)
{
    (void)data;
    CHECK_EQ(order(pair.session, ORDER, RETURN, 0, NULL), LWMSG_STATUS_BUSY);
    return NULL;
}

/* The server's end of a client whose first call, a synchronous one, is over. */
static int raw_server(void)
{
    static const unsigned char accept[] = { 0, 0, 0, 19, 3, 3, 0, 0, 0, 0x20, 0, 8, 7, 6, 5, 4, 3, 2, 1 };
    unsigned char packet[8192];
    pthread_t thread;
    int fds[2];

    make_peers(&pair);
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    CHECK_EQ(lwmsg_peer_connect_fd(pair.client, LWMSG_ENDPOINT_PAIR, fds[0], &pair.session), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(pthread_create(&thread, NULL, first_call, NULL), 0);
    CHECK_EQ(next_packet(fds[1], packet), 19);
    CHECK_EQ(send(fds[1], accept, sizeof accept, MSG_NOSIGNAL), (ssize_t)sizeof accept);
    CHECK_EQ(next_packet(fds[1], packet), 15 + 9);
    send_status_reply(fds[1], 0, LWMSG_STATUS_BUSY);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    return fds[1];
}

/* The reply and the end are there, together, when the client first looks: the end is for the call that follows. */
static void an_end_that_comes_with_a_reply_is_seen(void)
{
    Order input = { RETURN, 0, NULL };
    LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;
    Completion completions[2] = { COMPLETION_INITIALIZER, COMPLETION_INITIALIZER };
    LWMsgStatus status;
    LWMsgCall *calls[2];
    int fd = raw_server();

    for (int i = 0; i < 2; i++)
        calls[i] = acquire(pair.session);
    send_status_reply(fd, 1, LWMSG_STATUS_SUCCESS);
    CHECK_EQ(shutdown(fd, SHUT_WR), 0);
    CHECK_EQ(lwmsg_call_dispatch(calls[0], &in, &out, on_complete, &completions[0]), LWMSG_STATUS_PENDING);
    CHECK_EQ(await_completion(&completions[0], 1), LWMSG_STATUS_SUCCESS);
    status = lwmsg_call_dispatch(calls[1], &in, &out, on_complete, &completions[1]);
    if (status == LWMSG_STATUS_PENDING)
        status = await_completion(&completions[1], 1);
    CHECK_EQ(status, LWMSG_STATUS_PEER_CLOSE);
    for (int i = 0; i < 2; i++)
        lwmsg_call_release(calls[i]);
    close(fd);
    lwmsg_peer_delete(pair.client);
    lwmsg_peer_delete(pair.server);
    lwmsg_protocol_delete(pair.protocol);
    CHECK_EQ(rmdir(pair.folder), 0);
}

int main(void)
{
    an_end_that_comes_with_a_reply_is_seen();
    return 0;
}
