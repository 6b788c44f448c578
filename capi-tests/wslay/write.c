/* harness: ours-only the installed original has no write functions
 *
 * wslay_event_write and wslay_frame_write: for every buffer size the bytes are those that the send
 * functions make, nothing overtakes what was begun, and the two can be mixed.
 */
#include "wire.h"

static struct wire wire;
static uint8_t expected[WIRE_ROOM], big[5000];

struct source {
    size_t left;
};

static ssize_t read_source(wslay_event_context_ptr ctx, uint8_t *buf, size_t len,
                           const union wslay_event_msg_source *source, int *eof, void *user_data)
{
    struct source *from = source->data;
    size_t n = from->left < 7 ? from->left : 7;

    (void)ctx;
    (void)user_data;
    CHECK(n <= len);
    memset(buf, 's', n);
    from->left -= n;
    *eof = from->left == 0;
    return (ssize_t)n;
}

static void queue_all(wslay_event_context_ptr ctx, struct source *source)
{
    struct wslay_event_msg msg;
    struct wslay_event_fragmented_msg fragmented;

    msg.opcode = 1;
    msg.msg = (const uint8_t *)"Hello";
    msg.msg_length = 5;
    CHECK_EQ(wslay_event_queue_msg(ctx, &msg), 0);
    msg.opcode = 2;
    msg.msg = big;
    msg.msg_length = sizeof big;
    CHECK_EQ(wslay_event_queue_msg(ctx, &msg), 0);
    msg.msg_length = 0;
    CHECK_EQ(wslay_event_queue_msg(ctx, &msg), 0);
    source->left = 30;
    fragmented.opcode = 2;
    fragmented.source.data = source;
    fragmented.read_callback = read_source;
    CHECK_EQ(wslay_event_queue_fragmented_msg(ctx, &fragmented), 0);
}

static void any_buffer_size(int server)
{
    wslay_event_context_ptr ctx;
    struct source source;
    size_t room, length;

    wire_reset(&wire);
    ctx = wire_open(&wire, server);
    queue_all(ctx, &source);
    CHECK_EQ(wslay_event_send(ctx), 0);
    length = wire.out_length;
    memcpy(expected, wire.out, length);
    wslay_event_context_free(ctx);

    for (room = 14; room < 40; room++) {
        uint8_t buffer[40], out[6000];
        size_t used = 0;
        int turn = 0;

        wire_reset(&wire);
        ctx = wire_open(&wire, server);
        queue_all(ctx, &source);
        while (wslay_event_want_write(ctx)) {
            ssize_t n = wslay_event_write(ctx, buffer, room);

            CHECK(n > 0 && (size_t)n <= room);
            memcpy(out + used, buffer, (size_t)n);
            used += (size_t)n;
            /* Now and then a byte by the other way. */
            if (room % 3 == 0 && ++turn % 4 == 0 && wslay_event_want_write(ctx)) {
                wire.out_limit = wire.out_length + 1;
                CHECK_EQ(wslay_event_send(ctx), 0);
                CHECK_EQ(wire.out_length, wire.out_limit);
                out[used++] = wire.out[wire.out_length - 1];
            }
        }
        CHECK_EQ(used, length);
        CHECK(memcmp(out, expected, length) == 0);
        CHECK_EQ(wslay_event_write(ctx, buffer, room), 0);
        CHECK_EQ(wslay_event_get_queued_msg_count(ctx), 0);
        wslay_event_context_free(ctx);
    }
}

static void what_was_begun_is_not_overtaken(void)
{
    wslay_event_context_ptr ctx;
    struct wslay_event_msg msg;
    uint8_t buffer[64];

    wire_reset(&wire);
    ctx = wire_open(&wire, 1);
    msg.opcode = 1;
    msg.msg = (const uint8_t *)"text";
    msg.msg_length = 4;
    CHECK_EQ(wslay_event_queue_msg(ctx, &msg), 0);
    CHECK_EQ(wslay_event_write(ctx, buffer, 1), 0);
    msg.opcode = 9;
    CHECK_EQ(wslay_event_queue_msg(ctx, &msg), 0);
    CHECK_EQ(wslay_event_write(ctx, buffer, sizeof buffer), 12);
    CHECK(memcmp(buffer, "\x81\x04text\x89\x04text", 12) == 0);
    wslay_event_context_free(ctx);
}

