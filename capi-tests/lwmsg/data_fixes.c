/* What the original got wrong about data: each of these hung, crashed or lied there.
 *
 * harness: ours-only fixes
 * harness: timeout 120
 */
#include <lwmsg/data.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include "check.h"

static LWMsgDataContext *data;

static LWMsgStatus unmarshal(LWMsgTypeSpec *spec, const void *bytes, size_t length, void *out)
{
    *(void **)out = NULL;
    return lwmsg_data_unmarshal_flat(data, spec, bytes, length, (void **)out);
}

/* --- Depth ------------------------------------------------------------------------------------------------------ */

typedef struct Node {
    struct Node *next;
    int32_t value;
} Node;

typedef struct List {
    int32_t value;
    struct List *next;
} List;

/* The list goes on before the rest of the node. */
static LWMsgTypeSpec node_spec[] = {
    LWMSG_STRUCT_BEGIN(Node),
    LWMSG_MEMBER_POINTER(Node, next, LWMSG_TYPESPEC(node_spec)),
    LWMSG_MEMBER_INT32(Node, value),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};
static LWMsgTypeSpec list_spec[] = {
    LWMSG_STRUCT_BEGIN(List),
    LWMSG_MEMBER_INT32(List, value),
    LWMSG_MEMBER_POINTER(List, next, LWMSG_TYPESPEC(list_spec)),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};
