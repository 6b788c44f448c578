/* A file server: clients open, read, write and close files below a folder.
 *
 *   cc files-server.c files-handlers.c files.c $(pkg-config --cflags --libs lwmsg)
 *
 *   files-server SOCKET FOLDER
 *
 * Serves until it is told to end by SIGTERM or SIGINT.
 */
#include "files.h"

#include <signal.h>
#include <stdio.h>

/* Only clients of our own user are served. */
static LWMsgStatus admit(LWMsgSecurityToken *token, void *data, void **session_data)
{
    uid_t user;

    (void)data, (void)session_data;
    if (!token || lwmsg_local_token_get_eid(token, &user, NULL) || (user != geteuid() && user != 0))
        return LWMSG_STATUS_SECURITY;
    return LWMSG_STATUS_SUCCESS;
}

int main(int argc, char **argv)
{
    LWMsgTime idle = { 30, 0 };
    LWMsgProtocol *protocol = NULL;
    LWMsgPeer *peer = NULL;
    LWMsgStatus status;
    sigset_t end;
    int number;

    if (argc != 3) {
        fprintf(stderr, "usage: files-server SOCKET FOLDER\n");
        return 2;
    }
    /* Blocked here, so in the threads to come; waited for below. */
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    sigaddset(&end, SIGINT);
    sigprocmask(SIG_BLOCK, &end, NULL);

    if ((status = lwmsg_protocol_new(NULL, &protocol))
        || (status = lwmsg_protocol_add_protocol_spec(protocol, files_protocol))
        || (status = lwmsg_peer_new(NULL, protocol, &peer))
        || (status = lwmsg_peer_add_dispatch_spec(peer, files_dispatch))
        || (status = lwmsg_peer_set_dispatch_data(peer, argv[2]))
        || (status = lwmsg_peer_set_listen_session_functions(peer, admit, NULL, NULL))
        || (status = lwmsg_peer_set_timeout(peer, LWMSG_TIMEOUT_IDLE, &idle))
        || (status = lwmsg_peer_set_max_listen_clients(peer, 512))
        || (status = lwmsg_peer_set_max_listen_backlog(peer, 64))
        || (status = lwmsg_peer_add_listen_endpoint(peer, LWMSG_ENDPOINT_LOCAL, argv[1], 0666))
        || (status = lwmsg_peer_start_listen(peer))) {
        fprintf(stderr, "files-server: %u\n", status);
        return 1;
    }
    printf("listening on %s\n", argv[1]);
    fflush(stdout);
    sigwait(&end, &number);
    lwmsg_peer_delete(peer);
    lwmsg_protocol_delete(protocol);
    printf("ended\n");
    return 0;
}
