/* Files of messages, byte by byte as measured on the original, with and without the types of the messages. */
#include <lwmsg/lwmsg.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"

typedef struct S {
    int16_t n;
    char *s;
} S;

static LWMsgTypeSpec s_spec[] = {
    LWMSG_STRUCT_BEGIN(struct S), LWMSG_MEMBER_INT16(struct S, n), LWMSG_MEMBER_PSTR(struct S, s), LWMSG_STRUCT_END, LWMSG_TYPE_END,
};
static LWMsgProtocolSpec protocol_spec[] = {LWMSG_MESSAGE(1, s_spec), LWMSG_PROTOCOL_END};

static LWMsgTypeSpec wide_spec[] = {
    LWMSG_STRUCT_BEGIN(struct S), LWMSG_MEMBER_INTEGER(struct S, n, 4, LWMSG_SIGNED), LWMSG_MEMBER_PSTR(struct S, s),
    LWMSG_STRUCT_END, LWMSG_TYPE_END,
};
static LWMsgProtocolSpec other_spec[] = {LWMSG_MESSAGE(1, wide_spec), LWMSG_PROTOCOL_END};

static LWMsgProtocol *protocol_of(LWMsgProtocolSpec *spec)
{
    LWMsgProtocol *protocol;

    CHECK_EQ(lwmsg_protocol_new(NULL, &protocol), LWMSG_STATUS_SUCCESS);
    if (spec)
        CHECK_EQ(lwmsg_protocol_add_protocol_spec(protocol, spec), LWMSG_STATUS_SUCCESS);
    return protocol;
}

static LWMsgArchive *archive_of(LWMsgProtocol *protocol, const char *path)
{
    LWMsgArchive *archive;

    CHECK_EQ(lwmsg_archive_new(NULL, protocol, &archive), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_set_file(archive, path, 0600), LWMSG_STATUS_SUCCESS);
    return archive;
}

static void show(const char *path)
{
    unsigned char bytes[1024];
    int fd = open(path, O_RDONLY);
    ssize_t length = read(fd, bytes, sizeof bytes), index;

    close(fd);
    printf("%zd bytes:", length);
    for (index = 0; index < length; index++)
        printf("%s%02x", index % 32 ? " " : "\n", bytes[index]);
    printf("\n");
}

static void write_one(LWMsgArchive *archive)
{
    S s = {42, "Hi"};
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;

    message.flags = LWMSG_MESSAGE_FLAG_REPLY;
    message.status = LWMSG_STATUS_AGAIN;
    message.cookie = 7;
    message.tag = 1;
    message.data = &s;
    CHECK_EQ(lwmsg_archive_write_message(archive, &message), LWMSG_STATUS_SUCCESS);
    message.tag = 9;
    CHECK_EQ(lwmsg_archive_write_message(archive, &message), LWMSG_STATUS_NOT_FOUND);
    CHECK_EQ(lwmsg_archive_read_message(archive, &message), LWMSG_STATUS_SYSTEM);
}

static void read_one(LWMsgArchive *archive)
{
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;

    CHECK_EQ(lwmsg_archive_read_message(archive, &message), LWMSG_STATUS_SUCCESS);
    CHECK(message.flags == LWMSG_MESSAGE_FLAG_REPLY && message.status == LWMSG_STATUS_AGAIN);
    CHECK(message.cookie == 7 && message.tag == 1);
    CHECK(((S *)message.data)->n == 42 && !strcmp(((S *)message.data)->s, "Hi"));
    CHECK_EQ(lwmsg_archive_destroy_message(archive, &message), LWMSG_STATUS_SUCCESS);
    CHECK(message.tag == LWMSG_TAG_INVALID && message.data == NULL);
    CHECK_EQ(lwmsg_archive_destroy_message(archive, &message), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_read_message(archive, &message), LWMSG_STATUS_EOF);
    CHECK_EQ(lwmsg_archive_write_message(archive, &message), LWMSG_STATUS_INVALID_STATE);
}

static void write_and_read(const char *path, LWMsgByteOrder order, int schema)
{
    LWMsgProtocol *protocol = protocol_of(protocol_spec), *other = protocol_of(other_spec), *empty = protocol_of(NULL);
    LWMsgArchive *archive = archive_of(protocol, path);
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;
    char *text;

    remove(path);
    CHECK_EQ(lwmsg_archive_set_byte_order(archive, order), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_WRITE | (LWMsgArchiveDisposition)schema), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_WRITE), LWMSG_STATUS_INVALID_STATE);
    write_one(archive);
    CHECK_EQ(lwmsg_archive_close(archive), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_close(archive), LWMSG_STATUS_SUCCESS);
    show(path);

    CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_READ | (LWMsgArchiveDisposition)schema), LWMSG_STATUS_SUCCESS);
    read_one(archive);
    CHECK_EQ(lwmsg_archive_close(archive), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_read_message(archive, &message), LWMSG_STATUS_SYSTEM);
    lwmsg_archive_delete(archive);
    /* Types are left out unless they are asked for. */
    archive = archive_of(protocol, path);
    CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_READ), LWMSG_STATUS_SUCCESS);
    read_one(archive);
    lwmsg_archive_delete(archive);

    if (schema) {
        archive = archive_of(other, path);
        CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_READ | LWMSG_ARCHIVE_SCHEMA), LWMSG_STATUS_MALFORMED);
        lwmsg_archive_delete(archive);
        archive = archive_of(empty, path);
        CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_READ | LWMSG_ARCHIVE_SCHEMA), LWMSG_STATUS_MALFORMED);
        lwmsg_archive_delete(archive);
        /* A protocol that knows nothing learns. */
        archive = archive_of(empty, path);
        lwmsg_archive_set_protocol_update(archive, LWMSG_TRUE);
        CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_READ | LWMSG_ARCHIVE_SCHEMA), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(lwmsg_archive_read_message(archive, &message), LWMSG_STATUS_SUCCESS);
        CHECK_EQ(lwmsg_assoc_print_message_alloc(lwmsg_archive_as_assoc(archive), &message, &text), LWMSG_STATUS_SUCCESS);
        printf("%s\n", text);
        free(text);
        CHECK_EQ(lwmsg_archive_destroy_message(archive, &message), LWMSG_STATUS_SUCCESS);
        lwmsg_archive_delete(archive);
    }
    lwmsg_protocol_delete(protocol);
    lwmsg_protocol_delete(other);
    lwmsg_protocol_delete(empty);
    remove(path);
}

