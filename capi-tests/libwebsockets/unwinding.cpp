// Exceptions of C++ leave callbacks through the library, and the context can be used on.
// harness: ours-only the original was not made for it
#include <libwebsockets.h>

#include "check.h"
#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace {

struct Thrown {
    std::string what;
};

int established, closed, received, requests, destroyed;
bool throwing;

// Has a destructor that has to run.
struct Counted {
    static int alive;
    Counted() { alive++; }
    ~Counted() { alive--; }
};

int Counted::alive;

int on_event(libwebsocket_context *, libwebsocket *, libwebsocket_callback_reasons reason, void *, void *in, size_t len)
{
    Counted counted;

    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        established++;
        break;
    case LWS_CALLBACK_RECEIVE:
        received++;
        if (throwing)
            throw Thrown{ std::string(static_cast<char *>(in), len) };
        break;
    case LWS_CALLBACK_HTTP:
        requests++;
        if (throwing)
            throw Thrown{ static_cast<char *>(in) };
        break;
    case LWS_CALLBACK_CLOSED:
        closed++;
        break;
    case LWS_CALLBACK_PROTOCOL_DESTROY:
        destroyed++;
        break;
    default:
        break;
    }
    return 0;
}

int free_port()
{
    sockaddr_in address = {};
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof(address)) == 0);
    CHECK(getsockname(fd, reinterpret_cast<sockaddr *>(&address), &length) == 0);
    close(fd);
    return ntohs(address.sin_port);
}

int connected(int port, const std::string &text)
{
    sockaddr_in address = {};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(fd, reinterpret_cast<sockaddr *>(&address), sizeof(address)) == 0);
    CHECK(send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
    return fd;
}

// What is thrown while the context is served, or "".
std::string serve(libwebsocket_context *context)
{
    try {
        for (int i = 0; i < 12; i++)
            libwebsocket_service(context, 2);
    } catch (const Thrown &thrown) {
        return thrown.what;
    }
    return "";
}

} // namespace

int main()
{
    static libwebsocket_protocols protocols[] = {
        { "unwinding", on_event, 8, 0, nullptr, 0 },
        { nullptr, nullptr, 0, 0, nullptr, 0 },
    };
    lws_context_creation_info info;
    const std::string upgrade = "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

    lws_set_log_level(0, nullptr);
    memset(&info, 0, sizeof(info));
    info.port = free_port();
    info.protocols = protocols;
    info.gid = info.uid = -1;
    libwebsocket_context *context = libwebsocket_create_context(&info);
    CHECK(context);

    int first = connected(info.port, upgrade), second = connected(info.port, upgrade);
    CHECK(serve(context).empty());
    CHECK_EQ(established, 2);

    throwing = true;
    CHECK(send(first, "\x81\x83\0\0\0\0one", 9, 0) == 9);
    CHECK(serve(context) == "one");
    throwing = false;
    CHECK(serve(context).empty());
    CHECK_EQ(Counted::alive, 0);

    // Others notice nothing, and the connection itself goes on or ends, but does not linger.
    CHECK(send(second, "\x81\x83\0\0\0\0two", 9, 0) == 9);
    CHECK(serve(context).empty());
    CHECK_EQ(received, 2);

    throwing = true;
    int third = connected(info.port, "GET /page HTTP/1.1\r\n\r\n");
    CHECK(serve(context) == "/page");
    throwing = false;
    close(third);
    close(first);
    CHECK(serve(context).empty());
    CHECK_EQ(closed, 1);
    close(second);
    CHECK(serve(context).empty());
    CHECK_EQ(closed, 2);
    libwebsocket_context_destroy(context);
    CHECK_EQ(destroyed, 1);
    CHECK_EQ(Counted::alive, 0);
    return 0;
}
