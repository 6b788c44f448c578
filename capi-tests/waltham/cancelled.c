/* harness: libs -pthread
 * harness: no-tsan it does not know cancellation in a system call
 *
 * A thread that waits in the library can be cancelled there, as in any function that waits in the system. The connection
 * lives, and another thread may go on with it. The original's trace on standard output is thrown away.
 */
#define _GNU_SOURCE
#include "check.h"
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <waltham-client.h>
#include <waltham-connection.h>

static struct wth_connection *conn;
static int far_end, listener;

static void *read_something(void *unused)
{
    wth_connection_read(conn);
    return unused;
}

static void *make_a_roundtrip(void *unused)
{
    wth_connection_roundtrip(conn);
    return unused;
}

static void *accept_somebody(void *unused)
{
    wth_accept(listener, NULL, NULL);
    return unused;
}

/* Until the peer takes no more. */
static void *send_requests(void *unused)
{
    struct wthp_registry *registry = wth_connection_create_registry(conn);
    struct wthp_surface *surface = (struct wthp_surface *)wthp_registry_bind(registry, 1, "wthp_surface", 1);

    pthread_cleanup_push((void (*)(void *))wth_object_delete, registry);
    pthread_cleanup_push((void (*)(void *))wth_object_delete, surface);
    for (;;)
        wthp_surface_damage(surface, 1, 2, 3, 4);
    pthread_cleanup_pop(1);
    pthread_cleanup_pop(1);
    return unused;
}

static void cancel(const char *where, void *(*body)(void *))
{
    const struct timespec while_it_begins = { 0, 100 * 1000 * 1000 };
    pthread_t thread;
    void *result;

    CHECK_EQ(pthread_create(&thread, NULL, body, NULL), 0);
    nanosleep(&while_it_begins, NULL);
    CHECK_EQ(pthread_cancel(thread), 0);
    CHECK_EQ(pthread_join(thread, &result), 0);
    if (result != PTHREAD_CANCELED) {
        fprintf(stderr, "%s: the thread returned\n", where);
        exit(1);
    }
}

static void open_client(void)
{
    int pair[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    conn = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_CLIENT);
    CHECK(conn != NULL);
    far_end = pair[1];
}

static void close_client(void)
{
    wth_connection_destroy(conn);
    close(far_end);
}

/* The connection goes on: what comes is read and dispatched. */
static void expect_an_event(void)
{
    /* wth_display.delete_id, which everybody ignores. */
    static const unsigned char event[] = { 0, 0, 16, 0, 5, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0 };

    CHECK_EQ(send(far_end, event, sizeof event, 0), (ssize_t)sizeof event);
    CHECK_EQ(wth_connection_read(conn), 0);
    CHECK_EQ(wth_connection_dispatch(conn), 1);
}

int main(void)
{
    struct sockaddr_in address;

    CHECK(freopen("/dev/null", "w", stdout) != NULL);
    open_client();
    cancel("read", read_something);
    expect_an_event();
    close_client();

    open_client();
    cancel("roundtrip", make_a_roundtrip);
    expect_an_event();
    close_client();

    open_client();
    cancel("send", send_requests);
    close_client();

    listener = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_EQ(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_EQ(listen(listener, 1), 0);
    cancel("accept", accept_somebody);
    close(listener);
    return 0;
}
