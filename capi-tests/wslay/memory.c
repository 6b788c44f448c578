/* harness: ours-only counts the allocations of this library
 * harness: no-valgrind brings its own malloc, and so does valgrind
 * harness: no-tsan it brings its own malloc, too
 *
 * Memory: every allocation that fails gives WSLAY_ERR_NOMEM and leaves a usable context, received messages
 * cost no allocation in steady state, and a peer gets memory for what it sent, not for what it declared.
 */
#include "wire.h"
#include <dlfcn.h>

/* The library's allocations go through these: a program's own malloc comes first. */
static void *(*real_malloc)(size_t);
static void *(*real_realloc)(void *, size_t);
static int watching, fail_at;
static int allocations;
static size_t requested;

static int refuse(size_t size)
{
    if (!watching)
        return 0;
    allocations++;
    requested += size;
    return fail_at && allocations >= fail_at;
}

void *malloc(size_t size)
{
    if (!real_malloc)
        real_malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
    return refuse(size) ? NULL : real_malloc(size);
}

void *realloc(void *old, size_t size)
{
    if (!real_realloc)
        real_realloc = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
    return refuse(size) ? NULL : real_realloc(old, size);
}

static void watch(int fail)
{
    allocations = 0;
    requested = 0;
    fail_at = fail;
    watching = 1;
}

static struct wire wire;
static uint8_t stream[400000];

static int queue(wslay_event_context_ptr ctx, const void *data, size_t length)
{
    struct wslay_event_msg msg;

    msg.opcode = 2;
    msg.msg = data;
    msg.msg_length = length;
    return wslay_event_queue_msg(ctx, &msg);
}

static ssize_t read_nothing(wslay_event_context_ptr ctx, uint8_t *buf, size_t len,
                            const union wslay_event_msg_source *source, int *eof, void *user_data)
{
    (void)ctx;
    (void)buf;
    (void)len;
    (void)source;
    (void)user_data;
    *eof = 1;
    return 0;
}

static void failing_allocations(void)
{
    struct wslay_frame_callbacks none;
    struct wslay_event_fragmented_msg fragmented;
    wslay_event_context_ptr ctx;
    wslay_frame_context_ptr frame;
    size_t length;

    memset(&none, 0, sizeof none);
    watch(1);
    CHECK_EQ(wslay_frame_context_init(&frame, &none, NULL), WSLAY_ERR_NOMEM);
    CHECK(frame == NULL);
    CHECK_EQ(wslay_event_context_server_init(&ctx, &wire_callbacks, &wire), WSLAY_ERR_NOMEM);
    CHECK(ctx == NULL);
    CHECK_EQ(wslay_event_context_client_init(&ctx, &wire_callbacks, &wire), WSLAY_ERR_NOMEM);
    watching = 0;

    wire_reset(&wire);
    ctx = wire_open(&wire, 1);
    watch(1);
    CHECK_EQ(queue(ctx, "abc", 3), WSLAY_ERR_NOMEM);
    CHECK_EQ(wslay_event_queue_close(ctx, 1000, NULL, 0), WSLAY_ERR_NOMEM);
    fragmented.opcode = 1;
    fragmented.source.data = NULL;
    fragmented.read_callback = read_nothing;
    CHECK_EQ(wslay_event_queue_fragmented_msg(ctx, &fragmented), WSLAY_ERR_NOMEM);
    CHECK_EQ(wslay_event_get_queued_msg_count(ctx), 0);
    watching = 0;
    CHECK_EQ(queue(ctx, "abc", 3), 0);
    CHECK_EQ(wslay_event_queue_fragmented_msg(ctx, &fragmented), 0);
    watch(1);
    CHECK_EQ(wslay_event_send(ctx), 0);
    watching = 0;
    CHECK_EQ(wire.out_length, 7);
    wslay_event_context_free(ctx);

    /* A message that has to be stored, and cannot be: no close is queued, reading has ended. */
    length = wire_frame(stream, 0x82, 1, stream + 300000, 9000);
    wire_reset(&wire);
    wire_input(&wire, stream, length);
    ctx = wire_open(&wire, 1);
    watch(1);
    CHECK_EQ(wslay_event_recv(ctx), WSLAY_ERR_NOMEM);
    watching = 0;
    CHECK_EQ(wslay_event_want_read(ctx), 0);
    CHECK_EQ(wslay_event_want_write(ctx), 0);
    CHECK_EQ(wire.messages, 0);
    wslay_event_context_free(ctx);

    /* The answer to a ping cannot be stored. */
    wire_reset(&wire);
    wire_input(&wire, stream, wire_frame(stream, 0x89, 1, "ping", 4));
    ctx = wire_open(&wire, 1);
    watch(1);
    CHECK_EQ(wslay_event_recv(ctx), WSLAY_ERR_NOMEM);
    watching = 0;
    CHECK_EQ(wslay_event_want_read(ctx), 0);
    wslay_event_context_free(ctx);
}

