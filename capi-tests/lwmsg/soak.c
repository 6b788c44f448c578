/* Many threads, many calls, and everything that can go wrong: cancellations, disconnections, slow handlers, and a
 * server that stops and starts. Every call ends with a status; memory, descriptors and threads are where they were.
 *
 *     soak [threads [calls [seed]]]
 *
 * is 16 threads with 300 calls as a test, and 100 under valgrind. The full one, 64 with 10000, is run by hand;
 * docs/lwmsg.md has its figures.
 *
 * harness: ours-only the original hangs within a second
 * harness: timeout 120
 */
#include "calls.h"

#include <dirent.h>
#include <malloc.h>
#include <relink/lwmsg.h>

enum { SHARED = 4 };

static Pair pair;
static int thread_count = 16, call_count = 300;
static unsigned int seed = 1;
static int done;

static LWMsgPeer *shared[SHARED];
static LWMsgSession *shared_sessions[SHARED];

/* How the calls of a thread ended. */
typedef struct Worker {
    pthread_t thread;
    unsigned int random;
    int number;
    long ended, succeeded, cancelled, lost, refused, pending;
} Worker;

static unsigned int dice(Worker *worker, unsigned int sides)
{
    worker->random = worker->random * 1103515245u + 12345u;
    return (worker->random >> 16) % sides;
}

static void account(Worker *worker, LWMsgStatus status)
{
    worker->ended++;
    switch (status) {
    case LWMSG_STATUS_SUCCESS: worker->succeeded++; break;
    case LWMSG_STATUS_CANCELLED: worker->cancelled++; break;
    case LWMSG_STATUS_PEER_CLOSE:
    case LWMSG_STATUS_PEER_RESET: worker->lost++; break;
    case LWMSG_STATUS_FILE_NOT_FOUND:
    case LWMSG_STATUS_CONNECTION_REFUSED:
    case LWMSG_STATUS_NOT_FOUND:
        worker->refused++;
        pause_ms(5);
        break;
    default:
        fprintf(stderr, "a call ended with %u\n", status);
        abort();
    }
}

static void one_call(Worker *worker, LWMsgSession *session)
{
    static const int numbers[] = { RETURN, ANSWER, PEND, COMPLETE_FIRST, PEND_CANCELLABLE, SLEEP, ANSWER, RETURN };
    Order input = { numbers[dice(worker, 8)], 0, "soak" };
    LWMsgParams in = { dice(worker, 4) ? ORDER : ORDER_QUICK, &input }, out = LWMSG_PARAMS_INITIALIZER;
    Completion completion = COMPLETION_INITIALIZER;
    LWMsgCall *call = NULL;
    LWMsgStatus status;
    int asynchronous = input.number == PEND_CANCELLABLE || dice(worker, 2);

    if (input.number == SLEEP) {
        input.status = dice(worker, 3);
        in.tag = ORDER;
    }
    if (dice(worker, 50) == 0) {
        /* Large enough to be cut, and to fill a socket. */
        static unsigned char bytes[300000];
        static Blob blob = { sizeof bytes, bytes };
        in.tag = ECHO;
        in.data = &blob;
    }
    status = lwmsg_session_acquire_call(session, &call);
    if (status) {
        account(worker, status);
        return;
    }
    if (!asynchronous) {
        status = lwmsg_call_dispatch(call, &in, &out, NULL, NULL);
    } else {
        status = lwmsg_call_dispatch(call, &in, &out, on_complete, &completion);
        if (status == LWMSG_STATUS_PENDING) {
            if (input.number == PEND_CANCELLABLE || dice(worker, 4) == 0)
                lwmsg_call_cancel(call);
            if (dice(worker, 2)) {
                status = lwmsg_call_wait(call);
                CHECK_EQ(await_completion(&completion, 1), status);
            } else {
                status = await_completion(&completion, 1);
            }
        }
    }
    account(worker, status);
    if (out.tag == ECHO)
        CHECK_EQ(((Blob *)out.data)->length, 300000);
    lwmsg_call_destroy_params(call, &out);
    lwmsg_call_release(call);
}

