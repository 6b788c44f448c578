/* What a client may do that means no good, at any pace: it costs that client's own connection and nothing else.
 *
 * harness: ours-only the original hangs, runs out of memory or lets everybody wait
 * harness: timeout 120
 */
#include "calls.h"
#include "raw.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>

static Pair pair;
static const unsigned char return_busy[] = { 0, 0, 0, RETURN, 0, 0, 0, 24, 0 };

static void begin(LWMsgDispatchSpec *more)
{
    make_peers(&pair);
    if (more)
        CHECK_EQ(lwmsg_peer_add_dispatch_spec(pair.server, more), LWMSG_STATUS_SUCCESS);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
}

static void works(void)
{
    CHECK_EQ(order(pair.session, ORDER, ANSWER, 0, "still here"), LWMSG_STATUS_SUCCESS);
}

/* Waits, for at most ten seconds. */
static void await(sem_t *event)
{
    struct timespec limit;

    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 10;
    CHECK_EQ(sem_timedwait(event, &limit), 0);
}

/* Sends the next of endless requests, with a descriptor or without. False when the other end does not read any more. */
static int send_request(int fd, unsigned int cookie, int descriptor)
{
    unsigned char packet[64];
    size_t length = make_packet(packet, 0, 0, cookie, NOBODY, return_busy, sizeof return_busy);
    struct pollfd entry = { fd, POLLOUT, 0 };

    while (descriptor >= 0 ? !send_descriptor(fd, cookie, PASS, descriptor)
                           : send(fd, packet, length, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)length) {
        CHECK_EQ(errno, EAGAIN);
        if (poll(&entry, 1, 500) == 0)
            return 0;
    }
    return 1;
}

/* Asks and asks, and reads no answer, until it is not listened to any more; reads them all then. */
static void ask_without_reading(int descriptor)
{
    unsigned char packet[8192];
    int fd, before, asked = 0;

    works();
    before = open_descriptors();
    fd = raw_client(pair.path);
    while (send_request(fd, (unsigned int)asked & 0xffff, descriptor)) {
        asked++;
        CHECK(asked < 400000);
        CHECK(open_descriptors() < before + 400);
    }
    works();
    for (int i = 0; i < asked; i++)
        CHECK(next_packet(fd, packet) >= 15);
    close(fd);
    works();
}

/* Replies without a payload are as many as one likes, and none of them is for free. */
static void who_does_not_read_is_not_read_from(void)
{
    static LWMsgDispatchSpec quick[] = { LWMSG_DISPATCH_NONBLOCK(PASS, handle_pass), LWMSG_DISPATCH_END };

    begin(quick);
    ask_without_reading(-1);
    end_pair(&pair);
    begin(quick);
    ask_without_reading(0);
    end_pair(&pair);
}

/* The same of a server that calls back, also when it took its time to let the client in. */
static void a_server_that_does_not_read_is_not_read_from(void)
{
    static const unsigned char accepted[] = { 0, 0, 0, 19, 3, 3, 0, 0, 0, 0x20, 0, 8, 7, 6, 5, 4, 3, 2, 1 };
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    Order input = { RETURN, 0, NULL };
    LWMsgParams in = { ORDER, &input }, out = LWMSG_PARAMS_INITIALIZER;
    Completion completion = COMPLETION_INITIALIZER;
    unsigned char packet[8192];
    int listener, other, fd, asked = 0;
    LWMsgCall *call;

    make_peers(&pair);
    CHECK_EQ(lwmsg_peer_add_dispatch_spec(pair.client, back_dispatch), LWMSG_STATUS_SUCCESS);
    strcpy(address.sun_path, pair.path);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_EQ(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_EQ(listen(listener, 0), 0);
    other = raw_socket(pair.path);
    lwmsg_peer_add_connect_endpoint(pair.client, LWMSG_ENDPOINT_LOCAL, pair.path);
    lwmsg_peer_connect(pair.client, &pair.session);
    call = acquire(pair.session);
    CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, on_complete, &completion), LWMSG_STATUS_PENDING);
    pause_ms(20);
    close(accept(listener, NULL, NULL));
    fd = accept(listener, NULL, NULL);
    CHECK_EQ(next_packet(fd, packet), 19);
    CHECK_EQ(send(fd, accepted, sizeof accepted, MSG_NOSIGNAL), (ssize_t)sizeof accepted);
    CHECK_EQ(next_packet(fd, packet), 15 + 9);
    send_status_reply(fd, 0, LWMSG_STATUS_SUCCESS);
    CHECK_EQ(await_completion(&completion, 1), LWMSG_STATUS_SUCCESS);
    while (send_request(fd, (unsigned int)asked & 0xffff, -1)) {
        asked++;
        CHECK(asked < 400000);
    }
    for (int i = 0; i < asked; i++)
        CHECK_EQ(next_packet(fd, packet), 15);
    lwmsg_call_release(call);
    close(fd);
    close(other);
    close(listener);
    CHECK_EQ(unlink(pair.path), 0);
    end_pair(&pair);
}

