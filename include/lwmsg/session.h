/* LWMsg: sessions. Part of relink; MIT OR Apache-2.0.
 *
 * A session is one client of one server, over one association after another. It owns the handles that its two sides lend
 * each other: things that stay where they are, and are named in messages.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef LWMSG_SESSION_H
#define LWMSG_SESSION_H

#include <lwmsg/status.h>
#include <lwmsg/security.h>
#include <lwmsg/common.h>
#include <lwmsg/context.h>

struct LWMsgCall;

/**
 * One client of one server. Opaque.
 */
typedef struct LWMsgSession LWMsgSession;

/**
 * Something of one side's that the other may name. Opaque: not even an address.
 */
typedef struct LWMsgHandle LWMsgHandle;

/**
 * Called with the data of a handle when its last reference is gone, or the session ends.
 */
typedef void (*LWMsgHandleCleanupFunction)(void *handle);

/**
 * Called when a client comes, with what was passed to lwmsg_peer_set_listen_session_functions. What it stores in
 * session_data is what lwmsg_session_get_data returns. A status that is not LWMSG_STATUS_SUCCESS refuses the client.
 */
typedef LWMsgStatus (*LWMsgSessionConstructFunction)(LWMsgSecurityToken *token, void *data, void **session_data);

/**
 * Called when a client is gone, after the cleanup of its handles, unless session_data is NULL.
 */
typedef void (*LWMsgSessionDestructFunction)(LWMsgSecurityToken *token, void *session_data);

/**
 * Which side registered a handle.
 */
typedef enum LWMsgHandleType {
    LWMSG_HANDLE_NULL = 0,
    LWMSG_HANDLE_LOCAL = 1,
    LWMSG_HANDLE_REMOTE = 2
} LWMsgHandleType;


#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Lends something of this side's to the other: a handle stands for data in messages. It is one until
 * lwmsg_session_unregister_handle, or the end of the session.
 *
 * type_name is the name that LWMSG_HANDLE was given; the text is not copied. cleanup, which may be NULL, is called
 * with data when the last reference is gone. handle, which may be NULL, gets the handle, with one reference. For
 * each message that the handle is sent in, retain it once: the message's reference is dropped with the message.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_INVALID_PARAMETER when data is NULL on a peer's session;
 * LWMSG_STATUS_RESOURCE_LIMIT; or LWMSG_STATUS_MEMORY.
 */
LWMsgStatus lwmsg_session_register_handle(LWMsgSession *session,
                                          const char *type_name,
                                          void *data,
                                          LWMsgHandleCleanupFunction cleanup,
                                          LWMsgHandle **handle);

/**
 * Adds a reference to a handle.
 */
void lwmsg_session_retain_handle(LWMsgSession *session, LWMsgHandle *handle);

/**
 * Drops a reference to a handle. With the last one the cleanup function is called.
 */
void lwmsg_session_release_handle(LWMsgSession *session, LWMsgHandle *handle);

/**
 * Makes a handle invalid, and drops a reference to it.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_HANDLE when it is not valid any more.
 */
LWMsgStatus lwmsg_session_unregister_handle(LWMsgSession *session, LWMsgHandle *handle);

/**
 * Stores the data of a handle; NULL for one of the other side's. The place may be NULL.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_HANDLE when it is not valid, or NULL.
 */
LWMsgStatus lwmsg_session_get_handle_data(LWMsgSession *session, LWMsgHandle *handle, void **data);

/**
 * Stores which side registered a handle.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_HANDLE when it is not valid, or NULL.
 */
LWMsgStatus lwmsg_session_get_handle_location(LWMsgSession *session,
                                              LWMsgHandle *handle,
                                              LWMsgHandleType *location);

/**
 * Returns what the construct function of lwmsg_peer_set_listen_session_functions made for a session, or NULL.
 */
void *lwmsg_session_get_data(LWMsgSession *session);

/**
 * Returns who the other side is, or NULL when that is not known. The token is the session's.
 */
LWMsgSecurityToken *lwmsg_session_get_peer_security_token(LWMsgSession *session);

/**
 * Stores a call to the other side. It is released with lwmsg_call_release.
 *
 * A peer's session connects when that is necessary: its endpoints are tried in order. For a direct endpoint the
 * server's construct function is called here.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_NOT_FOUND without endpoints, or when nobody listens on a direct one;
 * LWMSG_STATUS_PEER_CLOSE when a session over a given descriptor has ended; LWMSG_STATUS_INVALID_STATE when the
 * session has, or in a child of the process that made it; or the status of the construct function. call is NULL
 * then. A socket that cannot be connected is told by lwmsg_call_dispatch.
 */
LWMsgStatus lwmsg_session_acquire_call(LWMsgSession *session,
                                       struct LWMsgCall **call);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* LWMSG_SESSION_H */
