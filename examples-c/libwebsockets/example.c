#include "example.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

unsigned char *message_bytes(struct message *message)
{
    return message->block + LWS_SEND_BUFFER_PRE_PADDING;
}

int message_append(struct message *message, const void *data, size_t length, size_t limit)
{
    size_t wanted = message->length + length;

    if (length > limit || wanted > limit)
        return -1;
    if (!message->block || wanted > message->room) {
        size_t room = wanted + wanted / 2;
        unsigned char *block = realloc(message->block, LWS_SEND_BUFFER_PRE_PADDING + room + LWS_SEND_BUFFER_POST_PADDING);

        if (!block)
            return -1;
        message->block = block;
        message->room = room;
    }
    memcpy(message_bytes(message) + message->length, data, length);
    message->length = wanted;
    return 0;
}

void message_free(struct message *message)
{
    free(message->block);
    memset(message, 0, sizeof(*message));
}

int free_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0), port = -1;

    if (fd < 0)
        return -1;
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &length) == 0)
        port = ntohs(address.sin_port);
    close(fd);
    return port;
}

struct lws_context_creation_info describe(int port, struct libwebsocket_protocols *protocols)
{
    struct lws_context_creation_info info;

    memset(&info, 0, sizeof(info));
    info.port = port;
    info.iface = port == CONTEXT_PORT_NO_LISTEN ? NULL : "lo";
    info.protocols = protocols;
    info.extensions = libwebsocket_get_internal_extensions();
    info.gid = -1;
    info.uid = -1;
    return info;
}

double seconds(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}
