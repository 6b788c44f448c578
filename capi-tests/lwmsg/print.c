/* Objects, types and protocols as text. */
#include <lwmsg/assoc.h>
#include <lwmsg/connection.h>
#include <lwmsg/data.h>
#include <lwmsg/protocol.h>

#include <stdint.h>
#include <string.h>

#include "check.h"

/* Exported, and declared in no installed header. */
LWMsgStatus lwmsg_type_print_spec_alloc(const LWMsgContext *context, LWMsgTypeSpec *type, char **result);
LWMsgStatus lwmsg_protocol_print_alloc(LWMsgProtocol *prot, unsigned int indent, char **text);
LWMsgStatus lwmsg_data_print_graph(LWMsgDataContext *context, LWMsgTypeSpec *type, void *root, unsigned int indent,
                                   LWMsgBuffer *buffer);

typedef enum Color { RED = 1, GREEN = 2, BRIGHT = 0x100, DARK = 0x200 } Color;
typedef enum Flags { READ = 1, WRITE = 2 } Flags;

typedef union Any {
    uint8_t byte;
    char *text;
    struct Everything *everything;
} Any;

typedef struct Inner {
    int16_t x;
    int16_t y;
} Inner;

typedef struct Everything {
    Color color;
    Flags flags;
    int32_t range;
    int16_t array[2];
    char *text;
    uint16_t *wide;
    uint32_t length;
    uint8_t *bytes;
    long *numbers;
    char **list;
    Inner inner;
    Inner *pointer;
    char *secret;
    struct Everything *self;
    struct Everything *again;
    int32_t kind;
    Any any;
    char fixed[8];
    char flexible[1];
} Everything;

static LWMsgTypeSpec color_spec[] = {
    LWMSG_ENUM_BEGIN(enum Color, 2, LWMSG_UNSIGNED), LWMSG_ENUM_VALUE(RED), LWMSG_ENUM_NAMED_VALUE("Green", GREEN),
    LWMSG_ENUM_MASK(BRIGHT), LWMSG_ENUM_MASK(DARK), LWMSG_ENUM_END, LWMSG_TYPE_END,
};
static LWMsgTypeSpec flags_spec[] = {
    LWMSG_ENUM_BEGIN(Flags, 1, LWMSG_UNSIGNED), LWMSG_ENUM_MASK(READ), LWMSG_ENUM_MASK(WRITE), LWMSG_ENUM_END, LWMSG_TYPE_END,
};

static LWMsgTypeSpec everything_spec[];
static LWMsgTypeSpec any_spec[];

static LWMsgTypeSpec inner_spec[] = {
    LWMSG_STRUCT_BEGIN(struct Inner), LWMSG_MEMBER_INT16(Inner, x), LWMSG_MEMBER_INT16(Inner, y), LWMSG_STRUCT_END, LWMSG_TYPE_END,
};

