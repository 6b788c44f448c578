/* A message protocol of a program's own: each message is sent with a checksum before it, and one that arrives changed is
 * refused. */

#ifndef CHECKED_H
#define CHECKED_H

#include <libdill.h>

/* Puts the protocol on top of the message socket s, which is consumed, also on failure.
 *
 * Returns the new socket, a message socket too, or -1 with errno: EBADF, ENOTSUP when s is no message socket, ECANCELED,
 * ENOMEM. Receiving fails with EPROTO for a message whose checksum is wrong. */
int checked_attach(int s);

/* Takes the protocol off again. Returns the socket below, or -1 with errno EBADF or ENOTSUP. */
int checked_detach(int s);

#endif
