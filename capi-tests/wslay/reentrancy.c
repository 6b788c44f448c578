/* harness: ours-only the original crashes in most of these
 *
 * What callbacks may do to the context that runs them: send, receive on the other half, nest the same
 * half, free it, free another one. Nothing is lost, nothing is called after a free.
 */
#include "wire.h"
#include <ucontext.h>

static struct wire wire;
static uint8_t stream[300000];
static int nested, freed, after_free;

static void echo_now(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *arg, void *user_data)
{
    struct wslay_event_msg msg;
    uint8_t *copy = malloc(arg->msg_length + 1);

    (void)user_data;
    wire.messages++;
    CHECK(copy != NULL);
    if (arg->msg_length)
        memcpy(copy, arg->msg, arg->msg_length);
    msg.opcode = arg->opcode;
    msg.msg = arg->msg;
    msg.msg_length = arg->msg_length;
    if (arg->opcode < 8)
        CHECK_EQ(wslay_event_queue_msg(ctx, &msg), 0);
    CHECK_EQ(wslay_event_send(ctx), 0);
    if (nested) {
        CHECK_EQ(wslay_event_recv(ctx), 0);
        nested--;
    }
    /* What the callback was given has not moved. */
    CHECK(arg->msg_length == 0 || memcmp(copy, arg->msg, arg->msg_length) == 0);
    free(copy);
}

static void echo_from_the_callback(int server)
{
    struct wslay_event_callbacks callbacks = wire_callbacks;
    wslay_event_context_ptr ctx;
    size_t length = 0;
    int i;

    for (i = 0; i < 20; i++)
        length += wire_frame(stream + length, i % 5 == 4 ? 0x89 : 0x82, server, stream + 200000,
                             i % 5 == 4 ? 100 : (size_t)(i * i * i));
    wire_reset(&wire);
    wire_input(&wire, stream, length);
    callbacks.on_msg_recv_callback = echo_now;
    ctx = wire_open(&wire, server);
    wslay_event_config_set_callbacks(ctx, &callbacks);
    nested = 5;
    CHECK_EQ(wslay_event_recv(ctx), 0);
    CHECK_EQ(nested, 0);
    CHECK_EQ(wire.messages, 20);
    CHECK_EQ(wslay_event_get_queued_msg_count(ctx), 0);
    wslay_event_context_free(ctx);
}

static ssize_t send_nested(wslay_event_context_ptr ctx, const uint8_t *data, size_t len, int flags, void *user_data)
{
    CHECK_EQ(wslay_event_send(ctx), 0);
    CHECK_EQ(wslay_event_recv(ctx), 0);
    return wire_send(ctx, data, len, flags, user_data);
}

/* A ping arrives while we send: its pong goes out behind the message, by the same call. */
static void receive_from_the_send_callback(void)
{
    struct wslay_event_callbacks callbacks = wire_callbacks;
    struct wslay_event_msg msg = { 1, (const uint8_t *)"Hello", 5 };
    wslay_event_context_ptr ctx;

    wire_reset(&wire);
    wire_input(&wire, stream, wire_frame(stream, 0x89, 1, "p", 1));
    callbacks.send_callback = send_nested;
    ctx = wire_open(&wire, 1);
    wslay_event_config_set_callbacks(ctx, &callbacks);
    CHECK_EQ(wslay_event_queue_msg(ctx, &msg), 0);
    CHECK_EQ(wslay_event_send(ctx), 0);
    CHECK_EQ(wire.out_length, 10);
    CHECK(memcmp(wire.out, "\x81\x05Hello\x8a\x01p", 10) == 0);
    CHECK_EQ(wire.messages, 1);
    wslay_event_context_free(ctx);
}

/* Freeing from each kind of callback. */
enum where { IN_RECV, IN_SEND, IN_MASK, IN_START, IN_CHUNK, IN_END, IN_MESSAGE, WHERES };
static enum where free_in;

static int free_here(wslay_event_context_ptr ctx, enum where where)
{
    if (freed)
        after_free++;
    if (where != free_in || freed)
        return 0;
    freed = 1;
    wslay_event_context_free(ctx);
    return 1;
}

static ssize_t free_recv(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags, void *user_data)
{
    free_here(ctx, IN_RECV);
    return wire_recv(ctx, buf, len, flags, user_data);
}

static ssize_t free_send(wslay_event_context_ptr ctx, const uint8_t *data, size_t len, int flags, void *user_data)
{
    size_t i;
    unsigned sum = 0;

    free_here(ctx, IN_SEND);
    for (i = 0; i < len; i++)
        sum += data[i];
    CHECK(sum != 1);
    return wire_send(ctx, data, len, flags, user_data);
}

