/* Words of type tables that were measured on the original, compared with those our headers make.
 *
 * A table is compared with a text: hexadecimal words, and quoted words where the address of that string is. The three
 * programs tables*.c include this with different switches of the headers.
 */
#include <lwmsg/assoc.h>
#include <lwmsg/connection.h>
#include <lwmsg/data.h>
#include <lwmsg/type.h>

#include <stdint.h>
#include <string.h>

#include "check.h"

typedef struct Foo {
    char *name;
    uint32_t length;
    long *numbers;
} Foo;

typedef struct List {
    int32_t value;
    struct List *next;
} List;

typedef enum Color { RED = 1, GREEN = 2, BRIGHT = 0x100, DARK = 0x200 } Color;

typedef union Any {
    uint8_t byte;
    char *text;
} Any;

typedef struct Tagged {
    int32_t kind;
    Any any;
} Tagged;

typedef struct Arrays {
    int16_t fixed[3];
    uint8_t count;
    char flexible[1];
} Arrays;

typedef struct Everything {
    int8_t i8;
    int16_t i16;
    int32_t i32;
    int64_t i64;
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    struct {
        int16_t x;
    } inner;
    Any any;
    void *custom;
    int fd;
    void *handle;
    char *text;
} Everything;

enum { LW_FALSE, LW_TRUE };

static LWMsgStatus verify(struct LWMsgDataContext *context, LWMsgBool unmarshalling, void *object, void *data)
{
    (void)context;
    (void)unmarshalling;
    (void)object;
    (void)data;
    return LWMSG_STATUS_SUCCESS;
}

static LWMsgTypeClass class;
static int class_data;

