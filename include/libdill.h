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

/* The stack pointer is moved by the distance of the stacks. Stack protectors would object. */
#define dill_setsp(x) dill_unoptimisable = alloca((char *)alloca(sizeof(size_t)) - (char *)(x))

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
}  // extern "C"
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
