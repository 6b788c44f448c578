
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
