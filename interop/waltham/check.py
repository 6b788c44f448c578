"""Waltham: the example servers and clients of each generation, and of a protocol of one's own."""

import concurrent.futures
import re
import socket
import struct
import subprocess

from support import Case, raw, run
from support.echo import check

EXAMPLES = "examples-c/waltham"


def build(prefix, name, generated=()):
    flags = prefix.flags("relink-waltham" if generated else "waltham")
    return prefix.compile(name, [f"{EXAMPLES}/{name}.c", *generated], [f"-I{prefix.path.parent}", *flags])


def chat(prefix):
    """The chat's generated files, made by the installed scanner."""
    folder = prefix.path.parent
    scanner = str(prefix.path / "bin" / "relink-waltham-scanner")
    xml = str(prefix.root / EXAMPLES / "chat.xml")
    for arguments in (
        ["-m", "client", "-t", "header", "-o", "chat-client-protocol.h"],
        ["-m", "server", "-t", "header", "-o", "chat-server-protocol.h"],
        ["-t", "code", "-o", "chat-protocol.c"],
    ):
        run([scanner, "-i", xml, *arguments], cwd=folder)
    return [folder / "chat-protocol.c"]


def conversation(prefix, environment):
    """A few messages of a protocol of one's own, for a trace."""
    code = chat(prefix)
    port = prefix.serve([str(build(prefix, "chat-server", code))], environment)
    client = str(build(prefix, "chat-client", code))
    run([client, "127.0.0.1", str(port), "kitchen", "ada", "hello", "is anybody here"], env=environment)


def messages(output):
    return int(re.search(r"(\d+) messages", output)[1])


def cases(prefix):
    ports = {}

    def port(server, generated=()):
        if server not in ports:
            ports[server] = str(prefix.serve([str(build(prefix, server, generated))]))
        return ports[server]

    def client(name, *arguments, generated=()):
        return run([str(build(prefix, name, generated)), "127.0.0.1", *arguments], env=prefix.environment())

    def regions():
        return messages(client("region-client", port("region-server"), "2000"))

    def crowd():
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            done = [pool.submit(client, "region-client", port("region-server"), "50") for _ in range(50)]
            return sum(messages(each.result()) for each in done)

    def motion():
        return messages(client("input-client-tag", port("input-server-tag")))

    def talk():
        code = chat(prefix)
        server = port("chat-server", code)
        first = client("chat-client", server, "kitchen", "ada", "hello", "is anybody here", generated=code)
        check("ada: hello\nada: is anybody here\npicture, 60000 bytes" in first, f"she heard {first!r}")
        return messages(first)

    def others_go_on():
        """A client that breaks the protocol is told so, and the others notice nothing."""
        address = ("127.0.0.1", int(port("region-server")))
        with socket.create_connection(address) as bad:
            bad.sendall(struct.pack("<HHHHI", 0, 12, 64, 0, 99))
            opcode = struct.unpack("<HHHH", bad.recv(4096)[:8])[2]
            check(opcode == 4, f"the answer was opcode {opcode}")
            count = messages(client("region-client", port("region-server"), "10"))
        for junk in (b"\0" * 4096, b"\xff" * 100000, b"\x0c"):
            with socket.create_connection(address) as bad:
                try:
                    bad.sendall(junk)
                except OSError:
                    pass
            count += messages(client("region-client", port("region-server"), "10"))
        return count

    def killed_at_every_byte():
        """A session that ends anywhere leaves the server as it was."""
        session = struct.pack("<HHHHII", 0, 16, 3, 0, 1, 2) + struct.pack("<HHHHII", 0, 16, 2, 0, 1, 3)
        session += struct.pack("<HHHHIIII16sI", 0, 44, 8, 0, 2, 1, 4, 16, b"wthp_compositor", 1)
        session += struct.pack("<HHHHII", 0, 16, 13, 0, 4, 5) + struct.pack("<HHHHIiiii", 0, 28, 65, 0, 5, 1, 2, 3, 4)
        for end in range(len(session) + 1):
            with socket.create_connection(("127.0.0.1", int(port("region-server")))) as peer:
                peer.sendall(session[:end])
        return messages(client("region-client", port("region-server"), "10"))

    def server_gone_at_every_byte():
        """A server that ends anywhere: its client says so and ends by itself."""
        session = struct.pack("<HHHHIII16sI", 0, 40, 9, 0, 2, 1, 16, b"wthp_compositor", 1)
        session += struct.pack("<HHHHII", 0, 16, 11, 0, 3, 0)
        binary = str(build(prefix, "region-client"))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            for end in range(len(session) + 1):
                command = [binary, "127.0.0.1", str(listener.getsockname()[1]), "3"]
                client = subprocess.Popen(command, env=prefix.environment(), stderr=subprocess.DEVNULL)
                peer, _ = listener.accept()
                peer.sendall(session[:end])
                raw.half_close(peer)
                check(client.wait(20) == 1, f"after {end} bytes the client ended with {client.returncode}")
                peer.close()
        return len(session) + 1

    return [
        Case("region-client", "servers that go", server_gone_at_every_byte),
        Case("region-server (master)", "region-client", regions, demo=True),
        Case("region-server (master)", "50 clients", crowd),
        Case("input-server-tag", "input-client-tag", motion, demo=True),
        Case("chat-server (own protocol)", "chat-client", talk, demo=True),
        Case("region-server (master)", "hostile peers", others_go_on, demo=True),
        Case("region-server (master)", "killed anywhere", killed_at_every_byte),
    ]
