/* wslay: WebSocket (RFC 6455) framing over callbacks. Part of relink; MIT OR Apache-2.0.
 *
 * Two interfaces: the frame API (wslay_frame_) sends and receives single frames; the event API
 * (wslay_event_) is one end of a connection, with messages, control frames and the closing handshake.
 * Neither opens, reads or closes anything by itself: callbacks do. No function changes errno.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef WSLAY_H
#define WSLAY_H

#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>

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


/**
 * State of the event API for one end of one connection. Opaque.
 */
struct wslay_event_context;

/**
 * State of the frame API for one direction, or both, of one connection. Opaque.
 */
struct wslay_frame_context;

/**
 * Handle of the frame API. Used by one thread at a time.
 */
typedef struct wslay_frame_context *wslay_frame_context_ptr;

/**
 * Sends up to `len` bytes at `data`.
 *
 * `flags` is 0 or WSLAY_MSG_MORE, which says that more data follows at once.
 *
 * Returns the number of bytes taken, at least 1, or -1 when none can be taken now.
 */
typedef ssize_t (*wslay_frame_send_callback)(const uint8_t *data,
                                             size_t len,
                                             int flags,
                                             void *user_data);

/**
 * Receives at most `len` bytes into `buf`. `flags` is always 0.
 *
 * Returns the number of bytes stored, at least 1, or -1 when there are none now. More than `len` is
 * refused with WSLAY_ERR_INVALID_CALLBACK.
 */
typedef ssize_t (*wslay_frame_recv_callback)(uint8_t *buf, size_t len, int flags, void *user_data);

/**
 * Fills `buf` with `len` (always 4) bytes of a masking key, which a peer must not be able to predict
 * (RFC 6455, section 10.3).
 *
 * Returns 0, or -1 on failure.
 */
typedef int (*wslay_frame_genmask_callback)(uint8_t *buf, size_t len, void *user_data);

/**
 * Callbacks of the frame API. Copied by wslay_frame_context_init. A member may be NULL as long as no
 * call needs it; one that does then returns WSLAY_ERR_INVALID_CALLBACK.
 */
struct wslay_frame_callbacks {
    /**
     * Needed by wslay_frame_send.
     */
    wslay_frame_send_callback send_callback;
    /**
     * Needed by wslay_frame_recv.
     */
    wslay_frame_recv_callback recv_callback;
    /**
     * Needed to send masked frames.
     */
    wslay_frame_genmask_callback genmask_callback;
};

/**
 * A frame, or a part of one, given to wslay_frame_send or filled in by wslay_frame_recv.
 */
struct wslay_frame_iocb {
    /**
     * 1 for the last frame of a message, 0 otherwise.
     */
    uint8_t fin;
    /**
     * Three reserved bits: RSV1 is 4, RSV2 is 2, RSV3 is 1.
     */
    uint8_t rsv;
    /**
     * 4 bits of opcode.
     */
    uint8_t opcode;
    /**
     * Length of the whole frame's payload in bytes, below 2^63.
     */
    uint64_t payload_length;
    /**
     * Not 0 for a masked frame.
     */
    uint8_t mask;
    /**
     * Part of the payload. After wslay_frame_recv it points into the context, is unmasked, and is valid
     * until the next wslay_frame_recv or wslay_frame_context_free.
     */
    const uint8_t *data;
    /**
     * Length of that part in bytes.
     */
    size_t data_length;
};

/**
 * Handle of the event API. Used by one thread at a time.
 */
typedef struct wslay_event_context *wslay_event_context_ptr;

/**
 * Receives at most `len` bytes into `buf`. `flags` is always 0.
 *
 * Returns the number of bytes stored. When there are none now: sets WSLAY_ERR_WOULDBLOCK with
 * wslay_event_set_error and returns -1. When there will be no more, or on failure: sets
 * WSLAY_ERR_CALLBACK_FAILURE and returns -1.
 */
typedef ssize_t (*wslay_event_recv_callback)(wslay_event_context_ptr ctx,
                                             uint8_t *buf,
                                             size_t len,
                                             int flags,
                                             void *user_data);

/**
 * Sends up to `len` bytes at `data`. `flags` is 0 or WSLAY_MSG_MORE, which says that more data follows
 * at once.
 *
 * Returns the number of bytes taken. When none can be taken now: sets WSLAY_ERR_WOULDBLOCK with
 * wslay_event_set_error and returns -1. On failure: sets WSLAY_ERR_CALLBACK_FAILURE and returns -1.
 */