/* Parts of a message that never ends are not collected before it is known who sends them. */
static void there_are_no_messages_before_the_greeting(void)
{
    unsigned char packet[8192];
    int fd;

    begin(NULL);
    fd = raw_socket(pair.path);
    make_packet(packet, 0, 0, 0, ORDER, NULL, 0);
    packet[5] = 1;
    CHECK_EQ(send(fd, packet, 15, MSG_NOSIGNAL), 15);
    while (next_packet(fd, packet))
        CHECK_EQ(packet[4], 5);
    close(fd);
    works();
    end_pair(&pair);
}

static sem_t accepted, go_on;
static int handled_long, handled_short;

/* Keeps the thread that reads, while others send. */
static LWMsgBool log_slowly(LWMsgLogLevel level, const char *message, const char *function, const char *file,
                            unsigned int line, void *data)
{
    (void)level, (void)function, (void)file, (void)line, (void)data;
    if (message && strstr(message, "Accepted") && counted(&handled_long) < 0) {
        CHECK_EQ(sem_post(&accepted), 0);
        await(&go_on);
    }
    return LWMSG_TRUE;
}

static LWMsgStatus handle_long(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    (void)call, (void)in, (void)out, (void)data;
    pthread_mutex_lock(&calls_lock);
    handled_long = handled_short + 1;
    pthread_mutex_unlock(&calls_lock);
    return LWMSG_STATUS_SUCCESS;
}

static LWMsgStatus handle_short(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    (void)call, (void)in, (void)out, (void)data;
    count(&handled_short);
    return LWMSG_STATUS_SUCCESS;
}

/* A message in very many parts, and a short one on another connection that came later: it has its turn first. */
static void a_long_message_keeps_no_other_waiting(void)
{
    static LWMsgDispatchSpec both[] = { LWMSG_DISPATCH_NONBLOCK(NOBODY, handle_long),
                                        LWMSG_DISPATCH_NONBLOCK(ORDER_QUICK, handle_short), LWMSG_DISPATCH_END };
    static unsigned char parts[15 * 2000];
    LWMsgContext *context;
    unsigned char packet[64];
    size_t length;
    int longer, shorter, slow;

    CHECK_EQ(sem_init(&accepted, 0, 0), 0);
    CHECK_EQ(sem_init(&go_on, 0, 0), 0);
    CHECK_EQ(lwmsg_context_new(NULL, &context), LWMSG_STATUS_SUCCESS);
    lwmsg_context_set_log_function(context, log_slowly, NULL);
    make_peers(&pair);
    lwmsg_peer_delete(pair.server);
    CHECK_EQ(lwmsg_peer_new(context, pair.protocol, &pair.server), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_add_dispatch_spec(pair.server, both), LWMSG_STATUS_SUCCESS);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    longer = raw_client(pair.path);
    shorter = raw_client(pair.path);
    /* Both connections have nothing more to do. */
    send_message(longer, 0, 1, ORDER_QUICK, return_busy, sizeof return_busy);
    expect_reply(longer, 1, LWMSG_STATUS_SUCCESS);
    send_message(shorter, 0, 1, ORDER_QUICK, return_busy, sizeof return_busy);
    expect_reply(shorter, 1, LWMSG_STATUS_SUCCESS);
    pthread_mutex_lock(&calls_lock);
    handled_long = -1;
    handled_short = 0;
    pthread_mutex_unlock(&calls_lock);
    slow = raw_client(pair.path);
    await(&accepted);

    for (size_t i = 0; i < sizeof parts; i += 15) {
        make_packet(parts + i, 0, 0, 2, NOBODY, NULL, 0);
        parts[i + 5] = 0;
    }
    for (int i = 0; i < 3; i++)
        CHECK_EQ(send(longer, parts, sizeof parts, MSG_NOSIGNAL), (ssize_t)sizeof parts);
    length = make_packet(packet, 0, 0, 2, NOBODY, return_busy, sizeof return_busy);
    packet[5] = 2;
    CHECK_EQ(send(longer, packet, length, MSG_NOSIGNAL), (ssize_t)length);
    send_message(shorter, 0, 2, ORDER_QUICK, return_busy, sizeof return_busy);
    CHECK_EQ(sem_post(&go_on), 0);
    expect_reply(longer, 2, LWMSG_STATUS_SUCCESS);
    expect_reply(shorter, 2, LWMSG_STATUS_SUCCESS);
    CHECK_EQ(counted(&handled_long), 2);
    close(longer);
    close(shorter);
    close(slow);
    end_pair(&pair);
    lwmsg_context_delete(context);
}

