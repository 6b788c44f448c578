#include "handshake.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

static uint32_t rotate(uint32_t word, int bits)
{
    return word << bits | word >> (32 - bits);
}

/* SHA-1 of a text shorter than 120 bytes: two blocks at most. */
static void sha1(const char *text, uint8_t digest[20])
{
    uint32_t h[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
    uint8_t blocks[128] = { 0 };
    size_t length = strlen(text), total = length < 56 ? 64 : 128, at, i;

    memcpy(blocks, text, length);
    blocks[length] = 0x80;
    blocks[total - 2] = (uint8_t)(length * 8 >> 8);
    blocks[total - 1] = (uint8_t)(length * 8);
    for (at = 0; at < total; at += 64) {
        uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];

        for (i = 0; i < 16; i++) {
            const uint8_t *p = blocks + at + i * 4;

            w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
        }
        for (; i < 80; i++)
            w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        for (i = 0; i < 80; i++) {
            uint32_t f, k, next;

            if (i < 20)
                f = (b & c) | (~b & d), k = 0x5a827999;
            else if (i < 40)
                f = b ^ c ^ d, k = 0x6ed9eba1;
            else if (i < 60)
                f = (b & c) | (b & d) | (c & d), k = 0x8f1bbcdc;
            else
                f = b ^ c ^ d, k = 0xca62c1d6;
            next = rotate(a, 5) + f + e + k + w[i];
            e = d;
            d = c;
            c = rotate(b, 30);
            b = a;
            a = next;
        }
        h[0] += a;
        h[1] += b;
        h[2] += c;
        h[3] += d;
        h[4] += e;
    }
    for (i = 0; i < 20; i++)
        digest[i] = (uint8_t)(h[i / 4] >> (24 - i % 4 * 8));
}

static void base64(const uint8_t *data, size_t length, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t i;

    for (i = 0; i < length; i += 3) {
        uint32_t group = (uint32_t)data[i] << 16;

        if (i + 1 < length)
            group |= (uint32_t)data[i + 1] << 8;
        if (i + 2 < length)
            group |= data[i + 2];
        *out++ = digits[group >> 18];
        *out++ = digits[group >> 12 & 63];
        *out++ = i + 1 < length ? digits[group >> 6 & 63] : '=';
        *out++ = i + 2 < length ? digits[group & 63] : '=';
    }
    *out = '\0';
}

/* The Sec-WebSocket-Accept value for a key of 24 characters. */
static void accept_value(const char *key, char out[29])
{
    char text[24 + 36 + 1];
    uint8_t digest[20];

    snprintf(text, sizeof text, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    sha1(text, digest);
    base64(digest, sizeof digest, out);
}

/* Copies the value of a header field; 0 when it is missing or does not fit. */
static int field(const struct handshake *hs, const char *name, char *out, size_t room)
{
    const char *line = hs->text, *end = hs->text + hs->length;
    size_t name_length = strlen(name);

    while ((line = memchr(line, '\n', (size_t)(end - line))) != NULL) {
        line++;
        if ((size_t)(end - line) > name_length && strncasecmp(line, name, name_length) == 0 &&
            line[name_length] == ':') {
            const char *value = line + name_length + 1;
            const char *stop = memchr(value, '\r', (size_t)(end - value));

            while (stop && value < stop && (*value == ' ' || *value == '\t'))
                value++;
            while (stop && stop > value && (stop[-1] == ' ' || stop[-1] == '\t'))
                stop--;
            if (!stop || (size_t)(stop - value) >= room)
                return 0;
            memcpy(out, value, (size_t)(stop - value));
            out[stop - value] = '\0';
            return 1;
        }
    }
    return 0;
}

/* Whether a comma-separated list has an element, in whatever case. */
static int has_token(const char *list, const char *token)
{
    size_t length = strlen(token);

    while (*list) {
        size_t n;

        list += strspn(list, " \t,");
        n = strcspn(list, ", \t");
        if (n == length && strncasecmp(list, token, n) == 0)
            return 1;
        list += n;
    }
    return 0;
}

int handshake_end(const struct handshake *hs)
{
    size_t i;

    for (i = 3; i < hs->length; i++)
        if (memcmp(hs->text + i - 3, "\r\n\r\n", 4) == 0)
            return (int)i + 1;
    return hs->length == sizeof hs->text ? -1 : 0;
}

int handshake_answer(const struct handshake *hs, char *out, size_t room)
{
    char upgrade[256], connection[256], version[16], key[64], accept[29];

    if (hs->length < 4 || memcmp(hs->text, "GET ", 4) != 0 ||
        !field(hs, "Upgrade", upgrade, sizeof upgrade) || !has_token(upgrade, "websocket") ||
        !field(hs, "Connection", connection, sizeof connection) || !has_token(connection, "upgrade") ||
        !field(hs, "Sec-WebSocket-Key", key, sizeof key) || strlen(key) != 24)
        return -snprintf(out, room, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n"
                                    "Content-Length: 0\r\n\r\n");
    if (!field(hs, "Sec-WebSocket-Version", version, sizeof version) || strcmp(version, "13") != 0)
        return -snprintf(out, room, "HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\n"
                                    "Connection: close\r\nContent-Length: 0\r\n\r\n");
    accept_value(key, accept);
    return snprintf(out, room, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                               "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
}

int handshake_request(const char *host, const char *port, const char *path, char key[25], char *out,
                      size_t room)
{
    uint8_t nonce[16];
    int length;

    if (getrandom(nonce, sizeof nonce, 0) != (ssize_t)sizeof nonce)
        return -1;
    base64(nonce, sizeof nonce, key);
    length = snprintf(out, room, "GET %s HTTP/1.1\r\nHost: %s:%s\r\nUpgrade: websocket\r\n"
                                 "Connection: Upgrade\r\nSec-WebSocket-Key: %s\r\n"
                                 "Sec-WebSocket-Version: 13\r\n\r\n", path, host, port, key);
    return length > 0 && (size_t)length < room ? length : -1;
}

int handshake_accepted(const struct handshake *hs, const char *key)
{
    char accept[29], value[64];

    accept_value(key, accept);
    return hs->length > 12 && memcmp(hs->text, "HTTP/1.1 101", 12) == 0 &&
           field(hs, "Sec-WebSocket-Accept", value, sizeof value) && strcmp(value, accept) == 0;
}
