
/**
 * The version of the descriptions below.
 */
#define RELINK_WALTHAM_PROTOCOL_VERSION 1u

/**
 * The first opcode that the core protocol will never use.
 */
#define RELINK_WALTHAM_FIRST_OPCODE 1024u
