/* LWMsg: what functions return. Part of relink; MIT OR Apache-2.0. */
#ifndef LWMSG_STATUS_H
#define LWMSG_STATUS_H

/**
 * The result of a function. Programs may send numbers of their own through it: any 32 bits cross the wire unchanged.
 */
typedef enum {
    /** No error. */
    LWMSG_STATUS_SUCCESS = 0,
    /** An error without a number of its own. */
    LWMSG_STATUS_ERROR = 1,
    /** Try again. */
    LWMSG_STATUS_AGAIN = 2,
    /** Memory is exhausted. */
    LWMSG_STATUS_MEMORY = 3,
    /** Data or a type that makes no sense. */
    LWMSG_STATUS_MALFORMED = 4,
    /** The input or the room for output ended too early. */
    LWMSG_STATUS_EOF = 5,
    /** There is no such thing. */
    LWMSG_STATUS_NOT_FOUND = 6,
    /** Nobody implements this. */
    LWMSG_STATUS_UNIMPLEMENTED = 7,
    /** The program passed something unusable. */
    LWMSG_STATUS_INVALID_PARAMETER = 8,
    /** A number is too large for where it goes. */
    LWMSG_STATUS_OVERFLOW = 9,
    /** A number is too small for where it goes. */
    LWMSG_STATUS_UNDERFLOW = 10,
    /** A system call failed in a way that has no number of its own. */
    LWMSG_STATUS_SYSTEM = 11,
    /** It took too long. */
    LWMSG_STATUS_TIMEOUT = 12,
    /** The other side is not who it has to be. */
    LWMSG_STATUS_SECURITY = 13,
    /** Somebody gave up. */
    LWMSG_STATUS_CANCELLED = 14,
    /** No such file. */
    LWMSG_STATUS_FILE_NOT_FOUND = 15,
    /** Nobody listens there. */
    LWMSG_STATUS_CONNECTION_REFUSED = 16,
    /** Not now, or not with this object. */
    LWMSG_STATUS_INVALID_STATE = 17,
    /** The other side reset the association. */
    LWMSG_STATUS_PEER_RESET = 18,
    /** The other side ended the association. */
    LWMSG_STATUS_PEER_CLOSE = 19,
    /** The other side ended the association because of an error. */
    LWMSG_STATUS_PEER_ABORT = 20,
    /** The other side has forgotten the session. */
    LWMSG_STATUS_SESSION_LOST = 21,
    /** This object cannot do that. */
    LWMSG_STATUS_UNSUPPORTED = 22,
    /** No such handle, or of another type or place. */
    LWMSG_STATUS_INVALID_HANDLE = 23,
    /** An operation of the same kind is in progress, or a name is taken. */
    LWMSG_STATUS_BUSY = 24,
    /** In progress; the result comes later. */
    LWMSG_STATUS_PENDING = 25,
    /** A contradiction inside the library. */
    LWMSG_STATUS_INTERNAL = 26,
    /** A limit of the system or the process is reached. */
    LWMSG_STATUS_RESOURCE_LIMIT = 27,
    /** The room offered is too small. */
    LWMSG_STATUS_BUFFER_TOO_SMALL = 28,
    /** How many there are. */
    LWMSG_STATUS_COUNT
} LWMsgStatus;

#endif
