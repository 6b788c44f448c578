/* The original's defects that are fixed, each under what it is about: section and row in the notes of the library's
 * page. One process, one server context; the test of each row names what a peer or a program does.
 * harness: ours-only these are the original's crashes, hangs and losses
 * harness: timeout 120 */
#include "server.h"
#include <sys/resource.h>

void libwebsocket_close_and_free_session(struct libwebsocket_context *context, struct libwebsocket *wsi,
                                         enum lws_close_status reason);

static struct libwebsocket_context *context;
static struct libwebsocket *latest;
static int port, established, closed, received, requests, errors, writeables, pongs, confirms;
static size_t received_bytes;
static char last[5000];
static int http_reply, receive_returns, pre_establish_returns, stop_reading;
static const char *serve_file;
static int file_completed, cleared, parts_left;
static char host[100];

static int on_event(struct libwebsocket_context *ctx, struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason,
                    void *user, void *in, size_t len)
{
    (void)user;
    events++;
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        established++;
        latest = wsi;
        if (stop_reading)
            libwebsocket_rx_flow_control(wsi, 0);
        break;
    case LWS_CALLBACK_CLOSED:
        closed++;
        break;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        errors++;
        break;
    case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH:
        return pre_establish_returns;
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
        pongs++;
        break;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
    case LWS_CALLBACK_SERVER_WRITEABLE:
        writeables++;
        break;
    case LWS_CALLBACK_CONFIRM_EXTENSION_OKAY:
        confirms++;
        break;
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_CLIENT_RECEIVE:
        received++;
        received_bytes += len;
        if (len < sizeof(last)) {
            memcpy(last, in, len);
            last[len] = 0;
        }
        return receive_returns;
    case LWS_CALLBACK_HTTP: {
        static unsigned char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

        requests++;
        snprintf(last, sizeof(last), "%s", (char *)in);
        latest = wsi;
        host[0] = 0;
        lws_hdr_copy(wsi, host, sizeof(host), WSI_TOKEN_HOST);
        if (serve_file)
            return libwebsockets_serve_http_file(ctx, wsi, serve_file, "text/plain") ? 1 : 0;
        if (!strcmp(in, "/parts"))
            libwebsocket_callback_on_writable(ctx, wsi);
        if (http_reply)
            CHECK_EQ(libwebsocket_write(wsi, reply, sizeof(reply) - 1, LWS_WRITE_HTTP), (int)sizeof(reply) - 1);
        return 0;
    }
    case LWS_CALLBACK_HTTP_FILE_COMPLETION:
        file_completed++;
        break;
    case LWS_CALLBACK_HTTP_WRITEABLE:
        writeables++;
        if (parts_left) {
            unsigned char part[20];
            int length = sprintf((char *)part, "part %d\n", parts_left--);

            CHECK_EQ(libwebsocket_write(wsi, part, (size_t)length, LWS_WRITE_HTTP), length);
            if (parts_left)
                libwebsocket_callback_on_writable(ctx, wsi);
        }
        break;
    case LWS_CALLBACK_CLEAR_MODE_POLL_FD:
        cleared |= (int)len;
        break;
    default:
        break;
    }
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "http-only", on_event, 4, 0, NULL, 0 },
    { "echo", on_event, 4, 0, NULL, 0 },
    { "small", on_event, 4, 8, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static struct libwebsocket_protocols client_protocols[] = {
    { "echo", on_event, 4, 0, NULL, 0 },
    { "small", on_event, 4, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static void begin(const char *what)
{
    printf("%s\n", what);
    established = closed = received = requests = errors = writeables = pongs = confirms = 0;
    received_bytes = 0;
    last[0] = 0;
    latest = NULL;
    http_reply = receive_returns = pre_establish_returns = stop_reading = 0;
    serve_file = NULL;
    file_completed = cleared = 0;
}

/* An upgraded connection; its head is read. */
static int upgraded(const char *protocol)
{
    unsigned char head[500];
    char line[100];
    int fd, ended;

    snprintf(line, sizeof(line), "Sec-WebSocket-Protocol: %s\r\n", protocol);
    fd = peer_upgrade(port, line);
    settle(context);
    CHECK(peer_read(fd, head, sizeof(head), &ended) > 100 && !ended);
    CHECK_EQ(established, 1);
    return fd;
}

static void gone(int fd)
{
    close(fd);
    settle(context);
}

/* What the peer has got since last time, as a string. */
static const char *answer(int fd, int *ended)
{
    static unsigned char data[1 << 16];
    int length = peer_read(fd, data, sizeof(data) - 1, ended);

    data[length] = 0;
    return (const char *)data;
}

static int is_open(int fd)
{
    int ended;

    answer(fd, &ended);
    return !ended;
}

/* Row 1. */
static void slow_readers_lose_and_crash_nothing(void)
{
    enum { SIZE = 100000, COUNT = 60 };
    static unsigned char block[LWS_SEND_BUFFER_PRE_PADDING + SIZE + LWS_SEND_BUFFER_POST_PADDING];
    static unsigned char data[1 << 20];
    unsigned char *payload = block + LWS_SEND_BUFFER_PRE_PADDING;
    int fd, i, ended, choked = 0, accepted = 0;
    size_t total = 0, wanted;

    begin("a slow reader gets every byte");
    lws_set_log_level(7, lwsl_emit_syslog);
    fd = upgraded("echo");
    for (i = 0; i < COUNT; i++) {
        size_t at;

        for (at = 0; at < SIZE; at++)
            payload[at] = (unsigned char)(i + at);
        CHECK(libwebsocket_write(latest, payload, SIZE, LWS_WRITE_BINARY) >= SIZE);
        accepted++;
        choked |= lws_send_pipe_choked(latest);
    }
    CHECK(choked);
    wanted = (size_t)accepted * (SIZE + 10);
    libwebsocket_callback_on_writable(context, latest);
    CHECK_EQ(writeables, 0);
    while (total < wanted) {
        int length;

        libwebsocket_service(context, 0);
        length = peer_read(fd, data, sizeof(data), &ended);
        CHECK(!ended);
        for (i = 0; i < length; i++) {
            size_t message = (total + (size_t)i) / (SIZE + 10), at = (total + (size_t)i) % (SIZE + 10);

            if (at >= 10)
                CHECK(data[i] == (unsigned char)(message + at - 10));
            else if (at == 0)
                CHECK(data[i] == 0x82);
        }
        total += (size_t)length;
    }
    settle(context);
    CHECK_EQ(writeables, 1);
    CHECK_EQ(lws_send_pipe_choked(latest), 0);
    lws_set_log_level(0, NULL);
    gone(fd);
    CHECK_EQ(closed, 1);
}

/* Row 2. */
static void a_second_request_on_a_kept_connection(void)
{
    int fd = peer_connect(port), ended;
    const char *text;

    begin("a second request on a kept connection");
    http_reply = 1;
    peer_say(fd, "GET /one HTTP/1.1\r\nHost: h\r\n\r\n");
    settle(context);
    CHECK_EQ(requests, 1);
    peer_say(fd, "GET /two HTTP/1.1\r\nHost: h\r\n\r\n");
    settle(context);
    CHECK(requests == 2 && !strcmp(last, "/two"));
    /* And two at once. */
    peer_say(fd, "GET /three HTTP/1.1\r\nHost: h\r\n\r\nGET /four HTTP/1.1\r\nHost: h\r\n\r\n");
    settle(context);
    CHECK(requests == 4 && !strcmp(last, "/four"));
    text = answer(fd, &ended);
    CHECK(!ended && strlen(text) == 4 * 40);
    /* And then an upgrade. */
    peer_say(fd, UPGRADE_HEAD "Sec-WebSocket-Protocol: echo\r\n\r\n");
    settle(context);
    CHECK_EQ(established, 1);
    gone(fd);
    CHECK_EQ(closed, 1);
}

/* Row 4 and 16. */
static void the_head_phase_ends_cleanly(void)
{
    int before = dup(0), after, i;

    begin("connections that end while their head comes");
    close(before);
    for (i = 0; i < 200; i++) {
        int fd = peer_connect(port);

        peer_say(fd, "GET / HTTP/1.1\r\nHost: somebody\r\nUpgrade: w");
        libwebsocket_service(context, 0);
        libwebsocket_service(context, 0);
        close(fd);
        if (i % 10 == 0)
            settle(context);
    }
    settle(context);
    after = dup(0);
    close(after);
    CHECK_EQ(before, after);
    CHECK_EQ(requests + established + closed, 0);
}

/* Row 8. */
static void empty_frames_do_not_swallow_the_stream(void)
{
    int fd, ended;
    const char *text;

    begin("empty frames");
    fd = upgraded("echo");
    peer_frame(fd, 0x81, "", 0);
    peer_frame(fd, 0x81, "after", 5);
    settle(context);
    CHECK(received == 1 && !strcmp(last, "after"));
    peer_frame(fd, 0x89, "", 0);
    settle(context);
    text = answer(fd, &ended);
    CHECK(!ended && !memcmp(text, "\x8a\x00", 3));
    peer_frame(fd, 0x8a, "", 0);
    peer_frame(fd, 0x01, "", 0);
    peer_frame(fd, 0x80, "end", 3);
    settle(context);
    CHECK(received == 2 && !strcmp(last, "end"));
    gone(fd);
    CHECK_EQ(closed, 1);
}

/* Row 9. */
static void frames_in_the_segment_of_the_upgrade(void)
{
    static const char all[] = UPGRADE_HEAD "Sec-WebSocket-Protocol: echo\r\n\r\n\x81\x85\0\0\0\0Hello\x81\x83\0\0\0\0";
    int fd = peer_connect(port);

    begin("frames in the segment of the upgrade");
    peer_send(fd, all, sizeof(all) - 1);
    settle(context);
    CHECK(established == 1 && received == 1 && !strcmp(last, "Hello"));
    peer_say(fd, "abc");
    settle(context);
    CHECK(received == 2 && !strcmp(last, "abc"));
    gone(fd);
}

/* Row 12c. */
static void control_frames_are_whole_whatever_the_buffer(void)
{
    int fd, ended;
    const char *text;

    begin("control frames larger than rx_buffer_size");
    fd = upgraded("small");
    peer_frame(fd, 0x89, "twenty bytes of ping", 20);
    settle(context);
    text = answer(fd, &ended);
    CHECK(!ended && !memcmp(text, "\x8a\x14twenty bytes of ping", 23));
    /* In the middle of a fragmented message, which stays as it is. */
    peer_frame(fd, 0x01, "abc", 3);
    peer_frame(fd, 0x89, "twenty bytes of ping", 20);
    peer_frame(fd, 0x80, "def", 3);
    settle(context);
    CHECK(received == 2 && !strcmp(last, "def"));
    peer_frame(fd, 0x88, "\x03\xe8" "a long reason for it all", 26);
    settle(context);
    text = answer(fd, &ended);
    CHECK(ended && !memcmp(text + 22, "\x88\x1a\x03\xe8" "a long reason for it all", 28));
    gone(fd);
    CHECK_EQ(closed, 1);
}

/* Row 12d. */
static void a_peer_that_goes_while_reading_is_off(void)
{
    struct rusage before, after;
    double begun;
    int fd;

    begin("a peer that goes while reading is off");
    stop_reading = 1;
    fd = upgraded("echo");
    settle(context);
    {
        struct linger hard = { 1, 0 };

        CHECK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)) == 0);
    }
    close(fd);
    getrusage(RUSAGE_SELF, &before);
    begun = now();
    while (now() - begun < 1)
        libwebsocket_service(context, 20);
    getrusage(RUSAGE_SELF, &after);
    CHECK_EQ(closed, 1);
    CHECK(after.ru_utime.tv_sec * 1000000 + after.ru_utime.tv_usec + after.ru_stime.tv_sec * 1000000 + after.ru_stime.tv_usec -
              before.ru_utime.tv_sec * 1000000 - before.ru_utime.tv_usec - before.ru_stime.tv_sec * 1000000 - before.ru_stime.tv_usec <
          500000);
}

