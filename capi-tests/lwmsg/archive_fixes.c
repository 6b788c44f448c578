/* What the original got wrong about archives; and a protocol as large as daemons have, written, learned and read.
 *
 * harness: ours-only fixes
 */
#include <lwmsg/lwmsg.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"

LWMsgStatus lwmsg_protocol_print_alloc(LWMsgProtocol *prot, unsigned int indent, char **text);

typedef struct Node {
    int16_t values[3];
    struct Node *left, *right;
    uint8_t tail_count;
    char tail[1];
} Node;

typedef struct Entry {
    char *name;
    uint32_t id;
    uint16_t kind;
    union Value {
        int64_t number;
        char *text;
    } value;
    uint32_t count;
    uint32_t *members;
} Entry;

static LWMsgTypeSpec node_spec[];

static LWMsgTypeSpec node_pointer_spec[] = {LWMSG_POINTER(LWMSG_TYPESPEC(node_spec)), LWMSG_ATTR_ALIASABLE, LWMSG_TYPE_END};

static LWMsgTypeSpec node_spec[] = {
    LWMSG_STRUCT_BEGIN(Node),
    LWMSG_MEMBER_ARRAY(Node, values, LWMSG_INT16(int16_t)),
    LWMSG_ATTR_LENGTH_STATIC(3),
    LWMSG_MEMBER_TYPESPEC(Node, left, node_pointer_spec),
    LWMSG_MEMBER_TYPESPEC(Node, right, node_pointer_spec),
    LWMSG_MEMBER_UINT8(Node, tail_count),
    LWMSG_MEMBER_ARRAY(Node, tail, LWMSG_UINT8(char)),
    LWMSG_ATTR_LENGTH_MEMBER(Node, tail_count),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

static LWMsgTypeSpec kind_spec[] = {
    LWMSG_ENUM_BEGIN(uint16_t, 2, LWMSG_UNSIGNED), LWMSG_ENUM_NAMED_VALUE("NUMBER", 1), LWMSG_ENUM_NAMED_VALUE("TEXT", 2),
    LWMSG_ENUM_NAMED_MASK("HIDDEN", 0x100), LWMSG_ENUM_END, LWMSG_TYPE_END,
};

static LWMsgTypeSpec entry_spec[] = {
    LWMSG_STRUCT_BEGIN(Entry),
    LWMSG_MEMBER_PSTR(Entry, name),
    LWMSG_ATTR_NOT_NULL,
    LWMSG_MEMBER_UINT32(Entry, id),
    LWMSG_ATTR_RANGE(0, 100000),
    LWMSG_MEMBER_TYPESPEC(Entry, kind, kind_spec),
    LWMSG_MEMBER_UNION_BEGIN(Entry, value),
    LWMSG_MEMBER_INT64(union Value, number),
    LWMSG_ATTR_TAG(1),
    LWMSG_MEMBER_PSTR(union Value, text),
    LWMSG_ATTR_TAG(2),
    LWMSG_UNION_END,
    LWMSG_ATTR_DISCRIM(Entry, kind),
    LWMSG_MEMBER_UINT32(Entry, count),
    LWMSG_MEMBER_POINTER(Entry, members, LWMSG_UINT32(uint32_t)),
    LWMSG_ATTR_LENGTH_MEMBER(Entry, count),
    LWMSG_STRUCT_END,
    LWMSG_TYPE_END,
};

enum { MESSAGE_ENTRY, MESSAGE_NODE = 5, MESSAGE_NOTHING = 7 };

static LWMsgProtocolSpec protocol_spec[] = {
    LWMSG_MESSAGE(MESSAGE_ENTRY, entry_spec), LWMSG_MESSAGE(MESSAGE_NODE, node_spec),
    LWMSG_MESSAGE(MESSAGE_NOTHING, NULL), LWMSG_PROTOCOL_END,
};

static LWMsgProtocol *protocol_of(LWMsgProtocolSpec *spec)
{
    LWMsgProtocol *protocol;

    CHECK_EQ(lwmsg_protocol_new(NULL, &protocol), LWMSG_STATUS_SUCCESS);
    if (spec)
        CHECK_EQ(lwmsg_protocol_add_protocol_spec(protocol, spec), LWMSG_STATUS_SUCCESS);
    return protocol;
}

static void put(LWMsgArchive *archive, LWMsgTag tag, void *data)
{
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;

    message.tag = tag;
    message.data = data;
    CHECK_EQ(lwmsg_archive_write_message(archive, &message), LWMSG_STATUS_SUCCESS);
}

static char *text_of(LWMsgArchive *archive, LWMsgMessage *message)
{
    char *text;

    CHECK_EQ(lwmsg_assoc_print_message_alloc(lwmsg_archive_as_assoc(archive), message, &text), LWMSG_STATUS_SUCCESS);
    return text;
}

static void learned_types_are_the_same(const char *path)
{
    LWMsgProtocol *protocol = protocol_of(protocol_spec), *empty = protocol_of(NULL);
    LWMsgArchive *archive, *other;
    union {
        Node node;
        char room[sizeof(Node) + 16];
    } node;
    Entry entry = {"name", 77, 2, {.text = "value"}, 3, (uint32_t[]){1, 2, 3}};
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER, same = LWMSG_MESSAGE_INITIALIZER;
    char *first, *second;
    int index;

    memset(&node, 0, sizeof node);
    node.node = (Node){{1, -2, 3}, &node.node, &node.node, 4, {0}};
    memcpy((char *)&node + offsetof(Node, tail), "tail", 4);
    CHECK_EQ(lwmsg_archive_new(NULL, protocol, &archive), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_set_file(archive, path, 0600), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_WRITE | LWMSG_ARCHIVE_SCHEMA), LWMSG_STATUS_SUCCESS);
    put(archive, MESSAGE_ENTRY, &entry);
    put(archive, MESSAGE_NODE, &node);
    put(archive, MESSAGE_NOTHING, NULL);
    CHECK_EQ(lwmsg_archive_close(archive), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_READ | LWMSG_ARCHIVE_SCHEMA), LWMSG_STATUS_SUCCESS);

    CHECK_EQ(lwmsg_archive_new(NULL, empty, &other), LWMSG_STATUS_SUCCESS);
    lwmsg_archive_set_protocol_update(other, LWMSG_TRUE);
    CHECK_EQ(lwmsg_archive_set_fd(other, open(path, O_RDONLY)), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_open(other, LWMSG_ARCHIVE_READ | LWMSG_ARCHIVE_SCHEMA), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_protocol_print_alloc(protocol, 0, &first), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_protocol_print_alloc(empty, 0, &second), LWMSG_STATUS_SUCCESS);
    CHECK(!strcmp(first, second));
    free(first);
    free(second);
    for (index = 0; index < 3; index++) {
        CHECK_EQ(lwmsg_archive_read_message(archive, &message), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(lwmsg_archive_read_message(other, &same), LWMSG_STATUS_SUCCESS);
        first = text_of(archive, &message);
        second = text_of(other, &same);
        /* How elements are printed is known of pointers, and of arrays it is not. */
        if (strcmp(first, second)) {
            fprintf(stderr, "%s\n%s\n", first, second);
            exit(1);
        }
        free(first);
        free(second);
        if (message.tag == MESSAGE_NODE) {
            Node *read = message.data;

            CHECK(read->left->left == read->left && read->left == read->right);
            CHECK(read->values[2] == 3 && !memcmp(read->left->tail, "tail", 4));
        }
        CHECK_EQ(lwmsg_archive_destroy_message(archive, &message), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(lwmsg_archive_destroy_message(other, &same), LWMSG_STATUS_SUCCESS);
    }
    CHECK_EQ(lwmsg_archive_read_message(other, &same), LWMSG_STATUS_EOF);
    lwmsg_archive_delete(archive);
    lwmsg_archive_delete(other);
    lwmsg_protocol_delete(empty);
    lwmsg_protocol_delete(protocol);
}

static void writing_begins_with_an_empty_file(const char *path)
{
    LWMsgProtocol *protocol = protocol_of(protocol_spec);
    LWMsgArchive *archive;
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;
    struct stat status;
    int by_descriptor;

    for (by_descriptor = 0; by_descriptor < 2; by_descriptor++) {
        CHECK_EQ(truncate(path, 100000), 0);
        CHECK_EQ(lwmsg_archive_new(NULL, protocol, &archive), LWMSG_STATUS_SUCCESS);
        if (by_descriptor)
            CHECK_EQ(lwmsg_archive_set_fd(archive, open(path, O_RDWR)), LWMSG_STATUS_SUCCESS);
        else
            CHECK_EQ(lwmsg_archive_set_file(archive, path, 0600), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_WRITE), LWMSG_STATUS_SUCCESS);
        put(archive, MESSAGE_NOTHING, NULL);
        CHECK_EQ(lwmsg_archive_close(archive), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(stat(path, &status), 0);
        CHECK_EQ(status.st_size, 28 + 14);
        CHECK_EQ(lwmsg_archive_set_file(archive, path, 0), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_READ), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(lwmsg_archive_read_message(archive, &message), LWMSG_STATUS_SUCCESS);
        CHECK(message.tag == MESSAGE_NOTHING && message.data == NULL);
        CHECK_EQ(lwmsg_archive_read_message(archive, &message), LWMSG_STATUS_EOF);
        lwmsg_archive_delete(archive);
    }
    lwmsg_protocol_delete(protocol);
}

static void unknown_messages_are_skipped(const char *path)
{
    LWMsgProtocolSpec few[] = {LWMSG_MESSAGE(MESSAGE_NOTHING, NULL), LWMSG_PROTOCOL_END};
    LWMsgProtocol *protocol = protocol_of(protocol_spec), *other = protocol_of(few);
    Entry entry = {"name", 77, 1, {.number = 5}, 0, NULL};
    LWMsgArchive *archive;
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;

    CHECK_EQ(lwmsg_archive_new(NULL, protocol, &archive), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_set_file(archive, path, 0600), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_WRITE), LWMSG_STATUS_SUCCESS);
    put(archive, MESSAGE_ENTRY, &entry);
    put(archive, MESSAGE_NOTHING, NULL);
    lwmsg_archive_delete(archive);
    CHECK_EQ(lwmsg_archive_new(NULL, other, &archive), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_set_file(archive, path, 0600), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_READ), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_assoc_accept(lwmsg_archive_as_assoc(archive), NULL), LWMSG_STATUS_UNSUPPORTED);
    CHECK_EQ(lwmsg_archive_read_message(archive, &message), LWMSG_STATUS_NOT_FOUND);
    CHECK_EQ(lwmsg_archive_read_message(archive, &message), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(message.tag, MESSAGE_NOTHING);
    lwmsg_archive_delete(archive);
    lwmsg_protocol_delete(other);
    lwmsg_protocol_delete(protocol);
}

