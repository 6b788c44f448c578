/* harness: ours-only the original has no such thing
 *
 * Registering protocols: what is malformed or overlaps is refused whole, and messages of a registered one are
 * checked as the core's are. All opt-in parts of the headers are on.
 */
#define RELINK_WALTHAM_ALL_SETTERS
#define RELINK_WALTHAM_ENUMS
#include "check.h"
#include <errno.h>
#include <relink/waltham.h>
#include <string.h>
#include <waltham-client.h>
#include <waltham-connection.h>
#include <waltham-server.h>

static int calls;

static void call_su(relink_waltham_handler handler, struct wth_object *target, union relink_waltham_argument *args)
{
    ((void (*)(struct wth_object *, const char *, uint32_t))handler)(target, args[0].s, args[1].u);
}

static void call_n(relink_waltham_handler handler, struct wth_object *target, union relink_waltham_argument *args)
{
    ((void (*)(struct wth_object *, struct wth_object *))handler)(target, args[0].o);
}

static void call_o(relink_waltham_handler handler, struct wth_object *target, union relink_waltham_argument *args)
{
    ((void (*)(struct wth_object *, struct wth_object *))handler)(target, args[0].o);
}

extern const struct relink_waltham_interface thing;

/* The core's interface, named only. */
static const struct relink_waltham_interface surface = { "wthp_surface", 0, 0, NULL, 0, NULL };
static const struct relink_waltham_interface *const thing_type[] = { &thing };
static const struct relink_waltham_interface *const surface_type[] = { &surface };

static const struct relink_waltham_message requests[] = {
    { "say", "su", NULL, &thing, call_su, 3000, 0, 0 },
    { "show", "?o", surface_type, &thing, call_o, 3001, 1, 0 },
};
static const struct relink_waltham_message events[] = {
    { "born", "n", thing_type, &thing, call_n, 3002, 0, 1 },
};
const struct relink_waltham_interface thing = { "thing", 1, 2, requests, 1, events };
static const struct relink_waltham_interface *const interfaces[] = { &thing };
static const struct relink_waltham_protocol protocol = { RELINK_WALTHAM_PROTOCOL_VERSION, "things", 1, interfaces };

static void refused(const char *signature, uint16_t opcode, uint16_t slot, uint32_t flags, const char *name, int error)
{
    struct relink_waltham_interface other = { name, 1, 1, NULL, 0, NULL };
    struct relink_waltham_message message = { "m", signature, NULL, NULL, call_su, opcode, slot, flags };
    const struct relink_waltham_interface *list[1];
    struct relink_waltham_protocol bad = { RELINK_WALTHAM_PROTOCOL_VERSION, "bad", 1, list };

    list[0] = &other;
    other.requests = &message;
    message.interface = &other;
    errno = 0;
    CHECK_EQ(relink_waltham_register(&bad), -1);
    CHECK_EQ(errno, error);
}

static void registration(void)
{
    struct relink_waltham_protocol wrong = protocol;

    errno = 0;
    CHECK_EQ(relink_waltham_register(NULL), -1);
    CHECK_EQ(errno, EINVAL);
    wrong.version = 99;
    CHECK_EQ(relink_waltham_register(&wrong), -1);
    CHECK_EQ(errno, EINVAL);
    refused("x", 4000, 0, 0, "bad", EINVAL);
    refused("?i", 4000, 0, 0, "bad", EINVAL);
    refused("nn", 4000, 0, 0, "bad", EINVAL);
    refused("o", 4000, 0, 0, "bad", EINVAL);
    refused("ddddddddddu", 4000, 0, 0, "bad", EINVAL);
    refused("i", 78, 0, 0, "bad", EINVAL);
    refused("i", RELINK_WALTHAM_FIRST_OPCODE - 1, 0, 0, "bad", EINVAL);
    refused("i", 4000, 1, 0, "bad", EINVAL);
    refused("i", 4000, 0, 1, "bad", EINVAL);
    refused("i", 4000, 0, 0, "wthp_seat", EEXIST);
    CHECK_EQ(relink_waltham_register(&protocol), 0);
    CHECK_EQ(relink_waltham_register(&protocol), -1);
    CHECK_EQ(errno, EEXIST);
    refused("i", 3001, 0, 0, "another", EEXIST);
}

static struct wth_object *server_thing, *bound_thing, *server_surface, *made;
static struct wthp_registry *server_registry;

static void on_say(struct wth_object *self, const char *text, uint32_t number)
{
    CHECK(self == server_thing);
    CHECK(strcmp(text, "hello") == 0);
    CHECK_EQ(number, 7);
    calls++;
}