/* Row 13. */
static void large_downloads_arrive_whole(void)
{
    enum { SIZE = 20000000 };
    static const char head[] = "HTTP/1.0 200 OK\r\nServer: libwebsockets\r\nContent-Type: text/plain\r\nContent-Length: 20000000\r\n\r\n";
    static unsigned char data[1 << 16];
    char name[] = "/tmp/relink-large-XXXXXX";
    int file = mkstemp(name), fd, ended = 0, i, n;
    size_t total = 0;

    begin("a large file for a slow reader");
    CHECK(file >= 0);
    for (i = 0; i < SIZE / 50000; i++) {
        for (n = 0; n < 50000; n++)
            data[n] = (unsigned char)((i * 50000 + n) / 7);
        CHECK_EQ(write(file, data, 50000), 50000);
    }
    close(file);
    serve_file = name;
    fd = peer_connect(port);
    peer_say(fd, "GET /large HTTP/1.1\r\n\r\n");
    settle(context);
    CHECK(requests == 1 && file_completed == 0);
    while (total < sizeof(head) - 1 + SIZE) {
        libwebsocket_service(context, 0);
        n = peer_read(fd, data, sizeof(data), &ended);
        CHECK(!ended);
        for (i = 0; i < n; i++, total++)
            CHECK(data[i] == (total < sizeof(head) - 1 ? (unsigned char)head[total]
                                                       : (unsigned char)((total - (sizeof(head) - 1)) / 7)));
    }
    settle(context);
    CHECK(file_completed == 1 && is_open(fd));
    /* The connection is kept. */
    serve_file = NULL;
    http_reply = 1;
    peer_say(fd, "GET /next HTTP/1.1\r\n\r\n");
    settle(context);
    CHECK_EQ(requests, 2);
    gone(fd);
    CHECK(unlink(name) == 0);
}