typedef ssize_t (*wslay_event_send_callback)(wslay_event_context_ptr ctx,
                                             const uint8_t *data,
                                             size_t len,
                                             int flags,
                                             void *user_data);

/**
 * Fills `buf` with `len` (always 4) bytes of a masking key, which a peer must not be able to predict.
 * Needed by clients that send.
 *
 * Returns 0, or -1 on failure.
 */
typedef int (*wslay_event_genmask_callback)(wslay_event_context_ptr ctx,
                                            uint8_t *buf,
                                            size_t len,
                                            void *user_data);

/**
 * The start of a frame, as wslay_event_on_frame_recv_start_callback gets it.
 */
struct wslay_event_on_frame_recv_start_arg {
    /**
     * 1 for the last frame of a message, 0 otherwise.
     */
    uint8_t fin;
    /**
     * Reserved bits.
     */
    uint8_t rsv;
    /**
     * The frame's own opcode: 0 for a continuation.
     */
    uint8_t opcode;
    /**
     * Length of the frame's payload in bytes.
     */
    uint64_t payload_length;
};

/**
 * Called once for each frame, when its header and, unless it is empty, its first payload bytes have
 * arrived.
 */
typedef void (*wslay_event_on_frame_recv_start_callback)(wslay_event_context_ptr ctx,
                                                         const struct wslay_event_on_frame_recv_start_arg *arg,
                                                         void *user_data);

/**
 * A piece of payload, as wslay_event_on_frame_recv_chunk_callback gets it.
 */
struct wslay_event_on_frame_recv_chunk_arg {
    /**
     * Unmasked bytes, valid during the callback.
     */
    const uint8_t *data;
    /**
     * How many there are. 0 for an empty frame.
     */
    size_t data_length;
};

/**
 * Called for each piece of payload as it arrives, at most 4096 bytes at a time. The text of a piece
 * is valid UTF-8 so far, but may end within a character.
 */
typedef void (*wslay_event_on_frame_recv_chunk_callback)(wslay_event_context_ptr ctx,
                                                         const struct wslay_event_on_frame_recv_chunk_arg *arg,
                                                         void *user_data);

/**
 * Called when the last byte of a frame has been processed.
 */
typedef void (*wslay_event_on_frame_recv_end_callback)(wslay_event_context_ptr ctx, void *user_data);

/**
 * A complete message, as wslay_event_on_msg_recv_callback gets it.
 */
struct wslay_event_on_msg_recv_arg {
    /**
     * Reserved bits of the message's first frame.
     */
    uint8_t rsv;
    /**
     * Opcode of the message's first frame.
     */
    uint8_t opcode;
    /**
     * The message, not terminated, valid during the callback. NULL when it is empty, or when it was not
     * buffered (wslay_event_config_set_no_buffering).
     */
    const uint8_t *msg;
    /**
     * Length of msg in bytes. For a close frame that includes the 2 bytes of status code.
     */
    size_t msg_length;
    /**
     * Status code of a close frame, 0 if it has none and for every other message.
     */
    uint16_t status_code;
};

/**
 * Called for each complete message, control messages included. The answer to a ping or close is queued
 * already when it is called.
 */
typedef void (*wslay_event_on_msg_recv_callback)(wslay_event_context_ptr ctx,
                                                 const struct wslay_event_on_msg_recv_arg *arg,
                                                 void *user_data);

/**
 * Callbacks of the event API. Copied when they are set. A member may be NULL: the on_ callbacks are
 * then skipped, and a call that needs another one fails with WSLAY_ERR_CALLBACK_FAILURE.
 *
 * What a callback may do with the context: everything but wslay_event_recv from within it and
 * wslay_event_send or wslay_event_write from within them, which return 0 and do nothing.
 * wslay_event_context_free takes effect when the outermost call returns, which it does with
 * WSLAY_ERR_CALLBACK_FAILURE. C++ exceptions and longjmp may leave a callback.
 */
struct wslay_event_callbacks {
    /**
     * Needed by wslay_event_recv.
     */
    wslay_event_recv_callback recv_callback;
    /**
     * Needed by wslay_event_send.
     */
    wslay_event_send_callback send_callback;
    /**
     * Needed by clients to send.
     */
    wslay_event_genmask_callback genmask_callback;
    /**
     * Optional.
     */
    wslay_event_on_frame_recv_start_callback on_frame_recv_start_callback;
    /**
     * Optional.
     */
    wslay_event_on_frame_recv_chunk_callback on_frame_recv_chunk_callback;
    /**
     * Optional.
     */
    wslay_event_on_frame_recv_end_callback on_frame_recv_end_callback;
    /**
     * Optional.
     */
    wslay_event_on_msg_recv_callback on_msg_recv_callback;
};

