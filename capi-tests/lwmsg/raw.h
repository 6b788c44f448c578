/* The other end of a connection, packet by packet: what a test sends that no peer would, or not just then.
 */
#ifndef RELINK_RAW_H
#define RELINK_RAW_H

#include <poll.h>
#include <sys/un.h>

/* The next packet, of which there has to be one within five seconds; 0 for the end. */
static inline size_t next_packet(int fd, unsigned char *packet)
{
    struct pollfd entry = { fd, POLLIN, 0 };
    ssize_t got;
    size_t length;

    CHECK_EQ(poll(&entry, 1, 5000), 1);
    got = recv(fd, packet, 6, MSG_WAITALL);
    if (got <= 0)
        return 0;
    CHECK_EQ(got, 6);
    length = (size_t)packet[0] << 24 | (size_t)packet[1] << 16 | (size_t)packet[2] << 8 | packet[3];
    CHECK(length <= 8192);
    CHECK_EQ(recv(fd, packet + 6, length - 6, MSG_WAITALL), (ssize_t)(length - 6));
    return length;
}

/* Makes a message of one packet; gives its length. */
static inline size_t make_packet(unsigned char *packet, int flags, unsigned int status, unsigned int cookie, int tag,
                                 const void *payload, size_t length)
{
    size_t total = 15 + length;

    memset(packet, 0, 15);
    packet[2] = (unsigned char)(total >> 8);
    packet[3] = (unsigned char)total;
    packet[4] = 1;
    packet[5] = 3;
    packet[6] = (unsigned char)flags;
    packet[9] = (unsigned char)(status >> 8);
    packet[10] = (unsigned char)status;
    packet[11] = (unsigned char)(cookie >> 8);
    packet[12] = (unsigned char)cookie;
    packet[13] = (unsigned char)((unsigned int)tag >> 8);
    packet[14] = (unsigned char)tag;
    if (length)
        memcpy(packet + 15, payload, length);
    return total;
}

static inline void send_packet(int fd, int flags, unsigned int status, unsigned int cookie, int tag,
                               const void *payload, size_t length)
{
    unsigned char packet[8192];
    size_t total = make_packet(packet, flags, status, cookie, tag, payload, length);

    CHECK_EQ(send(fd, packet, total, MSG_NOSIGNAL), (ssize_t)total);
}

static inline void send_message(int fd, int flags, unsigned int cookie, int tag, const void *payload, size_t length)
{
    send_packet(fd, flags, 0, cookie, tag, payload, length);
}

/* A reply without an output. */
static inline void send_status_reply(int fd, unsigned int cookie, unsigned int status)
{
    send_packet(fd, LWMSG_MESSAGE_FLAG_REPLY, status, cookie, LWMSG_TAG_INVALID, NULL, 0);
}

/* Sends a message of one packet that a descriptor comes with. False, with errno, when the socket does not take it. */
static inline int send_descriptor(int fd, unsigned int cookie, int tag, int descriptor)
{
    static const unsigned char payload[] = { 0, 0, 0, 1, 0xff };
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = { { 0 } };
    unsigned char packet[64];
    size_t length = make_packet(packet, 0, 0, cookie, tag, payload, sizeof payload);
    struct iovec part = { packet, length };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
                              .msg_controllen = sizeof control.room };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    header->cmsg_len = CMSG_LEN(sizeof(int));
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    return sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length;
}

/* A connected socket. */
static inline int raw_socket(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    strcpy(address.sun_path, path);
    CHECK_EQ(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* A connected socket that has exchanged greetings. */
static inline int raw_client(const char *path)
{
    static const unsigned char hello[] = { 0, 0, 0, 19, 2, 3, 0, 0, 0, 0x20, 0, 1, 2, 3, 4, 5, 6, 7, 8 };
    unsigned char answer[19];
    int fd = raw_socket(path);

    CHECK_EQ(write(fd, hello, sizeof hello), (ssize_t)sizeof hello);
    CHECK_EQ(recv(fd, answer, sizeof answer, MSG_WAITALL), (ssize_t)sizeof answer);
    CHECK_EQ(answer[4], 3);
    return fd;
}

/* The next packet is a reply without an output. */
static inline void expect_reply(int fd, unsigned int cookie, unsigned int status)
{
    unsigned char packet[8192];

    CHECK_EQ(next_packet(fd, packet), 15);
    CHECK_EQ(packet[4], 1);
    CHECK(packet[6] & LWMSG_MESSAGE_FLAG_REPLY);
    CHECK_EQ((unsigned int)packet[7] << 24 | packet[8] << 16 | packet[9] << 8 | packet[10], status);
    CHECK_EQ((unsigned int)packet[11] << 8 | packet[12], cookie);
}

#endif
