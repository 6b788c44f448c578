
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
