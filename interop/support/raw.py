"""Peers that speak WebSocket by hand, to say what no proper peer would."""

import base64
import errno
import hashlib
import socket
import struct
import time

from .echo import check

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # for KEY, as RFC 6455, section 1.3, has them
FIELDS = [
    "Host: 127.0.0.1",
    "Upgrade: websocket",
    "Connection: Upgrade",
    f"Sec-WebSocket-Key: {KEY}",
    "Sec-WebSocket-Version: 13",
]
HELLO = b"\x81\x85\0\0\0\0Hello"
HELLO_BACK = b"\x81\x05Hello"


def request(fields=FIELDS):
    return "\r\n".join(["GET / HTTP/1.1", *fields, "", ""]).encode()


def accept_value(key):
    return base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()


def read_header(peer):
    """Everything up to the empty line, a byte at a time so that no frame is taken along; b"" if there is none."""
    header = b""
    while not header.endswith(b"\r\n\r\n"):
        byte = peer.recv(1)
        if not byte:
            return b""
        header += byte
    return header


def read_exactly(peer, count):
    data = b""
    while len(data) < count:
        some = peer.recv(count - len(data))
        check(some, f"the connection ended after {len(data)} of {count} bytes")
        data += some
    return data


def half_close(peer):
    """Says that nothing more will be sent, to a peer that may have gone by now."""
    try:
        peer.shutdown(socket.SHUT_WR)
    except OSError as error:
        if error.errno != errno.ENOTCONN:
            raise


def connect(port):
    peer = socket.create_connection(("127.0.0.1", port), timeout=20)
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return peer


def handshakes(port):
    """Requests that are unusual and right, and requests that are wrong; returns how many were tried."""
    unusual = [
        "host: 127.0.0.1",
        "UPGRADE:  WebSocket ",
        "connection: keep-alive, Upgrade",
        f"sec-websocket-key:{KEY}",
        "Sec-WebSocket-Version:\t13",
    ]
    for fields in (FIELDS, unusual):
        for together in (True, False):
            with connect(port) as peer:
                sent = request(fields) + HELLO
                for part in [sent] if together else [sent[i : i + 1] for i in range(len(sent))]:
                    peer.sendall(part)
                header = read_header(peer).decode()
                check(header.startswith("HTTP/1.1 101 "), f"answered with {header!r}")
                check(f"sec-websocket-accept: {ACCEPT.lower()}" in header.lower() and ACCEPT in header, header)
                check(read_exactly(peer, len(HELLO_BACK)) == HELLO_BACK, "the frame behind the request was lost")
    wrong = [request([field for field in FIELDS if field != left_out]) for left_out in FIELDS[1:]]
    wrong += [request([*FIELDS[:4], "Sec-WebSocket-Version: 8"]), request().replace(b"GET", b"PUT", 1)]
    wrong += [b"GET / HTTP/1.1\r\n" + b"x-fill: 0123456789\r\n" * 60000]
    for sent in wrong:
        with connect(port) as peer:
            header = b""
            try:
                peer.sendall(sent)
                header = read_header(peer)
            except (BrokenPipeError, ConnectionResetError):
                pass
            check(b" 101 " not in header, f"{sent[:200]!r} was accepted")
    return 4 + len(wrong)


def last_words(port):
    """A server's close frame arrives even when the client goes on sending after its violation; returns 1."""
    with connect(port) as peer:
        peer.sendall(request())
        read_header(peer)
        peer.sendall(b"\x83\x80\0\0\0\0" + HELLO * 20000)
        time.sleep(0.2)
        data = b""
        while some := peer.recv(4096):
            data += some
    check(data[:1] == b"\x88" and data[2:4] == struct.pack("!H", 1002), f"the server ended with {data!r}")
    return 1


