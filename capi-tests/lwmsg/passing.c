/* Descriptors in messages: they arrive, work, are inherited as the receiver likes, and none is left open.
 */
#include "calls.h"

#include <fcntl.h>

static Pair pair;

static void one_way_and_back(LWMsgEndpointType type)
{
    LWMsgParams out = LWMSG_PARAMS_INITIALIZER;
    LWMsgCall *call;
    int ends[2], before;
    char byte = 0;

    make_peers(&pair);
    join_peers(&pair, type);
    CHECK_EQ(order(pair.session, ORDER, RETURN, 3, NULL), 3);
    CHECK_EQ(pipe(ends), 0);
    call = acquire(pair.session);
    before = open_descriptors();
    for (int i = 0; i < 3; i++) {
        Descriptor input = { i, i == 1 ? -1 : i == 2 ? 0 : ends[1] };
        LWMsgParams in = { PASS, &input };
        Descriptor *back;
        CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, NULL, NULL), 0);
        back = out.data;
        CHECK_EQ(back->number, i);
        if (i) {
            printf(" none: %d", back->fd > 0);
        } else {
            CHECK(back->fd > 2 && back->fd != ends[1]);
            printf("%s close-on-exec %d", type_name(type), (fcntl(back->fd, F_GETFD) & FD_CLOEXEC) != 0);
            CHECK_EQ(write(back->fd, "!", 1), 1);
            CHECK_EQ(read(ends[0], &byte, 1), 1);
            CHECK_EQ(byte, '!');
        }
        CHECK_EQ(lwmsg_call_destroy_params(call, &out), 0);
    }
    printf("\n");
    /* The server frees its side when it has sent. */
    for (int i = 0; i < 1000 && open_descriptors() != before; i++)
        pause_ms(1);
    CHECK_EQ(open_descriptors(), before);
    lwmsg_call_release(call);
    close(ends[0]);
    close(ends[1]);
    end_pair(&pair);
}

/* Many at once, so that writes are cut and replies overtake each other. */
static void *many(void *data)
{
    LWMsgCall *call = acquire(pair.session);
    int ends[2];

    (void)data;
    CHECK_EQ(pipe(ends), 0);
    for (int i = 0; i < 200; i++) {
        Descriptor input = { i, ends[1] };
        LWMsgParams in = { PASS, &input }, out = LWMSG_PARAMS_INITIALIZER;
        char byte = 0;
        CHECK_EQ(lwmsg_call_dispatch(call, &in, &out, NULL, NULL), 0);
        CHECK_EQ(write(((Descriptor *)out.data)->fd, "!", 1), 1);
        CHECK_EQ(read(ends[0], &byte, 1), 1);
        lwmsg_call_destroy_params(call, &out);
    }
    close(ends[0]);
    close(ends[1]);
    lwmsg_call_release(call);
    return NULL;
}

static void at_once(void)
{
    pthread_t threads[8];

    make_peers(&pair);
    join_peers(&pair, LWMSG_ENDPOINT_LOCAL);
    for (int i = 0; i < 8; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, many, NULL), 0);
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    end_pair(&pair);
}

int main(void)
{
    one_way_and_back(LWMSG_ENDPOINT_LOCAL);
    one_way_and_back(LWMSG_ENDPOINT_PAIR);
    at_once();
    return 0;
}