static void *work(void *data)
{
    Worker *worker = data;
    LWMsgPeer *own = NULL;
    LWMsgSession *session;

    if (worker->number % 2) {
        CHECK_EQ(lwmsg_peer_new(NULL, pair.protocol, &own), LWMSG_STATUS_SUCCESS);
        if (worker->number % 4 == 1)
            lwmsg_peer_add_connect_endpoint(own, LWMSG_ENDPOINT_DIRECT, "relink-soak");
        lwmsg_peer_add_connect_endpoint(own, LWMSG_ENDPOINT_LOCAL, pair.path);
        lwmsg_peer_connect(own, &session);
    } else {
        session = shared_sessions[worker->number / 2 % SHARED];
    }
    for (int i = 0; i < call_count; i++) {
        one_call(worker, session);
        if (own && dice(worker, 40) == 0) {
            lwmsg_peer_disconnect(own);
            lwmsg_peer_connect(own, &session);
        }
    }
    lwmsg_peer_delete(own);
    return NULL;
}

static void *nothing(void *data)
{
    return data;
}

static void *stop_and_start(void *data)
{
    char *text;

    (void)data;
    while (!counted(&done)) {
        pause_ms(20);
        CHECK_EQ(relink_lwmsg_peer_print_alloc(pair.server, &text), LWMSG_STATUS_SUCCESS);
        free(text);
        pause_ms(20);
        CHECK_EQ(lwmsg_peer_stop_listen(pair.server), LWMSG_STATUS_SUCCESS);
        pause_ms(2);
        CHECK_EQ(lwmsg_peer_start_listen(pair.server), LWMSG_STATUS_SUCCESS);
    }
    return NULL;
}

static int entries(const char *folder)
{
    DIR *open = opendir(folder);
    int number = 0;

    while (readdir(open))
        number++;
    closedir(open);
    return number;
}

static void round_of_calls(Worker *total)
{
    Worker *workers = calloc((size_t)thread_count, sizeof *workers);
    pthread_t server;

    make_peers(&pair);
    lwmsg_peer_set_max_listen_clients(pair.server, 200);
    lwmsg_peer_set_max_listen_backlog(pair.server, 100);
    lwmsg_peer_add_listen_endpoint(pair.server, LWMSG_ENDPOINT_DIRECT, "relink-soak", 0);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    for (int i = 0; i < SHARED; i++) {
        CHECK_EQ(lwmsg_peer_new(NULL, pair.protocol, &shared[i]), LWMSG_STATUS_SUCCESS);
        lwmsg_peer_add_connect_endpoint(shared[i], LWMSG_ENDPOINT_LOCAL, pair.path);
        lwmsg_peer_connect(shared[i], &shared_sessions[i]);
    }
    done = 0;
    CHECK_EQ(pthread_create(&server, NULL, stop_and_start, NULL), 0);
    for (int i = 0; i < thread_count; i++) {
        workers[i].number = i;
        workers[i].random = seed * 7919u + (unsigned int)i;
        CHECK_EQ(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < thread_count; i++) {
        pthread_join(workers[i].thread, NULL);
        CHECK_EQ(workers[i].ended, call_count);
        total->ended += workers[i].ended;
        total->succeeded += workers[i].succeeded;
        total->cancelled += workers[i].cancelled;
        total->lost += workers[i].lost;
        total->refused += workers[i].refused;
    }
    count(&done);
    pthread_join(server, NULL);
    for (int i = 0; i < SHARED; i++)
        lwmsg_peer_delete(shared[i]);
    end_pair(&pair);
    free(workers);
}

int main(int argc, char **argv)
{
    Worker total = { 0 };
    int threads, descriptors;
    pthread_t first;
    size_t before, after;

    if (getenv("RELINK_VALGRIND"))
        call_count = 100;
    if (argc > 1)
        thread_count = atoi(argv[1]);
    if (argc > 2)
        call_count = atoi(argv[2]);
    if (argc > 3)
        seed = (unsigned int)atoi(argv[3]);
    /* A sanitizer makes a thread of its own with the first. */
    CHECK_EQ(pthread_create(&first, NULL, nothing, NULL), 0);
    pthread_join(first, NULL);
    threads = entries("/proc/self/task");
    descriptors = entries("/proc/self/fd");
    /* The first round warms the heap up. */
    round_of_calls(&total);
    pause_ms(50);
    CHECK_EQ(entries("/proc/self/task"), threads);
    CHECK_EQ(entries("/proc/self/fd"), descriptors);
    before = mallinfo2().uordblks;
    round_of_calls(&total);
    pause_ms(50);
    after = mallinfo2().uordblks;
    CHECK_EQ(entries("/proc/self/task"), threads);
    CHECK_EQ(entries("/proc/self/fd"), descriptors);
    CHECK(after < before + 65536);
    if (argc > 1)
        printf("%ld calls: %ld succeeded, %ld cancelled, %ld lost, %ld refused; heap %zu then %zu bytes\n",
               total.ended, total.succeeded, total.cancelled, total.lost, total.refused, before, after);
    return 0;
}
