/* A Waltham client with a protocol of its own (chat.xml).
 *
 *   relink scan -i chat.xml -m client -t header -o chat-client-protocol.h
 *   relink scan -i chat.xml -t code -o chat-protocol.c
 *   cc chat-client.c chat-protocol.c $(pkg-config --cflags --libs relink-waltham)
 *
 *   chat-client HOST PORT ROOM NICK [TEXT...]
 *
 * Says each text in the room and prints what is said there, its own words included.
 */
#include "chat-client-protocol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <waltham-client.h>
#include <waltham-connection.h>

static struct chat_house *house;
static int heard, shared;

static void on_gone(struct chat_member *member)
{
    char *nick = wth_object_get_user_data((struct wth_object *)member);

    printf("%s has gone\n", nick);
    free(nick);
    chat_member_free(member);
}

static const struct chat_member_listener member_listener = { on_gone };

static void on_said(struct chat_room *room, struct chat_member *who, const char *text)
{
    (void)room;
    printf("%s: %s\n", who ? (char *)wth_object_get_user_data((struct wth_object *)who) : "somebody", text);
    heard++;
}

/* The member is an object that the server has made. */
static void on_joined(struct chat_room *room, struct chat_member *member, const char *nick)
{
    (void)room;
    chat_member_set_listener(member, &member_listener, strdup(nick));
    printf("%s is here\n", nick);
}

static void on_shared(struct chat_room *room, const char *name, uint32_t content_sz, void *content)
{
    (void)room;
    (void)content;
    printf("%s, %u bytes\n", name, content_sz);
    shared++;
}

static const struct chat_room_listener room_listener = { on_said, on_joined, on_shared };

static void on_global(struct wthp_registry *registry, uint32_t name, const char *interface, uint32_t version)
{
    (void)version;
    if (strcmp(interface, "chat_house") == 0)
        house = (struct chat_house *)wthp_registry_bind(registry, name, interface, 1);
}

static const struct wthp_registry_listener registry_listener = { on_global, NULL };

int main(int argc, char **argv)
{
    static unsigned char picture[60000];
    struct wth_connection *connection;
    struct wthp_registry *registry;
    struct chat_room *room;
    int i;

    if (argc < 5) {
        fprintf(stderr, "usage: chat-client HOST PORT ROOM NICK [TEXT...]\n");
        return 2;
    }
    if (relink_waltham_register(&chat_protocol) < 0) {
        perror("chat-client: register");
        return 1;
    }
    connection = wth_connect_to_server(argv[1], argv[2]);
    if (!connection) {
        perror("chat-client: connect");
        return 1;
    }
    registry = wth_connection_create_registry(connection);
    wthp_registry_set_listener(registry, &registry_listener, NULL);
    if (wth_connection_roundtrip(connection) < 0 || !house) {
        perror("chat-client: no chat here");
        return 1;
    }
    room = chat_house_enter(house, argv[3], argv[4]);
    chat_room_set_listener(room, &room_listener, NULL);
    for (i = 5; i < argc; i++)
        chat_room_say(room, argv[i]);
    chat_room_share(room, "picture", sizeof picture, picture);
    if (wth_connection_roundtrip(connection) < 0) {
        perror("chat-client: roundtrip");
        return 1;
    }
    printf("%d messages\n", heard + shared);
    chat_room_leave(room);
    chat_house_free(house);
    wthp_registry_destroy(registry);
    wth_connection_destroy(connection);
    return heard < argc - 5 || shared == 0;
}
