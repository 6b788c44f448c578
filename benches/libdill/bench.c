/* What coroutines, channels and sockets cost.
 *
 *   bench WORK COUNT     does the work that many times; prints nanoseconds for each operation, and how many they were
 *   bench list           names the works, with the size and count that suit them
 *
 * Runs on whatever libdill.so.20 the dynamic linker finds.
 */
#include <libdill.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

enum { LIVE = 20000, SLEEPERS = 1000, LARGEST = 32768 };

static void check(int done)
{
    if (!done) {
        perror("bench");
        exit(1);
    }
}

static coroutine void nothing(void)
{
}

static coroutine void yielding(long count)
{
    while (count-- > 0)
        check(yield() == 0);
}

static coroutine void sending(int ch, long count, int64_t deadline)
{
    while (count-- > 0)
        check(chsend(ch, &count, sizeof count, deadline) == 0);
}

static coroutine void choosing(int ch, long count)
{
    while (count-- > 0) {
        struct chclause clause = { CHSEND, ch, &count, sizeof count };

        check(choose(&clause, 1, -1) == 0 && errno == 0);
    }
}

static coroutine void blocked(void)
{
    msleep(-1);
}

static coroutine void sleeping(long count, int64_t due)
{
    while (count-- > 0)
        check(msleep(due) == 0);
}

static long go_work(long count)
{
    long i;

    for (i = 0; i < count; i++) {
        int h = go(nothing());

        check(h >= 0 && hclose(h) == 0);
    }
    return count;
}

static long bundle_go_work(long count)
{
    int b = bundle();
    long i;

    for (i = 0; i < count; i++)
        check(bundle_go(b, nothing()) == 0);
    check(hclose(b) == 0);
    return count;
}

static long yield_work(long count)
{
    int h = go(yielding(count / 2));

    yielding(count / 2);
    check(hclose(h) == 0);
    return count;
}

static long channel_work(long count, int64_t deadline)
{
    int ch[2], h;
    long i, value;

    check(chmake(ch) == 0);
    h = go(sending(ch[0], count, deadline));
    for (i = 0; i < count; i++)
        check(chrecv(ch[1], &value, sizeof value, deadline) == 0);
    check(hclose(h) == 0 && hclose(ch[0]) == 0 && hclose(ch[1]) == 0);
    return count;
}

static long message_work(long count)
{
    return channel_work(count, -1);
}

static long deadline_work(long count)
{
    return channel_work(count, now() + 100000);
}

static long choose_work(long count)
{
    int ch[2], h;
    long i, value;

    check(chmake(ch) == 0);
    h = go(choosing(ch[0], count));
    for (i = 0; i < count; i++) {
        struct chclause clause = { CHRECV, ch[1], &value, sizeof value };

        check(choose(&clause, 1, -1) == 0 && errno == 0);
    }
    check(hclose(h) == 0 && hclose(ch[0]) == 0 && hclose(ch[1]) == 0);
    return count;
}

/* Everyone's deadline has passed when all of them sleep, so that they are woken together. */
static long timer_work(long count)
{
    int64_t due = now();
    int b = bundle();
    long i;

    count = count / SLEEPERS + 1;
    for (i = 0; i < SLEEPERS; i++)
        check(bundle_go(b, sleeping(count, due + i % 7 - 7)) == 0);
    check(bundle_wait(b, -1) == 0 && hclose(b) == 0);
    return count * SLEEPERS;
}

static long cancel_work(long count)
{
    static int handles[LIVE];
    long round, i;

    for (round = 0; round < count; round++) {
        for (i = 0; i < LIVE; i++)
            check((handles[i] = go(blocked())) >= 0);
        for (i = 0; i < LIVE; i++)
            check(hclose(handles[i]) == 0);
    }
    return count * LIVE;
}

static char buffer[LARGEST], echo_buffer[LARGEST];

/* Two connected bytestreams. */
static void connect_tcp(int *s)
{
    struct ipaddr addr;
    int ls;

    check(ipaddr_local(&addr, "127.0.0.1", 0, IPADDR_IPV4) == 0 && (ls = tcp_listen(&addr, 1)) >= 0);
    check((s[0] = tcp_connect(&addr, -1)) >= 0 && (s[1] = tcp_accept(ls, NULL, -1)) >= 0 && hclose(ls) == 0);
}

static coroutine void echo_bytes(int s, size_t size)
{
    while (brecv(s, echo_buffer, size, -1) == 0 && bsend(s, echo_buffer, size, -1) == 0)
        ;
}

static coroutine void echo_messages(int s)
{
    ssize_t size;

    while ((size = mrecv(s, echo_buffer, sizeof echo_buffer, -1)) >= 0 && msend(s, echo_buffer, (size_t)size, -1) == 0)
        ;
}

static long finish(int h, const int *s, long count)
{
    check(hclose(h) == 0 && hclose(s[0]) == 0 && hclose(s[1]) == 0);
    return count;
}

