/* LWMsg: contexts. Part of relink; MIT OR Apache-2.0.
 *
 * A context says where memory comes from that programs own, and who takes lines of the log. Every function that takes
 * a const LWMsgContext * accepts NULL: the C heap, and no log.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef LWMSG_CONTEXT_H
#define LWMSG_CONTEXT_H

#include <lwmsg/status.h>
#include <lwmsg/type.h>
#include <stdlib.h>

/**
 * How much a line of the log matters.
 */
typedef enum LWMsgLogLevel {
    /** Whatever the level. */
    LWMSG_LOGLEVEL_ALWAYS,
    /** Something failed. */
    LWMSG_LOGLEVEL_ERROR,
    /** Something may fail. */
    LWMSG_LOGLEVEL_WARNING,
    /** What an operator may want to see once. */
    LWMSG_LOGLEVEL_INFO,
    /** What happens to clients. */
    LWMSG_LOGLEVEL_VERBOSE,
    /** For programmers. */
    LWMSG_LOGLEVEL_DEBUG,
    /** Every message. */
    LWMSG_LOGLEVEL_TRACE
} LWMsgLogLevel;

/**
 * Where memory comes from, and who takes lines of the log. Opaque.
 */
typedef struct LWMsgContext LWMsgContext;

/**
 * Allocates size bytes, all zero.
 */
typedef LWMsgStatus (*LWMsgAllocFunction)(size_t size, void **out, void *data);

/**
 * Frees memory.
 */
typedef void (*LWMsgFreeFunction)(void *object, void *data);

/**
 * Changes the size of memory, perhaps by moving it; what is new is zero.
 */
typedef LWMsgStatus (*LWMsgReallocFunction)(void *object, size_t old_size, size_t new_size, void **new_object,
                                            void *data);

/**
 * Answers for a key, or returns LWMSG_STATUS_NOT_FOUND.
 */
typedef LWMsgStatus (*LWMsgContextDataFunction)(const char *key, void **out_value, void *data);

/**
 * Takes a line of the log. When message is NULL, so are function and filename, and the result says whether a line of
 * that level would be written; otherwise the result does not matter.
 */
typedef LWMsgBool (*LWMsgLogFunction)(LWMsgLogLevel level, const char *message, const char *function,
                                      const char *filename, unsigned int line, void *data);


#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes a context. What it lacks is looked up in parent, which may be NULL: then memory comes from the C heap and
 * nothing is logged.
 *
 * The context is released with lwmsg_context_delete, after everything that was made with it.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_MEMORY.
 */
LWMsgStatus lwmsg_context_new(const LWMsgContext *parent,
                              LWMsgContext **context);

/**
 * Releases a context. Nothing made with it may be used any more.
 */
void lwmsg_context_delete(LWMsgContext *context);

/**
 * Sets where memory comes from that programs own or free: unmarshalled data, printed text and the like.
 *
 * The functions are taken together from the nearest context whose alloc is not NULL. alloc returns zeroed memory;
 * realloc zeroes what is new, and may be NULL. data is passed to each of them.
 */
void lwmsg_context_set_memory_functions(LWMsgContext *context,
                                        LWMsgAllocFunction alloc,
                                        LWMsgFreeFunction free,
                                        LWMsgReallocFunction realloc,
                                        void *data);

/**
 * Tells which memory functions count for a context, NULL included. Each place for a result may be NULL.
 */
void lwmsg_context_get_memory_functions(const LWMsgContext *context,
                                        LWMsgAllocFunction *alloc,
                                        LWMsgFreeFunction *free,
                                        LWMsgReallocFunction *realloc,
                                        void **data);

/**
 * Sets a function that answers for keys. A key it does not know is answered by LWMSG_STATUS_NOT_FOUND, and the
 * parent is asked. The library asks for "session", an LWMsgSession *, when it meets handles that no association
 * carries.
 */
void lwmsg_context_set_data_function(LWMsgContext *context,
                                     LWMsgContextDataFunction fn,
                                     void *data);

/**
 * Sets the function that takes lines of the log. The nearest context that has one counts.
 *
 * A call with a NULL message asks whether a line of that level would be written. The function may be called by any
 * thread of the library.
 */
void lwmsg_context_set_log_function(LWMsgContext *context,
                                    LWMsgLogFunction logfn,
                                    void *data);

/**
 * Allocates zeroed memory with the functions that count for the context.
 *
 * Returns LWMSG_STATUS_SUCCESS, LWMSG_STATUS_MEMORY, LWMSG_STATUS_UNSUPPORTED when there is no function for it, or
 * the status of the function; object is NULL then.
 */
LWMsgStatus lwmsg_context_alloc(const LWMsgContext *context,
                                size_t size,
                                void **object);

/**
 * Frees memory with the function that counts for the context. NULL is passed on to it.
 */
void lwmsg_context_free(const LWMsgContext *context, void *object);

/**
 * Moves memory to a block of another size, with the functions that count for the context. Without a function for it,
 * a new block is allocated, what fits is copied, and the old one is freed.
 *
 * Returns as lwmsg_context_alloc does; on failure the old block stays, and new_object is NULL.
 */
LWMsgStatus lwmsg_context_realloc(const LWMsgContext *context,
                                  void *old_object,
                                  size_t old_size,
                                  size_t new_size,
                                  void **new_object);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* LWMSG_CONTEXT_H */
