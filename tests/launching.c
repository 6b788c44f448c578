/* Everything that a compiler's options could break in the code that libdill's macros put into programs. Prints what it
 * computes, which is the same however it was compiled. tests/launching.rs compiles it in many ways. */

#include <errno.h>
#include <libdill.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What coroutines write to in the frame of who launched them. GCC's compilers are told by `coroutine` that such a variable
 * may have changed when the launch is over; Clang has no way to be told, so there the variable says it itself. */
#if defined __clang__
#define SHARED volatile
#else
#define SHARED
#endif

struct big {
    double factors[8];
    char name[40];
    long count;
};

/* What the launching function keeps in registers, of both kinds, is there when it is resumed. */
static coroutine void churn(int rounds, double seed)
{
    volatile double a = seed;
    long b = rounds, c = rounds + 1, d = rounds + 2, e = rounds + 3, f = rounds + 4, g = rounds + 5;
    for (int i = 0; i < rounds; i++) {
        a = a * 1.5 + 0.25;
        b += c ^ i, c += d, d += e, e += f, f += g, g += b;
        if (yield() < 0)
            return;
    }
    if (a < 0 && b + c + d + e + f + g == 1)
        abort();
}

static void registers(int start)
{
    long a = start, b = start * 3, c = start * 5, d = start * 7, e = start * 11, f = start * 13;
    double x = start * 0.5, y = start * 0.25, z = start * 0.125;
    int h[4];
    for (int i = 0; i < 4; i++) {
        h[i] = go(churn(3 + i, x + i));
        a += b, b ^= c, c += d, d ^= e, e += f, f ^= a;
        x += y, y += z, z += x;
    }
    for (int i = 0; i < 4; i++)
        if (bundle_wait(h[i], -1) < 0 || hclose(h[i]) < 0)
            abort();
    printf("registers %ld %ld %ld %ld %ld %ld %.6g %.6g %.6g\n", a, b, c, d, e, f, x, y, z);
}

/* The result goes to a variable of the launching function. */
static coroutine void fibonacci(int n, long *result)
{
    if (n < 2) {
        *result = n;
        return;
    }
    SHARED long left = 0, right = 0;
    int b = bundle();
    if (bundle_go(b, fibonacci(n - 1, (long *)&left)) < 0 || bundle_go(b, fibonacci(n - 2, (long *)&right)) < 0)
        abort();
    if (bundle_wait(b, -1) < 0)
        abort();
    hclose(b);
    *result = left + right;
}

/* Many arguments, of which some are on the stack, and are there after a wait; structures; and expressions evaluated at the
 * launch. */
static coroutine void gather(int a, long b, char c, double d, const char *e, struct big f, int g, long h, double i, long j, long k,
                             long l, int out)
{
    char text[200];
    yield();
    snprintf(text, sizeof text, "%d %ld %c %.3f %s %s %.2f %ld %d %ld %.1f %ld %ld %ld", a, b, c, d, e, f.name, f.factors[7],
             f.count, g, h, i, j, k, l);
    size_t size = strlen(text) + 1;
    if (chsend(out, &size, sizeof size, -1) < 0 || chsend(out, text, size, -1) < 0)
        abort();
}

static int twice(int x)
{
    return 2 * x;
}

static void arguments(int ch)
{
    struct big big;
    memset(&big, 0, sizeof big);
    strcpy(big.name, "structure");
    big.factors[7] = 2.75;
    big.count = 1L << 40;
    char local[16];
    strcpy(local, "local array");
    int h = go(gather(twice(21), -1L, 'c', 0.125 * big.count / (1L << 38), local, big, (int)strlen(local), 7L << 33, 9.5, 10L, -11L,
                      12L << 35, ch));
    if (h < 0 || bundle_wait(h, -1) < 0)
        abort();
    hclose(h);
}

static coroutine void print_gathered(int ch)
{
    size_t size;
    char text[200];
    while (chrecv(ch, &size, sizeof size, -1) == 0 && chrecv(ch, text, size, -1) == 0)
        printf("arguments %s\n", text);
}

/* A launching function with a frame of variable size, and an array that a stack protector guards. */
static coroutine void fill(char *where, size_t size, char with)
{
    memset(where, with, size);
    yield();
    memset(where, with + 1, size);
}

static void frames(size_t size)
{
    SHARED char guarded[64];
    SHARED char variable[size];
    SHARED char *allocated = alloca(size * 2);
    memset((char *)guarded, 'g', sizeof guarded);
    int b = bundle();
    if (bundle_go(b, fill((char *)variable, size, 'a')) < 0 || bundle_go(b, fill((char *)allocated, size * 2, 'c')) < 0 ||
        bundle_go(b, fill((char *)guarded, sizeof guarded, 'e')) < 0)
        abort();
    printf("frames %c%c %c%c %c%c", variable[0], variable[size - 1], allocated[0], allocated[size * 2 - 1], guarded[0],
           guarded[63]);
    bundle_wait(b, -1);
    hclose(b);
    printf(" %c%c %c%c %c%c\n", variable[0], variable[size - 1], allocated[0], allocated[size * 2 - 1], guarded[0],
           guarded[63]);
}

