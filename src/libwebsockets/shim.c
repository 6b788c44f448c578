/* _lws_log is variadic, which stable Rust cannot define. */
#include <stdarg.h>

void relink_libwebsockets_vlog(int filter, const char *format, va_list *args);
void _lws_log(int filter, const char *format, ...);

void _lws_log(int filter, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    relink_libwebsockets_vlog(filter, format, &args);
    va_end(args);
}
