/* Custom classes: what is sent, what their functions are given, how they nest; verify functions; types of a protocol
 * as large as daemons have.
 */
#include <lwmsg/data.h>
#include <lwmsg/protocol.h>

#include <stdint.h>
#include <string.h>

#include "check.h"

static LWMsgDataContext *data;
static char journal[4096];

static void note(const char *text)
{
    strcat(journal, text);
    strcat(journal, " ");
}

/* --- A pointer that is sent as a number ------------------------------------------------------------------------- */

static const char *const names[] = {"none", "red", "green", "blue"};

static LWMsgTypeSpec number_spec[] = {LWMSG_UINT16(uint16_t), LWMSG_ATTR_RANGE(0, 3), LWMSG_TYPE_END};

static LWMsgStatus name_marshal(LWMsgDataContext *context, LWMsgType *type, void *object, void *sent, void *user)
{
    uint16_t index;
    size_t low, high;

    CHECK(context == data && *(uint16_t *)sent == 0);
    CHECK_EQ(lwmsg_type_get_custom_flags(type), 5);
    CHECK(lwmsg_type_get_flags(type) == LWMSG_TYPE_FLAG_NOT_NULL || lwmsg_type_get_flags(type) == 0);
    CHECK_EQ(lwmsg_type_get_integer_range(type, &low, &high), LWMSG_STATUS_INVALID_PARAMETER);
    note(user);
    for (index = 0; index < 4; index++) {
        if (*(const char **)object == names[index]) {
            *(uint16_t *)sent = index;
            return LWMSG_STATUS_SUCCESS;
        }
    }
    return LWMSG_STATUS_NOT_FOUND;
}

static LWMsgStatus name_unmarshal(LWMsgDataContext *context, LWMsgType *type, void *sent, void *object, void *user)
{
    CHECK(context == data && lwmsg_type_get_custom_flags(type) == 5 && user != NULL);
    if (*(uint16_t *)sent == 3)
        return LWMSG_STATUS_SECURITY;
    *(const char **)object = names[*(uint16_t *)sent];
    note("made");
    return LWMSG_STATUS_SUCCESS;
}

static void name_destroy(LWMsgDataContext *context, LWMsgType *type, void *object, void *user)
{
    CHECK(context != NULL && lwmsg_type_get_custom_flags(type) == 5 && user != NULL);
    note(*(const char **)object ? "destroyed" : "nothing");
}

static void name_destroy_sent(LWMsgDataContext *context, LWMsgType *type, void *object, void *user)
{
    size_t low = 9, high = 9;

    (void)context;
    (void)object;
    CHECK(user != NULL && lwmsg_type_get_custom_flags(type) == 0);
    CHECK_EQ(lwmsg_type_get_integer_range(type, &low, &high), LWMSG_STATUS_SUCCESS);
    CHECK(low == 0 && high == 3);
    note("sent");
}

static LWMsgStatus name_print(LWMsgDataContext *context, LWMsgType *type, void *object, void *user, LWMsgBuffer *buffer)
{
    (void)context;
    (void)type;
    return lwmsg_buffer_print(buffer, "<%s:%s>", (const char *)user, *(const char **)object);
}

static LWMsgTypeClass name_class = {
    LWMSG_TRUE, number_spec, name_marshal, name_unmarshal, name_destroy, name_destroy_sent, name_print,
};

static LWMsgTypeSpec name_spec[] = {LWMSG_CUSTOM(void *, &name_class, "color"), LWMSG_ATTR_CUSTOM(4), LWMSG_ATTR_CUSTOM(1), LWMSG_TYPE_END};

/* --- An object that is sent as it is ---------------------------------------------------------------------------- */

typedef struct Point {
    int16_t count;
    int16_t *values;
} Point;

static LWMsgTypeSpec values_spec[] = {
    LWMSG_POINTER(LWMSG_INT16(int16_t)), LWMSG_ATTR_LENGTH_MEMBER(Point, count), LWMSG_TYPE_END,
};

static void values_destroy(LWMsgDataContext *context, LWMsgType *type, void *object, void *user)
{
    (void)type;
    (void)user;
    lwmsg_data_free_memory(context, *(void **)object);
    note("values");
}

static LWMsgStatus values_print(LWMsgDataContext *context, LWMsgType *type, void *object, void *user, LWMsgBuffer *buffer)
{
    (void)context;
    (void)type;
    (void)user;
    return lwmsg_buffer_print(buffer, "%d...", **(int16_t **)object);
}

static LWMsgTypeClass values_class = {LWMSG_FALSE, values_spec, NULL, NULL, values_destroy, NULL, values_print};