/* Stacks of the program's, with every kind of library call on them that wants an aligned stack. */
static coroutine void formatted(char *out, size_t size, ...)
{
    va_list arguments;
    va_start(arguments, size);
    vsnprintf(out, size, "%d %.3f %s %Lg", arguments);
    va_end(arguments);
    yield();
}

static void own_stacks(void)
{
    static char stacks[2][32768];
    char a[64] = "", b[64] = "";
    int first = go_mem(formatted(a, sizeof a, 1, 2.5, "three", 4.25L), stacks[0] + 1, sizeof stacks[0] - 1);
    int second = bundle();
    if (first < 0 || bundle_go_mem(second, formatted(b, sizeof b, 5, 6.5, "seven", 8.25L), stacks[1], sizeof stacks[1]) < 0)
        abort();
    bundle_wait(first, -1);
    bundle_wait(second, -1);
    hclose(first);
    hclose(second);
    printf("own stacks %s, %s\n", a, b);
}

/* A launch in a loop, in a condition, in an argument, and in a coroutine that is itself being launched. */
static coroutine void nest(int depth, int *reached)
{
    if (depth > *reached)
        *reached = depth;
    if (depth < 20)
        hclose(go(nest(depth + 1, reached)));
}

static void places(void)
{
    SHARED int reached = 0;
    int launched = 0;
    for (int i = 0; i < 3; i++)
        launched += hclose(go(nest(18 + i % 2, (int *)&reached))) == 0 ? 1 : 0;
    if (hclose(go(nest(1, (int *)&reached))) == 0 && launched == 3)
        printf("places %d\n", reached);
}

/* Cancelled where it waits; what follows still runs, with its variables as they were. */
static coroutine void patient(int number, int *log, int *logged)
{
    char kept[40];
    snprintf(kept, sizeof kept, "kept by %d", number);
    int rc = msleep(-1);
    if (rc == -1 && errno == ECANCELED && strncmp(kept, "kept by ", 8) == 0)
        log[(*logged)++] = number;
}

static void cancelled(void)
{
    SHARED int log[10], logged = 0;
    int b = bundle();
    for (int i = 0; i < 10; i++)
        if (bundle_go(b, patient(i, (int *)log, (int *)&logged)) < 0)
            abort();
    hclose(b);
    printf("cancelled");
    for (int i = 0; i < logged; i++)
        printf(" %d", log[i]);
    printf("\n");
}

/* Sleepers that wake a chooser, and one that nobody wakes. */
static coroutine void ping(int ch, int number, int64_t deadline)
{
    if (msleep(deadline) == 0)
        chsend(ch, &number, sizeof number, -1);
}

static void choices(void)
{
    int chs[2][2], number, b = bundle();
    if (chmake(chs[0]) < 0 || chmake(chs[1]) < 0)
        abort();
    printf("choices");
    for (int i = 0; i < 7; i++) {
        if (i < 6 && bundle_go(b, ping(chs[i % 2][0], i, now() + 5)) < 0)
            abort();
        struct chclause clauses[] = {{CHRECV, chs[0][1], &number, sizeof number}, {CHRECV, chs[1][1], &number, sizeof number}};
        int which = choose(clauses, 2, i < 6 ? -1 : now() + 10);
        if (which < 0)
            printf(" %s", errno == ETIMEDOUT ? "late" : "error");
        else
            printf(" %d:%d", which, number);
    }
    printf("\n");
    hclose(b);
    for (int i = 0; i < 4; i++)
        hclose(chs[i / 2][i % 2]);
}

/* A mistake, for those who look for them. */
static coroutine void overflow(volatile char *array, int index)
{
    yield();
    array[index] = 1;
}

int main(int argc, char **argv)
{
    SHARED long result = 0;
    int ch[2];

    if (argc > 1 && strcmp(argv[1], "overflow") == 0)
        return bundle_wait(go(overflow(malloc(10), 10)), -1);
    registers(3);
    int h = go(fibonacci(12, (long *)&result));
    bundle_wait(h, -1);
    hclose(h);
    printf("fibonacci %ld\n", result);
    if (chmake(ch) < 0)
        return 1;
    int printer = go(print_gathered(ch[1]));
    arguments(ch[0]);
    chdone(ch[0]);
    bundle_wait(printer, -1);
    hclose(printer);
    hclose(ch[0]);
    hclose(ch[1]);
    frames(100);
    frames(5000);
    own_stacks();
    places();
    cancelled();
    choices();
    return 0;
}
