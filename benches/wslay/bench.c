/* The work of a WebSocket end in memory: no sockets, callbacks that copy and nothing else.
 *
 *   bench WORK MESSAGES     does the work for that many messages and prints nanoseconds for each, and
 *                           how many they were (received ones come in batches)
 *   bench list              names the works, with the size and count that suit them
 *
 * Runs on whatever libwslay.so.1 the dynamic linker finds.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wslay/wslay.h>

enum kind { RECEIVE, SEND, ECHO, CONTEXT };

struct work {
    const char *name;
    enum kind kind;
    int opcode, masked;
    size_t size;
    long count;
};

static const struct work works[] = {
    { "receive-masked-binary-16", RECEIVE, 2, 1, 16, 4000000 },
    { "receive-masked-binary-125", RECEIVE, 2, 1, 125, 2000000 },
    { "receive-masked-binary-64k", RECEIVE, 2, 1, 65536, 10000 },
    { "receive-masked-binary-1M", RECEIVE, 2, 1, 1 << 20, 600 },
    { "receive-masked-text-125", RECEIVE, 1, 1, 125, 1000000 },
    { "receive-masked-text-64k", RECEIVE, 1, 1, 65536, 5000 },
    { "receive-unmasked-binary-16", RECEIVE, 2, 0, 16, 4000000 },
    { "receive-unmasked-binary-125", RECEIVE, 2, 0, 125, 4000000 },
    { "receive-unmasked-binary-64k", RECEIVE, 2, 0, 65536, 50000 },
    { "receive-unmasked-binary-1M", RECEIVE, 2, 0, 1 << 20, 2000 },
    { "send-server-16", SEND, 2, 0, 16, 4000000 },
    { "send-server-125", SEND, 2, 0, 125, 4000000 },
    { "send-server-64k", SEND, 2, 0, 65536, 50000 },
    { "send-server-1M", SEND, 2, 0, 1 << 20, 2000 },
    { "send-client-125", SEND, 2, 1, 125, 2000000 },
    { "send-client-64k", SEND, 2, 1, 65536, 10000 },
    { "echo-server-text-125", ECHO, 1, 1, 125, 1000000 },
    { "context-init-free", CONTEXT, 0, 0, 0, 2000000 },
};

/* Its place does not depend on the library's allocations. */
static uint8_t stream[(1 << 20) + 4096];
static size_t stream_length, stream_used;
static unsigned long sink;
static long messages;

static ssize_t on_recv(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags, void *user_data)
{
    size_t n = stream_length - stream_used;

    (void)flags;
    (void)user_data;
    if (n > len)
        n = len;
    if (n == 0) {
        wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    memcpy(buf, stream + stream_used, n);
    stream_used += n;
    return (ssize_t)n;
}

static ssize_t on_send(wslay_event_context_ptr ctx, const uint8_t *data, size_t len, int flags, void *user_data)
{
    (void)ctx;
    (void)flags;
    (void)user_data;
    sink += data[0] + data[len - 1];
    return (ssize_t)len;
}

static int on_genmask(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, void *user_data)
{
    (void)ctx;
    (void)user_data;
    memcpy(buf, "\x37\xfa\x21\x3d", len);
    return 0;
}

static void on_message(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *arg, void *user_data)
{
    const struct work *work = user_data;

    if (arg->msg_length != work->size)
        abort();
    messages++;
    sink += arg->msg[0] + arg->msg[arg->msg_length - 1];
    if (work->kind == ECHO) {
        struct wslay_event_msg reply = { arg->opcode, arg->msg, arg->msg_length };

        if (wslay_event_queue_msg(ctx, &reply) != 0 || wslay_event_send(ctx) != 0)
            abort();
    }
}

static const struct wslay_event_callbacks callbacks = { on_recv, on_send, on_genmask, NULL, NULL, NULL, on_message };

/* A stream of messages, about 64 KiB of small ones, that is received again and again. */
static void prepare(const struct work *work)
{
    static const uint8_t key[] = { 0x37, 0xfa, 0x21, 0x3d };
    long batch = work->size < 4096 ? (long)(65536 / (work->size + 10)) : 1, i;
    uint8_t *out = stream;
    size_t j;

    for (i = 0; i < batch; i++) {
        int mask = work->masked ? 0x80 : 0;

        *out++ = (uint8_t)(0x80 | work->opcode);
        if (work->size < 126) {
            *out++ = (uint8_t)(mask | (int)work->size);
        } else {
            *out++ = (uint8_t)(mask | 127);
            for (j = 0; j < 8; j++)
                *out++ = (uint8_t)(work->size >> (56 - 8 * j));
        }
        if (mask) {
            memcpy(out, key, 4);
            out += 4;
        }
        for (j = 0; j < work->size; j++)
            *out++ = (uint8_t)(('a' + j % 26) ^ (mask ? key[j % 4] : 0));
    }
    stream_length = (size_t)(out - stream);
}

static void run(const struct work *work, long count)
{
    wslay_event_context_ptr ctx;
    struct timespec begin, end;
    long i;
    /* Who sends masked is a client; who receives masked, a server. */
    int server = work->kind == SEND ? !work->masked : work->masked;

    if ((server ? wslay_event_context_server_init : wslay_event_context_client_init)(&ctx, &callbacks,
                                                                                   (void *)work) != 0)
        abort();
    prepare(work);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    if (work->kind == RECEIVE || work->kind == ECHO) {
        for (messages = 0; messages < count;) {
            stream_used = 0;
            if (wslay_event_recv(ctx) != 0)
                abort();
        }
        count = messages;
    } else if (work->kind == SEND) {
        struct wslay_event_msg msg = { (uint8_t)work->opcode, stream, work->size };

        for (i = 0; i < count; i++)
            if (wslay_event_queue_msg(ctx, &msg) != 0 || wslay_event_send(ctx) != 0)
                abort();
    } else {
        for (i = 0; i < count; i++) {
            wslay_event_context_ptr other;

            if (wslay_event_context_server_init(&other, &callbacks, NULL) != 0)
                abort();
            wslay_event_context_free(other);
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    wslay_event_context_free(ctx);
    printf("%.2f %ld\n",
           ((double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec)) / (double)count, count);
}

int main(int argc, char **argv)
{
    size_t i;

    for (i = 0; i < sizeof works / sizeof *works; i++) {
        if (argc == 2 && strcmp(argv[1], "list") == 0)
            printf("%s %lu %ld\n", works[i].name, (unsigned long)works[i].size, works[i].count);
        else if (argc == 3 && strcmp(argv[1], works[i].name) == 0)
            run(&works[i], atol(argv[2]));
    }
    return sink == 1;
}
