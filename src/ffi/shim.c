/* The only C in the boundary: variadic functions cannot be defined in stable Rust.
 *
 * relink_ffi_vformat formats into memory that Rust offers, with the rules of vsnprintf: the
 * result is the length the whole text has, whatever fitted.
 */
#include <stdarg.h>
#include <stdio.h>

int relink_ffi_vformat(char *out, size_t room, const char *format, va_list *args)
{
    va_list copy;
    int length;

    va_copy(copy, *args);
    length = vsnprintf(out, room, format, copy);
    va_end(copy);
    return length;
}
