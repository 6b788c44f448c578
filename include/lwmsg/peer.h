/* LWMsg: peers. Part of relink; MIT OR Apache-2.0.
 *
 * A peer is a server, a client, or both: it listens, connects, handles calls and makes them, on threads of its own.
 *
 * Handlers of LWMSG_DISPATCH_BLOCK may wait for what they like. No lock is held while a function of the program runs, and
 * a function that takes its time delays no other. Threads of the library block all signals. Peers do not survive a fork:
 * in the child every function that would need their threads returns LWMSG_STATUS_INVALID_STATE.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef LWMSG_PEER_H
#define LWMSG_PEER_H

#include <lwmsg/status.h>
#include <lwmsg/protocol.h>
#include <lwmsg/time.h>
#include <lwmsg/assoc.h>
#include <lwmsg/message.h>
#include <lwmsg/call.h>
#include <sys/types.h>

/**
 * What a line of a dispatch table is.
 */
typedef enum LWMsgDispatchType {
    /** The end of the table. */
    LWMSG_DISPATCH_TYPE_END = 0,
    /** A handler that may block. */
    LWMSG_DISPATCH_TYPE_BLOCK = 2,
    /** A handler that never blocks. */
    LWMSG_DISPATCH_TYPE_NONBLOCK = 3
} LWMsgDispatchType;

/**
 * A line of a dispatch table. In C the typedef is const, so that tables are read-only data; C++ does not allow that for
 * a type that has the same tag.
 */
typedef struct LWMsgDispatchSpec {
    LWMsgDispatchType type;
    LWMsgTag tag;
    void *data;
}
#ifndef __cplusplus
const
#endif
LWMsgDispatchSpec;

/**
 * A server, a client, or both. Opaque.
 */
typedef struct LWMsgPeer LWMsgPeer;

/**
 * A handler. in is the request, as long as the handler runs or the call is pending. out is the reply, which the library
 * frees when it has been sent. data is what lwmsg_peer_set_dispatch_data was given.
 *
 * The status is that of the call. LWMSG_STATUS_PENDING says that lwmsg_call_complete will be called, see
 * lwmsg_call_pend.
 */
typedef LWMsgStatus (*LWMsgPeerCallFunction)(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data);

/**
 * Called when accepting clients fails.
 */
typedef void (*LWMsgPeerExceptionFunction)(LWMsgPeer *peer, LWMsgStatus status, void *data);

/**
 * Called at the beginning of a call, with its input, or at its end, with its output and status.
 */
typedef void (*LWMsgPeerTraceFunction)(LWMsgCall *call, const LWMsgParams *params, LWMsgStatus status, void *data);

/**
 * A line for a handler that may block.
 */
#define LWMSG_DISPATCH_BLOCK(tag, func) \
    { LWMSG_DISPATCH_TYPE_BLOCK, (tag), (void *) (LWMsgPeerCallFunction) (func) }

/**
 * A line for a handler that never blocks.
 */
#define LWMSG_DISPATCH_NONBLOCK(tag, func) \
    { LWMSG_DISPATCH_TYPE_NONBLOCK, (tag), (void *) (LWMsgPeerCallFunction) (func) }

/**
 * The end of a dispatch table.
 */
#define LWMSG_DISPATCH_END { LWMSG_DISPATCH_TYPE_END, -1, NULL }


#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes a peer: a server, a client, or both. The protocol and the context, which may be NULL, outlive it. It is
 * released with lwmsg_peer_delete.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_PARAMETER without a protocol.
 */
LWMsgStatus lwmsg_peer_new(const LWMsgContext *context,
                           LWMsgProtocol *protocol,
                           LWMsgPeer **peer);

/**
 * Releases a peer: it stops listening, disconnects, and waits until nothing runs on its behalf. NULL is accepted.
 * Calls have to be released before. Not to be called by a handler or another function that the peer calls, nor by the
 * handler of a call inside the process that the peer makes: the peer stays then.
 */
