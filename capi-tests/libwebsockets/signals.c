/* What ends a wait: a handler of the program's does, being stopped and going on (a shell's job control, a debugger that
 * attaches) does not, or programs would leave their loops. */
#include "peer.h"
#include <signal.h>
#include <sys/wait.h>

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)context, (void)wsi, (void)reason, (void)user, (void)in, (void)len;
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "signals", on_event, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static void handler(int signal)
{
    (void)signal;
}

/* The state in /proc: S sleeps, T is stopped. */
static void await_state(pid_t pid, char wanted)
{
    char path[40], line[200] = "", *state;
    int i, n;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    for (i = 0; i < 1000; i++) {
        int fd = open(path, O_RDONLY);

        CHECK(fd >= 0);
        n = (int)read(fd, line, sizeof(line) - 1);
        close(fd);
        CHECK(n > 0);
        state = strrchr(line, ')');
        CHECK(state);
        if (state[2] == wanted)
            return;
        usleep(2000);
    }
    CHECK(!"the state is reached");
}

int main(void)
{
    struct lws_context_creation_info info = context_info(free_port(), protocols);
    struct libwebsocket_context *context;
    pid_t pid;
    int status;

    lws_set_log_level(0, NULL);
    signal(SIGUSR1, handler);
    fflush(stdout);
    pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        int result;

        context = libwebsocket_create_context(&info);
        CHECK(context);
        result = libwebsocket_service(context, 1500);
        printf("stopped and continued: %d\n", result);
        fflush(stdout);
        result = libwebsocket_service(context, 20000);
        printf("a handler ran: %d %s\n", result, errno == EINTR ? "EINTR" : "another error");
        fflush(stdout);
        libwebsocket_context_destroy(context);
        _exit(0);
    }
    usleep(300000);
    await_state(pid, 'S');
    CHECK(kill(pid, SIGSTOP) == 0);
    await_state(pid, 'T');
    CHECK(kill(pid, SIGCONT) == 0);
    usleep(2000000);
    await_state(pid, 'S');
    CHECK(kill(pid, SIGUSR1) == 0);
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return 0;
}
