#ifdef __cplusplus
extern "C" {
#endif

/**
 * The class of descriptors, which LWMSG_FD names.
 */
extern LWMsgTypeClass lwmsg_fd_type_class;

#ifdef __cplusplus
}
#endif
