/* Fixes of the context: rows 11, 15, 18, 27, and sockets that are handed over.
 * harness: ours-only the original does none of it
 * harness: no-valgrind it lowers the limit of descriptors, and valgrind closes what is accepted beyond it */
#include "peer.h"
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int established, closed, server_fd;

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    (void)context, (void)user, (void)in, (void)len;
    events++;
    if (reason == LWS_CALLBACK_ESTABLISHED) {
        established++;
        server_fd = libwebsocket_get_socket_fd(wsi);
    }
    if (reason == LWS_CALLBACK_CLOSED)
        closed++;
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "context", on_event, 4, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static int option(int level, int name)
{
    int value = -1;
    socklen_t length = sizeof(value);

    CHECK(getsockopt(server_fd, level, name, &value, &length) == 0);
    return value;
}

/* Row 11. */
static void keepalive_is_set_on_tcp(void)
{
    struct lws_context_creation_info info = context_info(free_port(), protocols);
    struct libwebsocket_context *context;
    int fd;

    printf("keepalive\n");
    info.ka_time = 33;
    info.ka_probes = 5;
    info.ka_interval = 7;
    context = libwebsocket_create_context(&info);
    CHECK(context);
    fd = peer_upgrade(info.port, "");
    settle(context);
    CHECK_EQ(option(SOL_SOCKET, SO_KEEPALIVE), 1);
    CHECK_EQ(option(IPPROTO_TCP, TCP_KEEPIDLE), 33);
    CHECK_EQ(option(IPPROTO_TCP, TCP_KEEPCNT), 5);
    CHECK_EQ(option(IPPROTO_TCP, TCP_KEEPINTVL), 7);
    CHECK_EQ(option(IPPROTO_TCP, TCP_NODELAY), 1);
    CHECK(fcntl(server_fd, F_GETFL) & O_NONBLOCK);
    close(fd);
    settle(context);
    libwebsocket_context_destroy(context);
}

/* Row 15: the process has no descriptors left, and then it has some again. */
static void no_descriptors_left(void)
{
    struct lws_context_creation_info info = context_info(free_port(), protocols);
    struct libwebsocket_context *context;
    struct rlimit limit, low;
    int fds[40], i, ended, answered = 0, before = established;
    unsigned char head[500];
    double begun;

    printf("no descriptors left\n");
    context = libwebsocket_create_context(&info);
    CHECK(context);
    for (i = 0; i < 40; i++) {
        fds[i] = peer_connect(info.port);
        peer_say(fds[i], UPGRADE_HEAD "\r\n");
    }
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    low = limit;
    low.rlim_cur = (rlim_t)fds[39] + 10;
    CHECK(setrlimit(RLIMIT_NOFILE, &low) == 0);
    settle(context);
    CHECK(established - before < 40);
    for (i = 0; i < 20; i++)
        close(fds[i]);
    /* Every one that still waits has its turn. */
    begun = now();
    while (answered < 20 && now() - begun < 40) {
        libwebsocket_service(context, 100);
        for (i = 20; i < 40; i++)
            answered += peer_read(fds[i], head, sizeof(head), &ended) > 100;
    }
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    CHECK_EQ(answered, 20);
    for (i = 20; i < 40; i++)
        close(fds[i]);
    settle(context);
    libwebsocket_context_destroy(context);
}