def stalled_reader(port, bound=64 << 20):
    """A client that sends without reading is held up after `bound` bytes at most, harms nobody, and gets all
    its messages when it reads at last; returns how many."""
    payload = bytes(range(256)) * 1024
    frame = b"\x82\xff" + struct.pack("!Q", len(payload)) + bytes(4) + payload
    answer = b"\x82\x7f" + struct.pack("!Q", len(payload)) + payload
    with connect(port) as peer:
        peer.sendall(request())
        read_header(peer)
        sent = 0
        peer.settimeout(1)
        try:
            while sent < bound:
                sent += peer.send(frame[sent % len(frame) :])
        except TimeoutError:
            pass
        check(sent < bound, f"the server took {sent} bytes from a client that does not read")
        with connect(port) as other:
            other.sendall(request() + HELLO)
            read_header(other)
            check(read_exactly(other, len(HELLO_BACK)) == HELLO_BACK, "another client was not served")
        peer.settimeout(20)
        for _ in range(sent // len(frame)):
            check(read_exactly(peer, len(answer)) == answer, "a message came back changed")
    return sent // len(frame)


def serve_once(run_client, *parts, header=None):
    """A server for one client, which answers the request with `header` (a proper one, if not said) and the first
    part in one piece, and sends each further part when the client has answered the one before it; returns the
    client's frames as (opcode, payload)."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        client = run_client(listener.getsockname()[1])
        peer, _ = listener.accept()
        with peer:
            peer.settimeout(20)
            asked = read_header(peer)
            key = next(line.split(b":")[1].strip() for line in asked.splitlines() if line.startswith(b"Sec-WebSocket-Key"))
            if header is None:
                header = (
                    "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nconnection: keep-alive, upgrade\r\n"
                    f"sec-websocket-accept: {accept_value(key)}\r\n\r\n"
                )
            peer.sendall(header.encode() + parts[0])
            data = b""
            for part in parts[1:]:
                data += read_exactly(peer, 1)
                peer.sendall(part)
            half_close(peer)
            try:
                while some := peer.recv(65536):
                    data += some
            except ConnectionError:
                pass  # a client that breaks off has said what it had to say
        client.wait(20)
    found = []
    while data:
        opcode, length, mask = data[0] & 15, data[1] & 127, data[2:6]
        check(data[0] & 0x70 == 0 and data[1] & 128 and length < 126, f"the client sent {data[:20]!r}")
        found.append((opcode, bytes(byte ^ mask[i % 4] for i, byte in enumerate(data[6 : 6 + length]))))
        data = data[6 + length :]
    return found


def client_answers(run_client):
    """What an echoing client answers to frames, proper ones and violations; `run_client(port)` starts it and
    returns the process. Returns how many were tried."""
    bye = b"\x88\x02\x03\xe8"
    for *parts, expected in (
        (bye, [(8, b"\x03\xe8")]),
        (b"\x88\x05\x0f\xa0bye", [(8, b"\x0f\xa0")]),
        (b"\x88\x00", [(8, b"")]),
        (b"\x89\x02hi", bye, [(10, b"hi"), (8, b"\x03\xe8")]),
        (b"\x01\x01a\x89\x01!\x00\x00\x80\x01b", bye, [(10, b"!"), (8, b"\x03\xe8")]),
        (b"\x81\x81\0\0\0\0a", [(8, b"\x03\xea")]),
        (b"\x83\x00", [(8, b"\x03\xea")]),
        (b"\xc1\x00", [(8, b"\x03\xea")]),
        (b"\x80\x00", [(8, b"\x03\xea")]),
        (b"\x81\x01\xff", [(8, b"\x03\xef")]),
        (b"\x88\x02\x03\xed", [(8, b"\x03\xea")]),
    ):
        # A reason may follow the code, and an echo may be overtaken by the close frame.
        found = serve_once(run_client, *parts)
        found = [(opcode, data[:2] if opcode == 8 else data) for opcode, data in found if opcode != 1]
        check(found == expected, f"{parts} was answered with {found}")
    return 11


def client_refuses(run_client):
    """Answers to the opening handshake that a client has to refuse; returns how many were tried."""
    headers = [
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {ACCEPT}\r\n\r\n",
        "HTTP/1.1 101 Switching",
        "",
    ]
    for header in headers:
        status = []

        def watched(port):
            status.append(run_client(port))
            return status[0]

        found = serve_once(watched, b"", header=header)
        check(not found and status[0].returncode == 1, f"{header!r} was accepted: {found}, {status[0].returncode}")
    return len(headers)
