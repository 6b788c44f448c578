
/**
 * How much a line of the log matters.
 */
typedef enum LWMsgLogLevel {
    /** Whatever the level. */
    LWMSG_LOGLEVEL_ALWAYS,
    /** Something failed. */
    LWMSG_LOGLEVEL_ERROR,
    /** Something may fail. */
    LWMSG_LOGLEVEL_WARNING,
    /** What an operator may want to see once. */
    LWMSG_LOGLEVEL_INFO,
    /** What happens to clients. */
    LWMSG_LOGLEVEL_VERBOSE,
    /** For programmers. */
    LWMSG_LOGLEVEL_DEBUG,
    /** Every message. */
    LWMSG_LOGLEVEL_TRACE
} LWMsgLogLevel;

/**
 * Where memory comes from, and who takes lines of the log. Opaque.
 */
typedef struct LWMsgContext LWMsgContext;

/**
 * Allocates size bytes, all zero.
 */
typedef LWMsgStatus (*LWMsgAllocFunction)(size_t size, void **out, void *data);

/**
 * Frees memory.
 */
typedef void (*LWMsgFreeFunction)(void *object, void *data);

/**
 * Changes the size of memory, perhaps by moving it; what is new is zero.
 */
typedef LWMsgStatus (*LWMsgReallocFunction)(void *object, size_t old_size, size_t new_size, void **new_object,
                                            void *data);

/**
 * Answers for a key, or returns LWMSG_STATUS_NOT_FOUND.
 */
typedef LWMsgStatus (*LWMsgContextDataFunction)(const char *key, void **out_value, void *data);

/**
 * Takes a line of the log. When message is NULL, so are function and filename, and the result says whether a line of
 * that level would be written; otherwise the result does not matter.
 */
typedef LWMsgBool (*LWMsgLogFunction)(LWMsgLogLevel level, const char *message, const char *function,
                                      const char *filename, unsigned int line, void *data);
