/* A service manager and its child, in the style of the family's: both ends of a pair of sockets, over which the
 * manager hands descriptors to the child, and the child calls back.
 *
 *   cc keeper.c $(pkg-config --cflags --libs lwmsg)
 *
 *   keeper FILE...                   the child, which cannot open files, writes them to standard output
 */
#include <lwmsg/lwmsg.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A file's name, and the file, open. */
typedef struct Grant {
    char *name;
    int fd;
} Grant;

typedef enum KeeperMessage {
    KEEPER_WANT, /* the child wants a file */
    KEEPER_GRANT /* the manager's answer */
} KeeperMessage;

static LWMsgTypeSpec want_spec[] = {
    LWMSG_PSTR,
    LWMSG_ATTR_NOT_NULL,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec grant_spec[] = {
    LWMSG_STRUCT_BEGIN(Grant),
    LWMSG_MEMBER_PSTR(Grant, name),
    LWMSG_MEMBER_FD(Grant, fd),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgProtocolSpec keeper_protocol[] = {
    LWMSG_MESSAGE(KEEPER_WANT, want_spec),
    LWMSG_MESSAGE(KEEPER_GRANT, grant_spec),
    LWMSG_PROTOCOL_END,
};

/* The manager: opens what is wanted. The reply owns the descriptor, and closes it when it has been sent. */
static LWMsgStatus give(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    Grant *grant = calloc(1, sizeof *grant);

    (void)call, (void)data;
    if (!grant)
        return LWMSG_STATUS_MEMORY;
    grant->name = strdup(in->data);
    grant->fd = open(in->data, O_RDONLY | O_CLOEXEC);
    out->tag = KEEPER_GRANT;
    out->data = grant;
    return grant->fd < 0 ? LWMSG_STATUS_FILE_NOT_FOUND : LWMSG_STATUS_SUCCESS;
}

static LWMsgDispatchSpec keeper_dispatch[] = {
    LWMSG_DISPATCH_BLOCK(KEEPER_WANT, give),
    LWMSG_DISPATCH_END,
};

static int copy(int fd)
{
    char block[4096];
    ssize_t got;

    while ((got = read(fd, block, sizeof block)) > 0)
        if (write(STDOUT_FILENO, block, (size_t)got) != got)
            return 1;
    return got < 0;
}

static int child(int fd, int count, char **names)
{
    LWMsgProtocol *protocol = NULL;
    LWMsgSession *session = NULL;
    LWMsgPeer *peer = NULL;
    LWMsgCall *call = NULL;
    LWMsgStatus status;
    int i, result = 0;

    if ((status = lwmsg_protocol_new(NULL, &protocol))
        || (status = lwmsg_protocol_add_protocol_spec(protocol, keeper_protocol))
        || (status = lwmsg_peer_new(NULL, protocol, &peer))
        || (status = lwmsg_peer_connect_fd(peer, LWMSG_ENDPOINT_PAIR, fd, &session))
        || (status = lwmsg_session_acquire_call(session, &call))) {
        fprintf(stderr, "keeper's child: %u\n", status);
        return 1;
    }
    for (i = 0; i < count; i++) {
        LWMsgParams in = { KEEPER_WANT, names[i] }, out = LWMSG_PARAMS_INITIALIZER;
        status = lwmsg_call_dispatch(call, &in, &out, NULL, NULL);
        if (status == LWMSG_STATUS_SUCCESS && out.tag == KEEPER_GRANT)
            result |= copy(((Grant *)out.data)->fd);
        else
            fprintf(stderr, "%s: status %u\n", names[i], status);
        /* Closes the descriptor, too. */
        lwmsg_call_destroy_params(call, &out);
    }
    lwmsg_call_release(call);
    lwmsg_peer_delete(peer);
    lwmsg_protocol_delete(protocol);
    return result;
}

int main(int argc, char **argv)
{
    LWMsgProtocol *protocol = NULL;
    LWMsgPeer *peer = NULL;
    LWMsgStatus status;
    int fds[2], ended;
    pid_t pid;

    if (argc < 2) {
        fprintf(stderr, "usage: keeper FILE...\n");
        return 2;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)) {
        perror("keeper");
        return 1;
    }
    /* Before there are threads: a child has none of its parent's. */
    pid = fork();
    if (pid == 0) {
        close(fds[0]);
        return child(fds[1], argc - 1, argv + 1);
    }
    close(fds[1]);
    if ((status = lwmsg_protocol_new(NULL, &protocol))
        || (status = lwmsg_protocol_add_protocol_spec(protocol, keeper_protocol))
        || (status = lwmsg_peer_new(NULL, protocol, &peer))
        || (status = lwmsg_peer_add_dispatch_spec(peer, keeper_dispatch))
        || (status = lwmsg_peer_accept_fd(peer, LWMSG_ENDPOINT_PAIR, fds[0]))) {
        fprintf(stderr, "keeper: %u\n", status);
        return 1;
    }
    waitpid(pid, &ended, 0);
    lwmsg_peer_delete(peer);
    lwmsg_protocol_delete(protocol);
    return WIFEXITED(ended) ? WEXITSTATUS(ended) : 1;
}
