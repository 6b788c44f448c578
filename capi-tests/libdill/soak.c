/* harness: ours-only the original leaks a handle with every detached or closed connection
 * harness: no-valgrind it would go on for a minute
 * harness: args 5
 * harness: libs -lssl -lcrypto
 *
 * Mixed work for some seconds: connections over TCP with WebSocket, some over TLS, with lines and prefixed messages on
 * them, channels, descriptors passed, deadlines that pass and coroutines that are cancelled in the middle of it all.
 * Memory, descriptors and the numbers of handles stay where they were when all of that had been done for the first time.
 *
 *     soak [SECONDS [REPORT]]      prints what it found each REPORT seconds
 */
#include "certificate.h"
#include <dirent.h>
#include <malloc.h>
#include <stdlib.h>

enum { CLIENTS = 40 };

static struct ipaddr address;
static int counts;
static long total[5];

enum work { WEBSOCKET, LINES, PREFIXED, ABANDONED, OVER_TLS };

static const char words[] = "the quick brown fox jumps over the lazy dog, and over the fence, and away";

/* The server's side of a conversation. The client's first byte says which. */
static coroutine void answer(int s)
{
    char kind, resource[32], host[32], message[4096];
    int flags;
    ssize_t size;

    if (brecv(s, &kind, 1, LATER) < 0) {
        hclose(s);
        return;
    }
    switch (kind) {
    case OVER_TLS:
    case WEBSOCKET:
        if (kind == OVER_TLS)
            s = tls_attach_server(s, cert, key, LATER);
        if (s < 0)
            return;
        s = ws_attach_server(s, WS_BINARY, resource, sizeof resource, host, sizeof host, LATER);
        if (s < 0)
            return;
        while ((size = ws_recv(s, &flags, message, sizeof message, LATER)) >= 0)
            if (ws_send(s, flags, message, size, LATER) < 0)
                break;
        s = ws_detach(s, 1000, "bye", 3, LATER);
        if (kind == OVER_TLS && s >= 0)
            s = tls_detach(s, LATER);
        break;
    case LINES:
        s = suffix_attach(s, "\r\n", 2);
        while ((size = mrecv(s, message, sizeof message, LATER)) > 0)
            if (msend(s, message, size, LATER) < 0)
                break;
        s = suffix_detach(s, LATER);
        break;
    default:
        s = prefix_attach(s, 2, 0);
        while ((size = mrecv(s, message, sizeof message, LATER)) > 0)
            if (msend(s, message, size, LATER) < 0)
                break;
        s = prefix_detach(s);
    }
    if (s >= 0)
        tcp_close(s, LATER);
}

static coroutine void accept_all(int listener, int bundle)
{
    int s;

    while ((s = tcp_accept(listener, NULL, -1)) >= 0)
        if (bundle_go(bundle, answer(s)) < 0)
            hclose(s);
}

/* Sends a message and gets it back. */
static int exchange(int s, size_t size)
{
    char message[2048];
    char letter = 'a' + size % 26;

    memset(message, letter, size);
    if (msend(s, message, size, LATER) < 0)
        return -1;
    memset(message, 0, size);
    if (mrecv(s, message, sizeof message, LATER) != (ssize_t)size)
        return -1;
    for (size_t i = 0; i < size; i++)
        CHECK(message[i] == letter);
    return 0;
}

/* One conversation; cancelled anywhere, or not at all. */
static void converse(enum work work, unsigned random)
{
    char kind = work == ABANDONED ? WEBSOCKET : work;
    int s = tcp_connect(&address, LATER);

    if (s < 0 || bsend(s, &kind, 1, LATER) < 0)
        goto gone;
    if (kind == OVER_TLS)
        s = tls_attach_client(s, LATER);
    if (s < 0)
        return;
    if (kind == WEBSOCKET || kind == OVER_TLS)
        s = ws_attach_client(s, WS_BINARY, "/", "h", LATER);
    else
        s = kind == LINES ? suffix_attach(s, "\r\n", 2) : prefix_attach(s, 2, 0);
    for (int i = 0; s >= 0 && i < 8; i++)
        if (exchange(s, 1 + (random + i * 97) % 2000) < 0)
            goto gone;
    if (work == ABANDONED)
        goto gone;
    if (kind == WEBSOCKET || kind == OVER_TLS) {
        s = ws_detach(s, 1000, words, random % 70, LATER);
        if (kind == OVER_TLS && s >= 0)
            s = tls_detach(s, LATER);
    } else {
        if (msend(s, NULL, 0, LATER) < 0)
            goto gone;
        s = kind == LINES ? suffix_detach(s, LATER) : prefix_detach(s);
    }
    if (s < 0)
        return;
    if (tcp_close(s, LATER) == 0)
        chsend(counts, &work, sizeof work, -1);
    return;

gone:
    if (s >= 0)
        hclose(s);
    if (work == ABANDONED)
        chsend(counts, &work, sizeof work, -1);
}