/* Sections 6 and 14. */
static void http_is_told_as_it_should(void)
{
    int fd = peer_connect(port), ended;

    begin("a folder is a missing file, headers can be read, and poll loops are told");
    serve_file = "/tmp";
    peer_say(fd, "GET / HTTP/1.1\r\nhost: my.example.com\r\n\r\n");
    settle(context);
    CHECK(!strncmp(answer(fd, &ended), "HTTP/1.0 400 ", 13) && ended);
    CHECK(!strcmp(host, "my.example.com"));
    close(fd);
    begin("HTTP_WRITEABLE");
    http_reply = 1;
    fd = peer_connect(port);
    peer_say(fd, "GET / HTTP/1.1\r\n\r\n");
    settle(context);
    libwebsocket_callback_on_writable(context, latest);
    settle(context);
    CHECK(writeables == 1 && cleared & POLLOUT);
    gone(fd);
}

/* What comes behind a request waits until the answer is complete, however many parts the program writes it in. */
static void requests_wait_for_the_answer_before(void)
{
    int fd = peer_connect(port), i, ended, events_before;
    const char *text;

    begin("a request behind one whose answer comes in parts");
    parts_left = 5;
    peer_say(fd, "GET /parts HTTP/1.1\r\n\r\nGET /next HTTP/1.1\r\n\r\n");
    for (i = 0; i < 3; i++)
        libwebsocket_service(context, 0);
    peer_say(fd, "GET /last HTTP/1.1\r\n\r\n");
    settle(context);
    text = answer(fd, &ended);
    CHECK(!ended && !strcmp(text, "part 5\npart 4\npart 3\npart 2\npart 1\n"));
    CHECK(requests == 3 && !strcmp(last, "/last"));
    /* Rubbish does not cut it short, nor does a peer that has said its last. */
    for (i = 0; i < 2; i++) {
        int other = peer_connect(port);

        parts_left = 5;
        peer_say(other, i ? "GET /parts HTTP/1.1\r\n\r\n" : "GET /parts HTTP/1.1\r\n\r\nRUBBISH");
        if (i)
            CHECK(shutdown(other, SHUT_WR) == 0);
        settle(context);
        text = answer(other, &ended);
        CHECK(ended && !strcmp(text, "part 5\npart 4\npart 3\npart 2\npart 1\n"));
        close(other);
    }
    events_before = (int)events;
    settle(context);
    CHECK_EQ(events, events_before);
    gone(fd);
}

