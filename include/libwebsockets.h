/* libwebsockets of the libwebsocket_* years: a WebSocket and HTTP server and client. Part of relink; MIT OR Apache-2.0.
 *
 * A context is a set of connections, and at most one of them listens. The program makes it with a table of protocols,
 * serves it by libwebsocket_service() or in a poll loop of its own, and hears of everything by callbacks. A context is
 * used by one thread; what may be called by others says so. NULL for a context or a connection is accepted everywhere,
 * and does nothing.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef __LIBWEBSOCKET_H__
#define __LIBWEBSOCKET_H__


#ifdef __cplusplus
#include <cstddef>
#else
#include <stddef.h>
#endif
#include <assert.h>
#include <poll.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef LWS_EXTERN
#define LWS_EXTERN extern
#endif

/*
 * The port of a context that does not listen.
 */
#define CONTEXT_PORT_NO_LISTEN 0

#define MAX_MUX_RECURSION 2

/*
 * What libwebsocket_write() needs before and after a message, in bytes:
 *
 *   unsigned char buf[LWS_SEND_BUFFER_PRE_PADDING + 128 + LWS_SEND_BUFFER_POST_PADDING];
 *   libwebsocket_write(wsi, &buf[LWS_SEND_BUFFER_PRE_PADDING], 128, LWS_WRITE_TEXT);
 */
#define LWS_SEND_BUFFER_PRE_PADDING (4 + 10 + (2 * MAX_MUX_RECURSION))
#define LWS_SEND_BUFFER_POST_PADDING 4

/*
 * Kinds of lines in the log, a bit each; see lws_set_log_level().
 */
enum lws_log_levels {
    LLL_ERR = 1 << 0,
    LLL_WARN = 1 << 1,
    LLL_NOTICE = 1 << 2,
    LLL_INFO = 1 << 3,
    LLL_DEBUG = 1 << 4,
    LLL_PARSER = 1 << 5,
    LLL_HEADER = 1 << 6,
    LLL_EXT = 1 << 7,
    LLL_CLIENT = 1 << 8,
    LLL_LATENCY = 1 << 9,

    /* How many there are. */
    LLL_COUNT = 10
};

/*
 * Logs a line, formatted as by printf() and cut to 255 characters, if one of the kinds in `filter` is wanted. The line
 * ends with a newline of the program's.
 */
LWS_EXTERN void _lws_log(int filter, const char *format, ...);

#define lwsl_err(...) _lws_log(LLL_ERR, __VA_ARGS__)
#define lwsl_warn(...) _lws_log(LLL_WARN, __VA_ARGS__)
#define lwsl_notice(...) _lws_log(LLL_NOTICE, __VA_ARGS__)

/*
 * These are for those who are looking for something: they are there when the program is compiled with _DEBUG.
 */
#ifdef _DEBUG
#define lwsl_info(...) _lws_log(LLL_INFO, __VA_ARGS__)
#define lwsl_debug(...) _lws_log(LLL_DEBUG, __VA_ARGS__)
#define lwsl_parser(...) _lws_log(LLL_PARSER, __VA_ARGS__)
#define lwsl_header(...) _lws_log(LLL_HEADER, __VA_ARGS__)
#define lwsl_ext(...) _lws_log(LLL_EXT, __VA_ARGS__)
#define lwsl_client(...) _lws_log(LLL_CLIENT, __VA_ARGS__)
#define lwsl_latency(...) _lws_log(LLL_LATENCY, __VA_ARGS__)
/* Logs bytes in hexadecimal and as text, at LLL_DEBUG. */
LWS_EXTERN void lwsl_hexdump(void *buf, size_t len);
#else
#define lwsl_info(...)
#define lwsl_debug(...)
#define lwsl_parser(...)
#define lwsl_header(...)
#define lwsl_ext(...)
#define lwsl_client(...)
#define lwsl_latency(...)
#define lwsl_hexdump(a, b)
#endif

/*
 * lws_context_creation_info.options.
 */
enum libwebsocket_context_options {
    /* TLS clients need a certificate that the program accepts. */
    LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT = 2,
    /* The host's name is not asked for. */
    LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME = 4
};

