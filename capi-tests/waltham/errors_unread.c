/* harness: ours-only the original writes to standard error all the time, and dies of it
 *
 * A peer that breaks the protocol is complained of on standard error. Where nobody reads that any more, the peer cannot
 * end the program by it.
 */
#include "check.h"
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>
#include <waltham-connection.h>

int main(void)
{
    static const unsigned char unknown_opcode[] = { 0, 0, 12, 0, 255, 255, 0, 0, 1, 0, 0, 0 };
    static const unsigned char too_short[] = { 0, 0, 4, 0, 3, 0, 0, 0, 1, 0, 0, 0 };
    struct wth_connection *conn;
    int pair[2], unread[2], kept = dup(2);

    signal(SIGPIPE, SIG_DFL);
    CHECK_EQ(pipe(unread), 0);
    close(unread[0]);
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    conn = wth_connection_from_fd(pair[0], WTH_CONNECTION_SIDE_SERVER);
    CHECK_EQ(send(pair[1], unknown_opcode, sizeof unknown_opcode, 0), (ssize_t)sizeof unknown_opcode);
    CHECK_EQ(send(pair[1], too_short, sizeof too_short, 0), (ssize_t)sizeof too_short);
    CHECK_EQ(wth_connection_read(conn), 0);
    dup2(unread[1], 2);
    errno = 0;
    CHECK_EQ(wth_connection_dispatch(conn), -1);
    dup2(kept, 2);
    CHECK_EQ(errno, EPROTO);
    wth_connection_destroy(conn);
    close(pair[1]);
    close(unread[1]);
    close(kept);
    return 0;
}