/* Section 2. */
static void one_table_serves_two_contexts(void)
{
    struct lws_context_creation_info info = context_info(free_port(), protocols);
    struct libwebsocket_context *second;
    int fd;

    begin("a second context with the same table");
    second = libwebsocket_create_context(&info);
    CHECK(second);
    fd = upgraded("echo");
    peer_frame(fd, 0x81, "first", 5);
    settle(context);
    CHECK(received == 1 && !strcmp(last, "first"));
    gone(fd);
    libwebsocket_context_destroy(second);
    CHECK_EQ(closed, 1);
}

/* Row 14. */
static void long_content_types_fit(void)
{
    static char type[9001];
    int fd = peer_connect(port), ended;

    begin("a content type longer than the scratch buffer");
    memset(type, 't', sizeof(type) - 1);
    peer_say(fd, "GET /x HTTP/1.1\r\n\r\n");
    settle(context);
    CHECK(latest);
    libwebsockets_serve_http_file(context, latest, "/dev/null/none", type);
    libwebsockets_serve_http_file(context, latest, __FILE__, type);
    settle(context);
    CHECK(strstr(answer(fd, &ended), "tttttttt"));
    gone(fd);
}

/* Row 21. */
static void protocol_lists_are_split(void)
{
    static const struct { const char *offer, *chosen; } cases[] = {
        { "nothing, echo", "echo" }, { "small,echo", "small" }, { "a ,b,\techo ", "echo" }, { "echo, echo", "echo" },
    };
    size_t i;

    begin("a list of protocols in an offer");
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char line[100], expected[100];
        int fd, ended;
        const char *text;

        snprintf(line, sizeof(line), "Sec-WebSocket-Protocol: %s\r\n", cases[i].offer);
        snprintf(expected, sizeof(expected), "\r\nSec-WebSocket-Protocol: %s\r\n", cases[i].chosen);
        fd = peer_upgrade(port, line);
        settle(context);
        text = answer(fd, &ended);
        CHECK(!ended && strstr(text, expected));
        CHECK(!strcmp(libwebsockets_get_protocol(latest)->name, cases[i].chosen));
        gone(fd);
    }
    CHECK_EQ(closed, (int)i);
}