/*
 * Why a protocol's callback is called. Unless it says otherwise, the protocol is the connection's own, `user` its memory,
 * and what the callback returns does not matter.
 */
enum libwebsocket_callback_reasons {
    /* A client has connected to us. */
    LWS_CALLBACK_ESTABLISHED = 0,
    /* Our connection to a server failed before it was established. Its handle is of no use any more. */
    LWS_CALLBACK_CLIENT_CONNECTION_ERROR = 1,
    /* A server has answered, and its headers can be read. Not 0 ends the connection. */
    LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH = 2,
    /* We have connected to a server. */
    LWS_CALLBACK_CLIENT_ESTABLISHED = 3,
    /* The connection has ended. Its descriptor is still open; its handle is of no use afterwards. */
    LWS_CALLBACK_CLOSED = 4,
    /* Payload from a client: `len` bytes at `in`, and a NUL. At most rx_buffer_size of them, unless an extension made
     * them; LWS_SEND_BUFFER_PRE_PADDING bytes before them may be written on. Less than 0 ends the connection. */
    LWS_CALLBACK_RECEIVE = 5,
    /* Payload from a server, in the same way. */
    LWS_CALLBACK_CLIENT_RECEIVE = 6,
    /* A pong from a server, with the payload of our ping. */
    LWS_CALLBACK_CLIENT_RECEIVE_PONG = 7,
    /* The connection takes more, as libwebsocket_callback_on_writable() asked. Less than 0 ends it. */
    LWS_CALLBACK_CLIENT_WRITEABLE = 8,
    LWS_CALLBACK_SERVER_WRITEABLE = 9,
    /* To the first protocol: an HTTP request for the `len` bytes at `in`, as the client sent them, with a query. Not 0
     * ends the connection. */
    LWS_CALLBACK_HTTP = 10,
    /* To the first protocol: a file has been sent. Not 0 ends the connection. */
    LWS_CALLBACK_HTTP_FILE_COMPLETION = 11,
    /* To the first protocol: an HTTP connection takes more. Less than 0 ends it. */
    LWS_CALLBACK_HTTP_WRITEABLE = 12,
    /* To the first protocol, on the listener: `in` is the descriptor of an accepted connection. Not 0 refuses it. */
    LWS_CALLBACK_FILTER_NETWORK_CONNECTION = 13,
    /* A client asks for a WebSocket connection, and its headers can be read; `user` is the text of its
     * Sec-WebSocket-Protocol, or NULL. Not 0 refuses it. */
    LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION = 14,
    /* To the first protocol, without connection: `user` is the clients' SSL_CTX, to be added to. */
    LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS = 15,
    /* To the first protocol, without connection: `user` is the server's SSL_CTX, to be added to. */
    LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS = 16,
    /* To the first protocol, without connection or context: a client's certificate. `user` is the X509_STORE_CTX, `in`
     * the SSL, `len` what OpenSSL thinks: 1 is fine. 0 accepts it. */
    LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION = 17,
    /* To the first protocol, `user` is NULL: `in` is a char ** to the end of our request, which has room for `len` bytes.
     * Write whole lines there, and move it behind them. */
    LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER = 18,
    /* To the first protocol: a client asks for the extension that `in` names. Not 0 declines it. */
    LWS_CALLBACK_CONFIRM_EXTENSION_OKAY = 19,
    /* To the first protocol: we could ask a server for the extension that `in` names. Not 0 does not. */
    LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED = 20,
    /* Without connection: the context has been made, or is about to go. */
    LWS_CALLBACK_PROTOCOL_INIT = 21,
    LWS_CALLBACK_PROTOCOL_DESTROY = 22,
    /* To the first protocol, for poll loops of the program's own: `in` is a descriptor, `len` bits of poll(). Poll for
     * them; not at all; for these as well; not for these. */
    LWS_CALLBACK_ADD_POLL_FD = 23,
    LWS_CALLBACK_DEL_POLL_FD = 24,
    LWS_CALLBACK_SET_MODE_POLL_FD = 25,
    LWS_CALLBACK_CLEAR_MODE_POLL_FD = 26
};

#ifndef LWS_NO_EXTENSIONS
/*
 * Why an extension's callback is called: hooks.
 */
