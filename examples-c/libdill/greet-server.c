/* Asks each client for its name and greets it. Lines end with CR LF: telnet is a client, and so is nc -C.
 *
 *     greet-server [PORT]        port 0, or none, lets the system choose
 *
 * A coroutine for each client, all in one bundle; one more counts how the conversations ended. SIGINT and SIGTERM end
 * the server in order: closing the bundle cancels whoever is still talking. */

#include <errno.h>
#include <libdill.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE 20000 /* milliseconds that a client has for all of it */

enum outcome { GREETED, SILENT, BROKEN };

static int stop_pipe[2];

static void stop(int number)
{
    (void)number;
    ssize_t ignored = write(stop_pipe[1], "", 1);
    (void)ignored;
}

/* The conversation. Closes the socket. */
static enum outcome converse(int s)
{
    int64_t deadline = now() + PATIENCE;
    static const char question[] = "What is your name?";
    char name[100];
    char greeting[sizeof name + 20];

    s = suffix_attach(s, "\r\n", 2);
    if (s < 0)
        return BROKEN;
    ssize_t size = -1;
    if (msend(s, question, strlen(question), deadline) == 0)
        size = mrecv(s, name, sizeof name - 1, deadline);
    if (size >= 0) {
        name[size] = '\0';
        int length = snprintf(greeting, sizeof greeting, "Hello, %s!", name);
        if (msend(s, greeting, (size_t)length, deadline) < 0)
            size = -1;
    }
    if (size < 0) {
        enum outcome outcome = errno == ETIMEDOUT ? SILENT : BROKEN;
        hclose(s);
        return outcome;
    }
    s = suffix_detach(s, deadline);
    /* Says goodbye and waits for the client to do so. */
    return s >= 0 && tcp_close(s, deadline) == 0 ? GREETED : BROKEN;
}

static coroutine void talk(int s, int outcomes)
{
    enum outcome outcome = converse(s);
    /* Fails when the server is being stopped; then nobody counts any more. */
    (void)chsend(outcomes, &outcome, sizeof outcome, -1);
}

static coroutine void count(int outcomes)
{
    int counts[3] = {0, 0, 0};
    enum outcome outcome;
    while (chrecv(outcomes, &outcome, sizeof outcome, -1) == 0) {
        counts[outcome]++;
        printf("greeted %d, silent %d, broken %d\n", counts[GREETED], counts[SILENT], counts[BROKEN]);
        fflush(stdout);
    }
}

static coroutine void accept_all(int listener, int clients, int outcomes)
{
    for (;;) {
        int s = tcp_accept(listener, NULL, -1);
        if (s < 0) {
            /* Out of descriptors: those who leave will make room. */
            if ((errno == EMFILE || errno == ENFILE) && msleep(now() + 100) == 0)
                continue;
            return;
        }
        if (bundle_go(clients, talk(s, outcomes)) < 0)
            hclose(s);
    }
}

int main(int argc, char **argv)
{
    struct ipaddr address;
    int outcomes[2];

    if (ipaddr_local(&address, "127.0.0.1", argc > 1 ? atoi(argv[1]) : 0, 0) < 0) {
        perror("greet-server: address");
        return 1;
    }
    int listener = tcp_listen(&address, 100);
    if (listener < 0 || pipe(stop_pipe) < 0 || chmake(outcomes) < 0) {
        perror("greet-server: start");
        return 1;
    }
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    printf("listening on 127.0.0.1:%d\n", ipaddr_port(&address));
    fflush(stdout);

    int clients = bundle();
    int counter = go(count(outcomes[0]));
    int acceptor = go(accept_all(listener, clients, outcomes[1]));

    if (clients < 0 || counter < 0 || acceptor < 0) {
        perror("greet-server: coroutines");
        return 1;
    }
    fdin(stop_pipe[0], -1);

    hclose(acceptor);
    hclose(clients);
    hclose(listener);
    hclose(counter);
    hclose(outcomes[0]);
    hclose(outcomes[1]);
    fdclean(stop_pipe[0]);
    close(stop_pipe[0]);
    close(stop_pipe[1]);
    return 0;
}
