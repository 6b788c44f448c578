/* A WebSocket over TLS whose peer pings and reads nothing: who sends to it learns by its deadline that nothing goes, and
 * what it sends is not piled up.
 * harness: libs -lssl -lcrypto
 * harness: ours-only the original aborts with OpenSSL 3
 */
#include "certificate.h"

static coroutine void attach_server(int s, int *result)
{
    *result = tls_attach_server(s, cert, key, LATER);
    CHECK(*result >= 0);
    *result = ws_attach_server(*result, WS_NOHTTP, NULL, 0, NULL, 0, LATER);
    CHECK(*result >= 0);
}

static coroutine void receives(int s)
{
    char bytes[16];

    FAILS(mrecv(s, bytes, sizeof bytes, -1), ECANCELED);
}

int main(void)
{
    static char pings[131 * 64], message[64 * 1024];
    int pair[2], server, sent = 0;

    write_certificate();
    for (size_t i = 0; i < sizeof pings; i += 131)
        memcpy(pings + i, "\x89\xfd\0\0\0\0", 6);
    CHECK(ipc_pair(pair) == 0);
    int cr = go(attach_server(pair[1], &server));
    int client = tls_attach_client(pair[0], LATER);
    CHECK(client >= 0 && bundle_wait(cr, LATER) == 0 && hclose(cr) == 0);

    /* Until the server takes no more: it waits for room for its answers. */
    cr = go(receives(server));
    while (bsend(client, pings, sizeof pings, now() + 500) == 0)
        ;
    CHECK_EQ(errno, ETIMEDOUT);

    while (sent < 100 && msend(server, message, sizeof message, SOON) == 0)
        sent++;
    CHECK(sent < 100);
    CHECK_EQ(errno, ETIMEDOUT);
    FAILS(msend(server, message, 1, SOON), ECONNRESET);

    CHECK(hclose(cr) == 0 && hclose(server) == 0 && hclose(client) == 0);
    remove_certificate();
    return 0;
}
