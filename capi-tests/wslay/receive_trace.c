/* Every kind of input, to both roles: the callbacks, what is answered and what the context says
 * afterwards are the original's, whatever way the input is cut.
 */
#include "wire.h"

static uint8_t stream[300000];
static size_t stream_length;
static struct wire wire;

static void add(int first_byte, int masked, const void *payload, size_t length)
{
    stream_length += wire_frame(stream + stream_length, first_byte, masked, payload, length);
}

static void raw(const void *bytes, size_t length)
{
    memcpy(stream + stream_length, bytes, length);
    stream_length += length;
}

static void configure(wslay_event_context_ptr ctx, int options)
{
    if (options & 1)
        wslay_event_config_set_no_buffering(ctx, 1);
    if (options & 2)
        wslay_event_config_set_allowed_rsv_bits(ctx, 7);
    if (options & 4)
        wslay_event_config_set_max_recv_msg_length(ctx, 5);
}

/* Runs the stream in steps; returns a digest of the messages and the answer. */
static void run(const char *name, int server, int options, size_t step, int trace)
{
    wslay_event_context_ptr ctx;
    int result, rounds = 0;

    wire_reset(&wire);
    wire_input(&wire, stream, stream_length);
    wire.in_step = step;
    wire.trace = trace;
    ctx = wire_open(&wire, server);
    configure(ctx, options);
    if (trace)
        printf("== %s, %s, options %d\n", name, server ? "server" : "client", options);
    do {
        result = wslay_event_recv(ctx);
    } while (result == 0 && wslay_event_want_read(ctx) && wire.in_used < wire.in_length && ++rounds < 1000000);
    printf("step %lu: recv %d send %d answer ", (unsigned long)step, result, wslay_event_send(ctx));
    /* Broken framing is answered with code 1002 here and without a code by the original. */
    wire_print_bytes(wire.out, result == WSLAY_ERR_CALLBACK_FAILURE && wire.out_length ? 1 : wire.out_length);
    printf(" messages %d\n", wire.messages);
    if (result == 0)
        wire_print_state(ctx);
    wslay_event_context_free(ctx);
}

static void scenario(const char *name, int server, int options)
{
    run(name, server, options, 0, 1);
    run(name, server, options, 1, 0);
    run(name, server, options, 2, 0);
    run(name, server, options, 3, 0);
    run(name, server, options, 7, 0);
    run(name, server, options, 4096, 0);
    stream_length = 0;
}

static void with_payload(const char *name, int first_byte, const void *payload, size_t length, int options)
{
    int server;

    for (server = 0; server < 2; server++) {
        add(first_byte, server, payload, length);
        scenario(name, server, options);
    }
}