static LWMsgTypeSpec point_spec[] = {
    LWMSG_STRUCT_BEGIN(Point),
    LWMSG_MEMBER_INT16(Point, count),
    LWMSG_MEMBER_CUSTOM(Point, values, &values_class, NULL),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

/* --- Both, in arrays and unions --------------------------------------------------------------------------------- */

typedef struct All {
    void *name;
    uint8_t kind;
    union Either {
        void *name;
        Point point;
    } either;
    void *names[3];
    Point *points;
} All;

static LWMsgTypeSpec all_spec[] = {
    LWMSG_STRUCT_BEGIN(All),
    LWMSG_MEMBER_CUSTOM(All, name, &name_class, "first"),
    LWMSG_ATTR_CUSTOM(5),
    LWMSG_ATTR_NOT_NULL,
    LWMSG_MEMBER_UINT8(All, kind),
    LWMSG_MEMBER_UNION_BEGIN(All, either),
    LWMSG_MEMBER_CUSTOM(union Either, name, &name_class, "arm"),
    LWMSG_ATTR_CUSTOM(5),
    LWMSG_ATTR_TAG(1),
    LWMSG_MEMBER_TYPESPEC(union Either, point, point_spec),
    LWMSG_ATTR_TAG(2),
    LWMSG_UNION_END,
    LWMSG_ATTR_DISCRIM(All, kind),
    LWMSG_MEMBER_ARRAY(All, names, LWMSG_TYPESPEC(name_spec)),
    LWMSG_ATTR_LENGTH_STATIC(3),
    LWMSG_ATTR_SENSITIVE,
    LWMSG_MEMBER_POINTER(All, points, LWMSG_TYPESPEC(point_spec)),
    LWMSG_ATTR_LENGTH_STATIC(2),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static void show(LWMsgTypeSpec *spec, void *object)
{
    unsigned char *bytes;
    size_t length, index;
    void *copy;
    char *text;
    LWMsgStatus status = lwmsg_data_marshal_flat_alloc(data, spec, object, (void **)(void *)&bytes, &length);

    printf("%u:", status);
    for (index = 0; index < length; index++)
        printf(" %02x", bytes[index]);
    printf("\n");
    if (!status) {
        status = lwmsg_data_unmarshal_flat(data, spec, bytes, length, &copy);
        printf("%u\n", status);
        if (!status) {
            CHECK_EQ(lwmsg_data_print_graph_alloc(data, spec, copy, &text), LWMSG_STATUS_SUCCESS);
            printf("%s\n", text);
            lwmsg_data_free_memory(data, text);
            CHECK_EQ(lwmsg_data_free_graph(data, spec, copy), LWMSG_STATUS_SUCCESS);
        }
        lwmsg_data_free_memory(data, bytes);
    }
    printf("%s\n", journal);
    journal[0] = 0;
}

/* --- Verify functions ------------------------------------------------------------------------------------------- */

static LWMsgStatus verify(LWMsgDataContext *context, LWMsgBool unmarshalling, void *object, void *user)
{
    (void)context;
    (void)object;
    note(user);
    note(unmarshalling ? "after" : "before");
    return LWMSG_STATUS_SUCCESS;
}

typedef struct Checked {
    int32_t *pointer;
    struct Part {
        int16_t a;
    } part;
    uint8_t bytes[2];
} Checked;

static LWMsgTypeSpec checked_spec[] = {
    LWMSG_STRUCT_BEGIN(Checked),
    LWMSG_MEMBER_POINTER(Checked, pointer, LWMSG_INT32(int32_t), LWMSG_ATTR_VERIFY(verify, "number")),
    LWMSG_ATTR_VERIFY(verify, "pointer"),
    LWMSG_MEMBER_STRUCT(Checked, part, LWMSG_MEMBER_INT16(struct Part, a), LWMSG_ATTR_VERIFY(verify, "a")),
    LWMSG_ATTR_VERIFY(verify, "part"),
    LWMSG_MEMBER_ARRAY(Checked, bytes, LWMSG_UINT8(uint8_t), LWMSG_ATTR_VERIFY(verify, "never")),
    LWMSG_ATTR_LENGTH_STATIC(2),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

int main(void)
{
    int16_t values[] = {1, 2, 3};
    All all = {(void *)names[1], 1, {(void *)names[2]}, {(void *)names[0], (void *)names[1], (void *)names[2]}, NULL};
    Point points[2] = {{3, values}, {1, values + 2}};
    int32_t number = 7;
    Checked checked = {&number, {5}, {1, 2}};

    CHECK_EQ(lwmsg_data_context_new(NULL, &data), LWMSG_STATUS_SUCCESS);
    show(name_spec, (void *)names[2]);
    show(name_spec, (void *)names[3]);
    show(name_spec, "another");
    show(point_spec, &points[0]);
    all.points = points;
    show(all_spec, &all);
    all.kind = 2;
    all.either.point = points[0];
    show(all_spec, &all);
    all.names[2] = (void *)names[3];
    show(checked_spec, &checked);
    lwmsg_data_context_delete(data);
    return 0;
}
