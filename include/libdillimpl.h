/* libdill: handles and sockets of a program's own. Part of relink; MIT OR Apache-2.0.
 *
 * An object contains a table of functions and gets a handle by dill_hmake. If it is a socket it contains another table,
 * too, that its query function returns the address of when it is asked for dill_bsock_type or dill_msock_type.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef LIBDILLIMPL_H
#define LIBDILLIMPL_H

#include <sys/types.h>
#include "libdill.h"

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


/**
 * What an object behind a handle can do. The object contains one.
 */
struct dill_hvfs {
    /**
     * Returns the interface of that type, or NULL with errno ENOTSUP. Must not block.
     */
    void *(*query)(struct dill_hvfs *vfs, const void *type);
    /**
     * Releases the object. Cannot fail; blocking calls made in it fail with ECANCELED.
     */
    void (*close)(struct dill_hvfs *vfs);
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes a handle for an object of the program's.
 *
 * vfs is the object's function table. The object has to stay where it is until its close function is called. Never
 * blocks.
 *
 * Returns the handle, or -1 with errno: EINVAL when vfs or one of its functions is NULL, ECANCELED when the coroutine is
 * being closed, ENOMEM.
 */
DILL_EXPORT
int dill_hmake(struct dill_hvfs *vfs);

/**
 * Returns the interface of a certain type that the object behind a handle has: what its query function answers. The
 * answer to the last question is remembered, so that the function is not called for each.
 *
 * type is an address that stands for the type, such as the value of dill_bsock_type. What is returned stays good until
 * the handle is closed.
 *
 * On failure NULL, with errno EBADF when there is no such handle, and otherwise what the query function has set, ENOTSUP
 * as a rule.
 */
DILL_EXPORT
void *dill_hquery(int h,
                  const void *type);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#if !defined DILL_DISABLE_SOCKETS

/**
 * The interface of a bytestream socket, whose type is dill_bsock_type.
 */
struct dill_bsock_vfs {
    /**
     * As dill_bsendl.
     */
    int (*bsendl)(struct dill_bsock_vfs *vfs,
                  struct dill_iolist *first,
                  struct dill_iolist *last,
                  int64_t deadline);
    /**
     * As dill_brecvl. first and last may both be NULL: discard until the stream ends or fails.
     */
    int (*brecvl)(struct dill_bsock_vfs *vfs,
                  struct dill_iolist *first,
                  struct dill_iolist *last,
                  int64_t deadline);
};

/**
 * The interface of a message socket, whose type is dill_msock_type.
 */
struct dill_msock_vfs {
    /**
     * As dill_msendl.
     */
    int (*msendl)(struct dill_msock_vfs *vfs,
                  struct dill_iolist *first,
                  struct dill_iolist *last,
                  int64_t deadline);
    /**
     * As dill_mrecvl. first and last may both be NULL: receive a message and drop it.
     */
    ssize_t (*mrecvl)(struct dill_msock_vfs *vfs,
                      struct dill_iolist *first,
                      struct dill_iolist *last,
                      int64_t deadline);
};
#endif


#if !defined DILL_DISABLE_RAW_NAMES

#define hvfs dill_hvfs
#define hmake dill_hmake
#define hquery dill_hquery

#if !defined DILL_DISABLE_SOCKETS

#define bsock_vfs dill_bsock_vfs
#define bsock_type dill_bsock_type
#define msock_vfs dill_msock_vfs
#define msock_type dill_msock_type

#endif
#endif
#endif  /* LIBDILLIMPL_H */
