"""LWMsg: the example file server, its clients, and a service that passes descriptors; a peer that knows only bytes."""

import os
import re
import socket
import struct
import subprocess
import time

from support import Case, run

EXAMPLES = "examples-c/lwmsg"


def build(prefix, name, *others):
    return prefix.compile(name, [f"{EXAMPLES}/{file}.c" for file in (name, *others)], prefix.flags("lwmsg"))


class Server:
    """A file server of its own, over a folder of its own."""

    def __init__(self, prefix, environment=None):
        self.folder = prefix.path.parent / f"lwmsg-{len(prefix.servers)}"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path = str(self.folder / "socket")
        command = [str(build(prefix, "files-server", "files-handlers", "files")), self.path, str(self.folder)]
        process = subprocess.Popen(
            command, env=environment or prefix.environment(), stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        prefix.servers.append(process)
        line = process.stdout.readline()
        if line != f"listening on {self.path}\n":
            raise RuntimeError(f"files-server said {line!r}")

    def file(self, name, content):
        (self.folder / name).write_bytes(content)
        return name


def talk(command, environment, data=None):
    """What a client wrote, and how many messages it says there were."""
    done = subprocess.run(command, env=environment, input=data, capture_output=True, timeout=60)
    said = done.stderr.decode(errors="replace")
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {said}")
    found = re.search(r"(\d+) messages", said)
    return done.stdout, int(found[1]) if found else 0


def conversation(prefix, environment):
    """A few calls, for a trace."""
    server = Server(prefix, environment)
    client = str(build(prefix, "files-client", "files"))
    talk([client, server.path, "write", "greeting"], environment, b"hello, world\n")
    talk([client, server.path, "read", "greeting"], environment)


def packet(cookie, tag, payload=b"", flags=0, status=0):
    return struct.pack(">IBBBIHh", 15 + len(payload), 1, 3, flags, status, cookie, tag) + payload


def read_packet(stream):
    header = stream.read(6)
    if len(header) < 6:
        return None
    length, kind, fragment = struct.unpack(">IBB", header)
    return kind, fragment, stream.read(length - 6)


def greeted(server, size=8192):
    raw = socket.socket(socket.AF_UNIX)
    raw.settimeout(10)
    raw.connect(server.path)
    raw.sendall(struct.pack(">IBBBI8s", 19, 2, 3, 0, size, os.urandom(8)))
    stream = raw.makefile("rb")
    kind, fragment, body = read_packet(stream)
    agreed = struct.unpack(">BI8s", body)[1]
    if (kind, fragment, agreed) != (3, 3, size):
        raise RuntimeError(f"greeted with {kind} {fragment} {body!r}")
    return raw, stream


def cases(prefix):
    servers = []

    def server():
        if not servers:
            servers.append(Server(prefix))
        return servers[0]

    def client(*arguments, data=None):
        command = [str(build(prefix, "files-client", "files")), server().path, *arguments]
        return talk(command, prefix.environment(), data)

    def synchronous():
        content = os.urandom(1_000_000)
        _, written = client("write", "copied", data=content)
        read, count = client("read", "copied")
        if read != content or (server().folder / "copied").read_bytes() != content:
            raise RuntimeError("the file came out different")
        return written + count

    def refused():
        command = [str(build(prefix, "files-client", "files")), server().path, "read", "missing"]
        done = subprocess.run(command, env=prefix.environment(), capture_output=True, text=True, timeout=60)
        if done.returncode != 1 or "No such file" not in done.stderr:
            raise RuntimeError(f"{done.returncode}: {done.stderr}")
        return 2

    def asynchronous():
        content = os.urandom(3_000_001)
        name = server().file("large", content)
        command = [str(build(prefix, "files-async", "files")), server().path, name, str(len(content))]
        read, count = talk(command, prefix.environment())
        if read != content:
            raise RuntimeError("the file came out different")
        return count

    def direct():
        content = os.urandom(100_000)
        name = server().file("direct", content)
        binary = str(build(prefix, "files-direct", "files-handlers", "files"))
        for command in ([binary, str(server().folder), name], [binary, "/nonexistent", name, server().path]):
            if talk(command, prefix.environment())[0] != content:
                raise RuntimeError("the file came out different")
        return 2 * (2 * 26 + 4)

    def descriptors():
        names = [str(server().folder / server().file(f"kept-{i}", f"file {i}\n".encode())) for i in range(3)]
        read, _ = talk([str(build(prefix, "keeper")), *names], prefix.environment())
        if read != b"file 0\nfile 1\nfile 2\n":
            raise RuntimeError(repr(read))
        return 6

    def crowd():
        started = [
            subprocess.Popen(
                [str(build(prefix, "files-client", "files")), server().path, "write", f"crowd-{i}"],
                env=prefix.environment(), stdin=subprocess.PIPE, stderr=subprocess.PIPE,
            )
            for i in range(20)
        ]
        count = 0
        for i, process in enumerate(started):
            said = process.communicate(str(i).encode() * 200_000, timeout=60)[1].decode()
            if process.returncode or (server().folder / f"crowd-{i}").read_bytes() != str(i).encode() * 200_000:
                raise RuntimeError(f"client {i}: {said}")
            count += int(re.search(r"(\d+) messages", said)[1])
        return count

    def bytes_only():
        """Open, write in small packets, read and close; cookies as the other side likes them."""
        raw, stream = greeted(server(), 64)
        raw.sendall(packet(0xFFFF, 0, b"\x03\x00\x00\x00\x05bytes"))
        kind, fragment, body = read_packet(stream)
        flags, status, cookie, tag = struct.unpack(">BIHh", body[:9])
        if (kind, fragment, flags, status, cookie, tag) != (1, 3, 4, 0, 0xFFFF, 1) or body[9] != 1:
            raise RuntimeError(f"opened with {body!r}")
        handle = b"\x02" + body[10:14]
        content = bytes(range(200))
        payload = handle + struct.pack(">QI", 0, len(content)) + b"\xff" + content
        for start in range(0, len(payload), 49):
            last = start + 49 >= len(payload)
            part = payload[start : start + 49]
            flags = (1 if start == 0 else 0) | (2 if last else 0)
            raw.sendall(struct.pack(">IBBBIHh", 15 + len(part), 1, flags, 0, 0, 7, 4) + part)
        if struct.unpack(">BIHh", read_packet(stream)[2]) != (4, 0, 7, 6):
            raise RuntimeError("not written")
        raw.sendall(packet(8, 2, handle + struct.pack(">QI", 0, 4096)))
        got, last = b"", 0
        while not last & 2:
            _, last, body = read_packet(stream)
            got += body[9:]
        if got != struct.pack(">I", 200) + b"\xff" + content:
            raise RuntimeError(f"read {got!r}")
        raw.sendall(packet(9, 5, handle) + packet(10, 5, handle))
        if struct.unpack(">BIHh", read_packet(stream)[2]) != (4, 0, 9, 6):
            raise RuntimeError("not closed")
        flags, status, cookie, tag = struct.unpack(">BIHh", read_packet(stream)[2])
        if (status, cookie, tag) != (23, 10, -1):
            raise RuntimeError(f"a closed handle was answered with {status}")
        raw.close()
        return 10

    def hostile():
        """Greetings and packets that are wrong in every way: each is answered or ends its own connection only."""
        for garbage in (
            b"GET / HTTP/1.1\r\n\r\n",
            b"\0" * 64,
            b"\xff" * 64,
            struct.pack(">IBBBI8s", 19, 2, 3, 0, 19, b"8 bytes!"),
            struct.pack(">IBBBI8s", 19, 3, 3, 0, 8192, b"8 bytes!"),
            packet(1, 0),
        ):
            raw = socket.socket(socket.AF_UNIX)
            raw.settimeout(10)
            raw.connect(server().path)
            raw.sendall(garbage)
            # The end, perhaps after a notice of it.
            try:
                while raw.recv(100):
                    pass
            except ConnectionResetError:
                pass
            raw.close()
        raw, stream = greeted(server())
        raw.sendall(packet(1, 99) + packet(2, 0, b"\x03") + packet(3, 2, b"\xff\xff\xff\xff" * 4))
        answered = {}
        for _ in range(3):
            _, status, cookie, _ = struct.unpack(">BIHh", read_packet(stream)[2])
            answered[cookie] = status
        raw.close()
        if sorted(answered) != [1, 2, 3] or 0 in answered.values():
            raise RuntimeError(f"answered with {answered}")
        return 6 + 6

    def unread():
        """A client that asks for much and reads nothing: others are served, and the server does not keep it all."""
        name = server().file("much", b"x" * 60000)
        raw, stream = greeted(server())
        raw.sendall(packet(0, 0, b"\x01" + struct.pack(">I", len(name)) + name.encode()))
        handle = b"\x02" + read_packet(stream)[2][10:14]
        raw.settimeout(2)
        sent = 0
        try:
            for cookie in range(1, 60000):
                raw.sendall(packet(cookie, 2, handle + struct.pack(">QI", 0, 60000)))
                sent += 1
        except TimeoutError:
            pass
        if sent == 59999:
            raise RuntimeError("the server took everything")
        client("write", "beside", data=b"served")
        # Now that it reads, everything it was able to ask for is answered.
        raw.settimeout(20)
        answered = 0
        while answered < sent - 1:
            _, fragment, _ = read_packet(stream)
            answered += fragment >> 1
        raw.close()
        return sent + answered

    return [
        Case("files-server", "files-client, write and read", synchronous, demo=True),
        Case("files-server", "files-client, a file that is not there", refused),
        Case("files-server", "files-async, 16 calls at once", asynchronous, demo=True),
        Case("files-server", "20 clients at once", crowd),
        Case("files-direct", "itself, and files-server", direct, demo=True),
        Case("keeper", "its child, with descriptors", descriptors, demo=True),
        Case("files-server", "bytes only, small packets", bytes_only),
        Case("files-server", "hostile bytes", hostile),
        Case("files-server", "one that reads nothing", unread),
    ]
