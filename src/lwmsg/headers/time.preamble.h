
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
