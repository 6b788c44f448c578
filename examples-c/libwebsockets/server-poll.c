/* The same as server, in a poll loop of the program's own: the library says what to poll, and is told what happened.
 *
 *   server-poll [-p PORT] [-r PAGE]
 */
#include "demo.h"
#include "example.h"

#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_POLLED = 4096 };

static struct pollfd polled[MAX_POLLED];
static int polled_count;
static volatile sig_atomic_t ended;

static void on_signal(int signal)
{
    (void)signal;
    ended = 1;
}

static void watch(enum libwebsocket_callback_reasons reason, int fd, short bits)
{
    int i;

    for (i = 0; i < polled_count && polled[i].fd != fd; i++)
        ;
    switch (reason) {
    case LWS_CALLBACK_ADD_POLL_FD:
        if (polled_count == MAX_POLLED) {
            fprintf(stderr, "too many connections\n");
            exit(1);
        }
        polled[polled_count].fd = fd;
        polled[polled_count].events = bits;
        polled[polled_count++].revents = 0;
        break;

    case LWS_CALLBACK_DEL_POLL_FD:
        if (i < polled_count)
            polled[i] = polled[--polled_count];
        break;

    case LWS_CALLBACK_SET_MODE_POLL_FD:
        if (i < polled_count)
            polled[i].events |= bits;
        break;

    case LWS_CALLBACK_CLEAR_MODE_POLL_FD:
        if (i < polled_count)
            polled[i].events &= (short)~bits;
        break;

    default:
        break;
    }
}

int main(int argc, char **argv)
{
    struct lws_context_creation_info info = describe(0, demo_protocols);
    struct libwebsocket_context *context;
    double next_second = 0;
    int option, i;

    while ((option = getopt(argc, argv, "p:r:")) != -1) {
        switch (option) {
        case 'p': info.port = atoi(optarg); break;
        case 'r': demo_page = optarg; break;
        default: return 2;
        }
    }
    if (!info.port)
        info.port = free_port();
    info.iface = "lo";
    demo_watch = watch;
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);

    lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
    context = libwebsocket_create_context(&info);
    if (!context)
        return 1;
    printf("listening on 127.0.0.1:%d\n", info.port);
    fflush(stdout);
    while (!ended) {
        if (poll(polled, (nfds_t)polled_count, demo_tick()) < 0)
            continue;
        /* A connection that closes takes its place from the table, and the last one moves there: that one's turn comes
         * with the next poll. */
        for (i = 0; i < polled_count; i++)
            if (polled[i].revents)
                libwebsocket_service_fd(context, &polled[i]);
        /* Time limits need somebody to look at the clock. */
        if (seconds() >= next_second) {
            next_second = seconds() + 1;
            libwebsocket_service_fd(context, NULL);
        }
    }
    libwebsocket_context_destroy(context);
    return 0;
}