void lwmsg_peer_delete(LWMsgPeer *peer);

/**
 * Limits how long something may take; NULL removes the limit. LWMSG_TIMEOUT_ESTABLISH bounds connecting and the
 * greeting. LWMSG_TIMEOUT_IDLE is how long a client that has no handles and makes no calls stays while others wait for
 * a place, LWMSG_TIMEOUT_MESSAGE the same for one in the middle of a message.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_INVALID_PARAMETER for a negative time; LWMSG_STATUS_UNSUPPORTED for another
 * type; or LWMSG_STATUS_INVALID_STATE while the peer listens.
 */
LWMsgStatus lwmsg_peer_set_timeout(LWMsgPeer *peer,
                                   LWMsgTimeout type,
                                   LWMsgTime *value);

/**
 * Sets how many clients may be connected at once, 100 by default. Others wait to be accepted.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_STATE while the peer listens.
 */
LWMsgStatus lwmsg_peer_set_max_listen_clients(LWMsgPeer *peer, unsigned int max_clients);

/**
 * Sets how many clients may wait in the system to be accepted, 8 by default.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_STATE while the peer listens.
 */
LWMsgStatus lwmsg_peer_set_max_listen_backlog(LWMsgPeer *peer, unsigned int max_backlog);

/**
 * Adds handlers. Later ones replace earlier ones of the same message. The table is read now; its functions are called
 * as long as the peer lives.
 *
 * Returns LWMSG_STATUS_SUCCESS, LWMSG_STATUS_INVALID_PARAMETER for a negative number in it, or LWMSG_STATUS_MEMORY.
 */
LWMsgStatus lwmsg_peer_add_dispatch_spec(LWMsgPeer *peer,
                                         const LWMsgDispatchSpec *spec);

/**
 * Adds a bound socket to listen on, from the next start on, when it is the library's and closed at the end.
 *
 * Returns LWMSG_STATUS_SUCCESS.
 */
LWMsgStatus lwmsg_peer_add_listen_fd(LWMsgPeer *peer,
                                     LWMsgEndpointType _type,
                                     int fd);

/**
 * Adds an endpoint to listen on, from the next start on: the path of a socket that gets those permissions, or a name
 * inside the process. The text is copied.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_PARAMETER for NULL.
 */
LWMsgStatus lwmsg_peer_add_listen_endpoint(LWMsgPeer *peer,
                                           LWMsgEndpointType type,
                                           const char *endpoint,
                                           mode_t permissions);

/**
 * Sets what is called when clients come and go. construct is given data and may store something for the session, or
 * refuse the client by its status; destruct is given what was stored, unless that is NULL. Either may be NULL.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_STATE while the peer listens.
 */
LWMsgStatus lwmsg_peer_set_listen_session_functions(LWMsgPeer *peer,
                                                    LWMsgSessionConstructFunction construct,
                                                    LWMsgSessionDestructFunction destruct,
                                                    void *data);

/**
 * Sets what handlers are given as their last argument.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_STATE while the peer listens.
 */
LWMsgStatus lwmsg_peer_set_dispatch_data(LWMsgPeer *peer, void *data);

/**
 * Returns what handlers are given as their last argument.
 */
void *lwmsg_peer_get_dispatch_data(LWMsgPeer *peer);

/**
 * Listens on all endpoints. A socket's path is taken over from whoever has it. When this returns, clients can
 * connect. A peer that listens already goes on.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_FILE_NOT_FOUND when a socket's folder does not exist;
 * LWMSG_STATUS_INVALID_PARAMETER for a path that is too long; LWMSG_STATUS_BUSY for a name inside the process that is
 * taken; or what stands for the errno. After a failure the peer cannot be started any more.
 */
LWMsgStatus lwmsg_peer_start_listen(LWMsgPeer *peer);

