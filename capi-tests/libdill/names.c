/* Names to addresses and connections.
 * harness: ours-only name lookups of the original crash
 */
#include "sockets.h"
#include <arpa/inet.h>
#include <netinet/in.h>

static int ticks;

static coroutine void tick(void)
{
    while (msleep(now() + 1) == 0)
        ticks++;
}

static void names_are_looked_up_while_others_run(void)
{
    struct ipaddr addr, addrs[8];
    char text[IPADDR_MAXSTRLEN];

    for (int i = 0; i < 20; i++) {
        CHECK(ipaddr_remote(&addr, "localhost", 80, IPADDR_IPV4, LATER) == 0);
        CHECK(strcmp(ipaddr_str(&addr, text), "127.0.0.1") == 0 && ipaddr_port(&addr) == 80);
    }
    int found = ipaddr_remotes(addrs, 8, "localhost", 80, IPADDR_PREF_IPV4, LATER);
    CHECK(found >= 1 && ipaddr_family(&addrs[0]) == AF_INET);
    for (int i = 1; i < found; i++)
        CHECK(ipaddr_family(&addrs[i - 1]) == AF_INET || ipaddr_family(&addrs[i]) == AF_INET6);
    CHECK_EQ(ipaddr_remotes(addrs, 1, "localhost", 80, IPADDR_PREF_IPV4, LATER), 1);
    int cr = go(tick());
    for (int i = 0; i < 50; i++)
        CHECK(ipaddr_remote(&addr, "localhost", 80, 0, LATER) == 0);
    CHECK(msleep(now() + 20) == 0);
    CHECK(ticks > 0);
    hclose(cr);
}

static void literals_are_not_looked_up(void)
{
    struct ipaddr addr, addrs[2];

    FAILS(ipaddr_remote(&addr, "::1", 80, IPADDR_IPV4, 0), EADDRNOTAVAIL);
    FAILS(ipaddr_remote(&addr, "127.0.0.1", 80, IPADDR_IPV6, 0), EADDRNOTAVAIL);
    CHECK_EQ(ipaddr_remotes(addrs, 2, "127.0.0.1", 80, IPADDR_IPV6, 0), 0);
    CHECK_EQ(ipaddr_remotes(addrs, 2, "::1", 80, IPADDR_PREF_IPV4, 0), 1);
    CHECK_EQ(ipaddr_remotes(addrs, 2, "127.0.0.1", 80, IPADDR_PREF_IPV6, 0), 1);
}

static void unknown_names_have_no_address(void)
{
    struct ipaddr addr;

    FAILS(ipaddr_remote(&addr, "no such name", 80, 0, LATER), EADDRNOTAVAIL);
    CHECK_EQ(ipaddr_remotes(&addr, 1, "no such name", 80, 0, LATER), 0);
    CHECK_EQ(ipaddr_remotes(&addr, 1, "", 80, 0, LATER), 0);
}

static coroutine void looks_up_for_ever(int *error)
{
    struct ipaddr addr;

    while (ipaddr_remote(&addr, "localhost", 80, 0, -1) == 0)
        ;
    *error = errno;
}

static void lookups_can_be_cancelled(void)
{
    int errors[100], b = bundle();

    for (int i = 0; i < 100; i++) {
        errors[i] = 0;
        CHECK(bundle_go(b, looks_up_for_ever(&errors[i])) == 0);
    }
    CHECK(msleep(now() + 20) == 0);
    CHECK(hclose(b) == 0);
    for (int i = 0; i < 100; i++)
        CHECK_EQ(errors[i], ECANCELED);
}

static int listening(int *port)
{
    struct ipaddr addr;

    CHECK(ipaddr_local(&addr, "127.0.0.1", 0, 0) == 0);
    int ls = tcp_listen(&addr, 10);
    CHECK(ls >= 0);
    *port = ipaddr_port(&addr);
    return ls;
}

static void happyeyeballs_connects_to_whichever_address_answers(void)
{
    const char *names[] = { "localhost", "127.0.0.1" };
    int port, ls = listening(&port);

    for (int i = 0; i < 2; i++) {
        int s = happyeyeballs_connect(names[i], port, LATER);
        CHECK(s >= 0);
        int accepted = tcp_accept(ls, NULL, LATER);
        CHECK(bsend(s, "ABC", 3, LATER) == 0);
        char buf[3];
        CHECK(brecv(accepted, buf, 3, LATER) == 0);
        hclose(accepted);
        hclose(s);
    }
    hclose(ls);
    /* Nobody listens there any more: that is known at once. */
    FAILS(happyeyeballs_connect("localhost", port, -1), ECONNREFUSED);
    FAILS(happyeyeballs_connect("127.0.0.1", port, -1), ECONNREFUSED);
    FAILS(happyeyeballs_connect("no such name", port, -1), EADDRNOTAVAIL);
    FAILS(happyeyeballs_connect(NULL, port, -1), EINVAL);
    FAILS(happyeyeballs_connect("localhost", 0, -1), EINVAL);
    FAILS(happyeyeballs_connect("localhost", -1, -1), EINVAL);
    FAILS(happyeyeballs_connect("localhost", 65536, -1), EINVAL);
}

/* A port where connections are neither accepted nor refused: the queue is full. */
static int full_port(int fds[8])
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof in;

    fds[0] = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(fds[0], (struct sockaddr *)&in, sizeof in) == 0 && listen(fds[0], 0) == 0);
    CHECK(getsockname(fds[0], (struct sockaddr *)&in, &length) == 0);
    for (int i = 1; i < 8; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(fds[i], (struct sockaddr *)&in, sizeof in);
    }
    return ntohs(in.sin_port);
}

static coroutine void connects(int port, int *error)
{
    *error = happyeyeballs_connect("127.0.0.1", port, -1) < 0 ? errno : 0;
}

static coroutine void connects_once(struct ipaddr addr, int *error)
{
    *error = tcp_connect(&addr, -1) < 0 ? errno : 0;
}

static void connecting_ends_at_its_deadline_and_can_be_cancelled(void)
{
    int fds[8], port = full_port(fds), error = 0;
    struct ipaddr addr;

    CHECK(ipaddr_local(&addr, "127.0.0.1", port, 0) == 0);
    FAILS(tcp_connect(&addr, now() + 100), ETIMEDOUT);
    FAILS(tcp_connect(&addr, 0), ETIMEDOUT);
    FAILS(happyeyeballs_connect("127.0.0.1", port, now() + 100), ETIMEDOUT);
    FAILS(happyeyeballs_connect("127.0.0.1", port, 0), ETIMEDOUT);
    int cr = go(connects(port, &error));
    CHECK(cr >= 0 && hclose(cr) == 0);
    CHECK_EQ(error, ECANCELED);
    cr = go(connects_once(addr, &error));
    CHECK(cr >= 0 && hclose(cr) == 0);
    CHECK_EQ(error, ECANCELED);
    for (int i = 0; i < 8; i++)
        close(fds[i]);
}

int main(void)
{
    names_are_looked_up_while_others_run();
    literals_are_not_looked_up();
    unknown_names_have_no_address();
    lookups_can_be_cancelled();
    happyeyeballs_connects_to_whichever_address_answers();
    connecting_ends_at_its_deadline_and_can_be_cancelled();
    wait_for_abandoned_lookups();
    return 0;
}
