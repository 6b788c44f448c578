/* harness: ours-only the original sends the beginning of the payload again, masked as if it were the rest
 *
 * A long masked payload is sent in pieces, and a callback may be left at any of them. The call is repeated as any other
 * that was left, and what the peer gets is the frame.
 */
#include "wire.h"
#include <csetjmp>
#include <stdexcept>

namespace {

const size_t LENGTH = 10000, STEP = 3000;

wire line;
uint8_t message[LENGTH];
int calls, leave_at;
bool jump;
jmp_buf back;

void leave()
{
    if (++calls != leave_at)
        return;
    if (jump)
        longjmp(back, 1);
    throw std::runtime_error("left");
}

ssize_t take(const uint8_t *data, size_t len)
{
    size_t n = len < STEP ? len : STEP;

    leave();
    memcpy(line.out + line.out_length, data, n);
    line.out_length += n;
    return static_cast<ssize_t>(n);
}

extern "C" ssize_t on_send(wslay_event_context_ptr, const uint8_t *data, size_t len, int, void *)
{
    return take(data, len);
}

extern "C" ssize_t frame_send(const uint8_t *data, size_t len, int, void *)
{
    return take(data, len);
}

extern "C" int frame_mask(uint8_t *buf, size_t, void *)
{
    memcpy(buf, "\x37\xfa\x21\x3d", 4);
    return 0;
}

void check_frame()
{
    CHECK_EQ(line.out_length, 8 + LENGTH);
    CHECK(memcmp(line.out, "\x82\xfe\x27\x10\x37\xfa\x21\x3d", 8) == 0);
    for (size_t i = 0; i < LENGTH; i++)
        CHECK_EQ(line.out[8 + i] ^ line.out[4 + i % 4], message[i]);
}

enum with { SEND, WRITE };

void messages(with rest)
{
    wslay_event_callbacks callbacks = wire_callbacks;
    wslay_event_context_ptr ctx;
    wslay_event_msg msg = { 2, message, LENGTH };
    static uint8_t buffer[1000];

    calls = 0;
    wire_reset(&line);
    callbacks.send_callback = on_send;
    ctx = wire_open(&line, 0);
    wslay_event_config_set_callbacks(ctx, &callbacks);
    CHECK_EQ(wslay_event_queue_msg(ctx, &msg), 0);
    while (wslay_event_want_write(ctx)) {
        if (rest == WRITE && calls >= leave_at) {
            ssize_t n = wslay_event_write(ctx, buffer, sizeof buffer);

            CHECK(n > 0);
            memcpy(line.out + line.out_length, buffer, static_cast<size_t>(n));
            line.out_length += static_cast<size_t>(n);
            continue;
        }
        if (setjmp(back))
            continue;
        try {
            CHECK_EQ(wslay_event_send(ctx), 0);
        } catch (const std::runtime_error &) {
        }
    }
    check_frame();
    CHECK_EQ(wslay_event_get_queued_msg_count(ctx), 0);
    wslay_event_context_free(ctx);
}

/* `offered` at a time: what a repeated call offers may be less than what the abandoned one sent. */
void frames(size_t offered)
{
    const wslay_frame_callbacks callbacks = { frame_send, nullptr, frame_mask };
    wslay_frame_context_ptr ctx;
    wslay_frame_iocb iocb;
    volatile size_t sent = 0;
    volatile bool left = false;

    calls = 0;
    wire_reset(&line);
    CHECK_EQ(wslay_frame_context_init(&ctx, &callbacks, nullptr), 0);
    memset(&iocb, 0, sizeof iocb);
    iocb.fin = iocb.mask = 1;
    iocb.opcode = 2;
    iocb.payload_length = LENGTH;
    while (sent < LENGTH) {
        size_t rest = LENGTH - sent;

        iocb.data = message + sent;
        iocb.data_length = left && rest > offered ? offered : rest;
        if (setjmp(back)) {
            left = true;
            continue;
        }
        try {
            ssize_t n = wslay_frame_send(ctx, &iocb);

            if (n != WSLAY_ERR_WANT_WRITE) {
                CHECK(n >= 0);
                sent = sent + static_cast<size_t>(n);
            }
        } catch (const std::runtime_error &) {
            left = true;
        }
    }
    check_frame();
    wslay_frame_context_free(ctx);
}

} // namespace

int main()
{
    for (size_t i = 0; i < LENGTH; i++)
        message[i] = static_cast<uint8_t>(i * 7 + i / 256);
    for (int by_jump = 0; by_jump < 2; by_jump++) {
        jump = by_jump != 0;
        for (leave_at = 1; leave_at < 7; leave_at++) {
            messages(SEND);
            messages(WRITE);
            frames(LENGTH);
            frames(100);
        }
    }
    return 0;
}
