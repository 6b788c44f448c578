
/**
 * One end of a conversation. Opaque.
 */
typedef struct LWMsgAssoc LWMsgAssoc;

/**
 * The state of an association.
 */
typedef enum LWMsgAssocState {
    LWMSG_ASSOC_STATE_NONE,
    /** Before lwmsg_assoc_connect or lwmsg_assoc_accept, and after lwmsg_assoc_reset. */
    LWMSG_ASSOC_STATE_NOT_ESTABLISHED,
    /** Ready for messages. */
    LWMSG_ASSOC_STATE_IDLE,
    /** A message is partly sent. */
    LWMSG_ASSOC_STATE_BLOCKED_SEND,
    /** A message is being received. */
    LWMSG_ASSOC_STATE_BLOCKED_RECV,
    /** Both. */
    LWMSG_ASSOC_STATE_BLOCKED_SEND_RECV,
    /** After lwmsg_assoc_close. */
    LWMSG_ASSOC_STATE_CLOSED,
    /** Closing. */
    LWMSG_ASSOC_STATE_BUSY,
    /** Something failed: close or reset it. */
    LWMSG_ASSOC_STATE_ERROR
} LWMsgAssocState;

/**
 * What a timeout bounds.
 */
typedef enum LWMsgTimeout {
    /** Sending or receiving a message. */
    LWMSG_TIMEOUT_MESSAGE,
    /** Connecting and greeting. */
    LWMSG_TIMEOUT_ESTABLISH,
    /** Doing nothing. */
    LWMSG_TIMEOUT_IDLE
} LWMsgTimeout;

/** The handle has to be one of the receiver's. */
#define LWMSG_ASSOC_HANDLE_LOCAL_FOR_RECEIVER 0x1
/** The handle has to be one of the sender's. */
#define LWMSG_ASSOC_HANDLE_LOCAL_FOR_SENDER 0x2

/** A handle: in C an LWMsgHandle *. htype is the name it is registered with, without quotes. */
#define LWMSG_HANDLE(htype) LWMSG_CUSTOM(void*, &lwmsg_handle_type_class, (void *) #htype)
/** A handle inside a structure. */
#define LWMSG_MEMBER_HANDLE(type, field, htype) \
    LWMSG_MEMBER_CUSTOM(type, field, &lwmsg_handle_type_class, (void *) #htype)
/** The handle has to be one of the receiver's. */
#define LWMSG_ATTR_HANDLE_LOCAL_FOR_RECEIVER LWMSG_ATTR_CUSTOM(LWMSG_ASSOC_HANDLE_LOCAL_FOR_RECEIVER)
/** The handle has to be one of the sender's. */
#define LWMSG_ATTR_HANDLE_LOCAL_FOR_SENDER LWMSG_ATTR_CUSTOM(LWMSG_ASSOC_HANDLE_LOCAL_FOR_SENDER)
