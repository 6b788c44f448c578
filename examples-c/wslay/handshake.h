/* The HTTP opening handshake (RFC 6455, section 4), which wslay leaves to its users. */
#ifndef HANDSHAKE_H
#define HANDSHAKE_H

#include <stddef.h>

/* What has been read of a request or response. */
struct handshake {
    char text[8192];
    size_t length;
};

/* Looks for the end of the header in what has been read.
 *
 * Returns the length of the header in bytes, 0 when it has not ended, -1 when it is too long.
 */
int handshake_end(const struct handshake *hs);

/* Server: checks the request and writes the response to out.
 *
 * Returns the length of the response in bytes; negative when the request is refused: send the response,
 * its length is the absolute value, and close.
 */
int handshake_answer(const struct handshake *hs, char *out, size_t room);

/* Client: writes a request for path to out, with a key made of 16 random bytes, which goes to key.
 *
 * Returns the length of the request in bytes, -1 when it does not fit.
 */
int handshake_request(const char *host, const char *port, const char *path, char key[25], char *out,
                      size_t room);

/* Client: whether the response accepts the request made with key. */
int handshake_accepted(const struct handshake *hs, const char *key);

#endif
