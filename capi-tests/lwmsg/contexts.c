/* Contexts: memory, log and data are looked up in the line of ancestors; texts of errors; times and clocks; buffers. */
#include <lwmsg/lwmsg.h>

#include <errno.h>
#include <string.h>

#include "check.h"

/* Exported, and declared in no installed header. */
const char *lwmsg_status_name(LWMsgStatus status);
LWMsgStatus lwmsg_status_map_errno(int error);
LWMsgStatus lwmsg_convert_integer(void *in, size_t in_size, LWMsgByteOrder in_order, void *out, size_t out_size,
                                  LWMsgByteOrder out_order, LWMsgSignage signage);
void lwmsg_context_log_printf(const LWMsgContext *context, LWMsgLogLevel level, const char *function,
                              const char *filename, unsigned int line, const char *format, ...);
LWMsgStatus lwmsg_context_raise(const LWMsgContext *context, LWMsgStatus status, const char *function,
                                const char *filename, unsigned int line, const char *format, ...);
LWMsgBool lwmsg_context_would_log(const LWMsgContext *context, LWMsgLogLevel level);
char *lwmsg_format(const char *fmt, ...);
LWMsgStatus lwmsg_buffer_realloc_wrap(LWMsgBuffer *buffer, size_t count);

static LWMsgBool log_line(LWMsgLogLevel level, const char *message, const char *function, const char *filename,
                          unsigned int line, void *data)
{
    if (!message) {
        CHECK(!function && !filename && !line);
        return level <= LWMSG_LOGLEVEL_INFO ? LWMSG_TRUE : LWMSG_FALSE;
    }
    printf("%s log: %u %s\n", (const char *)data, level, message);
    errno = ERANGE;
    return LWMSG_FALSE;
}

static void logging(void)
{
    LWMsgContext *parent, *child;
    char text[2000];

    CHECK_EQ(lwmsg_context_new(NULL, &parent), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_context_new(parent, &child), LWMSG_STATUS_SUCCESS);
    CHECK(!lwmsg_context_would_log(NULL, LWMSG_LOGLEVEL_ERROR));
    CHECK(!lwmsg_context_would_log(child, LWMSG_LOGLEVEL_ERROR));
    lwmsg_context_log_printf(child, LWMSG_LOGLEVEL_ERROR, "f", "file.c", 1, "nobody reads this");
    lwmsg_context_set_log_function(parent, log_line, "parent's");
    CHECK(lwmsg_context_would_log(child, LWMSG_LOGLEVEL_INFO));
    CHECK(!lwmsg_context_would_log(child, LWMSG_LOGLEVEL_TRACE));
    lwmsg_context_log_printf(child, LWMSG_LOGLEVEL_WARNING, "f", "file.c", 1, "%s and %d", "text", 42);
    lwmsg_context_set_log_function(child, log_line, "child's");
    CHECK_EQ(lwmsg_context_raise(child, LWMSG_STATUS_BUSY, "f", "file.c", 2, "too %s", "busy"), LWMSG_STATUS_BUSY);
    CHECK_EQ(lwmsg_context_raise(child, LWMSG_STATUS_EOF, "f", "file.c", 2, NULL), LWMSG_STATUS_EOF);
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    lwmsg_context_log_printf(child, LWMSG_LOGLEVEL_ALWAYS, "f", "file.c", 1, "%s.", text);
    lwmsg_context_delete(child);
    lwmsg_context_delete(parent);
}

typedef struct Req {
    int32_t a;
    char *text;
    uint8_t kind;
    union Choice {
        int32_t number;
    } choice;
} Req;

