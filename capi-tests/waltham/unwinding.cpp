/* harness: ours-only the original delivers messages again after an exception
 *
 * C++ exceptions and longjmp leave handlers through dispatch and roundtrip. The message whose handler was left
 * counts as delivered, and the connection works on. Both headers go into one C++ file.
 */
#include "check.h"
#include <csetjmp>
#include <cstring>
#include <stdexcept>
#include <waltham-client.h>
#include <waltham-connection.h>
#include <waltham-server.h>

namespace {

wth_connection *client, *server;
wthp_registry *offered, *registry;
uint32_t next;
int leave_at;
bool by_jump;
jmp_buf back;

extern "C" void on_registry(wthp_registry *made, void *)
{
    offered = made;
}

extern "C" void on_global(wthp_registry *, uint32_t name, const char *interface, uint32_t)
{
    CHECK_EQ(name, next);
    CHECK(strcmp(interface, "thing") == 0);
    next++;
    if (static_cast<int>(name) == leave_at) {
        if (by_jump)
            longjmp(back, 1);
        throw std::runtime_error("left");
    }
}

const wthp_registry_listener listener = { on_global, nullptr };

/* Whether the call was left. */
bool attempt(int (*call)(wth_connection *), int expected)
{
    volatile bool left = false;

    if (setjmp(back))
        return true;
    try {
        CHECK_EQ(call(client), expected);
    } catch (const std::runtime_error &) {
        left = true;
    }
    return left;
}

void leave(bool jump)
{
    int pair[2], round;

    by_jump = jump;
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    client = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_CLIENT);
    server = wth_connection_from_fd(pair[1], WTH_CONNECTION_SIDE_SERVER);
    wth_connection_set_registry_callback(server, on_registry, nullptr);
    registry = wth_connection_create_registry(client);
    wthp_registry_set_listener(registry, &listener, nullptr);
    CHECK_EQ(wth_connection_read(server), 0);
    CHECK_EQ(wth_connection_dispatch(server), 1);
    for (round = 0; round < 50; round++) {
        next = 0;
        leave_at = 1;
        for (uint32_t i = 0; i < 4; i++)
            wthp_registry_send_global(offered, i, "thing", 1);
        CHECK_EQ(wth_connection_read(client), 0);
        CHECK(attempt(wth_connection_dispatch, 0));
        CHECK_EQ(next, 2);
        leave_at = -1;
        CHECK(!attempt(wth_connection_dispatch, 2));
        CHECK_EQ(next, 4);
        /* And reading goes on. */
        next = 7;
        wthp_registry_send_global(offered, 7, "thing", 1);
        CHECK_EQ(wth_connection_read(client), 0);
        CHECK(!attempt(wth_connection_dispatch, 1));
    }
    /* Out of a roundtrip, whose callback object is then lost. */
    next = 0;
    leave_at = 0;
    wthp_registry_send_global(offered, 0, "thing", 1);
    if (!jump)
        CHECK(attempt(wth_connection_roundtrip, 0));
    wthp_registry_free(registry);
    wthp_registry_free(offered);
    wth_connection_destroy(client);
    wth_connection_destroy(server);
}

} // namespace

int main()
{
    leave(false);
    leave(true);
    printf("%.3f %.3f %d\n", wth_fixed_to_double(wth_fixed_from_double(1.5)),
           wth_fixed_to_double(wth_fixed_from_double(0.002)), wth_fixed_to_int(-383));
    return 0;
}