static sem_t answered;

/* Returns when the answer to the request before it has arrived. */
static LWMsgStatus handle_after(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    (void)call, (void)in, (void)out, (void)data;
    await(&answered);
    return LWMSG_STATUS_SUCCESS;
}

/* Two requests at once, the second of which waits for what the client does with the answer to the first. */
static void an_answer_does_not_wait_for_the_handler_that_comes_next(void)
{
    static LWMsgDispatchSpec after[] = { LWMSG_DISPATCH_NONBLOCK(NOBODY, handle_after), LWMSG_DISPATCH_END };
    unsigned char packets[128];
    size_t length;
    int fd;

    begin(after);
    works();
    CHECK_EQ(sem_init(&answered, 0, 0), 0);
    fd = raw_client(pair.path);
    for (unsigned int i = 0; i < 3; i++) {
        length = make_packet(packets, 0, 0, 2 * i, ORDER_QUICK, return_busy, sizeof return_busy);
        length += make_packet(packets + length, 0, 0, 2 * i + 1, NOBODY, return_busy, sizeof return_busy);
        CHECK_EQ(send(fd, packets, length, MSG_NOSIGNAL), (ssize_t)length);
        expect_reply(fd, 2 * i, LWMSG_STATUS_BUSY);
        CHECK_EQ(sem_post(&answered), 0);
        expect_reply(fd, 2 * i + 1, LWMSG_STATUS_SUCCESS);
    }
    close(fd);
    end_pair(&pair);
}

/* A request marked CONTROL, as old clients send after a cancellation, that cannot be read. */
static void a_damaged_request_that_cannot_be_read_is_answered(void)
{
    int fd;

    begin(NULL);
    fd = raw_client(pair.path);
    send_message(fd, LWMSG_MESSAGE_FLAG_CONTROL, 1, ORDER, return_busy, sizeof return_busy - 2);
    expect_reply(fd, 1, LWMSG_STATUS_MALFORMED);
    send_message(fd, LWMSG_MESSAGE_FLAG_CONTROL, 2, 12, NULL, 0);
    expect_reply(fd, 2, LWMSG_STATUS_MALFORMED);
    close(fd);
    works();
    end_pair(&pair);
}