static long tcp_work(long count)
{
    const size_t size = 64;
    int s[2], h;
    long i;

    connect_tcp(s);
    h = go(echo_bytes(s[1], size));
    for (i = 0; i < count; i++)
        check(bsend(s[0], buffer, size, -1) == 0 && brecv(s[0], buffer, size, -1) == 0);
    return finish(h, s, count);
}

/* The same with a process at each end, so that the kernel has to be asked who can go on. */
static long tcp_processes_work(long count)
{
    const size_t size = 64;
    int listener = socket(AF_INET, SOCK_STREAM, 0), s;
    struct ipaddr addr;
    socklen_t length;
    pid_t child;
    long i;

    check(ipaddr_local(&addr, "127.0.0.1", 0, IPADDR_IPV4) == 0);
    length = (socklen_t)ipaddr_len(&addr);
    check(bind(listener, ipaddr_sockaddr(&addr), length) == 0 && listen(listener, 1) == 0);
    check(getsockname(listener, (struct sockaddr *)&addr, &length) == 0);
    check((child = fork()) >= 0);
    if (child == 0) {
        check((s = tcp_listener_fromfd(listener)) >= 0 && (s = tcp_accept(s, NULL, -1)) >= 0);
        echo_bytes(s, size);
        _exit(0);
    }
    check((s = tcp_connect(&addr, -1)) >= 0);
    for (i = 0; i < count; i++)
        check(bsend(s, buffer, size, -1) == 0 && brecv(s, buffer, size, -1) == 0);
    check(hclose(s) == 0 && waitpid(child, NULL, 0) == child);
    return count;
}

static long message_round_trips(const int *s, size_t size, long count)
{
    int h = go(echo_messages(s[1]));
    long i;

    for (i = 0; i < count; i++)
        check(msend(s[0], buffer, size, -1) == 0 && mrecv(s[0], buffer, sizeof buffer, -1) == (ssize_t)size);
    return finish(h, s, count);
}

static long suffix_work(long count)
{
    int s[2], i;

    check(ipc_pair(s) == 0);
    for (i = 0; i < 2; i++)
        check((s[i] = suffix_attach(s[i], "\r\n", 2)) >= 0);
    return message_round_trips(s, 100, count);
}

static long ws_round_trips(int *s, size_t size, long count)
{
    check((s[0] = ws_attach_client(s[0], WS_BINARY | WS_NOHTTP, NULL, NULL, -1)) >= 0);
    check((s[1] = ws_attach_server(s[1], WS_BINARY | WS_NOHTTP, NULL, 0, NULL, 0, -1)) >= 0);
    return message_round_trips(s, size, count);
}

static long ws_tcp_small_work(long count)
{
    int s[2];

    connect_tcp(s);
    return ws_round_trips(s, 16, count);
}

static long ws_tcp_large_work(long count)
{
    int s[2];

    connect_tcp(s);
    return ws_round_trips(s, 32768, count);
}

static long ws_ipc_work(long count)
{
    int s[2];

    check(ipc_pair(s) == 0);
    return ws_round_trips(s, 4096, count);
}

static const struct work {
    const char *name;
    long (*run)(long count);
    long size;
    long count;
} works[] = {
    { "go-finish-hclose", go_work, 0, 4000000 },
    { "bundle-go", bundle_go_work, 0, 6000000 },
    { "yield", yield_work, 0, 20000000 },
    { "channel-message", message_work, sizeof(long), 6000000 },
    { "channel-message-deadline", deadline_work, sizeof(long), 4000000 },
    { "choose", choose_work, sizeof(long), 6000000 },
    { "timer", timer_work, 0, 2000000 },
    { "create-cancel-20000", cancel_work, LIVE, 12 },
    { "tcp-echo-64", tcp_work, 64, 200000 },
    { "tcp-echo-64-processes", tcp_processes_work, 0, 60000 },
    { "suffix-ipc-echo-100", suffix_work, 100, 100000 },
    { "ws-tcp-echo-16", ws_tcp_small_work, 16, 40 },
    { "ws-tcp-echo-32k", ws_tcp_large_work, 32768, 20 },
    { "ws-ipc-echo-4k", ws_ipc_work, 4096, 400 },
};

int main(int argc, char **argv)
{
    size_t i;

    for (i = 0; i < sizeof works / sizeof *works; i++) {
        const struct work *work = &works[i];

        if (argc == 2 && strcmp(argv[1], "list") == 0) {
            printf("%s %ld %ld\n", work->name, work->size, work->count);
        } else if (argc == 3 && strcmp(argv[1], work->name) == 0) {
            struct timespec begin, end;
            long done;

            clock_gettime(CLOCK_MONOTONIC, &begin);
            done = work->run(strtol(argv[2], NULL, 10));
            clock_gettime(CLOCK_MONOTONIC, &end);
            printf("%.3f %ld\n", ((end.tv_sec - begin.tv_sec) * 1e9 + (end.tv_nsec - begin.tv_nsec)) / done, done);
            return 0;
        }
    }
    return argc == 2 ? 0 : 1;
}
