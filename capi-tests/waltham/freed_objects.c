/* harness: ours-only the original reads freed memory
 * harness: no-valgrind what it does loses a block, as promised
 *
 * Programs release objects with plain free, after their connection or before it: they are single blocks of malloc.
 */
#include "check.h"
#include <malloc.h>
#include <waltham-client.h>
#include <waltham-connection.h>

/* A program that reconnects, and releases its objects so each time, loses a small block and not what it had of them. */
static void reconnect(void)
{
    enum { OBJECTS = 500, ROUNDS = 50, SMALL_BLOCK = 1024 };
    static struct wth_object *objects[OBJECTS];
    static unsigned char sent[1 << 16];
    size_t before = 0;
    int round, i, pair[2];

    for (round = 0; round <= ROUNDS; round++) {
        struct wth_connection *conn;
        struct wthp_registry *registry;

        if (round == 1)
            before = mallinfo2().uordblks;
        CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        conn = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_CLIENT);
        registry = wth_connection_create_registry(conn);
        for (i = 0; i < OBJECTS; i++) {
            objects[i] = wthp_registry_bind(registry, 1, "x", 1);
            CHECK(recv(pair[1], sent, sizeof sent, MSG_DONTWAIT) > 0);
        }
        wth_connection_destroy(conn);
        for (i = 0; i < OBJECTS; i++)
            free(objects[i]);
        free(registry);
        close(pair[1]);
    }
    CHECK(mallinfo2().uordblks - before < ROUNDS * SMALL_BLOCK);
}

int main(void)
{
    struct wth_connection *conn;
    struct wthp_registry *registry;
    struct wth_object *before, *after;
    int pair[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    conn = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_CLIENT);
    registry = wth_connection_create_registry(conn);
    before = wthp_registry_bind(registry, 1, "x", 1);
    after = wthp_registry_bind(registry, 1, "x", 1);
    CHECK(wth_object_get_user_data(after) == NULL);
    wth_object_set_listener(after, NULL, conn);
    CHECK(wth_object_get_user_data(after) == conn);
    free(before);
    wth_connection_destroy(conn);
    free(after);
    wthp_registry_free(registry);
    close(pair[1]);
    reconnect();
    return 0;
}
