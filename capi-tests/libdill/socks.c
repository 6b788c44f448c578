/* SOCKS5, both sides. Printed, and compared with the original. */
#include "sockets.h"

static void say_client(const char *user, const char *password, const char *answers, size_t length)
{
    struct ipaddr addr;
    int peer, s = with_peer(&peer);

    CHECK(ipaddr_remote(&addr, "10.1.2.3", 80, 0, -1) == 0);
    if (length)
        peer_writes(peer, answers, length);
    SAY(socks5_client_connect(s, user, password, &addr, SOON));
    say_written(peer);
    SAY(hclose(s));
    close(peer);
}

#define CLIENT(user, password, answers) say_client(user, password, answers, sizeof(answers) - 1)
#define REPLY(code) "\5" code "\0\1\1\2\3\4\0\x50"

static void clients(void)
{
    int peer, s;

    CLIENT(NULL, NULL, "\5\0" REPLY("\0"));
    CLIENT("user", "pass", "\5\2\1\0" REPLY("\0"));
    CLIENT("user", "pass", "\5\0" REPLY("\0"));
    CLIENT("user", NULL, "\5\0" REPLY("\0"));
    CLIENT("user", "pass", "\5\2\1\1");
    CLIENT("user", "pass", "\5\2\5\0");
    CLIENT(NULL, NULL, "\5\xff");
    CLIENT(NULL, NULL, "\4\0");
    CLIENT(NULL, NULL, "\5\0" REPLY("\1"));
    CLIENT(NULL, NULL, "\5\0" REPLY("\2"));
    CLIENT(NULL, NULL, "\5\0" REPLY("\3"));
    CLIENT(NULL, NULL, "\5\0" REPLY("\4"));
    CLIENT(NULL, NULL, "\5\0" REPLY("\5"));
    CLIENT(NULL, NULL, "\5\0" REPLY("\6"));
    CLIENT(NULL, NULL, "\5\0" REPLY("\7"));
    CLIENT(NULL, NULL, "\5\0" REPLY("\x8"));
    CLIENT(NULL, NULL, "\5\0" REPLY("\x9"));
    CLIENT(NULL, NULL, "\5\0\5\0\0\3\4name\0\x50");
    CLIENT(NULL, NULL, "\5\0\5\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\x50");
    CLIENT(NULL, NULL, "\5\0\5\0\0\2\0");
    CLIENT(NULL, NULL, "\5\0\5\0\1\1\0\0\0\0\0\0");
    CLIENT(NULL, NULL, "\5\0\4\0\0\1\0\0\0\0\0\0");
    CLIENT(NULL, NULL, "");

    const char *names[] = { "www.example.org", "10.1.2.3", "::1", NULL };
    for (int i = 0; i < 4; i++) {
        s = with_peer(&peer);
        PEER_WRITES(peer, "\5\0" REPLY("\0"));
        SAY(socks5_client_connectbyname(s, NULL, NULL, names[i], 443, SOON));
        say_written(peer);
        hclose(s);
        close(peer);
    }
    int ports[] = { 0, 65536, -1 };
    for (int i = 0; i < 3; i++) {
        s = with_peer(&peer);
        PEER_WRITES(peer, "\5\0");
        SAY(socks5_client_connectbyname(s, NULL, NULL, "host", ports[i], SOON));
        hclose(s);
        close(peer);
    }
    char longer[257];
    memset(longer, 'x', 256);
    longer[256] = 0;
    s = with_peer(&peer);
    SAY(socks5_client_connectbyname(s, longer, NULL, "host", 80, SOON));
    SAY(socks5_client_connectbyname(s, NULL, longer, "host", 80, SOON));
    PEER_WRITES(peer, "\5\0");
    SAY(socks5_client_connectbyname(s, NULL, NULL, longer, 80, SOON));
    hclose(s);
    close(peer);
    SAY(socks5_client_connectbyname(-1, NULL, NULL, "host", 80, SOON));
    s = bundle();
    SAY(socks5_client_connectbyname(s, NULL, NULL, "host", 80, SOON));
    hclose(s);
}

