/* LWMsg: security tokens. Part of relink; MIT OR Apache-2.0.
 *
 * A token says who the other end of an association is, as the system knows it. There is one type, "local": an effective
 * user, an effective group and a process, which connection.h tells.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef LWMSG_SECURITY_H
#define LWMSG_SECURITY_H

#include <lwmsg/status.h>
#include <lwmsg/common.h>
#include <stdlib.h>

/**
 * Who the other end of an association is. Opaque.
 */
typedef struct LWMsgSecurityToken LWMsgSecurityToken;


#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Returns the type of a token: "local". NULL for NULL.
 */
const char *lwmsg_security_token_get_type(LWMsgSecurityToken *token);

/**
 * Returns whether two tokens are of the same effective user and group.
 */
LWMsgBool lwmsg_security_token_equal(LWMsgSecurityToken *token, LWMsgSecurityToken *other);

/**
 * Returns whether the owner of a token may use what belongs to another: whether they are equal.
 */
LWMsgBool lwmsg_security_token_can_access(LWMsgSecurityToken *token, LWMsgSecurityToken *other);

/**
 * Copies a token. The copy is released with lwmsg_security_token_delete.
 *
 * Returns LWMSG_STATUS_SUCCESS, LWMSG_STATUS_INVALID_PARAMETER for NULL, or LWMSG_STATUS_MEMORY.
 */
LWMsgStatus lwmsg_security_token_copy(LWMsgSecurityToken *token, LWMsgSecurityToken **copy);

/**
 * Releases a copy of a token. NULL is accepted. Tokens of sessions are the sessions'.
 */
void lwmsg_security_token_delete(LWMsgSecurityToken *token);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* LWMSG_SECURITY_H */
