/* LWMsg: associations. Part of relink; MIT OR Apache-2.0.
 *
 * An association is one end of a conversation: messages are sent and received, by one thread. connection.h makes them.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef LWMSG_ASSOC_H
#define LWMSG_ASSOC_H

#include <lwmsg/status.h>
#include <lwmsg/message.h>
#include <lwmsg/protocol.h>
#include <lwmsg/context.h>
#include <lwmsg/time.h>
#include <lwmsg/security.h>
#include <lwmsg/session.h>
#include <lwmsg/call.h>
#include <stdlib.h>
#include <unistd.h>

/**
 * One end of a conversation. Opaque.
 */
typedef struct LWMsgAssoc LWMsgAssoc;

/**
 * The state of an association.
 */
typedef enum LWMsgAssocState {
    LWMSG_ASSOC_STATE_NONE,
    /** Before lwmsg_assoc_connect or lwmsg_assoc_accept, and after lwmsg_assoc_reset. */
    LWMSG_ASSOC_STATE_NOT_ESTABLISHED,
    /** Ready for messages. */
    LWMSG_ASSOC_STATE_IDLE,
    /** A message is partly sent. */
    LWMSG_ASSOC_STATE_BLOCKED_SEND,
    /** A message is being received. */
    LWMSG_ASSOC_STATE_BLOCKED_RECV,
    /** Both. */
    LWMSG_ASSOC_STATE_BLOCKED_SEND_RECV,
    /** After lwmsg_assoc_close. */
    LWMSG_ASSOC_STATE_CLOSED,
    /** Closing. */
    LWMSG_ASSOC_STATE_BUSY,
    /** Something failed: close or reset it. */
    LWMSG_ASSOC_STATE_ERROR
} LWMsgAssocState;

/**
 * What a timeout bounds.
 */
typedef enum LWMsgTimeout {
    /** Sending or receiving a message. */
    LWMSG_TIMEOUT_MESSAGE,
    /** Connecting and greeting. */
    LWMSG_TIMEOUT_ESTABLISH,
    /** Doing nothing. */
    LWMSG_TIMEOUT_IDLE
} LWMsgTimeout;

/** The handle has to be one of the receiver's. */
#define LWMSG_ASSOC_HANDLE_LOCAL_FOR_RECEIVER 0x1
/** The handle has to be one of the sender's. */
#define LWMSG_ASSOC_HANDLE_LOCAL_FOR_SENDER 0x2