int main(void)
{
    static uint8_t big[200000];
    static const char *const invalid[] = { "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "ab\x80",
                                           "\xe2\x82", "\xf0\x9f\x98" };
    static const int codes[] = { 0, 999, 1000, 1001, 1003, 1004, 1005, 1006, 1007, 1011, 1015, 1016, 2999,
                                 3000, 4999, 5000, 65535 };
    size_t i;
    int server, opcode;

    for (i = 0; i < sizeof big; i++)
        big[i] = (uint8_t)('a' + i % 26);

    with_payload("hello", 0x81, "Hello", 5, 0);
    with_payload("empty text", 0x81, "", 0, 0);
    with_payload("empty binary", 0x82, "", 0, 0);
    with_payload("binary 125", 0x82, big, 125, 0);
    with_payload("binary 126", 0x82, big, 126, 0);
    with_payload("text 4081", 0x81, big, 4081, 0);
    with_payload("text 4082", 0x81, big, 4082, 0);
    with_payload("binary 10000", 0x82, big, 10000, 0);
    with_payload("binary 65535", 0x82, big, 65535, 0);
    with_payload("text 65536", 0x81, big, 65536, 0);
    with_payload("binary 200000", 0x82, big, sizeof big, 0);
    with_payload("binary 10000 unbuffered", 0x82, big, 10000, 1);
    with_payload("ping", 0x89, "hi", 2, 0);
    with_payload("ping 125", 0x89, big, 125, 0);
    with_payload("empty ping", 0x89, "", 0, 0);
    with_payload("pong", 0x8a, "hi", 2, 0);
    with_payload("multi-byte text", 0x81, "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf0\x90\x8d\x88", 15, 0);
    for (i = 0; i < sizeof invalid / sizeof *invalid; i++)
        with_payload("not UTF-8", 0x81, invalid[i], strlen(invalid[i]), 0);
    with_payload("not UTF-8, but binary", 0x82, "\xff", 1, 0);
    with_payload("not UTF-8, unbuffered", 0x81, "\xff", 1, 1);
    with_payload("RSV1", 0xc1, "\xff", 1, 0);
    with_payload("RSV1 allowed", 0xc1, "\xff", 1, 2);
    with_payload("RSV2", 0xa1, "a", 1, 2);
    with_payload("RSV3", 0x91, "a", 1, 2);
    with_payload("RSV1 on ping", 0xc9, "a", 1, 2);
    with_payload("too big", 0x81, "abcdef", 6, 4);
    with_payload("just not too big", 0x81, "abcde", 5, 4);
    with_payload("ping too big", 0x89, "abcdef", 6, 4);
    with_payload("empty close", 0x88, "", 0, 0);
    with_payload("close with one byte", 0x88, "a", 1, 0);
    with_payload("close bye", 0x88, "\x03\xe8" "bye", 5, 0);
    for (i = 0; i < sizeof codes / sizeof *codes; i++) {
        uint8_t payload[2];

        payload[0] = (uint8_t)(codes[i] >> 8);
        payload[1] = (uint8_t)codes[i];
        with_payload("close code", 0x88, payload, 2, 0);
    }
    for (opcode = 0; opcode < 16; opcode++) {
        with_payload("opcode", 0x80 | opcode, "", 0, 0);
        with_payload("opcode without FIN", opcode, "", 0, 0);
    }

    for (server = 0; server < 2; server++) {
        add(0x81, !server, "Hello", 5);
        scenario("wrongly masked", server, 0);

        add(0x01, server, "Hel", 3);
        add(0x89, server, "P", 1);
        add(0x80, server, "lo", 2);
        add(0x82, server, "next", 4);
        scenario("fragments around a ping", server, 0);
        add(0x01, server, "Hel", 3);
        add(0x89, server, "P", 1);
        add(0x80, server, "lo", 2);
        scenario("fragments around a ping, unbuffered", server, 1);
        add(0x01, server, "Hel", 3);
        add(0x80, server, "lo!", 3);
        scenario("fragments too big", server, 4);
        add(0x01, server, "Hel", 3);
        add(0x80, server, "lo!", 3);
        scenario("fragments not too big one by one", server, 5);
        add(0x01, server, "", 0);
        add(0x00, server, "", 0);
        add(0x80, server, "", 0);
        scenario("empty fragments", server, 0);
        add(0x01, server, "\xe2", 1);
        add(0x89, server, "P", 1);
        add(0x00, server, "\x82", 1);
        add(0x80, server, "\xac", 1);
        scenario("a character in three fragments", server, 0);
        add(0x01, server, "\xf4", 1);
        add(0x80, server, "\x90", 1);
        scenario("an impossible character in two fragments", server, 0);
        add(0x01, server, "a", 1);
        add(0x81, server, "b", 1);
        scenario("new message within a message", server, 0);
        add(0x01, server, "a", 1);
        add(0x83, server, "b", 1);
        scenario("reserved opcode within a message", server, 0);
        add(0x41, server, "\xff", 1);
        add(0x00, server, "\xfe", 1);
        add(0x80, server, "\xfd", 1);
        scenario("compressed fragments", server, 2);
        add(0x41, server, "\xff", 1);
        add(0xc0, server, "\xfe", 1);
        scenario("RSV1 on a continuation", server, 2);
        add(0x02, server, big, 9000);
        add(0x8a, server, "x", 1);
        add(0x80, server, big, 9000);
        add(0x88, server, "\x03\xe8", 2);
        add(0x81, server, "late", 4);
        scenario("nothing after a close", server, 0);
        add(0x01, server, "Hel", 3);
        add(0x88, server, "\x03\xe9", 2);
        scenario("close within a message", server, 0);
        raw("\x81\x85\x37", 3);
        scenario("an unfinished header", server, 0);
    }
    return 0;
}
