/* The protocols of the demonstration server, which two programs serve: one by libwebsocket_service(), one by a poll loop
 * of its own. */
#ifndef DEMO_H
#define DEMO_H

#include <libwebsockets.h>

/* HTTP, a counter, and a mirror. */
extern struct libwebsocket_protocols demo_protocols[];

/* Where the page is. */
extern const char *demo_page;

/* Called for every callback of the first protocol, before anything else is done with it; NULL for nothing. */
extern void (*demo_watch)(enum libwebsocket_callback_reasons reason, int fd, short bits);

/* Wakes the counters when it is time. Returns how many milliseconds that will take next. */
int demo_tick(void);

#endif
