/* harness: ours-only each of these is a defect of the original
 *
 * Defects of the original that are fixed, and what holds instead.
 */
#include "wire.h"

static struct wire wire;
static uint8_t stream[100000];

static int queue(wslay_event_context_ptr ctx, int opcode, const void *data, size_t length)
{
    struct wslay_event_msg msg;

    msg.opcode = (uint8_t)opcode;
    msg.msg = data;
    msg.msg_length = length;
    return wslay_event_queue_msg(ctx, &msg);
}

/* The reason of a close is checked from its first byte on, however it is cut. */
static void close_reason_in_pieces(void)
{
    static const struct {
        const char *reason;
        int code;
    } cases[] = { { "\xc3\xa9\xc3\xa9", 1000 }, { "\xc3\x28", 1007 }, { "ok\xff", 1007 }, { "\xe2\x82", 1007 } };
    size_t i, step, length;
    uint8_t payload[16] = { 0x03, 0xe8 };

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        memcpy(payload + 2, cases[i].reason, strlen(cases[i].reason));
        length = wire_frame(stream, 0x88, 0, payload, 2 + strlen(cases[i].reason));
        for (step = 1; step <= length; step++) {
            wslay_event_context_ptr ctx;

            wire_reset(&wire);
            wire_input(&wire, stream, length);
            wire.in_step = step;
            ctx = wire_open(&wire, 0);
            CHECK_EQ(wslay_event_recv(ctx), 0);
            CHECK_EQ(wslay_event_send(ctx), 0);
            CHECK_EQ(wslay_event_get_status_code_sent(ctx), cases[i].code);
            wslay_event_context_free(ctx);
        }
    }
}

static ssize_t store_three(uint8_t *buf, size_t len, int flags, void *user_data)
{
    (void)flags;
    (void)user_data;
    CHECK(len >= 3);
    memcpy(buf, "\x81\x01" "a", 3);
    return 3;
}

static ssize_t claim_too_much(uint8_t *buf, size_t len, int flags, void *user_data)
{
    (void)buf;
    (void)flags;
    (void)user_data;
    return (ssize_t)len + 1;
}

static ssize_t collect(const uint8_t *data, size_t len, int flags, void *user_data)
{
    (void)flags;
    memcpy(wire.out + wire.out_length, data, len);
    wire.out_length += len;
    (void)user_data;
    return (ssize_t)len;
}

static int fixed_key(uint8_t *buf, size_t len, void *user_data)
{
    (void)user_data;
    memcpy(buf, "\x37\xfa\x21\x3d", len);
    return 0;
}

/* An unmasked frame after a masked one is not masked. */
static void masking_is_of_the_frame(void)
{
    struct wslay_frame_callbacks callbacks = { collect, store_three, fixed_key };
    wslay_frame_context_ptr ctx;
    struct wslay_frame_iocb iocb;

    wire_reset(&wire);
    CHECK_EQ(wslay_frame_context_init(&ctx, &callbacks, NULL), 0);
    memset(&iocb, 0, sizeof iocb);
    iocb.fin = 1;
    iocb.opcode = 1;
    iocb.mask = 1;
    iocb.payload_length = iocb.data_length = 5;
    iocb.data = (const uint8_t *)"Hello";
    CHECK_EQ(wslay_frame_send(ctx, &iocb), 5);
    iocb.mask = 0;
    CHECK_EQ(wslay_frame_send(ctx, &iocb), 5);
    CHECK_EQ(wire.out_length, 18);
    CHECK(memcmp(wire.out + 11, "\x81\x05Hello", 7) == 0);
    wslay_frame_context_free(ctx);
}

