/* Listening, stopping, settings, and what happens to callers meanwhile.
 */
#include "calls.h"

#include <errno.h>
#include <sys/un.h>

static Pair pair;

static mode_t mode_of(const char *path)
{
    struct stat status;

    return stat(path, &status) ? 0 : status.st_mode & 07777;
}

static void settings(void)
{
    LWMsgTime second = { 1, 0 }, negative = { 0, -1 };

    make_peers(&pair);
    printf("timeouts %u", lwmsg_peer_set_timeout(pair.server, LWMSG_TIMEOUT_MESSAGE, &second));
    printf(" %u", lwmsg_peer_set_timeout(pair.server, LWMSG_TIMEOUT_ESTABLISH, &second));
    printf(" %u", lwmsg_peer_set_timeout(pair.server, LWMSG_TIMEOUT_IDLE, &second));
    printf(" %u", lwmsg_peer_set_timeout(pair.server, LWMSG_TIMEOUT_IDLE, NULL));
    printf(" %u", lwmsg_peer_set_timeout(pair.server, LWMSG_TIMEOUT_IDLE, &negative));
    printf(" %u\n", lwmsg_peer_set_timeout(pair.server, (LWMsgTimeout)9, &second));
    printf("data %u", lwmsg_peer_set_dispatch_data(pair.server, &pair));
    CHECK(lwmsg_peer_get_dispatch_data(pair.server) == &pair);
    printf(" stop when stopped %u\n", lwmsg_peer_stop_listen(pair.server));
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    printf("start again %u, settings", lwmsg_peer_start_listen(pair.server));
    printf(" %u", lwmsg_peer_set_timeout(pair.server, LWMSG_TIMEOUT_MESSAGE, &second));
    printf(" %u", lwmsg_peer_set_max_listen_clients(pair.server, 1));
    printf(" %u", lwmsg_peer_set_max_listen_backlog(pair.server, 1));
    printf(" %u", lwmsg_peer_set_listen_session_functions(pair.server, NULL, NULL, NULL));
    printf(" %u", lwmsg_peer_set_dispatch_data(pair.server, NULL));
    printf(" %u", lwmsg_peer_set_exception_function(pair.server, NULL, NULL));
    printf(" %u\n", lwmsg_peer_set_trace_functions(pair.server, NULL, NULL, NULL));
    CHECK(lwmsg_peer_get_dispatch_data(pair.server) == &pair);
    printf("call %u\n", order(pair.session, ORDER, RETURN, 7, NULL));
    end_pair(&pair);
}

static void starting_and_stopping(void)
{
    make_peers(&pair);
    umask(077);
    lwmsg_peer_add_listen_endpoint(pair.server, LWMSG_ENDPOINT_LOCAL, pair.path, 0666);
    for (int i = 0; i < 3; i++) {
        printf("start %u", lwmsg_peer_start_listen(pair.server));
        printf(" mode %o", mode_of(pair.path));
        printf(" stop %u", lwmsg_peer_stop_listen(pair.server));
        printf(" file %s\n", access(pair.path, F_OK) == 0 ? "stays" : "gone");
    }
    umask(022);
    end_pair(&pair);
}

static void what_callers_see(void)
{
    LWMsgCall *call;
    Order input = { RETURN, 5, NULL };
    LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;

    make_peers(&pair);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    call = acquire(pair.session);
    printf("before %u", lwmsg_call_dispatch(call, &in, &out, NULL, NULL));
    CHECK_EQ(lwmsg_peer_stop_listen(pair.server), 0);
    pause_ms(50);
    printf(" after the stop %u", lwmsg_call_dispatch(call, &in, &out, NULL, NULL));
    printf(" again %u", lwmsg_call_dispatch(call, &in, &out, NULL, NULL));
    lwmsg_call_release(call);
    printf(" fresh %u", order(pair.session, ORDER, RETURN, 5, NULL));
    CHECK_EQ(lwmsg_peer_start_listen(pair.server), 0);
    printf(" restarted %u\n", order(pair.session, ORDER, RETURN, 5, NULL));
    end_pair(&pair);
}

