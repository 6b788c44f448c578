/* Addresses: of interfaces, of literals, and what they are made of. Printed, and compared with the original. */
#include "sockets.h"
#include <arpa/inet.h>
#include <netinet/in.h>

static void say_address(const char *name, int port, int mode)
{
    struct ipaddr addr;
    char text[IPADDR_MAXSTRLEN];

    memset(&addr, 0xee, sizeof addr);
    errno = 0;
    if (ipaddr_local(&addr, name, port, mode) < 0) {
        printf("local %s %d %d: %s\n", name ? name : "NULL", port, mode, error_name(errno));
        return;
    }
    CHECK(ipaddr_str(&addr, text) == text);
    printf("local %s %d %d: %s, port %d, %s, %d bytes:", name ? name : "NULL", port, mode, text, ipaddr_port(&addr),
           ipaddr_family(&addr) == AF_INET ? "IPv4" : "IPv6", ipaddr_len(&addr));
    for (size_t i = 0; i < sizeof addr; i++)
        printf(" %02x", ((unsigned char *)&addr)[i]);
    printf("\n");
    CHECK((const void *)ipaddr_sockaddr(&addr) == &addr);
}

static void say_remotes(const char *name, int count, int port, int mode)
{
    struct ipaddr addrs[4];
    char text[IPADDR_MAXSTRLEN];

    errno = 0;
    int found = ipaddr_remotes(addrs, count, name, port, mode, -1);
    printf("remotes %s %d %d %d: ", name ? name : "NULL", count, port, mode);
    if (found < 0)
        printf("%s\n", error_name(errno));
    else
        printf("%d %s %d\n", found, ipaddr_str(addrs, text), ipaddr_port(addrs));
}

int main(void)
{
    const char *names[] = { NULL, "127.0.0.1", "::1", "10.1.2.3", "2001:db8::8:800:200c:417a", "::1.2.3.4", "::ffff:1.2.3.4", "::2:3", "::2", "lo", "no-such-interface", "256.1.1.1", "" };
    int modes[] = { 0, IPADDR_IPV4, IPADDR_IPV6, IPADDR_PREF_IPV4, IPADDR_PREF_IPV6 };
    struct ipaddr a, b;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t j = 0; j < sizeof modes / sizeof *modes; j++)
            /* Whether the loopback interface has IPv6 depends on the machine. */
            if (!names[i] || strcmp(names[i], "lo") != 0 || modes[j] == IPADDR_IPV4)
                say_address(names[i], 5555, modes[j]);
    say_address(NULL, 0, 0);
    say_address(NULL, 65535, 0);
    say_address(NULL, 65536, 0);
    say_address(NULL, -1, 0);
    say_address("127.0.0.1", 70000, 0);
    say_address("lo", 70000, IPADDR_IPV4);
    say_remotes("127.0.0.1", 1, 80, 0);
    say_remotes("127.0.0.1", 4, 80, IPADDR_IPV4);
    say_remotes("::1", 4, 80, IPADDR_IPV6);
    say_remotes("127.0.0.1", 4, 80, IPADDR_PREF_IPV4);
    say_remotes("127.0.0.1", 0, 80, 0);
    say_remotes("127.0.0.1", -1, 80, 0);
    say_remotes(NULL, 1, 80, 0);
    SAY(ipaddr_remotes(NULL, 1, "127.0.0.1", 80, 0, -1));
    SAY(ipaddr_remotes(&a, 1, "127.0.0.1", 80, 5, -1));
    SAY(ipaddr_remote(&a, "127.0.0.1", 80, 0, -1));

    CHECK(ipaddr_local(&a, "127.0.0.1", 80, 0) == 0 && ipaddr_local(&b, "127.0.0.1", 81, 0) == 0);
    printf("%d %d %d\n", ipaddr_equal(&a, &b, 0), ipaddr_equal(&a, &b, 1), ipaddr_equal(&a, &a, 0));
    ipaddr_setport(&b, 80);
    printf("%d\n", ipaddr_equal(&a, &b, 0));
    ipaddr_setport(&b, 65536 + 7);
    printf("%d\n", ipaddr_port(&b));
    CHECK(ipaddr_local(&b, "127.0.0.2", 80, 0) == 0);
    printf("%d\n", ipaddr_equal(&a, &b, 1));
    CHECK(ipaddr_local(&b, "::1", 80, 0) == 0);
    printf("%d\n", ipaddr_equal(&a, &b, 1));
    a = b;
    ((struct sockaddr_in6 *)&b)->sin6_scope_id = 7;
    ((struct sockaddr_in6 *)&b)->sin6_flowinfo = 9;
    printf("%d\n", ipaddr_equal(&a, &b, 0));
    return 0;
}
