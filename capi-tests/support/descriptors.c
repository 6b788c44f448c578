/* Fails a test program that ends with more, or fewer, open descriptors than it began with.
 *
 * Linked into every C test. It compares the descriptors below LIMIT at the program's start and at
 * its end, in the process that started only: forked children end as they like.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { LIMIT = 1024 };

static unsigned char at_start[LIMIT];
static pid_t owner;

static int is_open(int descriptor)
{
    return fcntl(descriptor, F_GETFD) != -1;
}

__attribute__((constructor)) static void remember_descriptors(void)
{
    int descriptor;

    owner = getpid();
    for (descriptor = 0; descriptor < LIMIT; descriptor++)
        at_start[descriptor] = (unsigned char)is_open(descriptor);
}

__attribute__((destructor)) static void compare_descriptors(void)
{
    int descriptor;
    int differences = 0;

    if (getpid() != owner)
        return;
    for (descriptor = 0; descriptor < LIMIT; descriptor++) {
        int now = is_open(descriptor);

        if (now != at_start[descriptor]) {
            fprintf(stderr, "descriptor %d was %s by the test program\n", descriptor,
                    now ? "left open" : "closed");
            differences++;
        }
    }
    if (differences) {
        fflush(NULL);
        _exit(99);
    }
}