enum { FIRST_LINE = __LINE__ };
static LWMsgTypeSpec foo_spec[] = {LWMSG_STRUCT_BEGIN(Foo), LWMSG_MEMBER_PSTR(Foo, name), LWMSG_MEMBER_UINT32(Foo, length), LWMSG_MEMBER_POINTER_BEGIN(Foo, numbers), LWMSG_INT64(long), LWMSG_POINTER_END, LWMSG_ATTR_LENGTH_MEMBER(Foo, length), LWMSG_STRUCT_END, LWMSG_TYPE_END};
static LWMsgTypeSpec list_spec[] = {LWMSG_STRUCT_BEGIN(List), LWMSG_MEMBER_INT32(List, value), LWMSG_MEMBER_POINTER(List, next, LWMSG_TYPESPEC(list_spec)), LWMSG_ATTR_ALIASABLE, LWMSG_STRUCT_END, LWMSG_TYPE_END};
static LWMsgTypeSpec color_spec[] = {LWMSG_ENUM_BEGIN(Color, 2, LWMSG_UNSIGNED), LWMSG_ENUM_VALUE(RED), LWMSG_ENUM_NAMED_VALUE("Green", GREEN), LWMSG_ENUM_MASK(BRIGHT), LWMSG_ENUM_NAMED_MASK("Dark", DARK), LWMSG_ENUM_END, LWMSG_TYPE_END};
static LWMsgTypeSpec any_spec[] = {LWMSG_UNION_BEGIN(Any), LWMSG_MEMBER_UINT8(Any, byte), LWMSG_ATTR_TAG(1), LWMSG_MEMBER_PSTR(Any, text), LWMSG_ATTR_TAG(2), LWMSG_MEMBER_VOID(Any, nothing), LWMSG_ATTR_TAG(3), LWMSG_UNION_END, LWMSG_TYPE_END};
static LWMsgTypeSpec tagged_spec[] = {LWMSG_STRUCT_BEGIN(Tagged), LWMSG_MEMBER_INT32(Tagged, kind), LWMSG_MEMBER_TYPESPEC(Tagged, any, any_spec), LWMSG_ATTR_DISCRIM(Tagged, kind), LWMSG_STRUCT_END, LWMSG_TYPE_END};
static LWMsgTypeSpec arrays_spec[] = {LWMSG_STRUCT_BEGIN(Arrays), LWMSG_MEMBER_ARRAY_BEGIN(Arrays, fixed), LWMSG_INT16(int16_t), LWMSG_ARRAY_END, LWMSG_ATTR_LENGTH_STATIC(3), LWMSG_MEMBER_UINT8(Arrays, count), LWMSG_MEMBER_ARRAY(Arrays, flexible, LWMSG_UINT8(char)), LWMSG_ATTR_LENGTH_MEMBER(Arrays, count), LWMSG_STRUCT_END, LWMSG_TYPE_END};
static LWMsgTypeSpec handle_spec[] = {LWMSG_HANDLE(Thing), LWMSG_ATTR_HANDLE_LOCAL_FOR_RECEIVER, LWMSG_ATTR_NOT_NULL, LWMSG_TYPE_END};
static LWMsgTypeSpec fd_spec[] = {LWMSG_FD, LWMSG_TYPE_END};
static LWMsgTypeSpec pstr_spec[] = {LWMSG_PSTR, LWMSG_TYPE_END};
static LWMsgTypeSpec void_spec[] = {LWMSG_VOID, LWMSG_TYPE_END};
static LWMsgTypeSpec integers_spec[] = {LWMSG_INT8(int8_t), LWMSG_INT16(int16_t), LWMSG_INT32(int32_t), LWMSG_INT64(int64_t), LWMSG_UINT8(uint8_t), LWMSG_UINT16(uint16_t), LWMSG_UINT32(uint32_t), LWMSG_UINT64(uint64_t), LWMSG_INTEGER(int, 3, LWMSG_SIGNED), LWMSG_TYPE_END};
static LWMsgTypeSpec members_spec[] = {LWMSG_STRUCT(Everything, LWMSG_MEMBER_INT8(Everything, i8), LWMSG_MEMBER_INT16(Everything, i16), LWMSG_MEMBER_INT32(Everything, i32), LWMSG_MEMBER_INT64(Everything, i64), LWMSG_MEMBER_UINT8(Everything, u8), LWMSG_MEMBER_UINT16(Everything, u16), LWMSG_MEMBER_UINT32(Everything, u32), LWMSG_MEMBER_UINT64(Everything, u64), LWMSG_MEMBER_INTEGER(Everything, i32, 3, LWMSG_SIGNED)), LWMSG_TYPE_END};
static LWMsgTypeSpec compounds_spec[] = {LWMSG_STRUCT_BEGIN(Everything), LWMSG_MEMBER_STRUCT_BEGIN(Everything, inner), LWMSG_STRUCT_END, LWMSG_MEMBER_STRUCT(Everything, inner, LWMSG_MEMBER_BOOL(Everything, u8)), LWMSG_MEMBER_UNION_BEGIN(Everything, any), LWMSG_UNION_END, LWMSG_MEMBER_UNION(Everything, any, LWMSG_VOID), LWMSG_UNION(Any, LWMSG_POINTER(LWMSG_VOID)), LWMSG_POINTER_BEGIN, LWMSG_POINTER_END, LWMSG_STRUCT_END, LWMSG_TYPE_END};
static LWMsgTypeSpec customs_spec[] = {LWMSG_CUSTOM(void *, &class, &class_data), LWMSG_ATTR_CUSTOM(5), LWMSG_MEMBER_CUSTOM(Everything, custom, &class, &class_data), LWMSG_MEMBER_FD(Everything, fd), LWMSG_MEMBER_HANDLE(Everything, handle, Thing), LWMSG_ATTR_HANDLE_LOCAL_FOR_SENDER, LWMSG_TYPE_END};
static LWMsgTypeSpec attributes_spec[] = {LWMSG_MEMBER_PSTR(Everything, text), LWMSG_ATTR_NOT_NULL, LWMSG_ATTR_MAX_ALLOC(64), LWMSG_ATTR_SENSITIVE, LWMSG_ATTR_ZERO_TERMINATED, LWMSG_ATTR_ENCODING("utf-16"), LWMSG_ATTR_STRING, LWMSG_ATTR_VERIFY(verify, &class_data), LWMSG_ATTR_RANGE(-5, 100), LWMSG_TYPE_END};
#define LINE(nth) (FIRST_LINE + (nth))

