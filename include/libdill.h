/* libdill: structured concurrency for C. Part of relink; MIT OR Apache-2.0.
 *
 * Coroutines are launched with go and bundle_go, and talk through channels and sockets. Everything a program has is a
 * handle, a small number of the thread that made it, and is released with hclose. Functions return -1 and set errno when
 * they fail. Deadlines are points in time as now returns them, in milliseconds, -1 for never, 0 for not waiting.
 *
 * DILL_DISABLE_RAW_NAMES, DILL_DISABLE_SOCKETS and DILL_DISABLE_TLS, defined before, leave out the short names, the
 * sockets, and TLS.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef LIBDILL_H
#define LIBDILL_H

#include <errno.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#if defined __linux__
#include <alloca.h>
#endif

/**
 * The version of the interface, as libtool counts it: current, revision, age.
 */
#define DILL_VERSION_CURRENT 25
#define DILL_VERSION_REVISION 0
#define DILL_VERSION_AGE 5

#if !defined __GNUC__ && !defined __clang__
#error "libdill needs statement expressions and assembler as GCC and Clang have them"
#endif

#if defined DILL_NO_EXPORTS && DILL_NO_EXPORTS
#define DILL_EXPORT
#else
#define DILL_EXPORT __attribute__((visibility("default")))
#endif

/* Storage is plain memory without an alignment, except where the processor would mind. */
#if defined __arm__ || defined __thumb__
#define DILL_ALIGN __attribute__((aligned(__SIZEOF_POINTER__)))
#else
#define DILL_ALIGN
#endif

/**
 * Memory for a bundle, to be kept until its handle is closed.
 */
struct dill_bundle_storage {char _[64];} DILL_ALIGN;

/**
 * Memory for a channel, to be kept until both its handles are closed.
 */
struct dill_chstorage {char _[144];} DILL_ALIGN;

#if !defined DILL_DISABLE_SOCKETS

struct sockaddr;

/**
 * A network address and a port. It begins with a struct sockaddr_in or sockaddr_in6.
 */
struct dill_ipaddr {char _[32];};

/**
 * Memory for sockets and protocols, to be kept until the handle is closed or detached.
 */
struct dill_tcp_listener_storage {char _[56];} DILL_ALIGN;
struct dill_tcp_storage {char _[72];} DILL_ALIGN;
struct dill_ipc_listener_storage {char _[24];} DILL_ALIGN;
struct dill_ipc_storage {char _[72];} DILL_ALIGN;
struct dill_ipc_pair_storage {char _[144];} DILL_ALIGN;
struct dill_prefix_storage {char _[56];} DILL_ALIGN;
struct dill_suffix_storage {char _[128];} DILL_ALIGN;
struct dill_udp_storage {char _[72];} DILL_ALIGN;
struct dill_http_storage {char _[1296];} DILL_ALIGN;
struct dill_ws_storage {char _[176];} DILL_ALIGN;
struct dill_term_storage {char _[88];} DILL_ALIGN;

#if !defined DILL_DISABLE_TLS
struct dill_tls_storage {char _[72];} DILL_ALIGN;
struct dill_dtls_storage {char _[88];} DILL_ALIGN;
#endif

/**
 * The size of the buffers for WebSocket keys.
 */
#define WS_KEY_SIZE 32

/**
 * Decides whether a SOCKS5 client may use the proxy: returns other than 0 if it may.
 */
typedef int dill_socks5_auth_function(const char *username, const char *password);

#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Written by the macros below where the processor has no code of its own. */
DILL_EXPORT extern volatile void *dill_unoptimisable;

#ifdef __cplusplus
}
#endif

/**
 * Marks a function that is launched as a coroutine. The compiler must neither inline it nor look into it when it compiles
 * the launching function: what the coroutine does with the launcher's variables happens at another time.
 */
#if defined __has_attribute
#if __has_attribute(noipa)
#define dill_coroutine __attribute__((noinline, noipa))
#endif
#endif
#if !defined dill_coroutine
#define dill_coroutine __attribute__((noinline))
#endif

/*
 * AddressSanitizer surrounds what alloca returns with 32 bytes on each side that are not to be touched. The launching
 * coroutine will use that part of its stack again.
 */
#if defined __SANITIZE_ADDRESS__
#define DILL_ADDRESS_SANITIZER_ 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define DILL_ADDRESS_SANITIZER_ 1
#endif
#endif
#if defined DILL_ADDRESS_SANITIZER_
#ifdef __cplusplus
extern "C"
#endif
void __asan_unpoison_memory_region(void const volatile *addr, size_t size);
#define dill_alloca_()                                                                                                 \
    __extension__({                                                                                                    \
        char *dill_room__ = (char *)alloca(sizeof(size_t));                                                            \
        __asan_unpoison_memory_region(dill_room__ - 32, 96);                                                           \
        dill_room__;                                                                                                   \
    })
#else
#define dill_alloca_() alloca(sizeof(size_t))
#endif

/*
 * Launching a coroutine. dill_prologue makes the new coroutine the running one and says where the registers of the
 * launching one are to be saved. dill_setjmp saves them, and yields 0. On the new stack, which dill_setsp makes the
 * current one, the coroutine's arguments are evaluated and its function is called, and dill_epilogue never returns. When
 * the launching coroutine is resumed, it is from dill_setjmp, which then yields something else.
 *
 * On x86-64 the registers are saved in this order: rbx, rbp, r12, r13, r14, r15, rsp, and the address to resume at. Who
 * resumes sets eax, and leaves in rdx what it was.
 */
#if defined __x86_64__

#define dill_setjmp(ctx)                                                                                               \
    __extension__({                                                                                                    \
        int dill_resumed__;                                                                                            \
        __asm__ __volatile__("leaq 1f(%%rip), %%rcx\n\t"                                                               \
                             "movq %%rbx, (%%rdx)\n\t"                                                                 \
                             "movq %%rbp, 8(%%rdx)\n\t"                                                                \
                             "movq %%r12, 16(%%rdx)\n\t"                                                               \
                             "movq %%r13, 24(%%rdx)\n\t"                                                               \
                             "movq %%r14, 32(%%rdx)\n\t"                                                               \
                             "movq %%r15, 40(%%rdx)\n\t"                                                               \
                             "movq %%rsp, 48(%%rdx)\n\t"                                                               \
                             "movq %%rcx, 56(%%rdx)\n\t"                                                               \
                             "xorl %%eax, %%eax\n"                                                                     \
                             "1:"                                                                                      \
                             : "=a"(dill_resumed__)                                                                    \
                             : "d"(ctx)                                                                                \
                             : "rcx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",  \
                               "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",    \
                               "xmm15", "cc", "memory");                                                               \
        dill_resumed__;                                                                                                \
    })

#define dill_longjmp(ctx)                                                                                              \
    __asm__ __volatile__("movq (%%rdx), %%rbx\n\t"                                                                     \
                         "movq 8(%%rdx), %%rbp\n\t"                                                                    \
                         "movq 16(%%rdx), %%r12\n\t"                                                                   \
                         "movq 24(%%rdx), %%r13\n\t"                                                                   \
                         "movq 32(%%rdx), %%r14\n\t"                                                                   \
                         "movq 40(%%rdx), %%r15\n\t"                                                                   \
                         "movq 48(%%rdx), %%rsp\n\t"                                                                   \
                         "jmpq *56(%%rdx)"                                                                             \
                         :                                                                                             \
                         : "d"(ctx), "a"(1)                                                                            \
                         : "memory")

/* A function that calls alloca addresses its variables by the frame pointer, which stays. */
#define dill_setsp(x)                                                                                                  \
    __asm__ __volatile__("" : : "r"(dill_alloca_()));                                                                  \
    __asm__ __volatile__("movq %0, %%rsp" : : "a"(x) : "memory")

#else

#define dill_setjmp(ctx) sigsetjmp(ctx, 0)
#define dill_longjmp(ctx) siglongjmp(ctx, 1)

#if defined __aarch64__

#define dill_setsp(x)                                                                                                  \
    __asm__ __volatile__("" : : "r"(dill_alloca_()));                                                                  \
    __asm__ __volatile__("mov sp, %0" : : "r"(x) : "memory")

#else

/* The stack pointer is moved by the distance of the stacks. Stack protectors would object. */
#define dill_setsp(x) dill_unoptimisable = alloca((char *)alloca(sizeof(size_t)) - (char *)(x))

#endif
#endif

#define dill_go_(fn, ptr, len, bndl)                                                                                   \
    __extension__({                                                                                                    \
        jmp_buf *dill_ctx__;                                                                                           \
        void *dill_stk__ = (ptr);                                                                                      \
        int dill_handle__ = dill_prologue(&dill_ctx__, &dill_stk__, (len), (bndl), __FILE__, __LINE__);                \
        if (dill_handle__ >= 0) {                                                                                      \
            if (!dill_setjmp(*dill_ctx__)) {                                                                           \
                dill_setsp(dill_stk__);                                                                                \
                fn;                                                                                                    \
                dill_epilogue();                                                                                       \
            }                                                                                                          \
        }                                                                                                              \
        dill_handle__;                                                                                                 \
    })

/**
 * Launches the function call fn as a coroutine in a bundle of its own, and runs it at once. Its arguments are evaluated
 * on its own stack: they must not change the launching function's variables.
 *
 * Returns the bundle, to be closed with hclose, or -1 with errno ECANCELED when the coroutine that calls is being closed,
 * or ENOMEM.
 */
