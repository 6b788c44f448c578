
/*
 * WSLAY_VERSION. A program that brings its own value is left with it.
 */
#ifndef WSLAY_VERSION
#include <wslay/wslayver.h>
#endif

/*
 * Error codes. Functions document which they return.
 */
enum wslay_error {
    /* More input is needed. */
    WSLAY_ERR_WANT_READ = -100,
    /* Output was not, or not completely, taken. */
    WSLAY_ERR_WANT_WRITE = -101,
    /* The peer sent what no peer may send. */
    WSLAY_ERR_PROTO = -200,
    /* An argument is unusable. */
    WSLAY_ERR_INVALID_ARGUMENT = -300,
    /* A callback is missing or returned what it may not. */
    WSLAY_ERR_INVALID_CALLBACK = -301,
    /* No more messages can be queued. */
    WSLAY_ERR_NO_MORE_MSG = -302,
    /* A callback failed for good. */
    WSLAY_ERR_CALLBACK_FAILURE = -400,
    /* Set by a callback with wslay_event_set_error: nothing can be read or written now. */
    WSLAY_ERR_WOULDBLOCK = -401,
    /* Out of memory. */
    WSLAY_ERR_NOMEM = -500
};

/*
 * Status codes of close frames (RFC 6455, section 7.4.1).
 */
enum wslay_status_code {
    WSLAY_CODE_NORMAL_CLOSURE = 1000,
    WSLAY_CODE_GOING_AWAY = 1001,
    WSLAY_CODE_PROTOCOL_ERROR = 1002,
    WSLAY_CODE_UNSUPPORTED_DATA = 1003,
    WSLAY_CODE_NO_STATUS_RCVD = 1005,
    WSLAY_CODE_ABNORMAL_CLOSURE = 1006,
    WSLAY_CODE_INVALID_FRAME_PAYLOAD_DATA = 1007,
    WSLAY_CODE_POLICY_VIOLATION = 1008,
    WSLAY_CODE_MESSAGE_TOO_BIG = 1009,
    WSLAY_CODE_MANDATORY_EXT = 1010,
    WSLAY_CODE_INTERNAL_SERVER_ERROR = 1011,
    WSLAY_CODE_TLS_HANDSHAKE = 1015
};

/*
 * Flags of the send callbacks.
 */
enum wslay_io_flags {
    /* More data follows at once, as with MSG_MORE of send(2). */
    WSLAY_MSG_MORE = 1
};

/*
 * Opcodes (RFC 6455, section 11.8).
 */
enum wslay_opcode {
    WSLAY_CONTINUATION_FRAME = 0x0u,
    WSLAY_TEXT_FRAME = 0x1u,
    WSLAY_BINARY_FRAME = 0x2u,
    WSLAY_CONNECTION_CLOSE = 0x8u,
    WSLAY_PING = 0x9u,
    WSLAY_PONG = 0xau
};

/**
 * 1 for the opcode of a control frame, otherwise 0.
 */
#define wslay_is_ctrl_frame(opcode) (((opcode) >> 3) & 1)

/**
 * One of the three reserved bits of a frame, 0 or 1.
 */
#define wslay_get_rsv1(rsv) (((rsv) >> 2) & 1)
#define wslay_get_rsv2(rsv) (((rsv) >> 1) & 1)
#define wslay_get_rsv3(rsv) ((rsv) & 1)

/*
 * Reserved bits as functions take them.
 */
#define WSLAY_RSV_NONE ((uint8_t)0)
#define WSLAY_RSV1_BIT (((uint8_t)1) << 2)
#define WSLAY_RSV2_BIT (((uint8_t)1) << 1)
#define WSLAY_RSV3_BIT (((uint8_t)1) << 0)
