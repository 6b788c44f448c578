/* Coroutines that do anything with channels, bundles and handles, without time or input: who goes on when, with what, and
 * how each call ends, follows from the order of scheduling alone. A sum of all that is printed for each hundred programs,
 * and compared with the original, and with what was recorded.
 *
 *     order_at_random [FIRST [LAST]]       prints what happens in these programs, to find out where two libraries part
 *
 * Not among what is done is what ends the original: a coroutine that closes something is not closed meanwhile.
 */
#include <libdillimpl.h>
#include <stdarg.h>
#include <string.h>
#include "check.h"

enum { PROGRAMS = 800, CHANNELS = 4, BUNDLES = 3, DEEP = 2, GONE = 100000 };

static unsigned long long state, sum;
static int talks;

static unsigned below(unsigned limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 11) % limit;
}

static int one_in(unsigned chances)
{
    return below(chances) == 0;
}

/* Adds to the sum what has happened to a coroutine (FNV-1a). */
__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
    char text[200];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (const char *at = text; *at; at++)
        sum = (sum ^ (unsigned char)*at) * 1099511628211ULL;
    if (talks)
        printf("%s\n", text);
}

/* Tells how a call ended that returns -1 when it fails. */
#define TELL(who, what, call)                                     \
    do {                                                          \
        errno = 0;                                                \
        int result = (call);                                      \
        tell("%d %s: %d %d", who, what, result, result < 0 ? errno : 0); \
    } while (0)

static int ends[CHANNELS][2], closing, launched;

/* These are called one after the other, never as arguments of one call, whose order is the compiler's. */
static int *any_end(void)
{
    int *pair = ends[below(CHANNELS)];

    return &pair[below(2)];
}

static size_t any_length(void)
{
    return one_in(8) ? below(8) : 4;
}

/* An object of the program's. There is one at most. */
struct object {
    struct hvfs hvfs;
    int asked;
};

static const int object_type;
static int object = -1;

static void *object_query(struct hvfs *vfs, const void *type)
{
    struct object *self = (struct object *)vfs;

    self->asked++;
    if (type == &object_type)
        return self;
    errno = ENOTSUP;
    return NULL;
}

/* Nothing may block in here. */
static void object_close(struct hvfs *vfs)
{
    struct object *self = (struct object *)vfs;
    int ch[2];

    tell("asked %d times", self->asked);
    TELL(-1, "yield", yield());
    TELL(-1, "msleep", msleep(-1));
    TELL(-1, "chmake", chmake(ch));
    free(self);
}

static void make_object(int who)
{
    struct object *self = calloc(1, sizeof *self);

    self->hvfs = (struct hvfs){ object_query, object_close };
    errno = 0;
    object = hmake(&self->hvfs);
    tell("%d hmake: %d %d", who, object >= 0, object < 0 ? errno : 0);
    if (object < 0)
        free(self);
}

static void use_object(int who)
{
    int h = object;

    switch (below(4)) {
    case 0:
        errno = 0;
        void *found = hquery(h, one_in(2) ? (const void *)&object_type : &state);
        tell("%d hquery: %d %d", who, found != NULL, found ? 0 : errno);
        break;
    case 1:
        object = -1;
        TELL(who, "hclose", hclose(h));
        break;
    case 2:
        /* Closes it if that fails. */
        object = hown(h);
        tell("%d hown: %d %d", who, object >= 0, object < 0 ? errno : 0);
        break;
    default:
        TELL(who, "chsend", chsend(h, "", 1, 0));
        TELL(who, "bundle_wait", bundle_wait(h, 0));
    }
}

static void own_an_end(int who)
{
    int *end = any_end();

    if (*end == GONE)
        return;
    errno = 0;
    *end = hown(*end);
    tell("%d hown: %d %d", who, *end >= 0, *end < 0 ? errno : 0);
    if (*end < 0)
        *end = GONE;
}

static void close_an_end(int who)
{
    int *end = any_end();

    TELL(who, "hclose", hclose(*end));
    *end = GONE;
}

static void make_a_channel(int who)
{
    int *pair = ends[below(CHANNELS)];
    int made[2];

    if (pair[0] != GONE || pair[1] != GONE)
        return;
    errno = 0;
    if (chmake(made) == 0)
        memcpy(pair, made, sizeof made);
    tell("%d chmake: %d", who, errno);
}

