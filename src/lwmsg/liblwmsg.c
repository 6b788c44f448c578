/* The second object of the library: the peer's names, each a jump to the implementation in the first.
 *
 * The implementation has another name, because the dynamic linker would resolve a call of the same name to the
 * function that makes it. Nothing else may be here: state in two objects would be two states.
 */
#include <lwmsg/peer.h>

#define FORWARD(type, name, parameters, arguments) \
    type relink_##name parameters;                 \
    type name parameters                           \
    {                                              \
        return relink_##name arguments;            \
    }

FORWARD(LWMsgStatus, lwmsg_peer_new, (const LWMsgContext *context, LWMsgProtocol *protocol, LWMsgPeer **peer),
        (context, protocol, peer))
FORWARD(LWMsgStatus, lwmsg_peer_set_timeout, (LWMsgPeer *peer, LWMsgTimeout type, LWMsgTime *value),
        (peer, type, value))
FORWARD(LWMsgStatus, lwmsg_peer_set_max_listen_clients, (LWMsgPeer *peer, unsigned int max_clients),
        (peer, max_clients))
FORWARD(LWMsgStatus, lwmsg_peer_set_max_listen_backlog, (LWMsgPeer *peer, unsigned int max_backlog),
        (peer, max_backlog))
FORWARD(LWMsgStatus, lwmsg_peer_add_dispatch_spec, (LWMsgPeer *peer, LWMsgDispatchSpec *spec), (peer, spec))
FORWARD(LWMsgStatus, lwmsg_peer_add_listen_fd, (LWMsgPeer *peer, LWMsgEndpointType type, int fd), (peer, type, fd))
FORWARD(LWMsgStatus, lwmsg_peer_add_listen_endpoint,
        (LWMsgPeer *peer, LWMsgEndpointType type, const char *endpoint, mode_t permissions),
        (peer, type, endpoint, permissions))
FORWARD(LWMsgStatus, lwmsg_peer_set_listen_session_functions,
        (LWMsgPeer *peer, LWMsgSessionConstructFunction construct, LWMsgSessionDestructFunction destruct, void *data),
        (peer, construct, destruct, data))
FORWARD(LWMsgStatus, lwmsg_peer_set_dispatch_data, (LWMsgPeer *peer, void *data), (peer, data))
FORWARD(void *, lwmsg_peer_get_dispatch_data, (LWMsgPeer *peer), (peer))
FORWARD(LWMsgStatus, lwmsg_peer_start_listen, (LWMsgPeer *peer), (peer))
FORWARD(LWMsgStatus, lwmsg_peer_stop_listen, (LWMsgPeer *peer), (peer))
FORWARD(LWMsgStatus, lwmsg_peer_set_exception_function,
        (LWMsgPeer *peer, LWMsgPeerExceptionFunction except, void *except_data), (peer, except, except_data))
FORWARD(LWMsgStatus, lwmsg_peer_set_trace_functions,
        (LWMsgPeer *peer, LWMsgPeerTraceFunction begin, LWMsgPeerTraceFunction end, void *data),
        (peer, begin, end, data))
FORWARD(LWMsgStatus, lwmsg_peer_add_connect_endpoint,
        (LWMsgPeer *peer, LWMsgEndpointType type, const char *endpoint), (peer, type, endpoint))
FORWARD(LWMsgStatus, lwmsg_peer_connect, (LWMsgPeer *peer, LWMsgSession **session), (peer, session))
FORWARD(LWMsgStatus, lwmsg_peer_disconnect, (LWMsgPeer *peer), (peer))
FORWARD(LWMsgStatus, lwmsg_peer_connect_fd,
        (LWMsgPeer *peer, LWMsgEndpointType type, int fd, LWMsgSession **session), (peer, type, fd, session))
FORWARD(LWMsgStatus, lwmsg_peer_accept_fd, (LWMsgPeer *peer, LWMsgEndpointType type, int fd), (peer, type, fd))
FORWARD(LWMsgStatus, lwmsg_peer_acquire_call, (LWMsgPeer *peer, LWMsgCall **call), (peer, call))

/* Nothing is returned. */
void relink_lwmsg_peer_delete(LWMsgPeer *peer);
void lwmsg_peer_delete(LWMsgPeer *peer)
{
    relink_lwmsg_peer_delete(peer);
}
