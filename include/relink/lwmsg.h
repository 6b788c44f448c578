/* relink: what LWMsg's own headers do not have. Part of relink; MIT OR Apache-2.0.
 *
 * Programs that use it do not run on the original.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef RELINK_LWMSG_H
#define RELINK_LWMSG_H

#include <lwmsg/peer.h>

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Limits how long a call over a socket may take, from the request to the reply, on connections made from then on. There
 * is no limit at first, unless RELINK_LWMSG_CALL_TIMEOUT sets one; NULL removes it.
 *
 * A call that has no reply in time completes with LWMSG_STATUS_TIMEOUT, and the server is asked to give up on it. Its
 * reply, if one comes, is thrown away. Calls of a server to its clients have the same limit. Calls inside the process
 * have none.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_INVALID_PARAMETER for a negative time; or LWMSG_STATUS_INVALID_STATE while
 * the peer listens.
 */
LWMsgStatus relink_lwmsg_peer_set_call_timeout(LWMsgPeer *peer,
                                               const LWMsgTime *value);

/**
 * Stores what a peer is doing as text in memory of its context: its endpoints, its clients and their calls in
 * progress, its own session. For people, when something seems to hang; the form may change. Any thread may ask at any
 * time.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_MEMORY; text is NULL then.
 */
LWMsgStatus relink_lwmsg_peer_print_alloc(LWMsgPeer *peer,
                                          char **text);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* RELINK_LWMSG_H */
