/* All memory that programs own comes from their functions, goes back to them, and none is lost when something fails:
 * every allocation is made to fail in turn, and every input is cut at every place.
 *
 * harness: ours-only the original loses memory when unmarshalling fails
 */
#include <lwmsg/data.h>

#include <stdint.h>
#include <string.h>

#include "check.h"

static LWMsgContext *context;
static LWMsgDataContext *data;

/* A block knows its size and that it is one. */
typedef struct Block {
    size_t size;
    size_t magic;
    long pad[2];
} Block;

static long blocks, bytes, allocations, fail_at;
static int with_realloc;

static int fails(void)
{
    return ++allocations == fail_at;
}

static LWMsgStatus my_alloc(size_t size, void **out, void *user)
{
    Block *block;

    CHECK(user == &blocks);
    if (fails())
        return LWMSG_STATUS_MEMORY;
    block = calloc(1, sizeof *block + size);
    block->size = size;
    block->magic = 0x600d;
    blocks++;
    bytes += (long)size;
    *out = block + 1;
    return LWMSG_STATUS_SUCCESS;
}

static void my_free(void *object, void *user)
{
    Block *block = (Block *)object - 1;

    CHECK(user == &blocks);
    if (!object)
        return;
    CHECK_EQ(block->magic, 0x600d);
    block->magic = 0xdead;
    blocks--;
    bytes -= (long)block->size;
    free(block);
}

static LWMsgStatus my_realloc(void *object, size_t old_size, size_t new_size, void **out, void *user)
{
    void *moved;
    LWMsgStatus status;

    CHECK(!object || ((Block *)object - 1)->size == old_size);
    status = my_alloc(new_size, &moved, user);
    if (status)
        return status;
    if (object) {
        memcpy(moved, object, old_size < new_size ? old_size : new_size);
        my_free(object, user);
    }
    *out = moved;
    return LWMSG_STATUS_SUCCESS;
}

/* --- A type with everything that allocates ---------------------------------------------------------------------- */

typedef struct Item {
    struct Item *next;
    uint8_t kind;
    union Arm {
        int32_t number;
        char *text;
        struct Item *item;
    } arm;
} Item;

typedef struct Record {
    char *name;
    uint16_t count;
    Item *items;
    char **names;
    struct Record *self;
    void *custom;
    struct Record *other;
    uint8_t tail_count;
    char *tail[];
} Record;

static int objects;

typedef struct Sent {
    char *text;
} Sent;

static LWMsgTypeSpec sent_spec[] = {
    LWMSG_STRUCT_BEGIN(Sent), LWMSG_MEMBER_PSTR(Sent, text), LWMSG_STRUCT_END, LWMSG_TYPE_END,
};

static LWMsgStatus custom_marshal(LWMsgDataContext *dcontext, LWMsgType *type, void *object, void *sent, void *user)
{
    void *copy;
    const char *text = *(char **)object;
    LWMsgStatus status;

    (void)type;
    (void)user;
    if (!text)
        return LWMSG_STATUS_SUCCESS;
    status = lwmsg_data_alloc_memory(dcontext, strlen(text) + 1, &copy);
    if (!status)
        ((Sent *)sent)->text = strcpy(copy, text);
    return status;
}

static LWMsgStatus custom_unmarshal(LWMsgDataContext *dcontext, LWMsgType *type, void *sent, void *object, void *user)
{
    (void)dcontext;
    (void)type;
    (void)user;
    /* The text is taken out, and not freed with the rest. */
    *(char **)object = ((Sent *)sent)->text;
    ((Sent *)sent)->text = NULL;
    objects++;
    return LWMSG_STATUS_SUCCESS;
}

static void custom_destroy(LWMsgDataContext *dcontext, LWMsgType *type, void *object, void *user)
{
    (void)type;
    (void)user;
    if (*(char **)object) {
        lwmsg_data_free_memory(dcontext, *(char **)object);
        *(char **)object = NULL;
    }
    objects--;
}

static void custom_destroy_sent(LWMsgDataContext *dcontext, LWMsgType *type, void *object, void *user)
{
    (void)type;
    (void)user;
    if (((Sent *)object)->text)
        lwmsg_data_free_memory(dcontext, ((Sent *)object)->text);
}

static LWMsgTypeClass custom_class = {
    LWMSG_FALSE, sent_spec, custom_marshal, custom_unmarshal, custom_destroy, custom_destroy_sent, NULL,
};

