/* relink: Waltham protocols of a program's own. Part of relink; MIT OR Apache-2.0.
 *
 * relink-waltham-scanner reads a protocol's XML and writes C that uses this header. A program registers the
 * protocol's description once and then uses the generated functions as those of the core protocol. Opcodes of
 * such protocols begin at RELINK_WALTHAM_FIRST_OPCODE; the core never uses those.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef RELINK_WALTHAM_H
#define RELINK_WALTHAM_H

#include <stdint.h>
#include <waltham-object.h>
#include <waltham-util.h>

/**
 * The version of the descriptions below.
 */
#define RELINK_WALTHAM_PROTOCOL_VERSION 1u

/**
 * The first opcode that the core protocol will never use.
 */
#define RELINK_WALTHAM_FIRST_OPCODE 1024u


/**
 * A handler of whatever signature, as wth_object_set_listener takes them.
 */
typedef void (*relink_waltham_handler)(void);

/**
 * One value of a message.
 */
union relink_waltham_argument {
    /**
     * An int, or a wth_fixed_t.
     */
    int32_t i;
    /**
     * A uint, or the length of data in bytes.
     */
    uint32_t u;
    /**
     * A string.
     */
    const char *s;
    /**
     * Data.
     */
    void *p;
    /**
     * An object, or NULL.
     */
    struct wth_object *o;
    /**
     * An array. Empty when all zero.
     */
    struct wth_array a;
};

/**
 * Calls a handler with the values of a message.
 */
typedef void (*relink_waltham_call)(relink_waltham_handler handler,
                                    struct wth_object *target,
                                    union relink_waltham_argument *args);

/**
 * A message of a protocol.
 *
 * The signature has a letter for each argument: i int, u uint, f fixed, s string, d data (two values: length
 * and bytes), a array, o object, n new object, N new object whose interface is sent along (three values:
 * object, interface, version); ? before an o that may be NULL.
 */
struct relink_waltham_message {
    /**
     * As in the XML.
     */
    const char *name;
    /**
     * See above.
     */
    const char *signature;
    /**
     * For each o, n and N the interface, or NULL when it is another protocol's or not said.
     */
    const struct relink_waltham_interface *const *types;
    /**
     * The interface it belongs to.
     */
    const struct relink_waltham_interface *interface;
    /**
     * Calls its handler.
     */
    relink_waltham_call call;
    /**
     * On the wire.
     */
    uint16_t opcode;
    /**
     * Its place in the table of handlers.
     */
    uint16_t slot;
    /**
     * 1 for an event; 2 for a destructor.
     */
    uint32_t flags;
};

/**
 * An interface of a protocol.
 */
struct relink_waltham_interface {
    /**
     * As in the XML.
     */
    const char *name;
    /**
     * As in the XML.
     */
    uint32_t version;
    /**
     * How many requests it has.
     */
    uint32_t request_count;
    /**
     * They, by slot.
     */
    const struct relink_waltham_message *requests;
    /**
     * How many events it has.
     */
    uint32_t event_count;
    /**
     * They, by slot.
     */
    const struct relink_waltham_message *events;
};

/**
 * A protocol of a program's own, as relink-waltham-scanner writes it.
 */
struct relink_waltham_protocol {
    /**
     * RELINK_WALTHAM_PROTOCOL_VERSION.
     */
    uint32_t version;
    /**
     * As in the XML.
     */
    const char *name;
    /**
     * How many interfaces it has.
     */
    uint32_t interface_count;
    /**
     * They.
     */
    const struct relink_waltham_interface *const *interfaces;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes a protocol known to this process. Call it once, before the first connection that uses the protocol; both
 * peers have to. The description and everything it points to has to stay as it is for ever.
 *
 * Returns 0. On failure -1 with errno EINVAL when the description is malformed or made for another version, EEXIST
 * when one of its opcodes or interfaces is registered already, or ENOMEM.
 */
int relink_waltham_register(const struct relink_waltham_protocol *protocol);

/**
 * Sends a message of a registered protocol on an object, with the values that its signature asks for.
 *
 * Returns the object that the message creates, or NULL. What goes wrong becomes the connection's error.
 */
struct wth_object *relink_waltham_send(struct wth_object *object,
                                       const struct relink_waltham_message *message,
                                       union relink_waltham_argument *args);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* RELINK_WALTHAM_H */
