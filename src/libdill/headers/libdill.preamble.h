
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
