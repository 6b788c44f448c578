/* wth_object_post_error is variadic, which stable Rust cannot define. */
#include <stdarg.h>
#include <stdint.h>

struct wth_object;

void relink_waltham_vpost_error(struct wth_object *obj, uint32_t code, const char *format, va_list *args);
void wth_object_post_error(struct wth_object *obj, uint32_t code, const char *fmt, ...);

void wth_object_post_error(struct wth_object *obj, uint32_t code, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    relink_waltham_vpost_error(obj, code, fmt, &args);
    va_end(args);
}
