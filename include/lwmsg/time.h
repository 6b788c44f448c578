/* LWMsg: times and clocks. Part of relink; MIT OR Apache-2.0.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef LWMSG_TIME_H
#define LWMSG_TIME_H

#include <stdlib.h>
#include <unistd.h>
#include <sys/types.h>
#include <lwmsg/status.h>
#include <lwmsg/common.h>

/**
 * A time since the epoch, or a length of time.
 */
typedef struct LWMsgTime {
    /** Seconds. */
    ssize_t seconds;
    /** Microseconds, of the same sign. */
    ssize_t microseconds;
} LWMsgTime;

/**
 * A clock that never goes back, for one thread.
 */
typedef struct LWMsgClock {
    /** The wall clock at the last look. */
    LWMsgTime last_time;
    /** What is added to it. */
    LWMsgTime adjust;
} LWMsgClock;

/**
 * The result of a comparison.
 */
typedef enum LWMsgTimeComparison {
    /** Both are the same. */
    LWMSG_TIME_EQUAL = 0,
    /** The first is the later, or longer. */
    LWMSG_TIME_GREATER = 1,
    /** The first is the earlier, or shorter. */
    LWMSG_TIME_LESSER = -1
} LWMsgTimeComparison;

/**
 * Whether a length of time is zero or more.
 */
static inline LWMsgBool lwmsg_time_is_positive(LWMsgTime *time)
{
    return time->seconds >= 0 && time->microseconds >= 0 ? LWMSG_TRUE : LWMSG_FALSE;
}

/**
 * Whether a length of time is zero.
 */
static inline LWMsgBool lwmsg_time_is_zero(LWMsgTime *time)
{
    return time->seconds == 0 && time->microseconds == 0 ? LWMSG_TRUE : LWMSG_FALSE;
}


#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Stores the wall clock's time.
 *
 * Returns LWMSG_STATUS_SUCCESS.
 */
LWMsgStatus lwmsg_time_now(LWMsgTime *out);

/**
 * Stores how long it is from one time to another: to - from. out may be one of the two.
 */
void lwmsg_time_difference(LWMsgTime *from, LWMsgTime *to, LWMsgTime *out);

/**
 * Stores the sum of a time and a length of time, or of two of those. out may be one of the two.
 */
void lwmsg_time_sum(LWMsgTime *base, LWMsgTime *offset, LWMsgTime *out);

/**
 * Returns LWMSG_TIME_GREATER when a is later or longer than b, LWMSG_TIME_LESSER when it is earlier or shorter, else
 * LWMSG_TIME_EQUAL.
 */
LWMsgTimeComparison lwmsg_time_compare(LWMsgTime *a,
                                       LWMsgTime *b);

/**
 * Makes both parts of a time have the same sign, and its microseconds less than a second.
 */
void lwmsg_time_normalize(LWMsgTime *time);

/**
 * Begins the use of a clock.
 */
void lwmsg_clock_init(LWMsgClock *clock);

/**
 * Stores the wall clock's time.
 *
 * Returns LWMSG_STATUS_SUCCESS.
 */
LWMsgStatus lwmsg_clock_get_wall_time(LWMsgClock *clock, LWMsgTime *time);

/**
 * Stores the time since the clock was first asked. Later calls give later times, whatever the wall clock does.
 *
 * Returns LWMSG_STATUS_SUCCESS.
 */
LWMsgStatus lwmsg_clock_get_monotonic_time(LWMsgClock *clock,
                                           LWMsgTime *time);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* LWMSG_TIME_H */