/**
 * A message to send, as wslay_event_queue_msg takes it.
 */
struct wslay_event_msg {
    /**
     * Opcode of the message.
     */
    uint8_t opcode;
    /**
     * The payload, copied by the call. May be NULL when msg_length is 0.
     */
    const uint8_t *msg;
    /**
     * Length of the payload in bytes.
     */
    size_t msg_length;
};

/**
 * What a fragmented message is read from: the program's own, handed to the read callback.
 */
union wslay_event_msg_source {
    /**
     * A descriptor.
     */
    int fd;
    /**
     * A pointer.
     */
    void *data;
};

/**
 * Reads at most `len` bytes of a fragmented message into `buf`.
 *
 * `source` points to the library's copy of what was queued, until the message is finished.
 *
 * Returns the number of bytes stored, and sets `*eof` to 1 with the last of them or after them. 0
 * without eof means none now. On failure: sets WSLAY_ERR_CALLBACK_FAILURE with wslay_event_set_error and
 * returns -1.
 */
typedef ssize_t (*wslay_event_fragmented_msg_callback)(wslay_event_context_ptr ctx,
                                                       uint8_t *buf,
                                                       size_t len,
                                                       const union wslay_event_msg_source *source,
                                                       int *eof,
                                                       void *user_data);

/**
 * A message whose length is not known yet, as wslay_event_queue_fragmented_msg takes it.
 */