/* Each message has a table of its own, which refers to shared ones and to itself. */
static void protocols_of_hundreds_of_messages(const char *path)
{
    enum { COUNT = 400, GAP = 3 };
    static size_t tables[COUNT][sizeof entry_spec / sizeof *entry_spec];
    static struct LWMsgProtocolSpec lines[COUNT + 1];
    static char names[COUNT][24];
    LWMsgProtocol *protocol, *learned = protocol_of(NULL);
    LWMsgArchive *archive;
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;
    Entry entry = {"name", 0, 1, {.number = 5}, 2, (uint32_t[]){8, 9}};
    LWMsgTypeSpec *spec;
    char *first, *second;
    int index;

    for (index = 0; index < COUNT; index++) {
        memcpy(tables[index], entry_spec, sizeof entry_spec);
        snprintf(names[index], sizeof names[index], "MESSAGE_%d", index);
        lines[index].tag = (unsigned)(index * GAP);
        lines[index].type = tables[index];
        lines[index].tag_name = names[index];
    }
    lines[COUNT].tag = (unsigned)-1;
    protocol = protocol_of(lines);
    for (index = 0; index < COUNT * GAP + 10; index++) {
        LWMsgStatus wanted = index % GAP || index >= COUNT * GAP ? LWMSG_STATUS_NOT_FOUND : LWMSG_STATUS_SUCCESS;

        CHECK_EQ(lwmsg_protocol_get_message_type(protocol, (LWMsgTag)index, &spec), wanted);
        CHECK(wanted || spec == tables[index / GAP]);
    }
    CHECK_EQ(lwmsg_protocol_get_message_type(protocol, -1, &spec), LWMSG_STATUS_NOT_FOUND);
    CHECK_EQ(lwmsg_archive_new(NULL, protocol, &archive), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_set_file(archive, path, 0600), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_WRITE | LWMSG_ARCHIVE_SCHEMA), LWMSG_STATUS_SUCCESS);
    for (index = 0; index < COUNT; index++) {
        entry.id = (uint32_t)index;
        put(archive, (LWMsgTag)(index * GAP), &entry);
    }
    CHECK_EQ(lwmsg_archive_close(archive), LWMSG_STATUS_SUCCESS);
    lwmsg_archive_delete(archive);
    CHECK_EQ(lwmsg_archive_new(NULL, learned, &archive), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_set_file(archive, path, 0600), LWMSG_STATUS_SUCCESS);
    lwmsg_archive_set_protocol_update(archive, LWMSG_TRUE);
    CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_READ | LWMSG_ARCHIVE_SCHEMA), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_protocol_print_alloc(protocol, 0, &first), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_protocol_print_alloc(learned, 0, &second), LWMSG_STATUS_SUCCESS);
    CHECK(!strcmp(first, second));
    free(first);
    free(second);
    for (index = 0; index < COUNT; index++) {
        CHECK_EQ(lwmsg_archive_read_message(archive, &message), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(message.tag, index * GAP);
        CHECK_EQ(lwmsg_archive_destroy_message(archive, &message), LWMSG_STATUS_SUCCESS);
    }
    lwmsg_archive_delete(archive);
    lwmsg_protocol_delete(learned);
    lwmsg_protocol_delete(protocol);
}

int main(void)
{
    char path[] = "/tmp/relink-archive-XXXXXX";

    close(mkstemp(path));
    learned_types_are_the_same(path);
    writing_begins_with_an_empty_file(path);
    unknown_messages_are_skipped(path);
    protocols_of_hundreds_of_messages(path);
    remove(path);
    return 0;
}