static coroutine void work_on(unsigned seed)
{
    for (unsigned random = seed; yield() == 0; random = random * 1103515245 + 12345)
        converse((random >> 16 & 1023) % 9 / 2, random >> 18 & 1023);
}

static coroutine void count(int ch)
{
    enum work work;

    while (chrecv(ch, &work, sizeof work, -1) == 0)
        total[work]++;
}

/* Unix sockets with descriptors passed over them, and deadlines that pass. */
static coroutine void pass_descriptors(void)
{
    while (yield() == 0) {
        int pair[2], ends[2];
        char byte;

        if (ipc_pair(pair) < 0)
            return;
        CHECK(pipe(ends) == 0);
        if (ipc_sendfd(pair[0], ends[0], LATER) == 0) {
            int passed = ipc_recvfd(pair[1], LATER);
            if (passed >= 0) {
                CHECK(write(ends[1], "x", 1) == 1);
                if (fdin(passed, LATER) == 0)
                    CHECK(read(passed, &byte, 1) == 1 && byte == 'x');
                CHECK(fdin(passed, now() + 1) == -1);
                CHECK(fdclean(passed) == 0);
                close(passed);
            }
        }
        CHECK(brecv(pair[0], &byte, 1, now() + 1) == -1);
        close(ends[0]);
        close(ends[1]);
        hclose(pair[0]);
        hclose(pair[1]);
    }
}

static long descriptors(void)
{
    long found = 0;
    DIR *folder = opendir("/proc/self/fd");

    CHECK(folder != NULL);
    while (readdir(folder))
        found++;
    closedir(folder);
    return found;
}

/* Memory that is the process's own, in KiB. */
static long resident(void)
{
    char line[256];
    long kilobytes = -1;
    FILE *file = fopen("/proc/self/smaps_rollup", "r");

    CHECK(file != NULL);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "Anonymous: %ld", &kilobytes) == 1)
            break;
    fclose(file);
    return kilobytes;
}

static int a_handle(void)
{
    int h = bundle();

    CHECK(h >= 0 && hclose(h) == 0);
    return h;
}

/* A second of work, ended by cancelling all of it: nothing of it may be left. */
static void round_of(int64_t milliseconds, unsigned seed)
{
    int ch[2], clients = bundle(), servers = bundle(), listener;

    CHECK(ipaddr_local(&address, "127.0.0.1", 0, 0) == 0);
    listener = tcp_listen(&address, 1000);
    CHECK(listener >= 0 && chmake(ch) == 0);
    counts = ch[0];
    int acceptor = go(accept_all(listener, servers)), counter = go(count(ch[1]));
    for (unsigned i = 0; i < CLIENTS; i++)
        CHECK(bundle_go(clients, work_on(seed * 1000 + i)) == 0);
    for (unsigned i = 0; i < 4; i++)
        CHECK(bundle_go(clients, pass_descriptors()) == 0);
    CHECK(msleep(now() + milliseconds) == 0);
    /* Servers first: their clients are told, and try again in vain. */
    if (seed % 2)
        CHECK(hclose(acceptor) == 0 && hclose(servers) == 0 && hclose(clients) == 0);
    else
        CHECK(hclose(clients) == 0 && hclose(acceptor) == 0 && hclose(servers) == 0);
    CHECK(hclose(counter) == 0 && hclose(listener) == 0 && hclose(ch[0]) == 0 && hclose(ch[1]) == 0);
}

/* Whether there was some of all kinds of work. */
static int did_everything(void)
{
    for (enum work work = 0; work <= OVER_TLS; work++)
        if (total[work] <= 10)
            return 0;
    return 1;
}

int main(int argc, char **argv)
{
    int seconds = argc > 1 ? atoi(argv[1]) : 5, report = argc > 2 ? atoi(argv[2]) : 0, compared = 0;
    long heap = -1, pages = 0, open_at_first = 0;

    write_certificate();
    /* A busy machine may not get to everything in the first few seconds, and there is nothing to compare with before. */
    for (int second = 0; second < seconds || compared < 2; second++) {
        int complete = did_everything();

        round_of(1000, second);
        long now_heap = mallinfo2().uordblks, now_pages = resident(), now_open = descriptors();
        int handle = a_handle();
        if (report && second % report == 0) {
            printf("%d s: %ld bytes, %ld KiB, %ld descriptors, handle %d; %ld %ld %ld %ld %ld\n", second, now_heap,
                   now_pages, now_open, handle, total[WEBSOCKET], total[LINES], total[PREFIXED], total[ABANDONED],
                   total[OVER_TLS]);
            fflush(stdout);
        }
        if (!complete)
            continue;
        if (heap < 0) {
            heap = now_heap;
            pages = now_pages;
            open_at_first = now_open;
            continue;
        }
        compared++;
        CHECK(now_heap < heap + 65536);
        CHECK(now_pages < pages + 4096);
        CHECK_EQ(now_open, open_at_first);
        CHECK(handle < 4096);
    }
    remove_certificate();
    return 0;
}
