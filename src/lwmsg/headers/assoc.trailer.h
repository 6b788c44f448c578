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
