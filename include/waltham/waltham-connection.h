/* Waltham: connections. Part of relink; MIT OR Apache-2.0.
 *
 * A connection and its objects are used by one thread at a time. Messages are sent when they are made;
 * wth_connection_read and wth_connection_dispatch receive them. The transport is neither encrypted nor
 * authenticated.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef WALTHAM_CONNECTION_H
#define WALTHAM_CONNECTION_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <waltham-object.h>

/**
 * Which end a connection is.
 */
enum wth_connection_side {
    WTH_CONNECTION_SIDE_CLIENT = 0,
    WTH_CONNECTION_SIDE_SERVER = 1
};


/**
 * A connection. Opaque.
 */
struct wth_connection;

/**
 * The object that is there from the beginning. Opaque.
 */
struct wth_display;

/**
 * A callback. Opaque.
 */
struct wthp_callback;

/**
 * A registry. Opaque.
 */
struct wthp_registry;

/**
 * Called on a server for each client that asks for the registry. It sets the registry's interface and sends
 * wthp_registry.global for each thing on offer.
 */
typedef void (*wth_registry_callback_func)(struct wthp_registry *registry, void *user_data);

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Connects to a server over TCP, and blocks until that succeeded or failed.
 *
 * host is a name or an address, NULL for this machine; port is a number or the name of a service. Each address
 * of the host is tried. The socket has TCP_NODELAY set. Nothing is sent.
 *
 * Returns the client's end of a new connection, to be destroyed with wth_connection_destroy. On failure NULL,
 * with the errno of the last attempt, or EHOSTUNREACH, EINVAL, EAGAIN or ENOMEM when the name cannot be resolved.
 */
struct wth_connection *wth_connect_to_server(const char *host,
                                             const char *port);

/**
 * Accepts a connection from a listening socket, as accept(2) does with the same arguments. TCP_NODELAY is set on it,
 * so that small messages are not held back.
 *
 * Returns the server's end of a new connection, to be destroyed with wth_connection_destroy. On failure NULL,
 * with accept's errno: EAGAIN when the socket is non-blocking and nobody is waiting.
 */
struct wth_connection *wth_accept(int sockfd,
                                  struct sockaddr *addr,
                                  socklen_t *addrlen);

/**
 * Makes a connection of a connected stream socket. The connection owns the descriptor: it is not duplicated,
 * and wth_connection_destroy closes it.
 *
 * side is WTH_CONNECTION_SIDE_CLIENT or WTH_CONNECTION_SIDE_SERVER.
 *
 * Returns the connection; NULL with errno ENOMEM when memory is exhausted, the descriptor then stays the caller's.
 */
struct wth_connection *wth_connection_from_fd(int fd,
                                              enum wth_connection_side side);

/**
 * Returns the connection's descriptor, which stays the connection's: poll it, level-triggered, for input, and for
 * output when wth_connection_flush says EAGAIN. Its flags may be changed. -1 for NULL.
 */
int wth_connection_get_fd(struct wth_connection *conn);

/**
 * Closes and frees a connection; what is unsent is tried once, without blocking. NULL is accepted.
 *
 * Objects are not freed: that is the program's affair, before or after. From within a handler of the same
 * connection, the descriptor is closed at once, no further handler is called, and each call in progress returns
 * -1 with errno ECONNABORTED.
 */
void wth_connection_destroy(struct wth_connection *conn);

/**
 * Reads from the descriptor, once; blocks only if the descriptor is blocking and there is nothing to read.
 * wth_connection_dispatch delivers what was read.
 *
 * Returns 0 when something was read. -1 with errno EAGAIN when there is nothing to read now, EPIPE when the peer
 * has ended the connection, or the error of the connection.
 */
int wth_connection_read(struct wth_connection *conn);

/**
 * Sends what could not be sent before. Messages go out when they are made, as far as the socket takes them, so
 * there is mostly nothing to do.
 *
 * Returns 0 when nothing is left, whatever state the connection is in. -1 with errno EAGAIN when something is left:
 * call again when the descriptor is writable; or with the error of sending just now.
 */
int wth_connection_flush(struct wth_connection *conn);

/**
 * Calls the handlers of the messages that have been read, in order. Does not read, and does not block.
 *
 * Handlers may do anything, also dispatch again, which delivers the following messages, and destroy the
 * connection.
 *
 * Returns the number of messages processed. -1 with the connection's error in errno, after the messages before
 * it were delivered: EPROTO after a protocol error, sent or received.
 */
int wth_connection_dispatch(struct wth_connection *conn);

/**
 * Client only: waits until the server has processed all requests sent before, and dispatches meanwhile. Blocks.
 *
 * Returns 0, or -1 with errno when the connection ended or is in an error state.
 */
int wth_connection_roundtrip(struct wth_connection *conn);

/**
 * Puts the connection into an error state. The first error stays, but EPROTO overrides all others.
 */
void wth_connection_set_error(struct wth_connection *conn, int err);

/**
 * Puts the connection into the EPROTO state with these details. interface is kept, not copied.
 */
void wth_connection_set_protocol_error(struct wth_connection *conn,
                                       uint32_t object_id,
                                       const char *interface,
                                       uint32_t error_code);

/**
 * Returns the connection's error, an errno value, or 0.
 */
int wth_connection_get_error(struct wth_connection *conn);

/**
 * Returns the code of the protocol error, and stores the interface's name and the object's id where interface and
 * object_id point, unless they are NULL. Before any protocol error: 0, NULL and 0.
 */
uint32_t wth_connection_get_protocol_error(struct wth_connection *conn,
                                           const char **interface,
                                           uint32_t *object_id);

/**
 * Returns the display object, which stays the connection's. A program may set handlers of its own on it.
 */
struct wth_display *wth_connection_get_display(struct wth_connection *conn);

/**
 * Client only: asks for the registry. Returns it; the caller owns it, and sets its listener before the next
 * dispatch.
 */
struct wthp_registry *wth_connection_create_registry(struct wth_connection *conn);

/**
 * Client only: asks for a callback once all requests sent before have been processed. Returns it; the caller owns
 * it, sets its listener before the next dispatch, and frees it.
 */
struct wthp_callback *wth_connection_sync(struct wth_connection *conn);

/**
 * Server only: registry_callback is called for each registry that the client asks for. NULL unsets it; a client
 * that asks then ends the process, unless the program handles the display's requests itself.
 */
void wth_connection_set_registry_callback(struct wth_connection *conn,
                                          wth_registry_callback_func registry_callback,
                                          void *user_data);

/**
 * Server only: tells the client that memory is exhausted, and enters the EPROTO state.
 */
void wth_connection_post_error_no_memory(struct wth_connection *conn);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* WALTHAM_CONNECTION_H */
