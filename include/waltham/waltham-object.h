/* Waltham: objects. Part of relink; MIT OR Apache-2.0.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef WALTHAM_OBJECT_H
#define WALTHAM_OBJECT_H

#include <stdint.h>

/**
 * An object of either side. Opaque; typed pointers as struct wthp_surface * are the same pointer.
 */
struct wth_object;

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Frees an object on this side, also within its own handler, or after its connection. Nothing is sent. NULL is
 * accepted.
 */
void wth_object_delete(struct wth_object *object);

/**
 * Returns what was set with the handlers; NULL before that.
 */
void *wth_object_get_user_data(struct wth_object *obj);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */


#ifdef __cplusplus
extern "C" {
#endif

/**
 * Sets the object's handlers and the pointer they get. The table is not copied: it has to outlive the object.
 * NULL unsets it.
 */
void wth_object_set_listener(struct wth_object *obj, void (**listener)(void), void *user_data);

/**
 * Server only: tells the client of an error, with a text made as printf(3) does, cut at 255 bytes, and enters the
 * EPROTO state: what the client sends from now on is discarded, and the client is expected to go.
 *
 * On an object of a client the process is aborted.
 */
void wth_object_post_error(struct wth_object *obj, uint32_t code, const char *fmt, ...);

#ifdef __cplusplus
}
#endif
#endif  /* WALTHAM_OBJECT_H */
