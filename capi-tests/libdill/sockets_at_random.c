/* Several coroutines do anything to the same sockets at any time: send, receive, take protocols off and put others on,
 * close, and are cancelled in the middle of it, while peers send what makes sense and what does not. What becomes of each
 * call is nobody's business here; that nothing breaks is, and that nothing is left: descriptors, handles, memory.
 *
 *     sockets_at_random [ROUNDS [FIRST]]
 *
 * harness: ours-only the original crashes
 * harness: no-valgrind it would go on for minutes
 * harness: libs -lssl -lcrypto
 * harness: timeout 120
 */
#include "certificate.h"
#include <dirent.h>
#include <malloc.h>

enum { ROUNDS = 400, WARM = 100, MOST = 64, WORKERS = 6 };

/* Numbers without a pattern, the same for each round. */
static unsigned long long state;

static unsigned below(unsigned limit)
{
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(state >> 33) % limit;
}

static int one_in(unsigned chances)
{
    return below(chances) == 0;
}

/* A bytestream of the program's over another one. It may answer what the one below answers, as protocols do that only look
 * at what passes. */
struct over {
    struct hvfs hvfs;
    struct bsock_vfs bvfs;
    int below, users, passes_on;
};

static struct over *over_of(struct bsock_vfs *vfs)
{
    return (struct over *)((char *)vfs - offsetof(struct over, bvfs));
}

static void leave(struct over *self)
{
    if (--self->users == 0)
        free(self);
}

static void *over_query(struct hvfs *vfs, const void *type)
{
    struct over *self = (struct over *)vfs;

    if (type == bsock_type)
        return &self->bvfs;
    if (self->passes_on)
        return hquery(self->below, type);
    errno = ENOTSUP;
    return NULL;
}

static void over_close(struct hvfs *vfs)
{
    struct over *self = (struct over *)vfs;

    hclose(self->below);
    leave(self);
}

static int over_send(struct bsock_vfs *vfs, struct iolist *first, struct iolist *last, int64_t deadline)
{
    struct over *self = over_of(vfs);

    self->users++;
    int rc = bsendl(self->below, first, last, deadline), error = errno;
    leave(self);
    errno = error;
    return rc;
}

static int over_receive(struct bsock_vfs *vfs, struct iolist *first, struct iolist *last, int64_t deadline)
{
    struct over *self = over_of(vfs);

    self->users++;
    int rc = brecvl(self->below, first, last, deadline), error = errno;
    leave(self);
    errno = error;
    return rc;
}

static int put_over(int s)
{
    struct over *self = calloc(1, sizeof *self);
    int h;

    *self = (struct over){ { over_query, over_close }, { over_send, over_receive }, hown(s), 1, one_in(2) };
    h = self->below < 0 ? -1 : hmake(&self->hvfs);
    if (h < 0) {
        hclose(self->below);
        leave(self);
    }
    return h;
}

/* The sockets of a round, by whatever number they have now, and peers that are plain descriptors. */
static int sockets[MOST], count, peers[2];

static void add(int s)
{
    if (s >= 0 && count < MOST)
        sockets[count++] = s;
}

static int with_protocol(int s)
{
    size_t header = 1 + below(9);

    while (one_in(4))
        s = put_over(s);
    switch (below(7)) {
    case 0:
        s = prefix_attach(s, header, below(2));
        break;
    case 1:
        s = suffix_attach(s, "\r\n", 1 + below(2));
        break;
    case 2:
        s = ws_attach_server(s, WS_NOHTTP | below(2), NULL, 0, NULL, 0, -1);
        break;
    case 3:
        s = ws_attach_client(s, WS_NOHTTP | below(2), NULL, NULL, -1);
        break;
    case 4:
        return http_attach(s);
    default:
        return s;
    }
    return one_in(4) ? term_attach(s, "STOP", 4) : s;
}

static int64_t any_deadline(void)
{
    switch (below(6)) {
    case 0:
        return 0;
    case 1:
        return -1;
    case 2:
        return now() - 5;
    default:
        return now() + below(4);
    }
}

