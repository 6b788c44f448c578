/* LWMsg: what several headers need. Part of relink; MIT OR Apache-2.0. */
#ifndef LWMSG_COMMON_H
#define LWMSG_COMMON_H

#include <inttypes.h>

/**
 * A boolean.
 */
typedef enum LWMsgBool {
    LWMSG_FALSE = 0,
    LWMSG_TRUE = 1
} LWMsgBool;

/**
 * Where a peer listens, or connects to.
 */
typedef enum LWMsgEndpointType {
    LWMSG_ENDPOINT_NONE,
    /** A socket in the file system. */
    LWMSG_ENDPOINT_LOCAL,
    /** A name inside the process: calls are not marshalled. */
    LWMSG_ENDPOINT_DIRECT,
    /** One end of a pair of sockets. */
    LWMSG_ENDPOINT_PAIR
} LWMsgEndpointType;

#endif
