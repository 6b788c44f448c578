/* Channels and bundles without a network: a few workers share a queue of numbers, and report how many steps the
 * Collatz sequence of each takes.
 *
 *     workers [NUMBERS [WORKERS]]
 *
 * The queue is a channel that all workers receive from; results come back on another. chdone says that there is no more
 * work, bundle_wait waits for the workers, and hclose cancels what never ends by itself. */

#include <errno.h>
#include <libdill.h>
#include <stdio.h>
#include <stdlib.h>

struct result {
    int worker;
    long number;
    int steps;
};

static coroutine void work(int worker, int queue, int results)
{
    long number;
    while (chrecv(queue, &number, sizeof number, -1) == 0) {
        struct result result = {worker, number, 0};
        for (long n = number; n > 1; n = n % 2 ? 3 * n + 1 : n / 2)
            result.steps++;
        if (chsend(results, &result, sizeof result, -1) < 0)
            return;
    }
}

static coroutine void fill(int queue, long numbers)
{
    for (long number = 1; number <= numbers; number++)
        if (chsend(queue, &number, sizeof number, -1) < 0)
            return;
    chdone(queue);
}

/* Ticks for ever: somebody has to close it. */
static coroutine void tick(int ticks)
{
    for (int count = 1; msleep(now() + 10) == 0; count++)
        if (chsend(ticks, &count, sizeof count, -1) < 0)
            return;
}

int main(int argc, char **argv)
{
    long numbers = argc > 1 ? atol(argv[1]) : 1000;
    int workers = argc > 2 ? atoi(argv[2]) : 4;
    int queue[2], results[2], ticks[2];

    if (numbers < 1 || workers < 1) {
        fprintf(stderr, "usage: workers [NUMBERS [WORKERS]]\n");
        return 2;
    }
    if (chmake(queue) < 0 || chmake(results) < 0 || chmake(ticks) < 0) {
        perror("workers: channels");
        return 1;
    }
    int pool = bundle();
    for (int worker = 0; worker < workers; worker++)
        if (bundle_go(pool, work(worker, queue[1], results[0])) < 0) {
            perror("workers: coroutines");
            return 1;
        }
    int filler = go(fill(queue[0], numbers));
    int ticker = go(tick(ticks[0]));

    struct result result, longest = {0, 0, -1};
    int count = 0, seen = 0;
    for (long done = 0; done < numbers;) {
        /* The first clause that is possible wins. */
        struct chclause clauses[] = {
            {CHRECV, results[1], &result, sizeof result},
            {CHRECV, ticks[1], &count, sizeof count},
        };
        int which = choose(clauses, 2, now() + 60000);
        if (which < 0 || errno != 0) {
            perror("workers: choose");
            return 1;
        }
        if (which == 1) {
            seen = count;
            continue;
        }
        done++;
        if (result.steps > longest.steps)
            longest = result;
    }
    /* The workers have seen the end of the queue, or are about to. */
    if (bundle_wait(pool, now() + 60000) < 0) {
        perror("workers: bundle_wait");
        return 1;
    }
    printf("%ld numbers, %d workers: the longest sequence is that of %ld, with %d steps\n", numbers, workers,
           longest.number, longest.steps);
    fprintf(stderr, "%d ticks\n", seen);

    /* Cancels it where it is. */
    hclose(ticker);
    hclose(filler);
    hclose(pool);
    for (int end = 0; end < 2; end++) {
        hclose(queue[end]);
        hclose(results[end]);
        hclose(ticks[end]);
    }
    return 0;
}
