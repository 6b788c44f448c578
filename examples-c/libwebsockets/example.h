/* What the examples share: a message that grows, and a port that is free. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <libwebsockets.h>

/* A message, with the room that libwebsocket_write() wants around it. */
struct message {
    unsigned char *block;
    size_t length, room;
};

/* The message's bytes. */
unsigned char *message_bytes(struct message *message);

/* Appends to it. Returns 0, or -1 when memory is exhausted or it would be longer than `limit`. */
int message_append(struct message *message, const void *data, size_t length, size_t limit);

/* Frees its memory. */
void message_free(struct message *message);

/* A port of 127.0.0.1 that nobody listens on: a context cannot be asked which one it got. -1 when there is none. */
int free_port(void);

/* A context's description: the protocols, the built-in compression, no change of user. Port 0 is for clients. */
struct lws_context_creation_info describe(int port, struct libwebsocket_protocols *protocols);

/* Seconds of a clock that never jumps. */
double seconds(void);

#endif
