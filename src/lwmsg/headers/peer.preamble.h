
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