/* More payload than declared is refused, nothing of it is sent, and the frame can be finished. */
static void too_much_payload_is_refused(void)
{
    struct wslay_frame_callbacks callbacks = { collect, store_three, fixed_key };
    wslay_frame_context_ptr ctx;
    struct wslay_frame_iocb iocb;
    uint8_t buffer[64];
    size_t payload;

    wire_reset(&wire);
    CHECK_EQ(wslay_frame_context_init(&ctx, &callbacks, NULL), 0);
    memset(&iocb, 0, sizeof iocb);
    iocb.fin = 1;
    iocb.opcode = 2;
    iocb.payload_length = 5;
    iocb.data = (const uint8_t *)"Hello";
    iocb.data_length = 3;
    CHECK_EQ(wslay_frame_send(ctx, &iocb), 3);
    CHECK_EQ(wslay_frame_send(ctx, &iocb), WSLAY_ERR_INVALID_ARGUMENT);
    CHECK_EQ(wslay_frame_write(ctx, &iocb, buffer, sizeof buffer, &payload), WSLAY_ERR_INVALID_ARGUMENT);
    CHECK_EQ(payload, 0);
    iocb.data += 3;
    iocb.data_length = 2;
    CHECK_EQ(wslay_frame_send(ctx, &iocb), 2);
    CHECK_EQ(wire.out_length, 7);
    CHECK(memcmp(wire.out, "\x82\x05Hello", 7) == 0);
    wslay_frame_context_free(ctx);
}

/* A receive callback that claims more than it was offered gets an error, at every stage. */
static void overlong_receive_is_refused(void)
{
    struct wslay_frame_callbacks callbacks = { collect, claim_too_much, fixed_key };
    wslay_frame_context_ptr ctx;
    struct wslay_frame_iocb iocb;

    CHECK_EQ(wslay_frame_context_init(&ctx, &callbacks, NULL), 0);
    CHECK_EQ(wslay_frame_recv(ctx, &iocb), WSLAY_ERR_INVALID_CALLBACK);
    wslay_frame_context_free(ctx);
}

