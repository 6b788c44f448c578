
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
