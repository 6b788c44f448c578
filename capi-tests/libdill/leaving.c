/* Programs end from within a coroutine, and use the library in functions that run when they end; signals interrupt waits
 * without ending them.
 */
#include <libdill.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include "check.h"

static volatile sig_atomic_t alarms;

static void on_alarm(int signal)
{
    (void)signal;
    alarms++;
}

static coroutine void nothing(void)
{
    printf("late\n");
}

static void late(void)
{
    int h = go(nothing());

    CHECK(h >= 0 && msleep(now() + 1) == 0 && hclose(h) == 0);
}

static coroutine void waiting(void)
{
    msleep(-1);
}

static coroutine void leaving(void)
{
    CHECK(msleep(now() + 1) == 0);
    exit(0);
}

int main(void)
{
    struct sigaction action;
    struct itimerval often = { { 0, 3000 }, { 0, 3000 } }, never = { { 0, 0 }, { 0, 0 } };
    int fds[2];

    CHECK(atexit(late) == 0);
    memset(&action, 0, sizeof action);
    action.sa_handler = on_alarm;
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    CHECK(pipe(fds) == 0);
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
    while (alarms < 4)
        CHECK(msleep(now() + 50) == 0);
    alarms = 0;
    while (alarms < 4)
        CHECK(fdin(fds[0], now() + 50) == -1 && errno == ETIMEDOUT);
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
    CHECK(fdclean(fds[0]) == 0 && close(fds[0]) == 0 && close(fds[1]) == 0);

    CHECK(go(waiting()) >= 0 && go(leaving()) >= 0);
    msleep(-1);
    return 1;
}
