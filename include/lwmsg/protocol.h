/* LWMsg: protocols. Part of relink; MIT OR Apache-2.0.
 *
 * A protocol is the set of messages that both sides of an association know.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef LWMSG_PROTOCOL_H
#define LWMSG_PROTOCOL_H

#include <lwmsg/status.h>
#include <lwmsg/context.h>
#include <lwmsg/type.h>
#include <lwmsg/buffer.h>
#include <lwmsg/message.h>

/**
 * A set of messages, by number. Opaque.
 */
typedef struct LWMsgProtocol LWMsgProtocol;

/**
 * A line of a protocol's table. In C the typedef is const, so that tables are read-only data; C++ does not allow that
 * for a type that has the same tag.
 */
typedef struct LWMsgProtocolSpec {
    unsigned int tag;
    LWMsgTypeSpec *type;
    const char *tag_name;
}
#ifndef __cplusplus
const
#endif
LWMsgProtocolSpec;

/**
 * A message: its number, and the table of its payload or NULL. The text of the number is the message's name.
 */
#define LWMSG_MESSAGE(tag, spec) { (tag), (spec), #tag }

/**
 * The end of a protocol's table.
 */
#define LWMSG_PROTOCOL_END { (unsigned int) -1, NULL, NULL }


#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Stores the table of a message's payload, NULL for none.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_NOT_FOUND.
 */
LWMsgStatus lwmsg_protocol_get_message_type(LWMsgProtocol *prot,
                                            LWMsgTag tag,
                                            const LWMsgTypeSpec **out_type);

/**
 * Stores the name of a message, a text of its table.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_NOT_FOUND.
 */
LWMsgStatus lwmsg_protocol_get_message_name(LWMsgProtocol *prot, LWMsgTag tag, const char **name);

/**
 * Makes a protocol without messages, with a context that outlives it or NULL. It is released with
 * lwmsg_protocol_delete.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_MEMORY.
 */
LWMsgStatus lwmsg_protocol_new(LWMsgContext *context, LWMsgProtocol **prot);

/**
 * Adds the messages of a table, which outlives the protocol with everything it names. A message with a number that is
 * known already takes its place. Not while the protocol is in use.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_INVALID_PARAMETER for a number above 32767; or LWMSG_STATUS_MEMORY.
 */
LWMsgStatus lwmsg_protocol_add_protocol_spec(LWMsgProtocol *prot,
                                             const LWMsgProtocolSpec *spec);

/**
 * Releases a protocol. NULL is accepted.
 */
void lwmsg_protocol_delete(LWMsgProtocol *prot);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* LWMSG_PROTOCOL_H */