static void on_show(struct wth_object *self, struct wth_object *shown)
{
    CHECK(self == server_thing);
    CHECK(shown == NULL || shown == server_surface);
    calls++;
}

static const struct {
    void (*say)(struct wth_object *, const char *, uint32_t);
    void (*show)(struct wth_object *, struct wth_object *);
} thing_interface = { on_say, on_show };

static void on_born(struct wth_object *self, struct wth_object *child)
{
    CHECK(child != NULL && child != self);
    made = child;
    calls++;
}

static const struct {
    void (*born)(struct wth_object *, struct wth_object *);
} thing_listener = { on_born };

static void on_bind(struct wthp_registry *self, uint32_t name, struct wth_object *id, const char *interface,
                    uint32_t version)
{
    (void)self;
    (void)name;
    (void)version;
    if (strcmp(interface, "thing") == 0) {
        server_thing = bound_thing = id;
        wth_object_set_listener(id, (void (**)(void))&thing_interface, NULL);
    } else {
        server_surface = id;
    }
}

static const struct wthp_registry_interface registry_interface = { NULL, on_bind };

static void on_registry(struct wthp_registry *self, void *user_data)
{
    (void)user_data;
    server_registry = self;
    wthp_registry_set_interface(self, &registry_interface, NULL);
}

static void messages(void)
{
    struct wth_connection *client, *server;
    struct wthp_registry *registry;
    struct wth_object *object, *shown, *child;
    union relink_waltham_argument args[2];
    int pair[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    client = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_CLIENT);
    server = wth_connection_from_fd(pair[1], WTH_CONNECTION_SIDE_SERVER);
    wth_connection_set_registry_callback(server, on_registry, NULL);
    registry = wth_connection_create_registry(client);
    object = wthp_registry_bind(registry, 1, "thing", 1);
    shown = wthp_registry_bind(registry, 1, "wthp_surface", 1);
    wth_object_set_listener(object, (void (**)(void))&thing_listener, NULL);
    memset(args, 0, sizeof args);
    args[0].s = "hello";
    args[1].u = 7;
    CHECK(relink_waltham_send(object, &requests[0], args) == NULL);
    args[0].o = shown;
    CHECK(relink_waltham_send(object, &requests[1], args) == NULL);
    args[0].o = NULL;
    CHECK(relink_waltham_send(object, &requests[1], args) == NULL);
    CHECK(relink_waltham_send(object, &requests[1], NULL) == NULL);
    CHECK(relink_waltham_send(object, NULL, args) == NULL);
    CHECK(relink_waltham_send(NULL, &requests[1], args) == NULL);
    CHECK_EQ(wth_connection_read(server), 0);
    CHECK_EQ(wth_connection_dispatch(server), 6);
    CHECK_EQ(calls, 3);
    child = relink_waltham_send(server_thing, &events[0], args);
    CHECK(child != NULL);
    CHECK_EQ(wth_connection_read(client), 0);
    CHECK_EQ(wth_connection_dispatch(client), 1);
    CHECK(made != NULL);
    CHECK_EQ(calls, 4);
    /* The object that the server made is of the interface, and takes its requests. */
    wth_object_set_listener(child, (void (**)(void))&thing_interface, NULL);
    server_thing = child;
    args[0].s = "hello";
    relink_waltham_send(made, &requests[0], args);
    CHECK_EQ(wth_connection_read(server), 0);
    CHECK_EQ(wth_connection_dispatch(server), 1);
    CHECK_EQ(calls, 5);
    /* A message of the protocol on an object of another one. */
    CHECK(freopen("/dev/null", "w", stderr) != NULL);
    relink_waltham_send(shown, &requests[0], args);
    CHECK_EQ(wth_connection_read(server), 0);
    errno = 0;
    CHECK_EQ(wth_connection_dispatch(server), -1);
    CHECK_EQ(errno, EPROTO);
    CHECK_EQ(calls, 5);
    wth_object_delete(object);
    wth_object_delete(shown);
    wth_object_delete(made);
    wth_object_delete(child);
    wth_object_delete(server_surface);
    wth_object_delete(bound_thing);
    wthp_registry_free(registry);
    wthp_registry_free(server_registry);
    wth_connection_destroy(server);
    wth_connection_destroy(client);
}

int main(void)
{
    CHECK_EQ(WTHP_SEAT_CAPABILITY_TOUCH, 4);
    CHECK_EQ(WTHP_OUTPUT_MODE_PREFERRED, 2);
    registration();
    messages();
    return 0;
}
