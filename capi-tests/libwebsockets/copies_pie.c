/* As a position-independent executable.
 * harness: cflags -fPIE -pie */
#include "copies.h"
