
/**
 * Bytes to be read or written at cursor. Programs allocate it.
 *
 * When cursor reaches end, wrap is called with the number of bytes still wanted; it may move all three pointers, and
 * provide less. Without wrap that is LWMSG_STATUS_EOF. At the end of a successful operation wrap is called with 0.
 */
typedef struct LWMsgBuffer {
    /** The first byte. */
    unsigned char *base;
    /** Behind the last byte. */
    unsigned char *end;
    /** The next byte to be read or written. */
    unsigned char *cursor;
    /** Provides more bytes, or NULL. */
    LWMsgStatus (*wrap)(struct LWMsgBuffer *buffer, size_t needed);
    /** For wrap. */
    void *data;
} LWMsgBuffer;
