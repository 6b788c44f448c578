/* LWMsg: connections. Part of relink; MIT OR Apache-2.0.
 *
 * A connection is an association over a local socket. It can pass descriptors, and knows who the other end is.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef LWMSG_CONNECTION_H
#define LWMSG_CONNECTION_H

#include <lwmsg/assoc.h>
#include <lwmsg/security.h>
#include <unistd.h>

/**
 * How a connection comes about.
 */
typedef enum LWMsgConnectionMode {
    LWMSG_CONNECTION_MODE_NONE = 0,
    /** Over a socket in the file system. */
    LWMSG_CONNECTION_MODE_LOCAL = LWMSG_ENDPOINT_LOCAL,
    /** Over one of a pair of sockets: the other end counts as this process. */
    LWMSG_CONNECTION_MODE_PAIR = LWMSG_ENDPOINT_PAIR
} LWMsgConnectionMode;

/**
 * A descriptor: in C an int, 0 or negative for none. A duplicate is sent, and what is received is the receiver's: it is
 * closed with the message, and is not close-on-exec.
 */
#define LWMSG_FD LWMSG_CUSTOM(int, &lwmsg_fd_type_class, NULL)
/** A descriptor inside a structure. */
#define LWMSG_MEMBER_FD(type, field) LWMSG_MEMBER_CUSTOM(type, field, &lwmsg_fd_type_class, NULL)


#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes a connection. The protocol and the context, which may be NULL, outlive it. It is released with
 * lwmsg_assoc_delete.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_PARAMETER without a protocol.
 */
LWMsgStatus lwmsg_connection_new(const LWMsgContext *context,
                                 LWMsgProtocol *prot,
                                 LWMsgAssoc **out_assoc);

/**
 * Sets the largest packet that this end announces, header included; 8192 by default. Both ends use the smaller.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_STATE once the connection is established.
 */
LWMsgStatus lwmsg_connection_set_packet_size(LWMsgAssoc *assoc,
                                             size_t size);

/**
 * Has the connection use a connected socket, which is its own from then on.
 *
 * Returns LWMSG_STATUS_SUCCESS, LWMSG_STATUS_INVALID_PARAMETER for a negative number, LWMSG_STATUS_INVALID_STATE when it
 * has a descriptor or an endpoint already, or LWMSG_STATUS_SYSTEM for a descriptor that is not open.
 */
LWMsgStatus lwmsg_connection_set_fd(LWMsgAssoc *assoc,
                                    LWMsgConnectionMode mode,
                                    int fd);

/**
 * Has the connection connect to an endpoint; the text is copied.
 *
 * Returns LWMSG_STATUS_SUCCESS, LWMSG_STATUS_INVALID_PARAMETER for NULL, or LWMSG_STATUS_INVALID_STATE when it has a
 * descriptor or an endpoint already.
 */
LWMsgStatus lwmsg_connection_set_endpoint(LWMsgAssoc *assoc,
                                          LWMsgConnectionMode mode,
                                          const char *endpoint);

/**
 * Stores the effective user and group of a local token. Either place may be NULL.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_PARAMETER for NULL.
 */
LWMsgStatus lwmsg_local_token_get_eid(LWMsgSecurityToken *token, uid_t *out_euid, gid_t *out_egid);

/**
 * Stores the process of a local token, -1 when it is not known. The place may be NULL.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_PARAMETER for NULL.
 */
LWMsgStatus lwmsg_local_token_get_pid(LWMsgSecurityToken *token, pid_t *out_pid);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The class of descriptors, which LWMSG_FD names.
 */
extern LWMsgTypeClass lwmsg_fd_type_class;

#ifdef __cplusplus
}
#endif
#endif  /* LWMSG_CONNECTION_H */
