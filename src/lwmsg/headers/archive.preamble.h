
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
