/* The bytes of objects, as measured on the original, in both byte orders; and back; and what breaks a rule. */
#include <lwmsg/data.h>

#include <stdint.h>
#include <string.h>

#include "check.h"

static LWMsgContext *context;
static LWMsgDataContext *data;

/* Hexadecimal digits without blanks. */
static size_t bytes_of(const char *text, unsigned char *bytes, size_t room)
{
    size_t count = 0;

    for (; *text; text++) {
        unsigned value;

        if (*text == ' ' || *text == '|')
            continue;
        CHECK(count < room && sscanf(text, "%2x", &value) == 1);
        bytes[count++] = (unsigned char)value;
        text++;
    }
    return count;
}

/* The object gives these bytes, and they give an object that gives them again. */
static void both_ways(const char *what, LWMsgTypeSpec *spec, void *object, const char *text)
{
    unsigned char wanted[256];
    size_t count = bytes_of(text, wanted, sizeof wanted), length, again_length, index;
    void *bytes, *again, *copy;

    CHECK_EQ(lwmsg_data_marshal_flat_alloc(data, spec, object, &bytes, &length), LWMSG_STATUS_SUCCESS);
    if (length != count || (count && memcmp(bytes, wanted, count))) {
        fprintf(stderr, "%s:", what);
        for (index = 0; index < length; index++)
            fprintf(stderr, " %02x", ((unsigned char *)bytes)[index]);
        fprintf(stderr, " instead of %s\n", text);
        exit(1);
    }
    CHECK(bytes != NULL);
    CHECK_EQ(lwmsg_data_unmarshal_flat(data, spec, bytes, length, &copy), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_data_marshal_flat_alloc(data, spec, copy, &again, &again_length), LWMSG_STATUS_SUCCESS);
    CHECK(again_length == length && !memcmp(again, bytes, length));
    CHECK_EQ(lwmsg_data_free_graph(data, spec, copy), LWMSG_STATUS_SUCCESS);
    /* Every shorter input ends too early. */
    for (index = 0; index < length; index++) {
        copy = NULL;
        CHECK_EQ(lwmsg_data_unmarshal_flat(data, spec, bytes, index, &copy), LWMSG_STATUS_EOF);
    }
    for (index = 0; index < length; index++)
        CHECK_EQ(lwmsg_data_marshal_flat(data, spec, object, again, index), LWMSG_STATUS_EOF);
    CHECK_EQ(lwmsg_data_marshal_flat(data, spec, object, again, length), LWMSG_STATUS_SUCCESS);
    lwmsg_data_free_memory(data, again);
    lwmsg_data_free_memory(data, bytes);
}

#define BOTH_WAYS(spec, object, text) both_ways(#spec, spec, object, text)

static LWMsgStatus unmarshal(LWMsgTypeSpec *spec, const char *text, void **out)
{
    unsigned char bytes[256];
    size_t count = bytes_of(text, bytes, sizeof bytes);

    *out = NULL;
    return lwmsg_data_unmarshal_flat(data, spec, bytes, count, out);
}

static LWMsgStatus unmarshal_and_free(LWMsgTypeSpec *spec, const char *text)
{
    void *object;
    LWMsgStatus status = unmarshal(spec, text, &object);

    if (status == LWMSG_STATUS_SUCCESS)
        CHECK_EQ(lwmsg_data_free_graph(data, spec, object), LWMSG_STATUS_SUCCESS);
    return status;
}

static LWMsgStatus marshal(LWMsgTypeSpec *spec, void *object)
{
    unsigned char bytes[256];

    return lwmsg_data_marshal_flat(data, spec, object, bytes, sizeof bytes);
}

typedef struct Foo {
    char *name;
    uint32_t length;
    long *numbers;
} Foo;

