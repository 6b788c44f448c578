/* A Waltham server with a protocol of its own (chat.xml): people enter rooms and talk.
 *
 *   relink scan -i chat.xml -m server -t header -o chat-server-protocol.h
 *   relink scan -i chat.xml -t code -o chat-protocol.c
 *   cc chat-server.c chat-protocol.c $(pkg-config --cflags --libs relink-waltham)
 *
 *   chat-server [PORT]
 *
 * Listens on 127.0.0.1, port 0 (the default) being one that the kernel chooses, and says which it is.
 */
#include "chat-server-protocol.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <waltham-connection.h>
#include <waltham-server.h>

enum { MAX_CLIENTS = 64, MAX_NAME = 32 };

/* One client in one room. */
struct client {
    struct wth_connection *connection;
    struct wthp_registry *registry;
    struct chat_house *house;
    struct chat_room *room;
    char room_name[MAX_NAME], nick[MAX_NAME];
    /* The others, as this client knows them. */
    struct chat_member *members[MAX_CLIENTS];
};

static struct client *clients[MAX_CLIENTS];

static int index_of(const struct client *client)
{
    int i;

    for (i = 0; i < MAX_CLIENTS && clients[i] != client; i++)
        ;
    return i;
}

static int same_room(const struct client *one, const struct client *other)
{
    return one && other && one->room && other->room && strcmp(one->room_name, other->room_name) == 0;
}

/* Tells one client of another, with an object that the server makes. */
static void introduce(struct client *to, const struct client *who)
{
    int i = index_of(who);

    if (!to->members[i])
        to->members[i] = chat_room_send_joined(to->room, who->nick);
}

static void room_leave(struct chat_room *room)
{
    struct client *client = wth_object_get_user_data((struct wth_object *)room);
    int i, self = index_of(client);

    for (i = 0; i < MAX_CLIENTS; i++) {
        if (clients[i] && clients[i]->members[self]) {
            chat_member_send_gone(clients[i]->members[self]);
            chat_member_free(clients[i]->members[self]);
            clients[i]->members[self] = NULL;
        }
        if (client->members[i]) {
            chat_member_free(client->members[i]);
            client->members[i] = NULL;
        }
    }
    client->room = NULL;
    chat_room_free(room);
}

static void room_say(struct chat_room *room, const char *text)
{
    struct client *client = wth_object_get_user_data((struct wth_object *)room);
    int i, self = index_of(client);

    for (i = 0; i < MAX_CLIENTS; i++)
        if (same_room(clients[i], client))
            chat_room_send_said(clients[i]->room, clients[i]->members[self], text);
}

static void room_share(struct chat_room *room, const char *name, uint32_t content_sz, void *content)
{
    struct client *client = wth_object_get_user_data((struct wth_object *)room);
    int i;

    for (i = 0; i < MAX_CLIENTS; i++)
        if (same_room(clients[i], client))
            chat_room_send_shared(clients[i]->room, name, content_sz, content);
}

static const struct chat_room_interface room_interface = { room_say, room_share, room_leave };

static void house_enter(struct chat_house *house, struct chat_room *room, const char *name, const char *nick)
{
    struct client *client = wth_object_get_user_data((struct wth_object *)house);
    int i;

    if (client->room) {
        wth_object_post_error((struct wth_object *)house, 1, "%s is in %s already", client->nick, client->room_name);
        chat_room_free(room);
        return;
    }
    snprintf(client->room_name, MAX_NAME, "%s", name);
    snprintf(client->nick, MAX_NAME, "%s", nick);
    client->room = room;
    chat_room_set_interface(room, &room_interface, client);
    for (i = 0; i < MAX_CLIENTS; i++)
        if (same_room(clients[i], client)) {
            introduce(clients[i], client);
            introduce(client, clients[i]);
        }
}

static const struct chat_house_interface house_interface = { house_enter };

static void registry_destroy(struct wthp_registry *registry)
{
    struct client *client = wth_object_get_user_data((struct wth_object *)registry);

    client->registry = NULL;
    wthp_registry_free(registry);
}

static void registry_bind(struct wthp_registry *registry, uint32_t name, struct wth_object *id, const char *interface,
                          uint32_t version)
{
    struct client *client = wth_object_get_user_data((struct wth_object *)registry);

    (void)name;
    (void)version;
    if (strcmp(interface, "chat_house") == 0 && !client->house) {
        client->house = (struct chat_house *)id;
        chat_house_set_interface(client->house, &house_interface, client);
    } else {
        wth_object_post_error((struct wth_object *)registry, 0, "no %s here", interface);
        wth_object_delete(id);
    }
}

static const struct wthp_registry_interface registry_interface = { registry_destroy, registry_bind };

static void on_registry(struct wthp_registry *registry, void *user_data)
{
    struct client *client = user_data;

    client->registry = registry;
    wthp_registry_set_interface(registry, &registry_interface, client);
    wthp_registry_send_global(registry, 1, "chat_house", 1);
}

static void client_free(struct client *client)
{
    if (client->room)
        room_leave(client->room);
    if (client->house)
        chat_house_free(client->house);
    if (client->registry)
        wthp_registry_free(client->registry);
    clients[index_of(client)] = NULL;
    wth_connection_destroy(client->connection);
    free(client);
}

static struct client *client_new(int listener)
{
    struct wth_connection *connection = wth_accept(listener, NULL, NULL);
    int i = index_of(NULL);
    struct client *client = connection && i < MAX_CLIENTS ? calloc(1, sizeof *client) : NULL;

    if (!client) {
        wth_connection_destroy(connection);
        return NULL;
    }
    clients[i] = client;
    client->connection = connection;
    wth_connection_set_registry_callback(connection, on_registry, client);
    return client;
}

int main(int argc, char **argv)
{
    struct epoll_event event, events[MAX_CLIENTS];
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), poller = epoll_create1(0), one = 1;

    if (relink_waltham_register(&chat_protocol) < 0) {
        perror("chat-server: register");
        return 1;
    }
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0));
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    event.events = EPOLLIN;
    event.data.ptr = NULL;
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 64) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) < 0 ||
        epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event) < 0) {
        perror("chat-server");
        return 1;
    }
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int i, n = epoll_wait(poller, events, MAX_CLIENTS, -1);

        for (i = 0; i < n; i++) {
            struct client *client = events[i].data.ptr;

            if (!client) {
                client = client_new(listener);
                event.data.ptr = client;
                if (client && epoll_ctl(poller, EPOLL_CTL_ADD, wth_connection_get_fd(client->connection), &event) < 0)
                    client_free(client);
            } else if (wth_connection_read(client->connection) < 0 ||
                       (wth_connection_dispatch(client->connection) < 0 && errno != EPROTO)) {
                client_free(client);
            }
        }
    }
}
