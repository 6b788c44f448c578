/* The version of the wslay interface that relink offers. */
#ifndef WSLAYVER_H
#define WSLAYVER_H

#define WSLAY_VERSION "1.1.1"

#endif
