/* Where two things meet: flow control and a peer that has gone, callbacks and the order of what comes, destroying and what
 * is in progress, a child and its parent's loop.
 * harness: ours-only the original has most of these
 * harness: cflags -pthread
 * harness: timeout 120
 */
#include "peer.h"
#include "server.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>

void libwebsocket_close_and_free_session(struct libwebsocket_context *, struct libwebsocket *, enum lws_close_status);

static struct libwebsocket_context *context;
static struct libwebsocket *latest;
static char seen[4096];
static int established, closed, errors, feed;
static int (*act)(struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason, void *in, size_t len);

static int on_event(struct libwebsocket_context *ctx, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)ctx, (void)user;
    events++;
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        established++;
        latest = wsi;
        break;
    case LWS_CALLBACK_CLOSED:
        closed++;
        break;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        errors++;
        break;
    case LWS_CALLBACK_RECEIVE:
        CHECK(strlen(seen) + len < sizeof(seen));
        strncat(seen, in, len);
        break;
    default:
        break;
    }
    return act ? act(wsi, reason, in, len) : 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "corners", on_event, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static int begin(const char *what)
{
    struct lws_context_creation_info info = context_info(free_port(), protocols);

    printf("%s\n", what);
    act = NULL;
    seen[0] = 0;
    established = closed = errors = 0;
    context = libwebsocket_create_context(&info);
    CHECK(context);
    return info.port;
}

static void end(void)
{
    act = NULL;
    libwebsocket_context_destroy(context);
}

/* A connection whose head is answered and read. */
static int upgraded(int port)
{
    int fd = peer_upgrade(port, ""), before = established, ended;
    unsigned char data[1000];

    settle(context);
    CHECK_EQ(established, before + 1);
    CHECK(peer_read(fd, data, sizeof(data), &ended) > 100 && !ended);
    return fd;
}

/* A program that says with every message whether it takes more. */
static int keep_on(struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason, void *in, size_t len)
{
    (void)in, (void)len;
    if (reason == LWS_CALLBACK_RECEIVE)
        libwebsocket_rx_flow_control(wsi, 1);
    return 0;
}

static void what_was_held_back_arrives_whole_although_the_peer_has_gone(void)
{
    int fd = upgraded(begin("held back, and the peer has gone"));

    libwebsocket_rx_flow_control(latest, 0);
    peer_frame(fd, 0x81, "a", 1);
    peer_frame(fd, 0x81, "b", 1);
    peer_frame(fd, 0x81, "c", 1);
    close(fd);
    settle(context);
    CHECK(!strcmp(seen, "") && closed == 0);
    act = keep_on;
    libwebsocket_rx_flow_control(latest, 1);
    settle(context);
    CHECK(!strcmp(seen, "abc"));
    CHECK_EQ(closed, 1);
    end();
}

/* Serves within the callback of the first message, when the last has come. */
static int serve_within(struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason, void *in, size_t len)
{
    int i;

    (void)wsi, (void)len;
    if (reason == LWS_CALLBACK_RECEIVE && ((char *)in)[0] == 'a') {
        peer_frame(feed, 0x81, "c", 1);
        for (i = 0; i < 5; i++)
            libwebsocket_service(context, 1);
    }
    return 0;
}

static void callbacks_that_serve_leave_the_order_of_messages(void)
{
    int fd = upgraded(begin("a callback that serves"));

    act = serve_within;
    feed = fd;
    peer_frame(fd, 0x81, "a", 1);
    peer_frame(fd, 0x81, "b", 1);
    settle(context);
    CHECK(!strcmp(seen, "abc"));
    close(fd);
    end();
}

static int destroy_in_receive(struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason, void *in, size_t len)
{
    (void)wsi, (void)in, (void)len;
    if (reason == LWS_CALLBACK_RECEIVE && context) {
        libwebsocket_context_destroy(context);
        context = NULL;
    }
    return 0;
}

static void nothing_is_received_once_the_context_is_given_up(void)
{
    int fd = upgraded(begin("a callback that destroys"));
    struct libwebsocket_context *served = context;

    act = destroy_in_receive;
    peer_frame(fd, 0x81, "a", 1);
    peer_frame(fd, 0x81, "b", 1);
    while (context)
        libwebsocket_service(served, 10);
    CHECK(!strcmp(seen, "a"));
    CHECK_EQ(closed, 1);
    close(fd);
}

static enum libwebsocket_callback_reasons destroy_when;

static int destroy_then(struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason, void *in, size_t len)
{
    (void)wsi, (void)in, (void)len;
    if (reason == destroy_when && context) {
        libwebsocket_context_destroy(context);
        context = NULL;
    }
    return 0;
}