/** A handle: in C an LWMsgHandle *. htype is the name it is registered with, without quotes. */
#define LWMSG_HANDLE(htype) LWMSG_CUSTOM(void*, &lwmsg_handle_type_class, (void *) #htype)
/** A handle inside a structure. */
#define LWMSG_MEMBER_HANDLE(type, field, htype) \
    LWMSG_MEMBER_CUSTOM(type, field, &lwmsg_handle_type_class, (void *) #htype)
/** The handle has to be one of the receiver's. */
#define LWMSG_ATTR_HANDLE_LOCAL_FOR_RECEIVER LWMSG_ATTR_CUSTOM(LWMSG_ASSOC_HANDLE_LOCAL_FOR_RECEIVER)
/** The handle has to be one of the sender's. */
#define LWMSG_ATTR_HANDLE_LOCAL_FOR_SENDER LWMSG_ATTR_CUSTOM(LWMSG_ASSOC_HANDLE_LOCAL_FOR_SENDER)


#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Releases an association, without a notice to the other end. NULL is accepted. An archive used as an association
 * is released with it. Handles that are left of its default session are cleaned up.
 */
void lwmsg_assoc_delete(LWMsgAssoc *assoc);

/**
 * Returns the protocol that the association was made with.
 */
LWMsgProtocol *lwmsg_assoc_get_protocol(LWMsgAssoc *assoc);

/**
 * Sends a message, which stays the caller's.
 *
 * On an association that does not block, LWMSG_STATUS_PENDING says that it takes longer: the message has to stay
 * where it is until lwmsg_assoc_finish names it.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_MALFORMED, LWMSG_STATUS_INVALID_HANDLE or LWMSG_STATUS_OVERFLOW for a
 * message that cannot be sent, after which the association works on; LWMSG_STATUS_BUSY while another is being sent;
 * LWMSG_STATUS_INVALID_STATE; LWMSG_STATUS_TIMEOUT; or LWMSG_STATUS_PEER_CLOSE when the other end has gone.
 */
LWMsgStatus lwmsg_assoc_send_message(LWMsgAssoc *assoc,
                                     LWMsgMessage *message);

/**
 * Receives a message. Its payload is the caller's then, to be freed with lwmsg_assoc_destroy_message.
 *
 * On an association that does not block, LWMSG_STATUS_PENDING says that it takes longer: the message has to stay
 * where it is until lwmsg_assoc_finish names it. A payload that cannot be read is delivered as a message without
 * one, with the reason as its status and LWMSG_MESSAGE_FLAG_SYNTHETIC.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_MALFORMED for a message that the protocol does not have;
 * LWMSG_STATUS_BUSY while another is being received; LWMSG_STATUS_INVALID_STATE; LWMSG_STATUS_TIMEOUT;
 * LWMSG_STATUS_PEER_CLOSE, LWMSG_STATUS_PEER_RESET or LWMSG_STATUS_PEER_ABORT when the other end has gone; or
 * LWMSG_STATUS_RESOURCE_LIMIT when the process may open no more descriptors, and one has been lost.
 */
LWMsgStatus lwmsg_assoc_recv_message(LWMsgAssoc *assoc,
                                     LWMsgMessage *message);

/**
 * Sends a message and receives one.
 *
 * Returns as lwmsg_assoc_send_message and lwmsg_assoc_recv_message do.
 */
LWMsgStatus lwmsg_assoc_send_message_transact(LWMsgAssoc *assoc,
                                              LWMsgMessage *send_message,
                                              LWMsgMessage *recv_message);

/**
 * Ends an association, and tells the other end.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_PENDING on an association that does not block; or
 * LWMSG_STATUS_INVALID_STATE when it was never established.
 */
LWMsgStatus lwmsg_assoc_close(LWMsgAssoc *assoc);

/**
 * Ends an association, and allows another beginning. One that was given a descriptor has none any more.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_PENDING on an association that does not block; or
 * LWMSG_STATUS_UNSUPPORTED for an archive.
 */
LWMsgStatus lwmsg_assoc_reset(LWMsgAssoc *assoc);

/**
 * Goes on with what is pending: connecting, a message to be sent, then one to be received.
 *
 * completed, which may be NULL, gets the message that is complete, or NULL when nothing was pending or a connection
 * was established.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_PENDING; or the status that the pending operation ends with.
 */
LWMsgStatus lwmsg_assoc_finish(LWMsgAssoc *assoc,
                               LWMsgMessage **completed);

/**
 * Says whether operations return LWMSG_STATUS_PENDING instead of waiting.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_INVALID_STATE while something is pending; or LWMSG_STATUS_UNSUPPORTED
 * for an archive.
 */
LWMsgStatus lwmsg_assoc_set_nonblock(LWMsgAssoc *assoc,
                                     LWMsgBool nonblock);

/**
 * Frees the payload of a message, and resets its number and payload. A message without a number is left alone.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_NOT_FOUND for a number that the protocol does not have.
 */
LWMsgStatus lwmsg_assoc_destroy_message(LWMsgAssoc *assoc,
                                        LWMsgMessage *message);

/**
 * Stores the session of an association, which stays the association's.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_INVALID_STATE when it is not established; or LWMSG_STATUS_UNSUPPORTED
 * for an archive.
 */
LWMsgStatus lwmsg_assoc_get_session(LWMsgAssoc *assoc,
                                    LWMsgSession **session);

/**
 * Returns the state of an association.
 */
LWMsgAssocState lwmsg_assoc_get_state(LWMsgAssoc *assoc);

/**
 * Limits how long a wait may take: for a packet of a message, or of the greeting. NULL removes the limit.
 *
 * Returns LWMSG_STATUS_SUCCESS, LWMSG_STATUS_INVALID_PARAMETER for a negative time, or LWMSG_STATUS_UNSUPPORTED for
 * LWMSG_TIMEOUT_IDLE and for an archive.
 */
LWMsgStatus lwmsg_assoc_set_timeout(LWMsgAssoc *assoc,
                                    LWMsgTimeout type,
                                    LWMsgTime *value);

/**
 * Establishes an association, as the end that connects. On an established one nothing happens.
 *
 * session is one that was used before, or NULL for the association's own.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_PENDING on an association that does not block;
 * LWMSG_STATUS_FILE_NOT_FOUND, LWMSG_STATUS_CONNECTION_REFUSED or LWMSG_STATUS_TIMEOUT;
 * LWMSG_STATUS_INVALID_PARAMETER for a path that is too long; LWMSG_STATUS_INVALID_STATE without a descriptor or an
 * endpoint; LWMSG_STATUS_SECURITY when the session is one with somebody else; LWMSG_STATUS_SESSION_LOST when the
 * server has forgotten it and there are handles; or LWMSG_STATUS_PEER_CLOSE when the server refuses.
 */
LWMsgStatus lwmsg_assoc_connect(LWMsgAssoc *assoc,
                                LWMsgSession *session);

/**
 * Establishes an association, as the end that was connected to. On an established one nothing happens.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_PENDING on an association that does not block;
 * LWMSG_STATUS_INVALID_STATE without a descriptor; LWMSG_STATUS_MALFORMED; LWMSG_STATUS_TIMEOUT;
 * LWMSG_STATUS_PEER_CLOSE; or LWMSG_STATUS_UNSUPPORTED for an archive.
 */
LWMsgStatus lwmsg_assoc_accept(LWMsgAssoc *assoc,
                               LWMsgSession *session);

/**
 * Stores a message as text in memory of the association's context.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_NOT_FOUND for a number that the protocol does not have;
 * LWMSG_STATUS_MALFORMED; or LWMSG_STATUS_MEMORY. result is NULL then.
 */
LWMsgStatus lwmsg_assoc_print_message_alloc(LWMsgAssoc *assoc,
                                            LWMsgMessage *message,
                                            char **result);

/**
 * Stores the association's call, of which there is one. Connects when that was not done.
 *
 * The call takes no completion function; lwmsg_call_dispatch sends and receives, waits for both on an association that
 * does not block, too, and begins again once when the other end has closed or reset the association. Deprecated: peers
 * do more.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_BUSY when the call was not released; LWMSG_STATUS_INVALID_STATE; or as
 * lwmsg_assoc_connect does.
 */
LWMsgStatus lwmsg_assoc_acquire_call(LWMsgAssoc *assoc,
                                     LWMsgCall **call);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The class of handles, which LWMSG_HANDLE names.
 */
extern LWMsgTypeClass lwmsg_handle_type_class;

#ifndef LWMSG_DISABLE_DEPRECATED
/**
 * The old name of lwmsg_assoc_destroy_message.
 */
#define lwmsg_assoc_free_message(assoc, message) lwmsg_assoc_destroy_message(assoc, message)

/**
 * Frees a payload. Deprecated: lwmsg_assoc_destroy_message does more.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_NOT_FOUND for a number that the protocol does not have.
 */
LWMsgStatus lwmsg_assoc_free_graph(LWMsgAssoc *assoc, LWMsgTag tag, void *root);
#endif

#ifdef __cplusplus
}
#endif
#endif  /* LWMSG_ASSOC_H */