enum libwebsocket_extension_callback_reasons {
    /* A context has been made, or is about to go, without connection. */
    LWS_EXT_CALLBACK_SERVER_CONTEXT_CONSTRUCT = 0,
    LWS_EXT_CALLBACK_CLIENT_CONTEXT_CONSTRUCT = 1,
    LWS_EXT_CALLBACK_SERVER_CONTEXT_DESTRUCT = 2,
    LWS_EXT_CALLBACK_CLIENT_CONTEXT_DESTRUCT = 3,
    /* The extension is active on this connection from now on. `user` is its zeroed memory there, here and below. */
    LWS_EXT_CALLBACK_CONSTRUCT = 4,
    LWS_EXT_CALLBACK_CLIENT_CONSTRUCT = 5,
    /* Not 0 keeps the connection open. */
    LWS_EXT_CALLBACK_CHECK_OK_TO_REALLY_CLOSE = 6,
    /* To every extension: not 0 keeps the one that `in` names from being proposed. */
    LWS_EXT_CALLBACK_CHECK_OK_TO_PROPOSE_EXTENSION = 7,
    /* The connection ends. */
    LWS_EXT_CALLBACK_DESTROY = 8,
    /* To every extension: a connection ends. */
    LWS_EXT_CALLBACK_DESTROY_ANY_WSI_CLOSING = 9,
    /* To every extension: a client's connection is established. */
    LWS_EXT_CALLBACK_ANY_WSI_ESTABLISHED = 10,
    /* Bytes were read: `in` is a struct lws_tokens, which may be replaced. More than 0: call again, with none. */
    LWS_EXT_CALLBACK_PACKET_RX_PREPARSE = 11,
    /* A data frame is ready: as above. */
    LWS_EXT_CALLBACK_PACKET_TX_PRESEND = 12,
    /* Bytes are to be sent: `in` is an unsigned char **, `len` how many. More than 0: the extension has sent them. */
    LWS_EXT_CALLBACK_PACKET_TX_DO_SEND = 13,
    /* The response to a client's request is ready. Not 0: the extension has sent it. */
    LWS_EXT_CALLBACK_HANDSHAKE_REPLY_TX = 14,
    /* The connection ends: what is held back may go, as in PACKET_RX_PREPARSE. */
    LWS_EXT_CALLBACK_FLUSH_PENDING_TX = 15,
    /* Payload of a frame with an unknown opcode, in a struct lws_tokens. Not 0: it is the extension's. */
    LWS_EXT_CALLBACK_EXTENDED_PAYLOAD_RX = 16,
    /* To every extension, `user` is its index: not 0 connects in the library's place to `in`, port `len`. */
    LWS_EXT_CALLBACK_CAN_PROXY_CLIENT_CONNECTION = 17,
    /* A second has passed. */
    LWS_EXT_CALLBACK_1HZ = 18,
    /* A writeable callback is wanted. Not 0: the extension takes care of it. */
    LWS_EXT_CALLBACK_REQUEST_ON_WRITEABLE = 19,
    /* There is room to write. 1: straight to the program; 2: to the program, without sending what is held back. */
    LWS_EXT_CALLBACK_IS_WRITEABLE = 20,
    /* Payload is to be framed, or has come: `in` is a struct lws_tokens, which may be replaced. Less than 0 fails. */
    LWS_EXT_CALLBACK_PAYLOAD_TX = 21,
    LWS_EXT_CALLBACK_PAYLOAD_RX = 22
};
#endif

/*
 * What libwebsocket_write() sends.
 */
enum libwebsocket_write_protocol {
    LWS_WRITE_TEXT = 0,
    LWS_WRITE_BINARY = 1,
    LWS_WRITE_CONTINUATION = 2,
    LWS_WRITE_HTTP = 3,
    LWS_WRITE_CLOSE = 4,
    LWS_WRITE_PING = 5,
    LWS_WRITE_PONG = 6,
    /* Flag: more of the message follows. */
    LWS_WRITE_NO_FIN = 0x40,
    /* Flag: has no effect. */
    LWS_WRITE_CLIENT_IGNORE_XOR_MASK = 0x80
};

/*
 * Bytes that a hook may replace by others of its own.
 */
