/* harness: ours-only the original tells nothing
 *
 * Whoever reads a program's trace may go: the program goes on, and is not ended by a signal.
 */
#define _GNU_SOURCE
#include "check.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wslay/wslay.h>

static ssize_t take(const uint8_t *data, size_t len, int flags, void *user_data)
{
    (void)data;
    (void)flags;
    (void)user_data;
    return (ssize_t)len;
}

static void send_a_frame(void)
{
    const struct wslay_frame_callbacks callbacks = { take, NULL, NULL };
    wslay_frame_context_ptr ctx;
    struct wslay_frame_iocb iocb;

    memset(&iocb, 0, sizeof iocb);
    iocb.fin = iocb.opcode = 1;
    iocb.payload_length = iocb.data_length = 5;
    iocb.data = (const uint8_t *)"Hello";
    CHECK_EQ(wslay_frame_context_init(&ctx, &callbacks, NULL), 0);
    errno = 77;
    CHECK_EQ(wslay_frame_send(ctx, &iocb), 5);
    CHECK_EQ(errno, 77);
    wslay_frame_context_free(ctx);
}

int main(void)
{
    char folder[] = "/tmp/relink-trace-XXXXXX", fifo[64], line[4096];
    struct sigaction action;
    int reader, kept[2], error = dup(2);
    ssize_t n;

    CHECK(mkdtemp(folder) != NULL);
    snprintf(fifo, sizeof fifo, "%s/fifo", folder);
    CHECK_EQ(mkfifo(fifo, 0600), 0);
    reader = open(fifo, O_RDONLY | O_NONBLOCK);
    CHECK(reader >= 0);
    CHECK_EQ(setenv("RELINK_TRACE", fifo, 1), 0);
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    CHECK_EQ(sigaction(SIGPIPE, &action, NULL), 0);
    send_a_frame();
    n = read(reader, line, sizeof line - 1);
    CHECK(n > 0);
    line[n] = '\0';
    CHECK(strstr(line, "-> text, 5 bytes \"Hello\"") != NULL);

    /* What is said of the end of the trace is not for this test's own standard error. */
    CHECK_EQ(pipe(kept), 0);
    CHECK_EQ(dup2(kept[1], 2), 2);
    close(reader);
    send_a_frame();
    n = read(kept[0], line, sizeof line - 1);
    CHECK(n > 0);
    line[n] = '\0';
    CHECK(strstr(line, "relink: tracing ends: ") != NULL);
    send_a_frame();
    CHECK_EQ(dup2(error, 2), 2);
    /* The trace keeps its descriptor, high above a program's, as long as the process lives. */
    close_range(500, 1000, 0);
    close(error);
    close(kept[0]);
    close(kept[1]);
    unlink(fifo);
    rmdir(folder);
    return 0;
}
