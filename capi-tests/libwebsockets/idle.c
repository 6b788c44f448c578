/* Ten thousand connections that do nothing cost little memory and no time, and the eleventh thousand's first is served.
 * harness: timeout 300
 * harness: no-valgrind it measures memory and time
 * harness: ours-only the original walks its whole table for every event */
#include "peer.h"
#include <sys/resource.h>
#include <sys/wait.h>

enum { IDLE = 10000, STEP = 100 };

static int established, closed, received;

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)context, (void)user;
    events++;
    if (reason == LWS_CALLBACK_ESTABLISHED)
        established++;
    if (reason == LWS_CALLBACK_CLOSED)
        closed++;
    if (reason == LWS_CALLBACK_RECEIVE) {
        received++;
        libwebsocket_write(wsi, in, len, LWS_WRITE_TEXT);
    }
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "idle", on_event, 16, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static long own_memory(void)
{
    char line[200];
    long total = 0, size;
    FILE *file = fopen("/proc/self/smaps_rollup", "r");

    CHECK(file);
    while (fgets(line, sizeof(line), file))
        if (sscanf(line, "Private_%*[^:]: %ld", &size) == 1)
            total += size;
    fclose(file);
    return total * 1024;
}

static double processor_time(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* The peers are another process's: together they need twice the descriptors. */
static void hold(int port, int said, int asked)
{
    static int fds[IDLE];
    unsigned char head[500];
    int i, ended;
    char byte;

    for (i = 0; i < IDLE; i++) {
        fds[i] = peer_upgrade(port, "");
        if (i % STEP == STEP - 1) {
            struct pollfd last = { .fd = fds[i], .events = POLLIN };

            CHECK(poll(&last, 1, 30000) == 1);
        }
    }
    for (i = 0; i < IDLE; i++)
        CHECK(peer_read(fds[i], head, sizeof(head), &ended) > 100 && !ended);
    CHECK(write(said, "x", 1) == 1);
    CHECK(read(asked, &byte, 1) == 0);
    _exit(0);
}

int main(void)
{
    struct lws_context_creation_info info = context_info(free_port(), protocols);
    struct libwebsocket_context *context;
    struct rlimit limit;
    int said[2], asked[2], fd, i, ended;
    unsigned char data[500];
    double begun, used;
    long before, each;
    pid_t peers;

    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    if (limit.rlim_max < IDLE + 100)
        SKIP("not enough descriptors are allowed");
    limit.rlim_cur = limit.rlim_max;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    lws_set_log_level(0, NULL);
    context = libwebsocket_create_context(&info);
    CHECK(context);
    before = own_memory();
    CHECK(pipe(said) == 0 && pipe(asked) == 0);
    peers = fork();
    CHECK(peers >= 0);
    if (peers == 0) {
        close(asked[1]);
        hold(info.port, said[1], asked[0]);
    }
    close(asked[0]);
    close(said[1]);
    CHECK(fcntl(said[0], F_SETFL, O_NONBLOCK) == 0);
    begun = now();
    while (read(said[0], data, 1) != 1) {
        CHECK(now() - begun < 200);
        libwebsocket_service(context, 20);
    }
    settle(context);
    CHECK_EQ(established, IDLE);
    each = (own_memory() - before) / IDLE;
    fprintf(stderr, "%ld bytes for each\n", each);
    CHECK(each <= 5324);

    /* Nothing happens, and that costs nothing. */
    used = processor_time();
    for (i = 0; i < 10; i++)
        libwebsocket_service(context, 50);
    used = processor_time() - used;
    CHECK(used < 0.25);

    /* One that talks does not pay for those that do not. */
    fd = peer_upgrade(info.port, "");
    settle(context);
    CHECK(peer_read(fd, data, sizeof(data), &ended) > 100);
    used = processor_time();
    for (i = 0; i < 1000; i++) {
        peer_frame(fd, 0x81, "x", 1);
        libwebsocket_service(context, 100);
        CHECK(peer_read(fd, data, sizeof(data), &ended) == 3);
    }
    used = processor_time() - used;
    CHECK_EQ(received, 1000);
    CHECK(used < 3);
    close(fd);
    close(asked[1]);
    close(said[0]);
    CHECK(waitpid(peers, &i, 0) == peers && i == 0);
    begun = now();
    while (closed < IDLE + 1 && now() - begun < 100)
        libwebsocket_service(context, 20);
    CHECK_EQ(closed, IDLE + 1);
    libwebsocket_context_destroy(context);
    return 0;
}
