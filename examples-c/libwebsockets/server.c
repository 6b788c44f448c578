/* A web page, a counter and a mirror, served by libwebsocket_service().
 *
 *   server [-p PORT] [-r PAGE] [-c CHAIN -k KEY]
 *
 * With a certificate chain and its key the page is under https, and the page's WebSockets under wss.
 */
#include "demo.h"
#include "example.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static volatile sig_atomic_t ended;

static void on_signal(int signal)
{
    (void)signal;
    ended = 1;
}

int main(int argc, char **argv)
{
    struct lws_context_creation_info info = describe(0, demo_protocols);
    struct libwebsocket_context *context;
    int option;

    info.port = 0;
    while ((option = getopt(argc, argv, "p:r:c:k:")) != -1) {
        switch (option) {
        case 'p': info.port = atoi(optarg); break;
        case 'r': demo_page = optarg; break;
        case 'c': info.ssl_cert_filepath = optarg; break;
        case 'k': info.ssl_private_key_filepath = optarg; break;
        default: return 2;
        }
    }
    if (!info.port)
        info.port = free_port();
    info.iface = "lo";
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);

    lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
    context = libwebsocket_create_context(&info);
    if (!context)
        return 1;
    printf("listening on 127.0.0.1:%d\n", info.port);
    fflush(stdout);
    while (!ended && libwebsocket_service(context, demo_tick()) >= 0)
        ;
    libwebsocket_context_destroy(context);
    return 0;
}
