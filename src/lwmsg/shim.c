/* The variadic functions, which stable Rust cannot define. */
#include <stdarg.h>
#include <stddef.h>

unsigned int relink_lwmsg_buffer_vprint(void *buffer, const char *format, va_list *args);
void relink_lwmsg_context_vlog(const void *context, unsigned int level, const char *function, const char *filename,
                               unsigned int line, const char *format, va_list *args);
unsigned int relink_lwmsg_context_vraise(const void *context, unsigned int status, const char *function,
                                         const char *filename, unsigned int line, const char *format, va_list *args);
char *relink_lwmsg_vformat(const char *format, va_list *args);

unsigned int lwmsg_buffer_print(void *buffer, const char *fmt, ...);
void lwmsg_context_log_printf(const void *context, unsigned int level, const char *function, const char *filename,
                              unsigned int line, const char *format, ...);
unsigned int lwmsg_context_raise(const void *context, unsigned int status, const char *function, const char *filename,
                                 unsigned int line, const char *format, ...);
char *lwmsg_format(const char *fmt, ...);
char *lwmsg_formatv(const char *fmt, va_list ap);

unsigned int lwmsg_buffer_print(void *buffer, const char *fmt, ...)
{
    va_list args;
    unsigned int status;

    va_start(args, fmt);
    status = relink_lwmsg_buffer_vprint(buffer, fmt, &args);
    va_end(args);
    return status;
}

void lwmsg_context_log_printf(const void *context, unsigned int level, const char *function, const char *filename,
                              unsigned int line, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    relink_lwmsg_context_vlog(context, level, function, filename, line, format, &args);
    va_end(args);
}

unsigned int lwmsg_context_raise(const void *context, unsigned int status, const char *function, const char *filename,
                                 unsigned int line, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    status = relink_lwmsg_context_vraise(context, status, function, filename, line, format, &args);
    va_end(args);
    return status;
}

char *lwmsg_format(const char *fmt, ...)
{
    va_list args;
    char *text;

    va_start(args, fmt);
    text = relink_lwmsg_vformat(fmt, &args);
    va_end(args);
    return text;
}

char *lwmsg_formatv(const char *fmt, va_list ap)
{
    va_list args;
    char *text;

    va_copy(args, ap);
    text = relink_lwmsg_vformat(fmt, &args);
    va_end(args);
    return text;
}
