
#if !defined DILL_DISABLE_SOCKETS

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The types of bytestream and message sockets: hquery and query functions are given these values.
 */
DILL_EXPORT extern const void *dill_bsock_type;
DILL_EXPORT extern const void *dill_msock_type;

#ifdef __cplusplus
}
#endif

#endif
