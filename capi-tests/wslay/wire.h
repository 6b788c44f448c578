/* A connection's other end in memory: scripted input, recorded output, and a trace of callbacks. */
#ifndef WIRE_H
#define WIRE_H

#include "check.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wslay/wslay.h>

enum { WIRE_ROOM = 1 << 20 };

struct wire {
    /* Input, and at most how many bytes one receive call delivers (0: all there is). */
    const uint8_t *in;
    size_t in_length, in_used, in_step;
    /* What to do at the end of input: the error to set, 0 for none. */
    int in_error;
    /* Output, and at most how many bytes one send call takes (0: all), and in total (0: no limit). */
    uint8_t out[WIRE_ROOM];
    size_t out_length, out_step, out_limit;
    int out_error;
    /* Trace callbacks to standard output; calls of the transport too. */
    int trace, trace_transport;
    /* Counted calls. */
    int recv_calls, send_calls, messages;
};

static void wire_print_bytes(const uint8_t *data, size_t length)
{
    size_t i;

    for (i = 0; i < length && i < 32; i++)
        printf("%02x", data[i]);
    if (length > 32) {
        unsigned long sum = 5381;

        for (i = 0; i < length; i++)
            sum = sum * 33 + data[i];
        printf("... %lu bytes, sum %lx", (unsigned long)length, sum);
    }
}

static ssize_t wire_recv(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags, void *user_data)
{
    struct wire *wire = (struct wire *)user_data;
    size_t n = wire->in_length - wire->in_used;

    wire->recv_calls++;
    if (wire->in_step && n > wire->in_step)
        n = wire->in_step;
    if (n > len)
        n = len;
    if (wire->trace_transport)
        printf("recv(%lu, %d) = %ld\n", (unsigned long)len, flags, n ? (long)n : -1L);
    if (n == 0) {
        if (wire->in_error)
            wslay_event_set_error(ctx, wire->in_error);
        return -1;
    }
    memcpy(buf, wire->in + wire->in_used, n);
    wire->in_used += n;
    return (ssize_t)n;
}

static ssize_t wire_send(wslay_event_context_ptr ctx, const uint8_t *data, size_t len, int flags,
                         void *user_data)
{
    struct wire *wire = (struct wire *)user_data;
    size_t n = len;

    wire->send_calls++;
    if (wire->out_step && n > wire->out_step)
        n = wire->out_step;
    if (wire->out_limit && n > wire->out_limit - wire->out_length)
        n = wire->out_limit - wire->out_length;
    CHECK(wire->out_length + n <= WIRE_ROOM);
    if (wire->trace_transport) {
        printf("send(%lu, %d) = %ld ", (unsigned long)len, flags, n ? (long)n : -1L);
        wire_print_bytes(data, len);
        printf("\n");
    }
    if (n == 0) {
        if (wire->out_error)
            wslay_event_set_error(ctx, wire->out_error);
        return -1;
    }
    memcpy(wire->out + wire->out_length, data, n);
    wire->out_length += n;
    return (ssize_t)n;
}

static int wire_genmask(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, void *user_data)
{
    static const uint8_t key[] = { 0x37, 0xfa, 0x21, 0x3d };
    struct wire *wire = (struct wire *)user_data;

    (void)ctx;
    CHECK_EQ(len, 4);
    if (wire->trace_transport)
        printf("genmask\n");
    memcpy(buf, key, sizeof key);
    return 0;
}

static void wire_start(wslay_event_context_ptr ctx, const struct wslay_event_on_frame_recv_start_arg *arg,
                       void *user_data)
{
    struct wire *wire = (struct wire *)user_data;

    (void)ctx;
    if (wire->trace)
        printf("start fin %d rsv %d opcode %d length %llu\n", arg->fin, arg->rsv, arg->opcode,
               (unsigned long long)arg->payload_length);
}