static ssize_t overlong_after_header(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags,
                                     void *user_data)
{
    (void)ctx;
    (void)flags;
    (void)user_data;
    if (++wire.recv_calls == 1) {
        memcpy(buf, "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10);
        return 10;
    }
    return (ssize_t)len + 1;
}

static ssize_t overlong_source(wslay_event_context_ptr ctx, uint8_t *buf, size_t len,
                               const union wslay_event_msg_source *source, int *eof, void *user_data)
{
    (void)ctx;
    (void)buf;
    (void)source;
    (void)eof;
    (void)user_data;
    return (ssize_t)len + 1;
}

static void overlong_event_callbacks_are_fatal(void)
{
    struct wslay_event_callbacks callbacks = wire_callbacks;
    struct wslay_event_fragmented_msg msg;
    wslay_event_context_ptr ctx;

    wire_reset(&wire);
    callbacks.recv_callback = overlong_after_header;
    ctx = wire_open(&wire, 0);
    wslay_event_config_set_callbacks(ctx, &callbacks);
    CHECK_EQ(wslay_event_recv(ctx), WSLAY_ERR_CALLBACK_FAILURE);
    CHECK_EQ(wslay_event_want_read(ctx), 0);
    CHECK_EQ(wire.messages, 0);
    wslay_event_context_free(ctx);

    wire_reset(&wire);
    ctx = wire_open(&wire, 1);
    msg.opcode = 2;
    msg.source.data = NULL;
    msg.read_callback = overlong_source;
    CHECK_EQ(wslay_event_queue_fragmented_msg(ctx, &msg), 0);
    CHECK_EQ(wslay_event_send(ctx), WSLAY_ERR_CALLBACK_FAILURE);
    CHECK_EQ(wslay_event_get_write_enabled(ctx), 0);
    CHECK_EQ(wire.out_length, 0);
    wslay_event_context_free(ctx);
}

/* Control messages that a close discards are no longer counted. */
static void discarded_messages_are_not_counted(void)
{
    wslay_event_context_ptr ctx;

    wire_reset(&wire);
    ctx = wire_open(&wire, 1);
    CHECK_EQ(queue(ctx, 9, "pi", 2), 0);
    CHECK_EQ(queue(ctx, 1, "data", 4), 0);
    CHECK_EQ(wslay_event_queue_close(ctx, 1000, NULL, 0), 0);
    CHECK_EQ(wslay_event_send(ctx), 0);
    CHECK_EQ(wslay_event_get_queued_msg_count(ctx), 1);
    CHECK_EQ(wslay_event_get_queued_msg_length(ctx), 4);
    wslay_event_context_free(ctx);
}

/* Broken framing is answered with 1002, and the call still fails. */
static void broken_framing_is_answered(void)
{
    wslay_event_context_ptr ctx;

    wire_reset(&wire);
    wire_input(&wire, "\x09\x80", 2);
    ctx = wire_open(&wire, 1);
    CHECK_EQ(wslay_event_recv(ctx), WSLAY_ERR_CALLBACK_FAILURE);
    CHECK_EQ(wslay_event_send(ctx), 0);
    CHECK_EQ(wslay_event_get_status_code_sent(ctx), 1002);
    wslay_event_context_free(ctx);
}

/* Close codes registered since the RFC are accepted and echoed. */
static void registered_close_codes_are_accepted(void)
{
    int code;

    for (code = 1012; code <= 1014; code++) {
        uint8_t payload[2];
        wslay_event_context_ptr ctx;

        payload[0] = (uint8_t)(code >> 8);
        payload[1] = (uint8_t)code;
        wire_reset(&wire);
        wire_input(&wire, stream, wire_frame(stream, 0x88, 0, payload, 2));
        ctx = wire_open(&wire, 0);
        CHECK_EQ(wslay_event_recv(ctx), 0);
        CHECK_EQ(wslay_event_get_status_code_received(ctx), code);
        CHECK_EQ(wslay_event_send(ctx), 0);
        CHECK_EQ(wslay_event_get_status_code_sent(ctx), code);
        CHECK_EQ(wire.messages, 1);
        wslay_event_context_free(ctx);
    }
}

/* One receive call takes everything there is, even a header a byte at a time. */
static void receiving_goes_on_until_dry(void)
{
    wslay_event_context_ptr ctx;

    wire_reset(&wire);
    wire_input(&wire, stream, wire_frame(stream, 0x82, 1, stream + 1000, 300));
    wire.in_step = 1;
    ctx = wire_open(&wire, 1);
    CHECK_EQ(wslay_event_recv(ctx), 0);
    CHECK_EQ(wire.messages, 1);
    wslay_event_context_free(ctx);
}

/* Switching buffering off or on in the middle leaves the message under way as it began. */
static int switch_to;

static void switch_buffering(wslay_event_context_ptr ctx, const struct wslay_event_on_frame_recv_chunk_arg *arg,
                             void *user_data)
{
    (void)arg;
    (void)user_data;
    wslay_event_config_set_no_buffering(ctx, switch_to);
}

static size_t seen[4];

static void note_length(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *arg, void *user_data)
{
    (void)ctx;
    (void)user_data;
    seen[wire.messages++] = arg->msg_length;
}

static void buffering_is_latched(void)
{
    struct wslay_event_callbacks callbacks = wire_callbacks;
    int from;

    callbacks.on_frame_recv_chunk_callback = switch_buffering;
    callbacks.on_msg_recv_callback = note_length;
    for (from = 0; from < 2; from++) {
        wslay_event_context_ptr ctx;
        size_t length;

        switch_to = !from;
        length = wire_frame(stream, 0x02, 0, "abc", 3);
        length += wire_frame(stream + length, 0x00, 0, stream + 50000, 9000);
        length += wire_frame(stream + length, 0x80, 0, "def", 3);
        length += wire_frame(stream + length, 0x82, 0, "next", 4);
        wire_reset(&wire);
        wire_input(&wire, stream, length);
        ctx = wire_open(&wire, 0);
        wslay_event_config_set_callbacks(ctx, &callbacks);
        wslay_event_config_set_no_buffering(ctx, from);
        CHECK_EQ(wslay_event_recv(ctx), 0);
        CHECK_EQ(wire.messages, 2);
        CHECK_EQ(seen[0], from ? 0 : 9006);
        CHECK_EQ(seen[1], from ? 4 : 0);
        wslay_event_context_free(ctx);
    }
}

/* A callback that is needed and missing fails the call, not the process. */
static void missing_callbacks_are_fatal(void)
{
    struct wslay_event_callbacks none;
    wslay_event_context_ptr ctx;
    uint8_t buffer[64];

    memset(&none, 0, sizeof none);
    CHECK_EQ(wslay_event_context_client_init(&ctx, &none, NULL), 0);
    CHECK_EQ(wslay_event_recv(ctx), WSLAY_ERR_CALLBACK_FAILURE);
    CHECK_EQ(wslay_event_get_read_enabled(ctx), 0);
    CHECK_EQ(wslay_event_want_write(ctx), 1);
    CHECK_EQ(wslay_event_write(ctx, buffer, sizeof buffer), WSLAY_ERR_CALLBACK_FAILURE);
    CHECK_EQ(wslay_event_get_write_enabled(ctx), 0);
    wslay_event_context_free(ctx);
    CHECK_EQ(wslay_event_context_server_init(&ctx, &none, NULL), 0);
    CHECK_EQ(queue(ctx, 1, "a", 1), 0);
    CHECK_EQ(wslay_event_send(ctx), WSLAY_ERR_CALLBACK_FAILURE);
    wslay_event_context_free(ctx);
}

/* A peer that pings without end and never reads costs bounded memory, and gets the latest answers. */
static void a_flood_of_pings_is_bounded(void)
{
    wslay_event_context_ptr ctx;
    uint8_t payload[4], expected[6] = { 0x8a, 4 };
    size_t length = 0;
    uint32_t i;

    wire_reset(&wire);
    wire.out_limit = 1;
    ctx = wire_open(&wire, 1);
    CHECK_EQ(queue(ctx, 10, "mine", 4), 0);
    for (i = 0; i < 100000; i++) {
        memcpy(payload, &i, 4);
        length += wire_frame(stream + length, 0x89, 1, payload, 4);
        if (length > 90000 || i == 99999) {
            wire_input(&wire, stream, length);
            CHECK_EQ(wslay_event_recv(ctx), 0);
            CHECK_EQ(wslay_event_send(ctx), 0);
            length = 0;
        }
    }
    CHECK_EQ(wire.messages, 100000);
    CHECK_EQ(wslay_event_get_queued_msg_count(ctx), 1025);
    CHECK_EQ(wslay_event_get_queued_msg_length(ctx), 4100);
    wire.out_limit = 0;
    CHECK_EQ(wslay_event_send(ctx), 0);
    /* The program's own pong, which was begun, and the last 1024 answers in order. */
    CHECK_EQ(wire.out_length, 1025 * 6);
    CHECK(memcmp(wire.out, "\x8a\x04mine", 6) == 0);
    for (i = 0; i < 1024; i++) {
        uint32_t number = 100000 - 1024 + i;

        memcpy(expected + 2, &number, 4);
        CHECK(memcmp(wire.out + 6 * (i + 1), expected, 6) == 0);
    }
    CHECK_EQ(wslay_event_get_queued_msg_count(ctx), 0);
    wslay_event_context_free(ctx);
}

int main(void)
{
    a_flood_of_pings_is_bounded();
    close_reason_in_pieces();
    masking_is_of_the_frame();
    too_much_payload_is_refused();
    overlong_receive_is_refused();
    overlong_event_callbacks_are_fatal();
    discarded_messages_are_not_counted();
    broken_framing_is_answered();
    registered_close_codes_are_accepted();
    receiving_goes_on_until_dry();
    buffering_is_latched();
    missing_callbacks_are_fatal();
    return 0;
}
