"""libdill: the example programs with independent peers, over TCP and TLS."""

import concurrent.futures
import http.server
import os
import signal
import socket
import subprocess
import threading
import time

from support import Case, browse, echo, raw, run
from support.echo import check
from support.tls import Tunnel, certificate, client_context, server_context

EXAMPLES = "examples-c/libdill"


def build(prefix, name, *more):
    """An example, as a user would compile it."""
    sources = [f"{EXAMPLES}/{file}.c" for file in (name, *more)]
    return prefix.compile(name, sources, prefix.flags("libdill"))


def tls_server(prefix):
    """The echo server's command for TLS, and the context of those who connect to it."""
    pem, key = certificate(prefix.path.parent)
    return [str(build(prefix, "ws-echo-server")), "-t", str(pem), str(key)], client_context(pem)


def autobahn(prefix):
    """Server and client, each over TCP and over TLS; the suite itself speaks no TLS, so it gets a tunnel. Without the
    compression families: libdill has no extensions."""
    tunnels = []

    def tunnel(port, **contexts):
        tunnels.append(Tunnel(port, **contexts).__enter__())
        return tunnels[-1].port

    def tls_port():
        command, context = tls_server(prefix)
        return tunnel(prefix.serve(command), connect=context)

    program = str(build(prefix, "ws-client"))

    # How the connection ended is for the suite to judge.
    def client(port, path, *options):
        command = [program, *options, "-e", "127.0.0.1", str(port), path]
        done = subprocess.run(command, env=prefix.environment(), text=True, capture_output=True, timeout=120)
        return done.stdout

    fronts = {}

    def tls_client(port, path):
        if port not in fronts:
            fronts[port] = tunnel(port, accept=server_context(*certificate(prefix.path.parent)))
        # The suite wants to be called by its own port.
        return client(fronts[port], path, "-t", "-H", f"127.0.0.1:{port}")

    servers = [
        ("ws-echo-server", lambda: prefix.serve([str(build(prefix, "ws-echo-server"))])),
        ("ws-echo-server-tls", tls_port),
    ]
    return servers, [("ws-client", client), ("ws-client-tls", tls_client)], ["12.*", "13.*"]


def conversation(prefix, environment):
    """A few messages, for a trace."""
    port = prefix.serve([str(build(prefix, "ws-echo-server"))], environment)
    run([str(build(prefix, "ws-client")), "127.0.0.1", str(port), "/", "Hello", "from", "C"], env=environment)


