/* PAM and NSS modules come and go in processes of others: both libraries leave with their last user, after they have
 * been used from several threads, and take their threads and memory along.
 *
 * harness: ours-only about our objects
 * harness: cflags -Wl,--as-needed -pthread
 * harness: libs -ldl
 * harness: timeout 120
 * harness: no-tsan it has a thread of its own, and keeps what it has seen loaded
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <lwmsg/lwmsg.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

typedef struct Word {
    char *text;
} Word;

static LWMsgTypeSpec word_spec[] = {
    LWMSG_STRUCT_BEGIN(Word), LWMSG_MEMBER_PSTR(Word, text), LWMSG_STRUCT_END, LWMSG_TYPE_END,
};
static LWMsgProtocolSpec protocol_spec[] = {LWMSG_MESSAGE(0, word_spec), LWMSG_PROTOCOL_END};

/* How often a library is mapped. */
static int mapped(const char *name)
{
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "r");
    int count = 0;

    while (fgets(line, sizeof line, maps))
        count += strstr(line, name) != NULL;
    fclose(maps);
    return count;
}

static int threads(void)
{
    char line[128];
    FILE *status = fopen("/proc/self/status", "r");
    int count = 0;

    while (fgets(line, sizeof line, status))
        if (!strncmp(line, "Threads:", 8))
            count = atoi(line + 8);
    fclose(status);
    return count;
}

#define FIND(name) __typeof__(&name) my_##name = (__typeof__(&name))dlsym(library, #name)

static void *use_data(void *library)
{
    FIND(lwmsg_data_context_new);
    FIND(lwmsg_data_context_delete);
    FIND(lwmsg_data_marshal_flat_alloc);
    FIND(lwmsg_data_unmarshal_flat);
    FIND(lwmsg_data_free_graph);
    FIND(lwmsg_data_free_memory);
    FIND(lwmsg_data_print_graph_alloc);
    LWMsgDataContext *data;
    Word word = {"word"};
    void *bytes, *copy;
    size_t length;
    char *text;

    CHECK_EQ(my_lwmsg_data_context_new(NULL, &data), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(my_lwmsg_data_marshal_flat_alloc(data, word_spec, &word, &bytes, &length), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(my_lwmsg_data_unmarshal_flat(data, word_spec, bytes, length, &copy), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(my_lwmsg_data_print_graph_alloc(data, word_spec, copy, &text), LWMSG_STATUS_SUCCESS);
    my_lwmsg_data_free_memory(data, text);
    CHECK_EQ(my_lwmsg_data_free_graph(data, word_spec, copy), LWMSG_STATUS_SUCCESS);
    my_lwmsg_data_free_memory(data, bytes);
    my_lwmsg_data_context_delete(data);
    return NULL;
}

static LWMsgStatus handler(LWMsgCall *call, const LWMsgParams *in, LWMsgParams *out, void *data)
{
    (void)call;
    (void)in;
    (void)out;
    (void)data;
    return LWMSG_STATUS_SUCCESS;
}

static LWMsgDispatchSpec dispatch_spec[] = {LWMSG_DISPATCH_BLOCK(0, handler), LWMSG_DISPATCH_END};

static void use_peer(void *library)
{
    FIND(lwmsg_protocol_new);
    FIND(lwmsg_protocol_delete);
    FIND(lwmsg_protocol_add_protocol_spec);
    FIND(lwmsg_peer_new);
    FIND(lwmsg_peer_delete);
    FIND(lwmsg_peer_add_dispatch_spec);
    FIND(lwmsg_peer_accept_fd);
    FIND(lwmsg_peer_connect_fd);
    FIND(lwmsg_session_acquire_call);
    FIND(lwmsg_call_dispatch);
    FIND(lwmsg_call_release);
    FIND(lwmsg_call_destroy_params);
    LWMsgProtocol *protocol;
    LWMsgPeer *server, *client;
    LWMsgSession *session;
    LWMsgCall *call;
    Word word = {"question"};
    LWMsgParams in = {0, &word}, out = LWMSG_PARAMS_INITIALIZER;
    int pair[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    CHECK_EQ(my_lwmsg_protocol_new(NULL, &protocol), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(my_lwmsg_protocol_add_protocol_spec(protocol, protocol_spec), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(my_lwmsg_peer_new(NULL, protocol, &server), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(my_lwmsg_peer_new(NULL, protocol, &client), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(my_lwmsg_peer_add_dispatch_spec(server, dispatch_spec), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(my_lwmsg_peer_accept_fd(server, LWMSG_ENDPOINT_PAIR, pair[0]), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(my_lwmsg_peer_connect_fd(client, LWMSG_ENDPOINT_PAIR, pair[1], &session), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(my_lwmsg_session_acquire_call(session, &call), LWMSG_STATUS_SUCCESS);
    CHECK_EQ(my_lwmsg_call_dispatch(call, &in, &out, NULL, NULL), LWMSG_STATUS_SUCCESS);
    my_lwmsg_call_destroy_params(call, &out);
    my_lwmsg_call_release(call);
    my_lwmsg_peer_delete(client);
    my_lwmsg_peer_delete(server);
    my_lwmsg_protocol_delete(protocol);
}

/* Loads, uses and unloads. */
static void come_and_go(const char *name, int with_peer)
{
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    pthread_t thread;

    if (!library)
        fprintf(stderr, "%s\n", dlerror());
    CHECK(library);
    CHECK(mapped("liblwmsg_nothr"));
    use_data(library);
    CHECK_EQ(pthread_create(&thread, NULL, use_data, library), 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    if (with_peer)
        use_peer(library);
    /* The system counts a thread for a moment after it has been joined. */
    for (int i = 0; i < 5000 && threads() != 1; i++)
        usleep(1000);
    CHECK_EQ(threads(), 1);
    CHECK_EQ(dlclose(library), 0);
    CHECK_EQ(mapped("liblwmsg"), 0);
}

int main(void)
{
    struct mallinfo2 before, after;
    int round;

    CHECK_EQ(mapped("liblwmsg"), 0);
    for (round = 0; round < 10; round++) {
        come_and_go("liblwmsg_nothr.so.0", 0);
        come_and_go("liblwmsg.so.0", 1);
    }
    before = mallinfo2();
    for (round = 0; round < 50; round++) {
        come_and_go("liblwmsg_nothr.so.0", 0);
        come_and_go("liblwmsg.so.0", 1);
    }
    after = mallinfo2();
    printf("unloaded\n");
    fprintf(stderr, "%zu bytes more\n", after.uordblks - before.uordblks);
    CHECK(after.uordblks <= before.uordblks + 16384);
    return 0;
}
