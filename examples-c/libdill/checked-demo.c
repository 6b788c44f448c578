/* Uses the protocol of checked.c over PREFIX over a Unix socket: a coroutine echoes, and a message is damaged on
 * purpose. */

#include "checked.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static coroutine void echo(int s)
{
    char message[100];
    for (;;) {
        ssize_t size = mrecv(s, message, sizeof message, -1);
        if (size < 0) {
            printf("the other end: %s\n", errno == EPROTO ? "this message is damaged" : strerror(errno));
            if (errno == EPROTO)
                continue;
            break;
        }
        if (msend(s, message, (size_t)size, -1) < 0)
            break;
    }
    hclose(s);
}

int main(void)
{
    int ends[2];
    char answer[100];

    if (ipc_pair(ends) < 0) {
        perror("checked-demo");
        return 1;
    }
    int s = checked_attach(prefix_attach(ends[0], 2, 0));
    int other = checked_attach(prefix_attach(ends[1], 2, 0));
    int echoer = go(echo(other));
    if (s < 0 || other < 0 || echoer < 0) {
        perror("checked-demo");
        return 1;
    }
    static const char *const words[] = {"one", "", "three"};
    for (int i = 0; i < 3; i++) {
        ssize_t size = -1;
        if (msend(s, words[i], strlen(words[i]), -1) == 0)
            size = mrecv(s, answer, sizeof answer, now() + 10000);
        if (size < 0) {
            perror("checked-demo");
            return 1;
        }
        printf("\"%s\" came back as \"%.*s\"\n", words[i], (int)size, answer);
    }
    /* Below the protocol, one can lie. */
    s = checked_detach(s);
    if (s < 0 || msend(s, "\0\0\0\1liar", 8, -1) < 0) {
        perror("checked-demo");
        return 1;
    }
    s = checked_attach(s);
    if (s < 0 || msend(s, "truth", 5, -1) < 0 || mrecv(s, answer, sizeof answer, now() + 10000) != 5) {
        perror("checked-demo");
        return 1;
    }
    printf("\"truth\" came back\n");
    hclose(s);
    bundle_wait(echoer, now() + 10000);
    hclose(echoer);
    return 0;
}
