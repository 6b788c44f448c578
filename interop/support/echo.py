"""WebSocket peers for echo servers and clients, by the Python package `websockets`; raw.py has unruly ones."""

import asyncio
import threading

from . import browse, websockets

LARGE = 16 << 20
PIECE = 256 << 10


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def talk_to_server(url, tls=None):
    """A client that sends every kind of message to an echo server; returns how many came back. `tls` is the context
    for a wss: URL."""
    return asyncio.run(asyncio.wait_for(_talk(url, tls), 60))


async def _talk(url, tls):
    module = websockets()
    count = 0
    async with module.connect(url, max_size=2 * LARGE, compression=None, ping_interval=None, ssl=tls) as peer:
        for message in ["", "Hello", "κόσμε 𐍈", b"", b"\0\xff" * 40, "x" * 125, "x" * 126, b"y" * 65535, b"y" * 65536]:
            await peer.send(message)
            check(await peer.recv() == message, f"{len(message)} units came back changed")
            count += 1
        large = bytes(range(256)) * (LARGE // 256)
        await peer.send(large)
        check(await peer.recv() == large, "16 MiB came back changed")
        await peer.send(["frag", "men", "", "ted"])
        check(await peer.recv() == "fragmented", "a fragmented message came back changed")

        async def pieces():
            for at in range(0, LARGE, PIECE):
                yield large[at : at + PIECE]
                if at % (PIECE * 16) == 0:
                    pongs.append(await peer.ping(b"%d" % at))

        pongs = [await peer.ping(b"are you there")]
        await peer.send(pieces())
        check(await peer.recv() == large, "16 MiB in fragments came back changed")
        await asyncio.wait_for(asyncio.gather(*pongs), 10)
        for i in range(200):
            await peer.send(f"message {i}")
        for i in range(200):
            check(await peer.recv() == f"message {i}", "messages came back out of order")
        count += 203
        await peer.close(4999, "bye")
        check((peer.close_code, peer.close_reason) == (4999, "bye"), f"closed with {peer.close_code}")
    return count


def crowd(url, clients=200, at_once=None, tls=None):
    """Many clients, of whom `at_once` (all, if not said) are let in at a time; returns the messages exchanged."""
    return asyncio.run(asyncio.wait_for(_crowd(url, clients, at_once or clients, tls), 60))


async def _crowd(url, clients, at_once, tls):
    module = websockets()
    inside, together = 0, asyncio.Event()

    async def one(number):
        nonlocal inside
        async with module.connect(url, compression=None, ping_interval=None, open_timeout=50, ssl=tls) as peer:
            inside += 1
            if inside == at_once:
                together.set()
            await together.wait()
            for i in range(3):
                await peer.send(f"{number}.{i}")
                check(await peer.recv() == f"{number}.{i}", "a client got what was another's")
            await peer.close()
            check(peer.close_code == 1000, f"closed with {peer.close_code}")

    await asyncio.gather(*(one(number) for number in range(clients)))
    return 3 * clients


def close_codes(url):
    """What the server answers to violations; returns how many were tried."""
    return asyncio.run(asyncio.wait_for(_close_codes(url), 60))


async def _close_codes(url):
    module = websockets()
    tried = 0
    for code in (1000, 1001, 3000, 4000):
        async with module.connect(url, compression=None, ping_interval=None) as peer:
            await peer.close(code)
            check(peer.close_code == code, f"close {code} was answered with {peer.close_code}")
            tried += 1
    for frame, expected in (
        (b"\x81\x81\0\0\0\0\xff", 1007),
        (b"\x83\x80\0\0\0\0", 1002),
        (b"\x80\x80\0\0\0\0", 1002),
        (b"\x81\x01a", 1002),
        (b"\x88\x82\0\0\0\0\x03\xed", 1002),
    ):
        async with module.connect(url, compression=None, ping_interval=None) as peer:
            peer.transport.write(frame)
            try:
                await asyncio.wait_for(peer.recv(), 10)
            except module.ConnectionClosed:
                pass
            check(peer.close_code == expected, f"{frame!r} was answered with {peer.close_code}")
            tried += 1
    return tried


class EchoServer:
    """An echo server in a thread; `fragment` makes it answer in fragments, with pings between them; `tls` is its
    context, if it is to speak TLS."""

    def __init__(self, fragment=False, tls=None):
        self.fragment = fragment
        self.tls = tls
        self.messages = 0
        self.codes = []

    def __enter__(self):
        module = websockets()
        ready = threading.Event()

        async def echo(peer, *_):
            try:
                async for message in peer:
                    self.messages += 1
                    if self.fragment:
                        await asyncio.wait_for(await peer.ping(b"hello?"), 20)
                        await peer.send([message[: len(message) // 2], message[len(message) // 2 :]])
                    else:
                        await peer.send(message)
            except module.ConnectionClosed:
                pass
            self.codes.append(peer.close_code)

        async def serve():
            self.stop = asyncio.Event()
            self.loop = asyncio.get_running_loop()
            options = {"max_size": 2 * LARGE, "compression": None, "ssl": self.tls}
            async with module.serve(echo, "127.0.0.1", 0, **options) as server:
                self.port = server.sockets[0].getsockname()[1]
                ready.set()
                await self.stop.wait()

        self.thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
        self.thread.start()
        check(ready.wait(10), "the Python server did not start")
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join(10)


PAGE = """<!doctype html><meta charset="utf-8"><title>echo</title><script>
const kinds = ["", "Hello", "\\u03ba\\u1f79 \\ud800\\udf48", "x".repeat(70000), new Uint8Array([0, 255]).buffer,
               new Uint8Array(1 << 20).fill(7).buffer];
const report = result => fetch("/result", {method: "POST", body: JSON.stringify(result)});
const same = (a, b) => typeof a == "string" ? a === b
    : a.byteLength === b.byteLength && new Uint8Array(a).every((x, i) => x === new Uint8Array(b)[i]);
const socket = new WebSocket("ws://127.0.0.1:PORT/");
let good = 0, next = 0;
socket.binaryType = "arraybuffer";
socket.onopen = () => socket.send(kinds[0]);
socket.onmessage = event => {
    if (same(kinds[next], event.data)) good++;
    next++;
    if (next < kinds.length) socket.send(kinds[next]); else socket.close(4321, "enough");
};
socket.onclose = event => report({good, all: kinds.length, code: event.code, clean: event.wasClean});
</script>"""


def browser_talks_to_server(port):
    """A page in Chromium that echoes through the server; returns how many messages came back right."""
    result = browse(PAGE.replace("PORT", str(port)))
    check(result["good"] == result["all"], f"{result['good']} of {result['all']} messages came back right")
    check(result["clean"] and result["code"] == 4321, f"closed with {result['code']}, clean: {result['clean']}")
    return result["good"]