#define COMPARE(spec, text) compare(#spec, spec, sizeof(spec) / sizeof(spec[0]), text)

/* The next word of the text, up to a blank outside quotes. */
static const char *next_word(const char *text, char *word, size_t room)
{
    size_t length = 0;
    int quoted = 0;

    while (*text == ' ')
        text++;
    while (*text && (quoted || *text != ' ')) {
        if (*text == '"')
            quoted = !quoted;
        CHECK(length + 1 < room);
        word[length++] = *text++;
    }
    word[length] = 0;
    return text;
}

static void compare(const char *what, const size_t *spec, size_t count, const char *text)
{
    size_t index;
    char word[64];

    for (index = 0; index < count; index++) {
        text = next_word(text, word, sizeof word);
        if (word[0] == '"') {
            word[strlen(word) - 1] = 0;
            if (strcmp((const char *)spec[index], word + 1)) {
                fprintf(stderr, "%s[%zu]: \"%s\" instead of \"%s\"\n", what, index, (const char *)spec[index], word + 1);
                exit(1);
            }
        } else if (word[0] != '*') {
            if (spec[index] != strtoul(word, NULL, 16)) {
                fprintf(stderr, "%s[%zu]: %zx instead of %s\n", what, index, spec[index], word);
                exit(1);
            }
        }
    }
    next_word(text, word, sizeof word);
    if (word[0]) {
        fprintf(stderr, "%s: %s is missing\n", what, word);
        exit(1);
    }
}

/* Whatever a table says besides, it means the same bytes. */
static void use_tables(void)
{
    static const unsigned char foo_bytes[] = {0xff, 0, 0, 0, 3, 'a', 'b', 'c', 0, 0, 0, 2, 0xff, 0, 0, 0, 0, 0, 0, 0, 1,
                                              0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe};
    static const unsigned char list_bytes[] = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1};
    static const unsigned char tagged_bytes[] = {0, 0, 0, 2, 0xff, 0, 0, 0, 2, 'h', 'i'};
    long numbers[] = {1, -2};
    char abc[] = "abc", hi[] = "hi";
    Foo foo = {abc, 2, numbers};
    List second = {2, &second}, first = {1, &second};
    Tagged tagged = {2, {.text = hi}};
    struct {
        LWMsgTypeSpec *spec;
        void *object;
        const unsigned char *bytes;
        size_t length;
    } uses[] = {
        {foo_spec, &foo, foo_bytes, sizeof foo_bytes},
        {list_spec, &first, list_bytes, sizeof list_bytes},
        {tagged_spec, &tagged, tagged_bytes, sizeof tagged_bytes},
        {pstr_spec, hi, tagged_bytes + 4, 7},
    };
    LWMsgDataContext *data;
    size_t index, length;
    void *bytes, *copy;
    char *text;

    CHECK_EQ(lwmsg_data_context_new(NULL, &data), LWMSG_STATUS_SUCCESS);
    for (index = 0; index < sizeof uses / sizeof *uses; index++) {
        CHECK_EQ(lwmsg_data_marshal_flat_alloc(data, uses[index].spec, uses[index].object, &bytes, &length), 0);
        CHECK(length == uses[index].length && !memcmp(bytes, uses[index].bytes, length));
        CHECK_EQ(lwmsg_data_unmarshal_flat(data, uses[index].spec, bytes, length, &copy), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(lwmsg_data_print_graph_alloc(data, uses[index].spec, copy, &text), LWMSG_STATUS_SUCCESS);
        printf("%s\n", text);
        lwmsg_data_free_memory(data, text);
        CHECK_EQ(lwmsg_data_free_graph(data, uses[index].spec, copy), LWMSG_STATUS_SUCCESS);
        lwmsg_data_free_memory(data, bytes);
    }
    lwmsg_data_context_delete(data);
}
