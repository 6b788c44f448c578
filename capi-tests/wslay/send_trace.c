/* Queueing and sending: the calls of send_callback with their segmentation and flags, the bytes and the
 * counters are the original's, whatever way the output is taken.
 */
#include "wire.h"

static struct wire wire;
static uint8_t big[70000];

struct source {
    const char *text;
    size_t length, used, step;
    int eof_with_data, pauses, fail;
};

static ssize_t read_source(wslay_event_context_ptr ctx, uint8_t *buf, size_t len,
                           const union wslay_event_msg_source *source, int *eof, void *user_data)
{
    struct source *from = source->data;
    size_t n = from->length - from->used;

    (void)ctx;
    (void)user_data;
    CHECK_EQ(*eof, 0);
    if (from->pauses > 0) {
        from->pauses--;
        return 0;
    }
    if (from->fail && from->used > 0) {
        wslay_event_set_error(ctx, WSLAY_ERR_CALLBACK_FAILURE);
        return -1;
    }
    if (n > from->step)
        n = from->step;
    if (n > len)
        n = len;
    printf("read %lu of %lu\n", (unsigned long)n, (unsigned long)len);
    memcpy(buf, from->text + from->used, n);
    from->used += n;
    if (from->used == from->length && (from->eof_with_data || n == 0))
        *eof = 1;
    return (ssize_t)n;
}

static int queue(wslay_event_context_ptr ctx, int opcode, const void *data, size_t length)
{
    struct wslay_event_msg msg;

    msg.opcode = (uint8_t)opcode;
    msg.msg = data;
    msg.msg_length = length;
    return wslay_event_queue_msg(ctx, &msg);
}

static int queue_source(wslay_event_context_ptr ctx, int opcode, struct source *source)
{
    struct wslay_event_fragmented_msg msg;

    msg.opcode = (uint8_t)opcode;
    msg.source.data = source;
    msg.read_callback = read_source;
    return wslay_event_queue_fragmented_msg(ctx, &msg);
}

static void flush(wslay_event_context_ptr ctx)
{
    int result, rounds = 0;

    do {
        result = wslay_event_send(ctx);
    } while (result == 0 && wslay_event_want_write(ctx) && ++rounds < 100000);
    printf("send %d after %d rounds: ", result, rounds);
    wire_print_bytes(wire.out, wire.out_length);
    printf("\n");
    wire_print_state(ctx);
}

static wslay_event_context_ptr begin(const char *name, int server, size_t step)
{
    wire_reset(&wire);
    wire.trace_transport = step == 0;
    wire.out_step = step;
    printf("== %s, %s, step %lu\n", name, server ? "server" : "client", (unsigned long)step);
    return wire_open(&wire, server);
}

