/* harness: ours-only the original reads freed memory
 * harness: no-valgrind what it does loses a block, as promised
 *
 * Programs release objects with plain free, after their connection or before it: they are single blocks of malloc.
 */
#include "check.h"
#include <waltham-client.h>
#include <waltham-connection.h>

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
    return 0;
}
