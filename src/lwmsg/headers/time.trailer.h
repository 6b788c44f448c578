
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