struct lws_tokens {
    char *token;
    int token_len;
};

/*
 * Headers for lws_hdr_copy().
 */
enum lws_token_indexes {
    WSI_TOKEN_GET_URI = 0,
    WSI_TOKEN_HOST = 1,
    WSI_TOKEN_CONNECTION = 2,
    WSI_TOKEN_KEY1 = 3,
    WSI_TOKEN_KEY2 = 4,
    WSI_TOKEN_PROTOCOL = 5,
    WSI_TOKEN_UPGRADE = 6,
    WSI_TOKEN_ORIGIN = 7,
    WSI_TOKEN_DRAFT = 8,
    WSI_TOKEN_CHALLENGE = 9,
    WSI_TOKEN_KEY = 10,
    WSI_TOKEN_VERSION = 11,
    WSI_TOKEN_SWORIGIN = 12,
    WSI_TOKEN_EXTENSIONS = 13,
    WSI_TOKEN_ACCEPT = 14,
    WSI_TOKEN_NONCE = 15,
    WSI_TOKEN_HTTP = 16,
    WSI_TOKEN_MUXURL = 17,

    /* What a client asked for. */
    _WSI_TOKEN_CLIENT_SENT_PROTOCOLS = 18,
    _WSI_TOKEN_CLIENT_PEER_ADDRESS = 19,
    _WSI_TOKEN_CLIENT_URI = 20,
    _WSI_TOKEN_CLIENT_HOST = 21,
    _WSI_TOKEN_CLIENT_ORIGIN = 22,

    WSI_TOKEN_COUNT = 23,
    /* No headers. */
    WSI_TOKEN_NAME_PART = 24,
    WSI_TOKEN_SKIPPING = 25,
    WSI_TOKEN_SKIPPING_SAW_CR = 26,
    WSI_PARSING_COMPLETE = 27,
    WSI_INIT_TOKEN_MUXURL = 28
};

/*
 * Status codes of close frames (RFC 6455, section 7.4.1).
 */
enum lws_close_status {
    LWS_CLOSE_STATUS_NOSTATUS = 0,
    LWS_CLOSE_STATUS_NORMAL = 1000,
    LWS_CLOSE_STATUS_GOINGAWAY = 1001,
    LWS_CLOSE_STATUS_PROTOCOL_ERR = 1002,
    LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE = 1003,
    LWS_CLOSE_STATUS_RESERVED = 1004,
    LWS_CLOSE_STATUS_NO_STATUS = 1005,
    LWS_CLOSE_STATUS_ABNORMAL_CLOSE = 1006,
    LWS_CLOSE_STATUS_INVALID_PAYLOAD = 1007,
    LWS_CLOSE_STATUS_POLICY_VIOLATION = 1008,
    LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE = 1009,
    LWS_CLOSE_STATUS_EXTENSION_REQUIRED = 1010,
    LWS_CLOSE_STATUS_UNEXPECTED_CONDITION = 1011,
    LWS_CLOSE_STATUS_TLS_FAILURE = 1015
};

struct libwebsocket;
struct libwebsocket_context;
struct libwebsocket_extension;

/*
 * A protocol's callback, as a declaration to copy. There is no such function.
 */
LWS_EXTERN int callback(struct libwebsocket_context *context, struct libwebsocket *wsi,
                        enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len);

typedef int (callback_function)(struct libwebsocket_context *context, struct libwebsocket *wsi,
                                enum libwebsocket_callback_reasons reason, void *user, void *in,
                                size_t len);

#ifndef LWS_NO_EXTENSIONS
/*
 * An extension's callback, as a declaration to copy. There is no such function.
 */
LWS_EXTERN int extension_callback(struct libwebsocket_context *context,
                                  struct libwebsocket_extension *ext, struct libwebsocket *wsi,
                                  enum libwebsocket_extension_callback_reasons reason, void *user,
                                  void *in, size_t len);

typedef int (extension_callback_function)(struct libwebsocket_context *context,
                                          struct libwebsocket_extension *ext, struct libwebsocket *wsi,
                                          enum libwebsocket_extension_callback_reasons reason,
                                          void *user, void *in, size_t len);
#endif