static LWMsgTypeSpec shared_list_spec[] = {
    LWMSG_STRUCT_BEGIN(List),
    LWMSG_MEMBER_INT32(List, value),
    LWMSG_MEMBER_POINTER(List, next, LWMSG_TYPESPEC(shared_list_spec)),
    LWMSG_ATTR_ALIASABLE,
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static void long_lists_do_not_overflow_the_stack(void)
{
    enum { COUNT = 150000 };
    List *nodes = calloc(COUNT, sizeof *nodes);
    Node *reversed = calloc(COUNT, sizeof *reversed);
    LWMsgTypeSpec *specs[] = {list_spec, shared_list_spec, node_spec};
    void *bytes, *copy;
    char *text;
    size_t length, index, which;

    for (index = 0; index < COUNT; index++) {
        nodes[index].value = reversed[index].value = (int32_t)index;
        nodes[index].next = index + 1 < COUNT ? &nodes[index + 1] : NULL;
        reversed[index].next = index + 1 < COUNT ? &reversed[index + 1] : NULL;
    }
    for (which = 0; which < 3; which++) {
        void *root = which == 2 ? (void *)reversed : (void *)nodes;

        CHECK_EQ(lwmsg_data_marshal_flat_alloc(data, specs[which], root, &bytes, &length), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(unmarshal(specs[which], bytes, length, &copy), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(lwmsg_data_print_graph_alloc(data, specs[which], copy, &text), LWMSG_STATUS_SUCCESS);
        lwmsg_data_free_memory(data, text);
        CHECK_EQ(lwmsg_data_free_graph(data, specs[which], copy), LWMSG_STATUS_SUCCESS);
        /* The last node is cut off: everything before it is freed again. */
        CHECK_EQ(unmarshal(specs[which], bytes, length - 1, &copy), LWMSG_STATUS_EOF);
        CHECK(copy == NULL);
        lwmsg_data_free_memory(data, bytes);
    }
    free(nodes);
    free(reversed);
}

/* --- Lengths ---------------------------------------------------------------------------------------------------- */

typedef struct Counted {
    uint8_t count;
    int16_t *values;
} Counted;

typedef struct SignedCount {
    int8_t count;
    int16_t *values;
} SignedCount;

typedef struct BigCount {
    uint64_t count;
    int64_t *values;
} BigCount;

static LWMsgTypeSpec counted_spec[] = {
    LWMSG_STRUCT_BEGIN(Counted), LWMSG_MEMBER_UINT8(Counted, count),
    LWMSG_MEMBER_POINTER(Counted, values, LWMSG_INT16(int16_t)), LWMSG_ATTR_LENGTH_MEMBER(Counted, count),
    LWMSG_STRUCT_END, LWMSG_TYPE_END,
};
static LWMsgTypeSpec signed_count_spec[] = {
    LWMSG_STRUCT_BEGIN(SignedCount), LWMSG_MEMBER_INT8(SignedCount, count),
    LWMSG_MEMBER_POINTER(SignedCount, values, LWMSG_INT16(int16_t)), LWMSG_ATTR_LENGTH_MEMBER(SignedCount, count),
    LWMSG_STRUCT_END, LWMSG_TYPE_END,
};
static LWMsgTypeSpec big_count_spec[] = {
    LWMSG_STRUCT_BEGIN(BigCount), LWMSG_MEMBER_UINT64(BigCount, count),
    LWMSG_MEMBER_POINTER(BigCount, values, LWMSG_INT64(int64_t)), LWMSG_ATTR_LENGTH_MEMBER(BigCount, count),
    LWMSG_STRUCT_END, LWMSG_TYPE_END,
};
static LWMsgTypeSpec pstr_spec[] = {LWMSG_PSTR, LWMSG_TYPE_END};

static void lengths_are_not_sign_extended(void)
{
    int16_t values[200] = {0};
    Counted counted = {200, values}, *copy;
    SignedCount negative = {-1, values};
    unsigned char bytes[1024];

    values[199] = 77;
    CHECK_EQ(lwmsg_data_marshal_flat(data, counted_spec, &counted, bytes, sizeof bytes), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(unmarshal(counted_spec, bytes, 402, &copy), LWMSG_STATUS_SUCCESS);
    CHECK(copy->count == 200 && copy->values[199] == 77);
    CHECK_EQ(lwmsg_data_free_graph(data, counted_spec, copy), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_data_marshal_flat(data, signed_count_spec, &negative, bytes, sizeof bytes), LWMSG_STATUS_MALFORMED);
    CHECK_EQ(unmarshal(signed_count_spec, "\xff\xff\0\0\0\0", 6, &copy), LWMSG_STATUS_MALFORMED);
}

/* --- Arrays behind a structure ---------------------------------------------------------------------------------- */

typedef struct Tail {
    uint64_t count;
    uint64_t values[1];
} Tail;

/* A terminator follows the structure, where the array would be. */
static LWMsgTypeSpec terminated_tail_spec[] = {
    LWMSG_POINTER_BEGIN,
    LWMSG_STRUCT_BEGIN(Tail), LWMSG_MEMBER_UINT64(Tail, count),
    LWMSG_MEMBER_ARRAY(Tail, values, LWMSG_UINT64(uint64_t)), LWMSG_ATTR_LENGTH_MEMBER(Tail, count),
    LWMSG_STRUCT_END,
    LWMSG_POINTER_END, LWMSG_ATTR_ZERO_TERMINATED, LWMSG_TYPE_END,
};

typedef struct TwoTails {
    uint8_t count;
    char lost[1];
    char text[1];
} TwoTails;

static LWMsgTypeSpec two_tails_spec[] = {
    LWMSG_STRUCT_BEGIN(TwoTails), LWMSG_MEMBER_UINT8(TwoTails, count),
    LWMSG_MEMBER_ARRAY(TwoTails, lost, LWMSG_UINT8(char)), LWMSG_ATTR_ZERO_TERMINATED,
    LWMSG_MEMBER_ARRAY(TwoTails, text, LWMSG_UINT8(char)), LWMSG_ATTR_LENGTH_MEMBER(TwoTails, count),
    LWMSG_STRUCT_END, LWMSG_TYPE_END,
};

static void an_array_without_a_place_is_not_looked_at(void)
{
    static const unsigned char one_tail[] = {0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2};
    Tail *tail;
    TwoTails *tails;
    char *text;

    CHECK_EQ(unmarshal(terminated_tail_spec, one_tail, sizeof one_tail, &tail), LWMSG_STATUS_SUCCESS);
    CHECK(tail[0].count == 2 && tail[1].count == 0 && tail[1].values[0] == 0);
    CHECK_EQ(lwmsg_data_print_graph_alloc(data, terminated_tail_spec, tail, &text), LWMSG_STATUS_SUCCESS);
    CHECK(strstr(text, "values") == NULL);
    lwmsg_data_free_memory(data, text);
    CHECK_EQ(lwmsg_data_free_graph(data, terminated_tail_spec, tail), LWMSG_STATUS_SUCCESS);

    CHECK_EQ(unmarshal(two_tails_spec, "\3xyz", 4, &tails), LWMSG_STATUS_SUCCESS);
    CHECK(!memcmp((char *)tails + offsetof(TwoTails, text), "xyz", 3));
    CHECK_EQ(lwmsg_data_print_graph_alloc(data, two_tails_spec, tails, &text), LWMSG_STATUS_SUCCESS);
    CHECK(strstr(text, "lost") == NULL && strstr(text, "text") != NULL);
    lwmsg_data_free_memory(data, text);
    CHECK_EQ(lwmsg_data_free_graph(data, two_tails_spec, tails), LWMSG_STATUS_SUCCESS);
}

/* --- Terminators ------------------------------------------------------------------------------------------------ */

static LWMsgTypeSpec strings_spec[] = {
    LWMSG_POINTER_BEGIN, LWMSG_PSTR, LWMSG_POINTER_END, LWMSG_ATTR_ZERO_TERMINATED, LWMSG_TYPE_END,
};

static void a_terminator_among_the_elements_loses_no_memory(void)
{
    static const unsigned char two[] = "\xff\0\0\0\2\xff\0\0\0\1a\xff\0\0\0\1b";
    static const unsigned char null_between[] = "\xff\0\0\0\3\xff\0\0\0\1a\0\xff\0\0\0\1b";
    static const unsigned char null_behind[] = "\xff\0\0\0\2\xff\0\0\0\1a\0";
    char **strings;

    CHECK_EQ(unmarshal(strings_spec, two, sizeof two - 1, &strings), LWMSG_STATUS_SUCCESS);
    CHECK(!strcmp(strings[0], "a") && !strcmp(strings[1], "b") && strings[2] == NULL);
    CHECK_EQ(lwmsg_data_free_graph(data, strings_spec, strings), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(unmarshal(strings_spec, null_between, sizeof null_between - 1, &strings), LWMSG_STATUS_MALFORMED);
    CHECK(strings == NULL);
    CHECK_EQ(unmarshal(strings_spec, null_behind, sizeof null_behind - 1, &strings), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_data_free_graph(data, strings_spec, strings), LWMSG_STATUS_SUCCESS);
}

static LWMsgStatus two_bytes(LWMsgBuffer *buffer, size_t needed)
{
    static unsigned char bytes[2] = {'x', 'y'};
    int *left = buffer->data;

    if (needed == 0)
        return LWMSG_STATUS_SUCCESS;
    if (--*left < 0)
        return LWMSG_STATUS_EOF;
    buffer->base = buffer->cursor = bytes;
    buffer->end = bytes + 2;
    return LWMSG_STATUS_SUCCESS;
}

static long peak(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

typedef struct Tree {
    uint32_t count;
    struct Tree *children;
} Tree;

static LWMsgTypeSpec tree_spec[] = {
    LWMSG_STRUCT_BEGIN(Tree), LWMSG_MEMBER_UINT32(Tree, count),
    LWMSG_MEMBER_POINTER(Tree, children, LWMSG_TYPESPEC(tree_spec)), LWMSG_ATTR_LENGTH_MEMBER(Tree, count),
    LWMSG_STRUCT_END, LWMSG_TYPE_END,
};

static size_t asked, most_asked;

static LWMsgStatus counting_alloc(size_t size, void **out, void *unused)
{
    size_t *block = calloc(1, size + 16);

    (void)unused;
    if (block == NULL)
        return LWMSG_STATUS_MEMORY;
    *block = size;
    asked += size;
    most_asked = asked > most_asked ? asked : most_asked;
    *out = block + 2;
    return LWMSG_STATUS_SUCCESS;
}

static void counting_free(void *object, void *unused)
{
    (void)unused;
    if (object != NULL) {
        asked -= ((size_t *)object)[-2];
        free((size_t *)object - 2);
    }
}

/* Trees in trees, each of which claims to have a million. */
static void claims_inside_claims_share_what_is_ahead(void)
{
    enum { DEPTH = 1000, LEVEL = 5 };
    static unsigned char bytes[DEPTH * LEVEL];
    LWMsgContext *context;
    LWMsgDataContext *counted;
    LWMsgBuffer buffer;
    Tree *tree;
    int index, left = 0;

    for (index = 0; index < DEPTH; index++)
        memcpy(bytes + index * LEVEL, "\0\x10\0\0\xff", LEVEL);
    CHECK_EQ(lwmsg_context_new(NULL, &context), LWMSG_STATUS_SUCCESS);
    lwmsg_context_set_memory_functions(context, counting_alloc, counting_free, NULL, NULL);
    CHECK_EQ(lwmsg_data_context_new(context, &counted), LWMSG_STATUS_SUCCESS);
    memset(&buffer, 0, sizeof buffer);
    buffer.base = buffer.cursor = bytes;
    buffer.end = bytes + sizeof bytes;
    buffer.wrap = two_bytes;
    buffer.data = &left;
    CHECK_EQ(lwmsg_data_unmarshal(counted, tree_spec, &buffer, (void **)&tree), LWMSG_STATUS_EOF);
    CHECK(most_asked > 1 << 20 && most_asked < 18 << 20);
    lwmsg_data_context_delete(counted);
    lwmsg_context_delete(context);
    CHECK_EQ(asked, 0);
}

static void claimed_lengths_get_no_memory_before_the_data(void)
{
    static const unsigned char string[] = {0xff, 0xff, 0xff, 0xff, 0xff, 'a', 'b'};
    static const unsigned char counted[] = {0x3f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2};
    static const unsigned char some[] = {0, 0, 0, 0, 0x10, 0, 0, 0, 0xff, 1, 2};
    LWMsgBuffer buffer;
    void *out;
    int left;
    long before = peak();

    CHECK_EQ(unmarshal(pstr_spec, string, sizeof string, &out), LWMSG_STATUS_EOF);
    CHECK_EQ(unmarshal(big_count_spec, counted, sizeof counted, &out), LWMSG_STATUS_OVERFLOW);
    CHECK_EQ(unmarshal(big_count_spec, some, sizeof some, &out), LWMSG_STATUS_EOF);
    /* The same through a buffer that may have more. */
    memset(&buffer, 0, sizeof buffer);
    buffer.base = buffer.cursor = (unsigned char *)string;
    buffer.end = (unsigned char *)string + sizeof string;
    buffer.wrap = two_bytes;
    buffer.data = &left;
    left = 100;
    CHECK_EQ(lwmsg_data_unmarshal(data, pstr_spec, &buffer, &out), LWMSG_STATUS_EOF);
    buffer.base = buffer.cursor = (unsigned char *)some;
    buffer.end = (unsigned char *)some + sizeof some;
    left = 100;
    CHECK_EQ(lwmsg_data_unmarshal(data, big_count_spec, &buffer, &out), LWMSG_STATUS_EOF);
    CHECK(peak() - before < 64 * 1024);
}

/* Memory that grew while data arrived is the same as memory that did not. */
typedef struct Big {
    uint32_t count;
    struct Pair {
        char *name;
        uint32_t number;
        unsigned char padding[112];
    } *pairs;
} Big;

static LWMsgTypeSpec big_spec[] = {
    LWMSG_STRUCT_BEGIN(Big),
    LWMSG_MEMBER_UINT32(Big, count),
    LWMSG_MEMBER_POINTER_BEGIN(Big, pairs),
    LWMSG_STRUCT_BEGIN(struct Pair),
    LWMSG_MEMBER_PSTR(struct Pair, name),
    LWMSG_MEMBER_UINT32(struct Pair, number),
    LWMSG_STRUCT_END,
    LWMSG_POINTER_END,
    LWMSG_ATTR_LENGTH_MEMBER(Big, count),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

/* Elements of 16 bytes, as many as fit into what is allocated before data arrives, and then a terminator. */
static LWMsgTypeSpec terminated_list_spec[] = {
    LWMSG_POINTER(LWMSG_STRUCT(List, LWMSG_MEMBER_INT32(List, value))), LWMSG_ATTR_ZERO_TERMINATED, LWMSG_TYPE_END,
};

static void terminators_are_there_whatever_the_size(void)
{
    enum { COUNT = (16 << 20) / sizeof(List) };
    List *list = calloc(COUNT + 1, sizeof *list), *copy;
    void *bytes;
    size_t length, index;

    for (index = 0; index < COUNT; index++)
        list[index].value = 1;
    CHECK_EQ(lwmsg_data_marshal_flat_alloc(data, terminated_list_spec, list, &bytes, &length), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(length, 5 + 4 * (size_t)COUNT);
    CHECK_EQ(unmarshal(terminated_list_spec, bytes, length, &copy), LWMSG_STATUS_SUCCESS);
    CHECK(copy[COUNT - 1].value == 1 && copy[COUNT].value == 0);
    CHECK_EQ(lwmsg_data_free_graph(data, terminated_list_spec, copy), LWMSG_STATUS_SUCCESS);
    lwmsg_data_free_memory(data, bytes);
    free(list);
}

static void memory_grows_as_data_arrives(void)
{
    enum { COUNT = 300000 };
    Big big = {COUNT, calloc(COUNT, sizeof(struct Pair))}, *copy;
    char name[] = "n";
    void *bytes;
    size_t length;
    uint32_t index;

    for (index = 0; index < COUNT; index++) {
        big.pairs[index].name = index % 1000 ? NULL : name;
        big.pairs[index].number = index;
    }
    CHECK_EQ(lwmsg_data_marshal_flat_alloc(data, big_spec, &big, &bytes, &length), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(unmarshal(big_spec, bytes, length, &copy), LWMSG_STATUS_SUCCESS);
    for (index = 0; index < COUNT; index++) {
        CHECK(copy->pairs[index].number == index);
        CHECK(index % 1000 ? !copy->pairs[index].name : !strcmp(copy->pairs[index].name, "n"));
    }
    CHECK_EQ(lwmsg_data_free_graph(data, big_spec, copy), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(unmarshal(big_spec, bytes, length - 1, &copy), LWMSG_STATUS_EOF);
    lwmsg_data_free_memory(data, bytes);
    free(big.pairs);
}

/* --- Values ----------------------------------------------------------------------------------------------------- */

static LWMsgTypeSpec range_spec[] = {LWMSG_INT32(int32_t), LWMSG_ATTR_RANGE(-5, 5), LWMSG_TYPE_END};

static void ranges_of_signed_integers_have_a_sign(void)
{
    int32_t value;
    unsigned char bytes[4];

    for (value = -7; value <= 7; value++) {
        LWMsgStatus wanted = value >= -5 && value <= 5 ? LWMSG_STATUS_SUCCESS : LWMSG_STATUS_MALFORMED;

        CHECK_EQ(lwmsg_data_marshal_flat(data, range_spec, &value, bytes, 4), wanted);
    }
}

typedef struct Tagged {
    int8_t kind;
    union Arms {
        int32_t number;
        char *text;
    } arms;
} Tagged;

static LWMsgTypeSpec tagged_spec[] = {
    LWMSG_STRUCT_BEGIN(Tagged),
    LWMSG_MEMBER_INT8(Tagged, kind),
    LWMSG_MEMBER_UNION_BEGIN(Tagged, arms),
    LWMSG_MEMBER_INT32(union Arms, number),
    LWMSG_ATTR_TAG(-1),
    LWMSG_MEMBER_PSTR(union Arms, text),
    LWMSG_ATTR_TAG(2),
    LWMSG_UNION_END,
    LWMSG_ATTR_DISCRIM(Tagged, kind),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

typedef struct Wide {
    int64_t kind;
    union Arms arms;
} Wide;

static LWMsgTypeSpec wide_spec[] = {
    LWMSG_STRUCT_BEGIN(Wide),
    LWMSG_MEMBER_INT64(Wide, kind),
    LWMSG_MEMBER_UNION_BEGIN(Wide, arms),
    LWMSG_MEMBER_INT32(union Arms, number),
    LWMSG_ATTR_TAG(-1),
    LWMSG_UNION_END,
    LWMSG_ATTR_DISCRIM(Wide, kind),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static void negative_tags_of_unions_match(void)
{
    Tagged tagged = {-1, {.number = 5}};
    Wide wide = {-1, {.number = 5}};
    unsigned char bytes[16];

    CHECK_EQ(lwmsg_data_marshal_flat(data, tagged_spec, &tagged, bytes, 5), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(bytes[4], 5);
    CHECK_EQ(lwmsg_data_marshal_flat(data, wide_spec, &wide, bytes, 12), LWMSG_STATUS_SUCCESS);
}

/* --- Absent pointers and terminators ---------------------------------------------------------------------------- */

static void absent_pointers_are_written_as_null(void)
{
    LWMsgBuffer buffer = {(unsigned char *)"\0\0\0\1", (unsigned char *)"\0\0\0\1" + 5, NULL, NULL, NULL};
    static unsigned char bytes[] = {0, 0, 0, 1, 0};
    List list = {9, (List *)&list};
    void *out = &list;

    CHECK_EQ(lwmsg_data_unmarshal_flat(data, pstr_spec, bytes, 1, &out), LWMSG_STATUS_SUCCESS);
    CHECK(out == NULL);
    buffer.base = buffer.cursor = bytes;
    buffer.end = bytes + sizeof bytes;
    CHECK_EQ(lwmsg_data_unmarshal_into(data, list_spec, &buffer, &list, sizeof list), LWMSG_STATUS_SUCCESS);
    CHECK(list.value == 1 && list.next == NULL);
}

static LWMsgTypeSpec terminated_spec[] = {
    LWMSG_POINTER(LWMSG_STRUCT(List, LWMSG_MEMBER_INT32(List, value))), LWMSG_ATTR_ZERO_TERMINATED, LWMSG_TYPE_END,
};

static void one_structure_has_its_terminator(void)
{
    static const unsigned char bytes[] = {0xff, 0, 0, 0, 1, 0, 0, 0, 7};
    List *list;
    void *again;
    size_t length;

    CHECK_EQ(unmarshal(terminated_spec, bytes, sizeof bytes, &list), LWMSG_STATUS_SUCCESS);
    CHECK(list[0].value == 7 && list[1].value == 0);
    CHECK_EQ(lwmsg_data_marshal_flat_alloc(data, terminated_spec, list, &again, &length), LWMSG_STATUS_SUCCESS);
    CHECK(length == sizeof bytes && !memcmp(again, bytes, length));
    lwmsg_data_free_memory(data, again);
    CHECK_EQ(lwmsg_data_free_graph(data, terminated_spec, list), LWMSG_STATUS_SUCCESS);
}

/* --- Tables that make no sense ---------------------------------------------------------------------------------- */

static size_t self_spec[] = {6, 0, 0};
static size_t inline_self_spec[] = {1, 8, 0x10006, 8, 0, 0, 0, 0};

static void malformed_tables_are_refused(void)
{
    static size_t unknown[] = {0x77, 0}, attribute[] = {0x0d, 0}, empty[] = {0}, inside[] = {1, 8, 0x77, 0, 0};
    static size_t termination[] = {4, 3, 1, 1, 1, 0, 7, 9, 0}, nothing[] = {4, 0, 0}, width[] = {3, 4, 99, 0, 0};
    static size_t union_alone[] = {2, 8, 0x10003, 4, 0, 4, 0, 8, 1, 0, 9, 0, 4, 0}, discriminator[] = {1, 16, 0x10002, 8, 8, 0, 9, 0, 40, 0, 0};
    static size_t length_alone[] = {4, 3, 2, 2, 1, 0, 7, 2, 0, 4, 0}, null_reference[] = {6, 0, 0}, no_class[] = {0xa, 8, 0, 0, 0};
    LWMsgTypeSpec *specs[] = {unknown, attribute, empty, inside, termination, nothing, width, union_alone,
                              discriminator, length_alone, null_reference, no_class, self_spec, inline_self_spec};
    unsigned char bytes[64] = {0xff, 1}, room[64];
    size_t index;
    void *out, *object = bytes;
    char *text;

    self_spec[1] = (size_t)self_spec;
    inline_self_spec[5] = (size_t)inline_self_spec;
    for (index = 0; index < sizeof specs / sizeof *specs; index++) {
        /* Whatever the status is, the process lives, and nothing was made. */
        out = NULL;
        CHECK(lwmsg_data_unmarshal_flat(data, specs[index], bytes, sizeof bytes, &out) != LWMSG_STATUS_SUCCESS);
        CHECK(out == NULL);
        CHECK(lwmsg_data_marshal_flat(data, specs[index], &object, room, sizeof room) != LWMSG_STATUS_SUCCESS);
        lwmsg_data_print_graph_alloc(data, specs[index], &object, &text);
        lwmsg_data_free_memory(data, text);
    }
    CHECK_EQ(lwmsg_data_unmarshal_flat(data, unknown, bytes, sizeof bytes, &out), LWMSG_STATUS_MALFORMED);
    CHECK_EQ(lwmsg_data_unmarshal_flat(data, inside, bytes, sizeof bytes, &out), LWMSG_STATUS_MALFORMED);
}

static void a_union_without_an_arm_leaves_the_rest_freed(void)
{
    static const unsigned char bytes[] = {2, 0xff, 0, 0, 0, 1, 'x'};
    Tagged *tagged;

    CHECK_EQ(unmarshal(tagged_spec, bytes, sizeof bytes, &tagged), LWMSG_STATUS_SUCCESS);
    free(tagged->arms.text);
    tagged->kind = 99;
    CHECK_EQ(lwmsg_data_free_graph(data, tagged_spec, tagged), LWMSG_STATUS_MALFORMED);
}

/* --- Custom classes and checks ---------------------------------------------------------------------------------- */

static int before, after;

typedef struct Checked {
    uint8_t count;
    char text[1];
} Checked;

static LWMsgStatus verify(LWMsgDataContext *context, LWMsgBool unmarshalling, void *object, void *user)
{
    (void)context;
    (void)user;
    if (unmarshalling) {
        /* The array at the end is there already. */
        CHECK(!memcmp(((Checked *)object)->text, "ab", 2));
        after++;
    } else {
        before++;
    }
    return LWMSG_STATUS_SUCCESS;
}

static LWMsgTypeSpec checked_spec[] = {
    LWMSG_STRUCT_BEGIN(Checked),
    LWMSG_MEMBER_UINT8(Checked, count),
    LWMSG_MEMBER_ARRAY(Checked, text, LWMSG_UINT8(char)),
    LWMSG_ATTR_LENGTH_MEMBER(Checked, count),
    LWMSG_STRUCT_END,
    LWMSG_ATTR_VERIFY(verify, NULL),
    LWMSG_TYPE_END,
};

static void structures_are_checked_both_ways(void)
{
    void *object, *bytes;
    size_t length;

    CHECK_EQ(unmarshal(checked_spec, "\2ab", 3, &object), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(after, 1);
    CHECK_EQ(lwmsg_data_marshal_flat_alloc(data, checked_spec, object, &bytes, &length), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(before, 1);
    lwmsg_data_free_memory(data, bytes);
    CHECK_EQ(lwmsg_data_free_graph(data, checked_spec, object), LWMSG_STATUS_SUCCESS);
}

static LWMsgTypeSpec byte_spec[] = {LWMSG_UINT8(uint8_t), LWMSG_TYPE_END};
static LWMsgTypeClass plain_class = {LWMSG_FALSE, byte_spec, NULL, NULL, NULL, NULL, NULL};
static LWMsgTypeSpec plain_spec[] = {LWMSG_CUSTOM(uint8_t, &plain_class, NULL), LWMSG_TYPE_END};

static void classes_without_functions_are_printed(void)
{
    uint8_t value = 200;
    char *text;

    CHECK_EQ(lwmsg_data_print_graph_alloc(data, plain_spec, &value, &text), LWMSG_STATUS_SUCCESS);
    CHECK(!strcmp(text, "200"));
    lwmsg_data_free_memory(data, text);
}

int main(void)
{
    CHECK_EQ(lwmsg_data_context_new(NULL, &data), LWMSG_STATUS_SUCCESS);
    long_lists_do_not_overflow_the_stack();
    an_array_without_a_place_is_not_looked_at();
    a_terminator_among_the_elements_loses_no_memory();
    lengths_are_not_sign_extended();
    claimed_lengths_get_no_memory_before_the_data();
    claims_inside_claims_share_what_is_ahead();
    memory_grows_as_data_arrives();
    terminators_are_there_whatever_the_size();
    ranges_of_signed_integers_have_a_sign();
    negative_tags_of_unions_match();
    absent_pointers_are_written_as_null();
    one_structure_has_its_terminator();
    malformed_tables_are_refused();
    structures_are_checked_both_ways();
    classes_without_functions_are_printed();
    a_union_without_an_arm_leaves_the_rest_freed();
    lwmsg_data_context_delete(data);
    return 0;
}
