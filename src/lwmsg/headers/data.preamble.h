
/**
 * A context and a byte order, big endian in the beginning; for one thread at a time. Opaque.
 */
typedef struct LWMsgDataContext LWMsgDataContext;
