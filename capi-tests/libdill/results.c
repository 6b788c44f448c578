/* Coroutines give results through pointers to their launchers' variables: those are there when the launcher looks, however
 * the program is optimised.
 */
#include <libdill.h>
#include <stdio.h>
#include "check.h"

static coroutine void fibonacci(int n, long *result)
{
    long one = 0, two = 0;
    int first, second;

    if (n < 2) {
        *result = n;
        return;
    }
    first = go(fibonacci(n - 1, &one));
    CHECK(first >= 0);
    second = go(fibonacci(n - 2, &two));
    CHECK(second >= 0);
    CHECK(bundle_wait(first, -1) == 0 && bundle_wait(second, -1) == 0);
    CHECK(hclose(first) == 0 && hclose(second) == 0);
    *result = one + two;
}

struct point {
    double x, y;
};

static coroutine void move(struct point *point, double by)
{
    CHECK(yield() == 0);
    point->x += by;
    CHECK(yield() == 0);
    point->y -= by;
}

/* More live values than there are registers, of both kinds, across launches. */
static double busy(int rounds)
{
    double a = 1, b = 2, c = 3, d = 4, e = 5, f = 6;
    long i, j = 1, k = 2, l = 3, m = 4, n = 5;
    struct point point = { 0, 0 };

    for (i = 0; i < rounds; i++) {
        int h = go(move(&point, a));

        a += b, b += c, c += d, d += e, e += f, f += 1;
        j += k, k += l, l += m, m += n, n += i;
        CHECK(bundle_wait(h, -1) == 0 && hclose(h) == 0);
    }
    return a + b + c + d + e + f + (double)(j + k + l + m + n) + point.x * 3 + point.y * 2;
}

int main(void)
{
    long result = -1;

    fibonacci(12, &result);
    CHECK(result == 144);
    printf("%.0f\n", busy(20));
    return 0;
}
