/* C++ exceptions and longjmp leave callbacks through the library, as they always could. Afterwards the
 * other half works on, abandoned receive and send calls can be repeated, and the context can be freed.
 */
#include "wire.h"
#include <csetjmp>
#include <stdexcept>

namespace {

wire line;
uint8_t stream[1000];
bool armed;
bool jump;
jmp_buf back;

enum where { RECV, SEND, MASK, START, CHUNK, END, MESSAGE, WHERES };
int leave_in;

void leave(int where)
{
    if (!armed || where != leave_in)
        return;
    armed = false;
    if (jump)
        longjmp(back, 1);
    throw std::runtime_error("left");
}

extern "C" ssize_t on_recv(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags, void *user)
{
    leave(RECV);
    return wire_recv(ctx, buf, len, flags, user);
}
extern "C" ssize_t on_send(wslay_event_context_ptr ctx, const uint8_t *data, size_t len, int flags, void *user)
{
    leave(SEND);
    return wire_send(ctx, data, len, flags, user);
}
extern "C" int on_mask(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, void *user)
{
    leave(MASK);
    return wire_genmask(ctx, buf, len, user);
}
extern "C" void on_start(wslay_event_context_ptr, const wslay_event_on_frame_recv_start_arg *, void *)
{
    leave(START);
}
extern "C" void on_chunk(wslay_event_context_ptr, const wslay_event_on_frame_recv_chunk_arg *, void *)
{
    leave(CHUNK);
}
extern "C" void on_end(wslay_event_context_ptr, void *)
{
    leave(END);
}
extern "C" void on_message(wslay_event_context_ptr ctx, const wslay_event_on_msg_recv_arg *arg, void *user)
{
    wslay_event_msg msg = { arg->opcode, arg->msg, arg->msg_length };

    wire_message(ctx, arg, user);
    leave(MESSAGE);
    CHECK_EQ(wslay_event_queue_msg(ctx, &msg), 0);
    CHECK_EQ(wslay_event_send(ctx), 0);
}

/* Whether the call was left. */
bool attempt(wslay_event_context_ptr ctx, int (*call)(wslay_event_context_ptr))
{
    volatile bool left = false;

    if (setjmp(back))
        return true;
    try {
        CHECK_EQ(call(ctx), 0);
    } catch (const std::runtime_error &) {
        left = true;
    }
    return left;
}

void leave_each(bool by_jump)
{
    const wslay_event_callbacks callbacks = { on_recv, on_send, on_mask, on_start, on_chunk, on_end, on_message };
    size_t length = wire_frame(stream, 0x82, 0, "first", 5);

    length += wire_frame(stream + length, 0x82, 0, "second", 6);
    jump = by_jump;
    for (leave_in = RECV; leave_in < WHERES; leave_in++) {
        wslay_event_context_ptr ctx;
        wslay_event_msg msg = { 1, reinterpret_cast<const uint8_t *>("after"), 5 };

        wire_reset(&line);
        wire_input(&line, stream, length);
        ctx = wire_open(&line, 0);
        wslay_event_config_set_callbacks(ctx, &callbacks);
        armed = true;
        CHECK(attempt(ctx, wslay_event_recv));
        printf("left in %d by %s: messages %d, sent %lu\n", leave_in, by_jump ? "longjmp" : "exception",
               line.messages, static_cast<unsigned long>(line.out_length));
        if (leave_in == RECV) {
            /* Nothing was stored: all messages arrive. */
            CHECK(!attempt(ctx, wslay_event_recv));
            CHECK_EQ(line.messages, 2);
        }
        /* The sending half works on, and offers what was not taken again. */
        CHECK_EQ(wslay_event_queue_msg(ctx, &msg), 0);
        CHECK(!attempt(ctx, wslay_event_send));
        CHECK_EQ(wslay_event_get_queued_msg_count(ctx), 0);
        wire_print_bytes(line.out, line.out_length);
        printf("\n");
        wslay_event_context_free(ctx);
    }
}

void repeat_a_send(bool by_jump)
{
    const wslay_event_callbacks callbacks = { on_recv, on_send, on_mask, on_start, on_chunk, on_end, on_message };
    wslay_event_context_ptr ctx;
    wslay_event_msg msg = { 1, reinterpret_cast<const uint8_t *>("again"), 5 };
    int i;

    jump = by_jump;
    leave_in = SEND;
    wire_reset(&line);
    ctx = wire_open(&line, 0);
    wslay_event_config_set_callbacks(ctx, &callbacks);
    for (i = 0; i < 3; i++) {
        CHECK_EQ(wslay_event_queue_msg(ctx, &msg), 0);
        armed = true;
        CHECK(attempt(ctx, wslay_event_send));
        CHECK_EQ(line.out_length, static_cast<size_t>(11 * i));
        CHECK(!attempt(ctx, wslay_event_send));
        CHECK_EQ(line.out_length, static_cast<size_t>(11 * (i + 1)));
    }
    wire_print_bytes(line.out, line.out_length);
    printf("\n");
    wslay_event_context_free(ctx);
}

/* What was left is repeated further down the stack, where the first call had never been. */
__attribute__((noinline)) bool attempt_deeper(wslay_event_context_ptr ctx, int (*call)(wslay_event_context_ptr))
{
    volatile char room[20000];

    room[0] = 1;
    return attempt(ctx, call) && room[0];
}

void repeat_deeper(bool by_jump)
{
    const wslay_event_callbacks callbacks = { on_recv, on_send, on_mask, on_start, on_chunk, on_end, wire_message };
    wslay_event_context_ptr ctx;
    wslay_event_msg msg = { 1, reinterpret_cast<const uint8_t *>("again"), 5 };

    jump = by_jump;
    wire_reset(&line);
    wire_input(&line, stream, wire_frame(stream, 0x82, 0, "first", 5));
    ctx = wire_open(&line, 0);
    wslay_event_config_set_callbacks(ctx, &callbacks);
    leave_in = RECV;
    armed = true;
    CHECK(attempt(ctx, wslay_event_recv));
    CHECK(!attempt_deeper(ctx, wslay_event_recv));
    CHECK_EQ(line.messages, 1);
    leave_in = SEND;
    armed = true;
    CHECK_EQ(wslay_event_queue_msg(ctx, &msg), 0);
    CHECK(attempt(ctx, wslay_event_send));
    CHECK(!attempt_deeper(ctx, wslay_event_send));
    CHECK_EQ(line.out_length, static_cast<size_t>(11));
    wslay_event_context_free(ctx);
}

/* The frame API: every call may be left and repeated. */
int frame_lefts;

extern "C" ssize_t frame_recv(uint8_t *buf, size_t len, int, void *)
{
    static const uint8_t bytes[] = { 0x81, 0x02, 'h', 'i' };
    static size_t used;

    if (frame_lefts++ % 2 == 0)
        throw std::runtime_error("left");
    CHECK(len >= 1 && used < sizeof bytes);
    buf[0] = bytes[used++];
    return 1;
}

extern "C" ssize_t frame_send(const uint8_t *data, size_t len, int flags, void *)
{
    if (frame_lefts++ % 2 == 0)
        throw std::runtime_error("left");
    printf("send %lu %d:", static_cast<unsigned long>(len), flags);
    wire_print_bytes(data, len);
    printf("\n");
    return static_cast<ssize_t>(len);
}

extern "C" int frame_mask(uint8_t *buf, size_t len, void *)
{
    if (frame_lefts++ % 2 == 0)
        throw std::runtime_error("left");
    memset(buf, 7, len);
    return 0;
}

void frames()
{
    const wslay_frame_callbacks callbacks = { frame_send, frame_recv, frame_mask };
    wslay_frame_context_ptr ctx;
    wslay_frame_iocb iocb;
    int calls, received = 0, sent = 0;

    CHECK_EQ(wslay_frame_context_init(&ctx, &callbacks, nullptr), 0);
    for (calls = 0; received < 2; calls++) {
        CHECK(calls < 100);
        try {
            ssize_t n = wslay_frame_recv(ctx, &iocb);

            if (n > 0)
                received += static_cast<int>(n);
        } catch (const std::runtime_error &) {
        }
    }
    printf("received after %d calls\n", calls);
    memset(&iocb, 0, sizeof iocb);
    iocb.fin = iocb.opcode = iocb.mask = 1;
    iocb.payload_length = 3;
    for (calls = 0; sent < 3; calls++) {
        CHECK(calls < 100);
        iocb.data = reinterpret_cast<const uint8_t *>("abc") + sent;
        iocb.data_length = static_cast<size_t>(3 - sent);
        try {
            ssize_t n = wslay_frame_send(ctx, &iocb);

            if (n > 0)
                sent += static_cast<int>(n);
        } catch (const std::runtime_error &) {
        }
    }
    printf("sent after %d calls\n", calls);
    wslay_frame_context_free(ctx);
}

} // namespace

int main()
{
    leave_each(false);
    leave_each(true);
    repeat_a_send(false);
    repeat_a_send(true);
    repeat_deeper(false);
    repeat_deeper(true);
    frames();
    return 0;
}