/*
 * An entry of a table of protocols. The table ends with an entry whose callback is NULL. It is the program's, outlives the
 * context, and is for one context.
 */
struct libwebsocket_protocols {
    /* What Sec-WebSocket-Protocol says; NULL is for clients that say nothing. */
    const char *name;
    callback_function *callback;
    /* Zeroed memory for each connection, in bytes: `user` of callbacks. */
    size_t per_session_data_size;
    /* The most payload that one RECEIVE brings, in bytes; 0 is 4096. */
    size_t rx_buffer_size;

    /* Filled in by the library. */
    struct libwebsocket_context *owning_server;
    int protocol_index;
};

#ifndef LWS_NO_EXTENSIONS
/*
 * An entry of a table of extensions. The table ends with an entry whose callback is NULL.
 */
struct libwebsocket_extension {
    /* What Sec-WebSocket-Extensions says. */
    const char *name;
    extension_callback_function *callback;
    /* Zeroed memory for each connection that it is active on, in bytes. */
    size_t per_session_data_size;
    /* The extension's own. */
    void *per_context_private_data;
};
#endif

/*
 * What a context is made from. Zero it first; gid and uid are -1 not to change them.
 */
struct lws_context_creation_info {
    /* To listen on, or CONTEXT_PORT_NO_LISTEN. */
    int port;
    /* The name of the interface to listen on; NULL for all. */
    const char *iface;
    struct libwebsocket_protocols *protocols;
    /* NULL for none; libwebsocket_get_internal_extensions() for compression. */
    struct libwebsocket_extension *extensions;
    /* A PEM certificate chain and key: with both the listener speaks TLS. */
    const char *ssl_cert_filepath;
    const char *ssl_private_key_filepath;
    /* PEM certificates that clients trust; NULL for the system's folder of them. */
    const char *ssl_ca_filepath;
    /* OpenSSL's list of ciphers; NULL for its own. */
    const char *ssl_cipher_list;
    int gid;
    int uid;
    /* enum libwebsocket_context_options. */
    unsigned int options;
    /* For libwebsocket_context_user(). */
    void *user;
    /* Seconds without traffic before TCP asks whether the peer is there, 0 for never; how often; seconds between. */
    int ka_time;
    int ka_probes;
    int ka_interval;
};

#ifndef LWS_NO_EXTENSIONS
/*
 * Returns the built-in extensions, for lws_context_creation_info.extensions: two names of deflate-frame, and the end of the
 * table. A context that has one of them speaks permessage-deflate as well. The table is the library's, and may be changed
 * by the program before it makes a context.
 */
LWS_EXTERN struct libwebsocket_extension *libwebsocket_get_internal_extensions(void);
#endif

#ifdef __cplusplus
}
#endif


#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Chooses what is logged, and where to, for the whole process.
 *
 * `level` has a bit of `enum lws_log_levels` for each kind of line that is wanted; at first these are LLL_ERR, LLL_WARN
 * and LLL_NOTICE. `log_emit_function` gets each line with its kind; NULL leaves it as it is, at first standard error
 * with the time and the kind in front.
 */
LWS_EXTERN
void lws_set_log_level(int level,
                       void (*log_emit_function)(int level, const char *line));

/**
 * Gives a line to syslog(3), for lws_set_log_level(). Its kind decides on the priority.
 */
LWS_EXTERN void lwsl_emit_syslog(int level, const char *line);

/**
 * Makes a context with the settings of `info`, and begins to listen if they say so.
 *
 * The tables of protocols and extensions have to outlive the context; the rest of `info` is needed during the call only.
 * Callbacks for the first protocol run meanwhile: ADD_POLL_FD of the listener, and PROTOCOL_INIT of each protocol.
 *
 * Returns the context, which libwebsocket_context_destroy() ends, or NULL: the log says why.
 */
LWS_EXTERN
struct libwebsocket_context *libwebsocket_create_context(struct lws_context_creation_info *info);

/**
 * Closes every connection, without a word to their peers, and frees the context. Callbacks run: DEL_POLL_FD and CLOSED
 * of connections, and PROTOCOL_DESTROY of each protocol.
 *
 * From within a callback of the context it takes effect when the library's outermost call on it returns. NULL is
 * accepted.
 */
