/* The library's data as a program sees it, and as a shared object in the same process does. */
#include <libdillimpl.h>
#include <stdio.h>

const void **part_bsock_type(void);
const void **part_msock_type(void);
volatile void **part_unoptimisable(void);

#if defined PART

const void **part_bsock_type(void)
{
    return &dill_bsock_type;
}

const void **part_msock_type(void)
{
    return &dill_msock_type;
}

volatile void **part_unoptimisable(void)
{
    return &dill_unoptimisable;
}

#else

static const void *asked[8];
static int count;

static void *query(struct hvfs *vfs, const void *type)
{
    (void)vfs;
    asked[count++] = type;
    errno = ENOTSUP;
    return NULL;
}

static void finish(struct hvfs *vfs)
{
    (void)vfs;
}

int main(void)
{
    struct hvfs vfs = { query, finish };
    char byte = 0;
    int h = hmake(&vfs);

    if (&dill_bsock_type != part_bsock_type() || &dill_msock_type != part_msock_type() ||
        &dill_unoptimisable != part_unoptimisable())
        return 1;
    if (!dill_bsock_type || !dill_msock_type || dill_bsock_type == dill_msock_type)
        return 2;
    /* The library asks with these values. */
    if (bsend(h, &byte, 1, -1) != -1 || errno != ENOTSUP || mrecv(h, &byte, 1, -1) != -1 || errno != ENOTSUP)
        return 3;
    if (count != 2 || asked[0] != dill_bsock_type || asked[1] != dill_msock_type)
        return 4;
    return hclose(h);
}

#endif