static void scenarios(int server, size_t step)
{
    static const size_t lengths[] = { 0, 1, 5, 125, 126, 4096, 4097, 65535, 65536 };
    wslay_event_context_ptr ctx;
    struct source source;
    size_t i;

    for (i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        ctx = begin("binary", server, step);
        printf("queue %d\n", queue(ctx, 2, big, lengths[i]));
        wire_print_state(ctx);
        flush(ctx);
        wslay_event_context_free(ctx);
    }

    ctx = begin("data, ping, data, pong", server, step);
    printf("%d %d %d %d\n", queue(ctx, 1, "one", 3), queue(ctx, 9, "p", 1), queue(ctx, 1, "two", 3),
           queue(ctx, 10, "q", 1));
    flush(ctx);
    wslay_event_context_free(ctx);

    ctx = begin("a close overtakes", server, step);
    printf("%d %d\n", queue(ctx, 1, "one", 3), wslay_event_queue_close(ctx, 1000, (const uint8_t *)"bye", 3));
    printf("after close %d %d\n", queue(ctx, 1, "two", 3), wslay_event_queue_close(ctx, 1000, NULL, 0));
    wire_print_state(ctx);
    flush(ctx);
    printf("after sending %d\n", queue(ctx, 1, "three", 5));
    wslay_event_context_free(ctx);

    ctx = begin("empty close", server, step);
    printf("%d\n", wslay_event_queue_close(ctx, 0, (const uint8_t *)"ignored", 7));
    flush(ctx);
    wslay_event_context_free(ctx);

    ctx = begin("longest reason", server, step);
    printf("%d ", wslay_event_queue_close(ctx, 4999, big, 124));
    printf("%d ", wslay_event_queue_close(ctx, 0, big, 124));
    printf("%d\n", wslay_event_queue_close(ctx, 4999, big, 123));
    flush(ctx);
    wslay_event_context_free(ctx);

    ctx = begin("a close by queue_msg", server, step);
    printf("%d %d\n", queue(ctx, 8, "bye", 3), queue(ctx, 1, "kept", 4));
    flush(ctx);
    wslay_event_context_free(ctx);

    ctx = begin("opcodes are not judged", server, step);
    printf("%d %d %d %d\n", queue(ctx, 3, "a", 1), queue(ctx, 0, "b", 1), queue(ctx, 0x11, "c", 1),
           queue(ctx, 0x1b, "d", 1));
    flush(ctx);
    wslay_event_context_free(ctx);

    ctx = begin("control limits", server, step);
    printf("%d %d\n", queue(ctx, 9, big, 126), queue(ctx, 9, big, 125));
    flush(ctx);
    wslay_event_context_free(ctx);

    ctx = begin("reserved bits", server, step);
    {
        struct wslay_event_msg msg;

        msg.opcode = 1;
        msg.msg = (const uint8_t *)"rsv";
        msg.msg_length = 3;
        printf("%d ", wslay_event_queue_msg_ex(ctx, &msg, WSLAY_RSV1_BIT));
        wslay_event_config_set_allowed_rsv_bits(ctx, 7);
        printf("%d %d %d ", wslay_event_queue_msg_ex(ctx, &msg, WSLAY_RSV1_BIT),
               wslay_event_queue_msg_ex(ctx, &msg, WSLAY_RSV2_BIT),
               wslay_event_queue_msg_ex(ctx, &msg, WSLAY_RSV3_BIT));
        msg.opcode = 9;
        printf("%d\n", wslay_event_queue_msg_ex(ctx, &msg, WSLAY_RSV1_BIT));
    }
    flush(ctx);
    wslay_event_context_free(ctx);

    for (i = 0; i < 4; i++) {
        memset(&source, 0, sizeof source);
        source.text = (const char *)big;
        source.length = i < 2 ? 5 : 12288;
        source.step = i < 2 ? 3 : 10000;
        source.eof_with_data = i % 2 == 0;
        ctx = begin("fragmented", server, step);
        printf("%d\n", queue_source(ctx, 1, &source));
        wire_print_state(ctx);
        flush(ctx);
        wslay_event_context_free(ctx);
    }

    memset(&source, 0, sizeof source);
    ctx = begin("fragmented and empty", server, step);
    printf("%d\n", queue_source(ctx, 1, &source));
    flush(ctx);
    wslay_event_context_free(ctx);

    memset(&source, 0, sizeof source);
    source.text = "slow";
    source.length = 4;
    source.step = 2;
    source.pauses = 2;
    ctx = begin("a slow source, and a ping meanwhile", server, step);
    printf("%d\n", queue_source(ctx, 2, &source));
    printf("send %d want %d\n", wslay_event_send(ctx), wslay_event_want_write(ctx));
    printf("%d\n", queue(ctx, 9, "p", 1));
    flush(ctx);
    wslay_event_context_free(ctx);

    memset(&source, 0, sizeof source);
    source.text = "broken";
    source.length = 6;
    source.step = 3;
    source.fail = 1;
    ctx = begin("a failing source", server, step);
    printf("%d\n", queue_source(ctx, 2, &source));
    flush(ctx);
    wslay_event_context_free(ctx);

    ctx = begin("a fragmented control message", server, step);
    printf("%d\n", queue_source(ctx, 9, &source));
    wslay_event_context_free(ctx);

    ctx = begin("shutdown", server, step);
    printf("%d\n", queue(ctx, 1, "never", 5));
    wslay_event_shutdown_write(ctx);
    printf("%d %d\n", queue(ctx, 1, "never", 5), wslay_event_queue_close(ctx, 1000, NULL, 0));
    flush(ctx);
    wslay_event_shutdown_read(ctx);
    wire_print_state(ctx);
    printf("recv %d calls %d\n", wslay_event_recv(ctx), wire.recv_calls);
    wslay_event_context_free(ctx);
}

/* A ping queued while a frame is partly out goes behind the frame. */
static void interrupted(int server, size_t limit)
{
    wslay_event_context_ptr ctx = begin("blocked in a frame", server, 0);
    struct source source;

    memset(&source, 0, sizeof source);
    source.text = "abcdef";
    source.length = 6;
    source.step = 3;
    source.eof_with_data = 1;
    wire.out_limit = limit;
    printf("%d\n", queue_source(ctx, 1, &source));
    printf("send %d\n", wslay_event_send(ctx));
    printf("%d\n", queue(ctx, 9, "p", 1));
    wire.out_limit = 0;
    flush(ctx);
    wslay_event_context_free(ctx);
}

/* What a send callback may do wrong. */
static void errors(int error, int sticky)
{
    wslay_event_context_ptr ctx = begin("blocked for good", 1, 0);

    printf("error %d sticky %d\n", error, sticky);
    wire.out_limit = 3;
    wire.out_error = sticky ? 0 : error;
    if (sticky)
        wslay_event_set_error(ctx, error);
    printf("%d %d\n", queue(ctx, 1, "Hello", 5), queue(ctx, 1, "World", 5));
    printf("send %d\n", wslay_event_send(ctx));
    printf("send %d\n", wslay_event_send(ctx));
    wire_print_state(ctx);
    wslay_event_context_free(ctx);
}

int main(void)
{
    static const int values[] = { 0, WSLAY_ERR_WOULDBLOCK, WSLAY_ERR_CALLBACK_FAILURE, WSLAY_ERR_WANT_WRITE,
                                  WSLAY_ERR_NO_MORE_MSG, 1, -1 };
    size_t i;
    int server;

    for (i = 0; i < sizeof big; i++)
        big[i] = (uint8_t)(i * 7);
    for (server = 0; server < 2; server++) {
        scenarios(server, 0);
        scenarios(server, 1);
        scenarios(server, 3);
        scenarios(server, 4095);
        for (i = 1; i < 16; i++)
            interrupted(server, i);
    }
    for (i = 0; i < sizeof values / sizeof *values; i++) {
        errors(values[i], 0);
        errors(values[i], 1);
    }
    return 0;
}
