/* Both ends of a connection in one thread: whoever is woken because of what was sent, the results are the same, and nobody
 * else is forgotten meanwhile.
 */
#include "sockets.h"

enum { MANY = 200 };

static coroutine void echo(int s)
{
    char byte;

    while (brecv(s, &byte, 1, -1) == 0 && bsend(s, &byte, 1, -1) == 0)
        ;
}

static void round_trips(int s, int count)
{
    char byte = 'x';

    while (count-- > 0)
        CHECK(bsend(s, &byte, 1, -1) == 0 && brecv(s, &byte, 1, -1) == 0 && byte == 'x');
}

static coroutine void without_end(int s, int *goes_on)
{
    while (*goes_on)
        round_trips(s, 1);
}

static coroutine void reads(int s, int count, int ch)
{
    char byte;

    while (count-- > 0)
        CHECK(brecv(s, &byte, 1, -1) == 0 && chsend(ch, &byte, 1, -1) == 0);
}

static coroutine void reads_two(int s, char *bytes, int ch)
{
    CHECK(brecv(s, bytes, 2, -1) == 0 && chsend(ch, bytes, 1, -1) == 0);
}

/* A connection and a channel, after many messages that a reader waited for. */
static void begin_as_expected(int *pair, int *ch)
{
    char byte = 'w';
    int h;

    tcp_pair(pair);
    CHECK(chmake(ch) == 0);
    h = go(reads(pair[1], MANY, ch[0]));
    for (int i = 0; i < MANY; i++)
        CHECK(bsend(pair[0], &byte, 1, -1) == 0 && chrecv(ch[1], &byte, 1, -1) == 0);
    CHECK(hclose(h) == 0);
}

/* A reader for whom nothing is left of what was sent waits on, to its deadline. */
static void woken_in_vain(void)
{
    int pair[2], ch[2], h;
    char byte = 'y';
    int64_t deadline;

    begin_as_expected(pair, ch);
    for (int i = 0; i < MANY; i++) {
        CHECK(bsend(pair[0], &byte, 1, -1) == 0 && brecv(pair[1], &byte, 1, -1) == 0);
        h = go(reads(pair[1], 1, ch[0]));
        FAILS(chrecv(ch[1], &byte, 1, now() + 1), ETIMEDOUT);
        CHECK(bsend(pair[0], &byte, 1, -1) == 0 && chrecv(ch[1], &byte, 1, -1) == 0);
        CHECK(hclose(h) == 0);
    }
    CHECK(bsend(pair[0], &byte, 1, -1) == 0 && brecv(pair[1], &byte, 1, -1) == 0);
    deadline = SOON;
    FAILS(brecv(pair[1], &byte, 1, deadline), ETIMEDOUT);
    CHECK(now() >= deadline);
    CHECK(hclose(pair[0]) == 0 && hclose(pair[1]) == 0 && hclose(ch[0]) == 0 && hclose(ch[1]) == 0);
}

/* A message that comes in two parts, after many that came whole. */
static void in_two_parts(void)
{
    int pair[2], ch[2], h;
    char bytes[2] = "", byte;

    begin_as_expected(pair, ch);
    h = go(reads_two(pair[1], bytes, ch[0]));
    CHECK(bsend(pair[0], "a", 1, -1) == 0);
    FAILS(chrecv(ch[1], &byte, 1, SOON), ETIMEDOUT);
    CHECK(bsend(pair[0], "b", 1, -1) == 0 && chrecv(ch[1], &byte, 1, LATER) == 0);
    CHECK(memcmp(bytes, "ab", 2) == 0 && hclose(h) == 0);
    CHECK(hclose(pair[0]) == 0 && hclose(pair[1]) == 0 && hclose(ch[0]) == 0 && hclose(ch[1]) == 0);
}

/* Descriptors and timers have their turn while two coroutines exchange messages without end. */
static void others_have_their_turn(void)
{
    int goes_on = 1, pair[2], p[2], b = bundle();
    char byte;

    tcp_pair(pair);
    CHECK(pipe(p) == 0);
    CHECK(bundle_go(b, echo(pair[1])) == 0 && bundle_go(b, without_end(pair[0], &goes_on)) == 0);
    for (int i = 0; i < 20; i++) {
        int64_t begin = now();

        CHECK(write(p[1], "x", 1) == 1 && fdin(p[0], LATER) == 0 && read(p[0], &byte, 1) == 1);
        CHECK(msleep(begin + 2) == 0 && now() >= begin + 2);
    }
    goes_on = 0;
    CHECK(msleep(now() + 1) == 0 && hclose(b) == 0);
    CHECK(fdclean(p[0]) == 0 && close(p[0]) == 0 && close(p[1]) == 0);
    CHECK(hclose(pair[0]) == 0 && hclose(pair[1]) == 0);
}

/* Each sends to the next: what one brings about changes when one is left out. */
static coroutine void pass_on(int from, int to)
{
    char byte;

    while (brecv(from, &byte, 1, -1) == 0 && bsend(to, &byte, 1, -1) == 0)
        ;
}

static void a_ring(void)
{
    enum { PLACES = 5 };
    int pairs[PLACES][2], b = bundle();

    for (int i = 0; i < PLACES; i++)
        tcp_pair(pairs[i]);
    for (int i = 0; i + 1 < PLACES; i++)
        CHECK(bundle_go(b, pass_on(pairs[i][1], pairs[i + 1][0])) == 0);
    for (int i = 0; i < MANY; i++) {
        int last = i % 3 == 0 ? PLACES - 1 : i % (PLACES - 1);
        char byte = (char)i, got;

        /* From somewhere in the middle, or all the way. */
        CHECK(bsend(pairs[last == PLACES - 1 ? 0 : last][0], &byte, 1, -1) == 0);
        CHECK(brecv(pairs[PLACES - 1][1], &got, 1, LATER) == 0 && got == byte);
    }
    CHECK(hclose(b) == 0);
    for (int i = 0; i < PLACES; i++)
        CHECK(hclose(pairs[i][0]) == 0 && hclose(pairs[i][1]) == 0);
}

int main(void)
{
    woken_in_vain();
    in_two_parts();
    others_have_their_turn();
    a_ring();
    return 0;
}