static void as_association(const char *path)
{
    LWMsgProtocol *protocol = protocol_of(protocol_spec);
    LWMsgArchive *archive = archive_of(protocol, path);
    LWMsgAssoc *assoc = lwmsg_archive_as_assoc(archive);
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER, *completed = &message;
    LWMsgTime time = {1, 0};
    LWMsgSession *session;
    S s = {1, NULL};

    CHECK_EQ(lwmsg_assoc_get_state(assoc), LWMSG_ASSOC_STATE_NOT_ESTABLISHED);
    CHECK_EQ(lwmsg_assoc_connect(assoc, NULL), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_assoc_get_state(assoc), LWMSG_ASSOC_STATE_IDLE);
    CHECK(lwmsg_assoc_get_protocol(assoc) == protocol);
    message.tag = 1;
    message.data = &s;
    CHECK_EQ(lwmsg_assoc_send_message(assoc, &message), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_assoc_reset(assoc), LWMSG_STATUS_UNSUPPORTED);
    CHECK_EQ(lwmsg_assoc_set_nonblock(assoc, LWMSG_TRUE), LWMSG_STATUS_UNSUPPORTED);
    CHECK_EQ(lwmsg_assoc_get_session(assoc, &session), LWMSG_STATUS_UNSUPPORTED);
    CHECK_EQ(lwmsg_assoc_set_timeout(assoc, LWMSG_TIMEOUT_MESSAGE, &time), LWMSG_STATUS_UNSUPPORTED);
    CHECK_EQ(lwmsg_assoc_finish(assoc, &completed), LWMSG_STATUS_SUCCESS);
    CHECK(completed == NULL);
    CHECK_EQ(lwmsg_assoc_close(assoc), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_assoc_get_state(assoc), LWMSG_ASSOC_STATE_NOT_ESTABLISHED);
    CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_READ), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_assoc_recv_message(assoc, &message), LWMSG_STATUS_SUCCESS);
    CHECK(message.data != &s && ((S *)message.data)->n == 1);
    CHECK_EQ(lwmsg_assoc_destroy_message(assoc, &message), LWMSG_STATUS_SUCCESS);
    lwmsg_assoc_delete(assoc);
    lwmsg_protocol_delete(protocol);
    remove(path);
}

static void refused(const char *path)
{
    LWMsgProtocol *protocol = protocol_of(protocol_spec);
    LWMsgArchive *archive;
    int fd;

    CHECK_EQ(lwmsg_archive_new(NULL, protocol, &archive), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_READ), LWMSG_STATUS_INVALID_STATE);
    CHECK_EQ(lwmsg_archive_set_fd(archive, -1), LWMSG_STATUS_INVALID_PARAMETER);
    CHECK_EQ(lwmsg_archive_set_file(archive, path, 0600), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_SCHEMA), LWMSG_STATUS_INVALID_PARAMETER);
    CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_READ), LWMSG_STATUS_FILE_NOT_FOUND);
    lwmsg_archive_delete(archive);
    fd = open(path, O_WRONLY | O_CREAT, 0600);
    CHECK_EQ(write(fd, "LWMB, and then some more than a header has", 42), 42);
    close(fd);
    archive = archive_of(protocol, path);
    CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_READ), LWMSG_STATUS_MALFORMED);
    lwmsg_archive_delete(archive);
    CHECK_EQ(truncate(path, 10), 0);
    archive = archive_of(protocol, path);
    CHECK_EQ(lwmsg_archive_open(archive, LWMSG_ARCHIVE_READ), LWMSG_STATUS_MALFORMED);
    lwmsg_archive_delete(archive);
    lwmsg_protocol_delete(protocol);
    remove(path);
}

int main(void)
{
    char path[] = "/tmp/relink-archive-XXXXXX";

    umask(022);
    close(mkstemp(path));
    write_and_read(path, LWMSG_BIG_ENDIAN, 0);
    write_and_read(path, LWMSG_LITTLE_ENDIAN, 0);
    write_and_read(path, LWMSG_LITTLE_ENDIAN, LWMSG_ARCHIVE_SCHEMA);
    write_and_read(path, LWMSG_BIG_ENDIAN, LWMSG_ARCHIVE_SCHEMA);
    as_association(path);
    refused(path);
    return 0;
}
