/* harness: ours-only the original answers some of these with other codes
 *
 * A hostile peer: every malformed header, in pieces of every size, gets the close code that RFC 6455
 * names, and random bytes never do worse than end the connection.
 */
#include "wire.h"

static struct wire wire;

static int closed_with(int server, const void *bytes, size_t length, size_t step)
{
    wslay_event_context_ptr ctx;
    int code;

    wire_reset(&wire);
    wire_input(&wire, bytes, length);
    wire.in_step = step;
    ctx = wire_open(&wire, server);
    wslay_event_recv(ctx);
    CHECK_EQ(wslay_event_want_read(ctx), 0);
    CHECK_EQ(wslay_event_send(ctx), 0);
    code = wslay_event_get_status_code_sent(ctx);
    wslay_event_context_free(ctx);
    return code;
}

static void malformed_headers(void)
{
    uint8_t stream[32];
    int first, server;
    size_t step;

    for (first = 0; first < 256; first++) {
        int opcode = first & 15;
        int bad = (first & 0x70) || opcode == 0 || (opcode > 2 && opcode < 8) || opcode > 10 ||
                  (opcode >= 8 && !(first & 0x80));

        for (server = 0; server < 2; server++) {
            size_t length = wire_frame(stream, first, server, "x", 1);
            size_t wrong = wire_frame(stream + 16, first, !server, "x", 1);

            for (step = 1; step <= length && bad; step++)
                CHECK_EQ(closed_with(server, stream, length, step), 1002);
            for (step = 1; step <= wrong; step++)
                CHECK_EQ(closed_with(server, stream + 16, wrong, step), 1002);
        }
    }
}

static void malformed_lengths(void)
{
    static const struct {
        const char *bytes;
        size_t length;
    } cases[] = { { "\x82\xfe\x00\x00", 4 },
                  { "\x82\xfe\x00\x7d", 4 },
                  { "\x82\xff\x00\x00\x00\x00\x00\x00\x00\x01", 10 },
                  { "\x82\xff\x00\x00\x00\x00\x00\x00\xff\xff", 10 },
                  { "\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00", 10 },
                  { "\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10 },
                  { "\x88\xfe\x00\x7e", 4 },
                  { "\x89\xff", 2 } };
    size_t i, step;

    for (i = 0; i < sizeof cases / sizeof *cases; i++)
        for (step = 1; step <= cases[i].length; step++)
            CHECK_EQ(closed_with(1, cases[i].bytes, cases[i].length, step), 1002);
    /* The largest length there is, over the limit: too big as soon as payload comes. */
    CHECK_EQ(closed_with(1, "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff" "abcd" "x", 15, 1), 1009);
}

static void random_bytes(void)
{
    static uint8_t stream[5000];
    unsigned long state = 12345;
    int round, server;
    size_t i;

    for (round = 0; round < 2000; round++) {
        for (i = 0; i < sizeof stream; i++) {
            state = state * 6364136223846793005UL + 1442695040888963407UL;
            stream[i] = (uint8_t)(state >> 40);
        }
        /* Some of them begin as a proper message. */
        if (round % 2)
            wire_frame(stream, 0x01, 1, stream + 3000, 200);
        for (server = 0; server < 2; server++) {
            wslay_event_context_ptr ctx;

            wire_reset(&wire);
            wire_input(&wire, stream, sizeof stream);
            wire.in_step = (size_t)(round % 97);
            ctx = wire_open(&wire, server);
            wslay_event_recv(ctx);
            CHECK_EQ(wslay_event_send(ctx), 0);
            wslay_event_context_free(ctx);
        }
    }
}

int main(void)
{
    malformed_headers();
    malformed_lengths();
    random_bytes();
    return 0;
}
