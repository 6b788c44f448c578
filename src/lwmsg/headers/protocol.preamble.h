
/**
 * A set of messages, by number. Opaque.
 */
typedef struct LWMsgProtocol LWMsgProtocol;

/**
 * A line of a protocol's table. In C the typedef is const, so that tables are read-only data; C++ does not allow that
 * for a type that has the same tag.
 */
typedef struct LWMsgProtocolSpec {
    unsigned int tag;
    LWMsgTypeSpec *type;
    const char *tag_name;
}
#ifndef __cplusplus
const
#endif
LWMsgProtocolSpec;

/**
 * A message: its number, and the table of its payload or NULL. The text of the number is the message's name.
 */
#define LWMSG_MESSAGE(tag, spec) { (tag), (spec), #tag }

/**
 * The end of a protocol's table.
 */
#define LWMSG_PROTOCOL_END { (unsigned int) -1, NULL, NULL }
