/* LWMsg: data. Part of relink; MIT OR Apache-2.0.
 *
 * Objects in memory, described by the tables of type.h, to bytes and back. An object is passed by a pointer to it; when
 * its table begins with a pointer, by that pointer. No function blocks, except in functions of the program.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef LWMSG_DATA_H
#define LWMSG_DATA_H

#include <lwmsg/status.h>
#include <lwmsg/type.h>
#include <lwmsg/buffer.h>
#include <lwmsg/context.h>

/**
 * A context and a byte order, big endian in the beginning; for one thread at a time. Opaque.
 */
typedef struct LWMsgDataContext LWMsgDataContext;


#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes a data context, big endian, with a context that outlives it or NULL. It is released with
 * lwmsg_data_context_delete.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_MEMORY.
 */
LWMsgStatus lwmsg_data_context_new(const LWMsgContext *context, LWMsgDataContext **dcontext);

/**
 * Releases a data context.
 */
void lwmsg_data_context_delete(LWMsgDataContext *context);

/**
 * Sets the order of the bytes of integers.
 */
void lwmsg_data_context_set_byte_order(LWMsgDataContext *context, LWMsgByteOrder order);

/**
 * Returns the order of the bytes of integers.
 */
LWMsgByteOrder lwmsg_data_context_get_byte_order(LWMsgDataContext *context);

/**
 * Returns the context that the data context was made with, perhaps NULL.
 */
const LWMsgContext *lwmsg_data_context_get_context(LWMsgDataContext *context);

/**
 * Frees an object and everything it points to, and calls the destroy functions of custom classes.
 *
 * The object is in memory of the context. Any pointer may be NULL; objects that aliasable pointers share are freed
 * once.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_MALFORMED when the table makes no sense, or when a union has no arm for
 * its discriminator: everything else is freed then.
 */
LWMsgStatus lwmsg_data_free_graph(LWMsgDataContext *context,
                                  const LWMsgTypeSpec *type,
                                  void *root);

/**
 * Frees everything that an object points to, but not the object. Returns as lwmsg_data_free_graph does.
 */
LWMsgStatus lwmsg_data_destroy_graph(LWMsgDataContext *context,
                                     const LWMsgTypeSpec *type,
                                     void *root);

/**
 * Frees an object and everything it points to, without a data context. Errors are ignored.
 */
void lwmsg_data_free_graph_cleanup(const LWMsgContext *context,
                                   const LWMsgTypeSpec *type,
                                   void *root);

/**
 * Frees everything that an object points to, without a data context. Errors are ignored.
 */
void lwmsg_data_destroy_graph_cleanup(const LWMsgContext *context,
                                      const LWMsgTypeSpec *type,
                                      void *root);

/**
 * Writes the bytes of an object to a buffer.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_MALFORMED when the object or the table breaks a rule of the type;
 * LWMSG_STATUS_OVERFLOW when a value does not fit; LWMSG_STATUS_EOF when the buffer has no room and no wrap function;
 * LWMSG_STATUS_MEMORY; or the status of wrap, of a verify function or of a custom class.
 */
LWMsgStatus lwmsg_data_marshal(LWMsgDataContext *context,
                               const LWMsgTypeSpec *type,
                               void *object,
                               LWMsgBuffer *buffer);

/**
 * Writes the bytes of an object to memory of length bytes. How many were written is not told.
 *
 * Returns as lwmsg_data_marshal does; LWMSG_STATUS_EOF when length is too small.
 */
LWMsgStatus lwmsg_data_marshal_flat(LWMsgDataContext *context,
                                    const LWMsgTypeSpec *type,
                                    void *object,
                                    void *buffer,
                                    size_t length);

/**
 * Writes the bytes of an object to new memory of the context, and tells where and how many they are. The memory is
 * released with lwmsg_data_free_memory.
 *
 * Returns as lwmsg_data_marshal does; on failure buffer is NULL and length 0.
 */
LWMsgStatus lwmsg_data_marshal_flat_alloc(LWMsgDataContext *context,
                                          const LWMsgTypeSpec *type,
                                          void *object,
                                          void **buffer,
                                          size_t *length);

/**
 * Makes an object of the bytes in a buffer, in memory of the context: to be released with lwmsg_data_free_graph.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_MALFORMED when the bytes or the table break a rule;
 * LWMSG_STATUS_OVERFLOW when something is too large; LWMSG_STATUS_EOF when the bytes end too early;
 * LWMSG_STATUS_MEMORY; or the status of wrap, of an allocation, of a verify function or of a custom class. On failure
 * nothing is left allocated.
 */
LWMsgStatus lwmsg_data_unmarshal(LWMsgDataContext *context,
                                 const LWMsgTypeSpec *type,
                                 LWMsgBuffer *buffer,
                                 void **out);

/**
 * Fills an object of size bytes with the bytes in a buffer: what it points to is in memory of the context, and to be
 * released with lwmsg_data_destroy_graph. Arrays of no fixed length at its end are left alone.
 *
 * Returns as lwmsg_data_unmarshal does; LWMSG_STATUS_BUFFER_TOO_SMALL when size is less than the type's. On failure
 * the pointers that had been made are NULL again.
 */
LWMsgStatus lwmsg_data_unmarshal_into(LWMsgDataContext *context,
                                      const LWMsgTypeSpec *type,
                                      LWMsgBuffer *buffer,
                                      void *object,
                                      size_t size);

/**
 * Makes an object of length bytes of memory. Bytes behind it are ignored. Returns as lwmsg_data_unmarshal does.
 */
LWMsgStatus lwmsg_data_unmarshal_flat(LWMsgDataContext *context,
                                      const LWMsgTypeSpec *type,
                                      const void *buffer,
                                      size_t length,
                                      void **out);

/**
 * Makes a text of an object, in memory of the context: to be released with lwmsg_data_free_memory.
 *
 * Returns LWMSG_STATUS_SUCCESS, LWMSG_STATUS_MALFORMED or LWMSG_STATUS_MEMORY; result is NULL then.
 */
LWMsgStatus lwmsg_data_print_graph_alloc(LWMsgDataContext *context,
                                         const LWMsgTypeSpec *type,
                                         void *root,
                                         char **result);

/**
 * Allocates zeroed memory of the context. Returns as lwmsg_context_alloc does.
 */
LWMsgStatus lwmsg_data_alloc_memory(LWMsgDataContext *context, size_t size, void **object);

/**
 * Frees memory of the context.
 */
void lwmsg_data_free_memory(LWMsgDataContext *context, void *object);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* LWMSG_DATA_H */