static void write_to_a_peer(char *bytes, size_t length)
{
    size_t size = below(length + 1);

    if (one_in(3))
        for (size_t i = 0; i < size; i++)
            bytes[i] = (char)below(256);
    else if (size > 6 && one_in(2))
        memcpy(bytes, "\x89\x80\0\0\0", 6);
    send(peers[below(2)], bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void take_off(int s)
{
    switch (below(6)) {
    case 0:
        add(prefix_detach(s));
        break;
    case 1:
        add(suffix_detach(s, any_deadline()));
        break;
    case 2:
        add(term_detach(s, any_deadline()));
        break;
    case 3:
        add(http_detach(s, any_deadline()));
        break;
    case 4:
        add(ws_detach(s, 1000, "bye", 3, any_deadline()));
        break;
    default:
        add(tls_detach(s, any_deadline()));
    }
}

static void end(int s)
{
    switch (below(4)) {
    case 0:
        hclose(s);
        break;
    case 1:
        tcp_close(s, any_deadline());
        break;
    case 2:
        ipc_close(s, any_deadline());
        break;
    default:
        add(hown(s));
    }
}

static void do_something(int s, char *bytes, size_t length)
{
    char name[16];
    int flags;

    switch (below(20)) {
    case 0:
    case 1:
    case 2:
    case 3:
        msend(s, bytes, length, any_deadline());
        break;
    case 4:
    case 5:
    case 6:
    case 7:
        mrecv(s, bytes, length, any_deadline());
        break;
    case 8:
        bsend(s, bytes, length, any_deadline());
        break;
    case 9:
        brecv(s, bytes, length, any_deadline());
        break;
    case 10:
        ws_recv(s, &flags, bytes, length, any_deadline());
        break;
    case 11:
        http_sendfield(s, "Name", "value", any_deadline());
        break;
    case 12:
        http_recvfield(s, name, sizeof name, bytes, length, any_deadline());
        break;
    case 13:
        mrecvl(s, NULL, NULL, any_deadline());
        break;
    case 14:
        ws_done(s, 1000, "x", 1, any_deadline());
        break;
    case 15:
    case 16:
        write_to_a_peer(bytes, length);
        break;
    case 17:
        if (one_in(8))
            add(with_protocol(s));
        break;
    case 18:
        if (one_in(2))
            take_off(s);
        break;
    default:
        if (one_in(4))
            end(s);
    }
}

static coroutine void work(int steps)
{
    while (steps-- > 0 && count > 0) {
        size_t length = one_in(4) ? below(70000) : below(40);
        char *bytes = malloc(length + 1);

        memset(bytes, one_in(3) ? '\r' : 'a', length + 1);
        do_something(sockets[below(count)], bytes, length);
        free(bytes);
    }
}

static coroutine void attach_server(int s, int *result)
{
    *result = tls_attach_server(s, cert, key, LATER);
}

static void begin_tls(int pair[2])
{
    int server = -1;

    for (int i = 0; i < 2; i++)
        if (one_in(2))
            pair[i] = put_over(pair[i]);
    int cr = go(attach_server(pair[1], &server));
    pair[0] = tls_attach_client(pair[0], LATER);
    CHECK(cr >= 0 && bundle_wait(cr, LATER) == 0 && hclose(cr) == 0);
    pair[1] = server;
    CHECK(pair[0] >= 0 && pair[1] >= 0);
}

static void open_sockets(void)
{
    int pair[2];

    count = 0;
    peers[0] = peers[1] = -1;
    if (one_in(2)) {
        pair[0] = with_peer(&peers[0]);
        pair[1] = with_peer(&peers[1]);
    } else {
        if (one_in(2))
            tcp_pair(pair);
        else
            CHECK(ipc_pair(pair) == 0);
        if (one_in(3))
            begin_tls(pair);
    }
    add(with_protocol(pair[0]));
    add(with_protocol(pair[1]));
}

static void play(void)
{
    int workers[WORKERS], working = 2 + below(WORKERS - 1);

    open_sockets();
    for (int i = 0; i < working; i++) {
        workers[i] = go(work(5 + below(30)));
        CHECK(workers[i] >= 0);
    }
    msleep(now() + below(6));
    for (int i = 0; i < working; i++)
        if (one_in(2)) {
            CHECK(hclose(workers[i]) == 0);
            workers[i] = -1;
        }
    if (one_in(2))
        for (int i = 0; i < count; i++)
            hclose(sockets[i]);
    msleep(now() + below(4));
    for (int i = 0; i < working; i++)
        CHECK(workers[i] < 0 || hclose(workers[i]) == 0);
    /* What is below a protocol is gone with it. */
    for (int i = 0; i < count; i++)
        hclose(sockets[i]);
    for (int i = 0; i < 2; i++)
        if (peers[i] >= 0)
            close(peers[i]);
}

static int descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int found = 0;

    while (readdir(folder))
        found++;
    closedir(folder);
    return found;
}

/* How many handles there are. */
static int handles(void)
{
    int found = 0;

    for (int h = 0; h < 1024; h++)
        if (hquery(h, &found) != NULL || errno != EBADF)
            found++;
    return found;
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : ROUNDS, first = argc > 2 ? atoi(argv[2]) : 0, open_descriptors = 0;
    size_t memory = 0;

    write_certificate();
    for (int round = first; round < first + rounds; round++) {
        state = (unsigned long long)round * 2654435761U + 1;
        play();
        CHECK_EQ(handles(), 0);
        if (round == first + WARM) {
            memory = mallinfo2().uordblks;
            open_descriptors = descriptors();
        }
    }
    if (rounds > WARM) {
        CHECK_EQ(descriptors(), open_descriptors);
        CHECK(mallinfo2().uordblks <= memory + (256 << 10));
    }
    remove_certificate();
    return 0;
}