LWS_EXTERN
void libwebsocket_context_destroy(struct libwebsocket_context *context);

/**
 * Waits until something happens on the context's connections and serves it: accepts, reads, writes, and calls the
 * protocols' callbacks. Waits for `timeout_ms` milliseconds at most; 0 does not wait, a negative number waits for ever.
 *
 * Returns 0; -1 when the wait failed, with errno EINTR when a signal came; 1 when `context` is NULL.
 */
LWS_EXTERN
int libwebsocket_service(struct libwebsocket_context *context,
                         int timeout_ms);

/**
 * Serves one descriptor, for programs that poll by themselves: they learn of descriptors and what to poll them for by
 * the callbacks ADD_POLL_FD, SET_MODE_POLL_FD, CLEAR_MODE_POLL_FD and DEL_POLL_FD, and call this with the `pollfd` that
 * poll() filled in. POLLOUT is taken out of its events when it was served. NULL only closes what is past its time; call
 * it so once a second.
 *
 * Returns 0; 1 when `context` is NULL.
 */
LWS_EXTERN
int libwebsocket_service_fd(struct libwebsocket_context *context,
                            struct pollfd *pollfd);

/**
 * Returns what `lws_context_creation_info.user` was.
 */
LWS_EXTERN void *libwebsocket_context_user(struct libwebsocket_context *context);

/**
 * Returns the name of this host, or "unknown". The string is the context's.
 */
LWS_EXTERN const char *libwebsocket_canonical_hostname(struct libwebsocket_context *context);

/**
 * Fills `len` bytes at `buf` with randomness that nobody can predict.
 *
 * Returns `len`, or -1.
 */
LWS_EXTERN int libwebsockets_get_random(struct libwebsocket_context *context, void *buf, int len);

/**
 * Sends a message, or bytes as they are.
 *
 * `protocol` is LWS_WRITE_TEXT or LWS_WRITE_BINARY for a message, with LWS_WRITE_NO_FIN for its beginning, and then
 * LWS_WRITE_CONTINUATION, with LWS_WRITE_NO_FIN but for its end; LWS_WRITE_PING, LWS_WRITE_PONG or LWS_WRITE_CLOSE, of 125
 * bytes at most; or LWS_WRITE_HTTP for bytes of an HTTP response. Unless it is the last, LWS_SEND_BUFFER_PRE_PADDING
 * bytes before `buf` and LWS_SEND_BUFFER_POST_PADDING after `len` are the library's, and a client's payload is masked
 * where it is: the buffer is of no use afterwards. What the connection does not take at once is kept and sent later:
 * nothing has to be written again. lws_send_pipe_choked() tells.
 *
 * Returns -1 when nothing more can be sent: close the connection, by returning -1 from the callback; 0 when `len` is 0 and
 * nothing was sent; otherwise a number of at least `len`.
 */
LWS_EXTERN
int libwebsocket_write(struct libwebsocket *wsi,
                       unsigned char *buf,
                       size_t len,
                       enum libwebsocket_write_protocol protocol);

/**
 * Processes `len` bytes at `buf` as if the connection had received them.
 *
 * Returns 0, or -1 when the connection has been closed by what they said.
 */
LWS_EXTERN
int libwebsocket_read(struct libwebsocket_context *context,
                      struct libwebsocket *wsi,
                      unsigned char *buf,
                      size_t len);

/**
 * Returns the connection's entry of the table that the context was made with: compare it with that table's addresses.
 */
LWS_EXTERN
const struct libwebsocket_protocols *libwebsockets_get_protocol(struct libwebsocket *wsi);

/**
 * Asks for one callback as soon as the connection takes more: SERVER_WRITEABLE, CLIENT_WRITEABLE or HTTP_WRITEABLE. It
 * never comes from within this call. May be called from any thread.
 *
 * Returns 1, or -1 when the connection is none.
 */
LWS_EXTERN
int libwebsocket_callback_on_writable(struct libwebsocket_context *context,
                                      struct libwebsocket *wsi);

/**
 * As libwebsocket_callback_on_writable(), for every connection of a protocol: an entry of the table that the context was
 * made with.
 *
 * Returns 0.
 */
