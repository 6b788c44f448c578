"""libwebsockets: the example programs with independent peers, over TLS as well, and with compression."""

import asyncio
import os
import socket
import ssl
import subprocess
import tempfile
from pathlib import Path

from support import Case, browse, echo, raw, run, websockets

EXAMPLES = "examples-c/libwebsockets"
ROOT = Path(__file__).resolve().parent.parent.parent
# The letter of RFC 6455: by itself the library lets pass what programs of its time rely on.
STRICT = {"RELINK_LWS_STRICT": "1"}


def build(prefix, name):
    """An example, as a user would compile it."""
    sources = [f"{EXAMPLES}/{name}.c", f"{EXAMPLES}/example.c"]
    if name.startswith("server"):
        sources.append(f"{EXAMPLES}/demo.c")
    return prefix.compile(name, sources, prefix.flags("libwebsockets"))


def strict(prefix):
    return dict(prefix.environment(), **STRICT)


def autobahn(prefix):
    """The echo server and client, compression included."""

    def client(port, path):
        return run([str(build(prefix, "echo-client")), "-e", "127.0.0.1", str(port), path], env=strict(prefix))

    def server():
        return prefix.serve([str(build(prefix, "echo-server"))], environment=strict(prefix))

    return [("echo-server", server)], [("echo-client", client)], []


def conversation(prefix, environment):
    """A few messages, for a trace."""
    port = prefix.serve([str(build(prefix, "echo-server"))], environment)
    client = str(build(prefix, "echo-client"))
    run([client, "127.0.0.1", str(port), "/", "Hello", "from", "C"], env=environment)
    run([client, "-n", "3", "-s", "3000", "-f", "127.0.0.1", str(port), "/"], env=environment)


async def _compressed(url, context=None):
    """Messages that are compressed both ways, under every agreement that Python's websockets can offer."""
    module = websockets()
    from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

    count = 0
    for offer in (
        {},
        {"client_max_window_bits": True},
        {"server_no_context_takeover": True, "client_no_context_takeover": True},
        {"server_max_window_bits": 9, "client_max_window_bits": 9},
    ):
        options = {"ssl": context} if context else {}
        async with module.connect(
            url, compression=None, extensions=[ClientPerMessageDeflateFactory(**offer)], max_size=None, **options
        ) as peer:
            names = [extension.name for extension in peer.extensions]
            echo.check(names == ["permessage-deflate"], f"{offer}: agreed to {names}")
            for message in ["Hello", "", "Hello", b"\0" * 1000000, os.urandom(200000), "x" * 70000, ["in ", "", "pieces"]]:
                await peer.send(message)
                expected = "".join(message) if isinstance(message, list) else message
                echo.check(await peer.recv() == expected, f"{offer}: a message came back changed")
                count += 1
    return count


def compressed(url, context=None):
    return asyncio.run(asyncio.wait_for(_compressed(url, context), 60))


async def _demo(url):
    """The counter counts, and the mirror shows to all what one sends."""
    module = websockets()
    async with module.connect(url, subprotocols=["dumb-increment-protocol"]) as counter:
        numbers = [int(await counter.recv()) for _ in range(10)]
        echo.check(numbers == list(range(numbers[0], numbers[0] + 10)), f"counted {numbers}")
        await counter.send("reset")
        while int(await counter.recv()) != 0:
            pass
    async with module.connect(url, subprotocols=["lws-mirror-protocol"]) as first:
        async with module.connect(url, subprotocols=["nothing", "lws-mirror-protocol"]) as second:
            for i in range(500):
                await (first, second)[i % 2].send(f"line {i}")
                if i % 50 == 49:
                    for peer in (first, second):
                        got = sorted([await peer.recv() for _ in range(50)])
                        echo.check(got == sorted(f"line {n}" for n in range(i - 49, i + 1)), f"mirrored {got}")
    return 10 + 1000


