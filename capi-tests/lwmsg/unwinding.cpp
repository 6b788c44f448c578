/* C++ exceptions that leave functions of a program's own, which the library has called in the caller's thread: the call
 * is over, nobody waits for it, and everything works on.
 *
 * harness: libs -pthread
 * harness: ours-only the original's stack frames cannot be unwound
 */
#include <lwmsg/lwmsg.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <unistd.h>

#include "check.h"

namespace {

enum { ASK };

bool throwing;

void leave()
{
    if (throwing)
        throw std::runtime_error("left");
}

LWMsgStatus on_ask(LWMsgCall *, const LWMsgParams *, LWMsgParams *, void *data)
{
    if (data)
        leave();
    return LWMSG_STATUS_BUSY;
}

void on_trace(LWMsgCall *, const LWMsgParams *, LWMsgStatus, void *)
{
    leave();
}

LWMsgProtocolSpec protocol_spec[] = { LWMSG_MESSAGE(ASK, nullptr), LWMSG_PROTOCOL_END };
LWMsgDispatchSpec dispatch_spec[] = { LWMSG_DISPATCH_BLOCK(ASK, on_ask), LWMSG_DISPATCH_END };

/* A call that is left by an exception, and the same call once more. */
void ask(LWMsgSession *session)
{
    LWMsgParams in = LWMSG_PARAMS_INITIALIZER, out = LWMSG_PARAMS_INITIALIZER;
    LWMsgCall *call = nullptr;
    bool caught = false;

    in.tag = ASK;
    CHECK_EQ(lwmsg_session_acquire_call(session, &call), LWMSG_STATUS_SUCCESS);
    throwing = true;
    try {
        lwmsg_call_dispatch(call, &in, &out, nullptr, nullptr);
    } catch (const std::runtime_error &) {
        caught = true;
    }
    CHECK(caught);
    throwing = false;
    CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, nullptr, nullptr), LWMSG_STATUS_BUSY);
    lwmsg_call_release(call);
}

enum Where { HANDLER, BEGIN, END };

void between(LWMsgEndpointType type, const char *name, Where where)
{
    LWMsgProtocol *protocol;
    LWMsgPeer *server, *client;
    LWMsgSession *session;

    CHECK_EQ(lwmsg_protocol_new(nullptr, &protocol), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_protocol_add_protocol_spec(protocol, protocol_spec), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_new(nullptr, protocol, &server), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_new(nullptr, protocol, &client), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_add_dispatch_spec(server, dispatch_spec), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_set_dispatch_data(server, where == HANDLER ? server : nullptr), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_add_listen_endpoint(server, type, name, 0600), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_start_listen(server), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_add_connect_endpoint(client, type, name), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_set_trace_functions(client, where == BEGIN ? on_trace : nullptr,
                                            where == END ? on_trace : nullptr, nullptr),
             LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_connect(client, &session), LWMSG_STATUS_SUCCESS);
    ask(session);
    ask(session);
    CHECK_EQ(lwmsg_peer_stop_listen(server), LWMSG_STATUS_SUCCESS);
    lwmsg_peer_delete(client);
    lwmsg_peer_delete(server);
    lwmsg_protocol_delete(protocol);
}

} // namespace

int main()
{
    char folder[] = "/tmp/relink-lwmsg-XXXXXX", path[64];

    CHECK(mkdtemp(folder) != nullptr);
    snprintf(path, sizeof path, "%s/socket", folder);
    between(LWMSG_ENDPOINT_DIRECT, "relink-unwinding", HANDLER);
    between(LWMSG_ENDPOINT_DIRECT, "relink-unwinding", BEGIN);
    between(LWMSG_ENDPOINT_DIRECT, "relink-unwinding", END);
    between(LWMSG_ENDPOINT_LOCAL, path, BEGIN);
    between(LWMSG_ENDPOINT_LOCAL, path, END);
    CHECK_EQ(rmdir(folder), 0);
    return 0;
}
