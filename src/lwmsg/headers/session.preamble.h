
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
