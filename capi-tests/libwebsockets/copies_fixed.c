/* As an executable with a fixed address.
 * harness: cflags -fno-pie -no-pie */
#include "copies.h"
