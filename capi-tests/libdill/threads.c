/* Each thread has a scheduler and handles of its own, which go when it ends.
 * harness: libs -lpthread
 */
#include <libdill.h>
#include <pthread.h>
#include <stdio.h>
#include "check.h"

enum { THREADS = 4, ROUNDS = 200 };

static coroutine void ponging(int ch, int fd)
{
    int value;

    while (chrecv(ch, &value, sizeof value, -1) == 0) {
        value++;
        CHECK(fdout(fd, -1) == 0);
        CHECK(chsend(ch, &value, sizeof value, -1) == 0);
    }
}

static coroutine void sleepy(void)
{
    msleep(-1);
}

static void *run(void *first_handle)
{
    int fds[2], ch[2], h, i, b;

    CHECK(pipe(fds) == 0);
    CHECK(chmake(ch) == 0);
    *(int *)first_handle = ch[0];
    h = go(ponging(ch[1], fds[1]));
    b = bundle();
    for (i = 0; i < ROUNDS; i++) {
        int value = i;

        CHECK(chsend(ch[0], &value, sizeof value, -1) == 0);
        CHECK(chrecv(ch[0], &value, sizeof value, now() + 3600000) == 0 && value == i + 1);
        CHECK(bundle_go(b, sleepy()) == 0);
        if (i % 50 == 0)
            CHECK(msleep(now() + 1) == 0);
    }
    CHECK(hclose(b) == 0 && hclose(h) == 0);
    CHECK(hclose(ch[0]) == 0 && hclose(ch[1]) == 0);
    CHECK(fdclean(fds[1]) == 0 && close(fds[0]) == 0 && close(fds[1]) == 0);
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    int handles[THREADS], own, i, round;

    run(&own);
    for (round = 0; round < 3; round++) {
        for (i = 0; i < THREADS; i++)
            CHECK(pthread_create(&threads[i], NULL, run, &handles[i]) == 0);
        for (i = 0; i < THREADS; i++) {
            CHECK(pthread_join(threads[i], NULL) == 0);
            CHECK_EQ(handles[i], own);
        }
    }
    printf("%d\n", own);
    return 0;
}
