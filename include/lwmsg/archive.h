/* LWMsg: archives. Part of relink; MIT OR Apache-2.0.
 *
 * An archive is a file of messages. It is written and read message by message, by one thread at a time, and can be
 * used in place of an association.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef LWMSG_ARCHIVE_H
#define LWMSG_ARCHIVE_H

#include <lwmsg/assoc.h>
#include <lwmsg/protocol.h>
#include <sys/types.h>

/**
 * A file of messages. Opaque.
 */
typedef struct LWMsgArchive LWMsgArchive;

/**
 * How an archive is opened: to read or to write, and whether the types of the messages are in it.
 */
typedef enum LWMsgArchiveDisposition {
    /** To read. */
    LWMSG_ARCHIVE_READ = 0x1,
    /** To write, from the beginning. */
    LWMSG_ARCHIVE_WRITE = 0x2,
    /** With the types, which reading checks or learns. */
    LWMSG_ARCHIVE_SCHEMA = 0x4
} LWMsgArchiveDisposition;


#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an archive for messages of a protocol, with a context or NULL; both outlive it. It is released with
 * lwmsg_archive_delete.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_MEMORY.
 */
LWMsgStatus lwmsg_archive_new(const LWMsgContext *context,
                              LWMsgProtocol *protocol,
                              LWMsgArchive **archive);

/**
 * Names the file of an archive, and the permissions it is created with. Closes what the archive had before.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_PARAMETER for NULL.
 */
LWMsgStatus lwmsg_archive_set_file(LWMsgArchive *archive,
                                   const char *filename,
                                   mode_t mode);

/**
 * Gives an archive a descriptor, which is the archive's from now on. Closes what the archive had before.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_PARAMETER for a negative number.
 */
LWMsgStatus lwmsg_archive_set_fd(LWMsgArchive *archive,
                                 int fd);

/**
 * Sets the order of the bytes that are written, big endian unless this is called. Reading takes it from the file.
 *
 * Returns LWMSG_STATUS_SUCCESS.
 */
LWMsgStatus lwmsg_archive_set_byte_order(LWMsgArchive *archive,
                                         LWMsgByteOrder order);

/**
 * Sets whether opening to read with LWMSG_ARCHIVE_SCHEMA adds messages to the protocol that it does not know. They
 * stay as long as the protocol.
 */
void lwmsg_archive_set_protocol_update(LWMsgArchive *archive,
                                       LWMsgBool update);

/**
 * Opens an archive. disp is LWMSG_ARCHIVE_READ or LWMSG_ARCHIVE_WRITE, perhaps with LWMSG_ARCHIVE_SCHEMA: then the
 * types of all messages are written, or compared with the protocol. Writing begins with an empty file. May block.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_INVALID_PARAMETER for another disp; LWMSG_STATUS_INVALID_STATE when it is
 * open already or has no file; LWMSG_STATUS_MALFORMED when the file is no archive, or its types are not the
 * protocol's; LWMSG_STATUS_EOF when it is empty; or the status of an errno, LWMSG_STATUS_FILE_NOT_FOUND for one.
 */
LWMsgStatus lwmsg_archive_open(LWMsgArchive *archive,
                               LWMsgArchiveDisposition disp);

/**
 * Closes an archive, after what was written has reached the disk. May block. Closing twice is no error.
 *
 * Returns LWMSG_STATUS_SUCCESS, or the status of an errno.
 */
LWMsgStatus lwmsg_archive_close(LWMsgArchive *archive);

/**
 * Writes a message. May block.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_INVALID_STATE when the archive was not opened to write;
 * LWMSG_STATUS_NOT_FOUND for a message the protocol does not know; what marshalling gives, nothing being written
 * then; or the status of an errno, LWMSG_STATUS_SYSTEM when the archive is closed.
 */
LWMsgStatus lwmsg_archive_write_message(LWMsgArchive *archive,
                                        LWMsgMessage *message);

/**
 * Reads a message, to be released with lwmsg_archive_destroy_message. May block.
 *
 * Returns LWMSG_STATUS_SUCCESS; LWMSG_STATUS_EOF behind the last message; LWMSG_STATUS_NOT_FOUND for one that the
 * protocol does not know, the next call reads the following one; LWMSG_STATUS_MALFORMED when the file is
 * damaged; or the status of an errno, LWMSG_STATUS_SYSTEM when the archive is closed.
 */
LWMsgStatus lwmsg_archive_read_message(LWMsgArchive *archive,
                                       LWMsgMessage *message);

/**
 * Releases the payload of a message that was read; its tag is LWMSG_TAG_INVALID then. Nothing for a message that has
 * that tag already.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_NOT_FOUND.
 */
LWMsgStatus lwmsg_archive_destroy_message(LWMsgArchive *archive,
                                          LWMsgMessage *message);

/**
 * Releases an archive; what is open is closed, without waiting for the disk.
 */
void lwmsg_archive_delete(LWMsgArchive *archive);

/**
 * Returns the archive as an association: sending writes, receiving reads, connecting opens it to write. Deleting
 * either deletes both.
 */
LWMsgAssoc *lwmsg_archive_as_assoc(LWMsgArchive *archive);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* LWMSG_ARCHIVE_H */