static int decides(const char *user, const char *password)
{
    printf("  \"%s\" \"%s\"\n", user, password);
    return strcmp(password, "secret") == 0;
}

static void say_auth(int checked, const char *request, size_t length)
{
    int peer, s = with_peer(&peer);

    peer_writes(peer, request, length);
    /* What errno says of a client that is not let in, the original leaves open. */
    int rc = socks5_proxy_auth(s, checked ? decides : NULL, SOON);
    printf("auth: %d\n", rc);
    say_written(peer);
    hclose(s);
    close(peer);
}

#define AUTH(checked, request) say_auth(checked, request, sizeof(request) - 1)

static void say_command(int by_name, const char *request, size_t length)
{
    struct ipaddr addr;
    char host[256] = "", text[IPADDR_MAXSTRLEN];
    int peer, s = with_peer(&peer), port = -1;

    peer_writes(peer, request, length);
    if (by_name) {
        SAY(socks5_proxy_recvcommandbyname(s, host, &port, SOON));
        printf("  \"%s\" %d\n", host, port);
    } else {
        errno = 0;
        int rc = socks5_proxy_recvcommand(s, &addr, SOON);
        printf("command: %s\n", rc < 0 ? error_name(errno) : "");
        if (rc >= 0)
            printf("  %d %s %d\n", rc, ipaddr_str(&addr, text), ipaddr_port(&addr));
    }
    hclose(s);
    close(peer);
}

#define COMMAND(request)                                 \
    do {                                                 \
        say_command(0, request, sizeof(request) - 1);    \
        say_command(1, request, sizeof(request) - 1);    \
    } while (0)

static void proxies(void)
{
    AUTH(0, "\5\1\0");
    AUTH(0, "\5\2\0\2");
    AUTH(0, "\5\1\2");
    AUTH(0, "\5\0");
    AUTH(0, "\4\1\0");
    AUTH(1, "\5\1\2\1\4user\6secret");
    AUTH(1, "\5\2\0\2\1\4user\6secret");
    AUTH(1, "\5\1\2\1\4user\5wrong");
    AUTH(1, "\5\1\2\1\0\0");
    AUTH(1, "\5\1\2\2\4user\5wrong");
    AUTH(1, "\5\1\0");
    COMMAND("\5\1\0\1\x0a\1\2\3\0\x50");
    COMMAND("\5\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\x1f\x90");
    say_command(1, "\5\3\0\3\x0fwww.example.org\1\xbb", 22);
    COMMAND("\5\0\0\1\x0a\1\2\3\0\x50");
    COMMAND("\5\4\0\1\x0a\1\2\3\0\x50");
    COMMAND("\4\1\0\1\x0a\1\2\3\0\x50");
    COMMAND("\5\1\1\1\x0a\1\2\3\0\x50");
    COMMAND("\5\1\0\2\x0a\1\2\3\0\x50");
    COMMAND("\5\1\0");

    struct ipaddr addr;
    int peer, s = with_peer(&peer);
    CHECK(ipaddr_remote(&addr, "10.1.2.3", 80, 0, -1) == 0);
    SAY(socks5_proxy_sendreply(s, SOCKS5_SUCCESS, &addr, -1));
    SAY(socks5_proxy_sendreply(s, SOCKS5_ADDRESS_TYPE_NOT_SUPPORTED, &addr, -1));
    SAY(socks5_proxy_sendreply(s, 9, &addr, -1));
    SAY(socks5_proxy_sendreply(s, -1, &addr, -1));
    CHECK(ipaddr_remote(&addr, "2001:db8::1", 443, IPADDR_IPV6, -1) == 0);
    SAY(socks5_proxy_sendreply(s, SOCKS5_SUCCESS, &addr, -1));
    say_written(peer);
    hclose(s);
    close(peer);
}

int main(void)
{
    clients();
    proxies();
    return 0;
}