static LWMsgTypeSpec foo_spec[] = {
    LWMSG_STRUCT_BEGIN(Foo),
    LWMSG_MEMBER_PSTR(Foo, name),
    LWMSG_MEMBER_UINT32(Foo, length),
    LWMSG_MEMBER_POINTER_BEGIN(Foo, numbers),
    LWMSG_INT64(long),
    LWMSG_POINTER_END,
    LWMSG_ATTR_LENGTH_MEMBER(Foo, length),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static void strings_and_counted_pointers(void)
{
    long numbers[2] = {1, -2};
    char abc[] = "abc", empty[] = "";
    Foo foo = {abc, 2, numbers}, nothing = {NULL, 0, NULL}, zero = {empty, 0, numbers};
    void *out;

    BOTH_WAYS(foo_spec, &foo, "ff 00000003 616263 00000002 ff 0000000000000001 fffffffffffffffe");
    BOTH_WAYS(foo_spec, &nothing, "00 00000000 00");
    BOTH_WAYS(foo_spec, &zero, "ff 00000000 00000000 ff");
    lwmsg_data_context_set_byte_order(data, LWMSG_LITTLE_ENDIAN);
    BOTH_WAYS(foo_spec, &foo, "ff 03000000 616263 02000000 ff 0100000000000000 feffffffffffffff");
    lwmsg_data_context_set_byte_order(data, LWMSG_BIG_ENDIAN);
    /* Any indicator that is not zero. */
    CHECK_EQ(unmarshal(foo_spec, "01 00000001 78 00000000 00 aabbcc", &out), LWMSG_STATUS_SUCCESS);
    CHECK(!strcmp(((Foo *)out)->name, "x") && ((Foo *)out)->numbers == NULL);
    CHECK_EQ(lwmsg_data_free_graph(data, foo_spec, out), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(marshal(foo_spec, NULL), LWMSG_STATUS_MALFORMED);
}

typedef struct List {
    int32_t value;
    struct List *next;
} List;

static LWMsgTypeSpec aliasable_spec[] = {
    LWMSG_STRUCT_BEGIN(List),
    LWMSG_MEMBER_INT32(List, value),
    LWMSG_MEMBER_POINTER_BEGIN(List, next),
    LWMSG_TYPESPEC(aliasable_spec),
    LWMSG_POINTER_END,
    LWMSG_ATTR_ALIASABLE,
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec plain_spec[] = {
    LWMSG_STRUCT_BEGIN(List),
    LWMSG_MEMBER_INT32(List, value),
    LWMSG_MEMBER_POINTER_BEGIN(List, next),
    LWMSG_TYPESPEC(plain_spec),
    LWMSG_POINTER_END,
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static void lists_and_aliases(void)
{
    List third = {3, NULL}, second = {2, &third}, first = {1, &second};
    void *out;
    List *list;

    BOTH_WAYS(plain_spec, &first, "00000001 ff 00000002 ff 00000003 00");
    BOTH_WAYS(aliasable_spec, &first, "00000001 00000001 00000002 00000002 00000003 00000000");
    third.next = &second;
    BOTH_WAYS(aliasable_spec, &first, "00000001 00000001 00000002 00000002 00000003 00000001");
    CHECK_EQ(unmarshal(aliasable_spec, "00000001 00000001 00000002 00000002 00000003 00000001", &out), LWMSG_STATUS_SUCCESS);
    list = out;
    CHECK(list->next->next->next == list->next);
    CHECK_EQ(lwmsg_data_free_graph(data, aliasable_spec, out), LWMSG_STATUS_SUCCESS);
    /* The reader numbers objects itself; an unknown number introduces one. */
    CHECK_EQ(unmarshal(aliasable_spec, "00000001 00000063 00000002 00000001", &out), LWMSG_STATUS_SUCCESS);
    list = out;
    CHECK(list->next->next == list->next);
    CHECK_EQ(lwmsg_data_free_graph(data, aliasable_spec, out), LWMSG_STATUS_SUCCESS);
}

typedef struct Pair {
    List *left, *right;
} Pair;

static LWMsgTypeSpec node_spec[] = {
    LWMSG_POINTER_BEGIN, LWMSG_TYPESPEC(plain_spec), LWMSG_POINTER_END, LWMSG_ATTR_ALIASABLE, LWMSG_TYPE_END,
};

static LWMsgTypeSpec shared_spec[] = {
    LWMSG_STRUCT_BEGIN(Pair),
    LWMSG_MEMBER_TYPESPEC(Pair, left, node_spec),
    LWMSG_MEMBER_TYPESPEC(Pair, right, node_spec),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec unshared_spec[] = {
    LWMSG_STRUCT_BEGIN(Pair),
    LWMSG_MEMBER_POINTER(Pair, left, LWMSG_TYPESPEC(plain_spec)),
    LWMSG_ATTR_ALIASABLE,
    LWMSG_MEMBER_POINTER(Pair, right, LWMSG_TYPESPEC(plain_spec)),
    LWMSG_ATTR_ALIASABLE,
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static void aliases_have_one_table(void)
{
    List list = {7, NULL};
    Pair pair = {&list, &list};
    unsigned char bytes[13];

    BOTH_WAYS(shared_spec, &pair, "00000001 00000007 00 00000001");
    /* Writing does not care for the block of the pointer, reading does. */
    CHECK_EQ(lwmsg_data_marshal_flat(data, unshared_spec, &pair, bytes, sizeof bytes), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(unmarshal_and_free(unshared_spec, "00000001 00000007 00 00000001"), LWMSG_STATUS_MALFORMED);
    CHECK_EQ(unmarshal_and_free(unshared_spec, "00000001 00000007 00 00000002 00000008 00"), LWMSG_STATUS_SUCCESS);
}

typedef enum Color { RED = 1, GREEN = 2, BRIGHT = 0x100, DARK = 0x200 } Color;
typedef enum Mask { READ = 1, WRITE = 2 } Mask;

static LWMsgTypeSpec color_spec[] = {
    LWMSG_ENUM_BEGIN(Color, 2, LWMSG_UNSIGNED), LWMSG_ENUM_VALUE(RED), LWMSG_ENUM_VALUE(GREEN), LWMSG_ENUM_MASK(BRIGHT),
    LWMSG_ENUM_MASK(DARK), LWMSG_ENUM_END, LWMSG_TYPE_END,
};

static LWMsgTypeSpec mask_spec[] = {
    LWMSG_ENUM_BEGIN(Mask, 1, LWMSG_UNSIGNED), LWMSG_ENUM_MASK(READ), LWMSG_ENUM_MASK(WRITE), LWMSG_ENUM_END, LWMSG_TYPE_END,
};

typedef struct Numbers {
    Color color;
    int8_t i8;
    int16_t i16;
    int64_t i64;
} Numbers;

static LWMsgTypeSpec numbers_spec[] = {
    LWMSG_STRUCT_BEGIN(Numbers),
    LWMSG_MEMBER_TYPESPEC(Numbers, color, color_spec),
    LWMSG_MEMBER_INT8(Numbers, i8),
    LWMSG_MEMBER_INT16(Numbers, i16),
    LWMSG_MEMBER_INT64(Numbers, i64),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec int32_spec[] = {LWMSG_INT32(int32_t), LWMSG_TYPE_END};
static LWMsgTypeSpec narrow_spec[] = {LWMSG_INTEGER(int64_t, 3, LWMSG_SIGNED), LWMSG_TYPE_END};
static LWMsgTypeSpec narrow_unsigned_spec[] = {LWMSG_INTEGER(uint64_t, 3, LWMSG_UNSIGNED), LWMSG_TYPE_END};
static LWMsgTypeSpec wide_spec[] = {LWMSG_INTEGER(int8_t, 4, LWMSG_SIGNED), LWMSG_TYPE_END};
static LWMsgTypeSpec range_spec[] = {LWMSG_UINT16(uint16_t), LWMSG_ATTR_RANGE(10, 20), LWMSG_TYPE_END};

static void integers_and_enumerations(void)
{
    Numbers numbers = {(Color)0x102, 7, -2, -3};
    int32_t i32 = -5;
    int64_t i64 = -2;
    uint64_t u64 = 0x123456;
    int8_t i8 = -1;
    uint16_t u16 = 10;
    Mask mask = (Mask)3;

    BOTH_WAYS(numbers_spec, &numbers, "0102 07 fffe fffffffffffffffd");
    BOTH_WAYS(int32_spec, &i32, "fffffffb");
    BOTH_WAYS(narrow_spec, &i64, "fffffe");
    i64 = 0x800000;
    CHECK_EQ(marshal(narrow_spec, &i64), LWMSG_STATUS_OVERFLOW);
    i64 = -0x800001;
    CHECK_EQ(marshal(narrow_spec, &i64), LWMSG_STATUS_OVERFLOW);
    BOTH_WAYS(narrow_unsigned_spec, &u64, "123456");
    u64 = 0x1000000;
    CHECK_EQ(marshal(narrow_unsigned_spec, &u64), LWMSG_STATUS_OVERFLOW);
    BOTH_WAYS(wide_spec, &i8, "ffffffff");
    CHECK_EQ(unmarshal_and_free(wide_spec, "00000080"), LWMSG_STATUS_OVERFLOW);
    CHECK_EQ(unmarshal_and_free(wide_spec, "ffffff7f"), LWMSG_STATUS_OVERFLOW);
    BOTH_WAYS(range_spec, &u16, "000a");
    u16 = 9;
    CHECK_EQ(marshal(range_spec, &u16), LWMSG_STATUS_MALFORMED);
    CHECK_EQ(unmarshal_and_free(range_spec, "0014"), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(unmarshal_and_free(range_spec, "0015"), LWMSG_STATUS_MALFORMED);
    CHECK_EQ(unmarshal_and_free(color_spec, "0302"), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(unmarshal_and_free(color_spec, "0003"), LWMSG_STATUS_MALFORMED);
    CHECK_EQ(unmarshal_and_free(color_spec, "0100"), LWMSG_STATUS_MALFORMED);
    CHECK_EQ(unmarshal_and_free(color_spec, "0401"), LWMSG_STATUS_MALFORMED);
    BOTH_WAYS(mask_spec, &mask, "03");
    CHECK_EQ(unmarshal_and_free(mask_spec, "00"), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(unmarshal_and_free(mask_spec, "04"), LWMSG_STATUS_MALFORMED);
}

typedef union Any {
    uint8_t byte;
    char *text;
} Any;

typedef struct Tagged {
    int32_t kind;
    Any any;
} Tagged;

static LWMsgTypeSpec any_spec[] = {
    LWMSG_UNION_BEGIN(Any),
    LWMSG_MEMBER_UINT8(Any, byte),
    LWMSG_ATTR_TAG(1),
    LWMSG_MEMBER_PSTR(Any, text),
    LWMSG_ATTR_TAG(2),
    LWMSG_MEMBER_VOID(Any, nothing),
    LWMSG_ATTR_TAG(3),
    LWMSG_UNION_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec tagged_spec[] = {
    LWMSG_STRUCT_BEGIN(Tagged),
    LWMSG_MEMBER_INT32(Tagged, kind),
    LWMSG_MEMBER_TYPESPEC(Tagged, any, any_spec),
    LWMSG_ATTR_DISCRIM(Tagged, kind),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static void unions(void)
{
    char hi[] = "hi";
    Tagged byte = {1, {.byte = 9}}, text = {2, {.text = hi}}, nothing = {3, {0}}, unknown = {4, {0}};

    BOTH_WAYS(tagged_spec, &byte, "00000001 09");
    BOTH_WAYS(tagged_spec, &text, "00000002 ff 00000002 6869");
    BOTH_WAYS(tagged_spec, &nothing, "00000003");
    CHECK_EQ(marshal(tagged_spec, &unknown), LWMSG_STATUS_MALFORMED);
    CHECK_EQ(unmarshal_and_free(tagged_spec, "00000004"), LWMSG_STATUS_MALFORMED);
}

typedef struct Arrays {
    int16_t fixed[3];
    uint8_t count;
    char flexible[1];
} Arrays;

static LWMsgTypeSpec arrays_spec[] = {
    LWMSG_STRUCT_BEGIN(Arrays),
    LWMSG_MEMBER_ARRAY_BEGIN(Arrays, fixed),
    LWMSG_INT16(int16_t),
    LWMSG_ARRAY_END,
    LWMSG_ATTR_LENGTH_STATIC(3),
    LWMSG_MEMBER_UINT8(Arrays, count),
    LWMSG_MEMBER_ARRAY_BEGIN(Arrays, flexible),
    LWMSG_UINT8(char),
    LWMSG_ARRAY_END,
    LWMSG_ATTR_LENGTH_MEMBER(Arrays, count),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec zero_array_spec[] = {
    LWMSG_STRUCT_BEGIN(Arrays),
    LWMSG_MEMBER_UINT8(Arrays, count),
    LWMSG_MEMBER_ARRAY_BEGIN(Arrays, flexible),
    LWMSG_UINT8(char),
    LWMSG_ARRAY_END,
    LWMSG_ATTR_ZERO_TERMINATED,
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static void arrays(void)
{
    struct {
        Arrays arrays;
        char more[8];
    } object;
    void *out;

    memset(&object, 0, sizeof object);
    object.arrays.fixed[0] = 1;
    object.arrays.fixed[1] = 2;
    object.arrays.fixed[2] = -1;
    object.arrays.count = 4;
    memcpy((char *)&object + offsetof(Arrays, flexible), "wxyz", 4);
    BOTH_WAYS(arrays_spec, &object, "0001 0002 ffff 04 7778797a");
    BOTH_WAYS(zero_array_spec, &object, "04 00000004 7778797a");
    CHECK_EQ(unmarshal(zero_array_spec, "01 00000002 6162", &out), LWMSG_STATUS_SUCCESS);
    CHECK(!strcmp((char *)out + offsetof(Arrays, flexible), "ab"));
    CHECK_EQ(lwmsg_data_free_graph(data, zero_array_spec, out), LWMSG_STATUS_SUCCESS);
}

typedef struct Inner {
    int16_t value;
} Inner;

typedef struct Nested {
    char *text;
    Inner inner;
    int16_t *pointer;
} Nested;

static LWMsgTypeSpec nested_spec[] = {
    LWMSG_STRUCT_BEGIN(Nested),
    LWMSG_MEMBER_PSTR(Nested, text),
    LWMSG_ATTR_NOT_NULL,
    LWMSG_MEMBER_STRUCT(Nested, inner, LWMSG_MEMBER_INT16(Inner, value)),
    LWMSG_MEMBER_POINTER(Nested, pointer, LWMSG_INT16(int16_t)),
    LWMSG_ATTR_NOT_NULL,
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static void not_null(void)
{
    char k[] = "k";
    int16_t five = 5;
    Nested nested = {k, {6}, &five};

    BOTH_WAYS(nested_spec, &nested, "00000001 6b 0006 0005");
    nested.pointer = NULL;
    CHECK_EQ(marshal(nested_spec, &nested), LWMSG_STATUS_MALFORMED);
    nested.pointer = &five;
    nested.text = NULL;
    CHECK_EQ(marshal(nested_spec, &nested), LWMSG_STATUS_MALFORMED);
}

typedef struct Strings {
    uint16_t count;
    char **strings;
    char **list;
    uint16_t *wide;
} Strings;

static LWMsgTypeSpec strings_spec[] = {
    LWMSG_STRUCT_BEGIN(Strings),
    LWMSG_MEMBER_UINT16(Strings, count),
    LWMSG_MEMBER_POINTER(Strings, strings, LWMSG_PSTR),
    LWMSG_ATTR_LENGTH_MEMBER(Strings, count),
    LWMSG_MEMBER_POINTER(Strings, list, LWMSG_PSTR),
    LWMSG_ATTR_ZERO_TERMINATED,
    LWMSG_MEMBER_POINTER(Strings, wide, LWMSG_UINT16(uint16_t)),
    LWMSG_ATTR_ZERO_TERMINATED,
    LWMSG_ATTR_ENCODING("utf-16"),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

typedef struct Table {
    uint8_t rows;
    int32_t **numbers;
} Table;

/* The length of what a pointer inside a pointer leads to is that of the structure around both. */
static LWMsgTypeSpec table_spec[] = {
    LWMSG_STRUCT_BEGIN(Table),
    LWMSG_MEMBER_UINT8(Table, rows),
    LWMSG_MEMBER_POINTER_BEGIN(Table, numbers),
    LWMSG_POINTER_BEGIN,
    LWMSG_INT32(int32_t),
    LWMSG_POINTER_END,
    LWMSG_ATTR_LENGTH_MEMBER(Table, rows),
    LWMSG_POINTER_END,
    LWMSG_ATTR_LENGTH_MEMBER(Table, rows),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static void pointers_to_pointers(void)
{
    char a[] = "a", bc[] = "bc";
    char *strings[] = {a, NULL, bc}, *list[] = {bc, a, NULL};
    uint16_t wide[] = {0x48, 0x69, 0};
    Strings object = {3, strings, list, wide};
    int32_t first[] = {1, 2}, second[] = {3, 4}, *rows[] = {first, second};
    Table table = {2, rows};

    BOTH_WAYS(strings_spec, &object,
              "0003 ff ff00000001 61 00 ff00000002 6263 ff 00000002 ff00000002 6263 ff00000001 61 ff 00000002 0048 0069");
    BOTH_WAYS(table_spec, &table, "02 ff ff 00000001 00000002 ff 00000003 00000004");
}

static LWMsgTypeSpec pstr_spec[] = {LWMSG_PSTR, LWMSG_TYPE_END};
static LWMsgTypeSpec void_spec[] = {LWMSG_VOID, LWMSG_TYPE_END};
static LWMsgTypeSpec limited_spec[] = {LWMSG_PSTR, LWMSG_ATTR_NOT_NULL, LWMSG_ATTR_MAX_ALLOC(4), LWMSG_TYPE_END};
static LWMsgTypeSpec reference_spec[] = {LWMSG_TYPESPEC(pstr_spec), LWMSG_TYPE_END};

static void top_level(void)
{
    char hey[] = "hey", *pointer = hey;
    int nothing = 0;
    void *out;

    BOTH_WAYS(pstr_spec, hey, "ff 00000003 686579");
    BOTH_WAYS(void_spec, &nothing, "");
    /* Only the first word counts: a reference to a pointer is promoted. */
    BOTH_WAYS(reference_spec, &pointer, "ff 00000003 686579");
    CHECK_EQ(marshal(pstr_spec, NULL), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(unmarshal(pstr_spec, "00", &out), LWMSG_STATUS_SUCCESS);
    CHECK(out == NULL);
    CHECK_EQ(unmarshal_and_free(limited_spec, "00000003 616263"), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(unmarshal_and_free(limited_spec, "00000004 61626364"), LWMSG_STATUS_OVERFLOW);
}

static void into_memory_of_the_program(void)
{
    unsigned char bytes[64];
    LWMsgBuffer buffer;
    Foo foo;

    memset(&foo, 0, sizeof foo);
    buffer.base = buffer.cursor = bytes;
    buffer.end = bytes + bytes_of("ff 00000001 61 00000001 ff 0000000000000007", bytes, sizeof bytes);
    buffer.wrap = NULL;
    CHECK_EQ(lwmsg_data_unmarshal_into(data, foo_spec, &buffer, &foo, sizeof foo - 1), LWMSG_STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(lwmsg_data_unmarshal_into(data, foo_spec, &buffer, &foo, sizeof foo), LWMSG_STATUS_SUCCESS);
    CHECK(buffer.cursor == buffer.end);
    CHECK(!strcmp(foo.name, "a") && foo.length == 1 && foo.numbers[0] == 7);
    CHECK_EQ(lwmsg_data_destroy_graph(data, foo_spec, &foo), LWMSG_STATUS_SUCCESS);
}

/* Gives or takes a few bytes at a time, and counts. */
typedef struct Trickle {
    unsigned char *all;
    size_t length, done;
    int flushes;
} Trickle;

static LWMsgStatus trickle(LWMsgBuffer *buffer, size_t needed)
{
    Trickle *state = buffer->data;

    state->done = (size_t)(buffer->cursor - state->all);
    if (needed == 0) {
        state->flushes++;
        return LWMSG_STATUS_SUCCESS;
    }
    if (state->done == state->length)
        return LWMSG_STATUS_TIMEOUT;
    buffer->base = buffer->cursor;
    buffer->end = buffer->cursor + (state->length - state->done > 3 ? 3 : state->length - state->done);
    return LWMSG_STATUS_SUCCESS;
}

static void buffers_that_wrap(void)
{
    unsigned char bytes[64];
    long numbers[2] = {1, -2};
    char abc[] = "abc";
    Foo foo = {abc, 2, numbers};
    Trickle state = {bytes, sizeof bytes, 0, 0};
    LWMsgBuffer buffer = {bytes, bytes, bytes, trickle, &state};
    void *out;

    CHECK_EQ(lwmsg_data_marshal(data, foo_spec, &foo, &buffer), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(state.flushes, 1);
    CHECK_EQ(state.done, 29);
    state.length = state.done;
    buffer.base = buffer.end = buffer.cursor = bytes;
    CHECK_EQ(lwmsg_data_unmarshal(data, foo_spec, &buffer, &out), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(state.flushes, 2);
    CHECK(!strcmp(((Foo *)out)->name, "abc") && ((Foo *)out)->numbers[1] == -2);
    CHECK_EQ(lwmsg_data_free_graph(data, foo_spec, out), LWMSG_STATUS_SUCCESS);
    /* The status of wrap is the result, and there is no notice then. */
    state.length = 28;
    buffer.base = buffer.end = buffer.cursor = bytes;
    CHECK_EQ(lwmsg_data_unmarshal(data, foo_spec, &buffer, &out), LWMSG_STATUS_TIMEOUT);
    CHECK_EQ(state.flushes, 2);
}

static int verified[2];

static LWMsgStatus verify(LWMsgDataContext *dcontext, LWMsgBool unmarshalling, void *object, void *user)
{
    CHECK(dcontext != NULL && user == verified);
    verified[unmarshalling]++;
    return *(int32_t *)object == 13 ? LWMSG_STATUS_SECURITY : LWMSG_STATUS_SUCCESS;
}

static LWMsgTypeSpec verify_spec[] = {LWMSG_INT32(int32_t), LWMSG_ATTR_VERIFY(verify, verified), LWMSG_TYPE_END};

static void checks_of_the_program(void)
{
    int32_t value = 12;

    CHECK_EQ(marshal(verify_spec, &value), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(unmarshal_and_free(verify_spec, "0000000c"), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(verified[0], 1);
    CHECK_EQ(verified[1], 1);
    value = 13;
    CHECK_EQ(marshal(verify_spec, &value), LWMSG_STATUS_SECURITY);
    CHECK_EQ(unmarshal_and_free(verify_spec, "0000000d"), LWMSG_STATUS_SECURITY);
}

int main(void)
{
    CHECK_EQ(lwmsg_context_new(NULL, &context), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_data_context_new(context, &data), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_data_context_get_byte_order(data), LWMSG_BIG_ENDIAN);
    CHECK(lwmsg_data_context_get_context(data) == context);
    strings_and_counted_pointers();
    lists_and_aliases();
    aliases_have_one_table();
    integers_and_enumerations();
    unions();
    arrays();
    not_null();
    pointers_to_pointers();
    top_level();
    into_memory_of_the_program();
    buffers_that_wrap();
    checks_of_the_program();
    lwmsg_data_context_delete(data);
    lwmsg_context_delete(context);
    return 0;
}