/* After a first message of its size, receiving a message allocates nothing. */
static void steady_state_is_free(size_t size)
{
    struct wslay_event_callbacks callbacks = wire_callbacks;
    wslay_event_context_ptr ctx;
    size_t length = wire_frame(stream, 0x82, 1, stream + 200000, size);
    int round;

    wire_reset(&wire);
    callbacks.on_frame_recv_chunk_callback = NULL;
    ctx = wire_open(&wire, 1);
    wslay_event_config_set_callbacks(ctx, &callbacks);
    for (round = 0; round < 5; round++) {
        wire_input(&wire, stream, length);
        watch(0);
        CHECK_EQ(wslay_event_recv(ctx), 0);
        watching = 0;
        CHECK_EQ(wire.messages, round + 1);
        CHECK(round == 0 || allocations == 0);
    }
    wslay_event_context_free(ctx);
}

/* Two gigabytes declared, ten bytes sent. */
static void declared_is_not_reserved(void)
{
    wslay_event_context_ptr ctx;

    wire_reset(&wire);
    wire_input(&wire, "\x82\xff\x00\x00\x00\x00\x7f\xff\xff\xff" "abcd" "0123456789", 24);
    ctx = wire_open(&wire, 1);
    watch(0);
    CHECK_EQ(wslay_event_recv(ctx), 0);
    watching = 0;
    CHECK_EQ(wslay_event_want_read(ctx), 1);
    CHECK(requested <= 8192);
    wslay_event_context_free(ctx);

    wire_reset(&wire);
    wire_input(&wire, "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff" "abcd" "0123456789", 24);
    ctx = wire_open(&wire, 1);
    wslay_event_config_set_max_recv_msg_length(ctx, (uint64_t)-1);
    watch(0);
    CHECK_EQ(wslay_event_recv(ctx), 0);
    watching = 0;
    CHECK_EQ(wslay_event_want_read(ctx), 1);
    CHECK(requested <= 8192);
    wslay_event_context_free(ctx);
}

/* Many tiny fragments cost no more than their bytes. */
static void fragments_share_one_buffer(void)
{
    wslay_event_context_ptr ctx;
    size_t i, length;

    length = wire_frame(stream, 0x02, 1, "a", 1);
    for (i = 0; i < 20000; i++)
        length += wire_frame(stream + length, 0x00, 1, "b", 1);
    wire_reset(&wire);
    wire_input(&wire, stream, length);
    ctx = wire_open(&wire, 1);
    watch(0);
    CHECK_EQ(wslay_event_recv(ctx), 0);
    watching = 0;
    CHECK(requested < 8 * 20000);
    wslay_event_context_free(ctx);
}

int main(void)
{
    memset(stream + 200000, 'x', 200000);
    failing_allocations();
    steady_state_is_free(16);
    steady_state_is_free(125);
    steady_state_is_free(4000);
    steady_state_is_free(5000);
    steady_state_is_free(65536);
    steady_state_is_free(120000);
    declared_is_not_reserved();
    fragments_share_one_buffer();
    return 0;
}
