/* The only C in the boundary: variadic functions cannot be defined in stable Rust, and a name has one declaration there.
 *
 * relink_ffi_vformat formats into memory that Rust offers, with the rules of vsnprintf: the
 * result is the length the whole text has, whatever fitted.
 */
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int relink_ffi_vformat(char *out, size_t room, const char *format, va_list *args)
{
    va_list copy;
    int length;

    va_copy(copy, *args);
    length = vsnprintf(out, room, format, copy);
    va_end(copy);
    return length;
}

/* What waits in the system, and may never return: a thread that is cancelled there leaves as by an exception, which
 * Rust's ordinary declarations of these functions forbid.
 */
ssize_t relink_ffi_read(int fd, void *buffer, size_t length);
ssize_t relink_ffi_write(int fd, const void *buffer, size_t length);
ssize_t relink_ffi_sendmsg(int fd, const struct msghdr *message, int flags);
int relink_ffi_poll(struct pollfd *entries, nfds_t count, int timeout);
int relink_ffi_accept(int fd, struct sockaddr *address, socklen_t *length);
int relink_ffi_connect(int fd, const struct sockaddr *address, socklen_t length);
int relink_ffi_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found);
int relink_ffi_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex);

ssize_t relink_ffi_read(int fd, void *buffer, size_t length)
{
    return read(fd, buffer, length);
}

ssize_t relink_ffi_write(int fd, const void *buffer, size_t length)
{
    return write(fd, buffer, length);
}

ssize_t relink_ffi_sendmsg(int fd, const struct msghdr *message, int flags)
{
    return sendmsg(fd, message, flags);
}

int relink_ffi_poll(struct pollfd *entries, nfds_t count, int timeout)
{
    return poll(entries, count, timeout);
}

int relink_ffi_accept(int fd, struct sockaddr *address, socklen_t *length)
{
    return accept(fd, address, length);
}

int relink_ffi_connect(int fd, const struct sockaddr *address, socklen_t length)
{
    return connect(fd, address, length);
}

int relink_ffi_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    return getaddrinfo(node, service, hints, found);
}

int relink_ffi_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    return pthread_cond_wait(condition, mutex);
}