#define dill_go(fn) dill_go_(fn, NULL, 0, -1)

/**
 * As go, on a stack of the program's: len bytes at ptr, to be kept until the coroutine has ended and the bundle is closed.
 * There is no guard below it.
 */
#define dill_go_mem(fn, ptr, len) dill_go_(fn, ptr, len, -1)

/**
 * Launches the function call fn as a coroutine in the bundle bndl, and runs it at once.
 *
 * Returns 0, or -1 with errno: ECANCELED when the coroutine that calls, or the bundle, is being closed, EBADF when there is
 * no such handle, ENOTSUP when it is no bundle, ENOMEM.
 */
#define dill_bundle_go(bndl, fn) dill_go_(fn, NULL, 0, bndl)

/**
 * As bundle_go, on a stack of the program's: len bytes at ptr, to be kept until the coroutine has ended.
 */
#define dill_bundle_go_mem(bndl, fn, ptr, len) dill_go_(fn, ptr, len, bndl)


/**
 * The operation that a clause of dill_choose sends with.
 */
#define DILL_CHSEND 1

/**
 * The operation that a clause of dill_choose receives with.
 */
#define DILL_CHRECV 2

/**
 * One of the operations that dill_choose chooses from.
 */
struct dill_chclause {
    /**
     * DILL_CHSEND or DILL_CHRECV.
     */
    int op;
    /**
     * The end of a channel.
     */
    int ch;
    /**
     * The message, or where to store it.
     */
    void *val;
    /**
     * Its size in bytes.
     */
    size_t len;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Forgets a file descriptor. To be called before it is closed or given to another thread or library, once any of fdin,
 * fdout was called with it.
 *
 * Never blocks. A descriptor that is not known is not an error.
 *
 * Returns 0, or -1 with errno EBUSY when a coroutine waits for the descriptor.
 */
DILL_EXPORT
int dill_fdclean(int fd);

/**
 * Blocks until a file descriptor has input, has come to its end, or is broken. Other coroutines run meanwhile.
 *
 * deadline is a point in time as now returns it, -1 for never. 0 asks once; what is ready then is ready. One coroutine
 * of a thread may wait for input of a descriptor, and another one to write to it.
 *
 * Returns 0, or -1 with errno: ECANCELED when the coroutine is being closed, EBADF when there is no such descriptor,
 * EBUSY when another coroutine waits for the same, ENOTSUP for descriptors that cannot be waited for, such as those of
 * files, ETIMEDOUT when the deadline passed, ENOMEM, EMFILE or ENFILE.
 */
DILL_EXPORT
int dill_fdin(int fd,
              int64_t deadline);

/**
 * Blocks until a file descriptor can be written to, or is broken. Otherwise as fdin.
 */
DILL_EXPORT int dill_fdout(int fd, int64_t deadline);

/**
 * Returns the time of the monotonic clock in milliseconds, which is not negative. Deadlines are such times: now() + 1000
 * is in a second.
 */
DILL_EXPORT
int64_t dill_now(void);

/**
 * Blocks until a deadline, which is a point in time as now returns it; -1 is never. Lets other coroutines run also when
 * the deadline has passed.
 *
 * Returns 0, or -1 with errno ECANCELED when the coroutine is being closed.
 */
DILL_EXPORT
int dill_msleep(int64_t deadline);

/**
 * Gives the object behind a handle a new handle, and makes the old one invalid. Who is given a handle, and wants to be
 * the only one to have it, does this first.
 *
 * Never blocks.
 *
 * Returns the new handle, or -1 with errno: EBADF when there is no such handle; ECANCELED when the coroutine is being
 * closed and ENOMEM, and then the object was closed.
 */
DILL_EXPORT
int dill_hown(int h);

/**
 * Closes a handle and releases the object behind it: a bundle with its coroutines, one end of a channel, a socket.
 *
 * The coroutines of a bundle are cancelled one by one, in the order they were launched: each blocking call that they are
 * in, or make from now on, fails with ECANCELED. hclose returns when the functions of all of them have returned; other
 * coroutines run meanwhile. This works also where blocking calls are not allowed. A coroutine that closes a bundle which
 * it belongs to would wait for its own end: the process is aborted.
 *
 * Returns 0, or -1 with errno EBADF when there is no such handle.
 */
DILL_EXPORT
int dill_hclose(int h);

/**
 * Called by the macros that launch coroutines; not to be called otherwise.
 *
 * Makes the running coroutine ready to be resumed and a new one the running one. The caller then saves its registers
 * where *ctx points to, continues on the stack that *ptr is the top of, and calls the coroutine's function.
 *
 * *ptr is NULL or memory for the stack, of len bytes; bndl is a bundle, or negative for a new one. file and line are
 * where the coroutine is launched.
 *
 * Returns the new bundle or 0, or -1 with errno.
 */
DILL_EXPORT
int dill_prologue(jmp_buf **ctx,
                  void **ptr,
                  size_t len,
                  int bndl,
                  const char *file,
                  int line);

/**
 * Called by the macros that launch coroutines when the coroutine's function has returned; not to be called otherwise.
 * Does not return.
 */
DILL_EXPORT
void dill_epilogue(void);

/**
 * Makes a bundle: a handle that coroutines can be launched in with bundle_go, and that closes all of them at once.
 *
 * Never blocks.
 *
 * Returns the handle, to be closed with hclose; or -1 with errno ECANCELED when the coroutine is being closed, ENOMEM.
 */
DILL_EXPORT
int dill_bundle(void);

/**
 * As bundle, but in memory of the program's, which has to be kept until the handle is closed.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT int dill_bundle_mem(struct dill_bundle_storage *mem);

/**
 * Blocks until all coroutines of a bundle have ended, those that are launched in it meanwhile included. The bundle stays
 * open and can be used again. go returns such a bundle, too.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting. When it passes, the coroutines go on.
 * Any number of coroutines may wait for a bundle.
 *
 * Returns 0, or -1 with errno: ECANCELED when this coroutine or the bundle is being closed, EBADF when there is no such
 * handle, ENOTSUP when it is no bundle, ETIMEDOUT when the deadline passed.
 */
DILL_EXPORT
int dill_bundle_wait(int h,
                     int64_t deadline);

/**
 * Lets the other coroutines run that are ready. Long computations should do this now and then.
 *
 * Returns 0, or -1 with errno ECANCELED when the coroutine is being closed.
 */
DILL_EXPORT int dill_yield(void);

/**
 * Makes a channel and stores the handles of its two ends in chv. What is sent on one end is received on the other, in
 * both directions. Messages are handed over from sender to receiver; none is kept in between.
 *
 * Never blocks. Each end is closed with hclose.
 *
 * Returns 0, or -1 with errno ECANCELED when the coroutine is being closed, ENOMEM.
 */
DILL_EXPORT
int dill_chmake(int *chv);

/**
 * As chmake, but in memory of the program's, which has to be kept until both ends are closed.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT int dill_chmake_mem(struct dill_chstorage *mem, int *chv);

/**
 * Sends a message of len bytes, and blocks until it is received. If somebody waits for it, does not block, nor let other
 * coroutines run.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting. val may be NULL when len is 0.
 *
 * Returns 0, or -1 with errno: ECANCELED when the coroutine is being closed, EBADF when there is no such handle, ENOTSUP
 * when it is no channel, EPIPE when chdone was called on this end or both ends were closed, EMSGSIZE, on both sides, when
 * the receiver expects another size, ETIMEDOUT when the deadline passed.
 */
DILL_EXPORT
int dill_chsend(int ch,
                const void *val,
                size_t len,
                int64_t deadline);

/**
 * Receives a message of len bytes, and blocks until there is one. Otherwise as chsend; EPIPE when chdone was called on the
 * other end.
 */
DILL_EXPORT
int dill_chrecv(int ch,
                void *val,
                size_t len,
                int64_t deadline);

/**
 * Says that nothing more will be sent on this end of a channel. Those who wait on the other end to receive, now or later,
 * get EPIPE, and so do those who wait on this end to send. The other direction is not concerned.
 *
 * Never blocks.
 *
 * Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no channel, EPIPE when this was done
 * before.
 */
DILL_EXPORT
int dill_chdone(int ch);

/**
 * Performs one of several channel operations: the first, in the order of clauses, that can be performed at once or is in
 * error; when there is none, blocks until there is one.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting. clauses are not changed; without any,
 * this sleeps.
 *
 * Returns the index of the clause, and in errno its result: 0, or EBADF, ENOTSUP, EPIPE, EMSGSIZE as of chsend and chrecv,
 * EINVAL when op is unknown or val is NULL. Returns -1 with errno ECANCELED when the coroutine is being closed, EINVAL
 * when nclauses is negative or clauses NULL, ETIMEDOUT when the deadline passed, ENOMEM.
 */
DILL_EXPORT
int dill_choose(struct dill_chclause *clauses,
                int nclauses,
                int64_t deadline);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#if !defined DILL_DISABLE_SOCKETS

/**
 * Use IPv4 only.
 */
#define DILL_IPADDR_IPV4 1

/**
 * Use IPv6 only.
 */
#define DILL_IPADDR_IPV6 2

/**
 * Use IPv4, and IPv6 if there is none.
 */
#define DILL_IPADDR_PREF_IPV4 3

/**
 * Use IPv6, and IPv4 if there is none.
 */
#define DILL_IPADDR_PREF_IPV6 4

/**
 * The size of a buffer for any address as text.
 */
#define DILL_IPADDR_MAXSTRLEN 46

/**
 * The most significant byte of the size comes first.
 */
#define DILL_PREFIX_BIG_ENDIAN 0

/**
 * The least significant byte of the size comes first.
 */
#define DILL_PREFIX_LITTLE_ENDIAN 1

/**
 * Messages are binary.
 */
#define DILL_WS_BINARY 0

/**
 * Messages are text.
 */
#define DILL_WS_TEXT 1

/**
 * There is no opening handshake.
 */
#define DILL_WS_NOHTTP 2

/**
 * A SOCKS5 command: connect to an address.
 */
#define DILL_SOCKS5_CONNECT 1

/**
 * A SOCKS5 command: wait for a connection.
 */
#define DILL_SOCKS5_BIND 2

/**
 * A SOCKS5 command: relay UDP.
 */
#define DILL_SOCKS5_UDP_ASSOCIATE 3

/**
 * A SOCKS5 reply: done.
 */
#define DILL_SOCKS5_SUCCESS 0

/**
 * A SOCKS5 reply: failed.
 */
#define DILL_SOCKS5_GENERAL_FAILURE 1

/**
 * A SOCKS5 reply: not allowed.
 */
#define DILL_SOCKS5_CONNECTION_NOT_ALLOWED 2

/**
 * A SOCKS5 reply: the network cannot be reached.
 */
#define DILL_SOCKS5_NETWORK_UNREACHABLE 3

/**
 * A SOCKS5 reply: the host cannot be reached.
 */
#define DILL_SOCKS5_HOST_UNREACHABLE 4

/**
 * A SOCKS5 reply: refused.
 */
#define DILL_SOCKS5_CONNECTION_REFUSED 5

/**
 * A SOCKS5 reply: too many hops.
 */
#define DILL_SOCKS5_TTL_EXPIRED 6

/**
 * A SOCKS5 reply: unknown command.
 */
#define DILL_SOCKS5_COMMAND_NOT_SUPPORTED 7

/**
 * A SOCKS5 reply: unknown type of address.
 */
#define DILL_SOCKS5_ADDRESS_TYPE_NOT_SUPPORTED 8

/**
 * A piece of memory in a list of such pieces, for gathering and scattering.
 */
struct dill_iolist {
    /**
     * Where it begins. NULL when receiving: skip so many bytes.
     */
    void *iol_base;
    /**
     * Its size in bytes.
     */
    size_t iol_len;
    /**
     * The next one, NULL at the end.
     */
    struct dill_iolist *iol_next;
    /**
     * 0. Reserved for the library.
     */
    int iol_rsvd;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Sends len bytes to a bytestream socket: all of them, or the socket is broken for sending. It may return before the
 * peer has them.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting. buf may be NULL when len is 0.
 *
 * Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no bytestream, EBUSY when another
 * coroutine sends to it, ECANCELED when the coroutine is being closed, EPIPE when the stream was ended by this side,
 * ECONNRESET when it is broken, ETIMEDOUT when the deadline passed.
 */
DILL_EXPORT
int dill_bsend(int s,
               const void *buf,
               size_t len,
               int64_t deadline);

/**
 * Receives len bytes from a bytestream socket: all of them, or the socket is broken for receiving.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting. If buf is NULL so many bytes are
 * skipped.
 *
 * Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no bytestream, EBUSY when another
 * coroutine receives from it, ECANCELED when the coroutine is being closed, EPIPE when the peer has ended the stream,
 * ECONNRESET when it is broken, ETIMEDOUT when the deadline passed.
 */
DILL_EXPORT
int dill_brecv(int s,
               void *buf,
               size_t len,
               int64_t deadline);

/**
 * Sends the bytes of a list of buffers to a bytestream socket. Otherwise as bsend.
 *
 * The list goes from first to last. Two coroutines must not use it at the same time.
 *
 * Fails with errno EINVAL, too: when the list has no end, does not end with last, or an item is in use.
 */
DILL_EXPORT
int dill_bsendl(int s,
                struct dill_iolist *first,
                struct dill_iolist *last,
                int64_t deadline);

/**
 * Receives bytes from a bytestream socket into a list of buffers, until all are full. Otherwise as brecv.
 *
 * Where an item's iol_base is NULL so many bytes are skipped. If both first and last are NULL everything is skipped until
 * the stream ends or fails, so that the call fails in any case.
 *
 * Fails with errno EINVAL, too: when the list has no end, or an item is in use.
 */
DILL_EXPORT
int dill_brecvl(int s,
                struct dill_iolist *first,
                struct dill_iolist *last,
                int64_t deadline);

/**
 * Sends a message of len bytes to a message socket: all of it, or the socket is broken for sending.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting. buf may be NULL when len is 0.
 *
 * Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no message socket, EBUSY when
 * another coroutine sends to it, ECANCELED when the coroutine is being closed, EMSGSIZE when no message is that large,
 * EPIPE when the stream was ended by this side, ECONNRESET when it is broken, ETIMEDOUT when the deadline passed.
 */
DILL_EXPORT
int dill_msend(int s,
               const void *buf,
               size_t len,
               int64_t deadline);

/**
 * Receives a message of up to len bytes from a message socket.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting. If buf is NULL the message is dropped.
 *
 * Returns the size of the message, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no message
 * socket, EBUSY when another coroutine receives from it, ECANCELED when the coroutine is being closed, EMSGSIZE when the
 * message is larger, EPIPE when the peer has ended the stream, EPROTO when it does not speak the protocol, ECONNRESET
 * when the socket is broken, ETIMEDOUT when the deadline passed.
 */
DILL_EXPORT
ssize_t dill_mrecv(int s,
                   void *buf,
                   size_t len,
                   int64_t deadline);

/**
 * Sends the bytes of a list of buffers as a message. Otherwise as msend.
 *
 * The list goes from first to last. Two coroutines must not use it at the same time.
 *
 * Fails with errno EINVAL, too: when the list has no end, does not end with last, or an item is in use.
 */
DILL_EXPORT
int dill_msendl(int s,
                struct dill_iolist *first,
                struct dill_iolist *last,
                int64_t deadline);

/**
 * Receives a message into a list of buffers. Otherwise as mrecv.
 *
 * Where an item's iol_base is NULL so many bytes are skipped. If both first and last are NULL the message is dropped.
 *
 * Fails with errno EINVAL, too: when the list has no end, or an item is in use.
 */
DILL_EXPORT
ssize_t dill_mrecvl(int s,
                    struct dill_iolist *first,
                    struct dill_iolist *last,
                    int64_t deadline);

/**
 * Stores the address of a local network interface, with a port.
 *
 * name is an interface, such as eth0, or an address; NULL stands for all of them. mode is IPADDR_IPV4, IPADDR_IPV6,
 * IPADDR_PREF_IPV4 or IPADDR_PREF_IPV6; 0 is IPADDR_PREF_IPV4. port is 0 to 65535; with 0 a listening socket gets a port
 * of the system's choice. Never blocks.
 *
 * Returns 0, or -1 with errno: ENODEV when there is no such interface or it has no such address, EINVAL for a bad mode or
 * port.
 */
DILL_EXPORT
int dill_ipaddr_local(struct dill_ipaddr *addr,
                      const char *name,
                      int port,
                      int mode);

/**
 * Stores an address of a remote host, with a port.
 *
 * name is a host name, which is looked up while other coroutines run, or an address, which is not. For mode and port see
 * ipaddr_local. deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
 *
 * Returns 0, or -1 with errno: EADDRNOTAVAIL when the host has no such address, EINVAL for a bad argument, ECANCELED when
 * the coroutine is being closed, ETIMEDOUT when the deadline passed, ENOMEM, EMFILE or ENFILE.
 */
DILL_EXPORT
int dill_ipaddr_remote(struct dill_ipaddr *addr,
                       const char *name,
                       int port,
                       int mode,
                       int64_t deadline);

/**
 * Stores up to naddrs addresses of a remote host, those of the preferred family first. Otherwise as ipaddr_remote.
 *
 * Returns how many were found, which is 0 when the name is not known, or -1 with errno as ipaddr_remote.
 */
DILL_EXPORT
int dill_ipaddr_remotes(struct dill_ipaddr *addrs,
                        int naddrs,
                        const char *name,
                        int port,
                        int mode,
                        int64_t deadline);

/**
 * Writes an address, without its port, as text to ipstr, which has room for IPADDR_MAXSTRLEN bytes. Never blocks.
 *
 * Returns ipstr.
 */
DILL_EXPORT
const char *dill_ipaddr_str(const struct dill_ipaddr *addr,
                            char *ipstr);

/**
 * Returns the family of an address: AF_INET or AF_INET6.
 */
DILL_EXPORT int dill_ipaddr_family(const struct dill_ipaddr *addr);

/**
 * Returns the address as a struct sockaddr_in or sockaddr_in6: where addr is.
 */
DILL_EXPORT const struct sockaddr *dill_ipaddr_sockaddr(const struct dill_ipaddr *addr);

/**
 * Returns the length of what ipaddr_sockaddr returns, in bytes.
 */
DILL_EXPORT int dill_ipaddr_len(const struct dill_ipaddr *addr);

/**
 * Returns the port of an address.
 */
DILL_EXPORT int dill_ipaddr_port(const struct dill_ipaddr *addr);

/**
 * Changes the port of an address. Only the lower 16 bits of port count.
 */
DILL_EXPORT void dill_ipaddr_setport(struct dill_ipaddr *addr, int port);

/**
 * Returns 1 when two addresses are the same, and 0 when they are not. If ignore_port is not 0 the ports do not count.
 */
DILL_EXPORT
int dill_ipaddr_equal(const struct dill_ipaddr *addr1,
                      const struct dill_ipaddr *addr2,
                      int ignore_port);

/**
 * Listens for TCP connections at a local address. If its port is 0 the port that the system chose is stored in addr.
 *
 * backlog is how many connections may wait to be accepted. Never blocks. The socket is closed with hclose or tcp_close.
 *
 * Returns a handle, or -1 with errno: EADDRINUSE when the address is in use, EADDRNOTAVAIL when it is not this machine's,
 * EINVAL for a bad argument, ECANCELED when the coroutine is being closed, EACCES, ENOMEM, EMFILE or ENFILE.
 */
DILL_EXPORT
int dill_tcp_listen(struct dill_ipaddr *addr,
                    int backlog);

/**
 * As tcp_listen, but in memory of the program's, which has to be kept until the socket is closed.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT
int dill_tcp_listen_mem(struct dill_ipaddr *addr,
                        int backlog,
                        struct dill_tcp_listener_storage *mem);

/**
 * Waits for a TCP connection at a listening socket, and stores the address of its peer unless addr is NULL.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting. The connection is a bytestream. It is
 * ended in order by tcp_close; hclose breaks it.
 *
 * Returns a handle, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it does not listen, ECANCELED when
 * the coroutine is being closed, ETIMEDOUT when the deadline passed, ENOMEM, EMFILE or ENFILE.
 */
DILL_EXPORT
int dill_tcp_accept(int s,
                    struct dill_ipaddr *addr,
                    int64_t deadline);

/**
 * As tcp_accept, but in memory of the program's, which has to be kept until the socket is closed.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT
int dill_tcp_accept_mem(int s,
                        struct dill_ipaddr *addr,
                        struct dill_tcp_storage *mem,
                        int64_t deadline);

/**
 * Connects to a remote address by TCP.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting. The connection is a bytestream. It is
 * ended in order by tcp_close; hclose breaks it.
 *
 * Returns a handle, or -1 with errno: ECONNREFUSED when nobody listens there, ECONNRESET, ENETUNREACH, EHOSTUNREACH or
 * ENETDOWN when there is no way, EINVAL for a bad argument, ECANCELED when the coroutine is being closed, ETIMEDOUT when
 * the deadline passed, ENOMEM, EMFILE or ENFILE.
 */
DILL_EXPORT
int dill_tcp_connect(const struct dill_ipaddr *addr,
                     int64_t deadline);

/**
 * As tcp_connect, but in memory of the program's, which has to be kept until the socket is closed.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT
int dill_tcp_connect_mem(const struct dill_ipaddr *addr,
                         struct dill_tcp_storage *mem,
                         int64_t deadline);

/**
 * Tells the peer of a TCP connection that nothing more will be sent. Receiving goes on. Never blocks.
 *
 * Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no TCP connection, EPIPE when this
 * was done before, ECONNRESET when the connection is broken.
 */
DILL_EXPORT
int dill_tcp_done(int s,
                  int64_t _deadline);

/**
 * Ends a TCP connection in order: tells the peer that nothing more will be sent, and discards what comes until the peer
 * has ended its side, too, so that it is certain to have received everything. Then the handle is closed, also when this
 * fails. A listening socket is closed at once.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
 *
 * Returns 0, or -1 with errno: EBADF when there is no such handle and ENOTSUP when it is of another kind, and then nothing
 * is closed; ECONNRESET when the connection is broken, ECANCELED when the coroutine is being closed, ETIMEDOUT when the
 * deadline passed.
 */
DILL_EXPORT
int dill_tcp_close(int s,
                   int64_t deadline);

/**
 * Makes a handle for a listening TCP socket of the program's. The descriptor belongs to the handle from now on: the program
 * must not use its number any more. Never blocks.
 *
 * Returns a handle, or -1 with errno: EINVAL when it is not such a socket, EBADF or ENOTSOCK when it is none at all,
 * ECANCELED when the coroutine is being closed, ENOMEM, EMFILE or ENFILE.
 */
DILL_EXPORT
int dill_tcp_listener_fromfd(int fd);

/**
 * As tcp_listener_fromfd, but in memory of the program's, which has to be kept until the socket is closed.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT
int dill_tcp_listener_fromfd_mem(int fd,
                                 struct dill_tcp_listener_storage *mem);

/**
 * Makes a handle for a TCP connection of the program's. The descriptor belongs to the handle from now on: the program must
 * not use its number any more. Never blocks.
 *
 * Returns a handle, or -1 with errno: EINVAL when it is no such socket, EBADF or ENOTSOCK when it is none at all, ECANCELED
 * when the coroutine is being closed, ENOMEM, EMFILE or ENFILE.
 */
DILL_EXPORT
int dill_tcp_fromfd(int fd);

/**
 * As tcp_fromfd, but in memory of the program's, which has to be kept until the socket is closed.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT int dill_tcp_fromfd_mem(int fd, struct dill_tcp_storage *mem);

/**
 * Listens for IPC connections at a path of the file system, where nothing may be yet. What is made there stays when the
 * socket is closed.
 *
 * backlog is how many connections may wait to be accepted. Never blocks. The socket is closed with hclose or ipc_close.
 *
 * Returns a handle, or -1 with errno: EADDRINUSE when there is something at the path, ENAMETOOLONG when it is longer than
 * 107 bytes, EACCES, ELOOP, ENOENT or ENOTDIR for the path, EINVAL for a bad argument, ECANCELED when the coroutine is
 * being closed, ENOMEM, EMFILE or ENFILE.
 */
DILL_EXPORT
int dill_ipc_listen(const char *addr,
                    int backlog);

/**
 * As ipc_listen, but in memory of the program's, which has to be kept until the socket is closed.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT
int dill_ipc_listen_mem(const char *addr,
                        int backlog,
                        struct dill_ipc_listener_storage *mem);

/**
 * Waits for an IPC connection at a listening socket.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting. The connection is a bytestream. It is
 * ended in order by ipc_close; hclose breaks it.
 *
 * Returns a handle, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it does not listen, ECANCELED when
 * the coroutine is being closed, ETIMEDOUT when the deadline passed, ENOMEM, EMFILE or ENFILE.
 */
DILL_EXPORT
int dill_ipc_accept(int s,
                    int64_t deadline);

/**
 * As ipc_accept, but in memory of the program's, which has to be kept until the socket is closed.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT int dill_ipc_accept_mem(int s, struct dill_ipc_storage *mem, int64_t deadline);

/**
 * Connects to the IPC socket that listens at a path.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting. The connection is a bytestream. It is
 * ended in order by ipc_close; hclose breaks it.
 *
 * Returns a handle, or -1 with errno: ECONNREFUSED when nobody listens there, ENAMETOOLONG, EACCES, ELOOP, ENOENT or ENOTDIR
 * for the path, EINVAL for a bad argument, ECANCELED when the coroutine is being closed, ETIMEDOUT when the deadline passed,
 * ECONNRESET, ENOMEM, EMFILE or ENFILE.
 */
DILL_EXPORT
int dill_ipc_connect(const char *addr,
                     int64_t deadline);

/**
 * As ipc_connect, but in memory of the program's, which has to be kept until the socket is closed.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT
int dill_ipc_connect_mem(const char *addr,
                         struct dill_ipc_storage *mem,
                         int64_t deadline);

/**
 * Passes a file descriptor to the peer of an IPC connection, which receives it with ipc_recvfd. It stays open here.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting. When it passes, or the coroutine is being
 * closed, nothing has been sent, and the call can be repeated.
 *
 * Returns 0, or -1 with errno: EBADF when there is no such handle or descriptor, ENOTSUP when it is no IPC connection,
 * EINVAL for a negative descriptor, EBUSY when another coroutine sends, EPIPE when the stream was ended by this side,
 * ECONNRESET when it is broken, ECANCELED, ETIMEDOUT, ENOMEM, ETOOMANYREFS.
 */
DILL_EXPORT
int dill_ipc_sendfd(int s,
                    int fd,
                    int64_t deadline);

/**
 * Receives a file descriptor that the peer of an IPC connection passed with ipc_sendfd. It belongs to the program.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting. When it passes, or the coroutine is being
 * closed, nothing has been received, and the call can be repeated.
 *
 * Returns the descriptor, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no IPC connection,
 * EPROTO when bytes came instead of a descriptor, EBUSY when another coroutine receives, EPIPE when the peer has ended the
 * stream, ECONNRESET when it is broken, ECANCELED, ETIMEDOUT.
 */
DILL_EXPORT
int dill_ipc_recvfd(int s,
                    int64_t deadline);

/**
 * Tells the peer of an IPC connection that nothing more will be sent. Receiving goes on. Never blocks.
 *
 * Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no IPC connection, EPIPE when this
 * was done before, ECONNRESET when the connection is broken.
 */
DILL_EXPORT
int dill_ipc_done(int s,
                  int64_t _deadline);

/**
 * Ends an IPC connection in order, and closes the handle. See tcp_close.
 */
DILL_EXPORT int dill_ipc_close(int s, int64_t deadline);

/**
 * Makes a handle for a listening Unix socket of the program's. The descriptor belongs to the handle from now on: the
 * program must not use its number any more. Never blocks.
 *
 * Returns a handle, or -1 with errno: EINVAL when it is not such a socket, EBADF or ENOTSOCK when it is none at all,
 * ECANCELED when the coroutine is being closed, ENOMEM, EMFILE or ENFILE.
 */
DILL_EXPORT
int dill_ipc_listener_fromfd(int fd);

/**
 * As ipc_listener_fromfd, but in memory of the program's, which has to be kept until the socket is closed.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT
int dill_ipc_listener_fromfd_mem(int fd,
                                 struct dill_ipc_listener_storage *mem);

/**
 * Makes a handle for a connected Unix stream socket of the program's. The descriptor belongs to the handle from now on: the
 * program must not use its number any more. Never blocks.
 *
 * Returns a handle, or -1 with errno: EINVAL when it is no such socket, EBADF or ENOTSOCK when it is none at all, ECANCELED
 * when the coroutine is being closed, ENOMEM, EMFILE or ENFILE.
 */
DILL_EXPORT
int dill_ipc_fromfd(int fd);

/**
 * As ipc_fromfd, but in memory of the program's, which has to be kept until the socket is closed.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT int dill_ipc_fromfd_mem(int fd, struct dill_ipc_storage *mem);

/**
 * Makes two IPC sockets that are connected with each other, and stores their handles in s. Never blocks.
 *
 * Returns 0, or -1 with errno: ECANCELED when the coroutine is being closed, ENOMEM, EMFILE or ENFILE.
 */
DILL_EXPORT
int dill_ipc_pair(int *s);

/**
 * As ipc_pair, but in memory of the program's, which has to be kept until both sockets are closed.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT int dill_ipc_pair_mem(struct dill_ipc_pair_storage *mem, int *s);

/**
 * Opens a UDP socket, which is a message socket.
 *
 * local is the address to receive at; if its port is 0 the port that the system chose is stored in it. remote is where
 * messages go that say nothing else, and the only address whose messages are received. Either may be NULL. Never blocks.
 * The socket is closed with hclose.
 *
 * Returns a handle, or -1 with errno: EADDRINUSE when the address is in use, EADDRNOTAVAIL when it is not this machine's,
 * EINVAL when both addresses are of different families, ECANCELED when the coroutine is being closed, EACCES, ENOMEM,
 * EMFILE or ENFILE.
 */
DILL_EXPORT
int dill_udp_open(struct dill_ipaddr *local,
                  const struct dill_ipaddr *remote);

/**
 * As udp_open, but in memory of the program's, which has to be kept until the socket is closed.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT
int dill_udp_open_mem(struct dill_ipaddr *local,
                      const struct dill_ipaddr *remote,
                      struct dill_udp_storage *mem);

/**
 * Sends a message of len bytes to addr, or, if that is NULL, to the remote address of the socket. Never blocks; messages
 * may be lost on the way, or if there is no room.
 *
 * Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no UDP socket, EINVAL when there is no
 * address, EMSGSIZE when the message is too large, EBUSY when another coroutine receives from the socket.
 */
DILL_EXPORT
int dill_udp_send(int s,
                  const struct dill_ipaddr *addr,
                  const void *buf,
                  size_t len);

/**
 * Receives a message of up to len bytes, and stores who sent it unless addr is NULL. What does not fit is lost.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
 *
 * Returns how many bytes were stored, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no UDP
 * socket, EBUSY when another coroutine receives from it, ECANCELED when the coroutine is being closed, ETIMEDOUT when the
 * deadline passed, after which the call can be repeated.
 */
DILL_EXPORT
ssize_t dill_udp_recv(int s,
                      struct dill_ipaddr *addr,
                      void *buf,
                      size_t len,
                      int64_t deadline);

/**
 * Sends the bytes of a list of buffers as a message. Otherwise as udp_send.
 *
 * Fails with errno EINVAL, too: when the list has no end, does not end with last, or an item is in use.
 */
DILL_EXPORT
int dill_udp_sendl(int s,
                   const struct dill_ipaddr *addr,
                   struct dill_iolist *first,
                   struct dill_iolist *last);

/**
 * Receives a message into a list of buffers. Otherwise as udp_recv.
 *
 * Fails with errno EINVAL, too: when the list has no end, or an item is in use.
 */
DILL_EXPORT
ssize_t dill_udp_recvl(int s,
                       struct dill_ipaddr *addr,
                       struct dill_iolist *first,
                       struct dill_iolist *last,
                       int64_t deadline);

/**
 * Puts PREFIX on a bytestream, which becomes a message socket: each message goes behind its size.
 *
 * The size takes hdrlen bytes, the most significant first, or last with the flag PREFIX_LITTLE_ENDIAN. The socket s belongs
 * to the new one from now on, and is closed when this fails. Never blocks.
 *
 * Returns a handle, or -1 with errno: EBADF when there is no such handle, EPROTO when it is no bytestream, EINVAL when
 * hdrlen is 0, ECANCELED when the coroutine is being closed, ENOMEM.
 */
DILL_EXPORT
int dill_prefix_attach(int s,
                       size_t hdrlen,
                       int flags);

/**
 * As prefix_attach, but in memory of the program's, which has to be kept until the socket is closed or detached.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT
int dill_prefix_attach_mem(int s,
                           size_t hdrlen,
                           int flags,
                           struct dill_prefix_storage *mem);

/**
 * Takes PREFIX off its bytestream, which goes on without. Never blocks. When this fails the socket is closed.
 *
 * Returns the handle of the bytestream, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another
 * kind, ECONNRESET when the socket is broken.
 */
DILL_EXPORT
int dill_prefix_detach(int s);

/**
 * Puts SUFFIX on a bytestream, which becomes a message socket: each message ends with suffix, of 1 to 32 bytes.
 *
 * Messages must not contain suffix; that is not checked. The socket s belongs to the new one from now on, and is closed when
 * this fails. Never blocks.
 *
 * Returns a handle, or -1 with errno: EBADF when there is no such handle, EPROTO when it is no bytestream, EINVAL for a bad
 * suffix, ECANCELED when the coroutine is being closed, ENOMEM.
 */
DILL_EXPORT
int dill_suffix_attach(int s,
                       const void *suffix,
                       size_t suffixlen);

/**
 * As suffix_attach, but in memory of the program's, which has to be kept until the socket is closed or detached.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT
int dill_suffix_attach_mem(int s,
                           const void *suffix,
                           size_t suffixlen,
                           struct dill_suffix_storage *mem);

/**
 * Takes SUFFIX off its bytestream, which goes on without: with the byte after the last suffix received. Never blocks. When
 * this fails the socket is closed.
 *
 * Returns the handle of the bytestream, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another
 * kind, ECONNRESET when the socket is broken.
 */
DILL_EXPORT
int dill_suffix_detach(int s,
                       int64_t _deadline);

/**
 * Puts TERM on a message socket: each direction ends with a message of len bytes at buf, at most 32, which may be none.
 *
 * The socket s belongs to the new one from now on, and is closed when this fails. Never blocks.
 *
 * Returns a handle, or -1 with errno: EBADF when there is no such handle, EPROTO when it is no message socket, EINVAL for a
 * bad terminal message, ECANCELED when the coroutine is being closed, ENOMEM.
 */
DILL_EXPORT
int dill_term_attach(int s,
                     const void *buf,
                     size_t len);

/**
 * As term_attach, but in memory of the program's, which has to be kept until the socket is closed or detached.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT
int dill_term_attach_mem(int s,
                         const void *buf,
                         size_t len,
                         struct dill_term_storage *mem);

/**
 * Sends the terminal message. The peer's next receive fails with EPIPE.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
 *
 * Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind, EPIPE when this was
 * done before, ECANCELED, ECONNRESET, ETIMEDOUT.
 */
DILL_EXPORT
int dill_term_done(int s,
                   int64_t deadline);

/**
 * Takes TERM off its message socket: sends the terminal message unless that was done, and drops messages until the peer's
 * terminal message. When this fails the socket is closed, unless s was no such handle.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
 *
 * Returns the handle of the message socket, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of
 * another kind, ECANCELED, ECONNRESET, ETIMEDOUT.
 */
DILL_EXPORT
int dill_term_detach(int s,
                     int64_t deadline);

/**
 * Puts HTTP on a bytestream, to send and receive a request or a response up to the end of its header. What follows, the
 * body, is exchanged over the bytestream after http_detach.
 *
 * Lines may be up to 64 KiB long. The socket s belongs to the new one from now on, and is closed when this fails. Never
 * blocks.
 *
 * Returns a handle, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no bytestream, ECANCELED when
 * the coroutine is being closed, ENOMEM.
 */
DILL_EXPORT
int dill_http_attach(int s);

/**
 * As http_attach, but in memory of the program's, which has to be kept until the socket is closed or detached.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT
int dill_http_attach_mem(int s,
                         struct dill_http_storage *mem);

/**
 * Ends the header: sends the empty line after it.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
 *
 * Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind, EPIPE when this was
 * done before, ECANCELED, ECONNRESET, ETIMEDOUT.
 */
DILL_EXPORT
int dill_http_done(int s,
                   int64_t deadline);

/**
 * Takes HTTP off its bytestream: ends the header unless that was done, and drops what is left of the peer's header. The
 * bytestream goes on with the first byte of the body. When this fails the socket is closed, unless s was no such handle.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
 *
 * Returns the handle of the bytestream, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another
 * kind, ECANCELED, ECONNRESET, ETIMEDOUT.
 */
DILL_EXPORT
int dill_http_detach(int s,
                     int64_t deadline);

/**
 * Sends a request line: a command, such as GET, and a resource. Neither may contain white space.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
 *
 * Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind, EINVAL for a bad
 * argument, ECANCELED when the coroutine is being closed, ECONNRESET when the socket is broken, ETIMEDOUT when the deadline
 * passed.
 */
DILL_EXPORT
int dill_http_sendrequest(int s,
                          const char *command,
                          const char *resource,
                          int64_t deadline);

/**
 * Receives a request line, and stores its command and its resource as strings.
 *
 * commandlen and resourcelen are the sizes of the buffers, NUL included. deadline is a point in time as now returns it, -1
 * for never, 0 for not waiting.
 *
 * Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind, EPROTO when it is no
 * request line, EMSGSIZE when a string does not fit, after which the line is gone, or the line is longer than 64 KiB, EPIPE
 * at the end of the stream, ECANCELED when the coroutine is being closed, ECONNRESET when the socket is broken, ETIMEDOUT
 * when the deadline passed.
 */
DILL_EXPORT
int dill_http_recvrequest(int s,
                          char *command,
                          size_t commandlen,
                          char *resource,
                          size_t resourcelen,
                          int64_t deadline);

/**
 * Sends a status line: a status of 100 to 599, and a reason.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
 *
 * Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind, EINVAL for a bad
 * argument, ECANCELED when the coroutine is being closed, ECONNRESET when the socket is broken, ETIMEDOUT when the deadline
 * passed.
 */
DILL_EXPORT
int dill_http_sendstatus(int s,
                         int status,
                         const char *reason,
                         int64_t deadline);

/**
 * Receives a status line, and stores its reason as a string.
 *
 * reasonlen is the size of the buffer, NUL included. deadline is a point in time as now returns it, -1 for never, 0 for not
 * waiting.
 *
 * Returns the status, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind, EPROTO when
 * it is no status line, EMSGSIZE when the reason does not fit, after which the line is gone, or the line is longer than 64
 * KiB, EPIPE at the end of the stream, ECANCELED when the coroutine is being closed, ECONNRESET when the socket is broken,
 * ETIMEDOUT when the deadline passed.
 */
DILL_EXPORT
int dill_http_recvstatus(int s,
                         char *reason,
                         size_t reasonlen,
                         int64_t deadline);

/**
 * Sends a field. Spaces around value are left out.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
 *
 * Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind, EINVAL when name has
 * a character that names do not have, or value would not stay in its line, EPROTO when value is empty, ECANCELED when the
 * coroutine is being closed, ECONNRESET when the socket is broken, ETIMEDOUT when the deadline passed.
 */
DILL_EXPORT
int dill_http_sendfield(int s,
                        const char *name,
                        const char *value,
                        int64_t deadline);

/**
 * Receives a field, and stores its name and its value as strings, the value without spaces around it.
 *
 * namelen and valuelen are the sizes of the buffers, NUL included. deadline is a point in time as now returns it, -1 for
 * never, 0 for not waiting.
 *
 * Returns 0, or -1 with errno: EPIPE when the header has ended, EBADF when there is no such handle, ENOTSUP when it is of
 * another kind, EPROTO when it is no field, EMSGSIZE when a string does not fit, after which the line is gone, or the line
 * is longer than 64 KiB, ECANCELED when the coroutine is being closed, ECONNRESET when the socket is broken, ETIMEDOUT when
 * the deadline passed.
 */
DILL_EXPORT
int dill_http_recvfield(int s,
                        char *name,
                        size_t namelen,
                        char *value,
                        size_t valuelen,
                        int64_t deadline);

/**
 * Puts WebSocket on a bytestream as its client: asks the server for a resource of a host, and waits for its answer.
 *
 * flags are WS_TEXT or WS_BINARY, for the type of the messages of msend and mrecv, and WS_NOHTTP, with which the opening
 * handshake is left out and resource and host may be NULL. deadline is a point in time as now returns it, -1 for never, 0
 * for not waiting. The socket s belongs to the new one from now on, and is closed when this fails.
 *
 * The new socket is a message socket. Pings are answered while messages are received.
 *
 * Returns a handle, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no bytestream, EINVAL for a bad
 * argument, EPROTO when the server refuses or does not speak the protocol, EMSGSIZE when its header is too long, ECANCELED
 * when the coroutine is being closed, EPIPE or ECONNRESET when the stream ends, ETIMEDOUT when the deadline passed, ENOMEM.
 */
DILL_EXPORT
int dill_ws_attach_client(int s,
                          int flags,
                          const char *resource,
                          const char *host,
                          int64_t deadline);

/**
 * As ws_attach_client, but in memory of the program's, which has to be kept until the socket is closed or detached.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT
int dill_ws_attach_client_mem(int s,
                              int flags,
                              const char *resource,
                              const char *host,
                              struct dill_ws_storage *mem,
                              int64_t deadline);

/**
 * Puts WebSocket on a bytestream as its server: waits for the client's request, stores the resource and the host that it
 * asks for as strings, and accepts. A client that does not say a host leaves that buffer as it is. One that does not speak
 * the protocol is told so.
 *
 * resourcelen and hostlen are the sizes of the buffers, NUL included. For flags, deadline and s see ws_attach_client; with
 * WS_NOHTTP the buffers are not used.
 *
 * Returns a handle, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no bytestream, EINVAL for a bad
 * argument, EPROTO when the client does not speak the protocol, EMSGSIZE when a string does not fit, or a line of its header
 * is longer than 64 KiB, ECANCELED when the coroutine is being closed, EPIPE or ECONNRESET when the stream ends, ETIMEDOUT
 * when the deadline passed, ENOMEM.
 */
DILL_EXPORT
int dill_ws_attach_server(int s,
                          int flags,
                          char *resource,
                          size_t resourcelen,
                          char *host,
                          size_t hostlen,
                          int64_t deadline);

/**
 * As ws_attach_server, but in memory of the program's, which has to be kept until the socket is closed or detached.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT
int dill_ws_attach_server_mem(int s,
                              int flags,
                              char *resource,
                              size_t resourcelen,
                              char *host,
                              size_t hostlen,
                              struct dill_ws_storage *mem,
                              int64_t deadline);

/**
 * Sends a message of the type that flags say, WS_TEXT or WS_BINARY. Otherwise as msend. Text is not checked for being
 * UTF-8; a peer may end the connection if it is not.
 *
 * Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind, EBUSY when another
 * coroutine sends, EPIPE after ws_done, ECANCELED when the coroutine is being closed, ECONNRESET when the socket is broken,
 * ETIMEDOUT when the deadline passed.
 */
DILL_EXPORT
int dill_ws_send(int s,
                 int flags,
                 const void *buf,
                 size_t len,
                 int64_t deadline);

/**
 * Receives a message of any type, and stores the type, WS_TEXT or WS_BINARY, unless flags is NULL. Otherwise as mrecv.
 *
 * Returns the size of the message, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind,
 * EBUSY when another coroutine receives, EMSGSIZE when the message is larger than the buffer, after which the next one can
 * be received, EPIPE when the peer has closed the WebSocket (see ws_status) or ended the stream, EPROTO when it breaks the
 * protocol, which it is told, ECANCELED when the coroutine is being closed, ECONNRESET when the socket is broken, ETIMEDOUT
 * when the deadline passed.
 */
DILL_EXPORT
ssize_t dill_ws_recv(int s,
                     int *flags,
                     void *buf,
                     size_t len,
                     int64_t deadline);

/**
 * Sends the bytes of a list of buffers as a message. Otherwise as ws_send.
 *
 * Fails with errno EINVAL, too: when the list has no end, does not end with last, or an item is in use.
 */
DILL_EXPORT
int dill_ws_sendl(int s,
                  int flags,
                  struct dill_iolist *first,
                  struct dill_iolist *last,
                  int64_t deadline);

/**
 * Receives a message into a list of buffers. Otherwise as ws_recv.
 *
 * Fails with errno EINVAL, too: when the list has no end, or an item is in use.
 */
DILL_EXPORT
ssize_t dill_ws_recvl(int s,
                      int *flags,
                      struct dill_iolist *first,
                      struct dill_iolist *last,
                      int64_t deadline);

/**
 * Closes the WebSocket in this direction: sends a status of 1000 to 4999 and a reason of at most 123 bytes of UTF-8, or, if
 * status is 0, neither. Receiving goes on, until the peer closes the other direction.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
 *
 * Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind, EINVAL for a bad
 * status or reason, EBUSY when another coroutine sends, EPIPE when this was done before, also by the library, which tells a
 * peer when it breaks the protocol; ECANCELED, ECONNRESET, ETIMEDOUT.
 */
DILL_EXPORT
int dill_ws_done(int s,
                 int status,
                 const void *buf,
                 size_t len,
                 int64_t deadline);

/**
 * Takes WebSocket off its bytestream: closes it with a status and a reason unless that was done, as ws_done, and drops
 * messages until the peer has closed it, too. When this fails the socket is closed, unless s was no such handle.
 *
 * Returns the handle of the bytestream, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another
 * kind, EINVAL for a bad status or reason, EPROTO, EPIPE when the stream ended, ECANCELED, ECONNRESET, ETIMEDOUT.
 */
DILL_EXPORT
int dill_ws_detach(int s,
                   int status,
                   const void *buf,
                   size_t len,
                   int64_t deadline);

/**
 * Stores the status and the reason with which the peer closed the WebSocket. The status is 0 when it said none. Either of
 * status and buf may be NULL. Never blocks.
 *
 * Returns the length of the reason, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another
 * kind, EAGAIN when the peer has not closed it, EMSGSIZE when the reason is longer than len, EINVAL when buf is NULL and len
 * is not 0.
 */
DILL_EXPORT
ssize_t dill_ws_status(int s,
                       int *status,
                       void *buf,
                       size_t len);

/**
 * Makes a new key for a client's opening handshake, and stores it as a string in request_key, which has room for WS_KEY_SIZE
 * bytes. Never blocks.
 *
 * Returns 0, or -1 with errno EINVAL when request_key is NULL.
 */
DILL_EXPORT
int dill_ws_request_key(char *request_key);

/**
 * Makes the key with which a server's opening handshake answers request_key, and stores it as a string in response_key,
 * which has room for WS_KEY_SIZE bytes. Never blocks.
 *
 * Returns 0, or -1 with errno: EINVAL when an argument is NULL, EPROTO when request_key is no key.
 */
DILL_EXPORT
int dill_ws_response_key(const char *request_key,
                         char *response_key);

/**
 * Asks the SOCKS5 proxy at the other end of a bytestream for a TCP connection to an address. Then the bytestream is that
 * connection.
 *
 * If username and password are not NULL they are offered to the proxy. deadline is a point in time as now returns it, -1 for
 * never, 0 for not waiting. The socket stays the caller's, also when this fails; then it is of no further use.
 *
 * Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no bytestream, EINVAL for a bad
 * argument, EACCES when the proxy does not let us in, EPROTO when it does not speak the protocol; EIO, EACCES, ENETUNREACH,
 * EHOSTUNREACH, ECONNREFUSED, ETIMEDOUT, EOPNOTSUPP or EAFNOSUPPORT as it replies; those of bsend and brecv.
 */
DILL_EXPORT
int dill_socks5_client_connect(int s,
                               const char *username,
                               const char *password,
                               struct dill_ipaddr *addr,
                               int64_t deadline);

/**
 * Asks the SOCKS5 proxy at the other end of a bytestream for a TCP connection to a port of a host, which the proxy looks up.
 * Otherwise as socks5_client_connect.
 */
DILL_EXPORT
int dill_socks5_client_connectbyname(int s,
                                     const char *username,
                                     const char *password,
                                     const char *hostname,
                                     int port,
                                     int64_t deadline);

/**
 * Lets a SOCKS5 client in, at the proxy's end of a bytestream: any, or, if auth_fn is not NULL, those whose user name and
 * password it accepts. It is called with both as strings, and may block.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
 *
 * Returns 0, or -1 with errno: EACCES when the client is not let in, which it was told, EBADF when there is no such handle,
 * ENOTSUP when it is no bytestream, EPROTO when the client does not speak the protocol; those of bsend and brecv.
 */
DILL_EXPORT
int dill_socks5_proxy_auth(int s,
                           int (*auth_fn)(const char *username, const char *password),
                           int64_t deadline);

/**
 * Receives a command of a SOCKS5 client, and stores the address that it is about. A name is looked up.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
 *
 * Returns SOCKS5_CONNECT, SOCKS5_BIND or SOCKS5_UDP_ASSOCIATE, or -1 with errno: EBADF when there is no such handle, ENOTSUP
 * when it is no bytestream, EPROTO when the client does not speak the protocol, EADDRNOTAVAIL when the name has no address;
 * those of brecv.
 */
DILL_EXPORT
int dill_socks5_proxy_recvcommand(int s,
                                  struct dill_ipaddr *ipaddr,
                                  int64_t deadline);

/**
 * Receives a command of a SOCKS5 client, and stores the host that it is about, a name or an address as a string, in host,
 * which has room for 256 bytes, and its port. Otherwise as socks5_proxy_recvcommand.
 */
DILL_EXPORT
int dill_socks5_proxy_recvcommandbyname(int s,
                                        char *host,
                                        int *port,
                                        int64_t deadline);

/**
 * Replies to a SOCKS5 client's command: SOCKS5_SUCCESS or one of the failures, and the address that the proxy uses.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
 *
 * Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is no bytestream, EINVAL for a bad
 * argument; those of bsend.
 */
DILL_EXPORT
int dill_socks5_proxy_sendreply(int s,
                                int reply,
                                struct dill_ipaddr *ipaddr,
                                int64_t deadline);

/**
 * Connects to a port of a host by TCP: looks up its IPv6 and its IPv4 addresses, and tries them in turn, each a little
 * later than the one before, until one answers (RFC 8305).
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting. For what is returned see tcp_connect.
 *
 * Returns a handle, or -1 with errno: EINVAL for a bad argument, EADDRNOTAVAIL when the host has no address, what the last
 * attempt failed with when all did, ECANCELED when the coroutine is being closed, ETIMEDOUT when the deadline passed, ENOMEM,
 * EMFILE or ENFILE.
 */
DILL_EXPORT
int dill_happyeyeballs_connect(const char *name,
                               int port,
                               int64_t deadline);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */
#endif

#if !defined DILL_DISABLE_SOCKETS && !defined DILL_DISABLE_TLS

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Puts TLS on a bytestream as its server. The new socket is a bytestream, too: what is sent and received is encrypted.
 *
 * cert and pkey are PEM files: the certificate, with those that vouch for it behind it, and its private key. deadline is a
 * point in time as now returns it, -1 for never, 0 for not waiting. The socket s belongs to the new one from now on, and is
 * closed when this fails. The calling coroutine needs 32 KiB of stack.
 *
 * Returns a handle, or -1 with errno: EBADF when there is no such handle, EPROTO when it is no bytestream, EINVAL when a file
 * is NULL, EFAULT when TLS fails: a file cannot be used, or the client does not speak the protocol; ENOTSUP when the system
 * has no libssl, ECANCELED when the coroutine is being closed, ECONNRESET when the stream ends, ETIMEDOUT when the deadline
 * passed, ENOMEM. The environment variable RELINK_LOG=warn makes the library say on standard error why TLS failed.
 */
DILL_EXPORT
int dill_tls_attach_server(int s,
                           const char *cert,
                           const char *pkey,
                           int64_t deadline);

/**
 * As tls_attach_server, but in memory of the program's, which has to be kept until the socket is closed or detached.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT
int dill_tls_attach_server_mem(int s,
                               const char *cert,
                               const char *pkey,
                               struct dill_tls_storage *mem,
                               int64_t deadline);

/**
 * Puts TLS on a bytestream as its client. The new socket is a bytestream, too: what is sent and received is encrypted.
 *
 * Who the server is is not checked: nobody but the server can listen, but the server may be anybody. To change that without
 * changing a program, the environment variable RELINK_TLS_TRUST says whom to trust, system or a PEM file, and
 * RELINK_TLS_NAME for which name the server's certificate has to be. Programs that know the name call
 * relink_dill_tls_attach_client.
 *
 * For deadline and s, and what is returned, see tls_attach_server.
 */
DILL_EXPORT
int dill_tls_attach_client(int s,
                           int64_t deadline);

/**
 * As tls_attach_client, but in memory of the program's, which has to be kept until the socket is closed or detached.
 *
 * Fails with errno EINVAL, too: when mem is NULL.
 */
DILL_EXPORT
int dill_tls_attach_client_mem(int s,
                               struct dill_tls_storage *mem,
                               int64_t deadline);

/**
 * Says goodbye to the peer: nothing more will be sent. Receiving goes on.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
 *
 * Returns 0, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another kind, EPIPE when this was
 * done before, ECONNRESET when the socket is broken, EBUSY when another coroutine sends, ECANCELED, ETIMEDOUT.
 */
DILL_EXPORT
int dill_tls_done(int s,
                  int64_t deadline);

/**
 * Takes TLS off its bytestream: says goodbye unless that was done, and discards what comes until the peer's goodbye. The
 * bytestream goes on, unencrypted, with the byte after it. When this fails the socket is closed, unless s was no such handle.
 *
 * deadline is a point in time as now returns it, -1 for never, 0 for not waiting.
 *
 * Returns the handle of the bytestream, or -1 with errno: EBADF when there is no such handle, ENOTSUP when it is of another
 * kind, ECONNRESET when the socket is broken, ECANCELED, ETIMEDOUT.
 */
DILL_EXPORT
int dill_tls_detach(int s,
                    int64_t deadline);

/**
 * There is no DTLS. Closes s.
 *
 * Returns -1 with errno ENOTSUP, or EBADF when there is no such handle.
 */
DILL_EXPORT
int dill_dtls_attach_server(int s,
                            const char *cert,
                            const char *pkey,
                            int64_t deadline);

/**
 * As dtls_attach_server.
 */
DILL_EXPORT
int dill_dtls_attach_server_mem(int s,
                                const char *cert,
                                const char *pkey,
                                struct dill_dtls_storage *mem,
                                int64_t deadline);

/**
 * As dtls_attach_server.
 */
DILL_EXPORT int dill_dtls_attach_client(int s, int64_t deadline);

/**
 * As dtls_attach_server.
 */
DILL_EXPORT int dill_dtls_attach_client_mem(int s, struct dill_dtls_storage *mem, int64_t deadline);

/**
 * There is no DTLS, so that no handle is one.
 *
 * Returns -1 with errno ENOTSUP.
 */
DILL_EXPORT int dill_dtls_done(int s, int64_t deadline);

/**
 * As dtls_done.
 */
DILL_EXPORT int dill_dtls_detach(int s, int64_t deadline);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */
#endif


/**
 * Short names. They are plain macros, so that they also stand for the tags of structs and in any other place: a program
 * that uses such words for something else defines DILL_DISABLE_RAW_NAMES before it includes this header.
 */
#if !defined DILL_DISABLE_RAW_NAMES

#define fdclean dill_fdclean
#define fdin dill_fdin
#define fdout dill_fdout
#define now dill_now
#define msleep dill_msleep
#define hown dill_hown
#define hclose dill_hclose
#define coroutine dill_coroutine
#define go dill_go
#define go_mem dill_go_mem
#define bundle_go dill_bundle_go
#define bundle_go_mem dill_bundle_go_mem
#define bundle_storage dill_bundle_storage
#define bundle dill_bundle
#define bundle_mem dill_bundle_mem
#define bundle_wait dill_bundle_wait
#define yield dill_yield
#define CHSEND DILL_CHSEND
#define CHRECV DILL_CHRECV
#define chclause dill_chclause
#define chstorage dill_chstorage
#define chmake dill_chmake
#define chmake_mem dill_chmake_mem
#define chsend dill_chsend
#define chrecv dill_chrecv
#define chdone dill_chdone
#define choose dill_choose

#if !defined DILL_DISABLE_SOCKETS

#define iolist dill_iolist
#define bsend dill_bsend
#define brecv dill_brecv
#define bsendl dill_bsendl
#define brecvl dill_brecvl
#define msend dill_msend
#define mrecv dill_mrecv
#define msendl dill_msendl
#define mrecvl dill_mrecvl
#define IPADDR_IPV4 DILL_IPADDR_IPV4
#define IPADDR_IPV6 DILL_IPADDR_IPV6
#define IPADDR_PREF_IPV4 DILL_IPADDR_PREF_IPV4
#define IPADDR_PREF_IPV6 DILL_IPADDR_PREF_IPV6
#define IPADDR_MAXSTRLEN DILL_IPADDR_MAXSTRLEN
#define ipaddr dill_ipaddr
#define ipaddr_local dill_ipaddr_local
#define ipaddr_remote dill_ipaddr_remote
#define ipaddr_remotes dill_ipaddr_remotes
#define ipaddr_str dill_ipaddr_str
#define ipaddr_family dill_ipaddr_family
#define ipaddr_sockaddr dill_ipaddr_sockaddr
#define ipaddr_len dill_ipaddr_len
#define ipaddr_port dill_ipaddr_port
#define ipaddr_setport dill_ipaddr_setport
#define ipaddr_equal dill_ipaddr_equal
#define tcp_listener_storage dill_tcp_listener_storage
#define tcp_storage dill_tcp_storage
#define tcp_listen dill_tcp_listen
#define tcp_listen_mem dill_tcp_listen_mem
#define tcp_accept dill_tcp_accept
#define tcp_accept_mem dill_tcp_accept_mem
#define tcp_connect dill_tcp_connect
#define tcp_connect_mem dill_tcp_connect_mem
#define tcp_done dill_tcp_done
#define tcp_close dill_tcp_close
#define tcp_listener_fromfd dill_tcp_listener_fromfd
#define tcp_listener_fromfd_mem dill_tcp_listener_fromfd_mem
#define tcp_fromfd dill_tcp_fromfd
#define tcp_fromfd_mem dill_tcp_fromfd_mem
#define ipc_listener_storage dill_ipc_listener_storage
#define ipc_storage dill_ipc_storage
#define ipc_pair_storage dill_ipc_pair_storage
#define ipc_listen dill_ipc_listen
#define ipc_listen_mem dill_ipc_listen_mem
#define ipc_accept dill_ipc_accept
#define ipc_accept_mem dill_ipc_accept_mem
#define ipc_connect dill_ipc_connect
#define ipc_connect_mem dill_ipc_connect_mem
#define ipc_sendfd dill_ipc_sendfd
#define ipc_recvfd dill_ipc_recvfd
#define ipc_done dill_ipc_done
#define ipc_close dill_ipc_close
#define ipc_listener_fromfd dill_ipc_listener_fromfd
#define ipc_listener_fromfd_mem dill_ipc_listener_fromfd_mem
#define ipc_fromfd dill_ipc_fromfd
#define ipc_fromfd_mem dill_ipc_fromfd_mem
#define ipc_pair dill_ipc_pair
#define ipc_pair_mem dill_ipc_pair_mem
#define PREFIX_BIG_ENDIAN DILL_PREFIX_BIG_ENDIAN
#define PREFIX_LITTLE_ENDIAN DILL_PREFIX_LITTLE_ENDIAN
#define prefix_storage dill_prefix_storage
#define prefix_attach dill_prefix_attach
#define prefix_attach_mem dill_prefix_attach_mem
#define prefix_detach dill_prefix_detach
#define suffix_storage dill_suffix_storage
#define suffix_attach dill_suffix_attach
#define suffix_attach_mem dill_suffix_attach_mem
#define suffix_detach dill_suffix_detach
#define udp_storage dill_udp_storage
#define udp_open dill_udp_open
#define udp_open_mem dill_udp_open_mem
#define udp_send dill_udp_send
#define udp_recv dill_udp_recv
#define udp_sendl dill_udp_sendl
#define udp_recvl dill_udp_recvl
#define http_storage dill_http_storage
#define http_attach dill_http_attach
#define http_attach_mem dill_http_attach_mem
#define http_done dill_http_done
#define http_detach dill_http_detach
#define http_sendrequest dill_http_sendrequest
#define http_recvrequest dill_http_recvrequest
#define http_sendstatus dill_http_sendstatus
#define http_recvstatus dill_http_recvstatus
#define http_sendfield dill_http_sendfield
#define http_recvfield dill_http_recvfield
#define WS_BINARY DILL_WS_BINARY
#define WS_TEXT DILL_WS_TEXT
#define WS_NOHTTP DILL_WS_NOHTTP
#define ws_storage dill_ws_storage
#define ws_attach_server dill_ws_attach_server
#define ws_attach_server_mem dill_ws_attach_server_mem
#define ws_attach_client dill_ws_attach_client
#define ws_attach_client_mem dill_ws_attach_client_mem
#define ws_send dill_ws_send
#define ws_recv dill_ws_recv
#define ws_sendl dill_ws_sendl
#define ws_recvl dill_ws_recvl
#define ws_done dill_ws_done
#define ws_detach dill_ws_detach
#define ws_status dill_ws_status
#define ws_request_key dill_ws_request_key
#define ws_response_key dill_ws_response_key
#define socks5_client_connect dill_socks5_client_connect
#define socks5_client_connectbyname dill_socks5_client_connectbyname
#define socks5_proxy_auth dill_socks5_proxy_auth
#define socks5_proxy_recvcommand dill_socks5_proxy_recvcommand
#define socks5_proxy_recvcommandbyname dill_socks5_proxy_recvcommandbyname
#define socks5_proxy_sendreply dill_socks5_proxy_sendreply
#define SOCKS5_CONNECT DILL_SOCKS5_CONNECT
#define SOCKS5_BIND DILL_SOCKS5_BIND
#define SOCKS5_UDP_ASSOCIATE DILL_SOCKS5_UDP_ASSOCIATE
#define SOCKS5_SUCCESS DILL_SOCKS5_SUCCESS
#define SOCKS5_GENERAL_FAILURE DILL_SOCKS5_GENERAL_FAILURE
#define SOCKS5_CONNECTION_NOT_ALLOWED DILL_SOCKS5_CONNECTION_NOT_ALLOWED
#define SOCKS5_NETWORK_UNREACHABLE DILL_SOCKS5_NETWORK_UNREACHABLE
#define SOCKS5_HOST_UNREACHABLE DILL_SOCKS5_HOST_UNREACHABLE
#define SOCKS5_CONNECTION_REFUSED DILL_SOCKS5_CONNECTION_REFUSED
#define SOCKS5_TTL_EXPIRED DILL_SOCKS5_TTL_EXPIRED
#define SOCKS5_COMMAND_NOT_SUPPORTED DILL_SOCKS5_COMMAND_NOT_SUPPORTED
#define SOCKS5_ADDRESS_TYPE_NOT_SUPPORTED DILL_SOCKS5_ADDRESS_TYPE_NOT_SUPPORTED
#define term_storage dill_term_storage
#define term_attach dill_term_attach
#define term_attach_mem dill_term_attach_mem
#define term_done dill_term_done
#define term_detach dill_term_detach
#define happyeyeballs_connect dill_happyeyeballs_connect

#if !defined DILL_DISABLE_TLS

#define tls_storage dill_tls_storage
#define tls_attach_server dill_tls_attach_server
#define tls_attach_server_mem dill_tls_attach_server_mem
#define tls_attach_client dill_tls_attach_client
#define tls_attach_client_mem dill_tls_attach_client_mem
#define tls_done dill_tls_done
#define tls_detach dill_tls_detach
#define dtls_storage dill_dtls_storage
#define dtls_attach_server dill_dtls_attach_server
#define dtls_attach_server_mem dill_dtls_attach_server_mem
#define dtls_attach_client dill_dtls_attach_client
#define dtls_attach_client_mem dill_dtls_attach_client_mem
#define dtls_done dill_dtls_done
#define dtls_detach dill_dtls_detach

#endif
#endif
#endif
#endif  /* LIBDILL_H */