def demo(port):
    return asyncio.run(asyncio.wait_for(_demo(f"ws://127.0.0.1:{port}/"), 60))


DRIVE = """<script>
const wait = async what => { while (!what()) await new Promise(done => setTimeout(done, 20)); };
(async () => {
  await wait(() => seen.numbers.length > 15 && mirror.readyState === 1);
  const before = seen.numbers.slice();
  document.getElementById("reset").click();
  await wait(() => seen.numbers.at(-1) < before.at(-1));
  const box = board.getBoundingClientRect();
  const touch = (kind, x, y) => board.dispatchEvent(new PointerEvent(kind,
    {clientX: box.left + x, clientY: box.top + y, pointerId: 1, bubbles: true}));
  board.setPointerCapture = () => {};
  touch("pointerdown", 10, 10);
  for (let i = 1; i <= 20; i++) touch("pointermove", 10 + 5 * i, 10 + 3 * i);
  touch("pointerup", 110, 70);
  await wait(() => seen.mirrored.length >= 20);
  const drawn = pen.getImageData(0, 0, board.width, board.height).data.some(value => value > 0);
  await fetch("RESULT", {method: "POST", mode: "no-cors", body: JSON.stringify({
    before, after: seen.numbers.at(-1), mirrored: seen.mirrored.length, drawn, extensions: seen.extensions})});
})();
</script>"""


def page(prefix, program, scheme="http", arguments=()):
    """The example's own page in Chromium: its counter counts and can be reset, and what is drawn comes back."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"

        def elsewhere(result):
            path.write_text((ROOT / EXAMPLES / "page.html").read_text() + DRIVE.replace("RESULT", result))
            port = prefix.serve([str(build(prefix, program)), "-r", str(path), *arguments])
            return f"{scheme}://127.0.0.1:{port}/"

        seen = browse(elsewhere=elsewhere)
    first = seen["before"][0]
    echo.check(seen["before"] == list(range(first, first + len(seen["before"]))), f"counted {seen['before']}")
    echo.check(seen["after"] < seen["before"][-1], "the counter was not reset")
    echo.check(seen["mirrored"] >= 20 and seen["drawn"], f"{seen['mirrored']} lines were mirrored")
    echo.check(seen["extensions"] == "permessage-deflate", f"agreed to {seen['extensions']!r}")
    return len(seen["before"]) + seen["mirrored"]


def certificate(folder):
    """A self-signed one for this machine."""
    chain, key = f"{folder}/chain.pem", f"{folder}/key.pem"
    run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", chain,
        ]
    )  # fmt: skip
    return ["-c", chain, "-k", key]


def s_client(prefix):
    """OpenSSL's own client gets the page, over the versions of TLS that it speaks."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = certificate(folder)
        port = prefix.serve([str(build(prefix, "server")), "-r", str(ROOT / EXAMPLES / "page.html"), *arguments])
        wanted = (ROOT / EXAMPLES / "page.html").read_text()
        for version in ("-tls1_2", "-tls1_3"):
            command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost", "-quiet"]
            command += [version, "-verify_return_error", "-CAfile", arguments[1]]
            client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            try:
                client.stdin.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                client.stdin.flush()
                got = b""
                while len(got.partition(b"\r\n\r\n")[2]) < len(wanted.encode()):
                    some = client.stdout.read1(65536)
                    echo.check(some, f"{version}: the connection ended after {got!r}")
                    got += some
            finally:
                client.kill()
                client.wait()
            head, _, body = got.partition(b"\r\n\r\n")
            echo.check(head.startswith(b"HTTP/1.0 200 OK") and body.decode() == wanted, f"{version}: got {head!r}")
    return 2