static void failures(void)
{
    char longest[200];
    LWMsgPeer *second;

    make_peers(&pair);
    lwmsg_peer_add_listen_endpoint(pair.server, LWMSG_ENDPOINT_LOCAL, "/nonexistent/folder/socket", 0600);
    printf("no folder %u", lwmsg_peer_start_listen(pair.server));
    printf(" start %u", lwmsg_peer_start_listen(pair.server));
    printf(" stop %u", lwmsg_peer_stop_listen(pair.server));
    printf(" setter %u\n", lwmsg_peer_set_max_listen_clients(pair.server, 1));
    end_pair(&pair);

    make_peers(&pair);
    memset(longest, 'x', sizeof longest);
    longest[0] = '/';
    longest[sizeof longest - 1] = 0;
    lwmsg_peer_add_listen_endpoint(pair.server, LWMSG_ENDPOINT_LOCAL, longest, 0600);
    printf("too long %u\n", lwmsg_peer_start_listen(pair.server));
    end_pair(&pair);

    make_peers(&pair);
    join_peers(&pair, LWMSG_ENDPOINT_DIRECT);
    CHECK_EQ(lwmsg_peer_new(NULL, pair.protocol, &second), 0);
    lwmsg_peer_add_listen_endpoint(second, LWMSG_ENDPOINT_DIRECT, "relink-calls", 0);
    printf("name taken %u\n", lwmsg_peer_start_listen(second));
    lwmsg_peer_delete(second);
    printf("call %u\n", order(pair.session, ORDER, RETURN, 3, NULL));
    end_pair(&pair);

    make_peers(&pair);
    printf("no endpoints %u\n", lwmsg_peer_start_listen(pair.server));
    printf("accept_fd %u\n", lwmsg_peer_accept_fd(pair.server, LWMSG_ENDPOINT_PAIR, 999));
    end_pair(&pair);

    make_peers(&pair);
    lwmsg_peer_add_connect_endpoint(pair.client, LWMSG_ENDPOINT_LOCAL, pair.path);
    lwmsg_peer_connect(pair.client, &pair.session);
    printf("no server %u", order(pair.session, ORDER, RETURN, 3, NULL));
    printf(" again %u\n", order(pair.session, ORDER, RETURN, 3, NULL));
    end_pair(&pair);

    make_peers(&pair);
    lwmsg_peer_add_connect_endpoint(pair.client, LWMSG_ENDPOINT_DIRECT, "relink-nobody");
    lwmsg_peer_connect(pair.client, &pair.session);
    {
        LWMsgCall *call = NULL;
        printf("no direct server %u", lwmsg_session_acquire_call(pair.session, &call));
        printf(" %s\n", call ? "call" : "NULL");
    }
    end_pair(&pair);
}

static void a_listening_descriptor(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd;

    make_peers(&pair);
    strcpy(address.sun_path, pair.path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_EQ(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    printf("add %u", lwmsg_peer_add_listen_fd(pair.server, LWMSG_ENDPOINT_LOCAL, fd));
    printf(" start %u", lwmsg_peer_start_listen(pair.server));
    lwmsg_peer_add_connect_endpoint(pair.client, LWMSG_ENDPOINT_LOCAL, pair.path);
    lwmsg_peer_connect(pair.client, &pair.session);
    printf(" call %u", order(pair.session, ORDER, RETURN, 3, NULL));
    printf(" stop %u", lwmsg_peer_stop_listen(pair.server));
    printf(" file %s\n", access(pair.path, F_OK) == 0 ? "stays" : "gone");
    unlink(pair.path);
    end_pair(&pair);
}

static void sessions(void)
{
    LWMsgSession *first, *second;

    make_peers(&pair);
    constructed = destructed = 0;
    lwmsg_peer_set_listen_session_functions(pair.server, on_construct, on_destruct, &pair);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    CHECK_EQ(lwmsg_peer_connect(pair.client, &first), 0);
    CHECK(first == pair.session);
    CHECK_EQ(lwmsg_peer_connect_fd(pair.client, LWMSG_ENDPOINT_PAIR, 0, &second), LWMSG_STATUS_INVALID_STATE);
    printf("call %u constructed %d destructed %d\n", order(pair.session, ORDER, RETURN, 3, NULL), counted(&constructed),
           counted(&destructed));
    printf("disconnect %u", lwmsg_peer_disconnect(pair.client));
    printf(" %u", lwmsg_peer_disconnect(pair.client));
    await_count(&destructed, 1);
    {
        LWMsgCall *call = NULL;
        printf(" acquire %u\n", lwmsg_peer_acquire_call(pair.client, &call));
    }
    CHECK_EQ(lwmsg_peer_connect(pair.client, &pair.session), 0);
    CHECK_EQ(order(pair.session, ORDER, RETURN, 3, NULL), 3);
    CHECK_EQ(lwmsg_peer_stop_listen(pair.server), 0);
    printf("constructed %d destructed %d\n", counted(&constructed), counted(&destructed));
    end_pair(&pair);
}

/* With a limit of one, a second client waits until the first is gone. */
static void limits(void)
{
    LWMsgPeer *other;
    LWMsgSession *session;
    LWMsgCall *call;
    Order input = { RETURN, 4, NULL };
    LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;
    Completion completion = COMPLETION_INITIALIZER;

    make_peers(&pair);
    lwmsg_peer_set_max_listen_clients(pair.server, 1);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    CHECK_EQ(order(pair.session, ORDER, RETURN, 3, NULL), 3);
    CHECK_EQ(lwmsg_peer_new(NULL, pair.protocol, &other), 0);
    lwmsg_peer_add_connect_endpoint(other, LWMSG_ENDPOINT_LOCAL, pair.path);
    lwmsg_peer_connect(other, &session);
    call = acquire(session);
    CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, on_complete, &completion), LWMSG_STATUS_PENDING);
    pause_ms(100);
    printf("while the first is there: %d complete", completion.count);
    lwmsg_peer_disconnect(pair.client);
    printf(", then %u\n", await_completion(&completion, 1));
    lwmsg_call_release(call);
    lwmsg_peer_delete(other);
    end_pair(&pair);
}

