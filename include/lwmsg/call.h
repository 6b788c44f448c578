/* LWMsg: calls. Part of relink; MIT OR Apache-2.0.
 *
 * A call is a request and its reply. The caller acquires it from a session, makes it as often as it likes, and releases
 * it; the callee is given it by the library, in a handler.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef LWMSG_CALL_H
#define LWMSG_CALL_H

#include <lwmsg/message.h>
#include <lwmsg/status.h>
#include <lwmsg/context.h>
#include <lwmsg/session.h>

/**
 * Parameters of a call: a message without its envelope.
 */
typedef struct LWMsgParams {
    LWMsgTag tag;
    void *data;
} LWMsgParams;

/**
 * No parameters, to initialise some with.
 */
#define LWMSG_PARAMS_INITIALIZER { LWMSG_TAG_INVALID, NULL }

/**
 * A call, of the caller's or of the callee's. Opaque.
 */
typedef struct LWMsgCall LWMsgCall;

/**
 * Which side of a call this is.
 */
typedef enum LWMsgCallDirection {
    /** The callee's. */
    LWMSG_CALL_INCOMING,
    /** The caller's. */
    LWMSG_CALL_OUTGOING
} LWMsgCallDirection;

/**
 * Called when a call is complete, by a thread of the library. It may free the output, release the call, make it again,
 * and make others without waiting for them.
 */
typedef void (*LWMsgCompleteFunction)(LWMsgCall *call, LWMsgStatus status, void *data);

/**
 * Called when the caller of a pending call gives up, or the association ends. It may complete the call.
 */
typedef void (*LWMsgCancelFunction)(LWMsgCall *call, void *data);


#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Frees the output of a call, and resets it. An output without a number is left alone.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_NOT_FOUND for a number that the protocol does not have.
 */
LWMsgStatus lwmsg_call_destroy_params(LWMsgCall *call,
                                      LWMsgParams *params);

/**
 * Makes a call.
 *
 * Without a completion function this waits for the reply and returns the status of the call. With one it returns
 * LWMSG_STATUS_PENDING, and the function is called when the call is complete; a call inside the process may be
 * complete at once, which is returned instead. Input and output, and what they refer to, have to stay until
 * completion. The output is the caller's then, to be freed with lwmsg_call_destroy_params.
 *
 * The call can be made again when it is complete; a completion function may do so.
 *
 * Returns what the handler returned, or LWMSG_STATUS_PENDING; LWMSG_STATUS_MALFORMED or LWMSG_STATUS_INVALID_HANDLE
 * for an input that cannot be sent; LWMSG_STATUS_UNSUPPORTED or LWMSG_STATUS_UNIMPLEMENTED when nobody handles it;
 * LWMSG_STATUS_FILE_NOT_FOUND, LWMSG_STATUS_CONNECTION_REFUSED or LWMSG_STATUS_TIMEOUT when the server cannot be
 * reached; LWMSG_STATUS_PEER_CLOSE when it has gone; LWMSG_STATUS_CANCELLED after lwmsg_peer_disconnect;
 * LWMSG_STATUS_BUSY when the call is in progress, or 65536 others are; LWMSG_STATUS_RESOURCE_LIMIT or
 * LWMSG_STATUS_SYSTEM when there are no descriptors, or there is no thread, to wait for replies with;
 * LWMSG_STATUS_INVALID_STATE in a child of the process that made the peer.
 */
LWMsgStatus lwmsg_call_dispatch(LWMsgCall *call,
                                const LWMsgParams *input,
                                LWMsgParams *output,
                                LWMsgCompleteFunction complete,
                                void *data);

/**
 * In a handler that will return LWMSG_STATUS_PENDING: says that lwmsg_call_complete will be called, by any thread.
 *
 * cancel, which may be NULL, is called with data when the caller gives up or the association ends. It may complete
 * the call.
 */
void lwmsg_call_pend(LWMsgCall *call,
                     LWMsgCancelFunction cancel,
                     void *data);

/**
 * Completes a call whose handler has returned LWMSG_STATUS_PENDING, or will. Once; the call is not to be used after
 * it. While the cancel function runs on another thread this waits for its end.
 */
void lwmsg_call_complete(LWMsgCall *call,
                         LWMsgStatus status);

/**
 * Asks the other side to give up on a call. The call is complete when it says so, with its status,
 * LWMSG_STATUS_CANCELLED as a rule. Nothing happens to a call that is not in progress.
 */
void lwmsg_call_cancel(LWMsgCall *call);

/**
 * Waits until a call is complete, and its completion function has returned.
 *
 * Returns the status of the call, or LWMSG_STATUS_INVALID_STATE in a child of the process that made the peer.
 */
LWMsgStatus lwmsg_call_wait(LWMsgCall *call);

/**
 * Gives a call back. NULL is accepted. A call in progress goes on, and its completion function is called.
 */
void lwmsg_call_release(LWMsgCall *call);

/**
 * Returns the session of a call: in a handler, the one with the caller. NULL without one.
 */
LWMsgSession *lwmsg_call_get_session(LWMsgCall *call);

/**
 * Returns whether a call came in, as in a handler, or goes out.
 */
LWMsgCallDirection lwmsg_call_get_direction(LWMsgCall *call);

/**
 * Sets a pointer that lwmsg_call_get_user_data returns.
 */
void lwmsg_call_set_user_data(LWMsgCall *call, void *data);

/**
 * Returns the pointer of lwmsg_call_set_user_data, NULL at first. It stays when the call is made again.
 */
void *lwmsg_call_get_user_data(LWMsgCall *call);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* LWMSG_CALL_H */
