/* Handlers of signals ask for writeable callbacks wherever they interrupt the program: in the C allocator, in another
 * thread than the one that serves, while a context is destroyed.
 * harness: ours-only the original is not made for threads
 * harness: cflags -pthread
 * harness: timeout 180
 * harness: no-valgrind the handlers would take all of its time
 * harness: no-tsan it holds back signals until a thread waits
 */
#include "peer.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#define PEERS 100
#define BLOCKS 64

static struct libwebsocket_context *context;
static struct libwebsocket *volatile handles[PEERS];
static volatile sig_atomic_t signals, serving;
static int established, writeables, ask_one;

static int on_event(struct libwebsocket_context *ctx, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    int i;

    (void)ctx, (void)user, (void)in, (void)len;
    events++;
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        handles[established++] = wsi;
        break;
    case LWS_CALLBACK_CLOSED:
        for (i = 0; i < PEERS; i++)
            if (handles[i] == wsi)
                handles[i] = NULL;
        break;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        writeables++;
        break;
    default:
        break;
    }
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "handlers", on_event, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static void ask(int signal)
{
    int before = errno;
    struct libwebsocket *one = handles[signals % PEERS];

    (void)signal;
    signals++;
    if (!ask_one)
        libwebsocket_callback_on_writable_all_protocol(&protocols[0]);
    else if (one)
        libwebsocket_callback_on_writable(context, one);
    errno = before;
}

/* Signals the first thread as often as it takes signals. */
static pthread_t first, pest;
static volatile sig_atomic_t pestering;

static void *pester(void *nothing)
{
    while (pestering) {
        int before = signals, i;

        CHECK(pthread_kill(first, SIGALRM) == 0);
        for (i = 0; i < 100000 && pestering && signals == before; i++)
            ;
    }
    return nothing;
}

static void begin_signals(void)
{
    pestering = 1;
    CHECK(pthread_create(&pest, NULL, pester, NULL) == 0);
}

static void end_signals(void)
{
    pestering = 0;
    CHECK(pthread_join(pest, NULL) == 0);
}

static int peers[PEERS];

static void begin(const char *what)
{
    struct lws_context_creation_info info = context_info(free_port(), protocols);
    int i;

    if (what)
        printf("%s\n", what);
    established = writeables = 0;
    signals = 0;
    context = libwebsocket_create_context(&info);
    CHECK(context);
    for (i = 0; i < PEERS; i++)
        peers[i] = peer_upgrade(info.port, "");
    while (established < PEERS)
        libwebsocket_service(context, 10);
}

static void end(void)
{
    int i;

    libwebsocket_context_destroy(context);
    for (i = 0; i < PEERS; i++)
        close(peers[i]);
}

/* Blocks come and go all the time. */
static void allocate(double seconds)
{
    static void *blocks[BLOCKS];
    double begun = now();
    unsigned i, which = 0;

    do {
        for (i = 0; i < 10000; i++) {
            which = which * 1103515245u + 12345u;
            free(blocks[which / 65536 % BLOCKS]);
            blocks[which / 65536 % BLOCKS] = malloc(which % 7000);
        }
    } while (now() - begun < seconds);
    for (i = 0; i < BLOCKS; i++) {
        free(blocks[i]);
        blocks[i] = NULL;
    }
}

static void handlers_may_interrupt_the_allocator(void)
{
    int round;

    for (ask_one = 0; ask_one < 2; ask_one++) {
        begin(ask_one ? "in the allocator, for one" : "in the allocator, for all");
        begin_signals();
        for (round = 0; round < 100; round++) {
            allocate(0.005);
            libwebsocket_service(context, 0);
        }
        end_signals();
        settle(context);
        CHECK(signals > 0 && writeables > 0);
        end();
    }
}

static void *serve(void *nothing)
{
    sigset_t alarm;

    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    CHECK(pthread_sigmask(SIG_BLOCK, &alarm, NULL) == 0);
    for (serving = 1; serving;)
        libwebsocket_service(context, 5);
    return nothing;
}

static void handlers_may_run_in_another_thread(void)
{
    pthread_t thread;

    for (ask_one = 0; ask_one < 2; ask_one++) {
        begin(ask_one ? "in another thread, for one" : "in another thread, for all");
        serving = 0;
        CHECK(pthread_create(&thread, NULL, serve, NULL) == 0);
        while (!serving)
            usleep(1000);
        begin_signals();
        allocate(0.5);
        if (ask_one) {
            double begun = now();
            unsigned i = 0;

            while (now() - begun < 0.5)
                libwebsocket_callback_on_writable(context, handles[i++ % PEERS]);
        }
        end_signals();
        usleep(50000);
        serving = 0;
        CHECK(pthread_join(thread, NULL) == 0);
        CHECK(signals > 0 && writeables > 0);
        end();
    }
}

static void handlers_may_run_while_a_context_is_destroyed(void)
{
    int round;

    printf("while a context is destroyed\n");
    for (ask_one = 0; ask_one < 2; ask_one++) {
        for (round = 0; round < 100; round++) {
            begin(NULL);
            begin_signals();
            end();
            end_signals();
        }
    }
}

static void *ask_all_the_time(void *nothing)
{
    serving = 1;
    while (serving)
        libwebsocket_callback_on_writable_all_protocol(&protocols[0]);
    return nothing;
}

/* Requests of another thread count on that which made the context, until one serves it. */
static void threads_may_ask_before_a_context_is_served(void)
{
    int port = free_port(), i;
    struct lws_context_creation_info info = context_info(port, protocols);
    pthread_t thread;

    printf("before a context is served\n");
    established = 0;
    context = libwebsocket_create_context(&info);
    CHECK(context);
    serving = 0;
    CHECK(pthread_create(&thread, NULL, ask_all_the_time, NULL) == 0);
    while (!serving)
        usleep(1000);
    for (i = 0; i < PEERS; i++)
        CHECK(libwebsocket_client_connect(context, "127.0.0.1", port, 0, "/", "h", NULL, NULL, -1));
    while (established < PEERS)
        libwebsocket_service(context, 10);
    serving = 0;
    CHECK(pthread_join(thread, NULL) == 0);
    libwebsocket_context_destroy(context);
}

static const struct named_test tests[] = {
    { "allocator", handlers_may_interrupt_the_allocator },
    { "thread", handlers_may_run_in_another_thread },
    { "early", threads_may_ask_before_a_context_is_served },
    { "destroy", handlers_may_run_while_a_context_is_destroyed },
};

int main(int count, char **names)
{
    struct sigaction action;

    lws_set_log_level(0, NULL);
    first = pthread_self();
    memset(&action, 0, sizeof(action));
    action.sa_handler = ask;
    action.sa_flags = SA_RESTART;
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    run_tests(tests, sizeof(tests) / sizeof(tests[0]), count, names);
    return 0;
}