/* Row 22. */
static void violations_end_with_1002(void)
{
    static const struct { int first; const char *what; } cases[] = {
        { 0xc1, "RSV1" }, { 0xa1, "RSV2" }, { 0x91, "RSV3" }, { 0x83, "opcode 3" }, { 0x8b, "opcode 11" },
        { 0x09, "a fragmented ping" },
    };
    size_t i;
    int fd, ended;
    const char *text;

    begin("violations of the protocol");
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        established = closed = 0;
        fd = upgraded("echo");
        peer_frame(fd, cases[i].first, "abc", 3);
        settle(context);
        text = answer(fd, &ended);
        if (!ended || memcmp(text, "\x88\x02\x03\xea", 4)) {
            fprintf(stderr, "%s\n", cases[i].what);
            CHECK(0);
        }
        close(fd);
        settle(context);
        CHECK_EQ(closed, 1);
    }
    established = closed = 0;
    fd = upgraded("echo");
    peer_send(fd, "\x81\x03" "abc", 5);
    settle(context);
    text = answer(fd, &ended);
    CHECK(ended && !memcmp(text, "\x88\x02\x03\xea", 4));
    gone(fd);
    CHECK_EQ(closed, 1);
    CHECK_EQ(received, 0);
}

/* Row 29. */
static void ignore(int signal)
{
    (void)signal;
}

