/* Coroutines, sockets and TLS, where there is a libssl or none: which of them work. */
#include <errno.h>
#include <libdill.h>
#include <stdio.h>
#include <string.h>

static coroutine void answer(int s)
{
    char data[5];

    if (brecv(s, data, sizeof(data), -1) == 0)
        bsend(s, data, sizeof(data), -1);
    hclose(s);
}

/* The peer says nothing: with a libssl the attempt ends at its deadline. */
static void attempt(const char *what, int server)
{
    int s[2], h;

    if (ipc_pair(s) != 0)
        return;
    h = server ? tls_attach_server(s[0], "no such file", "no such file", now() + 50) : tls_attach_client(s[0], now() + 50);
    printf("%s %d, %s", what, h, errno == ENOTSUP ? "ENOTSUP" : errno == ETIMEDOUT ? "ETIMEDOUT" : errno == EFAULT ? "EFAULT" : "?");
    printf(", and the socket is %s\n", hclose(s[0]) == -1 && errno == EBADF ? "closed" : "left");
    hclose(s[1]);
}

int main(void)
{
    char data[5] = "";
    int s[2], bundle_of_one;

    if (ipc_pair(s) != 0)
        return 1;
    bundle_of_one = go(answer(s[1]));
    if (bsend(s[0], "hello", 5, -1) == 0 && brecv(s[0], data, sizeof(data), -1) == 0)
        printf("without TLS %.5s\n", data);
    hclose(bundle_of_one);
    hclose(s[0]);
    attempt("a client", 0);
    attempt("a server", 1);
    return 0;
}
