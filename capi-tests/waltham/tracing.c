/* harness: ours-only the original cannot be silenced
 *
 * Silent by default. With WALTHAM_DEBUG=1, read when a connection is made, each message sent is a line on standard
 * output and each message received one on standard error.
 */
#include "check.h"
#include <string.h>
#include <waltham-client.h>
#include <waltham-connection.h>
#include <waltham-server.h>

static struct wthp_registry *server_registry;

static void on_registry(struct wthp_registry *self, void *user_data)
{
    (void)user_data;
    server_registry = self;
}

static void converse(void)
{
    struct wth_connection *client, *server;
    struct wthp_registry *registry;
    int pair[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    client = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_CLIENT);
    server = wth_connection_from_fd(pair[1], WTH_CONNECTION_SIDE_SERVER);
    wth_connection_set_registry_callback(server, on_registry, NULL);
    registry = wth_connection_create_registry(client);
    wth_object_delete(wthp_registry_bind(registry, 7, "thing", 3));
    CHECK_EQ(wth_connection_read(server), 0);
    CHECK_EQ(wth_connection_dispatch(server), 2);
    wthp_registry_free(registry);
    wthp_registry_free(server_registry);
    wth_connection_destroy(client);
    wth_connection_destroy(server);
}

/* What conversing prints, standard output and error together. */
static const char *captured(void)
{
    static char text[8192];
    FILE *file = tmpfile();
    int out = dup(1), err = dup(2);
    size_t n;

    CHECK(file != NULL);
    fflush(stdout);
    dup2(fileno(file), 1);
    dup2(fileno(file), 2);
    converse();
    fflush(stdout);
    dup2(out, 1);
    dup2(err, 2);
    close(out);
    close(err);
    rewind(file);
    n = fread(text, 1, sizeof text - 1, file);
    text[n] = '\0';
    fclose(file);
    return text;
}

int main(void)
{
    const char *text;

    unsetenv("WALTHAM_DEBUG");
    CHECK(captured()[0] == '\0');
    setenv("WALTHAM_DEBUG", "yes", 1);
    CHECK(captured()[0] == '\0');
    setenv("WALTHAM_DEBUG", "1", 1);
    text = captured();
    CHECK(strstr(text, "Z wth_display_get_registry(1, new) (opcode 3) sent.\n") != NULL);
    CHECK(strstr(text, "Z wthp_registry_bind(2, 7, new, \"thing\", 3) (opcode 8) sent.\n") != NULL);
    CHECK(strstr(text, ": (8) 36 bytes\n") != NULL);
    CHECK(strstr(text, "debug: wth_display_get_registry(1, 2) (opcode 3) called.\n") != NULL);
    return 0;
}
