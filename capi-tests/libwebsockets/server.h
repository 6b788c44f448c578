/* The other end of a client: a listening socket of the test's own, and the answers a server could give. */
#ifndef SERVER_H
#define SERVER_H

#include "peer.h"

static UNUSED int server_listen(int *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    CHECK(fd >= 0);
    CHECK(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    CHECK(listen(fd, 8) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&address, &length) == 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static UNUSED int server_accept(int listener)
{
    int fd = accept(listener, NULL, NULL), on = 1;

    CHECK(fd >= 0);
    CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    CHECK(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
    return fd;
}

/* SHA-1 of up to 119 bytes, for the accept value: the tests bring their own rather than trust the library's. */
static UNUSED void server_sha1(const unsigned char *data, size_t length, unsigned char out[20])
{
    uint32_t h[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
    unsigned char blocks[128] = { 0 };
    size_t count = length + 9 > 64 ? 2 : 1, block, i;

    CHECK(length + 9 <= 128);
    memcpy(blocks, data, length);
    blocks[length] = 0x80;
    blocks[count * 64 - 2] = (unsigned char)(length * 8 >> 8);
    blocks[count * 64 - 1] = (unsigned char)(length * 8);
    for (block = 0; block < count; block++) {
        const unsigned char *p = blocks + 64 * block;
        uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];

        for (i = 0; i < 80; i++) {
            uint32_t f, k, next;

            if (i < 16) {
                w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 | (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
            } else {
                next = w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16];
                w[i] = next << 1 | next >> 31;
            }
            if (i < 20)
                f = (b & c) | (~b & d), k = 0x5a827999;
            else if (i < 40)
                f = b ^ c ^ d, k = 0x6ed9eba1;
            else if (i < 60)
                f = (b & c) | (b & d) | (c & d), k = 0x8f1bbcdc;
            else
                f = b ^ c ^ d, k = 0xca62c1d6;
            next = (a << 5 | a >> 27) + f + e + k + w[i];
            e = d, d = c, c = b << 30 | b >> 2, b = a, a = next;
        }
        h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
    }
    for (i = 0; i < 20; i++)
        out[i] = (unsigned char)(h[i / 4] >> (24 - 8 * (i % 4)));
}

/* The accept value of the request at `request`. */
static UNUSED void server_accept_value(const char *request, char out[29])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *key = strstr(request, "Sec-WebSocket-Key: ");
    unsigned char text[64], digest[21] = { 0 };
    int i;

    CHECK(key);
    memcpy(text, key + 19, 24);
    memcpy(text + 24, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
    server_sha1(text, 60, digest);
    for (i = 0; i < 28; i++) {
        int bit = i * 6, pair = digest[bit / 8] << 8 | (bit / 8 + 1 < 21 ? digest[bit / 8 + 1] : 0);

        out[i] = letters[pair >> (10 - bit % 8) & 63];
    }
    out[27] = '=';
    out[28] = 0;
}

/* Reads the request into `request`; the key, which is random, is replaced by stars in what is printed. */
static UNUSED void server_request(int fd, char *request, size_t room, int print)
{
    static const char empty[] = "Sec-WebSocket-Extensions: \r\n";
    int ended, length = peer_read(fd, (unsigned char *)request, (int)room - 1, &ended);
    char *key, *line;

    request[length] = 0;
    if (!print)
        return;
    /* The original says that it offers nothing, which is not HTTP. */
    line = strstr(request, empty);
    if (line)
        memmove(line, line + sizeof(empty) - 1, strlen(line + sizeof(empty) - 1) + 1);
    key = strstr(request, "Sec-WebSocket-Key: ");
    for (line = request; *line; line++) {
        if (key && line == key + 19) {
            printf("************************");
            line += 23;
        } else if (*line == '\n') {
            printf("\n%s", line[1] ? "  > " : "");
        } else if (*line == '\r') {
            printf("$");
        } else {
            printf("%s%c", line == request ? "  > " : "", *line);
        }
    }
}

/* Prints the frames a client sent, unmasked. */
static UNUSED void server_frames(int fd, const char *label)
{
    static unsigned char data[1 << 20];
    int ended, length = peer_read(fd, data, sizeof(data), &ended), at = 0;

    printf("%s:", label);
    while (at + 2 <= length) {
        int size = data[at + 1] & 0x7f, head = 2, i;

        printf(" %02x%s", data[at], data[at + 1] & 0x80 ? "" : " unmasked");
        if (size == 126) {
            size = data[at + 2] << 8 | data[at + 3];
            head = 4;
        } else if (size == 127) {
            size = data[at + 6] << 24 | data[at + 7] << 16 | data[at + 8] << 8 | data[at + 9];
            head = 10;
        }
        if (data[at + 1] & 0x80) {
            unsigned char *key = data + at + head;

            head += 4;
            for (i = 0; i < size && at + head + i < length; i++)
                data[at + head + i] ^= key[i & 3];
        }
        printf("(%d)\"", size);
        print_bytes(data + at + head, (size_t)size);
        printf("\"");
        at += head + size;
    }
    printf("%s%s\n", at == length ? "" : " and rubbish", ended ? " end" : "");
}

/* The reply that completes the handshake, with further lines. */
static UNUSED void server_reply(int fd, const char *request, const char *lines)
{
    char accept[29], reply[2000];

    server_accept_value(request, accept);
    snprintf(reply, sizeof(reply),
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Accept: %s\r\n%s\r\n", accept, lines);
    peer_say(fd, reply);
}

#endif