struct wslay_event_fragmented_msg {
    /**
     * Opcode of the message; control messages cannot be fragmented.
     */
    uint8_t opcode;
    /**
     * Copied by the call; what it points to stays the program's.
     */
    union wslay_event_msg_source source;
    /**
     * Called from wslay_event_send and wslay_event_write for the next piece.
     */
    wslay_event_fragmented_msg_callback read_callback;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Creates a frame context with a copy of callbacks, for one connection, and stores it in *ctx. The caller
 * frees it with wslay_frame_context_free.
 *
 * Returns 0, WSLAY_ERR_INVALID_ARGUMENT when ctx or callbacks is NULL, or WSLAY_ERR_NOMEM; *ctx is then
 * NULL.
 */
int wslay_frame_context_init(wslay_frame_context_ptr *ctx,
                             const struct wslay_frame_callbacks *callbacks,
                             void *user_data);

/**
 * Frees a frame context. NULL is accepted.
 */
void wslay_frame_context_free(wslay_frame_context_ptr ctx);

/**
 * Sends the part of a frame that iocb offers, through send_callback. The header is sent before the first
 * part; the payload of one frame may be given in several calls, and must add up to payload_length.
 *
 * Returns the number of payload bytes taken, which may be fewer than offered and is 0 for an empty
 * payload: the caller advances data and calls again. Or WSLAY_ERR_WANT_WRITE when nothing was taken,
 * WSLAY_ERR_INVALID_ARGUMENT for a frame that cannot be (a control frame longer than 125 bytes, more data
 * than payload_length), or WSLAY_ERR_INVALID_CALLBACK when a callback is missing, fails to make a key,
 * claims more than it was offered, or sends on ctx itself. *iocb is never changed.
 */
ssize_t wslay_frame_send(wslay_frame_context_ptr ctx,
                         struct wslay_frame_iocb *iocb);

/**
 * As wslay_frame_send, but writes to the buflen bytes at buf instead of calling send_callback. A header is
 * begun only when it fits as a whole. *pwpayloadlen is set to the number of payload bytes written.
 *
 * Returns the number of bytes written, header included, 0 when there is not enough room, or an error as
 * wslay_frame_send does.
 */
ssize_t wslay_frame_write(wslay_frame_context_ptr ctx,
                          struct wslay_frame_iocb *iocb,
                          uint8_t *buf,
                          size_t buflen,
                          size_t *pwpayloadlen);

/**
 * Receives the next piece of a frame, through recv_callback, and describes it in *iocb. A frame is complete
 * when its pieces add up to payload_length; a frame without payload gives one empty piece.
 *
 * Returns the length of the piece in bytes, at most 4096. Or WSLAY_ERR_WANT_READ when input is missing
 * (recv_callback is called once for each part of a header, so there may be more to read),
 * WSLAY_ERR_PROTO, now and ever after, when what came is no sequence of frames, or
 * WSLAY_ERR_INVALID_CALLBACK when recv_callback is missing, claims more than it was offered, or receives on
 * ctx itself. *iocb is changed by a success only.
 */
ssize_t wslay_frame_recv(wslay_frame_context_ptr ctx,
                         struct wslay_frame_iocb *iocb);

/**
 * Creates the context of a server's end of one connection, with a copy of callbacks, and stores it in *ctx.
 * The opening handshake is the program's affair. The caller frees it with wslay_event_context_free.
 *
 * Returns 0, WSLAY_ERR_INVALID_ARGUMENT when ctx or callbacks is NULL, or WSLAY_ERR_NOMEM; *ctx is then
 * NULL.
 */
int wslay_event_context_server_init(wslay_event_context_ptr *ctx,
                                    const struct wslay_event_callbacks *callbacks,
                                    void *user_data);

/**
 * Creates the context of a client's end of one connection. Otherwise as wslay_event_context_server_init.
 */
int wslay_event_context_client_init(wslay_event_context_ptr *ctx,
                                    const struct wslay_event_callbacks *callbacks,
                                    void *user_data);

/**
 * Frees a context with everything queued; nothing is sent and no callback is called. NULL is accepted.
 *
 * From within a callback of the same context: no further callback is called, the memory goes when the
 * outermost call on the context has returned, and each call in progress returns
 * WSLAY_ERR_CALLBACK_FAILURE.
 */
void wslay_event_context_free(wslay_event_context_ptr ctx);

/**
 * Allows reserved bits, as WSLAY_RSV1_BIT, in the messages received and queued. Only RSV1 can be allowed;
 * other bits in rsv are ignored. Text with RSV1 is not checked for UTF-8, because it is compressed.
 */
void wslay_event_config_set_allowed_rsv_bits(wslay_event_context_ptr ctx,
                                             uint8_t rsv);

/**
 * With val other than 0, payload of data messages is not collected: it is only seen by
 * on_frame_recv_chunk_callback. A message under way keeps the mode it began with.
 */
void wslay_event_config_set_no_buffering(wslay_event_context_ptr ctx, int val);

/**
 * Sets the longest message accepted, in bytes; 2147483647 unless set. A longer one is answered with close
 * code 1009. Without buffering the limit is one of each frame.
 */
void wslay_event_config_set_max_recv_msg_length(wslay_event_context_ptr ctx,
                                                uint64_t val);

/**
 * Replaces the callbacks, from the next one called on.
 */
void wslay_event_config_set_callbacks(wslay_event_context_ptr ctx,
                                      const struct wslay_event_callbacks *callbacks);

/**
 * Receives and processes frames until there is no more input: calls recv_callback, the on_ callbacks, and
 * queues the answers to pings and close frames. Blocks only if recv_callback does.
 *
 * Returns 0; also when the peer broke a rule and a close frame was queued, and when reading is disabled.
 * Or WSLAY_ERR_CALLBACK_FAILURE when a callback failed, the framing itself was broken, or the context was
 * freed by a callback; WSLAY_ERR_NOMEM; WSLAY_ERR_INVALID_ARGUMENT when ctx is NULL. Reading is disabled
 * after an error, and the connection should be closed.
 */
int wslay_event_recv(wslay_event_context_ptr ctx);

/**
 * Sends queued messages through send_callback until none is left or no more is taken. Control messages go
 * first, also between the frames of a fragmented message. Blocks only if a callback does.
 *
 * Returns 0, also when writing is disabled. Or WSLAY_ERR_CALLBACK_FAILURE when a callback failed or the
 * context was freed by one: writing is then disabled, and the connection should be closed;
 * WSLAY_ERR_INVALID_ARGUMENT when ctx is NULL.
 */
int wslay_event_send(wslay_event_context_ptr ctx);

/**
 * As wslay_event_send, but writes to the buflen bytes at buf instead of calling send_callback; several
 * messages may go to one buffer. buflen should be at least 14, so that any header fits.
 *
 * Returns the number of bytes written, which may be 0, or an error as wslay_event_send does.
 */
ssize_t wslay_event_write(wslay_event_context_ptr ctx,
                          uint8_t *buf,
                          size_t buflen);

/**
 * Tells why a callback made no progress: WSLAY_ERR_WOULDBLOCK for "not now", anything else for failure.
 * The value stays until it is set anew; it is 0 at first and before each on_msg_recv_callback.
 */
void wslay_event_set_error(wslay_event_context_ptr ctx,
                           int val);

/**
 * Returns 1 when the context wants input, otherwise 0. The same as wslay_event_get_read_enabled.
 */
int wslay_event_want_read(wslay_event_context_ptr ctx);

/**
 * Returns 1 when there is something to send and writing is enabled, otherwise 0.
 */
int wslay_event_want_write(wslay_event_context_ptr ctx);

/**
 * Disables reading for good. Nothing is sent to the peer.
 */
void wslay_event_shutdown_read(wslay_event_context_ptr ctx);

/**
 * Disables writing for good. Queued messages stay queued and are never sent.
 */
void wslay_event_shutdown_write(wslay_event_context_ptr ctx);

/**
 * Returns 1 while reading is enabled, otherwise 0.
 */
int wslay_event_get_read_enabled(wslay_event_context_ptr ctx);

/**
 * Returns 1 while writing is enabled, otherwise 0.
 */
int wslay_event_get_write_enabled(wslay_event_context_ptr ctx);

/**
 * Returns 1 when a close frame has been received, otherwise 0.
 */
int wslay_event_get_close_received(wslay_event_context_ptr ctx);

/**
 * Returns 1 when a close frame has been sent, otherwise 0.
 */
int wslay_event_get_close_sent(wslay_event_context_ptr ctx);

/**
 * Returns the status code of the close frame received: 1005 when it had none,
 * WSLAY_CODE_ABNORMAL_CLOSURE (1006) when there was no close frame.
 */
uint16_t wslay_event_get_status_code_received(wslay_event_context_ptr ctx);

/**
 * Returns the status code of the close frame sent, as wslay_event_get_status_code_received does.
 */
uint16_t wslay_event_get_status_code_sent(wslay_event_context_ptr ctx);

/**
 * Returns how many messages are queued or being sent.
 */
size_t wslay_event_get_queued_msg_count(wslay_event_context_ptr ctx);

/**
 * Returns the sum of the lengths in bytes of the messages that are queued or being sent, fragmented ones
 * left out. The queue has no limit of its own.
 */
size_t wslay_event_get_queued_msg_length(wslay_event_context_ptr ctx);

/**
 * Queues a message with a copy of its payload. Text is not checked. A close frame is better queued with
 * wslay_event_queue_close.
 *
 * Returns 0, WSLAY_ERR_NO_MORE_MSG when writing is disabled or a close frame is queued,
 * WSLAY_ERR_INVALID_ARGUMENT for a control message longer than 125 bytes or a NULL pointer, or
 * WSLAY_ERR_NOMEM.
 */
int wslay_event_queue_msg(wslay_event_context_ptr ctx,
                          const struct wslay_event_msg *arg);

/**
 * As wslay_event_queue_msg, with reserved bits in rsv. They have to be allowed with
 * wslay_event_config_set_allowed_rsv_bits, otherwise the result is WSLAY_ERR_INVALID_ARGUMENT.
 */
int wslay_event_queue_msg_ex(wslay_event_context_ptr ctx,
                             const struct wslay_event_msg *arg,
                             uint8_t rsv);

/**
 * Queues a message whose payload is read with arg->read_callback while it is sent, a frame of at most 4096
 * bytes at a time. What arg->source points to must stay valid until the message has been sent or the
 * context is freed.
 *
 * Returns 0, WSLAY_ERR_NO_MORE_MSG when writing is disabled or a close frame is queued,
 * WSLAY_ERR_INVALID_ARGUMENT for a control opcode or a NULL pointer, or WSLAY_ERR_NOMEM.
 */
int wslay_event_queue_fragmented_msg(wslay_event_context_ptr ctx,
                                     const struct wslay_event_fragmented_msg *arg);

/**
 * As wslay_event_queue_fragmented_msg, with reserved bits in rsv. RSV1 is set in the first frame only.
 */
int wslay_event_queue_fragmented_msg_ex(wslay_event_context_ptr ctx,
                                        const struct wslay_event_fragmented_msg *arg,
                                        uint8_t rsv);

/**
 * Queues a close frame with status_code and the reason_length bytes of UTF-8 at reason, at most 123. With
 * status_code 0 the frame is empty. No message can be queued after it, and messages still queued are not
 * sent any more.
 *
 * Returns 0, WSLAY_ERR_NO_MORE_MSG when writing is disabled or a close frame is queued,
 * WSLAY_ERR_INVALID_ARGUMENT for a reason that is too long or NULL, or WSLAY_ERR_NOMEM.
 */
int wslay_event_queue_close(wslay_event_context_ptr ctx,
                            uint16_t status_code,
                            const uint8_t *reason,
                            size_t reason_length);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* WSLAY_H */