static void wire_chunk(wslay_event_context_ptr ctx, const struct wslay_event_on_frame_recv_chunk_arg *arg,
                       void *user_data)
{
    struct wire *wire = (struct wire *)user_data;

    (void)ctx;
    CHECK(arg->data != NULL);
    if (wire->trace) {
        printf("chunk %lu ", (unsigned long)arg->data_length);
        wire_print_bytes(arg->data, arg->data_length);
        printf("\n");
    }
}

static void wire_end(wslay_event_context_ptr ctx, void *user_data)
{
    struct wire *wire = (struct wire *)user_data;

    (void)ctx;
    if (wire->trace)
        printf("end\n");
}

static void wire_message(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *arg,
                         void *user_data)
{
    struct wire *wire = (struct wire *)user_data;

    wire->messages++;
    if (wire->trace) {
        printf("message rsv %d opcode %d code %d %s%lu ", arg->rsv, arg->opcode, arg->status_code,
               arg->msg ? "" : "NULL ", (unsigned long)arg->msg_length);
        wire_print_bytes(arg->msg, arg->msg_length);
        printf(" queued %lu/%lu\n", (unsigned long)wslay_event_get_queued_msg_count(ctx),
               (unsigned long)wslay_event_get_queued_msg_length(ctx));
    }
}

static const struct wslay_event_callbacks wire_callbacks = {
    wire_recv, wire_send, wire_genmask, wire_start, wire_chunk, wire_end, wire_message
};

static inline void wire_reset(struct wire *wire)
{
    memset(wire, 0, sizeof *wire);
    wire->in_error = wire->out_error = WSLAY_ERR_WOULDBLOCK;
}

static inline void wire_input(struct wire *wire, const void *data, size_t length)
{
    wire->in = (const uint8_t *)data;
    wire->in_length = length;
    wire->in_used = 0;
}

static inline wslay_event_context_ptr wire_open(struct wire *wire, int server)
{
    wslay_event_context_ptr ctx = NULL;

    CHECK_EQ((server ? wslay_event_context_server_init : wslay_event_context_client_init)(
                 &ctx, &wire_callbacks, wire),
             0);
    CHECK(ctx != NULL);
    return ctx;
}

static inline void wire_print_state(wslay_event_context_ptr ctx)
{
    printf("state read %d/%d write %d/%d close %d/%d codes %d/%d queued %lu/%lu\n",
           wslay_event_want_read(ctx), wslay_event_get_read_enabled(ctx), wslay_event_want_write(ctx),
           wslay_event_get_write_enabled(ctx), wslay_event_get_close_received(ctx),
           wslay_event_get_close_sent(ctx), wslay_event_get_status_code_received(ctx),
           wslay_event_get_status_code_sent(ctx), (unsigned long)wslay_event_get_queued_msg_count(ctx),
           (unsigned long)wslay_event_get_queued_msg_length(ctx));
}

/* Appends a frame as a peer would send it, with its shortest length; masked with the key above. */
static inline size_t wire_frame(uint8_t *out, int first_byte, int masked, const void *payload, size_t length)
{
    static const uint8_t key[] = { 0x37, 0xfa, 0x21, 0x3d };
    size_t i, n = 0;

    out[n++] = (uint8_t)first_byte;
    if (length < 126) {
        out[n++] = (uint8_t)((masked ? 0x80 : 0) | length);
    } else if (length < 65536) {
        out[n++] = masked ? 0xfe : 0x7e;
        out[n++] = (uint8_t)(length >> 8);
        out[n++] = (uint8_t)length;
    } else {
        out[n++] = masked ? 0xff : 0x7f;
        for (i = 0; i < 8; i++)
            out[n++] = (uint8_t)((unsigned long long)length >> (8 * (7 - i)));
    }
    if (masked) {
        memcpy(out + n, key, 4);
        n += 4;
    }
    for (i = 0; i < length; i++)
        out[n++] = (uint8_t)(((const uint8_t *)payload)[i] ^ (masked ? key[i % 4] : 0));
    return n;
}

#endif