LWS_EXTERN
int libwebsocket_callback_on_writable_all_protocol(const struct libwebsocket_protocols *protocol);

/**
 * Returns the connection's descriptor, or -1.
 */
LWS_EXTERN int libwebsocket_get_socket_fd(struct libwebsocket *wsi);

/**
 * Returns 1 in RECEIVE and CLIENT_RECEIVE when the frame is the last of its message, otherwise 0.
 */
LWS_EXTERN int libwebsocket_is_final_fragment(struct libwebsocket *wsi);

/**
 * Returns the reserved bits of the frame, where they stand in its first byte: RSV1 is 0x40.
 */
LWS_EXTERN unsigned char libwebsocket_get_reserved_bits(struct libwebsocket *wsi);

/**
 * Returns how many bytes of the frame are yet to come: 0 in the RECEIVE or CLIENT_RECEIVE that brings its last.
 */
LWS_EXTERN
size_t libwebsockets_remaining_packet_payload(struct libwebsocket *wsi);

/**
 * Returns 1 in RECEIVE and CLIENT_RECEIVE when the message is a binary one, otherwise 0.
 */
LWS_EXTERN int lws_frame_is_binary(struct libwebsocket *wsi);

/**
 * Holds back what a connection receives (`enable` 0), or lets it come again. Takes effect when the connection's callback
 * that runs returns, or at once.
 *
 * Returns 0, or -1 when the connection is none.
 */
LWS_EXTERN
int libwebsocket_rx_flow_control(struct libwebsocket *wsi,
                                 int enable);

/**
 * Returns 1 when a message would have to wait before it is sent, otherwise 0.
 */
LWS_EXTERN int lws_send_pipe_choked(struct libwebsocket *wsi);

/**
 * Writes a peer's name, found by its address, to `name`, and its address to `rip`, both cut to fit and terminated. Blocks
 * while the system looks the name up; without one the address stands for it.
 */
LWS_EXTERN
void libwebsockets_get_peer_addresses(struct libwebsocket_context *context,
                                      struct libwebsocket *wsi,
                                      int fd,
                                      char *name,
                                      int name_len,
                                      char *rip,
                                      int rip_len);

/**
 * Connects to a server: `address` and `port`, over TLS when `ssl_connection` is 1 or 2, the latter also when the server's
 * certificate is vouched for by itself only. `path`, `host` and `origin` go into the request, and so does `protocol`, a list
 * of protocols with commas; the last two may be NULL. `ietf_version_or_minus_one` is 13 or -1.
 *
 * Blocks until TCP is connected. Returns the connection, whose CLIENT_ESTABLISHED or CLIENT_CONNECTION_ERROR comes from
 * libwebsocket_service(), or NULL when it cannot be made; then no callback tells of it.
 */
LWS_EXTERN
struct libwebsocket *libwebsocket_client_connect(struct libwebsocket_context *clients,
                                                 const char *address,
                                                 int port,
                                                 int ssl_connection,
                                                 const char *path,
                                                 const char *host,
                                                 const char *origin,
                                                 const char *protocol,
                                                 int ietf_version_or_minus_one);

/**
 * As libwebsocket_client_connect(), with memory of the program's own for `user` in callbacks. The library frees it with
 * free() at the end when the protocol's per_session_data_size is not 0; otherwise it stays the program's.
 */
LWS_EXTERN
struct libwebsocket *libwebsocket_client_connect_extended(struct libwebsocket_context *clients,
                                                          const char *address,
                                                          int port,
                                                          int ssl_connection,
                                                          const char *path,
                                                          const char *host,
                                                          const char *origin,
                                                          const char *protocol,
                                                          int ietf_version_or_minus_one,
                                                          void *userdata);

/**
 * Sends a regular file as the answer to an HTTP request: a head with `content_type` and the file's length, and the file,
 * of which the library sends later what the connection does not take at once. HTTP_FILE_COMPLETION tells of the end; it
 * may come from within this call.
 *
 * Returns 0 when the file is on its way; what the program returned from HTTP_FILE_COMPLETION when all is sent; -1 when the
 * file cannot be read, which the client is told. Return not 0 to the library for not 0.
 */