static void choose_any(int who, int64_t deadline)
{
    struct chclause clauses[12];
    char messages[12][8];
    int number = one_in(4) ? below(12) : 1 + below(3), which;

    if (number == 0 && deadline == 0)
        return;
    for (int i = 0; i < number; i++) {
        memset(messages[i], who, sizeof messages[i]);
        clauses[i].op = one_in(2) ? CHSEND : CHRECV;
        clauses[i].ch = *any_end();
        clauses[i].val = messages[i];
        clauses[i].len = any_length();
        if (one_in(60))
            clauses[i].op = 7;
        if (one_in(60))
            clauses[i].val = NULL;
    }
    errno = 0;
    which = choose(clauses, number, deadline);
    tell("%d choose: %d %d %d", who, which, errno, which >= 0 && number ? messages[which][0] : 0);
}

static coroutine void act_often(int who, int often, int depth);

static void launch(int who, int into, int most, int depth)
{
    int child = ++launched, often = 1 + below(most);

    TELL(who, "launch", bundle_go(into, act_often(child, often, depth)));
}

static void act(int who, int depth, int bundle_of_its_own)
{
    char message[8];
    size_t length;
    int end;
    /* The main coroutine goes on in any case. */
    int64_t deadline = who > 0 && !one_in(3) ? -1 : 0;

    memset(message, who, sizeof message);
    switch (below(17)) {
    case 0:
    case 1:
        length = any_length();
        end = *any_end();
        TELL(who, "chsend", chsend(end, message, length, deadline));
        break;
    case 2:
    case 3:
        length = any_length();
        end = *any_end();
        TELL(who, "chrecv", chrecv(end, message, length, deadline));
        tell("%d", message[0]);
        break;
    case 4:
    case 5:
    case 6:
        choose_any(who, deadline);
        break;
    case 7:
    case 8:
        TELL(who, "yield", yield());
        break;
    case 9:
        if (one_in(12))
            TELL(who, "chdone", chdone(*any_end()));
        break;
    case 10:
        if (one_in(12))
            close_an_end(who);
        break;
    case 11:
        make_a_channel(who);
        break;
    case 12:
        if (one_in(3))
            own_an_end(who);
        break;
    case 13:
        if (bundle_of_its_own >= 0 && one_in(2))
            launch(who, bundle_of_its_own, 6, depth + 1);
        break;
    case 14:
        if (bundle_of_its_own >= 0 && one_in(6))
            TELL(who, "bundle_wait", bundle_wait(bundle_of_its_own, -1));
        break;
    case 15:
        if (object < 0)
            make_object(who);
        else
            use_object(who);
        break;
    default:
        TELL(who, "bundle_wait", bundle_wait(*any_end(), 0));
    }
}

static coroutine void act_often(int who, int often, int depth)
{
    int own = -1;

    if (depth < DEEP && one_in(2)) {
        errno = 0;
        own = bundle();
        tell("%d bundle: %d %d", who, own >= 0, own < 0 ? errno : 0);
    }
    while (often-- > 0)
        act(who, depth, own);
    if (own >= 0) {
        closing++;
        TELL(who, "hclose", hclose(own));
        closing--;
    }
    tell("%d ends", who);
}

static void run(int program)
{
    int bundles[BUNDLES], count, rounds;

    state = (unsigned long long)program * 0x9E3779B97F4A7C15ULL + 12345;
    launched = 0;
    for (int i = 0; i < CHANNELS; i++)
        CHECK(chmake(ends[i]) == 0);
    count = 1 + below(BUNDLES);
    for (int i = 0; i < count; i++)
        CHECK((bundles[i] = bundle()) >= 0);
    for (rounds = 5 + below(30); rounds > 0; rounds--)
        if (one_in(3))
            launch(0, bundles[below(count)], 12, 0);
        else
            act(0, 0, -1);
    for (int i = 0; i < 40; i++)
        CHECK(yield() == 0);
    for (int i = 0; i < count; i++) {
        while (closing > 0)
            CHECK(yield() == 0);
        TELL(0, "hclose", hclose(bundles[i]));
    }
    for (int i = 0; i < CHANNELS; i++)
        for (int j = 0; j < 2; j++)
            CHECK(ends[i][j] == GONE || hclose(ends[i][j]) == 0);
    if (object >= 0)
        CHECK(hclose(object) == 0);
    object = -1;
}

int main(int argc, char **argv)
{
    int first = argc > 1 ? atoi(argv[1]) : 0, last = argc > 2 ? atoi(argv[2]) : argc > 1 ? first : PROGRAMS - 1;

    talks = argc > 1;
    for (int program = first; program <= last; program++) {
        run(program);
        if (program % 100 == 99)
            printf("%016llx\n", sum);
    }
    return 0;
}
