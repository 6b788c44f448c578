/* An association, byte for byte: what it says and what it makes of what it is told, with a program at the other end
 * that knows nothing but bytes.
 */
#include "calls.h"

#include <poll.h>
#include <sys/un.h>

static LWMsgProtocol *protocol;

static void show(const char *what, int fd)
{
    unsigned char bytes[8192];
    struct pollfd entry = { fd, POLLIN, 0 };
    ssize_t got = 0;

    printf("%s:", what);
    while (poll(&entry, 1, 50) == 1 && (got = read(fd, bytes, sizeof bytes)) > 0)
        for (ssize_t i = 0; i < got; i++)
            printf(" %02x", bytes[i]);
    printf("%s\n", got == 0 ? " (end)" : "");
}

static void say(int fd, const char *hex)
{
    unsigned char bytes[8192];
    size_t count = 0;
    unsigned int byte;
    int used;

    while (sscanf(hex, " %2x%n", &byte, &used) == 1) {
        bytes[count++] = (unsigned char)byte;
        hex += used;
    }
    CHECK_EQ(send(fd, bytes, count, MSG_NOSIGNAL), (ssize_t)count);
}

#define GREETING "00 00 00 13 02 03 00 00 00 20 00 01 02 03 04 05 06 07 08"

/* An association that has accepted, and the other end. */
static LWMsgAssoc *accepted(int *other, size_t packet_size)
{
    LWMsgAssoc *assoc;
    int fds[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    CHECK_EQ(lwmsg_connection_new(NULL, protocol, &assoc), 0);
    CHECK_EQ(lwmsg_assoc_get_state(assoc), LWMSG_ASSOC_STATE_NOT_ESTABLISHED);
    CHECK(lwmsg_assoc_get_protocol(assoc) == protocol);
    if (packet_size)
        CHECK_EQ(lwmsg_connection_set_packet_size(assoc, packet_size), 0);
    CHECK_EQ(lwmsg_connection_set_fd(assoc, LWMSG_CONNECTION_MODE_LOCAL, fds[0]), 0);
    say(fds[1], GREETING);
    CHECK_EQ(lwmsg_assoc_accept(assoc, NULL), 0);
    CHECK_EQ(lwmsg_assoc_get_state(assoc), LWMSG_ASSOC_STATE_IDLE);
    show("greeting", fds[1]);
    *other = fds[1];
    return assoc;
}

static void send_all(LWMsgAssoc *assoc, int other)
{
    Order with_text = { 42, 7, (char *)"hello" }, without = { -1, 0xffffffff, NULL };
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;

    message.tag = ORDER;
    message.cookie = 0x1234;
    message.data = &with_text;
    printf("send %u\n", lwmsg_assoc_send_message(assoc, &message));
    show("order", other);
    message.data = &without;
    message.flags = LWMSG_MESSAGE_FLAG_REPLY;
    message.status = LWMSG_STATUS_BUSY;
    printf("send %u\n", lwmsg_assoc_send_message(assoc, &message));
    show("order without text", other);
    message.tag = NOTHING;
    printf("send %u\n", lwmsg_assoc_send_message(assoc, &message));
    show("nothing", other);
    message.tag = LWMSG_TAG_INVALID;
    message.status = (LWMsgStatus)0xdeadbeef;
    printf("send %u\n", lwmsg_assoc_send_message(assoc, &message));
    show("no number", other);
    message.tag = 99;
    printf("send unknown %u\n", lwmsg_assoc_send_message(assoc, &message));
    message.tag = ORDER;
    message.data = NULL;
    printf("send NULL %u\n", lwmsg_assoc_send_message(assoc, &message));
    message.tag = USE;
    message.data = &(Ticket){ NULL, 1 };
    printf("send null handle %u\n", lwmsg_assoc_send_message(assoc, &message));
    show("nothing was sent", other);
    printf("state %u\n", lwmsg_assoc_get_state(assoc));
}

static void receive(LWMsgAssoc *assoc, const char *what)
{
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;
    LWMsgStatus status = lwmsg_assoc_recv_message(assoc, &message);

    printf("%s: %u", what, status);
    if (status == 0) {
        printf(" flags %u status %u cookie %u tag %d", message.flags, message.status, message.cookie, message.tag);
        if (message.tag == ORDER) {
            Order *order = message.data;
            printf(" {%d %u %s}", order->number, order->status, order->text ? order->text : "-");
        }
        if (message.tag == ECHO)
            printf(" {%u bytes}", ((Blob *)message.data)->length);
        printf(" destroy %u", lwmsg_assoc_destroy_message(assoc, &message));
        CHECK_EQ(message.tag, LWMSG_TAG_INVALID);
    }
    printf(" state %u\n", lwmsg_assoc_get_state(assoc));
}

static void receive_all(void)
{
    int other;
    LWMsgAssoc *assoc = accepted(&other, 0);
    LWMsgMessage message;

    say(other, "00 00 00 1d 01 03 00 00 00 00 00 12 34 00 01 00 00 00 2a 00 00 00 07 ff 00 00 00 01 68");
    receive(assoc, "order");
    say(other, "00 00 00 0f 01 03 04 00 00 00 18 12 34 00 00");
    receive(assoc, "nothing");
    say(other, "00 00 00 0f 01 03 00 00 00 00 00 12 34 ff ff");
    receive(assoc, "no number");
    /* In three fragments, the last of which is empty. */
    say(other, "00 00 00 13 01 01 00 00 00 00 00 00 05 00 01 00 00 00 2a 00 00 00 13 01 00 00 00 00 00 00 00 09 00 03 "
               "00 00 00 07 00 00 00 10 01 02 00 00 00 00 00 00 05 00 01 00");
    receive(assoc, "fragments");
    /* A boolean-like indicator may be anything but zero. */
    say(other, "00 00 00 1d 01 03 00 00 00 00 00 00 01 00 01 00 00 00 2a 00 00 00 07 01 00 00 00 01 69");
    receive(assoc, "indicator 1");
    /* A handle that nobody knows: delivered as a synthetic message. */
    say(other, "00 00 00 18 01 03 00 00 00 00 00 00 02 00 07 02 00 00 00 63 00 00 00 01");
    receive(assoc, "unknown handle");
    say(other, "00 00 00 14 01 03 00 00 00 00 00 00 02 00 07 00 00 00 00 01");
    receive(assoc, "null handle");
    say(other, "00 00 00 0a 05 03 00 00 00 12");
    receive(assoc, "reset");
    lwmsg_message_init(&message);
    printf("send after it %u\n", lwmsg_assoc_send_message(assoc, &message));
    printf("close %u state %u\n", lwmsg_assoc_close(assoc), lwmsg_assoc_get_state(assoc));
    lwmsg_assoc_delete(assoc);
    close(other);

    assoc = accepted(&other, 0);
    close(other);
    receive(assoc, "end");
    lwmsg_assoc_delete(assoc);
}

static void small_packets(void)
{
    int other;
    LWMsgAssoc *assoc = accepted(&other, 64);
    unsigned char bytes[107];
    Blob blob = { sizeof bytes, bytes };
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;

    memset(bytes, 'x', sizeof bytes);
    message.tag = ECHO;
    message.data = &blob;
    CHECK_EQ(lwmsg_assoc_send_message(assoc, &message), 0);
    show("cut", other);
    blob.length = 64 - 15 - 5;
    CHECK_EQ(lwmsg_assoc_send_message(assoc, &message), 0);
    show("just one packet", other);
    say(other, "00 00 00 41 01 03");
    /* The original keeps the slot of this receive, as BLOCKED_RECV. */
    CHECK_EQ(lwmsg_assoc_recv_message(assoc, &message), LWMSG_STATUS_MALFORMED);
    printf("set size %u\n", lwmsg_connection_set_packet_size(assoc, 100));
    lwmsg_assoc_delete(assoc);
    close(other);
}

static void endings(void)
{
    int other;
    LWMsgAssoc *assoc = accepted(&other, 0);
    LWMsgSession *session = NULL;

    CHECK_EQ(lwmsg_assoc_get_session(assoc, &session), 0);
    CHECK(session != NULL);
    printf("accept again %u\n", lwmsg_assoc_accept(assoc, NULL));
    printf("close %u state %u\n", lwmsg_assoc_close(assoc), lwmsg_assoc_get_state(assoc));
    show("closed", other);
    printf("session %u\n", lwmsg_assoc_get_session(assoc, &session));
    printf("close again %u state %u\n", lwmsg_assoc_close(assoc), lwmsg_assoc_get_state(assoc));
    lwmsg_assoc_delete(assoc);
    close(other);

    assoc = accepted(&other, 0);
    printf("reset %u state %u\n", lwmsg_assoc_reset(assoc), lwmsg_assoc_get_state(assoc));
    show("reset", other);
    printf("accept %u state %u\n", lwmsg_assoc_accept(assoc, NULL), lwmsg_assoc_get_state(assoc));
    lwmsg_assoc_delete(assoc);
    close(other);

    /* Without a word. */
    assoc = accepted(&other, 0);
    lwmsg_assoc_delete(assoc);
    show("deleted", other);
    close(other);
}

static void refusals(void)
{
    LWMsgAssoc *assoc;
    LWMsgTime negative = { -1, 0 }, second = { 1, 0 };
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;

    CHECK_EQ(lwmsg_connection_new(NULL, protocol, &assoc), 0);
    printf("connect without anything %u state %u\n", lwmsg_assoc_connect(assoc, NULL), lwmsg_assoc_get_state(assoc));
    lwmsg_assoc_delete(assoc);
    CHECK_EQ(lwmsg_connection_new(NULL, protocol, &assoc), 0);
    printf("close %u state %u\n", lwmsg_assoc_close(assoc), lwmsg_assoc_get_state(assoc));
    lwmsg_assoc_delete(assoc);
    CHECK_EQ(lwmsg_connection_new(NULL, protocol, &assoc), 0);
    printf("send %u", lwmsg_assoc_send_message(assoc, &message));
    printf(" state %u\n", lwmsg_assoc_get_state(assoc));
    lwmsg_assoc_delete(assoc);
    CHECK_EQ(lwmsg_connection_new(NULL, protocol, &assoc), 0);
    printf("fd %u\n", lwmsg_connection_set_fd(assoc, LWMSG_CONNECTION_MODE_LOCAL, -1));
    printf("endpoint %u", lwmsg_connection_set_endpoint(assoc, LWMSG_CONNECTION_MODE_LOCAL, "/nonexistent/socket"));
    printf(" %u", lwmsg_connection_set_endpoint(assoc, LWMSG_CONNECTION_MODE_LOCAL, "/nonexistent/socket"));
    printf(" %u\n", lwmsg_connection_set_fd(assoc, LWMSG_CONNECTION_MODE_LOCAL, 0));
    printf("timeouts %u", lwmsg_assoc_set_timeout(assoc, LWMSG_TIMEOUT_MESSAGE, &second));
    printf(" %u", lwmsg_assoc_set_timeout(assoc, LWMSG_TIMEOUT_MESSAGE, &negative));
    printf(" %u", lwmsg_assoc_set_timeout(assoc, LWMSG_TIMEOUT_IDLE, &second));
    printf(" %u\n", lwmsg_assoc_set_timeout(assoc, LWMSG_TIMEOUT_ESTABLISH, NULL));
    printf("connect %u", lwmsg_assoc_connect(assoc, NULL));
    printf(" state %u", lwmsg_assoc_get_state(assoc));
    printf(" again %u\n", lwmsg_assoc_connect(assoc, NULL));
    lwmsg_assoc_delete(assoc);
    CHECK_EQ(lwmsg_connection_new(NULL, protocol, &assoc), 0);
    CHECK_EQ(lwmsg_connection_set_endpoint(assoc, LWMSG_CONNECTION_MODE_PAIR, "/nonexistent/socket"), 0);
    printf("pair with an endpoint %u\n", lwmsg_assoc_connect(assoc, NULL));
    lwmsg_assoc_delete(assoc);
}

static void timeouts(void)
{
    int other;
    LWMsgAssoc *assoc = accepted(&other, 0);
    LWMsgTime limit = { 0, 30000 };

    CHECK_EQ(lwmsg_assoc_set_timeout(assoc, LWMSG_TIMEOUT_MESSAGE, &limit), 0);
    receive(assoc, "nothing comes");
    lwmsg_assoc_delete(assoc);
    close(other);
    assoc = accepted(&other, 0);
    CHECK_EQ(lwmsg_assoc_set_timeout(assoc, LWMSG_TIMEOUT_MESSAGE, &limit), 0);
    say(other, "00 00 00 1d 01 03 00 00");
    receive(assoc, "half a packet comes");
    lwmsg_assoc_delete(assoc);
    close(other);
    /* A message that the other end does not read. The end does not wait for it any more. */
    for (int way = 0; way < 2; way++) {
        static unsigned char bytes[4000000];
        Blob input = { sizeof bytes, bytes };
        LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;

        message.tag = ECHO;
        message.data = &input;
        assoc = accepted(&other, 0);
        CHECK_EQ(lwmsg_assoc_set_timeout(assoc, LWMSG_TIMEOUT_MESSAGE, &limit), 0);
        printf("nobody reads %u", lwmsg_assoc_send_message(assoc, &message));
        printf(" state %u", lwmsg_assoc_get_state(assoc));
        printf(" end %u", way ? lwmsg_assoc_reset(assoc) : lwmsg_assoc_close(assoc));
        printf(" state %u\n", lwmsg_assoc_get_state(assoc));
        lwmsg_assoc_delete(assoc);
        close(other);
    }
}

static void printing(void)
{
    int other;
    LWMsgAssoc *assoc = accepted(&other, 0);
    Order input = { 42, 7, (char *)"hello" };
    LWMsgMessage message = LWMSG_MESSAGE_INITIALIZER;
    char *text = NULL;

    message.tag = ORDER;
    message.data = &input;
    printf("print %u ", lwmsg_assoc_print_message_alloc(assoc, &message, &text));
    printf("%s\n", text);
    free(text);
    message.tag = 99;
    printf("print unknown %u", lwmsg_assoc_print_message_alloc(assoc, &message, &text));
    printf(" %s\n", text ? "text" : "NULL");
    printf("destroy unknown %u", lwmsg_assoc_destroy_message(assoc, &message));
    printf(" graph %u\n", lwmsg_assoc_free_graph(assoc, 99, NULL));
    lwmsg_assoc_delete(assoc);
    close(other);
}

int main(void)
{
    int other;
    LWMsgAssoc *assoc;

    CHECK_EQ(lwmsg_protocol_new(NULL, &protocol), 0);
    CHECK_EQ(lwmsg_protocol_add_protocol_spec(protocol, calls_protocol), 0);
    assoc = accepted(&other, 0);
    send_all(assoc, other);
    lwmsg_assoc_delete(assoc);
    close(other);
    receive_all();
    small_packets();
    endings();
    refusals();
    timeouts();
    printing();
    lwmsg_protocol_delete(protocol);
    (void)calls_dispatch, (void)back_dispatch, (void)handle_echo;
    return 0;
}
