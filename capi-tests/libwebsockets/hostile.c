/* Peers that try to use up stack, memory or processor time, and programs that make it easy for them.
 * harness: ours-only the original has most of these
 * harness: cflags -pthread
 * harness: timeout 300
 * harness: no-tsan a stale handle is used on purpose, and memory is counted
 */
#include "peer.h"
#include "server.h"
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define PAGE 100000
#define LARGE 12000000

enum reply { NONE, SMALL, PAGES, WHOLE, LATE, ASK, NESTED };

static enum reply reply;
static int requests, pieces, ended_connections, established, writeables, errors, reconnects, refuse_extensions, feed;
static struct libwebsocket *latest;
static char path_seen[20];
static struct libwebsocket_context *server;
static unsigned char large[LWS_SEND_BUFFER_PRE_PADDING + LARGE + LWS_SEND_BUFFER_POST_PADDING];

/* The table of a program that polls by itself. */
static struct pollfd *table;
static int used, moves;

static struct pollfd *entry_of(int fd)
{
    int i;

    for (i = 0; i < used && table[i].fd != fd; i++)
        ;
    return &table[i];
}

/* Room is where it was not before, and nothing is left where it was. */
static void move_table(void)
{
    struct pollfd *moved = malloc(100 * sizeof(*moved));

    CHECK(moved);
    if (table) {
        memcpy(moved, table, (size_t)used * sizeof(*moved));
        memset(table, 0xff, 100 * sizeof(*table));
        free(table);
    }
    table = moved;
}

/* The system keeps little of what is on its way to the peer, however it is set up. */
static void limit_buffer(int fd, int which)
{
    int size = 200000;

    CHECK(setsockopt(fd, SOL_SOCKET, which, &size, sizeof(size)) == 0);
}

static int narrow(int fd)
{
    limit_buffer(fd, SO_RCVBUF);
    return fd;
}

static int on_hostile(struct libwebsocket_context *ctx, struct libwebsocket *wsi,
                      enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    int i;

    (void)user;
    events++;
    switch (reason) {
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
        limit_buffer((int)(long)in, SO_SNDBUF);
        break;
    case LWS_CALLBACK_ADD_POLL_FD:
        if (used % 100 == 0)
            move_table();
        CHECK(used < 100);
        table[used++] = (struct pollfd){ .fd = (int)(long)in, .events = (short)len };
        break;
    case LWS_CALLBACK_DEL_POLL_FD:
        *entry_of((int)(long)in) = table[--used];
        break;
    case LWS_CALLBACK_SET_MODE_POLL_FD:
        if (moves) {
            moves = 0;
            move_table();
        }
        entry_of((int)(long)in)->events |= (short)len;
        break;
    case LWS_CALLBACK_CLEAR_MODE_POLL_FD:
        entry_of((int)(long)in)->events &= (short)~len;
        break;
    case LWS_CALLBACK_ESTABLISHED:
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        established++;
        latest = wsi;
        break;
    case LWS_CALLBACK_CLOSED:
        ended_connections++;
        break;
    case LWS_CALLBACK_HTTP_WRITEABLE:
        if (reply != LATE)
            break;
        CHECK(libwebsocket_write(wsi, large, LARGE, LWS_WRITE_HTTP) == LARGE);
        return -1;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        writeables++;
        break;
    case LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED:
        return refuse_extensions;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        errors++;
        if (reconnects && reconnects-- > 0)
            libwebsocket_client_connect(ctx, "127.0.0.1", (int)(long)libwebsocket_context_user(ctx), 0, "/", "h", NULL,
                                        NULL, -1);
        break;
    case LWS_CALLBACK_RECEIVE:
        if (((char *)in)[0] == 'w')
            libwebsocket_write(wsi, large + LWS_SEND_BUFFER_PRE_PADDING, LARGE, LWS_WRITE_BINARY);
        break;
    case LWS_CALLBACK_HTTP:
        requests++;
        if (reply == SMALL)
            CHECK(libwebsocket_write(wsi, large, 2, LWS_WRITE_HTTP) == 2);
        if (reply == PAGES)
            return libwebsocket_write(wsi, large, PAGE, LWS_WRITE_HTTP) < 0;
        if (reply == WHOLE) {
            CHECK(libwebsocket_write(wsi, large, LARGE, LWS_WRITE_HTTP) == LARGE);
            return -1;
        }
        if (reply == LATE || reply == ASK)
            libwebsocket_callback_on_writable(ctx, wsi);
        if (reply == NESTED && requests == 1) {
            peer_say(feed, "Host: more\r\n\r\nGET /second\r\n\r\n");
            for (i = 0; i < 5; i++)
                libwebsocket_service(ctx, 1);
            CHECK_EQ(requests, 1);
            CHECK(!strcmp(in, "/first") && len == 6);
        }
        snprintf(path_seen, sizeof(path_seen), "%s", (char *)in);
        break;
    default:
        break;
    }
    return 0;
}