def secure(prefix):
    """Python over TLS: the demonstration's protocols, and certificates that it refuses."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = certificate(folder)
        port = prefix.serve([str(build(prefix, "server")), *arguments])
        context = ssl.create_default_context(cafile=arguments[1])

        async def talk():
            module = websockets()
            url = f"wss://localhost:{port}/"
            async with module.connect(url, ssl=context, subprotocols=["lws-mirror-protocol"], max_size=None) as peer:
                for size in (1, 4096, 100):
                    await peer.send("x" * size)
                    echo.check(await peer.recv() == "x" * size, f"{size} bytes came back changed")
            try:
                async with module.connect(url, ssl=ssl.create_default_context()):
                    raise AssertionError("a certificate that nobody trusts was taken")
            except ssl.SSLError:
                pass

        asyncio.run(asyncio.wait_for(talk(), 30))
        pinged = run([str(build(prefix, "ping")), "-t", "-i", "10", "127.0.0.1", str(port)], env=prefix.environment())
        echo.check("4 sent, 4 answered" in pinged, pinged)
    return 7


def kept_open(prefix):
    """One connection, many requests, some of them at once; and what nobody should send."""
    wanted = (ROOT / EXAMPLES / "page.html").read_bytes()
    port = prefix.serve([str(build(prefix, "server")), "-r", str(ROOT / EXAMPLES / "page.html")])
    with raw.connect(port) as peer:
        for together in (1, 1, 3):
            peer.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n" * together)
            for _ in range(together):
                head = raw.read_header(peer)
                echo.check(head.startswith(b"HTTP/1.0 200 OK"), head)
                echo.check(raw.read_exactly(peer, len(wanted)) == wanted, "the page came changed")
    hostile = [
        b"\0" * 100000, b"GET / HTTP/1.1\r\n" * 5000, b"GET " + b"/" * 100000, b"G" * 10, b"\x16\x03\x01\x02\0\x01\0\x01",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /b HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"Sec-WebSocket-Extensions: deflate-frame\r\n" * 60 + b"\r\n",
        raw.request([*raw.FIELDS, "Sec-WebSocket-Extensions: " + "deflate-frame, " * 12 + "x"]) + b"\xc1\xff" + b"\x7f" * 100,
        raw.request() + b"\x81\x80\0\0\0\0" * 1000 + b"\x88\x00", raw.request()[:-1],
    ]  # fmt: skip
    for sent in hostile:
        with raw.connect(port) as peer:
            try:
                peer.sendall(sent)
                peer.shutdown(socket.SHUT_WR)
                while peer.recv(65536):
                    pass
            except OSError:
                pass
    return 5 + demo(port)


def conversation(prefix, environment):
    """A few messages, for a trace."""
    port = prefix.serve([str(build(prefix, "echo-server"))], environment)
    run([str(build(prefix, "echo-client")), "127.0.0.1", str(port), "/", "Hello", "from", "C"], env=environment)


def cases(prefix):
    ports = {}

    def port(server, *arguments, environment=None):
        if server not in ports:
            ports[server] = prefix.serve([str(build(prefix, server)), *arguments], environment=environment)
        return ports[server]

    def echo_port():
        return port("echo-server", environment=strict(prefix))

    def client(*arguments, environment=None):
        command = [str(build(prefix, "echo-client")), *map(str, arguments)]
        return run(command, env=environment or prefix.environment())

    def c_client(server_port):
        texts = ["Hello", "from", "C"]
        echo.check(client("127.0.0.1", server_port, "/", *texts).split() == texts, "texts came back changed")
        client("-n", 500, "-s", 125, "127.0.0.1", server_port, "/")
        client("-n", 2, "-s", 16 << 20, "-b", "127.0.0.1", server_port, "/")
        client("-n", 20, "-s", 100000, "-f", "127.0.0.1", server_port, "/")
        return 3 + 500 + 2 + 20

    def c_client_to_python(fragment):
        # Python ends a fragmented message with an empty frame, which is told of only to those who ask for it.
        options = {"environment": strict(prefix)} if fragment else {}
        with echo.EchoServer(fragment) as server:
            client("-n", 100, "-s", 125, "127.0.0.1", server.port, "/", **options)
            client("-n", 1, "-s", 16 << 20, "-b", "127.0.0.1", server.port, "/", **options)
            client("-n", 5, "-s", 70000, "-f", "127.0.0.1", server.port, "/", **options)
            messages, codes = server.messages, server.codes
        echo.check(codes == [1000] * 3, f"the server saw close codes {codes}")
        return messages

    def echoing_client(server_port):
        command = [str(build(prefix, "echo-client")), "-e", "127.0.0.1", str(server_port), "/"]
        return subprocess.Popen(command, env=strict(prefix), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def fragments():
        said = client_of("fragments", "-c", "-n", "50", "127.0.0.1", str(port("fragments")))
        echo.check(said.startswith("50 messages"), said)
        return 50

    def client_of(program, *arguments):
        return run([str(build(prefix, program)), *arguments], env=prefix.environment())

    def ping():
        said = client_of("ping", "-c", "20", "-i", "5", "127.0.0.1", str(echo_port()))
        echo.check("20 sent, 20 answered" in said, said)
        return 20

    def few_descriptors():
        """Clients beyond the limit wait for those inside to leave, none is lost."""
        server = str(build(prefix, "echo-server"))
        full = prefix.serve(["sh", "-c", 'ulimit -n 24 && exec "$0"', server], environment=strict(prefix))
        return echo.crowd(f"ws://127.0.0.1:{full}/", clients=60, at_once=10)

    def chromium_echo():
        return echo.browser_talks_to_server(echo_port())

    url = lambda: f"ws://127.0.0.1:{echo_port()}/"
    return [
        Case("echo-server", "echo-client (C)", lambda: c_client(echo_port()), demo=True),
        Case("echo-server", "Python websockets", lambda: echo.talk_to_server(url()), demo=True),
        Case("echo-server", "Python, compressed", lambda: compressed(url()), demo=True),
        Case("echo-server", "Python, close codes", lambda: echo.close_codes(url())),
        Case("echo-server", "200 Python clients", lambda: echo.crowd(url()), demo=True),
        Case("echo-server", "handshakes by hand", lambda: raw.handshakes(echo_port())),
        Case("echo-server", "close before end of input", lambda: raw.last_words(echo_port())),
        Case("echo-server", "Chromium", chromium_echo, demo=True),
        Case("echo-server", "reads nothing", lambda: raw.stalled_reader(echo_port())),
        Case("echo-server, 24 descriptors", "60 Python clients", few_descriptors),
        Case("echo-client (C)", "server by hand", lambda: raw.client_answers(echoing_client)),
        Case("echo-client (C)", "refused handshakes", lambda: raw.client_refuses(echoing_client)),
        Case("echo-client (C)", "Python server", lambda: c_client_to_python(False), demo=True),
        Case("echo-client (C)", "Python server, fragments", lambda: c_client_to_python(True)),
        Case("fragments", "fragments -c", fragments, demo=True),
        Case("echo-server", "ping", ping, demo=True),
        Case("server", "Python: counter, mirror", lambda: demo(port("server")), demo=True),
        Case("server-poll", "Python: counter, mirror", lambda: demo(port("server-poll"))),
        Case("server", "its page in Chromium", lambda: page(prefix, "server"), demo=True),
        Case("server-poll", "its page in Chromium", lambda: page(prefix, "server-poll"), demo=True),
        Case("server", "its page in Chromium, https", lambda: secure_page(prefix), demo=True),
        Case("server", "openssl s_client", lambda: s_client(prefix), demo=True),
        Case("server", "Python over TLS, ping -t", lambda: secure(prefix)),
        Case("server", "one connection, many requests", lambda: kept_open(prefix)),
    ]


def secure_page(prefix):
    with tempfile.TemporaryDirectory() as folder:
        return page(prefix, "server", "https", certificate(folder))