#include <signal.h>
static void handlers_of_sigpipe_stay(void)
{
    struct lws_context_creation_info info = context_info(CONTEXT_PORT_NO_LISTEN, client_protocols);
    struct libwebsocket_context *other;
    struct sigaction mine, found;

    begin("a program's handler of SIGPIPE");
    memset(&mine, 0, sizeof(mine));
    mine.sa_handler = ignore;
    CHECK(sigaction(SIGPIPE, &mine, NULL) == 0);
    other = libwebsocket_create_context(&info);
    CHECK(other);
    CHECK(sigaction(SIGPIPE, NULL, &found) == 0 && found.sa_handler == ignore);
    libwebsocket_context_destroy(other);
}

/* The client's rows need a server of the test's own. */
static struct libwebsocket_context *clients;
static int listener, server_port, peer;
static char request[4096];

static struct libwebsocket *ask(const char *offer)
{
    struct libwebsocket *wsi = libwebsocket_client_connect(clients, "127.0.0.1", server_port, 0, "/", "h", NULL, offer, -1);

    CHECK(wsi);
    peer = server_accept(listener);
    settle(clients);
    server_request(peer, request, sizeof(request), 0);
    return wsi;
}

static void answered(int connected)
{
    settle(clients);
    CHECK_EQ(established, connected);
    CHECK_EQ(errors, !connected);
    close(peer);
    settle(clients);
    CHECK_EQ(closed, connected);
    CHECK_EQ(errors, !connected);
}

/* Row 6. */
static void clients_skip_fields_they_do_not_know(void)
{
    char accept[29], text[500];

    begin("a reply with fields that are not known, in any case");
    ask("echo");
    server_accept_value(request, accept);
    snprintf(text, sizeof(text), "HTTP/1.1 101 Switching Protocols\r\nServer: x\r\nupgrade: websocket\r\nDATE: now\r\n"
             "CONNECTION: keep-alive, Upgrade\r\nsec-websocket-accept: %s\r\nsec-websocket-protocol: echo\r\n\r\n", accept);
    peer_say(peer, text);
    answered(1);
}

/* Row 7. */
static void a_protocol_although_none_was_offered(void)
{
    begin("a protocol although none was offered");
    ask(NULL);
    server_reply(peer, request, "Sec-WebSocket-Protocol: echo\r\n");
    answered(0);
}

/* Row 10. */
static void masked_frames_of_a_server(void)
{
    begin("a masked frame of a server");
    ask("echo");
    server_reply(peer, request, "Sec-WebSocket-Protocol: echo\r\n");
    settle(clients);
    peer_frame(peer, 0x81, "Hello", 5);
    settle(clients);
    CHECK(closed == 1 || (received == 1 && !strcmp(last, "Hello")));
    close(peer);
    settle(clients);
    CHECK_EQ(closed, 1);
}

/* Row 12. */
static void every_failure_is_told_once(void)
{
    begin("a server that hangs up");
    ask("echo");
    close(peer);
    answered(0);
    begin("a server that says half");
    ask("echo");
    peer_say(peer, "HTTP/1.1 101 Switching Protocols\r\nUpgra");
    settle(clients);
    close(peer);
    answered(0);
    begin("a server that does not speak HTTP");
    ask("echo");
    peer_say(peer, "220 mail.example.com ESMTP\r\n");
    answered(0);
    begin("a protocol that the table does not have");
    ask("unknown");
    server_reply(peer, request, "Sec-WebSocket-Protocol: unknown\r\n");
    answered(0);
    begin("a wrong accept value");
    ask("echo");
    peer_say(peer, "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n");
    answered(0);
}