/* A call of a client that may just be on its way out: the next one comes in again. */
static LWMsgStatus patiently(LWMsgSession *session, unsigned int status)
{
    LWMsgStatus result = LWMSG_STATUS_PEER_CLOSE;

    for (int i = 0; i < 5 && result == LWMSG_STATUS_PEER_CLOSE; i++)
        result = order(session, ORDER, RETURN, status, NULL);
    return result;
}

/* The same with an idle timeout: the first, which does nothing, is sent away. */
static void an_idle_client_makes_room(void)
{
    LWMsgTime idle = { 0, 100000 };
    LWMsgPeer *other;
    LWMsgSession *session;
    int i, kept;

    for (kept = 0; kept < 2; kept++) {
        make_peers(&pair);
        lwmsg_peer_set_max_listen_clients(pair.server, 1);
        lwmsg_peer_set_timeout(pair.server, LWMSG_TIMEOUT_IDLE, &idle);
        join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
        CHECK_EQ(order(pair.session, ORDER, RETURN, 3, NULL), 3);
        if (kept) {
            /* One that holds a handle stays. */
            LWMsgCall *call = acquire(pair.session);
            Order input = { 7, 0, NULL };
            LWMsgParams in = { OPEN, &input }, out = LWMSG_PARAMS_INITIALIZER;
            CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, NULL, NULL), 0);
            lwmsg_call_destroy_params(call, &out);
            lwmsg_call_release(call);
        }
        CHECK_EQ(lwmsg_peer_new(NULL, pair.protocol, &other), 0);
        lwmsg_peer_add_connect_endpoint(other, LWMSG_ENDPOINT_LOCAL, pair.path);
        lwmsg_peer_connect(other, &session);
        if (!kept) {
            printf("idle: %u", patiently(session, 4));
            /* The first comes back when the second is idle. */
            for (i = 0; i < 2; i++)
                printf(" %u", patiently(i % 2 ? session : pair.session, 5));
            printf("\n");
        } else {
            LWMsgCall *call = acquire(session);
            Order input = { RETURN, 4, NULL };
            LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;
            Completion completion = COMPLETION_INITIALIZER;
            CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, on_complete, &completion), LWMSG_STATUS_PENDING);
            pause_ms(400);
            printf("with a handle: %d complete", completion.count);
            lwmsg_peer_disconnect(pair.client);
            printf(", then %u\n", await_completion(&completion, 1));
            lwmsg_call_release(call);
        }
        lwmsg_peer_delete(other);
        end_pair(&pair);
    }
}

int main(void)
{
    settings();
    starting_and_stopping();
    what_callers_see();
    failures();
    a_listening_descriptor();
    sessions();
    limits();
    an_idle_client_makes_room();
    return 0;
}
