
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