static int failing_key(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, void *user_data)
{
    (void)ctx;
    (void)buf;
    (void)len;
    (void)user_data;
    return -1;
}

static void a_failing_key_ends_writing(void)
{
    struct wslay_event_callbacks callbacks = wire_callbacks;
    wslay_event_context_ptr ctx;
    uint8_t buffer[64];

    wire_reset(&wire);
    callbacks.genmask_callback = failing_key;
    ctx = wire_open(&wire, 0);
    wslay_event_config_set_callbacks(ctx, &callbacks);
    CHECK_EQ(wslay_event_queue_close(ctx, 1000, NULL, 0), 0);
    CHECK_EQ(wslay_event_write(ctx, buffer, sizeof buffer), WSLAY_ERR_CALLBACK_FAILURE);
    CHECK_EQ(wslay_event_get_write_enabled(ctx), 0);
    wslay_event_context_free(ctx);
}

static int keys;

static int count_key(uint8_t *buf, size_t len, void *user_data)
{
    (void)user_data;
    keys++;
    memcpy(buf, "\x37\xfa\x21\x3d", len);
    return 0;
}

static size_t allowed;

static ssize_t take_some(const uint8_t *data, size_t len, int flags, void *user_data)
{
    (void)flags;
    (void)user_data;
    if (len > allowed)
        len = allowed;
    memcpy(wire.out + wire.out_length, data, len);
    wire.out_length += len;
    allowed -= len;
    return len ? (ssize_t)len : -1;
}

static void frames_into_small_buffers(void)
{
    struct wslay_frame_callbacks callbacks = { take_some, NULL, count_key };
    struct wslay_frame_iocb iocb;
    wslay_frame_context_ptr ctx;
    uint8_t buffer[64];
    size_t taken;

    CHECK_EQ(wslay_frame_context_init(&ctx, &callbacks, NULL), 0);
    memset(&iocb, 0, sizeof iocb);
    iocb.fin = iocb.opcode = iocb.mask = 1;
    iocb.payload_length = iocb.data_length = 5;
    iocb.data = (const uint8_t *)"Hello";
    CHECK_EQ(wslay_frame_write(ctx, &iocb, buffer, 5, &taken), 0);
    CHECK_EQ(keys, 0);
    CHECK_EQ(wslay_frame_write(ctx, &iocb, buffer, 6, &taken), 6);
    CHECK_EQ(taken, 0);
    CHECK(memcmp(buffer, "\x81\x85\x37\xfa\x21\x3d", 6) == 0);
    CHECK_EQ(wslay_frame_write(ctx, &iocb, buffer, 3, &taken), 3);
    CHECK_EQ(taken, 3);
    CHECK(memcmp(buffer, "\x7f\x9f\x4d", 3) == 0);
    iocb.data += 3;
    iocb.data_length = 2;
    CHECK_EQ(wslay_frame_write(ctx, &iocb, buffer, 0, &taken), 0);
    CHECK_EQ(wslay_frame_write(ctx, &iocb, buffer, 64, &taken), 2);
    CHECK(memcmp(buffer, "\x51\x58", 2) == 0);
    CHECK_EQ(keys, 1);

    /* A header begun by one function is finished by the other. */
    iocb.data -= 3;
    iocb.data_length = 5;
    wire.out_length = 0;
    allowed = 4;
    CHECK_EQ(wslay_frame_send(ctx, &iocb), WSLAY_ERR_WANT_WRITE);
    CHECK_EQ(wslay_frame_write(ctx, &iocb, buffer, 64, &taken), 7);
    CHECK_EQ(taken, 5);
    CHECK(memcmp(buffer, "\x21\x3d\x7f\x9f\x4d\x51\x58", 7) == 0);
    CHECK_EQ(wslay_frame_write(ctx, &iocb, buffer, 1, &taken), 0);
    allowed = 100;
    CHECK_EQ(wslay_frame_send(ctx, &iocb), 5);
    wslay_frame_context_free(ctx);
}

int main(void)
{
    size_t i;

    for (i = 0; i < sizeof big; i++)
        big[i] = (uint8_t)i;
    any_buffer_size(0);
    any_buffer_size(1);
    what_was_begun_is_not_overtaken();
    a_failing_key_ends_writing();
    frames_into_small_buffers();
    return 0;
}