static LWMsgTypeSpec any_spec[] = {
    LWMSG_UNION_BEGIN(Any),
    LWMSG_MEMBER_UINT8(Any, byte),
    LWMSG_ATTR_TAG(1),
    LWMSG_MEMBER_PSTR(Any, text),
    LWMSG_ATTR_TAG(2),
    LWMSG_MEMBER_VOID(Any, nothing),
    LWMSG_ATTR_TAG(3),
    LWMSG_MEMBER_POINTER(Any, everything, LWMSG_TYPESPEC(inner_spec)),
    LWMSG_ATTR_TAG(4),
    LWMSG_UNION_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec everything_spec[] = {
    LWMSG_STRUCT_BEGIN(Everything),
    LWMSG_MEMBER_TYPESPEC(Everything, color, color_spec),
    LWMSG_MEMBER_TYPESPEC(Everything, flags, flags_spec),
    LWMSG_MEMBER_INT32(Everything, range),
    LWMSG_ATTR_RANGE(1, 100),
    LWMSG_MEMBER_ARRAY(Everything, array, LWMSG_INT16(int16_t)),
    LWMSG_ATTR_LENGTH_STATIC(2),
    LWMSG_MEMBER_PSTR(Everything, text),
    LWMSG_MEMBER_POINTER(Everything, wide, LWMSG_UINT16(uint16_t)),
    LWMSG_ATTR_ZERO_TERMINATED,
    LWMSG_ATTR_ENCODING("utf-16"),
    LWMSG_MEMBER_UINT32(Everything, length),
    LWMSG_MEMBER_POINTER(Everything, bytes, LWMSG_UINT8(uint8_t)),
    LWMSG_ATTR_LENGTH_MEMBER(Everything, length),
    LWMSG_ATTR_ENCODING("hex+ascii"),
    LWMSG_MEMBER_POINTER(Everything, numbers, LWMSG_INT64(long)),
    LWMSG_ATTR_LENGTH_STATIC(3),
    LWMSG_MEMBER_POINTER(Everything, list, LWMSG_PSTR),
    LWMSG_ATTR_ZERO_TERMINATED,
    LWMSG_MEMBER_TYPESPEC(Everything, inner, inner_spec),
    LWMSG_MEMBER_POINTER(Everything, pointer, LWMSG_TYPESPEC(inner_spec)),
    LWMSG_ATTR_NOT_NULL,
    LWMSG_MEMBER_PSTR(Everything, secret),
    LWMSG_ATTR_SENSITIVE,
    LWMSG_MEMBER_POINTER(Everything, self, LWMSG_TYPESPEC(everything_spec)),
    LWMSG_ATTR_ALIASABLE,
    LWMSG_MEMBER_POINTER(Everything, again, LWMSG_TYPESPEC(everything_spec)),
    LWMSG_ATTR_ALIASABLE,
    LWMSG_MEMBER_INT32(Everything, kind),
    LWMSG_MEMBER_TYPESPEC(Everything, any, any_spec),
    LWMSG_ATTR_DISCRIM(Everything, kind),
    LWMSG_MEMBER_ARRAY(Everything, fixed, LWMSG_UINT8(char)),
    LWMSG_ATTR_LENGTH_STATIC(8),
    LWMSG_ATTR_ENCODING(""),
    LWMSG_MEMBER_ARRAY(Everything, flexible, LWMSG_UINT8(char)),
    LWMSG_ATTR_LENGTH_MEMBER(Everything, length),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec pstr_spec[] = {LWMSG_PSTR, LWMSG_TYPE_END};
static LWMsgTypeSpec int32_spec[] = {LWMSG_INT32(int32_t), LWMSG_TYPE_END};
static LWMsgTypeSpec void_spec[] = {LWMSG_VOID, LWMSG_TYPE_END};

static LWMsgTypeSpec handle_spec[] = {LWMSG_HANDLE(Thing), LWMSG_TYPE_END};
static LWMsgTypeSpec fd_spec[] = {LWMSG_FD, LWMSG_TYPE_END};

enum { MESSAGE_EVERYTHING = 1, MESSAGE_NOTHING = 3, MESSAGE_INNER = 4 };

static LWMsgProtocolSpec protocol_spec[] = {
    LWMSG_MESSAGE(MESSAGE_EVERYTHING, everything_spec),
    LWMSG_MESSAGE(MESSAGE_NOTHING, NULL),
    LWMSG_MESSAGE(MESSAGE_INNER, inner_spec),
    LWMSG_PROTOCOL_END,
};

static LWMsgDataContext *data;

static void print(LWMsgTypeSpec *spec, void *object)
{
    char *text;
    LWMsgStatus status = lwmsg_data_print_graph_alloc(data, spec, object, &text);

    printf("[%u]%s\n", status, text ? text : "");
    lwmsg_data_free_memory(data, text);
}

static void print_type(LWMsgTypeSpec *spec)
{
    char *text;

    CHECK_EQ(lwmsg_type_print_spec_alloc(NULL, spec, &text), LWMSG_STATUS_SUCCESS);
    printf("[%s]\n", text);
    free(text);
}

int main(void)
{
    static struct {
        Everything everything;
        char more[64];
    } object;
    Everything *everything = &object.everything;
    uint16_t wide[] = {'W', 'i', 'd', 'e', 0};
    uint8_t bytes[37];
    long numbers[] = {1, -2, 3};
    char *list[] = {"one", "two", NULL};
    Inner inner = {5, -6};
    unsigned char room[4096];
    LWMsgBuffer buffer = {room, room + sizeof room, room, NULL, NULL};
    int32_t number = -7;
    LWMsgProtocol *protocol;
    char *text;
    size_t index;

    for (index = 0; index < sizeof bytes; index++)
        bytes[index] = (uint8_t)(index * 7 + 20);
    CHECK_EQ(lwmsg_data_context_new(NULL, &data), LWMSG_STATUS_SUCCESS);
    everything->color = (Color)(GREEN | BRIGHT | DARK);
    everything->flags = WRITE;
    everything->range = 50;
    everything->array[0] = 10;
    everything->array[1] = -20;
    everything->text = "some \"text\"";
    everything->wide = wide;
    everything->length = sizeof bytes;
    everything->bytes = bytes;
    everything->numbers = numbers;
    everything->list = list;
    everything->inner = inner;
    everything->pointer = &inner;
    everything->secret = "not to be seen";
    everything->self = NULL;
    everything->again = NULL;
    everything->kind = 2;
    everything->any.text = "arm";
    memcpy(everything->fixed, "abc", 4);
    print(everything_spec, everything);
    everything->kind = 1;
    everything->any.byte = 200;
    everything->length = 0;
    everything->flags = (Flags)0;
    everything->color = RED;
    everything->self = everything->again = everything;
    everything->text = NULL;
    print(everything_spec, everything);
    everything->self = everything->again = NULL;
    everything->kind = 3;
    everything->length = 2;
    print(everything_spec, everything);
    everything->kind = 4;
    everything->any.everything = (struct Everything *)&inner;
    print(everything_spec, everything);
    CHECK_EQ(lwmsg_data_print_graph(data, everything_spec, everything, 6, &buffer), LWMSG_STATUS_SUCCESS);
    printf("%.*s\n", (int)(buffer.cursor - buffer.base), (char *)buffer.base);
    print(pstr_spec, "top");
    print(pstr_spec, NULL);
    print(int32_spec, &number);
    print(void_spec, &number);

    print_type(everything_spec);
    print_type(pstr_spec);
    print_type(int32_spec);
    print_type(void_spec);
    print_type(color_spec);
    print_type(handle_spec);
    print_type(fd_spec);

    CHECK_EQ(lwmsg_protocol_new(NULL, &protocol), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_protocol_add_protocol_spec(protocol, protocol_spec), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_protocol_print_alloc(protocol, 0, &text), LWMSG_STATUS_SUCCESS);
    printf("%s.\n", text);
    free(text);
    CHECK_EQ(lwmsg_protocol_print_alloc(protocol, 4, &text), LWMSG_STATUS_SUCCESS);
    printf("%s.\n", text);
    free(text);
    lwmsg_protocol_delete(protocol);
    lwmsg_data_context_delete(data);
    return 0;
}
