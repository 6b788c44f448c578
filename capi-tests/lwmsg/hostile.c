/* What a client may do that means no good, at any pace: it costs that client's own connection and nothing else.
 *
 * harness: ours-only the original hangs, runs out of memory or lets everybody wait
 * harness: timeout 120
 */
#include "calls.h"
#include "raw.h"

#include <dirent.h>
#include <errno.h>
#include <semaphore.h>

static Pair pair;
static const unsigned char return_busy[] = { 0, 0, 0, RETURN, 0, 0, 0, 24, 0 };

static void begin(LWMsgDispatchSpec *more)
{
    make_peers(&pair);
    if (more)
        CHECK_EQ(lwmsg_peer_add_dispatch_spec(pair.server, more), LWMSG_STATUS_SUCCESS);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
}

static void works(void)
{
    CHECK_EQ(order(pair.session, ORDER, ANSWER, 0, "still here"), LWMSG_STATUS_SUCCESS);
}

static int open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int number = 0;

    while (readdir(folder))
        number++;
    closedir(folder);
    return number;
}

/* Sends the next of endless requests, with a descriptor or without. False when the other end does not read any more. */
static int send_request(int fd, unsigned int cookie, int descriptor)
{
    unsigned char packet[64];
    size_t length = make_packet(packet, 0, 0, cookie, NOBODY, return_busy, sizeof return_busy);
    struct pollfd entry = { fd, POLLOUT, 0 };

    while (descriptor >= 0 ? !send_descriptor(fd, cookie, PASS, descriptor)
                           : send(fd, packet, length, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)length) {
        CHECK_EQ(errno, EAGAIN);
        if (poll(&entry, 1, 500) == 0)
            return 0;
    }
    return 1;
}

/* Asks and asks, and reads no answer, until it is not listened to any more; reads them all then. */
static void ask_without_reading(int descriptor)
{
    unsigned char packet[8192];
    int fd, before, asked = 0;

    works();
    before = open_descriptors();
    fd = raw_client(pair.path);
    while (send_request(fd, (unsigned int)asked & 0xffff, descriptor)) {
        asked++;
        CHECK(asked < 400000);
        CHECK(open_descriptors() < before + 400);
    }
    works();
    for (int i = 0; i < asked; i++)
        CHECK(next_packet(fd, packet) >= 15);
    close(fd);
    works();
}

/* Replies without a payload are as many as one likes, and none of them is for free. */
static void who_does_not_read_is_not_read_from(void)
{
    static LWMsgDispatchSpec quick[] = { LWMSG_DISPATCH_NONBLOCK(PASS, handle_pass), LWMSG_DISPATCH_END };

    begin(quick);
    ask_without_reading(-1);
    end_pair(&pair);
    begin(quick);
    ask_without_reading(0);
    end_pair(&pair);
}

/* Parts of a message that never ends are not collected before it is known who sends them. */
static void there_are_no_messages_before_the_greeting(void)
{
    unsigned char packet[8192];
    int fd;

    begin(NULL);
    fd = raw_socket(pair.path);
    make_packet(packet, 0, 0, 0, ORDER, NULL, 0);
    packet[5] = 1;
    CHECK_EQ(send(fd, packet, 15, MSG_NOSIGNAL), 15);
    while (next_packet(fd, packet))
        CHECK_EQ(packet[4], 5);
    close(fd);
    works();
    end_pair(&pair);
}

/* Runs all, or those whose names contain the argument. */
int main(int argc, char **argv)
{
#define RUN(test)                                  \
    do {                                           \
        if (argc > 1 && !strstr(#test, argv[1]))   \
            break;                                 \
        printf("%s\n", #test);                     \
        fflush(stdout);                            \
        test();                                    \
    } while (0)
    RUN(who_does_not_read_is_not_read_from);
    RUN(there_are_no_messages_before_the_greeting);
    return 0;
}
