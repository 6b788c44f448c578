/* LWMsg: everything, but the peer when LWMSG_NO_THREADS is defined. Part of relink; MIT OR Apache-2.0. */
#ifndef LWMSG_LWMSG_H
#define LWMSG_LWMSG_H

#define __LWMSG_INCLUDE_ENABLE__

#if defined(LW_DISABLE_DEPRECATED) && !defined(LWMSG_DISABLE_DEPRECATED)
#define LWMSG_DISABLE_DEPRECATED
#endif

#include <lwmsg/archive.h>
#include <lwmsg/assoc.h>
#include <lwmsg/buffer.h>
#include <lwmsg/common.h>
#include <lwmsg/connection.h>
#include <lwmsg/context.h>
#include <lwmsg/data.h>
#include <lwmsg/protocol.h>
#include <lwmsg/security.h>
#include <lwmsg/status.h>
#include <lwmsg/time.h>
#include <lwmsg/type.h>
#ifndef LWMSG_NO_THREADS
#include <lwmsg/peer.h>
#endif

#undef __LWMSG_INCLUDE_ENABLE__

#endif