static void connecting_in_a_context_that_is_given_up_yields_nothing(void)
{
    static const enum libwebsocket_callback_reasons when[] = {
        LWS_CALLBACK_ADD_POLL_FD, LWS_CALLBACK_CLEAR_MODE_POLL_FD, LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER,
    };
    int port, listener = server_listen(&port);
    size_t i;

    for (i = 0; i < sizeof(when) / sizeof(when[0]); i++) {
        begin("a client whose callback destroys");
        act = destroy_then;
        destroy_when = when[i];
        CHECK(!libwebsocket_client_connect_extended(context, "127.0.0.1", port, 0, "/", "h", NULL, NULL, -1, seen));
        CHECK(!context);
        CHECK_EQ(errors, 0);
    }
    close(listener);
}

static void children_that_ring_do_not_keep_their_parent_awake(void)
{
    int status, calls = 0;
    double begun;
    pid_t child;

    begin("a child rings its parent's bell");
    settle(context);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        libwebsocket_cancel_service(context);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    for (begun = now(); now() - begun < 0.5; calls++)
        libwebsocket_service(context, 100);
    CHECK(calls < 50);
    end();
}

static void children_may_destroy_their_copy_of_connections(void)
{
    int fd = upgraded(begin("a child destroys its copy of a connection")), status, ended;
    unsigned char data[10];
    pid_t child = fork();

    CHECK(child >= 0);
    if (child == 0) {
        libwebsocket_context_destroy(context);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    peer_frame(fd, 0x89, "p", 1);
    settle(context);
    CHECK_EQ(closed, 0);
    CHECK_EQ(peer_read(fd, data, sizeof(data), &ended), 3);
    CHECK(!ended);
    close(fd);
    end();
}

static void nothing(int signal)
{
    (void)signal;
}

static void deadlines_hold_although_every_wait_is_interrupted(void)
{
    struct itimerval often = { { 0, 2000 }, { 0, 2000 } }, never = { { 0, 0 }, { 0, 0 } };
    int port = begin("a timer that ends every wait"), fd, ended = 0;
    struct sigaction action;
    unsigned char data[10];
    double begun;

    setenv("RELINK_LWS_HANDSHAKE_TIMEOUT", "1", 1);
    end();
    port = begin("as before, with a second for a head");
    unsetenv("RELINK_LWS_HANDSHAKE_TIMEOUT");
    fd = peer_connect(port);
    settle(context);
    memset(&action, 0, sizeof(action));
    action.sa_handler = nothing;
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
    for (begun = now(); now() - begun < 5 && !ended; peer_read(fd, data, sizeof(data), &ended))
        libwebsocket_service(context, 1000);
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
    CHECK_EQ(ended, 1);
    close(fd);
    end();
}

/* Small compressed messages for a protocol with large chunks. Returns the processor's time, in seconds. */
static double compressed_messages(size_t chunk)
{
    struct lws_context_creation_info info = context_info(free_port(), protocols);
    struct rusage before, after;
    unsigned char data[1000];
    int fd, i, ended;

    protocols[0].rx_buffer_size = chunk;
    info.extensions = libwebsocket_get_internal_extensions();
    established = 0;
    context = libwebsocket_create_context(&info);
    CHECK(context);
    fd = peer_upgrade(info.port, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    settle(context);
    CHECK(established == 1 && peer_read(fd, data, sizeof(data), &ended) > 0);
    for (i = 0; i < 3000; i++)
        peer_frame(fd, 0xc1, "\x4a\x04\x00", 3);
    seen[0] = 0;
    getrusage(RUSAGE_SELF, &before);
    settle(context);
    getrusage(RUSAGE_SELF, &after);
    CHECK_EQ(strlen(seen), 3000);
    close(fd);
    end();
    protocols[0].rx_buffer_size = 0;
    return (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec) +
           (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec) / 1e6;
}

static void large_chunks_cost_what_they_hold(void)
{
    double small, large;

    printf("small messages for large chunks\n");
    act = NULL;
    small = compressed_messages(4096);
    large = compressed_messages(32 << 20);
    CHECK(large < 20 * small + 0.5);
}

static struct libwebsocket *connecting;

static int close_it(struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason, void *in, size_t len)
{
    (void)in, (void)len;
    if (reason == LWS_CALLBACK_ADD_POLL_FD)
        connecting = wsi;
    if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS)
        libwebsocket_close_and_free_session(context, connecting, LWS_CLOSE_STATUS_NOSTATUS);
    return 0;
}

/* It is a listening context's: others ask when they are made. The slot of what has gone serves others as before. */
static void clients_may_go_while_their_trust_is_asked_for(void)
{
    int port = begin("a client that is closed while its trust is asked for"), fd, i;

    act = close_it;
    CHECK(!libwebsocket_client_connect(context, "127.0.0.1", port, 1, "/", "h", NULL, NULL, -1));
    act = NULL;
    for (i = 0; i < 400; i++) {
        fd = peer_upgrade(port, "");
        while (established == i)
            libwebsocket_service(context, 10);
        close(fd);
        while (closed == i)
            libwebsocket_service(context, 10);
    }
    end();
}

/* The table of a program that polls by itself, from before its context is made. */
static struct pollfd table[20];
static int used;

static int own_loop(struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason, void *in, size_t len)
{
    int i;

    for (i = 0; i < used && table[i].fd != (int)(long)in; i++)
        ;
    switch (reason) {
    case LWS_CALLBACK_ADD_POLL_FD:
        CHECK(i < 20);
        table[used++] = (struct pollfd){ .fd = (int)(long)in, .events = (short)len };
        break;
    case LWS_CALLBACK_DEL_POLL_FD:
        table[i] = table[--used];
        break;
    case LWS_CALLBACK_SET_MODE_POLL_FD:
        table[i].events |= (short)len;
        break;
    case LWS_CALLBACK_CLEAR_MODE_POLL_FD:
        table[i].events &= (short)~len;
        break;
    case LWS_CALLBACK_RECEIVE:
        if (((char *)in)[0] == 'a')
            libwebsocket_rx_flow_control(wsi, 0);
        break;
    default:
        break;
    }
    return 0;
}

static int begin_own_loop(const char *what)
{
    struct lws_context_creation_info info = context_info(free_port(), protocols);

    printf("%s\n", what);
    used = established = closed = 0;
    seen[0] = 0;
    act = own_loop;
    context = libwebsocket_create_context(&info);
    CHECK(context);
    return info.port;
}

/* Serves what is ready within so many milliseconds: nothing is done when nothing is, as programs had it. */
static int poll_once(int patience)
{
    int ready = poll(table, (nfds_t)used, patience), i;

    for (i = 0; ready > 0 && i < used; i++)
        if (table[i].revents)
            libwebsocket_service_fd(context, &table[i]);
    return ready > 0;
}

/* As long as something is. Returns how often that was. */
static int poll_for(int quiet)
{
    int rounds = 0;

    while (rounds < 10000 && poll_once(quiet))
        rounds++;
    return rounds;
}

static void input_that_is_released_between_calls_wakes_polling_programs(void)
{
    int fd = peer_upgrade(begin_own_loop("released between calls"), "");

    poll_for(50);
    CHECK_EQ(established, 1);
    peer_frame(fd, 0x81, "a", 1);
    peer_frame(fd, 0x81, "b", 1);
    poll_for(50);
    CHECK(!strcmp(seen, "a"));
    libwebsocket_rx_flow_control(latest, 1);
    CHECK(!strcmp(seen, "a"));
    CHECK(poll_for(50) < 5);
    CHECK(!strcmp(seen, "ab"));
    close(fd);
    poll_for(50);
    CHECK_EQ(closed, 1);
    end();
}

static void listeners_hear_again_as_soon_as_there_are_descriptors(void)
{
    struct rlimit limit, low;
    int port, fds[3], i;

    /* It closes what is accepted beyond the limit. */
    if (getenv("RELINK_VALGRIND"))
        return;
    port = begin_own_loop("descriptors run out, and come back");
    for (i = 0; i < 3; i++)
        fds[i] = peer_upgrade(port, "");
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    low = limit;
    /* For one of them. */
    low.rlim_cur = (rlim_t)fds[2] + 2;
    CHECK(setrlimit(RLIMIT_NOFILE, &low) == 0);
    poll_for(50);
    CHECK_EQ(established, 1);
    for (i = 0; i < 2; i++) {
        CHECK(shutdown(fds[i], SHUT_RDWR) == 0);
        poll_for(50);
        CHECK_EQ(closed, i + 1);
        CHECK_EQ(established, i + 2);
    }
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    for (i = 0; i < 3; i++)
        close(fds[i]);
    poll_for(50);
    end();
}

#define FILE_SIZE (256l << 20)
/* Of a file, a connection gets so much sent in one turn. */
#define TURN (16l << 20)

static char file_name[40];

static int serve_file(struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason, void *in, size_t len)
{
    (void)in, (void)len;
    if (reason == LWS_CALLBACK_HTTP)
        return libwebsockets_serve_http_file(context, wsi, file_name, "text/plain") != 0;
    if (reason == LWS_CALLBACK_HTTP_FILE_COMPLETION)
        closed++;
    return 0;
}

static void *read_file(void *from)
{
    static unsigned char data[1 << 20];
    int fd = *(int *)from;
    size_t total = 0;
    ssize_t n;

    CHECK(fcntl(fd, F_SETFL, 0) == 0);
    while (total < (size_t)FILE_SIZE) {
        n = recv(fd, data, sizeof(data), MSG_TRUNC);
        CHECK(n > 0);
        total += (size_t)n;
    }
    return NULL;
}

static int poll_and_serve_file(struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason, void *in, size_t len)
{
    own_loop(wsi, reason, in, len);
    return serve_file(wsi, reason, in, len);
}

/* A peer that reads as fast as it is sent to does not keep a loop for itself. */
static void large_files_let_others_have_their_turn(void)
{
    int polled, port, file, fd, calls;
    pthread_t reader;

    snprintf(file_name, sizeof(file_name), "/tmp/relink-corners-XXXXXX");
    file = mkstemp(file_name);
    CHECK(file >= 0);
    CHECK(ftruncate(file, FILE_SIZE) == 0);
    for (polled = 0; polled < 2; polled++) {
        port = polled ? begin_own_loop("a large file, in a loop of the program's own") : begin("a large file");
        act = polled ? poll_and_serve_file : serve_file;
        fd = peer_connect(port);
        peer_say(fd, "GET / HTTP/1.1\r\n\r\n");
        CHECK(pthread_create(&reader, NULL, read_file, &fd) == 0);
        for (calls = 0; !closed; calls++) {
            if (polled)
                CHECK(poll_once(10000));
            else
                libwebsocket_service(context, 10);
        }
        CHECK(calls >= FILE_SIZE / TURN);
        CHECK(pthread_join(reader, NULL) == 0);
        close(fd);
        end();
    }
    unlink(file_name);
    close(file);
}

/* Takes no more until it is let. */
static int hold(struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason, void *in, size_t len)
{
    (void)in;
    if (reason == LWS_CALLBACK_RECEIVE) {
        CHECK(len <= 4);
        strcat(seen, libwebsockets_remaining_packet_payload(wsi) ? "," : ".");
        libwebsocket_rx_flow_control(wsi, 0);
    }
    return 0;
}

/* The text of RFC 7692, section 7.2.3.1, compressed, and again with the window that it left. */
static void compressed_messages_are_held_back_chunk_by_chunk(void)
{
    static const char first[] = "\xf2\x48\xcd\xc9\xc9\x07\x00", second[] = "\xf2\x00\x11\x00\x00";
    static const char *const steps[] = { "Hell,", "Hell,o.", "Hell,o.Hell,", "Hell,o.Hell,o.", "Hell,o.Hell,o.Hell,",
                                         "Hell,o.Hell,o.Hell,o.", NULL };
    struct lws_context_creation_info info = context_info(free_port(), protocols);
    unsigned char data[1000];
    int fd, i, ended;

    printf("chunks of compressed messages\n");
    protocols[0].rx_buffer_size = 4;
    info.extensions = libwebsocket_get_internal_extensions();
    established = closed = 0;
    seen[0] = 0;
    act = hold;
    context = libwebsocket_create_context(&info);
    CHECK(context);
    fd = peer_upgrade(info.port, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    settle(context);
    CHECK(established == 1 && peer_read(fd, data, sizeof(data), &ended) > 0);
    peer_frame(fd, 0xc1, first, 7);
    /* In two frames. */
    peer_frame(fd, 0x41, second, 3);
    peer_frame(fd, 0x80, second + 3, 2);
    peer_frame(fd, 0xc1, second, 5);
    close(fd);
    for (i = 0; steps[i]; i++) {
        settle(context);
        CHECK(!strcmp(seen, steps[i]));
        /* It ends with what it has said. */
        CHECK_EQ(closed, steps[i + 1] == NULL);
        if (steps[i + 1])
            libwebsocket_rx_flow_control(latest, 1);
    }
    end();
    protocols[0].rx_buffer_size = 0;
}

static const struct named_test tests[] = {
    { "gone", what_was_held_back_arrives_whole_although_the_peer_has_gone },
    { "order", callbacks_that_serve_leave_the_order_of_messages },
    { "destroy", nothing_is_received_once_the_context_is_given_up },
    { "connect", connecting_in_a_context_that_is_given_up_yields_nothing },
    { "ring", children_that_ring_do_not_keep_their_parent_awake },
    { "child", children_may_destroy_their_copy_of_connections },
    { "interrupted", deadlines_hold_although_every_wait_is_interrupted },
    { "large", large_chunks_cost_what_they_hold },
    { "trust", clients_may_go_while_their_trust_is_asked_for },
    { "release", input_that_is_released_between_calls_wakes_polling_programs },
    { "spike", listeners_hear_again_as_soon_as_there_are_descriptors },
    { "file", large_files_let_others_have_their_turn },
    { "hold", compressed_messages_are_held_back_chunk_by_chunk },
};

int main(int count, char **names)
{
    lws_set_log_level(0, NULL);
    run_tests(tests, sizeof(tests) / sizeof(tests[0]), count, names);
    return 0;
}