static LWMsgTypeSpec req_spec[] = {
    LWMSG_STRUCT_BEGIN(Req),
    LWMSG_MEMBER_INT32(Req, a),
    LWMSG_ATTR_RANGE(0, 10),
    LWMSG_MEMBER_PSTR(Req, text),
    LWMSG_ATTR_NOT_NULL,
    LWMSG_MEMBER_UINT8(Req, kind),
    LWMSG_MEMBER_UNION_BEGIN(Req, choice),
    LWMSG_MEMBER_INT32(union Choice, number),
    LWMSG_ATTR_TAG(1),
    LWMSG_UNION_END,
    LWMSG_ATTR_DISCRIM(Req, kind),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};
static LWMsgTypeSpec narrow_spec[] = {LWMSG_INTEGER(int32_t, 1, LWMSG_SIGNED), LWMSG_TYPE_END};
static LWMsgTypeSpec limited_spec[] = {LWMSG_PSTR, LWMSG_ATTR_MAX_ALLOC(2), LWMSG_TYPE_END};

static void texts_of_errors(void)
{
    LWMsgContext *context;
    LWMsgDataContext *data;
    Req req = {11, "x", 1, {7}};
    unsigned char bytes[64];
    void *out;
    int32_t number = 1000;

    CHECK_EQ(lwmsg_context_new(NULL, &context), LWMSG_STATUS_SUCCESS);
    lwmsg_context_set_log_function(context, log_line, "data's");
    CHECK_EQ(lwmsg_data_context_new(context, &data), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_data_marshal_flat(data, req_spec, &req, bytes, sizeof bytes), LWMSG_STATUS_MALFORMED);
    req.a = 1;
    req.text = NULL;
    CHECK_EQ(lwmsg_data_marshal_flat(data, req_spec, &req, bytes, sizeof bytes), LWMSG_STATUS_MALFORMED);
    CHECK_EQ(lwmsg_data_marshal_flat(data, req_spec, NULL, bytes, sizeof bytes), LWMSG_STATUS_MALFORMED);
    CHECK_EQ(lwmsg_data_marshal_flat(data, narrow_spec, &number, bytes, sizeof bytes), LWMSG_STATUS_OVERFLOW);
    CHECK_EQ(lwmsg_data_unmarshal_flat(data, limited_spec, "\xff\0\0\0\2ab", 7, &out), LWMSG_STATUS_OVERFLOW);
    lwmsg_data_context_delete(data);
    lwmsg_context_delete(context);
}

static void times(void)
{
    LWMsgTime a = {1, 999999}, b = {0, 2}, c, now, earlier = {-1, 500000};
    LWMsgClock clock;
    LWMsgTime first, second;

    lwmsg_time_sum(&a, &b, &c);
    printf("%zd %zd\n", c.seconds, c.microseconds);
    lwmsg_time_difference(&a, &b, &c);
    printf("%zd %zd\n", c.seconds, c.microseconds);
    lwmsg_time_normalize(&earlier);
    printf("%zd %zd\n", earlier.seconds, earlier.microseconds);
    lwmsg_time_sum(&a, &a, &a);
    printf("%zd %zd\n", a.seconds, a.microseconds);
    CHECK_EQ(lwmsg_time_compare(&a, &b), LWMSG_TIME_GREATER);
    CHECK_EQ(lwmsg_time_compare(&b, &a), LWMSG_TIME_LESSER);
    CHECK_EQ(lwmsg_time_compare(&b, &b), LWMSG_TIME_EQUAL);
    CHECK(lwmsg_time_is_positive(&b) && !lwmsg_time_is_positive(&earlier) && !lwmsg_time_is_zero(&b));
    CHECK_EQ(lwmsg_time_now(&now), LWMSG_STATUS_SUCCESS);
    CHECK(now.seconds > 1000000000 && now.microseconds < 1000000);
    lwmsg_clock_init(&clock);
    CHECK_EQ(lwmsg_clock_get_monotonic_time(&clock, &first), LWMSG_STATUS_SUCCESS);
    CHECK(lwmsg_time_is_zero(&first));
    CHECK_EQ(lwmsg_clock_get_monotonic_time(&clock, &second), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_time_compare(&second, &first), LWMSG_TIME_GREATER);
    /* The wall clock is set back. */
    clock.last_time.seconds += 1000;
    CHECK_EQ(lwmsg_clock_get_monotonic_time(&clock, &first), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_time_compare(&first, &second), LWMSG_TIME_GREATER);
    CHECK_EQ(lwmsg_clock_get_wall_time(&clock, &second), LWMSG_STATUS_SUCCESS);
    CHECK(second.seconds >= now.seconds && second.seconds < now.seconds + 60);
}

