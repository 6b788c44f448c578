/* Two contexts talk to each other through memory that passes on pieces of any size: every message arrives,
 * once, in order and unchanged, and the closing handshake ends both.
 */
#include "wire.h"

enum { MESSAGES = 60, PIPE = 1 << 16 };

struct end {
    wslay_event_context_ptr ctx;
    struct end *peer;
    /* Bytes on their way to this end. */
    uint8_t pipe[PIPE];
    size_t used;
    int sent, received, pongs;
    unsigned long *state;
};

static unsigned long next_random(unsigned long *state)
{
    *state = *state * 6364136223846793005UL + 1442695040888963407UL;
    return *state >> 33;
}

/* Message i of either end: its length and content are known to both. */
static size_t message(int i, uint8_t *out)
{
    static const size_t lengths[] = { 0, 1, 2, 125, 126, 127, 4080, 4096, 5000, 20000, 65536, 70001 };
    size_t length = lengths[(size_t)i % (sizeof lengths / sizeof *lengths)], j;

    for (j = 0; j < length; j++)
        out[j] = (uint8_t)('a' + (j * 7 + (size_t)i) % 26);
    return length;
}

static ssize_t on_recv(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags, void *user_data)
{
    struct end *end = user_data;
    size_t n = 1 + next_random(end->state) % 9000;

    (void)flags;
    if (n > len)
        n = len;
    if (n > end->used)
        n = end->used;
    if (n == 0 || next_random(end->state) % 5 == 0) {
        wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    memcpy(buf, end->pipe, n);
    memmove(end->pipe, end->pipe + n, end->used - n);
    end->used -= n;
    return (ssize_t)n;
}

static ssize_t on_send(wslay_event_context_ptr ctx, const uint8_t *data, size_t len, int flags, void *user_data)
{
    struct end *end = user_data, *peer = end->peer;
    size_t n = 1 + next_random(end->state) % 9000;

    (void)flags;
    if (n > len)
        n = len;
    if (n > PIPE - peer->used)
        n = PIPE - peer->used;
    if (n == 0 || next_random(end->state) % 5 == 0) {
        wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    memcpy(peer->pipe + peer->used, data, n);
    peer->used += n;
    return (ssize_t)n;
}

static int on_mask(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, void *user_data)
{
    struct end *end = user_data;

    (void)ctx;
    while (len > 0)
        buf[--len] = (uint8_t)next_random(end->state);
    return 0;
}

static void on_message(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *arg, void *user_data)
{
    static uint8_t expected[80000];
    struct end *end = user_data;
    size_t length;

    (void)ctx;
    if (arg->opcode == WSLAY_PONG)
        end->pongs++;
    if (wslay_is_ctrl_frame(arg->opcode))
        return;
    length = message(end->received, expected);
    CHECK_EQ(arg->opcode, 1 + end->received % 2);
    CHECK_EQ(arg->msg_length, length);
    CHECK(length == 0 || memcmp(arg->msg, expected, length) == 0);
    end->received++;
}

struct reading {
    uint8_t data[80000];
    size_t length, used;
};

static ssize_t on_read(wslay_event_context_ptr ctx, uint8_t *buf, size_t len,
                       const union wslay_event_msg_source *source, int *eof, void *user_data)
{
    struct reading *reading = source->data;
    struct end *end = user_data;
    size_t n = next_random(end->state) % 5000;

    (void)ctx;
    if (n > len)
        n = len;
    if (n > reading->length - reading->used)
        n = reading->length - reading->used;
    memcpy(buf, reading->data + reading->used, n);
    reading->used += n;
    *eof = reading->used == reading->length;
    return (ssize_t)n;
}

/* Queues the next message: every third in fragments, with a ping behind. The sources live until the end. */
static void queue_next(struct end *end, struct reading *readings)
{
    struct wslay_event_fragmented_msg fragmented;
    struct wslay_event_msg msg;
    static uint8_t data[80000];

    msg.opcode = (uint8_t)(1 + end->sent % 2);
    msg.msg = data;
    msg.msg_length = message(end->sent, data);
    if (end->sent % 3 == 2) {
        struct reading *reading = &readings[end->sent];

        memcpy(reading->data, data, msg.msg_length);
        reading->length = msg.msg_length;
        reading->used = 0;
        fragmented.opcode = msg.opcode;
        fragmented.source.data = reading;
        fragmented.read_callback = on_read;
        CHECK_EQ(wslay_event_queue_fragmented_msg(end->ctx, &fragmented), 0);
        msg.opcode = WSLAY_PING;
        msg.msg_length = 0;
    }
    CHECK_EQ(wslay_event_queue_msg(end->ctx, &msg), 0);
    end->sent++;
}

static void converse(unsigned long seed)
{
    static const struct wslay_event_callbacks callbacks = { on_recv, on_send, on_mask, NULL, NULL, NULL, on_message };
    static struct reading readings[2][MESSAGES];
    static struct end ends[2];
    unsigned long state = seed;
    long rounds = 0;
    int i, closing = 0;

    for (i = 0; i < 2; i++) {
        memset(&ends[i], 0, sizeof ends[i]);
        ends[i].peer = &ends[1 - i];
        ends[i].state = &state;
        CHECK_EQ((i ? wslay_event_context_server_init : wslay_event_context_client_init)(&ends[i].ctx, &callbacks,
                                                                                        &ends[i]),
                 0);
    }
    while (!wslay_event_get_close_received(ends[0].ctx) || !wslay_event_get_close_received(ends[1].ctx)) {
        struct end *end = &ends[next_random(&state) % 2];

        CHECK(++rounds < 10000000);
        if (end->sent < MESSAGES && wslay_event_get_queued_msg_count(end->ctx) < 4)
            queue_next(end, readings[end - ends]);
        CHECK_EQ(wslay_event_recv(end->ctx), 0);
        CHECK_EQ(wslay_event_send(end->ctx), 0);
        if (!closing && ends[0].received == MESSAGES && ends[1].received == MESSAGES &&
            ends[0].pongs == MESSAGES / 3 && ends[1].pongs == MESSAGES / 3) {
            closing = 1;
            CHECK_EQ(wslay_event_queue_close(ends[0].ctx, 1000, (const uint8_t *)"bye", 3), 0);
        }
    }
    for (i = 0; i < 2; i++) {
        printf("end %d: received %d, pongs %d, closed %d and %d\n", i, ends[i].received, ends[i].pongs,
               wslay_event_get_status_code_received(ends[i].ctx), wslay_event_get_status_code_sent(ends[i].ctx));
        wslay_event_context_free(ends[i].ctx);
    }
}

int main(void)
{
    unsigned long seed;

    for (seed = 1; seed <= 8; seed++)
        converse(seed);
    return 0;
}