/* Row 27. */
static void base64_decodes_every_byte(void)
{
    static const struct { const char *text, *bytes; int length; } cases[] = {
        { "YWJj", "abc", 3 }, { "YQ==", "a", 1 }, { "YWI", "ab", 2 }, { "YWJjZGVmZ2g=", "abcdefgh", 8 }, { "YWJj\nZGU=", "abcde", 5 },
    };
    char out[20];
    size_t i;

    printf("base64\n");
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        memset(out, '#', sizeof(out));
        CHECK_EQ(lws_b64_decode_string(cases[i].text, out, sizeof(out)), cases[i].length);
        CHECK(!memcmp(out, cases[i].bytes, (size_t)cases[i].length + 1));
        CHECK_EQ(lws_b64_decode_string(cases[i].text, out, cases[i].length), -1);
        CHECK_EQ(lws_b64_decode_string(cases[i].text, out, cases[i].length + 1), cases[i].length);
    }
    {
        unsigned char digest[20];

        CHECK(libwebsockets_SHA1((const unsigned char *)"abc", 3, digest) == digest);
        CHECK(!memcmp(digest, "\xa9\x99\x3e\x36\x47\x06\x81\x6a\xba\x3e\x25\x71\x78\x50\xc2\x6c\x9c\xd0\xd8\x9d", 20));
    }
}

/* A listening socket from whoever started the program. */
static void a_listening_socket_is_handed_over(void)
{
    int port = free_port(), status;
    pid_t child;

    printf("socket activation\n");
    fflush(stdout);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        struct lws_context_creation_info info = context_info(port, protocols);
        struct libwebsocket_context *context;
        char pid[20];
        int fd, before, listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;

        if (listener != 3) {
            dup2(listener, 3);
            close(listener);
        }
        if (setsockopt(3, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
            _exit(1);
        if (bind(3, (struct sockaddr *)&address, sizeof(address)) || listen(3, 4))
            _exit(1);
        snprintf(pid, sizeof(pid), "%d", (int)getpid());
        setenv("LISTEN_PID", pid, 1);
        setenv("LISTEN_FDS", "1", 1);
        before = established;
        context = libwebsocket_create_context(&info);
        if (!context)
            _exit(2);
        fd = peer_upgrade(port, "");
        settle(context);
        if (established != before + 1)
            _exit(3);
        close(fd);
        settle(context);
        libwebsocket_context_destroy(context);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK_EQ(status, 0);
}

static void interfaces(void)
{
    struct lws_context_creation_info info = context_info(free_port(), protocols);
    struct libwebsocket_context *context, *second;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)info.port) };
    struct ifaddrs *all, *one;
    int fd;

    printf("bound to one interface\n");
    info.iface = "lo";
    context = libwebsocket_create_context(&info);
    CHECK(context);
    close(peer_connect(info.port));
    CHECK(getifaddrs(&all) == 0);
    for (one = all; one; one = one->ifa_next)
        if (one->ifa_addr && one->ifa_addr->sa_family == AF_INET && !(one->ifa_flags & IFF_LOOPBACK)) {
            address.sin_addr = ((struct sockaddr_in *)one->ifa_addr)->sin_addr;
            fd = socket(AF_INET, SOCK_STREAM, 0);
            CHECK(connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0);
            close(fd);
        }
    freeifaddrs(all);
    /* The port is taken. */
    second = libwebsocket_create_context(&info);
    CHECK(second == NULL);
    settle(context);
    libwebsocket_context_destroy(context);
    /* And free again at once. */
    context = libwebsocket_create_context(&info);
    CHECK(context);
    libwebsocket_context_destroy(context);
}

static void peer_addresses(void)
{
    struct lws_context_creation_info info = context_info(free_port(), protocols);
    struct libwebsocket_context *context = libwebsocket_create_context(&info);
    char name[100], ip[50];
    int fd;

    printf("addresses of a peer\n");
    CHECK(context);
    fd = peer_upgrade(info.port, "");
    settle(context);
    libwebsockets_get_peer_addresses(context, NULL, server_fd, name, sizeof(name), ip, sizeof(ip));
    CHECK(!strcmp(ip, "127.0.0.1") && name[0]);
    close(fd);
    settle(context);
    libwebsocket_context_destroy(context);
}

int main(void)
{
    lws_set_log_level(0, NULL);
    keepalive_is_set_on_tcp();
    no_descriptors_left();
    base64_decodes_every_byte();
    a_listening_socket_is_handed_over();
    interfaces();
    peer_addresses();
    return 0;
}
