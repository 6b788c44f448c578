/* A forked child goes on with the coroutines it inherits, and neither hears the other's descriptors.
 * harness: ours-only the original shares the set of descriptors with its child
 */
#include <libdill.h>
#include <stdio.h>
#include <sys/wait.h>
#include "check.h"

static coroutine void reading(int fd, int *count)
{
    char byte;

    while (fdin(fd, -1) == 0 && read(fd, &byte, 1) == 1)
        (*count)++;
}

static int counted;

/* Lets the reader run until it has counted so many. */
static void wait_for(int count)
{
    int64_t end = now() + 3600000;

    while (counted < count && now() < end)
        CHECK(msleep(now() + 5) == 0);
    CHECK(counted == count);
}

int main(void)
{
    int fds[2], back[2], h, status;
    char byte = 0;
    pid_t child;

    CHECK(pipe(fds) == 0 && pipe(back) == 0);
    h = go(reading(fds[0], &counted));
    CHECK(msleep(now() + 5) == 0);
    fflush(stdout);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        /* Other descriptors under the same numbers: the parent must not hear of them. */
        int own[2];

        CHECK(pipe(own) == 0);
        CHECK(dup2(own[0], fds[0]) == fds[0] && dup2(own[1], fds[1]) == fds[1]);
        CHECK(msleep(now() + 5) == 0);
        CHECK(write(fds[1], "xyz", 3) == 3);
        wait_for(3);
        CHECK(hclose(h) == 0);
        CHECK(write(back[1], "d", 1) == 1);
        _exit(0);
    }
    CHECK(fdin(back[0], now() + 3600000) == 0 && read(back[0], &byte, 1) == 1 && byte == 'd');
    CHECK(counted == 0);
    CHECK(write(fds[1], "xy", 2) == 2);
    wait_for(2);
    CHECK(hclose(h) == 0);
    CHECK(fdclean(fds[0]) == 0 && fdclean(back[0]) == 0);
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(close(fds[0]) == 0 && close(fds[1]) == 0 && close(back[0]) == 0 && close(back[1]) == 0);
    return 0;
}