LWS_EXTERN
int libwebsockets_serve_http_file(struct libwebsocket_context *context,
                                  struct libwebsocket *wsi,
                                  const char *file,
                                  const char *content_type);

/**
 * Goes on with a file that libwebsockets_serve_http_file() began. The library does so by itself.
 *
 * Returns what that does.
 */
LWS_EXTERN
int libwebsockets_serve_http_file_fragment(struct libwebsocket_context *context,
                                           struct libwebsocket *wsi);

/**
 * Returns the length of a header's value, 0 when there is none. Headers can be read in HTTP,
 * FILTER_PROTOCOL_CONNECTION and ESTABLISHED, and by clients in CLIENT_FILTER_PRE_ESTABLISH.
 */
LWS_EXTERN int lws_hdr_total_length(struct libwebsocket *wsi, enum lws_token_indexes h);

/**
 * Copies a header's value and a NUL to the `len` bytes at `dest`.
 *
 * Returns the length of the value; 0, with nothing written, when there is none; -1 when it does not fit.
 */
LWS_EXTERN
int lws_hdr_copy(struct libwebsocket *wsi,
                 char *dest,
                 int len,
                 enum lws_token_indexes h);

/**
 * Encodes `in_len` bytes at `in` as base64 into `out`, with a NUL.
 *
 * Returns the length without the NUL, or -1 when `out_size` is not at least 2 more than that.
 */
LWS_EXTERN int lws_b64_encode_string(const char *in, int in_len, char *out, int out_size);

/**
 * Decodes the base64 text `in` into `out`, with a NUL.
 *
 * Returns the length without the NUL, or -1 when `out_size` is too small for both. Padding may be missing; what is not
 * base64 is skipped.
 */
LWS_EXTERN
int lws_b64_decode_string(const char *in,
                          char *out,
                          int out_size);

/**
 * Writes the SHA-1 digest of `n` bytes at `d` to the 20 bytes at `md`. Returns `md`.
 */
LWS_EXTERN unsigned char *libwebsockets_SHA1(const unsigned char *d, size_t n, unsigned char *md);

/**
 * Returns the version: `1.2`, a blank and the build it stands for. The string is the library's.
 */
LWS_EXTERN const char *lws_get_library_version(void);

/**
 * Takes the program to the background. Call it before libwebsocket_create_context().
 *
 * `_lock_path` names a file that holds the daemon's process number while it runs. When it names a process that lives,
 * the program ends with status 1. Otherwise the calling process ends: with 0 when the daemon is ready and the file is
 * written. The call returns 0 in the daemon: a session of its own, the root folder, standard files on /dev/null, SIGTERM
 * removes the file and ends it. Returns 1, with nothing done, when the parent is process 1 already, or for NULL.
 */
LWS_EXTERN
int lws_daemonize(const char *_lock_path);

/**
 * Ends the wait of libwebsocket_service(), or of its next call. May be called from any thread.
 */
LWS_EXTERN void libwebsocket_cancel_service(struct libwebsocket_context *context);

/**
 * Sets the proxy of later client connections: `address:port`; NULL or an empty text for none.
 *
 * Returns 0, or -1 when `proxy` is not that.
 */
LWS_EXTERN int libwebsocket_set_proxy(struct libwebsocket_context *context, const char *proxy);

/**
 * Lets the input of every connection of a protocol come again that libwebsocket_rx_flow_control() held back.
 */
LWS_EXTERN
void libwebsocket_rx_flow_allow_all_protocol(const struct libwebsocket_protocols *protocol);

/**
 * Calls the callback of every connection of a protocol with `reason`; what it returns is ignored.
 *
 * Returns 0.
 */
LWS_EXTERN
int libwebsocket_callback_all_protocol(const struct libwebsocket_protocols *protocol,
                                       enum libwebsocket_callback_reasons reason);

/**
 * Sends an HTTP response with a status and `html_body`, which may be NULL.
 *
 * Returns 0, or -1 when that fails.
 */
LWS_EXTERN
int libwebsockets_return_http_status(struct libwebsocket_context *context,
                                     struct libwebsocket *wsi,
                                     unsigned int code,
                                     const char *html_body);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* __LIBWEBSOCKET_H__ */