/**
 * Listens no more. Clients are disconnected, pending calls cancelled; this waits for handlers and pending calls, and
 * the ends of sessions. The files of sockets are removed. The peer can be started again, but not with a socket of
 * lwmsg_peer_add_listen_fd.
 *
 * Returns LWMSG_STATUS_SUCCESS; the status that starting failed with; or LWMSG_STATUS_INVALID_STATE in a handler or
 * another function that the peer calls, also when functions of other peers are in between.
 */
LWMsgStatus lwmsg_peer_stop_listen(LWMsgPeer *peer);

/**
 * Sets what is called when accepting clients fails, with the status that stands for the errno. For
 * LWMSG_STATUS_RESOURCE_LIMIT, LWMSG_STATUS_MEMORY and LWMSG_STATUS_BUSY the peer tries again; for others that endpoint
 * is closed.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_STATE while the peer listens.
 */
LWMsgStatus lwmsg_peer_set_exception_function(LWMsgPeer *peer,
                                              LWMsgPeerExceptionFunction except,
                                              void *except_data);

/**
 * Sets what is called at the beginning and the end of every call, those that come in and those that go out. Either may
 * be NULL.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_STATE while the peer listens.
 */
LWMsgStatus lwmsg_peer_set_trace_functions(LWMsgPeer *peer,
                                           LWMsgPeerTraceFunction begin,
                                           LWMsgPeerTraceFunction end,
                                           void *data);

/**
 * Adds an endpoint to connect to, when those added before cannot be connected to. The text is copied.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_PARAMETER for NULL.
 */
LWMsgStatus lwmsg_peer_add_connect_endpoint(LWMsgPeer *peer,
                                            LWMsgEndpointType type,
                                            const char *endpoint);

/**
 * Stores the session with the server, which is the peer's until lwmsg_peer_disconnect. Nothing is sent before a call is
 * acquired. The place may be NULL.
 *
 * Returns LWMSG_STATUS_SUCCESS.
 */
LWMsgStatus lwmsg_peer_connect(LWMsgPeer *peer,
                               LWMsgSession **session);

/**
 * Ends the session with the server. Calls in progress are complete with LWMSG_STATUS_CANCELLED. The connection is closed
 * when its last call is released.
 *
 * Returns LWMSG_STATUS_SUCCESS, also when there was none; or LWMSG_STATUS_INVALID_STATE in the handler of a call inside
 * the process, which would be waited for, and in a child of the process that made the peer.
 */
LWMsgStatus lwmsg_peer_disconnect(LWMsgPeer *peer);

/**
 * Stores a session over a connected socket, which is the library's then.
 *
 * Returns LWMSG_STATUS_SUCCESS, LWMSG_STATUS_INVALID_PARAMETER for a negative number, LWMSG_STATUS_INVALID_STATE when
 * there is a session, or LWMSG_STATUS_SYSTEM for a descriptor that is not open.
 */
LWMsgStatus lwmsg_peer_connect_fd(LWMsgPeer *peer,
                                  LWMsgEndpointType type,
                                  int fd,
                                  LWMsgSession **session);

/**
 * Takes a connected socket for a client, also while the peer does not listen. The socket is the library's then. Such
 * clients do not count among those of lwmsg_peer_set_max_listen_clients.
 *
 * Returns LWMSG_STATUS_SUCCESS, or what stands for the errno of a wrong descriptor.
 */
LWMsgStatus lwmsg_peer_accept_fd(LWMsgPeer *peer,
                                 LWMsgEndpointType type,
                                 int fd);

/**
 * Stores a call of the session with the server. Deprecated: lwmsg_session_acquire_call does the same.
 *
 * Returns as that does, and LWMSG_STATUS_INVALID_STATE without a session.
 */
LWMsgStatus lwmsg_peer_acquire_call(LWMsgPeer *peer,
                                    LWMsgCall **call);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* LWMSG_PEER_H */
