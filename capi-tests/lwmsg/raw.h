/* The other end of a connection, packet by packet: what a test sends that no peer would, or not just then.
 */
#ifndef RELINK_RAW_H
#define RELINK_RAW_H

#include <poll.h>

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

static inline void send_packet(int fd, int flags, unsigned int status, unsigned int cookie, int tag,
                               const void *payload, size_t length)
{
    unsigned char packet[8192] = { 0 };
    size_t total = 15 + length;

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

#endif
