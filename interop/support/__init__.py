"""What the interoperation checks share: a prefix with the libraries, programs, servers, and a browser."""

import http.server
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path


class Skip(Exception):
    """The case cannot be run here; the text says why."""


class Case:
    """One program with one client. `body` returns how many messages were exchanged, or raises."""

    def __init__(self, program, client, body, demo=False):
        self.program = program
        self.client = client
        self.run = body
        self.demo = demo


class Prefix:
    """The libraries as installed, and the programs built against them."""

    def __init__(self, root, path):
        self.root = root
        self.path = path
        self.servers = []

    @classmethod
    def install(cls, root):
        build = Path(os.environ.get("RELINK_BUILD", root / "build"))
        path = build / "interop" / "prefix"
        shutil.rmtree(path, ignore_errors=True)
        environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "DESTDIR")}
        command = ["make", "--silent", "install", f"PREFIX={path}", f"BUILD={build}"]
        if "RELINK_PROFILE" in os.environ:
            command.append(f"PROFILE={os.environ['RELINK_PROFILE']}")
        done = subprocess.run(command, cwd=root, env=environment, text=True, capture_output=True)
        if done.returncode:
            raise SystemExit(f"make install failed:\n{done.stdout}{done.stderr}")
        return cls(root, path)

    def environment(self, preload=None):
        environment = dict(os.environ, LD_LIBRARY_PATH=str(self.path / "lib"))
        if preload:
            environment["LD_PRELOAD"] = str(preload)
        return environment

    def flags(self, module):
        environment = dict(os.environ, PKG_CONFIG_PATH=str(self.path / "lib" / "pkgconfig"))
        return run(["pkg-config", "--cflags", "--libs", module], env=environment).split()

    def compile(self, name, sources, flags):
        """Compiles a C program as its user would: pkg-config's flags, and no warnings."""
        binary = self.path.parent / name
        sources = [str(self.root / source) for source in sources]
        compiler = os.environ.get("RELINK_CC", "cc")
        run([compiler, "-std=gnu11", "-O2", "-Wall", "-Wextra", "-D_GNU_SOURCE", "-o", str(binary), *sources, *flags])
        return binary

    def serve(self, command, environment=None):
        """Starts a server that says on which port it listens; returns the port."""
        server = subprocess.Popen(
            command, env=environment or self.environment(), stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.servers.append(server)
        for line in server.stdout:
            found = re.search(r"listening on 127\.0\.0\.1:(\d+)", line)
            if found:
                return int(found[1])
        raise RuntimeError(f"{command[0]} ended with status {server.wait()} before it listened")

    def stop_all(self):
        for server in self.servers:
            server.kill()
            server.wait()
            server.stdout.close()
        self.servers.clear()

    def mapped(self, needle):
        """The files whose names contain `needle` that the last server has mapped."""
        maps = Path(f"/proc/{self.servers[-1].pid}/maps").read_text()
        return sorted({line.split()[-1] for line in maps.splitlines() if needle in line})


def run(command, timeout=120, **options):
    """Runs a command that has to succeed; returns what it printed."""
    done = subprocess.run(
        command, text=True, errors="replace", capture_output=True, timeout=timeout, **options
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} ended with {done.returncode}: {(done.stdout + done.stderr).strip()}")
    return done.stdout


def websockets():
    """The Python module, of whatever version the system has."""
    try:
        import websockets as module
    except ImportError as error:
        raise Skip("Python's websockets is not installed") from error
    return module


def browse(page, timeout=60):
    """Opens a page in headless Chromium; returns what it posts to /result, as JSON."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        raise Skip("Chromium is not installed")
    result, done = {}, threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            found = self.path == "/"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            if found:
                self.wfile.write(page.encode())

        def do_POST(self):
            result.update(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()
            done.set()

        def log_message(self, *arguments):
            pass

    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = subprocess.Popen(
            [
                chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--disable-dev-shm-usage", f"--user-data-dir={profile}", f"http://127.0.0.1:{web.server_port}/",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            if not done.wait(timeout):
                raise RuntimeError(f"the page said nothing within {timeout} s")
        finally:
            browser.terminate()
            try:
                browser.wait(10)
            except subprocess.TimeoutExpired:
                browser.kill()
                browser.wait()
            web.shutdown()
            web.server_close()
    return result