static int free_mask(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, void *user_data)
{
    free_here(ctx, IN_MASK);
    return wire_genmask(ctx, buf, len, user_data);
}

static void free_start(wslay_event_context_ptr ctx, const struct wslay_event_on_frame_recv_start_arg *arg,
                       void *user_data)
{
    (void)arg;
    (void)user_data;
    free_here(ctx, IN_START);
}

static void free_chunk(wslay_event_context_ptr ctx, const struct wslay_event_on_frame_recv_chunk_arg *arg,
                       void *user_data)
{
    (void)user_data;
    free_here(ctx, IN_CHUNK);
    CHECK(arg->data[0] == 'm');
}

static void free_end(wslay_event_context_ptr ctx, void *user_data)
{
    (void)user_data;
    free_here(ctx, IN_END);
}

static void free_message(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *arg,
                         void *user_data)
{
    struct wslay_event_msg msg = { 2, (const uint8_t *)"reply", 5 };

    (void)user_data;
    if (freed)
        after_free++;
    if (free_in == IN_SEND || free_in == IN_MASK) {
        CHECK_EQ(wslay_event_queue_msg(ctx, &msg), 0);
        CHECK_EQ(wslay_event_send(ctx), WSLAY_ERR_CALLBACK_FAILURE);
    }
    if (free_in == IN_MESSAGE && free_here(ctx, IN_MESSAGE))
        CHECK_EQ(wslay_event_queue_msg(ctx, &msg), WSLAY_ERR_NO_MORE_MSG);
    CHECK(memcmp(arg->msg, "message", 7) == 0);
}

static void free_in_a_callback(void)
{
    static const struct wslay_event_callbacks callbacks = { free_recv,  free_send, free_mask,   free_start,
                                                            free_chunk, free_end,  free_message };
    size_t length;

    length = wire_frame(stream, 0x82, 0, "message", 7);
    length += wire_frame(stream + length, 0x82, 0, "message", 7);
    for (free_in = IN_RECV; free_in < WHERES; free_in++) {
        wslay_event_context_ptr ctx;

        wire_reset(&wire);
        wire_input(&wire, stream, length);
        freed = after_free = 0;
        ctx = wire_open(&wire, 0);
        wslay_event_config_set_callbacks(ctx, &callbacks);
        CHECK_EQ(wslay_event_recv(ctx), WSLAY_ERR_CALLBACK_FAILURE);
        CHECK_EQ(freed, 1);
        CHECK_EQ(after_free, 0);
    }
}

/* Another context may be freed at any time. */
static wslay_event_context_ptr other;

static void free_other(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *arg, void *user_data)
{
    (void)ctx;
    (void)arg;
    (void)user_data;
    wslay_event_context_free(other);
    other = NULL;
}

static void free_another_context(void)
{
    struct wslay_event_callbacks callbacks = wire_callbacks;
    wslay_event_context_ptr ctx;

    wire_reset(&wire);
    wire_input(&wire, stream, wire_frame(stream, 0x82, 0, "x", 1));
    other = wire_open(&wire, 0);
    callbacks.on_msg_recv_callback = free_other;
    ctx = wire_open(&wire, 0);
    wslay_event_config_set_callbacks(ctx, &callbacks);
    CHECK_EQ(wslay_event_recv(ctx), 0);
    CHECK(other == NULL);
    wslay_event_context_free(ctx);
}

/* A coroutine parked in a receive callback, while another stack sends and uses other contexts. */
static ucontext_t main_stack, coroutine;
static wslay_event_context_ptr parked;
static int parked_result = 1;

static ssize_t park(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags, void *user_data)
{
    ssize_t n = wire_recv(ctx, buf, len, flags, user_data);

    if (n < 0 && wire.in_error == WSLAY_ERR_WOULDBLOCK) {
        swapcontext(&coroutine, &main_stack);
        n = wire_recv(ctx, buf, len, flags, user_data);
    }
    return n;
}

static void run_coroutine(void)
{
    parked_result = wslay_event_recv(parked);
}

