/* LWMsg: messages. Part of relink; MIT OR Apache-2.0.
 *
 * A message is a number, which its protocol knows, a payload of the type that belongs to the number, and an envelope.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef LWMSG_MESSAGE_H
#define LWMSG_MESSAGE_H

#include <lwmsg/status.h>
#include <lwmsg/common.h>
#include <stddef.h>

/**
 * The number of a message in its protocol.
 */
typedef int16_t LWMsgTag;

/**
 * The number of a message without a payload.
 */
#define LWMSG_TAG_INVALID ((LWMsgTag) -1)

/**
 * What a reply has in common with its request.
 */
typedef uint16_t LWMsgCookie;

/**
 * Flags of a message.
 */
typedef enum LWMsgMessageFlags {
    /** Not a call but about one: a cancellation. */
    LWMSG_MESSAGE_FLAG_CONTROL = 0x1,
    /** Made by the library in place of what could not be sent or read. */
    LWMSG_MESSAGE_FLAG_SYNTHETIC = 0x2,
    /** The reply to a request. */
    LWMSG_MESSAGE_FLAG_REPLY = 0x4
} LWMsgMessageFlags;

/**
 * A message. object is an old name of data.
 */
typedef struct LWMsgMessage {
    LWMsgMessageFlags flags;
    LWMsgStatus status;
    LWMsgCookie cookie;
    LWMsgTag tag;
#ifdef LWMSG_DISABLE_DEPRECATED
    void *data;
#else
    union {
        void *data;
        void *object;
    };
#endif
    unsigned long reserved1;
} LWMsgMessage;

/**
 * An empty message, to initialise one with.
 */
#ifdef LWMSG_DISABLE_DEPRECATED
#define LWMSG_MESSAGE_INITIALIZER \
    { (LWMsgMessageFlags) 0, LWMSG_STATUS_SUCCESS, 0, LWMSG_TAG_INVALID, NULL, 0 }
#else
#define LWMSG_MESSAGE_INITIALIZER \
    { (LWMsgMessageFlags) 0, LWMSG_STATUS_SUCCESS, 0, LWMSG_TAG_INVALID, { NULL }, 0 }
#endif


#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes a message empty: no flags, no status, no number, no payload.
 */
void lwmsg_message_init(LWMsgMessage *message);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* LWMSG_MESSAGE_H */
