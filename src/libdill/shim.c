/* What takes a C compiler where there is no assembler for it. */

/* Where the thread has its scheduler. */
extern __thread const void *relink_libdill_scheduler;
const void **relink_libdill_scheduler_place(void);

const void **relink_libdill_scheduler_place(void)
{
    return &relink_libdill_scheduler;
}

/* Switching stacks where programs save registers by the C library's sigsetjmp: only a C compiler knows that this
 * function returns twice.
 */
#if !defined __x86_64__

#undef _FORTIFY_SOURCE /* its longjmp refuses to leave for another stack */
#include <setjmp.h>

enum { REGISTERS_SIZE = 512 };

_Static_assert(sizeof(sigjmp_buf) <= REGISTERS_SIZE, "Registers in switch.rs are too small");

void relink_libdill_switch(sigjmp_buf *save, sigjmp_buf *resume);
void relink_libdill_resume(sigjmp_buf *registers);

void relink_libdill_switch(sigjmp_buf *save, sigjmp_buf *resume)
{
    if (!sigsetjmp(*save, 0))
        siglongjmp(*resume, 1);
}

void relink_libdill_resume(sigjmp_buf *registers)
{
    siglongjmp(*registers, 1);
}

#endif
