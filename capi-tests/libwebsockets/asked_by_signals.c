/* Programs ask for writeable callbacks from handlers of their timers, which interrupt the library anywhere.
 * harness: no-valgrind the handlers would take all of its time */
#include "peer.h"
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

#define ECHOES 20000

static struct libwebsocket_context *context;
static struct libwebsocket *volatile connected;
static volatile sig_atomic_t signals;
static int writeable[2], received;

static int on_event(struct libwebsocket_context *of, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    unsigned char buffer[LWS_SEND_BUFFER_PRE_PADDING + 64 + LWS_SEND_BUFFER_POST_PADDING];

    (void)of, (void)user;
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        connected = wsi;
        break;
    case LWS_CALLBACK_RECEIVE:
        received++;
        CHECK(len <= 64);
        memcpy(buffer + LWS_SEND_BUFFER_PRE_PADDING, in, len);
        CHECK(libwebsocket_write(wsi, buffer + LWS_SEND_BUFFER_PRE_PADDING, len, LWS_WRITE_BINARY) >= 0);
        break;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        writeable[signals % 2]++;
        break;
    case LWS_CALLBACK_CLOSED:
        connected = NULL;
        break;
    default:
        break;
    }
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "echo", on_event, 0, 64, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

/* One of the two ways to ask, in turn. */
static void ask(int signal)
{
    int before = errno;

    (void)signal;
    signals++;
    if (signals % 2 == 0)
        libwebsocket_callback_on_writable_all_protocol(&protocols[0]);
    else if (connected)
        libwebsocket_callback_on_writable(context, connected);
    errno = before;
}

static void read_exactly(int fd, char *data, size_t length)
{
    while (length > 0) {
        struct pollfd readable = { fd, POLLIN, 0 };
        ssize_t n;

        CHECK(poll(&readable, 1, 10000) == 1);
        n = recv(fd, data, length, 0);
        CHECK(n > 0);
        data += n;
        length -= (size_t)n;
    }
}

/* A client that waits for each answer. */
static void converse(int port)
{
    char reply[512] = "", answer[7];
    size_t length = 0;
    int i, fd = peer_connect(port);

    peer_say(fd, "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Protocol: echo\r\n\r\n");
    while (!strstr(reply, "\r\n\r\n")) {
        CHECK(length < sizeof(reply) - 1);
        read_exactly(fd, reply + length++, 1);
    }
    for (i = 0; i < ECHOES; i++) {
        peer_frame(fd, 0x82, "hello", 5);
        read_exactly(fd, answer, sizeof(answer));
        CHECK(memcmp(answer, "\x82\x05hello", sizeof(answer)) == 0);
    }
    close(fd);
}

int main(void)
{
    struct itimerval often = { { 0, 70 }, { 0, 70 } }, never = { { 0, 0 }, { 0, 0 } };
    int port = free_port(), status;
    struct lws_context_creation_info info = context_info(port, protocols);
    struct sigaction action;
    pid_t pid;

    lws_set_log_level(0, NULL);
    context = libwebsocket_create_context(&info);
    CHECK(context);
    fflush(stdout);
    pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        converse(port);
        _exit(0);
    }
    memset(&action, 0, sizeof(action));
    action.sa_handler = ask;
    action.sa_flags = SA_RESTART;
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
    while (waitpid(pid, &status, WNOHANG) == 0)
        libwebsocket_service(context, 20);
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    settle(context);
    printf("received %d, writeable for one %s, for all %s\n", received, writeable[1] > 0 ? "yes" : "no",
           writeable[0] > 0 ? "yes" : "no");
    libwebsocket_context_destroy(context);
    return 0;
}