/* Row 12b. */
static void a_writeable_request_before_the_reply(void)
{
    struct libwebsocket *wsi;

    begin("a writeable request before the reply");
    wsi = ask("echo");
    CHECK_EQ(libwebsocket_callback_on_writable(clients, wsi), 1);
    settle(clients);
    CHECK_EQ(writeables, 0);
    server_reply(peer, request, "Sec-WebSocket-Protocol: echo\r\n");
    settle(clients);
    CHECK_EQ(established, 1);
    CHECK_EQ(writeables, 1);
    answered(1);
}

/* Row 12e. */
static void replies_in_pieces_and_later_protocols(void)
{
    static const char *const offers[] = { "nothing,echo", "nothing, echo", "small , echo" };
    char accept[29], text[500];
    size_t i;

    begin("a reply a byte at a time");
    ask("echo");
    server_accept_value(request, accept);
    snprintf(text, sizeof(text), "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n"
             "Sec-WebSocket-Protocol: echo\r\n\r\n\x81\x02hi", accept);
    for (i = 0; text[i]; i++) {
        peer_send(peer, text + i, 1);
        libwebsocket_service(clients, 0);
        libwebsocket_service(clients, 0);
    }
    settle(clients);
    CHECK(received == 1 && !strcmp(last, "hi"));
    answered(1);
    for (i = 0; i < 3; i++) {
        begin("a protocol that is not the first of the offer");
        ask(offers[i]);
        CHECK(!strstr(request, "Sec-WebSocket-Extensions"));
        server_reply(peer, request, "Sec-WebSocket-Protocol: echo\r\n");
        settle(clients);
        CHECK(established == 1 && !strcmp(libwebsockets_get_protocol(latest)->name, "echo"));
        answered(1);
    }
}

/* Row 24. */
static void results_of_client_callbacks_count(void)
{
    begin("-1 from CLIENT_RECEIVE");
    receive_returns = -1;
    ask("echo");
    server_reply(peer, request, "Sec-WebSocket-Protocol: echo\r\n");
    settle(clients);
    peer_send(peer, "\x81\x02hi", 4);
    settle(clients);
    CHECK(received == 1 && closed == 1);
    close(peer);
    begin("-1 from CLIENT_FILTER_PRE_ESTABLISH");
    pre_establish_returns = -1;
    ask("echo");
    server_reply(peer, request, "Sec-WebSocket-Protocol: echo\r\n");
    answered(0);
}

int main(void)
{
    struct lws_context_creation_info info;

    lws_set_log_level(0, NULL);
    port = free_port();
    info = context_info(port, protocols);
    context = libwebsocket_create_context(&info);
    CHECK(context);
    slow_readers_lose_and_crash_nothing();
    a_second_request_on_a_kept_connection();
    the_head_phase_ends_cleanly();
    empty_frames_do_not_swallow_the_stream();
    frames_in_the_segment_of_the_upgrade();
    control_frames_are_whole_whatever_the_buffer();
    a_peer_that_goes_while_reading_is_off();
    large_downloads_arrive_whole();
    http_is_told_as_it_should();
    requests_wait_for_the_answer_before();
    one_table_serves_two_contexts();
    long_content_types_fit();
    protocol_lists_are_split();
    violations_end_with_1002();
    handlers_of_sigpipe_stay();

    listener = server_listen(&server_port);
    info = context_info(CONTEXT_PORT_NO_LISTEN, client_protocols);
    clients = libwebsocket_create_context(&info);
    CHECK(clients);
    clients_skip_fields_they_do_not_know();
    a_protocol_although_none_was_offered();
    masked_frames_of_a_server();
    every_failure_is_told_once();
    a_writeable_request_before_the_reply();
    replies_in_pieces_and_later_protocols();
    results_of_client_callbacks_count();
    close(listener);
    libwebsocket_context_destroy(clients);
    libwebsocket_context_destroy(context);
    return 0;
}
