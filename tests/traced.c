/* A program to be traced: says hello over a wslay connection that goes nowhere, closes descriptors that are not its
 * own and uses their numbers, forks, and ends as its arguments say.
 *
 *   traced STATUS | traced kill
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wslay/wslay.h>

static ssize_t send_callback(wslay_event_context_ptr ctx, const uint8_t *data, size_t len, int flags, void *user_data)
{
    (void)ctx, (void)data, (void)flags, (void)user_data;
    return (ssize_t)len;
}

static ssize_t recv_callback(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags, void *user_data)
{
    static const uint8_t close_frame[] = { 0x88, 0x85, 0, 0, 0, 0, 0x03, 0xe9, 'b', 'y', 'e' };
    int *received = user_data;
    (void)flags;
    if (*received) {
        wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    *received = 1;
    if (len < sizeof close_frame)
        abort();
    memcpy(buf, close_frame, sizeof close_frame);
    return sizeof close_frame;
}

static void say(wslay_event_context_ptr ctx, const char *text)
{
    struct wslay_event_msg message = { WSLAY_TEXT_FRAME, (const uint8_t *)text, strlen(text) };
    if (wslay_event_queue_msg(ctx, &message) != 0 || wslay_event_send(ctx) != 0)
        abort();
}

int main(int argc, char **argv)
{
    struct wslay_event_callbacks callbacks = { recv_callback, send_callback, NULL, NULL, NULL, NULL, NULL };
    wslay_event_context_ptr ctx;
    int fd, received = 0, taken, status;
    pid_t child;

    if (argc != 2 || wslay_event_context_server_init(&ctx, &callbacks, &received) != 0)
        return 99;
    say(ctx, "hello");

    for (fd = 3; fd < 1024; fd++)
        close(fd);
    taken = open("/dev/zero", O_RDWR);
    for (fd = 400; fd < 600; fd++)
        dup2(taken, fd);
    say(ctx, "still \"here\"\n");

    child = fork();
    if (child == 0) {
        say(ctx, "child");
        _exit(0);
    }
    waitpid(child, &status, 0);
    wslay_event_recv(ctx);
    wslay_event_send(ctx);
    wslay_event_context_free(ctx);
    if (strcmp(argv[1], "kill") == 0)
        raise(SIGTERM);
    if (strcmp(argv[1], "wait") == 0)
        for (;;)
            pause();
    return atoi(argv[1]);
}
