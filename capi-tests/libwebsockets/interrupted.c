/* A signal that comes while a client waits for its connection does not end the attempt.
 * harness: ours-only the original takes it for a failure */
#include "peer.h"
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

static volatile sig_atomic_t signals;

static void count(int signal)
{
    (void)signal;
    signals++;
}

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)context, (void)wsi, (void)reason, (void)user, (void)in, (void)len;
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "interrupted", on_event, 0, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

int main(void)
{
    struct lws_context_creation_info info = context_info(CONTEXT_PORT_NO_LISTEN, protocols);
    struct itimerval timer = { { 0, 50000 }, { 0, 50000 } };
    struct sockaddr_in address;
    struct sigaction action;
    struct libwebsocket_context *context;
    socklen_t length = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0), first[4], status, i;
    pid_t pid;

    lws_set_log_level(0, NULL);
    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(listener, 0) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
    /* Nobody is let in before these are: the next one has to wait. */
    for (i = 0; i < 4; i++) {
        first[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        CHECK(connect(first[i], (struct sockaddr *)&address, sizeof(address)) == 0 || errno == EINPROGRESS);
    }
    context = libwebsocket_create_context(&info);
    CHECK(context);
    pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        usleep(300000);
        for (;;)
            accept(listener, NULL, NULL);
    }
    memset(&action, 0, sizeof(action));
    action.sa_handler = count;
    CHECK(sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &timer, NULL) == 0);
    CHECK(libwebsocket_client_connect(context, "127.0.0.1", ntohs(address.sin_port), 0, "/", "host", NULL, NULL, -1));
    CHECK(signals > 0);
    memset(&timer, 0, sizeof(timer));
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
    CHECK(kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid);
    libwebsocket_context_destroy(context);
    close(listener);
    for (i = 0; i < 4; i++)
        close(first[i]);
    return 0;
}