static LWMsgTypeSpec item_spec[] = {
    LWMSG_STRUCT_BEGIN(Item),
    LWMSG_MEMBER_POINTER(Item, next, LWMSG_TYPESPEC(item_spec)),
    LWMSG_MEMBER_UINT8(Item, kind),
    LWMSG_MEMBER_UNION_BEGIN(Item, arm),
    LWMSG_MEMBER_INT32(union Arm, number),
    LWMSG_ATTR_TAG(1),
    LWMSG_MEMBER_PSTR(union Arm, text),
    LWMSG_ATTR_TAG(2),
    LWMSG_MEMBER_POINTER(union Arm, item, LWMSG_TYPESPEC(item_spec)),
    LWMSG_ATTR_TAG(3),
    LWMSG_UNION_END,
    LWMSG_ATTR_DISCRIM(Item, kind),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec record_spec[];

static LWMsgTypeSpec record_pointer_spec[] = {
    LWMSG_POINTER(LWMSG_TYPESPEC(record_spec)), LWMSG_ATTR_ALIASABLE, LWMSG_TYPE_END,
};

static LWMsgTypeSpec record_spec[] = {
    LWMSG_STRUCT_BEGIN(Record),
    LWMSG_MEMBER_PSTR(Record, name),
    LWMSG_MEMBER_UINT16(Record, count),
    LWMSG_MEMBER_POINTER(Record, items, LWMSG_TYPESPEC(item_spec)),
    LWMSG_ATTR_LENGTH_MEMBER(Record, count),
    LWMSG_MEMBER_POINTER(Record, names, LWMSG_PSTR),
    LWMSG_ATTR_ZERO_TERMINATED,
    LWMSG_MEMBER_TYPESPEC(Record, self, record_pointer_spec),
    LWMSG_MEMBER_CUSTOM(Record, custom, &custom_class, NULL),
    LWMSG_MEMBER_TYPESPEC(Record, other, record_pointer_spec),
    LWMSG_MEMBER_UINT8(Record, tail_count),
    LWMSG_MEMBER_ARRAY(Record, tail, LWMSG_PSTR),
    LWMSG_ATTR_LENGTH_MEMBER(Record, tail_count),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

/* Unlike the table itself, this one begins with a pointer that may be shared: a record may point to itself. */
static Record *make(void)
{
    static union {
        Record record;
        char room[sizeof(Record) + 4 * sizeof(char *)];
    } first, second;
    static Item more = {NULL, 2, {.text = "more"}}, items[2] = {{&more, 3, {.item = &more}}, {NULL, 1, {.number = 7}}};
    static char *names[] = {"one", "two", NULL};

    memset(&first, 0, sizeof first);
    memset(&second, 0, sizeof second);
    first.record.name = "first";
    first.record.count = 2;
    first.record.items = items;
    first.record.names = names;
    first.record.self = &first.record;
    first.record.custom = "custom";
    first.record.other = &second.record;
    first.record.tail_count = 3;
    first.record.tail[0] = "a";
    first.record.tail[2] = "ccc";
    second.record.name = "second";
    second.record.self = &second.record;
    second.record.other = &first.record;
    second.record.tail_count = 1;
    second.record.tail[0] = "z";
    return &first.record;
}

static void check(const Record *record)
{
    CHECK(!strcmp(record->name, "first") && record->self == record && record->other->other == record);
    CHECK(!strcmp(record->items[0].next->arm.text, "more") && !strcmp(record->items[0].arm.item->arm.text, "more"));
    CHECK(record->items[1].arm.number == 7 && !strcmp(record->names[1], "two") && !record->names[2]);
    CHECK(!strcmp(record->custom, "custom") && !strcmp(record->tail[2], "ccc") && !record->tail[1]);
    CHECK(record->other->self == record->other && !strcmp(record->other->tail[0], "z"));
}

static void nothing_is_left(void)
{
    CHECK_EQ(blocks, 0);
    CHECK_EQ(bytes, 0);
    CHECK_EQ(objects, 0);
}

static void everything(void)
{
    void *memory, *object;
    size_t length, cut;
    LWMsgBuffer buffer;
    char *text;

    /* Once without failure, to learn how many allocations there are. */
    fail_at = 0;
    CHECK_EQ(lwmsg_data_marshal_flat_alloc(data, record_pointer_spec, make(), &memory, &length), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_data_unmarshal_flat(data, record_pointer_spec, memory, length, &object), LWMSG_STATUS_SUCCESS);
    check(object);
    CHECK_EQ(lwmsg_data_print_graph_alloc(data, record_pointer_spec, object, &text), LWMSG_STATUS_SUCCESS);
    lwmsg_data_free_memory(data, text);
    CHECK_EQ(lwmsg_data_free_graph(data, record_pointer_spec, object), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(blocks, 1);

    for (fail_at = 1;; fail_at++) {
        allocations = 0;
        object = NULL;
        if (!lwmsg_data_unmarshal_flat(data, record_pointer_spec, memory, length, &object))
            break;
        CHECK(!object);
        CHECK_EQ(blocks, 1);
        CHECK_EQ(objects, 0);
    }
    CHECK(fail_at > 15);
    CHECK_EQ(lwmsg_data_free_graph(data, record_pointer_spec, object), LWMSG_STATUS_SUCCESS);
    fail_at = 0;
    for (cut = 0; cut < length; cut++) {
        CHECK_EQ(lwmsg_data_unmarshal_flat(data, record_pointer_spec, memory, cut, &object), LWMSG_STATUS_EOF);
        CHECK_EQ(blocks, 1);
        CHECK_EQ(objects, 0);
    }
    /* Any byte may be wrong. */
    for (cut = 0; cut < length; cut++) {
        unsigned char *byte = (unsigned char *)memory + cut, kept = *byte;
        int value;

        for (value = 0; value < 256; value += 5) {
            *byte = (unsigned char)value;
            if (!lwmsg_data_unmarshal_flat(data, record_pointer_spec, memory, length, &object))
                CHECK_EQ(lwmsg_data_free_graph(data, record_pointer_spec, object), LWMSG_STATUS_SUCCESS);
            CHECK_EQ(blocks, 1);
            CHECK_EQ(objects, 0);
        }
        *byte = kept;
    }
    /* Into memory of the program: what had been made is gone, and the pointers to it. */
    for (cut = 0; cut < length - 4; cut++) {
        Record record;

        memset(&record, 0, sizeof record);
        memset(&buffer, 0, sizeof buffer);
        buffer.base = buffer.cursor = (unsigned char *)memory + 4;
        buffer.end = buffer.base + cut;
        if (lwmsg_data_unmarshal_into(data, record_spec, &buffer, &record, sizeof record))
            CHECK(!record.name && !record.items && !record.names && !record.custom && !record.other);
        record.tail_count = 0;
        objects += record.custom ? 0 : 1;
        CHECK_EQ(lwmsg_data_destroy_graph(data, record_spec, &record), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(blocks, 1);
        CHECK_EQ(objects, 0);
    }
    for (fail_at = 1;; fail_at++) {
        void *again;
        size_t again_length;

        allocations = 0;
        if (!lwmsg_data_marshal_flat_alloc(data, record_pointer_spec, make(), &again, &again_length)) {
            lwmsg_data_free_memory(data, again);
            break;
        }
        CHECK(!again && !again_length);
        CHECK_EQ(blocks, 1);
    }
    fail_at = 0;
    lwmsg_data_free_memory(data, memory);
    nothing_is_left();
}

static void lookup(void)
{
    LWMsgContext *child;
    LWMsgAllocFunction alloc;
    LWMsgFreeFunction release;
    LWMsgReallocFunction resize;
    void *user, *object;

    CHECK_EQ(lwmsg_context_new(context, &child), LWMSG_STATUS_SUCCESS);
    lwmsg_context_get_memory_functions(child, &alloc, &release, &resize, &user);
    CHECK(alloc == my_alloc && release == my_free && user == &blocks);
    CHECK(resize == (with_realloc ? my_realloc : NULL));
    lwmsg_context_get_memory_functions(child, NULL, NULL, NULL, NULL);
    /* All four are taken from where alloc is. */
    lwmsg_context_set_memory_functions(child, NULL, NULL, my_realloc, NULL);
    lwmsg_context_get_memory_functions(child, &alloc, NULL, &resize, NULL);
    CHECK(alloc == my_alloc && resize == (with_realloc ? my_realloc : NULL));
    CHECK_EQ(lwmsg_context_alloc(child, 0, &object), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_context_realloc(child, object, 0, 100, &object), LWMSG_STATUS_SUCCESS);
    lwmsg_context_free(child, object);
    lwmsg_context_free(child, NULL);
    nothing_is_left();
    lwmsg_context_delete(child);
}

int main(void)
{
    CHECK_EQ(lwmsg_context_new(NULL, &context), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_data_context_new(context, &data), LWMSG_STATUS_SUCCESS);
    for (with_realloc = 0; with_realloc < 2; with_realloc++) {
        lwmsg_context_set_memory_functions(context, my_alloc, my_free, with_realloc ? my_realloc : NULL, &blocks);
        lookup();
        everything();
    }
    lwmsg_data_context_delete(data);
    lwmsg_context_delete(context);
    return 0;
}