/* Open descriptors of a pipe that programs which are started inherit. */
static int inherited(int pipe_end)
{
    struct stat wanted, found;
    int number = 0;

    CHECK_EQ(fstat(pipe_end, &wanted), 0);
    for (int fd = 3; fd < 1024; fd++)
        number += fd != pipe_end && fstat(fd, &found) == 0 && found.st_ino == wanted.st_ino &&
                  !(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    return number;
}

/* Descriptors that come with a message which takes none stay open with the connection; no other program has them. */
static void descriptors_that_nobody_takes_are_not_inherited(void)
{
    int fd, ends[2];

    begin(NULL);
    fd = raw_client(pair.path);
    CHECK_EQ(pipe(ends), 0);
    close(ends[1]);
    CHECK_EQ(inherited(ends[0]), 0);
    for (unsigned int i = 0; i < 3; i++) {
        CHECK(send_descriptor(fd, i, NOTHING, ends[0]));
        CHECK_EQ(next_packet(fd, (unsigned char[8192]){ 0 }), 15);
    }
    CHECK_EQ(inherited(ends[0]), 0);
    close(fd);
    close(ends[0]);
    end_pair(&pair);
}

static ino_t passed;

static LWMsgStatus note_descriptor(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    struct stat found = { 0 };

    (void)call, (void)out, (void)data;
    CHECK_EQ(fstat(((Descriptor *)in->data)->fd, &found), 0);
    passed = found.st_ino;
    return LWMSG_STATUS_SUCCESS;
}

/* What came with a message that could not be read is not taken for the next one's. */
static void a_message_that_cannot_be_read_leaves_its_descriptors_to_none(void)
{
    static LWMsgDispatchSpec notes[] = { LWMSG_DISPATCH_NONBLOCK(PASS, note_descriptor), LWMSG_DISPATCH_END };
    int fd, before, wrong[2], right[2];
    struct stat wanted;

    begin(notes);
    CHECK_EQ(pipe(wrong), 0);
    CHECK_EQ(pipe(right), 0);
    CHECK_EQ(fstat(right[0], &wanted), 0);
    fd = raw_client(pair.path);
    before = open_descriptors();
    CHECK(send_descriptor(fd, 1, USE, wrong[0]));
    expect_reply(fd, 1, LWMSG_STATUS_INVALID_HANDLE);
    CHECK_EQ(open_descriptors(), before);
    CHECK(send_descriptor(fd, 2, PASS, right[0]));
    expect_reply(fd, 2, LWMSG_STATUS_SUCCESS);
    CHECK_EQ(passed, wanted.st_ino);
    close(fd);
    for (int i = 0; i < 2; i++) {
        close(wrong[i]);
        close(right[i]);
    }
    end_pair(&pair);
}

/* --- Requests that nobody has time for ---------------------------------------------------------------------------- */

enum { HANDLERS = 32 };
static sem_t open_gate;

/* Holds what it was passed until the test says so. */
static LWMsgStatus pass_later(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    await(&open_gate);
    sem_post(&open_gate);
    return in->tag == PASS ? handle_pass(call, in, out, data) : LWMSG_STATUS_SUCCESS;
}

static LWMsgDispatchSpec later[] = { LWMSG_DISPATCH_BLOCK(PASS, pass_later), LWMSG_DISPATCH_BLOCK(ECHO, pass_later),
                                     LWMSG_DISPATCH_END };

/* A request of a megabyte. False when the other end does not read any more; the rest of it is to be sent then. */
static int send_megabyte(int fd, unsigned int cookie, size_t *sent)
{
    enum { PARTS = 129, ROOM = 8192 - 15 };
    static unsigned char message[PARTS * 8192];
    struct pollfd entry = { fd, POLLOUT, 0 };

    memset(message, 0, sizeof message);
    for (int i = 0; i < PARTS; i++) {
        unsigned char payload[ROOM] = { 0 };
        if (i == 0) {
            uint32_t length = PARTS * ROOM - 5;
            payload[0] = (unsigned char)(length >> 24);
            payload[1] = (unsigned char)(length >> 16);
            payload[2] = (unsigned char)(length >> 8);
            payload[3] = (unsigned char)length;
            payload[4] = 0xff;
        }
        make_packet(message + i * 8192, 0, 0, cookie, ECHO, payload, ROOM);
        message[i * 8192 + 5] = i == 0 ? 1 : i == PARTS - 1 ? 2 : 0;
    }
    while (*sent < sizeof message) {
        ssize_t now = send(fd, message + *sent, sizeof message - *sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (now > 0) {
            *sent += (size_t)now;
            continue;
        }
        CHECK_EQ(errno, EAGAIN);
        if (poll(&entry, 1, 1000) == 0)
            return 0;
    }
    *sent = 0;
    return 1;
}

/* Who asks for more than there are threads for is not read from before the others have begun; nobody else is kept. */
static void requests_that_wait_for_threads_hold_only_so_much(void)
{
    unsigned char packet[8192];
    size_t sent = 0;
    int fd, before, asked = 0;

    CHECK_EQ(sem_init(&open_gate, 0, 0), 0);
    begin(later);
    CHECK_EQ(order(pair.session, ORDER_QUICK, ANSWER, 0, "ready"), LWMSG_STATUS_SUCCESS);
    before = open_descriptors();
    fd = raw_client(pair.path);
    for (int patience = 20; patience > 0;)
        if (send_request(fd, (unsigned int)asked, 0)) {
            asked++;
            /* Those that are handled, those that wait, and those that came with the last of them. */
            CHECK(open_descriptors() < before + HANDLERS + 256 + 256);
        } else {
            /* The threads that handle them take their time to begin. */
            patience = asked > HANDLERS + 256 ? 0 : patience - 1;
        }
    CHECK(asked > HANDLERS + 256);
    CHECK_EQ(order(pair.session, ORDER_QUICK, ANSWER, 0, "others"), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(sem_post(&open_gate), 0);
    for (int i = 0; i < asked; i++)
        CHECK(next_packet(fd, packet) >= 15);
    close(fd);
    for (int i = 0; i < 1000 && open_descriptors() > before; i++)
        pause_ms(10);
    CHECK(open_descriptors() <= before);

    CHECK_EQ(sem_wait(&open_gate), 0);
    fd = raw_client(pair.path);
    asked = 0;
    for (int patience = 10; patience > 0;)
        if (send_megabyte(fd, (unsigned int)asked, &sent)) {
            asked++;
            CHECK(asked < HANDLERS + 64 + 3);
        } else {
            patience = asked > HANDLERS + 60 ? 0 : patience - 1;
        }
    CHECK(asked > HANDLERS + 60);
    CHECK_EQ(order(pair.session, ORDER_QUICK, ANSWER, 0, "others"), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(sem_post(&open_gate), 0);
    CHECK(send_megabyte(fd, (unsigned int)asked++, &sent));
    for (int i = 0; i < asked; i++)
        CHECK(next_packet(fd, packet) >= 15);
    close(fd);
    end_pair(&pair);
}

static LWMsgStatus ask_back(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    (void)in, (void)out, (void)data;
    pause_ms(1);
    return order(lwmsg_call_get_session(call), BACK, RETURN, 77, NULL);
}

static void on_answer(LWMsgCall *call, LWMsgStatus status, void *data)
{
    CHECK_EQ(status, 77);
    lwmsg_call_release(call);
    count(data);
}

/* The answers to what the handlers ask come behind requests that nobody has time for. */
static void handlers_that_ask_back_are_answered(void)
{
    enum { CALLS = 350 };
    static LWMsgDispatchSpec asking[] = { LWMSG_DISPATCH_BLOCK(PASS, ask_back), LWMSG_DISPATCH_END };
    static Descriptor inputs[CALLS];
    static LWMsgParams in[CALLS], out[CALLS];
    int done = 0;

    make_peers(&pair);
    CHECK_EQ(lwmsg_peer_add_dispatch_spec(pair.server, asking), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_add_dispatch_spec(pair.client, back_dispatch), LWMSG_STATUS_SUCCESS);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    for (int i = 0; i < CALLS; i++) {
        inputs[i] = (Descriptor){ i, 2 };
        in[i] = (LWMsgParams){ PASS, &inputs[i] };
        out[i] = (LWMsgParams)LWMSG_PARAMS_INITIALIZER;
        CHECK_EQ(lwmsg_call_dispatch(acquire(pair.session), &in[i], &out[i], on_answer, &done),
                 LWMSG_STATUS_PENDING);
    }
    await_count(&done, CALLS);
    end_pair(&pair);
}

/* --- What the program's types do while a message is read, answered and freed ------------------------------------- */

static sem_t served;

static LWMsgStatus verify_slowly(LWMsgContext *context, LWMsgBool unmarshalling, void *object, void *data)
{
    (void)context, (void)object, (void)data;
    if (unmarshalling)
        await(&served);
    return LWMSG_STATUS_SUCCESS;
}

static LWMsgTypeSpec slow_spec[] = {
    LWMSG_STRUCT_BEGIN(Order),
    LWMSG_MEMBER_INT32(Order, number),
    LWMSG_MEMBER_UINT32(Order, status),
    LWMSG_MEMBER_PSTR(Order, text),
    LWMSG_STRUCT_END,
    LWMSG_ATTR_VERIFY(verify_slowly, NULL),
    LWMSG_TYPE_END,
};

static void clean_slowly(void *data)
{
    (void)data;
    await(&served);
}

static LWMsgStatus handle_lend(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    LWMsgSession *session = lwmsg_call_get_session(call);
    Ticket *ticket = calloc(1, sizeof *ticket);

    (void)in, (void)data;
    CHECK_EQ(lwmsg_session_register_handle(session, "Ticket", &pair, clean_slowly, &ticket->handle), 0);
    /* The message's reference is the only one left. */
    out->tag = OPENED;
    out->data = ticket;
    return LWMSG_STATUS_SUCCESS;
}

/* The program's functions that the library calls for data are waited for by those whose data it is. */
static void functions_for_data_keep_no_other_waiting(void)
{
    static LWMsgProtocolSpec slow_messages[] = { LWMSG_MESSAGE(NOBODY, slow_spec), LWMSG_PROTOCOL_END };
    static LWMsgDispatchSpec quick[] = { LWMSG_DISPATCH_NONBLOCK(NOBODY, handle_order),
                                         LWMSG_DISPATCH_NONBLOCK(OPEN, handle_lend), LWMSG_DISPATCH_END };
    unsigned char packet[8192];
    LWMsgPeer *other;
    LWMsgSession *session;
    int fd;

    CHECK_EQ(sem_init(&served, 0, 0), 0);
    make_peers(&pair);
    CHECK_EQ(lwmsg_protocol_add_protocol_spec(pair.protocol, slow_messages), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_peer_add_dispatch_spec(pair.server, quick), LWMSG_STATUS_SUCCESS);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    fd = raw_client(pair.path);
    for (int i = 0; i < 2; i++) {
        /* What was read first, what is freed at the end; each is over when the other client has been served. */
        send_message(fd, 0, (unsigned int)i, i ? OPEN : NOBODY, return_busy, sizeof return_busy);
        if (i)
            CHECK(next_packet(fd, packet) > 15);
        CHECK_EQ(lwmsg_peer_new(NULL, pair.protocol, &other), LWMSG_STATUS_SUCCESS);
        lwmsg_peer_add_connect_endpoint(other, LWMSG_ENDPOINT_LOCAL, pair.path);
        lwmsg_peer_connect(other, &session);
        CHECK_EQ(order(session, ORDER, ANSWER, 0, "x"), LWMSG_STATUS_SUCCESS);
        lwmsg_peer_delete(other);
        CHECK_EQ(sem_post(&served), 0);
        if (!i)
            expect_reply(fd, 0, LWMSG_STATUS_BUSY);
    }
    close(fd);
    end_pair(&pair);
}

/* Runs all, or those whose names contain the argument. */
int main(int argc, char **argv)
{
    RUN(who_does_not_read_is_not_read_from);
    RUN(a_server_that_does_not_read_is_not_read_from);
    RUN(there_are_no_messages_before_the_greeting);
    RUN(a_long_message_keeps_no_other_waiting);
    RUN(an_answer_does_not_wait_for_the_handler_that_comes_next);
    RUN(a_damaged_request_that_cannot_be_read_is_answered);
    RUN(descriptors_that_nobody_takes_are_not_inherited);
    RUN(a_message_that_cannot_be_read_leaves_its_descriptors_to_none);
    RUN(requests_that_wait_for_threads_hold_only_so_much);
    RUN(handlers_that_ask_back_are_answered);
    RUN(functions_for_data_keep_no_other_waiting);
    return 0;
}