static void parked_coroutine(void)
{
    static char stack[32 * 1024];
    struct wslay_event_callbacks callbacks = wire_callbacks;
    struct wslay_event_msg msg = { 1, (const uint8_t *)"meanwhile", 9 };
    size_t first, length;
    int i;

    first = wire_frame(stream, 0x82, 1, "one", 3);
    length = first + wire_frame(stream + first, 0x82, 1, "two", 3);
    wire_reset(&wire);
    wire_input(&wire, stream, first);
    callbacks.recv_callback = park;
    parked = wire_open(&wire, 1);
    wslay_event_config_set_callbacks(parked, &callbacks);
    CHECK_EQ(getcontext(&coroutine), 0);
    coroutine.uc_stack.ss_sp = stack;
    coroutine.uc_stack.ss_size = sizeof stack;
    coroutine.uc_link = &main_stack;
    makecontext(&coroutine, run_coroutine, 0);
    CHECK_EQ(swapcontext(&main_stack, &coroutine), 0);
    CHECK_EQ(wire.messages, 1);
    for (i = 0; i < 3; i++) {
        CHECK_EQ(wslay_event_queue_msg(parked, &msg), 0);
        CHECK_EQ(wslay_event_send(parked), 0);
    }
    CHECK_EQ(wire.out_length, 33);
    wire_input(&wire, stream + first, length - first);
    wire.in_error = WSLAY_ERR_CALLBACK_FAILURE;
    CHECK_EQ(swapcontext(&main_stack, &coroutine), 0);
    CHECK_EQ(wire.messages, 2);
    CHECK_EQ(parked_result, WSLAY_ERR_CALLBACK_FAILURE);
    wslay_event_context_free(parked);
}

/* The frame API has no queue and no depth: a callback that calls what is calling it has spoilt its own frame, and is told. */
static wslay_frame_context_ptr frames;
static int may_nest;
static ssize_t nested_result;

static ssize_t receive_again(uint8_t *buf, size_t len, int flags, void *user_data)
{
    struct wslay_frame_iocb iocb;

    (void)flags;
    (void)user_data;
    if (may_nest-- > 0)
        nested_result = wslay_frame_recv(frames, &iocb);
    memset(buf, 'x', len);
    /* A frame of 4092 bytes fills what is offered. */
    if (len == 4096)
        memcpy(buf, "\x82\x7e\x0f\xfc", 4);
    return (ssize_t)len;
}

static ssize_t send_again(const uint8_t *data, size_t len, int flags, void *user_data)
{
    (void)data;
    (void)flags;
    (void)user_data;
    if (may_nest-- > 0)
        nested_result = wslay_frame_send(frames, user_data);
    return (ssize_t)len;
}

static int make_a_key(uint8_t *buf, size_t len, void *user_data)
{
    memset(buf, 1, len);
    if (may_nest-- > 0)
        nested_result = wslay_frame_send(frames, user_data);
    return 0;
}

static void nested_frames(void)
{
    const struct wslay_frame_callbacks callbacks = { send_again, receive_again, make_a_key };
    struct wslay_frame_iocb iocb, out;
    int nests, masked, i;

    for (nests = 1; nests < 4; nests++) {
        CHECK_EQ(wslay_frame_context_init(&frames, &callbacks, NULL), 0);
        may_nest = nests;
        CHECK_EQ(wslay_frame_recv(frames, &iocb), WSLAY_ERR_INVALID_CALLBACK);
        CHECK_EQ(nested_result, nests == 1 ? 4092 : WSLAY_ERR_INVALID_CALLBACK);
        for (i = 0; i < 10; i++) {
            ssize_t n = wslay_frame_recv(frames, &iocb);

            CHECK(n <= 4096);
        }
        wslay_frame_context_free(frames);
        for (masked = 0; masked < 2; masked++) {
            memset(&out, 0, sizeof out);
            out.fin = 1;
            out.opcode = 2;
            out.mask = (uint8_t)masked;
            out.data = stream;
            out.payload_length = out.data_length = 10000;
            CHECK_EQ(wslay_frame_context_init(&frames, &callbacks, &out), 0);
            may_nest = nests;
            CHECK_EQ(wslay_frame_send(frames, &out), WSLAY_ERR_INVALID_CALLBACK);
            for (i = 0; i < 10; i++) {
                ssize_t n = wslay_frame_send(frames, &out);

                CHECK(n == 10000 || n == WSLAY_ERR_INVALID_ARGUMENT);
            }
            wslay_frame_context_free(frames);
        }
    }
}

int main(void)
{
    memset(stream + 200000, 'm', 100000);
    echo_from_the_callback(0);
    echo_from_the_callback(1);
    receive_from_the_send_callback();
    free_in_a_callback();
    free_another_context();
    parked_coroutine();
    nested_frames();
    return 0;
}
