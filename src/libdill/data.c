/* Data that programs refer to. Linked into a program that is no position-independent executable, such an
 * object lives in the program, and the library has to look for it there: C says so by its ordinary rules.
 */
extern __thread const void *relink_libdill_scheduler;
extern volatile void *dill_unoptimisable;
extern const void *dill_bsock_type;
extern const void *dill_msock_type;

/* Written by programs where they move the stack pointer without assembler. */
volatile void *dill_unoptimisable;

/* The addresses are what counts. */
static const char bsock_key = 0;
static const char msock_key = 0;

const void *dill_bsock_type = &bsock_key;
const void *dill_msock_type = &msock_key;

/* The thread's scheduler, or NULL: found without a function call worth the name, which Rust's own thread-local values
 * are not in a shared object.
 */
__thread const void *relink_libdill_scheduler;