static LWMsgStatus full(LWMsgBuffer *buffer, size_t needed)
{
    (void)buffer;
    CHECK(needed > 0);
    return LWMSG_STATUS_TIMEOUT;
}

static void buffers(void)
{
    char room[8], *text;
    LWMsgContext *context;
    LWMsgBuffer buffer = {(unsigned char *)room, (unsigned char *)room + 8, (unsigned char *)room, NULL, NULL}, grown;
    int index;

    CHECK_EQ(lwmsg_buffer_print(&buffer, "%s-%d", "abc", 7), LWMSG_STATUS_SUCCESS);
    CHECK(buffer.cursor - buffer.base == 5 && !memcmp(room, "abc-7", 5));
    CHECK_EQ(lwmsg_buffer_print(&buffer, "%s", "too long"), LWMSG_STATUS_EOF);
    buffer.wrap = full;
    CHECK_EQ(lwmsg_buffer_print(&buffer, "%s", "too long"), LWMSG_STATUS_TIMEOUT);
    CHECK_EQ(lwmsg_context_new(NULL, &context), LWMSG_STATUS_SUCCESS);
    memset(&grown, 0, sizeof grown);
    grown.wrap = lwmsg_buffer_realloc_wrap;
    grown.data = context;
    for (index = 0; index < 1000; index++)
        CHECK_EQ(lwmsg_buffer_print(&grown, "%03d", index), LWMSG_STATUS_SUCCESS);
    CHECK(grown.cursor - grown.base == 3000 && !memcmp(grown.base + 2997, "999", 3));
    lwmsg_context_free(context, grown.base);
    lwmsg_context_delete(context);
    text = lwmsg_format("%s %1000d", "wide", 5);
    CHECK(strlen(text) == 1005 && text[1004] == '5');
    free(text);
}

static void numbers(void)
{
    static const int errors[] = {0, EINVAL, EMFILE, ENFILE, ENOBUFS, ENOMEM, EBUSY, ENOENT, ECONNREFUSED, ECONNRESET,
                                 ECONNABORTED, ETIMEDOUT, EACCES, EPIPE};
    int16_t in = -2;
    unsigned char out[8];
    size_t index;

    for (index = 0; index < sizeof errors / sizeof *errors; index++)
        printf("%s ", lwmsg_status_name(lwmsg_status_map_errno(errors[index])));
    printf("%s %s\n", lwmsg_status_name(LWMSG_STATUS_TIMEOUT), lwmsg_status_name((LWMsgStatus)12345));
    CHECK_EQ(lwmsg_convert_integer(&in, 2, LWMSG_LITTLE_ENDIAN, out, 4, LWMSG_BIG_ENDIAN, LWMSG_SIGNED), 0);
    CHECK(!memcmp(out, "\xff\xff\xff\xfe", 4));
    CHECK_EQ(lwmsg_convert_integer(&in, 2, LWMSG_LITTLE_ENDIAN, out, 1, LWMSG_BIG_ENDIAN, LWMSG_SIGNED), 0);
    CHECK_EQ(lwmsg_convert_integer(&in, 2, LWMSG_LITTLE_ENDIAN, out, 1, LWMSG_BIG_ENDIAN, LWMSG_UNSIGNED), LWMSG_STATUS_OVERFLOW);
}

int main(void)
{
    logging();
    texts_of_errors();
    times();
    buffers();
    numbers();
    return 0;
}