static struct libwebsocket_protocols hostile_protocols[] = {
    { "hostile", on_hostile, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static int begin(const char *what, enum reply answer)
{
    struct lws_context_creation_info info = context_info(free_port(), hostile_protocols);

    printf("%s\n", what);
    reply = answer;
    requests = pieces = ended_connections = established = writeables = errors = 0;
    server = libwebsocket_create_context(&info);
    CHECK(server);
    return info.port;
}

static void end(void)
{
    libwebsocket_context_destroy(server);
}

/* One round of such a program's loop. */
static void poll_once(void)
{
    int i;

    CHECK(poll(table, (nfds_t)used, 50) >= 0);
    for (i = 0; i < used; i++)
        if (table[i].revents)
            libwebsocket_service_fd(server, &table[i]);
    libwebsocket_service_fd(server, NULL);
}

/* Memory in use, in bytes. */
static size_t memory(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* Serves for a while, and counts how often that had to be said. */
static int calls_in(double seconds)
{
    double begun = now();
    int calls = 0;

    for (; now() - begun < seconds; calls++)
        libwebsocket_service(server, 100);
    return calls;
}

/* Serves and reads until the connection ends, or nothing comes any more. Returns the bytes read. */
static size_t read_all(int fd, int *at_end)
{
    static unsigned char data[1 << 20];
    size_t total = 0;
    double quiet = now();

    *at_end = 0;
    while (!*at_end && now() - quiet < 1) {
        int count;

        libwebsocket_service(server, 1);
        count = peer_read(fd, data, sizeof(data), at_end);
        total += (size_t)count;
        if (count)
            quiet = now();
    }
    return total;
}

static void *serve_there(void *nothing)
{
    settle(server);
    return nothing;
}

/* One read brings thousands of requests: they are not answered inside each other. */
static void pipelined_requests_take_no_stack(void)
{
    int fd = peer_connect(begin("pipelined requests", SMALL)), i, length = 0;
    static char text[7000 * 9 + 1];
    pthread_attr_t attributes;
    pthread_t thread;

    for (i = 0; i < 7000; i++)
        length += sprintf(text + length, "GET /\r\n\r\n");
    settle(server);
    peer_send(fd, text, (size_t)length);
    CHECK(pthread_attr_init(&attributes) == 0 && pthread_attr_setstacksize(&attributes, 256 << 10) == 0);
    CHECK(pthread_create(&thread, &attributes, serve_there, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK_EQ(requests, 7000);
    close(fd);
    end();
}

/* Answers that the peer does not read hold back the requests behind them; when it has said all that it will say, it
 * gets them nevertheless. */
static void requests_wait_for_a_peer_that_reads(void)
{
    int fd = narrow(peer_connect(begin("requests of a peer that does not read", PAGES))), i, at_end;

    for (i = 0; i < 300; i++)
        peer_say(fd, "GET /\r\n\r\n");
    CHECK(shutdown(fd, SHUT_WR) == 0);
    settle(server);
    CHECK(requests > 0 && requests < 150);
    CHECK_EQ(read_all(fd, &at_end), 300 * (size_t)PAGE);
    CHECK_EQ(requests, 300);
    CHECK_EQ(at_end, 1);
    close(fd);
    end();
}

/* Pings of a peer that does not read: it is owed one pong, for the last of them. */
static void pongs_do_not_pile_up(void)
{
    int fd = peer_upgrade(begin("pings of a peer that does not read", NONE), ""), i, at_end, length;
    static unsigned char data[1 << 20];
    unsigned char payload[125] = { 0 }, last[127];
    size_t before, total = 0;

    settle(server);
    CHECK_EQ(established, 1);
    before = memory();
    for (i = 0; i < 160000; i++) {
        unsigned char frame[6 + sizeof(payload)] = { 0x89, 0x80 | sizeof(payload) };
        size_t sent = 0;

        memcpy(payload, &i, sizeof(i));
        memcpy(frame + 6, payload, sizeof(payload));
        while (sent < sizeof(frame)) {
            ssize_t count = send(fd, frame + sent, sizeof(frame) - sent, MSG_NOSIGNAL);

            CHECK(count > 0 || errno == EAGAIN);
            sent += count > 0 ? (size_t)count : 0;
            if (count < 0 || i % 100 == 99)
                libwebsocket_service(server, 0);
        }
    }
    settle(server);
    CHECK(memory() < before + (2 << 20));
    CHECK_EQ(ended_connections, 0);
    for (i = 0; i < 1000; i++) {
        libwebsocket_service(server, 1);
        length = peer_read(fd, data, sizeof(data), &at_end);
        if (length >= 127)
            memcpy(last, data + length - 127, 127);
        total += (size_t)length;
        if (total && !length)
            break;
    }
    CHECK(!at_end && memcmp(last + 2, payload, sizeof(payload)) == 0);
    peer_frame(fd, 0x89, "again", 5);
    settle(server);
    CHECK(peer_read(fd, data, sizeof(data), &at_end) == 7 && memcmp(data + 2, "again", 5) == 0);
    close(fd);
    end();
}

/* What comes when only output is left keeps the loop neither busy nor from sending all of it. */
static void nothing_spins_at_the_end(void)
{
    int port = begin("input when all is said", WHOLE), fd = narrow(peer_upgrade(port, "")), at_end;
    size_t length;

    settle(server);
    peer_frame(fd, 0x81, "w", 1);
    settle(server);
    peer_frame(fd, 0x88, "", 0);
    peer_frame(fd, 0x81, "more", 4);
    libwebsocket_service(server, 10);
    peer_frame(fd, 0x81, "and more", 8);
    CHECK(calls_in(1) < 100);
    length = read_all(fd, &at_end);
    CHECK(at_end == 1 && length > LARGE);
    close(fd);
    fd = narrow(peer_connect(port));
    peer_say(fd, "GET /\r\n\r\n");
    settle(server);
    peer_say(fd, "GET /\r\n\r\n");
    CHECK(calls_in(1) < 100);
    CHECK_EQ(requests, 1);
    CHECK_EQ(read_all(fd, &at_end), LARGE);
    CHECK_EQ(at_end, 1);
    close(fd);
    end();
}

/* What a program writes before it ends the connection arrives, however slowly the peer reads. */
static void answers_arrive_whole(void)
{
    int fd = narrow(peer_connect(begin("an answer from a writeable callback", LATE))), at_end;

    peer_say(fd, "GET /\r\n\r\n");
    settle(server);
    CHECK_EQ(read_all(fd, &at_end), LARGE);
    CHECK_EQ(at_end, 1);
    close(fd);
    end();
}

/* The proxy that was set when a connection was asked for is the one that it goes by. */
static void a_proxy_that_comes_later_is_not_asked(void)
{
    struct lws_context_creation_info info = context_info(0, hostile_protocols);
    int port, listener = server_listen(&port), fd;
    char request[2000], proxy[30];

    printf("another proxy while connecting\n");
    snprintf(proxy, sizeof(proxy), "127.0.0.1:%d", port);
    CHECK(setenv("RELINK_LWS_NONBLOCKING", "1", 1) == 0);
    server = libwebsocket_create_context(&info);
    CHECK(unsetenv("RELINK_LWS_NONBLOCKING") == 0);
    CHECK(server && libwebsocket_client_connect(server, "127.0.0.1", port, 0, "/", "h", NULL, NULL, -1));
    CHECK_EQ(libwebsocket_set_proxy(server, proxy), 0);
    settle(server);
    fd = server_accept(listener);
    settle(server);
    server_request(fd, request, sizeof(request), 0);
    CHECK(!strncmp(request, "GET / HTTP/1.1", 14));
    close(fd);
    close(listener);
    end();
}

/* A write that is refused in the midst of its frame is the connection's last. */
static void nothing_follows_half_a_frame(void)
{
    int fd, at_end, port;
    size_t length;

    CHECK(setenv("RELINK_LWS_MAX_QUEUE", "100000", 1) == 0);
    port = begin("half a frame", NONE);
    CHECK(unsetenv("RELINK_LWS_MAX_QUEUE") == 0);
    fd = narrow(peer_upgrade(port, ""));
    settle(server);
    CHECK_EQ(libwebsocket_write(latest, large + LWS_SEND_BUFFER_PRE_PADDING, LARGE, LWS_WRITE_BINARY), -1);
    CHECK_EQ(libwebsocket_write(latest, large + LWS_SEND_BUFFER_PRE_PADDING, 5, LWS_WRITE_TEXT), -1);
    settle(server);
    CHECK_EQ(ended_connections, 1);
    length = read_all(fd, &at_end);
    CHECK(at_end && length < LARGE);
    close(fd);
    end();
}

/* A callback that serves the context does not get its connection's next request, nor does its own change. */
static void requests_are_told_one_after_the_other(void)
{
    int fd = peer_connect(begin("serving while a request is told", NESTED));

    feed = fd;
    peer_say(fd, "GET /first\r\nHost: a\r\n\r\nGET /between\r\n");
    settle(server);
    CHECK_EQ(requests, 3);
    CHECK(!strcmp(path_seen, "/second"));
    close(fd);
    end();
}

/* A program that polls by itself never empties the queue of the library's own loop: connections that have gone are not kept
 * in there. */
static void polling_programs_leave_nothing_behind(void)
{
    struct linger hard = { .l_onoff = 1, .l_linger = 0 };
    int port = begin("many connections of a polling program", ASK), i, j;
    size_t before = 0;

    for (i = 0; i < 12000; i++) {
        int fd = peer_connect(port), last;
        struct pollfd polls[2] = { { .fd = 0 } };

        peer_say(fd, "GET /\r\n\r\n");
        for (j = 3; j < 40 && requests == i; j++) {
            polls[0].fd = j;
            polls[0].revents = POLLIN;
            if (j != fd)
                libwebsocket_service_fd(server, &polls[0]);
        }
        CHECK_EQ(requests, i + 1);
        CHECK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)) == 0);
        close(fd);
        for (last = 3; last < 40; last++) {
            polls[0].fd = last;
            polls[0].revents = POLLOUT;
            libwebsocket_service_fd(server, &polls[0]);
            polls[0].revents = POLLIN | POLLHUP;
            libwebsocket_service_fd(server, &polls[0]);
        }
        if (i == 3000)
            before = memory();
    }
    /* Nor are the deadlines of connections that have gone. */
    CHECK(memory() < before + 60000);
    end();
}

/* Names are looked up while a program polls: its table has a descriptor that tells of the answer. */
static void lookups_wake_polling_programs(void)
{
    int port, i;

    CHECK(setenv("RELINK_LWS_NONBLOCKING", "1", 1) == 0);
    port = begin("a lookup under a loop of the program's own", SMALL);
    CHECK(unsetenv("RELINK_LWS_NONBLOCKING") == 0);
    CHECK(libwebsocket_client_connect(server, "localhost", port, 0, "/", "h", NULL, NULL, -1));
    CHECK_EQ(established, 0);
    for (i = 0; i < 300 && established < 2; i++)
        poll_once();
    CHECK(established == 2 && errors == 0);
    CHECK(libwebsocket_client_connect(server, "no such name", port, 0, "/", "h", NULL, NULL, -1));
    for (i = 0; i < 300 && !errors; i++)
        poll_once();
    CHECK(established == 2 && errors == 1);
    /* The listener and both ends: what a lookup needed has gone from the table. */
    CHECK_EQ(used, 3);
    end();
}

static atomic_int rings_wanted, rings_done;

static void *ring_when_asked(void *context)
{
    int rung = 0;

    for (;;) {
        int wanted = rings_wanted;

        if (wanted < 0)
            return NULL;
        if (wanted == rung)
            continue;
        libwebsocket_cancel_service(context);
        rings_done = ++rung;
    }
}

/* However the bell and the ear meet, it does not go on ringing. */
static void the_bell_stops(void)
{
    int round, spun = 0;
    pthread_t thread;

    begin("ringing", NONE);
    CHECK(pthread_create(&thread, NULL, ring_when_asked, server) == 0);
    for (round = 1; round <= 1500 && !spun; round++) {
        double begun;
        int i;

        rings_wanted = round;
        while (rings_done < round)
            libwebsocket_service(server, 0);
        for (i = 0; i < 3; i++)
            libwebsocket_service(server, 0);
        begun = now();
        libwebsocket_service(server, 1);
        spun = now() - begun < 0.0005;
    }
    rings_wanted = -1;
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK_EQ(spun, 0);
    end();
}

/* A program that reconnects whenever it hears of a failure can end nevertheless. */
static void destroying_ends_although_callbacks_connect(void)
{
    struct lws_context_creation_info info = context_info(0, hostile_protocols);
    struct libwebsocket_context *client;
    int port, listener = server_listen(&port);

    printf("connecting while the context goes\n");
    errors = 0;
    info.user = (void *)(long)port;
    client = libwebsocket_create_context(&info);
    CHECK(client && libwebsocket_client_connect(client, "127.0.0.1", port, 0, "/", "h", NULL, NULL, -1));
    reconnects = 5;
    libwebsocket_context_destroy(client);
    CHECK_EQ(errors, 1);
    reconnects = 0;
    close(listener);
}

/* Protocols of a context that has gone have no connections. */
static void a_protocol_outlives_its_context(void)
{
    begin("a protocol behind its context", NONE);
    end();
    CHECK_EQ(libwebsocket_callback_on_writable_all_protocol(hostile_protocols), 0);
    CHECK(!hostile_protocols[0].owning_server);
}

/* A child that gives up what it inherited takes nothing from its parent. */
static void children_may_destroy_their_copy(void)
{
    int port = begin("a child destroys its copy", SMALL), fd, status, ended;
    unsigned char data[10];
    pid_t child;

    settle(server);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        libwebsocket_context_destroy(server);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    fd = peer_connect(port);
    peer_say(fd, "GET /\r\n\r\n");
    settle(server);
    CHECK_EQ(peer_read(fd, data, sizeof(data), &ended), 2);
    close(fd);
    end();
}

static void *ask_there(void *wsi)
{
    libwebsocket_callback_on_writable(server, wsi);
    return NULL;
}

/* Without descriptors a listener that polls by itself is left alone for a second, too. */
static void no_loop_spins_without_descriptors(void)
{
    struct rlimit limit, low;
    int port, fds[3], i, calls = 0, ended;
    unsigned char data[10];
    double begun;

    /* It closes what is accepted beyond the limit. */
    if (getenv("RELINK_VALGRIND"))
        return;
    port = begin("a polling program without descriptors", SMALL);
    for (i = 0; i < 3; i++) {
        fds[i] = peer_connect(port);
        peer_say(fds[i], "GET /\r\n\r\n");
    }
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    low = limit;
    low.rlim_cur = (rlim_t)fds[2] + 1;
    CHECK(setrlimit(RLIMIT_NOFILE, &low) == 0);
    for (begun = now(); now() - begun < 0.8; calls++)
        poll_once();
    CHECK(calls < 100);
    CHECK_EQ(requests, 0);
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    for (begun = now(); now() - begun < 40 && requests < 3;)
        poll_once();
    for (i = 0; i < 3; i++) {
        CHECK(peer_read(fds[i], data, sizeof(data), &ended) == 2);
        close(fds[i]);
    }
    end();
}

/* Another thread's request makes a polling program move its table while the library has a place in it. */
static void the_table_may_move_at_any_time(void)
{
    int port = begin("a table that moves", SMALL), fd = peer_connect(port), other = peer_upgrade(port, ""), i;
    pthread_t thread;

    for (i = 0; i < 100 && !established; i++)
        poll_once();
    CHECK_EQ(established, 1);
    peer_say(fd, "GET /\r\n\r\n");
    CHECK(poll(table, (nfds_t)used, 1000) == 1);
    CHECK(pthread_create(&thread, NULL, ask_there, latest) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    for (i = 0; !table[i].revents; i++)
        ;
    moves = 1;
    libwebsocket_service_fd(server, &table[i]);
    CHECK_EQ(moves, 0);
    CHECK_EQ(requests, 1);
    close(fd);
    close(other);
    end();
}

static void ask_from_another_thread(struct libwebsocket *wsi)
{
    pthread_t thread;

    CHECK(pthread_create(&thread, NULL, ask_there, wsi) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    settle(server);
}

/* Another thread asks for a connection that has gone: the next one at that address hears other threads all the same. */
static void a_late_request_harms_no_other_connection(void)
{
    int port = begin("a late request of another thread", NONE), fd = peer_upgrade(port, ""), i;
    struct libwebsocket *gone;

    settle(server);
    gone = latest;
    close(fd);
    settle(server);
    ask_from_another_thread(gone);
    CHECK_EQ(writeables, 0);
    for (i = 0; i < 1000; i++) {
        fd = peer_upgrade(port, "");
        while (established < i + 2)
            libwebsocket_service(server, 10);
        if (latest == gone)
            break;
        close(fd);
        while (ended_connections < i + 2)
            libwebsocket_service(server, 10);
    }
    CHECK(latest == gone);
    ask_from_another_thread(latest);
    CHECK_EQ(writeables, 1);
    close(fd);
    end();
}

/* A server cannot have compression that it was not offered. */
static void what_was_not_offered_is_refused(void)
{
    struct lws_context_creation_info info = context_info(0, hostile_protocols);
    int port, listener = server_listen(&port), fd;
    char request[2000];

    begin("an extension although none was offered", NONE);
    end();
    info.extensions = libwebsocket_get_internal_extensions();
    refuse_extensions = 1;
    server = libwebsocket_create_context(&info);
    CHECK(server && libwebsocket_client_connect(server, "127.0.0.1", port, 0, "/", "h", NULL, NULL, -1));
    fd = server_accept(listener);
    settle(server);
    server_request(fd, request, sizeof(request), 0);
    CHECK(!strstr(request, "Extensions"));
    server_reply(fd, request, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    settle(server);
    CHECK_EQ(established, 0);
    CHECK_EQ(errors, 1);
    refuse_extensions = 0;
    close(fd);
    close(listener);
    end();
}

static const struct named_test tests[] = {
    { "stack", pipelined_requests_take_no_stack },
    { "pipeline", requests_wait_for_a_peer_that_reads },
    { "pongs", pongs_do_not_pile_up },
    { "spin", nothing_spins_at_the_end },
    { "late-answer", answers_arrive_whole },
    { "proxy", a_proxy_that_comes_later_is_not_asked },
    { "half", nothing_follows_half_a_frame },
    { "nested", requests_are_told_one_after_the_other },
    { "polling", polling_programs_leave_nothing_behind },
    { "lookup", lookups_wake_polling_programs },
    { "bell", the_bell_stops },
    { "destroy", destroying_ends_although_callbacks_connect },
    { "descriptors", no_loop_spins_without_descriptors },
    { "moving", the_table_may_move_at_any_time },
    { "outlive", a_protocol_outlives_its_context },
    { "fork", children_may_destroy_their_copy },
    { "late", a_late_request_harms_no_other_connection },
    { "offer", what_was_not_offered_is_refused },
};

int main(int count, char **names)
{
    lws_set_log_level(0, NULL);
    run_tests(tests, sizeof(tests) / sizeof(tests[0]), count, names);
    return 0;
}
