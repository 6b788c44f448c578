"""wslay: the example programs with independent peers, and Debian's own programs on our library."""

import subprocess
from pathlib import Path

from support import Case, Skip, echo, raw, run

EXAMPLES = "examples-c/wslay"


def build(prefix, name):
    """An example, as a user would compile it."""
    return prefix.compile(name, [f"{EXAMPLES}/{name}.c", f"{EXAMPLES}/handshake.c"], prefix.flags("libwslay"))


def autobahn(prefix):
    """Both servers and the client, without the compression families, which they do not implement."""

    def client(port, path):
        return run([str(build_client), "-e", "127.0.0.1", str(port), path], env=prefix.environment())

    build_client = build(prefix, "client")
    servers = [
        (name, lambda name=name: prefix.serve([str(build(prefix, name))]))
        for name in ("fork-echo-server", "epoll-echo-server")
    ]
    return servers, [("client", client)], ["12.*", "13.*"]


def conversation(prefix, environment):
    """A few messages, for a trace."""
    port = prefix.serve([str(build(prefix, "epoll-echo-server"))], environment)
    client = str(build(prefix, "client"))
    run([client, "127.0.0.1", str(port), "/", "Hello", "from", "C"], env=environment)
    run([client, "-n", "3", "-s", "100000", "-f", "127.0.0.1", str(port), "/"], env=environment)


def cases(prefix):
    ports = {}
    found = []

    def port(server):
        if server not in ports:
            ports[server] = prefix.serve([str(build(prefix, server))])
        return ports[server]

    def client(*arguments):
        return run([str(build(prefix, "client")), *map(str, arguments)], env=prefix.environment())

    def c_client(server):
        texts = ["Hello", "from", "C"]
        echo.check(client("127.0.0.1", port(server), "/", *texts).split() == texts, "texts came back changed")
        client("-n", 500, "-s", 125, "127.0.0.1", port(server), "/")
        client("-n", 2, "-s", 16 << 20, "-b", "127.0.0.1", port(server), "/")
        client("-n", 20, "-s", 100000, "-f", "127.0.0.1", port(server), "/")
        return 3 + 500 + 2 + 20

    def echoing_client(port):
        command = [str(build(prefix, "client")), "-e", "127.0.0.1", str(port), "/"]
        return subprocess.Popen(
            command, env=prefix.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def few_descriptors():
        """Clients beyond the limit wait for those inside to leave, none is lost."""
        server = str(build(prefix, "epoll-echo-server"))
        full = prefix.serve(["sh", "-c", 'ulimit -n 24 && exec "$0"', server])
        return echo.crowd(f"ws://127.0.0.1:{full}/", clients=60, at_once=15)

    def c_client_to_python(fragment):
        with echo.EchoServer(fragment) as server:
            client("-n", 100, "-s", 125, "127.0.0.1", server.port, "/")
            client("-n", 1, "-s", 16 << 20, "-b", "127.0.0.1", server.port, "/")
            client("-n", 5, "-s", 70000, "-f", "127.0.0.1", server.port, "/")
            messages, codes = server.messages, server.codes
        echo.check(codes == [1000] * 3, f"the server saw close codes {codes}")
        return messages

    for server in ("fork-echo-server", "epoll-echo-server"):
        url = lambda server=server: f"ws://127.0.0.1:{port(server)}/"
        found += [
            Case(server, "client (C)", lambda server=server: c_client(server), demo=True),
            Case(server, "Python websockets", lambda url=url: echo.talk_to_server(url()), demo=True),
            Case(server, "Python, close codes", lambda url=url: echo.close_codes(url())),
            Case(server, "200 Python clients", lambda url=url: echo.crowd(url()), demo=True),
            Case(server, "handshakes by hand", lambda server=server: raw.handshakes(port(server))),
            Case(server, "close before end of input", lambda server=server: raw.last_words(port(server))),
            Case(server, "Chromium", lambda server=server: echo.browser_talks_to_server(port(server)), demo=True),
        ]
    found += [
        Case("epoll-echo-server", "reads nothing", lambda: raw.stalled_reader(port("epoll-echo-server"))),
        Case("epoll-echo-server, 24 descriptors", "60 Python clients", few_descriptors),
        Case("client (C)", "server by hand", lambda: raw.client_answers(echoing_client)),
        Case("client (C)", "refused handshakes", lambda: raw.client_refuses(echoing_client)),
        Case("client (C)", "Python server", lambda: c_client_to_python(False), demo=True),
        Case("client (C)", "Python server, fragments", lambda: c_client_to_python(True)),
        Case("Debian's libh2o", "Python websockets", lambda: h2o(prefix), demo=True),
        Case(
            "epoll-echo-server, Debian's build", "client (C)", lambda: compiled_elsewhere(prefix, client), demo=True
        ),
    ]
    return found


def h2o(prefix):
    """Debian's libh2o, unchanged, serves WebSocket over our libwslay.so.1."""
    if not Path("/usr/include/h2o/websocket.h").exists():
        raise Skip("Debian's libh2o-dev is not installed")
    flags = ["-Wno-unused-parameter", *run(["pkg-config", "--cflags", "--libs", "libh2o"]).split(), "-lwslay", "-luv"]
    port = prefix.serve([str(prefix.compile("h2o-echo-server", ["interop/wslay/h2o-echo-server.c"], flags))])
    return echo.talk_to_server(f"ws://127.0.0.1:{port}/")


def compiled_elsewhere(prefix, client):
    """A program built with Debian's header and library runs on ours when ours is found first."""
    if not Path("/usr/include/wslay/wslay.h").exists():
        raise Skip("Debian's libwslay-dev is not installed")
    sources = [f"{EXAMPLES}/epoll-echo-server.c", f"{EXAMPLES}/handshake.c"]
    binary = prefix.compile("debian-echo-server", sources, ["-lwslay"])
    port = prefix.serve([str(binary)])
    client("-n", 200, "-s", 1000, "127.0.0.1", port, "/")
    return 200
