/* A program's own poll loop: its table is kept by the four callbacks, and libwebsocket_service_fd() does the work. */
#ifndef LOOP_H
#define LOOP_H

#include "peer.h"

static struct pollfd table[32];
static int used, quiet_clear;

static int place_of(int fd)
{
    int i;

    for (i = 0; i < used; i++)
        if (table[i].fd == fd)
            return i;
    return -1;
}

static int on_event(struct libwebsocket_context *context, struct libwebsocket *wsi,
                    enum libwebsocket_callback_reasons reason, void *user, void *in, size_t len)
{
    int fd = (int)(long)in, place = place_of(fd);

    events++;
    if (!(quiet_clear && reason == LWS_CALLBACK_CLEAR_MODE_POLL_FD))
        trace_event("-", wsi, (int)reason, user, in, len);
    switch (reason) {
    case LWS_CALLBACK_ADD_POLL_FD:
        CHECK(place == -1 && used < 32);
        table[used].fd = fd;
        table[used].events = (short)len;
        table[used++].revents = 0;
        break;
    case LWS_CALLBACK_DEL_POLL_FD:
        CHECK(place >= 0);
        CHECK(fcntl(fd, F_GETFD) != -1);
        table[place] = table[--used];
        break;
    case LWS_CALLBACK_SET_MODE_POLL_FD:
        CHECK(place >= 0);
        table[place].events |= (short)len;
        break;
    case LWS_CALLBACK_CLEAR_MODE_POLL_FD:
        CHECK(place >= 0);
        table[place].events &= (short)~len;
        break;
    case LWS_CALLBACK_HTTP:
        libwebsocket_callback_on_writable(context, wsi);
        break;
    case LWS_CALLBACK_RECEIVE:
        if (((char *)in)[0] == 'w')
            libwebsocket_callback_on_writable(context, wsi);
        if (((char *)in)[0] == 's') {
            libwebsocket_rx_flow_control(wsi, 0);
            libwebsocket_callback_on_writable(context, wsi);
        }
        break;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        libwebsocket_rx_flow_control(wsi, 1);
        break;
    default:
        break;
    }
    return 0;
}

static struct libwebsocket_protocols protocols[] = {
    { "poll", on_event, 4, 0, NULL, 0 },
    { NULL, NULL, 0, 0, NULL, 0 },
};

static struct libwebsocket_context *context;

static void serve(void)
{
    int idle = 0, i, n;

    while (idle < 10) {
        n = poll(table, (nfds_t)used, 3);
        CHECK(n >= 0);
        idle = n ? 0 : idle + 1;
        for (i = 0; i < used; i++) {
            struct pollfd before = table[i];

            if (!table[i].revents)
                continue;
            CHECK_EQ(libwebsocket_service_fd(context, &table[i]), 0);
            if (i < used && table[i].fd == before.fd && before.revents & POLLOUT)
                printf("  POLLOUT %s\n", table[i].events & POLLOUT ? "kept" : "cleared");
            if (i >= used || table[i].fd != before.fd)
                i--;
        }
    }
}

#endif