def cases(prefix):
    ports = {}
    found = []
    pem, key = certificate(prefix.path.parent)
    trusting = client_context(pem)

    def port(server):
        if server not in ports:
            command = tls_server(prefix)[0] if server == "tls" else [str(build(prefix, server))]
            ports[server] = prefix.serve(command)
        return ports[server]

    def client(*arguments):
        return run([str(build(prefix, "ws-client")), *map(str, arguments)], env=prefix.environment())

    def c_client(server, *options):
        texts = ["Hello", "from", "C"]
        echo.check(client(*options, "127.0.0.1", port(server), "/", *texts).split() == texts, "texts came back changed")
        client(*options, "-n", 500, "-s", 125, "127.0.0.1", port(server), "/")
        client(*options, "-n", 2, "-s", 16 << 20, "-b", "127.0.0.1", port(server), "/")
        return 3 + 500 + 2

    def c_client_to_python(*options, fragment=False, tls=None):
        with echo.EchoServer(fragment, tls) as server:
            client(*options, "-n", 100, "-s", 125, "127.0.0.1", server.port, "/")
            client(*options, "-n", 1, "-s", 16 << 20, "-b", "127.0.0.1", server.port, "/")
            messages, codes = server.messages, server.codes
        check(codes == [1000] * 2, f"the server saw close codes {codes}")
        return messages

    def echoing_client(port):
        command = [str(build(prefix, "ws-client")), "-e", "127.0.0.1", str(port), "/"]
        return subprocess.Popen(
            command, env=prefix.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    found += [
        Case("greet-server", "by hand", lambda: greetings(prefix), demo=True),
        Case("workers", "channels and bundles", lambda: workers(prefix), demo=True),
        Case("checked-demo", "a protocol of its own", lambda: own_protocol(prefix), demo=True),
        Case("web-server", "curl", lambda: pages(port("web-server")), demo=True),
        Case("web-server", "Chromium, its page", lambda: page_in_browser(port("web-server")), demo=True),
    ]
    for server in ("ws-echo-server", "web-server"):
        url = lambda server=server: f"ws://127.0.0.1:{port(server)}/"
        found += [
            Case(server, "ws-client (C)", lambda server=server: c_client(server), demo=True),
            Case(server, "Python websockets", lambda url=url: echo.talk_to_server(url()), demo=True),
            Case(server, "200 Python clients", lambda url=url: echo.crowd(url())),
            Case(server, "handshakes by hand", lambda server=server: raw.handshakes(port(server))),
            Case(server, "Chromium", lambda server=server: echo.browser_talks_to_server(port(server)), demo=True),
        ]
    secure = lambda: f"wss://127.0.0.1:{port('tls')}/"
    found += [
        Case("ws-echo-server", "reads nothing", lambda: raw.stalled_reader(port("ws-echo-server"))),
        Case("ws-echo-server, TLS", "ws-client (C)", lambda: c_client("tls", "-t"), demo=True),
        Case("ws-echo-server, TLS", "Python websockets", lambda: echo.talk_to_server(secure(), trusting), demo=True),
        Case("ws-echo-server, TLS", "100 Python clients", lambda: echo.crowd(secure(), 100, tls=trusting)),
        Case("ws-echo-server, TLS", "openssl s_client", lambda: openssl_client(port("tls")), demo=True),
        Case("ws-client (C)", "Python server", c_client_to_python, demo=True),
        Case("ws-client (C)", "Python server, fragments", lambda: c_client_to_python(fragment=True)),
        Case("ws-client (C)", "refused handshakes", lambda: raw.client_refuses(echoing_client)),
        Case(
            "ws-client (C), TLS", "Python server", lambda: c_client_to_python("-t", tls=server_context(pem, key)), demo=True
        ),
        Case("tls-client", "openssl s_server", lambda: openssl_server(prefix), demo=True),
        Case("tls-client", "Python, certificates", lambda: certificates(prefix), demo=True),
    ]
    return found


def line(peer):
    data = b""
    while not data.endswith(b"\r\n"):
        some = peer.recv(1)
        check(some, f"the connection ended after {data!r}")
        data += some
    return data[:-2].decode()


def greetings(prefix):
    """Conversations at once, one by one byte, one that breaks off; and a server that stops in order."""
    command = [str(build(prefix, "greet-server"))]
    port = prefix.serve(command)
    server = prefix.servers[-1]

    def greet(name, slowly=False):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as peer:
            check(line(peer) == "What is your name?", "the server asks something else")
            sent = f"{name}\r\n".encode()
            for part in [sent[i : i + 1] for i in range(len(sent))] if slowly else [sent]:
                peer.sendall(part)
            check(line(peer) == f"Hello, {name}!", "the server greets somebody else")
            check(peer.recv(1) == b"", "the server says more")
        return 3

    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        count = sum(pool.map(greet, [f"number {i}" for i in range(100)]))
    count += greet("slow one", slowly=True)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as peer:
        peer.sendall(b"x" * 5000)
        line(peer)
        try:
            check(peer.recv(1) == b"", "a name without an end was taken")
        except ConnectionResetError:
            pass
    with socket.create_connection(("127.0.0.1", port), timeout=20) as peer:
        line(peer)
        os.kill(server.pid, signal.SIGTERM)
        check(server.wait(20) == 0, f"the server ended with {server.returncode}")
    return count


def workers(prefix):
    said = run([str(build(prefix, "workers")), "3000", "7"], env=prefix.environment())
    wanted = "3000 numbers, 7 workers: the longest sequence is that of 2919, with 216 steps\n"
    check(said == wanted, said)
    return 3000


def own_protocol(prefix):
    said = run([str(build(prefix, "checked-demo", "checked"))], env=prefix.environment())
    check('"three" came back as "three"\n' in said and "this message is damaged\n" in said, said)
    return said.count("came back")


def pages(port):
    url = f"http://127.0.0.1:{port}"
    fetch = ["curl", "--silent", "--show-error", "--max-time", "20"]
    check("<!doctype html>" in run([*fetch, "--fail", f"{url}/"]), "another page")
    for arguments, status in (
        (["/"], 200),
        (["/?"], 404),
        (["/nothing"], 404),
        (["/", "--request", "DELETE"], 405),
        (["/", "--header", f"Cookie: {'x' * 7000}"], 200),
        (["/", "--http1.0"], 200),
        (["/", "--header", "Upgrade: websocket", "--header", "Sec-WebSocket-Key: too short"], 400),
    ):
        path, *options = arguments
        said = run([*fetch, "--output", os.devnull, "--write-out", "%{http_code}", *options, f"{url}{path}"])
        check(said == str(status), f"{arguments} was answered with {said}")
    return 8


TYPIST = """<!doctype html><iframe id=page src="http://127.0.0.1:PORT/"></iframe><script>
// A page of another origin cannot be typed into from here: once it is loaded, this one says what a typist would.
const report = result => fetch("/result", {method: "POST", body: JSON.stringify(result)});
document.getElementById("page").onload = () => {
    const socket = new WebSocket("ws://127.0.0.1:PORT/echo");
    const said = [];
    socket.onmessage = event => { said.push(event.data); if (said.length == 3) socket.close(); };
    socket.onopen = () => ["a", "ab", "abc"].forEach(text => socket.send(text));
    socket.onclose = event => report({said, clean: event.wasClean});
};
</script>"""


def page_in_browser(port):
    """Chromium loads the page, and talks as its script does."""
    result = browse(TYPIST.replace("PORT", str(port)))
    check(result == {"said": ["a", "ab", "abc"], "clean": True}, f"the browser saw {result}")
    return 4


def openssl_client(port):
    """A WebSocket conversation typed into openssl s_client, for each version of TLS."""
    for version in ("-tls1_2", "-tls1_3"):
        peer = subprocess.Popen(
            ["openssl", "s_client", "-quiet", "-ign_eof", version, "-connect", f"127.0.0.1:{port}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            peer.stdin.write(raw.request() + raw.HELLO + b"\x88\x82\0\0\0\0\x03\xe8")
            peer.stdin.flush()
            said = peer.communicate(timeout=30)[0]
        finally:
            peer.kill()
            peer.wait()
        check(said.startswith(b"HTTP/1.1 101 ") and raw.ACCEPT.encode() in said, f"{version}: {said!r}")
        check(said.endswith(raw.HELLO_BACK + b"\x88\x02\x03\xe8"), f"{version}: {said!r}")
    return 4


def openssl_server(prefix):
    """Pages of openssl s_server: made by it, and of files."""
    pem, key = certificate(prefix.path.parent)
    folder = prefix.path.parent / "pages"
    folder.mkdir(exist_ok=True)
    (folder / "page.html").write_text("<p>" + "of a file\n" * 1000)
    count = 0
    for mode, path, wanted in (("-www", "/", "Ciphers supported"), ("-WWW", "/page.html", "of a file\n" * 1000)):
        for version in ("-tls1_2", "-tls1_3"):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            server = subprocess.Popen(
                ["openssl", "s_server", mode, version, "-accept", f"127.0.0.1:{port}", "-cert", str(pem), "-key", str(key)],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                for _ in range(100):
                    with socket.socket() as probe:
                        if probe.connect_ex(("127.0.0.1", port)) == 0:
                            break
                    time.sleep(0.05)
                command = [str(build(prefix, "tls-client")), "127.0.0.1", str(port), path]
                check(wanted in run(command, env=prefix.environment()), f"{mode} {version}: another page")
            finally:
                server.kill()
                server.wait()
            count += 1
    return count


def certificates(prefix):
    """Whom the client accepts: everybody, unless it is told whom to trust and whom to expect."""
    pem, key = certificate(prefix.path.parent)
    other, _ = certificate(prefix.path.parent, "elsewhere.example")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_):
            """A client that goes is what is asked for."""

    web = Server(("127.0.0.1", 0), Handler)
    web.socket = server_context(pem, key).wrap_socket(web.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    command = [str(build(prefix, "tls-client")), "127.0.0.1", str(web.server_port)]
    trusted = {"RELINK_TLS_TRUST": str(pem)}
    try:
        for more, accepted in (
            ({}, True),
            ({**trusted, "RELINK_TLS_NAME": "127.0.0.1"}, True),
            ({**trusted, "RELINK_TLS_NAME": "elsewhere.example"}, False),
            ({"RELINK_TLS_TRUST": str(other), "RELINK_TLS_NAME": "127.0.0.1"}, False),
        ):
            done = subprocess.run(
                command, env={**prefix.environment(), **more}, text=True, capture_output=True, timeout=60
            )
            right = (done.returncode, done.stdout) == ((0, "hello") if accepted else (1, ""))
            check(right, f"{more}: {done.returncode}: {done.stdout}{done.stderr}")
    finally:
        web.shutdown()
        web.server_close()
    return 4
