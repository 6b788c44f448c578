/* The frame API, piece by piece: results, callback calls with their lengths and flags, and bytes are the
 * original's.
 */
#include "check.h"
#include <stdio.h>
#include <string.h>
#include <wslay/wslay.h>

static const uint8_t *input;
static size_t input_left, input_step;
static size_t output_step;
static int genmask_result;

static ssize_t receive(uint8_t *buf, size_t len, int flags, void *user_data)
{
    size_t n = input_left;

    CHECK(user_data == &input_step);
    if (n > input_step)
        n = input_step;
    if (n > len)
        n = len;
    printf("  recv(%lu, %d) = %ld\n", (unsigned long)len, flags, n ? (long)n : -1L);
    if (n == 0)
        return -1;
    memcpy(buf, input, n);
    input += n;
    input_left -= n;
    return (ssize_t)n;
}

static ssize_t transmit(const uint8_t *data, size_t len, int flags, void *user_data)
{
    size_t i, n = len;

    CHECK(user_data == &input_step);
    if (n > output_step)
        n = output_step;
    printf("  send(%lu, %d) = %ld", (unsigned long)len, flags, n ? (long)n : -1L);
    for (i = 0; i < n && i < 20; i++)
        printf(" %02x", data[i]);
    printf("\n");
    return n ? (ssize_t)n : -1;
}

static int generate(uint8_t *buf, size_t len, void *user_data)
{
    static const uint8_t key[] = { 0x37, 0xfa, 0x21, 0x3d };

    CHECK(user_data == &input_step);
    printf("  genmask(%lu) = %d\n", (unsigned long)len, genmask_result);
    memcpy(buf, key, 4);
    return genmask_result;
}

static const struct wslay_frame_callbacks callbacks = { transmit, receive, generate };

static wslay_frame_context_ptr context(void)
{
    wslay_frame_context_ptr ctx;

    CHECK_EQ(wslay_frame_context_init(&ctx, &callbacks, &input_step), 0);
    return ctx;
}

static void receive_all(const char *name, const void *bytes, size_t length, size_t step)
{
    wslay_frame_context_ptr ctx = context();
    struct wslay_frame_iocb iocb;
    ssize_t result;
    size_t i;
    int idle = 0;

    printf("== %s by %lu\n", name, (unsigned long)step);
    input = bytes;
    input_left = length;
    input_step = step;
    while (idle < 2) {
        memset(&iocb, 0xee, sizeof iocb);
        result = wslay_frame_recv(ctx, &iocb);
        printf("frame_recv %ld", (long)result);
        if (result >= 0) {
            printf(" fin %d rsv %d opcode %d of %llu mask %d data %lu", iocb.fin, iocb.rsv, iocb.opcode,
                   (unsigned long long)iocb.payload_length, iocb.mask, (unsigned long)iocb.data_length);
            CHECK(iocb.data != NULL);
            for (i = 0; i < iocb.data_length && i < 12; i++)
                printf(" %02x", iocb.data[i]);
        } else {
            CHECK_EQ(iocb.fin, 0xee);
            CHECK_EQ(iocb.data_length, (size_t)0xeeeeeeeeeeeeeeeeULL);
        }
        printf("\n");
        if (result == WSLAY_ERR_PROTO)
            break;
        idle = input_left == 0 && result == WSLAY_ERR_WANT_READ ? idle + 1 : 0;
    }
    wslay_frame_context_free(ctx);
}

static void receive_cut(const char *name, const void *bytes, size_t length)
{
    static const size_t steps[] = { 1, 2, 3, 5, 100, 4096, 100000 };
    size_t i;

    for (i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i] >= length / 200)
            receive_all(name, bytes, length, steps[i]);
}

