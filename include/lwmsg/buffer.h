/* LWMsg: buffers. Part of relink; MIT OR Apache-2.0.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef LWMSG_BUFFER_H
#define LWMSG_BUFFER_H

#include <stdlib.h>
#include <lwmsg/status.h>

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



#ifdef __cplusplus
extern "C" {
#endif

/**
 * Writes a text made as printf(3) does, without its NUL.
 *
 * Returns LWMSG_STATUS_SUCCESS, LWMSG_STATUS_MEMORY, LWMSG_STATUS_EOF when there is no room and no wrap, or wrap's
 * status.
 */
LWMsgStatus lwmsg_buffer_print(LWMsgBuffer *buffer, const char *fmt, ...);

#ifdef __cplusplus
}
#endif
#endif  /* LWMSG_BUFFER_H */
