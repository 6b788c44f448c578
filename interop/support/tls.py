"""Certificates, and tunnels for peers that speak no TLS."""

import asyncio
import ssl
import threading

from . import run


def certificate(folder, name="127.0.0.1"):
    """A fresh self-signed certificate for that name or address, and its key, as files; made once a folder."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    if not certificate.exists():
        kind = "IP" if name.replace(".", "").isdigit() else "DNS"
        run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
            + ["-addext", f"subjectAltName={kind}:{name}", "-keyout", str(key), "-out", str(certificate)]
        )
    return certificate, key


def client_context(certificate):
    """What trusts that certificate, and no other."""
    return ssl.create_default_context(cafile=str(certificate))


def server_context(certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(certificate), str(key))
    return context


class _Half(asyncio.Protocol):
    """One of the two connections that a tunnel joins: what arrives here goes out there."""

    def __init__(self, other=None):
        self.other = other
        self.transport = None
        self.waiting = []

    def connection_made(self, transport):
        self.transport = transport
        if self.other:
            for data in self.other.waiting:
                transport.write(data)
            self.other.waiting.clear()
            self.other.transport.resume_reading()
            if self.other.transport.is_closing():
                transport.close()

    def data_received(self, data):
        if self.other and self.other.transport:
            self.other.transport.write(data)
        else:
            self.waiting.append(data)

    def connection_lost(self, _):
        if self.other and self.other.transport:
            self.other.transport.close()

    # Whoever is slow slows the other one down.
    def pause_writing(self):
        self.other.transport.pause_reading()

    def resume_writing(self):
        if not self.other.transport.is_closing():
            self.other.transport.resume_reading()


class Tunnel:
    """Listens on a port of its own and joins each connection with one to `port`. `accept` is the TLS context of those
    that come, `connect` of those that go; None for plain TCP."""

    def __init__(self, port, accept=None, connect=None):
        self.target = port
        self.accept = accept
        self.connect = connect

    def __enter__(self):
        ready = threading.Event()

        async def join(first):
            second = _Half(first)
            first.other = second
            loop = asyncio.get_running_loop()
            name = "127.0.0.1" if self.connect else None
            try:
                await loop.create_connection(
                    lambda: second, "127.0.0.1", self.target, ssl=self.connect, server_hostname=name
                )
            except OSError:
                first.transport.close()

        class First(_Half):
            def connection_made(self, transport):
                super().connection_made(transport)
                transport.pause_reading()
                self.task = asyncio.ensure_future(join(self))

        async def serve():
            self.stop = asyncio.Event()
            self.loop = asyncio.get_running_loop()
            server = await self.loop.create_server(First, "127.0.0.1", 0, ssl=self.accept)
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            async with server:
                await self.stop.wait()

        self.thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
        self.thread.start()
        if not ready.wait(10):
            raise RuntimeError("the tunnel did not start")
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join(10)