static ssize_t offer(wslay_frame_context_ptr ctx, int first, uint64_t payload_length, int mask, const char *data,
                     size_t length)
{
    struct wslay_frame_iocb iocb;
    ssize_t result;

    memset(&iocb, 0, sizeof iocb);
    iocb.fin = (uint8_t)(first >> 7 & 1);
    iocb.rsv = (uint8_t)(first >> 4 & 7);
    iocb.opcode = (uint8_t)(first & 15);
    iocb.payload_length = payload_length;
    iocb.mask = (uint8_t)mask;
    iocb.data = (const uint8_t *)data;
    iocb.data_length = length;
    result = wslay_frame_send(ctx, &iocb);
    printf("frame_send(%d, %llu, %d, %lu) = %ld\n", first, (unsigned long long)payload_length, mask,
           (unsigned long)length, (long)result);
    return result;
}

static void send_cut(size_t step, int mask)
{
    static char big[10000];
    wslay_frame_context_ptr ctx = context();
    ssize_t n;
    size_t sent;

    memset(big, 'x', sizeof big);
    printf("== send by %lu, mask %d\n", (unsigned long)step, mask);
    output_step = step;
    for (sent = 0; sent < 5; sent += n > 0 ? (size_t)n : 0)
        n = offer(ctx, 0x81, 5, mask, &"Hello"[sent], 5 - sent);
    do {
        n = offer(ctx, 0x8a, 0, mask, NULL, 0);
    } while (n < 0);
    do {
        n = offer(ctx, 0x01, 5, mask, NULL, 0);
    } while (n < 0);
    for (sent = 0; sent < 3; sent += n > 0 ? (size_t)n : 0)
        n = offer(ctx, 0x01, 5, mask, &"Hel"[sent], 3 - sent);
    for (sent = 0; sent < 2; sent += n > 0 ? (size_t)n : 0)
        n = offer(ctx, 0x01, 5, mask, &"lo"[sent], 2 - sent);
    if (step > 10)
        for (sent = 0; sent < sizeof big; sent += n > 0 ? (size_t)n : 0)
            n = offer(ctx, 0xf2, sizeof big, mask, big + sent, sizeof big - sent);
    wslay_frame_context_free(ctx);
}

int main(void)
{
    static uint8_t big[4 + 10000];
    wslay_frame_context_ptr ctx;

    receive_cut("masked", "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);
    receive_cut("two frames", "\x81\x02hi\x82\x03yes", 9);
    receive_cut("empty", "\x81\x00\x82\x80\x37\xfa\x21\x3d", 8);
    receive_cut("everything passes up", "\xf3\x01" "a\x7c\x01" "b", 6);
    receive_cut("reserved control", "\x8b\x01" "a", 3);
    receive_cut("fragmented control", "\x09\x01" "a", 3);
    receive_cut("long control", "\x89\x7e\x00\x80", 4);
    receive_cut("16-bit length too short", "\x82\x7e\x00\x7d", 4);
    receive_cut("64-bit length too short", "\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xff", 10);
    receive_cut("64-bit length too long", "\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00", 10);
    big[0] = 0x82;
    big[1] = 0x7e;
    big[2] = 10000 >> 8;
    big[3] = 10000 & 255;
    memset(big + 4, 'y', 10000);
    receive_cut("large", big, sizeof big);

    send_cut(1, 0);
    send_cut(3, 0);
    send_cut(100000, 0);
    send_cut(1, 1);
    send_cut(3, 1);
    send_cut(100000, 1);
    send_cut(5000, 1);

    printf("== refused\n");
    ctx = context();
    output_step = 100;
    offer(ctx, 0x81, 2, 0, "abc", 3);
    offer(ctx, 0x89, 126, 0, "abc", 3);
    offer(ctx, 0x81, 1ULL << 63, 0, "abc", 3);
    genmask_result = -1;
    offer(ctx, 0x81, 3, 1, "abc", 3);
    genmask_result = 0;
    offer(ctx, 0x81, 3, 1, "abc", 3);
    output_step = 0;
    offer(ctx, 0x81, 3, 1, "abc", 3);
    output_step = 100;
    offer(ctx, 0x81, 3, 1, "abc", 3);
    wslay_frame_context_free(ctx);
    wslay_frame_context_free(NULL);
    return 0;
}
